"""One line a request: method, path, status, time. No query string, no body, no address of a person."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger("liandong.access")


class AccessLog:
    """Writes the access log. The route's own path stands for what was asked, so that no id in a path is logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note how it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            path = getattr(scope.get("route"), "path", "(no route)")
            taken = round((time.perf_counter() - begun) * 1000, 1)
            _log.info("request", method=scope["method"], path=path, status=status, ms=taken)
