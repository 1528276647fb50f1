"""Workbooks as they were written: their parts as text, and how a cell looks."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"(?: s="([0-9]+)")?([^>]*)>')


def part(path: Path, name: str) -> str:
    """One part of the workbook."""
    with zipfile.ZipFile(path) as book:
        return book.read(f"xl/{name}").decode()


def parts(path: Path, folder: str) -> str:
    """All parts below a folder, one after the other."""
    with zipfile.ZipFile(path) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.startswith(f"xl/{folder}"))


def rows(path: Path, sheet: str) -> list[list[Any]]:
    """What another program reads on a sheet, from its first row and column on."""
    book = CalamineWorkbook.from_path(str(path))
    return [list(row) for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)]


def sheet_names(path: Path) -> list[str]:
    """The names of all sheets."""
    return CalamineWorkbook.from_path(str(path)).sheet_names


def fill(path: Path, sheet: int, cell: str) -> str:
    """The colour of a cell on the sheet of this number, from 1, as RRGGBB; empty if it has none."""
    styles = part(path, "styles.xml")
    fills = re.findall(r"<fill>.*?</fill>", styles)
    own = fills[int(re.findall(r'fillId="([0-9]+)"', _format(path, sheet, cell))[0])]
    found = re.search(r'<fgColor rgb="FF([0-9A-F]{6})"', own)
    return found[1] if found else ""


def is_text(path: Path, sheet: int, cell: str) -> bool:
    """Whether a cell has the number format @."""
    return 'numFmtId="49"' in _format(path, sheet, cell)


def _format(path: Path, sheet: int, cell: str) -> str:
    styles = part(path, "styles.xml")
    formats = re.findall(r"<xf [^>]*>", styles[styles.index("<cellXfs") :])
    found = {at: style for at, style, _ in _CELL.findall(part(path, f"worksheets/sheet{sheet}.xml"))}
    return str(formats[int(found[cell] or 0)])
