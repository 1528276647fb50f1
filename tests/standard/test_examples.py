"""The worked examples show every rule of the standard, and the validator says of each what its index says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import RECORD_TYPES
from schemas.__main__ import main
from schemas.codelists import codelist
from schemas.faults import wordings
from schemas.judging import judge
from tests.examples import FOLDER, TODAY, Example, examples

TYPES = sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())
EXAMPLES = [one for record_type in TYPES for one in examples(record_type)]
RULES = [(record_type, rule) for record_type in TYPES for rule in RECORD_TYPES[record_type].rules]


def of_kind(record_type: str, kind: str) -> list[Example]:
    return [one for one in EXAMPLES if one.record_type == record_type and one.kind == kind]


def walk(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 – any JSON
    """Every member of a JSON value with its name."""
    for name, member in value.items() if isinstance(value, dict) else [("", item) for item in value]:
        yield name, member
        if isinstance(member, dict | list):
            yield from walk(member)


@pytest.mark.parametrize("record_type", TYPES)
def test_the_index_names_every_file_once_and_no_other(record_type: str) -> None:
    named = [one.file for one in EXAMPLES if one.record_type == record_type]

    assert named == sorted(file.name for file in (FOLDER / record_type).glob("*.json"))


def test_every_type_has_examples() -> None:
    assert sorted(RECORD_TYPES) == TYPES


@pytest.mark.parametrize("record_type", TYPES)
def test_a_type_has_examples_of_every_kind(record_type: str) -> None:
    assert len(of_kind(record_type, "valid")) >= 12
    assert len(of_kind(record_type, "invalid")) >= 45
    assert {one.kind for one in EXAMPLES if one.record_type == record_type} == {"valid", "invalid", "warns"}


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.file)
def test_an_example_is_judged_as_its_index_says_and_nothing_else_is_said(one: Example) -> None:
    judgement = judge(one.record_type, one.payload(), TODAY)

    assert [(fault.pointer, fault.code) for fault in judgement.faults] == one.faults
    assert (judgement.record is None) == (one.kind == "invalid")


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.file)
def test_an_index_row_says_what_its_file_shows(one: Example) -> None:
    assert one.zh
    assert one.en
    assert one.zh != one.en
    if one.kind == "valid":
        assert (one.pointer, one.code, one.rule) == ("", "", "")
    else:
        assert wordings()[one.code].kind == {"invalid": "error", "warns": "warning"}[one.kind]


_LINE = re.compile(r"(?P<file>\S+\.json) (?P<pointer>/\S*) (?P<warning>warning )?(?P<code>[a-z0-9-]+): ")


@pytest.mark.parametrize("record_type", TYPES)
def test_the_validator_on_the_command_line_says_the_same(record_type: str, capsys: pytest.CaptureFixture[str]) -> None:
    its = [one for one in EXAMPLES if one.record_type == record_type]

    code = main(["validate", "--language", "en", *(str(one.path) for one in its)])

    lines = [_LINE.match(line) for line in capsys.readouterr().out.splitlines()]
    told = [(Path(line["file"]).name, line["pointer"], line["code"], bool(line["warning"])) for line in lines if line]
    assert code == 1
    assert None not in lines
    assert told == [(one.file, one.pointer, one.code, one.kind == "warns") for one in its if one.code]


@pytest.mark.parametrize(("record_type", "rule"), RULES, ids=lambda value: getattr(value, "name", value))
def test_every_fault_of_every_rule_is_shown(record_type: str, rule: Any) -> None:  # noqa: ANN401 – a rule of any type
    shown = {one.code for one in EXAMPLES if one.record_type == record_type and one.rule == rule.name}

    assert shown == set(rule.codes)


@pytest.mark.parametrize(("record_type", "rule"), RULES, ids=lambda value: getattr(value, "name", value))
def test_a_valid_example_holds_everything_a_rule_reads(record_type: str, rule: Any) -> None:  # noqa: ANN401
    payloads = [one.payload() for one in of_kind(record_type, "valid")]

    assert any(all(there(payload, at) for at in rule.reads) for payload in payloads)


def there(payload: Any, at: str) -> bool:  # noqa: ANN401 – any JSON
    for step in at.split("/")[1:]:
        if not isinstance(payload, dict) or step not in payload:
            return False
        payload = payload[step]
    return True


@pytest.mark.parametrize("record_type", TYPES)
def test_an_index_names_rules_that_exist(record_type: str) -> None:
    rules = {rule.name for rule in RECORD_TYPES[record_type].rules}

    assert {one.rule for one in EXAMPLES if one.record_type == record_type} <= {"", *rules}


def test_the_valid_penalties_are_of_many_fields_and_all_parties_and_procedures() -> None:
    payloads = [one.payload() for one in of_kind("penalty", "valid")]

    assert len({payload["field"] for payload in payloads}) >= 15
    assert {payload["party"]["kind"] for payload in payloads} == set(codelist("party_kinds").codes)
    assert {payload.get("procedure") for payload in payloads} >= {"simple", "ordinary"}
    assert any("-" in payload["region"] for payload in payloads)
    assert any("decided_on" not in payload for payload in payloads)


def test_the_valid_transfers_are_of_many_fields_and_both_beginnings_and_tell_of_every_event() -> None:
    payloads = [one.payload() for one in of_kind("transfer", "valid")]
    told = {event["event"] for payload in payloads for event in payload.get("events", ())}

    assert len({payload["field"] for payload in payloads}) >= 12
    assert {payload.get("opened_by") for payload in payloads} == {None, "agency", "procuratorate"}
    assert any(payload.get("economic_crime") for payload in payloads)
    assert any("sent_at" not in payload for payload in payloads)
    assert told == set(RECORD_TYPES["transfer"].events)


def test_the_valid_reverse_transfers_are_of_many_fields_and_both_beginnings_and_tell_of_every_event_that_is_told() -> (
    None
):
    payloads = [one.payload() for one in of_kind("reverse_transfer", "valid")]
    told = {event["event"] for payload in payloads for event in payload.get("events", ())}

    assert len({payload["field"] for payload in payloads}) >= 12
    assert {payload.get("opened_by") for payload in payloads} == {None, "procuratorate", "police"}
    assert {payload.get("ground") for payload in payloads} == {
        *(None, "statutory", "discretionary", "insufficient_evidence"),
    }
    assert any("opinion_on" not in payload for payload in payloads)
    # A penalty that is tied to it brings these about; nobody reports them.
    assert told == set(RECORD_TYPES["reverse_transfer"].events) - {"penalty_filed", "penalty_decided"}


def test_the_valid_clues_are_of_all_domains_sources_and_paths_and_tell_of_every_event_that_is_told() -> None:
    payloads = [one.payload() for one in of_kind("clue", "valid")]
    told = {event["event"] for payload in payloads for event in payload.get("events", ())}

    assert {payload["domain"] for payload in payloads} == set(codelist("public_interest_domains").codes)
    assert {payload["source"] for payload in payloads} == set(codelist("public_interest_sources").codes)
    assert {payload["path"] for payload in payloads} == {"administrative", "civil", "incidental_civil", "undetermined"}
    assert len({payload["field"] for payload in payloads}) >= 12
    assert any(payload["organisation"] == payload["addressee"]["credit_code"] for payload in payloads)
    assert any("sent_on" not in payload for payload in payloads)
    # An advice or a request that is tied to it brings these about, and a follow-up has an advice before it.
    brought = {name for name in RECORD_TYPES["clue"].events if name.startswith(("advice_", "assistance_"))}
    assert told == set(RECORD_TYPES["clue"].events) - brought - {"followed_up"}


def test_the_valid_advice_is_of_many_fields_and_every_kind_and_tells_of_every_event() -> None:
    payloads = [one.payload() for one in of_kind("advice", "valid")]
    told = {event["event"] for payload in payloads for event in payload.get("events", ())}

    assert len({payload["field"] for payload in payloads}) >= 12
    assert {payload["kind"] for payload in payloads} == set(codelist("advice_kinds").codes)
    assert {payload.get("urgent") for payload in payloads} == {None, False, True}
    assert any("decided_on" not in payload for payload in payloads)
    # No rule lets anybody prolong what an advice asks for.
    assert told == set(RECORD_TYPES["advice"].events) - {"extended"}


def test_the_valid_requests_are_of_many_fields_and_both_beginnings_and_tell_of_every_event_that_is_told() -> None:
    payloads = [one.payload() for one in of_kind("assist_request", "valid")]
    told = {event["event"] for payload in payloads for event in payload.get("events", ())}

    assert len({payload["field"] for payload in payloads}) >= 12
    assert {payload.get("opened_by") for payload in payloads} == {None, "procuratorate", "agency"}
    assert {measure for payload in payloads for measure in payload["measures"]} == set(
        codelist("assist_measures").codes
    )
    # An advice brings one of these about, and the law lets nobody prolong any duty here.
    assert told == set(RECORD_TYPES["assist_request"].events) - {"advice_served", "extended"}


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.file)
def test_nobody_alive_is_meant(one: Example) -> None:
    for name, value in walk(one.payload()):
        if name == "id_no" and isinstance(value, str) and len(value) == 18 and one.code != "birth-date-future":
            assert 1880 <= int(value[6:10]) <= 1905
        if name == "credit_code" and value != "1142010000999999X0":
            assert value[8:10] == "XX"


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.file)
def test_no_day_of_an_example_lies_after_the_day_it_is_judged_on_unless_it_is_about_that(one: Example) -> None:
    days = re.findall(r'"(\d{4}-\d{2}-\d{2})', one.path.read_text(encoding="utf-8"))
    late = [day for day in days if day > TODAY.isoformat()]

    ends = ("valid_until", "publicity_until")
    allowed = [value for name, value in walk(one.payload()) if name in ends]
    assert [day for day in late if day not in allowed] == [] or one.code == "future-date"
