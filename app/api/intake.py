"""What every push has in common: it is taken in once, and answered the same however often it is sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from app.api.deps import PusherDep, ReceivedAt, Shop, ShopDep
from app.api.problems import Json
from app.exchange.keep_answer import AnsweredBefore, AnswerKey, Keeper
from app.exchange.receipts import Advanced, Received, Withdrawn
from app.exchange.submissions import Outcome, Submission
from app.exchange.take_in import take_in
from app.refusals import BadParameter, Refusal
from schemas.faults import Fault

OutcomeT = TypeVar("OutcomeT", Received, Advanced, Withdrawn)
REPLAYED = {"Idempotency-Replayed": "true"}

# A string of structured fields (RFC 8941 section 3.3.3); bare, as most senders write it, too.
_KEY = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255})')


@dataclass(frozen=True, slots=True)
class Intake:
    """The doorway's end of one push: where it goes, when it was here whole, and under which key, if any."""

    shop: Shop
    now: datetime
    key: AnswerKey | None

    async def answer(
        self, submission: Submission, kind: type[OutcomeT], words: Callable[[OutcomeT], Response]
    ) -> Response:
        """The answer to a submission, in `words` made of the outcome of its `kind`, after the commit.

        Raises the submission's refusal, RequestInProgress, KeyReused.
        """
        if self.key is None:
            (outcome,) = await take_in(self.shop.engine, [submission], self.shop.law)
            return self._answered(outcome, kind, words)
        keeper = Keeper(self.key, self.now)

        async def keep(conn: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
            if isinstance(outcomes[0], kind):
                response = words(outcomes[0])
                await keeper.keep(conn, response.status_code, bytes(response.body))

        try:
            (outcome,) = await take_in(
                self.shop.engine, [submission], self.shop.law, alongside=keep, beforehand=keeper.claim
            )
        except AnsweredBefore as before:
            return Json(before.body, before.status, REPLAYED)
        return self._answered(outcome, kind, words)

    def _answered(self, outcome: Outcome, kind: type[OutcomeT], words: Callable[[OutcomeT], Response]) -> Response:
        if isinstance(outcome, Refusal):
            raise outcome
        if not isinstance(outcome, kind):
            raise TypeError(outcome)
        self.shop.sequencer.nudge()
        return words(outcome)


def answer_key(request: Request, client_id: str, fingerprint: bytes) -> AnswerKey | None:
    """The key of the header Idempotency-Key for this request; None without one. Raises BadParameter."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    found = _KEY.fullmatch(given[0].strip())
    if len(given) > 1 or found is None:
        raise BadParameter([Fault("/Idempotency-Key", "idempotency-key")])
    asked = f"{request.method} {request.url.path}?{request.url.query} {request.headers.get('if-match', '')}\n"
    whole = hashlib.sha256(asked.encode() + fingerprint)
    digest = hashlib.sha256((found[1] or found[2]).encode()).hexdigest()
    return AnswerKey(client_id, digest, whole.hexdigest())


async def intake(request: Request, shop: ShopDep, caller: PusherDep, now: ReceivedAt) -> Intake:
    """The intake of a request whose JSON body is here. Raises BadParameter."""
    return Intake(shop, now, answer_key(request, caller.client_id, request.state.body_digest))


IntakeDep = Annotated[Intake, Depends(intake)]
