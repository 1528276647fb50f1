"""Tables for people: CSV as it is read, XLSX from a file that is gone when it was sent.

What somebody wrote into a record must not become a formula in the program that opens the table.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from app.refusals import BadParameter
from app.workbooks.table import BYTE_ORDER_MARK, csv_lines
from app.workbooks.writing import Cell as Cell
from app.workbooks.writing import new_book, write_row
from schemas.faults import Fault
from schemas.lifecycle import SHANGHAI

Format = Literal["json", "csv", "xlsx"]

MEDIA: Mapping[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
MOST_AT_ONCE = 2
"""Workbooks made at the same time in one process; they take a core each."""

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its name, its headings, and pages of things each of which is a `row`."""

    title: str
    headings: Sequence[str]
    pages: AsyncIterator[Sequence[Any]]
    row: Callable[[Any], Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where the workbooks of one application are made."""

    benches: asyncio.Semaphore

    @classmethod
    def opened(cls) -> Workshop:
        """With room for `MOST_AT_ONCE`."""
        return cls(asyncio.Semaphore(MOST_AT_ONCE))


def wanted_format(request: Request) -> Format:
    """The format asked for by `format`, else the first one `Accept` prefers; JSON otherwise. Raises BadParameter."""
    said = request.query_params.get("format")
    if said is None:
        return _accepted(request.headers.get("accept", ""))
    for format_ in MEDIA:
        if said == format_:
            return format_
    raise BadParameter([Fault("/format", "unknown-code")])


def _accepted(accept: str) -> Format:
    weights: dict[Format, float] = {}
    by_media = {media: format_ for format_, media in MEDIA.items()}
    for part in accept.lower().split(","):
        media, *parameters = (one.strip() for one in part.split(";"))
        format_ = by_media.get(media, "json" if media in ("*/*", "application/*") else None)
        if format_ is not None:
            weights.setdefault(format_, _weight(parameters))
    # Of equal weights the first that was named.
    best, weight = max(weights.items(), key=lambda one: one[1], default=("json", 1.0))
    return best if weight else "json"


def _weight(parameters: Sequence[str]) -> float:
    told = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    return float(told) if told.replace(".", "", 1).isdigit() and told.isascii() else 0.0


def disposition(name: str, format_: Format, now: datetime) -> dict[str, str]:
    """The headers of a file to be kept: named by its day, kept by nobody on the way."""
    file = f"{name}-{now.astimezone(SHANGHAI):%Y%m%d}.{format_}"
    return {
        "Content-Disposition": f'attachment; filename="{file}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept, Accept-Language",
    }


# CSV ------------------------------------------------------------------------------------------------------------------


def csv_answer(sheet: Sheet, headers: Mapping[str, str]) -> Response:
    """A table as CSV (RFC 4180), in UTF-8 with its mark so that spreadsheet programs read Chinese; line by line."""
    return StreamingResponse(_csv(sheet), media_type=MEDIA["csv"], headers=dict(headers))


async def _csv(sheet: Sheet) -> AsyncIterator[bytes]:
    yield BYTE_ORDER_MARK + csv_lines([sheet.headings])
    async for page in sheet.pages:
        yield await asyncio.to_thread(csv_lines, map(sheet.row, page))


# XLSX -----------------------------------------------------------------------------------------------------------------


async def xlsx_answer(workshop: Workshop, sheets: Sequence[Sheet], headers: Mapping[str, str]) -> Response:
    """The tables as one workbook, which is made before the answer begins: what fails is still told."""
    async with workshop.benches:
        book = await _book(sheets)
    return StreamingResponse(_sent(book), media_type=MEDIA["xlsx"], headers=dict(headers))


async def _book(sheets: Sequence[Sheet]) -> IO[bytes]:
    """The file, open and without a name; all that writes to it runs beside the event loop."""
    with tempfile.TemporaryDirectory(prefix="liandong-sheets-") as folder:
        path = Path(folder) / "book.xlsx"
        book = await asyncio.to_thread(new_book, path, Path(folder))
        for sheet in sheets:
            await _write(book, sheet)
        await asyncio.to_thread(book.close)
        return await asyncio.to_thread(path.open, "rb")


async def _write(book: Any, sheet: Sheet) -> None:  # noqa: ANN401 – the library has no types
    made = book.add_worksheet(sheet.title)
    bold = book.add_format({"bold": True})
    made.freeze_panes(1, 0)
    write_row(made, 0, sheet.headings, bold)
    below = 1
    async for page in sheet.pages:
        await asyncio.to_thread(_write_rows, made, sheet.row, page, below)
        below += len(page)


def _write_rows(made: Any, row: Callable[[Any], Sequence[Cell]], page: Sequence[Any], below: int) -> None:  # noqa: ANN401
    for line, one in enumerate(page, below):
        write_row(made, line, row(one))


async def _sent(book: IO[bytes]) -> AsyncIterator[bytes]:
    with book:
        while chunk := await asyncio.to_thread(book.read, _CHUNK):
            yield chunk


async def at_once(things: Sequence[Any]) -> AsyncIterator[Sequence[Any]]:
    """All of it as one page."""
    yield things
