"""Nodes: what holds now, and every computation that led there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, false, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import node


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One node of one record. `duty` is the whole computation as text; the rest is what lists are made by.

    `standing`: the part of its state that does not depend on the moment (open, done, done_late, paused, waived).
    `role`: who acts. `is_numbered`: the law gives it a number. `alarm_at`: when it next becomes due soon or overdue.
    `law`: the version of the rules and the calendar that it was computed by. `done_by`: the event that met it, None
    also where that was met before it was kept.
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
    done_by: str | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One computation. `law`: the version of the rules and the calendar; `cause`: what made it necessary."""

    record_id: UUID
    node: str
    computed_at: datetime
    law: str
    cause: str
    duty: str


def stands(state: str, now: datetime, of: FromClause) -> ColumnElement[bool]:
    """Whether a duty stands so at `now`, never null; `state` in app/rules/deadlines.py says the same of one duty.

    `of`: the table `node`, or what has its columns.
    """
    not_due = of.c.due_at >= now
    not_warned = or_(of.c.warn_at.is_(None), of.c.warn_at > now)
    running = {
        "overdue": and_(not_(of.c.advisory), of.c.due_at < now),
        "due_soon": and_(not_(of.c.advisory), not_due, of.c.warn_at <= now),
        "open": or_(of.c.advisory, of.c.due_at.is_(None), and_(not_due, not_warned)),
    }
    if state in running:
        return and_(of.c.standing == "open", func.coalesce(running[state], false()))
    return of.c.standing == state


async def of(conn: AsyncConnection, record_id: UUID) -> list[NodeRow]:
    """The nodes of a record that the caller was found to be allowed to see."""
    columns = [node.c[one.name] for one in fields(NodeRow)]
    rows = await conn.execute(select(*columns).where(node.c.record_id == record_id).order_by(node.c.node))
    return [NodeRow(**row._mapping) for row in rows]
