"""What is wrong with an extension whatever the record: no row of the law would let anybody grant it."""

from __future__ import annotations

from collections.abc import Iterable

from .codelists import codelist
from .faults import Fault
from .law import Extension, Limit
from .record import Extended
from .shipped import law


def extension_faults(event: Extended) -> Iterable[Fault]:
    """The faults of one `extended` event whose node is known."""
    yield from _length_faults(event)
    grants = [(row, grant) for row in law().rows(event.node) for grant in row.extensions]
    if not grants:
        yield Fault("/node", "not-extendable")
        return
    own = [(row, grant) for row, grant in grants if grant.level == event.level]
    if not own:
        levels = [codelist("approval_levels")[level] for level in dict.fromkeys(grant.level for _, grant in grants)]
        told = {"levels_zh": "、".join(one.zh for one in levels), "levels_en": ", ".join(one.en for one in levels)}
        yield Fault("/level", "level-cannot-extend", told)
        return
    amount = _most(grant.most_added(row.amount or 0) for row, grant in own)
    if event.amount is not None and amount is not None and event.amount > amount:
        yield Fault("/amount", "longer-than-level", {"limit": amount})
    total = _most(_longest(row, grant) for row, grant in own)
    if event.total is not None and total is not None and event.total > total:
        yield Fault("/total", "longer-than-level", {"limit": total})


def _length_faults(event: Extended) -> Iterable[Fault]:
    said = [one for one in (event.amount, event.total, event.until) if one is not None]
    if len(said) != 1:
        yield Fault("/amount", "amount-or-until")
    elif event.until is None and event.unit is None:
        yield Fault("/unit", "required")


def _most(bounds: Iterable[int | None]) -> int | None:
    """The greatest of these bounds, None if there is none; all of one node count in their row's own unit."""
    found = list(bounds)
    return None if None in found else max(bound for bound in found if bound is not None)


def _longest(row: Limit, grant: Extension) -> int | None:
    """How long the whole period may be once this level has prolonged it, whatever others did before."""
    if grant.total is not None:
        return grant.total
    if grant.amount is None or not all(one.is_bounded for one in row.extensions):
        return None
    totals = [row.amount or 0, *(one.total for one in row.extensions if one.total is not None)]
    return max(totals) + sum(one.amount * one.times for one in row.extensions if one.amount is not None)
