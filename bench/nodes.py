"""How lists and statistics of duties fare when there are a hundred times more of them: python -m bench.nodes.

Two databases, of 10,000 and 1,000,000 duties. Organisations grow with the table, so that what one of them did in a
month stays the same size. Floor: the bare SQL for the same rows, by the driver alone. Ours: the route, in this process.
Medians of several rounds in one run, alternating; the last column is large to small: 1 would be perfect.
"""

from __future__ import annotations

import asyncio
import platform
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from app import demo, postgres
from app.api.deps import clock
from app.exchange import enrol
from app.main import create_app
from app.settings import Settings, sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import migrate
from schemas.codelists import codelist
from schemas.lifecycle import SHANGHAI
from tests import corpus

NOW = datetime(2026, 10, 9, 9, tzinfo=SHANGHAI)
BEGIN, END = date(2024, 1, 1), date(2026, 10, 8)
SIZES = (10_000, 1_000_000)
NODES = ("penalty_served", "penalty_published", "penalty_entered", "penalty_paid")
OF_ONE = 2_000
"""Duties of one organisation, about sixty a month."""
ROUNDS, RUNS = 7, 20
MONTH = (date(2026, 8, 1), date(2026, 8, 31))
CALLERS = ("market-wuchang", "procuratorate-wuchang", "procuratorate-city")
Work = Callable[[], Awaitable[object]]

# One duty in forty is overdue, those of the last days are open, one in a thousand is paused. Their texts are real.
FILL = (
    """
    CREATE TEMP TABLE made AS
    SELECT n, md5(n::text)::uuid AS id, CASE organ WHEN 0 THEN $2 ELSE 'organ ' || organ END AS organisation,
        CASE organ WHEN 0 THEN '420106' ELSE ($3::text[])[1 + organ % cardinality($3::text[])] END AS region,
        $4::date + (abs(hashint4(n)) % ($5::date - $4::date)) AS opened_on
    FROM (
        SELECT n, n % greatest($1::int / $6::int, 1) AS organ FROM generate_series(0, $1::int / $7::int - 1) AS n
    ) AS t
    """,
    """
    INSERT INTO record (id, record_type, organisation, source_id, region, field, version, state, digest, received_at)
    SELECT id, 'penalty', organisation, 'source ' || n, region, 'market', 1, 'decided', 'd', opened_on FROM made
    """,
    "INSERT INTO wording SELECT id, NULL, false, '', '', '[]' FROM made",
    """
    INSERT INTO node (record_id, node, record_type, organisation, region, field, responsible, due_at, warn_at, is_done,
        standing, duty, role, advisory, is_numbered, opened_on, done_on, law)
    SELECT id, name, 'penalty', organisation, region, 'market', organisation,
        CASE WHEN standing <> 'paused' THEN due_at END,
        CASE WHEN standing <> 'paused' THEN due_at - interval '2 days' END,
        standing NOT IN ('open', 'paused'), standing, $2, 'agency', false, true, opened_on,
        CASE WHEN standing LIKE 'done%' THEN opened_on + 5 END, 'l'
    FROM (
        SELECT *, opened_on + interval '15 days' AS due_at, CASE WHEN dice % 1000 = 0 THEN 'paused'
            WHEN dice % 40 = 1 OR opened_on > $3::date - 15 THEN 'open'
            WHEN dice % 10 = 2 THEN 'done_late' ELSE 'done' END AS standing
        FROM made, unnest($1::text[]) AS name, abs(hashtext(name || n)) AS dice
    ) AS opened
    """,
)

FLOORS = {
    "overdue, market-wuchang": """
        SELECT * FROM node WHERE organisation = $1 AND standing = 'open' AND NOT advisory
            AND COALESCE(due_at, 'infinity'::timestamptz) < $2
        ORDER BY COALESCE(due_at, 'infinity'::timestamptz), record_id, node LIMIT 51""",
    "overdue, procuratorate-wuchang": """
        SELECT * FROM node WHERE region = '420106' AND $1 <> '' AND standing = 'open' AND NOT advisory
            AND COALESCE(due_at, 'infinity'::timestamptz) < $2
        ORDER BY COALESCE(due_at, 'infinity'::timestamptz), record_id, node LIMIT 51""",
    "overdue, procuratorate-city": """
        SELECT each.* FROM (SELECT DISTINCT region FROM organisation WHERE $1 <> '' AND region <> '420000') AS of
        JOIN LATERAL (
            SELECT * FROM node WHERE node.region = of.region AND standing = 'open' AND NOT advisory
                AND COALESCE(due_at, 'infinity'::timestamptz) < $2
            ORDER BY COALESCE(due_at, 'infinity'::timestamptz), record_id, node LIMIT 51
        ) AS each ON true
        ORDER BY COALESCE(due_at, 'infinity'::timestamptz), record_id, node LIMIT 51""",
}
COUNTED = """
    SELECT node, count(*), count(*) FILTER (WHERE standing = 'done'), count(*) FILTER (WHERE standing = 'done_late'),
        count(*) FILTER (WHERE standing = 'open' AND due_at < $2)
    FROM node WHERE organisation = $1 AND standing = ANY ('{open,done,done_late,paused,waived}') AND NOT advisory
        AND COALESCE(due_at, 'infinity'::timestamptz) >= '2026-05-01' AND is_numbered
        AND opened_on BETWEEN '2026-08-01' AND '2026-08-31'
    GROUP BY node"""


@dataclass(frozen=True)
class Stand:
    """One of the databases with its service, ready to be asked."""

    works: dict[str, dict[str, Work]]


async def fill(dsn: str, size: int, organisation: str, duty: str) -> None:
    """Load so many duties by SQL; indexes afterwards, as a dump is restored."""
    conn = await asyncpg.connect(dsn)
    indexes = await conn.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index "
        "WHERE indrelid IN ('record'::regclass, 'wording'::regclass, 'node'::regclass) AND NOT indisunique"
    )
    for index in indexes:
        await conn.execute(f"DROP INDEX {index['name']}")
    await conn.execute("SET session_replication_role = replica")
    heads, records, wordings, nodes = FILL
    regions = list(codelist("regions").codes[1:])
    await conn.execute(heads, size, organisation, regions, BEGIN, END, OF_ONE, len(NODES))
    await conn.execute(records)
    await conn.execute(wordings)
    await conn.execute(nodes, list(NODES), duty, NOW.date())
    for index in indexes:
        await conn.execute(index["made"])
    await conn.execute("VACUUM ANALYZE")
    await conn.close()


@asynccontextmanager
async def standing(server: postgres.Running, data: Path, size: int) -> AsyncIterator[Stand]:
    """A service on a database with so many duties."""
    head, _, query = server.dsn.partition("?")
    dsn = f"{head.rpartition('/')[0]}/of_{size}?{query}"
    admin = await asyncpg.connect(server.dsn)
    await admin.execute(f"CREATE DATABASE of_{size}")
    await admin.close()
    engine = make_engine(sqlalchemy_url(dsn))
    await migrate(engine)
    await engine.dispose()
    settings = Settings.from_environment({"DATABASE_URL": dsn, "LIANDONG_DATA": str(data)})
    app = create_app(settings, keeps_time=False)
    app.dependency_overrides[clock] = lambda: lambda: NOW
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        async with app.state.shop.engine.begin() as conn:
            made = {one.client_id: one for one in await enrol.enrol_all(conn, demo.ORGANISATIONS, NOW)}
        clients = {}
        for name in CALLERS:
            transport = httpx.ASGITransport(app)
            http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://bench"))
            http.headers["Authorization"] = f"Bearer {app.state.shop.token_key.token_for(made[name].client_id, NOW)}"
            clients[name] = http
        agency = made[CALLERS[0]].organisation.code
        await fill(dsn, size, agency, await a_duty(clients[CALLERS[0]], dsn, agency))
        pool = await stack.enter_async_context(asyncpg.create_pool(dsn, min_size=1, max_size=2))
        yield Stand(works_of(clients, pool, agency))


async def a_duty(http: httpx.AsyncClient, dsn: str, organisation: str) -> str:
    """The text of a duty as it is kept."""
    record = corpus.penalty(1, organisation=organisation, region="420106")
    answer = await http.post("/v1/records/penalty", json=record)
    if answer.status_code != 201:
        raise RuntimeError(answer.text)
    conn = await asyncpg.connect(dsn)
    found: str = await conn.fetchval("SELECT duty FROM node WHERE node = 'penalty_served'")
    await conn.close()
    return found


def works_of(clients: dict[str, httpx.AsyncClient], pool: Any, agency: str) -> dict[str, dict[str, Work]]:  # noqa: ANN401
    """What is measured: each by the driver alone and by the route."""
    month = {"organisation": agency, "by": "node", "from": f"{MONTH[0]:%Y-%m}", "to": f"{MONTH[1]:%Y-%m}"}

    def asked(name: str, path: str, **parameters: str) -> Work:
        async def ask() -> None:
            answer = await clients[name].get(path, params=parameters)
            if answer.status_code != 200:
                raise RuntimeError(answer.text)

        return ask

    def fetched(statement: str) -> Work:
        return lambda: pool.fetch(statement, agency, NOW.astimezone(UTC))

    works = {
        f"overdue, {name}": {
            "floor": fetched(FLOORS[f"overdue, {name}"]),
            "ours": asked(name, "/v1/nodes", state="overdue"),
        }
        for name in CALLERS
    }
    for name in (CALLERS[0], CALLERS[2]):
        ours = asked(name, "/v1/statistics/timeliness", **month)
        works[f"timeliness of a month, {name}"] = {"floor": fetched(COUNTED), "ours": ours}
    return works


async def milliseconds(work: Work) -> float:
    """How long one takes, on average of a few."""
    start = time.perf_counter()
    for _ in range(RUNS):
        await work()
    return (time.perf_counter() - start) / RUNS * 1000


async def measure(server: postgres.Running, folder: Path) -> None:
    """Print the medians and their ratios."""
    async with AsyncExitStack() as stack:
        stands = []
        for size in SIZES:
            data = folder / f"data-{size}"
            data.mkdir()
            stands.append(await stack.enter_async_context(standing(server, data, size)))
        for name in stands[0].works:
            times: dict[tuple[int, str], list[float]] = {}
            for _ in range(ROUNDS):
                for which, stand in enumerate(stands):
                    for way, work in stand.works[name].items():
                        times.setdefault((which, way), []).append(await milliseconds(work))
            for way in ("floor", "ours"):
                small, large = (statistics.median(times[which, way]) for which in (0, 1))
                print(f"  {name:<44}{way:<6}{small:8.2f} ms{large:8.2f} ms{large / small:7.2f}")


def main() -> None:
    """Measure on a scratch server."""
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as folder:
        with postgres.start(Path(folder)) as server:
            print(f"Python {platform.python_version()}, PostgreSQL {server.major}, {ROUNDS} rounds of {RUNS}")
            asyncio.run(measure(server, Path(folder)))
        postgres.discard(Path(folder))


if __name__ == "__main__":
    main()
