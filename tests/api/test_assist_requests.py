"""Requests for assistance: who asks, who sees it from when on, who answers, and what a clue shows of it."""

from __future__ import annotations

import httpx
import pytest

from app import demo
from tests.advices import advice
from tests.api.held import MISTAKE, WENT_ON, Held, pushed
from tests.api.promises import Json
from tests.assist_requests import assist_request, consultation, draft
from tests.clues import clue
from tests.conftest import Service
from tests.transfers import POLICE, organ, ref

pytestmark = pytest.mark.any_server

JIANGAN = demo.code_of("420102", 7)
REQUESTS = "/v1/records/assist_request"
AGENCY, LOCAL_POLICE, PROCURATORATE = "market-wuchang", "police-wuchang", "procuratorate-wuchang"
CITY_PROCURATORATE, AUDITOR = "procuratorate-city", "auditor-city"
STRANGERS = ("market-city", "market-jiangan", LOCAL_POLICE, "procuratorate-jiangan", "ecology-city")

REASONED = {"reason": "案卷涉及尚未办结的案件", "signed_by": "样例局长"}


def happened(event: str, on: str, **more: object) -> Json:
    return {"event": event, "occurred_at": on, **more}


def said(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    return answer.json()


async def seen_by(service: Service, held: Held, *names: str) -> list[int]:
    return [(await (await service.client(name)).get(held.address)).status_code for name in names]


async def due(held: Held, node: str) -> tuple[str, str | None]:
    found = await held.node(node)
    return found["state"], (found["due_at"] or "")[:10] or None


async def state(held: Held) -> str:
    return str((await held.read())["state"])


async def brought_about(held: Held) -> list[tuple[str, str]]:
    """What other records brought about on it and was not taken back."""
    items = [item for item in (await held.read("/events"))["items"] if item.get("caused_by") and item["applied"]]
    return [(item["event"]["event"], item["event"]["occurred_at"]) for item in items]


# --- who asks, who sees it ------------------------------------------------------------------------


async def test_without_a_token_nothing_is_told_or_taken(service: Service) -> None:
    held = await pushed(service, assist_request(), PROCURATORATE)

    for answer in (
        await service.anonymous.get(held.address),
        await service.anonymous.post(REQUESTS, json=assist_request(2)),
        await service.anonymous.post(f"{held.address}/events", json=happened("acknowledged", "2026-09-23")),
    ):
        assert said(answer, 401)["code"] == "token-missing"


async def test_who_asks_pushes_it_and_nobody_else(service: Service) -> None:
    for name, record in (
        (AGENCY, assist_request()),
        (LOCAL_POLICE, assist_request()),
        (PROCURATORATE, consultation()),
        (CITY_PROCURATORATE, assist_request()),
    ):
        answer = await (await service.client(name)).post(REQUESTS, json=record)
        assert answer.status_code == 403, answer.text

    await pushed(service, assist_request(), PROCURATORATE)
    await pushed(service, consultation(), AGENCY)
    await pushed(service, consultation(2, organisation=POLICE), LOCAL_POLICE)


async def test_who_is_asked_learns_of_a_draft_when_it_is_sent(service: Service) -> None:
    held = await pushed(service, draft(), PROCURATORATE)

    assert await seen_by(service, held, AGENCY, *STRANGERS) == [404] * (1 + len(STRANGERS))
    assert await held.feed(AGENCY) == []
    assert said(await held.tell(happened("acknowledged", "2026-09-22"), AGENCY), 404)["code"] == "unknown-record"
    assert (await held.read("/nodes"))["items"] == []

    said(await held.tell(happened("sent", "2026-09-22T10:20:00+08:00"), PROCURATORATE), 201)

    assert await seen_by(service, held, PROCURATORATE, AGENCY, CITY_PROCURATORATE, AUDITOR) == [200] * 4
    assert await seen_by(service, held, *STRANGERS) == [404] * len(STRANGERS)
    (shown,) = [item for item in await held.feed(AGENCY) if item["kind"] == "disclosure"]
    assert shown["record"]["purpose"] == draft()["purpose"]
    # Five working days after Tuesday 22 September: 23, 24, 28, 29, 30.
    assert await due(held, "assist_answered") == ("overdue", "2026-09-30")


async def test_a_sending_that_is_taken_back_takes_it_out_of_sight(service: Service) -> None:
    held = await pushed(service, draft(), PROCURATORATE)
    sent = said(await held.tell(happened("sent", "2026-09-22"), PROCURATORATE), 201)
    assert await seen_by(service, held, AGENCY) == [200]

    said(await held.withdraw(sent["id"], reason=MISTAKE), 201)

    assert await seen_by(service, held, AGENCY, PROCURATORATE) == [404, 200]


async def test_masked_readers_do_not_see_who_is_questioned_and_who_comes(service: Service) -> None:
    held = await pushed(service, assist_request(purpose="向样例被询问人1了解情况。"), PROCURATORATE)

    masked, whole = await held.read(by=AUDITOR), await held.read(by=AGENCY)

    assert {"/subjects/1/name", "/subjects/1/id_no", "/handlers/0/name", "/purpose"} <= set(masked["masked"])
    assert "样例被询问人1" not in str(masked)
    assert "样例检察官甲" not in str(masked)
    assert whole["record"] == assist_request(purpose="向样例被询问人1了解情况。")


# --- each side its own steps ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "reporter"),
    [
        (happened("acknowledged", "2026-09-23"), AGENCY),
        (happened("partially_fulfilled", "2026-09-23", missing="样例"), AGENCY),
        (happened("fulfilled", "2026-09-23"), AGENCY),
        (happened("refused", "2026-09-23", **REASONED), AGENCY),
        (happened("cancelled", "2026-09-23", reason="样例"), PROCURATORATE),
        (happened("escalated", "2026-10-08", to="government"), PROCURATORATE),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else "",
)
async def test_each_side_reports_its_own_steps_alone(service: Service, event: Json, reporter: str) -> None:
    held = await pushed(service, assist_request(), PROCURATORATE)
    other = PROCURATORATE if reporter == AGENCY else AGENCY

    for name in (other, CITY_PROCURATORATE):
        assert said(await held.tell(event, name), 403)["code"] == "not-your-step"
    assert said(await held.tell(event, reporter), 201)["applied"]


async def test_that_an_advice_was_served_nobody_reports(service: Service) -> None:
    held = await pushed(service, assist_request(), PROCURATORATE)

    for name in (AGENCY, PROCURATORATE):
        answer = await held.tell(happened("advice_served", "2026-09-24"), name)
        assert said(answer, 403)["code"] == "not-your-step"


async def test_refused_told_to_others_and_given_after_all(service: Service) -> None:
    held = await pushed(service, assist_request(), PROCURATORATE)
    said(await held.tell(happened("acknowledged", "2026-09-23"), AGENCY), 201)
    unsigned = await held.tell(happened("refused", "2026-09-24", reason="样例"), AGENCY)
    assert [one["pointer"] for one in said(unsigned, 422)["errors"]] == ["/signed_by"]

    refused = said(await held.tell(happened("refused", "2026-09-24", **REASONED), AGENCY), 201)
    assert refused["state"] == "refused"
    assert await due(held, "assist_escalated") == ("open", None)
    said(await held.tell(happened("escalated", "2026-09-28", to="superior_organ"), PROCURATORATE), 201)
    assert await state(held) == "escalated"
    said(await held.tell(happened("fulfilled", "2026-10-08", list_no="武市监证〔2026〕1号"), AGENCY), 201)
    said(await held.tell(happened("closed", "2026-10-09"), PROCURATORATE), 201)

    assert await state(held) == "closed"
    assert await due(held, "assist_answered") == ("done", "2026-09-30")
    assert await due(held, "assist_escalated") == ("done", None)


async def test_of_silence_others_are_told_once_the_answer_is_late(service: Service) -> None:
    held = await pushed(service, assist_request(reply_by="2026-09-28"), PROCURATORATE)
    early = happened("escalated", "2026-09-28", to="government", source_id="1")
    late = happened("escalated", "2026-09-29", to="government", source_id="2")

    assert said(await held.tell(early, PROCURATORATE), 201)["applied"] is False
    assert said(await held.tell(late, PROCURATORATE), 201)["applied"] is True

    assert await state(held) == "escalated"
    assert await due(held, "assist_answered") == ("overdue", "2026-09-28")
    assert (await held.node("assist_answered"))["status"] == "local_default"


async def test_the_procuratorate_gives_more_time_by_correcting_the_day(service: Service) -> None:
    held = await pushed(service, assist_request(reply_by="2026-09-28"), PROCURATORATE)
    assert await due(held, "assist_answered") == ("overdue", "2026-09-28")

    said(await held.put(assist_request(reply_by="2026-10-30"), reason=WENT_ON), 201)

    assert await due(held, "assist_answered") == ("open", "2026-10-30")


async def test_an_urgent_request_to_the_police_is_due_within_the_day(service: Service) -> None:
    urgent = assist_request(urgent=True, addressee=organ(POLICE), field="public_security")
    held = await pushed(service, urgent, PROCURATORATE)

    node = await held.node("assist_answered")
    assert (node["due_at"], node["limit"]) == ("2026-09-23T11:00:00+08:00", {"amount": 24, "unit": "hour"})
    assert (node["responsible"], node["responsible_role"]) == (POLICE, "agency")
    said(await held.tell(happened("fulfilled", "2026-09-23T10:40:00+08:00"), LOCAL_POLICE), 201)
    assert (await held.node("assist_answered"))["state"] == "done"


async def test_a_question_of_an_agency_is_answered_by_the_procuratorate_that_was_asked(service: Service) -> None:
    held = await pushed(service, consultation(), AGENCY)
    assert await seen_by(service, held, PROCURATORATE, LOCAL_POLICE) == [200, 404]
    # Seven days after 22 September: Tuesday 29.
    assert await due(held, "assist_consulted") == ("overdue", "2026-09-29")

    for name in (AGENCY, CITY_PROCURATORATE):
        assert said(await held.tell(happened("answered", "2026-10-08"), name), 403)["code"] == "not-your-step"
    said(await held.tell(happened("answered", "2026-10-08", answer="按已售数量认定"), PROCURATORATE), 201)

    assert await state(held) == "answered"
    assert await due(held, "assist_consulted") == ("done_late", "2026-09-29")


async def test_a_question_is_no_way_to_give_the_procuratorate_orders(service: Service) -> None:
    held = await pushed(service, consultation(), AGENCY)

    for event in (happened("fulfilled", "2026-09-24"), happened("refused", "2026-09-24", **REASONED)):
        assert said(await held.tell(event, AGENCY), 409)["code"] == "step-not-allowed"
    assert said(await held.tell(happened("sent", "2026-09-24"), PROCURATORATE), 409)["code"] == "step-not-allowed"


# --- the clue shows it ----------------------------------------------------------------------------


async def filed_clue(service: Service) -> Held:
    """A clue that Wuchang's procuratorate has filed."""
    held = await pushed(service, clue(), "ecology-city")
    for event in ("registered", "evaluated", "administrative_filed"):
        said(await held.tell(happened(event, "2026-09-10"), PROCURATORATE), 201)
    return held


@pytest.mark.parametrize("clue_first", [True, False])
async def test_an_investigation_that_is_refused_shows_in_the_clue_and_goes_on_when_others_were_told(
    service: Service, *, clue_first: bool
) -> None:
    asked = assist_request(refs=[ref(clue())], items=[{"name": "样例处罚案卷"}])
    if clue_first:
        case = await filed_clue(service)
        request = await pushed(service, asked, PROCURATORATE)
    else:
        request = await pushed(service, asked, PROCURATORATE)
        case = await filed_clue(service)
    before = await state(case)
    assert await brought_about(case) == [("assistance_requested", "2026-09-22T10:20:00+08:00")]

    refused = said(await request.tell(happened("refused", "2026-09-24", **REASONED), AGENCY), 201)
    assert [one for one, _ in await brought_about(case)] == ["assistance_requested", "assistance_refused"]
    said(await request.tell(happened("escalated", "2026-09-28", to="superior_organ"), PROCURATORATE), 201)
    said(await request.tell(happened("fulfilled", "2026-10-08"), AGENCY), 201)

    assert await brought_about(case) == [
        ("assistance_requested", "2026-09-22T10:20:00+08:00"),
        ("assistance_refused", "2026-09-24"),
        ("assistance_given", "2026-10-08"),
    ]
    assert await state(case) == before
    timeline = await case.read("/timeline", by=PROCURATORATE)
    assert sorted(one["record_type"] for one in timeline["records"]) == ["assist_request", "clue"]
    said(await request.withdraw(refused["id"], by=AGENCY, reason=MISTAKE), 201)
    assert [one for one, _ in await brought_about(case)] == ["assistance_requested", "assistance_given"]


async def test_the_request_of_another_procuratorate_tells_the_clue_nothing(service: Service) -> None:
    case = await filed_clue(service)
    other = assist_request(refs=[ref(clue())], organisation=JIANGAN, region="420102")

    await pushed(service, other, "procuratorate-jiangan")

    assert await brought_about(case) == []


# --- an advice answers a refusal ------------------------------------------------------------------


async def test_an_advice_that_is_served_answers_a_refusal_until_it_is_taken_back(service: Service) -> None:
    request = await pushed(service, assist_request(), PROCURATORATE)
    said(await request.tell(happened("refused", "2026-09-24", **REASONED), AGENCY), 201)
    about = advice(refs=[ref(assist_request())], decided_on="2026-09-25", served_on=None)
    letter = await pushed(service, about, PROCURATORATE)
    assert await state(request) == "refused"

    served = said(await letter.tell(happened("served", "2026-09-28"), PROCURATORATE), 201)

    assert await state(request) == "escalated"
    assert await due(request, "assist_escalated") == ("done", None)
    (brought,) = [item["event"] for item in (await request.read("/events"))["items"] if item.get("caused_by")]
    # Two months after Monday 28 September: Saturday 28 November gives way to Monday 30.
    assert (brought["occurred_at"], brought["reply_by"]) == ("2026-09-28", "2026-11-30")
    said(await letter.withdraw(served["id"]), 201)
    assert await state(request) == "refused"
    assert await brought_about(request) == []


async def test_an_advice_for_what_was_given_is_noted_and_moves_nothing(service: Service) -> None:
    request = await pushed(service, assist_request(), PROCURATORATE)
    said(await request.tell(happened("fulfilled", "2026-09-24"), AGENCY), 201)

    await pushed(service, advice(refs=[ref(assist_request())]), PROCURATORATE)

    assert await state(request) == "fulfilled"
    assert await brought_about(request) == [("advice_served", "2026-09-18")]
