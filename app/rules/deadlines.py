"""When a duty falls due: which rule counts, how its period is counted, and what pauses, extends or waives it.

Pure: the law, the calendar and the moment come in as arguments. Periods:

- working days: the opening day is not counted, make-up Saturdays and Sundays are
  (行政处罚法 art. 85, 行政强制法 art. 69);
- natural days: the opening day is not counted; a last day that is not worked gives way to the next one that is, once,
  at the end (刑事诉讼法 art. 105);
- months: the same day so many months on, or the last of that month, then as for natural days;
- hours: whole clock hours after the opening hour, through nights and holidays;
- working days counted back from the opening day, itself not counted, to the last day on which it may still be done.

Periods in days end at 23:59:59 in Shanghai.
"""

from __future__ import annotations

import calendar as gregorian
import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from schemas.law import Calendar, Extension, Law, Level, Limit, Span, Status
from schemas.lifecycle import SHANGHAI, Fact, IsLate, Node, Party, day_of, surely_before
from schemas.record import CLOCK_EVENTS

from .workdays import (
    ONE_DAY,
    first_working_day,
    holidays_within,
    is_working_day,
    make_up_days_within,
    unknown_years,
    working_days_after,
    working_days_before,
)

When = date | datetime
NodeState = Literal["open", "due_soon", "overdue", "done", "done_late", "paused", "waived"]
Standing = Literal["open", "done", "done_late", "paused", "waived"]
Caution = Literal[
    "hour-unknown",
    "suspension-not-counted",
    "extension-not-provided",
    "extension-beyond-level",
    "extension-other-unit",
    "extension-again",
    "extension-out-of-turn",
    "extension-without-document",
    "extension-before-opening",
    "extension-after-due",
    "extension-after-done",
    "extension-not-longer",
    "waived-after-due",
]
"""What was reported about a clock and does not move it, or only roughly; each is a code of the standard's faults.

A duty that was kept may bear one that is no longer said.
"""

CAUSED_BY = "caused_by"
"""Detail of a fact that a step of another record brought about: which record that was."""

ONE_HOUR = timedelta(hours=1)
Parties = Callable[[Sequence[Fact]], Mapping[Party, str]]
"""Who acts after these facts, by credit code."""

END_OF_DAY = time(23, 59, 59, tzinfo=SHANGHAI)
LONGEST = 3650
"""No period is longer than this in its unit; an extension beyond it is a slip of the pen."""


def _nobody_known(_: Sequence[Fact]) -> Mapping[Party, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Context:
    """What of a record decides about its duties beside its facts.

    `conditions`: those of the type that hold. `parties`: the credit code of the organisation that acts for each party
    after some facts, as far as known. `event_titles`: what people call the events, for the explanation. `record`: what
    the nodes ask.
    """

    region: str
    field: str | None
    offence: str | None = None
    conditions: frozenset[str] = frozenset()
    parties: Parties = _nobody_known
    event_titles: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    record: Any = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that does not count: from `start` up to but not including `end`; None while it lasts."""

    start: When
    end: When | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How a due moment was found: what a clerk needs to check it with a wall calendar.

    `counted_from`: the day or moment after which counting began, where it is not the opening itself. `last_day` is the
    last day before it gave way to a working day; `pauses` are in order and apart from each other; holidays and make-up
    days are named only where working days were counted; `unknown_years` had no published calendar.
    """

    due_at: datetime
    last_day: date
    pauses: tuple[Pause, ...] = ()
    holidays: tuple[tuple[date, date], ...] = ()
    make_up_days: tuple[date, ...] = ()
    unknown_years: tuple[int, ...] = ()
    counted_from: When | None = None


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


# Duties ---------------------------------------------------------------------------------------------------------------


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
    opened = _opening(node, facts, context, law)
    if opened is None or not _is_owed(node, opened, context.record):
        return None
    fact, row = opened.by, opened.row
    if row is not None and not row.arises:
        return None
    done = _closing(node, opened)
    ended = _ending(node, opened, done)
    clock = _clock(node, opened, done, law.calendar, context.record)
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
    """The facts before the one that ended something, all of them while it lasts."""
    return facts[: next((place for place, fact in enumerate(facts) if fact is end), len(facts))]


# Which rule, opened and closed by what --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Opened:
    """How a duty came about, and the facts that are about it.

    `since`: the fact with which its period first began; another than `by` where it began anew, and `facts` are those
    since then. `after`: those among which it is looked for what met or ended it.
    """

    by: Fact
    row: Limit | None
    since: Fact
    facts: Sequence[Fact]
    after: Sequence[Fact]

    def begins_anew(self, fact: Fact) -> bool:
        """Whether this opening event replaces an earlier one."""
        row = self.row
        return row is not None and row.restarts and fact is not self.since and fact.event in row.opens_on


def _is_owed(node: Node, opened: _Opened, record: Any) -> bool:  # noqa: ANN401 – a record of any type
    if node.requires and _first(opened.after, node.requires) is None:
        return False
    return record is None or node.concerns(record)


def _opening(node: Node, facts: Sequence[Fact], context: Context, law: Law) -> _Opened | None:
    """What opened the node and the row that counts from it; no row if none was law on that day.

    Each row has its own opening day, for laws differ in that too (治安管理处罚法 counts the period for a decision
    from 受理 until 2025, from 立案 since), and it must be law on that day; of those the first by precedence counts.
    """
    told = (context.region, context.field, context.offence, context.conditions)
    opened = [
        one
        for row in law.rows(node.id)
        # Of thirty nodes few have opened, so this is asked first.
        if (one := _opened(node, facts, row)) is not None and row.applies(*told)
    ]
    for one in opened:
        if one.row is not None and one.row.in_force(one.by.day):
            return one
    earliest = min(opened, key=lambda one: one.by.day, default=None)
    return None if earliest is None else dataclasses.replace(earliest, row=None)


def _first(facts: Sequence[Fact], events: Sequence[str]) -> Fact | None:
    return next((fact for fact in facts if fact.event in events), None)


def _opened(node: Node, facts: Sequence[Fact], row: Limit) -> _Opened | None:
    """How the row opens: by the first of its events, by the last where it says so or names the day to count from."""
    if _first(facts, row.opens_on) is None:
        return None
    facts = _since_it_lapsed(node, facts, row)
    if row.restarts:
        return _restarted(node, facts, row)
    by = _first(facts if row.counts_from is None else facts[::-1], row.opens_on)
    return None if by is None else _Opened(by, row, by, facts, facts)


def _since_it_lapsed(node: Node, facts: Sequence[Fact], row: Limit) -> Sequence[Fact]:
    """The facts after the last lapse after which it opened anew, all of them if it never did.

    What the police had to decide is over for them when they hand the case on, and begins anew with whoever receives it.
    """
    for place in range(len(facts) - 1, -1, -1):
        if facts[place].event in node.lapses:
            before, after = facts[:place], facts[place + 1 :]
            if _first(before, row.opens_on) is not None and _first(after, row.opens_on) is not None:
                return after
    return facts


def _restarted(node: Node, facts: Sequence[Fact], row: Limit) -> _Opened:
    """The last opening, and the earliest from which the same duty has run: what was met in between was another one.

    A duty that only what happened shows to be one (案件已转送: that was due within a day) belongs to the last opening
    before that.
    """
    places = [place for place, fact in enumerate(facts) if fact.event in row.opens_on]
    courses = [*zip(places, (*places[1:], len(facts)), strict=True)]
    last, until = next((one for one in reversed(courses) if _first(facts[slice(*one)], node.requires)), courses[-1])
    met = next((one for one in range(last - 1, -1, -1) if facts[one].event in node.closes), -1)
    first = next(one for one in places if one > met)
    return _Opened(facts[last], row, facts[first], facts[first:until], facts[last:until])


def _closing(node: Node, opened: _Opened) -> Fact | None:
    """The earliest fact that meets the duty.

    What happened before it opened does not, on the same day it does; but a gate may be passed at any time before what
    it guards, and what is counted back lies before its opening by its nature.
    """
    row = opened.row
    any_time = row is not None and (row.advisory or row.backwards)
    guarded = _first(opened.after, node.before)
    closing = (
        fact
        for fact in opened.after
        if fact.event in node.closes
        and (any_time or not surely_before(fact, opened.by))
        and (guarded is None or not surely_before(guarded, fact))
    )
    return min(closing, key=lambda fact: (fact.day, moment_of(fact.occurred_at)), default=None)


def _ending(node: Node, opened: _Opened, done: Fact | None) -> Fact | None:
    """The fact that ended the duty while it was open: a waiver, or what leaves nothing to be done.

    A waiver that names no node waives every open one.
    """
    for fact in opened.facts:
        waives = fact.event == "waived" and _concerns(fact, node, opened.since)
        if waives or (fact.event in node.lapses and not surely_before(fact, opened.since)):
            return None if done is not None and done.day <= fact.day else fact
    return None


def _waived_late(clock: _Clock, ended: Fact | None) -> tuple[tuple[str, Caution], ...]:
    """That a duty was waived when it was overdue already: it is waived all the same, and whoever supervises sees it."""
    if ended is None or ended.event != "waived" or clock.due_at is None or ended.day <= clock.due_at.date():
        return ()
    return ((ended.stated_by, "waived-after-due"),)


def _concerns(fact: Fact, node: Node, opening: Fact) -> bool:
    """Whether a pause or waiver is about this node: named, or not named but already open."""
    named = fact.details.get("node")
    return named == node.id or (named is None and not surely_before(fact, opening))


# The clock of one duty ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    limit: Span | None = None
    named_day: date | None = None
    extended_by: int = 0
    extended_until: date | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    paused_at: When | None = None
    remaining: Span | None = None
    warnings: tuple[Caution, ...] = ()
    uncounted: tuple[tuple[str, Caution], ...] = ()
    granted: tuple[Extension, ...] = ()
    reckoning: Reckoning | None = None


def _clock(
    node: Node,
    opened: _Opened,
    done: Fact | None,
    calendar: Calendar,
    record: Any,  # noqa: ANN401 – a record of any type
) -> _Clock:
    opening, row = opened.by, opened.row
    span = row.span if row else None
    if row is None or span is None:
        return _Clock()
    if row.backwards:
        return _clock_back(opening, row, span, calendar)
    pauses, idle = _pauses(node, opened, done, row)
    plain = _Period(_counted_from(opened.since, row, calendar, pauses), span, uncounted=idle)
    named = _named_day(opened.since, row, record)
    if named is not None:
        until = Span((named - opened.since.day).days, "natural_day")
        plain = _Period(opened.since.occurred_at, until, uncounted=idle)
    period = _prolonged(node, opened, done, row, plain, calendar, pauses)
    reckoning = dataclasses.replace(period.reckoned(calendar, pauses), counted_from=_told_from(period, opening))
    paused_at = _standing_since(reckoning, period.span)
    running = paused_at is None

    return _Clock(
        limit=plain.span,
        named_day=named,
        extended_by=period.added,
        extended_until=period.until,
        due_at=reckoning.due_at if running else None,
        warn_at=_warn_at(reckoning.due_at, row.warn or usual_warning(period.span), calendar) if running else None,
        paused_at=paused_at,
        remaining=None if paused_at is None else _remaining(period, calendar, reckoning, paused_at),
        warnings=tuple(_warnings(opening, span, period)),
        uncounted=period.uncounted,
        granted=period.granted,
        reckoning=reckoning,
    )


def _clock_back(opening: Fact, row: Limit, span: Span, calendar: Calendar) -> _Clock:
    """The last day on which it may still be done, counted back from the day itself, which is not counted."""
    last = working_days_before(opening.day, span.amount, calendar)
    first, until = last, opening.day - ONE_DAY
    due = datetime.combine(last, END_OF_DAY)
    return _Clock(
        limit=span,
        due_at=due,
        warn_at=_warn_at(due, row.warn or usual_warning(span), calendar),
        reckoning=Reckoning(
            due,
            last,
            holidays=tuple(holidays_within(first, until, calendar)),
            make_up_days=tuple(make_up_days_within(first, until, calendar)),
            unknown_years=unknown_years(first, until, calendar),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Period:
    """What is counted, and from when. `added`, `until`: by how much, or up to which day, it was prolonged.

    `granted`: by whom.
    """

    start: When
    span: Span
    added: int = 0
    until: date | None = None
    uncounted: tuple[tuple[str, Caution], ...] = ()
    granted: tuple[Extension, ...] = ()

    def reckoned(self, calendar: Calendar, pauses: Sequence[Pause]) -> Reckoning:
        return reckon(self.start, self.span, calendar, pauses)

    def without(self, fact: Fact, caution: Caution) -> _Period:
        """The same period: what was reported does not count, and why."""
        return dataclasses.replace(self, uncounted=(*self.uncounted, (fact.stated_by, caution)))


def _counted_from(opening: Fact, row: Limit, calendar: Calendar, pauses: Sequence[Pause]) -> When:
    """The day or moment after which the amount is counted."""
    start: When = opening.occurred_at
    if row.counts_from is not None and isinstance(named := opening.details.get(row.counts_from), date):
        start = named
    return start if row.after is None else reckon(start, row.after, calendar, pauses).due_at.date()


def _named_day(opening: Fact, row: Limit, record: Any) -> date | None:  # noqa: ANN401 – a record of any type
    """The last day that the opening event names, or else the record, if it lies after that event."""
    if row.named_in is None:
        return None
    named = opening.details.get(row.named_in) or getattr(record, row.named_in, None)
    return named if isinstance(named, date) and named > opening.day else None


def _told_from(period: _Period, opening: Fact) -> When | None:
    return None if period.start == opening.occurred_at else period.start


def _warnings(opening: Fact, span: Span, period: _Period) -> Iterator[Caution]:
    if span.unit == "hour" and not isinstance(opening.occurred_at, datetime):
        yield "hour-unknown"
    yield from dict.fromkeys(caution for _, caution in period.uncounted)


# Longer than the law grants by itself ---------------------------------------------------------------------------------


def _prolonged(
    node: Node,
    opened: _Opened,
    done: Fact | None,
    row: Limit,
    period: _Period,
    calendar: Calendar,
    pauses: Sequence[Pause],
) -> _Period:
    """The period with every extension and deferral that counts, in the order in which they were granted.

    One that begins anew keeps what was granted: who has thirty days does not lose them when missing material comes in.
    """
    for fact in opened.facts:
        if opened.begins_anew(fact):
            period = dataclasses.replace(period, start=fact.occurred_at)
            continue
        own = fact.event == "extended" and fact.details.get("node") == node.id
        if not own and fact.event not in row.deferred_by:
            continue
        grant = next((one for one in row.extensions if one.level == fact.details.get("level")), None)
        refused = _why_not(period, fact, row, grant) if own else None
        if refused is None and own and surely_before(fact, opened.since):
            refused = "extension-before-opening"
        if refused is None and done is not None and surely_before(done, fact):
            refused = "extension-after-done"
        # A deferral has no such term: 行政处罚法 art. 66 lets the fine be put off when it is owed already.
        if refused is None and own and _is_past(period.reckoned(calendar, pauses), fact):
            refused = "extension-after-due"
        period = period.without(fact, refused) if refused else _longer(period, fact, grant, calendar, pauses)
    return period


def _longer(
    period: _Period, fact: Fact, grant: Extension | None, calendar: Calendar, pauses: Sequence[Pause]
) -> _Period:
    """The period with what the fact grants: so much more, so much in all, or up to the day it names."""
    granted = period.granted if grant is None else (*period.granted, grant)
    added = _added(fact, period.span)
    if added is None:
        return _up_to(period, fact, granted, calendar, pauses)
    longer = Span(period.span.amount + added, period.span.unit)
    return dataclasses.replace(period, span=longer, added=period.added + added, granted=granted)


def _added(fact: Fact, to: Span) -> int | None:
    """By how much it makes the period longer, said as that or as a total; None if it names a day."""
    amount, total = fact.details.get("amount"), fact.details.get("total")
    if isinstance(amount, int):
        return amount
    return total - to.amount if isinstance(total, int) else None


def _why_not(period: _Period, fact: Fact, row: Limit, grant: Extension | None) -> Caution | None:
    """Why an extension is none, whatever the day: by its level, its amount, its turn."""
    if not row.extensions:
        return "extension-not-provided"
    if grant is None:
        return "extension-beyond-level"
    added = _added(fact, period.span)
    if added is not None and fact.details.get("unit") != period.span.unit:
        return "extension-other-unit"
    if added is not None and added <= 0 and "total" in fact.details:
        return "extension-not-longer"
    if not _is_granted(grant, added, period.span):
        return "extension-beyond-level"
    levels = [one.level for one in period.granted]
    if grant.total is None and levels.count(grant.level) >= grant.times:
        return "extension-again"
    if grant.follows is not None and grant.follows not in levels:
        return "extension-out-of-turn"
    return "extension-without-document" if grant.needs_document and not fact.details.get("document_no") else None


def _is_granted(grant: Extension, added: int | None, span: Span) -> bool:
    """Whether those of this level may add so much; up to a named day only where the law leaves the length to them."""
    if added is None:
        return not grant.is_bounded and span.unit != "hour"
    most = grant.most_added(span.amount) if grant.is_bounded else LONGEST - span.amount
    return most is not None and 0 < added <= most


def _up_to(
    period: _Period, fact: Fact, granted: tuple[Extension, ...], calendar: Calendar, pauses: Sequence[Pause]
) -> _Period:
    """The period up to the day that the fact names; what is excluded from then on moves that day, too."""
    until = fact.details.get("until")
    if not isinstance(until, date) or until <= fact.day or until <= period.reckoned(calendar, pauses).due_at.date():
        return period.without(fact, "extension-not-longer")
    rest = Span((until - fact.day).days, "natural_day")
    return dataclasses.replace(period, start=fact.day, span=rest, until=until, granted=granted)


def _is_past(reckoning: Reckoning, fact: Fact) -> bool:
    """Whether it happened when the period was over; a clock that stands still has not run out."""
    latest = min(fact.day, reckoning.last_day)
    if any(pause.end is None and day_of(pause.start) <= latest for pause in reckoning.pauses):
        return False
    if isinstance(fact.occurred_at, datetime):
        return fact.occurred_at > reckoning.due_at
    return fact.day > reckoning.due_at.date()


# Standing still -------------------------------------------------------------------------------------------------------


def _pauses(
    node: Node, opened: _Opened, done: Fact | None, row: Limit
) -> tuple[list[Pause], tuple[tuple[str, Caution], ...]]:
    """The pauses of this node, and what was reported and does not count: a row may name the grounds for them.

    Each `resumed` ends one `suspended`, so that of two that overlap both must end. What still stood when the duty was
    met ended with it.
    """
    pauses: list[Pause] = []
    idle: list[tuple[str, Caution]] = []
    still: dict[str | None, _Still] = defaultdict(list)
    by_itself: _Still = []
    ends = {second: first for first, second in row.excludes_between}
    for fact in opened.facts:
        named = fact.details.get("node")
        about = None if named is None else str(named)
        if done is not None and surely_before(done, fact):
            break
        if fact.event == "suspended":
            # One that is not about this node is remembered too, for its own `resumed` must not end another.
            concerns = _concerns(fact, node, opened.since)
            counts = concerns and (
                _is_imposed(fact) or row.excludes is None or fact.details.get("ground") in row.excludes
            )
            still[about].append((fact.occurred_at, counts))
            idle += [(fact.stated_by, "suspension-not-counted")] if concerns and not counts else []
        elif fact.event == "resumed":
            pauses += _ended(_first_of(still, about, node) or (by_itself if about in (None, node.id) else []), fact)
        elif fact.event in ends.values() and not by_itself:
            by_itself.append((fact.occurred_at, True))
        elif fact.event in ends:
            pauses += _ended(by_itself, fact)
    standing = [Pause(start) for start, counts in (*itertools.chain(*still.values()), *by_itself) if counts]
    end = done.occurred_at if done else None
    return [pause if pause.end else Pause(pause.start, end) for pause in (*pauses, *standing)], tuple(idle)


def _is_imposed(fact: Fact) -> bool:
    """Whether another record brought it about: then the law of that effect says that it counts, not this duty's row."""
    return CAUSED_BY in fact.details


def _first_of(still: Mapping[str | None, _Still], about: str | None, node: Node) -> _Still:
    """The pauses of which a resumption ends the earliest.

    One that names this node ends its own, else a general one; one that names another node only that node's; one that
    names none a general one, else whichever of this node or of another stands. Empty if none stands.
    """
    if about is None:
        order: Sequence[str | None] = (None, node.id, *(name for name in still if name != node.id))
    else:
        order = (about, None) if about == node.id else (about,)
    return next((still[name] for name in order if still.get(name)), [])


_Still = list[tuple[When, bool]]
"""Since when a clock stands still, and whether that counts."""


def _ended(still: _Still, fact: Fact) -> list[Pause]:
    """The earliest of these pauses, ended by the fact; none if none stands or it does not count."""
    if not still:
        return []
    start, counts = still.pop(0)
    return [Pause(start, fact.occurred_at)] if counts else []


def _standing_since(reckoning: Reckoning, span: Span) -> When | None:
    """Since when the clock stands still, if a pause without end began before the period had run out."""
    standing = next((pause.start for pause in reckoning.pauses if pause.end is None), None)
    if standing is None:
        return None
    if span.unit == "hour":
        return standing if moment_of(standing) < reckoning.due_at else None
    return standing if day_of(standing) <= reckoning.last_day else None


def _remaining(period: _Period, calendar: Calendar, reckoning: Reckoning, since: When) -> Span:
    """What is left of the period while it stands still; of months, in days; of hours, the full ones.

    Nothing after `since` is excluded yet, for a pause without an end swallows all that follow.
    """
    span = period.span
    if span.unit == "hour":
        counted_from = max(moment_of(since), first_counted_moment(period.start))
        return Span((reckoning.due_at - counted_from) // ONE_HOUR, "hour")
    days = list(_days(max(day_of(since), day_of(period.start) + ONE_DAY), reckoning.last_day))
    if span.unit == "working_day":
        return Span(sum(is_working_day(day, calendar) for day in days), "working_day")
    return Span(len(days), "natural_day")


def usual_warning(span: Span) -> Span:
    """How long before the end a duty is due soon, where its row does not say (as the contract defines `due_soon`)."""
    if span.unit == "hour":
        return Span(6, "hour")
    if span.unit == "month" or span.amount > 10:
        return Span(7, "natural_day")
    return Span(1, "natural_day") if span.amount <= 3 else Span(2, "working_day")


def _warn_at(due: datetime, ahead: Span, calendar: Calendar) -> datetime:
    if ahead.unit == "hour":
        return due - ahead.amount * ONE_HOUR
    if ahead.unit == "working_day":
        return datetime.combine(working_days_before(due.date(), ahead.amount, calendar), due.timetz())
    return due - ahead.amount * ONE_DAY


# Counting -------------------------------------------------------------------------------------------------------------


def due_at(opened: When, span: Span, calendar: Calendar, pauses: Iterable[Pause] = ()) -> datetime:
    """The last moment of the period, in Asia/Shanghai. A pause without an end is left aside."""
    return reckon(opened, span, calendar, pauses).due_at


def reckon(opened: When, span: Span, calendar: Calendar, pauses: Iterable[Pause] = ()) -> Reckoning:
    """The last moment of the period and how it was found."""
    apart = _union(pauses)
    ended = tuple(pause for pause in apart if pause.end is not None)
    if span.unit == "hour":
        due = _hours_after(first_counted_moment(opened), span.amount, ended)
        return Reckoning(due, due.date(), apart)
    if span.unit == "working_day":
        return _reckon_working_days(day_of(opened), span.amount, calendar, apart, _excluded_days(ended))

    start = day_of(opened)
    days = span.amount if span.unit == "natural_day" else (months_after(start, span.amount) - start).days
    last = _days_after(start, days, ended)
    due_day = first_working_day(last, calendar)
    unknown = unknown_years(last, due_day, calendar)
    return Reckoning(datetime.combine(due_day, END_OF_DAY), last, apart, unknown_years=unknown)


def _reckon_working_days(
    start: date, amount: int, calendar: Calendar, apart: tuple[Pause, ...], is_excluded: Callable[[date], bool]
) -> Reckoning:
    last = working_days_after(start, amount, calendar, is_excluded)
    first = start + ONE_DAY
    return Reckoning(
        datetime.combine(last, END_OF_DAY),
        last,
        apart,
        tuple(holidays_within(first, last, calendar)),
        tuple(day for day in make_up_days_within(first, last, calendar) if not is_excluded(day)),
        unknown_years=unknown_years(first, last, calendar),
    )


def months_after(day: date, months: int) -> date:
    """The same day so many months on, or the last day of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, gregorian.monthrange(year, month)[1]))


def _days_after(start: date, amount: int, pauses: Sequence[Pause]) -> date:
    last = start + amount * ONE_DAY
    for pause in pauses:
        first, resumed = _day_span(pause)
        if first <= last:
            last += max((resumed - max(first, start + ONE_DAY)), timedelta())
    return last


def first_counted_moment(opened: When) -> datetime:
    """Where a period in hours begins: the next full hour; for a bare date, the end of that day."""
    if not isinstance(opened, datetime):
        return moment_of(opened) + ONE_DAY
    return opened.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0) + ONE_HOUR


def _hours_after(begin: datetime, amount: int, pauses: Sequence[Pause]) -> datetime:
    due = begin + amount * ONE_HOUR
    for pause in pauses:
        start, end = moment_of(pause.start), moment_of(pause.end or pause.start)
        if start < due:
            due += max(end - max(start, begin), timedelta())
    return due


def _union(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """The pauses in order and apart from each other; one without an end swallows all that follow."""
    apart: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: moment_of(pause.start)):
        if not apart or (apart[-1].end is not None and moment_of(apart[-1].end) < moment_of(pause.start)):
            apart.append(pause)
        else:
            apart[-1] = Pause(apart[-1].start, _later(apart[-1].end, pause.end))
    return tuple(apart)


def _later(one: When | None, other: When | None) -> When | None:
    if one is None or other is None:
        return None
    return max(one, other, key=moment_of)


def _excluded_days(pauses: Sequence[Pause]) -> Callable[[date], bool]:
    spans = [_day_span(pause) for pause in pauses]
    return lambda day: any(first <= day < resumed for first, resumed in spans)


def _day_span(pause: Pause) -> tuple[date, date]:
    """First day that does not count, and the first that counts again."""
    return day_of(pause.start), day_of(pause.end or pause.start)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + step * ONE_DAY for step in range((last - first).days + 1))


def moment_of(when: When) -> datetime:
    """The moment itself, or the beginning of the day in Shanghai."""
    if isinstance(when, datetime):
        return when.astimezone(SHANGHAI)
    return datetime.combine(when, time(tzinfo=SHANGHAI))
