"""What must accompany a transfer (`materials.toml`)."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, TypeAdapter

from ..fields import code_of  # noqa: TID252 – as in the package itself
from . import Dated, Status, Word, shipped
from .rows import read_rows

When = Literal["always", "items", "punished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredMaterial(Dated):
    """One row of `materials.toml`: a paper that must accompany a transfer, when, in which field, and who says so."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Annotated[str, code_of("material_kinds")]
    when: When
    basis: Word
    status: Status
    basis_en: str = ""
    field: Annotated[str, code_of("fields")] | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """What a fault calls the row."""
        return self.kind


def required(day: date, field: str, holds: Collection[str]) -> tuple[RequiredMaterial, ...]:
    """What must accompany a transfer of that day and field, each kind once.

    Of two rows that ask for it the field's own speaks before that for all, the newer before the older. `holds`: which
    of `items` and `punished` hold.
    """
    found: dict[str, RequiredMaterial] = {}
    newest_first = sorted(required_materials(), key=lambda row: row.effective_from, reverse=True)
    for row in sorted(newest_first, key=lambda row: row.field is None):
        called_for = row.when == "always" or row.when in holds
        if called_for and row.in_force(day) and row.field in (None, field):
            found.setdefault(row.kind, row)
    return tuple(found[kind] for kind in _order() if kind in found)


@functools.cache
def required_materials() -> tuple[RequiredMaterial, ...]:
    """All rows, read once. Raises LawError naming every bad one."""
    return of(shipped("materials.toml"))


def of(text: str) -> tuple[RequiredMaterial, ...]:
    """The rows of a text like `materials.toml`. Raises LawError."""
    return read_rows(text, "materials.toml", "material", _ROWS, _claim, "is asked for")


def _claim(row: RequiredMaterial) -> tuple[str, When, str | None]:
    return row.kind, row.when, row.field


_ROWS = TypeAdapter(tuple[RequiredMaterial, ...])


@functools.cache
def _order() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.kind for row in required_materials()))
