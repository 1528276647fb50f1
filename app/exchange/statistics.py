"""Statistics of duties: each figure counted by the very filters that list what it counts."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field, create_model
from pydantic_core import core_schema
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.exchange.watch import node_filters
from app.refusals import TooManyRows
from app.rules import access
from app.rules.figures import Figure, Median, Rate, Shown, Statistic
from app.rules.statistics import STATISTICS
from app.store import statistics, trail
from app.store.node_lists import Wanted
from app.store.statistics import EVERYTHING, Counting
from app.store.trail import row_of
from schemas.faults import Fault, pointer
from schemas.fields import Shape, choice
from schemas.lifecycle import SHANGHAI
from schemas.record import Part
from schemas.shaping import first_at_each_place, shaped

MOST_GROUPS = 10_000
"""Of one answer. All organisations of a city, node by node, are far fewer; with every month they may be more."""
ROWS = "/v1/nodes"

_MONTH = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$"
Month = Annotated[
    str, Shape(core_schema.str_schema(strict=True, pattern=_MONTH), "format", {"type": "string", "pattern": _MONTH})
]
"""A month, `YYYY-MM`."""


class Asked(Part):
    """What a statistic is asked for beside the filters of the list: its groups, and its months, both included."""

    by: list[str] | None = None
    since: Month | None = Field(None, alias="from")
    until: Month | None = Field(None, alias="to")


@cache
def asked_of(name: str) -> type[Asked]:
    """What one statistic may be asked for: each has its own groups."""
    by = STATISTICS[name].by
    groups = Annotated[list[Annotated[str, choice(*by)]], Field(min_length=1, max_length=len(by))]
    own: dict[str, Any] = {"by": (groups | None, None)}
    return create_model(f"{name.title()}Asked", __base__=Asked, __doc__=Asked.__doc__, **own)


@dataclass(frozen=True, slots=True)
class Question:
    """A statistic as it is asked for: `filters` are those of the list, as they stand in an address."""

    statistic: Statistic
    by: tuple[str, ...]
    filters: Mapping[str, str]
    since: str | None
    until: str | None

    @property
    def said(self) -> dict[str, str]:
        """All that narrows it, as it was said."""
        months = {"from": self.since, "to": self.until}
        return {**self.filters, **{name: month for name, month in months.items() if month is not None}}


def question(name: str, parameters: Mapping[str, str]) -> tuple[Question | None, list[Fault]]:
    """What is asked for by these parameters, or None and what is wrong with them."""
    statistic = STATISTICS[name]
    filters = {one: value for one, value in parameters.items() if one in statistic.asked}
    own: dict[str, object] = {one: value for one, value in parameters.items() if one not in statistic.asked}
    if "by" in own:
        own["by"] = parameters["by"].split(",")
    asked, faults = shaped(asked_of(name), own)
    _, more = node_filters(filters)
    if asked is not None:
        faults = list(_contradictions(asked))
    placed = [Fault(pointer(fault.pointer.split("/")[1]), fault.code, fault.details) for fault in (*faults, *more)]
    if asked is None or placed:
        return None, first_at_each_place(placed)
    by = tuple(dict.fromkeys(asked.by)) if asked.by else (statistic.usual_by,)
    return Question(statistic, by, filters, asked.since, asked.until), []


def _contradictions(asked: Asked) -> Iterator[Fault]:
    if asked.since and asked.until and asked.until < asked.since:
        yield Fault("/to", "date-order", {"earlier_zh": "from", "earlier_en": "from"})
    if asked.by and len(set(asked.by)) < len(asked.by):
        yield Fault("/by", "repeated")


@dataclass(frozen=True, slots=True)
class Number:
    """One figure of one group. `rows`: where what was counted is listed.

    A rate is a decimal string, a median a number of days, either None of nothing.
    """

    value: int | str | None
    rows: str


@dataclass(frozen=True, slots=True)
class Group:
    """What the duties of a group have in common, and their figures by name."""

    values: Mapping[str, str]
    figures: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class _Counted:
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    medians: dict[str, int | None] = field(default_factory=dict)


async def count(conn: AsyncConnection, caller: Caller, asked: Question, now: datetime) -> list[Group]:
    """The figures of each group of what the caller may see. Raises TooManyRows."""
    scope = access.statistics_scope_of(caller)
    counted: dict[tuple[str, ...], _Counted] = {}
    for day in dict.fromkeys(figure.day for figure in asked.statistic.figures):
        rows = await statistics.counts(conn, scope, _counting(asked, day, now), now, MOST_GROUPS + 1)
        for row in rows:
            group = counted.setdefault(tuple(map(_code, row.group)), _Counted())
            group.counts.update(row.counts)
            group.medians.update(row.medians)
    if len(counted) > MOST_GROUPS:
        raise TooManyRows(facts={"most": MOST_GROUPS})
    named = f"statistic={asked.statistic.name} by={','.join(asked.by)} filters={','.join(asked.said) or 'none'}"
    await trail.append(conn, row_of(caller, "count", now, detail=f"{named} rows={len(counted)}"))
    return [_group(asked, dict(zip(asked.by, key, strict=True)), counted[key], now) for key in sorted(counted)]


def _counting(asked: Question, day: str, now: datetime) -> Counting:
    """The figures whose month is that of this day."""
    figures = [figure for figure in asked.statistic.figures if figure.day == day]
    base = _wanted({**asked.statistic.of, **asked.filters, **_months(day, asked.since, asked.until)})
    wanted = {figure.name: _wanted(_filters(asked, figure, {}, now)) for figure in figures}
    if day == "done":
        return Counting(base, wanted, asked.by, "done_on")
    medians = {one.name: _wanted(_filters(asked, one, {}, now)) for one in asked.statistic.medians}
    return Counting(base, wanted, asked.by, "opened_on", medians)


def _wanted(filters: Mapping[str, str]) -> Wanted:
    """What the list of these filters holds. What was asked for is sound by now, and what is written down is ours."""
    read, faults = node_filters(filters)
    if read is None:
        raise ValueError(f"no list has these filters: {faults}")
    return read.wanted()


def _code(value: str | date) -> str:
    return value if isinstance(value, str) else f"{value:%Y-%m}"


def _group(asked: Question, values: Mapping[str, str], counted: _Counted, now: datetime) -> Group:
    numbers = {
        one.name: Number(_value(one, counted), _address(_filters(asked, one, values, now)))
        for one in asked.statistic.shown
    }
    return Group(values, numbers)


def _value(one: Figure | Rate | Median, counted: _Counted) -> int | str | None:
    if isinstance(one, Median):
        return counted.medians.get(one.name)
    return counted.counts[one.name] if isinstance(one, Figure) else one.value(counted.counts)


def _filters(asked: Question, figure: Shown, values: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The filters that list what a figure counts in the group of these values."""
    codes = {name: value for name, value in values.items() if name not in ("month", "region")}
    filters = {**asked.statistic.of, **asked.filters, **figure.filters(now.astimezone(SHANGHAI).date()), **codes}
    if "region" in values:
        # A group is of this code alone; the filter `region` stands for all below it, too.
        filters.pop("region", None)
        filters["region_only"] = values["region"]
    month = values.get("month")
    return filters | _months(figure.day, month or asked.since, month or asked.until)


def _months(day: str, since: str | None, until: str | None) -> dict[str, str]:
    """The filters for the first day of one month to the last of another."""
    filters = {}
    if since is not None:
        filters[f"{day}_from"] = f"{since}-01"
    if until is not None:
        year, month = map(int, until.split("-"))
        filters[f"{day}_to"] = f"{until}-{monthrange(year, month)[1]}"
    return filters


def _address(filters: Mapping[str, str]) -> str:
    # A comma between codes may stand in a query as it is (RFC 3986 section 3.4).
    return f"{ROWS}?{urlencode(dict(sorted(filters.items())), safe=',')}"


# For the operator -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alarm:
    """How many duties of one kind are overdue or due soon, whoever they are of."""

    record_type: str
    node: str
    role: str
    overdue: int
    due_soon: int


async def alarms(conn: AsyncConnection, now: datetime) -> list[Alarm]:
    """What is overdue and due soon everywhere, gates left out: figures for the operator, who may see no case."""
    base = Wanted(advisory=False)
    figures = {state: Wanted(states=(state,), advisory=False) for state in ("overdue", "due_soon")}
    counting = Counting(base, figures, ("record_type", "node", "role"))
    rows = await statistics.counts(conn, EVERYTHING, counting, now, MOST_GROUPS)
    return [_alarm(*map(str, row.group), counts=row.counts) for row in rows]


def _alarm(record_type: str, node: str, role: str, *, counts: Mapping[str, int]) -> Alarm:
    return Alarm(record_type, node, role, counts["overdue"], counts["due_soon"])
