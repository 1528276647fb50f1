"""The queue of work that is done beside the requests: pgqueuer's tables, in a schema of their own."""

from __future__ import annotations

from typing import Any

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.db import AsyncpgDriver
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# All of them named here: what is left out the library would take from environment variables such as CHANNEL.
SETTINGS = DBSettings(
    prefix="",
    db_schema="jobs",
    channel=Channel("ch_pgqueuer"),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=Durability.durable,
)


def importing(shelf: str) -> str:
    """The entrypoint of files of a shelf that wait to be taken in; the payload of a job is the file's id."""
    return f"import_file {shelf}"


def queries(connection: Any) -> Queries:  # noqa: ANN401 – the driver's own, or the framework's view of it
    """The library's statements over a connection of the driver."""
    return Queries(
        AsyncpgDriver(connection),
        qbe=QueryBuilderEnvironment(SETTINGS),
        qbq=QueryQueueBuilder(SETTINGS),
        qbs=QuerySchedulerBuilder(SETTINGS),
    )


async def enqueue(conn: AsyncConnection, entrypoint: str, payload: str) -> None:
    """Queue a job in this transaction; it begins after the commit. Nothing if the same one is waiting or under way."""
    # The transaction of a connection begins with its first statement.
    if await _is_queued(conn, f"{entrypoint}:{payload}"):
        return
    raw = (await conn.get_raw_connection()).driver_connection
    await queries(raw).enqueue(entrypoint, payload.encode(), dedupe_key=f"{entrypoint}:{payload}")


async def _is_queued(conn: AsyncConnection, dedupe_key: str) -> bool:
    query = "SELECT EXISTS (SELECT FROM jobs.pgqueuer WHERE dedupe_key = :key AND status IN ('queued', 'picked'))"
    return bool((await conn.execute(text(query), {"key": dedupe_key})).scalar_one())
