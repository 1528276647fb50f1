"""A record that was taken in, and what its agency does with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from tests.api.promises import Json
from tests.conftest import Service

TYPING_ERROR = {"code": "typing_error", "text": "录入时写错"}
WENT_ON = {"code": "case_advanced", "text": "案件有新进展"}
MISTAKE = {"code": "entered_by_mistake", "text": "该案不属本机关管辖，误报"}


class Held:
    """A record that was pushed, with the client of its agency; tokens end, so each act takes a new one."""

    def __init__(
        self, service: Service, record_id: str, owner: str = "market-city", record_type: str = "penalty"
    ) -> None:
        self._service = service
        self._owner = owner
        self.id = record_id
        self.address = f"/v1/records/{record_type}/{record_id}"

    async def _client(self, by: str | None) -> httpx.AsyncClient:
        return await self._service.client(by or self._owner)

    async def tell(
        self, event: Json, by: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Report one event."""
        return await (await self._client(by)).post(f"{self.address}/events", json=event, headers=headers)

    async def put(
        self,
        record: Json,
        version: int = 1,
        *,
        reason: Json = TYPING_ERROR,
        by: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Put this in the place of a version."""
        sent = {"If-Match": f'"{version}"', **(headers or {})}
        return await (await self._client(by)).put(self.address, json={"reason": reason, "record": record}, headers=sent)

    async def withdraw(
        self,
        event_id: str | None = None,
        *,
        reason: Json = MISTAKE,
        by: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Take back the record, or one of its events."""
        at = self.address if event_id is None else f"{self.address}/events/{event_id}"
        return await (await self._client(by)).post(f"{at}/withdrawal", json={"reason": reason}, headers=headers)

    async def read(self, part: str = "", by: str | None = None, **headers: str) -> Any:  # noqa: ANN401 – any JSON
        """One view of it."""
        answer = await (await self._client(by)).get(self.address + part, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def node(self, name: str, **headers: str) -> Json:
        """One of its nodes; None if it has no such node."""
        nodes = {node["node"]: node for node in (await self.read("/nodes", **headers))["items"]}
        return nodes.get(name)

    async def states(self, *names: str) -> dict[str, str]:
        """The states of its nodes, or of those of these names; one that it does not have is left out."""
        nodes = (await self.read("/nodes"))["items"]
        return {node["node"]: node["state"] for node in nodes if not names or node["node"] in names}

    async def told_of(self, event: str) -> list[tuple[Json, bool]]:
        """Every event of this name that somebody reported, and whether it counts."""
        items = (await self.read("/events"))["items"]
        return [(item["event"], item["applied"]) for item in items if item["event"]["event"] == event and item["id"]]

    async def feed(self, by: str | None = None) -> list[Json]:
        """All that somebody is told of it by the feed, in order."""
        await self._service.sequence()
        answer = await (await self._client(by)).get("/v1/changes", params={"limit": 1000})
        assert answer.status_code == 200
        return [item for item in answer.json()["items"] if item["record_id"] == self.id]

    async def kept(self) -> Json:
        """How many rows there are of it, and its head as it stands."""
        query = "SELECT version, state, digest, region, revision FROM record WHERE id = :id"
        async with self._service.shop.engine.connect() as conn:
            return dict((await conn.execute(text(query), {"id": UUID(self.id)})).one()._mapping)


async def pushed(service: Service, record: Json, owner: str = "market-city") -> Held:
    """A record, taken in."""
    answer = await (await service.client(owner)).post(f"/v1/records/{record['record_type']}", json=record)
    assert answer.status_code == 201, answer.text
    return Held(service, answer.json()["id"], owner, record["record_type"])
