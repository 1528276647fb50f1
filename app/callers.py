"""Who is calling, and what they may see: values handed from room to room."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas import RECORD_TYPES
from schemas.lifecycle import Party


class Role(StrEnum):
    """What a client is let in as (wire contract, "Who calls")."""

    AGENCY = "agency"
    POLICE = "police"
    PROCURATORATE = "procuratorate"
    JUSTICE = "justice"
    AUDITOR = "auditor"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that proved who it is."""

    client_id: str
    organisation: str
    name: str
    role: Role
    region: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Districts:
    """Of which records a superior bureau sees the nodes, but not the payloads.

    `field`: its own; `region`: how the codes of their regions begin; `types`: of what type they are.
    """

    field: str
    region: str
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may read. Handed to every read as an argument without default, so that none forgets it.

    `organisation`: records it reported. `jurisdiction`: records whose region code begins so ("4201": the city
    and its districts); None for none. `withheld`: the classes that it is not shown in the records of others.
    """

    organisation: str
    jurisdiction: str | None
    withheld: frozenset[str]
    nodes_of: Districts | None = None

    def withheld_of(self, record_type: str) -> frozenset[str]:
        """The classes that it is not shown in records of this type that others reported."""
        return self.withheld & RECORD_TYPES[record_type].classes()

    def withheld_in(self, record_type: str, organisation: str) -> frozenset[str]:
        """The classes that it is not shown in a record of this type of this organisation: none in its own."""
        return frozenset() if organisation == self.organisation else self.withheld_of(record_type)

    @property
    def masked_types(self) -> list[str]:
        """The types of which it does not see all in the records of others."""
        return [name for name in RECORD_TYPES if self.withheld_of(name)]


PARTY_OF_ROLE = {
    Role.AGENCY: Party.AGENCY,
    Role.POLICE: Party.POLICE,
    Role.PROCURATORATE: Party.PROCURATORATE,
    Role.OFFICE: Party.OFFICE,
}
