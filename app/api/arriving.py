"""Bodies that may be large, as they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request

from app.refusals import TooLarge, TooSlow
from schemas.faults import Fault

LONGEST_SILENCE_SECONDS = 30


async def arriving(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises TooSlow after a silence, not after a time: a large body on a thin line may last."""
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(LONGEST_SILENCE_SECONDS):
                chunk = await anext(stream, None)
        except TimeoutError as error:
            raise TooSlow from error
        if chunk is None:
            return
        yield chunk


def too_large(most: int) -> TooLarge:
    """The refusal of a body of more than so many bytes."""
    return TooLarge([Fault("", "body-too-large", {"limit": most})])
