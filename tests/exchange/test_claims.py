"""Lines are found to be about one record by what they name, and at odds by what they say of it."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from app.exchange.claims import Claims, claim_of
from tests import corpus

NAMED = {"record_type": "penalty", "organisation": corpus.ORGANISATION, "source_id": "2026-例-000001"}


def claims(*payloads: Any) -> Claims:  # noqa: ANN401 – any JSON; bytes as they are
    """The claims of lines."""
    made = Claims(len(payloads))
    for number, payload in enumerate(payloads):
        claim = claim_of(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
        if claim is not None:
            made.add(number, claim)
    return made


def at_odds(*payloads: Any) -> dict[int, list[int]]:  # noqa: ANN401
    """Which lines contradict others, and which."""
    found = claims(*payloads).at_odds()
    return {number: found.others(number) for number in range(len(payloads)) if found.others(number)}


def test_the_same_content_in_another_writing_is_no_contradiction() -> None:
    record = corpus.penalty(1)
    turned = dict(reversed(record.items()))

    assert at_odds(record, turned, record | {"remarks": None}, json.dumps(record, indent=1).encode()) == {}
    assert at_odds(record, b"\xef\xbb\xbf" + json.dumps(record).encode()) == {}
    assert at_odds(turned, b"\xef\xbb\xbf" + json.dumps(record | {"remarks": "另一"}).encode()) == {0: [1], 1: [0]}


def test_events_sent_along_are_no_part_of_the_content() -> None:
    served = {"event": "served", "occurred_at": "2026-09-30"}

    assert at_odds(corpus.penalty(1), corpus.penalty(1) | {"events": [served]}) == {}


def test_each_of_the_lines_that_differ_names_the_first_few_others() -> None:
    lines = [corpus.penalty(1, remarks=f"第{n}次") for n in range(8)]

    found = at_odds(corpus.penalty(2), *lines, corpus.penalty(2))

    assert found[1] == [2, 3, 4, 5, 6]
    assert found[3] == [1, 2, 4, 5, 6]
    assert found[8] == [1, 2, 3, 4, 5]
    assert set(found) == set(range(1, 9))


def test_two_equal_lines_and_one_that_differs_are_all_at_odds() -> None:
    assert at_odds(corpus.penalty(1), corpus.penalty(1), corpus.penalty(1, remarks="另一")) == {
        0: [1, 2],
        1: [0, 2],
        2: [0, 1],
    }


def test_what_differs_by_organisation_or_type_is_another_record() -> None:
    assert at_odds(NAMED, NAMED | {"organisation": "x", "a": 1}, NAMED | {"record_type": "x", "a": 1}) == {}


def test_events_contradict_nothing() -> None:
    event = {"event_for": NAMED, "event": "served"}

    assert at_odds(NAMED, event, event | {"occurred_at": "2026-09-30"}) == {}


def test_what_cannot_be_read_or_names_nothing_claims_nothing() -> None:
    deep = b'{"record_type":"a","organisation":"b","source_id":"c","d":' + b"[" * 900 + b"]" * 900 + b"}"

    for raw in (b"", b"{", b"\xff", b"[]", b"1", b"{}", b'{"event_for":1}', b'{"event_for":{}}', deep, b"[" * 5000):
        assert claim_of(raw) is None, raw[:20]
    assert claim_of(json.dumps(NAMED | {"source_id": 1}).encode()) is None


def test_lines_come_by_record_and_each_of_them_once() -> None:
    event = {"event_for": NAMED, "event": "served"}

    groups = list(claims(b"broken", event, corpus.penalty(2), corpus.penalty(1), b"", event).by_record())

    assert sorted(groups) == [[0], [1, 3, 5], [2], [4]]
    assert groups[-2:] == [[0], [4]]


@pytest.mark.slow
def test_two_hundred_thousand_lines_that_all_differ_weigh_little() -> None:
    made = Claims(200_000)
    tracemalloc.start()

    for number in range(200_000):
        claim = claim_of(b'{"record_type":"a","organisation":"b","source_id":"%d","n":%d}' % (number // 2, number))
        assert claim is not None
        made.add(number, claim)
    found = made.at_odds()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.others(199_999) == [199_998]
    assert peak < 16 * 1024 * 1024
