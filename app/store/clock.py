"""What the mere passing of time makes due: alarms that are to be raised, and one process of all that does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Not the sequencer's: as long as a batch of alarms or computations is written, positions go on being given.
_LOCK = 0x636C6F636B  # "clock"


@dataclass(frozen=True, slots=True)
class DueRow:
    """A duty whose alarm has come. `version`: of its record; `duty`: the computation as it is kept."""

    record_id: UUID
    version: int
    node: str
    duty: str


@dataclass(frozen=True, slots=True)
class NextRow:
    """When a duty is to be looked at again, None if never."""

    record_id: UUID
    node: str
    alarm_at: datetime | None


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to see at one look; None where there is nothing yet, and 0 for `newest_notice`.

    `adopted`: the law that duties follow. `least` and `greatest` of the laws by which those that are not met were
    computed: whether there is any other than one. `ties_wait`: whether there are positions whose ties nobody looked at.
    """

    newest_notice: int
    ties_wait: bool
    next_alarm_at: datetime | None
    adopted: str | None
    least: str | None
    greatest: str | None


async def alone(conn: AsyncConnection) -> bool:
    """Whether until the end of this transaction no other process keeps time; if not, another one does."""
    return bool((await conn.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK})).scalar_one())


# Every part is one end of an index, however many rows there are: EXISTS with a comparison might read the whole table
# to find out that there is none.
_LOOK = """
SELECT (SELECT coalesce(max(id), 0) FROM holiday_notice) AS newest_notice,
       (SELECT follower.position < sequencer.head FROM follower, sequencer) AS ties_wait,
       (SELECT min(alarm_at) FROM node) AS next_alarm_at,
       (SELECT version FROM adopted_law ORDER BY id DESC LIMIT 1) AS adopted,
       (SELECT min(law) FROM node WHERE standing NOT IN ('done', 'done_late')) AS least,
       (SELECT max(law) FROM node WHERE standing NOT IN ('done', 'done_late')) AS greatest
"""


async def look(conn: AsyncConnection) -> Look:
    """What there is to see."""
    return Look(**(await conn.execute(text(_LOOK))).one()._mapping)


# The entries of one record are written while its head is locked, here as elsewhere, or they would change places in
# the feed. What somebody is changing just now is left for the next look: it may be met by then.
_DUE = """
SELECT node.record_id, record.version, node.node, node.duty
FROM node JOIN record ON record.id = node.record_id
WHERE node.alarm_at < :now
ORDER BY node.alarm_at, node.record_id
LIMIT :most
FOR UPDATE SKIP LOCKED
"""


async def due(conn: AsyncConnection, now: datetime, most: int) -> list[DueRow]:
    """The duties whose alarm has come, at most so many, locked with the heads of their records."""
    return [DueRow(**row._mapping) for row in await conn.execute(text(_DUE), {"now": now, "most": most})]


# The revision of the head moves too: a change that was prepared before must be decided again.
_MOVE_ON = """
WITH given AS (
    SELECT * FROM unnest(CAST(:record_ids AS uuid[]), CAST(:nodes AS text[]), CAST(:alarms AS timestamptz[]))
        AS given (record_id, node, alarm_at)
), moved AS (
    UPDATE node SET alarm_at = given.alarm_at FROM given
    WHERE node.record_id = given.record_id AND node.node = given.node
)
UPDATE record SET revision = revision + 1 WHERE id IN (SELECT record_id FROM given)
"""


async def move_on(conn: AsyncConnection, rows: Sequence[NextRow]) -> None:
    """Set the alarms of duties that are locked."""
    given = {
        "record_ids": [row.record_id for row in rows],
        "nodes": [row.node for row in rows],
        "alarms": [row.alarm_at for row in rows],
    }
    await conn.execute(text(_MOVE_ON), given)
