"""The clock that runs beside the service: whether time has made something due is looked at every second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import structlog

from app.exchange.keep_time import Timekeeping
from schemas.law import LawError

EVERY_SECONDS = 1.0
PAUSE_SECONDS = 0.1
"""Between one batch and the next: whoever pushes meanwhile comes first."""

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def running(timekeeping: Timekeeping, read: Callable[[], datetime]) -> AsyncIterator[None]:
    """Keep time by this clock in the background while the block runs; a batch that is under way is finished."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_run(timekeeping, read, stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def _run(timekeeping: Timekeeping, read: Callable[[], datetime], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        pause = EVERY_SECONDS
        try:
            if await timekeeping.once(read()):
                pause = PAUSE_SECONDS
        except LawError as error:
            # Added by a newer release, in words this one does not know: it goes on with what it has.
            _log.error("clock.law_unreadable", reason=str(error))
        except Exception as error:  # noqa: BLE001 – alarms must outlive whatever went wrong once
            # Mostly the database is away or restarting: nothing is lost. Words may quote rows.
            _log.warning("clock.waiting", error=type(error).__name__)
        # Not wait_for, which before Python 3.12 could swallow a cancellation.
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stopping.wait()
