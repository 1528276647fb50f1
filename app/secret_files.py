"""Secrets that are made on first use and kept in files that only their owner may read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

KEY_BYTES = 32


class SecretDamaged(Exception):
    """A kept secret is not what it was; the message says which, and what to do."""


def kept_key(path: Path) -> bytes:
    """The random key kept at `path`, made on first use. Raises SecretDamaged."""
    if not path.exists():
        write_once(path, os.urandom(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SecretDamaged(f"{path}: 密钥文件已损坏，请从备份恢复 · the key is damaged; restore it from a backup")
    return key


def write_once(path: Path, content: bytes) -> None:
    """Write a private file whole or not at all, in a private folder; if another process was first, its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, half = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(half, path)
    finally:
        Path(half).unlink()
