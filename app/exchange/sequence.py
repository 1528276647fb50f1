"""Giving what was taken in its place in the feed, as long as the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store import feed

EVERY_SECONDS = 0.2
PAUSE_AFTER_FAILURE_SECONDS = 1.0
_log = structlog.get_logger(__name__)


class Sequencer:
    """One per process; any number of processes may run one, PostgreSQL lets only one at a time do the work.

    `nudge` says that something was committed; without it the log is looked at every `EVERY_SECONDS`, for what
    other processes wrote and for what an older transaction held back.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._nudged = asyncio.Event()
        self._stopping = False

    def nudge(self) -> None:
        """Do not wait for the next look."""
        self._nudged.set()

    async def once(self) -> int:
        """Give positions to all that may have one now; return how many."""
        async with self._engine.begin() as conn:
            return await feed.sequence(conn) or 0

    async def _run(self) -> None:
        while not self._stopping:
            self._nudged.clear()
            pause = EVERY_SECONDS
            try:
                await self.once()
            except Exception as error:  # noqa: BLE001 – the feed must outlive whatever went wrong once
                # Mostly the database is away or restarting: nothing is lost, the entries wait. Words may quote rows.
                _log.warning("feed.waiting", error=type(error).__name__)
                pause = PAUSE_AFTER_FAILURE_SECONDS
            # Not wait_for, which before Python 3.12 could swallow a cancellation that came with the nudge.
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._nudged.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Sequencer]:
        """Sequence in the background while the block runs; a look that is under way is finished."""
        async with self._engine.begin() as conn:
            if await feed.begin_epoch_if_restored(conn):
                _log.warning("feed.new_epoch")
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            self._stopping = True
            self.nudge()
            await task
