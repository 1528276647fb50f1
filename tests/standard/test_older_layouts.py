"""The layouts of before 2018: what they say is read, what they cannot say is told and not held against anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas.judging import Judgement, judge, recall
from schemas.layouts import credit_publicity, credit_publicity_2015, wuhan
from schemas.layouts.columns import Layout, Row, Sheet, Uploader
from schemas.layouts.recognising import recognise
from schemas.layouts.table import ADDED_HEADINGS
from schemas.penalty import Penalty
from tests import corpus
from tests.tables import book_of, page_of, table_of

TODAY = date(2026, 11, 22)
UPLOADER = Uploader(
    organisation=corpus.ORGANISATION,
    region="420106",
    field="market",
    key=b"a key for tests",
    data_source_name=corpus.ORGAN_NAME,
    data_source_code=corpus.ORGANISATION,
)
OLD = credit_publicity_2015.LAYOUT
PERSON = corpus.resident_id(corpus.random("older layouts"))
COMPANY = corpus.credit_code(corpus.random("older layouts"))
TRADER = corpus.credit_code(corpus.random("older layouts"), "92")

GOOD = {
    "CF_WSH": "武市监处罚〔2026〕12号",
    "CF_CFMC": "样例公司未按规定标示产品信息案",
    "CF_CFLB1": "警告",
    "CF_CFLB2": "罚款",
    "CF_SY": "销售的样例商品未按规定标示产品信息",
    "CF_YJ": "《中华人民共和国产品质量法》第五十四条",
    "CF_XDR_MC": "武汉样例商贸有限公司",
    "CF_XDR_SHXYM": COMPANY,
    "CF_XDR_ZDM": COMPANY[8:17],
    "CF_XDR_GSDJ": "420106000000001",
    "CF_XDR_SWDJ": COMPANY,
    "CF_XDR_SFZ": "/",
    "CF_FR": "样例代表",
    "CF_JG": "给予警告，并处罚款 2000 元。",
    "CF_JDRQ": "2026/9/1",
    "CF_XZJG": corpus.ORGAN_NAME,
    "CF_ZT": "0",
    "DFBM": "420100",
    "SJC": "2026/9/7",
    "BZ": "无",
}
"""A row of the twenty columns that says all it can."""


def sheet_with(cells: dict[str, str]) -> Sheet:
    [sheet] = recognise(table_of(list(cells), list(cells.values()))).sheets
    return sheet


def row_with(**cells: str) -> Row:
    [row] = sheet_with(GOOD | cells).rows(UPLOADER)
    return row


def judged(row: Row, layout: Layout = OLD) -> Judgement:
    return judge("penalty", row.record, TODAY, lacks=layout.lacks)


def told(judgement: Judgement) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in judgement.faults]


# --- the twenty columns of 2015 -----------------------------------------------------------------


def test_a_row_of_the_twenty_columns_says_what_they_hold() -> None:
    row = row_with()

    assert row.faults == ()
    assert {name: value for name, value in row.record.items() if name != "source_id"} == {
        "record_type": "penalty",
        "organisation": corpus.ORGANISATION,
        "region": "420106",
        "field": "market",
        "decision_no": "武市监处罚〔2026〕12号",
        "remarks": "案件名称：样例公司未按规定标示产品信息案",
        "penalty_kinds": ["01", "03"],
        "violation_facts": "销售的样例商品未按规定标示产品信息",
        "legal_basis": "《中华人民共和国产品质量法》第五十四条",
        "party": {
            "name": "武汉样例商贸有限公司",
            "kind": "legal_person",
            "credit_code": COMPANY,
            "organisation_code": COMPANY[8:17],
            "registration_no": "420106000000001",
            "tax_no": COMPANY,
            "legal_representative": {"name": "样例代表"},
        },
        "penalty_content": "给予警告，并处罚款 2000 元。",
        "decided_on": "2026-09-01",
        "organ": {"name": corpus.ORGAN_NAME, "credit_code": corpus.ORGANISATION},
        "data_source": {"name": corpus.ORGAN_NAME, "credit_code": corpus.ORGANISATION},
    }


def test_what_the_twenty_columns_cannot_hold_is_a_warning_and_never_an_error() -> None:
    row = row_with()

    with_the_layout, without = judged(row), judge("penalty", row.record, TODAY)

    assert told(with_the_layout) == [("/violation_type", "not-in-layout"), ("/fine_yuan", "not-in-layout")]
    assert isinstance(with_the_layout.record, Penalty)
    assert with_the_layout.record.violation_type is None
    assert with_the_layout.record.decided_on == date(2026, 9, 1)
    assert with_the_layout.content == row.record
    assert told(without) == [("/violation_type", "required-from-decision"), ("/fine_yuan", "required-for-kind")]
    assert without.record is None


def test_a_number_alone_in_a_heading_means_another_code_than_in_2018() -> None:
    header = [f"行政相对人代码_{n}" for n in range(1, 6)]
    old = [
        *(
            "行政处罚决定书文号",
            "行政相对人名称",
            "处罚类别1",
            "处罚事由",
            "处罚依据",
            "处罚结果",
            "处罚决定日期",
            "处罚机关",
        )
    ]
    new = [column.heading for column in credit_publicity.COLUMNS if "行政相对人代码" not in column.heading]

    [older] = recognise(table_of([*header, *old])).sheets
    [newer] = recognise(table_of([*header, *new])).sheets

    assert [older.column_of(f"/party/{name}") for name in ("organisation_code", "registration_no", "id_no")] == [
        "行政相对人代码_2",
        "行政相对人代码_3",
        "行政相对人代码_5",
    ]
    assert newer.column_of("/party/registration_no") == "行政相对人代码_2"
    assert newer.column_of("/party/institution_no") == "行政相对人代码_5"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"CF_XDR_SHXYM": COMPANY}, "legal_person"),
        ({"CF_XDR_SHXYM": TRADER}, "sole_trader"),
        ({"CF_XDR_SFZ": PERSON}, "natural_person"),
        ({"CF_XDR_SFZ": PERSON, "CF_XDR_SHXYM": "0" * 17 + "X"}, "natural_person"),
        ({"CF_XDR_SFZ": PERSON, "CF_XDR_SHXYM": TRADER}, "sole_trader"),
        ({"CF_XDR_SFZ": PERSON, "CF_XDR_SHXYM": COMPANY}, "legal_person"),
        ({"CF_FR": "样例代表"}, "legal_person"),
        ({"CF_XDR_GSDJ": "420106000000001"}, None),
        ({}, None),
    ],
)
def test_the_kind_of_party_is_derived_where_it_is_certain(cells: dict[str, str], kind: str | None) -> None:
    nothing = dict.fromkeys(("CF_XDR_SHXYM", "CF_XDR_ZDM", "CF_XDR_GSDJ", "CF_XDR_SWDJ", "CF_XDR_SFZ", "CF_FR"), "")

    party = row_with(**nothing | cells).record["party"]

    assert party.get("kind") == kind


def test_a_person_is_told_by_the_resident_id_that_the_layout_asks_for() -> None:
    nothing = dict.fromkeys(("CF_XDR_SHXYM", "CF_XDR_ZDM", "CF_XDR_GSDJ", "CF_XDR_SWDJ", "CF_FR"), "")

    row = row_with(CF_XDR_MC="样例当事人", CF_XDR_SFZ=PERSON.lower(), **nothing)

    assert row.record["party"] == {
        "name": "样例当事人",
        "kind": "natural_person",
        "id_type": "resident_id",
        "id_no": PERSON,
    }
    assert judged(row).errors == ()


def test_a_party_of_unknown_kind_is_taken_and_kept_from_sight_like_a_person() -> None:
    nothing = dict.fromkeys(("CF_XDR_SHXYM", "CF_XDR_ZDM", "CF_XDR_SWDJ", "CF_FR"), "")
    row = row_with(CF_XDR_MC="样例当事人", **nothing)

    judgement = judged(row)

    assert ("/party/kind", "not-in-layout") in told(judgement)
    assert judgement.errors == ()
    for record in (judgement.record, recall("penalty", judgement.content)):
        assert record is not None
        assert record.sought().party_is_person
        assert {"/party/name", "/party/registration_no", "/party/tax_no"} <= {
            pointer for pointer, _ in record.classified()
        }


def test_the_code_of_another_organ_is_left_out_and_told() -> None:
    row = row_with(CF_XZJG="样例区综合执法局")

    judgement = judged(row)

    assert row.record["organ"] == {"name": "样例区综合执法局"}
    assert ("/organ/credit_code", "not-in-layout") in told(judgement)
    assert judgement.record is not None
    assert ("/organ/credit_code", "required") in told(judge("penalty", row.record, TODAY))


def test_the_code_of_the_uploader_is_that_of_the_organ_of_its_name_however_it_is_spaced() -> None:
    row = row_with(CF_XZJG="武汉市样例 监督管理局")

    assert row.record["organ"]["credit_code"] == corpus.ORGANISATION


def test_without_a_source_it_is_not_in_the_layout() -> None:
    [row] = sheet_with(GOOD).rows(replace(UPLOADER, data_source_name=None, data_source_code=None))

    judgement = judged(row)

    assert ("/data_source", "not-in-layout") in told(judgement)
    assert judgement.errors == ()


@pytest.mark.parametrize(
    ("cells", "at", "code"),
    [
        ({"CF_XDR_MC": ""}, "/party/name", "required"),
        ({"CF_XZJG": ""}, "/organ", "required"),
        ({"CF_WSH": ""}, "/decision_no", "required-from-decision"),
        ({"CF_JG": "/"}, "/penalty_content", "required-from-decision"),
        ({"CF_CFLB1": "", "CF_CFLB2": ""}, "/penalty_kinds", "required-from-decision"),
        ({"CF_FR": ""}, "/party/legal_representative", "required-for-legal-person"),
        ({"CF_XDR_SHXYM": "", "CF_XDR_SFZ": ""}, "/party/credit_code", "required-for-organisation"),
        ({"CF_JDRQ": "2027-01-01"}, "/decided_on", "future-date"),
    ],
)
def test_what_the_layout_can_hold_is_still_required(cells: dict[str, str], at: str, code: str) -> None:
    judgement = judged(row_with(**cells))

    assert (at, code) in told(judgement)
    assert judgement.record is None


def test_a_missing_part_of_what_tells_records_apart_is_never_let_off() -> None:
    record = row_with().record
    everything = OLD.lacks | {f"/{name}" for name in record}
    assert judge("penalty", record, TODAY, lacks=everything).record is not None

    for name in ("source_id", "organisation", "region", "field", "record_type"):
        less = {key: value for key, value in record.items() if key != name}
        assert judge("penalty", less, TODAY, lacks=everything).record is None


def test_whoever_cannot_say_anything_of_an_object_is_let_off_its_members_too() -> None:
    record = row_with().record | {"organ": {"name": "样例区综合执法局"}}

    judgement = judge("penalty", record, TODAY, lacks=OLD.lacks - {"/organ/credit_code"} | {"/organ"})

    assert ("/organ/credit_code", "not-in-layout") in told(judgement)


def test_only_what_is_missing_is_let_off_not_what_is_wrong() -> None:
    record = row_with().record | {"violation_type": "", "fine_yuan": "2000"}

    judgement = judge("penalty", record, TODAY, lacks=OLD.lacks)

    assert told(judgement) == [("/violation_type", "text"), ("/fine_yuan", "money")]
    assert judgement.record is None


def test_the_events_of_a_record_without_its_kind_of_party_are_still_put_in_order() -> None:
    nothing = dict.fromkeys(("CF_XDR_SHXYM", "CF_XDR_ZDM", "CF_XDR_SWDJ", "CF_FR"), "")
    record = row_with(**nothing).record | {"events": [{"event": "hearing_held", "occurred_at": "2026-09-20"}]}

    judgement = judge("penalty", record, TODAY, lacks=OLD.lacks)

    assert "kind" not in record["party"]
    assert [fault.pointer for fault in judgement.faults if fault.pointer.startswith("/events")] == ["/events/0/event"]


# --- what goes to the remarks -------------------------------------------------------------------


def test_the_name_of_the_case_stands_before_the_remarks() -> None:
    assert row_with(CF_CFMC="样例案", BZ="备注一").record["remarks"] == "案件名称：样例案；备注一"


def test_the_name_of_the_case_stands_first_in_whatever_order_the_columns_are() -> None:
    [row] = sheet_with(dict(reversed((GOOD | {"CF_CFMC": "样例案", "BZ": "备注一"}).items()))).rows(UPLOADER)

    assert row.record["remarks"] == "案件名称：样例案；备注一"


@pytest.mark.parametrize("state", ["0", "正常", "", "/"])
def test_a_decision_in_force_needs_no_word(state: str) -> None:
    row = row_with(CF_CFMC="", CF_ZT=state)

    assert "remarks" not in row.record
    assert row.faults == ()


@pytest.mark.parametrize(("state", "words"), [("1", "撤销"), ("2", "异议"), ("3", "其他"), ("撤销", "撤销")])
def test_any_other_state_is_kept_in_the_remarks_and_told(state: str, words: str) -> None:
    row = row_with(CF_CFMC="样例案", CF_ZT=state)

    [fault] = row.faults
    assert row.record["remarks"] == f"案件名称：样例案；当前状态：{words}"
    assert (fault.heading, fault.index, fault.fault.code) == ("CF_ZT", list(GOOD).index("CF_ZT"), "state-in-remarks")
    assert not fault.fault.is_error


def test_what_is_too_long_for_the_remarks_gives_way_to_the_remark_itself() -> None:
    row = row_with(CF_CFMC="案" * 400, BZ="备" * 300)

    [fault] = row.faults
    assert len(row.record["remarks"]) == 512
    assert row.record["remarks"].startswith("案件名称：案案")
    assert row.record["remarks"].endswith("…；" + "备" * 300)
    assert (fault.heading, fault.fault.code) == ("CF_CFMC", "remarks-shortened")
    assert judged(row).errors == ()


def test_a_remark_that_is_too_long_by_itself_is_at_fault() -> None:
    row = row_with(CF_CFMC="样例案", BZ="备" * 513)

    assert ("/remarks", "text") in told(judged(row))
    assert sheet_with(GOOD).column_of("/remarks") == "BZ"


def test_both_columns_of_kinds_are_read_and_a_fault_in_one_takes_both_out() -> None:
    assert row_with(CF_CFLB1="罚款", CF_CFLB2="警告;罚款").record["penalty_kinds"] == ["03", "01"]
    assert row_with(CF_CFLB2="/").record["penalty_kinds"] == ["01"]

    row = row_with(CF_CFLB2="罚站")

    assert [(fault.heading, fault.fault.code) for fault in row.faults] == [("CF_CFLB2", "cell-wording")]
    assert "penalty_kinds" not in row.record


def test_columns_that_have_no_place_here_are_told_once_and_are_not_extra() -> None:
    found = recognise(table_of([OLD.by_code[code].heading for code in GOOD], list(GOOD.values())))

    assert [(fault.code, fault.details) for fault in found.faults] == [
        ("columns-unused", {"columns": "地方编码、数据更新时间戳"})
    ]
    assert found.sheets[0].extra == ()
    assert found.readable


def test_the_same_penalty_has_one_id_in_both_layouts() -> None:
    record = corpus.penalty(1, kinds=["01"], party_kind="legal_person")
    new = dict(zip(credit_publicity.BY_CODE, credit_publicity.cells(record), strict=True))
    old = GOOD | {code: new[code] for code in ("CF_WSH", "CF_XDR_MC", "CF_XDR_SHXYM")}

    [older] = sheet_with(old).rows(UPLOADER)
    [newer] = sheet_with(new).rows(UPLOADER)

    assert older.record["source_id"] == newer.record["source_id"]


def test_the_layout_of_2018_lacks_nothing_that_a_decision_must_say() -> None:
    record: dict[str, Any] = {"record_type": "penalty", "source_id": "1", "organisation": corpus.ORGANISATION}
    record |= {"region": "420106", "field": "market", "decided_on": "2026-09-01", "penalty_kinds": ["03", "04", "08"]}

    judgement = judge("penalty", record, TODAY, lacks=credit_publicity.LAYOUT.lacks)

    assert judgement.faults == judge("penalty", record, TODAY).faults
    assert judgement.errors


# --- Wuhan's own template -----------------------------------------------------------------------

WUHAN = (
    *(
        "行政相对人名称",
        "法定代表人姓名",
        "统一社会信用代码",
        "组织机构代码",
        "工商登记码",
        "税务登记号",
        "居民身份证号",
    ),
    *("案件名称", "处罚类别", "处罚决定书文号", "处罚事由", "处罚依据", "处罚结果", "处罚决定日期", "处罚截止期"),
    *("处罚机关", "当前状态", "地方编码", "数据更新时间戳", "备注", "其他信息", "", "", "处罚名称"),
)
CODES = [column.code for column in wuhan.COLUMNS]


def template_row(**cells: str) -> list[str]:
    own = {"CF_AJMC": "样例案", "CF_CFLB1": "警告", "CF_JG": "给予警告。", "CF_JZRQ": "长期", "CF_CFMC": "/"}
    return [(GOOD | own | cells).get(code, "") for code in CODES]


def template(*rows: list[str], header: tuple[str, ...] | list[str] = WUHAN, third: list[str] | None = None) -> Sheet:
    top = (["武汉市行政处罚信息公示表"], list(header), third or ["文本", "文本"])
    book = book_of(page_of(["行政许可"], name="许可"), page_of(*top, *rows, name="处罚", index=1))
    [sheet] = recognise(book).sheets
    return sheet


def test_the_penalties_of_wuhans_template_stand_on_its_second_sheet_from_row_four_on() -> None:
    sheet = template(
        template_row(), ["表格说明：本表按月报送", *["x"] * 20], template_row(CF_WSH="武市监处罚〔2026〕13号")
    )

    rows = list(sheet.rows(UPLOADER))

    assert sheet.layout is wuhan.LAYOUT
    assert sheet.layout.positional
    assert sheet.page.name == "处罚"
    assert [row.number for row in rows] == [4, 6]
    assert [row.record["decision_no"] for row in rows] == ["武市监处罚〔2026〕12号", "武市监处罚〔2026〕13号"]


def test_a_row_of_the_template_is_taken_with_warnings_only() -> None:
    [row] = template(template_row(CF_CFMC="样例处罚", BZ="备注一")).rows(UPLOADER)

    judgement = judged(row, wuhan.LAYOUT)

    assert row.faults == ()
    assert told(judgement) == [("/violation_type", "not-in-layout")]
    assert row.record["remarks"] == "案件名称：样例案；备注一；处罚名称：样例处罚"
    assert row.record["valid_until"] == "2099-12-31"
    assert row.record["party"]["kind"] == "legal_person"
    assert row.record["organ"] == {"name": corpus.ORGAN_NAME, "credit_code": corpus.ORGANISATION}


def test_a_few_headings_in_their_place_are_enough_and_the_positions_tell_the_rest() -> None:
    few = [heading if at in (0, 6, 9, 13, 15) else f"第{at}栏" for at, heading in enumerate(WUHAN)]

    sheet = template(template_row(), header=few)

    [row] = sheet.rows(UPLOADER)
    [whole] = template(template_row()).rows(UPLOADER)
    assert sheet.layout is wuhan.LAYOUT
    assert row == replace(whole, faults=row.faults)
    assert sheet.column_of("/penalty_content") == "第12栏"
    assert sheet.place_of("/penalty_content") == 12


def test_headings_may_be_spread_over_the_three_rows() -> None:
    upper = [heading if at < 2 or at > 6 else "" for at, heading in enumerate(WUHAN)]
    upper[2] = "行政相对人代码"
    lower = [heading if 2 <= at <= 6 else "" for at, heading in enumerate(WUHAN)]

    sheet = template(template_row(), header=upper, third=lower)

    assert sheet.layout is wuhan.LAYOUT
    assert sheet.column_of("/party/credit_code") == "统一社会信用代码"
    assert sheet.column_of("/party/name") == "行政相对人名称"


@pytest.mark.parametrize("moved", ["in front", "swapped"])
def test_where_headings_stand_elsewhere_they_are_believed_and_not_the_positions(moved: str) -> None:
    header, row = list(WUHAN), template_row()
    if moved == "in front":
        header, row = ["序号", *header], ["1", *row]
    else:
        for cells in (header, row):
            cells[11], cells[12] = cells[12], cells[11]

    [read] = template(row, header=header, third=[""]).rows(UPLOADER)

    assert read.number == 4
    assert read.record["penalty_content"] == "给予警告。"
    assert read.record["legal_basis"] == GOOD["CF_YJ"]


def test_a_third_row_that_is_data_is_not_taken_for_a_part_of_the_header() -> None:
    sheet = template(template_row(CF_WSH="武市监处罚〔2026〕13号"), third=template_row())

    assert [row.number for row in sheet.rows(UPLOADER)] == [3, 4]


def test_the_template_is_known_on_another_sheet_too_when_nearly_all_headings_say_so() -> None:
    alone = recognise(book_of(page_of(["标题"], list(WUHAN), ["文本"], template_row(), name="处罚")))
    few = [heading if at in (0, 6, 9, 13, 15) else f"第{at}栏" for at, heading in enumerate(WUHAN)]
    doubtful = recognise(book_of(page_of(["标题"], few, ["文本"], template_row(), name="处罚")))

    assert alone.layout is wuhan.LAYOUT
    assert alone.readable
    assert not doubtful.readable
    assert {fault.code for fault in doubtful.faults} == {"column-missing", "columns-not-read"}


def test_the_columns_we_add_may_stand_behind_those_of_the_template() -> None:
    header = [*WUHAN, *ADDED_HEADINGS]

    sheet = template([*template_row(), "9", "x", "y"], header=header)

    [row] = sheet.rows(UPLOADER)
    assert sheet.extra == ()
    assert row.faults == ()


@pytest.mark.parametrize("last", ["处罚名称", "案件名称"])
def test_a_header_of_the_template_that_comes_again_is_passed_over(last: str) -> None:
    header = [*WUHAN[:-1], last]

    sheet = template(template_row(), header, template_row(CF_WSH="武市监处罚〔2026〕13号"), header=header)

    assert [row.number for row in sheet.rows(UPLOADER)] == [4, 6]
