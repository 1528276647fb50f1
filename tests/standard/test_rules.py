"""What holds of the rules across fields of every record type."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas import RECORD_TYPES
from schemas.faults import wordings
from schemas.judging import judge
from tests.examples import TODAY, Example, examples

COUNTS = {
    "penalty": (59, 31),
    "transfer": (24, 3),
    "reverse_transfer": (26, 1),
    "clue": (24, 3),
    "advice": (20, 1),
    "assist_request": (19, 1),
}
"""How many can refuse, and how many only warn: none is lost unseen."""


@pytest.mark.parametrize(
    ("record_type", "codes"),
    [
        pytest.param(name, rule.codes, id=f"{name}-{rule.name}")
        for name, model in RECORD_TYPES.items()
        for rule in model.rules
    ],
)
def test_a_rule_names_faults_that_have_words(record_type: str, codes: tuple[str, ...]) -> None:
    assert set(codes) <= set(wordings()), record_type


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_rules_that_can_refuse_stand_before_those_that_only_warn(record_type: str) -> None:
    rules = RECORD_TYPES[record_type].rules
    refusing = [any(wordings()[code].kind == "error" for code in rule.codes) for rule in rules]

    assert refusing == sorted(refusing, reverse=True)
    assert (refusing.count(True), refusing.count(False)) == COUNTS[record_type]


@pytest.mark.parametrize(
    ("record_type", "one"),
    [pytest.param(name, one, id=f"{name}-{one.file}") for name in RECORD_TYPES for one in examples(name)],
)
def test_a_rule_tells_no_other_faults_than_it_names(record_type: str, one: Example) -> None:
    record: Any = judge(record_type, one.payload(), TODAY).record
    if record is None:
        return
    for rule in record.rules:
        assert {fault.code for fault in rule.check(record, [], date(2000, 1, 1))} <= set(rule.codes)
