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

from app.api.deps import shop, utc_now
from app.api.problems import language_of, problem
from app.callers import Caller
from app.exchange import note
from app.refusals import BadParameter, Failed, MethodNotAllowed, Refusal, Unavailable, UnknownPath
from schemas.faults import Fault

_log = structlog.get_logger(__name__)


def refuse_in_words(app: FastAPI) -> None:
    """Let every refusal and failure of this application leave as a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(HTTPException, _not_ours)
    app.add_exception_handler(DBAPIError, _unavailable)
    app.add_exception_handler(PoolTimeout, _unavailable)
    app.add_exception_handler(OSError, _unavailable)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    refusal = cast("Refusal", error)
    await _leave_a_trail(request, refusal)
    return problem(refusal, language_of(request))


async def _leave_a_trail(request: Request, refusal: Refusal) -> None:
    route = request.scope.get("route")
    action = str(getattr(route, "operation_id", None) or getattr(route, "name", "unknown-path"))
    caller: Caller | None = getattr(request.state, "caller", None)
    await note.refused(shop(request).engine, caller, action, refusal, utc_now())


async def _bad_parameter(request: Request, error: Exception) -> Response:
    faults = [Fault(f"/{detail['loc'][-1]}", "format") for detail in cast("RequestValidationError", error).errors()]
    return await _refused(request, BadParameter(faults))


async def _not_ours(request: Request, error: Exception) -> Response:
    status = cast("HTTPException", error).status_code
    refusal: Refusal = {404: UnknownPath, 405: MethodNotAllowed}.get(status, BadParameter)()
    return problem(refusal, language_of(request))


async def _unavailable(request: Request, error: Exception) -> Response:
    # The driver's words may quote the row it choked on, so only the kind of error is kept.
    _log.error("request.unavailable", error=type(error).__name__, sqlstate=_sqlstate(error))
    return problem(Unavailable(retry_after=5), language_of(request))


def _sqlstate(error: Exception) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


async def _failed(request: Request, error: Exception) -> Response:
    _log.error(
        "request.failed",
        error=type(error).__name__,
        path=request.scope["route"].path if "route" in request.scope else None,
    )
    return problem(Failed(), language_of(request))
