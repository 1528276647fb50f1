"""Taking records away from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.exchange import enrol
from app.exchange.export_records import Exported, Format, LayoutName, export_records
from app.exchange.find import Filters, contradictions, filters_of
from app.exchange.spool import private_file
from app.refusals import Refusal
from app.settings import Settings
from app.store import organisations
from app.store.engine import make_engine
from schemas import RECORD_TYPES
from schemas.shaping import shaped


class NotExported(Exception):
    """Nothing was written; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records, for whom, in which layout, and where to; what kind of file it is, its name says.

    `filters`: as a search takes them.
    """

    record_type: str
    organisation: str
    layout: LayoutName
    filters: Mapping[str, str]
    to: Path


def export(settings: Settings, asked: Asked) -> Exported:
    """Write the file. Raises NotExported."""
    return asyncio.run(_export(settings, asked, _format_of(asked.to), _filters(asked)))


def _format_of(path: Path) -> Format:
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise NotExported(f"{path.name}: 文件名应以 .csv 或 .xlsx 结尾 · the name must end in .csv or .xlsx")
    return "csv" if suffix == ".csv" else "xlsx"


def _filters(asked: Asked) -> Filters:
    if asked.record_type not in RECORD_TYPES:
        raise NotExported(f"{asked.record_type}: 没有这种记录类型 · no such record type")
    if asked.layout == "credit-publicity" and asked.record_type != "penalty":
        raise NotExported("credit-publicity: 双公示表样只用于行政处罚 · this layout is for penalties alone")
    filters, faults = shaped(filters_of(asked.record_type), asked.filters)
    found = [*faults, *(contradictions(filters) if filters is not None else ())]
    if filters is None or found:
        lines = (f"{fault.pointer.removeprefix('/')}: {fault.message('zh')} · {fault.message('en')}" for fault in found)
        raise NotExported("\n".join(lines))
    return filters


async def _export(settings: Settings, asked: Asked, format_: Format, filters: Filters) -> Exported:
    engine = make_engine(settings.sqlalchemy_url)
    half = asked.to.with_name(asked.to.name + ".half")
    try:
        async with engine.connect() as conn:
            row = await organisations.find(conn, asked.organisation)
        if row is None:
            raise NotExported(f"{asked.organisation}: 没有这个单位 · no such organisation")
        with private_file(settings.data / "spool") as spool:
            exported = await export_records(
                engine,
                enrol.operator(row),
                asked.record_type,
                filters,
                asked.layout,
                format_,
                half,
                spool,
                datetime.now(UTC),
            )
        half.replace(asked.to)
    except OSError as refused:
        raise NotExported(f"{asked.to}: {refused.strerror} 无法写入文件") from refused
    except Refusal as refused:
        raise NotExported(f"{refused.title_zh} · {refused.__doc__} ({refused.code})") from refused
    finally:
        half.unlink(missing_ok=True)
        await engine.dispose()
    return exported
