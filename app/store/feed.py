"""The feed: what happened, each thing once, at a position that never changes and never has a gap before it.

A counter given by the database when a row is written is seen before the row is: who polls by it loses rows.
So writers only stamp their transaction (`entry.xid`), and positions are given afterwards, to entries of
transactions below the snapshot's xmin alone: everything below it has ended, so nothing can still come in
before what was given a position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Scope
from app.store.engine import without_limits

_LOCK = 0x7365717565  # "seque": one sequencer at a time in the database, whichever process it is in


@dataclass(frozen=True, slots=True)
class Entry:
    """What a writer adds to the log, as `kind` says; its position comes after the commit, from `sequence`.

    `kind`: record, correction, withdrawal, event, event_withdrawal, node or disclosure. `version`: of the record when
    it came about.
    """

    kind: str
    record_id: UUID
    version: int
    digest: str
    at: datetime
    event_id: UUID | None = None
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log reaches: positions 0 to `head` - 1 are given, in this epoch."""

    epoch: UUID
    head: int


@dataclass(frozen=True, slots=True)
class Item:
    """One position of the log with what stands there; payloads as stored."""

    position: int
    kind: str
    record_id: UUID
    record_type: str
    organisation: str
    source_id: str
    version: int
    digest: str
    at: datetime
    payload: str | None
    event_id: UUID | None
    event: str | None
    node: str | None
    reason: str | None
    events: Any
    """Of a disclosure alone: the events that stood then, as a JSON array."""
    unseen: str | None
    """As in `WordingRow`, where the caller is not shown all of the record."""


# One statement, so one snapshot: what is below its xmin is all visible to it. Two versions of one record can
# carry inverted transaction ids – the later writer waited for the earlier one's lock with an older id in hand –
# but both pass the watermark together, so the running maximum over the record puts them right.
SEQUENCE = """
WITH horizon AS (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin
), ready AS (
    SELECT entry.id, max(entry.xid) OVER (PARTITION BY entry.record_id ORDER BY entry.id) AS xid
    FROM entry, horizon, sequencer
    WHERE entry.xid >= sequencer.watermark AND entry.xid < horizon.xmin
), given AS (
    INSERT INTO feed (position, entry_id)
    SELECT sequencer.head + row_number() OVER (ORDER BY ready.xid, ready.id) - 1, ready.id
    FROM ready, sequencer
    RETURNING position
)
UPDATE sequencer SET watermark = horizon.xmin, head = head + (SELECT count(*) FROM given)
FROM horizon
WHERE EXISTS (SELECT FROM ready)
RETURNING (SELECT count(*) FROM given)
"""


async def sequence(conn: AsyncConnection) -> int | None:
    """Give positions to all that may have one; return how many, or None when another process is doing it."""
    # The lock is its own statement: the one after it takes a snapshot that sees what the last holder did.
    if not (await conn.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK})).scalar_one():
        return None
    # A backlog of millions takes longer than any request may.
    await without_limits(conn)
    given = (await conn.execute(text(SEQUENCE))).scalar_one_or_none()
    return int(given or 0)


async def begin_epoch_if_restored(conn: AsyncConnection) -> bool:
    """After a restore from a dump, begin a new epoch; return whether that was so.

    Another cluster counts transactions anew, so what has no position yet is stamped with this transaction.
    """
    await without_limits(conn)
    await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    begun = await conn.execute(
        text(
            "UPDATE sequencer SET epoch = gen_random_uuid(), watermark = '0', system_identifier = here.id "
            "FROM (SELECT system_identifier AS id FROM pg_control_system()) AS here "
            "WHERE sequencer.system_identifier <> here.id"
        )
    )
    if begun.rowcount == 0:
        return False
    # What has its position must never pass the watermark again, whatever id it bears from the old cluster.
    await conn.execute(
        text(
            "UPDATE entry SET xid = CASE WHEN EXISTS (SELECT FROM feed WHERE feed.entry_id = entry.id) "
            "THEN '0' ELSE pg_current_xact_id() END"
        )
    )
    await conn.execute(text("UPDATE sequencer SET watermark = pg_current_xact_id()"))
    return True


async def head(conn: AsyncConnection) -> Head:
    """How far the log reaches now."""
    row = (await conn.execute(text("SELECT epoch, head FROM sequencer"))).one()
    return Head(row.epoch, row.head)


async def lag_seconds(conn: AsyncConnection, now: datetime) -> float:
    """How long the oldest entry without a position has been waiting for one; 0 when there is none."""
    # By the order of the index, for min(at) would read the whole table.
    query = "SELECT at FROM entry WHERE xid >= (SELECT watermark FROM sequencer) ORDER BY xid, id LIMIT 1"
    oldest = (await conn.execute(text(query))).scalar_one_or_none()
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())


async def blocker(conn: AsyncConnection) -> dict[str, Any] | None:
    """The oldest open write of the whole cluster, which holds the watermark back; None if there is none now.

    Also one in another database: so the docs ask for a server of its own.
    """
    query = (
        "SELECT pid, datname AS database, state, extract(epoch FROM now() - xact_start)::int AS seconds "
        "FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY age(backend_xid) DESC LIMIT 1"
    )
    row = (await conn.execute(text(query))).one_or_none()
    return None if row is None else dict(row._mapping)


MOST_BYTES = 8 * 1024 * 1024
"""Of what a page carries, but for its last item: a page of the largest records there can be would fill the memory."""

_PAGE = """
WITH page AS (
    SELECT feed.position, entry.id AS entry_id, entry.kind, entry.record_id, record.record_type, record.organisation,
           record.source_id, entry.version, entry.digest, entry.at, version.payload, entry.event_id,
           event.payload AS event, entry.node, version.reason,
           coalesce(octet_length(version.payload), 0) + coalesce(octet_length(event.payload), 0)
               + coalesce(octet_length(entry.node), 0) + CASE WHEN entry.kind = 'disclosure' THEN (
                   SELECT coalesce(sum(octet_length(one.payload)), 0) FROM event AS one
                   WHERE one.record_id = entry.record_id
               ) ELSE 0 END AS bytes
    FROM feed
    JOIN entry ON entry.id = feed.entry_id
    JOIN record ON record.id = entry.record_id
    LEFT JOIN version ON entry.kind IN ('record', 'correction', 'disclosure')
      AND version.record_id = entry.record_id AND version.version = entry.version
    LEFT JOIN event ON event.id = entry.event_id
    WHERE feed.position >= :first AND feed.position < :end
      AND (
          record.organisation = :organisation OR starts_with(record.region, :jurisdiction)
          OR EXISTS (
              SELECT FROM involved
              WHERE involved.organisation = :organisation AND involved.record_type = record.record_type
                AND involved.record_id = record.id
          )
      )
      AND (CAST(:types AS text[]) IS NULL OR record.record_type = ANY (:types))
    ORDER BY feed.position
    LIMIT :limit
), weighed AS (
    SELECT *, sum(bytes) OVER (ORDER BY position) - bytes AS bytes_before, count(*) OVER () AS found FROM page
)
SELECT position, kind, weighed.record_id, record_type, organisation, source_id, version, digest, at, payload,
       weighed.event_id, event, node,
       CASE kind WHEN 'correction' THEN weighed.reason ELSE withdrawal.reason END AS reason,
       CASE WHEN kind = 'disclosure' THEN (
           SELECT coalesce(json_agg(CAST(one.payload AS json) ORDER BY told.id), '[]')
           FROM entry AS told JOIN event AS one ON one.id = told.event_id
           WHERE told.record_id = weighed.record_id AND told.kind = 'event' AND told.id < weighed.entry_id
             AND NOT EXISTS (
                 SELECT FROM entry AS gone
                 WHERE gone.event_id = one.id AND gone.kind = 'event_withdrawal' AND gone.id < weighed.entry_id
             )
       ) END AS events,
       CASE WHEN organisation <> :organisation AND record_type = ANY (:masked_types) THEN (
           SELECT wording.unseen FROM wording WHERE wording.record_id = weighed.record_id
       ) END AS unseen, found
FROM weighed
LEFT JOIN withdrawal ON kind IN ('withdrawal', 'event_withdrawal')
  AND withdrawal.record_id = weighed.record_id AND withdrawal.event_id IS NOT DISTINCT FROM weighed.event_id
WHERE bytes_before < :most_bytes
ORDER BY position
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Items in the order of the log. `is_cut`: there are more where they end, for they were enough."""

    items: Sequence[Item]
    is_cut: bool


async def page(
    conn: AsyncConnection, scope: Scope, first: int, end: int, types: Sequence[str] | None, limit: int
) -> Stretch:
    """What a caller may see of the positions `first` to `end` - 1, at most `limit` items and about `MOST_BYTES`.

    `types`: None for all.
    """
    # A null prefix makes the second branch null, not true: without a jurisdiction only the caller's own is seen.
    rows = await conn.execute(
        text(_PAGE),
        {
            "first": first,
            "end": end,
            "organisation": scope.organisation,
            "jurisdiction": scope.jurisdiction,
            "masked_types": scope.masked_types,
            "types": None if types is None else list(types),
            "limit": limit,
            "most_bytes": MOST_BYTES,
        },
    )
    found = [dict(row._mapping) for row in rows]
    seen = [row.pop("found") for row in found]
    return Stretch([Item(**row) for row in found], is_cut=bool(seen) and (len(seen) == limit or seen[0] > len(seen)))
