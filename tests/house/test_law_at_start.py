"""With a law that contradicts itself, or cannot be read, the service does not start, and names the line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "schemas", "migrations")
ROW = """
[[limit]]
id = "penalty_served"
suffix = "again"
opens_on = ["decided"]
amount = 7
unit = "working_day"
basis = "某法"
effective_from = 2021-07-15
level = "national"
status = "verified"
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the service whose law may be spoilt."""
    place = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, place / package, ignore=shutil.ignore_patterns("__pycache__"))
    return place


def start(place: Path, added: str, file: str = "limits.toml") -> subprocess.CompletedProcess[str]:
    for name, more in {"limits.toml": "", "disclosure.toml": "", file: added}.items():
        shipped = (ROOT / "schemas/law" / name).read_text(encoding="utf-8")
        (place / "schemas/law" / name).write_text(shipped + more, encoding="utf-8")
    settings = {"LIANDONG_DATA": str(place / "data"), "LIANDONG_PORT": "1", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "app", "serve"]
    return subprocess.run(command, cwd=place, env=settings, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("said", "instead", "below", "complaint"),
    [
        ("", "", 0, "penalty_served@2021-07-15.again says the same as the row at limits.toml line "),
        ("2021-07-15", "2021-02-30", 7, "Invalid date or datetime"),
        ('["decided"]', '["desided"]', 0, "no event or stated date is called desided"),
        ("amount = 7", 'amount = 7\nextensions = [{ level = "mayor" }]', 0, "extensions.0.level"),
    ],
    ids=["two-equal-rows", "a-bad-date", "an-unknown-event", "an-unknown-level"],
)
def test_a_bad_row_keeps_the_service_from_starting_and_is_named_by_its_line(
    copy: Path, said: str, instead: str, below: int, complaint: str
) -> None:
    head = (ROOT / "schemas/law/limits.toml").read_text(encoding="utf-8").count("\n") + 2

    ended = start(copy, ROW.replace(said, instead) if said else ROW)

    assert ended.returncode == 1
    assert ended.stderr.startswith("limits.toml")
    assert f"line {head + below}" in ended.stderr
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (copy / "data").exists()


def test_two_rows_about_one_class_keep_the_service_from_starting(copy: Path) -> None:
    shipped = (ROOT / "schemas/law/disclosure.toml").read_text(encoding="utf-8")
    row = shipped[shipped.rindex("[[disclosure]]") :]

    ended = start(copy, row, "disclosure.toml")

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"disclosure.toml line {shipped.count(chr(10)) + 1}: trade_secret has its row at ")
    assert "Traceback" not in ended.stderr
    assert not (copy / "data").exists()
