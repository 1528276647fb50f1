"""Records, their versions, their events and what was withdrawn: as they are read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Districts, Scope
from app.store.tables import event, involved, record, version, withdrawal, wording


@dataclass(frozen=True, slots=True)
class RecordRow:
    """The thin head of a record: its identity, and what holds now.

    `document_no` is normalised; `revision` counts the changes to all that is held of the record.
    """

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
    revision: int = 1
    party_code: str | None = None
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One submission of a record, as it was sent: canonical text.

    `reason`: why it replaced the one before it. `stated_since`: since when we know the dates it states.
    """

    record_id: UUID
    version: int
    payload: str
    digest: str
    warnings: str
    client_id: str
    received_at: datetime
    reason: str | None = None
    stated_since: str | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as it was sent, and by whom. `identity` tells whether two reports are of the same event.

    `caused_by`: the record that brought it about; then nobody sent it, and `organisation` and `client_id` are empty.
    """

    id: UUID
    record_id: UUID
    event: str
    identity: str
    payload: str
    party: str
    client_id: str
    received_at: datetime
    organisation: str
    caused_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class WithdrawalRow:
    """撤回: a record (`event_id` None) or one of its events was taken back. `reason`: canonical text."""

    id: UUID
    record_id: UUID
    event_id: UUID | None
    reason: str
    client_id: str
    received_at: datetime


def visible(scope: Scope) -> ColumnElement[bool]:
    """What of the table `record` a caller may see."""
    acts = select(involved.c.record_id).where(
        involved.c.organisation == scope.organisation,
        involved.c.record_type == record.c.record_type,
        involved.c.record_id == record.c.id,
    )
    seen = [record.c.organisation == scope.organisation, acts.correlate(record).exists()]
    if scope.jurisdiction is not None:
        seen.append(record.c.region.startswith(scope.jurisdiction, autoescape=True))
    return or_(*seen)


def visible_nodes(scope: Scope) -> ColumnElement[bool]:
    """Of which records in the table `record` a caller may see the nodes."""
    if scope.nodes_of is None:
        return visible(scope)
    return or_(visible(scope), of_districts(scope.nodes_of, record))


def of_districts(districts: Districts, of: FromClause) -> ColumnElement[bool]:
    """What a superior bureau sees the nodes of; `of`: the table `record` or `node`."""
    return and_(
        of.c.field == districts.field,
        of.c.region.startswith(districts.region, autoescape=True),
        of.c.record_type.in_(sorted(districts.types)),
    )


async def find(conn: AsyncConnection, scope: Scope, record_type: str, record_id: UUID) -> RecordRow | None:
    """The record, if it is in scope."""
    query = select(record).where(record.c.id == record_id, record.c.record_type == record_type, visible(scope))
    return await _one(conn, query)


async def find_all(conn: AsyncConnection, scope: Scope, ids: Collection[UUID]) -> list[RecordRow]:
    """Those of these records that are in scope, in the order of their receipt."""
    query = select(record).where(record.c.id.in_(ids), visible(scope)).order_by(record.c.id)
    return [RecordRow(**row._mapping) for row in await conn.execute(query)]


async def find_for_nodes(conn: AsyncConnection, scope: Scope, record_type: str, record_id: UUID) -> RecordRow | None:
    """The record, if its nodes are in scope; its payload need not be."""
    query = select(record).where(record.c.id == record_id, record.c.record_type == record_type, visible_nodes(scope))
    return await _one(conn, query)


async def _one(conn: AsyncConnection, query: Select[Any]) -> RecordRow | None:
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else RecordRow(**row._mapping)


async def versions(conn: AsyncConnection, record_id: UUID, number: int | None = None) -> list[VersionRow]:
    """The versions of a record that the caller was found to be allowed to see, the first one first."""
    query = select(version).where(version.c.record_id == record_id).order_by(version.c.version)
    rows = await conn.execute(query if number is None else query.where(version.c.version == number))
    return [VersionRow(**row._mapping) for row in rows]


async def events(conn: AsyncConnection, record_id: UUID) -> list[EventRow]:
    """The events of a record that the caller was found to be allowed to see, in the order of their receipt."""
    rows = await conn.execute(select(event).where(event.c.record_id == record_id).order_by(event.c.id))
    return [EventRow(**row._mapping) for row in rows]


async def withdrawals(conn: AsyncConnection, record_id: UUID) -> list[WithdrawalRow]:
    """What was taken back of a record that the caller was found to be allowed to see, the first first."""
    query = select(withdrawal).where(withdrawal.c.record_id == record_id).order_by(withdrawal.c.id)
    return [WithdrawalRow(**row._mapping) for row in await conn.execute(query)]


async def unseen(conn: AsyncConnection, record_id: UUID) -> str:
    """The words of a record that a masked reader sees nowhere, by class, as a JSON object."""
    return str((await conn.execute(select(wording.c.unseen).where(wording.c.record_id == record_id))).scalar_one())
