"""The life of an advice: who may report what in which state, where it leads, and nothing else.

The table was written by hand from the texts, without looking at the steps of the type; how to read it stands in
tests/machines.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings

from schemas.advice import Advice
from schemas.lifecycle import Fact, History, Party, fold, lawful_events
from schemas.record import CLOCK_EVENTS
from tests.machines import Line, Run, assert_as_written, assert_folds_to, lines_of, retold, runs, ways_of

# What differs from the plain course "draft, approved, served, objection reviewed, replied, verified, closed":
# - There is no state "overdue", for clocks tell that: of who does not reply in time others may be told from the states
#   in which that is possible, unless an objection is still to be looked at.
# - An investigation may end without any advice (规定 art. 15).
# - An advice may be amended or revoked without an objection, too (art. 22); what was amended is served anew, and all
#   begins again with that. A reply to the older text may cross the amendment.
# - Nobody need acknowledge before acting. An objection may come before or after the acknowledgement, and again after
#   reasons were given for keeping the advice; the reasons may come after a reply.
# - After a reply others are told only once it was urged to do more (art. 25); before one urging changes nothing, for it
#   is the delay that counts. What others were told of may be answered, verified or told to more of them.
TABLE = """
investigated | procuratorate | received -> investigated
dropped | procuratorate | received, investigated -> dropped
decided | procuratorate | received, investigated -> decided
served | procuratorate | decided, amended -> served

acknowledged | agency | served -> acknowledged
acknowledged | agency | objected, kept, amended, replied, follow_up, escalated -> =
objected | agency | served, acknowledged, kept -> objected
objected | agency | objected -> =
replied | agency | served, acknowledged, objected, kept, follow_up, escalated -> replied
replied | agency | replied, amended -> =

kept | procuratorate | objected -> kept
kept | procuratorate | replied, follow_up, escalated -> =
amended | procuratorate | served, acknowledged, objected, kept, replied, follow_up, escalated -> amended
amended | procuratorate | amended -> =
revoked | procuratorate | decided, served, acknowledged, objected, kept, amended -> revoked
revoked | procuratorate | replied, follow_up, escalated -> revoked

urged | procuratorate | replied -> follow_up
urged | procuratorate | served, acknowledged, kept, follow_up, escalated -> =
escalated | procuratorate | served, acknowledged, kept -> escalated | late advice_replied
escalated | procuratorate | follow_up -> escalated
escalated | procuratorate | escalated -> =
verified | procuratorate | replied, follow_up, escalated -> closed
"""

WRITTEN = lines_of(TABLE)
WAYS = ways_of(WRITTEN)

STATED = ("investigation_ordered",)
"""What nobody reports: a date of the record."""

PROCURATORATE = frozenset({"procuratorate"})
BOTH = frozenset({"agency", "procuratorate"})
ALL = frozenset(WRITTEN)
WITH_THEM = ALL - {"received", "investigated", "dropped", "decided"}
"""Whom it is for has had it in their hands."""

NOTED = {
    "policy_reviewed": (PROCURATORATE, frozenset({"received", "investigated", "decided"})),
    "filed_upward": (PROCURATORATE, WITH_THEM),
    "copied": (PROCURATORATE, WITH_THEM),
    **dict.fromkeys(CLOCK_EVENTS, (BOTH, ALL)),
    **{event: (frozenset[str](), ALL) for event in STATED},
}
"""What moves nothing: by whom, in which states."""


def expected(state: str, event: str) -> Line | None:
    """What the table says of an event in a state, None if it is refused."""
    if event in NOTED:
        by, states = NOTED[event]
        return Line(event, by, None) if state in states else None
    return WRITTEN[state].get(event)


FIRST = date(2026, 3, 2)


def run(*events: str, is_late: Callable[[str, str], bool] = lambda _node, _event: True) -> History:
    """What the events amount to, one a day; `is_late` tells of a node and an event whether it comes late."""
    facts = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(events)]
    return fold(Advice.steps, facts, lambda node, fact, _before: is_late(node, fact.event))


def test_the_table_knows_every_state_and_event() -> None:
    steps = Advice.steps
    states = {state for step in steps for state in (*step.after, *([step.to] if step.to else []))}
    events = {line.event for lines in WRITTEN.values() for line in lines.values()} | set(NOTED)

    assert set(WAYS) == set(WRITTEN) == states
    assert events == {*Advice.events, *STATED}
    assert set(STATED) == {step.event for step in steps if not step.by}


@pytest.mark.parametrize("state", sorted(WRITTEN))
def test_in_each_state_every_event_moves_as_written_or_is_refused(state: str) -> None:
    assert run(*WAYS[state]).state == state
    for event in (*Advice.events, *STATED):
        assert_as_written(run(*WAYS[state], event), state, expected(state, event), event)


@pytest.mark.parametrize("state", sorted(WRITTEN))
@pytest.mark.parametrize("party", Party)
def test_in_each_state_every_party_may_report_its_own_events_and_no_others(state: str, party: Party) -> None:
    lines = [expected(state, event) for event in (*Advice.events, *STATED)]

    own = {line.event for line in lines if line is not None and party in line.by}

    assert set(lawful_events(Advice.steps, state, party)) == own


@pytest.mark.parametrize("state", ["served", "acknowledged", "kept"])
def test_nobody_is_told_of_who_still_has_time_to_reply(state: str) -> None:
    way = (*WAYS[state], "escalated")

    refused = run(*way, is_late=lambda node, event: event != "escalated" or node != "advice_replied")
    allowed = run(*way, is_late=lambda node, event: event != "escalated" or node == "advice_replied")

    assert (refused.state, [one.event for one in refused.waiting]) == (state, ["escalated"])
    assert refused.contradictions == ()
    assert (allowed.state, allowed.waiting) == ("escalated", ())


def test_no_other_step_asks_for_a_delay() -> None:
    late = {(state, step.event, step.late) for step in Advice.steps if step.late for state in step.after}

    assert late == {(state, "escalated", "advice_replied") for state in ("served", "acknowledged", "kept")}
    assert "advice_replied" in {node.id for node in Advice.nodes}


def test_of_a_reply_that_was_not_urged_to_do_more_nobody_else_is_told_yet() -> None:
    waiting = run(*WAYS["replied"], "escalated")

    assert (waiting.state, [one.event for one in waiting.waiting]) == ("replied", ["escalated"])
    assert run(*WAYS["replied"], "urged", "escalated").state == "escalated"


@pytest.mark.parametrize("ended", ["dropped", "revoked", "closed"])
@pytest.mark.parametrize("event", ["served", "replied", "verified", "amended", "objected"])
def test_what_is_over_stays_over(ended: str, event: str) -> None:
    found = run(*WAYS[ended], event)

    assert (found.state, [one.fact.event for one in found.contradictions]) == (ended, [event])


# What happens on one day, told by bare dates


def on_one_day(*events: str, before: tuple[str, ...]) -> History:
    early = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(before)]
    return fold(Advice.steps, [*early, *(Fact(event, date(2026, 3, 20)) for event in events)])


@pytest.mark.parametrize(
    ("events", "before", "state"),
    [
        (("served", "decided", "policy_reviewed", "investigated"), "received", "served"),
        (("filed_upward", "copied", "acknowledged", "served"), "decided", "acknowledged"),
        (("kept", "objected"), "acknowledged", "kept"),
        (("served", "amended"), "objected", "served"),
        (("revoked", "objected"), "served", "revoked"),
        (("verified", "replied"), "acknowledged", "closed"),
        (("escalated", "urged"), "replied", "escalated"),
    ],
)
def test_of_one_day_the_cause_comes_first(events: tuple[str, ...], before: str, state: str) -> None:
    found = on_one_day(*events, before=WAYS[before])

    assert (found.state, found.waiting) == (state, ())


# However it was told

BEGINNINGS = (
    (),
    WAYS["decided"],
    WAYS["served"],
    WAYS["kept"],
    (*WAYS["amended"], "served"),
    WAYS["follow_up"],
    WAYS["escalated"],
)


def _fact(event: str, when: date | datetime, place: int) -> Fact:
    return Fact(event, when, stated_by=f"event:{place:02}")


RUNS = runs(Advice.steps, _fact, BEGINNINGS, ("dropped", "revoked", "closed"))


@settings(max_examples=200, deadline=None)
@given(retold(RUNS))
def test_a_lawful_run_folds_to_the_same_however_often_and_in_whatever_order_it_is_told(
    course: tuple[Run, list[Fact]],
) -> None:
    run, heard = course

    found = fold(Advice.steps, heard)

    assert_folds_to(run, found)


@settings(max_examples=100, deadline=None)
@given(RUNS)
def test_a_run_that_was_told_in_part_never_contradicts_itself(run: Run) -> None:
    for told in (run.told[::2], run.told[1::2], run.told[-3:]):
        assert fold(Advice.steps, told).contradictions == ()
