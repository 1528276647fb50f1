"""A service in a process of its own, as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app import postgres
from app.settings import CHECKOUT

PATIENCE_SECONDS = 60


@dataclass
class Served:
    """A started service. `environ` is what its commands need to find it."""

    data: Path
    environ: Mapping[str, str]
    address: str
    process: subprocess.Popen[str] = field(repr=False)
    _open: ExitStack = field(default_factory=ExitStack, repr=False)

    def client(self, name: str) -> httpx.Client:
        """A client that speaks for one of the demo organisations."""
        clients = json.loads((self.data / "demo-clients.json").read_text(encoding="utf-8"))
        one = next(client for client in clients if client["client_id"] == name)
        http = self._open.enter_context(httpx.Client(base_url=self.address, timeout=30, trust_env=False))
        credentials = (one["client_id"], one["client_secret"])
        answer = http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=credentials)
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return http

    def close(self) -> None:
        """Close the clients."""
        self._open.close()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One of the service's commands."""
        command = [sys.executable, "-P", "-m", "app", *arguments]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False, timeout=120)


def descendants(pid: int) -> list[int]:
    """The processes that came from a process, nearest first."""
    children = [int(child) for task in _tasks(pid) for child in _words(task / "children")]
    return children + [one for child in children for one in descendants(child)]


def _tasks(pid: int) -> list[Path]:
    """The threads of a process: a child is listed with the one that made it."""
    try:
        return sorted(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except OSError:
        return []


def gone(pids: list[int], within_seconds: float) -> list[int]:
    """Those of the processes that still live when the time is up."""
    deadline = time.monotonic() + within_seconds
    while True:
        left = [pid for pid in pids if _lives(pid)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Served]:
    """A service on a data folder, ready; stopped at the end if it still runs."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("LIANDONG_")}
    known.pop("DATABASE_URL", None)
    if "LIANDONG_POSTGRES_BIN" in os.environ:
        known["LIANDONG_POSTGRES_BIN"] = os.environ["LIANDONG_POSTGRES_BIN"]
    port = free_port()
    environ = known | {"LIANDONG_DATA": str(data), "LIANDONG_PORT": str(port), "PYTHONPATH": str(CHECKOUT)} | settings
    log = data.parent / f"{data.name}.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "app", "serve"], env=environ, stdout=output, stderr=output, text=True
        )
    served = Served(data, environ, f"http://127.0.0.1:{port}", process)
    try:
        wait_until_ready(served, log)
        yield served
    finally:
        served.close()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A data folder whose database goes with it, wherever it had to be put."""
    data = folder / "data"
    data.mkdir(mode=0o711)
    try:
        yield data
    finally:
        postgres.discard(data)


def wait_until_ready(served: Served, log: Path) -> None:
    """Return when the service answers /readyz with 200; fail with its log when it does not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while served.process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{served.address}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"the service did not start:\n{log.read_text(encoding='utf-8')}")


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
