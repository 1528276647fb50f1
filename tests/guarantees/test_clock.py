"""Alarms and computations come once each, whatever runs, races, stops or dies meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange.keep_time import Timekeeping
from app.exchange.law_in_force import LawInForce
from app.exchange.raise_alarms import raise_alarms
from app.exchange.take_notice import take_notice
from app.jobs import clock
from app.main import create_app
from app.settings import CHECKOUT, Settings, sqlalchemy_url
from app.store import feed
from app.store.engine import make_engine
from schemas.law import Law
from tests.api.held import pushed
from tests.conftest import Service
from tests.timed import (
    LAW,
    NOTICE_2027,
    ROWS,
    SERVED,
    items,
    law_with,
    october,
    push,
    record,
    report,
    rows,
    states,
    take,
)

CLOCKS = 4
RECORDS = range(60)
MET = range(30)
DUE_SOON, OVERDUE = october(13), october(15)
NOW = october(9, 12)
ONLY_SERVICE = law_with({"penalty_served": 7})
SHORTER = law_with({**ROWS, "penalty_served": 5})


def keep_time(url: str, law: Law, now: datetime) -> None:
    """What a process does until there is nothing left to do, with a loop and connections of its own."""

    async def look() -> None:
        engine = make_engine(sqlalchemy_url(url))
        timekeeping = Timekeeping(engine, LawInForce(law))
        idle = 0
        while idle < CLOCKS:
            idle = 0 if await timekeeping.once(now) else idle + 1
        await engine.dispose()

    asyncio.run(look())


async def beside_writers(engine: AsyncEngine, url: str, law: Law, now: datetime, numbers: Sequence[int]) -> None:
    """Several clocks at once, and meanwhile an event for each of these records, told under the first law."""
    random.Random(2026).shuffle(shuffled := list(numbers))
    clocks = [asyncio.to_thread(keep_time, url, law, now) for _ in range(CLOCKS)]
    writers = [take(engine, report(SERVED, n), law=ONLY_SERVICE) for n in shuffled]
    await asyncio.gather(*clocks, *writers)
    # What a writer was changing whenever they looked.
    await asyncio.to_thread(keep_time, url, law, now)


async def test_four_clocks_beside_writers_raise_each_alarm_once(engine: AsyncEngine, database_url: str) -> None:
    await take(engine, *(push(n) for n in RECORDS), law=ONLY_SERVICE)

    await beside_writers(engine, database_url, ONLY_SERVICE, DUE_SOON, MET)
    await beside_writers(engine, database_url, ONLY_SERVICE, OVERDUE, ())

    told: dict[int, list[str]] = {n: [] for n in RECORDS}
    for item in await items(engine):
        told[item.n].append(item.state)
    assert {n: told[n] for n in RECORDS if n not in MET} == {
        n: ["open", "due_soon", "overdue"] for n in RECORDS if n not in MET
    }
    assert all(told[n] in (["open", "done"], ["open", "due_soon", "done"]) for n in MET)


async def test_the_items_of_one_record_have_positions_in_the_order_in_which_they_came_about(
    engine: AsyncEngine, database_url: str
) -> None:
    await take(engine, *(push(n) for n in RECORDS), law=ONLY_SERVICE)

    await beside_writers(engine, database_url, ONLY_SERVICE, DUE_SOON, RECORDS)

    async with engine.begin() as conn:
        await feed.sequence(conn)
    by_position = await rows(
        engine, "SELECT record_id, entry.id FROM feed JOIN entry ON entry.id = entry_id ORDER BY position"
    )
    (entries,) = await rows(engine, "SELECT count(*) AS n FROM entry")
    assert len(by_position) == entries.n
    for record_id in {row.record_id for row in by_position}:
        of_one = [row.id for row in by_position if row.record_id == record_id]
        assert of_one == sorted(of_one)


async def test_an_alarm_and_the_event_that_meets_the_duty_come_one_after_the_other(engine: AsyncEngine) -> None:
    numbers = range(20)
    await take(engine, *(push(n) for n in numbers), law=ONLY_SERVICE)

    for n in numbers:
        await asyncio.gather(raise_alarms(engine, DUE_SOON), take(engine, report(SERVED, n), law=ONLY_SERVICE))
    await raise_alarms(engine, OVERDUE)

    for n in numbers:
        assert await states(engine, n=n) in (["open", "done"], ["open", "due_soon", "done"])


async def test_a_new_law_is_followed_by_all_although_others_still_write_by_the_old_one(
    engine: AsyncEngine, database_url: str
) -> None:
    await take(engine, *(push(n) for n in RECORDS))

    clocks = [asyncio.to_thread(keep_time, database_url, SHORTER, NOW) for _ in range(CLOCKS)]
    late = [take(engine, push(n)) for n in range(100, 140)]
    await asyncio.gather(*clocks, *late)
    await asyncio.to_thread(keep_time, database_url, SHORTER, NOW)

    assert {row.law for row in await rows(engine, "SELECT law FROM node")} == {SHORTER.version}
    served = await rows(engine, "SELECT DISTINCT due_at FROM node WHERE node = 'penalty_served'")
    assert [row.due_at for row in served] == [october(12, 23, 59, 59)]
    assert {n: await states(engine, n=n) for n in RECORDS} == {n: ["open", "open"] for n in RECORDS}


async def test_an_item_read_again_later_says_the_same(service: Service) -> None:
    held = await pushed(service, record())
    first = await held.feed()

    service.now = OVERDUE
    again = await held.feed()

    assert again == first
    assert {item["node"]["state"] for item in again if item["kind"] == "node"} >= {"open"}
    assert (await held.node("penalty_served"))["state"] == "overdue"


async def test_subscribers_are_told_of_a_duty_that_becomes_overdue(service: Service) -> None:
    held = await pushed(service, record())
    told = len(await held.feed(by="procuratorate-city"))

    await raise_alarms(service.shop.engine, OVERDUE)

    (item,) = [
        item for item in (await held.feed(by="procuratorate-city"))[told:] if item["node"]["node"] == "penalty_served"
    ]
    assert (item["kind"], item["node"]["state"], item["version"]) == ("node", "overdue", 1)
    assert item["at"] == "2026-10-15T09:00:00.000+08:00"


# --- in the background ----------------------------------------------------------------------------


async def until(engine: AsyncEngine, query: str) -> None:
    """Return when the query finds something; the test's own time limit ends the waiting."""
    while True:
        if await rows(engine, query):
            return
        await asyncio.sleep(0.02)


async def test_a_service_keeps_time_by_itself(
    engine: AsyncEngine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "EVERY_SECONDS", 0.02)
    monkeypatch.setattr("app.main.system_time", lambda: DUE_SOON)
    settings = Settings.from_environment({"DATABASE_URL": database_url, "LIANDONG_DATA": str(tmp_path)})
    app = create_app(settings)

    async with app.router.lifespan_context(app):
        shipped = app.state.shop.law
        await take(engine, push(), law=shipped)
        await until(engine, "SELECT 1 FROM node WHERE node = 'penalty_served' AND alarm_at > '2026-10-13'")
        async with engine.begin() as conn:
            await take_notice(conn, NOTICE_2027, "2027.toml", shipped, DUE_SOON)
        await until(engine, "SELECT 1 FROM adopted_law OFFSET 1")

        assert app.state.shop.law != shipped
    assert await states(engine) == ["open", "due_soon"]


async def test_a_service_that_starts_knows_the_notices_that_were_added_before(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with engine.begin() as conn:
        await take_notice(conn, NOTICE_2027, "2027.toml", LAW, NOW)
    settings = Settings.from_environment({"DATABASE_URL": database_url, "LIANDONG_DATA": str(tmp_path)})
    app = create_app(settings, keeps_time=False)

    async with app.router.lifespan_context(app):
        assert 2027 in app.state.shop.law.calendar.years


class _Away(Timekeeping):
    """A database that is away at the first looks. `back`: it was looked at often since."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, LawInForce(LAW))
        self.back = asyncio.Event()
        self._looks = 0

    async def once(self, now: datetime) -> bool:
        self._looks += 1
        if self._looks < 3:
            raise OSError("样例")
        if self._looks > 5:
            self.back.set()
        return bool(now)


async def test_the_clock_outlives_a_database_that_is_away(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "EVERY_SECONDS", 0)
    monkeypatch.setattr(clock, "PAUSE_SECONDS", 0)
    timekeeping = _Away(engine)

    async with clock.running(timekeeping, lambda: NOW):
        await timekeeping.back.wait()


# --- in processes of their own --------------------------------------------------------------------


@pytest.mark.slow
async def test_a_process_that_is_killed_while_it_computes_anew_leaves_the_rest_to_the_next(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    await take(engine, *(push(n) for n in range(700)))
    environ = os.environ | {"DATABASE_URL": database_url, "LIANDONG_DATA": str(tmp_path), "PYTHONPATH": str(CHECKOUT)}
    command = (sys.executable, "-P", "-m", "app", "recompute")
    stale = f"SELECT 1 FROM node WHERE law = '{LAW.version}' AND standing NOT IN ('done', 'done_late')"

    killed = await asyncio.create_subprocess_exec(*command, env=environ)
    await until(engine, f"SELECT 1 FROM node WHERE law <> '{LAW.version}'")
    killed.kill()
    await killed.wait()
    left = await rows(engine, stale)
    ended = await asyncio.create_subprocess_exec(*command, env=environ, stdout=asyncio.subprocess.DEVNULL)

    assert left
    assert await ended.wait() == 0
    assert await rows(engine, stale) == []
    twice = "SELECT 1 FROM node_history WHERE cause = 'law' GROUP BY record_id, node HAVING count(*) > 1"
    assert await rows(engine, twice) == []
