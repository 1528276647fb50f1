"""Who may do what (wire contract, "Who calls"). Pure: callers and records in, a refusal or nothing out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from app.callers import PARTY_OF_ROLE, Caller, Districts, Role, Scope
from app.refusals import NotYourRecord, NotYourStep, RoleMayNot
from schemas import RECORD_TYPES
from schemas.faults import Fault
from schemas.law import disclosure
from schemas.lifecycle import ORGANS, Fact, Party, may_be_followed, surely_before
from schemas.record import CLOCK_EVENTS, Event, Record

_HAS_JURISDICTION = frozenset({Role.PROCURATORATE, Role.JUSTICE, Role.AUDITOR})
_HAS_DISTRICTS = frozenset({Role.AGENCY, Role.POLICE})


def may_push_at_all(caller: Caller, model: type[Record] | None = None) -> None:
    """Refuse callers that only read records, those of one type if it is known, before their body is looked at.

    The office acts in nothing but what it enters itself. Raises RoleMayNot.
    """
    if caller.role not in PARTY_OF_ROLE:
        raise RoleMayNot
    if caller.role == Role.OFFICE and model is not None and Party.OFFICE not in model.pushed_by:
        raise RoleMayNot


def may_push(caller: Caller, record: Record) -> None:
    """Raises RoleMayNot if such callers do not push this type, NotYourRecord if the record is another's."""
    may_push_at_all(caller, type(record))
    if PARTY_OF_ROLE[caller.role] not in record.pushers():
        raise RoleMayNot
    if record.organisation != caller.organisation:
        raise NotYourRecord


def remarks(caller: Caller, record: Record) -> tuple[Fault, ...]:
    """What to look at again in a record that may be pushed: a slip in its region shows it to the wrong district."""
    found = []
    if not record.region.startswith(jurisdiction_of(caller.region)):
        found.append(Fault("/region", "region-differs"))
    if caller.field is not None and record.field != caller.field:
        found.append(Fault("/field", "field-differs"))
    return tuple(found)


def scope_of(caller: Caller) -> Scope:
    """What the caller may read: its own records; supervisors their jurisdiction; bureaus their districts' nodes."""
    beneath = jurisdiction_of(caller.region)
    jurisdiction = beneath if caller.role in _HAS_JURISDICTION else None
    is_superior = caller.role in _HAS_DISTRICTS and beneath != caller.region
    nodes_of = Districts(caller.field, beneath, _seen_by_superiors()) if is_superior and caller.field else None
    return Scope(caller.organisation, jurisdiction, disclosure.withheld_from(caller.role), nodes_of)


def _seen_by_superiors() -> frozenset[str]:
    return frozenset(name for name, model in RECORD_TYPES.items() if model.superiors_see_nodes)


def may_list_nodes(caller: Caller) -> None:
    """Refuse the office, whose business is figures and not cases. Raises RoleMayNot."""
    if caller.role == Role.OFFICE:
        raise RoleMayNot


def statistics_scope_of(caller: Caller) -> Scope:
    """Of which duties the caller may have figures: of those it sees, and the office of those in its jurisdiction."""
    scope = scope_of(caller)
    if caller.role != Role.OFFICE:
        return scope
    return replace(scope, jurisdiction=jurisdiction_of(caller.region))


def may_read(scope: Scope, acting: Collection[str], region: str) -> bool:
    """Whether a record in which these organisations act, in `region`, is in scope; in SQL it is `records.visible`."""
    if scope.organisation in acting:
        return True
    return scope.jurisdiction is not None and region.startswith(scope.jurisdiction)


def jurisdiction_of(region: str) -> str:
    """How region codes under `region` begin (GB/T 2260): a province or city with all its parts, a district itself."""
    if region.endswith("0000"):
        return region[:2]
    return region[:4] if region.endswith("00") else region


def party_in(caller: Caller, record: Record, facts: Sequence[Fact] = ()) -> Party | None:
    """Which party of this record the caller is once `facts` have taken effect; None for a reader.

    The organisation named for a party is that party, whatever its role elsewhere: police that impose a penalty
    report its steps like any agency.
    """
    supervises = record.is_supervised and caller.role == Role.PROCURATORATE
    return record.party_of(caller.organisation, facts) or (Party.PROCURATORATE if supervises else None)


def may_report(caller: Caller, record: Record, event: Event, facts: Sequence[Fact] = ()) -> Party:
    """The party as which the caller reports `event`, given the facts that took effect.

    Who acted when it happened may report it, also later. Of the day on which a case was handed on, who handed it on may
    report what can have come before that. Raises RoleMayNot for readers, NotYourStep for other parties.
    """
    may_push_at_all(caller, type(record))
    reporters = _reporters(record, event)
    it = Fact(event.event, event.occurred_at)
    party = party_in(caller, record, [fact for fact in facts if not surely_before(it, fact)])
    if party in reporters:
        return party
    # A bare date may be any moment of its day, so the facts of that day may have come after it.
    party = party_in(caller, record, [fact for fact in facts if surely_before(fact, it)])
    if party in reporters and may_be_followed(record.steps, event.event, _ended_with(caller, record, it, facts)):
        return party
    raise NotYourStep(facts={"reported_by": sorted(reporters)})


def _ended_with(caller: Caller, record: Record, it: Fact, facts: Sequence[Fact]) -> str:
    """The event with which the caller, a party when `it` may first have happened, stopped being that party."""
    known = [fact for fact in facts if surely_before(fact, it)]
    party = party_in(caller, record, known)
    of_the_day = [fact for fact in facts if not surely_before(fact, it) and not surely_before(it, fact)]
    return next(
        fact.event
        for place, fact in enumerate(of_the_day, 1)
        if party_in(caller, record, [*known, *of_the_day[:place]]) != party
    )


def _reporters(record: Record, event: Event) -> set[Party]:
    """Who may report an event; what moves the clock of an organ's duty that organ alone."""
    reporters: set[Party] = {by for step in record.steps if step.event == event.event for by in step.by}
    node = event.details().get("node") if event.event in CLOCK_EVENTS else None
    owner = next((one.of for one in record.nodes if one.id == node), None)
    return {owner} & reporters if owner in ORGANS else reporters


def may_withdraw(caller: Caller, reported_as: str, reported_by: str) -> None:
    """Raises RoleMayNot for readers, NotYourStep if another organisation reported the event."""
    may_push_at_all(caller)
    if caller.organisation != reported_by:
        raise NotYourStep(facts={"reported_by": [reported_as]})
