"""A record type of the tests alone that may hold something of every class, and is told of to the agency it is about.

Tests that ask for the fixture `tips` before the service have it in the list of types.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from schemas.codelists import codelist
from schemas.fields import MINOR, PERSONAL, REPORTER, TRADE_SECRET, Name, text
from schemas.lifecycle import Fact, Party, Step
from schemas.parts import Organ, Somebody, names, sought_by, who_they_are
from schemas.record import CLOCK_EVENTS, CLOCK_KINDS, Attachment, Event, EventKind, Part, Record, Sought
from tests.transfers import MARKET, POLICE, organ

Json = dict[str, Any]

ALL_CLASSES = frozenset(codelist("disclosure_classes").codes)
SECRET_CLASSES = ALL_CLASSES - {PERSONAL.kind}
"""What an agency and the police do not see in the records of others."""

INFORMANT, PHONE, CHILD, SECRET, PERSON = "举某甲", "13900000000", "小样例", "样例配方三比七", "样例当事人九"
HIDDEN = (INFORMANT, PHONE, CHILD, SECRET)


class Informant(Part):
    """Who told the authorities."""

    name: Annotated[str, text(50), REPORTER]
    phone: Annotated[str, text(50), REPORTER] | None = None


class Child(Part):
    """A minor whom it is about."""

    name: Annotated[str, text(50), MINOR]


class Tip(Record):
    """What somebody told about the agency `about`."""

    record_type: Literal["tip"]
    about: Organ
    told: Annotated[str, text(2000)]
    people: Annotated[list[Somebody], Field(max_length=10)] | None = None
    informant: Informant | None = None
    children: Annotated[list[Child], Field(max_length=10)] | None = None
    recipe: Annotated[str, text(500), TRADE_SECRET] | None = None
    place_name: Name | None = None
    letter: Attachment | None = None

    title: ClassVar = names("线索(测试)", "tip of the tests")
    pushed_by: ClassVar = (Party.AGENCY, Party.POLICE, Party.PROCURATORATE, Party.OFFICE)
    events: ClassVar = {
        "shown": EventKind(Event, names("告知", "shown")),
        "answered": EventKind(Event, names("答复", "answered")),
        **CLOCK_KINDS,
    }
    steps: ClassVar = (
        Step("shown", ("received",), "shown", by=(Party.GIVER,)),
        Step("answered", ("shown", "answered"), "answered", by=(Party.AGENCY,)),
        *(Step(event, ("received", "shown", "answered"), None, by=(Party.GIVER,)) for event in CLOCK_EVENTS),
    )
    nodes: ClassVar = ()
    rules: ClassVar = ()
    superiors_see_nodes: ClassVar = False

    def parties(self, facts: Sequence[Fact] = ()) -> dict[Party, str]:
        """The giver, and the agency it is about."""
        return {Party.GIVER: self.organisation, Party.AGENCY: self.about.credit_code}

    def involved(self, facts: Sequence[Fact], _waiting: Sequence[Fact] = ()) -> Iterator[str]:
        """The agency, once it was shown."""
        if any(fact.event == "shown" for fact in facts):
            yield self.about.credit_code

    def sought(self) -> Sought:
        """By the first of whom it is about."""
        return sought_by(self.people)

    def classified(self) -> Iterator[tuple[str, str]]:
        """Who told, the minors, the recipe, and who the others are."""
        yield from ((f"/informant/{name}", REPORTER.kind) for name in ("name", "phone"))
        yield from ((f"/children/{place}/name", MINOR.kind) for place in range(len(self.children or ())))
        yield "/recipe", TRADE_SECRET.kind
        yield from who_they_are(self.people, "/people")

    def attachments(self) -> Iterator[Attachment]:
        """The letter."""
        if self.letter is not None:
            yield self.letter


def tip(n: int = 1, **changes: object) -> Json:
    """The n-th tip that the city's police give about Wuchang's market supervision; None takes a member out."""
    said: Json = {
        "record_type": "tip",
        "source_id": f"2026-{INFORMANT}-{n}",
        "organisation": POLICE,
        "region": "420106",
        "field": "market",
        "about": organ(MARKET),
        "told": f"{INFORMANT}说,{PERSON}用{SECRET}做的样例点心卖给{CHILD},电话{PHONE}。",
        "people": [{"name": PERSON, "kind": "natural_person"}],
        "informant": {"name": INFORMANT, "phone": PHONE},
        "children": [{"name": CHILD}],
        "recipe": SECRET,
        "place_name": f"{CHILD}的学校门口",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}
