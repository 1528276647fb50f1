"""The worked examples of the standard, and what must be said of each: `tests/standard/examples/<type>/`.

Files hold nothing but the record, so that any validator can be run over them; `expectations.csv` beside them says
what it must find.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "standard" / "examples"

TODAY = date(2026, 10, 9)
"""The day on which the examples are judged. None of their days lies after it, but those that are meant to."""


@dataclass(frozen=True, slots=True)
class Example:
    """One record, and the one fault it has; a valid one has none. `rule`: the rule across fields that tells it."""

    record_type: str
    file: str
    pointer: str
    code: str
    rule: str
    zh: str
    en: str

    @property
    def kind(self) -> str:
        """Valid, invalid, or warns: taken with a warning."""
        return self.file.partition("-")[0]

    @property
    def path(self) -> Path:
        """Where the record stands."""
        return FOLDER / self.record_type / self.file

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Everything that judging must find, as (pointer, code)."""
        return [(self.pointer, self.code)] if self.code else []

    def payload(self) -> dict[str, Any]:
        """The record as it is sent."""
        payload: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return payload


def examples(record_type: str) -> list[Example]:
    """All examples of one type, in the order of their names."""
    with (FOLDER / record_type / "expectations.csv").open(encoding="utf-8", newline="") as file:
        return [Example(record_type, **row) for row in csv.DictReader(file)]
