"""A zip file of XML parts (ECMA-376 part 2), unpacked no further than allowed and parsed in pieces.

Whoever sends a file decides what is in it, so every size is taken from what is really read, never from what the file
says of itself: the bytes unpacked, the names and the depth of the XML, the length of a tag.
"""

from __future__ import annotations

import errno
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import IO, Any, cast
from urllib.parse import unquote
from xml.parsers import expat

from ..faults import Fault  # noqa: TID252 – relative, as in all of the standard
from .table import Limits, Unreadable

_PIECE_BYTES = 64 * 1024
_DIRECTORY_BYTES = 512 * 1024
"""The list of what is in a zip file is read at once; this much names some six thousand parts."""
_LOCAL_HEADER_BYTES = 30
_TAGS = 50_000_000
"""A cell with a value has four. Reading takes time by the tag, and a zip file of a megabyte can hold 250 million."""
_TAG_BYTES = 1024 * 1024
"""Expat keeps a tag or a comment whole; the longest honest ones list the cells that a rule of colours applies to."""
_NAMES = 10_000
"""Expat keeps every name of an element, attribute or prefix that it has seen; a workbook has a few hundred."""
_DEPTH = 100


def broken() -> Unreadable:
    """The file is damaged, or is not what it says it is."""
    return Unreadable(Fault("", "file-broken"))


# --- the zip file -------------------------------------------------------------------------------


class Package:
    """The parts of a zip file by name. Raises Unreadable wherever the file is damaged or unpacks to too much."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._limit = limits.unpacked_bytes
        self._read: dict[str, tuple[int, int]] = {}
        with _damage_told():
            # Not closed: it was given its file, which stays open, and holds nothing else.
            self._zip = zipfile.ZipFile(cast("IO[bytes]", _Guarded(file, self._too_large())))
        infos = self._zip.infolist()
        self._parts = {_folded(info.filename): info for info in infos}
        if len(self._parts) < len(infos) or _overlap(infos):
            raise broken()
        if any(info.flag_bits & 0x1 for info in infos):
            raise Unreadable(Fault("", "file-encrypted"))

    def __contains__(self, name: str) -> bool:
        return _folded(name) in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def pieces(self, name: str) -> Iterator[bytes]:
        """What is in a part, from its start. Reading a part again counts once towards what may be unpacked."""
        name = _folded(name)
        info = self._parts.get(name)
        if info is None or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise broken()
        with _damage_told():
            member = self._zip.open(info)
        unpacked = tags = 0
        with member:
            while piece := _read(member):
                unpacked += len(piece)
                tags += piece.count(b"<")
                self._count(name, unpacked, tags)
                yield piece

    def _count(self, name: str, unpacked: int, tags: int) -> None:
        self._read[name] = max(self._read.get(name, (0, 0)), (unpacked, tags))
        all_unpacked, all_tags = map(sum, zip(*self._read.values(), strict=True))
        if all_unpacked > self._limit or all_tags > _TAGS:
            raise self._too_large()

    def _too_large(self) -> Unreadable:
        return Unreadable(Fault("", "unpacks-too-large", {"limit": self._limit // 1024 // 1024}))


class _Guarded:
    """A file for `zipfile`, which would read a list of parts of any length at once."""

    def __init__(self, file: IO[bytes], too_large: Unreadable) -> None:
        self._file = file
        self._too_large = too_large
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _DIRECTORY_BYTES:
            raise self._too_large
        return self._file.read(size if size >= 0 else _DIRECTORY_BYTES)


def _read(member: IO[bytes]) -> bytes:
    with _damage_told():
        return member.read(_PIECE_BYTES)


@contextmanager
def _damage_told() -> Iterator[None]:
    """Tell as a broken file all that zipfile is known to raise of one; a disk that fails is told as it is."""
    try:
        yield
    except OSError as cause:
        if cause.errno != errno.EINVAL:
            raise
        raise broken() from cause
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError) as cause:
        raise broken() from cause
    except (ValueError, OverflowError, LookupError) as cause:
        raise broken() from cause


def _folded(name: str) -> str:
    """Part names are alike in any case (ECMA-376 part 2, 6.2.2.3); some programs write them as Windows paths."""
    return name.replace("\\", "/").lstrip("/").lower()


def _overlap(infos: Iterable[zipfile.ZipInfo]) -> bool:
    """Whether parts share their bytes, as they do in files made to unpack to more than they are."""
    placed = sorted((info.header_offset, info.compress_size) for info in infos)
    return any(start + _LOCAL_HEADER_BYTES + size > after for (start, size), (after, _) in pairwise(placed))


def target_of(source: str, target: str) -> str:
    """The name of the part that a relationship of the part `source` points to."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), unquote(target))).lstrip("/")


# --- XML ----------------------------------------------------------------------------------------


class Handler:
    """Is told of elements and texts in their order; names are `namespace local`. Subclasses keep `depth` right."""

    def __init__(self) -> None:
        self.depth = 0

    def started(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1

    def ended(self, name: str) -> None:
        """An element ends."""
        self.depth -= 1

    def said(self, text: str) -> None:
        """A piece of text; longer texts come in several."""


def parsed(pieces: Iterable[bytes], handler: Handler) -> Iterator[None]:
    """Tell the handler what is in the pieces, coming back after each.

    Raises Unreadable for what is no XML, or XML that would take memory without end.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = _PIECE_BYTES
    prefixes: set[str | None] = set()
    parser.StartNamespaceDeclHandler = lambda prefix, _: prefixes.add(prefix)
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.XmlDeclHandler = _refuse_other_encodings
    parser.StartElementHandler = handler.started
    parser.EndElementHandler = handler.ended
    parser.CharacterDataHandler = handler.said
    fed = 0
    for piece in pieces:
        _feed(parser, piece)
        fed += len(piece)
        names = len(parser.intern) + len(prefixes)
        if fed - parser.CurrentByteIndex > _TAG_BYTES or names > _NAMES or handler.depth > _DEPTH:
            raise broken()
        yield
    _feed(parser, b"", last=True)
    yield


def _feed(parser: expat.XMLParserType, piece: bytes, *, last: bool = False) -> None:
    try:
        parser.Parse(piece, last)
    except expat.ExpatError as cause:
        raise broken() from cause


def _refuse_entities(*_: object) -> None:
    raise broken()


def _refuse_other_encodings(_version: str, encoding: str | None, _standalone: int) -> None:
    """Parts are in UTF-8 or UTF-16 (ECMA-376 part 2, 6.1.3)."""
    if encoding is not None and encoding.lower() not in ("utf-8", "utf-16"):
        raise broken()


class _Starts(Handler):
    def __init__(self) -> None:
        super().__init__()
        self.met: list[tuple[str, Mapping[str, str]]] = []

    def started(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.met.append((name, attributes))


def elements(pieces: Iterable[bytes]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The elements of a part in the order they begin: name and attributes."""
    handler = _Starts()
    for _ in parsed(pieces, handler):
        yield from handler.met
        handler.met.clear()
