"""The life of a record: which step may follow which, who may report it, and the fold of what happened.

State is never stored as an opinion: it is the fold of facts in the order in which they happened. A fact is
an event somebody reported, a date the record itself states, or our own receipt. Pure: no clock, no I/O.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept UTC+8 without daylight saving since 1992, before any date this standard can carry a clock for."""


class Party(StrEnum):
    """Who acts in a record. Parties, courts and reviewing bodies are reported by the organ that holds the file.

    `OFFICE`: 协调机制办公室. `GIVER`: 线索提供单位, whoever hands a clue over, while the agency is the one supervised.
    `DELEGATE`: 受托检察院, which investigates for another. `CONCERNED`: 当事人, who was penalised. Never named as
    responsible: it may be a natural person.
    """

    AGENCY = "agency"
    POLICE = "police"
    PROCURATORATE = "procuratorate"
    OFFICE = "office"
    GIVER = "giver"
    DELEGATE = "delegate"
    CONCERNED = "party"
    COURT = "court"
    SYSTEM = "system"


ORGANS = frozenset(
    {Party.AGENCY, Party.POLICE, Party.PROCURATORATE, Party.OFFICE, Party.GIVER, Party.DELEGATE},
)
"""The parties that report, each for itself; for a party to the case and a court somebody else does."""


@dataclass(frozen=True, slots=True)
class Step:
    """One lawful step: `event` may follow any of the states in `after` and leads to `to`.

    `to` None: the event is noted and moves nothing (published, entered, extended …). `by` nobody: it is never reported
    but stated by a date of the record itself. `late`: lawful only once the duty of this node is late, as a suggestion
    to supervise police that have not decided. `brings`: facts that come about with it, for duties that one event opens
    in one state and not in another.
    """

    event: str
    after: tuple[str, ...]
    to: str | None
    by: tuple[Party, ...]
    late: str | None = None
    brings: tuple[str, ...] = ()


def _every(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Node:
    """关键节点: a duty that an event opens and an event meets. When it is due is law, not code (`law/limits.toml`).

    `concerns`: whether a record owes this at all: a penalty without a fine is never waiting for payment. `requires`:
    only where one of these has happened, too: what was never published need not be taken down. `before`: what meets
    it must not come after any of these: a notice given after the decision is none. `lapses`: by these it is over,
    though it was not met: of a case that was dropped nobody is waiting for a hearing.
    """

    id: str
    title: Mapping[str, str]
    of: Party
    closes: tuple[str, ...]
    concerns: Callable[[Any], bool] = _every
    requires: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    lapses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What the events `on` of the acting type do to a record of the type `to` that it is tied to, declared by name.

    Either of the two may state the tie, and both are of one owner: nobody moves the case of another by referring to
    it. The other record gets `event`, with `details`, on the day of the cause. `due`: under which name the last day of
    which duty of the acting record goes along, as far as it has one. `concerns`: whether the acting record does this at
    all: advice on something else moves no public-interest clue.
    `rule`: the row of the law that says whether and where this holds. Events that stop a clock and let it run again
    take turns: what would stop it twice, or let run what runs, does nothing.
    """

    on: tuple[str, ...]
    to: str
    event: str
    rule: str
    details: Mapping[str, str] = field(default_factory=dict)
    due: Mapping[str, str] = field(default_factory=dict)
    concerns: Callable[[Any], bool] = _every


CAUSED_BY = "caused_by"
"""Detail of a fact that a step of another record brought about: which record that was."""


def day_of(when: date | datetime) -> date:
    """The Shanghai date of a date or moment."""
    return when.astimezone(SHANGHAI).date() if isinstance(when, datetime) else when


def precedes(one: date | datetime, other: date | datetime) -> bool:
    """Whether `one` surely comes before `other`; a bare date may be any moment of its day."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return day_of(one) < day_of(other)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened. `stated_by`: where it was said – "event:<id>", a pointer into the record, "receipt"."""

    event: str
    occurred_at: date | datetime
    received_at: datetime | None = None
    stated_by: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The Shanghai date on which it happened."""
        return day_of(self.occurred_at)


def surely_before(one: Fact, other: Fact) -> bool:
    """Whether `one` surely happened before `other`."""
    return precedes(one.occurred_at, other.occurred_at)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two facts that cannot both be true, and what would be lawful instead."""

    fact: Fact
    against: Fact | None
    state: str
    lawful: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What the facts of one record amount to.

    `applied`: in the order in which they took effect. `waiting`: kept, but their predecessor is not known yet.
    `contradictions`: facts that can never become lawful beside the others.
    """

    state: str
    applied: tuple[Fact, ...]
    waiting: tuple[Fact, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def told(self) -> tuple[Fact, ...]:
        """All that can be true, day by day, whether it has taken effect or not."""
        return tuple(sorted((*self.applied, *self.waiting), key=lambda fact: fact.day))


START = "received"
"""The state of every record before its first fact."""

IsLate = Callable[[str, "Fact", "Sequence[Fact]"], bool]
"""Whether the duty of a node was late when a fact happened, given the facts that had taken effect before it."""


def assumed_late(_node: str, _fact: Fact, _before: Sequence[Fact]) -> bool:
    """Where the law is not at hand nobody can tell, and what may be lawful is not held against anybody."""
    return True


_MOST_ORDERS = 6
"""Facts of one day whose every order is tried; of a day with more one that keeps its moments in theirs."""

_MOST_TOLD = 20
"""Contradictions told at once: each is looked for among all facts, and mending one often mends the others."""


def fold(steps: Sequence[Step], facts: Iterable[Fact], is_late: IsLate = assumed_late) -> History:
    """Return what `facts` amount to under `steps`, taken by the day on which they happened.

    Within a day, moments keep their order among themselves and bare dates are placed where the steps allow,
    so that "decided at 15:00" and "served that day" agree whichever was reported first.

    A fact waits when a step before it was not reported, or the delay that would make it lawful had not come; it
    contradicts when no course of the record, however many steps we were not told of, has all the facts in their order.
    """
    machine = _machine(tuple(steps))
    days = _days(facts)
    applied: list[Fact] = []
    waiting: list[Fact] = []
    state = START
    for day in days:
        state = machine.take_day(state, day, applied, waiting, is_late)
    contradictions = machine.contradictions(days, applied, waiting, state)
    return History(state, tuple(applied), tuple(waiting), contradictions)


def lawful_events(steps: Sequence[Step], state: str, by: Party | None = None) -> tuple[str, ...]:
    """The events that may be reported next in `state`, by one party or by any, each named once."""
    names = (step.event for step in steps if state in step.after and (by in step.by if by else step.by))
    return tuple(dict.fromkeys(names))


def may_be_followed(steps: Sequence[Step], event: str, by: str) -> bool:
    """Whether any course of a record has one event and later the other, whatever steps come between them."""
    return _machine(tuple(steps)).may_be_followed(event, by)


class _Machine:
    """The steps of one type, made ready for folding."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps
        self._rank = {step.event: place for place, step in reversed(list(enumerate(steps)))}
        self._moving = {step.event for step in steps if step.to is not None}
        self._by_event: dict[str, dict[str, Step]] = {}
        # Few sets of states ever come about, and each is asked about again and again.
        self._remembered: dict[tuple[frozenset[str], str], frozenset[str]] = {}
        onward: dict[str, set[str]] = {}
        for step in steps:
            for state in step.after:
                self._by_event.setdefault(step.event, {})[state] = step
                onward.setdefault(state, set()).add(step.to or state)
        self._reach = {state: _reach(onward, state) for state in {START, *onward, *self._targets()}}

    def _targets(self) -> set[str]:
        return {step.to for step in self._steps if step.to is not None}

    def take_day(self, state: str, facts: list[Fact], applied: list[Fact], waiting: list[Fact], is_late: IsLate) -> str:
        """Add the facts of one day to `applied` or `waiting`, and return the state after them."""

        def step_of(fact: Fact) -> Step | None:
            step = self._step(state, fact)
            lawful = step is None or step.late is None or is_late(step.late, fact, applied)
            return step if lawful else None

        rows = _rows_of_a_day(facts, self._by_moment)
        while rows:
            ranked = sorted(rows, key=lambda row: self._by_rank(row[0]))
            row = next((one for one in ranked if step_of(one[0])), ranked[0])
            fact = row.popleft()
            rows = [one for one in rows if one]
            step = step_of(fact)
            if step is None:
                waiting.append(fact)
                continue
            applied += [fact, *(replace(fact, event=brought) for brought in step.brings)]
            state = step.to or state
        return state

    def contradictions(
        self, days: list[list[Fact]], applied: list[Fact], waiting: list[Fact], state: str
    ) -> tuple[Contradiction, ...]:
        """Take out of `waiting` what no course of the record can have beside the other facts, and say so."""
        found: list[Contradiction] = []
        # What was applied is a course of its own, so one of the waiting is to blame.
        while waiting and len(found) < _MOST_TOLD and (day := self._impossible(days)) is not None:
            fact, against = self._clash(day, applied, waiting)
            waiting[:] = [one for one in waiting if one is not fact]
            days = [[one for one in facts if one is not fact] for facts in days]
            found.append(Contradiction(fact, against, state, lawful_events(self._steps, state)))
        return tuple(found)

    def may_be_followed(self, event: str, by: str) -> bool:
        """Whether any course has `event` and later `by`."""
        first = Fact(event, date.min)
        return bool(self._after(self._after(self._reach[START], first), Fact(by, date.min)))

    def _impossible(self, days: list[list[Fact]]) -> list[Fact] | None:
        """The facts of the first day that no course of the record can have after those of the days before."""
        possible = self._reach[START]
        for day in days:
            possible = self._possible(possible, day)
            if not possible:
                return day
        return None

    def _clash(self, day: list[Fact], applied: list[Fact], waiting: list[Fact]) -> tuple[Fact, Fact | None]:
        """A waiting fact and the one it cannot be true beside; where only more than two clash, the last of each."""
        for fact in day:
            is_waiting = _holds(waiting, fact)
            others = self._nearest_first(fact, waiting)
            for other in [*self._nearest_first(fact, applied), *others] if is_waiting else others:
                if other is not fact and self._impossible(_days((fact, other))) is not None:
                    return (fact, other) if is_waiting else (other, fact)
        last = [fact for fact in waiting if fact.day <= day[0].day]
        return last[-1] if last else waiting[-1], applied[-1] if applied else None

    def _nearest_first(self, fact: Fact, others: list[Fact]) -> list[Fact]:
        # What moved the record tells a reader more than what was only noted; what a step brought about nobody told.
        told = (one for one in others if one.event in self._rank)
        return sorted(told, key=lambda one: (one.event not in self._moving, abs(one.day - fact.day)))

    def _possible(self, states: frozenset[str], day: list[Fact]) -> frozenset[str]:
        """The states the record may be in after a day, any steps we were not told of between its facts."""
        if len(day) > _MOST_ORDERS:
            return self._in_one_order(states, day)
        before = [_earlier(day, fact) for fact in day]
        found = {0: states}
        for taken in range(1 << len(day)):
            for place, fact in enumerate(day):
                if taken in found and not taken >> place & 1 and before[place] & taken == before[place]:
                    both = taken | 1 << place
                    found[both] = found.get(both, frozenset()) | self._after(found[taken], fact)
        return found.get((1 << len(day)) - 1, frozenset())

    def _in_one_order(self, states: frozenset[str], day: list[Fact]) -> frozenset[str]:
        """The same where there are too many orders to try: moments in theirs, bare dates as soon as they are lawful."""
        rows = _rows_of_a_day(day, self._by_moment)
        while rows and states:
            ranked = sorted(rows, key=lambda row: self._by_rank(row[0]))
            row = next((one for one in ranked if self._after(states, one[0])), ranked[0])
            states = self._after(states, row.popleft())
            rows = [one for one in rows if one]
        return states

    def _after(self, states: frozenset[str], fact: Fact) -> frozenset[str]:
        """The states that can come about once `fact` has happened in one of `states`."""
        known = self._remembered.get((states, fact.event))
        if known is None:
            onward = (self._next(state, fact) for state in states)
            known = frozenset(end for state in onward if state is not None for end in self._reach[state])
            self._remembered[states, fact.event] = known
        return known

    def _next(self, state: str, fact: Fact) -> str | None:
        step = self._step(state, fact)
        return None if step is None else step.to or state

    def _step(self, state: str, fact: Fact) -> Step | None:
        return self._by_event.get(fact.event, {}).get(state)

    def _by_rank(self, fact: Fact) -> int:
        return self._rank.get(fact.event, len(self._steps))

    def _by_moment(self, fact: Fact) -> tuple[date | datetime, int]:
        return (fact.occurred_at, self._by_rank(fact))


_machine = functools.cache(_Machine)


def _reach(onward: Mapping[str, set[str]], state: str) -> frozenset[str]:
    """All states that can come about from this one, itself among them."""
    seen, edge = {state}, [state]
    while edge:
        new = onward.get(edge.pop(), set()) - seen
        seen |= new
        edge.extend(new)
    return frozenset(seen)


def _holds(facts: Iterable[Fact], fact: Fact) -> bool:
    """Whether this very fact is among the facts; equal ones may have been told twice."""
    return any(one is fact for one in facts)


def _days(facts: Iterable[Fact]) -> list[list[Fact]]:
    """The facts of each day, the earliest day first; within a day in an order that is not that of their arrival."""
    days: dict[date, list[Fact]] = {}
    for fact in sorted(facts, key=lambda one: (one.occurred_at.isoformat(), one.event, one.stated_by)):
        days.setdefault(fact.day, []).append(fact)
    return [days[day] for day in sorted(days)]


def _rows_of_a_day(facts: list[Fact], by_moment: Callable[[Fact], Any]) -> list[deque[Fact]]:
    """The facts of a day in rows from which the next is taken: one of the moments in order, one for each bare event.

    The facts of one event have the same next state, so a thousand of one day are soon sorted out.
    """
    moments = deque(sorted((fact for fact in facts if isinstance(fact.occurred_at, datetime)), key=by_moment))
    dates: dict[str, deque[Fact]] = {}
    for fact in facts:
        if not isinstance(fact.occurred_at, datetime):
            dates.setdefault(fact.event, deque()).append(fact)
    return [row for row in (moments, *dates.values()) if row]


def _earlier(day: list[Fact], fact: Fact) -> int:
    """Which facts of the day surely came before this one, as bits; bare dates may stand anywhere in their day."""
    if not isinstance(fact.occurred_at, datetime):
        return 0
    return sum(
        1 << place
        for place, one in enumerate(day)
        if isinstance(one.occurred_at, datetime) and one.occurred_at < fact.occurred_at
    )
