"""What tells who a person is: not asked for by a masked reader, not left in an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.callers import Scope
from app.refusals import PersonalDataInAddress, RoleMayNot
from app.rules.searching import holds_a_persons_number, is_of_an_organisation, may_ask, may_stand_in_an_address
from tests import corpus
from tests.tips import ALL_CLASSES, SECRET_CLASSES

RESIDENT = corpus.resident_id(corpus.random("somebody"))
AUDITOR = Scope("auditor", "4201", withheld=ALL_CLASSES)
PROCURATORATE = Scope("procuratorate", "4201", withheld=frozenset())
AGENCY = Scope("agency", None, withheld=SECRET_CLASSES)


@given(st.integers(0, 10**6), st.sampled_from(["91", "92", "11", "93", "N1"]))
def test_a_credit_code_is_of_an_organisation(seed: int, kind: str) -> None:
    code = corpus.credit_code(corpus.random(seed), kind)

    assert is_of_an_organisation(code)
    assert is_of_an_organisation(code.lower())
    assert not holds_a_persons_number(f"按 {code} 查")


@given(st.integers(0, 10**6))
def test_a_resident_id_is_never_taken_for_an_organisations(seed: int) -> None:
    number = corpus.resident_id(corpus.random(seed))
    in_groups = f"{number[:6]}-{number[6:14]} {number[14:]}"
    in_full_width = "".join(chr(ord(character) + 0xFEE0) for character in number)

    assert not is_of_an_organisation(number)
    assert all(
        holds_a_persons_number(one) for one in (number, number.lower(), in_groups, in_full_width, f"查{number}的")
    )


@pytest.mark.parametrize(
    "number",
    ["420106491001123", "E12345678", "EA1234567", "g12345678", "H01234567", "M0123456789", "ABC123456789012"],
)
def test_other_papers_are_known_by_their_shape(number: str) -> None:
    assert not is_of_an_organisation(number)
    assert holds_a_persons_number(number)
    assert holds_a_persons_number(f"证件{number}，过期")


@pytest.mark.parametrize(
    "text",
    [
        "武市监处罚〔2026〕12号",
        "2026-09-30",
        "12000.00",
        "420106000012345",  # a registration number: no month 00
        "420106209913321234",  # no month 13
        "XK000123",
        "食品 经营 许可 JY14201060012345",
        "1" * 20,
        "",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not holds_a_persons_number(text)


@pytest.mark.parametrize("number", [RESIDENT, RESIDENT.lower(), "E12345678", "4201", "91420106XXABCDEFG", "武汉"])
def test_a_masked_reader_may_not_ask_by_anything_but_a_credit_code(number: str) -> None:
    with pytest.raises(RoleMayNot) as refused:
        may_ask(AUDITOR, number)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/party_code", "masked-search")]
    may_ask(PROCURATORATE, number)
    may_ask(AGENCY, number)
    may_ask(AUDITOR, corpus.credit_code(corpus.random(1)))
    may_ask(AUDITOR, None)


def test_every_number_of_a_person_in_an_address_is_told() -> None:
    with pytest.raises(PersonalDataInAddress) as refused:
        may_stand_in_an_address(RESIDENT, f"样例 {RESIDENT}")

    assert [fault.pointer for fault in refused.value.faults] == ["/party_code", "/q"]
    may_stand_in_an_address(corpus.credit_code(corpus.random(1)), "样例 商贸")
    may_stand_in_an_address(None, None)
