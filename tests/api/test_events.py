"""What happened to a penalty, in whatever order it was told, and what it does to the nodes."""

from __future__ import annotations

from datetime import datetime

import httpx
import pytest

from schemas.lifecycle import SHANGHAI
from schemas.publishing import examples
from tests.api.held import WENT_ON, Held
from tests.api.held import pushed as taken_in
from tests.api.promises import PUSH, Json, problem, rows, told, without
from tests.conftest import Service

DECIDED = without(examples("penalty")["decided"], "/events")
WARNED = {name: value for name, value in DECIDED.items() if name not in ("fine_yuan", "confiscated_yuan")} | {
    "source_id": "2026-食-000318",
    "penalty_kinds": ["01"],
}
# Ninety days from 3 August end on Sunday 1 November, which gives way to the Monday.
FILED = examples("penalty")["filed"] | {"filed_on": "2026-08-03"}
FILED_DUE = "2026-11-02T23:59:59+08:00"
SERVED = {"event": "served", "occurred_at": "2026-09-30"}
PAID = {"event": "paid", "occurred_at": "2026-10-08", "amount_yuan": "12000.00"}
PUBLISHED = {"event": "published", "occurred_at": "2026-10-08"}
REVOKED = {"event": "revoked", "occurred_at": "2026-10-09", "reason": "复议撤销"}
EXTENDED = {
    "event": "extended",
    "occurred_at": "2026-10-08",
    "node": "penalty_decided",
    "level": "head",
    "amount": 30,
    "unit": "natural_day",
}


def at(month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """A moment of the autumn of 2026 in Shanghai."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


async def pushed(service: Service, record: Json = DECIDED) -> Held:
    """A penalty, taken in."""
    return await taken_in(service, record)


def cautions(answer: httpx.Response) -> list[str]:
    """The codes of the warnings of what was taken in and took effect."""
    assert (answer.status_code, answer.json()["applied"]) == (201, True), answer.text
    return [warning["code"] for warning in answer.json()["warnings"]]


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
    assert await held.states("penalty_notice", "penalty_hearing_request", "penalty_decided", "penalty_served") == {
        "penalty_notice": "done",
        "penalty_hearing_request": "done",
        "penalty_decided": "open",
    }


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


async def test_service_that_was_told_before_the_decision_waits_for_it(service: Service) -> None:
    held = await pushed(service, FILED)
    states = await held.states()

    answer = await held.tell(SERVED)
    waiting = await held.states()
    decided = await held.tell({"event": "decided", "occurred_at": "2026-09-29"})

    assert (answer.status_code, answer.json()["applied"], answer.json()["state"]) == (201, False, "filed")
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["predecessor-missing"]
    assert waiting == states
    assert (decided.status_code, decided.json()["state"]) == (201, "served")
    assert (await held.node("penalty_served"))["done_at"] == "2026-09-30"


@pytest.mark.parametrize(
    ("before", "event", "after", "lawful"),
    [
        ([], SERVED | {"occurred_at": "2026-09-28"}, ("decided", "2026-09-29"), {"served", "revoked"}),
        ([SERVED], PAID | {"occurred_at": "2026-09-29"}, ("served", "2026-09-30"), {"paid", "payment_deferred"}),
        ([SERVED], PAID | {"occurred_at": "2026-09-28"}, ("decided", "2026-09-29"), {"paid", "payment_deferred"}),
    ],
    ids=["served before decided", "paid before served", "paid before decided"],
)
async def test_what_happened_before_its_predecessor_is_refused_with_both_facts_and_the_lawful_steps(
    service: Service, before: list[Json], event: Json, after: tuple[str, str], lawful: set[str]
) -> None:
    held = await pushed(service, DECIDED | {"events": before})
    stored, state = await rows(service), (await held.read())["state"]

    answer = await held.tell(event)

    named, steps = _contradiction(answer)
    assert named == {event["event"], after[0]}
    said = {(fact["event"], fact["occurred_at"]) for fact in answer.json()["facts"]}
    assert said == {(event["event"], event["occurred_at"]), after}
    assert answer.json()["state"] == state
    assert lawful <= steps
    assert await rows(service) == stored


async def test_a_deferral_that_was_told_before_the_service_waits_for_it(service: Service) -> None:
    held = await pushed(service)

    answer = await held.tell({"event": "payment_deferred", "occurred_at": "2026-10-08", "until": "2026-12-31"})
    await held.tell(SERVED)

    assert (answer.status_code, answer.json()["applied"]) == (201, False)
    assert (await held.node("penalty_paid"))["due_at"] == "2026-12-31T23:59:59+08:00"


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
        "done_by": None,
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


async def test_whoever_was_fined_is_not_named_as_responsible(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})

    paid, enforced = await held.node("penalty_paid"), await held.node("penalty_court_enforce")

    assert (paid["responsible"], paid["responsible_role"]) == (None, "party")
    assert (enforced["responsible"], enforced["responsible_role"]) == (DECIDED["organisation"], "agency")


async def test_a_fine_paid_in_instalments_is_paid_with_the_last(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    money = ("penalty_paid", "penalty_court_enforce", "penalty_closed")

    first = await held.tell(PAID | {"amount_yuan": "5000.00"})
    after_first = await held.states(*money)
    last = await held.tell(PAID | {"amount_yuan": "7000.00", "occurred_at": "2026-10-09"})

    assert (cautions(first), first.json()["state"]) == ([], "paid")
    assert after_first == {"penalty_paid": "due_soon", "penalty_court_enforce": "open"}
    assert (cautions(last), last.json()["state"]) == ([], "paid")
    assert await held.states(*money) == {
        "penalty_paid": "done",
        "penalty_court_enforce": "waived",
        "penalty_closed": "open",
    }
    assert (await held.node("penalty_paid"))["done_at"] == "2026-10-09"
    assert (await held.node("penalty_closed"))["opened_at"] == "2026-10-09"


async def test_instalments_add_up_in_whatever_order_they_were_told(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    parts = [
        PAID | {"occurred_at": day, "amount_yuan": "4000.00"} for day in ("2026-10-09", "2026-10-05", "2026-10-08")
    ]

    states = [
        {node["node"]: node["state"] for node in (await held.tell(part)).json()["nodes"]}["penalty_paid"]
        for part in parts
    ]

    assert states == ["due_soon", "due_soon", "done"]
    assert (await held.node("penalty_paid"))["done_at"] == "2026-10-09"


async def test_a_payment_without_an_amount_is_taken_for_the_whole(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})

    await held.tell({"event": "paid", "occurred_at": "2026-10-08"})

    assert (await held.node("penalty_paid"))["done_at"] == "2026-10-08"


async def test_a_deferred_payment_falls_due_on_the_day_that_was_granted(service: Service) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    # Six months and three months from 30 September (行政强制法 art. 53): 30 June, a Wednesday.
    assert (await held.node("penalty_court_enforce"))["due_at"] == "2027-06-30T23:59:59+08:00"

    answer = await held.tell({"event": "payment_deferred", "occurred_at": "2026-10-08", "until": "2026-12-31"})

    assert (cautions(answer), answer.json()["state"]) == ([], "served")
    node = await held.node("penalty_paid")
    assert (node["due_at"], node["state"]) == ("2026-12-31T23:59:59+08:00", "open")
    assert node["limit"] == {"amount": 15, "unit": "natural_day"}
    assert "2026-12-31" in node["explanation"]
    # Three months from the end of the deferral (art. 72).
    enforced = await held.node("penalty_court_enforce")
    assert (enforced["opened_by"], enforced["due_at"]) == ("payment_deferred", "2027-03-31T23:59:59+08:00")


@pytest.mark.parametrize(
    ("when", "until", "code"),
    [
        ("2026-10-08", "2026-10-15", "extension-not-longer"),
        ("2026-10-08", "2026-10-09", "extension-not-longer"),
    ],
    ids=["to the due date", "to an earlier day"],
)
async def test_a_deferral_that_gives_no_more_time_is_kept_and_said_not_to_count(
    service: Service, when: str, until: str, code: str
) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    service.now = at(11, 2)

    answer = await held.tell({"event": "payment_deferred", "occurred_at": when, "until": until})

    assert cautions(answer) == [code]
    node = await held.node("penalty_paid")
    assert (node["due_at"], node["state"], node["warnings"]) == ("2026-10-15T23:59:59+08:00", "overdue", [code])


@pytest.mark.parametrize(
    ("deferrals", "due"),
    [
        ([("2026-10-08", "2026-12-31"), ("2026-10-09", "2027-02-26")], "2027-05-26T23:59:59+08:00"),
        ([("2026-10-20", "2026-12-31")], "2027-03-31T23:59:59+08:00"),
        ([("2026-10-08", "2026-10-10")], "2027-06-30T23:59:59+08:00"),
        ([("2026-10-08", "2026-12-31"), ("2026-10-09", "2026-11-30")], "2027-03-31T23:59:59+08:00"),
    ],
    ids=[
        "deferred again",
        "deferred when it was owed already",
        "deferred to an earlier day",
        "deferred again to an earlier day",
    ],
)
async def test_the_court_is_applied_to_within_three_months_of_the_last_deferral_that_counts(
    service: Service, deferrals: list[tuple[str, str]], due: str
) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})
    service.now = at(11, 2)

    for when, until in deferrals:
        await held.tell({"event": "payment_deferred", "occurred_at": when, "until": until})

    assert (await held.node("penalty_court_enforce"))["due_at"] == due


@pytest.mark.parametrize("now", [at(10, 9), at(10, 31), datetime(2027, 6, 30, tzinfo=SHANGHAI)], ids=str)
async def test_a_gate_is_never_due_and_a_window_never_overdue(service: Service, now: datetime) -> None:
    filed, decided = await pushed(service, FILED), await pushed(service)

    service.now = now

    gate, window = await filed.node("penalty_notice"), await decided.node("penalty_published_gen")
    assert (gate["advisory"], gate["limit"], gate["due_at"], gate["state"]) == (True, None, None, "open")
    assert (window["advisory"], window["due_at"], window["state"]) == (True, "2026-11-02T23:59:59+08:00", "open")
    advisory = [node for held in (filed, decided) for node in (await held.read("/nodes"))["items"] if node["advisory"]]
    assert {node["state"] for node in advisory} == {"open", "done"}


async def test_a_gate_is_passed_by_what_comes_before_the_decision(service: Service) -> None:
    held = await pushed(service, FILED)

    await held.tell({"event": "notified", "occurred_at": "2026-10-08"})

    gate = await held.node("penalty_notice")
    assert (gate["state"], gate["done_at"]) == ("done", "2026-10-08")


async def test_publicity_is_withdrawn_only_of_what_was_published(service: Service) -> None:
    shown, never = await pushed(service), await pushed(service, DECIDED | {"source_id": "2"})
    await shown.tell(PUBLISHED)

    for held in (shown, never):
        assert (await held.tell(REVOKED)).status_code == 201

    assert await never.node("penalty_publicity_withdrawn") is None
    # Three working days (art. 48) after Friday the 9th: Saturday the 10th is worked, then 12 and 13 October.
    node = await shown.node("penalty_publicity_withdrawn")
    assert (node["opened_by"], node["opened_at"], node["due_at"]) == (
        "revoked",
        "2026-10-09",
        "2026-10-13T23:59:59+08:00",
    )
    await shown.tell({"event": "publicity_withdrawn", "occurred_at": "2026-10-09"})
    assert (await shown.node("penalty_publicity_withdrawn"))["done_at"] == "2026-10-09"


async def test_publicity_that_was_told_after_the_revocation_has_to_be_withdrawn_too(service: Service) -> None:
    held = await pushed(service)
    await held.tell(REVOKED)
    assert await held.node("penalty_publicity_withdrawn") is None

    await held.tell(PUBLISHED)

    assert (await held.node("penalty_publicity_withdrawn"))["opened_at"] == "2026-10-09"


async def test_a_decision_on_a_suspected_crime_is_to_be_copied(service: Service) -> None:
    suspected = await pushed(service, DECIDED | {"crime_screening": {"conclusion": "suspected"}})
    cleared = {"conclusion": "not_suspected", "reason": "未达追诉标准"}
    innocent = await pushed(service, DECIDED | {"source_id": "2", "crime_screening": cleared})
    unscreened = await pushed(service, DECIDED | {"source_id": "3"})

    # Ten days from 29 September (高检会〔2006〕2号 item 1): 9 October.
    node = await suspected.node("penalty_copied")
    assert (node["opened_by"], node["opened_at"], node["due_at"]) == (
        "decided",
        "2026-09-29",
        "2026-10-09T23:59:59+08:00",
    )
    assert await innocent.node("penalty_copied") is None
    assert await unscreened.node("penalty_copied") is None


async def test_a_screening_after_the_decision_has_it_copied_until_the_record_says_when(service: Service) -> None:
    held = await pushed(service)
    screened = {"event": "crime_screened", "occurred_at": "2026-10-08"}

    await held.tell(screened | {"conclusion": "not_suspected", "source_id": "1"})
    before = await held.node("penalty_copied")
    await held.tell(screened | {"conclusion": "suspected", "source_id": "2"})
    opened = await held.node("penalty_copied")
    copied = DECIDED | {"crime_screening": {"conclusion": "suspected", "copied_on": "2026-10-09"}}
    assert (await held.put(copied, reason=WENT_ON)).status_code == 201

    assert before is None
    assert (opened["state"], opened["done_at"]) == ("due_soon", None)
    node = await held.node("penalty_copied")
    assert (node["state"], node["done_at"]) == ("done", "2026-10-09")


async def test_a_penalty_without_a_fine_is_never_waiting_for_payment(service: Service) -> None:
    warned, fined = await pushed(service, WARNED), await pushed(service)
    money = ("penalty_paid", "penalty_surcharge", "penalty_court_enforce")

    for held in (warned, fined):
        for event in (SERVED, {"event": "demanded", "occurred_at": "2026-10-09"}):
            assert (await held.tell(event)).status_code == 201

    assert await warned.states(*money) == {}
    assert tuple(await fined.states(*money)) == money
    assert await warned.states("penalty_served", "penalty_demand") == {
        "penalty_served": "done",
        "penalty_demand": "open",
    }


async def test_a_mere_warning_is_not_published_by_market_regulation(service: Service) -> None:
    warned, fined = await pushed(service, WARNED), await pushed(service)
    publicity = ("penalty_published", "penalty_published_amr")

    assert await warned.states(*publicity) == {"penalty_published": "open"}
    assert await fined.states(*publicity) == dict.fromkeys(publicity, "open")


async def test_telling_us_of_the_decision_is_entering_it(service: Service) -> None:
    held = await pushed(service)

    node = await held.node("penalty_entered")

    # Seven natural days after 29 September end on 6 October, within the days off, so on the 8th; told on the 9th.
    assert node["due_at"] == "2026-10-08T23:59:59+08:00"
    assert node["state"] == "done_late"
    assert node["done_at"].startswith("2026-10-09T09:02:11")
    assert node["status"] == "local_default"


async def test_a_penalty_that_is_only_filed_has_only_the_nodes_up_to_its_decision(service: Service) -> None:
    service.now = at(10, 13)
    held = await pushed(service, examples("penalty")["filed"])

    assert await held.states() == dict.fromkeys(("penalty_notice", "penalty_crime_screen", "penalty_decided"), "open")


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


async def test_of_two_pauses_that_overlap_both_must_end_and_each_day_is_excluded_once(service: Service) -> None:
    held = await pushed(service, FILED)
    paused = {"event": "suspended", "node": "penalty_decided", "reason": "样例"}
    resumed = {"event": "resumed", "node": "penalty_decided"}

    await held.tell(paused | {"occurred_at": "2026-08-10", "ground": "testing"})
    await held.tell(paused | {"occurred_at": "2026-08-20", "ground": "appraisal"})
    await held.tell(resumed | {"occurred_at": "2026-08-31"})
    between = await held.node("penalty_decided")
    answer = await held.tell(resumed | {"occurred_at": "2026-09-10"})

    # Six of the ninety days, 4 to 9 August, had gone by.
    assert (between["state"], between["due_at"]) == ("paused", None)
    assert between["remaining"] == {"amount": 84, "unit": "natural_day"}
    # From 10 August up to 10 September 31 days do not count, so 1 November becomes 2 December, a Wednesday.
    assert cautions(answer) == []
    node = await held.node("penalty_decided")
    assert (node["state"], node["due_at"]) == ("open", "2026-12-02T23:59:59+08:00")


async def test_a_pause_that_never_ended_ends_with_the_duty(service: Service) -> None:
    held = await pushed(service, FILED)
    ground = {"ground": "testing", "reason": "送检"}
    await held.tell({"event": "suspended", "occurred_at": "2026-10-08", "node": "penalty_decided"} | ground)
    service.now = datetime(2028, 1, 3, tzinfo=SHANGHAI)
    before = await held.node("penalty_decided")

    await held.tell({"event": "decided", "occurred_at": "2027-12-30"})

    assert (before["state"], before["due_at"]) == ("paused", None)
    node = await held.node("penalty_decided")
    assert (node["state"], node["done_at"]) == ("done", "2027-12-30")
    assert "remaining" not in node


async def test_a_resumption_without_a_pause_moves_nothing(service: Service) -> None:
    held = await pushed(service, FILED)
    before = await held.read("/nodes")

    answer = await held.tell({"event": "resumed", "occurred_at": "2026-10-08", "node": "penalty_decided"})

    assert answer.status_code == 201
    assert await held.read("/nodes") == before


@pytest.mark.parametrize("ground", [{}, {"ground": "transfer"}, {"ground": "other"}], ids=["none", "transfer", "other"])
@pytest.mark.parametrize("node", [{}, {"node": "penalty_decided"}], ids=["all nodes", "one node"])
async def test_a_suspension_on_a_ground_that_the_rule_does_not_name_stops_no_clock(
    service: Service, ground: Json, node: Json
) -> None:
    held = await pushed(service, FILED)
    before = await held.node("penalty_decided")
    paused = {"event": "suspended", "occurred_at": "2026-10-08", "reason": "样例"}

    answer = await held.tell(paused | ground | node)

    assert cautions(answer) == ["suspension-not-counted"]
    after = await held.node("penalty_decided")
    assert (after["state"], after["due_at"]) == ("open", FILED_DUE)
    assert after == before | {"explanation": after["explanation"], "warnings": ["suspension-not-counted"]}


async def test_a_suspension_on_a_ground_that_the_rule_names_stops_the_clock(service: Service) -> None:
    held = await pushed(service, FILED)
    ground = {"ground": "testing", "reason": "送检"}

    answer = await held.tell({"event": "suspended", "occurred_at": "2026-10-08", "node": "penalty_decided"} | ground)

    assert cautions(answer) == []
    assert (await held.states())["penalty_decided"] == "paused"


async def test_an_extension_adds_to_the_amount(service: Service) -> None:
    held = await pushed(service, FILED)
    assert (await held.node("penalty_decided"))["due_at"] == FILED_DUE

    answer = await held.tell(EXTENDED)

    # A hundred and twenty days from 3 August end on Tuesday 1 December.
    assert cautions(answer) == []
    node = await held.node("penalty_decided")
    assert node["due_at"] == "2026-12-01T23:59:59+08:00"
    assert (node["limit"]["amount"], node["extended_by"]) == (90, {"amount": 30, "unit": "natural_day"})
    assert "2026-12-01" in node["explanation"]
    assert "warnings" not in node


async def test_after_the_head_a_collective_discussion_may_name_the_day(service: Service) -> None:
    held = await pushed(service, FILED)
    await held.tell(EXTENDED)
    named = without(without(EXTENDED, "/amount"), "/unit") | {"level": "collective", "until": "2026-12-15"}

    answer = await held.tell(named | {"occurred_at": "2026-10-09", "document_no": "武市监集〔2026〕3号"})

    assert cautions(answer) == []
    node = await held.node("penalty_decided")
    assert (node["due_at"], node["extended_until"]) == ("2026-12-15T23:59:59+08:00", "2026-12-15")


NOT_COUNTED: dict[str, tuple[Json, str]] = {
    "another level": (EXTENDED | {"level": "superior"}, "extension-beyond-level"),
    "a day, by who grants an amount": (
        without(without(EXTENDED, "/amount"), "/unit") | {"until": "2026-12-01"},
        "extension-beyond-level",
    ),
    "another unit": (EXTENDED | {"amount": 1, "unit": "month"}, "extension-other-unit"),
    "working days": (EXTENDED | {"amount": 20, "unit": "working_day"}, "extension-other-unit"),
    "the second before the first": (
        EXTENDED | {"level": "collective", "document_no": "武市监集〔2026〕3号"},
        "extension-out-of-turn",
    ),
    "when the time was over": (EXTENDED | {"occurred_at": "2026-11-03"}, "extension-after-due"),
}


@pytest.mark.parametrize(("event", "code"), NOT_COUNTED.values(), ids=NOT_COUNTED)
async def test_an_extension_beyond_what_may_be_granted_is_kept_and_said_not_to_count(
    service: Service, event: Json, code: str
) -> None:
    held = await pushed(service, FILED)
    service.now = at(11, 4)
    before = await held.node("penalty_decided")

    answer = await held.tell(event)

    assert cautions(answer) == [code]
    after = await held.node("penalty_decided")
    assert after["due_at"] == FILED_DUE
    assert after == before | {"explanation": after["explanation"], "warnings": [code]}
    assert await held.told_of("extended") == [(event, True)]


async def test_a_level_that_extended_already_does_not_extend_again(service: Service) -> None:
    held = await pushed(service, FILED)
    await held.tell(EXTENDED)

    answer = await held.tell(EXTENDED | {"occurred_at": "2026-10-09"})

    assert cautions(answer) == ["extension-again"]
    node = await held.node("penalty_decided")
    assert (node["due_at"], node["warnings"]) == ("2026-12-01T23:59:59+08:00", ["extension-again"])


async def test_an_extension_on_the_last_day_is_in_time(service: Service) -> None:
    service.now = at(11, 4)
    held = await pushed(service, FILED)

    answer = await held.tell(EXTENDED | {"occurred_at": "2026-11-02"})

    assert cautions(answer) == []
    assert (await held.node("penalty_decided"))["due_at"] == "2026-12-01T23:59:59+08:00"


async def test_every_extension_that_does_not_count_is_said_not_to(service: Service) -> None:
    held = await pushed(service, FILED)
    events = [EXTENDED | {"level": "superior", "occurred_at": day} for day in ("2026-10-08", "2026-10-09")]

    answers = [await held.tell(event) for event in events]

    assert [cautions(answer) for answer in answers] == [["extension-beyond-level"]] * 2


@pytest.mark.parametrize(
    "event",
    [
        EXTENDED | {"level": "superior"},
        {"event": "suspended", "occurred_at": "2026-10-08", "node": "penalty_decided", "reason": "样例"},
    ],
    ids=["extension", "suspension"],
)
async def test_a_repeat_of_what_does_not_count_is_answered_the_same(service: Service, event: Json) -> None:
    held = await pushed(service, FILED)

    first, second = await held.tell(event), await held.tell(event)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()


@pytest.mark.parametrize(
    ("said", "fault", "words"),
    [
        ({"node": "penalty_served", "amount": 3, "unit": "working_day"}, ("/node", "not-extendable"), "没有规定"),
        ({"node": "penalty_paid"}, ("/node", "not-extendable"), "没有规定"),
        ({"node": "penalty_notice"}, ("/node", "not-extendable"), "没有规定"),
        (
            {"node": "penalty_filed", "level": "superior", "amount": 15},
            ("/level", "level-cannot-extend"),
            "本机关负责人",
        ),
        ({"amount": 31}, ("/amount", "longer-than-level"), "30"),
        ({"level": "superior", "amount": 31}, ("/amount", "longer-than-level"), "30"),
    ],
    ids=["service", "payment", "a gate", "the wrong level", "too long", "too long for the level above"],
)
async def test_an_extension_that_nobody_may_grant_is_refused_and_told_what_may_be(
    service: Service, said: Json, fault: tuple[str, str], words: str
) -> None:
    held = await pushed(service)
    stored, nodes = await rows(service), await held.read("/nodes")

    answer = await held.tell(EXTENDED | {"occurred_at": "2026-09-28"} | said)

    assert told(answer) == (422, "validation-failed", (fault,))
    assert words in answer.json()["errors"][0]["message"]
    assert await rows(service) == stored
    assert await held.read("/nodes") == nodes


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
        "extended": {"level": "head", "amount": 3, "unit": "working_day"},
        "suspended": {"reason": "样例"},
        "waived": {"reason": "样例"},
        "resumed": {},
    }
    stored = await rows(service)

    answer = await held.tell({"event": name, "occurred_at": "2026-10-08", "node": "penalty_celebrated"} | whole[name])

    assert told(answer) == (422, "validation-failed", (("/node", "unknown-node"),))
    assert await rows(service) == stored


async def test_an_event_that_repeats_a_date_of_the_record_is_still_listed(service: Service) -> None:
    agency = await service.client("market-city")
    known = (await agency.post(PUSH, json=DECIDED)).json()["id"]
    event = {"event": "decided", "occurred_at": "2026-09-29", "document_no": "武市监处罚〔2026〕12号"}

    reported = (await agency.post(f"{PUSH}/{known}/events", json=event)).json()
    listed = (await agency.get(f"{PUSH}/{known}/events")).json()["items"]

    assert reported["applied"]
    assert [one["event"] for one in listed if one["id"] == reported["id"]] == [event]


@pytest.mark.parametrize(
    "event",
    [PAID, {"event": "crime_screened", "occurred_at": "2026-10-08", "conclusion": "suspected"}],
    ids=lambda event: str(event["event"]),
)
async def test_an_event_is_listed_once_whatever_else_follows_from_it(service: Service, event: Json) -> None:
    held = await pushed(service, DECIDED | {"events": [SERVED]})

    await held.tell(event)

    assert await held.told_of(event["event"]) == [(event, True)]


async def test_nobody_can_report_that_a_decision_was_entered_before_we_were_told_of_it(service: Service) -> None:
    entered = {"event": "entered", "occurred_at": "2026-09-30"}
    service.now = at(11, 2)

    held = await pushed(service, DECIDED | {"events": [entered]})

    node = await held.node("penalty_entered")
    assert (node["done_at"][:10], node["state"]) == ("2026-11-02", "done_late")
