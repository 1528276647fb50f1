"""Where the contents of attachments lie: in a folder of this machine, or in a bucket (bucket.py)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Protocol

PIECE_BYTES = 256 * 1024
_ARRIVING = "arriving-"


class Vault(Protocol):
    """Contents by their digests (`sha-256:…`), each once.

    `scratch`: a folder for what is arriving, on this machine.
    """

    @property
    def scratch(self) -> Path: ...

    async def put(self, digest: str, arrived: Path) -> None:
        """Keep what lies in a file, which may be taken away by that. What was kept under the digest is replaced."""

    def read(self, digest: str) -> AsyncGenerator[bytes, None]:
        """What is kept, piece by piece, as it lies there. Raises FileNotFoundError."""


@dataclass(frozen=True, slots=True)
class DiskVault:
    """A folder that nobody else can open: `<ab>/<rest>` of the hexadecimal digest, one file each."""

    folder: Path

    @property
    def scratch(self) -> Path:
        """The folder itself: from there a content is moved to its place in one step."""
        return self.folder

    async def put(self, digest: str, arrived: Path) -> None:
        """Move a file to its place, safe from a power cut. It replaces a file that was damaged there."""
        await asyncio.to_thread(self._put, digest, arrived)

    async def read(self, digest: str) -> AsyncGenerator[bytes, None]:
        """The bytes of a file. Raises FileNotFoundError."""
        file = await asyncio.to_thread(self.place(digest).open, "rb")
        try:
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece
        finally:
            file.close()

    def place(self, digest: str) -> Path:
        """Where a content lies."""
        return self.folder.joinpath(*key_of(digest))

    def _put(self, digest: str, arrived: Path) -> None:
        place = self.place(digest)
        if not place.parent.is_dir():
            place.parent.mkdir(mode=0o700, exist_ok=True)
            _sync(self.folder)
        _sync(arrived)
        arrived.replace(place)
        _sync(place.parent)


def key_of(digest: str) -> tuple[str, str]:
    """The first two hexadecimal digits of a digest, and the others: no folder becomes too large to look through."""
    digits = digest.removeprefix("sha-256:")
    return digits[:2], digits[2:]


@asynccontextmanager
async def landing(folder: Path) -> AsyncIterator[IO[bytes]]:
    """A private file to write into; what was not put in its place by the end of the block is gone."""
    file = await asyncio.to_thread(_new, folder)
    try:
        yield file
    finally:
        await asyncio.to_thread(_drop, file)


def sweep(folder: Path, before: float) -> None:
    """Remove what was arriving when a process was killed, unchanged since before a POSIX time."""
    for path in folder.glob(f"{_ARRIVING}*"):
        # Another process may sweep, too.
        try:
            if path.stat().st_mtime < before:
                path.unlink()
        except FileNotFoundError:
            continue


def _new(folder: Path) -> IO[bytes]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Mode 0600, as all that tempfile makes.
    return NamedTemporaryFile(dir=folder, prefix=_ARRIVING, delete=False)


def _drop(file: IO[bytes]) -> None:
    file.close()
    Path(file.name).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
