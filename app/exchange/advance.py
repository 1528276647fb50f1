"""Taking in what happened to a record."""

from __future__ import annotations

import json

from app.exchange.case import Case, noted, refuse_withdrawn, settled, with_events
from app.exchange.receipts import Advanced
from app.exchange.submissions import Report
from app.refusals import UnknownRecord
from app.rules import access
from app.store.records import EventRow
from schemas.faults import Fault
from schemas.law import Law


def advance(case: Case | None, report: Report, law: Law) -> tuple[Case, Advanced]:
    """Take in one event; sending it again answers the same. What cannot take effect yet is kept until it can.

    Raises UnknownRecord, RoleMayNot, NotYourStep, RecordWithdrawn, EventAlreadyHeld (other content under its
    identity), TooManyEvents, StepNotAllowed (it can never be true beside what is held).
    """
    if case is None:
        raise UnknownRecord
    case = case.remembered(law)
    access.may_report(report.caller, case.record, report.told.event, case.handed_on(law))
    refuse_withdrawn(case)

    case, added = with_events(case, report.caller, [report.told], report.now, law)
    if added:
        case = settled(case, law, report.now, cause="event")
    outcome = "done" if added else "repeated"
    case = noted(case, report.caller, "report", report.now, outcome=outcome, detail=report.told.event.event)

    return case, _advanced(case, report, law, is_new=added == 1)


def _advanced(case: Case, report: Report, law: Law, *, is_new: bool) -> Advanced:
    identity = report.told.event.identity()
    held = next(event for event in case.events if event.identity == identity)
    withdrawn = held.id in case.withdrawn_events
    waiting = any(fact.stated_by == f"event:{held.id}" for fact in case.history(law).waiting)
    code = "event-withdrawn" if withdrawn else "predecessor-missing" if waiting else None
    return Advanced(
        id=held.id,
        event=held.event,
        applied=code is None,
        state=case.head.state,
        version=case.head.version,
        duties=case.duties,
        warnings=_cautions(case, held) if code is None else (Fault("/event", code),),
        is_new=is_new,
    )


def _cautions(case: Case, held: EventRow) -> tuple[Fault, ...]:
    """What of an event does not move the clocks it is about; a repeat is told the same as long as it is so."""
    told: list[str] = [code for duty in case.duties for by, code in duty.uncounted if by == f"event:{held.id}"]
    node = json.loads(held.payload).get("node")
    if node is not None and node not in case.kept:
        told.append("node-not-open")
    return tuple(Fault("/event", code) for code in dict.fromkeys(told))
