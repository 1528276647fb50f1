"""Time passes: duties become due soon and overdue, and are told so once each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange import raise_alarms as alarms
from app.exchange.keep_time import Timekeeping
from app.exchange.law_in_force import LawInForce
from app.exchange.raise_alarms import raise_alarms
from app.exchange.take_in import Prepared, prepare, store, transaction
from app.store.cases import LostRace
from schemas.lifecycle import SHANGHAI
from tests.timed import (
    LAW,
    RECEIVED,
    SERVED,
    SERVICE_DUE,
    SERVICE_DUE_SOON,
    Item,
    correct,
    id_of,
    items,
    law_with,
    october,
    push,
    report,
    rows,
    states,
    take,
    withdraw,
)

ONE_SECOND = timedelta(seconds=1)
WEEK_LATER = october(21)
ONLY_SERVICE = law_with({"penalty_served": 7})


async def test_a_duty_is_told_once_when_it_becomes_due_soon_and_once_when_it_is_overdue(engine: AsyncEngine) -> None:
    await take(engine, push())
    moments = [SERVICE_DUE_SOON, SERVICE_DUE_SOON + ONE_SECOND, october(13), SERVICE_DUE, SERVICE_DUE + ONE_SECOND]

    raised = [await raise_alarms(engine, now) for now in (*moments, WEEK_LATER)]

    assert raised == [0, 1, 0, 0, 1, 0]
    assert await items(engine) == [
        Item(1, "penalty_served", "open", date(2026, 10, 14), RECEIVED),
        Item(1, "penalty_served", "due_soon", date(2026, 10, 14), SERVICE_DUE_SOON + ONE_SECOND),
        Item(1, "penalty_served", "overdue", date(2026, 10, 14), SERVICE_DUE + ONE_SECOND),
    ]


async def test_after_a_stop_there_is_one_item_for_what_was_missed(engine: AsyncEngine) -> None:
    await take(engine, push(), law=ONLY_SERVICE)

    assert await raise_alarms(engine, WEEK_LATER) == 1
    assert await raise_alarms(engine, WEEK_LATER) == 0

    assert await states(engine) == ["open", "overdue"]


async def test_a_long_stop_is_caught_up_with_batch_by_batch_the_longest_waiting_first(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "MOST_AT_ONCE", 2)
    decided = {n: f"2026-09-{23 + n}" for n in range(1, 6)}
    await take(engine, *(push(n, decided_on=day) for n, day in reversed(decided.items())), law=ONLY_SERVICE)

    raised = [await raise_alarms(engine, WEEK_LATER) for _ in range(4)]

    assert raised == [2, 2, 1, 0]
    told = [item.due_on for item in await items(engine) if item.state == "overdue" and item.at == WEEK_LATER]
    assert told == sorted(day for day in told if day is not None)
    assert len(told) == 5


async def test_what_was_overdue_when_it_came_in_was_told_then(engine: AsyncEngine) -> None:
    await take(engine, push(decided_on="2026-08-03"), law=ONLY_SERVICE)

    assert await raise_alarms(engine, WEEK_LATER) == 0

    assert await states(engine) == ["overdue"]


async def test_a_duty_met_before_it_was_due_raises_no_alarm(engine: AsyncEngine) -> None:
    await take(engine, push(), report(SERVED), law=ONLY_SERVICE)

    assert await raise_alarms(engine, WEEK_LATER) == 0


@pytest.mark.parametrize(
    "event",
    [
        {"event": "waived", "occurred_at": "2026-10-09", "node": "penalty_served", "reason": "样例"},
        {"event": "suspended", "occurred_at": "2026-10-09", "node": "penalty_served", "reason": "样例"},
    ],
    ids=["waived", "suspended"],
)
async def test_a_duty_that_is_waived_or_stands_still_raises_no_alarm(
    engine: AsyncEngine, event: dict[str, object]
) -> None:
    await take(engine, push(), report(event), law=ONLY_SERVICE)

    assert await raise_alarms(engine, WEEK_LATER) == 0


async def test_a_record_that_was_withdrawn_raises_no_alarm(engine: AsyncEngine) -> None:
    await take(engine, push())
    await take(engine, withdraw(await id_of(engine)))

    assert await raise_alarms(engine, WEEK_LATER) == 0


async def test_when_a_clock_goes_on_again_its_alarms_do_too(engine: AsyncEngine) -> None:
    suspended = {"event": "suspended", "occurred_at": "2026-10-09", "node": "penalty_served", "reason": "样例"}
    resumed = {"event": "resumed", "occurred_at": "2026-10-16", "node": "penalty_served"}
    await take(engine, push(), report(suspended), law=ONLY_SERVICE)
    await take(engine, report(resumed, now=october(16)), law=ONLY_SERVICE)

    raised = [await raise_alarms(engine, october(day)) for day in (20, 21, 22, 23)]

    assert raised == [0, 1, 0, 1]
    assert (await states(engine))[-2:] == ["due_soon", "overdue"]


async def test_after_a_correction_the_alarm_is_that_of_the_new_due_date(engine: AsyncEngine) -> None:
    await take(engine, push(), law=ONLY_SERVICE)
    corrected = correct(await id_of(engine), decided_on="2026-10-08")
    await take(engine, corrected, law=ONLY_SERVICE)

    raised = [await raise_alarms(engine, now) for now in (october(14), october(15), WEEK_LATER)]

    assert raised == [0, 1, 1]
    assert [item.due_on for item in await items(engine)][-2:] == [date(2026, 10, 16), date(2026, 10, 16)]


async def test_a_correction_that_leaves_the_due_date_raises_no_alarm_again(engine: AsyncEngine) -> None:
    await take(engine, push(), law=ONLY_SERVICE)
    assert await raise_alarms(engine, october(13)) == 1

    await take(engine, correct(await id_of(engine), remarks="样例", now=october(13, 10)), law=ONLY_SERVICE)

    assert await raise_alarms(engine, october(13, 11)) == 0
    assert await raise_alarms(engine, october(15)) == 1


async def test_a_record_that_somebody_is_changing_is_left_for_the_next_look(engine: AsyncEngine) -> None:
    await take(engine, push(1), push(2), law=ONLY_SERVICE)
    async with engine.begin() as busy:
        await busy.execute(text("SELECT FROM record WHERE id = :id FOR UPDATE"), {"id": await id_of(engine, 1)})

        assert await raise_alarms(engine, october(13)) == 1

    assert await raise_alarms(engine, october(13)) == 1
    assert [item.n for item in await items(engine) if item.state == "due_soon"] == [2, 1]


async def test_while_another_process_raises_alarms_this_one_does_not_wait(engine: AsyncEngine) -> None:
    await take(engine, push())
    async with engine.begin() as other:
        await other.execute(text("SELECT pg_advisory_xact_lock(:clock)"), {"clock": 0x636C6F636B})

        assert await raise_alarms(engine, WEEK_LATER) == 0


async def test_what_was_prepared_before_an_alarm_is_decided_again_after_it(engine: AsyncEngine) -> None:
    await take(engine, push())
    async with engine.connect() as conn:
        prepared = await prepare(conn, [report(SERVED)], LAW, lock=False)
    await raise_alarms(engine, october(13))

    async def once() -> AsyncIterator[Prepared]:
        yield prepared

    with pytest.raises(LostRace):
        async with transaction(engine) as conn:
            await store(conn, once(), LAW, WEEK_LATER)


async def test_the_digest_of_an_alarm_is_that_of_the_computation_it_is_about(engine: AsyncEngine) -> None:
    await take(engine, push(), law=ONLY_SERVICE)
    await raise_alarms(engine, october(13))

    first, second = await rows(engine, "SELECT version, digest, node FROM entry WHERE kind = 'node' ORDER BY id")

    assert tuple(first) == tuple(second)


async def test_a_look_does_a_batch_of_what_there_is_to_do_and_says_whether_there_may_be_more(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "MOST_AT_ONCE", 2)
    await take(engine, *(push(n) for n in range(3)), law=ONLY_SERVICE)
    timekeeping = Timekeeping(engine, LawInForce(ONLY_SERVICE))

    looks = [await timekeeping.once(october(13)) for _ in range(4)]

    assert looks == [True, True, False, False]
    assert (await states(engine)).count("due_soon") == 3


async def test_the_moment_of_an_alarm_is_told_by_the_day_in_shanghai(engine: AsyncEngine) -> None:
    await take(engine, push(), law=ONLY_SERVICE)
    midnight_in_shanghai = october(13, 0)

    assert await raise_alarms(engine, midnight_in_shanghai) == 1

    assert (await items(engine))[-1].at.astimezone(SHANGHAI) == midnight_in_shanghai
