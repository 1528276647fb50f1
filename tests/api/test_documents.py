"""What the documents tell a reader to send is taken as it stands there."""

from __future__ import annotations

import re
import shlex

import pytest

from app.settings import CHECKOUT
from tests.conftest import Service

pytestmark = pytest.mark.any_server

CALLERS = {"police": "police-city", "procuratorate": "procuratorate-city", "auditor": "auditor-city"}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("name", "agency", "expected"),
    [
        (
            "transfers.md",
            "market-city",
            [
                ("POST", "transfer", 201),
                ("POST", "events", 201),
                ("GET", "timeline", 200),
                ("POST", "reverse_transfer", 201),
                ("POST", "events", 201),
            ],
        ),
        (
            "public-interest.md",
            "ecology-city",
            [
                ("POST", "clue", 201),
                ("POST", "events", 201),
                ("POST", "advice", 201),
                ("POST", "events", 201),
                ("POST", "assist_request", 201),
                ("POST", "events", 201),
                ("GET", "timeline", 200),
            ],
        ),
    ],
)
async def test_the_lines_of_a_document_are_taken_one_after_the_other(
    service: Service, name: str, agency: str, expected: list[tuple[str, str, int]]
) -> None:
    service.now = service.now.replace(month=11, day=20)
    callers = CALLERS | {"agency": agency}
    document = (CHECKOUT / "docs" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    taken, record = [], ""

    for line in (line for block in blocks for line in block.replace("\\\n", " ").splitlines()):
        _, _, authorization, *more, address = shlex.split(line)
        client = await service.client(callers[authorization.rpartition("$")[2]])
        path = address.replace("$at", "").replace("$id", record)
        body = more[-1] if more else ""
        if body.startswith("@"):
            answer = await client.post(path, content=(CHECKOUT / body[1:]).read_bytes(), headers=JSON)
            record = answer.json()["id"]
        else:
            answer = await (client.post(path, content=body.encode(), headers=JSON) if body else client.get(path))
        taken.append((answer.request.method, path.rpartition("/")[2], answer.status_code))

    assert taken == expected
