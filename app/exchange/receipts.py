"""What a sender gets in return: values that the doorway puts into words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.exchange.duties import duties_of
from app.rules.deadlines import Duty
from app.store import records
from app.store.records import RecordRow, VersionRow
from schemas.faults import Fault


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
    """The receipt, and whether the record is new to us."""

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


async def receipt_for(
    conn: AsyncConnection, row: RecordRow, version: VersionRow, more: Sequence[Fault] = ()
) -> Receipt:
    """The receipt of a version that is held; `more` warnings belong to this answer alone."""
    return Receipt(
        id=row.id,
        record_type=row.record_type,
        organisation=row.organisation,
        source_id=row.source_id,
        version=version.version,
        digest=version.digest,
        received_at=version.received_at,
        position=await records.position_of(conn, row.id, version.version),
        duties=await duties_of(conn, row.record_type, row.id),
        warnings=(*faults_from_text(version.warnings), *more),
    )


def faults_to_text(faults: Sequence[Fault]) -> str:
    """Warnings as they are kept with a version, so that an equal receipt can be given again."""
    return json.dumps([[fault.pointer, fault.code, dict(fault.details)] for fault in faults], ensure_ascii=False)


def faults_from_text(text: str) -> tuple[Fault, ...]:
    """The inverse of `faults_to_text`."""
    return tuple(Fault(*kept) for kept in json.loads(text))
