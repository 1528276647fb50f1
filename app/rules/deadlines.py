"""When a duty falls due: which rule counts, how its period is counted, and what pauses, extends or waives it.

Pure: the law, the calendar and the moment come in as arguments. Periods:

- working days: the opening day is not counted, make-up Saturdays and Sundays are
  (行政处罚法 art. 85, 行政强制法 art. 69);
- natural days: the opening day is not counted; a last day that is not worked gives way to the next one that is, once,
  at the end (刑事诉讼法 art. 105);
- months: the same day so many months on, or the last of that month, then as for natural days;
- hours: whole clock hours after the opening hour, through nights and holidays.

Periods in days end at 23:59:59 in Shanghai.
"""

from __future__ import annotations

import calendar as gregorian
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from schemas.law import Calendar, Law, Level, Limit, Span, Status
from schemas.lifecycle import SHANGHAI, Fact, Node, Party

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
Caution = Literal["hour-unknown", "extension-not-counted"]

ONE_HOUR = timedelta(hours=1)
END_OF_DAY = time(23, 59, 59, tzinfo=SHANGHAI)
LONGEST = 3650
"""No period is longer than this in its unit; an extension beyond it is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Context:
    """What of a record decides about its duties beside its facts.

    `parties`: the credit code of the organisation that acts for each party, as far as known.
    `event_titles`: what people call the events, for the explanation.
    """

    region: str
    field: str | None
    offence: str | None = None
    parties: Mapping[Party, str] = dataclasses.field(default_factory=dict)
    event_titles: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that does not count: from `start` up to but not including `end`; None while it lasts."""

    start: When
    end: When | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How a due moment was found: what a clerk needs to check it with a wall calendar.

    `last_day` is the last day before it gave way to a working day; `pauses` are in order and apart from each other;
    holidays and make-up days are named only where working days were counted; `unknown_years` had no published calendar.
    """

    due_at: datetime
    last_day: date
    pauses: tuple[Pause, ...] = ()
    holidays: tuple[tuple[date, date], ...] = ()
    make_up_days: tuple[date, ...] = ()
    unknown_years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One node of one record, as far as it can be told without knowing what time it is.

    `opened_at` and `done_at` are as they were given, a date or a moment. `limit` is what the law grants, `extended_by`
    what was added to it in the same unit. While the clock stands still `due_at` is None and `remaining` says what is
    left.
    """

    node: str
    title: Mapping[str, str]
    responsible: str | None
    responsible_role: Party
    opened_by: str
    opened_title: Mapping[str, str]
    opened_at: When
    limit: Span | None = None
    extended_by: int = 0
    due_at: datetime | None = None
    warn_at: datetime | None = None
    done_at: When | None = None
    paused_at: When | None = None
    remaining: Span | None = None
    waived_at: When | None = None
    basis: str = ""
    basis_en: str = ""
    rule: str | None = None
    level: Level | None = None
    status: Status | Literal["no-rule-known"] = "no-rule-known"
    provisional: bool = False
    advisory: bool = False
    warnings: tuple[Caution, ...] = ()
    reckoning: Reckoning | None = None


# Duties ---------------------------------------------------------------------------------------------------------------


def duties(nodes: Sequence[Node], facts: Sequence[Fact], context: Context, law: Law) -> tuple[Duty, ...]:
    """The duties that the facts of one record have opened, in the order of `nodes`.

    `facts` are those that took effect, in order. A node whose opening event has not happened, or that no rule knows
    for this region, field and offence, gives none.
    """
    found = (_duty(node, facts, context, law) for node in nodes)
    return tuple(duty for duty in found if duty is not None)


def state(duty: Duty, now: datetime) -> NodeState:
    """Where the duty stands at `now`."""
    stands = standing(duty)
    return _running_state(duty, now) if stands == "open" else stands


def standing(duty: Duty) -> Standing:
    """The part of the state that does not depend on the moment; what is open may be due soon or overdue, too."""
    if duty.waived_at is not None:
        return "waived"
    if duty.done_at is not None:
        return "done_late" if _is_late(duty, duty.done_at) else "done"
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
    if duty.due_at is None:
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
    opening = _opening(node, facts, context, law)
    if opening is None:
        return None
    fact, row = opening
    done = _closing(node, facts, fact)
    clock = _clock(node, facts, fact, done, row, law.calendar)

    return Duty(
        node=node.id,
        title=node.title,
        responsible=context.parties.get(node.of),
        responsible_role=node.of,
        opened_by=fact.event,
        opened_title=context.event_titles.get(fact.event, {}),
        opened_at=fact.occurred_at,
        limit=clock.limit,
        extended_by=clock.extended_by,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        done_at=done.occurred_at if done else None,
        paused_at=clock.paused_at,
        remaining=clock.remaining,
        waived_at=_waiver(node, facts, fact, done),
        basis=row.basis if row else "",
        basis_en=row.basis_en if row else "",
        rule=row.rule if row else None,
        level=row.level if row else None,
        status=row.status if row else "no-rule-known",
        provisional=clock.reckoning is not None and bool(clock.reckoning.unknown_years),
        advisory=node.advisory,
        warnings=clock.warnings,
        reckoning=clock.reckoning,
    )


# Which rule, opened and closed by what --------------------------------------------------------------------------------


def _opening(node: Node, facts: Sequence[Fact], context: Context, law: Law) -> tuple[Fact, Limit | None] | None:
    """The fact that opened the node and the row that counts from it; no row if none was law on that day.

    Each row has its own opening day, for laws differ in that too (治安管理处罚法 counts the period for a decision
    from 受理 until 2025, from 立案 since), and it must be law on that day; of those the first by precedence counts.
    """
    rows = (row for row in law.rows(node.id) if row.applies(context.region, context.field, context.offence))
    opened = [(fact, row) for row in rows if (fact := _first(facts, row.opens_on)) is not None]
    for fact, row in opened:
        if row.in_force(fact.day):
            return fact, row
    earliest = min((fact for fact, _ in opened), key=lambda fact: fact.day, default=None)
    return None if earliest is None else (earliest, None)


def _first(facts: Sequence[Fact], events: Sequence[str]) -> Fact | None:
    return next((fact for fact in facts if fact.event in events), None)


def _closing(node: Node, facts: Sequence[Fact], opening: Fact) -> Fact | None:
    """The earliest fact that meets the duty. What happened before it opened does not; on the same day it does."""
    closing = (fact for fact in facts if fact.event in node.closes and not _before(fact, opening))
    return min(closing, key=lambda fact: (fact.day, moment_of(fact.occurred_at)), default=None)


def _before(one: Fact, other: Fact) -> bool:
    """Whether `one` surely happened before `other`; a bare date may be any moment of its day."""
    if isinstance(one.occurred_at, datetime) and isinstance(other.occurred_at, datetime):
        return one.occurred_at < other.occurred_at
    return one.day < other.day


def _waiver(node: Node, facts: Sequence[Fact], opening: Fact, done: Fact | None) -> When | None:
    """When the duty was waived while it was open; a waiver that names no node waives every open one."""
    for fact in facts:
        if fact.event == "waived" and _concerns(fact, node, opening):
            return None if done is not None and done.day <= fact.day else fact.occurred_at
    return None


def _concerns(fact: Fact, node: Node, opening: Fact) -> bool:
    """Whether a pause or waiver is about this node: named, or not named but already open."""
    named = fact.details.get("node")
    return named == node.id or (named is None and not _before(fact, opening))


# The clock of one duty ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    limit: Span | None = None
    extended_by: int = 0
    due_at: datetime | None = None
    warn_at: datetime | None = None
    paused_at: When | None = None
    remaining: Span | None = None
    warnings: tuple[Caution, ...] = ()
    reckoning: Reckoning | None = None


def _clock(
    node: Node, facts: Sequence[Fact], opening: Fact, done: Fact | None, row: Limit | None, calendar: Calendar
) -> _Clock:
    span = row.span if row else None
    if row is None or span is None:
        return _Clock()
    extended_by, all_counted = _extension(node, facts, span)
    whole = Span(span.amount + extended_by, span.unit)
    reckoning = reckon(opening.occurred_at, whole, calendar, _pauses(node, facts, opening, done))
    paused_at = _standing_since(reckoning, whole)
    running = paused_at is None

    return _Clock(
        limit=span,
        extended_by=extended_by,
        due_at=reckoning.due_at if running else None,
        warn_at=_warn_at(reckoning.due_at, row.warn or usual_warning(whole), calendar) if running else None,
        paused_at=paused_at,
        remaining=None if paused_at is None else _remaining(opening, whole, calendar, reckoning, paused_at),
        warnings=tuple(_warnings(opening, span, all_counted)),
        reckoning=reckoning,
    )


def _warnings(opening: Fact, span: Span, all_counted: bool) -> Iterator[Caution]:
    if span.unit == "hour" and not isinstance(opening.occurred_at, datetime):
        yield "hour-unknown"
    if not all_counted:
        yield "extension-not-counted"


def _extension(node: Node, facts: Sequence[Fact], span: Span) -> tuple[int, bool]:
    """How much was added, and whether all of it could be: only what is said in the limit's own unit counts."""
    total, all_counted = 0, True
    for fact in facts:
        if fact.event != "extended" or fact.details.get("node") != node.id:
            continue
        amount = fact.details.get("amount")
        if isinstance(amount, int) and fact.details.get("unit") == span.unit and _fits(span.amount + total, amount):
            total += amount
        else:
            all_counted = False
    return total, all_counted


def _fits(amount: int, added: int) -> bool:
    return 0 < added <= LONGEST - amount


def _pauses(node: Node, facts: Sequence[Fact], opening: Fact, done: Fact | None) -> list[Pause]:
    """The pauses of this node. Each `resumed` ends one `suspended`, so that of two that overlap both must end.

    What still stood when the duty was met ended with it.
    """
    pauses: list[Pause] = []
    of_node: list[When] = []
    of_all: list[When] = []
    for fact in facts:
        own, general = (of_node, of_all) if fact.details.get("node") is not None else (of_all, of_node)
        if fact.event == "suspended" and _concerns(fact, node, opening):
            own.append(fact.occurred_at)
        elif fact.event == "resumed" and fact.details.get("node") in (None, node.id) and (own or general):
            pauses.append(Pause((own or general).pop(0), fact.occurred_at))
    end = done.occurred_at if done else None
    return pauses + [Pause(start, end) for start in (*of_node, *of_all)]


def _standing_since(reckoning: Reckoning, span: Span) -> When | None:
    """Since when the clock stands still, if a pause without end began before the period had run out."""
    standing = next((pause.start for pause in reckoning.pauses if pause.end is None), None)
    if standing is None:
        return None
    if span.unit == "hour":
        return standing if moment_of(standing) < reckoning.due_at else None
    return standing if day_of(standing) <= reckoning.last_day else None


def _remaining(opening: Fact, span: Span, calendar: Calendar, reckoning: Reckoning, since: When) -> Span:
    """What is left of the period while it stands still; of months, in days; of hours, the full ones.

    Nothing after `since` is excluded yet, for a pause without an end swallows all that follow.
    """
    if span.unit == "hour":
        counted_from = max(moment_of(since), first_counted_moment(opening.occurred_at))
        return Span((reckoning.due_at - counted_from) // ONE_HOUR, "hour")
    days = list(_days(max(day_of(since), opening.day + ONE_DAY), reckoning.last_day))
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


def day_of(when: When) -> date:
    """The Shanghai date of a date or moment."""
    return when.astimezone(SHANGHAI).date() if isinstance(when, datetime) else when


def moment_of(when: When) -> datetime:
    """The moment itself, or the beginning of the day in Shanghai."""
    if isinstance(when, datetime):
        return when.astimezone(SHANGHAI)
    return datetime.combine(when, time(tzinfo=SHANGHAI))
