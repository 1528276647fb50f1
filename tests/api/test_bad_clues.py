"""What is wrong with a clue, an advice or their events: told in both languages, and nothing of it is kept.

Beside it what only looks wrong: it is taken with a warning, and moves nothing that it may not move.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.advices import in_the_public_interest
from tests.api.held import Held, pushed
from tests.api.promises import Json, problem, rows
from tests.clues import by_the_office, clue, found_in_its_work
from tests.conftest import Service
from tests.transfers import CITY_MARKET, PROCURATORATE, organ

pytestmark = pytest.mark.any_server

GIVER, PROCURATORS, ORGAN, OFFICE = "ecology-city", "procuratorate-wuchang", "market-wuchang", "office-city"
ENGLISH = {"Accept-Language": "en"}
PUSH = "/v1/records/clue"
VALIDATE = "/v1/validate/clue"

Told = tuple[str, Json]
"""Who reports, and the event."""


def step(who: str, when: str, event: str, **more: object) -> Told:
    return who, {"event": event, "occurred_at": when, **more}


REGISTERED = step(PROCURATORS, "2026-09-03", "registered")
EVALUATED = step(PROCURATORS, "2026-09-08", "evaluated")
FILED = step(PROCURATORS, "2026-09-10", "administrative_filed")
REFUSED = step(PROCURATORS, "2026-09-10", "not_filed", reason="不属于公益诉讼范围")


async def told_of(service: Service, *told: Told) -> Held:
    """A clue of which this was told, all of it taken."""
    held = await pushed(service, clue(), GIVER)
    for who, event in told:
        assert (await held.tell(event, who)).status_code == 201
    return held


async def test_without_a_token_no_clue_is_taken_told_of_or_shown(service: Service) -> None:
    held = await told_of(service)
    before = await rows(service)

    answers = [
        await service.anonymous.post(PUSH, json=clue(2)),
        await service.anonymous.post(f"{held.address}/events", json=REGISTERED[1]),
        *[await service.anonymous.get(held.address + part) for part in ("", "/events", "/nodes", "/timeline")],
    ]

    assert {(answer.status_code, problem(answer)["code"]) for answer in answers} == {(401, "token-missing")}
    assert await rows(service) == before


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"addressee": organ(CITY_MARKET)}, ("/addressee/credit_code", "another-role")),
        ({"supervised_organ": organ(PROCURATORATE)}, ("/supervised_organ/credit_code", "same-organ")),
        ({"place": {"longitude": "180.00000001", "latitude": "30.5"}}, ("/place/longitude", "off-the-earth")),
        ({"place": {"longitude": "30.5928", "latitude": "114.3055"}}, ("/place/latitude", "off-the-earth")),
        ({"place": {"longitude": "114.3"}}, ("/place/latitude", "coordinates-together")),
        ({"place": {"longitude": 114, "latitude": "30.5"}}, ("/place/longitude", "wrong-type")),
        ({"domain": "noise"}, ("/domain", "unknown-code")),
        ({"source": "referred"}, ("/channel", "required-for-referral")),
        ({"damages": [{"kind": "people", "amount": "3", "unit": "t"}]}, ("/damages/0/unit", "unit-not-of-kind")),
        ({"state_secret": True}, ("/state_secret", "state-secret")),
    ],
)
async def test_a_clue_that_cannot_be_is_refused_at_its_place_in_both_languages(
    service: Service, changes: Json, fault: tuple[str, str]
) -> None:
    giver = await service.client(GIVER)
    before = await rows(service)

    for headers, english in (({}, False), (ENGLISH, True)):
        said = problem(await giver.post(PUSH, json=clue(**changes), headers=headers), english=english)
        assert (said["status"], said["code"]) == (422, "validation-failed")
        assert [(one["pointer"], one["code"]) for one in said["errors"]] == [fault]
        assert "样例举报人1" not in str(said)

    assert await rows(service) == before


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        # 民族团结进步促进法 opened its domain on 1 July 2026.
        (
            {"domain": "ethnic_unity", "assessed_on": "2026-06-29", "sent_on": "2026-06-30", "actions_taken": None},
            ("/domain", "domain-not-open"),
        ),
        ({"domain": "state_assets", "path": "civil"}, ("/path", "path-not-open")),
        ({"place": {"longitude": "116.3913", "latitude": "39.9075"}}, ("/place/latitude", "outside-hubei")),
    ],
)
async def test_what_only_looks_wrong_is_taken_with_a_warning(
    service: Service, changes: Json, warning: tuple[str, str]
) -> None:
    giver = await service.client(GIVER)
    record = clue(**({"began_on": "2026-06-01"} | changes))

    answer = await giver.post(PUSH, json=record)
    judged = await service.anonymous.post(VALIDATE, json=record)

    assert answer.status_code == 201
    told = [(one["pointer"], one["code"]) for one in answer.json()["warnings"]]
    assert warning in told
    assert warning in [(one["pointer"], one["code"]) for one in judged.json()["warnings"]]


@pytest.mark.parametrize(
    ("after", "early"),
    [
        pytest.param((), EVALUATED, id="an evaluation before registration"),
        pytest.param((REGISTERED,), FILED, id="a case before the evaluation"),
        pytest.param(
            (REGISTERED, EVALUATED, FILED),
            step(PROCURATORS, "2026-10-08", "judged", outcome="granted"),
            id="a judgment without a suit",
        ),
    ],
)
async def test_a_step_whose_predecessor_nobody_told_waits_and_says_so(
    service: Service, after: Sequence[Told], early: Told
) -> None:
    held = await told_of(service, *after)
    state, nodes = (await held.read())["state"], await held.read("/nodes")

    answer = await held.tell(early[1], early[0], ENGLISH)

    said = answer.json()
    assert (answer.status_code, said["applied"], said["state"]) == (201, False, state)
    assert [one["code"] for one in said["warnings"]] == ["predecessor-missing"]
    assert await held.read("/nodes") == nodes


async def test_an_evaluation_that_waited_counts_once_the_registration_is_told(service: Service) -> None:
    held = await told_of(service, EVALUATED)

    answer = await held.tell(REGISTERED[1], PROCURATORS)

    assert (answer.json()["applied"], answer.json()["state"]) == (True, "evaluated")


@pytest.mark.parametrize(
    ("after", "impossible", "against"),
    [
        pytest.param(
            (REGISTERED, EVALUATED, FILED),
            step(PROCURATORS, "2026-09-11", "civil_filed"),
            "administrative_filed",
            id="a civil case beside an administrative one",
        ),
        pytest.param(
            (REGISTERED, EVALUATED, FILED),
            step(PROCURATORS, "2026-09-12", "announced", medium="样例媒体"),
            "administrative_filed",
            id="a notice in an administrative case",
        ),
    ],
)
async def test_what_can_never_be_true_beside_the_rest_is_refused_with_both_facts(
    service: Service, after: Sequence[Told], impossible: Told, against: str
) -> None:
    held = await told_of(service, *after)
    before = await rows(service)

    for headers, english in (({}, False), (ENGLISH, True)):
        said = problem(await held.tell(impossible[1], impossible[0], headers), english=english)
        assert (said["status"], said["code"]) == (409, "step-not-allowed")
        assert {fact["event"] for fact in said["facts"]} == {impossible[1]["event"], against}

    assert await rows(service) == before


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        pytest.param((GIVER, REGISTERED[1]), 403, "not-your-step", id="registered by the giver"),
        pytest.param(("procuratorate-city", REGISTERED[1]), 403, "not-your-step", id="registered by the one above"),
        pytest.param(("auditor-city", REGISTERED[1]), 403, "role-may-not", id="registered by an auditor"),
        pytest.param((OFFICE, REGISTERED[1]), 404, "unknown-record", id="registered by the office"),
        pytest.param((ORGAN, REGISTERED[1]), 404, "unknown-record", id="registered by the organ it is about"),
        pytest.param(
            step(PROCURATORS, "2026-09-20", "advice_served"), 403, "not-your-step", id="an advice told on the clue"
        ),
    ],
)
async def test_nobody_tells_of_a_clue_what_is_not_theirs_to_tell(
    service: Service, told: Told, status: int, code: str
) -> None:
    held = await told_of(service)
    before = await rows(service)

    for headers, english in (({}, False), (ENGLISH, True)):
        said = problem(await held.tell(told[1], told[0], headers), english=english)
        assert (said["status"], said["code"]) == (status, code)

    assert await rows(service) == before


@pytest.mark.parametrize(("organ_", "status"), [("market-jiangan", 404), ("market-city", 404), (GIVER, 404)])
async def test_the_reply_of_an_organ_that_was_not_advised_is_refused(
    service: Service, organ_: str, status: int
) -> None:
    held = await pushed(service, in_the_public_interest(), PROCURATORS)
    before = await rows(service)

    answer = await held.tell({"event": "replied", "occurred_at": "2026-10-08", "outcome": "rectified"}, organ_)

    assert (answer.status_code, problem(answer)["code"]) == (status, "unknown-record")
    assert await rows(service) == before


async def test_the_office_enters_clues_with_their_source_and_nothing_else(service: Service) -> None:
    office = await service.client(OFFICE)
    before = await rows(service)

    others = [
        await office.post(
            "/v1/records/advice", json=in_the_public_interest(organisation=by_the_office()["organisation"])
        ),
        await office.post(PUSH, json=found_in_its_work()),
    ]

    assert [problem(answer)["code"] for answer in others] == ["role-may-not", "not-your-record"]
    assert await rows(service) == before
    for channel in ("deputy", "hotline"):
        record = by_the_office(source_id=f"2026-府检-{channel}", channel=channel)
        assert (await office.post(PUSH, json=record)).status_code == 201


async def test_what_was_found_in_ones_own_work_needs_no_feedback(service: Service) -> None:
    held = await pushed(service, found_in_its_work(), PROCURATORS)
    for who, event in (REGISTERED, EVALUATED, REFUSED):
        assert (await held.tell(event, who)).json()["applied"]

    nodes = {node["node"] for node in (await held.read("/nodes"))["items"]}

    assert "clue_decided" in nodes
    assert "clue_feedback" not in nodes
