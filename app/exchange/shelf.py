"""Where uploads lie until they were taken in, and the workbooks that go back: a private folder of one service."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from uuid import UUID

_ARRIVING = "arriving-"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder with one upload, and perhaps one annotated workbook, for each file by its id.

    `id`: tells it from the folders of other services on the same database.
    """

    folder: Path
    id: str

    def upload(self, file_id: UUID) -> Path:
        """Where the bytes lie as they were sent."""
        return self.folder / f"{file_id}.upload"

    def annotated(self, file_id: UUID) -> Path:
        """Where the workbook with the rejected rows lies, if any were."""
        return self.folder / f"{file_id}.annotated.xlsx"

    @property
    def scratch(self) -> Path:
        """A folder for private files without a name."""
        return self.folder

    def arriving(self) -> IO[bytes]:
        """A file to write an upload into; closed before it was put, it is gone."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return NamedTemporaryFile(dir=self.folder, prefix=_ARRIVING)

    def put(self, arrived: IO[bytes], file_id: UUID) -> None:
        """Put a whole upload in its place, safe from a power cut."""
        arrived.flush()
        os.fsync(arrived.fileno())
        os.link(arrived.name, self.upload(file_id))
        self._sync_folder()

    def half_annotated(self, file_id: UUID) -> Path:
        """Where the workbook lies as long as it is being made."""
        return self.folder / f"{file_id}.half.xlsx"

    def put_annotated(self, file_id: UUID) -> None:
        """Put the finished workbook in its place."""
        self.half_annotated(file_id).replace(self.annotated(file_id))

    def drop_upload(self, file_id: UUID) -> None:
        """Let the bytes go."""
        self.upload(file_id).unlink(missing_ok=True)

    def drop(self, file_id: UUID) -> None:
        """Let everything of a file go."""
        self.drop_upload(file_id)
        self.annotated(file_id).unlink(missing_ok=True)

    def uploads(self) -> list[UUID]:
        """The files whose bytes lie here."""
        found = (_id_of(path) for path in self.folder.glob("*.upload"))
        return [file_id for file_id in found if file_id is not None]

    def older_than(self, moment: float) -> Iterator[tuple[Path, UUID | None]]:
        """What lies here unchanged since before a POSIX time; None for what belongs to no file."""
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            try:
                if path.stat().st_mtime < moment:
                    yield path, _id_of(path)
            except FileNotFoundError:
                continue

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(path.name.partition(".")[0])
    except ValueError:
        return None
