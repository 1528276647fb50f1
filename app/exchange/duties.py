"""A record's facts folded into its state and its duties, and both written down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from app.refusals import StepNotAllowed
from app.rules import deadlines
from app.rules.deadlines import Context, Duty
from app.store import feed, nodes, records
from app.store.feed import Entry
from app.store.nodes import NodeRow
from app.store.records import EventRow, RecordRow
from schemas import RECORD_TYPES
from schemas.judging import facts_of, recall_event
from schemas.law import Law
from schemas.lifecycle import Contradiction, Fact, History, Party, fold, lawful_events
from schemas.receipt import digest
from schemas.record import Record

_DUTY = TypeAdapter(Duty)


def history_of(record: Record, row: RecordRow, events: Iterable[EventRow]) -> History:
    """What a record's own dates, its events and our receipt of them amount to."""
    told = [_fact(row.record_type, event) for event in events]
    facts = facts_of(record, told, row.received_at)
    return fold(record.steps, [*facts, *_receipts(record, facts)])


def _fact(record_type: str, row: EventRow) -> Fact:
    event = recall_event(record_type, json.loads(row.payload))
    return Fact(event.event, event.occurred_at, row.received_at, f"event:{row.id}", event.details())


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


async def settle(
    conn: AsyncConnection, row: RecordRow, record: Record, history: History, law: Law, now: datetime, *, cause: str
) -> tuple[Duty, ...]:
    """Write down the state and the duties that a history amounts to; what did not change is left as it is."""
    context = Context(
        region=record.region,
        field=record.field,
        parties={**record.parties(), Party.SYSTEM: ""},
        event_titles={name: kind.title for name, kind in record.events.items()},
    )
    owed = [node for node in record.nodes if node.concerns(record)]
    duties = deadlines.duties(owed, history.applied, context, law)
    held = {node.node: node.duty for node in await nodes.of(conn, row.id)}
    changed = [node for node in map(_node_row, duties) if held.get(node.node) != node.duty]

    await nodes.write(conn, row, changed, law=law.version, cause=cause, now=now)
    await feed.append(
        conn,
        [Entry("node", row.id, row.version, digest(node.duty.encode()), node=node.duty) for node in changed],
        now,
    )
    if history.state != row.state:
        await records.set_state(conn, row.id, history.state)
    return duties


def _node_row(duty: Duty) -> NodeRow:
    return NodeRow(
        node=duty.node,
        responsible=duty.responsible or "",
        due_at=duty.due_at,
        warn_at=duty.warn_at,
        is_done=duty.done_at is not None or duty.waived_at is not None,
        duty=_DUTY.dump_json(duty).decode(),
    )


async def duties_of(conn: AsyncConnection, record_type: str, record_id: UUID) -> tuple[Duty, ...]:
    """The duties of a record as they were last computed, in the order in which its type names them."""
    order = {node.id: place for place, node in enumerate(RECORD_TYPES[record_type].nodes)}
    held = (duty_from_text(node.duty) for node in await nodes.of(conn, record_id))
    return tuple(sorted(held, key=lambda duty: order.get(duty.node, len(order))))


def duty_from_text(text: str) -> Duty:
    """A duty as it was kept."""
    return _DUTY.validate_json(text)
