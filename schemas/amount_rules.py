"""What must hold between the amounts and the quantities of a case, whichever type of record tells of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from .codelists import codelist
from .faults import Fault, pointer
from .record import Rule
from .rules import Events, never_twice, rule

no_amount_twice: Rule[Any] = never_twice(
    "/amounts", of=lambda amount: amount.kind, last="/kind", basis="数据质量:每类金额一项"
)
_PART_OF = {entry.code: entry.more["part_of"] for entry in codelist("amount_kinds") if entry.more["part_of"]}


@rule(
    reads=("/amounts",),
    codes=("part-above-whole",),
    basis="刑法 第二百零一条;法释〔2001〕10号 第二条;代码表 amount_kinds 的 part_of",
)
def no_part_is_above_its_whole(record: Any, events: Events, today: date) -> Iterable[Fault]:  # noqa: ANN401 – any type that has them
    """Unsold goods are worth no more than all goods, and no more tax is evaded than is payable."""
    if record.amounts is None or len(record.amounts) < 2:
        return
    yuan = {amount.kind: amount.yuan for amount in record.amounts}
    for place, amount in enumerate(record.amounts):
        whole = yuan.get(_PART_OF.get(amount.kind, ""))
        if whole is not None and amount.yuan > whole:
            names = codelist("amount_kinds")[_PART_OF[amount.kind]]
            yield Fault(
                pointer("amounts", place, "yuan"), "part-above-whole", {"whole_zh": names.zh, "whole_en": names.en}
            )


_DIMENSION = {entry.code: entry.more["dimension"] for entry in codelist("units")}
_DIMENSIONS = {entry.code: frozenset(entry.more["dimensions"].split("|")) for entry in codelist("quantity_kinds")}


@rule(
    reads=("/quantities",),
    codes=("unit-not-of-kind",),
    basis="数据质量:代码表 units 的 dimension 与 quantity_kinds 的 dimensions 相符",
)
def units_measure_what_they_count(record: Any, events: Events, today: date) -> Iterable[Fault]:  # noqa: ANN401 – any type that has them
    """A quantity is given in a unit that can measure its kind: land in mu, waste in tonnes."""
    for place, quantity in enumerate(record.quantities or ()):
        if quantity.kind is not None and _DIMENSION[quantity.unit] not in _DIMENSIONS[quantity.kind]:
            yield Fault(pointer("quantities", place, "unit"), "unit-not-of-kind")
