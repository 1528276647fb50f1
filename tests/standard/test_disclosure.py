"""Who sees which class is said once for every class; and every type says of each mark in it where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.judging import judge
from schemas.law import LawError, shipped
from schemas.law.disclosure import files_withheld, of, rows, withheld_from
from schemas.publishing import examples, record_schema
from schemas.record import Record, marked
from tests.examples import examples as worked
from tests.tips import ALL_CLASSES, SECRET_CLASSES, Tip, tip

TODAY = date(2026, 11, 22)
SHIPPED = shipped("disclosure.toml")
TYPES: Mapping[str, type[Record]] = {**RECORD_TYPES, "tip": Tip}

# --- the rows -------------------------------------------------------------------------------------


def test_whose_duty_asks_for_it_sees_a_class_and_nobody_else() -> None:
    withheld = {role: withheld_from(role) for role in codelist("roles").codes}

    assert withheld == {
        "agency": SECRET_CLASSES,
        "police": SECRET_CLASSES,
        "procuratorate": frozenset(),
        "justice": ALL_CLASSES,
        "auditor": ALL_CLASSES,
        "office": ALL_CLASSES,
    }


def test_the_rows_are_one_for_each_class_in_both_languages() -> None:
    assert {row.kind for row in rows()} == ALL_CLASSES
    assert len(rows()) == len(ALL_CLASSES)
    assert all(row.basis and row.basis_en for row in rows())


def test_that_informants_are_kept_secret_in_every_field_is_our_reading_and_to_be_confirmed() -> None:
    assert {row.kind for row in rows() if row.status != "verified"} == {"reporter"}


def test_a_scan_tells_who_persons_are_wherever_it_is_named_and_who_informed_where_the_record_names_it() -> None:
    assert files_withheld({"personal", "reporter"}) == {"record", "events"}
    assert [files_withheld({kind}) for kind in sorted(SECRET_CLASSES)] == [{"record"}] * 3
    assert files_withheld(()) == frozenset()


def line_of(said: str) -> int:
    """The line of the table in which something is said first."""
    lines = SHIPPED[: SHIPPED.index(said)].splitlines()
    return max(number for number, line in enumerate(lines, 1) if line == "[[disclosure]]")


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ('class = "minor"', 'class = "elder"', "class: unknown-code"),
        ('"police"', '"polise"', "roles.1: unknown-code"),
        ('files_of = ["record"]', 'files_of = ["letters"]', "files_of.0: "),
        ('class = "minor"', 'class = "minor"\ncolour = "red"', "colour: "),
        ('class = "trade_secret"', 'class = "minor"', "minor has its row at disclosure.toml line"),
    ],
    ids=["unknown-class", "unknown-role", "unknown-files", "unknown-member", "two-rows"],
)
def test_a_bad_row_is_named_by_its_line(said: str, instead: str, complaint: str) -> None:
    with pytest.raises(LawError) as refused:
        of(SHIPPED.replace(said, instead, 1))

    assert complaint in str(refused.value)
    assert f"disclosure.toml line {line_of(said)}: " in str(refused.value)


def test_a_class_without_a_row_is_named() -> None:
    row = SHIPPED[SHIPPED.rindex("[[disclosure]]") :]

    with pytest.raises(LawError, match="no row says who sees trade_secret"):
        of(SHIPPED.replace(row, ""))


def test_nothing_but_rows_stands_in_the_file() -> None:
    with pytest.raises(LawError, match=r"holds \[\[disclosure\]\] tables only"):
        of(SHIPPED + "\n[other]\n")


# --- the types ------------------------------------------------------------------------------------


def contents_of(record_type: str) -> Iterator[dict[str, Any]]:
    """What the examples of a type say."""
    if record_type not in RECORD_TYPES:
        yield tip()
        return
    for payload in (*examples(record_type).values(), *(one.payload() for one in worked(record_type))):
        judgement = judge(record_type, payload, TODAY)
        if judgement.record is not None:
            yield dict(judgement.content)


def record_of(record_type: str, content: dict[str, Any]) -> Record:
    return TYPES[record_type].model_validate(content)


def pattern(pointer: str) -> str:
    """A pointer with `*` for places in lists."""
    return re.sub(r"/[0-9]+(?=/|$)", "/*", pointer)


def leaves(value: object, at: str = "") -> Iterator[str]:
    """The pointers of all that is no object and no list."""
    if not isinstance(value, (dict, list)):
        yield at
        return
    for name, inside in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(inside, f"{at}/{name}")


@pytest.mark.parametrize("record_type", TYPES)
def test_what_is_marked_is_classified_in_every_record_that_says_it(record_type: str) -> None:
    marks = dict(marked(TYPES[record_type]))
    missing = []

    for content in contents_of(record_type):
        said = {(at, marks[pattern(at)]) for at in leaves(content) if pattern(at) in marks}
        missing += sorted(said - set(record_of(record_type, content).classified()))

    assert missing == []


@pytest.mark.parametrize("record_type", TYPES)
def test_the_examples_say_all_that_is_marked_and_no_class_that_nothing_is_marked_with(record_type: str) -> None:
    classified = {
        (pattern(at), kind)
        for content in contents_of(record_type)
        for at, kind in record_of(record_type, content).classified()
    }

    assert set(marked(TYPES[record_type])) <= classified
    assert {kind for _, kind in classified} == TYPES[record_type].classes() <= ALL_CLASSES


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_a_mark_stands_on_a_text_for_nothing_else_can_be_masked(record_type: str) -> None:
    marks = [one for one in walk(record_schema(record_type)) if "x-disclosure" in one]

    assert [one for one in marks if one.get("type") != "string"] == []


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_an_event_has_no_marks_for_it_is_masked_by_the_words_of_its_record_alone(record_type: str) -> None:
    assert [(name, at) for name, kind in RECORD_TYPES[record_type].events.items() for at in marked(kind.model)] == []


def walk(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inside)
