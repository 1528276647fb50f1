"""Keeping the files going: none waits without a job, and nothing is kept longer than it is needed."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange.shelf import Shelf
from app.exchange.submit_file import queue
from app.store import files

KEPT_FOR = timedelta(days=30)
"""A workbook of rejected rows after its file was dealt with."""
_STRAY_AFTER = timedelta(days=1)
"""What belongs to no file is left lying so long: it may just be arriving."""


async def tend_files(engine: AsyncEngine, shelf: Shelf, now: datetime) -> None:
    """Queue what was left half way, and let go what has been kept for its time."""
    async with engine.connect() as conn:
        unfinished = await files.unfinished(conn, shelf.id)
    for file_id in unfinished:
        async with engine.begin() as conn:
            await queue(conn, shelf, file_id)
    # Left behind by a process that ended between the last row and this.
    uploads = await asyncio.to_thread(shelf.uploads)
    async with engine.connect() as conn:
        over = await files.over(conn, uploads) if uploads else []
    for file_id in over:
        await asyncio.to_thread(shelf.drop_upload, file_id)
    await _sweep(engine, shelf, now)


async def _sweep(engine: AsyncEngine, shelf: Shelf, now: datetime) -> None:
    old = await asyncio.to_thread(lambda: list(shelf.older_than((now - _STRAY_AFTER).timestamp())))
    if not old:
        return
    ids = sorted({file_id for _, file_id in old if file_id is not None})
    async with engine.connect() as conn:
        over = await files.finished_before(conn, ids, now - KEPT_FOR)
    gone = [path for path, file_id in old if file_id is None or file_id in over]
    await asyncio.to_thread(_unlink, gone)


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
