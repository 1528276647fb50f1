"""Identifiers: the vectors of the national standards, what their check digits promise, and a second opinion."""

from __future__ import annotations

from datetime import date
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from schemas import identifiers
from schemas.codelists import codelist
from schemas.faults import wordings
from schemas.identifiers import (
    CREDIT_ALPHABET,
    credit_code_fault,
    document_no_fault,
    document_no_key,
    id_fault,
    normalise_document_no,
    organisation_code_fault,
    resident_id_fault,
)
from tests import corpus

TODAY = date(2026, 11, 22)

seeds = st.integers(0, 10**9)


def with_check_digit(first_17: str) -> str:
    return first_17 + identifiers.resident_check_digit(first_17)


# --- credit codes -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["1142010000999999X0", "91420102MA9XYW0T35", "124201117Q0000014D"])
def test_a_right_credit_code_has_no_fault(code: str) -> None:
    assert credit_code_fault(code) is None


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("1142010000999999XA", "check-digit"),
        ("91402102MA9XYW0T35", "check-digit"),
        ("91420102MI9XYW0T35", "credit-code-format"),
        ("914201o2MA9XYW0T35", "credit-code-format"),
        ("91420102ma9xyw0t35", "credit-code-format"),
        ("９1420102MA9XYW0T35", "credit-code-format"),
        ("124201117Q000001", "credit-code-length"),
        ("91420102MA9XYW0T35 ", "credit-code-length"),
        ("", "credit-code-length"),
        ("00000000000000000X", "placeholder-code"),
    ],
)
def test_a_wrong_credit_code_is_told_what_is_wrong(code: str, fault: str) -> None:
    assert credit_code_fault(code) == fault


@given(seed=seeds, check=st.sampled_from(CREDIT_ALPHABET))
def test_a_credit_code_with_its_own_check_digit_right_still_needs_a_right_organisation_code(
    seed: int, check: str
) -> None:
    organisation = corpus.organisation_code(corpus.random(seed))
    first_17 = "11420100" + organisation[:8] + check

    fault = credit_code_fault(first_17 + identifiers.credit_check_digit(first_17))

    assert fault == (None if check == organisation[8] else "organisation-part")


@given(seed=seeds, place=st.integers(0, 17), other=st.sampled_from(CREDIT_ALPHABET))
def test_one_mistyped_character_of_a_credit_code_is_always_caught(seed: int, place: int, other: str) -> None:
    right = corpus.credit_code(corpus.random(seed))
    mistyped = right[:place] + other + right[place + 1 :]

    assert credit_code_fault(right) is None
    assert (credit_code_fault(mistyped) is None) == (mistyped == right)


@given(seed=seeds, place=st.integers(0, 16))
def test_two_neighbours_of_a_credit_code_changing_places_are_caught(seed: int, place: int) -> None:
    right = corpus.credit_code(corpus.random(seed))
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]

    assert (credit_code_fault(swapped) is None) == (swapped == right)


@given(code=st.from_regex(rf"[0-9]{{8}}[{CREDIT_ALPHABET}]{{10}}", fullmatch=True))
def test_python_stdnum_agrees_on_the_check_digit_of_credit_codes(code: str) -> None:
    # It does not look at the organisation part, and knows no registrar but those with a digit.
    theirs = uscc.is_valid(code)

    assert theirs == (credit_code_fault(code) in (None, "organisation-part"))


@given(code=st.text(max_size=20))
def test_any_text_gets_an_answer_with_words(code: str) -> None:
    answers = {credit_code_fault(code), organisation_code_fault(code), document_no_fault(code)}
    answers |= {id_fault(entry.code, code, TODAY) for entry in codelist("id_types")}

    assert answers - {None} <= set(wordings())


# --- organisation codes -------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["00999999-X", "MA9XYW0T-3", "7Q000001-4", "12345678-8", "00999999X", "MA9XYW0T3"])
def test_a_right_organisation_code_may_leave_out_its_hyphen(code: str) -> None:
    assert organisation_code_fault(code) is None


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("00999999-1", "organisation-code-check-digit"),
        ("MA9XYWT0-3", "organisation-code-check-digit"),
        ("7Q00001-4", "organisation-code-length"),
        ("-", "organisation-code-length"),
        ("ma9xyw0t-3", "organisation-code-format"),
        ("0099-9999X", "organisation-code-length"),
        ("00999999-A", "organisation-code-format"),
    ],
)
def test_a_wrong_organisation_code_is_told_what_is_wrong(code: str, fault: str) -> None:
    assert organisation_code_fault(code) == fault


@given(seed=seeds, place=st.integers(0, 7), digit=st.integers(0, 9))
def test_one_mistyped_digit_of_an_organisation_code_is_caught(seed: int, place: int, digit: int) -> None:
    # Modulo 11 promises it for digits; letters eleven apart weigh the same.
    rng = corpus.random(seed)
    body = "".join(rng.choices("0123456789", k=8))
    right = body + identifiers.organisation_check_digit(body)
    mistyped = right[:place] + str(digit) + right[place + 1 :]

    assert (organisation_code_fault(mistyped) is None) == (mistyped == right)


# --- ids of persons -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    ["420102190001010013", "420117190402299991", "420106190012318887", "42010719010808003X", "42010719010808003x"],
)
def test_a_right_resident_id_has_no_fault(number: str) -> None:
    assert resident_id_fault(number, TODAY) is None


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("420102190001010014", "id-check-digit"),
        ("420117190402299981", "id-check-digit"),
        ("420102190002290010", "birth-date"),
        ("429999190001010014", "region-unknown"),
        ("420102000101001", "id-length"),
        ("42010219000101001A", "id-format"),
        ("42010２190001010013", "id-format"),
        (with_check_digit("42010617000101001"), "birth-date"),
        (with_check_digit("42010619001301001"), "birth-date"),
        (with_check_digit("81000019000101001"), "region-unknown"),
    ],
)
def test_a_wrong_resident_id_is_told_what_is_wrong(number: str, fault: str) -> None:
    assert resident_id_fault(number, TODAY) == fault


def test_nobody_is_born_tomorrow() -> None:
    number = with_check_digit("42010619051231001")

    assert resident_id_fault(number, date(1905, 12, 31)) is None
    assert resident_id_fault(number, date(1905, 12, 30)) == "birth-date-future"


def test_an_unknown_region_is_a_warning_and_no_error() -> None:
    assert wordings()["region-unknown"].kind == "warning"
    assert wordings()["id-check-digit"].kind == "error"


def test_a_final_small_x_is_normalised() -> None:
    assert identifiers.normalise_id("resident_id", "42010719010808003x") == "42010719010808003X"
    assert identifiers.normalise_id("passport", "e1234567x") == "e1234567x"


@given(seed=seeds, place=st.integers(0, 17), other=st.sampled_from("0123456789X"))
def test_one_mistyped_character_of_a_resident_id_is_always_caught(seed: int, place: int, other: str) -> None:
    right = corpus.resident_id(corpus.random(seed))
    mistyped = right[:place] + other + right[place + 1 :]

    assert resident_id_fault(right, TODAY) is None
    assert (resident_id_fault(mistyped, TODAY) is None) == (mistyped == right)


@given(seed=seeds, last=st.sampled_from("0123456789X"))
def test_python_stdnum_agrees_on_the_check_digit_of_resident_ids(seed: int, last: str) -> None:
    # Only on that: it doubts a region in the years before the county had its present name.
    number = corpus.resident_id(corpus.random(seed))[:17] + last

    assert (ric.calc_check_digit(number) == last) == (resident_id_fault(number, TODAY) is None)


def test_no_county_there_ever_was_is_called_unknown() -> None:
    lines = resources.files("stdnum.cn").joinpath("loc.dat").read_text(encoding="utf-8").splitlines()
    province, unknown, seen = "", [], 0
    for line in lines:
        code = line.split(maxsplit=1)[0]
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            province = code
        elif code != "0000" and (province + code) not in ("810000", "820000", "830000"):
            seen += 1
            number = with_check_digit(province + code + "19000101001")
            if resident_id_fault(number, TODAY) is not None:
                unknown.append(province + code)

    assert seen > 6000
    assert unknown == []


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("passport", "E00000001"),
        ("hk_macao_permit", "H00000001"),
        ("hk_macao_permit", "M0000000101"),
        ("hk_macao_permit", "HA0000001"),
        ("taiwan_permit", "00000001"),
        ("taiwan_permit", "0000000101(B)"),
        ("foreign_resident_id", "XXX000000000000"),
        ("foreign_resident_id", with_check_digit("94200019000101001")),
        ("hmt_residence_permit", with_check_digit("81000019000101001")),
        ("hmt_residence_permit", with_check_digit("83000019000101001")),
        ("other", "士兵证 00001"),
    ],
)
def test_other_ids_are_taken_as_they_come(id_type: str, number: str) -> None:
    assert id_fault(id_type, number, TODAY) is None


@pytest.mark.parametrize(
    ("id_type", "number", "fault"),
    [
        ("passport", "护照", "id-format"),
        ("hk_macao_permit", "A00000001", "id-format"),
        ("taiwan_permit", "0001", "id-format"),
        ("foreign_resident_id", with_check_digit("42010619000101001"), "id-format"),
        ("foreign_resident_id", "940000190001010010", "id-check-digit"),
        ("foreign_resident_id", "XXX0", "id-length"),
        ("hmt_residence_permit", with_check_digit("42010619000101001"), "permit-region"),
        ("hmt_residence_permit", "810000190001010010", "id-check-digit"),
        ("other", "   ", "id-format"),
        ("other", "0" * 65, "id-format"),
    ],
)
def test_other_ids_are_refused_only_when_surely_wrong(id_type: str, number: str, fault: str) -> None:
    assert id_fault(id_type, number, TODAY) == fault


def test_every_id_type_of_the_codelist_can_be_judged() -> None:
    for entry in codelist("id_types"):
        id_fault(entry.code, "0", TODAY)


# --- document numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        "武市监处罚〔2024〕12号",
        "武环罚〔2025〕3号",
        "鄂武江检建〔2026〕105号",
        "武公（江）行罚决字〔2026〕105号",
    ],
)
def test_a_document_number_in_standard_form_stays_as_it_is(number: str) -> None:
    assert document_no_fault(number) is None
    assert normalise_document_no(number) == number


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("武市监处罚[2024]12号", "武市监处罚〔2024〕12号"),
        ("武市监处罚【2024】12号", "武市监处罚〔2024〕12号"),
        ("武市监处罚（2024）12号", "武市监处罚〔2024〕12号"),
        ("武市监处罚〔2024〕012号", "武市监处罚〔2024〕12号"),
        ("武市监处罚〔24〕12号", "武市监处罚〔2024〕12号"),
        ("武市监处罚〔98〕12号", "武市监处罚〔1998〕12号"),
        ("武市监处罚〔2024〕第12号", "武市监处罚〔2024〕12号"),
        (" 武市监处罚 〔２０２４〕 １２ 号\n", "武市监处罚〔2024〕12号"),
        ("武公(江)行罚决字[2026]00105号", "武公（江）行罚决字〔2026〕105号"),
        ("（武昌）应急罚〔2025〕5-1号", "（武昌）应急罚〔2025〕5-1号"),
        ("武市监处罚〔2024〕12之01号", "武市监处罚〔2024〕12之1号"),
        ("武环罚2024第12号", "武环罚2024第12号"),
    ],
)
def test_a_document_number_in_loose_form_is_taken_with_a_warning_and_normalised(raw: str, normal: str) -> None:
    assert document_no_fault(raw) == "document-no-form"
    assert wordings()["document-no-form"].kind == "warning"
    assert normalise_document_no(raw) == normal


@pytest.mark.parametrize(
    "raw", ["武市监处罚〔2024〕12", "12号", "〔2024〕12号", "武市监处罚〔2024〕号", "", "号", "无"]
)
def test_what_cannot_be_a_document_number_is_refused(raw: str) -> None:
    assert document_no_fault(raw) == "document-no"


def test_two_writings_of_one_document_number_are_the_same_number() -> None:
    writings = ["武公（江）罚〔2026〕5-1号", "武公(江)罚[2026]第005-01号", "武公江罚〔26〕5之1 号"]

    assert len(set(map(document_no_key, writings))) == 1


@pytest.mark.parametrize(
    "other", ["武公罚〔2026〕51号", "武公罚〔2025〕5-1号", "武公决〔2026〕5-1号", "武公罚〔2026〕5号"]
)
def test_another_word_year_or_serial_is_another_document(other: str) -> None:
    assert document_no_key(other) != document_no_key("武公罚〔2026〕5-1号")


@given(raw=st.text("武市监处罚字第号之0124-　 〔〕[]（）(", max_size=24))
def test_what_is_normalised_once_is_normal(raw: str) -> None:
    once = normalise_document_no(raw)

    assert normalise_document_no(once) == once
    assert document_no_key(once) == document_no_key(raw)
