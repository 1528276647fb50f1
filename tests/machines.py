"""Tables of steps written by hand, the shortest ways by them, and any ways by the steps of a type.

A line says which event, by whom, from which states, to which state ("=" moves nothing), and what it needs or brings
about:

- `late <node>`: only once that duty is late;
- `brings <fact>`: what comes about with it.

Parties are separated by commas; `nobody`: it is never reported.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from schemas.lifecycle import SHANGHAI, START, Fact, History, IsLate, Step, assumed_late


@dataclass(frozen=True)
class Line:
    """What a table says of an event in a state."""

    event: str
    by: frozenset[str]
    to: str | None
    late: str | None = None
    brings: str | None = None


Lines = Mapping[str, Mapping[str, Line]]
"""By state and event."""


def lines_of(table: str) -> Lines:
    """The lines of a table by state and event, for every state that it names."""
    said = [*_lines(table)]
    states = sorted({state for state, _ in said} | {line.to for _, line in said if line.to})
    return {state: {line.event: line for found, line in said if found == state} for state in states}


def _lines(table: str) -> Iterator[tuple[str, Line]]:
    for text in filter(None, table.strip().splitlines()):
        event, by, course, *rest = (one.strip() for one in text.split("|"))
        after, to = (one.strip() for one in course.split("->"))
        more = dict(one.strip().split() for one in rest[0].split(",")) if rest else {}
        parties = frozenset(by.split(", ")) - {"nobody"}
        for state in after.split(", "):
            yield state, Line(event, parties, None if to == "=" else to, **more)


def ways_of(lines: Lines) -> Mapping[str, tuple[str, ...]]:
    """The shortest way to every state by the table."""
    found: dict[str, tuple[str, ...]] = {START: ()}
    edge = deque([START])
    while edge:
        state = edge.popleft()
        for line in lines[state].values():
            if line.to is not None and line.to not in found:
                found[line.to] = (*found[state], line.event)
                edge.append(line.to)
    return found


def assert_as_written(found: History, state: str, line: Line | None, event: str) -> None:
    """That an event reported in a state led where the line says; without one that it was refused and moved nothing."""
    last = found.applied[-1].event if found.applied else None
    if line is None:
        assert (found.state, [*found.waiting, *found.contradictions] != []) == (state, True), event
    else:
        assert (found.state, last) == (line.to or state, line.brings or event), event


@dataclass(frozen=True)
class Run:
    """A lawful course: the facts that were told, those that took effect, and the state they led to."""

    told: tuple[Fact, ...]
    applied: tuple[Fact, ...]
    state: str


Tell = Callable[[str, date | datetime, int], Fact]
"""The fact of an event, when it happened, and in which place it is told."""


@st.composite
def runs(
    draw: st.DrawFn,
    steps: Sequence[Step],
    tell: Tell,
    beginnings: Sequence[tuple[str, ...]],
    seldom: Collection[str],
    is_late: IsLate = assumed_late,
    brought: Collection[str] = (),
) -> Run:
    """Any course that the steps and their guards allow: moments in order, or one bare date a day.

    It goes on from one of the `beginnings`, for by chance alone few get far. Into states of `seldom`, and by what every
    state has, it goes less often than by other steps. `brought`: what nobody reports, and other records bring about.
    """
    told: list[Fact] = []
    applied: list[Fact] = []
    state = START
    now = datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)
    beginning = draw(st.sampled_from(beginnings))
    for place in range(len(beginning) + draw(st.integers(0, 15))):
        bare = draw(st.booleans())
        if bare or (told and not isinstance(told[-1].occurred_at, datetime)):
            now += timedelta(days=draw(st.sampled_from([1, 1, 2, 9, 20, 100])))
        else:
            now += timedelta(hours=draw(st.sampled_from([1, 3, 24, 100])))
        event = beginning[place] if place < len(beginning) else None
        lawful = [
            step
            for step in steps
            if state in step.after and (step.by or step.event in brought) and event in (None, step.event)
            if step.late is None or is_late(step.late, tell(step.event, now, place), applied)
        ]
        weighed = [step for step in lawful for _ in range(1 if _is_rare(step, seldom) else 4)]
        step = draw(st.sampled_from(weighed))
        fact = tell(step.event, now.date() if bare else now, place)
        told.append(fact)
        applied += [fact, *(replace(fact, event=brought) for brought in step.brings)]
        state = step.to or state
    return Run(tuple(told), tuple(applied), state)


def retold(lawful: st.SearchStrategy[Run]) -> st.SearchStrategy[tuple[Run, list[Fact]]]:
    """A run, and what is heard of it when half of it is told twice and all of it in any order."""
    return lawful.flatmap(
        lambda run: st.permutations(run.told + run.told[::2]).map(
            # Who says the same again is not heard twice.
            lambda arriving: (run, list({fact.stated_by: fact for fact in arriving}.values()))
        )
    )


def assert_folds_to(run: Run, found: History) -> None:
    """That what was heard amounts to the run as it went."""
    assert (found.state, found.waiting, found.contradictions) == (run.state, (), ())
    assert found.applied == run.applied


def _is_rare(step: Step, seldom: Collection[str]) -> bool:
    return len(step.after) >= MANY or step.to in seldom


MANY = 10
"""An event lawful in so many states is one that nearly every state has."""
