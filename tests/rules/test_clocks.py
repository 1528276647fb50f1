"""Clocks that do not simply run from an event: after a period, backwards, from a named day, past gates, by grounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from pydantic import TypeAdapter

from app.rules.deadlines import Duty, duties, state
from app.rules.openings import Context
from schemas.law import Law, Span, law_of
from schemas.lifecycle import Fact
from tests.rules.test_duties import DECIDED, SERVED, WUCHANG_MARKET, YEAR, duty, end_of, fact, moment, rows

NINETY: Mapping[str, object] = {"opens_on": ["filed"], "amount": 90, "unit": "natural_day"}
FILED = fact("filed", "2026-03-02")  # 90 days: Sunday 05-31, then Monday 06-01


# On which grounds it stands still


def test_a_pause_on_a_ground_that_the_row_names_counts_and_on_another_does_not() -> None:
    under = rows({**NINETY, "excludes": ["testing", "appraisal"]})
    resumed = fact("resumed", "2026-04-11")

    tested = duty(SERVED, FILED, fact("suspended", "2026-04-01", ground="testing"), resumed, under=under)
    waited = duty(SERVED, FILED, fact("suspended", "2026-04-01", ground="other"), resumed, under=under)
    silent = duty(SERVED, FILED, fact("suspended", "2026-04-01"), resumed, under=under)

    assert (tested.due_at, tested.warnings) == (end_of("2026-06-10"), ())
    assert (waited.due_at, waited.warnings) == (end_of("2026-06-01"), ("suspension-not-counted",))
    assert (silent.due_at, silent.warnings) == (end_of("2026-06-01"), ("suspension-not-counted",))


def test_what_another_record_brought_about_counts_whatever_grounds_the_row_names() -> None:
    under = rows({**NINETY, "excludes": ["testing"]})
    imposed = fact("suspended", "2026-04-01", ground="transfer", caused_by="0199c6f4-6d2e-7c11-b2f4-3d1a5e9c7b10")

    found = duty(SERVED, FILED, imposed, fact("resumed", "2026-04-11"), under=under)

    assert (found.due_at, found.warnings) == (end_of("2026-06-10"), ())


def test_where_the_row_names_no_ground_any_counts() -> None:
    paused = (fact("suspended", "2026-04-01", ground="other"), fact("resumed", "2026-04-11"))

    assert duty(SERVED, FILED, *paused, under=rows(NINETY)).due_at == end_of("2026-06-10")


def test_a_pause_that_does_not_count_is_ended_by_its_own_resumption() -> None:
    under = rows({**NINETY, "excludes": ["testing"]})
    idle = (fact("suspended", "2026-04-01", ground="other"), fact("resumed", "2026-04-05"))
    real = (fact("suspended", "2026-04-10", ground="testing"), fact("resumed", "2026-04-12"))

    # 2 days: 05-31 becomes 06-02
    assert duty(SERVED, FILED, *idle, *real, under=under).due_at == end_of("2026-06-02")


def test_between_two_events_that_the_row_names_it_stands_still_by_itself() -> None:
    under = rows({**NINETY, "excludes_between": [["hearing_requested", "hearing_held"]]})
    asked, held = fact("hearing_requested", "2026-04-01"), fact("hearing_held", "2026-04-11")

    waiting = duty(SERVED, FILED, asked, under=under)
    after = duty(SERVED, FILED, asked, held, under=under)
    without_request = duty(SERVED, FILED, held, under=under)

    assert (waiting.due_at, waiting.paused_at) == (None, date(2026, 4, 1))
    assert state(waiting, moment("2026-08-01T09:00")) == "paused"
    assert after.due_at == end_of("2026-06-10")
    assert without_request.due_at == end_of("2026-06-01")


def test_a_hearing_that_was_never_held_stops_the_clock_until_somebody_resumes_it() -> None:
    under = rows({**NINETY, "excludes_between": [["hearing_requested", "hearing_held"]]})
    asked, resumed = fact("hearing_requested", "2026-04-01"), fact("resumed", "2026-04-11")

    assert duty(SERVED, FILED, asked, resumed, under=under).due_at == end_of("2026-06-10")


def test_what_overlaps_a_hearing_is_excluded_once() -> None:
    under = rows({**NINETY, "excludes_between": [["hearing_requested", "hearing_held"]]})
    facts = [
        fact("hearing_requested", "2026-04-01"),
        fact("suspended", "2026-04-05"),
        fact("hearing_held", "2026-04-11"),
        fact("resumed", "2026-04-13"),
    ]

    assert duty(SERVED, FILED, *facts, under=under).due_at == end_of("2026-06-12")


@pytest.mark.parametrize(
    "other", [fact("suspended", "2026-03-22", node="penalty_paid"), fact("suspended", "2026-03-01")]
)
def test_the_end_of_another_pause_does_not_end_the_wait_for_a_hearing(other: Fact) -> None:
    under = rows({**NINETY, "excludes_between": [["hearing_requested", "hearing_held"]]})
    facts = [other, FILED] if other.day < FILED.day else [FILED, other]
    asked, held = fact("hearing_requested", "2026-04-01"), fact("hearing_held", "2026-04-11")
    facts += [asked, fact("resumed", "2026-04-03"), held]

    assert duty(SERVED, *facts, under=under).due_at == end_of("2026-06-10")


def test_what_is_suspended_after_it_was_met_moves_nothing() -> None:
    facts = [fact("served", "2026-04-01"), fact("suspended", "2026-04-02"), fact("resumed", "2026-06-02")]

    found = duty(SERVED, FILED, *facts, under=rows(NINETY))

    assert (found.due_at, found.reckoning and found.reckoning.pauses) == (end_of("2026-06-01"), ())


# After a period, from a named day, backwards


def test_months_after_a_period_has_run_out() -> None:
    under = rows({"opens_on": ["served"], "amount": 3, "unit": "month", "after": {"amount": 6, "unit": "month"}})

    found = duty(SERVED, fact("served", "2026-01-15"), under=under)

    # Six months to Wednesday 07-15, three more to Thursday 10-15.
    assert found.due_at == end_of("2026-10-15")
    assert (found.limit, found.after) == (Span(3, "month"), Span(6, "month"))


def test_the_day_named_by_the_opening_event_is_counted_from() -> None:
    under = rows({"opens_on": ["payment_deferred"], "amount": 3, "unit": "month", "counts_from": "until"})

    found = duty(SERVED, fact("payment_deferred", "2026-02-02", until=date(2026, 5, 29)), under=under)

    assert found.opened_at == date(2026, 2, 2)
    assert found.due_at == end_of("2026-08-31")  # 08-29 is a Saturday


NAMED: Mapping[str, object] = {"amount": 2, "unit": "month", "named_in": "reply_by"}


@pytest.mark.parametrize(
    ("reply_by", "due", "limit"),
    [
        (date(2026, 10, 20), "2026-10-20", Span(28, "natural_day")),
        (date(2026, 9, 23), "2026-09-23", Span(1, "natural_day")),
        (date(2026, 10, 17), "2026-10-19", Span(25, "natural_day")),  # a Saturday
        (date(2027, 1, 29), "2027-01-29", Span(129, "natural_day")),  # later than the law has it
    ],
)
@pytest.mark.parametrize("opened", ["2026-09-22", "2026-09-22T16:40"])
def test_the_last_day_named_by_the_opening_event_stands_in_place_of_the_period(
    opened: str, reply_by: date, due: str, limit: Span
) -> None:
    when = moment(opened) if "T" in opened else date.fromisoformat(opened)

    found = duty(SERVED, fact("decided", when, reply_by=reply_by), under=rows(NAMED))

    assert (found.named_day, found.due_at, found.limit) == (reply_by, end_of(due), limit)
    assert found.reckoning is not None
    assert found.reckoning.counted_from is None
    kept = TypeAdapter(Duty)
    assert kept.validate_json(kept.dump_json(found)) == found


@pytest.mark.parametrize("reply_by", [date(2026, 9, 22), date(2026, 9, 21), None])
def test_a_last_day_that_does_not_lie_after_the_opening_is_left_aside(reply_by: date | None) -> None:
    found = duty(SERVED, fact("decided", "2026-09-22", reply_by=reply_by), under=rows(NAMED))

    assert (found.named_day, found.due_at, found.limit) == (None, end_of("2026-11-23"), Span(2, "month"))  # 22: Sunday


def test_where_the_opening_event_names_no_last_day_that_of_the_record_counts() -> None:
    context = replace(WUCHANG_MARKET, record=SimpleNamespace(reply_by=date(2026, 10, 20)))

    silent = duty(SERVED, fact("decided", "2026-09-22"), context=context, under=rows(NAMED))
    told = duty(SERVED, fact("decided", "2026-09-22", reply_by=date(2026, 10, 9)), context=context, under=rows(NAMED))

    assert (silent.due_at, told.due_at) == (end_of("2026-10-20"), end_of("2026-10-09"))


def test_where_the_law_names_no_number_the_last_day_is_the_one_that_is_named_or_there_is_none() -> None:
    under = rows({"named_in": "reply_by"})

    named = duty(SERVED, fact("decided", "2026-09-22", reply_by=date(2026, 10, 17)), under=under)
    silent = duty(SERVED, fact("decided", "2026-09-22"), under=under)
    past = duty(SERVED, fact("decided", "2026-09-22", reply_by=date(2026, 9, 22)), under=under)

    # 10-17 is a Saturday
    assert (named.named_day, named.due_at, named.limit) == (
        date(2026, 10, 17),
        end_of("2026-10-19"),
        Span(25, "natural_day"),
    )
    assert [(one.named_day, one.due_at, one.limit) for one in (silent, past)] == [(None, None, None)] * 2


def test_a_row_that_does_not_ask_for_a_last_day_counts_its_period() -> None:
    under = rows({"amount": 2, "unit": "month"})

    found = duty(SERVED, fact("decided", "2026-09-22", reply_by=date(2026, 10, 20)), under=under)

    assert (found.named_day, found.due_at) == (None, end_of("2026-11-23"))


def test_a_pause_moves_a_named_last_day_too() -> None:
    opened = fact("decided", "2026-09-22", reply_by=date(2026, 10, 20))
    paused = (fact("suspended", "2026-09-28", ground="other"), fact("resumed", "2026-10-09"))

    # Eleven days, 09-28 to 10-08: Saturday 10-31 would be the last, Monday 11-02 is.
    assert duty(SERVED, opened, *paused, under=rows(NAMED)).due_at == end_of("2026-11-02")


@pytest.mark.parametrize(
    ("invited", "expected"), [("2026-04-01", "done"), ("2026-04-09", "done"), ("2026-04-10", "done_late")]
)
def test_a_period_counted_back_is_met_on_its_last_day_at_the_latest(invited: str, expected: str) -> None:
    under = rows({"opens_on": ["hearing_held"], "amount": 7, "unit": "working_day", "backwards": True})
    node = replace(SERVED, closes=("hearing_invited",))

    # Back from Monday 04-20: 17, 16, 15, 14, 13, 10, 09.
    found = duty(node, fact("hearing_held", "2026-04-20"), fact("hearing_invited", invited), under=under)

    assert found.due_at == end_of("2026-04-09")
    assert state(found, moment("2026-05-01T09:00")) == expected


# Gates


GATE: Mapping[str, object] = {"opens_on": ["filed"], "advisory": True}
GUARDING = replace(SERVED, closes=("notified",), before=("decided",))


def test_a_gate_is_passed_before_what_it_guards() -> None:
    passed = duty(GUARDING, FILED, fact("notified", "2026-04-01"), fact("decided", "2026-04-20"), under=rows(GATE))
    missed = duty(GUARDING, FILED, fact("decided", "2026-04-20"), fact("notified", "2026-04-21"), under=rows(GATE))

    assert (passed.done_at, passed.advisory, passed.due_at) == (date(2026, 4, 1), True, None)
    assert missed.done_at is None
    assert state(missed, moment("2027-01-01T09:00")) == "open"


def test_a_gate_may_be_passed_before_the_case_was_filed() -> None:
    found = duty(GUARDING, fact("notified", "2026-02-27"), FILED, under=rows(GATE))

    assert found.done_at == date(2026, 2, 27)


def test_what_is_over_without_being_met_lapses() -> None:
    node = replace(GUARDING, lapses=("case_withdrawn",))

    found = duty(node, FILED, fact("case_withdrawn", "2026-04-20"), under=rows(GATE))
    before = duty(node, FILED, fact("notified", "2026-04-01"), fact("case_withdrawn", "2026-04-20"), under=rows(GATE))

    assert (found.waived_at, state(found, moment("2026-05-01T09:00"))) == (date(2026, 4, 20), "waived")
    assert state(before, moment("2026-05-01T09:00")) == "done"


# What a record owes at all


def test_what_requires_another_fact_is_owed_only_beside_it() -> None:
    node = replace(SERVED, requires=("published",))
    published = fact("published", "2026-10-09")

    assert duties([node], [DECIDED], WUCHANG_MARKET, rows({"amount": 3, "unit": "working_day"})) == ()
    assert duty(node, DECIDED, published, under=rows({"amount": 3, "unit": "working_day"})).opened_by == "decided"


def test_what_does_not_concern_the_record_is_not_owed() -> None:
    node = replace(SERVED, concerns=lambda record: record == "fined")
    under = rows({"amount": 3, "unit": "working_day"})

    assert duties([node], [DECIDED], replace(WUCHANG_MARKET, record="warned"), under) == ()
    assert duty(node, DECIDED, context=replace(WUCHANG_MARKET, record="fined"), under=under).node == "penalty_served"


def test_a_row_may_take_the_duty_away() -> None:
    under = rows(
        {"amount": 7, "unit": "working_day"},
        {"field": "market", "suffix": "market", "arises": False},
    )

    assert duties([SERVED], [DECIDED], WUCHANG_MARKET, under) == ()
    assert duty(SERVED, DECIDED, context=Context("420106", "ecology"), under=under).limit is not None


def test_a_row_for_a_condition_goes_before_one_without() -> None:
    under = rows(
        {"amount": 24, "unit": "month"},
        {"amount": 60, "unit": "month", "condition": "endangers", "suffix": "endangers"},
    )
    endangering = Context("420106", "market", conditions=frozenset({"endangers"}))

    assert duty(SERVED, DECIDED, under=under).limit == Span(24, "month")
    assert duty(SERVED, DECIDED, context=endangering, under=under).limit == Span(60, "month")


# Two duties of which one may make way


def _yielding(holds: str) -> Law:
    row = (
        'opens_on = ["decided"]\namount = {}\nunit = "working_day"\nbasis = "某规"\n'
        'effective_from = 2021-07-15\nlevel = "national"\nstatus = "verified"\n'
    )
    text = (
        '[[limit]]\nid = "penalty_served"\n' + row.format(7) + '[[limit]]\nid = "penalty_published"\n' + row.format(20)
    )
    choice = (
        '[[yielding]]\nid = "penalty_served"\nto = "penalty_published"\nfield = "market"\n'
        f'holds = {holds}\nstatus = "to_confirm"\nbasis = "某规"\n'
    )
    return law_of(text + choice, YEAR)


@pytest.mark.parametrize(
    ("holds", "field", "expected"),
    [
        ("false", "market", ["penalty_served", "penalty_published"]),
        ("true", "market", ["penalty_published"]),
        ("true", "ecology", ["penalty_served", "penalty_published"]),
    ],
)
def test_a_duty_makes_way_for_another_where_the_setting_says_so(holds: str, field: str, expected: list[str]) -> None:
    nodes = [SERVED, replace(SERVED, id="penalty_published", closes=("published",))]

    found = duties(nodes, [DECIDED], Context("420106", field), _yielding(holds))

    assert [one.node for one in found] == expected
