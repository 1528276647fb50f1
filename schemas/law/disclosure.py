"""Who sees what not every reader may see (`disclosure.toml`)."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from ..codelists import codelist  # noqa: TID252 – as in the package itself
from ..fields import code_of  # noqa: TID252
from . import LawError, Placed, Status, Word, shipped, tables_of

FilesOf = Literal["record", "events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRow:
    """One row of `disclosure.toml`: which roles see a class in the records of others, and who says that others do not.

    `files_of`: whose attachments are kept from those others, what the record names or what its events name.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Annotated[str, code_of("disclosure_classes"), Field(alias="class")]
    roles: tuple[Annotated[str, code_of("roles")], ...]
    files_of: tuple[FilesOf, ...]
    basis: Word
    status: Status
    basis_en: str = ""
    note: str = ""


@functools.cache
def withheld_from(role: str) -> frozenset[str]:
    """The classes that a role does not see in the records of others."""
    return frozenset(row.kind for row in rows() if role not in row.roles)


def files_withheld(classes: Collection[str]) -> frozenset[FilesOf]:
    """Whose attachments are kept from somebody who does not see these classes."""
    return frozenset(of for row in rows() if row.kind in classes for of in row.files_of)


@functools.cache
def rows() -> tuple[DisclosureRow, ...]:
    """All rows, read once. Raises LawError naming every bad one by its line."""
    return of(shipped("disclosure.toml"))


def of(text: str) -> tuple[DisclosureRow, ...]:
    """The rows of a text like `disclosure.toml`: one for each class. Raises LawError."""
    placed: list[Placed[DisclosureRow]] = tables_of(text, "disclosure.toml", {"disclosure": _ROW})["disclosure"]
    faults = list(_faults(placed))
    if faults:
        raise LawError(faults)
    return tuple(row.value for row in placed)


def _faults(placed: list[Placed[DisclosureRow]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for row in placed:
        if (place := seen.setdefault(row.value.kind, row.place)) != row.place:
            yield f"{row.place}: {row.value.kind} has its row at {place}"
    for kind in codelist("disclosure_classes").codes:
        if kind not in seen:
            yield f"disclosure.toml: no row says who sees {kind}"


_ROW = TypeAdapter(DisclosureRow)
