"""What a row of a file says, laid over what is held: a layout that cannot hold a member says nothing of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any


def overlaid(held: Mapping[str, Any], said: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, Any]:
    """`held` with the members at `pointers` (JSON Pointers) as `said` has them.

    A member of these that is not said is taken out: its cell was empty. All others stay as they are held. A pointer
    into a list stands for the whole of it: what a file says of one item it says of all.
    """
    result = deepcopy(dict(held))
    for at in dict.fromkeys(map(_outside_lists, pointers)):
        path = at.split("/")[1:]
        found, value = _at(said, path)
        if found:
            _put(result, path, deepcopy(value))
        else:
            _take_out(result, path)
    return result


def _outside_lists(pointer: str) -> str:
    """The pointer as far as it goes through objects; no member of the standard is called by a number."""
    return _INTO_A_LIST.sub("", pointer)


_INTO_A_LIST = re.compile(r"/[0-9]+(/.*)?$")


def _at(record: Any, path: list[str]) -> tuple[bool, Any]:  # noqa: ANN401 – any JSON value
    for name in path:
        if not isinstance(record, dict) or name not in record:
            return False, None
        record = record[name]
    return True, record


def _put(record: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for name in parents:
        if not isinstance(record.get(name), dict):
            record[name] = {}
        record = record[name]
    record[last] = value


def _take_out(record: dict[str, Any], path: list[str]) -> None:
    """Take a member out, and the objects around it that hold nothing any more."""
    around = [record]
    for name in path[:-1]:
        inner = around[-1].get(name)
        if not isinstance(inner, dict):
            return
        around.append(inner)
    around[-1].pop(path[-1], None)
    for outer, name in zip(around[-2::-1], path[-2::-1], strict=True):
        if outer[name]:
            return
        del outer[name]
