"""The database is what the code and the committed schema say it is."""

from __future__ import annotations

import asyncio

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app import postgres
from app.settings import sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import config, migrate, newest, revision
from migrations.dump_schema import SCHEMA, dumped


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


@pytest.mark.parametrize("table", ["version", "event", "entry", "feed", "node_history", "trail"])
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
        "UPDATE entry SET digest = ''",
        "UPDATE feed SET position = 7",
        "UPDATE node_history SET duty = ''",
        "UPDATE trail SET outcome = 'done'",
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
    f"INSERT INTO event VALUES ({_ID}, {_ID}, 'served', 'i', '{{}}', 'agency', 'c', {_AT})",
    f"INSERT INTO entry (kind, record_id, version, digest, at) VALUES ('record', {_ID}, 1, 'd', {_AT})",
    "INSERT INTO feed SELECT 0, id FROM entry",
    f"INSERT INTO node VALUES ({_ID}, 'n', 'penalty', 'o', '420106', 'market', 'o', NULL, NULL, false, '{{}}')",
    (
        "INSERT INTO node_history (record_id, node, computed_at, law, cause, duty) "
        f"VALUES ({_ID}, 'n', {_AT}, 'l', 'c', '{{}}')"
    ),
    f"INSERT INTO trail (at, action, outcome) VALUES ({_AT}, 'push', 'done')",
)
