"""The file of a transferred case: each body sends what it named, and the others read it."""

from __future__ import annotations

import pytest

from tests.api.attaching import attachment, digest_of, pdf, place, put
from tests.api.held import Held, pushed
from tests.api.promises import told
from tests.conftest import Service
from tests.transfers import transfer

AGENCY, POLICE, PROCURATORATE = "market-wuchang", "police-wuchang", "procuratorate-wuchang"
BODIES = (AGENCY, POLICE, PROCURATORATE)
LETTER, REPORT, RECEIPT = pdf(seed="letter"), pdf(seed="report"), pdf(seed="receipt")
MATERIALS = [
    {"kind": "transfer_letter", "name": "涉嫌犯罪案件移送书", "attachment": attachment(LETTER, name="移送书.pdf")},
    {
        "kind": "investigation_report",
        "name": "调查报告",
        "attachment": attachment(REPORT, name="样例嫌疑人1调查报告.pdf"),
    },
]
RECEIVED = {
    "event": "received",
    "occurred_at": "2026-09-22T17:05:00+08:00",
    "receipt_no": "武公受〔2026〕9号",
    "attachment": attachment(RECEIPT, name="受案回执.pdf"),
}


@pytest.fixture
async def held(service: Service) -> Held:
    """A transfer with its materials, which the police have received."""
    sent = await pushed(service, transfer(materials=MATERIALS), AGENCY)
    assert (await sent.tell(RECEIVED, POLICE)).status_code == 201
    return sent


async def test_the_agency_sends_the_materials_and_the_police_their_receipt_and_all_three_read_them(
    service: Service, held: Held
) -> None:
    clients = {name: await service.client(name) for name in BODIES}
    sent = [
        await put(clients[AGENCY], held, LETTER),
        await put(clients[AGENCY], held, REPORT),
        await put(clients[POLICE], held, RECEIPT),
    ]

    items = (await held.read("/attachments", PROCURATORATE))["items"]
    read = {
        name: [(await client.get(place(held, content))).content for content in (LETTER, REPORT, RECEIPT)]
        for name, client in clients.items()
    }

    assert [answer.status_code for answer in sent] == [201] * 3
    assert [(one["digest"], one["pointer"], one["event_id"] is None, one["held"]) for one in items] == [
        (digest_of(LETTER), "/materials/0/attachment", True, True),
        (digest_of(REPORT), "/materials/1/attachment", True, True),
        (digest_of(RECEIPT), None, False, True),
    ]
    assert read == {name: [LETTER, REPORT, RECEIPT] for name in BODIES}


async def test_no_body_sends_what_another_named(service: Service, held: Held) -> None:
    answers = [
        await put(await service.client(AGENCY), held, RECEIPT),
        await put(await service.client(POLICE), held, LETTER),
        await put(await service.client(PROCURATORATE), held, RECEIPT),
    ]

    assert {told(answer) for answer in answers} == {(403, "not-your-attachment", ())}


async def test_an_organ_that_is_no_body_of_the_transfer_sees_no_file_of_it(service: Service, held: Held) -> None:
    await put(await service.client(AGENCY), held, LETTER)

    for stranger in ("market-jiangan", "police-city", "procuratorate-jiangan"):
        client = await service.client(stranger)
        answers = [
            await client.get(place(held, LETTER)),
            await client.get(f"{held.address}/attachments"),
            await put(client, held, LETTER),
        ]
        assert {told(answer) for answer in answers} == {(404, "unknown-record", ())}, stranger


async def test_a_masked_reader_sees_no_suspect_in_the_name_of_a_file_and_no_file(service: Service, held: Held) -> None:
    await put(await service.client(AGENCY), held, REPORT)
    auditor = await service.client("auditor-city")

    names = [one["name"] for one in (await held.read("/attachments", "auditor-city"))["items"]]

    assert names == ["移送书.pdf", "***调查报告.pdf", "受案回执.pdf"]
    assert told(await auditor.get(place(held, REPORT))) == (403, "attachment-unmaskable", ())
