"""What every answer promises, whatever was asked: the problem's shape, nothing stored, nobody named."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from sqlalchemy import text

from schemas.faults import wordings
from tests.conftest import Service

CHINESE = re.compile("[\u3400-\u9fff]")
TABLES = ("record", "version", "event", "withdrawal", "wording", "entry", "node", "node_history", "kept_answer")

Json = Any
"""Any JSON value; its members are whatever the caller says they are."""

Told = tuple[int, str, tuple[tuple[str, str], ...]]
"""Status, code, and the pointer and code of each fault, in the order in which they were told."""

PUSH = "/v1/records/penalty"
VALIDATE = "/v1/validate/penalty"

NEVER_REFILLS = 1e-6
"""The long run of a pace, for tests that count what the burst lets through however slow the machine is."""


async def rows(service: Service) -> dict[str, int]:
    """How many rows there are of everything that a push writes."""
    query = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in TABLES)
    async with service.shop.engine.connect() as conn:
        return dict((await conn.execute(text(f"SELECT {query}"))).one()._mapping)


async def trail(service: Service) -> list[dict[str, Any]]:
    """What callers did, oldest first, without their tokens and without what the administrator set up."""
    query = "SELECT * FROM trail WHERE action <> 'token' AND (client_id IS NOT NULL OR outcome <> 'done') ORDER BY id"
    async with service.shop.engine.connect() as conn:
        return [dict(row._mapping) for row in await conn.execute(text(query))]


def anonymous_at(service: Service, address: str) -> httpx.AsyncClient:
    """Somebody without a token at another network address, for whom the paces begin anew."""
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False, client=(address, 50000))
    return httpx.AsyncClient(transport=transport, base_url="http://service.test")


def problem(answer: httpx.Response, *, english: bool = False) -> Json:
    """The problem in `answer`, after checking that it is one (RFC 9457) in the language asked for."""
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert answer.headers["content-type"].partition(";")[0] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["type"].endswith("/problems/" + said["code"])
    words = [said["title"], *(fault["message"] for fault in said.get("errors", []))]
    assert all(bool(CHINESE.search(word)) is not english for word in words), words
    for fault in said.get("errors", []):
        assert set(fault) in ({"pointer", "code", "message"}, {"pointer", "code", "message", "fix"})
        assert wordings()[fault["code"]].kind == "error"
    return said


def told(answer: httpx.Response, *, english: bool = False) -> Told:
    """What a refused caller is told, without the words."""
    said = problem(answer, english=english)
    faults = tuple((fault["pointer"], fault["code"]) for fault in said.get("errors", []))
    return answer.status_code, said["code"], faults


async def told_of_each(
    service: Service, caller: httpx.AsyncClient, bodies: Mapping[str, Any], path: str = PUSH
) -> dict[str, Told]:
    """Send each body, check that its refusal keeps every promise and that nothing was stored; what each was told.

    A body is bytes as they are, or a JSON value.
    """
    before = await rows(service)
    answers = {name: await send(caller, body, path) for name, body in bodies.items()}
    after = await rows(service)

    taken_or_failed = {name: answer.status_code for name, answer in answers.items() if answer.status_code // 100 != 4}
    assert taken_or_failed == {}, taken_or_failed
    assert after == before, (before, after)
    for name, body in bodies.items():
        names_nobody(answers[name], body)
        points_into(answers[name], body)
    return {name: told(answer) for name, answer in answers.items()}


async def send(caller: httpx.AsyncClient, body: object, path: str = PUSH) -> httpx.Response:
    """Post one JSON body; bytes go as they are."""
    return await caller.post(path, content=as_bytes(body), headers={"Content-Type": "application/json"})


def as_bytes(body: object) -> bytes:
    """The body as it goes over the wire."""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def points_into(answer: httpx.Response, body: object) -> None:
    """Check that each pointer resolves in what was sent, or that its parent does."""
    try:
        sent = json.loads(as_bytes(body))
    except (ValueError, RecursionError):
        sent = None
    for fault in answer.json().get("errors", []):
        pointer = fault["pointer"]
        assert pointer == "" or resolves(pointer, sent) or resolves(pointer.rpartition("/")[0], sent), pointer


def resolves(pointer: str, document: Json) -> bool:
    """Whether this JSON Pointer (RFC 6901) names a place in the document."""
    for raw in pointer.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return False
    return True


def names_nobody(answer: httpx.Response, body: object) -> None:
    """Check that no personal value out of the body comes back, escaped or not."""
    try:
        sent = json.loads(as_bytes(body))
    except (ValueError, RecursionError):
        return
    messages = json.dumps(
        [{**fault, "pointer": ""} for fault in answer.json().get("errors", [])]
        + [{name: value for name, value in answer.json().items() if name != "errors"}],
        ensure_ascii=False,
    )
    for value in personal_values(sent):
        assert value not in messages


def personal_values(sent: Json) -> list[str]:
    """The names and id numbers of persons in a penalty, as far as it has the shape of one."""
    party = sent.get("party") if isinstance(sent, dict) else None
    if not isinstance(party, dict):
        return []
    representative = party.get("legal_representative")
    holders = [party, representative if isinstance(representative, dict) else {}]
    values = [holder.get(name) for holder in holders for name in ("name", "id_no")]
    return [value for value in values if isinstance(value, str) and len(value) > 3]


async def in_chunks(of: bytes, most: int, taken: list[int]) -> AsyncIterator[bytes]:
    """A body without a length: the same piece up to `most` times; `taken` counts how often it was asked for."""
    for _ in range(most):
        taken.append(len(of))
        yield of


def changed(document: Json, pointer: str, value: object) -> Json:
    """A copy of the document with another value at this place; the last step may be new."""
    copy = json.loads(json.dumps(document))
    *way, last = pointer.split("/")[1:]
    place = copy
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return copy


def without(document: Json, pointer: str) -> Json:
    """A copy of the document without the member at this place."""
    copy = changed(document, pointer, None)
    *way, last = pointer.split("/")[1:]
    place = copy
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    del place[int(last) if isinstance(place, list) else last]
    return copy
