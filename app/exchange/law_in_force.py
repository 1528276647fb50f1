"""The law that a process computes by: what its release was shipped with, and the holiday notices of this database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import laws
from app.store.laws import NoticeRow
from schemas.law import Calendar, Law, LawError, Notice, calendar


class LawInForce:
    """One per process. `law` is replaced as a whole when a notice was added: who began with one law ends with it.

    `release`: the law it was shipped with. `newest_notice`: the last notice that `law` knows, 0 for none.
    """

    def __init__(self, shipped: Law) -> None:
        self.release = shipped
        self.law = shipped
        self.newest_notice = 0

    async def refresh(self, conn: AsyncConnection) -> None:
        """Take over the notices that are held now. Raises LawError if one of them cannot be read by this release."""
        rows = await laws.notices(conn)
        self.law = with_notices(self.release, rows)
        self.newest_notice = max((row.id for row in rows), default=0)


def with_notices(shipped: Law, rows: Sequence[NoticeRow]) -> Law:
    """The shipped law with the notices of a site in its calendar, each in the place of the shipped one of its year.

    What says the same as the release makes no other law. Raises LawError.
    """
    known = {notice.year: notice for notice in shipped.calendar.notices}
    added = {row.year: (row, notice_of(row)) for row in rows}
    own = [row.version for row, notice in added.values() if known.get(row.year) != notice]
    if not own:
        return shipped
    notices = known | {year: notice for year, (_, notice) in added.items()}
    days = Calendar(tuple(notices[year] for year in sorted(notices)), _version(shipped.calendar.version, own))
    return replace(shipped, calendar=days, version=_version(shipped.version, own))


def notice_of(row: NoticeRow) -> Notice:
    """A notice as it was added. Raises LawError."""
    try:
        (notice,) = calendar(row.notice).notices
    except LawError as error:
        raise LawError(f"the notice of {row.year} that was added on {row.added_at:%Y-%m-%d}: {error}") from error
    return notice


def _version(shipped: str, own: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps([shipped, *own]).encode()).hexdigest()[:12]
