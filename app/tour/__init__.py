"""The whole story on a scratch folder, told so that a clerk can follow it.

Three stories of several chapters each, at a service of its own: what the service says is what is shown.
"""

from __future__ import annotations

import json

import httpx

from app.demo import FILE
from app.tour import one_clue, one_penalty, one_transfer
from app.tour.one_penalty import curl_lines
from app.tour.stage import scratch, service
from app.tour.telling import TourBroken, heading

__all__ = ["TourBroken", "curl_lines", "walk"]


def walk() -> None:
    """Walk through the service from a token to the life line of a case. Raises TourBroken."""
    with scratch() as folder, service(folder) as (address, environ):
        clients = {one["client_id"]: one for one in json.loads((folder / FILE).read_text(encoding="utf-8"))}
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as http:
            one_penalty.tell(http, clients, environ)
            one_transfer.tell(http, clients)
            one_clue.tell(http, clients)
    heading("完 · That was all", "演示数据已删除。用 ./run 启动自己的服务。· ./run starts a service of your own.")
