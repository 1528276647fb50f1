"""Whether a step of one record does something to another that it is tied to (`effects.toml`)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources

from pydantic import ConfigDict, TypeAdapter, ValidationError

from . import LawError, Status, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One row of `effects.toml`: whether the effect `id` happens, in one field or in all, since when, by which text."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: Word
    holds: bool
    basis: Word
    effective_from: date
    status: Status
    basis_en: str = ""
    effective_to: date | None = None
    field: Word | None = None
    note: str = ""

    def in_force(self, day: date) -> bool:
        """Whether the row is law on `day`."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


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
    return of(resources.files(__package__).joinpath("effects.toml").read_text(encoding="utf-8"))


def of(text: str) -> tuple[EffectRow, ...]:
    """The rows of a text like `effects.toml`. Raises LawError."""
    try:
        document = tomllib.loads(text)
        found = _ROWS.validate_python(document.pop("effect", []))
    except tomllib.TOMLDecodeError as error:
        raise LawError([f"effects.toml: {error}"]) from error
    except ValidationError as error:
        faults = (f"effects.toml: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise LawError(faults) from error
    faulty = [*(f"effects.toml: unknown table {name}" for name in document), *_twice(found)]
    if faulty:
        raise LawError(faulty)
    return found


_ROWS = TypeAdapter(tuple[EffectRow, ...])


def _twice(found: tuple[EffectRow, ...]) -> Iterator[str]:
    seen: set[tuple[object, ...]] = set()
    for one in found:
        claim = (one.id, one.field, one.effective_from)
        if claim in seen:
            yield f"effects.toml: {one.id} is said twice from {one.effective_from}"
        seen.add(claim)
