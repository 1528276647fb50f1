"""An advice: who gives it, who sees it and when, who answers, and what becomes of its clocks on the way."""

from __future__ import annotations

import httpx
import pytest

from tests.advices import advice, draft, in_the_public_interest
from tests.api.attaching import attachment, pdf, place, put
from tests.api.held import WENT_ON, Held, pushed
from tests.api.promises import Json
from tests.api.storytelling import Callers, Case, told
from tests.conftest import Service
from tests.reverse_transfers import CITY_JUSTICE
from tests.transfers import CITY_MARKET, MARKET, POLICE, organ

pytestmark = pytest.mark.any_server

ADVICE = "/v1/records/advice"
AGENCY, PROCURATORATE, COPIED = "market-wuchang", "procuratorate-wuchang", "market-city"
SUPERVISORS = ("procuratorate-city", "justice-city", "auditor-city")
STRANGERS = ("market-jiangan", "police-wuchang", "police-city", "procuratorate-jiangan", "ecology-city")
EVERYBODY = (PROCURATORATE, AGENCY, COPIED, *SUPERVISORS, *STRANGERS, "office-city")
LETTER = pdf(seed="advice")


def happened(event: str, on: str, **more: object) -> Json:
    return {"event": event, "occurred_at": on, **more}


def said(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    return answer.json()


async def readers(service: Service, held: Held) -> set[str]:
    """Who of everybody is given the record."""
    callers = Callers(service)
    return {name for name in EVERYBODY if (await (await callers(name)).get(held.address)).status_code == 200}


async def due(held: Held, node: str) -> tuple[str, str | None]:
    found = await held.node(node)
    return found["state"], (found["due_at"] or "")[:10] or None


# --- who gives it, who sees it --------------------------------------------------------------------


async def test_without_a_token_nothing_is_told_or_taken(service: Service) -> None:
    held = await pushed(service, advice(), PROCURATORATE)

    for answer in (
        await service.anonymous.get(held.address),
        await service.anonymous.post(ADVICE, json=advice(2)),
        await service.anonymous.post(f"{held.address}/events", json=happened("acknowledged", "2026-09-21")),
    ):
        assert said(answer, 401)["code"] == "token-missing"


@pytest.mark.parametrize("name", [AGENCY, "police-wuchang", "office-city", "procuratorate-city"])
async def test_nobody_gives_the_advice_of_a_procuratorate_but_itself(service: Service, name: str) -> None:
    answer = await (await service.client(name)).post(ADVICE, json=advice())

    assert answer.status_code == 403, answer.text


async def test_a_draft_is_not_there_for_whom_it_is_meant_until_it_is_served_and_then_is_whole(service: Service) -> None:
    copied_to = [organ(CITY_MARKET)]
    held = await pushed(service, draft(copied_to=copied_to), PROCURATORATE)
    seen = [await readers(service, held)]
    listed = said(await (await service.client(AGENCY)).get(ADVICE), 200)["items"]

    decided = advice(copied_to=copied_to, served_on=None)
    said(await held.put(decided, reason=WENT_ON), 201)
    seen.append(await readers(service, held))
    nodes = (await (await service.client(AGENCY)).get("/v1/nodes", params={"responsible": MARKET})).json()["items"]
    await service.sequence()
    told_early = await held.feed(AGENCY)
    said(await held.tell(happened("served", "2026-09-18", way="written"), PROCURATORATE), 201)
    seen.append(await readers(service, held))

    assert (listed, nodes, told_early) == ([], [], [])
    before = {PROCURATORATE, *SUPERVISORS}
    assert seen == [before, before, before | {AGENCY}]
    read = await held.read(by=AGENCY)
    assert read["record"] == decided
    told_of = (await held.read("/events", AGENCY))["items"]
    assert [item["event"]["event"] for item in told_of if item["id"]] == ["served"]
    assert {item["kind"] for item in await held.feed(AGENCY)} >= {"disclosure", "event"}


async def test_a_service_that_was_a_mistake_takes_the_advice_out_of_sight_again(service: Service) -> None:
    held = await pushed(service, advice(served_on=None), PROCURATORATE)
    served = said(await held.tell(happened("served", "2026-09-18"), PROCURATORATE), 201)
    assert AGENCY in await readers(service, held)

    reason = {"code": "entered_by_mistake", "text": "尚未送达"}
    assert (await held.withdraw(served["id"], reason=reason)).status_code in (200, 201)

    assert AGENCY not in await readers(service, held)


async def test_who_has_a_copy_reads_it_once_it_was_copied_and_reports_nothing(service: Service) -> None:
    held = await pushed(service, advice(copied_to=[organ(CITY_MARKET)]), PROCURATORATE)
    before = await readers(service, held)

    said(await held.tell(happened("copied", "2026-09-21", to="superior_organ"), PROCURATORATE), 201)

    after = await readers(service, held)
    assert after - before == {COPIED}
    assert (await held.read(by=COPIED))["record"]["proposals"] == advice()["proposals"]
    for event in (
        happened("replied", "2026-09-22", outcome="rectified"),
        happened("acknowledged", "2026-09-22"),
        happened("objected", "2026-09-22", reason="样例"),
    ):
        assert said(await held.tell(event, COPIED), 403)["code"] == "not-your-step"


@pytest.mark.parametrize(("name", "status"), [*((name, 404) for name in STRANGERS), ("procuratorate-city", 403)])
async def test_the_reply_of_another_organ_is_refused(service: Service, name: str, status: int) -> None:
    held = await pushed(service, advice(), PROCURATORATE)

    answer = await held.tell(happened("replied", "2026-09-22", outcome="rectified"), name)

    assert said(answer, status)["code"] == ("unknown-record" if status == 404 else "not-your-step")


async def test_whom_a_draft_is_for_may_not_answer_it(service: Service) -> None:
    held = await pushed(service, advice(served_on=None), PROCURATORATE)

    for event in (happened("acknowledged", "2026-09-21"), happened("replied", "2026-09-22", outcome="rectified")):
        assert said(await held.tell(event, AGENCY), 404)["code"] == "unknown-record"


async def test_another_procuratorate_does_not_act_on_it_though_it_may_read_it(service: Service) -> None:
    held = await pushed(service, advice(), PROCURATORATE)

    for event in (happened("revoked", "2026-09-22", reason="样例"), happened("urged", "2026-09-22")):
        assert said(await held.tell(event, "procuratorate-city"), 403)["code"] == "not-your-step"
    assert (await held.read(by="procuratorate-city"))["state"] == "served"


@pytest.mark.parametrize(
    ("event", "own"),
    [
        (happened("acknowledged", "2026-09-21"), AGENCY),
        (happened("objected", "2026-09-21", reason="样例"), AGENCY),
        (happened("replied", "2026-09-21", outcome="rectified"), AGENCY),
        (happened("filed_upward", "2026-09-21"), PROCURATORATE),
        (happened("copied", "2026-09-21", to="government"), PROCURATORATE),
        (happened("amended", "2026-09-21", what="样例"), PROCURATORATE),
        (happened("revoked", "2026-09-21", reason="样例"), PROCURATORATE),
        (happened("urged", "2026-09-21"), PROCURATORATE),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else "",
)
async def test_each_side_reports_its_own_steps_alone(service: Service, event: Json, own: str) -> None:
    held = await pushed(service, advice(), PROCURATORATE)
    other = PROCURATORATE if own == AGENCY else AGENCY

    assert said(await held.tell(event, other), 403)["code"] == "not-your-step"
    said(await held.tell(event, own), 201)


async def test_the_police_answer_as_whom_the_advice_is_for(service: Service) -> None:
    held = await pushed(service, advice(addressee=organ(POLICE), field="public_security"), PROCURATORATE)

    said(await held.tell(happened("replied", "2026-10-08", outcome="rectified"), "police-wuchang"), 201)

    assert (await held.read(by="police-wuchang"))["state"] == "replied"


async def test_an_advice_is_for_no_justice_bureau_that_is_known_as_one(service: Service) -> None:
    answer = await (await service.client(PROCURATORATE)).post(ADVICE, json=advice(addressee=organ(CITY_JUSTICE)))

    assert [one["code"] for one in said(answer, 422)["errors"]] == ["another-role"]


async def test_an_advice_is_found_by_whom_it_is_for(service: Service) -> None:
    held = await pushed(service, advice(), PROCURATORATE)
    client = await service.client(PROCURATORATE)

    for query in ({"party_code": MARKET}, {"document_no": "武昌检建[2026]1号"}):
        items = said(await client.get(ADVICE, params=query), 200)["items"]
        assert [item["id"] for item in items] == [held.id], query


async def test_the_letter_is_read_by_whom_it_is_for_once_it_was_served(service: Service) -> None:
    papers = [attachment(LETTER, name="检察建议书.pdf")]
    held = await pushed(service, advice(papers=papers, served_on=None), PROCURATORATE)
    assert (await put(await service.client(PROCURATORATE), held, LETTER)).status_code == 201
    agency = await service.client(AGENCY)

    early = await agency.get(place(held, LETTER))
    said(await held.tell(happened("served", "2026-09-18"), PROCURATORATE), 201)
    late = await agency.get(place(held, LETTER))

    assert (early.status_code, late.status_code, late.content) == (404, 200, LETTER)


# --- stories --------------------------------------------------------------------------------------
#
# 2026: 05-01 to 05 off, 05-09 worked; 09-25 to 27 off, 09-20 worked; 10-01 to 07 off, 10-10 worked.


async def given(service: Service, when: str, record: Json) -> Case:
    """An advice that Wuchang's procuratorate pushes, watched by both sides."""
    return await told(service, PROCURATORATE, when, record, (PROCURATORATE, AGENCY), Callers(service))


async def test_an_advice_that_was_objected_to_is_amended_and_answered_anew(service: Service) -> None:
    begun = advice(decided_on="2026-03-09", served_on="2026-03-10", investigation_on=None, objection_by="2026-03-24")
    case = await given(service, "2026-03-10T17:00", begun)
    await case.owes(
        # Five days from Tuesday 10 March: Sunday 15, Monday 16.
        advice_filed_up=("open", "2026-03-16", PROCURATORATE),
        advice_objection=("open", "2026-03-24", AGENCY),
        # Two months: Sunday 10 May, Monday 11.
        advice_replied=("open", "2026-05-11", AGENCY),
    )
    await case.says(PROCURATORATE, "2026-03-13", "filed_upward")
    objected = await case.says(AGENCY, "2026-03-20", "objected", reason="其中一件不属于其职责")
    assert objected["state"] == "objected"
    await case.owes(advice_objection_reviewed=("open", None, PROCURATORATE))

    amended = await case.says(PROCURATORATE, "2026-03-25", "amended", what="删去一件", reason="异议部分成立")
    assert amended["state"] == "amended"
    await case.owes(
        advice_objection_reviewed=("done", None, PROCURATORATE),
        advice_served_anew=("open", None, PROCURATORATE),
        advice_replied=("waived", "2026-05-11", AGENCY),
    )
    # Without a reply by then nobody is late: the older text asks for nothing any more.
    await case.is_late("2026-05-12T09:00")

    await case.says(PROCURATORATE, "2026-05-12", "served", way="written")
    # Two months from the new service: Sunday 12 July, Monday 13.
    await case.owes(
        advice_served_anew=("done", None, PROCURATORATE),
        advice_replied=("open", "2026-07-13", AGENCY),
    )
    await case.says(AGENCY, "2026-07-13", "replied", outcome="rectified", document_no="武昌市监函〔2026〕20号")
    assert (await case.says(PROCURATORATE, "2026-07-20", "verified"))["state"] == "closed"

    await case.is_late("2026-12-31T09:00")
    await case.comes_to(
        "closed",
        {
            "advice_served": ("done", None, PROCURATORATE),
            "advice_served_anew": ("done", None, PROCURATORATE),
            "advice_filed_up": ("done", "2026-03-16", PROCURATORATE),
            # The record still names the day of the older letter; there is none for the newer.
            "advice_objection": ("waived", None, AGENCY),
            "advice_objection_reviewed": ("done", None, PROCURATORATE),
            "advice_replied": ("done", "2026-07-13", AGENCY),
            "advice_verified": ("done", None, PROCURATORATE),
        },
    )


async def test_who_does_not_reply_is_urged_and_others_are_told_once_it_is_late(service: Service) -> None:
    begun = advice(decided_on="2026-07-29", served_on="2026-07-31", investigation_on=None, objection_by="2026-08-14")
    case = await given(service, "2026-07-31T17:00", begun)
    # Two months from 31 July: there is no 31 September, so Wednesday 30.
    await case.owes(advice_replied=("open", "2026-09-30", AGENCY))
    await case.says(PROCURATORATE, "2026-08-03", "filed_upward")
    await case.says(PROCURATORATE, "2026-09-21", "urged", note="走访")
    early = await case.reports(PROCURATORATE, "2026-09-30", "escalated", to="superior_organ")
    assert (early["applied"], early["state"]) == (False, "served")
    await case.takes_back(PROCURATORATE, early["id"])

    await case.is_late("2026-10-01T00:00", ("advice_replied", AGENCY))
    told_others = await case.says(PROCURATORATE, "2026-10-08", "escalated", to="superior_organ")
    assert told_others["state"] == "escalated"
    await case.is_late("2026-10-09T09:00", ("advice_replied", AGENCY))
    await case.says(AGENCY, "2026-10-12", "replied", outcome="rectified")
    assert (await case.says(PROCURATORATE, "2026-10-20", "verified"))["state"] == "closed"

    await case.comes_to(
        "closed",
        {
            "advice_served": ("done", None, PROCURATORATE),
            # Five days from Friday 31 July: Wednesday 5 August.
            "advice_filed_up": ("done", "2026-08-05", PROCURATORATE),
            "advice_objection": ("waived", "2026-08-14", AGENCY),
            "advice_replied": ("done_late", "2026-09-30", AGENCY),
            "advice_verified": ("done", None, PROCURATORATE),
            "advice_escalated": ("done", None, PROCURATORATE),
        },
    )


async def test_where_the_damage_spreads_the_reply_is_due_in_fifteen_days_and_acting_in_two_months(
    service: Service,
) -> None:
    begun = in_the_public_interest(urgent=True, decided_on="2026-09-14", served_on="2026-09-18", rectify_by=None)
    case = await given(service, "2026-09-18T17:00", begun)

    # Three days from Monday 14: Thursday 17, so served on Friday it is late, and the procuratorate's delay shows.
    await case.owes(
        advice_served=("done_late", "2026-09-17", PROCURATORATE),
        advice_filed_up=("open", "2026-09-23", PROCURATORATE),
        # Fifteen days: Saturday 3 October, off to 7; Thursday 8.
        advice_replied=("open", "2026-10-08", AGENCY),
        advice_rectified=("open", "2026-11-18", AGENCY),
    )
    reply = await case.node("advice_replied")
    assert reply["limit"] == {"amount": 15, "unit": "natural_day"}
    assert "2018" in reply["basis"]
    await case.says(PROCURATORATE, "2026-09-21", "filed_upward")

    await case.is_late("2026-10-09T09:00", ("advice_replied", AGENCY))
    await case.says(AGENCY, "2026-10-09", "replied", outcome="not_accepted", reason="认为属其他部门职责")
    urged = await case.says(PROCURATORATE, "2026-11-20", "urged")
    escalated = await case.says(PROCURATORATE, "2026-11-23", "escalated", to="government")
    assert (urged["state"], escalated["state"]) == ("follow_up", "escalated")
    await case.is_late("2026-12-31T09:00")
    assert (await case.node("advice_replied"))["state"] == "done_late"


async def test_what_is_revoked_leaves_nothing_to_be_done(service: Service) -> None:
    begun = advice(decided_on="2026-09-08", served_on="2026-09-09", investigation_on=None, objection_by="2026-09-24")
    case = await given(service, "2026-09-09T17:00", begun)

    revoked = await case.says(PROCURATORATE, "2026-09-10", "revoked", reason="确有不当")

    assert revoked["state"] == "revoked"
    await case.is_late("2026-12-31T09:00")
    assert {state for state, _, _ in (await case.nodes()).values()} == {"done", "waived"}
    assert await case.tries(AGENCY, "2026-09-14", "replied", outcome="rectified") == (409, "step-not-allowed")


async def test_an_advice_kept_after_an_objection_is_due_when_it_was(service: Service) -> None:
    begun = advice(decided_on="2026-09-08", served_on="2026-09-09", investigation_on=None, objection_by="2026-09-24")
    held = await pushed(service, begun, PROCURATORATE)

    said(await held.tell(happened("objected", "2026-09-21", reason="样例"), AGENCY), 201)
    kept = said(await held.tell(happened("kept", "2026-09-23", reason="理由不成立"), PROCURATORATE), 201)

    assert kept["state"] == "kept"
    # Two months from Wednesday 9 September: Monday 9 November.
    assert await due(held, "advice_replied") == ("open", "2026-11-09")
    assert await due(held, "advice_objection_reviewed") == ("done", None)
