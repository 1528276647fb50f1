"""How much and how long at most (`bounds.toml`): what the rules on a record's content hold it against.

Kept apart from `limits.toml`, whose rows are clocks of nodes: nothing here opens, runs or falls due.
"""

from __future__ import annotations

import functools
import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from . import Dated, LawError, Status, Word, shipped

_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound(Dated):
    """One row of `bounds.toml`: what `id` may amount to at most, for whom, since when, and who says so."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: Word
    amount: Annotated[int, Field(ge=1, strict=True)]
    unit: Literal["yuan", "month", "year"]
    basis: Word
    status: Status
    basis_en: str = ""
    of: tuple[Word, ...] = ()
    field: Word | None = None
    note: str = ""

    def after(self, day: date) -> date:
        """The day of the month that lies the row's months or years after `day`, or that month's last day."""
        months = day.month - 1 + self.amount * _MONTHS[self.unit]
        year, month = day.year + months // 12, months % 12 + 1
        last = (date(year + month // 12, month % 12 + 1, 1) - date.resolution).day
        return date(year, month, min(day.day, last))


@functools.lru_cache(maxsize=4096)
def bound(id_: str, day: date, of: str | None, field: str | None) -> Bound | None:
    """The row in force on `day` for `of` and the enforcement field, the most particular first; None without one."""
    for row in bounds().get(id_, ()):
        if row.in_force(day) and row.field in (None, field) and (not row.of or of in row.of):
            return row
    return None


@functools.cache
def bounds() -> Mapping[str, tuple[Bound, ...]]:
    """The rows of this release by what they bound, the most particular first."""
    return bounds_of(shipped("bounds.toml"))


_ROWS = TypeAdapter(list[Bound])


def bounds_of(text: str) -> Mapping[str, tuple[Bound, ...]]:
    """The rows of a text like `bounds.toml`. Raises LawError naming every bad row by its number."""
    try:
        rows = _ROWS.validate_python(tomllib.loads(text)["bound"])
    except ValidationError as error:
        raise LawError(f"bounds.toml: {fault['loc']}: {fault['msg']}" for fault in error.errors()) from error
    faults = list(_faults(rows))
    if faults:
        raise LawError(faults)
    by_id: dict[str, list[Bound]] = {}
    for row in sorted(rows, key=lambda row: (row.field is None, not row.of)):
        by_id.setdefault(row.id, []).append(row)
    return {id_: tuple(those) for id_, those in by_id.items()}


def _faults(rows: list[Bound]) -> Iterator[str]:
    for row in rows:
        if row.ends_before_it_begins:
            yield f"bounds.toml: {row.id} of {row.effective_from} ends before it begins"
    for one, other in itertools.combinations(rows, 2):
        if _same_matter(one, other) and (one.in_force(other.effective_from) or other.in_force(one.effective_from)):
            yield f"bounds.toml: {one.id} of {one.effective_from} and of {other.effective_from}: neither goes first"


def _same_matter(one: Bound, other: Bound) -> bool:
    shared = set(one.of) & set(other.of) if one.of and other.of else one.of == other.of
    return (one.id, one.field) == (other.id, other.field) and bool(shared or not (one.of or other.of))
