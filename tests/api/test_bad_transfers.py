"""What nobody can report of a transfer: refused with its reason in both languages, and nothing of it is kept.

Beside it what only looks wrong: it is taken, once, and moves nothing that it may not move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import httpx
import pytest

from tests.api.held import MISTAKE, Held, pushed
from tests.api.promises import Json, problem, rows
from tests.api.test_links import NOT_FILED, RECEIVED, TEN_DAYS_LATER, clock, in_spring
from tests.conftest import Service
from tests.transfers import CITY_MARKET, CITY_POLICE, MARKET, PROCURATORATE, opinion, organ, ref, transfer, undecided

pytestmark = pytest.mark.any_server

AGENCY, POLICE, PROCURATORS = "market-wuchang", "police-wuchang", "procuratorate-wuchang"
OTHER_POLICE, OTHER_PROCURATORS, AUDITOR = "police-city", "procuratorate-jiangan", "auditor-city"
ENGLISH = {"Accept-Language": "en"}

Told = tuple[str, Json]
"""Who reports, and the event."""


def step(who: str, when: str, event: str, **more: object) -> Told:
    return who, {"event": event, "occurred_at": f"{when}:00+08:00" if "T" in when else when, **more}


def extended(level: str, **said: object) -> Told:
    return step(POLICE, "2026-09-24", "extended", node="police_decided", level=level, unit="natural_day", **said)


TAKEN = step(POLICE, "2026-09-22T17:05", "received")
HANDED_ON = step(POLICE, "2026-09-23T09:30", "rerouted", to=organ(CITY_POLICE))
FILED = step(POLICE, "2026-09-24", "filed", document_no="武公立字〔2026〕77号")
OTHER_DOCUMENT = step(POLICE, "2026-09-24", "filed", document_no="武公立字〔2026〕78号")
CLOSED = (
    TAKEN,
    step(POLICE, "2026-09-24", "not_filed", reason="情节显著轻微"),
    step(AGENCY, "2026-09-28", "handled", outcome="not_punished"),
)


def numbered(told: Told) -> Told:
    """The same under a number of its reporter's own."""
    return told[0], told[1] | {"source_id": "样例-1"}


@dataclass(frozen=True)
class Refused:
    """What was told before, what then is not taken, and how that is answered.

    `against`: the events of the facts that contradict each other; `fault`: where in the event, and which.
    """

    told: Told
    status: int
    code: str
    after: Sequence[Told] = ()
    against: frozenset[str] = field(default_factory=frozenset)
    fault: tuple[str, str] | None = None


def contradicts(told: Told, against: str, after: Sequence[Told] = ()) -> Refused:
    return Refused(told, 409, "step-not-allowed", after, frozenset({told[1]["event"], against}))


def unsound(told: Told, pointer: str, fault: str) -> Refused:
    return Refused(told, 422, "validation-failed", (TAKEN,), fault=(pointer, fault))


def foreign(told: Told, after: Sequence[Told] = (TAKEN,)) -> Refused:
    return Refused(told, 403, "not-your-step", after)


REFUSED = {
    # The record says: reported on the 21st, approved on the 22nd at 10:20, sent at 16:00.
    "received an hour before it was sent": contradicts(step(POLICE, "2026-09-22T15:00", "received"), "sent"),
    "received the day before it was approved": contradicts(step(POLICE, "2026-09-21", "received"), "approved"),
    "copied the day before it was approved": contradicts(step(AGENCY, "2026-09-21", "copied"), "approved"),
    "sent on another day than the record says": contradicts(step(AGENCY, "2026-09-23", "sent"), "sent"),
    "reported on another day than the record says": contradicts(step(AGENCY, "2026-09-20", "reported"), "reported"),
    "tomorrow": unsound(step(POLICE, "2026-10-10", "filed"), "/occurred_at", "future-date"),
    "tomorrow in Shanghai": unsound(
        (POLICE, {"event": "filed", "occurred_at": "2026-10-09T16:00:00Z"}), "/occurred_at", "future-date"
    ),
    "another document under the same number": Refused(
        numbered(OTHER_DOCUMENT), 409, "event-already-held", (TAKEN, numbered(FILED))
    ),
    "filed after the case was closed": contradicts(step(POLICE, "2026-09-29", "filed"), "handled", CLOSED),
    "notified after the case was closed": contradicts(step(POLICE, "2026-09-29", "notified"), "handled", CLOSED),
    "a review after the case was closed": contradicts(
        step(AGENCY, "2026-09-29", "review_requested"), "handled", CLOSED
    ),
    "a reason after the case was closed": contradicts(
        step(PROCURATORS, "2026-09-29", "reason_required"), "handled", CLOSED
    ),
    "closed twice": contradicts(step(AGENCY, "2026-09-30", "handled", outcome="penalised"), "handled", CLOSED),
    "eleven days by the handling unit": unsound(extended("handling_unit", total=11), "/total", "longer-than-level"),
    "31 days by the county": unsound(
        extended("county_police", total=31, document_no="武公延〔2026〕1号"), "/total", "longer-than-level"
    ),
    "31 days more by the superior": unsound(
        extended("superior_police", amount=31, document_no="武公延〔2026〕1号"), "/amount", "longer-than-level"
    ),
    "an extension by who has none to grant": unsound(extended("head", total=7), "/level", "level-cannot-extend"),
    "filed by police it was never addressed to": Refused((OTHER_POLICE, FILED[1]), 404, "unknown-record", (TAKEN,)),
    "filed by police that handed it on": foreign(FILED, (TAKEN, HANDED_ON)),
    "filed by them after the others did": foreign(
        FILED,
        (
            TAKEN,
            HANDED_ON,
            step(OTHER_POLICE, "2026-09-23T15:00", "received"),
            step(OTHER_POLICE, "2026-09-24", "filed"),
        ),
    ),
    "filed before they handed it on": contradicts(
        step(POLICE, "2026-09-22T18:00", "filed"),
        "rerouted",
        (TAKEN, HANDED_ON, step(OTHER_POLICE, "2026-09-23T15:00", "received")),
    ),
    "handed on after it was filed": contradicts(
        step(POLICE, "2026-09-25", "rerouted", to=organ(CITY_POLICE)), "filed", (TAKEN, FILED)
    ),
    "filed by the agency": foreign((AGENCY, FILED[1])),
    "filed by the procuratorate": foreign((PROCURATORS, FILED[1])),
    "a reason required by the police": foreign(step(POLICE, "2026-09-29", "reason_required")),
    "a filing ordered by the police": foreign(step(POLICE, "2026-09-29", "filing_ordered")),
    "supervision accepted by the agency": foreign(step(AGENCY, "2026-09-29", "supervision_accepted")),
    "sent by the procuratorate": foreign(step(PROCURATORS, "2026-09-22T16:00", "sent")),
    "filed by an auditor": Refused((AUDITOR, FILED[1]), 403, "role-may-not", (TAKEN,)),
    "supervised by the procuratorate of another district": Refused(
        step(OTHER_PROCURATORS, "2026-09-29", "reason_required"), 404, "unknown-record", (TAKEN,)
    ),
}


class Kept(NamedTuple):
    """All that is kept, and what can be read of one record."""

    rows: dict[str, int]
    record: Json
    nodes: Json
    events: Json
    feed: list[Json]


async def kept(service: Service, held: Held) -> Kept:
    return Kept(
        await rows(service),
        await held.read(),
        await held.read("/nodes"),
        await held.read("/events"),
        await held.feed(),
    )


async def told_of(service: Service, *told: Told, economic: bool | None = None) -> Held:
    """A transfer of which this was told, all of it taken."""
    held = await pushed(service, transfer(economic_crime=economic), AGENCY)
    for who, event in told:
        answer = await held.tell(event, who)
        assert answer.status_code == 201, answer.text
    return held


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_is_refused_in_both_languages_and_leaves_nothing_behind(
    service: Service, case: Refused
) -> None:
    held = await told_of(service, *case.after)
    before = await kept(service, held)
    who, event = case.told

    chinese = problem(await held.tell(event, who))
    english = problem(await held.tell(event, who, ENGLISH), english=True)

    for said in (chinese, english):
        assert (said["status"], said["code"]) == (case.status, case.code)
        assert {fact["event"] for fact in said.get("facts", ())} == case.against
        faults = [(fault["pointer"], fault["code"]) for fault in said.get("errors", ())]
        assert faults == ([case.fault] if case.fault else [])
    assert await kept(service, held) == before


async def test_nothing_more_is_taken_of_a_transfer_that_was_taken_back(service: Service) -> None:
    held = await told_of(service, TAKEN)
    await held.withdraw(reason=MISTAKE)
    before = await kept(service, held)

    for who, event in (FILED, step(AGENCY, "2026-09-23", "copied"), step(PROCURATORS, "2026-09-29", "reason_required")):
        said = problem(await held.tell(event, who, ENGLISH), english=True)
        assert (said["status"], said["code"]) == (409, "withdrawn")
    assert await kept(service, held) == before


# --- taken, and moving nothing it may not move --------------------------------------------------------


async def test_the_same_step_told_again_is_answered_the_same_and_kept_once(service: Service) -> None:
    held = await told_of(service, TAKEN)
    first = await held.tell(FILED[1], POLICE)
    before = await kept(service, held)

    for _ in range(3):
        again = await held.tell(FILED[1], POLICE)
        assert (again.status_code, again.json()) == (200, first.json())

    assert await kept(service, held) == before


async def test_a_second_decision_under_another_document_is_another_event_and_waits(service: Service) -> None:
    """A case may be filed again once it was withdrawn, so two filings do not exclude each other."""
    held = await told_of(service, TAKEN, FILED)
    nodes = await held.read("/nodes")

    for who, event in (OTHER_DOCUMENT, step(POLICE, "2026-09-25", "filed", document_no="武公立字〔2026〕77号")):
        service.now += timedelta(minutes=1)
        answer = await held.tell(event, who, ENGLISH)
        said = answer.json()
        assert (answer.status_code, said["applied"], said["state"]) == (201, False, "filed")
        assert [one["code"] for one in said["warnings"]] == ["predecessor-missing"]

    assert await held.read("/nodes") == nodes
    assert [applied for _, applied in await held.told_of("filed")] == [True, False, False]


async def test_a_step_that_moves_nothing_may_be_told_under_two_documents_and_the_first_met_the_duty(
    service: Service,
) -> None:
    held = await told_of(service, TAKEN)
    copied = await held.node("transfer_copied")

    for number in ("武昌市监抄〔2026〕1号", "武昌市监抄〔2026〕2号"):
        _, event = step(AGENCY, "2026-09-23T09:00", "copied", document_no=number)
        answer = await held.tell(event)
        assert (answer.status_code, answer.json()["applied"]) == (201, True)

    assert await held.node("transfer_copied") == copied


@pytest.mark.parametrize(
    ("granted", "economic", "code"),
    [
        # Seven days for most crimes, ten for economic ones.
        (extended("handling_unit", total=8), None, "extension-beyond-level"),
        (extended("superior_police", amount=30, document_no="汉公延〔2026〕1号"), None, "extension-beyond-level"),
        (extended("superior_police", amount=30, document_no="汉公延〔2026〕1号"), True, "extension-out-of-turn"),
        (extended("county_police", total=30), None, "extension-without-document"),
    ],
    ids=["longer than the level may", "by a level for other crimes", "before the level below", "without its document"],
)
async def test_an_extension_that_the_row_of_the_case_does_not_provide_for_is_kept_told_and_moves_no_clock(
    service: Service,
    granted: Told,
    economic: bool | None,
    code: str,
) -> None:
    held = await told_of(service, TAKEN, economic=economic)
    before = await held.node("police_decided")
    who, event = granted

    first, again = await held.tell(event, who), await held.tell(event, who, ENGLISH)

    assert (first.status_code, again.status_code) == (201, 200)
    for answer in (first, again):
        (warning,) = answer.json()["warnings"]
        assert (warning["code"], warning["pointer"]) == (code, "/event")
    assert first.json()["warnings"][0]["message"] != again.json()["warnings"][0]["message"]
    after = await held.node("police_decided")
    # Three days after Tuesday 22 September: 23, 24, 25: Mid-Autumn, off to 27; Monday 28.
    assert before["due_at"] == after["due_at"] == "2026-09-28T23:59:59+08:00"
    assert after["warnings"] == [code]
    assert len(await held.told_of("extended")) == 1


# --- who begins it ------------------------------------------------------------------------------------

BEGUN_BY_ANOTHER: dict[str, tuple[str, Json, int, str, tuple[str, ...]]] = {
    "a transfer by the procuratorate": (PROCURATORS, transfer(), 403, "role-may-not", ()),
    "a transfer by the procuratorate in its own name": (
        PROCURATORS,
        transfer(organisation=PROCURATORATE, copied_to=None),
        422,
        "validation-failed",
        ("required-from-sending",),
    ),
    "a transfer not sent, by the procuratorate in its own name": (
        PROCURATORS,
        transfer(organisation=PROCURATORATE, opened_by="agency"),
        403,
        "role-may-not",
        (),
    ),
    "an opinion by an agency": (
        AGENCY,
        opinion(organisation=MARKET, organ=organ(CITY_MARKET)),
        403,
        "role-may-not",
        (),
    ),
    "an opinion by an agency in the procuratorate's name": (AGENCY, opinion(), 403, "role-may-not", ()),
    "an opinion in another procuratorate's name": (OTHER_PROCURATORS, opinion(), 403, "not-your-record", ()),
    "an opinion addressed to the procuratorate itself": (
        PROCURATORS,
        opinion(organ=organ(PROCURATORATE)),
        422,
        "validation-failed",
        ("same-organ",),
    ),
    "an opinion that tells of the agency's sending": (
        PROCURATORS,
        opinion(sent_at="2026-09-22T16:00:00+08:00"),
        422,
        "validation-failed",
        ("not-the-openers",),
    ),
    "a transfer that refers to itself": (
        AGENCY,
        transfer(refs=[ref(transfer())]),
        422,
        "validation-failed",
        ("ref-to-itself",),
    ),
}


@pytest.mark.parametrize(("who", "record", "status", "code", "faults"), BEGUN_BY_ANOTHER.values(), ids=BEGUN_BY_ANOTHER)
async def test_what_is_anothers_to_begin_is_refused_in_both_languages_and_not_kept(
    service: Service, who: str, record: Json, status: int, code: str, faults: tuple[str, ...]
) -> None:
    before = await rows(service)

    answers = [await _push(service, who, record, headers) for headers in ({}, ENGLISH)]

    for answer, english in zip(answers, (False, True), strict=True):
        said = problem(answer, english=english)
        assert (said["status"], said["code"]) == (status, code)
        assert tuple(fault["code"] for fault in said.get("errors", ())) == faults
        assert "样例嫌疑人1" not in answer.text
    assert await rows(service) == before


async def _push(service: Service, who: str, record: Json, headers: dict[str, str]) -> httpx.Response:
    return await (await service.client(who)).post("/v1/records/transfer", json=record, headers=headers)


@pytest.mark.parametrize(
    "told",
    [
        step(AGENCY, "2026-09-22", "opinion_issued", reason="样例"),
        step(PROCURATORS, "2026-09-22", "opinion_explained", reason="样例"),
        step(PROCURATORS, "2026-09-22T10:00", "approved"),
        step(PROCURATORS, "2026-09-22T10:00", "sent"),
    ],
    ids=lambda told: told[1]["event"],
)
async def test_of_an_opinion_each_side_tells_its_own_half(service: Service, told: Told) -> None:
    held = await pushed(service, opinion(), PROCURATORS)
    before = await kept(service, held)
    who, event = told

    said = problem(await held.tell(event, who, ENGLISH), english=True)

    assert (said["status"], said["code"]) == (403, "not-your-step")
    assert await kept(service, held) == before


# --- tied to what is not there, and in circles ----------------------------------------------------------


async def test_a_tie_to_a_record_that_is_not_there_is_kept_and_leads_to_it_once_it_comes(service: Service) -> None:
    crime = await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)
    alone = await crime.read("/timeline")
    assert [one["id"] for one in alone["records"]] == [crime.id]
    assert (await crime.read())["record"]["refs"] == [ref(undecided())]

    fine = await pushed(service, undecided(), AGENCY)

    for held, other in ((crime, fine), (fine, crime)):
        assert [one["id"] for one in (await held.read("/timeline"))["records"]] == [held.id, other.id]
    assert await clock(fine) == ("paused", None)


async def test_a_ring_of_three_records_is_one_case_whose_clocks_settle(service: Service) -> None:
    one, two = in_spring(1), in_spring(2)
    fine = await pushed(service, undecided(refs=[ref(one)]), AGENCY)
    crimes = [
        await pushed(service, one | {"refs": [ref(two)]}, AGENCY),
        await pushed(service, two | {"refs": [ref(undecided())]}, AGENCY),
    ]

    timelines = [await held.read("/timeline") for held in (fine, *crimes)]

    assert [{member["id"] for member in told["records"]} for told in timelines] == [
        {fine.id, *(c.id for c in crimes)}
    ] * 3
    assert timelines[0]["items"] == timelines[1]["items"] == timelines[2]["items"]
    assert await clock(fine) == ("paused", None)
    for crime in crimes:
        await crime.tell(RECEIVED, POLICE)
        await crime.tell(NOT_FILED, POLICE)
    # Both kept it for the same ten days.
    assert (await clock(fine))[1] == TEN_DAYS_LATER
    assert [len(await fine.told_of(event)) for event in ("suspended", "resumed")] == [2, 2]
