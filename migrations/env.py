"""Runs the migrations on a connection handed in by `app/store/migrating.py`; plain `alembic` uses DATABASE_URL."""

from __future__ import annotations

import asyncio
import os

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from app.store.tables import metadata


def run(connection: Connection) -> None:
    """Migrate on this connection, in one transaction."""
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_by_url(url: str) -> None:
    """Migrate the database at `url`."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


handed_in: Connection | None = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    asyncio.run(run_by_url(os.environ["DATABASE_URL"]))
