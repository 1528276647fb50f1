"""Attachments: what names them, their contents as they are sent, and as they are handed out again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.exchange.case import WITHDRAWN
from app.exchange.deliver import found
from app.exchange.vault import Vault
from app.refusals import (
    AttachmentDamaged,
    AttachmentNotSent,
    AttachmentUnmaskable,
    DigestDiffers,
    MediaTypeDiffers,
    NotYourAttachment,
    RecordWithdrawn,
    SizeDiffers,
    UnknownAttachment,
)
from app.rules import access
from app.rules.disclosure import cleared, words_of
from app.rules.media import is_of
from app.store import attachments, records, trail
from app.store.attachments import ContentRow
from app.store.records import RecordRow
from app.store.trail import row_of
from schemas.judging import recall, recall_event
from schemas.law.disclosure import files_withheld
from schemas.record import Attachment

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which attachment of which record a caller asked for."""

    record_type: str
    record_id: UUID
    digest: str


@dataclass(frozen=True, slots=True)
class Named:
    """An attachment where it is named: at a pointer in the record, or by one of its events.

    `organisation`: who named it; `received_at`: when its content was sent, if it was.
    """

    name: str
    digest: str
    bytes: int
    media_type: str
    pointer: str | None
    event_id: UUID | None
    organisation: str
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A content that is here whole, in a file. `head`: its first bytes."""

    path: Path
    digest: str
    head: bytes
    bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A content that is kept for a record. `is_new`: it was not before."""

    digest: str
    bytes: int
    media_type: str
    received_at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A content and how it is called; `pieces` break off before the end if it is not what was sent."""

    name: str
    digest: str
    media_type: str
    pieces: AsyncGenerator[bytes, None]
    bytes: int


async def listed(
    conn: AsyncConnection, caller: Caller, record_type: str, record_id: UUID, now: datetime
) -> list[Named]:
    """What a record and its standing events name, in this order. Raises UnknownRecord."""
    head = await found(conn, caller, record_type, record_id)
    named = await _named(conn, head)
    read = row_of(caller, "read", now, record_type=record_type, record_id=head.id, version=head.version)
    await trail.append(conn, replace(read, detail=f"attachments={len(named)}"))
    withheld = access.scope_of(caller).withheld_in(head.record_type, head.organisation)
    if not withheld:
        return named
    unseen = words_of(json.loads(await records.unseen(conn, head.id)), withheld)
    return [replace(one, name=cleared(one.name, unseen)[0]) for one in named]


async def awaited(conn: AsyncConnection, caller: Caller, asked: Asked) -> int:
    """How many bytes the caller has to send for an attachment it named, held already or not.

    Raises RoleMayNot, UnknownRecord, UnknownAttachment, NotYourAttachment, RecordWithdrawn.
    """
    return (await _own(conn, caller, asked))[0].bytes


async def check(conn: AsyncConnection, caller: Caller, asked: Asked, arrived: Arrived) -> str:
    """Hold what arrived against what the caller names; the media type it is of. Nothing else is looked at, and what
    others sent least of all: who is told that a content is held has sent it.

    Raises SizeDiffers, DigestDiffers, MediaTypeDiffers, and what `awaited` raises.
    """
    own = await _own(conn, caller, asked)
    if any(one.bytes != arrived.bytes for one in own):
        raise SizeDiffers
    if arrived.digest != asked.digest:
        raise DigestDiffers
    if not all(is_of(one.media_type, arrived.head) for one in own):
        raise MediaTypeDiffers
    return own[0].media_type


async def attach(
    conn: AsyncConnection, caller: Caller, asked: Asked, arrived: Arrived, media_type: str, now: datetime
) -> Kept:
    """Say that a content, which lies in the vault, was sent for a record. Sent again it is what it was."""
    content = ContentRow(asked.digest, arrived.bytes, media_type, now, caller.client_id)
    is_new = await attachments.add(conn, content, asked.record_id)
    sent = (await attachments.sent(conn, asked.record_id))[asked.digest]
    row = row_of(
        caller,
        "attach",
        now,
        outcome="done" if is_new else "repeated",
        record_type=asked.record_type,
        record_id=asked.record_id,
        detail=f"{asked.digest} bytes={arrived.bytes}",
    )
    await trail.append(conn, row)
    return Kept(asked.digest, sent.bytes, sent.media_type, sent.received_at, is_new)


async def hand_out(conn: AsyncConnection, vault: Vault, caller: Caller, asked: Asked, now: datetime) -> HandedOut:
    """The content of an attachment, for who may read the record. That it was read is noted before a byte of it leaves.

    Raises UnknownRecord, AttachmentUnmaskable, UnknownAttachment, AttachmentNotSent.
    """
    head = await found(conn, caller, asked.record_type, asked.record_id)
    withheld = files_withheld(access.scope_of(caller).withheld_in(head.record_type, head.organisation))
    if "events" in withheld or ("record" in withheld and await _was_named_by_record(conn, head, asked.digest)):
        raise AttachmentUnmaskable
    named = _with(asked.digest, await _named(conn, head))
    sent = (await attachments.sent(conn, head.id)).get(asked.digest)
    if sent is None:
        raise AttachmentNotSent
    # Another party may have called the same content something else; what it is was found out when it came.
    one = next((one for one in named if one.media_type == sent.media_type), named[0])
    read = row_of(caller, "read", now, record_type=head.record_type, record_id=head.id, version=head.version)
    await trail.append(conn, replace(read, detail=asked.digest))
    pieces = verified(vault.read(asked.digest), asked.digest)
    return HandedOut(one.name, asked.digest, sent.media_type, pieces, sent.bytes)


async def verified(pieces: AsyncGenerator[bytes, None], digest: str) -> AsyncGenerator[bytes, None]:
    """The pieces of a content, the last of them only if all together have the digest. Raises AttachmentDamaged.

    Nobody is given the whole of what is not what was sent, and no content is read twice or held in memory.
    """
    found, held = hashlib.sha256(), b""
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                found.update(piece)
                if held:
                    yield held
                held = piece
    except FileNotFoundError as error:
        _log.error("attachment.lost", digest=digest)
        raise AttachmentDamaged from error
    if f"sha-256:{found.hexdigest()}" != digest:
        _log.error("attachment.damaged", digest=digest)
        raise AttachmentDamaged
    yield held


async def _own(conn: AsyncConnection, caller: Caller, asked: Asked) -> list[Named]:
    """Where the caller's organisation names an attachment of a record that holds."""
    access.may_push_at_all(caller)
    head = await found(conn, caller, asked.record_type, asked.record_id)
    named = _with(asked.digest, await _named(conn, head))
    own = [one for one in named if one.organisation == caller.organisation]
    if not own:
        raise NotYourAttachment
    if head.state == WITHDRAWN:
        raise RecordWithdrawn
    return own


async def _was_named_by_record(conn: AsyncConnection, head: RecordRow, digest: str) -> bool:
    """Whether some version of a record names a content, for its digest can be copied from there into an event."""
    return any(digest in version.payload for version in await records.versions(conn, head.id))


def _with(digest: str, named: Iterable[Named]) -> Sequence[Named]:
    found = [one for one in named if one.digest == digest]
    if not found:
        raise UnknownAttachment
    return found


async def _named(conn: AsyncConnection, head: RecordRow) -> list[Named]:
    (version,) = await records.versions(conn, head.id, head.version)
    payload = json.loads(version.payload)
    withdrawn = {one.event_id for one in await records.withdrawals(conn, head.id)}
    events = [one for one in await records.events(conn, head.id) if one.id not in withdrawn]
    sent = await attachments.sent(conn, head.id)

    places = places_of(payload)
    own = recall(head.record_type, payload).attachments()
    found = [_named_at(one, head.organisation, pointer=next(places.get(one.digest, iter(())), "")) for one in own]
    for event in events:
        one = recall_event(head.record_type, json.loads(event.payload)).attachment
        if one is not None:
            found.append(_named_at(one, event.organisation, event_id=event.id))
    return [replace(one, received_at=sent[one.digest].received_at) if one.digest in sent else one for one in found]


def _named_at(one: Attachment, organisation: str, *, pointer: str | None = None, event_id: UUID | None = None) -> Named:
    return Named(one.name, one.digest, one.bytes, one.media_type, pointer, event_id, organisation)


def places_of(payload: object) -> dict[str, Iterator[str]]:
    """Where in a record each digest of an attachment stands, in the order of the record."""
    found: dict[str, list[str]] = {}
    for digest, pointer in _digests(payload, ""):
        found.setdefault(digest, []).append(pointer)
    return {digest: iter(pointers) for digest, pointers in found.items()}


def _digests(value: Any, at: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 – any JSON
    if isinstance(value, dict):
        if "digest" in value and "media_type" in value:
            yield value["digest"], at
        for name, member in value.items():
            yield from _digests(member, f"{at}/{name}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _digests(item, f"{at}/{place}")
