"""Computing duties anew when the law is another one than that by which they were computed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.exchange.case import held_case, settled
from app.exchange.duties import duty_from_text
from app.exchange.law_in_force import LawInForce
from app.store import cases, clock, laws, trail
from app.store.cases import Fresh, HeldRow, Wanted
from app.store.clock import Look
from app.store.nodes import NodeRow
from app.store.trail import row_of
from schemas.law import Law

MOST_AT_ONCE = 200
"""Records of one transaction: their heads are locked as long as it lasts."""

_MET = ("done", "done_late")
_log = structlog.get_logger(__name__)


class Recomputation:
    """One per process; any number of processes may run one, PostgreSQL lets only one at a time do the work.

    Nothing but the duties says how far it has come: each bears the law by which it was computed. Who is killed half way
    leaves the rest to be found, and so does a writer that did not know of the new law yet.
    """

    def __init__(self, engine: AsyncEngine, in_force: LawInForce) -> None:
        self._engine = engine
        self._in_force = in_force
        # Where to go on; only so that the trail of what was just computed is not read again and again.
        self._after = laws.START
        self._outdated_by: tuple[str, str | None] | None = None

    def is_wanted(self, look: Look) -> bool:
        """Whether a look shows that duties do not follow our law, and that they might have to."""
        ours = self._in_force.law.version
        if (ours, look.adopted) == self._outdated_by:
            return False
        return look.adopted != ours or any(law not in (None, ours) for law in (look.least, look.greatest))

    async def once(self, now: datetime) -> int | None:
        """Compute the duties of some records anew; return of how many; None if another process does it.

        Raises LawError if a holiday notice cannot be read.
        """
        async with self._engine.begin() as conn:
            if not await clock.alone(conn):
                return None
            # What was added a moment ago must not be undone by who has not seen it.
            await self._in_force.refresh(conn)
            if not await self._is_to_be_followed(conn, now):
                return 0
            law = self._in_force.law
            found = await laws.stale(conn, law.version, self._after, MOST_AT_ONCE)
            if not found and self._after != laws.START:
                # What was written behind us by who did not know of this law yet.
                found = await laws.stale(conn, law.version, laws.START, MOST_AT_ONCE)
            held = await cases.load(conn, Wanted(ids=sorted({record for _, record in found})), lock=True)
            fresh = await asyncio.to_thread(_recomputed, held, law, now)
            await cases.write(conn, fresh)
        self._after = found[-1] if found else laws.START
        return len(held)

    async def adopt(self, now: datetime) -> None:
        """Let duties follow the law of this release even if they follow that of a newer one. Raises LawError."""
        async with self._engine.begin() as conn:
            await self._in_force.refresh(conn)
            await _adopt(conn, self._in_force, now)

    async def _is_to_be_followed(self, conn: AsyncConnection, now: datetime) -> bool:
        """Whether duties follow our law, as they do from now on if our release is the last that came, or a new one."""
        ours, release = self._in_force.law.version, self._in_force.release.version
        adopted = await laws.adopted(conn, release)
        if adopted.version == ours:
            return True
        # Otherwise two releases that serve side by side would compute everything back and forth.
        if adopted.release != release and adopted.knows_release:
            self._outdated_by = (ours, adopted.version)
            _log.warning("law.outdated", law=ours, adopted=adopted.version)
            return False
        await _adopt(conn, self._in_force, now)
        return True


async def _adopt(conn: AsyncConnection, in_force: LawInForce, now: datetime) -> None:
    await laws.adopt(conn, in_force.release.version, in_force.law.version, now)
    await trail.append(conn, row_of(None, "adopt_law", now, detail=f"law={in_force.law.version}"))


def _recomputed(held: Sequence[HeldRow], law: Law, now: datetime) -> list[Fresh]:
    return [recomputed(one, law, now) for one in held]


def recomputed(held: HeldRow, law: Law, now: datetime) -> Fresh:
    """What is to be written of one record: what came out otherwise, and of the rest by which law it was looked at.

    What is met stays as it was computed, and so does what is waived; what was waived because another law knew no such
    duty comes back.
    """
    fresh = _settled(held, law, now)
    new = [row for row in fresh.nodes if not _stays(row, held)]
    names, texts = {row.node for row in new}, {row.duty for row in new}
    same = [row for row in held.nodes if row.node not in names and row.standing not in _MET]
    return replace(
        fresh,
        # The law changes duties alone, whatever else a newer release makes of the same facts.
        head=replace(held.head, revision=held.head.revision + 1) if new else None,
        nodes=(*new, *(replace(row, law=law.version) for row in same)),
        history=tuple(row for row in fresh.history if row.node in names),
        entries=tuple(entry for entry in fresh.entries if entry.node in texts),
    )


def _settled(held: HeldRow, law: Law, now: datetime) -> Fresh:
    nothing = Fresh(held.head.id, held.head.revision)
    try:
        case = held_case(held)
        return nothing if case.is_withdrawn else settled(case, law, now, cause="law").fresh
    except Exception as error:  # noqa: BLE001 – one record must not keep those behind it from being computed
        # Most likely a newer release finds a contradiction in facts that an older one took in.
        _log.warning("law.left_alone", record_id=str(held.head.id), error=type(error).__name__)
        return nothing


def _stays(row: NodeRow, held: HeldRow) -> bool:
    was = next((one for one in held.nodes if one.node == row.node), None)
    if was is None:
        return False
    if was.standing in _MET or (was.standing == row.standing == "waived"):
        return True
    # By what they say: a release that writes computations down otherwise has not changed them.
    return duty_from_text(was.duty) == duty_from_text(row.duty)
