"""Judging a payload by itself: every fault at once, each at its place.

What the payload alone can tell is judged here and nowhere else, so that the validator on an agency's own
machine and the service cannot differ. `today` is an argument: nothing here reads a clock.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import ErrorDetails

from . import RECORD_TYPES
from .faults import Fault, in_document_order, pointer, wordings
from .lifecycle import Contradiction, Fact, fold
from .receipt import content
from .record import Event, Record, Rule

MAX_EVENTS = 200
ModelT = TypeVar("ModelT", bound=BaseModel)


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


def judge(record_type: str, payload: object, today: date, reading: Sequence[Fault] = ()) -> Judgement:
    """Judge one record with its `events` against the model of `record_type` (a key of RECORD_TYPES).

    `reading`: the faults found when the payload was read; where they lie nothing else is said.
    """
    model = RECORD_TYPES[record_type]
    if not isinstance(payload, dict):
        return Judgement((Fault("", "wrong-type", {"expected": "object"}),))
    said = content(payload)
    faults = [*reading, *_typed_otherwise(record_type, said)]
    record, shape_faults = _shaped(model, said)
    events, event_faults = _events(model, payload.get("events"), today)
    faults += [*shape_faults, *event_faults]
    faults = _outermost_first(faults)
    partial = record or _partial(model, said, faults)
    if partial is not None:
        faults += _rule_faults(model, partial, events, today, faults)
    if record is not None and not any(fault.is_error for fault in faults):
        faults += _order_faults(record, events)
    faults = in_document_order(faults, payload)
    sound = record if not any(fault.is_error for fault in faults) else None
    return Judgement(tuple(faults), sound, tuple(told for _, told in events), said)


def judge_event(
    record_type: str, payload: object, today: date, prefix: str = "", reading: Sequence[Fault] = ()
) -> EventJudgement:
    """Judge one event against its own model; `prefix` is the pointer of the event in what was sent."""
    if not isinstance(payload, dict):
        return EventJudgement((Fault(prefix, "wrong-type", {"expected": "object"}),))
    kinds = RECORD_TYPES[record_type].events
    name = payload.get("event")
    if "event" not in payload:
        return EventJudgement((Fault(prefix + "/event", "required"),))
    if not isinstance(name, str) or name not in kinds:
        code = "unknown-event" if isinstance(name, str) else "wrong-type"
        return EventJudgement((Fault(prefix + "/event", code, {"expected": "string"}),))
    event, faults = _shaped(kinds[name].model, payload)
    found = [*reading, *(fault.under(prefix) for fault in faults)]
    if event is not None:
        found += [fault.under(prefix) for fault in _event_faults(record_type, event, today)]
    found = _outermost_first(found)
    if event is None or any(fault.is_error for fault in found):
        return EventJudgement(tuple(found))
    return EventJudgement(tuple(found), Told(event, content(payload)))


def _event_faults(record_type: str, event: Event, today: date) -> Iterable[Fault]:
    """What is wrong with an event that has the right shape."""
    if Fact(event.event, event.occurred_at).day > today:
        yield Fault("/occurred_at", "future-date")
    node = event.details().get("node")
    if node is not None and node not in {known.id for known in RECORD_TYPES[record_type].nodes}:
        yield Fault("/node", "unknown-node")


def recall(record_type: str, kept: Mapping[str, object]) -> Record:
    """A record that was taken in before, as its model: nothing about it is judged again."""
    record: Record = _all_optional(RECORD_TYPES[record_type]).model_validate(kept)
    return record


def recall_event(record_type: str, kept: Mapping[str, object]) -> Event:
    """An event that was taken in before, as its model."""
    return RECORD_TYPES[record_type].events[str(kept["event"])].model.model_validate(kept)


def facts_of(record: Record, events: Iterable[Fact], received_at: datetime | None = None) -> list[Fact]:
    """The facts of a record: those its dates state (told to us at `received_at`), and the events that say more."""
    stated = list(record.stated(received_at))
    known = {(fact.event, fact.day) for fact in stated}
    return [*stated, *(fact for fact in events if (fact.event, fact.day) not in known)]


def _typed_otherwise(record_type: str, said: Mapping[str, object]) -> list[Fault]:
    other = said.get("record_type")
    if isinstance(other, str) and other != record_type:
        return [Fault("/record_type", "other-record-type", {"expected": record_type})]
    return []


def _events(model: type[Record], payload: object, today: date) -> tuple[list[tuple[int, Told]], list[Fault]]:
    """The sound events with their places, and the faults of the others."""
    if payload is None:
        return [], []
    if not isinstance(payload, list):
        return [], [Fault("/events", "wrong-type", {"expected": "array"})]
    if len(payload) > MAX_EVENTS:
        return [], [Fault("/events", "too-many", {"limit": MAX_EVENTS})]
    name = next(key for key, value in RECORD_TYPES.items() if value is model)
    judged = [judge_event(name, item, today, pointer("events", place)) for place, item in enumerate(payload)]
    sound = [(place, one.told) for place, one in enumerate(judged) if one.told is not None]
    return sound, [*(fault for one in judged for fault in one.faults), *_told_twice(sound)]


def _told_twice(sound: Sequence[tuple[int, Told]]) -> Iterable[Fault]:
    """Two events that claim to be one and say different things; the same event twice over is no fault."""
    first: dict[str, Mapping[str, object]] = {}
    for place, told in sound:
        if first.setdefault(told.event.identity(), told.content) != told.content:
            yield Fault(pointer("events", place), "repeated")


def _rule_faults(
    model: type[Record], record: Record, events: Sequence[tuple[int, Told]], today: date, faults: Sequence[Fault]
) -> list[Fault]:
    faulty = [fault.pointer for fault in faults if fault.is_error]
    said = [told.event for _, told in events]
    rules: Iterable[Rule[Any]] = model.rules
    found = [fault for rule in rules if rule.applies(faulty) for fault in rule.check(record, said, today)]
    return [fault for fault in found if fault.pointer not in faulty]


def _order_faults(record: Record, events: Sequence[tuple[int, Told]]) -> list[Fault]:
    told = [Fact(one.event.event, one.event.occurred_at, stated_by=pointer("events", place)) for place, one in events]
    history = fold(record.steps, facts_of(record, told))
    waiting = [Fault(_place(fact), "predecessor-missing") for fact in history.waiting]
    return [*waiting, *(_contradicted(record, clash) for clash in history.contradictions)]


def _place(fact: Fact) -> str:
    """Where an event is named; a date of the record stands for itself."""
    return fact.stated_by + "/event" if fact.stated_by.startswith("/events/") else fact.stated_by


def _contradicted(record: Record, clash: Contradiction) -> Fault:
    against = record.events[clash.against.event].title["zh"] if clash.against else "—"
    day = clash.against.day.isoformat() if clash.against else "—"
    return Fault(_place(clash.fact), "contradiction", {"against": against, "day": day})


# --- from pydantic's errors to faults -----------------------------------------------------------

_BY_ERROR = {
    "missing": "required",
    "extra_forbidden": "unknown-field",
    "too_long": "too-many",
    "too_short": "too-few",
    "literal_error": "unknown-code",
    "string_too_long": "too-long",
    "string_pattern_mismatch": "format",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
}
_EXPECTED = {
    "dict_type": "object",
    "model_type": "object",
    "list_type": "array",
    "int_type": "integer",
    "bool_type": "boolean",
}


def _shaped(model: type[Any], payload: Mapping[str, object]) -> tuple[Any, list[Fault]]:
    """The payload as an instance of `model`, or None and the faults of its shape."""
    try:
        return model.model_validate(payload), []
    except ValidationError as error:
        return None, [_fault(detail) for detail in error.errors(include_url=False)]


def _fault(detail: ErrorDetails) -> Fault:
    kind, at = detail["type"], pointer(*detail["loc"])
    context = detail.get("ctx", {})
    if kind in _EXPECTED:
        return Fault(at, "wrong-type", {"expected": _EXPECTED[kind]})
    if kind == "missing" or kind == "extra_forbidden":
        return Fault(at, _BY_ERROR[kind])
    if kind == "literal_error":
        return Fault(at, "unknown-code" if isinstance(detail["input"], str) else "wrong-type", {"expected": "string"})
    if kind in ("too_long", "too_short"):
        return Fault(at, _BY_ERROR[kind], {"limit": context.get("max_length", context.get("min_length", 0))})
    if not isinstance(detail["input"], str) and kind not in ("greater_than_equal", "less_than_equal"):
        return Fault(at, "wrong-type", {"expected": "string"})
    return Fault(at, _BY_ERROR.get(kind, kind if kind in wordings() else "format"))


def _outermost_first(faults: Iterable[Fault]) -> list[Fault]:
    """The faults without those that only repeat, at the same place, what an earlier one said of it."""
    kept: dict[str, Fault] = {}
    for fault in faults:
        kept.setdefault(fault.pointer, fault)
    return list(kept.values())


# --- what of a faulty payload can still be judged -----------------------------------------------


def _partial(model: type[Record], said: Mapping[str, object], faults: Sequence[Fault]) -> Record | None:
    """The record without its faulty members, every member optional; None if even that does not stand.

    The cross-field rules read it where what they read is sound, so that all faults are told at once.
    """
    pruned = _without(said, {fault.pointer for fault in faults if fault.is_error}, "")
    partial: Record | None
    partial, _ = _shaped(_all_optional(model), pruned if isinstance(pruned, dict) else {})
    return partial


def _without(value: object, faulty: set[str], at: str) -> object:
    if isinstance(value, dict):
        kept = {name: member for name, member in value.items() if at + pointer(name) not in faulty}
        return {name: _without(member, faulty, at + pointer(name)) for name, member in kept.items()}
    if isinstance(value, list):
        places = [place for place in range(len(value)) if at + pointer(place) not in faulty]
        return [_without(value[place], faulty, at + pointer(place)) for place in places]
    return value


@cache
def _all_optional(model: type[ModelT]) -> type[ModelT]:
    """The model with every member optional, in depth. It keeps the class attributes, so its rules read it alike."""
    members: dict[str, Any] = {
        name: (_loose(Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation) | None, None)
        for name, info in model.model_fields.items()
    }
    return create_model(model.__name__, __base__=model, **members)


def _loose(annotation: Any) -> Any:  # noqa: ANN401 – typing's own forms have no common type
    """The annotation with every model in it made all-optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _all_optional(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[_loose(arguments[0]), *arguments[1:]]
    if origin in (Union, types.UnionType):
        return Union[tuple(_loose(argument) for argument in arguments)]  # noqa: UP007 – built, not written
    if origin is list:
        return list[_loose(arguments[0])]  # type: ignore[misc]
    return annotation
