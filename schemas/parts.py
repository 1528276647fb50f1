"""Objects of the standard that several types of record say: organs, amounts, who somebody is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from .fields import PERSONAL, CreditCode, Name, Yuan, choice, code_of, text, written_as
from .lifecycle import Party
from .record import Addressed, Event, Part, Sought

NO_PERSONS = ("legal_person", "sole_trader")
"""Kinds of parties that are no natural persons, as far as hiding their names goes."""

IdType = Annotated[str, code_of("id_types")]
IdNo = Annotated[str, text(64), PERSONAL]
PenaltyKinds = Annotated[list[Annotated[str, code_of("penalty_kinds")]], Field(min_length=1, max_length=14)]
DECIMAL = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"
"""A quantity: up to twelve digits and six decimals."""
COORDINATE = r"^-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,8})?$"
"""Degrees: where on Earth they may lie is for the rules to say."""
Degrees = Annotated[str, written_as(COORDINATE, "degrees")]


NonProsecution = Annotated[str, choice("statutory", "discretionary", "insufficient_evidence")]
"""法定不起诉、酌定不起诉、存疑不起诉."""


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


class Somebody(Part):
    """A person or an organisation that a case is about, by name and number."""

    name: Name
    kind: Annotated[str, code_of("party_kinds")]
    credit_code: CreditCode | None = None
    id_type: IdType | None = None
    id_no: IdNo | None = None

    @property
    def is_person(self) -> bool:
        """Whether the name tells who a natural person is."""
        return self.kind not in NO_PERSONS

    def code(self) -> str | None:
        """The credit code or the number of the id, in capitals."""
        code = self.credit_code or self.id_no
        return None if code is None else code.upper()


def sought_by(people: Sequence[Somebody] | None) -> Sought:
    """By what people look for a record that is about these: by the first of them."""
    if not people:
        return Sought()
    first = people[0]
    return Sought(party_code=first.code(), party_name=first.name, party_is_person=first.is_person)


def who_they_are(people: Sequence[Somebody] | None, at: str) -> Iterator[tuple[str, str]]:
    """Pointers, with their class, of what tells who is in the list `at`, but for those known to be organisations."""
    for place, one in enumerate(people or ()):
        if one.is_person:
            yield f"{at}/{place}/name", PERSONAL.kind
        yield f"{at}/{place}/id_no", PERSONAL.kind


class Offence(Part):
    """涉嫌罪名, and the article of the Criminal Law it stands in."""

    name: Annotated[str, text(100)]
    article: Annotated[str, text(50)] | None = None


class InvolvedItem(Part):
    """涉案物品, as the list of them says it."""

    name: Annotated[str, text(200)]
    amount: Annotated[str, text(50)]
    features: Annotated[str, text(500)] | None = None
    kept_at: Annotated[str, text(200)] | None = None


def addressed_to(organ: Organ | None, pointer: str, *parties: Party) -> Iterator[Addressed]:
    """That an organ, if it is named there, has to be one of these parties."""
    if organ is not None:
        yield Addressed(f"{pointer}/credit_code", organ.credit_code, parties)


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
    amount: Annotated[str, written_as(DECIMAL, "decimal")]
    unit: Annotated[str, code_of("units")]
    kind: Annotated[str, code_of("quantity_kinds")] | None = None
    state: Annotated[str, choice("sold", "unsold")] | None = None


class Reasoned(Event):
    """An outcome that owes a reason."""

    reason: Annotated[str, text(2000)]


class ItemsHandedOver(Event):
    """移交涉案物品和材料, against a list that both sides sign."""

    list_no: Annotated[str, text(128)] | None = None


class NotProsecuted(Event):
    """不起诉, and on which ground (刑事诉讼法 arts. 16, 177, 175(4))."""

    ground: NonProsecution
