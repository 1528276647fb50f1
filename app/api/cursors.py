"""Cursors: opaque to callers, and good only for the filters they were made with; those of the feed for its epoch, too.

No filter stands in a cursor, not even as a digest that could be tried out: those of a search are sealed with a key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID

from app.api.keys import TokenKey
from app.exchange import watch
from app.exchange.deliver import Since
from app.exchange.find import Place
from app.refusals import CursorInvalid


def written_cursor(epoch: UUID, position: int, types: Sequence[str] | None) -> str:
    """The cursor as callers keep it. The filter is in it as a digest, so that it tells nothing."""
    return _written(epoch.bytes + position.to_bytes(8) + _filter(types))


def read_cursor(text: str | None, types: Sequence[str] | None) -> Since:
    """Where the caller's cursor stands; without one, at the beginning. Raises CursorInvalid."""
    if text is None:
        return Since(None, 0, types)
    plain = _read(text)
    # With another filter, what the last page left out would be lost without a word.
    if len(plain) != 32 or plain[24:] != _filter(types) or plain[16] > 0x7F:
        raise CursorInvalid
    return Since(UUID(bytes=plain[:16]), int.from_bytes(plain[16:24]), types)


def written_place(key: TokenKey, place: Place, asked: bytes) -> str:
    """The cursor of a place in the list of what was asked for."""
    day = 0 if place.decided_on is None else place.decided_on.toordinal()
    plain = place.id.bytes + day.to_bytes(4)
    return _written(plain + key.seal(plain + asked))


def read_place(key: TokenKey, text: str | None, asked: bytes) -> Place | None:
    """The place after which the list of what was asked for goes on; None at its beginning. Raises CursorInvalid."""
    if text is None:
        return None
    sent = _read(text)
    plain, seal = sent[:20], sent[20:]
    if not hmac.compare_digest(seal, key.seal(plain + asked)):
        raise CursorInvalid
    day = int.from_bytes(plain[16:])
    return Place(UUID(bytes=plain[:16]), date.fromordinal(day) if day else None)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = (2**63 - 1).to_bytes(8)


def written_duty(key: TokenKey, place: watch.Place, asked: bytes) -> str:
    """The cursor of a place in the list of the duties that were asked for."""
    due = _NEVER if place.due_at is None else ((place.due_at - _EPOCH) // timedelta(microseconds=1)).to_bytes(8)
    plain = due + place.record_id.bytes + _short(place.node)
    return _written(plain + key.seal(plain + asked))


def read_duty(key: TokenKey, text: str | None, asked: bytes) -> watch.Place | None:
    """The place after which the list of these duties goes on; None at its beginning. Raises CursorInvalid."""
    if text is None:
        return None
    sent = _read(text)
    plain, seal = sent[:32], sent[32:]
    node = _nodes().get(plain[24:])
    if node is None or not hmac.compare_digest(seal, key.seal(plain + asked)):
        raise CursorInvalid
    microseconds = timedelta(microseconds=int.from_bytes(plain[:8]))
    return watch.Place(None if plain[:8] == _NEVER else _EPOCH + microseconds, UUID(bytes=plain[8:24]), node)


def _short(node: str) -> bytes:
    """A node may be what the list is filtered by, and no filter stands in a cursor."""
    return hashlib.sha256(node.encode()).digest()[:8]


@cache
def _nodes() -> dict[bytes, str]:
    return {_short(node): node for node in watch.node_titles()}


def _written(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def _read(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CursorInvalid from error


def _filter(types: Sequence[str] | None) -> bytes:
    return hashlib.sha256(b"*" if types is None else ",".join(types).encode()).digest()[:8]
