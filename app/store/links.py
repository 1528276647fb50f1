"""Ties between records: which others one refers to, and which refer to it, held already or not."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_PAIRS = """
WITH given AS (SELECT unnest(CAST(:ids AS uuid[])) AS id)
SELECT link.record_id AS one, other.id AS other
FROM given
JOIN link ON link.record_id = given.id
JOIN record AS other ON (other.record_type, other.organisation, other.source_id)
    = (link.record_type, link.organisation, link.source_id)
UNION
SELECT record.id, link.record_id
FROM given
JOIN record ON record.id = given.id
JOIN link ON (link.record_type, link.organisation, link.source_id)
    = (record.record_type, record.organisation, record.source_id)
UNION
SELECT event.caused_by, event.record_id FROM given JOIN event ON event.caused_by = given.id
"""


_NOT_FOLLOWED = """
SELECT follower.position AS first, least(sequencer.head, follower.position + :most) AS last FROM follower, sequencer
"""

# What only time did to a duty, or who was shown what, has no consequence.
_CHANGED = """
SELECT DISTINCT entry.record_id FROM feed JOIN entry ON entry.id = feed.entry_id
WHERE feed.position >= :first AND feed.position < :last AND entry.kind NOT IN ('node', 'disclosure')
"""


async def pairs(conn: AsyncConnection, ids: Collection[UUID]) -> set[frozenset[UUID]]:
    """Which two records are tied, one of them among these; also where one of them has acted on the other before."""
    found = await conn.execute(text(_PAIRS), {"ids": list(ids)})
    return {frozenset((row.one, row.other)) for row in found if row.one != row.other}


async def not_followed(conn: AsyncConnection, most: int) -> range:
    """The positions of the feed whose ties nobody has looked at since they were given, the first ones."""
    row = (await conn.execute(text(_NOT_FOLLOWED), {"most": most})).one()
    return range(row.first, row.last)


async def changed(conn: AsyncConnection, positions: range) -> list[UUID]:
    """The records that somebody told something of at these positions."""
    rows = await conn.execute(text(_CHANGED), {"first": positions.start, "last": positions.stop})
    return [row.record_id for row in rows]


async def set_followed(conn: AsyncConnection, position: int) -> None:
    """Say that the ties of what stands before a position have been looked at."""
    await conn.execute(text("UPDATE follower SET position = :position"), {"position": position})
