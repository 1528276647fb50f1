"""A batch as large as is taken costs the process little memory, whatever it is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import corpus
from tests.serving import Served, scratch, serving

MEGABYTE = 1024 * 1024
MOST_MEGABYTES_OVER_IDLE = 64
NDJSON = {"Content-Type": "application/x-ndjson"}
BATCHES = "/v1/batches"


def _long_penalties(first: int, lines: int) -> Iterator[bytes]:
    """Valid penalties with all the facts that fit into one: sixteen kilobytes a line."""
    facts = "经查，当事人销售的样例商品未按规定标示。" * 250
    whole = json.dumps(corpus.penalty(first, violation_facts=facts[:5000]), ensure_ascii=False)
    before, after = whole.split(f"2026-例-{first:06}")
    for number in range(first, first + lines):
        yield f"{before}2026-长-{number:06}{after}\n".encode()


def _short_nothings(first: int, lines: int) -> Iterator[bytes]:
    """Lines that name a record each, of a type there is none of."""
    for number in range(first, first + lines):
        yield b'{"record_type":"none","organisation":"%s","source_id":"%d"}\n' % (corpus.ORGANISATION.encode(), number)


def _resident_megabytes(served: Served, name: str) -> float:
    """VmRSS: now; VmHWM: the most since it was forgotten."""
    status = Path(f"/proc/{served.process.pid}/status").read_text(encoding="ascii", errors="replace")
    (line,) = [line for line in status.splitlines() if line.startswith(name + ":")]
    return int(line.split()[1]) / 1024


def _forget_the_peak(served: Served) -> None:
    Path(f"/proc/{served.process.pid}/clear_refs").write_text("5", encoding="ascii")


def _counts(served: Served, body: Iterator[bytes], mode: str) -> dict[str, int]:
    """Send a batch without saying how long it is, and read the counts that its answer begins with."""
    agency = served.client("market-city")
    with agency.stream("POST", f"{BATCHES}?mode={mode}", content=body, headers=NDJSON, timeout=None) as answer:
        head, size = b"", 0
        for piece in answer.iter_bytes():
            head, size = head or piece, size + len(piece)
    counts: dict[str, int] = json.loads(head.partition(b',"results"')[0] + b"}")
    return counts


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("made_of", "lines", "mode", "expected"),
    [
        pytest.param(_long_penalties, 16_000, "independent", "accepted", id="250-megabytes-stored"),
        pytest.param(_long_penalties, 16_000, "atomic", "accepted", id="250-megabytes-stored-at-once"),
        pytest.param(_short_nothings, 200_000, "independent", "rejected", id="200000-lines-refused"),
    ],
)
def test_the_largest_batch_takes_no_more_than_64_megabytes_over_idle(
    tmp_path: Path, made_of: Callable[[int, int], Iterator[bytes]], lines: int, mode: str, expected: str
) -> None:
    with scratch(tmp_path) as data, serving(data) as served:
        warm_up = _counts(served, made_of(900_000, 20), mode)
        idle = _resident_megabytes(served, "VmRSS")
        _forget_the_peak(served)

        counts = _counts(served, made_of(1, lines), mode)
        peak = _resident_megabytes(served, "VmHWM")

    assert warm_up[expected] == 20
    assert counts == {"accepted": 0, "repeated": 0, "rejected": 0} | {expected: lines}
    assert peak - idle <= MOST_MEGABYTES_OVER_IDLE
