"""What people call the members of a record: one CSV a type in `headings/`, and the list of what there is to name.

`headings/<record type>.csv`: `path,zh,en,choices,note`. A path names members from the record on, without places in
lists (`quantities.item`); what holds other members has a row too. `choices` are the words of codes that belong to one
member alone and have no codelist (`sold=已销售|unsold=未销售`); `note` says in Chinese how it is filled in.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from . import RECORD_TYPES

Language = Literal["zh", "en"]

_JOINT: Mapping[Language, str] = {"zh": "·", "en": ": "}


@dataclass(frozen=True, slots=True)
class Title:
    """One row: what a member is called among its siblings. `choices`: code → Chinese words."""

    zh: str
    en: str
    choices: Mapping[str, str]
    note: str


@dataclass(frozen=True, slots=True)
class Member:
    """Something a record says that has no members of its own: a text, a number, a yes or no, a list of codes.

    `names` lead to it from the record on; `most` says of each how many items its list may have, None where it is no
    list of objects. `shape` is the JSON Schema of the value. `needed` counts the names, from the last one on, of which
    each must be there if what holds it is: all of them for what every record must say.
    """

    names: tuple[str, ...]
    most: tuple[int | None, ...]
    shape: Mapping[str, Any]
    needed: int

    @property
    def path(self) -> str:
        """Its names joined, as `headings/` has them."""
        return ".".join(self.names)

    @property
    def always(self) -> bool:
        """Whether no record goes without it."""
        return self.needed == len(self.names)


@functools.cache
def titles(record_type: str) -> Mapping[str, Title]:
    """What the members of a type are called, by path, in the order of the file. KeyError if there is no such type."""
    if record_type not in RECORD_TYPES:
        raise KeyError(record_type)
    file = resources.files(__package__).joinpath("headings", f"{record_type}.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return MappingProxyType(
        {row["path"]: Title(row["zh"], row["en"], _choices(row["choices"]), row["note"]) for row in rows}
    )


def _choices(text: str) -> Mapping[str, str]:
    pairs = (choice.partition("=") for choice in text.split("|") if choice)
    return MappingProxyType({code: words for code, _, words in pairs})


def heading(record_type: str, path: str, language: Language = "zh", places: tuple[int, ...] = ()) -> str:
    """The heading of a member: the titles of all that leads to it, joined. KeyError if there is none.

    `places` number, from 0, the items of the lists on the way: 涉案数量1·物品名称.
    """
    known, names = titles(record_type), path.split(".")
    lists = list_paths(record_type)
    left = iter(places)
    said = []
    for end in range(1, len(names) + 1):
        whole = ".".join(names[:end])
        number = next(left, None) if whole in lists else None
        said.append(getattr(known[whole], language) + ("" if number is None else str(number + 1)))
    return _JOINT[language].join(said)


@functools.cache
def list_paths(record_type: str) -> frozenset[str]:
    """The paths of lists of objects, of which each item is told by its number."""
    return frozenset(
        ".".join(member.names[: end + 1])
        for member in members(record_type)
        for end, most in enumerate(member.most)
        if most is not None
    )


@functools.cache
def members(record_type: str) -> tuple[Member, ...]:
    """All members of a type that have none of their own, in the order of its model.

    Left out are `record_type`, which says the same in every record, and events.
    """
    schema = RECORD_TYPES[record_type].model_json_schema(mode="validation")
    found = _members(schema, schema.get("$defs", {}), (), (), 0)
    return tuple(member for member in found if member.path != "record_type")


def _members(
    whole: Mapping[str, Any],
    definitions: Mapping[str, Any],
    names: tuple[str, ...],
    most: tuple[int | None, ...],
    needed: int,
) -> Iterator[Member]:
    for name, said in whole["properties"].items():
        shape, limit = _inside(said, definitions)
        at = ((*names, name), (*most, limit), needed + 1 if name in whole.get("required", ()) else 0)
        if "properties" in shape:
            yield from _members(shape, definitions, *at)
        else:
            yield Member(at[0], at[1], shape, at[2])


def _inside(said: Mapping[str, Any], definitions: Mapping[str, Any]) -> tuple[Mapping[str, Any], int | None]:
    """The shape behind null, references and a list of objects; how many items that list may have, None if none is.

    What may have one of several shapes is told as `{"anyOf": …}` of them.
    """
    shape = _resolved(said, definitions)
    item = _resolved(shape.get("items", {}), definitions)
    return (item, shape["maxItems"]) if "properties" in item else (shape, None)


def _resolved(said: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    while "anyOf" in said or "$ref" in said:
        if "$ref" in said:
            said = definitions[said["$ref"].rpartition("/")[2]]
            continue
        forms = [one for one in said["anyOf"] if one != {"type": "null"}]
        if len(forms) > 1:
            return {"anyOf": forms}
        said = forms[0]
    return said
