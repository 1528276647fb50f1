"""Which cells of a sheet are merged, found before its rows are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..faults import Fault  # noqa: TID252 – relative, as in all of the standard
from .packed import broken
from .table import Unreadable

_MOST_RANGES = 10_000
_LONGEST_ELEMENT = 1024
_ELEMENT = re.compile(rb"<(?:[^<>\s/:]+:)?mergeCell\s[^<>]*?\bref\s*=\s*[\"']([^\"'<>]*)[\"']")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?")

Range = tuple[int, int, int, int]
"""First and last row, from 1; first and last column, from 0."""


def column_index(letters: str) -> int:
    """The place of a column from 0: of AA 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def merged_ranges(pieces: Iterable[bytes]) -> list[Range]:
    """The merged ranges of a sheet, which its XML names after its rows.

    The bytes are searched, not parsed: ten times as fast, and in a text or an attribute no `<` stands for itself.
    Raises Unreadable if there are more than are held.
    """
    ranges: list[Range] = []
    for found in _found(pieces):
        ranges.append(_reach(found))
        if len(ranges) > _MOST_RANGES:
            raise Unreadable(Fault("", "cells-merged"))
    return [(top, bottom, left, right) for top, bottom, left, right in ranges if (top, left) != (bottom, right)]


def _found(pieces: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        # UTF-16 has a zero in every second byte of these names.
        text = rest + piece.replace(b"\0", b"")
        end = 0
        if b"mergeCell" in text:
            for found in _ELEMENT.finditer(text):
                end = found.end()
                yield found[1].decode("ascii", "replace")
        rest = text[max(end, text.rfind(b"<"), len(text) - _LONGEST_ELEMENT) :]


def _reach(text: str) -> Range:
    found = _RANGE.fullmatch(text)
    if not found:
        raise broken()
    left, top, right, bottom = found.groups()
    columns = sorted((column_index(left), column_index(right or left)))
    rows = sorted((int(top), int(bottom or top)))
    return rows[0], rows[1], columns[0], columns[1]


class Merged:
    """The merged places of one row after another, downwards."""

    def __init__(self, ranges: Iterable[Range], columns: int) -> None:
        within = [(top, bottom, left, min(right, columns - 1)) for top, bottom, left, right in ranges if left < columns]
        self._entering = sorted(within, reverse=True)
        self._leaving = sorted(((bottom, left, right) for _, bottom, left, right in within), reverse=True)
        self._times = [0] * columns
        self._places: Sequence[int] = ()

    def at(self, row: int) -> Sequence[int]:
        """Columns that are part of a merged range in this row; no row may be asked for after a later one."""
        changed = False
        while self._entering and self._entering[-1][0] <= row:
            _, _, left, right = self._entering.pop()
            self._change(left, right, 1)
            changed = True
        while self._leaving and self._leaving[-1][0] < row:
            _, left, right = self._leaving.pop()
            self._change(left, right, -1)
            changed = True
        if changed:
            self._places = [place for place, times in enumerate(self._times) if times]
        return self._places

    def _change(self, left: int, right: int, by: int) -> None:
        for place in range(left, right + 1):
            self._times[place] += by
