"""Noting attempts that were refused: what they would have done is undone, that they were made is not."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.callers import Caller
from app.refusals import Refusal
from app.store import trail
from app.store.trail import row_of

_log = structlog.get_logger(__name__)


async def refused(engine: AsyncEngine, caller: Caller | None, action: str, refusal: Refusal, now: datetime) -> None:
    """Put a refusal into the trail, in a transaction of its own. Never raises: the caller is owed its answer."""
    detail = " ".join(sorted({fault.code for fault in refusal.faults})) or None
    try:
        async with engine.begin() as conn:
            await trail.append(conn, row_of(caller, action, now, outcome=refusal.code, detail=detail))
    except (SQLAlchemyError, OSError) as failure:
        _log.error("trail.lost", action=action, outcome=refusal.code, error=type(failure).__name__)
