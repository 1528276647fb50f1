"""The trail: who did what, when, and with what outcome. Never a personal value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.store.tables import trail


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One row. `outcome` is "done", "repeated" or the code of a refusal; `detail` holds codes and counts only."""

    at: datetime
    client_id: str | None
    organisation: str | None
    role: str | None
    action: str
    outcome: str = "done"
    record_type: str | None = None
    record_id: UUID | None = None
    version: int | None = None
    detail: str | None = None


def row_of(
    caller: Caller | None,
    action: str,
    now: datetime,
    *,
    outcome: str = "done",
    record_type: str | None = None,
    record_id: UUID | None = None,
    version: int | None = None,
    detail: str | None = None,
) -> TrailRow:
    """What a caller did, or nobody in particular."""
    return TrailRow(
        at=now,
        client_id=caller.client_id if caller else None,
        organisation=caller.organisation if caller else None,
        role=caller.role if caller else None,
        action=action,
        outcome=outcome,
        record_type=record_type,
        record_id=record_id,
        version=version,
        detail=detail,
    )


async def append(conn: AsyncConnection, row: TrailRow) -> None:
    """Add one row."""
    await conn.execute(insert(trail).values(asdict(row)))
