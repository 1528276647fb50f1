"""Counting: working days, natural days, months and hours, with what is excluded.

The calendar of autumn 2026: 09-20 Sunday worked; 09-25 to 09-27 off; 10-01 to 10-07 off; 10-10 Saturday worked.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.counting import Pause, When, due_at, months_after, reckon
from app.rules.workdays import is_working_day
from schemas.law import Span, Unit, calendar
from schemas.lifecycle import SHANGHAI

CALENDAR = calendar()


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def end_of(text: str) -> datetime:
    return datetime.combine(day(text), time(23, 59, 59), SHANGHAI)


# Worked by hand, with a wall calendar


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        # 09-30, then the holiday, 10-08, 09, make-up Saturday 10, 12, 13, 14
        ("2026-09-29", 7, "working_day", "2026-10-14"),
        # 10-02 is a holiday
        ("2026-09-29", 3, "natural_day", "2026-10-08"),
        # 10-06 is a holiday
        ("2026-09-29", 7, "natural_day", "2026-10-08"),
        # 08-30 is a Sunday
        ("2026-06-30", 2, "month", "2026-08-31"),
        # no 31st of February; 02-28 is a worked Saturday and stays
        ("2025-12-31", 2, "month", "2026-02-28"),
        # 06-20 is in the Dragon Boat holiday
        ("2026-06-05", 15, "natural_day", "2026-06-22"),
        # 02-13, worked Saturday 14, then the Spring Festival, 24, 25, 26
        ("2026-02-12", 5, "working_day", "2026-02-26"),
        # an ordinary week
        ("2026-11-02", 3, "working_day", "2026-11-05"),
        # Friday; Saturday gives way to Monday
        ("2026-11-20", 1, "natural_day", "2026-11-23"),
        # 90 + 30 from the opening day: 2026-06-30 is a Tuesday
        ("2026-03-02", 120, "natural_day", "2026-06-30"),
        # 09-20 is a worked Sunday and stays
        ("2026-09-13", 7, "natural_day", "2026-09-20"),
        # counting may begin on a day off
        ("2026-10-03", 1, "working_day", "2026-10-08"),
        # the commit example of style.md: in 2025, 10-01 to 10-08 off, 10-11 Saturday worked
        ("2025-09-29", 7, "working_day", "2025-10-15"),
    ],
)
def test_a_period_ends_on_the_day_a_wall_calendar_shows(start: str, amount: int, unit: Unit, due: str) -> None:
    assert due_at(day(start), Span(amount, unit), CALENDAR) == end_of(due)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "paused", "resumed", "due"),
    [
        ("2026-03-02", 90, "natural_day", "2026-04-01", "2026-04-11", "2026-06-10"),
        # a worked Sunday, 09-20, among the five days
        ("2026-09-14", 10, "working_day", "2026-09-17", "2026-09-22", "2026-10-09"),
        # 09-15 moves by five days to 09-20, a worked Sunday
        ("2026-07-15", 2, "month", "2026-08-03", "2026-08-08", "2026-09-20"),
        # the due day itself is excluded: the count goes on when the clock does
        ("2026-11-02", 3, "working_day", "2026-11-05", "2026-11-09", "2026-11-09"),
        # the pause ended before the clock began
        ("2026-11-02", 3, "working_day", "2026-10-20", "2026-10-25", "2026-11-05"),
        # it began before the clock: only 11-03 and 11-04 are lost
        ("2026-11-02", 3, "natural_day", "2026-10-20", "2026-11-05", "2026-11-09"),
        # it began when the period was over; the roll is no part of the period
        ("2026-11-20", 1, "natural_day", "2026-11-22", "2026-11-25", "2026-11-23"),
        # resumed on the day it paused
        ("2026-11-02", 3, "working_day", "2026-11-03", "2026-11-03", "2026-11-05"),
    ],
)
def test_excluded_days_are_not_counted(
    start: str, amount: int, unit: Unit, paused: str, resumed: str, due: str
) -> None:
    pause = Pause(day(paused), day(resumed))

    assert due_at(day(start), Span(amount, unit), CALENDAR, [pause]) == end_of(due)


def test_days_paused_twice_over_are_excluded_once() -> None:
    pauses = [Pause(day("2026-04-04"), day("2026-04-11")), Pause(day("2026-04-01"), day("2026-04-06"))]

    assert due_at(day("2026-03-02"), Span(90, "natural_day"), CALENDAR, pauses) == end_of("2026-06-10")


def test_days_are_counted_from_the_shanghai_date_of_a_moment() -> None:
    late_evening_utc = datetime(2026, 9, 28, 16, 30, tzinfo=UTC)  # 00:30 on 09-29 in Shanghai

    assert due_at(late_evening_utc, Span(7, "working_day"), CALENDAR) == end_of("2026-10-14")


@pytest.mark.parametrize(
    ("opened", "hours", "due"),
    [
        # The opening hour is not counted
        ("2026-11-03T10:20", 24, "2026-11-04T11:00:00"),
        ("2026-11-03T10:00", 24, "2026-11-04T11:00:00"),
        ("2026-11-03T10:59:59", 24, "2026-11-04T11:00:00"),
        # through a holiday and over midnight, no roll
        ("2026-09-30T23:30", 24, "2026-10-02T00:00:00"),
        ("2026-12-31T12:00", 24, "2027-01-01T13:00:00"),
    ],
)
def test_hours_are_whole_clock_hours_after_the_opening_hour(opened: str, hours: int, due: str) -> None:
    assert due_at(moment(opened), Span(hours, "hour"), CALENDAR) == moment(due)


def test_hours_from_a_bare_date_are_counted_from_its_end() -> None:
    assert due_at(day("2026-11-03"), Span(24, "hour"), CALENDAR) == moment("2026-11-05T00:00:00")


def test_hours_stand_still_while_paused() -> None:
    pauses = [
        Pause(moment("2026-11-03T15:00"), moment("2026-11-04T09:00")),
        Pause(day("2026-11-08"), day("2026-11-09")),
    ]

    assert due_at(moment("2026-11-03T10:20"), Span(24, "hour"), CALENDAR, pauses) == moment("2026-11-05T05:00:00")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-12-15", 12, "2027-12-15"),
    ],
)
def test_a_month_without_that_day_ends_on_its_last(start: str, months: int, end: str) -> None:
    assert months_after(day(start), months) == day(end)


# Past the published calendar


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due", "unknown"),
    [
        # Thursday 12-24: 25, 28, 29, 30, 31, then 2027: 01-01 counts as the Friday it is until its notice is out
        ("2026-12-24", 7, "working_day", "2027-01-04", (2027,)),
        ("2026-12-24", 5, "working_day", "2026-12-31", ()),
        ("2026-12-24", 7, "natural_day", "2026-12-31", ()),
        ("2026-12-24", 9, "natural_day", "2027-01-04", (2027,)),
        ("2026-11-30", 3, "month", "2027-03-01", (2027,)),
        # before the first published year
        ("2020-12-30", 2, "working_day", "2021-01-04", (2020,)),
    ],
)
def test_past_the_published_calendar_the_due_date_is_provisional(
    start: str, amount: int, unit: Unit, due: str, unknown: tuple[int, ...]
) -> None:
    found = reckon(day(start), Span(amount, unit), CALENDAR)

    assert found.due_at == end_of(due)
    assert found.unknown_years == unknown


def test_hours_are_never_provisional() -> None:
    assert reckon(moment("2026-12-31T23:00"), Span(24, "hour"), CALENDAR).unknown_years == ()


# What holds for every date

days = st.dates(date(2021, 1, 1), date(2027, 6, 30))
moments = st.datetimes(datetime(2021, 1, 1), datetime(2027, 6, 30), timezones=st.just(SHANGHAI))  # noqa: DTZ001
openings = st.one_of(days, moments)
spans = st.one_of(
    st.builds(Span, st.integers(1, 120), st.sampled_from(("working_day", "natural_day", "hour"))),
    st.builds(Span, st.integers(1, 24), st.just("month")),
)
pauses = st.builds(lambda start, length: Pause(start, start + timedelta(days=length)), days, st.integers(0, 60))
some_pauses = st.lists(pauses, max_size=3)


def shanghai_day(when: When) -> date:
    return when.date() if isinstance(when, datetime) else when


@settings(deadline=None)
@given(openings, spans, some_pauses)
def test_nothing_is_due_on_the_day_it_opens_and_days_end_on_working_days(
    opened: When, span: Span, paused: list[Pause]
) -> None:
    due = due_at(opened, span, CALENDAR, paused)

    if span.unit == "hour":
        assert due > datetime.combine(shanghai_day(opened), time(), SHANGHAI) + timedelta(hours=span.amount)
    else:
        assert due.date() > shanghai_day(opened)
        assert is_working_day(due.date(), CALENDAR)
        assert due.timetz() == time(23, 59, 59, tzinfo=SHANGHAI)


@settings(deadline=None)
@given(openings, spans, some_pauses, pauses)
def test_one_more_pause_never_brings_a_due_date_forward(
    opened: When, span: Span, paused: list[Pause], more: Pause
) -> None:
    assert due_at(opened, span, CALENDAR, [*paused, more]) >= due_at(opened, span, CALENDAR, paused)


@settings(deadline=None)
@given(openings, spans, some_pauses)
def test_a_longer_period_never_ends_earlier(opened: When, span: Span, paused: list[Pause]) -> None:
    longer = Span(span.amount + 1, span.unit)

    assert due_at(opened, longer, CALENDAR, paused) >= due_at(opened, span, CALENDAR, paused)


@settings(deadline=None)
@given(days, st.integers(1, 60), some_pauses)
def test_natural_days_never_outlast_as_many_working_days(start: date, amount: int, paused: list[Pause]) -> None:
    natural = due_at(start, Span(amount, "natural_day"), CALENDAR, paused)

    assert natural <= due_at(start, Span(amount, "working_day"), CALENDAR, paused)


@settings(deadline=None)
@given(openings, spans, st.permutations([Pause(date(2026, 3, 1), date(2026, 3, 9)), Pause(date(2026, 3, 5))]))
def test_the_order_in_which_pauses_are_told_changes_nothing(opened: When, span: Span, paused: list[Pause]) -> None:
    assert reckon(opened, span, CALENDAR, paused) == reckon(opened, span, CALENDAR, paused[::-1])
