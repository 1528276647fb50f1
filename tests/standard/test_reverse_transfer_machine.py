"""The life of a case handed to an agency: who may report what in which state, where it leads, and nothing else.

The table was written by hand from the texts, without looking at the steps of the type; how to read it stands in
tests/machines.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.lifecycle import SHANGHAI, Fact, History, Party, fold, lawful_events
from schemas.record import CLOCK_EVENTS
from schemas.reverse_transfer import ReverseTransfer
from tests.machines import Line, Run, assert_as_written, assert_folds_to, lines_of, retold, runs, ways_of
from tests.transfers import PROCURATORATE

# What differs from the plain course "not prosecuted, examined, opinion, served, filed, replied, accepted":
# - The examination begins with the registration, from which it is counted, and not with the referral. There is no state
#   "suspended", for clock events move clocks, and no state "overdue": who did not reply in time may be told of from the
#   states in which that is possible.
# - The police may hand over, too; then there is no opinion, and no time for a reply.
# - An agency need not acknowledge before it acts, may reply without having filed, think better of a refusal, and refuse
#   after it filed. It may act after it was told of, and after the procuratorate was not satisfied.
# - A refusal is an answer: it may be accepted or followed up like any other. Where the agency refuses, or the follow-up
#   leads nowhere, the procuratorate need not wait for a date; it may tell others of a bad reply, or once more. So what
#   is followed up stays so when the agency files after all, until it replies.
# - What a penalty brings about is lawful in every state, and what the agency itself reports is so before and after it.
TABLE = """
not_prosecuted | procuratorate | received -> not_prosecuted
referred | procuratorate | not_prosecuted -> referred
registered | procuratorate | referred -> under_review
terminated | procuratorate | under_review -> terminated
opinion_issued | procuratorate | under_review -> opinion_issued
served | procuratorate | opinion_issued -> served
handed_over | police | received -> handed_over

acknowledged | agency | served, handed_over -> acknowledged
filed | agency | served, handed_over, acknowledged, refused, escalated -> filed
refused | agency | served, handed_over, acknowledged, filed, replied, follow_up, escalated -> refused
replied | agency | served, handed_over, acknowledged, filed, refused, follow_up, escalated -> replied
reply_accepted | police, procuratorate | replied, refused -> closed
followed_up | procuratorate | replied, refused -> follow_up
escalated | procuratorate | served, acknowledged, filed -> escalated | late reverse_replied
escalated | procuratorate | refused, follow_up -> escalated
escalated | procuratorate | replied, escalated -> =

penalty_filed | nobody | served, handed_over, acknowledged, escalated -> filed
penalty_decided | nobody | served, handed_over, acknowledged, filed, refused, follow_up, escalated -> replied
acknowledged | agency | filed, refused, replied, follow_up, escalated -> =
filed | agency | filed, replied, follow_up -> =
replied | agency | replied -> =
"""

WRITTEN = lines_of(TABLE)
WAYS = ways_of(WRITTEN)

STATED = ("violation_found", "case_on_file")
"""What nobody reports: dates of the record and what follows from its facts."""
OF_A_PENALTY = ("penalty_filed", "penalty_decided")
"""What nobody reports here: what a penalty that is tied to the record brings about."""

PARTIES = frozenset({"agency", "police", "procuratorate"})
OPEN = frozenset(WRITTEN) - {"received"}
"""Somebody decided something."""
EXAMINED = frozenset({"not_prosecuted", "referred", "under_review", "terminated"})

NOTED = {
    "notified": (frozenset({"procuratorate"}), OPEN),
    "copied": (frozenset({"police", "procuratorate"}), OPEN - EXAMINED),
    "items_handed_over": (PARTIES, OPEN - {"terminated"}),
    "agency_consulted": (frozenset({"police", "procuratorate"}), frozenset(WRITTEN)),
    "agency_answered": (frozenset({"agency"}), frozenset(WRITTEN)),
    "procuratorate_consulted": (frozenset({"agency", "police"}), frozenset(WRITTEN)),
    "procuratorate_answered": (frozenset({"procuratorate"}), frozenset(WRITTEN)),
    **{event: (PARTIES, frozenset(WRITTEN)) for event in CLOCK_EVENTS},
    **{event: (frozenset[str](), frozenset(WRITTEN)) for event in STATED},
}
"""What moves nothing: by whom, in which states. Nothing goes with a case that was terminated."""


def expected(state: str, event: str) -> Line | None:
    """What the table says of an event in a state, None if it is refused."""
    if event in NOTED:
        by, states = NOTED[event]
        return Line(event, by, None) if state in states else None
    line = WRITTEN[state].get(event)
    if line is None and event in OF_A_PENALTY:
        return Line(event, frozenset(), None)
    return line


FIRST = date(2026, 3, 2)


def run(*events: str, is_late: Callable[[str, str], bool] = lambda _node, _event: True) -> History:
    """What the events amount to, one a day; `is_late` tells of a node and an event whether it comes late."""
    facts = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(events)]
    return fold(ReverseTransfer.steps, facts, lambda node, fact, _before: is_late(node, fact.event))


def test_the_table_knows_every_state_and_event() -> None:
    steps = ReverseTransfer.steps
    states = {state for step in steps for state in (*step.after, *([step.to] if step.to else []))}
    events = {line.event for lines in WRITTEN.values() for line in lines.values()} | set(NOTED)

    assert set(WAYS) == set(WRITTEN) == states
    assert events == {*ReverseTransfer.events, *STATED}
    assert {*STATED, *OF_A_PENALTY} == {step.event for step in steps if not step.by}


@pytest.mark.parametrize("state", sorted(WRITTEN))
def test_in_each_state_every_event_moves_as_written_or_is_refused(state: str) -> None:
    assert run(*WAYS[state]).state == state
    for event in (*ReverseTransfer.events, *STATED):
        assert_as_written(run(*WAYS[state], event), state, expected(state, event), event)


@pytest.mark.parametrize("state", sorted(WRITTEN))
@pytest.mark.parametrize("party", Party)
def test_in_each_state_every_party_may_report_its_own_events_and_no_others(state: str, party: Party) -> None:
    lines = [expected(state, event) for event in (*ReverseTransfer.events, *STATED)]

    own = {line.event for line in lines if line is not None and party in line.by}

    assert set(lawful_events(ReverseTransfer.steps, state, party)) == own


@pytest.mark.parametrize("state", ["served", "acknowledged", "filed"])
def test_nobody_is_told_of_an_agency_that_still_has_time_to_reply(state: str) -> None:
    way = (*WAYS[state], "escalated")

    refused = run(*way, is_late=lambda node, event: event != "escalated" or node != "reverse_replied")
    allowed = run(*way, is_late=lambda node, event: event != "escalated" or node == "reverse_replied")

    assert (refused.state, [one.event for one in refused.waiting]) == (state, ["escalated"])
    assert refused.contradictions == ()
    assert (allowed.state, allowed.waiting) == ("escalated", ())


def test_no_other_step_asks_for_a_delay() -> None:
    late = {(state, step.event, step.late) for step in ReverseTransfer.steps if step.late for state in step.after}

    assert late == {(state, "escalated", "reverse_replied") for state in ("served", "acknowledged", "filed")}
    assert "reverse_replied" in {node.id for node in ReverseTransfer.nodes}


# What happens on one day, told by bare dates


def on_one_day(*events: str, before: tuple[str, ...]) -> History:
    early = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(before)]
    return fold(ReverseTransfer.steps, [*early, *(Fact(event, date(2026, 3, 20)) for event in events)])


@pytest.mark.parametrize(
    ("events", "before", "state"),
    [
        (("served", "opinion_issued"), "under_review", "served"),
        (("registered", "referred", "not_prosecuted"), "received", "under_review"),
        (("filed", "acknowledged"), "served", "filed"),
        (("replied", "filed"), "acknowledged", "replied"),
        (("penalty_decided", "penalty_filed", "served"), "opinion_issued", "replied"),
        (("penalty_decided", "penalty_filed", "handed_over"), "received", "replied"),
        (("reply_accepted", "penalty_decided"), "acknowledged", "closed"),
    ],
)
def test_of_one_day_the_cause_comes_first(events: tuple[str, ...], before: str, state: str) -> None:
    found = on_one_day(*events, before=WAYS[before])

    assert (found.state, found.waiting) == (state, ())


# However it was told, and whatever a penalty brings about

BEGINNINGS = (
    (),
    WAYS["under_review"],
    WAYS["served"],
    WAYS["handed_over"],
    (*WAYS["served"], "acknowledged", "filed"),
    (*WAYS["served"], "refused", "followed_up"),
    (*WAYS["handed_over"], "replied", "reply_accepted"),
)


def _fact(event: str, when: date | datetime, place: int) -> Fact:
    return Fact(event, when, stated_by=f"event:{place:02}")


RUNS = runs(ReverseTransfer.steps, _fact, BEGINNINGS, ("terminated", "closed"))


@settings(max_examples=200, deadline=None)
@given(retold(RUNS))
def test_a_lawful_run_folds_to_the_same_however_often_and_in_whatever_order_it_is_told(
    course: tuple[Run, list[Fact]],
) -> None:
    run, heard = course

    found = fold(ReverseTransfer.steps, heard)

    assert_folds_to(run, found)


@settings(max_examples=100, deadline=None)
@given(RUNS)
def test_a_run_that_was_told_in_part_never_contradicts_itself(run: Run) -> None:
    for told in (run.told[::2], run.told[1::2], run.told[-3:]):
        assert fold(ReverseTransfer.steps, told).contradictions == ()


@st.composite
def brought_about(draw: st.DrawFn, run: Run) -> Fact:
    """What a penalty brings about, on a day of the run or on any other, by the day or the moment."""
    own = [fact.occurred_at for fact in run.told]
    days = st.dates(date(2025, 12, 1), date(2027, 12, 1))
    moments = days.map(lambda day: datetime(day.year, day.month, day.day, 15, 20, tzinfo=SHANGHAI))
    when = draw(st.one_of(st.sampled_from(own), days, moments) if own else st.one_of(days, moments))
    return Fact(draw(st.sampled_from(OF_A_PENALTY)), when, stated_by=f"event:{draw(st.uuids())}")


@settings(max_examples=300, deadline=None)
@given(RUNS.flatmap(lambda run: st.tuples(st.just(run), st.lists(brought_about(run), max_size=5))))
def test_whatever_a_penalty_brings_about_contradicts_nothing_that_was_reported_and_holds_nothing_up(
    course: tuple[Run, list[Fact]],
) -> None:
    run, brought = course

    found = fold(ReverseTransfer.steps, [*run.told, *brought])

    assert (found.contradictions, found.waiting) == ((), ())
    assert sorted(one.stated_by for one in found.applied) == sorted(one.stated_by for one in [*run.told, *brought])


@settings(max_examples=100, deadline=None)
@given(RUNS.flatmap(lambda run: st.tuples(st.just(run), st.lists(brought_about(run), max_size=3))))
def test_part_of_a_run_and_a_penalty_contradict_nothing_either(course: tuple[Run, list[Fact]]) -> None:
    run, brought = course

    for told in (run.told[::2], run.told[1::2], run.told[-3:], ()):
        assert fold(ReverseTransfer.steps, [*told, *brought]).contradictions == ()


# What follows from the facts by themselves

RECORD = ReverseTransfer.model_validate(
    {
        "record_type": "reverse_transfer",
        "source_id": "2026-反-000001",
        "organisation": PROCURATORATE,
        "region": "420106",
        "field": "market",
        "case_name": "样例不起诉案",
    }
)


@pytest.mark.parametrize("event", OF_A_PENALTY)
@pytest.mark.parametrize("heard", ["served", "handed_over"])
@pytest.mark.parametrize(("day", "follows"), [(-1, True), (0, True), (1, False)])
def test_an_agency_that_has_a_case_when_it_hears_of_it_need_not_file_another(
    event: str, heard: str, day: int, follows: bool
) -> None:
    told = [Fact(event, FIRST + timedelta(days=day)), Fact(heard, FIRST, stated_by="/served_on")]

    found = [*RECORD.implied(told)]

    assert found == [Fact("case_on_file", FIRST, stated_by="/served_on")] * follows


def test_nothing_follows_from_a_penalty_while_nobody_was_told() -> None:
    assert [*RECORD.implied([Fact("penalty_filed", FIRST), Fact("opinion_issued", FIRST)])] == []
