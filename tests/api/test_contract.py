"""The published contract: whole in itself, true of every answer, and complete in its refusals and fault codes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

import app
import schemas
from app import refusals
from app.api.problems import STATUS
from app.refusals import Refusal
from app.rules.statistics import STATISTICS
from schemas import RECORD_TYPES
from schemas.faults import wordings
from schemas.publishing import record_schema
from tests import advices, corpus
from tests.api.attaching import attachment, digest_of, pdf
from tests.api.held import Held, pushed
from tests.api.promises import CHINESE, PUSH, VALIDATE, Json, changed
from tests.assist_requests import draft
from tests.clues import clue
from tests.conftest import Service
from tests.reverse_transfers import not_issued
from tests.transfers import not_sent

pytestmark = pytest.mark.any_server

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
SERVED = {"event": "served", "occurred_at": "2026-09-30"}
SLIP = pdf()
PAID = {"event": "paid", "occurred_at": "2026-10-08", "amount_yuan": "1.00", "attachment": attachment(SLIP)}


async def document_of(service: Service) -> Json:
    """The OpenAPI document as anybody gets it."""
    answer = await service.anonymous.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def operations_of(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation of everything that can be asked."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def within(value: Json, at: str = "#") -> Iterator[tuple[str, Json]]:
    """Every place of a JSON document with its value."""
    yield at, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from within(member, f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}")


def validator(document: Json, schema: Json) -> Any:  # noqa: ANN401 – the library's class is not typed
    """A validator of one schema of the document, formats checked."""
    return jsonschema_rs.Draft202012Validator({"components": document["components"]} | schema, validate_formats=True)


# --- the document ---------------------------------------------------------------------------------


async def test_every_reference_resolves(service: Service) -> None:
    document = await document_of(service)
    places = dict(within(document))

    dangling = {value["$ref"] for value in places.values() if isinstance(value, dict) and "$ref" in value} - set(places)

    assert dangling == set()


async def test_no_component_is_there_for_nothing(service: Service) -> None:
    document = await document_of(service)
    used = {value["$ref"] for _, value in within(document) if isinstance(value, dict) and "$ref" in value}

    unused = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]} - used

    assert unused == set()


def resolved(value: Any, of: Json, under: str) -> Any:  # noqa: ANN401 – any JSON
    """A schema with what it refers to in its place."""
    if isinstance(value, dict) and "$ref" in value:
        return resolved(of[value["$ref"].removeprefix(under)], of, under)
    if isinstance(value, dict):
        return {name: resolved(member, of, under) for name, member in value.items() if name != "examples"}
    return [resolved(item, of, under) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("record_type", RECORD_TYPES)
async def test_a_type_says_in_the_document_what_it_says_in_the_standard(service: Service, record_type: str) -> None:
    components = (await document_of(service))["components"]["schemas"]
    schema = record_schema(record_type)

    shown = resolved(components[RECORD_TYPES[record_type].__name__], components, "#/components/schemas/")

    standing = {name: member for name, member in schema.items() if name not in ("$defs", "$schema", "$id")}
    assert shown == resolved(standing, schema["$defs"], "#/$defs/")


async def test_the_document_has_the_shape_of_openapi(service: Service) -> None:
    document = await document_of(service)

    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"]
    assert document["info"]["version"]
    assert set(document) <= {
        "openapi",
        "info",
        "jsonSchemaDialect",
        "servers",
        "paths",
        "webhooks",
        "components",
        "security",
        "tags",
        "externalDocs",
    }
    for path, method, operation in operations_of(document):
        assert path.startswith("/")
        assert method in METHODS
        assert operation["summary"]
        assert operation["responses"]
        _parameters_fit(path, operation)
        _security_is_declared(document, operation)
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5](\d\d|XX)|default", status)
            assert response["description"]
            assert all("schema" in media for media in response.get("content", {}).values())


def _parameters_fit(path: str, operation: Json) -> None:
    parameters = operation.get("parameters", [])
    named = Counter((parameter["name"], parameter["in"]) for parameter in parameters)
    assert set(named.values()) <= {1}
    assert {name for name, place in named if place == "path"} == set(re.findall(r"{(\w+)}", path))
    for parameter in parameters:
        assert parameter["in"] in {"path", "query", "header", "cookie"}
        assert ("schema" in parameter) != ("content" in parameter)
        assert parameter["in"] != "path" or parameter["required"] is True


def _security_is_declared(document: Json, operation: Json) -> None:
    declared = document["components"]["securitySchemes"]
    assert all(name in declared for need in operation["security"] for name in need)


async def test_every_schema_is_a_json_schema(service: Service) -> None:
    document = await document_of(service)

    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name
        assert validator(document, {"$ref": f"#/components/schemas/{name}"})


async def test_every_operation_has_a_name_of_its_own(service: Service) -> None:
    document = await document_of(service)

    names = Counter(operation["operationId"] for _, _, operation in operations_of(document))

    assert {name for name, times in names.items() if times > 1} == set()


async def test_every_operation_may_be_refused_with_a_problem(service: Service) -> None:
    document = await document_of(service)

    for path, _, operation in operations_of(document):
        refused = operation["responses"]["default"]["content"]
        assert refused == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}, path
        # A batch tells of each line, even if none was good; everybody else answers 422 with a problem.
        assert ("422" in operation["responses"]) == (path == "/v1/batches"), path


async def test_what_needs_a_token_says_so(service: Service) -> None:
    document = await document_of(service)

    for path, method, operation in operations_of(document):
        concrete = re.sub(r"{\w+}", "1", path)
        answer = await service.anonymous.request(method, concrete)
        needs_token = answer.status_code == 401 and "application/problem+json" in answer.headers["content-type"]
        assert needs_token == bool(operation["security"]), (method, path)


# --- its examples ---------------------------------------------------------------------------------


def _examples(document: Json, *ends: str) -> Iterator[tuple[str, str, Json]]:
    """Path, name and value of each example of a body of JSON at the paths that end so."""
    for path, _, operation in operations_of(document):
        media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        if path.endswith(ends):
            for name, example in media.get("examples", {}).items():
                yield path, name, example["value"]
            if "example" in media:
                yield path, "example", media["example"]


async def test_every_example_of_a_record_is_pushed_and_taken_in(service: Service) -> None:
    # The examples are of October; the last of them is filed on the 12th.
    service.now = service.now.replace(day=13)
    document, agency = await document_of(service), await service.client("market-city")
    found = list(_examples(document, PUSH, VALIDATE))

    answers = {(path, name): await agency.post(path, json=value) for path, name, value in found}

    assert {path for path, _ in answers} == {PUSH, VALIDATE}
    for (path, _), answer in answers.items():
        assert answer.status_code == (200 if path == VALIDATE else 201), answer.text
        assert answer.json().get("valid", True) is True


async def test_every_example_of_a_correction_is_put_and_taken_in(service: Service) -> None:
    service.now = service.now.replace(day=13)
    document, agency = await document_of(service), await service.client("market-city")
    found = [value for _, _, value in _examples(document, PUSH + "/{record_id}")]
    mistyped = [{name: member for name, member in one["record"].items() if name != "events"} for one in found]
    held_ones = [await agency.post(PUSH, json=one | {"remarks": "样例"}) for one in mistyped]

    answers = [
        await agency.put(f"{PUSH}/{held.json()['id']}", json=value, headers={"If-Match": '"1"'})
        for held, value in zip(held_ones, found, strict=True)
    ]

    assert found
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert {answer.json()["version"] for answer in answers} == {2}


async def test_every_example_of_an_event_is_reported_and_taken_in(service: Service) -> None:
    service.now = service.now.replace(day=13)
    document, held = await document_of(service), await _begun(service)
    found = list(_examples(document, "/events"))

    answers = [await held[_type(path)].tell(value) for path, _, value in found]

    assert {_type(path) for path, _, _ in found} == set(RECORD_TYPES)
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert all(answer.json()["applied"] for answer in answers), [answer.text for answer in answers]


async def test_every_example_of_a_withdrawal_is_taken_in(service: Service) -> None:
    service.now = service.now.replace(day=13)
    document, held = await document_of(service), await _begun(service)
    happened = {
        "penalty": {"event": "notified", "occurred_at": "2026-10-12"},
        "transfer": {"event": "reported", "occurred_at": "2026-10-12"},
        "reverse_transfer": {"event": "notified", "occurred_at": "2026-10-12"},
        "clue": {"event": "sent", "occurred_at": "2026-10-12"},
        "assist_request": {"event": "sent", "occurred_at": "2026-10-12"},
        "advice": {"event": "investigated", "occurred_at": "2026-10-12"},
    }
    known = {name: (await held[name].tell(event)).json()["id"] for name, event in happened.items()}
    # An event of a record that was withdrawn is not withdrawn any more, so the longer paths come first.
    found = sorted(_examples(document, "/withdrawal"), key=lambda one: -one[0].count("{"))

    answers = []
    for path, _, value in found:
        event = known[_type(path)] if "{event_id}" in path else None
        answers.append(await held[_type(path)].withdraw(event, reason=value["reason"]))

    assert [path.count("{") for path, _, _ in found] == [2] * len(RECORD_TYPES) + [1] * len(RECORD_TYPES)
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]


def _type(path: str) -> str:
    """The record type that a path is about."""
    return path.split("/")[3]


async def _begun(service: Service) -> dict[str, Held]:
    """A record of each type of which no more is known than that it began."""
    filed = {"filed_on": "2026-10-10", "decided_on": None, "source_id": "2"}
    names = {"record_type", "source_id", "organisation", "region", "field", "party", "organ", "filed_on"}
    penalty = {name: value for name, value in (corpus.penalty(1, region="420106") | filed).items() if name in names}
    early: dict[str, Any] = dict.fromkeys(("suspected_on", "team_named_on", "reported_on"))
    return {
        "penalty": await pushed(service, penalty),
        "transfer": await pushed(service, not_sent(**early), "market-wuchang"),
        "reverse_transfer": await pushed(service, not_issued(), "procuratorate-wuchang"),
        "clue": await pushed(service, clue(sent_on=None), "ecology-city"),
        "assist_request": await pushed(service, draft(), "procuratorate-wuchang"),
        "advice": await pushed(service, advices.draft(), "procuratorate-wuchang"),
    }


async def test_what_the_service_takes_its_schema_takes(service: Service) -> None:
    document = await document_of(service)
    schema = validator(document, {"$ref": "#/components/schemas/Penalty"})

    refused = {n: [str(e) for e in schema.iter_errors(corpus.penalty(n))] for n in range(60)}

    assert {n: errors for n, errors in refused.items() if errors} == {}
    assert schema.is_valid(corpus.penalty(1) | {"events": [SERVED]})


async def test_what_the_schema_can_tell_it_tells(service: Service) -> None:
    document, agency = await document_of(service), await service.client("market-city")
    schema = validator(document, {"$ref": "#/components/schemas/Penalty"})
    wrong = {
        "region": changed(corpus.penalty(1), "/region", "999999"),
        "unknown field": changed(corpus.penalty(1), "/colour", "red"),
        "money as a number": changed(corpus.penalty(1), "/fine_yuan", 12000),
        "money without places": changed(corpus.penalty(1), "/fine_yuan", "12000"),
        "unknown field within": changed(corpus.penalty(1), "/party/colour", "red"),
        "no kinds": changed(corpus.penalty(1), "/penalty_kinds", []),
        "unknown kind": changed(corpus.penalty(1), "/penalty_kinds/0", "77"),
        "impossible date": changed(corpus.penalty(1), "/decided_on", "2026-02-30"),
        "empty text": changed(corpus.penalty(1), "/source_id", ""),
        "unknown event": corpus.penalty(1) | {"events": [SERVED | {"event": "celebrated"}]},
        "event without a date": corpus.penalty(1) | {"events": [{"event": "served"}]},
    }

    by_schema = {name: schema.is_valid(payload) for name, payload in wrong.items()}
    by_service = {name: (await agency.post(PUSH, json=payload)).status_code for name, payload in wrong.items()}

    assert by_schema == dict.fromkeys(wrong, False)
    assert by_service == dict.fromkeys(wrong, 422)


# --- its answers ----------------------------------------------------------------------------------


async def _journey(service: Service) -> list[httpx.Response]:
    """The main ways through the service, and some that end in a refusal."""
    agency, justice = await service.client("market-city"), await service.client("justice-city")
    person = corpus.penalty(7, party_kind="natural_person", kinds=["03"], region="420106")
    answer = await agency.post(PUSH, json=person)
    await service.sequence()
    held = f"{PUSH}/{answer.json()['id']}"
    paused = {"event": "suspended", "occurred_at": "2026-10-08", "reason": "样例", "node": "penalty_published"}
    return [
        await service.anonymous.get("/healthz"),
        await service.anonymous.get("/readyz"),
        await service.anonymous.post(
            "/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(service.enrolled["market-city"].client_id, service.enrolled["market-city"].client_secret),
        ),
        await service.anonymous.post(VALIDATE, json=person),
        await service.anonymous.post(VALIDATE, json={}),
        answer,
        await agency.post(PUSH, json=person | {"events": [SERVED]}),
        await agency.post(f"{held}/events", json=PAID),
        await agency.post(f"{held}/events", json=SERVED),
        await agency.post(f"{held}/events", json=paused),
        *[await agency.get(held + part) for part in ("", "/versions", "/versions/1", "/events", "/nodes")],
        *[await justice.get(held + part) for part in ("", "/versions", "/versions/1", "/events", "/nodes")],
        *[await agency.get(f"/v1/statistics/{name}") for name in STATISTICS],
        await agency.get("/v1/statistics/timeliness", params={"by": "organisation,region,field,node,role,month"}),
        await agency.get("/v1/nodes", params={"limit": 2}),
        await justice.get("/v1/nodes", params={"state": "done,overdue,paused"}),
        *await _attached(held, agency, justice),
        *await _changed(service, held, person),
        await agency.get("/v1/changes"),
        await justice.get("/v1/changes", params={"types": "penalty"}),
        await service.anonymous.get("/v1/changes"),
        await agency.get("/v1/changes", params={"after": "garbage"}),
        await agency.post(PUSH, json={}),
        await agency.post(PUSH, json=person | {"remarks": "另一"}),
        await agency.post(PUSH, content=b"{", headers={"Content-Type": "application/json"}),
        await agency.post(f"{held}/events", json={"event": "filed", "occurred_at": "2026-10-09"}),
        await justice.post(PUSH, json=person),
        await agency.get(f"{PUSH}/garbage"),
    ]


async def _attached(held: str, agency: httpx.AsyncClient, justice: httpx.AsyncClient) -> list[httpx.Response]:
    """A file that is named, sent twice and wrongly, and listed; and what is told of it instead of its content."""
    at = f"{held}/attachments/{digest_of(SLIP)}"
    return [
        await agency.get(f"{held}/attachments"),
        await agency.get(at),
        await agency.put(at, content=b"else"),
        await agency.put(at, content=SLIP),
        await agency.put(at, content=SLIP),
        await justice.get(f"{held}/attachments"),
        await justice.get(at),
    ]


async def _changed(service: Service, held: str, record: Json) -> list[httpx.Response]:
    """A record corrected, moved to another district and withdrawn, and how it is read then."""
    agency, justice = await service.client("market-city"), await service.client("justice-city")
    events = (await agency.get(f"{held}/events")).json()["items"]
    known = next(one["id"] for one in events if one["event"] == SERVED)
    moved = {"reason": {"code": "fact_wrong", "text": "样例"}, "record": record | {"region": "420102"}}
    withdrawal = {"reason": {"code": "sent_twice", "text": "样例"}}
    answers = [
        await agency.put(held, json=moved, headers={"If-Match": '"1"'}),
        await agency.put(held, json=moved, headers={"If-Match": '"1"'}),
        await agency.put(held, json=moved | {"record": record}, headers={"If-Match": '"7"'}),
        await agency.put(held, json=moved),
        await agency.post(f"{held}/events/{known}/withdrawal", json=withdrawal),
        await agency.post(f"{held}/withdrawal", json=withdrawal),
        await agency.post(f"{held}/withdrawal", json=withdrawal),
        await agency.post(f"{held}/events", json=SERVED),
    ]
    parts = ("", "/versions", "/versions/1", "/versions/2?compared_with=1", "/events", "/nodes")
    answers += [await reader.get(held + part) for reader in (agency, justice) for part in parts]
    await service.sequence()
    return answers


def _declared(document: Json, answer: httpx.Response) -> Json:
    """What the document says of this answer: the schema of its status and content type."""
    asked = answer.request.url.path
    for path, method, operation in operations_of(document):
        pattern = re.sub(r"{\w+}", "[^/]+", path)
        if re.fullmatch(pattern, asked) and method == answer.request.method.lower():
            status = str(answer.status_code)
            response = operation["responses"].get(status, operation["responses"]["default"])
            return response["content"][answer.headers["content-type"].partition(";")[0]]["schema"]
    raise AssertionError(f"{asked} is not in the document")


async def test_every_answer_is_as_the_document_says(service: Service) -> None:
    document, answers = await document_of(service), await _journey(service)

    for answer in answers:
        declared = validator(document, _declared(document, answer))
        assert [str(error) for error in declared.iter_errors(answer.json())] == [], answer.request.url
    assert {answer.status_code for answer in answers} == {200, 201, 400, 401, 403, 404, 409, 412, 422, 428}


async def test_no_answer_says_more_than_the_document(service: Service) -> None:
    document, answers = await document_of(service), await _journey(service)
    # A problem may have members of its own kind (RFC 9457 section 3.2).
    taken = [answer for answer in answers if answer.status_code < 300]

    undeclared = {
        f"{answer.request.url.path} {name}"
        for answer in taken
        for name in _undeclared(document, _declared(document, answer), answer.json())
    }

    assert undeclared == set()


def _undeclared(document: Json, schema: Json, value: Json, at: str = "") -> Iterator[str]:
    """Pointers of members that the schema, which is of our own plain kind, does not name."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for item in value:
            yield from _undeclared(document, schema.get("items", {}), item, f"{at}/0")
    if isinstance(value, dict) and "properties" in schema:
        for name, member in value.items():
            if name not in schema["properties"]:
                yield f"{at}/{name}"
            else:
                yield from _undeclared(document, schema["properties"][name], member, f"{at}/{name}")


# --- the documentation page -----------------------------------------------------------------------


async def test_the_documentation_loads_nothing_from_outside(service: Service) -> None:
    page = (await service.anonymous.get("/docs")).text

    assert re.findall(r"https?:" + "//[^\\s\"'<>]+", page) == []
    assert re.findall(r"""(?:src|href|url)\s*[=:]\s*["']//""", page) == []
    local = re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)["']""", page)
    assert local
    for address in local:
        answer = await service.anonymous.get(address)
        assert answer.status_code == 200, address


async def test_the_style_of_the_documentation_loads_nothing_from_outside(service: Service) -> None:
    page = (await service.anonymous.get("/docs")).text
    sheets = re.findall(r"""<link[^>]*href\s*=\s*["']([^"']+\.css)["']""", page)

    for sheet in sheets:
        style = (await service.anonymous.get(sheet)).text
        assert re.findall(r"url\(\s*[\"']?(?:https?:)?//", style) == []
        assert "@import" not in style


async def test_the_front_door_leads_to_the_documentation(service: Service) -> None:
    answer = await service.anonymous.get("/", follow_redirects=True)

    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]


# --- refusals and faults --------------------------------------------------------------------------


def descendants(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    """All refusals that are of this kind, however far down."""
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def test_every_refusal_has_a_status_and_a_title() -> None:
    assert set(STATUS) == set(descendants(Refusal))
    assert all(400 <= status < 600 for status in STATUS.values())
    for refusal in STATUS:
        assert refusal.__doc__, refusal
        assert refusal.__doc__.isascii(), refusal
        assert refusal.__doc__ != Refusal.__doc__, refusal
        assert CHINESE.search(refusal.title_zh), refusal
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", refusal.code), refusal


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = Counter(refusal.code for refusal in STATUS)

    assert {code for code, times in codes.items() if times > 1} == set()


def test_every_refusal_is_used() -> None:
    sources = "\n".join(text for name, text in _sources().items() if not name.endswith(("refusals.py", "problems.py")))

    assert {kind.__name__ for kind in STATUS if not re.search(rf"\b{kind.__name__}\b", sources)} == set()
    assert refusals.__doc__


def _sources() -> dict[str, str]:
    rooms = [Path(package.__path__[0]) for package in (app, schemas)]
    return {str(path): path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py")}


def test_every_fault_in_the_sources_is_in_the_codelist() -> None:
    named = {
        code
        for text in _sources().values()
        for code in re.findall(r"""\bFault\(\s*[^()"]*(?:f?"[^"]*"|\([^()]*\))?[^()"]*,\s*"([a-z0-9-]+)\"""", text)
    }

    assert len(named) > 20
    assert named - set(wordings()) == set()


def test_every_fault_in_the_codelist_is_in_the_sources() -> None:
    sources = "\n".join(_sources().values())

    assert {code for code in wordings() if f'"{code}"' not in sources} == set()


def test_every_fault_is_worded_in_both_languages_with_the_same_gaps() -> None:
    for wording in wordings().values():
        assert CHINESE.search(wording.message["zh"]), wording.code
        assert not CHINESE.search(re.sub("[“”].*?[“”]", "", wording.message["en"])), wording.code
        assert bool(wording.fix["zh"]) == bool(wording.fix["en"]), wording.code
        gaps = [
            {name.partition("_")[0] for name in re.findall(r"{(\w+)}", text)}
            for text in (wording.message["zh"], wording.message["en"])
        ]
        assert gaps[0] == gaps[1], wording.code
