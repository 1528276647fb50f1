"""Organisations and clients: letting them in, and telling who is calling."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller, Role
from app.store import organisations, trail
from app.store.organisations import ClientRow, OrganisationRow
from app.store.trail import row_of

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client as it is told once, when it is made: afterwards nobody knows its secret but its holder."""

    client_id: str
    client_secret: str
    organisation: OrganisationRow


async def add_client(conn: AsyncConnection, organisation: OrganisationRow, client_id: str, now: datetime) -> NewClient:
    """Make a client of an organisation. Raises ValueError if the id is taken."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    if not await organisations.add_client(conn, client_id, organisation.code, _digest(secret), now):
        raise ValueError(f"the client id {client_id!r} is taken")
    await trail.append(conn, row_of(None, "client-added", now, detail=client_id))
    return NewClient(client_id, secret, organisation)


async def disable_client(conn: AsyncConnection, client_id: str, now: datetime) -> bool:
    """Let a client in no more; False if there is none of this id that was let in."""
    found = await organisations.disable_client(conn, client_id, now)
    if found:
        await trail.append(conn, row_of(None, "client-disabled", now, detail=client_id))
    return found


async def enrol_all(
    conn: AsyncConnection, rows: Sequence[tuple[str, OrganisationRow]], now: datetime
) -> list[NewClient]:
    """Add organisations, each with one client of the id beside it."""
    made = []
    for client_id, row in rows:
        await organisations.add(conn, row, now)
        made.append(await add_client(conn, row, client_id, now))
    return made


async def authenticate(conn: AsyncConnection, client_id: str, client_secret: str, now: datetime) -> Caller | None:
    """The caller whose id and secret these are, or None. Takes as long for an unknown id as for a wrong secret."""
    # A NUL is no text to PostgreSQL, so no client is called so.
    row = None if "\x00" in client_id else await organisations.find_client(conn, client_id)
    expected = row.secret_digest if row else _digest("no such client")
    matches = hmac.compare_digest(_digest(client_secret), expected)
    caller = _caller(row) if row is not None and matches else None
    await trail.append(conn, row_of(caller, "token", now, outcome="done" if caller else "invalid_client"))
    return caller


async def caller_for(conn: AsyncConnection, client_id: str) -> Caller | None:
    """The caller a token names, as it is now; None if the client is gone or disabled."""
    row = await organisations.find_client(conn, client_id)
    return None if row is None else _caller(row)


def operator(row: OrganisationRow) -> Caller:
    """Someone at this machine's command line, acting for an organisation: the trail says so."""
    return acting_for(row, "operator@command-line")


def acting_for(row: OrganisationRow, client_id: str) -> Caller:
    """Who acts for an organisation as it is now: a client that asked for it while it was let in."""
    return Caller(client_id, row.code, row.name, Role(row.role), row.region, row.field)


def _caller(row: ClientRow) -> Caller:
    at = row.organisation
    return Caller(row.id, at.code, at.name, Role(at.role), at.region, at.field)


def _digest(secret: str) -> str:
    return "sha-256:" + hashlib.sha256(secret.encode()).hexdigest()
