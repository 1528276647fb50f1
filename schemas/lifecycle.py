"""The life of a record: which step may follow which, who may report it, and the fold of what happened.

State is never stored as an opinion: it is the fold of facts in the order in which they happened. A fact is
an event somebody reported, a date the record itself states, or our own receipt. Pure: no clock, no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept UTC+8 without daylight saving since 1992, before any date this standard can carry a clock for."""


class Party(StrEnum):
    """Who acts in a record. Parties, courts and reviewing bodies are reported by the organ that holds the file."""

    AGENCY = "agency"
    POLICE = "police"
    PROCURATORATE = "procuratorate"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Step:
    """One lawful step: `event` may follow any of the states in `after` and leads to `to`.

    `to` None: the event is noted and moves nothing (published, entered, extended …).
    """

    event: str
    after: tuple[str, ...]
    to: str | None
    by: tuple[Party, ...]


def _every(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Node:
    """关键节点: a duty that an event opens and an event meets. When it is due is law, not code (`law/limits.toml`)."""

    id: str
    title: Mapping[str, str]
    of: Party
    closes: tuple[str, ...]
    advisory: bool = False
    concerns: Callable[[Any], bool] = _every
    """Whether a record owes this at all: a penalty without a fine is never waiting for payment."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event of the acting type does to the record it refers to with `rel`, declared by name."""

    on: str
    rel: str
    event: str
    node: str | None = None


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
        if isinstance(self.occurred_at, datetime):
            return self.occurred_at.astimezone(SHANGHAI).date()
        return self.occurred_at


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


START = "received"
"""The state of every record before its first fact."""


def fold(steps: Sequence[Step], facts: Iterable[Fact]) -> History:
    """Return what `facts` amount to under `steps`, taken by the day on which they happened.

    Within a day, moments keep their order among themselves and bare dates are placed where the steps allow,
    so that "decided at 15:00" and "served that day" agree whichever was reported first.
    """
    machine = _Machine(steps)
    days: dict[date, list[Fact]] = {}
    for fact in facts:
        days.setdefault(fact.day, []).append(fact)
    for day in sorted(days):
        machine.take_day(days[day])
    return machine.history()


def lawful_events(steps: Sequence[Step], state: str, by: Party | None = None) -> tuple[str, ...]:
    """The events that may happen next in `state`, for one party or for all, each named once."""
    names = (step.event for step in steps if state in step.after and (by is None or by in step.by))
    return tuple(dict.fromkeys(names))


class _Machine:
    """The fold's working state; lives for one call."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._rank = {step.event: place for place, step in reversed(list(enumerate(steps)))}
        self._state = START
        self._moved_by: Fact | None = None
        self._applied: list[Fact] = []
        self._waiting: list[Fact] = []
        self._contradictions: list[Contradiction] = []

    def take_day(self, facts: list[Fact]) -> None:
        moments = sorted((f for f in facts if isinstance(f.occurred_at, datetime)), key=self._by_moment)
        dates = sorted((f for f in facts if not isinstance(f.occurred_at, datetime)), key=self._by_rank)
        while moments or dates:
            candidates = sorted([*moments[:1], *dates], key=self._by_rank)
            fact = next((f for f in candidates if self._step(f)), candidates[0])
            (moments if moments and fact is moments[0] else dates).remove(fact)
            self._take(fact)

    def history(self) -> History:
        settled = tuple(fact for fact in self._waiting if not self._overtaken(fact))
        return History(self._state, tuple(self._applied), settled, tuple(self._contradictions))

    def _take(self, fact: Fact) -> None:
        step = self._step(fact)
        if step is not None:
            self._applied.append(fact)
            if step.to is not None:
                self._state, self._moved_by = step.to, fact
        elif self._reachable(fact.event):
            self._waiting.append(fact)
        else:
            self._contradict(fact, self._moved_by)

    def _overtaken(self, fact: Fact) -> bool:
        """Whether what `fact` waits for came only after it: then the gap can never close."""
        enabling = {state for step in self._steps if step.event == fact.event for state in step.after}
        later = next((f for f in self._applied if f.day > fact.day and self._leads_into(f.event, enabling)), None)
        if later is not None:
            self._contradict(fact, later)
        return later is not None

    def _leads_into(self, event: str, states: set[str]) -> bool:
        return any(step.to in states for step in self._steps if step.event == event)

    def _contradict(self, fact: Fact, against: Fact | None) -> None:
        lawful = lawful_events(self._steps, self._state)
        self._contradictions.append(Contradiction(fact, against, self._state, lawful))

    def _step(self, fact: Fact) -> Step | None:
        return next((s for s in self._steps if s.event == fact.event and self._state in s.after), None)

    def _reachable(self, event: str) -> bool:
        """Whether some state in which `event` is lawful can still come about from here."""
        wanted = {state for step in self._steps if step.event == event for state in step.after}
        seen, edge = {self._state}, [self._state]
        while edge:
            here = edge.pop()
            onward = {step.to for step in self._steps if here in step.after and step.to is not None} - seen
            seen |= onward
            edge.extend(onward)
        return bool(wanted & seen)

    def _by_rank(self, fact: Fact) -> int:
        return self._rank.get(fact.event, len(self._steps))

    def _by_moment(self, fact: Fact) -> tuple[date | datetime, int]:
        return (fact.occurred_at, self._by_rank(fact))
