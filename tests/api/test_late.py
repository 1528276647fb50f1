"""When something counts as received, and what a broken off or endless request leaves behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.api import deps
from app.api.pace import Pace
from tests import corpus
from tests.api.promises import NEVER_REFILLS, PUSH, VALIDATE, rows, told
from tests.conftest import NOW, Service

JSON = {"Content-Type": "application/json"}


async def test_a_record_is_received_when_all_of_it_is_here(service: Service) -> None:
    agency = await service.client("market-city")
    whole = json.dumps(corpus.penalty(1)).encode()

    async def slowly() -> AsyncIterator[bytes]:
        yield whole[:100]
        service.now = NOW + timedelta(minutes=20)
        yield whole[100:]

    answer = await agency.post(PUSH, content=slowly(), headers=JSON)

    assert answer.json()["received_at"] == "2026-10-09T09:22:11.482+08:00"


async def test_a_body_that_does_not_end_is_given_up(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deps, "LONGEST_BODY_SECONDS", 0.05)
    agency = await service.client("market-city")
    before = await rows(service)

    async def dripping() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(10)
        yield b"}"

    answer = await agency.post(PUSH, content=dripping(), headers=JSON)

    assert told(answer) == (408, "too-slow", ())
    assert await rows(service) == before


async def test_knocking_without_a_token_does_not_fill_the_trail(service: Service) -> None:
    service.app.state.shop = replace(service.shop, refusal_pace=Pace(burst=10, per_second=NEVER_REFILLS))

    for _ in range(15):
        assert (await service.anonymous.get("/v1/changes")).status_code == 401

    async with service.shop.engine.connect() as conn:
        noted = await conn.execute(text("SELECT count(*) FROM trail WHERE outcome = 'token-missing'"))
        assert noted.scalar_one() == 10


async def test_too_many_validations_are_refused_without_a_row(service: Service) -> None:
    service.app.state.shop = replace(service.shop, validate_pace=Pace(burst=5, per_second=NEVER_REFILLS))

    answers = [await service.anonymous.post(VALIDATE, json={}) for _ in range(8)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 3
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    async with service.shop.engine.connect() as conn:
        noted = await conn.execute(text("SELECT count(*) FROM trail WHERE outcome = 'too-many-requests'"))
        assert noted.scalar_one() == 0


async def test_a_fault_of_ours_is_not_called_a_passing_one(service: Service) -> None:
    agency = await service.client("market-city")
    async with service.shop.engine.begin() as conn:
        await conn.execute(text("ALTER TABLE record RENAME COLUMN digest TO gone"))

    answer = await agency.post(PUSH, json=corpus.penalty(1))

    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "retry-after" not in answer.headers


async def test_no_answer_may_be_kept_on_the_way(service: Service) -> None:
    agency = await service.client("market-city")

    pushed = await agency.post(PUSH, json=corpus.penalty(1))
    read = await agency.get(f"{PUSH}/{pushed.json()['id']}")
    refused = await agency.get(f"{PUSH}/nothing")

    assert {answer.headers["cache-control"] for answer in (pushed, read, refused)} == {"no-store"}
