"""What a sender gets in return: values that the doorway puts into words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.rules.deadlines import Duty
from schemas.faults import Fault
from schemas.record import Reason


@dataclass(frozen=True, slots=True)
class Receipt:
    """Vouches for one version of one record. Given only after the commit."""

    id: UUID
    record_type: str
    organisation: str
    source_id: str
    version: int
    digest: str
    received_at: datetime
    position: int | None
    duties: tuple[Duty, ...]
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """The receipt, and whether the version is new to us."""

    receipt: Receipt
    is_new: bool


@dataclass(frozen=True, slots=True)
class Advanced:
    """What became of one event, and of the record by it."""

    id: UUID
    event: str
    applied: bool
    state: str
    version: int
    duties: tuple[Duty, ...]
    warnings: tuple[Fault, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken back: a record (`event_id` None) or one of its events, and what the record is without it."""

    id: UUID
    event_id: UUID | None
    reason: Reason
    withdrawn_at: datetime
    state: str
    version: int
    duties: tuple[Duty, ...]
    is_new: bool


def faults_to_text(faults: Sequence[Fault]) -> str:
    """Warnings as they are kept with a version, so that an equal receipt can be given again."""
    return json.dumps([[fault.pointer, fault.code, dict(fault.details)] for fault in faults], ensure_ascii=False)


def faults_from_text(text: str) -> tuple[Fault, ...]:
    """The inverse of `faults_to_text`."""
    return tuple(Fault(*kept) for kept in json.loads(text))
