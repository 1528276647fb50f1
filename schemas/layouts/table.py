"""A file of rows as it is read, whatever kind of file it is: pages of lines of texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from ..faults import Fault  # noqa: TID252 – relative, as in all of the standard

Kind = Literal["xlsx", "csv"]

_NOTHING: Mapping[int, str] = MappingProxyType({})

ADDED_HEADINGS = ("原行号", "退回原因", "如何修改")
"""Columns that we add to a workbook which goes back to its sender; in a file they are passed over without a word."""


class Unreadable(Exception):
    """The file as a whole cannot be taken; `fault` (an error without a place in a record) says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file and what is in it may be; whatever is larger is `Unreadable`, before it takes memory."""

    rows: int = 200_000
    columns: int = 256
    cell_characters: int = 32_767
    """What a spreadsheet program holds in a cell (ECMA-376)."""
    unpacked_bytes: int = 1024 * 1024 * 1024
    """What a workbook may unpack to, all that is read of it taken together."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is not blank. `number` is the one a spreadsheet shows, from 1; `cells` are texts, "" where none is.

    `marks`: fault codes of cells by their place in the row, such as a number that has lost its last digits.
    """

    number: int
    cells: list[str]
    marks: Mapping[int, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of a workbook, or the whole of a delimited file (which has no name).

    `index`: its place in the workbook from 0, hidden ones counted. `lines` reads from the start each time it is called;
    what it yields may end in Unreadable.
    """

    name: str
    index: int
    hidden: bool
    lines: Callable[[], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Table:
    """An open file. `warnings`: what there is to say of it although it can be read."""

    kind: Kind
    pages: tuple[Page, ...]
    warnings: tuple[Fault, ...] = ()
