"""Can the service do its work?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store import feed
from app.store.migrating import newest, revision

LATE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Readiness:
    """`reason` is None when the service is ready. `blocker`: the open write that holds a late feed back, if any."""

    reason: str | None
    feed_lag_seconds: float | None = None
    blocker: dict[str, Any] | None = None


async def readiness(engine: AsyncEngine, now: datetime) -> Readiness:
    """Ready when the database answers, is migrated, and the feed keeps up."""
    try:
        async with engine.connect() as conn:
            if await revision(conn) != newest():
                return Readiness("database-not-migrated")
            lag = await feed.lag_seconds(conn, now)
            if lag > LATE_SECONDS:
                return Readiness("feed-late", lag, await feed.blocker(conn))
            return Readiness(None, lag)
    except (SQLAlchemyError, OSError):
        return Readiness("database-unreachable")
