"""The public side of the standard: judging a payload without keeping it, and workbooks to be filled in."""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.contract import JUDGEMENT, answers, table_answers, validate_document
from app.api.deps import LanguageDep, Now, ShopDep, address_of, sent_json
from app.api.problems import Json, in_words
from app.api.push import today
from app.api.sheets import MEDIA
from app.refusals import UnknownRecordType
from app.workbooks.template import template
from schemas.judging import judge

standard = APIRouter(prefix="/v1/validate", tags=["standard"])


def validate_routes(record_type: str) -> APIRouter:
    """The route that judges payloads of one type. Public; nothing is stored, no body is logged."""
    router = APIRouter(prefix="/v1/validate", tags=["standard"])

    async def validate(request: Request, shop: ShopDep, now: Now, language: LanguageDep) -> Response:
        shop.validate_pace.take(address_of(request))
        sent = await sent_json(request)
        judgement = judge(record_type, sent.value, today(now), sent.faults)
        return Json(
            {
                "valid": not judgement.errors,
                "errors": in_words(judgement.errors, language),
                "warnings": in_words(judgement.warnings, language),
            }
        )

    router.add_api_route(
        f"/{record_type}",
        validate,
        methods=["POST"],
        operation_id=f"validate_{record_type}",
        summary=f"Judge one {record_type} without keeping it",
        response_class=Json,
        responses=answers(JUDGEMENT, s200="What was found"),
        openapi_extra=validate_document(record_type),
    )
    return router


def template_routes(record_type: str) -> APIRouter:
    """The route of the workbook in which records of one type can be filled in. Public."""
    router = APIRouter(prefix="/v1/standard", tags=["standard"])

    async def read_template(request: Request, shop: ShopDep) -> Response:
        shop.validate_pace.take(address_of(request))
        headers = {"Content-Disposition": f'attachment; filename="{record_type}.xlsx"'}
        return Response(await asyncio.to_thread(_template, record_type), media_type=MEDIA["xlsx"], headers=headers)

    router.add_api_route(
        f"/{record_type}/template.xlsx",
        read_template,
        methods=["GET"],
        operation_id=f"read_{record_type}_template",
        summary=f"An empty workbook for records of type {record_type}",
        response_class=Response,
        responses=table_answers("Headings, pick lists, notes and an example, made from the standard", "xlsx"),
    )
    return router


@cache
def _template(record_type: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="liandong-template-") as folder:
        path = Path(folder) / "template.xlsx"
        template(record_type, path)
        return path.read_bytes()


@standard.post("/{record_type}", include_in_schema=False)
async def validate_unknown(record_type: str) -> Response:
    """Say that there is no such type."""
    raise UnknownRecordType
