"""The file an agency keeps anyway is the one it sends: taken in whole, told row by row, mended and sent again."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from app.exchange import submit_file
from app.exchange.import_file import import_file
from schemas.receipt import canonical, digest
from tests import corpus
from tests.api.promises import PUSH, rows, told, trail
from tests.api.sending_files import (
    CODES,
    FILES,
    HEADINGS,
    SHEET,
    XLSX,
    cells,
    counts,
    publicity,
    room,
    sent,
    sheets_of,
    taken_in,
    workbook,
)
from tests.conftest import Service

CORRECTED = {"on_change": "correct", "reason_code": "typing_error", "reason_text": "录入时写错"}


async def held(service: Service) -> list[dict[str, Any]]:
    """What is held, by source_id."""
    async with service.shop.engine.connect() as conn:
        found = await conn.execute(
            text(
                "SELECT record.source_id, record.state, record.version, record.digest, version.payload FROM record "
                "JOIN version ON version.record_id = record.id AND version.version = record.version ORDER BY source_id"
            )
        )
        return [dict(row._mapping) for row in found]


# --- who may --------------------------------------------------------------------------------------


async def test_nobody_sends_or_reads_a_file_without_a_token(service: Service) -> None:
    address = f"{FILES}/{UUID(int=1)}"

    answers = [
        await sent(service.anonymous, b"anything"),
        await service.anonymous.get(address),
        await service.anonymous.get(f"{address}/annotated.xlsx"),
        await service.anonymous.post(f"{address}/cancellation"),
    ]

    assert {told(answer) for answer in answers} == {(401, "token-missing", ())}
    assert not service.shop.shelf.folder.exists()


async def test_who_only_reads_sends_no_file(service: Service) -> None:
    auditor = await service.client("auditor-city")

    assert told(await sent(auditor, publicity([cells(1)]))) == (403, "role-may-not", ())


async def test_another_organisation_does_not_see_that_there_is_a_file(service: Service) -> None:
    agency, other = await service.client("market-city"), await service.client("ecology-city")
    file = (await sent(agency, publicity([cells(1)]))).json()
    address = f"{FILES}/{file['id']}"

    answers = [
        await other.get(address),
        await other.get(f"{address}/annotated.xlsx"),
        await other.post(f"{address}/cancellation"),
        await agency.get(f"{FILES}/{UUID(int=1)}"),
        await agency.get(f"{FILES}/nothing"),
    ]

    assert {told(answer) for answer in answers} == {(404, "unknown-file", ())}


# --- the whole story ------------------------------------------------------------------------------

_SPOILT: tuple[tuple[str, str, str], ...] = (
    ("CF_XDR_MC", "", "required"),
    ("CF_XDR_LB", "外星人", "cell-wording"),
    ("CF_CFLB", "罚站", "cell-wording"),
    ("CF_CFLB", "", "required-from-decision"),
    ("CF_JDRQ", "2026-02-30", "cell-date"),
    ("CF_JDRQ", "2098-01-01", "future-date"),
    ("CF_WSH", "无", "required-from-decision"),
    ("CF_WFXW", "/", "required-from-decision"),
    ("CF_SY", "", "required-from-decision"),
    ("CF_SY", "违" * 5001, "text"),
    ("CF_YJ", "", "required-from-decision"),
    ("CF_NR", "", "required-from-decision"),
    ("CF_CFJG", "", "required"),
    ("CF_CFJGDM", "", "required"),
    ("CF_CFJGDM", "1.14201E+17", "rounded-by-spreadsheet"),
    ("CF_CFJGDM", "1142010000999999X1", "check-digit"),
    ("CF_YXQ", "明年", "cell-date"),
    ("CF_GSJZQ", "2026/13/1", "cell-date"),
    ("BZ", "备" * 513, "text"),
)


@pytest.mark.slow
async def test_of_a_thousand_rows_the_spoilt_ones_come_back_and_once_mended_all_are_as_if_pushed(
    service: Service,
) -> None:
    agency = await service.client("market-city")
    good = {n: cells(n) for n in range(1, 1001)}
    # Thirty-seven rows: every way to spoil one, and most of them twice, in two columns at once.
    spoilt: dict[int, tuple[tuple[str, str, str], ...]] = {}
    for place in range(37):
        first = _SPOILT[place % len(_SPOILT)]
        second = _SPOILT[(place * 7 + 3) % len(_SPOILT)] if place >= len(_SPOILT) else first
        spoilt[20 + place * 26] = (first,) if second[0] == first[0] else (first, second)
    sent_rows = [good[n] | {code: cell for code, cell, _ in spoilt.get(n, ())} for n in good]

    first_time = await taken_in(service, agency, publicity(sent_rows), "九月双公示.xlsx")

    assert counts(first_time) == (1000, 963, 0, 37)
    assert first_time["layout"]["code"] == "credit-publicity-2018"
    assert {fault["row"] for fault in first_time["faults"]} == {n + 1 for n in spoilt}
    for n, ways in spoilt.items():
        faults = {(fault["column"], fault["code"]) for fault in first_time["faults"] if fault["row"] == n + 1}
        assert {(HEADINGS[CODES.index(code)], fault) for code, _, fault in ways} <= faults

    annotated = await agency.get(first_time["annotated"])
    ((name, table),) = sheets_of(annotated.content).items()
    assert annotated.headers["content-type"] == XLSX
    assert (name, table[0][: len(HEADINGS)]) == (SHEET, HEADINGS)
    assert table[0][len(HEADINGS) :] == ["原行号", "退回原因", "如何修改"]
    assert [int(row[len(HEADINGS)]) for row in table[1:]] == [n + 1 for n in spoilt]

    mended = [table[0], *(_mended(row, good) for row in table[1:])]
    second_time = await taken_in(service, agency, workbook((name, mended)))

    assert (counts(second_time), second_time["warnings"]) == ((37, 37, 0, 0), first_time["warnings"])
    await _all_are_as_if_pushed(service, agency)


def _mended(row: list[Any], good: dict[int, dict[str, str]]) -> list[Any]:
    """A returned row with what the clerk meant in every cell that has a fault; the others as they came back."""
    meant = good[int(row[len(HEADINGS)]) - 1]
    reasons = row[len(HEADINGS) + 1]
    return [
        meant.get(code, "") if heading in reasons else cell
        for code, heading, cell in zip(CODES, HEADINGS, row, strict=False)
    ] + row[len(HEADINGS) :]


# A moment is written with the offset it came with.
_DUTY = "(node, standing, opened_on, alarm_at, duty::jsonb - 'done_at', (duty::jsonb ->> 'done_at')::timestamptz)"


async def _all_are_as_if_pushed(service: Service, agency: httpx.AsyncClient) -> None:
    """Each of what is held, pushed under another id, is told the same warnings, nodes and state."""
    before = await held(service)
    assert len(before) == 1000
    for row in before:
        record = json.loads(row["payload"])
        assert digest(canonical(record)) == row["digest"]
        pushed = await agency.post(PUSH, json=record | {"source_id": f"single {row['source_id']}"})
        assert pushed.status_code == 201, pushed.text
    async with service.shop.engine.connect() as conn:
        unlike = await conn.execute(
            text(
                f"""
                SELECT count(*) FROM record AS a JOIN record AS b ON b.source_id = 'single ' || a.source_id
                JOIN version AS va ON va.record_id = a.id JOIN version AS vb ON vb.record_id = b.id
                WHERE (a.region, a.field, a.document_no, a.version, a.state, a.received_at, a.party_code, a.decided_on,
                       va.warnings, va.received_at)
                    IS DISTINCT FROM
                      (b.region, b.field, b.document_no, b.version, b.state, b.received_at, b.party_code, b.decided_on,
                       vb.warnings, vb.received_at)
                   OR (SELECT array_agg({_DUTY} ORDER BY node) FROM node
                       WHERE record_id = a.id)
                    IS DISTINCT FROM
                      (SELECT array_agg({_DUTY} ORDER BY node) FROM node
                       WHERE record_id = b.id)
                """
            )
        )
        assert unlike.scalar_one() == 0


# --- again, and at once ---------------------------------------------------------------------------


async def test_the_same_file_again_changes_nothing(service: Service) -> None:
    agency = await service.client("market-city")
    content = publicity([cells(n) for n in range(1, 301)])
    await taken_in(service, agency, content)
    before, was = await rows(service), await held(service)

    again = await taken_in(service, agency, content)

    assert counts(again) == (300, 0, 300, 0)
    assert (await rows(service), await held(service)) == (before, was)


async def test_of_two_uploads_at_once_each_row_is_accepted_in_one_and_repeated_in_the_other(service: Service) -> None:
    agency = await service.client("market-city")
    content = publicity([cells(n) for n in range(1, 601)])
    ids = [UUID((await sent(agency, content)).json()["id"]) for _ in range(2)]

    ended = await asyncio.gather(*(import_file(room(service), one) for one in ids))

    files = [row for row in ended if row is not None]
    assert len(await held(service)) == 600
    assert sum(row.accepted for row in files) == sum(row.repeated for row in files) == 600
    assert [row.settled for row in files] == [600, 600]


async def test_one_file_is_taken_in_by_one_process_at_a_time(service: Service) -> None:
    agency = await service.client("market-city")
    file_id = UUID((await sent(agency, publicity([cells(n) for n in range(1, 301)]))).json()["id"])

    ended = await asyncio.gather(*(import_file(room(service), file_id) for _ in range(3)))

    assert sorted(row is None for row in ended) == [False, True, True]
    assert counts((await agency.get(f"{FILES}/{file_id}")).json()) == (300, 300, 0, 0)


async def test_an_upload_sent_again_under_its_key_is_the_same_file(service: Service) -> None:
    agency = await service.client("market-city")
    key = {"Idempotency-Key": '"upload-1"'}
    content = publicity([cells(1)])

    async def send(fields: dict[str, str], body: bytes = content) -> httpx.Response:
        return await agency.post(FILES, files={"file": ("a.xlsx", body, XLSX)}, data=fields, headers=key)

    first, second = await send({}), await send({})
    other = await send({"region": "420106"})

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert told(other) == (422, "idempotency-key-reused", ())


async def test_rows_that_say_different_things_of_one_record_are_all_rejected_and_equal_ones_taken_once(
    service: Service,
) -> None:
    agency = await service.client("market-city")
    twice = cells(2)
    content = publicity([cells(1), twice, cells(3), twice | {"CF_SY": "另一事实"}, cells(3)])

    file = await taken_in(service, agency, content)

    assert counts(file) == (5, 2, 1, 2)
    assert [(one["row"], one["code"]) for one in file["faults"]] == [(3, "different-in-file"), (5, "different-in-file")]
    assert "5" in file["faults"][0]["message"]


# --- what is held already -------------------------------------------------------------------------


async def test_a_row_held_with_other_content_is_rejected_and_corrects_it_when_asked_to(service: Service) -> None:
    agency = await service.client("market-city")
    await taken_in(service, agency, publicity([cells(1), cells(2)]))
    changed = publicity([cells(1), cells(2, CF_SY="补充查明的事实")])

    rejected = await taken_in(service, agency, changed)
    corrected = await taken_in(service, agency, changed, **CORRECTED)
    again = await taken_in(service, agency, changed, **CORRECTED)

    assert (counts(rejected), [one["code"] for one in rejected["faults"]]) == ((2, 0, 1, 1), ["already-held"])
    assert counts(corrected) == (2, 1, 1, 0)
    assert counts(again) == (2, 0, 2, 0)
    assert sorted(row["version"] for row in await held(service)) == [1, 2]
    assert [row["action"] for row in await trail(service) if row["action"] == "correct"] == ["correct"]


async def test_what_the_file_has_no_column_for_stays_as_it_was_pushed(service: Service) -> None:
    agency = await service.client("market-city")
    await taken_in(service, agency, publicity([cells(1)]))
    ((row,),) = (await held(service),)
    record = json.loads(row["payload"])
    record_id = (await agency.get(PUSH, params={"source_id": row["source_id"]})).json()["items"][0]["id"]
    progressed = await agency.put(
        f"{PUSH}/{record_id}",
        json={
            "record": record | {"filed_on": "2026-01-05", "case_no": "武市监立〔2026〕1号"},
            "reason": {"code": "material_added", "text": "补充立案信息"},
        },
        headers={"If-Match": '"1"'},
    )
    assert progressed.status_code == 201, progressed.text

    again = await taken_in(service, agency, publicity([cells(1)]))
    corrected = await taken_in(service, agency, publicity([cells(1, CF_NR="改写的处罚内容")]), **CORRECTED)

    assert (counts(again), counts(corrected)) == ((1, 0, 1, 0), (1, 1, 0, 0))
    now = json.loads((await held(service))[0]["payload"])
    assert (now["filed_on"], now["case_no"], now["penalty_content"]) == (
        "2026-01-05",
        "武市监立〔2026〕1号",
        "改写的处罚内容",
    )


async def test_what_the_agencys_system_pushed_is_not_held_twice_when_its_clerk_sends_the_workbook(
    service: Service,
) -> None:
    agency = await service.client("market-city")
    pushed = [corpus.penalty(n) for n in range(1, 21)]
    for record in pushed:
        assert (await agency.post(PUSH, json=record)).status_code == 201

    file = await taken_in(service, agency, publicity([cells(n) for n in range(1, 21)]))

    assert counts(file) == (20, 0, 20, 0)
    assert {row["source_id"] for row in await held(service)} == {record["source_id"] for record in pushed}


async def test_a_withdrawn_record_is_not_brought_back_by_a_file(service: Service) -> None:
    agency = await service.client("market-city")
    await taken_in(service, agency, publicity([cells(1)]))
    (row,) = await held(service)
    record_id = (await agency.get(PUSH, params={"source_id": row["source_id"]})).json()["items"][0]["id"]
    reason = {"reason": {"code": "entered_by_mistake", "text": "误报"}}
    assert (await agency.post(f"{PUSH}/{record_id}/withdrawal", json=reason)).status_code == 201

    for fields in ({}, CORRECTED):
        file = await taken_in(service, agency, publicity([cells(1, CF_SY="另一事实")]), **fields)

        assert (counts(file), [one["code"] for one in file["faults"]]) == ((1, 0, 0, 1), ["withdrawn"])


# --- what the sender says beside the file ---------------------------------------------------------


async def test_region_and_field_are_the_organisations_unless_said_otherwise(service: Service) -> None:
    agency = await service.client("market-city")

    await taken_in(service, agency, publicity([cells(1)]))
    await taken_in(service, agency, publicity([cells(2)]), region="420106", field="drug")

    records = [json.loads(row["payload"]) for row in await held(service)]
    assert sorted((record["region"], record["field"]) for record in records) == [
        ("420100", "market"),
        ("420106", "drug"),
    ]


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"region": "000000"}, (("/region", "unknown-code"),)),
        ({"field": "everything"}, (("/field", "unknown-code"),)),
        ({"on_change": "perhaps"}, (("/on_change", "unknown-code"),)),
        ({"colour": "red"}, (("/colour", "unknown-parameter"),)),
        ({"on_change": "correct"}, (("/reason_code", "required"), ("/reason_text", "required"))),
        (CORRECTED | {"reason_code": "entered_by_mistake"}, (("/reason_code", "reason-class"),)),
    ],
)
async def test_what_is_said_wrongly_beside_a_file_is_told_before_anything_is_kept(
    service: Service, fields: dict[str, str], faults: tuple[tuple[str, str], ...]
) -> None:
    agency = await service.client("market-city")

    answer = await sent(agency, publicity([cells(1)]), **fields)

    assert told(answer) == (400, "bad-parameter", faults)
    assert list(service.shop.shelf.folder.iterdir()) == []


async def test_an_organisation_with_too_many_files_waiting_is_asked_to_come_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit_file, "MOST_WAITING", 2)
    agency, other = await service.client("market-city"), await service.client("ecology-city")
    first = (await sent(agency, publicity([cells(1)]))).json()["id"]
    await sent(agency, publicity([cells(2)]))

    refused = await sent(agency, publicity([cells(3)]))
    others = await sent(other, publicity([cells(4)]))
    await import_file(room(service), UUID(first))
    again = await sent(agency, publicity([cells(3)]))

    assert (told(refused), refused.headers["retry-after"]) == ((429, "too-many-requests", ()), "60")
    assert (others.status_code, again.status_code) == (202, 202)
    assert len(list(service.shop.shelf.folder.glob("*.upload"))) == 3


# --- the form -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "answer"),
    [
        (b"", "multipart/form-data", (400, "unreadable-body", (("", "form-broken"),))),
        (b"", "multipart/form-data; boundary=x", (400, "unreadable-body", (("", "form-broken"),))),
        (b"nothing", "multipart/form-data; boundary=x", (400, "unreadable-body", (("", "form-broken"),))),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
            "multipart/form-data; boundary=x",
            (400, "unreadable-body", (("", "form-broken"),)),
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="region"\r\n\r\n420106\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            (400, "bad-parameter", (("/file", "required"),)),
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="region"\r\n\r\n\xff\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            (400, "unreadable-body", (("", "not-utf-8"),)),
        ),
        (b"{}", "application/json", (415, "unsupported-content-type", ())),
        (b"{}", "", (415, "unsupported-content-type", ())),
    ],
)
async def test_a_form_that_is_none_leaves_nothing(
    service: Service, body: bytes, kind: str, answer: tuple[int, str, tuple[tuple[str, str], ...]]
) -> None:
    agency = await service.client("market-city")

    found = await agency.post(FILES, content=body, headers={"Content-Type": kind})

    assert told(found) == answer
    assert list(service.shop.shelf.folder.iterdir()) == []


async def test_two_files_in_one_form_are_refused(service: Service) -> None:
    agency = await service.client("market-city")
    files = [("file", ("a.csv", b"a", "text/csv")), ("file", ("b.csv", b"b", "text/csv"))]

    assert told(await agency.post(FILES, files=files)) == (400, "bad-parameter", (("/file", "unknown-parameter"),))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("九月.xlsx", "九月.xlsx"),
        ("C:\\报送\\九月.xlsx", "九月.xlsx"),
        ("../../etc/九月.xlsx", "九月.xlsx"),
        ("", "未命名"),
        ("九\u202e月.xlsx", "九月.xlsx"),
        ("月" * 400, "月" * 255),
    ],
)
async def test_a_files_name_is_shown_without_folders_and_tricks(service: Service, name: str, shown: str) -> None:
    agency = await service.client("market-city")

    # By hand: the client would leave an empty name out and escape others.
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + publicity([cells(1)]) + b"\r\n--x--\r\n"
    answer = await agency.post(FILES, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert (answer.status_code, answer.json()["name"]) == (202, shown)


# --- ending ---------------------------------------------------------------------------------------


async def test_a_cancelled_file_stops_and_keeps_what_was_taken_in(service: Service) -> None:
    agency = await service.client("market-city")
    file_id = (await sent(agency, publicity([cells(n) for n in range(1, 1001)]))).json()["id"]
    address = f"{FILES}/{file_id}"
    asked: list[asyncio.Task[httpx.Response]] = []

    def ask(_: object) -> None:
        if not asked:
            asked.append(asyncio.ensure_future(agency.post(f"{address}/cancellation")))

    await import_file(room(service), UUID(file_id), ask)
    file = (await agency.get(address)).json()

    assert (await asked[0]).status_code == 200
    assert (file["state"], file["faults"][0]["code"], file["rows"]) == ("failed", "file-cancelled", 1000)
    assert 0 < file["accepted"] == len(await held(service)) < 1000
    assert told(await agency.post(f"{address}/cancellation")) == (409, "file-over", ())


async def test_a_file_cancelled_before_it_began_is_not_begun(service: Service) -> None:
    agency = await service.client("market-city")
    file_id = (await sent(agency, publicity([cells(1)]))).json()["id"]

    await agency.post(f"{FILES}/{file_id}/cancellation")
    await import_file(room(service), UUID(file_id))

    file = (await agency.get(f"{FILES}/{file_id}")).json()
    assert (file["state"], file["rows"], file["accepted"]) == ("failed", None, 0)
    assert await held(service) == []


async def test_the_upload_is_let_go_once_it_was_taken_in_and_the_workbook_kept(service: Service) -> None:
    agency = await service.client("market-city")

    file = await taken_in(service, agency, publicity([cells(1), cells(2, CF_SY="")]))

    assert [path.name for path in service.shop.shelf.folder.iterdir()] == [f"{file['id']}.annotated.xlsx"]


async def test_there_is_no_workbook_before_the_end_nor_without_a_rejected_row_nor_after_its_time(
    service: Service,
) -> None:
    agency = await service.client("market-city")
    waiting = (await sent(agency, publicity([cells(1)]))).json()
    whole = await taken_in(service, agency, publicity([cells(2)]))
    spoilt = await taken_in(service, agency, publicity([cells(3, CF_SY="")]))
    service.shop.shelf.drop(UUID(spoilt["id"]))

    answers = [await agency.get(f"{FILES}/{one['id']}/annotated.xlsx") for one in (waiting, whole, spoilt)]

    assert [told(answer) for answer in answers] == [
        (409, "file-in-progress", ()),
        (404, "nothing-rejected", ()),
        (410, "file-forgotten", ()),
    ]


async def test_neither_the_trail_nor_the_address_names_a_person(service: Service) -> None:
    agency = await service.client("market-city")
    person = cells(1, CF_XDR_MC="样例甲", CF_SY="")
    await taken_in(service, agency, publicity([person]), "样例甲处罚.xlsx")

    noted = [row for row in await trail(service) if row["action"] in ("file", "import")]

    assert [row["action"] for row in noted] == ["file", "import"]
    assert "样例甲" not in str(noted)


async def test_a_row_is_received_when_the_file_was(service: Service) -> None:
    agency = await service.client("market-city")
    file_id = UUID((await sent(agency, publicity([cells(1)]))).json()["id"])
    received = service.now
    service.now = received.replace(day=12)

    await import_file(room(service), file_id)

    async with service.shop.engine.connect() as conn:
        assert (await conn.execute(text("SELECT received_at FROM record"))).scalar_one() == received
