"""Reading an uploaded file to its end: what its rows say, and whether it can be taken in at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, Any

import orjson

from app.callers import Caller
from app.exchange.claims import AtOdds, Claims, claim_of
from app.exchange.shelf import Shelf
from app.exchange.spool import Place, Places, piece, private_file
from app.store.files import FileRow
from schemas.faults import Fault
from schemas.layouts.columns import Layout, Row, Sheet, Told, Uploader
from schemas.layouts.opening import opened
from schemas.layouts.recognising import recognise
from schemas.layouts.table import Limits, Table, Unreadable

_LOOK_UP_EVERY = 500


@dataclass(frozen=True, slots=True)
class ReadingRoom:
    """What reading takes. `key`: by which parties are told apart in the ids we make."""

    shelf: Shelf
    key: bytes = field(repr=False)
    limits: Limits


class NotTaken(Exception):
    """Nothing of the file can be taken in, for these faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].code)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Survey:
    """All rows of a file as records, in a private file; and which of them contradict each other."""

    layout: Layout
    sheets: Sequence[Sheet]
    warnings: Sequence[Fault]
    spool: IO[bytes]
    places: Places
    at_odds: AtOdds


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row. `number`: among the rows of the file; `others`: the rows that say other things of the same record."""

    number: int
    sheet: Sheet
    row: Row
    others: Mapping[str, str]


class Interrupted(Exception):
    """The reading was to end, and will begin anew some day."""


def survey_file(
    room: ReadingRoom, row: FileRow, sender: Caller, stack: ExitStack, stopping: Callable[[], bool]
) -> Survey:
    """Read the whole file; what is read lies in a private file as long as `stack` is open.

    Raises NotTaken, and Interrupted once `stopping` says so."""
    try:
        with room.shelf.upload(row.id).open("rb") as file, opened(file, room.shelf.scratch, room.limits) as table:
            return _read_through(room, table, _uploader(room, row, sender), stack, stopping)
    except FileNotFoundError as gone:
        raise NotTaken([Fault("", "file-lost")]) from gone
    except Unreadable as reason:
        raise NotTaken([reason.fault]) from reason


def _read_through(
    room: ReadingRoom, table: Table, uploader: Uploader, stack: ExitStack, stopping: Callable[[], bool]
) -> Survey:
    found = recognise(table)
    warnings = [fault for fault in found.faults if not fault.is_error]
    errors = [fault for fault in found.faults if fault.is_error]
    if errors or found.layout is None:
        raise NotTaken([*errors, *warnings])
    spool = stack.enter_context(private_file(room.shelf.scratch))
    places = Places()
    for index, sheet in enumerate(found.sheets):
        for row in sheet.rows(uploader):
            text = orjson.dumps([index, row.number, row.record, told_to_text(row.faults)])
            places.append(Place(spool.tell(), spool.write(text)))
            if len(places) % _LOOK_UP_EVERY == 0 and stopping():
                raise Interrupted
    if not places:
        raise NotTaken([Fault("", "no-rows"), *warnings])
    return Survey(found.layout, found.sheets, warnings, spool, places, _at_odds(spool, places))


def _uploader(room: ReadingRoom, row: FileRow, sender: Caller) -> Uploader:
    field_ = row.field or sender.field
    if field_ is None:
        # Asked for when it was sent; the organisation's own has been taken away since.
        raise NotTaken([Fault("/field", "required")])
    return Uploader(
        organisation=sender.organisation,
        region=row.region or sender.region,
        field=field_,
        key=room.key,
        data_source_name=sender.name,
        data_source_code=sender.organisation,
    )


def _at_odds(spool: IO[bytes], places: Places) -> AtOdds:
    claims = Claims(len(places))
    for number, place in enumerate(places):
        claim = claim_of(orjson.dumps(orjson.loads(piece(spool, place))[2]))
        if claim is not None:
            claims.add(number, claim)
    return claims.at_odds()


def rows_of(survey: Survey, numbers: Iterable[int]) -> Iterator[ReadRow]:
    """The rows of these numbers."""
    for number in numbers:
        index, line, record, told = _kept(survey, number)
        yield ReadRow(
            number,
            survey.sheets[index],
            Row(line, record, tuple(told_from_text(told))),
            _named(survey, index, survey.at_odds.others(number)),
        )


def _named(survey: Survey, sheet: int, others: Sequence[int]) -> dict[str, str]:
    """Rows as they are told of in both languages, those of other sheets with the sheet's name."""
    zh, en = [], []
    for index, line, *_ in (_kept(survey, other) for other in others):
        name = survey.sheets[index].page.name
        zh.append(f"第 {line} 行" if index == sheet else f"工作表“{name}”第 {line} 行")
        en.append(f"row {line}" if index == sheet else f"row {line} of the sheet “{name}”")
    return {"lines_zh": "、".join(zh), "lines_en": ", ".join(en)} if others else {}


def _kept(survey: Survey, number: int) -> Any:  # noqa: ANN401 – as it was put in
    return orjson.loads(piece(survey.spool, survey.places[number]))


def told_to_text(told: Iterable[Told]) -> str:
    """Faults of a row as they are kept with it."""
    kept = [[one.index, one.heading, one.fault.pointer, one.fault.code, dict(one.fault.details)] for one in told]
    return json.dumps(kept, ensure_ascii=False)


def told_from_text(text: str) -> list[Told]:
    """The inverse of `told_to_text`."""
    return [
        Told(index, heading, Fault(pointer, code, details))
        for index, heading, pointer, code, details in json.loads(text)
    ]
