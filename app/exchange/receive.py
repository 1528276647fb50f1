"""Taking in one record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.exchange.advance import add_events
from app.exchange.duties import history_of, refuse_contradictions, settle
from app.exchange.receipts import Received, faults_to_text, receipt_for
from app.refusals import AlreadyHeld, ValidationFailed
from app.rules import access
from app.store import feed, records, trail
from app.store.feed import Entry
from app.store.ids import new_id
from app.store.records import RecordRow, VersionRow
from schemas.faults import Fault
from schemas.judging import Judgement, Told
from schemas.law import Law
from schemas.lifecycle import START
from schemas.receipt import canonical, digest
from schemas.record import Record


async def receive(conn: AsyncConnection, caller: Caller, judgement: Judgement, law: Law, now: datetime) -> Received:
    """Take in one record and answer with a receipt. Sending it again returns the same receipt.

    Raises ValidationFailed, RoleMayNot, NotYourRecord, AlreadyHeld (other content is held under its identity),
    NotYourStep, StepNotAllowed (for events sent along).
    """
    record = judgement.record
    if record is None:
        raise ValidationFailed(judgement.errors)
    access.may_push(caller, record)

    row, first = _as_rows(caller, record, judgement, now)
    if not await records.insert_new(conn, row, first):
        return await _again(conn, caller, row, record, judgement.events, law, now)
    await feed.append(conn, [Entry("record", row.id, row.version, row.digest)], now)
    await add_events(conn, caller, row, record, judgement.events, now)

    history = history_of(record, row, await records.events(conn, row.id))
    refuse_contradictions(record, history)
    await settle(conn, row, record, history, law, now, cause="received")
    await trail.append(conn, caller, "push", now, record_type=row.record_type, record_id=row.id, version=row.version)

    return Received(await receipt_for(conn, row, first), is_new=True)


def _as_rows(caller: Caller, record: Record, judgement: Judgement, now: datetime) -> tuple[RecordRow, VersionRow]:
    text = canonical(judgement.content)
    row = RecordRow(
        id=new_id(now),
        record_type=record.record_type,
        organisation=record.organisation,
        source_id=record.source_id,
        region=record.region,
        field=record.field,
        document_no=record.document_number(),
        version=1,
        state=START,
        digest=digest(text),
        received_at=now,
    )
    first = VersionRow(
        record_id=row.id,
        version=1,
        payload=text.decode(),
        digest=row.digest,
        warnings=faults_to_text([*judgement.warnings, *access.remarks(caller, record)]),
        client_id=caller.client_id,
        received_at=now,
    )
    return row, first


async def _again(
    conn: AsyncConnection,
    caller: Caller,
    sent: RecordRow,
    record: Record,
    events: Sequence[Told],
    law: Law,
    now: datetime,
) -> Received:
    """The record is held: the same content gets its receipt again, and may bring events we did not know."""
    held = await records.held(conn, sent.record_type, sent.organisation, sent.source_id)
    assert held is not None, "nothing is ever deleted"  # noqa: S101 – what insert_new found cannot be gone
    if held.digest != sent.digest:
        raise AlreadyHeld(
            facts={
                "held": {"id": str(held.id), "version": held.version, "digest": held.digest},
                "sent": {"digest": sent.digest},
            }
        )

    added = await add_events(conn, caller, held, record, events, now)
    if added:
        history = history_of(record, held, await records.events(conn, held.id))
        refuse_contradictions(record, history)
        await settle(conn, held, record, history, law, now, cause="events-added")
    await trail.append(
        conn,
        caller,
        "push",
        now,
        outcome="repeated",
        record_type=held.record_type,
        record_id=held.id,
        version=held.version,
    )

    (version,) = await records.versions(conn, held.id, held.version)
    told_more = [Fault("/events", "events-added", {"count": added})] if added else []
    return Received(await receipt_for(conn, held, version, told_more), is_new=False)
