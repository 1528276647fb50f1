"""Changing what was said: a new version of a record, the withdrawal of a record or of one of its events."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api import wire
from app.api.contract import RECEIPT, WITHDRAWAL, answers, correct_document, withdraw_document
from app.api.deps import EventId, LanguageDep, PusherDep, RecordId, Sent, pushing
from app.api.intake import Intake, IntakeDep
from app.api.problems import Json
from app.api.push import today
from app.callers import Caller
from app.exchange.receipts import Received, Withdrawn
from app.exchange.submissions import Correct, Named, Withdraw
from app.refusals import BadParameter, ValidationFailed, VersionNotStated
from schemas.faults import Fault
from schemas.judging import judge_correction, judge_withdrawal
from schemas.reading import Reading

_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*')


def matched_versions(request: Request) -> tuple[int, ...]:
    """The versions named in If-Match (RFC 9110 section 13.1.1), compared strongly: a weak tag names none.

    Raises VersionNotStated if there is none; `*` names none either: whoever changes a record says what was changed.
    BadParameter if it cannot be read.
    """
    # Several lines of a list are one list (RFC 9110 section 5.3).
    stated = ",".join(request.headers.getlist("if-match") or ["*"]).strip()
    if stated == "*":
        raise VersionNotStated
    tags = [_TAG.fullmatch(tag) for tag in stated.split(",")]
    if not all(tags):
        raise BadParameter([Fault("/If-Match", "if-match")])
    named = (tag[2] for tag in tags if tag and not tag[1])
    return tuple(int(version) for version in named if re.fullmatch(r"[1-9][0-9]{0,8}", version, re.ASCII))


Matches = Annotated[tuple[int, ...], Depends(matched_versions)]


def change_routes(record_type: str) -> APIRouter:
    """The routes by which what was said of records of one type is changed."""
    router = APIRouter(
        prefix=f"/v1/records/{record_type}/{{record_id}}", tags=[record_type], dependencies=[Depends(pushing)]
    )

    async def correct(
        record_id: RecordId,
        caller: PusherDep,
        matches: Matches,
        sent: Sent,
        intake: IntakeDep,
        language: LanguageDep,
    ) -> Response:
        now = intake.now
        judged = judge_correction(record_type, sent.value, today(now), sent.faults)
        if judged.reason is None or judged.judgement is None:
            raise ValidationFailed([fault for fault in judged.faults if fault.is_error])

        def words(received: Received) -> Response:
            said = wire.receipt(received.receipt, now, language)
            return Json(said, 201 if received.is_new else 200, {"ETag": f'"{received.receipt.version}"'})

        submission = Correct(caller, Named(record_type, record_id), matches, judged.reason, judged.judgement, now)
        return await intake.answer(submission, Received, words)

    async def withdraw(record_id: RecordId, caller: PusherDep, sent: Sent, intake: IntakeDep) -> Response:
        return await _withdrawn(intake, caller, Named(record_type, record_id), sent)

    async def withdraw_event(
        record_id: RecordId, event_id: EventId, caller: PusherDep, sent: Sent, intake: IntakeDep
    ) -> Response:
        return await _withdrawn(intake, caller, Named(record_type, record_id), sent, event_id)

    router.add_api_route(
        "",
        correct,
        methods=["PUT"],
        operation_id=f"correct_{record_type}",
        summary=f"Put a new version of one {record_type} in place, with the reason",
        status_code=201,
        response_class=Json,
        responses=answers(RECEIPT, s201="A new version holds", s200="Nothing changed: the receipt that holds"),
        openapi_extra=correct_document(record_type),
    )
    for path, handler, name, what in (
        ("/withdrawal", withdraw, f"withdraw_{record_type}", f"Take back one {record_type}"),
        (
            "/events/{event_id}/withdrawal",
            withdraw_event,
            f"withdraw_{record_type}_event",
            f"Take back an event of one {record_type}",
        ),
    ):
        router.add_api_route(
            path,
            handler,
            methods=["POST"],
            operation_id=name,
            summary=what,
            status_code=201,
            response_class=Json,
            responses=answers(WITHDRAWAL, s201="Taken back", s200="Taken back already"),
            openapi_extra=withdraw_document(),
        )
    return router


async def _withdrawn(
    intake: Intake, caller: Caller, at: Named, sent: Reading, event_id: UUID | None = None
) -> Response:
    reason, faults = judge_withdrawal(sent.value, sent.faults)
    if reason is None:
        raise ValidationFailed(faults)

    def words(withdrawn: Withdrawn) -> Response:
        return Json(wire.withdrawn(withdrawn, intake.now), status_code=201 if withdrawn.is_new else 200)

    return await intake.answer(Withdraw(caller, at, reason, intake.now, event_id), Withdrawn, words)
