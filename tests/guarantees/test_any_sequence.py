"""Whatever is sent in whatever order: the answers, what can be read, and the log are those of a naive exchange.

The naive exchange below is written from the wire contract: a dictionary of records, each a list of versions and a list
of events, changed by one request after the other. Only what the published standard itself says – the fold of facts and
the digest – is taken from `schemas`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count, pairwise
from random import Random
from typing import Any, Literal, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import demo
from schemas.judging import facts_of
from schemas.lifecycle import SHANGHAI, Fact, History, fold
from schemas.penalty import Penalty
from schemas.publishing import examples
from schemas.receipt import canonical, content, digest
from tests.api.promises import PUSH, Json, problem
from tests.conftest import NOW, Service

# --- a small world ----------------------------------------------------------------------------------

ORGANISATIONS = {"market-city": demo.code_of("420100", 0), "market-wuchang": demo.code_of("420106", 2)}
SOURCES = ("甲", "乙", "丙")
NOBODYS_ID = "0199c2f0-0000-7000-8000-000000000000"

_DECIDED = content(examples("penalty")["decided"])
_FILED = content(examples("penalty")["filed"]) | {"filed_on": "2026-07-06"}
CONTENTS: dict[str, Json] = {
    "decided": _DECIDED,
    "remarked": _DECIDED | {"remarks": "补充说明"},
    "decided later": _DECIDED | {"decided_on": "2026-10-07"},
    "moved": _DECIDED | {"region": "420102"},
    "filed": _FILED,
    "broken": _DECIDED | {"region": "999999"},
}
EVENTS: dict[str, Json] = {
    "served": {"event": "served", "occurred_at": "2026-09-30"},
    "served, numbered": {"event": "served", "occurred_at": "2026-10-08", "source_id": "e-1", "method": "direct"},
    "paid under that number": {"event": "paid", "occurred_at": "2026-10-08", "source_id": "e-1"},
    "paid": {"event": "paid", "occurred_at": "2026-10-08"},
    "published": {"event": "published", "occurred_at": "2026-10-08"},
    "published, other document": {"event": "published", "occurred_at": "2026-10-08", "document_no": "2"},
    "published at noon": {"event": "published_amr", "occurred_at": "2026-10-08T12:00:00+08:00"},
    "published at four in London": {"event": "published_amr", "occurred_at": "2026-10-08T04:00:00Z"},
    "decided": {"event": "decided", "occurred_at": "2026-09-29"},
    "heard": {"event": "hearing_held", "occurred_at": "2026-10-05"},
    "not punished": {"event": "not_punished", "occurred_at": "2026-09-30", "reason": "情节轻微"},
    "closed": {"event": "closed", "occurred_at": "2026-10-09"},
    "tomorrow": {"event": "published", "occurred_at": "2026-10-10"},
}
WITHDRAWALS = ({"code": "entered_by_mistake", "text": "误报"}, {"code": "sent_twice", "text": "重复报送"})
NO_EVENT = -1
CORRECTIONS = ({"code": "fact_wrong", "text": "更正"}, {"code": "case_advanced", "text": "进展"}, WITHDRAWALS[0])

TELL_OF_A_DECISION = {"decided", "served", "paid", "published", "published_amr"}

Name = tuple[str, str]
"""A record by the client whose organisation reported it and its number in SOURCES."""

AS_HELD = "as held"
"""The content that holds when the command is carried out."""


@dataclass(frozen=True)
class Push:
    """A record, with events sent along."""

    by: str
    of: Name
    content: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True)
class Put:
    """A new version. `sees`: how far the version in If-Match is behind the one that holds; None: no If-Match.

    `under`: the number that the record in the body bears.
    """

    by: str
    of: Name
    content: str
    events: tuple[str, ...]
    reason: int
    sees: int | None
    under: str


@dataclass(frozen=True)
class Report:
    """An event."""

    by: str
    of: Name
    event: str


@dataclass(frozen=True)
class Withdraw:
    """A record taken back, or one of its events: counted round and round, so that `event` is one if there is any."""

    by: str
    of: Name
    reason: int
    event: int | None = None


@dataclass(frozen=True)
class Batch:
    """Records and events at once, as lines or as an array."""

    by: str
    mode: Literal["independent", "atomic"]
    lines: tuple[Push | Report, ...]
    as_array: bool


@dataclass(frozen=True)
class Again:
    """What was sent so many requests ago, sent once more."""

    ago: int


Command = Push | Put | Report | Withdraw | Batch | Again

_CITY, _WUCHANG = ORGANISATIONS


def _some_command(rng: Random) -> Command:
    """A command, mostly about one's own records and mostly about the same: where nothing collides nothing is shown."""
    by, owner = rng.choices([(_CITY, _CITY), (_WUCHANG, _WUCHANG), (_WUCHANG, _CITY)], (16, 5, 1))[0]
    of = (owner, rng.choices(SOURCES, (12, 4, 1))[0])
    kind = rng.choices((Push, Put, Report, Withdraw, Batch, Again), (3, 4, 5, 3, 5, 1))[0]
    if kind is Push:
        return Push(by, of, _some_content(rng), _some_events(rng))
    if kind is Put:
        reason, sees = rng.choices((0, 1, 2), (10, 5, 1))[0], rng.choices((0, 1, None), (20, 3, 1))[0]
        under = rng.choices((of[1], SOURCES[2]), (25, 1))[0]
        return Put(by, of, _some_content(rng), _some_events(rng), reason, sees, under)
    if kind is Report:
        return Report(by, of, _some_event(rng))
    if kind is Withdraw:
        # Taking back a whole record is the end of it, so it is rare.
        return Withdraw(by, of, rng.randrange(2), rng.choices((None, NO_EVENT, 0, 1, 2), (3, 1, 6, 4, 2))[0])
    return _some_batch(rng, by, owner) if kind is Batch else Again(rng.randrange(1, 5))


def _some_batch(rng: Random, by: str, owner: str) -> Batch:
    contents = dict.fromkeys(SOURCES, _some_content(rng))
    lines: list[Push | Report] = []
    for _ in range(rng.randrange(1, 6)):
        of = (owner, rng.choices(SOURCES, (3, 2, 1))[0])
        what = contents[of[1]] if rng.random() < 0.9 else _some_content(rng)
        is_record = rng.random() < 0.5
        lines.append(Push(by, of, what, _some_events(rng)) if is_record else Report(by, of, _some_event(rng)))
    return Batch(by, rng.choice(("independent", "atomic")), tuple(lines), rng.random() < 0.5)


def _some_content(rng: Random) -> str:
    return rng.choices([AS_HELD, *CONTENTS], (10, 8, 2, 2, 2, 5, 1))[0]


def _some_event(rng: Random) -> str:
    return rng.choices([*EVENTS], (8, 2, 2, 4, 3, 2, 2, 2, 2, 2, 2, 2, 1))[0]


def _some_events(rng: Random) -> tuple[str, ...]:
    return tuple(_some_event(rng) for _ in range(rng.choice((0, 0, 0, 1, 1, 2))))


# Made once and then chosen from, all alike likely: strategies put together are fonder of some corners than of others.
COMMANDS = st.sampled_from([_some_command(Random(f"liandong {number}")) for number in range(4000)])
# Three records to begin with: most of what can be asked is asked of what is held.
BEGUN = st.tuples(
    *(
        st.sampled_from([Push(of[0], of, what) for what in ("decided", "filed")])
        for of in ((_CITY, SOURCES[0]), (_CITY, SOURCES[1]), (_WUCHANG, SOURCES[0]))
    )
)


# --- the naive exchange -----------------------------------------------------------------------------


@dataclass
class Event:
    """An event that is held. `id`: as soon as it was told."""

    said: Json
    withdrawn: Json = None
    id: str | None = None


@dataclass
class Version:
    """A version that is held. `receipt`: as soon as it was told."""

    said: Json
    reason: Json = None
    receipt: Json = None

    @property
    def digest(self) -> str:
        return digest(canonical(self.said))


@dataclass
class Record:
    """A record that is held."""

    versions: list[Version]
    events: list[Event] = field(default_factory=list)
    withdrawn: Json = None
    id: str = ""

    @property
    def now(self) -> Version:
        """The version that holds."""
        return self.versions[-1]

    def history(self) -> History:
        return history_of(self.now.said, [event.said for event in self.events if event.withdrawn is None])

    @property
    def state(self) -> str:
        return "withdrawn" if self.withdrawn is not None else self.history().state

    def event(self, said: Json) -> Event | None:
        """The event that is held under the identity of this one."""
        return next((event for event in self.events if identity(event.said) == identity(said)), None)

    def event_at(self, place: int) -> Event | None:
        """The event at a place, counted round and round."""
        return None if place == NO_EVENT or not self.events else self.events[place % len(self.events)]

    def applied(self, event: Event) -> bool:
        """Whether an event is in force: it was not taken back, and waits for nothing."""
        waiting = {fact.stated_by for fact in self.history().waiting}
        return event.withdrawn is None and identity(event.said) not in waiting


World = dict[Name, Record]
LineT = TypeVar("LineT", bound=Push | Put | Report | Withdraw)


@dataclass
class Verdict:
    """What the naive exchange answers. `held`: the record it is about; `event`: the event; `added`: sent along."""

    status: int
    code: str = ""
    held: Record | None = None
    event: Event | None = None
    added: int = 0


class No(Exception):
    """A refusal."""

    def __init__(self, status: int, code: str, held: Record | None = None) -> None:
        super().__init__(code)
        self.verdict = Verdict(status, code, held)


def when(said: Json) -> date | datetime:
    """When an event happened; the day of a moment is that of Shanghai."""
    text = said["occurred_at"]
    return datetime.fromisoformat(text).astimezone(SHANGHAI) if "T" in text else date.fromisoformat(text)


def identity(said: Json) -> str:
    """What tells whether two reports are of one event ("Events")."""
    if "source_id" in said:
        return f"under {said['source_id']}"
    return f"{said['event']} {when(said).isoformat()} {said.get('document_no')}"


def is_same(one: Json, other: Json) -> bool:
    """Whether two reports of one event say the same."""
    return {**one, "occurred_at": when(one)} == {**other, "occurred_at": when(other)}


def history_of(record: Json, events: Sequence[Json]) -> History:
    told = [Fact(said["event"], when(said), stated_by=identity(said)) for said in events]
    return fold(Penalty.steps, facts_of(Penalty.model_validate(record), told))


def is_wrong_by_itself(record: Json, events: Sequence[Json]) -> bool:
    """Whether a record with the events sent along is refused whatever is held."""
    if record["region"] == "999999" or any(said["occurred_at"] > NOW.date().isoformat() for said in events):
        return True
    if "decided_on" not in record and TELL_OF_A_DECISION & {said["event"] for said in events}:
        return True  # "From the decision on, the rows marked D too."
    first: dict[str, Json] = {}
    if any(not is_same(first.setdefault(identity(said), said), said) for said in events):
        return True
    return bool(history_of(record, list(first.values())).contradictions)


class Naive:
    """An exchange that does one thing after the other. `example`: what makes its source ids its own."""

    def __init__(self, example: str) -> None:
        self.example = example
        self.world: World = {}

    def source_id(self, of: Name) -> str:
        return f"{self.example}-{of[1]}"

    def record(self, of: Name, what: str) -> Json:
        """What is sent of a record."""
        organisation = ORGANISATIONS[of[0]]
        said = {**CONTENTS[what], "organisation": organisation, "source_id": self.source_id(of)}
        organ = {"name": "样例机关", "credit_code": organisation}
        return said | {"organ": organ} | ({"data_source": organ} if "data_source" in said else {})

    def settled(self, asked: LineT) -> LineT:
        """The command with the name of the content that holds, if it was to be that."""
        if isinstance(asked, Report | Withdraw) or asked.content != AS_HELD:
            return asked
        held = self.world.get(asked.of)
        names = [name for name in CONTENTS if held and self.record(asked.of, name) == held.now.said]
        return replace(asked, content=names[0] if names else "decided")

    def push(self, asked: Push) -> Verdict:
        record, events = self.record(asked.of, asked.content), [EVENTS[name] for name in asked.events]
        if is_wrong_by_itself(record, events):
            raise No(422, "validation-failed")
        if asked.by != asked.of[0]:
            raise No(403, "not-your-record")
        held = self.world.get(asked.of)
        if held is None:
            held = Record([Version(record)])
            _add(held, events)
            self.world[asked.of] = held
            return Verdict(201, held=held)
        if held.withdrawn is not None:
            raise No(409, "withdrawn", held)
        if held.now.said != record:
            raise No(409, "already-held", held)
        return Verdict(200, held=held, added=_add(held, events))

    def put(self, asked: Put) -> Verdict:
        record = self.record((asked.of[0], asked.under), asked.content)
        events = [EVENTS[name] for name in asked.events]
        if asked.sees is None:
            raise No(428, "version-not-stated")
        if is_wrong_by_itself(record, events) or CORRECTIONS[asked.reason] in WITHDRAWALS:
            raise No(422, "validation-failed")
        held = self._visible(asked.by, asked.of)
        if asked.under != asked.of[1]:
            raise No(422, "validation-failed")
        if held.withdrawn is not None:
            raise No(409, "withdrawn", held)
        if held.now.said == record:
            return Verdict(200, held=held, added=_add(held, events))
        if asked.sees != 0:
            raise No(412, "version-outdated", held)
        changed = deepcopy(held)
        changed.versions.append(Version(record, CORRECTIONS[asked.reason]))
        _add(changed, events, has_changed=True)
        held.versions, held.events = changed.versions, changed.events
        return Verdict(201, held=held)

    def report(self, asked: Report) -> Verdict:
        said = EVENTS[asked.event]
        if said["occurred_at"] > NOW.date().isoformat():
            raise No(422, "validation-failed")
        held = self._visible(asked.by, asked.of)
        if held.withdrawn is not None:
            raise No(409, "withdrawn", held)
        added = _add(held, [said])
        return Verdict(201 if added else 200, held=held, event=held.event(said))

    def withdraw(self, asked: Withdraw) -> Verdict:
        held = self._visible(asked.by, asked.of)
        reason = WITHDRAWALS[asked.reason]
        if asked.event is None:
            if held.withdrawn not in (None, reason):
                raise No(409, "withdrawn", held)
            is_new = held.withdrawn is None
            held.withdrawn = reason
            return Verdict(201 if is_new else 200, held=held)
        event = held.event_at(asked.event)
        if event is None:
            raise No(404, "unknown-event")
        is_new = event.withdrawn is None
        if is_new and held.withdrawn is not None:
            raise No(409, "withdrawn", held)
        event.withdrawn = event.withdrawn or reason
        return Verdict(201 if is_new else 200, held=held, event=event)

    def batch(self, asked: Batch) -> list[Verdict]:
        """What each line is told; of an atomic batch with a bad line nothing comes about."""
        contents: dict[Name, set[str]] = {}
        for line in asked.lines:
            if isinstance(line, Push):
                contents.setdefault(line.of, set()).add(line.content)
        before = deepcopy(self.world)
        verdicts = [
            Verdict(422, "different-in-batch")
            if isinstance(line, Push) and len(contents[line.of]) > 1
            else self.judged(line)
            for line in asked.lines
        ]
        if asked.mode == "atomic" and any(verdict.status >= 400 for verdict in verdicts):
            self.world = before
            return [verdict if verdict.status >= 400 else Verdict(424) for verdict in verdicts]
        return verdicts

    def judged(self, asked: Push | Put | Report | Withdraw) -> Verdict:
        try:
            if isinstance(asked, Push):
                return self.push(asked)
            if isinstance(asked, Put):
                return self.put(asked)
            return self.report(asked) if isinstance(asked, Report) else self.withdraw(asked)
        except No as refusal:
            return refusal.verdict

    def _visible(self, by: str, of: Name) -> Record:
        """A record that is held and that the caller may know of: an agency knows its own."""
        if of not in self.world or by != of[0]:
            raise No(404, "unknown-record")
        return self.world[of]


def _add(held: Record, events: Sequence[Json], *, has_changed: bool = False) -> int:
    """Add those events that are not held, all or none of them; how many these were."""
    changed = deepcopy(held)
    for said in events:
        known = changed.event(said)
        if known is None:
            changed.events.append(Event(said))
        elif not is_same(known.said, said):
            raise No(409, "event-already-held", held)
    added = changed.events[len(held.events) :]
    if (added or has_changed) and changed.history().contradictions:
        raise No(409, "step-not-allowed", held)
    held.events += added
    return len(added)


# --- the exchange itself ----------------------------------------------------------------------------


@dataclass
class Stage:
    """A service with its callers, and how far each of them has read the log."""

    callers: dict[str, httpx.AsyncClient]
    cursors: dict[str, str] = field(default_factory=dict)
    reached: int = 0
    told: Counter[tuple[str, int, str]] = field(default_factory=Counter)

    async def ask(self, by: str, method: str, path: str, body: Json = None, **headers: str) -> httpx.Response:
        """One request. `headers`: underscores in their names are dashes."""
        named = {"Content-Type": "application/json"} | {n.replace("_", "-"): value for n, value in headers.items()}
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        return await self.callers[by].request(method, path, content=raw, headers=named)

    async def read(self, by: str, path: str) -> Json:
        answer = await self.ask(by, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def log(self, by: str) -> list[Json]:
        """What came since a caller last read the log."""
        items: list[Json] = []
        while True:
            page = await self.read(
                by, f"/v1/changes?limit=7&after={self.cursors[by]}" if by in self.cursors else CHANGES
            )
            items += page["items"]
            self.cursors[by] = page["next"]
            if page["scanned_to"] == page["head"]:
                return items


CHANGES = "/v1/changes?limit=7"


class Run:
    """One example: the commands given to both, and the answers compared."""

    def __init__(self, stage: Stage, naive: Naive) -> None:
        self.stage = stage
        self.naive = naive

    async def step(self, asked: Push | Put | Report | Withdraw | Batch) -> None:
        if isinstance(asked, Batch):
            await self._batch(replace(asked, lines=tuple(self.naive.settled(line) for line in asked.lines)))
            return
        asked = self.naive.settled(asked)
        answer = await self._sent(asked)
        verdict = self.naive.judged(asked)
        assert answer.status_code == verdict.status, (asked, verdict, answer.text)
        self.stage.told[type(asked).__name__, verdict.status, verdict.code] += 1
        if verdict.status >= 400:
            self._refused(problem(answer), verdict)
        elif isinstance(asked, Push | Put):
            self._receipt(answer.json(), verdict)
            assert isinstance(asked, Push) or answer.headers["etag"] == f'"{answer.json()["version"]}"'
        elif isinstance(asked, Report):
            self._advanced(answer.json(), verdict)
        else:
            self._withdrawn(answer.json(), verdict)

    async def _sent(self, asked: Push | Put | Report | Withdraw) -> httpx.Response:
        if isinstance(asked, Push):
            return await self.stage.ask(asked.by, "POST", PUSH, self._line(asked))
        held = self.naive.world.get(asked.of)
        at = f"{PUSH}/{NOBODYS_ID if held is None else held.id}"
        if isinstance(asked, Report):
            return await self.stage.ask(asked.by, "POST", f"{at}/events", EVENTS[asked.event])
        if isinstance(asked, Put):
            record = self.naive.record((asked.of[0], asked.under), asked.content)
            body = {"reason": CORRECTIONS[asked.reason], "record": record | _along(asked.events)}
            version = (len(held.versions) if held else 1) - (asked.sees or 0)
            matches = {} if asked.sees is None else {"If_Match": f'"{version}"'}
            return await self.stage.ask(asked.by, "PUT", at, body, **matches)
        if asked.event is not None:
            at += f"/events/{await self._event_id(asked.of, held, asked.event)}"
        return await self.stage.ask(asked.by, "POST", f"{at}/withdrawal", {"reason": WITHDRAWALS[asked.reason]})

    def _line(self, asked: Push | Report) -> Json:
        if isinstance(asked, Push):
            return self.naive.record(asked.of, asked.content) | _along(asked.events)
        named = {"organisation": ORGANISATIONS[asked.of[0]], "source_id": self.naive.source_id(asked.of)}
        return {"event_for": {"record_type": "penalty"} | named} | EVENTS[asked.event]

    async def _event_id(self, of: Name, held: Record | None, place: int) -> str:
        """The id of an event that may have been sent along, and so was not told yet."""
        wanted = None if held is None else held.event_at(place)
        if held is None or wanted is None:
            return NOBODYS_ID
        if wanted.id is None:
            for item in (await self.stage.read(of[0], f"{PUSH}/{held.id}/events"))["items"]:
                event = held.event(item["event"]) if item["id"] else None
                if event is not None:
                    event.id = item["id"]
        assert wanted.id is not None
        return wanted.id

    async def _batch(self, asked: Batch) -> None:
        lines = [self._line(line) for line in asked.lines]
        ndjson = "\n".join(json.dumps(line) for line in lines).encode()
        kind = "application/json" if asked.as_array else "application/x-ndjson"
        body = lines if asked.as_array else ndjson
        answer = await self.stage.ask(asked.by, "POST", f"/v1/batches?mode={asked.mode}", body, Content_Type=kind)
        said = answer.json()

        verdicts = self.naive.batch(asked)

        results = said["results"]
        assert [(one["index"], one["status"]) for one in results] == [
            (place, verdict.status) for place, verdict in enumerate(verdicts)
        ], (asked, verdicts, said)
        statuses = [verdict.status for verdict in verdicts]
        good = statuses.count(201) + statuses.count(200)
        assert {name: said[name] for name in ("accepted", "repeated", "rejected")} == {
            "accepted": statuses.count(201),
            "repeated": statuses.count(200),
            "rejected": len(statuses) - good,
        }
        assert answer.status_code == (422 if good == 0 else 207 if good < len(statuses) else 200)
        for line, verdict, result in zip(asked.lines, verdicts, results, strict=True):
            self.stage.told[f"{asked.mode} {type(line).__name__}", verdict.status, verdict.code] += 1
            if verdict.status >= 400:
                assert result["problem"]["status"] == verdict.status
                self._refused(result["problem"], verdict, later_lines=True)
            elif isinstance(line, Push):
                # What a later line did is not undone in the model to be compared with what an earlier one was told.
                self._receipt(result["receipt"], verdict)
            else:
                self._advanced(result["event"], verdict, later_lines=True)

    def _refused(self, said: Json, verdict: Verdict, *, later_lines: bool = False) -> None:
        if verdict.code:
            assert said["code"] == verdict.code, (verdict, said)
        if verdict.code in ("withdrawn", "already-held", "version-outdated") and verdict.held and not later_lines:
            held = verdict.held
            assert said["held"] == {"id": held.id, "version": len(held.versions), "digest": held.now.digest}

    def _receipt(self, said: Json, verdict: Verdict) -> None:
        """Compare a receipt with the version that holds, and with all receipts of it that were given before."""
        held = verdict.held
        assert held is not None
        held.id = held.id or said["id"]
        version = held.now
        told = {name: said[name] for name in ("id", "record_type", "organisation", "source_id", "version", "digest")}
        assert told == {
            "id": held.id,
            "record_type": "penalty",
            "organisation": version.said["organisation"],
            "source_id": version.said["source_id"],
            "version": len(held.versions),
            "digest": version.digest,
        }
        kept = [warning for warning in said["warnings"] if warning["code"] != "events-added"]
        assert len(said["warnings"]) - len(kept) == (1 if verdict.added else 0)
        vouched = {name: said[name] for name in said if name not in ("position", "nodes")} | {"warnings": kept}
        version.receipt = version.receipt or vouched
        assert vouched == version.receipt

    def _advanced(self, said: Json, verdict: Verdict, *, later_lines: bool = False) -> None:
        held, event = verdict.held, verdict.event
        assert held is not None
        assert event is not None
        event.id = event.id or said["id"]
        assert (said["id"], said["event"]) == (event.id, event.said["event"])
        codes = [warning["code"] for warning in said["warnings"]]
        assert said["applied"] is (codes == [])
        if later_lines:
            return
        assert said["applied"] is held.applied(event)
        assert codes == ([] if said["applied"] else ["event-withdrawn" if event.withdrawn else "predecessor-missing"])
        assert (said["state"], said["version"]) == (held.state, len(held.versions))

    def _withdrawn(self, said: Json, verdict: Verdict) -> None:
        held, event = verdict.held, verdict.event
        assert held is not None
        assert said["id"] == held.id
        assert said.get("event_id") == (event.id if event else None)
        assert said["reason"] == (event.withdrawn if event else held.withdrawn)
        assert (said["state"], said["version"]) == (held.state, len(held.versions))

    # What can be read ---------------------------------------------------------------------------------------------

    async def compare_what_is_read(self) -> None:
        for of, held in self.naive.world.items():
            await self._read_record(of, held)
            await self._read_events(of, held)
            stranger = next(name for name in ORGANISATIONS if name != of[0])
            for part in ("", "/versions", "/events", f"/versions/{len(held.versions)}"):
                assert (await self.stage.ask(stranger, "GET", f"{PUSH}/{held.id}{part}")).status_code == 404

    async def _read_record(self, of: Name, held: Record) -> None:
        answer = await self.stage.ask(of[0], "GET", f"{PUSH}/{held.id}")
        said = answer.json()
        assert answer.headers["etag"] == f'"{len(held.versions)}"'
        assert said["record"] == held.now.said
        assert {name: said[name] for name in ("version", "state", "digest", "source_id")} == {
            "version": len(held.versions),
            "state": held.state,
            "digest": held.now.digest,
            "source_id": self.naive.source_id(of),
        }
        assert said.get("withdrawal", {}).get("reason") == held.withdrawn
        versions = (await self.stage.read(of[0], f"{PUSH}/{held.id}/versions"))["items"]
        assert [(one["version"], one["digest"], one["record"], one.get("reason")) for one in versions] == [
            (place, version.digest, version.said, version.reason) for place, version in enumerate(held.versions, 1)
        ]
        beyond = await self.stage.ask(of[0], "GET", f"{PUSH}/{held.id}/versions/{len(held.versions) + 1}")
        assert beyond.status_code == 404

    async def _read_events(self, of: Name, held: Record) -> None:
        items = (await self.stage.read(of[0], f"{PUSH}/{held.id}/events"))["items"]
        reported = {identity(item["event"]): item for item in items if item["id"]}
        assert len(reported) == sum(item["id"] is not None for item in items)
        assert {
            name: (item["event"], item["applied"], item.get("withdrawal", {}).get("reason"))
            for name, item in reported.items()
        } == {identity(event.said): (event.said, held.applied(event), event.withdrawn) for event in held.events}
        for event in held.events:
            event.id = event.id or reported[identity(event.said)]["id"]
            assert event.id == reported[identity(event.said)]["id"]
        stated = {"filed_on": "filed", "notified_on": "notified", "decided_on": "decided"}
        assert sorted(item["event"]["event"] for item in items if item["stated_by"].startswith("/")) == sorted(
            event for name, event in stated.items() if name in held.now.said
        )

    # The log ------------------------------------------------------------------------------------------------------

    async def compare_the_log(self) -> None:
        items = await self.stage.log("procuratorate-city")
        assert [item["position"] for item in items] == list(range(self.stage.reached, self.stage.reached + len(items)))
        self.stage.reached += len(items)
        for name, organisation in ORGANISATIONS.items():
            assert await self.stage.log(name) == [item for item in items if item["organisation"] == organisation]
        replicas: dict[str, Replica] = {}
        for item in items:
            replicas.setdefault(item["record_id"], Replica()).take(item)
        assert {held.id for held in self.naive.world.values()} == set(replicas)
        for of, held in self.naive.world.items():
            replica = replicas[held.id]
            assert replica.source_ids == {self.naive.source_id(of)}
            assert replica.versions == [(version.said, version.reason) for version in held.versions]
            # Those of one request are told in the order in which they were sent, as they are held.
            assert replica.events == {event.id: event.said for event in held.events}
            assert list(replica.events) == [event.id for event in held.events]
            assert replica.withdrawn_events == {e.id: e.withdrawn for e in held.events if e.withdrawn is not None}
            assert replica.withdrawn == held.withdrawn
            assert replica.disclosed == moves(held)
            nodes = (await self.stage.read(of[0], f"{PUSH}/{held.id}/nodes"))["items"]
            assert {node["node"]: node for node in nodes} == replica.nodes


def moves(held: Record) -> list[int]:
    """The versions that brought a record into another region, and so before other eyes."""
    regions = [version.said["region"] for version in held.versions]
    return [place for place, (before, after) in enumerate(pairwise(regions), 2) if before != after]


@dataclass
class Replica:
    """A record as a subscriber has it who read nothing but the log."""

    source_ids: set[str] = field(default_factory=set)
    versions: list[tuple[Json, Json]] = field(default_factory=list)
    events: dict[str | None, Json] = field(default_factory=dict)
    withdrawn_events: dict[str | None, Json] = field(default_factory=dict)
    withdrawn: Json = None
    nodes: dict[str, Json] = field(default_factory=dict)
    disclosed: list[int] = field(default_factory=list)

    def take(self, item: Json) -> None:
        """Take one item of the log, after checking that it can follow what came before."""
        take: Any = getattr(self, f"_{item['kind']}")
        self.source_ids.add(item["source_id"])
        assert (item["kind"] == "record") == (self.versions == []), "the record comes first, and once"
        assert self.withdrawn is None or item["kind"] == "node", "nothing follows a withdrawal"
        take(item)
        assert item["version"] == len(self.versions)

    def _record(self, item: Json) -> None:
        assert "reason" not in item
        self._correction(item | {"reason": None})

    def _correction(self, item: Json) -> None:
        assert item["digest"] == digest(canonical(item["record"]))
        self.versions.append((item["record"], item["reason"]))

    def _disclosure(self, item: Json) -> None:
        assert item["record"] == self.versions[-1][0]
        self.disclosed.append(item["version"])
        assert item["events"] == [said for of, said in self.events.items() if of not in self.withdrawn_events]

    def _event(self, item: Json) -> None:
        assert item["id"] not in self.events
        assert item["digest"] == digest(canonical(item["event"]))
        self.events[item["id"]] = item["event"]

    def _event_withdrawal(self, item: Json) -> None:
        assert item["id"] not in self.withdrawn_events
        assert item["event"] == self.events[item["id"]]
        self.withdrawn_events[item["id"]] = item["reason"]

    def _withdrawal(self, item: Json) -> None:
        assert item["digest"] == digest(canonical(self.versions[-1][0]))
        self.withdrawn = item["reason"]

    def _node(self, item: Json) -> None:
        self.nodes[item["node"]["node"]] = item["node"]


def _along(events: Sequence[str]) -> Json:
    return {"events": [EVENTS[name] for name in events]} if events else {}


# --- the promise ------------------------------------------------------------------------------------

_examples = count(1)
_stages: dict[int, Stage] = {}


async def _stage(service: Service) -> Stage:
    """One stage for all examples that share a service."""
    if id(service) not in _stages:
        _stages.clear()
        names = (*ORGANISATIONS, "procuratorate-city")
        _stages[id(service)] = Stage({name: await service.client(name) for name in names})
    return _stages[id(service)]


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=80, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(begun=BEGUN, commands=st.lists(COMMANDS, min_size=8, max_size=24))
async def test_any_sequence_of_requests_ends_as_it_would_one_by_one(
    service: Service, begun: tuple[Push, ...], commands: list[Command]
) -> None:
    run = Run(await _stage(service), Naive(f"例-{next(_examples)}"))

    done: list[Push | Put | Report | Withdraw | Batch] = []
    for command in (*begun, *commands):
        asked = command if not isinstance(command, Again) else done[-command.ago] if len(done) >= command.ago else None
        if asked is not None:
            await run.step(asked)
            done.append(asked)
    await service.sequence()

    await run.compare_what_is_read()
    await run.compare_the_log()
