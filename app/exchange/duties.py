"""A record's facts folded into what they amount to, and duties as they are kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from app.refusals import StepNotAllowed
from app.rules import deadlines
from app.rules.deadlines import Duty
from app.rules.openings import Context
from app.store import nodes
from app.store.records import EventRow, RecordRow, VersionRow
from schemas import RECORD_TYPES
from schemas.judging import facts_of, recall_event
from schemas.law import Law
from schemas.lifecycle import CAUSED_BY, Contradiction, Fact, History, Party, fold, lawful_events
from schemas.record import Record

_DUTY = TypeAdapter(Duty)
_SINCE = TypeAdapter(dict[str, datetime])


def history_of(record: Record, head: RecordRow, version: VersionRow, events: Iterable[EventRow], law: Law) -> History:
    """What a record's own dates, its events and our receipt of them amount to."""
    told = [_fact(head.record_type, event) for event in events]
    facts = facts_of(record, told, head.received_at, stated_since(version))
    # Of the same decision told twice, by an event and by the record itself, the first receipt counts.
    receipts = list(_receipts(record, [*facts, *told]))
    # What our receipt proves nobody can report to have been earlier.
    proven = {fact.event for fact in receipts}
    facts = [fact for fact in facts if fact.event not in proven]
    is_late = deadlines.is_late(record.nodes, context_of(record), law)
    return fold(record.steps, [*facts, *record.implied(facts), *receipts], is_late)


def context_of(record: Record) -> Context:
    """What of a record decides about its duties beside its facts."""
    return Context(
        region=record.region,
        field=record.field,
        conditions=frozenset(name for name, holds in record.conditions.items() if holds(record)),
        parties=lambda facts: {**record.parties(facts), Party.SYSTEM: ""},
        event_titles=record.titles(),
        record=record,
    )


def stated_since(version: VersionRow) -> Mapping[str, datetime] | None:
    """Since when we have been told of the dates a version states; None where that is since the record is held."""
    return None if version.stated_since is None else _SINCE.validate_json(version.stated_since)


def still_stated(record: Record, before: Record, version: VersionRow, received_at: datetime, now: datetime) -> str:
    """Since when we have been told of the dates of a new `record`, as kept: a date told before keeps its day.

    `before` and `version`: the version it replaces; `received_at`: when the record was first received.
    """
    known = stated_since(version)
    told = before.stated_days()
    since = {path: (known or {}).get(path, received_at) if path in told else now for path in record.stated_days()}
    return _SINCE.dump_json(since).decode()


def _fact(record_type: str, row: EventRow) -> Fact:
    event = recall_event(record_type, json.loads(row.payload))
    cause = {} if row.caused_by is None else {CAUSED_BY: str(row.caused_by)}
    return Fact(event.event, event.occurred_at, row.received_at, f"event:{row.id}", event.details() | cause)


def _receipts(record: Record, facts: Sequence[Fact]) -> Iterable[Fact]:
    """What came about by our receiving a fact: telling us of the decision is entering it."""
    for told, met in record.receipt_meets.items():
        moments = [fact.received_at for fact in facts if fact.event == told and fact.received_at is not None]
        if moments:
            yield Fact(met, min(moments), min(moments), stated_by="receipt")


def refuse_contradictions(record: Record, history: History) -> None:
    """Raises StepNotAllowed, naming both facts and what would be lawful, if the facts cannot all be true."""
    if history.contradictions:
        raise StepNotAllowed(facts=_told_apart(record, history.contradictions[0]))


def _told_apart(record: Record, clash: Contradiction) -> dict[str, object]:
    facts = [fact for fact in (clash.fact, clash.against) if fact is not None]
    return {
        "facts": [
            {"event": fact.event, "occurred_at": fact.occurred_at.isoformat(), "stated_by": fact.stated_by}
            for fact in facts
        ],
        "state": clash.state,
        "lawful": list(lawful_events(record.steps, clash.state)),
    }


def in_order(record_type: str, duties: Iterable[Duty]) -> tuple[Duty, ...]:
    """Duties in the order in which the type names its nodes."""
    order = {node.id: place for place, node in enumerate(RECORD_TYPES[record_type].nodes)}
    return tuple(sorted(duties, key=lambda duty: order.get(duty.node, len(order))))


async def duties_of(conn: AsyncConnection, record_type: str, record_id: UUID) -> tuple[Duty, ...]:
    """The duties of a record as they were last computed."""
    return in_order(record_type, (duty_from_text(node.duty) for node in await nodes.of(conn, record_id)))


def duty_from_text(text: str) -> Duty:
    """A duty as it was kept."""
    return _DUTY.validate_json(text)


def duty_to_text(duty: Duty) -> str:
    """The inverse of `duty_from_text`."""
    return _DUTY.dump_json(duty).decode()
