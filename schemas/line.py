"""One line of a batch: a record, or an event with the name of the record it belongs to.

A line says by itself what it is: with `event_for` an event, without it a record. As everywhere the type is
chosen first, and the line is judged against that one model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from . import RECORD_TYPES
from .faults import Fault, in_document_order
from .fields import CreditCode, text
from .judging import Judgement, Told, judge, judge_event
from .reading import with_clean_names
from .record import Part, is_within
from .shaping import first_at_each_place, shaped

EVENT_FOR = "event_for"


class EventFor(Part):
    """By what an event line names its record."""

    record_type: Annotated[str, text(40)]
    organisation: CreditCode
    source_id: Annotated[str, text(128)]


@dataclass(frozen=True, slots=True)
class EventLine:
    """What was found in one event line. `at` and `told` are there only when there is no error."""

    faults: tuple[Fault, ...]
    at: EventFor | None = None
    told: Told | None = None

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults for which the event is not taken."""
        return tuple(fault for fault in self.faults if fault.is_error)


def judge_line(payload: object, today: date, reading: Sequence[Fault] = ()) -> Judgement | EventLine:
    """Judge one line by itself. `reading`: the faults found when it was read; where they lie nothing else is said."""
    if not isinstance(payload, dict):
        return Judgement((Fault("", "wrong-type", {"expected": "object"}),))
    if EVENT_FOR in payload:
        return _judge_event_line(payload, today, reading)
    found = _type_fault(payload.get("record_type"), "/record_type")
    if found is not None:
        return Judgement(tuple(in_document_order(first_at_each_place([*reading, found]), payload)))
    return judge(payload["record_type"], payload, today, reading)


def _judge_event_line(payload: dict[str, object], today: date, reading: Sequence[Fault]) -> EventLine:
    told_of = [fault for fault in reading if is_within(fault.pointer, "/" + EVENT_FOR)]
    at, found = _named(payload[EVENT_FOR])
    faults = [*told_of, *(fault.under("/" + EVENT_FOR) for fault in found)]

    event = {name: member for name, member in payload.items() if name != EVENT_FOR}
    kind, told = _named_type(payload[EVENT_FOR]), None
    others = [fault for fault in reading if fault not in told_of]
    if kind is None:
        faults += others
    else:
        judged = judge_event(kind, event, today, reading=others)
        told = judged.told
        faults += judged.faults
    faults = in_document_order(first_at_each_place(faults), payload)
    if any(fault.is_error for fault in faults):
        return EventLine(tuple(faults))
    return EventLine(tuple(faults), at, told)


def _named(event_for: object) -> tuple[EventFor | None, list[Fault]]:
    if not isinstance(event_for, Mapping):
        # A null says the same as leaving the member out, and without it the line would be a record.
        return None, [Fault("", "wrong-type", {"expected": "object"})]
    at, faults = shaped(EventFor, with_clean_names(event_for))
    unknown = _type_fault(event_for.get("record_type"), "/record_type")
    return at, [*faults, *([unknown] if unknown else [])]


def _named_type(event_for: object) -> str | None:
    said = event_for.get("record_type") if isinstance(event_for, Mapping) else None
    return said if isinstance(said, str) and said in RECORD_TYPES else None


def _type_fault(said: object, at: str) -> Fault | None:
    """What is wrong with a `record_type`, or None."""
    if said is None:
        return Fault(at, "required")
    if not isinstance(said, str):
        return Fault(at, "wrong-type", {"expected": "string"})
    return None if said in RECORD_TYPES else Fault(at, "unknown-record-type", {"types": "、".join(RECORD_TYPES)})
