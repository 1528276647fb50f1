"""What a receipt vouches for: the canonical form of a record and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def content(payload: Mapping[str, object]) -> dict[str, object]:
    """What of a pushed payload is the record: all but `events`, and without members that are null.

    A null says the same as leaving the member out, so both have one digest.
    """
    return {name: _without_nulls(value) for name, value in payload.items() if name != "events" and value is not None}


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def canonical(value: object) -> bytes:
    """The canonical form of a JSON value of this standard (RFC 8785).

    Names are ASCII, numbers are integers within ±2⁵³ and there are no lone surrogates (`reading`), so sorted
    names and minimal separators are all that RFC 8785 asks for.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def digest(canonical_form: bytes) -> str:
    """`sha-256:` and the hexadecimal digest of a canonical form."""
    return "sha-256:" + hashlib.sha256(canonical_form).hexdigest()
