"""One service per data folder: the lock on a file in it is the truth, the file's text only an address.

A stale file cannot mislead, because nobody reads it while nobody holds its lock.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from app.postgres import folder, locks
from app.postgres.unusable import Unusable

LOCK = "service.lock"

# How long one who holds the folder may take to say where it is, or to go: a service that starts makes and migrates
# its database first, a command ends soon, and one who only asks holds the lock for an instant.
PATIENCE_SECONDS = 15.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Instance:
    """The service that runs on a data folder. Address and dsn are None while it has not announced them yet."""

    pid: int | None
    address: str | None
    dsn: str | None


class AlreadyRunning(Exception):
    """Another service runs on this data folder."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance.address or "another service is starting on this data folder")
        self.instance = instance


class Claim:
    """The right to be the one service of a data folder, until released or until this process ends."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._write({"pid": os.getpid()})

    def announce(self, address: str, dsn: str | None = None) -> None:
        """Tell others where this service is, and which database its commands may join."""
        self._write({"pid": os.getpid(), "address": address, "dsn": dsn})

    def release(self) -> None:
        """Let the next one in. A second call does nothing."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _write(self, words: dict[str, object]) -> None:
        text = json.dumps(words).encode()
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, text, 0)


def claim(data: Path) -> Claim:
    """Become the one service of this data folder. Raises Unusable, or AlreadyRunning once that one's address is known.

    Who holds the folder and has no address yet is waited for, for PATIENCE_SECONDS at most.
    """
    path = folder.usable(data) / LOCK
    fd = _open(path)
    until = time.monotonic() + PATIENCE_SECONDS
    while not locks.take(fd, path, POLL_SECONDS):
        holder = _read(fd)
        if holder.address or time.monotonic() > until:
            os.close(fd)
            raise AlreadyRunning(holder)
    return Claim(fd)


def running_instance(data: Path) -> Instance | None:
    """The service that runs on this data folder now, or None. Changes nothing."""
    path = data / LOCK
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return None if locks.is_free(fd, path) else _read(fd)
    finally:
        os.close(fd)


def _open(path: Path) -> int:
    try:
        return locks.open_lock(path)
    except OSError as refused:
        raise Unusable(
            f"{path} cannot be written ({refused.strerror}): it belongs to another user, or the folder is read-only\n"
            "该文件不可写：属于其他用户，或目录为只读"
        ) from refused


def _read(fd: int) -> Instance:
    try:
        words = json.loads(os.pread(fd, 4096, 0))
        instance = Instance(pid=int(words["pid"]), address=words.get("address"), dsn=words.get("dsn"))
    except (ValueError, KeyError, TypeError):
        return Instance(pid=None, address=None, dsn=None)
    # A new holder's first act is to write its pid. Until then the words are those of one who was killed.
    return instance if _lives(instance.pid) else Instance(pid=None, address=None, dsn=None)


def _lives(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, so there
        return True
    return True
