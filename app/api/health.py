"""Is the service there, and can it do its work?"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.api.contract import HEALTH, answers
from app.api.deps import Now, ShopDep
from app.api.problems import Json
from app.exchange.readiness import readiness

health = APIRouter(tags=["health"])


@health.get(
    "/healthz",
    operation_id="healthz",
    summary="The process answers",
    response_class=Json,
    responses=answers(HEALTH, s200="It does"),
)
async def healthz() -> Response:
    """Always 200 while the process runs."""
    return Json({"status": "ok"})


@health.get(
    "/readyz",
    operation_id="readyz",
    summary="The service can do its work",
    response_class=Json,
    responses=answers(HEALTH, s200="It can", s503="It cannot; `reason` says why"),
)
async def readyz(shop: ShopDep, now: Now) -> Response:
    """200 when the database answers, is migrated, and the feed keeps up; 503 with the reason otherwise."""
    found = await readiness(shop.engine, now)
    lag = None if found.feed_lag_seconds is None else round(found.feed_lag_seconds, 3)
    if found.reason is None:
        return Json({"status": "ready", "feed_lag_seconds": lag})
    body = {"status": "unavailable", "reason": found.reason, "feed_lag_seconds": lag, "blocker": found.blocker}
    return Json(body, status_code=503)
