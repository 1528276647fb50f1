"""Our own layout: made from the standard, and what is written in it is read as the same record."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from schemas import RECORD_TYPES
from schemas.faults import Fault
from schemas.headings import Member, heading, members, titles
from schemas.judging import judge
from schemas.layouts import credit_publicity
from schemas.layouts.cells import clean, moment, written_moment
from schemas.layouts.columns import Column, Row, Sheet, Uploader
from schemas.layouts.literal import NUMBER, WORDS, Literal, guarded, several, unguarded, written_several
from schemas.layouts.own import LAYOUTS, OwnLayout, counted, kind_of, layout_of
from schemas.layouts.recognising import recognise
from schemas.layouts.table import ADDED_HEADINGS
from schemas.publishing import examples
from tests import corpus
from tests import examples as worked
from tests.clues import clue
from tests.tables import book_of, page_of, table_of

TODAY = date(2026, 11, 22)
UPLOADER = Uploader(organisation=corpus.ORGANISATION, region="420106", field="market", key=b"a key for tests")
LAYOUT = layout_of("penalty")
MOST_COLUMNS = 256

EXAMPLES = [
    *((kind, name, one) for kind in RECORD_TYPES for name, one in examples(kind).items()),
    *(
        (kind, one.file, one.payload())
        for kind in RECORD_TYPES
        for one in worked.examples(kind)
        if one.kind != "invalid"
    ),
]

OF_THE_RECORD_ITSELF = [column for column in credit_publicity.COLUMNS if column.pointer.count("/") == 1]

Json = dict[str, Any]


def without_events(record: Mapping[str, Any]) -> Json:
    return {name: member for name, member in record.items() if name != "events"}


def written(record: Mapping[str, Any]) -> tuple[list[str], list[str], list[str]]:
    """The headings, the paths below them, and the row of a file that holds this record alone."""
    layout = layout_of(record["record_type"])
    columns = layout.shown(counted(layout.record_type, [record]))
    headings = [column.heading for column in columns]
    return headings, [column.code for column in columns], layout.cells(record, columns)


def sheet_of(*rows: Sequence[str]) -> Sheet:
    [sheet] = recognise(table_of(*rows)).sheets
    return sheet


def read(*rows: Sequence[str]) -> Row:
    """The one record in these rows."""
    [row] = sheet_of(*rows).rows(UPLOADER)
    return row


def transferred(**cells: str) -> Row:
    """The one row of a file of transfers with little more than these cells; in a path __ stands for a dot."""
    said = {
        "source_id": "2026-移-000001",
        "organ.name": corpus.ORGAN_NAME,
        "organ.credit_code": corpus.ORGANISATION,
        "case_name": "销售假冒注册商标的白酒",
        "offences.0.name": "销售假冒注册商标的商品罪",
        **{path.replace("__", "."): cell for path, cell in cells.items()},
    }
    return read(list(said), list(said.values()))


def row_with(**cells: str) -> Row:
    """The one row of a file with little more than these cells; in a path __ stands for a dot."""
    said = {
        "party.name": "武汉样例商贸有限公司",
        "party.kind": "法人及非法人组织",
        "organ.name": corpus.ORGAN_NAME,
        "organ.credit_code": corpus.ORGANISATION,
        **{path.replace("__", "."): cell for path, cell in cells.items()},
    }
    return read(list(said), list(said.values()))


def codes(row: Row) -> list[tuple[str | None, str]]:
    return [(told.heading, told.fault.code) for told in row.faults]


# --- the headings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_everything_a_record_says_has_one_heading_in_two_languages(record_type: str) -> None:
    file = Path(schemas.__file__).parent / "headings" / f"{record_type}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    wholes = {".".join(member.names[: end + 1]) for member in members(record_type) for end in range(len(member.names))}

    assert sorted(row["path"] for row in rows) == sorted(wholes)
    assert all(row["zh"] and row["en"] for row in rows)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.code)
def test_no_two_columns_share_a_name(layout: OwnLayout) -> None:
    names = [name.upper() for column in layout.columns for name in column.names]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_codes_without_a_codelist_have_chinese_words(record_type: str) -> None:
    for member in members(record_type):
        choices = [] if "x-codelist" in member.shape else member.shape.get("enum", [])
        assert list(titles(record_type)[member.path].choices) == choices, member.path


@pytest.mark.parametrize("column", OF_THE_RECORD_ITSELF, ids=lambda column: column.code)
def test_an_item_of_the_credit_standard_keeps_its_name_there(column: Column) -> None:
    own = heading("penalty", column.pointer[1:])

    assert own.replace("(元)", "(万元)") == column.heading


def test_a_heading_joins_what_leads_to_it_and_numbers_the_items() -> None:
    assert heading("penalty", "quantities.item", places=(1,)) == "涉案数量2·物品名称"
    assert heading("penalty", "party.legal_representative.name") == "行政相对人·法定代表人·姓名"
    assert heading("penalty", "party.name", "en") == "party: name"


def test_a_type_that_does_not_exist_has_no_headings() -> None:
    with pytest.raises(KeyError):
        titles("fortune")


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "number"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "integer"}},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    ],
)
def test_a_member_of_a_shape_nobody_thought_of_stops_the_build(shape: Mapping[str, Any]) -> None:
    member = Member(("shoe_size",), (None,), shape, 0)

    with pytest.raises(TypeError, match="shoe_size"):
        kind_of("penalty", member)


def test_every_member_of_a_list_has_a_column_for_every_item_the_standard_allows() -> None:
    pointers = {column.pointer for column in LAYOUT.columns}

    assert {"/quantities/0/item", "/quantities/199/item", "/prior_penalties/99/organ/name"} <= pointers
    assert "/quantities/200/item" not in pointers
    assert "/record_type" not in pointers


# --- there and back -------------------------------------------------------------------------------


@pytest.mark.parametrize(("record_type", "name", "example"), EXAMPLES, ids=[f"{one[0]} {one[1]}" for one in EXAMPLES])
def test_an_example_is_read_as_it_was_written(record_type: str, name: str, example: Json) -> None:
    record = without_events(example)
    headings, paths, cells = written(record)

    for header in ([headings], [paths], [headings, paths]):
        found = recognise(table_of(*header, cells))
        [row] = [row for sheet in found.sheets for row in sheet.rows(UPLOADER)]
        assert found.layout is layout_of(record_type)
        assert found.faults == ()
        assert (row.record, row.faults, row.number) == (record, (), len(header) + 1)


ODD = st.text("'=+-@/无／＝ \n\t0123E.\"あ，;", min_size=1, max_size=8)
ANY = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
TEXTS = (ODD | ANY).filter(lambda text: judge("penalty", corpus.penalty(1, remarks=text), TODAY).errors == ())


@settings(deadline=None)
@given(text=TEXTS)
def test_every_text_comes_back_as_it_was_from_a_workbook_and_from_a_csv(text: str) -> None:
    for literal in (WORDS, NUMBER):
        assert literal.read(clean(literal.write(text))) == text
        assert literal.read(clean(guarded(literal.write(text)))) == text
    assert unguarded(guarded(text)) == (unguarded(text) if guarded(text) == text else text)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 5000),
    facts=TEXTS,
    licence=TEXTS,
    number=TEXTS.filter(lambda text: len(text) <= 32),
    items=st.lists(TEXTS, min_size=1, max_size=4),
)
def test_any_record_of_the_corpus_is_read_as_it_was_written(
    n: int, facts: str, licence: str, number: str, items: list[str]
) -> None:
    record = corpus.penalty(n, violation_facts=facts, licence=licence, case_no=number)
    record["quantities"] = [{"item": item, "amount": "1.50", "unit": "kg"} for item in items]
    headings, paths, cells = written(record)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([map(guarded, row) for row in (headings, paths, cells)])

    as_csv = list(csv.reader(io.StringIO(out.getvalue(), newline="")))

    assert read(headings, paths, cells).record == record
    assert read(*as_csv).record == record


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("正常", "正常"),
        ("=1+1", "=1+1"),
        ("'=1+1", "''=1+1'"),
        ("/", "'/'"),
        ("无", "'无'"),
        (" 前后有空格 ", "' 前后有空格 '"),
        ("'引语'的写法", "'引语'的写法"),
        ("'", "'"),
    ],
)
def test_a_text_stands_between_apostrophes_only_if_it_would_be_read_otherwise(text: str, cell: str) -> None:
    assert WORDS.write(text) == cell
    assert WORDS.read(cell) == text


@pytest.mark.parametrize("number", ["4.2E+17", "123.", "'42", '="42"'])
def test_a_number_that_looks_spoilt_comes_back_as_it_was(number: str) -> None:
    assert NUMBER.write(number) == f"'{number}'"
    assert NUMBER.read(f"'{number}'") == number


def test_a_control_character_is_not_let_in_between_apostrophes() -> None:
    assert codes(row_with(remarks="' \x07 '")) == [("remarks", "control-character")]


def test_a_literal_is_told_by_its_reader() -> None:
    shouted = Literal(str.upper)

    assert (shouted.write("A"), shouted.write("a"), shouted.read("'a'")) == ("A", "'a'", "a")


def test_what_says_nothing_is_left_out() -> None:
    record = corpus.penalty(3)
    headings, paths, cells = written(record | {"refs": [], "court_enforcement": {}, "conduct": None})

    assert read(headings, paths, cells).record == record


def test_a_file_has_as_many_columns_as_its_records_need() -> None:
    few = corpus.penalty(1, amounts=[{"kind": "sales", "yuan": "1.00"}])
    more = corpus.penalty(2, amounts=[{"kind": kind, "yuan": "1.00"} for kind in ("sales", "goods_value", "loss")])

    counts = counted("penalty", [few, more])
    paths = [column.code for column in LAYOUT.shown(counts)]

    assert counts == {"amounts": 3}
    assert [path for path in paths if path.startswith("amounts")] == [
        f"amounts.{place}.{name}" for place in range(3) for name in ("kind", "yuan")
    ]
    assert not [path for path in paths if path.startswith("quantities")]
    assert len(paths) < MOST_COLUMNS


# --- the header -----------------------------------------------------------------------------------


def test_the_paths_win_over_headings_that_somebody_changed() -> None:
    headings, paths, cells = written(corpus.penalty(1))
    headings[paths.index("party.name")] = "单位"

    row = read(headings, paths, cells)

    assert row.record == corpus.penalty(1)
    assert row.number == 3


def test_marks_for_what_is_required_and_columns_of_others_do_no_harm() -> None:
    headings, _, cells = written(corpus.penalty(1))
    found = recognise(table_of(["科室", *(f"{one}（必填）" for one in headings), *ADDED_HEADINGS], ["一科", *cells]))

    [row] = [row for sheet in found.sheets for row in sheet.rows(UPLOADER)]

    assert row.record == corpus.penalty(1)
    assert [(fault.code, fault.details) for fault in found.faults] == [("columns-not-read", {"columns": "科室"})]


def test_a_column_that_every_record_needs_is_missed() -> None:
    headings, _, cells = written(corpus.penalty(1))
    at = headings.index("行政相对人·类别")

    found = recognise(table_of(headings[:at] + headings[at + 1 :], cells[:at] + cells[at + 1 :]))

    assert Fault("", "column-missing", {"column": "行政相对人·类别"}) in found.faults
    assert found.sheets == ()


def test_money_in_another_unit_is_not_read_as_yuan() -> None:
    headings, _, cells = written(corpus.penalty(1, kinds=["03"]))
    headings = ["罚款金额(万元)" if one == "罚款金额(元)" else one for one in headings]

    found = recognise(table_of(headings, cells))
    [row] = [row for sheet in found.sheets for row in sheet.rows(UPLOADER)]

    assert "fine_yuan" not in row.record
    assert [fault.code for fault in found.faults] == ["columns-not-read"]


def test_the_other_sheets_of_our_templates_are_passed_over_without_a_word() -> None:
    headings, paths, cells = written(corpus.penalty(1))
    aside = (page_of(["怎样填写", "见此"], name=name, index=at) for at, name in enumerate(("填写说明", "代码表"), 1))

    found = recognise(book_of(page_of(headings, paths, cells, name="行政处罚"), *aside))

    assert (found.layout, found.faults, len(found.sheets)) == (LAYOUT, (), 1)


def test_a_file_of_the_credit_standard_is_not_taken_for_ours() -> None:
    headings = [column.heading for column in credit_publicity.COLUMNS]

    assert recognise(table_of(headings)).layout is credit_publicity.LAYOUT


# --- cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["03 罚款", "03", "罚款", " 03罚款", "０３　罚款", "处罚款"])
def test_a_code_is_read_from_code_or_words_or_both(cell: str) -> None:
    assert row_with(penalty_kinds=cell).record["penalty_kinds"] == ["03"]


def test_codes_of_a_list_stand_in_one_cell() -> None:
    assert row_with(penalty_kinds="03 罚款;05；警告\n").record["penalty_kinds"] == ["03", "05", "01"]


def test_a_code_whose_words_are_those_of_another_is_a_fault() -> None:
    assert codes(row_with(penalty_kinds="03 警告")) == [("penalty_kinds", "cell-wording")]


def test_the_choices_are_told_unless_they_are_too_many() -> None:
    row = row_with(crime_screening__conclusion="也许", conduct="不好的行为")

    assert codes(row) == [("crime_screening.conclusion", "cell-wording"), ("conduct", "unknown-code")]
    assert row.faults[0].fault.details == {
        "known_zh": "suspected 涉嫌犯罪、not_suspected 不涉嫌犯罪",
        "known_en": "涉嫌犯罪 (suspected), 不涉嫌犯罪 (not_suspected)",
    }


@pytest.mark.parametrize(
    ("cell", "said"), [("是", True), ("否", False), ("TRUE", True), ("false", False), ("0", False)]
)
def test_yes_and_no_are_read_as_people_and_programs_write_them(cell: str, said: bool) -> None:
    assert row_with(violation_continues=cell).record["violation_continues"] is said


def test_what_is_neither_yes_nor_no_is_a_fault() -> None:
    assert codes(row_with(violation_continues="也许")) == [("violation_continues", "cell-wording")]


@pytest.mark.parametrize(
    ("path", "cell", "fault"),
    [
        ("fine_yuan", "1.2E+4", "rounded-by-spreadsheet"),
        ("fine_yuan", "1.234", "cell-amount"),
        ("decided_on", "2026-02-30", "cell-date"),
        ("party.registration_no", "4.20102E+14", "rounded-by-spreadsheet"),
        ("quantities.0.amount", "1.2E+4", "rounded-by-spreadsheet"),
    ],
)
def test_a_cell_that_cannot_mean_anything_is_a_fault_of_its_column(path: str, cell: str, fault: str) -> None:
    assert codes(row_with(**{path: cell})) == [(path, fault)]


@pytest.mark.parametrize(
    ("path", "cell", "said"),
    [
        ("fine_yuan", "12,000", "12000.00"),
        ("decided_on", "2026年9月1日", "2026-09-01"),
        ("quantities.0.amount", " 1,200.5 ", "1200.5"),
        ("party.registration_no", "'420100000000001", "420100000000001"),
        ("party.credit_code", "91420102ma9xyw0t35", "91420102MA9XYW0T35"),
    ],
)
def test_what_typing_brings_in_is_taken_off(path: str, cell: str, said: str) -> None:
    value: Any = row_with(**{path: cell}).record
    for name in path.split("."):
        value = value[int(name) if name.isdigit() else name]

    assert value == said


# --- moments, whole numbers, several texts ----------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2026-10-09", "2026-10-09"),
        ("2026年10月9日", "2026-10-09"),
        ("2026-10-09 10:20", "2026-10-09T10:20:00+08:00"),
        ("2026/10/9 9:05:30", "2026-10-09T09:05:30+08:00"),
        ("2026年10月9日10时5分", "2026-10-09T10:05:00+08:00"),
        ("2026年10月9日\n10:20", "2026-10-09T10:20:00+08:00"),
        ("２０２６－１０－０９　１０：２０", "2026-10-09T10:20:00+08:00"),
        ("2026-10-09T10:20", "2026-10-09T10:20:00+08:00"),
        ("2026-10-09T02:20:00Z", "2026-10-09T02:20:00Z"),
        ("2026-10-09T10:20:00.250+08:00", "2026-10-09T10:20:00.250+08:00"),
        ("2026-10-09T00:00:00+08:00", "2026-10-09T00:00:00+08:00"),
    ],
)
def test_a_moment_is_by_the_clock_of_shanghai_unless_it_says_otherwise(cell: str, said: str) -> None:
    assert transferred(approved_at=cell).record["approved_at"] == said


def test_midnight_as_spreadsheets_write_days_is_a_day() -> None:
    assert transferred(approved_at="2026-10-09 00:00:00").record["approved_at"] == "2026-10-09"


@pytest.mark.parametrize("cell", ["2026-10-09 24:00", "2026-02-30 10:20", "10:20", "上午", "2026-10-09 10:2"])
def test_a_moment_that_does_not_exist_is_a_fault(cell: str) -> None:
    assert codes(transferred(approved_at=cell)) == [("approved_at", "cell-moment")]


@pytest.mark.parametrize(
    ("said", "cell"),
    [
        ("2026-10-09", "2026-10-09"),
        ("2026-10-09T10:20:00+08:00", "2026-10-09 10:20"),
        ("2026-10-09T10:20:05+08:00", "2026-10-09T10:20:05+08:00"),
        ("2026-10-09T10:20:00.0+08:00", "2026-10-09T10:20:00.0+08:00"),
        ("2026-10-09T00:00:00+08:00", "2026-10-09T00:00:00+08:00"),
        ("2026-10-09T02:20:00Z", "2026-10-09T02:20:00Z"),
        ("2026-10-09T11:20:00+09:00", "2026-10-09T11:20:00+09:00"),
    ],
)
def test_a_moment_is_written_as_people_write_it_if_nothing_is_lost(said: str, cell: str) -> None:
    assert written_moment(said) == cell
    assert moment(cell) == said


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 2), date(2099, 12, 30)),
    st.times() | st.times().map(lambda clock: clock.replace(second=0)),
    st.sampled_from(["+08:00", "Z", "+00:00", "-00:00", "+05:30", "-12:00"]),
    st.sampled_from(["", ".0", ".120", ".000001"]),
)
def test_every_moment_comes_back_as_it_was(on: date, clock: time, offset: str, fraction: str) -> None:
    said = f"{on}T{clock:%H:%M:%S}{fraction}{offset}"

    assert moment(clean(guarded(written_moment(said)))) == said


@pytest.mark.parametrize(("cell", "said"), [("2", 2), (" 1,000 ", 1000), ("2.0", 2), ("２", 2), ("0", 0)])
def test_a_whole_number_is_read_as_people_and_programs_write_it(cell: str, said: int) -> None:
    record = transferred(materials__0__copies=cell).record

    assert record["materials"] == [{"copies": said}]
    assert type(record["materials"][0]["copies"]) is int


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2份", "cell-integer"),
        ("2.5", "cell-integer"),
        ("-1", "cell-integer"),
        ("1,00", "cell-integer"),
        ("1" * 16, "cell-integer"),
        ("2E+3", "rounded-by-spreadsheet"),
    ],
)
def test_what_is_no_whole_number_is_a_fault(cell: str, code: str) -> None:
    assert codes(transferred(materials__0__copies=cell)) == [("materials.0.copies", code)]


@pytest.mark.parametrize(
    "cell", ["甲某;乙某", "甲某；乙某", "甲某、乙某", "甲某，乙某", "甲某\n乙某", " 甲某 ;; '乙某' ;"]
)
def test_several_texts_stand_in_one_cell(cell: str) -> None:
    assert transferred(team=cell).record["team"] == ["甲某", "乙某"]


@pytest.mark.parametrize(
    ("texts", "cell"),
    [
        (["甲某", "乙某"], "甲某;乙某"),
        (["甲某;乙某", "丙某"], "'甲某;乙某';丙某"),
        (["'甲某'"], "'''甲某'''"),
        (["Xi'an"], "Xi'an"),
        (["/"], "'/'"),
        (["=1+1"], "'=1+1'"),
    ],
)
def test_a_text_with_marks_in_it_stands_between_apostrophes(texts: list[str], cell: str) -> None:
    assert written_several(texts) == cell
    assert several(cell) == texts


@settings(deadline=None)
@given(st.lists(TEXTS.filter(lambda text: len(text) <= 50), min_size=1, max_size=5))
def test_several_texts_come_back_as_they_were(texts: list[str]) -> None:
    cell = written_several(texts)

    assert several(clean(cell)) == texts
    assert several(clean(guarded(cell))) == texts


def test_of_a_list_that_must_not_be_empty_one_item_is_needed() -> None:
    needed = [column.code for column in layout_of("transfer").columns if column.needed]

    assert needed == ["source_id", "organ.name", "organ.credit_code", "case_name", "offences.0.name"]


def test_of_a_list_that_may_be_left_out_no_item_is_needed() -> None:
    needed = [column.code for column in layout_of("reverse_transfer").columns if column.needed]

    assert needed == ["source_id", "case_name"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [("114.3055", "114.3055"), ("114", "114"), (" 114.30 ", "114.30"), ("１１４.５", "114.5"), ("-71.25", "-71.25")],
)
def test_a_coordinate_is_read_as_the_number_in_its_cell(cell: str, said: str) -> None:
    headings, paths, cells = written(clue())

    for written_as in (cell, guarded(cell)):
        cells[paths.index("place.longitude")] = written_as
        row = read(headings, paths, cells)
        assert (row.record["place"]["longitude"], row.faults) == (said, ())


@pytest.mark.parametrize("cell", ["", "/", "／", " 无 ", "　"])
def test_empty_cells_and_the_signs_for_nothing_say_nothing(cell: str) -> None:
    assert "remarks" not in row_with(remarks=cell).record


# --- lists ----------------------------------------------------------------------------------------


def test_an_item_left_out_between_others_is_told_at_its_own_columns() -> None:
    record = corpus.penalty(1, amounts=[{"kind": "sales", "yuan": "1.00"}, {"kind": "loss", "yuan": "2.00"}])
    _, paths, cells = written(record)
    sheet = sheet_of([path.replace("amounts.1", "amounts.2") for path in paths], cells)

    [row] = sheet.rows(UPLOADER)

    assert row.record["amounts"] == [{"kind": "sales", "yuan": "1.00"}, {}, {"kind": "loss", "yuan": "2.00"}]
    assert [
        (told.index, told.heading, told.fault.code)
        for told in sheet.told(row, judge("penalty", row.record, TODAY).errors)
    ] == [(None, "涉案金额2·种类", "required"), (None, "涉案金额2·金额(元)", "required")]


def test_a_fault_in_an_item_is_told_at_its_column() -> None:
    record = corpus.penalty(1, quantities=[{"item": "白酒", "amount": amount, "unit": "kg"} for amount in ("1", "两")])
    headings, paths, cells = written(record)
    sheet = sheet_of(headings, paths, cells)

    [row] = sheet.rows(UPLOADER)
    told = sheet.told(row, judge("penalty", row.record, TODAY).errors)

    assert [(one.heading, one.fault.pointer) for one in told] == [("涉案数量2·数量", "/quantities/1/amount")]
    assert told[0].index == paths.index("quantities.1.amount")


def test_a_fault_of_a_whole_is_told_at_the_first_of_its_columns() -> None:
    columns = LAYOUT.columns_at("/quantities/3")

    assert [column.code for column in columns][:2] == ["quantities.3.item", "quantities.3.amount"]
    assert [column.code for column in LAYOUT.columns_at("/party/name")] == ["party.name"]
    assert LAYOUT.columns_at("/events") == []


# --- who reports ----------------------------------------------------------------------------------


def test_the_uploader_says_what_the_file_does_not() -> None:
    record = row_with(decision_no=corpus.document_no(7)).record

    assert (record["organisation"], record["region"], record["field"]) == (corpus.ORGANISATION, "420106", "market")


def test_the_file_says_it_for_itself_if_it_does() -> None:
    assert row_with(region="420102 江岸区", field="生态环境").record["region"] == "420102"


def test_without_an_id_of_its_own_a_row_has_that_of_the_credit_layout() -> None:
    record = corpus.penalty(1)
    _, paths, cells = written({name: member for name, member in record.items() if name != "source_id"})
    in_credit_layout = corpus.cells_of(record, 0)

    ours = read(paths, cells).record
    theirs = read(list(in_credit_layout), list(in_credit_layout.values())).record

    assert ours["source_id"] == theirs["source_id"]
    assert ours == record | {"source_id": ours["source_id"]}


def test_a_row_that_nothing_can_tell_apart_needs_an_id() -> None:
    row = row_with(filed_on="2026-10-12")

    assert "source_id" not in row.record
    assert ("/source_id", "required") in [
        (fault.pointer, fault.code) for fault in judge("penalty", row.record, TODAY).errors
    ]
