"""The life line of a case: one answer from which a person sees where it stands, who did what and who owes what."""

from __future__ import annotations

from tests.api.held import Held, pushed
from tests.api.promises import Json
from tests.api.test_links import AGENCY, POLICE, RECEIVED, in_spring
from tests.conftest import Service
from tests.transfers import organ, ref, transfer, undecided

REFUSED = {
    "event": "not_filed",
    "occurred_at": "2026-04-03",
    "reason": "没有犯罪事实",
    "document_no": "武公不立〔2026〕3号",
}


async def case(service: Service) -> tuple[Held, Held]:
    """A penalty and the transfer of the same case."""
    return await pushed(service, undecided(), AGENCY), await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)


async def lines(held: Held) -> list[tuple[str, str, str, str]]:
    """When, of which record, whether it happened or falls due, and what: as a reader would go down the page."""
    told = await held.read("/timeline")
    return [(item["at"][:16], item["record_type"], item["kind"], item["title"]) for item in told["items"]]


async def test_a_case_is_one_answer_from_either_of_its_records(service: Service) -> None:
    fined, crime = await case(service)
    await crime.tell(RECEIVED, POLICE)

    by_penalty, by_transfer = await fined.read("/timeline"), await crime.read("/timeline")

    assert by_penalty["items"] == by_transfer["items"]
    assert [one["id"] for one in by_penalty["records"]] == [fined.id, crime.id]
    assert [one["id"] for one in by_transfer["records"]] == [crime.id, fined.id]
    assert by_transfer["standing"] == by_transfer["records"][0]["standing"]


async def test_what_the_record_itself_states_was_told_by_who_reported_it(service: Service) -> None:
    _, crime = await case(service)

    items = (await crime.read("/timeline"))["items"]
    told = {item["event"]["event"]: item for item in items if item["kind"] == "event"}

    agency = "武昌区市场监督管理局（演示）"
    assert (told["approved"]["party"], told["approved"]["organisation_name"]) == ("agency", agency)
    assert (told["filed"]["party"], told["filed"]["organisation_name"]) == ("agency", agency)
    assert (told["suspended"]["party"], told["suspended"]["organisation_name"]) == ("system", None)


async def test_what_happened_and_what_falls_due_stand_on_one_axis(service: Service) -> None:
    _, crime = await case(service)
    await crime.tell(RECEIVED, POLICE)
    await crime.tell(REFUSED, POLICE)

    told = await lines(crime)

    assert told == sorted(told, key=lambda line: line[0])
    happened = [line for line in told if line[2] == "event" and line[0] >= "2026-04-01"]
    assert happened == [
        ("2026-04-01T09:00", "transfer", "event", "批准移送"),
        ("2026-04-01T10:00", "transfer", "event", "移送公安机关"),
        ("2026-04-01T10:00", "transfer", "event", "抄送检察院"),
        ("2026-04-01T10:00", "penalty", "event", "中止计算期限"),
        ("2026-04-01T11:00", "transfer", "event", "公安机关接受案件"),
        ("2026-04-03T00:00", "transfer", "event", "公安机关不予立案"),
        ("2026-04-03T00:00", "penalty", "event", "恢复计算期限"),
    ]
    # Approved at 9:00: 24 hours from 10:00. Three days from Wednesday 1 April end on Saturday the 4th, in the holiday
    # until Monday: with Tuesday the 7th.
    due = [(at, title) for at, _, kind, title in told if kind == "due" and at >= "2026-04-01"]
    assert ("2026-04-02T10:00", "移送公安") in due
    assert ("2026-04-07T23:59", "立案或不予立案") in due


async def test_each_step_says_who_took_it_by_name_and_by_which_document(service: Service) -> None:
    _, crime = await case(service)
    await crime.tell(RECEIVED, POLICE)
    await crime.tell(REFUSED, POLICE)

    items: list[Json] = (await crime.read("/timeline"))["items"]
    (refusal,) = [item for item in items if item["title"] == "公安机关不予立案"]
    (decision,) = [item for item in items if item["kind"] == "due" and item["node"] == "police_decided"]

    assert (refusal["party"], refusal["organisation_name"]) == ("police", "武昌区公安分局（演示）")
    assert refusal["event"]["document_no"] == "武公不立〔2026〕3号"
    assert (decision["responsible_name"], decision["state"]) == ("武昌区公安分局（演示）", "done")


async def test_where_a_transfer_stands_is_a_sentence_a_person_understands(service: Service) -> None:
    crime = await pushed(service, transfer(), AGENCY)
    await crime.tell(RECEIVED | {"occurred_at": "2026-09-22T17:05:00+08:00"}, POLICE)

    chinese = (await crime.read("/timeline"))["standing"]
    english = (await crime.read("/timeline", **{"Accept-Language": "en"}))["standing"]

    # Three days from Tuesday the 22nd end on Friday the 25th, in the holiday until Sunday: with Monday the 28th.
    assert (
        chinese == "2026-09-22 公安机关接受案件。待办：武昌区公安分局（演示）立案或不予立案，至迟 2026-09-28，已逾期。"
    )
    assert english == (
        "2026-09-22: received by the police. To be done: decision on filing by 武昌区公安分局（演示）, "
        "not later than 2026-09-28, which has passed."
    )


async def test_who_sees_one_record_of_a_case_alone_is_told_of_no_other(service: Service) -> None:
    fined, crime = await case(service)

    assert [one["id"] for one in (await crime.read("/timeline", by=POLICE))["records"]] == [crime.id]
    stranger = await (await service.client("market-city")).get(f"{fined.address}/timeline")
    nobody = await service.anonymous.get(f"{fined.address}/timeline")
    assert (stranger.status_code, nobody.status_code) == (404, 401)


async def test_an_auditor_follows_the_case_without_who_is_suspected(service: Service) -> None:
    _, crime = await case(service)
    await crime.tell(RECEIVED | {"note": "样例嫌疑人1 到场"}, POLICE)

    told = await crime.read("/timeline", by="auditor-city")

    assert len(told["records"]) == 2
    assert "样例嫌疑人1" not in str(told)


async def test_a_circle_of_ties_ends(service: Service) -> None:
    fined = await pushed(service, undecided(refs=[ref(in_spring())]), AGENCY)
    await pushed(service, in_spring(refs=[ref(undecided())]), AGENCY)

    assert len((await fined.read("/timeline"))["records"]) == 2


async def test_a_record_without_ties_has_a_life_line_of_its_own(service: Service) -> None:
    alone = await pushed(service, transfer(addressee=organ(transfer()["addressee"]["credit_code"])), AGENCY)

    assert [one["id"] for one in (await alone.read("/timeline"))["records"]] == [alone.id]
