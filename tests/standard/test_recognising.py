"""Which layout a file is in, and which of its pages and rows are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.faults import Fault
from schemas.layouts import credit_publicity, credit_publicity_2015, own
from schemas.layouts.columns import Layout, Uploader
from schemas.layouts.recognising import LAYOUTS, recognise
from schemas.layouts.table import ADDED_HEADINGS, Line, Page, Unreadable
from tests import corpus
from tests.tables import book_of, page_of, table_of

UPLOADER = Uploader(organisation=corpus.ORGANISATION, region="420106", field="market", key=b"a key for tests")

HEADINGS = list(credit_publicity.HEADINGS)
OLD_HEADINGS = [column.heading for column in credit_publicity_2015.COLUMNS]
PERMITS = [
    *("行政许可决定书文号", "项目名称", "审批类别", "许可内容", "行政相对人名称"),
    *(column.heading for column in credit_publicity_2015.COLUMNS[7:13]),
    *("许可决定日期", "许可截止期", "许可机关", "当前状态", "地方编码", "数据更新时间戳", "备注"),
]


def good(n: int = 1) -> list[str]:
    return credit_publicity.cells(corpus.penalty(n))


def codes(faults: tuple[Fault, ...]) -> list[tuple[str, dict[str, str | int]]]:
    return [(fault.code, dict(fault.details)) for fault in faults]


# --- the header ---------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.code)
@pytest.mark.parametrize("by", ["code", "heading"])
def test_every_layout_is_recognised_by_its_own_header(layout: Layout, by: str) -> None:
    header = [str(getattr(column, by)) for column in layout.columns]

    found = recognise(book_of(page_of(["第一张"], name="说明"), page_of([], [], header, name="处罚", index=1)))

    assert found.layout is layout
    assert [sheet.page.name for sheet in found.sheets] == ["处罚"]


def test_codes_and_titles_of_layouts_are_told_apart() -> None:
    assert len({layout.code for layout in LAYOUTS}) == len(LAYOUTS)
    assert len({layout.zh for layout in LAYOUTS} | {layout.en for layout in LAYOUTS}) == 2 * len(LAYOUTS)


def test_titles_above_the_header_are_passed_over_and_kept() -> None:
    table = table_of(["行政处罚信息汇总表"], ["填报单位：样例局", "", "2026 年 9 月"], HEADINGS, good())

    [sheet] = recognise(table).sheets

    assert [row.number for row in sheet.rows(UPLOADER)] == [4]
    assert [line.number for line in sheet.lines] == [1, 2, 3]


def test_a_header_far_down_is_not_looked_for() -> None:
    found = recognise(table_of(*[["说明"]] * 20, HEADINGS, good()))

    assert found.layout is None
    assert [fault.code for fault in found.faults] == ["layout-unknown"]


def test_a_header_whose_cells_were_merged_over_two_rows_is_read_as_one() -> None:
    upper = [*HEADINGS]
    lower = [""] * len(HEADINGS)
    upper[2] = "行政相对人代码"
    for place in range(2, 8):
        lower[place] = HEADINGS[place]
        upper[place] = "行政相对人代码" if place == 2 else ""

    found = recognise(table_of(["汇总表"], upper, lower, good(3)))

    [sheet] = found.sheets
    [row] = sheet.rows(UPLOADER)
    assert found.faults == ()
    assert row.number == 4
    assert row.record["party"] == corpus.penalty(3)["party"]


def test_what_stands_only_in_the_upper_row_of_a_merged_header_is_read_too() -> None:
    upper = [heading if place in (0, 13) else "" for place, heading in enumerate(HEADINGS)]
    lower = [heading if place not in (0, 13) else "" for place, heading in enumerate(HEADINGS)]

    [sheet] = recognise(table_of(["汇总表"], upper, lower, good(3))).sheets

    assert sheet.column_of("/party/name") == HEADINGS[0]
    assert [row.number for row in sheet.rows(UPLOADER)] == [4]


@pytest.mark.parametrize("upside_down", [True, False])
def test_one_row_of_a_header_may_know_more_columns_than_the_other(upside_down: bool) -> None:
    names = [*HEADINGS[:-1], "情况说明"]
    both = [names, [column.code for column in credit_publicity.COLUMNS]]

    [sheet] = recognise(table_of(*(reversed(both) if upside_down else both), good())).sheets

    assert [row.number for row in sheet.rows(UPLOADER)] == [3]
    assert sheet.column_of("/remarks") == "BZ"


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["a", "b"], ["1", "2"]],
        [["姓名", "电话"], ["样例", "0"]],
        [["行政相对人名称", "备注"]],
        [["处罚结果", "处罚决定日期"]],
        [PERMITS, ["1"] * len(PERMITS)],
    ],
)
def test_what_is_in_no_layout_is_refused_as_a_whole(rows: list[list[str]]) -> None:
    found = recognise(table_of(*rows))

    assert (found.layout, found.sheets, found.readable) == (None, (), False)
    [fault] = found.faults
    assert fault.code == "layout-unknown"
    assert all(layout.zh in fault.fix("zh") and layout.en in fault.fix("en") for layout in LAYOUTS)


def test_the_layout_of_whose_headings_a_file_has_most_is_taken() -> None:
    shared = ["行政处罚决定书文号", "行政相对人名称", "法定代表人", "处罚类别", "处罚依据", "处罚决定日期", "处罚机关"]

    older = recognise(table_of([*shared, "处罚事由", "处罚结果", "地方编码"]))
    newer = recognise(table_of([*shared, "违法事实", "处罚内容", "违法行为类型"]))

    assert older.layout is credit_publicity_2015.LAYOUT
    assert newer.layout is credit_publicity.LAYOUT


def test_of_layouts_that_a_file_has_as_many_headings_of_the_one_it_fits_is_taken() -> None:
    old = [column.heading for column in credit_publicity_2015.COLUMNS if column.needed and column.code != "CF_CFLB1"]

    found = recognise(table_of(["处罚类别", "公示截止期", *old]))

    assert found.layout is credit_publicity_2015.LAYOUT
    assert found.readable


def test_many_extra_headings_are_told_shortly() -> None:
    extra = [f"自填的第 {n} 列" + "长" * 50 for n in range(100)]

    found = recognise(table_of([*HEADINGS, *extra], good()))

    [(code, details)] = codes(found.faults)
    assert code == "columns-not-read"
    assert len(str(details["columns"])) < 800
    assert found.sheets[0].extra == tuple(extra)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.code)
def test_the_columns_we_add_are_passed_over_in_every_layout(layout: Layout) -> None:
    header = [*(column.heading for column in layout.columns if column.pointer or layout.positional), *ADDED_HEADINGS]

    found = recognise(book_of(page_of([], [], header, index=1)))

    assert [fault.code for fault in found.faults if fault.code != "columns-unused"] == []
    assert found.sheets[0].extra == ()


# --- pages --------------------------------------------------------------------------------------


def test_all_pages_with_a_header_are_read_and_the_others_are_told() -> None:
    book = book_of(
        page_of(["填表说明"], name="说明", index=0),
        page_of(HEADINGS, good(1), name="上半年", index=1),
        page_of(name="空表", index=2),
        page_of(["表"], HEADINGS, good(2), name="下半年", index=3),
        page_of(HEADINGS, good(3), name="作废", index=4, hidden=True),
    )

    found = recognise(book)

    assert [sheet.page.name for sheet in found.sheets] == ["上半年", "下半年"]
    assert [row.number for sheet in found.sheets for row in sheet.rows(UPLOADER)] == [2, 3]
    assert codes(found.faults) == [("sheet-not-read", {"sheet": "说明"}), ("sheet-hidden", {"sheet": "作废"})]
    assert found.readable


@pytest.mark.parametrize("hidden", [True, False])
def test_of_the_sheets_that_our_templates_have_beside_the_rows_nothing_is_said(hidden: bool) -> None:
    aside = [page_of(["一"], name=name, index=at, hidden=hidden) for at, name in enumerate(own.SHEETS_ASIDE)]

    assert recognise(book_of(*aside, page_of(HEADINGS, good(), index=2))).faults == ()


def test_a_header_on_a_hidden_page_alone_is_said_to_be_hidden() -> None:
    found = recognise(book_of(page_of(["a"], name="一"), page_of(HEADINGS, name="二", index=1, hidden=True)))

    assert found.layout is None
    assert codes(found.faults) == [("only-hidden", {"sheet": "二"})]


def unreadable() -> Callable[[], object]:
    raise Unreadable(Fault("", "row-too-long"))


def test_what_is_wrong_with_a_hidden_page_is_nobodys_concern() -> None:
    hidden = Page("二", 1, True, unreadable)  # type: ignore[arg-type]  # it never yields

    assert codes(recognise(book_of(page_of(HEADINGS, good()), hidden)).faults) == [("sheet-hidden", {"sheet": "二"})]
    assert [fault.code for fault in recognise(book_of(page_of(["a"]), hidden)).faults] == ["layout-unknown"]


def test_what_is_wrong_with_a_visible_page_is_raised() -> None:
    with pytest.raises(Unreadable):
        recognise(book_of(Page("二", 1, False, unreadable)))  # type: ignore[arg-type]  # it never yields


def test_two_layouts_in_one_file_are_refused() -> None:
    found = recognise(book_of(page_of(HEADINGS, good(), name="一"), page_of(OLD_HEADINGS, name="二", index=1)))

    assert (found.layout, found.sheets) == (None, ())
    [fault] = found.faults
    assert fault.code == "layouts-mixed"
    assert credit_publicity.LAYOUT.zh in fault.message("zh")
    assert credit_publicity_2015.LAYOUT.en in fault.message("en")


def test_what_there_is_to_say_of_the_file_comes_first() -> None:
    table = replace(table_of([*HEADINGS, "经办人"], good()), warnings=(Fault("", "unit-assumed", {"column": "x"}),))

    assert [fault.code for fault in recognise(table).faults] == ["unit-assumed", "columns-not-read"]


def test_what_two_headers_lack_alike_is_told_once() -> None:
    found = recognise(book_of(page_of(HEADINGS[1:], index=0), page_of(HEADINGS[1:], index=1)))

    assert codes(found.faults) == [("column-missing", {"column": "行政相对人名称"})]


# --- rows ---------------------------------------------------------------------------------------


def test_the_header_once_more_further_down_is_passed_over() -> None:
    [sheet] = recognise(table_of(HEADINGS, good(1), HEADINGS, good(2), HEADINGS[:20], good(3))).sheets

    assert [row.number for row in sheet.rows(UPLOADER)] == [2, 4, 6]


@pytest.mark.parametrize(
    "other",
    [
        list(reversed(HEADINGS)),
        ["序号", *HEADINGS],
        ["", "", "", *HEADINGS[5:9]],
        [column.code for column in reversed(credit_publicity.COLUMNS)],
    ],
)
@pytest.mark.parametrize("above", [[good(1)], []])
def test_another_header_further_down_makes_the_whole_file_unreadable(other: list[str], above: list[list[str]]) -> None:
    [sheet] = recognise(book_of(page_of(HEADINGS, *above, other, good(2), name="处罚"))).sheets

    with pytest.raises(Unreadable) as refused:
        list(sheet.rows(UPLOADER))

    assert refused.value.fault == Fault("", "header-twice", {"sheet": "处罚", "row": 2 + len(above)})


def test_a_few_words_that_are_headings_too_make_no_header() -> None:
    row = good(1)
    row[HEADINGS.index("备注")] = "处罚依据"
    row[HEADINGS.index("违法行为类型")] = "处罚内容"
    row[HEADINGS.index("违法事实")] = "违法事实"

    [sheet] = recognise(table_of(HEADINGS, row)).sheets

    assert [one.number for one in sheet.rows(UPLOADER)] == [2]


def test_a_first_row_that_holds_a_heading_in_its_column_is_no_part_of_the_header() -> None:
    row = good(1)
    row[HEADINGS.index("违法事实")] = "违法事实"

    [sheet] = recognise(table_of(HEADINGS, row)).sheets

    assert [one.number for one in sheet.rows(UPLOADER)] == [2]
    assert len(sheet.lines) == 1


def test_two_words_in_an_otherwise_empty_row_make_no_header() -> None:
    [sheet] = recognise(table_of(HEADINGS, good(1), ["处罚依据", "", "备注"])).sheets

    assert [one.number for one in sheet.rows(UPLOADER)] == [2, 3]


@pytest.mark.parametrize("note", ["表格说明：一、本表按月填报", "填表说明"])
def test_a_note_under_the_table_is_no_penalty(note: str) -> None:
    [sheet] = recognise(table_of(HEADINGS, good(1), [note], ["", "", note, "续"])).sheets

    assert [row.number for row in sheet.rows(UPLOADER)] == [2]


def test_a_penalty_may_be_about_such_a_note() -> None:
    row = good(1)
    row[0] = "填表说明样例有限公司"

    [sheet] = recognise(table_of(HEADINGS, row)).sheets

    assert [one.number for one in sheet.rows(UPLOADER)] == [2]


def test_a_page_is_read_from_its_start_each_time() -> None:
    [sheet] = recognise(table_of(HEADINGS, good(1), good(2))).sheets

    assert list(sheet.rows(UPLOADER)) == list(sheet.rows(UPLOADER))


def test_what_a_page_raises_half_way_is_raised() -> None:
    def lines() -> list[Line]:
        raise Unreadable(Fault("", "quotes-broken"))

    [sheet] = recognise(table_of(HEADINGS, good(1))).sheets
    broken = replace(sheet, page=Page("", 0, False, lines))  # type: ignore[arg-type]  # it never yields

    with pytest.raises(Unreadable):
        list(broken.rows(UPLOADER))


def test_the_same_headings_in_the_order_of_2015_are_those_of_2015() -> None:
    book = book_of(page_of(["许可"]), page_of(["标题"], [], OLD_HEADINGS, name="处罚", index=1))

    assert recognise(book).layout is credit_publicity_2015.LAYOUT
