"""Reading JSON: what two parsers could read differently is refused, and nothing a sender sends can hurt."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.faults import Fault
from schemas.reading import MAX_DEPTH, MAX_INTEGER, read_json

WANTED = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n")
NARROWED = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(WANTED),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(WANTED), inner),
    max_leaves=MAX_DEPTH - 4,
)
_WORDS = rb'{ } [ ] " \ \u d800 dc00 : , 0 - 1.5 e9 NaN Infinity true null "a": '.split()
_BYTES = [b" ", b"\n", b"\r", b"\x00", b"\x7f", b"\xff", b"\xef\xbb\xbf", b"9" * 40]
SCRAPS = st.lists(st.sampled_from([*_WORDS, *_BYTES]), max_size=60).map(b"".join)


def codes(text: str | bytes) -> list[tuple[str, str]]:
    """The faults inside a text that can be read, as (pointer, code)."""
    reading = read_json(text if isinstance(text, bytes) else text.encode())
    assert reading.unreadable is None
    return [(fault.pointer, fault.code) for fault in reading.faults]


def unreadable(text: str | bytes) -> Fault:
    """Why a text cannot be read at all."""
    reading = read_json(text if isinstance(text, bytes) else text.encode())
    assert reading.unreadable is not None
    assert reading.value is None
    assert reading.faults == ()
    assert reading.unreadable.pointer == ""
    return reading.unreadable


def value(text: str | bytes) -> Any:  # noqa: ANN401 – any JSON
    """The value of a text nothing is wrong with."""
    reading = read_json(text if isinstance(text, bytes) else text.encode())
    assert (reading.unreadable, reading.faults) == (None, ())
    return reading.value


@settings(max_examples=300, deadline=None)
@given(NARROWED, st.booleans(), st.sampled_from([None, 1]))
def test_what_the_standard_allows_is_read_as_any_parser_reads_it(
    said: object, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(said, ensure_ascii=ascii_only, indent=indent)

    assert value(text) == json.loads(text) == said


@settings(max_examples=300, deadline=None)
@given(st.binary() | SCRAPS | st.text().map(str.encode))
def test_whatever_bytes_arrive_reading_does_not_raise(raw: bytes) -> None:
    reading = read_json(raw)

    assert reading.unreadable is None or (reading.value is None and reading.faults == ())
    for fault in (*reading.faults, *([reading.unreadable] if reading.unreadable else [])):
        assert fault.is_error
        assert fault.message("zh")
        assert fault.message("en")


@pytest.mark.parametrize("raw", [b"", b" ", b"\r\n\t \n"])
def test_a_body_without_anything_is_called_empty(raw: bytes) -> None:
    assert unreadable(raw).code == "empty"


def test_one_byte_order_mark_is_passed_over_and_a_second_is_not() -> None:
    assert value(b"\xef\xbb\xbf{}") == {}
    assert unreadable(b"\xef\xbb\xbf\xef\xbb\xbf{}").code == "not-json"
    assert value('"\\ufeff"') == "\ufeff"


def test_lines_may_end_as_on_windows() -> None:
    assert value(b'{"a":\r\n[1,\r\n2]}\r\n') == {"a": [1, 2]}


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe{\x00}\x00",  # UTF-16
        '{"名": 1}'.encode("gb18030"),
        b'"\xc0\xaf"',  # overlong
        b'"\xed\xa0\x80"',  # a surrogate in UTF-8's clothes
        b'"\xe4\xb8',  # cut off
        b'"\xf4\x90\x80\x80"',  # beyond U+10FFFF
    ],
)
def test_other_encodings_than_utf_8_are_refused(raw: bytes) -> None:
    assert unreadable(raw).code == "not-utf-8"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("{", 1, 2),
        ('{"a": 1,}', 1, 9),
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3),
        ("[01]", 1, 3),
        ("+1", 1, 1),
        ("1 2", 1, 3),
        ("'a'", 1, 1),
        ("{} {}", 1, 4),
        ('{"a": tru}', 1, 7),
        ('["a\nb"]', 1, 4),  # a raw newline has no place in a JSON string
        ('["\\x"]', 1, 3),
        ("\u2028{}", 1, 1),
    ],
)
def test_what_is_not_json_is_told_with_its_line_and_column(text: str, line: int, column: int) -> None:
    fault = unreadable(text)

    assert fault.code == "not-json"
    assert fault.details["line"] == line
    assert abs(int(fault.details["column"]) - column) <= 1  # parsers differ by one on where a trailing comma offends


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": [NaN]}', '{"a": -Infinity}'])
def test_nan_and_infinity_are_not_json(text: str) -> None:
    assert unreadable(text).code == "not-json"


def test_nan_is_told_with_its_own_line() -> None:
    assert unreadable('{\n"a": 1,\n"b": NaN}').details == {"line": 3, "column": 6}


def test_nan_in_a_string_is_a_word() -> None:
    assert value('{"NaN": "Infinity"}') == {"NaN": "Infinity"}


# --- nesting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_nesting_is_taken_to_the_limit_and_refused_beyond(opening: str, closing: str) -> None:
    each = opening.count("[") + opening.count("{")
    times = MAX_DEPTH // each

    assert value(opening * times + "1" + closing * times) is not None
    beyond = unreadable(opening * (times + 1) + "1" + closing * (times + 1))

    assert beyond.code == "nested-too-deep"
    assert beyond.details == {"limit": MAX_DEPTH}


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000, '[{"a":' * 100_000])
def test_nesting_a_hundred_thousand_deep_is_refused_without_harm(text: str) -> None:
    assert unreadable(text).code == "nested-too-deep"


@pytest.mark.parametrize("inside", ["[" * 1000, '\\"' + "{" * 1000, '\\\\\\"' + "[" * 1000, "]" * 1000])
def test_brackets_inside_strings_nest_nothing(inside: str) -> None:
    text = '{"' + inside + '": "' + inside + '"}'

    assert value(text) == json.loads(text)


def test_many_brackets_side_by_side_nest_nothing() -> None:
    text = "[" + ",".join(["[{}]"] * 1000) + "]"

    assert value(text) == [[{}]] * 1000


def test_a_string_that_never_ends_does_not_hide_what_follows() -> None:
    assert unreadable('"' + "[" * 1000).code == "not-json"
    assert unreadable('["\\"]' + "[" * 100_000).code in ("not-json", "nested-too-deep")


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "a": 1}', ["/a"]),
        ('{"a": 1, "a": 2, "a": null}', ["/a"]),
        ('{"a": 1, "\\u0061": 2}', ["/a"]),
        ('[{}, {"a": {"b": 1, "b": {}}}]', ["/1/a/b"]),
        ('{"a": 1, "b": 2, "b": 3, "a": 4}', ["/a", "/b"]),
        ('{"a": {"b": 1, "b": 2}, "c": {"b": 1, "b": 2}}', ["/a/b", "/c/b"]),
        ('{"a": {"b": 1}, "a": {"b": 1, "b": 2}}', ["/a", "/a/b"]),
        ('{"a/b": 1, "a/b": 2, "~": 1, "~": 1}', ["/a~1b", "/~0"]),
        ('{"": 1, "": 2}', ["/"]),
    ],
)
def test_a_name_that_stands_twice_is_told_wherever_it_is_whatever_its_values(text: str, expected: list[str]) -> None:
    assert codes(text) == [(pointer, "duplicate-name") for pointer in expected]


def test_one_name_in_two_objects_is_no_repetition() -> None:
    assert value('[{"a": {"a": 1}}, {"a": 2}]') == [{"a": {"a": 1}}, {"a": 2}]


def test_names_with_slash_and_tilde_are_escaped_in_pointers() -> None:
    assert codes('{"a/b": {"~c": [0, 1.5]}, "~1": 1.5}') == [("/a~1b/~0c/1", "fraction"), ("/~01", "fraction")]


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["1.5", "0.0", "-0.0", "12000.00", "1e5", "1E+2", "0e0", "1e400", "-1e-400", "1" * 5000 + ".5"]
)
def test_fractions_and_exponents_are_refused_even_where_they_are_whole(text: str) -> None:
    assert codes(f'{{"a": [{text}]}}') == [("/a/0", "fraction")]


@pytest.mark.parametrize("text", ["0", "1", "-1", "9007199254740991", "9007199254740992", "-9007199254740992"])
def test_integers_are_taken_up_to_two_to_the_fifty_third(text: str) -> None:
    assert value(text) == int(text)


def test_minus_zero_is_zero() -> None:
    assert str(value("-0")) == "0"


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740993",
        "-9007199254740993",
        "10000000000000000",
        "1" * 18,
        "-" + "9" * 19,
        "9" * 5000,
        "-" + "1" * 5000,
    ],
)
def test_integers_beyond_are_refused_however_long(text: str) -> None:
    assert codes(text) == [("", "integer-range")]
    assert codes(f'{{"a": {text}, "b": [{text}]}}') == [("/a", "integer-range"), ("/b/0", "integer-range")]


# --- characters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)])
def test_control_characters_are_refused_written_as_escapes(code: int) -> None:
    assert codes(f'{{"a": ["x\\u{code:04x}y"]}}') == [("/a/0", "control-character")]


@pytest.mark.parametrize("code", range(0x7F, 0xA0))
def test_delete_and_the_c1_controls_are_refused_written_as_they_are(code: int) -> None:
    assert codes(f'{{"a": "x{chr(code)}y"}}') == [("/a", "control-character")]


@pytest.mark.parametrize("code", range(0x20))
def test_raw_control_characters_in_a_string_are_not_json(code: int) -> None:
    assert unreadable(f'"{chr(code)}"').code == "not-json"


def test_tab_newline_and_what_only_looks_like_a_control_are_taken() -> None:
    assert (
        value('"\\t\\n\\u0020\\u00a0\\u00ad\\u200b\\u2028\\u2029\\ufffe"')
        == "\t\n \u00a0\u00ad\u200b\u2028\u2029\ufffe"
    )


@pytest.mark.parametrize(
    "text", ["\\ud800", "\\udfff", "x\\udc00y", "\\ude00\\ud83d", "\\ud83d\\ud83d\\ude00", "\\ud83dx\\ude00"]
)
def test_half_a_character_is_refused(text: str) -> None:
    assert codes(f'{{"a": "{text}"}}') == [("/a", "lone-surrogate")]


def test_a_surrogate_pair_is_one_character() -> None:
    assert value('"\\ud83d\\ude00\\ud840\\udc00"') == "😀𠀀"


@pytest.mark.parametrize(
    ("name", "code"),
    [("a\\u0001", "control-character"), ("\\u007f", "control-character"), ("\\ud800", "lone-surrogate")],
)
def test_a_name_with_an_unwanted_character_is_told_at_its_object(name: str, code: str) -> None:
    assert codes(f'{{"x": {{"{name}": 1.5}}}}') == [("/x", code)]


def test_everything_wrong_is_told_at_once_in_the_order_of_the_text() -> None:
    text = '{"a": 1.5, "b": {"c": 99999999999999999, "d": ["\\u0000", "\\ud800", 1]}, "e": 1, "e": 2, "f": 1e3}'

    assert codes(text) == [
        ("/a", "fraction"),
        ("/b/c", "integer-range"),
        ("/b/d/0", "control-character"),
        ("/b/d/1", "lone-surrogate"),
        ("/e", "duplicate-name"),
        ("/f", "fraction"),
    ]
