"""DATABASE_URL: the service on a server somebody else runs, as an owner that is no superuser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx
import pytest

from app import postgres
from app.settings import CHECKOUT
from tests import corpus
from tests.serving import scratch, serving


@pytest.fixture
async def owned_database(server: postgres.Running) -> str:
    """The address of an empty database owned by an ordinary role."""
    conn = await asyncpg.connect(server.dsn)
    await conn.execute("DROP DATABASE IF EXISTS owned")
    await conn.execute("DROP ROLE IF EXISTS owner_of_it")
    await conn.execute("CREATE ROLE owner_of_it LOGIN NOSUPERUSER")
    await conn.execute("CREATE DATABASE owned OWNER owner_of_it")
    await conn.close()
    return server.dsn.replace("liandong@/liandong?", "owner_of_it@/owned?")


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg"])
def test_the_service_runs_on_a_server_of_ones_own(
    tmp_path: Path, owned_database: str, workers: str, scheme: str
) -> None:
    url = owned_database.replace("postgresql", scheme, 1)

    with scratch(tmp_path) as data, serving(data, DATABASE_URL=url, LIANDONG_WORKERS=workers) as served:
        added = served.run(
            "organisations", "add", corpus.ORGANISATION, "某某局", "--role", "agency", "--region", "420106",
            "--field", "market",
        )  # fmt: skip
        made = served.run("clients", "add", corpus.ORGANISATION, "first")
        words = dict(line.split(maxsplit=1) for line in made.stdout.splitlines())
        with httpx.Client(base_url=served.address, trust_env=False) as http:
            token = http.post(
                "/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=(words["client_id"], words["client_secret"]),
            ).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            pushed = http.post("/v1/records/penalty", json=corpus.penalty(1), headers=headers)
            pulled = http.get("/v1/changes?wait=10", headers=headers)

    assert added.returncode == 0, added.stderr
    assert not (data / "demo-clients.json").exists()
    assert pushed.status_code == 201
    assert pulled.json()["items"][0]["id"] == pushed.json()["id"]


def test_a_server_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    known = {name: value for name, value in os.environ.items() if not name.startswith("LIANDONG_")}
    environ = known | {
        "DATABASE_URL": "postgresql://somebody:a-secret@127.0.0.1:1/liandong",
        "LIANDONG_DATA": str(tmp_path),
        "LIANDONG_PORT": "0",
        "PYTHONPATH": str(CHECKOUT),
    }

    refused_port = _serve(environ)
    refused_server = _serve(environ | {"LIANDONG_PORT": "18765"})

    assert refused_port.returncode == 1
    assert "LIANDONG_PORT" in refused_port.stderr
    assert refused_server.returncode == 1
    assert "DATABASE_URL" in refused_server.stderr
    assert "a-secret" not in refused_server.stderr
    assert "Traceback" not in refused_server.stderr


def _serve(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "app", "serve"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
