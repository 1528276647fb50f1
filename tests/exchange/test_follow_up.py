"""Ties of records that were pushed in the same instant are found once both are there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.callers import Caller, Role
from app.exchange import follow_up
from app.exchange.keep_time import Timekeeping
from app.exchange.law_in_force import LawInForce
from app.exchange.sequence import Sequencer
from app.exchange.submissions import Push, Submission
from app.exchange.take_in import Prepared, prepare, store, take_in, transaction
from schemas import shipped
from schemas.judging import judge
from tests.timed import RECEIVED, rows
from tests.transfers import MARKET, ref, transfer, undecided

LAW = shipped.law()
AGENCY = Caller("market-wuchang", MARKET, "样例局", Role.AGENCY, "420106", "market")


def push(record: dict[str, Any]) -> Push:
    return Push(AGENCY, judge(record["record_type"], record, RECEIVED.date()), RECEIVED)


async def write(conn: AsyncConnection, submission: Submission) -> None:
    """Write it in this transaction, with all that follows from it as far as that can be seen from here."""
    prepared = await prepare(conn, [submission], LAW, lock=True)

    async def once() -> AsyncIterator[Prepared]:
        yield prepared

    await store(conn, once(), LAW, RECEIVED)


async def in_the_same_instant(engine: AsyncEngine, n: int = 1, *, said_by: str) -> None:
    """The n-th case and its transfer, by two writers; neither sees what the other writes."""
    crime = transfer(n, refs=[ref(undecided(n))] if said_by == "transfer" else None)
    case = undecided(n, refs=[ref(transfer(n))] if said_by == "penalty" else None)
    async with transaction(engine) as one, transaction(engine) as other:
        await write(one, push(case))
        await write(other, push(crime))


async def brought_about(engine: AsyncEngine) -> list[str]:
    """The events that one record brought about on another, in the order of the log."""
    return [row.event for row in await rows(engine, "SELECT event FROM event WHERE caused_by IS NOT NULL ORDER BY id")]


async def sequenced(engine: AsyncEngine) -> int:
    return await Sequencer(engine).once()


@pytest.mark.parametrize("said_by", ["penalty", "transfer"])
async def test_what_two_writers_pushed_in_the_same_instant_is_tied_once_both_have_a_position(
    engine: AsyncEngine, said_by: str
) -> None:
    timekeeping = Timekeeping(engine, LawInForce(LAW))
    await in_the_same_instant(engine, said_by=said_by)
    assert await brought_about(engine) == []
    assert not await timekeeping.once(RECEIVED)

    await sequenced(engine)
    assert await timekeeping.once(RECEIVED)

    assert await brought_about(engine) == ["suspended"]


async def test_what_was_looked_at_is_not_looked_at_again_and_nothing_is_done_twice(engine: AsyncEngine) -> None:
    timekeeping = Timekeeping(engine, LawInForce(LAW))
    await in_the_same_instant(engine, said_by="penalty")
    looks = []
    while await sequenced(engine):
        looks.append(await timekeeping.once(RECEIVED))
        assert len(looks) < 5

    assert looks[0]
    assert not await timekeeping.once(RECEIVED)
    assert await brought_about(engine) == ["suspended"]


async def test_a_long_stretch_is_gone_over_piece_by_piece(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_up, "MOST_AT_ONCE", 3)
    for n in range(1, 5):
        await in_the_same_instant(engine, n, said_by="transfer")
    head = await sequenced(engine)

    went = [await follow_up.follow_up(engine, LAW, RECEIVED) for _ in range(head // 3 + 2)]

    assert sum(went) == head
    assert max(went) == 3
    assert went[-1] == 0
    assert await brought_about(engine) == ["suspended"] * 4


async def test_a_process_that_dies_over_it_leaves_it_to_the_next(engine: AsyncEngine) -> None:
    await in_the_same_instant(engine, said_by="penalty")
    await sequenced(engine)
    async with engine.connect() as conn:
        # Somebody else is at it, and comes to nothing.
        await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": 0x636C6F636B})
        assert await follow_up.follow_up(engine, LAW, RECEIVED) == 0
        await conn.rollback()

    assert await follow_up.follow_up(engine, LAW, RECEIVED) > 0
    assert await brought_about(engine) == ["suspended"]


async def test_what_nobody_ties_is_gone_over_and_left_alone(engine: AsyncEngine) -> None:
    await take_in(engine, [push(undecided(1)), push(transfer(2))], LAW)
    head = await sequenced(engine)

    assert await follow_up.follow_up(engine, LAW, RECEIVED) == head
    assert await sequenced(engine) == 0
