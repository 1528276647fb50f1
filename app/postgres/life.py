"""Start the embedded server, watch it, stop it."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from app.postgres import binaries, cluster, folder, home, locks
from app.postgres.account import Account, spawn, unprivileged
from app.postgres.unusable import Unusable

LOCK = "postgres.lock"
LOG = "postgres.log"

# How long the processes of a server that was killed may take to go, and another start to finish.
PATIENCE_SECONDS = 15.0
# A server that lives and is not ready replays its journal, and nobody but a person may say that takes too long.
RECOVERY_SECONDS = 600.0
FAST_STOP_SECONDS = 60.0
POLL_SECONDS = 0.01

LARGEST_LOG_BYTES = 1_000_000

# A socket's path has at most 107 bytes, whatever the length of the data folder's.
SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - a folder of ours in them is checked before use

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Short queries only: compiling them costs more than it saves.
    "jit": "off",
    # An abandoned open transaction would hold the feed back for all.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # No personal data in the log. A statement's error quotes values, in its text and in its detail; the service hears
    # of it anyhow. `log` lies between `error` and `fatal`: the server's own life is told, statements are not.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    "cluster_name": "liandong",
}

Say = Callable[[str], None]


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass
class Running:
    """A started server. Stop it, or use it as a context manager; it also stops when this process ends."""

    dsn: str
    binaries: Path
    major: int
    cluster: Path
    log: Path
    _process: subprocess.Popen[bytes] = field(repr=False)
    _end: ExitStack = field(repr=False)

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._process.poll() is None

    def check(self) -> None:
        """Raise Unusable if the server has ended by itself."""
        if not self.alive():
            raise Unusable(
                f"PostgreSQL has ended ({_ending(self._process.returncode)}); its last words are in {self.log}\n"
                f"PostgreSQL 已意外停止，详见 {self.log}"
            )

    def stop(self) -> None:
        """End all connections and shut down, waiting for it. A second call does nothing."""
        self._end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data: Path, say: Say = _silent) -> Running:
    """Start the server of a data folder, made if there is none, and return when it takes connections.

    `say` gets a line for a person when something takes long or lies in an unexpected place. Call from the main
    thread: the server ends with the thread that started it. Raises Unusable.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the server would end with this thread: start it from the main thread")
    data = folder.usable(data)
    place = home.choose(data, say)

    with ExitStack() as undo:
        lock = undo.enter_context(_locked(place))
        account = unprivileged(place / home.CLUSTER)
        programs = binaries.fit(cluster.major_of(place / home.CLUSTER))
        programs = binaries.within_reach(programs, account, say)
        if not (place / home.CLUSTER).exists():
            if sys.stderr.isatty():
                say(f"Making the database (PostgreSQL {programs.version}) … 正在建立数据库")
            cluster.make(place, programs, account, lock)

        server = _Server(programs, place / home.CLUSTER, account, lock, data / LOG)
        sockets = undo.enter_context(_socket_folder(server.cluster, account))
        process = undo.enter_context(server.run(sockets))
        return Running(
            dsn=f"postgresql://{cluster.OWNER}@/{cluster.DATABASE}?host={quote(str(sockets))}&port={SETTINGS['port']}",
            binaries=programs.folder,
            major=programs.major,
            cluster=server.cluster,
            log=server.log,
            _process=process,
            _end=undo.pop_all(),
        )


def discard(data: Path) -> None:
    """Remove the database of a data folder, wherever it lives, for good; for scratch folders. Raises Unusable."""
    data = folder.usable(data)
    if place := home.find(data):
        with _locked(place):
            home.discard(data)


@dataclass(frozen=True)
class _Server:
    """What is needed to run the server once."""

    programs: binaries.Binaries
    cluster: Path
    account: Account | None
    lock: int
    log: Path

    @contextmanager
    def run(self, sockets: Path) -> Iterator[subprocess.Popen[bytes]]:
        """The ready server's process, shut down at the end."""
        cluster.give(self.cluster, self.account)
        cluster.forget_the_dead(self.cluster)
        process = self._begin(sockets)
        try:
            yield process
        finally:
            _shut_down(process)

    def _begin(self, sockets: Path) -> subprocess.Popen[bytes]:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            process, words = self._try(sockets)
            if process is not None:
                return process
            # Somebody's hand-started server is going; ours would have kept the lock.
            going = "is still in use" in words or "already exists" in words
            if not going or time.monotonic() > until:
                raise self._did_not_start(words)
            time.sleep(0.2)

    def _try(self, sockets: Path) -> tuple[subprocess.Popen[bytes] | None, str]:
        """The ready server, or None and what it logged before it ended."""
        with _open_log(self.log) as log:
            before = log.tell()
            # Fast shutdown when we die: clients are cut off, what was committed is kept.
            process = spawn(
                self.account, self._command(sockets), keep=self.lock, output=log, death_signal=signal.SIGINT
            )
        try:
            self._wait(process)
        except BaseException:
            _shut_down(process)
            raise
        if process.returncode is None:
            return process, ""
        with self.log.open("rb") as written:
            written.seek(before)
            return None, written.read().decode(errors="replace")

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + RECOVERY_SECONDS
        while process.poll() is None and not cluster.is_ready(self.cluster, process.pid):
            if time.monotonic() > until:
                raise Unusable(
                    f"PostgreSQL was not ready after {RECOVERY_SECONDS:.0f} s; see {self.log}\n"
                    f"PostgreSQL 未能按时启动，详见 {self.log}"
                )
            time.sleep(POLL_SECONDS)

    def _command(self, sockets: Path) -> list[str]:
        # On the command line, so that no older postgresql.conf has a say.
        settings = SETTINGS | {"unix_socket_directories": str(sockets)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs.folder / "postgres"), "-D", str(self.cluster), *words]

    def _did_not_start(self, words: str) -> Unusable:
        lines = [line for line in words.splitlines() if line.strip()]
        fatal = [line for line in lines if re.search(r"(FATAL|PANIC): ", line)]
        reason = (fatal or lines[-1:] or ["it said nothing"])[0]
        reason = re.sub(r"^.*?(FATAL|PANIC): +", "", reason)
        return Unusable(
            f"PostgreSQL did not start on {self.cluster}: {reason}. Its log is {self.log}\n"
            f"PostgreSQL 未能启动，详见 {self.log}"
        )


@contextmanager
def _locked(place: Path) -> Iterator[int]:
    """Hold the cluster's lock. Every process of the server inherits it: it is free when the last of them is gone."""
    path = place / LOCK
    try:
        fd = locks.open_lock(path)
    except OSError as refused:
        raise Unusable(
            f"{path} cannot be written ({refused.strerror}): start as the user it belongs to, or as root\n"
            "数据库文件属于其他用户：请以该用户或 root 身份启动"
        ) from refused
    try:
        if not locks.take(fd, path, PATIENCE_SECONDS):
            raise Unusable(
                f"another process uses the database in {place}: wait until it has ended, or stop it\n"
                "数据库正被另一进程使用：请等待其结束或将其停止"
            )
        yield fd
    finally:
        os.close(fd)


@contextmanager
def _socket_folder(of: Path, account: Account | None) -> Iterator[Path]:
    """A short folder for the socket that only the server's user (and root) may enter.

    Its name follows from the cluster, so that starts after a kill do not fill /tmp.
    """
    uid = account.uid if account else os.geteuid()
    name = socket_name(of, uid)
    made = next((made for short in SHORT_FOLDERS if (made := _private(Path(short), name, uid))), None)
    if made is None:
        raise Unusable(
            f"none of {', '.join(SHORT_FOLDERS)} can be written to, and the database needs a short folder for its "
            "socket: make /tmp writable\n/tmp 不可写，数据库无法建立套接字"
        )
    if account:
        os.chown(made, account.uid, account.gid)
    try:
        yield made
    finally:
        with suppress(OSError):
            made.rmdir()


def socket_name(of: Path, uid: int) -> str:
    """The usual name of the folder for a cluster's socket."""
    return f"liandong-{uid}-{hashlib.sha256(os.fsencode(of)).hexdigest()[:10]}"


def _private(short: Path, name: str, uid: int) -> Path | None:
    """The folder of this name in `short` if it is ours alone, another new one if not, None if none can be made."""
    wanted = short / name
    try:
        wanted.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError:
        return None
    status = wanted.lstat()
    # Anybody may have made it before us.
    if status.st_mode & 0o170777 == 0o040700 and status.st_uid in {uid, os.geteuid()}:
        return wanted
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=short))


def _open_log(path: Path) -> IO[bytes]:
    """The log, to append to; a long one is put aside, and the one put aside before it goes."""
    with suppress(FileNotFoundError):
        if path.stat().st_size > LARGEST_LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
    log = path.open("ab")
    log.seek(0, os.SEEK_END)
    return log


def _shut_down(process: subprocess.Popen[bytes]) -> None:
    """Fast, then harder. Whatever happens, no server is left."""
    for asked, seconds in ((signal.SIGINT, FAST_STOP_SECONDS), (signal.SIGQUIT, 10.0)):
        if process.poll() is not None:
            return
        process.send_signal(asked)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ending(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
