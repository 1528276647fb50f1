"""The first story: an agency, its penalties, and the procuratorate that pulls them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import httpx

from app.tour.stage import PATIENCE_SECONDS, Client, enter
from app.tour.telling import heading, insist, show, show_node
from schemas.publishing import EXAMPLES

DECIDED = EXAMPLES / "penalty" / "decided.json"
SHEET = EXAMPLES / "penalty" / "credit_publicity.csv"


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


def tell(http: httpx.Client, clients: Mapping[str, dict[str, str]], environ: dict[str, str]) -> None:
    """Chapters 1 to 7. `environ`: that of the service, for the command line beside it."""
    heading("1 令牌 · A token", f"{clients['market-city']['name']} 用客户端编号和密钥换取访问令牌")
    agency = enter(http, clients["market-city"])
    print("  取得令牌，一小时内有效 · valid for one hour")

    heading("2 导入双公示表 · Importing the file you have already", f"python -m app import {SHEET.name}")
    _import(environ, agency.organisation)

    heading("3 报送一件处罚 · Pushing one penalty", f"POST /v1/records/penalty  ({DECIDED.name})")
    penalty = json.loads(DECIDED.read_text(encoding="utf-8"))
    receipt = agency.post("/v1/records/penalty", penalty)
    show(receipt, "id", "version", "digest", "received_at")

    heading("4 再报一次 · The same again", "内容相同，得到同一回执 · the same content gets the same receipt")
    again = agency.post("/v1/records/penalty", penalty, 200)
    show(again, "id", "version", "digest", "received_at")
    insist(again["id"] == receipt["id"] and again["received_at"] == receipt["received_at"], "the receipts differ")

    heading("5 报送事件 · An event", "当事人缴纳罚款 · the fine was paid")
    paid = {"event": "paid", "occurred_at": "2026-10-12", "amount_yuan": "12000.00"}
    show(agency.post(f"/v1/records/penalty/{receipt['id']}/events", paid), "event", "applied", "state")

    heading(
        "6 关键节点 · The nodes", "每个节点的期限、依据和算法 · each with its limit, its basis and how it was counted"
    )
    for node in agency.get(f"/v1/records/penalty/{receipt['id']}/nodes")["items"]:
        show_node(node)

    procuratorate = enter(http, clients["procuratorate-city"])
    heading("7 检察院拉取 · The procuratorate pulls", f"GET /v1/changes  ({procuratorate.name})")
    _pull(procuratorate, receipt["id"])


def _import(environ: dict[str, str], organisation: str) -> None:
    command = [sys.executable, "-P", "-m", "app", "import", str(SHEET), "--organisation", organisation]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    print("  " + done.stdout.strip().replace("\n", "\n  "))
    insist(done.returncode == 1, f"one bad row should have been shown: {done.stderr}")


def _pull(procuratorate: Client, pushed: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        page = procuratorate.get("/v1/changes", limit=200)
        got = [item for item in page["items"] if item["record_id"] == pushed and item["kind"] in ("record", "event")]
        if len(got) >= 3:
            break
        insist(time.monotonic() < deadline, "what was receipted does not arrive in the feed")
        time.sleep(0.2)
    for item in page["items"]:
        print(f"  {item['position']:>4}  {item['kind']:<7}{item['source_id']}")
    print(f"  已取至 {page['scanned_to']}，日志共 {page['head']} · all there is, nothing left out")
