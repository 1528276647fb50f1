"""Where the tour takes place: a service of its own on a scratch folder, and the demo's clients who call it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app import postgres
from app.settings import CHECKOUT
from app.tour.telling import Json, TourBroken, insist
from schemas.record import Record

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Client:
    """One of the demo's clients, with its token. Whatever is answered otherwise than expected raises TourBroken."""

    http: httpx.Client
    organisation: str
    name: str
    token: str

    def get(self, path: str, language: str = "zh", status: int = 200, **parameters: int) -> Json:
        """What is read there."""
        headers = self._headers | {"Accept-Language": language}
        return _expected(self.http.get(path, params=parameters, headers=headers), status)

    def post(self, path: str, said: Json, status: int = 201) -> Json:
        """What is answered to this."""
        return _expected(self.http.post(path, json=said, headers=self._headers), status)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def enter(http: httpx.Client, client: dict[str, str]) -> Client:
    """A client as the demo wrote it down, with a fresh token."""
    form = {"grant_type": "client_credentials"}
    answer = http.post("/oauth2/token", data=form, auth=(client["client_id"], client["client_secret"]))
    return Client(http, client["organisation"], client["name"], _expected(answer, 200)["access_token"])


Said = tuple[str, Json]
"""Who says it, and the event."""


def report(bodies: Mapping[str, Client], record_type: type[Record], record: str, story: Iterable[Said]) -> None:
    """Each body reports its own steps, which count; what happened is told as it goes."""
    titles = record_type.titles()
    for who, event in story:
        answer = bodies[who].post(f"{record}/events", event)
        insist(answer["applied"], f"{event['event']} should count")
        title = titles[event["event"]]
        print(f"  {event['occurred_at'][:10]}  {bodies[who].name}  {title['zh']} · {title['en']}")


def node_of(reader: Client, record: str, name: str) -> Json:
    """One duty of a record."""
    (found,) = [node for node in reader.get(f"{record}/nodes")["items"] if node["node"] == name]
    return dict(found)


def _expected(answer: httpx.Response, status: int) -> Json:
    insist(answer.status_code == status, f"{answer.request.url.path}: {answer.status_code} {answer.text}")
    said: Json = answer.json()
    return said


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one tour, whose database goes with it, wherever that had to be put."""
    with tempfile.TemporaryDirectory(prefix="liandong-tour-") as folder:
        try:
            yield Path(folder)
        finally:
            postgres.discard(Path(folder))


@contextmanager
def service(data: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A service of its own on a scratch folder and a free port."""
    given = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LIANDONG_DEMO")}
    environ = given | {
        "LIANDONG_DATA": str(data),
        "LIANDONG_HOST": "127.0.0.1",
        "LIANDONG_PORT": str(_free_port()),
        "LIANDONG_WORKERS": "1",
        "PYTHONPATH": str(CHECKOUT),
    }
    address = f"http://127.0.0.1:{environ['LIANDONG_PORT']}"
    print(f"演示服务启动中 … starting a service on a scratch folder ({address})", flush=True)
    with (data / "tour.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-P", "-m", "app", "serve"], env=environ, stdout=log, stderr=log)
    try:
        _wait_until_ready(address, process, data / "tour.log")
        yield address, environ
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TourBroken(f"the service did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
