"""The words that masked readers do not see, all of them personal until classes were told apart, are kept by class."""

from __future__ import annotations

import json
from uuid import UUID

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.rules.disclosure import unseen_of
from app.settings import sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import config, migrate
from schemas.judging import recall
from tests import corpus

INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'wording_grams_idx'"
RECORDS = {
    UUID(int=1): corpus.penalty(1, party_kind="natural_person"),
    UUID(int=2): corpus.penalty(2, party_kind="legal_person"),
    UUID(int=3): {"party": {"name": "没有个人", "kind": "legal_person"}},
    UUID(int=4): {"party": {"name": '引号"与反斜\\线', "kind": "natural_person", "id_no": "e1234567x"}},
}


def by_class() -> dict[UUID, dict[str, list[str]]]:
    """What the exchange would keep of each record now."""
    kept = {one: unseen_of(said, tuple(recall("penalty", said).classified()), {}) for one, said in RECORDS.items()}
    return {one: {kind: list(words) for kind, words in unseen.items()} for one, unseen in kept.items()}


async def test_words_that_were_kept_are_personal_ones_and_an_older_release_reads_them_again(
    empty_database_url: str,
) -> None:
    expected = by_class()
    before = {one: unseen.get("personal", []) for one, unseen in expected.items()}
    engine = make_engine(sqlalchemy_url(empty_database_url))
    async with engine.begin() as conn:
        await conn.run_sync(_upgrade_to, "0010")
        for one, words in before.items():
            await _keep(conn, one, json.dumps(words, ensure_ascii=False))
        index = (await conn.execute(text(INDEX))).scalar_one()

    await migrate(engine)

    async with engine.begin() as conn:
        assert await _kept(conn) == expected
        assert (await conn.execute(text(INDEX))).scalar_one() == index
        await conn.run_sync(_downgrade_to, "0010")
        assert await _kept(conn) == before
        assert (await conn.execute(text(INDEX))).scalar_one() == index
        await conn.run_sync(_upgrade_to, "head")
        assert await _kept(conn) == expected
    await engine.dispose()


async def test_an_older_release_masks_the_words_of_all_classes(empty_database_url: str) -> None:
    engine = make_engine(sqlalchemy_url(empty_database_url))
    await migrate(engine)
    several = {"personal": ["样例甲乙", "样例"], "reporter": ["举报某", "样例"]}

    async with engine.begin() as conn:
        await _keep(conn, UUID(int=1), json.dumps(several, ensure_ascii=False))
        await conn.run_sync(_downgrade_to, "0010")

        assert await _kept(conn) == {UUID(int=1): ["样例甲乙", "举报某", "样例"]}
    await engine.dispose()


async def _keep(conn: AsyncConnection, record_id: UUID, unseen: str) -> None:
    said = {"id": record_id, "source_id": str(record_id), "unseen": unseen}
    query = (
        "INSERT INTO record (id, record_type, organisation, source_id, region, field, version, state, digest, "
        "received_at) VALUES (:id, 'penalty', 'o', :source_id, '420106', 'market', 1, 'decided', '', now())"
    )
    await conn.execute(text(query), said)
    await conn.execute(text("INSERT INTO wording VALUES (:id, NULL, false, '', '', :unseen)"), said)


async def _kept(conn: AsyncConnection) -> dict[UUID, object]:
    rows = await conn.execute(text("SELECT record_id, unseen FROM wording"))
    return {row.record_id: json.loads(row.unseen) for row in rows}


def _upgrade_to(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def _downgrade_to(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.downgrade(settings, revision)
