"""A file changes of a held record what it has columns for, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from app.rules.overlaying import overlaid

HELD: dict[str, Any] = {
    "decision_no": "A",
    "filed_on": "2026-08-01",
    "party": {"name": "甲", "legal_representative": {"name": "乙"}},
    "refs": [{"rel": "transfer"}],
}


@pytest.mark.parametrize(
    ("said", "pointers", "changed"),
    [
        ({"decision_no": "B"}, ["/decision_no"], {"decision_no": "B"}),
        ({}, ["/remarks"], {}),
        ({"remarks": "丙"}, ["/remarks"], {"remarks": "丙"}),
        ({"remarks": "丙"}, ["/decision_no"], {"decision_no": None}),
        ({"party": {"name": "丁"}}, ["/party/name"], {"party": {**HELD["party"], "name": "丁"}}),
        ({}, ["/party/legal_representative/name"], {"party": {"name": "甲"}}),
        ({}, ["/party/legal_representative/name", "/party/name"], {"party": None}),
        ({"data_source": {"name": "戊"}}, ["/data_source/name"], {"data_source": {"name": "戊"}}),
        ({}, ["/data_source/name"], {}),
        ({}, ["/decision_no/name"], {}),
        ({"refs": [{"rel": "advice"}]}, ["/refs/0/rel", "/refs/1/rel"], {"refs": [{"rel": "advice"}]}),
        ({}, ["/refs/0/rel"], {"refs": None}),
        ({"refs": [{"parts": [1]}]}, ["/refs/0/parts/3/name"], {"refs": [{"parts": [1]}]}),
    ],
)
def test_only_what_has_a_column_is_replaced_or_taken_out(
    said: dict[str, Any], pointers: list[str], changed: dict[str, Any]
) -> None:
    expected = {name: value for name, value in (HELD | changed).items() if value is not None}

    assert overlaid(HELD, said, pointers) == expected


def test_neither_side_is_touched() -> None:
    held = {"party": {"name": "甲"}}
    said = {"party": {"name": "乙", "tags": ["丙"]}}

    result = overlaid(held, said, ["/party/name", "/party/tags"])
    result["party"]["tags"].append("丁")

    assert held == {"party": {"name": "甲"}}
    assert said == {"party": {"name": "乙", "tags": ["丙"]}}
