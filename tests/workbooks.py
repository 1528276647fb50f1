"""Workbooks as files: ordinary ones by XlsxWriter, odd ones by hand-made XML in a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter  # type: ignore[import-untyped]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"

Workbook = Any
"""One of XlsxWriter, which says no types."""
Parts = dict[str, str | bytes]
Row = Sequence[str | float | None]


# --- by XlsxWriter ------------------------------------------------------------------------------


def written(fill: Callable[[Workbook], None], **options: bool | str) -> bytes:
    """The workbook that `fill` makes; options are XlsxWriter's."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, dict(options))
    fill(book)
    book.close()
    return out.getvalue()


def rows_written(rows: Sequence[Row], **options: bool | str) -> bytes:
    """A workbook of one sheet; texts stay texts, None is a cell that has a format and nothing else."""

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                else:
                    sheet.write(number, place, cell, bold)

    return written(fill, **options)


# --- by hand ------------------------------------------------------------------------------------


def sheet_xml(rows: str, after: str = "", main: str = MAIN) -> str:
    """A worksheet with this inside its `sheetData`."""
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def cell_xml(inside: str, **attributes: str) -> str:
    """A sheet of the one cell A1."""
    given = "".join(f" {name}={quoteattr(text)}" for name, text in attributes.items())
    return sheet_xml(f'<row r="1"><c r="A1"{given}>{inside}</c></row>')


def strings_xml(items: Iterable[str], main: str = MAIN) -> str:
    """Shared texts from what is inside each `si`."""
    return f'<sst xmlns="{main}">' + "".join(f"<si>{item}</si>" for item in items) + "</sst>"


def plain_strings_xml(texts: Iterable[str]) -> str:
    """Shared texts that are no more than texts."""
    return strings_xml(f'<t xml:space="preserve">{escape(text)}</t>' for text in texts)


def styles_xml(formats: Iterable[int], own: Mapping[int, str] | None = None, main: str = MAIN) -> str:
    """Cell formats by the ids of their number formats, and the codes of those that are the workbook's own."""
    codes = "".join(f'<numFmt numFmtId="{key}" formatCode={quoteattr(code)}/>' for key, code in (own or {}).items())
    cells = "".join(f'<xf numFmtId="{key}"/>' for key in formats)
    return (
        f'<styleSheet xmlns="{main}"><numFmts>{codes}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{cells}</cellXfs></styleSheet>'
    )


def parts_of(
    *sheets: str,
    strings: str | None = None,
    styles: str | None = None,
    names: Sequence[str] | None = None,
    states: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    workbook: str = "",
    main: str = MAIN,
    office: str = OFFICE,
    content_type: str = WORKBOOK_TYPE,
) -> Parts:
    """The parts of a workbook of these sheets. `workbook`: what comes before the names of its sheets."""
    entries, links, parts = "", "", Parts()
    for number, sheet in enumerate(sheets, start=1):
        name = names[number - 1] if names else f"Sheet{number}"
        state = states[number - 1] if states else "visible"
        kind = kinds[number - 1] if kinds else "worksheet"
        entries += f'<sheet name={quoteattr(name)} sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        links += link_xml(f"rId{number}", f"{office}/{kind}", f"worksheets/sheet{number}.xml")
        parts[f"xl/worksheets/sheet{number}.xml"] = sheet
    for kind, xml in (("sharedStrings", strings), ("styles", styles)):
        if xml is not None:
            links += link_xml(kind, f"{office}/{kind}", f"/xl/{kind}.xml")
            parts[f"xl/{kind}.xml"] = xml
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{content_type}"/></Types>',
        "_rels/.rels": links_xml(link_xml("rId1", f"{office}/officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        f"{workbook}<sheets>{entries}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": links_xml(links),
        **parts,
    }


def link_xml(key: str, kind: str, target: str, mode: str = "Internal") -> str:
    """One relationship."""
    return f'<Relationship Id="{key}" Type="{kind}" Target="{target}" TargetMode="{mode}"/>'


def links_xml(links: str) -> str:
    """A part of relationships."""
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def zipped(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts in a zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def book_of(*sheets: str, strings: str | None = None, styles: str | None = None, workbook: str = "") -> bytes:
    """A workbook of these sheets."""
    return zipped(parts_of(*sheets, strings=strings, styles=styles, workbook=workbook))


def streamed(out: IO[bytes], parts: Mapping[str, Iterable[str]]) -> None:
    """Write a zip file whose parts come in pieces and need not fit into memory."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, pieces in parts.items():
            with file.open(name, "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece.encode())


def compound(*names: str) -> bytes:
    """The beginning of an OLE compound file and a directory that names these streams (MS-CFB 2.2, 2.6)."""
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in names)
    return bytes.fromhex("d0cf11e0a1b11ae1").ljust(512, b"\0") + entries
