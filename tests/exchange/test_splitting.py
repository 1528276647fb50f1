"""A body is split into its lines or elements wherever its blocks happen to end, whatever it says."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exchange import splitting
from app.exchange.splitting import elements, lines
from app.refusals import UnreadableBody

BOM = b"\xef\xbb\xbf"

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(['"', "\\", '\\"', "[", "]}", ",", "{,"]),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=3), inside, max_size=4),
    max_leaves=12,
)
blanks = st.text(" \t\r\n", max_size=3)


def split(body: bytes, block: int = 64, by: Any = elements) -> list[bytes]:  # noqa: ANN401 – one of two functions
    """The pieces of a body that is read in blocks of so many bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "BLOCK", block)
        return [body[place.start : place.start + place.size] for place in by(io.BytesIO(body))]


def fault(body: bytes, block: int = 64) -> str:
    """The code of the fault for which a body is no array."""
    with pytest.raises(UnreadableBody) as refused:
        split(body, block)
    return refused.value.faults[0].code


# --- arrays ---------------------------------------------------------------------------------------


@settings(max_examples=400)
@given(st.lists(values, max_size=6), st.data(), st.integers(1, 40), st.booleans(), st.booleans())
def test_any_array_splits_into_what_it_was_made_of(
    said: list[Any], data: st.DataObject, block: int, ascii_only: bool, bom: bool
) -> None:
    def blank() -> str:
        return data.draw(blanks)

    separators = ("," + blank(), ":" + blank())
    texts = [json.dumps(value, ensure_ascii=ascii_only, separators=separators) for value in said]
    array = blank() + "[" + ",".join(blank() + text + blank() for text in texts) + "]" + blank()
    body = (BOM if bom else b"") + array.encode("utf-8", "surrogatepass")

    found = split(body, block)

    assert [json.loads(element.decode("utf-8", "surrogatepass")) for element in found] == said


@pytest.mark.parametrize("block", [1, 2, 3, 5, 64])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[]", []),
        (b" [ \n ] ", []),
        (b"[1]", [b"1"]),
        (b"[1,]", [b"1", b""]),
        (b"[ ,]", [b" ", b""]),
        (b"[1 2]", [b"1 2"]),
        (b'[{"a":[1}},2]', [b'{"a":[1}}', b"2"]),
        (b'[{"a" 1},{"b":},{],""]', [b'{"a" 1}', b'{"b":}', b"{]", b'""']),
        (rb'["\\",{"\"]":"}"}]', [rb'"\\"', rb'{"\"]":"}"}']),
    ],
)
def test_a_broken_element_is_its_own_fault_as_long_as_its_brackets_balance(
    body: bytes, expected: list[bytes], block: int
) -> None:
    assert split(body, block) == expected


@pytest.mark.parametrize("block", [1, 2, 3, 64])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (BOM, "empty"),
        (b'{"a":1}', "array-or-lines"),
        (b"x[1]", "array-or-lines"),
        ("[1]".encode("utf-16"), "array-or-lines"),
        (b"[", "array-broken"),
        (b"[1", "array-broken"),
        (b"[1,", "array-broken"),
        (b'["a', "array-broken"),
        (b'["a\\', "array-broken"),
        (b'["a\\"]', "array-broken"),
        (b'[{"a":1]', "array-broken"),
        (b'[{"a":1}', "array-broken"),
        (b"[1}", "array-broken"),
        (b"[1]]", "after-array"),
        (b"[1] x", "after-array"),
        (b"[1][2]", "after-array"),
        (b"[" * 2000, "nested-too-deep"),
    ],
)
def test_what_is_no_array_is_refused_as_a_whole(body: bytes, expected: str, block: int) -> None:
    assert fault(body, block) == expected


def test_a_long_element_is_handed_out_as_a_place_alone() -> None:
    body = b"[1," + b'"' + b"x" * 3_000_000 + b'",2]'

    places = list(elements(io.BytesIO(body)))

    assert [place.size for place in places] == [1, 3_000_002, 1]


# --- lines ----------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(st.lists(st.text(st.characters(exclude_characters="\n"), max_size=8)), st.integers(1, 12), st.booleans())
def test_any_text_splits_into_its_lines_but_for_the_blank_ones(said: list[str], block: int, ends: bool) -> None:
    texts = [text.encode("utf-8", "surrogatepass") for text in said]
    body = b"\n".join(texts) + (b"\n" if ends else b"")

    found = split(body, block, lines)

    first_without_bom = [text.removeprefix(BOM) for text in texts[:1]] + texts[1:]
    assert found == [text for text in first_without_bom if text.strip(b" \t\r")]


@pytest.mark.parametrize("block", [1, 2, 3, 64])
def test_marks_and_ends_of_lines_may_be_those_of_any_system(block: int) -> None:
    assert split(BOM + b'{"a":1}\r\n\r\n \t\n{"b":2}', block, lines) == [b'{"a":1}\r', b'{"b":2}']
    assert split(BOM + b"\n\n", block, lines) == []
    assert split(b"", block, lines) == []
