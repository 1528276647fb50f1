"""The law this release was shipped with, held against the record types it is for."""

from __future__ import annotations

import functools

from . import RECORD_TYPES
from .law import Known, Law, law_of


@functools.cache
def law() -> Law:
    """The shipped law, read once. Raises LawError naming every bad row by its line."""
    return law_of(known=known())


@functools.cache
def known() -> Known:
    """What the rows of the law may name: the nodes of all types, and the facts and conditions of their records."""
    nodes = [(node.id, kind) for kind in RECORD_TYPES.values() for node in kind.nodes]
    return Known(
        facts={
            node: frozenset(name for step in kind.steps for name in (step.event, *step.brings)) for node, kind in nodes
        },
        conditions={node: frozenset(kind.conditions) for node, kind in nodes},
    )
