"""How the parts of a workbook name their elements and write their texts (ECMA-376 part 1, 18)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""Transitional, which everybody writes, and strict."""


def named(*names: str) -> Mapping[str, str]:
    """Elements as the parser names them, in either namespace, to their local names."""
    return MappingProxyType({f"{space} {name}": name for space in _NAMESPACES for name in names})


LONGER_ESCAPED = 7
"""A character that is escaped takes as many."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """A text with its `_x000D_` read: so XML holds the characters that it cannot (ST_Xstring, 22.9.2.19)."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    # A character beyond U+FFFF may have been escaped as its two halves; half a one is no character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
