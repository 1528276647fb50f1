"""Lists and figures of duties among 200,000 records, by the very statements the service runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, datetime, timedelta
from statistics import median_low
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app import postgres
from app.callers import Districts, Scope
from app.settings import sqlalchemy_url
from app.store import node_lists, search, statistics
from app.store.engine import make_engine
from app.store.node_lists import LONGEST_COUNTED_BACK, MOST_LOOKED_AT, Place, Wanted
from app.store.statistics import EVERYTHING, Counting
from app.store.tables import node
from schemas.codelists import codelist
from schemas.lifecycle import SHANGHAI
from schemas.shipped import law
from tests.store.test_search_plans import Cost, Explained, cost_of
from tests.tips import ALL_CLASSES, SECRET_CLASSES

RECORDS = 200_000
NODES = ("penalty_served", "penalty_closed")
BEGIN = datetime(2024, 1, 1, tzinfo=SHANGHAI)
NOW = datetime(2026, 10, 9, 9, tzinfo=SHANGHAI)
LIMIT = 50
REGIONS = codelist("regions").codes[1:]
FIELDS = codelist("fields").codes

# Two duties each, the last without a number; 20 organisations a region, one field each. One in 20 is not met, one in
# 100 a gate, one in 5,000 paused or waived, and one in 1,000 another organ is responsible for.
FILL = """
INSERT INTO node (record_id, node, record_type, organisation, region, field, responsible, due_at, warn_at, is_done,
    standing, duty, role, advisory, is_numbered, opened_on, done_on, law, done_by)
SELECT md5(n::text)::uuid, name, 'penalty', organisation, region, field,
    CASE WHEN dice % 1000 = 7 THEN 'police ' || dice % 20 ELSE organisation END,
    CASE WHEN standing <> 'paused' AND is_numbered THEN due_at END,
    CASE WHEN standing <> 'paused' AND is_numbered THEN due_at - interval '2 days' END,
    standing NOT IN ('open', 'paused'), standing, '{}', 'agency', dice % 100 = 3, is_numbered, opened_on,
    CASE standing WHEN 'done' THEN opened_on + dice % 29 WHEN 'done_late' THEN opened_on + 31 + dice % 67 END, 'l',
    CASE WHEN standing LIKE 'done%' THEN CASE WHEN dice % 10 = 4 THEN 'filed' ELSE 'served' END END
FROM (
    SELECT *, opened_on + interval '30 days' AS due_at, name <> 'penalty_closed' AS is_numbered,
        CASE WHEN dice % 5000 = 0 THEN 'waived' WHEN dice % 5000 = 1 THEN 'paused' WHEN dice % 25 = 2 THEN 'done_late'
            WHEN dice % 20 = 3 OR opened_on > $3::date - 20 THEN 'open' ELSE 'done' END AS standing
    FROM (
        SELECT n, name, region, 'organ ' || region || ' ' || organ AS organisation, abs(hashtext(name || n)) AS dice,
            CASE WHEN organ = 19 THEN 'weather' ELSE ($2::text[])[1 + organ % 8] END AS field,
            $4::date + n * 1010 / $5::int AS opened_on
        FROM (
            SELECT n, abs(hashint4(n)) % 20 AS organ,
                ($1::text[])[1 + abs(hashint4(-n)) % cardinality($1::text[])] AS region
            FROM generate_series(1, $5::int) AS n
        ) AS thrown, unnest($6::text[]) AS name
    ) AS opened
) AS stood
"""


@pytest.fixture(scope="module")
async def crowded(server: postgres.Running, template: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database with many duties."""
    head, _, query = server.dsn.partition("?")
    dsn = f"{head.rpartition('/')[0]}/crowded_nodes?{query}"
    admin = await asyncpg.connect(server.dsn)
    await admin.execute(f"CREATE DATABASE crowded_nodes TEMPLATE {template}")
    await _fill(dsn)
    engine = make_engine(sqlalchemy_url(dsn))
    yield engine
    await engine.dispose()
    await admin.execute("DROP DATABASE crowded_nodes WITH (FORCE)")
    await admin.close()


async def _fill(dsn: str) -> None:
    conn = await asyncpg.connect(dsn)
    # Rows first, indexes and ties afterwards: as a dump is restored.
    indexes = await conn.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index "
        "WHERE indrelid = 'node'::regclass AND NOT indisunique"
    )
    for index in indexes:
        await conn.execute(f"DROP INDEX {index['name']}")
    await conn.execute("SET session_replication_role = replica")
    await conn.execute(FILL, list(REGIONS), list(FIELDS), NOW.date(), BEGIN.date(), RECORDS, list(NODES))
    for index in indexes:
        await conn.execute(index["made"])
    await conn.execute("VACUUM ANALYZE")
    await conn.close()


# Who asks for what ----------------------------------------------------------------------------------------------------

AGENCY = "organ 420106 3"
CALLERS: Mapping[str, Scope] = {
    "agency": Scope(AGENCY, None, withheld=SECRET_CLASSES),
    "police": Scope("police 7", None, withheld=SECRET_CLASSES),
    "superior bureau": Scope("bureau", None, SECRET_CLASSES, Districts(FIELDS[3], "4201", frozenset({"penalty"}))),
    "superior bureau of a rare field": Scope(
        "bureau", None, SECRET_CLASSES, Districts("weather", "4201", frozenset({"penalty", "transfer"}))
    ),
    "superior bureau of no such type": Scope(
        "bureau", None, SECRET_CLASSES, Districts(FIELDS[3], "4201", frozenset({"transfer"}))
    ),
    "district procuratorate": Scope("procuratorate", "420106", withheld=frozenset()),
    "city procuratorate": Scope("procuratorate", "4201", withheld=frozenset()),
    "auditor": Scope("auditor", "4201", withheld=ALL_CLASSES),
}
SEPTEMBER = {"opened_from": date(2026, 9, 1), "opened_to": date(2026, 9, 30)}

WANTED: Mapping[str, dict[str, Any]] = {
    "nothing": {},
    **{
        f"state {state}": {"states": (state,)}
        for state in ("open", "due_soon", "overdue", "done", "done_late", "paused", "waived")
    },
    "all that is not met": {"states": ("open", "due_soon", "overdue", "paused")},
    "organisation": {"organisation": AGENCY},
    "another organisation": {"organisation": "organ 420102 5", "states": ("overdue",)},
    "responsible": {"responsible": AGENCY},
    "responsible in the records of others": {"responsible": "police 7"},
    "record_type": {"record_type": "penalty", "states": ("overdue",)},
    "node": {"node": "penalty_published", "states": ("overdue",)},
    "region": {"regions": ("420106",)},
    "region and state": {"regions": ("420106",), "states": ("overdue",)},
    "field": {"field": FIELDS[3], "states": ("overdue",)},
    "rare field": {"field": "weather", "states": ("done",)},
    "role nobody has": {"roles": ("court",)},
    "due_from": {"due_from": NOW, "states": ("open",)},
    "due_before": {"due_before": NOW - timedelta(days=30), "states": ("overdue",)},
    "due between": {"due_from": NOW - timedelta(days=7), "due_before": NOW},
    "opened": SEPTEMBER,
    "opened long ago": {"opened_from": date(2024, 3, 1), "opened_to": date(2024, 3, 31), "states": ("overdue",)},
    "opened and done": {**SEPTEMBER, "states": ("done",)},
    "done": {"done_from": date(2026, 9, 1), "done_to": date(2026, 9, 30)},
    "done by": {"done_by": ("filed",), "states": ("done", "done_late")},
    "gates": {"advisory": True, "states": ("open",)},
    "no gates": {"advisory": False, "states": ("open",)},
    "without a number": {"is_numbered": False, "states": ("open", "overdue")},
    "a figure of an organisation": {"organisation": AGENCY, **SEPTEMBER, "advisory": False, "states": ("done_late",)},
}


async def statements_of(
    conn: AsyncConnection, scope: Scope, wanted: Wanted, after: Place | None
) -> AsyncIterator[Select[Any]]:
    """What `node_lists.page` runs, one after the other."""
    windows: list[Select[Any]] = []
    make = node_lists.window_statement

    def noting(*arguments: Any) -> Select[Any]:  # noqa: ANN401 – as they come
        windows.append(make(*arguments))
        return windows[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(node_lists, "window_statement", noting)
        await node_lists._places(conn, scope, wanted, NOW, after, LIMIT)
    for window in windows:
        yield window


def deep(wanted: Wanted) -> Place:
    """A place in the middle of the list."""
    return Place(BEGIN + timedelta(days=500), UUID(int=7), NODES[0])


@pytest.mark.parametrize("caller", CALLERS)
async def test_no_list_looks_at_more_than_it_may_however_deep_the_page(crowded: AsyncEngine, caller: str) -> None:
    found: dict[tuple[str, str], Cost] = {}

    async with crowded.connect() as conn:
        await search.carefully(conn)
        for name, filters in WANTED.items():
            wanted = Wanted(**filters)
            for depth, after in (("first", None), ("deep", deep(wanted))):
                costs = [await cost_of(conn, one) async for one in statements_of(conn, CALLERS[caller], wanted, after)]
                scanned = frozenset[str]().union(*(cost.scanned for cost in costs))
                found[name, depth] = Cost(sum(cost.looked_at for cost in costs), scanned)

    # The last window is begun before the limit is reached.
    most = MOST_LOOKED_AT + node_lists._WIDEST + 1000
    assert {at: cost for at, cost in found.items() if cost.scanned} == {}
    assert {at: cost for at, cost in found.items() if cost.looked_at > most} == {}


USUAL = (
    "nothing",
    "state overdue",
    "state open",
    "state done",
    "all that is not met",
    "organisation",
    "region",
    "region and state",
    "due_from",
    "no gates",
)


@pytest.mark.parametrize("caller", ["agency", "district procuratorate", "city procuratorate", "auditor"])
async def test_what_is_asked_every_day_takes_little_more_than_a_page_of_each_region(
    crowded: AsyncEngine, caller: str
) -> None:
    looked_at: dict[str, tuple[int, ...]] = {}

    async with crowded.connect() as conn:
        await search.carefully(conn)
        for name in USUAL:
            wanted = Wanted(**WANTED[name])
            looked_at[name] = tuple(
                [
                    sum(
                        [
                            (await cost_of(conn, one)).looked_at
                            async for one in statements_of(conn, CALLERS[caller], wanted, at)
                        ]
                    )
                    for at in (None, deep(wanted))
                ]
            )

    assert {name: counts for name, counts in looked_at.items() if max(counts) > 25_000} == {}


async def test_no_list_fetches_a_row_to_find_that_it_does_not_fit(crowded: AsyncEngine) -> None:
    wanted = Wanted(states=("overdue",), field="weather", **SEPTEMBER, advisory=False)  # type: ignore[arg-type]

    async with crowded.connect() as conn:
        await search.carefully(conn)
        plans = [await _plan(conn, scope, wanted) for scope in CALLERS.values()]

    used = {step["Node Type"] for plan in plans for step in _steps(plan) if step.get("Relation Name") == "node"}
    assert used == {"Index Only Scan"}


async def _plan(conn: AsyncConnection, scope: Scope, wanted: Wanted) -> dict[str, Any]:
    statement = node_lists.window_statement(scope, wanted, NOW, None, LIMIT, LIMIT)
    told: Any = (await conn.execute(Explained(statement))).scalar_one()
    plan: dict[str, Any] = told[0]["Plan"]
    return plan


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _steps(inner)


# What is found is the same as without any of this ---------------------------------------------------------------------


def naively(scope: Scope, wanted: Wanted) -> ColumnElement[bool]:
    """What is wanted and in scope, as one would write it down without a thought of indexes."""
    seen = [node.c.organisation == scope.organisation, node.c.responsible == scope.organisation]
    if scope.jurisdiction:
        seen.append(node.c.region.like(scope.jurisdiction + "%"))
    if scope.nodes_of:
        district = node.c.region.like(scope.nodes_of.region + "%")
        of_type = node.c.record_type.in_(scope.nodes_of.types)
        seen.append(and_(node.c.field == scope.nodes_of.field, district, of_type))
    names = ("responsible", "record_type", "node", "field", "organisation", "advisory", "is_numbered")
    said = [node.c[name] == getattr(wanted, name) for name in names if getattr(wanted, name) is not None]
    said += [node.c.role.in_(wanted.roles)] if wanted.roles is not None else []
    said += [node.c.region.in_(wanted.regions)] if wanted.regions is not None else []
    said += [node.c.done_by.in_(wanted.done_by)] if wanted.done_by is not None else []
    said += [or_(*(_naive_state(state) for state in wanted.states))] if wanted.states is not None else []
    said += [node.c.due_at >= wanted.due_from] if wanted.due_from else []
    said += [node.c.due_at < wanted.due_before] if wanted.due_before else []
    for column, name in ((node.c.opened_on, "opened"), (node.c.done_on, "done")):
        since, until = getattr(wanted, f"{name}_from"), getattr(wanted, f"{name}_to")
        said += ([column >= since] if since else []) + ([column <= until] if until else [])
    return and_(or_(*seen), *said)


def _naive_state(state: str) -> ColumnElement[bool]:
    opened = node.c.standing == "open"
    overdue = and_(not_(node.c.advisory), func.coalesce(node.c.due_at < NOW, False))
    soon = and_(not_(node.c.advisory), not_(overdue), func.coalesce(node.c.warn_at <= NOW, False))
    running = {"overdue": overdue, "due_soon": soon, "open": and_(not_(overdue), not_(soon))}
    return and_(opened, running[state]) if state in running else node.c.standing == state


@pytest.mark.slow
@pytest.mark.parametrize("caller", ["agency", "police", "superior bureau of a rare field", "city procuratorate"])
async def test_every_list_holds_what_a_plain_query_finds_in_its_order(crowded: AsyncEngine, caller: str) -> None:
    scope = CALLERS[caller]

    async with crowded.connect() as conn:
        for name, filters in WANTED.items():
            wanted = Wanted(**filters)
            await conn.execute(text("RESET enable_seqscan"))
            key = (func.coalesce(node.c.due_at, text("'infinity'::timestamptz")), node.c.record_id, node.c.node)
            plain = select(node.c.record_id, node.c.node).where(naively(scope, wanted)).order_by(*key)
            # Three pages, so that the seams between them are seen.
            expected = [tuple(row) for row in await conn.execute(plain.limit(3 * LIMIT))]

            await search.carefully(conn)
            found: list[tuple[UUID, str]] = []
            after: Place | None = None
            while len(found) < 3 * LIMIT:
                places, after = await node_lists._places(conn, scope, wanted, NOW, after, LIMIT)
                found += [(place.record_id, place.node) for place in places]
                if after is None:
                    break
            assert found[: 3 * LIMIT] == expected, name


# Figures --------------------------------------------------------------------------------------------------------------

FIGURES = {
    "done": Wanted(states=("done",), advisory=False),
    "overdue": Wanted(states=("overdue",), advisory=False),
    "filed": Wanted(states=("done", "done_late"), done_by=("filed",), advisory=False),
    "all": Wanted(advisory=False),
}
MET = Wanted(states=("done", "done_late"), advisory=False)


@pytest.mark.parametrize("caller", CALLERS)
async def test_figures_are_what_a_plain_count_finds(crowded: AsyncEngine, caller: str) -> None:
    scope = CALLERS[caller]

    async with crowded.connect() as conn:
        for base in (Wanted(), Wanted(**SEPTEMBER), Wanted(organisation=AGENCY)):  # type: ignore[arg-type]
            expected = [
                (await conn.execute(select(func.count()).where(naively(scope, base), naively(scope, one)))).scalar_one()
                for one in FIGURES.values()
            ]
            rows = await statistics.counts(conn, scope, Counting(base, FIGURES, ("region", "month")), NOW, 10_000)
            sums = [sum(row.counts[name] for row in rows) for name in FIGURES]
            assert sums == expected, base
            await conn.execute(text("RESET enable_seqscan"))


@pytest.mark.parametrize("caller", ["agency", "police", "superior bureau", "city procuratorate"])
async def test_medians_are_the_middle_ones_of_what_a_plain_query_finds(crowded: AsyncEngine, caller: str) -> None:
    scope, base = CALLERS[caller], Wanted(**SEPTEMBER)  # type: ignore[arg-type]
    plain = select(node.c.role, node.c.region, node.c.opened_on, node.c.done_on)
    days: defaultdict[tuple[str | date, ...], list[int]] = defaultdict(list)

    async with crowded.connect() as conn:
        for row in await conn.execute(plain.where(naively(scope, base), naively(scope, MET))):
            days[row.role, row.region].append((row.done_on - row.opened_on).days)
        counting = Counting(base, {"all": Wanted(advisory=False)}, ("role", "region"), medians={"met": MET})
        rows = await statistics.counts(conn, scope, counting, NOW, 10_000)

    found = {row.group: row.medians["met"] for row in rows}
    assert {group: median for group, median in found.items() if median is not None} == {
        group: median_low(some) for group, some in days.items()
    }


async def test_no_row_is_fetched_to_be_counted(crowded: AsyncEngine) -> None:
    base = Wanted(record_type="penalty", **SEPTEMBER, advisory=False)  # type: ignore[arg-type]
    counting = Counting(base, FIGURES, ("role", "region", "field", "month"), medians={"met": MET})

    async with crowded.connect() as conn:
        await search.carefully(conn)
        told = [
            (await conn.execute(Explained(statistics.counts_statement(scope, counting, NOW, 100)))).scalar_one()
            for scope in CALLERS.values()
        ]

    used = {step["Node Type"] for one in told for step in _steps(one[0]["Plan"]) if step.get("Relation Name") == "node"}
    assert used == {"Index Only Scan"}


async def test_a_month_of_an_organisation_is_counted_from_its_own_duties_alone(crowded: AsyncEngine) -> None:
    said: dict[str, Any] = {"organisation": AGENCY, "advisory": False, "is_numbered": True, **SEPTEMBER}
    figures = {state: Wanted(states=(state,), **said) for state in ("done", "done_late", "overdue", "open", "paused")}
    counting = Counting(Wanted(**said), figures, ("node",))

    async with crowded.connect() as conn:
        await search.carefully(conn)
        of_its_own = (
            await conn.execute(select(func.count()).where(node.c.organisation == AGENCY, node.c.advisory.is_(False)))
        ).scalar_one()
        for caller in ("agency", "district procuratorate", "city procuratorate", "auditor"):
            cost = await cost_of(conn, statistics.counts_statement(CALLERS[caller], counting, NOW, 100))
            assert cost.scanned == frozenset()
            # A month, and as much before it as may be counted back; not the 33 months there are.
            assert cost.looked_at < of_its_own / 4


async def test_the_gauges_are_counted_from_what_is_open(crowded: AsyncEngine) -> None:
    figures = {state: Wanted(states=(state,), advisory=False) for state in ("overdue", "due_soon")}
    counting = Counting(Wanted(advisory=False), figures, ("record_type", "node", "role"))

    async with crowded.connect() as conn:
        await search.carefully(conn)
        cost = await cost_of(conn, statistics.counts_statement(EVERYTHING, counting, NOW, 100))
        is_open = (await conn.execute(select(func.count()).where(node.c.standing == "open"))).scalar_one()

    assert cost.scanned == frozenset()
    assert cost.looked_at <= is_open


def test_no_period_is_counted_back_further_than_the_lists_look() -> None:
    # Ten days off for every five worked is more than any calendar has.
    backwards = [row for row in law().limits if row.backwards and row.span is not None]

    assert backwards
    assert all(row.span.unit == "working_day" for row in backwards if row.span)
    assert all(timedelta(days=3 * row.span.amount + 10) <= LONGEST_COUNTED_BACK for row in backwards if row.span)
