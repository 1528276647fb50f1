"""A case in the public interest on which more than one advice was given: each moves it, and none undoes another."""

from __future__ import annotations

import pytest

from tests.advices import in_the_public_interest
from tests.api.promises import Json
from tests.api.storytelling import Case, told
from tests.clues import clue
from tests.conftest import Service
from tests.transfers import ref

pytestmark = pytest.mark.any_server

GIVER, PROCURATORATE, ORGAN = "ecology-city", "procuratorate-wuchang", "market-wuchang"


async def filed(service: Service) -> tuple[Json, Case]:
    """A clue that was filed as an administrative case: what was pushed, and the case."""
    record = clue(assessed_on="2026-03-02", sent_on="2026-03-02", began_on=None, actions_taken=None)
    case = await told(service, GIVER, "2026-03-02T15:00", record, (PROCURATORATE, GIVER))
    await case.says(PROCURATORATE, "2026-03-03", "registered")
    await case.says(PROCURATORATE, "2026-03-10", "evaluated")
    await case.says(PROCURATORATE, "2026-03-16", "administrative_filed")
    return record, case


async def advised(case: Case, on: Json, n: int, decided: str, served: str, rectify_by: str) -> Case:
    """The n-th advice that is tied to the case, pushed on the day of its service."""
    days = {"decided_on": decided, "served_on": served, "rectify_by": rectify_by}
    record = in_the_public_interest(n, refs=[ref(on)], **days)
    return await told(case.service, PROCURATORATE, f"{served}T17:00", record, (PROCURATORATE,), case.callers)


async def test_of_two_advices_one_is_revoked_and_the_suit_waits_for_the_other(service: Service) -> None:
    record, case = await filed(service)
    assert await case.sees(ORGAN) == 404

    first = await advised(case, record, 1, "2026-04-14", "2026-04-16", "2026-06-16")
    # A reply is due two months after Thursday 16 April; the month for the review begins on 16 June.
    await case.owes(
        clue_advice_replied=("open", "2026-06-16", ORGAN),
        clue_rectified=("open", "2026-06-16", ORGAN),
        clue_prosecute_adm=("open", "2026-07-16", PROCURATORATE),
    )
    assert ((await case.read())["state"], await case.sees(ORGAN)) == ("advice_served", 200)
    await advised(case, record, 2, "2026-04-17", "2026-04-20", "2026-06-30")

    await first.says(PROCURATORATE, "2026-04-28", "revoked", reason="职责划分有误")
    assert (await case.read())["state"] == "advice_served"
    # Two months from 20 April: Saturday 20 June to Monday 22, for the Dragon Boat Festival is off to 21.
    await case.owes(
        clue_advice_replied=("open", "2026-06-22", ORGAN),
        clue_rectified=("open", "2026-06-30", ORGAN),
        clue_prosecute_adm=("open", "2026-07-30", PROCURATORATE),
    )

    assert (await case.says(PROCURATORATE, "2026-05-12", "followed_up"))["state"] == "following_up"
    early = await case.reports(PROCURATORATE, "2026-06-30", "sued")
    assert (early["applied"], early["state"]) == (False, "following_up")
    await case.takes_back(PROCURATORATE, early["id"])
    assert (await case.says(PROCURATORATE, "2026-07-01", "sued"))["state"] == "sued"


async def test_once_its_only_advice_is_revoked_the_case_is_where_it_was_before(service: Service) -> None:
    record, case = await filed(service)
    first = await advised(case, record, 3, "2026-04-14", "2026-04-16", "2026-06-16")

    await first.says(PROCURATORATE, "2026-04-28", "revoked", reason="职责划分有误")

    assert (await case.read())["state"] == "administrative_filed"
    await case.owes(
        clue_advice_replied=("waived", "2026-06-16", ORGAN),
        clue_prosecute_adm=("waived", "2026-07-16", PROCURATORATE),
    )
    consulted = await case.says(PROCURATORATE, "2026-04-30", "consulted", form="meeting")
    assert consulted["state"] == "consulting"
