"""A suspected crime between three bodies: who sees it, who may say what, and how it is handed on."""

from __future__ import annotations

import httpx
import pytest

from tests.api.held import MISTAKE, Held, pushed
from tests.api.promises import Json
from tests.conftest import Service
from tests.transfers import CITY_MARKET, CITY_POLICE, MARKET, POLICE, not_sent, opinion, organ, transfer

TRANSFERS = "/v1/records/transfer"
AGENCY, LOCAL_POLICE, LOCAL_PROCURATORATE = "market-wuchang", "police-wuchang", "procuratorate-wuchang"
STRANGERS = ("market-city", "market-jiangan", "police-city", "procuratorate-jiangan", "ecology-city")

RECEIVED = {"event": "received", "occurred_at": "2026-09-22T17:05:00+08:00", "receipt_no": "武公受〔2026〕9号"}
REROUTED = {"event": "rerouted", "occurred_at": "2026-09-23T09:30:00+08:00", "to": organ(CITY_POLICE)}
FILED = {"event": "filed", "occurred_at": "2026-09-24", "document_no": "武公立字〔2026〕77号"}
NOT_FILED = {"event": "not_filed", "occurred_at": "2026-09-24", "reason": "没有犯罪事实"}


def moment(event: str, at: str, **more: object) -> Json:
    return {"event": event, "occurred_at": at, **more}


@pytest.fixture
async def sent(service: Service) -> Held:
    """A transfer that its agency has sent."""
    return await pushed(service, transfer(), AGENCY)


async def seen_by(service: Service, held: Held, names: tuple[str, ...]) -> list[int]:
    return [(await (await service.client(name)).get(held.address)).status_code for name in names]


def said(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    return answer.json()


# --- who sees it ----------------------------------------------------------------------------------


async def test_without_a_token_nothing_of_a_transfer_is_told_or_taken(service: Service, sent: Held) -> None:
    for answer in (
        await service.anonymous.get(sent.address),
        await service.anonymous.get(f"{sent.address}/nodes"),
        await service.anonymous.post(TRANSFERS, json=transfer(2)),
        await service.anonymous.post(f"{sent.address}/events", json=RECEIVED),
    ):
        assert said(answer, 401)["code"] == "token-missing"


async def test_the_three_bodies_see_a_transfer_and_other_organs_do_not(service: Service, sent: Held) -> None:
    bodies = (AGENCY, LOCAL_POLICE, LOCAL_PROCURATORATE)

    assert await seen_by(service, sent, bodies) == [200, 200, 200]
    assert await seen_by(service, sent, STRANGERS) == [404] * len(STRANGERS)


async def test_the_police_find_what_is_addressed_to_them_in_their_list_and_feed(service: Service, sent: Held) -> None:
    await pushed(service, transfer(2, addressee=organ(CITY_POLICE)), AGENCY)
    police = await service.client(LOCAL_POLICE)

    listed = said(await police.get(TRANSFERS), 200)["items"]
    found = said(await police.post(f"{TRANSFERS}/search", json={"q": "假冒注册商标"}), 200)["items"]

    assert [item["id"] for item in listed] == [item["id"] for item in found] == [sent.id]
    assert next(item["kind"] for item in await sent.feed(LOCAL_POLICE)) == "record"
    duties = said(await police.get("/v1/nodes", params={"responsible": POLICE}), 200)["items"]
    assert {duty["id"] for duty in duties} == {sent.id}


async def test_a_duty_in_a_list_bears_the_number_of_its_case_as_the_reader_may_read_it(service: Service) -> None:
    crime = await pushed(service, transfer(source_id="2026-样例嫌疑人1-1"), AGENCY)

    shown = {}
    for name in (LOCAL_POLICE, "market-city", "auditor-city"):
        items = said(await (await service.client(name)).get("/v1/nodes", params={"record_type": "transfer"}), 200)[
            "items"
        ]
        shown[name] = {item["source_id"] for item in items if item["id"] == crime.id}

    assert shown == {
        LOCAL_POLICE: {"2026-样例嫌疑人1-1"},
        "market-city": {"2026-***-1"},
        "auditor-city": {"2026-***-1"},
    }


async def test_auditors_see_a_transfer_without_who_is_suspected(service: Service, sent: Held) -> None:
    read = await sent.read(by="auditor-city")

    assert read["masked"] == ["/suspected_facts", "/suspects/1/id_no", "/suspects/1/name"]
    assert "样例嫌疑人1" not in str(read)
    assert read["record"]["suspects"][0]["name"] == "武汉样例第1商贸有限公司"


# --- who says what --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "reporter", "others"),
    [
        (RECEIVED, LOCAL_POLICE, (AGENCY, LOCAL_PROCURATORATE)),
        (NOT_FILED, LOCAL_POLICE, (AGENCY, LOCAL_PROCURATORATE)),
        (moment("supervision_requested", "2026-09-25"), AGENCY, (LOCAL_POLICE, LOCAL_PROCURATORATE)),
        (moment("reason_required", "2026-09-27"), LOCAL_PROCURATORATE, (AGENCY, LOCAL_POLICE)),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else "",
)
async def test_each_body_reports_its_own_steps_alone(
    sent: Held, event: Json, reporter: str, others: tuple[str, ...]
) -> None:
    for other in others:
        refused = said(await sent.tell(event, other), 403)
        assert (refused["code"], refused["reported_by"]) == ("not-your-step", [_party(reporter)])
    said(await sent.tell(event, reporter), 201)


def _party(client: str) -> str:
    return {AGENCY: "agency", LOCAL_POLICE: "police", LOCAL_PROCURATORATE: "procuratorate"}[client]


async def test_an_organ_moves_the_clocks_of_its_own_duties_alone(sent: Held) -> None:
    await sent.tell(RECEIVED, LOCAL_POLICE)
    waived = moment("waived", "2026-09-23", node="police_decided", reason="样例")

    assert said(await sent.tell(waived, AGENCY), 403)["reported_by"] == ["police"]
    assert said(await sent.tell(waived, LOCAL_PROCURATORATE), 403)["reported_by"] == ["police"]
    said(await sent.tell(waived, LOCAL_POLICE), 201)


async def test_nobody_stops_the_clocks_of_all_three_at_once(sent: Held) -> None:
    refused = said(await sent.tell(moment("suspended", "2026-09-23", reason="样例"), AGENCY), 422)

    assert [(fault["pointer"], fault["code"]) for fault in refused["errors"]] == [("/node", "required")]


async def test_the_police_push_no_transfer_and_the_agency_no_opinion(service: Service) -> None:
    police, agency = await service.client(LOCAL_POLICE), await service.client("market-city")

    assert said(await police.post(TRANSFERS, json=transfer(organisation=POLICE)), 403)["code"] == "role-may-not"
    own = opinion(organisation=CITY_MARKET)
    assert said(await agency.post(TRANSFERS, json=own), 403)["code"] == "role-may-not"


# --- early, late and at odds ----------------------------------------------------------------------


async def test_what_the_police_say_before_the_agency_told_of_sending_waits_until_it_does(service: Service) -> None:
    held = await pushed(service, not_sent(), AGENCY)

    early = said(await held.tell(RECEIVED, LOCAL_POLICE), 201)
    assert (early["applied"], early["state"], [one["code"] for one in early["warnings"]]) == (
        False,
        "reported",
        ["predecessor-missing"],
    )

    said(await held.tell(moment("approved", "2026-09-22T10:20:00+08:00"), AGENCY), 201)
    late = said(await held.tell(moment("sent", "2026-09-22T16:00:00+08:00"), AGENCY), 201)
    assert (late["applied"], late["state"]) == (True, "accepted")
    assert (await held.node("police_receipt"))["state"] == "done"


async def test_two_decisions_contradict_each_other_and_both_are_named(sent: Held) -> None:
    await sent.tell(RECEIVED, LOCAL_POLICE)
    await sent.tell(FILED, LOCAL_POLICE)

    refused = said(await sent.tell(NOT_FILED | {"occurred_at": "2026-09-25"}, LOCAL_POLICE), 409)

    assert refused["code"] == "step-not-allowed"
    assert {fact["event"] for fact in refused["facts"]} == {"filed", "not_filed"}


async def test_a_step_that_delay_makes_lawful_waits_for_the_delay(sent: Held) -> None:
    await sent.tell(RECEIVED, LOCAL_POLICE)
    # Three days from the 22nd are over with the 25th, a holiday until the 27th: with the 28th.
    soon = said(await sent.tell(moment("supervision_requested", "2026-09-28"), AGENCY), 201)
    assert (soon["applied"], soon["state"]) == (False, "accepted")

    late = said(await sent.tell(moment("supervision_requested", "2026-09-29"), AGENCY), 201)

    assert (late["applied"], late["state"]) == (True, "delay_supervision")


# --- handed on ------------------------------------------------------------------------------------


async def test_a_rerouted_transfer_is_shown_to_the_other_police_who_then_owe_the_decision(
    service: Service, sent: Held
) -> None:
    await sent.tell(RECEIVED, LOCAL_POLICE)
    said(await sent.tell(REROUTED, LOCAL_POLICE), 201)

    assert await seen_by(service, sent, ("police-city", LOCAL_POLICE)) == [200, 200]
    assert [item["kind"] for item in await sent.feed("police-city")].count("disclosure") == 1
    assert (await sent.node("police_receipt"))["responsible"] == CITY_POLICE

    said(await sent.tell(moment("received", "2026-09-23T15:00:00+08:00"), "police-city"), 201)
    decision, rerouting = await sent.node("police_decided"), await sent.node("police_rerouted")
    assert (decision["responsible"], decision["opened_at"]) == (CITY_POLICE, "2026-09-23T15:00:00+08:00")
    assert (rerouting["responsible"], rerouting["state"]) == (POLICE, "done")


async def test_who_rerouted_a_case_decides_it_no_more_and_still_answers_for_what_it_did(sent: Held) -> None:
    await sent.tell(REROUTED, LOCAL_POLICE)

    refused = said(await sent.tell(FILED, LOCAL_POLICE), 403)
    assert refused["code"] == "not-your-step"
    said(await sent.tell(RECEIVED, LOCAL_POLICE), 201)
    assert said(await sent.tell(RECEIVED, "police-city"), 403)["code"] == "not-your-step"


async def test_of_the_day_on_which_it_handed_the_case_on_an_organ_reports_what_came_before_and_no_decision(
    sent: Held,
) -> None:
    await sent.tell(RECEIVED, LOCAL_POLICE)
    await sent.tell(REROUTED, LOCAL_POLICE)

    for decision in (FILED, NOT_FILED):
        refused = said(await sent.tell(decision | {"occurred_at": "2026-09-23"}, LOCAL_POLICE), 403)
        assert refused["code"] == "not-your-step"
    asked = moment("material_requested", "2026-09-23", reason="缺少检验报告")
    assert said(await sent.tell(asked, LOCAL_POLICE), 201)["applied"] is True

    taken = moment("received", "2026-09-24T09:00:00+08:00")
    assert said(await sent.tell(taken, "police-city"), 201)["state"] == "accepted"
    assert said(await sent.tell(FILED | {"occurred_at": "2026-09-24"}, "police-city"), 201)["state"] == "filed"


async def test_only_who_reported_a_step_takes_it_back_and_the_other_police_lose_sight_of_it(
    service: Service, sent: Held
) -> None:
    await sent.tell(RECEIVED, LOCAL_POLICE)
    event = said(await sent.tell(REROUTED, LOCAL_POLICE), 201)["id"]

    assert said(await sent.withdraw(event, reason=MISTAKE, by="police-city"), 403)["code"] == "not-your-step"
    said(await sent.withdraw(event, reason=MISTAKE, by=LOCAL_POLICE), 201)

    assert await seen_by(service, sent, ("police-city", LOCAL_POLICE)) == [404, 200]


async def test_a_transfer_corrected_to_other_police_is_shown_to_them_and_no_longer_to_the_first(
    service: Service, sent: Held
) -> None:
    said(await sent.put(transfer(addressee=organ(CITY_POLICE))), 201)

    assert await seen_by(service, sent, ("police-city", LOCAL_POLICE)) == [200, 404]
    assert (await sent.node("police_receipt"))["responsible"] == CITY_POLICE


# --- opened by the procuratorate ------------------------------------------------------------------


async def test_an_opinion_reaches_its_agency_which_sends_the_case_to_the_police_it_names(service: Service) -> None:
    held = await pushed(service, opinion(addressee=None), LOCAL_PROCURATORATE)
    issued = moment("opinion_issued", "2026-09-21", reason="涉案金额已达追诉标准")
    said(await held.tell(issued, LOCAL_PROCURATORATE), 201)
    assert await seen_by(service, held, (AGENCY, LOCAL_POLICE)) == [200, 404]
    duty = await held.node("procuratorate_opinion_transfer", by=AGENCY)
    assert (duty["responsible"], duty["state"]) == (MARKET, "open")

    event = moment("sent", "2026-09-22T16:00:00+08:00", to=organ(POLICE))
    assert said(await held.tell(event, AGENCY), 201)["state"] == "sent"

    assert await seen_by(service, held, (LOCAL_POLICE,)) == [200]
    assert said(await held.tell(RECEIVED, LOCAL_POLICE), 201)["state"] == "accepted"
    assert (await held.node("procuratorate_opinion_transfer"))["state"] == "done"
    assert (await held.node("police_decided"))["responsible"] == POLICE
