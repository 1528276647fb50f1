"""The operator's gauges: what they say, who may read them, and how often they are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from app.api.metrics import Meter
from app.api.pace import Pace
from app.main import create_app
from app.settings import Settings
from tests import corpus
from tests.api.held import Held, pushed
from tests.api.promises import told
from tests.conftest import NOW, Service

TOKEN = "0123456789abcdef"
ELSEWHERE = "192.0.2.7"

Gauges = dict[tuple[str, str], float]


async def metrics(service: Service, address: str = "127.0.0.1", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False, client=(address, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        return await client.get("/metrics", headers={name.replace("_", "-"): value for name, value in headers.items()})


async def gauges(service: Service) -> Gauges:
    """Each gauge and node, where it is not nought."""
    answer = await metrics(service)
    assert answer.status_code == 200
    samples = [sample for family in families(answer.text) for sample in family.samples]
    assert all(set(sample.labels) == {"record_type", "node", "role"} for sample in samples)
    return {(one.name, one.labels["node"]): one.value for one in samples if one.value}


@pytest.fixture
async def decided(service: Service) -> Held:
    """A warning, decided on 29 September: its service falls due on 14 October."""
    service.app.state.shop = replace(service.shop, token_pace=Pace(burst=1000, per_second=1000))
    record = corpus.penalty(1, decided_on="2026-09-29", region="420106", kinds=["01"], party_kind="legal_person")
    return await pushed(service, record)


async def test_what_is_due_soon_and_what_is_overdue_is_counted_by_node(service: Service, decided: Held) -> None:
    before = await gauges(service)

    service.now = NOW + timedelta(days=4)
    soon = await gauges(service)
    service.now = NOW + timedelta(days=6)
    late = await gauges(service)

    assert ("nodes_due_soon", "penalty_served") not in before
    assert soon["nodes_due_soon", "penalty_served"] == 1
    assert late["nodes_overdue", "penalty_served"] == 1
    assert ("nodes_due_soon", "penalty_served") not in late


async def test_a_gate_is_no_gauge_and_what_may_be_late_is_there_at_nought(service: Service, decided: Held) -> None:
    service.now = NOW + timedelta(days=4000)
    await gauges(service)

    said = (await metrics(service)).text

    assert 'nodes_overdue{node="penalty_paid",record_type="penalty",role="party"} 0.0' in said
    assert "penalty_collective" not in said


async def test_they_are_counted_anew_after_fifteen_seconds(service: Service, decided: Held) -> None:
    service.now = NOW + timedelta(days=6)
    before = await gauges(service)

    await decided.tell({"event": "served", "occurred_at": "2026-10-15"})
    kept = await gauges(service)
    service.now += timedelta(seconds=15)
    after = await gauges(service)

    assert before["nodes_overdue", "penalty_served"] == kept["nodes_overdue", "penalty_served"] == 1
    assert ("nodes_overdue", "penalty_served") not in after


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_reads_them_without_a_token(service: Service, address: str) -> None:
    answer = await metrics(service, address)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("address", [ELSEWHERE, "2001:db8::1", "10.0.0.1", "::ffff:192.0.2.7", "testclient"])
async def test_another_machine_needs_a_token(service: Service, address: str) -> None:
    assert told(await metrics(service, address))[:2] == (401, "token-missing")


@pytest.mark.parametrize("header", ["forwarded", "via", "x_forwarded_for", "x_forwarded_host", "x_real_ip"])
async def test_what_comes_through_a_proxy_is_not_from_this_machine(service: Service, header: str) -> None:
    assert told(await metrics(service, **{header: "127.0.0.1"}))[:2] == (401, "token-missing")


async def test_the_token_of_the_setting_opens_from_anywhere_and_no_other(service: Service) -> None:
    service.app.state.meter = Meter(TOKEN)
    client = await service.client("market-city")

    right = await metrics(service, ELSEWHERE, authorization=f"Bearer {TOKEN}")
    wrong = [
        await metrics(service, ELSEWHERE, authorization=said)
        for said in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", client.headers["authorization"])
    ]

    assert right.status_code == 200
    assert [told(answer)[:2] for answer in wrong] == [(401, "token-invalid")] * 3


async def test_without_the_setting_no_token_opens(service: Service) -> None:
    assert told(await metrics(service, ELSEWHERE, authorization="Bearer "))[:2] == (401, "token-missing")
    assert told(await metrics(service, ELSEWHERE, authorization="Bearer None"))[:2] == (401, "token-invalid")


async def test_two_applications_have_gauges_of_their_own(service: Service, decided: Held, tmp_path: Path) -> None:
    settings = Settings.from_environment({"LIANDONG_DATA": str(tmp_path), "LIANDONG_METRICS_TOKEN": TOKEN})

    other = create_app(settings)

    assert other.state.meter is not service.app.state.meter
    assert (await gauges(service)) is not None


async def test_the_gauges_are_not_in_the_contract(service: Service) -> None:
    assert "/metrics" not in service.app.openapi()["paths"]
