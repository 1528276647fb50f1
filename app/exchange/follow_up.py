"""Looking once more, when all is committed, at what follows from ties: two writers at once do not see each other.

Of two tied records that are pushed in the same instant neither transaction sees the other's, so neither finds the tie.
Positions in the feed are given to what is committed, and to nothing before which something may still come in; so of
every two changes that were under way together, one is looked at here when both can be seen.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange.follow import follow
from app.store import clock, links
from schemas.law import Law

MOST_AT_ONCE = 500
"""Positions of one transaction: it is short, for an open one holds the feed back."""


async def follow_up(engine: AsyncEngine, law: Law, now: datetime) -> int:
    """Look at the ties of what was given a position since the last look, at most so much; return how many positions.

    0 if there is nothing to look at, or another process does it.
    """
    async with engine.begin() as conn:
        if not await clock.alone(conn):
            return 0
        stretch = await links.not_followed(conn, MOST_AT_ONCE)
        if stretch:
            await follow(conn, await links.changed(conn, stretch), law, now)
            await links.set_followed(conn, stretch.stop)
    return len(stretch)
