"""The law as dated data: how long each duty may take (`limits.toml`) and which days are worked (`calendar.toml`).

Nothing here counts days; that is `app/rules`. Here the two files are read, checked against each other and
refused when a clerk could read them two ways.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import resources
from types import MappingProxyType
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from ..fields import code_of  # noqa: TID252 – nothing in the package names it, for it is built under another name

Unit = Literal["working_day", "natural_day", "month", "hour"]
Level = Literal["national", "province", "city", "district"]
Status = Literal["verified", "to_confirm", "local_default"]

_RANK: Mapping[Level, int] = {"national": 0, "province": 1, "city": 2, "district": 3}
# GB/T 2260: two digits name the province, two more the city, two more the district; the rest are zeros.
_DIGITS: Mapping[Level, int] = {"national": 0, "province": 2, "city": 4, "district": 6}

SATURDAY = 5

Word = Annotated[str, Field(min_length=1)]
RegionCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{5}(-[A-Z]{4})?$")]


class LawError(ValueError):
    """The law files contradict themselves or cannot be read; every fault found is a line of the message."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as the law says it: 7 working days, 2 months, 24 hours; what is left of one may be 0."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    amount: Annotated[int, Field(ge=0, strict=True)]
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """延长: how much longer those of one level may make a period; without a bound, as much as they find reasonable.

    `amount`: the most they may add. `total`: the most the whole period may then be, 可以延长至三十日. `times`: how
    often they may add; what has a total is bound enough. `follows`: only after an extension of that level.
    `needs_document`: it must name its document, the minutes of the discussion for instance. `status`, `basis`: where
    another text than the row's provides it.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    level: Annotated[str, code_of("approval_levels")]
    amount: Annotated[int, Field(ge=1, strict=True)] | None = None
    total: Annotated[int, Field(ge=1, strict=True)] | None = None
    unit: Unit | None = None
    times: Annotated[int, Field(ge=1, strict=True)] = 1
    follows: Annotated[str, code_of("approval_levels")] | None = None
    needs_document: bool = False
    status: Status | None = None
    basis: str = ""
    basis_en: str = ""

    @property
    def is_bounded(self) -> bool:
        """Whether the law says how long it may be made."""
        return self.amount is not None or self.total is not None

    def most_added(self, to: int) -> int | None:
        """The most they may add to a period of so many units, None for no bound."""
        bounds = [] if self.amount is None else [self.amount]
        return min((*bounds, *([] if self.total is None else [self.total - to])), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A row that is law from one day to another; `effective_to` is the last day in force."""

    effective_from: date
    effective_to: date | None = None

    @property
    def ends_before_it_begins(self) -> bool:
        """Whether there is no day on which the row is law."""
        return self.effective_to is not None and self.effective_to < self.effective_from

    def in_force(self, day: date) -> bool:
        """Whether the row is law on `day`."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Dated):
    """One row of `limits.toml`: how long the duty `id` may take, for whom, since when, and who says so.

    Without an amount it is a duty the law names but does not number. `advisory`: a gate or a window and no deadline.
    `arises`: False where the law takes the duty away. `condition`: only for records of which it holds. `after`: a
    period that has to run out first. `backwards`: counts back from the opening day. `counts_from`: the field of the
    opening event that names the day to count from; `named_in`: the field of it, or of the record, that names the last
    day itself; without an amount there is no other.
    `restarts`: the last of the opening events counts and begins the period anew; otherwise it is the first.
    `excludes`: the grounds on which the clock may stand still, None for any; `excludes_between`: pairs of events
    between which it does. `deferred_by`: events whose `until` is the new end.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: Word
    opens_on: Annotated[tuple[Word, ...], Field(min_length=1)]
    basis: Word
    level: Level
    status: Status
    amount: Annotated[int, Field(ge=1, strict=True)] | None = None
    unit: Unit | None = None
    suffix: Annotated[str, Field(pattern=r"^[a-z0-9_]*$")] = ""
    basis_en: str = ""
    region: RegionCode | None = None
    field: Word | None = None
    offence: Word | None = None
    warn: Span | None = None
    note: str = ""
    advisory: bool = False
    arises: bool = True
    condition: Word | None = None
    after: Span | None = None
    backwards: bool = False
    named_in: Word | None = None
    counts_from: Word | None = None
    restarts: bool = False
    excludes: tuple[Annotated[str, code_of("suspension_grounds")], ...] | None = None
    excludes_between: tuple[tuple[Word, Word], ...] = ()
    deferred_by: tuple[Word, ...] = ()
    extensions: tuple[Extension, ...] = ()

    @property
    def rule(self) -> str:
        """The name of this row, quoted by every computation made from it: `penalty_served@2021-07-15`."""
        return f"{self.id}@{self.effective_from}" + (f".{self.suffix}" if self.suffix else "")

    @property
    def span(self) -> Span | None:
        """Amount and unit, None for a duty without a number."""
        if self.amount is None or self.unit is None:
            return None
        return Span(self.amount, self.unit)

    @property
    def precedence(self) -> tuple[bool, bool, bool, int, date]:
        """The greatest wins: for one offence, field, condition, then district, city, province, nation, latest."""
        for_one = (self.offence is not None, self.field is not None, self.condition is not None)
        return *for_one, _RANK[self.level], self.effective_from

    @property
    def events(self) -> frozenset[str]:
        """Every event that the row names."""
        between = (event for pair in self.excludes_between for event in pair)
        return frozenset((*self.opens_on, *self.deferred_by, *between))

    def applies(
        self, region: str, field: str | None, offence: str | None, conditions: Collection[str] = frozenset()
    ) -> bool:
        """Whether the row is meant for a record of this region, field, offence and conditions, on whatever day."""
        if self.condition is not None and self.condition not in conditions:
            return False
        return self.field in (None, field) and self.offence in (None, offence) and self.covers(region)

    def covers(self, region: str) -> bool:
        """Whether `region` lies within the row's own: district 420106 in city 420100 in province 420000.

        A functional area (420100-ELHT) is a district of its own, in the city whose code it carries.
        """
        if self.region is None:
            return True
        return region.startswith(self.region if self.level == "district" else self.region[: _DIGITS[self.level]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Yielding:
    """Whether the duty `id` does not arise, in one field, where the duty `to` does: two publicities of one decision."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: Word
    to: Word
    field: Word
    holds: bool
    status: Status
    basis: Word
    basis_en: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A run of days off, weekends within it included."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Word
    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Each day of the run."""
        for step in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The State Council's holiday arrangement for one year, 国务院办公厅关于部分节假日安排的通知."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    year: int
    title: Word
    status: Status
    holidays: tuple[Holiday, ...]
    workdays: tuple[date, ...]
    number: str | None = None
    issued_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are off although weekdays, and worked although weekends, in the years a notice was published for."""

    notices: tuple[Notice, ...]
    version: str
    holidays: tuple[Holiday, ...] = field(init=False, repr=False)
    days_off: frozenset[date] = field(init=False, repr=False)
    make_up_days: frozenset[date] = field(init=False, repr=False)
    years: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        holidays = sorted((run for notice in self.notices for run in notice.holidays), key=lambda run: run.first)
        object.__setattr__(self, "holidays", tuple(holidays))
        object.__setattr__(self, "days_off", frozenset(day for holiday in holidays for day in holiday.days()))
        object.__setattr__(self, "make_up_days", frozenset(day for notice in self.notices for day in notice.workdays))
        object.__setattr__(self, "years", frozenset(notice.year for notice in self.notices))


@dataclass(frozen=True, slots=True)
class Law:
    """Limits and calendar together, under one version: what a computation must quote to be repeated."""

    limits: tuple[Limit, ...]
    calendar: Calendar
    version: str
    yieldings: tuple[Yielding, ...] = ()
    _of_node: Mapping[str, tuple[Limit, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        of_node: dict[str, list[Limit]] = defaultdict(list)
        for limit in sorted(self.limits, key=lambda limit: limit.precedence, reverse=True):
            of_node[limit.id].append(limit)
        object.__setattr__(self, "_of_node", MappingProxyType({id_: tuple(rows) for id_, rows in of_node.items()}))

    def rows(self, node: str) -> tuple[Limit, ...]:
        """The rows of one node, the one that wins first."""
        return self._of_node.get(node, ())

    def yields_to(self, node: str, field: str | None) -> str | None:
        """The duty for which this one makes way in a field, None if for none."""
        found = (one.to for one in self.yieldings if one.holds and (one.id, one.field) == (node, field))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Known:
    """What record types there are to hold the rows against: by node, the facts and conditions of its type."""

    facts: Mapping[str, Collection[str]]
    conditions: Mapping[str, Collection[str]]


def limits(text: str | None = None, known: Known | None = None) -> tuple[Limit, ...]:
    """The rows of `limits.toml`, or of `text` in its place.

    With `known` they are held against the record types. Raises LawError naming every bad row by its line.
    """
    return _read_limits(shipped("limits.toml") if text is None else text, known)[0]


def _read_limits(text: str, known: Known | None) -> tuple[tuple[Limit, ...], tuple[Yielding, ...]]:
    tables = tables_of(text, "limits.toml", {"limit": _LIMIT, "yielding": _YIELDING})
    rows: list[Placed[Limit]] = tables["limit"]
    yieldings: list[Placed[Yielding]] = tables["yielding"]

    faults = [f"{row.place}: {fault}" for row in rows for fault in _faults_of_limit(row.value)]
    if known is not None:
        faults += [f"{row.place}: {fault}" for row in rows for fault in _unknown_in(row.value, known)]
        faults += [f"{row.place}: {fault}" for row in yieldings for fault in _unknown_nodes(row.value, known)]
    if not faults:
        faults = [*_ambiguous(rows), *_lengthened(rows)]
    if faults:
        raise LawError(faults)
    return tuple(row.value for row in rows), tuple(row.value for row in yieldings)


def calendar(text: str | None = None) -> Calendar:
    """The calendar of `calendar.toml`, or of `text` in its place. Raises LawError naming every bad year by its line."""
    text = shipped("calendar.toml") if text is None else text
    rows: list[Placed[Notice]] = tables_of(text, "calendar.toml", {"year": _NOTICE})["year"]

    faults = [f"{row.place}: {fault}" for row in rows for fault in _faults_of_notice(row.value)]
    faults += _faults_between_years([row.value.year for row in rows])
    if faults:
        raise LawError(faults)
    return Calendar(tuple(row.value for row in rows), _version(text))


def law_of(limits_text: str | None = None, calendar_text: str | None = None, known: Known | None = None) -> Law:
    """The law of these two texts, each as it was shipped where it is left out. Raises LawError."""
    limits_text = shipped("limits.toml") if limits_text is None else limits_text
    calendar_text = shipped("calendar.toml") if calendar_text is None else calendar_text
    rows, yieldings = _read_limits(limits_text, known)
    return Law(rows, calendar(calendar_text), _version(limits_text, calendar_text), yieldings)


# Reading ------------------------------------------------------------------------------------------------------------

T = TypeVar("T")

_LIMIT = TypeAdapter(Limit)
_YIELDING = TypeAdapter(Yielding)
_NOTICE = TypeAdapter(Notice)


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A table of a law file and the line it begins on, so that a fault can be found."""

    place: str
    value: T


def shipped(name: str) -> str:
    """The text of a file of the law as it was shipped."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _version(*texts: str) -> str:
    """Twelve digits of the SHA-256 of what the texts say: comments and layout do not make a new law."""
    said = json.dumps([tomllib.loads(text) for text in texts], default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def tables_of(text: str, file: str, kinds: Mapping[str, TypeAdapter[Any]]) -> dict[str, list[Placed[Any]]]:
    """The tables of a file by their kind, each sound by itself."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LawError([f"{file}: {error}"]) from error
    if document.keys() - kinds.keys() or not all(isinstance(tables, list) for tables in document.values()):
        raise LawError([f"{file}: holds {', '.join(f'[[{name}]]' for name in kinds)} tables only"])
    rows: dict[str, list[Placed[Any]]] = {}
    faults: list[str] = []
    for name, adapter in kinds.items():
        # tomllib keeps no positions; the n-th table begins at the n-th header.
        lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(f"[[{name}]]")]
        tables = document.get(name, [])
        if len(tables) != len(lines):
            raise LawError([f"{file}: each [[{name}]] stands at the start of its line"])
        rows[name] = [
            Placed(f"{file} line {line}", value)
            for line, table in zip(lines, tables, strict=True)
            if (value := _sound(adapter, table, f"{file} line {line}", faults)) is not None
        ]
    if faults:
        raise LawError(faults)
    return rows


def _sound(adapter: TypeAdapter[T], table: object, place: str, faults: list[str]) -> T | None:
    try:
        return adapter.validate_python(table)
    except ValidationError as error:
        faults += [f"{place}: {_path(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        return None


def _path(steps: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in steps)


# Judging the limits ---------------------------------------------------------------------------------------------------


def _faults_of_limit(limit: Limit) -> Iterator[str]:
    if limit.ends_before_it_begins:
        yield f"{limit.rule} ends on {limit.effective_to}, before it begins"
    if (limit.amount is None) != (limit.unit is None):
        yield f"{limit.rule} has an amount without a unit or a unit without an amount"
    if limit.warn is not None and limit.warn.unit == "month":
        yield f"{limit.rule} warns months ahead; say it in days"
    yield from _faults_of_period(limit)
    for extension in limit.extensions:
        yield from _faults_of_extension(limit, extension)
    if limit.level == "national" and limit.region is not None:
        yield f"{limit.rule} is national and yet of region {limit.region}"
    if limit.level != "national" and not _is_region_of(limit.region, limit.level):
        yield f"{limit.rule} needs the region code of its {limit.level}"


def _faults_of_period(limit: Limit) -> Iterator[str]:
    if not limit.arises and limit.amount is not None:
        yield f"{limit.rule} takes the duty away and yet gives it a number"
    if limit.amount is None and (limit.backwards or limit.extensions or limit.after or limit.deferred_by):
        yield f"{limit.rule} has no amount to count, prolong or put off"
    if limit.backwards and (limit.extensions or _is_moved(limit) or limit.unit != "working_day"):
        yield f"{limit.rule} counts back: only working days can be, and neither after a period nor longer"
    if limit.unit == "hour" and _is_moved(limit):
        yield f"{limit.rule} counts hours, from the event itself only"
    if limit.restarts and (limit.backwards or limit.counts_from or _is_moved(limit)):
        yield f"{limit.rule} begins anew with each opening event, from the event itself only"


def _is_moved(limit: Limit) -> bool:
    """Whether something beside its opening and its amount says when the period ends."""
    return bool(limit.after or limit.deferred_by or limit.named_in)


def _faults_of_extension(limit: Limit, extension: Extension) -> Iterator[str]:
    if extension.is_bounded != (extension.unit is not None):
        yield f"{limit.rule}: the extension of level {extension.level} has half an amount"
    if extension.unit not in (None, limit.unit):
        yield f"{limit.rule}: the extension of level {extension.level} is not in {limit.unit}s"
    if extension.total is not None and limit.amount is not None and extension.total <= limit.amount:
        yield f"{limit.rule}: the extension of level {extension.level} to {extension.total} makes nothing longer"
    levels = [one.level for one in limit.extensions]
    if levels.count(extension.level) > 1:
        yield f"{limit.rule} names the level {extension.level} twice"
    if extension.follows is not None and extension.follows not in levels:
        yield f"{limit.rule}: no extension of level {extension.follows} to follow"


def _unknown_in(limit: Limit, known: Known) -> Iterator[str]:
    """What the row names and no record type has."""
    if limit.id not in known.facts:
        yield f"{limit.rule}: no record type has a node {limit.id}"
        return
    for event in sorted(limit.events - set(known.facts[limit.id])):
        yield f"{limit.rule}: no event or stated date is called {event}"
    if limit.condition is not None and limit.condition not in known.conditions[limit.id]:
        yield f"{limit.rule}: no condition is called {limit.condition}"


def _unknown_nodes(yielding: Yielding, known: Known) -> Iterator[str]:
    for node in (yielding.id, yielding.to):
        if node not in known.facts:
            yield f"no record type has a node {node}"


def _is_region_of(region: str | None, level: Level) -> bool:
    if region is None:
        return False
    if "-" in region:
        return level == "district"
    digits = _DIGITS[level]
    return region[digits:] == "0" * (6 - digits) and region[digits - 2 : digits] != "00"


def _ambiguous(rows: Sequence[Placed[Limit]]) -> Iterator[str]:
    """Pairs of rows of which neither goes before the other, and rows that share a name."""
    conditions: dict[str, str] = {}
    seen: dict[tuple[object, ...], Placed[Limit]] = {}
    names: dict[str, Placed[Limit]] = {}
    for row in rows:
        limit = row.value
        claim = (
            limit.id,
            limit.offence,
            limit.field,
            limit.condition,
            limit.level,
            limit.region,
            limit.effective_from,
        )
        if (twin := seen.setdefault(claim, row)) is not row:
            yield f"{row.place}: {limit.rule} says the same as the row at {twin.place}; neither goes first"
        elif (twin := names.setdefault(limit.rule, row)) is not row:
            yield f"{row.place}: the name {limit.rule} is taken by {twin.place}; give it a suffix"
        # Two conditions may hold at once, and nothing says which goes first.
        if limit.condition and conditions.setdefault(limit.id, limit.condition) != limit.condition:
            yield f"{row.place}: {limit.id} has rows for {conditions[limit.id]} already; one condition a node"


def _lengthened(rows: Sequence[Placed[Limit]]) -> Iterator[str]:
    """Local rows that would give more time than the national row they displace: a locality may be stricter only."""
    national = [row.value for row in rows if row.value.level == "national"]
    for row in rows:
        if row.value.level == "national":
            continue
        displaced = {limit.rule: limit for limit in _displaced(row.value, national)}
        for limit in displaced.values():
            if _may_outlast(row.value, limit):
                yield f"{row.place}: {row.value.rule} may give more time than the national {limit.rule}"


def _displaced(local: Limit, national: Sequence[Limit]) -> Iterator[Limit]:
    """The national rows that would have counted, on some day and in some field, had there been no local one."""
    rivals = [limit for limit in national if limit.id == local.id]
    days = [day for limit in (local, *rivals) if local.in_force(day := limit.effective_from)]
    fields = {local.field} if local.field else {None, *(limit.field for limit in rivals)}
    offences = {local.offence} if local.offence else {None, *(limit.offence for limit in rivals)}
    conditions = {local.condition} if local.condition else {None, *(limit.condition for limit in rivals)}
    for day, field_, offence, condition in itertools.product(days, fields, offences, conditions):
        met = () if condition is None else (condition,)
        found = [limit for limit in rivals if limit.in_force(day) and limit.applies("000000", field_, offence, met)]
        winner = max(found, key=lambda limit: limit.precedence, default=None)
        if winner is not None and local.precedence > winner.precedence:
            yield winner


# Calendar days that one unit may last, at least and at most: a working day can hide behind a nine-day holiday.
_LEAST: Mapping[Unit, float] = {"hour": 1 / 24, "natural_day": 1, "working_day": 1, "month": 28}
_MOST: Mapping[Unit, float] = {"hour": 1 / 24, "natural_day": 1, "working_day": 10, "month": 31}


def _may_outlast(local: Limit, national: Limit) -> bool:
    ours, theirs = local.span, national.span
    if theirs is None:
        return False
    if ours is None:
        return True
    # n natural days, rolled, never end after n working days; otherwise different units are compared at their worst.
    if ours.unit == theirs.unit or (ours.unit, theirs.unit) == ("natural_day", "working_day"):
        return ours.amount > theirs.amount
    return ours.amount * _MOST[ours.unit] >= theirs.amount * _LEAST[theirs.unit]


# Judging the calendar -------------------------------------------------------------------------------------------------


def _faults_of_notice(notice: Notice) -> Iterator[str]:
    days_off = [day for holiday in notice.holidays for day in holiday.days()]
    for holiday in notice.holidays:
        if holiday.last < holiday.first:
            yield f"{holiday.name} ends on {holiday.last}, before it begins"
    for day in (*days_off, *notice.workdays):
        # New Year's holiday may begin in the old year, as on 2022-12-31.
        if day.year != notice.year and (day.year, day.month) != (notice.year - 1, 12):
            yield f"{day} is not a day of {notice.year}"
    if len({*days_off, *notice.workdays}) != len(days_off) + len(notice.workdays):
        yield f"a day of {notice.year} is named twice"
    for day in notice.workdays:
        if day.weekday() < SATURDAY:
            yield f"{day} is a weekday and worked anyway"


def _faults_between_years(years: Sequence[int]) -> Iterator[str]:
    if list(years) != list(range(min(years, default=0), min(years, default=0) + len(years))):
        yield f"calendar.toml: the years are not one after another: {', '.join(map(str, years))}"
