"""What can be wrong with a payload, said so that the sender can mend it.

A fault names a place (a JSON Pointer, RFC 6901) and a stable code; its words in Chinese and English
come from `codelists/faults.csv`. Details fill the gaps in those words and are limits, codes and field
names of the standard: never a value out of the payload, because a payload names people.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Literal

Language = Literal["zh", "en"]
Class = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Wording:
    """One row of `codelists/faults.csv`: what a code means and what to do about it."""

    code: str
    kind: Class
    message: Mapping[Language, str]
    fix: Mapping[Language, str]


@functools.cache
def wordings() -> Mapping[str, Wording]:
    """All fault codes of the standard, by code."""
    text = resources.files(__package__).joinpath("codelists/faults.csv").read_text(encoding="utf-8")
    return {
        row["code"]: Wording(
            code=row["code"],
            kind="warning" if row["class"] == "warning" else "error",
            message={"zh": row["zh"], "en": row["en"]},
            fix={"zh": row["fix_zh"], "en": row["fix_en"]},
        )
        for row in csv.DictReader(text.splitlines())
    }


_JSON_TYPES_ZH: Mapping[str | int, str] = {
    "object": "对象",
    "array": "数组",
    "string": "字符串",
    "integer": "整数",
    "boolean": "布尔值",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a payload (an error), or one thing to look at (a warning)."""

    pointer: str
    code: str
    details: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        """False for a warning: the payload is taken all the same."""
        return wordings()[self.code].kind == "error"

    def message(self, language: Language = "zh") -> str:
        """What is wrong."""
        return wordings()[self.code].message[language].format_map(self._details_in(language))

    def fix(self, language: Language = "zh") -> str:
        """What the sender can do about it; empty where the message says it all."""
        return wordings()[self.code].fix[language].format_map(self._details_in(language))

    def _details_in(self, language: Language) -> Mapping[str, str | int]:
        if language == "en" or "expected" not in self.details:
            return self.details
        expected = self.details["expected"]
        return {**self.details, "expected": _JSON_TYPES_ZH.get(expected, expected)}

    def under(self, prefix: str) -> Fault:
        """The same fault seen from outside: its pointer after `prefix`."""
        return Fault(prefix + self.pointer, self.code, self.details)


def pointer(*steps: str | int) -> str:
    """The JSON Pointer of these steps, escaped (RFC 6901 section 3)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def in_document_order(faults: Iterable[Fault], document: object) -> list[Fault]:
    """The faults in the order a reader of `document` meets them; a missing member comes after its siblings."""
    places: dict[int, dict[str, int]] = {}
    return sorted(set_of(faults), key=lambda fault: _position(document, fault.pointer, places))


def set_of(faults: Iterable[Fault]) -> list[Fault]:
    """The faults without repetition, the first of each pointer and code kept."""
    return list({(fault.pointer, fault.code): fault for fault in reversed(list(faults))}.values())[::-1]


def _position(document: object, path: str, places: dict[int, dict[str, int]]) -> tuple[int, ...]:
    """Where a reader meets what is at `path`; `places` remembers the order of the names of each object."""
    place: list[int] = []
    for raw in path.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping) and step in document:
            order = places.setdefault(id(document), {})
            if not order:
                order.update((name, number) for number, name in enumerate(document))
            place.append(order[step])
            document = document[step]
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            place.append(int(step))
            document = document[int(step)]
        else:
            place.append(2**31)
            document = None
    return tuple(place)
