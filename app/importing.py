"""Taking in a file from the command line, and saying of each bad row which column is wrong, and why."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.api.keys import write_once
from app.exchange import enrol
from app.exchange.import_file import RowResult, import_sheet
from app.exchange.law_in_force import LawInForce
from app.serving import Say
from app.settings import Settings
from app.store import organisations
from app.store.engine import make_engine
from app.store.organisations import OrganisationRow
from schemas.faults import Fault
from schemas.layouts.credit_publicity import Sheet, Uploader, read_csv
from schemas.shipped import law

_EVERY = 100
KEY_BYTES = 32


class NotImported(Exception):
    """Nothing of the file could be taken in; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who reports a file, and what the file itself does not say; None for the organisation's own."""

    organisation: str
    region: str | None = None
    field: str | None = None


def import_csv(settings: Settings, file: Path, source: Source, say: Say) -> list[RowResult]:
    """Take in a CSV of the 双公示 layout into the database of `settings`. Raises NotImported."""
    try:
        raw = file.read_bytes()
    except OSError as refused:
        raise NotImported(f"{file}: {refused.strerror} 无法读取文件") from refused
    sheet = read_csv(raw)
    for line in about_the_sheet(sheet):
        say(line)
    if not sheet.readable:
        raise NotImported("\n".join(in_words(None, fault) for fault in sheet.faults if fault.is_error))
    return asyncio.run(_import(settings, sheet, source, say))


async def _import(settings: Settings, sheet: Sheet, source: Source, say: Say) -> list[RowResult]:
    engine = make_engine(settings.sqlalchemy_url)
    try:
        async with engine.connect() as conn:
            row = await organisations.find(conn, source.organisation)
            in_force = LawInForce(law())
            await in_force.refresh(conn)
        if row is None:
            raise NotImported(f"{source.organisation}: 没有这个单位 · no such organisation")
        caller, uploader = enrol.operator(row), _uploader(row, source, _key(settings.data))
        results: list[RowResult] = []
        async for result in import_sheet(engine, caller, sheet, uploader, in_force.law, lambda: datetime.now(UTC)):
            results.append(result)
            if len(results) % _EVERY == 0 and sys.stderr.isatty():
                say(f"… {len(results)}")
        return results
    finally:
        await engine.dispose()


def _uploader(row: OrganisationRow, source: Source, key: bytes) -> Uploader:
    field = source.field or row.field
    if field is None:
        raise NotImported("--field: 请指明执法领域 · the field of enforcement is needed")
    return Uploader(row.code, source.region or row.region, field, key, row.name, row.code)


def _key(data: Path) -> bytes:
    """The key that keeps the party's part of an imported id from telling whom it means; made on first use."""
    path = data / "keys" / "import.key"
    if not path.exists():
        write_once(path, os.urandom(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise NotImported(f"{path}: 密钥文件已损坏，请从备份恢复 · the key is damaged; restore it from a backup")
    return key


def about_the_sheet(sheet: Sheet) -> list[str]:
    """What there is to say of the file as a whole although it can be read."""
    lines = [f"列“{heading}”不在此格式中，未读取 · not in this layout, not read" for heading in sheet.extra]
    return lines + [in_words(None, fault) for fault in sheet.faults if not fault.is_error]


def told(result: RowResult) -> list[str]:
    """The lines a clerk reads about one rejected row."""
    lines = [in_words(heading, fault) for heading, fault in result.faults if fault.is_error]
    if result.refusal is not None:
        lines.append(f"{result.refusal.title_zh} ({result.refusal.code})")
    return [f"第 {result.number} 行  {line}" for line in lines]


def in_words(heading: str | None, fault: Fault) -> str:
    """One fault as a clerk reads it: the column as the file calls it, what is wrong, what to do."""
    where = f"{heading}：" if heading else ""
    fix = fault.fix()
    return f"{where}{fault.message()}{'。' + fix if fix else ''} ({fault.code})"


def counted(results: list[RowResult]) -> str:
    """The sum of an import in one line."""
    by = {name: sum(result.outcome == name for result in results) for name in ("accepted", "repeated", "rejected")}
    return (
        f"共 {len(results)} 行：收下 {by['accepted']}，重复 {by['repeated']}，退回 {by['rejected']} · "
        f"{len(results)} rows: {by['accepted']} accepted, {by['repeated']} repeated, {by['rejected']} rejected"
    )
