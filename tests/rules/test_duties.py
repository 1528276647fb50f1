"""Which duties a record has, by which rule, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.rules.counting import When
from app.rules.deadlines import Duty, NodeState, duties, state
from app.rules.explanation import explanation
from app.rules.openings import Context
from schemas.law import Law, Span, law_of
from schemas.lifecycle import SHANGHAI, Fact, Node, Party
from schemas.shipped import law

AGENCY = "1142010000999999X0"

SERVED = Node("penalty_served", {"zh": "送达", "en": "service"}, Party.AGENCY, closes=("served",))
PUBLISHED = Node("penalty_published", {"zh": "信用公示", "en": "publicity"}, Party.AGENCY, closes=("published",))
ENTERED = Node("penalty_entered", {"zh": "录入平台", "en": "entry"}, Party.AGENCY, closes=("entered",))
PAID = Node("penalty_paid", {"zh": "缴纳罚款", "en": "payment"}, Party.AGENCY, closes=("paid", "executed"))
NODES = (SERVED, PUBLISHED, ENTERED, PAID)

WUCHANG_MARKET = Context("420106", "market", parties=lambda _: {Party.AGENCY: AGENCY})

YEAR = """
[[year]]
year = 2026
title = "没有节假日的一年"
status = "to_confirm"
holidays = []
workdays = []
"""


def fact(event: str, when: str | date | datetime, **details: object) -> Fact:
    return Fact(event, date.fromisoformat(when) if isinstance(when, str) else when, details=details)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def end_of(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(23, 59, 59), SHANGHAI)


def duty(node: Node, *facts: Fact, context: Context = WUCHANG_MARKET, under: Law | None = None) -> Duty:
    (found,) = duties([node], facts, context, under or law())
    return found


def rows(*rows: Mapping[str, object], node: str = "penalty_served") -> Law:
    """A law of these rows, in a year without holidays."""
    usual: Mapping[str, object] = {
        "id": node,
        "opens_on": ["decided"],
        "basis": "某法",
        "effective_from": date(2021, 7, 15),
        "level": "national",
        "status": "verified",
    }
    text = "".join("[[limit]]\n" + "".join(_line(*pair) for pair in {**usual, **row}.items()) for row in rows)
    return law_of(text, YEAR)


def _line(name: str, value: object) -> str:
    return f"{name} = {_said(value)}\n"


def _said(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_said(one)}" for name, one in value.items()) + " }"
    return "[" + ", ".join(map(_said, value)) + "]" if isinstance(value, list) else str(value)


DECIDED = fact("decided", "2026-09-29")


# The duties of an ordinary penalty


def test_a_duty_says_by_which_event_it_was_met() -> None:
    served = fact("served", "2026-10-09")

    paid = duty(PAID, DECIDED, served, fact("executed", "2026-10-20"), fact("paid", "2026-10-12"))

    assert duty(SERVED, DECIDED).done_by is None
    assert duty(SERVED, DECIDED, served).done_by == "served"
    assert (paid.done_by, paid.done_at) == ("paid", date(2026, 10, 12))


def test_a_decision_opens_service_publicity_and_entry_but_not_payment() -> None:
    found = duties(NODES, [fact("filed", "2026-08-03"), DECIDED], WUCHANG_MARKET, law())

    assert {duty.node: duty.due_at for duty in found} == {
        "penalty_served": end_of("2026-10-14"),
        "penalty_published": end_of("2026-10-14"),
        "penalty_entered": end_of("2026-10-08"),
    }


def test_a_fine_is_payable_fifteen_days_from_service() -> None:
    found = duty(PAID, fact("decided", "2026-06-01"), fact("served", "2026-06-05"))

    assert found.opened_by == "served"
    assert found.due_at == end_of("2026-06-22")
    assert found.rule == "penalty_paid@2021-07-15"


def test_a_duty_says_who_owes_what_since_when_by_which_rule() -> None:
    found = duty(SERVED, DECIDED)

    assert found.title["zh"] == "送达"
    assert (found.responsible, found.responsible_role) == (AGENCY, Party.AGENCY)
    assert (found.opened_by, found.opened_at) == ("decided", date(2026, 9, 29))
    assert found.limit == Span(7, "working_day")
    assert (found.rule, found.level, found.status) == ("penalty_served@2021-07-15", "national", "verified")
    assert found.basis == "行政处罚法(2021) 第六十一条、第八十五条"
    assert not found.provisional
    assert not found.advisory
    assert found.warnings == ()


def test_a_node_without_its_opening_event_is_no_duty() -> None:
    assert duties(NODES, [fact("filed", "2026-08-03")], WUCHANG_MARKET, law()) == ()


def test_a_node_of_a_party_nobody_named_has_no_organisation() -> None:
    assert duty(SERVED, DECIDED, context=Context("420106", "market")).responsible is None


def test_the_same_inputs_give_the_same_duties() -> None:
    facts = [DECIDED, fact("suspended", "2026-10-08"), fact("resumed", "2026-10-12")]

    assert duties(NODES, facts, WUCHANG_MARKET, law()) == duties(NODES, facts, WUCHANG_MARKET, law())


# Which rule counts


def test_the_police_serve_in_two_days_and_others_in_seven_working_days() -> None:
    police = Context("420106", "public_security")

    before = duty(SERVED, fact("decided", "2025-12-24"), context=police)
    since = duty(SERVED, fact("decided", "2026-11-04"), context=police)

    assert (before.rule, before.due_at) == ("penalty_served@2013-01-01.public_security", end_of("2025-12-26"))
    assert (since.rule, since.due_at) == ("penalty_served@2026-01-01.public_security", end_of("2026-11-06"))


def test_ecology_enters_by_its_national_rule_and_others_by_the_citys_default() -> None:
    ecology = duty(ENTERED, DECIDED, context=Context("420106", "ecology"))
    market = duty(ENTERED, DECIDED)

    assert (ecology.level, ecology.status) == ("national", "verified")
    assert (market.level, market.status) == ("city", "local_default")


def test_outside_the_city_its_default_makes_no_duty() -> None:
    assert duties([ENTERED], [DECIDED], Context("430100", "market"), law()) == ()


@pytest.mark.parametrize(
    ("region", "field", "offence", "amount"),
    [
        ("420106", "market", "illegal_mining", 1),
        ("420106", "market", None, 2),
        ("420106", "culture", None, 3),
        ("420107", "culture", None, 4),
        ("420200", "culture", None, 5),
        ("430100", "culture", None, 6),
    ],
)
def test_the_most_particular_rule_counts(region: str, field: str, offence: str | None, amount: int) -> None:
    under = rows(
        {"amount": 6, "unit": "natural_day"},
        {"suffix": "p", "amount": 5, "unit": "natural_day", "level": "province", "region": "420000"},
        {"suffix": "c", "amount": 4, "unit": "natural_day", "level": "city", "region": "420100"},
        {"suffix": "d", "amount": 3, "unit": "natural_day", "level": "district", "region": "420106"},
        {"suffix": "f", "amount": 2, "unit": "natural_day", "field": "market"},
        {"suffix": "o", "amount": 1, "unit": "natural_day", "offence": "illegal_mining"},
    )

    found = duty(SERVED, DECIDED, context=Context(region, field, offence), under=under)

    assert found.limit == Span(amount, "natural_day")


def test_of_two_rules_in_force_the_later_counts() -> None:
    later = {"amount": 5, "unit": "natural_day", "effective_from": date(2026, 1, 1)}
    under = rows({"amount": 6, "unit": "natural_day"}, later)

    assert duty(SERVED, fact("decided", "2025-12-31"), under=under).rule == "penalty_served@2021-07-15"
    assert duty(SERVED, fact("decided", "2026-01-01"), under=under).rule == "penalty_served@2026-01-01"


def test_each_rule_counts_from_its_own_opening_event() -> None:
    under = rows(
        {"opens_on": ["received"], "effective_to": date(2025, 12, 31), "amount": 30, "unit": "natural_day"},
        {"opens_on": ["filed"], "effective_from": date(2026, 1, 1), "amount": 30, "unit": "natural_day"},
    )
    decided = Node("penalty_served", {}, Party.AGENCY, closes=("decided",))

    old = duty(decided, fact("received", "2025-12-22"), fact("filed", "2025-12-25"), under=under)
    straddling = duty(decided, fact("received", "2025-12-22"), fact("filed", "2026-01-05"), under=under)
    new = duty(decided, fact("received", "2026-01-02"), fact("filed", "2026-01-05"), under=under)

    assert (old.opened_by, old.opened_at) == ("received", date(2025, 12, 22))
    assert (straddling.opened_by, straddling.opened_at) == ("filed", date(2026, 1, 5))
    assert (new.opened_by, new.opened_at) == ("filed", date(2026, 1, 5))


def test_of_several_opening_events_the_first_counts() -> None:
    under = rows({"opens_on": ["clue_found", "material_received"], "amount": 15, "unit": "working_day"})

    found = duty(SERVED, fact("material_received", "2026-03-02"), fact("clue_found", "2026-03-04"), under=under)

    assert (found.opened_by, found.opened_at) == ("material_received", date(2026, 3, 2))


ANEW: Mapping[str, object] = {
    "opens_on": ["received", "supplied"],
    "restarts": True,
    "amount": 3,
    "unit": "natural_day",
}
DECIDES = Node("penalty_served", {}, Party.AGENCY, closes=("decided",), lapses=("handed_on",))


def test_a_period_that_begins_anew_counts_from_the_last_opening_event() -> None:
    received, supplied = fact("received", "2026-03-02"), fact("supplied", "2026-03-04")

    first, again = duty(DECIDES, received, under=rows(ANEW)), duty(DECIDES, received, supplied, under=rows(ANEW))

    assert (first.opened_by, first.due_at) == ("received", end_of("2026-03-05"))
    assert (again.opened_by, again.opened_at, again.due_at) == ("supplied", date(2026, 3, 4), end_of("2026-03-09"))


def test_what_met_the_duty_before_it_began_anew_met_another() -> None:
    told = [fact("received", "2026-03-02"), fact("decided", "2026-03-02"), fact("received", "2026-03-02")]

    assert duty(DECIDES, *told, under=rows(ANEW)).done_at is None
    assert duty(DECIDES, *told, fact("decided", "2026-03-03"), under=rows(ANEW)).done_at == date(2026, 3, 3)


@pytest.mark.parametrize("restarts", [True, False])
def test_a_duty_that_lapsed_opens_anew_with_its_next_opening_event(restarts: bool) -> None:
    under = rows({**ANEW, "restarts": restarts})
    told = [fact("received", "2026-03-02"), fact("handed_on", "2026-03-03")]

    lapsed, anew = duty(DECIDES, *told, under=under), duty(DECIDES, *told, fact("received", "2026-03-03"), under=under)

    assert (lapsed.opened_at, lapsed.waived_at) == (date(2026, 3, 2), date(2026, 3, 3))
    assert (anew.opened_at, anew.waived_at) == (date(2026, 3, 3), None)


def test_a_duty_that_what_happened_shows_to_be_one_belongs_to_the_last_opening_before_it() -> None:
    node = Node("penalty_served", {}, Party.AGENCY, closes=("handed_on",), requires=("handed_on",))
    told = [fact("received", "2026-03-02"), fact("handed_on", "2026-03-03"), fact("received", "2026-03-04")]

    found = duty(node, *told, under=rows(ANEW))

    assert (found.opened_at, found.done_at, found.due_at) == (date(2026, 3, 2), date(2026, 3, 3), end_of("2026-03-05"))
    assert duties([node], told[:1], WUCHANG_MARKET, rows(ANEW)) == ()


def test_who_acted_when_it_was_met_stays_responsible_and_who_acts_now_for_what_is_open() -> None:
    def parties(facts: Sequence[Fact]) -> Mapping[Party, str]:
        return {Party.AGENCY: "second" if any(one.event == "handed_on" for one in facts) else "first"}

    context = Context("420106", "market", parties=parties)
    handed_on = fact("handed_on", "2026-10-08")

    met = duty(SERVED, DECIDED, fact("served", "2026-09-30"), handed_on, context=context)
    waived = duty(SERVED, DECIDED, fact("waived", "2026-09-30", node="penalty_served"), handed_on, context=context)
    open_ = duty(SERVED, DECIDED, handed_on, context=context)
    met_later = duty(SERVED, DECIDED, handed_on, fact("served", "2026-10-09"), context=context)

    assert [one.responsible for one in (met, waived, open_, met_later)] == ["first", "first", "second", "second"]


def test_before_the_first_known_rule_the_duty_is_open_without_a_limit() -> None:
    found = duty(SERVED, fact("decided", "2021-07-14"))

    assert found.status == "no-rule-known"
    assert (found.limit, found.due_at, found.rule, found.level, found.basis) == (None, None, None, None, "")
    assert state(found, moment("2026-11-22T09:00")) == "open"
    assert duty(SERVED, fact("decided", "2021-07-15")).status == "verified"


def test_without_a_rule_a_duty_can_still_be_done() -> None:
    found = duty(SERVED, fact("decided", "2021-07-14"), fact("served", "2021-09-01"))

    assert state(found, moment("2026-11-22T09:00")) == "done"


def test_a_duty_without_a_number_is_open_or_done_and_names_its_rule() -> None:
    under = rows({"basis": "行政处罚法(2021) 第五十四条"})

    found = duty(SERVED, DECIDED, under=under)

    assert (found.limit, found.due_at, found.warn_at) == (None, None, None)
    assert (found.rule, found.status) == ("penalty_served@2021-07-15", "verified")
    assert state(found, moment("2027-11-22T09:00")) == "open"


def test_an_advisory_row_makes_a_gate_with_which_nobody_is_late() -> None:
    found = duty(
        SERVED,
        DECIDED,
        fact("served", "2026-12-01"),
        under=rows({"amount": 7, "unit": "natural_day", "advisory": True}),
    )

    assert found.advisory
    assert state(found, moment("2026-12-02T09:00")) == "done"
    assert state(replace(found, done_at=None), moment("2026-12-02T09:00")) == "open"


# Done


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        (date(2026, 9, 29), "done"),  # on the day of the decision
        (date(2026, 10, 14), "done"),
        (moment("2026-10-14T23:59:59.500"), "done"),  # by the day: the last second has no end
        (datetime(2026, 10, 14, 15, 59, tzinfo=UTC), "done"),
        (datetime(2026, 10, 14, 16, 0, tzinfo=UTC), "done_late"),  # midnight in Shanghai
        (date(2026, 10, 15), "done_late"),
    ],
)
def test_service_by_the_last_day_is_in_time(served: When, expected: NodeState) -> None:
    found = duty(SERVED, DECIDED, Fact("served", served))

    assert found.done_at == served
    assert state(found, moment("2026-11-22T09:00")) == expected


def test_what_happened_before_the_duty_opened_does_not_meet_it() -> None:
    found = duty(ENTERED, fact("entered", "2026-09-28"), DECIDED, fact("entered", "2026-10-09"))

    assert found.done_at == date(2026, 10, 9)


def test_on_the_same_day_a_bare_date_may_be_after_a_moment_but_an_earlier_moment_is_not() -> None:
    at_three = fact("decided", moment("2026-09-29T15:00"))

    assert duty(SERVED, at_three, fact("served", "2026-09-29")).done_at == date(2026, 9, 29)
    assert duty(SERVED, at_three, fact("served", moment("2026-09-29T14:59"))).done_at is None


def test_our_own_receipt_meets_the_duty_of_entry() -> None:
    receipt = Fact("entered", datetime(2026, 10, 9, 1, 2, 11, tzinfo=UTC), stated_by="receipt")

    found = duty(ENTERED, DECIDED, receipt)

    assert found.done_at == receipt.occurred_at
    assert state(found, moment("2026-10-09T09:02:12")) == "done_late"


def test_of_two_closing_facts_the_earlier_counts_whichever_was_told_first() -> None:
    found = duty(PAID, fact("served", "2026-06-05"), fact("executed", "2026-07-20"), fact("paid", "2026-06-19"))

    assert found.done_at == date(2026, 6, 19)


# Open, due soon, overdue


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-10-12T23:59:58", "open"),
        ("2026-10-12T23:59:59", "due_soon"),  # two working days before
        ("2026-10-14T23:59:59", "due_soon"),
        ("2026-10-15T00:00:00", "overdue"),
    ],
)
def test_a_running_duty_is_open_then_due_soon_then_overdue(now: str, expected: NodeState) -> None:
    assert state(duty(SERVED, DECIDED), moment(now)) == expected


@pytest.mark.parametrize(
    ("amount", "unit", "warn_at"),
    [
        (24, "hour", "2026-11-04T05:00:00"),  # 6 hours
        (3, "natural_day", "2026-11-05T23:59:59"),  # 1 day
        (3, "working_day", "2026-11-05T23:59:59"),
        (7, "working_day", "2026-11-10T23:59:59"),  # 2 working days: due Thursday 11-12
        (10, "natural_day", "2026-11-11T23:59:59"),  # due Friday 11-13
        (15, "natural_day", "2026-11-11T23:59:59"),  # 7 days
        (1, "month", "2026-11-26T23:59:59"),
    ],
)
def test_a_warning_comes_as_long_before_as_is_usual(amount: int, unit: str, warn_at: str) -> None:
    decided = fact("decided", moment("2026-11-03T10:20"))

    found = duty(SERVED, decided, under=rows({"amount": amount, "unit": unit}))

    assert found.warn_at == moment(warn_at)


def test_a_row_may_say_how_long_before_it_warns() -> None:
    under = rows({"amount": 7, "unit": "working_day", "basis": "某法"})
    early = law_of(_text(under).replace("amount = 7", 'amount = 7\nwarn = { amount = 5, unit = "working_day" }'), YEAR)

    assert duty(SERVED, fact("decided", "2026-11-03"), under=early).warn_at == end_of("2026-11-05")


def _text(under: Law) -> str:
    (row,) = under.limits
    return (
        f'[[limit]]\nid = "{row.id}"\nopens_on = ["decided"]\namount = {row.amount}\nunit = "{row.unit}"\n'
        f'basis = "{row.basis}"\neffective_from = {row.effective_from}\nlevel = "national"\nstatus = "verified"\n'
    )


# Paused


def test_while_paused_nothing_is_due_and_the_rest_is_kept() -> None:
    found = duty(SERVED, DECIDED, fact("suspended", "2026-10-09", reason="鉴定"))

    # counted: 09-30 and 10-08
    assert (found.due_at, found.warn_at) == (None, None)
    assert found.remaining == Span(5, "working_day")
    assert found.paused_at == date(2026, 10, 9)
    assert state(found, moment("2026-12-01T09:00")) == "paused"


@pytest.mark.parametrize(
    ("amount", "unit", "remaining"),
    [
        (15, "natural_day", Span(14, "natural_day")),
        (1, "month", Span(29, "natural_day")),  # 11-05 to 12-03
        (72, "hour", Span(35, "hour")),  # to 11-06 11:00; from 11-05 00:00
    ],
)
def test_what_remains_is_told_in_days_or_hours(amount: int, unit: str, remaining: Span) -> None:
    under = rows({"amount": amount, "unit": unit})
    decided, suspended = fact("decided", moment("2026-11-03T10:20")), fact("suspended", "2026-11-05")

    assert duty(SERVED, decided, suspended, under=under).remaining == remaining


def test_after_the_pause_the_rest_is_counted_on() -> None:
    found = duty(SERVED, DECIDED, fact("suspended", "2026-10-09"), fact("resumed", "2026-10-20"))

    # five left, from 10-20 on
    assert found.due_at == end_of("2026-10-26")
    assert found.remaining is None


def test_of_two_pauses_that_overlap_both_must_end() -> None:
    testing, hearing = fact("suspended", "2026-10-09", reason="检测"), fact("suspended", "2026-10-12", reason="听证")

    one_over = duty(SERVED, DECIDED, testing, hearing, fact("resumed", "2026-10-14"))
    both_over = duty(SERVED, DECIDED, testing, hearing, fact("resumed", "2026-10-14"), fact("resumed", "2026-10-20"))

    assert one_over.remaining == Span(5, "working_day")
    assert both_over.due_at == end_of("2026-10-26")


def test_a_pause_of_one_node_leaves_the_others_running() -> None:
    facts = [DECIDED, fact("suspended", "2026-10-08", node="penalty_served")]

    served, published, entered = duties(NODES, facts, WUCHANG_MARKET, law())

    assert served.remaining == Span(6, "working_day")
    assert published.due_at == end_of("2026-10-14")
    assert entered.due_at == end_of("2026-10-08")


def test_a_pause_of_all_nodes_is_one_of_those_already_open() -> None:
    facts = [fact("suspended", "2026-09-20"), DECIDED, fact("suspended", "2026-10-08"), fact("served", "2026-10-09")]

    found = {duty.node: duty for duty in duties(NODES, facts, WUCHANG_MARKET, law())}

    assert found["penalty_published"].paused_at == date(2026, 10, 8)
    assert found["penalty_paid"].due_at is not None


def test_one_node_may_resume_from_a_pause_of_all() -> None:
    facts = [DECIDED, fact("suspended", "2026-10-08"), fact("resumed", "2026-10-09", node="penalty_served")]

    assert duty(SERVED, *facts).due_at == end_of("2026-10-15")
    assert duty(PUBLISHED, *facts).remaining == Span(6, "working_day")


def test_a_resumption_without_a_pause_changes_nothing() -> None:
    assert duty(SERVED, DECIDED, fact("resumed", "2026-10-09")) == duty(SERVED, DECIDED)


def test_a_pause_after_the_due_date_does_not_hide_that_it_is_overdue() -> None:
    found = duty(SERVED, DECIDED, fact("suspended", "2026-10-15"))

    assert state(found, moment("2026-10-16T09:00")) == "overdue"


def test_what_was_met_during_a_pause_was_met_in_time() -> None:
    found = duty(SERVED, DECIDED, fact("suspended", "2026-10-09"), fact("served", "2026-11-10"))

    # the pause ended with the service: five left from 11-10 on
    assert found.due_at == end_of("2026-11-16")
    assert state(found, moment("2026-11-22T09:00")) == "done"


# Waived


def test_a_waived_duty_is_no_longer_due() -> None:
    found = duty(SERVED, DECIDED, fact("waived", "2026-10-09", node="penalty_served", reason="当事人死亡"))

    assert found.waived_at == date(2026, 10, 9)
    assert state(found, moment("2026-11-22T09:00")) == "waived"


def test_a_waiver_that_names_no_node_waives_every_open_one() -> None:
    facts = [DECIDED, fact("served", "2026-10-08"), fact("waived", "2026-10-09", reason="撤回")]

    found = {duty.node: state(duty, moment("2026-10-09T12:00")) for duty in duties(NODES, facts, WUCHANG_MARKET, law())}

    assert found == {
        "penalty_served": "done",
        "penalty_published": "waived",
        "penalty_entered": "waived",
        "penalty_paid": "waived",
    }


def test_what_was_done_before_the_waiver_stays_done() -> None:
    waived = fact("waived", "2026-10-20", node="penalty_served", reason="误")

    assert state(duty(SERVED, DECIDED, fact("served", "2026-10-15"), waived), moment("2026-11-22T09:00")) == "done_late"


# Hours


def test_a_limit_in_hours_from_a_bare_date_says_that_the_hour_is_unknown() -> None:
    under = rows({"amount": 24, "unit": "hour"})

    assert duty(SERVED, fact("decided", "2026-11-03"), under=under).warnings == ("hour-unknown",)
    assert duty(SERVED, fact("decided", moment("2026-11-03T10:20")), under=under).warnings == ()


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        (moment("2026-11-04T11:00:00"), "done"),
        (moment("2026-11-04T11:00:01"), "done_late"),
        (date(2026, 11, 4), "done"),  # the hour was not told: by the day
        (date(2026, 11, 5), "done_late"),
    ],
)
def test_hours_are_judged_by_the_moment_if_one_is_told(served: When, expected: NodeState) -> None:
    under = rows({"amount": 24, "unit": "hour"})

    found = duty(SERVED, fact("decided", moment("2026-11-03T10:20")), Fact("served", served), under=under)

    assert state(found, moment("2026-11-22T09:00")) == expected


def test_a_due_date_past_the_published_calendar_is_provisional() -> None:
    assert duty(SERVED, fact("decided", "2026-12-24")).provisional
    assert not duty(ENTERED, fact("decided", "2026-12-24")).provisional


# What holds for every story

days = st.dates(date(2021, 1, 1), date(2027, 6, 30))
moments = st.datetimes(datetime(2021, 1, 1), datetime(2027, 6, 30), timezones=st.just(SHANGHAI))  # noqa: DTZ001
nodes_named = st.one_of(st.none(), st.sampled_from([node.id for node in NODES]))
events = st.sampled_from(
    ["decided", "served", "published", "entered", "paid", "suspended", "resumed", "waived", "extended"]
)
facts = st.builds(
    lambda event, when, node, amount, unit: Fact(event, when, details={"node": node, "amount": amount, "unit": unit}),
    events,
    st.one_of(days, moments),
    nodes_named,
    st.integers(-1, 4000),
    st.sampled_from(["working_day", "natural_day", "month", "hour"]),
)
stories = st.lists(facts, max_size=12).map(lambda story: tuple(sorted(story, key=lambda fact: fact.day)))
laws = st.sampled_from(
    [
        law(),
        rows({"amount": 24, "unit": "hour"}),
        rows({"amount": 2, "unit": "month"}),
        rows({"amount": 5, "unit": "working_day"}, {"suffix": "m", "field": "market"}),
    ]
)


@settings(deadline=None)
@given(stories, laws, moments)
def test_every_story_has_one_state_and_one_explanation_for_each_duty(
    story: tuple[Fact, ...], under: Law, now: datetime
) -> None:
    for found in duties(NODES, story, WUCHANG_MARKET, under):
        assert (found.due_at is None) == (found.limit is None or found.remaining is not None)
        assert found.due_at is None or found.due_at.tzinfo is SHANGHAI
        assert found.remaining is None or found.remaining.amount >= 0
        assert (state(found, now) == "paused") <= (found.due_at is None)
        assert explanation(found).endswith("。")
        assert explanation(found, "en").endswith(".")


@settings(deadline=None)
@given(stories, laws, moments)
def test_a_duty_kept_as_text_comes_back_as_it_was(story: tuple[Fact, ...], under: Law, now: datetime) -> None:
    kept = TypeAdapter(Duty)

    for found in duties(NODES, story, WUCHANG_MARKET, under):
        back = kept.validate_json(kept.dump_json(found))

        assert back == found
        assert type(back.opened_at) is type(found.opened_at)
        assert (state(back, now), explanation(back)) == (state(found, now), explanation(found))


def test_a_duty_kept_with_a_caution_that_is_no_longer_said_is_read() -> None:
    adapter = TypeAdapter(Duty)
    kept = adapter.dump_json(replace(duty(SERVED, DECIDED), warnings=("extension-not-counted",)))

    assert adapter.validate_json(kept).warnings == ("extension-not-counted",)


@pytest.mark.parametrize("when", [date(2026, 9, 29), moment("2026-09-29T00:00:00"), moment("2026-09-29T10:20")])
def test_a_date_and_a_moment_at_midnight_are_kept_apart(when: When) -> None:
    kept = TypeAdapter(Duty)
    found = duty(SERVED, fact("decided", when), Fact("served", when))

    back = kept.validate_json(kept.dump_json(found))

    assert (back.opened_at, back.done_at) == (when, when)
    assert type(back.opened_at) is type(when)


def test_less_than_an_hour_left_is_none_left() -> None:
    under = rows({"amount": 24, "unit": "hour"})
    suspended = fact("suspended", moment("2026-11-04T10:30"))

    found = duty(SERVED, fact("decided", moment("2026-11-03T10:20")), suspended, under=under)

    assert found.remaining == Span(0, "hour")
    assert TypeAdapter(Duty).validate_json(TypeAdapter(Duty).dump_json(found)) == found
