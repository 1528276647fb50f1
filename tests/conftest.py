"""A real PostgreSQL for the whole run, a fresh database for each test that asks for one, and the service on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import cast

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from app import demo, postgres
from app.api.deps import Shop, clock
from app.exchange import enrol
from app.exchange.enrol import NewClient
from app.main import create_app
from app.settings import Settings, sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import migrate
from schemas import RECORD_TYPES
from schemas.lifecycle import SHANGHAI
from schemas.record import Record
from tests.tips import Tip

NOW = datetime(2026, 10, 9, 9, 2, 11, 482000, tzinfo=SHANGHAI)
"""When the service of the tests thinks it is."""

_TEMPLATE = "template_of_tests"
_numbers = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Running]:
    """A PostgreSQL of our own; LIANDONG_POSTGRES_BIN chooses which."""
    data = tmp_path_factory.mktemp("server")
    with postgres.start(data) as running:
        yield running
    postgres.discard(data)


@pytest.fixture(scope="session")
async def template(server: postgres.Running) -> str:
    """The name of a migrated database without rows, to be copied."""
    await _administer(server, f"CREATE DATABASE {_TEMPLATE}")
    engine = make_engine(sqlalchemy_url(_dsn(server, _TEMPLATE)))
    await migrate(engine)
    await engine.dispose()
    return _TEMPLATE


@pytest.fixture
async def database_url(server: postgres.Running, template: str) -> AsyncIterator[str]:
    """The address of a fresh migrated database."""
    name = f"test_{next(_numbers)}"
    await _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _dsn(server, name)
    await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_database_url(server: postgres.Running) -> AsyncIterator[str]:
    """The address of a fresh database with nothing in it."""
    name = f"test_{next(_numbers)}"
    await _administer(server, f"CREATE DATABASE {name}")
    yield _dsn(server, name)
    await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a fresh migrated database."""
    made = make_engine(sqlalchemy_url(database_url))
    yield made
    await made.dispose()


@pytest.fixture
def tips(monkeypatch: pytest.MonkeyPatch) -> None:
    """The type of `tests/tips.py` in the list of types, for one test."""
    monkeypatch.setitem(cast("dict[str, type[Record]]", RECORD_TYPES), "tip", Tip)


@dataclass
class Service:
    """The application in this process, and clients of it. `anonymous` has no token."""

    app: FastAPI
    anonymous: httpx.AsyncClient
    enrolled: dict[str, NewClient]
    now: datetime = NOW
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack, repr=False)

    @property
    def shop(self) -> Shop:
        """What the routes share: the engine, the law, the sequencer."""
        found: Shop = self.app.state.shop
        return found

    async def client(self, name: str) -> httpx.AsyncClient:
        """A client that speaks for one of the demo organisations (`app/demo.py`), its token in hand."""
        one = self.enrolled[name]
        answer = await self.anonymous.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, auth=(one.client_id, one.client_secret)
        )
        token = answer.json()["access_token"]
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
            base_url="http://service.test",
            headers={"Authorization": f"Bearer {token}"},
        )
        return await self._stack.enter_async_context(made)

    async def sequence(self) -> None:
        """Give positions to all that was committed, now rather than in a moment."""
        await self.shop.sequencer.once()


@pytest.fixture
async def service(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """The service on a fresh database with the demo organisations; its clock stands at NOW."""
    settings = Settings.from_environment({"DATABASE_URL": database_url, "LIANDONG_DATA": str(tmp_path)})
    app = create_app(settings, keeps_time=False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service.test") as anonymous,
        AsyncExitStack() as stack,
    ):
        async with app.state.shop.engine.begin() as conn:
            made = await enrol.enrol_all(conn, demo.ORGANISATIONS, NOW)
        running = Service(app, anonymous, {client.client_id: client for client in made}, _stack=stack)
        app.dependency_overrides[clock] = lambda: lambda: running.now
        yield running


def _dsn(server: postgres.Running, name: str) -> str:
    head, _, query = server.dsn.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


async def _administer(server: postgres.Running, statement: str) -> None:
    conn = await asyncpg.connect(server.dsn)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()
