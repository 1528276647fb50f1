"""What changed between two versions of a record, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from schemas.faults import pointer


class Absent(Enum):
    """Nothing stands here, which is not the same as null."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Difference:
    """One place (JSON Pointer, RFC 6901) at which two versions differ. A side where nothing stands has no value."""

    pointer: str
    before: Any
    after: Any

    @property
    def is_added(self) -> bool:
        """Whether something stands here only now."""
        return self.before is ABSENT

    @property
    def is_removed(self) -> bool:
        """Whether something stood here and no longer does."""
        return self.after is ABSENT

    @property
    def is_replaced(self) -> bool:
        """Whether something else stands here now."""
        return not self.is_added and not self.is_removed


def differences(before: Any, after: Any, at: str = "") -> list[Difference]:  # noqa: ANN401 – any JSON
    """Where two JSON values differ, in the order of the first, then what only the second has.

    Objects are compared member by member and arrays place by place; what has another type is replaced as a whole.
    """
    return list(_differences(before, after, at))


def _differences(before: Any, after: Any, at: str) -> Iterator[Difference]:  # noqa: ANN401 – any JSON
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        for name in names:
            yield from _differences(before.get(name, ABSENT), after.get(name, ABSENT), at + pointer(name))
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            yield from _differences(_at(before, place), _at(after, place), at + pointer(place))
    elif type(before) is not type(after) or before != after:
        yield Difference(at, before, after)


def _at(items: list[Any], place: int) -> Any:  # noqa: ANN401 – any JSON
    return items[place] if place < len(items) else ABSENT
