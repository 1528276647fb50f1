"""What a workbook costs, read and taken in, beside the floor and beside the usual ways: python -m bench.files.

Reading, each way in a process of its own: ours, openpyxl (read only) and python-calamine read the same workbook, whose
strings are shared and mostly unlike each other; time as ratios to calamine's, which is compiled, and memory over what
the process had before. Taking in: COPY of the payloads alone is the floor, our own batches of the same records are
the other way; then the workbook with all that an import does. Medians of alternating rounds, as ratios: more is slower.
"""

from __future__ import annotations

import asyncio
import io
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import asyncpg
import openpyxl
import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import CalamineWorkbook
from sqlalchemy.ext.asyncio import AsyncEngine

from app import postgres
from app.callers import Caller
from app.exchange.import_file import ImportRoom, import_file
from app.exchange.law_in_force import LawInForce
from app.exchange.read_file import ReadingRoom
from app.exchange.shelf import Shelf
from app.exchange.submissions import Push
from app.exchange.submit_file import Arrived, Wishes, submit_file
from app.exchange.take_in import take_in
from bench.ground import prepared
from schemas.judging import judge
from schemas.layouts.credit_publicity import COLUMNS, HEADINGS
from schemas.layouts.opening import opened
from schemas.layouts.table import Limits
from schemas.lifecycle import SHANGHAI
from schemas.reading import read_json
from schemas.shipped import law
from tests import corpus

NOW = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)
ROUNDS, ROWS, READ_ROWS, CHUNK = 5, 2000, 20_000, 250


def book(first: int, rows: int) -> bytes:
    """A 双公示 workbook with the penalties of these numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as made:
        sheet = made.add_worksheet("行政处罚")
        sheet.write_row(0, 0, HEADINGS)
        for row, n in enumerate(range(first, first + rows), start=1):
            cells = corpus.cells_of(corpus.penalty(n), n)
            sheet.write_row(row, 0, [cells.get(column.code, "") for column in COLUMNS])
    return out.getvalue()


# Reading --------------------------------------------------------------------------------------------------------------


def by_ours(path: Path) -> int:
    """Cells, read by our reader."""
    with path.open("rb") as file, opened(file, path.parent, Limits()) as table:
        return sum(len(line.cells) for page in table.pages for line in page.lines())


def by_openpyxl(path: Path) -> int:
    """Cells, read by openpyxl as it streams."""
    made = openpyxl.load_workbook(path, read_only=True)
    return sum(len(row) for sheet in made.worksheets for row in sheet.iter_rows(values_only=True))


def by_calamine(path: Path) -> int:
    """Cells, read by calamine, which holds the sheet."""
    made = CalamineWorkbook.from_path(path)
    return sum(len(row) for name in made.sheet_names for row in made.get_sheet_by_name(name).iter_rows())


READERS: dict[str, Callable[[Path], int]] = {"ours": by_ours, "openpyxl": by_openpyxl, "calamine": by_calamine}


def read_once(name: str, path: Path) -> None:
    """In a process of its own: print the seconds, and the kilobytes that it took beyond what was there before."""
    before = _kilobytes("VmRSS")
    # Else the high water mark is the one of the process that made this one.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    start = time.perf_counter()
    READERS[name](path)
    took = time.perf_counter() - start
    print(took, _kilobytes("VmHWM") - before)


def _kilobytes(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:"))


def measure_reading(path: Path) -> None:
    """Print ratios of time, and memory."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in READERS}
    for _ in range(3):
        for name in READERS:
            command = [sys.executable, "-m", "bench.files", name, str(path)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
            seconds, kilobytes = told.split()
            found[name].append((float(seconds), float(kilobytes)))
    base = statistics.median(took for took, _ in found["calamine"])
    for name, each in found.items():
        took = statistics.median(took for took, _ in each) / base
        memory = statistics.median(kilobytes for _, kilobytes in each) / 1024
        print(f"reading {READ_ROWS} rows, {name}: time {took:.1f}, memory {memory:.0f} MB over idle")


# Taking in ------------------------------------------------------------------------------------------------------------


async def by_copy(pool: asyncpg.Pool[asyncpg.Record], lines: Sequence[bytes]) -> None:
    """The payloads alone."""
    async with pool.acquire() as conn:
        await conn.copy_records_to_table("floor", records=[(line.decode(),) for line in lines])


async def by_batch(engine: AsyncEngine, caller: Caller, lines: Sequence[bytes]) -> None:
    """The same records as a batch takes them in."""
    for first in range(0, len(lines), CHUNK):
        judged = [judge("penalty", read_json(line).value, NOW.date()) for line in lines[first : first + CHUNK]]
        await take_in(engine, [Push(caller, one, NOW) for one in judged], law())


async def by_file(room: ImportRoom, caller: Caller, content: bytes) -> None:
    """The workbook, from its bytes to the last row told of."""
    with room.shelf.arriving() as arriving:
        arriving.write(content)
        arrived = Arrived("bench.xlsx", arriving, "0" * 64, len(content), NOW)
        async with room.engine.begin() as conn:
            row = await submit_file(conn, room.shelf, caller, arrived, Wishes(), queued=False)
    ended = await import_file(room, row.id)
    if ended is None or ended.accepted != ROWS:
        raise RuntimeError(f"not all rows were taken in: {ended}")


async def measure_taking_in(server: postgres.Running, folder: Path) -> None:
    """Print the ratios."""
    async with prepared(server, NOW) as ground:
        engine, caller, pool = ground.engine, ground.caller, ground.pool
        reading = ReadingRoom(Shelf(folder / "files", "bench"), b"key", Limits())
        room = ImportRoom(engine, LawInForce(law()), reading, lambda: NOW)
        times: dict[str, list[float]] = {"COPY": [], "batch": [], "file": []}
        number = 1
        for _ in range(ROUNDS):
            lines = [json.dumps(corpus.penalty(n), ensure_ascii=False).encode() for n in range(number, number + ROWS)]
            content = book(number + ROWS, ROWS)
            number += 2 * ROWS
            for name, work in (
                ("COPY", by_copy(pool, lines)),
                ("batch", by_batch(engine, caller, lines)),
                ("file", by_file(room, caller, content)),
            ):
                start = time.perf_counter()
                await work
                times[name].append(time.perf_counter() - start)
        base = {name: statistics.median(took) for name, took in times.items()}
        print(
            f"taking in {ROWS} rows: " + ", ".join(f"{name} {took / base['COPY']:.0f}" for name, took in base.items())
        )
        print(f"a row of a file costs {base['file'] / base['batch']:.2f} of what it costs in a batch")
        print(
            f"and {times['file'][-1] / times['file'][0]:.2f} of what it did when the table was {ROUNDS} times smaller"
        )


def main() -> None:
    """Measure on a scratch server."""
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as name:
        folder = Path(name)
        (folder / "book.xlsx").write_bytes(book(1, READ_ROWS))
        versions = ", ".join(f"{one} {version(one)}" for one in ("openpyxl", "python-calamine", "xlsxwriter"))
        with postgres.start(folder / "data") as server:
            print(f"Python {platform.python_version()}, PostgreSQL {server.major}, {versions}")
            measure_reading(folder / "book.xlsx")
            asyncio.run(measure_taking_in(server, folder))
        postgres.discard(folder / "data")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        read_once(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
