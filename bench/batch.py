"""What a record costs in a batch, beside the floor and beside the usual ways: python -m bench.batch.

Floor: the payloads into a table of one column by COPY. Usual: one INSERT a record in one transaction; and one request
a record over our own single push. Ours: read, judged, folded, receipted, found by words, on the trail and in the log.
Medians of several rounds in one run, alternating, as ratios to the floor: more is slower. The last line tells how the
cost of a record grows with the table.
"""

from __future__ import annotations

import asyncio
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from app import postgres
from app.callers import Caller
from app.exchange.submissions import Push
from app.exchange.take_in import take_in
from bench.ground import prepared
from schemas.judging import judge
from schemas.lifecycle import SHANGHAI
from schemas.reading import read_json
from schemas.shipped import law
from tests import corpus

NOW = datetime(2026, 11, 22, 9, tzinfo=SHANGHAI)
ROUNDS, LINES, CHUNK, SINGLES = 5, 2000, 500, 200
Way = Callable[[Sequence[bytes]], Awaitable[object]]


def floor(pool: asyncpg.Pool[asyncpg.Record]) -> Way:
    """The payloads alone, by COPY."""

    async def put(lines: Sequence[bytes]) -> None:
        async with pool.acquire() as conn:
            await conn.copy_records_to_table("floor", records=[(line.decode(),) for line in lines])

    return put


def inserted(pool: asyncpg.Pool[asyncpg.Record]) -> Way:
    """The payloads alone, a statement each, one commit."""

    async def put(lines: Sequence[bytes]) -> None:
        async with pool.acquire() as conn, conn.transaction():
            for line in lines:
                await conn.execute("INSERT INTO floor VALUES ($1)", line.decode())

    return put


def ours(engine: AsyncEngine, caller: Caller, chunk: int) -> Way:
    """Our own way, so many records to a transaction."""

    async def put(lines: Sequence[bytes]) -> None:
        for first in range(0, len(lines), chunk):
            judged = [judge("penalty", read_json(line).value, NOW.date()) for line in lines[first : first + chunk]]
            await take_in(engine, [Push(caller, one, NOW) for one in judged], law())

    return put


async def seconds(way: Way, lines: Sequence[bytes]) -> float:
    """How long one record takes on average."""
    start = time.perf_counter()
    await way(lines)
    return (time.perf_counter() - start) / len(lines)


def lines_from(number: int, count: int) -> list[bytes]:
    """So many penalties that were not sent before."""
    return [json.dumps(corpus.penalty(n), ensure_ascii=False).encode() for n in range(number, number + count)]


async def measure(server: postgres.Running) -> None:
    """Print the ratios."""
    async with prepared(server, NOW) as ground:
        engine, caller, pool = ground.engine, ground.caller, ground.pool
        ways = {
            "COPY": (floor(pool), LINES),
            "INSERT": (inserted(pool), LINES),
            "ours, in chunks": (ours(engine, caller, CHUNK), LINES),
            "ours, singly": (ours(engine, caller, 1), SINGLES),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        number = 1
        for _ in range(ROUNDS):
            for name, (way, count) in ways.items():
                times[name].append(await seconds(way, lines_from(number, count)))
                number += count
        base = statistics.median(times["COPY"])
        print(", ".join(f"{name} {statistics.median(took) / base:.0f}" for name, took in times.items()))
        grown = times["ours, in chunks"][-1] / times["ours, in chunks"][0]
        print(f"a record in a chunk costs {grown:.2f} of what it did when the table was {ROUNDS} times smaller")


def main() -> None:
    """Measure on a scratch server."""
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as folder:
        with postgres.start(Path(folder)) as server:
            print(f"Python {platform.python_version()}, PostgreSQL {server.major}, {ROUNDS} rounds of {LINES} lines")
            asyncio.run(measure(server))
        postgres.discard(Path(folder))


if __name__ == "__main__":
    main()
