"""A line of a batch says by itself what it is, and is judged against that one model."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from schemas.judging import Judgement
from schemas.line import EventLine, judge_line
from schemas.reading import read_json
from tests import corpus

TODAY = date(2026, 10, 9)
NAMED = {"record_type": "penalty", "organisation": corpus.ORGANISATION, "source_id": "2026-例-000001"}
SERVED = {"event_for": NAMED, "event": "served", "occurred_at": "2026-09-30"}


def judged(payload: Any) -> Judgement | EventLine:  # noqa: ANN401 – any JSON; bytes as they are
    """What is found in a line."""
    reading = read_json(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    return judge_line(reading.value, TODAY, reading.faults)


def told(payload: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """The faults of a line, after checking that nothing is taken of it."""
    line = judged(payload)
    assert line.errors
    assert line.record is None if isinstance(line, Judgement) else (line.at is None and line.told is None)
    return [(fault.pointer, fault.code) for fault in line.faults]


def without(payload: dict[str, Any], name: str) -> dict[str, Any]:
    """A copy without a member."""
    return {one: member for one, member in payload.items() if one != name}


def test_a_line_without_event_for_is_a_record() -> None:
    line = judged(corpus.penalty(1))

    assert isinstance(line, Judgement)
    assert line.record is not None
    assert line.record.source_id == "2026-例-000001"


def test_a_line_with_event_for_is_an_event_and_keeps_no_trace_of_it() -> None:
    line = judged(SERVED)

    assert isinstance(line, EventLine)
    assert line.faults == ()
    assert line.at is not None
    assert (line.at.record_type, line.at.organisation, line.at.source_id) == tuple(NAMED.values())
    assert line.told is not None
    assert line.told.content == {"event": "served", "occurred_at": "2026-09-30"}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ([], [("", "wrong-type")]),
        ("x", [("", "wrong-type")]),
        ({}, [("/record_type", "required")]),
        ({"record_type": None}, [("/record_type", "required")]),
        ({"record_type": 7}, [("/record_type", "wrong-type")]),
        ({"record_type": "fine"}, [("/record_type", "unknown-record-type")]),
        (
            b'{"source_id":1.5,"record_type":"fine"}',
            [("/source_id", "fraction"), ("/record_type", "unknown-record-type")],
        ),
        (b'{"record_type":1.5}', [("/record_type", "fraction")]),
    ],
)
def test_the_type_of_a_record_is_told_before_anything_else(payload: Any, expected: list[tuple[str, str]]) -> None:  # noqa: ANN401
    assert told(payload) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (SERVED | {"event_for": None}, [("/event_for", "wrong-type")]),
        (SERVED | {"event_for": "2026-例-000001"}, [("/event_for", "wrong-type")]),
        (
            SERVED | {"event_for": {}},
            [(f"/event_for/{name}", "required") for name in ("record_type", "organisation", "source_id")],
        ),
        (SERVED | {"event_for": NAMED | {"record_type": "fine"}}, [("/event_for/record_type", "unknown-record-type")]),
        (SERVED | {"event_for": NAMED | {"record_type": 1}}, [("/event_for/record_type", "wrong-type")]),
        (SERVED | {"event_for": without(NAMED, "source_id")}, [("/event_for/source_id", "required")]),
        (SERVED | {"event_for": NAMED | {"source_id": " "}}, [("/event_for/source_id", "text")]),
        (
            SERVED | {"event_for": NAMED | {"organisation": "1142010000999999X1"}},
            [("/event_for/organisation", "check-digit")],
        ),
        (SERVED | {"event_for": NAMED | {"id": "x"}}, [("/event_for/id", "unknown-field")]),
        (SERVED | {"event": "celebrated"}, [("/event", "unknown-event")]),
        (without(SERVED, "event"), [("/event", "required")]),
        (SERVED | {"occurred_at": "2026-10-10"}, [("/occurred_at", "future-date")]),
        (SERVED | {"record_type": "penalty"}, [("/record_type", "unknown-field")]),
        (
            {"event_for": NAMED | {"colour": 1}, "event": "served", "occurred_at": "yesterday"},
            [("/event_for/colour", "unknown-field"), ("/occurred_at", "moment")],
        ),
    ],
)
def test_the_faults_of_an_event_line_are_told_at_once_each_at_its_place(
    payload: Any,  # noqa: ANN401
    expected: list[tuple[str, str]],
) -> None:
    assert told(payload) == expected


def test_what_was_found_while_reading_is_told_where_it_lies() -> None:
    doubled = b'{"event_for":{"record_type":"penalty","organisation":"%s","source_id":"1","source_id":"2"},' % (
        corpus.ORGANISATION.encode()
    )

    assert told(doubled + b'"event":"served","occurred_at":"2026-09-30"}') == [
        ("/event_for/source_id", "duplicate-name")
    ]
    assert told(b'{"event_for":{"a\\u0001":1},"event":"served","occurred_at":1.5}') == [
        ("/event_for", "control-character"),
        ("/event_for/record_type", "required"),
        ("/event_for/organisation", "required"),
        ("/event_for/source_id", "required"),
        ("/occurred_at", "fraction"),
    ]
