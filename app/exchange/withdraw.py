"""撤回: taking back a record, or one of its events. Nothing is deleted; both stay to be read."""

from __future__ import annotations

from app.exchange.case import (
    Case,
    noted,
    refuse_withdrawn,
    settled,
    with_withdrawal,
    wound_up,
)
from app.exchange.receipts import Withdrawn
from app.exchange.submissions import Withdraw
from app.refusals import UnknownEvent, UnknownRecord
from app.rules import access
from app.store.records import WithdrawalRow
from schemas.law import Law
from schemas.record import Reason


def withdraw(case: Case | None, withdrawal: Withdraw, law: Law) -> tuple[Case, Withdrawn]:
    """Take back a record as a whole, or one of its events; doing it again with the same reason answers the same.

    Raises UnknownRecord, RoleMayNot, NotYourRecord, RecordWithdrawn (it was taken back for another reason, or before
    its event), UnknownEvent, NotYourStep.
    """
    if case is None:
        raise UnknownRecord
    if withdrawal.event_id is not None:
        return _event_withdrawn(case, withdrawal, law)
    access.may_push(withdrawal.caller, case.record)
    held = _held(case, withdrawal)
    if held is not None:
        return _again(case, withdrawal, held)
    refuse_withdrawn(case)

    case = with_withdrawal(case, withdrawal.caller.client_id, withdrawal.reason, None, withdrawal.now)
    case = wound_up(case, law, withdrawal.now)
    return _answered(case, withdrawal)


def _event_withdrawn(case: Case, withdrawal: Withdraw, law: Law) -> tuple[Case, Withdrawn]:
    event = next((one for one in case.events if one.id == withdrawal.event_id), None)
    if event is None:
        raise UnknownEvent
    access.may_withdraw(withdrawal.caller, event.party, event.organisation)
    held = _held(case, withdrawal)
    if held is not None:
        return _again(case, withdrawal, held)
    refuse_withdrawn(case)

    case = with_withdrawal(case, withdrawal.caller.client_id, withdrawal.reason, event, withdrawal.now)
    case = settled(case, law, withdrawal.now, cause="event-withdrawal")
    return _answered(case, withdrawal)


def _held(case: Case, withdrawal: Withdraw) -> WithdrawalRow | None:
    """The withdrawal of the same thing for the same reason, if it is held; an event's reason is asked for once."""
    for row in case.withdrawals:
        same = withdrawal.event_id is not None or Reason.model_validate_json(row.reason) == withdrawal.reason
        if row.event_id == withdrawal.event_id and same:
            return row
    return None


def _again(case: Case, withdrawal: Withdraw, held: WithdrawalRow) -> tuple[Case, Withdrawn]:
    case = noted(case, withdrawal.caller, "withdraw", withdrawal.now, outcome="repeated")
    return case, _withdrawn(case, held, is_new=False)


def _answered(case: Case, withdrawal: Withdraw) -> tuple[Case, Withdrawn]:
    case = noted(case, withdrawal.caller, "withdraw", withdrawal.now, detail=withdrawal.reason.code)
    return case, _withdrawn(case, case.withdrawals[-1], is_new=True)


def _withdrawn(case: Case, row: WithdrawalRow, *, is_new: bool) -> Withdrawn:
    return Withdrawn(
        id=case.head.id,
        event_id=row.event_id,
        reason=Reason.model_validate_json(row.reason),
        withdrawn_at=row.received_at,
        state=case.head.state,
        version=case.head.version,
        duties=case.duties,
        is_new=is_new,
    )
