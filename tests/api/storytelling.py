"""Telling the life of a case through the API as those who act in it do, each at its own time, and checking it.

The clock of the service goes with the story: a body reports a step twenty minutes after it, or in the evening where it
tells the day alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx

from app import demo
from app.api.pace import Pace
from schemas.lifecycle import SHANGHAI
from tests.api.held import MISTAKE
from tests.api.promises import Json
from tests.conftest import Service

CODES = {name: row.code for name, row in demo.ORGANISATIONS}
NAMES = {name: row.name for name, row in demo.ORGANISATIONS}
ROLES = {name: row.role for name, row in demo.ORGANISATIONS}
CLIENTS = {code: name for name, code in CODES.items()}

Seen = tuple[str, str | None, str]
"""What a story says of a node: its state, the day on which it falls due – or the moment, where hours count – and who
owes it."""

TOKEN_LASTS = timedelta(minutes=30)


def at(moment: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


def written(when: str) -> str:
    """A day as it is, a moment with its offset."""
    return f"{when}:00+08:00" if "T" in when else when


@dataclass
class Callers:
    """Those who call, each with a token that lasts a while."""

    service: Service
    known: dict[str, tuple[httpx.AsyncClient, datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A story takes a year in a second, and its tokens end within the hour.
        self.service.app.state.shop = replace(self.service.shop, token_pace=Pace(burst=1000, per_second=1000))

    async def __call__(self, name: str) -> httpx.AsyncClient:
        """A client with a token that is good now."""
        client, since = self.known.get(name, (None, self.service.now))
        if client is None or not since <= self.service.now < since + TOKEN_LASTS:
            client = await self.service.client(name)
            self.known[name] = client, self.service.now
        return client


@dataclass
class Case:
    """A record that `owner` reported, and those who look at it beside telling of it."""

    service: Service
    callers: Callers
    owner: str
    address: str
    watchers: tuple[str, ...]

    async def says(self, who: str, when: str, event: str, **more: object) -> Json:
        """Somebody reports, at its own time, a step that takes effect; where the record stands then."""
        answer = await self.reports(who, when, event, **more)
        assert answer["applied"], answer
        return answer

    @property
    def id(self) -> str:
        """The record's id."""
        return self.address.rpartition("/")[2]

    async def reports(self, who: str, when: str, event: str, **more: object) -> Json:
        """Somebody reports, at its own time, what is taken in whether it takes effect or not; what was answered."""
        self.service.now = at(when) + timedelta(minutes=20) if "T" in when else at(f"{when}T17:30")
        told = {"event": event, "occurred_at": written(when), **more}
        answer = await (await self.callers(who)).post(f"{self.address}/events", json=told)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def takes_back(self, who: str, event_id: str) -> None:
        """Somebody takes back an event that it reported."""
        answer = await (await self.callers(who)).post(
            f"{self.address}/events/{event_id}/withdrawal", json={"reason": MISTAKE}
        )
        assert answer.status_code in (200, 201), answer.text

    async def tries(self, who: str, when: str, event: str, **more: object) -> tuple[int, str]:
        """Somebody reports what is refused: status and code."""
        self.service.now = max(self.service.now, at(when) if "T" in when else at(f"{when}T17:30"))
        told = {"event": event, "occurred_at": written(when), **more}
        answer = await (await self.callers(who)).post(f"{self.address}/events", json=told)
        return answer.status_code, answer.json()["code"]

    async def read(self, part: str = "", by: str | None = None) -> Json:
        """One view of it now."""
        answer = await (await self.callers(by or self.watchers[0])).get(self.address + part)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sees(self, who: str) -> int:
        """The status with which somebody is given the record."""
        return (await (await self.callers(who)).get(self.address)).status_code

    async def owes(self, **nodes: Seen) -> None:
        """Check some of its nodes as they are now."""
        found = await self.nodes()
        assert {name: found.get(name) for name in nodes} == nodes

    async def comes_to(self, state: str, nodes: Mapping[str, Seen]) -> None:
        """Check where it stands now, and every node of it, before all who watch it."""
        assert (await self.read())["state"] == state
        for name in self.watchers:
            assert await self.nodes(name) == nodes, name

    async def nodes(self, by: str | None = None) -> dict[str, Seen]:
        """What it says of each node now."""
        items = (await self.read("/nodes", by))["items"]
        return {node["node"]: (node["state"], due(node), CLIENTS[node["responsible"]]) for node in items}

    async def node(self, name: str) -> Json:
        """One node with everything that explains it."""
        (found,) = (node for node in (await self.read("/nodes"))["items"] if node["node"] == name)
        return found

    async def is_late(self, moment: str, *late: tuple[str, str]) -> None:
        """Check which duties are overdue at a moment, (node, who owes it), and that all who watch the case are told.

        All read so in its life line, which tells of the records that it is tied to as well; a list across records
        holds what is one's own, or under one's eyes.
        """
        self.service.now = at(moment)
        for name in self.watchers:
            lists_all = name == self.owner or ROLES[name] in ("procuratorate", "auditor")
            assert await self.overdue(name) == sorted(one for one in late if lists_all or one[1] == name), name
            told = await self.read("/timeline", name)
            own = [item for item in told["items"] if item["id"] == self.id]
            items = [item for item in own if item["kind"] == "due" and item["state"] == "overdue"]
            assert sorted((item["node"], CLIENTS[item["responsible"]]) for item in items) == sorted(late)
            assert told["standing"].count("已逾期") == len(late), told["standing"]
            assert [NAMES[who] in told["standing"] for _, who in late] == [True] * len(late)

    async def overdue(self, by: str) -> list[tuple[str, str]]:
        """What of it is in somebody's list of what is overdue."""
        answer = await (await self.callers(by)).get("/v1/nodes", params={"state": "overdue", "limit": 200})
        assert answer.status_code == 200, answer.text
        own = [item for item in answer.json()["items"] if item["id"] == self.id]
        return sorted((item["node"], CLIENTS[item["responsible"]]) for item in own)

    async def standing(self) -> str:
        """The sentence that says where it stands, the same for all who watch it."""
        told: set[str] = {(await self.read("/timeline", name))["standing"] for name in self.watchers}
        assert len(told) == 1, told
        return told.pop()


def due(node: Json) -> str | None:
    """The day on which a node falls due, or the moment where hours count."""
    when: str | None = node["due_at"]
    return when and when.removesuffix("T23:59:59+08:00").removesuffix(":00+08:00")


async def told(
    service: Service, who: str, when: str, record: Json, watchers: tuple[str, ...], callers: Callers | None = None
) -> Case:
    """A record that somebody pushes at a moment."""
    callers = callers or Callers(service)
    service.now = at(when)
    answer = await (await callers(who)).post(f"/v1/records/{record['record_type']}", json=record)
    assert answer.status_code == 201, answer.text
    return Case(service, callers, who, f"/v1/records/{record['record_type']}/{answer.json()['id']}", watchers)
