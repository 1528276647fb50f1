"""The clocks of a public-interest clue: each period worked by hand by the wall calendar of 2026, then whole cases.

2026: 01-01 to 03 off, 01-04 worked; 02-15 to 23 off, 02-14 and 28 worked; 04-04 to 06; 05-01 to 05 off, 05-09 worked;
06-19 to 21; 09-25 to 27 off, 09-20 worked; 10-01 to 07 off, 10-10 worked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from app.rules.counting import When
from app.rules.deadlines import Duty, duties, is_late, state
from app.rules.explanation import explanation
from app.rules.openings import Context
from schemas.clue import Clue
from schemas.lifecycle import CAUSED_BY, Fact, fold
from schemas.shipped import law
from tests.clocks import Story, Told, Worked, at, end, facts, history, of_record, telling
from tests.clues import CITY_PROCURATORATE, ECOLOGY, OTHER_PROCURATORATE, clue, found_in_its_work
from tests.machines import Run, assert_folds_to, retold, runs
from tests.transfers import MARKET, PROCURATORATE, organ

Json = dict[str, Any]

HEROES = "heroes"
"""The condition, where `Worked` has a field: no row of a clue is for one."""


def given_on(day: str, **changes: object) -> Json:
    """A clue that was found to be for the procuratorate, and sent, on that day."""
    return clue(**({"assessed_on": day, "sent_on": day} | changes))


# One period after another ---------------------------------------------------------------------------------------------


def longer(when: str, node: str, level: str, amount: int) -> Told:
    return ("extended", when, {"node": node, "level": level, "amount": amount, "unit": "month"})


def until(when: str, node: str, level: str, day: str) -> Told:
    return ("extended", when, {"node": node, "level": level, "until": date.fromisoformat(day)})


def still(when: str, until: str, ground: str, node: str) -> tuple[Told, Told]:
    return ("suspended", when, {"node": node, "ground": ground}), ("resumed", until, {"node": node})


def served(when: str, rectify_by: str) -> Told:
    return ("advice_served", when, {"rectify_by": date.fromisoformat(rectify_by)})


def received(event: str, when: str, day: str) -> Told:
    return (event, when, {"received_on": date.fromisoformat(day)})


ADM, CIV = "clue_prosecute_adm", "clue_prosecute_civ"
ADVISED = served("2026-07-01", "2026-09-02")
BY_THE_CHIEF = longer("2026-10-08", ADM, "chief_procurator", 1)
BY_THE_SUPERIOR = until("2026-11-02", ADM, "superior_procuratorate", "2026-12-15")
ANNOUNCED: Told = ("announced", "2026-01-20")
CIVILLY_BY_THE_CHIEF = longer("2026-05-20", CIV, "chief_procurator", 1)

NUMBERED = (
    Worked("clue_filed_served", (("administrative_filed", "2026-09-28"),), "2026-10-08", "10-05: off to 07; 08"),
    Worked("clue_filed_served", (("administrative_filed", "2026-02-10"),), "2026-02-24", "17: off to 23; 24"),
    Worked("clue_filed_served", (("administrative_filed", "2026-09-13"),), "2026-09-20", "a make-up Sunday"),
    Worked(
        "clue_feedback",
        (("not_filed", "2026-09-23"),),
        "2026-10-14",
        "24; 28, 29, 30; 10-08, 09, make-up Saturday 10; 12, 13, 14",
    ),
    Worked(
        "clue_feedback",
        (("civil_filed", "2026-02-09"),),
        "2026-02-28",
        "10 to 13, make-up Saturday 14; 24 to 27, make-up Saturday 28",
    ),
    Worked("clue_feedback", (("administrative_filed", "2026-03-16"),), "2026-03-30", "17 to 20; 23 to 27; 30"),
    Worked("clue_delegated", (received("delegated", "2026-09-01", "2026-09-04"),), "2026-10-08", "10-04: off to 07"),
    Worked("clue_delegated", (("delegated", "2026-01-20"),), "2026-02-24", "02-19: off to 23; 24"),
    Worked(
        "clue_delegated",
        (("delegated", "2026-09-01"), received("delegated", "2026-09-14", "2026-09-16")),
        "2026-10-16",
        "the last one: fourteen in September, sixteen in October",
    ),
    Worked("clue_advice_served", (("advice_decided", "2026-09-29"),), "2026-10-08", "30, 10-01, 02: off to 07; 08"),
    Worked("clue_advice_served", (("advice_decided", "2026-02-13"),), "2026-02-24", "16: off to 23; 24"),
    Worked("clue_advice_replied", (("advice_served", "2026-08-05"),), "2026-10-08", "10-05: off to 07"),
    Worked("clue_advice_replied", (("advice_served", "2025-12-19"),), "2026-02-24", "02-19: off to 23"),
    Worked(
        "clue_advice_replied",
        (("advice_served", "2026-09-05", {"reply_by": date(2026, 9, 20)}),),
        "2026-09-20",
        "as the advice has it, a make-up Sunday",
    ),
    Worked("clue_rectified", (("advice_served", "2026-08-25"),), "2026-10-26", "10-25: a Sunday"),
    Worked("clue_rectified", (served("2026-08-03", "2026-10-03"),), "2026-10-08", "as the advice has it: off to 07"),
    Worked("clue_rectified", (served("2026-08-03", "2026-12-31"),), "2026-12-31", "as the advice has it, a Thursday"),
    Worked(
        "clue_rectified",
        (served("2026-07-01", "2026-09-02"), served("2026-07-15", "2026-09-16")),
        "2026-09-16",
        "of two advices the last, a Wednesday",
    ),
    Worked(ADM, (ADVISED,), "2026-10-08", "from 09-02, not from the service: 10-02: off to 07"),
    Worked(ADM, (served("2025-11-18", "2026-01-18"),), "2026-02-24", "02-18: off to 23"),
    Worked(ADM, (served("2025-11-28", "2026-01-31"),), "2026-02-28", "no 02-31: 28, a make-up Saturday"),
    Worked(ADM, (ADVISED, served("2026-07-15", "2026-09-16")), "2026-10-16", "of two advices the last: from 09-16"),
    Worked(ADM, (ADVISED, BY_THE_CHIEF), "2026-11-02", "two months from 09-02, a Monday"),
    Worked(ADM, (ADVISED, BY_THE_CHIEF, BY_THE_SUPERIOR), "2026-12-15", "as the superior has it, a Tuesday"),
    Worked(
        ADM,
        (ADVISED, *still("2026-09-10", "2026-09-30", "appraisal", ADM)),
        "2026-10-22",
        "09-10 to 29 lost: twenty more than 10-02",
    ),
    Worked(
        ADM,
        (ADVISED, *still("2026-08-20", "2026-09-12", "testing", ADM)),
        "2026-10-12",
        "of what was lost only 09-03 to 11 is of the month: nine more than 10-02, Sunday 11",
    ),
    Worked(
        ADM,
        (ADVISED, *still("2026-09-21", "2026-11-20", "objective_cause", ADM)),
        "2026-12-01",
        "ten in September, 31 in October, 19 in November lost: sixty more than 10-02",
    ),
    Worked(
        "clue_prosecute_adm_handed_on",
        (received("handed_on_to_sue", "2026-09-03", "2026-09-04"),),
        "2026-10-08",
        "from the receipt: 10-04: off to 07",
    ),
    Worked("clue_prosecute_adm_handed_on", (("handed_on_to_sue", "2026-01-20"),), "2026-02-24", "02-20: off to 23; 24"),
    Worked("clue_notice_civ", (("announced", "2026-09-03"),), "2026-10-08", "10-03: off to 07"),
    Worked("clue_notice_civ", (ANNOUNCED,), "2026-02-24", "02-19: off to 23"),
    Worked("clue_notice_civ", (("announced", "2026-01-26"),), "2026-02-25", "five in January, 25"),
    Worked(CIV, (ANNOUNCED,), "2026-05-25", "the notice to 02-24; Sunday 05-24"),
    Worked(CIV, (("announced", "2026-06-05"),), "2026-10-08", "the notice to Sunday 07-05, so 06; 10-06: off to 07"),
    Worked(CIV, (ANNOUNCED, CIVILLY_BY_THE_CHIEF), "2026-06-24", "four months from 02-24"),
    Worked(
        CIV,
        (ANNOUNCED, CIVILLY_BY_THE_CHIEF, until("2026-06-23", CIV, "superior_procuratorate", "2026-07-31")),
        "2026-07-31",
        "as the superior has it, a Friday",
    ),
    Worked(
        CIV,
        (ANNOUNCED, *still("2026-03-01", "2026-03-31", "assessment", CIV)),
        "2026-06-23",
        "03-01 to 30 lost: thirty more than 05-24",
    ),
    Worked(
        CIV,
        (ANNOUNCED, *still("2026-02-02", "2026-03-16", "appraisal", CIV)),
        "2026-06-12",
        "the notice runs on to 02-24; 02-25 to 03-15 lost: nineteen more than 05-24",
    ),
    Worked(CIV, (("asked_relatives_answered", "2026-07-06"),), "2026-10-08", "10-06: off to 07", HEROES),
    Worked(CIV, (("asked_relatives_answered", "2025-11-21"),), "2026-02-24", "02-21: off to 23", HEROES),
    Worked(CIV, (ANNOUNCED,), "2026-05-25", "heroes whose relatives were asked by a notice", HEROES),
    Worked(
        "clue_prosecute_civ_handed_on",
        (received("handed_on_to_sue_civil", "2026-07-01", "2026-07-02"),),
        "2026-10-08",
        "from the receipt: 10-02: off to 07",
    ),
    Worked("clue_filed_report", (("sued", "2026-09-29"),), "2026-10-08", "10-04: off to 07"),
    Worked("clue_filed_report", (("sued", "2026-02-13"),), "2026-02-24", "18: off to 23"),
    Worked(
        "clue_judgment_report",
        (received("first_judged", "2026-09-22", "2026-09-28"),),
        "2026-10-08",
        "from the receipt: 29, 30, 10-01: off to 07",
    ),
    Worked("clue_judgment_report", (("first_judged", "2026-02-12"),), "2026-02-24", "15: off to 23"),
)

UNNUMBERED = (
    Worked("clue_sent", (("assessed", "2026-09-01"),), None, "及时"),
    Worked("clue_registered", (("sent", "2026-09-01"),), None, "无天数"),
    Worked("clue_rerouted", (("sent", "2026-09-01"), ("rerouted", "2026-09-03")), None, "无天数"),
    Worked("clue_evaluated", (("registered", "2026-09-01"),), None, "无天数"),
    Worked("clue_decided", (("preliminarily_investigated", "2026-09-01"),), None, "无天数"),
    Worked("clue_consult", (("administrative_filed", "2026-09-01"),), None, "可以"),
    Worked("clue_concluded", (("civil_filed", "2026-09-01"),), None, "无天数"),
    Worked("clue_followup", (("advice_served", "2026-09-01"),), None, "应当跟进"),
    Worked("clue_eco_link", (("compensation_agreed", "2026-09-01"),), None, "无天数"),
)


def duty(node: str, *told: Told, of: str = "market") -> Duty:
    (own,) = (one for one in Clue.nodes if one.id == node)
    context = Context("420106", "ecology", conditions=frozenset({of} & {HEROES}), event_titles=Clue.titles())
    (found,) = duties([own], facts(*told), context, law())
    return found


@pytest.mark.parametrize("worked", [*NUMBERED, *UNNUMBERED], ids=str)
def test_a_period_ends_as_counted_on_the_wall_calendar(worked: Worked) -> None:
    found = duty(worked.node, *worked.told, of=worked.of)

    assert found.due_at == end(worked.due)
    assert found.warnings == ()
    assert not found.provisional


def test_every_row_for_clues_was_worked_by_hand() -> None:
    worked = {duty(one.node, *one.told, of=one.of).rule for one in (*NUMBERED, *UNNUMBERED)}

    assert worked == {row.rule for row in OF_CLUES}


# What the rows say beside their numbers -------------------------------------------------------------------------------

OF_CLUES = tuple(row for row in law().limits if row.id in {node.id for node in Clue.nodes})


def test_what_is_only_shown_is_the_advices_own_and_the_time_of_the_notice() -> None:
    shown = {row.id for row in OF_CLUES if row.advisory}

    assert shown == {"clue_advice_served", "clue_advice_replied", "clue_rectified", "clue_notice_civ"}


def test_our_own_number_and_what_we_read_into_the_texts_are_marked() -> None:
    assert {row.rule: row.status for row in OF_CLUES if row.status != "verified"} == {
        "clue_feedback@2024-12-27": "local_default",
        "clue_prosecute_civ@2021-07-01.heroes": "to_confirm",
    }


def test_every_row_says_in_both_languages_where_it_comes_from() -> None:
    assert [row.rule for row in OF_CLUES if not (row.basis and row.basis_en)] == []


def test_nothing_of_a_clue_depends_on_the_field() -> None:
    assert {row.field for row in OF_CLUES} == {None}


def test_outside_the_city_nobody_knows_when_the_giver_is_told() -> None:
    (told,) = (node for node in Clue.nodes if node.id == "clue_feedback")

    assert duties([told], facts(("not_filed", "2026-09-23")), Context("420600", "ecology"), law()) == ()


OF_EXPERTS = ("appraisal", "assessment", "audit", "inspection", "testing", "translation")
REVIEWS = (
    (ADM, ADVISED, "2026-10-08", "2026-09-10", "2026-09-30", "2026-10-22"),
    (CIV, ANNOUNCED, "2026-05-25", "2026-03-01", "2026-03-31", "2026-06-23"),
)


@pytest.mark.parametrize("ground", OF_EXPERTS)
@pytest.mark.parametrize(("node", "opened", "due", "since", "resumed", "later"), REVIEWS)
def test_a_review_stands_still_while_experts_are_at_work(
    node: str, opened: Told, due: str, since: str, resumed: str, later: str, ground: str
) -> None:
    paused = still(since, resumed, ground, node)

    assert duty(node, opened, *paused).due_at == end(later)
    standing = duty(node, opened, paused[0])
    assert (standing.due_at, standing.paused_at) == (None, at(since))


@pytest.mark.parametrize(
    ("node", "opened", "due", "since", "resumed", "ground"),
    [(*one[:5], "other") for one in REVIEWS] + [(*REVIEWS[1][:5], "objective_cause")],
)
def test_on_no_other_ground_does_a_review_stand_still_and_for_an_objective_cause_only_an_administrative_one(
    node: str, opened: Told, due: str, since: str, resumed: str, ground: str
) -> None:
    found = duty(node, opened, *still(since, resumed, ground, node))

    assert (found.due_at, found.warnings) == (end(due), ("suspension-not-counted",))


@pytest.mark.parametrize(
    ("node", "told", "due", "caution"),
    [
        (ADM, (ADVISED, longer("2026-10-08", ADM, "chief_procurator", 2)), "2026-10-08", "extension-beyond-level"),
        (ADM, (ADVISED, longer("2026-10-08", ADM, "head", 1)), "2026-10-08", "extension-beyond-level"),
        (ADM, (ADVISED, longer("2026-10-09", ADM, "chief_procurator", 1)), "2026-10-08", "extension-after-due"),
        (ADM, (ADVISED, BY_THE_SUPERIOR), "2026-10-08", "extension-out-of-turn"),
        (
            ADM,
            (ADVISED, BY_THE_CHIEF, longer("2026-11-02", ADM, "chief_procurator", 1)),
            "2026-11-02",
            "extension-again",
        ),
        (CIV, (ANNOUNCED, longer("2026-05-20", CIV, "chief_procurator", 3)), "2026-05-25", "extension-beyond-level"),
        (
            "clue_filed_served",
            (("administrative_filed", "2026-09-28"), longer("2026-10-08", "clue_filed_served", "head", 1)),
            "2026-10-08",
            "extension-not-provided",
        ),
        (
            "clue_delegated",
            (("delegated", "2026-09-08"), longer("2026-10-08", "clue_delegated", "chief_procurator", 1)),
            "2026-10-08",
            "extension-not-provided",
        ),
    ],
)
def test_what_nobody_may_grant_is_kept_and_does_not_count(
    node: str, told: tuple[Told, ...], due: str, caution: str
) -> None:
    found = duty(node, *told)

    assert (found.due_at, found.warnings) == (end(due), (caution,))


# How it is told -------------------------------------------------------------------------------------------------------


def test_a_review_that_stood_still_and_was_prolonged_is_told_in_both_languages() -> None:
    found = duty(ADM, ADVISED, *still("2026-09-10", "2026-09-30", "appraisal", ADM), BY_THE_CHIEF)

    # Two months from 09-02, and twenty days: 11-22, a Sunday.
    assert found.due_at == end("2026-11-23")
    assert explanation(found).startswith("2026-07-01 检察建议送达")
    assert explanation(found).endswith("至 2026-11-23。")
    assert explanation(found, "en").startswith("2026-07-01 advice served")
    assert explanation(found, "en").endswith("until 2026-11-23.")


# Whole cases ----------------------------------------------------------------------------------------------------------


def to(event: str, when: str, code: str, **more: object) -> Told:
    return (event, when, {"to": organ(code), **more})


EVALUATED: tuple[Told, ...] = (("registered", "2026-03-03"), ("evaluated", "2026-03-10"))
# Sent on Monday 03-02.
FILED: tuple[Told, ...] = (
    *EVALUATED,
    ("administrative_filed", "2026-03-16"),
    ("served", "2026-03-20"),
    ("fed_back", "2026-03-25", {"outcome": "filed"}),
)
REGISTERED = {"clue_sent": ("done", None), "clue_registered": ("done", None), "clue_evaluated": ("done", None)}
DECIDED = REGISTERED | {
    "clue_decided": ("done", None),
    "clue_filed_served": ("done", "2026-03-23"),
    "clue_feedback": ("done", "2026-03-30"),  # 17 to 20; 23 to 27; 30
}
GIVEN: tuple[Told, ...] = (
    *FILED,
    ("concluded", "2026-04-13"),
    ("advice_decided", "2026-04-14"),
    ("advice_served", "2026-04-16", {"reply_by": date(2026, 6, 16), "rectify_by": date(2026, 6, 16)}),
)
UNDER_ADVICE = DECIDED | {
    "clue_consult": ("waived", None),
    "clue_concluded": ("done", None),
    "clue_advice_served": ("done", "2026-04-17"),
}

STORIES = (
    Story(
        "advised, followed up, sued, judged and enforced",
        given_on("2026-03-02"),
        (
            *GIVEN,
            ("advice_replied", "2026-06-10"),
            ("followed_up", "2026-06-12"),
            ("sued", "2026-06-30"),
            ("suit_reported", "2026-07-03"),
            ("judged", "2026-09-18", {"received_on": date(2026, 9, 21)}),
            ("judgment_reported", "2026-09-24"),
            ("appealed", "2026-09-30"),
            ("judged", "2026-11-02"),
            ("enforced", "2026-11-20"),
        ),
        "2026-11-22T09:00",
        "closed",
        {
            **UNDER_ADVICE,
            "clue_advice_replied": ("done", "2026-06-16"),
            "clue_rectified": ("open", "2026-06-16"),
            "clue_followup": ("done", None),
            "clue_prosecute_adm": ("done", "2026-07-16"),
            "clue_filed_report": ("done", "2026-07-06"),  # Sunday 05
            # Of the first judgment alone: 09-22, 23, 24.
            "clue_judgment_report": ("done", "2026-09-24"),
        },
        {
            "clue_sent": ECOLOGY,
            "clue_filed_served": PROCURATORATE,
            "clue_advice_replied": MARKET,
            "clue_rectified": MARKET,
            "clue_prosecute_adm": PROCURATORATE,
        },
    ),
    Story(
        "the review stopped for an objective cause, and all put right at last",
        given_on("2026-03-02"),
        (
            *GIVEN,
            ("followed_up", "2026-05-12"),
            ("advice_replied", "2026-06-15"),
            *still("2026-06-22", "2026-09-01", "objective_cause", ADM),
            ("rectification_reported", "2026-09-14"),
            ("rectified", "2026-09-24"),
        ),
        "2026-11-22T09:00",
        "rectified",
        {
            **UNDER_ADVICE,
            "clue_advice_replied": ("done", "2026-06-16"),
            "clue_rectified": ("done", "2026-06-16"),
            "clue_followup": ("done", None),
            # 07-16 and 71 days: nine in June, 31, 31. 09-25: off to 27.
            "clue_prosecute_adm": ("done", "2026-09-28"),
        },
    ),
    Story(
        "one advice revoked and another left without a reply",
        given_on("2026-03-02"),
        (
            *GIVEN,
            ("advice_revoked", "2026-04-28"),
            ("consulted", "2026-04-29", {"form": "meeting"}),
            ("advice_decided", "2026-05-06"),
            ("advice_served", "2026-05-08", {"reply_by": date(2026, 7, 8), "rectify_by": date(2026, 7, 8)}),
            ("followed_up", "2026-07-10"),
        ),
        "2026-08-04T09:00",
        "following_up",
        {
            **UNDER_ADVICE,
            "clue_advice_served": ("done", "2026-05-09"),  # a make-up Saturday
            "clue_advice_replied": ("open", "2026-07-08"),
            "clue_rectified": ("open", "2026-07-08"),
            "clue_followup": ("done", None),
            "clue_prosecute_adm": ("due_soon", "2026-08-10"),  # Saturday 08-08
        },
    ),
    Story(
        "the only advice revoked, and the case ended",
        given_on("2026-03-02"),
        (
            *GIVEN,
            ("advice_revoked", "2026-04-28"),
            ("terminated", "2026-05-11", {"reason": "行政机关未违法行使职权"}),
        ),
        "2026-11-22T09:00",
        "terminated",
        {
            **UNDER_ADVICE,
            "clue_advice_replied": ("waived", "2026-06-16"),
            "clue_rectified": ("waived", "2026-06-16"),
            "clue_followup": ("waived", None),
            "clue_prosecute_adm": ("waived", "2026-07-16"),
        },
    ),
    Story(
        "handed on to be sued by another",
        given_on("2026-03-02"),
        (
            *GIVEN,
            ("followed_up", "2026-06-17"),
            to("handed_on", "2026-06-18", OTHER_PROCURATORATE, received_on=date(2026, 6, 22)),
        ),
        "2026-07-23T09:00",
        "following_up",
        {
            **UNDER_ADVICE,
            "clue_advice_replied": ("open", "2026-06-16"),
            "clue_rectified": ("open", "2026-06-16"),
            "clue_followup": ("done", None),
            "clue_prosecute_adm": ("waived", "2026-07-16"),
            "clue_prosecute_adm_handed_on": ("overdue", "2026-07-22"),
        },
        {"clue_prosecute_adm": PROCURATORATE, "clue_prosecute_adm_handed_on": OTHER_PROCURATORATE},
    ),
    Story(
        "handed on while it was investigated: no review has begun",
        given_on("2026-03-02"),
        (*FILED, to("handed_on", "2026-04-02", OTHER_PROCURATORATE), ("rectified", "2026-05-12")),
        "2026-11-22T09:00",
        "rectified",
        {**DECIDED, "clue_consult": ("waived", None), "clue_concluded": ("done", None)},
        {"clue_filed_served": PROCURATORATE, "clue_concluded": OTHER_PROCURATORATE},
    ),
    Story(
        "sent on, then designated, and not filed; the giver told late",
        given_on("2026-03-30"),
        (
            ("registered", "2026-04-01"),
            ("evaluated", "2026-04-03"),
            to("rerouted", "2026-04-07", OTHER_PROCURATORATE),
            ("registered", "2026-04-08"),
            ("preliminarily_investigated", "2026-04-10"),
            ("jurisdiction_reported", "2026-04-13"),
            to("designated", "2026-04-14", CITY_PROCURATORATE),
            ("registered", "2026-04-15"),
            ("evaluated", "2026-04-16"),
            ("not_filed", "2026-04-20", {"reason": "公益未受到侵害"}),
            ("fed_back", "2026-05-12", {"outcome": "not_filed"}),
        ),
        "2026-11-22T09:00",
        "not_filed",
        {
            **REGISTERED,
            "clue_rerouted": ("done", None),
            "clue_decided": ("done", None),
            "clue_feedback": ("done_late", "2026-05-07"),  # 21 to 24; 27 to 30; 05-06, 07
        },
        {
            "clue_rerouted": PROCURATORATE,
            "clue_registered": CITY_PROCURATORATE,
            "clue_evaluated": CITY_PROCURATORATE,
            "clue_feedback": CITY_PROCURATORATE,
        },
    ),
    Story(
        "found in its own work, and sued for by the government while the notice ran",
        found_in_its_work(path="civil", supervised_organ=None),
        (
            ("registered", "2026-01-06"),
            to("delegated", "2026-01-07", CITY_PROCURATORATE, received_on=date(2026, 1, 15)),
            ("evaluated", "2026-01-09"),
            ("civil_filed", "2026-01-12"),
            ("announced", "2026-01-20"),
            ("compensation_sued", "2026-02-06"),
            ("delegation_answered", "2026-02-25"),
            ("supported", "2026-03-10"),
        ),
        "2026-11-22T09:00",
        "supported",
        {
            "clue_evaluated": ("done", None),
            "clue_decided": ("done", None),
            "clue_delegated": ("done_late", "2026-02-14"),  # a make-up Saturday
            "clue_concluded": ("done", None),
            "clue_notice_civ": ("done", "2026-02-24"),
            "clue_prosecute_civ": ("waived", "2026-05-25"),
            "clue_eco_link": ("done", None),
        },
        {"clue_delegated": CITY_PROCURATORATE, "clue_prosecute_civ": PROCURATORATE},
    ),
    Story(
        "a hero whose relatives were asked and will not sue",
        given_on("2026-03-02", domain="heroes", path="civil", supervised_organ=None),
        (
            *EVALUATED,
            ("civil_filed", "2026-03-16"),
            ("relatives_asked", "2026-03-18"),
            ("fed_back", "2026-03-25", {"outcome": "filed"}),
            ("relatives_answered", "2026-03-20", {"will_sue": False}),
            ("sued", "2026-06-22"),
        ),
        "2026-06-24T09:00",
        "sued",
        {
            **{node: stands for node, stands in DECIDED.items() if node != "clue_filed_served"},
            "clue_concluded": ("done", None),
            "clue_prosecute_civ": ("done", "2026-06-22"),  # 20: off to 21
            "clue_filed_report": ("open", "2026-06-29"),  # Saturday 27
        },
    ),
    Story(
        "a hero whose relatives did not answer, so that a notice was published",
        given_on("2026-03-02", domain="heroes", path="civil", supervised_organ=None),
        (
            *EVALUATED,
            ("civil_filed", "2026-03-16"),
            ("relatives_asked", "2026-03-18"),
            ("fed_back", "2026-03-25", {"outcome": "filed"}),
            ("announced", "2026-04-20"),
            ("relatives_answered", "2026-05-06", {"will_sue": False}),
            ("sued", "2026-05-21"),
            ("suit_reported", "2026-05-26"),
            ("judged", "2026-09-01", {"outcome": "dismissed"}),
            ("judgment_reported", "2026-09-03"),
            ("terminated", "2026-10-09", {"reason": "判决生效,没有执行内容"}),
        ),
        "2026-11-22T09:00",
        "closed",
        {
            **{node: stands for node, stands in DECIDED.items() if node != "clue_filed_served"},
            "clue_concluded": ("done", None),
            "clue_notice_civ": ("waived", "2026-05-20"),
            "clue_prosecute_civ": ("done", "2026-08-20"),
            "clue_filed_report": ("done", "2026-05-26"),
            "clue_judgment_report": ("done", "2026-09-04"),
        },
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_case_amounts_to_what_was_worked_out_by_hand(story: Story) -> None:
    _, found = story.happened()

    owed = story.owed()
    now = at(story.now)
    assert isinstance(now, datetime)
    assert (found.state, found.waiting, found.contradictions) == (story.state, (), ())
    assert {node: (state(one, now), one.due_at) for node, one in owed.items()} == {
        node: (stands, end(due)) for node, (stands, due) in story.nodes.items()
    }
    assert {node: owed[node].responsible for node in story.responsible} == story.responsible


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_every_duty_of_a_case_can_be_told_in_both_languages(story: Story) -> None:
    for one in story.owed().values():
        assert explanation(one).endswith("。")
        assert explanation(one, "en").endswith(".")
        assert one.opened_title


# Late or not ----------------------------------------------------------------------------------------------------------

GIVER_S = Clue.model_validate(given_on("2026-03-02"))
FOLLOWED_UP: tuple[Told, ...] = (*GIVEN, ("followed_up", "2026-05-12"))


@pytest.mark.parametrize(
    ("told", "when", "waits"),
    [
        # The time for putting things right ends on Tuesday 06-16, whether there was a reply or not.
        ((), "2026-06-16", True),
        ((), "2026-06-17", False),
        ((("advice_replied", "2026-05-20"),), "2026-06-16", True),
        ((("advice_replied", "2026-05-20"),), "2026-06-17", False),
        # That of an advice that was revoked ends for nobody.
        ((("advice_revoked", "2026-05-20"),), "2026-06-17", True),
    ],
)
def test_an_agency_is_sued_only_once_its_time_for_putting_things_right_is_over(
    told: tuple[Told, ...], when: str, waits: bool
) -> None:
    found = history(GIVER_S, facts(*FOLLOWED_UP, *told, ("sued", when)), law())

    assert [one.event for one in found.waiting] == ["sued"] * waits
    assert (found.state == "sued") is not waits
    assert found.contradictions == ()


def test_an_advice_that_is_revoked_leaves_the_time_of_another() -> None:
    another = {CAUSED_BY: "another", "rectify_by": date(2026, 6, 30)}
    told = (*FOLLOWED_UP, ("advice_served", "2026-05-13", another), ("advice_revoked", "2026-05-20"))

    early = history(GIVER_S, facts(*told, ("sued", "2026-06-30")), law())
    found = history(GIVER_S, facts(*told, ("sued", "2026-07-01")), law())

    assert [one.event for one in early.waiting] == ["sued"]
    assert (found.state, found.waiting) == ("sued", ())


@pytest.mark.parametrize(
    ("when", "waits"),
    [
        ("2026-02-19", True),
        ("2026-02-24", True),  # 02-19: off to 23
        ("2026-02-24T16:00", True),
        ("2026-02-25", False),
    ],
)
@pytest.mark.parametrize("told", [(), (("relatives_answered", "2026-02-02", {"will_sue": False}),)])
def test_nobody_is_sued_before_the_notice_has_run_out(told: tuple[Told, ...], when: str, waits: bool) -> None:
    record = Clue.model_validate(given_on("2026-01-05", domain="heroes", path="civil", supervised_organ=None))
    before: tuple[Told, ...] = (
        ("registered", "2026-01-06"),
        ("evaluated", "2026-01-09"),
        ("civil_filed", "2026-01-12"),
        ANNOUNCED,
    )

    found = history(record, facts(*before, *told, ("sued", when)), law())

    assert [one.event for one in found.waiting] == ["sued"] * waits
    assert (found.state == "sued") is not waits
    assert found.contradictions == ()


def test_a_notice_runs_on_while_experts_are_at_work() -> None:
    record = Clue.model_validate(given_on("2026-01-05", path="civil"))
    told: tuple[Told, ...] = (
        ("registered", "2026-01-06"),
        ("evaluated", "2026-01-09"),
        ("civil_filed", "2026-01-12"),
        ANNOUNCED,
        *still("2026-02-02", "2026-03-16", "appraisal", CIV),
    )

    found = history(record, facts(*told, ("sued", "2026-02-25")), law())

    assert (found.state, found.waiting) == ("sued", ())


def test_a_suit_that_came_too_early_stays_none_when_the_time_has_come() -> None:
    found = history(
        GIVER_S,
        facts(*FOLLOWED_UP, ("sued", "2026-06-01"), ("judged", "2026-09-01")),
        law(),
    )

    assert [one.event for one in found.waiting] == ["sued", "judged"]
    assert found.state == "following_up"


# However it was told --------------------------------------------------------------------------------------------------

RECORD = Clue.model_validate(clue())
IS_LATE = is_late(RECORD.nodes, of_record(RECORD), law())
CIVIL = ("registered", "evaluated", "civil_filed")
ADMINISTRATIVE = ("sent", "registered", "evaluated", "administrative_filed")
BEGINNINGS = (
    (),
    ("sent", "rerouted", "registered"),
    (*ADMINISTRATIVE, "advice_decided", "advice_served"),
    (*ADMINISTRATIVE, "advice_served", "followed_up"),
    (*ADMINISTRATIVE, "advice_served", "advice_replied", "followed_up", "handed_on"),
    (*CIVIL, "announced"),
    (*CIVIL, "relatives_asked", "relatives_answered", "sued", "judged"),
)
BROUGHT = ("advice_decided", "advice_served", "advice_replied", "advice_revoked", "no_advice_left")


def tell(event: str, when: When, place: int) -> Fact:
    """Facts of a run: what moves one clock moves that of the review."""
    return telling(ADM, level="chief_procurator", amount=1, unit="month")(event, when, place)


RUNS = runs(RECORD.steps, tell, BEGINNINGS, ("terminated", "rectified", "closed", "not_filed"), IS_LATE, BROUGHT)


@settings(max_examples=200, deadline=None)
@given(retold(RUNS))
def test_a_lawful_run_owes_the_same_however_often_and_in_whatever_order_it_is_told(
    course: tuple[Run, list[Fact]],
) -> None:
    run, heard = course

    found = fold(RECORD.steps, heard, IS_LATE)

    assert_folds_to(run, found)
    expected = duties(RECORD.nodes, run.applied, of_record(RECORD), law())
    assert duties(RECORD.nodes, found.applied, of_record(RECORD), law()) == expected
