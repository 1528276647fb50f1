"""Which days are worked, by the calendar of 2026."""

from __future__ import annotations

from datetime import date

import pytest

from app.rules.workdays import (
    first_working_day,
    holidays_within,
    is_working_day,
    make_up_days_within,
    unknown_years,
    working_days_after,
    working_days_before,
)
from schemas.law import calendar

CALENDAR = calendar()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 9, 29), True),  # Tuesday
        (date(2026, 10, 1), False),  # National Day, Thursday
        (date(2026, 10, 4), False),  # Sunday within it
        (date(2026, 10, 10), True),  # make-up Saturday
        (date(2026, 10, 11), False),  # plain Sunday
        (date(2026, 2, 28), True),  # make-up Saturday
        (date(2026, 9, 20), True),  # make-up Sunday
        (date(2022, 12, 31), False),  # off by the notice for 2023
    ],
)
def test_holidays_are_off_and_make_up_days_are_worked(day: date, worked: bool) -> None:
    assert is_working_day(day, CALENDAR) is worked


def test_a_year_without_a_notice_goes_by_weekdays_and_says_so() -> None:
    assert is_working_day(date(2027, 1, 1), CALENDAR)
    assert unknown_years(date(2026, 12, 30), date(2027, 1, 4), CALENDAR) == (2027,)
    assert unknown_years(date(2021, 1, 1), date(2026, 12, 31), CALENDAR) == ()


def test_the_day_counted_from_is_not_counted() -> None:
    assert working_days_after(date(2026, 9, 29), 1, CALENDAR) == date(2026, 9, 30)
    assert working_days_after(date(2026, 9, 29), 2, CALENDAR) == date(2026, 10, 8)
    assert working_days_before(date(2026, 10, 8), 2, CALENDAR) == date(2026, 9, 29)


def test_an_excluded_working_day_is_passed_over() -> None:
    assert working_days_after(date(2026, 9, 14), 1, CALENDAR, lambda day: day == date(2026, 9, 15)) == date(2026, 9, 16)


def test_a_day_off_gives_way_to_the_next_working_day() -> None:
    assert first_working_day(date(2026, 10, 6), CALENDAR) == date(2026, 10, 8)
    assert first_working_day(date(2026, 10, 10), CALENDAR) == date(2026, 10, 10)


def test_holidays_are_cut_to_the_period_and_plain_weekends_not_named() -> None:
    within = list(holidays_within(date(2026, 9, 26), date(2026, 10, 3), CALENDAR))

    assert within == [(date(2026, 9, 26), date(2026, 9, 27)), (date(2026, 10, 1), date(2026, 10, 3))]
    assert list(holidays_within(date(2026, 10, 8), date(2026, 12, 31), CALENDAR)) == []
    assert list(holidays_within(date(2027, 1, 1), date(2027, 1, 4), CALENDAR)) == []
    assert make_up_days_within(date(2026, 9, 20), date(2026, 10, 9), CALENDAR) == [date(2026, 9, 20)]
