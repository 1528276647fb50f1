"""Locks on files that the kernel lets go of when their holder dies, however it dies."""

import errno
import fcntl
import os
import time
from pathlib import Path

from app.postgres.unusable import Unusable

PAUSE_SECONDS = 0.05


def open_lock(path: Path) -> int:
    """Open the lock file `path`, made if it is not there; a link in its place is refused."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(path, flags, 0o644)


def take(fd: int, path: Path, patience_seconds: float) -> bool:
    """Lock `fd` for its process alone, waiting at most so long; tells whether it was got."""
    return _lock(fd, path, fcntl.LOCK_EX, patience_seconds)


def is_free(fd: int, path: Path) -> bool:
    """Whether nobody holds the lock of `fd`. Asks with a shared lock, so that two who ask do not hinder each other."""
    if not _lock(fd, path, fcntl.LOCK_SH, 0):
        return False
    fcntl.flock(fd, fcntl.LOCK_UN)
    return True


def _lock(fd: int, path: Path, kind: int, patience_seconds: float) -> bool:
    until = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except OSError as held:
            if held.errno not in {errno.EAGAIN, errno.EACCES}:
                raise Unusable(
                    f"{path.parent} is on a file system without file locks ({held.strerror}): "
                    "set LIANDONG_DATA to a folder on a local disk\n"
                    "数据目录所在的文件系统不支持文件锁，请将 LIANDONG_DATA 设为本地磁盘上的目录"
                ) from held
        else:
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(PAUSE_SECONDS)
