"""Where the cluster of a data folder lives: in it, or, when root's server could not get there, elsewhere."""

import hashlib
import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from app.postgres.account import Account, may_enter, unprivileged
from app.postgres.binaries import ELSEWHERE
from app.postgres.unusable import Unusable

CLUSTER = "postgres"
PATH_FILE = "postgres.path"

# In a home elsewhere: whose it is, for the person who finds it years later.
OWNER_FILE = "data-folder"


def find(folder: Path) -> Path | None:
    """The folder that holds, or is to hold, this data folder's cluster; None if it is still to be chosen.

    Raises Unusable if it was put elsewhere and is gone: to begin anew in silence would hide a lost database.
    """
    noted = folder / PATH_FILE
    if not noted.exists():
        return folder if (folder / CLUSTER).exists() else None
    home = Path(noted.read_text(encoding="utf-8").strip())
    if home.is_dir():
        return home
    raise Unusable(
        f"the database of {folder} was kept in {home}, which is gone: put it back, or delete {noted} to begin with an "
        "empty database\n"
        f"数据库原存于 {home}，现已不存在：请恢复该目录；若要从空库开始，请删除 {noted}"
    )


def choose(folder: Path, say: Callable[[str], None]) -> Path:
    """The home of a data folder's cluster, chosen and noted if there is none yet."""
    home = find(folder)
    if home is None:
        account = unprivileged(folder / CLUSTER)
        home = folder if account is None or may_enter(folder, account) else _elsewhere(folder, account)
    if home != folder:
        say(f"The database lives in {home} (noted in {folder / PATH_FILE}). 数据库位于 {home}")
    return home


def discard(folder: Path) -> None:
    """Remove the cluster of a data folder and what was noted about it; the rest of the folder stays."""
    home = find(folder)
    if home is None:
        return
    if home == folder:
        shutil.rmtree(folder / CLUSTER)
    else:
        shutil.rmtree(home)
        (folder / PATH_FILE).unlink()


def _elsewhere(folder: Path, account: Account) -> Path:
    """A new home that the account can reach, noted in the data folder before anything is put there."""
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    for place in ELSEWHERE:
        # A home without a note in its data folder was left by one that was deleted. It is neither taken over nor
        # removed: it may be the last copy of something.
        for number in itertools.count(1):
            home = place / (f"liandong-{key}" if number == 1 else f"liandong-{key}-{number}")
            try:
                home.mkdir(mode=0o711)
            except FileExistsError:
                continue
            except OSError:
                break
            if may_enter(home, account):
                (home / OWNER_FILE).write_text(f"{folder}\n", encoding="utf-8")
                _note(folder / PATH_FILE, home)
                return home
            shutil.rmtree(home)
            break
    raise Unusable(
        f"PostgreSQL does not run as root, and the user {account.name} cannot reach {folder}: start as an ordinary "
        "user, or set LIANDONG_DATA to a folder that others may enter\n"
        "PostgreSQL 不能以 root 身份运行：请改用普通用户启动，或用 LIANDONG_DATA 指定其他用户可进入的目录"
    )


def _note(path: Path, home: Path) -> None:
    with path.open("w", encoding="utf-8") as note:
        note.write(f"{home}\n")
        note.flush()
        os.fsync(note.fileno())
