"""Putting texts into workbooks so that they stay texts: no formula, no link, no number, no markup."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

Cell = str | int | float | None

TEXT = {"num_format": 49}
"""The format @ of a cell that holds a text whatever is typed into it, so that 18 digits stay 18 digits."""

MOST_CHARACTERS = 32_767
"""What a cell holds, counted in UTF-16 (ECMA-376)."""


def new_book(to: Path | IO[bytes], scratch: Path) -> Any:  # noqa: ANN401 – the library has no types
    """A workbook whose rows go to files in `scratch` as they come: each row is to be written once, from top to bottom.

    The caller closes it, or uses `written`.
    """
    options = {
        "constant_memory": True,
        "tmpdir": str(scratch),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    return xlsxwriter.Workbook(to, options)


@contextmanager
def written(to: Path | IO[bytes], scratch: Path) -> Iterator[Any]:
    """A workbook as `new_book` makes it, closed in the end; if something is raised no file in `scratch` stays open."""
    book = new_book(to, scratch)
    try:
        yield book
    except BaseException:
        for sheet in book.worksheets():
            sheet._opt_close()
        raise
    book.close()


def fits(text: str) -> bool:
    """Whether a cell can hold the text."""
    return len(text) <= MOST_CHARACTERS // 2 or len(text.encode("utf-16-le", "surrogatepass")) // 2 <= MOST_CHARACTERS


def write_row(sheet: Any, row: int, cells: Any, format_: Any = None) -> None:  # noqa: ANN401
    """Write a row from its first column on; None leaves a cell out. ValueError if it cannot be held."""
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            write_text(sheet, row, column, cell, format_)
        elif cell is not None:
            _told(sheet.write_number(row, column, cell, format_))


def write_text(sheet: Any, row: int, column: int, text: str, format_: Any = None) -> None:  # noqa: ANN401
    """Write one text as it is; "" leaves a cell that has only its format. ValueError if it cannot be held."""
    if text == "":
        _told(sheet.write_blank(row, column, None, format_))
    elif text.startswith("<r>") and text.endswith("</r>"):
        # The library takes such a text for markup of its own and writes it unescaped; a text in runs it escapes.
        runs = [text[:1], text[1:2], text[2:]]
        _told(sheet.write_rich_string(row, column, *runs, *([] if format_ is None else [format_])))
    else:
        _told(sheet.write_string(row, column, text, format_))


def _told(answer: int) -> None:
    if answer:
        raise ValueError("the sheet has no such row or column, or a cell cannot hold the text")
