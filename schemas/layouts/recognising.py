"""In which layout a file is, told by its headings, and which of its pages are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ..faults import Fault  # noqa: TID252 – relative, as in all of the standard
from . import credit_publicity, credit_publicity_2015, own, wuhan
from .columns import Header, Layout, Sheet
from .table import Page, Table, Unreadable

LAYOUTS: tuple[Layout, ...] = (credit_publicity.LAYOUT, credit_publicity_2015.LAYOUT, wuhan.LAYOUT, *own.LAYOUTS)
"""All that are recognised; of those that recognise equally much the first is taken."""

_HEAD = 20
"""Among so many lines at the top of a page its header is looked for."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file was found to be. With an error among `faults` there are no sheets, and nothing can be read."""

    layout: Layout | None
    sheets: tuple[Sheet, ...]
    faults: tuple[Fault, ...]

    @property
    def readable(self) -> bool:
        """Whether the rows can be read at all."""
        return not any(fault.is_error for fault in self.faults)


@dataclass(frozen=True, slots=True)
class _Found:
    """A page, and its header if it has one of a layout."""

    page: Page
    layout: Layout | None
    header: Header | None
    is_empty: bool


def recognise(table: Table, layouts: Sequence[Layout] = LAYOUTS) -> Recognised:
    """Find the layout of a file: the one of whose headings it has most. All visible pages in it are read.

    Raises Unreadable if a page cannot be read.
    """
    found = [_look_at(page, layouts) for page in table.pages if not page.hidden]
    told = [one for one in found if one.layout is not None]
    met = list(dict.fromkeys(one.layout for one in told if one.layout is not None))
    if len(met) != 1:
        return Recognised(None, (), (*table.warnings, _why_none(table, met, layouts)))
    faults = _once([*table.warnings, *_passed_over(table, found), *_of_headers(told)])
    sheets = [Sheet(one.page, met[0], one.header) for one in told if one.header is not None]
    readable = not any(fault.is_error for fault in faults)
    return Recognised(met[0], tuple(sheets) if readable else (), tuple(faults))


def _look_at(page: Page, layouts: Sequence[Layout]) -> _Found:
    head = list(islice(page.lines(), _HEAD))
    found = [(layout, header) for layout in layouts if (header := layout.find(layout, page, head)) is not None]
    if not found:
        return _Found(page, None, None, not head)
    layout, header = max(found, key=lambda one: (one[1].score, -_errors(one[1])))
    return _Found(page, layout, header, is_empty=False)


def _errors(header: Header) -> int:
    return sum(fault.is_error for fault in header.faults)


def _once(faults: Sequence[Fault]) -> list[Fault]:
    """The faults without those that say the same of another sheet."""
    return [fault for place, fault in enumerate(faults) if fault not in faults[:place]]


def _of_headers(told: Sequence[_Found]) -> Iterator[Fault]:
    for one in told:
        yield from one.header.faults if one.header is not None else ()


def _passed_over(table: Table, found: Sequence[_Found]) -> Iterator[Fault]:
    for one in found:
        if one.layout is None and not one.is_empty and one.page.name not in own.SHEETS_ASIDE:
            yield Fault("", "sheet-not-read", {"sheet": one.page.name})
    for page in table.pages:
        if page.hidden and page.name not in own.SHEETS_ASIDE:
            yield Fault("", "sheet-hidden", {"sheet": page.name})


def _why_none(table: Table, met: Sequence[Layout], layouts: Sequence[Layout]) -> Fault:
    if met:
        return Fault("", "layouts-mixed", _titles(met))
    hidden = next((page for page in table.pages if page.hidden and _has_header(page, layouts)), None)
    if hidden is not None:
        return Fault("", "only-hidden", {"sheet": hidden.name})
    return Fault("", "layout-unknown", _titles(layouts))


def _has_header(page: Page, layouts: Sequence[Layout]) -> bool:
    """Whether a page nobody sees has a header; what is wrong with it beyond that is nobody's concern."""
    try:
        return _look_at(page, layouts).layout is not None
    except Unreadable:
        return False


def _titles(layouts: Sequence[Layout]) -> dict[str, str | int]:
    return {
        "layouts_zh": "、".join(one.zh for one in layouts),
        "layouts_en": ", ".join(one.en for one in layouts),
    }
