"""What a route may ask for, each an alias: who is calling, what was sent, a transaction, the time."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.api.keys import TokenKey
from app.api.pace import Pace
from app.api.problems import language_of
from app.callers import Caller
from app.exchange import enrol
from app.exchange.law_in_force import LawInForce
from app.exchange.receive_batch import Depot
from app.exchange.sequence import Sequencer
from app.exchange.shelf import Shelf
from app.exchange.vault import Vault
from app.refusals import (
    BadParameter,
    Refusal,
    TokenInvalid,
    TokenMissing,
    TooLarge,
    TooSlow,
    UnknownEvent,
    UnknownFile,
    UnknownRecord,
    UnreadableBody,
    UnsupportedContentType,
)
from app.rules import access
from schemas import RECORD_TYPES
from schemas.faults import Fault, Language, pointer
from schemas.law import Law
from schemas.reading import Reading, is_clean, read_json
from schemas.record import Record

Clock = Callable[[], datetime]
MOST_BYTES = 1024 * 1024
"""One record or event; a batch has its own door."""
MOST_MEMBERS = 10_000
LONGEST_BODY_SECONDS = 30
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Shop:
    """What the routes of one process share."""

    engine: AsyncEngine
    in_force: LawInForce
    sequencer: Sequencer
    token_key: TokenKey
    validate_pace: Pace
    token_pace: Pace
    refusal_pace: Pace
    depot: Depot
    shelf: Shelf
    file_bytes: int
    """Of an uploaded file, at most."""
    vault: Vault
    attachment_bytes: int
    """Of an attachment, at most."""

    @property
    def law(self) -> Law:
        """The law that holds now; who asks twice may get another one."""
        return self.in_force.law


def address_of(request: Request) -> str:
    """Where the request came from, as far as its pace goes."""
    return request.client.host if request.client else "unknown"


def shop(request: Request) -> Shop:
    """What the routes of this process share."""
    found: Shop = request.app.state.shop
    return found


def system_time() -> datetime:
    """The time by this machine."""
    return datetime.now(UTC)


def clock() -> Clock:
    """The one clock of the doorway: for what begins at one moment and is told at another."""
    return system_time


def utc_now(read: ClockDep) -> datetime:
    """The time, read at this doorway and handed on as a value."""
    return read()


async def transaction(request: Request) -> AsyncIterator[AsyncConnection]:
    """A transaction that has ended, well or not, before the answer leaves."""
    async with shop(request).engine.begin() as conn:
        yield conn
    shop(request).sequencer.nudge()


async def authenticated(request: Request, now: Now) -> Caller:
    """Who is calling, by the bearer token. Raises TokenMissing, TokenInvalid, TokenExpired."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        raise TokenMissing
    if scheme.lower() != "bearer":
        raise TokenInvalid
    client_id = shop(request).token_key.client_of(token.strip(), now)
    async with shop(request).engine.connect() as conn:
        caller = await enrol.caller_for(conn, client_id)
    if caller is None:
        raise TokenInvalid
    request.state.caller = caller
    return caller


async def pushing(request: Request, caller: CallerDep) -> Caller:
    """A caller that may send us something, told so before its body is read. Raises RoleMayNot."""
    access.may_push_at_all(caller, _type_of(request))
    return caller


def _type_of(request: Request) -> type[Record] | None:
    """The type of record that the route is about: each has routes of its own."""
    path: str = request.scope["route"].path
    start, _, rest = path.partition("/v1/records/")
    return None if start else RECORD_TYPES.get(rest.partition("/")[0])


async def received_at(read: ClockDep, sent: Sent) -> datetime:
    """When the whole body was here: who opens a request in time and sends it late was late."""
    return read()


async def sent_json(request: Request) -> Reading:
    """The JSON of the request. Raises UnsupportedContentType, TooLarge, UnreadableBody."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedContentType
    body = await _body(request)
    request.state.body_digest = hashlib.sha256(body).digest()
    reading = read_json(body, MOST_MEMBERS)
    if reading.unreadable is not None:
        raise UnreadableBody([reading.unreadable])
    return reading


async def _body(request: Request) -> bytes:
    if stated_length(request) > MOST_BYTES:
        raise TooLarge([Fault("", "body-too-large", {"limit": MOST_BYTES})])
    body = bytearray()
    try:
        async with asyncio.timeout(LONGEST_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise TooLarge([Fault("", "body-too-large", {"limit": MOST_BYTES})])
    except TimeoutError as error:
        raise TooSlow from error
    return bytes(body)


def stated_length(request: Request) -> int:
    """What the request says of its own length; what is said wrongly is found out while reading."""
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return 0
    return int(length) if len(length) <= _MOST_DIGITS else 10**_MOST_DIGITS


ClockDep = Annotated[Clock, Depends(clock)]
Now = Annotated[datetime, Depends(utc_now)]
# scope="function": the transaction is committed before the answer leaves, so that a receipt is never sent for
# what is not stored. With the default scope a failed commit would still be answered 201.
Transaction = Annotated[AsyncConnection, Depends(transaction, scope="function")]
CallerDep = Annotated[Caller, Depends(authenticated)]
PusherDep = Annotated[Caller, Depends(pushing)]
Sent = Annotated[Reading, Depends(sent_json)]
ReceivedAt = Annotated[datetime, Depends(received_at)]
ShopDep = Annotated[Shop, Depends(shop)]
LanguageDep = Annotated[Language, Depends(language_of)]


def only(*names: str) -> Callable[[Request], None]:
    """A dependency that takes these query parameters, each once, and no others. It raises BadParameter.

    A misspelt filter would otherwise quietly be none.
    """

    def check(request: Request) -> None:
        given = [name for name, _ in request.query_params.multi_items()]
        wrong = sorted({name for name in given if name not in names or given.count(name) > 1})
        if wrong:
            raise BadParameter([Fault(pointer(name), "unknown-parameter") for name in wrong if is_clean(name)])

    return check


def record_id(record_id: str) -> UUID:
    """The record's id in the path. Raises UnknownRecord: an id we did not make names nothing."""
    return _id(record_id, UnknownRecord)


def event_id(event_id: str) -> UUID:
    """The event's id in the path. Raises UnknownEvent."""
    return _id(event_id, UnknownEvent)


def file_id(file_id: str) -> UUID:
    """The file's id in the path. Raises UnknownFile."""
    return _id(file_id, UnknownFile)


def _id(text: str, unknown: type[Refusal]) -> UUID:
    try:
        known = UUID(text)
    except ValueError as error:
        raise unknown from error
    # UUID() also takes braces, urn:uuid: and no dashes: one record has one address.
    if str(known) != text.lower():
        raise unknown
    return known


RecordId = Annotated[UUID, Depends(record_id)]
EventId = Annotated[UUID, Depends(event_id)]
FileId = Annotated[UUID, Depends(file_id)]
