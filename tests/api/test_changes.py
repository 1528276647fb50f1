"""The feed: what was taken in, each thing once and in order, for everybody as far as they may see."""

from __future__ import annotations

import asyncio
import base64
import time

import httpx
import pytest
from sqlalchemy import text

from app import demo
from tests import corpus
from tests.api.held import pushed
from tests.api.promises import PUSH, Json, told
from tests.conftest import Service

CITY, WUCHANG = demo.code_of("420100", 0), demo.code_of("420106", 2)
CHANGES = "/v1/changes"
SERVED = {"event": "served", "occurred_at": "2026-09-30"}


async def push(service: Service, numbers: range, client: str = "market-city", organisation: str = CITY) -> list[str]:
    """Push so many penalties and give them their positions; their ids in the order of pushing."""
    agency = await service.client(client)
    answers = [await agency.post(PUSH, json=corpus.penalty(n, organisation=organisation)) for n in numbers]
    assert {answer.status_code for answer in answers} == {201}
    await service.sequence()
    return [answer.json()["id"] for answer in answers]


async def everything(caller: httpx.AsyncClient, **params: str | int) -> tuple[list[Json], list[Json]]:
    """All items from the beginning, page after page until there is nothing more; and the pages."""
    items: list[Json] = []
    pages: list[Json] = []
    asked = dict(params)
    while not pages or pages[-1]["scanned_to"] < pages[-1]["head"]:
        answer = await caller.get(CHANGES, params=asked)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        items += pages[-1]["items"]
        asked = params | {"after": pages[-1]["next"]}
        assert len(pages) < 1000
    return items, pages


@pytest.mark.parametrize("limit", [1, 2, 100, 1000])
async def test_everything_pushed_is_told_once_and_in_order(service: Service, limit: int) -> None:
    pushed = await push(service, range(8))
    procuratorate = await service.client("procuratorate-city")

    items, pages = await everything(procuratorate, limit=limit)

    assert [item["id"] for item in items if item["kind"] == "record"] == pushed
    assert [item["position"] for item in items] == list(range(pages[-1]["head"]))
    assert all(len(page["items"]) <= limit for page in pages)
    assert all(len(page["items"]) == limit for page in pages[:-1] if page["items"])


@pytest.mark.parametrize("most_bytes", [1, 3000, 20_000])
async def test_a_page_carries_only_so_much_and_the_next_goes_on_behind_it(
    service: Service, monkeypatch: pytest.MonkeyPatch, most_bytes: int
) -> None:
    await push(service, range(8))
    procuratorate = await service.client("procuratorate-city")
    whole, _ = await everything(procuratorate)
    monkeypatch.setattr("app.store.feed.MOST_BYTES", most_bytes)

    items, pages = await everything(procuratorate, limit=1000)

    assert items == whole
    assert len(pages) > 1
    assert all(page["items"] for page in pages)
    if most_bytes == 1:
        assert {len(page["items"]) for page in pages} == {1}


async def test_pages_of_any_size_tell_the_same(service: Service) -> None:
    await push(service, range(6))
    procuratorate = await service.client("procuratorate-city")

    told_ = [(await everything(procuratorate, limit=limit))[0] for limit in (1, 2, 3, 7, 100)]

    assert all(items == told_[0] for items in told_)


async def test_a_record_comes_with_all_it_says(service: Service) -> None:
    (held,) = await push(service, range(1))
    agency = await service.client("market-city")
    read = (await agency.get(f"{PUSH}/{held}")).json()

    items, _ = await everything(agency)

    (item,) = (item for item in items if item["kind"] == "record")
    assert {name: item[name] for name in item if name not in ("at", "record_id")} == {
        "position": 0,
        "kind": "record",
        "id": held,
        "record_type": "penalty",
        "organisation": CITY,
        "source_id": read["source_id"],
        "version": 1,
        "digest": read["digest"],
        "record": read["record"],
    }
    assert item["at"] == read["received_at"]


async def test_events_and_nodes_are_told_too(service: Service) -> None:
    (held,) = await push(service, range(1))
    agency = await service.client("market-city")
    _, pages = await everything(agency)

    answer = await agency.post(f"{PUSH}/{held}/events", json=SERVED)
    await service.sequence()
    later = (await agency.get(CHANGES, params={"after": pages[-1]["next"]})).json()["items"]

    (event,) = (item for item in later if item["kind"] == "event")
    assert event["event"] == SERVED
    assert answer.json()["id"] in event.values()
    nodes = {item["node"]["node"]: item["node"]["state"] for item in later if item["kind"] == "node"}
    assert nodes["penalty_served"] in ("done", "done_late")
    assert [item["kind"] for item in later].count("record") == 0


async def test_a_repeat_is_not_told_again(service: Service) -> None:
    await push(service, range(2))
    agency = await service.client("market-city")
    _, before = await everything(agency)

    await agency.post(PUSH, json=corpus.penalty(1, organisation=CITY))
    await service.sequence()
    _, after = await everything(agency)

    assert after[-1]["head"] == before[-1]["head"]


async def test_a_duty_that_an_older_release_wrote_down_otherwise_is_not_told_again(service: Service) -> None:
    held = await pushed(service, corpus.penalty(1, decided_on="2026-09-29"))
    async with service.shop.engine.begin() as conn:
        rewritten = text("UPDATE node SET duty = replace(duty, :member, '')")
        assert (await conn.execute(rewritten, {"member": ',"done_by":null'})).rowcount > 1
    before = len(await held.feed())

    await held.tell({"event": "published", "occurred_at": "2026-10-08"})

    told_of = [item["node"]["node"] for item in (await held.feed())[before:] if item["kind"] == "node"]
    assert told_of == ["penalty_published", "penalty_published_gen"]


async def test_what_was_not_stored_is_not_told(service: Service) -> None:
    agency = await service.client("market-city")
    await agency.post(PUSH, json=corpus.penalty(1) | {"region": "999999"})
    await service.sequence()

    page = (await agency.get(CHANGES)).json()

    assert (page["items"], page["head"], page["scanned_to"]) == ([], 0, 0)


async def test_at_the_end_the_cursor_goes_on(service: Service) -> None:
    await push(service, range(1))
    agency = await service.client("market-city")
    _, pages = await everything(agency)

    at_the_end = (await agency.get(CHANGES, params={"after": pages[-1]["next"]})).json()
    more = await push(service, range(1, 3))
    later = (await agency.get(CHANGES, params={"after": at_the_end["next"]})).json()

    assert (at_the_end["items"], at_the_end["scanned_to"]) == ([], at_the_end["head"])
    assert [item["id"] for item in later["items"] if item["kind"] == "record"] == more


async def test_the_same_cursor_gives_the_same_page(service: Service) -> None:
    await push(service, range(4))
    agency = await service.client("market-city")
    first = (await agency.get(CHANGES, params={"limit": 3})).json()

    pages = [(await agency.get(CHANGES, params={"limit": 3, "after": first["next"]})).json() for _ in range(2)]

    assert pages[0] == pages[1]
    assert pages[0]["items"][0]["position"] == first["scanned_to"]


async def test_concurrent_pushes_are_each_told_once_without_gaps(service: Service) -> None:
    agency = await service.client("market-city")
    answers = await asyncio.gather(*(agency.post(PUSH, json=corpus.penalty(n)) for n in range(30)))
    await service.sequence()

    items, _ = await everything(agency, limit=7)

    assert sorted(item["id"] for item in items if item["kind"] == "record") == sorted(a.json()["id"] for a in answers)
    assert [item["position"] for item in items] == list(range(len(items)))


# --- the filter and the cursor --------------------------------------------------------------------


async def test_a_filter_of_types_keeps_those_types(service: Service) -> None:
    pushed = await push(service, range(3))
    agency = await service.client("market-city")

    items, _ = await everything(agency, types="penalty", limit=2)
    twice, _ = await everything(agency, types="penalty,penalty", limit=2)

    assert [item["id"] for item in items if item["kind"] == "record"] == pushed
    assert twice == items


async def test_a_filter_of_an_unknown_type_is_refused(service: Service) -> None:
    agency = await service.client("market-city")
    filters = ("nothing", "", "penalty,nothing", "Penalty", "penalty,", "x" * 5000)

    answers = {types: told(await agency.get(CHANGES, params={"types": types})) for types in filters}

    outcomes = {types: (status, code, [at for at, _ in faults]) for types, (status, code, faults) in answers.items()}
    assert outcomes == dict.fromkeys(filters, (400, "bad-parameter", ["/types"]))


async def test_a_cursor_is_good_for_the_filter_it_was_made_with(service: Service) -> None:
    await push(service, range(2))
    agency = await service.client("market-city")
    unfiltered = (await agency.get(CHANGES, params={"limit": 1})).json()["next"]
    filtered = (await agency.get(CHANGES, params={"limit": 1, "types": "penalty"})).json()["next"]

    answers = [
        await agency.get(CHANGES, params={"after": unfiltered, "types": "penalty"}),
        await agency.get(CHANGES, params={"after": filtered}),
    ]

    assert {told(answer) for answer in answers} == {(400, "cursor-invalid", ())}


async def test_a_cursor_holds_no_filter_values(service: Service) -> None:
    await push(service, range(1))
    agency = await service.client("market-city")

    cursor = (await agency.get(CHANGES, params={"types": "penalty"})).json()["next"]

    assert b"penalty" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


async def test_a_garbled_cursor_is_refused(service: Service) -> None:
    await push(service, range(1))
    agency = await service.client("market-city")
    cursors = ("", "0", "1", "-1", "garbage", "AAAA", "游标", "\x00", "=", "====", "a b", "' OR 1", "x" * 199)

    answers = {cursor: told(await agency.get(CHANGES, params={"after": cursor})) for cursor in cursors}

    assert answers == dict.fromkeys(cursors, (400, "cursor-invalid", ()))


async def test_a_cursor_that_lost_a_piece_is_refused(service: Service) -> None:
    await push(service, range(2))
    agency = await service.client("market-city")
    cursor = (await agency.get(CHANGES, params={"limit": 1})).json()["next"]

    answers = [await agency.get(CHANGES, params={"after": piece}) for piece in (cursor[:-1], cursor[1:], cursor + "A")]

    assert {told(answer)[1] for answer in answers} == {"cursor-invalid"}


async def test_a_cursor_of_another_epoch_is_gone(service: Service) -> None:
    await push(service, range(2))
    agency = await service.client("market-city")
    cursor = (await agency.get(CHANGES, params={"limit": 1})).json()["next"]
    async with service.shop.engine.begin() as conn:
        await conn.execute(text("UPDATE sequencer SET epoch = gen_random_uuid()"))

    outdated = await agency.get(CHANGES, params={"after": cursor})
    from_the_beginning = await agency.get(CHANGES)

    assert told(outdated) == (410, "cursor-outdated", ())
    assert from_the_beginning.status_code == 200


async def test_a_cursor_from_beyond_the_end_tells_that_the_log_was_put_back(service: Service) -> None:
    await push(service, range(1))
    agency = await service.client("market-city")
    cursor = (await agency.get(CHANGES)).json()["next"]
    plain = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))

    answers = []
    for position in (plain[23] + 1, 2**62, 2**63 - 1):
        plain[16:24] = position.to_bytes(8)
        beyond = base64.urlsafe_b64encode(bytes(plain)).decode().rstrip("=")
        answers.append(await agency.get(CHANGES, params={"after": beyond, "limit": 1000}))

    for answer in answers:
        assert told(answer) == (410, "cursor-outdated", ())


async def test_a_parameter_out_of_bounds_is_refused(service: Service) -> None:
    agency = await service.client("market-city")
    asked = [
        *(("limit", value) for value in ("0", "-1", "1001", "1.5", "abc", "", "9" * 40)),
        *(("wait", value) for value in ("-1", "31", "0.5", "abc", "9" * 40)),
    ]

    answers = {(name, value): told(await agency.get(CHANGES, params={name: value})) for name, value in asked}

    outcomes = {one: (status, code, [at for at, _ in faults]) for one, (status, code, faults) in answers.items()}
    assert outcomes == {(name, value): (400, "bad-parameter", [f"/{name}"]) for name, value in asked}


async def test_a_parameter_out_of_bounds_is_refused_in_english_too(service: Service) -> None:
    agency = await service.client("market-city")

    answer = await agency.get(CHANGES, params={"limit": "0"}, headers={"Accept-Language": "en"})

    assert told(answer, english=True)[1] == "bad-parameter"


# --- who sees what --------------------------------------------------------------------------------


async def test_everybody_sees_their_own_and_the_head_of_the_whole(service: Service) -> None:
    of_the_city = await push(service, range(3))
    of_wuchang = await push(service, range(3, 5), "market-wuchang", WUCHANG)
    names = ("market-city", "market-wuchang", "market-jiangan", "procuratorate-city", "office-city")
    callers = {name: await service.client(name) for name in names}

    seen = {name: await everything(caller) for name, caller in callers.items()}

    records = {name: [i["id"] for i in items if i["kind"] == "record"] for name, (items, _) in seen.items()}
    assert records == {
        "market-city": of_the_city,
        "market-wuchang": of_wuchang,
        "market-jiangan": [],
        "procuratorate-city": of_the_city + of_wuchang,
        "office-city": [],
    }
    assert len({pages[-1]["head"] for _, pages in seen.values()}) == 1
    assert all(pages[-1]["scanned_to"] == pages[-1]["head"] for _, pages in seen.values())
    # Events and nodes are as much another's as records are.
    assert {i["organisation"] for i in seen["market-wuchang"][0]} == {WUCHANG}
    assert seen["market-jiangan"][0] == seen["office-city"][0] == []


async def test_positions_are_the_same_for_everybody(service: Service) -> None:
    await push(service, range(2))
    await push(service, range(2, 4), "market-wuchang", WUCHANG)
    district, procuratorate = await service.client("market-wuchang"), await service.client("procuratorate-city")

    own, _ = await everything(district, limit=1)
    whole, _ = await everything(procuratorate, limit=100)

    assert own == [item for item in whole if item["organisation"] == WUCHANG]


async def test_a_district_procuratorate_is_told_of_its_district(service: Service) -> None:
    agency = await service.client("market-city")
    ids = {
        region: (await agency.post(PUSH, json=corpus.penalty(n, region=region))).json()["id"]
        for n, region in enumerate(("420106", "420102", "420100"))
    }
    await service.sequence()
    wuchang = await service.client("procuratorate-wuchang")

    items, _ = await everything(wuchang)

    assert [item["id"] for item in items if item["kind"] == "record"] == [ids["420106"]]


@pytest.mark.parametrize("reader", ["justice-city", "auditor-city"])
async def test_a_masked_reader_is_told_that_something_happened_but_not_to_whom(service: Service, reader: str) -> None:
    agency, masked = await service.client("market-city"), await service.client(reader)
    person = corpus.penalty(7, party_kind="natural_person", kinds=["03"])
    name, number = person["party"]["name"], person["party"]["id_no"]
    along = {"events": [SERVED | {"note": f"{name}签收,证件 {number}"}]}
    receipt = (await agency.post(PUSH, json=person | along)).json()
    await service.sequence()

    answer = await masked.get(CHANGES)
    items, _ = await everything(masked)

    assert name not in answer.text
    assert number not in answer.text
    by_kind = {item["kind"]: item for item in items}
    assert set(by_kind["record"]["masked"]) == {"/party/name", "/party/id_no"}
    assert by_kind["record"]["digest"] == receipt["digest"]
    assert "签收" in by_kind["event"]["event"]["note"]
    assert set(by_kind["event"]["masked"]) == {"/note"}


# --- waiting --------------------------------------------------------------------------------------


async def test_who_waits_is_told_as_soon_as_something_is_committed(service: Service) -> None:
    await push(service, range(1))
    procuratorate, agency = await service.client("procuratorate-city"), await service.client("market-city")
    _, pages = await everything(procuratorate)
    since = {"after": pages[-1]["next"], "wait": 20}

    waiting = asyncio.create_task(procuratorate.get(CHANGES, params=since))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    pushed = await agency.post(PUSH, json=corpus.penalty(1))
    page = (await asyncio.wait_for(waiting, 15)).json()

    assert pushed.json()["id"] in [item["id"] for item in page["items"] if item["kind"] == "record"]


async def test_who_waits_for_nothing_is_told_so_after_the_time(service: Service) -> None:
    await push(service, range(1))
    agency = await service.client("market-city")
    _, pages = await everything(agency)
    started = time.monotonic()

    answer = await agency.get(CHANGES, params={"after": pages[-1]["next"], "wait": 1})

    assert time.monotonic() - started > 0.9
    assert (answer.json()["items"], answer.json()["scanned_to"]) == ([], answer.json()["head"])


async def test_nobody_waits_while_there_is_something_to_tell(service: Service) -> None:
    await push(service, range(1))
    agency = await service.client("market-city")

    answer = await asyncio.wait_for(agency.get(CHANGES, params={"wait": 30}), 15)

    assert answer.json()["items"]


async def test_a_misspelt_or_repeated_parameter_is_refused_rather_than_ignored(service: Service) -> None:
    agency = await service.client("market-city")

    misspelt = await agency.get("/v1/changes?tpyes=penalty")
    repeated = await agency.get("/v1/changes?limit=1&limit=2")

    assert [(one.status_code, one.json()["code"]) for one in (misspelt, repeated)] == [(400, "bad-parameter")] * 2
    assert [one.json()["errors"][0]["pointer"] for one in (misspelt, repeated)] == ["/tpyes", "/limit"]
