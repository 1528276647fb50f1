"""Whether a step of one record does something to another that it is tied to (`effects.toml`)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date

from pydantic import ConfigDict, TypeAdapter

from . import Dated, Status, Word, shipped
from .rows import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow(Dated):
    """One row of `effects.toml`: whether the effect `id` happens, in one field or in all, since when, by which text."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: Word
    holds: bool
    basis: Word
    status: Status
    basis_en: str = ""
    field: Word | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """What a fault calls the row."""
        return self.id


def row(id_: str, day: date, field: str) -> EffectRow | None:
    """The row that counts for an effect on a day and in a field: its own before that for all, then the latest."""
    found = (one for one in rows() if one.id == id_ and one.in_force(day) and one.field in (None, field))
    return max(found, key=lambda one: (one.field is not None, one.effective_from), default=None)


def holds(id_: str, day: date, field: str) -> bool:
    """Whether the effect happens; where no row says so it does not."""
    found = row(id_, day, field)
    return found is not None and found.holds


@functools.cache
def rows() -> tuple[EffectRow, ...]:
    """All rows, read once. Raises LawError naming every bad one."""
    return of(shipped("effects.toml"))


def of(text: str) -> tuple[EffectRow, ...]:
    """The rows of a text like `effects.toml`. Raises LawError."""
    return read_rows(text, "effects.toml", "effect", _ROWS, lambda row: (row.id, row.field), "is said")


_ROWS = TypeAdapter(tuple[EffectRow, ...])
