"""Handing out what is held: records, their versions, events and nodes, and the feed of changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller, Scope
from app.exchange.duties import duties_of, duty_from_text, history_of
from app.refusals import CursorOutdated, UnknownRecord, UnknownVersion
from app.rules import access
from app.rules.deadlines import Duty
from app.rules.disclosure import cleared, masked, personal_words
from app.store import feed, records, trail
from app.store.feed import Head, Item
from app.store.records import EventRow, RecordRow, VersionRow
from schemas.judging import recall
from schemas.lifecycle import SHANGHAI, Fact, Party

WINDOW = 10_000
"""Positions looked at for one page: a caller that sees little does not make the service read the whole log at once."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One version of a record as one caller may see it. `masked`: the pointers it does not see."""

    row: RecordRow
    version: VersionRow
    record: dict[str, Any]
    masked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveredEvent:
    """One thing that happened to a record: `id` is None for what a date of the record itself states."""

    id: UUID | None
    event: dict[str, Any]
    applied: bool
    stated_by: str
    party: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveredItem:
    """One position of the feed as one caller may see it."""

    item: Item
    record: dict[str, Any] | None = None
    event: dict[str, Any] | None = None
    duty: Duty | None = None
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
    """Which record a caller asked for, and which version of it (None: the one that holds now)."""

    record_type: str
    record_id: UUID
    version: int | None = None


async def record(conn: AsyncConnection, caller: Caller, asked: Asked, now: datetime) -> Delivered:
    """One version of a record. Raises UnknownRecord, UnknownVersion."""
    row = await _found(conn, caller, asked)
    number = row.version if asked.version is None else asked.version
    held = await records.versions(conn, row.id, number)
    if not held:
        raise UnknownVersion
    await _read(conn, caller, row, now, number)
    return _as_seen(access.scope_of(caller), row, held[0])


async def versions(conn: AsyncConnection, caller: Caller, asked: Asked, now: datetime) -> list[Delivered]:
    """All versions of a record, the first one first. Raises UnknownRecord."""
    row = await _found(conn, caller, asked)
    await _read(conn, caller, row, now, row.version)
    scope = access.scope_of(caller)
    return [_as_seen(scope, row, version) for version in await records.versions(conn, row.id)]


async def events(conn: AsyncConnection, caller: Caller, asked: Asked, now: datetime) -> list[DeliveredEvent]:
    """What happened to a record, in the order in which it took effect, then what waits. Raises UnknownRecord."""
    row = await _found(conn, caller, asked)
    (version,) = await records.versions(conn, row.id, row.version)
    reported = {f"event:{event.id}": event for event in await records.events(conn, row.id)}
    await _read(conn, caller, row, now, row.version)

    scope, kept = access.scope_of(caller), json.loads(version.payload)
    history = history_of(recall(row.record_type, kept), row, reported.values())
    words = _words_unseen(scope, row.record_type, kept)
    told = [
        *(_happened(fact, reported, words, applied=True) for fact in history.applied),
        *(_happened(fact, reported, words, applied=False) for fact in history.waiting),
    ]
    # What only repeats a date of the record is one fact with it, and still somebody reported it.
    shown = {one.id for one in told}
    return [*told, *(_reported(row, words, applied=True) for row in reported.values() if row.id not in shown)]


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
    items = await feed.page(conn, scope, first, end, types, limit)
    scanned_to = items[-1].position + 1 if len(items) == limit else max(first, end)
    await trail.append(conn, caller, "pull", now, detail=f"positions={first}-{scanned_to} items={len(items)}")
    return Page([_item_as_seen(scope, item) for item in items], head, scanned_to)


async def _reach(conn: AsyncConnection, since: Since) -> Head:
    head = await feed.head(conn)
    # Beyond the end: the log was put back to an earlier copy, and what it holds now is not what was seen.
    if since.epoch not in (None, head.epoch) or since.position > head.head:
        raise CursorOutdated
    return head


async def _found(conn: AsyncConnection, caller: Caller, asked: Asked) -> RecordRow:
    row = await records.find(conn, access.scope_of(caller), asked.record_type, asked.record_id)
    if row is None:
        raise UnknownRecord
    return row


async def _read(conn: AsyncConnection, caller: Caller, row: RecordRow, now: datetime, version: int) -> None:
    await trail.append(conn, caller, "read", now, record_type=row.record_type, record_id=row.id, version=version)


def _as_seen(scope: Scope, row: RecordRow, version: VersionRow) -> Delivered:
    kept = json.loads(version.payload)
    content, unseen = _content_as_seen(scope, row.record_type, kept)
    head = replace(row, source_id=_without(_words_unseen(scope, row.record_type, kept), row.source_id))
    return Delivered(head, version, content, tuple(unseen))


def _without(words: list[str], text: str) -> str:
    """A name of a record without what tells who somebody is: agencies have put names into their numbers."""
    shown: str = cleared(text, words)[0]
    return shown


def _content_as_seen(scope: Scope, record_type: str, kept: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    return masked(kept, recall(record_type, kept).personal()) if scope.masked else (kept, [])


def _words_unseen(scope: Scope, record_type: str, kept: dict[str, Any]) -> list[str]:
    return personal_words(kept, recall(record_type, kept).personal()) if scope.masked else []


def _happened(fact: Fact, reported: dict[str, EventRow], words: list[str], *, applied: bool) -> DeliveredEvent:
    row = reported.get(fact.stated_by)
    if row is None:
        said = {"event": fact.event, "occurred_at": _as_written(fact)}
        return DeliveredEvent(None, said, applied, fact.stated_by, Party.SYSTEM, fact.received_at)
    return _reported(row, words, applied=applied)


def _reported(row: EventRow, words: list[str], *, applied: bool) -> DeliveredEvent:
    event, _ = cleared(json.loads(row.payload), words)
    return DeliveredEvent(row.id, event, applied, "event", row.party, row.received_at)


def _as_written(fact: Fact) -> str:
    moment = fact.occurred_at
    if isinstance(moment, datetime):
        return moment.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
    return moment.isoformat()


def _item_as_seen(scope: Scope, item: Item) -> DeliveredItem:
    kept = json.loads(item.payload) if item.payload is not None else {}
    words = _words_unseen(scope, item.record_type, kept)
    item = replace(item, source_id=_without(words, item.source_id))
    if item.node is not None:
        return DeliveredItem(item, duty=duty_from_text(item.node))
    if item.event is not None:
        event, unseen = cleared(json.loads(item.event), words)
        return DeliveredItem(item, event=event, masked=tuple(unseen))
    content, unseen = _content_as_seen(scope, item.record_type, kept)
    return DeliveredItem(item, record=content, masked=tuple(unseen))
