"""双公示 files: read as people make them, exact to the fen, every fault at its row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codelists import Entry, codelist
from schemas.faults import Fault
from schemas.judging import judge
from schemas.layouts.credit_publicity import BY_CODE, COLUMNS, Column, Row, Sheet, Uploader, column_named, read_csv
from tests import corpus

TODAY = date(2026, 11, 22)
UPLOADER = Uploader(organisation=corpus.ORGANISATION, region="420106", field="market", key=b"a key for tests")

GOOD = corpus.cells_of(corpus.penalty(1, kinds=["01", "03"], party_kind="sole_trader"), 0)


def file_of(*rows: Sequence[str], newline: str = "\r\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=newline).writerows(rows)
    return out.getvalue().encode()


def file_with(cells: dict[str, str], headings: dict[str, str] | None = None) -> bytes:
    """A file of one row, each column under its code or under the heading given for it."""
    return file_of([(headings or {}).get(code, code) for code in cells], list(cells.values()))


def row_with(**cells: str) -> Row:
    """The one row of a file that is good but for these cells."""
    return only(read_csv(file_with(GOOD | cells)))


def only(sheet: Sheet) -> Row:
    [row] = sheet.rows(UPLOADER)
    return row


def codes(faults: Sequence[tuple[str | None, Fault]]) -> list[tuple[str | None, str]]:
    return [(heading, fault.code) for heading, fault in faults]


# --- whole files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "headings", "delimiter"),
    [
        ("utf-8", "zh", ","),
        ("utf-8-sig", "code", ","),
        ("gb18030", "zh", "\t"),
        ("gb18030", "code", ","),
        ("utf-16", "zh", "\t"),
    ],
)
def test_of_two_hundred_rows_seven_are_named_by_number_column_and_fault(
    encoding: str, headings: Literal["zh", "code"], delimiter: str
) -> None:
    raw, broken = corpus.credit_publicity_csv(200, 7, encoding, headings, delimiter)

    sheet = read_csv(raw)
    rows = list(sheet.rows(UPLOADER))
    told = {row.number: sheet.told(row, judge("penalty", row.record, TODAY).faults) for row in rows}

    assert sheet.faults == ()
    assert [row.number for row in rows] == list(range(2, 202))
    assert len(broken) == 7
    assert {n: codes(faults) for n, faults in told.items() if faults} == {n: [fault] for n, fault in broken.items()}


def test_a_good_row_says_the_penalty_it_was_written_from() -> None:
    raw, _ = corpus.credit_publicity_csv(40, 0)

    rows = list(read_csv(raw).rows(UPLOADER))

    for n, row in enumerate(rows, start=1):
        expected = corpus.penalty(n, region=UPLOADER.region)
        assert {**row.record, "source_id": expected["source_id"]} == expected


def test_the_same_file_reads_the_same_under_another_encoding_separator_and_heading() -> None:
    plain = list(read_csv(corpus.credit_publicity_csv(30, 3)[0]).rows(UPLOADER))
    other = list(read_csv(corpus.credit_publicity_csv(30, 3, "gb18030", "code", "\t")[0]).rows(UPLOADER))

    assert [row.record for row in plain] == [row.record for row in other]


def test_a_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    quoted = '"行政相对人名称",' + ",".join(list(GOOD)[1:]) + "\n" + ",".join(GOOD.values()).replace("\n", "")

    sheet = read_csv(quoted.encode("utf-8-sig"))

    assert sheet.column_of("/party/name") == "行政相对人名称"
    assert sheet.extra == ()


def test_columns_may_stand_in_any_order_and_those_we_do_not_know_are_reported() -> None:
    turned = dict(reversed(GOOD.items()))

    sheet = read_csv(file_with({"序号": "1"} | turned | {"经办人": "样例"}))

    assert sheet.extra == ("序号", "经办人")
    assert sheet.faults == ()
    assert only(sheet).record == row_with().record


def test_a_missing_needed_column_is_reported_by_its_heading_and_no_row_is_read() -> None:
    sheet = read_csv(file_with({code: cell for code, cell in GOOD.items() if code not in ("CF_WSH", "CF_JDRQ")}))

    assert [fault.details["column"] for fault in sheet.faults] == ["行政处罚决定书文号", "处罚决定日期"]
    assert {fault.code for fault in sheet.faults} == {"column-missing"}
    assert not sheet.readable
    assert list(sheet.rows(UPLOADER)) == []


def test_a_column_that_stands_twice_is_refused() -> None:
    sheet = read_csv(file_with(GOOD | {"行政相对人名称": "又一个"}))

    assert [(fault.code, fault.details["column"]) for fault in sheet.faults] == [("column-twice", "行政相对人名称")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "layout-unknown"),
        (b"a,b\n1,2\n", "layout-unknown"),
        ("姓名,电话\n样例,0\n".encode(), "layout-unknown"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "encoding-unknown"),
        (b"\xff\xff\x80", "encoding-unknown"),
        (b'"CF_XDR_MC,CF_XDR_LB', "layout-unknown"),
    ],
)
def test_what_is_no_such_file_is_refused_as_a_whole(raw: bytes, code: str) -> None:
    sheet = read_csv(raw)

    assert [fault.code for fault in sheet.faults] == [code]
    assert list(sheet.rows(UPLOADER)) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_row_numbers_are_those_a_spreadsheet_shows(newline: str) -> None:
    header, good = list(GOOD), list(GOOD.values())
    blank, slashes = [""] * len(header), ["/"] * len(header)
    long = list((GOOD | {"CF_SY": "第一行\n第二行\r\n第三行"}).values())

    rows = list(read_csv(file_of(header, good, blank, long, [], slashes, good, newline=newline)).rows(UPLOADER))

    assert [row.number for row in rows] == [2, 4, 7]
    assert rows[1].record["violation_facts"] == "第一行\n第二行\n第三行"


def test_a_second_header_row_is_no_penalty() -> None:
    raw = file_of([BY_CODE[code].heading for code in GOOD], list(GOOD), list(GOOD.values()))

    assert [row.number for row in read_csv(raw).rows(UPLOADER)] == [3]


def test_a_stray_quote_ends_the_reading_with_a_fault_at_its_row() -> None:
    raw = file_of(list(GOOD), list(GOOD.values())) + b'"a"b,\r\n' + file_of(list(GOOD.values()))

    rows = list(read_csv(raw).rows(UPLOADER))

    assert [(row.number, codes(row.faults)) for row in rows] == [(2, []), (3, [("", "quotes-broken")])]


def test_a_row_longer_than_the_header_is_at_fault_unless_the_rest_is_empty() -> None:
    header, good = list(GOOD), list(GOOD.values())

    spare, over = read_csv(file_of(header, [*good, "", "/"], [*good, "多"])).rows(UPLOADER)

    assert spare.faults == ()
    assert codes(over.faults) == [("", "row-too-long")]


def test_a_short_row_simply_lacks_its_last_cells() -> None:
    header, good = [*GOOD, "CF_YXQ"], list(GOOD.values())

    assert only(read_csv(file_of(header, good))).record == row_with().record


@given(raw=st.binary(max_size=300))
def test_no_bytes_make_the_reader_fall_over(raw: bytes) -> None:
    list(read_csv(raw).rows(UPLOADER))


@given(cell=st.text(max_size=30), column=st.sampled_from(COLUMNS))
def test_no_cell_makes_the_reader_fall_over_and_every_fault_can_be_said(cell: str, column: Column) -> None:
    cell = cell.encode("utf-8", "replace").decode().replace("\0", "")
    sheet = read_csv(file_with(GOOD | {column.code: cell}))

    for row in sheet.rows(UPLOADER):
        for heading, fault in row.faults:
            assert heading == column.code
            assert fault.message("zh")
            assert fault.message("en")
            assert fault.fix("zh")
            assert fault.fix("en")


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
        ("备注", "BZ"),
    ],
)
def test_a_heading_is_known_in_the_ways_people_write_it(heading: str, code: str) -> None:
    column = column_named(heading)

    assert column is not None
    assert column.code == code


@pytest.mark.parametrize("heading", ["", "经办人", "CF_NEW", "金额"])
def test_a_heading_of_no_item_is_not_guessed(heading: str) -> None:
    assert column_named(heading) is None


def test_no_name_of_a_column_is_also_that_of_another() -> None:
    for column in COLUMNS:
        for name in (column.code, column.heading, *column.also):
            assert column_named(name) is column


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
    sheet = read_csv(file_with(GOOD | {"CF_NR_FK": "0.2"}, {"CF_NR_FK": heading}))

    assert only(sheet).record["fine_yuan"] == yuan
    assert [fault.code for fault in sheet.faults] == warnings
    assert sheet.readable


def test_a_pointer_of_a_later_fault_leads_back_to_the_column_as_the_file_names_it() -> None:
    sheet = read_csv(file_with(GOOD, {"CF_XDR_SHXYM": "统一社会信用代码", "CF_CFLB": "处罚类别"}))

    assert sheet.column_of("/party/credit_code") == "统一社会信用代码"
    assert sheet.column_of("/penalty_kinds/0") == "处罚类别"
    assert sheet.column_of("/source_id") == "CF_WSH"
    assert sheet.column_of("/organ") == "CF_CFJG"
    assert sheet.column_of("/party/legal_representative") == "法定代表人"
    assert sheet.column_of("/region") is None


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
    [(heading, fault)] = row_with(CF_CFLB=cell).faults

    assert (heading, fault.code, fault.pointer) == ("CF_CFLB", "cell-wording", "/penalty_kinds")
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

    [said] = read_csv(file_with(GOOD)).rows(uploader)
    [unsaid] = read_csv(file_with(silent)).rows(uploader)

    assert (said.record["organisation"], said.record["region"], said.record["field"]) == (
        corpus.ORGANISATION,
        "420106",
        "market",
    )
    assert said.record["data_source"]["name"] == corpus.ORGAN_NAME
    assert unsaid.record["data_source"] == {"name": "样例数据中心", "credit_code": "1142010000999999X0"}


def test_the_name_of_one_source_is_never_joined_with_the_code_of_another() -> None:
    uploader = replace(UPLOADER, data_source_name="样例数据中心", data_source_code="1142010000999999X0")

    [row] = read_csv(file_with(GOOD | {"CF_SJLYDM": ""})).rows(uploader)

    assert row.record["data_source"] == {"name": corpus.ORGAN_NAME}


def test_one_decision_over_two_parties_is_two_records_and_written_otherwise_still_the_same_two() -> None:
    first = row_with(CF_WSH="武市监处罚〔2026〕12号").record["source_id"]
    again = row_with(CF_WSH="武市监处罚[2026]第012号").record["source_id"]
    other = row_with(CF_WSH="武市监处罚〔2026〕12号", CF_XDR_SHXYM="91420102MA9XYW0T35").record["source_id"]

    assert first == again
    assert first != other
    assert first.startswith("武市监处罚〔2026〕12号#")
    assert len(first.rpartition("#")[2]) == 12


def test_the_source_id_of_a_party_cannot_be_told_without_the_key() -> None:
    sheet = read_csv(file_with(GOOD))

    [ours] = sheet.rows(UPLOADER)
    [theirs] = sheet.rows(replace(UPLOADER, key=b"another key"))

    assert ours.record["source_id"] != theirs.record["source_id"]
    assert "a key for tests" not in repr(UPLOADER)


def test_a_missing_decision_number_is_told_once() -> None:
    sheet = read_csv(file_with(GOOD | {"CF_WSH": "无"}))
    row = only(sheet)

    told = sheet.told(row, judge("penalty", row.record, TODAY).faults)

    assert "source_id" not in row.record
    assert codes(told) == [("CF_WSH", "required-from-decision")]


def test_of_an_unread_cell_only_its_own_fault_is_told() -> None:
    sheet = read_csv(file_with(GOOD | {"CF_XDR_LB": "外星人", "CF_CFJGDM": "1.14201E+17"}))
    row = only(sheet)

    told = sheet.told(row, judge("penalty", row.record, TODAY).faults)

    assert codes(told) == [("CF_XDR_LB", "cell-wording"), ("CF_CFJGDM", "rounded-by-spreadsheet")]
