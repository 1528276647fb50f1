"""A case that goes back to the agency: who hands it over, who sees it, and how the agency's penalty answers it."""

from __future__ import annotations

import httpx
import pytest

from tests.api.held import MISTAKE, Held, pushed
from tests.api.promises import Json
from tests.conftest import Service
from tests.reverse_transfers import handed_over, not_issued, reverse_transfer
from tests.transfers import CITY_MARKET, organ, ref, transfer, undecided

REVERSE_TRANSFERS = "/v1/records/reverse_transfer"
AGENCY, POLICE, PROCURATORATE = "market-wuchang", "police-wuchang", "procuratorate-wuchang"
STRANGERS = ("market-city", "market-jiangan", "police-city", "procuratorate-jiangan", "ecology-city")


def happened(event: str, on: str, **more: object) -> Json:
    return {"event": event, "occurred_at": on, **more}


def said(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    return answer.json()


async def due(held: Held, node: str) -> tuple[str, str | None, str | None]:
    found = await held.node(node)
    return found["state"], (found["due_at"] or "")[:10] or None, (found["done_at"] or "")[:10] or None


async def state(held: Held) -> str:
    return str((await held.read())["state"])


async def told(held: Held) -> list[Json]:
    """Every event that was reported of it or brought about on it, as it is listed."""
    return [item for item in (await held.read("/events"))["items"] if item["id"]]


async def brought_about(held: Held) -> list[tuple[str, str]]:
    """What other records brought about on it and was not taken back."""
    items = [item for item in await told(held) if item.get("caused_by") and item["applied"]]
    return [(item["event"]["event"], item["event"]["occurred_at"]) for item in items]


# --- who hands over, who sees it ------------------------------------------------------------------


async def test_without_a_token_nothing_is_told_or_taken(service: Service) -> None:
    held = await pushed(service, reverse_transfer(), PROCURATORATE)

    for answer in (
        await service.anonymous.get(held.address),
        await service.anonymous.post(REVERSE_TRANSFERS, json=reverse_transfer(2)),
        await service.anonymous.post(f"{held.address}/events", json=happened("acknowledged", "2026-09-21")),
    ):
        assert said(answer, 401)["code"] == "token-missing"


async def test_the_agency_it_is_for_sees_it_and_other_organs_do_not(service: Service) -> None:
    held = await pushed(service, reverse_transfer(), PROCURATORATE)

    readers = (PROCURATORATE, AGENCY, "procuratorate-city", "justice-city", "auditor-city", POLICE, *STRANGERS)
    answers = [(await (await service.client(name)).get(held.address)).status_code for name in readers]

    assert answers == [200, 200, 200, 200, 200, 404, *[404] * len(STRANGERS)]


async def test_auditors_and_the_justice_bureau_do_not_see_whom_it_is_about(service: Service) -> None:
    held = await pushed(
        service, reverse_transfer(violation_facts="样例被不起诉人1销售假冒注册商标的商品。"), PROCURATORATE
    )

    for reader in ("auditor-city", "justice-city"):
        read = await held.read(by=reader)
        assert {"/subjects/1/name", "/subjects/1/id_no", "/violation_facts"} <= set(read["masked"])
        assert "样例被不起诉人1" not in str(read)
        assert read["record"]["subjects"][0]["name"] == "武汉样例第1商贸有限公司"


async def test_who_hands_over_pushes_it_and_nobody_else(service: Service) -> None:
    for name, record in ((AGENCY, reverse_transfer()), (POLICE, reverse_transfer()), (PROCURATORATE, handed_over())):
        answer = await (await service.client(name)).post(REVERSE_TRANSFERS, json=record)
        assert answer.status_code == 403, answer.text

    await pushed(service, reverse_transfer(), PROCURATORATE)
    await pushed(service, handed_over(), POLICE)


@pytest.mark.parametrize(
    ("event", "reporter"),
    [
        (happened("acknowledged", "2026-09-21"), "agency"),
        (happened("filed", "2026-09-21"), "agency"),
        (happened("refused", "2026-09-21", reason="样例"), "agency"),
        (happened("copied", "2026-09-21"), "procuratorate"),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else "",
)
async def test_each_side_reports_its_own_steps_alone(service: Service, event: Json, reporter: str) -> None:
    held = await pushed(service, reverse_transfer(), PROCURATORATE)
    own, other = (AGENCY, PROCURATORATE) if reporter == "agency" else (PROCURATORATE, AGENCY)

    assert said(await held.tell(event, other), 403)["code"] == "not-your-step"
    said(await held.tell(event, own), 201)


@pytest.mark.parametrize("event", ["penalty_filed", "penalty_decided"])
async def test_what_a_penalty_brings_about_nobody_reports(service: Service, event: str) -> None:
    held = await pushed(service, reverse_transfer(), PROCURATORATE)

    for name in (AGENCY, PROCURATORATE):
        assert said(await held.tell(happened(event, "2026-09-21"), name), 403)["code"] == "not-your-step"
    assert await told(held) == []


async def test_what_the_police_hand_over_is_filed_and_answered_like_an_opinion(service: Service) -> None:
    held = await pushed(service, handed_over(), POLICE)
    assert await state(held) == "handed_over"

    for event in (happened("acknowledged", "2026-09-21"), happened("filed", "2026-09-22")):
        said(await held.tell(event, AGENCY), 201)
    said(await held.tell(happened("replied", "2026-10-08", outcome="penalised"), AGENCY), 201)
    said(await held.tell(happened("reply_accepted", "2026-10-09"), POLICE), 201)

    assert await state(held) == "closed"


async def test_escalation_waits_until_the_reply_is_late(service: Service) -> None:
    held = await pushed(service, reverse_transfer(reply_by="2026-09-30"), PROCURATORATE)
    early = happened("escalated", "2026-09-29", to="justice", source_id="1")
    late = happened("escalated", "2026-10-09", to="justice", source_id="2")

    assert said(await held.tell(early, PROCURATORATE), 201)["applied"] is False
    assert said(await held.tell(late, PROCURATORATE), 201)["applied"] is True

    assert await state(held) == "escalated"
    assert (await due(held, "reverse_replied"))[:2] == ("overdue", "2026-09-30")
    reply = await held.node("reverse_replied")
    assert (reply["named_day"], reply["limit"]) == ("2026-09-30", {"amount": 12, "unit": "natural_day"})
    assert "文书载明至 09-30" in reply["explanation"]


# --- the penalty answers it -----------------------------------------------------------------------


async def test_not_prosecuted_the_opinion_lets_the_suspended_case_go_on_to_its_penalty(service: Service) -> None:
    case = await pushed(service, undecided(), AGENCY)
    in_spring: Json = {
        "suspected_on": "2026-03-30",
        "team_named_on": "2026-03-30",
        "reported_on": "2026-03-31",
        **dict.fromkeys(("approved_at", "sent_at", "copied_at"), "2026-04-01T10:00:00+08:00"),
    }
    crime = await pushed(service, transfer(refs=[ref(undecided())], **in_spring), AGENCY)
    for event in (
        happened("received", "2026-04-01"),
        happened("filed", "2026-04-03", document_no="武公立字〔2026〕8号"),
        happened("notified", "2026-04-03"),
    ):
        said(await crime.tell(event, POLICE), 201)
    said(await crime.tell(happened("items_handed_over", "2026-04-07"), AGENCY), 201)
    assert (await due(case, "penalty_decided"))[0] == "paused"

    # Monday 15 June 2026: the procuratorate does not prosecute, and says so of the transfer and in its own record.
    not_prosecuted = happened("not_prosecuted", "2026-06-15", ground="discretionary")
    said(await crime.tell(not_prosecuted, PROCURATORATE), 201)
    # 90 days from 2 March, and the 75 from 1 April to 14 June that do not count: 165 days, Friday 14 August.
    assert await due(case, "penalty_decided") == ("overdue", "2026-08-14", None)
    refs = [ref(transfer()), ref(undecided())]
    opinion = await pushed(service, not_issued(not_prosecuted_on="2026-06-15", refs=refs), PROCURATORATE)
    # Three working days, 16 to 18 June; the Dragon Boat holiday begins on the 19th.
    assert (await due(opinion, "reverse_internal"))[1] == "2026-06-18"
    said(await opinion.tell(happened("referred", "2026-06-18"), PROCURATORATE), 201)
    said(await opinion.tell(happened("registered", "2026-06-22"), PROCURATORATE), 201)
    # Ten working days: 23 to 26 June, 29 June to 3 July, 6 July.
    assert (await due(opinion, "reverse_reviewed"))[1] == "2026-07-06"
    whole: Json = {"referred_on": "2026-06-18", "registered_on": "2026-06-22", "opinion_on": "2026-07-03"}
    issued = reverse_transfer(not_prosecuted_on="2026-06-15", served_on=None, refs=refs, **whole)
    said(await opinion.put(issued), 201)
    # Three days from the opinion, Monday 6 July; the older count, from the decision itself, is only shown.
    assert (await due(opinion, "reverse_opinion_sent"))[1] == "2026-07-06"
    assert await due(opinion, "reverse_opinion_sent_2021") == ("open", "2026-06-18", None)
    said(await opinion.tell(happened("served", "2026-07-06"), PROCURATORATE), 201)

    # The case is on file since March and goes on: there is nothing to file again. Two months end on Sunday 6 September.
    assert (await due(opinion, "reverse_agency_filed"))[2] == "2026-07-06"
    assert await due(opinion, "reverse_replied") == ("overdue", "2026-09-07", None)
    said(await case.tell(happened("decided", "2026-08-12"), AGENCY), 201)

    assert await due(case, "penalty_decided") == ("done", "2026-08-14", "2026-08-12")
    assert await due(opinion, "reverse_replied") == ("done", "2026-09-07", "2026-08-12")
    assert await brought_about(opinion) == [("penalty_filed", "2026-03-02"), ("penalty_decided", "2026-08-12")]
    assert await state(opinion) == "replied"
    said(await opinion.tell(happened("reply_accepted", "2026-08-20"), PROCURATORATE), 201)
    assert await state(opinion) == "closed"
    timeline = said(await (await service.client("auditor-city")).get(f"{opinion.address}/timeline"), 200)
    assert sorted(one["record_type"] for one in timeline["records"]) == ["penalty", "reverse_transfer", "transfer"]


@pytest.mark.parametrize("opinion_first", [True, False])
async def test_a_new_penalty_answers_the_opinion_whichever_arrives_first(
    service: Service, *, opinion_first: bool
) -> None:
    penalty = undecided(filed_on="2026-09-24", clue_found_on="2026-09-21", refs=[ref(reverse_transfer())])
    records = [(reverse_transfer(), PROCURATORATE), (penalty, AGENCY)]
    for record, name in records if opinion_first else reversed(records):
        said(await (await service.client(name)).post(f"/v1/records/{record['record_type']}", json=record), 201)
    opinion, case = await _found(service, reverse_transfer()), await _found(service, penalty)

    # Served on Friday 18 September 2026: filed within the fifteen working days.
    assert (await due(opinion, "reverse_agency_filed"))[::2] == ("done", "2026-09-24")
    assert await state(opinion) == "filed"
    told = said(await case.tell(happened("not_punished", "2026-10-08", reason="轻微并及时改正"), AGENCY), 201)

    assert await state(opinion) == "replied"
    assert (await due(opinion, "reverse_replied"))[::2] == ("done", "2026-10-08")
    said(await case.withdraw(told["id"], reason=MISTAKE), 201)
    assert await state(opinion) == "filed"
    assert await brought_about(opinion) == [("penalty_filed", "2026-09-24")]


async def test_the_penalty_of_another_agency_answers_nothing(service: Service) -> None:
    opinion = await pushed(service, reverse_transfer(), PROCURATORATE)
    fined = undecided(filed_on="2026-09-24", clue_found_on="2026-09-21", refs=[ref(reverse_transfer())])
    other = fined | {"organisation": CITY_MARKET, "organ": organ(CITY_MARKET), "region": "420100"}

    case = await pushed(service, other, "market-city")
    said(await case.tell(happened("not_punished", "2026-10-08", reason="样例"), "market-city"), 201)

    assert await told(opinion) == []
    assert await state(opinion) == "served"


async def _found(service: Service, record: Json) -> Held:
    name = PROCURATORATE if record["record_type"] == "reverse_transfer" else AGENCY
    listed = await (await service.client(name)).get(
        f"/v1/records/{record['record_type']}", params={"source_id": record["source_id"]}
    )
    (item,) = said(listed, 200)["items"]
    return Held(service, item["id"], name, record["record_type"])


async def test_what_the_agency_reports_itself_stays_lawful_beside_its_penalty(service: Service) -> None:
    opinion = await pushed(service, reverse_transfer(), PROCURATORATE)
    said(await opinion.tell(happened("acknowledged", "2026-09-21"), AGENCY), 201)
    said(await opinion.tell(happened("filed", "2026-09-25"), AGENCY), 201)
    said(await opinion.tell(happened("replied", "2026-10-09", outcome="penalised"), AGENCY), 201)

    case = await pushed(
        service,
        undecided(filed_on="2026-09-23", clue_found_on="2026-09-21", refs=[ref(reverse_transfer())]),
        AGENCY,
    )
    said(await case.tell(happened("decided", "2026-10-08"), AGENCY), 201)

    assert await state(opinion) == "replied"
    assert (await due(opinion, "reverse_replied"))[2] == "2026-10-08"
    assert [item["applied"] for item in await told(opinion)] == [True] * 5
