"""Gauges for the operator's monitoring (Prometheus' text format): what is overdue and due soon, everywhere.

Not in the published contract: they are for whoever runs the service, not for those who exchange data by it.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.responses import Response

from app.api.deps import Now, Shop, ShopDep
from app.exchange.statistics import Alarm, alarms
from app.refusals import TokenInvalid, TokenMissing
from schemas import RECORD_TYPES
from schemas.law import Law

KEPT_SECONDS = 15
_LABELS = ("record_type", "node", "role")
# Any of these: somebody else asks through the proxy that is our peer.
_OF_A_PROXY = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Meter:
    """The gauges of one application, counted anew when they are older than `KEPT_SECONDS`."""

    def __init__(self, token: str | None) -> None:
        self._token = token
        self._registry = CollectorRegistry()
        self._overdue = Gauge("nodes_overdue", "Duties past their due moment", _LABELS, registry=self._registry)
        self._due_soon = Gauge("nodes_due_soon", "Duties due soon", _LABELS, registry=self._registry)
        self._read_at: datetime | None = None
        self._turn = asyncio.Lock()

    def admit(self, request: Request) -> None:
        """Let in this machine itself, and whoever has the token. Raises TokenMissing, TokenInvalid."""
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        if told:
            if scheme.lower() != "bearer" or not self._is_token(told.strip()):
                raise TokenInvalid
        elif not _is_from_here(request):
            raise TokenMissing

    def _is_token(self, told: str) -> bool:
        return self._token is not None and hmac.compare_digest(told.encode(), self._token.encode())

    async def read(self, shop: Shop, now: datetime) -> bytes:
        """The gauges as they are exposed."""
        async with self._turn:
            if self._read_at is None or not timedelta() <= now - self._read_at < timedelta(seconds=KEPT_SECONDS):
                async with shop.engine.connect() as conn:
                    found = await alarms(conn, now)
                self._set([*_silent(shop.law), *found])
                self._read_at = now
            return generate_latest(self._registry)

    def _set(self, found: list[Alarm]) -> None:
        for gauge in (self._overdue, self._due_soon):
            gauge.clear()
        for one in found:
            self._overdue.labels(one.record_type, one.node, one.role).set(one.overdue)
            self._due_soon.labels(one.record_type, one.node, one.role).set(one.due_soon)


def _silent(law: Law) -> list[Alarm]:
    """Nought for every duty that may become late: a gauge that is not there cannot be watched."""
    return [
        Alarm(record_type, node.id, node.of, 0, 0)
        for record_type, model in RECORD_TYPES.items()
        for node in model.nodes
        if any(row.span is not None and not row.advisory for row in law.rows(node.id))
    ]


def _is_from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _OF_A_PROXY):
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


metrics = APIRouter()


@metrics.get("/metrics", operation_id="read_metrics", include_in_schema=False)
async def read_metrics(request: Request, shop: ShopDep, now: Now) -> Response:
    """The gauges, for this machine or with the token of the setting."""
    meter: Meter = request.app.state.meter
    meter.admit(request)
    return Response(await meter.read(shop, now), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
