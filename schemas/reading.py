"""Reading JSON so that nothing slips through: what two parsers could read differently is refused.

The wire contract's JSON is I-JSON (RFC 7493) narrowed further: UTF-8, no duplicate names, no fractions,
integers within ±2⁵³, no control characters but tab and newline, no lone surrogates, nesting at most
`MAX_DEPTH`. So the canonical form (RFC 8785) is trivial in every language.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

from .faults import Fault, pointer

MAX_DEPTH = 32
MAX_INTEGER = 2**53
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)', re.DOTALL)
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body says. Where `unreadable` is given there is no `value`; `faults` lie at places inside the value."""

    value: object
    faults: tuple[Fault, ...] = ()
    unreadable: Fault | None = None


class _Fraction(str):
    """A number with a fraction or an exponent, kept as text until its place is known."""

    __slots__ = ()


class _LongInteger(str):
    """An integer beyond ±2⁵³, kept as text until its place is known."""

    __slots__ = ()


class _Doubled(dict[str, object]):
    """An object in which a name stood twice."""

    __slots__ = ("names",)

    def __init__(self, pairs: list[tuple[str, object]], names: set[str]) -> None:
        super().__init__(pairs)
        self.names = names


class _NotANumber(ValueError):
    """NaN or Infinity, which JSON does not have."""


def read_json(raw: bytes, most_members: int | None = None) -> Reading:
    """Read one JSON text. Never raises for what a sender can send.

    `most_members`: what holds more members and items than this is not looked at further, so that a body made to
    have a fault at every byte costs no more than an honest one.
    """
    if not raw.strip():
        return Reading(None, unreadable=Fault("", "empty"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Reading(None, unreadable=Fault("", "not-utf-8"))
    if _too_deep(raw):
        return Reading(None, unreadable=Fault("", "nested-too-deep", {"limit": MAX_DEPTH}))
    marks = _Marks()
    try:
        value = marks.decoder().decode(text)
    except json.JSONDecodeError as error:
        return Reading(None, unreadable=Fault("", "not-json", {"line": error.lineno, "column": error.colno}))
    except _NotANumber:
        return Reading(None, unreadable=Fault("", "not-json", _place_of_constant(text)))
    if most_members is not None and _too_many(value, raw, most_members):
        return Reading(None, unreadable=Fault("", "too-many-members", {"limit": most_members}))
    # Walking costs more than parsing did, so it is left out where nothing calls for it: no hook took offence,
    # and neither an escape nor a raw character can have brought in what is unwanted.
    if marks.seen or "\\" in text or _UNWANTED.search(text):
        return Reading(value, tuple(_faults_in(value, "")))
    return Reading(value)


class _Marks:
    """The decoder's hooks for one text: each leaves its mark in the value, and `seen` says whether any did."""

    def __init__(self) -> None:
        self.seen = False

    def decoder(self) -> json.JSONDecoder:
        return json.JSONDecoder(
            object_pairs_hook=self._object, parse_float=self._fraction, parse_int=self._integer, parse_constant=_refuse
        )

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        self.seen = True
        counts = Counter(name for name, _ in pairs)
        return _Doubled(pairs, {name for name, count in counts.items() if count > 1})

    def _fraction(self, text: str) -> str:
        self.seen = True
        return _Fraction(text)

    def _integer(self, text: str) -> int | str:
        # int() itself refuses thousands of digits, so the length is looked at first.
        if len(text) <= 17 and abs(int(text)) <= MAX_INTEGER:
            return int(text)
        self.seen = True
        return _LongInteger(text)


def _place_of_constant(text: str) -> dict[str, int]:
    """Where the first NaN or Infinity stands that is not inside a string."""
    at = next(match.start() for match in _CONSTANT.finditer(text) if not match[0].startswith('"'))
    return {"line": text.count("\n", 0, at) + 1, "column": at - text.rfind("\n", 0, at)}


def _refuse(constant: str) -> NoReturn:
    raise _NotANumber(constant)


def is_clean(text: str) -> bool:
    """Whether a string holds no control characters but tab and newline, and no lone surrogates."""
    return _UNWANTED.search(text) is None


def with_clean_names(value: Any) -> Any:  # noqa: ANN401 – any JSON
    """A JSON value without the members whose names hold unwanted characters.

    Such a name was told at its object when it was read, and cannot be written into a pointer.
    """
    if isinstance(value, dict):
        return {name: with_clean_names(member) for name, member in value.items() if is_clean(name)}
    return [with_clean_names(item) for item in value] if isinstance(value, list) else value


def _too_many(value: object, raw: bytes, most: int) -> bool:
    # A comma or a colon stands beside each, so most texts are proven small without a walk.
    if raw.count(b",") + raw.count(b":") <= most:
        return False
    count, edge = 0, [value]
    while edge and count <= most:
        one = edge.pop()
        inside = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
        count += len(inside)
        edge += inside
    return count > most


def _too_deep(raw: bytes) -> bool:
    # Counting every bracket is cheap and proves most bodies flat; only the others are measured.
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _BRACKETS.finditer(raw):
        token = match.group()
        if token in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif token in b"]}":
            depth -= 1
    return False


def _faults_in(value: object, path: str) -> list[Fault]:
    if isinstance(value, _Fraction):
        return [Fault(path, "fraction")]
    if isinstance(value, _LongInteger):
        return [Fault(path, "integer-range")]
    if isinstance(value, str):
        return [Fault(path, _character_code(value))] if _UNWANTED.search(value) else []
    if isinstance(value, list):
        return [fault for place, item in enumerate(value) for fault in _faults_in(item, path + pointer(place))]
    if isinstance(value, dict):
        return _faults_in_object(value, path)
    return []


def _faults_in_object(value: dict[str, object], path: str) -> list[Fault]:
    doubled = value.names if isinstance(value, _Doubled) else set()
    faults: list[Fault] = []
    for name, member in value.items():
        if name in doubled:
            faults.append(Fault(path + pointer(name), "duplicate-name"))
        if _UNWANTED.search(name):
            faults.append(Fault(path, _character_code(name)))
        else:
            faults.extend(_faults_in(member, path + pointer(name)))
    return faults


def _character_code(text: str) -> str:
    return "lone-surrogate" if re.search("[\ud800-\udfff]", text) else "control-character"
