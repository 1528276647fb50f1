"""Files as agencies keep them: uploaded in one request, taken in beside it, followed and mended."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, Response

from app.api import wire
from app.api.contract import FILE, answers, submit_file_document, table_answers
from app.api.deps import (
    CallerDep,
    ClockDep,
    FileId,
    LanguageDep,
    Now,
    PusherDep,
    Shop,
    ShopDep,
    Transaction,
    authenticated,
    only,
    pushing,
)
from app.api.intake import REPLAYED, answer_key
from app.api.problems import Json
from app.api.sheets import MEDIA
from app.api.upload import Form, read_form
from app.callers import Caller
from app.exchange.follow_file import annotated_file, cancel_file, follow_file
from app.exchange.keep_answer import AnsweredBefore, AnswerKey, Keeper
from app.exchange.submit_file import Arrived, Wishes, submit_file, wishes
from schemas.faults import Language

files = APIRouter(prefix="/v1/files", tags=["files"])

_ACCEPTED = 202


@files.post(
    "",
    operation_id="submit_file",
    summary="Send a workbook or CSV file as it is kept anyway",
    description="XLSX or CSV in a layout that is recognised by itself: the credit-publicity items of 2018 or 2015, the "
    "old template of Wuhan, or our own. The file is taken in beside the request: follow its `Location`.",
    dependencies=[Depends(pushing), Depends(only())],
    response_class=Response,
    status_code=_ACCEPTED,
    responses=answers(FILE, s202="It is here whole, and will be taken in"),
    openapi_extra=submit_file_document(),
)
async def submit(
    request: Request, caller: PusherDep, shop: ShopDep, read_clock: ClockDep, language: LanguageDep
) -> Response:
    """The file is safe before this answers."""
    content = await asyncio.to_thread(shop.shelf.arriving)
    try:
        form = await read_form(request, content, shop.file_bytes)
        now = read_clock()
        wished = wishes(caller, form.fields)
        key = answer_key(request, caller.client_id, _fingerprint(form))
        return await _submitted(shop, caller, form, wished, key, now, language)
    finally:
        await asyncio.to_thread(content.close)


def _fingerprint(form: Form) -> bytes:
    said = json.dumps([form.name, form.digest, sorted(form.fields)]).encode()
    return hashlib.sha256(said).digest()


async def _submitted(
    shop: Shop,
    caller: Caller,
    form: Form,
    wished: Wishes,
    key: AnswerKey | None,
    now: datetime,
    language: Language,
) -> Response:
    arrived = Arrived(form.name or "", form.content, form.digest, form.bytes, now)
    keeper = None if key is None else Keeper(key, now)
    try:
        async with shop.engine.begin() as conn:
            if keeper is not None:
                await keeper.claim(conn)
            row = await submit_file(conn, shop.shelf, caller, arrived, wished)
            answer = Json(wire.file(await follow_file(conn, caller, row.id), language), _ACCEPTED)
            if keeper is not None:
                await keeper.keep(conn, answer.status_code, bytes(answer.body))
    except AnsweredBefore as before:
        answer = Json(before.body, before.status, REPLAYED)
        row_id = json.loads(before.body)["id"]
    else:
        row_id = row.id
    answer.headers["Location"] = f"/v1/files/{row_id}"
    return answer


@files.get(
    "/{file_id}",
    operation_id="read_file",
    summary="How far a file is, and what was wrong with it",
    dependencies=[Depends(authenticated), Depends(only())],
    response_class=Json,
    responses=answers(FILE, s200="As it stands now"),
)
async def read_file(file_id: FileId, caller: CallerDep, conn: Transaction, language: LanguageDep) -> Response:
    """The file, for the organisation that sent it."""
    return Json(wire.file(await follow_file(conn, caller, file_id), language))


@files.post(
    "/{file_id}/cancellation",
    operation_id="cancel_file",
    summary="Take in no more rows of a file",
    description="What was taken in before stays. The file ends as `failed` with the fault `file-cancelled`.",
    dependencies=[Depends(pushing), Depends(only())],
    response_class=Json,
    responses=answers(FILE, s200="No other row is begun"),
)
async def cancel(file_id: FileId, caller: PusherDep, conn: Transaction, now: Now, language: LanguageDep) -> Response:
    """Asked again while it ends, it is the same."""
    return Json(wire.file(await cancel_file(conn, caller, file_id, now), language))


@files.get(
    "/{file_id}/annotated.xlsx",
    operation_id="read_annotated_file",
    summary="The rejected rows as a workbook, to be mended and sent again",
    description="Same sheets, headings and columns; the faulty cells are coloured, and three columns behind the others "
    "say where the row stood, what is wrong and what to do. It is kept for thirty days.",
    dependencies=[Depends(authenticated), Depends(only())],
    response_class=Response,
    responses=table_answers("The rejected rows", "xlsx"),
)
async def read_annotated(file_id: FileId, caller: CallerDep, shop: ShopDep, conn: Transaction, now: Now) -> Response:
    """The workbook, for the organisation that sent the file."""
    row, path = await annotated_file(conn, shop.shelf, caller, file_id, now)
    return FileResponse(path, media_type=MEDIA["xlsx"], headers=_headers(row.name))


def _headers(name: str) -> dict[str, str]:
    # RFC 6266: the name as it was sent, for programs that read it so, and a plain one for the others.
    sent = quote(f"{name.rpartition('.')[0] or name}-退回.xlsx", safe="")
    return {
        "Content-Disposition": f"attachment; filename=\"rejected.xlsx\"; filename*=UTF-8''{sent}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
