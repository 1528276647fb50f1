"""What was receipted is there, whatever happens; what is not there was not receipted."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests import corpus
from tests.conftest import Service
from tests.serving import descendants, gone, scratch, serving

FAIL_AT_COMMIT = """
CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full';
END
$$
"""


async def test_a_failed_commit_is_not_receipted(service: Service) -> None:
    agency = await service.client("market-city")
    async with service.shop.engine.begin() as conn:
        await conn.execute(text(FAIL_AT_COMMIT))
        await conn.execute(
            text(
                "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON record DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION fail_at_commit()"
            )
        )

    answer = await agency.post("/v1/records/penalty", json=corpus.penalty(1))

    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
    assert "digest" not in answer.json()
    async with service.shop.engine.connect() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM record"))).scalar_one() == 0
        assert (await conn.execute(text("SELECT count(*) FROM entry"))).scalar_one() == 0


@pytest.mark.timeout(180)
def test_after_kill_9_of_every_process_everything_receipted_is_there(tmp_path: Path) -> None:
    with scratch(tmp_path) as data:
        receipts: list[dict[str, object]] = []
        with serving(data) as served:
            pushers = [
                threading.Thread(target=_push_until_it_dies, args=(served.client("market-city"), n, receipts))
                for n in range(4)
            ]
            for pusher in pushers:
                pusher.start()
            while len(receipts) < 40:
                pushers[0].join(0.01)
            everyone = [served.process.pid, *descendants(served.process.pid)]
            for pid in everyone:
                # Some end by themselves as soon as the first one is gone.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pusher in pushers:
                pusher.join(30)

        with serving(data) as served:
            agency = served.client("market-city")
            held = [agency.get(f"/v1/records/penalty/{receipt['id']}").json() for receipt in receipts]
            again = agency.post("/v1/records/penalty", json=corpus.penalty(1))

    assert len(everyone) > 1
    assert [one["digest"] for one in held] == [receipt["digest"] for receipt in receipts]
    assert again.status_code in (200, 201)


def _push_until_it_dies(agency: httpx.Client, pusher: int, receipts: list[dict[str, object]]) -> None:
    for number in range(1000):
        try:
            answer = agency.post("/v1/records/penalty", json=corpus.penalty(pusher * 1000 + number))
        except httpx.TransportError:
            return
        if answer.status_code == 201:
            receipts.append(answer.json())


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_process_is_left_three_seconds_after_the_service_ended(
    tmp_path: Path, ending: signal.Signals, workers: str
) -> None:
    with scratch(tmp_path) as data, serving(data, LIANDONG_WORKERS=workers) as served:
        came_from_it = descendants(served.process.pid)
        served.process.send_signal(ending)
        served.process.wait(timeout=30)
        left = gone(came_from_it, within_seconds=3)

    assert came_from_it
    assert left == []


def test_a_second_service_on_the_same_data_names_the_first_and_leaves_it_alone(tmp_path: Path) -> None:
    with scratch(tmp_path) as data, serving(data) as served:
        second = served.run("serve")
        still = httpx.get(f"{served.address}/readyz", trust_env=False)

    assert second.returncode == 0, second.stderr
    assert served.address in second.stdout
    assert still.status_code == 200


def test_a_busy_port_is_named_and_nothing_is_left_running(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o711)
    with scratch(tmp_path) as data, serving(data) as served:
        environ = dict(served.environ) | {"LIANDONG_DATA": str(other)}
        second = type(served)(other, environ, served.address, served.process).run("serve")

    assert second.returncode == 1
    assert "LIANDONG_PORT" in second.stderr
    assert "Traceback" not in second.stderr
