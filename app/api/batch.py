"""Batches: any number of records and events of any type in one request."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import IO, Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api import wire
from app.api.arriving import arriving, too_large
from app.api.contract import BATCH_ANSWER, answers, push_batch_document
from app.api.deps import ClockDep, LanguageDep, PusherDep, Shop, ShopDep, only, pushing, stated_length
from app.api.intake import REPLAYED, answer_key
from app.api.problems import STATUS, body
from app.exchange.receipts import Advanced, Received
from app.exchange.receive_batch import Batch, Depot, Mode, Split, receive_batch
from app.exchange.results import Results
from app.exchange.splitting import elements, lines
from app.exchange.spool import private_file
from app.exchange.submissions import Outcome
from app.refusals import Refusal, UnsupportedContentType
from schemas.faults import Language

_HELD_BYTES = 256 * 1024
"""Of an arriving body, before they are written to its file."""

_SPLITS: dict[str, Split] = {
    "application/json": elements,
    "application/x-ndjson": lines,
    "application/ndjson": lines,
    "application/jsonl": lines,
}

batches = APIRouter(prefix="/v1", tags=["batches"])


@batches.post(
    "/batches",
    operation_id="push_batch",
    summary="Push records and events of any type",
    dependencies=[Depends(pushing), Depends(only("mode"))],
    response_class=Response,
    responses=answers(
        BATCH_ANSWER, s200="All taken in or held already", s207="Some were refused", s422="Nothing was taken in"
    ),
    openapi_extra=push_batch_document(),
)
async def push_batch(
    request: Request,
    caller: PusherDep,
    shop: ShopDep,
    read_clock: ClockDep,
    language: LanguageDep,
    mode: Annotated[Mode, Query(description="atomic: all or nothing")] = "independent",
) -> Response:
    """One result for each line, in order. Cut off half way, or answered 503: send it again, every line tells."""
    split = _split_for(request)
    fingerprint = hashlib.sha256()
    with await _spooled(request, shop.depot, fingerprint.update) as file:
        # When all of it was here: who opens a request in time and sends it late was late.
        now = read_clock()
        key = answer_key(request, caller.client_id, fingerprint.digest())
        results = await _taken_in(shop, Batch(caller, file, split, now, _Words(now, language), key), mode)
    return _Answer(results)


async def _taken_in(shop: Shop, batch: Batch, mode: Mode) -> Results:
    try:
        return await receive_batch(shop.engine, shop.depot, shop.law, batch, mode)
    finally:
        shop.sequencer.nudge()


def _split_for(request: Request) -> Split:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _SPLITS:
        raise UnsupportedContentType
    return _SPLITS[kind]


# The body, coming in --------------------------------------------------------------------------------------------------


async def _spooled(request: Request, depot: Depot, look: Callable[[bytes], None]) -> IO[bytes]:
    """The body in a private file, shown to `look` piece by piece. Raises TooLarge, TooSlow."""
    most = depot.limits.body_bytes
    if stated_length(request) > most:
        raise too_large(most)
    file = private_file(depot.folder)
    try:
        await _write(request, file, most, look)
    except BaseException:
        file.close()
        raise
    return file


async def _write(request: Request, file: IO[bytes], most: int, look: Callable[[bytes], None]) -> None:
    size, held = 0, bytearray()
    async for chunk in arriving(request):
        size += len(chunk)
        if size > most:
            raise too_large(most)
        look(chunk)
        held += chunk
        if len(held) >= _HELD_BYTES:
            await asyncio.to_thread(file.write, held)
            held = bytearray()
    await asyncio.to_thread(file.write, held)


# The answer, going out ------------------------------------------------------------------------------------------------


class _Words:
    """What became of a line, as it would be answered if it had been sent alone."""

    def __init__(self, now: datetime, language: Language) -> None:
        self._now = now
        self._language = language

    def __call__(self, number: int, outcome: Outcome) -> bytes:
        """The result of the line of this number."""
        status, told = self._told(outcome)
        return orjson.dumps({"index": number, "status": status} | told)

    def _told(self, outcome: Outcome) -> tuple[int, dict[str, Any]]:
        if isinstance(outcome, Refusal):
            return STATUS[type(outcome)], {"problem": body(outcome, self._language)}
        status = 201 if outcome.is_new else 200
        if isinstance(outcome, Received):
            return status, {"receipt": wire.receipt(outcome.receipt, self._now, self._language)}
        if isinstance(outcome, Advanced):
            return status, {"event": wire.advanced(outcome, self._now, self._language)}
        raise TypeError(outcome)


class _Answer(StreamingResponse):
    """The results, read from their file as fast as the caller takes them; the file goes however this ends."""

    def __init__(self, results: Results) -> None:
        headers = {"Cache-Control": "no-store"} | (REPLAYED if results.was_told else {})
        status = 422 if not results.is_anything_stored else 207 if results.counts["rejected"] else 200
        super().__init__(results.pieces(), status, headers, "application/json")
        self._results = results

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._results.close()
