"""A file is taken in whole and each row once, whatever ends the processes meanwhile; what is taken away comes back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from app import postgres
from tests import corpus
from tests.api.sending_files import CODES, FILES, HEADINGS, SHEET, cells, counts, sheets_of
from tests.examples import examples
from tests.serving import Served, descendants, gone, scratch, serving
from tests.workbooks import book_of, sheet_xml

MEGABYTE = 1024 * 1024
MOST_MEGABYTES_OVER_IDLE = 64
PUSH = "/v1/records/penalty"
PATIENCE_SECONDS = 240

FIRST, LAST = 1, 4980
SPOILT = frozenset(range(7, LAST, 125))
AGAIN = tuple(range(1, LAST, 249))
COUNTS = (5000, LAST - len(SPOILT), len(AGAIN), len(SPOILT))
"""Of the large file: rows, accepted, repeated, rejected."""

Json = dict[str, Any]


# --- files --------------------------------------------------------------------------------------


def _write(path: Path, rows: Iterator[Mapping[str, str]]) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        for place, heading in enumerate(HEADINGS):
            sheet.write_string(0, place, heading)
        for number, row in enumerate(rows, start=1):
            for place, code in enumerate(CODES):
                if row.get(code):
                    sheet.write_string(number, place, row[code])


def _large_rows() -> Iterator[Mapping[str, str]]:
    """Five thousand rows: some cannot be taken, and at the end some say again what others said before."""
    for n in range(FIRST, LAST + 1):
        yield cells(n, CF_SY="") if n in SPOILT else cells(n)
    yield from map(cells, AGAIN)


def _slow_to_read() -> bytes:
    """A small file with so many empty rows that it takes long to find out what is in it."""
    headings = "".join(f'<c t="inlineStr"><is><t>{heading}</t></is></c>' for heading in HEADINGS)
    empty = (f'<row r="{number}">{"<c/>" * 4}</row>' for number in range(2, 1_048_577))
    return book_of(sheet_xml(f'<row r="1">{headings}</row>{"".join(empty)}'))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook that takes a while."""
    path = tmp_path_factory.mktemp("large") / "双公示.xlsx"
    _write(path, _large_rows())
    return path


# --- the service and what it holds ----------------------------------------------------------------


def _sent(agency: httpx.Client, path: Path) -> str:
    """The address of a file that was sent."""
    with path.open("rb") as content:
        answer = agency.post(FILES, files={"file": (path.name, content, "application/octet-stream")})
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


def _read(agency: httpx.Client, address: str) -> Json:
    """A file as it stands; nothing of it as long as the database is away."""
    answer = agency.get(address)
    if answer.status_code == 503:
        return {"state": "unknown", "rows": None, "accepted": 0, "repeated": 0, "rejected": 0}
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def _until(agency: httpx.Client, address: str, reached: Callable[[Json], bool]) -> Json:
    """The file as soon as it is as wished."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached(file := _read(agency, address)):
        assert file["state"] != "failed", file["faults"]
        assert time.monotonic() < deadline, file
        time.sleep(0.05)
    return file


def _settled(file: Json) -> int:
    return sum(counts(file)[1:])


def _is_over(file: Json) -> bool:
    return file["state"] in ("done", "failed")


def _is_beyond(rows: int) -> Callable[[Json], bool]:
    return lambda file: _settled(file) > rows or _is_over(file)


def _worker(served: Served, other_than: Sequence[int] = ()) -> int:
    """The process in which files are taken in."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for pid in descendants(served.process.pid):
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if b"app.working" in words and pid not in other_than:
                    return pid
        time.sleep(0.05)
    raise AssertionError("there is no worker")


def _kill_everything(served: Served) -> None:
    everyone = [served.process.pid, *descendants(served.process.pid)]
    for pid in everyone:
        # Some end by themselves as soon as the first one is gone.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    served.process.wait(30)
    assert gone(everyone, within_seconds=10) == []


def _asked(served: Served, query: str) -> list[Json]:
    """The rows of a query to the service's database."""
    dsn = served.environ.get("DATABASE_URL")
    if dsn is None:
        running = postgres.running_instance(served.data)
        assert running is not None
        dsn = running.dsn

    async def ask() -> list[Json]:
        conn = await asyncpg.connect(dsn)
        try:
            return [dict(row) for row in await conn.fetch(query)]
        finally:
            await conn.close()

    # In a thread of its own: the loop of this one is pytest's.
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, ask()).result()


_EVERYTHING = """
SELECT (SELECT json_agg(record ORDER BY id) FROM record) AS record,
       (SELECT json_agg(version ORDER BY record_id, version) FROM version) AS version,
       (SELECT json_agg(entry ORDER BY id) FROM entry) AS entry,
       (SELECT json_agg(event ORDER BY id) FROM event) AS event,
       (SELECT json_agg(node ORDER BY record_id, node) FROM node) AS node,
       (SELECT json_agg(node_history ORDER BY id) FROM node_history) AS node_history
"""


def _everything(served: Served) -> Json:
    """All that is held, to the last column."""
    return {name: json.loads(text) for name, text in _asked(served, _EVERYTHING)[0].items() if text is not None}


_TWICE = """
SELECT (SELECT count(*) FROM record) AS records,
       (SELECT count(*) FROM version) AS versions,
       (SELECT count(*) FROM entry WHERE kind = 'record') AS entries,
       (SELECT count(DISTINCT record_id) FROM entry WHERE kind = 'record') AS entered,
       (SELECT count(*) FROM file_row) AS rows,
       (SELECT count(*) FROM file_row WHERE number BETWEEN 0 AND (SELECT rows - 1 FROM file)) AS numbered,
       (SELECT count(DISTINCT line) FROM file_row) AS lines,
       (SELECT count(DISTINCT record_id) FROM file_row WHERE outcome = 'accepted') AS accepted,
       (SELECT count(*) FROM file_row WHERE outcome = 'repeated') AS repeated,
       (SELECT count(*) FROM file_row WHERE outcome = 'rejected') AS rejected,
       (SELECT count(*) FROM trail WHERE action = 'import') AS ends,
       (SELECT count(*) FROM trail WHERE action = 'push' AND outcome = 'done') AS pushes
"""


def _insist_on_exactly_once(served: Served, agency: httpx.Client, address: str) -> None:
    """Every row of the large file was settled once, nothing is held twice, and nothing is left lying about."""
    file = _until(agency, address, _is_over)
    rows, accepted, repeated, rejected = counts(file)
    (found,) = _asked(served, _TWICE)

    assert (file["state"], rows, accepted, repeated, rejected) == ("done", *COUNTS)
    assert found == {
        "records": accepted,
        "versions": accepted,
        "entries": accepted,
        "entered": accepted,
        "rows": rows,
        "numbered": rows,
        "lines": rows,
        "accepted": accepted,
        "repeated": repeated,
        "rejected": rejected,
        "ends": 1,
        "pushes": accepted,
    }
    annotated = agency.get(f"{address}/annotated.xlsx")
    ((_, *returned),) = sheets_of(annotated.content).values()
    assert [int(row[len(HEADINGS)]) for row in returned] == [n + 1 for n in sorted(SPOILT)]
    assert sorted(path.suffixes[-1] for path in (served.data / "files").iterdir()) == [".xlsx"]


# --- what may end ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_however_often_the_worker_is_killed_amid_a_file_each_row_is_taken_in_once(tmp_path: Path, large: Path) -> None:
    with scratch(tmp_path) as data, serving(data) as served:
        agency = served.client("market-city")
        killed: list[int] = []
        address, before = _sent(agency, large), 0
        for _ in range(3):
            before = _settled(_until(agency, address, _is_beyond(before)))
            killed.append(_worker(served, other_than=killed))
            os.kill(killed[-1], signal.SIGKILL)

        assert 0 < before < COUNTS[0]
        _insist_on_exactly_once(served, agency, address)


@pytest.mark.timeout(600)
def test_after_kill_9_of_every_process_amid_a_file_it_is_gone_on_with(tmp_path: Path, large: Path) -> None:
    with scratch(tmp_path) as data:
        with serving(data) as served:
            agency = served.client("market-city")
            address = _sent(agency, large)
            before = _settled(_until(agency, address, _is_beyond(0)))
            _kill_everything(served)
        with serving(data) as served:
            assert 0 < before < COUNTS[0]
            _insist_on_exactly_once(served, served.client("market-city"), address)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_service_that_is_stopped_amid_a_file_goes_on_with_it_at_its_next_start(tmp_path: Path, large: Path) -> None:
    with scratch(tmp_path) as data:
        with serving(data) as served:
            agency = served.client("market-city")
            address = _sent(agency, large)
            before = _settled(_until(agency, address, _is_beyond(0)))
            everyone = descendants(served.process.pid)
            served.process.send_signal(signal.SIGTERM)
            status = served.process.wait(30)
            left = gone(everyone, within_seconds=3)
        with serving(data) as served:
            assert (status, left) == (0, [])
            assert 0 < before < COUNTS[0]
            _insist_on_exactly_once(served, served.client("market-city"), address)


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_is_left_of_a_service_that_ends_while_a_large_file_is_still_being_read(
    tmp_path: Path, ending: signal.Signals
) -> None:
    slow = tmp_path / "双公示.xlsx"
    slow.write_bytes(_slow_to_read())

    with scratch(tmp_path) as data, serving(data) as served:
        agency = served.client("market-city")
        address = _sent(agency, slow)
        _until(agency, address, lambda file: file["state"] == "running")
        everyone, worker = descendants(served.process.pid), _worker(served)
        served.process.send_signal(ending)
        served.process.wait(30)
        left = gone(everyone, within_seconds=3)

    assert worker in everyone
    assert left == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_database_that_stops_amid_a_file_and_comes_back_is_gone_on_with_by_the_running_service(
    tmp_path: Path, large: Path
) -> None:
    folders = [tmp_path / "server", tmp_path / "service"]
    for folder in folders:
        folder.mkdir(mode=0o711)
    with (
        scratch(folders[0]) as own,
        scratch(folders[1]) as data,
        postgres.start(own) as database,
        serving(data, DATABASE_URL=database.dsn, LIANDONG_DEMO="1") as served,
    ):
        agency = served.client("market-city")
        address = _sent(agency, large)
        before = _settled(_until(agency, address, _is_beyond(0)))
        # Immediate shutdown: nothing is let finish, and the journal is replayed at the next start.
        os.kill(database.pid, signal.SIGQUIT)
        assert gone([database.pid], within_seconds=30) == []
        away = agency.get(address)
        database.stop()

        with postgres.start(own) as again:
            assert again.dsn == database.dsn
            assert (away.status_code, 0 < before < COUNTS[0]) == (503, True)
            _insist_on_exactly_once(served, agency, address)


# --- cancelling, and others meanwhile ---------------------------------------------------------------


def test_a_file_cancelled_while_it_is_taken_in_keeps_what_was_and_takes_in_no_more(tmp_path: Path, large: Path) -> None:
    with scratch(tmp_path) as data, serving(data) as served:
        agency = served.client("market-city")
        address = _sent(agency, large)
        _until(agency, address, _is_beyond(0))
        answer = agency.post(f"{address}/cancellation")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _is_over(file := _read(agency, address)) and time.monotonic() < deadline:
            time.sleep(0.05)
        again = agency.post(f"{address}/cancellation")
        (found,) = _asked(served, _TWICE)

    assert (answer.status_code, again.status_code, again.json()["code"]) == (200, 409, "file-over")
    assert (file["state"], file["rows"], file["faults"][0]["code"]) == ("failed", COUNTS[0], "file-cancelled")
    assert 0 < file["accepted"] < COUNTS[1]
    assert (found["records"], found["rows"]) == (file["accepted"], _settled(file))


def test_a_file_that_nobody_has_begun_can_be_cancelled_and_ends_once_there_is_a_worker(tmp_path: Path) -> None:
    small = tmp_path / "双公示.xlsx"
    _write(small, map(cells, range(1, 11)))

    with scratch(tmp_path) as data, serving(data) as served:
        agency = served.client("market-city")
        worker = _worker(served)
        os.kill(worker, signal.SIGSTOP)
        address = _sent(agency, small)
        cancelled = agency.post(f"{address}/cancellation")
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _is_over(file := _read(agency, address)) and time.monotonic() < deadline:
            time.sleep(0.05)
        (found,) = _asked(served, _TWICE)

    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "queued")
    assert (file["state"], file["rows"], file["accepted"]) == ("failed", None, 0)
    assert [fault["code"] for fault in file["faults"]] == ["file-cancelled"]
    assert (found["records"], found["rows"]) == (0, 0)
    assert list((data / "files").iterdir()) == []


@pytest.mark.slow
def test_records_are_pushed_and_read_while_a_file_is_taken_in(tmp_path: Path, large: Path) -> None:
    with scratch(tmp_path) as data, serving(data) as served:
        agency = served.client("market-city")
        address = _sent(agency, large)
        _until(agency, address, _is_beyond(0))
        pushed, read, number = [], [], LAST + 1
        while not _is_over(file := _read(agency, address)) and number < LAST + 200:
            pushed.append(agency.post(PUSH, json=corpus.penalty(number)))
            read.append(agency.get(f"{PUSH}/{pushed[-1].json()['id']}"))
            number += 1
        file = _until(agency, address, _is_over)
        held = _asked(served, "SELECT count(*) AS n FROM record")[0]["n"]

    assert pushed
    assert {answer.status_code for answer in pushed} == {201}
    assert [answer.json()["digest"] for answer in read] == [answer.json()["digest"] for answer in pushed]
    assert counts(file) == COUNTS
    assert held == COUNTS[1] + len(pushed)


# --- there and back ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("layout", ["credit-publicity", "liandong"])
def test_what_is_taken_away_and_brought_back_changes_nothing(tmp_path: Path, layout: str) -> None:
    raw, _ = corpus.credit_publicity_csv(rows=200, broken=0)
    first = tmp_path / "双公示.csv"
    first.write_bytes(raw)
    to = [tmp_path / f"out{suffix}" for suffix in (".csv", ".xlsx")]

    with scratch(tmp_path) as data, serving(data) as served:
        taken = served.run("import", str(first), "--organisation", corpus.ORGANISATION)
        agency = served.client("market-city")
        more = [_push(agency, record) for record in _fuller(layout)]
        before = _everything(served)
        exported = [_exported(served, path, layout) for path in to]
        back = [served.run("import", str(path), "--organisation", corpus.ORGANISATION) for path in to]
        after = _everything(served)

    total = 200 + len(more)
    assert (taken.returncode, {answer.status_code for answer in more}) == (0, {201}), taken.stderr
    assert exported == [f"{total} records written 已写出 {total} 条记录\n"] * 2
    for one in back:
        assert f"共 {total} 行：收下 0，重复 {total}，退回 0" in one.stdout, one.stdout + one.stderr
        assert one.returncode == 0
    assert after == before


def _fuller(layout: str) -> Iterator[Json]:
    """Penalties that say all kinds of things that 双公示 has no column for; it takes those alone that are decided.

    Each decides another case: by number and party alone its rows are told apart.
    """
    for number, example in enumerate(examples("penalty"), start=1):
        record = example.payload()
        if example.kind != "invalid" and (layout == "liandong" or "decided_on" in record):
            own = {"organisation": corpus.ORGANISATION, "source_id": f"例-{number}"}
            if "decided_on" in record:
                own["decision_no"] = f"武市监处罚〔{record['decided_on'][:4]}〕{9000 + number}号"
            yield record | own


def _push(agency: httpx.Client, record: Json) -> httpx.Response:
    return agency.post(PUSH, json=record)


def _exported(served: Served, path: Path, layout: str) -> str:
    done = served.run("export", str(path), "--organisation", corpus.ORGANISATION, "--layout", layout)
    assert done.returncode == 0, done.stderr
    return done.stdout


_CORRECT = ("--on-change", "correct", "--reason-code", "typing_error", "--reason-text", "录入时写错")


@pytest.mark.slow
def test_the_commands_end_as_they_say_and_the_returned_workbook_once_mended_is_taken_in(tmp_path: Path) -> None:
    sheet, returned, mended = (tmp_path / name for name in ("双公示.xlsx", "退回.xlsx", "改好.xlsx"))
    _write(sheet, iter([cells(1), cells(2, CF_SY=""), cells(3)]))
    changed = tmp_path / "更正.xlsx"
    _write(changed, iter([cells(1), cells(3, CF_SY="重新查明的事实")]))
    letter = tmp_path / "letter.csv"
    letter.write_text("尊敬的同事\n你好\n", encoding="utf-8")

    with scratch(tmp_path) as data, serving(data) as served:

        def imported(path: Path, *more: str) -> tuple[int, str]:
            done = served.run("import", str(path), "--organisation", corpus.ORGANISATION, *more)
            assert "Traceback" not in done.stderr
            return done.returncode, (done.stdout.splitlines() or [""])[-1]

        some = imported(sheet, "--annotated", str(returned))
        ((_, (header, row)),) = sheets_of(returned.read_bytes()).items()
        said = dict(zip(CODES, row, strict=False)) | {"CF_SY": "补充查明的事实"}
        _write(mended, iter([said]))
        rest = imported(mended, "--annotated", str(tmp_path / "nothing.xlsx"))
        none = imported(letter, "--annotated", str(tmp_path / "nothing.xlsx"))
        unreasoned = imported(changed, "--on-change", "correct")
        held_otherwise = imported(changed)
        corrected = imported(changed, *_CORRECT)
        unwritable = served.run("export", str(tmp_path / "no" / "a.csv"), "--organisation", corpus.ORGANISATION)
        unnamed = served.run("export", str(tmp_path / "a.pdf"), "--organisation", corpus.ORGANISATION)
        held = _asked(served, "SELECT count(*) AS n FROM record")[0]["n"]

    assert some == (1, "共 3 行：收下 2，重复 0，退回 1 · 3 rows: 2 accepted, 0 repeated, 1 rejected")
    assert header[len(HEADINGS) :] == ["原行号", "退回原因", "如何修改"]
    assert int(row[len(HEADINGS)]) == 3
    assert rest == (0, "共 1 行：收下 1，重复 0，退回 0 · 1 rows: 1 accepted, 0 repeated, 0 rejected")
    assert none == (2, "")
    assert unreasoned == (2, "")
    assert held_otherwise == (1, "共 2 行：收下 0，重复 1，退回 1 · 2 rows: 0 accepted, 1 repeated, 1 rejected")
    assert corrected == (0, "共 2 行：收下 1，重复 1，退回 0 · 2 rows: 1 accepted, 1 repeated, 0 rejected")
    assert not (tmp_path / "nothing.xlsx").exists()
    assert (unwritable.returncode, unnamed.returncode) == (2, 2)
    assert not (tmp_path / "a.pdf").exists()
    assert held == 3


# --- a large one ------------------------------------------------------------------------------------

_MANY = 100_000


def _megabytes(pid: int, name: str) -> float:
    """VmRSS: now; VmHWM: the most since it was forgotten."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    (line,) = [line for line in status.splitlines() if line.startswith(name + ":")]
    return int(line.split()[1]) / 1024


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_rows_take_no_more_than_64_megabytes_over_idle_and_tell_how_far_they_are(
    tmp_path: Path,
) -> None:
    warm_up, many = tmp_path / "few.xlsx", tmp_path / "many.xlsx"
    _write(warm_up, map(cells, range(900_001, 900_021)))
    _write(many, map(cells, range(1, _MANY + 1)))

    with scratch(tmp_path) as data, serving(data) as served:
        agency = served.client("market-city")
        worker = _worker(served)
        first = _until(agency, _sent(agency, warm_up), _is_over)
        idle = _megabytes(worker, "VmRSS")
        Path(f"/proc/{worker}/clear_refs").write_text("5", encoding="ascii")

        address, seen, started = _sent(agency, many), [0], set[int]()
        deadline = time.monotonic() + 1500
        while not _is_over(file := _read(agency, address)) and time.monotonic() < deadline:
            started.update(descendants(worker))
            if file["rows"] is not None:
                seen.append(_settled(file))
            time.sleep(0.2)
        peak = _megabytes(worker, "VmHWM")
        is_the_same = _worker(served) == worker

    assert counts(first) == (20, 20, 0, 0)
    assert (file["state"], counts(file)) == ("done", (_MANY, _MANY, 0, 0))
    assert seen == sorted(seen)
    assert len(set(seen)) > 20
    assert is_the_same
    assert started == set()
    assert peak - idle <= MOST_MEGABYTES_OVER_IDLE
