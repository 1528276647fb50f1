"""How refusals and failures leave the service: as problems, and with a row in the trail."""

from __future__ import annotations

from typing import cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.deps import address_of, shop, system_time
from app.api.problems import language_of, problem
from app.callers import Caller
from app.exchange import note
from app.refusals import BadParameter, Failed, MethodNotAllowed, Refusal, TooManyRequests, Unavailable, UnknownPath
from schemas.faults import Fault

# Connection, rollback, resources, object state (locks), operator intervention: PostgreSQL's error classes.
_PASSING = ("08", "40", "53", "55", "57")

_log = structlog.get_logger(__name__)


def refuse_in_words(app: FastAPI) -> None:
    """Let every refusal and failure of this application leave as a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(HTTPException, _not_ours)
    app.add_exception_handler(DBAPIError, _unavailable)
    app.add_exception_handler(PoolTimeout, _unavailable)
    app.add_exception_handler(OSError, _unavailable)


async def _refused(request: Request, error: Exception) -> Response:
    refusal = cast("Refusal", error)
    await _leave_a_trail(request, refusal)
    return problem(refusal, language_of(request))


async def _leave_a_trail(request: Request, refusal: Refusal) -> None:
    route = request.scope.get("route")
    # push_penalty, report_penalty_event, read_penalty_nodes …: the verb is what was tried.
    action = str(getattr(route, "operation_id", None) or "unknown").partition("_")[0]
    caller: Caller | None = getattr(request.state, "caller", None)
    if isinstance(refusal, TooManyRequests) or (caller is None and not _is_paced(request)):
        return
    await note.refused(shop(request).engine, caller, action, refusal, system_time())


def _is_paced(request: Request) -> bool:
    """Whether a refusal of nobody in particular may still be written down: the trail is never emptied."""
    try:
        shop(request).refusal_pace.take(address_of(request))
    except TooManyRequests:
        return False
    return True


async def _bad_parameter(request: Request, error: Exception) -> Response:
    faults = [Fault(f"/{detail['loc'][-1]}", "format") for detail in cast("RequestValidationError", error).errors()]
    return await _refused(request, BadParameter(faults))


async def _not_ours(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    refusal: Refusal = {404: UnknownPath, 405: MethodNotAllowed}.get(known.status_code, BadParameter)()
    answer = problem(refusal, language_of(request))
    # Allow, of a 405 (RFC 9110 section 15.5.6).
    answer.headers.update(known.headers or {})
    return answer


async def _unavailable(request: Request, error: Exception) -> Response:
    # The driver's words may quote the row it choked on, so only the kind of error is kept.
    _log.error("request.unavailable", error=type(error).__name__, sqlstate=_sqlstate(error))
    passing = not isinstance(error, DBAPIError) or _passes(error)
    return problem(Unavailable(retry_after=5) if passing else Failed(), language_of(request))


def _passes(error: DBAPIError) -> bool:
    """Whether it is worth sending the request again: the connection, its resources or a lock were to blame."""
    sqlstate = _sqlstate(error)
    return error.connection_invalidated or sqlstate is None or sqlstate.startswith(_PASSING)


def _sqlstate(error: Exception) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)
