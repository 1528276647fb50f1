"""Whether who is named for a party is one: a case is shown to whom it is addressed to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import PARTY_OF_ROLE, Role
from app.exchange.submissions import Correct, Push, Report, Submission
from app.refusals import ValidationFailed
from app.store import organisations
from schemas.faults import Fault
from schemas.judging import Told
from schemas.record import Addressed

Roles = Mapping[str, Role]
"""As what the organisations that are known here are let in, by credit code."""


async def roles_of_addressees(conn: AsyncConnection, submissions: Sequence[Submission]) -> Roles:
    """The roles of all that the submissions name for a party, as far as they are known."""
    codes = {one.code for submission in submissions for one in _addressed(submission)}
    return {code: Role(role) for code, role in (await organisations.roles(conn, codes)).items()} if codes else {}


def refuse_wrong_addressees(submission: Submission, roles: Roles) -> None:
    """Raises ValidationFailed if an organisation that is known is named for a party that it is not.

    One that is not known here may be anything.
    """
    wrong = [_fault(one, roles[one.code]) for one in _addressed(submission) if _is_wrong(one, roles)]
    if wrong:
        raise ValidationFailed(wrong)


def _is_wrong(one: Addressed, roles: Roles) -> bool:
    role = roles.get(one.code)
    return role is not None and PARTY_OF_ROLE.get(role) not in one.parties


def _fault(one: Addressed, role: Role) -> Fault:
    return Fault(one.pointer, "another-role", {"role": role, "expected": ", ".join(one.parties)})


def _addressed(submission: Submission) -> Iterator[Addressed]:
    if isinstance(submission, Report):
        yield from submission.told.event.addressed()
    elif isinstance(submission, (Push, Correct)) and submission.judgement.record is not None:
        yield from submission.judgement.record.addressed()
        yield from _of_events(submission.judgement.events)


def _of_events(events: Iterable[Told]) -> Iterator[Addressed]:
    for place, told in enumerate(events):
        for one in told.event.addressed():
            yield Addressed(f"/events/{place}{one.pointer}", one.code, one.parties)
