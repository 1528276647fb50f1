"""Taking in a file from the command line, and saying of each bad row which column is wrong, and why."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.exchange import enrol
from app.exchange.follow_file import Followed, RejectedRow, follow_file, rejected_rows
from app.exchange.import_file import ImportRoom, import_file
from app.exchange.submit_file import Arrived, submit_file, wishes
from app.refusals import BadParameter, Refusal
from app.secret_files import SecretDamaged
from app.serving import Say
from app.settings import Settings
from app.store import organisations
from app.store.files import FileRow
from app.working import import_room
from schemas.faults import Fault

_PIECE = 1024 * 1024
_POLL_SECONDS = 0.5


class NotImported(Exception):
    """Nothing of the file could be taken in; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file, who reports it, and what the file itself does not say; None for the organisation's own.

    `annotated`: where the workbook of the rejected rows is to be put, if any are.
    """

    file: Path
    organisation: str
    region: str | None = None
    field: str | None = None
    on_change: str | None = None
    reason_code: str | None = None
    reason_text: str | None = None
    annotated: Path | None = None

    def fields(self) -> list[tuple[str, str]]:
        """What a form would say beside the file."""
        names = ("region", "field", "on_change", "reason_code", "reason_text")
        return [(name, value) for name in names if (value := getattr(self, name)) is not None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file, and of its rejected rows."""

    followed: Followed
    rejected: Sequence[RejectedRow]


def import_file_at(settings: Settings, wanted: Wanted, say: Say) -> Imported:
    """Take in a file into the database of `settings`. Raises NotImported if there is no such file or organisation."""
    return asyncio.run(_import(settings, wanted, say))


async def _import(settings: Settings, wanted: Wanted, say: Say) -> Imported:
    try:
        room = import_room(settings)
    except SecretDamaged as reason:
        raise NotImported(str(reason)) from reason
    try:
        caller, row = await _submitted(room, wanted)
        await _taken_in(room, caller, row, _Progress(say))
        async with room.engine.connect() as conn:
            followed = await follow_file(conn, caller, row.id)
            rejected = [one async for one in rejected_rows(conn, followed)]
        if followed.row.rejected and wanted.annotated is not None:
            shutil.copyfile(room.shelf.annotated(row.id), wanted.annotated)
        return Imported(followed, rejected)
    finally:
        await room.engine.dispose()


async def _submitted(room: ImportRoom, wanted: Wanted) -> tuple[Caller, FileRow]:
    try:
        with room.shelf.arriving() as content:
            digest, size = _copied(wanted.file, content)
            arrived = Arrived(wanted.file.name, content, digest, size, datetime.now(UTC))
            async with room.engine.begin() as conn:
                caller = await _caller(conn, wanted.organisation)
                wished = wishes(caller, wanted.fields())
                return caller, await submit_file(conn, room.shelf, caller, arrived, wished, queued=False)
    except OSError as refused:
        raise NotImported(f"{wanted.file}: {refused.strerror} 无法读取文件") from refused
    except BadParameter as refused:
        raise NotImported("\n".join(f"--{_option(one)}: {in_words(None, one)}" for one in refused.faults)) from refused
    except Refusal as refused:
        raise NotImported(f"{refused.title_zh} · {refused.__doc__} ({refused.code})") from refused


def _option(fault: Fault) -> str:
    return fault.pointer.removeprefix("/").replace("_", "-")


def _copied(file: Path, content: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += content.write(piece)
    return digest.hexdigest(), size


async def _caller(conn: AsyncConnection, organisation: str) -> Caller:
    row = await organisations.find(conn, organisation)
    if row is None:
        raise NotImported(f"{organisation}: 没有这个单位 · no such organisation")
    return enrol.operator(row)


async def _taken_in(room: ImportRoom, caller: Caller, row: FileRow, progress: _Progress) -> None:
    """Take it in here, or wait until a running service that was quicker has done so."""
    while await import_file(room, row.id, progress.say) is None:
        async with room.engine.connect() as conn:
            now = (await follow_file(conn, caller, row.id)).row
        progress.say(now)
        if now.is_over:
            return
        await asyncio.sleep(_POLL_SECONDS)


class _Progress:
    """One line that is written over again and again, if somebody looks."""

    def __init__(self, say: Say) -> None:
        self._say = say if sys.stderr.isatty() else None
        self._over = ""

    def say(self, row: FileRow) -> None:
        """Tell how far a file is."""
        if self._say is not None and row.rows:
            self._say(f"{self._over}{row.settled} / {row.rows}")
            self._over = "\x1b[1A\x1b[2K"


def about_the_file(imported: Imported) -> list[str]:
    """What there is to say of the file as a whole: what it was taken for, and what was noticed."""
    followed = imported.followed
    named = [] if followed.layout is None else [f"格式：{followed.layout.zh} · {followed.layout.en}"]
    warned = [f"{in_words(one.heading, one.fault)}：{one.rows} 行" for one in followed.warned]
    return named + [in_words(None, fault) for fault in followed.told] + warned


def told(row: RejectedRow) -> list[str]:
    """The lines a clerk reads about one rejected row."""
    where = f"{row.sheet} " if row.sheet else ""
    return [f"{where}第 {row.line} 行  {in_words(one.heading, one.fault)}" for one in row.told]


def in_words(heading: str | None, fault: Fault) -> str:
    """One fault as a clerk reads it: the column as the file calls it, what is wrong, what to do."""
    where = f"{heading}：" if heading else ""
    fix = fault.fix()
    return f"{where}{fault.message()}{'。' + fix if fix else ''} ({fault.code})"


def counted(row: FileRow) -> str:
    """The sum of an import in one line."""
    return (
        f"共 {row.rows} 行：收下 {row.accepted}，重复 {row.repeated}，退回 {row.rejected} · "
        f"{row.rows} rows: {row.accepted} accepted, {row.repeated} repeated, {row.rejected} rejected"
    )
