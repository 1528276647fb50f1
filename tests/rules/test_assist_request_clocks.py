"""The clocks of a request for assistance: each period worked by hand by the wall calendar of 2026, then whole cases.

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
from app.rules.openings import Context
from schemas.assist_request import AssistRequest
from schemas.lifecycle import Fact, fold
from schemas.shipped import law
from tests.assist_requests import assist_request, consultation, draft
from tests.clocks import Story, Told, Worked, at, end, facts, of_record, telling
from tests.machines import Run, assert_folds_to, retold, runs
from tests.transfers import MARKET, POLICE, PROCURATORATE, organ

ECOLOGY = "ecology"
WUCHANG, SHANGHAI_CITY = "420106", "310100"

# One period after another ---------------------------------------------------------------------------------------------

NORMAL = (
    Worked("assist_answered", (("sent", "2026-09-22"),), "2026-09-30", "23, 24; off to 27; 28, 29, 30"),
    Worked("assist_answered", (("sent", "2026-09-22T23:50"),), "2026-09-30", "the hour does not count: as before"),
    Worked(
        "assist_answered", (("sent", "2026-09-29"),), "2026-10-12", "30; off to 10-07; 08, 09, make-up Saturday 10, 12"
    ),
    Worked("assist_answered", (("sent", "2026-09-17"),), "2026-09-23", "18; make-up Sunday 20; 21, 22, 23"),
)
NAMED = (
    (date(2026, 10, 15), "2026-10-15", "as the request says, a Thursday"),
    (date(2026, 10, 3), "2026-10-08", "as the request says: off to 07; 08"),
    (date(2026, 9, 23), "2026-09-23", "as the request says, the day after"),
)
URGENT = (
    Worked("assist_answered", (("sent", "2026-09-22T10:20"),), "2026-09-23T11:00", "24 full hours from 11:00"),
    Worked("assist_answered", (("sent", "2026-09-30T16:00:00"),), "2026-10-01T17:00", "hours run through the holiday"),
)
CONSULTED = (
    Worked("assist_consulted", (("asked", "2026-09-25"),), "2026-10-08", "10-02: off to 07"),
    Worked("assist_consulted", (("asked", "2026-09-14"),), "2026-09-21", "15 to Monday 21"),
    Worked(
        "assist_consulted",
        (("asked", "2026-09-14"), ("answered", "2026-09-18"), ("asked", "2026-10-12")),
        "2026-10-19",
        "the second time from 12: 13 to Monday 19",
    ),
    Worked("assist_consulted", (("asked", "2026-03-30"),), "2026-04-07", "04-06: off; 07", ECOLOGY),
)
UNNUMBERED = (
    Worked("assist_acknowledged", (("sent", "2026-09-22"),), None, "应当予以配合"),
    Worked("assist_escalated", (("sent", "2026-09-22"), ("refused", "2026-09-23")), None, "可以"),
)


def duty(
    node: str, *told: Told, of: str = "market", region: str = WUCHANG, record: AssistRequest | None = None
) -> Duty:
    """The duty of a request; of one that names a day or is urgent, by that `record`."""
    (own,) = (one for one in AssistRequest.nodes if one.id == node)
    held = frozenset(name for name, holds in AssistRequest.conditions.items() if record is not None and holds(record))
    context = Context(region, of, conditions=held, event_titles=AssistRequest.titles(), record=record)
    (found,) = duties([own], facts(*told), context, law())
    return found


def asking(**changes: Any) -> AssistRequest:  # noqa: ANN401 – members of a record
    return AssistRequest.model_validate(draft(**changes))


@pytest.mark.parametrize("worked", [*NORMAL, *CONSULTED, *UNNUMBERED], ids=str)
def test_a_period_ends_as_counted_on_the_wall_calendar(worked: Worked) -> None:
    found = duty(worked.node, *worked.told, of=worked.of)

    assert found.due_at == end(worked.due)
    assert found.warnings == ()


@pytest.mark.parametrize("urgent", [None, False, True])
@pytest.mark.parametrize(("named", "due", "reasoning"), NAMED, ids=str)
def test_the_day_that_the_request_names_counts_also_of_an_urgent_one(
    named: date, due: str, reasoning: str, urgent: bool | None
) -> None:
    found = duty("assist_answered", ("sent", "2026-09-22"), record=asking(reply_by=named.isoformat(), urgent=urgent))

    assert (found.due_at, found.named_day) == (end(due), named), reasoning
    assert found.warnings == ()


@pytest.mark.parametrize("worked", URGENT, ids=str)
def test_an_urgent_request_that_names_no_day_is_due_within_24_hours(worked: Worked) -> None:
    found = duty(worked.node, *worked.told, record=asking(urgent=True))

    assert found.due_at == end(worked.due)
    assert found.warnings == ()


def test_of_an_urgent_request_without_its_hour_nobody_knows_it() -> None:
    found = duty("assist_answered", ("sent", "2026-09-22"), record=asking(urgent=True))

    assert (found.due_at, found.warnings) == (end("2026-09-24T00:00"), ("hour-unknown",))


@pytest.mark.parametrize(("sent", "region"), [("2026-09-22", SHANGHAI_CITY), ("2024-12-26", WUCHANG)])
def test_elsewhere_and_before_the_plan_help_is_owed_by_the_day_that_is_named_or_by_none(sent: str, region: str) -> None:
    found = duty("assist_answered", ("sent", sent), region=region)
    named = duty("assist_answered", ("sent", sent), region=region, record=asking(reply_by="2026-10-15"))

    assert (found.due_at, found.status, found.rule) == (None, "verified", "assist_answered@2019-01-01")
    assert (named.due_at, named.rule) == (end("2026-10-15"), "assist_answered@2019-01-01")


# What the rows say beside their numbers -------------------------------------------------------------------------------

ROWS = tuple(row for row in law().limits if row.id in {node.id for node in AssistRequest.nodes})


def test_every_row_for_requests_was_worked_by_hand() -> None:
    plain = (*NORMAL, *CONSULTED, *UNNUMBERED)
    worked = {duty(one.node, *one.told, of=one.of).rule for one in plain}
    worked |= {duty(one.node, *one.told, record=asking(urgent=True)).rule for one in URGENT}
    elsewhere = (("assist_answered", ("sent", "2026-09-22")), ("assist_escalated", ("refused", "2026-09-22")))
    worked |= {duty(node, told, region=SHANGHAI_CITY).rule for node, told in elsewhere}

    assert worked == {row.rule for row in ROWS}


def test_the_days_for_help_are_our_own_and_only_recalled_texts_are_to_be_confirmed() -> None:
    assert {row.rule: row.status for row in ROWS if row.status != "verified"} == {
        "assist_answered@2024-12-27.wuhan": "local_default",
        "assist_answered@2024-12-27.wuhan_urgent": "local_default",
        "assist_consulted@2021-10-11": "to_confirm",
    }
    assert [row.rule for row in ROWS if row.status == "local_default" and "待牵头部门确定" not in row.note] == []


def test_to_tell_others_of_a_refusal_is_a_power_with_which_nobody_is_late() -> None:
    assert {row.id for row in ROWS if row.advisory} == {"assist_escalated"}


def test_every_row_says_in_both_languages_where_it_comes_from() -> None:
    assert [row.rule for row in ROWS if not (row.basis and row.basis_en)] == []


@pytest.mark.parametrize(
    ("told", "caution"),
    [
        (("suspended", "2026-09-23", {"node": "assist_answered"}), "suspension-not-counted"),
        (
            (
                "extended",
                "2026-09-23",
                {"node": "assist_answered", "level": "head", "amount": 5, "unit": "working_day"},
            ),
            "extension-not-provided",
        ),
    ],
)
def test_who_is_asked_gives_itself_no_more_time(told: Told, caution: str) -> None:
    found = duty("assist_answered", ("sent", "2026-09-22"), told)

    assert (found.due_at, found.warnings) == (end("2026-09-30"), (caution,))


# How it is told -------------------------------------------------------------------------------------------------------


def test_a_default_and_a_named_day_are_told_in_both_languages() -> None:
    default = duty("assist_answered", ("sent", "2026-09-22"))
    named = duty("assist_answered", ("sent", "2026-09-22"), record=asking(reply_by="2026-10-03"))

    assert explanation(default) == (
        "2026-09-22 发出协作请求,当日不计;5 个工作日,其间 09-25 至 09-27 放假;至 2026-09-30。"
    )
    assert explanation(named) == "2026-09-22 发出协作请求;文书载明至 10-03;末日 10-03(周六)休息,顺延;至 2026-10-08。"
    assert explanation(named, "en") == (
        "2026-09-22 request sent; by 10-03, as the document names it; the last day 10-03 (Sat) is off and gives way; "
        "until 2026-10-08."
    )


# Whole cases ----------------------------------------------------------------------------------------------------------

REASON = {"reason": "样例", "signed_by": "样例局长"}

STORIES = (
    Story(
        "given in two parts, the second late",
        draft(),
        (
            ("sent", "2026-09-22T10:20"),
            ("acknowledged", "2026-09-23"),
            ("partially_fulfilled", "2026-09-29", {"missing": "样例"}),
            ("fulfilled", "2026-10-09"),
            ("closed", "2026-10-12"),
        ),
        "2026-10-12T17:00",
        "closed",
        {"assist_acknowledged": ("done", None), "assist_answered": ("done_late", "2026-09-30")},
        {"assist_acknowledged": MARKET, "assist_answered": MARKET},
    ),
    Story(
        "a part alone, and closed: the rest is over",
        assist_request(),
        (("partially_fulfilled", "2026-09-29", {"missing": "样例"}), ("closed", "2026-10-09")),
        "2026-10-12T17:00",
        "closed",
        {"assist_acknowledged": ("done", None), "assist_answered": ("waived", "2026-09-30")},
    ),
    Story(
        "refused, others told, and given after all",
        assist_request(reply_by="2026-10-15"),
        (
            ("refused", "2026-09-24", REASON),
            ("escalated", "2026-09-28", {"to": "superior_organ"}),
            ("fulfilled", "2026-10-16"),
        ),
        "2026-10-17T09:00",
        "fulfilled",
        {
            "assist_acknowledged": ("done", None),
            "assist_answered": ("done", "2026-10-15"),  # the refusal was an answer
            "assist_escalated": ("done", None),
        },
        {"assist_escalated": PROCURATORATE},
    ),
    Story(
        "refused, and an advice served",
        assist_request(),
        (("refused", "2026-09-24", REASON), ("advice_served", "2026-10-12")),
        "2026-10-17T09:00",
        "escalated",
        {
            "assist_acknowledged": ("done", None),
            "assist_answered": ("done", "2026-09-30"),
            "assist_escalated": ("done", None),
        },
    ),
    Story(
        "refused, and given before anybody was told",
        assist_request(),
        (("refused", "2026-09-24", REASON), ("fulfilled", "2026-09-29")),
        "2026-10-17T09:00",
        "fulfilled",
        {
            "assist_acknowledged": ("done", None),
            "assist_answered": ("done", "2026-09-30"),
            "assist_escalated": ("waived", None),
        },
    ),
    Story(
        "refused once more after others were told",
        assist_request(),
        (
            ("refused", "2026-09-24", REASON),
            ("escalated", "2026-09-28", {"to": "superior_organ"}),
            ("refused", "2026-10-09", REASON),
        ),
        "2026-10-17T09:00",
        "refused",
        {
            "assist_acknowledged": ("done", None),
            "assist_answered": ("done", "2026-09-30"),
            "assist_escalated": ("open", None),
        },
    ),
    Story(
        "no answer, and the government told",
        assist_request(),
        (("acknowledged", "2026-09-22"), ("escalated", "2026-10-08", {"to": "government"})),
        "2026-10-17T09:00",
        "escalated",
        {"assist_acknowledged": ("done", None), "assist_answered": ("overdue", "2026-09-30")},
    ),
    Story(
        "taken back",
        assist_request(),
        (("cancelled", "2026-09-23", {"reason": "样例"}),),
        "2026-10-17T09:00",
        "cancelled",
        {"assist_acknowledged": ("waived", None), "assist_answered": ("waived", "2026-09-30")},
    ),
    Story(
        "urgent, asked of the police, and an hour late",
        assist_request(urgent=True, addressee=organ(POLICE)),
        (("fulfilled", "2026-09-23T12:00"),),
        "2026-09-23T13:00",
        "fulfilled",
        {"assist_acknowledged": ("done", None), "assist_answered": ("done_late", "2026-09-23T11:00")},
        {"assist_answered": POLICE},
    ),
    Story("a draft owes nothing", draft(), (), "2026-10-17T09:00", "received", {}),
    Story(
        "asked by the agency, answered late, and asked again",
        consultation(),
        (("answered", "2026-09-30"), ("asked", "2026-10-12")),
        "2026-10-18T09:00",
        "asked",
        {"assist_consulted": ("due_soon", "2026-10-19")},
        {"assist_consulted": PROCURATORATE},
    ),
    Story(
        "asked by the agency, and taken back",
        consultation(),
        (("question_withdrawn", "2026-09-24", {"reason": "样例"}),),
        "2026-10-18T09:00",
        "cancelled",
        {"assist_consulted": ("waived", "2026-09-29")},
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


@pytest.mark.parametrize(
    ("when", "waits"), [("2026-09-30", True), ("2026-09-30T23:59", True), ("2026-10-01", False), ("2026-10-08", False)]
)
def test_others_are_told_of_silence_once_the_answer_is_late(when: str, *, waits: bool) -> None:
    told = Story("", assist_request(), (("escalated", when, {"to": "government"}),), when, "", {})

    _, found = told.happened()

    assert [one.event for one in found.waiting] == ["escalated"] * waits


# However it was told --------------------------------------------------------------------------------------------------

RECORD = AssistRequest.model_validate(draft())
IS_LATE = is_late(RECORD.nodes, of_record(RECORD), law())
BEGINNINGS = (
    (),
    ("sent", "acknowledged", "partially_fulfilled"),
    ("sent", "refused", "escalated"),
    ("sent", "fulfilled"),
    ("asked", "answered"),
)
TELL = telling("assist_answered", level="head", amount=5, unit="working_day")
RUNS = runs(RECORD.steps, TELL, BEGINNINGS, ("cancelled", "closed"), IS_LATE)


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
