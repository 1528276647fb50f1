"""The anonymous caller first: what is open to all, what is not, and what does not count as a token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import text

from app.api.keys import TokenKey
from app.api.pace import Pace
from schemas.publishing import examples
from tests.api.promises import NEVER_REFILLS, VALIDATE, anonymous_at, problem, rows, told, trail
from tests.conftest import Service

DECIDED = examples("penalty")["decided"]
NOBODYS = "0199c0de-0000-7000-8000-000000000000"
NEEDS_TOKEN = (401, "token-missing", ())

# Wire contract, "Who calls": public without a token; what ends in / stands for all below it.
PUBLIC = (
    "/healthz",
    "/readyz",
    "/oauth2/token",
    "/.well-known/",
    "/docs",
    "/openapi.json",
    "/v1/standard",
    "/v1/log/checkpoint",
    "/v1/log/consistency",
    "/v1/validate/",
)


# --- what is open ---------------------------------------------------------------------------------


async def test_the_public_doors_open_without_a_token(service: Service) -> None:
    doors = ("/healthz", "/readyz", "/docs", "/openapi.json")

    answers = {path: (await service.anonymous.get(path)).status_code for path in doors}

    assert answers == dict.fromkeys(doors, 200)


async def test_anybody_may_have_a_payload_judged(service: Service) -> None:
    before = await rows(service)

    answer = await service.anonymous.post(VALIDATE, json=DECIDED)

    assert answer.status_code == 200
    assert answer.json() == {"valid": True, "errors": [], "warnings": []}
    assert await rows(service) == before


async def test_a_public_door_never_asks_for_a_token(service: Service) -> None:
    doors = ("/.well-known/jwks.json", "/v1/standard", "/v1/log/checkpoint", "/v1/log/consistency")

    answers = {path: (await service.anonymous.get(path)).status_code for path in doors}

    assert 401 not in answers.values()


async def test_public_judging_is_slowed_down_for_one_address_and_not_for_another(service: Service) -> None:
    service.app.state.shop = replace(service.shop, validate_pace=Pace(burst=100, per_second=NEVER_REFILLS))
    async with anonymous_at(service, "192.0.2.7") as flooding, anonymous_at(service, "192.0.2.8") as calm:
        answers = [await flooding.post(VALIDATE, json={}) for _ in range(150)]
        other = await calm.post(VALIDATE, json={})

    refused = [answer for answer in answers if answer.status_code != 200]
    assert answers[0].status_code == other.status_code == 200
    assert {told(answer) for answer in refused} == {(429, "too-many-requests", ())}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)


# --- what is not ----------------------------------------------------------------------------------


async def test_every_other_operation_needs_a_token(service: Service) -> None:
    paths = service.app.openapi()["paths"]
    private = [
        (method, path.replace("{record_id}", NOBODYS).replace("{version}", "1"))
        for path, operations in paths.items()
        for method in operations
        if not path.startswith(PUBLIC)
    ]

    answers = {(method, path): await service.anonymous.request(method, path) for method, path in private}

    assert ("post", "/v1/records/penalty") in answers
    assert {asked: told(answer) for asked, answer in answers.items()} == dict.fromkeys(private, NEEDS_TOKEN)
    assert {answer.headers["www-authenticate"].split()[0] for answer in answers.values()} == {"Bearer"}


async def test_without_a_token_nothing_is_told_about_what_is_there(service: Service) -> None:
    asked = (
        ("POST", "/v1/records/penalty"),
        ("GET", "/v1/records/penalty"),
        ("POST", "/v1/records/nothing"),
        ("GET", f"/v1/records/penalty/{NOBODYS}"),
        ("GET", "/v1/records/penalty/garbage"),
        ("GET", f"/v1/records/penalty/{NOBODYS}/events"),
        ("POST", f"/v1/records/penalty/{NOBODYS}/events"),
        ("GET", f"/v1/records/penalty/{NOBODYS}/nodes"),
        ("GET", f"/v1/records/penalty/{NOBODYS}/versions"),
        ("GET", f"/v1/records/penalty/{NOBODYS}/versions/garbage"),
        ("GET", "/v1/changes"),
        ("GET", "/v1/changes?limit=garbage&after=garbage"),
    )

    answers = {one: await service.anonymous.request(*one) for one in asked}

    assert {one: told(answer) for one, answer in answers.items()} == dict.fromkeys(asked, NEEDS_TOKEN)
    assert {answer.headers["www-authenticate"].split()[0] for answer in answers.values()} == {"Bearer"}


async def test_a_token_is_asked_for_before_the_body_is_looked_at(service: Service) -> None:
    before = await rows(service)

    bodies = {
        "right": await service.anonymous.post("/v1/records/penalty", json=DECIDED),
        "broken": await service.anonymous.post("/v1/records/penalty", content=b"{"),
        "large": await service.anonymous.post("/v1/records/penalty", content=b" " * 10_000_000),
    }

    assert {name: told(answer) for name, answer in bodies.items()} == dict.fromkeys(bodies, NEEDS_TOKEN)
    assert await rows(service) == before


async def test_an_attempt_without_a_token_leaves_a_trail_row(service: Service) -> None:
    await service.anonymous.post("/v1/records/penalty", json=DECIDED)

    (row,) = await trail(service)
    assert (row["client_id"], row["organisation"], row["outcome"]) == (None, None, "token-missing")


async def test_an_unknown_path_is_a_problem(service: Service) -> None:
    agency = await service.client("market-city")

    answers = [await caller.get("/v1/nothing") for caller in (service.anonymous, agency)]

    assert {told(answer) for answer in answers} == {(404, "unknown-path", ())}


KNOWN_PATHS_UNKNOWN_METHODS = (
    ("DELETE", "/healthz"),
    ("POST", "/readyz"),
    ("GET", "/oauth2/token"),
    ("GET", VALIDATE),
    ("DELETE", "/v1/changes"),
    ("DELETE", f"/v1/records/penalty/{NOBODYS}"),
    ("PATCH", f"/v1/records/penalty/{NOBODYS}"),
)


async def test_an_unknown_method_is_a_problem(service: Service) -> None:
    agency = await service.client("market-city")

    answers = {one: told(await agency.request(*one)) for one in KNOWN_PATHS_UNKNOWN_METHODS}

    assert answers == dict.fromkeys(KNOWN_PATHS_UNKNOWN_METHODS, (405, "method-not-allowed", ()))


async def test_an_unknown_method_is_told_the_known_ones(service: Service) -> None:
    agency = await service.client("market-city")

    # RFC 9110 section 15.5.6: a 405 answer must name the methods that are taken.
    allowed = {one: (await agency.request(*one)).headers.get("allow") for one in KNOWN_PATHS_UNKNOWN_METHODS}

    assert {one for one, methods in allowed.items() if not methods or one[0] in methods} == set()


async def test_a_refusal_is_chinese_unless_english_is_preferred(service: Service) -> None:
    wanted = {
        "": False,
        "en": True,
        "EN": True,
        "en-GB,en;q=0.9,zh;q=0.1": True,
        "zh-CN,zh;q=0.9,en;q=0.8": False,
        "fr": False,
        "en;q=0": False,
        "en;q=garbage": False,
        ";;,,=": False,
    }

    answers = {
        header: await service.anonymous.get("/v1/changes", headers={"Accept-Language": header}) for header in wanted
    }

    for header, english in wanted.items():
        problem(answers[header], english=english)
        assert answers[header].headers["content-language"].startswith("en" if english else "zh")


# --- what is not a token --------------------------------------------------------------------------


def _part(content: Mapping[str, object] | bytes) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _claims(service: Service, **other: object) -> dict[str, object]:
    issued = int(service.now.timestamp())
    return {"iss": "liandong", "sub": "market-city", "iat": issued, "exp": issued + 3600} | other


def _signing_key(data: Path) -> OKPKey:
    """The service's own key, out of its data folder."""
    (kept,) = data.rglob("*.pem")
    return OKPKey.import_key(kept.read_bytes())


async def _told_to(service: Service, authorization: str | bytes) -> tuple[int, str]:
    answer = await service.anonymous.get("/v1/changes", headers=[(b"Authorization", _header(authorization))])
    said = problem(answer)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.status_code, said["code"]


def _header(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


async def test_a_bearer_of_nothing_is_without_a_token(service: Service) -> None:
    headers = ("", "Bearer", "Bearer ", "bearer")

    answers = {header: await _told_to(service, header) for header in headers}

    assert answers == dict.fromkeys(headers, (401, "token-missing"))


async def test_a_garbled_token_is_no_token(service: Service) -> None:
    tokens = ("garbage", "a.b", "a.b.c", "..", "a.b.c.d.e", "e30.e30.e30", "x" * 100_000, "令牌", "tok en")

    answers = {token: await _told_to(service, f"Bearer {token}") for token in tokens}

    assert answers == dict.fromkeys(tokens, (401, "token-invalid"))


async def test_bytes_that_are_no_text_are_no_token(service: Service) -> None:
    assert await _told_to(service, b"Bearer \xff\xfe\x80") == (401, "token-invalid")


async def test_one_changed_character_makes_a_token_worthless(service: Service) -> None:
    token = (await service.client("market-city")).headers["Authorization"].removeprefix("Bearer ")
    head, claims, signature = token.split(".")
    others = _part(_claims(service, sub="market-wuchang"))

    garbled = [
        f"{head}.{others}.{signature}",
        f"{head}.{claims}.{'A' * len(signature)}",
        f"{head}.{claims}.",
        token[:-4],
    ]

    assert [await _told_to(service, f"Bearer {one}") for one in garbled] == [(401, "token-invalid")] * 4


async def test_a_token_without_a_signature_is_no_token(service: Service) -> None:
    unsigned = [
        f"{_part({'alg': alg, 'typ': 'at+jwt'})}.{_part(_claims(service))}." for alg in ("none", "None", "NONE", "")
    ]

    assert [await _told_to(service, f"Bearer {one}") for one in unsigned] == [(401, "token-invalid")] * 4


async def test_a_token_signed_with_what_everybody_may_know_is_no_token(service: Service, tmp_path: Path) -> None:
    key = _signing_key(tmp_path)
    public_jwk = key.as_dict(private=False)
    known = [
        key.as_pem(private=False),
        key.as_der(private=False),
        base64.urlsafe_b64decode(str(public_jwk["x"]) + "="),
        json.dumps(public_jwk).encode(),
        b"",
    ]
    signed = f"{_part({'alg': 'HS256', 'typ': 'at+jwt'})}.{_part(_claims(service))}"

    forged = [f"{signed}.{_part(hmac.digest(secret, signed.encode(), hashlib.sha256))}" for secret in known]

    assert [await _told_to(service, f"Bearer {one}") for one in forged] == [(401, "token-invalid")] * 5


async def test_a_token_that_brings_its_own_key_is_no_token(service: Service) -> None:
    own = OKPKey.generate_key("Ed25519")
    header = {"alg": "Ed25519", "typ": "at+jwt", "jwk": own.as_dict(private=False)}

    token = jwt.encode(header, _claims(service), own, algorithms=["Ed25519"])

    assert await _told_to(service, f"Bearer {token}") == (401, "token-invalid")


async def test_a_token_of_another_service_is_no_token(service: Service) -> None:
    token = TokenKey.fresh().token_for("market-city", service.now)

    assert await _told_to(service, f"Bearer {token}") == (401, "token-invalid")


async def test_a_token_with_other_claims_is_no_token(service: Service, tmp_path: Path) -> None:
    others: dict[str, dict[str, object]] = {
        "another issuer": {"iss": "another"},
        "no issuer": {"iss": None},
        "unknown client": {"sub": "nobody"},
        "empty client": {"sub": ""},
        "client is a number": {"sub": 7},
        "no client": {"sub": None},
        "without an end": {"exp": None},
        "the end is a word": {"exp": "never"},
    }

    tokens = {name: _signed_by_us(tmp_path, _claims(service, **other)) for name, other in others.items()}

    assert {name: await _told_to(service, f"Bearer {token}") for name, token in tokens.items()} == dict.fromkeys(
        others, (401, "token-invalid")
    )


def _signed_by_us(data: Path, claims: Mapping[str, object]) -> str:
    header = {"alg": "Ed25519", "typ": "at+jwt"}
    said = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header, said, _signing_key(data), algorithms=["Ed25519"])


async def test_a_token_ends_after_the_time_it_was_given_for(service: Service) -> None:
    given = await service.anonymous.post(
        "/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(service.enrolled["market-city"].client_id, service.enrolled["market-city"].client_secret),
    )
    lifetime, token = given.json()["expires_in"], given.json()["access_token"]

    service.now += timedelta(seconds=lifetime - 1)
    before = await service.anonymous.get("/v1/changes", headers={"Authorization": f"Bearer {token}"})
    service.now += timedelta(seconds=2)
    after = await _told_to(service, f"Bearer {token}")

    assert before.status_code == 200
    assert after == (401, "token-expired")


async def test_a_disabled_client_is_let_in_no_more(service: Service) -> None:
    agency = await service.client("market-city")
    async with service.shop.engine.begin() as conn:
        await conn.execute(text("UPDATE client SET disabled_at = now() WHERE id = 'market-city'"))

    with_old_token = await agency.post("/v1/records/penalty", json=DECIDED)
    new_token = await _token(service)

    assert told(with_old_token) == (401, "token-invalid", ())
    assert (new_token.status_code, new_token.json()["error"]) == (401, "invalid_client")


async def test_another_scheme_is_no_bearer_token(service: Service) -> None:
    client = service.enrolled["market-city"]
    credentials = base64.b64encode(f"{client.client_id}:{client.client_secret}".encode()).decode()
    token = (await service.client("market-city")).headers["Authorization"].removeprefix("Bearer ")

    answers = [
        await _told_to(service, f"{scheme} {content}")
        for scheme in ("Basic", "Digest", "Token", "DPoP")
        for content in (credentials, token)
    ]

    assert {status for status, _ in answers} == {401}
    assert {code for _, code in answers} <= {"token-missing", "token-invalid"}


async def test_a_token_in_the_address_or_in_a_form_does_not_count(service: Service) -> None:
    token = (await service.client("market-city")).headers["Authorization"].removeprefix("Bearer ")

    in_address = await service.anonymous.get(f"/v1/changes?access_token={token}")
    in_form = await service.anonymous.post("/v1/records/penalty", data={"access_token": token})

    assert told(in_address) == told(in_form) == NEEDS_TOKEN


async def test_the_name_of_the_scheme_may_be_written_in_any_case(service: Service) -> None:
    token = (await service.client("market-city")).headers["Authorization"].removeprefix("Bearer ")

    answer = await service.anonymous.get("/v1/changes", headers={"Authorization": f"bEARER {token}"})

    assert answer.status_code == 200


# --- the token endpoint, RFC 6749 -----------------------------------------------------------------


async def _token(service: Service, **changes: str | None) -> httpx.Response:
    client = service.enrolled["market-city"]
    form = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    } | changes
    data = {name: value for name, value in form.items() if value is not None}
    return await service.anonymous.post("/oauth2/token", data=data)


def _error(answer: httpx.Response) -> tuple[int, str]:
    """Status and error of RFC 6749 section 5.2, in the shape that it asks for."""
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) <= {"error", "error_description", "error_uri"}
    assert answer.json().get("error_description", "").isascii()
    return answer.status_code, answer.json()["error"]


async def test_the_secret_may_come_by_basic_or_in_the_form(service: Service) -> None:
    client = service.enrolled["market-city"]

    in_form = await _token(service)
    by_basic = await service.anonymous.post(
        "/oauth2/token", data={"grant_type": "client_credentials"}, auth=(client.client_id, client.client_secret)
    )

    for answer in (in_form, by_basic):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
        assert answer.json()["token_type"].lower() == "bearer"


async def test_a_client_that_is_not_known_gets_invalid_client(service: Service) -> None:
    changes: tuple[dict[str, str | None], ...] = (
        {"client_secret": "wrong"},
        {"client_secret": ""},
        {"client_secret": None},
        {"client_id": "nobody"},
        {"client_id": "market-city\x00"},
        {"client_id": None, "client_secret": None},
    )

    answers = [_error(await _token(service, **change)) for change in changes]

    assert answers == [(401, "invalid_client")] * len(changes)


async def test_a_wrong_secret_and_an_unknown_client_look_the_same(service: Service) -> None:
    answers = [await _token(service, client_secret="wrong"), await _token(service, client_id="nobody")]

    assert answers[0].content == answers[1].content


async def test_who_tried_basic_and_failed_is_asked_for_basic(service: Service) -> None:
    garbled = (b"Basic garbage!", b"Basic ", b"Basic /////w==", b"Basic bm9ib2R5")

    answers = [
        await service.anonymous.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, headers=[(b"Authorization", credentials)]
        )
        for credentials in garbled
    ]

    assert [_error(answer) for answer in answers] == [(401, "invalid_client")] * len(garbled)
    assert {answer.headers["www-authenticate"].split()[0] for answer in answers} == {"Basic"}


async def test_another_grant_is_not_supported(service: Service) -> None:
    grants = ("password", "authorization_code", "CLIENT_CREDENTIALS")

    answers = [_error(await _token(service, grant_type=grant)) for grant in grants]

    assert answers == [(400, "unsupported_grant_type")] * len(grants)


async def test_a_request_without_a_grant_is_invalid(service: Service) -> None:
    answer = await _token(service, grant_type=None)

    assert _error(answer) == (400, "invalid_request")


async def test_a_parameter_given_twice_is_invalid(service: Service) -> None:
    client = service.enrolled["market-city"]
    form = f"grant_type=client_credentials&grant_type=client_credentials&client_id={client.client_id}"

    answer = await service.anonymous.post(
        "/oauth2/token",
        content=f"{form}&client_secret={client.client_secret}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert _error(answer) == (400, "invalid_request")


async def test_two_ways_of_authenticating_at_once_are_invalid(service: Service) -> None:
    client = service.enrolled["market-city"]
    form = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    }

    answer = await service.anonymous.post("/oauth2/token", data=form, auth=(client.client_id, client.client_secret))

    assert _error(answer) == (400, "invalid_request")


async def test_anything_but_a_form_is_invalid(service: Service) -> None:
    client = service.enrolled["market-city"]
    form = f"grant_type=client_credentials&client_id={client.client_id}&client_secret={client.client_secret}"
    types = ("application/json", "text/plain", "multipart/form-data; boundary=x", "")

    answers = [
        await service.anonymous.post("/oauth2/token", content=form, headers={"Content-Type": content_type})
        for content_type in types
    ]

    assert [_error(answer) for answer in answers] == [(400, "invalid_request")] * len(types)


async def test_a_broken_form_is_refused_and_no_failure(service: Service) -> None:
    bodies = (b"", b"\xff\xfe", b"%", b"grant_type=%ff%fe", b"&&==&", b"a" * 100_000)

    answers = [
        await service.anonymous.post(
            "/oauth2/token", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        for body in bodies
    ]

    assert {_error(answer) for answer in answers} <= {(400, "invalid_request"), (400, "unsupported_grant_type")}


async def test_a_refused_client_leaves_a_trail_row_without_its_secret(service: Service) -> None:
    await _token(service, client_secret="wrong-but-nearly")

    async with service.shop.engine.connect() as conn:
        (row,) = (await conn.execute(text("SELECT * FROM trail WHERE action = 'token'"))).all()
    assert row.outcome == "invalid_client"
    assert "wrong-but-nearly" not in str(row)


async def test_a_guesser_of_secrets_is_slowed_down(service: Service) -> None:
    service.app.state.shop = replace(service.shop, token_pace=Pace(burst=30, per_second=NEVER_REFILLS))

    answers = [await _token(service, client_secret="wrong") for _ in range(60)]

    assert [answer.status_code for answer in answers] == [401] * 30 + [429] * 30
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)


async def test_a_made_up_client_of_a_known_organisation_gets_nothing(service: Service) -> None:
    client = replace(service.enrolled["market-city"], client_id=str(UUID(int=7)))

    answer = await service.anonymous.post(
        "/oauth2/token", data={"grant_type": "client_credentials"}, auth=(client.client_id, client.client_secret)
    )

    assert _error(answer) == (401, "invalid_client")


async def test_a_token_with_an_odd_header_is_refused(service: Service) -> None:
    odd: tuple[object, ...] = ({"alg": "Ed25519", "crit": 1}, {"alg": ["Ed25519"]}, {"alg": "Ed25519", "b64": 0}, {}, 7)
    for header in odd:
        head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
        answer = await service.anonymous.get("/v1/changes", headers={"Authorization": f"Bearer {head}.e30.AAAA"})

        assert told(answer)[:2] == (401, "token-invalid"), header
