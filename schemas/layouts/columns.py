"""What all layouts of rows have in common: their columns, where these stand in one file, and its rows as records.

A layout is data (`Layout`): its columns, and the little that no column says. A file in it is found by its headings
(`by_headings`) and read row by row into records of the standard; what a cell cannot mean is a fault of that cell,
named by the row a person sees and the heading as the file has it. What the layout does not hold (who reports, for
which region and field) comes from the uploader.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel

# Relative on purpose: the standard can be copied out of this repository and works under any name.
from .. import RECORD_TYPES  # noqa: TID252
from .. import headings as names  # noqa: TID252
from ..faults import Fault, pointer  # noqa: TID252
from ..record import is_within  # noqa: TID252
from .cells import ABSENT, READERS, WIDTH, CellError, Reader, clean, is_said
from .table import ADDED_HEADINGS, Line, Page, Unreadable

# --- a layout as data ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One item: its code, its heading, where it stands in a record, and how its cells are read.

    `pointer`: "" for an item that the layout has and a record does not; its column is known and not read.
    `read`: the name of a reader of the layout. `also`: other headings and codes met in the wild.
    `aside`: the item has a column of its own and this one adds to it, as `Layout.joins` says.
    """

    code: str
    heading: str
    pointer: str
    read: str = "words"
    needed: bool = False
    also: tuple[str, ...] = ()
    aside: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All that a file may call it."""
        return (self.code, self.heading, *self.also)

    def is_called(self, heading: str) -> bool:
        """Whether a heading is one of its names."""
        return folded_heading(heading) in map(folded_heading, self.names)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in one file: the cell's place in a row, and the heading as the file has it."""

    column: Column
    index: int
    heading: str
    read: str


@dataclass(frozen=True, slots=True)
class Uploader:
    """What the file does not say: who reports it, for where, and under which key parties are told apart.

    `key` makes the party's part of `source_id` an HMAC, so that the id can be shown without showing whom it means.
    `data_source_name`, `data_source_code`: of the organisation that reports; they stand where the file is silent.
    """

    organisation: str
    region: str
    field: str
    key: bytes = dataclasses.field(repr=False)
    data_source_name: str | None = None
    data_source_code: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one page, read by one layout. `score`: how many of the layout's columns were recognised.

    `lines`: those of the page up to and including the last row of the header. `unused`: headings of items that the
    layout has and a record does not. `extra`: those the layout does not know. `width`: cells of the header's rows.
    """

    score: int
    lines: tuple[Line, ...]
    places: tuple[Place, ...]
    unused: tuple[str, ...]
    extra: tuple[str, ...]
    width: int
    faults: tuple[Fault, ...]


Joined = tuple[Any, tuple[Column, str] | None]
"""What several columns say of one item together, and a warning (its code, at one of the columns) if there is one."""

Join = Callable[[Sequence[tuple[Column, Any]]], Joined]
"""Makes one value of what columns say of one item; they come in the order of the layout."""

Complete = Callable[[dict[str, Any], Uploader], Iterator[Fault]]
"""Settles in place what no single cell can tell, and what the uploader adds; yields what cannot be settled."""


def _as_it_is(record: dict[str, Any], uploader: Uploader) -> Iterator[Fault]:
    return iter(())


@dataclass(frozen=True, eq=False)
class Layout:
    """A layout of rows. `lacks`: pointers of what records of its type have and the layout cannot hold (`lacking`).

    `aliases`: other ids of columns → their codes, whatever the case. `find` looks for its header in the first lines
    of a page. `positional`: the columns are told by where they stand, not by their headings.
    """

    code: str
    zh: str
    en: str
    record_type: str
    columns: tuple[Column, ...]
    lacks: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    readers: Mapping[str, Reader] = dataclasses.field(default_factory=lambda: READERS)
    joins: Mapping[str, Join] = dataclasses.field(default_factory=dict)
    complete: Complete = _as_it_is
    find: Callable[[Layout, Page, Sequence[Line]], Header | None] = lambda layout, page, head: by_headings(layout, head)
    positional: bool = False

    @property
    def holds(self) -> frozenset[str]:
        """The pointers of its items."""
        return frozenset(column.pointer for column in self.columns if column.pointer)

    @cached_property
    def by_code(self) -> Mapping[str, Column]:
        """Its columns by their codes."""
        return MappingProxyType({column.code: column for column in self.columns})

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The places of its columns in it, by their codes."""
        return {column.code: place for place, column in enumerate(self.columns)}

    def column_named(self, heading: str) -> Column | None:
        """The item a heading of a file stands for, by code or by name; None if it is not of this layout."""
        name = folded_heading(heading)
        found = self._by_name.get(name) or self._by_name_without_unit.get(_UNIT.sub("", name))
        if found is None and (code := _CODE_IN_HEADING.search(name)):
            found = self._by_name.get(code.group())
        return found

    def columns_at(self, at: str) -> list[Column]:
        """The items a pointer lies in, or else those that lie in it, in the order of the layout, asides last."""
        found = [column for column in self.columns if column.pointer and is_within(at, column.pointer)]
        found = found or [column for column in self.columns if is_within(column.pointer, at)]
        return sorted(found, key=lambda column: column.aside)

    @cached_property
    def _by_name(self) -> Mapping[str, Column]:
        # Reversed, so that of two columns that share a name the first has it.
        named = {folded_heading(name): column for column in reversed(self.columns) for name in column.names}
        aliases = {folded_heading(alias): self.by_code[code] for alias, code in self.aliases.items()}
        return MappingProxyType(aliases | named)

    @cached_property
    def _by_name_without_unit(self) -> Mapping[str, Column]:
        named = self._by_name.items()
        return MappingProxyType({_UNIT.sub("", name): column for name, column in named if column.read in _MONEY})


def lacking(record_type: str, holds: Iterable[str]) -> frozenset[str]:
    """Pointers of what records of the type have and a layout that holds these pointers cannot say.

    An object of which nothing can be said is there itself. The uploader says what tells records apart.
    """
    held = [*holds, *FROM_UPLOADER]
    return frozenset(_lacking(RECORD_TYPES[record_type], "", held))


FROM_UPLOADER = ("/record_type", "/source_id", "/organisation", "/region", "/field")
"""What every record has and no layout of others needs to say."""


def _lacking(model: type[BaseModel], at: str, held: Sequence[str]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        here = at + pointer(name)
        if not any(is_within(one, here) or is_within(here, one) for one in held):
            yield here
        for part in _parts(info.annotation):
            yield from _lacking(part, here, held)


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 – typing's own forms have no common type
    """The objects a member may be; what stands in a list has no pointer of its own."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one


# --- headings -----------------------------------------------------------------------------------

_OPTIONAL_MARKS = re.compile(r"\((必填|选填|必填项|选填项)\)|[*★\s\u200b\ufeff]")
_CODE_IN_HEADING = re.compile(r"CF_[A-Z_]*[A-Z][0-9]?|XY0[12][0-9]{4}|(?<=\()(?:BZ|DFBM|SJC)(?=\))")
_UNIT = re.compile(r"\((万?元)\)$|[,:(]?单位[:为]?(万?元)\)?$")
_MONEY = ("ten_thousands", "yuan")
_LONGEST_HEADING = 80
_FEWEST = 3
"""So many headings at least make a header."""


def folded_heading(heading: str) -> str:
    """A heading without what differs from file to file: width, case, white space, marks for what is required."""
    return _OPTIONAL_MARKS.sub("", heading.translate(WIDTH)).upper()


def _unit_in(heading: str) -> str | None:
    """The unit a heading names for its money: 元, 万元 or none."""
    found = _UNIT.search(folded_heading(heading))
    return (found[1] or found[2]) if found else None


def _unit_is_open(place: Place) -> bool:
    """By its code a column is the standard's, in 万元; only a heading in words can leave its unit open."""
    if place.column.read != "ten_thousands" or _unit_in(place.heading) is not None:
        return False
    return not _CODE_IN_HEADING.search(folded_heading(place.heading))


def named(layout: Layout, cells: Sequence[str]) -> dict[int, Column]:
    """The cells of a row that are headings of the layout, by their place."""
    found = {index: _column_named(layout, cell) for index, cell in enumerate(cells)}
    return {index: column for index, column in found.items() if column is not None}


def _column_named(layout: Layout, cell: str) -> Column | None:
    return layout.column_named(cell) if cell and len(cell) <= _LONGEST_HEADING else None


def by_headings(layout: Layout, head: Sequence[Line]) -> Header | None:
    """The header among the first lines of a page, told by its headings; None if there is none of this layout.

    It is the line with the most of them, filled up from the lines beside it where cells over two rows were merged.
    A line that only shares some items with the layout is none: a quarter of what is needed has to be there.
    """
    if not head:
        return None
    counts = [len(named(layout, line.cells)) for line in head]
    at = counts.index(max(counts))
    last = _last_row(layout, head, at)
    headings = _filled_up(layout, head[max(at - 1, 0) : last + 1], head[at])
    known = set(named(layout, headings).values())
    needed = [column for column in layout.columns if column.needed]
    if len(known) < _FEWEST or 4 * len(known.intersection(needed)) < len(needed):
        return None
    return header_of(layout, head[: last + 1], headings)


def _last_row(layout: Layout, head: Sequence[Line], at: int) -> int:
    """The place of the last row of the header whose main row is `at`: codes under names, and the like."""
    main = named(layout, head[at].cells)
    while at + 1 < len(head) and (below := named(layout, head[at + 1].cells)):
        if not _is_mostly(below, head[at + 1].cells) or any(main.get(i, one) is not one for i, one in below.items()):
            break
        at += 1
    return at


def _is_mostly(found: Mapping[int, Column], cells: Sequence[str]) -> bool:
    """Whether at least two, and most, of what a row says are headings."""
    return len(found) >= 2 and 2 * len(found) >= sum(map(is_said, cells))


def _filled_up(layout: Layout, block: Sequence[Line], main: Line) -> list[str]:
    """The main row's headings; where it has none that is known, that of a row beside it."""
    headings = list(main.cells) + [""] * (max(len(line.cells) for line in block) - len(main.cells))
    for line in block:
        for index in named(layout, line.cells):
            headings[index] = headings[index] if _column_named(layout, headings[index]) else line.cells[index]
    return headings


def header_of(
    layout: Layout, lines: Sequence[Line], headings: Sequence[str], columns: Mapping[int, Column] | None = None
) -> Header:
    """The header made of these headings; `columns` tells which item stands where if the headings do not."""
    known = named(layout, headings) if columns is None else columns
    places: list[Place] = []
    unused: list[str] = []
    extra: list[str] = []
    for index, heading in enumerate(map(clean, headings)):
        column = known.get(index)
        if column is not None and column.pointer:
            in_yuan = column.read == "ten_thousands" and _unit_in(heading) == "元"
            read = "yuan" if in_yuan else column.read
            places.append(Place(column, index, heading or column.heading, read))
        elif heading and folded_heading(heading) not in ADDED_HEADINGS:
            (unused if column else extra).append(heading)
    faults = tuple(_header_faults(layout, places, unused, extra))
    width = max(len(headings), *(len(line.cells) for line in lines))
    return Header(len(set(known.values())), tuple(lines), tuple(places), tuple(unused), tuple(extra), width, faults)


def _header_faults(
    layout: Layout, places: Sequence[Place], unused: Sequence[str], extra: Sequence[str]
) -> Iterator[Fault]:
    # Counted once: layouts have columns by the thousand, for every item that a list may have.
    held = Counter(place.column.code for place in places)
    for column in layout.columns:
        if column.needed and column.code not in held:
            yield Fault("", "column-missing", {"column": column.heading})
        if held[column.code] > 1:
            yield Fault("", "column-twice", {"column": column.heading})
    for place in filter(_unit_is_open, places):
        yield Fault("", "unit-assumed", {"column": _UNIT.sub("", place.column.heading)})
    if unused:
        yield Fault("", "columns-unused", {"columns": _listed(unused)})
    if extra:
        yield Fault("", "columns-not-read", {"columns": _listed(extra)})


_MOST_LISTED, _LONGEST_LISTED = 20, 30


def _listed(headings: Sequence[str]) -> str:
    """Headings in a message: no more and no longer ones than a person reads."""
    short = (one if len(one) <= _LONGEST_LISTED else one[: _LONGEST_LISTED - 1] + "…" for one in headings)
    more = ["…"] if len(headings) > _MOST_LISTED else []
    return "、".join([*dict.fromkeys(short)][:_MOST_LISTED] + more)


# --- one page of a file -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A fault of a row, the place of its cell in the row and the heading of its column, as far as it has them."""

    index: int | None
    heading: str | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, the record it says, and the faults of its own cells."""

    number: int
    record: dict[str, Any]
    faults: tuple[Told, ...]


@dataclass(frozen=True)
class Sheet:
    """A page in a layout."""

    page: Page
    layout: Layout
    header: Header

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the page up to and including the last row of its header."""
        return self.header.lines

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the items stand, in the order of the file."""
        return self.header.places

    @property
    def extra(self) -> tuple[str, ...]:
        """Headings of columns that the layout does not know; they are not read."""
        return self.header.extra

    @property
    def width(self) -> int:
        """How many cells the header's rows have."""
        return self.header.width

    @cached_property
    def pointers(self) -> frozenset[str]:
        """The pointers of the items that this file has columns for."""
        return frozenset(place.column.pointer for place in self.places)

    def rows(self, uploader: Uploader) -> Iterator[Row]:
        """The rows as records, in the order of the file; blank rows, notes and repeated headers are passed over.

        Raises Unreadable where another header begins, and whatever the page itself raises.
        """
        last = self.lines[-1].number
        for line in self.page.lines():
            if line.number > last and self._is_data(line):
                yield self._row(line, uploader)

    def column_of(self, at: str) -> str | None:
        """The heading, as this file has it, of the item a pointer into the record is about.

        An item the file has no column for is called by the heading of the layout, and one that the layout does not have
        as the standard calls it; None for what the standard does not know.
        """
        place, columns = self._place_at(at), self._columns_at(at)
        return place.heading if place else columns[0].heading if columns else _title(self.layout.record_type, at)

    def place_of(self, at: str) -> int | None:
        """The place in the row of the item a pointer into the record is about; None if the file has no such column."""
        place = self._place_at(at)
        return None if place is None else place.index

    def told(self, row: Row, judged: Iterable[Fault]) -> list[Told]:
        """All faults of a row with their columns: its own, then those `judged` finds in its record.

        Left out is what only follows from a cell that could not be read, or from a missing decision number. Of a row
        whose cells do not line up with the header only that is told.
        """
        unread = [told.fault.pointer for told in row.faults if told.fault.is_error]
        said = [fault for fault in judged if not any(is_within(fault.pointer, at) for at in unread)]
        numbered = self._columns_at("/source_id")
        missing = {*unread, *(fault.pointer for fault in said if fault.is_error)}
        if any(column.pointer in missing for column in numbered if column.pointer != "/source_id"):
            said = [fault for fault in said if fault.pointer != "/source_id"]
        return [*row.faults, *map(self._told, said)]

    # --- where ---

    def _columns_at(self, at: str) -> list[Column]:
        # What tells a record apart is made of the decision's number where no column says it.
        return self.layout.columns_at(at) or (self.layout.columns_at("/decision_no") if at == "/source_id" else [])

    def _place_at(self, at: str) -> Place | None:
        columns = self._columns_at(at)
        return next((place for column in columns for place in self.places if place.column is column), None)

    def _told(self, fault: Fault) -> Told:
        return Told(self.place_of(fault.pointer), self.column_of(fault.pointer), fault)

    # --- which rows ---

    def _is_data(self, line: Line) -> bool:
        if not any(self._says(line, place.index) for place in self.places):
            return any(map(is_said, line.cells[self.width :]))
        return not self._is_header(line) and not self._is_note(line)

    def _says(self, line: Line, index: int) -> bool:
        return index in line.marks or (index < len(line.cells) and is_said(line.cells[index]))

    def _is_note(self, line: Line) -> bool:
        """Whether a row explains the table, sums it up or signs it, instead of being in it."""
        first = next((clean(cell) for cell in line.cells if is_said(cell)), "")
        if any(mark in first for mark in _NOTES):
            return self.layout.positional or sum(map(is_said, line.cells)) < _FEWEST
        # Whoever is called so has a number, a kind and an organ too.
        needed = sum(place.column.needed and self._says(line, place.index) for place in self.places)
        return needed <= 1 and _BELOW.fullmatch(first) is not None

    def _is_header(self, line: Line) -> bool:
        """Whether a row repeats the header. Raises Unreadable if it is another one."""
        said = [(index, cell) for index, cell in enumerate(line.cells) if is_said(cell)]
        found: dict[int, Column] = {}
        for count, (index, cell) in enumerate(said, start=1):
            column = _column_named(self.layout, cell)
            if column is not None:
                found[index] = column
            elif 2 * (count - len(found)) > len(said):
                return False
        if len(found) < _FEWEST:
            return False
        if all(self._is_at(index, column, line.cells[index]) for index, column in found.items()):
            return True
        raise Unreadable(Fault("", "header-twice", {"sheet": self.page.name or "—", "row": line.number}))

    def _is_at(self, index: int, column: Column, heading: str) -> bool:
        """Whether the column is the one that stands there, or has no place in a record and so none to be wrong in."""
        here = self._columns_by_index.get(index)
        return not column.pointer or here is column or (here is not None and here.is_called(heading))

    @cached_property
    def _columns_by_index(self) -> Mapping[int, Column]:
        return {place.index: place.column for place in self.places}

    # --- what they say ---

    def _row(self, line: Line, uploader: Uploader) -> Row:
        record = _from(self.layout, uploader)
        faults = (
            [] if not any(map(is_said, line.cells[self.width :])) else [Told(None, None, Fault("", "row-too-long"))]
        )
        said: dict[str, list[tuple[Column, Any]]] = {}
        for place in self.places:
            read, found = self._cell(line, place)
            faults += [Told(place.index, place.heading, fault) for fault in found]
            if read is not None:
                said.setdefault(place.column.pointer, []).append((place.column, read))
        unread = {told.fault.pointer for told in faults if told.fault.is_error}
        for at, values in said.items():
            if at not in unread:
                faults += self._put(record, at, values)
        faults += map(self._told, self.layout.complete(record, uploader))
        return Row(line.number, record, tuple(faults))

    def _cell(self, line: Line, place: Place) -> tuple[object, list[Fault]]:
        """What a cell says, None if nothing, and what is wrong with it."""
        at, mark = place.column.pointer, line.marks.get(place.index)
        faults = [] if mark is None else [Fault(at, mark)]
        text = clean(line.cells[place.index]) if place.index < len(line.cells) else ""
        if text in ABSENT or any(fault.is_error for fault in faults):
            return None, faults
        try:
            return self.layout.readers[place.read](text), faults
        except CellError as cause:
            return None, [*faults, Fault(at, cause.code, cause.details)]

    def _put(self, record: dict[str, Any], at: str, values: list[tuple[Column, Any]]) -> Iterator[Told]:
        value, warning = values[0][1], None
        if at in self.layout.joins:
            value, warning = self.layout.joins[at](sorted(values, key=lambda said: self.layout.order[said[0].code]))
        put(record, at, value)
        if warning is not None:
            column, code = warning
            place = next(place for place in self.places if place.column is column)
            yield Told(place.index, place.heading, Fault(at, code))


def _title(record_type: str, at: str) -> str | None:
    path = at.removeprefix("/").replace("/", ".")
    return names.heading(record_type, path) if path in names.titles(record_type) else None


_NOTES = ("表格说明", "填表说明")
_BELOW = re.compile(r"(合计|总计|小计|填表人|制表人|审核人|填报人|负责人|备注|注)\s*([:：].*)?", re.DOTALL)


def _from(layout: Layout, uploader: Uploader) -> dict[str, Any]:
    return {
        "record_type": layout.record_type,
        "organisation": uploader.organisation,
        "region": uploader.region,
        "field": uploader.field,
    }


def put(record: dict[str, Any], at: str, value: object) -> None:
    """Put a value into a record at a pointer of names, making the objects on the way."""
    *path, last = at.split("/")[1:]
    for name in path:
        record = record.setdefault(name, {})
    record[last] = value
