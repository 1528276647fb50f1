"""Delimited text: whatever its encoding and separator, read a piece at a time, numbered as a spreadsheet shows it."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.layouts.opening import opened
from schemas.layouts.table import Limits, Line, Unreadable

SCRATCH = Path(tempfile.gettempdir())
MEGABYTE = 1024 * 1024


def lines_of(raw: bytes, limits: Limits | None = None) -> list[Line]:
    with opened(io.BytesIO(raw), SCRATCH, limits) as table:
        [page] = table.pages
        assert (table.kind, page.name, page.index, page.hidden) == ("csv", "", 0, False)
        return list(page.lines())


def cells_of(raw: bytes) -> list[list[str]]:
    return [line.cells for line in lines_of(raw)]


def refused(raw: bytes, limits: Limits | None = None) -> tuple[str, dict[str, str | int]]:
    """Code and details of why the file cannot be read; it can be said in both languages."""
    with pytest.raises(Unreadable) as caught:
        lines_of(raw, limits)
    fault = caught.value.fault
    assert fault.is_error
    assert all(said(language) for said in (fault.message, fault.fix) for language in ("zh", "en"))
    return fault.code, dict(fault.details)


def text_of(rows: Sequence[Sequence[str]], delimiter: str = ",", newline: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return out.getvalue()


ROWS = [["文号", "事实", "金额"], ["武市监处罚〔2026〕1号", '卖"假"货，\n又一次; 再一次', "0.2"], ["𠮷", "a,b\tc", ""]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_table_reads_the_same_in_every_encoding_separator_and_line_end(
    encoding: str, delimiter: str, newline: str
) -> None:
    raw = text_of(ROWS, delimiter, newline).encode(encoding)

    assert cells_of(raw) == ROWS


def test_either_byte_order_of_utf_16_is_read() -> None:
    text = "\ufeff" + text_of(ROWS, "\t")

    assert cells_of(text.encode("utf-16-le")) == cells_of(text.encode("utf-16-be")) == ROWS


@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")), min_size=3, max_size=3
        ),
        min_size=2,
    ),
    delimiter=st.sampled_from(",\t;"),
    encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-8"]),
)
def test_whatever_is_written_comes_back(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    rows = [["一", "二", "三"], ["四", "五", "六"], *rows]
    quoted = "\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)

    lines = lines_of(quoted.encode(encoding))

    said = {number: row for number, row in enumerate(rows, start=1) if any(map(str.strip, row))}
    assert {line.number: line.cells for line in lines} == said


def test_a_long_file_is_cut_into_pieces_nowhere_that_shows() -> None:
    rows = [
        [f"第{number}行", "字" * (number % 97), '"' * (number % 5) + "\n" * (number % 3)] for number in range(20_000)
    ]

    for newline in ("\n", "\r\n"):
        assert cells_of(text_of(rows, newline=newline).encode("gb18030")) == rows


def test_two_readings_at_once_do_not_disturb_each_other() -> None:
    raw = text_of([[f"第{number}行", "内容"] for number in range(20_000)]).encode()

    with opened(io.BytesIO(raw), SCRATCH) as table:
        pairs = list(itertools.zip_longest(table.pages[0].lines(), table.pages[0].lines()))

    assert len(pairs) == 20_000
    assert all(one == other for one, other in pairs)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_row_numbers_are_those_a_spreadsheet_shows(newline: str) -> None:
    rows = [["文号", "事实"], ["一", "第一行\n第二行"], ["", " \u3000"], [], ["二", "/"], [""], ["三"]]

    lines = lines_of(text_of(rows, newline=newline).encode())

    assert [line.number for line in lines] == [1, 2, 5, 7]
    assert lines[-1] == Line(7, ["三"])


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("行政处罚统计表\na;b;c\n1;2;3\n", ["a", "b", "c"]),
        ("统计表,2026年9月\n\na\tb\tc\n1\t2,0\t3\n", ["a", "b", "c"]),
        ("a,b,c\n1,x;x;x;x;x;x,3\n", ["a", "b", "c"]),
        ("a;b;c\n", ["a", "b", "c"]),
        ("表\na;b;c\n", ["a", "b", "c"]),
        ('"a;1"\t"b;2"\n"x;1"\t"y;2"\n', ["a;1", "b;2"]),
        ("a\nb\n", ["a"]),
    ],
)
def test_the_separator_is_the_one_that_rows_in_succession_are_split_by(text: str, cells: list[str]) -> None:
    assert cells in cells_of(text.encode())


# --- quotation marks ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('a,b\n1,2\n"3"x,4\n5,6\n', 3),
        ('a,b\n\n"1\n1",2\n"3,4\n5,6\n', 4),
        ('"a,b\n1,2\n', 1),
        ('a,b\n1,"2\n' + "5,6\n" * 100_000, 2),
        ('a,b\n1,"2\n' + '5,"6\n' * 300_000, 2),
    ],
)
def test_quotation_marks_that_do_not_match_refuse_the_file_and_name_the_row(text: str, row: int) -> None:
    assert refused(text.encode()) == ("quotes-broken", {"row": row})


def test_rows_before_a_stray_quotation_mark_can_be_looked_at() -> None:
    with opened(io.BytesIO(b'a,b\n1,2\n"3"x,4\n'), SCRATCH) as table:
        lines = table.pages[0].lines()

        assert [next(lines).number, next(lines).number] == [1, 2]
        with pytest.raises(Unreadable):
            next(lines)


def test_a_quotation_mark_inside_a_cell_that_does_not_begin_with_one_is_a_letter() -> None:
    assert cells_of('a,b\n5"管,2\n'.encode())[1] == ['5"管', "2"]


# --- limits -------------------------------------------------------------------------------------


def test_only_rows_with_content_count_towards_the_rows_allowed() -> None:
    raw = b"a,b\n,\n\n1,2\n,,,\n3,4\n"

    assert len(lines_of(raw, Limits(rows=3))) == 3
    assert refused(raw, Limits(rows=2)) == ("too-many-rows", {"limit": 2})


def test_content_beyond_the_last_column_allowed_is_refused_by_its_row_and_blanks_are_not() -> None:
    blank, over = b"a,b\n1,2" + b"," * 5000 + b"\n", b"a,b\n1,2,3\n"

    assert cells_of(blank)[1][:2] == ["1", "2"]
    assert len(cells_of(blank)[1]) == 256
    assert refused(over, Limits(columns=2)) == ("too-many-columns", {"limit": 2, "row": 2})


def test_a_text_longer_than_a_cell_holds_is_cut_and_marked() -> None:
    limits = Limits(cell_characters=10)

    header, line = lines_of(("a,b\n" + "一" * 10 + "," + "二" * 11).encode(), limits)

    assert header.marks == {}
    assert line == Line(2, ["一" * 10, "二" * 10], {1: "cell-too-long"})


@pytest.mark.parametrize(
    "row",
    ["字" * 200_000, "字," * 600_000, '"' + "字" * 200_000 + '",1'],
    ids=["one cell", "many cells", "one quoted cell"],
)
def test_a_line_without_an_end_is_refused_as_too_large(row: str) -> None:
    assert refused(f"a,b\n{row}\n".encode()) == ("row-too-large", {"row": 2, "limit": MEGABYTE})


def test_the_limit_of_the_csv_module_is_left_alone() -> None:
    before = csv.field_size_limit()

    lines_of(("a,b\n" + "一" * 40_000 + ",2\n").encode())

    assert csv.field_size_limit() == before


# --- what is no text ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "file-empty"),
        (b"\xef\xbb\xbf", "file-empty"),
        (b"\xff\xfe", "file-empty"),
        (b" \r\n\t\n", "file-empty"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x01\x00\x48\x00\x48", "file-binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02", "file-binary"),
        (bytes(range(256)) * 10, "file-binary"),
        ("文号,金额\n一,2\n".encode("utf-16-le"), "encoding-unknown"),
        ("文号,金额\n一,2\n".encode("utf-32"), "encoding-unknown"),
        (b"\xef\xbb\xbf" + "文号".encode("gb18030"), "encoding-unknown"),
        (b"\xff\xfea", "encoding-unknown"),
        (b"a,b\n\xff\xff\x80", "encoding-unknown"),
        ("文号,金额\n".encode() * 20_000 + b"\xff", "encoding-unknown"),
        (b"<html><body><table><tr><td>a</td></tr></table></body></html>", "file-web-page"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "file-web-page"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "file-web-page"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "file-web-page"),
    ],
)
def test_what_is_no_delimited_text_is_refused_by_what_it_is(raw: bytes, code: str) -> None:
    assert refused(raw) == (code, {})


def test_a_control_character_in_a_cell_is_left_for_the_layout_to_tell() -> None:
    assert cells_of(b"a,b\n1\x07,2\n")[1] == ["1\x07", "2"]


@given(raw=st.binary(max_size=300))
def test_any_bytes_end_in_a_table_or_a_refusal(raw: bytes) -> None:
    try:
        with opened(io.BytesIO(raw), SCRATCH) as table:
            numbers = [line.number for page in table.pages for line in page.lines()]
    except Unreadable as refusal:
        fault = refusal.fault
    else:
        assert numbers == sorted(set(numbers))
        return
    assert fault.message("zh")
    assert fault.message("en")


# --- memory -------------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A file of some megabytes that repeats itself and is never in memory."""

    def __init__(self, before: bytes, repeated: bytes, megabytes: int) -> None:
        self._before = before
        self._repeated = repeated * (MEGABYTE // len(repeated) + 2)
        self._period = len(repeated)
        self._size = megabytes * MEGABYTE
        self._at = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        assert whence == 0
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        size = max(min(size, self._size - self._at), 0)
        start, self._at = self._at, self._at + size
        if start < len(self._before):
            return (self._before[start:] + self._repeated)[:size]
        offset = (start - len(self._before)) % self._period
        return self._repeated[offset : offset + size]


def big_files() -> Iterator[tuple[str, bytes, bytes, str | None]]:
    """What it is, how it begins, what it repeats, and the code it is refused by."""
    yield "rows", b"a,b,c\n", "某单位,违法事实的经过,0.2\n".encode(), None
    yield "blank rows", b"a,b,c\n", b"\n", "too-many-rows"
    yield "one line", b"a,b,c\n", b"x", "row-too-large"
    yield "one line of commas", b"a,b,c\n", b",", "row-too-large"
    yield "a quotation mark never closed", b'a,b,c\n1,"2\n', b"1,2,3\n", "quotes-broken"
    yield "a record of quoted line breaks", b"a,b,c\n", b'"\n",', "quotes-broken"
    yield "the wrong bytes at last", b"\xef\xbb\xbfa,b\n1,2\n" + b"\n" * MEGABYTE, b"\xff", "encoding-unknown"


@pytest.mark.parametrize(
    ("before", "repeated", "code"),
    [pytest.param(*rest, id=name) for name, *rest in big_files()],
)
def test_a_large_file_is_never_in_memory(before: bytes, repeated: bytes, code: str | None) -> None:
    file, limits = Endless(before, repeated, 4), Limits(rows=10_000_000)
    found = None

    tracemalloc.start()
    try:
        with opened(cast("IO[bytes]", file), SCRATCH, limits) as table:
            for _ in table.pages[0].lines():
                pass
    except Unreadable as refusal:
        found = refusal.fault.code
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert found == code
    assert peak < 8 * MEGABYTE
