"""Who sees what of a clue: every cell of the table in docs/public-interest.md, held against the service."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from app import demo
from schemas.lifecycle import SHANGHAI
from tests.advices import draft
from tests.api.held import Held, pushed
from tests.api.promises import Json
from tests.clues import by_the_office, clue
from tests.conftest import Service
from tests.transfers import organ

pytestmark = pytest.mark.any_server

DOCUMENT = Path(__file__).parents[2] / "docs" / "public-interest.md"
CODES = {name: row.code for name, row in demo.ORGANISATIONS}

DIGEST = f"sha-256:{'5' * 64}"
EVIDENCE = [
    {
        "name": "举报信",
        "attachment": {"name": "举报信.pdf", "digest": DIGEST, "bytes": 1024, "media_type": "application/pdf"},
    }
]
PERSONS = ("样例行为人1",)
KEPT = ("样例举报人1", "样例未成年人1", "样例监护人1", "武昌区样例学校", "样例配方")

Cells = tuple[str, ...]


def _table() -> dict[str, Cells]:
    """The rows of the table: reader → record, persons, kept, files, nodes, each "yes" or "no"."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.endswith(("| yes |", "| no |"))
    ]
    return {reader: tuple(cells) for reader, *cells in rows}


TABLE = _table()

REGISTERED = {"event": "registered", "occurred_at": "2026-09-03"}
FILED = [
    {"event": "evaluated", "occurred_at": "2026-09-08"},
    {"event": "administrative_filed", "occurred_at": "2026-09-10"},
]
SERVED = {"event": "served", "occurred_at": "2026-09-16"}


async def _told(held: Held, by: str, *events: Json) -> None:
    for event in events:
        answer = await held.tell(event, by)
        assert (answer.status_code, answer.json()["applied"]) == (201, True), answer.text


async def _filed(service: Service) -> Held:
    """A clue that Wuchang's procuratorate filed as a case against Wuchang's market supervision."""
    held = await pushed(service, clue(evidence=EVIDENCE), "ecology-city")
    await _told(held, "procuratorate-wuchang", REGISTERED, *FILED)
    return held


async def _served(service: Service) -> Held:
    held = await _filed(service)
    await _told(held, "procuratorate-wuchang", SERVED)
    return held


async def _handed_on(service: Service) -> Held:
    held = await pushed(service, clue(evidence=EVIDENCE), "ecology-city")
    to = {"to": organ(CODES["procuratorate-jiangan"])}
    await _told(held, "procuratorate-wuchang", {"event": "rerouted", "occurred_at": "2026-09-02", **to})
    return held


async def _delegated(service: Service) -> Held:
    held = await _filed(service)
    to = {"to": organ(CODES["procuratorate-jiangan"])}
    await _told(held, "procuratorate-wuchang", {"event": "delegated", "occurred_at": "2026-09-11", **to})
    return held


async def _addressed_to_the_city(service: Service) -> Held:
    record = clue(evidence=EVIDENCE, addressee=organ(CODES["procuratorate-city"]))
    return await pushed(service, record, "ecology-city")


async def _of_the_office(service: Service) -> Held:
    kept = {name: clue()[name] for name in ("reporter", "minors", "trade_secrets")}
    return await pushed(service, by_the_office(evidence=EVIDENCE, **kept), "office-city")


READERS = {
    "the giver": (_filed, "ecology-city"),
    "the procuratorate that handles it": (_filed, "procuratorate-wuchang"),
    "the procuratorate that passed it on": (_handed_on, "procuratorate-wuchang"),
    "the procuratorate above them": (_filed, "procuratorate-city"),
    "a delegated procuratorate": (_delegated, "procuratorate-jiangan"),
    "a procuratorate of another district": (_served, "procuratorate-jiangan"),
    "the supervised organ, before it is told": (_filed, "market-wuchang"),
    "the supervised organ, once told": (_served, "market-wuchang"),
    "the bureau above the supervised organ": (_served, "market-city"),
    "another agency": (_served, "market-jiangan"),
    "the police": (_served, "police-wuchang"),
    "the justice bureau": (_served, "justice-city"),
    "the auditor": (_served, "auditor-city"),
    "the office, of what it did not give": (_served, "office-city"),
    "another procuratorate of the place where it lies": (_addressed_to_the_city, "procuratorate-wuchang"),
    "the office, of what it gave": (_of_the_office, "office-city"),
}


def test_every_reader_of_the_table_is_tried() -> None:
    assert set(TABLE) == set(READERS)


@pytest.mark.parametrize("reader", READERS)
async def test_a_reader_sees_of_a_clue_what_the_table_says(service: Service, reader: str) -> None:
    service.now = service.now.replace(year=2026, month=9, day=21, tzinfo=SHANGHAI)
    begin, name = READERS[reader]
    held = await begin(service)
    client = await service.client(name)
    await service.sequence()

    found = await client.get(held.address)
    views = [await client.get(held.address + part) for part in ("/events", "/versions", "/timeline")]
    nodes = await client.get(f"{held.address}/nodes")
    file = await client.get(f"{held.address}/attachments/{DIGEST}")

    reads = {answer.status_code for answer in (found, *views)}
    assert reads in ({200}, {404})
    sees = (
        reads == {200},
        reads == {200} and all(name in found.text for name in PERSONS),
        reads == {200} and any(word in found.text for word in KEPT),
        _is_handed_out(file),
        nodes.status_code == 200,
    )
    assert tuple("yes" if one else "no" for one in sees) == TABLE[reader]
    await _is_masked_alike(held, client, found, sees)


def _is_handed_out(answer: httpx.Response) -> bool:
    """Whether it would be, had it been sent."""
    code = answer.json()["code"]
    assert code in ("attachment-not-sent", "attachment-unmaskable", "unknown-record")
    return bool(code == "attachment-not-sent")


async def _is_masked_alike(
    held: Held, client: httpx.AsyncClient, found: httpx.Response, sees: tuple[bool, ...]
) -> None:
    """Lists, feed and search show no more than the record, and what is masked is said to be."""
    reads, persons, kept, *_ = sees
    fed = await client.get("/v1/changes", params={"limit": 1000})
    listed = await client.get("/v1/nodes", params={"limit": 200})
    searched = [
        await client.post("/v1/records/clue/search", json={"q": word}) for word in ("样例河段", "样例行为人1", *KEPT)
    ]
    texts = [fed.text, found.text, *(answer.text for answer in searched)]
    if not reads:
        assert held.id not in "".join((*texts, listed.text))
        return
    assert held.id in fed.text
    assert [held.id in answer.text for answer in searched] == [True, persons, *[False] * len(KEPT)]
    unseen = (*(() if kept else KEPT), *(() if persons else PERSONS))
    assert [word for word in unseen if any(word in text for text in texts)] == []
    body = found.json()
    pointers = body.get("masked", [])
    assert ("/reporter/name" in pointers, "/harm" in pointers) == (not kept and "reporter" in body["record"],) * 2
    assert ("/wrongdoers/1/name" in pointers) is not persons


async def test_the_digest_of_a_masked_clue_is_that_of_the_whole_one(service: Service) -> None:
    service.now = service.now.replace(year=2026, month=9, day=21, tzinfo=SHANGHAI)
    held = await _served(service)

    whole, masked = await held.read(by="procuratorate-wuchang"), await held.read(by="market-wuchang")

    assert masked["digest"] == whole["digest"]
    assert masked["record"]["reporter"] == {
        "name": "***",
        "phone": "***",
        "id_type": "resident_id",
        "id_no": "***",
        "address": "***",
    }
    assert masked["record"]["minors"] == [{"name": "***", "school": "***", "guardian": "***"}]
    assert masked["record"]["trade_secrets"] == "***"
    assert masked["record"]["harm"].count("***") == 2
    assert whole["record"]["harm"] != masked["record"]["harm"]


async def test_the_number_of_a_ticket_tells_the_organ_nothing_of_who_told(service: Service) -> None:
    service.now = service.now.replace(year=2026, month=9, day=21, tzinfo=SHANGHAI)
    held = await pushed(service, by_the_office(channel="hotline", referral_no="12345-202608310001"), "office-city")
    await _told(held, "procuratorate-wuchang", REGISTERED, *FILED, SERVED)

    masked = await held.read(by="market-wuchang")

    assert masked["record"]["referral_no"] == "***"
    assert "202608310001" not in str(masked)
    assert (await held.read(by="procuratorate-wuchang"))["record"]["referral_no"] == "12345-202608310001"


async def test_what_waits_for_its_predecessor_tells_the_organ_nothing(service: Service) -> None:
    service.now = service.now.replace(year=2026, month=9, day=21, tzinfo=SHANGHAI)
    held = await pushed(service, clue(), "ecology-city")
    consulted = {"event": "consulted", "occurred_at": "2026-09-18", "form": "meeting"}

    early = await held.tell(consulted, "procuratorate-wuchang")
    organ_ = await service.client("market-wuchang")

    assert (early.status_code, early.json()["applied"]) == (201, False)
    assert (await organ_.get(held.address)).status_code == 404
    await _told(held, "procuratorate-wuchang", REGISTERED, *FILED)
    assert (await organ_.get(held.address)).status_code == 200


async def test_a_copy_of_a_draft_shows_it_to_nobody(service: Service) -> None:
    copied_to = [organ(CODES["market-city"])]
    held = await pushed(service, draft(copied_to=copied_to), "procuratorate-wuchang")

    early = await held.tell(
        {"event": "copied", "occurred_at": "2026-09-18", "to": "superior_organ"}, "procuratorate-wuchang"
    )

    assert (early.status_code, early.json()["applied"]) == (201, False)
    for name in ("market-city", "market-wuchang"):
        assert (await (await service.client(name)).get(held.address)).status_code == 404
