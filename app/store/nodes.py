"""Nodes: what holds now, and every computation that led there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import node


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One node of one record. `duty` is the whole computation as text; the rest is what lists are made by.

    `standing`: the part of its state that does not depend on the moment (open, done, done_late, paused, waived).
    `role`: who acts. `is_numbered`: the law gives it a number. `alarm_at`: when it next becomes due soon or overdue.
    `law`: the version of the rules and the calendar that it was computed by.
    """

    record_id: UUID
    node: str
    record_type: str
    organisation: str
    region: str
    field: str
    responsible: str
    due_at: datetime | None
    warn_at: datetime | None
    is_done: bool
    standing: str
    duty: str
    role: str
    advisory: bool
    is_numbered: bool
    opened_on: date
    done_on: date | None
    alarm_at: datetime | None
    law: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One computation. `law`: the version of the rules and the calendar; `cause`: what made it necessary."""

    record_id: UUID
    node: str
    computed_at: datetime
    law: str
    cause: str
    duty: str


async def of(conn: AsyncConnection, record_id: UUID) -> list[NodeRow]:
    """The nodes of a record that the caller was found to be allowed to see."""
    columns = [node.c[one.name] for one in fields(NodeRow)]
    rows = await conn.execute(select(*columns).where(node.c.record_id == record_id).order_by(node.c.node))
    return [NodeRow(**row._mapping) for row in rows]
