"""A cell of a file: what people and spreadsheet programs write into it, and how it becomes a value of the standard.

A reader takes the text of a cell without the blanks around it and answers with a value as JSON has it, or raises
CellError. Money is read exact to the fen; a number that a spreadsheet has rounded is never taken.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType

# Relative on purpose: the standard can be copied out of this repository and works under any name.
from ..codelists import Codelist, codelist  # noqa: TID252

Reader = Callable[[str], object]

LONG_TERM = "2099-12-31"
"""How the credit standard says that a period has no end; kept so in the record."""


class CellError(ValueError):
    """A cell that does not say what its column asks for; becomes a Fault."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


# --- what is in a cell at all -------------------------------------------------------------------

WIDTH: Mapping[int, int] = MappingProxyType({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
"""Full-width forms to ASCII, for str.translate."""

ABSENT = frozenset(("", "/", "／", "无"))
"""What people write for nothing."""

_ODD_NEWLINE = re.compile("\r\n?")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANK = re.compile(r"\s+")


def clean(cell: str) -> str:
    """The cell without the blanks around it, its line breaks as the standard has them."""
    text = _ODD_NEWLINE.sub("\n", cell) if "\r" in cell else cell
    return text.strip(" \t\n\u3000\xa0\u200b\ufeff")


def is_said(cell: str) -> bool:
    """Whether the cell says anything: empty, / and 无 do not."""
    return bool(cell) and clean(cell) not in ABSENT


def folded(text: str) -> str:
    """Words without what differs from writer to writer: width and blanks."""
    return _BLANK.sub("", text.translate(WIDTH))


# --- words and numbers --------------------------------------------------------------------------


def words(text: str) -> str:
    """Words as they stand."""
    if _CONTROL.search(text):
        raise CellError("control-character")
    return text


_FORCED_TEXT = re.compile(r"""="(.*)"|'(.*)""", re.DOTALL)
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+|[0-9]+\.0*", re.ASCII)


def number(text: str) -> str:
    """A registration number. Scientific notation has lost digits (`4.20102E+17`) and is never taken."""
    forced = _FORCED_TEXT.fullmatch(text)
    text = words((forced[1] or forced[2] or "") if forced else text)
    if _SCIENTIFIC.fullmatch(text.translate(WIDTH)):
        raise CellError("rounded-by-spreadsheet")
    return text


def code(text: str) -> str:
    """A code with a check digit: without the blanks, full width and lower case that typing brings in."""
    return folded(number(text)).upper()


# --- days ---------------------------------------------------------------------------------------

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|([0-9]{2}))([0-9]{1,2})", re.ASCII)
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00)?(\.0+)?$")


def day(text: str) -> str:
    """A date in one of the ways people write it, as ISO; 长期 is `LONG_TERM`."""
    if text in ("长期", "长期有效", "永久"):
        return LONG_TERM
    plain = _MIDNIGHT.sub("", text.translate(WIDTH)).replace("年", "-").replace("月", "-").replace("日", "")
    found = _DAY.fullmatch(re.sub(r"\s*([-/.])\s*", r"\1", plain))
    if found and (found[5] is None or len(found[6]) == 2):
        month = found[2] or found[3] or found[4] or found[5]
        try:
            return date(int(found[1]), int(month), int(found[6])).isoformat()
        except ValueError:
            pass
    raise CellError("cell-date")


# --- moments ------------------------------------------------------------------------------------

_WITH_OFFSET = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_CLOCK = re.compile(
    r"(?:[ T]|(?<=日))(?:([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?|([0-9]{1,2})[时点]([0-9]{1,2})分)$"
)
_SHANGHAI = "+08:00"


def moment(text: str) -> str:
    """A day or a moment as ISO; a moment keeps its offset, and one without any is by the clock of Shanghai.

    Midnight without an offset is a day, for so spreadsheet programs write days.
    """
    if _WITH_OFFSET.fullmatch(text):
        return text
    plain = _BLANK.sub(" ", text.translate(WIDTH))
    found = _CLOCK.search(plain)
    try:
        on = day(plain[: found.start()] if found else plain)
        at = time.fromisoformat(":".join(part.zfill(2) for part in found.groups() if part)) if found else time.min
    except (CellError, ValueError):
        raise CellError("cell-moment") from None
    return on if at == time.min else f"{on}T{at.isoformat()}{_SHANGHAI}"


_ON_THE_MINUTE = re.compile(rf"([0-9-]{{10}})T(?!00:00)([0-9]{{2}}:[0-9]{{2}}):00{re.escape(_SHANGHAI)}", re.ASCII)


def written_moment(said: str) -> str:
    """What a cell has to hold for `moment` to say this day or moment.

    `2026-10-09 10:20`, as people write it, unless that would lose something: spreadsheet programs do not show seconds
    and drop what they do not show.
    """
    return _ON_THE_MINUTE.sub(r"\1 \2", said)


# --- money --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of money; the decimals allowed are those down to the fen."""

    zh: str
    en: str
    yuan: int
    places: int
    example: str


YUAN = Unit("元", "yuan", 1, 2, "2000.00")
TEN_THOUSAND = Unit("万元", "ten thousand yuan", 10_000, 6, "0.2")
_AMOUNT = re.compile(
    r"(?P<number>(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<decimals>[0-9]+))?)(?P<unit>万?元)?", re.ASCII
)


def money(text: str, unit: Unit) -> str:
    """An amount as yuan with two places, exact."""
    text = text.translate(WIDTH)
    if "E" in text.upper() and _SCIENTIFIC.fullmatch(text):
        raise CellError("rounded-by-spreadsheet")
    found = _AMOUNT.fullmatch(_BLANK.sub("", text))
    if not found or found["unit"] not in (None, unit.zh) or len(found["decimals"] or "") > unit.places:
        raise CellError("cell-amount", unit_zh=unit.zh, unit_en=unit.en, places=unit.places, example=unit.example)
    return f"{Decimal(found['number'].replace(',', '')) * unit.yuan:.2f}"


# --- whole numbers ------------------------------------------------------------------------------

_WHOLE = re.compile(r"([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.0*)?", re.ASCII)


def integer(text: str) -> int:
    """A whole number; 2.0 is one, for so programs write what they took for a decimal."""
    plain = folded(text)
    if "E" in plain.upper() and _SCIENTIFIC.fullmatch(plain):
        raise CellError("rounded-by-spreadsheet")
    found = _WHOLE.fullmatch(plain)
    if not found:
        raise CellError("cell-integer")
    return int(found[1].replace(",", ""))


# --- codelists ----------------------------------------------------------------------------------


def known(name: str, text: str) -> str:
    """The code of a wording in the codelist `name`, or the code itself."""
    entries = codelist(name)
    plain = folded(text)
    found = plain.lower() if plain.lower() in entries else wordings(name).get(plain)
    if found is None:
        raise CellError("cell-wording", **choices(entries))
    return found


def choices(entries: Codelist) -> dict[str, str | int]:
    """What may be written instead, as the details of `cell-wording`."""
    return {
        "known_zh": "、".join(entry.zh for entry in entries),
        "known_en": ", ".join(f"{entry.zh} ({entry.en})" for entry in entries),
    }


@functools.cache
def wordings(name: str) -> Mapping[str, str]:
    """Every way the list's codes are called, folded."""
    entries = codelist(name)
    more = {text: entry.code for entry in entries for text in entry.more.get("also", "").split("|") if text}
    own = {entry.zh: entry.code for entry in entries}
    return MappingProxyType({folded(text): code for text, code in (more | own).items()})


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "words": words,
        "code": code,
        "number": number,
        "day": day,
        "ten_thousands": lambda text: money(text, TEN_THOUSAND),
        "yuan": lambda text: money(text, YUAN),
        "party_kind": lambda text: known("party_kinds", text),
        "id_type": lambda text: known("id_types", text),
    }
)
"""Readers by the name that columns call them by; a layout may have more of its own."""
