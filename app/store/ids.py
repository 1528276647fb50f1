"""Ids the service makes: UUID version 7 (RFC 9562 section 5.7), so that they sort by the time they were made."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID


def new_id(now: datetime) -> UUID:
    """A new id: 48 bits of milliseconds since 1970, 74 random bits."""
    milliseconds = int(now.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62))
