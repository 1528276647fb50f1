"""The life of a record: its state is the fold of what happened, whoever told it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.judging import facts_of, judge
from schemas.lifecycle import SHANGHAI, START, Fact, History, Party, Step, fold, lawful_events
from schemas.penalty import Penalty
from schemas.record import CLOCK_EVENTS
from schemas.reverse_transfer import ReverseTransfer
from schemas.transfer import Transfer
from tests import corpus
from tests.transfers import POLICE, transfer

TODAY = date(2026, 11, 22)
STEPS = Penalty.steps
STATES = {START} | {step.to for step in STEPS if step.to is not None}

# The wire contract, "Names".
# fmt: off
OF_A_PENALTY = [
    "registered", "filed", "not_filed", "referred_out", "notified", "hearing_requested", "hearing_held",
    "crime_screened", "decided", "not_punished", "case_withdrawn", "served", "published", "published_amr",
    "entered", "paid", "payment_deferred", "demanded", "court_applied", "executed", "revoked",
    "publicity_withdrawn", "closed"
]
# fmt: on
OF_EVERY_TYPE = ["extended", "suspended", "resumed", "waived"]


def fact(event: str, when: str) -> Fact:
    """`when`: a day of March 2026 ("02"), with an hour it is a moment ("02T15")."""
    day, _, hour = when.partition("T")
    if hour:
        return Fact(event, datetime(2026, 3, int(day), int(hour), tzinfo=SHANGHAI))
    return Fact(event, date(2026, 3, int(day)))


def history(*told: str, steps: Sequence[Step] = STEPS) -> History:
    """What "decided 02", "served 03T10" … amount to."""
    return fold(steps, [fact(*one.split()) for one in told])


def events(facts: Sequence[Fact]) -> list[str]:
    return [one.event for one in facts]


def contradictions(of: History) -> list[tuple[str, str | None]]:
    """Which event contradicts which."""
    return [(clash.fact.event, clash.against.event if clash.against else None) for clash in of.contradictions]


def settled(of: History) -> tuple[str, list[str], list[str], list[tuple[str, str | None]]]:
    return of.state, events(of.applied), events(of.waiting), contradictions(of)


WHEN = st.dates(date(2026, 3, 1), date(2026, 3, 5)) | st.builds(
    lambda day, hour, zone: datetime(2026, 3, day, hour, tzinfo=SHANGHAI).astimezone(zone),
    st.integers(1, 5),
    st.integers(0, 23),
    st.sampled_from([UTC, SHANGHAI]),
)
TOLD = st.lists(st.builds(Fact, st.sampled_from(list(Penalty.events)), WHEN), max_size=9)


def said(of: Fact) -> tuple[str, str]:
    """A fact without the offset in which it was told."""
    at = of.occurred_at
    return of.event, (at.astimezone(UTC) if isinstance(at, datetime) else at).isoformat()


def in_short(of: History) -> object:
    return (
        of.state,
        [said(one) for one in of.applied],
        [said(one) for one in of.waiting],
        [
            (said(one.fact), said(one.against) if one.against else None, one.state, one.lawful)
            for one in of.contradictions
        ],
    )


# --- the fold -------------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(TOLD.flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_the_order_in_which_facts_arrive_does_not_matter(told: tuple[list[Fact], list[Fact]]) -> None:
    first, again = told

    assert in_short(fold(STEPS, first)) == in_short(fold(STEPS, again))


@settings(max_examples=400, deadline=None)
@given(TOLD)
def test_every_fact_is_applied_waits_or_contradicts_and_what_is_applied_is_lawful(told: list[Fact]) -> None:
    found = fold(STEPS, told)

    everything = [*found.applied, *found.waiting, *(clash.fact for clash in found.contradictions)]
    assert sorted(map(said, everything)) == sorted(map(said, told))
    assert [one.day for one in found.applied] == sorted(one.day for one in found.applied)
    state = START
    for one in found.applied:
        step = next(step for step in STEPS if step.event == one.event and state in step.after)
        state = step.to or state
    assert state == found.state


@settings(max_examples=200, deadline=None)
@given(TOLD)
def test_a_contradiction_names_what_would_be_lawful(told: list[Fact]) -> None:
    for clash in fold(STEPS, told).contradictions:
        assert clash.lawful == lawful_events(STEPS, clash.state)
        assert set(clash.lawful) <= set(Penalty.events)
        assert clash.against is not None


def test_nothing_told_is_only_received() -> None:
    assert history() == History(START, (), (), ())


def test_a_whole_life_in_order() -> None:
    told = ["registered 01", "filed 02", "notified 03", "hearing_requested 04", "hearing_held 05", "crime_screened 06"]
    told += ["decided 07", "served 08", "published 09", "entered 09", "demanded 10", "paid 11", "closed 12"]

    found = history(*told)

    assert found.state == "closed"
    assert events(found.applied) == [one.split()[0] for one in told]
    assert (found.waiting, found.contradictions) == ((), ())


def test_a_step_whose_predecessor_is_missing_waits_and_moves_nothing() -> None:
    assert settled(history("filed 01", "served 05")) == ("filed", ["filed"], ["served"], [])


def test_the_gap_closes_when_the_predecessor_is_told_later() -> None:
    assert settled(history("served 05", "filed 01", "decided 04")) == ("served", ["filed", "decided", "served"], [], [])


def test_the_other_branch_contradicts_whichever_was_told_first() -> None:
    assert settled(history("decided 03", "not_punished 04")) == (
        "decided",
        ["decided"],
        [],
        [("not_punished", "decided")],
    )
    assert settled(history("not_punished 04", "decided 03")) == (
        "decided",
        ["decided"],
        [],
        [("not_punished", "decided")],
    )


def test_a_second_decision_contradicts_the_first() -> None:
    assert contradictions(history("decided 03", "decided 04")) == [("decided", "decided")]


def test_after_a_case_was_not_filed_nothing_follows() -> None:
    found = history("registered 01", "not_filed 02", "filed 03", "decided 04", "closed 05")

    assert found.state == "not_filed"
    assert contradictions(found) == [("filed", "not_filed"), ("decided", "not_filed"), ("closed", "not_filed")]


def test_a_case_that_was_referred_out_is_only_closed() -> None:
    found = history("registered 01", "referred_out 02", "filed 03", "decided 04", "closed 05")

    assert found.state == "closed"
    assert contradictions(found) == [("filed", "referred_out"), ("decided", "referred_out")]


def test_after_closing_a_step_back_contradicts_the_closing() -> None:
    found = history("decided 02", "served 03", "paid 04", "closed 05", "demanded 06")

    assert settled(found)[0] == "closed"
    assert contradictions(found) == [("demanded", "closed")]
    assert found.contradictions[0].lawful == lawful_events(STEPS, "closed")


def test_a_step_told_for_a_day_before_its_predecessor_contradicts_it() -> None:
    assert settled(history("decided 05", "served 04")) == ("decided", ["decided"], [], [("served", "decided")])


def test_a_step_told_for_an_hour_before_its_predecessor_contradicts_it() -> None:
    assert contradictions(history("decided 05T15", "served 05T10")) == [("served", "decided")]


def test_a_payment_before_the_decision_contradicts_it_though_service_is_not_told_yet() -> None:
    assert contradictions(history("paid 03", "decided 05")) == [("paid", "decided")]


def test_service_before_a_decision_not_to_punish_contradicts_it() -> None:
    assert len(history("filed 01", "served 02", "not_punished 03").contradictions) == 1


def test_a_request_for_a_hearing_before_a_second_notice_waits_for_the_first() -> None:
    found = history("filed 01", "hearing_requested 03", "notified 05")

    assert settled(found) == ("notified", ["filed", "notified"], ["hearing_requested"], [])
    whole = history("filed 01", "notified 02", "hearing_requested 03", "notified 05")
    assert whole.contradictions == ()


def test_what_nobody_ever_heard_of_is_no_step() -> None:
    assert contradictions(history("decided 02", "boiled 03")) == [("boiled", "decided")]


def test_each_of_many_contradictions_among_many_facts_is_told() -> None:
    told = [Fact("decided", date(2026, 3, 2))]
    told += [Fact("entered", date(2026, 3, 3 + n // 10)) for n in range(50)]
    told += [Fact("not_punished", date(2026, 4, 1) + timedelta(days=n)) for n in range(20)]

    found = fold(STEPS, told).contradictions

    assert [clash.fact.event for clash in found] == ["not_punished"] * 20
    assert {clash.against.event for clash in found if clash.against} == {"decided"}


# --- within one day -------------------------------------------------------------------------------


def test_bare_dates_of_one_day_are_placed_where_the_steps_allow() -> None:
    assert settled(history("closed 02", "paid 02", "served 02", "decided 02")) == (
        "closed",
        ["decided", "served", "paid", "closed"],
        [],
        [],
    )


def test_a_bare_date_agrees_with_a_moment_of_its_day_on_either_side() -> None:
    assert events(history("decided 02T15", "served 02").applied) == ["decided", "served"]
    assert events(history("decided 02", "served 02T09").applied) == ["decided", "served"]


def test_moments_keep_their_order_among_themselves() -> None:
    assert events(
        history("hearing_held 02T16", "notified 02T09", "hearing_requested 02T10", "notified 02T17").applied
    ) == [
        "notified",
        "hearing_requested",
        "hearing_held",
        "notified",
    ]


def test_moments_keep_their_order_however_many_a_day_has_and_whatever_was_not_told() -> None:
    hours = [f"notified 02T{hour}" for hour in range(13, 19)]

    found = history("handed_over 02T10", "reply_accepted 02T12", *hours, steps=ReverseTransfer.steps)

    assert events(found.waiting) == ["reply_accepted"]
    assert found.contradictions == ()


def test_a_bare_date_falls_between_two_moments_where_it_must() -> None:
    assert events(history("decided 02T09", "paid 02T15", "served 02").applied) == ["decided", "served", "paid"]


def test_a_wrong_moment_does_not_make_another_fact_of_its_day_wrong() -> None:
    told = ["registered 01", "notified 02", "hearing_held 03T10", "decided 03"]
    assert history(*told).contradictions == ()

    assert contradictions(history(*told, "registered 03T09")) == [("registered", "notified")]


def test_the_day_of_a_moment_is_that_of_shanghai() -> None:
    late = Fact("decided", datetime(2026, 3, 1, 20, tzinfo=UTC))

    assert late.day == date(2026, 3, 2)
    assert events(fold(STEPS, [late, fact("notified", "02"), fact("served", "02")]).applied) == [
        "notified",
        "decided",
        "served",
    ]


def test_equal_moments_of_two_offsets_follow_the_order_of_the_steps() -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)

    found = fold(STEPS, [Fact("served", at.astimezone(UTC)), Fact("decided", at)])

    assert events(found.applied) == ["decided", "served"]


# --- cycles and clocks ----------------------------------------------------------------------------


def test_a_new_notice_may_follow_a_hearing_and_another_hearing_the_notice() -> None:
    found = history(
        "filed 01", "notified 02", "hearing_held 03", "notified 04", "hearing_requested 05", "hearing_held 06"
    )

    assert found.state == "hearing_held"
    assert len(found.applied) == 6
    assert (found.waiting, found.contradictions) == ((), ())


def test_instalments_are_paid_one_after_another() -> None:
    assert (
        settled(history("decided 01", "served 02", "paid 03", "paid 04", "demanded 05", "paid 06", "closed 07"))[0]
        == "closed"
    )


@pytest.mark.parametrize("event", OF_EVERY_TYPE)
@pytest.mark.parametrize("state", sorted(STATES))
def test_the_clock_may_be_told_to_stop_or_run_in_every_state_and_moves_none(state: str, event: str) -> None:
    (step,) = [step for step in STEPS if step.event == event]

    assert state in step.after
    assert step.to is None


# --- the facts a record states ---------------------------------------------------------------------


def test_a_date_of_the_record_and_an_event_of_that_day_are_one_fact() -> None:
    judged = judge("penalty", corpus.penalty(1, decided_on="2026-03-02"), TODAY)
    assert judged.record is not None

    facts = facts_of(judged.record, [fact("decided", "02"), fact("served", "02")])

    assert [(one.event, one.stated_by) for one in facts] == [("decided", "/decided_on"), ("served", "")]


def test_an_event_that_tells_the_hour_stands_for_the_date_of_the_record() -> None:
    judged = judge("penalty", corpus.penalty(1, decided_on="2026-03-02"), TODAY)
    assert judged.record is not None

    (decided,) = facts_of(judged.record, [fact("decided", "02"), fact("decided", "02T15"), fact("decided", "02T16")])

    assert decided == replace(fact("decided", "02T15"), stated_by="/decided_on")


def test_an_event_that_repeats_a_date_of_the_record_adds_what_only_it_says() -> None:
    record = Transfer.model_validate(transfer(addressee=None))
    police = {"name": "样例公安分局", "credit_code": POLICE}
    sent = Fact("sent", date(2026, 9, 22), details={"to": police, "document_no": "样例〔2026〕2号"})

    told = [facts_of(record, order) for order in ([sent, sent], [replace(sent, details={}), sent])]

    for facts in told:
        (found,) = [one for one in facts if one.event == "sent"]
        assert (found.stated_by, found.details) == ("/sent_at", sent.details)
        assert record.parties(facts)[Party.POLICE] == POLICE


def test_a_record_states_its_dates_in_the_order_of_the_case() -> None:
    dates = {
        "filed_on": "2026-01-05",
        "notified_on": "2026-02-02",
        "hearing_on": "2026-02-20",
        "decided_on": "2026-03-02",
    }
    judged = judge("penalty", corpus.penalty(1) | dates, TODAY)
    assert judged.record is not None

    found = fold(STEPS, judged.record.stated())

    assert settled(found) == ("decided", ["filed", "notified", "hearing_held", "decided"], [], [])
    assert [one.stated_by for one in found.applied] == ["/filed_on", "/notified_on", "/hearing_on", "/decided_on"]


# --- what is lawful -------------------------------------------------------------------------------


def test_lawful_events_are_named_once_for_all_or_for_one_party() -> None:
    steps = (
        Step("sent", ("received",), "sent", (Party.AGENCY,)),
        Step("sent", ("received", "back"), "sent", (Party.AGENCY,)),
        Step("seen", ("received",), None, (Party.POLICE, Party.PROCURATORATE)),
    )

    assert lawful_events(steps, "received") == ("sent", "seen")
    assert lawful_events(steps, "received", Party.POLICE) == ("seen",)
    assert lawful_events(steps, "back") == ("sent",)
    assert lawful_events(steps, "nowhere") == ()


def test_a_penalty_is_reported_by_the_organ_that_imposes_it_alone() -> None:
    assert {step.by for step in STEPS if step.by} == {(Party.AGENCY,)}
    assert lawful_events(STEPS, "decided", Party.PROCURATORATE) == ()


# --- the machine of a penalty ---------------------------------------------------------------------


def test_the_events_of_a_penalty_are_those_of_the_contract_and_each_has_a_step() -> None:
    assert set(Penalty.events) == {*OF_A_PENALTY, *OF_EVERY_TYPE}
    assert {step.event for step in STEPS if step.by} == set(Penalty.events)
    assert set(CLOCK_EVENTS) == set(OF_EVERY_TYPE)


def test_what_only_dates_state_is_reported_by_nobody_and_moves_nothing() -> None:
    stated = [step for step in STEPS if not step.by]

    assert {step.event for step in stated} == set(Penalty.facts)
    assert all(step.to is None for step in stated)
    assert not set(lawful_events(STEPS, "decided")) & set(Penalty.facts)
    assert not set(Penalty.facts) & set(Penalty.events)


def test_every_event_has_its_name_in_two_languages_and_no_two_have_one() -> None:
    for language in ("zh", "en"):
        titles = [kind.title[language] for kind in Penalty.events.values()]
        assert all(titles)
        assert len(set(titles)) == len(titles)


def test_every_state_a_step_starts_from_can_come_about() -> None:
    reached = {START}
    for _ in STEPS:
        reached |= {step.to for step in STEPS if step.to is not None and reached & set(step.after)}

    assert reached == STATES
    assert {state for step in STEPS for state in step.after} == STATES


def test_no_state_offers_two_steps_for_one_event() -> None:
    for state in STATES:
        offered = [step.event for step in STEPS if state in step.after]
        assert len(set(offered)) == len(offered)


def onward(state: str) -> set[str]:
    return {step.to for step in STEPS if state in step.after and step.to is not None}


def test_a_case_that_was_not_filed_leads_nowhere() -> None:
    assert onward("not_filed") == set()
    assert set(lawful_events(STEPS, "not_filed")) == set(OF_EVERY_TYPE)


def test_from_closing_only_a_revocation_leads_on() -> None:
    assert onward("closed") <= {"revoked"}


@pytest.mark.parametrize("state", ["not_punished", "case_withdrawn", "revoked", "referred_out"])
def test_a_case_without_a_standing_decision_can_only_be_closed(state: str) -> None:
    assert onward(state) == {"closed"}


@pytest.mark.parametrize("state", sorted(STATES - {"not_filed"}))
def test_every_case_that_goes_on_can_be_closed(state: str) -> None:
    seen, edge = {state}, [state]
    while edge:
        new = onward(edge.pop()) - seen
        seen |= new
        edge.extend(new)

    assert "closed" in seen


def test_nothing_leads_back_behind_the_decision() -> None:
    before = {"received", "registered", "filed", "notified", "hearing_requested", "hearing_held"}

    assert all(not onward(state) & before for state in STATES - before)
    assert [step.event for step in STEPS if step.to == "decided"] == ["decided"]


def test_service_follows_the_decision_and_payment_the_service() -> None:
    served, paid = (next(step for step in STEPS if step.event == event) for event in ("served", "paid"))

    assert served.after == ("decided",)
    assert "decided" not in paid.after


def test_every_duty_is_met_by_events_of_the_type_and_dates_state_such_events() -> None:
    for node in Penalty.nodes:
        assert node.id.startswith("penalty_")
        assert node.closes
        assert {*node.closes, *node.requires, *node.before} <= {*Penalty.events, *Penalty.facts}
        assert node.title["zh"]
        assert node.title["en"]
    assert set(Penalty.dates.values()) <= {*Penalty.events, *Penalty.facts}
    assert {*Penalty.receipt_meets, *Penalty.receipt_meets.values()} <= set(Penalty.events)
    assert len({node.id for node in Penalty.nodes}) == len(Penalty.nodes)


@pytest.mark.parametrize("event", ["published", "published_amr", "entered"])
@pytest.mark.parametrize("state", ["decided", "served", "paid", "demanded", "court_applied", "executed"])
def test_publicity_and_entry_are_noted_at_any_time_from_the_decision_on_and_move_nothing(
    state: str, event: str
) -> None:
    (step,) = [step for step in STEPS if step.event == event]

    assert state in step.after
    assert step.to is None


@pytest.mark.parametrize("event", ["published", "published_amr", "publicity_withdrawn", "revoked"])
def test_a_closed_case_can_still_be_published_or_its_decision_revoked(event: str) -> None:
    told = ["decided 02", "served 02", "paid 02", "closed 02"]
    assert history(*told, f"{event} 06").contradictions == ()


def test_days_are_days_whatever_the_month() -> None:
    told = [Fact("decided", date(2026, 2, 28)), Fact("served", date(2026, 2, 28) + timedelta(days=1))]

    assert events(fold(STEPS, reversed(told)).applied) == ["decided", "served"]
