"""Pushing: one record, or one event of a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.api import wire
from app.api.contract import EVENT_ANSWER, RECEIPT, push_event_document, push_record_document
from app.api.deps import CallerDep, LanguageDep, Now, RecordId, Sent, ShopDep, Transaction, authenticated
from app.api.problems import Json
from app.exchange.advance import advance
from app.exchange.receive import receive
from app.refusals import ValidationFailed
from app.rules import access
from schemas.judging import judge, judge_event
from schemas.lifecycle import SHANGHAI


def today(now: datetime) -> date:
    """The Shanghai date, which is what the standard's dates are held against."""
    return now.astimezone(SHANGHAI).date()


def push_routes(record_type: str) -> APIRouter:
    """The routes by which records of one type, and their events, come in."""
    # A caller is told that it may not before its body is read.
    router = APIRouter(prefix=f"/v1/records/{record_type}", tags=[record_type], dependencies=[Depends(authenticated)])

    async def push(
        caller: CallerDep, sent: Sent, shop: ShopDep, now: Now, language: LanguageDep, conn: Transaction
    ) -> Response:
        access.may_push_at_all(caller)
        judgement = judge(record_type, sent.value, today(now), sent.faults)
        received = await receive(conn, caller, judgement, shop.law, now)
        return Json(wire.receipt(received.receipt, now, language), status_code=201 if received.is_new else 200)

    async def report(
        record_id: RecordId,
        caller: CallerDep,
        sent: Sent,
        shop: ShopDep,
        now: Now,
        language: LanguageDep,
        conn: Transaction,
    ) -> Response:
        access.may_push_at_all(caller)
        judgement = judge_event(record_type, sent.value, today(now), reading=sent.faults)
        if judgement.told is None:
            raise ValidationFailed(judgement.errors)
        advanced = await advance(conn, caller, record_type, record_id, judgement.told, shop.law, now)
        return Json(wire.advanced(advanced, now, language), status_code=201 if advanced.is_new else 200)

    def document(responses: Mapping[int, str], answer: str) -> dict[int | str, dict[str, Any]]:
        return {
            status: {"description": text, "content": {"application/json": {"schema": {"$ref": answer}}}}
            for status, text in responses.items()
        }

    router.add_api_route(
        "",
        push,
        methods=["POST"],
        operation_id=f"push_{record_type}",
        summary=f"Push one {record_type}",
        status_code=201,
        response_class=Json,
        responses=document({201: "Taken in", 200: "Held already: the same receipt"}, RECEIPT),
        openapi_extra=push_record_document(record_type),
    )
    router.add_api_route(
        "/{record_id}/events",
        report,
        methods=["POST"],
        operation_id=f"report_{record_type}_event",
        summary=f"Report an event of one {record_type}",
        status_code=201,
        response_class=Json,
        responses=document({201: "Taken in", 200: "Held already"}, EVENT_ANSWER),
        openapi_extra=push_event_document(record_type),
    )
    return router
