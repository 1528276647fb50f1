"""The next year's holiday notice, taken in while the service runs: a due date that was a guess becomes firm."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.__main__ import cli
from app.exchange.keep_time import Timekeeping
from app.settings import CHECKOUT, sqlalchemy_url
from app.store.engine import make_engine
from tests.api.held import pushed
from tests.conftest import Service
from tests.serving import scratch, serving
from tests.timed import CALENDAR, NOTICE_2027, october, record, rows

Command = Callable[..., Result]

DECEMBER = october(9).replace(month=12, day=28)
YEAR_AFTER_NEXT = NOTICE_2027.replace("2027", "2028").replace("[2028-02-20]", "[]")
NOTICE_2026 = CALENDAR[CALENDAR.rindex("[[year]]") :]


@pytest.fixture
def command(database_url: str, tmp_path: Path) -> Command:
    """A command of the service, on the database of the test."""
    environ = {"DATABASE_URL": database_url, "LIANDONG_DATA": str(tmp_path)}

    def invoked(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(one) for one in arguments], env=environ)

    return invoked


@pytest.fixture
def notice(tmp_path: Path) -> Callable[[str], Path]:
    """A file with this notice in it."""

    def written(text: str) -> Path:
        file = tmp_path / "next-year.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return written


async def test_a_due_date_over_the_end_of_the_year_becomes_firm_in_a_running_service(
    service: Service, database_url: str, tmp_path: Path, notice: Callable[[str], Path]
) -> None:
    service.now = DECEMBER
    held = await pushed(service, record(decided_on="2026-12-25"))
    before = await held.node("penalty_served")
    told = len(await held.feed())

    environ = os.environ | {"DATABASE_URL": database_url, "LIANDONG_DATA": str(tmp_path), "PYTHONPATH": str(CHECKOUT)}
    added = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "app", "calendar", "add", str(notice(NOTICE_2027))), env=environ
    )
    assert await added.wait() == 0
    timekeeping = Timekeeping(service.shop.engine, service.shop.in_force)
    while await timekeeping.once(DECEMBER):
        pass

    after = await held.node("penalty_served")
    assert (before["due_at"], before["provisional"]) == ("2027-01-05T23:59:59+08:00", True)
    assert (after["due_at"], after["provisional"]) == ("2027-01-06T23:59:59+08:00", False)
    items = {item["node"]["node"]: item["node"] for item in (await held.feed())[told:]}
    assert items["penalty_served"] == after
    next_one = await pushed(service, record(2, decided_on="2026-12-25"))
    assert (await next_one.node("penalty_served"))["due_at"] == after["due_at"]


def test_the_same_notice_again_changes_nothing(command: Command, notice: Callable[[str], Path]) -> None:
    assert command("calendar", "add", notice(NOTICE_2027)).exit_code == 0

    again = command("calendar", "add", notice("# 样例\n" + NOTICE_2027))

    assert (again.exit_code, "nothing changed" in again.output) == (0, True)


def test_a_notice_that_the_release_has_already_changes_nothing(command: Command, notice: Callable[[str], Path]) -> None:
    result = command("calendar", "add", notice(NOTICE_2026))

    assert (result.exit_code, "nothing changed" in result.output) == (0, True)


def test_another_notice_of_a_known_year_is_refused_and_what_differs_is_said(
    command: Command, notice: Callable[[str], Path]
) -> None:
    command("calendar", "add", notice(NOTICE_2027))
    other = notice(NOTICE_2027.replace("2027-02-11", "2027-02-12"))

    refused, replaced = command("calendar", "add", other), command("calendar", "add", other, "--replace")

    assert refused.exit_code == 1
    assert "- holidays 春节 2027-02-05 – 2027-02-11" in refused.output
    assert "+ holidays 春节 2027-02-05 – 2027-02-12" in refused.output
    assert "元旦" not in refused.output
    assert replaced.exit_code == 0
    assert "nothing changed" in command("calendar", "add", other).output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NOTICE_2027.replace("2027-02-20", "2027-02-22"), "next-year.toml line 1: 2027-02-22 is a weekday"),
        ("\n" + NOTICE_2027.replace("title", "name"), "next-year.toml line 2: title: "),
        (NOTICE_2027.replace("= 2027\n", "= \n"), "next-year.toml: "),
        (NOTICE_2026 + "\n" + NOTICE_2027, "next-year.toml: holds one [[year]] table"),
        (YEAR_AFTER_NEXT, "next-year.toml: the calendar has 2021 to 2026, and 2028 does not follow"),
    ],
    ids=["worked weekday", "unknown key", "no TOML", "two years", "a year left out"],
)
def test_a_notice_is_judged_as_the_shipped_ones_are(
    command: Command, notice: Callable[[str], Path], text: str, said: str
) -> None:
    result = command("calendar", "add", notice(text))

    assert result.exit_code == 2
    assert said in result.output
    assert "2027" not in command("calendar", "list").output


def test_a_file_that_is_not_there_is_said_to_be_unreadable(command: Command, tmp_path: Path) -> None:
    result = command("calendar", "add", tmp_path / "none.toml")

    assert (result.exit_code, "none.toml" in result.output) == (2, True)


def test_the_list_says_which_years_are_the_releases_and_which_the_sites(
    command: Command, notice: Callable[[str], Path]
) -> None:
    command("calendar", "add", notice(NOTICE_2027))
    corrected = NOTICE_2026.replace('status = "verified"', 'status = "to_confirm"')
    assert command("calendar", "add", notice(corrected), "--replace").exit_code == 0

    lines = [line.split("\t") for line in command("calendar", "list").output.splitlines()]

    assert [line[0] for line in lines] == [str(year) for year in range(2021, 2028)]
    assert [line[3] for line in lines] == ["release"] * 5 + ["site"] * 2
    title = "国务院办公厅关于2027年部分节假日安排的通知(样例)"
    assert lines[-1] == ["2027", "样例〔2026〕1号", "to_confirm", "site", title]


def test_that_a_notice_was_added_is_on_the_trail(
    database_url: str, command: Command, notice: Callable[[str], Path]
) -> None:
    command("calendar", "add", notice(NOTICE_2027))

    (row,) = asyncio.run(_found(database_url, "SELECT action, outcome, detail FROM trail"))
    (kept,) = asyncio.run(_found(database_url, "SELECT version FROM holiday_notice"))
    assert tuple(row) == ("add_notice", "done", f"year=2027 notice={kept.version}")


@pytest.mark.slow
def test_a_notice_reaches_a_service_of_several_processes_while_it_runs(
    database_url: str, tmp_path: Path, notice: Callable[[str], Path]
) -> None:
    with scratch(tmp_path) as data, serving(data, DATABASE_URL=database_url, LIANDONG_WORKERS="2") as served:
        result = served.run("calendar", "add", str(notice(NOTICE_2027)))
        assert result.returncode == 0, result.stderr

        # The law of the release, and that with the notice.
        while len(asyncio.run(_found(database_url, "SELECT id FROM adopted_law"))) < 2:
            time.sleep(0.1)


async def _found(url: str, query: str) -> list[Any]:
    engine = make_engine(sqlalchemy_url(url))
    found = await rows(engine, query)
    await engine.dispose()
    return found
