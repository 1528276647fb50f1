"""Thirty-two connections want the same at the same moment: one of them is first, and all are told the same of it.

The races are run twice: in this process, where the transactions are concurrent in PostgreSQL though one event loop
sends them, and over sockets against a service with two worker processes, where nothing but PostgreSQL is shared.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Protocol

import httpx
import pytest

from app import demo
from app.exchange import receive_batch
from schemas.publishing import examples
from schemas.receipt import canonical, content, digest
from tests import corpus
from tests.api.promises import PUSH, Json
from tests.conftest import Service
from tests.serving import Served, descendants, scratch, serving

RACERS = 32
CITY = demo.code_of("420100", 0)
NDJSON = "application/x-ndjson"
SERVED = {"event": "served", "occurred_at": "2026-09-30"}
FILED = examples("penalty")["filed"] | {"filed_on": "2026-09-01"}
WRONG = {"code": "fact_wrong", "text": "更正"}
BY_MISTAKE = {"code": "entered_by_mistake", "text": "误报"}
SENT_TWICE = {"code": "sent_twice", "text": "重复"}
_names = count(1)


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, **more: str) -> Asked:
        """The same with further headers; underscores in their names are dashes."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return Asked(self.method, self.path, self.body, {**self.headers, **named})


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Json:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem; nothing otherwise."""
        return str(self.said.get("code", ""))


class Track(Protocol):
    """Where a race is run."""

    async def race(self, asked: Sequence[Asked]) -> list[Answer]:
        """Send all at once, `RACERS` at the most, each over its own connection, as `market-city`."""

    async def get(self, path: str, *, of: str = "market-city") -> Json:
        """What is read there; it must be there."""


class InProcess:
    """The application of the `service` fixture; its pool of connections to PostgreSQL makes for the concurrency."""

    def __init__(self, clients: Mapping[str, httpx.AsyncClient]) -> None:
        self._clients = clients

    async def race(self, asked: Sequence[Asked]) -> list[Answer]:
        return await asyncio.gather(*(self._sent(one) for one in asked))

    async def get(self, path: str, *, of: str = "market-city") -> Json:
        answer = await self._clients[of].get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def _sent(self, one: Asked) -> Answer:
        headers = {"Content-Type": "application/json", **one.headers}
        agency = self._clients["market-city"]
        answer = await agency.request(one.method, one.path, content=one.body, headers=headers)
        return Answer(answer.status_code, answer.headers, answer.content)


class Sockets:
    """Connections to a service of several processes. The last byte of each request is held back until all are there."""

    def __init__(self, served: Served) -> None:
        self._readers = {name: served.client(name) for name in ("market-city", "procuratorate-city")}
        self._token = self._readers["market-city"].headers["Authorization"]
        host, _, port = served.address.removeprefix("http://").partition(":")
        self._connections = [http.client.HTTPConnection(host, int(port), timeout=60) for _ in range(RACERS)]
        self._shuffled = Random(32)

    async def race(self, asked: Sequence[Asked]) -> list[Answer]:
        running = list(zip(self._connections, asked, strict=False))
        for connection, one in running:
            # A fresh one: what has been idle for a while may be closed by the service at any moment.
            connection.close()
            connection.putrequest(one.method, one.path)
            headers = {"Authorization": self._token, "Content-Type": "application/json", **one.headers}
            for name, value in {**headers, "Content-Length": str(len(one.body))}.items():
                connection.putheader(name, value)
            connection.endheaders()
            connection.send(one.body[:-1])
        for connection, one in self._shuffled.sample(running, len(running)):
            connection.send(one.body[-1:])
        return [self._answer(connection) for connection, _ in running]

    async def get(self, path: str, *, of: str = "market-city") -> Json:
        answer = self._readers[of].get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            connection.close()

    def _answer(self, connection: http.client.HTTPConnection) -> Answer:
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service of two worker processes."""
    with scratch(tmp_path_factory.mktemp("races")) as data, serving(data, LIANDONG_WORKERS="2") as running:
        yield running


@pytest.fixture
async def in_process(service: Service) -> InProcess:
    return InProcess({name: await service.client(name) for name in ("market-city", "procuratorate-city")})


@pytest.fixture
def sockets(served: Served) -> Iterator[Sockets]:
    made = Sockets(served)
    yield made
    made.close()


@pytest.fixture(params=["in_process", *(pytest.param(f"sockets {n}", marks=pytest.mark.slow) for n in range(3))])
def track(request: pytest.FixtureRequest) -> Track:
    """In this process once, and three times over sockets."""
    found: Track = request.getfixturevalue(request.param.partition(" ")[0])
    return found


# --- what is sent ---------------------------------------------------------------------------------


def fresh(what: str) -> str:
    """A number that no record has yet."""
    return f"{what}-{next(_names)}"


def penalty(source_id: str, remarks: str = "", base: Json = None) -> Json:
    """A penalty under this number; other remarks, other content."""
    said: Json = (base or corpus.penalty(1, organisation=CITY)) | {"source_id": source_id}
    return said | {"remarks": remarks} if remarks else said


def push(record: Json) -> Asked:
    return Asked("POST", PUSH, json.dumps(record).encode())


def put(record_id: str, version: int, record: Json) -> Asked:
    body = json.dumps({"reason": WRONG, "record": record}).encode()
    return Asked("PUT", f"{PUSH}/{record_id}", body, {"If-Match": f'"{version}"'})


def report(record_id: str, event: Json) -> Asked:
    return Asked("POST", f"{PUSH}/{record_id}/events", json.dumps(event).encode())


def withdrawal(record_id: str, reason: Json, event_id: str | None = None) -> Asked:
    of = "" if event_id is None else f"/events/{event_id}"
    return Asked("POST", f"{PUSH}/{record_id}{of}/withdrawal", json.dumps({"reason": reason}).encode())


def batch(mode: str, lines: Sequence[Json]) -> Asked:
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return Asked("POST", f"/v1/batches?mode={mode}", body, {"Content-Type": NDJSON})


def event_line(source_id: str, event: Json) -> Json:
    """An event in a batch."""
    return {"event_for": {"record_type": "penalty", "organisation": CITY, "source_id": source_id}, **event}


async def held(track: Track, record: Json) -> Json:
    """The receipt of a record that nobody contests."""
    (answer,) = await track.race([push(record)])
    assert answer.status == 201, answer.body
    return answer.said


# --- what is promised of every race ---------------------------------------------------------------


def vouched(receipt: Json) -> Json:
    """What equal receipts have in common; what was added by a repeat is told to that repeat alone."""
    kept = [warning for warning in receipt["warnings"] if warning["code"] != "events-added"]
    return {name: receipt[name] for name in receipt if name not in ("position", "nodes", "proof")} | {"warnings": kept}


def insist_that_nothing_failed(answers: Sequence[Answer]) -> None:
    failed = [(answer.status, answer.body[:300]) for answer in answers if answer.status >= 500]
    assert failed == []


def lines_of(answer: Answer, mode: str) -> list[Json]:
    """The results of a batch in order, after checking that they add up to its counts and its status."""
    said = answer.said
    results: list[Json] = said["results"]
    assert [one["index"] for one in results] == list(range(len(results)))
    fates = Counter({201: "accepted", 200: "repeated"}.get(one["status"], "rejected") for one in results)
    assert {name: said[name] for name in ("accepted", "repeated", "rejected")} == {
        name: fates[name] for name in ("accepted", "repeated", "rejected")
    }
    assert all(one["problem"]["status"] == one["status"] for one in results if one["status"] >= 400)
    good = fates["accepted"] + fates["repeated"]
    expected = 200 if good == len(results) else 422 if mode == "atomic" or good == 0 else 207
    assert answer.status == expected, said
    if mode == "atomic" and answer.status == 422:
        assert good == 0
        assert {one["status"] for one in results} - {424}, "all lines good, none stored"
    return results


class Feed:
    """The log from here on: what it tells of the records of a race when that is over."""

    def __init__(self, track: Track, cursor: str) -> None:
        self._track = track
        self._cursor = cursor

    @classmethod
    async def from_here(cls, track: Track) -> Feed:
        """The log without what stands in it already."""
        feed = cls(track, "")
        await feed.items()
        return feed

    async def items(self) -> list[Json]:
        """What came since the last time. A record pushed now comes after all that ended before."""
        marker = fresh("marker")
        await held(self._track, penalty(marker))
        items: list[Json] = []
        for _ in range(500):
            after = f"&after={self._cursor}" if self._cursor else ""
            page = await self._track.get(f"/v1/changes?limit=1000&wait=1{after}", of="procuratorate-city")
            items += page["items"]
            self._cursor = page["next"]
            if any(item["source_id"] == marker and item["kind"] == "record" for item in items):
                break
        positions = [item["position"] for item in items]
        assert positions == list(range(positions[0], positions[0] + len(positions)))
        return [item for item in items if item["source_id"] != marker and item["kind"] != "node"]


def kinds(items: Sequence[Json], source_id: str) -> list[str]:
    """What the log tells of a record, in order."""
    return [item["kind"] for item in items if item["source_id"] == source_id]


async def reported(track: Track, record_id: str) -> list[Json]:
    """The events of a record that somebody reported."""
    return [event for event in (await track.get(f"{PUSH}/{record_id}/events"))["items"] if event["id"]]


# --- the same identity ----------------------------------------------------------------------------

FORMS = ("single", "independent", "single", "atomic")


@dataclass(frozen=True)
class Entrant:
    """One who pushes the contested record: by itself, or in a batch with a record of its own beside it."""

    form: str
    record: Json
    beside: Json

    def asked(self) -> Asked:
        if self.form == "single":
            return push(self.record)
        return batch(
            self.form, [self.record, self.beside] if self.form == "independent" else [self.beside, self.record]
        )

    def told(self, answer: Answer) -> tuple[int, Json]:
        """The status and the receipt or problem of the contested record, after checking what the batch says."""
        if self.form == "single":
            return answer.status, answer.said
        results = lines_of(answer, self.form)
        assert len(results) == 2
        of_record, of_beside = results if self.form == "independent" else reversed(results)
        refused = of_record["status"] >= 400
        assert of_beside["status"] == (424 if refused and self.form == "atomic" else 201)
        return of_record["status"], of_record["problem" if refused else "receipt"]


def entrants(name: str) -> list[Entrant]:
    """Two contents in three forms, some with an event sent along."""
    made = []
    for number in range(RACERS):
        record = penalty(name, remarks=("甲", "乙")[number % 2])
        if number // 8 % 2:
            record |= {"events": [SERVED]}
        made.append(Entrant(FORMS[number // 2 % 4], record, penalty(f"{name}-beside-{number}")))
    return made


async def race_for_one_identity(track: Track) -> tuple[str, set[str], int]:
    """Run one race and check what each was told; the number that was raced for, all that are held, and its events."""
    name = fresh("raced")
    field_ = entrants(name)

    answers = await track.race([one.asked() for one in field_])

    insist_that_nothing_failed(answers)
    told = [(one, *one.told(answer)) for one, answer in zip(field_, answers, strict=True)]
    ((winner, receipt),) = [(one.record, said) for one, status, said in told if status == 201]
    won = content(winner)
    assert receipt["digest"] == digest(canonical(won))
    for one, status, said in told:
        if content(one.record) == won:
            assert status in (200, 201)
            assert vouched(said) == vouched(receipt)
        else:
            assert (status, said["code"]) == (409, "already-held")
            assert said["held"] == {name: receipt[name] for name in ("id", "version", "digest")}
    read = await track.get(f"{PUSH}/{receipt['id']}")
    assert (read["version"], read["digest"], read["record"]) == (1, receipt["digest"], won)
    assert len((await track.get(f"{PUSH}/{receipt['id']}/versions"))["items"]) == 1
    events = [event["event"] for event in await reported(track, receipt["id"])]
    assert events == ([SERVED] if any("events" in one.record for one, status, _ in told if status < 400) else [])
    stored = {one.beside["source_id"] for one, status, _ in told if one.form == "independent" or status < 400}
    unsent = {one.beside["source_id"] for one in field_ if one.form == "single"}
    return name, {name} | stored - unsent, len(events)


async def race_often(track: Track, times: int) -> None:
    """Run so many races for an identity; the log tells of every record once, and of nothing else."""
    feed = await Feed.from_here(track)

    races = [await race_for_one_identity(track) for _ in range(times)]

    items = await feed.items()
    once = Counter(item["source_id"] for item in items if item["kind"] == "record")
    assert once == Counter(source_id for _, stored, _ in races for source_id in stored)
    for name, _, events in races:
        assert kinds(items, name) == ["record", *["event"] * events]


async def test_of_those_who_push_one_identity_one_is_first(in_process: InProcess) -> None:
    await race_often(in_process, 10)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_of_those_who_push_one_identity_to_two_processes_one_is_first(served: Served, sockets: Sockets) -> None:
    await race_for_one_identity(sockets)
    shares = processes_of_the_connections(served)
    assert sum(shares.values()) >= RACERS
    assert len([share for share in shares.values() if share >= 4]) == 2, "nearly all in one process: hardly a race"

    await race_often(sockets, 200)


def processes_of_the_connections(served: Served) -> Counter[int]:
    """How many connections of the service each of its processes holds (proc(5))."""
    port = f":{int(served.address.rpartition(':')[2]):04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    established = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(port) and row[3] == "01"}
    found: Counter[int] = Counter()
    for pid in descendants(served.process.pid):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found[pid] += descriptor.readlink().name in established
    return +found


# --- the same version -----------------------------------------------------------------------------


async def test_of_those_who_correct_the_same_version_one_is_first(track: Track) -> None:
    feed = await Feed.from_here(track)
    name = fresh("corrected")
    first = await held(track, penalty(name))
    records = [penalty(name, remarks=("", "甲", "乙", "丙")[number % 4]) for number in range(RACERS)]

    answers = await track.race([put(first["id"], 1, record) for record in records])

    insist_that_nothing_failed(answers)
    ((winner, second),) = [
        (record, answer) for record, answer in zip(records, answers, strict=True) if answer.status == 201
    ]
    assert (second.said["version"], second.headers["etag"]) == (2, '"2"')
    for record, answer in zip(records, answers, strict=True):
        if record == winner:
            assert answer.status in (200, 201)
            assert vouched(answer.said) == vouched(second.said)
        elif answer.status == 200:
            assert record == records[0], "only who was there before the first one changed nothing"
            assert vouched(answer.said) == vouched(first)
        else:
            assert (answer.status, answer.code) == (412, "version-outdated")
            assert answer.said["held"]["version"] == 2
    versions = (await track.get(f"{PUSH}/{first['id']}/versions"))["items"]
    assert [one["digest"] for one in versions] == [first["digest"], second.said["digest"]]
    assert kinds(await feed.items(), name) == ["record", "correction"]


# --- against a withdrawal -------------------------------------------------------------------------


async def test_after_a_withdrawal_nothing_more_is_taken_in_whoever_was_under_way(track: Track) -> None:
    feed = await Feed.from_here(track)
    name = fresh("withdrawn")
    first = await held(track, penalty(name))
    at, again = first["id"], penalty(name)
    acts: list[tuple[str, Asked]] = []
    for number in range(4):
        event = {"event": "published", "occurred_at": "2026-10-01", "document_no": str(number)}
        acts += [
            ("push", push(again)),
            ("independent", batch("independent", [again, event_line(name, event | {"document_no": f"{number}b"})])),
            ("atomic", batch("atomic", [again, event_line(name, event | {"document_no": f"{number}a"})])),
            ("put", put(at, 1, penalty(name, remarks=f"第{number % 2}版"))),
            ("report", report(at, event)),
            ("report", report(at, event)),
            ("withdraw", withdrawal(at, BY_MISTAKE)),
            ("withdraw otherwise", withdrawal(at, SENT_TWICE)),
        ]
    Random(name).shuffle(acts)

    answers = await track.race([asked for _, asked in acts])

    insist_that_nothing_failed(answers)
    by: dict[str, list[Answer]] = defaultdict(list)
    for (act, _), answer in zip(acts, answers, strict=True):
        by[act].append(answer)
    # One reason holds, and to whom it is the own one that is a repeat.
    reasons = (by["withdraw"], by["withdraw otherwise"])
    won, lost = reasons if any(answer.status == 201 for answer in reasons[0]) else reversed(reasons)
    assert Counter(answer.status for answer in won) == {201: 1, 200: 3}
    assert {(answer.status, answer.code) for answer in lost} == {(409, "withdrawn")}
    assert {answer.said["withdrawn_at"] for answer in won} == {won[0].said["withdrawn_at"]}
    for answer in by["push"]:
        assert answer.status == 409 or vouched(answer.said) == vouched(first)
        assert answer.code in ("", "withdrawn", "already-held")
    assert {(answer.status, answer.code) for answer in by["put"]} <= {
        *((201, ""), (200, "")),
        *((412, "version-outdated"), (409, "withdrawn")),
    }
    assert {(answer.status, answer.code) for answer in by["report"]} <= {(201, ""), (200, ""), (409, "withdrawn")}
    lines = [line for mode in ("independent", "atomic") for answer in by[mode] for line in lines_of(answer, mode)]
    assert {line["status"] for line in lines} <= {200, 201, 409, 424}

    read = await track.get(f"{PUSH}/{at}")
    corrections = sum(answer.status == 201 for answer in by["put"])
    events = sum(one.status == 201 for one in by["report"]) + sum(line["status"] == 201 for line in lines)
    assert corrections <= 1
    assert (read["state"], read["version"]) == ("withdrawn", 1 + corrections)
    assert len(await reported(track, at)) == events
    told = kinds(await feed.items(), name)
    assert Counter(told) == +Counter(record=1, correction=corrections, event=events, withdrawal=1)
    assert (told[0], told[-1]) == ("record", "withdrawal")


async def test_a_record_is_first_pushed_and_then_withdrawn_however_many_do_both(track: Track) -> None:
    name = fresh("both")
    first = await held(track, penalty(name))

    answers = await track.race([push(penalty(name)), withdrawal(first["id"], BY_MISTAKE)] * (RACERS // 2))

    insist_that_nothing_failed(answers)
    assert Counter(answer.status for answer in answers[1::2]) == {201: 1, 200: RACERS // 2 - 1}
    for answer in answers[::2]:
        if answer.status == 200:
            assert vouched(answer.said) == vouched(first)
        else:
            assert (answer.status, answer.code) == (409, "withdrawn")


# --- overlapping batches --------------------------------------------------------------------------


def overlapping(lines: Sequence[Json]) -> list[tuple[str, list[Json]]]:
    """A batch for each racer with the same lines, forwards or backwards, of either mode."""
    return [
        (("independent", "atomic")[number // 2 % 2], list(lines) if number % 2 else list(reversed(lines)))
        for number in range(RACERS)
    ]


async def batches_raced(track: Track, batches: Sequence[tuple[str, list[Json]]]) -> list[tuple[Json, Json]]:
    """The lines of all batches with their results."""
    answers = await track.race([batch(mode, lines) for mode, lines in batches])
    insist_that_nothing_failed(answers)
    return [
        (line, result)
        for (mode, lines), answer in zip(batches, answers, strict=True)
        for line, result in zip(lines, lines_of(answer, mode), strict=True)
    ]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches are cut into pieces, each decided and stored by itself; without effect on other processes."""
    monkeypatch.setattr(receive_batch, "CHUNK_LINES", 7)


@pytest.mark.usefixtures("small_chunks")
async def test_the_same_new_records_in_opposite_orders_are_each_taken_in_once(track: Track) -> None:
    feed = await Feed.from_here(track)
    names = [fresh("opposite") for _ in range(20)]

    told = await batches_raced(track, overlapping([penalty(name) for name in names]))

    of: dict[str, list[Json]] = defaultdict(list)
    for line, result in told:
        of[line["source_id"]].append(result)
    for name in names:
        assert Counter(result["status"] for result in of[name]) == {201: 1, 200: RACERS - 1}
        assert len({json.dumps(vouched(result["receipt"]), sort_keys=True) for result in of[name]}) == 1
    items = await feed.items()
    assert all(kinds(items, name) == ["record"] for name in names)


@pytest.mark.usefixtures("small_chunks")
async def test_batches_that_disagree_leave_one_content_of_each_record(track: Track) -> None:
    feed = await Feed.from_here(track)
    names = [fresh("disagreed") for _ in range(12)]
    versions = [overlapping([penalty(name, remarks=word) for name in names]) for word in ("甲", "乙")]

    told = await batches_raced(track, [versions[number % 3 % 2][number] for number in range(RACERS)])

    of: dict[str, list[tuple[Json, Json]]] = defaultdict(list)
    for line, result in told:
        of[line["source_id"]].append((line, result))
    for name in names:
        ((won, first),) = [(line, result) for line, result in of[name] if result["status"] == 201]
        for line, result in of[name]:
            if line == won:
                # Good by itself, and another line of an atomic batch was not.
                assert result["status"] in (200, 201, 424)
                assert result["status"] == 424 or vouched(result["receipt"]) == vouched(first["receipt"])
            else:
                assert result["status"] in (409, 424)
        read = await track.get(f"{PUSH}/{first['receipt']['id']}")
        assert (read["version"], read["record"]) == (1, won)
    items = await feed.items()
    assert all(kinds(items, name) == ["record"] for name in names)


@pytest.mark.usefixtures("small_chunks")
async def test_changes_of_the_same_records_in_opposite_orders_all_come_about(track: Track) -> None:
    names = [fresh("changed") for _ in range(10)]
    receipts = {name: await held(track, penalty(name)) for name in names}
    feed = await Feed.from_here(track)
    published = {"event": "published", "occurred_at": "2026-10-01"}
    batches = [
        (mode, [event | {"document_no": str(number)} for event in lines])
        for number, (mode, lines) in enumerate(overlapping([event_line(name, published) for name in names]))
    ]

    told = await batches_raced(track, batches)

    assert {result["status"] for _, result in told} == {201}
    items = await feed.items()
    for name in names:
        assert len(await reported(track, receipts[name]["id"])) == RACERS
        assert kinds(items, name) == ["event"] * RACERS


@pytest.mark.slow
async def test_a_batch_that_is_one_comes_through_however_much_others_change(in_process: InProcess) -> None:
    names = [fresh("busy") for _ in range(20)]
    busy = [(await held(in_process, penalty(name)))["id"] for name in names[:4]]
    published = {"event": "published", "occurred_at": "2026-10-01"}
    lines = [penalty(name) if place % 2 else event_line(name, published) for name in names for place in range(4)]
    numbers = count(1)

    async def report_on_and_on(record_id: str) -> list[Answer]:
        return [
            answer
            for _ in range(100)
            for answer in await in_process.race([report(record_id, published | {"document_no": str(next(numbers))})])
        ]

    others = asyncio.gather(*(report_on_and_on(record_id) for record_id in busy))
    (answer,) = await in_process.race([batch("atomic", sorted(lines, key=lambda line: "event" in line))])
    still_busy = not others.done()
    told = [answer for answers in await others for answer in answers]

    insist_that_nothing_failed([answer, *told])
    assert still_busy
    assert {line["status"] for line in lines_of(answer, "atomic")} == {200, 201}
    assert {answer.status for answer in told} == {201}


# --- the same event -------------------------------------------------------------------------------


async def test_an_event_that_many_report_happened_once(track: Track) -> None:
    feed = await Feed.from_here(track)
    name = fresh("reported")
    first = await held(track, penalty(name))
    forms = [FORMS[number % 4] for number in range(RACERS)]
    asked = [
        report(first["id"], SERVED) if form == "single" else batch(form, [event_line(name, SERVED)]) for form in forms
    ]

    answers = await track.race(asked)

    insist_that_nothing_failed(answers)
    told = [
        (answer.status, answer.said) if form == "single" else _only_line(answer, form)
        for form, answer in zip(forms, answers, strict=True)
    ]
    assert Counter(status for status, _ in told) == {201: 1, 200: RACERS - 1}
    assert {json.dumps(said, sort_keys=True) for _, said in told} == {json.dumps(told[0][1], sort_keys=True)}
    (event,) = await reported(track, first["id"])
    assert event["id"] == told[0][1]["id"]
    assert kinds(await feed.items(), name) == ["record", "event"]


def _only_line(answer: Answer, mode: str) -> tuple[int, Json]:
    (line,) = lines_of(answer, mode)
    return line["status"], line["event"]


async def test_an_event_is_taken_back_once(track: Track) -> None:
    feed = await Feed.from_here(track)
    name = fresh("taken-back")
    first = await held(track, penalty(name))
    (event,) = await track.race([report(first["id"], SERVED)])

    answers = await track.race(
        [withdrawal(first["id"], BY_MISTAKE, event.said["id"]), report(first["id"], SERVED)] * (RACERS // 2)
    )

    insist_that_nothing_failed(answers)
    assert Counter(answer.status for answer in answers[::2]) == {201: 1, 200: RACERS // 2 - 1}
    assert {answer.body for answer in answers[::2]} == {answers[0].body}
    assert {answer.status for answer in answers[1::2]} == {200}
    assert {answer.said["id"] for answer in answers[1::2]} == {event.said["id"]}
    assert (await track.get(f"{PUSH}/{first['id']}"))["state"] == "decided"
    assert kinds(await feed.items(), name) == ["record", "event", "event_withdrawal"]


async def test_of_two_endings_that_exclude_each_other_one_is_held(track: Track) -> None:
    feed = await Feed.from_here(track)
    name = fresh("ended")
    first = await held(track, penalty(name, base=FILED))
    endings = [
        {"event": "not_punished", "occurred_at": "2026-10-08", "reason": "情节轻微"},
        {"event": "case_withdrawn", "occurred_at": "2026-10-08", "reason": "违法事实不能成立"},
    ]

    answers = await track.race([report(first["id"], endings[number % 2]) for number in range(RACERS)])

    insist_that_nothing_failed(answers)
    halves = (answers[::2], answers[1::2])
    won, lost = halves if any(answer.status == 201 for answer in halves[0]) else reversed(halves)
    assert Counter(answer.status for answer in won) == {201: 1, 200: RACERS // 2 - 1}
    assert {(answer.status, answer.code) for answer in lost} == {(409, "step-not-allowed")}
    (event,) = await reported(track, first["id"])
    assert (await track.get(f"{PUSH}/{first['id']}"))["state"] == event["event"]["event"]
    assert kinds(await feed.items(), name) == ["record", "event"]


# --- the same key ---------------------------------------------------------------------------------


def replayed(answer: Answer) -> bool:
    return answer.headers.get("idempotency-replayed") == "true"


@pytest.mark.parametrize("what", ["push", "put", "report", "withdraw"])
async def test_of_requests_with_one_key_one_does_the_work(track: Track, what: str) -> None:
    feed = await Feed.from_here(track)
    name, key = fresh("keyed"), fresh("key")
    at = "" if what == "push" else (await held(track, penalty(name)))["id"]
    asked = {
        "push": push(penalty(name)),
        "put": put(at, 1, penalty(name, remarks="甲")),
        "report": report(at, SERVED),
        "withdraw": withdrawal(at, BY_MISTAKE),
    }[what].with_headers(Idempotency_Key=key)

    answers = await track.race([asked] * RACERS)
    later = await track.race([asked] * RACERS)

    insist_that_nothing_failed([*answers, *later])
    (worked,) = [answer for answer in answers if answer.status == 201 and not replayed(answer)]
    for answer in [*answers, *later]:
        if answer.status == 201:
            assert answer.body == worked.body
        else:
            assert (answer.status, answer.code) == (409, "request-in-progress")
            assert answer.headers["retry-after"]
    assert any(replayed(answer) for answer in later)
    kind = {"put": ["correction"], "report": ["event"], "withdraw": ["withdrawal"]}.get(what, [])
    assert kinds(await feed.items(), name) == ["record", *kind]


@pytest.mark.parametrize("mode", ["independent", "atomic"])
async def test_a_batch_sent_many_times_at_once_under_one_key_is_taken_in_once(track: Track, mode: str) -> None:
    feed = await Feed.from_here(track)
    names = [fresh("keyed") for _ in range(3)]
    asked = batch(mode, [penalty(name) for name in names]).with_headers(Idempotency_Key=fresh("key"))

    answers = [*await track.race([asked] * RACERS), *await track.race([asked])]

    insist_that_nothing_failed(answers)
    told = [answer for answer in answers if answer.status != 409]
    assert {answer.code for answer in answers if answer.status == 409} <= {"request-in-progress"}
    assert told[-1] is answers[-1]
    worked = [answer for answer in told if not replayed(answer)]
    stored = [line["receipt"]["source_id"] for a in worked for line in lines_of(a, mode) if line["status"] == 201]
    assert sorted(stored) == sorted(names)
    assert {answer.body for answer in told if replayed(answer)} <= {answer.body for answer in worked}
    items = await feed.items()
    assert [kinds(items, name) for name in names] == [["record"]] * 3


async def test_a_key_raced_with_two_requests_is_one_requests_key(track: Track) -> None:
    feed = await Feed.from_here(track)
    name, key = fresh("keyed"), fresh("key")
    records = [penalty(name + "-甲"), penalty(name + "-乙")]

    answers = await track.race(
        [push(records[number % 2]).with_headers(Idempotency_Key=key) for number in range(RACERS)]
    )

    insist_that_nothing_failed(answers)
    (worked,) = [answer for answer in answers if answer.status == 201 and not replayed(answer)]
    for number, answer in enumerate(answers):
        if answer.status == 201:
            assert records[number % 2]["source_id"] == worked.said["source_id"]
            assert answer.body == worked.body
        elif answer.status == 422:
            assert answer.code == "idempotency-key-reused"
            assert records[number % 2]["source_id"] != worked.said["source_id"]
        else:
            assert (answer.status, answer.code) == (409, "request-in-progress")
    items = await feed.items()
    assert [item["source_id"] for item in items if item["kind"] == "record"] == [worked.said["source_id"]]


async def test_everybody_with_a_key_of_their_own_is_answered(track: Track) -> None:
    name = fresh("keys")
    asked = [
        (push(penalty(name)) if number % 2 else batch("independent", [penalty(name)])).with_headers(
            Idempotency_Key=fresh("key")
        )
        for number in range(RACERS)
    ]

    answers = await track.race(asked)

    insist_that_nothing_failed(answers)
    statuses = [
        answer.status if number % 2 else lines_of(answer, "independent")[0]["status"]
        for number, answer in enumerate(answers)
    ]
    assert Counter(statuses) == {201: 1, 200: RACERS - 1}
