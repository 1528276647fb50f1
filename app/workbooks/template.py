"""An empty workbook to be filled in, made from the standard: what it asks for, in which form, and when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.workbooks.writing import TEXT, write_row, written
from schemas import RECORD_TYPES
from schemas.faults import wordings
from schemas.headings import heading, members, titles
from schemas.judging import judge
from schemas.layouts.columns import Column
from schemas.layouts.own import SHEETS_ASIDE, Kind, OwnLayout, counted, layout_of
from schemas.layouts.table import Limits
from schemas.publishing import examples
from schemas.record import is_within, wholes

HEADER_ROWS = 2
"""The headings, and below them the members' paths."""

_ITEMS = 2
"""So many items of a list have columns; whoever needs more copies a column and counts on."""
_LATEST = date(2099, 12, 31)
"""No example lies in the future on this day."""


def template(record_type: str, path: Path) -> None:
    """Write the template of a type. KeyError if there is no such type.

    The first sheet is filled in; it has the type's name. On the others stand how each column is filled in, with an
    example of made-up data, and the codes. Scratch files stand beside `path`.
    """
    layout = layout_of(record_type)
    columns = layout.shown(shown_items(record_type))
    codes = _Codes(layout, columns)
    with written(path, path.parent) as book:
        _write_data(book, layout, columns, codes)
        _write_guide(book, layout, columns)
        codes.write(book)


def shown_items(record_type: str) -> dict[str, int]:
    """How many items of each list the template has columns for: two, or as many as the examples need."""
    lists = counted(record_type, examples(record_type).values())
    paths = (
        ".".join(member.names[: end + 1])
        for member in members(record_type)
        for end, most in enumerate(member.most)
        if most is not None
    )
    return {path: max(_ITEMS, lists.get(path, 0)) for path in paths}


def example(record_type: str) -> Mapping[str, Any]:
    """The example that says most; it is valid, and nobody is meant. Its events have no place in a table."""
    fullest = max(examples(record_type).values(), key=lambda one: len(json.dumps(one)))
    return {name: member for name, member in fullest.items() if name != "events"}


def when_needed(record_type: str) -> dict[str, str]:
    """By pointer of what is not always needed: what the standard says to an example from which it is taken away."""
    found: dict[str, str] = {}
    for one in examples(record_type).values():
        for pointer in _pointers(one):
            for fault in judge(record_type, _without(one, pointer), _LATEST).errors:
                if fault.code.startswith("required-") and is_within(pointer, fault.pointer):
                    found.setdefault(pointer, fault.message("zh"))
    return found


def _pointers(said: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Every member of a record but those within lists and events."""
    for name, member in said.items():
        if name != "events":
            yield f"{at}/{name}"
            if isinstance(member, Mapping):
                yield from _pointers(member, f"{at}/{name}")


def _without(said: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    first, _, rest = pointer[1:].partition("/")
    if not rest:
        return {name: member for name, member in said.items() if name != first}
    return {**said, first: _without(said[first], "/" + rest)}


# --- the sheet that is filled in --------------------------------------------------------------------


def _write_data(book: Any, layout: OwnLayout, columns: Sequence[Column], codes: _Codes) -> None:  # noqa: ANN401
    sheet = book.add_worksheet(RECORD_TYPES[layout.record_type].title["zh"])
    text = book.add_format(TEXT)
    always = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#F8CBAD", **TEXT})
    sometimes = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#FFE699", **TEXT})
    other = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DDEBF7", **TEXT})
    path = book.add_format({"font_color": "#808080", "italic": True, **TEXT})
    asks = _Asks(layout)
    sheet.set_column(0, len(columns) - 1, 18, text)
    sheet.freeze_panes(HEADER_ROWS, 0)
    for place, column in enumerate(columns):
        format_ = always if column.needed else sometimes if asks.when(column) else other
        sheet.write_string(0, place, column.heading, format_)
        sheet.write_comment(0, place, asks.note(column), {"x_scale": 2})
        source = codes.source(column)
        if source is not None:
            told = {"validate": "list", "source": source, "error_type": "warning", "error_title": "不在代码表中"}
            sheet.data_validation(HEADER_ROWS, place, Limits().rows, place, told)
    write_row(sheet, 1, [column.code for column in columns], path)


class _Asks:
    """What the columns of a layout ask for, in Chinese."""

    def __init__(self, layout: OwnLayout) -> None:
        self._layout = layout
        self._when = when_needed(layout.record_type)
        self._titles = titles(layout.record_type)

    def when(self, column: Column) -> str:
        """When the column has to be filled in; empty if it never has to be."""
        if column.needed:
            return "必填"
        needed = self._layout.member(column).needed
        for depth, whole in enumerate(wholes(column.pointer)):
            if depth <= needed and whole in self._when:
                return self._when[whole]
        return "填写同组其他列时必填" if needed and "." in column.code else ""

    def how(self, column: Column) -> str:
        """In which form, and what there is to know."""
        note = self._titles[self._layout.member(column).path].note
        return "。".join(filter(None, (self._layout.kind(column).says, note)))

    def note(self, column: Column) -> str:
        """Both, for the note at a heading."""
        return "\n".join(filter(None, (self.when(column), self.how(column))))


# --- how it is filled in ----------------------------------------------------------------------------


def _write_guide(book: Any, layout: OwnLayout, columns: Sequence[Column]) -> None:  # noqa: ANN401
    sheet = book.add_worksheet(SHEETS_ASIDE[0])
    bold = book.add_format({"bold": True, **TEXT})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", **TEXT})
    for place, width in enumerate((34, 34, 30, 60, 60)):
        sheet.set_column(place, place, width, wrapped)
    for number, (cells, format_) in enumerate(_guide(layout, columns, bold, wrapped)):
        write_row(sheet, number, cells, format_)


def _guide(
    layout: OwnLayout,
    columns: Sequence[Column],
    bold: Any,  # noqa: ANN401 – the library has no types
    wrapped: Any,  # noqa: ANN401
) -> Iterator[tuple[Sequence[str], Any]]:
    title = RECORD_TYPES[layout.record_type].title["zh"]
    yield [f"“{title}”工作表从第 {HEADER_ROWS + 1} 行起逐行填写，每行一条记录；前两行不要改动。"], bold
    yield ["列名底色：橙色为必填，黄色为在一定情形下必填，蓝色为有则填写。没有的内容留空。"], wrapped
    yield (
        ["同一项有多个的，各占一组编号的列；不够时在表尾加列，列名和第二行的编号依次递增，如 quantities.2.item。"],
        wrapped,
    )
    yield [], wrapped
    yield ["列名", "字段", "何时必填", "怎样填写", "示例（虚构）"], bold
    asks = _Asks(layout)
    shown = layout.cells(example(layout.record_type), columns)
    for column, cell in zip(columns, shown, strict=True):
        yield [column.heading, column.code, asks.when(column), asks.how(column), cell], wrapped
    yield [], wrapped
    yield ["提交后逐行校验的规则", "", "", "所涉各列", "依据"], bold
    for says, (read, basis) in _rules(layout.record_type).items():
        yield [says, "", "", "、".join(read), "；".join(basis)], wrapped


def _rules(record_type: str) -> dict[str, tuple[dict[str, None], dict[str, None]]]:
    """What the rules across fields say, each once: the columns that they read, and the reasons for them."""
    found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for rule in RECORD_TYPES[record_type].rules:
        says = "；".join(dict.fromkeys(_GAP.sub("…", wordings()[code].message["zh"]) for code in rule.codes))
        read, basis = found.setdefault(says, ({}, {}))
        paths = (pointer[1:].replace("/", ".") for pointer in rule.reads)
        read |= {heading(record_type, path): None for path in paths if path in titles(record_type)}
        basis[rule.basis] = None
    return found


_GAP = re.compile(r"\{\w+\}")

# --- codes ------------------------------------------------------------------------------------------


class _Codes:
    """The sheet of codes: a column for each list that cells are chosen from."""

    def __init__(self, layout: OwnLayout, columns: Sequence[Column]) -> None:
        self._layout = layout
        kinds = map(layout.kind, columns)
        self._lists = {_list_name(kind): kind.choices for kind in kinds if kind.choices}

    def source(self, column: Column) -> str | None:
        """Where the one choice for a cell is made, as a list in a spreadsheet is named; None if there is none."""
        kind = self._layout.kind(column)
        if kind.several or not kind.choices:
            return None
        letter = _letters(list(self._lists).index(_list_name(kind)))
        return f"='{SHEETS_ASIDE[1]}'!${letter}$2:${letter}${len(kind.choices) + 1}"

    def write(self, book: Any) -> None:  # noqa: ANN401
        sheet = book.add_worksheet(SHEETS_ASIDE[1])
        bold, text = book.add_format({"bold": True, **TEXT}), book.add_format(TEXT)
        sheet.set_column(0, len(self._lists) - 1, 30, text)
        sheet.freeze_panes(1, 0)
        write_row(sheet, 0, [f"代码表 {name}" for name in self._lists], bold)
        for number in range(max(map(len, self._lists.values()), default=0)):
            row = [choices[number] if number < len(choices) else "" for choices in self._lists.values()]
            write_row(sheet, number + 1, row)


def _list_name(kind: Kind) -> str:
    return kind.name.partition(" ")[2] or "是否"


def _letters(column: int) -> str:
    """What a spreadsheet calls the column at this place, from 0."""
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters, column = chr(ord("A") + letter) + letters, column - 1
    return letters
