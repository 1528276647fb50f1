"""The published contract: what FastAPI cannot see for itself is merged into its document here.

Bodies are read by our own reader and answers are written from values, so their schemas are stated here:
those of records come from the standard, those of answers are written down below.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from app.api.sheets import MEDIA, Format
from app.exchange.find import filters_of
from app.exchange.statistics import asked_of
from app.exchange.watch import NodeFilters
from app.rules.statistics import STATISTICS
from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.publishing import examples, record_schema
from schemas.record import Event

_COMPONENTS = "#/components/schemas/"
_DEFINITIONS = "#/$defs/"
RECEIPT = _COMPONENTS + "Receipt"
EVENT_ANSWER = _COMPONENTS + "EventAnswer"
WITHDRAWAL = _COMPONENTS + "Withdrawal"
FILE = _COMPONENTS + "File"
ATTACHMENT = _COMPONENTS + "HeldAttachment"
ATTACHMENTS = _COMPONENTS + "NamedAttachments"
BATCH_ANSWER = _COMPONENTS + "BatchAnswer"
RECORD = _COMPONENTS + "HeldRecord"
RECORDS = _COMPONENTS + "HeldRecords"
FOUND = _COMPONENTS + "FoundRecords"
EVENTS = _COMPONENTS + "HeldEvents"
NODES = _COMPONENTS + "Nodes"
TIMELINE = _COMPONENTS + "Timeline"
NODE_LIST = _COMPONENTS + "NodeList"
STATISTIC = _COMPONENTS + "Statistic"
PAGE = _COMPONENTS + "Page"
JUDGEMENT = _COMPONENTS + "Judgement"
HEALTH = _COMPONENTS + "Health"
TOKEN = _COMPONENTS + "Token"
PROBLEM = _COMPONENTS + "Problem"

VERSION = "0.1.0"

_PUBLIC = ("/healthz", "/readyz", "/oauth2/token", "/v1/validate/", "/v1/standard/")


def answers(schema: str, **descriptions: str) -> dict[int | str, dict[str, Any]]:
    """What a route says of its answers, all of one schema: `s200="As it is held"`, a name for each status."""
    content = {"application/json": {"schema": {"$ref": schema}}}
    return {int(status[1:]): {"description": text, "content": content} for status, text in descriptions.items()}


def list_answers(schema: str) -> dict[int | str, dict[str, Any]]:
    """What a route says that answers by JSON of a schema, or by a table."""
    found = answers(schema, s200="As it stands now; as a table with `format` or by `Accept`")
    found[200]["content"] |= {MEDIA["csv"]: {"schema": _TEXT}, MEDIA["xlsx"]: {"schema": {**_TEXT, "format": "binary"}}}
    return found


def table_answers(description: str, *formats: Format) -> dict[int | str, dict[str, Any]]:
    """What a route says that answers by a table alone."""
    content = {MEDIA[one]: {"schema": {**_TEXT, "format": "binary"} if one == "xlsx" else _TEXT} for one in formats}
    return {200: {"description": description, "content": content}}


def push_record_document(record_type: str) -> dict[str, Any]:
    """What a pushed record looks like, with examples that can be sent as they stand."""
    shown = {name: {"value": value} for name, value in examples(record_type).items()}
    schema = {"$ref": _COMPONENTS + RECORD_TYPES[record_type].__name__}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": shown}}}}


def push_event_document(record_type: str) -> dict[str, Any]:
    """What a reported event looks like."""
    schema = {"$ref": f"{_COMPONENTS}{RECORD_TYPES[record_type].__name__}Event"}
    kinds = RECORD_TYPES[record_type].events
    # Of those that owe nothing but their day: such an example is whole. A clock that goes on owes none in any type.
    plain = next(name for name, kind in kinds.items() if _needed(kind.model) == _needed(Event))
    example = {"event": plain, "occurred_at": "2026-10-09"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def _needed(model: type[Event]) -> set[str]:
    return {name for name, field in model.model_fields.items() if field.is_required()}


def push_batch_document() -> dict[str, Any]:
    """What a batch looks like: an array, or one record or event a line."""
    records = [{"$ref": _COMPONENTS + model.__name__} for model in RECORD_TYPES.values()]
    line = {"anyOf": [*records, {"$ref": _COMPONENTS + "EventLine"}]}
    by_line = {"type": "string", "description": "What could be an element of the array, one a line"}
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in _batch_example())
    content = {
        "application/json": {"schema": {"type": "array", "minItems": 1, "items": line}},
        "application/x-ndjson": {"schema": by_line, "example": lines},
    }
    return {"requestBody": {"required": True, "content": content}}


def submit_file_document() -> dict[str, Any]:
    """What a form with a file looks like."""
    codes = {name: {"enum": [one.code for one in codelist(name)]} for name in ("regions", "fields")}
    members: dict[str, dict[str, Any]] = {
        "file": {"type": "string", "format": "binary", "description": "XLSX, or CSV in UTF-8, UTF-16 or GB18030"},
        "region": {**codes["regions"], "description": "Of its records; the organisation's own by default"},
        "field": {**codes["fields"], "description": "Of its records; the organisation's own by default"},
        "on_change": {
            "enum": ["reject", "correct"],
            "default": "reject",
            "description": "What becomes of a row that says something else than what is held under its identity",
        },
        "reason_code": {**_TEXT, "description": "With `correct`: why, a code of the list `reasons`"},
        "reason_text": {**_TEXT, "description": "With `correct`: why, in words"},
    }
    schema = _object(["file"], **members)
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def attach_document() -> dict[str, Any]:
    """What a content looks like: its bytes, whatever content type is said beside them."""
    content = {"application/octet-stream": {"schema": _BINARY}}
    return {"requestBody": {"required": True, "content": content}}


def content_answers() -> dict[int | str, dict[str, Any]]:
    """What a route says that answers by a content of one of the media types of the standard."""
    content = {one.code: {"schema": _BINARY} for one in codelist("media_types")}
    return {200: {"description": "As it was sent", "content": content}}


def _batch_example() -> list[dict[str, Any]]:
    """A record, and an event that follows it."""
    record = examples("penalty")["decided"]
    named = {name: record[name] for name in _IDENTITY}
    return [record, {"event_for": named, "event": "published", "occurred_at": "2026-10-08"}]


def correct_document(record_type: str) -> dict[str, Any]:
    """What a correction looks like, and the version it is of."""
    name = RECORD_TYPES[record_type].__name__
    schema = _object(["reason", "record"], reason={"$ref": _REASON}, record={"$ref": _COMPONENTS + name})
    shown = {
        example: {"value": {"reason": {"code": "typing_error", "text": "录入时写错"}, "record": value}}
        for example, value in examples(record_type).items()
    }
    if_match = {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "schema": _TEXT,
        "description": "The version that is changed, in quotes, as its ETag says it",
        "example": '"1"',
    }
    body = {"required": True, "content": {"application/json": {"schema": schema, "examples": shown}}}
    return {"parameters": [if_match], "requestBody": body}


def withdraw_document() -> dict[str, Any]:
    """What a withdrawal looks like."""
    example = {"reason": {"code": "entered_by_mistake", "text": "该案不属本机关管辖，误报"}}
    schema = _object(["reason"], reason={"$ref": _REASON})
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def search_document(record_type: str) -> dict[str, Any]:
    """What may be looked for."""
    schema = filters_of(record_type).model_json_schema(mode="validation")
    example = {"region": "420106", "decided_from": "2026-09-01", "q": "样例 商贸", "limit": 20}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def list_document(record_type: str, names: Sequence[str]) -> dict[str, Any]:
    """The same filters as parameters, as far as they may stand in an address."""
    members = filters_of(record_type).model_json_schema(mode="validation")["properties"]
    return {"parameters": [{"name": name, "in": "query", "schema": _given(members[name])} for name in names]}


def nodes_document() -> dict[str, Any]:
    """What duties may be asked for by, as parameters."""
    return {"parameters": [*_parameters(NodeFilters), _FORMAT]}


def statistic_document(name: str) -> dict[str, Any]:
    """What one statistic may be asked for by, as parameters."""
    filters = [one for one in _parameters(NodeFilters) if one["name"] in STATISTICS[name].asked]
    return {"parameters": [*_parameters(asked_of(name)), *filters, _FORMAT]}


def _parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    """Each member of a model as a parameter; a list is one, its codes separated by commas."""
    members = {name: _given(schema) for name, schema in model.model_json_schema()["properties"].items()}
    lists = {"style": "form", "explode": False}
    return [
        {"name": name, "in": "query", "schema": schema, **(lists if schema.get("type") == "array" else {})}
        for name, schema in members.items()
    ]


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a member when it is there: a parameter cannot be null."""
    kinds = [kind for kind in schema["anyOf"] if kind != {"type": "null"}]
    return dict(kinds[0]) if len(kinds) == 1 else {"anyOf": kinds}


def validate_document(record_type: str) -> dict[str, Any]:
    """The same body as for a push."""
    return push_record_document(record_type)


def token_document() -> dict[str, Any]:
    """The form of RFC 6749 section 4.4.2; client id and secret may also come by HTTP Basic."""
    members = {
        "grant_type": {"const": "client_credentials"},
        "client_id": {"type": "string"},
        "client_secret": {"type": "string"},
    }
    schema = {"type": "object", "required": ["grant_type"], "properties": members}
    return {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, whole: every reference in it resolves."""
    made = get_openapi(
        title="联动 Liandong",
        version=VERSION,
        description="府检联动 data exchange: penalties, their events and their nodes. Chinese by default, "
        "English with `Accept-Language: en`.",
        routes=app.routes,
    )
    components = made.setdefault("components", {})
    components["schemas"] = _with_records(_ANSWERS)
    components["securitySchemes"] = {
        "client": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": {}}},
        }
    }
    for path, operations in made["paths"].items():
        for operation in operations.values():
            _complete(path, operation)
    return made


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Say of an operation whether it needs a token, whether it takes a key, and that it may be refused."""
    if operation["operationId"].partition("_")[0] in _KEYED:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        for response in operation["responses"].values():
            response["headers"] = {"Idempotency-Replayed": _REPLAYED}
    operation["security"] = [] if path.startswith(_PUBLIC) else [{"client": []}]
    # FastAPI's own validation answer is never sent: every refusal is a problem.
    if "HTTPValidationError" in str(operation["responses"].get("422")):
        del operation["responses"]["422"]
    operation["responses"]["default"] = {
        "description": "Refused",
        "content": {"application/problem+json": {"schema": {"$ref": PROBLEM}}},
    }


_KEYED = frozenset({"push", "report", "correct", "withdraw"})
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same request under the same key gets the very same answer for 30 days",
    "example": '"0199c6f4-6d2e-7c11-b2f4-3d1a5e9c7b10"',
}
_REPLAYED = {"schema": {"const": "true"}, "description": "The answer was given before", "required": False}


def _with_records(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas of the answers and of everything that records of any type say."""
    merged = dict(answers)
    for name, model in RECORD_TYPES.items():
        schema = record_schema(name)
        parts = schema["$defs"]
        names = _names_of(parts, merged, model.__name__)
        merged |= {names[part]: _relinked(shape, names) for part, shape in parts.items()}
        own = {member: said for member, said in schema.items() if member not in ("$defs", "$schema", "$id", "examples")}
        merged[model.__name__] = _relinked(own, names)
    return merged


def _names_of(parts: Mapping[str, Any], merged: Mapping[str, Any], record_type: str) -> dict[str, str]:
    """What the parts of a type are called beside what is there: one that is there with another shape, by its type."""
    names = {part: part for part in parts}
    while taken := [
        part
        for part, shape in parts.items()
        if names[part] == part and part in merged and merged[part] != _relinked(shape, names)
    ]:
        names |= {part: record_type + part for part in taken}
    return names


def _relinked(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 – any JSON
    if isinstance(value, dict):
        return {
            name: _COMPONENTS + names[member.removeprefix(_DEFINITIONS)] if name == "$ref" else _relinked(member, names)
            for name, member in value.items()
        }
    return [_relinked(item, names) for item in value] if isinstance(value, list) else value


def _object(required: list[str], **members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": members}


def _list_of(schema: str) -> dict[str, Any]:
    return _object(["items", "next"], items={"type": "array", "items": {"$ref": schema}}, next=_MAYBE_TEXT)


_TEXT = {"type": "string"}
_BINARY = {"type": "string", "format": "binary"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_MOMENT = {"type": "string", "format": "date-time"}
_MAYBE_WHEN = {"type": ["string", "null"], "description": "A date, or a moment with its offset"}
_ID = {"type": "string", "format": "uuid"}
_COUNT = {"type": "integer"}
_FLAG = {"type": "boolean"}
_DIGEST = {"type": "string", "pattern": "^sha-256:[0-9a-f]{64}$"}
_SPAN = {
    "type": ["object", "null"],
    "properties": {"amount": _COUNT, "unit": {"enum": ["working_day", "natural_day", "month", "hour"]}},
}
_STATE = {"enum": ["open", "due_soon", "overdue", "done", "done_late", "paused", "waived"]}
_IDENTITY = {"record_type": _TEXT, "organisation": _TEXT, "source_id": _TEXT}
_FAULTS = {"type": "array", "items": {"$ref": _COMPONENTS + "Fault"}}
_REASON = _COMPONENTS + "Reason"
_TAKEN_BACK = {"$ref": _COMPONENTS + "TakenBack"}
_FORMAT = {
    "name": "format",
    "in": "query",
    "schema": {"enum": list(MEDIA)},
    "description": "How it is answered; without it as `Accept` says",
}
_BRIEF_NODES = {"type": "array", "items": {"$ref": _COMPONENTS + "BriefNode"}}

_ANSWERS: dict[str, Any] = {
    "Health": _object(
        ["status"],
        status={"enum": ["ok", "ready", "unavailable"]},
        reason=_MAYBE_TEXT,
        feed_lag_seconds={"type": ["number", "null"]},
        blocker={"type": ["object", "null"]},
    ),
    "Fault": _object(["pointer", "code", "message"], pointer=_TEXT, code=_TEXT, message=_TEXT, fix=_TEXT),
    "Problem": _object(
        ["type", "title", "status", "code"],
        type=_TEXT,
        title=_TEXT,
        status=_COUNT,
        code=_TEXT,
        errors=_FAULTS,
        more_errors={"type": "integer", "description": "How many more there are: of one line a batch tells 100"},
        lines={"type": "array", "items": _COUNT, "description": "The first few lines that say something different"},
        held={"type": "object", "description": "What is held: id, version, digest"},
        sent={"type": "object", "description": "What was sent: digest"},
    ),
    "Judgement": _object(["valid", "errors", "warnings"], valid=_FLAG, errors=_FAULTS, warnings=_FAULTS),
    "Token": _object(
        ["access_token", "token_type", "expires_in"],
        access_token=_TEXT,
        token_type={"const": "Bearer"},
        expires_in=_COUNT,
    ),
    "BriefNode": _object(["node", "due_at", "state"], node=_TEXT, due_at=_MAYBE_WHEN, state=_STATE),
    "Node": _object(
        [
            *("node", "title", "opened_by", "opened_at", "limit", "due_at", "done_at", "done_by", "state", "status"),
            "explanation",
        ],
        node=_TEXT,
        title=_TEXT,
        responsible=_MAYBE_TEXT,
        responsible_role=_TEXT,
        opened_by=_TEXT,
        opened_at=_TEXT,
        limit=_SPAN,
        due_at=_MAYBE_WHEN,
        done_at=_MAYBE_WHEN,
        done_by={
            **_MAYBE_TEXT,
            "description": "The event that met it; null of what is not met, and of some met long ago",
        },
        state=_STATE,
        basis=_TEXT,
        rule=_MAYBE_TEXT,
        level=_MAYBE_TEXT,
        status={"enum": ["verified", "to_confirm", "local_default", "no-rule-known"]},
        provisional=_FLAG,
        advisory=_FLAG,
        explanation=_TEXT,
        extended_by=_SPAN,
        extended_until={"type": "string", "format": "date"},
        named_day={"type": "string", "format": "date"},
        remaining=_SPAN,
        warnings={"type": "array", "items": _TEXT},
    ),
    "Nodes": _list_of(_COMPONENTS + "Node"),
    "ListedNode": {
        "allOf": [
            {"$ref": _COMPONENTS + "Node"},
            _object(["id", *_IDENTITY, "region", "field"], id=_ID, **_IDENTITY, region=_TEXT, field=_TEXT),
        ]
    },
    "NodeList": _list_of(_COMPONENTS + "ListedNode"),
    "Statistic": _object(
        ["statistic", "title", "definition", "at", "filters", "by", "rows", "figures"],
        statistic={"enum": list(STATISTICS)},
        title=_TEXT,
        definition=_TEXT,
        at=_MOMENT,
        filters={"type": "object", "additionalProperties": _TEXT},
        by={"type": "array", "items": _TEXT},
        rows={
            "type": "array",
            "items": _object(
                ["figures"],
                organisation=_TEXT,
                region=_TEXT,
                field=_TEXT,
                node=_TEXT,
                node_title=_TEXT,
                role=_TEXT,
                role_title=_TEXT,
                month=_TEXT,
                figures={"type": "object", "additionalProperties": {"$ref": _COMPONENTS + "Number"}},
            ),
        },
        figures={
            "type": "object",
            "additionalProperties": _object(["title", "definition"], title=_TEXT, definition=_TEXT),
        },
    ),
    "Number": _object(
        ["value", "rows"],
        value={
            "type": ["integer", "string", "null"],
            "description": "A share is a decimal string, a median whole days, either null of nothing",
        },
        rows={"type": "string", "description": "The list of exactly what was counted"},
    ),
    "Receipt": _object(
        ["id", *_IDENTITY, "version", "digest", "received_at", "position", "nodes", "warnings"],
        id=_ID,
        **_IDENTITY,
        version=_COUNT,
        digest=_DIGEST,
        received_at=_MOMENT,
        position={"type": ["integer", "null"]},
        nodes=_BRIEF_NODES,
        warnings=_FAULTS,
    ),
    "EventAnswer": _object(
        ["id", "event", "applied", "state", "version", "nodes", "warnings"],
        id=_ID,
        event=_TEXT,
        applied=_FLAG,
        state=_TEXT,
        version=_COUNT,
        nodes=_BRIEF_NODES,
        warnings=_FAULTS,
    ),
    "Reason": _object(
        ["code", "text"], code={"enum": list(codelist("reasons").codes), "x-codelist": "reasons"}, text=_TEXT
    ),
    "TakenBack": _object(["reason", "withdrawn_at"], reason={"$ref": _REASON}, withdrawn_at=_MOMENT),
    "Withdrawal": _object(
        ["id", "reason", "withdrawn_at", "state", "version", "nodes"],
        id=_ID,
        event_id=_ID,
        reason={"$ref": _REASON},
        withdrawn_at=_MOMENT,
        state=_TEXT,
        version=_COUNT,
        nodes=_BRIEF_NODES,
    ),
    "Change": _object(["pointer"], pointer=_TEXT, before={}, after={}),
    "EventLine": _object(
        ["event_for", "event", "occurred_at"],
        event_for=_object([*_IDENTITY], **_IDENTITY),
        event=_TEXT,
        occurred_at={"type": "string", "description": "A date, or a moment with its offset"},
    ),
    "BatchResult": _object(
        ["index", "status"],
        index={"type": "integer", "description": "Of the line or element, from 0; blank lines do not count"},
        status={"type": "integer", "description": "As if it had been sent alone; 424: good, but the batch is not"},
        receipt={"$ref": RECEIPT},
        event={"$ref": EVENT_ANSWER},
        problem={"$ref": PROBLEM},
    ),
    "BatchAnswer": _object(
        ["accepted", "repeated", "rejected", "results"],
        accepted=_COUNT,
        repeated=_COUNT,
        rejected=_COUNT,
        results={"type": "array", "items": {"$ref": _COMPONENTS + "BatchResult"}},
    ),
    "FileFault": _object(
        ["sheet", "row", "column", "code", "message"],
        sheet={"type": "string", "description": "Name of the sheet; empty for a CSV file and for the file as a whole"},
        row={"type": ["integer", "null"], "description": "As a spreadsheet program numbers it"},
        column={"type": ["string", "null"], "description": "The heading, as the file has it"},
        code=_TEXT,
        message=_TEXT,
        fix=_TEXT,
        rows={"type": "integer", "description": "Of a warning: how many rows have it that were taken in"},
    ),
    "File": _object(
        ["id", "name", "state", "rows", "accepted", "repeated", "rejected", "faults"],
        id=_ID,
        name=_TEXT,
        digest=_DIGEST,
        state={"enum": ["queued", "running", "done", "failed"]},
        record_type=_MAYBE_TEXT,
        layout={"type": ["object", "null"], "properties": {"code": _TEXT, "title": _TEXT}},
        on_change={"enum": ["reject", "correct"]},
        received_at=_MOMENT,
        finished_at={"type": ["string", "null"], "format": "date-time"},
        rows={"type": ["integer", "null"], "description": "How many there are; null until all were read"},
        accepted=_COUNT,
        repeated=_COUNT,
        rejected=_COUNT,
        faults={"type": "array", "items": {"$ref": _COMPONENTS + "FileFault"}},
        more_rejected={"type": "integer", "description": "Rejected rows whose faults are in the workbook alone"},
        warnings={"type": "array", "items": {"$ref": _COMPONENTS + "FileFault"}},
        annotated={"type": ["string", "null"], "description": "Where the workbook with the rejected rows is"},
    ),
    "HeldAttachment": _object(
        ["digest", "bytes", "media_type", "received_at"],
        digest=_DIGEST,
        bytes=_COUNT,
        media_type=_TEXT,
        received_at={**_MOMENT, "description": "When it was sent for this record, whole"},
    ),
    "NamedAttachment": _object(
        ["name", "digest", "bytes", "media_type", "pointer", "event_id", "held", "received_at"],
        name=_TEXT,
        digest=_DIGEST,
        bytes=_COUNT,
        media_type=_TEXT,
        pointer={**_MAYBE_TEXT, "description": "Where the record names it"},
        event_id={**_MAYBE_TEXT, "description": "Which of its events names it"},
        held={"type": "boolean", "description": "Whether its content is here"},
        received_at={"type": ["string", "null"], "format": "date-time"},
    ),
    "NamedAttachments": _list_of(_COMPONENTS + "NamedAttachment"),
    "HeldRecord": _object(
        ["id", *_IDENTITY, "version", "state", "received_at", "digest", "record"],
        reason={"$ref": _REASON},
        withdrawal=_TAKEN_BACK,
        changes={"type": "array", "items": {"$ref": _COMPONENTS + "Change"}},
        id=_ID,
        **_IDENTITY,
        version=_COUNT,
        state=_TEXT,
        received_at=_MOMENT,
        digest=_DIGEST,
        masked={"type": "array", "items": _TEXT},
        record={"type": "object"},
    ),
    "HeldRecords": _list_of(RECORD),
    "FoundRecords": _object(
        ["items", "next"],
        items={"type": "array", "items": {"$ref": RECORD}},
        next=_MAYBE_TEXT,
        estimated_total=_object(["value", "precision"], value=_COUNT, precision={"enum": ["exact", "at_least"]}),
    ),
    "HeldEvent": _object(
        ["id", "applied", "stated_by", "party", "organisation", "received_at", "event"],
        id={"type": ["string", "null"]},
        applied=_FLAG,
        stated_by=_TEXT,
        party=_TEXT,
        organisation={**_MAYBE_TEXT, "description": "Who reported it"},
        received_at=_MAYBE_WHEN,
        caused_by={**_ID, "description": "The record whose step brought it about"},
        withdrawal=_TAKEN_BACK,
        event={"type": "object"},
    ),
    "HeldEvents": _list_of(_COMPONENTS + "HeldEvent"),
    "Timeline": _object(
        ["standing", "records", "items"],
        standing={**_TEXT, "description": "Where the record stands, in one sentence"},
        records={
            "type": "array",
            "description": "Every record of the case that the caller may see, the one asked for first",
            "items": _object(
                ["id", *_IDENTITY, "title", "organisation_name", "version", "state", "standing", "open"],
                id=_ID,
                **_IDENTITY,
                title=_TEXT,
                organisation_name=_MAYBE_TEXT,
                version=_COUNT,
                state=_TEXT,
                standing=_TEXT,
                open={"type": "array", "items": {"type": "object"}},
            ),
        },
        items={
            "type": "array",
            "description": "What happened and what falls due, in the order of `at`",
            "items": _object(
                ["at", "record_type", "id", "kind", "title"],
                at=_MOMENT,
                record_type=_TEXT,
                id=_ID,
                kind={"enum": ["event", "due"]},
                title=_TEXT,
            ),
        },
    ),
    "Item": _object(
        ["position", "kind", "id", "record_id", *_IDENTITY, "version", "digest", "at"],
        position=_COUNT,
        kind={"enum": ["record", "correction", "withdrawal", "event", "event_withdrawal", "node", "disclosure"]},
        id=_ID,
        record_id=_ID,
        **_IDENTITY,
        version=_COUNT,
        digest=_DIGEST,
        at=_MOMENT,
        masked={"type": "array", "items": _TEXT},
        reason={"$ref": _REASON},
        record={"type": "object"},
        event={"type": "object"},
        events={"type": "array", "items": {"type": "object"}},
        node={"$ref": _COMPONENTS + "Node"},
    ),
    "Page": _object(
        ["items", "next", "head", "scanned_to"],
        items={"type": "array", "items": {"$ref": _COMPONENTS + "Item"}},
        next=_TEXT,
        head={"type": "integer", "description": "Positions 0 to head - 1 are given"},
        scanned_to={"type": "integer", "description": "The next page begins here; equal to head: you have everything"},
    ),
}
