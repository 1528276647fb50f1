"""Answers kept for senders who ask with a key, so that the same request gets the same answer again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import kept_answer, kept_answer_part

_FORGOTTEN_AT_ONCE = 50
"""Rows beyond their time that one request clears away: no request pays for all who never came back."""


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """A sender's key. `key_digest`: of the key itself; `fingerprint`: of the request that it came with."""

    client_id: str
    key_digest: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What is kept under a key. `status` is None while its request has not been answered."""

    fingerprint: str
    begun_at: datetime
    status: int | None


async def lock(conn: AsyncConnection, key: AnswerKey, *, for_session: bool = False) -> bool:
    """Take the key for this transaction, or until `unlock`; False if another request has it."""
    function = "pg_try_advisory_lock" if for_session else "pg_try_advisory_xact_lock"
    query = text(f"SELECT {function}(:number)")
    return bool((await conn.execute(query, {"number": _number(key)})).scalar_one())


async def unlock(conn: AsyncConnection, key: AnswerKey) -> None:
    """Let go of a key that was taken for the session."""
    await conn.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": _number(key)})


def _number(key: AnswerKey) -> int:
    whole = hashlib.sha256(f"{key.client_id}\n{key.key_digest}".encode()).digest()
    return int.from_bytes(whole[:8], signed=True)


async def find(conn: AsyncConnection, key: AnswerKey) -> KeptRow | None:
    """What is kept under a key."""
    columns = (kept_answer.c.fingerprint, kept_answer.c.begun_at, kept_answer.c.status)
    query = select(*columns).where(kept_answer.c.client_id == key.client_id, kept_answer.c.key_digest == key.key_digest)
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else KeptRow(**row._mapping)


async def begin(conn: AsyncConnection, key: AnswerKey, now: datetime, status: int | None = None) -> None:
    """Keep that a request came with this key. Nothing is kept under it."""
    values = {
        "client_id": key.client_id,
        "key_digest": key.key_digest,
        "fingerprint": key.fingerprint,
        "begun_at": now,
        "status": status,
    }
    await conn.execute(insert(kept_answer).values(values))


async def finish(conn: AsyncConnection, key: AnswerKey, status: int) -> None:
    """Keep that the request was answered, and with which status."""
    await conn.execute(
        update(kept_answer)
        .where(kept_answer.c.client_id == key.client_id, kept_answer.c.key_digest == key.key_digest)
        .values(status=status)
    )


async def add_part(conn: AsyncConnection, key: AnswerKey, part: int, body: bytes) -> None:
    """Keep one part of an answer, in place of what may be kept under its number."""
    values = {"client_id": key.client_id, "key_digest": key.key_digest, "part": part, "body": body}
    statement = insert(kept_answer_part).values(values)
    keys = ["client_id", "key_digest", "part"]
    await conn.execute(statement.on_conflict_do_update(index_elements=keys, set_={"body": body}))


async def part(conn: AsyncConnection, key: AnswerKey, number: int) -> bytes | None:
    """One part of an answer, if it is kept."""
    query = select(kept_answer_part.c.body).where(
        kept_answer_part.c.client_id == key.client_id,
        kept_answer_part.c.key_digest == key.key_digest,
        kept_answer_part.c.part == number,
    )
    body: bytes | None = (await conn.execute(query)).scalar_one_or_none()
    return body


async def forget(conn: AsyncConnection, key: AnswerKey) -> None:
    """Drop what is kept under a key."""
    await conn.execute(
        delete(kept_answer).where(kept_answer.c.client_id == key.client_id, kept_answer.c.key_digest == key.key_digest)
    )


async def forget_older(conn: AsyncConnection, than: datetime) -> None:
    """Drop some of what was kept before a moment, and is in nobody's hands."""
    await conn.execute(
        text(
            "DELETE FROM kept_answer WHERE (client_id, key_digest) IN ("
            "SELECT client_id, key_digest FROM kept_answer WHERE begun_at < :than ORDER BY begun_at "
            "LIMIT :some FOR UPDATE SKIP LOCKED)"
        ),
        {"than": than, "some": _FORGOTTEN_AT_ONCE},
    )
