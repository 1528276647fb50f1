"""Search among 200,000 records: what is explained here are the very statements the service runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable

from app import postgres
from app.callers import Scope
from app.settings import sqlalchemy_url
from app.store import search
from app.store.engine import make_engine
from app.store.records import visible
from app.store.search import Place, Sought
from app.store.tables import node, record, wording
from schemas.codelists import codelist
from schemas.lifecycle import SHANGHAI
from tests.tips import ALL_CLASSES, SECRET_CLASSES

RECORDS = 200_000
BEGIN = datetime(2024, 1, 1, tzinfo=SHANGHAI)
NOW = datetime(2026, 10, 9, 9, tzinfo=SHANGHAI)
LIMIT = 50
REGIONS = codelist("regions").codes[1:]
FIELDS = codelist("fields").codes
LARGE = {"record", "version", "wording", "node"}

# Every 43 seconds or so one comes in. 20 organisations a region; one field each. What is rare is rare: a state one in
# 2,000, a duty's standing one in 5,000, a character one in 20,000.
FILL = (
    """
    CREATE TEMP TABLE made AS
    SELECT n, region, 'organ ' || region || ' ' || organ AS organisation,
        CASE WHEN organ = 19 THEN 'weather' ELSE ($2::text[])[1 + organ % 8] END AS field,
        (lpad(to_hex((extract(epoch FROM received_at) * 1000)::bigint), 12, '0')
            || '7' || substr(md5(n::text), 1, 3) || 'a' || substr(md5(n::text), 4, 15))::uuid AS id,
        received_at, dice,
        CASE WHEN dice % 20 > 0 THEN (received_at - (dice % 40) * interval '1 day')::date END AS decided_on
    FROM (
        SELECT n, abs(hashint4(n + 7)) AS dice, abs(hashint4(n)) % 20 AS organ,
            ($1::text[])[1 + abs(hashint4(-n)) % cardinality($1::text[])] AS region,
            $3::timestamptz + n * interval '1 second' * (86400 * 1010.0 / $4) AS received_at
        FROM generate_series(1, $4::int) AS n
    ) AS thrown
    """,
    """
    INSERT INTO record (id, record_type, organisation, source_id, region, field, document_no, version, state, digest,
        received_at, party_code, decided_on)
    SELECT id, 'penalty', organisation, 'source ' || n, region, field, '武市监处罚〔2026〕' || n || '号', 1,
        CASE WHEN dice % 2000 = 0 THEN 'revoked' WHEN dice % 3 = 0 THEN 'closed' ELSE 'served' END, 'd', received_at,
        'party ' || dice % 60000, decided_on
    FROM made
    """,
    """
    INSERT INTO version (record_id, version, payload, digest, warnings, client_id, received_at)
    SELECT id, 1, '{}', 'd', '[]', 'c', received_at FROM made
    """,
    """
    INSERT INTO wording
    SELECT id, name, dice % 5 = 0,
        concat_ws(E'\n', CASE WHEN dice % 5 > 0 THEN name ELSE '' END, 'source ' || n,
            CASE WHEN n % 20000 = 0 THEN '经营龘字牌' ELSE '经营' END || '未按规定标示的产品'),
        CASE WHEN dice % 5 = 0 THEN name ELSE '' END,
        CASE WHEN dice % 5 = 0 THEN '{"personal": ["' || name || '"]}' ELSE '{}' END
    FROM (
        SELECT *, CASE WHEN dice % 5 = 0 THEN '样例人' || n ELSE '武汉第' || n || '商贸有限公司' END AS name FROM made
    ) AS named
    """,
    """
    INSERT INTO node (record_id, node, record_type, organisation, region, field, responsible, due_at, warn_at, is_done,
        standing, duty, role, advisory, is_numbered, opened_on, law)
    SELECT id, duty, 'penalty', organisation, region, field, organisation, due_at, due_at - interval '2 days',
        standing NOT IN ('open', 'paused'), standing, '{}', 'agency', false, true, received_at::date, 'l'
    FROM (
        SELECT made.*, duty, received_at + interval '30 days' AS due_at,
            CASE WHEN throw % 5000 = 0 THEN 'waived' WHEN throw % 5000 = 1 THEN 'paused' WHEN throw % 25 = 2
                THEN 'done_late' WHEN throw % 20 = 3 OR received_at > $1 THEN 'open' ELSE 'done' END AS standing
        FROM made, unnest(ARRAY['penalty_served', 'penalty_published']) AS duty, abs(hashtext(duty || n)) AS throw
    ) AS opened
    """,
)


@pytest.fixture(scope="module")
async def crowded(server: postgres.Running, template: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database with many records."""
    head, _, query = server.dsn.partition("?")
    dsn = f"{head.rpartition('/')[0]}/crowded?{query}"
    admin = await asyncpg.connect(server.dsn)
    await admin.execute(f"CREATE DATABASE crowded TEMPLATE {template}")
    await _fill(dsn)
    engine = make_engine(sqlalchemy_url(dsn))
    yield engine
    await engine.dispose()
    await admin.execute("DROP DATABASE crowded WITH (FORCE)")
    await admin.close()


async def _fill(dsn: str) -> None:
    conn = await asyncpg.connect(dsn)
    # Rows first, indexes and ties afterwards: as a dump is restored.
    indexes = await conn.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index "
        "WHERE indrelid IN ('record'::regclass, 'wording'::regclass, 'node'::regclass) AND NOT indisunique"
    )
    for index in indexes:
        await conn.execute(f"DROP INDEX {index['name']}")
    await conn.execute("SET session_replication_role = replica")
    heads, *rest = FILL
    await conn.execute(heads, list(REGIONS), list(FIELDS), BEGIN, RECORDS)
    for statement in rest:
        await conn.execute(statement, *([NOW - timedelta(days=40)] if "$1" in statement else []))
    for index in indexes:
        await conn.execute(index["made"])
    await conn.execute("VACUUM ANALYZE")
    await conn.close()


# Who asks for what ----------------------------------------------------------------------------------------------------

AGENCY = "organ 420106 3"
CALLERS: Mapping[str, Scope] = {
    "agency": Scope(AGENCY, None, withheld=SECRET_CLASSES),
    "district procuratorate": Scope("procuratorate", "420106", withheld=frozenset()),
    "district procuratorate with a zone": Scope("procuratorate", "420112", withheld=frozenset()),
    "city procuratorate": Scope("procuratorate", "4201", withheld=frozenset()),
    "auditor": Scope("auditor", "4201", withheld=ALL_CLASSES),
}
LATELY = date(2026, 9, 1)

FILTERS: Mapping[str, dict[str, Any]] = {
    "nothing": {},
    "organisation": {"organisation": AGENCY},
    "another organisation": {"organisation": "organ 420102 5"},
    "source_id": {"source_id": "source 4711"},
    "region": {"regions": ("420106",)},
    "region of a city": {"regions": REGIONS},
    "field": {"field": FIELDS[3]},
    "rare field": {"field": "weather"},
    "party_code": {"party_code": "party 4711"},
    "party_name": {"party_name": "第4711商贸"},
    "party_name of many": {"party_name": "商贸有限公司"},
    "party_name of one character": {"party_name": "汉"},
    "document_no": {"document_no": "武市监处罚〔2026〕4711号"},
    "decided": {"decided_from": LATELY, "decided_to": date(2026, 9, 30)},
    "decided_from": {"decided_from": date(2024, 3, 1)},
    "decided_to": {"decided_to": LATELY},
    "received": {"received_from": NOW - timedelta(days=50), "received_before": NOW - timedelta(days=20)},
    "received_from": {"received_from": BEGIN},
    "received_to": {"received_before": BEGIN + timedelta(days=20)},
    "state": {"state": "closed"},
    "rare state": {"state": "revoked"},
    "unknown state": {"state": "withdrawn"},
    **{
        f"node_state {state}": {"node_state": state}
        for state in ("open", "due_soon", "overdue", "done", "done_late", "paused", "waived")
    },
    "one character": {"words": ("品",)},
    "one rare character": {"words": ("龘",)},
    "two characters": {"words": ("经营",)},
    "two rare characters": {"words": ("龘字",)},
    "many characters": {"words": ("未按规定标示的产品",)},
    "many rare characters": {"words": ("经营龘字牌未按",)},
    "characters that are nowhere": {"words": ("营经",)},
    "two words": {"words": ("规定", "商贸")},
    "number": {"words": ("4711",)},
    # Pairs that people ask for together.
    "field and state": {"field": FIELDS[3], "state": "closed"},
    "field and decided": {"field": FIELDS[3], "decided_from": LATELY},
    "state and decided": {"state": "served", "decided_from": LATELY},
    "region and state": {"regions": ("420106",), "state": "closed"},
    "region and field": {"regions": ("420106",), "field": FIELDS[3]},
    "region and words": {"regions": ("420106",), "words": ("经营",)},
    "organisation and state": {"organisation": AGENCY, "state": "closed"},
    "organisation and decided": {"organisation": AGENCY, "decided_from": LATELY},
    "field and overdue": {"field": FIELDS[3], "node_state": "overdue"},
    "words and state": {"words": ("产品",), "state": "closed"},
    "words and decided": {"words": ("产品",), "decided_from": LATELY},
    "rare words and decided": {"words": ("龘",), "decided_from": date(2024, 3, 1)},
    "party_name and decided": {"party_name": "第4711商贸", "decided_from": date(2024, 3, 1)},
    "node_state and decided": {"node_state": "overdue", "decided_from": LATELY},
    "rare state and received": {"state": "revoked", "received_from": NOW - timedelta(days=300)},
}

# What is asked of the plans -------------------------------------------------------------------------------------------


class Explained(Executable, ClauseElement):
    """EXPLAIN of a statement with the values it is run with."""

    inherit_cache = False

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement


@compiles(Explained)
def _explained(element: Explained, compiler: Any, **options: Any) -> str:  # noqa: ANN401 – the framework's signature
    return "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + str(compiler.process(element.statement, **options))


@dataclass(frozen=True)
class Cost:
    """What a statement did: how many rows of the large tables it looked at, and where it read a whole table."""

    looked_at: int
    scanned: frozenset[str]


async def cost_of(conn: AsyncConnection, statement: ClauseElement) -> Cost:
    """Run a statement and tell what it cost."""
    told = (await conn.execute(Explained(statement))).scalar_one()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    large = [step for step in _steps(plan) if step.get("Relation Name") in LARGE]
    return Cost(
        looked_at=sum(_looked_at(step) for step in large),
        scanned=frozenset(step["Relation Name"] for step in large if "Seq Scan" in step["Node Type"]),
    )


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _steps(inner)


def _looked_at(step: dict[str, Any]) -> int:
    rows = step["Actual Rows"] + step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Index Recheck", 0)
    return int(rows * step["Actual Loops"])


async def statements_of(
    conn: AsyncConnection, scope: Scope, sought: Sought, after: Place | None
) -> AsyncIterator[ClauseElement]:
    """What `search.page` runs, one after the other."""
    near = search.near_statement(scope, sought, NOW, after, LIMIT + 1)
    yield near
    places = [Place(row.id, row.decided_on) for row in await conn.execute(near)]
    reach = search.reach_of(sought, LIMIT + 1)
    if reach is not None and len(places) <= LIMIT:
        within_reach = search.reach_statement(scope, sought, after, reach)
        yield within_reach
        if (await conn.execute(within_reach)).scalar_one() >= reach:
            yield search.far_statement(scope, sought, NOW, after, LIMIT + 1)
    yield search.rows_statement(scope, sought, places)


def deep(sought: Sought) -> Place:
    """A place far down the list."""
    middle = BEGIN + timedelta(days=500)
    return Place(UUID(int=int(middle.timestamp() * 1000) << 80), middle.date() if sought.by_decision else None)


MOST_LOOKED_AT = 50_000
"""Of 200,000 records and 400,000 duties. Most pages take a few hundred."""


@pytest.mark.parametrize("caller", CALLERS)
async def test_no_search_reads_a_whole_table_however_deep_the_page(crowded: AsyncEngine, caller: str) -> None:
    found: dict[tuple[str, str], Cost] = {}

    async with crowded.connect() as conn:
        await search.carefully(conn)
        for name, filters in FILTERS.items():
            sought = Sought(record_type="penalty", **filters)
            for depth, after in (("first", None), ("deep", deep(sought))):
                costs = [
                    await cost_of(conn, statement)
                    async for statement in statements_of(conn, CALLERS[caller], sought, after)
                ]
                scanned = frozenset[str]().union(*(cost.scanned for cost in costs))
                found[name, depth] = Cost(sum(cost.looked_at for cost in costs), scanned)

    assert {at: cost for at, cost in found.items() if cost.scanned} == {}
    assert {at: cost for at, cost in found.items() if cost.looked_at > MOST_LOOKED_AT} == {}


UNSELECTIVE = (
    "nothing",
    "region",
    "region of a city",
    "field",
    "decided_from",
    "decided_to",
    "received_from",
    "state",
    "two characters",
    "party_name of many",
    "node_state done_late",
)


@pytest.mark.parametrize(("caller", "looks"), [("agency", False), ("city procuratorate", False), ("auditor", True)])
def test_who_is_shown_all_of_a_type_pays_no_look_at_what_is_withheld_from_others(caller: str, looks: bool) -> None:
    statement = search.rows_statement(CALLERS[caller], Sought(record_type="penalty"), [])

    assert ("wording" in str(statement)) is looks


@pytest.mark.parametrize("caller", ["agency", "district procuratorate", "city procuratorate", "auditor"])
async def test_what_nearly_everything_has_is_found_among_the_next_records(crowded: AsyncEngine, caller: str) -> None:
    looked_at: dict[str, tuple[int, int]] = {}

    async with crowded.connect() as conn:
        await search.carefully(conn)
        for name in UNSELECTIVE:
            sought = Sought(record_type="penalty", **FILTERS[name])
            first, later = [
                sum(
                    [
                        (await cost_of(conn, one)).looked_at
                        async for one in statements_of(conn, CALLERS[caller], sought, at)
                    ]
                )
                for at in (None, deep(sought))
            ]
            looked_at[name] = first, later

    assert {name: counts for name, counts in looked_at.items() if max(counts) > 4500} == {}
    # No deeper page costs more than the first one did, but for what is unevenly spread.
    assert {name: (first, later) for name, (first, later) in looked_at.items() if later > 2 * first + 1000} == {}


# What is found is the same as without any of this ---------------------------------------------------------------------


def naively(scope: Scope, sought: Sought) -> Select[Any]:
    """All that is looked for, in its order, as one would write it down without a thought of indexes."""
    heads = ("record_type", "organisation", "source_id", "field", "party_code", "document_no", "state")
    said = {name: getattr(sought, name) for name in heads}
    conditions: list[ColumnElement[bool]] = [
        record.c[name] == value for name, value in said.items() if value is not None
    ]
    if sought.regions is not None:
        conditions.append(record.c.region.in_(sought.regions))
    conditions += [record.c.decided_on >= sought.decided_from] if sought.decided_from else []
    conditions += [record.c.decided_on <= sought.decided_to] if sought.decided_to else []
    conditions += [record.c.received_at >= sought.received_from] if sought.received_from else []
    conditions += [record.c.received_at < sought.received_before] if sought.received_before else []
    is_masked = "personal" in scope.withheld
    words = wording.c.words if is_masked else wording.c.words + "\n" + wording.c.personal_words
    conditions += [func.strpos(words, word) > 0 for word in sought.words]
    if sought.party_name is not None:
        conditions.append(func.strpos(wording.c.party_name, sought.party_name) > 0)
        conditions += [~wording.c.party_is_person] if is_masked else []
    if sought.party_code is not None and is_masked:
        conditions.append(~wording.c.party_is_person)
    if sought.node_state is not None:
        conditions.append(record.c.id.in_(select(node.c.record_id).where(_naive_state(sought.node_state))))
    by_decision = sought.decided_from is not None or sought.decided_to is not None
    order = [record.c.decided_on.desc(), record.c.id.desc()] if by_decision else [record.c.id.desc()]
    joined = select(record.c.id).join(wording, wording.c.record_id == record.c.id)
    return joined.where(visible(scope), *conditions).order_by(*order)


def _naive_state(state: str) -> ColumnElement[bool]:
    opened = node.c.standing == "open"
    overdue, warned = node.c.due_at < NOW, node.c.warn_at <= NOW
    states = {
        "overdue": and_(opened, overdue),
        "due_soon": and_(opened, ~overdue, warned),
        "open": and_(opened, or_(node.c.due_at.is_(None), and_(~overdue, ~warned))),
    }
    return states.get(state, node.c.standing == state)


@pytest.mark.parametrize("caller", CALLERS)
async def test_every_way_of_searching_finds_the_same(crowded: AsyncEngine, caller: str) -> None:
    scope = CALLERS[caller]

    async with crowded.connect() as conn:
        for name, filters in FILTERS.items():
            sought = Sought(record_type="penalty", **filters)
            # Three pages, so that both ways and the seam between pages are seen.
            wanted = [row.id for row in islice(await conn.execute(naively(scope, sought).limit(3 * LIMIT)), 3 * LIMIT)]
            found: list[UUID] = []
            after: Place | None = None
            for _ in range(3):
                rows = await search.page(conn, scope, sought, NOW, after, LIMIT)
                found += [one.row.id for one in rows]
                if len(rows) < LIMIT:
                    break
                after = rows[-1].place(sought)
            assert found == wanted, (caller, name)
            total = await search.count(conn, scope, sought, NOW)
            assert (total >= len(wanted)) if len(wanted) == 3 * LIMIT else (total == len(wanted)), (caller, name)
            await conn.execute(text("RESET enable_seqscan"))
