"""No file waits without a job, none is another service's, and nothing is kept longer than it is needed."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.exchange.import_file import import_file
from app.exchange.shelf import Shelf
from app.exchange.tend_files import tend_files
from tests.api.sending_files import FILES, cells, counts, publicity, room, sent, taken_in
from tests.conftest import NOW, Service

YEARS_AGO = (NOW - timedelta(days=800)).timestamp()


async def queued(service: Service) -> list[tuple[str, str]]:
    """The jobs that wait: entrypoint and payload."""
    async with service.shop.engine.connect() as conn:
        rows = await conn.execute(text("SELECT entrypoint, payload FROM jobs.pgqueuer ORDER BY id"))
        return [(row.entrypoint, bytes(row.payload).decode()) for row in rows]


async def unqueue(service: Service) -> None:
    """Lose all jobs, as when what went wrong ended them."""
    async with service.shop.engine.begin() as conn:
        await conn.execute(text("DELETE FROM jobs.pgqueuer"))


async def test_a_file_without_a_job_is_queued_again_by_the_service_that_has_its_bytes(
    service: Service, tmp_path: Path
) -> None:
    agency = await service.client("market-city")
    file_id = (await sent(agency, publicity([cells(1)]))).json()["id"]
    shop, other = service.shop, Shelf(tmp_path / "elsewhere", "another service")
    await unqueue(service)

    await tend_files(shop.engine, other, NOW)
    by_the_other = await queued(service)
    for _ in range(2):
        await tend_files(shop.engine, shop.shelf, NOW)

    assert by_the_other == []
    assert await queued(service) == [(f"import_file {shop.shelf.id}", file_id)]


async def test_a_file_that_is_over_is_not_queued_again(service: Service) -> None:
    agency = await service.client("market-city")
    await taken_in(service, agency, publicity([cells(1)]))
    await unqueue(service)

    await tend_files(service.shop.engine, service.shop.shelf, NOW)

    assert await queued(service) == []


async def test_bytes_left_behind_by_a_process_that_died_at_the_very_end_are_let_go_at_once(service: Service) -> None:
    agency, shelf = await service.client("market-city"), service.shop.shelf
    over = UUID((await taken_in(service, agency, publicity([cells(1)])))["id"])
    waiting = UUID((await sent(agency, publicity([cells(2)]))).json()["id"])
    shelf.upload(over).write_bytes(b"left behind")

    await tend_files(service.shop.engine, shelf, NOW)

    assert shelf.uploads() == [waiting]


async def test_a_returned_workbook_goes_after_thirty_days_and_a_stray_file_after_one(service: Service) -> None:
    agency, shelf = await service.client("market-city"), service.shop.shelf
    file_id = UUID((await taken_in(service, agency, publicity([cells(1, CF_SY="")])))["id"])
    waiting = UUID((await sent(agency, publicity([cells(2)]))).json()["id"])
    strays = [shelf.folder / "arriving-x", shelf.upload(uuid4())]
    young = shelf.folder / "arriving-y"
    for path in (*strays, young):
        path.write_bytes(b"stray")
    for path in (*strays, shelf.annotated(file_id), shelf.upload(waiting)):
        os.utime(path, (YEARS_AGO, YEARS_AGO))
    os.utime(young, (NOW.timestamp(), NOW.timestamp()))

    await tend_files(service.shop.engine, shelf, NOW + timedelta(days=29) - timedelta(days=28, hours=12))
    after_hours = sorted(path.name for path in shelf.folder.iterdir())
    await tend_files(service.shop.engine, shelf, NOW + timedelta(days=31))
    after_a_month = sorted(path.name for path in shelf.folder.iterdir())

    assert after_hours == sorted([young.name, shelf.annotated(file_id).name, shelf.upload(waiting).name])
    assert after_a_month == [shelf.upload(waiting).name]


async def test_a_file_put_down_in_good_order_again_and_again_is_not_given_up(service: Service) -> None:
    agency = await service.client("market-city")
    file_id = UUID((await sent(agency, publicity([cells(n) for n in range(1, 701)]))).json()["id"])

    put_down = [await import_file(room(service), file_id, stopping=lambda: True) for _ in range(8)]
    ended = await import_file(room(service), file_id)

    assert put_down == [None] * 8
    assert ended is not None
    assert (ended.state, ended.accepted) == ("done", 700)


async def test_a_file_that_ends_whoever_takes_it_up_is_given_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = await service.client("market-city")
    file_id = UUID((await sent(agency, publicity([cells(1)]))).json()["id"])

    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as patched:
        patched.setattr("app.exchange.import_file.survey_file", broken)
        for _ in range(5):
            with pytest.raises(RuntimeError):
                await import_file(room(service), file_id)
    await import_file(room(service), file_id)

    file = (await agency.get(f"{FILES}/{file_id}")).json()
    assert (file["state"], [one["code"] for one in file["faults"]]) == ("failed", ["file-failed"])


async def test_a_file_that_got_on_before_it_broke_off_has_all_its_attempts_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = await service.client("market-city")
    content = publicity([cells(n) for n in range(1, 1501)])
    file_id = UUID((await sent(agency, content)).json()["id"])

    def broken(_: object) -> None:
        raise RuntimeError("a mistake of ours")

    # A chunk gets on each time, and then something breaks: six times in a row, more than a file has attempts.
    for _ in range(6):
        with pytest.raises(RuntimeError):
            await import_file(room(service), file_id, say=broken)

    file = (await agency.get(f"{FILES}/{file_id}")).json()
    await import_file(room(service), file_id)
    ended = (await agency.get(f"{FILES}/{file_id}")).json()
    assert (file["state"], file["accepted"]) == ("running", 1500)
    assert (ended["state"], counts(ended)) == ("done", (1500, 1500, 0, 0))
