"""The words by which a record is found: its running text, and apart from it what tells who a person is.

A reader without a mask searches both. A masked reader searches `words` alone, in which every personal word is
masked, so that searching tells such a reader no more than reading does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.rules.disclosure import cleared
from schemas.record import Sought

# Codes, dates, amounts: who looks for those has a filter for them.
_CODE = re.compile(r"[A-Za-z0-9_.:+-]*", re.ASCII)
_NUMBERS = re.compile(r"source_id|name|.*_no", re.ASCII)
"""Members that are looked for even where they look like a code: numbers of documents and cases, names."""


def wording(content: Mapping[str, Any], personal: Iterable[str], unseen: list[str], sought: Sought) -> tuple[str, str]:
    """`words` and `personal_words` of a record's content.

    `personal`: the pointers of what tells who a person is. `unseen`: the words that a masked reader sees nowhere, the
    longest first. Each leaf is one line. The first line of `words` is the party's name as a masked reader sees it,
    empty for a person. `personal_words` are the personal values, and whole each line in which one of them was masked.
    """
    pointers = set(personal)
    name = "" if sought.party_is_person else sought.party_name or ""
    open_lines, personal_lines = [_seen(name, unseen)], []
    for pointer, whole in _leaves(content, ""):
        if pointer in pointers:
            personal_lines.append(whole)
        elif not _CODE.fullmatch(whole) or _NUMBERS.fullmatch(pointer, pointer.rindex("/") + 1):
            seen = _seen(whole, unseen)
            open_lines.append(seen)
            if seen != whole:
                personal_lines.append(whole)
    return _lines(open_lines), _lines(personal_lines)


def _seen(text: str, unseen: list[str]) -> str:
    """What a masked reader sees of a text."""
    shown: str = cleared(text, unseen)[0] if unseen else text
    return shown


def _leaves(value: object, at: str) -> Iterator[tuple[str, str]]:
    """Every string in a JSON value with its pointer; members are not escaped, as in `Record.personal`."""
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
