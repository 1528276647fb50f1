"""Lists of duties: who sees which, by which filter, page by page, and as tables."""

from __future__ import annotations

import base64
import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from app import demo
from app.api import sheets
from app.api.pace import Pace
from app.exchange import watch
from tests import corpus
from tests.api.held import MISTAKE, Held, pushed
from tests.api.promises import Json, told, trail
from tests.conftest import NOW, Service

NODES = "/v1/nodes"
CITY, JIANGAN, WUCHANG = (demo.code_of(region, n) for region, n in (("420100", 0), ("420102", 1), ("420106", 2)))
POLICE = demo.code_of("420106", 5)
XLSX = sheets.MEDIA["xlsx"]

Shelf = dict[str, Held]
"""What was pushed, by the names it has in these tests."""


def penalty(n: int, owner: str, region: str, decided_on: str, **changes: object) -> Json:
    """The n-th penalty, a warning to a firm, so that nothing is to be paid."""
    said = {"kinds": ["01"], "party_kind": "legal_person", "decided_on": decided_on, "publicity_until": None} | changes
    return corpus.penalty(n, organisation=owner, region=region, **said)  # type: ignore[arg-type]


PUSHED: dict[str, tuple[str, Json]] = {
    "late": ("market-wuchang", penalty(1, WUCHANG, "420106", "2026-08-03")),
    "soon": ("market-wuchang", penalty(2, WUCHANG, "420106", "2026-09-23")),
    "person": (
        "market-wuchang",
        penalty(3, WUCHANG, "420106", "2026-09-01", party_kind="natural_person", source_id="2026-样例当事人3-3"),
    ),
    "jiangan": ("market-jiangan", penalty(4, JIANGAN, "420102", "2026-09-29")),
    "zone": ("market-city", penalty(5, CITY, "420112-AEDZ", "2026-09-30")),
    "city": ("market-city", penalty(6, CITY, "420100", "2026-10-08", field="ecology")),
}


@pytest.fixture
async def shelf(service: Service) -> Shelf:
    """Penalties of three bureaus; of one the service was told late, of one in time, one was taken back."""
    service.app.state.shop = replace(service.shop, token_pace=Pace(burst=10_000, per_second=1000))
    held = {name: await pushed(service, record, owner) for name, (owner, record) in PUSHED.items()}
    await held["late"].tell({"event": "served", "occurred_at": "2026-09-28"})
    await held["soon"].tell({"event": "served", "occurred_at": "2026-09-25"})
    await held["jiangan"].tell(
        {"event": "suspended", "occurred_at": "2026-09-30", "node": "penalty_served", "reason": "样例"}
    )
    await held["zone"].withdraw(reason=MISTAKE)
    return held


def parameters(filters: Mapping[str, object]) -> dict[str, str]:
    """Filters as they stand in an address."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in filters.items()}


async def asked(service: Service, by: str, **filters: object) -> httpx.Response:
    return await (await service.client(by)).get(NODES, params=parameters(filters))


async def listed(service: Service, by: str, **filters: object) -> list[Json]:
    """All that somebody is shown, page by page."""
    client, items, after = await service.client(by), list[Json](), dict[str, str]()
    while True:
        answer = await client.get(NODES, params=parameters(filters) | after)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next"] is None:
            return items
        after = {"after": answer.json()["next"]}


async def keys(service: Service, shelf: Shelf, by: str, **filters: object) -> list[tuple[str, str]]:
    """Record and node of each, by the names of these tests, in the order of the list."""
    names = {held.id: name for name, held in shelf.items()}
    return [(names[item["id"]], item["node"]) for item in await listed(service, by, **filters)]


async def of_records(service: Service, shelf: Shelf) -> list[Json]:
    """Every duty, read record by record by those who may."""
    found = []
    for name, held in shelf.items():
        for node in (await held.read("/nodes"))["items"]:
            head = PUSHED[name][1]
            found.append({"id": held.id, "name": name, "region": head["region"], "field": head["field"], **node})
    return found


# --- who ------------------------------------------------------------------------------------------


async def test_without_a_token_nothing_is_listed(service: Service) -> None:
    answers = [await service.anonymous.get(NODES), await service.anonymous.get(NODES, params={"colour": "red"})]

    assert [told(answer)[:2] for answer in answers] == [(401, "token-missing")] * 2


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("market-wuchang", {"late", "soon", "person"}),
        ("market-jiangan", {"jiangan"}),
        ("ecology-city", {"city"}),  # its field, at the city itself
        ("police-city", set()),
        ("procuratorate-wuchang", {"late", "soon", "person"}),
        ("procuratorate-jiangan", {"jiangan"}),
        ("procuratorate-city", set(PUSHED)),
        ("auditor-city", set(PUSHED)),
        ("justice-city", set(PUSHED)),
        ("market-city", set(PUSHED)),  # its own of another field, too
    ],
)
async def test_everybody_sees_their_duties_and_nobody_elses(
    service: Service, shelf: Shelf, by: str, names: set[str]
) -> None:
    everything = await of_records(service, shelf)

    seen = await keys(service, shelf, by)

    assert sorted(seen) == sorted((node["name"], node["node"]) for node in everything if node["name"] in names)


async def test_who_is_responsible_sees_the_duty_in_another_organs_record(service: Service, shelf: Shelf) -> None:
    async with service.shop.engine.begin() as conn:
        await conn.execute(
            text("UPDATE node SET responsible = :who WHERE record_id = :id AND node = 'penalty_served'"),
            {"who": POLICE, "id": shelf["jiangan"].id},
        )

    seen = await listed(service, "police-wuchang")
    asked_for = await keys(service, shelf, "procuratorate-city", responsible=POLICE)

    assert [(item["id"], item["node"]) for item in seen] == [(shelf["jiangan"].id, "penalty_served")]
    assert asked_for == [("jiangan", "penalty_served")]


async def test_the_office_has_figures_and_no_lists(service: Service, shelf: Shelf) -> None:
    answers = [await asked(service, "office-city"), await asked(service, "office-city", format="csv")]

    assert [told(answer)[:2] for answer in answers] == [(403, "role-may-not")] * 2


async def test_an_item_is_the_node_and_where_it_is_from(service: Service, shelf: Shelf) -> None:
    (item,) = await listed(service, "market-wuchang", node="penalty_published", due_before="2026-09-01")
    node = await shelf["late"].node("penalty_published")

    head = {name: PUSHED["late"][1][name] for name in ("record_type", "organisation", "source_id", "region", "field")}
    assert item == {"id": shelf["late"].id, **head, **node}


async def test_who_may_not_read_the_record_does_not_learn_who_a_person_is(service: Service, shelf: Shelf) -> None:
    readers = ("market-wuchang", "procuratorate-city", "auditor-city", "justice-city", "market-city")

    shown = {
        by: {item["source_id"] for item in await listed(service, by) if item["id"] == shelf["person"].id}
        for by in readers
    }

    whole, masked = {"2026-样例当事人3-3"}, {"2026-***-3"}
    assert shown == dict(zip(readers, (whole, whole, masked, masked, masked), strict=True))


# --- filters --------------------------------------------------------------------------------------

FILTERS: dict[str, Any] = {
    "state=overdue": lambda node: node["state"] == "overdue",
    "state=open,due_soon": lambda node: node["state"] in ("open", "due_soon"),
    "state=done": lambda node: node["state"] == "done",
    "state=done_late": lambda node: node["state"] == "done_late",
    "state=paused": lambda node: node["state"] == "paused",
    "state=waived": lambda node: node["state"] == "waived",
    "record_type=penalty": lambda node: True,
    "node=penalty_served": lambda node: node["node"] == "penalty_served",
    "region=420112": lambda node: node["region"] == "420112-AEDZ",
    "region=420100": lambda node: True,
    "region_only=420100": lambda node: node["region"] == "420100",
    "region=420112&region_only=420100": lambda node: False,
    "field=ecology": lambda node: node["field"] == "ecology",
    f"organisation={WUCHANG}": lambda node: node["name"] in ("late", "soon", "person"),
    f"responsible={JIANGAN}": lambda node: node["responsible"] == JIANGAN,
    "role=agency": lambda node: node["responsible_role"] == "agency",
    "role=party": lambda node: node["responsible_role"] == "party",
    "due_before=2026-09-10": lambda node: node["due_at"] is not None and node["due_at"] < "2026-09-10",
    "due_from=2026-09-10": lambda node: node["due_at"] is not None and node["due_at"] >= "2026-09-10",
    "due_before=2026-10-14T23:59:59%2B08:00": lambda node: (node["due_at"] or "9") < "2026-10-14T23:59:59",
    "opened_from=2026-09-01&opened_to=2026-09-30": lambda node: node["opened_at"][:7] == "2026-09",
    "done_from=2026-09-28": lambda node: node["done_at"] is not None and node["done_at"] >= "2026-09-28",
    "done_to=2026-09-25": lambda node: node["done_at"] is not None and node["done_at"][:10] <= "2026-09-25",
    "done_by=served": lambda node: node["done_by"] == "served",
    "done_by=entered,served&state=done": lambda node: (
        node["done_by"] in ("entered", "served") and node["state"] == "done"
    ),
    "done_by=filed": lambda node: False,
    "advisory=true": lambda node: node["advisory"],
    "advisory=false": lambda node: not node["advisory"],
    "is_numbered=true": lambda node: node["limit"] is not None,
    "is_numbered=false&state=open": lambda node: node["limit"] is None and node["state"] == "open",
    "state=overdue,due_soon,open&node=penalty_published&region=420106": lambda node: (
        node["node"] == "penalty_published"
        and node["region"] == "420106"
        and node["state"] in ("overdue", "due_soon", "open")
    ),
}


async def test_each_filter_finds_and_excludes(service: Service, shelf: Shelf) -> None:
    everything = await of_records(service, shelf)
    client = await service.client("procuratorate-city")

    for filters, holds in FILTERS.items():
        answer = await client.get(f"{NODES}?{filters}&limit=200")
        seen = [(item["id"], item["node"]) for item in answer.json()["items"]]
        wanted = [(node["id"], node["node"]) for node in everything if holds(node)]
        assert sorted(seen) == sorted(wanted), filters
    states = {node["state"] for node in everything}
    assert states >= {"open", "due_soon", "overdue", "done", "done_late", "paused", "waived"}


async def test_what_is_due_first_comes_first_and_what_is_never_due_last(service: Service, shelf: Shelf) -> None:
    items = await listed(service, "procuratorate-city", limit=7)

    order = [(item["due_at"] or "infinity", item["id"], item["node"]) for item in items]
    assert order == sorted(order)
    assert {"infinity"} < {due for due, _, _ in order}


async def test_a_gate_is_never_overdue(service: Service, shelf: Shelf) -> None:
    async with service.shop.engine.begin() as conn:
        changed = text(
            "UPDATE node SET advisory = true, duty = replace(duty, :deadline, :gate) "
            "WHERE record_id = :id AND node = 'penalty_published' AND standing = 'open'"
        )
        said = {"deadline": '"advisory":false', "gate": '"advisory":true', "id": shelf["late"].id}
        assert (await conn.execute(changed, said)).rowcount == 1

    overdue = await keys(service, shelf, "market-wuchang", state="overdue,due_soon")
    gates = await listed(service, "market-wuchang", state="open", advisory=True)

    assert ("late", "penalty_published") not in overdue
    found = [item for item in gates if (item["id"], item["node"]) == (shelf["late"].id, "penalty_published")]
    assert [item["state"] for item in found] == ["open"]


async def test_states_are_those_of_the_moment_of_asking(service: Service, shelf: Shelf) -> None:
    due = next(item for item in await listed(service, "market-jiangan", node="penalty_published"))
    before = due["state"]

    service.now = NOW + timedelta(days=20)
    after = await listed(service, "market-jiangan", state="overdue", node="penalty_published")

    assert before in ("open", "due_soon")
    assert [item["id"] for item in after] == [due["id"]]


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 7, 200])
@pytest.mark.parametrize("by", ["market-city", "procuratorate-city", "market-wuchang"])
async def test_pages_hold_everything_once(service: Service, shelf: Shelf, by: str, limit: int) -> None:
    whole = await keys(service, shelf, by, limit=200)

    for filters in ({}, {"state": "open,overdue"}, {"role": "agency", "advisory": False}):
        of_all = await keys(service, shelf, by, limit=200, **filters)
        assert await keys(service, shelf, by, limit=limit, **filters) == of_all
        assert set(of_all) <= set(whole)
    assert len(set(whole)) == len(whole) > 7


async def test_a_page_that_found_little_goes_on_where_it_stopped(
    service: Service, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, filters = "procuratorate-wuchang", {"opened_from": "2026-09-20"}
    wanted = await keys(service, shelf, by, **filters)

    monkeypatch.setattr("app.store.node_lists.MOST_LOOKED_AT", 1)
    pages, after = [], dict[str, str]()
    while True:
        answer = await asked(service, by, **filters, limit=1, **after)
        pages.append([(item["id"], item["node"]) for item in answer.json()["items"]])
        if answer.json()["next"] is None:
            break
        after = {"after": answer.json()["next"]}

    names = {held.id: name for name, held in shelf.items()}
    assert [(names[record], node) for page in pages for record, node in page] == wanted
    assert [] in pages[:-1]
    assert wanted


async def test_a_cursor_is_good_for_its_own_filters_alone_and_tells_none_of_them(
    service: Service, shelf: Shelf
) -> None:
    by, filters = "procuratorate-city", {"node": "penalty_served", "region": "420100"}
    first = (await asked(service, by, **filters, limit=1)).json()["next"]
    raw = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))
    moved = base64.urlsafe_b64encode(raw[:15] + bytes([raw[15] ^ 1]) + raw[16:]).decode().rstrip("=")

    other_limit = await asked(service, by, **filters, limit=3, after=first)
    of_a_search = await (await service.client(by)).get("/v1/records/penalty", params={"limit": 1})
    refused = [
        await asked(service, by, **filters | {"node": "penalty_published"}, after=first),
        await asked(service, by, **filters, state="open", after=first),
        await asked(service, by, after=first),
        *[
            await asked(service, by, **filters, after=broken)
            for broken in (moved, first[:-1], first + "A", "garbage", "AAAA", "A" * 64, of_a_search.json()["next"])
        ],
    ]

    assert other_limit.status_code == 200
    assert [told(answer) for answer in refused] == [(400, "cursor-invalid", ())] * len(refused)
    assert b"penalty_served" not in raw
    assert b"420100" not in raw


# --- bad input ------------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, str]] = {
    "colour=red": ("/colour", "unknown-parameter"),
    "state=open&state=done": ("/state", "unknown-parameter"),
    "state=late": ("/state", "unknown-code"),
    "state=open,late": ("/state", "unknown-code"),
    "state=": ("/state", "unknown-code"),
    "record_type=verdict": ("/record_type", "unknown-code"),
    "node=penalty_forgotten": ("/node", "unknown-code"),
    "region=110000": ("/region", "unknown-code"),
    "region_only=42": ("/region_only", "unknown-code"),
    "field=magic": ("/field", "unknown-code"),
    "role=system": ("/role", "unknown-code"),
    "organisation=123": ("/organisation", "credit-code-length"),
    "responsible=123": ("/responsible", "credit-code-length"),
    "due_before=2026-02-30": ("/due_before", "moment"),
    "due_from=2026-10-02&due_before=2026-10-01": ("/due_before", "date-order"),
    "opened_from=2026-10-02&opened_to=2026-10-01": ("/opened_to", "date-order"),
    "done_from=2026-10-02&done_to=2026-10-01": ("/done_to", "date-order"),
    "done_by=forgotten": ("/done_by", "unknown-code"),
    "done_by=served,forgotten": ("/done_by", "unknown-code"),
    "done_by=extended": ("/done_by", "unknown-code"),
    "done_by=": ("/done_by", "unknown-code"),
    "opened_from=yesterday": ("/opened_from", "date"),
    "advisory=1": ("/advisory", "wrong-type"),
    "is_numbered=yes": ("/is_numbered", "wrong-type"),
    "limit=0": ("/limit", "out-of-range"),
    "limit=201": ("/limit", "out-of-range"),
    "limit=ten": ("/limit", "wrong-type"),
    "node=%00": ("/node", "control-character"),
    "format=pdf": ("/format", "unknown-code"),
    "format=csv&limit=5": ("/limit", "unknown-parameter"),
    "format=xlsx&after=AAAA": ("/after", "unknown-parameter"),
}


async def test_a_parameter_that_cannot_be_is_told_at_its_place(service: Service) -> None:
    client = await service.client("procuratorate-city")

    for query, fault in WRONG.items():
        assert told(await client.get(f"{NODES}?{query}")) == (400, "bad-parameter", (fault,)), query


# --- tables ---------------------------------------------------------------------------------------


def read_csv(answer: httpx.Response) -> list[list[str]]:
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def read_xlsx(answer: httpx.Response) -> Iterator[list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    for name in book.sheet_names:
        yield book.get_sheet_by_name(name).to_python()


async def test_the_whole_list_is_had_as_a_table(
    service: Service, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_EXPORTED_AT_ONCE", 3)
    by, items = await service.client("market-city"), await listed(service, "market-city", advisory=False)

    as_csv = await by.get(NODES, params={"advisory": "false", "format": "csv"})
    as_xlsx = await by.get(NODES, params={"advisory": "false"}, headers={"Accept": f"{XLSX}, application/json;q=0.5"})

    rows = read_csv(as_csv)
    (sheet,) = read_xlsx(as_xlsx)
    assert rows[0] == sheet[0]
    assert rows[0][:4] == ["记录标识", "记录类型", "报送单位代码", "记录编号"]
    assert [[row[0], row[8], row[12]] for row in rows[1:]] == [[one["id"], one["node"], one["state"]] for one in items]
    assert [[str(int(cell)) if isinstance(cell, float) else cell for cell in row] for row in sheet[1:]] == rows[1:]
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert as_xlsx.headers["content-type"] == XLSX
    assert as_csv.headers["content-disposition"] == 'attachment; filename="nodes-20261009.csv"'
    assert as_xlsx.headers["content-disposition"] == 'attachment; filename="nodes-20261009.xlsx"'


async def test_headings_are_in_english_for_those_who_prefer_it(service: Service, shelf: Shelf) -> None:
    by = await service.client("market-jiangan")

    answer = await by.get(NODES, headers={"Accept": "text/csv", "Accept-Language": "en"})

    assert read_csv(answer)[0][:4] == ["record id", "record type", "organisation", "source id"]
    assert read_csv(answer)[1][5] == "Jiang'an District"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,*/*;q=0.8", "application/json"),
        ("image/png", "application/json"),
        ("text/csv", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("application/json;q=0.4, text/csv;q=0.9", "text/csv"),
        ("text/csv;q=0", "application/json"),
        (XLSX, XLSX),
    ],
)
async def test_the_kind_of_answer_is_what_is_accepted(service: Service, accept: str, kind: str) -> None:
    answer = await (await service.client("market-jiangan")).get(NODES, headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", '=HYPERLINK("http://192.0.2.1")')


async def test_nothing_that_was_written_into_a_record_becomes_a_formula(service: Service) -> None:
    for n, formula in enumerate(FORMULAS, 1):
        await pushed(service, penalty(n, CITY, "420100", "2026-10-08", source_id=formula))
    by = await service.client("market-city")

    as_csv = await by.get(NODES, params={"node": "penalty_served", "format": "csv"})
    as_xlsx = await by.get(NODES, params={"node": "penalty_served", "format": "xlsx"})

    (sheet,) = read_xlsx(as_xlsx)
    assert sorted(row[3] for row in read_csv(as_csv)[1:]) == sorted(f"'{formula}" for formula in FORMULAS)
    assert sorted(row[3] for row in sheet[1:]) == sorted(FORMULAS)
    with io.BytesIO(as_xlsx.content) as file:
        assert CalamineWorkbook.from_filelike(file).get_sheet_by_index(0) is not None
    assert b"<f>" not in _parts(as_xlsx)


def _parts(answer: httpx.Response) -> bytes:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        return b"".join(book.read(name) for name in book.namelist() if "worksheets" in name)


async def test_a_list_too_long_for_one_file_is_refused_and_told_the_most(
    service: Service, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "MOST_EXPORTED", 5)

    for format_ in ("csv", "xlsx"):
        answer = await asked(service, "procuratorate-city", format=format_)
        assert told(answer) == (422, "too-many-rows", ())
        assert answer.json()["most"] == 5
    assert (await asked(service, "procuratorate-city", format="csv", node="penalty_served", region="420106")).is_success


async def test_no_file_is_left_of_a_workbook(
    service: Service, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    answer = await asked(service, "market-city", format="xlsx")

    assert answer.status_code == 200
    assert list((tmp_path / "temporary").iterdir()) == []


# --- trail ----------------------------------------------------------------------------------------


async def test_every_list_leaves_a_trail_row_without_what_was_looked_for(service: Service, shelf: Shelf) -> None:
    before = len(await trail(service))

    await asked(service, "market-jiangan", node="penalty_served", state="paused")
    await asked(service, "market-jiangan", region="420102", format="csv")
    await asked(service, "market-jiangan", region="420199")
    await asked(service, "office-city")

    rows = [(row["action"], row["outcome"], row["detail"]) for row in (await trail(service))[before:]]
    count = len(await listed(service, "market-jiangan"))
    assert rows == [
        ("list", "done", "filters=state,node items=1"),
        ("list", "done", f"filters=region format=csv items={count}"),
        ("list", "bad-parameter", "unknown-code"),
        ("list", "role-may-not", None),
    ]
