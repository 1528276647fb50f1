"""Private files for what is too large to hold in memory, and compact lists of what lies where in them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple


def private_file(folder: Path) -> IO[bytes]:
    """A file that nobody else can open and that is gone when it is closed, whatever ends the process."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Where the file system can (O_TMPFILE) it never has a name; elsewhere it has one, mode 0600, for an instant.
    return TemporaryFile(dir=folder)


class Place(NamedTuple):
    """A piece of a file, in bytes."""

    start: int
    size: int


class Places:
    """Pieces of a file by number: twelve bytes each, so that hundreds of thousands weigh nothing."""

    def __init__(self, count: int = 0) -> None:
        self._starts = array("Q", bytes(8 * count))
        self._sizes = array("I", bytes(4 * count))

    def append(self, place: Place) -> None:
        """Add the place of the next number."""
        self._starts.append(place.start)
        self._sizes.append(place.size)

    def __setitem__(self, number: int, place: Place) -> None:
        self._starts[number] = place.start
        self._sizes[number] = place.size

    def __getitem__(self, number: int) -> Place:
        return Place(self._starts[number], self._sizes[number])

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Place]:
        return (Place(start, size) for start, size in zip(self._starts, self._sizes, strict=True))


def piece(file: IO[bytes], place: Place) -> bytes:
    """What lies at a place."""
    file.seek(place.start)
    return file.read(place.size)
