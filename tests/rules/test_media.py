"""A file is what its media type says, as far as its first bytes tell."""

from __future__ import annotations

import io
import wave
import zipfile

import pytest

from app.rules.media import HEAD_BYTES, is_of
from schemas.codelists import codelist

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("OFD.xml", "<ofd/>")
    return out.getvalue()


def _wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8000, 1, "NONE", ""))
        sound.writeframes(b"\0\0")
    return out.getvalue()


FILES = {
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "application/ofd": _zip(),
    DOCX: _zip(),
    "application/zip": _zip(),
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "image/tiff": b"II*\x00\x08\x00\x00\x00",
    "application/msword": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8),
    "application/wps-office.wps": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8),
    "audio/mpeg": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "audio/wav": _wav(),
    "video/mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00",
}


@pytest.mark.parametrize("media_type", FILES)
def test_a_file_is_of_its_own_type(media_type: str) -> None:
    assert is_of(media_type, FILES[media_type][:HEAD_BYTES])


@pytest.mark.parametrize("media_type", [one for one in codelist("media_types").codes if one != "text/plain"])
@pytest.mark.parametrize("head", [b"", b"MZ\x90\x00", b"<html><script>", b"\x7fELF\x02\x01\x01", b"plain words"])
def test_a_program_a_page_and_nothing_at_all_are_of_no_type_but_text(media_type: str, head: bytes) -> None:
    assert not is_of(media_type, head)


@pytest.mark.parametrize(
    ("said", "is_really"),
    [("application/pdf", "image/png"), ("image/jpeg", "application/zip"), (DOCX, "application/msword")],
)
def test_a_file_of_one_type_is_not_taken_for_another(said: str, is_really: str) -> None:
    assert not is_of(said, FILES[is_really][:HEAD_BYTES])


def test_plain_text_has_no_marks_and_is_believed() -> None:
    assert is_of("text/plain", "张某某".encode("gb18030"))


def test_no_mark_lies_behind_what_is_looked_at() -> None:
    for entry in codelist("media_types"):
        for mark in filter(None, entry.more["magic"].split("|")):
            place, _, digits = mark.partition(":")
            assert int(place) + len(bytes.fromhex(digits)) <= HEAD_BYTES
