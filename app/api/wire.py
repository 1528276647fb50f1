"""Values of the exchange in the words of the wire contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app.api.problems import in_words
from app.exchange.attachments import Kept, Named
from app.exchange.deliver import Change, Delivered, DeliveredEvent, DeliveredItem, TakenBack
from app.exchange.follow_file import Followed
from app.exchange.receipts import Advanced, Receipt, Withdrawn
from app.exchange.statistics import Group, Question
from app.exchange.timeline import Member, Point, Timeline, last_step, title_of
from app.exchange.watch import Watched
from app.rules import deadlines
from app.rules.deadlines import Duty
from app.rules.differences import ABSENT
from app.rules.explanation import explanation
from app.rules.standing import sentence
from schemas import RECORD_TYPES
from schemas.faults import Fault, Language
from schemas.law import Span
from schemas.layouts.columns import Layout
from schemas.lifecycle import SHANGHAI
from schemas.record import Reason


def moment(value: datetime) -> str:
    """A moment of ours: milliseconds, +08:00."""
    return value.astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def receipt(value: Receipt, now: datetime, language: Language) -> dict[str, Any]:
    """A receipt, its position, nodes and warnings as they are at `now`."""
    return {
        "id": str(value.id),
        "record_type": value.record_type,
        "organisation": value.organisation,
        "source_id": value.source_id,
        "version": value.version,
        "digest": value.digest,
        "received_at": moment(value.received_at),
        "position": value.position,
        "nodes": [brief_node(duty, now) for duty in value.duties],
        "warnings": in_words(value.warnings, language),
    }


def advanced(value: Advanced, now: datetime, language: Language) -> dict[str, Any]:
    """What became of an event."""
    return {
        "id": str(value.id),
        "event": value.event,
        "applied": value.applied,
        "state": value.state,
        "version": value.version,
        "nodes": [brief_node(duty, now) for duty in value.duties],
        "warnings": in_words(value.warnings, language),
    }


def withdrawn(value: Withdrawn, now: datetime) -> dict[str, Any]:
    """What was taken back, and what the record is without it."""
    return {
        "id": str(value.id),
        **({} if value.event_id is None else {"event_id": str(value.event_id)}),
        "reason": reason(value.reason),
        "withdrawn_at": moment(value.withdrawn_at),
        "state": value.state,
        "version": value.version,
        "nodes": [brief_node(duty, now) for duty in value.duties],
    }


def file(value: Followed, language: Language) -> dict[str, Any]:
    """A file as it stands. `faults`: what is wrong with it as a whole, then with each rejected row."""
    row = value.row
    told = {kind: [one for one in value.told if one.is_error is (kind == "error")] for kind in ("error", "warning")}
    return {
        "id": str(row.id),
        "name": row.name,
        "digest": row.digest,
        "state": row.state,
        "record_type": row.record_type,
        "layout": _layout(value.layout, language),
        "on_change": row.on_change,
        "received_at": moment(row.received_at),
        "finished_at": None if row.finished_at is None else moment(row.finished_at),
        "rows": row.rows,
        "accepted": row.accepted,
        "repeated": row.repeated,
        "rejected": row.rejected,
        "faults": [
            *(_file_fault("", None, None, one, language) for one in told["error"]),
            *(
                _file_fault(rejected.sheet, rejected.line, one.heading, one.fault, language)
                for rejected in value.rejected
                for one in rejected.told
            ),
        ],
        "more_rejected": row.rejected - len(value.rejected),
        "warnings": [
            *(_file_fault("", None, None, one, language) for one in told["warning"]),
            *({**_file_fault("", None, one.heading, one.fault, language), "rows": one.rows} for one in value.warned),
        ],
        "annotated": f"/v1/files/{row.id}/annotated.xlsx" if row.is_over and row.rejected else None,
    }


def attachment(value: Named) -> dict[str, Any]:
    """An attachment where it is named, and whether its content is here."""
    return {
        "name": value.name,
        "digest": value.digest,
        "bytes": value.bytes,
        "media_type": value.media_type,
        "pointer": value.pointer,
        "event_id": None if value.event_id is None else str(value.event_id),
        "held": value.received_at is not None,
        "received_at": None if value.received_at is None else moment(value.received_at),
    }


def kept(value: Kept) -> dict[str, Any]:
    """A content that is kept."""
    return {
        "digest": value.digest,
        "bytes": value.bytes,
        "media_type": value.media_type,
        "received_at": moment(value.received_at),
    }


def _layout(layout: Layout | None, language: Language) -> dict[str, str] | None:
    return None if layout is None else {"code": layout.code, "title": layout.zh if language == "zh" else layout.en}


def _file_fault(sheet: str, line: int | None, heading: str | None, fault: Fault, language: Language) -> dict[str, Any]:
    said = {"code": fault.code, "message": fault.message(language)}
    fix = fault.fix(language)
    return {"sheet": sheet, "row": line, "column": heading, **said, **({"fix": fix} if fix else {})}


def reason(value: Reason) -> dict[str, str]:
    """A reason as it was given."""
    return {"code": value.code, "text": value.text}


def record(value: Delivered) -> dict[str, Any]:
    """A record as it is read."""
    head = {
        "id": str(value.row.id),
        "record_type": value.row.record_type,
        "organisation": value.row.organisation,
        "source_id": value.row.source_id,
        "version": value.version.version,
        "state": value.row.state,
        "received_at": moment(value.version.received_at),
        "digest": value.version.digest,
    }
    return {
        **head,
        **({} if value.reason is None else {"reason": value.reason}),
        **({} if value.withdrawal is None else {"withdrawal": taken_back(value.withdrawal)}),
        **({} if value.changes is None else {"changes": [change(one) for one in value.changes]}),
        **({"masked": list(value.masked)} if value.masked else {}),
        "record": value.record,
    }


def change(value: Change) -> dict[str, Any]:
    """One place that changed; a side at which nothing stands has no member."""
    sides = {"before": value.before, "after": value.after}
    return {"pointer": value.pointer} | {name: side for name, side in sides.items() if side is not ABSENT}


def taken_back(value: TakenBack) -> dict[str, Any]:
    """Why and when something was withdrawn."""
    return {"reason": value.reason, "withdrawn_at": moment(value.at)}


def event(value: DeliveredEvent) -> dict[str, Any]:
    """An event as it is read; without `id` where a date of the record, or our receipt, says it."""
    return {
        "id": str(value.id) if value.id else None,
        "applied": value.applied,
        "stated_by": value.stated_by,
        "party": value.party,
        "organisation": value.organisation,
        "received_at": moment(value.received_at) if value.received_at else None,
        **({} if value.caused_by is None else {"caused_by": str(value.caused_by)}),
        **({} if value.withdrawal is None else {"withdrawal": taken_back(value.withdrawal)}),
        "event": value.event,
    }


def brief_node(duty: Duty, now: datetime) -> dict[str, Any]:
    """A node as receipts name it."""
    return {"node": duty.node, "due_at": _when(duty.due_at), "state": deadlines.state(duty, now)}


def node(duty: Duty, now: datetime, language: Language) -> dict[str, Any]:
    """A node with everything that explains it."""
    return {
        "node": duty.node,
        "title": duty.title[language],
        "responsible": duty.responsible,
        "responsible_role": duty.responsible_role,
        "opened_by": duty.opened_by,
        "opened_at": _when(duty.opened_at),
        "limit": _span(duty.limit),
        "due_at": _when(duty.due_at),
        "done_at": _when(duty.done_at),
        "done_by": duty.done_by,
        "state": deadlines.state(duty, now),
        "basis": duty.basis_en or duty.basis if language == "en" else duty.basis,
        "rule": duty.rule,
        "level": duty.level,
        "status": duty.status,
        "provisional": duty.provisional,
        "advisory": duty.advisory,
        "explanation": explanation(duty, language),
        **({"extended_by": _span(Span(duty.extended_by, duty.limit.unit))} if duty.limit and duty.extended_by else {}),
        **({"extended_until": _when(duty.extended_until)} if duty.extended_until else {}),
        **({"named_day": _when(duty.named_day)} if duty.named_day else {}),
        **({"remaining": _span(duty.remaining)} if duty.remaining else {}),
        **({"warnings": list(duty.warnings)} if duty.warnings else {}),
    }


def timeline(value: Timeline, now: datetime, language: Language) -> dict[str, Any]:
    """The life line of a case."""
    return {
        "standing": _stands(value.members[0], value, now, language),
        "records": [_member(one, value, now, language) for one in value.members],
        "items": [_point(one, value.names, now, language) for one in value.points],
    }


def _stands(member: Member, case: Timeline, now: datetime, language: Language) -> str:
    last = last_step(member)
    told = None if last is None else (last.event["occurred_at"][:10], title_of(member.record.row, last))
    return sentence(told, member.duties, case.names, now, language)


def _member(member: Member, case: Timeline, now: datetime, language: Language) -> dict[str, Any]:
    row = member.record.row
    return {
        "id": str(row.id),
        "record_type": row.record_type,
        "title": RECORD_TYPES[row.record_type].title[language],
        "organisation": row.organisation,
        "organisation_name": case.names.get(row.organisation),
        "source_id": row.source_id,
        "version": row.version,
        "state": row.state,
        "standing": _stands(member, case, now, language),
        "open": [
            brief_node(duty, now) for duty in member.duties if deadlines.standing(duty) == "open" and not duty.advisory
        ],
    }


def _point(point: Point, names: Mapping[str, str], now: datetime, language: Language) -> dict[str, Any]:
    of = {"record_type": point.row.record_type, "id": str(point.row.id)}
    if point.event is not None:
        said = event(point.event)
        del said["id"]
        name = names.get(point.event.organisation or "")
        kind = {"kind": "event", "title": title_of(point.row, point.event)[language], "organisation_name": name}
        return {"at": moment(point.at), **of, **kind, **said}
    assert point.duty is not None  # noqa: S101 – a point is one or the other
    duty = point.duty
    return {
        "at": moment(point.at),
        **of,
        "kind": "due",
        "node": duty.node,
        "title": duty.title[language],
        "responsible": duty.responsible,
        "responsible_name": names.get(duty.responsible or ""),
        "opened_at": _when(duty.opened_at),
        "due_at": _when(duty.due_at),
        "done_at": _when(duty.done_at),
        "state": deadlines.state(duty, now),
        "advisory": duty.advisory,
    }


def watched(value: Watched, now: datetime, language: Language) -> dict[str, Any]:
    """A node in a list, and which record it is of."""
    return {
        "id": value.record_id,
        "record_type": value.record_type,
        "organisation": value.organisation,
        "source_id": value.source_id,
        "region": value.region,
        "field": value.field,
        **node(value.duty, now, language),
    }


def statistic(
    asked: Question,
    groups: Sequence[Group],
    titles: Mapping[str, Mapping[str, Mapping[str, str]]],
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """A statistic with the definition of every figure, and for each number where its rows are.

    `titles`: of the codes of some groups.
    """
    one = asked.statistic
    return {
        "statistic": one.name,
        "title": one.title[language],
        "definition": one.definition[language],
        "at": moment(now),
        "filters": asked.said,
        "by": list(asked.by),
        "rows": [
            {
                **group.values,
                **{
                    f"{name}_title": titles[name][code][language]
                    for name, code in group.values.items()
                    if name in titles
                },
                "figures": {name: {"value": it.value, "rows": it.rows} for name, it in group.figures.items()},
            }
            for group in groups
        ],
        "figures": {it.name: {"title": it.title[language], "definition": it.definition[language]} for it in one.shown},
    }


def item(value: DeliveredItem, language: Language) -> dict[str, Any]:
    """One position of the feed; a node in it stands where it stood when the item was written."""
    one = value.item
    said: dict[str, Any] = {
        "position": one.position,
        "kind": one.kind,
        "id": str(one.event_id or one.record_id),
        "record_id": str(one.record_id),
        "record_type": one.record_type,
        "organisation": one.organisation,
        "source_id": one.source_id,
        "version": one.version,
        "digest": one.digest,
        "at": moment(one.at),
    }
    if value.duty is not None:
        return said | {"node": node(value.duty, one.at, language)}
    parts = {"reason": value.reason, "record": value.record, "event": value.event, "events": value.events}
    said |= {name: part for name, part in parts.items() if part is not None}
    return said | ({"masked": list(value.masked)} if value.masked else {})


def _span(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"amount": span.amount, "unit": span.unit}


def _when(value: date | datetime | None) -> str | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        return value.isoformat()
    return moment(value) if value.microsecond else value.astimezone(SHANGHAI).isoformat()
