"""Finding records: who finds what, by which filter, page by page, and what a search never tells."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app import demo
from app.api.pace import Pace
from app.exchange import enrol
from app.store.organisations import OrganisationRow
from tests import corpus
from tests.api.held import Held, pushed
from tests.api.promises import PUSH, Json, told, trail
from tests.conftest import NOW, Service

SEARCH = PUSH + "/search"
WUCHANG, JIANGAN, CITY = demo.code_of("420106", 2), demo.code_of("420102", 1), demo.code_of("420100", 0)
DONGXIHU = OrganisationRow(demo.code_of("420112", 40), "东西湖区人民检察院（演示）", "procuratorate", "420112", None)
RESIDENT = corpus.resident_id(corpus.random("somebody sought"))
FIRM = corpus.credit_code(corpus.random("firm sought"))

Shelf = dict[str, Held]
"""What was pushed, by the names it has in these tests."""


def penalty(n: int, owner: str, region: str, party: Json, decided_on: str | None = None, **changes: object) -> Json:
    """The n-th penalty of an agency, by its party; without a decision it was only filed."""
    said = corpus.penalty(n, organisation=owner, region=region, kinds=["01"], party_kind="legal_person")
    said |= {"party": party, "decided_on": decided_on, "publicity_until": None, "filed_on": "2026-01-04"} | changes
    if decided_on is None:
        wanted = {
            "record_type",
            "source_id",
            "organisation",
            "region",
            "field",
            "party",
            "organ",
            "filed_on",
            "case_no",
        }
        said = {name: value for name, value in said.items() if name in wanted}
    return {name: value for name, value in said.items() if value is not None}


def firm(name: str, representative: str = "样例代表", code: str = FIRM) -> Json:
    return {
        "name": name,
        "kind": "legal_person",
        "credit_code": code,
        "legal_representative": {"name": representative},
    }


def person(name: str, number: str = RESIDENT) -> Json:
    return {"name": name, "kind": "natural_person", "id_type": "resident_id", "id_no": number}


def trader(name: str, representative: str) -> Json:
    code = corpus.credit_code(corpus.random(name), "92")
    return {"name": name, "kind": "sole_trader", "credit_code": code, "legal_representative": {"name": representative}}


RECORDS: dict[str, tuple[str, Json]] = {
    "firm": ("market-wuchang", penalty(1, WUCHANG, "420106", firm("武汉样例龘记商贸有限公司"), "2026-09-01")),
    "person": (
        "market-wuchang",
        penalty(
            2,
            WUCHANG,
            "420106",
            person("欧阳样例"),
            "2026-09-15",
            violation_facts="经查,欧阳样例在武昌区出售未经检疫的活禽。",
            source_id="2026-欧阳样例-2",
            decision_no="武市监欧阳样例罚〔2026〕2号",
        ),
    ),
    "trader": (
        "market-jiangan",
        penalty(3, JIANGAN, "420102", trader("王样例便利店", "王样例"), "2026-10-08", remarks="100%_a\\b 'q' Xy"),
    ),
    "zone": ("market-city", penalty(4, CITY, "420112-AEDZ", firm("临空港样例物流有限公司", "王样例二"), "2026-09-30")),
    "filed": (
        "market-city",
        penalty(5, CITY, "420100", firm("样例 Trading 行"), field="ecology", case_no="XK-0005"),
    ),
}


@pytest.fixture
async def shelf(service: Service) -> Shelf:
    """Five records, received an hour apart, the last one at NOW."""
    # These tests ask more often for a token than anybody does.
    service.app.state.shop = replace(service.shop, token_pace=Pace(burst=1000, per_second=1000))
    async with service.shop.engine.begin() as conn:
        (made,) = await enrol.enrol_all(conn, [("procuratorate-dongxihu", DONGXIHU)], NOW)
    service.enrolled[made.client_id] = made
    held = {}
    for back, (name, (owner, record)) in zip(range(len(RECORDS) - 1, -1, -1), RECORDS.items(), strict=True):
        service.now = NOW - timedelta(hours=back)
        held[name] = await pushed(service, record, owner)
    return held


async def asked(service: Service, by: str, **filters: object) -> httpx.Response:
    return await (await service.client(by)).post(SEARCH, json=filters)


async def found(service: Service, shelf: Shelf, by: str = "procuratorate-city", **filters: object) -> list[str]:
    """What somebody finds, by the names of these tests, in the order of the list."""
    answer = await asked(service, by, **filters)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] is None
    names = {held.id: name for name, held in shelf.items()}
    return [names[item["id"]] for item in answer.json()["items"]]


# --- who ------------------------------------------------------------------------------------------


async def test_without_a_token_nothing_is_found(service: Service, shelf: Shelf) -> None:
    answers = [
        await service.anonymous.post(SEARCH, json={}),
        await service.anonymous.post(SEARCH, content=b"{"),
        await service.anonymous.get(PUSH),
        await service.anonymous.get(PUSH, params={"party_code": RESIDENT}),
    ]

    assert [told(answer)[:2] for answer in answers] == [(401, "token-missing")] * 4


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("market-wuchang", ["person", "firm"]),
        ("market-jiangan", ["trader"]),
        ("market-city", ["filed", "zone"]),
        ("ecology-city", []),
        ("police-city", []),
        ("procuratorate-wuchang", ["person", "firm"]),
        ("procuratorate-jiangan", ["trader"]),
        ("procuratorate-dongxihu", ["zone"]),
        ("procuratorate-city", ["filed", "zone", "trader", "person", "firm"]),
        ("auditor-city", ["filed", "zone", "trader", "person", "firm"]),
        ("justice-city", ["filed", "zone", "trader", "person", "firm"]),
        ("office-city", []),
    ],
)
async def test_everybody_finds_what_it_may_read_and_nothing_else(
    service: Service, shelf: Shelf, by: str, names: list[str]
) -> None:
    everything = await found(service, shelf, by)
    elsewhere = await found(service, shelf, by, region="420100")
    by_words = await found(service, shelf, by, q="样例")
    by_decision = await found(service, shelf, by, decided_from="2026-01-01")
    by_duty = await found(service, shelf, by, node_state="overdue")

    assert everything == elsewhere == names
    assert by_words == names
    assert set(by_decision) == set(names) - {"filed"}
    assert set(by_duty) <= set(names)
    for name, held in shelf.items():
        readable = (await (await service.client(by)).get(held.address)).status_code == 200
        assert readable == (name in names)


async def test_what_is_found_is_what_is_read(service: Service, shelf: Shelf) -> None:
    await shelf["person"].withdraw(by="market-wuchang")

    for by in ("procuratorate-city", "auditor-city"):
        items = (await asked(service, by)).json()["items"]
        for item in items:
            read = await (await service.client(by)).get(f"{PUSH}/{item['id']}")
            assert item == read.json()


# --- by what --------------------------------------------------------------------------------------


FILTERS: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"organisation": WUCHANG}, ["person", "firm"]),
    ({"organisation": demo.code_of("420100", 3)}, []),
    ({"source_id": "2026-例-000003"}, ["trader"]),
    ({"source_id": "2026-例-00000"}, []),
    ({"region": "420106"}, ["person", "firm"]),
    ({"region": "420112"}, ["zone"]),
    ({"region": "420112-AEDZ"}, ["zone"]),
    ({"region": "420100"}, ["filed", "zone", "trader", "person", "firm"]),
    ({"region": "420103"}, []),
    ({"field": "ecology"}, ["filed"]),
    ({"party_code": FIRM}, ["filed", "zone", "firm"]),
    ({"party_code": FIRM.lower()}, ["filed", "zone", "firm"]),
    ({"party_code": RESIDENT}, ["person"]),
    ({"party_name": "有限公司"}, ["zone", "firm"]),
    ({"party_name": "欧阳"}, ["person"]),
    ({"party_name": "王样例便"}, ["trader"]),
    ({"party_name": "trading"}, ["filed"]),
    ({"party_name": "样例 Trading"}, ["filed"]),
    ({"party_name": "样例  Trading"}, []),
    ({"document_no": "武市监处罚〔2026〕1号"}, ["firm"]),
    ({"document_no": "武市监处罚[2026]第01号"}, ["firm"]),
    ({"decided_from": "2026-09-15"}, ["trader", "zone", "person"]),
    ({"decided_to": "2026-09-15"}, ["person", "firm"]),
    ({"decided_from": "2026-09-15", "decided_to": "2026-09-15"}, ["person"]),
    ({"received_from": "2026-10-09"}, ["filed", "zone", "trader", "person", "firm"]),
    ({"received_to": "2026-10-08"}, []),
    ({"received_from": "2026-10-09T08:02:11.482+08:00"}, ["filed", "zone"]),
    ({"received_to": "2026-10-09T00:02:11.482Z"}, ["zone", "trader", "person", "firm"]),
    ({"received_to": "2026-10-09T08:02:11.481+08:00"}, ["trader", "person", "firm"]),
    ({"state": "filed"}, ["filed"]),
    ({"state": "withdrawn"}, []),
    ({"region": "420106", "decided_to": "2026-09-01", "q": "商贸"}, ["firm"]),
    ({"region": "420102", "q": "商贸"}, []),
)


async def test_each_filter_finds_and_excludes(service: Service, shelf: Shelf) -> None:
    answers = [(filters, await found(service, shelf, **filters)) for filters, _ in FILTERS]

    assert answers == list(FILTERS)


WORDS: tuple[tuple[str, list[str]], ...] = (
    ("龘", ["firm"]),
    ("龘记", ["firm"]),
    ("记龘", []),
    ("武汉样例龘记商贸有限公司", ["firm"]),
    ("龘记 有限公司", ["firm"]),
    ("有限公司 龘记", ["firm"]),
    ("龘记 物流", []),
    ("有限", ["zone", "firm"]),
    ("司", ["zone", "firm"]),
    ("活禽", ["person"]),
    ("欧阳样例在武昌区", ["person"]),
    (RESIDENT, ["person"]),
    (RESIDENT[6:14], ["person"]),
    ("王样例便利店", ["trader"]),
    ("王样例", ["zone", "trader"]),
    ("xk-0005", ["filed"]),
    ("2026-例-000004", ["zone"]),
    ("TRADING", ["filed"]),
    ("例 t", ["filed"]),
    ("100%", ["trader"]),
    ("%", ["trader"]),
    ("_", ["trader"]),
    ("\\", ["trader"]),
    ("a\\b", ["trader"]),
    ("'", ["trader"]),
    ("'q'", ["trader"]),
    ("1__%", []),
    ("龘_", []),
    ("|", []),
    ("!龘", []),
    (":*", []),
    ("　龘记　", ["firm"]),
)


async def test_words_of_any_length_are_found_as_they_are_written(service: Service, shelf: Shelf) -> None:
    answers = [(q, await found(service, shelf, q=q)) for q, _ in WORDS]

    assert answers == list(WORDS)


STATES = ("open", "due_soon", "overdue", "done", "done_late", "paused", "waived")


async def test_a_record_is_found_by_where_its_duties_stand_now(service: Service, shelf: Shelf) -> None:
    zone = shelf["zone"]
    reason = {"reason": "申请中止"}
    await zone.tell({"event": "suspended", "occurred_at": "2026-10-01", "node": "penalty_served"} | reason)
    await zone.tell({"event": "waived", "occurred_at": "2026-10-01", "node": "penalty_published"} | reason)
    await shelf["firm"].tell({"event": "served", "occurred_at": "2026-09-03"}, by="market-wuchang")

    met: set[str] = set()
    for days in (0, 6, 60):
        service.now = NOW + timedelta(days=days)
        nodes = {name: await held.read("/nodes", by="procuratorate-city") for name, held in shelf.items()}
        stand = {name: {node["state"] for node in read["items"]} for name, read in nodes.items()}
        for state in STATES:
            names = await found(service, shelf, node_state=state)
            assert set(names) == {name for name, states in stand.items() if state in states}, (days, state)
        met |= set().union(*stand.values())
    assert sorted(met) == sorted(STATES)


async def test_a_record_is_found_by_the_version_that_holds(service: Service, shelf: Shelf) -> None:
    record = RECORDS["firm"][1]
    await shelf["firm"].put(record | {"party": firm("武汉样例鱻记商贸有限公司")}, by="market-wuchang")

    assert await found(service, shelf, q="龘记") == []
    assert await found(service, shelf, q="鱻记") == ["firm"]
    assert await found(service, shelf, party_name="鱻") == ["firm"]


async def test_a_withdrawn_record_is_found_as_such(service: Service, shelf: Shelf) -> None:
    await shelf["firm"].withdraw(by="market-wuchang")

    assert await found(service, shelf, state="withdrawn") == ["firm"]
    assert await found(service, shelf, q="龘") == ["firm"]


# --- the masked -----------------------------------------------------------------------------------


MASKED: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"party_name": "有限公司"}, ["zone", "firm"]),
    ({"party_name": "便利店"}, ["trader"]),
    ({"party_name": "王"}, []),
    ({"party_name": "王样例"}, []),
    ({"party_name": "王样例便利店"}, []),
    ({"party_name": "例便"}, []),
    ({"party_name": "欧阳"}, []),
    ({"party_name": "欧"}, []),
    ({"party_code": FIRM}, ["filed", "zone", "firm"]),
    ({"q": "欧阳样例"}, []),
    ({"q": "欧"}, []),
    ({"q": RESIDENT}, []),
    ({"q": RESIDENT[:6]}, []),
    ({"q": "王样例"}, []),
    ({"q": "王"}, []),
    ({"q": "活禽"}, ["person"]),
    ({"q": "在武昌区"}, ["person"]),
    ({"source_id": "2026-欧阳样例-2"}, []),
    ({"document_no": "武市监欧阳样例罚〔2026〕2号"}, []),
    ({"source_id": "2026-例-000003"}, ["trader"]),
    ({"document_no": "武市监处罚〔2026〕1号"}, ["firm"]),
)


@pytest.mark.parametrize("by", ["auditor-city", "justice-city"])
async def test_a_masked_reader_does_not_learn_who_somebody_is_by_searching(
    service: Service, shelf: Shelf, by: str
) -> None:
    answers = [(filters, await found(service, shelf, by, **filters)) for filters, _ in MASKED]
    whole = [await asked(service, by, **filters, estimate=True) for filters, _ in MASKED]

    assert answers == list(MASKED)
    assert [answer.json()["estimated_total"]["value"] for answer in whole] == [len(names) for _, names in MASKED]
    assert not [answer for answer in whole if "欧阳" in answer.text or RESIDENT in answer.text]


async def test_a_number_that_holds_the_name_of_another_version_is_not_found_by_it(
    service: Service, shelf: Shelf
) -> None:
    number = "武市监欧阳样例罚[2026]2号"
    record = RECORDS["person"][1] | {"decision_no": number, "violation_facts": "出售活禽。"}
    for version, name in enumerate(("欧阳样例", "司马样例"), start=1):
        await shelf["person"].put(record | {"party": person(name)}, version)

    assert await found(service, shelf, "justice-city", document_no=number) == []
    assert await found(service, shelf, "procuratorate-city", document_no=number) == ["person"]


async def test_a_masked_reader_does_not_search_by_the_number_of_a_person(service: Service, shelf: Shelf) -> None:
    for number in (RESIDENT, RESIDENT.lower(), "E12345678", "H01234567", "420106000101123", "x"):
        refused = await asked(service, "auditor-city", party_code=number)
        answered = await asked(service, "procuratorate-city", party_code=number)

        assert told(refused) == (403, "role-may-not", (("/party_code", "masked-search"),))
        assert number not in refused.text or number == "x"
        assert answered.status_code == 200


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_hold_everything_once_while_more_comes_in(service: Service, shelf: Shelf, limit: int) -> None:
    newcomers = iter(range(10, 200))
    for filters in ({}, {"q": "样例"}, {"decided_from": "2026-01-01"}, {"field": "market"}, {"node_state": "overdue"}):
        service.now += timedelta(minutes=1)
        wanted = [item["id"] for item in (await asked(service, "procuratorate-city", **filters)).json()["items"]]

        seen: list[str] = []
        after: str | None = None
        while after is not None or not seen:
            page = (await asked(service, "procuratorate-city", **filters, limit=limit, after=after)).json()
            assert 0 < len(page["items"]) <= limit
            seen += [item["id"] for item in page["items"]]
            after = page["next"]
            # Decided later than all that is looked at: it would stand before the first page in either order.
            service.now += timedelta(seconds=1)
            more = penalty(next(newcomers), CITY, "420106", firm("武汉样例新来商贸有限公司"), "2026-10-09")
            if len(seen) < len(shelf):
                await pushed(service, more)

        assert seen == wanted


async def test_the_list_is_in_the_order_of_receipt_or_of_the_decisions(service: Service, shelf: Shelf) -> None:
    assert await found(service, shelf) == ["filed", "zone", "trader", "person", "firm"]
    assert await found(service, shelf, decided_from="2026-01-01") == ["trader", "zone", "person", "firm"]


async def test_a_total_is_given_only_when_asked_for_and_says_how_good_it_is(service: Service, shelf: Shelf) -> None:
    without = (await asked(service, "procuratorate-city", limit=1)).json()
    by_post = (await asked(service, "procuratorate-city", limit=1, estimate=True)).json()
    by_get = await (await service.client("procuratorate-city")).get(PUSH, params={"limit": 1, "estimate": "true"})

    assert "estimated_total" not in without
    assert by_post["estimated_total"] == by_get.json()["estimated_total"] == {"value": 5, "precision": "exact"}


async def test_get_and_post_agree_and_take_each_others_cursors(service: Service, shelf: Shelf) -> None:
    caller = await service.client("procuratorate-city")
    filters: dict[str, Any] = {
        "region": "420100",
        "party_code": FIRM,
        "received_from": "2026-10-09T00:00:00+08:00",
        "q": "样例",
        "limit": 1,
    }

    by_post, by_get = await caller.post(SEARCH, json=filters), await caller.get(PUSH, params=filters)
    next_by_post = await caller.post(SEARCH, json=filters | {"after": by_get.json()["next"]})
    next_by_get = await caller.get(PUSH, params=filters | {"after": by_post.json()["next"]})

    assert by_post.json() == by_get.json()
    assert by_post.json()["items"]
    assert next_by_post.json() == next_by_get.json()
    assert next_by_post.json()["items"] != by_post.json()["items"]


async def test_a_cursor_is_good_for_its_own_filters_alone_and_tells_none_of_them(
    service: Service, shelf: Shelf
) -> None:
    first = (await asked(service, "procuratorate-city", q="样例", limit=1)).json()["next"]
    raw = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))
    moved = base64.urlsafe_b64encode(raw[:15] + bytes([raw[15] ^ 1]) + raw[16:]).decode().rstrip("=")

    other_limit = await asked(service, "procuratorate-city", q="样例", limit=3, after=first)
    refused = [
        await asked(service, "procuratorate-city", q="商贸", limit=1, after=first),
        await asked(service, "procuratorate-city", q="样例", state="filed", after=first),
        await asked(service, "procuratorate-city", after=first),
        *[
            await asked(service, "procuratorate-city", q="样例", after=broken)
            for broken in (moved, first[:-1], first + "A", "garbage", "ü", "AAAA", "A" * 48)
        ],
        await (await service.client("procuratorate-city")).get(PUSH, params={"after": first}),
    ]

    assert other_limit.status_code == 200
    assert [told(answer) for answer in refused] == [(400, "cursor-invalid", ())] * len(refused)
    assert "样例".encode() not in raw


# --- bad input ------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "limit 0": ({"limit": 0}, ("/limit", "out-of-range")),
    "limit 201": ({"limit": 201}, ("/limit", "out-of-range")),
    "a day that is none": ({"decided_from": "2026-02-30"}, ("/decided_from", "date")),
    "a moment for a day": ({"decided_to": "2026-02-03T00:00:00+08:00"}, ("/decided_to", "date")),
    "a moment without offset": ({"received_from": "2026-10-09T00:00:00"}, ("/received_from", "moment")),
    "an end before the beginning": (
        {"decided_from": "2026-02-03", "decided_to": "2026-02-02"},
        ("/decided_to", "date-order"),
    ),
    "an end of receipt before the beginning": (
        {"received_from": "2026-10-09T00:00:00+08:00", "received_to": "2026-10-08"},
        ("/received_to", "date-order"),
    ),
    "an unknown region": ({"region": "110000"}, ("/region", "unknown-code")),
    "an unknown field": ({"field": "magic"}, ("/field", "unknown-code")),
    "an unknown state": ({"state": "gone"}, ("/state", "unknown-code")),
    "an unknown state of a duty": ({"node_state": "late"}, ("/node_state", "unknown-code")),
    "an organisation mistyped": ({"organisation": WUCHANG[:17] + "Z"}, ("/organisation", "credit-code-format")),
    "blank words": ({"q": "  "}, ("/q", "text")),
    "no words": ({"q": ""}, ("/q", "text")),
    "words too long": ({"q": "样" * 201}, ("/q", "text")),
    "too many words": ({"q": "样 例 " * 6}, ("/q", "too-many")),
    "a cursor too long": ({"after": "A" * 201}, ("/after", "text")),
    "a control character": ({"source_id": "a\x00b"}, ("/source_id", "control-character")),
}


async def test_a_filter_that_cannot_be_is_told_at_its_place(service: Service) -> None:
    caller = await service.client("procuratorate-city")

    for name, (filters, fault) in WRONG.items():
        by_post, by_get = await caller.post(SEARCH, json=filters), await caller.get(PUSH, params=filters)
        assert told(by_post) == (422, "validation-failed", (fault,)), name
        assert told(by_get) == (400, "bad-parameter", (fault,)), name


async def test_what_only_a_body_or_an_address_can_get_wrong_is_told_too(service: Service) -> None:
    caller = await service.client("procuratorate-city")

    bodies: dict[str, Any] = {
        "unknown": {"colour": "red"},
        "wrong type": {"limit": "50"},
        "number": {"q": 5},
        "flag": {"estimate": "true"},
        "list": [],
    }
    told_of = {name: told(await caller.post(SEARCH, json=body)) for name, body in bodies.items()}
    addresses = {
        "unknown": "colour=red",
        "twice": "q=a&q=b",
        "no number": "limit=x",
        "arabic number": "limit=%D9%A3",
        "no flag": "estimate=yes",
        "empty": "source_id=",
    }
    told_in_address = {name: told(await caller.get(f"{PUSH}?{query}")) for name, query in addresses.items()}

    assert told_of == {
        "unknown": (422, "validation-failed", (("/colour", "unknown-field"),)),
        "wrong type": (422, "validation-failed", (("/limit", "wrong-type"),)),
        "number": (422, "validation-failed", (("/q", "wrong-type"),)),
        "flag": (422, "validation-failed", (("/estimate", "wrong-type"),)),
        "list": (422, "validation-failed", (("", "wrong-type"),)),
    }
    assert told_in_address == {
        "unknown": (400, "bad-parameter", (("/colour", "unknown-parameter"),)),
        "twice": (400, "bad-parameter", (("/q", "unknown-parameter"),)),
        "no number": (400, "bad-parameter", (("/limit", "wrong-type"),)),
        "arabic number": (400, "bad-parameter", (("/limit", "wrong-type"),)),
        "no flag": (400, "bad-parameter", (("/estimate", "wrong-type"),)),
        "empty": (400, "bad-parameter", (("/source_id", "text"),)),
    }
    assert (await caller.post(SEARCH, json={"limit": None, "q": None})).status_code == 200


async def test_all_faults_are_told_at_once_in_the_order_of_the_body(service: Service) -> None:
    body = {"state": "gone", "limit": 0, "decided_from": "2026-02-30", "colour": "red"}

    answer = await asked(service, "procuratorate-city", **body)

    assert [pointer for pointer, _ in told(answer)[2]] == ["/state", "/limit", "/decided_from", "/colour"]


# --- what does not stand in an address --------------------------------------------------------------


async def test_the_number_of_a_person_is_not_taken_in_an_address(service: Service) -> None:
    caller = await service.client("procuratorate-city")

    for number in (RESIDENT, RESIDENT.lower(), "420106000101123", "E12345678", "H01234567", "abc"):
        answer = await caller.get(PUSH, params={"party_code": number})
        assert told(answer) == (400, "personal-data-in-url", (("/party_code", "personal-data"),))
        assert number not in answer.text


async def test_words_with_the_number_of_a_person_are_not_taken_in_an_address(service: Service) -> None:
    caller = await service.client("procuratorate-city")

    for q in (f"样例 {RESIDENT.lower()}", f"{RESIDENT[:6]} {RESIDENT[6:14]} {RESIDENT[14:]}", "护照E12345678"):
        by_get, by_post = await caller.get(PUSH, params={"q": q}), await caller.post(SEARCH, json={"q": q})
        assert told(by_get) == (400, "personal-data-in-url", (("/q", "personal-data"),))
        assert by_post.status_code == 200


async def test_names_of_parties_are_not_taken_in_an_address(service: Service) -> None:
    answer = await (await service.client("procuratorate-city")).get(PUSH, params={"party_name": "有限公司"})

    assert told(answer) == (400, "bad-parameter", (("/party_name", "unknown-parameter"),))
    assert "POST" in answer.json()["errors"][0]["fix"]


async def test_a_credit_code_is_taken_in_an_address(service: Service, shelf: Shelf) -> None:
    answer = await (await service.client("procuratorate-city")).get(PUSH, params={"party_code": FIRM})

    assert [item["id"] for item in answer.json()["items"]] == [shelf[name].id for name in ("filed", "zone", "firm")]


async def test_what_was_looked_for_stands_neither_in_the_log_nor_in_the_trail(
    service: Service, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = await service.client("procuratorate-city")

    await caller.post(SEARCH, json={"party_code": RESIDENT, "party_name": "欧阳", "q": "活禽", "estimate": True})
    await caller.get(PUSH, params={"q": "龘记", "state": "decided"})
    await caller.get(PUSH, params={"party_code": RESIDENT})
    await caller.post(SEARCH, json={})

    rows = [row for row in await trail(service) if row["action"] in ("search", "list")]
    assert [(row["action"], row["outcome"], row["record_type"], row["detail"]) for row in rows] == [
        ("search", "done", "penalty", "filters=party_code,party_name,q items=1"),
        ("search", "done", "penalty", "filters=state,q items=1"),
        ("list", "personal-data-in-url", None, "personal-data"),
        ("search", "done", "penalty", "filters=none items=5"),
    ]
    written = "".join(capsys.readouterr())
    assert "request" in written
    assert not [word for word in (RESIDENT, "欧阳", "活禽", "龘记") if word in written or word in str(rows)]
