"""What the steps of one record do to another that it is tied to (`Effect` in the standard). Pure.

What a record brings about on another is a function of its own history alone: whenever either changes, what was brought
about before is compared with what should be, and the difference is added or withdrawn. So it does not matter in which
order the two arrive, how often a step is told, or that one is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.exchange.case import NOBODY, Case, settled, with_event_rows, with_withdrawal
from app.store.ids import new_id
from app.store.records import EventRow
from schemas.law import Law
from schemas.law.effects import holds
from schemas.lifecycle import Effect, Fact, Party, day_of
from schemas.receipt import canonical
from schemas.record import Reason

_ENDED = Reason(code="cause_gone", text="引起本事件的步骤已撤回、更正或者不再成立")


@dataclass(frozen=True, slots=True)
class _Consequence:
    """An event that one record brings about on another. `cause`: what did; `due`: the days that go along."""

    cause: Fact
    event: str
    content: Mapping[str, str]
    due: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Tells whether two are the same consequence of the same step."""
        told = (self.cause.stated_by, self.cause.event, self.content["occurred_at"], self.event)
        return ":".join((*told, *self.due))


def _are_tied(one: Case, other: Case, law: Law) -> bool:
    """Whether one of two records refers to the other by its type, and both are of one owner."""
    own = one.record.owners(one.handed_on(law)) & other.record.owners(other.handed_on(law))
    return bool(own) and (_refers(one, other) or _refers(other, one))


def _refers(one: Case, other: Case) -> bool:
    head = other.head
    identity = (head.record_type, head.record_type, head.organisation, head.source_id)
    return any((ref.rel, ref.record_type, ref.organisation, ref.source_id) == identity for ref in one.record.refs or ())


def with_consequences(case: Case, of: Case, law: Law, now: datetime) -> Case:
    """The case with what the other record brings about on it, and without what that no longer does."""
    if case.is_withdrawn:
        return case
    due = {one.key: one for one in _consequences(of, case, law)}
    standing = _standing(case, of)
    gone = [event for key, event in standing.items() if key not in due]
    new = [one for key, one in due.items() if key not in standing]
    if not gone and not new:
        return case
    for event in gone:
        case = with_withdrawal(case, NOBODY, _ENDED, event, now)
    for one in new:
        case = _with(case, of, one, now)
    return settled(case, law, now, cause="consequence")


def _consequences(of: Case, on: Case, law: Law) -> Iterator[_Consequence]:
    """What the history of a record amounts to for the other; nothing if they are not tied, or it was taken back."""
    to = on.head.record_type
    effects = [effect for effect in of.record.effects if effect.to == to and effect.concerns(of.record)]
    if not effects or of.is_withdrawn or not _are_tied(of, on, law):
        return
    is_still: dict[str, bool] = {}
    for fact in of.history(law).applied:
        for effect in effects:
            if fact.event in effect.on and holds(effect.rule, fact.day, on.head.field):
                node = effect.details.get("node", "")
                if effect.event in ("suspended", "resumed"):
                    if is_still.get(node, False) == (effect.event == "suspended"):
                        continue
                    is_still[node] = effect.event == "suspended"
                due = _due(effect, of)
                yield _Consequence(fact, effect.event, _content(effect, fact) | due, tuple(due.values()))


def _due(effect: Effect, of: Case) -> dict[str, str]:
    """The last days that go along with what an effect brings about, by the names they go under."""
    if not effect.due:
        return {}
    ends = {duty.node: duty.due_at for duty in of.duties}
    found = ((name, ends.get(node)) for name, node in effect.due.items())
    return {name: day_of(end).isoformat() for name, end in found if end is not None}


def _content(effect: Effect, fact: Fact) -> dict[str, str]:
    return {"event": effect.event, "occurred_at": fact.occurred_at.isoformat(), **effect.details}


def _standing(case: Case, of: Case) -> dict[str, EventRow]:
    """What the other record has brought about and was not withdrawn, by what tells consequences apart."""
    gone = case.withdrawn_events
    return {_key(event): event for event in case.events if event.caused_by == of.head.id and event.id not in gone}


def _key(event: EventRow) -> str:
    # caused_by:<record>:<times>:<key>
    return event.identity.split(":", 3)[3]


def _with(case: Case, of: Case, one: _Consequence, now: datetime) -> Case:
    times = sum(event.caused_by == of.head.id and _key(event) == one.key for event in case.events)
    row = EventRow(
        id=new_id(now),
        record_id=case.head.id,
        event=one.event,
        identity=f"caused_by:{of.head.id}:{times}:{one.key}",
        payload=canonical(dict(one.content)).decode(),
        party=Party.SYSTEM,
        client_id=NOBODY,
        received_at=now,
        organisation=NOBODY,
        caused_by=of.head.id,
    )
    return with_event_rows(case, [row], now)
