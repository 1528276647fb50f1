"""Batches: one result for each line, in order, each exactly once, whatever the lines are and however they come."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import jsonschema_rs
import pytest
from sqlalchemy import text

from app.api import arriving, wire
from app.exchange import receive_batch, take_in
from app.store.cases import LostRace
from tests import corpus
from tests.api.promises import CHINESE, PUSH, Json, in_chunks, personal_values, problem, rows, trail
from tests.api.promises import told as told_of_one
from tests.conftest import NOW, Service

BATCHES = "/v1/batches"
ATOMIC = "/v1/batches?mode=atomic"
JSON = "application/json"
NDJSON = "application/x-ndjson"
MEGABYTE = 1024 * 1024

Line = Any
"""A JSON value, or bytes as they are."""


def penalty(n: int, **changes: object) -> Json:
    """A penalty in Wuchang district."""
    return corpus.penalty(n, region="420106") | changes


def event(n: int, name: str = "served", occurred_at: str = "2026-09-30", **more: object) -> Json:
    """An event line for the n-th penalty."""
    named = {name: penalty(n)[name] for name in ("record_type", "organisation", "source_id")}
    return {"event_for": named, "event": name, "occurred_at": occurred_at, **more}


def as_lines(*lines: Line) -> bytes:
    """An NDJSON body."""
    return b"\n".join(_text(line) for line in lines)


def as_array(*lines: Line) -> bytes:
    """A JSON array."""
    return b"[" + b",".join(_text(line) for line in lines) + b"]"


BOTH_FORMS = pytest.mark.parametrize("kind", [JSON, NDJSON])


def _text(line: Line) -> bytes:
    return line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()


async def send(
    caller: httpx.AsyncClient, *lines: Line, kind: str = NDJSON, path: str = BATCHES, **headers: str
) -> httpx.Response:
    """Post lines as a batch of this content type."""
    body = as_array(*lines) if kind == JSON else as_lines(*lines)
    return await caller.post(path, content=body, headers={"Content-Type": kind, **headers})


def told(answer: httpx.Response) -> list[tuple[int, str | None]]:
    """Status and code of each result, after checking that the answer keeps what every answer promises."""
    said = answer.json()
    results = said["results"]
    statuses = Counter(result["status"] for result in results)
    assert [result["index"] for result in results] == list(range(len(results)))
    assert (said["accepted"], said["repeated"]) == (statuses[201], statuses[200])
    assert said["accepted"] + said["repeated"] + said["rejected"] == len(results)
    good = said["accepted"] + said["repeated"]
    assert answer.status_code == (422 if not good else 207 if said["rejected"] else 200)
    assert answer.headers["content-type"] == JSON
    assert answer.headers["cache-control"] == "no-store"
    for result in results:
        (kind,) = set(result) - {"index", "status"}
        assert (kind == "problem") == (result["status"] >= 400)
        assert kind != "problem" or result["problem"]["status"] == result["status"]
    return [(result["status"], result.get("problem", {}).get("code")) for result in results]


def faults(answer: httpx.Response, index: int) -> list[tuple[str, str]]:
    """Pointer and code of what one line was refused for."""
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["results"][index]["problem"].get("errors", [])]


def limit(service: Service, **limits: int) -> None:
    """Let the service take only so much."""
    depot = service.shop.depot
    service.app.state.shop = replace(service.shop, depot=replace(depot, limits=replace(depot.limits, **limits)))


# --- who may ------------------------------------------------------------------------------------------


async def test_nobody_without_a_token_sends_a_batch(service: Service) -> None:
    taken: list[int] = []

    answer = await service.anonymous.post(
        BATCHES, content=in_chunks(b"x" * 1000, 50, taken), headers={"Content-Type": NDJSON}
    )

    assert told_of_one(answer) == (401, "token-missing", ())
    assert taken == []


@pytest.mark.parametrize("reader", ["auditor-city", "justice-city"])
async def test_who_only_reads_is_told_so_before_the_body_is_read(service: Service, reader: str) -> None:
    caller = await service.client(reader)
    taken: list[int] = []

    answer = await caller.post(BATCHES, content=in_chunks(b"x" * 1000, 50, taken), headers={"Content-Type": NDJSON})

    assert told_of_one(answer) == (403, "role-may-not", ())
    assert taken == []


# --- what becomes of the lines ------------------------------------------------------------------------


@BOTH_FORMS
async def test_each_line_is_answered_as_if_it_had_been_sent_alone(service: Service, kind: str) -> None:
    agency = await service.client("market-city")
    held = (await agency.post(PUSH, json=penalty(1))).json()
    other = corpus.penalty(4, organisation=service.enrolled["market-wuchang"].organisation.code)

    answer = await send(
        agency,
        penalty(1),
        penalty(1) | {"remarks": "另一"},
        penalty(2),
        event(2),
        event(2),
        event(2, occurred_at="2026-12-30"),
        event(2, name="celebrated"),
        event(9),
        other,
        penalty(3) | {"region": "000000"},
        b'{"record_type" "penalty"}',
        {"record_type": "fine"},
        kind=kind,
    )

    assert told(answer) == [
        (422, "different-in-batch"),
        (422, "different-in-batch"),
        (201, None),
        (201, None),
        (200, None),
        (422, "validation-failed"),
        (422, "validation-failed"),
        (404, "unknown-record"),
        (403, "not-your-record"),
        (422, "validation-failed"),
        (400, "unreadable-body"),
        (422, "validation-failed"),
    ]
    again = await send(agency, penalty(1), penalty(2), kind=kind)
    receipt = again.json()["results"][0]["receipt"]
    assert told(again) == [(200, None)] * 2
    assert {**receipt, "position": None, "nodes": []} == {**held, "position": None, "nodes": []}


async def test_a_result_is_what_the_single_route_answers(service: Service) -> None:
    agency = await service.client("market-city")
    faulty = penalty(3) | {"region": "000000", "colour": "red", "party": {"name": "样例"}}
    await send(agency, penalty(1), event(1))
    at = f"{PUSH}/{(await agency.post(PUSH, json=penalty(1))).json()['id']}/events"

    batched = await send(agency, penalty(1), event(1), faulty, penalty(1, remarks="另一") | {"source_id": "2"})
    alone = [
        await agency.post(PUSH, json=penalty(1)),
        await agency.post(at, json={"event": "served", "occurred_at": "2026-09-30"}),
        await agency.post(PUSH, json=faulty),
    ]

    results = batched.json()["results"]
    assert [result["status"] for result in results[:3]] == [answer.status_code for answer in alone]
    assert results[0]["receipt"] | {"position": None} == alone[0].json() | {"position": None}
    assert results[1]["event"] == alone[1].json()
    assert results[2]["problem"] == alone[2].json()


async def test_an_array_and_lines_are_answered_alike(service: Service) -> None:
    agency = await service.client("market-city")
    lines = [penalty(1), event(1), penalty(2), {}, b'{"a"', b"7", b'"\xe6\xad"', penalty(3, remarks="一"), penalty(3)]
    as_element = [line if line != b'{"a"' else b'{"a"}' for line in lines]
    await send(agency, *lines)
    await service.sequence()

    by_line = [await send(agency, *lines, kind=kind) for kind in (NDJSON, "application/ndjson", "application/jsonl")]
    in_array = await send(agency, *as_element, kind=JSON)

    assert [told(answer) for answer in (*by_line, in_array)] == [told(by_line[0])] * 4
    assert told(by_line[0])[:4] == [(200, None), (200, None), (200, None), (422, "validation-failed")]
    assert by_line[0].json() == by_line[1].json() == by_line[2].json()
    same = [index for index in range(len(lines)) if lines[index] == as_element[index]]
    assert [by_line[0].json()["results"][index] for index in same] == [
        in_array.json()["results"][index] for index in same
    ]


@BOTH_FORMS
@pytest.mark.parametrize("chunk", [1, 2, 3])
async def test_an_event_may_follow_its_record_across_any_border(
    service: Service, monkeypatch: pytest.MonkeyPatch, kind: str, chunk: int
) -> None:
    monkeypatch.setattr(receive_batch, "CHUNK_LINES", chunk)
    agency = await service.client("market-city")

    answer = await send(agency, event(1), penalty(1), event(1), penalty(2), event(1, "published"), event(2), kind=kind)

    assert told(answer) == [(404, "unknown-record"), *[(201, None)] * 5]
    assert answer.json()["results"][2]["event"]["state"] == "served"


async def test_chunks_are_bounded_by_their_bytes_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_batch, "CHUNK_BYTES", 1500)
    taken_in: list[int] = []
    real = take_in.take_in

    async def counting(engine: Any, submissions: Any, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 – as it is
        taken_in.append(len(submissions))
        return await real(engine, submissions, *rest, **more)

    monkeypatch.setattr(receive_batch, "take_in", counting)
    agency = await service.client("market-city")

    answer = await send(agency, *[penalty(n) for n in range(5)], *[event(n) for n in range(5)])

    assert told(answer) == [(201, None)] * 10
    assert sum(taken_in) == 10
    assert len(taken_in) >= 5


async def test_a_batch_is_received_when_all_of_it_is_here(service: Service) -> None:
    agency = await service.client("market-city")
    whole = as_lines(penalty(1), penalty(2))

    async def slowly() -> AsyncIterator[bytes]:
        yield whole[:100]
        service.now = NOW + timedelta(minutes=20)
        yield whole[100:]

    answer = await agency.post(BATCHES, content=slowly(), headers={"Content-Type": NDJSON})

    received = {result["receipt"]["received_at"] for result in answer.json()["results"]}
    assert received == {"2026-10-09T09:22:11.482+08:00"}


async def test_results_speak_the_language_that_was_asked_for(service: Service) -> None:
    agency = await service.client("market-city")

    chinese = await send(agency, {}, b"{")
    english = await send(agency, {}, b"{", **{"Accept-Language": "en"})

    for answer, is_chinese in ((chinese, True), (english, False)):
        said = [result["problem"] for result in answer.json()["results"]]
        words = [one["title"] for one in said] + [fault["message"] for one in said for fault in one["errors"]]
        assert {bool(CHINESE.search(word)) for word in words} == {is_chinese}


async def test_no_problem_names_anybody(service: Service) -> None:
    agency = await service.client("market-city")
    people = [corpus.penalty(n, party_kind="natural_person", kinds=["03"], region="000000") for n in range(20)]
    await send(agency, penalty(30))

    answer = await send(agency, *people, *[people[0] | {"remarks": str(n)} for n in range(3)], penalty(30, remarks="x"))

    assert set(told(answer)) == {(422, "validation-failed"), (422, "different-in-batch"), (409, "already-held")}
    for person in people:
        assert [value for value in personal_values(person) if value in answer.text] == []


# --- the same record twice ----------------------------------------------------------------------------


@BOTH_FORMS
@pytest.mark.parametrize("path", [BATCHES, ATOMIC])
async def test_the_same_record_twice_is_taken_in_and_repeated(service: Service, kind: str, path: str) -> None:
    agency = await service.client("market-city")
    turned = dict(reversed(penalty(1).items())) | {"events": [{"event": "served", "occurred_at": "2026-09-30"}]}

    answer = await send(agency, penalty(1), turned, penalty(1) | {"remarks": None}, kind=kind, path=path)

    first, second, third = (result["receipt"] for result in answer.json()["results"])
    assert told(answer) == [(201, None), (200, None), (200, None)]
    assert first["id"] == second["id"] == third["id"]
    assert [warning["code"] for warning in second["warnings"]] == ["events-added"]


@BOTH_FORMS
async def test_all_lines_that_say_different_things_of_one_record_are_rejected(
    service: Service, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(receive_batch, "CHUNK_LINES", 2)
    agency = await service.client("market-city")

    answer = await send(
        agency, penalty(1), penalty(2), penalty(1, remarks="一"), penalty(3), penalty(1), event(1), kind=kind
    )

    different = (422, "different-in-batch")
    assert told(answer) == [different, (201, None), different, (201, None), different, (404, "unknown-record")]
    named = [result["problem"]["lines"] for result in answer.json()["results"] if result["status"] == 422]
    assert named == [[2, 4], [0, 4], [0, 2]]
    assert (await rows(service))["record"] == 2


# --- all or nothing -----------------------------------------------------------------------------------


@BOTH_FORMS
async def test_an_atomic_batch_with_a_bad_line_stores_nothing(service: Service, kind: str) -> None:
    agency = await service.client("market-city")
    await send(agency, penalty(1))
    before = await rows(service)

    answer = await send(agency, penalty(2), event(2), penalty(1), b"{}", penalty(1), event(9), kind=kind, path=ATOMIC)

    refused = (424, "batch-refused")
    assert told(answer) == [refused, refused, refused, (422, "validation-failed"), refused, (404, "unknown-record")]
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (0, 6)
    assert await rows(service) == before


@BOTH_FORMS
@pytest.mark.parametrize("chunk", [1, 3, 250])
async def test_an_atomic_batch_of_good_lines_stores_everything(
    service: Service, monkeypatch: pytest.MonkeyPatch, kind: str, chunk: int
) -> None:
    monkeypatch.setattr(receive_batch, "CHUNK_LINES", chunk)
    agency = await service.client("market-city")
    await send(agency, penalty(1))
    lines = [line for n in range(1, 8) for line in (penalty(n), event(n))]

    answer = await send(agency, *lines, event(3, "published", "2026-10-08"), kind=kind, path=ATOMIC)
    again = await send(agency, *lines, kind=kind, path=ATOMIC)

    assert told(answer) == [(200, None), *[(201, None)] * 14]
    ids = [result["receipt"]["id"] for result in answer.json()["results"] if "receipt" in result]
    assert len(set(ids)) == 7
    assert (await rows(service))["record"] == 7
    assert (await rows(service))["event"] == 8
    assert told(again) == [(200, None)] * 14


async def test_all_faults_of_an_atomic_batch_are_told_at_once(service: Service) -> None:
    agency = await service.client("market-city")
    await send(agency, penalty(1))

    answer = await send(
        agency,
        penalty(1, remarks="另一"),
        penalty(2),
        penalty(3) | {"region": "0"},
        b"{",
        penalty(4, remarks="一"),
        penalty(4),
        path=ATOMIC,
    )

    assert [code for _, code in told(answer)] == [
        "already-held",
        "batch-refused",
        "validation-failed",
        "unreadable-body",
        "different-in-batch",
        "different-in-batch",
    ]


async def test_what_others_did_meanwhile_is_seen_when_an_atomic_batch_is_stored(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = await service.client("market-city")
    real, meanwhile = take_in.store, [penalty(2), event(1, "published", "2026-10-08")]
    await send(agency, penalty(1))

    async def overtaken(*arguments: Any) -> None:  # noqa: ANN401 – as it is
        if meanwhile:
            assert (await send(agency, *meanwhile)).status_code == 200
            meanwhile.clear()
        await real(*arguments)

    monkeypatch.setattr(receive_batch, "store", overtaken)
    answer = await send(agency, event(1), penalty(2), penalty(3), path=ATOMIC)

    assert told(answer) == [(201, None), (200, None), (201, None)]
    assert (await rows(service))["record"] == 3
    assert (await rows(service))["event"] == 2


async def test_an_atomic_batch_that_is_overtaken_again_and_again_is_given_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def overtaken(*_: object) -> None:
        raise LostRace

    monkeypatch.setattr(receive_batch, "store", overtaken)
    agency = await service.client("market-city")

    answer = await send(agency, penalty(1), path=ATOMIC)

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert (await rows(service))["record"] == 0


async def test_an_atomic_batch_holds_only_so_many_lines_of_one_record(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_batch, "MOST_LINES_OF_ONE", 3)
    monkeypatch.setattr(receive_batch, "MOST_BYTES_OF_ONE", 9000)
    agency = await service.client("market-city")
    long = penalty(2, violation_facts="经查" * 2000)

    answer = await send(agency, *[penalty(1)] * 4, long, *[penalty(3)] * 3, path=ATOMIC)
    one_by_one = await send(agency, *[penalty(1)] * 4, long, *[penalty(3)] * 3)

    assert told(answer) == [*[(413, "too-large")] * 5, *[(424, "batch-refused")] * 3]
    assert faults(answer, 0) == [("", "lines-of-one-record")]
    assert faults(answer, 4) == [("", "bytes-of-one-record")]
    assert one_by_one.status_code == 200


# --- lines that are no lines --------------------------------------------------------------------------


async def test_marks_ends_and_blank_lines_of_any_system_are_taken(service: Service) -> None:
    agency = await service.client("market-city")
    one, two, three = (_text(penalty(n)) for n in (1, 2, 3))
    body = b"\xef\xbb\xbf\r\n" + one + b"\r\n\r\n  \t\n" + two + b"\n\n" + three

    answer = await agency.post(BATCHES, content=body, headers={"Content-Type": NDJSON + "; charset=utf-8"})

    assert told(answer) == [(201, None)] * 3


async def test_a_line_cut_in_half_harms_no_other(service: Service) -> None:
    agency = await service.client("market-city")
    before, here, after = _text(penalty(2)).partition(b'"decided_on"')

    answer = await send(agency, penalty(1), before, here + after, penalty(3), before[:-1] + b"\xe6")

    assert [status for status, _ in told(answer)] == [201, 400, 400, 201, 400]
    assert [faults(answer, index) for index in (1, 2, 4)] == [[("", "not-json")]] * 2 + [[("", "not-utf-8")]]


async def test_a_broken_element_harms_no_other(service: Service) -> None:
    agency = await service.client("market-city")

    answer = await send(agency, penalty(1), b'{"a":}', b"", b"1 2", b'{"a":[}]', penalty(2), b"null", kind=JSON)

    assert [status for status, _ in told(answer)] == [201, 400, 400, 400, 400, 201, 422]
    assert [faults(answer, index) for index in (1, 2)] == [[("", "not-json")], [("", "empty")]]


@BOTH_FORMS
async def test_a_line_of_nine_megabytes_is_read_past(service: Service, kind: str) -> None:
    agency = await service.client("market-city")

    answer = await send(agency, penalty(1), penalty(2, remarks="长" * 3 * MEGABYTE), penalty(3), kind=kind)

    assert told(answer) == [(201, None), (413, "too-large"), (201, None)]
    assert faults(answer, 1) == [("", "body-too-large")]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"[" * 40 + b"]" * 40, "nested-too-deep"),
        (b'{"a":[' + b"1," * 10_001 + b"1]}", "too-many-members"),
        (b'{"record_type":NaN}', "not-json"),
    ],
)
@BOTH_FORMS
async def test_a_line_made_to_be_hard_to_read_is_refused_alone(
    service: Service, kind: str, line: bytes, fault: str
) -> None:
    agency = await service.client("market-city")

    answer = await send(agency, penalty(1), line, penalty(2), kind=kind)

    assert told(answer) == [(201, None), (400, "unreadable-body"), (201, None)]
    assert faults(answer, 1) == [("", fault)]


async def test_of_very_many_faults_in_one_line_the_first_are_told_and_the_others_counted(service: Service) -> None:
    agency = await service.client("market-city")
    faulty = penalty(1) | {f"colour_{n:04}": n for n in range(4000)}

    alone = await agency.post(PUSH, json=faulty)
    answer = await send(agency, faulty, penalty(2))

    found = answer.json()["results"][0]["problem"]
    assert told(answer) == [(422, "validation-failed"), (201, None)]
    assert found["errors"] == alone.json()["errors"][: receive_batch.MOST_FAULTS]
    assert found["more_errors"] == 4000 - receive_batch.MOST_FAULTS


# --- bodies that are no batch -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (JSON, b"", (400, "unreadable-body", (("", "empty"),))),
        (NDJSON, b"", (400, "unreadable-body", (("", "empty"),))),
        (NDJSON, b"\xef\xbb\xbf\r\n \n", (400, "unreadable-body", (("", "empty"),))),
        (JSON, b" [ ] ", (400, "unreadable-body", (("", "empty"),))),
        (JSON, as_lines(penalty(1), penalty(2)), (400, "unreadable-body", (("", "array-or-lines"),))),
        (JSON, as_array(penalty(1), penalty(2))[:-1], (400, "unreadable-body", (("", "array-broken"),))),
        (JSON, as_array(penalty(1), penalty(2))[:-9], (400, "unreadable-body", (("", "array-broken"),))),
        (JSON, as_array(penalty(1)) + b"x", (400, "unreadable-body", (("", "after-array"),))),
        (JSON, as_array(penalty(1), b"[" * 2000), (400, "unreadable-body", (("", "nested-too-deep"),))),
        ("text/csv", b"[]", (415, "unsupported-content-type", ())),
        ("", b"[]", (415, "unsupported-content-type", ())),
    ],
)
async def test_what_is_no_batch_is_refused_whole(service: Service, kind: str, body: bytes, expected: object) -> None:
    agency = await service.client("market-city")
    before = await rows(service)

    answer = await agency.post(BATCHES, content=body, headers={"Content-Type": kind})

    assert told_of_one(answer) == expected
    assert await rows(service) == before


@pytest.mark.parametrize("query", ["mode=both", "mode=", "mode=atomic&mode=atomic", "modus=atomic"])
async def test_a_mode_that_is_none_is_refused(service: Service, query: str) -> None:
    agency = await service.client("market-city")

    answer = await send(agency, penalty(1), path=f"{BATCHES}?{query}")

    assert problem(answer)["code"] == "bad-parameter"
    assert answer.status_code == 400
    assert (await rows(service))["record"] == 0


@BOTH_FORMS
async def test_a_batch_of_too_many_lines_is_refused_whole_and_told_to_be_split(service: Service, kind: str) -> None:
    limit(service, lines=3)
    agency = await service.client("market-city")

    fitting = await send(agency, penalty(1), b"", penalty(2), kind=kind)
    refused = await send(agency, *[penalty(n) for n in range(1, 5)], kind=kind)

    assert fitting.status_code in (200, 207)
    assert told_of_one(refused) == (413, "too-large", (("", "too-many"),))
    assert "3" in refused.json()["errors"][0]["message"]
    assert "分几次" in refused.json()["errors"][0]["fix"]
    assert (await rows(service))["record"] == 2


async def test_a_body_that_is_too_large_is_refused_by_its_stated_length(service: Service) -> None:
    limit(service, body_bytes=5000)
    agency = await service.client("market-city")
    taken: list[int] = []
    stated = {"Content-Type": NDJSON, "Content-Length": "5001"}

    answer = await agency.post(BATCHES, content=in_chunks(b" " * 100, 60, taken), headers=stated)

    assert told_of_one(answer) == (413, "too-large", (("", "body-too-large"),))
    assert taken == []


async def test_a_body_that_grows_too_large_is_not_read_to_its_end(service: Service) -> None:
    limit(service, body_bytes=5000)
    agency = await service.client("market-city")
    taken: list[int] = []

    answer = await agency.post(BATCHES, content=in_chunks(b" " * 100, 10_000, taken), headers={"Content-Type": NDJSON})

    assert told_of_one(answer) == (413, "too-large", (("", "body-too-large"),))
    assert sum(taken) < 6000


async def test_silence_is_given_up_and_slowness_is_not(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "LONGEST_SILENCE_SECONDS", 0.3)
    agency = await service.client("market-city")
    whole = as_lines(penalty(1))

    async def slowly() -> AsyncIterator[bytes]:
        for first in range(0, len(whole), 200):
            await asyncio.sleep(0.1)
            yield whole[first : first + 200]

    async def silent() -> AsyncIterator[bytes]:
        yield as_lines(penalty(2), penalty(3))
        await asyncio.sleep(10)

    patient = await agency.post(BATCHES, content=slowly(), headers={"Content-Type": NDJSON})
    given_up = await agency.post(BATCHES, content=silent(), headers={"Content-Type": NDJSON})

    assert told(patient) == [(201, None)]
    assert told_of_one(given_up) == (408, "too-slow", ())
    assert (await rows(service))["record"] == 1


# --- what it leaves behind ----------------------------------------------------------------------------


async def test_a_batch_leaves_one_row_in_the_trail_and_one_for_each_line_it_stored(service: Service) -> None:
    agency = await service.client("market-city")

    await send(agency, penalty(1), event(1), penalty(1), penalty(2) | {"region": "0"}, b"{", event(8), event(9))
    await send(agency, penalty(3), b"{", path=ATOMIC)

    found = [(row["action"], row["outcome"], row["detail"]) for row in await trail(service)]
    counted = "lines=7 accepted=2 repeated=1 rejected=4"
    assert [action for action, _, _ in found].count("push") == 2
    assert [one for one in found if one[0] == "batch"] == [
        (
            "batch",
            "done",
            f"independent {counted} unknown-record=2 unreadable-body=1 validation-failed=1",
        ),
        (
            "batch",
            "batch-refused",
            "atomic lines=2 accepted=0 repeated=0 rejected=2 batch-refused=1 unreadable-body=1",
        ),
    ]


async def test_what_was_stored_before_a_failure_is_stored_and_a_repeat_tells_all(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_batch, "CHUNK_LINES", 2)
    agency = await service.client("market-city")
    lines = [penalty(n) for n in range(5)]
    full = "RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'"
    async with service.shop.engine.begin() as conn:
        await conn.execute(
            text(
                f"CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.source_id = "
                f"'{lines[3]['source_id']}' THEN {full}; END IF; RETURN NULL; END $$"
            )
        )
        await conn.execute(
            text(
                "CREATE CONSTRAINT TRIGGER fills AFTER INSERT ON record DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION full_up()"
            )
        )

    broken = await send(agency, *lines)
    after = await rows(service)
    async with service.shop.engine.begin() as conn:
        await conn.execute(text("DROP TRIGGER fills ON record"))
    again = await send(agency, *lines)

    assert (broken.status_code, broken.json()["code"]) == (503, "unavailable")
    assert "receipt" not in broken.text
    assert after["record"] == 2
    assert told(again) == [(200, None)] * 2 + [(201, None)] * 3


async def test_no_file_is_left_and_nobody_else_reads_the_folder(service: Service) -> None:
    agency = await service.client("market-city")

    await send(agency, penalty(1), b"{", penalty(2))
    await send(agency, penalty(3), path=ATOMIC)
    await send(agency, b"", kind=JSON)

    folder = service.shop.depot.folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


async def test_a_third_batch_waits_for_its_turn_with_its_body_on_disk(service: Service) -> None:
    agency = await service.client("market-city")
    turns = service.shop.depot.turns
    for _ in range(receive_batch.MOST_AT_ONCE):
        await asyncio.wait_for(turns.acquire(), 1)

    waiting = asyncio.create_task(send(agency, penalty(1)))
    await asyncio.wait([waiting], timeout=0.3)
    has_waited, stored = not waiting.done(), (await rows(service))["record"]
    for _ in range(receive_batch.MOST_AT_ONCE):
        turns.release()

    assert (has_waited, stored) == (True, 0)
    assert told(await waiting) == [(201, None)]


async def test_nothing_of_a_batch_is_worked_out_where_others_are_answered(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: dict[str, set[str]] = {}

    def watched(module: Any, name: str) -> None:  # noqa: ANN401 – any module
        real = getattr(module, name)

        def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 – whatever it takes and gives
            where.setdefault(name, set()).add(threading.current_thread().name)
            return real(*given, **named)

        monkeypatch.setattr(module, name, call)

    watched(receive_batch, "claim_of")
    watched(receive_batch, "judge_line")
    watched(take_in, "_decide")
    watched(wire, "receipt")

    answer = await send(await service.client("market-city"), *(penalty(n) for n in range(300)))

    assert answer.status_code == 200
    assert set(where) == {"claim_of", "judge_line", "_decide", "receipt"}
    assert threading.current_thread().name not in set().union(*where.values())


# --- the document -------------------------------------------------------------------------------------


async def test_every_answer_is_as_the_document_says(service: Service) -> None:
    agency = await service.client("market-city")
    document = (await service.anonymous.get("/openapi.json")).json()
    operation = document["paths"][BATCHES]["post"]
    answers = [
        await send(agency, penalty(1), event(1)),
        await send(agency, penalty(2), {}, event(9)),
        await send(agency, {}, penalty(3), path=ATOMIC),
    ]

    assert [answer.status_code for answer in answers] == [200, 207, 422]
    for answer in answers:
        declared = operation["responses"][str(answer.status_code)]["content"][JSON]["schema"]
        schema = jsonschema_rs.Draft202012Validator({"components": document["components"]} | declared)
        assert [str(error) for error in schema.iter_errors(answer.json())] == []


async def test_the_example_of_a_batch_is_taken_in(service: Service) -> None:
    agency = await service.client("market-city")
    document = (await service.anonymous.get("/openapi.json")).json()
    content = document["paths"][BATCHES]["post"]["requestBody"]["content"]
    example = content[NDJSON]["example"]
    lines = [json.loads(line) for line in example.splitlines()]
    schema = jsonschema_rs.Draft202012Validator({"components": document["components"]} | content[JSON]["schema"])

    answer = await agency.post(BATCHES, content=example, headers={"Content-Type": NDJSON})
    again = await send(agency, *lines, kind=JSON)

    assert told(answer) == [(201, None)] * 2
    assert told(again) == [(200, None)] * 2
    assert all(result["event"]["applied"] for result in answer.json()["results"] if "event" in result)
    assert schema.is_valid(lines)
    assert not schema.is_valid([{}])
