"""Is this number what it claims to be? Credit codes, organisation codes, ids of persons, document numbers.

Pure and fast: no clock (today is an argument), tables built once. Each `…_fault` answers None or one stable
code of `codelists/faults.csv`, the gravest first.
Only what is surely wrong is a fault: agencies hold old numbers, and a number refused is a case not reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from operator import getitem
from types import MappingProxyType

# --- GB 32100-2015, unified social credit code --------------------------------------------------

PLACEHOLDER_CREDIT_CODE = "0" * 17 + "X"
"""What the credit-publicity rules of before 2018 had agencies write for a party that has no code yet."""

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECKS = "0123456789X"

# One table a place, character to weighted value, so that a code is judged in one C-level pass: sum(map(getitem, …)).
# In a credit code two sums run in one number: the low half modulo 31 is GB 32100, the high half modulo 11 is the
# organisation code in characters 9 to 17 (GB 11714). A character a place does not allow is a KeyError.
_HIGH = 16
_NO_CHECK_CHARACTER = 1 << 40  # a letter other than X where GB 11714 has its check character: never right


def _credit_table(place: int) -> Mapping[str, int]:
    allowed = "0123456789" if 2 <= place < 8 else CREDIT_ALPHABET
    weight = pow(3, place, 31) if place < 17 else 1
    return {
        character: CREDIT_ALPHABET.index(character) * weight + _organisation_value(place - 8, character)
        for character in allowed
    }


def _organisation_value(place: int, character: str) -> int:
    if not 0 <= place <= 8:
        return 0
    if place < 8:
        return (ORGANISATION_ALPHABET.index(character) * _ORGANISATION_WEIGHTS[place]) << _HIGH
    if character not in _ORGANISATION_CHECKS:
        return _NO_CHECK_CHARACTER
    return _ORGANISATION_CHECKS.index(character) << _HIGH


_CREDIT_TABLES = tuple(_credit_table(place) for place in range(18))


def credit_code_fault(value: str) -> str | None:
    """What is wrong with an 18-character credit code as sent, or None. Lower case is not repaired here."""
    if len(value) != 18:
        return "credit-code-length"
    try:
        sums = sum(map(getitem, _CREDIT_TABLES, value))
    except KeyError:
        return "credit-code-format"
    if (sums & 0xFFFF) % 31:
        return "placeholder-code" if value == PLACEHOLDER_CREDIT_CODE else "check-digit"
    return "organisation-part" if sums >= _NO_CHECK_CHARACTER or (sums >> _HIGH) % 11 else None


def credit_check_digit(first_17: str) -> str:
    """The eighteenth character of a credit code, from the seventeen before it."""
    return CREDIT_ALPHABET[-(sum(map(getitem, _CREDIT_TABLES, first_17)) & 0xFFFF) % 31]


# --- GB 11714-1997, organisation code -----------------------------------------------------------

_ORGANISATION_TABLES = (
    *({c: ORGANISATION_ALPHABET.index(c) * weight for c in ORGANISATION_ALPHABET} for weight in _ORGANISATION_WEIGHTS),
    {c: _ORGANISATION_CHECKS.index(c) for c in _ORGANISATION_CHECKS},
)


def organisation_code_fault(value: str) -> str | None:
    """What is wrong with an organisation code, written with or without its hyphen, or None."""
    code = normalise_organisation_code(value)
    if len(code) != 9:
        return "organisation-code-length"
    try:
        return "organisation-code-check-digit" if sum(map(getitem, _ORGANISATION_TABLES, code)) % 11 else None
    except KeyError:
        return "organisation-code-format"


def organisation_check_digit(first_8: str) -> str:
    """The ninth character of an organisation code, from the eight before it."""
    return _ORGANISATION_CHECKS[-sum(map(getitem, _ORGANISATION_TABLES, first_8)) % 11]


def normalise_organisation_code(value: str) -> str:
    """The nine characters without the hyphen before the last, for comparison."""
    return value[:-2] + value[-1] if value[-2:-1] == "-" else value


# --- GB 11643-1999, resident identity number ----------------------------------------------------

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_TABLES = (
    *({str(digit): digit * weight for digit in range(10)} for weight in _RESIDENT_WEIGHTS),
    {str(digit): digit for digit in range(10)} | {"X": 10, "x": 10},
)
# GB/T 2260 by its structure, not by its ever changing list: the provinces; then 01–20 and 51–70 cities, 21–50
# prefectures and leagues, 90 counties directly under the province, 00 the counties of Hainan before 2002. Abolished
# codes keep that shape, so an old number is not doubted.
_RESIDENT_REGION = re.compile(
    r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71)(0[1-9]|[1-6][0-9]|70|90)[0-9]{2}|4600[0-3][0-9]", re.ASCII
)
_PERMIT_REGIONS = ("810000", "820000", "830000")  # Hong Kong, Macao, Taiwan


def resident_id_fault(value: str, today: date) -> str | None:
    """What is wrong with an 18-character resident id, or None; a final x is read as X.

    "region-unknown" is a warning and comes only when nothing else is wrong. Numbers of 15 digits (issued
    until 1999, void since 2013) are refused for their length.
    """
    fault = _numbered_like_a_resident(value, today)
    if fault is None and not _RESIDENT_REGION.match(value):
        return "region-unknown"
    return fault


def resident_check_digit(first_17: str) -> str:
    """The eighteenth character of a resident id (ISO 7064 MOD 11-2)."""
    return _ORGANISATION_CHECKS[(1 - sum(map(getitem, _RESIDENT_TABLES, first_17))) % 11]


def normalise_resident_id(value: str) -> str:
    """The number with its check character as the standard writes it: a final x becomes X."""
    return value[:-1] + "X" if value.endswith("x") else value


def _numbered_like_a_resident(value: str, today: date) -> str | None:
    """The checks that resident ids share with the permits modelled on them."""
    if len(value) != 18:
        return "id-length"
    try:
        remainder = sum(map(getitem, _RESIDENT_TABLES, value)) % 11
    except KeyError:
        return "id-format"
    return _birth_date_fault(value, today) if remainder == 1 else "id-check-digit"


def _birth_date_fault(number: str, today: date) -> str | None:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "birth-date"
    if born > today:
        return "birth-date-future"
    return "birth-date" if born.year < 1800 else None


# --- other ids of persons -----------------------------------------------------------------------


def _hmt_residence_permit_fault(value: str, today: date) -> str | None:
    fault = _numbered_like_a_resident(value, today)
    return fault if fault or value[:6] in _PERMIT_REGIONS else "permit-region"


_FOREIGN_CARD_2017 = re.compile(r"[A-Z]{3}[0-9]{12}", re.ASCII)


def _foreign_resident_id_fault(value: str, today: date) -> str | None:
    """15 characters until November 2023; since then 18 that begin with 9 and end in a MOD 11-2 check character."""
    if len(value) == 15:
        return None if _FOREIGN_CARD_2017.fullmatch(value) else "id-format"
    if len(value) == 18 and value[0] != "9":
        return "id-format"
    return _numbered_like_a_resident(value, today)


def _shaped(pattern: str) -> Callable[[str, date], str | None]:
    shape = re.compile(pattern, re.ASCII)
    return lambda value, today: None if shape.fullmatch(value) else "id-format"


_ID_FAULTS: Mapping[str, Callable[[str, date], str | None]] = MappingProxyType(
    {
        "resident_id": resident_id_fault,
        "passport": _shaped(r"[A-Za-z0-9]{5,20}"),
        # One letter and eight characters; the cards of before 2013 add two digits for the times of renewal.
        "hk_macao_permit": _shaped(r"[HMhm][A-Za-z0-9][0-9]{7}([0-9]{2})?"),
        # Eight digits on the card of 2015; the earlier booklets add digits and a letter in brackets.
        "taiwan_permit": _shaped(r"[A-Za-z]?[0-9]{7,10}(\([A-Za-z0-9]{1,2}\)|[A-Za-z])?"),
        "foreign_resident_id": _foreign_resident_id_fault,
        "hmt_residence_permit": _hmt_residence_permit_fault,
        "other": _shaped(r"(?a:\S)(.{0,62}(?a:\S))?"),
    }
)


def id_fault(id_type: str, value: str, today: date) -> str | None:
    """What is wrong with the number of an id of this type (codelist `id_types`), or None. KeyError if unknown."""
    return _ID_FAULTS[id_type](value, today)


def normalise_id(id_type: str, value: str) -> str:
    """The number as it is compared: only a final x of the 18-character kinds is changed."""
    return normalise_resident_id(value) if len(value) == 18 and id_type in _CHECKED_IDS else value


_CHECKED_IDS = ("resident_id", "foreign_resident_id", "hmt_residence_permit")


# --- document numbers, GB/T 9704-2012 7.2.5 -----------------------------------------------------

_HAN = r"[\u3400-\u9fff\u3007]"
_OPEN, _CLOSE = r"[〔\[【(（〖〈《「{]", r"[〕\]】)）〗〉》」}]"
# Full-width forms to ASCII, dashes to one dash; brackets are settled by what they hold, below.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(map(ord, "‐‑‒–—―－−﹣"), ord("-"))
_NOTHING = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_SERIAL = r"[0-9]{1,20}(?:(?:-|之)(?:[0-9]{1,6}|[一二三四五六七八九十]{1,3}))*"
_NUMBER = re.compile(
    rf"(?P<word>.*?{_HAN}.*?){_OPEN}(?P<year>(?:(?:19|20)[0-9])?[0-9]{{1,2}}){_CLOSE}第?(?P<serial>{_SERIAL})号"
)
_OTHER_NUMBER = re.compile(rf"(?=.*{_HAN}.*[0-9])(?=.*(?:19|20)[0-9]{{2}}).*[0-9]号")
_STRICT = re.compile(rf"{_HAN}{{2,20}}〔(?:19|20)[0-9]{{2}}〕[1-9][0-9]{{0,5}}号")
# Police units put the sub-unit in brackets into the middle of their word: 武公（江）行罚决字〔2026〕105号.
_STRICT_WITH_UNIT = re.compile(
    rf"(?=.{{2,40}}〔){_HAN}{{1,20}}（{_HAN}{{1,10}}）{_HAN}{{0,20}}〔(?:19|20)[0-9]{{2}}〕[1-9][0-9]{{0,5}}号"
)


def normalise_document_no(raw: str) -> str:
    """The number as GB/T 9704 would write it, as far as that can be told: 机关代字〔年份〕序号号.

    Brackets, widths, white space, 第, padded serials and years of two digits (50 to 99 are 19xx) are settled;
    what cannot be read as word, year and serial keeps its parts and loses only white space and full width.
    """
    if _is_strict(raw):
        return raw
    text = _NOTHING.sub("", raw).translate(_WIDTH)
    found = _NUMBER.fullmatch(text)
    if not found:
        return text.translate(_ROUND)
    word = found["word"].translate(_ROUND)
    return f"{word}〔{_four_digits(found['year'])}〕{_unpadded(found['serial'])}号"


_ROUND = str.maketrans("[【({〖〔]】)}〗〕", "（" * 6 + "）" * 6)


def _four_digits(year: str) -> str:
    if len(year) == 4:
        return year
    return f"{20 if int(year) < 50 else 19}{int(year):02}"


def _unpadded(serial: str) -> str:
    return re.sub(r"[0-9]+", lambda digits: str(int(digits[0])), serial)


def document_no_key(raw: str) -> str:
    """Agency word, year and serial of the number, for comparison: equal for all writings of one number."""
    number = normalise_document_no(raw)
    found = _NUMBER.fullmatch(number)
    if not found:
        return number
    word = found["word"].translate(_NO_BRACKETS)
    return f"{word}/{found['year']}/{found['serial'].replace('之', '-')}"


_NO_BRACKETS = str.maketrans("", "", "（）")


def document_no_fault(raw: str) -> str | None:
    """What is wrong with a document number as sent, or None.

    "document-no" if it cannot be one; "document-no-form", a warning, if it can be read but is loosely written.
    """
    if _is_strict(raw):
        return None
    text = _NOTHING.sub("", raw).translate(_WIDTH)
    if _NUMBER.fullmatch(text) or _OTHER_NUMBER.fullmatch(text):
        return "document-no-form"
    return "document-no"


def _is_strict(raw: str) -> bool:
    return bool(_STRICT.fullmatch(raw) or _STRICT_WITH_UNIT.fullmatch(raw))
