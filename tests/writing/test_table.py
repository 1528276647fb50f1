"""Tables as files: whatever a cell says it stays a text, and what we wrote we can read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.workbooks.table import Kind, csv_lines, write_table
from app.workbooks.writing import MOST_CHARACTERS, TEXT, fits, new_book, write_row, write_text
from schemas.layouts.columns import Uploader
from schemas.layouts.opening import opened
from schemas.layouts.own import counted, layout_of
from schemas.layouts.recognising import recognise
from schemas.publishing import examples
from tests import corpus
from tests.writing import books

UPLOADER = Uploader(organisation=corpus.ORGANISATION, region="420106", field="market", key=b"a key for tests")
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    " =1",
    "\t=1",
    "＝1+1",
    "=HYPERLINK(0)",
    "http://example.org/",
    "internal:A1",
    "18446744073709551615",
    "007",
    "_x0041_",
    "<r><t>a</t></r>",
    '<r></r></is></c><c t="str"><f>1+1</f></c><c><is><r></r>',
    " blanks around ",
    "lines\nof text",
    "'quoted'",
]

LAYOUT = layout_of("penalty")


def read_back(path: Path, scratch: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file, opened(file, scratch) as table:
        found = recognise(table)
        assert (found.layout, found.faults) == (LAYOUT, ())
        rows = [row for sheet in found.sheets for row in sheet.rows(UPLOADER)]
    assert [told for row in rows for told in row.faults] == []
    return [row.record for row in rows]


def write_records(path: Path, kind: Kind, records: list[dict[str, Any]]) -> None:
    columns = LAYOUT.shown(counted("penalty", records))
    headings = [[column.heading for column in columns], [column.code for column in columns]]
    write_table(path, kind, headings, (LAYOUT.cells(record, columns) for record in records))


# --- texts stay texts -----------------------------------------------------------------------------


def test_nothing_in_a_workbook_becomes_a_formula_a_link_a_number_or_markup(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"

    write_table(path, "xlsx", [["=heading"]], [[text] for text in DANGEROUS])

    sheet = books.part(path, "worksheets/sheet1.xml")
    assert [row[0] for row in books.rows(path, "数据")] == ["=heading", *DANGEROUS]
    assert not [tag for tag in ("<f>", "<f ", "<v>", "<hyperlink") if tag in sheet]
    assert books.is_text(path, 1, "A1")
    assert books.is_text(path, 1, "A2")


def test_in_a_csv_what_would_be_a_formula_has_an_apostrophe_before_it() -> None:
    lines = csv_lines([[text, 5, 0.5, None] for text in DANGEROUS])

    read = list(csv.reader(io.StringIO(lines.decode(), newline="")))
    assert [row[0] for row in read] == [f"'{text}" for text in DANGEROUS[:8]] + DANGEROUS[8:]
    assert {tuple(row[1:]) for row in read} == {("5", "0.5", "")}


def test_a_csv_says_that_it_is_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"

    write_table(path, "csv", [["列名"]], [["值"]])

    assert path.read_bytes() == b"\xef\xbb\xbf" + "列名\r\n值\r\n".encode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_is_written_into_an_open_file_just_as_well(kind: Kind, tmp_path: Path) -> None:
    out = io.BytesIO()

    write_table(out, kind, [["a", "b"], ["c"]], ([str(n), "x"] for n in range(1200)), title="表")
    write_table(tmp_path / "same", kind, [["a", "b"], ["c"]], ([str(n), "x"] for n in range(1200)), title="表")

    assert len(out.getvalue()) > 1000
    with (tmp_path / "same").open("rb") as file, opened(out, tmp_path) as one, opened(file, tmp_path) as other:
        assert [line.cells for line in one.pages[0].lines()] == [line.cells for line in other.pages[0].lines()]


def test_numbers_are_numbers_and_what_is_left_out_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"

    write_table(path, "xlsx", [["a", "b", "c", "d"]], [[1, 0.5, None, ""]])

    assert books.rows(path, "数据")[1:] == [[1, 0.5, "", ""]]


def test_what_a_cell_cannot_hold_is_not_cut_off_in_silence(tmp_path: Path) -> None:
    two_units = "\U00020000"
    book = new_book(tmp_path / "book.xlsx", tmp_path)
    sheet = book.add_worksheet()

    write_text(sheet, 0, 0, two_units * (MOST_CHARACTERS // 2))
    with pytest.raises(ValueError, match="cannot hold"):
        write_text(sheet, 0, 1, two_units * (MOST_CHARACTERS // 2 + 1))
    with pytest.raises(ValueError, match="no such row"):
        write_row(sheet, 2**20, ["below the last row"])
    book.close()

    assert fits(two_units * (MOST_CHARACTERS // 2))
    assert not fits(two_units * (MOST_CHARACTERS // 2 + 1))


def test_a_cell_with_a_format_and_no_text_keeps_its_format(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = new_book(path, tmp_path)
    sheet = book.add_worksheet()

    write_row(sheet, 0, ["", "<r></r>"], book.add_format(TEXT))
    book.close()

    assert books.is_text(path, 1, "A1")
    assert books.is_text(path, 1, "B1")


def test_no_scratch_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    def rows() -> Iterator[list[str]]:
        yield ["good"]
        raise LookupError

    with pytest.raises(LookupError):
        write_table(tmp_path / "book.xlsx", "xlsx", [["a"]], rows())
    write_table(tmp_path / "book.xlsx", "xlsx", [["a"]], [["b"]])

    assert list((tmp_path / "temporary").iterdir()) == []


# --- our own export -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_of_the_examples_is_read_as_the_same_records(kind: Kind, tmp_path: Path) -> None:
    records = [{name: one[name] for name in one if name != "events"} for one in examples("penalty").values()]

    write_records(tmp_path / "file", kind, records)

    assert read_back(tmp_path / "file", tmp_path) == records


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_texts_that_look_like_formulas_or_nothing_come_back_from_an_export(kind: Kind, tmp_path: Path) -> None:
    texts = [*DANGEROUS, "/", "无", "'=1", "''=1'", "= '", " / ", "\n", "a\n\nb ", "'/'"]
    records = [corpus.penalty(n, remarks=text, case_no=f"号{text}") for n, text in enumerate(texts) if text.strip()]

    write_records(tmp_path / "file", kind, records)

    assert read_back(tmp_path / "file", tmp_path) == records


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["csv", "xlsx"]),
    texts=st.lists(
        st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")) | st.sampled_from("'=\n\t"), min_size=1).filter(
            lambda text: bool(text.strip("\u200b\u200c\u200d\u2060\ufeff").strip())
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_any_records_come_back_from_an_export(kind: Kind, texts: list[str], tmp_path: Path) -> None:
    records = [corpus.penalty(n, violation_facts=text, remarks=text[::-1]) for n, text in enumerate(texts)]

    write_records(tmp_path / "file", kind, records)

    assert read_back(tmp_path / "file", tmp_path) == records
