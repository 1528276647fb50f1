"""Duties: what a record owes by its facts and the law, and where each stands at a moment.

Pure: the law, the calendar and the moment come in as arguments. Which rule counts is found in `openings`, how its
period runs in `clocks`, how days are counted in `counting`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from schemas.law import Extension, Law, Level, Limit, Span, Status
from schemas.lifecycle import Fact, IsLate, Node, Party, day_of
from schemas.record import CLOCK_EVENTS

from .clocks import Caution, Clock, clock_of
from .counting import Reckoning, When
from .openings import Context, closing_of, ending_of, is_owed, opening_of

NodeState = Literal["open", "due_soon", "overdue", "done", "done_late", "paused", "waived"]
Standing = Literal["open", "done", "done_late", "paused", "waived"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One node of one record, as far as it can be told without knowing what time it is.

    `opened_at` and `done_at` are as they were given, a date or a moment; `opened_by` and `done_by` the events or stated
    facts that opened and met it, the latter None too where it was met before that was kept. `limit` is what the law
    grants, `extended_by` what was added to it in the same unit, `extended_until` the day up to which it was prolonged
    or put off by name. `named_day`: the last day as the opening event or the record names it; `limit` counts up to it.
    `after`: the period that had to run out first; `backwards`: counted back from the opening. `waived_by`: what people
    call the event that ended it unmet. `uncounted`: where it was said what does not move its clock, and why not. While
    the clock stands still `due_at` is None and `remaining` says what is left.
    """

    node: str
    title: Mapping[str, str]
    responsible: str | None
    responsible_role: Party
    opened_by: str
    opened_title: Mapping[str, str]
    opened_at: When
    limit: Span | None = None
    named_day: date | None = None
    extended_by: int = 0
    extended_until: date | None = None
    after: Span | None = None
    backwards: bool = False
    due_at: datetime | None = None
    warn_at: datetime | None = None
    done_at: When | None = None
    done_by: str | None = None
    paused_at: When | None = None
    remaining: Span | None = None
    waived_at: When | None = None
    waived_by: Mapping[str, str] = dataclasses.field(default_factory=dict)
    basis: str = ""
    basis_en: str = ""
    rule: str | None = None
    level: Level | None = None
    status: Status | Literal["no-rule-known"] = "no-rule-known"
    provisional: bool = False
    advisory: bool = False
    warnings: tuple[str, ...] = ()
    uncounted: tuple[tuple[str, str], ...] = ()
    reckoning: Reckoning | None = None


def duties(nodes: Sequence[Node], facts: Sequence[Fact], context: Context, law: Law) -> tuple[Duty, ...]:
    """The duties that the facts of one record have opened, in the order of `nodes`.

    `facts` are those that took effect, in order. A node whose opening event has not happened, or that no rule knows
    for this region, field and offence, gives none.
    """
    found: dict[str, Duty] = {}
    for node in nodes:
        if (duty := _duty(node, facts, context, law)) is not None:
            found[node.id] = duty
            # A deferral that does not count opens no later duty either.
            idle = {by for by, _ in duty.uncounted if by}
            facts = [fact for fact in facts if fact.event in _OF_EACH_NODE or fact.stated_by not in idle]
    return tuple(duty for id_, duty in found.items() if law.yields_to(id_, context.field) not in found)


_OF_EACH_NODE = frozenset(CLOCK_EVENTS)
"""Events that may count for one node and not for another."""


def is_late(nodes: Sequence[Node], context: Context, law: Law) -> IsLate:
    """Whether the duty of a node is late when something happens, by the facts that took effect before it.

    Late is what is due and neither met nor over nor paused. With what is shown only nobody is late: there it tells that
    the time has come, once and for all. Where no rule is known for the day nobody can tell, and what may be lawful is
    not held against anybody.
    """
    by_id = {node.id: node for node in nodes}

    def late(node: str, fact: Fact, before: Sequence[Fact]) -> bool:
        duty = _duty(by_id[node], before, context, law)
        if duty is None or duty.waived_at is not None or (duty.done_at is not None and not duty.advisory):
            return False
        return duty.status == "no-rule-known" or _is_late(duty, fact.occurred_at)

    return late


def state(duty: Duty, now: datetime) -> NodeState:
    """Where the duty stands at `now`."""
    stands = standing(duty)
    return _running_state(duty, now) if stands == "open" else stands


def standing(duty: Duty) -> Standing:
    """The part of the state that does not depend on the moment; what is open may be due soon or overdue, too."""
    if duty.waived_at is not None:
        return "waived"
    if duty.done_at is not None:
        return "done_late" if not duty.advisory and _is_late(duty, duty.done_at) else "done"
    return "open" if duty.remaining is None else "paused"


def waived(duty: Duty, now: datetime) -> Duty:
    """The duty, which the record no longer gives rise to: its opening was taken back, or the record itself."""
    return dataclasses.replace(duty, waived_at=now)


def alarm_at(duty: Duty, now: datetime) -> datetime | None:
    """The next moment at which the duty, left as it is, becomes due soon or, just after it, overdue; None if never."""
    if standing(duty) != "open" or duty.advisory:
        return None
    coming = (moment for moment in (duty.warn_at, duty.due_at) if moment is not None and moment >= now)
    return min(coming, default=None)


def _running_state(duty: Duty, now: datetime) -> NodeState:
    # A gate is passed or not, and a window is a right: nobody is late with either.
    if duty.due_at is None or duty.advisory:
        return "open"
    if now > duty.due_at:
        return "overdue"
    return "due_soon" if duty.warn_at is not None and now >= duty.warn_at else "open"


def _is_late(duty: Duty, done: When) -> bool:
    """Whether it was met after it was due; by the day, unless the law and the report both name the hour."""
    if duty.due_at is None:
        return False
    if duty.limit is not None and duty.limit.unit == "hour" and isinstance(done, datetime):
        return done > duty.due_at
    return day_of(done) > duty.due_at.date()


def _duty(node: Node, facts: Sequence[Fact], context: Context, law: Law) -> Duty | None:
    opened = opening_of(node, facts, context, law)
    if opened is None or not is_owed(node, opened, context.record):
        return None
    fact, row = opened.by, opened.row
    if row is not None and not row.arises:
        return None
    done = closing_of(node, opened)
    ended = ending_of(node, opened, done)
    clock = clock_of(node, opened, done, law.calendar, context.record)
    late = _waived_late(clock, ended)
    texts: Sequence[Limit | Extension] = (*([row] if row else []), *clock.granted)

    return Duty(
        node=node.id,
        title=node.title,
        responsible=context.parties(_until(facts, ended or done)).get(node.of),
        responsible_role=node.of,
        opened_by=fact.event,
        opened_title=context.event_titles.get(fact.event, {}),
        opened_at=fact.occurred_at,
        limit=clock.limit,
        named_day=clock.named_day,
        extended_by=clock.extended_by,
        extended_until=clock.extended_until,
        after=row.after if row else None,
        backwards=row is not None and row.backwards,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        done_at=done.occurred_at if done else None,
        done_by=done.event if done else None,
        paused_at=clock.paused_at,
        remaining=clock.remaining,
        waived_at=ended.occurred_at if ended else None,
        waived_by=context.event_titles.get(ended.event, {}) if ended else {},
        basis=";".join(_each_once(one.basis for one in texts)),
        basis_en="; ".join(_each_once(one.basis_en for one in texts)),
        rule=row.rule if row else None,
        level=row.level if row else None,
        status=_status(row, clock.granted) if row else "no-rule-known",
        provisional=clock.reckoning is not None and bool(clock.reckoning.unknown_years),
        advisory=row is not None and row.advisory,
        warnings=(*clock.warnings, *(code for _, code in late)),
        uncounted=(*clock.uncounted, *late),
        reckoning=clock.reckoning,
    )


def _status(row: Limit, granted: Iterable[Extension]) -> Status:
    """How sure the period is: no surer than the text by which it was prolonged."""
    told = (row.status, *(grant.status for grant in granted if grant.status is not None))
    return next((status for status in told if status != "verified"), "verified")


def _each_once(words: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(word for word in words if word)


def _until(facts: Sequence[Fact], end: Fact | None) -> Sequence[Fact]:
    """The facts before the one that ended something, all of them while it lasts.

    What a step brings about happens with it: who hands a case on has the duty that ends with that.
    """
    if end is None:
        return facts
    told = (end.stated_by, end.occurred_at)
    with_it = (place for place, fact in enumerate(facts) if (fact.stated_by, fact.occurred_at) == told)
    return facts[: next(with_it, len(facts))]


def _waived_late(clock: Clock, ended: Fact | None) -> tuple[tuple[str, Caution], ...]:
    """That a duty was waived when it was overdue already: it is waived all the same, and whoever supervises sees it."""
    if ended is None or ended.event != "waived" or clock.due_at is None or ended.day <= clock.due_at.date():
        return ()
    return ((ended.stated_by, "waived-after-due"),)
