"""Which days are worked, and counting by them, under a calendar handed in.

A day of a year without a published notice is taken as its weekday says; whoever counts over such a year asks
for `unknown_years` and says that the result is provisional.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from schemas.law import SATURDAY, Calendar

ONE_DAY = timedelta(days=1)


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Whether `day` is worked: a weekday that is no holiday, or a weekend day worked in exchange (调休)."""
    if day in calendar.make_up_days:
        return True
    return day.weekday() < SATURDAY and day not in calendar.days_off


def unknown_years(first: date, last: date, calendar: Calendar) -> tuple[int, ...]:
    """The years from `first` to `last` without a notice."""
    return tuple(year for year in range(first.year, last.year + 1) if year not in calendar.years)


def never(_: date) -> bool:
    """No day is excluded."""
    return False


def working_days_after(day: date, amount: int, calendar: Calendar, is_excluded: Callable[[date], bool] = never) -> date:
    """The `amount`-th working day after `day`, itself not counted, passing over excluded days."""
    while amount:
        day += ONE_DAY
        if is_working_day(day, calendar) and not is_excluded(day):
            amount -= 1
    return day


def working_days_before(day: date, amount: int, calendar: Calendar) -> date:
    """The `amount`-th working day before `day`, itself not counted."""
    while amount:
        day -= ONE_DAY
        if is_working_day(day, calendar):
            amount -= 1
    return day


def first_working_day(day: date, calendar: Calendar) -> date:
    """`day`, or if it is not worked the first day after it that is."""
    while not is_working_day(day, calendar):
        day += ONE_DAY
    return day


def holidays_within(first: date, last: date, calendar: Calendar) -> Iterator[tuple[date, date]]:
    """The runs of days off between two days, cut to them; plain weekends are not named."""
    runs = calendar.holidays
    for run in runs[bisect.bisect_left(runs, first, key=lambda run: run.last) :]:
        if run.first > last:
            return
        yield max(run.first, first), min(run.last, last)


def make_up_days_within(first: date, last: date, calendar: Calendar) -> list[date]:
    """The weekend days between two days that are worked, in order."""
    return sorted(day for day in calendar.make_up_days if first <= day <= last)
