"""One request, one answer, however often it is sent (draft-ietf-httpapi-idempotency-key-header).

The answer is kept in the transaction that did what it tells of, so there is never one without the other. What was
refused as a whole did nothing and keeps nothing: the same key may come again with the fault mended.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.exchange.results import Result
from app.refusals import KeyReused, RequestInProgress, TooLarge, UnreadableBody
from app.store import kept_answers
from app.store.kept_answers import AnswerKey as AnswerKey
from app.store.kept_answers import KeptRow

KEPT_FOR = timedelta(days=30)
_WHOLE = 0
"""The number of the only part of an answer that is kept whole."""
_ANSWERED = 200
"""The status kept with a batch says only that it was answered: its own is told by its lines."""


class AnsweredBefore(Exception):
    """The request was answered before, with this status and body."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the answer to one request that came with a key."""

    key: AnswerKey
    now: datetime

    async def claim(self, conn: AsyncConnection) -> None:
        """Take the key for the transaction.

        Raises RequestInProgress (another request with it is being answered), KeyReused (it came with another
        request), AnsweredBefore.
        """
        if not await kept_answers.lock(conn, self.key):
            raise RequestInProgress(retry_after=1)
        row = await _of_this_request(conn, self.key, self.now)
        body = None if row is None else await kept_answers.part(conn, self.key, _WHOLE)
        if row is not None and row.status is not None and body is not None:
            raise AnsweredBefore(row.status, zlib.decompress(body))

    async def keep(self, conn: AsyncConnection, status: int, body: bytes) -> None:
        """Keep the answer, in the transaction that took the key."""
        await kept_answers.begin(conn, self.key, self.now, status)
        await kept_answers.add_part(conn, self.key, _WHOLE, zlib.compress(body))
        await kept_answers.forget_older(conn, self.now - KEPT_FOR)


@dataclass(frozen=True, slots=True)
class BatchKeeper:
    """Keeps what is told of the lines of one batch, a part for each chunk, as the chunks are stored.

    A batch that broke off half way and comes again goes on behind the parts that are kept, so that its answer is
    the one it would have had. `was_answered`: it was answered before, and every part is there.
    """

    engine: AsyncEngine
    key: AnswerKey
    now: datetime
    was_answered: bool

    async def kept(self, part: int, lines: Sequence[int]) -> list[Result] | None:
        """What is kept of one part; None if it is not kept, or is about other lines."""
        async with self.engine.connect() as conn:
            body = await kept_answers.part(conn, self.key, part)
        if body is None:
            return None
        results = [
            Result(number, fate, code, text.encode())
            for number, fate, code, text in orjson.loads(zlib.decompress(body))
        ]
        return results if [one.number for one in results] == list(lines) else None

    async def keep(self, conn: AsyncConnection, part: int, results: Sequence[Result]) -> None:
        """Keep one part, in the transaction that stored what it tells of."""
        rows = [[one.number, one.fate, one.code, one.text.decode()] for one in results]
        await kept_answers.add_part(conn, self.key, part, zlib.compress(orjson.dumps(rows)))

    async def finish(self, conn: AsyncConnection, *, is_anything_stored: bool) -> None:
        """Keep that the whole batch was answered; nothing, if nothing of it was stored."""
        if is_anything_stored:
            await kept_answers.finish(conn, self.key, _ANSWERED)
        else:
            await kept_answers.forget(conn, self.key)
        await kept_answers.forget_older(conn, self.now - KEPT_FOR)


@asynccontextmanager
async def keeping(engine: AsyncEngine, key: AnswerKey | None, now: datetime) -> AsyncIterator[BatchKeeper | None]:
    """The keeper of a batch that came with a key, which it has as long as the block runs.

    Raises RequestInProgress, KeyReused.
    """
    if key is None:
        yield None
        return
    # A connection of its own and no transaction: the key is held through many, and an open one would hold the feed.
    async with engine.connect() as plain:
        conn = await plain.execution_options(isolation_level="AUTOCOMMIT")
        if not await kept_answers.lock(conn, key, for_session=True):
            raise RequestInProgress(retry_after=5)
        try:
            row = await _of_this_request(conn, key, now)
            if row is None:
                await kept_answers.begin(conn, key, now)
            yield BatchKeeper(engine, key, now, was_answered=row is not None and row.status is not None)
        except (UnreadableBody, TooLarge):
            # Refused as a whole, with nothing stored: the mended batch may come with the same key.
            await kept_answers.forget(conn, key)
            raise
        finally:
            await kept_answers.unlock(conn, key)


async def _of_this_request(conn: AsyncConnection, key: AnswerKey, now: datetime) -> KeptRow | None:
    """What is kept under the key, if it is not beyond its time. Raises KeyReused if it came with another request."""
    row = await kept_answers.find(conn, key)
    if row is None:
        return None
    if row.begun_at < now - KEPT_FOR:
        await kept_answers.forget(conn, key)
        return None
    if row.fingerprint != key.fingerprint:
        raise KeyReused
    return row
