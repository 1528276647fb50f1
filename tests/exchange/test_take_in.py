"""Many submissions in one transaction: each is decided in its turn, and what one is refused harms no other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app import demo
from app.callers import Caller, Role
from app.exchange.case import opened, settled
from app.exchange.correct import correct
from app.exchange.receipts import Advanced, Received, Withdrawn
from app.exchange.submissions import Correct, Identity, Named, Outcome, Push, Report, Submission, Withdraw
from app.exchange.take_in import Prepared, prepare, store, take_in, transaction
from app.refusals import (
    AlreadyHeld,
    RecordWithdrawn,
    Refusal,
    StepNotAllowed,
    Unavailable,
    UnknownRecord,
    ValidationFailed,
    VersionOutdated,
)
from app.store.cases import LostRace
from schemas.judging import Judgement, Told, judge, judge_event
from schemas.record import Reason
from schemas.shipped import law
from tests import corpus

Json = dict[str, Any]

NOW = datetime(2026, 10, 9, 1, 2, 11, 482000, tzinfo=UTC)
TODAY = date(2026, 10, 9)
CITY = Caller("market-city", corpus.ORGANISATION, "样例局", Role.AGENCY, "420100", "market")
DISTRICT = replace(CITY, client_id="market-wuchang", organisation=demo.code_of("420106", 2), region="420106")
TYPING_ERROR = Reason(code="typing_error", text="录入时写错")
TWICE = Reason(code="sent_twice", text="重复报送")
SERVED = {"event": "served", "occurred_at": "2026-09-30"}
PAID = {"event": "paid", "occurred_at": "2026-10-08"}


def record(n: int = 1, **changes: object) -> Json:
    """A penalty with a fine, decided on 29 September 2026."""
    return corpus.penalty(n, kinds=["03"], **{"decided_on": "2026-09-29", "fine_yuan": "100.00"} | changes)  # type: ignore[arg-type]


def judged(said: Json) -> Judgement:
    return judge("penalty", said, TODAY)


def told(event: Json) -> Told:
    found = judge_event("penalty", event, TODAY).told
    assert found is not None
    return found


def push(said: Json) -> Push:
    return Push(CITY, judged(said), NOW)


def report(event: Json, n: int = 1) -> Report:
    return Report(CITY, Identity("penalty", corpus.ORGANISATION, record(n)["source_id"]), told(event), NOW)


async def take(engine: AsyncEngine, *submissions: Submission) -> list[Outcome]:
    return await take_in(engine, submissions, law())


async def one(engine: AsyncEngine, query: str) -> Any:  # noqa: ANN401 – whatever is asked for
    async with engine.connect() as conn:
        return (await conn.execute(text(query))).scalar_one()


def kinds(outcomes: Sequence[Outcome]) -> list[type[object]]:
    return [type(outcome) for outcome in outcomes]


def id_of(outcome: Outcome) -> UUID:
    assert isinstance(outcome, Received)
    return outcome.receipt.id


# --- in one transaction ---------------------------------------------------------------------------


async def test_a_record_and_what_followed_come_together(engine: AsyncEngine) -> None:
    outcomes = await take(engine, push(record()), report(SERVED), report(PAID), push(record()), report(SERVED))

    pushed, served, paid, again, served_again = outcomes
    assert isinstance(pushed, Received)
    assert isinstance(again, Received)
    assert (pushed.is_new, again.is_new) == (True, False)
    assert again.receipt.id == pushed.receipt.id
    assert isinstance(served, Advanced)
    assert isinstance(paid, Advanced)
    assert isinstance(served_again, Advanced)
    assert (served.state, paid.state) == ("served", "paid")
    assert (served_again.id, served_again.is_new) == (served.id, False)
    assert await one(engine, "SELECT count(*) FROM event") == 2
    assert await one(engine, "SELECT state FROM record") == "paid"
    assert await one(engine, "SELECT revision FROM record") == 1


async def test_an_event_before_its_record_is_of_nothing(engine: AsyncEngine) -> None:
    outcomes = await take(engine, report(SERVED), push(record()))

    assert kinds(outcomes) == [UnknownRecord, Received]
    assert await one(engine, "SELECT count(*) FROM event") == 0


async def test_what_is_refused_harms_no_other(engine: AsyncEngine) -> None:
    outcomes = await take(
        engine,
        push(record(1)),
        push(record(1, fine_yuan="200.00")),
        push(record(2) | {"region": "999999"}),
        report({"event": "not_punished", "occurred_at": "2026-10-08", "reason": "样例"}),
        push(record(3)),
    )

    assert kinds(outcomes) == [Received, AlreadyHeld, ValidationFailed, StepNotAllowed, Received]
    assert await one(engine, "SELECT count(*) FROM record") == 2
    assert await one(engine, "SELECT count(*) FROM event") == 0
    fines = await one(engine, "SELECT array_agg(payload::jsonb ->> 'fine_yuan') FROM version")
    assert fines == ["100.00", "100.00"]


async def test_a_record_is_changed_twice_and_taken_back_in_one_transaction(engine: AsyncEngine) -> None:
    (pushed,) = await take(engine, push(record()))
    at = Named("penalty", id_of(pushed))

    def correction(fine: str, version: int) -> Correct:
        return Correct(CITY, at, (version,), TYPING_ERROR, judged(record(fine_yuan=fine)), NOW)

    outcomes = await take(
        engine,
        correction("200.00", 1),
        correction("300.00", 1),
        correction("300.00", 2),
        Withdraw(CITY, at, TWICE, NOW),
        Withdraw(CITY, at, TWICE, NOW),
        correction("400.00", 3),
        push(record(fine_yuan="300.00")),
    )

    assert kinds(outcomes) == [
        *(Received, VersionOutdated, Received),
        *(Withdrawn, Withdrawn),
        *(RecordWithdrawn, RecordWithdrawn),
    ]
    assert await one(engine, "SELECT array_agg(version ORDER BY version) FROM version") == [1, 2, 3]
    assert await one(engine, "SELECT count(*) FROM withdrawal") == 1
    assert await one(engine, "SELECT state || version || revision FROM record") == "withdrawn32"
    found = await one(engine, "SELECT array_agg(kind ORDER BY id) FROM entry WHERE kind <> 'node'")
    assert found == ["record", "correction", "correction", "withdrawal"]


async def test_a_node_is_kept_as_the_last_of_its_changes_left_it(engine: AsyncEngine) -> None:
    (pushed, served) = await take(engine, push(record()), report(SERVED))
    assert isinstance(served, Advanced)

    await take(
        engine,
        Withdraw(CITY, Named("penalty", id_of(pushed)), Reason(code="did_not_happen", text="样例"), NOW, served.id),
        report(SERVED | {"source_id": "2"}),
    )

    assert await one(engine, "SELECT standing FROM node WHERE node = 'penalty_served'") == "done"
    query = "SELECT array_agg(duty::jsonb ->> 'done_at' IS NULL ORDER BY id) FROM node_history WHERE node = {}"
    assert await one(engine, query.format("'penalty_served'")) == [True, False, True, False]


async def test_many_are_decided_like_few(engine: AsyncEngine) -> None:
    outcomes = await take(engine, *(push(record(n)) for n in range(60)), *(report(SERVED, n) for n in range(60)))

    assert kinds(outcomes) == [Received] * 60 + [Advanced] * 60
    assert await one(engine, "SELECT count(*) FROM record WHERE state = 'served'") == 60


# --- whose record it is ---------------------------------------------------------------------------


def test_a_correction_does_not_hand_a_record_over_to_another_organisation() -> None:
    case = settled(opened(CITY, judged(record()), NOW), law(), NOW, cause="received")
    own = record(organisation=DISTRICT.organisation)
    correction = Correct(DISTRICT, Named("penalty", case.head.id), (1,), TYPING_ERROR, judged(own), NOW)

    with pytest.raises(ValidationFailed) as refused:
        correct(case, correction, law())

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/record/organisation", "identity-differs")
    ]


def test_a_change_leaves_the_case_it_was_made_of_as_it_was() -> None:
    case = settled(opened(CITY, judged(record()), NOW), law(), NOW, cause="received")
    before = replace(case)

    changed, _ = correct(
        case,
        Correct(CITY, Named("penalty", case.head.id), (1,), TYPING_ERROR, judged(record(fine_yuan="1.00")), NOW),
        law(),
    )

    assert case == before
    assert changed.head.version == 2
    assert case.head.version == 1


# --- others at the same time ----------------------------------------------------------------------


async def _all(*prepared: Prepared) -> AsyncIterator[Prepared]:
    for each in prepared:
        yield each


async def prepared_by(engine: AsyncEngine, *submissions: Submission) -> Prepared:
    """What would become of some submissions by what is held now."""
    async with engine.connect() as conn:
        return await prepare(conn, submissions, law(), lock=False)


async def stored(engine: AsyncEngine, prepared: Prepared) -> None:
    """Write down what was prepared."""
    async with transaction(engine) as conn:
        await store(conn, _all(prepared), law(), NOW)


async def test_a_repeat_was_one_of_what_was_held_then(engine: AsyncEngine) -> None:
    (pushed,) = await take(engine, push(record()))
    prepared = await prepared_by(engine, push(record()), push(record(2)))
    await take(engine, Withdraw(CITY, Named("penalty", id_of(pushed)), TWICE, NOW))

    with pytest.raises(LostRace):
        await stored(engine, prepared)

    assert await one(engine, "SELECT count(*) FROM record") == 1


async def test_what_was_prepared_is_stored_as_it_was_decided(engine: AsyncEngine) -> None:
    prepared = await prepared_by(engine, push(record()), report(SERVED))
    assert await one(engine, "SELECT count(*) FROM record") == 0

    await stored(engine, prepared)

    assert kinds(prepared.outcomes) == [Received, Advanced]
    assert await one(engine, "SELECT state FROM record") == "served"


@pytest.mark.parametrize("meanwhile", ["pushed", "reported", "corrected", "withdrawn"])
async def test_what_was_prepared_by_what_no_longer_holds_is_not_stored(engine: AsyncEngine, meanwhile: str) -> None:
    if meanwhile == "pushed":
        prepared = await prepared_by(engine, push(record()), push(record(2)))
        await take(engine, push(record()))
    else:
        (pushed,) = await take(engine, push(record()))
        prepared = await prepared_by(engine, report(SERVED), push(record(2)))
        at = Named("penalty", id_of(pushed))
        changes: dict[str, Submission] = {
            "reported": report(PAID),
            "corrected": Correct(CITY, at, (1,), TYPING_ERROR, judged(record(fine_yuan="1.00")), NOW),
            "withdrawn": Withdraw(CITY, at, TWICE, NOW),
        }
        await take(engine, changes[meanwhile])

    with pytest.raises(LostRace):
        await stored(engine, prepared)

    assert await one(engine, "SELECT count(*) FROM record") == 1
    assert await one(engine, "SELECT count(*) FROM event WHERE event = 'served'") == 0


async def test_a_repeat_does_not_count_as_a_change(engine: AsyncEngine) -> None:
    await take(engine, push(record()), report(SERVED))
    prepared = await prepared_by(engine, report(PAID))
    await take(engine, push(record()), report(SERVED))

    await stored(engine, prepared)

    assert await one(engine, "SELECT state FROM record") == "paid"


async def test_who_is_outrun_again_and_again_is_told_to_come_back(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    async def outrun(*_: object) -> None:
        tries.append(1)
        raise LostRace

    monkeypatch.setattr("app.store.cases.write", outrun)

    with pytest.raises(Unavailable) as refused:
        await take(engine, push(record()))

    assert isinstance(refused.value, Refusal)
    assert refused.value.retry_after == 1
    assert len(tries) > 1


async def test_the_day_a_decision_was_first_told_of_survives_every_later_version(engine: AsyncEngine) -> None:
    filed = {name: record()[name] for name in ("record_type", "source_id", "organisation", "region", "field")} | {
        "party": record()["party"],
        "organ": record()["organ"],
        "filed_on": "2026-09-01",
    }
    (pushed,) = await take(engine, push(filed))
    at = Named("penalty", id_of(pushed))
    reason = Reason(code="decision_made", text="已决定")

    for version, days in ((1, 1), (2, 5), (3, 9)):
        said = record(filed_on="2026-09-01", remarks=f"{version}")
        await take(engine, Correct(CITY, at, (version,), reason, judged(said), NOW + timedelta(days=days)))

    entered = await one(engine, "SELECT duty::jsonb ->> 'done_at' FROM node WHERE node = 'penalty_entered'")
    assert datetime.fromisoformat(entered) == NOW + timedelta(days=1)
    assert await one(engine, "SELECT version FROM record") == 4
