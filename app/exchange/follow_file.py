"""Following a file: how far it is, what was wrong with it, and asking that no more of it is taken in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.exchange.read_file import told_from_text
from app.exchange.receipts import faults_from_text
from app.exchange.shelf import Shelf
from app.refusals import FileForgotten, FileInProgress, FileOver, NothingRejected, UnknownFile
from app.store import files, trail
from app.store.files import FileRow, SettledRow
from app.store.trail import row_of
from schemas.faults import Fault
from schemas.layouts.columns import Layout, Told
from schemas.layouts.recognising import LAYOUTS

MOST_ROWS = 500
"""Rejected rows that are told of at once; all of them are in the workbook that goes back."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not taken in: where it stands, and why."""

    sheet: str
    line: int
    told: Sequence[Told]


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning that rows of a file have that were taken in: in which column, and how many of them."""

    fault: Fault
    heading: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class Followed:
    """A file as it stands. `told`: of the file as a whole; `rejected`: the first `MOST_ROWS` of those rows."""

    row: FileRow
    layout: Layout | None
    told: Sequence[Fault]
    warned: Sequence[Warned]
    rejected: Sequence[RejectedRow]


async def follow_file(conn: AsyncConnection, caller: Caller, file_id: UUID) -> Followed:
    """A file of the caller's organisation. Raises UnknownFile."""
    return await _followed(conn, await _find(conn, caller, file_id))


async def _followed(conn: AsyncConnection, row: FileRow) -> Followed:
    rejected = await files.rejected(conn, row.id, -1, MOST_ROWS) if row.rejected else []
    warned = [_warned(key, rows) for key, rows in json.loads(row.warned).items()]
    return Followed(
        row,
        next((layout for layout in LAYOUTS if layout.code == row.layout), None),
        faults_from_text(row.told),
        warned,
        [_rejected(one) for one in rejected],
    )


async def rejected_rows(conn: AsyncConnection, followed: Followed) -> AsyncIterator[RejectedRow]:
    """All rejected rows of a file, in order."""
    after = -1
    while some := await files.rejected(conn, followed.row.id, after, MOST_ROWS):
        for one in some:
            yield _rejected(one)
        after = some[-1].number


def _rejected(row: SettledRow) -> RejectedRow:
    return RejectedRow(row.sheet_name, row.line, told_from_text(row.faults or "[]"))


def _warned(key: str, rows: int) -> Warned:
    code, heading, details = json.loads(key)
    return Warned(Fault("", code, details), heading, rows)


async def cancel_file(conn: AsyncConnection, caller: Caller, file_id: UUID, now: datetime) -> Followed:
    """Take in no more rows of a file; those that were are held. Raises UnknownFile, FileOver."""
    row = await _find(conn, caller, file_id)
    if not await files.cancel(conn, row.id, caller.client_id, now):
        raise FileOver
    await trail.append(conn, row_of(caller, "file-cancelled", now, detail=str(row.id)))
    return await _followed(conn, await _find(conn, caller, file_id))


async def annotated_file(
    conn: AsyncConnection, shelf: Shelf, caller: Caller, file_id: UUID, now: datetime
) -> tuple[FileRow, Path]:
    """The workbook of the rejected rows. Raises UnknownFile, FileInProgress, NothingRejected, FileForgotten."""
    row = await _find(conn, caller, file_id)
    if not row.is_over:
        raise FileInProgress(retry_after=2)
    if not row.rejected:
        raise NothingRejected
    path = shelf.annotated(row.id)
    if not path.exists():
        raise FileForgotten
    await trail.append(conn, row_of(caller, "file-read", now, detail=str(row.id)))
    return row, path


async def _find(conn: AsyncConnection, caller: Caller, file_id: UUID) -> FileRow:
    row = await files.find(conn, file_id, caller.organisation)
    if row is None:
        raise UnknownFile
    return row
