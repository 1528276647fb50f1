"""Taking records away as a table: all that a search finds, in a layout that can be sent back."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from app.callers import Caller
from app.exchange.case import WITHDRAWN
from app.exchange.find import Filters, find
from app.exchange.spool import Place, Places, piece
from app.refusals import TableTooWide
from app.workbooks.table import write_table
from schemas.layouts import credit_publicity, own
from schemas.layouts.table import Limits

LayoutName = Literal["liandong", "credit-publicity"]
Format = Literal["csv", "xlsx"]
_PAGE = 200


@dataclass(slots=True)
class Exported:
    """What was taken away. `left_out`: how many records say something, by its pointer, that the layout cannot hold.

    `masked`: how many of them were masked for this reader, and cannot be sent back. `undecided`: how many were found
    beside them that the layout has no rows for, since nothing was decided.
    """

    rows: int = 0
    undecided: int = 0
    masked: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


async def export_records(
    engine: AsyncEngine,
    caller: Caller,
    record_type: str,
    filters: Filters,
    layout: LayoutName,
    format_: Format,
    to: Path,
    spool: IO[bytes],
    now: datetime,
) -> Exported:
    """Write what is found to a file, by way of `spool`. What was withdrawn is left out unless it is asked for.

    Every page leaves a row in the trail. Raises RoleMayNot, TableTooWide.
    """
    exported, places = Exported(), Places()
    after = None
    while True:
        async with engine.begin() as conn:
            found = await find(conn, caller, record_type, filters.model_copy(update={"limit": _PAGE}), after, now)
        for one in found.items:
            if one.row.state == WITHDRAWN and filters.state != WITHDRAWN:
                continue
            exported.masked += bool(one.masked)
            places.append(Place(spool.tell(), spool.write(orjson.dumps(one.record))))
        if found.next is None:
            break
        after = found.next
    exported.rows = len(places)
    await asyncio.to_thread(_write, exported, record_type, layout, format_, to, _Kept(spool, places))
    return exported


@dataclass(frozen=True, slots=True)
class _Kept:
    """The records that were found, read again as often as they are needed."""

    spool: IO[bytes]
    places: Places

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for place in self.places:
            record: dict[str, Any] = json.loads(piece(self.spool, place))
            yield record


@dataclass(frozen=True, slots=True)
class _Decided:
    """Those of the records that tell of a decision: only such are published."""

    records: _Kept

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (record for record in self.records if "decided_on" in record)


def _write(exported: Exported, record_type: str, layout: LayoutName, format_: Format, to: Path, records: _Kept) -> None:
    if layout == "credit-publicity":
        decided = _Decided(records)
        exported.rows = 0
        for record in decided:
            exported.rows += 1
            exported.left_out.update(credit_publicity.not_held(record))
        exported.undecided = len(records.places) - exported.rows
        rows: Iterator[Sequence[str]] = (credit_publicity.cells(record) for record in decided)
        write_table(to, format_, [credit_publicity.HEADINGS], rows)
        return
    ours = own.layout_of(record_type)
    columns = ours.shown(own.counted(record_type, records))
    if len(columns) > Limits().columns:
        raise TableTooWide(facts={"columns": len(columns), "most": Limits().columns})
    headings = [[column.heading for column in columns], [column.code for column in columns]]
    write_table(to, format_, headings, (ours.cells(record, columns) for record in records))
