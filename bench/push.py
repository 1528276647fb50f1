"""What a single push costs beside the least PostgreSQL could do for it: python -m bench.push.

Floor: the same payload into a table of one column, one commit each. Ours: judged, folded, receipted, on the
trail and in the log, one commit each; without and with HTTP in the same process. Medians of several rounds in
one run, alternating, as ratios to the floor: more is slower.
"""

from __future__ import annotations

import asyncio
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

import asyncpg
import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from app import postgres
from app.callers import Caller
from app.exchange.submissions import Push as Submitted
from app.exchange.take_in import take_in
from app.main import create_app
from app.settings import Settings
from bench.ground import prepared
from schemas.judging import judge
from schemas.lifecycle import SHANGHAI
from schemas.shipped import law
from tests import corpus

NOW = datetime(2026, 11, 22, 9, tzinfo=SHANGHAI)
ROUNDS, PUSHES = 5, 100
Push = Callable[[int], Awaitable[object]]


async def seconds(push: Push, numbers: Iterator[int], clients: int) -> float:
    """How long `PUSHES` pushes take, shared by so many clients at once."""

    async def client() -> None:
        for _ in range(PUSHES // clients):
            await push(next(numbers))

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - start


def floor(pool: asyncpg.Pool[asyncpg.Record]) -> Push:
    """The payload alone, one statement and one commit."""

    async def push(number: int) -> None:
        await pool.execute("INSERT INTO floor VALUES ($1)", json.dumps(corpus.penalty(number), ensure_ascii=False))

    return push


def ours(engine: AsyncEngine, caller: Caller) -> Push:
    """The use case in a transaction of its own."""

    async def push(number: int) -> None:
        judgement = judge("penalty", corpus.penalty(number), NOW.date())
        await take_in(engine, [Submitted(caller, judgement, NOW)], law())

    return push


def ours_by_http(http: httpx.AsyncClient) -> Push:
    """The route, in this process."""

    async def push(number: int) -> None:
        answer = await http.post("/v1/records/penalty", json=corpus.penalty(number))
        assert answer.status_code == 201, answer.text  # noqa: S101 – a bench that measures refusals measures nothing

    return push


async def measure(server: postgres.Running, data: Path) -> None:
    """Print the ratios."""
    async with prepared(server, NOW) as ground:
        engine, caller, pool = ground.engine, ground.caller, ground.pool
        app = create_app(Settings.from_environment({"DATABASE_URL": server.dsn, "LIANDONG_DATA": str(data)}))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench") as http,
        ):
            token = app.state.shop.token_key.token_for(caller.client_id, datetime.now(SHANGHAI))
            http.headers["Authorization"] = f"Bearer {token}"
            numbers = count(1)
            for clients in (1, 10):
                ways = {"floor": floor(pool), "ours": ours(engine, caller), "ours by HTTP": ours_by_http(http)}
                times: dict[str, list[float]] = {name: [] for name in ways}
                for _ in range(ROUNDS):
                    for name, push in ways.items():
                        times[name].append(await seconds(push, numbers, clients))
                base = statistics.median(times["floor"])
                told = ", ".join(f"{name} {statistics.median(took) / base:.1f}" for name, took in times.items())
                print(f"  {clients:>2} clients: {told}")


def main() -> None:
    """Measure on a scratch server."""
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as folder:
        with postgres.start(Path(folder)) as server:
            print(f"Python {platform.python_version()}, PostgreSQL {server.major}, {ROUNDS} rounds of {PUSHES} pushes")
            asyncio.run(measure(server, Path(folder)))
        postgres.discard(Path(folder))


if __name__ == "__main__":
    main()
