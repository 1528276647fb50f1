"""Taking in the holiday notice of a year, where the release does not have it yet or has it wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from app.exchange.law_in_force import with_notices
from app.store import laws, trail
from app.store.trail import row_of
from schemas.law import Holiday, Law, LawError, Notice, calendar


@dataclass(frozen=True, slots=True)
class Listed:
    """A notice of the calendar in force, and where it is from; the site's goes before the release's."""

    notice: Notice
    origin: Literal["release", "site"]


class OtherNoticeHeld(Exception):
    """Another notice of that year is in force. `year`; `differences`: lines that say what only one of them says."""

    def __init__(self, year: int, differences: list[str]) -> None:
        self.year = year
        self.differences = differences
        super().__init__(f"{year}: another notice is in force")


async def take_notice(
    conn: AsyncConnection, text: str, name: str, shipped: Law, now: datetime, *, replace: bool = False
) -> tuple[Notice, bool]:
    """Let the notice in this text hold for its year; the notice, and whether it was not in force already.

    `name`: of the file, for faults. `replace`: also in the place of another one. Raises LawError (every fault with its
    line), OtherNoticeHeld.
    """
    notice, version = _judged(text, name)
    await laws.hold_notices(conn)
    known = {one.year: one for one in with_notices(shipped, await laws.notices(conn)).calendar.notices}
    held = known.get(notice.year)
    if held == notice:
        return notice, False
    if held is not None and not replace:
        raise OtherNoticeHeld(notice.year, list(_differences(held, notice)))
    if held is None and notice.year not in (min(known) - 1, max(known) + 1):
        raise LawError([f"{name}: the calendar has {min(known)} to {max(known)}, and {notice.year} does not follow"])

    await laws.add_notice(conn, notice.year, text, version, now)
    detail = f"year={notice.year} notice={version}"
    await trail.append(conn, row_of(None, "replace_notice" if held else "add_notice", now, detail=detail))
    return notice, True


async def calendar_in_force(conn: AsyncConnection, shipped: Law) -> list[Listed]:
    """The notices that count, in the order of their years. Raises LawError."""
    release = set(shipped.calendar.notices)
    days = with_notices(shipped, await laws.notices(conn)).calendar
    return [Listed(notice, "release" if notice in release else "site") for notice in days.notices]


def _judged(text: str, name: str) -> tuple[Notice, str]:
    try:
        days = calendar(text)
    except LawError as error:
        raise LawError(fault.replace("calendar.toml", name, 1) for fault in error.faults) from error
    if len(days.notices) != 1:
        raise LawError([f"{name}: holds one [[year]] table, the notice of one year"])
    return days.notices[0], days.version


def _differences(held: Notice, other: Notice) -> Iterator[str]:
    for one in fields(Notice):
        before, after = (_said(getattr(notice, one.name)) for notice in (held, other))
        yield from (f"- {one.name} {said}" for said in before if said not in after)
        yield from (f"+ {one.name} {said}" for said in after if said not in before)


def _said(value: object) -> list[str]:
    if isinstance(value, tuple):
        return [said for one in value for said in _said(one)]
    if isinstance(value, Holiday):
        return [f"{value.name} {value.first} – {value.last}"]
    return [] if value in (None, "") else [str(value)]
