"""Whether a file is what its media type says, as far as its first bytes tell (codelist `media_types`). Pure."""

from __future__ import annotations

from functools import cache

from schemas.codelists import codelist

HEAD_BYTES = 16
"""So many bytes from the beginning of a file tell."""


def is_of(media_type: str, head: bytes) -> bool:
    """Whether a file that begins with `head` may be of the type; a type without marks of its own is believed."""
    marks = _marks(media_type)
    return not marks or any(head.startswith(mark, place) for place, mark in marks)


@cache
def _marks(media_type: str) -> tuple[tuple[int, bytes], ...]:
    """The marks of a type, of which a file has one: at which byte, and which bytes."""
    pairs = (mark.partition(":") for mark in codelist("media_types")[media_type].more["magic"].split("|") if mark)
    return tuple((int(place), bytes.fromhex(mark)) for place, _, mark in pairs)
