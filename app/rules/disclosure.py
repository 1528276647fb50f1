"""What a reader sees from whom some classes are withheld: everything but what is of them.

The digest that goes with a masked record stays that of the full one, so the reader can tell that it is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

MASK = "***"
_SHORTEST = 2
"""A name of one character is not looked for in running text: it would blank out half of it."""

Classified = Sequence[tuple[str, str]]
"""Pointers into a content, each with the class of the text there."""

Unseen = Mapping[str, Sequence[str]]
"""By class, the words that are seen nowhere by whom it is withheld from; in every class the longest first."""


def masked(
    content: Mapping[str, Any], pointers: Iterable[str], others: Iterable[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """A copy of `content` without the texts at `pointers`, and the pointers that were masked.

    Running text repeats names ("张某某于…"), so each masked value is masked wherever else it stands, too; so are the
    `others`, the words of the record's other versions.
    """
    at = [pointer for pointer in pointers if isinstance(_at(content, pointer), str)]
    copy, touched = cleared(content, {*others, *words_at(content, at)})
    for pointer in at:
        _put(copy, pointer, MASK)
    return copy, sorted({*at, *touched})


def words_at(content: Mapping[str, Any], pointers: Iterable[str]) -> list[str]:
    """The texts at `pointers`, as sent and in capitals and small letters, the longest first.

    A resident id may end in X or x; they are one number.
    """
    words = [text for text in texts_at(content, pointers) if len(text) >= _SHORTEST]
    return _longest_first({writing for word in words for writing in (word, word.upper(), word.lower())})


def texts_at(content: Mapping[str, Any], pointers: Iterable[str]) -> Iterator[str]:
    """The texts at those of the pointers at which there is one."""
    values = (_at(content, pointer) for pointer in pointers)
    return (value for value in values if isinstance(value, str))


def unseen_of(content: Mapping[str, Any], classified: Classified, before: Unseen) -> Unseen:
    """The words of a content that are not to be seen, with those of its versions `before`."""
    pointers: dict[str, list[str]] = {}
    for pointer, kind in classified:
        pointers.setdefault(kind, []).append(pointer)
    said = {kind: words_at(content, at) for kind, at in pointers.items()}
    joined = {kind: _longest_first({*before.get(kind, ()), *said.get(kind, ())}) for kind in {*before, *said}}
    return {kind: joined[kind] for kind in sorted(joined) if joined[kind]}


def words_of(unseen: Unseen, classes: Collection[str] | None = None) -> frozenset[str]:
    """The words of these classes, None: of all of them."""
    return frozenset(word for kind in unseen if classes is None or kind in classes for word in unseen[kind])


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))


def cleared(value: Any, words: Iterable[str]) -> tuple[Any, list[str]]:  # noqa: ANN401 – any JSON
    """A copy of a JSON value in whose strings `words` are masked, and the pointers of the strings it touched."""
    # A record of many versions has many words, few of which stand in any one of them.
    whole = "\0".join(_strings(value))
    return _cleared(value, [word for word in words if word in whole], "")


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 – any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(item)


def _cleared(value: Any, words: list[str], at: str) -> tuple[Any, list[str]]:  # noqa: ANN401 – any JSON
    if isinstance(value, str):
        text = _without(value, words)
        return text, [at] if text != value else []
    if isinstance(value, Mapping):
        members = {name: _cleared(member, words, f"{at}/{name}") for name, member in value.items()}
        return {name: member for name, (member, _) in members.items()}, _flat(pair[1] for pair in members.values())
    if isinstance(value, list):
        items = [_cleared(item, words, f"{at}/{place}") for place, item in enumerate(value)]
        return [item for item, _ in items], _flat(pair[1] for pair in items)
    return value, []


def _without(text: str, words: Sequence[str]) -> str:
    """A text in which each stretch that words cover is masked, where they overlap as one.

    So whoever more is withheld from sees a part of what the others see, and nothing else: what is left of a text when
    all its words are masked stands as it is in what is left when only some are.
    """
    covered = sorted(span for word in words if word in text for span in _spans(text, word))
    shown, end = [], 0
    for start, stop in covered:
        if start >= end:
            shown += [text[end:start], MASK]
        end = max(end, stop)
    return "".join([*shown, text[end:]])


def _spans(text: str, word: str) -> Iterator[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)


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
