"""What the number that a workbook stores for a cell says: a decimal, or a day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

_PLAIN = re.compile("0|-?[1-9][0-9]{0,14}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_DIGITS_KEPT = 15
"""Spreadsheet programs keep and show that many; what lies beyond is lost in a code and noise in an amount."""


class LostDigits(ValueError):
    """The number may have had more digits than a spreadsheet keeps. `shown`: how spreadsheets show what is left."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.shown = shown


def decimal_of(stored: str) -> str | None:
    """A stored number as a plain decimal, 0.20000000000000001 as 0.2; None if it is none.

    Raises LostDigits from 16 digits before the point on.
    """
    if _PLAIN.fullmatch(stored):
        return stored
    if not _NUMBER.fullmatch(stored):
        return None
    shown = Decimal(f"{float(stored):.{_DIGITS_KEPT}g}")
    if not shown.is_finite():
        return None
    if abs(shown) >= 10**_DIGITS_KEPT:
        raise LostDigits(f"{shown:.5E}")
    return f"{shown:f}" if shown else "0"


_DAY_SECONDS = 24 * 60 * 60
_LAST = (date(9999, 12, 31) - date(1899, 12, 30)).days
_FICTITIOUS = 60
"""29 February 1900, kept from Lotus 1-2-3: days before it are one less (ECMA-376 part 1, 18.17.4.1)."""


def moment_of(stored: str, *, since_1904: bool) -> str | None:
    """A stored number of days as `2026-09-01`, or `2026-09-01 10:20:00` if it is not midnight.

    None if it is no number, or no day that the calendar has.
    """
    if not _NUMBER.fullmatch(stored):
        return None
    number = float(stored)
    if not 0 <= number <= _LAST:
        return None
    days, seconds = divmod(round(number * _DAY_SECONDS), _DAY_SECONDS)
    day = _day(days, since_1904=since_1904)
    if day is None or not seconds:
        return day
    return f"{day} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _day(days: int, *, since_1904: bool) -> str | None:
    if since_1904:
        first = date(1904, 1, 1)
    elif days in (0, _FICTITIOUS):
        return None
    else:
        first = date(1899, 12, 31) if days < _FICTITIOUS else date(1899, 12, 30)
    try:
        return (first + timedelta(days)).isoformat()
    except OverflowError:
        return None


# --- formats of cells ---------------------------------------------------------------------------

_BUILT_IN_DAYS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""18.8.30, and what 27 to 36 and 50 to 58 are in Chinese."""
_NOT_SHOWN_AS_SUCH = re.compile(r'"[^"]*"?|\\.|[_*].|\[[^\]]*\]?', re.DOTALL)
_LETTERS_OF_DAYS = re.compile("[ymdhs年月日]", re.IGNORECASE)


def shows_days(number: int, code: str | None) -> bool:
    """Whether a number format (its id, and its code if the workbook gives one) shows numbers as days or times."""
    if code is None:
        return number in _BUILT_IN_DAYS
    return bool(_LETTERS_OF_DAYS.search(_NOT_SHOWN_AS_SUCH.sub("", code)))
