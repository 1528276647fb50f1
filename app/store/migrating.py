"""Bringing a database up to the schema of this release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.store.engine import without_limits

ROOT = Path(__file__).resolve().parents[2]
_LOCK = 0x6C69616E646F6E67  # "liandong": one migration at a time, however many services start together


def config() -> Config:
    """Alembic's configuration, found beside the migrations."""
    return Config(ROOT / "alembic.ini")


def newest() -> str:
    """The revision this release works with."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None, "no migrations are installed"  # noqa: S101 – a broken installation, not an input
    return head


async def migrate(engine: AsyncEngine) -> None:
    """Bring the database up to `newest()`. Waits for another service that is doing so."""
    async with engine.begin() as connection:
        await without_limits(connection)
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


async def revision(conn: AsyncConnection) -> str | None:
    """The revision the database is at; None if it was never migrated."""
    if (await conn.execute(text("SELECT to_regclass('alembic_version')"))).scalar_one() is None:
        return None
    held: str | None = (await conn.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    return held


async def server_major(conn: AsyncConnection) -> int:
    """The server's major version."""
    return int((await conn.execute(text("SHOW server_version_num"))).scalar_one()) // 10000
