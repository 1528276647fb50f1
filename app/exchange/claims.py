"""Which lines of a batch are about the same record, and which of them say different things of it.

Two hundred thousand lines weigh a few megabytes: digests packed one after another, no object for each.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import orjson

from schemas.line import EVENT_FOR
from schemas.receipt import canonical, content

_BOM = b"\xef\xbb\xbf"
_WIDTH = 16
_NOTHING = bytes(_WIDTH)
_ROW = struct.Struct(f"<{_WIDTH}s{_WIDTH}sI")
_SHELVES = 256
_MOST_NAMED = 5


class Claim(NamedTuple):
    """What a line is about, and what a record line says of it: digests. An event line says nothing of this kind."""

    about: bytes
    says: bytes


def claim_of(raw: bytes) -> Claim | None:
    """The claim of one line; None if it names no record, or cannot be read and so will be refused for itself."""
    try:
        payload = orjson.loads(raw.removeprefix(_BOM))
        if not isinstance(payload, dict):
            return None
        named = payload.get(EVENT_FOR, payload)
        about = _about(named) if isinstance(named, dict) else None
        if about is None:
            return None
        says = _NOTHING if EVENT_FOR in payload else _digest(canonical(content(payload)))
    except (ValueError, RecursionError):
        return None
    return Claim(about, says)


def _about(named: dict[str, object]) -> bytes | None:
    parts = [named.get(name) for name in ("record_type", "organisation", "source_id")]
    # No name that is taken holds a NUL.
    return _digest("\0".join(map(str, parts)).encode()) if all(isinstance(part, str) for part in parts) else None


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=_WIDTH).digest()


class Claims:
    """The claims of a batch by the numbers of its lines, kept on shelves by the first byte of what they are about."""

    def __init__(self, lines: int) -> None:
        self._shelves = [bytearray() for _ in range(_SHELVES)]
        self._lines = lines

    def add(self, number: int, claim: Claim) -> None:
        """Take the claim of a line; its number is higher than any before."""
        self._shelves[claim.about[0]] += _ROW.pack(*claim, number)

    def by_record(self) -> Iterator[list[int]]:
        """The lines about each record, in their order; at the end each line that names no record by itself."""
        named = bytearray(self._lines)
        for rows in self._by_record():
            numbers = [number for _, _, number in rows]
            for number in numbers:
                named[number] = True
            yield numbers
        yield from ([number] for number in range(self._lines) if not named[number])

    def at_odds(self) -> AtOdds:
        """The record lines that say different things of one record."""
        found = AtOdds(self._lines)
        for rows in self._by_record():
            said = [(says, number) for _, says, number in rows if says != _NOTHING]
            if len({says for says, _ in said}) > 1:
                found.add([number for _, number in said])
        return found

    def _by_record(self) -> Iterator[Sequence[tuple[bytes, bytes, int]]]:
        for shelf in self._shelves:
            rows: Iterable[tuple[bytes, bytes, int]] = _ROW.iter_unpack(shelf)
            for _, same in groupby(sorted(rows, key=itemgetter(0)), key=itemgetter(0)):
                yield list(same)


class AtOdds:
    """Groups of lines that contradict each other; of each group the first few can be named."""

    def __init__(self, lines: int) -> None:
        self._group = array("I", bytes(4 * lines))
        self._named = array("I")

    def add(self, numbers: Sequence[int]) -> None:
        """Take a group of two or more lines."""
        first = numbers[: _MOST_NAMED + 1]
        # Filled up with a line of the group, so that each group takes the same room.
        self._named.extend([*first, *[first[0]] * (_MOST_NAMED + 1 - len(first))])
        group = len(self._named) // (_MOST_NAMED + 1)
        for number in numbers:
            self._group[number] = group

    def others(self, number: int) -> list[int]:
        """The first few lines that a line contradicts; none if it contradicts none."""
        group = self._group[number]
        named = self._named[(group - 1) * (_MOST_NAMED + 1) : group * (_MOST_NAMED + 1)] if group else ()
        return sorted(set(named) - {number})[:_MOST_NAMED]
