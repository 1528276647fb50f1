"""Tables of steps written by hand, and the shortest ways by them.

A line says which event, by whom, from which states, to which state ("=" moves nothing), and what it needs or brings
about:

- `late <node>`: only once that duty is late;
- `brings <fact>`: what comes about with it.

Parties are separated by commas; `nobody`: it is never reported.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.lifecycle import START


@dataclass(frozen=True)
class Line:
    """What a table says of an event in a state."""

    event: str
    by: frozenset[str]
    to: str | None
    late: str | None = None
    brings: str | None = None


Lines = Mapping[str, Mapping[str, Line]]
"""By state and event."""


def lines_of(table: str) -> Lines:
    """The lines of a table by state and event, for every state that it names."""
    said = [*_lines(table)]
    states = sorted({state for state, _ in said} | {line.to for _, line in said if line.to})
    return {state: {line.event: line for found, line in said if found == state} for state in states}


def _lines(table: str) -> Iterator[tuple[str, Line]]:
    for text in filter(None, table.strip().splitlines()):
        event, by, course, *rest = (one.strip() for one in text.split("|"))
        after, to = (one.strip() for one in course.split("->"))
        more = dict(one.strip().split() for one in rest[0].split(",")) if rest else {}
        parties = frozenset(by.split(", ")) - {"nobody"}
        for state in after.split(", "):
            yield state, Line(event, parties, None if to == "=" else to, **more)


def ways_of(lines: Lines) -> Mapping[str, tuple[str, ...]]:
    """The shortest way to every state by the table."""
    found: dict[str, tuple[str, ...]] = {START: ()}
    edge = deque([START])
    while edge:
        state = edge.popleft()
        for line in lines[state].values():
            if line.to is not None and line.to not in found:
                found[line.to] = (*found[state], line.event)
                edge.append(line.to)
    return found
