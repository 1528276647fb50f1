"""更正、进展: a new version in place of the one that holds, why it is there, and what it changes for everybody."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from app import demo
from schemas.codelists import codelist
from schemas.lifecycle import SHANGHAI
from schemas.publishing import examples
from tests import corpus
from tests.api.held import MISTAKE, TYPING_ERROR, WENT_ON, Held, pushed
from tests.api.promises import PUSH, Json, changed, names_nobody, points_into, problem, rows, told, trail, without
from tests.api.test_records import digest_of, lasting
from tests.conftest import Service

CITY, WUCHANG = demo.code_of("420100", 0), demo.code_of("420106", 2)
DECIDED = without(examples("penalty")["decided"], "/events")
FILED = examples("penalty")["filed"]
CHEAPER = DECIDED | {"fine_yuan": "1200.00", "penalty_content": "罚款人民币1200元；没收超过保质期的食品。"}
SERVED = {"event": "served", "occurred_at": "2026-09-30"}
PUBLISHED = {"event": "published", "occurred_at": "2026-10-08"}
NOBODYS = "0199c0de-0000-7000-8000-000000000000"
DECISION = {
    name: DECIDED[name]
    for name in (
        *("decision_no", "violation_type", "violation_facts", "legal_basis", "penalty_kinds", "penalty_content"),
        *("fine_yuan", "confiscated_yuan", "data_source"),
    )
}


def at(month: int, day: int, hour: int = 9) -> datetime:
    """A moment of the autumn of 2026 in Shanghai."""
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


# --- who may not ----------------------------------------------------------------------------------


async def test_without_a_token_nothing_is_corrected(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before = await rows(service)

    answers = [
        await service.anonymous.put(
            address, json={"reason": TYPING_ERROR, "record": CHEAPER}, headers={"If-Match": '"1"'}
        )
        for address in (held.address, f"{PUSH}/{NOBODYS}", f"{PUSH}/garbage")
    ]

    assert {told(answer) for answer in answers} == {(401, "token-missing", ())}
    assert await rows(service) == before


@pytest.mark.parametrize("reader", ["justice-city", "auditor-city", "office-city"])
async def test_a_reader_corrects_nothing(service: Service, reader: str) -> None:
    held = await pushed(service, DECIDED)
    before = await rows(service)

    answers = [
        await held.put(CHEAPER, by=reader),
        await Held(service, NOBODYS).put(CHEAPER, by=reader),
        await (await service.client(reader)).put(held.address, content=b"{", headers={"Content-Type": "text/plain"}),
    ]

    assert {told(answer) for answer in answers} == {(403, "role-may-not", ())}
    assert await rows(service) == before


async def test_a_procuratorate_that_reads_a_penalty_does_not_correct_it(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before = await rows(service)
    own = service.enrolled["procuratorate-wuchang"].organisation.code

    answers = [
        await held.put(CHEAPER, by="procuratorate-wuchang"),
        await held.put(CHEAPER | {"organisation": own}, by="procuratorate-wuchang"),
    ]

    assert [told(answer)[:2] for answer in answers] == [(403, "role-may-not")] * 2
    assert await rows(service) == before


@pytest.mark.parametrize("stranger", ["market-wuchang", "ecology-city", "police-city"])
async def test_another_organisation_learns_nothing_of_the_record_by_correcting_it(
    service: Service, stranger: str
) -> None:
    held = await pushed(service, DECIDED)
    own = service.enrolled[stranger].organisation.code
    before = await rows(service)

    for record in (CHEAPER, CHEAPER | {"organisation": own}):
        theirs = await held.put(record, by=stranger)
        nobodys = await Held(service, NOBODYS).put(record, by=stranger)

        assert told(theirs) == told(nobodys)
        assert theirs.content == nobodys.content
        assert told(theirs)[0] in (403, 404)
    assert await rows(service) == before


async def test_what_is_not_there_is_not_corrected(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before = await rows(service)

    answers = [
        await Held(service, other).put(CHEAPER)
        for other in (NOBODYS, "garbage", held.id.replace("-", ""), f"urn:uuid:{held.id}", "1")
    ]

    assert {told(answer) for answer in answers} == {(404, "unknown-record", ())}
    assert await rows(service) == before


async def test_a_type_that_is_not_there_has_nothing_to_correct(service: Service) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")

    answer = await agency.put(
        f"/v1/records/nothing/{held.id}",
        json={"reason": TYPING_ERROR, "record": CHEAPER},
        headers={"If-Match": '"1"'},
    )

    assert told(answer) == (404, "unknown-record-type", ())


# --- a new version --------------------------------------------------------------------------------


async def test_a_correction_is_receipted_as_the_version_that_holds(service: Service) -> None:
    held = await pushed(service, DECIDED)
    service.now += timedelta(minutes=30)

    answer = await held.put(CHEAPER)

    receipt = answer.json()
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"2"'
    assert lasting(receipt) == {
        "id": held.id,
        "record_type": "penalty",
        "organisation": DECIDED["organisation"],
        "source_id": DECIDED["source_id"],
        "version": 2,
        "digest": digest_of(CHEAPER),
        "received_at": "2026-10-09T09:32:11.482+08:00",
    }
    assert receipt["position"] is None
    assert receipt["warnings"] == []
    assert {node["node"]: node["state"] for node in receipt["nodes"]} == await held.states()


async def test_the_new_version_is_what_everybody_reads(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.put(CHEAPER)
    agency = await service.client("market-city")

    answer = await agency.get(held.address)
    read = answer.json()

    assert answer.headers["etag"] == '"2"'
    assert (read["version"], read["digest"], read["record"]) == (2, digest_of(CHEAPER), CHEAPER)
    assert read["reason"] == TYPING_ERROR
    assert "changes" not in read
    assert await held.read(by="procuratorate-wuchang") == read


@pytest.mark.parametrize("code", [entry.code for entry in codelist("reasons")])
async def test_a_reason_is_one_for_changing_or_one_for_taking_back(service: Service, code: str) -> None:
    held = await pushed(service, DECIDED)
    reason = {"code": code, "text": "样例"}
    before = await rows(service)

    answer = await held.put(CHEAPER, reason=reason)

    if codelist("reasons")[code].more["class"] in ("correction", "progress"):
        assert answer.status_code == 201
        assert (await held.read())["reason"] == reason
    else:
        assert told(answer) == (422, "validation-failed", (("/reason/code", "reason-class"),))
        assert await rows(service) == before


async def test_a_version_after_the_other_each_names_the_one_before_it(service: Service) -> None:
    held = await pushed(service, DECIDED)

    answers = [await held.put(DECIDED | {"remarks": f"第{n}版"}, n - 1) for n in range(2, 6)]

    assert [(one.status_code, one.json()["version"], one.headers["etag"]) for one in answers] == [
        (201, n, f'"{n}"') for n in range(2, 6)
    ]
    versions = (await held.read("/versions"))["items"]
    assert [one["version"] for one in versions] == [1, 2, 3, 4, 5]
    assert [one["digest"] for one in versions[1:]] == [one.json()["digest"] for one in answers]


async def test_a_repeat_of_the_push_gets_the_receipt_of_what_was_corrected_to(service: Service) -> None:
    held = await pushed(service, DECIDED)
    put = await held.put(CHEAPER)
    agency = await service.client("market-city")
    before = await rows(service)

    again = await agency.post(PUSH, json=CHEAPER)

    assert again.status_code == 200
    assert lasting(again.json()) == lasting(put.json())
    assert await rows(service) == before


async def test_pushing_the_content_of_an_older_version_is_a_conflict_and_not_a_repeat(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.put(CHEAPER)
    agency = await service.client("market-city")
    before = await rows(service)

    answer = await agency.post(PUSH, json=DECIDED)

    assert told(answer) == (409, "already-held", ())
    assert answer.json()["held"] == {"id": held.id, "version": 2, "digest": digest_of(CHEAPER)}
    assert answer.json()["sent"]["digest"] == digest_of(DECIDED)
    assert await rows(service) == before


async def test_going_back_to_what_was_said_first_is_a_third_version(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.put(CHEAPER)

    answer = await held.put(DECIDED, 2)

    assert (answer.status_code, answer.json()["version"], answer.json()["digest"]) == (201, 3, digest_of(DECIDED))
    agency = await service.client("market-city")
    assert (await agency.post(PUSH, json=DECIDED)).status_code == 200


async def test_the_receipt_of_a_correction_has_a_place_in_the_feed_of_its_own(service: Service) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")
    await service.sequence()
    first = (await agency.post(PUSH, json=DECIDED)).json()["position"]

    await held.put(CHEAPER)
    await service.sequence()
    second = (await agency.post(PUSH, json=CHEAPER)).json()["position"]

    (item,) = [one for one in await held.feed() if one["kind"] == "correction"]
    assert item["position"] == second
    assert first is not None
    assert second > first


# --- If-Match -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stated", [None, "*", " * "])
async def test_who_does_not_say_which_version_is_changed_is_asked_to(service: Service, stated: str | None) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")
    before = await rows(service)

    answer = await agency.put(
        held.address,
        json={"reason": TYPING_ERROR, "record": CHEAPER},
        headers={} if stated is None else {"If-Match": stated},
    )

    assert told(answer) == (428, "version-not-stated", ())
    assert await rows(service) == before


@pytest.mark.parametrize(
    "stated", ["1", "", '"1', '1"', "'1'", '"1" "2"', '"1";', "W/1", 'w/"1"', '"1",', '*, "1"', "“1”".encode().hex()]
)
async def test_what_cannot_be_read_as_versions_is_refused_as_such(service: Service, stated: str) -> None:
    held = await pushed(service, DECIDED)
    before = await rows(service)

    answer = await held.put(CHEAPER, headers={"If-Match": stated})

    assert told(answer) == (400, "bad-parameter", (("/If-Match", "if-match"),))
    assert await rows(service) == before


@pytest.mark.parametrize(
    "stated", ['W/"1"', '"2"', '"0"', '"01"', '"-1"', '"1 "', '""', '"١"', '"999999999999999999999"', '"sha-256:1"']
)
async def test_a_tag_that_is_not_that_of_the_version_that_holds_matches_nothing(service: Service, stated: str) -> None:
    held = await pushed(service, DECIDED)
    before = await rows(service)
    agency = await service.client("market-city")

    answer = await agency.put(
        held.address,
        json={"reason": TYPING_ERROR, "record": CHEAPER},
        headers={b"If-Match": stated.encode()},
    )

    assert told(answer) == (412, "version-outdated", ())
    assert answer.json()["held"] == {"id": held.id, "version": 1, "digest": digest_of(DECIDED)}
    assert answer.json()["sent"]["digest"] == digest_of(CHEAPER)
    assert await rows(service) == before


@pytest.mark.parametrize("stated", ['"7", "1"', '"1","2"', ' "1" ', 'W/"7" , "1"'])
async def test_one_of_several_tags_is_enough(service: Service, stated: str) -> None:
    held = await pushed(service, DECIDED)

    answer = await held.put(CHEAPER, headers={"If-Match": stated})

    assert answer.status_code == 201


async def test_several_lines_of_if_match_are_one_list(service: Service) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")

    answer = await agency.request(
        "PUT",
        held.address,
        json={"reason": TYPING_ERROR, "record": CHEAPER},
        headers=[("If-Match", '"7"'), ("If-Match", '"1"')],
    )

    assert answer.status_code == 201


async def test_who_looked_at_an_older_version_is_told_which_one_holds(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.put(CHEAPER)
    before = await rows(service)

    answer = await held.put(DECIDED | {"remarks": "另一"}, 1)

    assert told(answer) == (412, "version-outdated", ())
    assert answer.json()["held"] == {"id": held.id, "version": 2, "digest": digest_of(CHEAPER)}
    assert answer.json()["sent"]["digest"] == digest_of(DECIDED | {"remarks": "另一"})
    assert await rows(service) == before


@pytest.mark.parametrize("version", [1, 2, 3])
async def test_a_correction_whose_answer_was_lost_may_be_sent_again(service: Service, version: int) -> None:
    held = await pushed(service, DECIDED)
    first = await held.put(CHEAPER)
    before = await rows(service)
    service.now += timedelta(minutes=30)

    second = await held.put(CHEAPER, version)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["etag"] == '"2"'
    assert lasting(second.json()) == lasting(first.json())
    assert second.json()["warnings"] == first.json()["warnings"]
    assert await rows(service) == before


async def test_putting_what_is_held_changes_nothing(service: Service) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")
    first = (await agency.post(PUSH, json=DECIDED)).json()
    before = await rows(service)

    answer = await held.put(changed(DECIDED, "/party/tax_no", None) | {"remarks": None})

    assert answer.status_code == 200
    assert answer.headers["etag"] == '"1"'
    assert lasting(answer.json()) == lasting(first)
    assert await rows(service) == before


async def test_of_many_corrections_of_one_version_one_is_taken(service: Service) -> None:
    held = await pushed(service, DECIDED)

    answers = await asyncio.gather(*(held.put(DECIDED | {"remarks": f"{n}"}) for n in range(10)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 412: 9}
    (receipt,) = (answer.json() for answer in answers if answer.status_code == 201)
    read = await held.read()
    assert (read["version"], read["digest"]) == (2, receipt["digest"])
    assert {answer.json()["held"]["version"] for answer in answers if answer.status_code == 412} == {2}


async def test_of_many_equal_corrections_one_is_taken_and_the_rest_repeat(service: Service) -> None:
    held = await pushed(service, DECIDED)

    answers = await asyncio.gather(*(held.put(CHEAPER) for _ in range(10)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 9}
    assert len({json.dumps(lasting(answer.json()), sort_keys=True) for answer in answers}) == 1
    assert (await rows(service))["version"] == 2


# --- what is wrong with a correction --------------------------------------------------------------


FAULTY = {
    "no object": ([], (("", "wrong-type"),)),
    "nothing": ({}, (("/reason", "required"), ("/record", "required"))),
    "no record": ({"reason": TYPING_ERROR}, (("/record", "required"),)),
    "record null": ({"reason": TYPING_ERROR, "record": None}, (("/record", "required"),)),
    "record no object": ({"reason": TYPING_ERROR, "record": []}, (("/record", "wrong-type"),)),
    "no reason": ({"record": CHEAPER}, (("/reason", "required"),)),
    "reason null": ({"reason": None, "record": CHEAPER}, (("/reason", "required"),)),
    "reason a string": ({"reason": "typing_error", "record": CHEAPER}, (("/reason", "wrong-type"),)),
    "reason empty": ({"reason": {}, "record": CHEAPER}, (("/reason/code", "required"), ("/reason/text", "required"))),
    "no text": ({"reason": {"code": "typing_error"}, "record": CHEAPER}, (("/reason/text", "required"),)),
    "text empty": ({"reason": TYPING_ERROR | {"text": ""}, "record": CHEAPER}, (("/reason/text", "text"),)),
    "text too long": (
        {"reason": TYPING_ERROR | {"text": "样" * 501}, "record": CHEAPER},
        (("/reason/text", "text"),),
    ),
    "unknown code": (
        {"reason": TYPING_ERROR | {"code": "because"}, "record": CHEAPER},
        (("/reason/code", "unknown-code"),),
    ),
    "code a number": ({"reason": TYPING_ERROR | {"code": 1}, "record": CHEAPER}, (("/reason/code", "wrong-type"),)),
    "unknown in reason": (
        {"reason": TYPING_ERROR | {"who": "样例"}, "record": CHEAPER},
        (("/reason/who", "unknown-field"),),
    ),
    "unknown beside": (
        {"reason": TYPING_ERROR, "record": CHEAPER, "version": 1, "events": []},
        (("/version", "unknown-field"), ("/events", "unknown-field")),
    ),
    "of the record": (
        {"reason": TYPING_ERROR, "record": changed(CHEAPER, "/region", "999999")},
        (("/record/region", "unknown-code"),),
    ),
    "of an event": (
        {"reason": TYPING_ERROR, "record": CHEAPER | {"events": [SERVED, {"event": "celebrated"}]}},
        (("/record/events/1/event", "unknown-event"),),
    ),
    "event of tomorrow": (
        {"reason": TYPING_ERROR, "record": CHEAPER | {"events": [SERVED | {"occurred_at": "2026-10-10"}]}},
        (("/record/events/0/occurred_at", "future-date"),),
    ),
    "other type": (
        {"reason": TYPING_ERROR, "record": CHEAPER | {"record_type": "transfer"}},
        (("/record/record_type", "other-record-type"),),
    ),
    "all at once": (
        {
            "record": changed(CHEAPER, "/region", "999999") | {"colour": "red"},
            "reason": {"code": "sent_twice"},
            "also": 1,
        },
        (
            ("/record/region", "unknown-code"),
            ("/record/colour", "unknown-field"),
            ("/reason/text", "required"),
            ("/also", "unknown-field"),
        ),
    ),
}


@pytest.mark.parametrize("name", FAULTY)
async def test_every_fault_of_a_correction_is_told_at_its_place(service: Service, name: str) -> None:
    body, faults = FAULTY[name]
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")
    before = await rows(service)

    answer = await agency.put(held.address, json=body, headers={"If-Match": '"1"'})

    assert told(answer) == (422, "validation-failed", faults)
    points_into(answer, body)
    assert await rows(service) == before


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (b'{"reason": {}, "reason": {}, "record": {}}', {("/reason", "duplicate-name")}),
        (b'{"reason": {"code": "typing_error", "text": "a\\u0000b"}}', {("/reason/text", "control-character")}),
        (b'{"reason": {"code": "typing_error", "text": "a"}, "record": {"remarks": 1.5}}', {("/record/remarks", None)}),
    ],
    ids=["a name twice", "a control character", "a fraction"],
)
async def test_what_json_may_not_hold_is_told_where_it_stands(
    service: Service, body: bytes, faults: set[tuple[str, str | None]]
) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")
    before = await rows(service)

    answer = await agency.put(
        held.address, content=body, headers={"If-Match": '"1"', "Content-Type": "application/json"}
    )

    status, _, found = told(answer)
    assert status in (400, 422)
    for pointer, code in faults:
        assert [one for one in found if one[0] == pointer and code in (None, one[1])], found
    assert await rows(service) == before


async def test_a_correction_may_not_turn_the_record_into_another(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before = await rows(service)

    renamed = await held.put(CHEAPER | {"source_id": "2026-食-000999"})
    handed_over = await held.put(CHEAPER | {"organisation": WUCHANG})

    assert told(renamed) == (422, "validation-failed", (("/record/source_id", "identity-differs"),))
    assert told(handed_over)[:2] == (403, "not-your-record")
    assert await rows(service) == before


async def test_an_identity_that_somebody_else_has_is_no_way_in_either(service: Service) -> None:
    held = await pushed(service, DECIDED)
    other = await pushed(service, DECIDED | {"source_id": "2"})
    before = await rows(service)

    answer = await held.put(CHEAPER | {"source_id": "2"})

    assert told(answer) == (422, "validation-failed", (("/record/source_id", "identity-differs"),))
    assert await rows(service) == before
    assert (await other.read())["version"] == 1


async def test_the_faults_are_told_in_english_too(service: Service) -> None:
    held = await pushed(service, DECIDED)

    answers = [
        await held.put(CHEAPER, reason=MISTAKE, headers={"Accept-Language": "en"}),
        await held.put(CHEAPER | {"source_id": "2"}, headers={"Accept-Language": "en"}),
        await held.put(CHEAPER, 7, headers={"Accept-Language": "en"}),
        await held.put(CHEAPER, headers={"Accept-Language": "en", "If-Match": "7"}),
        await held.put(CHEAPER, headers={"Accept-Language": "en", "If-Match": "*"}),
    ]

    assert [told(answer, english=True)[0] for answer in answers] == [422, 422, 412, 400, 428]


# --- what it does to the state and the nodes ------------------------------------------------------


async def test_a_corrected_date_is_what_the_law_counts_from(service: Service) -> None:
    held = await pushed(service, DECIDED)
    assert (await held.node("penalty_served"))["due_at"] == "2026-10-14T23:59:59+08:00"

    answer = await held.put(DECIDED | {"decided_on": "2026-09-28"})

    # From Monday the 28th: 29 and 30 September, 8, 9, 10 (a Saturday that is worked), 12 and 13 October.
    node = await held.node("penalty_served")
    assert (node["opened_at"], node["due_at"], node["state"]) == ("2026-09-28", "2026-10-13T23:59:59+08:00", "open")
    assert {one["node"]: one["due_at"] for one in answer.json()["nodes"]}["penalty_served"] == node["due_at"]
    decided = [one for one in (await held.read("/events"))["items"] if one["event"]["event"] == "decided"]
    assert [one["event"]["occurred_at"] for one in decided] == ["2026-09-28"]


async def test_a_case_that_went_on_is_in_the_state_it_came_to(service: Service) -> None:
    service.now = at(10, 13)
    held = await pushed(service, FILED)
    following = ("penalty_decided", "penalty_served", "penalty_published", "penalty_entered")
    assert (await held.read())["state"] == "filed"
    assert await held.states(*following) == {"penalty_decided": "open"}
    service.now = at(10, 20)
    decided = FILED | DECISION | {"decided_on": "2026-10-19"}

    answer = await held.put(decided, reason=WENT_ON)

    assert answer.status_code == 201, answer.text
    assert answer.json()["warnings"] == []
    assert (await held.read())["state"] == "decided"
    assert await held.states(*following) == {
        "penalty_decided": "done",
        "penalty_served": "open",
        "penalty_published": "open",
        "penalty_entered": "done",
    }


async def test_a_correction_that_takes_the_fine_away_leaves_nobody_waiting_for_it(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    assert (await held.states())["penalty_paid"] == "due_soon"
    unfined = without(DECIDED, "/fine_yuan") | {"penalty_kinds": ["05"], "penalty_content": "没收超过保质期的食品。"}

    answer = await held.put(unfined)

    assert answer.status_code == 201, answer.text
    assert (await held.states())["penalty_paid"] == "waived"
    nodes = [one["node"] for one in await held.feed() if one["kind"] == "node"]
    assert [one["state"] for one in nodes if one["node"] == "penalty_paid"][-1] == "waived"


async def test_a_fine_that_is_put_back_is_waited_for_again(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    before = await held.node("penalty_paid")
    unfined = without(DECIDED, "/fine_yuan") | {"penalty_kinds": ["05"], "penalty_content": "没收超过保质期的食品。"}
    await held.put(unfined)

    await held.put(DECIDED, 2)

    assert await held.node("penalty_paid") == before


async def test_a_correction_that_contradicts_what_happened_is_refused(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    before, read = await rows(service), await held.read()

    answer = await held.put(DECIDED | {"decided_on": "2026-10-08"})

    said = problem(answer)
    assert (answer.status_code, said["code"]) == (409, "step-not-allowed")
    assert {fact["event"] for fact in said["facts"]} == {"decided", "served"}
    assert await rows(service) == before
    assert await held.read() == read


async def test_a_correction_that_only_mends_words_leaves_no_trace_at_the_nodes(service: Service) -> None:
    # The time of the service is UTC, as the machine's is.
    service.now = service.now.astimezone(UTC)
    held = await pushed(service, DECIDED)
    nodes, before = await held.read("/nodes"), await rows(service)
    service.now += timedelta(hours=1)

    await held.put(DECIDED | {"remarks": "样例"})

    after = await rows(service)
    assert (after["node"], after["node_history"]) == (before["node"], before["node_history"])
    assert after["entry"] == before["entry"] + 1
    assert await held.read("/nodes") == nodes


# --- since when the decision is entered -----------------------------------------------------------


async def test_entry_is_met_by_the_version_that_first_told_of_the_decision(service: Service) -> None:
    service.now = at(10, 13)
    held = await pushed(service, FILED)
    service.now = at(10, 30, 10)
    await held.put(FILED | DECISION | {"decided_on": "2026-10-19"}, reason=WENT_ON)
    entered = await held.node("penalty_entered")

    service.now = at(11, 2)
    await held.put(FILED | DECISION | {"decided_on": "2026-10-19", "remarks": "样例"}, 2)

    assert entered["done_at"] == "2026-10-30T10:00:00+08:00"
    assert entered["state"] == "done_late"
    assert await held.node("penalty_entered") == entered


async def test_a_correction_of_the_day_of_the_decision_does_not_move_its_entry(service: Service) -> None:
    service.now = at(10, 2)
    held = await pushed(service, DECIDED)
    service.now = at(11, 2)

    await held.put(DECIDED | {"decided_on": "2026-09-28"})

    entered = await held.node("penalty_entered")
    assert (entered["done_at"], entered["opened_at"]) == ("2026-10-02T09:00:00+08:00", "2026-09-28")


async def test_a_decision_reported_as_an_event_is_entered_then_and_not_when_the_record_repeats_it(
    service: Service,
) -> None:
    service.now = at(10, 13)
    held = await pushed(service, FILED)
    service.now = at(10, 20)
    await held.tell({"event": "decided", "occurred_at": "2026-10-19"})
    entered = await held.node("penalty_entered")
    service.now = at(11, 2)

    await held.put(FILED | DECISION | {"decided_on": "2026-10-19"}, reason=WENT_ON)

    assert entered["done_at"] == "2026-10-20T09:00:00+08:00"
    assert await held.node("penalty_entered") == entered


# --- progress -------------------------------------------------------------------------------------


async def test_progress_that_only_adds_is_silent(service: Service) -> None:
    held = await pushed(service, DECIDED)
    more = DECIDED | {"publicity_until": "2029-09-29", "amounts": [{"kind": "sales", "yuan": "860.00"}]}

    answer = await held.put(more, reason=WENT_ON)

    assert (answer.status_code, answer.json()["warnings"]) == (201, [])


async def test_progress_that_replaces_or_removes_is_pointed_out_and_stays_so(service: Service) -> None:
    held = await pushed(service, DECIDED | {"remarks": "样例"})
    agency = await service.client("market-city")

    answer = await held.put(CHEAPER, reason=WENT_ON)
    again = await agency.post(PUSH, json=CHEAPER)

    assert answer.status_code == 201
    assert {(one["pointer"], one["code"]) for one in answer.json()["warnings"]} == {
        ("/fine_yuan", "progress-replaces"),
        ("/penalty_content", "progress-replaces"),
        ("/remarks", "progress-replaces"),
    }
    assert again.json()["warnings"] == answer.json()["warnings"]


async def test_a_correction_that_replaces_is_what_corrections_are_for(service: Service) -> None:
    held = await pushed(service, DECIDED | {"remarks": "样例"})

    answer = await held.put(CHEAPER)

    assert answer.json()["warnings"] == []


# --- events sent along ----------------------------------------------------------------------------


async def test_events_sent_along_with_a_correction_are_taken(service: Service) -> None:
    held = await pushed(service, DECIDED)

    answer = await held.put(CHEAPER | {"events": [SERVED, PUBLISHED]})

    assert answer.status_code == 201
    assert answer.json()["digest"] == digest_of(CHEAPER)
    assert (await held.read())["state"] == "served"
    assert await held.told_of("served") == [(SERVED, True)]
    assert {one["node"]: one["state"] for one in answer.json()["nodes"]}["penalty_published"] == "done"


async def test_events_that_are_held_already_are_not_taken_twice(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})

    answer = await held.put(CHEAPER | {"events": [SERVED]})

    assert answer.status_code == 201
    assert (await rows(service))["event"] == 1


async def test_another_account_of_a_held_event_makes_a_correction_a_conflict(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    before = await rows(service)

    answer = await held.put(CHEAPER | {"events": [SERVED | {"method": "mail"}]})

    assert told(answer)[:2] == (409, "event-already-held")
    assert await rows(service) == before


async def test_new_events_beside_unchanged_content_are_taken_and_told(service: Service) -> None:
    held = await pushed(service, DECIDED)

    answer = await held.put(DECIDED | {"events": [SERVED]}, 7)

    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["events-added"]
    assert (await held.read())["state"] == "served"


# --- the versions ---------------------------------------------------------------------------------


async def test_no_version_ever_changes(service: Service) -> None:
    held = await pushed(service, DECIDED)
    first = await held.read("/versions/1")
    await held.put(CHEAPER)
    second = await held.read("/versions/2")

    await held.put(DECIDED | {"remarks": "样例"}, 2, reason=WENT_ON)

    assert await held.read("/versions/1") == first
    assert await held.read("/versions/2") == second
    assert (first["version"], first["digest"], first["record"]) == (1, digest_of(DECIDED), DECIDED)
    assert (second["version"], second["digest"], second["record"]) == (2, digest_of(CHEAPER), CHEAPER)
    assert "reason" not in first
    assert second["reason"] == TYPING_ERROR


async def test_each_version_says_why_it_came_and_where_it_differs_from_the_one_before(service: Service) -> None:
    held = await pushed(service, DECIDED | {"remarks": "样例"})
    cheaper = CHEAPER | {"penalty_kinds": ["03", "05", "01"]}
    await held.put(cheaper)
    await held.put(cheaper | {"publicity_until": "2029-09-29"}, 2, reason=WENT_ON)

    first, second, third = (await held.read("/versions"))["items"]

    assert (first["version"], second["version"], third["version"]) == (1, 2, 3)
    assert "reason" not in first
    assert "changes" not in first
    assert second["reason"] == TYPING_ERROR
    assert sorted(second["changes"], key=lambda one: str(one["pointer"])) == [
        {"pointer": "/fine_yuan", "before": "12000.00", "after": "1200.00"},
        {"pointer": "/penalty_content", "before": DECIDED["penalty_content"], "after": CHEAPER["penalty_content"]},
        {"pointer": "/penalty_kinds/2", "after": "01"},
        {"pointer": "/remarks", "before": "样例"},
    ]
    assert (third["reason"], third["changes"]) == (WENT_ON, [{"pointer": "/publicity_until", "after": "2029-09-29"}])
    assert [one["received_at"] for one in (first, second, third)] == ["2026-10-09T09:02:11.482+08:00"] * 3


async def test_any_two_versions_are_compared_in_either_direction(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.put(DECIDED | {"remarks": "第二版"})
    await held.put(CHEAPER, 2)

    onward = await held.read("/versions/3?compared_with=1")
    back = await held.read("/versions/1?compared_with=3")
    itself = await held.read("/versions/2?compared_with=2")
    plain = await held.read("/versions/3")

    assert (onward["version"], back["version"]) == (3, 1)
    assert [one["pointer"] for one in onward["changes"]] == ["/fine_yuan", "/penalty_content"]
    assert back["changes"] == [
        {"pointer": one["pointer"], "before": one["after"], "after": one["before"]} for one in onward["changes"]
    ]
    assert itself["changes"] == []
    assert "changes" not in plain
    assert {name: onward[name] for name in plain} == plain


@pytest.mark.parametrize("path", ["/versions/3", "/versions/0", "/versions/1?compared_with=3"])
async def test_a_version_that_is_not_there_cannot_be_read_nor_compared_with(service: Service, path: str) -> None:
    held = await pushed(service, DECIDED)
    await held.put(CHEAPER)
    agency = await service.client("market-city")

    answers = [await agency.get(held.address + path), await agency.get(f"{held.address}/versions/1?compared_with=x")]

    assert {told(answer) for answer in answers} == {(404, "unknown-version", ())}


# --- what is not seen -----------------------------------------------------------------------------

READERS = ("justice-city", "auditor-city")
PARTS = ("", "/versions", "/versions/1", "/versions/2", "/versions/2?compared_with=1", "/versions/1?compared_with=2")
OLD, NEW = "样例甲某", "样例乙某"


def _person() -> Json:
    person = corpus.penalty(7, region="420106", party_kind="natural_person", kinds=["03"])
    return changed(person, "/party/name", OLD) | {
        "source_id": f"2026-{OLD}",
        "violation_facts": f"{OLD}（应为{NEW}）于2026年6月销售样例商品。",
    }


async def _renamed(service: Service) -> tuple[Held, Json, Json]:
    """A person's penalty whose name and number were wrong at first, the right ones and the wrong ones in its texts."""
    before = _person()
    held = await pushed(service, before | {"events": [SERVED | {"note": f"{OLD}签收，{NEW}本人确认"}]})
    number = corpus.resident_id(corpus.random("another"))
    after = changed(changed(before, "/party/name", NEW), "/party/id_no", number) | {
        "violation_facts": f"{NEW}（原误为{OLD}）于2026年6月销售样例商品。"
    }
    reason = {"code": "fact_wrong", "text": f"姓名应为{NEW}，原误报为{OLD}，证件 {before['party']['id_no']} 有误"}
    answer = await held.put(after, reason=reason)
    assert answer.status_code == 201, answer.text
    return held, before, after


def _personal(*records: Json) -> set[str]:
    return {record["party"][name] for record in records for name in ("name", "id_no")}


@pytest.mark.parametrize("reader", READERS)
async def test_a_masked_reader_sees_that_a_person_was_another_and_not_who(service: Service, reader: str) -> None:
    held, before, after = await _renamed(service)

    items = (await held.read("/versions", by=reader))["items"]

    pointers = {one["pointer"] for one in items[1]["changes"]}
    assert pointers == {"/party/name", "/party/id_no", "/violation_facts"}
    for one in items[1]["changes"]:
        assert set(one) == {"pointer", "before", "after"}
        assert not [value for value in _personal(before, after) if value in f"{one['before']}{one['after']}"]
    assert items[1]["digest"] == digest_of(after)
    assert "原误报为" in items[1]["reason"]["text"]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("part", [*PARTS, "/events"])
async def test_no_name_of_any_version_is_seen_by_a_masked_reader(service: Service, reader: str, part: str) -> None:
    held, before, after = await _renamed(service)
    (event,) = [one["id"] for one in (await held.read("/events"))["items"] if one["id"]]
    for withdrawn in (event, None):
        answer = await held.withdraw(withdrawn, reason=MISTAKE | {"text": f"{OLD}不是{NEW}"})
        assert answer.status_code == 201

    said = json.dumps(await held.read(part, by=reader), ensure_ascii=False)

    assert not [value for value in _personal(before, after) if value in said], said


@pytest.mark.parametrize("reader", READERS)
async def test_no_name_of_any_version_is_told_by_the_feed_to_a_masked_reader(service: Service, reader: str) -> None:
    held, before, after = await _renamed(service)
    await held.tell(PUBLISHED | {"note": f"{OLD}即{NEW}"})
    await held.withdraw(reason=MISTAKE | {"text": f"{OLD}不是{NEW}"})

    items = await held.feed(by=reader)

    assert {one["kind"] for one in items} >= {"record", "correction", "event", "withdrawal"}
    leaking = [
        (one["kind"], value)
        for one in items
        for value in _personal(before, after)
        if value in json.dumps(one, ensure_ascii=False)
    ]
    assert leaking == []


@pytest.mark.parametrize("reader", READERS)
async def test_no_name_of_any_version_is_told_or_found_by_the_lists_of_a_masked_reader(
    service: Service, reader: str
) -> None:
    _, before, after = await _renamed(service)
    caller = await service.client(reader)

    listed = await caller.get(PUSH)
    sought = {word: await caller.post(f"{PUSH}/search", json={"q": word}) for word in (OLD, NEW)}

    assert len(listed.json()["items"]) == 1
    assert not [value for value in _personal(before, after) if value in listed.text]
    assert {word: answer.json()["items"] for word, answer in sought.items()} == {OLD: [], NEW: []}


async def test_a_representative_who_is_new_is_not_seen_either(service: Service) -> None:
    trader = corpus.penalty(13, region="420106", party_kind="sole_trader")
    held = await pushed(service, trader)
    representative = {
        "name": "样",
        "id_type": "resident_id",
        "id_no": corpus.resident_id(corpus.random("representative")),
    }
    await held.put(changed(trader, "/party/legal_representative", representative))

    read = await held.read("/versions/2?compared_with=1", by="auditor-city")

    (change,) = read["changes"]
    assert change["pointer"].startswith("/party/legal_representative")
    assert change["after"]["name"] == "***"
    assert change["after"]["id_no"] == "***"


async def test_who_sees_everything_sees_what_it_was_and_what_it_is(service: Service) -> None:
    held, before, after = await _renamed(service)

    items = (await held.read("/versions", by="procuratorate-wuchang"))["items"]

    changes = {one["pointer"]: (one["before"], one["after"]) for one in items[1]["changes"]}
    assert changes["/party/name"] == (OLD, NEW)
    assert changes["/party/id_no"] == (before["party"]["id_no"], after["party"]["id_no"])
    assert "masked" not in items[1]


# --- the feed -------------------------------------------------------------------------------------


async def test_a_correction_is_told_with_the_new_record_and_its_reason(service: Service) -> None:
    held = await pushed(service, DECIDED)
    receipt = (await held.put(DECIDED | {"decided_on": "2026-09-28"})).json()

    items = await held.feed(by="procuratorate-wuchang")

    (item,) = [one for one in items if one["kind"] == "correction"]
    assert {name: item[name] for name in item if name != "position"} == {
        "kind": "correction",
        "id": held.id,
        "record_id": held.id,
        "record_type": "penalty",
        "organisation": DECIDED["organisation"],
        "source_id": DECIDED["source_id"],
        "version": 2,
        "digest": receipt["digest"],
        "at": receipt["received_at"],
        "reason": TYPING_ERROR,
        "record": DECIDED | {"decided_on": "2026-09-28"},
    }
    later = [one for one in items if one["position"] > item["position"]]
    assert {one["node"]["node"] for one in later} >= {"penalty_served", "penalty_published"}
    assert {one["kind"] for one in later} == {"node"}
    (first,) = [one for one in items if one["kind"] == "record"]
    assert (first["version"], first["record"]) == (1, DECIDED)
    assert "reason" not in first


async def test_a_correction_of_the_region_brings_the_case_to_the_district_it_belongs_to(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED, PUBLISHED]})
    jiangan = await service.client("procuratorate-jiangan")
    await service.sequence()
    cursor = (await jiangan.get("/v1/changes")).json()
    assert cursor["items"] == []
    withdrawn = next(one["id"] for one in (await held.read("/events"))["items"] if one["event"] == PUBLISHED)
    await held.withdraw(withdrawn)

    await held.put(DECIDED | {"region": "420102"})
    await service.sequence()
    page = (await jiangan.get("/v1/changes", params={"after": cursor["next"]})).json()

    (item,) = [one for one in page["items"] if one["kind"] == "disclosure"]
    assert (item["version"], item["record"]) == (2, DECIDED | {"region": "420102"})
    assert item["events"] == [SERVED]
    assert item["position"] >= cursor["scanned_to"]
    read = await jiangan.get(held.address)
    assert (read.status_code, read.json()["record"]["region"]) == (200, "420102")


async def test_a_case_that_moved_takes_its_nodes_along(service: Service) -> None:
    held = await pushed(service, DECIDED)

    await held.put(DECIDED | {"region": "420102"})

    async with service.shop.engine.connect() as conn:
        regions = (await conn.execute(text("SELECT region FROM node"))).scalars().all()
    assert regions
    assert set(regions) == {"420102"}
    districts = [await service.client(f"procuratorate-{name}") for name in ("jiangan", "wuchang")]
    seen = [(await caller.get(f"{held.address}/nodes")).status_code for caller in districts]
    assert seen == [200, 404]


async def test_a_correction_within_the_district_discloses_nothing_anew(service: Service) -> None:
    held = await pushed(service, DECIDED)

    await held.put(CHEAPER)

    assert "disclosure" not in {one["kind"] for one in await held.feed()}


async def test_a_masked_reader_is_shown_a_case_that_moved_without_its_names(service: Service) -> None:
    person = _person()
    held = await pushed(service, person | {"events": [SERVED | {"note": f"{OLD}签收"}]})

    await held.put(person | {"region": "420102"})

    (item,) = [one for one in await held.feed(by="justice-city") if one["kind"] == "disclosure"]
    said = json.dumps(item, ensure_ascii=False)
    assert item["events"][0]["note"] == "***签收"
    assert not [value for value in _personal(person) if value in said]
    assert {"/party/name", "/party/id_no"} <= set(item["masked"])


async def test_what_changed_nothing_is_not_told(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before = len(await held.feed())

    await held.put(DECIDED)
    await held.put(CHEAPER, 7)

    assert len(await held.feed()) == before


# --- the trail and the log ------------------------------------------------------------------------


async def test_every_correction_and_every_refusal_leaves_a_trail_row(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before = len(await trail(service))

    await held.put(CHEAPER)
    await held.put(CHEAPER)
    await held.put(DECIDED)
    await held.put(CHEAPER, headers={"If-Match": "*"})
    await held.put(CHEAPER, reason=MISTAKE)
    await held.put(CHEAPER, by="justice-city")
    await held.put(CHEAPER, by="market-wuchang")
    await held.read("/versions")

    left = (await trail(service))[before:]
    assert [(row["client_id"], row["outcome"]) for row in left] == [
        ("market-city", "done"),
        ("market-city", "repeated"),
        ("market-city", "version-outdated"),
        ("market-city", "version-not-stated"),
        ("market-city", "validation-failed"),
        ("justice-city", "role-may-not"),
        ("market-wuchang", "unknown-record"),
        ("market-city", "done"),
    ]
    assert len({row["action"] for row in left[:-1]}) == 1
    assert [(row["record_id"], row["version"]) for row in left[:2]] == [(UUID(held.id), 2)] * 2


async def test_nobody_is_named_by_the_trail_the_log_or_a_refusal(
    service: Service, capfd: pytest.CaptureFixture[str]
) -> None:
    held, before, after = await _renamed(service)
    reason = {"code": "fact_wrong", "text": f"{NEW}不是{OLD}"}
    mistyped = changed(after, "/party/id_no", after["party"]["id_no"][:17] + "Y")

    refused = [
        await held.put(before, reason=reason),
        await held.put(mistyped, 2, reason=reason),
        await held.put(after | {"source_id": NEW}, 2, reason=reason),
        await held.put(after | {"remarks": NEW}, 2, reason={"code": OLD, "text": NEW}),
        await held.put(before | {"decided_on": "2026-10-01"}, 2, reason=reason),
    ]

    assert [answer.status_code for answer in refused] == [412, 422, 422, 422, 409]
    names_nobody(refused[1], mistyped)
    out, err = capfd.readouterr()
    assert "correct" in str(await trail(service))
    assert "PUT" in out + err
    for said in (*(answer.text for answer in refused), str(await trail(service)), out, err):
        assert not [value for value in _personal(before, after) if value in said]


async def test_a_correction_that_cannot_be_committed_is_not_receipted(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before, read = await rows(service), await held.kept()
    async with service.shop.engine.begin() as conn:
        await conn.execute(
            text(
                "CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END $$"
            )
        )
        await conn.execute(
            text(
                "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON version DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION fail_at_commit()"
            )
        )

    answer = await held.put(CHEAPER)

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert await rows(service) == before
    assert await held.kept() == read


async def test_a_record_that_was_withdrawn_is_not_corrected(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.withdraw()
    before = await rows(service)

    answers = [await held.put(CHEAPER), await held.put(DECIDED), await held.put(CHEAPER, 7)]

    for answer in answers:
        assert told(answer) == (409, "withdrawn", ())
        assert answer.json()["held"] == {"id": held.id, "version": 1, "digest": digest_of(DECIDED)}
        assert MISTAKE["text"] not in answer.text
    assert await rows(service) == before


async def test_lists_find_the_record_by_what_it_says_now(service: Service) -> None:
    held = await pushed(service, DECIDED)

    await held.put(DECIDED | {"decision_no": "武市监处罚[2026]第013号", "decided_on": "2026-09-28"})

    async with service.shop.engine.connect() as conn:
        query = text("SELECT document_no, decided_on, version, revision FROM record")
        row = (await conn.execute(query)).one()
    assert tuple(row) == ("武市监处罚〔2026〕13号", date(2026, 9, 28), 2, 2)
    assert isinstance(held, Held)


async def test_the_answer_to_a_correction_may_not_be_kept_on_the_way(service: Service) -> None:
    held = await pushed(service, DECIDED)

    answers: list[httpx.Response] = [await held.put(CHEAPER), await held.put(CHEAPER)]

    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


async def test_a_record_has_only_so_many_versions(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.exchange.correct.MOST_VERSIONS", 2)
    held = await pushed(service, DECIDED)
    await held.put(CHEAPER)
    before = await rows(service)

    refused = await held.put(DECIDED, 2)
    repeated = await held.put(CHEAPER, 2)

    assert told(refused) == (409, "too-many-versions", ())
    assert repeated.status_code == 200
    assert await rows(service) == before


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/versions/1", "compare"),
        ("", "version"),
        ("/versions", "compared_with"),
        ("/events", "q"),
        ("/nodes", "state"),
    ],
)
async def test_a_parameter_that_is_not_understood_is_refused(service: Service, address: str, name: str) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")

    answer = await agency.get(held.address + address, params={name: "1"})

    assert told(answer) == (400, "bad-parameter", ((f"/{name}", "unknown-parameter"),))
