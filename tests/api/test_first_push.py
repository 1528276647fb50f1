"""The main journey: a penalty is pushed, repeated, advanced, read back and pulled."""

from __future__ import annotations

from schemas.publishing import examples
from tests.conftest import Service

DECIDED = examples("penalty")["decided"]


async def test_a_pushed_penalty_gets_a_receipt_and_comes_back_as_it_was_sent(service: Service) -> None:
    agency = await service.client("market-city")

    pushed = await agency.post("/v1/records/penalty", json=DECIDED)
    read = await agency.get(f"/v1/records/penalty/{pushed.json()['id']}")

    assert pushed.status_code == 201
    receipt = pushed.json()
    assert {name: receipt[name] for name in ("version", "position", "received_at", "warnings")} == {
        "version": 1,
        "position": None,
        "received_at": "2026-10-09T09:02:11.482+08:00",
        "warnings": [],
    }
    assert read.status_code == 200
    assert read.headers["etag"] == '"1"'
    assert read.json()["record"] == {name: value for name, value in DECIDED.items() if name != "events"}
    assert read.json()["digest"] == receipt["digest"]
    assert read.json()["state"] == "served"


async def test_the_same_record_sent_twice_gets_the_same_receipt(service: Service) -> None:
    agency = await service.client("market-city")

    first = await agency.post("/v1/records/penalty", json=DECIDED)
    await service.sequence()
    second = await agency.post("/v1/records/penalty", json=DECIDED)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"position": 0}
