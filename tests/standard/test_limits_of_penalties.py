"""The limits of a penalty as shipped: no row lost, none called verified that was not read, the numbers as read."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from schemas.law import Extension, Limit, Span, limits
from schemas.shipped import law

HOW_MANY = {
    "penalty_clue_registered": 1,
    "penalty_filed": 6,
    "penalty_limit_check": 4,
    "penalty_reporter_told": 2,
    "penalty_evidence_preserved": 1,
    "penalty_notice": 1,
    "penalty_statement_window": 1,
    "penalty_hearing_request": 2,
    "penalty_hearing_invite": 1,
    "penalty_legal_review": 2,
    "penalty_collective": 1,
    "penalty_crime_screen": 1,
    "penalty_decided": 7,
    "penalty_simple_filed": 5,
    "penalty_served": 3,
    "penalty_published": 2,
    "penalty_published_amr": 1,
    "penalty_published_gen": 2,
    "penalty_entered": 2,
    "penalty_copied": 1,
    "penalty_cash_handover": 3,
    "penalty_cash_deposited": 3,
    "penalty_paid": 1,
    "penalty_surcharge": 1,
    "penalty_demand": 1,
    "penalty_court_enforce": 2,
    "penalty_court_accept": 1,
    "penalty_court_ruled": 1,
    "penalty_publicity_withdrawn": 2,
    "penalty_closed": 2,
}

ROWS = tuple(row for row in limits() if row.id.startswith("penalty_"))
BY_RULE = {row.rule: row for row in ROWS}

NINETY = Span(90, "natural_day")
HEARING = (("hearing_requested", "hearing_held"),)


def on(day: date, node: str, field: str | None = None, conditions: frozenset[str] = frozenset()) -> Limit:
    """The row that goes first in Wuhan for a node whose opening event happened on `day`."""
    rows = law().rows(node)
    return next(row for row in rows if row.applies("420106", field, None, conditions) and row.in_force(day))


# What is there


def test_every_node_has_as_many_rows_as_were_read() -> None:
    assert Counter(row.id for row in ROWS) == HOW_MANY


def test_every_row_says_in_both_languages_where_it_comes_from() -> None:
    assert [row.rule for row in ROWS if not (row.basis and row.basis_en)] == []


def test_gates_and_windows_are_these_and_nobody_is_late_with_them() -> None:
    advisory = {row.id for row in ROWS if row.advisory}

    gates = {"penalty_notice", "penalty_legal_review", "penalty_collective", "penalty_crime_screen"}
    windows = {"penalty_statement_window", "penalty_hearing_request", "penalty_demand"}
    shown = {"penalty_limit_check", "penalty_hearing_invite", "penalty_published_gen", "penalty_surcharge"}
    assert advisory == gates | windows | shown
    assert [row.rule for row in ROWS if row.id in gates and row.advisory and row.span] == []


def test_only_the_legal_review_of_market_regulation_is_a_deadline_beside_a_gate() -> None:
    mixed = [
        row.rule
        for row in ROWS
        if row.arises and not row.advisory and any(one.advisory for one in ROWS if one.id == row.id)
    ]

    assert mixed == ["penalty_legal_review@2022-11-01.market"]


def test_a_duty_without_a_number_is_one_that_the_law_does_not_number() -> None:
    assert {row.rule for row in ROWS if row.span is None and not row.advisory and row.arises} == {
        "penalty_clue_registered@2021-07-15",
        "penalty_filed@2021-07-15",
        "penalty_filed@2026-01-01.public_security",
        "penalty_simple_filed@2021-07-15",
        "penalty_closed@2021-07-15",
    }


# What was read and what was not


def test_what_was_recalled_or_read_second_hand_is_to_be_confirmed() -> None:
    assert {row.rule for row in ROWS if row.status == "to_confirm"} == {
        "penalty_filed@2021-07-15.market",
        "penalty_filed@2023-07-01.ecology",
        "penalty_limit_check@1996-10-01",
        "penalty_limit_check@2001-05-01.tax",
        "penalty_reporter_told@2026-04-15.market",
        "penalty_hearing_request@2021-07-15.public_security",
        "penalty_decided@2021-07-15.market",
        "penalty_decided@2023-07-01.ecology",
        "penalty_published@2026-01-01.public_security",
        "penalty_published_gen@2026-01-01.public_security",
    }


def test_the_only_number_of_our_own_is_that_of_entry_in_wuhan() -> None:
    assert [row.rule for row in ROWS if row.status == "local_default"] == ["penalty_entered@2024-12-27.wuhan"]


def test_a_day_in_force_that_is_only_recalled_is_said_in_the_note() -> None:
    recalled = {date(2022, 11, 1), date(2022, 5, 1), date(2015, 5, 1), date(2006, 1, 26)}

    of_such_a_day = [row for row in ROWS if row.effective_from in recalled]

    assert len(of_such_a_day) == 9
    assert [row.rule for row in of_such_a_day if "据忆" not in row.note] == []


def test_one_text_of_a_field_ends_on_the_eve_of_the_next() -> None:
    begins = {(row.id, row.field, row.effective_from.toordinal()) for row in ROWS}
    ends = [(row.rule, row.id, row.field, row.effective_to) for row in ROWS if row.effective_to]

    without_a_next = [rule for rule, id_, field, end in ends if (id_, field, end.toordinal() + 1) not in begins]

    # 生态环境部令第30号 on penalties imposed on the spot was not read; the national duty without a number follows.
    assert without_a_next == ["penalty_simple_filed@2010-03-01.ecology"]


def test_the_only_duty_that_a_law_takes_away_is_publicity_of_what_the_police_have_to_seal() -> None:
    taken_away = [row.rule for row in ROWS if not row.arises]

    assert taken_away == [
        "penalty_published@2026-01-01.public_security",
        "penalty_published_gen@2026-01-01.public_security",
    ]


# Market regulation


def test_market_regulation_files_within_fifteen_working_days_of_the_clue_and_fifteen_more() -> None:
    row = BY_RULE["penalty_filed@2022-11-01.market"]

    assert row.span == Span(15, "working_day")
    assert row.opens_on == ("clue_found", "registered")
    assert row.extensions == (Extension(level="head", amount=15, unit="working_day"),)
    assert row.excludes == ("testing", "inspection", "quarantine", "appraisal", "rights_holder_identification")


def test_market_regulation_decides_within_ninety_days_thirty_more_and_what_the_heads_discuss() -> None:
    row = BY_RULE["penalty_decided@2022-11-01.market"]

    assert (row.span, row.excludes_between) == (NINETY, HEARING)
    assert row.extensions == (
        Extension(level="head", amount=30, unit="natural_day"),
        Extension(level="collective", follows="head", needs_document=True),
    )
    assert row.excludes is not None
    assert len(row.excludes) == 9
    assert "refund_order" in row.excludes
    assert "other" not in row.excludes


@pytest.mark.parametrize("node", ["penalty_filed", "penalty_decided"])
def test_what_market_regulation_did_before_its_text_of_2022_has_the_same_numbers(node: str) -> None:
    before, since = on(date(2022, 10, 31), node, "market"), on(date(2022, 11, 1), node, "market")

    assert (before.status, since.status) == ("to_confirm", "verified")
    assert (before.span, before.opens_on, before.extensions) == (since.span, since.opens_on, since.extensions)
    assert (before.excludes, before.excludes_between) == (since.excludes, since.excludes_between)


@pytest.mark.parametrize(
    ("node", "opens_on", "days"),
    [
        ("penalty_published_amr", "decided", 20),
        ("penalty_publicity_withdrawn", "revoked", 3),
        ("penalty_published", "decided", 7),
        ("penalty_statement_window", "notified", 5),
        ("penalty_legal_review", "legal_review_received", 10),
        ("penalty_simple_filed", "decided", 7),
        ("penalty_closed", "paid_in_full", 15),
        ("penalty_reporter_told", "not_filed", 5),
    ],
)
def test_the_other_periods_of_market_regulation_are_working_days(node: str, opens_on: str, days: int) -> None:
    row = on(date(2026, 3, 2), node, "market")

    assert row.span == Span(days, "working_day")
    assert opens_on in row.opens_on


def test_credit_publicity_and_that_of_market_regulation_run_side_by_side_until_somebody_decides() -> None:
    (one,) = law().yieldings

    assert (one.id, one.to, one.field) == ("penalty_published", "penalty_published_amr", "market")
    assert (one.holds, one.status) == (False, "to_confirm")
    assert one.basis
    assert one.basis_en


# The police


def test_the_police_count_from_acceptance_until_2025_and_from_filing_since() -> None:
    before = on(date(2025, 12, 31), "penalty_decided", "public_security")
    since = on(date(2026, 1, 1), "penalty_decided", "public_security")

    assert (before.opens_on[0], since.opens_on) == ("registered", ("filed",))
    assert before.span == since.span == Span(30, "natural_day")
    assert before.extensions == (Extension(level="superior", amount=30, unit="natural_day"),)
    assert since.extensions == (Extension(level="superior", amount=30, unit="natural_day", times=2),)


def test_only_appraisal_stops_the_clock_of_the_police_until_2025_and_the_hearing_too_since() -> None:
    before = on(date(2025, 12, 31), "penalty_decided", "public_security")
    since = on(date(2026, 1, 1), "penalty_decided", "public_security")

    assert (before.excludes, before.excludes_between) == (("appraisal",), ())
    assert (since.excludes, since.excludes_between) == (("appraisal", "hearing"), HEARING)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 1, 1)])
@pytest.mark.parametrize(
    ("node", "span"),
    [
        ("penalty_simple_filed", Span(24, "hour")),
        ("penalty_served", Span(2, "natural_day")),
        ("penalty_cash_handover", Span(2, "natural_day")),
        ("penalty_cash_deposited", Span(2, "natural_day")),
    ],
)
def test_short_periods_of_the_police_are_hours_and_natural_days(node: str, span: Span, day: date) -> None:
    row = on(day, node, "public_security")

    assert row.field == "public_security"
    assert row.span == span


# Ecology


def test_ecology_filed_within_seven_working_days_and_decided_within_three_months_until_2023() -> None:
    last_day = date(2023, 6, 30)

    assert on(last_day, "penalty_filed", "ecology").span == Span(7, "working_day")
    assert on(last_day, "penalty_decided", "ecology").span == Span(3, "month")


def test_ecology_files_within_fifteen_days_and_decides_within_ninety_since_2023() -> None:
    filed, decided = (on(date(2023, 7, 1), node, "ecology") for node in ("penalty_filed", "penalty_decided"))

    assert (filed.span, filed.extensions) == (
        Span(15, "natural_day"),
        (Extension(level="head", amount=15, unit="natural_day"),),
    )
    assert decided.span == NINETY
    assert [(one.level, one.amount, one.follows) for one in decided.extensions] == [
        ("head", 30, None),
        ("collective", 30, "head"),
    ]


def test_time_with_the_police_does_not_count_in_ecology() -> None:
    assert [row.rule for row in ROWS if "transfer" in (row.excludes or ())] == [
        "penalty_decided@2010-03-01.ecology",
        "penalty_decided@2023-07-01.ecology",
    ]


# Everybody


def test_a_decision_is_due_within_ninety_days_that_the_law_itself_does_not_prolong() -> None:
    row = on(date(2026, 3, 2), "penalty_decided", "transport")

    assert row.rule == "penalty_decided@2021-07-15"
    assert (row.span, row.extensions, row.excludes, row.excludes_between) == (NINETY, (), None, ())


@pytest.mark.parametrize(
    ("node", "opens_on", "span"),
    [
        ("penalty_evidence_preserved", "evidence_preserved", Span(7, "working_day")),
        ("penalty_hearing_request", "notified", Span(5, "working_day")),
        ("penalty_hearing_invite", "hearing_held", Span(7, "working_day")),
        ("penalty_served", "decided", Span(7, "working_day")),
        ("penalty_published", "decided", Span(7, "working_day")),
        ("penalty_published_gen", "decided", Span(20, "working_day")),
        ("penalty_copied", "decided", Span(10, "natural_day")),
        ("penalty_cash_handover", "cash_collected", Span(2, "working_day")),
        ("penalty_cash_deposited", "cash_handed_over", Span(2, "working_day")),
        ("penalty_paid", "served", Span(15, "natural_day")),
        ("penalty_demand", "demanded", Span(10, "working_day")),
        ("penalty_court_accept", "court_applied", Span(5, "working_day")),
        ("penalty_court_ruled", "court_accepted", Span(7, "working_day")),
        ("penalty_publicity_withdrawn", "revoked", Span(3, "working_day")),
    ],
)
def test_the_periods_for_all_fields_are_as_read(node: str, opens_on: str, span: Span) -> None:
    row = on(date(2026, 3, 2), node)

    assert (row.opens_on, row.span, row.status) == ((opens_on,), span, "verified")


def test_only_the_notice_of_a_hearing_counts_back() -> None:
    assert [row.id for row in ROWS if row.backwards] == ["penalty_hearing_invite"]


def test_payment_is_put_off_by_a_deferral_and_by_nothing_else() -> None:
    assert [(row.id, row.deferred_by) for row in ROWS if row.deferred_by] == [("penalty_paid", ("payment_deferred",))]


def test_the_court_is_applied_to_within_three_months_after_the_six_for_suing() -> None:
    row = BY_RULE["penalty_court_enforce@2015-05-01"]

    assert (row.opens_on, row.after, row.span) == (("served",), Span(6, "month"), Span(3, "month"))


def test_after_a_deferral_the_three_months_count_from_its_end_and_that_row_goes_first() -> None:
    row = on(date(2026, 3, 2), "penalty_court_enforce")

    assert (row.opens_on, row.counts_from) == (("payment_deferred",), "until")
    assert (row.after, row.span) == (None, Span(3, "month"))


def test_the_agency_is_warned_of_the_court_s_time_limit_while_it_can_still_demand_payment() -> None:
    ahead = [row.warn for row in ROWS if row.id == "penalty_court_enforce"]

    assert ahead == [Span(30, "natural_day")] * 2


@pytest.mark.parametrize(
    ("day", "field", "conditions", "months"),
    [
        (date(2021, 7, 14), "market", frozenset[str](), 24),
        (date(2021, 7, 15), "market", frozenset[str](), 24),
        (date(2021, 7, 15), "market", frozenset({"endangers"}), 60),
        (date(2021, 7, 14), "market", frozenset({"endangers"}), 24),
        (date(2021, 7, 15), "tax", frozenset[str](), 60),
    ],
)
def test_a_violation_is_barred_after_two_years_or_five(
    day: date, field: str, conditions: frozenset[str], months: int
) -> None:
    assert on(day, "penalty_limit_check", field, conditions).span == Span(months, "month")
