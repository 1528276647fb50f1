"""Records, their versions and their events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Scope
from app.store.tables import entry, event, feed, record, version


@dataclass(frozen=True, slots=True)
class RecordRow:
    """The thin head of a record: its identity, and what holds now. `document_no` is normalised."""

    id: UUID
    record_type: str
    organisation: str
    source_id: str
    region: str
    field: str
    document_no: str | None
    version: int
    state: str
    digest: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One submission of a record, as it was sent: canonical text."""

    record_id: UUID
    version: int
    payload: str
    digest: str
    warnings: str
    client_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as it was sent. `identity` tells whether two reports are of the same event."""

    id: UUID
    record_id: UUID
    event: str
    identity: str
    payload: str
    party: str
    client_id: str
    received_at: datetime


def visible(scope: Scope) -> ColumnElement[bool]:
    """What of the table `record` a caller may see."""
    own = record.c.organisation == scope.organisation
    if scope.jurisdiction is None:
        return own
    return or_(own, record.c.region.startswith(scope.jurisdiction, autoescape=True))


async def insert_new(conn: AsyncConnection, row: RecordRow, first: VersionRow) -> bool:
    """Store a record that is not held yet. False, and nothing stored, if its identity is held.

    Waits for another transaction that is just storing the same identity, so that of two equal pushes at one
    moment one is first and the other a repeat.
    """
    statement = (
        insert(record)
        .values({name: getattr(row, name) for name in RecordRow.__dataclass_fields__})
        .on_conflict_do_nothing(index_elements=["record_type", "organisation", "source_id"])
    )
    if (await conn.execute(statement)).rowcount == 0:
        return False
    await conn.execute(insert(version).values({name: getattr(first, name) for name in VersionRow.__dataclass_fields__}))
    return True


async def held(conn: AsyncConnection, record_type: str, organisation: str, source_id: str) -> RecordRow | None:
    """The record with this identity, locked until the end of the transaction: its next step waits for this one."""
    query = (
        select(record)
        .where(
            record.c.record_type == record_type,
            record.c.organisation == organisation,
            record.c.source_id == source_id,
        )
        .with_for_update()
    )
    return await _one(conn, query)


def visible_nodes(scope: Scope) -> ColumnElement[bool]:
    """Of which records in the table `record` a caller may see the nodes."""
    if scope.nodes_of is None:
        return visible(scope)
    field, region = scope.nodes_of
    return or_(visible(scope), and_(record.c.field == field, record.c.region.startswith(region, autoescape=True)))


async def find(
    conn: AsyncConnection, scope: Scope, record_type: str, record_id: UUID, *, lock: bool = False
) -> RecordRow | None:
    """The record, if it is in scope; with `lock`, held until the end of the transaction."""
    query = select(record).where(record.c.id == record_id, record.c.record_type == record_type, visible(scope))
    return await _one(conn, query.with_for_update() if lock else query)


async def find_for_nodes(conn: AsyncConnection, scope: Scope, record_type: str, record_id: UUID) -> RecordRow | None:
    """The record, if its nodes are in scope; its payload need not be."""
    query = select(record).where(record.c.id == record_id, record.c.record_type == record_type, visible_nodes(scope))
    return await _one(conn, query)


async def _one(conn: AsyncConnection, query: Select[Any]) -> RecordRow | None:
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else RecordRow(**row._mapping)


async def set_state(conn: AsyncConnection, record_id: UUID, state: str) -> None:
    """Write down what the record's facts amount to."""
    await conn.execute(update(record).where(record.c.id == record_id).values(state=state))


async def versions(conn: AsyncConnection, record_id: UUID, number: int | None = None) -> list[VersionRow]:
    """The versions of a record that the caller was found to be allowed to see, the first one first."""
    query = select(version).where(version.c.record_id == record_id).order_by(version.c.version)
    rows = await conn.execute(query if number is None else query.where(version.c.version == number))
    return [VersionRow(**row._mapping) for row in rows]


async def add_event(conn: AsyncConnection, row: EventRow) -> bool:
    """Store an event. False, and nothing stored, if one of the same identity is held."""
    statement = (
        insert(event)
        .values({name: getattr(row, name) for name in EventRow.__dataclass_fields__})
        .on_conflict_do_nothing(index_elements=["record_id", "identity"])
    )
    return (await conn.execute(statement)).rowcount == 1


async def events(conn: AsyncConnection, record_id: UUID) -> list[EventRow]:
    """The events of a record that the caller was found to be allowed to see, in the order of their receipt."""
    rows = await conn.execute(select(event).where(event.c.record_id == record_id).order_by(event.c.id))
    return [EventRow(**row._mapping) for row in rows]


async def position_of(conn: AsyncConnection, record_id: UUID, number: int) -> int | None:
    """Where in the feed a version stands; None until it is sequenced."""
    query = (
        select(feed.c.position)
        .join(entry, entry.c.id == feed.c.entry_id)
        .where(entry.c.record_id == record_id, entry.c.version == number, entry.c.kind == "record")
    )
    position: int | None = (await conn.execute(query)).scalar_one_or_none()
    return position


def identities(rows: Sequence[EventRow]) -> dict[str, EventRow]:
    """The events by identity."""
    return {row.identity: row for row in rows}
