"""Taking in a file an agency already keeps, row by row: a bad row harms no other.

The whole file is read before anything of it is stored, so that a file that cannot be read leaves nothing behind. Then
chunk after chunk is stored, each in one transaction with what became of its rows: whatever ends the process, the next
one goes on behind the last chunk, and every row is counted once.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.callers import Caller
from app.exchange import enrol
from app.exchange.law_in_force import LawInForce
from app.exchange.read_file import (
    Interrupted,
    NotTaken,
    ReadingRoom,
    ReadRow,
    Survey,
    rows_of,
    survey_file,
    told_from_text,
    told_to_text,
)
from app.exchange.receipts import Received, faults_to_text
from app.exchange.results import fate_of
from app.exchange.shelf import Shelf
from app.exchange.submissions import Correct, Named, Outcome, Push, Submission
from app.exchange.take_in import take_in
from app.refusals import Refusal, ValidationFailed
from app.rules.overlaying import overlaid
from app.store import files, organisations, trail
from app.store.files import FileRow, HeldContent, SettledRow
from app.store.trail import row_of
from app.workbooks.annotated import Rejected, write_annotated
from schemas.faults import Fault
from schemas.identifiers import normalise_document_no
from schemas.judging import Judgement, judge
from schemas.layouts.columns import Told
from schemas.layouts.opening import opened
from schemas.layouts.penalties import party_key
from schemas.layouts.recognising import recognise
from schemas.lifecycle import SHANGHAI
from schemas.record import Reason

CHUNK_ROWS = 250
MOST_ATTEMPTS = 5
"""How often a file is begun again without getting on before it is given up."""
_MOST_WARNINGS = 200
_REJECTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ImportRoom:
    """What the imports of one process share."""

    engine: AsyncEngine
    in_force: LawInForce
    reading: ReadingRoom
    read_clock: Callable[[], datetime]

    @property
    def shelf(self) -> Shelf:
        """Where the uploads lie."""
        return self.reading.shelf


async def import_file(
    room: ImportRoom,
    file_id: UUID,
    say: Callable[[FileRow], None] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> FileRow | None:
    """Take in a file, or what is left of it, and return it as it is then; None if it is not ended by this.

    `say` is told of every chunk; once `stopping` says so no other chunk is begun. Ended half way – by an error, too –
    it can be called again, here or in another process; called twice at the same time, one of the two does nothing.
    """
    async with files.held(room.engine, file_id) as is_ours:
        return await _import(room, file_id, say, stopping) if is_ours else None


async def _import(
    room: ImportRoom, file_id: UUID, say: Callable[[FileRow], None] | None, stopping: Callable[[], bool]
) -> FileRow | None:
    async with room.engine.begin() as conn:
        row = await files.begin(conn, file_id, room.read_clock())
        if row is None:
            return None
        await room.in_force.refresh(conn)
        sender = await _sender(conn, row)
    if row.cancelled_at is not None:
        return await _ended(room, row, sender, [Fault("", "file-cancelled")])
    if row.attempts > MOST_ATTEMPTS:
        return await _ended(room, row, sender, [Fault("", "file-failed")])
    with ExitStack() as stack:
        try:
            survey = await asyncio.to_thread(survey_file, room.reading, row, sender, stack, stopping)
        except NotTaken as reason:
            return await _ended(room, row, sender, reason.faults)
        except Interrupted:
            await _put_down(room, row)
            return None
        return await _Import(room, sender, survey, say, stopping).whole(row)


async def _put_down(room: ImportRoom, row: FileRow) -> None:
    async with room.engine.begin() as conn:
        await files.put_down(conn, row.id)


async def _sender(conn: AsyncConnection, row: FileRow) -> Caller:
    found = await organisations.find(conn, row.organisation)
    if found is None:
        raise LookupError(row.organisation)
    return enrol.acting_for(found, row.client_id)


async def _ended(
    room: ImportRoom, row: FileRow, sender: Caller, faults: Sequence[Fault] = (), told: Sequence[Fault] = ()
) -> FileRow | None:
    """Say that nothing more happens to a file: it failed for these faults, or is done."""
    state: files.State = "failed" if faults else "done"
    now = room.read_clock()
    text = faults_to_text([*faults, *told]) if faults else None
    async with room.engine.begin() as conn:
        if not await files.end(conn, row.id, state, now, text):
            return None
        counts = f"accepted={row.accepted} repeated={row.repeated} rejected={row.rejected}"
        outcome = faults[0].code if faults else "done"
        await trail.append(
            conn,
            row_of(sender, "import", now, outcome=outcome, record_type=row.record_type, detail=f"{row.id} {counts}"),
        )
    await asyncio.to_thread(room.shelf.drop_upload, row.id)
    return replace(row, state=state, finished_at=now, told=row.told if text is None else text)


class _Stopped(Exception):
    """The file was cancelled, or somebody else goes on with it."""


@dataclass(frozen=True, slots=True)
class _Decision:
    """What is to be done about one row: `submission`, unless one of what is `told` of it is an error."""

    read: ReadRow
    told: Sequence[Told]
    submission: Submission | None


@dataclass(slots=True)
class _Import:
    """One file under way."""

    room: ImportRoom
    sender: Caller
    survey: Survey
    say: Callable[[FileRow], None] | None
    stopping: Callable[[], bool]

    async def whole(self, row: FileRow) -> FileRow | None:
        """Store chunk after chunk, make the workbook of what was rejected, and say that it is done."""
        survey, room = self.survey, self.room
        async with room.engine.begin() as conn:
            row = await files.recognised(
                conn,
                row,
                record_type=survey.layout.record_type,
                layout=survey.layout.code,
                told=faults_to_text(survey.warnings),
                rows=len(survey.places),
            )
        stopped = False
        while not stopped and row.settled < len(survey.places):
            if self.stopping():
                await _put_down(room, row)
                return None
            try:
                row = await self._chunk(row)
            except _Stopped:
                stopped = True
            if self.say is not None:
                self.say(row)
        if stopped and not await self._is_cancelled(row):
            return None
        if row.rejected:
            await self._annotate(row)
        faults = [Fault("", "file-cancelled")] if stopped else []
        return await _ended(room, row, self.sender, faults, survey.warnings)

    async def _is_cancelled(self, row: FileRow) -> bool:
        async with self.room.engine.connect() as conn:
            now = await files.find(conn, row.id, row.organisation)
        return now is not None and now.cancelled_at is not None

    async def _chunk(self, row: FileRow) -> FileRow:
        """Store the next rows. Raises _Stopped."""
        numbers = range(row.settled, min(row.settled + CHUNK_ROWS, len(self.survey.places)))
        read = await asyncio.to_thread(lambda: list(rows_of(self.survey, numbers)))
        held = await self._held(read)
        decisions = await asyncio.to_thread(lambda: [self._decided(one, held, row) for one in read])
        after = row

        async def keep(conn: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
            nonlocal after
            those = iter(outcomes)
            settled = [_settled(row, one, None if one.submission is None else next(those)) for one in decisions]
            warned = _warned(row, [one for one, kept in zip(decisions, settled, strict=True) if kept.record_id])
            kept = await files.advance(conn, row, settled, warned)
            if kept is None:
                raise _Stopped
            after = kept

        submissions = [one.submission for one in decisions if one.submission is not None]
        if submissions:
            await take_in(self.room.engine, submissions, self.room.in_force.law, alongside=keep)
        else:
            async with self.room.engine.begin() as conn:
                await keep(conn, ())
        return after

    async def _held(self, read: Sequence[ReadRow]) -> Mapping[str, HeldContent]:
        """What is held of the records the rows are about, by source_id; rows get the one under which theirs is held."""
        organisation, record_type = self.sender.organisation, self.survey.layout.record_type
        numbers = sorted({number for one in read if (number := _decision(one.row.record)) is not None})
        async with self.room.engine.connect() as conn:
            same = await files.same_decisions(conn, organisation, record_type, numbers)
            known = {
                (number, party_key(json.loads(payload).get("party", {}))): source_id
                for source_id, number, payload in same
            }
            for one in read:
                _know_again(one, {source_id for source_id, _, _ in same}, known)
            records = [one.row.record for one in read]
            wanted = sorted({record["source_id"] for record in records if isinstance(record.get("source_id"), str)})
            return await files.contents(conn, organisation, record_type, wanted)

    def _decided(self, read: ReadRow, held: Mapping[str, HeldContent], row: FileRow) -> _Decision:
        said = read.row.record
        before = held.get(said.get("source_id", ""))
        was = None if before is None else json.loads(before.payload)
        record = said if was is None else overlaid(was, said, read.sheet.pointers)
        today = row.received_at.astimezone(SHANGHAI).date()
        judgement = judge(self.survey.layout.record_type, record, today, lacks=self.survey.layout.lacks)
        told = list(read.sheet.told(read.row, judgement.faults))
        if read.others:
            told.append(Told(None, None, Fault("", "different-in-file", read.others)))
        if any(one.fault.is_error for one in told) or judgement.record is None:
            return _Decision(read, told, None)
        return _Decision(read, told, self._submission(judgement, row, before, changed=was != judgement.content))

    def _submission(
        self, judgement: Judgement, row: FileRow, before: HeldContent | None, *, changed: bool
    ) -> Submission:
        if before is None or row.on_change == "reject" or not changed:
            return Push(self.sender, judgement, row.received_at)
        reason = Reason.model_validate_json(row.reason or "{}")
        at = Named(self.survey.layout.record_type, before.id)
        return Correct(self.sender, at, [before.version], reason, judgement, row.received_at)

    async def _annotate(self, row: FileRow) -> None:
        """Make the workbook of the rejected rows and put it on the shelf."""
        # What the workbook is made of is read beside the loop, page by page: the rejected may be many.
        loop = asyncio.get_running_loop()

        def rejected() -> Iterator[Rejected]:
            after = -1
            while some := asyncio.run_coroutine_threadsafe(self._rejected(row, after), loop).result():
                yield from map(_rejected, some)
                after = some[-1].number

        await asyncio.to_thread(self._write, row, rejected())

    async def _rejected(self, row: FileRow, after: int) -> list[SettledRow]:
        async with self.room.engine.connect() as conn:
            return await files.rejected(conn, row.id, after, _REJECTED_AT_ONCE)

    def _write(self, row: FileRow, rejected: Iterable[Rejected]) -> None:
        shelf = self.room.shelf
        with shelf.upload(row.id).open("rb") as file, opened(file, shelf.scratch, self.room.reading.limits) as table:
            write_annotated(shelf.half_annotated(row.id), table, recognise(table).sheets, rejected, title=row.name)
        shelf.put_annotated(row.id)


def _decision(record: Mapping[str, Any]) -> str | None:
    number = record.get("decision_no")
    return normalise_document_no(number) if isinstance(number, str) else None


def _know_again(read: ReadRow, held: Collection[str], known: Mapping[tuple[str, str | None], str]) -> None:
    """Give a row the id under which its decision is held already, if its own id was made by us and is not held.

    Else what an agency's system pushed and its clerk uploads would be held twice.
    """
    record = read.row.record
    number, party, made = _decision(record), party_key(record.get("party", {})), str(record.get("source_id"))
    if number is None or party is None or made in held or not _MADE_BY_US.fullmatch(made.removeprefix(number)):
        return
    record["source_id"] = known.get((number, party), made)


_MADE_BY_US = re.compile("#[0-9a-f]{12}")


def _settled(row: FileRow, decision: _Decision, outcome: Outcome | None) -> SettledRow:
    read = decision.read
    faults = [one for one in decision.told if one.fault.is_error]
    receipt = None
    if isinstance(outcome, Received):
        receipt = outcome.receipt
    elif isinstance(outcome, ValidationFailed):
        faults = read.sheet.told(read.row, outcome.faults)
    elif isinstance(outcome, Refusal):
        faults = [Told(None, None, Fault("", outcome.code))]
    fate: files.Outcome = "rejected" if receipt is None or outcome is None else fate_of(outcome)
    return SettledRow(
        file_id=row.id,
        number=read.number,
        sheet=read.sheet.page.index,
        sheet_name=read.sheet.page.name,
        line=read.row.number,
        outcome=fate,
        record_id=None if receipt is None else receipt.id,
        version=None if receipt is None else receipt.version,
        faults=None if receipt is not None else told_to_text(faults),
    )


def _warned(row: FileRow, taken: Iterable[_Decision]) -> str:
    """How many of the rows that were taken in have which warning in which column, those of `row` included."""
    counts: Counter[str] = Counter(json.loads(row.warned))
    for decision in taken:
        keys = {
            json.dumps([one.fault.code, one.heading, dict(one.fault.details)], ensure_ascii=False)
            for one in decision.told
            if not one.fault.is_error
        }
        counts.update(key for key in sorted(keys) if key in counts or len(counts) < _MOST_WARNINGS)
    return json.dumps(counts, ensure_ascii=False)


def _rejected(row: SettledRow) -> Rejected:
    return Rejected(row.sheet, row.line, told_from_text(row.faults or "[]"))
