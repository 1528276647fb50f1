"""Sending a file as an agency does, and having it taken in by this process."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import httpx
import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import CalamineWorkbook

from app.exchange.import_file import ImportRoom, import_file
from app.exchange.read_file import ReadingRoom
from schemas.layouts.credit_publicity import COLUMNS
from schemas.layouts.table import Limits
from tests import corpus
from tests.conftest import Service

FILES = "/v1/files"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CODES = [column.code for column in COLUMNS]
HEADINGS = [column.heading for column in COLUMNS]
SHEET = "行政处罚"


def room(service: Service, **limits: int) -> ImportRoom:
    """What an import by this process needs; it reads the service's clock."""
    shop = service.shop
    reading = ReadingRoom(shop.shelf, b"key for tests", Limits(**limits))
    return ImportRoom(shop.engine, shop.in_force, reading, lambda: service.now)


async def sent(client: httpx.AsyncClient, content: bytes, name: str = "file.xlsx", **fields: str) -> httpx.Response:
    """The answer to an upload."""
    return await client.post(FILES, files={"file": (name, content, "application/octet-stream")}, data=fields)


async def taken_in(
    service: Service, client: httpx.AsyncClient, content: bytes, name: str = "file.xlsx", **fields: str
) -> dict[str, Any]:
    """A file sent and taken in, as its sender then reads it."""
    answer = await sent(client, content, name, **fields)
    assert answer.status_code == 202, answer.text
    await import_file(room(service), UUID(answer.json()["id"]))
    found: dict[str, Any] = (await client.get(answer.headers["location"])).json()
    return found


def counts(file: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Rows, accepted, repeated, rejected."""
    return file["rows"], file["accepted"], file["repeated"], file["rejected"]


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    """An XLSX file of these sheets; texts stay texts."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, rows in sheets:
            made = book.add_worksheet(name)
            for number, row in enumerate(rows):
                made.write_row(number, 0, row)
    return out.getvalue()


def publicity(rows: Sequence[Mapping[str, str]], headings: Sequence[str] = HEADINGS) -> bytes:
    """A 双公示 workbook of these rows, cells by CF_ code."""
    return workbook((SHEET, [headings, *([row.get(code, "") for code in CODES] for row in rows)]))


def cells(n: int, **changes: str) -> dict[str, str]:
    """The cells of the corpus' penalty of this number, by CF_ code, some of them changed."""
    return dict(corpus.cells_of(corpus.penalty(n), n)) | changes


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    """The rows of each sheet of a workbook, as another program reads them."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
