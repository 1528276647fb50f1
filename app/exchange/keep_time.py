"""What is done without being asked: duties become due soon and overdue, the law becomes another one, ties are found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange.follow_up import follow_up
from app.exchange.law_in_force import LawInForce
from app.exchange.raise_alarms import raise_alarms
from app.exchange.recompute import Recomputation
from app.store import clock


class Timekeeping:
    """One per process. Every process takes over a new law; what is written, is by only one of them at a time."""

    def __init__(self, engine: AsyncEngine, in_force: LawInForce) -> None:
        self._engine = engine
        self._in_force = in_force
        self._recomputation = Recomputation(engine, in_force)

    async def once(self, now: datetime) -> bool:
        """Look, and do a batch of each thing there is to do; return whether there may be more.

        Raises LawError if a holiday notice cannot be read by this release.
        """
        async with self._engine.connect() as conn:
            look = await clock.look(conn)
        raised, computed = 0, None
        if look.next_alarm_at is not None and look.next_alarm_at < now:
            raised = await raise_alarms(self._engine, now)
        if look.newest_notice != self._in_force.newest_notice:
            async with self._engine.connect() as conn:
                await self._in_force.refresh(conn)
        if self._recomputation.is_wanted(look):
            computed = await self._recomputation.once(now)
        followed = await follow_up(self._engine, self._in_force.law, now) if look.ties_wait else 0
        return bool(raised or computed or followed)
