"""The law of this database: the holiday notices it was given, which law its duties follow, and which still do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Cursor = tuple[str, UUID]
"""A law and a record, in the order in which records are computed anew."""

START: Cursor = ("", UUID(int=0))


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A holiday notice as it was added. `notice`: its text; `version`: twelve digits of what it says."""

    id: int
    year: int
    notice: str
    version: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Adopted:
    """The law that duties follow, None before the first. `release`: the law that its release was shipped with.

    `knows_release`: whether a law of the release that was asked about was ever adopted.
    """

    release: str | None
    version: str | None
    knows_release: bool


async def notices(conn: AsyncConnection) -> list[NoticeRow]:
    """The notice of each year that was added last, in the order of the years."""
    rows = await conn.execute(text("SELECT DISTINCT ON (year) * FROM holiday_notice ORDER BY year, id DESC"))
    return [NoticeRow(**row._mapping) for row in rows]


async def hold_notices(conn: AsyncConnection) -> None:
    """Let nobody else add a notice before this transaction ends."""
    await conn.execute(text("LOCK TABLE holiday_notice IN SHARE ROW EXCLUSIVE MODE"))


async def add_notice(conn: AsyncConnection, year: int, notice: str, version: str, now: datetime) -> None:
    """Add the notice of a year; it counts from the commit on."""
    await conn.execute(
        text("INSERT INTO holiday_notice (year, notice, version, added_at) VALUES (:year, :notice, :version, :now)"),
        {"year": year, "notice": notice, "version": version, "now": now},
    )


async def adopted(conn: AsyncConnection, release: str) -> Adopted:
    """The law that was adopted last, and whether any of this release ever was."""
    query = (
        "SELECT last.release, last.version, EXISTS (SELECT FROM adopted_law WHERE release = :release) AS knows_release "
        "FROM (SELECT) AS always LEFT JOIN (SELECT * FROM adopted_law ORDER BY id DESC LIMIT 1) AS last ON true"
    )
    return Adopted(**(await conn.execute(text(query), {"release": release})).one()._mapping)


async def adopt(conn: AsyncConnection, release: str, version: str, now: datetime) -> None:
    """Let duties follow this law from now on."""
    await conn.execute(
        text("INSERT INTO adopted_law (release, version, adopted_at) VALUES (:release, :version, :now)"),
        {"release": release, "version": version, "now": now},
    )


# Two stretches of one index, one before and one behind the law that holds: with <> all that follow it would be read.
# A duty that was waived is among them, for one that an older law does not know may have been waived by it.
_STRETCH = """
(SELECT DISTINCT law, record_id FROM node
 WHERE standing NOT IN ('done', 'done_late') AND law {} :version AND (law, record_id) > (:law, CAST(:record_id AS uuid))
 ORDER BY law, record_id LIMIT :most)
"""
_STALE = f"{_STRETCH.format('<')} UNION ALL {_STRETCH.format('>')} ORDER BY law, record_id LIMIT :most"


async def stale(conn: AsyncConnection, version: str, after: Cursor, most: int) -> list[Cursor]:
    """The records behind `after` with duties, not met, of another law than this version; at most so many, in order."""
    law, record_id = after
    given = {"version": version, "law": law, "record_id": record_id, "most": most}
    return [(row.law, row.record_id) for row in await conn.execute(text(_STALE), given)]
