"""Attachments of records of one type: what is named, and the contents as they are sent and handed out."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from app.api import wire
from app.api.arriving import arriving, too_large
from app.api.contract import ATTACHMENT, ATTACHMENTS, answers, attach_document, content_answers
from app.api.deps import (
    CallerDep,
    ClockDep,
    Now,
    PusherDep,
    RecordId,
    Shop,
    ShopDep,
    Transaction,
    authenticated,
    only,
    stated_length,
)
from app.api.problems import Json
from app.callers import Caller
from app.exchange import attachments, note
from app.exchange.attachments import Arrived, Asked, HandedOut
from app.exchange.submit_file import shown_name
from app.exchange.vault import landing
from app.refusals import AttachmentDamaged, SizeDiffers
from app.rules.media import HEAD_BYTES

_HELD_BYTES = 1024 * 1024


def attachment_routes(record_type: str) -> APIRouter:
    """The routes of the attachments of records of one type."""
    router = APIRouter(
        prefix=f"/v1/records/{record_type}/{{record_id}}/attachments",
        tags=[record_type],
        dependencies=[Depends(authenticated), Depends(only())],
    )

    async def read_all(record_id: RecordId, caller: CallerDep, now: Now, conn: Transaction) -> Response:
        found = await attachments.listed(conn, caller, record_type, record_id, now)
        return Json({"items": [wire.attachment(one) for one in found], "next": None})

    async def attach(
        request: Request, record_id: RecordId, digest: str, caller: PusherDep, shop: ShopDep, read_clock: ClockDep
    ) -> Response:
        asked = Asked(record_type, record_id, digest)
        most = await _most(request, shop, caller, asked)
        async with landing(shop.vault.scratch) as content:
            arrived = await _received(request, content, most)
            async with shop.engine.connect() as conn:
                media_type = await attachments.check(conn, caller, asked, arrived)
            # The bytes first: bytes without a row are nobody's, a row without bytes could not be kept to.
            await shop.vault.put(digest, arrived.path)
        async with shop.engine.begin() as conn:
            kept = await attachments.attach(conn, caller, asked, arrived, media_type, read_clock())
        return Json(wire.kept(kept), 201 if kept.is_new else 200, {"ETag": f'"{digest}"'})

    async def read(record_id: RecordId, digest: str, caller: CallerDep, shop: ShopDep, now: Now) -> Response:
        # Closed before the content is looked for: a store that is slow holds no connection.
        async with shop.engine.begin() as conn:
            found = await attachments.hand_out(conn, shop.vault, caller, Asked(record_type, record_id, digest), now)
        # A content of one piece is held against its digest before anything is said of it.
        first = await anext(found.pieces)
        return StreamingResponse(_pieces(shop, caller, found, first, now), headers=_headers(found))

    router.add_api_route(
        "",
        read_all,
        methods=["GET"],
        operation_id=f"read_{record_type}_attachments",
        summary="What files it and its events name, and which of them are here",
        response_class=Json,
        responses=answers(ATTACHMENTS, s200="As it is held"),
    )
    router.add_api_route(
        "/{digest}",
        attach,
        methods=["PUT"],
        operation_id=f"attach_{record_type}",
        summary="Send the content of a file that it or one of its events names",
        description="Named first, sent then, by who named it: size, digest and media type are those named, or nothing "
        "is kept. Sent again it is taken again, whole.",
        status_code=201,
        response_class=Json,
        responses=answers(ATTACHMENT, s201="It is kept", s200="It was kept for this record before"),
        openapi_extra=attach_document(),
    )
    router.add_api_route(
        "/{digest}",
        read,
        methods=["GET"],
        operation_id=f"read_{record_type}_attachment",
        summary="The content of a file that it or one of its events names",
        description="An answer that breaks off before its `Content-Length` is of a content that was damaged: its last "
        "piece leaves only when the digest of the whole was found to be right.",
        response_class=Response,
        responses=content_answers(),
    )
    return router


async def _most(request: Request, shop: Shop, caller: Caller, asked: Asked) -> int:
    """How many bytes are to come; what will not fit is refused before it is sent. Raises TooLarge, SizeDiffers."""
    async with shop.engine.connect() as conn:
        most = await attachments.awaited(conn, caller, asked)
    stated = stated_length(request)
    if max(most, stated) > shop.attachment_bytes:
        raise too_large(shop.attachment_bytes)
    if stated not in (0, most):
        raise SizeDiffers
    return most


async def _received(request: Request, content: IO[bytes], most: int) -> Arrived:
    """Put a body down as it comes. Raises TooSlow, SizeDiffers as soon as there is more than was named."""
    found, size, head, held = hashlib.sha256(), 0, b"", bytearray()
    async for chunk in arriving(request):
        size += len(chunk)
        if size > most:
            raise SizeDiffers
        held += chunk
        if len(held) >= _HELD_BYTES:
            head = head or bytes(held[:HEAD_BYTES])
            await asyncio.to_thread(_put_down, content, found, held)
            held = bytearray()
    head = head or bytes(held[:HEAD_BYTES])
    await asyncio.to_thread(_put_down, content, found, held)
    return Arrived(Path(content.name), f"sha-256:{found.hexdigest()}", head, size)


def _put_down(content: IO[bytes], found: hashlib._Hash, held: bytearray) -> None:
    found.update(held)
    content.write(held)
    content.flush()


async def _pieces(shop: Shop, caller: Caller, found: HandedOut, first: bytes, now: datetime) -> AsyncIterator[bytes]:
    """The content. What is found to be damaged on the way breaks off, and that it did is noted."""
    async with aclosing(found.pieces):
        yield first
        try:
            async for piece in found.pieces:
                yield piece
        except AttachmentDamaged as damaged:
            await note.refused(shop.engine, caller, "read", damaged, now)
            raise


def _headers(found: HandedOut) -> dict[str, str]:
    # RFC 6266: the name as it was given, for programs that read it so, and a plain one for the others.
    name = quote(shown_name(found.name), safe="")
    return {
        "Content-Type": found.media_type,
        "Content-Length": str(found.bytes),
        "Content-Disposition": f"attachment; filename=\"attachment\"; filename*=UTF-8''{name}",
        "ETag": f'"{found.digest}"',
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }
