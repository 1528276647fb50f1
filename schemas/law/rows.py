"""Reading a file of the law whose rows are dated and open no clock."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Hashable, Iterator
from datetime import date
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from . import LawError


class Row(Protocol):
    """A dated row with a name."""

    @property
    def name(self) -> str: ...
    @property
    def effective_from(self) -> date: ...
    @property
    def ends_before_it_begins(self) -> bool: ...


RowT = TypeVar("RowT", bound=Row)


def read_rows(
    text: str,
    file: str,
    table: str,
    adapter: TypeAdapter[tuple[RowT, ...]],
    claim: Callable[[RowT], Hashable],
    says: str,
) -> tuple[RowT, ...]:
    """The rows `[[table]]` of a text like `file`, which holds nothing else. Raises LawError naming every bad one.

    `claim`: what a row speaks about, of which each day begins one row alone; `says`: what a fault calls doing so.
    """
    try:
        document = tomllib.loads(text)
        rows = adapter.validate_python(document.pop(table, []))
    except tomllib.TOMLDecodeError as error:
        raise LawError([f"{file}: {error}"]) from error
    except ValidationError as error:
        faults = (f"{file}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise LawError(faults) from error
    faulty = [*(f"unknown table {name}" for name in document), *_faults(rows, claim, says)]
    if faulty:
        raise LawError(f"{file}: {fault}" for fault in faulty)
    return rows


def _faults(rows: tuple[RowT, ...], claim: Callable[[RowT], Hashable], says: str) -> Iterator[str]:
    seen: set[Hashable] = set()
    for row in rows:
        if row.ends_before_it_begins:
            yield f"{row.name} ends before it begins"
        said = (claim(row), row.effective_from)
        if said in seen:
            yield f"{row.name} {says} twice from {row.effective_from}"
        seen.add(said)
