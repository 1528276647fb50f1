"""Taking in a file an agency already keeps, row by row: a bad row harms no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from app.callers import Caller
from app.exchange.receipts import Receipt, Received
from app.exchange.submissions import Push
from app.exchange.take_in import take_in
from app.refusals import Refusal
from app.store import trail
from app.store.trail import row_of
from schemas.faults import Fault
from schemas.judging import judge
from schemas.law import Law
from schemas.layouts.credit_publicity import Row, Sheet, Uploader
from schemas.lifecycle import SHANGHAI

RECORD_TYPE = "penalty"
Outcome = Literal["accepted", "repeated", "rejected"]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row. `faults`: each with the heading of its column, None where it has none."""

    number: int
    outcome: Outcome
    receipt: Receipt | None = None
    faults: tuple[tuple[str | None, Fault], ...] = ()
    refusal: Refusal | None = None


async def import_sheet(
    engine: AsyncEngine, caller: Caller, sheet: Sheet, uploader: Uploader, law: Law, clock: Callable[[], datetime]
) -> AsyncIterator[RowResult]:
    """Take in the rows of a sheet, each in a transaction of its own and at its own time, by `clock`."""
    counts: Counter[str] = Counter()
    for row in sheet.rows(uploader):
        result = await _take_in(engine, caller, sheet, row, law, clock())
        counts[result.outcome] += 1
        yield result

    async with engine.begin() as conn:
        detail = " ".join(f"{name}={count}" for name, count in sorted(counts.items()))
        await trail.append(conn, row_of(caller, "import", clock(), record_type=RECORD_TYPE, detail=detail))


async def _take_in(engine: AsyncEngine, caller: Caller, sheet: Sheet, row: Row, law: Law, now: datetime) -> RowResult:
    judgement = judge(RECORD_TYPE, row.record, now.astimezone(SHANGHAI).date())
    told = sheet.told(row, judgement.faults)
    if any(fault.is_error for _, fault in told):
        return RowResult(row.number, "rejected", faults=tuple(told))
    (became,) = await take_in(engine, [Push(caller, judgement, now)], law)
    if isinstance(became, Refusal):
        return RowResult(row.number, "rejected", faults=tuple(told), refusal=became)
    if not isinstance(became, Received):
        raise TypeError(became)
    outcome: Outcome = "accepted" if became.is_new else "repeated"
    return RowResult(row.number, outcome, became.receipt, tuple(told))
