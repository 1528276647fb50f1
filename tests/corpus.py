"""Made-up penalties and files of them: the same from one seed every time, valid to the last check digit.

Nobody is meant: credit codes carry an organisation part beginning with XX, which was never issued, and people
are born before 1906.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal

from schemas.codelists import codelist
from schemas.identifiers import credit_check_digit, organisation_check_digit, resident_check_digit
from schemas.layouts.credit_publicity import BY_CODE, COLUMNS

ORGANISATION = "1142010000999999X0"
ORGAN_NAME = "武汉市样例监督管理局"
DISTRICTS = tuple(entry.code for entry in codelist("regions") if entry.parent == "420100" and entry.code.isdigit())

PartyKind = Literal["legal_person", "natural_person", "sole_trader"]
Cells = dict[str, str]


def random(seed: object) -> Random:
    """A generator for this seed alone; made-up data needs no cryptography."""
    return Random(f"liandong {seed}")


def organisation_code(rng: Random) -> str:
    """Nine characters of GB 11714 in a range never issued."""
    body = "XX" + "".join(rng.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=6))
    return body + organisation_check_digit(body)


def credit_code(rng: Random, kind: str = "91", region: str = "420106") -> str:
    """Eighteen characters of GB 32100: `kind` 91 enterprise, 92 sole trader, 11 organ of state."""
    first_17 = kind + region + organisation_code(rng)
    return first_17 + credit_check_digit(first_17)


def resident_id(rng: Random, region: str = "420106") -> str:
    """The resident id of somebody born between 1880 and 1905."""
    born = date(1880, 1, 1) + timedelta(days=rng.randrange(9496))
    first_17 = f"{region}{born:%Y%m%d}{rng.randrange(1000):03}"
    return first_17 + resident_check_digit(first_17)


def document_no(n: int, year: int = 2026, word: str = "武市监处罚") -> str:
    """The number of the n-th document of a year."""
    return f"{word}〔{year}〕{n}号"


# --- penalties ----------------------------------------------------------------------------------

_KINDS = (["03"], ["01", "03"], ["04"], ["03", "05"], ["10"], ["03", "08"], ["06"], ["99"], ["02"], ["01"])
_PARTY_KINDS: tuple[PartyKind, ...] = ("legal_person",) * 6 + ("sole_trader",) * 2 + ("natural_person",) * 2


def penalty(
    n: int,
    *,
    organisation: str = ORGANISATION,
    region: str | None = None,
    field: str = "market",
    party_kind: PartyKind | None = None,
    kinds: list[str] | None = None,
    **changes: object,
) -> dict[str, Any]:
    """The n-th penalty, valid as it stands; `changes` replace members of it, None takes one out."""
    rng = random(n)
    decided = date(2026, 1, 5) + timedelta(days=n % 240)
    kinds = kinds or _KINDS[n % len(_KINDS)]
    said: dict[str, Any] = {
        "record_type": "penalty",
        "source_id": f"2026-例-{n:06}",
        "organisation": organisation,
        "region": region or DISTRICTS[n % len(DISTRICTS)],
        "field": field,
        "decision_no": document_no(n),
        "party": party(rng, n, party_kind or _PARTY_KINDS[rng.randrange(10)]),
        "violation_type": "未按规定标示产品信息",
        "violation_facts": f"经查,当事人第 {n} 号经营场所\n销售的样例商品未按规定标示产品信息。",
        "legal_basis": "《中华人民共和国产品质量法》第五十四条",
        "penalty_kinds": kinds,
        "penalty_content": _content(kinds),
        "fine_yuan": f"{Decimal(rng.randrange(10_000, 9_000_000)) / 100:.2f}" if "03" in kinds else None,
        "confiscated_yuan": f"{rng.randrange(100, 90_000)}.00" if {"04", "05"} & set(kinds) else None,
        "licence": f"样例许可证 XK{n:06}" if {"06", "08"} & set(kinds) else None,
        "decided_on": decided.isoformat(),
        "publicity_until": decided.replace(year=2029).isoformat(),
        "organ": {"name": ORGAN_NAME, "credit_code": organisation},
        "data_source": {"name": ORGAN_NAME, "credit_code": organisation},
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def party(rng: Random, n: int, kind: PartyKind) -> dict[str, Any]:
    """A party of this kind; its name says that it is made up."""
    if kind == "natural_person":
        return {"name": f"样例当事人{n}", "kind": kind, "id_type": "resident_id", "id_no": resident_id(rng)}
    if kind == "sole_trader":
        return {"name": f"武昌区样例第{n}便利店", "kind": kind, "credit_code": credit_code(rng, "92")}
    return {
        "name": f"武汉样例第{n}商贸有限公司",
        "kind": kind,
        "credit_code": credit_code(rng),
        "legal_representative": {"name": f"样例代表{n}", "id_type": "resident_id", "id_no": resident_id(rng)},
    }


def _content(kinds: list[str]) -> str:
    return (
        "决定" + "、".join("责令改正" if kind == "99" else codelist("penalty_kinds").zh(kind) for kind in kinds) + "。"
    )


# --- 双公示 files ---------------------------------------------------------------------------------


def credit_publicity_csv(
    rows: int = 200,
    broken: int = 7,
    encoding: str = "utf-8",
    headings: Literal["zh", "code"] = "zh",
    delimiter: str = ",",
) -> tuple[bytes, dict[int, tuple[str, str]]]:
    """A 双公示 file of so many rows, and what is wrong with it: row number → (heading, fault code).

    The rows are `penalty(1)` … `penalty(rows)`, up to seven of them broken, each in another way.
    """
    breaks = dict(zip(sorted(random("broken rows").sample(range(1, rows + 1), broken)), BREAKS, strict=False))
    if len(breaks) != broken:
        raise ValueError(f"there are {len(BREAKS)} ways to break a row, not {broken}")
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow([column.heading if headings == "zh" else column.code for column in COLUMNS])
    expected = {}
    for n in range(1, rows + 1):
        cells = cells_of(penalty(n), n)
        if n in breaks:
            code, fault, spoil = breaks[n]
            cells = spoil(n)
            expected[n + 1] = (BY_CODE[code].heading if headings == "zh" else code, fault)
        writer.writerow([cells.get(column.code, "") for column in COLUMNS])
    return out.getvalue().encode(encoding), expected


def cells_of(record: Mapping[str, Any], n: int) -> Cells:
    """The cells of one penalty, by CF_ code, written in the ways people write them."""
    cells = {column.code: _cell(column.read, _at(record, column.pointer), n) for column in COLUMNS}
    return {code: cell for code, cell in cells.items() if cell} | _empty(n)


def _empty(n: int) -> Cells:
    return {"BZ": ("", "/", "无")[n % 3]}


def _at(record: Any, pointer: str) -> Any:  # noqa: ANN401 – a member of JSON may be anything
    for name in pointer.split("/")[1:]:
        record = record.get(name, {})
    return record or None


def _cell(read: str, value: Any, n: int) -> str:  # noqa: ANN401 – a member of JSON may be anything
    if value is None:
        return ""
    write: Mapping[str, Callable[[Any], str]] = {
        "party_kind": codelist("party_kinds").zh,
        "id_type": codelist("id_types").zh,
        "kinds": lambda kinds: ";；、"[n % 3].join(map(_kind_words, kinds)),
        "ten_thousands": lambda yuan: f"{(Decimal(yuan) / 10_000).normalize():f}",
        "day": lambda day: _written(date.fromisoformat(day), n),
    }
    return write.get(read, str)(value)


def _kind_words(kind: str) -> str:
    return "其他-责令改正" if kind == "99" else codelist("penalty_kinds").zh(kind)


def _written(day: date, n: int) -> str:
    return (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    )[n % 4]


def _credit_code_mistyped(n: int) -> Cells:
    cells = cells_of(penalty(n, party_kind="sole_trader"), n)
    right = cells["CF_XDR_SHXYM"]
    return cells | {"CF_XDR_SHXYM": right[:17] + ("1" if right[17] == "0" else "0")}


def _resident_id_mistyped(n: int) -> Cells:
    cells = cells_of(penalty(n, party_kind="natural_person"), n)
    right = cells["CF_XDR_ZJHM"]
    return cells | {"CF_XDR_ZJHM": right[:17] + ("1" if right[17] == "0" else "0")}


def _fined(n: int, **changes: str) -> Cells:
    return cells_of(penalty(n, kinds=["01", "03"]), n) | changes


BREAKS: tuple[tuple[str, str, Callable[[int], Cells]], ...] = (
    ("CF_XDR_SHXYM", "check-digit", _credit_code_mistyped),
    ("CF_JDRQ", "cell-date", lambda n: _fined(n, CF_JDRQ="2026-02-30")),
    ("CF_CFLB", "cell-wording", lambda n: _fined(n, CF_CFLB="罚站")),
    ("CF_NR_FK", "required-for-kind", lambda n: _fined(n, CF_NR_FK="")),
    ("CF_NR_FK", "cell-amount", lambda n: _fined(n, CF_NR_FK="0.2000001")),
    ("CF_WSH", "required-from-decision", lambda n: _fined(n, CF_WSH="/")),
    ("CF_XDR_ZJHM", "id-check-digit", _resident_id_mistyped),
)
"""The ways to break a row: the column's code, the fault it must be told with, and the broken cells."""
