"""Attachments as an agency names and sends them."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
from starlette.types import Message

from schemas.publishing import examples
from tests.api.held import Held, pushed
from tests.api.promises import Json, without
from tests.conftest import Service

PDF = "application/pdf"
NAME = "送达回证 张三丰.pdf"
DECIDED = without(examples("penalty")["decided"], "/events")
SEVERAL_PIECES = 3 * 256 * 1024 + 17
"""A size that leaves, and is read, in several pieces."""


def pdf(size: int = 2000, seed: str = "回证") -> bytes:
    """Bytes that begin as a PDF file does, always the same of one size and seed."""
    return (b"%PDF-1.7\n" + hashlib.shake_256(seed.encode()).digest(size))[:size]


def digest_of(content: bytes) -> str:
    """The digest of a content, as it is named."""
    return "sha-256:" + hashlib.sha256(content).hexdigest()


def attachment(content: bytes, **changes: object) -> dict[str, Any]:
    """How a content is named."""
    said = {"name": NAME, "digest": digest_of(content), "bytes": len(content), "media_type": PDF}
    return said | changes


def served(content: bytes, **changes: object) -> dict[str, Any]:
    """The event that names it."""
    named = attachment(content, **changes)
    return {"event": "served", "occurred_at": "2026-09-30", "method": "direct", "attachment": named}


async def naming(service: Service, content: bytes, record: Json = DECIDED, **changes: object) -> Held:
    """A penalty whose service names a content that has not been sent yet."""
    return await pushed(service, record | {"events": [served(content, **changes)]})


def place(held: Held, content: bytes) -> str:
    """The address of a content."""
    return f"{held.address}/attachments/{digest_of(content)}"


async def put(client: httpx.AsyncClient, held: Held, content: bytes, sent: Any = None) -> httpx.Response:  # noqa: ANN401 – what httpx takes as content
    """Send what is named as `content`; `sent`: something else in its place."""
    return await client.put(place(held, content), content=content if sent is None else sent)


async def raw(service: Service, client: httpx.AsyncClient, method: str, path: str, *bodies: Message) -> list[Message]:
    """What the application itself answers to somebody who sends these messages and is gone then."""
    coming, answered = list(bodies), []

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in client.headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("service.test", 80),
        "state": {},
    }
    await service.app(scope, receive, send)
    return answered
