"""A plain table as a file, CSV or XLSX, whatever its length."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Literal

from schemas.layouts.literal import guarded

from .writing import TEXT, Cell, write_row, written

Kind = Literal["csv", "xlsx"]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What spreadsheet programs know UTF-8 by."""

_ROWS_AT_ONCE = 500


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as CSV (RFC 4180) in UTF-8; no text among them opens as a formula."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _plain(cell: Cell) -> Cell:
    return guarded(cell) if isinstance(cell, str) else cell


def write_table(
    to: Path | IO[bytes],
    kind: Kind,
    headings: Sequence[Sequence[str]],
    rows: Iterable[Sequence[Cell]],
    title: str = "数据",
) -> None:
    """Write the rows of headings and the rows below them; memory does not grow with their number.

    In a CSV texts are `guarded` against being formulas; in a workbook they need no guard, and every column is one of
    texts. ValueError if a workbook cannot hold the table.
    """
    if kind == "csv":
        _write_csv(to, headings, rows)
    else:
        _write_xlsx(to, headings, rows, title)


def _write_csv(to: Path | IO[bytes], headings: Iterable[Sequence[str]], rows: Iterable[Sequence[Cell]]) -> None:
    if isinstance(to, Path):
        with to.open("wb") as file:
            _write_csv(file, headings, rows)
        return
    to.write(BYTE_ORDER_MARK + csv_lines(headings))
    for some in _batches(rows):
        to.write(csv_lines(some))


def _batches(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Sequence[Cell]]]:
    left = iter(rows)
    while some := list(islice(left, _ROWS_AT_ONCE)):
        yield some


def _write_xlsx(
    to: Path | IO[bytes], headings: Sequence[Sequence[str]], rows: Iterable[Sequence[Cell]], title: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="liandong-table-") as scratch, written(to, Path(scratch)) as book:
        sheet = book.add_worksheet(title)
        bold, text = book.add_format({"bold": True, **TEXT}), book.add_format(TEXT)
        sheet.freeze_panes(len(headings), 0)
        sheet.set_column(0, max(map(len, headings), default=1) - 1, None, text)
        for number, heading in enumerate(headings):
            write_row(sheet, number, heading, bold)
        for number, row in enumerate(rows, len(headings)):
            write_row(sheet, number, row)
