"""What is wrong with an extension whatever the record: no row of the law would let anybody grant it."""

from __future__ import annotations

from collections.abc import Iterable

from .codelists import codelist
from .faults import Fault
from .law import Extension
from .record import Extended
from .shipped import law


def extension_faults(event: Extended) -> Iterable[Fault]:
    """The faults of one `extended` event whose node is known."""
    yield from _length_faults(event)
    grants = [grant for row in law().rows(event.node) for grant in row.extensions]
    if not grants:
        yield Fault("/node", "not-extendable")
        return
    own = [grant for grant in grants if grant.level == event.level]
    if not own:
        levels = [codelist("approval_levels")[level] for level in dict.fromkeys(grant.level for grant in grants)]
        told = {"levels_zh": "、".join(one.zh for one in levels), "levels_en": ", ".join(one.en for one in levels)}
        yield Fault("/level", "level-cannot-extend", told)
    elif (most := _most(own)) is not None and event.amount is not None and event.amount > most:
        yield Fault("/amount", "longer-than-level", {"limit": most})


def _length_faults(event: Extended) -> Iterable[Fault]:
    if (event.amount is None) == (event.until is None):
        yield Fault("/amount", "amount-or-until")
    elif event.amount is not None and event.unit is None:
        yield Fault("/unit", "required")


def _most(grants: Iterable[Extension]) -> int | None:
    """The most that any of these lets be granted, None for no bound; all of one node count in their row's own unit."""
    amounts = [grant.amount for grant in grants]
    return None if None in amounts else max(amount for amount in amounts if amount is not None)
