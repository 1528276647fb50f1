"""A form with one file (RFC 7578), written to its place as it arrives."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.api.arriving import arriving, too_large
from app.api.deps import stated_length
from app.refusals import BadParameter, UnreadableBody, UnsupportedContentType
from schemas.faults import Fault

_FILE = b"file"
_MOST_FIELDS = 20
_MOST_FIELD_BYTES = 4096
_MOST_AROUND = 64 * 1024
"""Bytes of a body that are not of the file: boundaries, headers, fields."""
_HELD_BYTES = 256 * 1024


@dataclass(slots=True)
class Form:
    """What was sent: the file's name, SHA-256 (hexadecimal) and size; its bytes are in `content`; the other fields."""

    content: IO[bytes]
    name: str | None = None
    digest: str = ""
    bytes: int = 0
    fields: list[tuple[str, str]] = field(default_factory=list)


async def read_form(request: Request, content: IO[bytes], most: int) -> Form:
    """Read the form of a request, its file into `content`.

    Raises UnsupportedContentType, TooLarge (more than `most` bytes), TooSlow, UnreadableBody, BadParameter.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise UnsupportedContentType
    if stated_length(request) > most + _MOST_AROUND:
        raise too_large(most)
    reader = _Reader(Form(content), options.get(b"boundary", b""), most)
    async for chunk in arriving(request):
        reader.feed(chunk)
        if len(reader.held) >= _HELD_BYTES:
            await asyncio.to_thread(reader.write)
    await asyncio.to_thread(reader.write)
    return reader.form()


class _Reader:
    """The parser's callbacks: which part is coming in, and what of it is kept."""

    def __init__(self, form: Form, boundary: bytes, most: int) -> None:
        self._form = form
        self._most = most
        self._digest = hashlib.sha256()
        self._header = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._field: tuple[bytes, bytearray] | None = None
        self._in_file = False
        self._around = 0
        self._is_whole = False
        self.held = bytearray()
        callbacks: Any = {
            "on_part_begin": self._part_begins,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
            "on_end": self._ends,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except FormParserError as error:
            raise _broken() from error

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        before = self._form.bytes
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _broken() from error
        self._around += len(chunk) - (self._form.bytes - before)
        if self._around > _MOST_AROUND:
            raise too_large(_MOST_AROUND)

    def write(self) -> None:
        """Put down what has come in of the file."""
        self._form.content.write(self.held)
        self.held = bytearray()

    def form(self) -> Form:
        """The form, when all of it was fed and written. Raises UnreadableBody, BadParameter."""
        if not self._is_whole:
            raise _broken()
        if self._form.name is None:
            raise BadParameter([Fault("/file", "required")])
        self._form.digest = self._digest.hexdigest()
        return self._form

    def _part_begins(self) -> None:
        self._headers = {}
        self._header = (bytearray(), bytearray())

    def _header_ends(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"")
        self._in_file = name == _FILE
        if self._in_file:
            if self._form.name is not None:
                raise BadParameter([Fault("/file", "unknown-parameter")])
            self._form.name = _text(options, b"filename")
            self._field = None
            return
        if len(self._form.fields) >= _MOST_FIELDS:
            raise _broken()
        self._field = (name, bytearray())

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            self._field[1].extend(data[start:end])
            if len(self._field[1]) > _MOST_FIELD_BYTES:
                raise too_large(_MOST_FIELD_BYTES)
            return
        self._form.bytes += end - start
        if self._form.bytes > self._most:
            raise too_large(self._most)
        piece = data[start:end]
        self._digest.update(piece)
        self.held += piece

    def _part_ends(self) -> None:
        if self._field is not None:
            name, value = self._field
            self._form.fields.append((_decoded(name), _decoded(bytes(value))))
            self._field = None

    def _ends(self) -> None:
        self._is_whole = True


def _text(options: Mapping[bytes, bytes], name: bytes) -> str:
    return options.get(name, b"").decode("utf-8", "replace")


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise UnreadableBody([Fault("", "not-utf-8")]) from error
    if "\0" in text:
        raise UnreadableBody([Fault("", "control-character")])
    return text


def _broken() -> UnreadableBody:
    return UnreadableBody([Fault("", "form-broken")])
