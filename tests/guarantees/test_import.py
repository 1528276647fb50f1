"""The file an agency keeps already is taken in, and each bad row is named so that a clerk can mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests import corpus
from tests.serving import scratch, serving


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "headings"), [("utf-8-sig", "zh"), ("gb18030", "code")])
def test_of_two_hundred_rows_seven_are_named_and_the_others_are_held_once(
    tmp_path: Path, encoding: str, headings: Literal["zh", "code"]
) -> None:
    raw, broken = corpus.credit_publicity_csv(rows=200, broken=7, encoding=encoding, headings=headings)
    file = tmp_path / "双公示.csv"
    file.write_bytes(raw)

    with scratch(tmp_path) as data, serving(data) as served:
        first = served.run("import", str(file), "--organisation", corpus.ORGANISATION)
        second = served.run("import", str(file), "--organisation", corpus.ORGANISATION)

    assert first.returncode == 1, first.stderr
    assert "共 200 行：收下 193，重复 0，退回 7" in first.stdout
    assert "共 200 行：收下 0，重复 193，退回 7" in second.stdout
    named = [line for line in first.stdout.splitlines() if line.startswith("第 ")]
    assert len(named) == 7
    for line, (number, (column, code)) in zip(named, sorted(broken.items()), strict=True):
        assert line.startswith(f"第 {number} 行  {column}：")
        assert line.endswith(f"({code})")


def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    letter = tmp_path / "letter.csv"
    letter.write_text("尊敬的同事\n你好\n", encoding="utf-8")

    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(corpus.credit_publicity_csv(rows=1, broken=0)[0])

    with scratch(tmp_path) as data, serving(data) as served:
        unknown_layout = served.run("import", str(letter), "--organisation", corpus.ORGANISATION)
        missing = served.run("import", str(tmp_path / "none.csv"), "--organisation", corpus.ORGANISATION)
        stranger = served.run("import", str(sheet), "--organisation", "91420102MA9XYW0T35")

    assert [one.returncode for one in (unknown_layout, missing, stranger)] == [2, 2, 2]
    assert "layout-unknown" in unknown_layout.stderr
    assert "none.csv" in missing.stderr
    assert all("Traceback" not in one.stderr for one in (unknown_layout, missing, stranger))
