"""Lives of clues, from hand-over to judgment, told through the API and held against dates that were worked by hand.

Beside each date stands its count on the wall calendar of 2026: the opening day is not counted, "off" is passed over,
"make-up" is a Saturday or Sunday that is worked; a period in days or months whose last day is off ends on the next day
that is worked.

Off in 2026: 01-01 to 03, 02-15 to 23, 04-04 to 06, 05-01 to 05, 06-19 to 21, 09-25 to 27, 10-01 to 07; make-up: 01-04,
02-14, 02-28, 05-09, 09-20, 10-10.
"""

from __future__ import annotations

from tests.api.promises import Json
from tests.api.storytelling import CODES, Case, Seen, told
from tests.clues import by_the_office, clue
from tests.conftest import Service
from tests.transfers import organ

GIVER, PROCURATORATE, ORGAN = "ecology-city", "procuratorate-wuchang", "market-wuchang"
CITY_PROCURATORATE, OTHER_PROCURATORATE = "procuratorate-city", "procuratorate-jiangan"
OFFICE, AUDITOR = "office-city", "auditor-city"
WATCHING = (GIVER, PROCURATORATE, CITY_PROCURATORATE, AUDITOR)


def handed_over(sent: str, **changes: object) -> Json:
    """A clue that was found to be for the procuratorate on the day on which it was sent."""
    return clue(**{"assessed_on": sent, "sent_on": sent, **changes})


async def begun(service: Service, sent: str, registered: str, evaluated: str, **changes: object) -> Case:
    """A clue up to its evaluation, pushed at three in the afternoon."""
    case = await told(service, GIVER, f"{sent}T15:00", handed_over(sent, **changes), WATCHING)
    await case.says(PROCURATORATE, registered, "registered", document_no="武昌检公益线〔2026〕1号")
    await case.says(PROCURATORATE, evaluated, "evaluated")
    return case


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
        measures=None,
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
        service, GIVER, "2026-04-01T15:00", handed_over("2026-04-01", began_on="2026-03-01", measures=None), WATCHING
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
