"""Handing out what is held: records, their versions, events and nodes, and the feed of changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller, Scope
from app.exchange.duties import duties_of, duty_from_text, history_of
from app.refusals import CursorOutdated, UnknownRecord, UnknownVersion
from app.rules import access
from app.rules.counting import moment_of
from app.rules.deadlines import Duty
from app.rules.differences import ABSENT, differences
from app.rules.disclosure import cleared, masked, words_of
from app.store import feed, records, trail
from app.store.feed import Head, Item
from app.store.records import EventRow, RecordRow, VersionRow, WithdrawalRow
from app.store.search import FoundRow
from app.store.trail import row_of
from schemas.judging import recall
from schemas.law import Law
from schemas.lifecycle import SHANGHAI, Fact, Party
from schemas.record import Record

WINDOW = 10_000
"""Positions looked at for one page: a caller that sees little does not make the service read the whole log at once."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Why and when a record or an event was withdrawn, as one caller may see it."""

    reason: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One place at which a version differs from another, as one caller may see it. A side may be `ABSENT`."""

    pointer: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Delivered:
    """One version of a record as one caller may see it. `masked`: the pointers it does not see.

    `reason`: why it replaced the one before it. `changes`: where it differs from the one it was compared with.
    """

    row: RecordRow
    version: VersionRow
    record: dict[str, Any]
    masked: tuple[str, ...]
    reason: dict[str, Any] | None = None
    changes: tuple[Change, ...] | None = None
    withdrawal: TakenBack | None = None


@dataclass(frozen=True, slots=True)
class DeliveredEvent:
    """One thing that happened to a record: `id` is None for what a date of the record itself states.

    `organisation`: who reported it; None where nobody did. `caused_by`: the record whose step brought it about.
    """

    id: UUID | None
    event: dict[str, Any]
    applied: bool
    stated_by: str
    party: str
    received_at: datetime | None
    organisation: str | None = None
    caused_by: UUID | None = None
    withdrawal: TakenBack | None = None

    @property
    def happened_at(self) -> datetime:
        """When it happened; a bare date is the beginning of its day in Shanghai."""
        when = str(self.event["occurred_at"])
        return moment_of(datetime.fromisoformat(when) if "T" in when else date.fromisoformat(when))


@dataclass(frozen=True, slots=True)
class DeliveredItem:
    """One position of the feed as one caller may see it."""

    item: Item
    record: dict[str, Any] | None = None
    event: dict[str, Any] | None = None
    events: list[dict[str, Any]] | None = None
    duty: Duty | None = None
    reason: dict[str, Any] | None = None
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What a caller sees of the log from one position on. `scanned_to`: the next page begins here."""

    items: Sequence[DeliveredItem]
    head: Head
    scanned_to: int


@dataclass(frozen=True, slots=True)
class Since:
    """How far a subscriber has come, and which types it takes (None: all). `epoch` None: at the very beginning."""

    epoch: UUID | None
    position: int
    types: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which record a caller asked for, and which version of it (None: the one that holds now).

    `compared_with`: the version whose differences to it are wanted.
    """

    record_type: str
    record_id: UUID
    version: int | None = None
    compared_with: int | None = None


async def record(conn: AsyncConnection, caller: Caller, asked: Asked, now: datetime) -> Delivered:
    """One version of a record. Raises UnknownRecord, UnknownVersion."""
    row = await found(conn, caller, asked.record_type, asked.record_id)
    number = row.version if asked.version is None else asked.version
    version = await _version(conn, row, number)
    other = None if asked.compared_with is None else await _version(conn, row, asked.compared_with)
    await _read(conn, caller, row, now, number)
    eyes = await _eyes(conn, caller, row)
    withdrawn = [one for one in await records.withdrawals(conn, row.id) if one.event_id is None]
    delivered = _as_seen(eyes, row, version, other)
    return replace(delivered, withdrawal=_taken_back(withdrawn[0], eyes.words) if withdrawn else None)


async def versions(conn: AsyncConnection, caller: Caller, asked: Asked, now: datetime) -> list[Delivered]:
    """All versions of a record, the first one first, each compared with the one before it. Raises UnknownRecord."""
    row = await found(conn, caller, asked.record_type, asked.record_id)
    await _read(conn, caller, row, now, row.version)
    eyes = await _eyes(conn, caller, row)
    held = await records.versions(conn, row.id)
    return [_as_seen(eyes, row, version, before) for before, version in pairwise([None, *held]) if version]


def one_of_many(scope: Scope, found: FoundRow) -> Delivered:
    """A record that was found among others, as one caller may see it."""
    withheld = scope.withheld_in(found.row.record_type, found.row.organisation)
    eyes = _eyes_of(withheld, found.row.record_type, found.unseen)
    delivered = _as_seen(eyes, found.row, found.version)
    return replace(delivered, withdrawal=_taken_back(found.withdrawal, eyes.words) if found.withdrawal else None)


async def events(conn: AsyncConnection, caller: Caller, asked: Asked, now: datetime, law: Law) -> list[DeliveredEvent]:
    """What happened to a record, in the order in which it took effect, then what waits, then what was withdrawn.

    Raises UnknownRecord.
    """
    row = await found(conn, caller, asked.record_type, asked.record_id)
    version = await _version(conn, row, row.version)
    reported = await records.events(conn, row.id)
    withdrawn = {one.event_id: one for one in await records.withdrawals(conn, row.id)}
    await _read(conn, caller, row, now, row.version)

    words = (await _eyes(conn, caller, row)).words
    standing = {f"event:{event.id}": event for event in reported if event.id not in withdrawn}
    record = recall(row.record_type, json.loads(version.payload))
    history = history_of(record, row, version, standing.values(), law)
    # What dates state beside the events, and what follows from both, nobody reported and the record shows.
    reporter = _reporter(record)
    told = [
        _happened(fact, standing, reporter, words, applied=applied)
        for applied, facts in ((True, history.applied), (False, history.waiting))
        for fact in facts
        if fact.event in record.events
    ]
    # What only repeats a date of the record is one fact with it, and still somebody reported it.
    shown = {one.id for one in told}
    repeating = [_reported(event, words, applied=True) for event in standing.values() if event.id not in shown]
    gone = [
        replace(_reported(event, words, applied=False), withdrawal=_taken_back(withdrawn[event.id], words))
        for event in reported
        if event.id in withdrawn
    ]
    return [*told, *repeating, *gone]


async def nodes(conn: AsyncConnection, caller: Caller, asked: Asked, now: datetime) -> tuple[Duty, ...]:
    """The duties of a record. Raises UnknownRecord."""
    row = await records.find_for_nodes(conn, access.scope_of(caller), asked.record_type, asked.record_id)
    if row is None:
        raise UnknownRecord
    await _read(conn, caller, row, now, row.version)
    return await duties_of(conn, row.record_type, row.id)


async def is_there_news(conn: AsyncConnection, since: Since) -> bool:
    """Whether the log reaches further than a subscriber has seen. Raises CursorOutdated."""
    return since.position < (await _reach(conn, since)).head


async def changes(conn: AsyncConnection, caller: Caller, since: Since, limit: int, now: datetime) -> Page:
    """What a caller sees of the log since then, at most `limit` items. Raises CursorOutdated."""
    scope, first, types = access.scope_of(caller), since.position, since.types
    head = await _reach(conn, since)
    end = min(head.head, first + WINDOW)
    stretch = await feed.page(conn, scope, first, end, types, limit)
    items = stretch.items
    scanned_to = items[-1].position + 1 if stretch.is_cut else max(first, end)
    await trail.append(conn, row_of(caller, "pull", now, detail=f"positions={first}-{scanned_to} items={len(items)}"))
    return Page([_item_as_seen(scope, item) for item in items], head, scanned_to)


async def _reach(conn: AsyncConnection, since: Since) -> Head:
    head = await feed.head(conn)
    # Beyond the end: the log was put back to an earlier copy, and what it holds now is not what was seen.
    if since.epoch not in (None, head.epoch) or since.position > head.head:
        raise CursorOutdated
    return head


async def found(conn: AsyncConnection, caller: Caller, record_type: str, record_id: UUID) -> RecordRow:
    """The head of a record that the caller may read. Raises UnknownRecord."""
    row = await records.find(conn, access.scope_of(caller), record_type, record_id)
    if row is None:
        raise UnknownRecord
    return row


async def _read(conn: AsyncConnection, caller: Caller, row: RecordRow, now: datetime, version: int) -> None:
    read = row_of(caller, "read", now, record_type=row.record_type, record_id=row.id, version=version)
    await trail.append(conn, read)


async def _version(conn: AsyncConnection, row: RecordRow, number: int) -> VersionRow:
    held = await records.versions(conn, row.id, number)
    if not held:
        raise UnknownVersion
    return held[0]


@dataclass(frozen=True, slots=True)
class _Eyes:
    """What one caller sees of one record: everything but what is of the classes `withheld`.

    `words`: what is not seen wherever it stands. They are those of all versions, for a text may hold the name that
    another version had: a correction says whom it was mistaken for.
    """

    withheld: frozenset[str]
    record_type: str
    words: frozenset[str]

    def content(self, kept: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """A payload as it is seen, and the pointers that are masked in it."""
        if not self.withheld:
            return kept, []
        classified = recall(self.record_type, kept).classified()
        return masked(kept, [pointer for pointer, kind in classified if kind in self.withheld], self.words)

    def changes(self, before: VersionRow, after: VersionRow) -> Iterator[Change]:
        """Where two versions differ; that a masked place changed is seen, what it says is not."""
        first, second = json.loads(before.payload), json.loads(after.payload)
        (first_seen, _), (second_seen, _) = self.content(first), self.content(second)
        for one in differences(first, second):
            yield Change(
                one.pointer,
                ABSENT if one.is_added else _at(first_seen, one.pointer),
                ABSENT if one.is_removed else _at(second_seen, one.pointer),
            )


async def _eyes(conn: AsyncConnection, caller: Caller, row: RecordRow) -> _Eyes:
    withheld = access.scope_of(caller).withheld_in(row.record_type, row.organisation)
    return _eyes_of(withheld, row.record_type, await records.unseen(conn, row.id) if withheld else None)


def _eyes_of(withheld: frozenset[str], record_type: str, unseen: str | None) -> _Eyes:
    """`unseen`: the words that are kept as not to be seen, as JSON; None where nothing is withheld."""
    words = words_of(json.loads(unseen), withheld) if withheld and unseen is not None else frozenset()
    return _Eyes(withheld, record_type, words)


def _at(content: Any, pointer: str) -> Any:  # noqa: ANN401 – any JSON
    """The value at a pointer; no name in the standard needs escaping."""
    for step in pointer.split("/")[1:]:
        content = content[int(step)] if isinstance(content, list) else content[step]
    return content


def _as_seen(eyes: _Eyes, row: RecordRow, version: VersionRow, other: VersionRow | None = None) -> Delivered:
    content, unseen = eyes.content(json.loads(version.payload))
    return Delivered(
        row=replace(row, source_id=_without(eyes.words, row.source_id)),
        version=version,
        record=content,
        masked=tuple(unseen),
        reason=None if version.reason is None else cleared(json.loads(version.reason), eyes.words)[0],
        changes=None if other is None else tuple(eyes.changes(other, version)),
    )


def _taken_back(row: WithdrawalRow, words: frozenset[str]) -> TakenBack:
    return TakenBack(cleared(json.loads(row.reason), words)[0], row.received_at)


def _without(words: frozenset[str], text: str) -> str:
    """A name of a record without what tells who somebody is: agencies have put names into their numbers."""
    shown: str = cleared(text, words)[0]
    return shown


def _reporter(record: Record) -> tuple[Party, str]:
    """Who reported a record, and so what its dates state, as which party."""
    return record.party_of(record.organisation) or Party.AGENCY, record.organisation


def _happened(
    fact: Fact, reported: dict[str, EventRow], reporter: tuple[Party, str], words: frozenset[str], *, applied: bool
) -> DeliveredEvent:
    row = reported.get(fact.stated_by)
    if row is not None:
        return _reported(row, words, applied=applied)
    said = {"event": fact.event, "occurred_at": _as_written(fact)}
    # A date of the record was told by who reported it; what our receipt brings about, by nobody.
    party, by = reporter if fact.stated_by.startswith("/") else (Party.SYSTEM, None)
    return DeliveredEvent(None, said, applied, fact.stated_by, party, fact.received_at, by)


def _reported(row: EventRow, words: frozenset[str], *, applied: bool) -> DeliveredEvent:
    event, _ = cleared(json.loads(row.payload), words)
    by = row.organisation or None
    return DeliveredEvent(row.id, event, applied, "event", row.party, row.received_at, by, row.caused_by)


def _as_written(fact: Fact) -> str:
    moment = fact.occurred_at
    if isinstance(moment, datetime):
        return moment.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
    return moment.isoformat()


def _item_as_seen(scope: Scope, item: Item) -> DeliveredItem:
    eyes = _eyes_of(scope.withheld_in(item.record_type, item.organisation), item.record_type, item.unseen)
    words = eyes.words
    item = replace(item, source_id=_without(words, item.source_id))
    if item.node is not None:
        return DeliveredItem(item, duty=duty_from_text(item.node))
    reason = None if item.reason is None else cleared(json.loads(item.reason), words)[0]
    if item.event is not None:
        event, unseen = cleared(json.loads(item.event), words)
        return DeliveredItem(item, event=event, reason=reason, masked=tuple(unseen))
    if item.kind == "withdrawal":
        return DeliveredItem(item, reason=reason)
    content, unseen = eyes.content(json.loads(item.payload) if item.payload is not None else {})
    events = None if item.events is None else cleared(item.events, words)[0]
    return DeliveredItem(item, record=content, events=events, reason=reason, masked=tuple(unseen))
