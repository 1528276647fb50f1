"""Tables made by hand, as the readers of files make them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from schemas.layouts.table import Line, Page, Table

Marks = Mapping[tuple[int, int], str]
"""Fault codes of cells, by number of the row and place in it."""


def page_of(
    *rows: Sequence[str], name: str = "", index: int = 0, hidden: bool = False, marks: Marks | None = None
) -> Page:
    """A page of these rows, the first of them number 1; rows that hold nothing are blank and not yielded."""

    def lines() -> Iterator[Line]:
        for number, cells in enumerate(rows, start=1):
            own = {at: code for (row, at), code in (marks or {}).items() if row == number}
            if any(cells) or own:
                yield Line(number, list(cells), own)

    return Page(name, index, hidden, lines)


def table_of(*rows: Sequence[str], marks: Marks | None = None) -> Table:
    """A file without sheets."""
    return Table("csv", (page_of(*rows, marks=marks),))


def book_of(*pages: Page) -> Table:
    """A workbook of these pages."""
    return Table("xlsx", pages)


def rows_of(text: str, delimiter: str = ",") -> list[list[str]]:
    """The rows of a CSV."""
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
