"""Cursors of the feed: opaque to callers, and good only for the filter and the epoch they were made with."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from uuid import UUID

from app.exchange.deliver import Since
from app.refusals import CursorInvalid


def written_cursor(epoch: UUID, position: int, types: Sequence[str] | None) -> str:
    """The cursor as callers keep it. The filter is in it as a digest, so that it tells nothing."""
    plain = epoch.bytes + position.to_bytes(8) + _filter(types)
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read_cursor(text: str | None, types: Sequence[str] | None) -> Since:
    """Where the caller's cursor stands; without one, at the beginning. Raises CursorInvalid."""
    if text is None:
        return Since(None, 0, types)
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CursorInvalid from error
    # With another filter, what the last page left out would be lost without a word.
    if len(plain) != 32 or plain[24:] != _filter(types) or plain[16] > 0x7F:
        raise CursorInvalid
    return Since(UUID(bytes=plain[:16]), int.from_bytes(plain[16:24]), types)


def _filter(types: Sequence[str] | None) -> bytes:
    return hashlib.sha256(b"*" if types is None else ",".join(types).encode()).digest()[:8]
