"""The schema of a fresh head as SQL, to be read and compared: python -m migrations.dump_schema writes schema.sql."""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

from app import postgres
from app.settings import sqlalchemy_url
from app.store.engine import make_engine
from app.store.migrating import migrate

SCHEMA = Path(__file__).parent / "schema.sql"

# What pg_dump writes of itself and of this moment: comments, its settings, the key of its restricted mode.
_OWN_WORDS = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)$\n?", re.MULTILINE)


def dumped(dsn: str, binaries: Path) -> str:
    """The schema of a database, without owners and without what changes from one dump to the next."""
    command = [str(binaries / "pg_dump"), "--schema-only", "--no-owner", "--dbname", dsn]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.sub(r"\n{3,}", "\n\n", _OWN_WORDS.sub("", text)).strip() + "\n"


def main() -> None:
    """Make a fresh head in a scratch folder and write its schema down."""
    with tempfile.TemporaryDirectory(prefix="liandong-schema-") as folder:
        with postgres.start(Path(folder)) as server:
            asyncio.run(_migrated(server.dsn))
            SCHEMA.write_text(dumped(server.dsn, server.binaries), encoding="utf-8")
        postgres.discard(Path(folder))


async def _migrated(dsn: str) -> None:
    engine = make_engine(sqlalchemy_url(dsn))
    await migrate(engine)
    await engine.dispose()


if __name__ == "__main__":
    main()
