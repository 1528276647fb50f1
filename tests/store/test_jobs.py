"""The queue's tables are what its library declares, and a job is there when its transaction is."""

from __future__ import annotations

import asyncpg
import pytest
from pgqueuer.domain.settings import DBSettings
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store import jobs

IMPORT = jobs.importing("a shelf")


async def _queued(engine: AsyncEngine) -> list[tuple[str, bytes]]:
    async with engine.connect() as conn:
        rows = await conn.execute(text("SELECT entrypoint, payload FROM jobs.pgqueuer ORDER BY id"))
        return [(row.entrypoint, bytes(row.payload)) for row in rows]


async def test_our_migrations_make_the_tables_that_the_library_declares(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        plan = await jobs.queries(connection).plan_upgrade()
    finally:
        await connection.close()

    assert list(plan.statements) == []


@pytest.mark.parametrize("name", [name for name in DBSettings.model_fields if name != "widen_id"])
def test_no_name_is_left_to_variables_of_the_environment(name: str) -> None:
    assert name in jobs.SETTINGS.model_fields_set


async def test_a_job_is_queued_with_its_transaction_or_not_at_all(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        await jobs.enqueue(conn, IMPORT, "taken back")
        await conn.rollback()
    async with engine.begin() as conn:
        await jobs.enqueue(conn, IMPORT, "kept")

    assert await _queued(engine) == [(IMPORT, b"kept")]


async def test_the_same_job_is_queued_once(engine: AsyncEngine) -> None:
    for payload in ("one", "other", "one"):
        async with engine.begin() as conn:
            await jobs.enqueue(conn, IMPORT, payload)

    assert await _queued(engine) == [(IMPORT, b"one"), (IMPORT, b"other")]
