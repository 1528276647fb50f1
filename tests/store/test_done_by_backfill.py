"""Of duties that were met before, it is told by which event, where that can be told from what was kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.exchange.duties import duty_to_text
from app.rules import deadlines
from app.rules.counting import When
from app.rules.deadlines import Duty
from app.settings import sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import config, migrate
from schemas.lifecycle import SHANGHAI, Party, day_of

FIFTH = date(2026, 10, 5)
PENALTY, TRANSFER, OTHER = (UUID(int=number) for number in (1, 2, 3))
STATED: Mapping[UUID, Mapping[str, object]] = {
    PENALTY: {"decided_on": "2026-10-05", "cash_collected": {"deposited_on": "2026-10-05"}},
    TRANSFER: {"approved_at": "2026-10-05T10:00:00+08:00", "sent_at": "2026-10-06T09:00:00+08:00"},
    OTHER: {},
}

# Which record, which node, when it was met, and by what that is told.
DUTIES: tuple[tuple[UUID, str, When | None, str | None], ...] = (
    (PENALTY, "penalty_served", FIFTH, "served"),
    (PENALTY, "penalty_published", None, None),
    (PENALTY, "penalty_decided", FIFTH, "decided"),
    (PENALTY, "penalty_cash_handover", FIFTH, "cash_deposited"),
    (PENALTY, "penalty_filed", FIFTH, None),  # nothing that was told happened that day
    (PENALTY, "penalty_paid", FIFTH, None),  # what was paid in full follows from other facts
    (PENALTY, "a node of long ago", FIFTH, None),
    (TRANSFER, "transfer_approved", datetime(2026, 10, 5, 10, tzinfo=SHANGHAI), "approved"),
    (TRANSFER, "police_decided", datetime(2026, 10, 5, 0, 30, tzinfo=SHANGHAI), "not_filed"),
    (TRANSFER, "procuratorate_accept", FIFTH, "reason_required"),  # the other was taken back
    (OTHER, "procuratorate_opinion_transfer", FIFTH, "opinion_explained"),
    (OTHER, "transfer_recon_req", FIFTH, None),  # one of two that were told to have happened that day
)
EVENTS = (
    (TRANSFER, "filed", "2026-10-04"),
    # In Wuhan it is the fifth already.
    (TRANSFER, "not_filed", "2026-10-04T16:30:00Z"),
    (TRANSFER, "supervision_accepted", "2026-10-05"),
    (TRANSFER, "reason_required", "2026-10-05"),
    (OTHER, "opinion_explained", "2026-10-05"),
    (OTHER, "review_requested", "2026-10-05"),
    (OTHER, "supervision_requested", "2026-10-05"),
)


def duty(name: str, done_at: When | None) -> Duty:
    """A duty without a number."""
    words = {"zh": "样例", "en": "sample"}
    return Duty(
        node=name,
        title=words,
        responsible=None,
        responsible_role=Party.AGENCY,
        opened_by="x",
        opened_title=words,
        opened_at=date(2026, 10, 1),
        done_at=done_at,
    )


async def test_by_which_event_a_duty_was_met_is_told_from_what_was_kept(empty_database_url: str) -> None:
    engine = make_engine(sqlalchemy_url(empty_database_url))
    async with engine.begin() as conn:
        await conn.run_sync(_upgrade_to, "0008")
        await _keep(conn)

    await migrate(engine)

    async with engine.connect() as conn:
        rows = (await conn.execute(text("SELECT record_id, node, done_by, duty FROM node"))).all()
        listed = "SELECT indexdef FROM pg_indexes WHERE tablename = 'node' AND indexname LIKE '%list_idx'"
        indexes = (await conn.execute(text(listed))).scalars().all()
    await engine.dispose()
    assert {(row.record_id, row.node): row.done_by for row in rows} == {(of, name): by for of, name, _, by in DUTIES}
    computed = {(of, name): replace(duty(name, done_at), done_by=by) for of, name, done_at, by in DUTIES}
    for row in rows:
        kept = computed[row.record_id, row.node]
        # As it would be written now, so that what did not change is not told once more.
        assert row.duty == (duty_to_text(kept) if kept.done_by else _as_before(kept)), row.node
    assert len(indexes) == 3
    assert all("done_by)" in index for index in indexes)


def _as_before(kept: Duty) -> str:
    """As it was written down when it was not kept by what it was met."""
    return re.sub(r',"done_by":(null|"\w+")', "", duty_to_text(kept))


async def _keep(conn: AsyncConnection) -> None:
    now = {"now": datetime(2026, 10, 9, tzinfo=UTC)}
    for of, stated in STATED.items():
        await conn.execute(
            text(
                "INSERT INTO record (id, record_type, organisation, source_id, region, field, version, state, digest, "
                "received_at) VALUES (:id, 'transfer', 'o', :source, '420106', 'market', 2, 'received', '', :now)"
            ),
            {"id": of, "source": str(of), **now},
        )
        # What an earlier version said was corrected.
        for version, payload in ((1, {"decided_on": "2026-10-01", "filed_on": "2026-10-05"}), (2, stated)):
            await conn.execute(
                text(
                    "INSERT INTO version (record_id, version, payload, digest, warnings, client_id, received_at) "
                    "VALUES (:id, :version, :payload, '', '[]', 'c', :now)"
                ),
                {"id": of, "version": version, "payload": json.dumps(payload), **now},
            )
    for number, (of, event, occurred_at) in enumerate(EVENTS):
        said = {"id": UUID(int=100 + number), "of": of, "event": event, "identity": str(number)}
        await conn.execute(
            text(
                "INSERT INTO event (id, record_id, event, identity, payload, party, client_id, received_at, "
                "organisation) VALUES (:id, :of, :event, :identity, :payload, 'police', 'c', :now, 'o')"
            ),
            {**said, "payload": json.dumps({"event": event, "occurred_at": occurred_at}), **now},
        )
    taken_back = next(number for number, one in enumerate(EVENTS) if one[1] == "supervision_accepted")
    await conn.execute(
        text("INSERT INTO withdrawal VALUES (:id, :of, :event, '{}', 'c', :now)"),
        {"id": UUID(int=200), "of": TRANSFER, "event": UUID(int=100 + taken_back), **now},
    )
    for of, name, done_at, _ in DUTIES:
        one = duty(name, done_at)
        await conn.execute(
            text(
                "INSERT INTO node (record_id, node, record_type, organisation, region, field, responsible, is_done, "
                "standing, duty, role, advisory, is_numbered, opened_on, done_on, law) VALUES (:of, :node, 'transfer', "
                "'o', '420106', 'market', '', :is_done, :standing, :duty, 'agency', false, false, :opened, :done, 'l')"
            ),
            {
                "of": of,
                "node": name,
                "is_done": done_at is not None,
                "standing": deadlines.standing(one),
                "duty": _as_before(one),
                "opened": day_of(one.opened_at),
                "done": None if done_at is None else day_of(done_at),
            },
        )


def _upgrade_to(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
