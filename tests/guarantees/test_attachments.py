"""By a service as it is run: a file comes whole or not at all, weighs nothing on the way, and goes where it is told."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.attaching import DECIDED, attachment, digest_of, pdf, served
from tests.object_store import object_store
from tests.serving import Served, scratch, serving

PUSH = "/v1/records/penalty"
MEGABYTE = 1024 * 1024
LARGE_MEGABYTES = 128
MOST_MEGABYTES_OVER_IDLE = 32
Json = dict[str, Any]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Served]:
    """A service on a scratch folder."""
    with scratch(tmp_path) as data, serving(data) as started:
        yield started


def naming(client: httpx.Client, event: Json) -> str:
    """The address of what a penalty names by this event."""
    answer = client.post(PUSH, json=DECIDED | {"events": [event]})
    assert answer.status_code == 201, answer.text
    return f"{PUSH}/{answer.json()['id']}/attachments/{event['attachment']['digest']}"


def kept(served: Served) -> list[Path]:
    return [path for path in (served.data / "attachments").rglob("*") if path.is_file()]


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_hangs_up_half_way_leaves_nothing_and_may_send_it_again(running: Served) -> None:
    content = pdf(3 * MEGABYTE)
    agency = running.client("market-city")
    address = naming(agency, served(content))
    url = httpx.URL(running.address)

    with socket.create_connection((url.host, url.port or 80)) as line:
        line.sendall(f"PUT {address} HTTP/1.1\r\nHost: here\r\nContent-Length: {len(content)}\r\n".encode())
        line.sendall(f"Authorization: {agency.headers['Authorization']}\r\n\r\n".encode() + content[: 2 * MEGABYTE])
        wait(lambda: any(path.stat().st_size >= MEGABYTE for path in kept(running)))
    wait(lambda: kept(running) == [])
    again = agency.put(address, content=content)

    assert again.status_code == 201
    assert agency.get(address).content == content


def test_a_content_that_was_damaged_breaks_off_the_answer_and_not_the_service(running: Served) -> None:
    content = pdf(3 * MEGABYTE)
    agency = running.client("market-city")
    address = naming(agency, served(content))
    agency.put(address, content=content)
    (file,) = kept(running)
    file.write_bytes(content[:-1] + b"?")

    with pytest.raises(httpx.RemoteProtocolError):
        agency.get(address)

    assert agency.put(address, content=content).status_code == 200
    assert agency.get(address).content == content


def test_a_large_file_comes_and_goes_without_being_held_in_memory(running: Served) -> None:
    piece = pdf(MEGABYTE)
    digest = hashlib.sha256(piece * LARGE_MEGABYTES).hexdigest()
    agency = running.client("market-city")
    named = attachment(piece, digest=f"sha-256:{digest}", bytes=LARGE_MEGABYTES * MEGABYTE)
    address = naming(agency, served(piece) | {"attachment": named})
    idle = _megabytes(running, "VmRSS")
    Path(f"/proc/{running.process.pid}/clear_refs").write_text("5", encoding="ascii")

    sent = agency.put(address, content=(piece for _ in range(LARGE_MEGABYTES)))
    found = hashlib.sha256()
    with agency.stream("GET", address) as read:
        for chunk in read.iter_raw():
            found.update(chunk)

    assert (sent.status_code, found.hexdigest()) == (201, digest)
    assert _megabytes(running, "VmHWM") - idle < MOST_MEGABYTES_OVER_IDLE


def _megabytes(running: Served, name: str) -> float:
    """VmRSS: now; VmHWM: the most since it was forgotten."""
    status = Path(f"/proc/{running.process.pid}/status").read_text(encoding="ascii")
    (size,) = (line.split()[1] for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(size) / 1024


def test_with_a_bucket_in_the_settings_files_go_there_and_wrong_keys_keep_the_service_from_starting(
    tmp_path: Path,
) -> None:
    content = pdf(MEGABYTE)
    store = tmp_path / "store"
    store.mkdir()
    with object_store(store) as bucket, scratch(tmp_path) as data:
        settings = {
            "LIANDONG_S3_ENDPOINT": bucket.endpoint,
            "LIANDONG_S3_BUCKET": bucket.name,
            "LIANDONG_S3_REGION": bucket.region,
            "LIANDONG_S3_ACCESS_KEY": bucket.access_key,
            "LIANDONG_S3_SECRET_KEY": bucket.secret_key,
        }
        with serving(data, **settings) as running:
            agency = running.client("market-city")
            address = naming(agency, served(content))
            sent = agency.put(address, content=content)
            read = agency.get(address)

            assert (sent.status_code, read.content) == (201, content)
            assert not (data / "attachments").exists()
        stopped = Served(data, {**running.environ, "LIANDONG_S3_SECRET_KEY": "another"}, "", running.process)
        refused = stopped.run("serve")

        assert refused.returncode == 1
        assert "LIANDONG_S3_BUCKET" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert bucket.secret_key not in refused.stderr + (tmp_path / "data.log").read_text(encoding="utf-8")
        assert digest_of(content) not in refused.stdout
