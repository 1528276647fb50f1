"""Taking in what happened to a record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.exchange.duties import duties_of, history_of, refuse_contradictions, settle
from app.exchange.receipts import Advanced
from app.refusals import EventAlreadyHeld, UnknownRecord
from app.rules import access
from app.store import feed, records, trail
from app.store.feed import Entry
from app.store.ids import new_id
from app.store.records import EventRow, RecordRow
from schemas.faults import Fault
from schemas.judging import Told, recall, recall_event
from schemas.law import Law
from schemas.receipt import canonical, digest
from schemas.record import Record


async def advance(
    conn: AsyncConnection, caller: Caller, record_type: str, record_id: UUID, told: Told, law: Law, now: datetime
) -> Advanced:
    """Take in one event; sending it again answers the same. What cannot take effect yet is kept until it can.

    Raises UnknownRecord, RoleMayNot, NotYourStep, EventAlreadyHeld (other content under its identity),
    StepNotAllowed (it can never be true beside what is held).
    """
    row = await records.find(conn, access.scope_of(caller), record_type, record_id, lock=True)
    if row is None:
        raise UnknownRecord
    record = await _current(conn, row)
    is_new = await add_events(conn, caller, row, record, [told], now) == 1

    events = await records.events(conn, row.id)
    history = history_of(record, row, events)
    if is_new:
        refuse_contradictions(record, history)
        await settle(conn, row, record, history, law, now, cause="event")

    held = records.identities(events)[told.event.identity()]
    waiting = any(fact.stated_by == f"event:{held.id}" for fact in history.waiting)
    outcome = "done" if is_new else "repeated"
    await trail.append(
        conn,
        caller,
        "report",
        now,
        outcome=outcome,
        record_type=record_type,
        record_id=row.id,
        version=row.version,
        detail=told.event.event,
    )
    return Advanced(
        id=held.id,
        event=held.event,
        applied=not waiting,
        state=history.state,
        version=row.version,
        duties=await duties_of(conn, record_type, row.id),
        warnings=(Fault("/event", "predecessor-missing"),) if waiting else (),
        is_new=is_new,
    )


async def add_events(
    conn: AsyncConnection, caller: Caller, row: RecordRow, record: Record, events: Sequence[Told], now: datetime
) -> int:
    """Store those of `events` that are not held yet, and say how many. Raises NotYourStep, EventAlreadyHeld."""
    held = records.identities(await records.events(conn, row.id)) if events else {}
    added = 0
    for told in events:
        party = access.may_report(caller, record, told.event.event)
        new = EventRow(
            id=new_id(now),
            record_id=row.id,
            event=told.event.event,
            identity=told.event.identity(),
            payload=canonical(told.content).decode(),
            party=party,
            client_id=caller.client_id,
            received_at=now,
        )
        known = held.setdefault(new.identity, new)
        if recall_event(row.record_type, json.loads(known.payload)) != told.event:
            raise EventAlreadyHeld(facts={"held": {"id": str(known.id), "digest": digest(known.payload.encode())}})
        if known is new:
            await records.add_event(conn, new)
            entry = Entry("event", row.id, row.version, digest(new.payload.encode()), event_id=new.id)
            await feed.append(conn, [entry], now)
            added += 1
    return added


async def _current(conn: AsyncConnection, row: RecordRow) -> Record:
    (version,) = await records.versions(conn, row.id, row.version)
    return recall(row.record_type, json.loads(version.payload))
