"""Texts that a cell would not keep: what a spreadsheet program takes for a formula, what our own readers take off.

In a CSV an apostrophe before a text keeps it from being a formula (`guarded`). In our own layout a text that would be
read as something else stands between apostrophes (`Literal`), so that every text comes back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .cells import CellError, Reader, clean, is_said, number, words

# In full width, too: programs set up for Chinese take those for the same signs.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_GUARDED = re.compile(rf"'(?='*(?:{_FORMULA.pattern}))")


def guarded(text: str) -> str:
    """The text with an apostrophe before it if it would be taken for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text without the apostrophe that `guarded` put before it."""
    return text[1:] if _GUARDED.match(text) else text


@dataclass(frozen=True, slots=True)
class Literal:
    """Texts that are read by `plain`; those that it would read as something else are written between apostrophes.

    Such are texts with blanks around them, / and 无, and 1E5 among numbers. `read(clean(write(text))) == text` for
    every text that the standard allows, and so it is if `guarded` comes between.
    """

    plain: Reader

    def read(self, text: str) -> object:
        """What a cell says; it comes without the blanks around it. Raises CellError."""
        return words(text[1:-1]) if self._is_quoted(text) else self.plain(text)

    def write(self, text: str) -> str:
        """What a cell has to hold for `read` to say this text."""
        return f"'{text}'" if self._is_misread(text) else text

    def _is_quoted(self, text: str) -> bool:
        # Only what needs them stands between apostrophes of ours: 'Lao Wang's' is somebody's own writing.
        return len(text) > 2 and text[0] == text[-1] == "'" and self._is_misread(text[1:-1])

    def _is_misread(self, text: str) -> bool:
        if clean(text) != text or not is_said(text) or self._is_quoted(text) or self._is_quoted(guarded(text)):
            return True
        try:
            return self.plain(text) != text
        except CellError:
            return True


WORDS = Literal(lambda text: words(unguarded(text)))
NUMBER = Literal(number)

# --- several texts in one cell ------------------------------------------------------------------

_MARKS = ";；、,，\n"
_QUOTED = rf"'(?:[^']|'')*'(?=[ \t]*(?:[{_MARKS}]|$))"
_PARTS = re.compile(rf"{_QUOTED}|[^{_MARKS}]+")
_NEEDS_QUOTES = re.compile(rf"'|{_FORMULA.pattern}|.*[{_MARKS}]", re.DOTALL)


def several(text: str) -> list[str]:
    """The texts in a cell, with marks between them; one between apostrophes may have such marks itself."""
    parts = (clean(part) for part in _PARTS.findall(words(text)))
    return [_unquoted(part) for part in parts if part]


def written_several(texts: Iterable[str]) -> str:
    """What a cell has to hold for `several` to say these texts."""
    return ";".join(map(_quoted, texts))


def _quoted(text: str) -> str:
    is_plain = clean(text) == text and is_said(text) and not _NEEDS_QUOTES.match(text)
    return text if is_plain else "'" + text.replace("'", "''") + "'"


def _unquoted(part: str) -> str:
    return part[1:-1].replace("''", "'") if re.fullmatch(_QUOTED, part) else part
