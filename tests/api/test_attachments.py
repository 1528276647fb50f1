"""A file goes with what is said: named first, sent then, whole, by who named it, and handed out as it was sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.types import Message

from app import demo
from app.exchange.vault import DiskVault, sweep
from schemas.codelists import codelist
from schemas.record import CLOCK_EVENTS, MOST_ATTACHMENT_BYTES, Event
from tests import corpus
from tests.api.attaching import (
    DECIDED,
    PDF,
    SEVERAL_PIECES,
    attachment,
    digest_of,
    naming,
    pdf,
    place,
    put,
    raw,
    served,
)
from tests.api.held import Held, pushed
from tests.api.promises import PUSH, in_chunks, rows, told, trail
from tests.conftest import Service

CONTENT = pdf()
DIGEST = digest_of(CONTENT)
ZIP = b"PK\x03\x04" + bytes(60)


def vault_of(service: Service) -> DiskVault:
    vault = service.shop.vault
    assert isinstance(vault, DiskVault)
    return vault


def kept_in(vault: DiskVault) -> dict[str, bytes]:
    """Every file under the vault's folder, by its path there."""
    files = (path for path in vault.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(vault.folder)): path.read_bytes() for path in files}


async def listed(service: Service, held: Held, by: str = "market-city") -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await held.read("/attachments", by))["items"]
    return found


# --- who may --------------------------------------------------------------------------------------


async def test_nobody_names_sends_or_reads_an_attachment_without_a_token(service: Service) -> None:
    held = await naming(service, CONTENT)
    nobody = service.anonymous
    before = await rows(service)

    answers = [
        await put(nobody, held, CONTENT),
        await nobody.get(place(held, CONTENT)),
        await nobody.get(f"{held.address}/attachments"),
    ]

    assert {told(answer) for answer in answers} == {(401, "token-missing", ())}
    assert await rows(service) == before
    assert kept_in(vault_of(service)) == {}


async def test_who_does_not_see_the_record_sees_no_attachment_of_it(service: Service) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    await put(agency, held, CONTENT)
    other = await service.client("ecology-city")

    answers = [
        await put(other, held, CONTENT),
        await other.get(place(held, CONTENT)),
        await other.get(f"{held.address}/attachments"),
        await agency.get(f"{PUSH}/{UUID(int=1)}/attachments"),
    ]

    assert {told(answer) for answer in answers} == {(404, "unknown-record", ())}


async def test_who_reads_a_record_and_did_not_name_its_attachment_may_not_send_it(service: Service) -> None:
    held = await naming(service, CONTENT)
    procuratorate, justice = await service.client("procuratorate-city"), await service.client("justice-city")

    answers = [await put(one, held, CONTENT) for one in (procuratorate, justice)]

    assert [told(answer) for answer in answers] == [(403, "not-your-attachment", ()), (403, "role-may-not", ())]
    assert kept_in(vault_of(service)) == {}
    assert [row["outcome"] for row in await trail(service)][-2:] == ["not-your-attachment", "role-may-not"]


async def test_a_reader_with_a_mask_gets_no_file_and_a_list_without_names_of_persons(service: Service) -> None:
    person = corpus.penalty(7, party_kind="natural_person", kinds=["03"], region="420106", decided_on="2026-09-29")
    held = await naming(service, CONTENT, person, name=f"送达回证 {person['party']['name']}.pdf")
    await put(await service.client("market-city"), held, CONTENT)

    for reader in ("justice-city", "auditor-city"):
        client = await service.client(reader)
        (one,) = await listed(service, held, reader)

        assert told(await client.get(place(held, CONTENT))) == (403, "attachment-unmaskable", ())
        assert (one["name"], one["digest"], one["held"]) == ("送达回证 ***.pdf", DIGEST, True)


# --- the whole story ------------------------------------------------------------------------------


async def test_what_is_named_is_sent_once_and_handed_out_as_it_was_sent(service: Service) -> None:
    content = pdf(SEVERAL_PIECES)
    held, agency = await naming(service, content), await service.client("market-city")
    missing = await agency.get(place(held, content))
    (before,) = await listed(service, held)

    first = await put(agency, held, content)
    again = await put(agency, held, content)
    read = await (await service.client("procuratorate-wuchang")).get(place(held, content))
    (after,) = await listed(service, held, "procuratorate-city")

    (event,) = (one["id"] for one in (await held.read("/events"))["items"] if one["event"]["event"] == "served")
    assert told(missing) == (404, "attachment-not-sent", ())
    assert before == attachment(content) | {"pointer": None, "event_id": event, "held": False, "received_at": None}
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json() == {
        "digest": digest_of(content),
        "bytes": len(content),
        "media_type": PDF,
        "received_at": "2026-10-09T09:02:11.482+08:00",
    }
    assert after == before | {"held": True, "received_at": first.json()["received_at"]}
    assert (read.status_code, read.content) == (200, content)
    assert kept_in(vault_of(service)) == {f"{DIGEST_OF_LONG[:2]}/{DIGEST_OF_LONG[2:]}": content}


DIGEST_OF_LONG = digest_of(pdf(SEVERAL_PIECES)).removeprefix("sha-256:")


async def test_a_file_leaves_as_something_to_be_saved_under_its_name_and_never_shown_as_a_page(
    service: Service,
) -> None:
    name = '../../决定书"; filename=x.html\u202e'
    held, agency = await naming(service, CONTENT, name=name), await service.client("market-city")
    await put(agency, held, CONTENT)

    headers = (await agency.get(place(held, CONTENT))).headers

    plain, _, encoded = headers["content-disposition"].partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="attachment"'
    assert encoded.isascii()
    assert unquote(encoded) == '决定书"; filename=x.html'
    assert headers["content-type"] == PDF
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["etag"] == f'"{DIGEST}"'
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox"
    assert headers["cache-control"] == "private, no-store"
    assert headers["accept-ranges"] == "none"


async def test_that_a_file_was_sent_and_read_stands_in_the_trail(service: Service) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")

    await put(agency, held, CONTENT)
    await put(agency, held, CONTENT)
    await (await service.client("procuratorate-city")).get(place(held, CONTENT))

    noted = [row for row in await trail(service) if DIGEST in (row["detail"] or "")]
    assert [(row["action"], row["outcome"], row["role"]) for row in noted] == [
        ("attach", "done", "agency"),
        ("attach", "repeated", "agency"),
        ("read", "done", "procuratorate"),
    ]
    assert {str(row["record_id"]) for row in noted} == {held.id}


async def test_nobody_but_the_service_can_look_into_the_folder(service: Service) -> None:
    held = await naming(service, CONTENT)
    await put(await service.client("market-city"), held, CONTENT)

    vault = vault_of(service)
    modes = {str(path.relative_to(vault.folder)): S_IMODE(path.stat().st_mode) for path in vault.folder.rglob("*")}

    digits = DIGEST.removeprefix("sha-256:")
    assert S_IMODE(vault.folder.stat().st_mode) == 0o700
    assert modes == {digits[:2]: 0o700, f"{digits[:2]}/{digits[2:]}": 0o600}


async def test_what_was_kept_can_neither_be_changed_nor_deleted_in_the_tables(service: Service) -> None:
    held = await naming(service, CONTENT)
    await put(await service.client("market-city"), held, CONTENT)

    for statement in ("DELETE FROM {}", "UPDATE {} SET media_type = 'text/plain'", "TRUNCATE {} CASCADE"):
        for table in ("attachment", "attachment_of"):
            with pytest.raises(Exception, match="append-only"):
                async with service.shop.engine.begin() as conn:
                    await conn.execute(text(statement.format(table)))


# --- what is not taken ----------------------------------------------------------------------------


async def test_what_is_not_what_was_named_is_refused_and_nothing_is_kept(service: Service) -> None:
    agency = await service.client("market-city")
    held = await naming(service, CONTENT)
    text_held = await pushed(service, DECIDED | {"source_id": "2", "events": [served(ZIP)]})
    before = await rows(service)

    answers = {
        "another content of the size": await put(agency, held, CONTENT, CONTENT[:-1] + b"?"),
        "less": await put(agency, held, CONTENT, CONTENT[:-1]),
        "more": await put(agency, held, CONTENT, CONTENT + b"?"),
        "nothing": await put(agency, held, CONTENT, b""),
        "a zip called a pdf": await put(agency, text_held, ZIP),
    }

    assert {name: told(answer) for name, answer in answers.items()} == {
        "another content of the size": (422, "digest-differs", ()),
        "less": (422, "size-differs", ()),
        "more": (422, "size-differs", ()),
        "nothing": (422, "size-differs", ()),
        "a zip called a pdf": (422, "media-type-differs", ()),
    }
    assert await rows(service) == before
    assert kept_in(vault_of(service)) == {}
    assert {one["held"] for one in await listed(service, held)} == {False}


async def test_what_nothing_names_is_not_taken_and_not_handed_out(service: Service) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    other = pdf(seed="other")

    answers = [
        await put(agency, held, other),
        await agency.get(place(held, other)),
        await agency.put(f"{held.address}/attachments/{DIGEST.upper()}", content=CONTENT),
        await agency.get(f"{held.address}/attachments/nothing"),
    ]

    assert {told(answer) for answer in answers} == {(404, "unknown-attachment", ())}
    assert kept_in(vault_of(service)) == {}


async def test_what_is_larger_than_is_taken_is_refused_before_a_byte_of_it_is_read(service: Service) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    service.app.state.shop = replace(service.shop, attachment_bytes=len(CONTENT) - 1)
    named_too_large: list[int] = []

    answers = [
        await put(agency, held, CONTENT),
        await put(agency, held, CONTENT, in_chunks(b"x", 100, named_too_large)),
    ]

    assert {told(answer) for answer in answers} == {(413, "too-large", (("", "body-too-large"),))}
    assert named_too_large == []
    assert kept_in(vault_of(service)) == {}


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(service: Service) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    service.app.state.shop = replace(service.shop, attachment_bytes=10_000)
    taken: list[int] = []

    answer = await agency.put(
        place(held, CONTENT), content=in_chunks(b"x", 100, taken), headers={"Content-Length": "10001"}
    )

    assert told(answer) == (413, "too-large", (("", "body-too-large"),))
    assert taken == []


async def test_a_body_without_an_end_is_read_no_further_than_was_named(service: Service) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    taken: list[int] = []

    answer = await put(agency, held, CONTENT, in_chunks(bytes(500), 10**9, taken))

    assert told(answer) == (422, "size-differs", ())
    assert sum(taken) == 2500
    assert kept_in(vault_of(service)) == {}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ""}, ("/attachment/name", "text")),
        ({"name": "名" * 201}, ("/attachment/name", "text")),
        ({"digest": DIGEST.upper()}, ("/attachment/digest", "format")),
        ({"digest": DIGEST.removeprefix("sha-256:")}, ("/attachment/digest", "format")),
        ({"digest": DIGEST + "\n"}, ("/attachment/digest", "format")),
        ({"bytes": 0}, ("/attachment/bytes", "out-of-range")),
        ({"bytes": MOST_ATTACHMENT_BYTES + 1}, ("/attachment/bytes", "out-of-range")),
        ({"bytes": "12"}, ("/attachment/bytes", "wrong-type")),
        ({"media_type": "text/html"}, ("/attachment/media_type", "unknown-code")),
        ({"media_type": "image/svg+xml"}, ("/attachment/media_type", "unknown-code")),
        ({"path": "/etc/passwd"}, ("/attachment/path", "unknown-field")),
        ({"media_type": None}, ("/attachment/media_type", "required")),
    ],
)
async def test_an_attachment_that_is_named_wrongly_is_a_fault_at_its_place(
    service: Service, changes: dict[str, object], fault: tuple[str, str]
) -> None:
    held = await pushed(service, DECIDED)

    answer = await held.tell(served(CONTENT, **changes))

    assert told(answer) == (422, "validation-failed", (fault,))


# --- what holds is what counts --------------------------------------------------------------------


async def test_a_withdrawn_event_names_nothing_any_more(service: Service) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    await put(agency, held, CONTENT)
    (event,) = (one["event_id"] for one in await listed(service, held))

    await held.withdraw(str(event), reason={"code": "did_not_happen", "text": "送达回证系他案"})

    assert await listed(service, held) == []
    assert told(await agency.get(place(held, CONTENT))) == (404, "unknown-attachment", ())
    assert told(await put(agency, held, CONTENT)) == (404, "unknown-attachment", ())


async def test_for_a_withdrawn_record_nothing_is_sent_and_what_was_sent_is_still_read(service: Service) -> None:
    later = pdf(seed="later")
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    await held.tell({"event": "published", "occurred_at": "2026-10-08", "attachment": attachment(later)})
    await put(agency, held, CONTENT)
    await held.withdraw()

    assert told(await put(agency, held, later)) == (409, "withdrawn", ())
    assert (await agency.get(place(held, CONTENT))).content == CONTENT


async def test_a_content_named_by_two_records_lies_there_once_and_is_read_only_where_it_was_sent(
    service: Service,
) -> None:
    agency = await service.client("market-city")
    mine = await naming(service, CONTENT)
    assert (await put(agency, mine, CONTENT)).status_code == 201
    theirs = of_ecology() | {"events": [served(CONTENT, name="猜到的.pdf")]}
    guessing = await pushed(service, theirs, "ecology-city")
    guesser = await service.client("ecology-city")

    # Who merely knows the digest learns neither the content nor that it is here.
    (before,) = await listed(service, guessing, "ecology-city")
    unread = await guesser.get(place(guessing, CONTENT))
    wrong = await put(guesser, guessing, CONTENT, bytes(len(CONTENT)))
    sent = await put(guesser, guessing, CONTENT)

    assert (before["held"], told(unread)) == (False, (404, "attachment-not-sent", ()))
    assert told(wrong) == (422, "digest-differs", ())
    assert sent.status_code == 201
    assert (await guesser.get(place(guessing, CONTENT))).content == CONTENT
    assert list(kept_in(vault_of(service)).values()) == [CONTENT]
    assert await counted(service) == {"attachment": 1, "of": 2}


def of_ecology() -> dict[str, Any]:
    """A penalty of the city's ecology bureau."""
    own = {"organisation": demo.code_of("420100", 3), "field": "ecology", "source_id": "guess"}
    return {**DECIDED, **own}


async def counted(service: Service) -> dict[str, int]:
    query = "SELECT (SELECT count(*) FROM attachment) AS attachment, (SELECT count(*) FROM attachment_of) AS of"
    async with service.shop.engine.connect() as conn:
        row = (await conn.execute(text(query))).one()
        return {"attachment": row.attachment, "of": row.of}


async def test_thirty_two_at_once_send_the_same_and_one_of_them_was_the_first(service: Service) -> None:
    content = pdf(SEVERAL_PIECES)
    held, agency = await naming(service, content), await service.client("market-city")

    answers = await asyncio.gather(*(put(agency, held, content) for _ in range(32)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 31}
    assert len({answer.text for answer in answers}) == 1
    assert list(kept_in(vault_of(service)).values()) == [content]
    assert await counted(service) == {"attachment": 1, "of": 1}
    assert (await agency.get(place(held, content))).content == content


async def test_one_file_may_go_with_several_events_of_a_record_and_is_sent_once(service: Service) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    await held.tell({"event": "published", "occurred_at": "2026-10-08", "attachment": attachment(CONTENT)})

    sent = await put(agency, held, CONTENT)

    assert sent.status_code == 201
    assert [one["held"] for one in await listed(service, held)] == [True, True]


# --- what was cut off, and what was damaged -------------------------------------------------------


async def test_an_upload_that_is_cut_off_leaves_nothing_behind(service: Service) -> None:
    content = pdf(SEVERAL_PIECES)
    held, agency = await naming(service, content), await service.client("market-city")
    half: Message = {"type": "http.request", "body": content[:500_000], "more_body": True}

    answered = await raw(service, agency, "PUT", place(held, content), half)

    assert answered == []
    assert kept_in(vault_of(service)) == {}
    assert (await counted(service))["attachment"] == 0
    assert {one["held"] for one in await listed(service, held)} == {False}


async def test_a_small_file_that_was_damaged_or_lost_is_refused_and_healed_by_sending_it_again(
    service: Service,
) -> None:
    held, agency = await naming(service, CONTENT), await service.client("market-city")
    await put(agency, held, CONTENT)
    file = vault_of(service).place(DIGEST)
    file.write_bytes(CONTENT[:-1] + b"?")
    damaged = await agency.get(place(held, CONTENT))
    file.unlink()

    lost = await agency.get(place(held, CONTENT))
    healed = await put(agency, held, CONTENT)

    assert [(one.status_code, one.json()["code"]) for one in (damaged, lost)] == [(500, "attachment-damaged")] * 2
    assert healed.status_code == 200
    assert (await agency.get(place(held, CONTENT))).content == CONTENT
    assert [row["outcome"] for row in await trail(service)].count("attachment-damaged") == 2


async def test_of_a_large_file_that_was_damaged_nobody_gets_the_whole(service: Service) -> None:
    content = pdf(SEVERAL_PIECES)
    held, agency = await naming(service, content), await service.client("market-city")
    await put(agency, held, content)
    spoilt = bytearray(content)
    spoilt[300_000] ^= 1
    vault_of(service).place(digest_of(content)).write_bytes(spoilt)

    start, *pieces = await raw(service, agency, "GET", place(held, content))

    # The last piece, and with it the end, never comes: the server closes the connection (tests/guarantees).
    assert start["status"] == 200
    assert sum(len(piece["body"]) for piece in pieces) < len(content)
    assert all(piece["more_body"] for piece in pieces)
    assert [row["outcome"] for row in await trail(service)][-1] == "attachment-damaged"


def test_what_a_killed_process_was_receiving_is_swept_away_once_it_is_old(tmp_path: Path) -> None:
    old, kept = tmp_path / "arriving-1", tmp_path / "ab"
    old.write_bytes(b"half")
    kept.write_bytes(b"whole")
    written = old.stat().st_mtime

    sweep(tmp_path, written)
    still_there = old.exists()
    sweep(tmp_path, written + 1)

    assert still_there
    assert [path.name for path in tmp_path.iterdir()] == ["ab"]


# --- the standard ---------------------------------------------------------------------------------


def test_an_attachment_is_no_part_of_what_the_clocks_read_or_of_which_event_it_is() -> None:
    given = {"node": "penalty_served", "level": "head", "amount": 3, "unit": "working_day", "reason": "样例"}
    models: dict[str, type[Event]] = {**CLOCK_EVENTS, "published": Event}
    for name, model in models.items():
        members = {key: value for key, value in given.items() if key in model.model_fields}
        bare = model.model_validate({"event": name, "occurred_at": "2026-10-08", **members})

        attached = model.model_validate(
            bare.model_dump(mode="json", exclude_none=True) | {"attachment": attachment(CONTENT)}
        )

        assert attached.attachment is not None
        assert (attached.details(), attached.identity()) == (bare.details(), bare.identity())


def test_the_media_types_are_of_files_that_no_browser_runs() -> None:
    codes = codelist("media_types").codes

    assert len(codes) >= 12
    assert not any(word in code for code in codes for word in ("html", "xml+", "+xml", "svg", "script"))


async def _slowly(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 100_000):
        await asyncio.sleep(0)
        yield content[start : start + 100_000]


async def test_a_body_without_a_length_is_taken_too(service: Service) -> None:
    content = pdf(SEVERAL_PIECES)
    held, agency = await naming(service, content), await service.client("market-city")

    answer = await put(agency, held, content, _slowly(content))

    assert answer.status_code == 201
    assert list(kept_in(vault_of(service)).values()) == [content]
