"""What may be looked for, by whom and where: a search must not tell who a person is, nor leave it in an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from app.callers import Scope
from app.refusals import PersonalDataInAddress, RoleMayNot
from schemas.faults import Fault
from schemas.fields import PERSONAL

_CREDIT_CODE = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}", re.ASCII)
_SEPARATORS = re.compile(r"(?<=[0-9A-Za-z])[\s\-‐-―－_.]+(?=[0-9A-Za-z])")
_LIKE_A_RESIDENTS = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])|(?<![0-9])[0-9]{15}(?![0-9])", re.ASCII)
# Passports of China, and the permits of Hong Kong and Macao residents and of foreigners (codelist id_types).
_OTHER_PAPERS = re.compile(
    r"(?<![0-9A-Za-z])(?:[DEGPS][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|[HM][0-9]{8}(?:[0-9]{2})?|[A-Z]{3}[0-9]{12})(?![0-9A-Za-z])",
    re.ASCII | re.IGNORECASE,
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def may_ask(scope: Scope, party_code: str | None) -> None:
    """Refuse a reader who is not shown who persons are and looks for one: the answer would say whose number it is.

    Raises RoleMayNot.
    """
    if PERSONAL.kind in scope.withheld and party_code is not None and not is_of_an_organisation(party_code):
        raise RoleMayNot([Fault("/party_code", "masked-search")])


def may_stand_in_an_address(party_code: str | None, q: str | None) -> None:
    """Refuse numbers of persons in an address: addresses are kept in logs and histories. Raises PersonalDataInAddress.

    A `party_code` has to be a credit code: whatever else it is may be the number of a person's paper.
    """
    faults = list(_personal(party_code, q))
    if faults:
        raise PersonalDataInAddress(faults)


def _personal(party_code: str | None, q: str | None) -> Iterator[Fault]:
    if party_code is not None and not is_of_an_organisation(party_code):
        yield Fault("/party_code", "personal-data")
    if q is not None and holds_a_persons_number(q):
        yield Fault("/q", "personal-data")


def is_of_an_organisation(code: str) -> bool:
    """Whether this can only be a credit code; one of digits alone with a day of birth in it is taken for a person's.

    Its check digit is not looked at: a credit code mistyped finds nothing, and a resident id can pass for one.
    """
    return _CREDIT_CODE.fullmatch(code.upper()) is not None and not _is_like_a_residents(code)


def holds_a_persons_number(text: str) -> bool:
    """Whether the number of a person's paper stands in the text, also one written in groups or in full width."""
    plain = text.translate(_FULL_WIDTH)
    return any(
        _OTHER_PAPERS.search(one) or any(_is_like_a_residents(found[0]) for found in _LIKE_A_RESIDENTS.finditer(one))
        for one in (plain, _SEPARATORS.sub("", plain))
    )


def _is_like_a_residents(number: str) -> bool:
    """Whether it has the digits of a resident id, old or new, with a day of birth where that has one."""
    if re.fullmatch(r"[0-9]{15}", number, re.ASCII):
        return _is_a_day("19" + number[6:12])
    return re.fullmatch(r"[0-9]{17}[0-9Xx]", number, re.ASCII) is not None and _is_a_day(number[6:14])


def _is_a_day(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return 1800 <= day.year < 2100
