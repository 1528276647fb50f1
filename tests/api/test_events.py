"""What happened to a penalty, in whatever order it was told, and what it does to the nodes."""

from __future__ import annotations

from datetime import datetime

import httpx
import pytest

from schemas.lifecycle import SHANGHAI
from schemas.publishing import examples
from tests.api.held import Held
from tests.api.held import pushed as taken_in
from tests.api.promises import PUSH, Json, problem, rows, told, without
from tests.conftest import Service

DECIDED = without(examples("penalty")["decided"], "/events")
WARNED = {name: value for name, value in DECIDED.items() if name not in ("fine_yuan", "confiscated_yuan")} | {
    "source_id": "2026-食-000318",
    "penalty_kinds": ["01"],
}
SERVED = {"event": "served", "occurred_at": "2026-09-30"}
PAID = {"event": "paid", "occurred_at": "2026-10-08", "amount_yuan": "12000.00"}
PUBLISHED = {"event": "published", "occurred_at": "2026-10-08"}


def at(month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """A moment of the autumn of 2026 in Shanghai."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


async def pushed(service: Service, record: Json = DECIDED) -> Held:
    """A penalty, taken in."""
    return await taken_in(service, record)


# --- the order of arrival -------------------------------------------------------------------------


async def test_an_event_is_answered_with_what_became_of_it(service: Service) -> None:
    held = await pushed(service)

    answer = await held.tell(SERVED | {"method": "direct"})

    assert answer.status_code == 201
    said = answer.json()
    assert {name: said[name] for name in ("event", "applied", "state", "version", "warnings")} == {
        "event": "served",
        "applied": True,
        "state": "served",
        "version": 1,
        "warnings": [],
    }
    assert {node["node"]: node["state"] for node in said["nodes"]} == await held.states()
    assert (await held.read())["state"] == "served"


async def test_an_event_whose_predecessor_is_missing_is_kept_and_moves_nothing(service: Service) -> None:
    held = await pushed(service)
    states = await held.states()

    answer = await held.tell(PAID)

    assert answer.status_code == 201
    said = answer.json()
    assert (said["applied"], said["state"]) == (False, "decided")
    assert [warning["code"] for warning in said["warnings"]] == ["predecessor-missing"]
    assert (await held.read())["state"] == "decided"
    assert await held.states() == states
    kept = (await held.read("/events"))["items"][-1]
    assert (kept["event"], kept["applied"]) == (PAID, False)


async def test_an_event_that_waited_takes_effect_when_the_gap_closes(service: Service) -> None:
    held = await pushed(service)
    await held.tell(PAID)

    answer = await held.tell(SERVED)

    assert answer.status_code == 201
    assert (answer.json()["applied"], answer.json()["state"]) == (True, "paid")
    assert (await held.states())["penalty_paid"] == "done"
    told_ = [(item["event"]["event"], item["applied"]) for item in (await held.read("/events"))["items"]]
    assert told_.index(("served", True)) < told_.index(("paid", True))


async def test_history_is_the_same_in_whatever_order_it_was_told(service: Service) -> None:
    in_order, backwards = await pushed(service), await pushed(service, DECIDED | {"source_id": "2"})

    for event in (SERVED, PUBLISHED, PAID):
        await in_order.tell(event)
    for event in (PAID, PUBLISHED, SERVED):
        await backwards.tell(event)

    assert (await in_order.read())["state"] == (await backwards.read())["state"] == "paid"
    assert (await in_order.read("/nodes")) == (await backwards.read("/nodes"))


async def test_a_repeated_event_that_still_waits_is_still_said_to_wait(service: Service) -> None:
    held = await pushed(service)

    first, second = await held.tell(PAID), await held.tell(PAID)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()


async def test_of_two_events_on_one_day_the_lawful_order_holds(service: Service) -> None:
    held = await pushed(service)

    await held.tell({"event": "served", "occurred_at": "2026-09-29"})
    answer = await held.tell(PAID | {"occurred_at": "2026-09-29"})

    assert (answer.json()["applied"], answer.json()["state"]) == (True, "paid")


async def test_a_penalty_may_be_followed_from_its_filing_on(service: Service) -> None:
    service.now = at(10, 14)
    held = await pushed(service, examples("penalty")["filed"])

    answers = [
        await held.tell({"event": name, "occurred_at": "2026-10-13"})
        for name in ("notified", "hearing_requested", "hearing_held")
    ]

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [
        (201, "notified"),
        (201, "hearing_requested"),
        (201, "hearing_held"),
    ]
    assert await held.states() == {}


# --- the same event -------------------------------------------------------------------------------


async def test_the_same_event_told_twice_is_one_event(service: Service) -> None:
    held = await pushed(service)

    first = await held.tell(SERVED)
    before = await rows(service)
    second = await held.tell(SERVED)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert await rows(service) == before


async def test_a_null_member_makes_no_other_event(service: Service) -> None:
    held = await pushed(service)

    first, second = await held.tell(SERVED), await held.tell(SERVED | {"note": None, "document_no": None})

    assert (first.status_code, second.status_code) == (201, 200)


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (SERVED, SERVED | {"method": "mail"}),
        (SERVED | {"source_id": "1"}, SERVED | {"source_id": "1", "occurred_at": "2026-10-08"}),
        (SERVED | {"source_id": "1"}, PUBLISHED | {"source_id": "1"}),
        (SERVED | {"document_no": "送达〔2026〕1号"}, SERVED | {"document_no": "送达〔2026〕1号", "note": "另一"}),
    ],
)
async def test_the_same_identity_with_other_content_is_refused(service: Service, first: Json, other: Json) -> None:
    held = await pushed(service)
    await held.tell(first)
    before = await rows(service)

    answer = await held.tell(other)

    assert told(answer)[:2] == (409, "event-already-held")
    assert await rows(service) == before


async def test_payments_on_different_days_are_different_events(service: Service) -> None:
    held = await pushed(service)
    await held.tell(SERVED)

    answers = [await held.tell(PAID | {"occurred_at": day}) for day in ("2026-10-08", "2026-10-09")]

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(201, "paid"), (201, "paid")]


# --- contradictions -------------------------------------------------------------------------------


def _contradiction(answer: httpx.Response) -> tuple[set[str], set[str]]:
    """The two facts that cannot both be true, and the lawful steps, as the refusal names them."""
    said = problem(answer)
    assert (answer.status_code, said["code"]) == (409, "step-not-allowed")
    return {fact["event"] for fact in said["facts"]}, set(said["lawful"])


@pytest.mark.parametrize(
    ("before", "event", "facts", "lawful"),
    [
        ([], {"event": "not_punished", "reason": "情节轻微"}, {"not_punished", "decided"}, {"served", "revoked"}),
        ([], {"event": "case_withdrawn", "reason": "违法事实不能成立"}, {"case_withdrawn", "decided"}, {"served"}),
        ([], {"event": "referred_out"}, {"referred_out", "decided"}, {"served"}),
        ([SERVED], {"event": "notified"}, {"notified", "served"}, {"paid", "demanded", "closed"}),
        ([SERVED, {"event": "closed", "occurred_at": "2026-10-08"}], {"event": "paid"}, {"paid", "closed"}, set()),
        (
            [{"event": "revoked", "occurred_at": "2026-10-08", "reason": "复议撤销"}],
            SERVED,
            {"served", "revoked"},
            {"closed"},
        ),
    ],
    ids=["other outcome", "withdrawn", "referred out", "back again", "after the end", "after it was revoked"],
)
async def test_what_can_never_become_lawful_is_refused_and_told_why(
    service: Service, before: list[Json], event: Json, facts: set[str], lawful: set[str]
) -> None:
    held = await pushed(service)
    for one in before:
        assert (await held.tell(one)).status_code == 201
    stored, state = await rows(service), (await held.read())["state"]

    answer = await held.tell(event | {"occurred_at": "2026-10-09"})

    named, steps = _contradiction(answer)
    assert named == facts
    assert lawful <= steps
    assert await rows(service) == stored
    assert (await held.read())["state"] == state


async def test_a_contradiction_with_something_told_to_have_happened_later_is_refused(service: Service) -> None:
    held = await pushed(service)
    await held.tell(PAID | {"occurred_at": "2026-10-07"})
    stored = await rows(service)

    answer = await held.tell({"event": "served", "occurred_at": "2026-10-08"})

    assert _contradiction(answer)[0] == {"paid", "served"}
    assert await rows(service) == stored


# --- whose event it is ----------------------------------------------------------------------------


@pytest.mark.parametrize("procuratorate", ["procuratorate-city", "procuratorate-wuchang"])
async def test_a_procuratorate_does_not_report_the_steps_of_an_agency(service: Service, procuratorate: str) -> None:
    held = await pushed(service)
    caller = await service.client(procuratorate)
    stored = await rows(service)

    answer = await caller.post(f"{held.address}/events", json=SERVED)

    assert told(answer)[:2] == (403, "not-your-step")
    assert await rows(service) == stored


@pytest.mark.parametrize("reader", ["justice-city", "auditor-city", "office-city"])
async def test_a_reader_reports_nothing(service: Service, reader: str) -> None:
    held = await pushed(service)
    caller = await service.client(reader)
    stored = await rows(service)

    answer = await caller.post(f"{held.address}/events", json=SERVED)

    assert told(answer)[:2] == (403, "role-may-not")
    assert await rows(service) == stored


@pytest.mark.parametrize("stranger", ["market-wuchang", "ecology-city", "police-city", "procuratorate-jiangan"])
async def test_who_does_not_see_the_penalty_reports_nothing_of_it(service: Service, stranger: str) -> None:
    held = await pushed(service)
    caller = await service.client(stranger)
    stored = await rows(service)

    answer = await caller.post(f"{held.address}/events", json=SERVED)

    assert told(answer) == (404, "unknown-record", ())
    assert await rows(service) == stored


# --- nodes in time --------------------------------------------------------------------------------

# Decided on Tuesday 29 September 2026. Seven working days (行政处罚法 arts. 61, 85): the day itself is not counted,
# 1 to 7 October are days off and Saturday the 10th is worked, so 30 September, 8, 9, 10, 12, 13 and 14 October.
DUE = "2026-10-14T23:59:59+08:00"


async def test_service_falls_due_after_seven_working_days(service: Service) -> None:
    held = await pushed(service)

    node = await held.node("penalty_served")

    assert {name: node[name] for name in node if name not in ("explanation", "title", "basis")} == {
        "node": "penalty_served",
        "responsible": DECIDED["organisation"],
        "responsible_role": "agency",
        "opened_by": "decided",
        "opened_at": "2026-09-29",
        "limit": {"amount": 7, "unit": "working_day"},
        "due_at": DUE,
        "done_at": None,
        "state": "open",
        "rule": "penalty_served@2021-07-15",
        "level": "national",
        "status": "verified",
        "provisional": False,
        "advisory": False,
    }
    assert node["title"] == "送达"
    assert node["basis"] == "行政处罚法(2021) 第六十一条、第八十五条"


async def test_the_explanation_can_be_checked_with_a_wall_calendar(service: Service) -> None:
    held = await pushed(service)

    zh = (await held.node("penalty_served"))["explanation"]
    en = (await held.node("penalty_served", **{"Accept-Language": "en"}))["explanation"]

    assert zh == "2026-09-29 作出决定,当日不计;7 个工作日,其间 10-01 至 10-07 放假,10-10(周六)上班;至 2026-10-14。"
    assert en.isascii()
    for word in ("2026-09-29", "7 working days", "2026-10-14"):
        assert word in en


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (at(10, 9), "open"),
        (at(10, 10), "open"),
        (at(10, 13, 12), "due_soon"),
        (at(10, 14, 23, 59, 59), "due_soon"),
        (at(10, 15, 0, 0, 0), "overdue"),
        (at(12, 31), "overdue"),
    ],
    ids=str,
)
async def test_a_node_becomes_due_soon_and_overdue_as_time_goes_by(service: Service, now: datetime, state: str) -> None:
    held = await pushed(service)

    service.now = now

    assert (await held.states())["penalty_served"] == state
    node = await held.node("penalty_served")
    assert (node["due_at"], node["done_at"]) == (DUE, None)


@pytest.mark.parametrize(
    ("served", "state"),
    [
        ("2026-09-29", "done"),
        ("2026-10-14", "done"),
        ("2026-10-14T23:59:59+08:00", "done"),
        ("2026-10-14T15:59:59Z", "done"),
        ("2026-10-15", "done_late"),
        ("2026-10-15T00:00:00+08:00", "done_late"),
        ("2026-10-14T16:00:00Z", "done_late"),
    ],
)
async def test_a_duty_counts_as_met_when_it_was_met_not_when_we_were_told(
    service: Service, served: str, state: str
) -> None:
    held = await pushed(service)
    service.now = at(11, 2)

    await held.tell({"event": "served", "occurred_at": served})

    assert (await held.states())["penalty_served"] == state


async def test_a_date_is_printed_as_it_was_given(service: Service) -> None:
    held = await pushed(service)

    await held.tell({"event": "served", "occurred_at": "2026-09-30"})

    assert (await held.node("penalty_served"))["done_at"] == "2026-09-30"


async def test_service_opens_the_time_to_pay(service: Service) -> None:
    held = await pushed(service)
    before = await held.node("penalty_paid")

    await held.tell(SERVED)

    # Fifteen days (art. 67) after 30 September: 15 October, a Thursday.
    node = await held.node("penalty_paid")
    assert before is None
    assert (node["opened_by"], node["opened_at"], node["due_at"]) == (
        "served",
        "2026-09-30",
        "2026-10-15T23:59:59+08:00",
    )
    assert node["limit"] == {"amount": 15, "unit": "natural_day"}


async def test_a_penalty_without_a_fine_is_never_waiting_for_payment(service: Service) -> None:
    held = await pushed(service, WARNED)

    await held.tell(SERVED)

    assert set(await held.states()) == {"penalty_served", "penalty_published", "penalty_entered"}


async def test_telling_us_of_the_decision_is_entering_it(service: Service) -> None:
    held = await pushed(service)

    node = await held.node("penalty_entered")

    # Seven natural days after 29 September end on 6 October, within the days off, so on the 8th; told on the 9th.
    assert node["due_at"] == "2026-10-08T23:59:59+08:00"
    assert node["state"] == "done_late"
    assert node["done_at"].startswith("2026-10-09T09:02:11")
    assert node["status"] == "local_default"


async def test_a_penalty_that_is_only_filed_has_no_nodes_yet(service: Service) -> None:
    service.now = at(10, 13)
    held = await pushed(service, examples("penalty")["filed"])

    assert await held.states() == {}


# --- the clock ------------------------------------------------------------------------------------


async def test_a_suspended_node_stands_still(service: Service) -> None:
    held = await pushed(service)

    answer = await held.tell(
        {"event": "suspended", "occurred_at": "2026-10-08", "node": "penalty_served", "reason": "当事人下落不明"}
    )

    node = await held.node("penalty_served")
    assert (answer.status_code, answer.json()["applied"]) == (201, True)
    assert (node["state"], node["due_at"]) == ("paused", None)
    # One of the seven working days, 30 September, had gone by.
    assert node["remaining"] == {"amount": 6, "unit": "working_day"}
    assert (await held.states())["penalty_published"] != "paused"
    service.now = at(12, 1)
    assert (await held.states())["penalty_served"] == "paused"


async def test_a_resumed_node_goes_on_from_where_it_stood(service: Service) -> None:
    held = await pushed(service)
    service.now = at(10, 12)

    await held.tell({"event": "suspended", "occurred_at": "2026-10-08", "node": "penalty_served", "reason": "样例"})
    await held.tell({"event": "resumed", "occurred_at": "2026-10-12", "node": "penalty_served"})

    # 30 September, then 12, 13, 14, 15, 16 and 19 October.
    node = await held.node("penalty_served")
    assert (node["state"], node["due_at"]) == ("open", "2026-10-19T23:59:59+08:00")
    assert "2026-10-19" in node["explanation"]
    assert "remaining" not in node


async def test_a_suspension_that_names_no_node_stops_them_all(service: Service) -> None:
    held = await pushed(service)

    await held.tell({"event": "suspended", "occurred_at": "2026-10-08", "reason": "样例"})

    states = await held.states()
    assert (states["penalty_served"], states["penalty_published"]) == ("paused", "paused")


async def test_an_extension_adds_to_the_amount(service: Service) -> None:
    held = await pushed(service)

    await held.tell(
        {"event": "extended", "occurred_at": "2026-10-08", "node": "penalty_served", "amount": 3, "unit": "working_day"}
    )

    # Ten working days from 29 September: 15, 16 and 19 October are the eighth to the tenth.
    node = await held.node("penalty_served")
    assert node["due_at"] == "2026-10-19T23:59:59+08:00"
    assert "2026-10-19" in node["explanation"]


async def test_a_waived_duty_is_no_longer_owed(service: Service) -> None:
    held = await pushed(service)

    await held.tell({"event": "waived", "occurred_at": "2026-10-09", "node": "penalty_published", "reason": "涉密"})
    service.now = at(12, 1)

    states = await held.states()
    assert (states["penalty_published"], states["penalty_served"]) == ("waived", "overdue")


@pytest.mark.parametrize(
    "event",
    [
        {"event": "suspended", "occurred_at": "2026-10-08", "node": "penalty_served", "reason": "样例"},
        {"event": "waived", "occurred_at": "2026-10-08", "node": "penalty_served", "reason": "样例"},
    ],
    ids=lambda event: str(event["event"]),
)
async def test_what_moves_the_clock_of_a_node_may_be_sent_along(service: Service, event: Json) -> None:
    held = await pushed(service, DECIDED | {"events": [event]})

    assert (await held.states())["penalty_served"] in ("paused", "waived")


@pytest.mark.parametrize("name", ["extended", "suspended", "resumed", "waived"])
async def test_the_clock_of_a_node_that_does_not_exist_cannot_be_moved(service: Service, name: str) -> None:
    held = await pushed(service)
    whole: dict[str, Json] = {
        "extended": {"amount": 3, "unit": "working_day"},
        "suspended": {"reason": "样例"},
        "waived": {"reason": "样例"},
        "resumed": {},
    }
    stored = await rows(service)

    answer = await held.tell({"event": name, "occurred_at": "2026-10-08", "node": "penalty_celebrated"} | whole[name])

    assert told(answer)[:2] == (422, "validation-failed")
    assert told(answer)[2][0][0] == "/node"
    assert await rows(service) == stored


async def test_an_event_that_repeats_a_date_of_the_record_is_still_listed(service: Service) -> None:
    agency = await service.client("market-city")
    known = (await agency.post(PUSH, json=DECIDED)).json()["id"]
    event = {"event": "decided", "occurred_at": "2026-09-29", "document_no": "武市监处罚〔2026〕12号"}

    reported = (await agency.post(f"{PUSH}/{known}/events", json=event)).json()
    listed = (await agency.get(f"{PUSH}/{known}/events")).json()["items"]

    assert reported["applied"]
    assert [one["event"] for one in listed if one["id"] == reported["id"]] == [event]
