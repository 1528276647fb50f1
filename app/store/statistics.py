"""Counting duties in groups, by the very conditions that list them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    WithinGroup,
    and_,
    cast,
    func,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Scope
from app.store.node_lists import Lane, Path, Wanted, arms_of, disjoint, fits, lanes_of_all, on
from app.store.search import carefully
from app.store.tables import node
from schemas.codelists import codelist

EVERYTHING = Scope(organisation="", jurisdiction="", withheld=frozenset(codelist("disclosure_classes").codes))
"""For the operator's gauges, who is no caller: every region's code begins with nothing."""

# With these alone, which the indexes of the lists hold, no row has to be fetched.
_HELD = ("record_type", "node", "organisation", "region", "field", "role", "standing", "advisory", "is_numbered")
_HELD_BESIDE = ("due_at", "warn_at", "opened_on", "done_on", "done_by")


@dataclass(frozen=True, slots=True)
class Counting:
    """What is to be counted, and by what.

    `base`: what all figures have in common. `by`: columns of the table `node`, and "month", which is that of `day`.
    `medians`: of which duties, all of them met, the middle one of the days they took is wanted.
    """

    base: Wanted
    figures: Mapping[str, Wanted]
    by: Sequence[str]
    day: Literal["opened_on", "done_on"] = "opened_on"
    medians: Mapping[str, Wanted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CountRow:
    """One group, by the codes that it has in common or the first day of a month, and what each figure counts in it.

    `medians`: in days, None of nothing.
    """

    group: tuple[str | date, ...]
    counts: Mapping[str, int]
    medians: Mapping[str, int | None]


async def counts(conn: AsyncConnection, scope: Scope, counting: Counting, now: datetime, most: int) -> list[CountRow]:
    """How many of the duties in scope each figure counts, at most `most` groups; none of what no figure counts."""
    await carefully(conn)
    rows = [tuple(row) for row in await conn.execute(counts_statement(scope, counting, now, most))]
    width, until = len(counting.by), len(counting.by) + len(counting.figures)
    return [
        CountRow(
            row[:width],
            dict(zip(counting.figures, row[width:until], strict=True)),
            dict(zip(counting.medians, row[until:], strict=True)),
        )
        for row in rows
    ]


def counts_statement(scope: Scope, counting: Counting, now: datetime, most: int) -> Select[Any]:
    """The statement that counts: it goes each way to what is in scope once, for all figures together."""
    lanes = lanes_of_all([*counting.figures.values(), *counting.medians.values()], now)
    duty = union_all(*(_along(path, lanes) for path in disjoint(scope, counting.base))).subquery("duty")
    figures, medians = (
        {name: and_(true(), *fits(wanted, now, duty)) for name, wanted in these.items()}
        for these in (counting.figures, counting.medians)
    )
    groups = [_group(duty, name, counting.day).label(f"by_{name}") for name in counting.by]
    return (
        select(
            *groups,
            *(func.count().filter(holds).label(name) for name, holds in figures.items()),
            *(_median_days(duty).filter(holds).label(name) for name, holds in medians.items()),
        )
        .select_from(duty)
        .where(*fits(counting.base, now, duty), or_(*figures.values(), *medians.values()))
        .group_by(*groups)
        .having(func.count() > 0)
        .order_by(*groups)
        .limit(most)
    )


def _along(path: Path, of: Sequence[Lane]) -> Select[Any]:
    """What lies on a way, read from its index alone."""
    arm = arms_of(path, of)
    columns = [node.c[name] for name in (*_HELD, *_HELD_BESIDE)]
    return select(*columns).select_from(arm.join(node, and_(*on(arm, path)))).where(*path.conditions)


def _median_days(duty: FromClause) -> WithinGroup[int]:
    # The difference of two dates is a number of days to PostgreSQL, and not an interval.
    return func.percentile_disc(0.5).within_group(type_coerce(duty.c.done_on - duty.c.opened_on, Integer))


def _group(duty: FromClause, name: str, day: str) -> ColumnElement[Any]:
    # A day as a moment without a zone: with one, the month would begin in another in UTC.
    return cast(func.date_trunc("month", cast(duty.c[day], DateTime)), Date) if name == "month" else duty.c[name]
