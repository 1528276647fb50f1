"""The published JSON Schema: valid, whole in itself, and never at odds with the service."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.judging import judge
from schemas.publishing import documents, examples, outdated, record_rules, record_schema
from tests import corpus
from tests import examples as worked

TODAY = date(2026, 11, 22)
FOLDER = Path(schemas.__file__).parent / "published"
EXAMPLES = [(name, case, payload) for name in RECORD_TYPES for case, payload in examples(name).items()]


def validator(record_type: str, *, formats: bool = False) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(record_schema(record_type), validate_formats=formats)


SCHEMAS = {name: validator(name) for name in RECORD_TYPES}
STRICT_SCHEMAS = {name: validator(name, formats=True) for name in RECORD_TYPES}
PENALTY, STRICT = SCHEMAS["penalty"], STRICT_SCHEMAS["penalty"]


def walk(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from walk(member)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def refused(payload: object, record_type: str = "penalty") -> bool:
    return bool(judge(record_type, payload, TODAY).errors)


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_a_published_schema_is_a_schema_of_draft_2020_12(record_type: str) -> None:
    schema = record_schema(record_type)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(f":{record_type}")
    assert jsonschema_rs.meta.is_valid(schema)


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_every_reference_of_a_schema_leads_to_a_definition_within_and_every_definition_is_used(
    record_type: str,
) -> None:
    schema = record_schema(record_type)

    references = {one["$ref"] for one in walk(schema) if isinstance(one.get("$ref"), str)}

    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_every_object_of_a_schema_refuses_unknown_members(record_type: str) -> None:
    objects = [one for one in walk(record_schema(record_type)) if one.get("type") == "object" and "properties" in one]

    assert objects
    assert all(one["additionalProperties"] is False for one in objects)


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_a_schema_offers_the_codes_of_the_codelists_it_names(record_type: str) -> None:
    named = [one for one in walk(record_schema(record_type)) if "x-codelist" in one]

    assert named
    for one in named:
        assert one["enum"] == list(codelist(one["x-codelist"]).codes)


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_a_schema_knows_every_event_of_its_type_and_no_other(record_type: str) -> None:
    definitions = record_schema(record_type)["$defs"]

    known = [one["properties"]["event"]["const"] for one in definitions.values() if "const" in _event_of(one)]

    assert sorted(known) == sorted(RECORD_TYPES[record_type].events)


def _event_of(definition: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definition.get("properties", {}).get("event", {})
    return found


@pytest.mark.parametrize(
    ("record_type", "part", "name"),
    [
        ("penalty", "PenalisedParty", "id_no"),
        ("penalty", "LegalRepresentative", "name"),
        ("penalty", "LegalRepresentative", "id_no"),
        ("transfer", "Suspect", "id_no"),
        ("reverse_transfer", "Somebody", "id_no"),
        ("clue", "Contact", "name"),
        ("assist_request", "Somebody", "id_no"),
        ("assist_request", "Handler", "name"),
        ("assist_request", "Handler", "phone"),
    ],
)
def test_personal_members_are_marked(record_type: str, part: str, name: str) -> None:
    member = record_schema(record_type)["$defs"][part]["properties"][name]

    assert any(one.get("x-disclosure") == "personal" for one in walk(member))


def test_what_is_published_is_what_the_models_make() -> None:
    assert outdated() == []
    for name, text in documents().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text
        record_type, what, _ = name.rpartition("/")[2].split(".")
        assert json.loads(text) == (record_schema if what == "schema" else record_rules)(record_type)


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_a_published_rule_says_what_it_demands_and_why_and_what_it_is_called_when_it_is_broken(
    record_type: str,
) -> None:
    rules = record_rules(record_type)["rules"]

    assert len({rule["name"] for rule in rules}) == len(rules)
    for rule in rules:
        assert re.fullmatch("[a-z][a-z_]+", rule["name"])
        assert rule["name"] != "check"
        assert rule["says"].endswith(".")
        assert len(rule["says"]) < 140
        assert rule["basis"]
        assert rule["reads"]
        assert all(at.startswith("/") for at in rule["reads"])
        assert rule["faults"]


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_what_a_rule_reads_is_in_the_schema(record_type: str) -> None:
    schema = record_schema(record_type)

    for rule in record_rules(record_type)["rules"]:
        assert [at for at in rule["reads"] if not described(schema, at)] == []


def described(schema: dict[str, Any], at: str) -> bool:
    """Whether a pointer leads to a member that the schema describes."""
    here = [schema]
    for step in at.split("/")[1:]:
        here = [one["properties"][step] for one in here if step in one.get("properties", {})]
        branches = [branch for one in here for branch in (one, *one.get("anyOf", ()))]
        here = [schema["$defs"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in branches]
    return bool(here)


@pytest.mark.parametrize(
    ("record_type", "case", "payload"), EXAMPLES, ids=[f"{name}-{case}" for name, case, _ in EXAMPLES]
)
def test_an_example_is_valid_for_the_schema_and_leaves_nothing_to_say(
    record_type: str, case: str, payload: dict[str, Any]
) -> None:
    judgement = judge(record_type, payload, TODAY)

    assert judgement.faults == ()
    assert judgement.record is not None
    assert validator(record_type, formats=True).is_valid(payload)
    assert payload in record_schema(record_type)["examples"]


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_every_type_has_examples(record_type: str) -> None:
    assert examples(record_type)


NEVER_ISSUED = re.compile("(009999|XX|MA9XYW0T).*")
"""How the organisation's own part of a credit code begins where nobody has that code."""


def test_no_example_names_a_real_organisation_or_person_twice_over() -> None:
    for _, _, payload in EXAMPLES:
        organs = [one["credit_code"] for one in walk(payload) if "credit_code" in one]
        assert all(NEVER_ISSUED.fullmatch(code[8:]) for code in (payload["organisation"], *organs))
        assert all(one["id_no"].startswith("420102190001") for one in walk(payload) if "id_no" in one)


@pytest.mark.parametrize("n", range(40))
def test_penalties_that_are_taken_are_valid_for_the_schema(n: int) -> None:
    payload = corpus.penalty(n, remarks="样例", valid_until="2099-12-31")

    assert not refused(payload)
    assert STRICT.is_valid(payload)


def events(*told: dict[str, object]) -> dict[str, Any]:
    return corpus.penalty(1, decided_on="2026-03-02", events=list(told))


@pytest.mark.parametrize(
    "event",
    [
        {"event": "served", "occurred_at": "2026-03-03", "method": "mail"},
        {"event": "served", "occurred_at": "2026-03-03T10:20:00+08:00", "document_no": "1", "note": "样例"},
        {"event": "revoked", "occurred_at": "2026-03-03", "reason": "样例"},
        {"event": "suspended", "occurred_at": "2026-03-03", "reason": "样例"},
        {
            "event": "extended",
            "occurred_at": "2026-03-03",
            "node": "penalty_filed",
            "level": "head",
            "amount": 3,
            "unit": "working_day",
        },
        {"event": "waived", "occurred_at": "2026-03-03", "node": "penalty_served", "reason": "样例"},
    ],
)
def test_events_that_are_taken_are_valid_for_the_schema(event: dict[str, object]) -> None:
    assert not refused(events(event))
    assert STRICT.is_valid(events(event))


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"event": "boiled", "occurred_at": "2026-03-03"},
        {"event": "served"},
        {"event": "served", "occurred_at": "2026-03-03", "method": "pigeon"},
        {"event": "served", "occurred_at": "2026-03-03", "reason": "样例"},
        {"event": "revoked", "occurred_at": "2026-03-03"},
        {"event": "served", "occurred_at": "yesterday"},
    ],
)
def test_events_of_another_shape_are_refused_by_both(event: dict[str, object]) -> None:
    assert refused(events(event))
    assert not STRICT.is_valid(events(event))


# --- what the schema refuses, the service refuses -------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6)
# Without null: see below.
ANY = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
NEAR = st.sampled_from(
    [
        "",
        " ",
        "03",
        "2026-03-02",
        "2026-02-30",
        "2026-03-02T10:20:00+08:00",
        "2026-03-02 10:20",
        "12000.00",
        "12000",
        "natural_person",
        "served",
        corpus.ORGANISATION,
        "x" * 201,
    ]
)
BASES = [
    *((record_type, payload) for record_type, _, payload in EXAMPLES),
    *(("penalty", corpus.penalty(n)) for n in range(6)),
    *(
        (record_type, one.payload())
        for record_type in ("transfer", "reverse_transfer", "clue", "assist_request", "advice")
        for one in worked.examples(record_type)
        if one.kind == "valid"
    ),
]


def places(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every member and item of a JSON value."""
    steps: list[str | int] = list(value) if isinstance(value, dict) else []
    steps += range(len(value)) if isinstance(value, list) else ()
    for step in steps:
        yield (*at, step)
        yield from places(value[step], (*at, step))  # type: ignore[index]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """A record with one member taken out, replaced or added, and its type."""
    record_type, payload = copy.deepcopy(draw(st.sampled_from(BASES)))
    *way, last = draw(st.sampled_from(list(places(payload))))
    place: Any = payload
    for step in way:
        place = place[step]
    match draw(st.sampled_from(["out", "any", "near", "add"])):
        case "out":
            place.pop(last)
        case "any":
            place[last] = draw(ANY)
        case "near":
            place[last] = draw(NEAR)
        case "add" if isinstance(place, dict):
            place[draw(WORDS)] = draw(ANY)
        case _:
            pass
    return record_type, payload


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_what_the_schema_refuses_the_service_refuses(one: tuple[str, Any]) -> None:
    record_type, payload = one

    assert SCHEMAS[record_type].is_valid(payload) or refused(payload, record_type)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_what_the_service_takes_a_strict_reader_of_the_schema_takes(one: tuple[str, Any]) -> None:
    record_type, payload = one

    assert refused(payload, record_type) or STRICT_SCHEMAS[record_type].is_valid(payload)


@pytest.mark.parametrize("name", ["colour", "events"])
def test_a_null_the_schema_refuses_the_service_refuses(name: str) -> None:
    payload = corpus.penalty(1) | {name: None}

    assert PENALTY.is_valid(payload) != refused(payload)


@pytest.mark.parametrize("name", ["remarks", "refs", "legal_review", "valid_until", "licence"])
def test_a_null_the_service_takes_the_schema_takes(name: str) -> None:
    payload = corpus.penalty(1) | {name: None}

    assert not refused(payload)
    assert PENALTY.is_valid(payload)


def test_full_width_money_is_refused_by_both() -> None:
    payload = corpus.penalty(1, kinds=["03"], fine_yuan="1２.00")

    assert not PENALTY.is_valid(payload)
    assert refused(payload)


def test_a_moment_without_seconds_is_judged_alike() -> None:
    payload = events({"event": "served", "occurred_at": "2026-03-03T10:20+08:00"})

    assert STRICT.is_valid(payload) != refused(payload)
