"""Templates: made from the standard, empty as they come, and accepted when they are filled in as they say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.workbooks.table import write_table
from app.workbooks.template import HEADER_ROWS, example, shown_items, template, when_needed
from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.headings import members
from schemas.judging import judge
from schemas.layouts.columns import Row, Uploader
from schemas.layouts.opening import opened
from schemas.layouts.own import SHEETS_ASIDE, layout_of
from schemas.layouts.recognising import Recognised, recognise
from schemas.layouts.table import Limits
from tests import corpus
from tests.writing import books

TODAY = date(2026, 11, 22)
UPLOADER = Uploader(organisation=corpus.ORGANISATION, region="420106", field="market", key=b"a key for tests")


@pytest.fixture(params=sorted(RECORD_TYPES))
def record_type(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def made(record_type: str, tmp_path: Path) -> Path:
    path = tmp_path / "template.xlsx"
    template(record_type, path)
    return path


def read(path: Path) -> tuple[Recognised, list[Row]]:
    with path.open("rb") as file, opened(file, path.parent) as table:
        found = recognise(table)
        return found, [row for sheet in found.sheets for row in sheet.rows(UPLOADER)]


def test_an_empty_template_is_recognised_and_has_no_rows(record_type: str, made: Path) -> None:
    found, rows = read(made)

    assert (found.layout, found.faults, rows) == (layout_of(record_type), (), [])


def test_a_template_filled_in_with_its_example_gives_a_valid_record(
    record_type: str, made: Path, tmp_path: Path
) -> None:
    guide = books.rows(made, SHEETS_ASIDE[0])
    at = next(number for number, row in enumerate(guide) if row[:2] == ["列名", "字段"])
    shown = {row[1]: row[4] for row in guide[at + 1 :] if row[1]}
    header = books.rows(made, RECORD_TYPES[record_type].title["zh"])
    filled = tmp_path / "filled.xlsx"
    write_table(filled, "xlsx", header, [[shown[path] for path in header[1]]])

    _, [row] = read(filled)

    assert row.number == HEADER_ROWS + 1
    assert row.record == example(record_type)
    assert judge(record_type, row.record, TODAY).errors == ()


def test_a_template_has_a_column_for_everything_and_two_for_items(record_type: str, made: Path) -> None:
    headings, paths = books.rows(made, RECORD_TYPES[record_type].title["zh"])

    columns = layout_of(record_type).shown(shown_items(record_type))
    assert headings == [column.heading for column in columns]
    assert paths == [column.code for column in columns]
    assert {re.sub(r"\.[0-9]+\.", ".", path) for path in paths} == {member.path for member in members(record_type)}
    assert min(shown_items(record_type).values()) == 2
    assert len(paths) <= Limits().columns


def test_the_sheets_stand_in_the_order_in_which_they_are_used(record_type: str, made: Path) -> None:
    assert books.sheet_names(made) == [RECORD_TYPES[record_type].title["zh"], *SHEETS_ASIDE]


def headings_of(record_type: str, made: Path) -> list[str]:
    headings, _ = books.rows(made, RECORD_TYPES[record_type].title["zh"])
    return headings


def test_every_column_takes_what_is_typed_as_text(record_type: str, made: Path) -> None:
    sheet = books.part(made, "worksheets/sheet1.xml")
    widths = re.findall(r'<col min="([0-9]+)" max="([0-9]+)" width="[0-9.]+" style="([0-9]+)"', sheet)
    styles = books.part(made, "styles.xml")
    formats = re.findall(r"<xf [^>]*>", styles[styles.index("<cellXfs") :])

    assert (int(widths[0][0]), int(widths[-1][1])) == (1, len(headings_of(record_type, made)))
    assert all('numFmtId="49"' in formats[int(style)] for _, _, style in widths)
    assert f'<pane ySplit="{HEADER_ROWS}"' in sheet


ALWAYS = {
    "penalty": ("行政相对人·名称", "处罚机关·统一社会信用代码"),
    "transfer": ("记录编号", "移送机关·名称", "案由", "涉嫌罪名1·罪名"),
    "reverse_transfer": ("记录编号", "案由"),
    "clue": ("记录编号", "受理检察院·名称", "线索名称", "线索来源", "公益受到侵害的事实"),
    "assist_request": ("记录编号", "被请求单位·名称", "协助事项", "案由"),
    "advice": ("记录编号", "检察建议类型", "案件名称"),
}
SOMETIMES = {
    "penalty": ("处罚决定日期", "数据来源单位·名称", "罚款金额(元)"),
    "transfer": ("受移送机关·名称", "移送书文号", "批准移送时间", "涉嫌罪名2·罪名", "移送材料1·种类"),
    "reverse_transfer": ("有关主管机关·名称", "检察意见书文号", "检察意见", "抄送机关·名称", "涉嫌罪名1·罪名"),
    "advice": ("被建议单位·名称", "检察建议书文号", "事实和证据", "建议内容", "抄送单位1·名称"),
    "clue": ("转交渠道", "负有监管职责的行政机关·名称", "举报人、提供线索人·姓名", "公益损害1·计量单位"),
    "assist_request": ("法律依据", "调查核实事项", "调取证据清单1·材料名称", "办案人员1·姓名"),
}
NEVER = {
    "penalty": ("备注", "记录编号", "案号"),
    "transfer": ("备注", "案号", "专案组成员", "涉嫌罪名1·刑法条文"),
    "reverse_transfer": ("备注", "提出方", "不起诉决定日期", "公安机关移送日期"),
    "clue": ("备注", "线索移送函文号", "发生地·经度", "移送日期"),
    "assist_request": ("备注", "提出方", "协助期限", "咨询日期"),
    "advice": ("备注", "案号", "书面回复的期限", "送达检察建议日期"),
}


def test_what_must_be_filled_in_has_another_colour_than_what_may_be(record_type: str, made: Path) -> None:
    headings = headings_of(record_type, made)

    def colours(of: tuple[str, ...]) -> set[str]:
        return {books.fill(made, 1, f"{letters(headings.index(heading))}1") for heading in of}

    found = [colours(of[record_type]) for of in (ALWAYS, SOMETIMES, NEVER)]
    assert [len(same) for same in found] == [1, 1, 1]
    assert len(set().union(*found)) == 3


def letters(at: int) -> str:
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)


def test_the_standard_itself_says_when_a_column_of_a_transfer_is_needed() -> None:
    from_sending = ("reported_on", "approved_at", "addressee", "copied_to", "document_no", "suspected_facts")

    assert when_needed("transfer") == {f"/{name}": "移送公安机关后必填" for name in from_sending}


def test_the_standard_itself_says_when_a_column_of_a_reverse_transfer_is_needed() -> None:
    for_the_agency, of_an_opinion = (
        ("addressee", "document_no", "violation_facts"),
        ("decision_no", "ground", "opinion"),
    )

    assert when_needed("reverse_transfer") == {
        **{f"/{name}": "提出检察意见或者移送行政机关后必填" for name in for_the_agency},
        **{f"/{name}": "提出检察意见后必填" for name in of_an_opinion},
    }


def test_the_standard_itself_says_when_a_column_of_a_clue_is_needed() -> None:
    assert when_needed("clue") == {"/channel": "来源为转交时必填"}


def test_the_standard_itself_says_when_a_column_of_a_request_for_assistance_is_needed() -> None:
    assert when_needed("assist_request") == {
        **{f"/{name}": "发出协作请求或者提出咨询后必填" for name in ("legal_basis", "purpose")},
        "/items": "调取、复制的，发出协作请求后必填",
    }


def test_the_standard_itself_says_when_a_column_of_an_advice_is_needed() -> None:
    said = ("addressee", "document_no", "case_source", "case_facts", "failings", "legal_basis", "proposals")

    assert when_needed("advice") == {f"/{name}": "决定提出检察建议后必填" for name in said}


def test_the_standard_itself_says_when_a_column_of_a_penalty_is_needed() -> None:
    assert when_needed("penalty") == {
        "/party/credit_code": "法人、非法人组织和个体工商户必须填写统一社会信用代码",
        "/party/legal_representative": "行政相对人为法人时，法定代表人必填",
        "/party/legal_representative/name": "行政相对人为法人时，法定代表人必填",
        "/party/id_type": "行政相对人为自然人时必填",
        "/party/id_no": "行政相对人为自然人时必填",
        "/fine_yuan": "处罚类别含 03 时必填",
        "/confiscated_yuan": "处罚类别含 04、05 时必填",
        **{
            f"/{name}": "作出处罚决定后必填"
            for name in (
                *("decision_no", "violation_type", "violation_facts", "legal_basis", "penalty_kinds"),
                *("penalty_content", "decided_on", "data_source"),
            )
        },
    }


PICKED = {
    "penalty": ("违法行为是否连续或继续", "处罚类别", "涉案数量2·单位", "units"),
    "transfer": ("提出方", "专案组成员", "涉案数量2·单位", "units"),
    "reverse_transfer": ("不起诉理由", "建议的处罚种类", "被不起诉人2·证件类型", "id_types"),
    "advice": ("检察建议类型", "附件1·文件名", "检察建议类型", "advice_kinds"),
    "clue": ("案件类型", None, "公益损害2·计量单位", "units"),
    "assist_request": ("提出方", "协助事项", "询问对象或者当事人2·证件类型", "id_types"),
}
"""A column whose cells hold one code of a few, one whose cells may hold several, and one of a codelist and which."""


def test_one_code_is_picked_from_a_list_on_the_sheet_of_codes(record_type: str, made: Path) -> None:
    headings = headings_of(record_type, made)
    one, several, listed, known = PICKED[record_type]
    sheet = books.part(made, "worksheets/sheet1.xml")
    sources = dict(re.findall(r'sqref="([A-Z]+)3:[^"]*"[^>]*><formula1>([^<]*)<', sheet))
    source = sources[letters(headings.index(listed))]

    found = re.fullmatch(rf"'{SHEETS_ASIDE[1]}'!\$([A-Z]+)\$2:\$\1\$([0-9]+)", source)
    assert found is not None
    codes = [row[ord(found[1]) - 65] for row in books.rows(made, SHEETS_ASIDE[1])[1 : int(found[2])]]
    assert codes == [f"{entry.code} {entry.zh}" for entry in codelist(known)]
    assert letters(headings.index(one)) in sources
    assert several is None or letters(headings.index(several)) not in sources
    assert letters(headings.index("备注")) not in sources


NOTED = {
    "penalty": "作出处罚决定后必填\n文字，不超过 128 字。如 武市监处罚〔2026〕12号",
    "transfer": "移送公安机关后必填\n日期和北京时间，如 2026-09-01 10:20；只知道日期的写日期。二十四小时自批准时起算",
    "reverse_transfer": "提出检察意见后必填\n从下拉列表中选取：法定不起诉、酌定不起诉、存疑不起诉",
    "advice": "决定提出检察建议后必填\n文字，不超过 128 字。如 武检建〔2026〕3号；以院名义统一编号",
    "clue": "以度为单位的数字，最多 8 位小数。如 114.3055；东经为正",
    "assist_request": "发出协作请求或者提出咨询后必填\n文字，不超过 5000 字。写明需要查明的事实；咨询的，写明所问事项",
}


def test_every_heading_has_a_note(record_type: str, made: Path) -> None:
    comments = books.part(made, "comments1.xml")

    assert comments.count("<comment ") == len(headings_of(record_type, made))
    assert NOTED[record_type] in comments


LAID_DOWN = {
    "penalty": (
        "发现线索或收到材料日期、举报人·告知举报人日期",
        "作出处罚决定后必填",
        "行政处罚法(2021) 第五十九条;双公示(2018) 行政处罚数据项",
    ),
    "transfer": (
        "认为应当移送日期、组成专案组日期",
        "移送公安机关后必填",
        "行政执法机关移送涉嫌犯罪案件的规定(国务院令第310号) 第五条、第六条;高检会〔2006〕2号 第一条",
    ),
    "reverse_transfer": (
        "认为应当给予行政处罚之日、公安机关移送日期、不起诉决定日期",
        "提出检察意见或者移送行政机关后必填",
        "国务院令第310号 第十三条",
    ),
    "advice": (
        "检察长决定调查核实日期、决定提出检察建议日期、送达检察建议日期",
        "决定提出检察建议后必填",
        "人民检察院检察建议工作规定(2019) 第七条、第十六条；人民检察院公益诉讼办案规则(2021) 第七十五条",
    ),
    "clue": (
        "已采取的行政措施、开始日期、结束日期、评估认为属于检察机关管辖日期、移送日期",
        "来源为转交时必填",
        "人民检察院公益诉讼办案规则(2021) 第二十四条",
    ),
    "assist_request": (
        "发出协作请求时间、咨询日期",
        "调取、复制的，发出协作请求后必填",
        "人民检察院公益诉讼办案规则(2021) 第三十八条",
    ),
}
"""Which columns are of days that have come, what is needed from when on, and by which law."""


def test_the_guide_says_what_is_judged_and_by_which_law(record_type: str, made: Path) -> None:
    guide = books.rows(made, SHEETS_ASIDE[0])
    rules: Mapping[str, list[Any]] = {row[0]: row for row in guide}
    days, needed, law = LAID_DOWN[record_type]

    assert rules["日期在将来"][3].startswith(days)
    assert rules[needed][4] == law


def test_there_is_no_template_of_a_type_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        template("fortune", tmp_path / "template.xlsx")
