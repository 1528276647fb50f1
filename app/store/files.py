"""Files that were uploaded: how far each was taken in, and what became of each of its rows."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.store.tables import file, file_row

State = Literal["queued", "running", "done", "failed"]
OnChange = Literal["reject", "correct"]
Outcome = Literal["accepted", "repeated", "rejected"]


@dataclass(frozen=True, slots=True)
class FileRow:
    """One upload. `shelf`: whose folder has its bytes; `digest`: their SHA-256. `region` and `field`: what the sender
    said for all rows, if anything.

    `reason`: canonical text, for records that the file corrects. `told`: what there is to say of the file as a whole,
    as JSON; `warned`: how many rows have which warning, as JSON. `rows` is None until all were read.
    """

    id: UUID
    organisation: str
    client_id: str
    shelf: str
    name: str
    digest: str
    bytes: int
    region: str | None
    field: str | None
    on_change: OnChange
    reason: str | None
    received_at: datetime
    state: State = "queued"
    record_type: str | None = None
    layout: str | None = None
    told: str = "[]"
    rows: int | None = None
    accepted: int = 0
    repeated: int = 0
    rejected: int = 0
    warned: str = "{}"
    attempts: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None

    @property
    def settled(self) -> int:
        """How many rows have been dealt with."""
        return self.accepted + self.repeated + self.rejected

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed")


@dataclass(frozen=True, slots=True)
class SettledRow:
    """What became of one row of a file. `number`: among the rows of the file; `sheet` and `line`: where it stands.

    `faults`: why it was rejected, as JSON.
    """

    file_id: UUID
    number: int
    sheet: int
    sheet_name: str
    line: int
    outcome: Outcome
    record_id: UUID | None = None
    version: int | None = None
    faults: str | None = None


async def add(conn: AsyncConnection, row: FileRow) -> None:
    """Keep a new upload."""
    await conn.execute(insert(file).values(asdict(row)))


async def find(conn: AsyncConnection, file_id: UUID, organisation: str) -> FileRow | None:
    """An upload of this organisation; None if it has none of this id."""
    query = select(file).where(file.c.id == file_id, file.c.organisation == organisation)
    return _row((await conn.execute(query)).first())


@asynccontextmanager
async def held(engine: AsyncEngine, file_id: UUID) -> AsyncIterator[bool]:
    """A file for this process alone as long as the block runs; False if another one has it."""
    number = int.from_bytes(hashlib.sha256(b"file " + file_id.bytes).digest()[:8], signed=True)
    # A connection of its own and no transaction: an open one would hold the feed.
    async with engine.connect() as plain:
        conn = await plain.execution_options(isolation_level="AUTOCOMMIT")
        if not (await conn.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": number})).scalar_one():
            yield False
            return
        try:
            yield True
        finally:
            # A connection that broke has let go by itself.
            with suppress(DBAPIError):
                await conn.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})


async def begin(conn: AsyncConnection, file_id: UUID, now: datetime) -> FileRow | None:
    """An upload that is to be gone on with, as it now stands; None if it is over or gone."""
    query = (
        update(file)
        .where(file.c.id == file_id, file.c.state.in_(("queued", "running")))
        .values(state="running", started_at=func.coalesce(file.c.started_at, now), attempts=file.c.attempts + 1)
        .returning(*file.c)
    )
    return _row((await conn.execute(query)).first())


async def recognised(
    conn: AsyncConnection, before: FileRow, *, record_type: str, layout: str, told: str, rows: int
) -> FileRow:
    """Say what a file was found to be."""
    after = replace(before, record_type=record_type, layout=layout, told=told, rows=rows)
    values = {"record_type": record_type, "layout": layout, "told": told, "rows": rows}
    await conn.execute(update(file).where(file.c.id == before.id).values(values))
    return after


async def advance(conn: AsyncConnection, before: FileRow, rows: Sequence[SettledRow], warned: str) -> FileRow | None:
    """Keep what became of the next rows, in the transaction that stored them.

    None if somebody else has gone on with the file meanwhile, or it was cancelled: the transaction must not commit.
    """
    outcomes = [row.outcome for row in rows]
    after = replace(
        before,
        accepted=before.accepted + outcomes.count("accepted"),
        repeated=before.repeated + outcomes.count("repeated"),
        rejected=before.rejected + outcomes.count("rejected"),
        warned=warned,
        attempts=0,
    )
    query = (
        update(file)
        .where(
            file.c.id == before.id,
            file.c.state == "running",
            file.c.cancelled_at.is_(None),
            file.c.accepted + file.c.repeated + file.c.rejected == before.settled,
        )
        .values(accepted=after.accepted, repeated=after.repeated, rejected=after.rejected, warned=warned, attempts=0)
    )
    if (await conn.execute(query)).rowcount == 0:
        return None
    if rows:
        await conn.execute(insert(file_row), [asdict(row) for row in rows])
    return after


async def end(conn: AsyncConnection, file_id: UUID, state: State, now: datetime, told: str | None = None) -> bool:
    """Say that nothing more will happen to a file; False if that was said before."""
    values: dict[str, Any] = {"state": state, "finished_at": now}
    query = update(file).where(file.c.id == file_id, file.c.state.in_(("queued", "running")))
    return bool((await conn.execute(query.values(values if told is None else values | {"told": told}))).rowcount)


async def cancel(conn: AsyncConnection, file_id: UUID, client_id: str, now: datetime) -> bool:
    """Ask that no more rows of a file are taken in; False if it is over already. Asked twice, the first one counts."""
    query = (
        update(file)
        .where(file.c.id == file_id, file.c.state.in_(("queued", "running")))
        .values(
            cancelled_at=func.coalesce(file.c.cancelled_at, now),
            cancelled_by=func.coalesce(file.c.cancelled_by, client_id),
        )
    )
    return bool((await conn.execute(query)).rowcount)


async def waiting(conn: AsyncConnection, organisation: str) -> int:
    """How many files of an organisation wait or are under way."""
    query = select(func.count()).where(file.c.organisation == organisation, file.c.state.in_(("queued", "running")))
    return int((await conn.execute(query)).scalar_one())


async def unfinished(conn: AsyncConnection, shelf: str) -> list[UUID]:
    """The files of a shelf that wait or are under way, the oldest first."""
    query = (
        select(file.c.id)
        .where(file.c.shelf == shelf, file.c.state.in_(("queued", "running")))
        .order_by(file.c.received_at)
    )
    return list((await conn.execute(query)).scalars())


async def put_down(conn: AsyncConnection, file_id: UUID) -> None:
    """Say that a file was left in good order: that it was begun does not count as an attempt."""
    await conn.execute(update(file).where(file.c.id == file_id).values(attempts=func.greatest(file.c.attempts - 1, 0)))


async def over(conn: AsyncConnection, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these files to which nothing more happens."""
    query = select(file.c.id).where(file.c.id.in_(ids), file.c.state.in_(("done", "failed")))
    return list((await conn.execute(query)).scalars())


async def finished_before(conn: AsyncConnection, ids: Sequence[UUID], before: datetime) -> set[UUID]:
    """Which of these files are over since before a moment, or not known at all."""
    query = "SELECT id FROM file WHERE id = ANY (CAST(:ids AS uuid[])) AND (finished_at IS NULL OR finished_at >= :at)"
    kept = await conn.execute(text(query), {"ids": list(ids), "at": before})
    return set(ids) - set(kept.scalars())


async def rejected(conn: AsyncConnection, file_id: UUID, after: int, most: int) -> list[SettledRow]:
    """The rejected rows of a file behind a number, in order."""
    query = (
        select(file_row)
        .where(file_row.c.file_id == file_id, file_row.c.outcome == "rejected", file_row.c.number > after)
        .order_by(file_row.c.number)
        .limit(most)
    )
    return [SettledRow(**row._mapping) for row in await conn.execute(query)]


# One decision may cover several parties: which of these it is about is seen in what is held. Of several records of one
# party the last one counts: one that holds before one that was withdrawn, then the first that was reported.
_BY_DECISION = """
SELECT record.source_id, record.document_no, version.payload
FROM record JOIN version ON version.record_id = record.id AND version.version = record.version
WHERE record.organisation = :organisation AND record.record_type = :record_type
    AND record.document_no = ANY (CAST(:numbers AS text[]))
ORDER BY (record.state <> 'withdrawn'), record.received_at DESC, record.id DESC
"""
_BY_IDENTITY = """
SELECT record.source_id, record.id, record.version, record.state, version.payload
FROM record JOIN version ON version.record_id = record.id AND version.version = record.version
WHERE record.organisation = :organisation AND record.record_type = :record_type
    AND record.source_id = ANY (CAST(:source_ids AS text[]))
"""


@dataclass(frozen=True, slots=True)
class HeldContent:
    """What is held under one identity."""

    id: UUID
    version: int
    payload: str


async def same_decisions(
    conn: AsyncConnection, organisation: str, record_type: str, numbers: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Of the records of an organisation about decisions with these numbers: source_id, number and content."""
    given = {"organisation": organisation, "record_type": record_type, "numbers": list(numbers)}
    return [(row.source_id, row.document_no, row.payload) for row in await conn.execute(text(_BY_DECISION), given)]


async def contents(
    conn: AsyncConnection, organisation: str, record_type: str, source_ids: Sequence[str]
) -> Mapping[str, HeldContent]:
    """What is held of an organisation's records, by source_id."""
    given = {"organisation": organisation, "record_type": record_type, "source_ids": list(source_ids)}
    rows = await conn.execute(text(_BY_IDENTITY), given)
    return {row.source_id: HeldContent(row.id, row.version, row.payload) for row in rows}


def _row(row: Any) -> FileRow | None:  # noqa: ANN401 – the driver's row
    return None if row is None else FileRow(**row._mapping)
