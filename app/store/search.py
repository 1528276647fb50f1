"""Finding records: by what stands in their heads, by the words in them, by where their duties stand.

Every page is bounded by an index, whoever asks and however deep: a page begins after a key, never after a count,
and a list that several regions contribute to takes no more than one page from each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Scope
from app.store.nodes import stands
from app.store.records import RecordRow, VersionRow, WithdrawalRow, visible
from app.store.tables import involved, node, record, version, withdrawal, wording
from schemas.codelists import codelist
from schemas.fields import PERSONAL

LONGEST_SECONDS = 10
MOST_COUNTED = 1000
"""An estimate counts so far and no further."""
_REACH, _FAR_REACH = 1000, 4000
_MOST_SPREAD = 4000


@dataclass(frozen=True, slots=True)
class WordingRow:
    """The words by which one record is found (`app/rules/wording.py`), of the version that holds now.

    `unseen`: what a masked reader sees nowhere, the words of all its versions by class, as a JSON object of arrays.
    """

    record_id: UUID
    party_name: str | None
    party_is_person: bool
    words: str
    personal_words: str
    unseen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for: everything that is not None, together.

    `regions`: any of these codes. `received_before` is the first millisecond that is too late. `words`: each of them,
    as a part of any line. `party_name`: a part of it.
    """

    record_type: str
    organisation: str | None = None
    source_id: str | None = None
    regions: Sequence[str] | None = None
    field: str | None = None
    party_code: str | None = None
    party_name: str | None = None
    document_no: str | None = None
    decided_from: date | None = None
    decided_to: date | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    state: str | None = None
    node_state: str | None = None
    words: Sequence[str] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """All that has to stand in the words."""
        return (*self.words, *(() if self.party_name is None else (self.party_name,)))

    @property
    def by_decision(self) -> bool:
        """Whether the list is in the order of the decisions, not of receipt."""
        return self.decided_from is not None or self.decided_to is not None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list a record stands; `decided_on` where the list is in that order."""

    id: UUID
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One record that was found, with the version that holds, and its withdrawal if it was taken back.

    `unseen`: as in `WordingRow`, None where the caller is shown all of the record.
    """

    row: RecordRow
    version: VersionRow
    withdrawal: WithdrawalRow | None
    unseen: str | None

    def place(self, sought: Sought) -> Place:
        """Where it stands in the list of what was looked for."""
        return Place(self.row.id, self.row.decided_on if sought.by_decision else None)


async def page(
    conn: AsyncConnection, scope: Scope, sought: Sought, now: datetime, after: Place | None, limit: int
) -> list[FoundRow]:
    """The records in scope that are looked for, after a place in their list, at most `limit`.

    Newest receipt first; where dates of the decision are asked for, latest decision first.
    """
    places = await _places(conn, scope, sought, now, after, limit)
    rows = await conn.execute(rows_statement(scope, sought, places))
    return [_found(row._mapping) for row in rows]


async def count(conn: AsyncConnection, scope: Scope, sought: Sought, now: datetime) -> int:
    """How many records in scope are looked for; `MOST_COUNTED` + 1 if there are more than `MOST_COUNTED`.

    Counted and not asked of the planner: its guess is made of all rows of the table, so it would tell a caller about
    records out of scope, and a masked reader about persons.
    """
    return len(await _places(conn, scope, sought, now, None, MOST_COUNTED + 1))


async def _places(
    conn: AsyncConnection, scope: Scope, sought: Sought, now: datetime, after: Place | None, limit: int
) -> list[Place]:
    """One page of the list.

    What is asked of words and duties is asked of the next `reach_of` records first: what many have is found among them
    at once. What few have is found by its own index instead, over all records, unless these were all there are.
    """
    await carefully(conn)
    near = await _fetch(conn, near_statement(scope, sought, now, after, limit))
    reach = reach_of(sought, limit)
    if reach is None or len(near) == limit:
        return near
    if (await conn.execute(reach_statement(scope, sought, after, reach))).scalar_one() < reach:
        return near
    return await _fetch(conn, far_statement(scope, sought, now, after, limit))


_CAREFULLY = {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "seq_page_cost": "0.05",
    "random_page_cost": "0.05",
    "jit": "off",
    "statement_timeout": f"{LONGEST_SECONDS}s",
}


async def carefully(conn: AsyncConnection) -> None:
    """Let this transaction search: never a whole table, not for long, and by a plan made for these values.

    The best way depends on how rare what is looked for is, which a plan made once for all values would not know.
    With pages that cost next to nothing the planner counts rows, so that a list of one region is read by the index of
    the region: that of the ids lies in the order of the table, and would be read past all other regions instead.
    """
    await conn.execute(select(*(func.set_config(name, value, true()) for name, value in _CAREFULLY.items())))


async def _fetch(conn: AsyncConnection, statement: Select[UUID, date | None]) -> list[Place]:
    return [Place(row.id, row.decided_on) for row in await conn.execute(statement)]


def reach_of(sought: Sought, limit: int) -> int | None:
    """How many records are asked before another way is taken; None where there is no other."""
    if sought.node_state is not None and sought.by_decision:
        # Duties are found in the order of receipt alone, so it takes longer until the other way is the shorter one.
        return _FAR_REACH
    if sought.parts or sought.node_state is not None:
        return max(_REACH, 4 * limit)
    return None


# The statements -------------------------------------------------------------------------------------------------------


def near_statement(
    scope: Scope, sought: Sought, now: datetime, after: Place | None, limit: int
) -> Select[UUID, date | None]:
    """Of the next records of the list those that pass what is asked of their words and duties."""
    listed = _list(scope, sought, after, reach_of(sought, limit)).subquery("listed")
    checks = [*_said_of(scope, sought, listed), *_owed_by(sought, now, listed)]
    if not checks:
        return _list(scope, sought, after, limit)
    return select(listed.c.id, listed.c.decided_on).where(*checks).order_by(*_order(sought, listed)).limit(limit)


def reach_statement(scope: Scope, sought: Sought, after: Place | None, reach: int) -> Select[int]:
    """How many records `near_statement` could look at."""
    return select(func.count()).select_from(_list(scope, sought, after, reach).subquery("listed"))


def far_statement(
    scope: Scope, sought: Sought, now: datetime, after: Place | None, limit: int
) -> Select[UUID, date | None]:
    """The same list, from those that the index of words, or that of duties, finds."""
    if sought.parts:
        candidate, checks = _candidates_by_words(scope, sought), _owed_by(sought, now, record)
    else:
        candidate, checks = _candidates_by_duty(sought, now, after), []
    found = candidate.subquery("found")
    conditions = [visible(scope), *_in(sought.regions), *_conditions(sought, after), *checks]
    # One by one: the planner would rather read all heads than so many by their keys.
    one = select(record.c.decided_on).where(record.c.id == found.c.record_id, *conditions).offset(0).lateral("one")
    listed = select(found.c.record_id.label("id"), one.c.decided_on).select_from(found.join(one, true()))
    by = [one.c.decided_on.desc()] if sought.by_decision else []
    return listed.order_by(*by, found.c.record_id.desc()).limit(limit)


def rows_statement(scope: Scope, sought: Sought, places: Sequence[Place]) -> Select[Any]:
    """What stands at these places. In scope once more: a record may have moved since they were found."""
    whole_withdrawal = and_(withdrawal.c.record_id == record.c.id, withdrawal.c.event_id.is_(None))
    return (
        select(
            *(record.c[name].label(f"record_{name}") for name in _names(RecordRow)),
            *(version.c[name].label(f"version_{name}") for name in _names(VersionRow)),
            *(withdrawal.c[name].label(f"withdrawal_{name}") for name in _names(WithdrawalRow)),
            _unseen(scope, sought).label("unseen"),
        )
        .select_from(record)
        .join(version, and_(version.c.record_id == record.c.id, version.c.version == record.c.version))
        .outerjoin(withdrawal, whole_withdrawal)
        .where(record.c.id == any_(cast([place.id for place in places], ARRAY(Uuid))), visible(scope))
        .order_by(*_order(sought, record))
    )


def _unseen(scope: Scope, sought: Sought) -> ColumnElement[Any]:
    """The words that the caller is not to see in the table `record`; not looked for in what it sees all of."""
    if not scope.withheld_of(sought.record_type):
        return null()
    words = select(wording.c.unseen).where(wording.c.record_id == record.c.id).correlate(record).scalar_subquery()
    return case((record.c.organisation != scope.organisation, words))


def _names(row: type[Any]) -> list[str]:
    return [one.name for one in fields(row)]


def _found(row: Any) -> FoundRow:  # noqa: ANN401 – a row of the driver
    def part(kind: type[Any], prefix: str) -> dict[str, Any]:
        return {name: row[f"{prefix}_{name}"] for name in _names(kind)}

    taken_back = part(WithdrawalRow, "withdrawal")
    return FoundRow(
        RecordRow(**part(RecordRow, "record")),
        VersionRow(**part(VersionRow, "version")),
        WithdrawalRow(**taken_back) if taken_back["id"] is not None else None,
        row["unseen"],
    )


# By what stands in the head -------------------------------------------------------------------------------------------


def _list(scope: Scope, sought: Sought, after: Place | None, limit: int | None) -> Select[UUID, date | None]:
    """The first of the records whose heads fit. One's own and those of one's jurisdiction each have their index."""
    conditions = _conditions(sought, after)
    own = _arm(sought, [record.c.organisation == scope.organisation, *_in(sought.regions), *conditions], limit)
    acting = _acting(scope, sought, after, [*_in(sought.regions), *conditions], limit)
    if scope.jurisdiction is None:
        return _merged(sought, [own, acting], limit)
    regions = _regions(scope.jurisdiction, sought)
    if _is_spread(sought, regions, limit):
        within = _spread(sought, regions, conditions, limit)
    else:
        within = _arm(sought, [*_in(regions), *conditions], limit)
    return _merged(sought, [own, acting, within], limit)


def _acting(
    scope: Scope, sought: Sought, after: Place | None, conditions: Sequence[ColumnElement[bool]], limit: int | None
) -> Select[UUID, date | None]:
    """Records that others reported and in which one acts, by the order of their receipt."""
    mine = [involved.c.organisation == scope.organisation, involved.c.record_type == sought.record_type]
    if after is not None and not sought.by_decision:
        mine.append(involved.c.record_id < after.id)
    order = [record.c.decided_on.desc()] if sought.by_decision else []
    return (
        select(record.c.id, record.c.decided_on)
        .select_from(involved.join(record, record.c.id == involved.c.record_id))
        .where(*mine, *conditions)
        .order_by(*order, involved.c.record_id.desc())
        .limit(limit)
    )


def _merged(sought: Sought, arms: Sequence[Select[UUID, date | None]], limit: int | None) -> Select[UUID, date | None]:
    """The first of several lists, what stands in more than one of them once."""
    all_ = union(*(select(arm.subquery()) for arm in arms)).subquery("all")
    return select(all_.c.id, all_.c.decided_on).order_by(*_order(sought, all_)).limit(limit)


def _is_spread(sought: Sought, regions: Sequence[str], limit: int | None) -> bool:
    """Whether the list of a jurisdiction is made region by region.

    Not where a filter finds few by itself; and not for long lists of many regions, which are most of all there is.
    """
    if any((sought.organisation, sought.source_id, sought.party_code, sought.document_no)) or limit is None:
        return False
    return sought.by_decision or len(regions) * limit <= _MOST_SPREAD


def _arm(sought: Sought, conditions: Sequence[ColumnElement[bool]], limit: int | None) -> Select[UUID, date | None]:
    query = select(record.c.id, record.c.decided_on)
    return query.where(*conditions).order_by(*_order(sought, record)).limit(limit)


def _spread(
    sought: Sought, regions: Sequence[str], conditions: Sequence[ColumnElement[bool]], limit: int | None
) -> Select[UUID, date | None]:
    """A page from each region, by the index of each: one index over several regions is not in the order of the list."""
    region = func.unnest(cast(list(regions), ARRAY(Text))).table_valued("code", name="region").render_derived()
    each = _arm(sought, [record.c.region == region.c.code, *conditions], limit).lateral("each")
    query = select(each.c.id, each.c.decided_on).select_from(region.join(each, true()))
    return query.order_by(*_order(sought, each)).limit(limit)


def _order(sought: Sought, of: FromClause) -> list[ColumnElement[Any]]:
    return [of.c.decided_on.desc(), of.c.id.desc()] if sought.by_decision else [of.c.id.desc()]


def _in(regions: Sequence[str] | None) -> list[ColumnElement[bool]]:
    return [] if regions is None else [record.c.region == any_(cast(list(regions), ARRAY(Text)))]


def _regions(jurisdiction: str, sought: Sought) -> list[str]:
    """The codes of a jurisdiction; every record has one out of the list, from which none is ever taken."""
    codes = codelist("regions").codes if sought.regions is None else sought.regions
    return [code for code in codes if code.startswith(jurisdiction)]


def _conditions(sought: Sought, after: Place | None) -> list[ColumnElement[bool]]:
    names = ("record_type", "organisation", "source_id", "field", "party_code", "document_no", "state")
    said = {name: getattr(sought, name) for name in names}
    conditions = [record.c[name] == value for name, value in said.items() if value is not None]
    if sought.decided_from is not None:
        conditions.append(record.c.decided_on >= sought.decided_from)
    if sought.decided_to is not None:
        conditions.append(record.c.decided_on <= sought.decided_to)
    # Ids begin with the millisecond of receipt (store/ids.py), so a time of receipt is a range of them.
    if sought.received_from is not None:
        conditions.append(record.c.id >= _first_id(sought.received_from))
    if sought.received_before is not None:
        conditions.append(record.c.id < _first_id(sought.received_before))
    if after is not None:
        conditions.append(_beyond(sought, after))
    return conditions


def _first_id(moment: datetime) -> UUID:
    return UUID(int=max(0, (moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)) << 80)


def _beyond(sought: Sought, after: Place) -> ColumnElement[bool]:
    if not sought.by_decision:
        return record.c.id < after.id
    return tuple_(record.c.decided_on, record.c.id) < tuple_(literal(after.decided_on), literal(after.id))


# By duties ------------------------------------------------------------------------------------------------------------


def _owed_by(sought: Sought, now: datetime, of: FromClause) -> list[ColumnElement[bool]]:
    """That a duty of the record `of` stands as looked for. A value and not EXISTS, so that it is asked row by row."""
    if sought.node_state is None:
        return []
    one = select(true()).where(node.c.record_id == of.c.id, stands(sought.node_state, now, node)).limit(1)
    return [one.scalar_subquery()]


def _candidates_by_duty(sought: Sought, now: datetime, after: Place | None) -> Select[UUID]:
    """The records with such a duty, newest first: read only as far as the page needs."""
    conditions = [node.c.record_type == sought.record_type, stands(sought.node_state or "open", now, node)]
    if after is not None and not sought.by_decision:
        conditions.append(node.c.record_id < after.id)
    return select(node.c.record_id).distinct().where(*conditions).order_by(node.c.record_id.desc())


# By words -------------------------------------------------------------------------------------------------------------


def _said_of(scope: Scope, sought: Sought, of: FromClause) -> list[ColumnElement[bool]]:
    """That the words of the record `of` are as looked for."""
    conditions = _said(scope, sought)
    if not conditions:
        return []
    return [select(and_(*conditions)).where(wording.c.record_id == of.c.id).scalar_subquery()]


def _candidates_by_words(scope: Scope, sought: Sought) -> Select[UUID]:
    # The index narrows down over all words, for one index is enough; who may see which is asked of each row.
    grams = func.grams(wording.c.words, wording.c.personal_words)
    narrowed = grams.op("@@", is_comparison=True)(cast(_grams(sought.parts), TSQUERY))
    return select(wording.c.record_id).where(narrowed, *_said(scope, sought))


def _said(scope: Scope, sought: Sought) -> list[ColumnElement[bool]]:
    """What is asked of the words of a record. A masked reader learns nothing of what it does not see by asking."""
    whole = list(_holds_all(sought, wording.c.words + "\n" + wording.c.personal_words, wording.c.party_name))
    withheld = scope.withheld_of(sought.record_type)
    if not withheld:
        return whole
    seen = list(_seen(sought, withheld))
    return [or_(and_(*seen), and_(_is_own(scope), *whole))] if seen else []


def _is_own(scope: Scope) -> ColumnElement[bool]:
    own = select(true()).where(record.c.id == wording.c.record_id, record.c.organisation == scope.organisation)
    return own.correlate(wording).exists()


def _holds_all(sought: Sought, words: ColumnElement[Any], name: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    """That all that is looked for stands in these words, and what is looked for in a name in this name."""
    for word in sought.words:
        yield _holds(words, word)
    if sought.party_name is not None:
        yield _holds(name, sought.party_name)


def _seen(sought: Sought, withheld: frozenset[str]) -> Iterator[ColumnElement[bool]]:
    """What is asked of the words of a record that somebody else reported and of which these classes are withheld."""
    if PERSONAL.kind in withheld:
        # The first line of the words is the name as masked readers see it.
        yield from _holds_all(sought, wording.c.words, func.split_part(wording.c.words, "\n", 1))
        if sought.party_name is not None or sought.party_code is not None:
            yield not_(wording.c.party_is_person)
    else:
        yield from _holds_all(sought, wording.c.words + "\n" + wording.c.personal_words, wording.c.party_name)
    for number in (sought.source_id, sought.document_no):
        if number is not None:
            yield not_(_tells(number, withheld))


def _holds(whole: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    # Not LIKE: nothing that is looked for is a wildcard, and the planner would take a pattern for rarer than it is.
    return func.strpos(_lowered(whole), small(part)) > 0


def _lowered(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.lower(value.collate("C"))


def _tells(number: str, withheld: frozenset[str]) -> ColumnElement[bool]:
    """Whether a number looked for holds a word of these classes, in whichever version of the record that stands.

    Agencies have put names into their numbers.
    """
    return or_(*(_holds_one_of(number, cast(wording.c.unseen, JSON).op("->")(kind)) for kind in sorted(withheld)))


def _holds_one_of(number: str, words: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a number holds one of the words of a JSON array, of which there are none where there is no array."""
    listed = func.json_array_elements_text(words).table_valued("word", name="withheld")
    word = cast(listed.render_derived().c.word, Text)
    found = select(true()).where(func.strpos(func.lower(number), func.lower(word)) > 0)
    return found.correlate(wording).exists()


def small(value: str) -> str:
    """With small letters for capitals of ASCII, as lower() does it under the collation "C" on every server."""
    return re.sub("[A-Z]+", lambda capitals: capitals[0].lower(), value)


def _grams(parts: Iterable[str]) -> str:
    """A query that every text with these parts meets: their pairs of characters; a single one begins a pair."""
    pieces = [piece for part in parts for piece in re.split(r"\s+", small(part)) if piece]
    terms = {term: None for piece in pieces for term in _terms(piece)}
    return " & ".join(terms)


def _terms(piece: str) -> Iterator[str]:
    if len(piece) == 1:
        yield f"{_quoted(piece)}:*"
    for place in range(len(piece) - 1):
        yield _quoted(piece[place : place + 2])


def _quoted(gram: str) -> str:
    return "'" + gram.replace("\\", "\\\\").replace("'", "''") + "'"
