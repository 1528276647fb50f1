"""Of duties that were held before, lists, figures and alarms are told as of those that came after."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange.duties import duty_to_text
from app.rules import deadlines
from app.rules.counting import When
from app.rules.deadlines import Duty
from app.settings import sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import config, migrate
from schemas.law import Span
from schemas.lifecycle import SHANGHAI, Party, day_of

RECORD = UUID("0199c000-0000-7000-8000-000000000001")
DAYS, HOURS = Span(7, "working_day"), Span(24, "hour")
LONG_AGO = datetime(2021, 1, 1, tzinfo=SHANGHAI)


def october(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, second, tzinfo=SHANGHAI)


def kept(
    name: str,
    limit: Span | None = DAYS,
    *,
    opened_at: When = date(2026, 9, 29),
    done_at: When | None = None,
    warns: bool = True,
    paused_at: date | None = None,
    waived_at: date | None = None,
    role: Party = Party.AGENCY,
    advisory: bool = False,
) -> Duty:
    """A duty as it was kept; limits in days end with 14 October, those in hours at eleven that day."""
    due_at = october(14, 11) if limit == HOURS else october(14, 23, 59, 59)
    runs = limit is not None and paused_at is None
    return Duty(
        node=name,
        title={"zh": "样例", "en": "sample"},
        responsible=None,
        responsible_role=role,
        opened_by="decided",
        opened_title={"zh": "样例", "en": "sample"},
        opened_at=opened_at,
        limit=limit,
        due_at=due_at if runs else None,
        warn_at=due_at - timedelta(days=2) if runs and warns else None,
        done_at=done_at,
        paused_at=paused_at,
        remaining=Span(6, "working_day") if paused_at else None,
        waived_at=waived_at,
        advisory=advisory,
    )


DUTIES = (
    kept("open"),
    kept("open, never due soon", warns=False),
    kept("open without a number", None),
    kept("open, in hours", HOURS, opened_at=october(13, 10, 20)),
    kept("opened as the day began", opened_at=october(1)),
    kept("opened as the day ended", opened_at=october(1, 23, 59, 59)),
    kept("opened by a moment of elsewhere", opened_at=october(1, 0, 30).astimezone(UTC)),
    kept("met on a day", done_at=date(2026, 10, 9)),
    kept("met as a day began", done_at=october(9)),
    kept("met late", done_at=october(15, 0, 30)),
    kept("paused", paused_at=date(2026, 10, 8)),
    kept("waived", waived_at=date(2026, 10, 8)),
    kept("waived and met", done_at=date(2026, 10, 7), waived_at=date(2026, 10, 8)),
    kept("of the police", role=Party.POLICE),
    kept("a gate", advisory=True),
)


async def test_the_columns_of_a_duty_are_told_from_what_was_kept_of_it(empty_database_url: str) -> None:
    engine = make_engine(sqlalchemy_url(empty_database_url))
    async with engine.begin() as conn:
        await conn.run_sync(_upgrade_to, "0003")
    await _keep(engine, DUTIES)

    await migrate(engine)

    query = "SELECT node, role, advisory, is_numbered, opened_on, done_on, alarm_at, law FROM node"
    async with engine.connect() as conn:
        rows = {row.node: tuple(row)[1:] for row in await conn.execute(text(query))}
    await engine.dispose()
    assert rows == {duty.node: _columns(duty) for duty in DUTIES}


TOLD: list[dict[str, str | int]] = [
    {"event": "extended", "occurred_at": "2026-09-01", "node": "penalty_decided", "amount": 30, "unit": "natural_day"},
    {"event": "suspended", "occurred_at": "2026-09-02", "reason": "样例"},
    {"event": "waived", "occurred_at": "2026-09-03", "node": "penalty_paid", "reason": "样例", "source_id": "W-1"},
    {"event": "served", "occurred_at": "2026-09-04", "document_no": "送1"},
]
FOUND_BY = [
    "extended:2026-09-01::penalty_decided",
    "suspended:2026-09-02:",
    "source_id:W-1",
    "served:2026-09-04:送1",
]


async def test_an_event_that_is_held_is_found_by_the_node_it_is_about(empty_database_url: str) -> None:
    engine = make_engine(sqlalchemy_url(empty_database_url))
    async with engine.begin() as conn:
        await conn.run_sync(_upgrade_to, "0003")
    await _keep(engine, ())
    before = ["extended:2026-09-01:", *FOUND_BY[1:]]
    async with engine.begin() as conn:
        for number, (told, identity) in enumerate(zip(TOLD, before, strict=True)):
            await conn.execute(
                text("INSERT INTO event VALUES (:id, :record, :event, :identity, :payload, 'agency', 'c', now())"),
                {
                    "id": UUID(int=number),
                    "record": RECORD,
                    "event": told["event"],
                    "identity": identity,
                    "payload": json.dumps(told),
                },
            )

    await migrate(engine)

    async with engine.connect() as conn:
        found = (await conn.execute(text("SELECT identity FROM event ORDER BY id"))).scalars().all()
        trigger = "SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'event'::regclass AND tgname = 'append_only'"
        enabled = (await conn.execute(text(trigger))).scalar_one()
    await engine.dispose()
    assert found == FOUND_BY
    assert enabled in (b"O", "O")


def _columns(duty: Duty) -> tuple[object, ...]:
    """What would have been kept beside it. No alarm was raised yet, and no law is called nothing."""
    return (
        duty.responsible_role,
        duty.advisory,
        duty.limit is not None,
        day_of(duty.opened_at),
        None if duty.done_at is None else day_of(duty.done_at),
        deadlines.alarm_at(duty, LONG_AGO),
        "",
    )


async def _keep(engine: AsyncEngine, duties: tuple[Duty, ...]) -> None:
    async with engine.begin() as conn:
        await conn.execute(
            text(
                "INSERT INTO record (id, record_type, organisation, source_id, region, field, version, state, digest, "
                "received_at) VALUES (:id, 'penalty', 'o', 's', '420106', 'market', 1, 'received', '', now())"
            ),
            {"id": RECORD},
        )
        for duty in duties:
            await conn.execute(
                text(
                    "INSERT INTO node (record_id, node, record_type, organisation, region, field, responsible, due_at, "
                    "warn_at, is_done, standing, duty) VALUES (:id, :node, 'penalty', 'o', '420106', 'market', '', "
                    ":due_at, :warn_at, :is_done, :standing, :duty)"
                ),
                {
                    "id": RECORD,
                    "node": duty.node,
                    "due_at": duty.due_at,
                    "warn_at": duty.warn_at,
                    "is_done": duty.done_at is not None or duty.waived_at is not None,
                    "standing": deadlines.standing(duty),
                    "duty": duty_to_text(duty),
                },
            )


def _upgrade_to(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
