"""Files as agencies keep them, odd as they are, and files that are none: what of them is stored, to the last member."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from app.exchange.import_file import import_file
from schemas.layouts import credit_publicity_2015, own, wuhan
from schemas.layouts.credit_publicity import ALIASES
from tests import corpus
from tests import workbooks as odd
from tests.api.promises import PUSH, rows, told, trail
from tests.api.sending_files import (
    CODES,
    FILES,
    HEADINGS,
    SHEET,
    cells,
    counts,
    publicity,
    room,
    sent,
    taken_in,
    workbook,
)
from tests.conftest import Service

CORRECT = {"on_change": "correct", "reason_code": "typing_error", "reason_text": "录入时写错"}

Json = dict[str, Any]
Told = tuple[str, int | None, str | None, str]
"""Of a rejected row: sheet, row, column, code."""

_NAME_HERE, _CODE_HERE = "武汉市市场监督管理局（演示）", corpus.ORGANISATION


NOT_IN_OLDER_LAYOUTS = (("not-in-layout", "违法行为类型"), ("not-in-layout", "罚款金额(元)"))


@dataclass(frozen=True)
class Shape:
    """A file, what must be stored of it, and what must be told."""

    content: bytes
    records: Sequence[Json]
    name: str = "双公示.xlsx"
    layout: str = "credit-publicity-2018"
    warnings: frozenset[tuple[str, str | None]] = frozenset()
    rejected: Sequence[Told] = ()


SHAPES: dict[str, Callable[[], Shape]] = {}


def shape(made: Callable[[], Shape]) -> Callable[[], Shape]:
    """One shape met in the wild, called as its function is."""
    SHAPES[made.__name__] = made
    return made


# --- what must be stored --------------------------------------------------------------------------


def stored(n: int, kinds: list[str] | None = None, **changes: object) -> Json:
    """The corpus' penalty of this number as it is held once a file brought it; None takes a member out."""
    record = corpus.penalty(n, region="420100", kinds=kinds) | changes
    return {name: value for name, value in record.items() if value is not None} | {"source_id": source_id(record)}


def source_id(record: Mapping[str, Any]) -> str:
    """The decision's number and a mark of the party, made with the key of the tests' room."""
    party = record["party"]
    whom = next(party[name] for name in ("credit_code", "id_no", "organisation_code", "name") if name in party)
    mark = hmac.new(b"key for tests", whom.encode(), hashlib.sha256).hexdigest()[:12]
    return f"{record['decision_no']}#{mark}"


async def held(service: Service) -> list[Json]:
    """Everything that is held, by source_id."""
    query = (
        "SELECT payload FROM version JOIN record ON record.id = version.record_id ORDER BY source_id, version.version"
    )
    async with service.shop.engine.connect() as conn:
        return [json.loads(payload) for payload in (await conn.execute(text(query))).scalars()]


def row(n: int, **changes: str) -> list[str]:
    """A row of 双公示 in the order of the layout."""
    return [cells(n, **changes).get(code, "") for code in CODES]


def filled(fill: Callable[[odd.Workbook], None]) -> bytes:
    """A workbook made by a function."""
    return odd.written(fill, in_memory=True)


def put_all(sheet: odd.Workbook, rows: Sequence[Sequence[str]], first: int = 0) -> None:
    """Write rows below each other, texts as texts."""
    for number, cells_ in enumerate(rows, start=first):
        for place, cell in enumerate(cells_):
            if cell:
                sheet.write_string(number, place, cell)


def delimited(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    """Rows as a text, with the line ends of Windows."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


# --- the layout of 2018, in the ways people write it ------------------------------------------------


@shape
def a_title_over_the_header_in_merged_cells_and_a_line_with_unit_and_date() -> Shape:
    def fill(book: odd.Workbook) -> None:
        sheet = book.add_worksheet("行政处罚")
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "武汉市行政处罚信用信息公示表（2026年9月）")
        sheet.merge_range(1, 0, 1, 4, "填报单位：某某局")
        sheet.merge_range(1, 5, 1, 9, "填报日期：2026年9月30日")
        put_all(sheet, [HEADINGS, row(1), row(2), row(3)], first=2)

    return Shape(filled(fill), [stored(n) for n in (1, 2, 3)])


@shape
def codes_in_a_row_of_their_own_under_the_chinese_headings() -> Shape:
    return Shape(workbook((SHEET, [HEADINGS, CODES, row(1), row(2)])), [stored(1), stored(2)])


@shape
def headings_with_stars_brackets_blanks_and_line_breaks() -> Shape:
    ways: Sequence[Callable[[str], str]] = (
        lambda heading: f"{heading}\n（必填）",
        lambda heading: f"*{heading}",
        lambda heading: f" {heading[:2]} {heading[2:]}　",
        lambda heading: f"★{heading}(选填)",
        lambda heading: heading.replace("(", "（").replace(")", "）"),
    )
    headings = [ways[place % len(ways)](heading) for place, heading in enumerate(HEADINGS)]
    return Shape(workbook((SHEET, [headings, row(4), row(5)])), [stored(4), stored(5)])


@shape
def a_running_number_before_and_columns_of_ones_own_behind() -> Shape:
    table = [["序号", *HEADINGS, "审核人", "上报状态"]]
    table += [[str(n), *row(n), "已审", "未上报"] for n in (1, 2)]
    # Numbers are filled down to the end of the printed page.
    table += [[str(n)] for n in range(3, 40)]
    return Shape(workbook((SHEET, table)), [stored(1), stored(2)], warnings=frozenset([("columns-not-read", None)]))


@shape
def columns_in_another_order_and_only_the_needed_ones() -> Shape:
    kept = [
        code
        for code in reversed(CODES)
        if code not in ("BZ", "CF_YXQ", "CF_GSJZQ", "CF_SJLY", "CF_SJLYDM", "CF_XDR_SWDJ", "CF_XDR_SYDW", "CF_XDR_SHZZ")
    ]
    headings = [HEADINGS[CODES.index(code)] for code in kept]
    table = [headings, *([cells(n).get(code, "") for code in kept] for n in (1, 2))]
    source = {"name": _NAME_HERE, "credit_code": _CODE_HERE}
    records = [stored(n, publicity_until=None, data_source=source) for n in (1, 2)]
    return Shape(workbook((SHEET, table)), records)


@shape
def a_sheet_with_instructions_first() -> Shape:
    said = [["填表说明"], ["一、行政相对人名称：填写全称。"], ["二、处罚类别：多项以分号隔开。"]]
    return Shape(
        workbook(("填表说明", said), (SHEET, [HEADINGS, row(1)])),
        [stored(1)],
        warnings=frozenset([("sheet-not-read", None)]),
    )


PERMIT_HEADINGS = (
    *HEADINGS[:13],
    "行政许可决定文书名称",
    "行政许可决定文书号",
    "许可类别",
    "许可证书名称",
    "许可编号",
    "许可内容",
    "许可决定日期",
    "有效期自",
    "有效期至",
    "许可机关",
    "许可机关统一社会信用代码",
    "当前状态",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
    "备注",
)


def permit(n: int) -> list[str]:
    """A row of the sheet of permits, which has the same parties."""
    said = ["准予许可决定书", f"武市许〔2026〕{n}号", "普通", "样例许可证", f"XK{n}", "准予许可", "2026-03-02"]
    return [*row(n)[:13], *said, "2026-03-02", "2030-03-01", corpus.ORGAN_NAME, corpus.ORGANISATION, "1", "", "", ""]


@shape
def permits_on_the_first_sheet_and_penalties_on_the_second() -> Shape:
    return Shape(
        workbook(
            ("行政许可", [PERMIT_HEADINGS, permit(1), permit(2)]), ("行政处罚", [HEADINGS, row(1), row(2), row(3)])
        ),
        [stored(n) for n in (1, 2, 3)],
        warnings=frozenset([("sheet-not-read", None)]),
    )


@shape
def a_sheet_for_each_month_one_of_them_without_a_case() -> Shape:
    months = {"1月": [1, 2], "2月": [], "3月": [3]}
    return Shape(
        workbook(*((name, [HEADINGS, *map(row, numbers)]) for name, numbers in months.items()), ("Sheet4", [])),
        [stored(n) for n in (1, 2, 3)],
    )


@shape
def a_template_with_an_example_on_a_hidden_sheet() -> Shape:
    def fill(book: odd.Workbook) -> None:
        hidden, shown = book.add_worksheet("模板"), book.add_worksheet("数据")
        put_all(hidden, [HEADINGS, row(99)])
        put_all(shown, [HEADINGS, row(1)])
        shown.activate()
        shown.set_first_sheet()
        hidden.very_hidden()

    return Shape(filled(fill), [stored(1)], warnings=frozenset([("sheet-hidden", None)]))


@shape
def a_row_of_totals_at_the_end() -> Shape:
    totals = [""] * len(CODES)
    totals[0], totals[CODES.index("CF_NR_FK")] = "合计", "12.5"
    signed = ["填表人：样例甲    审核人：样例乙"]
    content = workbook((SHEET, [HEADINGS, row(1), row(2), totals, signed, ["注：本表每月五日前报送。"]]))
    return Shape(content, [stored(1), stored(2)])


@shape
def days_as_cells_of_a_spreadsheet_in_several_formats() -> Shape:
    formats = ("yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "m/d/yy", "[$-804]aaaa, yyyy/m/d", "yyyy-mm-dd hh:mm:ss")

    def fill(book: odd.Workbook) -> None:
        sheet = book.add_worksheet(SHEET)
        put_all(sheet, [HEADINGS])
        for number, code in enumerate(formats, start=1):
            style = book.add_format({"num_format": code})
            put_all(sheet, [row(number)], first=number)
            record = corpus.penalty(number)
            for name, at in (("CF_JDRQ", "decided_on"), ("CF_GSJZQ", "publicity_until")):
                sheet.write_datetime(number, CODES.index(name), date.fromisoformat(record[at]), style)
        # Typed without separators it is a number, and stays one.
        put_all(sheet, [row(6)], first=6)
        sheet.write_number(6, CODES.index("CF_JDRQ"), int(corpus.penalty(6)["decided_on"].replace("-", "")))

    return Shape(filled(fill), [stored(n) for n in range(1, 7)])


@shape
def codes_typed_as_numbers_the_long_ones_past_mending() -> Shape:
    person = corpus.penalty(3, party_kind="natural_person")

    def fill(book: odd.Workbook) -> None:
        sheet = book.add_worksheet(SHEET)
        put_all(sheet, [HEADINGS, row(1), row(2)])
        sheet.write_number(1, CODES.index("CF_XDR_GSZC"), 420106000012345)
        sheet.write_number(2, CODES.index("CF_CFJGDM"), 114201000099999910)
        put_all(sheet, [[corpus.cells_of(person, 3).get(code, "") for code in CODES]], first=3)
        sheet.write_number(3, CODES.index("CF_XDR_ZJHM"), int(person["party"]["id_no"].replace("X", "0")))

    first = corpus.penalty(1)
    return Shape(
        filled(fill),
        [stored(1, party=first["party"] | {"registration_no": "420106000012345"})],
        rejected=[
            (SHEET, 3, "处罚机关统一社会信用代码", "rounded-by-spreadsheet"),
            (SHEET, 4, "自然人证件号码", "rounded-by-spreadsheet"),
        ],
    )


def fined(n: int, cell: str) -> list[str]:
    """A row with a fine and nothing that names another amount."""
    cells_ = corpus.cells_of(corpus.penalty(n, kinds=["01", "03"]), n)
    return [(cells_ | {"CF_NR_FK": cell}).get(code, "") for code in CODES]


@shape
def amounts_as_texts_with_their_unit_and_signs() -> Shape:
    ways = {1: "0.2万元", 2: "１.5", 3: " 1,234.5 万元 ", 4: "0.000001", 5: "3"}
    yuan = {1: "2000.00", 2: "15000.00", 3: "12345000.00", 4: "0.01", 5: "30000.00"}
    wrong = {6: "2000元", 7: "约2", 8: "2E-1"}
    content = workbook((SHEET, [HEADINGS, *(fined(n, cell) for n, cell in (ways | wrong).items())]))
    return Shape(
        content,
        [stored(n, kinds=["01", "03"], fine_yuan=amount) for n, amount in yuan.items()],
        rejected=[
            (SHEET, 7, "罚款金额(万元)", "cell-amount"),
            (SHEET, 8, "罚款金额(万元)", "cell-amount"),
            (SHEET, 9, "罚款金额(万元)", "cell-amount"),
        ],
    )


@shape
def a_column_of_fines_in_yuan() -> Shape:
    headings = [
        "罚款金额（元）" if code == "CF_NR_FK" else heading for code, heading in zip(CODES, HEADINGS, strict=True)
    ]
    content = workbook((SHEET, [headings, fined(1, "2000"), fined(2, "1500.50元")]))
    records = [stored(1, kinds=["01", "03"], fine_yuan="2000.00"), stored(2, kinds=["01", "03"], fine_yuan="1500.50")]
    return Shape(content, records)


@shape
def a_column_of_fines_that_names_no_unit() -> Shape:
    headings = ["罚款金额" if code == "CF_NR_FK" else heading for code, heading in zip(CODES, HEADINGS, strict=True)]
    return Shape(
        workbook((SHEET, [headings, fined(1, "0.2")])),
        [stored(1, kinds=["01", "03"], fine_yuan="2000.00")],
        warnings=frozenset([("unit-assumed", None)]),
    )


@shape
def cells_without_references_as_other_programs_write_them() -> Shape:
    table = [HEADINGS, row(1), row(2)]
    texts = list(dict.fromkeys(cell for line in table for cell in line))

    def xml(line: Sequence[str]) -> str:
        return "".join(f'<c t="s"><v>{texts.index(cell)}</v></c>' if cell else "<c/>" for cell in line)

    sheet = odd.sheet_xml("".join(f"<row>{xml(line)}</row>" for line in table))
    return Shape(odd.book_of(sheet, strings=odd.plain_strings_xml(texts)), [stored(1), stored(2)])


@shape
def formulas_with_and_without_a_kept_result() -> Shape:
    def fill(book: odd.Workbook) -> None:
        sheet = book.add_worksheet(SHEET)
        put_all(sheet, [HEADINGS, row(1), row(2), row(3)])
        sheet.write_formula(1, CODES.index("CF_CFJG"), '="武汉市"&"样例监督管理局"', None, corpus.ORGAN_NAME)
        sheet.write_formula(3, CODES.index("CF_SY"), "=A1", None, "#REF!")

    # XlsxWriter always keeps a result; a program that does not calculate leaves it out.
    parts = dict(zipped_parts(filled(fill)))
    xml = parts["xl/worksheets/sheet1.xml"].decode()
    at = f"{_letters(CODES.index('CF_NR'))}3"
    start = xml.index(f'<c r="{at}"')
    end = xml.index("</c>", start) + len("</c>")
    parts["xl/worksheets/sheet1.xml"] = (xml[:start] + f'<c r="{at}"><f>A1</f></c>' + xml[end:]).encode()
    return Shape(
        odd.zipped(parts),
        [stored(1)],
        warnings=frozenset([("formula-value", "处罚机关")]),
        rejected=[(SHEET, 3, "处罚内容", "formula-without-value"), (SHEET, 4, "违法事实", "cell-error")],
    )


def zipped_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """What is in a zip file."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            yield name, file.read(name)


def _letters(place: int) -> str:
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


@shape
def blank_rows_between_and_the_header_on_every_printed_page() -> Shape:
    nothing = ["/", " ", "无", "　"]
    table = [[], HEADINGS, row(1), [], nothing, row(2), [], HEADINGS, CODES, row(3), [""] * 30]
    return Shape(workbook((SHEET, table)), [stored(n) for n in (1, 2, 3)])


@shape
def cells_merged_over_several_rows_of_data() -> Shape:
    def fill(book: odd.Workbook) -> None:
        sheet = book.add_worksheet(SHEET)
        put_all(sheet, [HEADINGS, row(1), row(2), row(3)])
        at = CODES.index("CF_SY")
        sheet.merge_range(1, at, 2, at, "同一违法事实")

    return Shape(
        filled(fill),
        [stored(3)],
        rejected=[(SHEET, 2, "违法事实", "cells-merged"), (SHEET, 3, "违法事实", "cells-merged")],
    )


@shape
def a_workbook_with_pictures_notes_filters_and_frozen_rows() -> Shape:
    def fill(book: odd.Workbook) -> None:
        sheet = book.add_worksheet(SHEET)
        red = book.add_format({"bg_color": "#FFC7CE", "bold": True, "text_wrap": True})
        put_all(sheet, [HEADINGS, row(1), row(2)])
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, 2, len(HEADINGS) - 1)
        sheet.write_comment(1, 1, "请核对")
        sheet.insert_image(5, 0, "公章.png", {"image_data": io.BytesIO(png())})
        sheet.conditional_format(1, 0, 900, 20, {"type": "duplicate", "format": red})
        sheet.data_validation(1, 1, 900, 1, {"validate": "list", "source": ["自然人", "个体工商户"]})
        sheet.set_column(0, 60, 18, red)
        sheet.write_rich_string(1, 0, red, "武汉样例", "第1商贸有限公司")

    party = corpus.penalty(1)["party"] | {"name": "武汉样例第1商贸有限公司"}
    return Shape(filled(fill), [stored(1, party=party), stored(2)])


def png() -> bytes:
    """A picture of one grey dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


# --- delimited texts --------------------------------------------------------------------------------


@shape
def a_text_saved_by_excel_in_gbk_with_tabs_and_codes_made_texts() -> Shape:
    table = [HEADINGS, row(1), row(2)]
    for line in table[1:]:
        line[CODES.index("CF_CFJGDM")] = f'="{line[CODES.index("CF_CFJGDM")]}"'
        line[CODES.index("CF_SJLYDM")] = "'" + line[CODES.index("CF_SJLYDM")]
    content = delimited(table, delimiter="\t").encode("gbk")
    return Shape(content, [stored(1), stored(2)], name="双公示.txt")


@shape
def a_csv_with_semicolons_and_a_byte_order_mark() -> Shape:
    content = delimited([HEADINGS, row(1), row(2), row(3)], delimiter=";").encode("utf-8-sig")
    return Shape(content, [stored(n) for n in (1, 2, 3)], name="双公示.csv")


@shape
def unicode_text_as_excel_calls_utf_16_with_tabs() -> Shape:
    content = delimited([HEADINGS, row(1), row(2)], delimiter="\t").encode("utf-16")
    return Shape(content, [stored(1), stored(2)], name="双公示.csv")


@shape
def a_csv_of_codes_alone_in_gb18030_with_rare_characters() -> Shape:
    party = corpus.penalty(1)["party"] | {"name": "武汉𬭎㙍样例商贸有限公司"}
    cells_ = cells(1, CF_XDR_MC="武汉𬭎㙍样例商贸有限公司")
    content = delimited([CODES, [cells_.get(code, "") for code in CODES]]).encode("gb18030")
    return Shape(content, [stored(1, party=party)], name="CF.CSV")


# --- other layouts ----------------------------------------------------------------------------------


def ids_of_the_national_platform() -> dict[str, str]:
    """Code → id."""
    return {code: alias for alias, code in ALIASES.items()}


@shape
def the_ids_under_which_the_national_platform_shows_the_items() -> Shape:
    ids = ids_of_the_national_platform()
    companies = [n for n in range(1, 40) if corpus.penalty(n)["party"]["kind"] == "legal_person"][:2]
    headings = [ids.get(code, code) for code in CODES]
    content = workbook((SHEET, [headings, *map(row, companies)]))
    return Shape(content, [stored(n) for n in companies])


def record_of_2015(n: int, *, remarks: str, organ_here: bool, **changes: object) -> Json:
    """What the older layouts tell of the n-th penalty."""
    full = corpus.penalty(n, region="420100", kinds=["01", "03"], party_kind="legal_person")
    party = {name: full["party"][name] for name in ("name", "kind", "credit_code")}
    party["legal_representative"] = {"name": full["party"]["legal_representative"]["name"]}
    said = ("record_type", "organisation", "region", "field", "decision_no", "violation_facts", "legal_basis")
    record = {name: full[name] for name in (*said, "penalty_kinds", "penalty_content", "decided_on")}
    record |= {
        "party": party,
        "remarks": remarks,
        "organ": {"name": _NAME_HERE, "credit_code": _CODE_HERE} if organ_here else {"name": corpus.ORGAN_NAME},
        "data_source": {"name": _NAME_HERE, "credit_code": _CODE_HERE},
        **changes,
    }
    return record | {"source_id": source_id(record)}


def cells_of_2015(n: int, organ: str) -> dict[str, str]:
    """The cells of the n-th penalty in the older layouts, by code."""
    full = corpus.penalty(n, kinds=["01", "03"], party_kind="legal_person")
    return {
        "CF_WSH": full["decision_no"],
        "CF_CFMC": f"样例案{n}",
        "CF_AJMC": f"样例案{n}",
        "CF_CFLB1": "警告",
        "CF_CFLB2": "罚款",
        "CF_SY": full["violation_facts"],
        "CF_YJ": full["legal_basis"],
        "CF_XDR_MC": full["party"]["name"],
        "CF_XDR_SHXYM": full["party"]["credit_code"],
        "CF_FR": full["party"]["legal_representative"]["name"],
        "CF_JG": full["penalty_content"],
        "CF_JDRQ": full["decided_on"].replace("-", "/"),
        "CF_XZJG": organ,
        "CF_ZT": "0",
        "DFBM": "420100",
        "SJC": "2026/9/30 10:00:00",
    }


_NOT_IN_2015 = frozenset(
    [
        *NOT_IN_OLDER_LAYOUTS,
        ("columns-unused", None),
    ]
)


@shape
def a_file_of_2015_by_its_codes_alone() -> Shape:
    codes = [column.code for column in credit_publicity_2015.COLUMNS]
    table = [codes, *([cells_of_2015(n, _NAME_HERE).get(code, "") for code in codes] for n in (1, 2))]
    return Shape(
        workbook(("Sheet1", table)),
        [record_of_2015(n, remarks=f"案件名称：样例案{n}", organ_here=True) for n in (1, 2)],
        name="xzcf.xlsx",
        layout="credit-publicity-2015",
        warnings=_NOT_IN_2015,
    )


@shape
def wuhans_old_template_of_two_sheets_with_its_explanations() -> Shape:
    codes = [column.code for column in wuhan.COLUMNS]
    said = {n: cells_of_2015(n, _NAME_HERE) | {"CF_CFLB1": "警告;罚款", "CF_CFMC": "/"} for n in (1, 2)}
    headings = [column.heading for column in wuhan.COLUMNS]

    def fill(book: odd.Workbook) -> None:
        permits, penalties = book.add_worksheet("行政许可"), book.add_worksheet("行政处罚")
        put_all(permits, [["武汉市行政许可信息"], ["表格说明：每月 5 日前报送"], PERMIT_HEADINGS, permit(1)])
        penalties.merge_range(0, 0, 0, len(codes) - 1, "武汉市行政处罚信息（2016年9月）")
        put_all(penalties, [headings, ["必填"] * len(codes)], first=1)
        put_all(penalties, [[said[1].get(code, "无") for code in codes]], first=3)
        put_all(penalties, [["表格说明：没有内容的填“/”或“无”"], [said[2].get(code, "/") for code in codes]], first=4)

    return Shape(
        filled(fill),
        [record_of_2015(n, remarks=f"案件名称：样例案{n}", organ_here=True) for n in (1, 2)],
        layout="wuhan-penalties",
        warnings=_NOT_IN_2015 | {("sheet-not-read", None)},
    )


@shape
def our_own_layout_with_what_no_other_holds() -> Shape:
    ours = own.layout_of("penalty")
    records = [
        corpus.penalty(n, filed_on="2026-01-04", case_no=f"武市监立〔2026〕{n}号", remarks="=1+1") for n in (1, 2)
    ]
    columns = ours.shown(own.counted("penalty", records))
    table = [
        [column.heading for column in columns],
        [column.code for column in columns],
        *(ours.cells(record, columns) for record in records),
    ]
    return Shape(workbook(("行政处罚", table)), records, layout="liandong-penalty")


@pytest.mark.parametrize("made", SHAPES.values(), ids=SHAPES.keys())
async def test_a_file_of_this_shape_is_stored_to_the_last_member(service: Service, made: Callable[[], Shape]) -> None:
    agency = await service.client("market-city")
    file_ = made()

    file = await taken_in(service, agency, file_.content, file_.name)

    assert file["state"] == "done", file["faults"]
    assert file["layout"]["code"] == file_.layout
    faults = [(one["sheet"], one["row"], one["column"], one["code"]) for one in file["faults"]]
    assert sorted(faults, key=str) == sorted(file_.rejected, key=str)
    assert await held(service) == sorted(file_.records, key=lambda record: record["source_id"])
    assert {(one["code"], one["column"]) for one in file["warnings"]} == file_.warnings
    assert counts(file) == (
        len(file_.records) + len({one[:2] for one in file_.rejected}),
        len(file_.records),
        0,
        len({one[:2] for one in file_.rejected}),
    )


# --- what is no such file ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Refused:
    """A file of which nothing can be taken, and the codes of what is told. `limits`: smaller ones than usual."""

    content: bytes
    codes: Sequence[str]
    name: str = "双公示.xlsx"
    limits: Mapping[str, int] = field(default_factory=dict)


REFUSED: dict[str, Callable[[], Refused]] = {}


def refused(made: Callable[[], Refused]) -> Callable[[], Refused]:
    """One file that is none, called as its function is."""
    REFUSED[made.__name__] = made
    return made


def _raw(rows: Sequence[Sequence[str]]) -> str:
    """Rows as they stand inside `sheetData`, texts in their cells."""
    return "".join(
        f'<row r="{number}">'
        + "".join(f'<c r="{_letters(place)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>' for place, cell in line)
        + "</row>"
        for number, line in ((number, enumerate(cells_)) for number, cells_ in enumerate(rows, start=1))
    )


@refused
def a_zip_bomb() -> Refused:
    sheet = odd.sheet_xml(_raw([HEADINGS, row(1)]) + " " * (64 * 1024 * 1024))
    return Refused(odd.book_of(sheet), ["unpacks-too-large"], limits={"unpacked_bytes": 16 * 1024 * 1024})


@refused
def a_zip_file_whose_parts_share_their_bytes() -> Refused:
    content = publicity([cells(1)])
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        infos = {info.filename: info.header_offset for info in file.infolist()}
    one, other = infos["xl/workbook.xml"], infos["xl/worksheets/sheet1.xml"]
    start = content.index(b"PK\x01\x02")
    # In the list at the end the sheet is said to be where the workbook is.
    changed = content[:start] + content[start:].replace(struct.pack("<I", other), struct.pack("<I", one), 1)
    return Refused(changed, ["file-broken"])


@refused
def a_header_and_a_million_empty_rows() -> Refused:
    sheet = io.StringIO()
    sheet.write(_raw([HEADINGS]))
    sheet.writelines(f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(2, 1_048_577))
    return Refused(odd.book_of(odd.sheet_xml(sheet.getvalue())), ["no-rows"])


@refused
def a_million_empty_lines() -> Refused:
    return Refused(b"\r\n" * 1_000_000, ["file-empty"], name="空.csv")


@refused
def three_hundred_columns() -> Refused:
    table = [[*HEADINGS, *(f"列{n}" for n in range(31, 301))], [*row(1), *("x" for _ in range(31, 301))]]
    return Refused(workbook((SHEET, table)), ["too-many-columns"])


@refused
def three_hundred_columns_of_text() -> Refused:
    table = [[*HEADINGS, *(f"列{n}" for n in range(31, 301))], [*row(1), *("x" for _ in range(31, 301))]]
    return Refused(delimited(table).encode(), ["too-many-columns"], name="双公示.csv")


@refused
def more_rows_than_are_taken() -> Refused:
    return Refused(publicity([cells(n) for n in range(1, 32)]), ["too-many-rows"], limits={"rows": 30})


@refused
def rows_without_a_header() -> Refused:
    return Refused(workbook((SHEET, [row(1), row(2)])), ["layout-unknown"])


@refused
def a_second_header_with_other_columns_below() -> Refused:
    other = [*reversed(HEADINGS)]
    content = workbook((SHEET, [HEADINGS, row(1), [], other, [*reversed(row(2))]]))
    return Refused(content, ["header-twice"])


@refused
def a_header_without_rows() -> Refused:
    return Refused(workbook((SHEET, [HEADINGS])), ["no-rows"])


@refused
def a_header_without_rows_as_text() -> Refused:
    return Refused(delimited([HEADINGS]).encode("gb18030"), ["no-rows"], name="双公示.csv")


@refused
def hidden_sheets_and_an_empty_one() -> Refused:
    def fill(book: odd.Workbook) -> None:
        book.add_worksheet("Sheet1")
        hidden = book.add_worksheet("数据")
        put_all(hidden, [HEADINGS, row(1)])
        hidden.hide()

    return Refused(filled(fill), ["only-hidden"])


@refused
def a_needed_column_left_out_and_another_one_twice() -> Refused:
    headings = ["违法事实" if code == "CF_NR" else heading for code, heading in zip(CODES, HEADINGS, strict=True)]
    return Refused(workbook((SHEET, [headings, row(1)])), ["column-twice", "column-missing"])


@refused
def two_layouts_in_one_workbook() -> Refused:
    older = [column.heading for column in credit_publicity_2015.COLUMNS]
    codes = [column.code for column in credit_publicity_2015.COLUMNS]
    rows_ = [[cells_of_2015(1, _NAME_HERE).get(code, "") for code in codes]]
    return Refused(workbook(("2018", [HEADINGS, row(1)]), ("2015", [older, *rows_])), ["layouts-mixed"])


@refused
def permits_alone() -> Refused:
    return Refused(workbook(("行政许可", [PERMIT_HEADINGS, permit(1)])), ["layout-unknown"])


@refused
def a_list_of_the_staff() -> Refused:
    table = [["姓名", "部门", "电话"], ["样例甲", "法规科", "027-00000000"]]
    return Refused(delimited(table).encode("gbk"), ["layout-unknown"], name="通讯录.csv")


@refused
def a_workbook_of_photographs() -> Refused:
    def fill(book: odd.Workbook) -> None:
        for name in ("现场照片", "证据"):
            sheet = book.add_worksheet(name)
            for number in range(5):
                sheet.insert_image(number * 20, 0, f"{number}.png", {"image_data": io.BytesIO(png())})

    return Refused(filled(fill), ["layout-unknown"])


@refused
def macros() -> Refused:
    parts = odd.parts_of(odd.sheet_xml(_raw([HEADINGS, row(1)])), content_type=odd.MACRO_TYPE)
    return Refused(odd.zipped({**parts, "xl/vbaProject.bin": odd.compound("VBA")}), ["file-macros"], name="a.xlsm")


@refused
def macros_in_a_file_that_says_it_has_none() -> Refused:
    parts = odd.parts_of(odd.sheet_xml(_raw([HEADINGS, row(1)])))
    return Refused(odd.zipped({**parts, "xl/vbaProject.bin": odd.compound("VBA")}), ["file-macros"])


@refused
def a_password_to_open_it() -> Refused:
    return Refused(odd.compound("Root Entry", "EncryptionInfo", "EncryptedPackage"), ["file-encrypted"])


@refused
def an_old_workbook_renamed() -> Refused:
    return Refused(odd.compound("Root Entry", "Workbook"), ["file-old-excel"])


@refused
def a_web_page_that_excel_opens_with_a_question() -> Refused:
    content = "<html><body><table><tr><td>行政相对人名称</td></tr></table></body></html>".encode("gbk")
    return Refused(content, ["file-web-page"], name="双公示.xls")


@refused
def a_letter() -> Refused:
    document = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}
    return Refused(odd.zipped(document), ["file-not-workbook"], name="函.docx")


@refused
def nothing_at_all() -> Refused:
    return Refused(b"", ["file-empty"])


@refused
def a_byte_order_mark_and_nothing_more() -> Refused:
    return Refused(b"\xef\xbb\xbf", ["file-empty"], name="双公示.csv")


@refused
def a_picture() -> Refused:
    return Refused(png() + random.Random(1).randbytes(5000), ["file-binary"], name="双公示.csv")


@refused
def a_workbook_cut_off_in_the_middle() -> Refused:
    content = publicity([cells(n) for n in range(1, 100)])
    return Refused(content[: len(content) // 2], ["file-broken"])


@refused
def a_workbook_whose_last_rows_are_damaged() -> Refused:
    sheet = odd.sheet_xml(_raw([HEADINGS, *(row(n) for n in range(1, 601))]))
    return Refused(odd.book_of(sheet[: -len("</row></sheetData></worksheet>")]), ["file-broken"])


@refused
def a_stray_quotation_mark_far_down_in_a_csv() -> Refused:
    lines = delimited([HEADINGS, *(row(n) for n in range(1, 601))]).splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("武汉样例第59"))
    return Refused("".join([*lines[:at], '"' + lines[at], *lines[at + 1 :]]).encode(), ["quotes-broken"], name="a.csv")


async def _ended(service: Service, agency: httpx.AsyncClient, file_: Refused) -> Json:
    answer = await sent(agency, file_.content, file_.name)
    assert answer.status_code == 202, answer.text
    await import_file(room(service, **file_.limits), UUID(answer.json()["id"]))
    found: Json = (await agency.get(answer.headers["location"])).json()
    return found


@pytest.mark.parametrize("made", REFUSED.values(), ids=REFUSED.keys())
async def test_of_a_file_that_cannot_be_taken_the_reason_is_told_and_nothing_is_stored(
    service: Service, made: Callable[[], Refused]
) -> None:
    agency = await service.client("market-city")
    before, file_ = await rows(service), made()

    file = await _ended(service, agency, file_)

    assert (file["state"], [one["code"] for one in file["faults"]]) == ("failed", file_.codes)
    assert all(one["message"] and one["fix"] for one in file["faults"])
    assert [file[name] for name in ("rows", "accepted", "repeated", "rejected")] == [None, 0, 0, 0]
    assert await rows(service) == before
    assert list(service.shop.shelf.folder.iterdir()) == []
    assert [row["outcome"] for row in await trail(service) if row["action"] == "import"] == [file_.codes[0]]
    again = await agency.get(f"{FILES}/{file['id']}/annotated.xlsx")
    assert told(again) == (404, "nothing-rejected", ())


async def test_a_file_larger_than_is_taken_is_refused_while_it_arrives_and_leaves_nothing(service: Service) -> None:
    service.app.state.shop = replace(service.shop, file_bytes=20_000)
    agency = await service.client("market-city")
    content = random.Random(2).randbytes(20_001)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'

    async def unmeasured() -> AsyncIterator[bytes]:
        yield head
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]
        yield b"\r\n--x--\r\n"

    stated = await sent(agency, random.Random(2).randbytes(200_000))
    streamed = await agency.post(
        FILES, content=unmeasured(), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    just = await sent(agency, content[:20_000])

    assert [told(one)[:2] for one in (stated, streamed)] == [(413, "too-large")] * 2
    assert just.status_code == 202
    assert [path.name for path in service.shop.shelf.folder.iterdir()] == [f"{just.json()['id']}.upload"]


async def test_an_upload_that_has_been_lost_is_said_to_be(service: Service) -> None:
    agency = await service.client("market-city")
    file_id = UUID((await sent(agency, publicity([cells(1)]))).json()["id"])
    service.shop.shelf.drop_upload(file_id)

    await import_file(room(service), file_id)
    file = (await agency.get(f"{FILES}/{file_id}")).json()

    assert (file["state"], [one["code"] for one in file["faults"]]) == ("failed", ["file-lost"])


async def test_what_the_layout_cannot_hold_is_named_item_by_item(service: Service) -> None:
    agency = await service.client("market-city")

    file = await taken_in(service, agency, a_file_of_2015_by_its_codes_alone().content)

    lacked = [one for one in file["warnings"] if one["code"] == "not-in-layout"]
    assert [one["rows"] for one in lacked] == [2] * len(lacked)
    assert any("违法行为类型" in f"{one['column']}{one['message']}" for one in lacked), lacked


async def test_rows_that_contradict_each_other_on_two_sheets_are_named_with_their_sheets(service: Service) -> None:
    agency = await service.client("market-city")
    content = workbook(("1月", [HEADINGS, row(1)]), ("2月", [HEADINGS, row(1, CF_SY="另一事实")]))

    file = await taken_in(service, agency, content)

    assert [(one["sheet"], one["code"]) for one in file["faults"]] == [
        ("1月", "different-in-file"),
        ("2月", "different-in-file"),
    ]
    assert "2月" in file["faults"][0]["message"]
    assert "1月" in file["faults"][1]["message"]


@pytest.mark.parametrize("fields", [{}, CORRECT], ids=["reject", "correct"])
@pytest.mark.parametrize("withdrawn", ["a", "z"])
async def test_what_was_withdrawn_by_mistake_and_pushed_under_another_id_is_the_record_that_a_file_means(
    service: Service, withdrawn: str, fields: dict[str, str]
) -> None:
    agency = await service.client("market-city")
    reason = {"reason": {"code": "entered_by_mistake", "text": "误报"}}
    first = await agency.post(PUSH, json=corpus.penalty(1) | {"source_id": withdrawn})
    assert (await agency.post(f"{PUSH}/{first.json()['id']}/withdrawal", json=reason)).status_code == 201
    assert (await agency.post(PUSH, json=corpus.penalty(1) | {"source_id": "m"})).status_code == 201

    file = await taken_in(service, agency, publicity([cells(1)]), **fields)

    assert (counts(file), file["faults"]) == ((1, 0, 1, 0), [])
