"""A workbook (.xlsx, ECMA-376, transitional or strict) read as a Table, without unpacking it into memory.

Cells are told as a person sees them: a number as a plain decimal, a number shown as a day as `2026-09-01`, a formula
by the value it had when the file was saved.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from ..faults import Fault  # noqa: TID252 – relative, as in all of the standard
from .merged_cells import Merged, merged_ranges
from .packed import Package, broken, elements, parsed, target_of
from .shared_strings import SharedStrings, shared_strings
from .sheet import Book, Rows
from .spreadsheet_ml import named, unescaped
from .stored_values import shows_days
from .table import Limits, Line, Page, Table, Unreadable

_MOST_KEPT = 100_000
"""Of relationships, number formats and cell formats; spreadsheet programs stop at 65,490 cell formats."""
_MOST_SHEETS = 1_000

_ROOT = named("workbook")
_OF_WORKBOOK = named("workbookPr", "sheet")
_OF_STYLES = named("numFmt", "cellXfs", "cellStyleXfs", "dxfs", "xf")
_SHEET_ID = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_RELATIONSHIP = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_CONTENT_TYPES = "[Content_Types].xml"
_MACRO_SHEETS = frozenset(("xlMacrosheet", "xlIntlMacrosheet"))


@contextmanager
def workbook(file: IO[bytes], scratch: Path, limits: Limits) -> Iterator[Table]:
    """The sheets of a workbook, hidden ones too. `scratch`: a folder for what does not fit into memory.

    Raises Unreadable if the file is no workbook, or one with macros or a password.
    """
    package = Package(file, limits)
    main = _main_part(package)
    if main is None or main not in package:
        raise Unreadable(Fault("", _what_else(package)))
    if main.lower().endswith(".bin"):
        raise Unreadable(Fault("", "file-binary-excel"))
    with ExitStack() as stack:
        pages = _Workbook(package, main, scratch, limits, stack).pages()
        if _has_macros(package):
            raise Unreadable(Fault("", "file-macros"))
        yield Table("xlsx", tuple(pages))


# --- what kind of file --------------------------------------------------------------------------


def _main_part(package: Package) -> str | None:
    if "_rels/.rels" not in package:
        return None
    return next((link.target for link in _links(package, "").values() if link.kind == "officeDocument"), None)


def _what_else(package: Package) -> str:
    if "mimetype" in package:
        kind = next(package.pieces("mimetype"), b"")
        if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return "file-open-document"
    return "file-not-workbook"


def _has_macros(package: Package) -> bool:
    if any(posixpath.basename(name) == "vbaproject.bin" for name in package):
        return True
    if _CONTENT_TYPES not in package:
        return False
    types = (attributes.get("ContentType", "") for _, attributes in elements(package.pieces(_CONTENT_TYPES)))
    return any("macroenabled" in kind.lower() for kind in types)


# --- relationships ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Link:
    """A relationship (part 2, 6.5). `kind`: the last word of its type, the same in both namespaces."""

    kind: str
    target: str


def _links(package: Package, source: str) -> dict[str, _Link]:
    """The relationships of a part ("" for the package) to other parts, by id."""
    folder, name = posixpath.split(source)
    part = posixpath.join(folder, "_rels", f"{name}.rels")
    links: dict[str, _Link] = {}
    if part not in package:
        return links
    for element, attributes in elements(package.pieces(part)):
        if element == _RELATIONSHIP and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            links[attributes.get("Id", "")] = _Link(kind, target_of(source, attributes.get("Target", "")))
            _bounded(links)
    return links


def _bounded(kept: Sized, most: int = _MOST_KEPT) -> None:
    if len(kept) > most:
        raise broken()


# --- the workbook -------------------------------------------------------------------------------


class _Workbook:
    """Reads what its sheets refer to when the first row is asked for."""

    def __init__(self, package: Package, main: str, scratch: Path, limits: Limits, stack: ExitStack) -> None:
        self._package = package
        self._main = main
        self._links = _links(package, main)
        self._scratch = scratch
        self._limits = limits
        self._stack = stack
        self._since_1904 = False
        self._days: frozenset[str] | None = None
        self._texts: Callable[[int], str] | None = None

    def pages(self) -> list[Page]:
        """The sheets that have cells, in the order of their tabs; charts and dialogs have a place, but are none."""
        pages: list[Page] = []
        for index, attributes in enumerate(self._sheets()):
            link = self._link(attributes)
            if link.kind in _MACRO_SHEETS:
                raise Unreadable(Fault("", "file-macros"))
            if link.kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                name = unescaped(attributes.get("name", ""))
                pages.append(Page(name, index, hidden, self._reader(link.target, index)))
        return pages

    def _link(self, attributes: Mapping[str, str]) -> _Link:
        for name in _SHEET_ID:
            if attributes.get(name) in self._links:
                return self._links[attributes[name]]
        raise broken()

    def _sheets(self) -> list[Mapping[str, str]]:
        sheets: list[Mapping[str, str]] = []
        root = None
        for element, attributes in elements(self._package.pieces(self._main)):
            root = root or element
            if root not in _ROOT:
                raise Unreadable(Fault("", "file-not-workbook"))
            role = _OF_WORKBOOK.get(element)
            if role == "workbookPr":
                self._since_1904 = attributes.get("date1904") in ("1", "true", "on")
            elif role == "sheet":
                sheets.append(attributes)
                _bounded(sheets, _MOST_SHEETS)
        return sheets

    def _reader(self, part: str, index: int) -> Callable[[], Iterator[Line]]:
        def lines() -> Iterator[Line]:
            try:
                yield from self._rows(part)
            except Unreadable as cause:
                fault = cause.fault
                raise Unreadable(replace(fault, details={**fault.details, "sheet": index + 1})) from cause

        return lines

    def _rows(self, part: str) -> Iterator[Line]:
        book = Book(self._day_formats(), self._since_1904, self._shared())
        merged = Merged(merged_ranges(self._package.pieces(part)), self._limits.columns)
        rows = Rows(book, merged, self._limits)
        for _ in parsed(self._package.pieces(part), rows):
            yield from rows.ready
            rows.ready.clear()

    def _part(self, kind: str) -> str | None:
        return next((link.target for link in self._links.values() if link.kind == kind), None)

    def _shared(self) -> Callable[[int], str]:
        if self._texts is None:
            part = self._part("sharedStrings")
            self._texts = self._spilled(part).text if part else _no_text
        return self._texts

    def _spilled(self, part: str) -> SharedStrings:
        return self._stack.enter_context(shared_strings(self._package.pieces(part), self._scratch, self._limits))

    def _day_formats(self) -> frozenset[str]:
        if self._days is None:
            part = self._part("styles")
            self._days = _day_formats(self._package, part) if part else frozenset()
        return self._days


def _no_text(_: int) -> str:
    raise broken()


def _day_formats(package: Package, part: str) -> frozenset[str]:
    """The cell formats that show numbers as days: their places in `cellXfs`, as cells name them."""
    own: dict[str, bool] = {}
    days: list[str] = []
    formats = 0
    within = None
    for element, attributes in elements(package.pieces(part)):
        role = _OF_STYLES.get(element)
        if role == "numFmt" and within != "dxfs":
            number = attributes.get("numFmtId", "")
            own[number] = shows_days(0, unescaped(attributes.get("formatCode", "")))
            _bounded(own)
        elif role == "xf" and within == "cellXfs":
            if _shows_days(attributes.get("numFmtId", "0"), own):
                days.append(str(formats))
                _bounded(days)
            formats += 1
        elif role is not None and role not in ("numFmt", "xf"):
            within = role
    return frozenset(days)


def _shows_days(number: str, own: Mapping[str, bool]) -> bool:
    if number in own:
        return own[number]
    return number.isascii() and number.isdecimal() and len(number) < 4 and shows_days(int(number), None)
