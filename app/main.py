"""The service as a contents page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.responses import RedirectResponse

from app.api.access_log import AccessLog
from app.api.answers import refuse_in_words
from app.api.attachments import attachment_routes
from app.api.batch import batches
from app.api.change import change_routes
from app.api.contract import VERSION, document
from app.api.deps import MOST_BYTES, MOST_MEMBERS, Shop, system_time
from app.api.files import files
from app.api.health import health
from app.api.keys import TokenKey
from app.api.last_resort import LastResort
from app.api.metrics import Meter, metrics
from app.api.nodes import nodes
from app.api.pace import Pace
from app.api.pull import changes, pull_routes, unknown_types
from app.api.push import push_routes
from app.api.search import search_routes
from app.api.sheets import Workshop
from app.api.standard import standard, template_routes, validate_routes
from app.api.statistics import statistics
from app.api.tokens import tokens
from app.exchange.keep_time import Timekeeping
from app.exchange.law_in_force import LawInForce
from app.exchange.receive_batch import MOST_AT_ONCE, Depot, Limits
from app.exchange.sequence import Sequencer
from app.exchange.vault import sweep
from app.jobs import clock
from app.settings import Settings
from app.shelves import shelf_of, vault_of
from app.store.engine import make_engine
from schemas import RECORD_TYPES
from schemas.shipped import law

MANY_WORKERS = 8
KEPT_ARRIVING = timedelta(days=1)
"""Longer than any attachment takes to arrive: another process may be receiving it."""


def create_app(settings: Settings, *, keeps_time: bool = True) -> FastAPI:
    """The service for these settings; `settings.database_url` must be known and migrated.

    Without `keeps_time` nothing happens by the mere passing of time: for tests, whose clock stands still.
    """
    app = FastAPIOffline(
        title="联动 Liandong",
        version=VERSION,
        lifespan=_lifespan(settings, keeps_time=keeps_time),
        redoc_url=None,
        redirect_slashes=False,
    )

    app.include_router(health)
    app.include_router(tokens)
    for record_type in RECORD_TYPES:
        app.include_router(push_routes(record_type))
        app.include_router(change_routes(record_type))
        app.include_router(search_routes(record_type))
        app.include_router(pull_routes(record_type))
        app.include_router(attachment_routes(record_type))
        app.include_router(validate_routes(record_type))
        app.include_router(template_routes(record_type))
    app.include_router(batches)
    app.include_router(files)
    app.include_router(changes)
    app.include_router(nodes)
    app.include_router(statistics)
    app.include_router(metrics)
    app.include_router(standard)
    app.include_router(unknown_types)

    app.state.workshop = Workshop.opened()
    app.state.meter = Meter(settings.metrics_token)
    app.add_middleware(LastResort)
    app.add_middleware(AccessLog)
    refuse_in_words(app)
    app.add_api_route("/", _to_the_documentation, include_in_schema=False)
    app.openapi = _documented_once(app)  # type: ignore[method-assign]  # FastAPI's own way to replace the document
    return app


def _lifespan(settings: Settings, *, keeps_time: bool) -> Any:  # noqa: ANN401 – FastAPI's own type is a union nobody can name
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = make_engine(settings.sqlalchemy_url, processes=settings.workers)
        limits = Limits(settings.batch_megabytes * 1024 * 1024, settings.batch_lines, MOST_BYTES, MOST_MEMBERS)
        in_force = LawInForce(law())
        async with engine.connect() as conn:
            await in_force.refresh(conn)
        vault = vault_of(settings)
        sweep(vault.scratch, (system_time() - KEPT_ARRIVING).timestamp())
        time = clock.running(Timekeeping(engine, in_force), system_time) if keeps_time else nullcontext()
        async with Sequencer(engine).running() as sequencer, time:
            # Many processes have few connections each, and two batches under keys need four.
            turns = MOST_AT_ONCE if settings.workers <= MANY_WORKERS else 1
            with Depot.open(settings.data / "spool", limits, turns) as depot:
                app.state.shop = Shop(
                    engine=engine,
                    in_force=in_force,
                    sequencer=sequencer,
                    token_key=TokenKey.kept_in(settings.data / "keys"),
                    validate_pace=Pace(burst=100, per_second=20),
                    token_pace=Pace(burst=30, per_second=5),
                    refusal_pace=Pace(burst=100, per_second=1),
                    depot=depot,
                    shelf=shelf_of(settings),
                    file_bytes=settings.file_megabytes * 1024 * 1024,
                    vault=vault,
                    attachment_bytes=settings.attachment_megabytes * 1024 * 1024,
                )
                yield
        await engine.dispose()

    return lifespan


async def _to_the_documentation() -> RedirectResponse:
    return RedirectResponse("/docs")


def _documented_once(app: FastAPI) -> Any:  # noqa: ANN401
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    return openapi
