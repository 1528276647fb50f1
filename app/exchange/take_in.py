"""Taking in what was submitted: any number of records, events, corrections and withdrawals in one transaction.

What is held is read at once, everything is decided in memory, in order, and what is new is written at once: the
number of statements does not depend on the number of submissions. A submission that is refused harms no other.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.callers import Caller
from app.exchange.addressees import Roles, refuse_wrong_addressees, roles_of_addressees
from app.exchange.advance import advance
from app.exchange.case import Case, held_case, rows_of
from app.exchange.correct import correct
from app.exchange.follow import follow
from app.exchange.receipts import Advanced, Received
from app.exchange.receive import receive
from app.exchange.submissions import Correct, Identity, Named, Outcome, Push, Report, Submission
from app.exchange.withdraw import withdraw
from app.refusals import Refusal, Unavailable
from app.rules import access
from app.store import cases
from app.store.cases import Fresh, HeldRow, LostRace, Wanted
from schemas.law import Law

Alongside = Callable[[AsyncConnection, Sequence[Outcome]], Awaitable[None]]
"""What else is to be written in the same transaction, just before its commit."""

Beforehand = Callable[[AsyncConnection], Awaitable[None]]
"""What is to be looked at first in the same transaction; what it raises ends it."""

MOST_TRIES = 20
_TOGETHER = 250
"""Records whose consequences are looked for at once."""
_FEW = 8
"""Submissions that are decided on the spot; more of them go to a thread, so that others are answered meanwhile."""

_BEGUN_AGAIN = ("40001", "40P01")  # serialization failure, deadlock: nothing was done, and it may go well next time


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would become of some submissions, and the rows that would be written."""

    outcomes: tuple[Outcome, ...]
    fresh: tuple[Fresh, ...] = field(repr=False)


async def take_in(
    engine: AsyncEngine,
    submissions: Sequence[Submission],
    law: Law,
    alongside: Alongside | None = None,
    beforehand: Beforehand | None = None,
) -> list[Outcome]:
    """Take in the submissions in their order, commit, and say what became of each; a refusal is an outcome, too.

    Raises Unavailable if others kept changing the same records, and what `beforehand` raises.
    """
    for attempt in range(MOST_TRIES):
        try:
            async with engine.begin() as conn:
                if beforehand is not None:
                    await beforehand(conn)
                decided = await _decided(conn, submissions, law, lock=True)
                await cases.write(conn, decided.fresh)
                outcomes = await _followed(conn, decided, law, submissions)
                if alongside is not None:
                    await alongside(conn, outcomes)
            return list(outcomes)
        except LostRace:
            continue
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _BEGUN_AGAIN:
                raise
        await asyncio.sleep(random.uniform(0, 0.01) * (attempt + 1))  # noqa: S311 – only to get out of step
    raise Unavailable(retry_after=1)


async def prepare(conn: AsyncConnection, submissions: Sequence[Submission], law: Law, *, lock: bool) -> Prepared:
    """Decide about the submissions by what is held now; nothing is written. All of one record must come together.

    With `lock` nobody else changes these records before the transaction ends.
    """
    return await _decided(conn, submissions, law, lock=lock)


async def store(conn: AsyncConnection, prepared: AsyncIterable[Prepared], law: Law, now: datetime) -> None:
    """Write down what was prepared, and what follows from it, all in this transaction.

    Raises LostRace if what it was decided by has moved meanwhile: everything is to be prepared again.
    """
    ids: list[UUID] = []
    async for one in prepared:
        await cases.insist_on_revisions(conn, one.fresh)
        await cases.write(conn, one.fresh)
        ids += _changed(one)
    # Only now: what moved by the hand of one piece would not be as the next was prepared to find it.
    for first in range(0, len(ids), _TOGETHER):
        await follow(conn, ids[first : first + _TOGETHER], law, now)


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that changes records. Raises LostRace where PostgreSQL says that it is to be begun again."""
    try:
        async with engine.begin() as conn:
            yield conn
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _BEGUN_AGAIN:
            raise LostRace from error
        raise


async def _followed(
    conn: AsyncConnection, decided: Prepared, law: Law, submissions: Sequence[Submission]
) -> tuple[Outcome, ...]:
    """What becomes of the submissions once what follows from them is written, too: their duties may have changed."""
    ids = _changed(decided)
    if not ids:
        return decided.outcomes
    duties = await follow(conn, ids, law, max(one.now for one in submissions))
    return tuple(
        replace(one, receipt=replace(one.receipt, duties=duties[one.receipt.id]))
        if isinstance(one, Received) and one.receipt.id in duties
        else one
        for one in decided.outcomes
    )


def _changed(prepared: Prepared) -> list[UUID]:
    return [one.id for one in prepared.fresh if one.head is not None]


async def _decided(conn: AsyncConnection, submissions: Sequence[Submission], law: Law, *, lock: bool) -> Prepared:
    addresses = [_address(one) for one in submissions]
    wanted = Wanted(
        identities=sorted({(a.record_type, a.organisation, a.source_id) for a in addresses if isinstance(a, Identity)}),
        ids=sorted({a.id for a in addresses if isinstance(a, Named)}),
    )
    roles = await roles_of_addressees(conn, submissions)
    held = await cases.load(conn, wanted, lock=lock)
    if len(submissions) <= _FEW:
        return _decide(submissions, addresses, held, roles, law)
    return await asyncio.to_thread(_decide, submissions, addresses, held, roles, law)


def _address(submission: Submission) -> Identity | Named | None:
    if not isinstance(submission, Push):
        return submission.at
    record = submission.judgement.record
    return None if record is None else Identity(record.record_type, record.organisation, record.source_id)


def _decide(
    submissions: Sequence[Submission],
    addresses: Sequence[Identity | Named | None],
    held: Sequence[HeldRow],
    roles: Roles,
    law: Law,
) -> Prepared:
    desk = _Desk(held)
    outcomes: list[Outcome] = []
    for submission, address in zip(submissions, addresses, strict=True):
        try:
            case, outcome = _apply(submission, desk.case_for(submission, address), law)
            if _is_new(outcome):
                refuse_wrong_addressees(submission, roles)
        except Refusal as refusal:
            outcomes.append(refusal)
        else:
            desk.lay_down(case)
            outcomes.append(outcome)
    return Prepared(tuple(outcomes), desk.fresh())


def _is_new(outcome: Outcome) -> bool:
    return isinstance(outcome, (Received, Advanced)) and outcome.is_new


def _apply(submission: Submission, case: Case | None, law: Law) -> tuple[Case, Outcome]:
    if isinstance(submission, Push):
        return receive(case, submission, law)
    if isinstance(submission, Report):
        return advance(case, submission, law)
    if isinstance(submission, Correct):
        return correct(case, submission, law)
    return withdraw(case, submission, law)


class _Desk:
    """The cases that the submissions of one transaction are about, as they stand after each of them."""

    def __init__(self, held: Sequence[HeldRow]) -> None:
        self._held: Mapping[UUID, HeldRow] = {one.head.id: one for one in held}
        self._ids = {_identity_of(one): one.head.id for one in held}
        self._cases: dict[UUID, Case] = {}

    def case_for(self, submission: Submission, address: Identity | Named | None) -> Case | None:
        """The case a submission is about, if it is held and its sender may know of it."""
        found = address.id if isinstance(address, Named) else self._ids.get(address) if address else None
        case = None if found is None else self._case(found)
        if case is None or isinstance(submission, Push):
            return case
        return case if _is_for(submission.caller, case, submission.at.record_type) else None

    def _case(self, record_id: UUID) -> Case | None:
        if record_id not in self._cases and record_id in self._held:
            self._cases[record_id] = held_case(self._held[record_id])
        return self._cases.get(record_id)

    def lay_down(self, case: Case) -> None:
        """Put a case back as a submission left it."""
        self._ids[Identity(case.head.record_type, case.head.organisation, case.head.source_id)] = case.head.id
        self._cases[case.head.id] = case

    def fresh(self) -> tuple[Fresh, ...]:
        """The rows to be written, the revision of every head that changes one further."""
        return rows_of(self._cases.values())


def _identity_of(held: HeldRow) -> Identity:
    return Identity(held.head.record_type, held.head.organisation, held.head.source_id)


def _is_for(caller: Caller, case: Case, record_type: str) -> bool:
    acting = {case.head.organisation, *case.involved}
    visible = access.may_read(access.scope_of(caller), acting, case.head.region)
    return visible and case.head.record_type == record_type
