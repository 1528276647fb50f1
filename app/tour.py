"""The whole story on a scratch folder, told so that a clerk can follow it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from app import postgres
from app.demo import FILE
from app.settings import CHECKOUT
from schemas.publishing import EXAMPLES

DECIDED = EXAMPLES / "penalty" / "decided.json"
SHEET = EXAMPLES / "penalty" / "credit_publicity.csv"
_PATIENCE_SECONDS = 60


class TourBroken(Exception):
    """A step of the tour did not do what it says."""


def curl_lines(address: str, client: dict[str, str]) -> Sequence[str]:
    """Three lines to paste into a shell: a token, a push, a pull."""
    bearer = '-H "Authorization: Bearer $TOKEN"'
    credentials = f"{client['client_id']}:{client['client_secret']}"
    ask = f"curl -s -u {credentials} -d grant_type=client_credentials {address}/oauth2/token"
    pick = 's/.*"access_token":"\\([^"]*\\)".*/\\1/'
    return (
        f"TOKEN=$({ask} | sed '{pick}')",
        f"curl -s {bearer} -H 'Content-Type: application/json' --data-binary @'{DECIDED}' {address}/v1/records/penalty",
        f"curl -s {bearer} {address}/v1/changes",
    )


def walk() -> None:
    """Walk through the service from a token to a pull. Raises TourBroken."""
    with _scratch() as folder, _service(folder) as (address, environ):
        clients = {one["client_id"]: one for one in json.loads((folder / FILE).read_text(encoding="utf-8"))}
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as http:
            _steps(http, clients, environ)
    _heading("完 · That was all", "演示数据已删除。用 ./run 启动自己的服务。· ./run starts a service of your own.")


def _steps(http: httpx.Client, clients: dict[str, dict[str, str]], environ: dict[str, str]) -> None:
    agency, procuratorate = clients["market-city"], clients["procuratorate-city"]

    _heading("1 令牌 · A token", f"{agency['name']} 用客户端编号和密钥换取访问令牌")
    mine = _token(http, agency)
    print("  取得令牌，一小时内有效 · valid for one hour")

    _heading("2 导入双公示表 · Importing the file you have already", f"python -m app import {SHEET.name}")
    _import(environ, agency["organisation"])

    _heading("3 报送一件处罚 · Pushing one penalty", f"POST /v1/records/penalty  ({DECIDED.name})")
    penalty = json.loads(DECIDED.read_text(encoding="utf-8"))
    receipt = _expect(http.post("/v1/records/penalty", json=penalty, headers=mine), 201)
    _show(receipt, "id", "version", "digest", "received_at")

    _heading("4 再报一次 · The same again", "内容相同，得到同一回执 · the same content gets the same receipt")
    again = _expect(http.post("/v1/records/penalty", json=penalty, headers=mine), 200)
    _show(again, "id", "version", "digest", "received_at")
    _insist(again["id"] == receipt["id"] and again["received_at"] == receipt["received_at"], "the receipts differ")

    _heading("5 报送事件 · An event", "当事人缴纳罚款 · the fine was paid")
    event = {"event": "paid", "occurred_at": "2026-10-12", "amount_yuan": "12000.00"}
    advanced = _expect(http.post(f"/v1/records/penalty/{receipt['id']}/events", json=event, headers=mine), 201)
    _show(advanced, "event", "applied", "state")

    _heading(
        "6 关键节点 · The nodes", "每个节点的期限、依据和算法 · each with its limit, its basis and how it was counted"
    )
    for node in _expect(http.get(f"/v1/records/penalty/{receipt['id']}/nodes", headers=mine), 200)["items"]:
        print(f"  {node['title']:<6}  {node['state']:<10}至 {node['due_at'] or '—'}")
        print(f"          {node['explanation']}")
        print(f"          依据 {node['basis']}（{node['status']}）")

    _heading("7 检察院拉取 · The procuratorate pulls", f"GET /v1/changes  ({procuratorate['name']})")
    _pull(http, _token(http, procuratorate), receipt["id"])


def _token(http: httpx.Client, client: dict[str, str]) -> dict[str, str]:
    form = {"grant_type": "client_credentials"}
    answer = _expect(http.post("/oauth2/token", data=form, auth=(client["client_id"], client["client_secret"])), 200)
    return {"Authorization": f"Bearer {answer['access_token']}"}


def _import(environ: dict[str, str], organisation: str) -> None:
    command = [sys.executable, "-P", "-m", "app", "import", str(SHEET), "--organisation", organisation]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    print("  " + done.stdout.strip().replace("\n", "\n  "))
    _insist(done.returncode == 1, f"one bad row should have been shown: {done.stderr}")


def _pull(http: httpx.Client, theirs: dict[str, str], pushed: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        page = _expect(http.get("/v1/changes", params={"limit": 200}, headers=theirs), 200)
        got = [item for item in page["items"] if item["record_id"] == pushed and item["kind"] in ("record", "event")]
        if len(got) >= 3:
            break
        _insist(time.monotonic() < deadline, "what was receipted does not arrive in the feed")
        time.sleep(0.2)
    for item in page["items"]:
        print(f"  {item['position']:>4}  {item['kind']:<7}{item['source_id']}")
    print(f"  已取至 {page['scanned_to']}，日志共 {page['head']} · all there is, nothing left out")


def _show(answer: dict[str, Any], *names: str) -> None:
    for name in names:
        print(f"  {name:<12}{answer[name]}")


def _heading(title: str, what: str) -> None:
    print(f"\n{title}\n  {what}", flush=True)


def _expect(answer: httpx.Response, status: int) -> dict[str, Any]:
    _insist(answer.status_code == status, f"{answer.request.url.path}: {answer.status_code} {answer.text}")
    said: dict[str, Any] = answer.json()
    return said


def _insist(held: bool, otherwise: str) -> None:
    if not held:
        raise TourBroken(otherwise)


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for one tour, whose database goes with it, wherever that had to be put."""
    with tempfile.TemporaryDirectory(prefix="liandong-tour-") as folder:
        try:
            yield Path(folder)
        finally:
            postgres.discard(Path(folder))


@contextmanager
def _service(data: Path) -> Iterator[tuple[str, dict[str, str]]]:
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
    deadline = time.monotonic() + _PATIENCE_SECONDS
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
