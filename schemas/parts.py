"""Objects of the standard that several types of record say: organs, amounts, who somebody is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .fields import PERSONAL, CreditCode, Name, Yuan, choice, code_of, text
from .record import Event, Part

IdType = Annotated[str, code_of("id_types")]
IdNo = Annotated[str, text(64), PERSONAL]
DECIMAL = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"
"""A quantity: up to twelve digits and six decimals."""


def names(zh: str, en: str) -> dict[str, str]:
    """What people call something."""
    return {"zh": zh, "en": en}


class LegalRepresentative(Part):
    """法定代表人."""

    name: Annotated[str, text(50), PERSONAL] | None = None
    id_type: IdType | None = None
    id_no: IdNo | None = None


class Organ(Part):
    """A state organ by its name and credit code."""

    name: Name
    credit_code: CreditCode


class Amount(Part):
    """涉案金额 of one kind; each kind once, as the total of the case."""

    kind: Annotated[str, code_of("amount_kinds")]
    yuan: Yuan


class Quantity(Part):
    """涉案物品: how much of what.

    `item` says it in words. `kind` says it so that it can be held against a threshold; left out, it is shown and not
    compared. `state`: goods that were sold and goods that were not have thresholds of their own.
    """

    item: Annotated[str, text(200)]
    amount: Annotated[str, Field(pattern=DECIMAL)]
    unit: Annotated[str, code_of("units")]
    kind: Annotated[str, code_of("quantity_kinds")] | None = None
    state: Annotated[str, choice("sold", "unsold")] | None = None


class Reasoned(Event):
    """An outcome that owes a reason."""

    reason: Annotated[str, text(2000)]
