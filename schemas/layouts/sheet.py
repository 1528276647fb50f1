"""The rows of one sheet of a workbook, as its XML is read (ECMA-376 part 1, 18.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ..faults import Fault  # noqa: TID252 – relative, as in all of the standard
from .merged_cells import Merged, column_index
from .packed import Handler, broken
from .spreadsheet_ml import LONGER_ESCAPED, named, unescaped
from .stored_values import LostDigits, decimal_of, moment_of
from .table import Limits, Line, Unreadable

_ROW_DEPTH = 3
"""worksheet, sheetData, row"""
_LAST_ROW = 1_048_576
_ROLES = named("row", "c", "v", "f", "t", "is", "rPh")
_ROOT = named("worksheet")
_DIGITS = "0123456789"
_COLUMN = re.compile("[A-Z]{1,3}")
_ISO_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?)?Z?")

Said = tuple[str, str]
"""The text of a cell and the code of what is wrong with it, "" if nothing is."""
_NOTHING_SAID: Said = ("", "")


@dataclass(frozen=True, slots=True)
class Book:
    """What the cells of every sheet refer to. `days`: the cell formats (their numbers as texts) that show days.

    `shared`: the shared text of a number; raises Unreadable if there is none.
    """

    days: Collection[str]
    since_1904: bool
    shared: Callable[[int], str]


class Rows(Handler):
    """Gathers rows into `ready`, to be emptied by whoever feeds the XML. Blank rows and cells leave nothing behind.

    Cells and rows that do not say where they are come after the one before.
    """

    def __init__(self, book: Book, merged: Merged, limits: Limits) -> None:
        super().__init__()
        self.ready: list[Line] = []
        self._book = book
        self._shared_text = book.shared
        self._merged = merged
        self._most_characters = limits.cell_characters
        self._most_stored = LONGER_ESCAPED * limits.cell_characters
        self._most_columns = limits.columns
        self._most_rows = limits.rows
        self._columns: dict[str, int] = {}
        self._lines = 0
        self._readers: Mapping[str, Callable[[str], Said]] = {
            "n": self._number,
            "s": self._shared,
            "str": self._text_of,
            "inlineStr": self._text_of,
            "b": _truth,
            "e": _error,
            "d": _iso_moment,
        }

        # The row being read.
        self._row = 0
        self._depth_of_cells = 0
        self._row_digits = "0"
        self._letters_end = -1
        self._row_says = True
        self._filled = False
        self._cells: list[str] = []
        self._marks: dict[int, str] = {}
        self._at = ""
        self._after = -1

        # The cell being read.
        self._cell: dict[str, str] = {}
        self._text = ""
        self._takes = False
        self._spoken = False
        self._formula = False
        self._valued = False

    # --- what the parser tells ------------------------------------------------------------------

    def started(self, name: str, attributes: dict[str, str]) -> None:
        """Most of a sheet is `c` and `v`: they are asked for first."""
        self.depth += 1
        role = _ROLES.get(name)
        if role == "v":
            self._takes = self._valued = True
        elif role == "c":
            if self.depth != self._depth_of_cells:
                raise broken()
            self._cell = attributes
            self._text = ""
            self._formula = self._valued = False
            at = attributes.get("r")
            if at is None:
                self._after += 1
            else:
                self._at = at
                self._after = 0
        elif role is not None:
            self._started_other(role, attributes)
        elif self.depth == 1 and name not in _ROOT:
            raise broken()

    def _started_other(self, role: str, attributes: Mapping[str, str]) -> None:
        if role == "row":
            self._row_started(attributes.get("r"))
        elif role == "f":
            self._formula = True
        elif role == "t":
            self._takes = not self._spoken
        elif role == "rPh":
            self._spoken = True

    def said(self, text: str) -> None:
        """Text counts inside `v` and `t` alone."""
        if self._takes and len(self._text) <= self._most_stored:
            self._text += text

    def ended(self, name: str) -> None:
        """A cell or a row is complete."""
        self.depth -= 1
        self._takes = False
        role = _ROLES.get(name)
        if role == "c":
            if self._text or self._formula:
                self._cell_ended()
        elif role == "row":
            self._row_ended()
        elif role == "rPh":
            self._spoken = False

    # --- rows -----------------------------------------------------------------------------------

    def _row_started(self, digits: str | None) -> None:
        if self.depth != _ROW_DEPTH:
            raise broken()
        self._depth_of_cells = _ROW_DEPTH + 1
        self._row_says = digits is not None
        self._number_row(str(self._row + 1) if digits is None else digits)
        self._filled = False
        self._at, self._after = "", -1

    def _number_row(self, digits: str) -> None:
        """Rows are in their order (18.3.1.73): a number that goes back would be told of another row's faults."""
        number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(_LAST_ROW)) else 0
        if not self._row < number <= _LAST_ROW:
            raise broken()
        self._row = number
        self._row_digits = str(number)
        self._letters_end = -len(self._row_digits)

    def _row_ended(self) -> None:
        self._depth_of_cells = 0
        cells, marks = self._cells, self._marks
        if self._filled:
            self._mark_merged(cells, marks)
            self._lines += 1
            if self._lines > self._most_rows:
                raise Unreadable(Fault("", "too-many-rows", {"limit": self._most_rows}))
            self.ready.append(Line(self._row, cells, marks) if marks else Line(self._row, cells))
        if cells or marks:
            self._cells, self._marks = [], {}

    def _mark_merged(self, cells: list[str], marks: dict[int, str]) -> None:
        places = self._merged.at(self._row)
        if places:
            cells.extend([""] * (places[-1] + 1 - len(cells)))
        for place in places:
            if marks.get(place, "formula-value") == "formula-value":
                marks[place] = "cells-merged"

    # --- cells ----------------------------------------------------------------------------------

    def _cell_ended(self) -> None:
        stored = self._text
        reader = self._readers.get(self._cell.get("t", "n"))
        if reader is None:
            raise broken()
        text, mark = reader(stored) if stored else _NOTHING_SAID
        if self._formula and not mark:
            mark = self._mark_of_formula()
        if len(text) > self._most_characters:
            text, mark = text[: self._most_characters], "cell-too-long"
        if text and not text.isspace():
            self._put(text, mark)
        elif mark and mark != "formula-value":
            self._put("", mark)

    def _mark_of_formula(self) -> str:
        """Programs that do not calculate leave the value out, or empty where it would be a number."""
        has_value = self._text or (self._valued and self._cell.get("t") == "str")
        return "formula-value" if has_value else "formula-without-value"

    def _put(self, text: str, mark: str) -> None:
        column = self._columns.get(self._at[: self._letters_end])
        if column is None or not self._at.endswith(self._row_digits):
            column = self._column_at_first()
        column += self._after
        cells = self._cells
        missing = column - len(cells)
        if missing < 0:
            cells[column] = text
        elif column < self._most_columns:
            if missing:
                cells.extend([""] * missing)
            cells.append(text)
        else:
            raise Unreadable(Fault("", "too-many-columns", {"limit": self._most_columns, "row": self._row}))
        if mark:
            self._marks[column] = mark
        self._filled = True

    def _column_at_first(self) -> int:
        if not self._at:
            return 0
        letters = self._at.rstrip(_DIGITS)
        digits = self._at[len(letters) :]
        if digits != self._row_digits:
            self._take_row_from_cell(digits)
        if not _COLUMN.fullmatch(letters):
            raise broken()
        column = self._columns[letters] = column_index(letters)
        return column

    def _take_row_from_cell(self, digits: str) -> None:
        """A row that has no number is where its first cell says."""
        if self._row_says or self._filled:
            raise broken()
        self._row -= 1
        self._number_row(digits)

    # --- values ---------------------------------------------------------------------------------

    def _number(self, stored: str) -> Said:
        stored = stored.strip()
        if self._cell.get("s") in self._book.days:
            moment = moment_of(stored, since_1904=self._book.since_1904)
            if moment is not None:
                return moment, ""
        try:
            text = decimal_of(stored)
        except LostDigits as lost:
            return lost.shown, "rounded-by-spreadsheet"
        return (stored, "cell-error") if text is None and stored else (text or "", "")

    def _shared(self, stored: str) -> Said:
        try:
            return self._shared_text(int(stored)), ""
        except ValueError as cause:
            raise broken() from cause

    @staticmethod
    def _text_of(stored: str) -> Said:
        return unescaped(stored), ""


def _truth(stored: str) -> Said:
    return ("TRUE" if stored.strip() in ("1", "true") else "FALSE"), ""


def _error(stored: str) -> Said:
    return stored.strip(), "cell-error"


def _iso_moment(stored: str) -> Said:
    found = _ISO_MOMENT.fullmatch(stored.strip())
    if not found:
        return stored, ""
    day, time = found.groups()
    return (day if time in (None, "00:00:00") else f"{day} {time}"), ""
