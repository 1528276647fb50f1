"""A running service from settings: its database, its socket, its processes."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from uvicorn.supervisors import Multiprocess

from app import demo, postgres
from app.main import create_app
from app.processes import end_with_parent, log_to_stderr
from app.settings import Settings
from app.shelves import bucket_of
from app.store.engine import make_engine
from app.store.migrating import migrate, server_major
from app.working import working
from schemas.law import disclosure
from schemas.shipped import law

Say = Callable[[str], None]

_PARENT = "LIANDONG_PARENT"


OLDEST_SERVER = 15


class PortTaken(Exception):
    """The address is in use, or not ours to use."""


class DatabaseUnusable(Exception):
    """The database that DATABASE_URL names cannot be reached, or cannot be used by us."""


@contextmanager
def database(settings: Settings, say: Say) -> Iterator[Settings]:
    """The settings with a database that answers: the given one, the running service's, or one started for this.

    Raises postgres.AlreadyRunning if a service runs that has no database to join yet, and postgres.Unusable.
    """
    if not settings.embedded:
        yield settings
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(postgres.claim(settings.data))
        except postgres.AlreadyRunning as running:
            if running.instance.dsn is None:
                raise
            yield settings.on(running.instance.dsn)
            return
        yield settings.on(stack.enter_context(postgres.start(settings.data, say)).dsn)


def serve(settings: Settings, say: Say, ready: Callable[[Settings], None]) -> None:
    """Serve until told to stop.

    Raises LawError, postgres.AlreadyRunning, postgres.Unusable, PortTaken, DatabaseUnusable, BucketUnusable.
    `ready` is called once the database is there and the socket listens.
    """
    signal.signal(signal.SIGTERM, _leave)
    # Before anything is opened: with a law that can be read two ways no duty could be computed, nor who sees what told.
    law()
    disclosure.rows()
    with ExitStack() as stack:
        # The data folder needs one service; a database of its own is shared by as many as there are.
        claim = stack.enter_context(postgres.claim(settings.data)) if settings.embedded else None
        listening = stack.enter_context(_listening(settings))
        if settings.embedded:
            settings = settings.on(stack.enter_context(postgres.start(settings.data, say)).dsn)
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        asyncio.run(prepare(settings))
        asyncio.run(_probe_bucket(settings))
        if claim is not None:
            claim.announce(settings.address, dsn=settings.database_url)

        stack.enter_context(working(settings))
        ready(settings)
        _run(settings, listening)


async def prepare(settings: Settings) -> None:
    """Bring the database up to this release, and put the demo organisations into an empty one if asked to.

    Raises DatabaseUnusable.
    """
    engine = make_engine(settings.sqlalchemy_url)
    try:
        await _insist_on_a_known_server(engine)
        await migrate(engine)
        if settings.demo:
            await demo.load_if_empty(engine, settings.data, datetime.now(UTC))
    except (OSError, DBAPIError) as refused:
        raise DatabaseUnusable(_about(refused)) from refused
    finally:
        await engine.dispose()


async def _probe_bucket(settings: Settings) -> None:
    bucket = bucket_of(settings)
    if bucket is not None:
        await bucket.probe()


async def _insist_on_a_known_server(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        major = await server_major(conn)
    if major < OLDEST_SERVER:
        raise DatabaseUnusable(
            f"DATABASE_URL: the server is PostgreSQL {major}; {OLDEST_SERVER} or later is needed\n"
            f"数据库为 PostgreSQL {major}，需要 {OLDEST_SERVER} 或更高版本"
        )


def _about(refused: OSError | DBAPIError) -> str:
    # The first line of the driver's words names the server or the user, never the password.
    words = str(getattr(refused, "orig", refused)).splitlines()[0]
    return f"DATABASE_URL: the database cannot be used: {words}\n数据库无法使用，请检查 DATABASE_URL 和数据库服务"


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.host, settings.port))
        except OSError as refused:
            raise PortTaken(
                f"{settings.host}:{settings.port} cannot be used ({refused.strerror}): "
                f"set LIANDONG_PORT to a free port\n该地址或端口已被占用，请用 LIANDONG_PORT 指定其他端口"
            ) from refused
        yield listening


def _run(settings: Settings, listening: socket.socket) -> None:
    options = {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": 10,
        # Longer than the minute for which proxies and pools of connections keep theirs: the side that reuses a
        # connection must be the one that closes it, or a push now and then meets a closed one.
        "timeout_keep_alive": 75,
        "proxy_headers": True,
    }
    if settings.workers == 1:
        uvicorn.Server(uvicorn.Config(_made(settings), **options)).run(sockets=[listening])  # type: ignore[arg-type]
        return
    # Workers are fresh processes: what they need to know travels in the environment.
    os.environ |= {"DATABASE_URL": settings.database_url or "", "LIANDONG_DEMO": "0", _PARENT: str(os.getpid())}
    config = uvicorn.Config("app.serving:worker", factory=True, workers=settings.workers, **options)  # type: ignore[arg-type]
    Multiprocess(config, sockets=[listening]).run()


def worker() -> FastAPI:
    """The application of one of several worker processes, which ends with the process that made it."""
    end_with_parent(int(os.environ[_PARENT]))
    log_to_stderr()
    return _made(Settings.from_environment(os.environ))


def _made(settings: Settings) -> FastAPI:
    """The application, with what is there to stay left alone by the garbage collector: walking it holds requests up."""
    app = create_app(settings)
    gc.collect()
    gc.freeze()
    return app


def _leave(*_: object) -> None:
    # Uvicorn raises the signal again once it has stopped; this way what was opened is closed.
    sys.exit(0)
