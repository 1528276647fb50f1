"""The clocks of an advice: each period worked by hand by the wall calendar of 2026, then whole cases.

2026: 01-01 to 03 off, 01-04 worked; 02-15 to 23 off, 02-14 and 28 worked; 04-04 to 06; 05-01 to 05 off, 05-09 worked;
06-19 to 21; 09-25 to 27 off, 09-20 worked; 10-01 to 07 off, 10-10 worked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from app.rules.deadlines import Duty, duties, is_late, state
from app.rules.explanation import explanation
from schemas.advice import Advice
from schemas.lifecycle import Fact, fold
from schemas.shipped import law
from tests.advices import advice, draft, in_the_public_interest
from tests.clocks import Story, Told, Worked, at, end, facts, history, of_record, telling
from tests.machines import Run, assert_folds_to, retold, runs
from tests.transfers import MARKET, PROCURATORATE

Json = dict[str, Any]

DAYS = ("objection_by", "reply_by", "rectify_by", "investigation_on", "decided_on", "served_on")


def undated(**changes: object) -> Json:
    """Advice to correct what is unlawful, of which no day is told yet."""
    days: Json = dict.fromkeys(DAYS)
    return advice(**{**days, **changes})


def litigation(**changes: object) -> Json:
    """Advice before a public-interest suit, of which no day is told yet."""
    days: Json = dict.fromkeys(DAYS)
    return in_the_public_interest(**{**days, **changes})


# One period after another ---------------------------------------------------------------------------------------------

GENERAL, SOCIAL, LITIGATION, URGENT = "general", "social", "litigation", "urgent"
RECORDS: dict[str, Json] = {
    GENERAL: undated(copied_to=[{"name": "样例单位", "credit_code": MARKET}]),
    SOCIAL: undated(kind="social_governance"),
    LITIGATION: litigation(),
    URGENT: litigation(urgent=True),
}

AGREED = ("objected", "2026-09-28", {"reason": "样例"}), ("amended", "2026-10-08", {"what": "样例"})

NUMBERED = (
    Worked(
        "advice_investigated", (("investigation_ordered", "2026-08-05"),), "2026-10-08", "10-05: off to 07", GENERAL
    ),
    Worked("advice_investigated", (("investigation_ordered", "2025-12-31"),), "2026-02-28", "no 02-31: 28", GENERAL),
    Worked("advice_investigated", (("investigation_ordered", "2026-06-30"),), "2026-08-31", "Sunday 08-30", SOCIAL),
    Worked("advice_served", (("decided", "2026-09-22"),), "2026-09-28", "23, 24, 25: off to 27; 28", LITIGATION),
    Worked("advice_served", (("decided", "2026-09-17"),), "2026-09-20", "18, 19, make-up Sunday 20", URGENT),
    Worked("advice_filed_up", (("served", "2026-09-22"),), "2026-09-28", "27: off; 28", GENERAL),
    Worked("advice_filed_up", (("served", "2026-09-29"),), "2026-10-08", "10-04: off to 07; 08", SOCIAL),
    Worked("advice_filed_up", (("served", "2026-05-04"),), "2026-05-09", "a make-up Saturday", LITIGATION),
    Worked("advice_replied", (("served", "2026-08-25"),), "2026-10-26", "10-25: a Sunday", GENERAL),
    Worked("advice_replied", (("served", "2026-07-31"),), "2026-09-30", "no 09-31", LITIGATION),
    Worked("advice_replied", (("served", "2026-08-01T16:40"),), "2026-10-08", "10-01: off to 07; 08", SOCIAL),
    Worked("advice_replied", (("served", "2026-06-05"),), "2026-06-22", "20: off to 21; 22", URGENT),
    Worked("advice_replied", (("served", "2026-09-18"),), "2026-10-08", "10-03: off to 07; 08", URGENT),
    Worked("advice_replied", (("served", "2026-08-24T09:00"),), "2026-09-08", "a Tuesday", URGENT),
    Worked(
        "advice_replied",
        (("served", "2026-09-18"), *AGREED, ("served", "2026-10-12")),
        "2026-12-14",
        "anew from 10-12: 12-12, a Saturday",
        GENERAL,
    ),
    Worked(
        "advice_replied",
        (("served", "2026-09-18"), *AGREED, ("served", "2026-10-09")),
        "2026-10-26",
        "anew from 10-09: 24, a Saturday",
        URGENT,
    ),
    Worked("advice_rectified", (("served", "2026-09-18"),), "2026-11-18", "a Wednesday", LITIGATION),
    Worked("advice_rectified", (("served", "2026-09-18"),), "2026-11-18", "the fifteen days are for the reply", URGENT),
)

UNNUMBERED = (
    Worked("advice_policy_review", (("investigated", "2026-09-14"),), None, "报送检察长前", SOCIAL),
    Worked("advice_served", (("decided", "2026-09-22"),), None, "无天数", GENERAL),
    Worked("advice_served_anew", (("amended", "2026-09-22"),), None, "及时", GENERAL),
    Worked("advice_copied", (("served", "2026-09-22"),), None, "可以抄送", GENERAL),
    Worked("advice_objection", (("served", "2026-09-22"),), None, "期限由检察建议书载明", GENERAL),
    Worked("advice_objection_reviewed", (("objected", "2026-09-22"),), None, "立即", GENERAL),
    Worked("advice_verified", (("replied", "2026-09-22"),), None, "积极督促", GENERAL),
    Worked("advice_verified", (("replied", "2026-09-22"),), None, "应当跟进调查", LITIGATION),
    Worked("advice_escalated", (("urged", "2026-09-22"),), None, "经督促", GENERAL),
)


def duty(node: str, *told: Told, of: str | Json = GENERAL) -> Duty:
    record = Advice.model_validate(RECORDS[of] if isinstance(of, str) else of)
    (own,) = (one for one in Advice.nodes if one.id == node)
    (found,) = duties([own], facts(*told), of_record(record), law())
    return found


@pytest.mark.parametrize("worked", [*NUMBERED, *UNNUMBERED], ids=str)
def test_a_period_ends_as_counted_on_the_wall_calendar(worked: Worked) -> None:
    found = duty(worked.node, *worked.told, of=worked.of)

    assert found.due_at == end(worked.due)
    assert found.warnings == ()


def test_every_row_for_advice_was_worked_by_hand() -> None:
    worked = {duty(one.node, *one.told, of=one.of).rule for one in (*NUMBERED, *UNNUMBERED)}

    assert worked == {row.rule for row in OF_ADVICE}


@pytest.mark.parametrize(
    ("record", "node", "due"),
    [
        (undated(objection_by="2026-10-09"), "advice_objection", "2026-10-09"),
        (undated(objection_by="2026-10-03"), "advice_objection", "2026-10-08"),  # off to 07
        (undated(objection_by="2026-09-18"), "advice_objection", None),  # not after the service
        (undated(reply_by="2026-09-30"), "advice_replied", "2026-09-30"),
        (undated(reply_by="2026-10-17"), "advice_replied", "2026-10-19"),  # a Saturday
        (litigation(rectify_by="2027-03-31"), "advice_rectified", "2027-03-31"),
        (litigation(rectify_by="2026-10-31", urgent=True), "advice_rectified", "2026-11-02"),  # a Saturday
    ],
)
def test_the_day_that_the_advice_names_counts(record: Json, node: str, due: str | None) -> None:
    assert duty(node, ("served", "2026-09-18"), of=record).due_at == end(due)


def test_a_day_that_was_named_before_the_advice_was_served_anew_counts_if_it_still_lies_ahead() -> None:
    told = (("served", "2026-09-18"), *AGREED, ("served", "2026-10-12"))

    assert duty("advice_replied", *told, of=undated(reply_by="2026-10-30")).due_at == end("2026-10-30")
    assert duty("advice_replied", *told, of=undated(reply_by="2026-10-09")).due_at == end("2026-12-14")


# What the rows say beside their numbers -------------------------------------------------------------------------------

OF_ADVICE = tuple(row for row in law().limits if row.id in {node.id for node in Advice.nodes})


def test_gates_and_windows_are_these() -> None:
    shown = {row.id for row in OF_ADVICE if row.advisory}

    assert shown == {
        *("advice_policy_review", "advice_copied", "advice_objection"),
        *("advice_rectified", "advice_escalated"),
    }


def test_what_is_read_into_a_text_is_to_be_confirmed() -> None:
    assert {row.rule for row in OF_ADVICE if row.status != "verified"} == {
        "advice_served_anew@2019-02-26",
        "advice_filed_up@2019-02-26",
    }


def test_what_an_amendment_does_to_a_period_is_said_to_be_our_reading() -> None:
    moved = [row for row in OF_ADVICE if row.id in ("advice_replied", "advice_rectified")]

    assert len(moved) == 3
    assert all("修改后重新送达的,自重新送达之日起重新计算" in row.note and "待确认" in row.note for row in moved)


def test_a_row_is_law_since_its_text_is() -> None:
    since = {
        "人民检察院检察建议工作规定": date(2019, 2, 26),
        "人民检察院公益诉讼办案规则": date(2021, 7, 1),
        "最高人民法院、最高人民检察院": date(2021, 1, 1),
    }

    for row in OF_ADVICE:
        named = [day for text, day in since.items() if row.basis.startswith(text) or f";{text}" in row.basis]
        assert row.effective_from in named, row.rule
        assert row.basis_en


def test_urgent_advice_of_before_the_revised_interpretation_goes_by_the_two_months() -> None:
    served = ("served", "2020-12-31")

    assert duty("advice_replied", served, of=URGENT).rule == "advice_replied@2019-02-26"


def test_nothing_stops_or_prolongs_what_the_law_numbers() -> None:
    numbered = [row for row in OF_ADVICE if row.span is not None]

    assert {row.excludes for row in numbered} == {()}
    assert {row.extensions for row in OF_ADVICE} == {()}


@pytest.mark.parametrize(
    ("node", "of"),
    [
        ("advice_investigated", LITIGATION),  # there the case is investigated
        ("advice_policy_review", GENERAL),
        ("advice_policy_review", LITIGATION),
        ("advice_copied", LITIGATION),  # nobody named
        ("advice_rectified", GENERAL),
    ],
)
def test_what_does_not_concern_an_advice_is_not_owed(node: str, of: str) -> None:
    told = (("investigation_ordered", "2026-09-01"), ("investigated", "2026-09-02"), ("decided", "2026-09-03"))
    record = Advice.model_validate(RECORDS[of])

    owed = {one.node for one in duties(record.nodes, facts(*told, ("served", "2026-09-04")), of_record(record), law())}

    assert node not in owed


def test_a_stop_of_the_reply_is_kept_and_does_not_count() -> None:
    still = ("suspended", "2026-09-28", {"node": "advice_replied", "reason": "样例"})

    found = duty("advice_replied", ("served", "2026-09-18"), still)

    assert (found.due_at, found.warnings) == (end("2026-11-18"), ("suspension-not-counted",))


# How it is told -------------------------------------------------------------------------------------------------------


def test_fifteen_days_that_end_in_a_holiday_are_told_in_both_languages() -> None:
    found = duty("advice_replied", ("served", "2026-09-18"), of=URGENT)

    assert explanation(found) == ("2026-09-18 送达检察建议,当日不计;15 日;末日 10-03(周六)休息,顺延;至 2026-10-08。")
    assert explanation(found, "en") == (
        "2026-09-18 advice served, that day not counted; 15 days; the last day 10-03 (Sat) is off and gives way; "
        "until 2026-10-08."
    )


def test_a_window_that_the_advice_names_is_told_to_be_no_deadline() -> None:
    found = duty("advice_objection", ("served", "2026-09-18"), of=undated(objection_by="2026-10-09"))

    assert explanation(found) == ("2026-09-18 送达检察建议;文书载明至 10-09;至 2026-10-09;仅作提示,不是期限,不计逾期。")


# Whole cases ----------------------------------------------------------------------------------------------------------

STORIES = (
    Story(
        "looked into, reviewed, served, replied and verified",
        undated(kind="social_governance", objection_by="2026-09-30"),
        (
            ("investigation_ordered", "2026-07-06"),
            ("investigated", "2026-09-02"),
            ("policy_reviewed", "2026-09-08"),
            ("decided", "2026-09-10"),
            ("served", "2026-09-14", {"way": "written"}),
            ("filed_upward", "2026-09-18"),
            ("acknowledged", "2026-09-14"),
            ("replied", "2026-11-10", {"outcome": "rectified"}),
            ("verified", "2026-11-20"),
        ),
        "2026-11-22T09:00",
        "closed",
        {
            "advice_investigated": ("done", "2026-09-07"),  # 09-06 is a Sunday
            "advice_policy_review": ("done", None),
            "advice_served": ("done", None),
            "advice_filed_up": ("done", "2026-09-20"),  # 19 a Saturday: a make-up Sunday
            "advice_objection": ("waived", "2026-09-30"),
            "advice_replied": ("done", "2026-11-16"),  # 14 is a Saturday
            "advice_verified": ("done", None),
        },
        {
            "advice_investigated": PROCURATORATE,
            "advice_filed_up": PROCURATORATE,
            "advice_objection": MARKET,
            "advice_replied": MARKET,
            "advice_verified": PROCURATORATE,
        },
    ),
    Story(
        "objected and amended, and served anew",
        undated(objection_by="2026-09-24"),
        (
            ("decided", "2026-09-08"),
            ("served", "2026-09-09"),
            ("objected", "2026-09-22", {"reason": "一项不属于其职责"}),
            ("amended", "2026-09-28", {"what": "删去一项"}),
            ("served", "2026-09-30"),
            ("replied", "2026-11-20", {"outcome": "rectifying"}),
        ),
        "2026-12-22T09:00",
        "replied",
        {
            "advice_served": ("done", None),
            "advice_served_anew": ("done", None),
            "advice_filed_up": ("overdue", "2026-09-14"),  # Monday
            "advice_objection": ("waived", None),
            "advice_objection_reviewed": ("done", None),
            "advice_replied": ("done", "2026-11-30"),  # two months from 09-30, not from 09-09
            "advice_verified": ("open", None),
        },
        {"advice_objection_reviewed": PROCURATORATE, "advice_served_anew": PROCURATORATE},
    ),
    Story(
        "amended and not served anew yet: nobody owes a reply",
        undated(),
        (("decided", "2026-09-08"), ("served", "2026-09-09"), ("amended", "2026-09-28", {"what": "删去一项"})),
        "2026-12-22T09:00",
        "amended",
        {
            "advice_served": ("done", None),
            "advice_served_anew": ("open", None),
            "advice_filed_up": ("overdue", "2026-09-14"),
            "advice_objection": ("waived", None),
            "advice_replied": ("waived", "2026-11-09"),
        },
    ),
    Story(
        "objected and kept: the time for the reply ran on",
        undated(objection_by="2026-09-24"),
        (
            ("decided", "2026-09-08"),
            ("served", "2026-09-09"),
            ("filed_upward", "2026-09-15"),
            ("objected", "2026-09-24", {"reason": "无须整改"}),
            ("kept", "2026-10-09", {"reason": "理由不成立"}),
        ),
        "2026-11-10T09:00",
        "kept",
        {
            "advice_served": ("done", None),
            "advice_filed_up": ("done_late", "2026-09-14"),
            "advice_objection": ("done", "2026-09-24"),
            "advice_objection_reviewed": ("done", None),
            "advice_replied": ("overdue", "2026-11-09"),
        },
        {"advice_replied": MARKET},
    ),
    Story(
        "urgent in the public interest: a reply in time, and too little done",
        litigation(urgent=True, rectify_by="2026-10-30"),
        (
            ("decided", "2026-09-14"),
            ("served", "2026-09-18"),
            ("filed_upward", "2026-09-21"),
            ("replied", "2026-10-08", {"outcome": "rectifying"}),
            ("urged", "2026-11-02"),
            ("escalated", "2026-11-09", {"to": "government"}),
        ),
        "2026-11-22T09:00",
        "escalated",
        {
            "advice_served": ("done_late", "2026-09-17"),  # three days from Monday 14
            "advice_filed_up": ("done", "2026-09-23"),
            "advice_objection": ("waived", None),
            "advice_replied": ("done", "2026-10-08"),  # 10-03: off to 07
            "advice_rectified": ("open", "2026-10-30"),  # nobody is late with it
            "advice_verified": ("done", None),
            "advice_escalated": ("done", None),
        },
        {"advice_rectified": MARKET},
    ),
    Story(
        "no reply: urged, told to others, and answered late",
        undated(reply_by="2026-10-09", copied_to=[{"name": "样例单位", "credit_code": PROCURATORATE}]),
        (
            ("decided", "2026-09-14"),
            ("served", "2026-09-18"),
            ("copied", "2026-09-18", {"to": "government"}),
            ("filed_upward", "2026-09-18"),
            ("urged", "2026-10-12"),
            ("escalated", "2026-10-20", {"to": "superior_organ"}),
            ("replied", "2026-11-02", {"outcome": "rectified"}),
            ("verified", "2026-11-16"),
        ),
        "2026-11-22T09:00",
        "closed",
        {
            "advice_served": ("done", None),
            "advice_filed_up": ("done", "2026-09-23"),
            "advice_copied": ("done", None),
            "advice_objection": ("waived", None),
            "advice_replied": ("done_late", "2026-10-09"),
            "advice_verified": ("done", None),
            "advice_escalated": ("done", None),
        },
    ),
    Story(
        "revoked: nothing is left to be done",
        undated(objection_by="2026-10-30"),
        (("decided", "2026-09-14"), ("served", "2026-09-18"), ("revoked", "2026-09-21", {"reason": "确有不当"})),
        "2026-12-22T09:00",
        "revoked",
        {
            "advice_served": ("done", None),
            "advice_filed_up": ("waived", "2026-09-23"),
            "advice_objection": ("waived", "2026-10-30"),
            "advice_replied": ("waived", "2026-11-18"),
        },
    ),
    Story(
        "looked into for too long, and no advice given",
        draft(kind="social_governance", investigation_on="2026-06-01"),
        (("investigated", "2026-08-10"), ("dropped", "2026-08-12", {"reason": "没有需要整改的隐患"})),
        "2026-11-22T09:00",
        "dropped",
        {"advice_investigated": ("done_late", "2026-08-03"), "advice_policy_review": ("waived", None)},  # 08-01: Sat
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


@pytest.mark.parametrize(
    "told",
    [
        (),
        (("acknowledged", "2026-09-20"),),
        (("urged", "2026-09-22"),),
        (("objected", "2026-09-21", {"reason": "样例"}), ("kept", "2026-09-22", {"reason": "样例"})),
    ],
    ids=lambda told: told[0][0] if told else "nothing",
)
@pytest.mark.parametrize(
    ("record", "when", "waits"),
    [
        (undated(), "2026-11-18", True),
        (undated(), "2026-11-19", False),
        (undated(reply_by="2026-10-17"), "2026-10-19", True),
        (undated(reply_by="2026-10-17"), "2026-10-20", False),
        (litigation(urgent=True), "2026-10-08", True),
        (litigation(urgent=True), "2026-10-09", False),
        (litigation(), "2026-11-18", True),
        (litigation(), "2026-11-19", False),
    ],
)
def test_others_are_told_only_once_there_is_no_reply_in_time(
    told: tuple[Told, ...], record: Json, when: str, waits: bool
) -> None:
    known = (("decided", "2026-09-17"), ("served", "2026-09-18"), *told)

    found = history(Advice.model_validate(record), facts(*known, ("escalated", when, {"to": "government"})), law())

    assert [one.event for one in found.waiting] == ["escalated"] * waits
    assert (found.state == "escalated") is not waits
    assert found.contradictions == ()


def test_after_it_was_served_anew_others_are_told_once_the_new_time_is_over() -> None:
    known = (("decided", "2026-09-17"), ("served", "2026-09-18"), *AGREED, ("served", "2026-10-12"))
    record = Advice.model_validate(undated())

    early, late = (
        history(record, facts(*known, ("escalated", day, {"to": "government"})), law())
        for day in ("2026-12-14", "2026-12-15")
    )

    assert ([one.event for one in early.waiting], late.waiting) == (["escalated"], ())


# However it was told --------------------------------------------------------------------------------------------------

RECORD = Advice.model_validate(litigation(urgent=True, copied_to=[{"name": "样例单位", "credit_code": PROCURATORATE}]))
IS_LATE = is_late(RECORD.nodes, of_record(RECORD), law())
BEGINNINGS = (
    (),
    ("decided", "served"),
    ("decided", "served", "objected", "amended", "served"),
    ("decided", "served", "replied", "urged"),
    ("decided", "served", "objected", "kept"),
)

TELL = telling("advice_replied", level="chief_procurator", amount=5, unit="working_day")
RUNS = runs(RECORD.steps, TELL, BEGINNINGS, ("dropped", "revoked", "closed"), IS_LATE)


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
