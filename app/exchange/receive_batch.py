"""Taking in a batch: any number of records and events, one result a line, in little memory.

The body lies in a private file. A first pass finds where its lines are and which of them contradict each other, a
second one judges and stores them chunk by chunk, and what is told of them lies in a file in turn.
"""

from __future__ import annotations

import asyncio
import pickle
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Literal, ParamSpec, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.callers import Caller
from app.exchange.claims import AtOdds, Claims, claim_of
from app.exchange.keep_answer import AnswerKey, BatchKeeper, keeping
from app.exchange.results import Result, Results, fate_of
from app.exchange.spool import Place, Places, piece, private_file
from app.exchange.submissions import Identity, Outcome, Push, Report, Submission
from app.exchange.take_in import Prepared, prepare, store, take_in, transaction
from app.refusals import (
    BatchRefused,
    DifferentInBatch,
    Refusal,
    TooLarge,
    Unavailable,
    UnreadableBody,
    ValidationFailed,
)
from app.store import trail
from app.store.cases import LostRace
from app.store.trail import row_of
from schemas.faults import Fault
from schemas.judging import Judgement
from schemas.law import Law
from schemas.lifecycle import SHANGHAI
from schemas.line import judge_line
from schemas.reading import read_json

Mode = Literal["independent", "atomic"]
Split = Callable[[IO[bytes]], Iterator[Place]]
Say = Callable[[int, Outcome], bytes]
"""Puts what became of a line (by its number) into the words of the doorway, as JSON."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

MOST_AT_ONCE = 2
"""Batches that one process works on; others wait their turn, their bodies on disk."""
CHUNK_LINES = 250
CHUNK_BYTES = 1024 * 1024
"""Twice as many lines are stored no faster, and take twice the memory."""
MOST_LINES_OF_ONE = 1000
MOST_BYTES_OF_ONE = 4 * 1024 * 1024
"""Of one record in a batch that is stored as a whole: its lines are decided together."""
MOST_FAULTS = 100
"""Told of one line; of more the number is told. Otherwise an answer could be fifty times as large as its batch."""
_MOST_TRIES = 10
_FREE_TRIES = 3
"""Of an atomic batch, before others are kept waiting for it."""
_MOST_LOCKED = 5000
"""Lines of an atomic batch that others are kept waiting for: more would take longer than they can wait."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a batch and each line of it may be."""

    body_bytes: int
    lines: int
    line_bytes: int
    line_members: int


@dataclass(frozen=True, slots=True)
class Depot:
    """What the batches of one process share: a folder for their files, their limits, turns and threads."""

    folder: Path
    limits: Limits
    turns: asyncio.Semaphore
    threads: ThreadPoolExecutor

    @classmethod
    @contextmanager
    def open(cls, folder: Path, limits: Limits, turns: int = MOST_AT_ONCE) -> Iterator[Depot]:
        """A depot as long as the block runs, for so many batches at once."""
        # Threads of its own: what a thread once needed its allocator keeps, so there are to be few that need much.
        threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="batch")
        try:
            yield cls(folder, limits, asyncio.Semaphore(turns), threads)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a function in one of the threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, lambda: function(*args, **kwargs))


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that is here whole, since `now`. `split` finds the lines of its body, `say` words what became of them."""

    caller: Caller
    body: IO[bytes]
    split: Split
    now: datetime
    say: Say
    key: AnswerKey | None = None


async def receive_batch(engine: AsyncEngine, depot: Depot, law: Law, batch: Batch, mode: Mode) -> Results:
    """Take in a batch when its turn comes, and tell of each line what became of it. The caller closes the results.

    `independent` stores what is good, chunk by chunk; ended half way it has stored what it had come to, and the
    same batch sent again tells all. `atomic` stores all or nothing. Under a key it is told as it was told before.

    Raises UnreadableBody (no line in it, or an array that is none), TooLarge (too many lines), Unavailable,
    RequestInProgress, KeyReused.
    """
    # The key is taken when the turn has come: it needs a connection as long as it is held.
    async with depot.turns, keeping(engine, batch.key, batch.now) as keeper:
        survey = await depot.run(_survey, batch, depot.limits)
        work = _Work(engine, depot, law, batch, survey, keeper)
        if mode == "atomic":
            results = await work.all_or_nothing()
        else:
            results = await work.each_for_itself()
        results.was_told = keeper is not None and keeper.was_answered
        with _closed_on_failure(results):
            async with engine.begin() as conn:
                if keeper is not None:
                    await keeper.finish(conn, is_anything_stored=results.is_anything_stored)
                await _leave_a_trail(conn, batch, results, mode)
    return results


async def _leave_a_trail(conn: AsyncConnection, batch: Batch, results: Results, mode: Mode) -> None:
    """One row for the batch: counts, and how often which refusal; the lines that were stored have rows of their own."""
    counts = [("lines", len(results)), *results.counts.items(), *sorted(results.codes.items())]
    detail = " ".join([mode, *(f"{name}={count}" for name, count in counts)])
    outcome = BatchRefused.code if BatchRefused.code in results.codes else "done"
    await trail.append(conn, row_of(batch.caller, "batch", batch.now, outcome=outcome, detail=detail))


# First pass -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Survey:
    """Where the lines are, which records they are about, and which of them contradict each other."""

    places: Places
    claims: Claims
    at_odds: AtOdds


def _survey(batch: Batch, limits: Limits) -> _Survey:
    # The whole body is split before anything else: only its end tells whether an array is one.
    places = Places()
    for place in batch.split(batch.body):
        if len(places) == limits.lines:
            raise TooLarge([Fault("", "too-many", {"limit": limits.lines})])
        places.append(place)
    if not places:
        raise UnreadableBody([Fault("", "empty")])

    claims = Claims(len(places))
    for number, place in enumerate(places):
        claim = claim_of(piece(batch.body, place)) if place.size <= limits.line_bytes else None
        if claim is not None:
            claims.add(number, claim)
    return _Survey(places, claims, claims.at_odds())


# Second pass ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Lines to be decided together. `refusal`: none of them is looked at, for this reason."""

    numbers: Sequence[int]
    refusal: Refusal | None = None


_Judged = Submission | Refusal


@dataclass(frozen=True, slots=True)
class _Work:
    """One batch under way."""

    engine: AsyncEngine
    depot: Depot
    law: Law
    batch: Batch
    survey: _Survey
    keeper: BatchKeeper | None

    async def each_for_itself(self) -> Results:
        """Store what is good, a transaction a chunk."""
        results = self._no_results()
        with _closed_on_failure(results):
            for part, chunk in enumerate(_in_order(self.survey.places)):
                said = await self._kept(part, chunk.numbers) or await self._taken_in(part, chunk)
                await self.depot.run(results.put, said)
        return results

    async def _taken_in(self, part: int, chunk: _Chunk) -> list[Result]:
        judged = await self.depot.run(self._judged, chunk)
        submissions = _submissions(judged)
        said: list[Result] = []

        # In words before the commit: what is to be kept with what was stored is at hand in its transaction.
        async def put_into_words(conn: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
            nonlocal said
            said = await self.depot.run(self._said, chunk, judged, outcomes)
            if self.keeper is not None:
                await self.keeper.keep(conn, part, said)

        if submissions:
            await take_in(self.engine, submissions, self.law, alongside=put_into_words)
        else:
            async with self.engine.begin() as conn:
                await put_into_words(conn, ())
        return said

    async def _kept(self, part: int, lines: Sequence[int]) -> list[Result] | None:
        """What was told of some lines before, if it is kept."""
        return None if self.keeper is None else await self.keeper.kept(part, lines)

    async def all_or_nothing(self) -> Results:
        """Store everything in one transaction if every line is good. Raises Unavailable if others kept interfering."""
        before = await self._all_kept()
        if before is not None:
            return before
        for attempt in range(_MOST_TRIES):
            lock = attempt >= _FREE_TRIES and len(self.survey.places) <= _MOST_LOCKED
            results = self._no_results()
            with _closed_on_failure(results), private_file(self.depot.folder) as file:
                try:
                    await self._tried(results, file, lock=lock)
                except LostRace:
                    results.close()
                else:
                    return results
            await asyncio.sleep(random.uniform(0, 0.05) * (attempt + 1))  # noqa: S311 – only to get out of step
        raise Unavailable(retry_after=5)

    async def _tried(self, results: Results, file: IO[bytes], *, lock: bool) -> None:
        """Decide about every line, and store them if all are good. Raises LostRace.

        With `lock` everybody else waits from the first decision on, and the log with them (store/feed.py): that is for
        a batch that others would not let through otherwise.
        """
        if lock:
            async with transaction(self.engine) as conn:
                kept = await self._prepared(conn, results, file, lock=True)
                if self._all_good(results):
                    await self._store(conn, results, self._again(file, kept))
            return
        async with self.engine.connect() as conn:
            kept = await self._prepared(conn, results, file, lock=False)
        if self._all_good(results):
            async with transaction(self.engine) as conn:
                await self._store(conn, results, self._again(file, kept))

    async def _store(self, conn: AsyncConnection, results: Results, prepared: AsyncIterator[Prepared]) -> None:
        await store(conn, prepared, self.law, self.batch.now)
        if self.keeper is not None:
            for part, chunk in enumerate(_in_order(self.survey.places)):
                said = await self.depot.run(results.of, chunk.numbers)
                await self.keeper.keep(conn, part, said)

    async def _all_kept(self) -> Results | None:
        """The results that were told before; what was stored as one was kept as one."""
        results = self._no_results()
        with _closed_on_failure(results):
            for part, chunk in enumerate(_in_order(self.survey.places)):
                said = await self._kept(part, chunk.numbers)
                if said is None:
                    results.close()
                    return None
                await self.depot.run(results.put, said)
        return results

    def _all_good(self, results: Results) -> bool:
        """Whether no line was refused; if one was, those that were good by themselves are told that it was not."""
        if results.counts["rejected"]:
            results.reject_the_good(BatchRefused.code, lambda number: self.batch.say(number, BatchRefused()))
        return not results.counts["rejected"]

    async def _prepared(self, conn: AsyncConnection, results: Results, file: IO[bytes], *, lock: bool) -> Places:
        """Decide about every line, keep in `file` what would be written as long as nothing is refused, and say where.

        A chunk is decided by what is held alone, so all lines about one record are in one.
        """
        kept = Places()
        for chunk in _by_record(self.survey):
            judged = await self.depot.run(self._judged, chunk)
            prepared = await prepare(conn, _submissions(judged), self.law, lock=lock)
            said = await self.depot.run(self._said, chunk, judged, prepared.outcomes)
            await self.depot.run(results.put, said)
            if not results.counts["rejected"]:
                kept.append(await self.depot.run(_kept, file, prepared))
        return kept

    async def _again(self, file: IO[bytes], kept: Places) -> AsyncIterator[Prepared]:
        for place in kept:
            yield await self.depot.run(_recalled, file, place)

    def _no_results(self) -> Results:
        return Results(private_file(self.depot.folder), len(self.survey.places))

    def _judged(self, chunk: _Chunk) -> list[_Judged]:
        """What each line asks for, or why it is refused by itself."""
        if chunk.refusal is not None:
            return [chunk.refusal] * len(chunk.numbers)
        return [self._judged_line(number) for number in chunk.numbers]

    def _judged_line(self, number: int) -> _Judged:
        place, limits = self.survey.places[number], self.depot.limits
        if place.size > limits.line_bytes:
            return TooLarge([Fault("", "body-too-large", {"limit": limits.line_bytes})])
        others = self.survey.at_odds.others(number)
        if others:
            return DifferentInBatch(facts={"lines": others})
        return _submission(piece(self.batch.body, place), self.batch, limits.line_members)

    def _said(self, chunk: _Chunk, judged: Sequence[_Judged], outcomes: Sequence[Outcome]) -> list[Result]:
        """What is told of each line: the outcome of what it asked for, or the refusal it met before."""
        those = iter(outcomes)
        whole = (one if isinstance(one, Refusal) else next(those) for one in judged)
        return [self._result(number, outcome) for number, outcome in zip(chunk.numbers, whole, strict=True)]

    def _result(self, number: int, outcome: Outcome) -> Result:
        code = outcome.code if isinstance(outcome, Refusal) else None
        return Result(number, fate_of(outcome), code, self.batch.say(number, outcome))


def _submission(raw: bytes, batch: Batch, most_members: int) -> _Judged:
    """What one line asks for, or why it is refused by itself."""
    reading = read_json(raw, most_members)
    if reading.unreadable is not None:
        return UnreadableBody([reading.unreadable])
    line = judge_line(reading.value, batch.now.astimezone(SHANGHAI).date(), reading.faults)
    if isinstance(line, Judgement):
        return _failed(line.errors) if line.record is None else Push(batch.caller, line, batch.now)
    if line.at is None or line.told is None:
        return _failed(line.errors)
    at = Identity(line.at.record_type, line.at.organisation, line.at.source_id)
    return Report(batch.caller, at, line.told, batch.now)


def _failed(faults: Sequence[Fault]) -> ValidationFailed:
    left_out = len(faults) - MOST_FAULTS
    return ValidationFailed(faults[:MOST_FAULTS], {"more_errors": left_out} if left_out > 0 else None)


def _submissions(judged: Iterable[_Judged]) -> list[Submission]:
    return [one for one in judged if not isinstance(one, Refusal)]


def _in_order(places: Places) -> Iterator[_Chunk]:
    return _chunks(([number], place.size) for number, place in enumerate(places))


def _by_record(survey: _Survey) -> Iterator[_Chunk]:
    """Chunks of which each has all lines about its records; the lines of a record that has too many are refused."""
    too_many = TooLarge([Fault("", "lines-of-one-record", {"limit": MOST_LINES_OF_ONE})])
    too_large = TooLarge([Fault("", "bytes-of-one-record", {"limit": MOST_BYTES_OF_ONE})])
    refused: list[_Chunk] = []

    def fitting() -> Iterator[tuple[list[int], int]]:
        for numbers in survey.claims.by_record():
            size = sum(survey.places[number].size for number in numbers)
            if len(numbers) > MOST_LINES_OF_ONE:
                refused.append(_Chunk(numbers, too_many))
            elif size > MOST_BYTES_OF_ONE:
                refused.append(_Chunk(numbers, too_large))
            else:
                yield numbers, size

    yield from _chunks(fitting())
    for chunk in refused:
        for first in range(0, len(chunk.numbers), CHUNK_LINES):
            yield _Chunk(chunk.numbers[first : first + CHUNK_LINES], chunk.refusal)


def _chunks(groups: Iterable[tuple[list[int], int]]) -> Iterator[_Chunk]:
    """Groups of lines with their bytes put together, none of them torn apart, as far as the chunks hold them."""
    numbers: list[int] = []
    held = 0
    for group, size in groups:
        if numbers and (len(numbers) + len(group) > CHUNK_LINES or held + size > CHUNK_BYTES):
            yield _Chunk(numbers)
            numbers, held = [], 0
        numbers += group
        held += size
    if numbers:
        yield _Chunk(numbers)


@contextmanager
def _closed_on_failure(results: Results) -> Iterator[None]:
    try:
        yield
    except BaseException:
        results.close()
        raise


def _kept(file: IO[bytes], prepared: Prepared) -> Place:
    # Pickle is as safe as the file is private: it has no name, and only this request writes to it.
    start = file.seek(0, 2)
    pickle.dump(replace(prepared, outcomes=()), file, pickle.HIGHEST_PROTOCOL)
    return Place(start, file.tell() - start)


def _recalled(file: IO[bytes], place: Place) -> Prepared:
    prepared: Prepared = pickle.loads(piece(file, place))  # noqa: S301 – written by `_kept` a moment ago
    return prepared
