"""The words by which a record is found: its running text, and apart from it what tells who a person is.

Of what not every reader sees only personal words are searched, by those from whom they are not withheld: an agency
finds a case by its party. Everybody else searches `words` alone, in which the words of all classes are masked, so that
searching tells such a reader no more than reading does.

The words of the other classes are searched by nobody and stand in neither text, not even for those who read them. No
duty asks for a case by its informant or by the minor in it, and a list of all that somebody reported tells more than
any of the records does. Besides, what is kept apart is kept apart for one set of readers: of two classes that different
readers see, each would need a text of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.rules.disclosure import Classified, Unseen, cleared, texts_at, words_of
from schemas.fields import PERSONAL
from schemas.record import Sought

# Codes, dates, amounts: who looks for those has a filter for them.
_CODE = re.compile(r"[A-Za-z0-9_.:+-]*", re.ASCII)
_NUMBERS = re.compile(r"source_id|name|.*_no", re.ASCII)
"""Members that are looked for even where they look like a code: numbers of documents and cases, names."""


def wording(content: Mapping[str, Any], classified: Classified, unseen: Unseen, sought: Sought) -> tuple[str, str]:
    """`words` and `personal_words` of a record's content.

    `unseen`: the words of this and of its other versions. Each leaf is one line. The first line of `words` is the
    party's name as a masked reader sees it, empty for a person. `personal_words` are the personal values, and each line
    in which one of them was masked; what is searched by nobody is masked in both.
    """
    pointers, secrets = {pointer for pointer, _ in classified}, set(_secrets(classified))
    everything, secret = words_of(unseen), _secret(unseen)
    is_told = not sought.party_is_person and searchable(sought, content, classified, unseen).party_name is not None
    name = sought.party_name or "" if is_told else ""
    open_lines, personal_lines = [_without(name, everything)], []
    for pointer, whole in _leaves(content, ""):
        if pointer in secrets:
            continue
        kept = _without(whole, secret)
        if pointer in pointers:
            personal_lines.append(kept)
        elif not _CODE.fullmatch(whole) or _NUMBERS.fullmatch(pointer, pointer.rindex("/") + 1):
            seen = _without(whole, everything)
            open_lines.append(seen)
            if seen != kept:
                personal_lines.append(kept)
    return _lines(open_lines), _lines(personal_lines)


def searchable(sought: Sought, content: Mapping[str, Any], classified: Classified, unseen: Unseen) -> Sought:
    """By what people look for a record, without the words that are searched by nobody."""
    secret = _secret(unseen)
    # Also those of one character, which are not looked for in running text.
    values = {text.upper() for text in texts_at(content, _secrets(classified))}
    code, name = sought.party_code, sought.party_name
    return replace(
        sought,
        party_code=None if code is None or code in values or _without(code, secret) != code else code,
        party_name=None if name is None or name.upper() in values else _without(name, secret),
    )


def _secrets(classified: Classified) -> Iterator[str]:
    """The pointers of what is searched by nobody."""
    return (pointer for pointer, kind in classified if kind != PERSONAL.kind)


def _secret(unseen: Unseen) -> frozenset[str]:
    """The words that are searched by nobody."""
    return words_of(unseen, unseen.keys() - {PERSONAL.kind})


def _without(text: str, words: frozenset[str]) -> str:
    """What is left of a text for whom these words are withheld from."""
    shown: str = cleared(text, words)[0] if words else text
    return shown


def _leaves(value: object, at: str) -> Iterator[tuple[str, str]]:
    """Every string in a JSON value with its pointer; members are not escaped, as in `Record.classified`."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, (dict, Mapping)):
        for name, member in value.items():
            yield from _leaves(member, f"{at}/{name}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _leaves(item, f"{at}/{place}")


def _lines(texts: Iterable[str]) -> str:
    """One line each, the same line once."""
    return "\n".join(dict.fromkeys(text.replace("\n", " ") for text in texts))
