"""What is refused of an extension whatever the record: nobody may grant it, not this level, or not so much."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.judging import judge_event

TODAY = date(2026, 11, 22)


def faults(record_type: str, node: str, level: str, **said: object) -> list[tuple[str, str, object]]:
    event = {"event": "extended", "occurred_at": "2026-10-08", "node": node, "level": level, **said}
    found = judge_event(record_type, event, TODAY).faults
    return [(fault.pointer, fault.code, fault.details.get("limit")) for fault in found]


def police(level: str, **said: object) -> list[tuple[str, str, object]]:
    return faults("transfer", "police_decided", level, **said)


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("handling_unit", {"total": 10}),  # of an economic crime
        ("handling_unit", {"amount": 7}),
        ("county_police", {"total": 30}),
        ("county_police", {"amount": 27}),
        ("superior_police", {"amount": 30}),
        ("superior_police", {"total": 60}),
    ],
)
def test_what_some_row_lets_be_granted_is_taken(level: str, said: dict[str, object]) -> None:
    assert police(level, unit="natural_day", **said) == []


@pytest.mark.parametrize(
    ("level", "said", "limit"),
    [
        ("handling_unit", {"total": 11}, 10),
        ("handling_unit", {"amount": 8}, 7),
        ("county_police", {"total": 31}, 30),
        ("county_police", {"amount": 28}, 27),
        ("superior_police", {"amount": 31}, 30),
        ("superior_police", {"total": 61}, 60),
    ],
)
def test_more_than_any_row_lets_be_granted_is_refused_with_the_most(
    level: str, said: dict[str, object], limit: int
) -> None:
    (pointer,) = (f"/{name}" for name in said)

    assert police(level, unit="natural_day", **said) == [(pointer, "longer-than-level", limit)]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"unit": "natural_day"},
        {"amount": 4, "total": 7, "unit": "natural_day"},
        {"total": 7, "unit": "natural_day", "until": "2026-10-15"},
        {"amount": 4, "total": 7, "unit": "natural_day", "until": "2026-10-15"},
    ],
)
def test_how_much_longer_is_said_in_one_way(said: dict[str, object]) -> None:
    assert police("handling_unit", **said) == [("/amount", "amount-or-until", None)]


@pytest.mark.parametrize("name", ["amount", "total"])
def test_a_number_has_a_unit(name: str) -> None:
    assert police("handling_unit", **{name: 4}) == [("/unit", "required", None)]


def test_a_total_is_a_whole_number_of_at_least_one() -> None:
    assert [code for _, code, _ in police("handling_unit", total=0, unit="natural_day")] != []
    assert [code for _, code, _ in police("handling_unit", total="7", unit="natural_day")] != []


def test_who_prolongs_a_penalty_does_not_prolong_the_decision_of_the_police() -> None:
    assert police("head", total=7, unit="natural_day") == [("/level", "level-cannot-extend", None)]


def test_what_may_be_added_to_a_penalty_bounds_its_total_where_no_row_leaves_it_open() -> None:
    # 治安管理处罚法: thirty days and twice thirty more.
    assert faults("penalty", "penalty_decided", "superior", total=90, unit="natural_day") == []
    assert faults("penalty", "penalty_decided", "superior", total=91, unit="natural_day") == [
        ("/total", "longer-than-level", 90)
    ]
    # What a collective finds reasonable has no bound.
    assert faults("penalty", "penalty_decided", "collective", total=400, unit="natural_day") == []
