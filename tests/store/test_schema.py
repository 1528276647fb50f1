"""The database is what the code and the committed schema say it is."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app import postgres
from app.exchange.duties import duty_to_text
from app.rules import deadlines
from app.rules.counting import When
from app.rules.deadlines import Duty
from app.settings import sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import config, migrate, newest, revision
from migrations.dump_schema import SCHEMA, dumped
from schemas.law import Span
from schemas.lifecycle import SHANGHAI, Party


def _check(connection: Connection) -> None:
    """What `alembic check` does, on this connection."""
    settings = config()
    settings.attributes["connection"] = connection
    command.check(settings)


async def test_the_tables_in_the_code_are_those_the_migrations_make(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        await conn.run_sync(_check)


async def test_a_column_the_code_does_not_know_is_found(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await conn.execute(text("ALTER TABLE record ADD COLUMN forgotten text"))

    async with engine.connect() as conn:
        with pytest.raises(CommandError, match="New upgrade operations detected"):
            await conn.run_sync(_check)


def test_the_committed_schema_is_a_dump_of_a_fresh_head(server: postgres.Running, database_url: str) -> None:
    assert dumped(database_url, server.binaries) == SCHEMA.read_text(encoding="utf-8"), (
        "bring it up to date: python -m migrations.dump_schema"
    )


async def test_services_that_start_together_migrate_an_empty_database_once(empty_database_url: str) -> None:
    engines = [make_engine(sqlalchemy_url(empty_database_url)) for _ in range(4)]

    await asyncio.gather(*(migrate(engine) for engine in engines))

    async with engines[0].connect() as conn:
        assert await revision(conn) == newest()
    for engine in engines:
        await engine.dispose()


@pytest.mark.parametrize(
    "table",
    [
        "version",
        "event",
        "withdrawal",
        "entry",
        "feed",
        "node_history",
        "trail",
        "holiday_notice",
        "adopted_law",
    ],
)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_what_was_taken_in_cannot_be_deleted(engine: AsyncEngine, table: str, statement: str) -> None:
    async with engine.begin() as conn:
        for insertion in _ONE_OF_EVERYTHING:
            await conn.execute(text(insertion))

    with pytest.raises(DBAPIError, match="append-only"):
        async with engine.begin() as conn:
            await conn.execute(text(statement.format(table)))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE version SET payload = '{}'",
        "UPDATE event SET payload = '{}'",
        "UPDATE withdrawal SET reason = '{}'",
        "UPDATE entry SET digest = ''",
        "UPDATE feed SET position = 7",
        "UPDATE node_history SET duty = ''",
        "UPDATE trail SET outcome = 'done'",
        "UPDATE holiday_notice SET notice = ''",
        "UPDATE adopted_law SET version = ''",
    ],
)
async def test_what_was_taken_in_cannot_be_changed(engine: AsyncEngine, change: str) -> None:
    async with engine.begin() as conn:
        for insertion in _ONE_OF_EVERYTHING:
            await conn.execute(text(insertion))

    with pytest.raises(DBAPIError, match="append-only"):
        async with engine.begin() as conn:
            await conn.execute(text(change))


_ID = "'0199c000-0000-7000-8000-000000000001'"
_AT = "'2026-10-09T09:00:00+08:00'"
_ONE_OF_EVERYTHING = (
    f"INSERT INTO record VALUES ({_ID}, 'penalty', 'o', 's', '420106', 'market', NULL, 1, 'received', 'd', {_AT})",
    f"INSERT INTO version VALUES ({_ID}, 1, '{{}}', 'd', '[]', 'c', {_AT})",
    f"INSERT INTO event VALUES ({_ID}, {_ID}, 'served', 'i', '{{}}', 'agency', 'c', {_AT}, 'o')",
    f"INSERT INTO withdrawal VALUES ({_ID}, {_ID}, {_ID}, '{{}}', 'c', {_AT})",
    f"INSERT INTO entry (kind, record_id, version, digest, at) VALUES ('record', {_ID}, 1, 'd', {_AT})",
    "INSERT INTO feed SELECT 0, id FROM entry",
    (
        "INSERT INTO node (record_id, node, record_type, organisation, region, field, responsible, is_done, standing, "
        "duty, role, advisory, is_numbered, opened_on, law) "
        f"VALUES ({_ID}, 'n', 'penalty', 'o', '420106', 'market', 'o', false, 'open', '{{}}', 'agency', false, true, "
        "'2026-10-09', 'l')"
    ),
    (
        "INSERT INTO node_history (record_id, node, computed_at, law, cause, duty) "
        f"VALUES ({_ID}, 'n', {_AT}, 'l', 'c', '{{}}')"
    ),
    f"INSERT INTO trail (at, action, outcome) VALUES ({_AT}, 'push', 'done')",
    f"INSERT INTO holiday_notice (year, notice, version, added_at) VALUES (2027, 'n', 'v', {_AT})",
    f"INSERT INTO adopted_law (release, version, adopted_at) VALUES ('r', 'v', {_AT})",
)


# --- what came in before --------------------------------------------------------------------------

_DAYS, _HOURS = Span(7, "working_day"), Span(24, "hour")


def _kept(
    name: str,
    limit: Span | None = _DAYS,
    *,
    done_at: When | None = None,
    paused_at: date | None = None,
    waived_at: date | None = None,
) -> Duty:
    """A duty as the first release kept it; limits in days end with 14 October, those in hours at eleven that day."""
    due_at = datetime(2026, 10, 14, *((11, 0, 0) if limit == _HOURS else (23, 59, 59)), tzinfo=SHANGHAI)
    return Duty(
        node=name,
        title={"zh": "样例", "en": "sample"},
        responsible=None,
        responsible_role=Party.AGENCY,
        opened_by="decided",
        opened_title={"zh": "样例", "en": "sample"},
        opened_at=date(2026, 9, 29),
        limit=limit,
        due_at=None if limit is None or paused_at else due_at,
        done_at=done_at,
        paused_at=paused_at,
        remaining=Span(6, "working_day") if paused_at else None,
        waived_at=waived_at,
    )


def _october(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, second, tzinfo=SHANGHAI)


_KEPT = (
    (_kept("open"), "open"),
    (_kept("open without a limit", None), "open"),
    (_kept("met on the day", done_at=date(2026, 10, 14)), "done"),
    (_kept("met in the last second", done_at=_october(14, 23, 59, 59)), "done"),
    (_kept("met in the first hours of the last day", done_at=_october(14, 0, 30)), "done"),
    (_kept("met without a limit", None, done_at=date(2026, 10, 20)), "done"),
    (_kept("met a day late", done_at=date(2026, 10, 15)), "done_late"),
    (_kept("met as the next day began", done_at=_october(15, 0)), "done_late"),
    (_kept("met in the morning of the next day", done_at=_october(15, 9)), "done_late"),
    (_kept("met in the evening of the next day", done_at=_october(15, 21)), "done_late"),
    (_kept("met in the hour", _HOURS, done_at=_october(14, 11)), "done"),
    (_kept("met a second after the hour", _HOURS, done_at=_october(14, 11, 0, 1)), "done_late"),
    (_kept("met on the day, hour unknown", _HOURS, done_at=date(2026, 10, 14)), "done"),
    (_kept("met on the next day, hour unknown", _HOURS, done_at=date(2026, 10, 15)), "done_late"),
    (_kept("paused", paused_at=date(2026, 10, 8)), "paused"),
    (_kept("waived", waived_at=date(2026, 10, 8)), "waived"),
    (_kept("waived while paused", paused_at=date(2026, 10, 8), waived_at=date(2026, 10, 9)), "waived"),
)


async def test_how_duties_stood_before_there_was_a_column_for_it_is_told_from_what_was_kept(
    empty_database_url: str,
) -> None:
    engine = make_engine(sqlalchemy_url(empty_database_url))
    async with engine.begin() as conn:
        await conn.run_sync(_upgrade_to, "0001")
        await conn.execute(text(_ONE_OF_EVERYTHING[0]))
        for duty, _ in _KEPT:
            await conn.execute(
                text(
                    f"INSERT INTO node VALUES ({_ID}, :node, 'penalty', 'o', '420106', 'market', 'o', NULL, NULL, "
                    "false, :duty)"
                ),
                {"node": duty.node, "duty": duty_to_text(duty)},
            )

    await migrate(engine)

    async with engine.connect() as conn:
        rows = await conn.execute(text("SELECT node, standing FROM node"))
        assert {row.node: row.standing for row in rows} == {duty.node: standing for duty, standing in _KEPT}
    assert {duty.node: deadlines.standing(duty) for duty, _ in _KEPT} == {duty.node: said for duty, said in _KEPT}
    await engine.dispose()


def _upgrade_to(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
