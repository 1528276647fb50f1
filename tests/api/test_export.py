"""What a search finds is taken away as a table, by what its reader may see, and says what the table cannot hold."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.exchange import enrol
from app.exchange.export_records import Exported, Format, LayoutName, export_records
from app.exchange.find import Filters, filters_of
from app.exchange.spool import private_file
from app.refusals import TableTooWide
from app.store import organisations
from schemas.publishing import examples
from tests import corpus
from tests.api.promises import PUSH, trail
from tests.api.sending_files import counts, sheets_of, taken_in
from tests.conftest import NOW, Service


async def exported(
    service: Service, to: Path, who: str = "market-city", layout: LayoutName = "liandong", **filters: object
) -> Exported:
    """Write a file as the command does."""
    format_: Format = "csv" if to.suffix == ".csv" else "xlsx"
    async with service.shop.engine.connect() as conn:
        row = await organisations.find(conn, service.enrolled[who].organisation.code)
    assert row is not None
    asked: Filters = filters_of("penalty").model_validate(filters)
    with private_file(to.parent / "spool") as spool:
        return await export_records(
            service.shop.engine, enrol.operator(row), "penalty", asked, layout, format_, to, spool, NOW
        )


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by its first row."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


async def test_more_than_a_page_is_written_once_each_and_comes_back_as_it_was(service: Service, tmp_path: Path) -> None:
    agency = await service.client("market-city")
    batch = [corpus.penalty(n) for n in range(1, 451)]
    assert (await agency.post("/v1/batches", json=batch)).status_code == 200

    for name in ("all.csv", "all.xlsx"):
        written = await exported(service, tmp_path / name)
        back = await taken_in(service, agency, (tmp_path / name).read_bytes())

        assert (written.rows, written.masked) == (450, 0)
        assert (back["layout"]["code"], counts(back)) == ("liandong-penalty", (450, 0, 450, 0))


async def test_every_example_comes_back_in_our_own_layout(service: Service, tmp_path: Path) -> None:
    service.now = NOW + timedelta(days=90)
    agency = await service.client("market-city")
    given: list[dict[str, Any]] = [dict(one) for one in examples("penalty").values()]
    for place, record in enumerate(given):
        pushed = await agency.post(PUSH, json=record | {"source_id": f"example {place}"})
        assert pushed.status_code == 201, pushed.text

    await exported(service, tmp_path / "all.xlsx")
    back = await taken_in(service, agency, (tmp_path / "all.xlsx").read_bytes())

    assert counts(back) == (len(given), 0, len(given), 0)


async def test_what_is_not_decided_is_no_row_of_credit_publicity_and_what_it_cannot_hold_is_told(
    service: Service, tmp_path: Path
) -> None:
    agency = await service.client("market-city")
    decided = corpus.penalty(1) | {"case_no": "武市监立〔2026〕1号"}
    filed = {
        name: value
        for name, value in corpus.penalty(2).items()
        if name in ("record_type", "organisation", "source_id", "region", "field", "party", "organ")
    } | {"filed_on": "2026-09-01"}
    for record in (decided, filed):
        answer = await agency.post(PUSH, json=record)
        assert answer.status_code == 201, answer.text

    written = await exported(service, tmp_path / "all.csv", layout="credit-publicity")
    ours = await exported(service, tmp_path / "ours.csv")

    assert (written.rows, written.undecided, dict(written.left_out)) == (1, 1, {"/case_no": 1})
    assert [row["行政处罚决定书文号"] for row in rows_of(tmp_path / "all.csv")] == [decided["decision_no"]]
    assert (ours.rows, ours.undecided, dict(ours.left_out)) == (2, 0, {})


async def test_what_was_withdrawn_is_written_only_when_it_is_asked_for(service: Service, tmp_path: Path) -> None:
    agency = await service.client("market-city")
    ids = [(await agency.post(PUSH, json=corpus.penalty(n))).json()["id"] for n in (1, 2)]
    reason = {"reason": {"code": "entered_by_mistake", "text": "误报"}}
    await agency.post(f"{PUSH}/{ids[0]}/withdrawal", json=reason)

    without = await exported(service, tmp_path / "a.csv")
    alone = await exported(service, tmp_path / "b.csv", state="withdrawn")

    assert (without.rows, alone.rows) == (1, 1)


async def test_filters_narrow_and_every_page_leaves_a_row_in_the_trail(service: Service, tmp_path: Path) -> None:
    agency = await service.client("market-city")
    for n in range(1, 6):
        await agency.post(PUSH, json=corpus.penalty(n))
    wanted = corpus.penalty(3)["source_id"]

    written = await exported(service, tmp_path / "a.csv", source_id=wanted)

    assert written.rows == 1
    (row,) = [row for row in await trail(service) if row["action"] == "search"]
    assert (row["client_id"], row["detail"]) == ("operator@command-line", "filters=source_id items=1")


async def test_a_masked_reader_takes_masked_records_away_and_is_told_so(service: Service, tmp_path: Path) -> None:
    agency = await service.client("market-city")
    person = corpus.penalty(1, party_kind="natural_person")
    await agency.post(PUSH, json=person)

    written = await exported(service, tmp_path / "a.csv", who="auditor-city")

    assert (written.rows, written.masked) == (1, 1)
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert person["party"]["name"] not in text
    assert person["party"]["id_no"] not in text


async def test_records_that_list_more_than_a_table_has_columns_for_are_not_cut_off(
    service: Service, tmp_path: Path
) -> None:
    agency = await service.client("market-city")
    item = {"item": "样例货物", "amount": "1", "unit": "kg"}
    answer = await agency.post(PUSH, json=corpus.penalty(1) | {"quantities": [item] * 120})
    assert answer.status_code == 201, answer.text

    with pytest.raises(TableTooWide):
        await exported(service, tmp_path / "a.xlsx")

    assert (await exported(service, tmp_path / "b.xlsx", layout="credit-publicity")).left_out == {"/quantities": 1}
    assert len(sheets_of((tmp_path / "b.xlsx").read_bytes())) == 1
