"""What must hold between the amounts and the quantities of a case, whichever type of record tells of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from .codelists import codelist
from .faults import Fault, pointer
from .record import Record, Rule
from .rules import Events, called, never_twice, reader, rule

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


def units_measure(at: str, kinds: str) -> Rule[Any]:
    """What the list at this pointer counts is given in units that can measure its kind, by the codelist `kinds`."""
    read = reader(at)
    dimensions = {entry.code: frozenset(entry.more["dimensions"].split("|")) for entry in codelist(kinds)}

    def check(record: Record, events: Events, today: date) -> Iterable[Fault]:
        for place, one in enumerate(read(record) or ()):
            if one.kind is not None and _DIMENSION[one.unit] not in dimensions[one.kind]:
                yield Fault(f"{at}{pointer(place, 'unit')}", "unit-not-of-kind")

    called(check, f"{at[1:]}_are_in_units_of_their_kind", f"{at} are in units that can measure them: land in mu.")
    basis = f"数据质量:代码表 units 的 dimension 与 {kinds} 的 dimensions 相符"
    return Rule((at,), check, ("unit-not-of-kind",), basis)


quantities_are_in_units_of_their_kind = units_measure("/quantities", "quantity_kinds")
