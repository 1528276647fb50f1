"""Due dates worked by hand with a wall calendar, 2021 to 2026, each with its count beside it; then the count as laws.

Read a reasoning as a clerk would count on the wall: days that count are listed, `off` is passed over, `make-up` is a
Saturday or Sunday that is worked. The rows across the end of 2026 are provisional: they change with the next notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.counting import Pause, When, due_at, reckon
from schemas.law import Span, Unit, calendar
from schemas.lifecycle import SHANGHAI

CALENDAR = calendar()

WD: Unit = "working_day"
ND: Unit = "natural_day"
MO: Unit = "month"
HR: Unit = "hour"


@dataclass(frozen=True)
class Worked:
    """One period on the wall calendar.

    - `due`: a day stands for its last second in Shanghai
    - `ends`: the last day before it gave way to a working day, where it did
    """

    opened: str
    amount: int
    unit: Unit
    due: str
    reasoning: str
    ends: str | None = None
    pauses: tuple[tuple[str, str], ...] = ()
    unknown: tuple[int, ...] = ()

    def __str__(self) -> str:
        without = "".join(f", without {start} to {end}" for start, end in self.pauses)
        return f"{self.opened} and {self.amount} {self.unit}{without}: {self.due}"


def when(text: str) -> When:
    """A day, or a moment; one without an offset is Shanghai's."""
    if "T" not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def end_of(text: str) -> datetime:
    at = when(text)
    return at if isinstance(at, datetime) else datetime.combine(at, time(23, 59, 59), SHANGHAI)


SPECIMENS = (
    Worked("2026-09-29", 7, WD, "2026-10-14", "09-30; 10-01 to 07 off; 10-08, 09, make-up Saturday 10, 12, 13, 14"),
    Worked("2026-09-29", 3, ND, "2026-10-08", "09-30, 10-01, 02; 02 is in National Day, off to 07", ends="2026-10-02"),
    Worked("2026-09-29", 7, ND, "2026-10-08", "09-30 is the first, 10-06 the seventh, off to 07", ends="2026-10-06"),
    Worked("2026-06-30", 2, MO, "2026-08-31", "08-30 is a Sunday; Monday", ends="2026-08-30"),
    Worked("2025-12-31", 2, MO, "2026-02-28", "no 02-31, so 02-28, a make-up Saturday: stays"),
    Worked("2026-06-05", 15, ND, "2026-06-22", "06-20 is in Dragon Boat, off 19 to 21; Monday", ends="2026-06-20"),
    Worked("2026-02-12", 5, WD, "2026-02-26", "13, make-up Saturday 14; 15 to 23 off; 24, 25, 26"),
    Worked(
        "2026-03-02",
        90,
        ND,
        "2026-06-10",
        "29 in March, 59 with April: 05-31; ten excluded days, 04-01 to 10: 06-10, a Wednesday",
        pauses=(("2026-04-01", "2026-04-11"),),
    ),
    Worked("2026-03-02", 120, ND, "2026-06-30", "90 and 30 more: 90 on 05-31, thirty in June: 06-30, a Tuesday"),
    Worked(
        "2026-09-14",
        10,
        WD,
        "2026-10-09",
        "15, 16; 17 to 21 excluded, make-up Sunday 20 too; 22, 23, 24; 25 to 27 off; 28, 29, 30; "
        "10-01 to 07 off; 08, 09",
        pauses=(("2026-09-17", "2026-09-22"),),
    ),
    Worked(
        "2026-07-15",
        2,
        MO,
        "2026-09-20",
        "09-15 and five excluded days: 09-20, a make-up Sunday: stays",
        pauses=(("2026-08-03", "2026-08-08"),),
    ),
)

WORKING_DAYS = (
    # 2021
    Worked("2021-01-01", 3, WD, "2021-01-06", "told on New Year's Day, off to 03; 04, 05, 06"),
    Worked(
        "2021-02-05", 7, WD, "2021-02-20", "make-up Sunday 07, 08, 09, 10; 11 to 17 off; 18, 19, make-up Saturday 20"
    ),
    Worked("2021-04-01", 3, WD, "2021-04-07", "Friday 02; Qingming 03 to 05 off; 06, 07"),
    Worked("2021-04-23", 5, WD, "2021-04-29", "five days to ask for a hearing: make-up Sunday 25, 26, 27, 28, 29"),
    Worked(
        "2021-04-28", 7, WD, "2021-05-11", "29, 30; 05-01 to 05 off; 06, 07, make-up Saturday 08; Sunday 09; 10, 11"
    ),
    Worked("2021-06-10", 2, WD, "2021-06-15", "Friday 11; Dragon Boat 12 to 14 off; 15"),
    Worked(
        "2021-09-17",
        7,
        WD,
        "2021-09-28",
        "make-up Saturday 18; 19 to 21 off; 22, 23, 24; Saturday 25; make-up Sunday 26, 27, 28",
    ),
    Worked("2021-09-29", 5, WD, "2021-10-12", "30; 10-01 to 07 off; 08, make-up Saturday 09; Sunday 10; 11, 12"),
    Worked("2021-12-30", 3, WD, "2022-01-05", "31; 01-01 to 03 off; 04, 05"),
    # 2022
    Worked("2022-01-27", 5, WD, "2022-02-08", "28, make-up Saturday 29 and Sunday 30; 01-31 to 02-06 off; 07, 08"),
    Worked("2022-03-31", 3, WD, "2022-04-06", "04-01, make-up Saturday 02; Qingming 03 to 05 off; 06"),
    Worked(
        "2022-04-22", 7, WD, "2022-05-05", "make-up Sunday 24, 25, 26, 27, 28, 29 make six; 04-30 to 05-04 off; 05-05"
    ),
    Worked("2022-05-05", 3, WD, "2022-05-09", "06, make-up Saturday 07; Sunday 08; 09"),
    Worked("2022-06-01", 3, WD, "2022-06-07", "02; Dragon Boat 03 to 05 off; 06, 07"),
    Worked("2022-09-08", 5, WD, "2022-09-16", "09; Mid-Autumn 10 to 12 off; 13, 14, 15, 16"),
    Worked("2022-09-29", 5, WD, "2022-10-11", "30; 10-01 to 07 off; make-up Saturday 08 and Sunday 09, 10, 11"),
    Worked(
        "2022-09-26",
        10,
        WD,
        "2022-10-13",
        "ten days after a demand: 27, 28, 29, 30 make four; 10-01 to 07 off; make-up 08 and 09, 10, 11, 12, 13",
    ),
    Worked("2022-12-29", 7, WD, "2023-01-10", "30; 12-31 to 01-02 off; 03, 04, 05, 06; weekend 07 and 08; 09, 10"),
    # 2023
    Worked("2023-01-19", 5, WD, "2023-01-31", "20; 21 to 27 off; make-up Saturday 28 and Sunday 29, 30, 31"),
    Worked("2023-04-03", 3, WD, "2023-04-07", "04; Qingming, one Wednesday, 05 off; 06, 07"),
    Worked(
        "2023-04-21", 7, WD, "2023-05-04", "make-up Sunday 23, 24, 25, 26, 27, 28 make six; 04-29 to 05-03 off; 05-04"
    ),
    Worked("2023-05-04", 2, WD, "2023-05-06", "two days to hand over fines taken in cash: 05, make-up Saturday 06"),
    Worked("2023-06-20", 3, WD, "2023-06-26", "21; Dragon Boat 22 to 24 off; make-up Sunday 25, 26"),
    Worked(
        "2023-09-27", 7, WD, "2023-10-12", "28; 09-29 to 10-06 off; make-up Saturday 07 and Sunday 08, 09, 10, 11, 12"
    ),
    Worked("2023-12-29", 5, WD, "2024-01-08", "weekend 30 and 31, 01-01 off; 02, 03, 04, 05; weekend 06 and 07; 08"),
    # 2024
    Worked(
        "2024-02-02",
        7,
        WD,
        "2024-02-18",
        "make-up Sunday 04, 05, 06, 07, 08, 09 make six; 10 to 17 off; make-up Sunday 18",
    ),
    Worked("2024-04-02", 3, WD, "2024-04-08", "03; Qingming 04 to 06 off; make-up Sunday 07, 08"),
    Worked("2024-04-26", 5, WD, "2024-05-07", "make-up Sunday 28, 29, 30; 05-01 to 05 off; 06, 07"),
    Worked("2024-05-08", 3, WD, "2024-05-11", "09, 10, make-up Saturday 11"),
    Worked("2024-06-07", 2, WD, "2024-06-12", "weekend 08 and 09, Dragon Boat Monday 10 off; 11, 12"),
    Worked("2024-09-12", 3, WD, "2024-09-18", "13, make-up Saturday 14; Mid-Autumn 15 to 17 off; 18"),
    Worked(
        "2024-09-27",
        10,
        WD,
        "2024-10-16",
        "plain Saturday 28; make-up Sunday 29, 30; 10-01 to 07 off; "
        "08, 09, 10, 11, make-up Saturday 12 make seven; Sunday 13; 14, 15, 16",
    ),
    Worked("2024-12-30", 2, WD, "2025-01-02", "31; 01-01 off; 02"),
    Worked(
        "2024-01-25",
        20,
        WD,
        "2024-02-27",
        "twenty days to publish: 26 (1); 29 to 02-02 (6); make-up Sunday 04 (7); 05 to 09 (12); 10 to 17 off; "
        "make-up Sunday 18 (13); 19 to 23 (18); 26, 27 (20)",
    ),
    # 2025
    Worked(
        "2025-01-24",
        7,
        WD,
        "2025-02-10",
        "plain Saturday 25; make-up Sunday 26, 27; 01-28 to 02-04 off; 05, 06, 07, make-up Saturday 08; Sunday 09; 10",
    ),
    Worked("2025-04-02", 2, WD, "2025-04-07", "Thursday 03; Qingming Friday 04 to Sunday 06 off; 07"),
    Worked("2025-04-25", 5, WD, "2025-05-06", "make-up Sunday 27, 28, 29, 30; 05-01 to 05 off; 06"),
    Worked("2025-05-29", 3, WD, "2025-06-04", "30; Dragon Boat 05-31 to 06-02 off; 03, 04"),
    Worked(
        "2025-09-26",
        7,
        WD,
        "2025-10-13",
        "plain Saturday 27; make-up Sunday 28, 29, 30; 10-01 to 08 off; 09, 10, make-up Saturday 11; Sunday 12; 13",
    ),
    Worked(
        "2025-09-15",
        30,
        WD,
        "2025-10-31",
        "15 days to file and 15 more: 16 to 19 (4); 22 to 26 (9); make-up Sunday 28, 29, 30 (12); 10-01 to 08 off; "
        "09, 10, make-up Saturday 11 (15); 13 to 17 (20); 20 to 24 (25); 27 to 31 (30)",
    ),
    Worked("2025-12-30", 3, WD, "2026-01-05", "31; 01-01 to 03 off; make-up Sunday 04, 05"),
    # 2026
    Worked(
        "2026-02-09",
        10,
        WD,
        "2026-02-28",
        "10, 11, 12, 13, make-up Saturday 14 make five; 15 to 23 off; 24, 25, 26, 27, make-up Saturday 28",
    ),
    Worked("2026-04-02", 5, WD, "2026-04-10", "03; Qingming 04 to 06 off; 07, 08, 09, 10"),
    Worked(
        "2026-04-20",
        15,
        WD,
        "2026-05-13",
        "fifteen days to file: 21 to 24 (4); 27 to 30 (8); 05-01 to 05 off; "
        "06, 07, 08, make-up Saturday 09 (12); Sunday 10; 11, 12, 13 (15)",
    ),
    Worked(
        "2026-04-20",
        30,
        WD,
        "2026-06-03",
        "15 and 15 more from the first opening day: 15 on 05-13; 14, 15 (17); 18 to 22 (22); 25 to 29 (27); "
        "06-01, 02, 03 (30)",
    ),
    Worked("2026-05-06", 5, WD, "2026-05-12", "07, 08, make-up Saturday 09; Sunday 10; 11, 12"),
    Worked("2026-06-17", 3, WD, "2026-06-23", "18; Dragon Boat 19 to 21 off; 22, 23"),
    Worked(
        "2026-09-18",
        7,
        WD,
        "2026-09-29",
        "seven days to serve: plain Saturday 19; make-up Sunday 20, 21, 22, 23, 24; Mid-Autumn 25 to 27 off; 28, 29",
    ),
    Worked(
        "2026-09-14",
        20,
        WD,
        "2026-10-16",
        "15 to 18 (4); make-up Sunday 20 (5); 21 to 24 (9); 25 to 27 off; 28, 29, 30 (12); 10-01 to 07 off; "
        "08, 09, make-up Saturday 10 (15); 12 to 16 (20)",
    ),
)

NATURAL_DAYS = (
    # 2021
    Worked("2021-01-30", 15, ND, "2021-02-18", "02-14 is in Spring Festival, off to 17", ends="2021-02-14"),
    Worked("2021-04-10", 15, ND, "2021-04-25", "04-25 is a make-up Sunday: stays"),
    Worked("2021-05-01", 7, ND, "2021-05-08", "told on Labour Day; 05-08 is a make-up Saturday: stays"),
    Worked("2021-09-04", 15, ND, "2021-09-22", "09-19 is in Mid-Autumn, off to 21", ends="2021-09-19"),
    Worked(
        "2021-07-05",
        90,
        ND,
        "2021-10-08",
        "26 in July, 57 with August, 87 with September: 10-03, National Day, off to 07",
        ends="2021-10-03",
    ),
    # 2022
    Worked("2022-01-15", 15, ND, "2022-01-30", "01-30 is a make-up Sunday: stays"),
    Worked("2022-01-17", 15, ND, "2022-02-07", "14 in January: 02-01, Spring Festival, off to 06", ends="2022-02-01"),
    Worked("2022-03-31", 3, ND, "2022-04-06", "04-03 is in Qingming, off to 05; Wednesday", ends="2022-04-03"),
    Worked("2022-04-15", 15, ND, "2022-05-05", "04-30 is in Labour Day, off to 05-04; Thursday", ends="2022-04-30"),
    Worked("2022-09-08", 30, ND, "2022-10-08", "22 in September, 10-08 the thirtieth, a make-up Saturday: stays"),
    Worked(
        "2022-11-02",
        60,
        ND,
        "2023-01-03",
        "a police case: 28 in November, 59 with December: 01-01, New Year, off to 02",
        ends="2023-01-01",
    ),
    Worked(
        "2022-12-16",
        15,
        ND,
        "2023-01-03",
        "12-31 is off by the notice for 2023, as are 01-01 and 02",
        ends="2022-12-31",
    ),
    # 2023
    Worked(
        "2023-01-20",
        7,
        ND,
        "2023-01-28",
        "01-27 is the last day off of Spring Festival; 28 is a make-up Saturday",
        ends="2023-01-27",
    ),
    Worked("2023-03-06", 30, ND, "2023-04-06", "25 in March: 04-05, Qingming, a Wednesday", ends="2023-04-05"),
    Worked(
        "2023-04-27",
        2,
        ND,
        "2023-05-04",
        "two days for the police to serve: 04-29 is in Labour Day, off to 05-03",
        ends="2023-04-29",
    ),
    Worked(
        "2023-03-24",
        90,
        ND,
        "2023-06-25",
        "7 in March, 37 with April, 68 with May: 06-22, Dragon Boat, off to 24; 25 is a make-up Sunday",
        ends="2023-06-22",
    ),
    Worked(
        "2023-06-01",
        120,
        ND,
        "2023-10-07",
        "90 and 30 more: 29 in June, 60 with July, 91 with August: 09-29, off to 10-06; 07 is a make-up Saturday",
        ends="2023-09-29",
    ),
    Worked("2023-12-17", 15, ND, "2024-01-02", "14 in December: 01-01, New Year's Day, a Monday", ends="2024-01-01"),
    # 2024
    Worked(
        "2024-01-05",
        90,
        ND,
        "2024-04-07",
        "26 in January, 55 with a February of 29, 86 with March: 04-04, Qingming, off to 06; 07 is a make-up Sunday",
        ends="2024-04-04",
    ),
    Worked(
        "2024-01-30",
        15,
        ND,
        "2024-02-18",
        "1 in January: 02-14, Spring Festival, off to 17; 18 is a make-up Sunday",
        ends="2024-02-14",
    ),
    Worked("2024-01-30", 30, ND, "2024-02-29", "1 in January, 29 in the leap February: 02-29, a Thursday"),
    Worked("2024-03-02", 60, ND, "2024-05-06", "29 in March, 59 with April: 05-01, off to 05", ends="2024-05-01"),
    Worked("2024-06-07", 2, ND, "2024-06-11", "Sunday 09; Dragon Boat Monday 10 off too", ends="2024-06-09"),
    Worked("2024-08-31", 15, ND, "2024-09-18", "09-15 is in Mid-Autumn, off to 17", ends="2024-09-15"),
    Worked("2024-09-14", 15, ND, "2024-09-29", "09-29 is a make-up Sunday: stays"),
    Worked("2024-12-17", 15, ND, "2025-01-02", "14 in December: 01-01, New Year's Day", ends="2025-01-01"),
    # 2025
    Worked("2025-01-22", 10, ND, "2025-02-05", "9 in January: 02-01, Spring Festival, off to 04", ends="2025-02-01"),
    Worked("2025-01-23", 3, ND, "2025-01-26", "24, 25, 26: a make-up Sunday: stays"),
    Worked("2025-03-06", 30, ND, "2025-04-07", "25 in March: 04-05, Qingming, off to 06; Monday", ends="2025-04-05"),
    Worked(
        "2025-03-04",
        90,
        ND,
        "2025-06-03",
        "27 in March, 57 with April, 88 with May: 06-02, Dragon Boat; Tuesday",
        ends="2025-06-02",
    ),
    Worked(
        "2025-05-30",
        120,
        ND,
        "2025-09-28",
        "90 and 30 more: 1 in May, 31 with June, 62 with July, 93 with August: 09-27, a plain Saturday; "
        "28 is a make-up Sunday",
        ends="2025-09-27",
    ),
    Worked("2025-09-20", 15, ND, "2025-10-09", "10 in September: 10-05, National Day, off to 08", ends="2025-10-05"),
    Worked("2025-09-26", 2, ND, "2025-09-28", "Saturday 27, make-up Sunday 28: stays"),
    Worked("2025-09-26", 15, ND, "2025-10-11", "4 in September: 10-11, a make-up Saturday: stays"),
    Worked(
        "2025-12-19",
        15,
        ND,
        "2026-01-04",
        "12 in December: 01-03, the last day off of New Year; 04 is a make-up Sunday",
        ends="2026-01-03",
    ),
    # 2026
    Worked(
        "2026-01-16", 30, ND, "2026-02-24", "a police case: 15 in January: 02-15, off to 23; Tuesday", ends="2026-02-15"
    ),
    Worked(
        "2026-03-06",
        60,
        ND,
        "2026-05-06",
        "a police case prolonged: 25 in March, 55 with April: 05-05, the last day off of Labour Day",
        ends="2026-05-05",
    ),
    Worked("2026-04-01", 3, ND, "2026-04-07", "02, 03, 04: Qingming, off to 06", ends="2026-04-04"),
    Worked("2026-05-07", 2, ND, "2026-05-09", "08, 09: a make-up Saturday: stays"),
    Worked(
        "2026-07-03",
        90,
        ND,
        "2026-10-08",
        "a police case: 28 in July, 59 with August, 89 with September: 10-01, off to 07",
        ends="2026-10-01",
    ),
    Worked("2026-11-27", 15, ND, "2026-12-14", "3 in November: 12-12, a plain Saturday; Monday", ends="2026-12-12"),
)

MONTHS = (
    Worked("2021-01-31", 1, MO, "2021-03-01", "no 02-31, so 02-28, a Sunday; Monday", ends="2021-02-28"),
    Worked("2021-05-31", 9, MO, "2022-02-28", "no 02-31, so 02-28, a Monday"),
    Worked("2021-11-30", 3, MO, "2022-02-28", "no 02-30, so 02-28, a Monday"),
    Worked("2022-02-28", 24, MO, "2024-02-28", "the same day, 02-28, though that February has 29; Wednesday"),
    Worked("2022-05-11", 24, MO, "2024-05-11", "05-11 is a make-up Saturday: stays"),
    Worked(
        "2022-07-01", 3, MO, "2022-10-08", "10-01, National Day, off to 07; 08 is a make-up Saturday", ends="2022-10-01"
    ),
    Worked(
        "2022-10-31", 2, MO, "2023-01-03", "12-31 is off by the notice for 2023, as are 01-01 and 02", ends="2022-12-31"
    ),
    Worked(
        "2023-08-10",
        6,
        MO,
        "2024-02-18",
        "02-10, Spring Festival, off to 17; 18 is a make-up Sunday",
        ends="2024-02-10",
    ),
    Worked("2023-11-29", 3, MO, "2024-02-29", "the leap year has an 02-29, a Thursday"),
    Worked("2023-11-30", 3, MO, "2024-02-29", "no 02-30, so 02-29, a Thursday"),
    Worked("2024-02-29", 12, MO, "2025-02-28", "no 02-29 in 2025, so 02-28, a Friday"),
    Worked("2024-02-29", 24, MO, "2026-02-28", "no 02-29 in 2026, so 02-28, a make-up Saturday: stays"),
    Worked("2024-04-28", 9, MO, "2025-02-05", "01-28, Spring Festival, off to 02-04", ends="2025-01-28"),
    Worked("2024-10-04", 24, MO, "2026-10-08", "10-04, National Day, off to 07", ends="2026-10-04"),
    Worked("2024-12-29", 2, MO, "2025-02-28", "no 02-29 in 2025, so 02-28, a Friday"),
    Worked("2025-06-28", 3, MO, "2025-09-28", "09-28 is a make-up Sunday: stays"),
    Worked("2026-01-01", 9, MO, "2026-10-08", "10-01, National Day, off to 07", ends="2026-10-01"),
    Worked("2026-01-31", 3, MO, "2026-04-30", "no 04-31, so 04-30, a Thursday"),
)

PAUSED = (
    # Working days
    Worked(
        "2021-11-01",
        5,
        WD,
        "2021-11-10",
        "02, 03, 04, 05; the due day 08 and 09 excluded; 10",
        pauses=(("2021-11-08", "2021-11-10"),),
    ),
    Worked(
        "2022-06-06",
        7,
        WD,
        "2022-06-15",
        "paused and resumed on one day, nothing excluded: 07, 08, 09, 10; weekend; 13, 14, 15",
        pauses=(("2022-06-09", "2022-06-09"),),
    ),
    Worked(
        "2024-09-27",
        3,
        WD,
        "2024-10-09",
        "make-up Sunday 29 excluded; 30; 10-01 to 07 off; 08, 09",
        pauses=(("2024-09-29", "2024-09-30"),),
    ),
    Worked(
        "2024-11-14",
        5,
        WD,
        "2024-11-21",
        "15; the weekend 16 and 17 excluded, which would not have counted; 18, 19, 20, 21",
        pauses=(("2024-11-16", "2024-11-18"),),
    ),
    Worked(
        "2025-04-28",
        7,
        WD,
        "2025-05-12",
        "29, 30; 05-01 to 05 excluded, off anyway; 06, 07, 08, 09; weekend; 12",
        pauses=(("2025-05-01", "2025-05-06"),),
    ),
    Worked(
        "2025-11-03",
        5,
        WD,
        "2025-11-12",
        "from the afternoon of 05 to the morning of 07 excludes 05 and 06: 04, 07; weekend; 10, 11, 12",
        pauses=(("2025-11-05T14:00", "2025-11-07T10:00"),),
    ),
    Worked(
        "2026-01-19",
        15,
        WD,
        "2026-02-13",
        "20, 21 (2); 22 to 25 excluded; 26 to 30 (7); 02-02 (8); 03 and 04 excluded; 05, 06 (10); 09 to 13 (15)",
        pauses=(("2026-01-22", "2026-01-26"), ("2026-02-03", "2026-02-05")),
    ),
    # Natural days
    Worked(
        "2021-09-04",
        15,
        ND,
        "2021-09-22",
        "09-19, off to 21; the pause begins when the period is over",
        ends="2021-09-19",
        pauses=(("2021-09-20", "2021-09-22"),),
    ),
    Worked(
        "2021-09-04",
        15,
        ND,
        "2021-09-22",
        "09-19, off to 21; a pause after the last day moves nothing, though it covers the 22nd",
        ends="2021-09-19",
        pauses=(("2021-09-20", "2021-09-24"),),
    ),
    Worked(
        "2021-11-01",
        15,
        ND,
        "2021-11-19",
        "11-16 is the last; 16, 17, 18 excluded; 19, a Friday",
        pauses=(("2021-11-16", "2021-11-19"),),
    ),
    Worked(
        "2022-07-04",
        30,
        ND,
        "2022-08-12",
        "08-03; five days from 07-20: 08-08; 06, 07, 08 of the second pause lie in that tail: 08-11; so does 09: 08-12",
        pauses=(("2022-07-20", "2022-07-25"), ("2022-08-06", "2022-08-10")),
    ),
    Worked(
        "2022-12-05",
        30,
        ND,
        "2023-01-10",
        "26 in December: 01-04; 12-28 to 01-02 excluded, six days: 01-10, a Tuesday",
        pauses=(("2022-12-28", "2023-01-03"),),
    ),
    Worked(
        "2023-05-08",
        15,
        ND,
        "2023-05-23",
        "the pause was over before the opening day; Tuesday",
        pauses=(("2023-04-20", "2023-05-05"),),
    ),
    Worked(
        "2023-05-08",
        15,
        ND,
        "2023-05-23",
        "only the opening day is excluded, which does not count anyway",
        pauses=(("2023-05-08", "2023-05-09"),),
    ),
    Worked(
        "2023-05-08",
        15,
        ND,
        "2023-05-25",
        "of a pause begun before, 09 and 10 fall in the period: 05-23 and two days, a Thursday",
        pauses=(("2023-05-01", "2023-05-11"),),
    ),
    Worked(
        "2023-05-08",
        15,
        ND,
        "2023-05-23",
        "the pause begins on the day after the last",
        pauses=(("2023-05-24", "2023-06-01"),),
    ),
    Worked(
        "2024-03-04",
        90,
        ND,
        "2024-06-17",
        "27 in March, 57 with April, 88 with May: 06-02; overlapping pauses exclude 04-10 to 24 once, 15 days: 06-17",
        pauses=(("2024-04-10", "2024-04-20"), ("2024-04-15", "2024-04-25")),
    ),
    Worked(
        "2024-03-04",
        90,
        ND,
        "2024-06-17",
        "06-02; touching pauses, 04-10 to 16 and 17 to 24, seven days and eight: 06-17",
        pauses=(("2024-04-10", "2024-04-17"), ("2024-04-17", "2024-04-25")),
    ),
    Worked(
        "2024-03-04",
        90,
        ND,
        "2024-06-17",
        "06-02; the second pause lies within the first, 04-10 to 24: 15 days: 06-17",
        pauses=(("2024-04-10", "2024-04-25"), ("2024-04-12", "2024-04-15")),
    ),
    Worked(
        "2024-05-20",
        30,
        ND,
        "2024-06-24",
        "06-19; paused in the small hours of 06-01 and resumed in those of 06 in Shanghai: five days: 06-24, a Monday",
        pauses=(("2024-05-31T17:00Z", "2024-06-05T18:30Z"),),
    ),
    Worked(
        "2025-04-21",
        15,
        ND,
        "2025-05-12",
        "05-06; the holiday 05-01 to 05 is excluded, five days: 05-11, a Sunday; Monday",
        ends="2025-05-11",
        pauses=(("2025-05-01", "2025-05-06"),),
    ),
    Worked(
        "2025-09-08",
        15,
        ND,
        "2025-10-09",
        "09-23; 11 to 18 excluded, eight days: 10-01, National Day, off to 08",
        ends="2025-10-01",
        pauses=(("2025-09-11", "2025-09-19"),),
    ),
    Worked(
        "2026-01-12",
        120,
        ND,
        "2026-05-27",
        "90 and 30 more: 19 in January, 47 with February, 78 with March, 108 with April: 05-12; "
        "03-02 to 16 excluded, 15 days: 05-27, a Wednesday",
        pauses=(("2026-03-02", "2026-03-17"),),
    ),
    # Months
    Worked(
        "2023-03-15",
        3,
        MO,
        "2023-06-25",
        "06-15; 04-24 to 05-03 excluded, ten days: 06-25, a make-up Sunday: stays",
        pauses=(("2023-04-24", "2023-05-04"),),
    ),
    Worked(
        "2023-11-30",
        3,
        MO,
        "2024-03-04",
        "no 02-30, so 02-29; 01-08 to 10 excluded, three days: 03-03, a Sunday; Monday",
        ends="2024-03-03",
        pauses=(("2024-01-08", "2024-01-11"),),
    ),
    Worked(
        "2025-07-10",
        2,
        MO,
        "2025-09-23",
        "09-10; ten days from 08-01: 09-20; 15, 16, 17 lie in that tail: 09-23, a Tuesday",
        pauses=(("2025-08-01", "2025-08-11"), ("2025-09-15", "2025-09-18")),
    ),
)

HOURS = (
    Worked(
        "2021-12-30T12:00:00", 72, HR, "2022-01-02T13:00", "on the hour, so from 13:00; three days, New Year or not"
    ),
    Worked("2022-04-30", 24, HR, "2022-05-02T00:00", "no hour told: from the end of 04-30, all of 05-01"),
    Worked("2022-06-02T17:45", 48, HR, "2022-06-04T18:00", "from 18:00; two days into Dragon Boat, no roll"),
    Worked("2023-01-20T10:20", 24, HR, "2023-01-21T11:00", "from 11:00 to 11:00 on Lunar New Year's Eve, no roll"),
    Worked("2023-02-28T09:59", 24, HR, "2023-03-01T10:00", "from 10:00; March follows 02-28"),
    Worked("2024-02-09T10:00", 24, HR, "2024-02-10T11:00", "exactly 10:00, and that hour is not counted: from 11:00"),
    Worked("2024-02-28T23:10", 24, HR, "2024-03-01T00:00", "from midnight; all of the leap day 02-29"),
    Worked("2025-10-08T22:59:59", 2, HR, "2025-10-09T01:00", "from 23:00; one hour to midnight, one after"),
    Worked("2025-12-31T08:05", 24, HR, "2026-01-01T09:00", "from 09:00 to 09:00 on New Year's Day, no roll"),
    Worked("2026-09-30T16:20", 24, HR, "2026-10-01T17:00", "from 17:00 to 17:00 on National Day, no roll"),
    Worked(
        "2026-11-03T10:20",
        24,
        HR,
        "2026-11-05T11:00",
        "from 11:00, 13 hours to midnight; 11-04 excluded; 11 hours more",
        pauses=(("2026-11-04", "2026-11-05"),),
    ),
)

SHANGHAI_DAYS = (
    Worked("2021-03-15T23:59", 7, WD, "2021-03-24", "Monday still: 16, 17, 18, 19; weekend; 22, 23, 24"),
    Worked("2021-09-30T15:30Z", 24, HR, "2021-10-02T00:00", "23:30 in Shanghai: from midnight, all of 10-01"),
    Worked("2024-12-31T15:59:59Z", 15, ND, "2025-01-15", "the last second of 12-31 in Shanghai: 01-15, a Wednesday"),
    Worked("2024-12-31T16:00Z", 15, ND, "2025-01-16", "01-01 has begun in Shanghai: 01-16, a Thursday"),
    Worked("2024-12-31T16:00Z", 7, WD, "2025-01-10", "opened on 01-01: 02, 03; weekend; 06, 07, 08, 09, 10"),
    Worked("2025-11-06T16:05Z", 3, WD, "2025-11-12", "Friday 07 in Shanghai; weekend; 10, 11, 12"),
    Worked("2026-03-31T16:30Z", 3, MO, "2026-07-01", "04-01 in Shanghai: 07-01, a Wednesday"),
    Worked("2026-03-01T02:20Z", 24, HR, "2026-03-02T11:00", "10:20 in Shanghai: from 11:00 to 11:00"),
)

END_OF_THE_CALENDAR = (
    Worked(
        "2026-12-24",
        7,
        WD,
        "2027-01-04",
        "25; weekend; 28, 29, 30, 31; 01-01, provisionally the Friday it is; weekend; 04: provisional",
        unknown=(2027,),
    ),
    Worked("2026-12-24", 5, WD, "2026-12-31", "25; weekend; 28, 29, 30, 31: within the calendar"),
    Worked(
        "2026-12-24",
        15,
        ND,
        "2027-01-08",
        "7 in December: 01-08, a Friday until its notice says otherwise: provisional",
        unknown=(2027,),
    ),
    Worked("2026-12-16", 15, ND, "2026-12-31", "12-31 is a Thursday, within the calendar"),
    Worked("2026-10-15", 3, MO, "2027-01-15", "01-15, assumed a plain Friday: provisional", unknown=(2027,)),
    Worked(
        "2026-12-01",
        90,
        ND,
        "2027-03-01",
        "30 in December, 61 with January, 89 with February: 03-01, assumed a plain Monday: provisional",
        unknown=(2027,),
    ),
    Worked(
        "2025-10-09",
        24,
        MO,
        "2027-10-11",
        "10-09, assumed a plain Saturday; Monday: provisional",
        ends="2027-10-09",
        unknown=(2027,),
    ),
    Worked(
        "2026-12-14",
        10,
        WD,
        "2027-01-01",
        "15 to 18 (4); 21 to 24 excluded; 25 (5); 28 to 31 (9); 01-01, provisionally the Friday it is: provisional",
        pauses=(("2026-12-21", "2026-12-25"),),
        unknown=(2027,),
    ),
)


@pytest.mark.parametrize(
    "row",
    [
        *SPECIMENS,
        *WORKING_DAYS,
        *NATURAL_DAYS,
        *MONTHS,
        *PAUSED,
        *HOURS,
        *SHANGHAI_DAYS,
        *END_OF_THE_CALENDAR,
    ],
    ids=str,
)
def test_a_due_date_is_the_one_worked_by_hand(row: Worked) -> None:
    span = Span(row.amount, row.unit)
    pauses = [Pause(when(start), when(end)) for start, end in row.pauses]

    found = reckon(when(row.opened), span, CALENDAR, pauses)

    assert found.due_at == end_of(row.due), row.reasoning
    assert due_at(when(row.opened), span, CALENDAR, pauses) == found.due_at
    assert found.unknown_years == row.unknown
    if row.unit != HR:
        assert found.last_day == when(row.ends or row.due), row.reasoning


# What holds for every date, counted one day at a time from the notices themselves

_DAYS_OFF = {day for notice in CALENDAR.notices for holiday in notice.holidays for day in holiday.days()}
_MAKE_UP_DAYS = {day for notice in CALENDAR.notices for day in notice.workdays}

days = st.dates(date(2021, 1, 4), date(2026, 12, 1))
clocks = st.times()
openings = st.one_of(days, st.builds(datetime.combine, days, clocks, st.just(SHANGHAI)))
spans = st.one_of(
    st.builds(Span, st.integers(1, 120), st.sampled_from((WD, ND, HR))),
    st.builds(Span, st.integers(1, 24), st.just(MO)),
)
lengths = st.integers(0, 60)
pauses_of_days = st.builds(lambda start, length: Pause(start, start + timedelta(days=length)), days, lengths)
some_pauses = st.lists(pauses_of_days, max_size=4)


def is_worked(day: date) -> bool:
    return day in _MAKE_UP_DAYS or (day.weekday() < 5 and day not in _DAYS_OFF)


def is_excluded(day: date, pauses: list[Pause]) -> bool:
    return any(pause.end is not None and pause.start <= day < pause.end for pause in pauses)


def days_between(first: date, last: date) -> list[date]:
    """Both ends included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@settings(deadline=None)
@given(days, st.integers(1, 60), some_pauses)
def test_a_period_of_working_days_holds_exactly_that_many_not_excluded(
    opened: date, amount: int, pauses: list[Pause]
) -> None:
    due = due_at(opened, Span(amount, WD), CALENDAR, pauses).date()

    counted = [day for day in days_between(opened, due)[1:] if is_worked(day) and not is_excluded(day, pauses)]

    assert len(counted) == amount
    assert counted[-1] == due


@settings(deadline=None)
@given(days, st.integers(1, 120), some_pauses)
def test_a_period_of_natural_days_holds_exactly_that_many_not_excluded_before_it_rolls(
    opened: date, amount: int, pauses: list[Pause]
) -> None:
    last = reckon(opened, Span(amount, ND), CALENDAR, pauses).last_day

    counted = [day for day in days_between(opened, last)[1:] if not is_excluded(day, pauses)]

    assert len(counted) == amount
    assert counted[-1] == last


@settings(deadline=None)
@given(openings, spans.filter(lambda span: span.unit in (ND, MO)), some_pauses)
def test_a_last_day_gives_way_to_the_first_working_day_and_no_further(
    opened: When, span: Span, pauses: list[Pause]
) -> None:
    found = reckon(opened, span, CALENDAR, pauses)

    *passed_over, due = days_between(found.last_day, found.due_at.date())

    assert is_worked(due)
    assert not any(is_worked(day) for day in passed_over)


@settings(deadline=None)
@given(days, st.integers(1, 24))
def test_months_end_on_the_same_day_or_on_the_last_of_a_shorter_month(opened: date, months: int) -> None:
    last = reckon(opened, Span(months, MO), CALENDAR).last_day

    assert (last.year - opened.year) * 12 + last.month - opened.month == months
    assert last.day == opened.day or (last.day < opened.day and (last + timedelta(days=1)).day == 1)


@settings(deadline=None)
@given(days, clocks, st.integers(1, 120))
def test_hours_end_on_the_hour_and_at_most_one_later_than_they_are_long(day: date, clock: time, amount: int) -> None:
    opened = datetime.combine(day, clock, SHANGHAI)

    due = due_at(opened, Span(amount, HR), CALENDAR)

    assert (due.minute, due.second, due.microsecond) == (0, 0, 0)
    assert timedelta(hours=amount) < due - opened <= timedelta(hours=amount + 1)


@settings(deadline=None)
@given(openings, spans, some_pauses)
def test_the_same_question_has_the_same_answer(opened: When, span: Span, pauses: list[Pause]) -> None:
    assert reckon(opened, span, CALENDAR, pauses) == reckon(opened, span, calendar(), list(pauses))


@settings(deadline=None)
@given(openings, spans, some_pauses, st.data())
def test_pauses_told_twice_or_in_another_order_exclude_the_same_days(
    opened: When, span: Span, pauses: list[Pause], data: st.DataObject
) -> None:
    told = data.draw(st.permutations([*pauses, *pauses]))

    assert reckon(opened, span, CALENDAR, told) == reckon(opened, span, CALENDAR, pauses)


@settings(deadline=None)
@given(openings, spans, days, st.lists(st.integers(0, 60), min_size=3, max_size=3).map(sorted))
def test_a_pause_split_into_two_that_touch_excludes_the_same_days(
    opened: When, span: Span, start: date, cuts: list[int]
) -> None:
    first, middle, last = (start + timedelta(days=cut) for cut in cuts)

    split = reckon(opened, span, CALENDAR, [Pause(first, middle), Pause(middle, last)])

    assert split == reckon(opened, span, CALENDAR, [Pause(first, last)])
