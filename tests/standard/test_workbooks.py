"""Workbooks: read as a person sees them, refused where that cannot be told, and never at the cost of memory."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from schemas.layouts.opening import opened
from schemas.layouts.table import Limits, Line, Table, Unreadable
from tests.workbooks import (
    MACRO_TYPE,
    MAIN,
    OFFICE,
    STRICT_MAIN,
    STRICT_OFFICE,
    Row,
    Workbook,
    book_of,
    cell_xml,
    compound,
    link_xml,
    links_xml,
    parts_of,
    plain_strings_xml,
    rows_written,
    sheet_xml,
    streamed,
    strings_xml,
    styles_xml,
    written,
    zipped,
)

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = Path(tempfile.gettempdir())
MEGABYTE = 1024 * 1024


def lines_of(raw: bytes, limits: Limits | None = None, page: int = 0) -> list[Line]:
    """The rows of a sheet."""
    with opened(io.BytesIO(raw), SCRATCH, limits) as table:
        return list(table.pages[page].lines())


def cells_of(raw: bytes) -> list[list[str]]:
    return [line.cells for line in lines_of(raw)]


def cell_of(raw: bytes) -> tuple[str, str | None]:
    """Text and mark of a workbook's only cell."""
    [line] = lines_of(raw)
    return line.cells[0], line.marks.get(0)


def refused(raw: bytes, limits: Limits | None = None) -> tuple[str, dict[str, str | int]]:
    """Code and details of why the file, or a sheet of it, cannot be read; it can be said in both languages."""
    with pytest.raises(Unreadable) as caught, opened(io.BytesIO(raw), SCRATCH, limits) as table:
        read_through(table)
    fault = caught.value.fault
    assert fault.is_error
    assert all(said(language) for said in (fault.message, fault.fix) for language in ("zh", "en"))
    return fault.code, dict(fault.details)


def read_through(table: Table) -> None:
    for page in table.pages:
        for line in page.lines():
            assert line.number >= 1


# --- rows and columns ---------------------------------------------------------------------------


@pytest.mark.parametrize("constant_memory", [False, True])
def test_rows_are_told_by_the_numbers_a_spreadsheet_shows_and_blank_ones_not_at_all(constant_memory: bool) -> None:
    rows: list[Row] = [
        ["文号", "金额"],
        [],
        ["", " "],
        [None, None],
        ["武市监处罚〔2026〕1号", 2000, None],
        [],
        ["", 0.2],
    ]

    lines = lines_of(rows_written(rows, constant_memory=constant_memory))

    assert lines == [
        Line(1, ["文号", "金额"]),
        Line(5, ["武市监处罚〔2026〕1号", "2000"]),
        Line(7, ["", "0.2"]),
    ]


def test_a_sheet_can_be_read_again_and_two_readings_do_not_disturb_each_other() -> None:
    raw = rows_written([[f"第{number}行", number] for number in range(3000)])

    with opened(io.BytesIO(raw), SCRATCH) as table:
        pairs = list(itertools.zip_longest(table.pages[0].lines(), table.pages[0].lines()))

    assert len(pairs) == 3000
    assert all(one == other for one, other in pairs)


def test_cells_and_rows_that_do_not_say_where_they_are_follow_the_one_before() -> None:
    rows = (
        "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/>"
        '<row><c r="B3"><v>2</v></c><c><v>3</v></c></row>'
        '<row r="7"><c><v>1</v></c></row><row><c><v>1</v></c></row>'
    )

    lines = lines_of(book_of(sheet_xml(rows)))

    assert [(line.number, line.cells) for line in lines] == [
        (1, ["1", "", "3"]),
        (3, ["", "2", "3"]),
        (7, ["1"]),
        (8, ["1"]),
    ]


def test_a_row_without_a_number_stands_where_its_first_cell_says() -> None:
    rows = '<row><c r="A2"><v>1</v></c><c r="C2"><v>3</v></c></row><row><c r="A9"><v>9</v></c></row>'

    assert [line.number for line in lines_of(book_of(sheet_xml(rows)))] == [2, 9]


def test_columns_count_on_after_z() -> None:
    rows = '<row r="1"><c r="Z1"><v>26</v></c><c r="AA1"><v>27</v></c><c r="IV1"><v>256</v></c></row>'

    [line] = lines_of(book_of(sheet_xml(rows)))

    assert {place + 1: cell for place, cell in enumerate(line.cells) if cell} == {26: "26", 27: "27", 256: "256"}


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"/><row r="2"/>',
        '<row r="2"/><row r="1"/>',
        '<row r="0"/>',
        '<row r="1048577"/>',
        f'<row r="{"9" * 5000}"/>',
        '<row r="x"/>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="a1"><v>1</v></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="x"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
    ],
)
def test_rows_out_of_their_order_and_cells_that_are_nowhere_are_damage(rows: str) -> None:
    assert refused(book_of(sheet_xml(rows))) == ("file-broken", {"sheet": 1})


def test_a_styled_empty_cell_or_an_empty_formula_far_to_the_right_is_nothing() -> None:
    far = '<c r="XFD1" s="1"/><c r="XFC1" t="str"><f>""</f><v></v></c>'
    rows = f'<row r="1"><c r="A1"><v>1</v></c>{far}</row>'

    assert lines_of(book_of(sheet_xml(rows))) == [Line(1, ["1"])]


def test_content_beyond_the_last_column_allowed_is_refused_by_its_row() -> None:
    rows = [["一"] * 256, ["一"] * 257]

    assert refused(rows_written(rows)) == ("too-many-columns", {"limit": 256, "row": 2, "sheet": 1})
    assert len(lines_of(rows_written(rows), Limits(columns=257))) == 2


def test_only_rows_with_content_count_towards_the_rows_allowed() -> None:
    rows: list[Row] = [["一"], [], [None], [], ["二"], [], ["三"]]

    assert len(lines_of(rows_written(rows), Limits(rows=3))) == 3
    assert refused(rows_written(rows), Limits(rows=2)) == ("too-many-rows", {"limit": 2, "sheet": 1})


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("20", "20"),
        ("20.0", "20"),
        ("-3.50", "-3.5"),
        ("0.20000000000000001", "0.2"),
        ("0.30000000000000004", "0.3"),
        ("1E-7", "0.0000001"),
        ("1.5E3", "1500"),
        ("1e+14", "100000000000000"),
        ("007", "7"),
        (" 12 ", "12"),
        ("420106190001010", "420106190001010"),
        ("999999999999999", "999999999999999"),
        ("123456789012.34500", "123456789012.345"),
    ],
)
def test_a_number_is_told_as_a_plain_decimal(stored: str, text: str) -> None:
    assert cell_of(book_of(cell_xml(f"<v>{stored}</v>"))) == (text, None)


@given(
    digits=st.integers(1, 10**15 - 1),
    exponent=st.integers(-12, 0),
)
def test_every_number_that_can_be_typed_into_a_spreadsheet_comes_back_as_typed(digits: int, exponent: int) -> None:
    typed = Decimal(digits).scaleb(exponent)

    raw = book_of(cell_xml(f"<v>{float(typed)!r}</v>"))

    text, mark = cell_of(raw)
    assert mark is None
    assert Decimal(text) == typed
    assert "E" not in text


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("4.2010619000101E+17", "4.20106E+17"),
        ("420106190001010013", "4.20106E+17"),
        ("1000000000000000", "1.00000E+15"),
        ("-1000000000000000.5", "-1.00000E+15"),
        ("999999999999999.9", "1.00000E+15"),
    ],
)
@pytest.mark.parametrize("style", ["0", "1"])
def test_a_number_that_may_have_lost_digits_is_marked_and_never_looks_like_a_code(
    stored: str, shown: str, style: str
) -> None:
    raw = book_of(cell_xml(f"<v>{stored}</v>", s=style), styles=styles_xml([0, 14]))

    assert cell_of(raw) == (shown, "rounded-by-spreadsheet")


@pytest.mark.parametrize("stored", ["abc", "1,000", "1_000", "٣", "nan", "inf", "1e999", "--1", "1e"])
def test_what_is_no_number_where_one_should_be_is_marked(stored: str) -> None:
    assert cell_of(book_of(cell_xml(f"<v>{stored}</v>"))) == (stored, "cell-error")


# --- days ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "since_1904", "text"),
    [
        ("46266", False, "2026-09-01"),
        ("46266.430555555555", False, "2026-09-01 10:20:00"),
        ("46266.9999999", False, "2026-09-02"),
        ("1", False, "1900-01-01"),
        ("59", False, "1900-02-28"),
        ("60", False, "60"),
        ("61", False, "1900-03-01"),
        ("2958465", False, "9999-12-31"),
        ("2958466", False, "2958466"),
        ("-1", False, "-1"),
        ("0", False, "0"),
        ("0.5", False, "0.5"),
        ("44804", True, "2026-09-01"),
        ("0", True, "1904-01-01"),
        ("2958465", True, "2958465"),
    ],
)
def test_a_number_shown_as_a_day_is_told_as_one_if_the_calendar_has_it(
    stored: str, since_1904: bool, text: str
) -> None:
    settings = f'<workbookPr date1904="{int(since_1904)}"/>'

    raw = book_of(cell_xml(f"<v>{stored}</v>", s="1"), styles=styles_xml([0, 14]), workbook=settings)

    assert cell_of(raw) == (text, None)


@pytest.mark.parametrize("since_1904", [False, True])
@pytest.mark.parametrize("constant_memory", [False, True])
def test_days_written_by_another_program_come_back(since_1904: bool, constant_memory: bool) -> None:
    days = [date(1904, 1, 2) + timedelta(days=step) for step in range(0, 60_000, 977)]
    moment = datetime(2026, 9, 1, 10, 20, 5)  # noqa: DTZ001 – a spreadsheet knows no zones

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        shown = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        for row, day in enumerate(days):
            sheet.write_datetime(row, 0, day, shown)
        sheet.write_datetime(len(days), 0, moment, book.add_format({"num_format": 22}))

    raw = written(fill, date_1904=since_1904, constant_memory=constant_memory)

    assert cells_of(raw) == [[day.isoformat()] for day in days] + [["2026-09-01 10:20:05"]]


@pytest.mark.parametrize("number", [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
def test_the_formats_every_program_knows_for_days_show_days(number: int) -> None:
    raw = book_of(cell_xml("<v>46266</v>", s="0"), styles=styles_xml([number]))

    assert cell_of(raw) == ("2026-09-01", None)


@pytest.mark.parametrize(
    "code",
    ["yyyy-mm-dd;@", "m/d", "YYYY.MM.DD", '[$-804]yyyy"年"m"月"d"日"', "[DBNum1][$-804]m月d日", "[h]:mm:ss", "e年"],
)
def test_a_format_with_letters_of_days_shows_days(code: str) -> None:
    raw = book_of(cell_xml("<v>46266</v>", s="1"), styles=styles_xml([0, 176], {176: code}))

    assert cell_of(raw) == ("2026-09-01", None)


@pytest.mark.parametrize(
    "code",
    ["General", "0.00", "#,##0_ ", '0"days"', "0\\d", "[Red]0.0", "[$¥-804]#,##0", "0.00E+00", '"年份"0', "@", "_d0"],
)
def test_a_format_without_letters_of_days_shows_numbers(code: str) -> None:
    raw = book_of(cell_xml("<v>46266</v>", s="1"), styles=styles_xml([0, 176], {176: code}))

    assert cell_of(raw) == ("46266", None)


def test_a_workbook_may_give_a_known_number_another_format() -> None:
    raw = book_of(cell_xml("<v>46266</v>", s="0"), styles=styles_xml([14], {14: "0.00"}))

    assert cell_of(raw) == ("46266", None)


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("2026-09-01", "2026-09-01"),
        ("2026-09-01T00:00:00", "2026-09-01"),
        ("2026-09-01T10:20:00.000Z", "2026-09-01 10:20:00"),
        ("10:20:00", "10:20:00"),
    ],
)
def test_a_day_stored_as_a_day_is_told_without_its_letters(stored: str, text: str) -> None:
    assert cell_of(book_of(cell_xml(f"<v>{stored}</v>", t="d"))) == (text, None)


# --- texts --------------------------------------------------------------------------------------


def test_texts_stay_as_they_are() -> None:
    texts = [
        "=1+1",
        "+86",
        "-",
        "@",
        "007",
        "420106190001010013",
        " 两边有空格 ",
        "a\nb",
        "<&>\"'",
        "𠮷",
        "_x000D_",
        "4.2E+17",
    ]

    assert cells_of(rows_written([texts])) == [texts]
    assert cells_of(rows_written([texts], constant_memory=True)) == [texts]


def test_the_runs_of_a_text_are_joined_and_how_it_is_spoken_is_left_out() -> None:
    rich = (
        '<r><rPr><b/></rPr><t>武汉</t></r><r><t xml:space="preserve"> 市</t></r>'
        '<rPh sb="0" eb="2"><t>WUHAN</t></rPh><phoneticPr fontId="1"/>'
    )
    shared = book_of(cell_xml("<v>1</v>", t="s"), strings=strings_xml(["<t>甲</t>", rich, "<t>乙</t>"]))
    inline = book_of(cell_xml(f"<is>{rich}</is>", t="inlineStr"))

    assert cell_of(shared) == cell_of(inline) == ("武汉 市", None)


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("甲_x000D_\n乙", "甲\r\n乙"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD842__xDFB7_", "𠮷"),
        ("_xD842_", "\ufffd"),
        ("_x00_", "_x00_"),
        ("CF_xdr_", "CF_xdr_"),
    ],
)
def test_characters_that_xml_cannot_hold_are_read_from_their_escapes(stored: str, text: str) -> None:
    inline = book_of(cell_xml(f"<is><t>{stored}</t></is>", t="inlineStr"))
    shared = book_of(cell_xml("<v>0</v>", t="s"), strings=strings_xml([f"<t>{stored}</t>"]))

    assert cell_of(inline) == cell_of(shared) == (text, None)


def test_thousands_of_shared_texts_are_each_found_in_any_order() -> None:
    texts = [f"第{number}条" * (number % 50) + "𠮷" * (number % 3) for number in range(5000)]
    order = [number * 1237 % 5000 for number in range(5000)]
    rows = "".join(f'<row><c t="s"><v>{n}</v></c><c><v>{n}</v></c></row>' for n in order)

    lines = lines_of(book_of(sheet_xml(rows), strings=plain_strings_xml(texts)))

    assert [line.cells for line in lines] == [[texts[number], str(number)] for number in order]


@pytest.mark.parametrize("number", ["3", "-1", "x", "", " ", "1e1", "9" * 5000])
def test_a_shared_text_that_is_not_there_is_damage_unless_none_is_named(number: str) -> None:
    raw = book_of(cell_xml(f"<v>{number}</v>", t="s"), strings=plain_strings_xml("甲乙丙"))

    if number:
        assert refused(raw) == ("file-broken", {"sheet": 1})
    else:
        assert lines_of(raw) == []


def test_a_text_longer_than_a_cell_holds_is_cut_and_marked() -> None:
    limits = Limits(cell_characters=10)
    inline = "<is><t>一二三四五六七八九十</t></is>"
    long = "<is><t>" + "一" * 100_000 + "</t></is>"
    rows = f'<row r="1"><c t="inlineStr">{inline}</c><c t="inlineStr">{long}</c><c t="s"><v>0</v></c></row>'

    [line] = lines_of(book_of(sheet_xml(rows), strings=plain_strings_xml(["二" * 11])), limits)

    assert line.cells == ["一二三四五六七八九十", "一" * 10, "二" * 10]
    assert line.marks == {1: "cell-too-long", 2: "cell-too-long"}


# --- other kinds of cells -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "kind", "expected"),
    [
        ("<v>1</v>", "b", ("TRUE", None)),
        ("<v>0</v>", "b", ("FALSE", None)),
        ("<v>#REF!</v>", "e", ("#REF!", "cell-error")),
        ("<f>1+1</f><v>2</v>", "n", ("2", "formula-value")),
        ('<f t="shared" si="0"/><v>2</v>', "n", ("2", "formula-value")),
        ("<f>A2</f><v>甲</v>", "str", ("甲", "formula-value")),
        ("<f>A2</f><v>1</v>", "b", ("TRUE", "formula-value")),
        ("<f>A2</f><v>#N/A</v>", "e", ("#N/A", "cell-error")),
        ("<f>A2</f><v>4.2E+17</v>", "n", ("4.20000E+17", "rounded-by-spreadsheet")),
        ("<f>1+1</f>", "n", ("", "formula-without-value")),
        ("<f>1+1</f><v/>", "n", ("", "formula-without-value")),
        ("<f>1+1</f>", "str", ("", "formula-without-value")),
        ("<f/>", "n", ("", "formula-without-value")),
    ],
)
def test_a_cell_says_its_stored_value_and_what_is_wrong_with_it(
    inside: str, kind: str, expected: tuple[str, str | None]
) -> None:
    assert cell_of(book_of(cell_xml(inside, t=kind))) == expected


def test_a_formula_shown_as_a_day_is_a_day() -> None:
    raw = book_of(cell_xml("<f>TODAY()</f><v>46266</v>", s="0"), styles=styles_xml([14]))

    assert cell_of(raw) == ("2026-09-01", "formula-value")


def test_a_column_of_formulas_that_come_to_nothing_makes_no_rows() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="str"><f>IF(B{n}="","",1)</f><v></v></c></row>' for n in range(1, 900))

    assert lines_of(book_of(sheet_xml(rows))) == []


def test_the_formula_of_one_cell_does_not_mark_the_next() -> None:
    [line] = lines_of(book_of(sheet_xml('<row r="1"><c><f>1+1</f><v>2</v></c><c><v>3</v></c></row>')))

    assert line == Line(1, ["2", "3"], {0: "formula-value"})


# --- merged cells -------------------------------------------------------------------------------


def test_every_cell_of_a_merged_range_is_marked_and_no_other() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        for row in range(6):
            sheet.write_row(row, 0, [f"{row}{column}" for column in range(4)])
        sheet.merge_range(1, 1, 3, 2, "合并")
        sheet.merge_range(3, 3, 4, 3, "又一处")

    lines = lines_of(written(fill))

    assert {(line.number, place) for line in lines for place in line.marks} == {
        *itertools.product((2, 3, 4), (1, 2)),
        *itertools.product((4, 5), (3,)),
    }
    assert {code for line in lines for code in line.marks.values()} == {"cells-merged"}


def test_a_merged_range_reaches_over_the_empty_cells_at_the_end_of_a_row_but_makes_no_row() -> None:
    merged = '<mergeCells count="2"><mergeCell ref="B1:XFD1"/><mergeCell ref="A3:C9"/></mergeCells>'
    raw = book_of(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row><row r="4"/>', merged))

    lines = lines_of(raw, Limits(columns=4))

    assert lines == [Line(1, ["1", "", "", ""], dict.fromkeys((1, 2, 3), "cells-merged"))]


def test_an_error_in_a_merged_cell_is_told_before_the_merging_and_a_formula_after_it() -> None:
    rows = '<row r="1"><c><v>4.2E+17</v></c><c><f>1</f><v>1</v></c></row>'
    merged = '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>'

    [line] = lines_of(book_of(sheet_xml(rows, merged)))

    assert line.marks == {0: "rounded-by-spreadsheet", 1: "cells-merged"}


@pytest.mark.parametrize("merged", ['<mergeCell ref="A1"/>', '<mergeCell ref="A1:A1"/>', ""])
def test_a_range_of_one_cell_is_not_merged(merged: str) -> None:
    raw = book_of(sheet_xml('<row r="1"><c><v>1</v></c></row>', f"<mergeCells>{merged}</mergeCells>"))

    assert lines_of(raw) == [Line(1, ["1"])]


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_merged_ranges_are_found_under_any_prefix_encoding_and_distance(prefix: str, encoding: str) -> None:
    cells = "".join(f'<x:row r="{n}"><x:c><x:v>{n}</x:v></x:c></x:row>' for n in range(1, 3001))
    merged = "".join(f"<{prefix}mergeCell note='' ref='A{n}:A{n + 1}'/>" for n in range(1, 3001, 3))
    space = f'xmlns="{MAIN}" xmlns:x="{MAIN}"'
    xml = f"<x:worksheet {space}><x:sheetData>{cells}</x:sheetData><mergeCells>{merged}</mergeCells></x:worksheet>"
    parts = parts_of(sheet_xml(""))
    parts["xl/worksheets/sheet1.xml"] = f'<?xml version="1.0" encoding="{encoding}"?>{xml}'.encode(encoding)

    lines = lines_of(zipped(parts))

    assert [line.number for line in lines if not line.marks] == list(range(3, 3001, 3))


def test_more_merged_ranges_than_are_held_are_refused_as_merged() -> None:
    merged = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 10_002))

    assert refused(book_of(sheet_xml("", f"<mergeCells>{merged}</mergeCells>"))) == ("cells-merged", {"sheet": 1})


def test_ten_thousand_ranges_over_one_another_are_marked_without_delay() -> None:
    merged = "".join(f'<mergeCell ref="A{n}:IV1048576"/>' for n in range(1, 10_001))
    rows = "".join(f'<row r="{n}"><c><v>1</v></c></row>' for n in range(1, 10_001))

    lines = lines_of(book_of(sheet_xml(rows, f"<mergeCells>{merged}</mergeCells>")))

    assert len(lines) == 10_000
    assert all(len(line.marks) == 256 for line in lines)


# --- sheets -------------------------------------------------------------------------------------


def test_hidden_sheets_are_told_as_hidden_and_charts_have_a_place_but_no_rows() -> None:
    one = sheet_xml("<row><c><v>1</v></c></row>")
    parts = parts_of(
        one,
        one,
        one,
        one,
        names=["说明", "图", "处罚&明细", "_x4E00_"],
        states=["veryHidden", "visible", "visible", "hidden"],
        kinds=["worksheet", "chartsheet", "worksheet", "worksheet"],
    )

    with opened(io.BytesIO(zipped(parts)), SCRATCH) as table:
        told = [(page.name, page.index, page.hidden) for page in table.pages]

    assert told == [("说明", 0, True), ("处罚&明细", 2, False), ("一", 3, True)]
    assert table.kind == "xlsx"
    assert table.warnings == ()


def test_damage_is_told_by_the_place_of_its_sheet() -> None:
    raw = book_of(sheet_xml("<row><c><v>1</v></c></row>"), sheet_xml("<row>"), sheet_xml(""))

    with opened(io.BytesIO(raw), SCRATCH) as table:
        good, bad, empty = table.pages
        with pytest.raises(Unreadable) as caught:
            list(bad.lines())

        assert caught.value.fault.details == {"sheet": 2}
        assert len(list(good.lines())) == 1
        assert list(empty.lines()) == []


def test_strict_workbooks_read_like_others() -> None:
    strict = parts_of(
        sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="0"><v>46266</v></c></row>', main=STRICT_MAIN),
        strings=strings_xml(["<t>甲</t>"], main=STRICT_MAIN),
        styles=styles_xml([14], main=STRICT_MAIN),
        main=STRICT_MAIN,
        office=STRICT_OFFICE,
    )

    assert cells_of(zipped(strict)) == [["甲", "2026-09-01"]]


def test_prefixes_comments_and_elements_of_other_standards_do_not_matter() -> None:
    xml = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<!-- <row> --><s:worksheet xmlns:s="{MAIN}" '
        'xmlns:o="urn:other"><s:sheetPr/><o:row r="9"><o:c><o:v>9</o:v></o:c></o:row>\n<s:sheetData>\n'
        '<s:row r="1">\n<s:c r="A1" o:t="s">\n<s:v>1<![CDATA[2]]></s:v>\n<s:extLst><o:v>9</o:v></s:extLst></s:c>\n'
        "</s:row></s:sheetData></s:worksheet>"
    )

    assert cells_of(book_of(xml)) == [["12"]]


def test_part_names_are_alike_in_any_case_and_with_either_slash() -> None:
    parts = parts_of(cell_xml("<v>1</v>"))

    windows = {name.replace("xl/", "XL\\").replace("/", "\\"): content for name, content in parts.items()}

    assert cells_of(zipped(windows)) == [["1"]]


def test_pictures_external_links_and_what_else_is_in_a_workbook_are_passed_over() -> None:
    parts = parts_of(cell_xml("<v>1</v>"), strings=plain_strings_xml([]), styles=styles_xml([0]))
    external = link_xml("rId99", f"{OFFICE}/worksheet", "https://example.invalid/", "External")
    links = str(parts["xl/_rels/workbook.xml.rels"]).replace("</Relationships>", f"{external}</Relationships>")

    raw = zipped(parts | {"xl/_rels/workbook.xml.rels": links, "xl/media/image1.jpg": b"\xff\xd8\xff" * 1000})

    assert cells_of(raw) == [["1"]]


def test_a_workbook_of_pictures_has_a_sheet_without_rows() -> None:
    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
    )

    def fill(book: Workbook) -> None:
        book.add_worksheet().insert_image(0, 0, "photo.png", {"image_data": io.BytesIO(picture)})

    assert lines_of(written(fill)) == []


# --- a second opinion ---------------------------------------------------------------------------


def test_another_reader_sees_the_same_texts_numbers_and_days() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy/m/d"})
        for row in range(200):
            sheet.write_string(row, 0, f"第{row}行\n「{row % 7}」")
            sheet.write_number(row, 1, row / 7)
            sheet.write_number(row, 2, row * 1_000_003)
            sheet.write_datetime(row, 3, date(1990, 1, 1) + timedelta(days=row * 73), day)
            sheet.write_formula(row, 4, "=1+1", None, row + 0.5)
            sheet.write_boolean(row, 5, row % 2 == 0)

    raw = written(fill)
    other = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()

    assert [[told(cell) for cell in row] for row in other] == cells_of(raw)


def told(cell: object) -> str:
    """A value of the other reader as we tell it."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{Decimal(f'{cell:.15g}'):f}"
    return str(cell)


# --- files that are refused ---------------------------------------------------------------------


def with_part(name: str, content: str | bytes) -> bytes:
    return zipped(parts_of(cell_xml("<v>1</v>")) | {name: content})


def word_document(**more: str) -> bytes:
    links = links_xml(link_xml("rId1", f"{OFFICE}/officeDocument", "word/document.xml"))
    return zipped({"_rels/.rels": links, "word/document.xml": '<w:document xmlns:w="urn:word"/>', **more})


REFUSED = {
    "a workbook with a password": (compound("Root Entry", "EncryptionInfo", "EncryptedPackage"), "file-encrypted"),
    "an old workbook under a new name": (compound("Root Entry", "Workbook"), "file-old-excel"),
    "a document": (word_document(), "file-not-workbook"),
    "a document with macros": (word_document(**{"word/vbaProject.bin": ""}), "file-not-workbook"),
    "a zip file of pictures": (zipped({"1.jpg": b"\xff\xd8\xff", "2.jpg": b"\xff\xd8\xff"}), "file-not-workbook"),
    "an empty zip file": (zipped({}), "file-not-workbook"),
    "an OpenDocument sheet": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
        "file-open-document",
    ),
    "an OpenDocument text": (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "file-not-workbook"),
    "a binary workbook": (
        zipped(
            {
                "_rels/.rels": links_xml(link_xml("rId1", f"{OFFICE}/officeDocument", "xl/workbook.bin")),
                "xl/workbook.bin": b"\x83\x01\x00",
            }
        ),
        "file-binary-excel",
    ),
    "a workbook with a macro project": (with_part("xl/vbaProject.bin", b"\xd0\xcf"), "file-macros"),
    "a workbook that says it has macros": (
        zipped(parts_of(cell_xml("<v>1</v>"), content_type=MACRO_TYPE)),
        "file-macros",
    ),
    "a workbook with a sheet of macros": (zipped(parts_of(sheet_xml(""), kinds=["xlMacrosheet"])), "file-macros"),
    "a workbook without its sheet": (with_part("xl/_rels/workbook.xml.rels", links_xml("")), "file-broken"),
    "a workbook with an empty sheet part": (with_part("xl/worksheets/sheet1.xml", ""), "file-broken"),
    "a workbook with a sheet of something else": (with_part("xl/worksheets/sheet1.xml", "<html/>"), "file-broken"),
    "a workbook cut off": (rows_written([["甲"] * 20] * 20)[:-300], "file-broken"),
    "a beginning of a zip file": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "file-broken"),
}


@pytest.mark.parametrize(("raw", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_refused_by_a_code_of_its_own(raw: bytes, code: str) -> None:
    assert refused(raw)[0] == code


def test_a_zip_file_with_a_password_is_refused_as_such() -> None:
    raw = bytearray(book_of(cell_xml("<v>1</v>")))
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1

    assert refused(bytes(raw)) == ("file-encrypted", {})


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_parts_are_stored_or_deflated_and_nothing_else(compression: int) -> None:
    assert refused(zipped(parts_of(cell_xml("<v>1</v>")), compression))[0] == "file-broken"


def test_parts_that_share_a_name_or_their_bytes_are_damage() -> None:
    twice = with_part("XL/WORKBOOK.XML", "<workbook/>")
    shared = bytearray(book_of(cell_xml("<v>1</v>")))
    first = shared.index(b"PK\x01\x02")
    second = shared.index(b"PK\x01\x02", first + 1)
    shared[second + 42 : second + 46] = shared[first + 42 : first + 46]

    assert refused(twice) == ("file-broken", {})
    assert refused(bytes(shared)) == ("file-broken", {})


DOCTYPE = f'<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><worksheet xmlns="{MAIN}"/>'
UNUSUAL_XML = {
    "entities": DOCTYPE,
    "an entity nobody declared": cell_xml("<v>&a;</v>"),
    "another encoding": f'<?xml version="1.0" encoding="cp037"?><worksheet xmlns="{MAIN}"/>',
    "an encoding there is none of": f'<?xml version="1.0" encoding="none"?><worksheet xmlns="{MAIN}"/>',
    "deep nesting": sheet_xml("<a>" * 50_000 + "</a>" * 50_000),
    "a tag without end": sheet_xml(f'<a b="{"x" * 2_000_000}"/>'),
    "a comment without end": sheet_xml(f"<!--{'x' * 2_000_000}-->"),
    "names without end": sheet_xml("".join(f"<a{n}/>" for n in range(30_000))),
    "prefixes without end": sheet_xml("".join(f'<a xmlns:b{n}="urn:b"/>' for n in range(30_000))),
    "no end": sheet_xml("")[:-5],
    "bytes that are no text": b"\xff\xfe\xff",
}


@pytest.mark.parametrize("xml", UNUSUAL_XML.values(), ids=UNUSUAL_XML.keys())
def test_xml_that_plays_tricks_is_damage_wherever_it_stands(xml: str | bytes) -> None:
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"):
        assert refused(with_part(part, xml))[0] in ("file-broken", "file-not-workbook")


def test_sheets_formats_and_relationships_without_end_are_damage() -> None:
    many_links = links_xml("".join(link_xml(f"r{n}", "x", "y") for n in range(100_001)))
    many_sheets = f'<workbook xmlns="{MAIN}">' + "<sheet/>" * 1_001 + "</workbook>"
    many_formats = styles_xml([14] * 100_001)

    assert refused(with_part("xl/_rels/workbook.xml.rels", many_links))[0] == "file-broken"
    assert refused(with_part("xl/workbook.xml", many_sheets))[0] == "file-broken"
    assert refused(book_of(sheet_xml(""), styles=many_formats))[0] == "file-broken"


@given(raw=st.binary(max_size=400), head=st.sampled_from([b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b""]))
def test_any_bytes_end_in_a_table_or_a_refusal(raw: bytes, head: bytes) -> None:
    tabled_or_refused(head + raw)


WHOLE = {
    "ordinary": rows_written([["文号", "金额", "日期"], *[("甲" * n, n * 1.5, n) for n in range(40)]]),
    "by hand": zipped(
        parts_of(
            sheet_xml('<row><c t="s"><v>0</v></c><c s="0"><f>1</f><v>1</v></c></row>', '<mergeCell ref="A1:B2"/>'),
            strings=plain_strings_xml("甲乙"),
            styles=styles_xml([14, 176], {176: "yyyy"}),
        ),
        zipfile.ZIP_STORED,
    ),
}


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
@given(data=st.data())
def test_a_workbook_damaged_anywhere_ends_in_a_table_or_a_refusal(whole: bytes, data: st.DataObject) -> None:
    raw = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4), "times")):
        at = data.draw(st.integers(0, len(raw) - 1), "at")
        with_what = data.draw(st.binary(max_size=4), "with")
        raw[at : at + data.draw(st.integers(0, 4), "instead of")] = with_what

    tabled_or_refused(bytes(raw))


@given(data=st.data())
def test_a_sheet_of_any_xml_ends_in_a_table_or_a_refusal(data: st.DataObject) -> None:
    names = st.sampled_from(["row", "c", "v", "f", "is", "t", "r", "rPh", "mergeCell", "x"])
    attributes = st.dictionaries(
        st.sampled_from(["r", "s", "t", "ref"]),
        st.sampled_from(["A1", "B2", "1", "2", "0", "s", "n", "str", "inlineStr", "b", "e", "d", "A1:B2", "XFD9"]),
        max_size=3,
    )
    texts = st.sampled_from(["", "1", "46266", "4.2E+17", "甲", "_xD800_", " ", "1e999"])

    def element(inside: str, name: str, given: dict[str, str]) -> str:
        return f"<{name}{''.join(f' {key}={text!r}' for key, text in given.items())}>{inside}</{name}>"

    trees = st.recursive(
        texts,
        lambda inner: st.builds(element, st.lists(inner, max_size=4).map("".join), names, attributes),
        max_leaves=20,
    )

    tabled_or_refused(
        book_of(sheet_xml(data.draw(trees)), strings=plain_strings_xml("甲乙"), styles=styles_xml([0, 14]))
    )


def tabled_or_refused(raw: bytes) -> None:
    try:
        with opened(io.BytesIO(raw), SCRATCH, Limits(unpacked_bytes=MEGABYTE)) as table:
            read_through(table)
    except Unreadable as refusal:
        fault = refusal.fault
    else:
        return
    assert fault.is_error
    assert fault.message("zh")


# --- memory -------------------------------------------------------------------------------------


def peak_megabytes(raw: bytes, code: str | None = None) -> float:
    """What reading takes at most beside the file itself, which ends with this code."""
    read_through_first = book_of(cell_xml("<v>0</v>", t="s"), strings=plain_strings_xml("甲"), styles=styles_xml([0]))
    lines_of(read_through_first)
    tracemalloc.start()
    try:
        if code is None:
            with opened(io.BytesIO(raw), SCRATCH) as table:
                read_through(table)
        else:
            assert refused(raw)[0] == code
        return tracemalloc.get_traced_memory()[1] / MEGABYTE
    finally:
        tracemalloc.stop()


def bomb(part: str, before: str, filling: bytes, megabytes: int) -> bytes:
    """A workbook one part of which unpacks to as much."""
    parts = parts_of(cell_xml("<v>0</v>", t="s"), strings=plain_strings_xml("甲"), styles=styles_xml([0]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            if name != part:
                file.writestr(name, content)
        with file.open(part, "w") as member:
            member.write(before.encode())
            for _ in range(megabytes):
                member.write(filling * (MEGABYTE // len(filling)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("part", "before", "filling", "code"),
    [
        ("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}">', b" ", "unpacks-too-large"),
        ("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>', b"1", "unpacks-too-large"),
        ("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}"><si><t>', b"x", "unpacks-too-large"),
        ("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}"><si>', b"<t>", "file-broken"),
        ("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">', b" ", "unpacks-too-large"),
        ("xl/workbook.xml", f'<workbook xmlns="{MAIN}">', b" ", "unpacks-too-large"),
        ("[Content_Types].xml", '<Types xmlns="urn:x">', b" ", "unpacks-too-large"),
    ],
)
def test_a_zip_bomb_is_stopped_by_what_it_really_unpacks_to(part: str, before: str, filling: bytes, code: str) -> None:
    raw = bomb(part, before, filling, 40)
    limits = Limits(unpacked_bytes=30 * MEGABYTE)

    tracemalloc.start()
    try:
        found, details = refused(raw, limits)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert found == code
    assert details.get("limit", 30) == 30
    assert peak < 8 * MEGABYTE


def test_tags_without_end_are_refused_before_they_are_parsed() -> None:
    raw = bomb("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData><row>', b"<c/>", 200)

    assert refused(raw) == ("unpacks-too-large", {"limit": 1024, "sheet": 1})


def test_reading_a_part_again_does_not_count_again() -> None:
    raw = rows_written([[f"第{number}行"] for number in range(2000)])
    unpacked = sum(info.file_size for info in zipfile.ZipFile(io.BytesIO(raw)).infolist())

    with opened(io.BytesIO(raw), SCRATCH, Limits(unpacked_bytes=unpacked)) as table:
        readings = [len(list(table.pages[0].lines())) for _ in range(5)]

    assert readings == [2000] * 5


def test_a_zip_file_of_very_many_parts_is_refused_before_they_are_listed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for number in range(12_000):
            file.writestr(f"{number}", b"")

    assert peak_megabytes(out.getvalue(), "unpacks-too-large") < 2


def test_a_cell_in_the_last_corner_costs_nothing() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>'
    raw = book_of(sheet_xml(rows))

    assert [line.number for line in lines_of(raw)] == [1, 1_048_576]
    assert peak_megabytes(raw) < 2


def empty_rows(rows: int, cells: int) -> Iterator[str]:
    """Styled rows with nothing in them, and one value before."""
    yield f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    for number in range(2, rows + 1):
        styled = "".join(f'<c r="{chr(65 + place)}{number}" s="1"/>' for place in range(cells))
        yield f'<row r="{number}" spans="1:3" s="1" customFormat="1">{styled}</row>'
    yield "</sheetData></worksheet>"


def test_empty_rows_cost_no_memory() -> None:
    raw = book_of("".join(empty_rows(20_000, 3)))

    assert lines_of(raw) == [Line(1, ["1"])]
    assert peak_megabytes(raw) < 2


@pytest.mark.slow
def test_a_million_empty_rows_are_nothing(tmp_path: Path) -> None:
    file = tmp_path / "empty.xlsx"
    parts = {name: [str(content)] for name, content in parts_of("").items()}
    with file.open("wb") as out:
        streamed(out, {**parts, "xl/worksheets/sheet1.xml": empty_rows(1_048_576, 3)})

    assert read_in_a_process_of_its_own(file, tmp_path).startswith("1 1 ")


READ = """
import io, pathlib, sys
from schemas.layouts.opening import opened

def status(name):
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))

def read(path):
    rows = cells = 0
    with open(path, "rb") as file, opened(file, pathlib.Path(sys.argv[3])) as table:
        for line in table.pages[0].lines():
            rows, cells = rows + 1, cells + len(line.cells)
    return rows, cells

read(sys.argv[1])
idle = status("VmRSS")
pathlib.Path("/proc/self/clear_refs").write_text("5")
print(*read(sys.argv[2]), (status("VmHWM") - idle) / 1024)
"""


def read_in_a_process_of_its_own(file: Path, scratch: Path) -> str:
    """Rows, cells, and megabytes over idle."""
    small = scratch / "small.xlsx"
    small.write_bytes(rows_written([["甲", 1]] * 100))
    ran = subprocess.run(
        [sys.executable, "-c", READ, small, file, scratch], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_hundred_thousand_rows_with_a_million_texts_take_less_than_twenty_megabytes(tmp_path: Path) -> None:
    rows, texts, columns = 100_000, 10, 30

    def shared() -> Iterator[str]:
        yield f'<sst xmlns="{MAIN}">'
        yield from (f"<si><t>某单位第{number}条违法事实的经过</t></si>" for number in range(rows * texts))
        yield "</sst>"

    def sheet() -> Iterator[str]:
        yield f'<worksheet xmlns="{MAIN}"><sheetData>'
        for row in range(rows):
            own = "".join(f'<c t="s"><v>{row * texts + place}</v></c>' for place in range(texts))
            often = "".join(f'<c t="s"><v>{(row * 7 + place) % 97}</v></c>' for place in range(10))
            yield f'<row r="{row + 1}">{own}{often}' + "<c><v>46266.5</v></c>" * (columns - texts - 10) + "</row>"
        yield "</sheetData></worksheet>"

    file = tmp_path / "large.xlsx"
    parts = {name: [str(content)] for name, content in parts_of("", strings="").items()}
    with file.open("wb") as out:
        streamed(out, {**parts, "xl/sharedStrings.xml": shared(), "xl/worksheets/sheet1.xml": sheet()})

    read_rows, read_cells, megabytes = read_in_a_process_of_its_own(file, tmp_path).split()

    assert (int(read_rows), int(read_cells)) == (rows, rows * columns)
    assert float(megabytes) < 20
    assert {path.name for path in tmp_path.iterdir()} == {"large.xlsx", "small.xlsx"}
