"""A batch that comes with a key is answered once, whatever broke off (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from app.exchange import receive_batch
from app.exchange.take_in import take_in
from tests.api.promises import rows
from tests.api.promises import told as told_of_one
from tests.api.test_batch import ATOMIC, BATCHES, event, penalty, send, told
from tests.conftest import Service

KEY = '"0199c6f4-6d2e-7c11-b2f4-3d1a5e9c7b10"'
BOTH_MODES = pytest.mark.parametrize("path", [BATCHES, ATOMIC])
LINES = (penalty(1), penalty(2), event(1), penalty(3), penalty(4))

TakeIn = Callable[..., Awaitable[Any]]


async def keyed(service: Service, *lines: Any, path: str = BATCHES, key: str = KEY) -> httpx.Response:  # noqa: ANN401
    """Send lines under a key."""
    return await send(await service.client("market-city"), *lines, path=path, **{"Idempotency-Key": key})


def is_replay(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("idempotency-replayed") == "true")


@BOTH_MODES
async def test_the_same_batch_under_its_key_gets_the_very_same_answer(service: Service, path: str) -> None:
    first = await keyed(service, *LINES, path=path)
    held = await rows(service)

    again = await keyed(service, *LINES, path=path)

    assert [status for status, _ in told(first)] == [201] * 5
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (is_replay(first), is_replay(again)) == (False, True)
    assert await rows(service) == held


async def test_what_was_refused_line_by_line_is_told_again_as_it_was(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_batch, "CHUNK_LINES", 2)
    lines = (penalty(1), b"{", penalty(2), event(9), penalty(3))
    first = await keyed(service, *lines)
    # What it was refused for is mended meanwhile: the answer to that request stays what it was.
    await keyed(service, penalty(9), key='"another"')

    again = await keyed(service, *lines)

    assert [status for status, _ in told(first)] == [201, 400, 201, 404, 201]
    assert (again.status_code, again.content) == (207, first.content)


@BOTH_MODES
async def test_a_batch_that_broke_off_goes_on_where_it_ended(
    service: Service, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(receive_batch, "CHUNK_LINES", 2)
    name = "store" if path == ATOMIC else "take_in"
    with monkeypatch.context() as broken:
        broken.setattr(receive_batch, name, _failing_after(getattr(receive_batch, name), 0 if path == ATOMIC else 1))
        broken_off = await keyed(service, *LINES, path=path)
    stored = (await rows(service))["record"]

    answer = await keyed(service, *LINES, path=path)

    assert broken_off.status_code == 503
    assert stored == (0 if path == ATOMIC else 2)
    # Nobody was told of the first two lines yet: they are accepted, not repeated.
    assert [status for status, _ in told(answer)] == [201] * 5
    assert (await rows(service))["record"] == 4
    assert (await keyed(service, *LINES, path=path)).content == answer.content


async def test_without_the_key_a_batch_that_broke_off_says_what_is_stored(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_batch, "CHUNK_LINES", 2)
    with monkeypatch.context() as broken:
        broken.setattr(receive_batch, "take_in", _failing_after(take_in, 1))
        await send(await service.client("market-city"), *LINES)

    answer = await send(await service.client("market-city"), *LINES)

    assert [status for status, _ in told(answer)] == [200, 200, 201, 201, 201]


def _failing_after(whole: TakeIn, times: int) -> TakeIn:
    """Does as it should so many times, and then loses the database."""
    done = 0

    async def failing(*given: Any, **named: Any) -> Any:  # noqa: ANN401 – whatever it takes and gives
        nonlocal done
        done += 1
        if done > times:
            raise ConnectionResetError
        return await whole(*given, **named)

    return failing


@pytest.mark.parametrize("lines", [(penalty(1), penalty(2)), (penalty(2), penalty(1)), ()], ids=str)
async def test_a_key_is_not_for_another_batch(service: Service, lines: tuple[Any, ...]) -> None:
    await keyed(service, penalty(1))
    held = await rows(service)

    answer = await keyed(service, *lines)

    assert told_of_one(answer)[:2] == (422, "idempotency-key-reused")
    assert await rows(service) == held


async def test_a_batch_of_which_nothing_was_stored_keeps_nothing(service: Service) -> None:
    refused = await keyed(service, penalty(1), b"{", path=ATOMIC)

    mended = await keyed(service, penalty(1), path=ATOMIC)

    assert refused.status_code == 422
    assert (mended.status_code, json.loads(mended.content)["accepted"]) == (200, 1)


@BOTH_MODES
async def test_a_batch_that_could_not_be_read_keeps_nothing(service: Service, path: str) -> None:
    refused = await keyed(service, path=path)

    mended = await keyed(service, penalty(1), path=path)

    assert told_of_one(refused)[:2] == (400, "unreadable-body")
    assert (mended.status_code, json.loads(mended.content)["accepted"]) == (200, 1)


@BOTH_MODES
async def test_a_malformed_key_of_a_batch_is_refused(service: Service, path: str) -> None:
    answer = await keyed(service, penalty(1), path=path, key="two words")

    assert told_of_one(answer) == (400, "bad-parameter", (("/Idempotency-Key", "idempotency-key"),))
    assert (await rows(service))["record"] == 0
