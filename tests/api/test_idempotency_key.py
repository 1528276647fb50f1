"""Idempotency-Key: one request, one answer, however often it is sent; and never one without the other."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from app import demo
from schemas.publishing import examples
from tests import corpus
from tests.api.held import MISTAKE, TYPING_ERROR, Held, pushed
from tests.api.promises import PUSH, Json, rows, told, trail, without
from tests.conftest import Service

WUCHANG = demo.code_of("420106", 2)
DECIDED = without(examples("penalty")["decided"], "/events")
OTHER = DECIDED | {"fine_yuan": "1.00"}
SERVED = {"event": "served", "occurred_at": "2026-09-30"}
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


def keyed(key: str = KEY) -> dict[str, str]:
    """The header with a key."""
    return {"Idempotency-Key": key}


async def push(service: Service, record: Json = DECIDED, key: str = KEY, by: str = "market-city") -> httpx.Response:
    """Push one record with a key; tokens end, so each push takes a new one."""
    return await (await service.client(by)).post(PUSH, json=record, headers=keyed(key))


def is_replay(again: httpx.Response, first: httpx.Response) -> bool:
    """Whether an answer is the first one once more, down to the byte, and says so."""
    assert "idempotency-replayed" not in first.headers
    return (
        again.headers.get("idempotency-replayed") == "true"
        and (again.status_code, again.content) == (first.status_code, first.content)
        and again.headers["content-type"] == first.headers["content-type"]
    )


# --- who may not ----------------------------------------------------------------------------------


async def test_a_key_is_no_token(service: Service) -> None:
    await push(service)
    before = await rows(service)

    answer = await service.anonymous.post(PUSH, json=DECIDED, headers=keyed())

    assert told(answer) == (401, "token-missing", ())
    assert await rows(service) == before


@pytest.mark.parametrize("reader", ["justice-city", "auditor-city", "office-city"])
async def test_a_key_lets_no_reader_push(service: Service, reader: str) -> None:
    await push(service)
    before = await rows(service)

    answer = await push(service, by=reader)

    assert told(answer) == (403, "role-may-not", ())
    assert await rows(service) == before


# --- the same answer ------------------------------------------------------------------------------


async def test_a_push_sent_twice_with_one_key_is_answered_the_same_and_stored_once(service: Service) -> None:
    first = await push(service)
    before = await rows(service)
    service.now += timedelta(minutes=30)
    await service.sequence()

    second = await push(service)

    assert first.status_code == 201
    assert is_replay(second, first)
    assert await rows(service) == before


@pytest.mark.parametrize("what", ["event", "correction", "withdrawal", "event withdrawal"])
async def test_every_change_is_answered_once(service: Service, what: str) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    (known,) = [one["id"] for one in (await held.read("/events"))["items"] if one["id"]]

    async def send() -> httpx.Response:
        if what == "event":
            return await held.tell({"event": "published", "occurred_at": "2026-10-08"}, headers=keyed())
        if what == "correction":
            return await held.put(OTHER, headers=keyed())
        return await held.withdraw(None if what == "withdrawal" else known, headers=keyed())

    first = await send()
    before = await rows(service)
    service.now += timedelta(minutes=30)
    second = await send()

    assert first.status_code == 201
    assert is_replay(second, first)
    assert await rows(service) == before


async def test_without_a_key_nothing_is_kept_and_a_repeat_is_a_repeat(service: Service) -> None:
    agency = await service.client("market-city")

    answers = [await agency.post(PUSH, json=DECIDED) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert (await rows(service))["kept_answer"] == 0


async def test_a_repeat_with_a_key_of_its_own_is_a_repeat_and_kept_as_such(service: Service) -> None:
    await push(service)

    first = await push(service, key="another")
    second = await push(service, key="another")

    assert first.status_code == 200
    assert is_replay(second, first)


async def test_what_happened_meanwhile_does_not_change_the_answer(service: Service) -> None:
    first = await push(service, DECIDED | {"events": [SERVED]})
    held = Held(service, first.json()["id"])
    await held.put(OTHER)
    corrected = await push(service, DECIDED | {"events": [SERVED]})
    await held.withdraw()

    withdrawn = await push(service, DECIDED | {"events": [SERVED]})

    assert is_replay(corrected, first)
    assert is_replay(withdrawn, first)
    assert (await held.read())["state"] == "withdrawn"


async def test_a_correction_that_is_outdated_by_now_was_answered_all_the_same(service: Service) -> None:
    held = await pushed(service, DECIDED)
    first = await held.put(OTHER, headers=keyed())
    await held.put(DECIDED, 2)

    again = await held.put(OTHER, headers=keyed())

    assert is_replay(again, first)
    assert (await held.read())["version"] == 3


async def test_a_key_is_not_for_another_version(service: Service) -> None:
    held = await pushed(service, DECIDED)
    await held.put(OTHER, headers=keyed())

    answer = await held.put(OTHER, 2, headers=keyed())

    assert told(answer) == (422, "idempotency-key-reused", ())


async def test_each_key_has_its_own_answer(service: Service) -> None:
    first = {n: await push(service, corpus.penalty(n), f"key-{n}") for n in range(5)}

    again = {n: await push(service, corpus.penalty(n), f"key-{n}") for n in range(5)}

    assert all(is_replay(again[n], first[n]) for n in first)
    assert len({answer.json()["id"] for answer in again.values()}) == 5


# --- another request ------------------------------------------------------------------------------


async def test_a_key_is_not_for_another_body(service: Service) -> None:
    await push(service)
    before = await rows(service)

    others: list[Json] = [OTHER, DECIDED | {"source_id": "2"}, {}, []]
    answers = [await push(service, other) for other in others]

    assert {told(answer)[:2] for answer in answers[:2]} == {(422, "idempotency-key-reused")}
    assert {answer.status_code for answer in answers[2:]} == {422}
    assert await rows(service) == before


async def test_a_key_is_not_for_another_path(service: Service) -> None:
    one, two = await pushed(service, DECIDED), await pushed(service, DECIDED | {"source_id": "2"})
    for held in (one, two):
        await held.tell(SERVED)
    (event,) = [item["id"] for item in (await one.read("/events"))["items"] if item["id"]]
    await one.withdraw(event, headers=keyed())
    before = await rows(service)

    answers = [await one.withdraw(headers=keyed()), await two.withdraw(headers=keyed())]

    assert {told(answer) for answer in answers} == {(422, "idempotency-key-reused", ())}
    assert await rows(service) == before


async def test_a_key_is_not_for_another_method(service: Service) -> None:
    held = await pushed(service, DECIDED)
    agency = await service.client("market-city")
    body = {"reason": TYPING_ERROR, "record": OTHER}
    await held.put(OTHER, headers=keyed())
    before = await rows(service)

    answer = await agency.post(PUSH, json=body, headers=keyed())

    assert answer.status_code == 422
    assert await rows(service) == before


async def test_a_reused_key_is_told_in_english_too(service: Service) -> None:
    await push(service)
    agency = await service.client("market-city")

    answer = await agency.post(PUSH, json=OTHER, headers=keyed() | {"Accept-Language": "en"})

    assert told(answer, english=True) == (422, "idempotency-key-reused", ())


async def test_two_clients_may_think_of_the_same_key(service: Service) -> None:
    city = await push(service)
    district = await push(service, corpus.penalty(1, organisation=WUCHANG), by="market-wuchang")

    assert [answer.status_code for answer in (city, district)] == [201, 201]
    assert is_replay(await push(service), city)
    assert is_replay(await push(service, corpus.penalty(1, organisation=WUCHANG), by="market-wuchang"), district)


# --- what was refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        (DECIDED | {"region": "999999"}, 422),
        (DECIDED | {"organisation": WUCHANG}, 403),
        (OTHER | {"source_id": "held"}, 409),
        (DECIDED | {"source_id": "held", "events": [SERVED | {"method": "mail"}]}, 409),
    ],
    ids=["not valid", "not theirs", "held already", "event held already"],
)
async def test_what_was_refused_keeps_nothing_so_the_key_may_come_again_mended(
    service: Service, refused: Json, status: int
) -> None:
    await pushed(service, DECIDED | {"source_id": "held", "events": [SERVED]})
    before = await rows(service)

    answers = [await push(service, refused) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, status]
    assert await rows(service) == before
    mended = await push(service)
    assert mended.status_code == 201
    assert is_replay(await push(service), mended)


async def test_a_change_that_was_refused_keeps_nothing_either(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before = await rows(service)

    refused = [
        await held.put(OTHER, 7, headers=keyed()),
        await held.put(OTHER, reason=MISTAKE, headers=keyed()),
        await held.put(OTHER | {"decided_on": "2026-01-01"}, headers=keyed()),
        await held.tell({"event": "not_punished", "occurred_at": "2026-10-08", "reason": "样例"}, headers=keyed()),
        await held.withdraw(reason=TYPING_ERROR, headers=keyed()),
        await Held(service, KEY).withdraw(headers=keyed()),
    ]

    assert [answer.status_code for answer in refused] == [412, 422, 422, 409, 422, 404]
    assert await rows(service) == before
    assert (await held.put(OTHER, headers=keyed())).status_code == 201


# --- at the same moment ---------------------------------------------------------------------------


@asynccontextmanager
async def locked(service: Service) -> AsyncIterator[None]:
    """Somebody else is changing every record that is held, so whoever wants to change one has to wait."""
    async with service.shop.engine.begin() as conn:
        await conn.execute(text("SELECT id FROM record FOR UPDATE"))
        yield


async def _waiting(service: Service) -> None:
    """Come back when a connection waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(200):
        async with service.shop.engine.connect() as conn:
            if (await conn.execute(text(query))).scalar_one():
                return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_while_a_request_is_answered_its_key_is_taken(service: Service) -> None:
    held = await pushed(service, DECIDED)

    async with locked(service):
        first = asyncio.create_task(held.put(OTHER, headers=keyed()))
        await _waiting(service)
        meanwhile = [
            await held.put(OTHER, headers=keyed()),
            await held.put(DECIDED | {"remarks": "另一"}, headers=keyed()),
        ]
    answered = await asyncio.wait_for(first, 15)
    again = await held.put(OTHER, headers=keyed())

    assert {told(answer) for answer in meanwhile} == {(409, "request-in-progress", ())}
    assert {answer.headers["retry-after"] for answer in meanwhile} == {"1"}
    assert answered.status_code == 201
    assert is_replay(again, answered)


async def test_other_keys_do_not_wait_for_a_key_that_is_taken(service: Service) -> None:
    held = await pushed(service, DECIDED)

    async with locked(service):
        first = asyncio.create_task(held.put(OTHER, headers=keyed()))
        await _waiting(service)
        other = await push(service, corpus.penalty(2), "another")
        elsewhere = await push(service, corpus.penalty(1, organisation=WUCHANG), by="market-wuchang")

    assert [answer.status_code for answer in (other, elsewhere, await first)] == [201, 201, 201]


async def test_of_many_equal_requests_at_one_moment_one_does_something(service: Service) -> None:
    answers = await asyncio.gather(*(push(service) for _ in range(12)))

    by_status = Counter(answer.status_code for answer in answers)
    assert set(by_status) <= {201, 409}
    assert {told(answer) for answer in answers if answer.status_code == 409} <= {(409, "request-in-progress", ())}
    taken = [answer for answer in answers if answer.status_code == 201]
    assert len([answer for answer in taken if "idempotency-replayed" not in answer.headers]) == 1
    assert len({answer.content for answer in taken}) == 1
    stored = await rows(service)
    assert (stored["record"], stored["version"], stored["kept_answer"]) == (1, 1, 1)


async def test_a_sender_who_went_away_may_come_back_with_the_key(service: Service) -> None:
    held = await pushed(service, DECIDED)

    async with locked(service):
        first = asyncio.create_task(held.put(OTHER, headers=keyed()))
        await _waiting(service)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    again = await held.put(OTHER, headers=keyed())

    assert again.status_code in (200, 201)
    assert (await held.read())["version"] == 2


# --- together or not at all -----------------------------------------------------------------------


async def fail_at_commit_of(service: Service, table: str) -> None:
    """Let every transaction that adds a row to this table fail when it commits."""
    async with service.shop.engine.begin() as conn:
        await conn.execute(
            text(
                "CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END $$"
            )
        )
        await conn.execute(
            text(
                f"CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION fail_at_commit()"
            )
        )


@pytest.mark.parametrize("table", ["record", "kept_answer", "kept_answer_part"])
async def test_neither_the_record_nor_the_key_is_kept_without_the_other(service: Service, table: str) -> None:
    before = await rows(service)
    await fail_at_commit_of(service, table)

    failed = await push(service)

    assert (failed.status_code, failed.json()["code"]) == (503, "unavailable")
    assert await rows(service) == before
    async with service.shop.engine.begin() as conn:
        await conn.execute(text(f"DROP TRIGGER fails ON {table}"))
    again = await push(service)
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers


# --- for thirty days ------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(days=29, hours=23), timedelta(days=30)], ids=str)
async def test_an_answer_is_kept_for_thirty_days(service: Service, later: timedelta) -> None:
    first = await push(service)
    service.now += later

    assert is_replay(await push(service), first)


async def test_after_thirty_days_the_key_is_new(service: Service) -> None:
    first = await push(service)
    service.now += timedelta(days=30, milliseconds=1)

    repeat = await push(service)
    other = await push(service, corpus.penalty(1))

    assert (first.status_code, repeat.status_code) == (201, 200)
    assert "idempotency-replayed" not in repeat.headers
    assert told(other) == (422, "idempotency-key-reused", ())
    assert (await rows(service))["kept_answer"] == 1


async def test_after_thirty_days_the_key_is_free_for_another_request(service: Service) -> None:
    await push(service)
    service.now += timedelta(days=31)

    other = await push(service, corpus.penalty(1))

    assert other.status_code == 201
    assert is_replay(await push(service, corpus.penalty(1)), other)


async def test_what_is_beyond_its_time_is_cleared_away(service: Service) -> None:
    for n in range(3):
        await push(service, corpus.penalty(n), f"old-{n}")
    service.now += timedelta(days=29)
    await push(service, corpus.penalty(3), "young")
    service.now += timedelta(days=2)

    await push(service, corpus.penalty(4), "new")

    async with service.shop.engine.connect() as conn:
        kept = (await conn.execute(text("SELECT count(*) FROM kept_answer"))).scalar_one()
        parts = (await conn.execute(text("SELECT count(*) FROM kept_answer_part"))).scalar_one()
    assert (kept, parts) == (2, 2)


# --- the key itself -------------------------------------------------------------------------------

WELL_FORMED = {
    "a uuid": str(uuid.UUID(int=1)),
    "one character": "k",
    "255 characters": "k" * 255,
    "quoted": f'"{KEY}"',
    "quoted with blanks": '"a key with blanks"',
    "signs": "!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
}
MALFORMED = {
    "empty": "",
    "blank": "  ",
    "empty in quotes": '""',
    "256 characters": "k" * 256,
    "256 characters in quotes": '"' + "k" * 256 + '"',
    "bare with blanks": "a key",
    "one quote": '"key',
    "the other quote": 'key"',
    "a quote within": 'a"b',
    "a quote within quotes": '"a"b"',
    "two in quotes": '"a" "b"',
    "a backslash": "a\\b",
    "a tab": "a\tb",
    "Chinese": "第一号",
    "Latin": "clé",
}


@pytest.mark.parametrize("key", WELL_FORMED.values(), ids=WELL_FORMED)
async def test_a_key_may_be_any_visible_text(service: Service, key: str) -> None:
    first = await push(service, key=key)

    assert first.status_code == 201
    assert is_replay(await push(service, key=key), first)


@pytest.mark.parametrize("key", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_key_is_refused_rather_than_ignored(service: Service, key: str) -> None:
    agency = await service.client("market-city")
    before = await rows(service)
    headers: Mapping[bytes, bytes] = {b"Idempotency-Key": key.encode()}

    answer = await agency.post(PUSH, json=DECIDED, headers=headers)

    assert told(answer) == (400, "bad-parameter", (("/Idempotency-Key", "idempotency-key"),))
    assert await rows(service) == before


async def test_two_keys_are_none(service: Service) -> None:
    agency = await service.client("market-city")
    before = await rows(service)

    answers = [
        await agency.request(
            "POST", PUSH, json=DECIDED, headers=[("Idempotency-Key", one), ("Idempotency-Key", another)]
        )
        for one, another in (("a", "b"), ("a", "a"))
    ]

    assert {told(answer) for answer in answers} == {(400, "bad-parameter", (("/Idempotency-Key", "idempotency-key"),))}
    assert await rows(service) == before


async def test_in_quotes_or_bare_it_is_the_same_key(service: Service) -> None:
    bare = await push(service)

    quoted = await push(service, key=f'"{KEY}"')
    other = await push(service, OTHER, f' "{KEY}" ')

    assert is_replay(quoted, bare)
    assert told(other) == (422, "idempotency-key-reused", ())


async def test_capitals_make_another_key(service: Service) -> None:
    await push(service, key="key")

    other = await push(service, corpus.penalty(1), "KEY")

    assert other.status_code == 201


# --- what is left of it ---------------------------------------------------------------------------


async def _everything(service: Service) -> str:
    """Every row of every table as text."""
    async with service.shop.engine.connect() as conn:
        tables = (
            await conn.execute(text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"))
        ).scalars()
        rows_ = [(await conn.execute(text(f'SELECT whole::text FROM "{name}" AS whole'))).scalars() for name in tables]
    return "\n".join(one for found in rows_ for one in found)


async def test_the_key_itself_is_written_down_nowhere(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    key = "zhang-xiaoming-420106-the-first"
    await push(service, key=key)
    await push(service, key=key)
    await push(service, OTHER, key)
    await push(service, {}, key + "\\")

    left = await _everything(service)

    out, err = capfd.readouterr()
    assert DECIDED["source_id"] in left
    assert (await rows(service))["kept_answer"] == 1
    for said in (left, out, err):
        assert "zhang-xiaoming" not in said
        assert key.encode().hex() not in said


async def test_reused_and_busy_keys_leave_a_trail_row(service: Service) -> None:
    held = await pushed(service, DECIDED)
    before = len(await trail(service))

    async with locked(service):
        first = asyncio.create_task(held.put(OTHER, headers=keyed()))
        await _waiting(service)
        await held.put(OTHER, headers=keyed())
    await first
    await held.put(DECIDED | {"remarks": "另一"}, headers=keyed())
    await held.put(OTHER, headers=keyed("a b"))

    left = (await trail(service))[before:]
    assert [(row["client_id"], row["action"]) for row in left] == [("market-city", "correct")] * 4
    assert Counter(row["outcome"] for row in left) == {
        "done": 1,
        "request-in-progress": 1,
        "idempotency-key-reused": 1,
        "bad-parameter": 1,
    }


async def test_a_replayed_answer_may_not_be_kept_on_the_way_either(service: Service) -> None:
    await push(service)

    again = await push(service)

    assert again.headers["cache-control"] == "no-store"
    assert again.headers["content-type"] == "application/json"
