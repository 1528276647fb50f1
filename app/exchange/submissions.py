"""What callers ask the exchange to take in, and what becomes of it: values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.callers import Caller
from app.exchange.receipts import Advanced, Received, Withdrawn
from app.refusals import Refusal
from schemas.judging import Judgement, Told
from schemas.record import Reason


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a sender names a record."""

    record_type: str
    organisation: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Named:
    """A record by the id we gave it."""

    record_type: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Push:
    """One record, new or sent again. `now`: when it was here whole."""

    caller: Caller
    judgement: Judgement
    now: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """One event of a record."""

    caller: Caller
    at: Identity | Named
    told: Told
    now: datetime


@dataclass(frozen=True, slots=True)
class Correct:
    """A new version of a record. `matches`: the versions one of which the sender took to be the one that holds."""

    caller: Caller
    at: Named
    matches: Sequence[int]
    reason: Reason
    judgement: Judgement
    now: datetime


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤回 of a record, or of one of its events."""

    caller: Caller
    at: Named
    reason: Reason
    now: datetime
    event_id: UUID | None = None


Submission = Push | Report | Correct | Withdraw
Outcome = Received | Advanced | Withdrawn | Refusal
