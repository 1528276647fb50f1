"""The clocks of a transferred case: each period worked by hand with the wall calendar of 2026, then twelve whole cases.

2026: 01-01 to 03 off, 01-04 worked; 02-15 to 23 off, 02-14 and 28 worked; 04-04 to 06; 05-01 to 05 off, 05-09 worked;
06-19 to 21; 09-25 to 27 off, 09-20 worked; 10-01 to 07 off, 10-10 worked.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings

from app.rules.deadlines import Duty, duties, is_late, state
from app.rules.explanation import explanation
from app.rules.openings import Context
from schemas.lifecycle import SHANGHAI, Fact, fold
from schemas.shipped import law
from schemas.transfer import Transfer
from tests.clocks import Story, Told, Worked, at, end, facts, history, of_record, telling
from tests.machines import Run, assert_folds_to, retold, runs
from tests.transfers import CITY_POLICE, MARKET, POLICE, PROCURATORATE, not_sent, opinion, organ, transfer

# One period after another ---------------------------------------------------------------------------------------------

ECOLOGY, EMERGENCY, ECONOMIC = "ecology", "emergency", "economic"


def extension(when: str, level: str, document_no: str | None = "武公延〔2026〕1号", **said: object) -> Told:
    more = {} if document_no is None else {"document_no": document_no}
    return ("extended", when, {"node": "police_decided", "level": level, "unit": "natural_day", **said, **more})


REQUESTED = ("material_requested", "2026-03-03")
ASKED_FOR = ("supervision_requested", "2026-09-14")

NUMBERED = (
    Worked(
        "procuratorate_opinion_transfer",
        (("opinion_issued", "2026-09-23"),),
        "2026-09-28",
        "24, 25, 26: in Mid-Autumn, off to 27; Monday 28",
        ECOLOGY,
    ),
    Worked("transfer_approved", (("reported", "2026-09-29"),), "2026-10-08", "30, 10-01, 02: off to 07; 08"),
    Worked("transfer_approved", (("reported", "2026-11-02"),), "2026-11-05", "3, 4, Thursday 5", ECOLOGY),
    Worked("transfer_approved", (("reported", "2026-02-12"),), "2026-02-24", "13, 14, 15: off to 23; 24", EMERGENCY),
    Worked("transfer_sent", (("approved", "2026-09-22T10:20"),), "2026-09-23T11:00", "from 11:00, 24 hours"),
    Worked("transfer_sent", (("approved", "2026-09-30T16:00"),), "2026-10-01T17:00", "holidays count", ECOLOGY),
    Worked("transfer_sent", (("approved", "2026-09-22"),), "2026-09-24T00:00", "no hour: from midnight", EMERGENCY),
    Worked("transfer_copied", (("approved", "2026-09-22T23:59"),), "2026-09-24T00:00", "from midnight", ECOLOGY),
    Worked(
        "police_material_notice",
        (("received", "2026-09-22T17:05"), ("material_requested", "2026-09-23T09:00")),
        "2026-09-23T18:00",
        "from 18:00, 24 hours",
    ),
    Worked(
        "police_material_notice",
        (("received", "2026-10-08T08:59"), ("material_requested", "2026-10-08T15:00")),
        "2026-10-09T09:00",
        "from 09:00, 24 hours",
        ECOLOGY,
    ),
    Worked("transfer_material_fixed", (("material_requested", "2026-09-18"),), "2026-09-21", "19, 20, Monday 21"),
    Worked(
        "transfer_material_fixed",
        (("material_requested", "2026-06-17"),),
        "2026-06-22",
        "18, 19, 20: in Dragon Boat, off to 21; Monday 22",
        ECOLOGY,
    ),
    Worked(
        "police_rerouted",
        (("received", "2026-09-24T17:05"), ("rerouted", "2026-09-25T16:00")),
        "2026-09-25T18:00",
        "from 18:00, 24 hours, into Mid-Autumn",
    ),
    Worked(
        "police_rerouted",
        (("received", "2026-03-02T00:00"), ("rerouted", "2026-03-02T16:00")),
        "2026-03-03T01:00",
        "midnight begins an hour that does not count: from 01:00",
        ECOLOGY,
    ),
    Worked(
        "police_returned",
        (("received", "2026-03-02T09:30"), ("returned", "2026-03-03T09:00")),
        "2026-03-03T10:00",
        "from 10:00, 24 hours",
        ECOLOGY,
    ),
    Worked("police_decided", (("received", "2026-09-29"),), "2026-10-08", "30, 10-01, 02: off to 07; 08"),
    Worked("police_decided", (("received", "2026-03-02T17:05"),), "2026-03-05", "3, 4, 5: the hour does not matter"),
    Worked(
        "police_decided",
        (("received", "2026-09-29"), extension("2026-09-30", "handling_unit", None, total=7)),
        "2026-10-08",
        "the seventh is 10-06: off to 07; 08",
    ),
    Worked(
        "police_decided",
        (("received", "2026-09-29"), extension("2026-09-30", "county_police", total=30)),
        "2026-10-29",
        "30 is the first, 10-29 the thirtieth, a Thursday",
    ),
    Worked("police_decided", (("received", "2026-03-02"),), "2026-03-05", "3, 4, 5", ECOLOGY),
    Worked(
        "police_decided",
        (("received", "2026-03-02"), extension("2026-03-04", "handling_unit", None, total=7)),
        "2026-03-09",
        "3 to 9, a Monday",
        ECOLOGY,
    ),
    Worked(
        "police_decided",
        (("received", "2026-03-02"), extension("2026-03-04", "county_police", amount=27)),
        "2026-04-01",
        "29 in March, 04-01: 27 more than three are thirty",
        ECOLOGY,
    ),
    Worked("police_decided", (("received", "2026-03-02"),), "2026-03-05", "3, 4, 5", ECONOMIC),
    Worked(
        "police_decided",
        (("received", "2026-03-02"), extension("2026-03-04", "handling_unit", None, total=10)),
        "2026-03-12",
        "3 to 12, a Thursday",
        ECONOMIC,
    ),
    Worked(
        "police_decided",
        (
            ("received", "2026-03-02"),
            extension("2026-03-04", "county_police", total=30),
            extension("2026-03-30", "superior_police", amount=30),
        ),
        "2026-05-06",
        "29 in March, 30 in April, 05-01: off to 05; 06",
        ECONOMIC,
    ),
    Worked(
        "police_decided",
        (("received", "2026-03-02"), extension("2026-03-04", "handling_unit", None, total=10)),
        "2026-03-12",
        "an economic crime is no environmental one, whoever found it",
        "ecology economic",
    ),
    Worked(
        "police_decided",
        (("received", "2026-03-02"), REQUESTED, ("material_supplied", "2026-03-05")),
        "2026-03-09",
        "anew from 05: 6, 7, 8; a Sunday, Monday 9",
    ),
    Worked("police_notified", (("filed", "2026-05-07"),), "2026-05-11", "8, 9, Sunday 10; Monday 11", ECOLOGY),
    Worked("police_notified", (("not_filed", "2026-05-06"),), "2026-05-09", "7, 8, make-up Saturday 9", EMERGENCY),
    Worked("transfer_items_handover", (("filing_notified", "2026-04-01"),), "2026-04-07", "2, 3, 4: Qingming to 6; 7"),
    Worked(
        "transfer_items_handover",
        (("filing_notified", "2026-04-02"),),
        "2026-04-07",
        "3, 4, 5: Qingming to 6; 7",
        ECOLOGY,
    ),
    Worked("transfer_recon_req", (("refusal_notified", "2026-02-11"),), "2026-02-14", "12, 13, make-up Saturday 14"),
    Worked(
        "transfer_recon_req",
        (("refusal_notified", "2026-02-12"),),
        "2026-02-24",
        "three working days: 13, make-up Saturday 14; 15 to 23 off; 24",
        ECOLOGY,
    ),
    Worked("police_recon_decided", (("review_requested", "2026-09-17"),), "2026-09-20", "18, 19, make-up Sunday 20"),
    Worked(
        "police_recon_decided",
        (("review_requested", "2026-09-24"),),
        "2026-09-30",
        "three working days: 25 to 27 off; 28, 29, 30",
        ECOLOGY,
    ),
    Worked(
        "transfer_supervise_req",
        (("refusal_notified", "2025-12-31"),),
        "2026-01-04",
        "1, 2, 3: New Year; make-up Sunday 4",
    ),
    Worked(
        "procuratorate_require_reason", (("refusal_reason_required", "2026-09-29"),), "2026-10-08", "10-06: off to 07"
    ),
    Worked("procuratorate_overdue_reason", (("delay_reason_required", "2026-02-09"),), "2026-02-24", "02-16: to 23"),
    Worked("procuratorate_filing_reason", (("filing_reason_required", "2026-06-12"),), "2026-06-22", "19: off to 21"),
    Worked(
        "procuratorate_tell_agency",
        (ASKED_FOR, ("refusal_reason_accepted", "2026-09-21")),
        "2026-10-08",
        "nine days to 30, 10-01: off to 07",
    ),
    Worked("procuratorate_order_file", (("filing_ordered", "2026-09-16"),), "2026-10-08", "14 to 30, 10-01: off to 07"),
    Worked("procuratorate_urge", (("filed", "2026-01-04"),), "2026-04-07", "04-04: Qingming to 06"),
    Worked("procuratorate_urge", (("filed", "2025-11-30"),), "2026-02-28", "no 02-30: 28, a make-up Saturday"),
    Worked("procuratorate_order_review", (("order_review_requested", "2026-03-02"),), "2026-03-09", "3 to Monday 9"),
    Worked("police_review_req", (("order_review_upheld", "2026-04-30"),), "2026-05-06", "05-05: off; 06"),
    Worked(
        "procuratorate_review_decided",
        (("order_recheck_requested", "2026-06-05"),),
        "2026-06-22",
        "06-20: in Dragon Boat, off to 21",
    ),
    Worked("police_withdrawn", (("withdrawn", "2026-09-30"),), "2026-10-08", "10-03: off to 07", ECOLOGY),
)

UNNUMBERED = (
    Worked("procuratorate_opinion_transfer", (("opinion_issued", "2026-09-23"),), None, "无天数"),
    Worked("transfer_team", (("crime_suspected", "2026-09-23"),), None, "立即"),
    Worked("transfer_team", (("crime_suspected", "2026-09-23"),), None, "立即", EMERGENCY),
    Worked("transfer_report", (("team_named", "2026-09-23"),), None, "核实后"),
    Worked("transfer_items_list", (("approved", "2026-09-23"),), None, "附有"),
    Worked("transfer_items_list", (("sent", "2026-09-23"),), None, "附有", ECOLOGY),
    Worked("transfer_copied", (("approved", "2026-09-23"),), None, "同时"),
    Worked("police_receipt", (("sent", "2026-09-23"),), None, "当场"),
    Worked("police_receipt", (("sent", "2026-09-23"),), None, "立即", ECOLOGY),
    Worked("police_returned", (("received", "2026-09-23"), ("returned", "2026-09-24")), None, "书面通知"),
    Worked("police_notified", (("not_filed", "2026-09-23"),), None, "书面通知"),
    Worked("procuratorate_accept", (ASKED_FOR,), None, "应当受理"),
    Worked("procuratorate_accept", (ASKED_FOR,), None, "应当受理", ECOLOGY),
    Worked("procuratorate_correct", (("correction_issued", "2026-09-23"),), None, "即发"),
    Worked("procuratorate_order_withdraw", (("withdrawal_ordered", "2026-09-23"),), None, "立即"),
    Worked("police_withdrawn", (("withdrawn", "2026-09-23"),), None, "书面通知"),
    Worked("transfer_admin_after", (("not_prosecuted", "2026-09-23"),), None, "依法处理"),
    Worked("transfer_admin_after", (("refusal_notified", "2026-09-23"),), None, "再决定", ECOLOGY),
)


def context(of: str) -> Context:
    conditions = frozenset({"economic_crime"} if ECONOMIC in of else ())
    return Context("420106", of.split()[0].replace(ECONOMIC, "market"), conditions=conditions)


def duty(node: str, *told: Told, of: str = "market") -> Duty:
    (own,) = (one for one in Transfer.nodes if one.id == node)
    (found,) = duties([own], facts(*told), context(of), law())
    return found


@pytest.mark.parametrize("worked", [*NUMBERED, *UNNUMBERED], ids=str)
def test_a_period_ends_as_counted_on_the_wall_calendar(worked: Worked) -> None:
    found = duty(worked.node, *worked.told, of=worked.of)

    assert found.due_at == end(worked.due)
    assert set(found.warnings) <= {"hour-unknown"}


def test_every_row_for_transfers_was_worked_by_hand() -> None:
    worked = {duty(one.node, *one.told, of=one.of).rule for one in (*NUMBERED, *UNNUMBERED)}

    assert worked == {row.rule for row in OF_TRANSFERS}


# What the rows say beside their numbers -------------------------------------------------------------------------------

OF_TRANSFERS = tuple(row for row in law().limits if row.id in {node.id for node in Transfer.nodes})


def test_windows_and_gates_are_these_and_nobody_is_late_with_them() -> None:
    windows = {"transfer_recon_req", "transfer_supervise_req", "police_review_req", "procuratorate_urge"}

    assert {row.id for row in OF_TRANSFERS if row.advisory} == windows | {"transfer_items_list"}


def test_what_was_recalled_or_read_second_hand_is_to_be_confirmed() -> None:
    assert {row.rule for row in OF_TRANSFERS if row.status != "verified"} == {
        "police_decided@2018-01-01.economic",
        "police_decided@2018-01-01.ecology_economic",
        "police_notified@2019-04-16.emergency",
        "police_withdrawn@2016-06-16",
        "procuratorate_order_review@2010-10-01",
    }
    assert {row.status for row in OF_TRANSFERS} == {"verified", "to_confirm"}


def test_every_row_says_in_both_languages_where_it_comes_from() -> None:
    assert [row.rule for row in OF_TRANSFERS if not (row.basis and row.basis_en)] == []


def test_a_day_of_force_that_was_not_read_is_said_to_be_recalled() -> None:
    read = {date(2017, 1, 25)}  # 环环监〔2017〕17号

    silent = [row.rule for row in OF_TRANSFERS if row.effective_from not in read and "据忆" not in row.note]

    assert silent == []


def test_food_and_drugs_have_no_rows_of_their_own() -> None:
    assert {row.field for row in OF_TRANSFERS} == {None, ECOLOGY, EMERGENCY}


def test_thirty_days_granted_by_an_opinion_nobody_read_make_the_whole_to_be_confirmed() -> None:
    plain = duty("police_decided", ("received", "2026-03-02"))
    longer = duty("police_decided", ("received", "2026-03-02"), extension("2026-03-04", "county_police", total=30))

    assert (plain.status, longer.status) == ("verified", "to_confirm")
    twice = duty(
        "police_decided",
        ("received", "2026-03-02"),
        extension("2026-03-03", "handling_unit", None, total=7),
        extension("2026-03-04", "county_police", total=30),
    )
    assert (twice.basis, twice.basis_en) == (longer.basis, longer.basis_en)
    assert longer.basis == plain.basis + ";公安部关于改革完善受案立案制度的意见(2015)"
    assert longer.basis_en.startswith(plain.basis_en + "; ")


@pytest.mark.parametrize(
    ("granted", "of", "caution"),
    [
        (extension("2026-03-04", "handling_unit", total=8), "market", "extension-beyond-level"),
        (extension("2026-03-04", "handling_unit", amount=5), "market", "extension-beyond-level"),
        (extension("2026-03-04", "county_police", total=31), "market", "extension-beyond-level"),
        (extension("2026-03-04", "county_police", total=3), "market", "extension-not-longer"),
        (extension("2026-03-04", "county_police", None, total=30), "market", "extension-without-document"),
        (extension("2026-03-04", "superior_police", amount=30), "market", "extension-beyond-level"),
        (extension("2026-03-04", "superior_police", amount=30), ECONOMIC, "extension-out-of-turn"),
        (extension("2026-03-04", "superior_police", total=60), ECONOMIC, "extension-beyond-level"),
        (extension("2026-03-06", "county_police", total=30), "market", "extension-after-due"),
    ],
)
def test_what_the_police_may_not_grant_themselves_is_kept_and_does_not_count(
    granted: Told, of: str, caution: str
) -> None:
    found = duty("police_decided", ("received", "2026-03-02"), granted, of=of)

    assert (found.due_at, found.warnings) == (end("2026-03-05"), (caution,))


def test_what_is_told_as_a_total_counts_in_all() -> None:
    seven = extension("2026-03-04", "handling_unit", None, total=7)
    thirty = extension("2026-03-06", "county_police", total=30)
    found = duty("police_decided", ("received", "2026-03-02"), seven, thirty)

    assert (found.extended_by, found.due_at) == (27, end("2026-04-01"))
    assert explanation(found) == "2026-03-02 received,当日不计;3 日,延长 27 日,共 30 日;至 2026-04-01。"
    assert explanation(found, "en") == (
        "2026-03-02 received, that day not counted; 3 days, extended by 27 days to 30 days; until 2026-04-01."
    )


def test_within_its_total_a_level_may_extend_step_by_step() -> None:
    told = (("received", "2026-03-02"), extension("2026-03-04", "county_police", total=20))
    again = extension("2026-03-20", "county_police", "武公延〔2026〕2号", total=30)

    assert duty("police_decided", *told, again).due_at == end("2026-04-01")
    assert duty("police_decided", *told, again, again).warnings == ("extension-not-longer",)


# Material that is missing, and police that hand on --------------------------------------------------------------------


def test_the_clock_of_the_police_stands_still_while_they_await_what_they_asked_for() -> None:
    found = duty("police_decided", ("received", "2026-03-02"), REQUESTED)

    assert (found.due_at, found.paused_at) == (None, date(2026, 3, 3))
    assert state(found, datetime(2026, 3, 20, tzinfo=SHANGHAI)) == "paused"


def test_what_was_granted_longer_is_not_lost_when_the_material_comes() -> None:
    told = (("received", "2026-03-02"), extension("2026-03-02", "county_police", total=30), REQUESTED)

    found = duty("police_decided", *told, ("material_supplied", "2026-03-05"))

    assert (found.opened_by, found.due_at, found.warnings) == ("material_supplied", end("2026-04-07"), ())


def test_other_police_begin_their_own_period_with_nothing_of_that_of_the_first() -> None:
    first = (("received", "2026-03-02"), extension("2026-03-02", "county_police", total=30), REQUESTED)

    handed_on = duty("police_decided", *first, ("rerouted", "2026-03-03"))
    anew = duty("police_decided", *first, ("rerouted", "2026-03-03"), ("received", "2026-03-04"))

    assert state(handed_on, datetime(2026, 3, 20, tzinfo=SHANGHAI)) == "waived"
    assert (anew.opened_at, anew.due_at, anew.waived_at) == (date(2026, 3, 4), end("2026-03-09"), None)


def test_of_one_day_what_the_first_police_did_is_not_done_by_the_second() -> None:
    told = [("sent", "2026-03-02"), ("received", "2026-03-03"), ("rerouted", "2026-03-03"), ("received", "2026-03-03")]

    assert duty("police_receipt", *told[:3]).done_at is None
    assert duty("police_receipt", *told).done_at == date(2026, 3, 3)
    assert duty("police_decided", *told).waived_at is None


def test_a_second_gap_has_three_days_of_its_own_and_the_notice_of_the_first_is_judged() -> None:
    told = (
        ("received", "2026-03-02T09:00"),
        ("material_requested", "2026-03-02T15:00"),
        ("material_supplied", "2026-03-04"),
        ("material_requested", "2026-03-05T10:00"),
    )

    assert duty("transfer_material_fixed", *told).due_at == end("2026-03-09")
    notice = duty("police_material_notice", *told)
    assert (notice.due_at, notice.done_at) == (end("2026-03-03T10:00"), at("2026-03-02T15:00"))


# Late or not ----------------------------------------------------------------------------------------------------------


def late(node: str, when: str, *told: Told, of: str = "market") -> bool:
    return is_late(Transfer.nodes, context(of), law())(node, Fact("urged", at(when)), facts(*told))


@pytest.mark.parametrize(
    ("when", "expected"),
    [("2026-03-05", False), ("2026-03-05T23:59", False), ("2026-03-06T00:00", True), ("2026-03-06", True)],
)
def test_the_police_are_late_once_the_last_day_has_passed(when: str, expected: bool) -> None:
    assert late("police_decided", when, ("received", "2026-03-02T10:00")) is expected


@pytest.mark.parametrize(
    "more",
    [
        [("filed", "2026-03-05")],
        [("rerouted", "2026-03-03")],
        [("waived", "2026-03-04", {"node": "police_decided"})],
        [("suspended", "2026-03-04")],
        [REQUESTED],
        [extension("2026-03-04", "handling_unit", None, total=7)],
    ],
    ids=lambda more: more[0][0],
)
def test_who_has_decided_handed_on_or_stands_still_is_not_late(more: list[Told]) -> None:
    assert not late("police_decided", "2026-03-09", ("received", "2026-03-02"), *more)


def test_nobody_is_late_with_what_has_not_begun() -> None:
    assert not late("police_decided", "2026-03-09", ("sent", "2026-03-02"))


def test_a_period_in_hours_runs_out_at_its_moment_and_for_a_bare_date_with_its_day() -> None:
    approved = ("approved", "2026-03-02T10:20")

    assert not late("transfer_sent", "2026-03-03T11:00", approved)
    assert late("transfer_sent", "2026-03-03T11:01", approved)
    assert not late("transfer_sent", "2026-03-03", approved)
    assert late("transfer_sent", "2026-03-04", approved)


def test_after_three_months_the_police_may_be_urged_more_than_once() -> None:
    told = [("filed", "2026-03-02")]

    assert not late("procuratorate_urge", "2026-06-02", *told)
    assert late("procuratorate_urge", "2026-06-03", *told)
    assert late("procuratorate_urge", "2026-07-03", *told, ("urged", "2026-06-03"))


def test_where_no_rule_is_known_for_the_day_a_delay_is_not_held_against_anybody() -> None:
    assert late("police_decided", "2016-03-03", ("received", "2016-03-02"))
    assert not late("police_decided", "2016-03-04", ("received", "2016-03-02"), ("filed", "2016-03-03"))


# Whole cases ----------------------------------------------------------------------------------------------------------


RECEIVED: Told = ("received", "2026-09-22T17:05")

# Reported on Monday 09-21, three days: 09-24. Approved on 09-22 at 10:20, 24 hours from 11:00.
SENT = {
    "transfer_team": ("done", None),
    "transfer_report": ("done", None),
    "transfer_approved": ("done", "2026-09-24"),
    "transfer_items_list": ("done", None),
    "transfer_sent": ("done", "2026-09-23T11:00"),
    "transfer_copied": ("done", None),
    "police_receipt": ("done", None),
}
# Received on Tuesday 09-22: 23, 24, 25, which is Mid-Autumn, off to 27; Monday 28.
IN_TIME = {**SENT, "police_decided": ("done", "2026-09-28"), "police_notified": ("done", None)}

STORIES = (
    Story(
        "filed in time",
        transfer(),
        (RECEIVED, ("filed", "2026-09-24"), ("notified", "2026-09-24"), ("items_handed_over", "2026-09-28")),
        "2026-11-22T09:00",
        "investigating",
        {
            **IN_TIME,
            "transfer_items_handover": ("done", "2026-09-28"),  # 27 is off
            "procuratorate_urge": ("open", "2026-12-24"),
        },
        {"transfer_sent": MARKET, "police_decided": POLICE, "procuratorate_urge": PROCURATORATE},
    ),
    Story(
        "missing material supplied, then filed",
        transfer(),
        (
            RECEIVED,
            ("material_requested", "2026-09-23T15:00"),
            ("material_supplied", "2026-09-24"),
            ("filed", "2026-09-28"),
            ("notified", "2026-09-29"),
            ("items_handed_over", "2026-10-09"),
        ),
        "2026-11-22T09:00",
        "investigating",
        {
            **SENT,
            "police_material_notice": ("done", "2026-09-23T18:00"),
            "transfer_material_fixed": ("done", "2026-09-28"),  # 24, 25, 26: off to 27
            "police_decided": ("done", "2026-09-28"),  # anew from 24: 25, 26, 27: off
            "police_notified": ("done", None),
            "transfer_items_handover": ("done_late", "2026-10-08"),  # 30, 10-01, 02: off to 07
            "procuratorate_urge": ("open", "2026-12-28"),
        },
    ),
    Story(
        "refused, reviewed, upheld, supervised, ordered and filed",
        transfer(),
        (
            RECEIVED,
            ("not_filed", "2026-09-24"),
            ("notified", "2026-09-25"),
            ("review_requested", "2026-09-28"),
            ("review_upheld", "2026-09-30"),
            ("notified", "2026-10-08"),
            ("supervision_requested", "2026-10-09"),
            ("supervision_accepted", "2026-10-10"),
            ("reason_required", "2026-10-12"),
            ("reason_given", "2026-10-16"),
            ("filing_ordered", "2026-10-20"),
            ("filed", "2026-11-03"),
            ("notified", "2026-11-04"),
            ("items_handed_over", "2026-11-06"),
        ),
        "2026-11-22T09:00",
        "investigating",
        {
            **IN_TIME,
            "transfer_items_handover": ("done", "2026-11-09"),  # 5, 6, Saturday 7
            "transfer_recon_req": ("done", "2026-09-28"),  # 26, 27, 28
            "police_recon_decided": ("done", "2026-10-08"),  # 29, 30, 10-01: off to 07
            "transfer_supervise_req": ("done", "2026-10-12"),  # of the notice after the review: 9, 10, Sunday 11
            "procuratorate_accept": ("done", None),
            "procuratorate_require_reason": ("done", "2026-10-19"),
            "procuratorate_order_file": ("done", "2026-11-04"),  # 11 to 31, four in November
            "procuratorate_urge": ("open", "2027-02-03"),
            "transfer_admin_after": ("waived", None),  # the procuratorate was asked
        },
    ),
    Story(
        "a decision overdue, and the delay supervised",
        transfer(),
        (
            RECEIVED,
            ("supervision_requested", "2026-09-29"),
            ("supervision_accepted", "2026-09-30"),
            ("reason_required", "2026-10-09"),
            ("reason_given", "2026-10-14"),
            ("reason_accepted", "2026-10-15"),
            ("filed", "2026-10-21"),
        ),
        "2026-10-22T09:00",
        "filed",
        {
            **SENT,
            "police_decided": ("done_late", "2026-09-28"),
            "police_notified": ("open", None),
            "procuratorate_accept": ("done", None),
            "procuratorate_overdue_reason": ("done", "2026-10-16"),
            "procuratorate_urge": ("open", "2027-01-21"),
        },
        {"procuratorate_accept": PROCURATORATE, "procuratorate_overdue_reason": POLICE},
    ),
    Story(
        "rerouted to other police",
        transfer(),
        (
            RECEIVED,
            ("rerouted", "2026-09-23T09:30", {"to": organ(CITY_POLICE)}),
            ("received", "2026-09-23T15:00"),
            ("filed", "2026-09-29"),
        ),
        "2026-09-30T09:00",
        "filed",
        {
            **SENT,
            "police_rerouted": ("done", "2026-09-23T18:00"),
            "police_decided": ("done_late", "2026-09-28"),  # 24, 25, 26: off to 27
            "police_notified": ("open", None),
            "procuratorate_urge": ("open", "2026-12-29"),
        },
        {
            "police_receipt": CITY_POLICE,
            "police_rerouted": POLICE,
            "police_decided": CITY_POLICE,
            "police_notified": CITY_POLICE,
        },
    ),
    Story(
        "filed and withdrawn, and punished by the agency",
        transfer(),
        (
            RECEIVED,
            ("filed", "2026-09-24"),
            ("notified", "2026-09-24"),
            ("items_handed_over", "2026-09-28"),
            ("withdrawn", "2026-10-12"),
            ("notified", "2026-10-13"),
            ("handled", "2026-10-30", {"outcome": "penalised"}),
        ),
        "2026-11-22T09:00",
        "closed",
        {
            **IN_TIME,
            "transfer_items_handover": ("done", "2026-09-28"),
            "procuratorate_urge": ("done", "2026-12-24"),
            "police_withdrawn": ("done", None),
            "transfer_admin_after": ("done", None),
        },
    ),
    Story(
        "an economic crime with two extensions",
        transfer(economic_crime=True),
        (
            RECEIVED,
            extension("2026-09-24", "county_police", total=30),
            extension("2026-10-20", "superior_police", "鄂公延〔2026〕1号", amount=30),
            ("filed", "2026-11-20"),
        ),
        "2026-11-22T09:00",
        "filed",
        {
            **SENT,
            "police_decided": ("done", "2026-11-23"),  # eight in September, 31, 21: Saturday 21
            "police_notified": ("open", None),
            "procuratorate_urge": ("open", "2027-02-22"),  # Saturday 20, by weekends: no notice for 2027 yet
        },
    ),
    Story(
        "of ecology, copied to the procuratorate",
        transfer(field="ecology"),
        (
            RECEIVED,
            extension("2026-09-24", "handling_unit", None, total=7),
            ("filed", "2026-09-29"),
            ("notified", "2026-09-30"),
            ("items_handed_over", "2026-10-08"),
        ),
        "2026-11-22T09:00",
        "investigating",
        {
            **SENT,
            "transfer_copied": ("done", "2026-09-23T11:00"),
            "police_decided": ("done", "2026-09-29"),
            "police_notified": ("done", "2026-10-08"),  # 30, 10-01, 02: off to 07
            "transfer_items_handover": ("done", "2026-10-08"),  # 10-03: off to 07
            "procuratorate_urge": ("open", "2026-12-29"),
        },
    ),
    Story(
        "not prosecuted, and with the agency again",
        transfer(),
        (
            RECEIVED,
            ("filed", "2026-09-24"),
            ("notified", "2026-09-24"),
            ("items_handed_over", "2026-09-25"),
            ("not_prosecuted", "2026-11-10", {"ground": "insufficient_evidence"}),
        ),
        "2026-11-22T09:00",
        "not_prosecuted",
        {
            **IN_TIME,
            "transfer_items_handover": ("done", "2026-09-28"),
            "procuratorate_urge": ("done", "2026-12-24"),
            "transfer_admin_after": ("open", None),
        },
        {"transfer_admin_after": MARKET},
    ),
    Story(
        "a filing that had to be withdrawn, upheld on review and recheck",
        transfer(),
        (
            RECEIVED,
            ("filed", "2026-09-24"),
            ("notified", "2026-09-24"),
            ("reason_required", "2026-10-09"),
            ("reason_given", "2026-10-15"),
            ("withdrawal_ordered", "2026-10-20"),
            ("order_review_requested", "2026-10-22"),
            ("order_upheld", "2026-10-28"),
            ("order_recheck_requested", "2026-11-02"),
            ("order_upheld", "2026-11-16"),
            ("withdrawn", "2026-11-17"),
            ("notified", "2026-11-18"),
        ),
        "2026-11-22T09:00",
        "case_withdrawn",
        {
            **IN_TIME,
            "transfer_items_handover": ("waived", "2026-09-28"),  # never handed over, and nothing is left to be
            "procuratorate_filing_reason": ("done", "2026-10-16"),
            "procuratorate_order_withdraw": ("done", None),
            "procuratorate_order_review": ("done", "2026-10-29"),
            "police_review_req": ("done", "2026-11-02"),
            "procuratorate_review_decided": ("done", "2026-11-17"),
            "procuratorate_urge": ("done", "2026-12-24"),
            "police_withdrawn": ("done", None),
            "transfer_admin_after": ("open", None),
        },
    ),
    Story(
        "an opinion that led to the transfer",
        opinion(),
        (
            ("opinion_issued", "2026-09-14", {"reason": "涉嫌犯罪"}),
            ("approved", "2026-09-15T09:00"),
            ("sent", "2026-09-15T14:00", {"to": organ(POLICE)}),
            ("copied", "2026-09-15T14:00"),
            ("received", "2026-09-15T16:40"),
            ("filed", "2026-09-18"),
        ),
        "2026-09-19T09:00",
        "filed",
        {
            "procuratorate_opinion_transfer": ("done", None),
            "transfer_sent": ("done", "2026-09-16T10:00"),
            "transfer_copied": ("done", None),
            "police_receipt": ("done", None),
            "police_decided": ("done", "2026-09-18"),
            "police_notified": ("open", None),
            "procuratorate_urge": ("open", "2026-12-18"),
        },
        {"procuratorate_opinion_transfer": MARKET, "police_decided": POLICE, "procuratorate_urge": PROCURATORATE},
    ),
    Story(
        "an opinion explained, late",
        opinion(field="ecology"),
        (("opinion_issued", "2026-09-23", {"reason": "涉嫌犯罪"}), ("opinion_explained", "2026-09-30")),
        "2026-11-22T09:00",
        "opinion_explained",
        {"procuratorate_opinion_transfer": ("done_late", "2026-09-28")},
        {"procuratorate_opinion_transfer": MARKET},
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_case_amounts_to_what_was_worked_out_by_hand(story: Story) -> None:
    _, found = story.happened()

    owed = story.owed()
    now = at(story.now)
    assert isinstance(now, datetime)
    assert (found.state, found.waiting, found.contradictions) == (story.state, (), ())
    assert {node: (state(one, now), _due(one)) for node, one in owed.items()} == {
        node: (stands, end(due)) for node, (stands, due) in story.nodes.items()
    }
    assert {node: owed[node].responsible for node in story.responsible} == story.responsible


def _due(duty: Duty) -> datetime | None:
    return duty.reckoning.due_at if duty.reckoning else None


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_every_duty_of_a_case_can_be_told_in_both_languages(story: Story) -> None:
    for one in story.owed().values():
        assert explanation(one).endswith("。")
        assert explanation(one, "en").endswith(".")
        assert one.opened_title


@pytest.mark.parametrize(("when", "waits"), [("2026-09-28", True), ("2026-09-29", False)])
def test_supervision_of_a_delay_waits_until_there_is_one(when: str, waits: bool) -> None:
    record = Transfer.model_validate(transfer())

    found = history(record, facts(RECEIVED, ("supervision_requested", when)), law())

    assert [one.event for one in found.waiting] == ["supervision_requested"] * waits
    assert found.contradictions == ()


def test_an_order_to_file_that_is_not_followed_is_corrected_once_it_is_late() -> None:
    record = Transfer.model_validate(transfer())
    told = (
        RECEIVED,
        ("not_filed", "2026-09-24"),
        ("reason_required", "2026-09-28"),
        ("reason_given", "2026-09-29"),
        ("filing_ordered", "2026-09-30"),  # 15 days: 10-15
    )

    early = history(record, facts(*told, ("correction_issued", "2026-10-15")), law())
    late = history(record, facts(*told, ("correction_issued", "2026-10-16")), law())

    assert (early.state, late.state) == ("order_pending", "correction_issued")


def test_a_case_filed_again_has_its_items_handed_over_again() -> None:
    record = Transfer.model_validate(transfer())
    told = (
        RECEIVED,
        ("filed", "2026-09-24"),
        ("notified", "2026-09-24"),
        ("items_handed_over", "2026-09-25"),
        ("withdrawn", "2026-10-12"),
        ("notified", "2026-10-12"),
        ("review_requested", "2026-10-13"),
        ("review_filed", "2026-10-15"),
        ("notified", "2026-10-16"),
    )

    found = history(record, facts(*told), law())

    owed = {one.node: one for one in duties(record.nodes, found.applied, of_record(record), law())}
    assert found.state == "filed"
    items = owed["transfer_items_handover"]
    assert (items.opened_at, items.done_at, items.due_at) == (date(2026, 10, 16), None, end("2026-10-19"))
    assert owed["transfer_admin_after"].waived_at == date(2026, 10, 13)
    assert owed["procuratorate_urge"].opened_by == "review_filed"


# However it was told --------------------------------------------------------------------------------------------------


RECORD = Transfer.model_validate(not_sent(suspected_on=None, team_named_on=None, team=None, reported_on=None))
IS_LATE = is_late(RECORD.nodes, of_record(RECORD), law())


TO_THE_POLICE = ("reported", "approved", "sent", "received")
REFUSED = (*TO_THE_POLICE, "not_filed", "notified")
FILED = (*TO_THE_POLICE, "filed", "notified")
BEGINNINGS = (
    (),
    TO_THE_POLICE,
    (*TO_THE_POLICE, "material_requested"),
    FILED,
    (*FILED, "reason_required", "reason_given", "withdrawal_ordered", "order_review_requested", "order_upheld"),
    REFUSED,
    (*REFUSED, "reason_required", "reason_given", "filing_ordered"),
)
"""Courses from which a run goes on."""


TELL = telling("police_decided", level="county_police", total=30, unit="natural_day")
RUNS = runs(RECORD.steps, TELL, BEGINNINGS, ("opinion_explained", "closed", "returned", "disapproved"), IS_LATE)


@settings(max_examples=250, deadline=None)
@given(retold(RUNS))
def test_a_lawful_run_folds_to_the_same_however_often_and_in_whatever_order_it_is_told(
    course: tuple[Run, list[Fact]],
) -> None:
    run, heard = course

    found = fold(RECORD.steps, heard, IS_LATE)

    assert_folds_to(run, found)
    expected = duties(RECORD.nodes, run.applied, of_record(RECORD), law())
    assert duties(RECORD.nodes, found.applied, of_record(RECORD), law()) == expected


@settings(max_examples=150, deadline=None)
@given(RUNS)
def test_a_run_that_was_told_in_part_never_contradicts_itself(run: Run) -> None:
    for told in (run.told[::2], run.told[1::2], run.told[-3:]):
        assert fold(RECORD.steps, told, IS_LATE).contradictions == ()
