"""The texts that the cells of a workbook share, kept in a file while it is read."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .packed import Handler, broken, parsed
from .spreadsheet_ml import LONGER_ESCAPED, named, unescaped
from .table import Limits

_BLOCK = 32
_CACHED_BYTES = 2 * 1024 * 1024
_OBJECT_BYTES = 150
"""What a text costs in memory besides its letters: the object and its place in the cache."""
_BETWEEN = b"\xff"
"""Stands in no text that is UTF-8."""


class SharedStrings:
    """Texts by number. In memory are the place of every 32nd and those read last; the texts lie in a file.

    A large workbook has millions of them, in the order in which its cells first name them.
    """

    def __init__(self, scratch: Path, limits: Limits) -> None:
        self._most = limits.rows * limits.columns
        self._file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 – closed by `close`
        self._starts = array("Q", [0])
        self._count = 0
        self._block: list[bytes] = []
        self._cache: dict[int, str] = {}
        self._cached = 0

    def close(self) -> None:
        """Give the file back; it has no name and is gone with this."""
        self._file.close()

    def append(self, text: str) -> None:
        """Keep the next text; all are kept before the first is read."""
        self._block.append(text.encode("utf-8", "replace"))
        self._count += 1
        if len(self._block) == _BLOCK:
            self._spill()
        if self._count > self._most:
            raise broken()

    def _spill(self) -> None:
        written = self._file.write(_BETWEEN.join(self._block))
        self._starts.append(self._starts[-1] + written)
        self._block.clear()

    def text(self, number: int) -> str:
        """The text of that number, from 0. Raises Unreadable if there is none."""
        text = self._cache.get(number)
        return self._fetched(number) if text is None else text

    def _fetched(self, number: int) -> str:
        if not 0 <= number < self._count:
            raise broken()
        if self._block:
            self._spill()
        block, place = divmod(number, _BLOCK)
        self._file.seek(self._starts[block])
        stored = self._file.read(self._starts[block + 1] - self._starts[block])
        texts = [text.decode() for text in stored.split(_BETWEEN)]
        self._keep(block * _BLOCK, texts, len(stored))
        return texts[place]

    def _keep(self, first: int, texts: list[str], size: int) -> None:
        cost = size + len(texts) * _OBJECT_BYTES
        if self._cached + cost > _CACHED_BYTES:
            # All at once: what is used often is soon back, and no order of use has to be kept with every cell.
            self._cache.clear()
            self._cached = 0
        self._cached += cost
        self._cache.update(enumerate(texts, first))


# --- sharedStrings.xml --------------------------------------------------------------------------

_ROLES = named("si", "t", "rPh")


class _Items(Handler):
    """Puts the runs of each item together; how a text is spoken (`rPh`) is not what it says."""

    def __init__(self, strings: SharedStrings, most: int) -> None:
        super().__init__()
        self._strings = strings
        self._most = most
        self._text = ""
        self._speaks = False
        self._spoken = False

    def started(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        role = _ROLES.get(name)
        if role == "si":
            self._text = ""
        elif role == "t":
            self._speaks = not self._spoken
        elif role == "rPh":
            self._spoken = True

    def ended(self, name: str) -> None:
        self.depth -= 1
        role = _ROLES.get(name)
        if role == "si":
            self._strings.append(unescaped(self._text))
        elif role == "rPh":
            self._spoken = False
        self._speaks = False

    def said(self, text: str) -> None:
        if self._speaks and len(self._text) <= self._most:
            self._text += text


@contextmanager
def shared_strings(pieces: Iterable[bytes], scratch: Path, limits: Limits) -> Iterator[SharedStrings]:
    """The texts of the part, read through; a file in `scratch` holds them as long as the context lasts."""
    strings = SharedStrings(scratch, limits)
    try:
        for _ in parsed(pieces, _Items(strings, LONGER_ESCAPED * limits.cell_characters)):
            pass
        yield strings
    finally:
        strings.close()
