"""Numbers of a statistic, in words and as the very filters of the list of duties that shows what was counted.

Pure. A figure without a definition, or one whose rows cannot be looked at, cannot be written down here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from schemas.faults import Language

Words = Mapping[Language, str]
Filters = Mapping[str, str]
Grouping = Literal["organisation", "region", "field", "node", "role", "month"]

_FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One number. `rows`: the filters that list what it is of, beside those of its statistic.

    `day`: whether its month is that of the opening or that in which the duty was met.
    """

    name: str
    title: Words
    definition: Words
    rows: Filters
    day: Literal["opened", "done"] = "opened"

    def filters(self, today: date) -> dict[str, str]:
        """Its filters on that day."""
        return dict(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Shown):
    """A count. `overdue_days`: how many days past the due day, from and to; None leaves that end open."""

    rows: Filters = field(default_factory=dict)
    overdue_days: tuple[int | None, int | None] = (None, None)

    def filters(self, today: date) -> dict[str, str]:
        """Its filters on that day."""
        least, most = self.overdue_days
        filters = dict(self.rows)
        if most is not None:
            filters["due_from"] = (today - timedelta(days=most)).isoformat()
        if least is not None:
            filters["due_before"] = (today - timedelta(days=least - 1)).isoformat()
        return filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Shown):
    """A share: the figure `part` of the sum of the figures `of`, all of which its rows list."""

    part: str
    of: tuple[str, ...]

    def value(self, counts: Mapping[str, int]) -> str | None:
        """The share with four places; None of nothing."""
        whole = sum(counts[name] for name in self.of)
        if not whole:
            return None
        return str((Decimal(counts[self.part]) / whole).quantize(_FOUR_PLACES, ROUND_HALF_UP))


@dataclass(frozen=True, slots=True, kw_only=True)
class Median(Shown):
    """The middle one, of two the lesser, of the days from the opening of a duty to its being met; None of nothing.

    Whole calendar days; its rows are duties that were all met.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """Some figures of one population. `of`: the filters that all of them share. `by`: what it may be grouped by.

    `shown`: all its numbers in the order in which they are read.
    """

    name: str
    title: Words
    definition: Words
    of: Filters
    shown: tuple[Figure | Rate | Median, ...]
    by: tuple[Grouping, ...] = ("organisation", "region", "field", "node", "role", "month")
    usual_by: Grouping = "node"
    asked: tuple[str, ...] = ("record_type", "node", "organisation", "region", "field", "role")
    """The filters a caller may add."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is counted."""
        return tuple(one for one in self.shown if isinstance(one, Figure))

    @property
    def medians(self) -> tuple[Median, ...]:
        """What is the middle one."""
        return tuple(one for one in self.shown if isinstance(one, Median))
