"""The canonical form and the digest: the same in every language, for years."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.reading import MAX_INTEGER, read_json
from schemas.receipt import canonical, content, digest
from tests import corpus

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n"))
NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12)
# rfc8785 itself stops at 2⁵³ − 1; the standard's last integer is compared by hand below.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(1 - MAX_INTEGER, MAX_INTEGER - 1) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=24,
)
OBJECTS = st.dictionaries(NAMES | st.just("events"), VALUES)


def members(value: object) -> Iterator[tuple[str, object]]:
    """Every member of every object in a JSON value."""
    if isinstance(value, dict):
        yield from value.items()
        for member in value.values():
            yield from members(member)
    elif isinstance(value, list):
        for item in value:
            yield from members(item)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_the_canonical_form_is_that_of_rfc_8785(value: Any) -> None:  # noqa: ANN401 – any JSON
    assert canonical(value) == rfc8785.dumps(value)


def test_the_canonical_form_writes_the_greatest_integers_in_full() -> None:
    assert canonical([MAX_INTEGER, -MAX_INTEGER, -0]) == b"[9007199254740992,-9007199254740992,0]"


def test_the_canonical_form_escapes_only_what_json_must() -> None:
    assert (
        canonical({"b": '"\\/\t\n\u00a0\u2028处😀', "a": {}})
        == b'{"a":{},"b":"\\"\\\\/\\t\\n' + '\u00a0\u2028处😀"}'.encode()
    )


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_reading_a_canonical_form_and_writing_it_again_changes_nothing(value: object) -> None:
    assert canonical(read_json(canonical(value)).value) == canonical(value)


def test_content_is_the_record_without_events_and_without_nulls_in_depth() -> None:
    said = {
        "source_id": "1",
        "remarks": None,
        "events": [{"event": "served"}],
        "party": {"name": "样例", "credit_code": None, "legal_representative": {"name": None}},
        "amounts": [{"kind": "sales", "yuan": None}, {"events": 1}],
        "quantities": [],
    }

    assert content(said) == {
        "source_id": "1",
        "party": {"name": "样例", "legal_representative": {}},
        "amounts": [{"kind": "sales"}, {"events": 1}],
        "quantities": [],
    }


def test_a_null_in_a_list_stays_to_be_judged() -> None:
    assert content({"penalty_kinds": [None, "03"]}) == {"penalty_kinds": [None, "03"]}


@settings(max_examples=200, deadline=None)
@given(OBJECTS)
def test_content_holds_no_null_member_changes_nothing_it_was_given_and_is_its_own_content(
    said: dict[str, object],
) -> None:
    before = copy.deepcopy(said)

    kept = content(said)

    assert said == before
    assert "events" not in kept
    assert [name for name, member in members(kept) if member is None] == []
    assert content(kept) == kept


def test_the_digest_of_a_known_record_never_changes() -> None:
    said = {
        "source_id": "2026-食-000317",
        "record_type": "penalty",
        "party": {"name": "样例😀", "tax_no": None},
        "n": -1,
    }

    # printf '%s' '<the canonical form>' | sha256sum
    assert canonical(content(said)).decode() == (
        '{"n":-1,"party":{"name":"样例😀"},"record_type":"penalty","source_id":"2026-食-000317"}'
    )
    assert (
        digest(canonical(content(said))) == "sha-256:9ca6b8a79367986e032d68725d84351d411357b8728ef40b9e0c74aeb62c8b47"
    )
    assert digest(b"") == "sha-256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_order_of_members_spacing_escapes_nulls_and_events_do_not_change_the_digest() -> None:
    said = corpus.penalty(7)
    other = json.loads(json.dumps(dict(reversed(said.items())) | {"remarks": None, "events": []}, indent=3))

    assert digest(canonical(content(other))) == digest(canonical(content(said)))


def test_any_other_content_changes_the_digest() -> None:
    said = corpus.penalty(7)

    assert digest(canonical(content(said | {"remarks": "更正"}))) != digest(canonical(content(said)))
    assert digest(canonical(content(said | {"refs": []}))) != digest(canonical(content(said)))
