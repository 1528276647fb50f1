"""Clocks worked by hand: a period, and a whole case as it was told with every duty of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from app.rules.counting import When
from app.rules.deadlines import Duty, duties, is_late
from app.rules.openings import Context
from schemas import RECORD_TYPES
from schemas.judging import facts_of
from schemas.law import Law
from schemas.lifecycle import SHANGHAI, Fact, History, fold
from schemas.record import Record
from schemas.shipped import law

Told = tuple[Any, ...]
"""(event, when) or (event, when, what it says)."""


def at(text: str) -> When:
    """A day, or a moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) if "T" in text else date.fromisoformat(text)


def end(text: str | None) -> datetime | None:
    """The moment itself, the last second of a day, or none."""
    when = None if text is None else at(text)
    return datetime.combine(when, time(23, 59, 59), SHANGHAI) if type(when) is date else when  # type: ignore[return-value]


def facts(*told: Told) -> list[Fact]:
    """What was told, each by an event of its own."""
    return [
        Fact(one[0], at(one[1]), stated_by=f"event:{place}", details=dict(one[2]) if len(one) > 2 else {})
        for place, one in enumerate(told)
    ]


@dataclass(frozen=True)
class Worked:
    """A duty, what happened, when it falls due, and the count on the wall calendar."""

    node: str
    told: tuple[Told, ...]
    due: str | None
    reasoning: str
    of: str = "market"

    def __str__(self) -> str:
        return f"{self.node} {self.of} {self.told[-1][0]} {self.told[-1][1]}: {self.due}"


@dataclass(frozen=True)
class Story:
    """A case as it was told, and what it amounts to at `now`: every duty with where it stands and when it falls due.

    `responsible`: who owes what, where the story is about that.
    """

    name: str
    record: Mapping[str, Any]
    told: tuple[Told, ...]
    now: str
    state: str
    nodes: Mapping[str, tuple[str, str | None]]
    responsible: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def happened(self) -> tuple[Record, History]:
        """The record, and what was told of it."""
        record = RECORD_TYPES[self.record["record_type"]].model_validate(self.record)
        return record, history(record, facts(*self.told), law())

    def owed(self) -> Mapping[str, Duty]:
        """The duties of the case by node."""
        record, found = self.happened()
        return {one.node: one for one in duties(record.nodes, found.applied, of_record(record), law())}


def of_record(record: Record) -> Context:
    """What of a record decides about its duties beside its facts."""
    return Context(
        record.region,
        record.field,
        conditions=frozenset(name for name, holds in record.conditions.items() if holds(record)),
        parties=record.parties,
        event_titles=record.titles(),
        record=record,
    )


def history(record: Record, told: Sequence[Fact], under: Law) -> History:
    """What the dates of a record and what was told of it amount to."""
    stated = facts_of(record, told)
    return fold(record.steps, [*stated, *record.implied(stated)], is_late(record.nodes, of_record(record), under))


def telling(node: str, **extension: object) -> Callable[[str, When, int], Fact]:
    """Facts of a run, told in some place: what moves one clock alone moves that of `node`, and prolongs it by this."""

    def tell(event: str, when: When, place: int) -> Fact:
        details: dict[str, object] = {"document_no": f"样例〔2026〕{place}号"}
        if event in ("extended", "waived"):
            details["node"] = node
        if event == "extended":
            details |= extension
        return Fact(event, when, stated_by=f"event:{place:02}", details=details)

    return tell
