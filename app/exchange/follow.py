"""What follows from what was written: steps of one record that do something to another that it is tied to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.exchange.case import held_case, rows_of
from app.exchange.consequences import with_consequences
from app.rules.deadlines import Duty
from app.store import cases, links
from app.store.cases import Wanted
from schemas.law import Law


async def follow(
    conn: AsyncConnection, ids: Collection[UUID], law: Law, now: datetime
) -> Mapping[UUID, tuple[Duty, ...]]:
    """Do to each other what these records and those tied to them do, in this transaction; the duties of who changed.

    No consequence has one of its own, so nothing follows from what is written here.
    """
    tied = await links.pairs(conn, ids)
    if not tied:
        return {}
    held = await cases.load(conn, Wanted(ids=sorted(frozenset().union(*tied))), lock=True)
    desk = {row.head.id: held_case(row) for row in held}
    for one, other in sorted(map(sorted, tied)):
        desk[one] = with_consequences(desk[one], desk[other], law, now)
        desk[other] = with_consequences(desk[other], desk[one], law, now)
    changed = [case for case in desk.values() if case.fresh.head is not None]
    await cases.write(conn, rows_of(changed))
    return {case.head.id: case.duties for case in changed}
