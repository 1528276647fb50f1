"""Codelists: complete, consistent, and answering what people ask of them."""

from __future__ import annotations

import csv
import string
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import schemas
from schemas.codelists import Codelist, Entry, codelist, names
from schemas.faults import wordings

FOLDER = Path(schemas.__file__).parent / "codelists"
COMMON = ["code", "zh", "en", "since", "until", "parent", "note"]


@pytest.mark.parametrize("name", names())
def test_a_codelist_has_no_code_or_name_twice_and_its_parents_exist(name: str) -> None:
    entries = codelist(name).entries
    called = [text for entry in entries for text in (entry.zh, *filter(None, entry.more.get("also", "").split("|")))]

    assert max(Counter(entry.code for entry in entries).values()) == 1
    assert [text for text, times in Counter(called).items() if times > 1] == []
    assert {entry.parent for entry in entries} - {None} <= set(codelist(name).codes)
    assert all(entry.zh and entry.en for entry in entries)


@pytest.mark.parametrize("name", names())
def test_a_codelist_file_begins_with_the_common_columns_and_has_whole_rows(name: str) -> None:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)

    assert header[: len(COMMON)] == COMMON
    assert {len(row) for row in rows} == {len(header)}


def test_the_wordings_of_faults_are_sorted_whole_and_say_the_same_gaps_in_both_languages() -> None:
    with (FOLDER / "faults.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)

    def gaps(text: str) -> set[str]:
        return {name.rsplit("_", 1)[0] for _, name, _, _ in string.Formatter().parse(text) if name}

    assert header == ["code", "class", "zh", "en", "fix_zh", "fix_en"]
    assert {len(row) for row in rows} == {6}
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert {row[1] for row in rows} <= {"error", "warning"}
    assert [row[0] for row in rows if gaps(row[2]) != gaps(row[3]) or gaps(row[4]) != gaps(row[5])] == []
    assert "faults" not in names()


def test_a_code_is_called_by_its_name_and_found_by_any_of_its_names() -> None:
    kinds = codelist("party_kinds")

    assert kinds.zh("sole_trader") == "个体工商户"
    assert kinds.en("sole_trader").startswith("Sole trader")
    assert kinds.code_of("个体工商户") == kinds.code_of("个体户") == "sole_trader"
    assert kinds.code_of("外星人") is None


def test_an_unknown_list_and_an_unknown_code_are_key_errors() -> None:
    with pytest.raises(KeyError):
        codelist("../law/limits")
    with pytest.raises(KeyError):
        codelist("fields").zh("astrology")


def test_circulated_criticism_is_a_penalty_only_since_the_law_of_2021() -> None:
    kinds = codelist("penalty_kinds")

    assert not kinds.valid_on("02", date(2021, 7, 14))
    assert kinds.valid_on("02", date(2021, 7, 15))
    assert kinds.valid_on("03", date(2020, 1, 1))
    assert not kinds.valid_on("14", date(2026, 1, 1))


def test_a_code_serves_from_its_first_day_to_its_last() -> None:
    old = Entry("x", "旧", "old", date(2020, 1, 1), date(2020, 12, 31), None, "", {})
    codes = Codelist("made_up", (old,))

    served = [day for day in (date(2019, 12, 31), old.since, old.until, date(2021, 1, 1)) if day]

    assert [codes.valid_on("x", day) for day in served] == [False, True, True, False]


def test_the_fourteen_kinds_of_penalty_have_their_wording_in_the_credit_standard() -> None:
    kinds = codelist("penalty_kinds")

    assert kinds.codes == (*(f"{n:02}" for n in range(1, 14)), "99")
    assert kinds["10"].more["credit_publicity"] == "责令停产停业"
    assert kinds["12"].more["credit_publicity"] == "其他-限制从业"
    assert all(entry.more["credit_publicity"] for entry in kinds)
    assert [entry.code for entry in kinds if entry.more["severe"] == "yes"] == ["07", "08", "09", "10", "11", "12"]
    assert [entry.code for entry in kinds if entry.more["severe"] == "by_amount"] == ["03", "04", "05"]


def test_the_codes_of_the_wire_contract_are_all_there() -> None:
    fields = """market ecology urban_management culture transport emergency agriculture natural_resources housing
        water health labour drug medical_insurance education civil_affairs fire public_security tax customs tobacco
        finance cyberspace weather forestry commerce relics post grain street"""
    ids = "resident_id passport hk_macao_permit taiwan_permit foreign_resident_id hmt_residence_permit other"

    assert codelist("fields").codes == tuple(fields.split())
    assert codelist("id_types").codes == tuple(ids.split())
    assert codelist("party_kinds").codes == ("legal_person", "natural_person", "sole_trader")
    assert codelist("roles").codes == ("agency", "police", "procuratorate", "justice", "auditor", "office")


def test_wuhan_has_thirteen_districts() -> None:
    regions = codelist("regions")

    districts = [entry.code for entry in regions if entry.parent == "420100" and entry.code.isdigit()]

    assert districts == [f"4201{n:02}" for n in (2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17)]


def test_a_functional_zone_cannot_be_mistaken_for_a_national_code_and_says_that_it_is_local() -> None:
    zones = [entry for entry in codelist("regions") if not entry.code.isdigit()]

    assert len(zones) == 5
    assert all(entry.code.startswith(f"{entry.parent}-") for entry in zones)
    assert all(entry.note.startswith("local;to_confirm") for entry in zones)


@pytest.mark.parametrize(
    ("code", "whole", "inside"),
    [
        ("420106", "420100", True),
        ("420106", "420106", True),
        ("420112-AEDZ", "420112", True),
        ("420112-AEDZ", "420000", True),
        ("420100", "420106", False),
        ("420107", "420106", False),
        ("999999", "420100", False),
    ],
)
def test_a_city_holds_its_districts_and_a_district_only_itself(code: str, whole: str, inside: bool) -> None:
    assert codelist("regions").within(code, whole) == inside


def test_every_wording_can_be_said_when_its_gaps_are_filled() -> None:
    gaps = dict.fromkeys(
        (
            name
            for row in wordings().values()
            for text in (*row.message.values(), *row.fix.values())
            for _, name, _, _ in string.Formatter().parse(text)
            if name
        ),
        "…",
    )

    assert all(row.message["zh"].format_map(gaps) and row.message["en"].format_map(gaps) for row in wordings().values())


def test_the_severe_kinds_owe_a_hearing_and_the_others_by_amount_or_not() -> None:
    assert {entry.more["severe"] for entry in codelist("penalty_kinds")} == {"yes", "by_amount", ""}


MARKED = ("法", "刑", "令", "立案追诉标准", "local", "to_confirm")


@pytest.mark.parametrize("name", ["conduct", "amount_kinds", "quantity_kinds", "procedures", "discretion_tiers"])
def test_what_screening_reads_says_where_it_comes_from(name: str) -> None:
    assert [entry.code for entry in codelist(name) if not any(mark in entry.note for mark in MARKED)] == []


def test_conduct_is_of_fields_that_exist_and_of_most_fields_of_the_law() -> None:
    fields = [field for entry in codelist("conduct") for field in entry.more["fields"].split("|")]

    assert set(fields) <= set(codelist("fields").codes)
    assert len(set(fields)) >= 20
    assert len(codelist("conduct").codes) >= 80


@pytest.mark.parametrize(
    "zh",
    [
        "暗管",
        "监测数据",
        "禁渔",
        "毒、有害",
        "假药",
        "注册商标",
        "串通投标",
        "逃税",
        "采砂",
        "林木",
        "危险作业",
        "非法行医",
    ],
)
def test_the_conduct_that_is_a_crime_without_an_amount_has_codes(zh: str) -> None:
    assert any(zh.replace("危险作业", "高度危险作业") in entry.zh for entry in codelist("conduct"))


def test_every_unit_but_the_last_resort_has_a_dimension_and_a_number_to_convert_by_or_is_a_package() -> None:
    units = codelist("units")

    assert {entry.code for entry in units if not entry.more["dimension"]} == {"other"}
    assert {entry.more["dimension"] for entry in units if not entry.more["factor"]} == {"", "packs"}
    assert all(Decimal(entry.more["factor"]) > 0 for entry in units if entry.more["factor"])
    bases = {entry.more["dimension"] for entry in units if entry.more["factor"] == "1"}
    assert bases == {entry.more["dimension"] for entry in units if entry.more["factor"]}


@pytest.mark.parametrize(
    ("zh", "code"),
    [
        *(("吨", "t"), ("公斤", "kg"), ("方", "m3"), ("亩", "mu"), ("株", "plant"), ("件", "piece")),
        *(("条", "entry"), ("份", "copy"), ("支", "stick"), ("人", "person"), ("箱", "crate")),
    ],
)
def test_a_unit_is_found_by_what_people_write(zh: str, code: str) -> None:
    assert codelist("units").code_of(zh) == code


def test_what_a_kind_of_quantity_is_measured_in_are_dimensions_of_units() -> None:
    dimensions = {entry.more["dimension"] for entry in codelist("units")}

    for entry in codelist("quantity_kinds"):
        assert set(entry.more["dimensions"].split("|")) <= dimensions - {"", "packs"}


def test_a_part_belongs_to_a_whole_that_is_another_kind_of_amount() -> None:
    kinds = codelist("amount_kinds")

    parts = {entry.code: entry.more["part_of"] for entry in kinds if entry.more["part_of"]}

    assert parts == {"unsold_goods_value": "goods_value", "evaded_tax": "tax_payable"}
    assert set(parts.values()) <= set(kinds.codes)


def test_the_heavy_metals_of_the_interpretation_of_2023_are_grouped_as_it_groups_them() -> None:
    groups = {entry.zh: entry.more["group"] for entry in codelist("substances")}

    assert "".join(zh for zh, group in groups.items() if group == "threefold") == "铅汞镉铬砷铊锑"
    assert "".join(zh for zh, group in groups.items() if group == "tenfold") == "镍铜锌银钒锰钴"


def test_a_reason_is_of_one_of_four_classes_and_ours() -> None:
    reasons = codelist("reasons")

    assert {entry.more["class"] for entry in reasons} == {"correction", "progress", "withdrawal", "consequence"}
    assert all(entry.note.startswith("local") for entry in reasons)


def test_the_agency_words_are_of_two_characters_at_least() -> None:
    words = [word for entry in codelist("fields") for word in entry.more["agency_words"].split("|") if word]

    assert [word for word in words if len(word) < 2] == []
    assert not any(entry.more["agency_words"] for entry in codelist("fields") if entry.code in ("street", "education"))
