"""The public side of the standard: judging a payload without keeping it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.contract import JUDGEMENT, answers, validate_document
from app.api.deps import LanguageDep, Now, ShopDep, address_of, sent_json
from app.api.problems import Json, in_words
from app.api.push import today
from app.refusals import UnknownRecordType
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


@standard.post("/{record_type}", include_in_schema=False)
async def validate_unknown(record_type: str) -> Response:
    """Say that there is no such type."""
    raise UnknownRecordType
