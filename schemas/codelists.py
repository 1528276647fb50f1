"""The codelists of the standard: what a code means, what people call it, and on which days it may be used.

One CSV a list in `codelists/`: `code,zh,en,since,until,parent,note`, then columns of the list's own, reached
through `Entry.more`. A code is never reused or removed; it gets a last day in `until`.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

_COMMON = ("code", "zh", "en", "since", "until", "parent", "note")


@dataclass(frozen=True, slots=True)
class Entry:
    """One code. `since` and `until` are its first and last day of use; None leaves that end open."""

    code: str
    zh: str
    en: str
    since: date | None
    until: date | None
    parent: str | None
    note: str
    more: Mapping[str, str]


@dataclass(frozen=True)
class Codelist:
    """One list of codes, in the order of its file."""

    name: str
    entries: tuple[Entry, ...]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> Entry:
        return self._by_code[code]

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, old ones too."""
        return tuple(self._by_code)

    def zh(self, code: str) -> str:
        """What the code is called in Chinese. KeyError if the list does not hold it."""
        return self[code].zh

    def en(self, code: str) -> str:
        """What the code is called in English. KeyError if the list does not hold it."""
        return self[code].en

    def code_of(self, zh: str) -> str | None:
        """The code called `zh`, or by one of the other names of its column `also`; None if nothing is."""
        return self._by_name.get(zh)

    def valid_on(self, code: str, day: date) -> bool:
        """Whether the code is in the list and may be used on that day."""
        entry = self._by_code.get(code)
        return entry is not None and (entry.since or date.min) <= day <= (entry.until or date.max)

    def within(self, code: str, whole: str) -> bool:
        """Whether `code` is `whole` or lies below it, parent by parent."""
        step: str | None = code
        while step is not None and step != whole:
            step = self[step].parent if step in self else None
        return step is not None

    @functools.cached_property
    def _by_code(self) -> Mapping[str, Entry]:
        return MappingProxyType({entry.code: entry for entry in self.entries})

    @functools.cached_property
    def _by_name(self) -> Mapping[str, str]:
        names = {name: entry.code for entry in self for name in _names(entry.more.get("also", ""))}
        return MappingProxyType(names | {entry.zh: entry.code for entry in self})


@functools.cache
def codelist(name: str) -> Codelist:
    """The list of that name. KeyError if there is none."""
    if name not in names():
        raise KeyError(name)
    text = _folder().joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return Codelist(name, tuple(_entry(row) for row in csv.DictReader(text.splitlines())))


@functools.cache
def names() -> tuple[str, ...]:
    """The names of all codelists, sorted; the wordings of faults are not one."""
    files = (file.name for file in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in files if name.endswith(".csv") and name != "faults.csv"))


def _folder() -> Traversable:
    return resources.files(__package__).joinpath("codelists")


def _entry(row: Mapping[str, str]) -> Entry:
    return Entry(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        since=_day(row["since"]),
        until=_day(row["until"]),
        parent=row["parent"] or None,
        note=row["note"],
        more=MappingProxyType({name: text for name, text in row.items() if name not in _COMMON}),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _names(text: str) -> list[str]:
    return [name for name in text.split("|") if name]
