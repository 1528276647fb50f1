"""What nobody foresaw still leaves as a problem, and the log tells where it happened, never with what."""

from __future__ import annotations

import traceback

import structlog
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import language_of, problem
from app.refusals import Failed

_log = structlog.get_logger(__name__)


class LastResort:
    """Answers 500 for an exception no handler knew.

    The framework's own last resort would raise it again for the server to log, words and all; and the words of
    an exception may quote what somebody sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer for it if it breaks."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            _log.info("request.left", path=getattr(scope.get("route"), "path", "(no route)"))
        except Exception as error:  # noqa: BLE001 – the last resort is for everything
            frames = traceback.extract_tb(error.__traceback__)[-8:]
            where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
            _log.error("request.failed", error=type(error).__name__, where=where)
            if scope["type"] == "http" and not begun:
                await problem(Failed(), language_of(Request(scope)))(scope, receive, send)
