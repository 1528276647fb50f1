"""The law is another one: open duties are computed anew, once, and what is over stays as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange import recompute
from app.exchange.case import Case, settled
from app.exchange.duties import duty_to_text
from app.exchange.keep_time import Timekeeping
from app.exchange.law_in_force import LawInForce
from app.exchange.recompute import Recomputation
from app.exchange.submissions import Submission
from app.exchange.take_in import Prepared, prepare, store, transaction
from app.exchange.take_notice import take_notice
from app.rules.deadlines import Duty
from app.store import cases
from schemas.law import Law
from tests.timed import (
    CALENDAR,
    LAW,
    NOTICE_2027,
    ROWS,
    SERVED,
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

NOW = october(9, 12)
SHORTER = law_with({**ROWS, "penalty_served": 5})
WITHOUT_PUBLICITY = law_with({"penalty_served": 7})


async def look(engine: AsyncEngine, law: Law, *, looks: int = 10) -> Timekeeping:
    """What a process of this release does at its first looks."""
    timekeeping = Timekeeping(engine, LawInForce(law))
    for _ in range(looks):
        if not await timekeeping.once(NOW):
            return timekeeping
    raise AssertionError("there is always more to do")


async def kept(engine: AsyncEngine, n: int = 1) -> Mapping[str, tuple[date | None, str]]:
    """When each duty of the n-th penalty is due, and by which law."""
    found = await rows(engine, "SELECT node, due_at, law FROM node WHERE record_id = :id", id=await id_of(engine, n))
    return {row.node: (row.due_at.date() if row.due_at else None, row.law) for row in found}


async def causes(engine: AsyncEngine) -> list[tuple[str, str, str]]:
    """Node, law and cause of every computation, the first one first."""
    return [(row.node, row.law, row.cause) for row in await rows(engine, "SELECT * FROM node_history ORDER BY id")]


async def count(engine: AsyncEngine, table: str) -> int:
    (row,) = await rows(engine, f"SELECT count(*) AS n FROM {table}")
    return int(row.n)


async def test_another_row_moves_the_duties_it_is_about_and_no_other(engine: AsyncEngine) -> None:
    await take(engine, push())
    before = await causes(engine)

    await look(engine, SHORTER)

    assert await kept(engine) == {
        "penalty_served": (date(2026, 10, 12), SHORTER.version),
        "penalty_published": (date(2026, 11, 2), SHORTER.version),
    }
    assert (await causes(engine))[: len(before)] == before
    assert (await causes(engine))[len(before) :] == [("penalty_served", SHORTER.version, "law")]
    assert [(item.due_on, item.at) for item in await items(engine)][-1] == (date(2026, 10, 12), NOW)
    assert await states(engine, "penalty_published") == ["open"]


async def test_another_calendar_day_moves_the_duties_that_run_over_it(engine: AsyncEngine) -> None:
    await take(engine, push())
    off = CALENDAR.replace(
        '{ name = "国庆节", first = 2026-10-01, last = 2026-10-07 },',
        '{ name = "国庆节", first = 2026-10-01, last = 2026-10-07 },\n'
        '    { name = "样例节", first = 2026-10-20, last = 2026-10-20 },',
    )
    assert off != CALENDAR

    await look(engine, law_with(calendar=off))

    due = {node: day for node, (day, _) in (await kept(engine)).items()}
    assert due == {"penalty_served": date(2026, 10, 14), "penalty_published": date(2026, 11, 3)}
    assert await states(engine) == ["open"]


async def test_the_same_law_in_force_computes_nothing(engine: AsyncEngine) -> None:
    await take(engine, push())
    before = await rows(engine, "SELECT xmin, * FROM node ORDER BY node")

    await look(engine, LAW)

    assert await rows(engine, "SELECT xmin, * FROM node ORDER BY node") == before


async def test_what_is_met_or_waived_stays_as_it_was_computed(engine: AsyncEngine) -> None:
    waived = {"event": "waived", "occurred_at": "2026-10-09", "node": "penalty_published", "reason": "样例"}
    three = law_with({**ROWS, "penalty_entered": 30})
    await take(engine, push(), report(SERVED), report(waived), law=three)
    before, entries = await rows(engine, "SELECT node, duty FROM node ORDER BY node"), await count(engine, "entry")

    await look(engine, law_with({"penalty_served": 1, "penalty_published": 1, "penalty_entered": 30}))

    assert await rows(engine, "SELECT node, duty FROM node ORDER BY node") == before
    assert await count(engine, "entry") == entries


async def test_a_duty_that_new_rows_give_rise_to_appears_where_another_is_open(engine: AsyncEngine) -> None:
    await take(engine, push(1), push(2), report(SERVED, 2), law=WITHOUT_PUBLICITY)

    await look(engine, LAW)

    assert set(await kept(engine, 1)) == {"penalty_served", "penalty_published"}
    assert set(await kept(engine, 2)) == {"penalty_served"}
    assert [item.n for item in await items(engine, "penalty_published")] == [1]


async def test_a_duty_without_a_row_any_more_is_waived_and_comes_back_with_the_row(engine: AsyncEngine) -> None:
    await take(engine, push())

    await look(engine, WITHOUT_PUBLICITY)
    assert await states(engine, "penalty_published") == ["open", "waived"]

    await look(engine, law_with({**ROWS, "penalty_served": 6}))
    assert await states(engine, "penalty_published") == ["open", "waived", "open"]


async def test_a_record_that_was_withdrawn_stays_so(engine: AsyncEngine) -> None:
    await take(engine, push())
    await take(engine, withdraw(await id_of(engine)))
    entries = await count(engine, "entry")

    await look(engine, SHORTER)

    assert await count(engine, "entry") == entries
    assert {row.standing for row in await rows(engine, "SELECT standing FROM node")} == {"waived"}


async def test_state_and_version_of_a_record_are_not_the_laws_to_change(engine: AsyncEngine) -> None:
    await take(engine, push())
    query = "SELECT version, state, digest, revision FROM record"
    (before,) = await rows(engine, query)

    await look(engine, SHORTER)

    (after,) = await rows(engine, query)
    assert tuple(after) == (*before[:3], before.revision + 1)


async def test_a_walk_that_was_killed_half_way_is_ended_by_the_next_process(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompute, "MOST_AT_ONCE", 2)
    await take(engine, *(push(n) for n in range(1, 8)))
    killed = Recomputation(engine, LawInForce(SHORTER))
    assert await killed.once(NOW) == 2
    with monkeypatch.context() as patched:
        patched.setattr(cases, "write", _killed)
        with pytest.raises(KeyboardInterrupt):
            await killed.once(NOW)

    other = Recomputation(engine, LawInForce(SHORTER))
    walked = [await other.once(NOW) for _ in range(4)]

    assert walked == [2, 2, 1, 0]
    assert sorted(item.n for item in await items(engine) if item.at == NOW) == list(range(1, 8))


async def _killed(*_: object) -> None:
    raise KeyboardInterrupt


async def test_two_releases_side_by_side_do_not_compute_back_and_forth(engine: AsyncEngine) -> None:
    await take(engine, push())
    old = await look(engine, LAW)
    new = await look(engine, SHORTER)

    looks = [await one.once(NOW) for one in (old, new, old, await look(engine, LAW), new)]

    assert not any(looks)
    assert [item.due_on for item in await items(engine)] == [date(2026, 10, 14), date(2026, 10, 12)]
    assert await count(engine, "adopted_law") == 2


async def test_what_an_older_release_writes_meanwhile_follows_the_newer_one_in_a_moment(engine: AsyncEngine) -> None:
    await look(engine, LAW)
    new = await look(engine, SHORTER)
    await take(engine, push(), law=LAW)

    assert await new.once(NOW)
    assert not await new.once(NOW)

    assert [item.due_on for item in await items(engine)] == [date(2026, 10, 14), date(2026, 10, 12)]


async def test_going_back_to_an_older_release_is_said_by_command(engine: AsyncEngine) -> None:
    await take(engine, push())
    old = await look(engine, LAW)
    await look(engine, SHORTER)
    assert not await old.once(NOW)

    await Recomputation(engine, LawInForce(LAW)).adopt(NOW)

    assert await old.once(NOW)
    assert [item.due_on for item in await items(engine)][-1] == date(2026, 10, 14)


async def test_a_writer_that_began_under_the_old_law_leaves_nothing_stale_behind(engine: AsyncEngine) -> None:
    await take(engine, push(1))
    slow = await decided(engine, push(2), LAW)
    new = await look(engine, SHORTER)
    async with transaction(engine) as conn:
        await store(conn, _once(slow), LAW, NOW)

    assert await new.once(NOW)
    assert not await new.once(NOW)

    assert {row.law for row in await rows(engine, "SELECT law FROM node")} == {SHORTER.version}
    assert [item.due_on for item in await items(engine, n=2)] == [date(2026, 10, 14), date(2026, 10, 12)]


async def test_a_duty_that_an_old_law_does_not_know_and_waived_comes_back(engine: AsyncEngine) -> None:
    await take(engine, push(), law=WITHOUT_PUBLICITY)
    new = await look(engine, LAW)
    await take(engine, report(SERVED), law=WITHOUT_PUBLICITY)
    assert (await states(engine, "penalty_published")) == ["open", "waived"]

    assert await new.once(NOW)
    assert not await new.once(NOW)

    assert (await states(engine, "penalty_published")) == ["open", "waived", "open"]
    assert (await states(engine))[-1] == "done"


async def test_a_prepared_change_of_a_record_that_was_computed_anew_is_decided_again(engine: AsyncEngine) -> None:
    await take(engine, push())
    prepared = await decided(engine, report(SERVED), LAW)
    await look(engine, SHORTER)

    with pytest.raises(cases.LostRace):
        async with transaction(engine) as conn:
            await store(conn, _once(prepared), LAW, NOW)


async def decided(engine: AsyncEngine, submission: Submission, law: Law) -> Prepared:
    """What would become of a submission, not yet written."""
    async with engine.connect() as conn:
        return await prepare(conn, [submission], law, lock=False)


async def _once(prepared: Prepared) -> AsyncIterator[Prepared]:
    yield prepared


async def test_a_record_that_cannot_be_computed_holds_up_no_other(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(engine, push(1), push(2))
    first = await id_of(engine, 1)

    def broken(case: Case, law: Law, now: datetime, *, cause: str) -> Case:
        if case.head.id == first:
            raise ValueError("样例")
        return settled(case, law, now, cause=cause)

    monkeypatch.setattr(recompute, "settled", broken)

    await look(engine, SHORTER)

    assert (await kept(engine, 1))["penalty_served"] == (date(2026, 10, 14), SHORTER.version)
    assert (await kept(engine, 2))["penalty_served"] == (date(2026, 10, 12), SHORTER.version)


async def test_what_another_release_only_writes_down_otherwise_is_no_change(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(engine, push())
    entries = await count(engine, "entry")
    monkeypatch.setattr("app.exchange.case.duty_to_text", _with_spaces)

    await look(engine, law_with({**ROWS, "penalty_entered": 99}))

    assert await states(engine) == ["open"]
    assert await count(engine, "entry") == entries + 1


def _with_spaces(duty: Duty) -> str:
    return " " + duty_to_text(duty)


async def test_an_alarm_that_was_raised_is_not_raised_again_by_another_law(engine: AsyncEngine) -> None:
    await take(engine, push())
    timekeeping = await look(engine, LAW)
    await timekeeping.once(october(13))
    other = Timekeeping(engine, LawInForce(law_with({**ROWS, "penalty_published": 21})))

    while await other.once(october(13, 1)):
        pass

    assert await states(engine) == ["open", "due_soon"]
    await other.once(october(15))
    assert await states(engine) == ["open", "due_soon", "overdue"]


async def test_a_holiday_notice_reaches_every_process_at_its_next_look(engine: AsyncEngine) -> None:
    december = october(9).replace(month=12, day=28)
    here, there = LawInForce(LAW), LawInForce(LAW)
    first, second = Timekeeping(engine, here), Timekeeping(engine, there)
    await take(engine, push(now=december, decided_on="2026-12-25"))
    await first.once(december)
    async with engine.begin() as conn:
        await take_notice(conn, NOTICE_2027, "2027.toml", LAW, december)

    await second.once(december)
    while await first.once(december):
        pass

    assert here.law == there.law != LAW
    assert (await kept(engine))["penalty_served"] == (date(2027, 1, 6), here.law.version)
    assert await count(engine, "adopted_law") == 2


async def test_a_notice_that_is_put_back_moves_the_duties_back(engine: AsyncEngine) -> None:
    december = october(9).replace(month=12, day=28)
    wrong = NOTICE_2027.replace("2027-01-03", "2027-01-04")
    timekeeping = Timekeeping(engine, LawInForce(LAW))
    await take(engine, push(now=december, decided_on="2026-12-25"))

    for text in (NOTICE_2027, wrong, NOTICE_2027):
        async with engine.begin() as conn:
            await take_notice(conn, text, "2027.toml", LAW, december, replace=True)
        while await timekeeping.once(december):
            pass

    found = [item.due_on for item in await items(engine)]
    assert found == [date(2027, 1, 5), date(2027, 1, 6), date(2027, 1, 7), date(2027, 1, 6)]
