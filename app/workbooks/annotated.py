"""The rejected rows of an upload as a workbook: its sheets, headers and columns as they were, each fault at its cell.

Made to be mended and sent back: it is recognised as the layout that the upload was in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from app.workbooks.writing import MOST_CHARACTERS, TEXT, fits, write_text, written
from schemas.faults import Fault, wordings
from schemas.layouts.cells import clean
from schemas.layouts.columns import Sheet, Told, named
from schemas.layouts.table import ADDED_HEADINGS, Line, Page, Table, Unreadable

MOST_LINES_UNREAD = 200
"""So many lines are kept of a sheet that was not read."""
MOST_COMMENTS = 2_000
"""So many cells have their faults in a comment, too: comments are held in memory."""

_ADDED_WIDTHS = (8, 60, 50)
_WIDTH = 16
_MOST_SAID = MOST_CHARACTERS // 2
_LONGEST_NAME = 31
_FORBIDDEN_IN_NAMES = str.maketrans("", "", "[]:*?/\\")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken. `sheet`: the `Page.index` of its sheet; `number`: the row as a spreadsheet shows it."""

    sheet: int
    number: int
    faults: Sequence[Told]


def write_annotated(
    path: Path, table: Table, sheets: Sequence[Sheet], rejected: Iterable[Rejected], title: str = "数据"
) -> None:
    """Write the rejected rows with their original numbers, what is wrong with them and what to do about it, in Chinese.

    `table`: the upload, opened again; each page is gone through once. `sheets`: those of it that were read. `rejected`
    come in the order of sheets and rows. `title` names the sheet of an upload that had none. Sheets that were not read
    keep their place, and the first of their lines. Memory does not grow with the number of rows; scratch files stand
    beside `path`. LookupError if the upload has no such row.
    """
    by_index = {sheet.page.index: sheet for sheet in sheets}
    left = _Left(rejected)
    with written(path, path.parent) as library:
        book = _Book(library)
        for page in table.pages:
            book.keep_places(page.index)
            made = book.add(page.name or title, hidden=page.hidden)
            sheet = by_index.get(page.index)
            if sheet is None:
                _copy(made, page)
            else:
                book.show(made)
                _Annotated(book, made, sheet).write(page, left.of(page.index))
        left.must_be_none()


class _Left:
    """The rejected rows that are still to come."""

    def __init__(self, rejected: Iterable[Rejected]) -> None:
        self._rest = iter(rejected)
        self._next = next(self._rest, None)

    def of(self, sheet: int) -> Iterator[Rejected]:
        """Those of one sheet."""
        while self._next is not None and self._next.sheet == sheet:
            yield self._next
            self._next = next(self._rest, None)

    def must_be_none(self) -> None:
        """Raises LookupError if there is a row that the upload does not have."""
        if self._next is not None:
            raise LookupError(f"there is no row {self._next.number} on the sheet at {self._next.sheet}")


# --- a workbook -----------------------------------------------------------------------------------


class _Book:
    """The workbook that is made, its formats, and the names its sheets have taken."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401 – the library has no types
        self._book = book
        self._names: set[str] = set()
        self._made = 0
        self._shown = False
        self.comments = 0
        self.text = book.add_format(TEXT)
        self.heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", **TEXT})
        self.error = book.add_format({"bg_color": "#FFC7CE", **TEXT})
        self.warning = book.add_format({"bg_color": "#FFEB9C", **TEXT})
        self.added = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#F2F2F2", **TEXT})

    def add(self, name: str, *, hidden: bool = False) -> Any:  # noqa: ANN401
        made = self._book.add_worksheet(self._legal(name))
        self._made += 1
        if hidden:
            made.hide()
        return made

    def keep_places(self, index: int) -> None:
        """Put an empty sheet wherever the upload had one without cells, such as a chart: the next keeps its place."""
        while self._made < index:
            self.add(f"第{self._made + 1}页")

    def show(self, made: Any) -> None:  # noqa: ANN401
        """Open the workbook at this sheet, if at none yet."""
        if not self._shown:
            made.activate()
            made.set_first_sheet()
            self._shown = True

    def _legal(self, name: str) -> str:
        """The name, changed only where a spreadsheet program would not have it."""
        plain = _shortened(name.translate(_FORBIDDEN_IN_NAMES), _LONGEST_NAME).strip("'") or "数据"
        legal, number = plain, 1
        while legal.lower() in self._names:
            number += 1
            legal = f"{_shortened(plain, _LONGEST_NAME - 1 - len(str(number)))}_{number}"
        self._names.add(legal.lower())
        return legal


def _shortened(name: str, most: int) -> str:
    """The name cut to so many UTF-16 units."""
    while len(name.encode("utf-16-le", "replace")) // 2 > most:
        name = name[:-1]
    return name


def _copy(made: Any, page: Page) -> None:  # noqa: ANN401
    """The first lines of a sheet that was not read, as far as it can be."""
    try:
        for line in islice(page.lines(), MOST_LINES_UNREAD):
            for column, cell in enumerate(line.cells):
                if cell and fits(cell):
                    write_text(made, line.number - 1, column, cell)
    except Unreadable:
        return


# --- a sheet --------------------------------------------------------------------------------------


@dataclass
class _Annotated:
    """One sheet with its rejected rows."""

    book: _Book
    made: Any
    sheet: Sheet
    _added: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._added = _places_of_added(self.sheet)

    def write(self, page: Page, rejected: Iterator[Rejected]) -> None:
        """Write the header and the rejected rows, which are looked up among the page's lines."""
        self._set_columns()
        self._write_header()
        last = self.sheet.lines[-1].number
        below: int | None = None
        for line, wanted in _matched((line for line in page.lines() if line.number > last), rejected):
            if below is None:
                # A layout that is told by its places begins at a certain row, even if rows above that are blank.
                below = line.number - 1 if self.sheet.layout.positional else last
            if wanted is not None:
                self._write_row(below, line, wanted)
                below += 1

    def _set_columns(self) -> None:
        self.made.set_column(0, max(self._added), _WIDTH, self.book.text)
        for column, width in zip(self._added, _ADDED_WIDTHS, strict=True):
            self.made.set_column(column, column, width, self.book.text)
        self.made.freeze_panes(self.sheet.lines[-1].number, 0)

    def _write_header(self) -> None:
        main = _main_row(self.sheet)
        for line in self.sheet.lines:
            cells = self._apart(line.cells)
            if line is main:
                cells |= dict(zip(self._added, ADDED_HEADINGS, strict=True))
            for column, cell in cells.items():
                write_text(self.made, line.number - 1, column, cell if fits(cell) else "", self.book.heading)

    def _apart(self, cells: Sequence[str]) -> dict[int, str]:
        """Cells by the column in which they stand now; what was in the added columns before is left out."""
        placed = {self._place(index): cell for index, cell in enumerate(cells)}
        return {column: cell for column, cell in placed.items() if cell and column not in self._added}

    def _place(self, index: int) -> int:
        """Where a cell of the upload stands now: what lay beyond the header lies beyond the added columns."""
        return index + len(self._added) if self._added[0] == self.sheet.width <= index else index

    def _write_row(self, row: int, line: Line, rejected: Rejected) -> None:
        cells = self._apart(line.cells)
        lost = {self._place(index) for index, mark in line.marks.items() if _is_error(mark)}
        lost |= {column for column, text in cells.items() if not fits(text)}
        faulty = _by_place(rejected.faults)
        for column in {*cells, *faulty, *lost}:
            faults = faulty.get(column, ())
            text = "" if column in lost else cells.get(column, "")
            write_text(self.made, row, column, text, self._format(faults, lost=column in lost))
            self._comment(row, column, faults)
        said = sorted(rejected.faults, key=lambda told: not told.fault.is_error)
        texts = (str(rejected.number), _numbered(map(_reason, said)), _numbered(told.fault.fix("zh") for told in said))
        for column, text in zip(self._added, texts, strict=True):
            write_text(self.made, row, column, text, self.book.added)

    def _format(self, faults: Sequence[Fault], *, lost: bool) -> Any:  # noqa: ANN401
        if lost or any(fault.is_error for fault in faults):
            return self.book.error
        return self.book.warning if faults else self.book.text

    def _comment(self, row: int, column: int, faults: Sequence[Fault]) -> None:
        if faults and self.book.comments < MOST_COMMENTS:
            self.book.comments += 1
            text = "\n".join(filter(None, (one for fault in faults for one in (fault.message("zh"), fault.fix("zh")))))
            self.made.write_comment(row, column, text, {"x_scale": 2, "y_scale": 1.2})


def _matched(lines: Iterator[Line], rejected: Iterator[Rejected]) -> Iterator[tuple[Line, Rejected | None]]:
    """The lines up to that of the last rejected row, each with the rejected row that it is.

    Raises LookupError if the lines do not have one of them.
    """
    wanted = next(rejected, None)
    for line in lines:
        if wanted is None:
            return
        found = line.number == wanted.number
        yield line, wanted if found else None
        wanted = next(rejected, None) if found else wanted
    if wanted is not None:
        raise LookupError(f"there is no row {wanted.number} on the sheet at {wanted.sheet}")


def _places_of_added(sheet: Sheet) -> tuple[int, ...]:
    """Where the added columns are: where the upload has them from the time before, else after its last column."""
    had: dict[str, int] = {}
    for line in sheet.lines:
        for index, cell in enumerate(line.cells):
            if clean(cell) in ADDED_HEADINGS:
                had.setdefault(clean(cell), index)
    if len(had) == len(ADDED_HEADINGS):
        return tuple(had[heading] for heading in ADDED_HEADINGS)
    return tuple(range(sheet.width, sheet.width + len(ADDED_HEADINGS)))


def _main_row(sheet: Sheet) -> Line:
    """The row of the header that is taken for it."""
    return max(sheet.lines, key=lambda line: len(named(sheet.layout, line.cells)))


def _by_place(faults: Iterable[Told]) -> dict[int, list[Fault]]:
    found: dict[int, list[Fault]] = {}
    for told in faults:
        if told.index is not None:
            found.setdefault(told.index, []).append(told.fault)
    return found


def _is_error(code: str) -> bool:
    return wordings()[code].kind == "error"


def _reason(told: Told) -> str:
    text = told.fault.message("zh") if told.fault.is_error else f"（提示）{told.fault.message('zh')}"
    return f"{told.heading}：{text}" if told.heading else text


def _numbered(texts: Iterable[str]) -> str:
    """The texts one below the other, numbered if they are several; the same number stands in both columns."""
    several = list(texts)
    if len(several) > 1:
        several = [f"{number}. {text}" for number, text in enumerate(several, start=1) if text]
    whole = "\n".join(several)
    return whole if len(whole) <= _MOST_SAID else whole[: _MOST_SAID - 1] + "…"
