"""Nodes: what holds now, and every computation that led there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.records import RecordRow
from app.store.tables import node, node_history


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One node of one record. `duty` is the whole computation as text; the rest is what lists are made by."""

    node: str
    responsible: str
    due_at: datetime | None
    warn_at: datetime | None
    is_done: bool
    duty: str


async def of(conn: AsyncConnection, record_id: UUID) -> list[NodeRow]:
    """The nodes of a record that the caller was found to be allowed to see."""
    columns = [node.c[name] for name in NodeRow.__dataclass_fields__]
    rows = await conn.execute(select(*columns).where(node.c.record_id == record_id).order_by(node.c.node))
    return [NodeRow(**row._mapping) for row in rows]


async def write(
    conn: AsyncConnection, record: RecordRow, rows: Sequence[NodeRow], *, law: str, cause: str, now: datetime
) -> None:
    """Put down a new computation of some nodes of a record, what was held before staying in the history.

    `law`: the version of the rules and the calendar it was made with; `cause`: what made it necessary.
    """
    if not rows:
        return
    statement = insert(node).values(
        [
            {
                "record_id": record.id,
                "record_type": record.record_type,
                "organisation": record.organisation,
                "region": record.region,
                "field": record.field,
                **{name: getattr(row, name) for name in NodeRow.__dataclass_fields__},
            }
            for row in rows
        ]
    )
    rewritten = {name: statement.excluded[name] for name in ("responsible", "due_at", "warn_at", "is_done", "duty")}
    await conn.execute(statement.on_conflict_do_update(index_elements=["record_id", "node"], set_=rewritten))
    await conn.execute(
        insert(node_history).values(
            [
                {
                    "record_id": record.id,
                    "node": row.node,
                    "computed_at": now,
                    "law": law,
                    "cause": cause,
                    "duty": row.duty,
                }
                for row in rows
            ]
        )
    )
