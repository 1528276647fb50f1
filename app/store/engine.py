"""The one engine of a process, and the connections others borrow from it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_SETTINGS = {
    "application_name": "liandong",
    "timezone": "Asia/Shanghai",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    # An open write anywhere in the cluster holds the feed back (store/feed.py).
    "idle_in_transaction_session_timeout": "60s",
}


def make_engine(sqlalchemy_url: str, *, most_connections: int = 10) -> AsyncEngine:
    """An engine for `postgresql+asyncpg://…`; connections are tested before use: a restarted server is found again."""
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
