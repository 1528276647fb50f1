"""The life of a request for assistance: who may report what in which state, where it leads, and nothing else.

The table was written by hand from the texts, without looking at the steps of the type; how to read it stands in
tests/machines.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.assist_request import AssistRequest
from schemas.lifecycle import SHANGHAI, Fact, History, Party, fold, lawful_events
from schemas.record import CLOCK_EVENTS
from tests.machines import Line, Run, assert_as_written, assert_folds_to, lines_of, retold, runs, ways_of

# What differs from the plain course "drafted, sent, acknowledged, fulfilled or in part or refused, escalated,
# closed":
# - Who is asked need not acknowledge before it helps, and may think better of a refusal, also after others were told.
# - To refuse and to give only a part are reasons to tell others; to be silent is one once the answer is late.
# - An advice that is served tells others of what was withheld; in every other state it is noted.
# - The procuratorate may take a request back until all was given. It closes what was dealt with, not what is open.
# - An agency's question is a life of its own: asked, answered, and asked once more.
TABLE = """
sent | procuratorate | received -> sent
acknowledged | agency | sent -> acknowledged
partially_fulfilled | agency | sent, acknowledged, refused, escalated -> partially_fulfilled
fulfilled | agency | sent, acknowledged, partially_fulfilled, refused, escalated -> fulfilled
refused | agency | sent, acknowledged, partially_fulfilled, escalated -> refused
escalated | procuratorate | refused, partially_fulfilled -> escalated
escalated | procuratorate | sent, acknowledged -> escalated | late assist_answered
cancelled | procuratorate | sent, acknowledged, partially_fulfilled, refused, escalated -> cancelled
closed | procuratorate | fulfilled, partially_fulfilled, refused, escalated -> closed
advice_served | nobody | refused, partially_fulfilled -> escalated

acknowledged | agency | partially_fulfilled, fulfilled, refused, escalated -> =
partially_fulfilled | agency | partially_fulfilled -> =
escalated | procuratorate | escalated -> =

asked | agency | received, answered -> asked
answered | procuratorate | asked -> answered
question_withdrawn | agency | asked -> cancelled
"""

WRITTEN = lines_of(TABLE)
WAYS = ways_of(WRITTEN)
OF_AN_ADVICE = "advice_served"
"""What nobody reports: what an advice that is tied to the request brings about."""
PARTIES = frozenset({"agency", "procuratorate"})


def expected(state: str, event: str) -> Line | None:
    """What the table says of an event in a state, None if it is refused."""
    if event in CLOCK_EVENTS:
        return Line(event, PARTIES, None)
    line = WRITTEN[state].get(event)
    return Line(event, frozenset(), None) if line is None and event == OF_AN_ADVICE else line


FIRST = date(2026, 3, 2)


def run(*events: str, is_late: Callable[[str, str], bool] = lambda _node, _event: True) -> History:
    """What the events amount to, one a day; `is_late` tells of a node and an event whether it comes late."""
    facts = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(events)]
    return fold(AssistRequest.steps, facts, lambda node, fact, _before: is_late(node, fact.event))


def test_the_table_knows_every_state_and_event() -> None:
    steps = AssistRequest.steps
    states = {state for step in steps for state in (*step.after, *([step.to] if step.to else []))}
    events = {line.event for lines in WRITTEN.values() for line in lines.values()} | set(CLOCK_EVENTS)

    assert set(WAYS) == set(WRITTEN) == states
    assert events == set(AssistRequest.events)
    assert {step.event for step in steps if not step.by} == {OF_AN_ADVICE}


@pytest.mark.parametrize("state", sorted(WRITTEN))
def test_in_each_state_every_event_moves_as_written_or_is_refused(state: str) -> None:
    assert run(*WAYS[state]).state == state
    for event in AssistRequest.events:
        assert_as_written(run(*WAYS[state], event), state, expected(state, event), event)


@pytest.mark.parametrize("state", sorted(WRITTEN))
@pytest.mark.parametrize("party", Party)
def test_in_each_state_every_party_may_report_its_own_events_and_no_others(state: str, party: Party) -> None:
    lines = [expected(state, event) for event in AssistRequest.events]

    own = {line.event for line in lines if line is not None and party in line.by}

    assert set(lawful_events(AssistRequest.steps, state, party)) == own


def test_who_asks_never_answers_and_who_is_asked_never_tells_others() -> None:
    reporters = {
        event: {by for step in AssistRequest.steps if step.event == event for by in step.by}
        for event in AssistRequest.events
        if event not in CLOCK_EVENTS
    }

    assert {event for event, by in reporters.items() if by == {Party.AGENCY}} == {
        *("acknowledged", "partially_fulfilled", "fulfilled", "refused"),
        *("asked", "question_withdrawn"),
    }
    assert {event for event, by in reporters.items() if by == {Party.PROCURATORATE}} == {
        *("sent", "escalated", "cancelled", "closed"),
        "answered",
    }


@pytest.mark.parametrize("state", ["sent", "acknowledged"])
def test_nobody_is_told_of_silence_while_there_is_time_to_answer(state: str) -> None:
    way = (*WAYS[state], "escalated")

    refused = run(*way, is_late=lambda node, event: event != "escalated" or node != "assist_answered")
    allowed = run(*way, is_late=lambda node, event: event != "escalated" or node == "assist_answered")

    assert (refused.state, [one.event for one in refused.waiting]) == (state, ["escalated"])
    assert refused.contradictions == ()
    assert (allowed.state, allowed.waiting) == ("escalated", ())


def test_no_other_step_asks_for_a_delay() -> None:
    late = {(state, step.event, step.late) for step in AssistRequest.steps if step.late for state in step.after}

    assert late == {(state, "escalated", "assist_answered") for state in ("sent", "acknowledged")}
    assert "assist_answered" in {node.id for node in AssistRequest.nodes}


def test_a_request_is_no_question_and_a_question_no_request() -> None:
    for events in (("sent", "asked"), ("asked", "sent"), ("sent", "answered"), ("asked", "fulfilled")):
        assert run(*events).contradictions, events


# What happens on one day, told by bare dates


@pytest.mark.parametrize(
    ("events", "before", "state"),
    [
        (("acknowledged", "sent"), "received", "acknowledged"),
        (("fulfilled", "acknowledged", "sent"), "received", "fulfilled"),
        (("escalated", "refused"), "acknowledged", "escalated"),
        (("closed", "fulfilled"), "refused", "closed"),
        (("answered", "asked"), "received", "answered"),
    ],
)
def test_of_one_day_the_cause_comes_first(events: tuple[str, ...], before: str, state: str) -> None:
    early = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(WAYS[before])]

    found = fold(AssistRequest.steps, [*early, *(Fact(event, date(2026, 3, 20)) for event in events)])

    assert (found.state, found.waiting) == (state, ())


# However it was told, and whatever an advice brings about

BEGINNINGS = (
    (),
    ("sent", "acknowledged"),
    ("sent", "acknowledged", "partially_fulfilled"),
    ("sent", "refused", "escalated"),
    ("sent", "fulfilled"),
    ("asked", "answered"),
)


def _fact(event: str, when: date | datetime, place: int) -> Fact:
    return Fact(event, when, stated_by=f"event:{place:02}")


RUNS = runs(AssistRequest.steps, _fact, BEGINNINGS, ("cancelled", "closed"))


@settings(max_examples=200, deadline=None)
@given(retold(RUNS))
def test_a_lawful_run_folds_to_the_same_however_often_and_in_whatever_order_it_is_told(
    course: tuple[Run, list[Fact]],
) -> None:
    run, heard = course

    found = fold(AssistRequest.steps, heard)

    assert_folds_to(run, found)


@settings(max_examples=100, deadline=None)
@given(RUNS)
def test_a_run_that_was_told_in_part_never_contradicts_itself(run: Run) -> None:
    for told in (run.told[::2], run.told[1::2], run.told[-3:]):
        assert fold(AssistRequest.steps, told).contradictions == ()


@st.composite
def brought_about(draw: st.DrawFn, run: Run) -> Fact:
    """That an advice was served, on a day of the run or on any other, by the day or the moment."""
    own = [fact.occurred_at for fact in run.told]
    days = st.dates(date(2025, 12, 1), date(2027, 12, 1))
    moments = days.map(lambda day: datetime(day.year, day.month, day.day, 15, 20, tzinfo=SHANGHAI))
    when = draw(st.one_of(st.sampled_from(own), days, moments) if own else st.one_of(days, moments))
    return Fact(OF_AN_ADVICE, when, stated_by=f"event:{draw(st.uuids())}")


@settings(max_examples=300, deadline=None)
@given(RUNS.flatmap(lambda run: st.tuples(st.just(run), st.lists(brought_about(run), max_size=3))))
def test_whatever_an_advice_brings_about_contradicts_nothing_that_was_reported_and_holds_nothing_up(
    course: tuple[Run, list[Fact]],
) -> None:
    run, brought = course

    found = fold(AssistRequest.steps, [*run.told, *brought])

    assert (found.contradictions, found.waiting) == ((), ())
    assert sorted(one.stated_by for one in found.applied) == sorted(one.stated_by for one in [*run.told, *brought])


@settings(max_examples=100, deadline=None)
@given(RUNS.flatmap(lambda run: st.tuples(st.just(run), st.lists(brought_about(run), max_size=3))))
def test_part_of_a_run_and_an_advice_contradict_nothing_either(course: tuple[Run, list[Fact]]) -> None:
    run, brought = course

    for told in (run.told[::2], run.told[1::2], run.told[-3:], ()):
        assert fold(AssistRequest.steps, [*told, *brought]).contradictions == ()
