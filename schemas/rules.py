"""Rules that any type of record may need, made to measure; what one type alone demands stands in its own file.

An error is for what cannot be: a day before its time, a number that contradicts another. What is merely unlawful
can have been done all the same, and supervision must see it: it is a warning, or senders would learn to hide it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar

from . import identifiers
from .faults import Fault, pointer
from .lifecycle import day_of, precedes
from .record import Event, Record, Rule

RecordT = TypeVar("RecordT", bound=Record)
Events = Sequence[Event]
Check = Callable[[RecordT, Events, date], Iterable[Fault]]


def rule(*, reads: tuple[str, ...], codes: tuple[str, ...], basis: str) -> Callable[[Check[RecordT]], Rule[RecordT]]:
    """Make the function below a Rule: what it reads, the codes it can yield, and the law or reason behind it."""
    return lambda check: Rule(reads, check, codes, basis)


def reader(at: str) -> Callable[[object], Any]:
    """What reads the member of a record at this pointer: None as soon as one on the way is missing."""
    first, *inner = map(attrgetter, _names(at))
    if not inner:
        return first

    def read(record: object) -> Any:  # noqa: ANN401 – whatever the member is
        value = first(record)
        for one in inner:
            if value is None:
                return None
            value = one(value)
        return value

    return read


def _names(at: str) -> list[str]:
    return at.split("/")[1:]


def _word(at: str) -> str:
    return "_".join(_names(at))


def called(check: Callable[..., object], name: str, sentence: str) -> None:
    """Name a check that was made to measure, as a hand-written one would be."""
    check.__name__, check.__doc__ = name, sentence


def in_order(earlier: str, later: str, earlier_zh: str, basis: str) -> Rule[Any]:
    """The day at the pointer `later` is not before the day at the pointer `earlier`, called `earlier_zh`.

    Where both are moments the hour counts, too.
    """
    first, second = reader(earlier), reader(later)
    told = {"earlier_zh": earlier_zh, "earlier_en": earlier[1:]}

    def check(record: Record, events: Events, today: date) -> Iterable[Fault]:
        after = second(record)
        before = None if after is None else first(record)
        return (Fault(later, "date-order", told),) if before is not None and precedes(after, before) else ()

    called(check, f"{_word(earlier)}_not_after_{_word(later)}", f"{later} is not earlier than {earlier}.")
    return Rule((earlier, later), check, ("date-order",), basis)


def not_in_the_future(at: str) -> Rule[Any]:
    """The day at this pointer says what has happened, so it has come."""
    read = reader(at)

    def check(record: Record, events: Events, today: date) -> Iterable[Fault]:
        day = read(record)
        return (Fault(at, "future-date"),) if day is not None and day_of(day) > today else ()

    called(check, f"{_word(at)}_has_come", f"{at} says what has happened and does not lie in the future.")
    return Rule((at,), check, ("future-date",), "数据质量:已经发生的事项,日期不在将来")


def never_twice(at: str, of: Callable[[Any], object], last: str = "", basis: str = "数据质量:不重复") -> Rule[Any]:
    """No two items of the list at this pointer are the same in what `of` says of them; told at `last` in the item."""
    read = reader(at)

    def check(record: Record, events: Events, today: date) -> Iterable[Fault]:
        items = read(record)
        if items is None or len(items) < 2:
            return ()
        ones = list(map(of, items))
        again = (place for place, one in enumerate(ones) if one in ones[:place])
        return [Fault(f"{at}{pointer(place)}{last}", "repeated") for place in again]

    called(check, f"no_{_word(at)}_twice", f"No item of {at} is given twice.")
    return Rule((at,), check, ("repeated",), basis)


def id_faults(at: str, id_type: str | None, id_no: str | None, today: date) -> Iterable[Fault]:
    """What is wrong with the `id_no` in the object at this pointer, given the type of its id."""
    if id_type is not None and id_no is not None:
        code = identifiers.id_fault(id_type, id_no, today)
        if code is not None:
            yield Fault(f"{at}/id_no", code)


OF_ID = (
    "id-together",
    *("id-length", "id-format", "id-check-digit", "birth-date", "birth-date-future", "permit-region", "region-unknown"),
)
"""The codes a rule on somebody's id may yield."""


def id_halves(at: str, id_type: str | None, id_no: str | None) -> Iterable[Fault]:
    """That an id in the object at this pointer has a type and no number, or a number and no type."""
    if (id_type is None) != (id_no is None):
        yield Fault(f"{at}/{'id_no' if id_no is None else 'id_type'}", "id-together")


def ids_fit_their_types(at: str, sentence: str) -> Rule[Any]:
    """Each id in the list at this pointer has type and number or neither, and the number is one of that type."""
    read = reader(at)

    def check(record: Record, events: Events, today: date) -> Iterable[Fault]:
        for place, one in enumerate(read(record) or ()):
            yield from id_halves(f"{at}{pointer(place)}", one.id_type, one.id_no)
            yield from id_faults(f"{at}{pointer(place)}", one.id_type, one.id_no, today)

    called(check, f"{_word(at)}_ids_fit_their_types", sentence)
    return Rule((at,), check, OF_ID, "GB 11643")


def is_a_document_no(at: str, sentence: str) -> Rule[Any]:
    """The text at this pointer can be read as a 文号; `sentence` says so of the type at hand."""
    read = reader(at)

    def check(record: Record, events: Events, today: date) -> Iterable[Fault]:
        said = read(record)
        code = None if said is None else identifiers.document_no_fault(said)
        return () if code is None else (Fault(at, code),)

    called(check, f"{_word(at)}_is_one", sentence)
    return Rule((at,), check, ("document-no", "document-no-form"), "党政机关公文格式(GB/T 9704-2012) 7.2.5")


@rule(reads=("/refs", "/record_type", "/organisation", "/source_id"), codes=("ref-to-itself",), basis="数据质量")
def refers_to_others(record: Record, events: Events, today: date) -> Iterable[Fault]:
    """A record refers to other records, never to itself."""
    for place, ref in enumerate(record.refs or ()):
        if (ref.record_type, ref.organisation, ref.source_id) == (
            record.record_type,
            record.organisation,
            record.source_id,
        ):
            yield Fault(pointer("refs", place), "ref-to-itself")


no_ref_twice: Rule[Any] = never_twice(
    "/refs", of=lambda ref: (ref.rel, ref.record_type, ref.organisation, ref.source_id)
)

OF_EVERY_RECORD: tuple[Rule[Any], ...] = (no_ref_twice, refers_to_others)
"""Rules on what every record has."""
