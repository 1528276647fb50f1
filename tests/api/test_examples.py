"""The service says of every published example what the index beside the examples says of it, and nothing else."""

from __future__ import annotations

from collections import Counter

import pytest

from app import demo
from schemas import RECORD_TYPES, publishing
from tests.api.promises import anonymous_at, send
from tests.conftest import Service
from tests.examples import TODAY, examples

pytestmark = pytest.mark.any_server

AT_ONCE = 90
"""Bodies that one address may have judged without waiting."""


@pytest.mark.parametrize("record_type", list(RECORD_TYPES))
async def test_the_service_judges_every_example_as_its_index_says(service: Service, record_type: str) -> None:
    assert service.now.date() == TODAY
    known = examples(record_type)

    told: dict[str, list[tuple[str, str]]] = {}
    for first in range(0, len(known), AT_ONCE):
        async with anonymous_at(service, f"192.0.2.{first // AT_ONCE}") as caller:
            for one in known[first : first + AT_ONCE]:
                answer = await send(caller, one.path.read_bytes(), f"/v1/validate/{record_type}")
                said = answer.json()
                assert said["valid"] is (one.kind != "invalid"), one.file
                told[one.file] = [(fault["pointer"], fault["code"]) for fault in said["errors"] + said["warnings"]]

    assert told == {one.file: one.faults for one in known}
    kinds = Counter(one.kind for one in known)
    assert (kinds["valid"] >= 10, kinds["invalid"] >= 40) == (True, True)


@pytest.mark.parametrize("record_type", ["transfer", "reverse_transfer", "clue", "assist_request", "advice"])
async def test_what_is_shipped_is_taken_in_from_whom_it_names(service: Service, record_type: str) -> None:
    service.now = service.now.replace(month=11, day=20)
    clients = {row.code: name for name, row in demo.ORGANISATIONS}
    shipped = publishing.examples(record_type)

    taken = {}
    for name, record in shipped.items():
        opener = await service.client(clients[record["organisation"]])
        taken[name] = (await opener.post(f"/v1/records/{record_type}", json=record)).status_code

    assert taken == dict.fromkeys(shipped, 201)
