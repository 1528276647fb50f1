"""A file as it was sent, opened by what is in it: its name may say anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..faults import Fault  # noqa: TID252 – relative, as in all of the standard
from .delimited import delimited
from .table import Limits, Table, Unreadable
from .workbook import workbook

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
"""The container of .xls, .et and .doc, and of any workbook with a password (MS-CFB 2.2)."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PIECE_BYTES = 64 * 1024


@contextmanager
def opened(file: IO[bytes], scratch: Path, limits: Limits | None = None) -> Iterator[Table]:
    """A workbook or a delimited text as a table, to be read while the context lasts.

    `file` can be sought in and stays open. `scratch`: a folder for what does not fit into memory; nothing stays there.
    Raises Unreadable, and so may the lines.
    """
    limits = limits or Limits()
    file.seek(0)
    head = file.read(len(_COMPOUND))
    if head == _COMPOUND:
        raise Unreadable(Fault("", "file-encrypted" if _holds(file, _ENCRYPTED) else "file-old-excel"))
    if head.startswith(_ZIP):
        with workbook(file, scratch, limits) as table:
            yield table
    else:
        yield delimited(file, limits)


def _holds(file: IO[bytes], wanted: bytes) -> bool:
    rest = b""
    while piece := file.read(_PIECE_BYTES):
        if wanted in rest + piece:
            return True
        rest = (rest + piece)[-len(wanted) :]
    return False
