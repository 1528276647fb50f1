"""What changed between two versions, place by place."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.differences import ABSENT, Difference, differences

Json = Any
"""Any JSON value."""

Told = list[tuple[str, Json, Json]]


def told(before: Json, after: Json) -> Told:
    """Pointer and both sides of each difference."""
    return [(one.pointer, one.before, one.after) for one in differences(before, after)]


@pytest.mark.parametrize("value", [{}, [], "", 0, None, True, {"a": [{"b": [1, "x", None]}]}])
def test_a_value_does_not_differ_from_itself(value: Json) -> None:
    assert told(value, copy.deepcopy(value)) == []


def test_the_order_of_members_is_no_difference() -> None:
    assert told({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}) == []


def test_a_member_that_is_new_a_member_that_is_gone_and_one_that_is_another() -> None:
    before = {"kept": 1, "gone": {"a": 1}, "other": "old"}
    after = {"kept": 1, "other": "new", "new": [1, 2]}

    found = differences(before, after)

    assert [(one.pointer, one.before, one.after) for one in found] == [
        ("/gone", {"a": 1}, ABSENT),
        ("/other", "old", "new"),
        ("/new", ABSENT, [1, 2]),
    ]
    assert [(one.is_added, one.is_removed, one.is_replaced) for one in found] == [
        (False, True, False),
        (False, False, True),
        (True, False, False),
    ]


def test_the_first_comes_in_its_own_order_and_then_what_only_the_second_has() -> None:
    before = {"z": 1, "m": {"y": 1, "b": 1}, "a": 1}
    after = {"new": 1, "a": 2, "m": {"b": 2, "new": 1, "y": 2}, "z": 2}

    assert [pointer for pointer, _, _ in told(before, after)] == ["/z", "/m/y", "/m/b", "/m/new", "/a", "/new"]


def test_lists_are_compared_place_by_place() -> None:
    assert told({"l": [1, 2, 3]}, {"l": [1, 5, 3, 4]}) == [("/l/1", 2, 5), ("/l/3", ABSENT, 4)]
    assert told({"l": [1, 2, 3]}, {"l": [1]}) == [("/l/1", 2, ABSENT), ("/l/2", 3, ABSENT)]
    assert told([{"a": 1}], [{"a": 2}]) == [("/0/a", 1, 2)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        ("", None),
        (0, None),
        (False, None),
        ([], {}),
        ({}, None),
        ([], ""),
        ({"0": 1}, [1]),
    ],
    ids=repr,
)
def test_what_has_another_type_is_replaced_as_a_whole(before: Json, after: Json) -> None:
    assert told({"a": before}, {"a": after}) == [("/a", before, after)]
    assert told([after], [before]) == [("/0", after, before)]


def test_null_is_not_the_same_as_nothing() -> None:
    (added,) = differences({}, {"a": None})
    (removed,) = differences({"a": None}, {})

    assert (added.is_added, added.after) == (True, None)
    assert (removed.is_removed, removed.before) == (True, None)
    assert differences({"a": None}, {"a": None}) == []


def test_an_empty_object_or_list_that_comes_or_goes_is_told() -> None:
    assert told({}, {"a": {}}) == [("/a", ABSENT, {})]
    assert told({"a": []}, {}) == [("/a", [], ABSENT)]


def test_a_pointer_escapes_what_pointers_must() -> None:
    assert told({"a/b": 1, "m~n": 1, "": 1}, {"a/b": 2, "m~n": 2, "": 2}) == [
        ("/a~1b", 1, 2),
        ("/m~0n", 1, 2),
        ("/", 1, 2),
    ]


def test_the_whole_is_named_by_the_empty_pointer() -> None:
    assert differences(1, 2) == [Difference("", 1, 2)]
    assert differences({"a": 1}, {"a": 2}, "/record") == [Difference("/record/a", 1, 2)]


def test_what_was_given_is_left_as_it_was() -> None:
    before, after = {"a": {"b": [1]}}, {"a": {"b": [2]}, "c": {}}
    copies = copy.deepcopy((before, after))

    differences(before, after)

    assert (before, after) == copies


# --- for all values -------------------------------------------------------------------------------

LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=2)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab/~0", max_size=2), inner, max_size=4),
    max_leaves=12,
)
RECORDS = st.dictionaries(st.text("ab/~0", max_size=2), VALUES, max_size=4)


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are one; in Python 1 == True, in JSON it is not."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return set(one) == set(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def applied(document: Json, found: list[Difference]) -> Json:
    """The document with every difference put into it; what is gone from a list goes from its end."""
    document = copy.deepcopy(document)
    for one in [*(d for d in found if not d.is_removed), *reversed([d for d in found if d.is_removed])]:
        if one.pointer == "":
            return one.after
        *way, last = [step.replace("~1", "/").replace("~0", "~") for step in one.pointer.split("/")[1:]]
        place = document
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        key: Json = int(last) if isinstance(place, list) else last
        if one.is_removed:
            del place[key]
        elif isinstance(place, list) and key == len(place):
            place.append(one.after)
        else:
            place[key] = one.after
    return document


@settings(max_examples=300, deadline=None)
@given(RECORDS, RECORDS)
def test_the_differences_are_all_it_takes_to_make_the_one_into_the_other(before: Json, after: Json) -> None:
    assert same(applied(before, differences(before, after)), after)


@settings(max_examples=200, deadline=None)
@given(RECORDS, RECORDS)
def test_both_directions_tell_the_same_places_with_the_sides_exchanged(before: Json, after: Json) -> None:
    onward, back = told(before, after), told(after, before)

    assert sorted(map(repr, onward)) == sorted(repr((pointer, two, one)) for pointer, one, two in back)


@settings(max_examples=200, deadline=None)
@given(RECORDS, RECORDS)
def test_no_place_is_told_twice_and_none_within_another(before: Json, after: Json) -> None:
    pointers = [pointer for pointer, _, _ in told(before, after)]

    assert len(set(pointers)) == len(pointers)
    assert not [(one, two) for one in pointers for two in pointers if two.startswith(one + "/")]
