"""Who is calling, and what they may see: values handed from room to room."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
class Scope:
    """What a caller may read. Handed to every read as an argument without default, so that none forgets it.

    `organisation`: records it reported. `jurisdiction`: records whose region code begins so ("4201": the city
    and its districts); None for none. `masked`: who natural persons are is not shown. `nodes_of`: the field and
    the beginning of the region codes of which a superior bureau sees the nodes, but not the payloads.
    """

    organisation: str
    jurisdiction: str | None
    masked: bool
    nodes_of: tuple[str, str] | None = None


PARTY_OF_ROLE = {
    Role.AGENCY: Party.AGENCY,
    Role.POLICE: Party.POLICE,
    Role.PROCURATORATE: Party.PROCURATORATE,
    Role.OFFICE: Party.OFFICE,
}
