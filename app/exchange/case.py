"""案件: one record with all that is held of it, and what a change adds. Pure: read before, written after.

A change makes a new value and leaves the old one as it was, so that what is refused half way has done nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.callers import Caller
from app.exchange.duties import (
    context_of,
    duty_from_text,
    duty_to_text,
    history_of,
    in_order,
    refuse_contradictions,
    still_stated,
)
from app.exchange.receipts import Receipt, faults_from_text, faults_to_text
from app.refusals import EventAlreadyHeld, RecordWithdrawn, TooManyEvents
from app.rules import access, deadlines
from app.rules.deadlines import Duty
from app.rules.disclosure import Unseen, unseen_of
from app.rules.wording import searchable, wording
from app.store.cases import Fresh, HeldRow, InvolvedRow, LinkRow
from app.store.feed import Entry
from app.store.ids import new_id
from app.store.nodes import HistoryRow, NodeRow
from app.store.records import EventRow, RecordRow, VersionRow, WithdrawalRow
from app.store.search import WordingRow
from app.store.trail import row_of
from schemas.faults import Fault
from schemas.judging import Judgement, Told, recall, recall_event
from schemas.law import Law
from schemas.lifecycle import SHANGHAI, START, Fact, History, Party, day_of
from schemas.receipt import canonical, digest
from schemas.record import Reason, Record

NOBODY = ""
"""Who reported or took back what no caller did."""

WITHDRAWN = "withdrawn"
"""The state of a record that was taken back as a whole."""

MOST_VERSIONS = 200
"""Of one record: its versions are read, compared and masked together."""

MOST_EVENTS = 1000
"""Of one record: every further one is folded with all that came before it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One record as it is held, with the rows `fresh` that are still to be written.

    `kept`: the duties as they are kept, by node. `position` is None until the version that holds is sequenced.
    `unseen`: the words that a masked reader sees nowhere, by class, for a text may name whom another version was about.
    `involved`: who acts in it beside the organisation that reported it.
    `folded`: what the facts amount to, as long as nothing was added since it was found.
    """

    head: RecordRow
    version: VersionRow
    record: Record
    fresh: Fresh
    events: tuple[EventRow, ...] = ()
    withdrawals: tuple[WithdrawalRow, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    position: int | None = None
    unseen: Unseen = field(default_factory=dict)
    involved: frozenset[str] = frozenset()
    folded: History | None = None

    @property
    def is_withdrawn(self) -> bool:
        """Whether the record was taken back as a whole."""
        return self.head.state == WITHDRAWN

    @property
    def withdrawn_events(self) -> frozenset[UUID]:
        """The events that were taken back."""
        return frozenset(one.event_id for one in self.withdrawals if one.event_id is not None)

    @property
    def duties(self) -> tuple[Duty, ...]:
        """The duties in the order of the type."""
        return in_order(self.head.record_type, map(duty_from_text, self.kept.values()))

    def history(self, law: Law) -> History:
        """What the facts that stand amount to."""
        if self.folded is not None:
            return self.folded
        gone = self.withdrawn_events
        standing = [event for event in self.events if event.id not in gone]
        return history_of(self.record, self.head, self.version, standing, law)

    def remembered(self, law: Law) -> Case:
        """The case with what its facts amount to found once, where more than one question needs it."""
        return replace(self, folded=self.history(law)) if self.record.is_handed_on else self

    def handed_on(self, law: Law) -> Sequence[Fact]:
        """The facts by which one organ may have taken the place of another, those that still wait among them."""
        return self.history(law).told if self.record.is_handed_on else ()


def held_case(held: HeldRow) -> Case:
    """A record that is held."""
    return Case(
        head=held.head,
        version=held.version,
        record=recall(held.head.record_type, json.loads(held.version.payload)),
        fresh=Fresh(held.head.id, held.head.revision),
        events=held.events,
        withdrawals=held.withdrawals,
        kept={node.node: node.duty for node in held.nodes},
        position=held.position,
        unseen=json.loads(held.unseen),
        involved=held.involved,
    )


def opened(caller: Caller, judgement: Judgement, now: datetime) -> Case:
    """A record that was not held yet, with its first version. `judgement.record` is there."""
    record = _sound(judgement)
    blank = RecordRow(
        id=new_id(now),
        record_type=record.record_type,
        organisation=record.organisation,
        source_id=record.source_id,
        region=record.region,
        field=record.field,
        document_no=None,
        version=0,
        state=START,
        digest="",
        received_at=now,
        revision=0,
    )
    nothing = VersionRow(blank.id, 0, "", "", "[]", caller.client_id, now)
    return with_version(
        Case(blank, nothing, record, Fresh(blank.id, revision=0)), caller, judgement, now, kind="record"
    )


def with_version(
    case: Case,
    caller: Caller,
    judgement: Judgement,
    now: datetime,
    *,
    kind: str,
    reason: Reason | None = None,
    more: Sequence[Fault] = (),
) -> Case:
    """The case with what was sent as the version that holds; `more` warnings are kept with it."""
    record, text = _sound(judgement), canonical(judgement.content)
    since = None if reason is None else still_stated(record, case.record, case.version, case.head.received_at, now)
    version = VersionRow(
        record_id=case.head.id,
        version=case.head.version + 1,
        payload=text.decode(),
        digest=digest(text),
        warnings=faults_to_text([*judgement.warnings, *access.remarks(caller, record), *more]),
        client_id=caller.client_id,
        received_at=now,
        reason=None if reason is None else reason.model_dump_json(),
        stated_since=since,
    )
    classified = tuple(record.classified())
    unseen = unseen_of(judgement.content, classified, case.unseen)
    said = record.sought()
    sought = searchable(said, judgement.content, classified, unseen)
    head = replace(
        case.head,
        region=record.region,
        field=record.field,
        document_no=record.document_number(),
        version=version.version,
        digest=version.digest,
        party_code=sought.party_code,
        decided_on=sought.decided_on,
    )
    is_tied_otherwise = case.head.version == 0 or record.refs != case.record.refs
    fresh = replace(
        case.fresh,
        head=head,
        versions=(*case.fresh.versions, version),
        entries=(*case.fresh.entries, Entry(kind, head.id, version.version, version.digest, now)),
        links=tuple(_links(head.id, record)) if is_tied_otherwise else case.fresh.links,
        wording=WordingRow(
            head.id,
            sought.party_name,
            sought.party_is_person,
            *wording(judgement.content, classified, unseen, said),
            json.dumps(unseen, ensure_ascii=False),
        ),
    )
    case = replace(case, head=head, version=version, record=record, unseen=unseen)
    return replace(case, fresh=fresh, position=None, folded=None)


def _links(record_id: UUID, record: Record) -> Iterable[LinkRow]:
    for place, ref in enumerate(record.refs or ()):
        yield LinkRow(record_id, place, ref.rel, ref.record_type, ref.organisation, ref.source_id)


def with_events(case: Case, caller: Caller, events: Sequence[Told], now: datetime, law: Law) -> tuple[Case, int]:
    """The case with those of `events` that are not held yet, and how many these are.

    Raises NotYourStep, EventAlreadyHeld (other content under its identity), TooManyEvents.
    """
    known = {event.identity: event for event in case.events}
    added: list[EventRow] = []
    before = case.handed_on(law) if events else ()
    for told in events:
        party = access.may_report(caller, case.record, told.event, before)
        held = known.get(told.event.identity())
        if held is None:
            held = _event_row(case, caller, party, told, now)
            known[held.identity] = held
            added.append(held)
        elif recall_event(case.head.record_type, json.loads(held.payload)) != told.event:
            raise EventAlreadyHeld(facts={"held": {"id": str(held.id), "digest": digest(held.payload.encode())}})
    if len(case.events) + len(added) > MOST_EVENTS:
        raise TooManyEvents
    return with_event_rows(case, added, now), len(added)


def with_event_rows(case: Case, added: Sequence[EventRow], now: datetime) -> Case:
    """The case with these events, each with its place in the feed; the same case without any."""
    if not added:
        return case
    entries = [
        Entry("event", case.head.id, case.head.version, digest(row.payload.encode()), now, event_id=row.id)
        for row in added
    ]
    fresh = replace(
        case.fresh,
        head=case.head,
        events=(*case.fresh.events, *added),
        entries=(*case.fresh.entries, *entries),
    )
    return replace(case, events=(*case.events, *added), fresh=fresh, folded=None)


def _event_row(case: Case, caller: Caller, party: Party, told: Told, now: datetime) -> EventRow:
    return EventRow(
        id=new_id(now),
        record_id=case.head.id,
        event=told.event.event,
        identity=told.event.identity(),
        payload=canonical(told.content).decode(),
        party=party,
        client_id=caller.client_id,
        received_at=now,
        organisation=caller.organisation,
    )


def with_withdrawal(case: Case, client_id: str, reason: Reason, event: EventRow | None, now: datetime) -> Case:
    """The case without one of its events, or as a whole taken back (`event` None)."""
    row = WithdrawalRow(
        id=new_id(now),
        record_id=case.head.id,
        event_id=None if event is None else event.id,
        reason=reason.model_dump_json(),
        client_id=client_id,
        received_at=now,
    )
    entry = Entry(
        "withdrawal" if event is None else "event_withdrawal",
        case.head.id,
        case.head.version,
        case.head.digest if event is None else digest(event.payload.encode()),
        now,
        event_id=row.event_id,
    )
    head = replace(case.head, state=WITHDRAWN) if event is None else case.head
    fresh = replace(
        case.fresh,
        head=head,
        withdrawals=(*case.fresh.withdrawals, row),
        entries=(*case.fresh.entries, entry),
    )
    return replace(case, head=head, withdrawals=(*case.withdrawals, row), fresh=fresh, folded=None)


def settled(case: Case, law: Law, now: datetime, *, cause: str) -> Case:
    """The case with the state and the duties that its facts amount to. Raises StepNotAllowed if they contradict."""
    history = case.history(law)
    refuse_contradictions(case.record, history)
    context = context_of(case.record)
    duties = {duty.node: duty for duty in deadlines.duties(case.record.nodes, history.applied, context, law)}
    # What the record gave rise to and no longer does is not forgotten: whoever watched it learns that it is over.
    gone = [duty for duty in case.duties if duty.node not in duties and duty.waived_at is None]
    case = replace(case, head=replace(case.head, state=history.state), folded=history)
    case = _with_involved(case, history, now)
    return _with_duties(case, [*duties.values(), *(deadlines.waived(duty, now) for duty in gone)], law, now, cause)


def _with_involved(case: Case, history: History, now: datetime) -> Case:
    """The case with those who act in it now; who is new to a record that is held is shown it at a new position."""
    head = case.head
    acting = frozenset(case.record.involved(history.applied, history.waiting)) - {head.organisation}
    if acting == case.involved:
        return case
    new, gone = (
        tuple(InvolvedRow(one, head.record_type, head.id) for one in sorted(some))
        for some in (acting - case.involved, case.involved - acting)
    )
    fresh = replace(case.fresh, involved=new, no_longer_involved=gone)
    case = replace(case, involved=acting, fresh=fresh)
    return disclosed(case, now) if new and case.fresh.revision else case


def disclosed(case: Case, now: datetime) -> Case:
    """The case shown at a new position to those who have come to see it; once, however many they are."""
    if any(entry.kind == "disclosure" for entry in case.fresh.entries):
        return case
    entry = Entry("disclosure", case.head.id, case.head.version, case.head.digest, now)
    return replace(case, fresh=replace(case.fresh, entries=(*case.fresh.entries, entry)))


def wound_up(case: Case, law: Law, now: datetime) -> Case:
    """The case, taken back as a whole, without open duties."""
    open_ = [duty for duty in case.duties if duty.done_at is None and duty.waived_at is None]
    return _with_duties(case, [deadlines.waived(duty, now) for duty in open_], law, now, "withdrawal")


def _with_duties(case: Case, duties: Sequence[Duty], law: Law, now: datetime, cause: str) -> Case:
    """The case with these duties; a duty that is kept just so leaves no trace."""
    texts = {duty.node: duty_to_text(duty) for duty in duties}
    changed = {duty.node: duty for duty in duties if not _says_the_same(case.kept.get(duty.node), duty, texts)}
    # Lists are made by columns copied from the head, so a correction of the region moves every node.
    moved = list(_moved(case, changed, law, now))
    rows = [*(_node_row(case.head, duty, texts[node], law, now) for node, duty in changed.items()), *moved]
    fresh = replace(
        case.fresh,
        head=case.head if case.fresh.head is not None else None,
        nodes=(*(row for row in case.fresh.nodes if row.node not in {one.node for one in rows}), *rows),
        history=(
            *case.fresh.history,
            *(HistoryRow(case.head.id, node, now, law.version, cause, texts[node]) for node in changed),
        ),
        entries=(
            *case.fresh.entries,
            *(
                Entry("node", case.head.id, case.head.version, digest(texts[node].encode()), now, node=texts[node])
                for node in changed
            ),
        ),
    )
    return replace(case, kept={**case.kept, **texts}, fresh=fresh)


def _says_the_same(kept: str | None, duty: Duty, texts: Mapping[str, str]) -> bool:
    """Whether a duty is kept just so: a release that writes computations down otherwise has not changed them."""
    return kept is not None and (kept == texts[duty.node] or duty_from_text(kept) == duty)


def _moved(case: Case, changed: Mapping[str, Duty], law: Law, now: datetime) -> Iterable[NodeRow]:
    """The rows of the duties that did not change, if the record has a new version: its place may be another."""
    if not case.fresh.versions or case.fresh.revision == 0:
        return
    for duty in case.duties:
        if duty.node not in changed:
            yield _node_row(case.head, duty, case.kept[duty.node], law, now)


def _node_row(head: RecordRow, duty: Duty, text: str, law: Law, now: datetime) -> NodeRow:
    return NodeRow(
        record_id=head.id,
        node=duty.node,
        record_type=head.record_type,
        organisation=head.organisation,
        region=head.region,
        field=head.field,
        responsible=duty.responsible or "",
        due_at=duty.due_at,
        warn_at=duty.warn_at,
        is_done=duty.done_at is not None or duty.waived_at is not None,
        standing=deadlines.standing(duty),
        duty=text,
        role=duty.responsible_role,
        advisory=duty.advisory,
        is_numbered=duty.limit is not None,
        opened_on=day_of(duty.opened_at),
        done_on=None if duty.done_at is None else day_of(duty.done_at),
        alarm_at=deadlines.alarm_at(duty, now),
        law=law.version,
        done_by=duty.done_by,
    )


def noted(
    case: Case, caller: Caller, action: str, now: datetime, *, outcome: str = "done", detail: str | None = None
) -> Case:
    """The case with a row for the trail."""
    head = case.head
    row = row_of(
        caller,
        action,
        now,
        outcome=outcome,
        record_type=head.record_type,
        record_id=head.id,
        version=head.version,
        detail=detail,
    )
    return replace(case, fresh=replace(case.fresh, trail=(*case.fresh.trail, row)))


def receipt_of(case: Case, more: Sequence[Fault] = ()) -> Receipt:
    """The receipt of the version that holds; `more` warnings belong to this answer alone."""
    return Receipt(
        id=case.head.id,
        record_type=case.head.record_type,
        organisation=case.head.organisation,
        source_id=case.head.source_id,
        version=case.version.version,
        digest=case.version.digest,
        received_at=case.version.received_at,
        position=case.position,
        duties=case.duties,
        warnings=(*faults_from_text(case.version.warnings), *more),
    )


def rows_of(cases: Iterable[Case]) -> tuple[Fresh, ...]:
    """The rows to be written, the revision of every head that changes one further."""
    found = (case.fresh for case in cases)
    return tuple(
        replace(one, head=replace(one.head, revision=one.revision + 1)) if one.head else one
        for one in found
        if one.head or one.trail
    )


def refuse_withdrawn(case: Case) -> None:
    """Raises RecordWithdrawn if the record was taken back as a whole."""
    if case.is_withdrawn:
        (row,) = (one for one in case.withdrawals if one.event_id is None)
        at = row.received_at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
        raise RecordWithdrawn(
            facts={
                "held": {"id": str(case.head.id), "version": case.head.version, "digest": case.head.digest},
                # Not the reason's text: who may not read the record may still be told that it is gone.
                "withdrawal": {"reason": {"code": json.loads(row.reason)["code"]}, "withdrawn_at": at},
            }
        )


def _sound(judgement: Judgement) -> Record:
    if judgement.record is None:
        raise ValueError("only what was judged sound becomes part of a case")
    return judgement.record
