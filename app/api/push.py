"""Pushing: one record, or one event of a record."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.api import wire
from app.api.contract import EVENT_ANSWER, RECEIPT, answers, push_event_document, push_record_document
from app.api.deps import LanguageDep, PusherDep, RecordId, Sent, pushing
from app.api.intake import IntakeDep
from app.api.problems import Json
from app.exchange.receipts import Advanced, Received
from app.exchange.submissions import Named, Push, Report
from app.refusals import ValidationFailed
from schemas.judging import judge, judge_event
from schemas.lifecycle import SHANGHAI


def today(now: datetime) -> date:
    """The Shanghai date, which is what the standard's dates are held against."""
    return now.astimezone(SHANGHAI).date()


def push_routes(record_type: str) -> APIRouter:
    """The routes by which records of one type, and their events, come in."""
    router = APIRouter(prefix=f"/v1/records/{record_type}", tags=[record_type], dependencies=[Depends(pushing)])

    async def push(caller: PusherDep, sent: Sent, intake: IntakeDep, language: LanguageDep) -> Response:
        now = intake.now
        judgement = judge(record_type, sent.value, today(now), sent.faults)

        def words(received: Received) -> Response:
            return Json(wire.receipt(received.receipt, now, language), status_code=201 if received.is_new else 200)

        return await intake.answer(Push(caller, judgement, now), Received, words)

    async def report(
        record_id: RecordId, caller: PusherDep, sent: Sent, intake: IntakeDep, language: LanguageDep
    ) -> Response:
        now = intake.now
        judgement = judge_event(record_type, sent.value, today(now), reading=sent.faults)
        if judgement.told is None:
            raise ValidationFailed(judgement.errors)

        def words(advanced: Advanced) -> Response:
            return Json(wire.advanced(advanced, now, language), status_code=201 if advanced.is_new else 200)

        submission = Report(caller, Named(record_type, record_id), judgement.told, now)
        return await intake.answer(submission, Advanced, words)

    router.add_api_route(
        "",
        push,
        methods=["POST"],
        operation_id=f"push_{record_type}",
        summary=f"Push one {record_type}",
        status_code=201,
        response_class=Json,
        responses=answers(RECEIPT, s201="Taken in", s200="Held already: the same receipt"),
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
        responses=answers(EVENT_ANSWER, s201="Taken in", s200="Held already"),
        openapi_extra=push_event_document(record_type),
    )
    return router
