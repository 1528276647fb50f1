"""The data folder, made ready or refused in plain words."""

import os
import tempfile
from pathlib import Path

from app.postgres.unusable import Unusable


def usable(data: Path) -> Path:
    """The data folder's real path; it is made if it is not there. Raises Unusable."""
    try:
        folder = data.resolve()
        _make(folder)
        # Tried, not asked: permission bits do not tell of read-only mounts, quotas or root.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as refused:
        raise Unusable(
            f"the data folder {data} cannot be used ({refused.strerror}): make it a folder that this user may write "
            "to, or set LIANDONG_DATA to another\n"
            "数据目录不可用：请改为当前用户可写的目录，或用 LIANDONG_DATA 另行指定"
        ) from refused
    return folder


def _make(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Root's database runs under another user, who must be able to pass through (not look around).
    folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
