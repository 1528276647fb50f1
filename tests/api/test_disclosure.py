"""Who is shown what of a record that holds something of every class: the giver, the agency it is about, the others."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import text

from app import demo
from app.exchange.duties import duty_to_text
from app.rules.deadlines import Duty
from schemas.lifecycle import Party
from schemas.parts import names
from tests.api.attaching import attachment, pdf, place, put
from tests.api.held import Held, pushed
from tests.api.promises import told
from tests.conftest import Service
from tests.tips import CHILD, HIDDEN, INFORMANT, PERSON, PHONE, tip
from tests.transfers import MARKET

GIVER, AGENCY, PROCURATORATE, JUSTICE = "police-wuchang", "market-wuchang", "procuratorate-wuchang", "justice-city"
WRONG_INFORMANT = "举错乙"
LETTER, ANSWER = pdf(seed="letter"), pdf(seed="answer")

SHOWN = {"event": "shown", "occurred_at": "2026-10-08", "note": f"{INFORMANT}举报,{PERSON}在场"}
ANSWERED = {
    "event": "answered",
    "occurred_at": "2026-10-09",
    "note": f"已找{PERSON}核实",
    "attachment": attachment(ANSWER, name="答复.pdf"),
}
REASON = {"code": "typing_error", "text": f"举报人不是{WRONG_INFORMANT},是{INFORMANT}"}


@pytest.fixture
async def held(tips: None, service: Service) -> Held:
    """A tip that named the wrong informant first, was shown to the agency and answered by it."""
    letter = attachment(LETTER, name=f"{INFORMANT}来信.pdf")
    first = tip(letter=letter, informant={"name": WRONG_INFORMANT, "phone": PHONE})
    one = await pushed(service, first, GIVER)
    assert (await one.put(tip(letter=letter), reason=REASON)).status_code == 201
    for event, by in ((SHOWN, GIVER), (ANSWERED, AGENCY)):
        assert (await one.tell(event, by)).status_code == 201
    return one


def holds(said: object, *words: str) -> set[str]:
    """Which of the words stand anywhere in a JSON value."""
    whole = json.dumps(said, ensure_ascii=False)
    return {word for word in words if word in whole}


EVERYTHING = (*HIDDEN, WRONG_INFORMANT, PERSON)
SEEN = {
    GIVER: set(EVERYTHING),
    PROCURATORATE: set(EVERYTHING),
    AGENCY: {PERSON},
    JUSTICE: set(),
}


@pytest.mark.parametrize("reader", SEEN)
async def test_each_reader_is_shown_the_classes_of_its_role_and_the_giver_all(held: Held, reader: str) -> None:
    views = [await held.read(part, reader) for part in ("", "/versions", "/versions/1", "/events", "/timeline")]

    assert holds(views, *EVERYTHING) == SEEN[reader]


@pytest.mark.parametrize("reader", SEEN)
async def test_the_feed_tells_each_reader_the_same(held: Held, reader: str) -> None:
    assert holds(await held.feed(reader), *EVERYTHING) == SEEN[reader]


async def test_what_is_masked_is_told_by_its_place_and_the_digest_is_that_of_the_whole(held: Held) -> None:
    whole, seen = await held.read("", GIVER), await held.read("", AGENCY)

    assert seen["digest"] == whole["digest"]
    assert "masked" not in whole
    assert set(seen["masked"]) == {
        "/children/0/name",
        "/informant/name",
        "/informant/phone",
        "/letter/name",
        "/place_name",
        "/recipe",
        "/source_id",
        "/told",
    }
    assert seen["record"]["told"] == f"***说,{PERSON}用***做的样例点心卖给***,电话***。"
    assert seen["record"]["place_name"] == "***的学校门口"
    assert seen["source_id"] == "2026-***-1"


async def test_the_agency_is_shown_that_the_informant_was_another_and_not_who(held: Held) -> None:
    versions = (await held.read("/versions", AGENCY))["items"]

    assert versions[1]["reason"]["text"] == "举报人不是***,是***"
    changed = {one["pointer"]: (one["before"], one["after"]) for one in versions[1]["changes"]}
    assert changed == {"/informant/name": ("***", "***")}


async def test_before_it_is_shown_to_the_agency_nobody_there_learns_of_it(tips: None, service: Service) -> None:
    one = await pushed(service, tip(), GIVER)
    agency = await service.client(AGENCY)

    assert (await agency.get(one.address)).status_code == 404
    assert await one.feed(AGENCY) == []
    assert (await agency.get(f"{one.address}/nodes")).status_code == 404


async def test_a_superior_bureau_does_not_see_the_duties_of_a_type_that_would_betray_the_record(
    held: Held, service: Service
) -> None:
    superior = await service.client("market-city")

    assert (await superior.get(f"{held.address}/nodes")).status_code == 404


# --- searching ------------------------------------------------------------------------------------


async def found(service: Service, reader: str, **filters: str) -> int:
    """How many tips a reader finds."""
    answer = await (await service.client(reader)).post("/v1/records/tip/search", json=filters)
    assert answer.status_code == 200, answer.text
    return len(answer.json()["items"])


@pytest.mark.parametrize("reader", SEEN)
async def test_nobody_finds_a_record_by_an_informant_a_minor_or_a_secret(
    held: Held, service: Service, reader: str
) -> None:
    assert [await found(service, reader, q=word) for word in (*HIDDEN, WRONG_INFORMANT, INFORMANT[1:])] == [0] * 6
    assert await found(service, reader, q="样例点心") == 1
    assert await found(service, reader, q="的学校门口") == 1


@pytest.mark.parametrize(("reader", "times"), [(GIVER, 1), (PROCURATORATE, 1), (AGENCY, 1), (JUSTICE, 0)])
async def test_who_is_shown_who_persons_are_finds_by_them(
    held: Held, service: Service, reader: str, times: int
) -> None:
    assert await found(service, reader, q=PERSON) == times
    assert await found(service, reader, party_name=PERSON) == times


@pytest.mark.parametrize(("reader", "times"), [(GIVER, 1), (PROCURATORATE, 1), (AGENCY, 0), (JUSTICE, 0)])
async def test_a_number_that_names_the_informant_finds_nothing_for_who_may_not_know_it(
    held: Held, service: Service, reader: str, times: int
) -> None:
    assert await found(service, reader, source_id=tip()["source_id"]) == times


async def test_nobody_finds_a_record_by_a_party_that_is_a_minor_in_it(tips: None, service: Service) -> None:
    number = "420106201001011235"
    people = [{"name": CHILD, "kind": "natural_person", "id_type": "resident_id", "id_no": number}]
    children = [{"name": CHILD}, {"name": number}]
    await pushed(service, tip(people=people, children=children), GIVER)

    for reader in (GIVER, PROCURATORATE):
        assert await found(service, reader, party_name=CHILD) == 0
        assert await found(service, reader, party_code=number) == 0
        assert await found(service, reader, q="样例点心") == 1


async def test_the_office_reads_and_finds_all_of_its_own(tips: None, service: Service) -> None:
    own = tip(organisation=demo.code_of("420100", 11), source_id=f"2026-{PERSON}-1")
    one = await pushed(service, own, "office-city")

    assert holds(await one.read("", "office-city"), INFORMANT, PERSON) == {INFORMANT, PERSON}
    assert await found(service, "office-city", q=PERSON) == 1
    assert await found(service, "office-city", party_name=PERSON) == 1
    assert await found(service, "office-city", source_id=own["source_id"]) == 1


# --- attachments ----------------------------------------------------------------------------------


@pytest.fixture
async def sent(held: Held, service: Service) -> Held:
    """The same with the contents of its attachments."""
    for content, by in ((LETTER, GIVER), (ANSWER, AGENCY)):
        assert (await put(await service.client(by), held, content)).status_code == 201
    return held


@pytest.mark.parametrize(
    ("reader", "letter", "answer"),
    [(GIVER, 200, 200), (PROCURATORATE, 200, 200), (AGENCY, 403, 200), (JUSTICE, 403, 403)],
)
async def test_who_is_not_shown_the_informant_reads_no_letter_and_what_was_answered(
    sent: Held, service: Service, reader: str, letter: int, answer: int
) -> None:
    client = await service.client(reader)

    answers = [await client.get(place(sent, content)) for content in (LETTER, ANSWER)]

    assert [one.status_code for one in answers] == [letter, answer]
    assert {told(one)[1] for one in answers if one.status_code == 403} <= {"attachment-unmaskable"}


async def test_the_names_of_files_are_masked_as_the_record_is(sent: Held) -> None:
    names = {reader: {one["name"] for one in (await sent.read("/attachments", reader))["items"]} for reader in SEEN}

    whole, masked = {f"{INFORMANT}来信.pdf", "答复.pdf"}, {"***来信.pdf", "答复.pdf"}
    assert names == {GIVER: whole, PROCURATORATE: whole, AGENCY: masked, JUSTICE: masked}


async def test_nobody_gets_the_letter_by_naming_it_in_an_event_of_its_own(sent: Held, service: Service) -> None:
    again = ANSWERED | {"occurred_at": "2026-10-08", "source_id": "again", "attachment": attachment(LETTER)}
    assert (await sent.put(tip(), 2)).status_code == 201  # the version that holds names the letter no more
    assert (await sent.tell(again, AGENCY)).status_code == 201

    answer = await (await service.client(AGENCY)).get(place(sent, LETTER))

    assert told(answer)[:2] == (403, "attachment-unmaskable")


# --- duties ---------------------------------------------------------------------------------------


@pytest.fixture
async def owing(held: Held, service: Service) -> Held:
    """The same with a duty of the agency."""
    duty = Duty(
        node="tip_answered",
        title=names("答复", "answer"),
        responsible=MARKET,
        responsible_role=Party.AGENCY,
        opened_by="shown",
        opened_title=names("告知", "shown"),
        opened_at=date(2026, 10, 8),
    )
    query = """
        INSERT INTO node (record_id, node, record_type, organisation, region, field, responsible, is_done, standing,
            duty, role, advisory, is_numbered, opened_on, law)
        SELECT id, :node, record_type, organisation, region, field, :responsible, false, 'open', :duty, 'agency', false,
            false, DATE '2026-10-08', 'l'
        FROM record
    """
    said = {"node": duty.node, "responsible": duty.responsible, "duty": duty_to_text(duty)}
    async with service.shop.engine.begin() as conn:
        await conn.execute(text(query), said)
    return held


@pytest.mark.parametrize(
    ("reader", "numbers"),
    [
        (GIVER, [f"2026-{INFORMANT}-1"]),
        (PROCURATORATE, [f"2026-{INFORMANT}-1"]),
        (AGENCY, ["2026-***-1"]),
        (JUSTICE, ["2026-***-1"]),
        ("market-city", []),
        ("ecology-city", []),
    ],
)
async def test_a_list_of_duties_tells_no_more_than_the_record_and_a_superior_bureau_nothing(
    owing: Held, service: Service, reader: str, numbers: list[str]
) -> None:
    client = await service.client(reader)

    items = (await client.get("/v1/nodes")).json()["items"]
    counted = (await client.get("/v1/statistics/backlog", params={"by": "organisation"})).json()["rows"]

    assert [one["source_id"] for one in items] == numbers
    assert sum(one["figures"]["open"]["value"] for one in counted) == len(numbers)


async def test_a_duty_of_a_record_that_is_not_shown_yet_is_listed_without_a_word_of_any_class(
    owing: Held, service: Service
) -> None:
    async with service.shop.engine.begin() as conn:
        await conn.execute(text("DELETE FROM involved"))
        await conn.execute(text("UPDATE record SET source_id = :number"), {"number": f"{PERSON}、{INFORMANT}-1"})

    items = (await (await service.client(AGENCY)).get("/v1/nodes")).json()["items"]

    assert [one["source_id"] for one in items] == ["***、***-1"]
