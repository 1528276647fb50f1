"""双公示 files: read as people make them, exact to the fen, every fault at its row and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codelists import Entry, codelist
from schemas.faults import Fault
from schemas.judging import judge
from schemas.layouts.cells import is_said
from schemas.layouts.columns import Column, Row, Sheet, Told, Uploader
from schemas.layouts.credit_publicity import ALIASES, BY_CODE, COLUMNS, HEADINGS, LAYOUT, cells, not_held
from schemas.layouts.recognising import Recognised, recognise
from schemas.layouts.table import ADDED_HEADINGS, Unreadable
from tests import corpus, examples
from tests.tables import Marks, rows_of, table_of

TODAY = date(2026, 11, 22)
UPLOADER = Uploader(organisation=corpus.ORGANISATION, region="420106", field="market", key=b"a key for tests")

GOOD = corpus.cells_of(corpus.penalty(1, kinds=["01", "03"], party_kind="sole_trader"), 0)


def found_with(cells: dict[str, str], headings: dict[str, str] | None = None) -> Recognised:
    """A file of one row, each column under its code or under the heading given for it."""
    return recognise(table_of([(headings or {}).get(code, code) for code in cells], list(cells.values())))


def sheet_with(cells: dict[str, str], headings: dict[str, str] | None = None) -> Sheet:
    [sheet] = found_with(cells, headings).sheets
    return sheet


def sheet_of(*rows: Sequence[str], marks: Marks | None = None) -> Sheet:
    [sheet] = recognise(table_of(*rows, marks=marks)).sheets
    return sheet


def row_with(**cells: str) -> Row:
    """The one row of a file that is good but for these cells."""
    return only(sheet_with(GOOD | cells))


def only(sheet: Sheet) -> Row:
    [row] = sheet.rows(UPLOADER)
    return row


def codes(faults: Sequence[Told]) -> list[tuple[str | None, str]]:
    return [(told.heading, told.fault.code) for told in faults]


def judged(sheet: Sheet, row: Row) -> list[Told]:
    return sheet.told(row, judge("penalty", row.record, TODAY, lacks=LAYOUT.lacks).faults)


# --- whole files --------------------------------------------------------------------------------


@pytest.mark.parametrize("headings", ["zh", "code"])
def test_of_two_hundred_rows_seven_are_named_by_number_column_and_fault(headings: Literal["zh", "code"]) -> None:
    raw, broken = corpus.credit_publicity_csv(200, 7, headings=headings)

    found = recognise(table_of(*rows_of(raw.decode())))
    [sheet] = found.sheets
    rows = list(sheet.rows(UPLOADER))
    told = {row.number: judged(sheet, row) for row in rows}

    assert (found.layout, found.faults) == (LAYOUT, ())
    assert [row.number for row in rows] == list(range(2, 202))
    assert len(broken) == 7
    assert {n: codes(faults) for n, faults in told.items() if faults} == {n: [fault] for n, fault in broken.items()}


def test_a_good_row_says_the_penalty_it_was_written_from() -> None:
    raw, _ = corpus.credit_publicity_csv(40, 0)

    rows = list(sheet_of(*rows_of(raw.decode())).rows(UPLOADER))

    for n, row in enumerate(rows, start=1):
        expected = corpus.penalty(n, region=UPLOADER.region)
        assert {**row.record, "source_id": expected["source_id"]} == expected


def test_columns_may_stand_in_any_order_and_those_we_do_not_know_are_reported() -> None:
    turned = dict(reversed(GOOD.items()))

    found = found_with({"序号": "1"} | turned | {"经办人": "样例"})

    [sheet] = found.sheets
    assert sheet.extra == ("序号", "经办人")
    assert [(fault.code, fault.details) for fault in found.faults] == [
        ("columns-not-read", {"columns": "序号、经办人"})
    ]
    assert only(sheet).record == row_with().record


def test_the_columns_that_we_add_to_a_workbook_are_passed_over_without_a_word() -> None:
    added = dict.fromkeys(ADDED_HEADINGS, "7")

    found = found_with(GOOD | added)

    [sheet] = found.sheets
    assert (found.faults, sheet.extra) == ((), ())
    assert only(sheet).record == row_with().record
    assert judged(sheet, only(sheet)) == []


def test_a_missing_needed_column_is_reported_by_its_heading_and_no_row_is_read() -> None:
    found = found_with({code: cell for code, cell in GOOD.items() if code not in ("CF_WSH", "CF_JDRQ")})

    assert [fault.details["column"] for fault in found.faults] == ["行政处罚决定书文号", "处罚决定日期"]
    assert {fault.code for fault in found.faults} == {"column-missing"}
    assert found.layout is LAYOUT
    assert not found.readable
    assert found.sheets == ()


def test_a_column_that_stands_twice_is_refused() -> None:
    found = found_with(GOOD | {"行政相对人名称": "又一个"})

    assert [(fault.code, fault.details["column"]) for fault in found.faults] == [("column-twice", "行政相对人名称")]


def test_blank_rows_are_passed_over_and_the_others_keep_their_numbers() -> None:
    header, good = list(GOOD), list(GOOD.values())
    blank, slashes = [""] * len(header), ["/"] * len(header)
    long = list((GOOD | {"CF_SY": "第一行\n第二行\r\n第三行"}).values())

    rows = list(sheet_of(header, good, blank, long, [], slashes, good).rows(UPLOADER))

    assert [row.number for row in rows] == [2, 4, 7]
    assert rows[1].record["violation_facts"] == "第一行\n第二行\n第三行"


def test_a_row_that_only_says_something_in_columns_we_do_not_read_is_blank() -> None:
    header, good = ["序号", *GOOD, ADDED_HEADINGS[0]], ["1", *GOOD.values(), "2"]

    rows = list(sheet_of(header, good, ["2", *[""] * len(GOOD), "3"]).rows(UPLOADER))

    assert [row.number for row in rows] == [2]


@pytest.mark.parametrize("codes_first", [True, False])
def test_codes_and_headings_over_each_other_are_one_header(codes_first: bool) -> None:
    both = [["行政相对人名称", *(BY_CODE[code].heading for code in list(GOOD)[1:])], list(GOOD)]

    sheet = sheet_of(*(reversed(both) if codes_first else both), list(GOOD.values()))

    assert [row.number for row in sheet.rows(UPLOADER)] == [3]
    assert [line.number for line in sheet.lines] == [1, 2]
    assert (
        sheet.column_of("/party/name") == (list(GOOD) if codes_first else [BY_CODE[code].heading for code in GOOD])[0]
    )


def test_a_row_longer_than_the_header_is_at_fault_unless_the_rest_is_empty() -> None:
    header, good = list(GOOD), list(GOOD.values())

    sheet = sheet_of(header, [*good, "", "/"], [*good, "多"])
    spare, over = sheet.rows(UPLOADER)

    assert spare.faults == ()
    assert codes(over.faults) == [(None, "row-too-long")]
    assert codes(sheet.told(over, [Fault("/decision_no", "required-from-decision")])) == [(None, "row-too-long")]


@pytest.mark.parametrize(
    "below", [["合计", "", "3"], ["总计："], ["填表人：样例甲　审核人：样例乙"], ["注：每月报送。"], ["备注"]]
)
def test_what_stands_below_a_table_is_no_penalty(below: list[str]) -> None:
    rows = list(sheet_of(list(GOOD), list(GOOD.values()), below).rows(UPLOADER))

    assert [row.number for row in rows] == [2]


@pytest.mark.parametrize("name", ["合计", "注", "合计商贸有限公司", "注册商务有限公司"])
def test_a_party_whose_name_looks_like_a_note_is_a_party(name: str) -> None:
    assert row_with(CF_XDR_MC=name).record["party"]["name"] == name


def test_a_row_that_only_lacks_much_is_told_of_and_not_taken_for_a_note() -> None:
    (row,) = sheet_of(list(GOOD), ["样例商贸有限公司"]).rows(UPLOADER)

    assert row.number == 2


def test_a_short_row_simply_lacks_its_last_cells() -> None:
    header, good = [*GOOD, "CF_YXQ"], list(GOOD.values())

    assert only(sheet_of(header, good)).record == row_with().record


@given(rows=st.lists(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(HEADINGS)), max_size=8), max_size=6))
def test_no_rows_make_the_reader_fall_over(rows: list[list[str]]) -> None:
    for sheet in recognise(table_of(list(GOOD), *rows)).sheets:
        try:
            assert all(row.number > 1 for row in sheet.rows(UPLOADER))
        except Unreadable as refused:
            assert refused.fault.code == "header-twice"  # noqa: PT017 – most of what is drawn ends otherwise


@given(cell=st.text(max_size=30), column=st.sampled_from(COLUMNS))
def test_no_cell_makes_the_reader_fall_over_and_every_fault_can_be_said(cell: str, column: Column) -> None:
    sheet = sheet_with(GOOD | {column.code: cell})

    for row in sheet.rows(UPLOADER):
        for told in row.faults:
            assert told.heading == column.code
            assert told.fault.message("zh")
            assert told.fault.message("en")
            assert told.fault.fix("zh")
            assert told.fault.fix("en")


# --- marks --------------------------------------------------------------------------------------


def test_a_cell_that_the_reader_of_the_file_marked_is_at_fault_and_not_read() -> None:
    at = list(GOOD).index("CF_XDR_SHXYM")

    sheet = sheet_of(list(GOOD), list(GOOD.values()), marks={(2, at): "rounded-by-spreadsheet"})

    [told] = judged(sheet, only(sheet))
    assert (told.index, told.heading, told.fault) == (
        at,
        "CF_XDR_SHXYM",
        Fault("/party/credit_code", "rounded-by-spreadsheet"),
    )


def test_a_warning_at_a_cell_does_not_keep_it_from_being_read() -> None:
    at = list(GOOD).index("CF_SY")

    row = only(sheet_of(list(GOOD), list(GOOD.values()), marks={(2, at): "formula-value"}))

    assert codes(row.faults) == [("CF_SY", "formula-value")]
    assert row.record == row_with().record


def test_what_is_wrong_with_a_cell_is_told_beside_a_warning_at_it() -> None:
    at = list(GOOD).index("CF_SY")

    sheet = sheet_of(list(GOOD), list((GOOD | {"CF_SY": "实" * 5001}).values()), marks={(2, at): "formula-value"})

    assert codes(judged(sheet, only(sheet))) == [("CF_SY", "formula-value"), ("CF_SY", "text")]


def test_what_is_marked_in_the_header_or_in_columns_we_do_not_read_is_nobodys_concern() -> None:
    header, good = [*GOOD, "序号"], [*GOOD.values(), "1"]

    marks = {(1, 0): "rounded-by-spreadsheet", (2, len(GOOD)): "rounded-by-spreadsheet"}
    row = only(sheet_of(header, good, marks=marks))

    assert row.faults == ()


# --- headings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("行政相对人名称", "CF_XDR_MC"),
        (" *行政相对人名称（必填） ", "CF_XDR_MC"),
        ("cf_xdr_mc", "CF_XDR_MC"),
        ("行政相对人名称(CF_XDR_MC)", "CF_XDR_MC"),
        ("行政相对人代码_1（统一社会信用代码）", "CF_XDR_SHXYM"),
        ("罚款金额（万元）", "CF_NR_FK"),
        ("罚款金额\n(单位:万元)", "CF_NR_FK"),
        ("没收违法所得、没收非法财物的金额（万元）", "CF_NR_WFFF"),
        ("CF_XZJG", "CF_CFJG"),
        ("xy020102", "CF_WSH"),
        ("XY020102", "CF_WSH"),
        ("处罚决定日期（xy020107）", "CF_JDRQ"),
        ("备注(BZ)", "BZ"),
        ("备注", "BZ"),
    ],
)
def test_a_heading_is_known_in_the_ways_people_write_it(heading: str, code: str) -> None:
    column = LAYOUT.column_named(heading)

    assert column is not None
    assert column.code == code


@pytest.mark.parametrize("heading", ["", "经办人", "CF_NEW", "金额"])
def test_a_heading_of_no_item_is_not_guessed(heading: str) -> None:
    assert LAYOUT.column_named(heading) is None


@pytest.mark.parametrize(("alias", "code"), ALIASES.items())
def test_an_alias_is_that_of_one_item_whatever_its_case(alias: str, code: str) -> None:
    assert LAYOUT.column_named(alias) is LAYOUT.column_named(alias.upper()) is BY_CODE[code]


def test_no_name_of_a_column_is_also_that_of_another() -> None:
    for column in COLUMNS:
        for name in (column.code, column.heading, *column.also):
            assert LAYOUT.column_named(name) is column


@pytest.mark.parametrize(
    ("heading", "yuan", "warnings"),
    [
        ("罚款金额(万元)", "2000.00", []),
        ("CF_NR_FK", "2000.00", []),
        ("罚款金额", "2000.00", ["unit-assumed"]),
        ("罚款金额（元）", "0.20", []),
    ],
)
def test_the_unit_of_money_is_that_of_the_heading(heading: str, yuan: str, warnings: list[str]) -> None:
    found = found_with(GOOD | {"CF_NR_FK": "0.2"}, {"CF_NR_FK": heading})

    [sheet] = found.sheets
    assert only(sheet).record["fine_yuan"] == yuan
    assert [fault.code for fault in found.faults] == warnings


def test_a_pointer_of_a_later_fault_leads_back_to_the_column_as_the_file_names_it() -> None:
    sheet = sheet_with(GOOD, {"CF_XDR_SHXYM": "统一社会信用代码", "CF_CFLB": "处罚类别"})

    assert sheet.column_of("/party/credit_code") == "统一社会信用代码"
    assert sheet.column_of("/penalty_kinds/0") == "处罚类别"
    assert sheet.column_of("/source_id") == "CF_WSH"
    assert sheet.column_of("/organ") == "CF_CFJG"
    assert sheet.column_of("/party/legal_representative") == "法定代表人"
    assert sheet.column_of("/region") == "行政区划"
    assert sheet.column_of("/nothing") is None
    assert sheet.place_of("/penalty_kinds/0") == list(GOOD).index("CF_CFLB")
    assert sheet.place_of("/source_id") == list(GOOD).index("CF_WSH")
    assert sheet.place_of("/party/legal_representative") is None
    assert sheet.pointers == {BY_CODE[code].pointer for code in GOOD}


def test_every_item_of_the_layout_has_its_place_in_a_penalty() -> None:
    cells = {
        **dict.fromkeys(("CF_XDR_GSZC", "CF_XDR_SWDJ", "CF_XDR_SYDW", "CF_XDR_SHZZ"), "420106000000001"),
        "CF_XDR_ZZJG": "00999999-X",
        "CF_FRDB": "样例代表",
        "CF_FR_ZJLX": "护照",
        "CF_FR_ZJHM": "E00000001",
        "CF_XDR_ZJLX": "护照号",
        "CF_XDR_ZJHM": "E00000001",
        "CF_CFLB": "警告;罚款;没收违法所得",
        "CF_NR_WFFF": "1",
        "CF_NR_ZKDX": "样例许可证",
        "CF_YXQ": "长期",
        "CF_GSJZQ": "2029-01-01",
        "BZ": "备注一",
    }

    row = row_with(**cells)

    assert set(GOOD) | set(cells) == set(BY_CODE)
    assert row.faults == ()
    assert list(judge("penalty", row.record, TODAY).faults) == []


# --- cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize("absent", ["", "/", "／", "无", "  ", "\u3000", " / "])
def test_an_empty_cell_says_nothing(absent: str) -> None:
    assert "remarks" not in row_with(BZ=absent).record


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        ("0.2", "2000.00"),
        ("0.000001", "0.01"),
        ("1.234567", "12345.67"),
        ("5", "50000.00"),
        ("0", "0.00"),
        ("1,234.5", "12345000.00"),
        ("０．２", "2000.00"),
        ("0.2万元", "2000.00"),
        ("0.200000", "2000.00"),
    ],
)
def test_ten_thousands_become_yuan_exactly(cell: str, yuan: str) -> None:
    assert row_with(CF_NR_FK=cell).record["fine_yuan"] == yuan


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("0.2000001", "cell-amount"),
        ("0.30000000000000004", "cell-amount"),
        ("两千元", "cell-amount"),
        ("2000元", "cell-amount"),
        ("-0.2", "cell-amount"),
        ("1,23", "cell-amount"),
        ("NaN", "cell-amount"),
        ("1.2E+05", "rounded-by-spreadsheet"),
    ],
)
def test_an_amount_that_is_not_exact_to_the_fen_is_at_fault(cell: str, code: str) -> None:
    row = row_with(CF_NR_FK=cell)

    assert codes(row.faults) == [("CF_NR_FK", code)]
    assert "fine_yuan" not in row.record


def test_a_nought_where_no_fine_was_imposed_is_a_filler() -> None:
    record = row_with(CF_CFLB="警告", CF_NR_FK="0", CF_NR_WFFF="0.00").record

    assert not {"fine_yuan", "confiscated_yuan"} & set(record)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-09-01",
        "2026/9/1",
        "20260901",
        "2026年9月1日",
        "2026.9.1",
        "2026/09/01 00:00:00",
        "2026 - 9 - 1",
        "２０２６-9-1",
    ],
)
def test_a_date_is_read_in_the_ways_people_write_it(cell: str) -> None:
    assert row_with(CF_JDRQ=cell).record["decided_on"] == "2026-09-01"


@pytest.mark.parametrize(
    "cell",
    [
        "2026-02-30",
        "2026-13-01",
        "2026年9月",
        "46266",
        "2026901",
        "2026011",
        "9/1/2026",
        "26-9-1",
        "2026/9-1",
        "二〇二六年",
        "长期有效吗",
    ],
)
def test_a_date_that_does_not_exist_or_is_ambiguous_is_at_fault(cell: str) -> None:
    row = row_with(CF_JDRQ=cell)

    assert codes(row.faults) == [("CF_JDRQ", "cell-date")]
    assert "decided_on" not in row.record


@pytest.mark.parametrize("cell", ["长期", "2099/12/31", "2099-12-31", "20991231"])
def test_long_term_stays_the_last_day_of_2099(cell: str) -> None:
    assert row_with(CF_YXQ=cell).record["valid_until"] == "2099-12-31"


@pytest.mark.parametrize(
    ("cell", "kinds"),
    [
        ("罚款", ["03"]),
        ("警告;罚款", ["01", "03"]),
        ("警告；罚款、没收违法所得", ["01", "03", "04"]),
        ("没收违法所得、没收非法财物", ["04", "05"]),
        ("01;03", ["01", "03"]),
        ("罚款;罚款", ["03"]),
        ("暂扣许可证件", ["06"]),
        ("吊销执照", ["08"]),
        ("责令停产停业", ["10"]),
        ("其他", ["99"]),
        ("其他-责令改正", ["99"]),
        ("罚款;其他-责令改正、公开道歉", ["03", "99"]),
        ("其他-限制从业", ["12"]),
        ("其他（通报批评）", ["02"]),
        ("降低资质等级", ["07"]),
    ],
)
def test_kinds_are_read_from_old_wording_new_wording_and_codes(cell: str, kinds: list[str]) -> None:
    assert row_with(CF_CFLB=cell).record["penalty_kinds"] == kinds


@pytest.mark.parametrize("entry", codelist("penalty_kinds").entries, ids=lambda entry: entry.code)
def test_what_we_publish_for_a_kind_reads_back_as_that_kind(entry: Entry) -> None:
    record = row_with(CF_CFLB=entry.more["credit_publicity"], CF_NR=f"决定{entry.zh}。").record

    assert record["penalty_kinds"] == [entry.code]


@pytest.mark.parametrize("cell", ["罚站", "警告;罚站", "3", "14", "罚款5000元"])
def test_a_kind_that_is_in_no_list_is_at_fault_and_the_known_ones_are_named(cell: str) -> None:
    [told] = row_with(CF_CFLB=cell).faults
    fault = told.fault

    assert (told.heading, fault.code, fault.pointer) == ("CF_CFLB", "cell-wording", "/penalty_kinds")
    assert "通报批评" in fault.fix("zh")
    assert "罚站" not in fault.fix("zh") + fault.message("zh")


@pytest.mark.parametrize(
    ("content", "licence", "kinds"),
    [
        ("吊销食品经营许可证。", "", ["03", "08"]),
        ("暂扣三个月。", "样例许可证", ["03", "06"]),
        ("罚款。", "吊销样例许可证", ["03", "08"]),
    ],
)
def test_suspended_or_revoked_is_told_by_the_content_of_the_penalty(
    content: str, licence: str, kinds: list[str]
) -> None:
    row = row_with(CF_CFLB="罚款;暂扣或者吊销许可证、暂扣或者吊销执照", CF_NR=content, CF_NR_ZKDX=licence)

    assert row.record["penalty_kinds"] == kinds
    assert row.faults == ()


@pytest.mark.parametrize("content", ["罚款。", "暂扣后吊销。"])
def test_suspended_or_revoked_is_never_guessed(content: str) -> None:
    row = row_with(CF_CFLB="暂扣或者吊销许可证", CF_NR=content)

    assert codes(row.faults) == [("CF_CFLB", "kind-ambiguous")]
    assert "penalty_kinds" not in row.record


@pytest.mark.parametrize("column", [column.code for column in COLUMNS if column.read in ("code", "number")])
@pytest.mark.parametrize("cell", ["4.20102E+17", "4.2E17", "9e+17", "420102190001010000.0"])
def test_a_number_a_spreadsheet_has_rounded_is_never_taken(column: str, cell: str) -> None:
    row = row_with(**{column: cell})

    assert codes(row.faults) == [(column, "rounded-by-spreadsheet")]


@pytest.mark.parametrize(
    "cell", ["\t91420102MA9XYW0T35", "'91420102MA9XYW0T35", '="91420102MA9XYW0T35"', "91420102ma9xyw0t35"]
)
def test_what_typing_and_spreadsheets_put_around_a_code_is_taken_off(cell: str) -> None:
    assert row_with(CF_XDR_SHXYM=cell).record["party"]["credit_code"] == "91420102MA9XYW0T35"


@pytest.mark.parametrize(
    ("cell", "said"),
    [("'=1+1", "=1+1"), ("'－甲", "－甲"), ("'甲", "'甲"), ("''=1", "'=1"), ("=1+1", "=1+1")],
)
def test_the_apostrophe_that_keeps_a_text_from_being_a_formula_is_no_part_of_it(cell: str, said: str) -> None:
    assert row_with(CF_SY=cell).record["violation_facts"] == said


def test_a_control_character_is_at_fault() -> None:
    assert codes(row_with(CF_SY="违法\x07事实").faults) == [("CF_SY", "control-character")]


def test_the_placeholder_code_of_a_natural_person_means_no_code() -> None:
    placeholder = "0" * 17 + "X"

    person = row_with(CF_XDR_LB="自然人", CF_XDR_SHXYM=placeholder).record
    trader = row_with(CF_XDR_LB="个体工商户", CF_XDR_SHXYM=placeholder).record

    assert "credit_code" not in person["party"]
    assert ("/party/credit_code", "placeholder-code") in [
        (fault.pointer, fault.code) for fault in judge("penalty", trader, TODAY).faults
    ]


# --- what the uploader adds ---------------------------------------------------------------------


def test_the_uploader_gives_what_the_layout_lacks_and_the_source_where_the_file_is_silent() -> None:
    uploader = replace(UPLOADER, data_source_name="样例数据中心", data_source_code="1142010000999999X0")
    silent = {code: cell for code, cell in GOOD.items() if not code.startswith("CF_SJLY")}

    [said] = sheet_with(GOOD).rows(uploader)
    [unsaid] = sheet_with(silent).rows(uploader)

    assert (said.record["organisation"], said.record["region"], said.record["field"]) == (
        corpus.ORGANISATION,
        "420106",
        "market",
    )
    assert said.record["data_source"]["name"] == corpus.ORGAN_NAME
    assert unsaid.record["data_source"] == {"name": "样例数据中心", "credit_code": "1142010000999999X0"}


def test_the_name_of_one_source_is_never_joined_with_the_code_of_another() -> None:
    uploader = replace(UPLOADER, data_source_name="样例数据中心", data_source_code="1142010000999999X0")

    [row] = sheet_with(GOOD | {"CF_SJLYDM": ""}).rows(uploader)

    assert row.record["data_source"] == {"name": corpus.ORGAN_NAME}


def test_one_decision_over_two_parties_is_two_records_and_written_otherwise_still_the_same_two() -> None:
    first = row_with(CF_WSH="武市监处罚〔2026〕12号").record["source_id"]
    again = row_with(CF_WSH="武市监处罚[2026]第012号").record["source_id"]
    other = row_with(CF_WSH="武市监处罚〔2026〕12号", CF_XDR_SHXYM="91420102MA9XYW0T35").record["source_id"]

    assert first == again
    assert first != other
    assert first.startswith("武市监处罚〔2026〕12号#")
    assert len(first.rpartition("#")[2]) == 12


@pytest.mark.parametrize(
    "number",
    ["武市监处罚[2026]12号", "武市监处罚【2026】012号", "武市监处罚（2026）第12号", " 武市监处罚〔２０２６〕 12 号 "],
)
@pytest.mark.parametrize(
    ("numbers", "otherwise"),
    [
        ({"CF_XDR_ZZJG": "00999999-X"}, {"CF_XDR_ZZJG": "00999999x"}),
        ({"CF_XDR_GSZC": "420106000000001"}, {"CF_XDR_GSZC": "4201 0600 0000 001"}),
        ({"CF_XDR_MC": "武昌区样例（甲）便利店"}, {"CF_XDR_MC": "武昌区样例(甲) 便利店"}),
    ],
)
def test_one_party_of_one_decision_has_one_id_in_whatever_way_it_is_written(
    number: str, numbers: dict[str, str], otherwise: dict[str, str]
) -> None:
    unnumbered = {"CF_XDR_SHXYM": "", "CF_WSH": "武市监处罚〔2026〕12号"}

    first = row_with(**unnumbered | numbers).record["source_id"]
    again = row_with(**unnumbered | otherwise | {"CF_WSH": number}).record["source_id"]
    other = row_with(**unnumbered | {"CF_XDR_MC": "另一便利店"}).record["source_id"]

    assert first == again
    assert first != other


def test_the_source_id_of_a_party_cannot_be_told_without_the_key() -> None:
    sheet = sheet_with(GOOD)

    [ours] = sheet.rows(UPLOADER)
    [theirs] = sheet.rows(replace(UPLOADER, key=b"another key"))

    assert ours.record["source_id"] != theirs.record["source_id"]
    assert "a key for tests" not in repr(UPLOADER)


def test_a_missing_decision_number_is_told_once() -> None:
    sheet = sheet_with(GOOD | {"CF_WSH": "无"})
    row = only(sheet)

    told = judged(sheet, row)

    assert "source_id" not in row.record
    assert codes(told) == [("CF_WSH", "required-from-decision")]


def test_of_an_unread_cell_only_its_own_fault_is_told() -> None:
    sheet = sheet_with(GOOD | {"CF_XDR_LB": "外星人", "CF_CFJGDM": "1.14201E+17"})
    row = only(sheet)

    told = judged(sheet, row)

    assert codes(told) == [("CF_XDR_LB", "cell-wording"), ("CF_CFJGDM", "rounded-by-spreadsheet")]


# --- written back -------------------------------------------------------------------------------


def read_back(record: dict[str, Any]) -> dict[str, Any]:
    """What a file says that holds the one record, `source_id` left out: it depends on the key."""
    row = only(sheet_of(HEADINGS, cells(record)))
    assert row.faults == ()
    return {name: value for name, value in row.record.items() if name != "source_id"}


def test_a_penalty_is_written_as_the_cells_of_the_layout() -> None:
    record = corpus.penalty(
        1, kinds=["02", "03", "08"], party_kind="natural_person", fine_yuan="2000.50", remarks="备注一"
    )

    row = dict(zip(HEADINGS, cells(record), strict=True))

    assert row["行政相对人类别"] == "自然人"
    assert row["自然人证件类型"] == "身份证"
    assert row["处罚类别"] == "其他-通报批评;罚款;暂扣或者吊销许可证"
    assert row["罚款金额(万元)"] == "0.20005"
    assert row["没收违法所得、没收非法财物的金额(万元)"] == ""
    assert row["处罚决定日期"] == "2026-01-06"
    assert row["备注"] == "备注一"


@pytest.mark.parametrize(
    ("yuan", "cell"), [("0.01", "0.000001"), ("10000.00", "1"), ("1000000.00", "100"), ("0.00", "0")]
)
def test_yuan_are_written_as_ten_thousands_without_spare_noughts(yuan: str, cell: str) -> None:
    assert cells(corpus.penalty(1, kinds=["03"], fine_yuan=yuan))[HEADINGS.index("罚款金额(万元)")] == cell


@pytest.mark.parametrize("kinds", [["06"], ["08"], ["06", "08"], ["08", "03", "06"]])
@pytest.mark.parametrize("content", ["罚款。", "暂扣三个月。", "先暂扣后吊销。"])
def test_suspended_and_revoked_are_told_apart_when_read_again(kinds: list[str], content: str) -> None:
    record = corpus.penalty(1, kinds=kinds, penalty_content=content)

    assert read_back(record)["penalty_kinds"] == kinds


@given(n=st.integers(0, 100_000), data=st.data())
def test_what_was_written_says_the_same_when_it_is_read_again(n: int, data: st.DataObject) -> None:
    code = st.sampled_from([entry.code for entry in codelist("penalty_kinds")])
    words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).map(str.strip)
    record = corpus.penalty(
        n,
        region=UPLOADER.region,
        kinds=data.draw(st.lists(code, min_size=1, unique=True)),
        remarks=data.draw(words.filter(is_said)),
        valid_until=data.draw(st.none() | st.dates(date(2026, 1, 1), date(2099, 12, 31)).map(str)),
    )
    if data.draw(st.booleans()):
        record["party"]["registration_no"] = data.draw(st.text("0123456789", min_size=6, max_size=20))

    lost = not_held(record)

    assert lost == []
    assert read_back(record) == {name: value for name, value in record.items() if name != "source_id"}


def member(record: Any, at: str) -> Any:  # noqa: ANN401 – a member of JSON may be anything
    for name in at.split("/")[1:]:
        record = record.get(name) if isinstance(record, dict) else None
    return record


@pytest.mark.parametrize("example", [one for one in examples.examples("penalty") if one.kind == "valid"], ids=str)
def test_of_every_valid_example_what_the_layout_holds_comes_back(example: examples.Example) -> None:
    record = example.payload()

    again, lost = read_back(record), not_held(record)

    for column in COLUMNS:
        if column.pointer not in lost:
            assert member(again, column.pointer) == member(record, column.pointer), column.pointer
    assert not {column.pointer for column in COLUMNS} & set(lost)


def test_what_a_row_cannot_hold_is_named() -> None:
    record = corpus.penalty(
        1,
        kinds=["08"],
        licence="无",
        remarks=" 前后有空格 ",
        case_no="样例立〔2026〕1号",
        legal_review={"required": True},
        refs=[],
    )
    record["party"]["birthday"] = "1900-01-01"

    assert not_held(record) == ["/party/birthday", "/case_no", "/legal_review", "/refs", "/licence", "/remarks"]
