"""The process beside the service in which files are taken in: what reads workbooks answers no requests."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import asyncpg
import structlog

from app.exchange.import_file import ImportRoom
from app.exchange.law_in_force import LawInForce
from app.exchange.read_file import ReadingRoom
from app.jobs.files import work
from app.processes import end_with_parent, log_to_stderr
from app.secret_files import kept_key
from app.settings import CHECKOUT, Settings
from app.shelves import shelf_of
from app.store.engine import make_engine
from schemas.layouts.table import Limits
from schemas.shipped import law

_PARENT = "LIANDONG_PARENT"
_POLL_SECONDS = 0.2
_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 8.0
_CONNECTIONS = 8
"""As if so many processes shared the server: two files at a time need few of its connections."""

_log = structlog.get_logger(__name__)


@contextmanager
def working(settings: Settings) -> Iterator[None]:
    """A process that takes files in as long as the block runs; started again if anything ends it."""
    stopping = threading.Event()
    # The child is told when the thread that made it ends, so this one lives as long as the child should.
    thread = threading.Thread(target=_keep_one, args=(settings, stopping), name="files")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _keep_one(settings: Settings, stopping: threading.Event) -> None:
    environ = os.environ | {
        "DATABASE_URL": settings.database_url or "",
        "LIANDONG_DATA": str(settings.data),
        "LIANDONG_DEMO": "0",
        _PARENT: str(os.getpid()),
        "PYTHONPATH": str(CHECKOUT),
    }
    command = [sys.executable, "-P", "-m", "app.working"]
    while not stopping.is_set():
        with subprocess.Popen(command, env=environ, cwd=CHECKOUT) as child:  # noqa: S603 – our own program
            while child.poll() is None and not stopping.wait(_POLL_SECONDS):
                pass
            if child.poll() is None:
                _end(child)
        if not stopping.is_set():
            _log.warning("files.restarting", status=child.returncode)
            stopping.wait(_PAUSE_SECONDS)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        # In the middle of a large workbook: what was stored is stored, and the rest is gone on with some day.
        child.kill()


def import_room(settings: Settings) -> ImportRoom:
    """What imports of this process share. Its engine is the caller's to dispose of."""
    return ImportRoom(
        engine=make_engine(settings.sqlalchemy_url, processes=_CONNECTIONS),
        in_force=LawInForce(law()),
        reading=ReadingRoom(
            shelf_of(settings), kept_key(settings.data / "keys" / "import.key"), Limits(rows=settings.file_rows)
        ),
        read_clock=lambda: datetime.now(UTC),
    )


async def _work(settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopping.set)
    room = import_room(settings)
    try:
        await work(room, lambda: asyncpg.connect(settings.database_url, server_settings=_SETTINGS), stopping)
    finally:
        await room.engine.dispose()


_SETTINGS = {"application_name": "liandong-files", "timezone": "Asia/Shanghai"}


def main() -> None:
    """Take in files until told to stop, or until the service that started this is gone."""
    # Whatever is under way is gone on with at the next start, so nothing is waited for.
    end_with_parent(int(os.environ[_PARENT]), signal.SIGKILL)
    log_to_stderr()
    asyncio.run(_work(Settings.from_environment(os.environ)))


if __name__ == "__main__":
    main()
