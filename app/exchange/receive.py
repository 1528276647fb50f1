"""Taking in one record."""

from __future__ import annotations

from app.exchange.case import (
    Case,
    noted,
    opened,
    receipt_of,
    refuse_withdrawn,
    settled,
    with_events,
)
from app.exchange.receipts import Received
from app.exchange.submissions import Push
from app.refusals import AlreadyHeld, ValidationFailed
from app.rules import access
from schemas.faults import Fault
from schemas.law import Law
from schemas.receipt import canonical, digest


def receive(case: Case | None, push: Push, law: Law) -> tuple[Case, Received]:
    """Take in one record and answer with a receipt. Sending it again returns the same receipt.

    Raises ValidationFailed, RoleMayNot, NotYourRecord, RecordWithdrawn, AlreadyHeld (other content is held under its
    identity), NotYourStep, StepNotAllowed (for events sent along).
    """
    caller, judgement, now = push.caller, push.judgement, push.now
    if judgement.record is None:
        raise ValidationFailed(judgement.errors)
    access.may_push(caller, judgement.record)
    if case is not None:
        return _again(case, push, law)

    case, _ = with_events(opened(caller, judgement, now), caller, judgement.events, now, law)
    case = settled(case, law, now, cause="received")
    case = noted(case, caller, "push", now)

    return case, Received(receipt_of(case), is_new=True)


def _again(case: Case, push: Push, law: Law) -> tuple[Case, Received]:
    """The record is held: the same content gets its receipt again, and may bring events we did not know."""
    refuse_withdrawn(case)
    sent = digest(canonical(push.judgement.content))
    if case.head.digest != sent:
        raise AlreadyHeld(facts={"held": as_held(case), "sent": {"digest": sent}})

    case, added = with_events(case, push.caller, push.judgement.events, push.now, law)
    if added:
        case = settled(case, law, push.now, cause="events-added")
    case = noted(case, push.caller, "push", push.now, outcome="repeated")

    told_more = [Fault("/events", "events-added", {"count": added})] if added else []
    return case, Received(receipt_of(case, told_more), is_new=False)


def as_held(case: Case) -> dict[str, object]:
    """What a conflict names of the version that holds."""
    return {"id": str(case.head.id), "version": case.head.version, "digest": case.head.digest}
