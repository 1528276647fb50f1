"""Finding the lines of an NDJSON body, or the elements of a JSON array, without reading what they say.

Only bytes that structure the text are looked at, block by block, and only places are handed out: a line of any
length costs no memory, and a broken element is nobody's fault but its own as long as its brackets balance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from app.exchange.spool import Place
from app.refusals import UnreadableBody
from schemas.faults import Fault
from schemas.reading import MAX_DEPTH

BLOCK = 64 * 1024
_DEEPEST = 1000
"""No element is taken that is nested deeper than 32; one as deep as this is not looked at to its end."""
_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"

# The inner repeats give nothing back, and the outer ones never need to: what they try next differs in its first
# byte. They are not made possessive themselves, because the first releases of Python 3.11 err in that (gh-106052).
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*"'
_FLAT = rb'[^"\[\]{}]++|' + _STRING
_WHOLE = rb"[\[{](?:" + _FLAT + rb")*[\]}]"
for _ in range(2):
    # A record is three deep, so most are passed over at once.
    _WHOLE = rb"[\[{](?:" + _FLAT + rb"|" + _WHOLE + rb")*[\]}]"
_AMONG_ELEMENTS = re.compile(rb'(?:[^",\[\]{}]++|' + _STRING + rb"|" + _WHOLE + rb")*", re.DOTALL)
_INSIDE_ONE = re.compile(rb"(?:" + _FLAT + rb"|" + _WHOLE + rb")*", re.DOTALL)
_REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*', re.DOTALL)


def lines(file: IO[bytes]) -> Iterator[Place]:
    """The lines of a text that are not blank, without their ends. A BOM at the start is no part of the first one."""
    start = at = _after_bom(file)
    blank = True
    for block in _blocks(file, at):
        begun = 0
        while (end := block.find(b"\n", begun)) >= 0:
            if not (blank and _is_blank(block[begun:end])):
                yield Place(start, at + end - start)
            begun, start, blank = end + 1, at + end + 1, True
        blank = blank and _is_blank(block[begun:])
        at += len(block)
    if not blank:
        yield Place(start, at - start)


def elements(file: IO[bytes]) -> Iterator[Place]:
    """The elements of a JSON array: what stands between its commas, however broken, even nothing.

    Raises UnreadableBody if the text is no array, if it does not end, or if something follows it. All of that is
    known only when the last place was handed out.
    """
    scan = _Scan()
    at = _after_bom(file)
    for block in _blocks(file, at):
        yield from scan.feed(block, at)
        at += len(block)
    scan.finish()


def _blocks(file: IO[bytes], at: int) -> Iterator[bytes]:
    while True:
        # Whoever takes the places may have read elsewhere in the meantime.
        file.seek(at)
        block = file.read(BLOCK)
        if not block:
            return
        yield block
        at += len(block)


def _after_bom(file: IO[bytes]) -> int:
    file.seek(0)
    return len(_BOM) if file.read(len(_BOM)) == _BOM else 0


def _is_blank(text: bytes) -> bool:
    return not text.strip(_BLANK)


class _Scan:
    """Where in the array the last block ended: at what depth, and whether inside a string or after a backslash.

    Depth 0 is outside of the array, before it or after it; 1 among its elements.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._has_begun = False
        self._in_string = False
        self._escaped = False
        self._start = 0
        self._count = 0
        self._blank = True

    def feed(self, block: bytes, at: int) -> Iterator[Place]:
        """The elements that end in this block, which begins at this byte of the file."""
        here = 0
        while here < len(block):
            if self._depth == 0:
                here = self._outside(block, here, at)
            elif self._in_string:
                here = self._rest_of_string(block, here)
            else:
                pattern = _AMONG_ELEMENTS if self._depth == 1 else _INSIDE_ONE
                found = pattern.match(block, here)
                end = found.end() if found else here
                self._blank = self._blank and _is_blank(block[here:end])
                if end < len(block) and (place := self._turn(block[end : end + 1], at + end)):
                    yield place
                here = end + 1

    def finish(self) -> None:
        """Raises UnreadableBody unless the array has come to its end."""
        if not self._has_begun:
            raise UnreadableBody([Fault("", "empty")])
        if self._depth:
            raise UnreadableBody([Fault("", "array-broken")])

    def _outside(self, block: bytes, here: int, at: int) -> int:
        rest = block[here:].lstrip(_BLANK)
        if not rest:
            return len(block)
        if self._has_begun:
            raise UnreadableBody([Fault("", "after-array")])
        if not rest.startswith(b"["):
            raise UnreadableBody([Fault("", "array-or-lines")])
        self._has_begun, self._depth = True, 1
        after = len(block) - len(rest) + 1
        self._start = at + after
        return after

    def _rest_of_string(self, block: bytes, here: int) -> int:
        if self._escaped:
            self._escaped = False
            here += 1
        found = _REST_OF_STRING.match(block, here)
        end = found.end() if found else here
        if end < len(block):
            self._in_string = block[end : end + 1] != b'"'
            self._escaped = self._in_string
        return end + 1

    def _turn(self, byte: bytes, at: int) -> Place | None:
        """Take the byte at which things change; the element that ends with it."""
        if byte == b",":
            return self._element(at)
        if self._depth == 1 and byte in b"]}":
            return self._end(byte, at)
        self._blank = False
        if byte == b'"':
            # Its end is not in this block.
            self._in_string = True
        else:
            self._depth += 1 if byte in b"[{" else -1
        if self._depth > _DEEPEST:
            raise UnreadableBody([Fault("", "nested-too-deep", {"limit": MAX_DEPTH})])
        return None

    def _end(self, byte: bytes, at: int) -> Place | None:
        if byte == b"}":
            raise UnreadableBody([Fault("", "array-broken")])
        self._depth = 0
        return None if self._blank and self._count == 0 else self._element(at)

    def _element(self, end: int) -> Place:
        place = Place(self._start, end - self._start)
        self._start, self._blank = end + 1, True
        self._count += 1
        return place
