"""Our own layout, one for each record type: a column for everything that a record of the type says but its events.

It is made from the model and from `headings/`: headings are Chinese, and below them stand the paths of the members
(`party.name`, `quantities.0.item`); either is enough. An item of a list of objects has columns of its own, numbered;
codes of a list stand in one cell. A record written in this layout is read as the same record, but for empty objects
and lists, which say nothing. Who reports, where and in which field may be left out, as in all layouts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import groupby, product
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

# Relative on purpose: the standard can be copied out of this repository and works under any name.
from .. import RECORD_TYPES  # noqa: TID252
from ..codelists import codelist  # noqa: TID252
from ..faults import Fault  # noqa: TID252
from ..fields import When, Yuan  # noqa: TID252
from ..headings import Member, heading, members, titles  # noqa: TID252
from ..parts import COORDINATE, DECIMAL  # noqa: TID252
from ..record import wholes  # noqa: TID252
from . import penalties
from .cells import YUAN, CellError, Reader, code, day, folded, integer, moment, money, written_moment
from .columns import Column, Layout, Uploader
from .literal import NUMBER, WORDS, several, unguarded, written_several

SHEETS_ASIDE = ("填写说明", "代码表")
"""Sheets of our templates that hold no records."""

# --- how a member stands in a cell ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """How a member is read from a cell and written into one; kinds of one name are read and written alike.

    `says`: in Chinese, how it is filled in. `choices`: what a cell may hold, one of them or, if `several`, more.
    """

    name: str
    read: Reader
    write: Callable[[Any], str]
    says: str
    choices: tuple[str, ...] = ()
    several: bool = False


_MONEY = TypeAdapter(Yuan).json_schema()["pattern"]
_MOMENT = TypeAdapter(When).json_schema()
_FLAGS = MappingProxyType({"是": True, "否": False, "TRUE": True, "FALSE": False, "1": True, "0": False})
_MARKS = re.compile(r"[;；\n]")
_MOST_TOLD = 40
"""So many choices at most are told in a message."""


def _flag(text: str) -> bool:
    plain = folded(text).upper()
    if plain not in _FLAGS:
        raise CellError("cell-wording", known_zh="是、否", known_en="是 (yes), 否 (no)")
    return _FLAGS[plain]


def _decimal(text: str) -> str:
    plain = folded(text).replace(",", "")
    if "E" in plain.upper():
        raise CellError("rounded-by-spreadsheet")
    return plain


@dataclass(frozen=True)
class _Codes:
    """Codes and their Chinese words; a cell has one or the other or, as we write it, both: 03 罚款."""

    words: Mapping[str, str]
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(map(self.write, self.words))

    def write(self, one: str) -> str:
        return f"{one} {self.words[one]}"

    def read(self, text: str) -> str:
        found = self._by_word.get(folded(text).upper())
        if found is not None:
            return found
        if len(self.words) > _MOST_TOLD:
            raise CellError("unknown-code")
        known_en = ", ".join(f"{words} ({one})" for one, words in self.words.items())
        raise CellError("cell-wording", known_zh="、".join(self.choices), known_en=known_en)

    def read_all(self, text: str) -> list[str]:
        return [self.read(part) for part in _MARKS.split(text) if part.strip()]

    def write_all(self, codes: Iterable[str]) -> str:
        return ";".join(map(self.write, codes))

    @cached_property
    def _by_word(self) -> Mapping[str, str]:
        called = [*self.also.items(), *((words, one) for one, words in self.words.items())]
        for one in self.words:
            called += [(self.write(one), one), (one, one)]
        return {folded(words).upper(): one for words, one in called}


@cache
def _of_list(name: str) -> _Codes:
    entries = codelist(name)
    also = {word: entry.code for entry in entries for word in entry.more.get("also", "").split("|") if word}
    return _Codes({entry.code: entry.zh for entry in entries}, also)


def kind_of(record_type: str, member: Member) -> Kind:
    """How the member stands in a cell. TypeError if nobody has thought of such a member yet."""
    shape = member.shape
    if shape == _MOMENT:
        says = "日期和北京时间，如 2026-09-01 10:20；只知道日期的写日期"
        return Kind("moment", moment, written_moment, says)
    match shape.get("type"):
        case "array":
            return _list(member)
        case "boolean":
            return Kind("flag", _flag, lambda said: "是" if said else "否", "是 或 否", ("是", "否"))
        case "integer":
            return Kind("integer", integer, str, "整数，如 2")
        case "string":
            return _choice(record_type, member) if "enum" in shape else _string(member)
    raise _Unthought(member)


class _Unthought(TypeError):
    def __init__(self, member: Member) -> None:
        super().__init__(f"no cell can hold {member.path}")


def _list(member: Member) -> Kind:
    items = member.shape["items"]
    if "x-codelist" in items:
        name = items["x-codelist"]
        codes = _of_list(name)
        says = f"代码或名称，可填多项，以分号隔开，如 {';'.join([*codes.words][:2])}；见代码表 {name}"
        return Kind(f"codes {name}", codes.read_all, codes.write_all, says, codes.choices, several=True)
    if items.get("type") == "string" and "maxLength" in items and "x-identifier" not in items:
        says = f"文字，可填多项，以分号隔开，每项不超过 {items['maxLength']} 字"
        return Kind("several", several, written_several, says, several=True)
    raise _Unthought(member)


def _choice(record_type: str, member: Member) -> Kind:
    name = member.shape.get("x-codelist")
    if name is not None:
        codes, says = _of_list(name), f"从下拉列表中选取，或填代码、名称；见代码表 {name}"
        return Kind(f"code {name}", codes.read, codes.write, says, codes.choices)
    codes = _Codes(titles(record_type)[member.path].choices)
    says = "从下拉列表中选取：" + "、".join(codes.words.values())
    return Kind(f"choice {member.path}", codes.read, codes.write, says, codes.choices)


def _string(member: Member) -> Kind:
    shape = member.shape
    if shape.get("format") == "date":
        return Kind("day", day, str, "日期，如 2026-09-01")
    if "x-identifier" in shape:
        within = "" if shape.get("minLength") == shape["maxLength"] else "以内"
        return Kind("code", code, str, f"按 {shape['x-identifier']} 填写，{shape['maxLength']} 位{within}")
    if shape.get("pattern") == _MONEY:
        return Kind("money", lambda text: money(text, YUAN), str, "以元为单位，最多两位小数，如 12000.00")
    if shape.get("pattern") == DECIMAL:
        return Kind("decimal", _decimal, str, "数字，如 12.5")
    if shape.get("pattern") == COORDINATE:
        # West and south are negative, and a CSV guards what begins with a minus.
        return Kind("degrees", lambda text: _decimal(unguarded(text)), str, "以度为单位的数字，最多 8 位小数")
    if "maxLength" not in shape:
        return Kind("words", WORDS.read, WORDS.write, f"文字，写法为 {shape['pattern']}")
    exact = NUMBER if member.names[-1].endswith("_no") or member.names[-1] == "source_id" else WORDS
    name = "number" if exact is NUMBER else "words"
    return Kind(name, exact.read, exact.write, f"文字，不超过 {shape['maxLength']} 字")


# --- the layout -----------------------------------------------------------------------------------


_PLACES = re.compile(r"\.[0-9]+(?=\.)")


@dataclass(frozen=True, eq=False)
class OwnLayout(Layout):
    """Our layout of one type. It has a column for every item that a list may have; files have as many as they need."""

    def member(self, column: Column) -> Member:
        """What a column says of a record."""
        return self._members[_PLACES.sub("", column.code)]

    def kind(self, column: Column) -> Kind:
        """How the cells of a column are read and written."""
        return self._kinds[column.code]

    def shown(self, counts: Mapping[str, int]) -> tuple[Column, ...]:
        """The columns of a file in which a list has so many items, by its path; one that is not named has none."""
        return tuple(_columns(self.record_type, counts))

    def cells(self, record: Mapping[str, Any], columns: Sequence[Column]) -> list[str]:
        """A row: what these columns say of the record."""
        said = ((self._kinds[column.code], _at(record, column.pointer)) for column in columns)
        return ["" if value is None else kind.write(value) for kind, value in said]

    def columns_at(self, at: str) -> list[Column]:
        """As in all layouts; there are too many columns here to go through."""
        around = next((self._by_pointer[whole] for whole in wholes(at) if whole in self._by_pointer), None)
        return list(self._within.get(at, ())) if around is None else [around]

    @cached_property
    def _members(self) -> Mapping[str, Member]:
        return {member.path: member for member in members(self.record_type)}

    @cached_property
    def _kinds(self) -> Mapping[str, Kind]:
        kinds = {path: kind_of(self.record_type, member) for path, member in self._members.items()}
        return {column.code: kinds[_PLACES.sub("", column.code)] for column in self.columns}

    @cached_property
    def _by_pointer(self) -> Mapping[str, Column]:
        return {column.pointer: column for column in self.columns}

    @cached_property
    def _within(self) -> Mapping[str, list[Column]]:
        found: dict[str, list[Column]] = {}
        for column in self.columns:
            for whole in wholes(column.pointer):
                found.setdefault(whole, []).append(column)
        return found


def _at(said: Any, at: str) -> Any:  # noqa: ANN401 – a member of JSON may be anything
    for name in at.split("/")[1:]:
        if isinstance(said, list):
            said = said[int(name)] if int(name) < len(said) else None
        else:
            said = None if said is None else said.get(name)
    return said


def counted(record_type: str, records: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many items each list of objects of these records has at most, by its path; what `shown` asks for."""
    found: dict[str, int] = {}
    lists = {path for member in members(record_type) for path in _lists(member)}
    for record in records:
        for path in lists:
            for items in _found(record, path.split(".")):
                found[path] = max(found.get(path, 0), len(items))
    return found


def _found(said: Any, names: Sequence[str]) -> Iterator[list[Any]]:  # noqa: ANN401 – a member of JSON may be anything
    """The lists that the names lead to, through every item of lists on the way."""
    for one in said if isinstance(said, list) else [said]:
        below = one.get(names[0]) if one is not None else None
        if below is not None and len(names) > 1:
            yield from _found(below, names[1:])
        elif below is not None:
            yield below


def _lists(member: Member) -> tuple[str, ...]:
    """The paths of the lists that an item with the member is in, the outermost first."""
    return tuple(".".join(member.names[: end + 1]) for end, most in enumerate(member.most) if most is not None)


def _columns(record_type: str, counts: Mapping[str, int]) -> Iterator[Column]:
    """The columns in the order of the model, those of an item of a list side by side."""
    for _, group in groupby(members(record_type), key=lambda member: _lists(member)[:1] or member.path):
        numbered = [
            (places, member)
            for member in group
            for places in product(*(range(counts.get(path, 0)) for path in _lists(member)))
        ]
        for places, member in sorted(numbered, key=lambda one: one[0]):
            yield _column(record_type, member, places)


def _column(record_type: str, member: Member, places: tuple[int, ...]) -> Column:
    left = iter(places)
    steps = []
    for name, most in zip(member.names, member.most, strict=True):
        steps += [name] if most is None else [name, str(next(left))]
    left_out = (*_FROM_UPLOADER, *_MADE_UP.get(record_type, ()))
    # Of a list that must not be empty one item is needed, and no more.
    needed = member.always and member.path not in left_out and not any(places)
    title = heading(record_type, member.path, "zh", places)
    return Column(".".join(steps), title, "/" + "/".join(steps), kind_of(record_type, member).name, needed)


_FROM_UPLOADER = ("organisation", "region", "field")
_MADE_UP: Mapping[str, tuple[str, ...]] = MappingProxyType({"penalty": ("source_id",)})
"""What is made of other columns where a type's file is silent (`_complete`)."""

# --- a row ------------------------------------------------------------------------------------------


def _with_lists(said: Any) -> Any:  # noqa: ANN401 – a member of JSON may be anything
    """What was put at pointers, with lists where these have numbers; an item of which nothing is said is empty."""
    if not isinstance(said, dict):
        return said
    if said and all(name.isdigit() for name in said):
        return [_with_lists(said.get(str(place), {})) for place in range(1 + max(map(int, said)))]
    return {name: _with_lists(member) for name, member in said.items()}


def _complete(record: dict[str, Any], uploader: Uploader) -> Iterator[Fault]:
    record |= {name: _with_lists(member) for name, member in record.items()}
    if "source_id" not in record and record["record_type"] == "penalty":
        told: dict[str, Any] = deepcopy({name: record[name] for name in ("decision_no", "party") if name in record})
        yield from penalties.complete(told, replace(uploader, data_source_name=None, data_source_code=None))
        if "source_id" in told:
            record["source_id"] = told["source_id"]


def _layout(record_type: str) -> OwnLayout:
    kinds = [kind_of(record_type, member) for member in members(record_type)]
    most = {
        path: limit
        for member in members(record_type)
        for path, limit in zip(_lists(member), filter(None, member.most), strict=True)
    }
    return OwnLayout(
        code=f"liandong-{record_type}",
        zh=f"联动表样（{RECORD_TYPES[record_type].title['zh']}）",
        en=f"Liandong layout ({RECORD_TYPES[record_type].title['en']})",
        record_type=record_type,
        columns=tuple(_columns(record_type, most)),
        readers=MappingProxyType({kind.name: kind.read for kind in kinds}),
        complete=_complete,
    )


LAYOUTS: tuple[OwnLayout, ...] = tuple(map(_layout, RECORD_TYPES))


def layout_of(record_type: str) -> OwnLayout:
    """Our layout for a type. KeyError if there is no such type."""
    return {layout.record_type: layout for layout in LAYOUTS}[record_type]
