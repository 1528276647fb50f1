"""Delimited text (.csv, .tsv, .txt) read as a Table, a piece at a time."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, pairwise
from typing import IO

from ..faults import Fault  # noqa: TID252 – relative, as in all of the standard
from .table import Limits, Line, Page, Table, Unreadable

_PIECE_BYTES = 64 * 1024
_RECORD_CHARACTERS = 1024 * 1024
"""The csv module puts a record together whole, whatever its length; the fields of a penalty have some 20,000."""
_LAST_ROW = 1_048_576
"""The last row that a spreadsheet shows; blank ones count here, as every one takes time."""
_RECORDS_LOOKED_AT = 30
_DELIMITERS = ",\t;"

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WEB_PAGE = re.compile(r"\s*(<(!doctype|!--|\?xml|html|head|meta|style|table)|mime-version:)", re.IGNORECASE)
_NEVER_IN_TEXT = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f]")


def delimited(file: IO[bytes], limits: Limits) -> Table:
    """The records of a text separated by comma, tab or semicolon.

    UTF-8 with or without BOM, UTF-16 with BOM, or GB18030. Rows are numbered as a spreadsheet shows them: a record with
    line breaks in its cells is one row, and so is an empty line. Raises Unreadable, and so may the lines.
    """
    head = _piece(file, 0)
    encoding = _encoding_of(file, head)
    if encoding is None:
        raise Unreadable(Fault("", _why_no_text(head)))
    beginning = _beginning(file, encoding)
    if _WEB_PAGE.match(beginning):
        raise Unreadable(Fault("", "file-web-page"))
    delimiter = _delimiter_of(beginning)
    return Table("csv", (Page("", 0, False, partial(_lines, file, encoding, delimiter, limits)),))


# --- encoding -----------------------------------------------------------------------------------


def _piece(file: IO[bytes], position: int) -> bytes:
    file.seek(position)
    return file.read(_PIECE_BYTES)


def _texts(file: IO[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    position = 0
    while piece := _piece(file, position):
        position += len(piece)
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _encoding_of(file: IO[bytes], head: bytes) -> str | None:
    """The encoding in which the whole file is text. Raises Unreadable if nothing but blanks is in it."""
    for encoding in _candidates(head):
        try:
            texts = {_kind(text) for text in _texts(file, encoding)}
        except UnicodeDecodeError:
            continue
        if "binary" in texts:
            return None
        if "said" not in texts:
            raise Unreadable(Fault("", "file-empty"))
        return encoding
    return None


def _candidates(head: bytes) -> Sequence[str]:
    if head.startswith(_UTF_16_MARKS):
        return ("utf-16",)
    if head.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    return ("utf-8", "gb18030")


def _kind(text: str) -> str:
    if "\0" in text:
        return "binary"
    return "said" if text and not text.isspace() else "blank"


def _why_no_text(head: bytes) -> str:
    """Pictures and programs are full of control characters; text in an encoding we do not know has few."""
    found = len(_NEVER_IN_TEXT.findall(head))
    return "file-binary" if found * 100 > len(head) else "encoding-unknown"


# --- delimiter ----------------------------------------------------------------------------------


def _beginning(file: IO[bytes], encoding: str) -> str:
    return next(filter(None, _texts(file, encoding)), "")


def _delimiter_of(beginning: str) -> str:
    """The character that splits the first records into most cells; of ties the first."""
    lines = list(io.StringIO(beginning, newline=""))
    return max(_DELIMITERS, key=lambda mark: _width(lines, mark))


def _width(lines: Iterable[str], delimiter: str) -> tuple[int, int]:
    """How many cells two records in succession have, and any one has: a long text may hold many semicolons once."""
    widths: list[int] = []
    try:
        for record in islice(csv.reader(lines, delimiter=delimiter, strict=True), _RECORDS_LOOKED_AT):
            if any(map(str.strip, record)):
                widths.append(len(record))  # noqa: PERF401 – what was read before an error counts
    except csv.Error:
        pass
    in_succession = max(map(min, pairwise(widths)), default=0)
    return (in_succession if in_succession > 1 else 0), max(widths, default=0)


# --- records ------------------------------------------------------------------------------------


def _lines(file: IO[bytes], encoding: str, delimiter: str, limits: Limits) -> Iterator[Line]:
    records = _records(_texts(file, encoding), delimiter)
    rows = ((number, record) for number, record in enumerate(records, start=1) if any(map(str.strip, record)))
    for count, (number, record) in enumerate(rows, start=1):
        if count > limits.rows:
            raise Unreadable(Fault("", "too-many-rows", {"limit": limits.rows}))
        if any(map(str.strip, record[limits.columns :])):
            raise Unreadable(Fault("", "too-many-columns", {"limit": limits.columns, "row": number}))
        yield _line(number, record[: limits.columns], limits.cell_characters)


def _line(number: int, cells: list[str], most: int) -> Line:
    too_long = [place for place, cell in enumerate(cells) if len(cell) > most]
    if not too_long:
        return Line(number, cells)
    return Line(number, [cell[:most] for cell in cells], dict.fromkeys(too_long, "cell-too-long"))


class _TooLong(Exception):
    """A record is longer than is put together."""


class _Counted:
    """Lines for the csv module, and how much of them has gone into the record in hand."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._lines = _split(texts)
        self.lines = 0
        self._characters = 0

    def start_record(self) -> None:
        """Count from here."""
        self.lines = self._characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.lines += 1
        self._characters += len(line)
        if self._characters > _RECORD_CHARACTERS:
            raise _TooLong
        return line


def _split(texts: Iterable[str]) -> Iterator[str]:
    """The lines with their ends, which are \\n, \\r\\n or \\r and nothing else."""
    rest = ""
    for text in texts:
        lines = list(io.StringIO(rest + text, newline=""))
        # The other half of \r\n may be still to come.
        rest = lines.pop() if lines and not lines[-1].endswith("\n") else ""
        yield from lines
        if len(rest) > _RECORD_CHARACTERS:
            raise _TooLong
    if rest:
        yield rest


def _records(texts: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    lines = _Counted(texts)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 1
    while True:
        lines.start_record()
        try:
            record = next(reader, None)
        except (csv.Error, _TooLong) as cause:
            raise _broken(number, lines.lines, cause) from cause
        if record is None:
            return
        yield record
        number += 1
        if number > _LAST_ROW:
            raise Unreadable(Fault("", "too-many-rows", {"limit": _LAST_ROW}))


def _broken(row: int, lines: int, cause: Exception) -> Unreadable:
    """A quotation mark that is never closed takes in line after line until the record is too long."""
    too_long = isinstance(cause, _TooLong) or "field limit" in str(cause)
    if too_long and lines <= 1:
        return Unreadable(Fault("", "row-too-large", {"row": row, "limit": _RECORD_CHARACTERS}))
    return Unreadable(Fault("", "quotes-broken", {"row": row}))
