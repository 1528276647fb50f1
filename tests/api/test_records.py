"""One record's journey: pushed, repeated, contradicted, read back, and seen by some and not by others."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app import demo
from schemas.publishing import examples
from tests import corpus
from tests.api.promises import PUSH, Json, changed, problem, rows, told, trail, without
from tests.conftest import Service

WUCHANG = demo.code_of("420106", 2)
DECIDED = without(examples("penalty")["decided"], "/events")
SERVED = {"event": "served", "occurred_at": "2026-09-30", "method": "direct"}
PUBLISHED = {"event": "published", "occurred_at": "2026-10-08"}


def digest_of(record: Json) -> str:
    """The digest as the wire contract tells anybody to compute it (RFC 8785 over the record without events)."""
    said = {name: value for name, value in record.items() if name != "events"}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha-256:" + hashlib.sha256(text.encode()).hexdigest()


def lasting(receipt: Json) -> Json:
    """What of a receipt never changes."""
    return {name: value for name, value in receipt.items() if name not in ("position", "nodes", "proof", "warnings")}


# --- pushing and repeating ------------------------------------------------------------------------


async def test_a_receipt_names_the_record_and_vouches_for_its_content(service: Service) -> None:
    agency = await service.client("market-city")

    pushed = await agency.post(PUSH, json=DECIDED)

    receipt = pushed.json()
    assert pushed.status_code == 201
    assert UUID(receipt["id"]).version == 7
    assert receipt["digest"] == digest_of(DECIDED)
    assert lasting(receipt) == {
        "id": receipt["id"],
        "record_type": "penalty",
        "organisation": DECIDED["organisation"],
        "source_id": DECIDED["source_id"],
        "version": 1,
        "digest": receipt["digest"],
        "received_at": "2026-10-09T09:02:11.482+08:00",
    }
    # All that a decided case of market regulation was owed or owes, from its filing on, in the order of the type.
    assert [node["node"] for node in receipt["nodes"]] == [
        "penalty_notice",
        "penalty_statement_window",
        "penalty_hearing_request",
        "penalty_crime_screen",
        "penalty_decided",
        "penalty_served",
        "penalty_published",
        "penalty_published_amr",
        "penalty_published_gen",
        "penalty_entered",
    ]


async def test_what_the_corpus_makes_is_taken_in_and_comes_back_as_it_was(service: Service) -> None:
    agency = await service.client("market-city")
    sent = [corpus.penalty(n) for n in range(10)]

    pushed = [await agency.post(PUSH, json=one) for one in sent]
    read = [await agency.get(f"{PUSH}/{answer.json()['id']}") for answer in pushed]

    assert {answer.status_code for answer in pushed} == {201}
    assert [answer.json()["record"] for answer in read] == sent
    assert [answer.json()["digest"] for answer in read] == [digest_of(one) for one in sent]


async def test_a_repeat_gets_the_same_receipt_and_stores_nothing(service: Service) -> None:
    agency = await service.client("market-city")
    first = await agency.post(PUSH, json=DECIDED)
    before = await rows(service)
    service.now += timedelta(minutes=30)

    second = await agency.post(PUSH, json=DECIDED)

    assert (first.status_code, second.status_code) == (201, 200)
    assert lasting(second.json()) == lasting(first.json())
    assert second.json()["warnings"] == first.json()["warnings"]
    assert await rows(service) == before


async def test_a_repeat_is_told_its_place_in_the_feed(service: Service) -> None:
    agency = await service.client("market-city")
    first = await agency.post(PUSH, json=DECIDED)
    await service.sequence()

    second = await agency.post(PUSH, json=DECIDED)

    assert first.json()["position"] is None
    assert isinstance(second.json()["position"], int)


async def test_the_order_of_members_and_the_way_of_escaping_make_no_other_content(service: Service) -> None:
    agency = await service.client("market-city")
    first = await agency.post(PUSH, json=DECIDED)
    backwards = {name: DECIDED[name] for name in reversed(DECIDED)}

    second = await agency.post(
        PUSH, content=json.dumps(backwards, indent=2).encode(), headers={"Content-Type": "application/json"}
    )

    assert second.status_code == 200
    assert second.json()["digest"] == first.json()["digest"]


async def test_a_member_that_is_null_is_as_good_as_absent(service: Service) -> None:
    agency = await service.client("market-city")
    first = await agency.post(PUSH, json=DECIDED)
    nulls = changed(DECIDED, "/party/tax_no", None) | {"remarks": None, "hearing_on": None, "events": None}

    second = await agency.post(PUSH, json=nulls)
    read = await agency.get(f"{PUSH}/{first.json()['id']}")

    assert second.status_code == 200
    assert lasting(second.json()) == lasting(first.json())
    assert read.json()["record"] == DECIDED


async def test_a_record_first_sent_with_nulls_is_read_without_them(service: Service) -> None:
    agency = await service.client("market-city")

    pushed = await agency.post(PUSH, json=DECIDED | {"remarks": None})
    read = await agency.get(f"{PUSH}/{pushed.json()['id']}")

    assert read.json()["record"] == DECIDED
    assert pushed.json()["digest"] == digest_of(DECIDED)


async def test_other_content_under_the_same_identity_is_refused_and_changes_nothing(service: Service) -> None:
    agency = await service.client("market-city")
    first = await agency.post(PUSH, json=DECIDED)
    held = (await agency.get(f"{PUSH}/{first.json()['id']}")).json()
    other = DECIDED | {"fine_yuan": "12000.01"}
    before = await rows(service)

    refused = await agency.post(PUSH, json=other)

    assert told(refused) == (409, "already-held", ())
    assert digest_of(DECIDED) in refused.text
    assert digest_of(other) in refused.text
    assert await rows(service) == before
    assert (await agency.get(f"{PUSH}/{first.json()['id']}")).json() == held


async def test_other_content_does_not_bring_its_events_in(service: Service) -> None:
    agency = await service.client("market-city")
    await agency.post(PUSH, json=DECIDED)
    before = await rows(service)

    refused = await agency.post(PUSH, json=DECIDED | {"fine_yuan": "1.00", "events": [SERVED]})

    assert told(refused)[:2] == (409, "already-held")
    assert await rows(service) == before


async def test_two_organisations_may_use_the_same_number(service: Service) -> None:
    city, district = await service.client("market-city"), await service.client("market-wuchang")

    answers = [
        await city.post(PUSH, json=corpus.penalty(1)),
        await district.post(PUSH, json=corpus.penalty(1, organisation=WUCHANG)),
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]


async def test_police_push_the_penalties_they_impose(service: Service) -> None:
    police = await service.client("police-city")
    own = service.enrolled["police-city"].organisation.code

    answer = await police.post(PUSH, json=corpus.penalty(1, organisation=own, field="public_security"))

    assert answer.status_code == 201


async def test_reporting_for_another_organ_is_taken_with_a_warning_that_repeats(service: Service) -> None:
    agency = await service.client("market-city")
    delegated = changed(DECIDED, "/organ/credit_code", WUCHANG)

    first = await agency.post(PUSH, json=delegated)
    second = await agency.post(PUSH, json=delegated)
    english = await agency.post(PUSH, json=delegated, headers={"Accept-Language": "en"})

    assert [(one["code"], one["pointer"]) for one in first.json()["warnings"]] == [
        ("organ-differs", "/organ/credit_code")
    ]
    assert second.json()["warnings"] == first.json()["warnings"]
    assert english.json()["warnings"][0]["message"].isascii()


# --- at the same moment ---------------------------------------------------------------------------


async def test_of_many_equal_pushes_at_one_moment_one_is_first_and_the_rest_repeat(service: Service) -> None:
    agency = await service.client("market-city")

    answers = await asyncio.gather(*(agency.post(PUSH, json=DECIDED | {"events": [SERVED]}) for _ in range(20)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({json.dumps(lasting(answer.json()), sort_keys=True) for answer in answers}) == 1
    stored = await rows(service)
    assert (stored["record"], stored["version"], stored["event"]) == (1, 1, 1)
    assert stored["entry"] == 2 + stored["node"]


async def test_of_many_different_contents_at_one_moment_one_is_taken(service: Service) -> None:
    agency = await service.client("market-city")

    answers = await asyncio.gather(*(agency.post(PUSH, json=DECIDED | {"fine_yuan": f"{n}.00"}) for n in range(1, 21)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    (receipt,) = (answer.json() for answer in answers if answer.status_code == 201)
    assert {told(answer)[1] for answer in answers if answer.status_code == 409} == {"already-held"}
    read = await agency.get(f"{PUSH}/{receipt['id']}")
    assert read.json()["digest"] == receipt["digest"]
    stored = await rows(service)
    assert (stored["record"], stored["version"]) == (1, 1)


async def test_many_different_records_at_one_moment_are_all_taken(service: Service) -> None:
    agency = await service.client("market-city")

    answers = await asyncio.gather(*(agency.post(PUSH, json=corpus.penalty(n)) for n in range(30)))

    assert {answer.status_code for answer in answers} == {201}
    assert (await rows(service))["record"] == 30


async def test_equal_events_at_one_moment_are_one_event(service: Service) -> None:
    agency = await service.client("market-city")
    held = (await agency.post(PUSH, json=DECIDED)).json()["id"]

    answers = await asyncio.gather(*(agency.post(f"{PUSH}/{held}/events", json=SERVED) for _ in range(10)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 9}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await rows(service))["event"] == 1


# --- events sent along ----------------------------------------------------------------------------


async def test_events_sent_along_take_effect_like_those_sent_later(service: Service) -> None:
    agency = await service.client("market-city")

    along = await agency.post(PUSH, json=DECIDED | {"events": [SERVED, PUBLISHED]})
    later = await agency.post(PUSH, json=DECIDED | {"source_id": "2"})
    for event in (SERVED, PUBLISHED):
        await agency.post(f"{PUSH}/{later.json()['id']}/events", json=event)

    states, nodes = [], []
    for held in (along.json()["id"], later.json()["id"]):
        states.append((await agency.get(f"{PUSH}/{held}")).json()["state"])
        nodes.append((await agency.get(f"{PUSH}/{held}/nodes")).json()["items"])
    assert states == ["served", "served"]
    assert nodes[0] == nodes[1]


async def test_events_are_no_part_of_the_content(service: Service) -> None:
    agency = await service.client("market-city")

    with_event = await agency.post(PUSH, json=DECIDED | {"events": [SERVED]})
    without_event = await agency.post(PUSH, json=DECIDED)

    assert (with_event.status_code, without_event.status_code) == (201, 200)
    assert with_event.json()["digest"] == digest_of(DECIDED)
    assert (await rows(service))["event"] == 1


async def test_new_events_in_a_repeat_are_taken_and_told(service: Service) -> None:
    agency = await service.client("market-city")
    first = await agency.post(PUSH, json=DECIDED | {"events": [SERVED]})

    second = await agency.post(PUSH, json=DECIDED | {"events": [SERVED, PUBLISHED]})
    third = await agency.post(PUSH, json=DECIDED | {"events": [SERVED, PUBLISHED]})

    assert (first.status_code, second.status_code, third.status_code) == (201, 200, 200)
    assert lasting(second.json()) == lasting(first.json())
    assert [warning["code"] for warning in second.json()["warnings"]] == ["events-added"]
    assert third.json()["warnings"] == []
    done = {node["node"]: node["state"] for node in second.json()["nodes"]}
    assert done["penalty_published"] == "done"
    assert (await rows(service))["event"] == 2


async def test_a_repeat_with_another_account_of_a_known_event_is_refused(service: Service) -> None:
    agency = await service.client("market-city")
    await agency.post(PUSH, json=DECIDED | {"events": [SERVED]})
    before = await rows(service)

    refused = await agency.post(PUSH, json=DECIDED | {"events": [PUBLISHED, SERVED | {"method": "mail"}]})

    assert told(refused)[:2] == (409, "event-already-held")
    assert await rows(service) == before


async def test_a_repeat_whose_new_event_contradicts_what_is_held_is_refused(service: Service) -> None:
    agency = await service.client("market-city")
    await agency.post(PUSH, json=DECIDED | {"events": [SERVED]})
    again = {"event": "not_punished", "occurred_at": "2026-10-08", "reason": "情节轻微"}
    before = await rows(service)

    refused = await agency.post(PUSH, json=DECIDED | {"events": [again]})

    assert refused.status_code in (409, 422)
    assert problem(refused)["code"] in {"step-not-allowed", "validation-failed"}
    assert await rows(service) == before


# --- reading --------------------------------------------------------------------------------------


async def test_a_record_is_read_whole_and_by_its_parts(service: Service) -> None:
    agency = await service.client("market-city")
    receipt = (await agency.post(PUSH, json=DECIDED | {"events": [SERVED]})).json()
    address = f"{PUSH}/{receipt['id']}"

    read = await agency.get(address)
    versions = await agency.get(f"{address}/versions")
    version = await agency.get(f"{address}/versions/1")
    events = await agency.get(f"{address}/events")
    nodes = await agency.get(f"{address}/nodes")

    assert {answer.status_code for answer in (read, versions, version, events, nodes)} == {200}
    assert read.headers["etag"] == '"1"'
    assert read.json() == {
        "id": receipt["id"],
        "record_type": "penalty",
        "organisation": DECIDED["organisation"],
        "source_id": DECIDED["source_id"],
        "version": 1,
        "state": "served",
        "received_at": receipt["received_at"],
        "digest": receipt["digest"],
        "record": DECIDED,
    }
    assert version.json() == read.json()
    assert versions.json() == {"items": [read.json()], "next": None}
    assert SERVED in [item["event"] for item in events.json()["items"]]
    assert [node["node"] for node in nodes.json()["items"]] == [node["node"] for node in receipt["nodes"]]


async def test_the_events_tell_what_happened_in_its_order(service: Service) -> None:
    agency = await service.client("market-city")
    held = (await agency.post(PUSH, json=DECIDED | {"events": [PUBLISHED, SERVED]})).json()["id"]

    events = (await agency.get(f"{PUSH}/{held}/events")).json()

    told_ = [(item["event"]["event"], item["applied"]) for item in events["items"]]
    assert told_[:5] == [(name, True) for name in ("filed", "notified", "decided", "served", "published")]
    assert events["next"] is None
    by_us = [item for item in events["items"] if item["id"] is not None]
    assert all(UUID(item["id"]) for item in by_us)
    assert [item["event"] for item in by_us] == [SERVED, PUBLISHED]


async def test_there_is_no_second_version_yet(service: Service) -> None:
    agency = await service.client("market-city")
    held = (await agency.post(PUSH, json=DECIDED)).json()["id"]

    answer = await agency.get(f"{PUSH}/{held}/versions/2")

    assert told(answer) == (404, "unknown-version", ())


# --- who sees what --------------------------------------------------------------------------------

SUBPATHS = ("", "/versions", "/versions/1", "/events", "/nodes")


async def _pushed_in_wuchang(service: Service) -> str:
    district = await service.client("market-wuchang")
    person = corpus.penalty(7, organisation=WUCHANG, region="420106", party_kind="natural_person", kinds=["03"])
    name = person["party"]["name"]
    facts = person | {"violation_facts": f"{name}于2026年6月销售样例商品,{name}承认上述事实。"}
    served = {"event": "served", "occurred_at": "2026-09-30", "note": f"由{name}本人签收"}
    answer = await district.post(PUSH, json=facts | {"events": [served]})
    assert answer.status_code == 201, answer.text
    held: str = answer.json()["id"]
    return held


@pytest.mark.parametrize("stranger", ["market-jiangan", "ecology-city", "police-city", "police-wuchang"])
async def test_another_agency_does_not_learn_that_a_record_exists(service: Service, stranger: str) -> None:
    held = await _pushed_in_wuchang(service)
    caller = await service.client(stranger)
    nobodys = "0199c0de-0000-7000-8000-000000000000"

    theirs = [await caller.get(f"{PUSH}/{held}{part}") for part in SUBPATHS]
    nothing = [await caller.get(f"{PUSH}/{nobodys}{part}") for part in SUBPATHS]
    reported = await caller.post(f"{PUSH}/{held}/events", json=PUBLISHED)

    assert {told(answer) for answer in (*theirs, reported)} == {(404, "unknown-record", ())}
    assert [answer.content for answer in theirs] == [answer.content for answer in nothing]


async def test_a_superior_bureau_sees_the_nodes_of_its_districts_and_no_payloads(service: Service) -> None:
    held = await _pushed_in_wuchang(service)
    bureau = await service.client("market-city")

    answers = {part: (await bureau.get(f"{PUSH}/{held}{part}")).status_code for part in SUBPATHS}

    assert answers == {"": 404, "/versions": 404, "/versions/1": 404, "/events": 404, "/nodes": 200}


@pytest.mark.parametrize("procuratorate", ["procuratorate-city", "procuratorate-wuchang"])
async def test_a_procuratorate_sees_everything_in_its_jurisdiction(service: Service, procuratorate: str) -> None:
    held = await _pushed_in_wuchang(service)
    caller, owner = await service.client(procuratorate), await service.client("market-wuchang")

    for part in SUBPATHS:
        answer = await caller.get(f"{PUSH}/{held}{part}")

        assert answer.status_code == 200
        assert answer.json() == (await owner.get(f"{PUSH}/{held}{part}")).json()
        assert "masked" not in answer.text


async def test_a_district_procuratorate_does_not_see_the_next_district(service: Service) -> None:
    held = await _pushed_in_wuchang(service)
    caller = await service.client("procuratorate-jiangan")

    answers = [await caller.get(f"{PUSH}/{held}{part}") for part in SUBPATHS]

    assert {told(answer) for answer in answers} == {(404, "unknown-record", ())}


async def test_jurisdiction_follows_the_region_of_the_record_not_that_of_the_reporter(service: Service) -> None:
    city = await service.client("market-city")
    in_jiangan = (await city.post(PUSH, json=corpus.penalty(1, region="420102"))).json()["id"]
    in_the_city = (await city.post(PUSH, json=corpus.penalty(2, region="420100"))).json()["id"]
    jiangan, wuchang = await service.client("procuratorate-jiangan"), await service.client("procuratorate-wuchang")

    seen = {
        (name, held): (await caller.get(f"{PUSH}/{held}")).status_code
        for name, caller in (("jiangan", jiangan), ("wuchang", wuchang))
        for held in (in_jiangan, in_the_city)
    }

    assert seen == {
        ("jiangan", in_jiangan): 200,
        ("wuchang", in_jiangan): 404,
        ("jiangan", in_the_city): 404,
        ("wuchang", in_the_city): 404,
    }


async def test_the_office_sees_no_records_of_others(service: Service) -> None:
    held = await _pushed_in_wuchang(service)
    office = await service.client("office-city")

    answers = [await office.get(f"{PUSH}/{held}{part}") for part in SUBPATHS]

    assert {told(answer)[0] for answer in answers} <= {403, 404}


@pytest.mark.parametrize("reader", ["justice-city", "auditor-city"])
async def test_justice_and_audit_do_not_learn_who_a_person_is(service: Service, reader: str) -> None:
    held = await _pushed_in_wuchang(service)
    caller, owner = await service.client(reader), await service.client("market-wuchang")
    whole = (await owner.get(f"{PUSH}/{held}")).json()
    party = whole["record"]["party"]
    await service.sequence()

    answers = [await caller.get(f"{PUSH}/{held}{part}") for part in SUBPATHS]
    answers.append(await caller.get("/v1/changes"))

    assert {answer.status_code for answer in answers} == {200}
    assert not [answer.url for answer in answers if party["name"] in answer.text or party["id_no"] in answer.text]
    read = answers[0].json()
    assert set(read["masked"]) == {"/party/name", "/party/id_no", "/violation_facts"}
    assert read["digest"] == whole["digest"]
    kept = json.loads(json.dumps(read["record"]))
    for pointer in read["masked"]:
        kept = changed(kept, pointer, None)
        whole["record"] = changed(whole["record"], pointer, None)
    assert kept == whole["record"]
    assert "销售样例商品" in read["record"]["violation_facts"]
    assert "本人签收" in answers[3].text


async def test_a_companys_name_is_not_masked_but_its_representative_is(service: Service) -> None:
    agency, justice = await service.client("market-city"), await service.client("justice-city")
    company = corpus.penalty(11, party_kind="legal_person")
    held = (await agency.post(PUSH, json=company)).json()["id"]

    read = (await justice.get(f"{PUSH}/{held}")).json()

    representative = "/party/legal_representative"
    assert set(read["masked"]) == {f"{representative}/name", f"{representative}/id_no"}
    assert read["record"]["party"]["name"] == company["party"]["name"]
    assert read["record"]["party"]["credit_code"] == company["party"]["credit_code"]


async def test_what_holds_no_person_is_not_masked_at_all(service: Service) -> None:
    agency, justice = await service.client("market-city"), await service.client("justice-city")
    trader = corpus.penalty(13, party_kind="sole_trader")
    held = (await agency.post(PUSH, json=trader)).json()["id"]

    read = (await justice.get(f"{PUSH}/{held}")).json()

    assert "masked" not in read
    assert read["record"] == trader


# --- the trail ------------------------------------------------------------------------------------


async def test_every_push_and_every_refusal_leaves_a_trail_row(service: Service) -> None:
    agency, justice = await service.client("market-city"), await service.client("justice-city")

    held = UUID((await agency.post(PUSH, json=DECIDED)).json()["id"])
    await agency.post(PUSH, json=DECIDED)
    await agency.post(PUSH, json=DECIDED | {"fine_yuan": "1.00"})
    await agency.post(PUSH, json=DECIDED | {"region": "999999"})
    await agency.post(PUSH, content=b"{", headers={"Content-Type": "application/json"})
    await agency.post(PUSH, json=DECIDED | {"organisation": WUCHANG})
    await justice.post(PUSH, json=DECIDED)
    await agency.post(f"{PUSH}/{held}/events", json=SERVED)
    await agency.post(f"{PUSH}/{held}/events", json=SERVED)
    await agency.post(f"{PUSH}/{held}/events", json=SERVED | {"method": "mail"})

    left = await trail(service)
    assert [(row["client_id"], row["outcome"]) for row in left] == [
        ("market-city", "done"),
        ("market-city", "repeated"),
        ("market-city", "already-held"),
        ("market-city", "validation-failed"),
        ("market-city", "unreadable-body"),
        ("market-city", "not-your-record"),
        ("justice-city", "role-may-not"),
        ("market-city", "done"),
        ("market-city", "repeated"),
        ("market-city", "event-already-held"),
    ]
    assert [row["record_id"] for row in left if row["outcome"] in ("done", "repeated")] == [held] * 4
    assert {row["organisation"] for row in left if row["client_id"] == "market-city"} == {DECIDED["organisation"]}
    # One doing has one name, whether it was allowed or not: else nobody finds the refused ones.
    assert len({row["action"] for row in left[:7]}) == 1
    assert len({row["action"] for row in left[7:]}) == 1


async def test_every_read_leaves_a_trail_row(service: Service) -> None:
    held = await _pushed_in_wuchang(service)
    readers = {name: await service.client(name) for name in ("procuratorate-city", "justice-city", "market-jiangan")}
    before = len(await trail(service))

    for reader in readers.values():
        for part in SUBPATHS:
            await reader.get(f"{PUSH}/{held}{part}")
        await reader.get("/v1/changes")

    left = (await trail(service))[before:]
    assert Counter((row["client_id"], row["outcome"]) for row in left) == {
        ("procuratorate-city", "done"): 6,
        ("justice-city", "done"): 6,
        ("market-jiangan", "unknown-record"): 5,
        ("market-jiangan", "done"): 1,
    }
    assert {row["record_id"] for row in left if row["client_id"] == "procuratorate-city"} == {UUID(held), None}


async def test_the_trail_names_no_person(service: Service) -> None:
    held = await _pushed_in_wuchang(service)
    district = await service.client("market-wuchang")
    read = (await district.get(f"{PUSH}/{held}")).json()["record"]
    await district.post(PUSH, json=changed(read, "/party/id_no", read["party"]["id_no"][:17] + "Y"))

    left = str(await trail(service))

    assert read["party"]["name"] not in left
    assert read["party"]["id_no"] not in left


async def test_a_record_has_one_address(service: Service) -> None:
    agency = await service.client("market-city")
    known = (await agency.post("/v1/records/penalty", json=corpus.penalty(1))).json()["id"]

    answers = [
        await agency.get(f"/v1/records/penalty/{other}")
        for other in (known.replace("-", ""), f"urn:uuid:{known}", f"{{{known}}}")
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "unknown-record")] * 3


async def test_a_document_number_is_kept_as_sent_and_normalised(service: Service) -> None:
    agency = await service.client("market-city")
    sent = corpus.penalty(1, decision_no="武市监处罚[2026]第012号")

    receipt = (await agency.post("/v1/records/penalty", json=sent)).json()
    read = (await agency.get(f"/v1/records/penalty/{receipt['id']}")).json()

    assert [warning["code"] for warning in receipt["warnings"]] == ["document-no-form"]
    assert read["record"]["decision_no"] == "武市监处罚[2026]第012号"
    async with service.shop.engine.connect() as conn:
        held = await conn.execute(text("SELECT document_no FROM record"))
        assert held.scalar_one() == "武市监处罚〔2026〕12号"


async def test_a_slip_in_region_or_field_is_pointed_out(service: Service) -> None:
    district = await service.client("market-wuchang")
    organisation = service.enrolled["market-wuchang"].organisation.code

    answer = await district.post(
        PUSH, json=corpus.penalty(1, organisation=organisation, region="420102", field="ecology")
    )

    warnings = {(one["pointer"], one["code"]) for one in answer.json()["warnings"]}
    assert {("/region", "region-differs"), ("/field", "field-differs")} <= warnings


async def test_a_tax_number_made_of_a_resident_id_is_masked(service: Service) -> None:
    agency, auditor = await service.client("market-city"), await service.client("auditor-city")
    sent = corpus.penalty(1, party_kind="sole_trader")
    sent["party"]["tax_no"] = "42010219000101001300"

    known = (await agency.post(PUSH, json=sent)).json()["id"]
    read = (await auditor.get(f"{PUSH}/{known}")).json()

    assert read["record"]["party"]["tax_no"] == "***"
    assert "/party/tax_no" in read["masked"]
