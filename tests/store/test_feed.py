"""The feed misses nothing and repeats nothing, whatever order transactions begin and end in."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.callers import Scope
from app.store import feed
from app.store.feed import SEQUENCE
from schemas.lifecycle import SHANGHAI
from tests.tips import ALL_CLASSES, SECRET_CLASSES

NOW = datetime(2026, 10, 9, 9, tzinfo=SHANGHAI)
EVERYTHING = Scope("1142010000999999X0", "42", withheld=frozenset())


def numbered(number: int) -> UUID:
    return UUID(int=number)


async def write(conn: AsyncConnection, record: int, version: int = 1) -> None:
    """Add a version of a record as the exchange does: head first, which locks it, then the entry."""
    await conn.execute(
        text(
            "INSERT INTO record VALUES (:id, 'penalty', 'o', :source_id, '420106', 'market', NULL, :version, "
            "'received', 'd', :now) ON CONFLICT (id) DO UPDATE SET version = excluded.version"
        ),
        {"id": numbered(record), "source_id": str(record), "version": version, "now": NOW},
    )
    await conn.execute(
        text("INSERT INTO entry (kind, record_id, version, digest, at) VALUES ('record', :id, :version, 'd', :now)"),
        {"id": numbered(record), "version": version, "now": NOW},
    )


async def sequence(engine: AsyncEngine, statement: str = SEQUENCE) -> None:
    async with engine.begin() as conn:
        await conn.execute(text("SELECT pg_advisory_xact_lock(1)"))
        await conn.execute(text(statement))


async def read(engine: AsyncEngine, first: int = 0) -> tuple[list[tuple[int, int, int]], int]:
    """(position, record, version) of what stands from `first` on, and how far the log reaches."""
    async with engine.begin() as conn:
        head = (await feed.head(conn)).head
        items = (await feed.page(conn, EVERYTHING, first, head, None, 1000)).items
    return [(item.position, item.record_id.int, item.version) for item in items], head


async def slow_writer_race(engine: AsyncEngine, statement: str) -> list[int]:
    """What a subscriber gets that polls while an earlier transaction is still open; two connections, two polls."""
    async with engine.connect() as early, engine.connect() as late:
        await write(early, 1)
        await write(late, 2)
        await late.commit()
        await sequence(engine, statement)
        first, head = await read(engine)
        await early.commit()
        await sequence(engine, statement)
        second, _ = await read(engine, head)
    return [record for _, record, _ in first + second]


async def test_a_row_committed_late_is_not_lost_to_a_subscriber_that_polled_meanwhile(engine: AsyncEngine) -> None:
    assert await slow_writer_race(engine, SEQUENCE) == [1, 2]


async def test_without_the_watermark_the_race_would_be_noticed(engine: AsyncEngine) -> None:
    without = SEQUENCE.replace("AND entry.xid < horizon.xmin", "")
    assert without != SEQUENCE

    with pytest.raises(IntegrityError):
        await slow_writer_race(engine, without)


async def test_what_an_open_transaction_wrote_before_us_is_waited_for(engine: AsyncEngine) -> None:
    async with engine.connect() as early, engine.connect() as late:
        await write(early, 1)
        await write(late, 2)
        await late.commit()

        await sequence(engine)

        assert await read(engine) == ([], 0)
        await early.rollback()

    await sequence(engine)

    assert await read(engine) == ([(0, 2, 1)], 1)


async def inverted_versions(engine: AsyncEngine, statement: str) -> list[tuple[int, int, int]]:
    """Version 2 is written by the transaction with the older id: it took its id first and waited for the lock."""
    async with engine.connect() as older, engine.connect() as newer:
        await older.execute(text("SELECT pg_current_xact_id()"))
        await write(newer, 1, version=1)
        await newer.commit()
        await write(older, 1, version=2)
        await older.commit()
    await sequence(engine, statement)
    return (await read(engine))[0]


async def test_versions_with_inverted_transaction_ids_keep_their_order(engine: AsyncEngine) -> None:
    assert await inverted_versions(engine, SEQUENCE) == [(0, 1, 1), (1, 1, 2)]


async def test_without_the_running_maximum_versions_would_change_places(engine: AsyncEngine) -> None:
    without = SEQUENCE.replace("max(entry.xid) OVER (PARTITION BY entry.record_id ORDER BY entry.id)", "entry.xid")
    assert without != SEQUENCE

    assert await inverted_versions(engine, without) == [(0, 1, 2), (1, 1, 1)]


async def test_many_writers_and_two_sequencers_leave_no_gap_and_no_repetition(engine: AsyncEngine) -> None:
    chance = random.Random(2026)
    writing = True

    async def writer(first: int) -> list[int]:
        kept = []
        for record in range(first, first + 25):
            async with engine.connect() as conn:
                await write(conn, record)
                await asyncio.sleep(chance.random() / 100)
                if chance.random() < 0.2:
                    await conn.rollback()
                else:
                    await conn.commit()
                    kept.append(record)
        return kept

    async def sequencing() -> None:
        while writing:
            async with engine.begin() as conn:
                await feed.sequence(conn)

    async def subscriber() -> list[tuple[int, int, int]]:
        got: list[tuple[int, int, int]] = []
        head = 0
        while writing:
            items, head = await read(engine, head)
            got += items
        return got

    background = [asyncio.create_task(sequencing()), asyncio.create_task(sequencing())]
    subscribed = asyncio.create_task(subscriber())
    kept = [record for some in await asyncio.gather(*(writer(n * 1000) for n in range(4))) for record in some]
    await asyncio.sleep(0.1)
    writing = False
    got = await subscribed
    await asyncio.gather(*background)
    await sequence(engine)
    got += (await read(engine, len(got)))[0]

    assert [position for position, _, _ in got] == list(range(len(kept)))
    assert sorted(record for _, record, _ in got) == sorted(kept)


async def test_after_a_restore_into_another_cluster_a_new_epoch_begins_and_nothing_is_sequenced_twice(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        await write(conn, 1)
    await sequence(engine)
    async with engine.begin() as conn:
        await write(conn, 2)
        before = await feed.head(conn)
    async with engine.begin() as conn:
        # As after a restore: ids from a cluster that had counted far, and the identifier of that cluster.
        await conn.execute(text("UPDATE entry SET xid = '4000000000'"))
        await conn.execute(text("UPDATE sequencer SET system_identifier = 1, watermark = '3999999999'"))

    async with engine.begin() as conn:
        begun = await feed.begin_epoch_if_restored(conn)
    await sequence(engine)

    async with engine.begin() as conn:
        assert begun
        assert (await feed.head(conn)).epoch != before.epoch
        assert not await feed.begin_epoch_if_restored(conn)
    assert await read(engine) == ([(0, 1, 1), (1, 2, 1)], 2)


async def test_a_long_open_write_is_named_as_what_holds_the_feed_back(engine: AsyncEngine) -> None:
    async with engine.connect() as open_write, engine.connect() as conn:
        await write(open_write, 1)
        pid = (await open_write.execute(text("SELECT pg_backend_pid()"))).scalar_one()

        blocker = await feed.blocker(conn)
        await open_write.rollback()

    assert blocker is not None
    assert (blocker["pid"], blocker["state"]) == (pid, "idle in transaction")


UNSEEN = '{"personal": ["样例当事人"], "reporter": ["举某甲"]}'


@pytest.mark.usefixtures("tips")
@pytest.mark.parametrize(
    ("organisation", "withheld", "told"),
    [
        ("giver", SECRET_CLASSES, {"tip": None, "penalty": None}),
        ("agency", SECRET_CLASSES, {"tip": UNSEEN, "penalty": None}),
        ("procuratorate", frozenset(), {"tip": None, "penalty": None}),
        ("auditor", ALL_CLASSES, {"tip": UNSEEN, "penalty": UNSEEN}),
        ("giver", ALL_CLASSES, {"tip": None, "penalty": None}),
    ],
)
async def test_words_go_along_where_some_are_withheld_and_not_in_ones_own(
    engine: AsyncEngine, organisation: str, withheld: frozenset[str], told: dict[str, str | None]
) -> None:
    async with engine.begin() as conn:
        for number, record_type in enumerate(told):
            await write(conn, number)
            said = {"id": numbered(number), "type": record_type, "unseen": UNSEEN}
            await conn.execute(
                text("UPDATE record SET record_type = :type, organisation = 'giver' WHERE id = :id"), said
            )
            await conn.execute(text("INSERT INTO wording VALUES (:id, NULL, false, '', '', :unseen)"), said)
    await sequence(engine)

    async with engine.begin() as conn:
        stretch = await feed.page(conn, Scope(organisation, "42", withheld), 0, 10, None, 10)

    assert {item.record_type: item.unseen for item in stretch.items} == told
