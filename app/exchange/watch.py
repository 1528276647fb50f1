"""Watching duties: lists of them across records, for whoever may see them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.callers import Caller, Scope
from app.exchange.duties import duty_from_text
from app.refusals import TooManyRows
from app.rules import access
from app.rules.deadlines import Duty
from app.rules.disclosure import cleared, words_of
from app.store import node_lists, statistics, trail
from app.store.node_lists import ListedRow, Stretch, Wanted
from app.store.node_lists import Place as Place
from app.store.statistics import Counting
from app.store.trail import row_of
from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.faults import Fault, pointer
from schemas.fields import CreditCode, Day, EnforcementField, Region, When, choice, text
from schemas.lifecycle import SHANGHAI, Party
from schemas.record import Part
from schemas.shaping import first_at_each_place, shaped

USUAL_LIMIT = 50
MOST_EXPORTED = 100_000
"""Rows of one file: what a spreadsheet program still opens without pain."""
_EXPORTED_AT_ONCE = 250

Role = Annotated[str, choice(*(party for party in Party if party != Party.SYSTEM))]
NodeState = Annotated[str, choice("open", "due_soon", "overdue", "done", "done_late", "paused", "waived")]


@cache
def node_titles() -> Mapping[str, Mapping[str, str]]:
    """What people call the nodes of all types, by id."""
    return {node.id: node.title for model in RECORD_TYPES.values() for node in model.nodes}


_ROLE_TITLES: Mapping[str, Mapping[str, str]] = {
    Party.AGENCY: {"zh": "行政机关", "en": "agency"},
    Party.POLICE: {"zh": "公安机关", "en": "police"},
    Party.PROCURATORATE: {"zh": "检察院", "en": "procuratorate"},
    Party.OFFICE: {"zh": "协调机制办公室", "en": "coordination office"},
    Party.GIVER: {"zh": "线索提供单位", "en": "giver of the clue"},
    Party.DELEGATE: {"zh": "受托检察院", "en": "delegated procuratorate"},
    Party.CONCERNED: {"zh": "当事人", "en": "party"},
    Party.COURT: {"zh": "法院", "en": "court"},
}


def titles_of_groups() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """What people call the codes of those groups that no codelist names."""
    return {"node": node_titles(), "role": _ROLE_TITLES}


@cache
def meeting_events() -> Sequence[str]:
    """The events and stated facts by which a node of any type is met, each once."""
    nodes = (node for model in RECORD_TYPES.values() for node in model.nodes)
    return tuple(dict.fromkeys(event for node in nodes for event in node.closes))


DoneBy = Annotated[str, choice(*meeting_events())]


class NodeFilters(Part):
    """Which duties are wanted: all of it together. What is left out may be anything."""

    state: Annotated[list[NodeState], Field(min_length=1, max_length=7)] | None = None
    responsible: CreditCode | None = None
    record_type: Annotated[str, choice(*RECORD_TYPES)] | None = None
    node: Annotated[str, choice(*node_titles())] | None = None
    region: Region | None = None
    region_only: Region | None = None
    field: EnforcementField | None = None
    organisation: CreditCode | None = None
    role: Annotated[list[Role], Field(min_length=1, max_length=len(Party))] | None = None
    due_from: When | None = None
    due_before: When | None = None
    opened_from: Day | None = None
    opened_to: Day | None = None
    done_from: Day | None = None
    done_to: Day | None = None
    done_by: Annotated[list[DoneBy], Field(min_length=1, max_length=20)] | None = None
    advisory: StrictBool | None = None
    is_numbered: StrictBool | None = None
    limit: Annotated[StrictInt, Field(ge=1, le=200)] | None = None
    after: Annotated[str, text(200)] | None = None

    def narrowing(self) -> dict[str, object]:
        """The filters that were given, as JSON: without what says how much of the list is wanted."""
        said = self.model_dump(mode="json", exclude={"limit", "after"}, exclude_none=True)
        several = {name: getattr(self, name) for name in _SEVERAL}
        return said | {name: sorted(set(codes)) for name, codes in several.items() if codes}

    def wanted(self) -> Wanted:
        """The same for the store."""
        kept = ("responsible", "record_type", "node", "field", "organisation", "advisory", "is_numbered")
        days = ("opened_from", "opened_to", "done_from", "done_to")
        return Wanted(
            **{name: getattr(self, name) for name in (*kept, *days)},
            states=_each_once(self.state),
            roles=_each_once(self.role),
            done_by=_each_once(self.done_by),
            regions=self._regions(),
            due_from=None if self.due_from is None else _beginning(self.due_from),
            due_before=None if self.due_before is None else _beginning(self.due_before),
        )

    def _regions(self) -> tuple[str, ...] | None:
        if self.region is None and self.region_only is None:
            return None
        regions = codelist("regions")
        codes = regions.codes if self.region_only is None else (self.region_only,)
        return tuple(code for code in codes if self.region is None or regions.within(code, self.region))


_SEVERAL = ("state", "role", "done_by")
"""Filters of which any of several codes may be wanted."""


def _each_once(codes: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if codes is None else tuple(dict.fromkeys(codes))


def node_filters(parameters: Mapping[str, str]) -> tuple[NodeFilters | None, list[Fault]]:
    """The filters that stand in an address, or None and what is wrong with them."""
    said = {name: _value(name, value) for name, value in parameters.items()}
    filters, faults = shaped(NodeFilters, said)
    if filters is not None:
        faults = list(_contradictions(filters))
    # A parameter is one place, however many codes stand in it.
    placed = [Fault(pointer(fault.pointer.split("/")[1]), fault.code, fault.details) for fault in faults]
    return (None if placed else filters), first_at_each_place(placed)


def _value(name: str, value: str) -> object:
    """What a parameter says, as JSON would say it."""
    if name == "limit" and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if name in _SEVERAL:
        return value.split(",")
    return {"true": True, "false": False}.get(value, value) if name in ("advisory", "is_numbered") else value


def _contradictions(filters: NodeFilters) -> Iterator[Fault]:
    """What is wrong with filters of which each is sound by itself."""
    for name in ("opened", "done"):
        since, until = getattr(filters, f"{name}_from"), getattr(filters, f"{name}_to")
        if since and until and until < since:
            yield _order(f"{name}_to", f"{name}_from")
    if filters.due_from and filters.due_before and _beginning(filters.due_before) < _beginning(filters.due_from):
        yield _order("due_before", "due_from")


def _order(later: str, earlier: str) -> Fault:
    return Fault(pointer(later), "date-order", {"earlier_zh": earlier, "earlier_en": earlier})


def _beginning(when: date | datetime) -> datetime:
    """The moment itself, or the beginning of the day in Shanghai."""
    return when if isinstance(when, datetime) else datetime.combine(when, time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Watched:
    """One duty in a list, and of which record, as one caller may see it."""

    duty: Duty
    record_id: str
    record_type: str
    organisation: str
    source_id: str
    region: str
    field: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of a list; `next` is the place after which it goes on, None at its end."""

    items: Sequence[Watched]
    next: Place | None


async def watch(
    conn: AsyncConnection, caller: Caller, filters: NodeFilters, after: Place | None, now: datetime
) -> Listed:
    """The duties the caller may see that fit, after a place in their list: due first to last.

    Raises RoleMayNot.
    """
    scope = _scope_of(caller)
    stretch = await node_lists.page(conn, scope, filters.wanted(), now, after, filters.limit or USUAL_LIMIT)
    await trail.append(conn, row_of(caller, "list", now, detail=f"{_named(filters)} items={len(stretch.rows)}"))
    return _as_listed(scope, stretch)


async def begin_export(
    conn: AsyncConnection, caller: Caller, filters: NodeFilters, format_: str, now: datetime
) -> None:
    """Note that somebody takes away a whole list. Raises RoleMayNot, and TooManyRows if it does not fit one file."""
    scope = _scope_of(caller)
    counting = Counting(filters.wanted(), {"rows": filters.wanted()}, ())
    found = await statistics.counts(conn, scope, counting, now, most=1)
    rows = found[0].counts["rows"] if found else 0
    if rows > MOST_EXPORTED:
        raise TooManyRows(facts={"most": MOST_EXPORTED})
    await trail.append(conn, row_of(caller, "list", now, detail=f"{_named(filters)} format={format_} items={rows}"))


async def all_pages(
    engine: AsyncEngine, caller: Caller, filters: NodeFilters, now: datetime
) -> AsyncIterator[Sequence[Watched]]:
    """The whole list, page by page, as it stands while it is read; at most `MOST_EXPORTED`.

    A transaction each: who reads slowly keeps none open.
    """
    scope, after, left = _scope_of(caller), None, MOST_EXPORTED
    while left > 0:
        async with engine.connect() as conn:
            stretch = await node_lists.page(conn, scope, filters.wanted(), now, after, min(_EXPORTED_AT_ONCE, left))
        listed = await asyncio.to_thread(_as_listed, scope, stretch)
        yield listed.items
        after, left = listed.next, left - len(listed.items)
        if after is None:
            return


def _scope_of(caller: Caller) -> Scope:
    access.may_list_nodes(caller)
    return access.scope_of(caller)


def _as_listed(scope: Scope, stretch: Stretch) -> Listed:
    return Listed([_as_seen(scope, one) for one in stretch.rows], stretch.next)


def _named(filters: NodeFilters) -> str:
    return f"filters={','.join(filters.narrowing()) or 'none'}"


def _as_seen(scope: Scope, listed: ListedRow) -> Watched:
    row = listed.row
    return Watched(
        duty=duty_from_text(row.duty),
        record_id=str(row.record_id),
        record_type=row.record_type,
        organisation=row.organisation,
        source_id=_source_id(scope, listed),
        region=row.region,
        field=row.field,
    )


def _source_id(scope: Scope, listed: ListedRow) -> str:
    """The sender's number, without what the caller may not read, who a person is above all: numbers have held names."""
    withheld = scope.withheld_in(listed.row.record_type, listed.row.organisation) if listed.may_be_read else None
    if withheld is not None and not withheld:
        return listed.source_id
    shown: str = cleared(listed.source_id, words_of(json.loads(listed.unseen), withheld))[0]
    return shown
