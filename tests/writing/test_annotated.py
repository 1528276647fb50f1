"""The workbook of rejected rows: as the upload was, with every fault at its cell, and accepted once it is mended."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.workbooks import annotated
from app.workbooks.annotated import MOST_COMMENTS, MOST_LINES_UNREAD, Rejected, write_annotated
from app.workbooks.table import csv_lines
from schemas.faults import Fault
from schemas.judging import judge
from schemas.layouts import credit_publicity, wuhan
from schemas.layouts.columns import Told, Uploader
from schemas.layouts.opening import opened
from schemas.layouts.own import counted, layout_of
from schemas.layouts.recognising import Recognised, recognise
from schemas.layouts.table import ADDED_HEADINGS, Line, Page, Table, Unreadable
from tests import corpus
from tests.tables import book_of, page_of, table_of
from tests.writing import books

TODAY = date(2026, 11, 22)
UPLOADER = Uploader(organisation=corpus.ORGANISATION, region="420106", field="market", key=b"a key for tests")
HEADINGS = [column.heading for column in credit_publicity.COLUMNS]
LOST = "rounded-by-spreadsheet"


def cells_of(n: int, **changes: str) -> list[str]:
    """A good row of the credit layout, but for these cells."""
    cells = corpus.cells_of(corpus.penalty(n, kinds=["01", "03"], party_kind="sole_trader"), n) | changes
    return [cells.get(column.code, "") for column in credit_publicity.COLUMNS]


def rejected_of(found: Recognised) -> Iterator[Rejected]:
    """Every row that has an error."""
    for sheet in found.sheets:
        for row in sheet.rows(UPLOADER):
            told = sheet.told(row, judge("penalty", row.record, TODAY).faults)
            if any(one.fault.is_error for one in told):
                yield Rejected(sheet.page.index, row.number, told)


def annotated_of(table: Table, path: Path, title: str = "数据") -> Recognised:
    """Write the rejected rows of a table."""
    found = recognise(table)
    write_annotated(path, table, found.sheets, rejected_of(found), title)
    return found


@dataclass(frozen=True)
class Back:
    """What our own reader makes of a workbook that comes back."""

    found: Recognised
    rejected: list[Rejected]
    records: list[dict[str, Any]]


def read_back(path: Path, mend: Callable[[list[list[str]]], None] | None = None) -> Back:
    """Read the workbook as it is, or with the rows of its first sheet mended."""
    with path.open("rb") as file, opened(file, path.parent) as table:
        if mend is not None:
            lines = [list(line.cells) for line in table.pages[0].lines()]
            mend(lines)
            table = table_of(*lines)
        found = recognise(table)
        records = [row.record for sheet in found.sheets for row in sheet.rows(UPLOADER)]
        return Back(found, list(rejected_of(found)), records)


def of_codes(rejected: Sequence[Rejected]) -> list[tuple[int, list[str]]]:
    return [(one.number, [told.fault.code for told in one.faults]) for one in rejected]


# --- sent, sent back, mended ----------------------------------------------------------------------


@pytest.mark.parametrize("in_codes", [False, True])
def test_the_rejected_rows_of_a_file_come_back_below_its_own_header(in_codes: bool, tmp_path: Path) -> None:
    raw, broken = corpus.credit_publicity_csv(60, 7, "gb18030", "code" if in_codes else "zh")
    sent = list(csv.reader(io.StringIO(raw.decode("gb18030"), newline="")))
    path = tmp_path / "back.xlsx"

    with io.BytesIO(raw) as file, opened(file, tmp_path) as table:
        annotated_of(table, path, "2026年9月")

    rows = books.rows(path, "2026年9月")
    assert rows[0] == [*sent[0], *ADDED_HEADINGS]
    assert [row[: len(sent[0])] for row in rows[1:]] == [sent[number - 1] for number in broken]
    assert [row[-3] for row in rows[1:]] == [str(number) for number in broken]
    assert all(heading in row[-2] for row, (heading, _) in zip(rows[1:], broken.values(), strict=True))


def test_a_file_that_was_not_mended_has_the_same_faults_again(tmp_path: Path) -> None:
    raw, broken = corpus.credit_publicity_csv(60, 7)
    path = tmp_path / "back.xlsx"
    with io.BytesIO(raw) as file, opened(file, tmp_path) as table:
        found = annotated_of(table, path)
        faults = [codes for _, codes in of_codes(list(rejected_of(found)))]

    back = read_back(path)

    assert (back.found.layout, back.found.faults) == (credit_publicity.LAYOUT, ())
    assert of_codes(back.rejected) == [(number, codes) for number, codes in enumerate(faults, 2)]
    assert len(back.rejected) == len(broken)


def test_a_file_that_was_mended_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    annotated_of(table_of(HEADINGS, cells_of(1), cells_of(2, CF_JDRQ="2026-02-30"), cells_of(3)), path)

    def mend(rows: list[list[str]]) -> None:
        rows[1][HEADINGS.index("处罚决定日期")] = "2026-02-28"

    back = read_back(path, mend)

    assert back.rejected == []
    assert [record["decision_no"] for record in back.records] == [corpus.document_no(2)]


def test_what_is_sent_back_twice_has_the_added_columns_once(tmp_path: Path) -> None:
    once, twice = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
    annotated_of(table_of(HEADINGS, cells_of(1), cells_of(2, CF_JDRQ="2026-02-30")), once)

    with once.open("rb") as file, opened(file, tmp_path) as table:
        annotated_of(table, twice)

    assert books.rows(twice, "数据")[0] == [*HEADINGS, *ADDED_HEADINGS]
    assert [row[-3:] for row in books.rows(twice, "数据")[1:]] == [["2", *books.rows(once, "数据")[1][-2:]]]


def test_added_columns_that_somebody_moved_stay_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    bad = cells_of(2, CF_JDRQ="2026-02-30")
    annotated_of(table_of([*ADDED_HEADINGS, *HEADINGS], ["9", "old", "old", *bad]), path)

    rows = books.rows(path, "数据")

    assert rows[0] == [*ADDED_HEADINGS, *HEADINGS]
    assert rows[1][0] == "2"
    assert rows[1][3:] == bad


# --- what is said ---------------------------------------------------------------------------------


def test_the_fault_and_what_to_do_stand_beside_the_row(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    annotated_of(table_of(HEADINGS, cells_of(2, CF_JDRQ="2026-02-30")), path)

    fault = Fault("/decided_on", "cell-date")
    assert books.rows(path, "数据")[1][-3:] == ["2", f"处罚决定日期：{fault.message()}", fault.fix()]


def test_several_faults_of_a_row_are_numbered_errors_first(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    table = table_of(HEADINGS, cells_of(2))
    told = [
        Told(0, "甲", Fault("/party/name", "document-no-form")),
        Told(1, "乙", Fault("/party/kind", "out-of-range")),
        Told(None, None, Fault("", "row-too-long")),
    ]
    write_annotated(path, table, recognise(table).sheets, [Rejected(0, 2, told)])

    _, reasons, fixes = books.rows(path, "数据")[1][-3:]
    assert reasons.split("\n") == [
        "1. 乙：超出允许范围",
        f"2. {Fault('', 'row-too-long').message()}",
        f"3. 甲：（提示）{Fault('', 'document-no-form').message()}",
    ]
    assert [line[:2] for line in fixes.split("\n")] == ["2.", "3."]


def test_a_reason_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    table = table_of(HEADINGS, cells_of(2))
    told = [Told(0, "列" * 80, Fault("/party/name", "cell-date"))] * 400

    write_annotated(path, table, recognise(table).sheets, [Rejected(0, 2, told)])

    assert books.rows(path, "数据")[1][-2].endswith("…")


def test_bad_cells_are_coloured_and_say_why(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    annotated_of(table_of(HEADINGS, cells_of(2, CF_JDRQ="2026-02-30", CF_WSH="武市监处罚[2026]2号")), path)

    def letter(heading: str) -> str:
        return chr(65 + HEADINGS.index(heading))

    assert books.fill(path, 1, f"{letter('处罚决定日期')}2") == "FFC7CE"
    assert books.fill(path, 1, f"{letter('行政处罚决定书文号')}2") == "FFEB9C"
    assert books.fill(path, 1, f"{letter('行政相对人名称')}2") == ""
    comments = books.part(path, "comments1.xml")
    assert comments.count("<comment ") == 2
    assert f'<comment ref="{letter("处罚决定日期")}2"' in comments
    assert f"{Fault('', 'cell-date').message()}\n{Fault('', 'cell-date').fix()}" in comments


def test_an_empty_cell_that_should_say_something_is_coloured_too(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    annotated_of(table_of(HEADINGS, cells_of(2, CF_NR_FK="")), path)

    assert books.fill(path, 1, f"{chr(65 + HEADINGS.index('罚款金额(万元)'))}2") == "FFC7CE"


def test_a_number_that_has_lost_digits_is_not_given_back(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    at = HEADINGS.index("行政相对人代码_1(统一社会信用代码)")
    row = cells_of(2, CF_XDR_SHXYM="420102190001010000")

    annotated_of(table_of(HEADINGS, row, marks={(2, at): LOST}), path)

    assert books.rows(path, "数据")[1][at] == ""
    assert books.fill(path, 1, f"{chr(65 + at)}2") == "FFC7CE"


def test_comments_stop_where_they_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotated, "MOST_COMMENTS", 3)
    path = tmp_path / "back.xlsx"

    annotated_of(table_of(HEADINGS, *(cells_of(n, CF_JDRQ="?") for n in range(1, 9))), path)

    assert MOST_COMMENTS > 3
    assert books.part(path, "comments1.xml").count("<comment ") == 3
    assert len(books.rows(path, "数据")) == 9


# --- texts stay texts -----------------------------------------------------------------------------


def test_every_cell_is_a_text_and_none_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    odd = ["=1+1", "http://example.org", "<r><t>a</t></r>", "007"]
    row = cells_of(2, CF_JDRQ="=1+1", CF_NR="=HYPERLINK(0)", CF_FRDB="<r></r>", BZ="420102190001010013")

    annotated_of(table_of([*HEADINGS, *odd], [*row, *odd]), path)

    sheet = books.part(path, "worksheets/sheet1.xml")
    assert books.rows(path, "数据")[0] == [*HEADINGS, *odd, *ADDED_HEADINGS]
    assert books.rows(path, "数据")[1][: len(HEADINGS) + 4] == [*row, *odd]
    assert not [tag for tag in ("<f>", "<f ", "<v>", "<hyperlink") if tag in sheet]
    assert books.is_text(path, 1, "A1")
    assert books.is_text(path, 1, "A2")
    assert books.is_text(path, 1, f"{chr(65 + HEADINGS.index('处罚决定日期'))}2")


def test_what_is_typed_into_an_empty_cell_stays_a_text(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    annotated_of(table_of(HEADINGS, cells_of(2, CF_JDRQ="?")), path)

    styles = books.part(path, "styles.xml")
    texts = {at for at, one in enumerate(styles[styles.index("<cellXfs") :].split("<xf ")[1:]) if '"49"' in one}
    sheet = books.part(path, "worksheets/sheet1.xml")
    columns = sheet[sheet.index("<cols>") : sheet.index("</cols>")].split("<col ")[1:]
    assert {int(column.split('style="')[1].split('"')[0]) for column in columns} <= texts
    assert f'max="{len(HEADINGS) + 3}"' in columns[-1]


def test_a_text_too_long_for_a_spreadsheet_leaves_a_coloured_cell(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    annotated_of(table_of([*HEADINGS, "\U00020000" * 20_000], [*cells_of(2, CF_NR="\U00020000" * 20_000), "x"]), path)

    at = HEADINGS.index("处罚内容")
    assert books.rows(path, "数据")[1][at] == ""
    assert books.fill(path, 1, f"{chr(65 + at)}2") == "FFC7CE"


def test_our_own_layout_comes_back_with_its_texts_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    record = corpus.penalty(1, remarks="=1+1", penalty_content="/", case_no=" 12 ", fine_yuan=None, kinds=["03"])
    layout = layout_of("penalty")
    columns = layout.shown(counted("penalty", [record]))
    header = [[column.heading for column in columns], [column.code for column in columns]]
    raw = csv_lines([*header, layout.cells(record, columns)])

    with io.BytesIO(raw) as file, opened(file, tmp_path) as table:
        found = annotated_of(table, path)
        [sent] = [row.record for sheet in found.sheets for row in sheet.rows(UPLOADER)]
    back = read_back(path)

    assert sent == record
    assert back.records == [record]
    assert (back.found.layout, of_codes(back.rejected)) == (layout, [(3, ["required-for-kind"])])


# --- sheets ---------------------------------------------------------------------------------------


def test_all_sheets_keep_their_names_and_places_and_hidden_ones_stay_hidden(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    bad = cells_of(2, CF_JDRQ="?")
    table = book_of(
        page_of(["secret"], name="底稿", index=0, hidden=True),
        page_of(*(["说明", str(n)] for n in range(MOST_LINES_UNREAD + 5)), name="说明", index=1),
        page_of(["九月"], [], HEADINGS, bad, name="九月", index=2),
        page_of(name="空", index=3),
        page_of(HEADINGS, cells_of(3), bad, name="十月", index=4),
    )

    annotated_of(table, path)

    assert books.sheet_names(path) == ["底稿", "说明", "九月", "空", "十月"]
    assert books.rows(path, "底稿") == [["secret"]]
    assert len(books.rows(path, "说明")) == MOST_LINES_UNREAD
    assert [row[0] for row in books.rows(path, "九月")] == ["九月", "", HEADINGS[0], bad[0]]
    assert [row[-3] for row in books.rows(path, "九月")] == ["", "", ADDED_HEADINGS[0], "4"]
    assert [row[-3] for row in books.rows(path, "十月")] == [ADDED_HEADINGS[0], "3"]
    workbook = books.part(path, "workbook.xml")
    assert workbook.count('state="hidden"') == 1
    assert '<sheet name="底稿" sheetId="1" state="hidden"' in workbook
    assert 'activeTab="2"' in workbook
    back = read_back(path)
    assert of_codes(back.rejected) == [(4, ["cell-date"]), (2, ["cell-date"])]
    assert [fault.code for fault in back.found.faults] == ["sheet-not-read", "sheet-hidden"]


def test_a_sheet_that_cannot_be_read_is_kept_as_far_as_it_can(tmp_path: Path) -> None:
    def lines() -> Iterator[Line]:
        yield Line(1, ["readable"])
        raise Unreadable(Fault("", "file-broken"))

    table = book_of(
        page_of(HEADINGS, cells_of(2, CF_JDRQ="?"), name="数据"),
        Page("坏", 1, hidden=True, lines=lines),
    )

    annotated_of(table, tmp_path / "back.xlsx")

    assert books.rows(tmp_path / "back.xlsx", "坏") == [["readable"]]


def test_a_chart_keeps_its_place_by_an_empty_sheet(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"

    annotated_of(book_of(page_of(HEADINGS, cells_of(2, CF_JDRQ="?"), name="数据", index=2)), path)

    assert books.sheet_names(path) == ["第1页", "第2页", "数据"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("2026[9]/penalties: a*b?", "20269penalties ab"),
        ("'quoted'", "quoted"),
        ("???", "数据"),
        ("二〇二六年" * 7, "二〇二六年" * 6 + "二"),
        ("\U00020000" * 20, "\U00020000" * 15),
    ],
)
def test_the_name_of_a_file_is_made_fit_for_a_sheet(title: str, name: str, tmp_path: Path) -> None:
    annotated_of(table_of(HEADINGS, cells_of(2, CF_JDRQ="?")), tmp_path / "back.xlsx", title)

    assert books.sheet_names(tmp_path / "back.xlsx") == [name]


def test_two_sheets_of_one_name_are_told_apart(tmp_path: Path) -> None:
    pages = (
        page_of(HEADINGS, cells_of(2, CF_JDRQ="?"), name=name, index=at) for at, name in enumerate(("a", "A", "a"))
    )

    annotated_of(book_of(*pages), tmp_path / "back.xlsx")

    assert books.sheet_names(tmp_path / "back.xlsx") == ["a", "A_2", "a_3"]


def test_in_wuhans_template_the_data_begin_again_on_the_fourth_row_of_the_second_sheet(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    record = corpus.cells_of(corpus.penalty(2, party_kind="legal_person", kinds=["03"]), 0)
    said = {
        **{code: record[code] for code in ("CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_SY", "CF_YJ")},
        "CF_FR": record["CF_FRDB"],
        "CF_CFLB1": "罚款",
        "CF_JG": "罚款",
        "CF_JDRQ": "?",
        "CF_XZJG": corpus.ORGAN_NAME,
    }
    row = [said.get(column.code, "/") for column in wuhan.COLUMNS]
    headings = [column.heading for column in wuhan.COLUMNS]
    table = book_of(
        page_of(["行政许可"], name="许可", index=0),
        page_of(["行政处罚信息"], headings, [], row, row, name="处罚", index=1),
    )

    annotated_of(table, path)

    rows = books.rows(path, "处罚")
    back = read_back(path)
    assert (rows[0][0], rows[1][: len(headings)], rows[1][-3:]) == ("行政处罚信息", headings, list(ADDED_HEADINGS))
    assert not any(rows[2])
    assert [line[: len(row)] for line in rows[3:]] == [row, row]
    assert back.found.layout is wuhan.LAYOUT
    assert [one.number for one in back.rejected] == [4, 5]


def test_codes_below_the_headings_come_back_with_them(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    paths = [column.code for column in credit_publicity.COLUMNS]
    notes = ["填报单位", *[""] * 10]

    annotated_of(table_of(notes, HEADINGS, paths, cells_of(1), cells_of(2, CF_JDRQ="?")), path)

    back = read_back(path)
    assert [row[0] for row in books.rows(path, "数据")] == ["填报单位", HEADINGS[0], paths[0], cells_of(2)[0]]
    assert (back.found.faults, of_codes(back.rejected)) == ((), [(4, ["cell-date"])])


def test_cells_beyond_the_header_are_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    annotated_of(table_of(HEADINGS, [*cells_of(2), "beyond"]), path)

    assert books.rows(path, "数据")[1][-4:-1] == [
        "2",
        Fault("", "row-too-long").message(),
        Fault("", "row-too-long").fix(),
    ]
    assert books.rows(path, "数据")[1][-1] == "beyond"
    assert of_codes(read_back(path).rejected) == [(2, ["row-too-long"])]


# --- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(("sheet", "number"), [(0, 9), (0, 1), (7, 2)])
def test_a_row_that_the_upload_does_not_have_is_not_passed_over(sheet: int, number: int, tmp_path: Path) -> None:
    table = table_of(HEADINGS, cells_of(2))

    with pytest.raises(LookupError, match=f"no row {number} on the sheet at {sheet}"):
        write_annotated(tmp_path / "back.xlsx", table, recognise(table).sheets, [Rejected(sheet, number, [])])


def test_a_hundred_times_the_rows_do_not_take_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotated, "MOST_COMMENTS", 20)

    def peak(rows: int) -> int:
        def lines() -> Iterator[Line]:
            yield Line(1, HEADINGS)
            bad = cells_of(2, CF_JDRQ="?")
            yield from (Line(number, bad) for number in range(2, rows + 2))

        table = Table("csv", (Page("", 0, hidden=False, lines=lines),))
        told = [Told(22, "处罚决定日期", Fault("/decided_on", "cell-date"))]
        found = recognise(table)
        tracemalloc.start()
        try:
            numbers = (Rejected(0, number, told) for number in range(2, rows + 2))
            write_annotated(tmp_path / "back.xlsx", table, found.sheets, numbers)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(30), peak(3000)

    assert many < few + 1024 * 1024
