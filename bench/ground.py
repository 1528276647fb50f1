"""What benches begin from: a database of this release on a scratch server, somebody who pushes, and a bare table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from app import demo, postgres
from app.callers import Caller
from app.exchange import enrol
from app.settings import sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import migrate


@dataclass(frozen=True, slots=True)
class Ground:
    """`pool`: connections of the driver, to a database that has a table `floor` of one column, `payload`."""

    engine: AsyncEngine
    caller: Caller
    pool: asyncpg.Pool[asyncpg.Record]


@asynccontextmanager
async def prepared(server: postgres.Running, now: datetime) -> AsyncIterator[Ground]:
    """The ground as long as the block runs."""
    engine = make_engine(sqlalchemy_url(server.dsn))
    await migrate(engine)
    async with engine.begin() as conn:
        made = await enrol.enrol_all(conn, demo.ORGANISATIONS[:1], now)
        caller = await enrol.caller_for(conn, made[0].client_id)
    if caller is None:
        raise RuntimeError("the client that was just made is not there")
    pool = await asyncpg.create_pool(server.dsn, max_size=10)
    await pool.execute("CREATE TABLE floor (payload text NOT NULL)")
    try:
        yield Ground(engine, caller, pool)
    finally:
        await pool.close()
        await engine.dispose()
