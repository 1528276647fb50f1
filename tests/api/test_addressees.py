"""Who is named for a party has to be one: a case is shown to whom it is addressed to."""

from __future__ import annotations

import httpx
import pytest

from app import demo
from app.store import organisations
from app.store.organisations import OrganisationRow
from tests import corpus
from tests.api.held import pushed
from tests.api.promises import Json
from tests.assist_requests import assist_request, consultation
from tests.conftest import NOW, Service
from tests.reverse_transfers import handed_over, reverse_transfer
from tests.transfers import CITY_MARKET, CITY_POLICE, MARKET, POLICE, opinion, organ, transfer

AGENCY, LOCAL_POLICE, LOCAL_PROCURATORATE = "market-wuchang", "police-wuchang", "procuratorate-wuchang"
JUSTICE = demo.code_of("420100", 9)


def found(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


async def push(service: Service, record: Json, by: str) -> httpx.Response:
    return await (await service.client(by)).post(f"/v1/records/{record['record_type']}", json=record)


@pytest.mark.parametrize(
    ("record", "by", "pointer"),
    [
        (transfer(addressee=organ(CITY_MARKET)), AGENCY, "/addressee/credit_code"),
        (transfer(copied_to=organ(CITY_POLICE)), AGENCY, "/copied_to/credit_code"),
        (opinion(organ=organ(JUSTICE)), LOCAL_PROCURATORATE, "/organ/credit_code"),
        (reverse_transfer(addressee=organ(JUSTICE), copied_to=None), LOCAL_PROCURATORATE, "/addressee/credit_code"),
        (handed_over(copied_to=organ(CITY_MARKET)), LOCAL_POLICE, "/copied_to/credit_code"),
        (assist_request(addressee=organ(JUSTICE)), LOCAL_PROCURATORATE, "/addressee/credit_code"),
        (consultation(addressee=organ(CITY_MARKET)), AGENCY, "/addressee/credit_code"),
    ],
)
async def test_who_is_known_as_something_else_is_refused_at_its_place(
    service: Service, record: Json, by: str, pointer: str
) -> None:
    answer = await push(service, record, by)

    assert found(answer) == [(pointer, "another-role")]
    listed = await (await service.client(by)).get(f"/v1/records/{record['record_type']}")
    assert listed.json()["items"] == []


async def test_the_refusal_says_as_what_the_organ_is_known(service: Service) -> None:
    client = await service.client(AGENCY)
    wrong = transfer(addressee=organ(CITY_MARKET))

    zh, en = [
        (await client.post("/v1/records/transfer", json=wrong, headers={"Accept-Language": language})).json()
        for language in ("zh", "en")
    ]

    assert zh["errors"][0]["message"] == "该单位在本平台登记为agency，此处应为 police"
    assert en["errors"][0]["message"] == "the organisation is known here as agency; this has to be police"


async def test_an_opinion_may_go_to_the_police_as_an_agency(service: Service) -> None:
    told = reverse_transfer(addressee=organ(POLICE), investigated_by=None, field="public_security")

    await pushed(service, told, LOCAL_PROCURATORATE)


async def test_an_organ_that_is_not_known_here_may_be_anything(service: Service) -> None:
    await pushed(service, transfer(addressee={"name": "样例公安局", "credit_code": _stranger()}), AGENCY)


async def test_police_hand_a_case_on_to_police_alone(service: Service) -> None:
    held = await pushed(service, transfer(), AGENCY)
    await held.tell({"event": "received", "occurred_at": "2026-09-22T17:00:00+08:00"}, LOCAL_POLICE)
    rerouted = {"event": "rerouted", "occurred_at": "2026-09-23"}

    refused = await held.tell(rerouted | {"to": organ(MARKET)}, LOCAL_POLICE)

    assert found(refused) == [("/to/credit_code", "another-role")]
    assert await held.told_of("rerouted") == []
    assert (await held.tell(rerouted | {"to": organ(CITY_POLICE)}, LOCAL_POLICE)).status_code == 201


async def test_an_agency_sends_to_police_alone(service: Service) -> None:
    held = await pushed(service, opinion(addressee=None), LOCAL_PROCURATORATE)
    await held.tell({"event": "opinion_issued", "occurred_at": "2026-09-20", "reason": "样例"}, LOCAL_PROCURATORATE)

    refused = await held.tell({"event": "sent", "occurred_at": "2026-09-22", "to": organ(JUSTICE)}, AGENCY)

    assert found(refused) == [("/to/credit_code", "another-role")]
    assert await held.told_of("sent") == []


async def test_a_correction_names_no_wrong_addressee_either(service: Service) -> None:
    held = await pushed(service, transfer(), AGENCY)

    refused = await held.put(transfer(copied_to=organ(JUSTICE)))

    assert found(refused) == [("/copied_to/credit_code", "another-role")]
    assert (await held.read())["version"] == 1


async def test_in_a_batch_it_harms_no_other(service: Service) -> None:
    lines = [transfer(1, addressee=organ(CITY_MARKET)), transfer(2)]

    answer = await (await service.client(AGENCY)).post("/v1/batches", json=lines)

    assert [item["status"] for item in answer.json()["results"]] == [422, 201]


async def test_what_is_held_is_received_again_whatever_its_addressee_became(service: Service) -> None:
    code = _stranger()
    told = transfer(addressee={"name": "样例公安局", "credit_code": code})
    first = await push(service, told, AGENCY)
    async with service.shop.engine.begin() as conn:
        await organisations.add(conn, OrganisationRow(code, "样例局", "agency", "420106", "market"), NOW)

    again = await push(service, told, AGENCY)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]


def _stranger() -> str:
    return corpus.credit_code(corpus.random("stranger"), "11")
