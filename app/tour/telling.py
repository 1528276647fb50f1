"""How the tour speaks: Chinese first, short English beside it, and nothing that did not happen."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class TourBroken(Exception):
    """A step of the tour did not do what it says."""


def heading(title: str, what: str) -> None:
    """Begin a chapter."""
    print(f"\n{title}\n  {what}", flush=True)


def show(answer: Json, *names: str) -> None:
    """These members of an answer, a line each."""
    for name in names:
        print(f"  {name:<12}{answer[name]}")


def show_node(node: Json) -> None:
    """A duty with its limit, how that was counted and its basis."""
    print(f"  {node['title']:<6}  {node['state']:<10}至 {node['due_at'] or '—'}")
    print(f"          {node['explanation']}")
    print(f"          依据 {node['basis']}（{node['status']}）")


def insist(held: bool, otherwise: str) -> None:
    """Raises TourBroken, with what is said otherwise, where something does not hold."""
    if not held:
        raise TourBroken(otherwise)
