"""The one engine of a process, and the connections others borrow from it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_MOST_CONNECTIONS = 50
"""The embedded server takes 60, a server as Debian sets it up 100."""

_SETTINGS = {
    "application_name": "liandong",
    "timezone": "Asia/Shanghai",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    # What follows a lock must see what its last holder did (receive, sequence).
    "default_transaction_isolation": "read committed",
    # An open write anywhere in the cluster holds the feed back (store/feed.py).
    "idle_in_transaction_session_timeout": "60s",
}


def make_engine(sqlalchemy_url: str, *, processes: int = 1) -> AsyncEngine:
    """An engine for `postgresql+asyncpg://…`; connections are tested before use: a restarted server is found again.

    `processes` that serve side by side share `_MOST_CONNECTIONS` of the server, three each at the least: a batch under
    a key needs two at a time.
    """
    most_connections = max(3, min(10, _MOST_CONNECTIONS // processes))
    return create_async_engine(
        sqlalchemy_url,
        pool_size=most_connections // 2,
        max_overflow=most_connections - most_connections // 2,
        pool_timeout=10,
        pool_pre_ping=True,
        # An error's words go to the log; what was being stored does not.
        hide_parameters=True,
        connect_args={"server_settings": _SETTINGS},
    )


async def without_limits(conn: AsyncConnection) -> None:
    """Let this transaction wait for locks and work as long as it takes: nobody is waiting for its answer."""
    await conn.execute(text("SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)"))
