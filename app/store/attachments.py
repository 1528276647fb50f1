"""Contents of attachments: which are kept, and for which records they were sent. The bytes lie in the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import attachment, attachment_of


@dataclass(frozen=True, slots=True)
class ContentRow:
    """One content that is kept, whatever records name it. `media_type`: as which it came first."""

    digest: str
    bytes: int
    media_type: str
    stored_at: datetime
    client_id: str


@dataclass(frozen=True, slots=True)
class Sent:
    """That a content was sent for a record, whole and for the first time; `media_type`: as which."""

    bytes: int
    media_type: str
    received_at: datetime


async def add(conn: AsyncConnection, content: ContentRow, record_id: UUID) -> bool:
    """Say that a content is kept and was sent for a record; False if it was sent for that record before."""
    await conn.execute(insert(attachment).values(asdict(content)).on_conflict_do_nothing())
    statement = insert(attachment_of).values(
        record_id=record_id,
        digest=content.digest,
        media_type=content.media_type,
        received_at=content.stored_at,
        client_id=content.client_id,
    )
    return (await conn.execute(statement.on_conflict_do_nothing())).rowcount == 1


async def sent(conn: AsyncConnection, record_id: UUID) -> Mapping[str, Sent]:
    """What was sent for a record that the caller was found to be allowed to see, by digest."""
    query = (
        select(attachment_of, attachment.c.bytes)
        .join(attachment, attachment.c.digest == attachment_of.c.digest)
        .where(attachment_of.c.record_id == record_id)
    )
    return {row.digest: Sent(row.bytes, row.media_type, row.received_at) for row in await conn.execute(query)}
