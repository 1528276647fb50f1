"""Statistics: numbers that can be checked. Each is walked to its rows and counted again, for several callers."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from python_calamine import CalamineWorkbook

from app import demo
from app.api.pace import Pace
from app.exchange import statistics
from app.rules.figures import STATISTICS
from tests import corpus
from tests.api.held import MISTAKE, Held, pushed
from tests.api.promises import Json, told, trail
from tests.conftest import Service

CITY, JIANGAN, WUCHANG = (demo.code_of(region, n) for region, n in (("420100", 0), ("420102", 1), ("420106", 2)))
NAMES = tuple(STATISTICS)
CALLERS = ("market-wuchang", "market-city", "procuratorate-city", "procuratorate-jiangan", "auditor-city")


def penalty(n: int, owner: str, region: str, **changes: object) -> Json:
    said = {"party_kind": "legal_person", "kinds": ["01", "03"], "publicity_until": None} | changes
    return corpus.penalty(n, organisation=owner, region=region, **said)  # type: ignore[arg-type]


def filed(n: int, owner: str, region: str, filed_on: str) -> Json:
    """A case that was filed and of which no more was told."""
    wanted = {"record_type", "source_id", "organisation", "region", "field", "party", "organ"}
    said = {name: value for name, value in penalty(n, owner, region).items() if name in wanted}
    return said | {"filed_on": filed_on}


@pytest.fixture
async def year(service: Service) -> list[Held]:
    """Cases of half a year from three bureaus, in all states there are."""
    service.app.state.shop = replace(service.shop, token_pace=Pace(burst=100_000, per_second=1000))
    owners = (
        ("market-wuchang", WUCHANG, "420106"),
        ("market-jiangan", JIANGAN, "420102"),
        ("market-city", CITY, "420112-AEDZ"),
    )
    held = []
    for n, decided_on in enumerate(
        ("2026-05-11", "2026-08-31", "2026-09-21", "2026-09-23", "2026-09-29", "2026-10-08")
    ):
        for place, (by, owner, region) in enumerate(owners):
            number = 10 * n + place
            held.append(await pushed(service, penalty(number + 1, owner, region, decided_on=decided_on), by))
            if number % 4 == 0:
                await held[-1].tell({"event": "served", "occurred_at": "2026-10-08"})
            if number % 3 == 0:
                await held[-1].tell({"event": "published", "occurred_at": decided_on})
    held.append(await pushed(service, filed(91, WUCHANG, "420106", "2026-03-02"), "market-wuchang"))
    held.append(await pushed(service, filed(92, JIANGAN, "420102", "2026-09-30"), "market-jiangan"))
    held.append(
        await pushed(service, penalty(93, CITY, "420100", decided_on="2026-09-30", field="ecology"), "market-city")
    )
    await held[-1].tell({"event": "suspended", "occurred_at": "2026-10-01", "reason": "样例"})
    # Outside market regulation no number of days is set for closing a case.
    held.append(await pushed(service, filed(94, CITY, "420100", "2026-09-01") | {"field": "ecology"}, "market-city"))
    await held[-1].tell({"event": "not_punished", "occurred_at": "2026-09-28", "reason": "样例"})
    await held[4].withdraw(reason=MISTAKE)
    return held


async def asked(service: Service, caller: str, name: str, **parameters: str) -> httpx.Response:
    return await (await service.client(caller)).get(f"/v1/statistics/{name}", params=parameters)


async def told_of(service: Service, caller: str, name: str, **parameters: str) -> Json:
    answer = await asked(service, caller, name, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def rows_of(client: httpx.AsyncClient, address: str) -> int:
    """How many a query lists, walked to its end."""
    count, after = 0, dict[str, str]()
    while True:
        parts = urlsplit(address)
        answer = await client.get(parts.path, params={**dict(parse_qsl(parts.query)), "limit": "200", **after})
        assert answer.status_code == 200, answer.text
        count += len(answer.json()["items"])
        if answer.json()["next"] is None:
            return count
        after = {"after": answer.json()["next"]}


QUESTIONS: dict[str, tuple[dict[str, str], ...]] = {
    "timeliness": (
        {},
        {"by": "month", "from": "2026-08", "to": "2026-09"},
        {"by": "region", "region": "420100"},
        {"by": "organisation,month", "region": "420112", "field": "market"},
        {"by": "node", "organisation": WUCHANG, "node": "penalty_served", "record_type": "penalty"},
    ),
    "flow": ({}, {"by": "node,month", "from": "2026-10"}, {"by": "organisation", "to": "2026-09"}),
    "backlog": ({"by": "organisation"}, {"by": "field,region"}, {"by": "month", "from": "2026-05", "to": "2026-08"}),
    "entry": ({}, {"by": "region,month"}, {"by": "organisation", "region": "420106"}),
}


# --- numbers that can be checked ------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
async def test_every_figure_is_what_its_query_lists(service: Service, year: list[Held], name: str) -> None:
    counted: Counter[str] = Counter()

    for by, parameters in product(CALLERS, QUESTIONS[name]):
        client = await service.client(by)
        said = await told_of(service, by, name, **parameters)
        assert list(said["figures"]) == _names(name)
        for row in said["rows"]:
            for figure, number in row["figures"].items():
                rows = await rows_of(client, number["rows"])
                if figure in _counts(name):
                    assert number["value"] == rows, (by, parameters, row, figure)
                    counted[by] += rows

    assert set(counted) == {by for by, count in counted.items() if count} == set(CALLERS)


def _names(name: str) -> list[str]:
    rate = STATISTICS[name].rate
    return [*_counts(name), *([rate.name] if rate else [])]


def _counts(name: str) -> list[str]:
    return [figure.name for figure in STATISTICS[name].figures]


@pytest.mark.parametrize("name", NAMES)
async def test_a_supervisor_sees_every_figure_of_the_year_and_none_is_always_nought(
    service: Service, year: list[Held], name: str
) -> None:
    said = await told_of(service, "procuratorate-city", name)

    sums = {figure: sum(row["figures"][figure]["value"] for row in said["rows"]) for figure in _counts(name)}

    never = {"open_overdue"}  # who tells us of a decision has entered it
    assert {figure for figure, count in sums.items() if not count} <= never


async def test_the_figures_of_timeliness_add_up_and_the_rate_is_of_what_was_due(
    service: Service, year: list[Held]
) -> None:
    said = await told_of(service, "procuratorate-city", "timeliness", by="node,month")

    for row in said["rows"]:
        counts = {figure: number["value"] for figure, number in row["figures"].items()}
        rate = counts.pop("rate_in_time")
        assert counts.pop("opened") == sum(counts.values())
        due = counts["done"] + counts["done_late"] + counts["overdue"]
        assert rate == (f"{counts['done'] / due:.4f}" if due else None)
    assert {row["figures"]["rate_in_time"]["value"] for row in said["rows"]} > {None}


async def test_the_parts_of_the_backlog_add_up(service: Service, year: list[Held]) -> None:
    said = await told_of(service, "procuratorate-city", "backlog", by="organisation,node")

    for row in said["rows"]:
        counts = {figure: number["value"] for figure, number in row["figures"].items()}
        late = [counts[f"overdue_{part}"] for part in ("to_7_days", "8_to_30_days", "over_30_days")]
        assert counts["overdue"] == sum(late)
        assert counts["open"] >= counts["overdue"] + counts["due_soon"] + counts["paused"] + counts["without_number"]


async def test_groups_are_parts_of_the_whole(service: Service, year: list[Held]) -> None:
    by_node = await told_of(service, "procuratorate-city", "timeliness", by="node")
    by_all = await told_of(service, "procuratorate-city", "timeliness", by="organisation,region,field,node,month")

    assert _sum(by_node["rows"], "opened") == _sum(by_all["rows"], "opened")
    assert list(by_all["rows"][0]) == ["organisation", "region", "field", "node", "month", "node_title", "figures"]


def _sum(rows: Iterable[Json], figure: str) -> int:
    return sum(row["figures"][figure]["value"] for row in rows)


async def test_an_organ_whose_case_has_no_outcome_is_named_by_the_entry_statistic(
    service: Service, year: list[Held]
) -> None:
    said = await told_of(service, "procuratorate-city", "entry")

    missing = {row["organisation"]: row["figures"]["missing"]["value"] for row in said["rows"]}
    assert missing == {WUCHANG: 1, JIANGAN: 0, CITY: 0}
    assert "从未报送" in said["definition"]


# --- who ------------------------------------------------------------------------------------------


async def test_without_a_token_nothing_is_counted(service: Service) -> None:
    answers = [await service.anonymous.get(f"/v1/statistics/{name}") for name in NAMES]

    assert [told(answer)[:2] for answer in answers] == [(401, "token-missing")] * 4


SEEN = {
    "market-wuchang": {WUCHANG},
    "market-city": {WUCHANG, JIANGAN, CITY},
    "ecology-city": {CITY},
    "police-city": set(),
    "procuratorate-jiangan": {JIANGAN},
    "procuratorate-city": {WUCHANG, JIANGAN, CITY},
    "justice-city": {WUCHANG, JIANGAN, CITY},
    "office-city": {WUCHANG, JIANGAN, CITY},
}


async def test_everybody_is_counted_what_they_see_and_the_office_its_city(service: Service, year: list[Held]) -> None:
    said = {by: await told_of(service, by, "backlog", by="organisation") for by in SEEN}

    assert {by: {row["organisation"] for row in one["rows"]} for by, one in said.items()} == SEEN


async def test_the_office_has_the_figures_of_the_city(service: Service, year: list[Held]) -> None:
    office, procuratorate = [
        (await told_of(service, by, "timeliness", by="organisation"))["rows"]
        for by in ("office-city", "procuratorate-city")
    ]

    assert office == procuratorate


# --- words ----------------------------------------------------------------------------------------


async def test_every_figure_has_its_definition_in_the_language_of_the_caller(
    service: Service, year: list[Held]
) -> None:
    client = await service.client("procuratorate-city")

    for name in NAMES:
        zh = (await client.get(f"/v1/statistics/{name}")).json()
        en = (await client.get(f"/v1/statistics/{name}", headers={"Accept-Language": "en"})).json()
        assert zh["rows"][0]["figures"] == en["rows"][0]["figures"]
        for said, is_english in ((zh, False), (en, True)):
            words = [said["title"], said["definition"], *(w for one in said["figures"].values() for w in one.values())]
            assert all(word and word.isascii() is is_english for word in map(_plain, words)), (name, words)
    titles = {row["node"]: row["node_title"] for row in (await client.get("/v1/statistics/backlog")).json()["rows"]}
    assert titles["penalty_served"] == "送达"


def _plain(word: str) -> str:
    return word.replace("÷", "/")


async def test_an_answer_says_when_and_of_what_it_is(service: Service, year: list[Held]) -> None:
    said = await told_of(
        service, "procuratorate-city", "timeliness", by="month", region="420106", **{"from": "2026-09"}
    )

    assert said["at"] == "2026-10-09T09:02:11.482+08:00"
    assert said["filters"] == {"region": "420106", "from": "2026-09"}
    assert said["by"] == ["month"]
    assert [row["month"] for row in said["rows"]] == ["2026-09", "2026-10"]


# --- bad input ------------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, str]] = {
    "timeliness?colour=red": ("/colour", "unknown-parameter"),
    "timeliness?by=node&by=month": ("/by", "unknown-parameter"),
    "timeliness?state=done": ("/state", "unknown-parameter"),
    "timeliness?by=": ("/by", "unknown-code"),
    "timeliness?by=node,colour": ("/by", "unknown-code"),
    "timeliness?by=node,node": ("/by", "repeated"),
    "timeliness?from=2026-13": ("/from", "format"),
    "timeliness?from=2026-01-01": ("/from", "format"),
    "timeliness?from=2026-02&to=2026-01": ("/to", "date-order"),
    "timeliness?region=110000": ("/region", "unknown-code"),
    "timeliness?node=penalty_forgotten": ("/node", "unknown-code"),
    "flow?organisation=123": ("/organisation", "credit-code-length"),
    "backlog?format=pdf": ("/format", "unknown-code"),
    "entry?node=penalty_served": ("/node", "unknown-parameter"),
    "entry?by=node": ("/by", "unknown-code"),
}


async def test_a_parameter_that_cannot_be_is_told_at_its_place(service: Service) -> None:
    client = await service.client("procuratorate-city")

    for query, fault in WRONG.items():
        assert told(await client.get(f"/v1/statistics/{query}")) == (400, "bad-parameter", (fault,)), query


async def test_more_groups_than_an_answer_holds_are_refused(
    service: Service, year: list[Held], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "MOST_GROUPS", 2)

    answer = await asked(service, "procuratorate-city", "backlog", by="organisation")

    assert told(answer) == (422, "too-many-rows", ())
    assert answer.json()["most"] == 2


# --- tables and trail -----------------------------------------------------------------------------


async def test_a_statistic_is_had_as_a_table_with_its_definitions(service: Service, year: list[Held]) -> None:
    said = await told_of(service, "procuratorate-city", "timeliness", by="organisation,node")
    numbers = [(row, *number) for row in said["rows"] for number in row["figures"].items()]

    as_csv = await asked(service, "procuratorate-city", "timeliness", by="organisation,node", format="csv")
    as_xlsx = await asked(service, "procuratorate-city", "timeliness", by="organisation,node", format="xlsx")

    head, *lines = csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"), newline=""))
    assert head == ["报送单位代码", "节点代码", "节点", "指标代码", "指标", "数值", "定义", "明细查询"]
    assert [(line[0], line[1], line[3], line[7]) for line in lines] == [
        (row["organisation"], row["node"], figure, number["rows"]) for row, figure, number in numbers
    ]
    assert [line[5] for line in lines] == ["" if n["value"] is None else str(n["value"]) for _, _, n in numbers]
    assert {line[6] for line in lines} == {one["definition"] for one in said["figures"].values()}
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx.content))
    assert book.sheet_names == ["统计", "定义", "明细查询"]
    wide = book.get_sheet_by_name("统计").to_python()
    assert wide[0][3:] == [one["title"] for one in said["figures"].values()]
    assert [row[3] for row in wide[1:]] == [row["figures"]["opened"]["value"] for row in said["rows"]]
    meant = {row[0]: row[2] for row in book.get_sheet_by_name("定义").to_python()}
    assert meant | {name: one["definition"] for name, one in said["figures"].items()} == meant
    assert as_csv.headers["content-disposition"] == 'attachment; filename="timeliness-20261009.csv"'


async def test_every_count_leaves_a_trail_row(service: Service, year: list[Held]) -> None:
    before = len(await trail(service))

    await asked(service, "office-city", "entry", region="420106")
    await asked(service, "office-city", "flow", by="colour")

    rows: list[Any] = [(row["action"], row["outcome"], row["detail"]) for row in (await trail(service))[before:]]
    assert rows == [
        ("count", "done", "statistic=entry by=organisation filters=region rows=1"),
        ("count", "bad-parameter", "unknown-code"),
    ]
