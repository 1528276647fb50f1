"""Records that are tied: a step of one moves the clock of the other, whichever came first and whoever says the tie."""

from __future__ import annotations

import json

import pytest

from tests.api.held import MISTAKE, Held, pushed
from tests.api.promises import Json
from tests.conftest import Service
from tests.transfers import CITY_MARKET, not_sent, organ, ref, transfer, undecided

AGENCY, POLICE, PROCURATORATE = "market-wuchang", "police-wuchang", "procuratorate-wuchang"

# 90 natural days from Monday 2 March 2026 end on Sunday 31 May, so with Monday 1 June.
WITHOUT_A_PAUSE = "2026-06-01T23:59:59+08:00"
# 1 to 10 April do not count: ten days more, and Wednesday 10 June is worked.
TEN_DAYS_LATER = "2026-06-10T23:59:59+08:00"


def in_spring(n: int = 1, **changes: object) -> Json:
    """A transfer that was sent on 1 April."""
    days = {
        "suspected_on": "2026-03-30",
        "team_named_on": "2026-03-30",
        "reported_on": "2026-03-31",
        "approved_at": "2026-04-01T09:00:00+08:00",
        "sent_at": "2026-04-01T10:00:00+08:00",
        "copied_at": "2026-04-01T10:00:00+08:00",
    }
    return transfer(n, **{**days, **changes})


RECEIVED = {"event": "received", "occurred_at": "2026-04-01T11:00:00+08:00"}
NOT_FILED = {"event": "not_filed", "occurred_at": "2026-04-11", "reason": "情节显著轻微"}


async def clock(held: Held) -> tuple[str, str | None]:
    node = await held.node("penalty_decided")
    return node["state"], node["due_at"]


async def test_while_a_case_is_with_the_police_the_clock_of_its_penalty_stands_still(service: Service) -> None:
    case = await pushed(service, undecided(), AGENCY)
    assert (await clock(case))[1] == WITHOUT_A_PAUSE

    crime = await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)
    assert await clock(case) == ("paused", None)

    await crime.tell(RECEIVED, POLICE)
    await crime.tell(NOT_FILED, POLICE)
    assert (await clock(case))[1] == TEN_DAYS_LATER


async def test_a_penalty_that_arrives_after_its_transfer_has_its_clock_stopped_in_its_own_receipt(
    service: Service,
) -> None:
    await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)

    answer = await (await service.client(AGENCY)).post("/v1/records/penalty", json=undecided())

    nodes = {node["node"]: node for node in answer.json()["nodes"]}
    assert (nodes["penalty_decided"]["state"], nodes["penalty_decided"]["due_at"]) == ("paused", None)


async def test_the_penalty_may_state_the_tie_as_well(service: Service) -> None:
    crime = await pushed(service, in_spring(), AGENCY)
    case = await pushed(service, undecided(refs=[ref(in_spring())]), AGENCY)
    assert await clock(case) == ("paused", None)

    await crime.tell(RECEIVED, POLICE)
    await crime.tell(NOT_FILED, POLICE)

    assert (await clock(case))[1] == TEN_DAYS_LATER


async def test_a_transfer_of_another_agency_does_not_move_the_clock_of_a_penalty(service: Service) -> None:
    other = undecided() | {"organisation": CITY_MARKET, "organ": organ(CITY_MARKET), "region": "420100"}
    case = await pushed(service, other, "market-city")

    crime = await pushed(service, in_spring(refs=[ref(other)]), AGENCY)

    assert (await clock(case))[1] == WITHOUT_A_PAUSE
    assert [one["id"] for one in (await crime.read("/timeline"))["records"]] == [crime.id]


async def test_a_tie_to_a_record_that_never_comes_keeps_nobody_waiting(service: Service) -> None:
    case = await pushed(service, undecided(refs=[ref(in_spring(9))]), AGENCY)

    assert (await clock(case))[1] == WITHOUT_A_PAUSE


async def test_what_a_step_brought_about_is_shown_with_its_cause_and_is_nobodys_to_take_back(service: Service) -> None:
    case = await pushed(service, undecided(), AGENCY)
    crime = await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)

    (shown,) = [one for one in (await case.read("/events"))["items"] if one["event"]["event"] == "suspended"]
    assert (shown["party"], shown["organisation"], shown["caused_by"]) == ("system", None, crime.id)
    assert shown["event"]["occurred_at"] == "2026-04-01T10:00:00+08:00"
    assert [item["event"]["event"] for item in await case.feed() if item["kind"] == "event"] == ["suspended"]

    for by in (AGENCY, POLICE, PROCURATORATE):
        refused = await case.withdraw(shown["id"], by=by)
        assert refused.status_code in (403, 404)


async def test_with_its_cause_a_consequence_goes_and_with_it_comes_back(service: Service) -> None:
    case = await pushed(service, undecided(), AGENCY)
    crime = await pushed(service, not_sent(refs=[ref(undecided())]), AGENCY)
    approved = {"event": "approved", "occurred_at": "2026-09-22T10:20:00+08:00"}
    sending = {"event": "sent", "occurred_at": "2026-09-22T16:00:00+08:00"}
    await crime.tell(approved)
    for time in (1, 2):
        event = (await crime.tell(sending | {"source_id": f"样例 {time}"})).json()["id"]
        # The clock ran out in June and is past stopping; that it was to be stopped is told all the same.
        assert [applied for _, applied in await case.told_of("suspended")] == [True, False][:time]
        await crime.withdraw(event, reason=MISTAKE)
        assert [applied for _, applied in await case.told_of("suspended")] == [False] * time


async def test_a_transfer_that_is_taken_back_as_a_whole_leaves_the_clock_running(service: Service) -> None:
    case = await pushed(service, undecided(), AGENCY)
    crime = await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)
    assert await clock(case) == ("paused", None)

    await crime.withdraw(reason=MISTAKE)

    assert (await clock(case))[1] == WITHOUT_A_PAUSE


async def test_a_tie_that_is_corrected_ends_what_it_brought_about_and_begins_it_elsewhere(
    service: Service,
) -> None:
    mistaken, meant = await pushed(service, undecided(1), AGENCY), await pushed(service, undecided(2), AGENCY)
    crime = await pushed(service, in_spring(refs=[ref(undecided(1))]), AGENCY)

    await crime.put(in_spring(refs=[ref(undecided(2))]))

    assert (await clock(mistaken))[1] == WITHOUT_A_PAUSE
    assert await clock(meant) == ("paused", None)


async def test_a_refusal_that_is_overcome_stops_the_clock_again(service: Service) -> None:
    case = await pushed(service, undecided(), AGENCY)
    crime = await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)
    await crime.tell(RECEIVED, POLICE)
    await crime.tell(NOT_FILED, POLICE)
    await crime.tell({"event": "review_requested", "occurred_at": "2026-04-14"})
    await crime.tell({"event": "review_filed", "occurred_at": "2026-04-17"}, POLICE)
    assert await clock(case) == ("paused", None)

    told = [one["event"] for one in (await case.read("/events"))["items"] if one.get("caused_by")]
    assert [(one["event"], one["occurred_at"][:10]) for one in told] == [
        ("suspended", "2026-04-01"),
        ("resumed", "2026-04-11"),
        ("suspended", "2026-04-17"),
    ]


@pytest.mark.parametrize("mode", ["independent", "atomic"])
@pytest.mark.parametrize("transfer_first", [True, False])
async def test_both_may_come_in_one_batch_in_any_order(service: Service, mode: str, *, transfer_first: bool) -> None:
    lines = [undecided(), in_spring(refs=[ref(undecided())])]
    body = "\n".join(json.dumps(line) for line in (reversed(lines) if transfer_first else lines))
    agency = await service.client(AGENCY)

    answer = await agency.post(
        "/v1/batches",
        params={"mode": mode},
        content=body.encode(),
        headers={"Content-Type": "application/x-ndjson"},
    )

    assert answer.status_code == 200, answer.text
    ids = [line["receipt"]["id"] for line in answer.json()["results"]]
    case = Held(service, ids[transfer_first], AGENCY)
    assert await clock(case) == ("paused", None)


async def test_records_that_refer_to_each_other_in_a_circle_are_taken_in(service: Service) -> None:
    case = await pushed(service, undecided(refs=[ref(in_spring())]), AGENCY)
    await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)

    assert await clock(case) == ("paused", None)
    assert len(await case.told_of("suspended")) == 1
