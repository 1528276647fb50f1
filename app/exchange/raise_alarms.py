"""Telling subscribers that a duty became due soon, or overdue, by nothing but the passing of time."""

from __future__ import annotations

from datetime import datetime

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange.duties import duty_from_text
from app.rules import deadlines
from app.store import cases, clock
from app.store.cases import Fresh
from app.store.clock import DueRow, NextRow
from app.store.feed import Entry
from schemas.receipt import digest

_log = structlog.get_logger(__name__)

MOST_AT_ONCE = 500
"""Alarms of one transaction: it is short, for an open one holds the feed back."""


async def raise_alarms(engine: AsyncEngine, now: datetime) -> int:
    """Write an item for each duty whose alarm has come, at most so many; return how many, 0 if another process does it.

    An alarm is raised once, however many processes look: it is moved on in the transaction that writes its item. If
    the service was stopped meanwhile there is one item too, for where the duty stands now.
    """
    async with engine.begin() as conn:
        if not await clock.alone(conn):
            return 0
        due = await clock.due(conn, now, MOST_AT_ONCE)

        await clock.move_on(conn, [_next(row, now) for row in due])
        await cases.write(conn, [_told(row, now) for row in due])
    return len(due)


def _next(row: DueRow, now: datetime) -> NextRow:
    try:
        duty = duty_from_text(row.duty)
    except ValidationError as error:
        # Kept by another release: it is told as it is, once, and must not silence the alarms behind it.
        _log.warning("clock.duty_unreadable", record_id=str(row.record_id), error=type(error).__name__)
        return NextRow(row.record_id, row.node, None)
    return NextRow(row.record_id, row.node, deadlines.alarm_at(duty, now))


def _told(row: DueRow, now: datetime) -> Fresh:
    entry = Entry("node", row.record_id, row.version, digest(row.duty.encode()), now, node=row.duty)
    return Fresh(row.record_id, revision=0, entries=(entry,))
