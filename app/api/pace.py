"""How often one address may knock at a public door."""

from __future__ import annotations

import time
from collections import OrderedDict

from app.refusals import TooManyRequests

_MOST_ADDRESSES = 10_000


class Pace:
    """A token bucket for each address: `burst` at once, `per_second` in the long run; kept in this process alone."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, moment: float | None = None) -> None:
        """Count one request from `address`. Raises TooManyRequests, which says when to come back."""
        now = time.monotonic() if moment is None else moment
        left, since = self._left.pop(address, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._per_second)
        allowed = left >= 1
        self._left[address] = (left - 1 if allowed else left, now)
        # The longest unseen address goes first, so that a flood of addresses cannot fill the memory.
        if len(self._left) > _MOST_ADDRESSES:
            self._left.popitem(last=False)
        if not allowed:
            raise TooManyRequests(retry_after=max(1, round((1 - left) / self._per_second)))
