"""Penalties whose duties are followed over time, under a law of a few rows that the tests change as they like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import schemas.law
from app.callers import Caller, Role
from app.exchange.duties import duty_from_text
from app.exchange.submissions import Correct, Identity, Named, Push, Report, Submission, Withdraw
from app.exchange.take_in import take_in
from app.refusals import Refusal
from app.rules import deadlines
from app.rules.deadlines import Duty
from schemas.judging import judge, judge_event
from schemas.law import Law, law_of
from schemas.lifecycle import SHANGHAI
from schemas.record import Reason
from tests import corpus

Json = dict[str, Any]

CITY = Caller("market-city", corpus.ORGANISATION, "样例局", Role.AGENCY, "420100", "market")
SERVED = {"event": "served", "occurred_at": "2026-10-09"}
WRONG = Reason(code="fact_wrong", text="更正")
BY_MISTAKE = Reason(code="entered_by_mistake", text="误报")

CALENDAR = (Path(schemas.law.__file__).parent / "calendar.toml").read_text(encoding="utf-8")
ROWS: Mapping[str, int] = {"penalty_served": 7, "penalty_published": 20}
"""Node and number of working days from the decision on: due on 14 October and on 2 November 2026."""

NOTICE_2027 = """\
[[year]]
year = 2027
title = "国务院办公厅关于2027年部分节假日安排的通知(样例)"
number = "样例〔2026〕1号"
issued_on = 2026-11-20
status = "to_confirm"
holidays = [
    { name = "元旦", first = 2027-01-01, last = 2027-01-03 },
    { name = "春节", first = 2027-02-05, last = 2027-02-11 },
]
workdays = [2027-02-20]
"""
"""Made up: the State Council has not published one yet."""


def october(day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """A moment of October 2026 in Shanghai."""
    return datetime(2026, 10, day, hour, minute, second, tzinfo=SHANGHAI)


RECEIVED = october(9)
SERVICE_DUE = october(14, 23, 59, 59)
SERVICE_DUE_SOON = october(12, 23, 59, 59)
"""Two working days before."""


def law_with(rows: Mapping[str, int] = ROWS, calendar: str = CALENDAR) -> Law:
    """A law of one national row for each of these nodes, with so many working days from the decision on."""
    return law_of("\n".join(_row(node, days) for node, days in rows.items()), calendar)


def _row(node: str, days: int) -> str:
    return f"""
[[limit]]
id = "{node}"
opens_on = ["decided"]
amount = {days}
unit = "working_day"
basis = "样例法第一条"
effective_from = 2021-07-15
level = "national"
status = "verified"
"""


LAW = law_with()


def record(n: int = 1, **changes: object) -> Json:
    """A penalty with a fine, decided on 29 September 2026."""
    said = {"decided_on": "2026-09-29", "fine_yuan": "100.00"} | changes
    return corpus.penalty(n, kinds=["03"], **said)  # type: ignore[arg-type]


def push(n: int = 1, now: datetime = RECEIVED, **changes: object) -> Push:
    """The n-th penalty, sent by its agency."""
    return Push(CITY, judge("penalty", record(n, **changes), now.date()), now)


def report(event: Json, n: int = 1, now: datetime = RECEIVED) -> Report:
    """What happened to the n-th penalty."""
    told = judge_event("penalty", event, now.date()).told
    assert told is not None
    return Report(CITY, Identity("penalty", corpus.ORGANISATION, record(n)["source_id"]), told, now)


def correct(record_id: UUID, n: int = 1, now: datetime = RECEIVED, **changes: object) -> Correct:
    """The n-th penalty as it should have been sent."""
    judgement = judge("penalty", record(n, **changes), now.date())
    return Correct(CITY, Named("penalty", record_id), [1], WRONG, judgement, now)


def withdraw(record_id: UUID, now: datetime = RECEIVED) -> Withdraw:
    """The penalty taken back."""
    return Withdraw(CITY, Named("penalty", record_id), BY_MISTAKE, now)


async def take(engine: AsyncEngine, *submissions: Submission, law: Law = LAW) -> None:
    """Take these in; none of them is refused."""
    outcomes = await take_in(engine, submissions, law)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Refusal)]


@dataclass(frozen=True, slots=True)
class Item:
    """What the feed tells of one node, in the order of the log."""

    n: int
    node: str
    state: str
    due_on: date | None
    at: datetime


async def items(engine: AsyncEngine, node: str | None = "penalty_served", n: int | None = None) -> list[Item]:
    """The items of this node (None: of all), of the n-th penalty or of all of them."""
    query = (
        "SELECT record.source_id, entry.node, entry.at FROM entry JOIN record ON record.id = entry.record_id "
        "WHERE entry.kind = 'node' ORDER BY entry.id"
    )
    async with engine.connect() as conn:
        rows = (await conn.execute(text(query))).all()
    found = [_item(row.source_id, duty_from_text(row.node), row.at) for row in rows]
    return [one for one in found if node in (None, one.node) and n in (None, one.n)]


def _item(source_id: str, duty: Duty, at: datetime) -> Item:
    due_on = None if duty.due_at is None else duty.due_at.astimezone(SHANGHAI).date()
    return Item(int(source_id[-6:]), duty.node, deadlines.state(duty, at), due_on, at)


async def states(engine: AsyncEngine, node: str = "penalty_served", n: int | None = None) -> list[str]:
    """The states in which the items of this node tell it, one after the other."""
    return [item.state for item in await items(engine, node, n)]


async def rows(engine: AsyncEngine, query: str, **given: object) -> list[Any]:
    """What a query finds."""
    async with engine.connect() as conn:
        return list((await conn.execute(text(query), given)).all())


async def id_of(engine: AsyncEngine, n: int = 1) -> UUID:
    """The id of the n-th penalty."""
    (row,) = await rows(engine, "SELECT id FROM record WHERE source_id = :it", it=record(n)["source_id"])
    found: UUID = row.id
    return found
