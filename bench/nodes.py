"""How lists and statistics of duties fare when there are a hundred times more of them: python -m bench.nodes.

Two databases, of 10,000 and 1,000,000 duties. Organisations grow with the table, so that what one of them did in a
month stays the same size; of police and procuratorate there is one a district, whose duties grow. One record in twenty
is a transfer, of which the police owe half the duties. Floor: the bare SQL for the same rows, by the driver alone.
Ours: the route, in this process. Medians of several rounds in one run, alternating, and how many rows were answered;
the last column is large to small: 1 would be perfect where the rows are as many.
"""

from __future__ import annotations

import asyncio
import logging
import platform
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import structlog

from app import demo, postgres
from app.api.deps import clock
from app.exchange import enrol
from app.exchange.enrol import NewClient
from app.main import create_app
from app.settings import Settings, sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import migrate
from schemas.codelists import codelist
from schemas.lifecycle import SHANGHAI
from tests import corpus
from tests.transfers import MARKET, transfer

NOW = datetime(2026, 10, 9, 9, tzinfo=SHANGHAI)
BEGIN, END = date(2024, 1, 1), date(2026, 10, 8)
SIZES = (10_000, 1_000_000)
NODES = {
    "penalty": ("penalty_served", "penalty_published", "penalty_entered", "penalty_paid"),
    "transfer": ("transfer_sent", "transfer_material_fixed", "police_decided", "procuratorate_require_reason"),
}
OF_POLICE = ("police_decided", "procuratorate_require_reason")
TRANSFERS = 20
"""One record in so many is a transfer."""
OF_ONE = 2_000
"""Duties of one organisation, about sixty a month."""
ROUNDS, RUNS = 7, 20
MONTH = (date(2026, 8, 1), date(2026, 8, 31))
AGENCY, POLICE, DISTRICT, CITY = "market-wuchang", "police-wuchang", "procuratorate-wuchang", "procuratorate-city"
CALLERS = (AGENCY, POLICE, DISTRICT, CITY)
Work = Callable[[], Awaitable[int]]
"""Tells how many rows were answered."""

# One duty in forty is overdue and of the police's one in four, so that they have a list; those of the last days are
# open, one in a thousand is paused. Their texts are real.
FILL = (
    """
    CREATE TEMP TABLE made AS
    SELECT n, md5(n::text)::uuid AS id, CASE organ WHEN 0 THEN $2 ELSE 'organ ' || organ END AS organisation, region,
        CASE region WHEN '420106' THEN $8 ELSE 'police ' || region END AS police,
        CASE region WHEN '420106' THEN $9 ELSE 'procuratorate ' || region END AS procuratorate,
        CASE abs(hashtext('type ' || n)) % $10::int WHEN 0 THEN 'transfer' ELSE 'penalty' END AS record_type,
        $4::date + (abs(hashint4(n)) % ($5::date - $4::date)) AS opened_on
    FROM (
        SELECT n, organ, CASE organ WHEN 0 THEN '420106'
            ELSE ($3::text[])[1 + organ % cardinality($3::text[])] END AS region
        FROM generate_series(0, $1::int / $7::int - 1) AS n,
            LATERAL (SELECT n % greatest($1::int / $6::int, 1) AS organ) AS of
    ) AS t
    """,
    """
    INSERT INTO record (id, record_type, organisation, source_id, region, field, version, state, digest, received_at)
    SELECT id, record_type, organisation, 'source ' || n, region, 'market', 1,
        CASE record_type WHEN 'transfer' THEN 'accepted' ELSE 'decided' END, 'd', opened_on
    FROM made
    """,
    "INSERT INTO wording SELECT id, NULL, false, '', '', '{}' FROM made",
    """
    INSERT INTO involved (organisation, record_type, record_id)
    SELECT body, record_type, id FROM made, unnest(ARRAY[police, procuratorate]) AS body WHERE record_type = 'transfer'
    """,
)
DUTIES = """
    INSERT INTO node (record_id, node, record_type, organisation, region, field, responsible, due_at, warn_at, is_done,
        standing, duty, role, advisory, is_numbered, opened_on, done_on, law)
    SELECT id, name, $1, organisation, region, 'market', CASE role WHEN 'police' THEN police ELSE organisation END,
        CASE WHEN standing <> 'paused' THEN due_at END,
        CASE WHEN standing <> 'paused' THEN due_at - interval '2 days' END,
        standing NOT IN ('open', 'paused'), standing, $3, role, false, true, opened_on,
        CASE WHEN standing LIKE 'done%' THEN opened_on + 5 END, 'l'
    FROM (
        SELECT *, opened_on + interval '15 days' AS due_at, CASE WHEN dice % 1000 = 0 THEN 'paused'
            WHEN dice % CASE role WHEN 'police' THEN 4 ELSE 40 END = 1 OR opened_on > $4::date - 15 THEN 'open'
            WHEN dice % 10 = 2 THEN 'done_late' ELSE 'done' END AS standing
        FROM (
            SELECT made.*, name, abs(hashtext(name || n)) AS dice,
                CASE WHEN name = ANY ($5::text[]) THEN 'police' ELSE 'agency' END AS role
            FROM made, unnest($2::text[]) AS name WHERE record_type = $1
        ) AS thrown
    ) AS opened
    """

OVERDUE = """
    SELECT * FROM node WHERE {} AND standing = 'open' AND NOT advisory
        AND COALESCE(due_at, 'infinity'::timestamptz) < $1
    ORDER BY COALESCE(due_at, 'infinity'::timestamptz), record_id, node LIMIT 51"""
OF_THE_DISTRICTS = f"""
    SELECT each.* FROM (SELECT DISTINCT region FROM organisation WHERE region <> '420000') AS of
    JOIN LATERAL ({OVERDUE.format("node.region = of.region")}) AS each ON true
    ORDER BY COALESCE(due_at, 'infinity'::timestamptz), record_id, node LIMIT 51"""  # noqa: S608 – our own words
COUNTED = """
    SELECT node, count(*), count(*) FILTER (WHERE standing = 'done'), count(*) FILTER (WHERE standing = 'done_late'),
        count(*) FILTER (WHERE standing = 'open' AND due_at < $1)
    FROM node WHERE organisation = $2 AND standing = ANY ('{open,done,done_late,paused,waived}') AND NOT advisory
        AND COALESCE(due_at, 'infinity'::timestamptz) >= '2026-05-01' AND is_numbered
        AND opened_on BETWEEN '2026-08-01' AND '2026-08-31'
    GROUP BY node"""
UNMET = """
    SELECT node, count(*), count(*) FILTER (WHERE standing = 'paused'),
        count(*) FILTER (WHERE standing = 'open' AND due_at < $1)
    FROM node WHERE record_type = 'transfer' AND standing IN ('open', 'paused') AND NOT advisory
        AND region LIKE '4201%' AND role IN ('agency', 'police', 'procuratorate')
    GROUP BY node"""


@dataclass(frozen=True)
class Stand:
    """One of the databases with its service, ready to be asked."""

    works: dict[str, dict[str, Work]]


async def fill(dsn: str, size: int, made: Mapping[str, NewClient], texts: Mapping[str, str]) -> None:
    """Load so many duties by SQL; indexes afterwards, as a dump is restored. `texts`: a duty of each record type."""
    conn = await asyncpg.connect(dsn)
    indexes = await conn.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index "
        "WHERE indrelid = ANY ('{record,wording,involved,node}'::regclass[]) AND NOT indisunique"
    )
    for index in indexes:
        await conn.execute(f"DROP INDEX {index['name']}")
    await conn.execute("SET session_replication_role = replica")
    regions = list(codelist("regions").codes[1:])
    agency, police, procuratorate = (made[name].organisation.code for name in (AGENCY, POLICE, DISTRICT))
    heads, *rest = FILL
    of_each = len(NODES["penalty"])
    bodies = (police, procuratorate)
    await conn.execute(heads, size, agency, regions, BEGIN, END, OF_ONE, of_each, *bodies, TRANSFERS)
    for statement in rest:
        await conn.execute(statement)
    for record_type, names in NODES.items():
        await conn.execute(DUTIES, record_type, list(names), texts[record_type], NOW.date(), list(OF_POLICE))
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
        await fill(dsn, size, made, await texts_of(clients, dsn))
        pool = await stack.enter_async_context(asyncpg.create_pool(dsn, min_size=1, max_size=2))
        yield Stand(works_of(clients, pool, made))


async def texts_of(clients: Mapping[str, httpx.AsyncClient], dsn: str) -> dict[str, str]:
    """The text of a duty of each record type as it is kept: the agency's and the police's."""
    agency, police = clients[AGENCY], clients[POLICE]
    await said(agency.post("/v1/records/penalty", json=corpus.penalty(1, organisation=MARKET, region="420106")))
    crime = await said(agency.post("/v1/records/transfer", json=transfer()))
    received = {"event": "received", "occurred_at": "2026-09-22T17:05:00+08:00"}
    await said(police.post(f"/v1/records/transfer/{crime['id']}/events", json=received))
    conn = await asyncpg.connect(dsn)
    query = "SELECT duty FROM node WHERE node = $1"
    names = {"penalty": "penalty_served", "transfer": "police_decided"}
    found = {record_type: await conn.fetchval(query, name) for record_type, name in names.items()}
    await conn.close()
    return found


async def said(answer: Awaitable[httpx.Response]) -> Any:  # noqa: ANN401 – any JSON
    """What was answered, if it was not a refusal."""
    got = await answer
    if not got.is_success:
        raise RuntimeError(got.text)
    return got.json()


def works_of(
    clients: Mapping[str, httpx.AsyncClient],
    pool: Any,  # noqa: ANN401
    made: Mapping[str, NewClient],
) -> dict[str, dict[str, Work]]:
    """What is measured: each by the driver alone and by the route."""
    agency, police = made[AGENCY].organisation.code, made[POLICE].organisation.code
    month = {"organisation": agency, "by": "node", "from": f"{MONTH[0]:%Y-%m}", "to": f"{MONTH[1]:%Y-%m}"}
    owed = "responsible = $2 AND responsible <> organisation"
    transfers = "region = '420106' AND record_type = 'transfer'"

    def listed(name: str, **parameters: str) -> Work:
        async def ask() -> int:
            answer = await said(clients[name].get("/v1/nodes", params={"state": "overdue", **parameters}))
            return len(answer["items"])

        return ask

    def counted(name: str, statistic: str, **parameters: str) -> Work:
        async def ask() -> int:
            return len((await said(clients[name].get(f"/v1/statistics/{statistic}", params=parameters)))["rows"])

        return ask

    def fetched(statement: str, *more: str) -> Work:
        async def fetch() -> int:
            return len(await pool.fetch(statement, NOW.astimezone(UTC), *more))

        return fetch

    pairs = {
        f"overdue, {AGENCY}": (fetched(OVERDUE.format("organisation = $2"), agency), listed(AGENCY)),
        f"overdue, {POLICE}": (fetched(OVERDUE.format(owed), police), listed(POLICE)),
        f"overdue, {DISTRICT}": (fetched(OVERDUE.format("region = '420106'")), listed(DISTRICT)),
        f"overdue, {CITY}": (fetched(OF_THE_DISTRICTS), listed(CITY)),
        f"overdue transfers, {DISTRICT}": (
            fetched(OVERDUE.format(transfers)),
            listed(DISTRICT, record_type="transfer"),
        ),
        f"timeliness of a month, {AGENCY}": (fetched(COUNTED, agency), counted(AGENCY, "timeliness", **month)),
        f"timeliness of a month, {CITY}": (fetched(COUNTED, agency), counted(CITY, "timeliness", **month)),
        f"backlog of transfers, {CITY}": (
            fetched(UNMET),
            counted(CITY, "backlog", record_type="transfer", by="node"),
        ),
    }
    return {name: {"floor": floor, "ours": ours} for name, (floor, ours) in pairs.items()}


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
                rows = " → ".join([f"{await stand.works[name][way]()}" for stand in stands])
                print(f"  {name:<44}{way:<6}{small:8.2f} ms{large:8.2f} ms  {rows:>9} rows{large / small:8.2f}")


def main() -> None:
    """Measure on a scratch server, whose log would be most of what is printed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as folder:
        with postgres.start(Path(folder)) as server:
            print(f"Python {platform.python_version()}, PostgreSQL {server.major}, {ROUNDS} rounds of {RUNS}")
            asyncio.run(measure(server, Path(folder)))
        postgres.discard(Path(folder))


if __name__ == "__main__":
    main()
