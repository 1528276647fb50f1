"""What the layouts of penalties share: kinds in words, what no single cell tells, and what tells rows apart."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

# Relative on purpose: the standard can be copied out of this repository and works under any name.
from .. import identifiers  # noqa: TID252
from ..codelists import codelist  # noqa: TID252
from ..faults import Fault  # noqa: TID252
from .cells import READERS, CellError, Reader, choices, folded, wordings, words
from .columns import Column, Join, Joined, Uploader
from .literal import unguarded

RECORD_TYPE = "penalty"

# --- kinds --------------------------------------------------------------------------------------

_KIND_MARKS = re.compile(r"[;；、,，\n]+")
_LICENCE_KIND = re.compile(r"暂扣或者?吊销(许可证件?|执照|证照|许可证或者?执照)")
_OTHER_KIND = re.compile(r"其[他它](?:[-－—–―:：]+|[(（])(.+?)[)）]?")
_LICENCE = "06|08"
"""暂扣或者吊销 …: one kind before 2021, two since (处罚法 2021 art. 9)."""


def kinds(text: str) -> list[str]:
    """处罚类别: wordings of the 2018 layout, of the law of 2021, or codes, several in one cell."""
    codes: list[str] = []
    for part in filter(None, map(str.strip, _KIND_MARKS.split(text))):
        # 其他-责令改正、通报: what follows 其他 and is no kind of its own belongs to it.
        code = _kind(part) or ("99" if codes[-1:] == ["99"] else None)
        if code is None:
            raise CellError("cell-wording", **choices(codelist("penalty_kinds")))
        codes.append(code)
    return list(dict.fromkeys(codes))


def _kind(part: str) -> str | None:
    plain = folded(part)
    if _LICENCE_KIND.fullmatch(plain):
        return _LICENCE
    other = _OTHER_KIND.fullmatch(part)
    if other:
        # The layout has no column value for the kinds new in 2021: 其他-限制从业 is how they are published.
        return wordings("penalty_kinds").get(folded(other[1]), "99")
    return plain if plain in codelist("penalty_kinds") else wordings("penalty_kinds").get(plain)


def settled(kinds: Sequence[str], content: str, licence: str) -> list[str] | None:
    """The kinds with 暂扣或者吊销 made the one of the two that the penalty's words name; None if they do not tell."""
    if _LICENCE not in kinds:
        return list(kinds)
    said = f"{content} {licence}"
    fits = [code for code, verb in (("06", "暂扣"), ("08", "吊销")) if verb in said]
    if len(fits) != 1:
        return None
    return list(dict.fromkeys(fits[0] if kind == _LICENCE else kind for kind in kinds))


# --- what adds to the remarks -------------------------------------------------------------------

_MOST_REMARKS = 512
_LEAST_OF_AN_ASIDE = 20
_IN_FORCE = frozenset(("0", "正常"))
_STATES: Mapping[str, str] = MappingProxyType({"1": "撤销", "2": "异议", "3": "其他"})


def case_name(text: str) -> str:
    """案件名称, as the remarks say it."""
    return f"案件名称：{words(text)}"


def penalty_name(text: str) -> str:
    """处罚名称, as the remarks say it."""
    return f"处罚名称：{words(text)}"


def state(text: str) -> str | None:
    """当前状态 (0 or blank 正常, 1 撤销, 2 异议, 3 其他), as the remarks say it; None for a decision in force."""
    plain = folded(words(text))
    return None if plain in _IN_FORCE else f"当前状态：{_STATES.get(plain, plain)}"


def _remarks(said: Sequence[tuple[Column, Any]]) -> Joined:
    """All that goes to the remarks; where it is too much, what other columns add gives way."""
    own = sum(len(text) + 1 for column, text in said if not column.aside)
    asides = [column for column, _ in said if column.aside]
    room = (_MOST_REMARKS - own + 1) // max(len(asides), 1) - 1
    whole = "；".join(text for _, text in said)
    if len(whole) <= _MOST_REMARKS or room < _LEAST_OF_AN_ASIDE:
        return whole, next(((column, "state-in-remarks") for column in asides if column.read == "state"), None)
    parts = [text[: room - 1] + "…" if column.aside and len(text) > room else text for column, text in said]
    return "；".join(parts), (asides[0], "remarks-shortened")


def _all_kinds(said: Sequence[tuple[Column, Any]]) -> Joined:
    return list(dict.fromkeys(code for _, codes in said for code in codes)), None


JOINS: Mapping[str, Join] = MappingProxyType({"/penalty_kinds": _all_kinds, "/remarks": _remarks})

PENALTY_READERS: Mapping[str, Reader] = MappingProxyType(
    {
        **READERS,
        # What stands before = + - @ in a CSV keeps a spreadsheet program from taking the text for a formula.
        "words": lambda text: words(unguarded(text)),
        "kinds": kinds,
        "case_name": case_name,
        "penalty_name": penalty_name,
        "state": state,
    }
)

# --- what no single cell tells ------------------------------------------------------------------


def complete(record: dict[str, Any], uploader: Uploader) -> Iterator[Fault]:
    """Settle fillers for what does not apply and which kind a licence suffered; add the source and the identity."""
    yield from _settle(record)
    if "data_source" not in record:  # name and code of one organ: never one from the file, one from the uploader
        record |= _source_of(uploader)
    _identify(record, uploader)


def complete_older(record: dict[str, Any], uploader: Uploader) -> Iterator[Fault]:
    """The same for the layouts of before 2018, which say neither the kind of party nor the code of the organ.

    Both are derived where that is certain, and otherwise left out.
    """
    party = record.get("party", {})
    if "id_no" in party:
        party.setdefault("id_type", "resident_id")
    kind = _kind_of(party)
    if kind is not None:
        party.setdefault("kind", kind)
    organ = record.get("organ", {})
    if "name" in organ and folded(organ["name"]) == folded(uploader.data_source_name or ""):
        organ.setdefault("credit_code", uploader.data_source_code)
    yield from complete(record, uploader)


def _kind_of(party: Mapping[str, Any]) -> str | None:
    """Which kind of party its numbers tell: a credit code is never a person's, whatever id stands beside it."""
    code = party.get("credit_code", identifiers.PLACEHOLDER_CREDIT_CODE)
    if code != identifiers.PLACEHOLDER_CREDIT_CODE:
        return "sole_trader" if code.startswith("92") else "legal_person"
    if "id_no" in party:
        return "natural_person"
    return "legal_person" if "legal_representative" in party else None


def _source_of(uploader: Uploader) -> dict[str, Any]:
    known = {"name": uploader.data_source_name, "credit_code": uploader.data_source_code}
    given = {name: text for name, text in known.items() if text is not None}
    return {"data_source": given} if given else {}


def _settle(record: dict[str, Any]) -> Iterator[Fault]:
    party = record.get("party", {})
    if party.get("kind") == "natural_person" and party.get("credit_code") == identifiers.PLACEHOLDER_CREDIT_CODE:
        del party["credit_code"]
    kinds = record.get("penalty_kinds")
    if kinds is None:
        return
    for name, needs in (("fine_yuan", {"03"}), ("confiscated_yuan", {"04", "05"})):
        if record.get(name) == "0.00" and needs.isdisjoint(kinds):
            del record[name]
    told = settled(kinds, record.get("penalty_content", ""), record.get("licence", ""))
    if told is not None:
        record["penalty_kinds"] = told
    else:
        del record["penalty_kinds"]
        yield Fault("/penalty_kinds", "kind-ambiguous")


# --- identity -----------------------------------------------------------------------------------

_PARTY_KEYS = ("credit_code", "id_no", "organisation_code", "registration_no", "name")
_UNSTEADY = re.compile(r"[\s\u200b\u2060\ufeff‐‑‒–—―－−-]+")


def _identify(record: dict[str, Any], uploader: Uploader) -> None:
    """Give the record its `source_id`: one decision may cover several parties, so the party is part of it."""
    number, whom = record.get("decision_no"), party_key(record.get("party", {}))
    if number is not None and whom is not None:
        mark = hmac.new(uploader.key, whom.encode(), hashlib.sha256).hexdigest()[:12]
        record["source_id"] = f"{identifiers.normalise_document_no(number)}#{mark}"


def party_key(party: Mapping[str, Any]) -> str | None:
    """By what a party is told from the others of one decision: its best number, or its name; None if it has neither.

    Without what the same clerk writes otherwise the next time: width, blanks, hyphens, case.
    """
    whom = next((party[name] for name in _PARTY_KEYS if name in party), None)
    return None if whom is None else _UNSTEADY.sub("", folded(whom)).upper()
