"""Made-up organisations to try the service with, and their clients.

Their codes have right check digits and belong to nobody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from app.exchange import enrol
from app.exchange.enrol import NewClient
from app.store import organisations
from app.store.organisations import OrganisationRow
from schemas.identifiers import credit_check_digit, organisation_check_digit

FILE = "demo-clients.json"


def code_of(region: str, serial: int) -> str:
    """A state organ's credit code (11…) with an organisation code nobody was given (0099999n)."""
    organ = f"{999999 - serial:08}"
    first_17 = f"11{region}{organ}{organisation_check_digit(organ)}"
    return first_17 + credit_check_digit(first_17)


def _row(region: str, serial: int, name: str, role: str, field: str | None = None) -> OrganisationRow:
    return OrganisationRow(code_of(region, serial), name, role, region, field)


ORGANISATIONS: Sequence[tuple[str, OrganisationRow]] = (
    ("market-city", _row("420100", 0, "武汉市市场监督管理局（演示）", "agency", "market")),
    ("market-jiangan", _row("420102", 1, "江岸区市场监督管理局（演示）", "agency", "market")),
    ("market-wuchang", _row("420106", 2, "武昌区市场监督管理局（演示）", "agency", "market")),
    ("ecology-city", _row("420100", 3, "武汉市生态环境局（演示）", "agency", "ecology")),
    ("police-city", _row("420100", 4, "武汉市公安局（演示）", "police", "public_security")),
    ("police-wuchang", _row("420106", 5, "武昌区公安分局（演示）", "police", "public_security")),
    ("procuratorate-city", _row("420100", 6, "武汉市人民检察院（演示）", "procuratorate")),
    ("procuratorate-jiangan", _row("420102", 7, "江岸区人民检察院（演示）", "procuratorate")),
    ("procuratorate-wuchang", _row("420106", 8, "武昌区人民检察院（演示）", "procuratorate")),
    ("justice-city", _row("420100", 9, "武汉市司法局（演示）", "justice")),
    ("auditor-city", _row("420100", 10, "武汉市政府督查室（演示）", "auditor")),
    ("office-city", _row("420100", 11, "府检联动协调机制办公室（演示）", "office")),
)


async def load_if_empty(engine: AsyncEngine, data: Path, now: datetime) -> bool:
    """Add the demo organisations to an empty database and write down their clients; return whether it was empty."""
    async with engine.begin() as conn:
        if await organisations.are_there_any(conn):
            return False
        clients = await enrol.enrol_all(conn, ORGANISATIONS, now)
        # Inside the transaction: secrets that could not be written down are not those of anybody.
        _write_down(data / FILE, clients)
    return True


def written_down(data: Path) -> list[dict[str, str]]:
    """The demo clients as they were written down; none if they were not, or not here."""
    try:
        found: list[dict[str, str]] = json.loads((data / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return found


def _write_down(path: Path, clients: Sequence[NewClient]) -> None:
    told = [
        {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "organisation": client.organisation.code,
            "name": client.organisation.name,
            "role": client.organisation.role,
            "region": client.organisation.region,
            "field": client.organisation.field,
        }
        for client in clients
    ]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=2)
