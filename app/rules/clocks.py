"""The clock of one duty: its period, what prolongs it, when it stands still, and until when it runs.

Pure. Beside the periods of `counting` there are working days counted back from the opening day, itself not counted, to
the last day on which it may still be done.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from schemas.law import Calendar, Extension, Limit, Span
from schemas.lifecycle import CAUSED_BY, Fact, Node, day_of, surely_before

from .counting import (
    END_OF_DAY,
    ONE_HOUR,
    Pause,
    Reckoning,
    When,
    days_between,
    first_counted_moment,
    moment_of,
    reckon,
)
from .openings import Opened, is_about
from .workdays import ONE_DAY, holidays_within, is_working_day, make_up_days_within, unknown_years, working_days_before

Caution = Literal[
    "hour-unknown",
    "suspension-not-counted",
    "extension-not-provided",
    "extension-beyond-level",
    "extension-other-unit",
    "extension-again",
    "extension-out-of-turn",
    "extension-without-document",
    "extension-before-opening",
    "extension-after-due",
    "extension-after-done",
    "extension-not-longer",
    "waived-after-due",
]
"""What was reported about a clock and does not move it, or only roughly; each is a code of the standard's faults.

A duty that was kept may bear one that is no longer said.
"""

LONGEST = 3650
"""No period is longer than this in its unit; an extension beyond it is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Clock:
    limit: Span | None = None
    named_day: date | None = None
    extended_by: int = 0
    extended_until: date | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    paused_at: When | None = None
    remaining: Span | None = None
    warnings: tuple[Caution, ...] = ()
    uncounted: tuple[tuple[str, Caution], ...] = ()
    granted: tuple[Extension, ...] = ()
    reckoning: Reckoning | None = None


def clock_of(
    node: Node,
    opened: Opened,
    done: Fact | None,
    calendar: Calendar,
    record: Any,  # noqa: ANN401 – a record of any type
) -> Clock:
    opening, row = opened.by, opened.row
    if row is None:
        return Clock()
    if row.backwards and row.span is not None:
        return _clock_back(opening, row, row.span, calendar)
    pauses, idle = _pauses(node, opened, done, row)
    named = _named_day(opened.since, row, record)
    start, span = _as_the_law_has_it(opened.since, row, named, calendar, pauses)
    if span is None:
        return Clock()
    plain = _Period(start, span, uncounted=idle)
    period = _prolonged(node, opened, done, row, plain, calendar, pauses)
    reckoning = dataclasses.replace(period.reckoned(calendar, pauses), counted_from=_told_from(period, opening))
    paused_at = _standing_since(reckoning, period.span)
    running = paused_at is None

    return Clock(
        limit=plain.span,
        named_day=named,
        extended_by=period.added,
        extended_until=period.until,
        due_at=reckoning.due_at if running else None,
        warn_at=_warn_at(reckoning.due_at, row.warn or usual_warning(period.span), calendar) if running else None,
        paused_at=paused_at,
        remaining=None if paused_at is None else _remaining(period, calendar, reckoning, paused_at),
        warnings=tuple(_warnings(opening, row.span or span, period)),
        uncounted=period.uncounted,
        granted=period.granted,
        reckoning=reckoning,
    )


def _clock_back(opening: Fact, row: Limit, span: Span, calendar: Calendar) -> Clock:
    """The last day on which it may still be done, counted back from the day itself, which is not counted."""
    last = working_days_before(opening.day, span.amount, calendar)
    first, until = last, opening.day - ONE_DAY
    due = datetime.combine(last, END_OF_DAY)
    return Clock(
        limit=span,
        due_at=due,
        warn_at=_warn_at(due, row.warn or usual_warning(span), calendar),
        reckoning=Reckoning(
            due,
            last,
            holidays=tuple(holidays_within(first, until, calendar)),
            make_up_days=tuple(make_up_days_within(first, until, calendar)),
            unknown_years=unknown_years(first, until, calendar),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Period:
    """What is counted, and from when. `added`, `until`: by how much, or up to which day, it was prolonged.

    `granted`: by whom.
    """

    start: When
    span: Span
    added: int = 0
    until: date | None = None
    uncounted: tuple[tuple[str, Caution], ...] = ()
    granted: tuple[Extension, ...] = ()

    def reckoned(self, calendar: Calendar, pauses: Sequence[Pause]) -> Reckoning:
        return reckon(self.start, self.span, calendar, pauses)

    def without(self, fact: Fact, caution: Caution) -> _Period:
        """The same period: what was reported does not count, and why."""
        return dataclasses.replace(self, uncounted=(*self.uncounted, (fact.stated_by, caution)))


def _as_the_law_has_it(
    opening: Fact, row: Limit, named: date | None, calendar: Calendar, pauses: Sequence[Pause]
) -> tuple[When, Span | None]:
    """From when and how long it runs before anybody prolongs it: up to a day that is named, or so long, or for ever."""
    if named is not None:
        return opening.occurred_at, Span((named - opening.day).days, "natural_day")
    if row.span is None:
        return opening.occurred_at, None
    return _counted_from(opening, row, calendar, pauses), row.span


def _counted_from(opening: Fact, row: Limit, calendar: Calendar, pauses: Sequence[Pause]) -> When:
    """The day or moment after which the amount is counted."""
    start: When = opening.occurred_at
    if row.counts_from is not None and isinstance(named := opening.details.get(row.counts_from), date):
        start = named
    if row.after is None:
        return start
    # The grounds that a text lists stop the period it is about (审查起诉期限), and not the one before that (公告期间).
    return reckon(start, row.after, calendar, pauses if row.excludes is None else ()).due_at.date()


def _named_day(opening: Fact, row: Limit, record: Any) -> date | None:  # noqa: ANN401 – a record of any type
    """The last day that the opening event names, or else the record, if it lies after that event."""
    if row.named_in is None:
        return None
    named = opening.details.get(row.named_in) or getattr(record, row.named_in, None)
    return named if isinstance(named, date) and named > opening.day else None


def _told_from(period: _Period, opening: Fact) -> When | None:
    return None if period.start == opening.occurred_at else period.start


def _warnings(opening: Fact, span: Span, period: _Period) -> Iterator[Caution]:
    if span.unit == "hour" and not isinstance(opening.occurred_at, datetime):
        yield "hour-unknown"
    yield from dict.fromkeys(caution for _, caution in period.uncounted)


# Longer than the law grants by itself ---------------------------------------------------------------------------------


def _prolonged(
    node: Node,
    opened: Opened,
    done: Fact | None,
    row: Limit,
    period: _Period,
    calendar: Calendar,
    pauses: Sequence[Pause],
) -> _Period:
    """The period with every extension and deferral that counts, in the order in which they were granted.

    One that begins anew keeps what was granted: who has thirty days does not lose them when missing material comes in.
    """
    for fact in opened.facts:
        if opened.begins_anew(fact):
            period = dataclasses.replace(period, start=fact.occurred_at)
            continue
        own = fact.event == "extended" and fact.details.get("node") == node.id
        if not own and fact.event not in row.deferred_by:
            continue
        grant = next((one for one in row.extensions if one.level == fact.details.get("level")), None)
        refused = _why_not(period, fact, row, grant) if own else None
        if refused is None and own and surely_before(fact, opened.since):
            refused = "extension-before-opening"
        if refused is None and done is not None and surely_before(done, fact):
            refused = "extension-after-done"
        # A deferral has no such term: 行政处罚法 art. 66 lets the fine be put off when it is owed already.
        if refused is None and own and _is_past(period.reckoned(calendar, pauses), fact):
            refused = "extension-after-due"
        period = period.without(fact, refused) if refused else _longer(period, fact, grant, calendar, pauses)
    return period


def _longer(
    period: _Period, fact: Fact, grant: Extension | None, calendar: Calendar, pauses: Sequence[Pause]
) -> _Period:
    """The period with what the fact grants: so much more, so much in all, or up to the day it names."""
    granted = period.granted if grant is None else (*period.granted, grant)
    added = _added(fact, period.span)
    if added is None:
        return _up_to(period, fact, granted, calendar, pauses)
    longer = Span(period.span.amount + added, period.span.unit)
    return dataclasses.replace(period, span=longer, added=period.added + added, granted=granted)


def _added(fact: Fact, to: Span) -> int | None:
    """By how much it makes the period longer, said as that or as a total; None if it names a day."""
    amount, total = fact.details.get("amount"), fact.details.get("total")
    if isinstance(amount, int):
        return amount
    return total - to.amount if isinstance(total, int) else None


def _why_not(period: _Period, fact: Fact, row: Limit, grant: Extension | None) -> Caution | None:
    """Why an extension is none, whatever the day: by its level, its amount, its turn."""
    if not row.extensions:
        return "extension-not-provided"
    if grant is None:
        return "extension-beyond-level"
    added = _added(fact, period.span)
    if added is not None and fact.details.get("unit") != period.span.unit:
        return "extension-other-unit"
    if added is not None and added <= 0 and "total" in fact.details:
        return "extension-not-longer"
    if not _is_granted(grant, added, period.span):
        return "extension-beyond-level"
    levels = [one.level for one in period.granted]
    if grant.total is None and levels.count(grant.level) >= grant.times:
        return "extension-again"
    if grant.follows is not None and grant.follows not in levels:
        return "extension-out-of-turn"
    return "extension-without-document" if grant.needs_document and not fact.details.get("document_no") else None


def _is_granted(grant: Extension, added: int | None, span: Span) -> bool:
    """Whether those of this level may add so much; up to a named day only where the law leaves the length to them."""
    if added is None:
        return not grant.is_bounded and span.unit != "hour"
    most = grant.most_added(span.amount) if grant.is_bounded else LONGEST - span.amount
    return most is not None and 0 < added <= most


def _up_to(
    period: _Period, fact: Fact, granted: tuple[Extension, ...], calendar: Calendar, pauses: Sequence[Pause]
) -> _Period:
    """The period up to the day that the fact names; what is excluded from then on moves that day, too."""
    until = fact.details.get("until")
    if not isinstance(until, date) or until <= fact.day or until <= period.reckoned(calendar, pauses).due_at.date():
        return period.without(fact, "extension-not-longer")
    rest = Span((until - fact.day).days, "natural_day")
    return dataclasses.replace(period, start=fact.day, span=rest, until=until, granted=granted)


def _is_past(reckoning: Reckoning, fact: Fact) -> bool:
    """Whether it happened when the period was over; a clock that stands still has not run out."""
    latest = min(fact.day, reckoning.last_day)
    if any(pause.end is None and day_of(pause.start) <= latest for pause in reckoning.pauses):
        return False
    if isinstance(fact.occurred_at, datetime):
        return fact.occurred_at > reckoning.due_at
    return fact.day > reckoning.due_at.date()


# Standing still -------------------------------------------------------------------------------------------------------


def _pauses(
    node: Node, opened: Opened, done: Fact | None, row: Limit
) -> tuple[list[Pause], tuple[tuple[str, Caution], ...]]:
    """The pauses of this node, and what was reported and does not count: a row may name the grounds for them.

    Each `resumed` ends one `suspended`, so that of two that overlap both must end. What still stood when the duty was
    met ended with it.
    """
    pauses: list[Pause] = []
    idle: list[tuple[str, Caution]] = []
    still: dict[str | None, _Still] = defaultdict(list)
    by_itself: _Still = []
    ends = {second: first for first, second in row.excludes_between}
    for fact in opened.facts:
        named = fact.details.get("node")
        about = None if named is None else str(named)
        if done is not None and surely_before(done, fact):
            break
        if fact.event == "suspended":
            # One that is not about this node is remembered too, for its own `resumed` must not end another.
            concerns = is_about(fact, node, opened.since)
            counts = concerns and (
                _is_imposed(fact) or row.excludes is None or fact.details.get("ground") in row.excludes
            )
            still[about].append((fact.occurred_at, counts))
            idle += [(fact.stated_by, "suspension-not-counted")] if concerns and not counts else []
        elif fact.event == "resumed":
            pauses += _ended(_first_of(still, about, node) or (by_itself if about in (None, node.id) else []), fact)
        elif fact.event in ends.values() and not by_itself:
            by_itself.append((fact.occurred_at, True))
        elif fact.event in ends:
            pauses += _ended(by_itself, fact)
    standing = [Pause(start) for start, counts in (*itertools.chain(*still.values()), *by_itself) if counts]
    end = done.occurred_at if done else None
    return [pause if pause.end else Pause(pause.start, end) for pause in (*pauses, *standing)], tuple(idle)


def _is_imposed(fact: Fact) -> bool:
    """Whether another record brought it about: then the law of that effect says that it counts, not this duty's row."""
    return CAUSED_BY in fact.details


def _first_of(still: Mapping[str | None, _Still], about: str | None, node: Node) -> _Still:
    """The pauses of which a resumption ends the earliest.

    One that names this node ends its own, else a general one; one that names another node only that node's; one that
    names none a general one, else whichever of this node or of another stands. Empty if none stands.
    """
    if about is None:
        order: Sequence[str | None] = (None, node.id, *(name for name in still if name != node.id))
    else:
        order = (about, None) if about == node.id else (about,)
    return next((still[name] for name in order if still.get(name)), [])


_Still = list[tuple[When, bool]]
"""Since when a clock stands still, and whether that counts."""


def _ended(still: _Still, fact: Fact) -> list[Pause]:
    """The earliest of these pauses, ended by the fact; none if none stands or it does not count."""
    if not still:
        return []
    start, counts = still.pop(0)
    return [Pause(start, fact.occurred_at)] if counts else []


def _standing_since(reckoning: Reckoning, span: Span) -> When | None:
    """Since when the clock stands still, if a pause without end began before the period had run out."""
    standing = next((pause.start for pause in reckoning.pauses if pause.end is None), None)
    if standing is None:
        return None
    if span.unit == "hour":
        return standing if moment_of(standing) < reckoning.due_at else None
    return standing if day_of(standing) <= reckoning.last_day else None


def _remaining(period: _Period, calendar: Calendar, reckoning: Reckoning, since: When) -> Span:
    """What is left of the period while it stands still; of months, in days; of hours, the full ones.

    Nothing after `since` is excluded yet, for a pause without an end swallows all that follow.
    """
    span = period.span
    if span.unit == "hour":
        counted_from = max(moment_of(since), first_counted_moment(period.start))
        return Span((reckoning.due_at - counted_from) // ONE_HOUR, "hour")
    days = list(days_between(max(day_of(since), day_of(period.start) + ONE_DAY), reckoning.last_day))
    if span.unit == "working_day":
        return Span(sum(is_working_day(day, calendar) for day in days), "working_day")
    return Span(len(days), "natural_day")


def usual_warning(span: Span) -> Span:
    """How long before the end a duty is due soon, where its row does not say (as the contract defines `due_soon`)."""
    if span.unit == "hour":
        return Span(6, "hour")
    if span.unit == "month" or span.amount > 10:
        return Span(7, "natural_day")
    return Span(1, "natural_day") if span.amount <= 3 else Span(2, "working_day")


def _warn_at(due: datetime, ahead: Span, calendar: Calendar) -> datetime:
    if ahead.unit == "hour":
        return due - ahead.amount * ONE_HOUR
    if ahead.unit == "working_day":
        return datetime.combine(working_days_before(due.date(), ahead.amount, calendar), due.timetz())
    return due - ahead.amount * ONE_DAY
