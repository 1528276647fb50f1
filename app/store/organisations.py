"""Organisations and the clients that speak for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import client, organisation


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation; `role` is what its clients are let in as."""

    code: str
    name: str
    role: str
    region: str
    field: str | None


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client with the organisation it speaks for."""

    id: str
    secret_digest: str
    organisation: OrganisationRow


async def are_there_any(conn: AsyncConnection) -> bool:
    """Whether any organisation is known."""
    return bool(
        (await conn.execute(select(func.count()).select_from(organisation.select().limit(1).subquery()))).scalar()
    )


async def roles(conn: AsyncConnection, codes: Collection[str]) -> dict[str, str]:
    """The roles of these organisations, of those that are known."""
    rows = await conn.execute(select(organisation.c.code, organisation.c.role).where(organisation.c.code.in_(codes)))
    return {row.code: row.role for row in rows}


async def add(conn: AsyncConnection, row: OrganisationRow, now: datetime) -> bool:
    """Add an organisation; False if its code is known already, which then stays as it is."""
    statement = (
        insert(organisation)
        .values(code=row.code, name=row.name, role=row.role, region=row.region, field=row.field, created_at=now)
        .on_conflict_do_nothing()
    )
    return (await conn.execute(statement)).rowcount == 1


async def add_client(conn: AsyncConnection, client_id: str, code: str, secret_digest: str, now: datetime) -> bool:
    """Add a client of the organisation `code`; False if its id is taken."""
    statement = (
        insert(client)
        .values(id=client_id, organisation=code, secret_digest=secret_digest, created_at=now)
        .on_conflict_do_nothing()
    )
    return (await conn.execute(statement)).rowcount == 1


async def disable_client(conn: AsyncConnection, client_id: str, now: datetime) -> bool:
    """Mark a client as disabled; False if it is unknown or was disabled before."""
    statement = update(client).where(client.c.id == client_id, client.c.disabled_at.is_(None)).values(disabled_at=now)
    return (await conn.execute(statement)).rowcount == 1


async def every(conn: AsyncConnection) -> list[OrganisationRow]:
    """All organisations by code."""
    rows = await conn.execute(select(organisation).order_by(organisation.c.code))
    return [OrganisationRow(row.code, row.name, row.role, row.region, row.field) for row in rows]


async def names(conn: AsyncConnection, codes: Collection[str]) -> dict[str, str]:
    """What the organisations with these credit codes are called, as far as they are known."""
    query = select(organisation.c.code, organisation.c.name).where(organisation.c.code.in_(codes))
    return {row.code: row.name for row in await conn.execute(query)}


async def find(conn: AsyncConnection, code: str) -> OrganisationRow | None:
    """The organisation with this credit code, if it is known."""
    row = (await conn.execute(select(organisation).where(organisation.c.code == code))).one_or_none()
    return None if row is None else OrganisationRow(row.code, row.name, row.role, row.region, row.field)


async def find_client(conn: AsyncConnection, client_id: str) -> ClientRow | None:
    """The client with this id, unless it is unknown or disabled."""
    query = (
        select(client.c.id, client.c.secret_digest, organisation)
        .join(organisation, organisation.c.code == client.c.organisation)
        .where(client.c.id == client_id, client.c.disabled_at.is_(None))
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    return ClientRow(row.id, row.secret_digest, OrganisationRow(row.code, row.name, row.role, row.region, row.field))
