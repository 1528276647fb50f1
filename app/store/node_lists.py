"""Lists of duties: those that stand as asked, due first to last, those without a due moment at the end.

What a caller may see is read along a few `paths` – its own, those of its regions, those it is responsible for – and on
each along `lanes`, one for each standing: for every pair the index is in the order of the list. A page is made of the
next few of each, so it is bounded by the index whoever asks and however deep. What is asked beside – a type, a field,
a day – is looked for among them, a window at a time: where little of it is found, a page may be short and still go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    TableValuedAlias,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Scope
from app.store import records
from app.store.nodes import NodeRow, stands
from app.store.search import carefully
from app.store.tables import node, record, wording
from schemas.codelists import codelist
from schemas.lifecycle import SHANGHAI

MOST_LOOKED_AT = 50_000
"""Of the index, for one page."""
_WIDEST = 16_000
_WIDER = 8

LONGEST_COUNTED_BACK = timedelta(days=92)
"""No period that is counted back from its opening is longer, so nothing falls due earlier before it was opened."""

_MICROSECOND = timedelta(microseconds=1)
_NEVER = literal_column("'infinity'::timestamptz", DateTime(timezone=True))
_EVER = literal_column("'-infinity'::timestamptz", DateTime(timezone=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which duties are wanted: everything that is not None, together.

    `states`, `roles`, `regions` and `done_by`: any of these. `due_from` is the first moment that counts, `due_before`
    the first that does not; with either a duty has to have a due moment. Days of opening and of being met: both ends
    included.
    """

    states: Sequence[str] | None = None
    responsible: str | None = None
    record_type: str | None = None
    node: str | None = None
    regions: Sequence[str] | None = None
    field: str | None = None
    organisation: str | None = None
    roles: Sequence[str] | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    opened_from: date | None = None
    opened_to: date | None = None
    done_from: date | None = None
    done_to: date | None = None
    done_by: Sequence[str] | None = None
    advisory: bool | None = None
    is_numbered: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a duty stands."""

    due_at: datetime | None
    record_id: UUID
    node: str


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One duty of the list, and of which record. `unseen`: as in `app/store/search.py`.

    `may_be_read`: the record itself, not this duty of it alone.
    """

    row: NodeRow
    source_id: str
    unseen: str
    may_be_read: bool

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.row.due_at, self.row.record_id, self.row.node)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the list; `next`: the place after which it goes on, None at its end."""

    rows: Sequence[ListedRow]
    next: Place | None


async def page(
    conn: AsyncConnection, scope: Scope, wanted: Wanted, now: datetime, after: Place | None, limit: int
) -> Stretch:
    """The wanted duties in scope after a place in their list: at most `limit`, fewer where they are far between."""
    await carefully(conn)
    places, more = await _places(conn, scope, wanted, now, after, limit)
    rows = await conn.execute(rows_statement(scope, places))
    return Stretch([_listed(row._mapping) for row in rows], more)


async def _places(
    conn: AsyncConnection, scope: Scope, wanted: Wanted, now: datetime, after: Place | None, limit: int
) -> tuple[list[Place], Place | None]:
    """The places of one page, and the place after which the list goes on."""
    arms = len(lanes(wanted, now)) * sum(len(path.values) for path in paths(scope, wanted))
    found: list[Place] = []
    reach, looked_at = limit + 1, 0
    while arms:
        window = await conn.execute(window_statement(scope, wanted, now, after, reach, limit + 1 - len(found)))
        rows = window.all()
        found += [Place(row.due_at, row.record_id, row.node) for row in rows if not row.is_horizon]
        if len(found) > limit:
            return found[:limit], found[limit - 1]
        after = next((Place(row.due_at, row.record_id, row.node) for row in rows if row.is_horizon), None)
        looked_at += arms * reach
        if after is None or looked_at >= MOST_LOOKED_AT:
            return found, after
        # Each window is wider than the last, as far as it stays small.
        reach = max(reach, min(reach * _WIDER, _WIDEST // arms))
    return found, None


# The statements -------------------------------------------------------------------------------------------------------


def window_statement(
    scope: Scope, wanted: Wanted, now: datetime, after: Place | None, reach: int, limit: int
) -> Select[Any]:
    """The first of the wanted duties among the next `reach` of each arm; and the horizon, if there is one.

    Beyond the horizon, the nearest place at which an arm was cut off, another duty of that arm may come first.
    """
    seen = union_all(*(_next_of(path, wanted, now, after, reach) for path in disjoint(scope, wanted))).cte("seen")
    key = (seen.c.falls_due, seen.c.record_id, seen.c.node)
    shown = (seen.c.due_at, seen.c.record_id, seen.c.node)
    horizon = select(*key, seen.c.due_at).where(seen.c.place == reach).order_by(*key).limit(1).cte("horizon")
    edge = select(horizon.c.falls_due, horizon.c.record_id, horizon.c.node).scalar_subquery()
    within = func.coalesce(tuple_(*key) <= edge, true())
    fitting = select(*shown, false().label("is_horizon")).where(seen.c.fits, within).order_by(*key).limit(limit)
    end = select(horizon.c.due_at, horizon.c.record_id, horizon.c.node, true().label("is_horizon"))
    both = union_all(select(fitting.subquery("fitting")), end).subquery("both")
    falls_due = func.coalesce(both.c.due_at, _NEVER)
    return select(both).order_by(both.c.is_horizon, falls_due, both.c.record_id, both.c.node)


def rows_statement(scope: Scope, places: Sequence[Place]) -> Select[Any]:
    """What stands at these places. In scope once more: a record may have moved since they were found."""
    ids = cast([place.record_id for place in places], ARRAY(Uuid))
    names = cast([place.node for place in places], ARRAY(Text))
    at = func.unnest(ids, names).table_valued("record_id", "node", name="at").render_derived()
    columns = [node.c[one.name] for one in fields(NodeRow)]
    return (
        select(*columns, record.c.source_id, wording.c.unseen, records.visible(scope).label("may_be_read"))
        .select_from(at)
        .join(node, and_(node.c.record_id == at.c.record_id, node.c.node == at.c.node))
        .join(record, record.c.id == node.c.record_id)
        .join(wording, wording.c.record_id == node.c.record_id)
        .where(visible(scope))
        .order_by(falls_due(node), node.c.record_id, node.c.node)
    )


def _listed(row: Any) -> ListedRow:  # noqa: ANN401 – a row of the driver
    duty = NodeRow(**{one.name: row[one.name] for one in fields(NodeRow)})
    return ListedRow(duty, row["source_id"], row["unseen"], row["may_be_read"])


def _next_of(path: Path, wanted: Wanted, now: datetime, after: Place | None, reach: int) -> Select[Any]:
    """The next `reach` duties of each arm of a path, and which of them fit."""
    arm = arms_of(path, lanes(wanted, now))
    key = (falls_due(node), node.c.record_id, node.c.node)
    one = (
        select(
            key[0].label("falls_due"),
            node.c.due_at,
            node.c.record_id,
            node.c.node,
            and_(true(), *path.conditions, *fits(wanted, now, node)).label("fits"),
            func.row_number().over(order_by=key).label("place"),
        )
        .where(*on(arm, path))
        .order_by(*key)
        .limit(reach)
    )
    if after is not None:
        due = func.coalesce(cast(after.due_at, DateTime(timezone=True)), _NEVER)
        one = one.where(tuple_(*key) > tuple_(due, literal(after.record_id), literal(after.node)))
    each = one.lateral("each")
    return select(each).select_from(arm.join(each, true()))


# What may be seen, and how it is come by ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Path:
    """A way along an index: duties with one of these values in this column, of which the `conditions` must hold.

    `indexed`: what the index itself is limited to.
    """

    column: str
    values: tuple[str, ...]
    conditions: tuple[ColumnElement[bool], ...] = ()
    indexed: tuple[ColumnElement[bool], ...] = ()

    @property
    def all_of(self) -> ColumnElement[bool]:
        """Whether a duty lies on this path."""
        return and_(node.c[self.column].in_(self.values), *self.conditions, *self.indexed)


def visible(scope: Scope) -> ColumnElement[bool]:
    """Which duties a caller may see: of its own records and of its regions, and those it is responsible for."""
    seen = [node.c.organisation == scope.organisation, node.c.responsible == scope.organisation]
    if scope.jurisdiction is not None:
        seen.append(node.c.region.startswith(scope.jurisdiction, autoescape=True))
    if scope.nodes_of is not None:
        seen.append(records.of_districts(scope.nodes_of, node))
    return or_(*seen)


def paths(scope: Scope, wanted: Wanted) -> list[Path]:
    """The ways to all that is wanted and in scope: along one organisation if one is named, else along the scope."""
    named = wanted.organisation or wanted.responsible
    if named is None:
        return [path for path in _of_scope(scope, wanted) if path.values]
    seen = () if named == scope.organisation else (visible(scope),)
    reported = Path("organisation", (named,), seen)
    return [reported] if wanted.organisation is not None else [reported, _owed_by(named, *seen)]


def _of_scope(scope: Scope, wanted: Wanted) -> Iterator[Path]:
    """The widest way first."""
    if scope.jurisdiction is not None:
        yield Path("region", _regions(scope.jurisdiction, wanted))
    if scope.nodes_of is not None:
        districts = scope.nodes_of
        of_such = (node.c.field == districts.field, node.c.record_type.in_(sorted(districts.types)))
        yield Path("region", _regions(districts.region, wanted), of_such)
    yield Path("organisation", (scope.organisation,))
    yield _owed_by(scope.organisation)


def _owed_by(organisation: str, *conditions: ColumnElement[bool]) -> Path:
    """What an organisation is responsible for in the records of others: all the index holds."""
    return Path("responsible", (organisation,), conditions, (node.c.responsible != node.c.organisation,))


def disjoint(scope: Scope, wanted: Wanted) -> list[Path]:
    """The same ways, what lies on an earlier one left out of the later ones, so that nothing is met twice."""
    ways = paths(scope, wanted)
    return [
        Path(way.column, way.values, (*way.conditions, *(not_(one.all_of) for one in ways[:place])), way.indexed)
        for place, way in enumerate(ways)
    ]


def _regions(beginning: str, wanted: Wanted) -> tuple[str, ...]:
    """The codes that begin so; every record has one out of the list, from which none is ever taken."""
    codes = codelist("regions").codes if wanted.regions is None else wanted.regions
    return tuple(code for code in codes if code.startswith(beginning))


@dataclass(frozen=True, slots=True)
class Lane:
    """Duties of one standing, gates or not, that fall due from `since` to `until`, both included; None: any time."""

    standing: str
    advisory: bool
    since: datetime | None = None
    until: datetime | None = None

    def along(self, other: Lane) -> Lane:
        """The lane that holds both."""
        since = None if self.since is None or other.since is None else min(self.since, other.since)
        until = None if self.until is None or other.until is None else max(self.until, other.until)
        return Lane(self.standing, self.advisory, since, until)

    def cut(self, since: datetime | None, until: datetime | None) -> Lane:
        """The part of it that lies between."""
        since = max((one for one in (self.since, since) if one is not None), default=None)
        until = min((one for one in (self.until, until) if one is not None), default=None)
        return Lane(self.standing, self.advisory, since, until)


_DATED = ("open", "done", "done_late")
"""Standings in which a duty with a number has a due moment: its clock neither stands still nor was it taken away."""
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)

_STATES = ("open", "due_soon", "overdue", "done", "done_late", "paused", "waived")


def lanes(wanted: Wanted, now: datetime) -> list[Lane]:
    """The lanes on which all that is wanted lies."""
    since, until = wanted.due_from, None if wanted.due_before is None else wanted.due_before - _MICROSECOND
    if wanted.opened_from is not None:
        opened = datetime.combine(wanted.opened_from, datetime.min.time(), SHANGHAI) - LONGEST_COUNTED_BACK
        since = opened if since is None else max(since, opened)
    states = _STATES if wanted.states is None else wanted.states
    kept = _side_by_side(lane for state in states for lane in _lanes_of(state, now))
    cut = [lane.cut(since, until) for lane in kept if wanted.advisory in (None, lane.advisory)]
    return [lane.cut(None, _LATEST) if wanted.is_numbered and lane.standing in _DATED else lane for lane in cut]


def lanes_of_all(wanted: Iterable[Wanted], now: datetime) -> list[Lane]:
    """The lanes on which all lies that is wanted by any of them."""
    return _side_by_side(lane for one in wanted for lane in lanes(one, now))


def _side_by_side(found: Iterable[Lane]) -> list[Lane]:
    """One lane for each standing, gates apart."""
    whole: dict[tuple[str, bool], Lane] = {}
    for lane in found:
        key = lane.standing, lane.advisory
        whole[key] = whole[key].along(lane) if key in whole else lane
    return list(whole.values())


def _lanes_of(state: str, now: datetime) -> Iterator[Lane]:
    if state == "overdue":
        yield Lane("open", advisory=False, until=now - _MICROSECOND)
    elif state == "due_soon":
        yield Lane("open", advisory=False, since=now)
    elif state == "open":
        # Nobody is late with a gate: it is open until it is passed.
        yield Lane("open", advisory=False, since=now)
        yield Lane("open", advisory=True)
    else:
        yield Lane(state, advisory=False)
        yield Lane(state, advisory=True)


def arms_of(path: Path, of: Sequence[Lane]) -> TableValuedAlias:
    """The arms of a path as rows: each of its values on each lane."""
    arms = [(value, lane) for value in path.values for lane in of]
    rows = func.unnest(
        cast([value for value, _ in arms], ARRAY(Text)),
        cast([lane.standing for _, lane in arms], ARRAY(Text)),
        cast([lane.advisory for _, lane in arms], ARRAY(Boolean)),
        cast([lane.since for _, lane in arms], ARRAY(DateTime(timezone=True))),
        cast([lane.until for _, lane in arms], ARRAY(DateTime(timezone=True))),
    )
    return rows.table_valued("value", "standing", "advisory", "since", "until", name="arm").render_derived()


def on(arm: FromClause, path: Path) -> list[ColumnElement[bool]]:
    """That a duty lies on an arm: all that the index of the path can tell."""
    return [
        node.c[path.column] == arm.c.value,
        node.c.standing == arm.c.standing,
        node.c.advisory == arm.c.advisory,
        falls_due(node) >= func.coalesce(arm.c.since, _EVER),
        falls_due(node) <= func.coalesce(arm.c.until, _NEVER),
        *path.indexed,
    ]


def falls_due(of: FromClause) -> ColumnElement[datetime]:
    """When a duty is due, for the order of lists; never, if it has no due moment. Written as the indexes have it."""
    return func.coalesce(of.c.due_at, _NEVER)


def fits(wanted: Wanted, now: datetime, of: FromClause) -> list[ColumnElement[bool]]:
    """That a duty is as wanted."""
    names = ("responsible", "record_type", "node", "field", "organisation", "advisory", "is_numbered")
    said = {name: getattr(wanted, name) for name in names}
    conditions: list[ColumnElement[bool]] = [of.c[name] == value for name, value in said.items() if value is not None]
    if wanted.states is not None:
        conditions.append(or_(false(), *(stands(state, now, of) for state in wanted.states)))
    several = (
        (of.c.role, wanted.roles),
        (of.c.region, wanted.regions),
        (func.coalesce(of.c.done_by, ""), wanted.done_by),
    )
    conditions += [column == any_(cast(list(codes), ARRAY(Text))) for column, codes in several if codes is not None]
    bounds = (
        (of.c.due_at.__ge__, wanted.due_from),
        (of.c.due_at.__lt__, wanted.due_before),
        (of.c.opened_on.__ge__, wanted.opened_from),
        (of.c.opened_on.__le__, wanted.opened_to),
        (of.c.done_on.__ge__, wanted.done_from),
        (of.c.done_on.__le__, wanted.done_to),
    )
    # Never null, so that it may be negated.
    return [*conditions, *(func.coalesce(holds(end), false()) for holds, end in bounds if end is not None)]
