"""Wuhan's own template of before 2018: a workbook a month, the penalties on its second sheet from row 4 on.

Its columns are told by where they stand. The first three rows hold titles and headings, in wordings that differ from
office to office: the sheet is taken for the template when the headings that can be read stand where they should, and
none stands elsewhere. Otherwise somebody has moved columns, and the headings are believed instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import credit_publicity_2015
from .cells import CellError, clean, day
from .columns import Column, Header, Layout, by_headings, header_of, lacking, named
from .penalties import JOINS, PENALTY_READERS, RECORD_TYPE, complete_older
from .table import Line, Page

_2015 = credit_publicity_2015.BY_CODE

COLUMNS: tuple[Column, ...] = (
    *(_2015[code] for code in ("CF_XDR_MC", "CF_FR", "CF_XDR_SHXYM", "CF_XDR_ZDM", "CF_XDR_GSDJ", "CF_XDR_SWDJ")),
    _2015["CF_XDR_SFZ"],
    Column("CF_AJMC", "案件名称", "/remarks", "case_name", also=("项目名称",), aside=True),
    *(_2015[code] for code in ("CF_CFLB1", "CF_WSH", "CF_SY", "CF_YJ", "CF_JG", "CF_JDRQ")),
    Column(
        "CF_JZRQ",
        "处罚截止日期",
        "/valid_until",
        "day",
        also=("处罚截止期", "截止日期", "截止期", "处罚有效期", "处罚期限"),
    ),
    *(_2015[code] for code in ("CF_XZJG", "CF_ZT", "DFBM", "SJC", "BZ")),
    *(Column(f"QT{n}", f"其他{n}", "", also=("QT", "其他", "其他信息")) for n in (1, 2, 3)),
    Column("CF_CFMC", "处罚名称", "/remarks", "penalty_name", also=("事件名称", "案件名称"), aside=True),
)

_SHEET = 1
"""Its place in the workbook, from 0."""
_FIRST_ROW = 4
_ENOUGH, _ENOUGH_ELSEWHERE = 5, 12
"""So many headings in their place tell the template on the second sheet, and on another one."""


def _find(layout: Layout, page: Page, head: Sequence[Line]) -> Header | None:
    return _by_position(layout, page, head) or by_headings(layout, head)


def _by_position(layout: Layout, page: Page, head: Sequence[Line]) -> Header | None:
    """The rows above the data, if the headings in them stand in the template's places."""
    top = [line for line in head if line.number < _FIRST_ROW]
    enough = _ENOUGH if page.index == _SHEET else _ENOUGH_ELSEWHERE
    headings = _headings(layout, top)
    found = named(layout, headings)
    if len(found) < enough or not all(_is_in_place(layout, at, headings[at]) for at in found) or _is_data(top):
        return None
    return header_of(layout, top, headings, dict(enumerate(layout.columns)))


def _headings(layout: Layout, top: Sequence[Line]) -> list[str]:
    """What stands over each column: the lowest of the rows that can be read, else the lowest that says anything."""
    headings = [""] * max([len(layout.columns), *(len(line.cells) for line in top)])
    for line in top:
        known = named(layout, line.cells)
        for at, cell in enumerate(line.cells):
            if at in known or (clean(cell) and layout.column_named(headings[at]) is None):
                headings[at] = cell
    return headings


def _is_in_place(layout: Layout, at: int, heading: str) -> bool:
    return at < len(layout.columns) and (
        layout.columns[at].is_called(heading) or layout.column_named(heading) is layout.columns[at]
    )


def _is_data(top: Sequence[Line]) -> bool:
    """Whether the last row above the data is data itself: a day stands where days stand."""
    at = next(place for place, column in enumerate(COLUMNS) if column.pointer == "/decided_on")
    if not top or top[-1].number != _FIRST_ROW - 1 or len(top[-1].cells) <= at:
        return False
    try:
        return bool(day(clean(top[-1].cells[at])))
    except CellError:
        return False


LAYOUT = Layout(
    code="wuhan-penalties",
    zh="武汉市行政处罚信息旧模板",
    en="Wuhan's old template of penalties",
    record_type=RECORD_TYPE,
    columns=COLUMNS,
    lacks=lacking(RECORD_TYPE, (column.pointer for column in COLUMNS if column.pointer)),
    readers=PENALTY_READERS,
    joins=JOINS,
    complete=complete_older,
    find=_find,
    positional=True,
)
