"""What every record and every event says, whatever its type."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from .faults import Fault
from .fields import CreditCode, Day, Disclosure, EnforcementField, Region, choice, code_of, text
from .fields import When as When
from .lifecycle import SHANGHAI, Effect, Fact, Node, Party, Step

RecordT = TypeVar("RecordT", bound="Record")


class Part(BaseModel):
    """A JSON object of the standard: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


@dataclass(frozen=True, slots=True)
class Rule(Generic[RecordT]):
    """A rule across fields, and what there is to say about it; `check` is named for what it demands.

    `check(record, events, today)` yields what is wrong; `today` is the Shanghai date of the judgement. It runs when no
    field it `reads` (JSON Pointers) is itself at fault, and yields faults of `codes` alone. `basis`: the law or the
    reason behind it, in the words of the law's country.

    Not a pydantic validator on purpose: those do not run when any field failed, and give no pointer.
    """

    reads: tuple[str, ...]
    check: Callable[[RecordT, Sequence[Event], date], Iterable[Fault]]
    codes: tuple[str, ...]
    basis: str

    @property
    def name(self) -> str:
        """What the rule is called: the name of its check."""
        return str(self.check.__name__)

    @property
    def says(self) -> str:
        """The rule in one sentence."""
        return (inspect.getdoc(self.check) or "").partition("\n\n")[0].replace("\n", " ")

    def applies(self, faulty: set[str], around: set[str]) -> bool:
        """Whether everything it reads is sound, given the pointers of the faults and all those `around` them."""
        return not any(read in around or not faulty.isdisjoint(wholes(read)) for read in self.reads)


def is_within(pointer: str, whole: str) -> bool:
    """Whether a JSON Pointer is `whole` or lies inside it."""
    return pointer == whole or pointer.startswith(whole + "/")


def wholes(pointer: str) -> Iterator[str]:
    """Every JSON Pointer that this one is or lies inside, the nearest first."""
    yield pointer
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer


class Reason(Part):
    """Why what was said is changed or taken back: a code of the list `reasons`, and what there is to say about it."""

    code: Annotated[str, code_of("reasons")]
    text: Annotated[str, text(500)]


class Ref(Part):
    """A tie to another record, which need not have arrived yet."""

    rel: Annotated[str, text(40)]
    record_type: Annotated[str, text(40)]
    organisation: CreditCode
    source_id: Annotated[str, text(128)]


MOST_ATTACHMENT_BYTES = 1024 * 1024 * 1024


class Attachment(Part):
    """附件: a file that goes with what is said. What it holds is sent apart, under its digest."""

    name: Annotated[str, text(200)]
    digest: Annotated[str, Field(pattern=r"^sha-256:[0-9a-f]{64}$")]
    bytes: Annotated[StrictInt, Field(ge=1, le=MOST_ATTACHMENT_BYTES)]
    media_type: Annotated[str, code_of("media_types")]


@dataclass(frozen=True, slots=True)
class Addressed:
    """An organisation that is named for a party, by its credit code, and where: it has to be one.

    `parties`: as any of which it may act; police that impose a penalty act as an agency.
    """

    pointer: str
    code: str
    parties: tuple[Party, ...]


class Event(Part):
    """Something that happened to a record. `occurred_at` is what the law counts from."""

    event: str
    occurred_at: When
    document_no: Annotated[str, text(128)] | None = None
    source_id: Annotated[str, text(128)] | None = None
    note: Annotated[str, text(500)] | None = None
    attachment: Attachment | None = None

    def identity(self) -> str:
        """Tells whether two reports about one record are of the same event; equal moments in other offsets are one.

        What moves the clock of one node is another event than what moves that of another on the same day.
        """
        if self.source_id is not None:
            return f"source_id:{self.source_id}"
        moment = self.occurred_at
        when = moment.astimezone(SHANGHAI).isoformat() if isinstance(moment, datetime) else moment.isoformat()
        node = getattr(self, "node", None)
        return f"{self.event}:{when}:{self.document_no or ''}" + (f":{node}" if node else "")

    def addressed(self) -> Iterator[Addressed]:
        """The organisations it names for a party."""
        yield from ()

    def details(self) -> dict[str, object]:
        """The event's own fields, as the deadline rules read them."""
        return self.model_dump(exclude={"event", "occurred_at", "source_id", "note", "attachment"}, exclude_none=True)


class Extended(Event):
    """延长: a period was prolonged by those who may: by an amount, to a `total`, or up to a day."""

    node: Annotated[str, text(60)]
    level: Annotated[str, code_of("approval_levels")]
    amount: Annotated[StrictInt, Field(ge=1, le=3650)] | None = None
    total: Annotated[StrictInt, Field(ge=1, le=3650)] | None = None
    """How long the whole period is now, from its beginning: 三十日内, not thirty days more."""
    unit: Annotated[str, choice("working_day", "natural_day", "month", "hour")] | None = None
    until: Day | None = None
    approver: Annotated[str, text(100)] | None = None


class Suspended(Event):
    """中止、不计入: the clock stands still from this day on; for one node or for all."""

    node: Annotated[str, text(60)] | None = None
    ground: Annotated[str, code_of("suspension_grounds")] | None = None
    reason: Annotated[str, text(500)]


class Resumed(Event):
    """恢复: this day counts again."""

    node: Annotated[str, text(60)] | None = None


class Waived(Event):
    """免除: the duty does not arise here, for a reason."""

    node: Annotated[str, text(60)]
    reason: Annotated[str, text(500)]


@dataclass(frozen=True, slots=True)
class EventKind:
    """One event of a type: its model, and what people call it."""

    model: type[Event]
    title: Mapping[str, str]


CLOCK_KINDS: Mapping[str, EventKind] = {
    "extended": EventKind(Extended, {"zh": "延长期限", "en": "extended"}),
    "suspended": EventKind(Suspended, {"zh": "中止计算期限", "en": "suspended"}),
    "resumed": EventKind(Resumed, {"zh": "恢复计算期限", "en": "resumed"}),
    "waived": EventKind(Waived, {"zh": "免除", "en": "waived"}),
}
"""Events every type has: they move clocks, not states."""

CLOCK_EVENTS: Mapping[str, type[Event]] = {name: kind.model for name, kind in CLOCK_KINDS.items()}
"""Their models."""


@dataclass(frozen=True, slots=True)
class Sought:
    """By what people look for a record beside its identity.

    `party_is_person`: a masked reader does not see who it is.
    """

    party_code: str | None = None
    party_name: str | None = None
    party_is_person: bool = False
    decided_on: date | None = None


class Record(Part):
    """One record. `(record_type, organisation, source_id)` is its identity."""

    record_type: str
    source_id: Annotated[str, text(128)]
    organisation: CreditCode
    region: Region
    field: EnforcementField
    refs: Annotated[list[Ref], Field(max_length=50)] | None = None

    title: ClassVar[Mapping[str, str]]
    steps: ClassVar[tuple[Step, ...]]
    nodes: ClassVar[tuple[Node, ...]]
    effects: ClassVar[tuple[Effect, ...]] = ()
    events: ClassVar[Mapping[str, EventKind]]
    rules: ClassVar[tuple[Rule[Any], ...]]
    dates: ClassVar[Mapping[str, str]] = {}
    """Days and moments at which the record itself states that something happened: path ("legal_review.reviewed_on") →
    event or fact."""
    facts: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """What only the record's own dates state and nobody reports as an event: fact → what people call it."""
    conditions: ClassVar[Mapping[str, Callable[[Any], bool]]] = {}
    """What the law asks of a record to apply one row and not another, by the name it has in `law/limits.toml`."""
    pushed_by: ClassVar[tuple[Party, ...]] = (Party.AGENCY, Party.POLICE, Party.PROCURATORATE)
    """Who may push records of this type."""
    is_supervised: ClassVar[bool] = True
    """Whether a procuratorate in whose jurisdiction it lies supervises it, and reports as its procuratorate does."""
    is_handed_on: ClassVar[bool] = False
    """Whether events may put another organ in the place of one that acts."""
    receipt_meets: ClassVar[Mapping[str, str]] = {}
    """Events our own receipt brings about: told event → event that its receipt is."""
    superiors_see_nodes: ClassVar[bool] = True
    """Whether a superior bureau sees the duties of such records in its districts, which say that there is one."""

    @classmethod
    def titles(cls) -> Mapping[str, Mapping[str, str]]:
        """What people call its events and stated facts."""
        return {**{name: kind.title for name, kind in cls.events.items()}, **cls.facts}

    @classmethod
    def classes(cls) -> frozenset[str]:
        """The classes of what such records may hold that not every reader sees."""
        return _classes(cls)

    def parties(self, facts: Sequence[Fact] = ()) -> Mapping[Party, str]:
        """Who acts in this record after `facts`, by credit code: a case may be handed on to another organ."""
        return {Party.AGENCY: self.organisation}

    def party_of(self, organisation: str, facts: Sequence[Fact] = ()) -> Party | None:
        """As which party an organisation acts in this record after `facts`; None if it does not."""
        return next((party for party, code in self.parties(facts).items() if code == organisation), None)

    def involved(self, facts: Sequence[Fact], _waiting: Sequence[Fact] = ()) -> Iterator[str]:
        """The credit codes of all who act or have acted in this record, given the facts that took effect.

        And those that wait for a predecessor: they show a record to nobody, but to whom they hand it on.
        """
        yield from self.parties(facts).values()

    def owners(self, _facts: Sequence[Fact] = ()) -> frozenset[str]:
        """The credit codes of those whose case it is after these facts: what they tie it to may act on it."""
        return frozenset({self.organisation})

    def pushers(self) -> tuple[Party, ...]:
        """Who may push this very record."""
        return self.pushed_by

    def addressed(self) -> Iterator[Addressed]:
        """The organisations it names for a party, beside the one that reports it."""
        yield from ()

    def document_number(self) -> str | None:
        """The 文号 by which people know the record, as GB/T 9704 would write it; None while there is none."""
        return None

    def sought(self) -> Sought:
        """By what people look for the record; codes in capitals."""
        return Sought()

    def classified(self) -> Iterator[tuple[str, str]]:
        """Pointers of texts that not every reader sees, each with its class (codelist `disclosure_classes`).

        All that is marked with a `Disclosure`, as far as it is there to be hidden, and no class that nothing is marked
        with: whose type has none is handed out unread.
        """
        yield from ()

    def attachments(self) -> Iterator[Attachment]:
        """The files that go with the record, in the order in which it names them; its events name their own."""
        yield from ()

    def stated(
        self, received_at: datetime | None = None, since: Mapping[str, datetime] | None = None
    ) -> Iterator[Fact]:
        """The facts the record states by its own dates, said to us at `received_at`, or field by field in `since`."""
        for path, day in self.stated_days().items():
            told_at = received_at if since is None else since.get(path, received_at)
            yield Fact(self.dates[path], day, told_at, stated_by="/" + path.replace(".", "/"))

    def implied(self, facts: Sequence[Fact]) -> Iterator[Fact]:
        """What follows from the facts of this record by themselves."""
        yield from ()

    def stated_days(self) -> dict[str, date | datetime]:
        """The dates by which the record states what happened, those that are there, by their path."""
        found = ((path, _at(self, path)) for path in self.dates)
        return {path: day for path, day in found if day is not None}


def marked(part: type[Part], at: str = "") -> Iterator[tuple[str, str]]:
    """What is marked with a `Disclosure` in an object, by its pointer with `*` for places in lists, with its class."""
    for name, field in part.model_fields.items():
        for hint in (field.annotation, *field.metadata):
            yield from _marked(hint, f"{at}/{name}")


def _marked(hint: object, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(hint, Disclosure):
        yield at, hint.kind
    elif isinstance(hint, type) and issubclass(hint, Part):
        yield from marked(hint, at)
    within = f"{at}/*" if get_origin(hint) is list else at
    for inside in get_args(hint):
        yield from _marked(inside, within)


@functools.cache
def _classes(part: type[Part]) -> frozenset[str]:
    return frozenset(kind for _, kind in marked(part))


def _at(part: Part, path: str) -> Any:  # noqa: ANN401 – whatever stands there
    for name in path.split("."):
        part = getattr(part, name, None)  # type: ignore[assignment]  # None ends the walk in None
    return part
