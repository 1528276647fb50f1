"""What the READMEs and the documents tell people is so."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.settings import CHECKOUT
from schemas.law import Limit, limits
from schemas.law.bounds import bounds, bounds_of
from schemas.publishing import examples
from tests.serving import Served, scratch, serving

READMES = ("README.md", "README.zh-CN.md")
PASTED = {
    "README.md": ("A first push in two minutes", "Files you have already"),
    "README.zh-CN.md": ("首次报送", "导入与校验"),
}
"""The sections whose `sh` blocks a reader pastes, one after the other, beside a running service."""

DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
TERM = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


def sections(name: str) -> dict[str, str]:
    """The text under each heading of the second level."""
    parts = re.split(r"^## (.+)$", text_of(name), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def glossary(name: str) -> list[tuple[str, str, str]]:
    """The rows of the last section's table: Chinese, English, the name in code and data."""
    *_, last = sections(name).values()
    _, _, *rows = TERM.findall(last)
    return [(zh.strip(), en.strip(), called.strip()) for zh, en, called in rows]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """What `./run` starts, on a scratch folder and a free port."""
    with scratch(tmp_path) as data, serving(data) as running:
        yield running


@pytest.mark.parametrize("readme", READMES)
def test_the_lines_of_the_first_push_work_as_pasted(readme: str, served: Served) -> None:
    lines = "".join(block for name in PASTED[readme] for block in blocks(sections(readme)[name], "sh"))
    # Not a word is changed: the lines themselves ask for these two, which are the service's own.
    where = {name: served.environ[name] for name in ("LIANDONG_DATA", "LIANDONG_PORT")}
    known = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    pasted = subprocess.run(
        ["sh"], input=lines, env=known | where, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=100
    )

    (nodes, paid, page), rest = shown(pasted.stdout, 3)
    assert "penalty_served" in [node["node"] for node in nodes["items"]], pasted.stderr
    assert all(node["explanation"] and node["basis"] for node in nodes["items"])
    assert (paid["applied"], paid["state"]) == (True, "paid")
    assert {item["kind"] for item in page["items"]} == {"record", "event", "node"}
    assert page["scanned_to"] == page["head"]
    assert "6 rows: 5 accepted, 0 repeated, 1 rejected" in rest
    assert pasted.stderr.count("1 records, 0 with errors") == len(examples("penalty"))
    assert "Traceback" not in pasted.stderr


def shown(output: str, count: int) -> tuple[list[Any], str]:
    """The first JSON values of an output, and what comes after them."""
    values = []
    for _ in range(count):
        output = output.lstrip()
        value, end = json.JSONDecoder().raw_decode(output)
        values.append(value)
        output = output[end:]
    return values, output


def test_both_readmes_have_the_same_terms() -> None:
    assert glossary("README.md")
    assert glossary("README.zh-CN.md") == glossary("README.md")


def test_a_chinese_term_has_one_english_word_and_no_word_stands_for_two() -> None:
    for column in zip(*[row[:2] for row in glossary("README.md")], strict=True):
        assert [word for word in set(column) if column.count(word) > 1] == []


def test_a_term_is_called_in_code_and_data_as_the_glossary_says() -> None:
    rooms = [path for room in ("app", "schemas") for path in (CHECKOUT / room).rglob("*")]
    code = "".join(path.read_text(encoding="utf-8") for path in rooms if path.suffix in (".py", ".csv", ".toml"))
    words = set(re.findall(r"[a-z_]+", code))

    strangers = [name for _, _, name in glossary("README.md") if name != "–" and name.strip("`") not in words]

    assert strangers == []


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_is_in_the_table(readme: str) -> None:
    settings = set(re.findall(r'"((?:LIANDONG|DATABASE)_[A-Z0-9_]+)"', text_of("app/settings.py")))
    table = "".join(line for line in text_of(readme).splitlines() if line.startswith("| `"))

    assert "LIANDONG_PORT" in settings
    assert [name for name in sorted(settings) if f"`{name}`" not in table] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_link_within_the_checkout_leads_somewhere(document: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(document.read_text(encoding="utf-8"))]
    within = [link for link in links if link and "://" not in link]

    assert [link for link in within if not (document.parent / link).exists()] == []


def test_every_test_named_as_a_control_exists() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", text_of("docs/threats.md"))

    assert named
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_every_library_has_its_reason() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    wanted = [re.split(r"[^\w-]", each)[0] for each in project["project"]["dependencies"]]
    chapter = sections("docs/decisions.md")["Libraries"]

    assert [name for name in wanted if not re.search(rf"^\| [^|]*\b{name}\b", chapter, re.MULTILINE)] == []


def totals(row: Limit) -> list[tuple[str, int | None, bool]]:
    """Who may prolong the whole period to what; the document of that is told apart."""
    return [(one.level, one.total, one.needs_document) for one in row.extensions]


def test_the_rows_shown_as_examples_of_the_law_are_some() -> None:
    limit_shown, keys_shown, totals_shown, bound_shown = blocks(text_of("docs/law.md"), "toml")

    ((bound_row,),) = bounds_of(bound_shown).values()

    (whole,) = limits(limit_shown)
    (prolonged,) = limits(limit_shown.replace('"working_day"', '"natural_day"') + keys_shown)
    of_three_days = limit_shown.replace('"working_day"', '"natural_day"').replace("amount = 7", "amount = 3")
    (in_all,) = limits(of_three_days + totals_shown)
    assert whole in limits()
    assert any(row.extensions == prolonged.extensions for row in limits())
    assert any(row.excludes_between == prolonged.excludes_between for row in limits())
    assert any(totals(row) == totals(in_all) for row in limits())
    assert any(bound_row in rows for rows in bounds().values())
