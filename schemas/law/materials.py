"""What must accompany a transfer (`materials.toml`)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Annotated, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ..fields import code_of  # noqa: TID252 – as in the package itself
from . import LawError, Status, Word

When = Literal["always", "items", "punished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredMaterial:
    """One row of `materials.toml`: a paper that must accompany a transfer, when, in which field, and who says so."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Annotated[str, code_of("material_kinds")]
    when: When
    basis: Word
    effective_from: date
    status: Status
    basis_en: str = ""
    effective_to: date | None = None
    field: Annotated[str, code_of("fields")] | None = None
    note: str = ""

    @property
    def ends_before_it_begins(self) -> bool:
        """Whether there is no day on which the row is law."""
        return self.effective_to is not None and self.effective_to < self.effective_from

    def in_force(self, day: date) -> bool:
        """Whether the row is law on `day`."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


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
    text = resources.files(__package__).joinpath("materials.toml").read_text(encoding="utf-8")
    return of(text)


def of(text: str) -> tuple[RequiredMaterial, ...]:
    """The rows of a text like `materials.toml`. Raises LawError."""
    try:
        document = tomllib.loads(text)
        rows = _ROWS.validate_python(document.pop("material", []))
    except tomllib.TOMLDecodeError as error:
        raise LawError([f"materials.toml: {error}"]) from error
    except ValidationError as error:
        raise LawError(f"materials.toml: {_place(fault['loc'])}: {fault['msg']}" for fault in error.errors()) from error
    unknown = (f"materials.toml: unknown table {name}" for name in document)
    ended = (f"materials.toml: {row.kind} ends before it begins" for row in rows if row.ends_before_it_begins)
    faults = [*unknown, *ended, *_twice(rows)]
    if faults:
        raise LawError(faults)
    return rows


_ROWS = TypeAdapter(tuple[RequiredMaterial, ...])


def _place(steps: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in steps)


def _twice(rows: tuple[RequiredMaterial, ...]) -> Iterator[str]:
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        claim = (row.kind, row.when, row.field, row.effective_from)
        if claim in seen:
            yield f"materials.toml: {row.kind} is asked for twice from {row.effective_from}"
        seen.add(claim)


@functools.cache
def _order() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.kind for row in required_materials()))
