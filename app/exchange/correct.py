"""更正、进展: a record gets a new version, and says why. The versions before it stay as they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.exchange.case import (
    MOST_VERSIONS,
    Case,
    disclosed,
    noted,
    receipt_of,
    refuse_withdrawn,
    settled,
    with_events,
    with_version,
)
from app.exchange.receipts import Received
from app.exchange.receive import as_held
from app.exchange.submissions import Correct
from app.refusals import TooManyVersions, UnknownRecord, ValidationFailed, VersionOutdated
from app.rules import access
from app.rules.differences import Difference, differences
from schemas.codelists import codelist
from schemas.faults import Fault
from schemas.law import Law
from schemas.receipt import canonical, digest
from schemas.record import Record

_IDENTITY = ("organisation", "source_id")


def correct(case: Case | None, correction: Correct, law: Law) -> tuple[Case, Received]:
    """Put a new version in place of the one that holds. If nothing changed, the receipt that holds is given again.

    Raises UnknownRecord, ValidationFailed (also when it is another record's identity), RoleMayNot, NotYourRecord,
    RecordWithdrawn, VersionOutdated (none of `matches` holds), NotYourStep, StepNotAllowed.
    """
    caller, judgement, now = correction.caller, correction.judgement, correction.now
    if case is None:
        raise UnknownRecord
    if judgement.record is None:
        raise ValidationFailed(judgement.errors)
    access.may_push(caller, judgement.record)
    _insist_on_identity(case, judgement.record)
    refuse_withdrawn(case)

    # A request that is sent again because its answer was lost finds its own version in place: that is no conflict.
    sent = digest(canonical(judgement.content))
    is_new = sent != case.head.digest
    if is_new:
        case = _replaced(case, correction, sent)
    case, added = with_events(case, caller, judgement.events, now, law)
    if is_new or added:
        case = settled(case, law, now, cause=_class_of(correction) if is_new else "events-added")
    case = noted(case, caller, "correct", now, outcome="done" if is_new else "repeated", detail=correction.reason.code)

    told_more = [Fault("/record/events", "events-added", {"count": added})] if added and not is_new else []
    return case, Received(receipt_of(case, told_more), is_new=is_new)


def _replaced(case: Case, correction: Correct, sent: str) -> Case:
    if case.head.version not in correction.matches:
        raise VersionOutdated(facts={"held": as_held(case), "sent": {"digest": sent}})
    if case.head.version >= MOST_VERSIONS:
        raise TooManyVersions
    before, was = json.loads(case.version.payload), case.head
    found = differences(before, correction.judgement.content)
    remarks = list(_unlike_progress(found)) if _class_of(correction) == "progress" else []
    case = with_version(
        case,
        correction.caller,
        correction.judgement,
        correction.now,
        kind="correction",
        reason=correction.reason,
        more=remarks,
    )
    # Some see it only since its region is theirs.
    return case if case.head.region == was.region else disclosed(case, correction.now)


def _insist_on_identity(case: Case, record: Record) -> None:
    held: Mapping[str, Any] = {"organisation": case.head.organisation, "source_id": case.head.source_id}
    wrong = [name for name in _IDENTITY if getattr(record, name) != held[name]]
    if wrong:
        raise ValidationFailed([Fault(f"/record/{name}", "identity-differs") for name in wrong])


def _class_of(correction: Correct) -> str:
    return codelist("reasons")[correction.reason.code].more["class"]


def _unlike_progress(found: Iterable[Difference]) -> Iterable[Fault]:
    """The case going on adds to what was said; where it replaces or removes something, an auditor looks again."""
    for one in found:
        if one.is_replaced or one.is_removed:
            yield Fault(one.pointer, "progress-replaces")
