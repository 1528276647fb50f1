"""python -m schemas: the validator an agency runs on its own machine, and the publisher."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas.__main__ import main
from tests import corpus

ROOT = Path(schemas.__file__).parent.parent
Json = dict[str, Any]


def penalty(n: int = 1, **changes: object) -> Json:
    """A penalty of 2024: in no clock's future."""
    days = {"decided_on": "2024-03-05", "publicity_until": "2027-03-05", "decision_no": f"武市监处罚〔2024〕{n}号"}
    return {**corpus.penalty(n, party_kind="legal_person", kinds=["03"]), **days, **changes}


BROKEN = {"fine_yuan": "12000"}


class Desk:
    """Files to judge, and what was said about them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys
        self.out = ""
        self.err = ""

    def file(self, name: str, content: bytes | str) -> str:
        path = self._folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def validate(self, *arguments: str) -> int:
        code = main(["validate", *arguments])
        self.out, self.err = self._capsys.readouterr()
        return code

    @property
    def lines(self) -> list[str]:
        """What was said, without the folder."""
        return [line.removeprefix(f"{self._folder}{os.sep}") for line in self.out.splitlines()]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def ndjson(*records: Json | str, end: str = "\n") -> str:
    return end.join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records)


def test_a_valid_record_is_passed_without_a_word_on_standard_output(desk: Desk) -> None:
    assert desk.validate(desk.file("one.json", json.dumps(penalty(), indent=2))) == 0
    assert desk.out == ""
    assert "1 records, 0 with errors" in desk.err


def test_a_fault_is_told_with_file_pointer_code_words_and_what_to_do(desk: Desk) -> None:
    assert desk.validate(desk.file("one.json", json.dumps(penalty() | BROKEN))) == 1
    (line,) = desk.lines
    assert line.startswith("one.json /fine_yuan money: 金额应为两位小数的字符串")
    assert "12000.00" in line
    assert "1 records, 1 with errors" in desk.err


def test_the_lines_of_a_batch_are_judged_as_the_service_would(desk: Desk) -> None:
    named = {name: penalty()[name] for name in ("record_type", "organisation", "source_id")}
    served = {"event_for": named, "event": "served", "occurred_at": "2024-03-08"}
    misnamed = served | {"event_for": named | {"organisation": "114201000099999XX0"}, "event": "serve"}

    assert desk.validate(desk.file("batch.ndjson", ndjson(penalty(), served, misnamed))) == 1

    told = [line.split(": ", 1)[0] for line in desk.lines]
    assert told == ["batch.ndjson:3 /event_for/organisation check-digit", "batch.ndjson:3 /event unknown-event"]
    assert "3 records, 1 with errors" in desk.err


def test_faults_are_told_in_english_when_asked(desk: Desk) -> None:
    assert desk.validate("--language", "en", desk.file("one.json", json.dumps(penalty() | BROKEN))) == 1
    (line,) = desk.lines
    assert line.startswith("one.json /fine_yuan money: money is a string of yuan with two decimals")
    assert line.isascii() or "–" in line


def test_a_warning_is_told_and_does_not_fail(desk: Desk) -> None:
    payload = penalty(decision_no="武市监处罚[2024]第012号")

    assert desk.validate(desk.file("one.json", json.dumps(payload))) == 0
    assert desk.lines[0].startswith("one.json /decision_no 提示 document-no-form: ")
    assert desk.validate("--language", "en", desk.file("one.json", json.dumps(payload))) == 0
    assert desk.lines[0].startswith("one.json /decision_no warning document-no-form: ")


def test_the_records_of_an_array_are_told_by_their_index(desk: Desk) -> None:
    text = json.dumps([penalty(1), penalty(2) | BROKEN, 5, penalty(3)])

    assert desk.validate(desk.file("many.json", text)) == 1
    assert [line.split(" ")[0] for line in desk.lines] == ["many.json[1]", "many.json[2]"]
    assert "4 records, 2 with errors" in desk.err


def test_what_reading_found_in_an_array_is_told_at_its_record(desk: Desk) -> None:
    text = json.dumps([penalty(1), penalty(2) | {"remarks": "@"}]).replace('"@"', "1.5")

    assert desk.validate(desk.file("many.json", text)) == 1
    assert [line.split(":")[0] for line in desk.lines] == ["many.json[1] /remarks fraction"]


def test_an_empty_array_holds_nothing_wrong(desk: Desk) -> None:
    assert desk.validate(desk.file("many.json", "[]")) == 0
    assert "0 records" in desk.err


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_records_of_lines_are_told_by_their_line_whatever_its_end_and_blank_lines_count(
    desk: Desk, end: str
) -> None:
    text = ndjson(penalty(1), "", penalty(2) | BROKEN, "  ", penalty(3), "", end=end)

    assert desk.validate(desk.file("many.ndjson", text)) == 1
    assert [line.split(" ")[0] for line in desk.lines] == ["many.ndjson:3"]
    assert "3 records, 1 with errors" in desk.err


def test_a_broken_line_is_told_and_the_others_are_judged(desk: Desk) -> None:
    text = ndjson(penalty(1), '{"record_type": "penalty", ', penalty(2) | BROKEN, penalty(3))

    assert desk.validate(desk.file("many.ndjson", text)) == 2
    assert [line.split(":")[1].split(" ")[0] for line in desk.lines] == ["2", "3"]
    assert "not-json" in desk.lines[0]
    assert "/fine_yuan money" in desk.lines[1]
    assert "4 records, 2 with errors" in desk.err


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"[" * 40 + b"]" * 40, "nested-too-deep"),
        ('{"remarks": "样例"}'.encode("gb18030"), "not-utf-8"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_and_the_others_are_judged(desk: Desk, line: bytes, code: str) -> None:
    lines = [json.dumps(penalty(1)).encode(), line, json.dumps(penalty(2) | BROKEN).encode()]

    assert desk.validate(desk.file("many.ndjson", b"\n".join(lines))) == 2
    assert [one.split(" ")[0] for one in desk.lines] == ["many.ndjson:2", "many.ndjson:3"]
    assert code in desk.lines[0]


def test_a_record_over_several_lines_that_is_not_json_is_told_once_with_its_line(desk: Desk) -> None:
    text = json.dumps(penalty(1), indent=2).replace('"field": "market",', '"field": "market",,')

    assert desk.validate(desk.file("one.json", text)) == 2
    assert len(desk.lines) == 1
    assert "not-json" in desk.lines[0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"{", "not-json"),
        (b"\xff\xfe", "not-utf-8"),
        (b"[" * 100_000, "nested-too-deep"),
        (b"[NaN]", "not-json"),
    ],
)
def test_what_cannot_be_read_is_told_so(desk: Desk, content: bytes, code: str) -> None:
    assert desk.validate(desk.file("one.json", content)) == 2
    assert f"one.json / {code}: " in desk.lines[0]


def test_a_byte_order_mark_does_no_harm(desk: Desk) -> None:
    assert desk.validate(desk.file("one.json", b"\xef\xbb\xbf" + json.dumps(penalty()).encode())) == 0
    text = ndjson(penalty(1), penalty(2))
    assert desk.validate(desk.file("many.ndjson", b"\xef\xbb\xbf" + text.encode())) == 0


def test_a_missing_file_is_said_so_and_the_others_are_judged(desk: Desk, tmp_path: Path) -> None:
    there = desk.file("one.json", json.dumps(penalty() | BROKEN))

    assert desk.validate(str(tmp_path / "missing.json"), there, str(tmp_path)) == 2
    assert "missing.json" in desk.err
    assert [line.split(" ")[0] for line in desk.lines] == ["one.json"]


def test_the_worst_of_several_files_is_the_exit_code(desk: Desk) -> None:
    good, bad = desk.file("good.json", json.dumps(penalty())), desk.file("bad.json", json.dumps(penalty() | BROKEN))

    assert desk.validate(good) == 0
    assert desk.validate(bad, good) == 1
    assert desk.validate(desk.file("ugly.json", "{"), bad, good) == 2


@pytest.mark.parametrize(
    "payload", [{}, {"record_type": "boiled"}, {"record_type": 5}, {"record_type": ["penalty"]}, 5, None, "penalty"]
)
def test_a_record_of_no_known_type_is_told_so(desk: Desk, payload: object) -> None:
    assert desk.validate(desk.file("one.json", json.dumps(payload))) == 1
    assert desk.lines[0].startswith("one.json /record_type unknown-record-type: ")
    assert "penalty" in desk.lines[0]


def test_the_type_may_be_said_once_for_all(desk: Desk) -> None:
    assert desk.validate("--type", "penalty", desk.file("one.json", json.dumps(penalty()))) == 0
    assert (
        desk.validate("--type", "penalty", desk.file("one.json", json.dumps(penalty() | {"record_type": "boiled"})))
        == 1
    )
    assert "other-record-type" in desk.lines[0]
    with pytest.raises(SystemExit) as refused:
        main(["validate", "--type", "boiled", "-"])
    assert refused.value.code == 2


def test_standard_input_is_read_for_a_dash(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ndjson(penalty(1), penalty(2) | BROKEN)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    assert desk.validate("-") == 1
    assert desk.lines[0].startswith("-:2 /fine_yuan money")


def test_a_day_that_has_not_come_is_told(desk: Desk) -> None:
    payload = penalty(decided_on="2098-01-01", publicity_until="2099-01-01")

    assert desk.validate(desk.file("one.json", json.dumps(payload))) == 1
    assert "/decided_on future-date" in desk.out


def test_no_value_of_a_record_is_printed(desk: Desk) -> None:
    person = corpus.penalty(3, party_kind="natural_person", kinds=["03"], decided_on="2024-03-05", decision_no="密文号")
    person["party"] |= {"name": "", "id_no": person["party"]["id_no"][:17] + "?", "kind": "密类别"}
    person |= {"violation_facts": "密事实" * 3000, "remarks": ["密备注"], "fine_yuan": "密金额", "region": "密地区"}

    for language in ("zh", "en"):
        assert desk.validate("--language", language, desk.file("one.json", json.dumps(person))) == 1
        assert "密" not in desk.out + desk.err
        assert person["party"]["id_no"][:14] not in desk.out + desk.err


@pytest.mark.parametrize("name", ["\\ud800", "\\u001b[2J"])
def test_a_name_with_an_unwanted_character_does_not_end_the_run(tmp_path: Path, name: str) -> None:
    file = tmp_path / "one.json"
    file.write_text(f'{{"record_type": "penalty", "party": {{"{name}": 1}}, "{name}": 1}}')

    ran = run("validate", str(file))

    assert ran.returncode == 1
    assert b"Traceback" not in ran.stderr
    assert "/party" in ran.stdout.decode()
    assert b"\x1b" not in ran.stdout


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """One real run of python -m schemas."""
    command = [sys.executable, "-m", "schemas", *arguments]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=ROOT, input=stdin, env=environment, capture_output=True, timeout=60, check=False)


def test_the_validator_runs_by_itself() -> None:
    ran = run("validate", "--language", "en", "-", stdin=ndjson(penalty(1), penalty(2) | BROKEN).encode())

    assert ran.returncode == 1
    assert ran.stdout.decode().startswith("-:2 /fine_yuan money: ")
    assert "2 records, 1 with errors" in ran.stderr.decode()


def test_a_command_is_needed() -> None:
    with pytest.raises(SystemExit) as refused:
        main([])

    assert refused.value.code == 2


def test_what_is_published_is_checked_and_what_is_not_current_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", "--check"]) == 0
    monkeypatch.setattr("schemas.publishing._FOLDER", tmp_path)

    assert main(["publish", "--check"]) == 1
    assert "draft/penalty.schema.json is not current" in capsys.readouterr().err
    assert main(["publish"]) == 0
    assert main(["publish", "--check"]) == 0
    (tmp_path / "draft" / "penalty.schema.json").write_text("{}")
    assert main(["publish", "--check"]) == 1
