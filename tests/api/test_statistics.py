"""Statistics: numbers that can be checked. Each is walked to its rows and counted again, for several callers."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import product
from statistics import median_low
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from python_calamine import CalamineWorkbook

from app import demo
from app.api.pace import Pace
from app.exchange import statistics
from app.rules.figures import Figure, Median, Rate
from app.rules.statistics import STATISTICS
from tests import corpus
from tests.api.held import MISTAKE, Held, pushed
from tests.api.promises import Json, told, trail
from tests.conftest import Service
from tests.transfers import CITY_POLICE, not_sent, opinion, organ, transfer

CITY, JIANGAN, WUCHANG = (demo.code_of(region, n) for region, n in (("420100", 0), ("420102", 1), ("420106", 2)))
NAMES = tuple(STATISTICS)
OF_PENALTIES = tuple(name for name in NAMES if name != "transfers")
CALLERS = ("market-wuchang", "market-city", "procuratorate-city", "procuratorate-jiangan", "auditor-city")
CALLERS_OF_TRANSFERS = ("market-wuchang", "police-wuchang", "police-city", "procuratorate-wuchang", "auditor-city")


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


AGENCY, POLICE, PROCURATORATE = "market-wuchang", "police-wuchang", "procuratorate-wuchang"

Told = tuple[str, str, str] | tuple[str, str, str, Json]
"""By whom, what, when, and what more."""

WHY: Json = {"reason": "样例"}
REFUSED: tuple[Told, ...] = (
    (POLICE, "received", "2026-09-23T10:00:00+08:00"),
    (POLICE, "not_filed", "2026-09-24", WHY),
    (POLICE, "notified", "2026-09-24"),
)
REROUTED: Told = (POLICE, "rerouted", "2026-09-24T09:30:00+08:00", {"to": organ(CITY_POLICE)})

TRANSFERS: dict[str, tuple[Json, tuple[Told, ...]]] = {
    "sent": (transfer(1), ()),
    "taken back": (transfer(2), ()),
    "undecided": (transfer(3), ((POLICE, "received", "2026-09-22T17:05:00+08:00"),)),
    "filed": (transfer(4), ((POLICE, "received", "2026-09-22T17:05:00+08:00"), (POLICE, "filed", "2026-09-25"))),
    "refused": (transfer(5), REFUSED),
    "filed on review": (
        transfer(6),
        (*REFUSED, (AGENCY, "review_requested", "2026-09-25"), (POLICE, "review_filed", "2026-09-28")),
    ),
    "filed on order": (
        transfer(7),
        (
            *REFUSED,
            (AGENCY, "supervision_requested", "2026-09-25"),
            (PROCURATORATE, "reason_required", "2026-09-27"),
            (POLICE, "reason_given", "2026-09-28", WHY),
            (PROCURATORATE, "filing_ordered", "2026-09-29"),
            (POLICE, "filed", "2026-09-30"),
        ),
    ),
    "late, filed on order": (
        transfer(8),
        (
            (POLICE, "received", "2026-09-22T17:05:00+08:00"),
            (AGENCY, "supervision_requested", "2026-09-29"),
            (PROCURATORATE, "reason_required", "2026-09-29"),
            (POLICE, "reason_given", "2026-09-30", WHY),
            (PROCURATORATE, "filing_ordered", "2026-10-02"),
            (POLICE, "filed", "2026-10-08"),
        ),
    ),
    "reason accepted": (
        transfer(9),
        (
            *REFUSED,
            (AGENCY, "supervision_requested", "2026-09-24"),
            (PROCURATORATE, "reason_required", "2026-09-25"),
            (POLICE, "reason_given", "2026-09-26", WHY),
            (PROCURATORATE, "reason_accepted", "2026-09-27"),
        ),
    ),
    "rerouted": (
        transfer(10),
        (
            (POLICE, "received", "2026-09-22T17:05:00+08:00"),
            REROUTED,
            ("police-city", "received", "2026-09-26T09:00:00+08:00"),
            ("police-city", "filed", "2026-09-28"),
        ),
    ),
    "being rerouted": (transfer(11), ((POLICE, "received", "2026-09-23T17:05:00+08:00"), REROUTED)),
    "returned": (
        transfer(12),
        ((POLICE, "received", "2026-09-24T11:00:00+08:00"), (POLICE, "returned", "2026-09-24", WHY)),
    ),
    "material supplied": (
        transfer(13),
        (
            (POLICE, "received", "2026-09-22T17:05:00+08:00"),
            (POLICE, "material_requested", "2026-09-23T11:00:00+08:00", WHY),
            (AGENCY, "material_supplied", "2026-09-25"),
            (POLICE, "filed", "2026-09-29"),
        ),
    ),
    "approved and not sent": (not_sent(14, approved_at="2026-09-22T10:20:00+08:00"), ()),
    "opinion followed": (
        opinion(15),
        ((PROCURATORATE, "opinion_issued", "2026-09-18", WHY), (AGENCY, "sent", "2026-10-08")),
    ),
    "opinion explained": (
        opinion(16),
        ((PROCURATORATE, "opinion_issued", "2026-08-18", WHY), (AGENCY, "opinion_explained", "2026-08-28", WHY)),
    ),
    "opinion open": (opinion(17), ((PROCURATORATE, "opinion_issued", "2026-09-30", WHY),)),
}


@pytest.fixture
async def transferred(service: Service) -> dict[str, Held]:
    """Transfers of all kinds between the three bodies of Wuchang, by what became of them."""
    service.app.state.shop = replace(service.shop, token_pace=Pace(burst=100_000, per_second=1000))
    held = {}
    for name, (record, told_later) in TRANSFERS.items():
        held[name] = await pushed(service, record, PROCURATORATE if "opened_by" in record else AGENCY)
        for by, event, occurred_at, *more in told_later:
            answer = await held[name].tell(
                {"event": event, "occurred_at": occurred_at, **(more[0] if more else {})}, by
            )
            assert (answer.status_code, answer.json()["applied"]) == (201, True), (name, event, answer.text)
    await held["taken back"].withdraw(reason=MISTAKE)
    return held


async def asked(service: Service, caller: str, name: str, **parameters: str) -> httpx.Response:
    return await (await service.client(caller)).get(f"/v1/statistics/{name}", params=parameters)


async def told_of(service: Service, caller: str, name: str, **parameters: str) -> Json:
    answer = await asked(service, caller, name, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def rows_of(client: httpx.AsyncClient, address: str) -> list[Json]:
    """What a query lists, walked to its end."""
    rows, after = list[Json](), dict[str, str]()
    while True:
        parts = urlsplit(address)
        answer = await client.get(parts.path, params={**dict(parse_qsl(parts.query)), "limit": "200", **after})
        assert answer.status_code == 200, answer.text
        rows += answer.json()["items"]
        if answer.json()["next"] is None:
            return rows
        after = {"after": answer.json()["next"]}


QUESTIONS: dict[str, tuple[dict[str, str], ...]] = {
    "timeliness": (
        {},
        {"by": "month", "from": "2026-08", "to": "2026-09"},
        {"by": "region", "region": "420100"},
        {"by": "organisation,month", "region": "420112", "field": "market"},
        {"by": "node", "organisation": WUCHANG, "node": "penalty_served", "record_type": "penalty"},
    ),
    "flow": ({}, {"by": "node,month", "from": "2026-10"}, {"by": "organisation,role", "to": "2026-09"}),
    "backlog": (
        {"by": "organisation"},
        {"by": "field,region"},
        {"by": "month", "from": "2026-05", "to": "2026-08"},
        {"by": "role", "role": "agency,police,party"},
    ),
    "entry": ({}, {"by": "region,month"}, {"by": "organisation", "region": "420106"}),
    "transfers": ({}, {"by": "field,month"}, {"by": "region", "organisation": WUCHANG, "from": "2026-09"}),
}


# --- numbers that can be checked ------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", OF_PENALTIES)
async def test_every_figure_is_what_its_query_lists(service: Service, year: list[Held], name: str) -> None:
    counted: Counter[str] = Counter()

    for by, parameters in product(CALLERS, QUESTIONS[name]):
        counted[by] += await _checked(service, by, name, parameters)

    assert {by for by, count in counted.items() if count} == set(CALLERS)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["transfers", "backlog"])
async def test_every_figure_of_transfers_is_what_its_query_lists(
    service: Service, transferred: dict[str, Held], name: str
) -> None:
    counted: Counter[str] = Counter()

    for by, parameters in product(CALLERS_OF_TRANSFERS, QUESTIONS[name]):
        counted[by] += await _checked(service, by, name, parameters)

    assert {by for by, count in counted.items() if count} == set(CALLERS_OF_TRANSFERS)


async def _checked(service: Service, by: str, name: str, parameters: dict[str, str]) -> int:
    """How many rows were found behind all the figures of one answer, each of which is made of its own anew."""
    client, found, listed = await service.client(by), 0, dict[str, list[Json]]()
    said = await told_of(service, by, name, **parameters)
    assert list(said["figures"]) == [one.name for one in STATISTICS[name].shown]
    for row in said["rows"]:
        assert list(row["figures"]) == list(said["figures"])
        for one in STATISTICS[name].shown:
            number = row["figures"][one.name]
            if number["rows"] not in listed:
                listed[number["rows"]] = await rows_of(client, number["rows"])
            rows = listed[number["rows"]]
            counts = {figure: row["figures"][figure]["value"] for figure in _counts(name)}
            assert number["value"] == _made_of(one, rows, counts), (by, parameters, row, one.name)
            found += len(rows)
    return found


def _made_of(one: Figure | Rate | Median, rows: list[Json], counts: dict[str, int]) -> int | str | None:
    """What a number has to be by what its query lists."""
    if isinstance(one, Figure):
        return len(rows)
    if isinstance(one, Median):
        return median_low(map(_days, rows)) if rows else None
    assert len(rows) == sum(counts[part] for part in one.of) >= counts[one.part]
    return f"{counts[one.part] / len(rows):.4f}" if rows else None


def _days(row: Json) -> int:
    since, until = (date.fromisoformat(row[name][:10]) for name in ("opened_at", "done_at"))
    return (until - since).days


def _counts(name: str) -> list[str]:
    return [figure.name for figure in STATISTICS[name].figures]


@pytest.mark.parametrize("name", OF_PENALTIES)
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
        counts.pop("median_days")
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
    by_all = await told_of(service, "procuratorate-city", "timeliness", by="organisation,region,field,node,role,month")

    assert _sum(by_node["rows"], "opened") == _sum(by_all["rows"], "opened")
    groups = ["organisation", "region", "field", "node", "role", "month"]
    assert list(by_all["rows"][0]) == [*groups, "node_title", "role_title", "figures"]


def _sum(rows: Iterable[Json], figure: str) -> int:
    return sum(row["figures"][figure]["value"] for row in rows)


async def test_an_organ_whose_case_has_no_outcome_is_named_by_the_entry_statistic(
    service: Service, year: list[Held]
) -> None:
    said = await told_of(service, "procuratorate-city", "entry")

    missing = {row["organisation"]: row["figures"]["missing"]["value"] for row in said["rows"]}
    assert missing == {WUCHANG: 1, JIANGAN: 0, CITY: 0}
    assert "从未报送" in said["definition"]


# --- transfers ------------------------------------------------------------------------------------


async def test_an_auditor_reads_how_transfers_fare(service: Service, transferred: dict[str, Held]) -> None:
    (row,) = (await told_of(service, "auditor-city", "transfers", by="region"))["rows"]

    assert {name: number["value"] for name, number in row["figures"].items()} == {
        "sent": 13,
        "received": 10,
        "rate_received": "0.7692",
        "median_days_to_receipt": 1,
        "returned": 1,
        "to_decide": 9,
        "decided": 8,
        "rate_decided": "0.8889",
        "median_days_to_decision": 1,
        "filed": 4,
        "not_filed": 4,
        "rate_filed": "0.5000",
        "filed_on_review": 1,
        "filed_on_order": 2,
        "opinions": 3,
        "opinions_followed": 1,
        "opinions_explained": 1,
        "opinions_open": 1,
        "overdue_agency": 1,
        "overdue_police": 1,
        "overdue_procuratorate": 1,
    }


async def test_each_figure_of_transfers_is_of_the_cases_it_is_named_for(
    service: Service, transferred: dict[str, Held]
) -> None:
    client = await service.client("auditor-city")
    (row,) = (await told_of(service, "auditor-city", "transfers", by="region"))["rows"]
    names = {held.id: name for name, held in transferred.items()}

    async def cases(figure: str) -> set[str]:
        return {names[one["id"]] for one in await rows_of(client, row["figures"][figure]["rows"])}

    assert await cases("sent") - await cases("received") == {"sent", "being rerouted", "opinion followed"}
    assert await cases("received") - await cases("to_decide") == {"returned"}
    assert await cases("to_decide") - await cases("decided") == {"undecided"}
    assert await cases("filed") == {"filed", "late, filed on order", "rerouted", "material supplied"}
    assert await cases("not_filed") == {"refused", "filed on review", "filed on order", "reason accepted"}
    assert await cases("filed_on_review") == {"filed on review"}
    assert await cases("filed_on_order") == {"filed on order", "late, filed on order"}
    assert await cases("opinions_followed") == {"opinion followed"}
    assert await cases("opinions_explained") == {"opinion explained"}
    assert await cases("opinions_open") == {"opinion open"}

    # From the receipt, or from the last missing material.
    rows = await rows_of(client, row["figures"]["median_days_to_decision"]["rows"])
    days = {names[one["id"]]: _days(one) for one in rows}
    assert (days["filed"], days["material supplied"], days["rerouted"], days["filed on order"]) == (3, 4, 2, 1)


async def test_what_is_overdue_is_told_by_side(service: Service, transferred: dict[str, Held]) -> None:
    said = await told_of(service, "auditor-city", "backlog", by="role", record_type="transfer")
    (row,) = (await told_of(service, "auditor-city", "transfers", by="region"))["rows"]

    sides = {one["role"]: one["figures"]["overdue"] for one in said["rows"]}
    assert {side: number["value"] for side, number in sides.items()} == {
        side: row["figures"][f"overdue_{side}"]["value"] for side in ("agency", "police", "procuratorate")
    }
    assert sides["police"]["rows"] == "/v1/nodes?advisory=false&record_type=transfer&role=police&state=overdue"
    assert [one["role_title"] for one in said["rows"]] == ["行政机关", "公安机关", "检察院"]


async def test_each_is_counted_the_transfers_it_has(service: Service, transferred: dict[str, Held]) -> None:
    (row,) = (await told_of(service, "police-city", "transfers"))["rows"]

    counts = {name: row["figures"][name]["value"] for name in ("sent", "received", "to_decide", "filed", "not_filed")}
    assert counts == {"sent": 2, "received": 1, "to_decide": 1, "filed": 1, "not_filed": 0}
    assert row["organisation"] == WUCHANG
    # Counted for who reported the record; the office is counted what its city has.
    said = await told_of(service, "office-city", "transfers")
    opinions = {row["organisation"]: row["figures"]["opinions"]["value"] for row in said["rows"]}
    assert opinions == {WUCHANG: 0, demo.code_of("420106", 8): 3}


# --- who ------------------------------------------------------------------------------------------


async def test_without_a_token_nothing_is_counted(service: Service) -> None:
    answers = [await service.anonymous.get(f"/v1/statistics/{name}") for name in NAMES]

    assert [told(answer)[:2] for answer in answers] == [(401, "token-missing")] * len(NAMES)


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
        assert [row["figures"] for row in zh["rows"]] == [row["figures"] for row in en["rows"]]
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
    "transfers?by=role": ("/by", "unknown-code"),
    "transfers?record_type=penalty": ("/record_type", "unknown-parameter"),
    "backlog?done_by=filed": ("/done_by", "unknown-parameter"),
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
