"""What becomes of an advice is told on the clue it was given on, and on the request for help that was refused."""

from __future__ import annotations

import pytest

from tests.advices import advice, in_the_public_interest
from tests.api.held import MISTAKE, WENT_ON, Held, pushed
from tests.api.promises import Json
from tests.api.storytelling import CODES
from tests.assist_requests import assist_request
from tests.clues import clue
from tests.conftest import Service
from tests.transfers import ref

pytestmark = pytest.mark.any_server

GIVER, PROCURATORATE, ORGAN = "ecology-city", "procuratorate-wuchang", "market-wuchang"


def happened(event: str, on: str, **more: object) -> Json:
    return {"event": event, "occurred_at": on, **more}


async def filed(service: Service) -> Held:
    """A clue on which Wuchang's procuratorate filed an administrative case."""
    held = await pushed(service, clue(), GIVER)
    for event in (
        happened("registered", "2026-09-02"),
        happened("evaluated", "2026-09-03"),
        happened("administrative_filed", "2026-09-04"),
    ):
        assert (await held.tell(event, PROCURATORATE)).status_code == 201
    return held


async def state(held: Held) -> str:
    return str((await held.read(by=PROCURATORATE))["state"])


async def brought_about(held: Held) -> list[tuple[str, str, str | None, str | None]]:
    """What other records brought about on it and was not taken back, with the last days that went along."""
    items = (await held.read("/events", PROCURATORATE))["items"]
    told = [item["event"] for item in items if item.get("caused_by") and item["applied"]]
    return [(one["event"], one["occurred_at"], one.get("reply_by"), one.get("rectify_by")) for one in told]


async def advised(service: Service) -> Held:
    """Advice in the public interest that is tied to the clue, decided on 16 September 2026 and not served."""
    record = in_the_public_interest(refs=[ref(clue())], served_on=None, rectify_by=None)
    return await pushed(service, record, PROCURATORATE)


async def test_every_step_of_the_advice_is_told_on_the_clue_with_the_last_days_of_its_own_clocks(
    service: Service,
) -> None:
    case = await filed(service)
    given = await advised(service)
    assert await brought_about(case) == [("advice_decided", "2026-09-16", None, None)]
    assert await state(case) == "advice_decided"

    assert (await given.tell(happened("served", "2026-09-18"), PROCURATORATE)).status_code == 201
    # Two months from Friday 18 September: Wednesday 18 November, for the reply and for acting.
    assert (await brought_about(case))[1:] == [("advice_served", "2026-09-18", "2026-11-18", "2026-11-18")]
    assert await state(case) == "advice_served"

    assert (await given.tell(happened("replied", "2026-10-08", outcome="rectified"), ORGAN)).status_code == 201
    assert (await brought_about(case))[2:] == [("advice_replied", "2026-10-08", None, None)]
    assert await state(case) == "replied"


@pytest.mark.parametrize(
    ("changes", "reply_by", "rectify_by"),
    [
        ({"urgent": True}, "2026-10-08", "2026-11-18"),  # 15 days: Saturday 3 October, off to 7
        ({"urgent": True, "rectify_by": "2026-12-18"}, "2026-10-08", "2026-12-18"),
        ({"rectify_by": "2026-10-30"}, "2026-11-18", "2026-10-30"),
    ],
)
async def test_the_last_days_are_those_of_the_advice(
    service: Service, changes: Json, reply_by: str, rectify_by: str
) -> None:
    case = await filed(service)

    record = in_the_public_interest(refs=[ref(clue())], **{"rectify_by": None, **changes})
    await pushed(service, record, PROCURATORATE)

    assert (await brought_about(case))[1:] == [("advice_served", "2026-09-18", reply_by, rectify_by)]


async def test_the_clue_may_come_after_the_advice_and_learns_all_of_it(service: Service) -> None:
    await pushed(service, in_the_public_interest(refs=[ref(clue())]), PROCURATORATE)

    case = await filed(service)

    assert [event for event, *_ in await brought_about(case)] == ["advice_decided", "advice_served"]


async def test_a_correction_of_the_advice_moves_the_last_day_on_the_clue(service: Service) -> None:
    case = await filed(service)
    given = await pushed(service, in_the_public_interest(refs=[ref(clue())]), PROCURATORATE)
    assert (await brought_about(case))[1][2:] == ("2026-11-18", "2026-12-18")

    urgent = in_the_public_interest(refs=[ref(clue())], urgent=True, rectify_by="2026-10-30")
    assert (await given.put(urgent)).status_code == 201

    assert (await brought_about(case))[1:] == [("advice_served", "2026-09-18", "2026-10-08", "2026-10-30")]


async def test_advice_that_is_revoked_or_was_a_mistake_lets_the_case_go_on(service: Service) -> None:
    case = await filed(service)
    given = await advised(service)
    revoked = happened("revoked", "2026-09-17", reason="确有不当")
    assert (await given.tell(revoked, PROCURATORATE)).status_code == 201
    assert [event for event, *_ in await brought_about(case)] == ["advice_decided", "advice_revoked"]
    assert await state(case) == "administrative_filed"

    assert (await given.withdraw(reason=MISTAKE)).status_code in (200, 201)

    assert await brought_about(case) == []
    assert await state(case) == "administrative_filed"


async def test_an_amended_advice_is_served_on_the_clue_anew_with_its_new_last_days(service: Service) -> None:
    case = await filed(service)
    given = await advised(service)
    for event in (
        happened("served", "2026-09-18"),
        happened("amended", "2026-09-29", what="删去一项"),
        happened("served", "2026-10-08"),
    ):
        assert (await given.tell(event, PROCURATORATE)).status_code == 201

    # Two months from Thursday 8 October: Tuesday 8 December.
    last = ("2026-12-08", "2026-12-08")
    assert [one[1:] for one in await brought_about(case) if one[0] == "advice_served"] == [
        ("2026-09-18", *last),
        ("2026-10-08", *last),
    ]


async def test_other_advice_that_is_tied_to_a_clue_does_nothing_to_it(service: Service) -> None:
    case = await filed(service)

    given = await pushed(service, advice(kind="social_governance", refs=[ref(clue())]), PROCURATORATE)
    assert await brought_about(case) == []

    # What it was called by mistake is put right, and then it does.
    right = in_the_public_interest(refs=[ref(clue())])
    assert (await given.put(right, reason=WENT_ON)).status_code == 201
    assert [event for event, *_ in await brought_about(case)] == ["advice_decided", "advice_served"]


async def test_the_advice_of_another_procuratorate_does_nothing_to_the_clue(service: Service) -> None:
    case = await filed(service)
    other = "procuratorate-jiangan"
    record = in_the_public_interest(refs=[ref(clue())]) | {"organisation": CODES[other], "region": "420102"}

    await pushed(service, record, other)

    assert await brought_about(case) == []
    assert await state(case) == "administrative_filed"


async def test_the_organ_that_is_advised_comes_to_see_the_clue_once_it_was_served(service: Service) -> None:
    case = await filed(service)
    given = await advised(service)
    organ = await service.client(ORGAN)
    assert (await organ.get(case.address)).status_code == 404

    assert (await given.tell(happened("served", "2026-09-18"), PROCURATORATE)).status_code == 201

    assert (await organ.get(case.address)).status_code == 200


# --- a refusal to help ----------------------------------------------------------------------------

REFUSED = happened("refused", "2026-09-24", reason="案卷正在归档", signed_by="样例负责人")


async def test_advice_after_a_refusal_to_help_is_told_on_the_request_with_the_last_day_for_the_reply(
    service: Service,
) -> None:
    asked = await pushed(service, assist_request(), PROCURATORATE)
    assert (await asked.tell(REFUSED, ORGAN)).status_code == 201
    given = advice(refs=[ref(assist_request())], decided_on="2026-09-28", served_on="2026-09-29", objection_by=None)

    await pushed(service, given, PROCURATORATE)

    # Two months from Tuesday 29 September: Sunday 29 November, Monday 30.
    assert await brought_about(asked) == [("advice_served", "2026-09-29", "2026-11-30", None)]
    assert await state(asked) == "escalated"


async def test_advice_on_a_clue_that_names_a_request_too_does_nothing_to_the_request(service: Service) -> None:
    asked = await pushed(service, assist_request(), PROCURATORATE)
    assert (await asked.tell(REFUSED, ORGAN)).status_code == 201

    await pushed(service, in_the_public_interest(refs=[ref(assist_request())]), PROCURATORATE)

    assert await brought_about(asked) == []
    assert await state(asked) == "refused"
