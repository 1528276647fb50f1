"""Which rule of the law a duty goes by, and which facts opened, met and ended it. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.law import Law, Limit
from schemas.lifecycle import Fact, Node, Party, surely_before

from .counting import moment_of

Parties = Callable[[Sequence[Fact]], Mapping[Party, str]]
"""Who acts after these facts, by credit code."""


def _nobody_known(_: Sequence[Fact]) -> Mapping[Party, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Context:
    """What of a record decides about its duties beside its facts.

    `conditions`: those of the type that hold. `parties`: the credit code of the organisation that acts for each party
    after some facts, as far as known. `event_titles`: what people call the events, for the explanation. `record`: what
    the nodes ask.
    """

    region: str
    field: str | None
    offence: str | None = None
    conditions: frozenset[str] = frozenset()
    parties: Parties = _nobody_known
    event_titles: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    record: Any = None


@dataclass(frozen=True, slots=True)
class Opened:
    """How a duty came about, and the facts that are about it.

    `since`: the fact with which its period first began; another than `by` where it began anew, and `facts` are those
    since then. `after`: those among which it is looked for what met or ended it.
    """

    by: Fact
    row: Limit | None
    since: Fact
    facts: Sequence[Fact]
    after: Sequence[Fact]

    def begins_anew(self, fact: Fact) -> bool:
        """Whether this opening event replaces an earlier one."""
        row = self.row
        return row is not None and row.restarts and fact is not self.since and fact.event in row.opens_on


def is_owed(node: Node, opened: Opened, record: Any) -> bool:  # noqa: ANN401 – a record of any type
    if node.requires and _first(opened.after, node.requires) is None:
        return False
    return record is None or node.concerns(record)


def opening_of(node: Node, facts: Sequence[Fact], context: Context, law: Law) -> Opened | None:
    """What opened the node and the row that counts from it; no row if none was law on that day.

    Each row has its own opening day, for laws differ in that too (治安管理处罚法 counts the period for a decision
    from 受理 until 2025, from 立案 since), and it must be law on that day; of those the first by precedence counts.
    """
    told = (context.region, context.field, context.offence, context.conditions)
    opened = [
        one
        for row in law.rows(node.id)
        # Of thirty nodes few have opened, so this is asked first.
        if (one := _opened(node, facts, row)) is not None and row.applies(*told)
    ]
    for one in opened:
        if one.row is not None and one.row.in_force(one.by.day):
            return one
    earliest = min(opened, key=lambda one: one.by.day, default=None)
    return None if earliest is None else dataclasses.replace(earliest, row=None)


def _first(facts: Sequence[Fact], events: Sequence[str]) -> Fact | None:
    return next((fact for fact in facts if fact.event in events), None)


def _opened(node: Node, facts: Sequence[Fact], row: Limit) -> Opened | None:
    """How the row opens: by the first of its events, by the last where it says so or those name the day from which or
    up to which it counts."""
    if _first(facts, row.opens_on) is None:
        return None
    facts = _since_it_lapsed(node, facts, row)
    if row.restarts:
        return _restarted(node, facts, row)
    names_its_day = row.counts_from is not None or row.named_in is not None
    by = _first(facts[::-1] if names_its_day else facts, row.opens_on)
    return None if by is None else Opened(by, row, by, facts, facts)


def _since_it_lapsed(node: Node, facts: Sequence[Fact], row: Limit) -> Sequence[Fact]:
    """The facts after the last lapse after which it opened anew, all of them if it never did.

    What the police had to decide is over for them when they hand the case on, and begins anew with whoever receives it.
    """
    for place in range(len(facts) - 1, -1, -1):
        if facts[place].event in node.lapses:
            before, after = facts[:place], facts[place + 1 :]
            if _first(before, row.opens_on) is not None and _first(after, row.opens_on) is not None:
                return after
    return facts


def _restarted(node: Node, facts: Sequence[Fact], row: Limit) -> Opened:
    """The last opening, and the earliest from which the same duty has run: what was met in between was another one.

    A duty that only what happened shows to be one (案件已转送: that was due within a day) belongs to the last opening
    before that.
    """
    places = [place for place, fact in enumerate(facts) if fact.event in row.opens_on]
    courses = [*zip(places, (*places[1:], len(facts)), strict=True)]
    last, until = next((one for one in reversed(courses) if _first(facts[slice(*one)], node.requires)), courses[-1])
    met = next((one for one in range(last - 1, -1, -1) if facts[one].event in node.closes), -1)
    first = next(one for one in places if one > met)
    return Opened(facts[last], row, facts[first], facts[first:until], facts[last:until])


def closing_of(node: Node, opened: Opened) -> Fact | None:
    """The earliest fact that meets the duty.

    What happened before it opened does not, on the same day it does; but a gate may be passed at any time before what
    it guards, and what is counted back lies before its opening by its nature.
    """
    row = opened.row
    any_time = row is not None and (row.advisory or row.backwards)
    guarded = _first(opened.after, node.before)
    closing = (
        fact
        for fact in opened.after
        if fact.event in node.closes
        and (any_time or not surely_before(fact, opened.by))
        and (guarded is None or not surely_before(guarded, fact))
    )
    return min(closing, key=lambda fact: (fact.day, moment_of(fact.occurred_at)), default=None)


def ending_of(node: Node, opened: Opened, done: Fact | None) -> Fact | None:
    """The fact that ended the duty while it was open: a waiver, or what leaves nothing to be done.

    A waiver that names no node waives every open one.
    """
    for fact in opened.facts:
        waives = fact.event == "waived" and is_about(fact, node, opened.since)
        if waives or (fact.event in node.lapses and not surely_before(fact, opened.since)):
            return None if done is not None and done.day <= fact.day else fact
    return None


def is_about(fact: Fact, node: Node, opening: Fact) -> bool:
    """Whether a pause or waiver is about this node: named, or not named but already open."""
    named = fact.details.get("node")
    return named == node.id or (named is None and not surely_before(fact, opening))
