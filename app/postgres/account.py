"""Whom the server runs as. PostgreSQL refuses root, so root's server runs as an ordinary user."""

import os
import pwd
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.postgres.unusable import Unusable

LAUNCH = Path(__file__).with_name("launch.py")

# A locale that is always there, and none of the caller's PG… variables, which would steer the server.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def unprivileged(cluster: Path) -> Account | None:
    """The user to become for the server on `cluster`: its owner, `postgres` or `nobody`; None if we are not root."""
    if os.geteuid() != 0:
        return None
    if cluster.is_dir() and (owner := cluster.stat().st_uid) != 0:
        return _of(owner, cluster.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise Unusable(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: "
        "start as an ordinary user\n"
        "PostgreSQL 不能以 root 身份运行，请改用普通用户启动"
    )


def may_enter(folder: Path, account: Account | None) -> bool:
    """Whether the account can reach `folder`. Tried, not computed: there are ACLs, mounts and parents."""
    return account is None or run_as(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)])


def may_run(program: Path, account: Account | None) -> bool:
    """Whether the account can run `program`, its libraries included."""
    return account is None or run_as(account, [str(program), "--version"])


def run_as(account: Account, command: list[str]) -> bool:
    """Whether `command` ends well when the account runs it."""
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def spawn(
    account: Account | None,
    command: list[str],
    *,
    keep: int,
    stdin: int = subprocess.DEVNULL,
    output: int | IO[bytes] = subprocess.PIPE,
    death_signal: signal.Signals,
) -> subprocess.Popen[bytes]:
    """Start `command` as the account, tied to our life, in a session of its own so that Ctrl-C stays with us.

    It inherits the file `keep`: a lock on it then lasts until the last process of the server is gone.
    """
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    words = [os.getpid(), uid, gid, int(death_signal)]
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-I", "-S", str(LAUNCH), *map(str, words), *command],
        cwd="/",
        env=ENVIRONMENT,
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=(keep,),
        start_new_session=True,
    )


def _of(uid: int, gid: int) -> Account:
    try:
        return Account(pwd.getpwuid(uid).pw_name, uid, gid)
    except KeyError:
        return Account(str(uid), uid, gid)
