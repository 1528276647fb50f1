"""What came in before there was a search is found like what came in after."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.rules.disclosure import unseen_of
from app.rules.wording import wording
from app.settings import sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import config, migrate
from schemas.judging import recall
from schemas.receipt import canonical
from tests import corpus

Json = dict[str, Any]


def _filed(n: int) -> Json:
    """A penalty that was only filed, as short as one can be."""
    wanted = {"record_type", "source_id", "organisation", "region", "field", "party", "organ"}
    said = {name: value for name, value in corpus.penalty(n).items() if name in wanted}
    return said | {"filed_on": "2026-01-05", "case_no": "XK-0001"}


def _records() -> dict[UUID, Json]:
    """Penalties of all kinds of parties, with names where agencies have put them."""
    said = [corpus.penalty(n) for n in range(1, 60)]
    trader = corpus.penalty(60, party_kind="sole_trader", source_id="2026-王样例-1", remarks="王样例便利店\n王样例本人")
    trader["party"] |= {"name": "王样例便利店", "legal_representative": {"name": "王样例"}, "tax_no": "TAX420106X"}
    person = corpus.penalty(61, party_kind="natural_person", remarks="Wang WANG wang")
    person["party"] |= {"name": "Wang", "id_type": "passport", "id_no": "e1234567x", "registration_no": "R-1"}
    person["violation_facts"] = "经查,WANG与wang持E1234567X号护照。"
    short = corpus.penalty(62, party_kind="natural_person")
    short["party"] |= {"name": "样"}
    refs = [{"rel": "transfer", "record_type": "transfer", "organisation": corpus.ORGANISATION, "source_id": "T/1"}]
    tied = corpus.penalty(
        63,
        party_kind="legal_person",
        refs=refs,
        quantities=[{"item": "样例代表63的酒", "amount": "1", "unit": "t"}],
        prior_penalties=[{"decision_no": "旧〔2020〕1号", "decided_on": "2020-01-02"}],
    )
    said += [trader, person, short, tied, _filed(64)]
    return {UUID(int=(0x0199C000 << 96) + (7 << 76) + (2 << 62) + n): record for n, record in enumerate(said)}


async def test_words_and_columns_are_told_from_what_was_sent(empty_database_url: str) -> None:
    records = _records()
    engine = make_engine(sqlalchemy_url(empty_database_url))
    async with engine.begin() as conn:
        await conn.run_sync(_upgrade_to, "0001")
        for record_id, said in records.items():
            await _take_in(conn, record_id, said)

    await migrate(engine)

    async with engine.connect() as conn:
        query = "SELECT * FROM record JOIN wording ON wording.record_id = record.id"
        rows = {row.id: row for row in await conn.execute(text(query))}
    await engine.dispose()
    assert set(rows) == set(records)
    for record_id, said in records.items():
        row, record = rows[record_id], recall("penalty", said)
        sought = record.sought()
        classified = tuple(record.classified())
        unseen = unseen_of(said, classified, {})
        words, kept_words = wording(said, classified, unseen, sought)
        assert (row.party_code, row.decided_on) == (sought.party_code, sought.decided_on)
        assert (row.party_name, row.party_is_person) == (sought.party_name, sought.party_is_person)
        assert row.words.split("\n")[0] == words.split("\n")[0]
        assert sorted(row.words.split("\n")) == sorted(words.split("\n"))
        assert sorted(row.personal_words.split("\n")) == sorted(kept_words.split("\n"))
        assert json.loads(row.unseen) == unseen


async def _take_in(conn: AsyncConnection, record_id: UUID, said: Json) -> None:
    values = {"id": record_id, **{name: said[name] for name in ("organisation", "source_id", "region", "field")}}
    # An earlier version, so that the words are those of the one that holds.
    payloads = {1: canonical(corpus.penalty(999)).decode(), 2: canonical(said).decode()}
    await conn.execute(
        text(
            "INSERT INTO record (id, record_type, organisation, source_id, region, field, version, state, digest, "
            "received_at) VALUES (:id, 'penalty', :organisation, :source_id, :region, :field, 2, 'decided', '', now())"
        ),
        values,
    )
    for number, payload in payloads.items():
        await conn.execute(
            text("INSERT INTO version VALUES (:id, :number, :payload, 'd', '[]', 'c', now())"),
            {"id": record_id, "number": number, "payload": payload},
        )


def _upgrade_to(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
