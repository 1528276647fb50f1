"""撤回: a record or an event is taken back. Nothing is deleted; everybody learns that it does not count."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from schemas.codelists import codelist
from schemas.publishing import examples
from tests import corpus
from tests.api.held import MISTAKE, Held, pushed
from tests.api.promises import PUSH, Json, changed, points_into, rows, told, trail, without
from tests.api.test_corrections import at
from tests.api.test_records import digest_of
from tests.conftest import Service

DECIDED = without(examples("penalty")["decided"], "/events")
FILED = examples("penalty")["filed"]
OTHER = DECIDED | {"fine_yuan": "1.00"}
SERVED = {"event": "served", "occurred_at": "2026-09-30"}
PAID = {"event": "paid", "occurred_at": "2026-10-08", "amount_yuan": "12000.00"}
PUBLISHED = {"event": "published", "occurred_at": "2026-10-08"}
CLOSED = {"event": "closed", "occurred_at": "2026-10-09"}
TWICE = {"code": "sent_twice", "text": "同一案件另有编号，重复报送"}
NEVER = {"code": "did_not_happen", "text": "送达回证系他案"}
NOBODYS = "0199c0de-0000-7000-8000-000000000000"


async def event_id(held: Held, event: Json) -> str:
    """The id under which an event is held."""
    (found,) = [one["id"] for one in (await held.read("/events"))["items"] if one["event"] == event]
    return str(found)


async def owed(held: Held) -> set[str]:
    """The nodes that are neither met nor waived."""
    return {node for node, state in (await held.states()).items() if state not in ("done", "done_late", "waived")}


# --- who may not ----------------------------------------------------------------------------------


async def test_without_a_token_nothing_is_withdrawn(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    before = await rows(service)

    answers = [
        await service.anonymous.post(f"{address}/withdrawal", json={"reason": MISTAKE})
        for address in (held.address, f"{PUSH}/{NOBODYS}", f"{held.address}/events/{known}")
    ]

    assert {told(answer) for answer in answers} == {(401, "token-missing", ())}
    assert await rows(service) == before


@pytest.mark.parametrize("reader", ["justice-city", "auditor-city", "office-city"])
async def test_a_reader_withdraws_nothing(service: Service, reader: str) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    before = await rows(service)

    answers = [await held.withdraw(one, by=reader) for one in (None, known, NOBODYS)]
    answers.append(await Held(service, NOBODYS).withdraw(by=reader))

    assert {told(answer) for answer in answers} == {(403, "role-may-not", ())}
    assert await rows(service) == before


@pytest.mark.parametrize("stranger", ["market-wuchang", "ecology-city", "police-city", "procuratorate-jiangan"])
async def test_who_does_not_see_the_record_withdraws_nothing_of_it(service: Service, stranger: str) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    before = await rows(service)

    answers = [await held.withdraw(one, by=stranger) for one in (None, known, NOBODYS)]

    assert {told(answer) for answer in answers} == {(404, "unknown-record", ())}
    assert await rows(service) == before


@pytest.mark.parametrize("procuratorate", ["procuratorate-city", "procuratorate-wuchang"])
async def test_a_procuratorate_takes_back_neither_the_penalty_nor_the_steps_of_an_agency(
    service: Service, procuratorate: str
) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    before = await rows(service)

    answers = [await held.withdraw(by=procuratorate), await held.withdraw(known, by=procuratorate)]

    assert [told(answer)[:2] for answer in answers] == [(403, "role-may-not"), (403, "not-your-step")]
    assert await rows(service) == before


async def test_what_is_not_there_is_not_withdrawn(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    other = await pushed(service, DECIDED | {"source_id": "2", "events": [SERVED]})
    of_another = await event_id(other, SERVED)
    before = await rows(service)

    records = [await Held(service, one).withdraw() for one in (NOBODYS, "garbage", held.id.replace("-", ""))]
    events = [
        await held.withdraw(one) for one in (NOBODYS, "garbage", held.id, of_another, of_another.replace("-", ""))
    ]

    assert {told(answer) for answer in records} == {(404, "unknown-record", ())}
    assert {told(answer) for answer in events} == {(404, "unknown-event", ())}
    assert await rows(service) == before


async def test_a_type_that_is_not_there_has_nothing_to_withdraw(service: Service) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")

    answer = await agency.post(f"/v1/records/nothing/{held.id}/withdrawal", json={"reason": MISTAKE})

    assert told(answer) == (404, "unknown-record-type", ())


# --- the reason -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [entry.code for entry in codelist("reasons")])
async def test_a_reason_to_take_back_is_none_to_change(service: Service, code: str) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    reason = {"code": code, "text": "样例"}
    before = await rows(service)

    answers = [await held.withdraw(one, reason=reason) for one in (known, None)]

    if codelist("reasons")[code].more["class"] == "withdrawal":
        assert [answer.status_code for answer in answers] == [201, 201]
    else:
        assert {told(answer) for answer in answers} == {(422, "validation-failed", (("/reason/code", "reason-class"),))}
        assert await rows(service) == before


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ([], (("", "wrong-type"),)),
        ({}, (("/reason", "required"),)),
        ({"reason": None}, (("/reason", "required"),)),
        ({"reason": "sent_twice"}, (("/reason", "wrong-type"),)),
        ({"reason": {"code": "sent_twice"}}, (("/reason/text", "required"),)),
        ({"reason": {"text": "样例"}}, (("/reason/code", "required"),)),
        ({"reason": TWICE | {"code": "because"}}, (("/reason/code", "unknown-code"),)),
        ({"reason": TWICE | {"text": ""}}, (("/reason/text", "text"),)),
        ({"reason": TWICE | {"who": "样例"}}, (("/reason/who", "unknown-field"),)),
        ({"reason": TWICE, "record": DECIDED}, (("/record", "unknown-field"),)),
    ],
)
async def test_every_fault_of_a_withdrawal_is_told_at_its_place(
    service: Service, body: Json, faults: tuple[tuple[str, str], ...]
) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    agency = await service.client("market-city")
    before = await rows(service)

    answers = [
        await agency.post(f"{address}/withdrawal", json=body)
        for address in (held.address, f"{held.address}/events/{known}")
    ]

    for answer in answers:
        assert told(answer) == (422, "validation-failed", faults)
        points_into(answer, body)
    assert await rows(service) == before


async def test_a_withdrawal_is_json(service: Service) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")
    before = await rows(service)

    answers = [
        await agency.post(f"{held.address}/withdrawal"),
        await agency.post(f"{held.address}/withdrawal", data={"reason": "sent_twice"}),
        await agency.post(f"{held.address}/withdrawal", content=b"{", headers={"Content-Type": "application/json"}),
    ]

    assert [told(answer)[0] for answer in answers] == [415, 415, 400]
    assert await rows(service) == before


# --- a record -------------------------------------------------------------------------------------


async def test_a_withdrawal_is_answered_with_what_the_record_is_without_it(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    service.now += timedelta(minutes=30)

    answer = await held.withdraw(reason=TWICE)

    assert answer.status_code == 201
    said = answer.json()
    assert {name: said[name] for name in said if name != "nodes"} == {
        "id": held.id,
        "reason": TWICE,
        "withdrawn_at": "2026-10-09T09:32:11.482+08:00",
        "state": "withdrawn",
        "version": 1,
    }
    assert {node["node"]: node["state"] for node in said["nodes"]} == await held.states()


async def test_the_same_withdrawal_again_gets_the_same_answer(service: Service) -> None:
    held = await pushed(service, DECIDED)
    first = await held.withdraw(reason=TWICE)
    before = await rows(service)
    service.now += timedelta(minutes=30)

    second = await held.withdraw(reason=TWICE)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert await rows(service) == before


@pytest.mark.parametrize("reason", [MISTAKE, TWICE | {"text": "另一"}], ids=["other code", "other text"])
async def test_a_record_is_not_withdrawn_for_another_reason_afterwards(service: Service, reason: Json) -> None:
    held = await pushed(service, DECIDED)
    await held.withdraw(reason=TWICE)
    before = await rows(service)

    answer = await held.withdraw(reason=reason)

    assert told(answer) == (409, "withdrawn", ())
    assert (await held.read())["withdrawal"]["reason"] == TWICE
    assert await rows(service) == before


async def test_of_many_withdrawals_at_one_moment_one_is_first_and_the_rest_repeat(service: Service) -> None:
    held = await pushed(service, DECIDED)

    answers = await asyncio.gather(*(held.withdraw(reason=TWICE) for _ in range(8)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 7}
    assert len({answer.text for answer in answers}) == 1
    assert (await rows(service))["withdrawal"] == 1


async def test_a_withdrawal_and_a_correction_at_one_moment_come_one_after_the_other(service: Service) -> None:
    held = await pushed(service, DECIDED)

    put, withdrawn = await asyncio.gather(held.put(OTHER), held.withdraw(reason=TWICE))

    read = await held.read()
    assert (withdrawn.status_code, read["state"]) == (201, "withdrawn")
    assert (put.status_code, read["version"]) in ((201, 2), (409, 1))
    assert withdrawn.json()["version"] == read["version"]


async def test_after_a_withdrawal_nothing_more_is_taken_in(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    await held.withdraw(reason=TWICE)
    agency = await service.client("market-city")
    before = await rows(service)

    answers = {
        "same content": await agency.post(PUSH, json=DECIDED),
        "same content, events": await agency.post(PUSH, json=DECIDED | {"events": [SERVED, PUBLISHED]}),
        "other content": await agency.post(PUSH, json=OTHER),
        "correction": await held.put(OTHER),
        "unchanged": await held.put(DECIDED),
        "event": await held.tell(PUBLISHED),
        "event again": await held.tell(SERVED),
        "event withdrawal": await held.withdraw(known),
    }

    for answer in answers.values():
        assert told(answer) == (409, "withdrawn", ())
        assert answer.json()["held"] == {"id": held.id, "version": 1, "digest": digest_of(DECIDED)}
        assert TWICE["text"] not in answer.text
    assert await rows(service) == before


async def test_a_refusal_tells_when_the_record_was_withdrawn_as_every_moment_is_told(service: Service) -> None:
    held = await pushed(service, DECIDED)
    service.now = service.now.astimezone(UTC)
    withdrawn = (await held.withdraw(reason=TWICE)).json()

    refused = (await held.tell(SERVED)).json()

    assert withdrawn["withdrawn_at"] == "2026-10-09T09:02:11.482+08:00"
    assert refused["withdrawal"] == {"reason": {"code": TWICE["code"]}, "withdrawn_at": withdrawn["withdrawn_at"]}


async def test_the_same_case_may_be_sent_under_another_number(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.withdraw(reason=TWICE)

    other = await pushed(service, DECIDED | {"source_id": "2"})

    assert other.id != held.id
    assert (await other.read())["state"] == "decided"


async def test_what_was_open_is_no_longer_owed_and_what_was_done_stays_done(service: Service) -> None:
    paused = {"event": "suspended", "occurred_at": "2026-10-08", "node": "penalty_published", "reason": "样例"}
    held = await pushed(service, DECIDED | {"events": [SERVED, paused]})
    service.now = at(12, 1)
    states = await held.states()
    assert {
        "penalty_notice": "done",
        "penalty_served": "done",
        "penalty_published": "paused",
        "penalty_entered": "done_late",
        "penalty_paid": "overdue",
    }.items() <= states.items()

    await held.withdraw(reason=TWICE)

    assert await held.states() == {
        node: state if state in ("done", "done_late") else "waived" for node, state in states.items()
    }
    async with service.shop.engine.connect() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM node WHERE NOT is_done"))).scalar_one() == 0


async def test_a_withdrawn_record_stays_to_be_read(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    await held.put(OTHER)
    parts = ("", "/versions", "/versions/1", "/versions/2", "/events")
    before = {part: await held.read(part) for part in parts}

    answer = (await held.withdraw(reason=TWICE)).json()

    after = {part: await held.read(part) for part in parts}
    withdrawal = {"reason": TWICE, "withdrawn_at": answer["withdrawn_at"]}
    assert after[""] == before[""] | {"state": "withdrawn", "withdrawal": withdrawal}
    assert after["/versions/1"]["record"] == DECIDED
    for part in ("/versions/1", "/versions/2"):
        assert after[part] == before[part] | {"state": "withdrawn", "withdrawal": withdrawal}
    assert [one["record"] for one in after["/versions"]["items"]] == [DECIDED, OTHER]
    assert {one["state"] for one in after["/versions"]["items"]} == {"withdrawn"}
    assert after["/events"] == before["/events"]
    assert await held.read(by="procuratorate-wuchang") == after[""]


async def test_nothing_is_deleted_by_a_withdrawal(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    over = await owed(held)
    before = await rows(service)

    await held.withdraw(reason=TWICE)

    after = await rows(service)
    assert over >= {"penalty_published", "penalty_paid"}
    assert {name: after[name] - before[name] for name in after} == {
        **dict.fromkeys(after, 0),
        "withdrawal": 1,
        # The withdrawal, and the nodes that are over by it.
        "entry": 1 + len(over),
        "node_history": len(over),
    }


async def test_a_withdrawn_record_is_still_seen_by_those_who_saw_it_and_by_no_others(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.withdraw(reason=TWICE)

    seen = {
        name: (await (await service.client(name)).get(held.address)).status_code
        for name in ("procuratorate-city", "procuratorate-jiangan", "market-wuchang", "justice-city")
    }

    assert seen == {
        "procuratorate-city": 200,
        "procuratorate-jiangan": 404,
        "market-wuchang": 404,
        "justice-city": 200,
    }


# --- an event -------------------------------------------------------------------------------------


async def test_the_withdrawal_of_an_event_is_answered_with_what_the_record_is_without_it(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    service.now += timedelta(minutes=30)

    answer = await held.withdraw(known, reason=NEVER)

    assert answer.status_code == 201
    said = answer.json()
    assert {name: said[name] for name in said if name != "nodes"} == {
        "id": held.id,
        "event_id": known,
        "reason": NEVER,
        "withdrawn_at": "2026-10-09T09:32:11.482+08:00",
        "state": "decided",
        "version": 1,
    }
    assert {node["node"]: node["state"] for node in said["nodes"]} == await held.states()
    assert (await held.read())["state"] == "decided"
    assert "withdrawal" not in await held.read()


async def test_withdrawing_an_event_again_gets_the_same_answer(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    first = await held.withdraw(known, reason=NEVER)
    before = await rows(service)
    service.now += timedelta(minutes=30)

    second = await held.withdraw(known, reason=NEVER)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert await rows(service) == before


async def test_what_the_event_had_closed_is_open_again_and_what_it_had_opened_is_over(service: Service) -> None:
    held = await pushed(service, DECIDED)
    opened = await held.node("penalty_served")
    await held.tell(SERVED)
    assert {
        name: state for name, state in (await held.states()).items() if name in ("penalty_served", "penalty_paid")
    } == {
        "penalty_served": "done",
        "penalty_paid": "due_soon",
    }

    await held.withdraw(await event_id(held, SERVED), reason=NEVER)

    assert await held.node("penalty_served") == opened
    assert (await held.states())["penalty_paid"] == "waived"


async def test_an_event_that_followed_the_withdrawn_one_waits_again(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED, PAID]})
    assert (await held.read())["state"] == "paid"

    answer = await held.withdraw(await event_id(held, SERVED), reason=NEVER)

    assert answer.json()["state"] == "decided"
    assert await held.told_of("paid") == [(PAID, False)]
    assert (await held.states())["penalty_paid"] == "waived"
    served_after_all = SERVED | {"source_id": "送达-2"}
    assert (await held.tell(served_after_all)).json()["state"] == "paid"
    assert await held.told_of("paid") == [(PAID, True)]
    assert (await held.states())["penalty_paid"] == "done"


async def test_an_event_that_needs_only_the_decision_stays_noted(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED, PUBLISHED]})

    await held.withdraw(await event_id(held, SERVED), reason=NEVER)

    assert await held.told_of("published") == [(PUBLISHED, True)]
    assert (await held.states())["penalty_published"] == "done"


async def test_a_decision_that_the_record_itself_states_does_not_hang_on_an_event(service: Service) -> None:
    held = await pushed(service, DECIDED)
    nodes = await held.read("/nodes")
    decided = {"event": "decided", "occurred_at": "2026-09-29", "document_no": DECIDED["decision_no"]}
    known = (await held.tell(decided)).json()["id"]

    answer = await held.withdraw(known, reason=NEVER)

    assert (answer.status_code, answer.json()["state"]) == (201, "decided")
    assert await held.read("/nodes") == nodes
    assert await held.told_of("decided") == [(decided, False)]


async def test_a_decision_that_only_an_event_told_of_is_gone_with_it(service: Service) -> None:
    service.now = at(10, 20)
    held = await pushed(service, FILED)
    known = (await held.tell({"event": "decided", "occurred_at": "2026-10-19"})).json()["id"]
    opened = ("penalty_served", "penalty_published", "penalty_entered")
    assert set((await held.states(*opened)).values()) == {"open", "done"}
    assert await held.states("penalty_decided") == {"penalty_decided": "done"}

    answer = await held.withdraw(known, reason=NEVER)

    assert answer.json()["state"] == "filed"
    assert await held.states(*opened) == dict.fromkeys(opened, "waived")
    assert await held.states("penalty_decided") == {"penalty_decided": "open"}


async def test_of_two_payments_the_other_still_counts(service: Service) -> None:
    second = PAID | {"occurred_at": "2026-10-09"}
    held = await pushed(service, DECIDED | {"events": [SERVED, PAID, second]})

    await held.withdraw(await event_id(held, PAID), reason=NEVER)

    node = await held.node("penalty_paid")
    assert ((await held.read())["state"], node["state"], node["done_at"]) == ("paid", "done", "2026-10-09")


async def test_what_an_end_had_ruled_out_may_be_reported_once_the_end_is_withdrawn(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED, CLOSED | {"occurred_at": "2026-10-01"}]})
    assert (await held.tell(PAID)).status_code == 409

    await held.withdraw(await event_id(held, CLOSED | {"occurred_at": "2026-10-01"}), reason=NEVER)

    answer = await held.tell(PAID)
    assert (answer.status_code, answer.json()["state"]) == (201, "paid")


@pytest.mark.parametrize(
    "event",
    [
        {"event": "suspended", "occurred_at": "2026-10-08", "node": "penalty_served", "reason": "样例"},
        {"event": "suspended", "occurred_at": "2026-10-08", "reason": "样例"},
        {"event": "waived", "occurred_at": "2026-10-08", "node": "penalty_served", "reason": "样例"},
        {
            "event": "extended",
            "occurred_at": "2026-09-28",
            "node": "penalty_decided",
            "level": "head",
            "amount": 30,
            "unit": "natural_day",
        },
    ],
    ids=["pause", "pause of all", "waiver", "extension"],
)
async def test_what_moved_a_clock_moves_it_back_when_withdrawn(service: Service, event: Json) -> None:
    held = await pushed(service, DECIDED)
    before = await held.read("/nodes")
    await held.tell(event)
    assert await held.read("/nodes") != before

    await held.withdraw(await event_id(held, event), reason=NEVER)

    assert await held.read("/nodes") == before


async def test_an_event_that_was_withdrawn_does_not_come_back_by_being_sent_again(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    await held.withdraw(known, reason=NEVER)
    agency = await service.client("market-city")
    before = await rows(service)

    again = await held.tell(SERVED)
    along = await agency.post(PUSH, json=DECIDED | {"events": [SERVED]})
    otherwise = await held.tell(SERVED | {"method": "mail"})

    assert again.status_code == 200
    said = again.json()
    assert (said["id"], said["applied"], said["state"]) == (known, False, "decided")
    assert [one["code"] for one in said["warnings"]] == ["event-withdrawn"]
    assert along.status_code == 200
    assert told(otherwise)[:2] == (409, "event-already-held")
    assert await rows(service) == before
    assert (await held.read())["state"] == "decided"


async def test_an_event_that_did_happen_is_reported_under_a_number_of_its_own(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    await held.withdraw(await event_id(held, SERVED), reason=NEVER)

    answer = await held.tell(SERVED | {"source_id": "送达-2"})

    assert (answer.status_code, answer.json()["applied"], answer.json()["state"]) == (201, True, "served")
    assert (await held.states())["penalty_served"] == "done"
    assert (await held.states())["penalty_paid"] == "due_soon"


async def test_a_withdrawn_event_is_listed_with_its_withdrawal(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED, PUBLISHED]})
    known = await event_id(held, SERVED)
    answer = (await held.withdraw(known, reason=NEVER)).json()

    items = (await held.read("/events"))["items"]

    (one,) = [item for item in items if item["id"] == known]
    assert (one["event"], one["applied"]) == (SERVED, False)
    assert one["withdrawal"] == {"reason": NEVER, "withdrawn_at": answer["withdrawn_at"]}
    assert [item["id"] for item in items if "withdrawal" in item] == [known]
    assert items[-1] == one


async def test_a_correction_that_only_the_withdrawn_event_contradicted_is_taken(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    later = DECIDED | {"decided_on": "2026-10-08"}
    assert (await held.put(later)).status_code == 409

    await held.withdraw(await event_id(held, SERVED), reason=NEVER)

    answer = await held.put(later)
    assert answer.status_code == 201, answer.text
    assert (await held.node("penalty_served"))["opened_at"] == "2026-10-08"


async def test_of_many_withdrawals_of_one_event_one_is_first(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)

    answers = await asyncio.gather(*(held.withdraw(known, reason=NEVER) for _ in range(8)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 7}
    assert (await rows(service))["withdrawal"] == 1


# --- the feed -------------------------------------------------------------------------------------


async def test_a_withdrawal_is_told_with_its_reason(service: Service) -> None:
    held = await pushed(service, DECIDED)
    over = await owed(held)
    seen = len(await held.feed())
    answer = (await held.withdraw(reason=TWICE)).json()

    news = (await held.feed(by="procuratorate-wuchang"))[seen:]

    (item,) = [one for one in news if one["kind"] == "withdrawal"]
    assert {name: item[name] for name in item if name != "position"} == {
        "kind": "withdrawal",
        "id": held.id,
        "record_id": held.id,
        "record_type": "penalty",
        "organisation": DECIDED["organisation"],
        "source_id": DECIDED["source_id"],
        "version": 1,
        "digest": digest_of(DECIDED),
        "at": answer["withdrawn_at"],
        "reason": TWICE,
    }
    assert news[0] == item
    assert over >= {"penalty_served", "penalty_published"}
    assert sorted((one["node"]["node"], one["node"]["state"]) for one in news[1:]) == [
        (node, "waived") for node in sorted(over)
    ]


async def test_the_withdrawal_of_an_event_is_told_with_the_event(service: Service) -> None:
    # The time of the service is UTC, as the machine's is.
    service.now = service.now.astimezone(UTC)
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    seen = len(await held.feed())
    known = await event_id(held, SERVED)
    answer = (await held.withdraw(known, reason=NEVER)).json()

    news = (await held.feed(by="procuratorate-wuchang"))[seen:]

    item = news[0]
    assert {name: item[name] for name in item if name not in ("position", "digest")} == {
        "kind": "event_withdrawal",
        "id": known,
        "record_id": held.id,
        "record_type": "penalty",
        "organisation": DECIDED["organisation"],
        "source_id": DECIDED["source_id"],
        "version": 1,
        "at": answer["withdrawn_at"],
        "reason": NEVER,
        "event": SERVED,
    }
    assert {one["node"]["node"]: one["node"]["state"] for one in news[1:]} == {
        "penalty_served": "open",
        "penalty_paid": "waived",
        "penalty_court_enforce": "waived",
    }


async def test_what_was_told_before_stays_as_it_was_told(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    before = [one for one in await held.feed() if one["kind"] != "node"]

    await held.withdraw(await event_id(held, SERVED), reason=NEVER)
    await held.withdraw(reason=TWICE)

    after = [one for one in await held.feed() if one["kind"] != "node"]
    assert after[: len(before)] == before
    assert [one["kind"] for one in after[len(before) :]] == ["event_withdrawal", "withdrawal"]


@pytest.mark.parametrize("reader", ["justice-city", "auditor-city"])
async def test_a_masked_reader_is_told_that_something_was_withdrawn_and_not_whose(
    service: Service, reader: str
) -> None:
    person = corpus.penalty(7, party_kind="natural_person", kinds=["03"])
    person = changed(person, "/party/name", "样例甲某")
    name, number = person["party"]["name"], person["party"]["id_no"]
    note = SERVED | {"note": f"{name}签收"}
    held = await pushed(service, person | {"events": [note]})
    await held.withdraw(await event_id(held, note), reason=NEVER | {"text": f"{name}未签收"})
    await held.withdraw(reason=TWICE | {"text": f"{name}（{number}）重复"})

    said = {part: await held.read(part, by=reader) for part in ("", "/versions/1", "/events")}
    items = await held.feed(by=reader)

    assert said[""]["withdrawal"]["reason"] == {"code": "sent_twice", "text": "***（***）重复"}
    by_kind = {one["kind"]: one for one in items}
    assert by_kind["event_withdrawal"]["reason"]["text"] == "***未签收"
    assert by_kind["event_withdrawal"]["event"]["note"] == "***签收"
    assert by_kind["withdrawal"]["reason"]["text"] == "***（***）重复"
    for one in (*said.values(), *items):
        whole = json.dumps(one, ensure_ascii=False)
        assert name not in whole
        assert number not in whole


# --- the trail, the log, the commit ---------------------------------------------------------------


async def test_every_withdrawal_and_every_refusal_leaves_a_trail_row(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    known = await event_id(held, SERVED)
    before = len(await trail(service))

    await held.withdraw(known, reason=NEVER)
    await held.withdraw(known, reason=NEVER)
    await held.withdraw(NOBODYS)
    await held.withdraw(reason={"code": "typing_error", "text": "样例"})
    await held.withdraw(by="justice-city")
    await held.withdraw(by="market-wuchang")
    await held.withdraw(reason=TWICE)
    await held.withdraw(reason=TWICE)
    await held.withdraw(reason=MISTAKE)

    left = (await trail(service))[before:]
    assert [(row["client_id"], row["outcome"]) for row in left] == [
        ("market-city", "done"),
        ("market-city", "repeated"),
        ("market-city", "unknown-event"),
        ("market-city", "validation-failed"),
        ("justice-city", "role-may-not"),
        ("market-wuchang", "unknown-record"),
        ("market-city", "done"),
        ("market-city", "repeated"),
        ("market-city", "withdrawn"),
    ]
    assert {row["action"] for row in left} == {"withdraw"}
    taken = [row for row in left if row["outcome"] in ("done", "repeated")]
    assert [row["record_id"] for row in taken] == [UUID(held.id)] * 4
    assert [row["detail"] for row in left if row["outcome"] == "done"] == ["did_not_happen", "sent_twice"]


async def test_nobody_is_named_by_the_trail_the_log_or_a_refusal(
    service: Service, capfd: pytest.CaptureFixture[str]
) -> None:
    person = changed(corpus.penalty(7, party_kind="natural_person", kinds=["03"]), "/party/name", "样例甲某")
    name, number = person["party"]["name"], person["party"]["id_no"]
    held = await pushed(service, person | {"events": [SERVED]})
    reason = TWICE | {"text": f"{name}（{number}）重复"}
    await held.withdraw(await event_id(held, SERVED), reason=reason)
    await held.withdraw(reason=reason)

    refused = [
        await held.withdraw(reason=reason | {"text": f"{name}另案"}),
        await held.withdraw(reason=reason | {"code": name}),
        await held.tell(PUBLISHED | {"note": name}),
    ]

    assert [answer.status_code for answer in refused] == [409, 422, 409]
    out, err = capfd.readouterr()
    assert "withdrawal" in out + err
    for said in (*(answer.text for answer in refused), str(await trail(service)), out, err):
        assert name not in said
        assert number not in said


async def test_a_withdrawal_that_cannot_be_committed_is_not_answered(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before, kept = await rows(service), await held.kept()
    async with service.shop.engine.begin() as conn:
        await conn.execute(
            text(
                "CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END $$"
            )
        )
        await conn.execute(
            text(
                "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON withdrawal DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION fail_at_commit()"
            )
        )

    answer: httpx.Response = await held.withdraw(reason=TWICE)

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert await rows(service) == before
    assert await held.kept() == kept
