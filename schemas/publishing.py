"""The standard for vendors' tools: its shapes as JSON Schema (draft 2020-12), its rules across fields as a list."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from . import RECORD_TYPES
from .faults import Wording, wordings
from .judging import MAX_EVENTS
from .record import Record

DRAFT = "draft"
"""The standard that is being worked on; a released version gets a folder of its own that never changes."""

_FOLDER = Path(__file__).parent / "published"
EXAMPLES = Path(__file__).parent / "examples"


def documents() -> dict[str, str]:
    """The published files of the draft, by path under `published/`."""
    schemas = {f"{DRAFT}/{name}.schema.json": _text(record_schema(name)) for name in RECORD_TYPES}
    return schemas | {f"{DRAFT}/{name}.rules.json": _text(record_rules(name)) for name in RECORD_TYPES}


def publish() -> None:
    """Write the draft's files."""
    for name, text in documents().items():
        path = _FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def outdated() -> list[str]:
    """The draft's files that are not what the models would make now."""
    kept = {name: _FOLDER / name for name in documents()}
    return [
        name
        for name, text in documents().items()
        if not kept[name].is_file() or kept[name].read_text(encoding="utf-8") != text
    ]


def examples(record_type: str) -> dict[str, dict[str, Any]]:
    """Valid payloads of one type by name, for people and tests to read."""
    files = sorted(EXAMPLES.joinpath(record_type).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


@cache
def record_schema(record_type: str) -> dict[str, Any]:
    """The JSON Schema of a pushed record of one type with its events, whole in itself."""
    model = RECORD_TYPES[record_type]
    schema = model.model_json_schema(mode="validation")
    schema["properties"]["events"] = {
        "type": ["array", "null"],
        "maxItems": MAX_EVENTS,
        "items": {"$ref": "#/$defs/" + _event_name(model)},
    }
    schema["$defs"] = _definitions(model, schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:liandong:standard:{DRAFT}:{record_type}",
        **schema,
        "title": model.title["en"],
        "x-title-zh": model.title["zh"],
        "examples": list(examples(record_type).values()),
    }


def record_rules(record_type: str) -> dict[str, Any]:
    """What a JSON Schema cannot say of one type: its rules across fields, in the order in which they are judged."""
    model = RECORD_TYPES[record_type]
    return {
        "$id": f"urn:liandong:standard:{DRAFT}:{record_type}:rules",
        "title": f"{model.title['en']}: rules across fields",
        "x-title-zh": f"{model.title['zh']}:跨字段规则",
        "rules": [
            {
                "name": rule.name,
                "says": rule.says,
                "basis": rule.basis,
                "reads": list(rule.reads),
                "faults": [_fault(wordings()[code]) for code in rule.codes],
            }
            for rule in model.rules
        ],
    }


def _fault(wording: Wording) -> dict[str, str]:
    return {"code": wording.code, "kind": wording.kind, "zh": wording.message["zh"], "en": wording.message["en"]}


def _definitions(model: type[Record], schema: dict[str, Any]) -> dict[str, Any]:
    kinds, parts = {}, dict(schema.get("$defs", {}))
    for name, kind in model.events.items():
        one = kind.model.model_json_schema(mode="validation")
        parts |= one.pop("$defs", {})
        one["properties"]["event"] = {"const": name, "x-title-zh": kind.title["zh"]}
        kinds[f"{_event_name(model)}_{name}"] = one | {"title": kind.title["en"]}
    # For readers only: the service chooses by `event` and judges against that one alone.
    choice = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds]}
    return {**parts, **kinds, _event_name(model): choice}


def _event_name(model: type[Record]) -> str:
    return f"{model.__name__}Event"


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
