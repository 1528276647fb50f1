"""Counting a period: from when, over which days, to which moment.

Pure. Periods:

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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from schemas.law import Calendar, Span
from schemas.lifecycle import SHANGHAI, day_of

from .workdays import (
    ONE_DAY,
    first_working_day,
    holidays_within,
    make_up_days_within,
    unknown_years,
    working_days_after,
)

When = date | datetime
ONE_HOUR = timedelta(hours=1)
END_OF_DAY = time(23, 59, 59, tzinfo=SHANGHAI)


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


def days_between(first: date, last: date) -> Iterator[date]:
    return (first + step * ONE_DAY for step in range((last - first).days + 1))


def moment_of(when: When) -> datetime:
    """The moment itself, or the beginning of the day in Shanghai."""
    if isinstance(when, datetime):
        return when.astimezone(SHANGHAI)
    return datetime.combine(when, time(tzinfo=SHANGHAI))
