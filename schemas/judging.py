"""Judging a payload by itself: every fault at once, each at its place.

What the payload alone can tell is judged here and nowhere else, so that the validator on an agency's own
machine and the service cannot differ. `today` is an argument: nothing here reads a clock.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from . import RECORD_TYPES
from .codelists import codelist
from .extensions import extension_faults
from .faults import Fault, in_document_order, pointer
from .lifecycle import ORGANS, Contradiction, Fact, fold
from .reading import with_clean_names
from .receipt import content
from .record import Event, Extended, Reason, Record, Resumed, Rule, Suspended, is_within, wholes
from .shaping import all_optional, first_at_each_place, partial, shaped

MAX_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Told:
    """An event that is sound by itself: as a model, and as it was sent (without members that are null)."""

    event: Event
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in one payload. `record` is there only when there is no error.

    `content` is the record as it was sent, without `events` and without members that are null.
    """

    faults: tuple[Fault, ...]
    record: Record | None = None
    events: tuple[Told, ...] = ()
    content: Mapping[str, object] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults for which the payload is not taken."""
        return tuple(fault for fault in self.faults if fault.is_error)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """The faults with which the payload is taken all the same."""
        return tuple(fault for fault in self.faults if not fault.is_error)


@dataclass(frozen=True, slots=True)
class EventJudgement:
    """What was found in one event. `told` is there only when there is no error."""

    faults: tuple[Fault, ...]
    told: Told | None = None

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults for which the event is not taken."""
        return tuple(fault for fault in self.faults if fault.is_error)


def judge(
    record_type: str,
    payload: object,
    today: date,
    reading: Sequence[Fault] = (),
    lacks: AbstractSet[str] = frozenset(),
) -> Judgement:
    """Judge one record with its `events` against the model of `record_type` (a key of RECORD_TYPES).

    `reading`: the faults found when the payload was read; where they lie nothing else is said.
    `lacks`: pointers of what the layout in which the record came cannot hold, an object of which it can hold nothing
    among them. What is missing there is told as the warning `not-in-layout`, and the record is taken without it: its
    model has None where it otherwise never has. Nobody is let off saying what tells records apart.
    """
    model = RECORD_TYPES[record_type]
    if not isinstance(payload, dict):
        return Judgement((Fault("", "wrong-type", {"expected": "object"}),))
    payload = with_clean_names(payload) if reading else payload
    said = {name: member for name, member in payload.items() if name != "events"}
    faults = [*reading, *_typed_otherwise(record_type, said)]
    record, shape_faults = shaped(model, said)
    events, event_faults = _events(record_type, payload.get("events"), today)
    faults += [*shape_faults, *event_faults]
    faults = first_at_each_place(faults)
    standing = record or partial(model, said, faults)
    if standing is not None:
        faults += _rule_faults(standing, events, today, faults)
    faults = [_let_off(fault, lacks) for fault in faults]
    if standing is not None and not any(fault.is_error for fault in faults):
        faults += _order_faults(standing, events)
    faults = in_document_order(faults, payload)
    sound = standing if not any(fault.is_error for fault in faults) else None
    return Judgement(tuple(faults), sound, tuple(told for _, told in events), content(payload))


def judge_event(
    record_type: str, payload: object, today: date, prefix: str = "", reading: Sequence[Fault] = ()
) -> EventJudgement:
    """Judge one event against its own model; `prefix` is the pointer of the event in what was sent."""
    if not isinstance(payload, dict):
        return EventJudgement((Fault(prefix, "wrong-type", {"expected": "object"}),))
    payload = with_clean_names(payload) if reading else payload
    kinds = RECORD_TYPES[record_type].events
    name = payload.get("event")
    if name is None:
        return EventJudgement((Fault(prefix + "/event", "required"),))
    if not isinstance(name, str) or name not in kinds:
        code = "unknown-event" if isinstance(name, str) else "wrong-type"
        return EventJudgement((Fault(prefix + "/event", code, {"expected": "string"}),))
    event, faults = shaped(kinds[name].model, payload)
    found = [*reading, *(fault.under(prefix) for fault in faults)]
    if event is not None:
        found += [fault.under(prefix) for fault in _event_faults(record_type, event, today)]
    found = first_at_each_place(found)
    if not prefix:
        found = in_document_order(found, payload)
    if event is None or any(fault.is_error for fault in found):
        return EventJudgement(tuple(found))
    return EventJudgement(tuple(found), Told(event, content(payload)))


@dataclass(frozen=True, slots=True)
class CorrectionJudgement:
    """What was found in a correction. `reason` and `judgement.record` are there only when there is no error."""

    faults: tuple[Fault, ...]
    reason: Reason | None = None
    judgement: Judgement | None = None


def judge_correction(
    record_type: str, payload: object, today: date, reading: Sequence[Fault] = ()
) -> CorrectionJudgement:
    """Judge `{"reason": …, "record": …}`: a record to be put in the place of a version, and why."""
    reason, faults = _reasoned(payload, ("correction", "progress"), reading, "record")
    said = payload.get("record") if isinstance(payload, dict) else None
    if said is None:
        if isinstance(payload, dict):
            faults.append(Fault("/record", "required"))
        return CorrectionJudgement(tuple(faults))
    within = [
        Fault(fault.pointer.removeprefix("/record"), fault.code, fault.details)
        for fault in reading
        if is_within(fault.pointer, "/record")
    ]
    judgement = judge(record_type, said, today, within)
    found = in_document_order([*faults, *(fault.under("/record") for fault in judgement.faults)], payload)
    if any(fault.is_error for fault in found):
        return CorrectionJudgement(tuple(found))
    return CorrectionJudgement(tuple(found), reason, judgement)


def judge_withdrawal(payload: object, reading: Sequence[Fault] = ()) -> tuple[Reason | None, tuple[Fault, ...]]:
    """Judge `{"reason": …}`: why something is taken back. The reason is there only when nothing is wrong."""
    reason, faults = _reasoned(payload, ("withdrawal",), reading)
    return (None if faults else reason), tuple(faults)


def judge_reason(said: Mapping[str, object]) -> tuple[Reason | None, tuple[Fault, ...]]:
    """Judge the reason for corrections by itself. It is there only when nothing is wrong."""
    reason, faults = _reasoned({"reason": said}, ("correction", "progress"), ())
    within = tuple(Fault(fault.pointer.removeprefix("/reason"), fault.code, fault.details) for fault in faults)
    return (None if within else reason), within


def _reasoned(
    payload: object, classes: Sequence[str], reading: Sequence[Fault], *beside: str
) -> tuple[Reason | None, list[Fault]]:
    """The reason of a payload that has one, of one of these classes, and the faults outside what stands `beside` it."""
    if not isinstance(payload, dict):
        return None, [Fault("", "wrong-type", {"expected": "object"})]
    faults = [fault for fault in reading if not any(is_within(fault.pointer, pointer(name)) for name in beside)]
    payload = with_clean_names(payload) if reading else payload
    faults += [Fault(pointer(name), "unknown-field") for name in payload if name not in ("reason", *beside)]
    said = payload.get("reason")
    if not isinstance(said, dict):
        code = "required" if said is None else "wrong-type"
        return None, first_at_each_place([*faults, Fault("/reason", code, {"expected": "object"})])
    reason, found = shaped(Reason, said)
    if reason is not None and codelist("reasons")[reason.code].more["class"] not in classes:
        found = [Fault("/code", "reason-class")]
    return reason, first_at_each_place([*faults, *(fault.under("/reason") for fault in found)])


def _event_faults(record_type: str, event: Event, today: date) -> Iterable[Fault]:
    """What is wrong with an event that has the right shape."""
    yield from _days_of_an_event(event, today)
    node = event.details().get("node")
    if node is not None and node not in {known.id for known in RECORD_TYPES[record_type].nodes}:
        yield Fault("/node", "unknown-node")
    elif isinstance(event, Extended):
        yield from extension_faults(event)
    elif isinstance(event, (Suspended, Resumed)) and node is None and _several_act(record_type):
        yield Fault("/node", "required")


_AHEAD = ("until", "reply_by", "rectify_by")
"""By what an event names a last day."""
_HAPPENED_LATER = ("received_on",)
"""By what an event tells of what came after it."""


def _days_of_an_event(event: Event, today: date) -> Iterable[Fault]:
    """What has happened does not lie in the future, and no day an event names lies before its own."""
    happened = Fact(event.event, event.occurred_at).day
    if happened > today:
        yield Fault("/occurred_at", "future-date")
    said = event.details()
    for name in (*_AHEAD, *_HAPPENED_LATER):
        day = said.get(name)
        if not isinstance(day, date):
            continue
        if day < happened:
            yield Fault(f"/{name}", "date-order", {"earlier_zh": "事件发生的日期", "earlier_en": "occurred_at"})
        elif name in _HAPPENED_LATER and day > today:
            yield Fault(f"/{name}", "future-date")


@functools.cache
def _several_act(record_type: str) -> bool:
    """Whether several organs have duties in such a record, so that none may stop the clocks of all."""
    return len(ORGANS & {node.of for node in RECORD_TYPES[record_type].nodes}) > 1


def recall(record_type: str, kept: Mapping[str, object]) -> Record:
    """A record that was taken in before, as its model; no rule judges it again.

    Its shape is still read by today's model, so the standard only widens until each version has a model of its own.
    """
    model: type[Record] = all_optional(RECORD_TYPES[record_type])
    return model.model_validate(kept)


def recall_event(record_type: str, kept: Mapping[str, object]) -> Event:
    """An event that was taken in before, as its model; what today's model would not take any more is left out."""
    model = RECORD_TYPES[record_type].events[str(kept["event"])].model
    try:
        return model.model_validate(kept)
    except ValidationError as error:
        unread = {fault["loc"][0] for fault in error.errors()}
        loose: type[Event] = all_optional(model)
        return loose.model_validate({name: one for name, one in kept.items() if name not in unread})


def facts_of(
    record: Record,
    events: Iterable[Fact],
    received_at: datetime | None = None,
    since: Mapping[str, datetime] | None = None,
) -> list[Fact]:
    """The facts of a record: those its dates state (told to us at `received_at`, or field by field in `since`), and
    the events that say more."""
    stated = {(fact.event, fact.day): fact for fact in record.stated(received_at, since)}
    repeating: list[Fact] = []
    others: list[Fact] = []
    for fact in events:
        (repeating if (fact.event, fact.day) in stated else others).append(fact)
    # Of two that differ none is to count more because it was told first.
    for fact in sorted(repeating, key=lambda one: (one.occurred_at.isoformat(), sorted(map(str, one.details.items())))):
        known = stated[fact.event, fact.day]
        # The record knows the day alone; who reports it may know the hour, and what else there is to say of it.
        tells_hour = isinstance(fact.occurred_at, datetime) and not isinstance(known.occurred_at, datetime)
        when = fact.occurred_at if tells_hour else known.occurred_at
        stated[fact.event, fact.day] = replace(known, occurred_at=when, details={**fact.details, **known.details})
    return [*stated.values(), *others]


_ABSENCE = frozenset(
    {
        "required",
        "required-for-kind",
        "required-for-legal-person",
        "required-for-organisation",
        "required-for-person",
        "required-from-decision",
        "filed-or-decided",
        "id-together",
    }
)
"""Codes that say that something is missing, and nothing else."""

_IDENTITY = frozenset({"/record_type", "/source_id", "/organisation", "/region", "/field"})


def _let_off(fault: Fault, lacks: AbstractSet[str]) -> Fault:
    """The fault, as a warning if all it says is that something is missing which the layout cannot hold."""
    if fault.code not in _ABSENCE or fault.pointer in _IDENTITY or lacks.isdisjoint(wholes(fault.pointer)):
        return fault
    return Fault(fault.pointer, "not-in-layout")


def _typed_otherwise(record_type: str, said: Mapping[str, object]) -> list[Fault]:
    other = said.get("record_type")
    if isinstance(other, str) and other != record_type:
        return [Fault("/record_type", "other-record-type", {"expected": record_type})]
    return []


def _events(record_type: str, payload: object, today: date) -> tuple[list[tuple[int, Told]], list[Fault]]:
    """The sound events with their places, and the faults of the others."""
    if payload is None:
        return [], []
    if not isinstance(payload, list):
        return [], [Fault("/events", "wrong-type", {"expected": "array"})]
    if len(payload) > MAX_EVENTS:
        return [], [Fault("/events", "too-many", {"limit": MAX_EVENTS})]
    judged = [judge_event(record_type, item, today, pointer("events", place)) for place, item in enumerate(payload)]
    sound = [(place, one.told) for place, one in enumerate(judged) if one.told is not None]
    return sound, [*(fault for one in judged for fault in one.faults), *_told_twice(sound)]


def _told_twice(sound: Sequence[tuple[int, Told]]) -> Iterable[Fault]:
    """Two events that claim to be one and say different things; the same event twice over is no fault."""
    first: dict[str, Event] = {}
    for place, told in sound:
        if first.setdefault(told.event.identity(), told.event) != told.event:
            yield Fault(pointer("events", place), "repeated")


def _rule_faults(
    record: Record, events: Sequence[tuple[int, Told]], today: date, faults: Sequence[Fault]
) -> list[Fault]:
    faulty = {fault.pointer for fault in faults if fault.is_error}
    # Looked up, not compared one by one: of nine thousand unknown fields each rule would ask about every one.
    around = {whole for at in faulty for whole in wholes(at)}
    said = [told.event for _, told in events]
    rules: Iterable[Rule[Any]] = record.rules
    found = [fault for rule in rules if rule.applies(faulty, around) for fault in rule.check(record, said, today)]
    # What is missing only because a faulty member in it was left aside is not told again.
    return [fault for fault in first_at_each_place(found) if fault.pointer not in around]


def _order_faults(record: Record, events: Sequence[tuple[int, Told]]) -> list[Fault]:
    once = {one.event.identity(): (place, one.event) for place, one in reversed(events)}
    told = [Fact(event.event, event.occurred_at, stated_by=pointer("events", place)) for place, event in once.values()]
    history = fold(record.steps, facts_of(record, told))
    waiting = [Fault(_place(fact), "predecessor-missing") for fact in history.waiting]
    return [*waiting, *(_contradicted(record, clash) for clash in history.contradictions)]


def _place(fact: Fact) -> str:
    """Where an event is named; a date of the record stands for itself."""
    return fact.stated_by + "/event" if fact.stated_by.startswith("/events/") else fact.stated_by


def _contradicted(record: Record, clash: Contradiction) -> Fault:
    """The fault at the event, where one of the two is an event: a date of the record has its own rules."""
    fact, against = clash.fact, clash.against
    if against is not None and against.stated_by.startswith("/events/") and not fact.stated_by.startswith("/events/"):
        fact, against = against, fact
    title = record.titles()[against.event] if against else {"zh": "—", "en": "—"}
    day = against.day.isoformat() if against else "—"
    return Fault(_place(fact), "contradiction", {"against_zh": title["zh"], "against_en": title["en"], "day": day})
