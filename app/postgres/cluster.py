"""The database cluster as files: made whole or not at all, its version, its owner."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from app.postgres.account import Account, spawn
from app.postgres.binaries import Binaries
from app.postgres.home import CLUSTER
from app.postgres.unusable import Unusable

OWNER = DATABASE = "liandong"

UNFINISHED = f"{CLUSTER}.unfinished-"
MAKING_SECONDS = 300


def major_of(cluster: Path) -> int | None:
    """The PostgreSQL major that wrote the cluster; None if there is no cluster. Raises Unusable if it is damaged."""
    if not cluster.exists():
        return None
    try:
        return int((cluster / "PG_VERSION").read_text(encoding="ascii"))
    except PermissionError as refused:
        raise Unusable(
            f"{cluster} belongs to another user: start as that user or as root\n"
            "数据库目录属于其他用户：请以该用户或 root 身份启动"
        ) from refused
    except (OSError, ValueError) as damaged:
        raise Unusable(
            f"{cluster} is not a PostgreSQL cluster (no PG_VERSION in it): put its files back from a backup, or move "
            "the folder away to begin with an empty database\n"
            "数据库目录不完整：请从备份恢复；若要从空库开始，请移走该目录"
        ) from damaged


def make(home: Path, binaries: Binaries, account: Account | None, lock: int) -> None:
    """Make the cluster in `home` with its empty database. What a kill leaves behind is never taken for a cluster."""
    sweep(home)
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=home))
    try:
        give(unfinished, account)
        _run(_initdb(binaries, unfinished), account, lock)
        # By the single-user server: it needs no socket and no event loop, and runs before the folder has its name.
        single = [str(binaries.folder / "postgres"), "--single", "-D", str(unfinished), "postgres"]
        _run(single, account, lock, stdin=f"CREATE DATABASE {DATABASE}\n".encode())
        unfinished.rename(home / CLUSTER)
        _sync(home)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def sweep(home: Path) -> None:
    """Remove what an interrupted `make` left."""
    for left in home.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)


def give(cluster: Path, account: Account | None) -> None:
    """See to it that the account owns the cluster. Root's copy of a cluster, for one, is all root's."""
    if account is None or cluster.stat().st_uid == account.uid:
        return
    for folder, _, files in os.walk(cluster):
        for path in (folder, *(os.path.join(folder, file) for file in files)):  # noqa: PTH118 - os.walk gives text
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def forget_the_dead(cluster: Path) -> None:
    """Make a leftover postmaster.pid harmless when its pid has gone to somebody else's process.

    The caller holds the lock that every process of an earlier server of ours would hold, so PostgreSQL would only be
    misled by the number. The file itself stays: its shared-memory key is how PostgreSQL finds survivors by itself.
    """
    path = cluster / "postmaster.pid"
    try:
        pid, _, rest = path.read_text(encoding="utf-8", errors="replace").partition("\n")
    except FileNotFoundError:
        return
    if pid.strip().isdigit() and _works_in(int(pid)) not in {None, cluster}:
        # A pid no Linux gives out (PID_MAX_LIMIT is 2^22). Written in place, to keep owner and mode.
        path.write_text(f"{2**22 + 1}\n{rest}", encoding="utf-8")


def is_ready(cluster: Path, pid: int) -> bool:
    """Whether the server of this pid takes connections. It says so itself in its pid file, as pg_ctl reads it."""
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _initdb(binaries: Binaries, cluster: Path) -> list[str]:
    return [
        str(binaries.folder / "initdb"),
        f"--pgdata={cluster}",
        f"--username={OWNER}",
        # The C locale is on every machine; sorting for people is done by the queries that need it.
        "--locale=C",
        "--encoding=UTF8",
        "--data-checksums",
        # Who may come in is decided by the socket's folder, which only the server's user and root can enter.
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
    ]


def _run(command: list[str], account: Account | None, lock: int, stdin: bytes = b"") -> None:
    program = spawn(account, command, keep=lock, stdin=subprocess.PIPE, death_signal=signal.SIGTERM)
    try:
        output, _ = program.communicate(stdin, timeout=MAKING_SECONDS)
    except BaseException:
        program.kill()
        program.communicate()
        raise
    # The single-user server ends with 0 whatever becomes of the statement.
    text = output.decode(errors="replace")
    if program.returncode != 0 or re.search(r"(ERROR|FATAL|PANIC): ", text):
        raise Unusable(
            f"the database could not be made: {_telling(text)} ({Path(command[0]).name} ended with "
            f"{program.returncode})\n无法建立数据库，原因见上"
        )


def _telling(output: str) -> str:
    """The line of a program's output that says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    bad = [line for line in lines if re.search(r"(error|fatal|panic): |could not", line, re.IGNORECASE)]
    return (bad or lines[-1:] or ["it said nothing"])[0]


def _works_in(pid: int) -> Path | None:
    """The working directory of a process; a server's is its cluster. None if there is no such process."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except PermissionError:
        return Path("/")  # somebody else's, so not a server of ours
    except OSError:
        return None


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
