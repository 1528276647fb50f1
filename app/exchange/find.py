"""Finding records by what is known of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt, create_model
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.exchange.case import WITHDRAWN
from app.exchange.deliver import Delivered, one_of_many
from app.rules import access, searching
from app.store import search, trail
from app.store.search import MOST_COUNTED, Sought
from app.store.search import Place as Place
from app.store.trail import row_of
from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.faults import Fault
from schemas.fields import CreditCode, Day, EnforcementField, Region, When, choice, text
from schemas.identifiers import normalise_document_no
from schemas.lifecycle import SHANGHAI, START
from schemas.record import Part

MOST_WORDS = 10
USUAL_LIMIT = 50
ONE_MILLISECOND = timedelta(milliseconds=1)


class Filters(Part):
    """What is looked for: all of it together. What is left out may be anything."""

    organisation: CreditCode | None = None
    source_id: Annotated[str, text(128)] | None = None
    region: Region | None = None
    field: EnforcementField | None = None
    party_code: Annotated[str, text(64)] | None = None
    party_name: Annotated[str, text(200)] | None = None
    document_no: Annotated[str, text(128)] | None = None
    decided_from: Day | None = None
    decided_to: Day | None = None
    received_from: When | None = None
    received_to: When | None = None
    state: str | None = None
    node_state: (
        Annotated[str, choice("open", "due_soon", "overdue", "done", "done_late", "paused", "waived")] | None
    ) = None
    q: Annotated[str, text(200)] | None = None
    limit: Annotated[StrictInt, Field(ge=1, le=200)] | None = None
    after: Annotated[str, text(200)] | None = None
    estimate: StrictBool | None = None

    def narrowing(self) -> dict[str, object]:
        """The filters that were given, as JSON: without what says how much of the list is wanted."""
        return self.model_dump(mode="json", exclude={"limit", "after", "estimate"}, exclude_none=True)


@cache
def filters_of(record_type: str) -> type[Filters]:
    """The filters for one type: it has states of its own."""
    steps = RECORD_TYPES[record_type].steps
    states = dict.fromkeys([START, *(step.to for step in steps if step.to is not None), WITHDRAWN])
    title = RECORD_TYPES[record_type].__name__ + "Filters"
    own: dict[str, Any] = {"state": (Annotated[str, choice(*states)] | None, None)}
    return create_model(title, __base__=Filters, __doc__=Filters.__doc__, **own)


@dataclass(frozen=True, slots=True)
class Total:
    """How many there are: exactly so many, or at least."""

    value: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found; `next` is the place after which the list goes on, None at its end."""

    items: Sequence[Delivered]
    next: Place | None
    total: Total | None


def contradictions(filters: Filters) -> Iterator[Fault]:
    """What is wrong with filters of which each is sound by itself."""
    if filters.decided_from and filters.decided_to and filters.decided_to < filters.decided_from:
        yield _ends_before("decided")
    since, until = filters.received_from, filters.received_to
    if since and until and _first_too_late(until) <= _first(since):
        yield _ends_before("received")
    if filters.q and len(filters.q.split()) > MOST_WORDS:
        yield Fault("/q", "too-many", {"limit": MOST_WORDS})


def _ends_before(name: str) -> Fault:
    return Fault(f"/{name}_to", "date-order", {"earlier_zh": f"{name}_from", "earlier_en": f"{name}_from"})


async def find(
    conn: AsyncConnection, caller: Caller, record_type: str, filters: Filters, after: Place | None, now: datetime
) -> Found:
    """The records of one type in the caller's scope that fit, after a place in their list.

    The newest receipt first; with dates of the decision, the latest decision first. Raises RoleMayNot.
    """
    scope = access.scope_of(caller)
    searching.may_ask(scope, filters.party_code)

    sought, limit = _sought(record_type, filters), filters.limit or USUAL_LIMIT
    # One more than asked for tells whether the list goes on.
    rows = await search.page(conn, scope, sought, now, after, limit + 1)
    total = _total(await search.count(conn, scope, sought, now)) if filters.estimate else None
    shown = rows[:limit]
    detail = f"filters={','.join(filters.narrowing()) or 'none'} items={len(shown)}"
    await trail.append(conn, row_of(caller, "search", now, record_type=record_type, detail=detail))

    items = [one_of_many(scope, one) for one in shown]
    return Found(items, shown[-1].place(sought) if len(rows) > limit else None, total)


def _total(counted: int) -> Total:
    return Total(min(counted, MOST_COUNTED), is_exact=counted <= MOST_COUNTED)


def _sought(record_type: str, filters: Filters) -> Sought:
    return Sought(
        record_type=record_type,
        organisation=filters.organisation,
        source_id=filters.source_id,
        regions=None if filters.region is None else _within(filters.region),
        field=filters.field,
        party_code=None if filters.party_code is None else filters.party_code.upper(),
        party_name=filters.party_name,
        document_no=None if filters.document_no is None else normalise_document_no(filters.document_no),
        decided_from=filters.decided_from,
        decided_to=filters.decided_to,
        received_from=None if filters.received_from is None else _first(filters.received_from),
        received_before=None if filters.received_to is None else _first_too_late(filters.received_to),
        state=filters.state,
        node_state=filters.node_state,
        words=() if filters.q is None else tuple(filters.q.split()),
    )


def _within(region: str) -> tuple[str, ...]:
    """The code and all below it: a city has its districts, a district its functional zones."""
    regions = codelist("regions")
    return tuple(code for code in regions.codes if regions.within(code, region))


def _first(since: date | datetime) -> datetime:
    """The first moment of it, in milliseconds, for so receipts print theirs; of a day its beginning in Shanghai."""
    if isinstance(since, datetime):
        return since.replace(microsecond=since.microsecond // 1000 * 1000)
    return datetime.combine(since, time(), SHANGHAI)


def _first_too_late(until: date | datetime) -> datetime:
    """The first moment after it: of a moment the next millisecond, of a day the next day in Shanghai."""
    return _first(until) + (ONE_MILLISECOND if isinstance(until, datetime) else timedelta(days=1))
