"""./run and ./test, mostly in a checkout of nothing with locks of nothing, so that an environment takes a second."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.settings import CHECKOUT

pytestmark = pytest.mark.slow

# Says what it was started with, instead of serving.
APP = """
import os, sys
print(sys.argv[1:], os.getcwd(), sys.prefix, sep="|")
"""

TOOLS = ("sh", "dirname", "cksum", "grep", "readlink", "rm", "mv", "cat", "sleep")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a space in its path, whose locks ask for nothing."""
    folder = tmp_path / "check out"
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "__main__.py").write_text(APP)
    (folder / ".ci").mkdir()
    for name in ("run", "test", ".ci/environment.sh"):
        shutil.copy(CHECKOUT / name, folder / name)
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (folder / lock).write_text("# nothing\n")
    return folder


def start(checkout: Path, *words: str, script: str = "run", **options: object) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PYTHON": sys.executable} | dict(options.pop("environ", {}))  # type: ignore[call-overload]
    where = options.pop("cwd", "/")
    return subprocess.run(
        [checkout / script, *words], env=environ, cwd=str(where), capture_output=True, text=True, check=False
    )


def made_from(checkout: Path) -> Path:
    return checkout / ".venv" / "made-from"


def tools(folder: Path, **scripts: str) -> str:
    """A PATH with the few tools the scripts need, and these scripts."""
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (folder / tool).symlink_to(found)
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def workshop(checkout: Path, script: str) -> None:
    """Lay an interpreter that does as the script says where ./test looks for a finished environment."""
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    lines = [f"python {python.resolve()}"]
    for lock in ("requirements.lock", "requirements-dev.lock"):
        with (checkout / lock).open("rb") as content:
            sums = subprocess.run(["cksum"], stdin=content, capture_output=True, text=True, check=True)
        lines.append(f"{lock} {sums.stdout.strip()}")
    made_from(checkout).write_text("\n".join(lines) + "\n")


def test_the_first_start_makes_the_environment_and_serves(checkout: Path) -> None:
    started = start(checkout)

    assert started.returncode == 0, started.stderr
    words, _, prefix = started.stdout.strip().split("|")
    assert words == "['serve']"
    assert prefix == str(checkout / ".venv")
    assert started.stderr == "", "nothing is said where nobody watches"


def test_other_words_are_passed_through_and_name_the_callers_files(checkout: Path, tmp_path: Path) -> None:
    # A caller's own folder of the same name is not taken for ours.
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text("raise SystemExit('not ours')")

    started = start(checkout, "import", "two words.csv", "", cwd=tmp_path)

    assert started.returncode == 0, started.stderr
    assert started.stdout.split("|")[:2] == ["['import', 'two words.csv', '']", str(tmp_path)]


@pytest.mark.slow
def test_an_environment_is_made_again_only_when_the_lock_has_changed(checkout: Path) -> None:
    start(checkout)
    made = made_from(checkout).stat().st_mtime_ns
    start(checkout)
    assert made_from(checkout).stat().st_mtime_ns == made

    (checkout / "requirements.lock").write_text("# nothing more\n")
    assert start(checkout).returncode == 0

    assert made_from(checkout).stat().st_mtime_ns != made


@pytest.mark.slow
def test_a_workshop_serves_run_and_stays_a_workshop_when_the_lock_has_changed(checkout: Path) -> None:
    start(checkout, "tests", script="test")  # no pytest in it, but the environment is made first
    made = made_from(checkout).stat().st_mtime_ns
    start(checkout)
    assert made_from(checkout).stat().st_mtime_ns == made

    (checkout / "requirements.lock").write_text("# nothing more\n")
    start(checkout)
    made = made_from(checkout).stat().st_mtime_ns
    start(checkout, "tests", script="test")

    assert "requirements-dev.lock" in made_from(checkout).read_text()
    assert made_from(checkout).stat().st_mtime_ns == made


@pytest.mark.slow
def test_an_installation_that_was_killed_does_not_count_as_done(checkout: Path) -> None:
    process = subprocess.Popen(
        [checkout / "run"],
        env=os.environ | {"PYTHON": sys.executable},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + 30
    while not (checkout / ".venv" / "bin" / "python").exists() and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    assert (checkout / ".venv" / "bin" / "python").exists()
    assert not made_from(checkout).exists()
    assert start(checkout).returncode == 0
    assert made_from(checkout).exists()


def test_packages_without_a_hash_are_refused_and_the_reason_shown(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("pip==1.0\n")

    started = start(checkout)

    assert started.returncode != 0
    assert "hash" in started.stderr.lower()
    assert "requirements.lock" in started.stderr
    assert not made_from(checkout).exists()


@pytest.mark.slow
def test_two_first_starts_at_once_both_end_well(checkout: Path) -> None:
    environ = os.environ | {"PYTHON": sys.executable}
    both = [
        subprocess.Popen([checkout / "run"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    ended = [(process.communicate(), process.returncode) for process in both]

    assert [code for _, code in ended] == [0, 0], ended


@pytest.mark.slow
def test_an_interpreter_that_is_gone_is_replaced(checkout: Path) -> None:
    start(checkout)
    (checkout / ".venv" / "bin" / "python").unlink()

    started = start(checkout)

    assert started.returncode == 0, started.stderr


def test_a_machine_without_a_fit_python_is_told_what_to_install(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin", python3="exit 1")

    started = start(checkout, environ={"PATH": path, "PYTHON": ""})

    assert started.returncode != 0
    assert "Python 3.11 or later" in started.stderr
    assert "apt install python3" in started.stderr


def test_a_later_python_is_found_beside_an_old_one(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin", python3="exit 1")
    (tmp_path / "bin" / "python3.12").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / "bin" / "python3.12").chmod(0o755)

    started = start(checkout, environ={"PATH": path, "PYTHON": ""})

    assert started.returncode == 0, started.stderr


def test_a_python_that_was_named_and_is_none_is_not_replaced_by_another(checkout: Path) -> None:
    started = start(checkout, environ={"PYTHON": "/bin/false"})

    assert started.returncode != 0
    assert "PYTHON=/bin/false" in started.stderr


def test_debians_python_without_venv_is_told_what_to_install(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin", python3='case "$2" in *venv*) exit 1 ;; esac')

    started = start(checkout, environ={"PATH": path, "PYTHON": ""})

    assert started.returncode != 0
    assert "python3-venv" in started.stderr


def test_every_check_has_its_say_and_one_that_fails_fails_the_whole(checkout: Path) -> None:
    workshop(checkout, 'echo "ran: $*"; case "$*" in *mypy*) exit 1 ;; esac')

    ended = start(checkout, script="test")

    assert ended.returncode != 0
    assert "FAILED: mypy" in ended.stdout
    assert ended.stderr.split() == ["Failed:", "mypy"]
    ran = [line for line in ended.stdout.splitlines() if line.startswith("ran: ")]
    for wanted in (
        "ruff check",
        "ruff format --check",
        "importlinter",
        "app openapi --check",
        "schemas publish --check",
    ):
        assert any(wanted in line for line in ran), wanted
    assert ran[-1] == "ran: -m pytest -q -n auto -m not slow"


def test_all_includes_what_is_slow(checkout: Path) -> None:
    workshop(checkout, 'echo "ran: $*"')

    ended = start(checkout, "--all", script="test")

    assert ended.returncode == 0
    assert "ran: -m pytest -q -n auto" in ended.stdout.splitlines()


def test_further_words_are_for_pytest_alone(checkout: Path) -> None:
    workshop(checkout, 'echo "ran: $*"; exit 5')

    ended = start(checkout, "tests/rules", "-k", "a or b", script="test")

    assert ended.stdout.splitlines() == ["ran: -m pytest tests/rules -k a or b"]
    assert ended.returncode == 5


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_real_lock_makes_an_environment_that_runs_the_service(checkout: Path) -> None:
    shutil.copy(CHECKOUT / "requirements.lock", checkout / "requirements.lock")
    shutil.rmtree(checkout / "app")
    for folder in ("app", "schemas", "migrations"):
        shutil.copytree(CHECKOUT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "alembic.ini", checkout)

    started = start(checkout, "--help")

    assert started.returncode == 0, started.stderr
    assert "serve" in started.stdout
