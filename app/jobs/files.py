"""The queue of files: taken in by one process or several; what one of them leaves half done, another goes on with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager

from app.exchange.import_file import ImportRoom, import_file
from app.exchange.tend_files import tend_files
from app.store.jobs import SETTINGS, importing, queries

HEARTBEAT = timedelta(seconds=10)
"""A job that has given no sign for so long is taken over."""
POLL = timedelta(seconds=5)
TEND_SECONDS = 10.0
_PAUSE_SECONDS = 1.0

_log = structlog.get_logger(__name__)

Connect = Callable[[], Awaitable[Any]]
"""Opens a connection of the driver that is nobody else's."""


async def work(room: ImportRoom, connect: Connect, stopping: asyncio.Event) -> None:
    """Take in files until told to stop; the chunk that is under way is then left to the next one."""
    while not stopping.is_set():
        try:
            connection = await connect()
            try:
                await _work(room, connection, stopping)
            finally:
                connection.terminate()
        except Exception as error:  # noqa: BLE001 – mostly the database is away or restarting: nothing is lost
            _log.warning("files.waiting", error=type(error).__name__)
        await _pause(stopping, _PAUSE_SECONDS)


async def _work(room: ImportRoom, connection: Any, stopping: asyncio.Event) -> None:  # noqa: ANN401
    manager = QueueManager(queries(connection), channel=SETTINGS.channel)

    @manager.entrypoint(importing(room.shelf.id))
    async def take(job: Job) -> None:
        await _take(room, UUID((job.payload or b"").decode()), stopping)

    tending = asyncio.create_task(_tend(room, stopping))
    stop = asyncio.create_task(_stop(manager, stopping))
    try:
        # Two at a time, so that a large file does not keep a small one waiting.
        await manager.run(
            dequeue_timeout=POLL,
            batch_size=1,
            max_concurrent_tasks=2,
            shutdown_on_listener_failure=True,
            heartbeat_timeout=HEARTBEAT,
        )
    finally:
        for task in (tending, stop):
            task.cancel()
        await asyncio.gather(tending, stop, return_exceptions=True)


async def _take(room: ImportRoom, file_id: UUID, stopping: asyncio.Event) -> None:
    """What goes wrong ends the job and not the file: `tend_files` queues it again. Words may quote rows."""
    try:
        row = await import_file(room, file_id, stopping=stopping.is_set)
    except Exception as error:  # noqa: BLE001
        _log.warning("files.broken_off", file=str(file_id), error=type(error).__name__)
        return
    if row is not None:
        _log.info("files.ended", file=str(file_id), state=row.state, rows=row.rows, rejected=row.rejected)


async def _stop(manager: QueueManager, stopping: asyncio.Event) -> None:
    await stopping.wait()
    manager.shutdown.set()


async def _tend(room: ImportRoom, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await tend_files(room.engine, room.shelf, room.read_clock())
        except Exception as error:  # noqa: BLE001
            _log.warning("files.untended", error=type(error).__name__)
        await _pause(stopping, TEND_SECONDS)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
