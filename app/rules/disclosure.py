"""What a masked reader sees: everything but who the natural persons are.

The digest that goes with a masked record stays that of the full one, so the reader can tell that it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MASK = "***"
_SHORTEST = 2
"""A name of one character is not looked for in running text: it would blank out half of it."""


def masked(
    content: Mapping[str, Any], personal: Iterable[str], others: Iterable[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """A copy of `content` without the values at the pointers `personal`, and the pointers that were masked.

    Running text repeats names ("张某某于…"), so each masked value is masked wherever else it stands, too; so are the
    `others`, the personal words of the record's other versions.
    """
    at = [pointer for pointer in personal if isinstance(_at(content, pointer), str)]
    copy, touched = cleared(content, {*others, *personal_words(content, at)})
    for pointer in at:
        _put(copy, pointer, MASK)
    return copy, sorted({*at, *touched})


def personal_words(content: Mapping[str, Any], personal: Iterable[str]) -> list[str]:
    """The values at the pointers `personal`, as sent and in capitals and small letters, the longest first.

    A resident id may end in X or x; they are one number.
    """
    values = (_at(content, pointer) for pointer in personal)
    words = [word for word in values if isinstance(word, str) and len(word) >= _SHORTEST]
    return longest_first({writing for word in words for writing in (word, word.upper(), word.lower())})


def longest_first(words: Iterable[str]) -> list[str]:
    """Words in the order in which they are to be masked: of two, one within the other, the longer one first."""
    return sorted(words, key=lambda word: (-len(word), word))


def cleared(value: Any, words: Iterable[str]) -> tuple[Any, list[str]]:  # noqa: ANN401 – any JSON
    """A copy of a JSON value in whose strings `words` are masked, and the pointers of the strings it touched."""
    # A record of many versions has many words, few of which stand in any one of them.
    whole = "\0".join(_strings(value))
    return _cleared(value, longest_first(word for word in words if word in whole), "")


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 – any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(item)


def _cleared(value: Any, words: list[str], at: str) -> tuple[Any, list[str]]:  # noqa: ANN401 – any JSON
    if isinstance(value, str):
        text = value
        for word in words:
            text = text.replace(word, MASK)
        return text, [at] if text != value else []
    if isinstance(value, Mapping):
        members = {name: _cleared(member, words, f"{at}/{name}") for name, member in value.items()}
        return {name: member for name, (member, _) in members.items()}, _flat(pair[1] for pair in members.values())
    if isinstance(value, list):
        items = [_cleared(item, words, f"{at}/{place}") for place, item in enumerate(value)]
        return [item for item, _ in items], _flat(pair[1] for pair in items)
    return value, []


def _at(content: Mapping[str, Any], pointer: str) -> object:
    value: object = content
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _put(content: dict[str, Any], pointer: str, value: str) -> None:
    *way, last = pointer.split("/")[1:]
    whole: Any = content
    for step in way:
        whole = whole[int(step)] if isinstance(whole, list) else whole[step]
    whole[last] = value


def _flat(lists: Iterable[list[str]]) -> list[str]:
    return [one for some in lists for one in some]
