"""Pulling: one record with all that is known of it, and the feed of changes."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api import wire
from app.api.contract import EVENTS, NODES, PAGE, RECORD, RECORDS, TIMELINE, answers
from app.api.cursors import read_cursor, written_cursor
from app.api.deps import CallerDep, ClockDep, LanguageDep, Now, RecordId, ShopDep, Transaction, authenticated, only
from app.api.problems import Json
from app.exchange import deliver, timeline
from app.exchange.deliver import Asked
from app.refusals import BadParameter, UnknownPath, UnknownRecordType, UnknownVersion
from schemas import RECORD_TYPES
from schemas.faults import Fault

MOST_ITEMS = 1000
LONGEST_WAIT_SECONDS = 30
LOOK_SECONDS = 0.2


def pull_routes(record_type: str) -> APIRouter:
    """The routes by which records of one type are read."""
    router = APIRouter(
        prefix=f"/v1/records/{record_type}/{{record_id}}", tags=[record_type], dependencies=[Depends(authenticated)]
    )

    async def read(record_id: RecordId, caller: CallerDep, now: Now, conn: Transaction) -> Response:
        found = await deliver.record(conn, caller, Asked(record_type, record_id), now)
        return Json(wire.record(found), headers={"ETag": f'"{found.version.version}"'})

    async def read_versions(record_id: RecordId, caller: CallerDep, now: Now, conn: Transaction) -> Response:
        found = await deliver.versions(conn, caller, Asked(record_type, record_id), now)
        return Json({"items": [wire.record(one) for one in found], "next": None})

    async def read_version(
        record_id: RecordId,
        version: str,
        caller: CallerDep,
        now: Now,
        conn: Transaction,
        compared_with: Annotated[str | None, Query(description="A version: where it differs is told")] = None,
    ) -> Response:
        other = None if compared_with is None else _version(compared_with)
        found = await deliver.record(conn, caller, Asked(record_type, record_id, _version(version), other), now)
        return Json(wire.record(found))

    async def read_events(
        record_id: RecordId, caller: CallerDep, now: Now, conn: Transaction, shop: ShopDep
    ) -> Response:
        found = await deliver.events(conn, caller, Asked(record_type, record_id), now, shop.law)
        return Json({"items": [wire.event(one) for one in found], "next": None})

    async def read_nodes(
        record_id: RecordId, caller: CallerDep, now: Now, language: LanguageDep, conn: Transaction
    ) -> Response:
        found = await deliver.nodes(conn, caller, Asked(record_type, record_id), now)
        return Json({"items": [wire.node(duty, now, language) for duty in found], "next": None})

    async def read_timeline(
        record_id: RecordId, caller: CallerDep, now: Now, language: LanguageDep, conn: Transaction, shop: ShopDep
    ) -> Response:
        found = await timeline.timeline(conn, caller, Asked(record_type, record_id), now, shop.law)
        return Json(wire.timeline(found, now, language))

    for path, handler, name, what, schema in (
        ("", read, f"read_{record_type}", f"One {record_type} as it is now", RECORD),
        ("/versions", read_versions, f"read_{record_type}_versions", "All its versions", RECORDS),
        ("/versions/{version}", read_version, f"read_{record_type}_version", "One version", RECORD),
        ("/events", read_events, f"read_{record_type}_events", "What happened to it", EVENTS),
        ("/nodes", read_nodes, f"read_{record_type}_nodes", "Its duties, and when they are due", NODES),
        ("/timeline", read_timeline, f"read_{record_type}_timeline", "The life line of its case", TIMELINE),
    ):
        # A misspelt parameter would quietly be none.
        names = ("compared_with",) if handler is read_version else ()
        router.add_api_route(
            path,
            handler,
            methods=["GET"],
            dependencies=[Depends(only(*names))],
            operation_id=name,
            summary=what,
            response_class=Json,
            responses=answers(schema, s200="As it is held"),
        )
    return router


changes = APIRouter(prefix="/v1", tags=["feed"])


def _version(text: str) -> int:
    # Nine digits are more versions than any record will have, and fit what the store can compare.
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise UnknownVersion
    return int(text)


@changes.get(
    "/changes",
    operation_id="pull_changes",
    summary="What happened since",
    dependencies=[Depends(authenticated), Depends(only("after", "limit", "types", "wait"))],
    response_class=Json,
    responses=answers(PAGE, s200="As it is held"),
)
async def read_changes(
    caller: CallerDep,
    shop: ShopDep,
    read_clock: ClockDep,
    language: LanguageDep,
    after: Annotated[str | None, Query(max_length=200, description="The `next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = 100,
    types: Annotated[str | None, Query(max_length=200, description="Record types, separated by commas")] = None,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="Seconds to wait for news")] = 0,
) -> Response:
    """Items from a position on, in the order of the log. Nothing before `scanned_to` is ever added later."""
    since = read_cursor(after, _types(types))
    loop_time = asyncio.get_running_loop().time
    until = loop_time() + wait
    while True:
        async with shop.engine.begin() as conn:
            if loop_time() >= until or await deliver.is_there_news(conn, since):
                now = read_clock()
                page = await deliver.changes(conn, caller, since, limit, now)
                break
        await asyncio.sleep(LOOK_SECONDS)
    return Json(
        {
            "items": [wire.item(item, language) for item in page.items],
            "next": written_cursor(page.head.epoch, page.scanned_to, since.types),
            "head": page.head.head,
            "scanned_to": page.scanned_to,
        }
    )


def _types(types: str | None) -> list[str] | None:
    if types is None:
        return None
    wanted = sorted(set(types.split(",")))
    if any(name not in RECORD_TYPES for name in wanted):
        raise BadParameter([Fault("/types", "unknown-code")])
    return wanted


unknown_types = APIRouter(dependencies=[Depends(authenticated)], include_in_schema=False)


@unknown_types.api_route("/v1/records/{record_type}", methods=["GET", "POST"])
@unknown_types.api_route("/v1/records/{record_type}/{rest:path}", methods=["GET", "POST", "PUT"])
async def unknown_type(record_type: str) -> Response:
    """Say that there is no such type, rather than no such path."""
    raise UnknownRecordType if record_type not in RECORD_TYPES else UnknownPath
