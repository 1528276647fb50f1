"""Periods made longer: by whom, by how much, up to which day, and what is kept without counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from app.rules.deadlines import Duty, duties, state
from schemas.law import Span
from schemas.lifecycle import Fact
from tests.rules.test_duties import SERVED, WUCHANG_MARKET, duty, end_of, fact, moment, rows

MARKET: Mapping[str, object] = {
    "opens_on": ["filed"],
    "amount": 90,
    "unit": "natural_day",
    "extensions": [
        {"level": "head", "amount": 30, "unit": "natural_day"},
        {"level": "collective", "follows": "head", "needs_document": True},
    ],
}
POLICE: Mapping[str, object] = {
    "opens_on": ["filed"],
    "amount": 30,
    "unit": "natural_day",
    "extensions": [{"level": "superior", "amount": 30, "unit": "natural_day", "times": 2}],
}
FILED = fact("filed", "2026-03-02")  # 90 days end on Sunday 05-31 and give way to 06-01


def extended(when: str, level: str, **details: object) -> Fact:
    return fact("extended", when, node="penalty_served", level=level, **details)


def thirty(when: str, level: str = "head") -> Fact:
    return extended(when, level, amount=30, unit="natural_day")


def case(*facts: Fact, under: Mapping[str, object] = MARKET) -> Duty:
    return duty(SERVED, FILED, *facts, under=rows(under))


def test_an_extension_adds_to_the_amount_from_the_opening_day() -> None:
    found = case(thirty("2026-05-20"))

    assert (found.limit, found.extended_by) == (Span(90, "natural_day"), 30)
    assert found.due_at == end_of("2026-06-30")
    assert found.warnings == ()


def test_an_extension_on_the_very_last_day_is_in_time() -> None:
    # The year of the tests has no holidays: 90 days from 03-02 end on Sunday 05-31, which gives way to Monday 06-01.
    assert case(thirty("2026-06-01")).due_at == end_of("2026-06-30")


def test_an_extension_after_the_period_has_run_out_does_not_count() -> None:
    found = case(thirty("2026-06-02"))

    assert (found.due_at, found.extended_by) == (end_of("2026-06-01"), 0)
    assert found.warnings == ("extension-after-due",)


def test_while_the_clock_stands_still_the_period_has_not_run_out() -> None:
    found = case(fact("suspended", "2026-05-20"), thirty("2026-06-10"), fact("resumed", "2026-06-20"))

    # 31 days excluded: 120 days end on 06-30 and move to 07-31.
    assert (found.due_at, found.warnings) == (end_of("2026-07-31"), ())


@pytest.mark.parametrize(
    ("said", "caution"),
    [
        ({"level": "superior", "amount": 30, "unit": "natural_day"}, "extension-beyond-level"),
        ({"level": "head", "amount": 31, "unit": "natural_day"}, "extension-beyond-level"),
        ({"level": "head", "until": date(2026, 6, 20)}, "extension-beyond-level"),
        ({"level": "head", "amount": 0, "unit": "natural_day"}, "extension-beyond-level"),
        ({"level": "head", "amount": 1, "unit": "month"}, "extension-other-unit"),
        ({"level": "head", "amount": 20, "unit": "working_day"}, "extension-other-unit"),
        ({"level": "collective", "amount": 30, "unit": "natural_day", "document_no": "纪要1"}, "extension-out-of-turn"),
    ],
)
def test_what_a_level_may_not_grant_is_kept_and_does_not_count(said: Mapping[str, object], caution: str) -> None:
    found = case(Fact("extended", date(2026, 5, 20), details={"node": "penalty_served", **said}))

    assert (found.due_at, found.extended_by) == (end_of("2026-06-01"), 0)
    assert found.warnings == (caution,)


def test_a_duty_whose_rule_provides_no_extension_has_none() -> None:
    found = case(thirty("2026-05-20"), under={"opens_on": ["filed"], "amount": 90, "unit": "natural_day"})

    assert (found.due_at, found.warnings) == (end_of("2026-06-01"), ("extension-not-provided",))


def test_a_level_extends_as_often_as_it_may_and_no_oftener() -> None:
    once, twice, thrice = (thirty(day, "superior") for day in ("2026-03-30", "2026-04-28", "2026-05-28"))

    assert case(once, under=POLICE).due_at == end_of("2026-05-01")
    assert case(once, twice, under=POLICE).due_at == end_of("2026-06-01")
    found = case(once, twice, thrice, under=POLICE)
    assert (found.extended_by, found.due_at) == (60, end_of("2026-06-01"))
    assert found.warnings == ("extension-again",)


def test_after_the_head_the_collective_may_name_a_day_by_its_minutes() -> None:
    named = extended("2026-06-20", "collective", until=date(2026, 9, 15), document_no="集体讨论纪要〔2026〕3号")

    found = case(thirty("2026-05-20"), named)

    assert (found.extended_by, found.extended_until) == (30, date(2026, 9, 15))
    assert (found.due_at, found.warnings) == (end_of("2026-09-15"), ())


def test_a_day_named_without_minutes_does_not_count() -> None:
    found = case(thirty("2026-05-20"), extended("2026-06-20", "collective", until=date(2026, 9, 15)))

    assert (found.due_at, found.warnings) == (end_of("2026-06-30"), ("extension-without-document",))


def test_a_named_day_that_is_no_later_changes_nothing() -> None:
    named = extended("2026-06-20", "collective", until=date(2026, 6, 30), document_no="纪要3")

    found = case(thirty("2026-05-20"), named)

    assert (found.due_at, found.extended_until) == (end_of("2026-06-30"), None)
    assert found.warnings == ("extension-not-longer",)


def test_a_named_day_that_is_not_worked_gives_way() -> None:
    named = extended("2026-06-20", "collective", until=date(2026, 9, 12), document_no="纪要3")  # a Saturday

    assert case(thirty("2026-05-20"), named).due_at == end_of("2026-09-14")


def test_what_is_excluded_after_a_day_was_named_moves_it_and_what_was_before_does_not() -> None:
    early = (fact("suspended", "2026-04-01"), fact("resumed", "2026-04-11"))
    named = extended("2026-06-20", "collective", until=date(2026, 9, 15), document_no="纪要3")
    late = (fact("suspended", "2026-07-01"), fact("resumed", "2026-07-04"))

    assert case(*early, thirty("2026-05-20"), named).due_at == end_of("2026-09-15")
    assert case(*early, thirty("2026-05-20"), named, *late).due_at == end_of("2026-09-18")


# Told as a total: 可以延长至三十日

TOTALS: Mapping[str, object] = {
    "opens_on": ["filed"],
    "amount": 3,
    "unit": "natural_day",
    "extensions": [
        {"level": "head", "total": 7, "unit": "natural_day"},
        {"level": "collective", "total": 30, "unit": "natural_day"},
        {"level": "superior", "amount": 30, "unit": "natural_day", "follows": "collective"},
    ],
}


def to(when: str, level: str, total: int) -> Fact:
    return extended(when, level, total=total, unit="natural_day")


def test_a_total_is_counted_from_the_opening_day() -> None:
    found = case(to("2026-03-04", "head", 7), under=TOTALS)

    assert (found.limit, found.extended_by) == (Span(3, "natural_day"), 4)
    assert (found.due_at, found.warnings) == (end_of("2026-03-09"), ())


def test_an_amount_and_a_total_that_come_to_the_same_are_the_same() -> None:
    more = extended("2026-03-04", "collective", amount=27, unit="natural_day")

    assert case(more, under=TOTALS) == case(to("2026-03-04", "collective", 30), under=TOTALS)


def test_what_may_be_added_bounds_a_total_by_what_was_granted_before() -> None:
    first = to("2026-03-04", "collective", 20)

    within, beyond = (case(first, to("2026-03-20", "superior", days), under=TOTALS) for days in (50, 51))

    assert (within.extended_by, within.warnings) == (47, ())
    assert (beyond.extended_by, beyond.warnings) == (17, ("extension-beyond-level",))


@pytest.mark.parametrize(
    ("granted", "caution"),
    [
        (to("2026-03-04", "head", 3), "extension-not-longer"),
        (to("2026-03-04", "head", 2), "extension-not-longer"),
        (to("2026-03-04", "head", 8), "extension-beyond-level"),
        (extended("2026-03-04", "head", total=7, unit="working_day"), "extension-other-unit"),
        (to("2026-03-04", "superior", 33), "extension-out-of-turn"),
    ],
)
def test_a_total_that_is_none_is_kept_and_does_not_count(granted: Fact, caution: str) -> None:
    found = case(granted, under=TOTALS)

    assert (found.due_at, found.extended_by, found.warnings) == (end_of("2026-03-05"), 0, (caution,))


def test_a_total_no_longer_than_what_was_granted_already_changes_nothing() -> None:
    found = case(to("2026-03-03", "collective", 30), to("2026-03-04", "head", 7), under=TOTALS)

    assert (found.due_at, found.warnings) == (end_of("2026-04-01"), ("extension-not-longer",))


def test_who_may_prolong_as_they_find_reasonable_may_say_how_long_in_all() -> None:
    collective = extended("2026-06-20", "collective", total=200, unit="natural_day", document_no="纪要3")

    assert case(thirty("2026-05-20"), collective).due_at == end_of("2026-09-18")


@pytest.mark.parametrize(
    ("granted", "status", "basis"),
    [([], "verified", "某法"), (["head"], "to_confirm", "某法;某意见"), (["collective"], "verified", "某法")],
)
def test_a_period_is_no_surer_than_the_text_by_which_it_was_prolonged(
    granted: list[str], status: str, basis: str
) -> None:
    head = {"level": "head", "total": 7, "unit": "natural_day", "status": "to_confirm", "basis": "某意见"}
    collective = {"level": "collective", "total": 30, "unit": "natural_day"}
    under = {**TOTALS, "extensions": [head, collective]}

    found = case(*(to("2026-03-04", level, 7) for level in granted), under=under)

    assert (found.status, found.basis) == (status, basis)


def test_an_extension_of_another_node_is_none_of_this_one() -> None:
    other = fact("extended", "2026-05-20", node="penalty_paid", level="head", amount=30, unit="natural_day")

    assert case(other).warnings == ()


def test_one_caution_is_told_once() -> None:
    assert case(thirty("2026-06-02"), thirty("2026-06-03")).warnings == ("extension-after-due",)


# Put off: 暂缓或者分期缴纳

PAYABLE: Mapping[str, object] = {
    "opens_on": ["served"],
    "amount": 15,
    "unit": "natural_day",
    "deferred_by": ["payment_deferred"],
}


def put_off(when: str, until: str) -> Fact:
    return fact("payment_deferred", when, until=date.fromisoformat(until))


def payable(*facts: Fact) -> Duty:
    node = replace(SERVED, closes=("paid",))
    return duty(node, fact("served", "2026-06-01"), *facts, under=rows(PAYABLE))


def test_what_was_put_off_is_due_on_the_day_that_was_named() -> None:
    found = payable(put_off("2026-06-10", "2026-09-30"))

    assert (found.due_at, found.extended_until) == (end_of("2026-09-30"), date(2026, 9, 30))
    assert state(found, moment("2026-07-01T09:00")) == "open"


def test_it_may_be_put_off_again_even_when_it_is_owed_already() -> None:
    again = put_off("2026-09-30", "2026-12-31")

    assert payable(put_off("2026-06-10", "2026-09-30"), again).due_at == end_of("2026-12-31")
    late = payable(put_off("2026-06-10", "2026-09-29"), again)
    assert (late.due_at, late.warnings) == (end_of("2026-12-31"), ())


def test_a_day_no_later_than_the_period_puts_nothing_off() -> None:
    found = payable(put_off("2026-06-10", "2026-06-12"))

    assert (found.due_at, found.warnings) == (end_of("2026-06-16"), ("extension-not-longer",))


def test_what_was_met_already_is_not_prolonged() -> None:
    met = fact("served", "2026-05-20")

    found = case(met, thirty("2026-05-25"))

    assert (found.due_at, found.warnings) == (end_of("2026-06-01"), ("extension-after-done",))


def test_a_deferral_that_does_not_count_opens_no_other_duty() -> None:
    node = replace(SERVED, closes=("paid",))
    then = replace(SERVED, id="penalty_court_enforce", closes=("court_applied",))
    counted = {"opens_on": ["payment_deferred"], "amount": 3, "unit": "month", "counts_from": "until"}
    both = rows(PAYABLE, {"id": then.id, **counted})
    facts = [fact("served", "2026-06-01"), replace(put_off("2026-06-10", "2026-06-12"), stated_by="event:1")]

    assert [one.node for one in duties([node, then], facts, WUCHANG_MARKET, both)] == ["penalty_served"]


def test_of_several_deferrals_the_last_one_names_the_day_to_count_from() -> None:
    under = rows({"opens_on": ["payment_deferred"], "amount": 3, "unit": "month", "counts_from": "until"})

    found = duty(SERVED, put_off("2026-02-02", "2026-05-29"), put_off("2026-05-20", "2026-06-30"), under=under)

    assert found.due_at == end_of("2026-09-30")


def test_a_pause_that_began_when_the_period_had_run_out_does_not_let_it_be_prolonged() -> None:
    late = (fact("suspended", "2026-06-05"), thirty("2026-06-10"))

    standing, resumed = case(*late), case(*late, fact("resumed", "2026-06-20"))

    assert (standing.due_at, standing.warnings) == (end_of("2026-06-01"), ("extension-after-due",))
    assert (resumed.due_at, resumed.warnings) == (end_of("2026-06-01"), ("extension-after-due",))


def test_an_extension_that_did_not_count_does_not_use_up_the_turn() -> None:
    short = extended("2026-05-25", "collective", until=date(2026, 6, 10), document_no="纪要3")
    long = extended("2026-05-26", "collective", until=date(2026, 9, 10), document_no="纪要4")

    found = case(thirty("2026-05-20"), short, long)

    assert (found.due_at, found.warnings) == (end_of("2026-09-10"), ("extension-not-longer",))


def test_an_extension_granted_before_the_period_began_does_not_count() -> None:
    early = thirty("2026-03-01")

    found = duty(SERVED, early, FILED, under=rows(MARKET))

    assert (found.due_at, found.warnings) == (end_of("2026-06-01"), ("extension-before-opening",))


@pytest.mark.parametrize(("when", "cautions"), [("2026-06-01", ()), ("2026-06-02", ("waived-after-due",))])
def test_a_waiver_of_what_is_overdue_already_counts_and_is_seen(when: str, cautions: tuple[str, ...]) -> None:
    found = case(fact("waived", when, node="penalty_served", reason="样例"))

    assert (found.waived_at, found.warnings) == (date.fromisoformat(when), cautions)
