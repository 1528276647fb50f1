"""The life line of a case: every record tied to one, what happened to each and what was due, on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller, Scope
from app.exchange import deliver
from app.exchange.deliver import Asked, Delivered, DeliveredEvent
from app.exchange.duties import duties_of
from app.rules import access
from app.rules.counting import moment_of
from app.rules.deadlines import Duty
from app.store import links, organisations, records
from app.store.records import RecordRow
from schemas import RECORD_TYPES
from schemas.law import Law
from schemas.record import CLOCK_EVENTS

MOST_RECORDS = 50
"""Tied to each other directly or by others; a case has a handful, and a circle has no end."""


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a case as one caller may see it, with what happened to it and what is or was to be done."""

    record: Delivered
    events: Sequence[DeliveredEvent]
    duties: Sequence[Duty]


@dataclass(frozen=True, slots=True)
class Point:
    """One moment of a case: something that happened, or a duty that falls due."""

    at: datetime
    row: RecordRow
    event: DeliveredEvent | None = None
    duty: Duty | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A case. `members`: the record that was asked for first. `names`: of the organisations that act, by their code."""

    members: Sequence[Member]
    points: Sequence[Point]
    names: Mapping[str, str]


async def timeline(conn: AsyncConnection, caller: Caller, asked: Asked, now: datetime, law: Law) -> Timeline:
    """The life line of the case a record belongs to, as far as the caller may see it. Raises UnknownRecord."""
    first = await deliver.found(conn, caller, asked.record_type, asked.record_id)
    tied = await _tied(conn, access.scope_of(caller), first)
    members = [await _member(conn, caller, row, now, law) for row in tied]
    names = await organisations.names(conn, _codes(members))
    points = sorted(_points(members), key=_place)
    return Timeline(members, points, names)


async def _tied(conn: AsyncConnection, scope: Scope, first: RecordRow) -> list[RecordRow]:
    """All that is tied to a record, the nearest first. What the caller may not see leads nowhere either."""
    found = {first.id: first}
    edge = [first.id]
    while edge and len(found) < MOST_RECORDS:
        near = frozenset[UUID]().union(*await links.pairs(conn, edge)) - found.keys()
        seen = await records.find_all(conn, scope, near)
        edge = [row.id for row in seen]
        found |= {row.id: row for row in seen}
    return list(found.values())[:MOST_RECORDS]


async def _member(conn: AsyncConnection, caller: Caller, row: RecordRow, now: datetime, law: Law) -> Member:
    asked = Asked(row.record_type, row.id)
    return Member(
        await deliver.record(conn, caller, asked, now),
        await deliver.events(conn, caller, asked, now, law),
        await duties_of(conn, row.record_type, row.id),
    )


def _points(members: Iterable[Member]) -> Iterable[Point]:
    for member in members:
        row = member.record.row
        for event in member.events:
            if event.withdrawal is None:
                yield Point(event.happened_at, row, event=event)
        for duty in member.duties:
            if duty.due_at is not None:
                yield Point(moment_of(duty.due_at), row, duty=duty)


def _place(point: Point) -> tuple[datetime, bool, bool, UUID]:
    """In order of time; at one moment what happened before what it brought about, and that before what falls due."""
    follows = point.event is not None and point.event.caused_by is not None
    return point.at, point.duty is not None, follows, point.row.id


def _codes(members: Iterable[Member]) -> set[str]:
    codes: set[str] = set()
    for member in members:
        codes.add(member.record.row.organisation)
        codes |= {event.organisation for event in member.events if event.organisation}
        codes |= {duty.responsible for duty in member.duties if duty.responsible}
    return codes


def title_of(row: RecordRow, event: DeliveredEvent) -> Mapping[str, str]:
    """What people call something that happened to a record."""
    return RECORD_TYPES[row.record_type].titles()[event.event["event"]]


def last_step(member: Member) -> DeliveredEvent | None:
    """What last happened to a record and counted, of what moves it rather than its clocks; None before anything did."""
    counted = [one for one in member.events if one.applied and one.event["event"] not in CLOCK_EVENTS]
    return counted[-1] if counted else None
