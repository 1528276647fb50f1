"""A batch that breaks off half way has stored nothing, and nothing of it is left; sent again, every line tells."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests import corpus
from tests.serving import Served, descendants, scratch, serving

PUSHED = [corpus.penalty(n) for n in range(1, 3001)]
BODY = b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in PUSHED)
NDJSON = {"Content-Type": "application/x-ndjson"}


def _hang_up(served: Served, head: bytes, body: bytes) -> None:
    """Begin to send a batch and go away; return when the service has noticed."""
    token = served.client("market-city").headers["Authorization"]
    url = httpx.URL(served.address)
    with socket.create_connection((url.host, url.port or 80)) as line:
        line.sendall(b"POST /v1/batches HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-ndjson\r\n")
        line.sendall(b"Authorization: %s\r\n%s\r\n" % (token.encode(), head))
        line.sendall(body)
        _wait(lambda: bool(_open_spools(served)))
    _wait(lambda: not _open_spools(served))


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _open_spools(served: Served) -> list[str]:
    """Files of the spool folder that the service holds open, whether or not they have a name."""
    folder = Path(f"/proc/{served.process.pid}/fd")
    links = []
    for descriptor in folder.iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except OSError:
            continue
    return [link for link in links if link.startswith(str(served.data / "spool") + os.sep)]


@pytest.mark.slow
@pytest.mark.parametrize("stated", [True, False], ids=["stated-length", "chunked"])
def test_a_batch_that_breaks_off_leaves_nothing_and_a_repeat_tells_all(tmp_path: Path, stated: bool) -> None:
    half = BODY[: len(BODY) // 2]
    if stated:
        head, body = b"Content-Length: %d\r\n" % len(BODY), half
    else:
        head, body = b"Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n" % (len(half), half)

    with scratch(tmp_path) as data, serving(data) as served:
        _hang_up(served, head, body)
        agency = served.client("market-city")
        stored = agency.get("/v1/changes").json()["items"]
        first = agency.post("/v1/batches", content=BODY, headers=NDJSON, timeout=60)
        again = agency.post("/v1/batches", content=BODY, headers=NDJSON, timeout=60)
        log = (data.parent / f"{data.name}.log").read_text(encoding="utf-8")

    assert stored == []
    assert [result["status"] for result in first.json()["results"]] == [201] * len(PUSHED)
    assert [result["status"] for result in again.json()["results"]] == [200] * len(PUSHED)
    ids = [[result["receipt"]["id"] for result in answer.json()["results"]] for answer in (first, again)]
    assert ids[0] == ids[1]
    assert "request.left" in log
    assert "Traceback" not in log
    assert '"error"' not in log


@pytest.mark.slow
def test_a_reader_that_goes_away_amid_the_answer_leaves_no_file(tmp_path: Path) -> None:
    with scratch(tmp_path) as data, serving(data) as served:
        agency = served.client("market-city")
        with agency.stream("POST", "/v1/batches", content=BODY, headers=NDJSON, timeout=60) as answer:
            next(answer.iter_raw())
        _wait(lambda: not _open_spools(served))
        again = agency.post("/v1/batches", content=BODY, headers=NDJSON, timeout=60)
        log = (data.parent / f"{data.name}.log").read_text(encoding="utf-8")

    assert again.json()["repeated"] == len(PUSHED)
    assert "Traceback" not in log


def test_after_kill_9_amid_a_batch_a_repeat_tells_what_was_stored_and_stores_the_rest(tmp_path: Path) -> None:
    with scratch(tmp_path) as data:
        with serving(data) as served, ThreadPoolExecutor(1) as sender:
            agency, watching = served.client("market-city"), served.client("market-city")
            sending = sender.submit(agency.post, "/v1/batches", content=BODY, headers=NDJSON, timeout=60)
            _wait(lambda: bool(watching.get("/v1/changes?limit=1").json()["items"]))
            everyone = [served.process.pid, *descendants(served.process.pid)]
            for pid in everyone:
                # Some end by themselves as soon as the first one is gone.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            broke_off = isinstance(sending.exception(timeout=30), httpx.TransportError)
        with serving(data) as served:
            answer = served.client("market-city").post("/v1/batches", content=BODY, headers=NDJSON, timeout=60)

    statuses = [result["status"] for result in answer.json()["results"]]
    stored = statuses.count(200)
    assert broke_off
    assert 0 < stored < len(PUSHED)
    # Chunk by chunk: what was stored is a beginning of the batch, without a gap.
    assert statuses == [200] * stored + [201] * (len(PUSHED) - stored)
