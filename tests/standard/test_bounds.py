"""Ceilings and terms as dated data: which row counts on a day, and which files are refused."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.codelists import codelist
from schemas.law import LawError
from schemas.law.bounds import Bound, bound, bounds, bounds_of


@pytest.mark.parametrize(
    ("day", "of", "field", "yuan"),
    [
        (date(2021, 7, 15), "natural_person", "market", 200),
        (date(2021, 7, 14), "natural_person", "market", 50),
        (date(2021, 7, 15), "legal_person", "market", 3000),
        (date(2021, 7, 14), "sole_trader", "market", 1000),
        (date(2025, 12, 31), "natural_person", "public_security", 200),
        (date(2026, 1, 1), "natural_person", "public_security", 500),
        (date(2026, 1, 1), "legal_person", "public_security", 3000),
    ],
)
def test_a_fine_on_the_spot_has_the_ceiling_of_its_day_party_and_field(
    day: date, of: str, field: str, yuan: int
) -> None:
    row = bound("simple_fine", day, of, field)

    assert row is not None
    assert (row.amount, row.unit) == (yuan, "yuan")


@pytest.mark.parametrize(
    ("day", "of", "field", "years"),
    [
        (date(2026, 1, 1), None, "market", 2),
        (date(2026, 1, 1), "life_or_health", "market", 5),
        (date(2026, 1, 1), "financial_safety", "finance", 5),
        (date(2021, 7, 14), "life_or_health", "market", 2),
        (date(2026, 1, 1), None, "tax", 5),
    ],
)
def test_the_limitation_is_longer_for_life_and_health_finance_and_taxes(
    day: date, of: str | None, field: str, years: int
) -> None:
    row = bound("limitation", day, of, field)

    assert row is not None
    assert (row.amount, row.unit) == (years, "year")


def test_before_the_first_law_there_is_no_bound() -> None:
    assert bound("simple_fine", date(1996, 9, 30), "natural_person", "market") is None
    assert bound("no_such_bound", date(2026, 1, 1), None, None) is None


def years(amount: int) -> Bound:
    return Bound(
        id="x", amount=amount, unit="year", basis="样例", effective_from=date(2000, 1, 1), status="local_default"
    )


@pytest.mark.parametrize(
    ("day", "amount", "end"),
    [
        (date(2024, 2, 29), 2, date(2026, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2023, 12, 31), 2, date(2025, 12, 31)),
        (date(2024, 1, 1), 2, date(2026, 1, 1)),
    ],
)
def test_years_end_on_the_same_day_or_the_last_of_its_month(day: date, amount: int, end: date) -> None:
    assert years(amount).after(day) == end


def test_a_month_ends_on_the_last_day_of_a_shorter_one() -> None:
    month = Bound(id="x", amount=1, unit="month", basis="样例", effective_from=date(2000, 1, 1), status="verified")

    assert month.after(date(2026, 1, 31)) == date(2026, 2, 28)
    assert month.after(date(2026, 12, 31)) == date(2027, 1, 31)


def test_the_rows_name_parties_and_fields_that_exist_and_cite_their_law() -> None:
    rows = [row for those in bounds().values() for row in those]

    assert {row.field for row in rows} - {None} <= set(codelist("fields").codes)
    assert {of for row in bounds()["simple_fine"] for of in row.of} == set(codelist("party_kinds").codes)
    assert all(row.basis and row.basis_en for row in rows)
    assert not any(row.status == "local_default" for row in rows)


ROW = """
[[bound]]
id = "limitation"
amount = 2
unit = "year"
basis = "样例"
effective_from = 2021-07-15
status = "verified"
"""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (ROW.replace("amount = 2", "amount = 0"), "amount"),
        (ROW.replace('unit = "year"', 'unit = "fortnight"'), "unit"),
        (ROW + 'colour = "red"', "colour"),
        (ROW.replace('basis = "样例"', ""), "basis"),
        (ROW + "effective_to = 2021-07-14", "ends before it begins"),
        (ROW + ROW, "neither goes first"),
        (ROW + 'of = ["a", "b"]' + ROW + 'of = ["b"]', "neither goes first"),
    ],
)
def test_a_file_that_could_be_read_two_ways_is_refused(text: str, word: str) -> None:
    with pytest.raises(LawError, match=word):
        bounds_of(text)


def test_rows_for_others_and_rows_that_follow_each_other_stand_side_by_side() -> None:
    ended = ROW.replace("2021-07-15", "1996-10-01") + "effective_to = 2021-07-14"
    text = ended + ROW + ROW + 'of = ["a"]' + ROW + 'of = ["b"]' + ROW + 'field = "tax"'

    rows = bounds_of(text)["limitation"]

    assert [(row.field, row.of) for row in rows] == [
        ("tax", ()),
        (None, ("a",)),
        (None, ("b",)),
        (None, ()),
        (None, ()),
    ]
