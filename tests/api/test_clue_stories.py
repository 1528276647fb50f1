"""Lives of clues, from hand-over to judgment, told through the API and held against dates that were worked by hand.

Beside each date stands its count on the wall calendar of 2026: the opening day is not counted, "off" is passed over,
"make-up" is a Saturday or Sunday that is worked; a period in days or months whose last day is off ends on the next day
that is worked.

Off in 2026: 01-01 to 03, 02-15 to 23, 04-04 to 06, 05-01 to 05, 06-19 to 21, 09-25 to 27, 10-01 to 07; make-up: 01-04,
02-14, 02-28, 05-09, 09-20, 10-10.
"""

from __future__ import annotations

import pytest

from tests.advices import advice, in_the_public_interest
from tests.api.promises import Json
from tests.api.storytelling import CODES, Case, Seen, told
from tests.assist_requests import assist_request
from tests.clues import by_the_office, clue
from tests.conftest import Service
from tests.transfers import organ, ref

pytestmark = pytest.mark.any_server

GIVER, PROCURATORATE, ORGAN = "ecology-city", "procuratorate-wuchang", "market-wuchang"
CITY_PROCURATORATE, OTHER_PROCURATORATE = "procuratorate-city", "procuratorate-jiangan"
OFFICE, AUDITOR = "office-city", "auditor-city"
EARLY: Json = {"began_on": "2026-02-01", "actions_taken": None}
"""Of a case that was begun before the harm of others."""

WATCHING = (GIVER, PROCURATORATE, CITY_PROCURATORATE, AUDITOR)


def handed_over(sent: str, **changes: object) -> Json:
    """A clue that was found to be for the procuratorate on the day on which it was sent."""
    days = {"assessed_on": sent, "sent_on": sent}
    return clue(1, **{**days, **changes})


async def begun(service: Service, sent: str, registered: str, evaluated: str, **changes: object) -> Case:
    """A clue up to its evaluation, pushed at three in the afternoon."""
    case = await told(service, GIVER, f"{sent}T15:00", handed_over(sent, **changes), WATCHING)
    await case.says(PROCURATORATE, registered, "registered", document_no="武昌检公益线〔2026〕1号")
    await case.says(PROCURATORATE, evaluated, "evaluated")
    return case


async def filed(service: Service, sent: str, days: tuple[str, str, str, str], **changes: object) -> Case:
    """A clue filed as an administrative case: registered, evaluated, filed, and then served and told to the giver."""
    registered, evaluated, filed_on, served = days
    case = await begun(service, sent, registered, evaluated, **changes)
    await case.says(PROCURATORATE, filed_on, "administrative_filed", document_no="武昌检行公立〔2026〕1号")
    await case.says(PROCURATORATE, served, "served")
    await case.says(PROCURATORATE, served, "fed_back", outcome="filed")
    return case


async def advised(of: Case, decided_on: str, served_on: str, **changes: object) -> Case:
    """The advice in the clue's case, pushed in the evening of its service."""
    own = {"refs": [ref(clue())], "decided_on": decided_on, "served_on": served_on}
    record = in_the_public_interest(1, **{**own, **changes})
    watchers = (PROCURATORATE, CITY_PROCURATORATE, ORGAN, AUDITOR)
    return await told(of.service, PROCURATORATE, f"{served_on}T17:30", record, watchers, of.callers)


def decided(service: str | None, feedback: str, by: str = PROCURATORATE) -> dict[str, Seen]:
    """The nodes of a clue on which it was decided, all met: when service and feedback were due."""
    nodes: dict[str, Seen] = {
        "clue_sent": ("done", None, GIVER),
        "clue_registered": ("done", None, by),
        "clue_evaluated": ("done", None, by),
        "clue_decided": ("done", None, by),
        "clue_feedback": ("done", feedback, by),
    }
    return nodes if service is None else nodes | {"clue_filed_served": ("done", service, by)}


async def test_an_administrative_case_ends_when_the_organ_does_what_it_promised_in_consultation(
    service: Service,
) -> None:
    case = await begun(service, "2026-09-01", "2026-09-03", "2026-09-08")
    await case.says(PROCURATORATE, "2026-09-10", "administrative_filed", document_no="武昌检行公立〔2026〕1号")
    await case.owes(
        # Seven days after Thursday 10 September.
        clue_filed_served=("open", "2026-09-17", PROCURATORATE),
        # Ten working days: 11, 14, 15, 16, 17, 18, make-up 20, 21, 22, 23.
        clue_feedback=("open", "2026-09-23", PROCURATORATE),
    )
    # The organ that it is about learns nothing before it is told.
    assert await case.sees(ORGAN) == 404

    await case.says(PROCURATORATE, "2026-09-16", "served")
    assert await case.sees(ORGAN) == 200
    await case.says(PROCURATORATE, "2026-09-21", "fed_back", outcome="filed")
    consulted = await case.says(
        PROCURATORATE, "2026-09-22", "consulted", form="meeting", plan="清运固体废物", rectify_by="2026-10-30"
    )
    assert consulted["state"] == "consulting"
    assert await case.tries(GIVER, "2026-10-28", "rectification_reported") == (403, "not-your-step")
    await case.says(ORGAN, "2026-10-28", "rectification_reported", reason="已清运完毕")

    assert (await case.says(PROCURATORATE, "2026-11-02", "rectified"))["state"] == "rectified"
    await case.is_late("2026-11-30T09:00")
    await case.comes_to(
        "rectified",
        {
            **decided("2026-09-17", "2026-09-23"),
            "clue_consult": ("done", None, PROCURATORATE),
            "clue_concluded": ("done", None, PROCURATORATE),
        },
    )


async def test_a_civil_case_is_brought_to_court_once_the_notice_has_run_out(service: Service) -> None:
    case = await begun(
        service,
        "2026-01-05",
        "2026-01-06",
        "2026-01-09",
        domain="food_drug",
        path="civil",
        supervised_organ=None,
        began_on="2025-12-01",
        actions_taken=None,
    )
    await case.says(PROCURATORATE, "2026-01-12", "civil_filed")
    # Ten working days after Monday 12 January: 13 to 16, 19 to 23, 26. No decision is served in a civil case.
    await case.owes(clue_feedback=("open", "2026-01-26", PROCURATORATE), clue_concluded=("open", None, PROCURATORATE))
    await case.says(PROCURATORATE, "2026-01-23", "fed_back", outcome="filed")

    announced = await case.says(PROCURATORATE, "2026-01-26", "announced", medium="正义网")
    assert announced["state"] == "announced"
    await case.owes(
        # Thirty days after 26 January: Wednesday 25 February.
        clue_notice_civ=("open", "2026-02-25", PROCURATORATE),
        # Three months after that: Monday 25 May.
        clue_prosecute_civ=("open", "2026-05-25", PROCURATORATE),
    )
    # Before the notice has run out a suit is kept, and moves nothing.
    early = await case.reports(PROCURATORATE, "2026-02-24", "sued")
    assert (early["applied"], early["state"]) == (False, "announced")
    await case.takes_back(PROCURATORATE, early["id"])

    sued = await case.says(PROCURATORATE, "2026-03-10", "sued", document_no="武昌检民公诉〔2026〕1号")
    assert sued["state"] == "sued"
    # Five days after Tuesday 10 March: Sunday 15; Monday 16.
    await case.owes(clue_filed_report=("open", "2026-03-16", PROCURATORATE))
    await case.says(PROCURATORATE, "2026-03-16", "suit_reported")
    await case.says(PROCURATORATE, "2026-06-15", "judged", outcome="granted")
    # Three days after Monday 15 June.
    await case.owes(clue_judgment_report=("open", "2026-06-18", PROCURATORATE))
    await case.says(PROCURATORATE, "2026-06-18", "judgment_reported")

    assert (await case.says(PROCURATORATE, "2026-09-30", "enforced"))["state"] == "closed"
    await case.is_late("2026-12-31T09:00")
    await case.comes_to(
        "closed",
        {
            **decided(None, "2026-01-26"),
            "clue_concluded": ("done", None, PROCURATORATE),
            "clue_notice_civ": ("open", "2026-02-25", PROCURATORATE),
            "clue_prosecute_civ": ("done", "2026-05-25", PROCURATORATE),
            "clue_filed_report": ("done", "2026-03-16", PROCURATORATE),
            "clue_judgment_report": ("done", "2026-06-18", PROCURATORATE),
        },
    )


async def test_a_deputy_learns_through_the_office_why_the_clue_was_not_filed_and_that_it_was_told_late(
    service: Service,
) -> None:
    record = by_the_office(sent_on="2026-09-21")
    case = await told(service, OFFICE, "2026-09-21T15:00", record, (PROCURATORATE, CITY_PROCURATORATE, AUDITOR))
    assert await case.sees(OFFICE) == 200
    assert await case.sees(GIVER) == 404
    await case.says(PROCURATORATE, "2026-09-22", "registered")
    await case.says(PROCURATORATE, "2026-09-24", "evaluated")

    await case.says(PROCURATORATE, "2026-09-28", "not_filed", reason="不属于公益诉讼范围")
    # Ten working days after Monday 28 September: 29, 30; off to 10-07; 8, 9, make-up 10, 12, 13, 14, 15, 16.
    await case.owes(clue_feedback=("open", "2026-10-16", PROCURATORATE))
    await case.is_late("2026-10-19T09:00", ("clue_feedback", PROCURATORATE))

    await case.says(PROCURATORATE, "2026-10-19", "fed_back", outcome="not_filed", reason="不属于公益诉讼范围")
    await case.comes_to(
        "not_filed",
        {
            "clue_registered": ("done", None, PROCURATORATE),
            "clue_evaluated": ("done", None, PROCURATORATE),
            "clue_decided": ("done", None, PROCURATORATE),
            "clue_feedback": ("done_late", "2026-10-16", PROCURATORATE),
        },
    )
    reasons = [item["event"].get("reason") for item in (await case.read("/events", OFFICE))["items"]]
    assert "不属于公益诉讼范围" in reasons


async def test_a_clue_that_was_passed_on_stays_where_it_is_until_the_superior_says_where_it_goes(
    service: Service,
) -> None:
    case = await told(
        service,
        GIVER,
        "2026-04-01T15:00",
        handed_over("2026-04-01", began_on="2026-03-01", actions_taken=None),
        WATCHING,
    )
    await case.says(PROCURATORATE, "2026-04-02", "registered")
    assert await case.sees(OTHER_PROCURATORATE) == 404

    other = organ(CODES[OTHER_PROCURATORATE])
    assert (await case.says(PROCURATORATE, "2026-04-03", "rerouted", to=other))["state"] == "rerouted"
    assert await case.sees(OTHER_PROCURATORATE) == 200
    await case.owes(
        clue_rerouted=("done", None, PROCURATORATE),
        clue_registered=("open", None, OTHER_PROCURATORATE),
    )
    assert (await case.says(OTHER_PROCURATORATE, "2026-04-07", "registered"))["state"] == "taken_over"
    # 受移送的人民检察院不得自行退回或者移送.
    back = organ(CODES[PROCURATORATE])
    assert await case.tries(OTHER_PROCURATORATE, "2026-04-08", "rerouted", to=back) == (409, "step-not-allowed")
    await case.says(OTHER_PROCURATORATE, "2026-04-08", "jurisdiction_reported", reason="损害发生在武昌")
    assert await case.tries(CITY_PROCURATORATE, "2026-04-10", "designated", to=back) == (403, "not-your-step")
    await case.says(OTHER_PROCURATORATE, "2026-04-10", "designated", to=back)
    await case.owes(clue_registered=("open", None, PROCURATORATE))

    await case.says(PROCURATORATE, "2026-04-13", "registered")
    await case.says(PROCURATORATE, "2026-04-15", "evaluated")
    assert (await case.tries(OTHER_PROCURATORATE, "2026-04-20", "administrative_filed"))[0] == 403
    await case.says(PROCURATORATE, "2026-04-20", "administrative_filed")
    await case.says(PROCURATORATE, "2026-04-24", "served")
    await case.says(PROCURATORATE, "2026-04-30", "fed_back", outcome="filed")
    assert (await case.says(PROCURATORATE, "2026-05-08", "terminated", reason="已依法处理"))["state"] == "terminated"
    await case.is_late("2026-06-30T09:00")
    await case.comes_to(
        "terminated",
        {
            # Seven days after Monday 20 April. Ten working days: 21 to 24, 27 to 30; off to 05-05; 6, 7.
            **decided("2026-04-27", "2026-05-07"),
            "clue_rerouted": ("done", None, PROCURATORATE),
            "clue_consult": ("waived", None, PROCURATORATE),
            "clue_concluded": ("done", None, PROCURATORATE),
        },
    )


async def test_advice_that_is_answered_in_time_ends_the_case(service: Service) -> None:
    case = await filed(service, "2026-06-01", ("2026-06-02", "2026-06-05", "2026-06-08", "2026-06-12"), **EARLY)
    await case.says(PROCURATORATE, "2026-06-26", "concluded", reason="行政机关未依法履职")

    letter = await advised(case, "2026-06-30", "2026-07-02", rectify_by="2026-09-11")
    assert (await case.read())["state"] == "advice_served"
    await letter.owes(
        # Three days after Tuesday 30 June, five days and two months after Thursday 2 July.
        advice_served=("done", "2026-07-03", PROCURATORATE),
        advice_filed_up=("open", "2026-07-07", PROCURATORATE),
        advice_replied=("open", "2026-09-02", ORGAN),
        advice_rectified=("open", "2026-09-11", ORGAN),
    )
    await case.owes(
        clue_advice_served=("done", "2026-07-03", PROCURATORATE),
        clue_advice_replied=("open", "2026-09-02", ORGAN),
        # A month after Friday 11 September, when all had to be put right: Sunday 11 October; Monday 12.
        clue_prosecute_adm=("open", "2026-10-12", PROCURATORATE),
    )
    await letter.says(PROCURATORATE, "2026-07-07", "filed_upward")
    await letter.says(ORGAN, "2026-08-28", "replied", outcome="rectified")
    assert (await case.read())["state"] == "replied"

    await case.says(PROCURATORATE, "2026-09-07", "followed_up")
    await letter.says(PROCURATORATE, "2026-09-09", "verified")
    assert (await case.says(PROCURATORATE, "2026-09-10", "terminated", reason="已依法履职"))["state"] == "terminated"
    await case.is_late("2026-12-31T09:00")
    await case.comes_to(
        "terminated",
        {
            # Seven days after Monday 8 June. Ten working days: 9 to 12, 15 to 18; off 19 to 21; 22, 23.
            **decided("2026-06-15", "2026-06-23"),
            "clue_consult": ("waived", None, PROCURATORATE),
            "clue_concluded": ("done", None, PROCURATORATE),
            "clue_advice_served": ("done", "2026-07-03", PROCURATORATE),
            "clue_advice_replied": ("done", "2026-09-02", ORGAN),
            "clue_rectified": ("done", "2026-09-11", ORGAN),
            "clue_followup": ("done", None, PROCURATORATE),
            "clue_prosecute_adm": ("done", "2026-10-12", PROCURATORATE),
        },
    )


async def test_an_organ_that_does_not_reply_is_sued_once_the_time_is_over(service: Service) -> None:
    case = await filed(service, "2026-03-02", ("2026-03-03", "2026-03-06", "2026-03-09", "2026-03-13"), **EARLY)
    letter = await advised(case, "2026-03-30", "2026-03-31", rectify_by="2026-05-29")
    # Two months after Tuesday 31 March: 31 May, a Sunday; Monday 1 June.
    await letter.owes(advice_replied=("open", "2026-06-01", ORGAN))
    await letter.says(PROCURATORATE, "2026-04-03", "filed_upward")

    # A follow-up waits for nothing; a suit before all had to be put right is kept, and moves nothing.
    assert (await case.says(PROCURATORATE, "2026-05-20", "followed_up"))["state"] == "following_up"
    early = await case.reports(PROCURATORATE, "2026-05-29", "sued")
    assert (early["applied"], early["state"]) == (False, "following_up")
    await case.takes_back(PROCURATORATE, early["id"])

    await letter.is_late("2026-06-02T09:00", ("advice_replied", ORGAN))
    # What is owed for an advice is overdue once, and not on the clue again.
    await case.is_late("2026-06-02T09:00")
    # A month after Friday 29 May, and one more: 29 June, 29 July.
    await case.owes(clue_prosecute_adm=("open", "2026-06-29", PROCURATORATE))
    await case.says(
        PROCURATORATE,
        "2026-06-24",
        "extended",
        node="clue_prosecute_adm",
        level="chief_procurator",
        amount=1,
        unit="month",
    )
    await case.owes(clue_prosecute_adm=("open", "2026-07-29", PROCURATORATE))

    assert (await case.says(PROCURATORATE, "2026-07-20", "sued", court="武昌区人民法院"))["state"] == "sued"
    # Five days after Monday 20 July: Saturday 25; Monday 27.
    await case.owes(clue_filed_report=("open", "2026-07-27", PROCURATORATE))
    await case.says(PROCURATORATE, "2026-07-24", "suit_reported")
    await case.says(PROCURATORATE, "2026-10-21", "judged", outcome="granted", received_on="2026-10-21")
    # Three days after Wednesday 21 October: Saturday 24; Monday 26.
    await case.owes(clue_judgment_report=("open", "2026-10-26", PROCURATORATE))
    await case.says(PROCURATORATE, "2026-10-23", "judgment_reported")
    assert (await case.says(PROCURATORATE, "2026-11-20", "enforced"))["state"] == "closed"
    await case.comes_to(
        "closed",
        {
            # Seven days after Monday 9 March. Ten working days: 10 to 13, 16 to 20, 23.
            **decided("2026-03-16", "2026-03-23"),
            "clue_consult": ("waived", None, PROCURATORATE),
            "clue_concluded": ("done", None, PROCURATORATE),
            # Three days after Monday 30 March.
            "clue_advice_served": ("done", "2026-04-02", PROCURATORATE),
            "clue_advice_replied": ("open", "2026-06-01", ORGAN),
            "clue_rectified": ("open", "2026-05-29", ORGAN),
            "clue_followup": ("done", None, PROCURATORATE),
            "clue_prosecute_adm": ("done", "2026-07-29", PROCURATORATE),
            "clue_filed_report": ("done", "2026-07-27", PROCURATORATE),
            "clue_judgment_report": ("done", "2026-10-26", PROCURATORATE),
        },
    )


async def test_where_the_damage_spreads_the_reply_is_due_in_fifteen_days(service: Service) -> None:
    days = ("2026-09-07", "2026-09-09", "2026-09-10", "2026-09-10")
    case = await filed(service, "2026-09-07", days, urgent=True)
    letter = await advised(case, "2026-09-14", "2026-09-15", urgent=True, rectify_by="2026-10-20")
    await letter.owes(
        # Fifteen days after Tuesday 15 September.
        advice_replied=("open", "2026-09-30", ORGAN),
        advice_rectified=("open", "2026-10-20", ORGAN),
    )
    await case.owes(
        clue_advice_replied=("open", "2026-09-30", ORGAN),
        # A month after Tuesday 20 October.
        clue_prosecute_adm=("open", "2026-11-20", PROCURATORATE),
    )

    await letter.says(PROCURATORATE, "2026-09-18", "filed_upward")
    await letter.says(ORGAN, "2026-09-29", "replied", outcome="rectifying")
    await letter.says(PROCURATORATE, "2026-10-20", "verified")
    assert (await case.says(PROCURATORATE, "2026-10-21", "rectified"))["state"] == "rectified"
    await case.is_late("2026-12-31T09:00")
    await case.owes(
        clue_advice_replied=("done", "2026-09-30", ORGAN),
        clue_prosecute_adm=("done", "2026-11-20", PROCURATORATE),
        clue_followup=("done", None, PROCURATORATE),
    )


async def test_a_review_stands_still_while_a_flood_keeps_the_organ_from_putting_things_right(
    service: Service,
) -> None:
    case = await filed(service, "2026-04-07", ("2026-04-08", "2026-04-10", "2026-04-13", "2026-04-15"), **EARLY)
    letter = await advised(case, "2026-05-08", "2026-05-11", rectify_by="2026-07-10")
    # Two months after Monday 11 May: Saturday 11 July; Monday 13.
    await letter.owes(advice_replied=("open", "2026-07-13", ORGAN))
    await letter.says(PROCURATORATE, "2026-05-15", "filed_upward")
    await letter.says(ORGAN, "2026-07-06", "replied", outcome="rectifying", reason="汛期水位上涨")
    # A month after Friday 10 July.
    await case.owes(clue_prosecute_adm=("open", "2026-08-10", PROCURATORATE))

    review = {"node": "clue_prosecute_adm"}
    flood = {"ground": "objective_cause", "reason": "汛期水位上涨，无法施工"}
    assert await case.tries(ORGAN, "2026-07-20", "suspended", **review, **flood) == (403, "not-your-step")
    assert (await case.says(PROCURATORATE, "2026-07-20", "suspended", **review, **flood))["state"] == "replied"
    await case.owes(clue_prosecute_adm=("paused", None, PROCURATORATE))
    await case.says(PROCURATORATE, "2026-08-19", "resumed", **review)
    # Thirty days stood still, 20 July to 18 August: ten August and thirty days is Wednesday 9 September.
    await case.owes(clue_prosecute_adm=("open", "2026-09-09", PROCURATORATE))

    assert (await case.says(PROCURATORATE, "2026-09-07", "rectified"))["state"] == "rectified"
    await case.is_late("2026-12-31T09:00")
    await case.owes(clue_prosecute_adm=("done", "2026-09-09", PROCURATORATE))


async def test_advice_that_was_objected_to_is_amended_and_its_time_begins_anew(service: Service) -> None:
    case = await filed(service, "2026-08-10", ("2026-08-11", "2026-08-13", "2026-08-17", "2026-08-19"))
    letter = await advised(case, "2026-09-01", "2026-09-02", objection_by="2026-09-11", rectify_by="2026-11-30")
    # Two months after Wednesday 2 September.
    await letter.owes(
        advice_objection=("open", "2026-09-11", ORGAN),
        advice_replied=("open", "2026-11-02", ORGAN),
    )
    await letter.says(PROCURATORATE, "2026-09-04", "filed_upward")

    await letter.says(ORGAN, "2026-09-08", "objected", reason="部分地块不属本机关管辖")
    await letter.owes(advice_objection_reviewed=("open", None, PROCURATORATE))
    await letter.says(PROCURATORATE, "2026-09-11", "amended", what="删去不属其管辖的地块")
    await letter.says(PROCURATORATE, "2026-09-14", "served")
    # Two months after Monday 14 September: Saturday 14 November; Monday 16. The clue goes by it, too.
    await letter.owes(advice_replied=("open", "2026-11-16", ORGAN))
    await case.owes(
        clue_advice_replied=("open", "2026-11-16", ORGAN),
        # A month after Monday 30 November.
        clue_prosecute_adm=("open", "2026-12-30", PROCURATORATE),
    )

    await letter.says(ORGAN, "2026-11-10", "replied", outcome="rectified")
    await letter.says(PROCURATORATE, "2026-11-20", "verified")
    assert (await case.says(PROCURATORATE, "2026-11-23", "terminated", reason="已依法履职"))["state"] == "terminated"
    await case.is_late("2026-12-31T09:00")


async def test_a_refusal_to_help_is_answered_by_advice_and_told_to_the_government(service: Service) -> None:
    case = await filed(service, "2026-09-01", ("2026-09-02", "2026-09-04", "2026-09-07", "2026-09-09"))
    asked = assist_request(refs=[ref(clue())], sent_at="2026-09-14T10:20:00+08:00", reply_by="2026-09-21")
    watchers = (PROCURATORATE, CITY_PROCURATORATE, ORGAN, AUDITOR)
    request = await told(service, PROCURATORATE, "2026-09-14T10:40", asked, watchers, case.callers)
    await request.owes(assist_answered=("open", "2026-09-21", ORGAN))

    assert await request.tries(GIVER, "2026-09-18", "refused", reason="不便提供", signed_by="样例负责人") == (
        404,
        "unknown-record",
    )
    refused = await request.says(ORGAN, "2026-09-18", "refused", reason="案卷正在使用", signed_by="样例负责人")
    assert refused["state"] == "refused"
    await request.owes(
        assist_answered=("done", "2026-09-21", ORGAN),
        assist_escalated=("open", None, PROCURATORATE),
    )

    letter = advice(refs=[ref(asked)], decided_on="2026-09-22", served_on="2026-09-23", investigation_on=None)
    await told(service, PROCURATORATE, "2026-09-23T17:30", letter, watchers, case.callers)
    assert (await request.read())["state"] == "escalated"
    await request.says(PROCURATORATE, "2026-10-15", "escalated", to="government")
    assert (await request.says(ORGAN, "2026-10-20", "fulfilled", list_no="移交清单1号"))["state"] == "fulfilled"

    noted = [item["event"]["event"] for item in (await case.read("/events", GIVER))["items"]]
    assert [name for name in noted if name.startswith("assistance")] == [
        "assistance_requested",
        "assistance_refused",
        "assistance_given",
    ]
    assert (await case.read())["state"] == "administrative_filed"
