"""What the documents tell a reader to send is taken as it stands there."""

from __future__ import annotations

import re
import shlex

import pytest

from app.settings import CHECKOUT
from tests.conftest import Service

pytestmark = pytest.mark.any_server

CALLERS = {
    "agency": "market-city",
    "police": "police-city",
    "procuratorate": "procuratorate-city",
    "auditor": "auditor-city",
}
JSON = {"Content-Type": "application/json"}


async def test_the_lines_about_transfers_are_taken_one_after_the_other(service: Service) -> None:
    service.now = service.now.replace(month=11, day=20)
    document = (CHECKOUT / "docs" / "transfers.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    taken, record = [], ""

    for line in (line for block in blocks for line in block.replace("\\\n", " ").splitlines()):
        _, _, authorization, *more, address = shlex.split(line)
        client = await service.client(CALLERS[authorization.rpartition("$")[2]])
        path = address.replace("$at", "").replace("$id", record)
        body = more[-1] if more else ""
        if body.startswith("@"):
            answer = await client.post(path, content=(CHECKOUT / body[1:]).read_bytes(), headers=JSON)
            record = answer.json()["id"]
        else:
            answer = await (client.post(path, content=body.encode(), headers=JSON) if body else client.get(path))
        taken.append((answer.request.method, path.rpartition("/")[2], answer.status_code))

    assert taken == [
        ("POST", "transfer", 201),
        ("POST", "events", 201),
        ("GET", "timeline", 200),
        ("POST", "reverse_transfer", 201),
        ("POST", "events", 201),
    ]
