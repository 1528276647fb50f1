"""A store that speaks S3, in a process of its own: SeaweedFS, the program itself, on a scratch folder."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import obstore
from obstore.exceptions import BaseError

from app.exchange.bucket import Bucket, store_of

PATIENCE_SECONDS = 60
SECRET = "a secret of the tests, not of anybody"
_SERVERS = ("master", "volume", "filer", "s3")


@contextmanager
def object_store(folder: Path) -> Iterator[Bucket]:
    """An empty bucket, and the keys of somebody who may read and write there and nowhere else."""
    first, *others = _free_ports(2 * len(_SERVERS))
    ports = dict(zip(_SERVERS, (first, *others[: len(_SERVERS) - 1]), strict=True))
    inner = dict(zip(_SERVERS, others[len(_SERVERS) - 1 :], strict=True))
    bucket = Bucket(f"http://127.0.0.1:{ports['s3']}", "attachments", "wuhan", "clerk", SECRET.replace(" ", "-"))
    owner = replace(bucket, access_key="owner")
    keys = folder / "keys.json"
    keys.write_text(json.dumps({"identities": [_may(owner, ""), _may(bucket, ":attachments")]}), encoding="utf-8")
    command = [
        *(f"{sysconfig.get_path('scripts')}/weed", "-logtostderr", "server", f"-dir={folder}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.config={keys}"),
        *(f"-{name}.port={port}" for name, port in ports.items()),
        *(f"-{name}.port.grpc={port}" for name, port in inner.items()),
        # Nothing is told to anybody, and nothing else listens.
        *("-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        *("-volume.max=4", "-master.volumeSizeLimitMB=256"),
    ]
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _make_bucket(owner, process, folder / "log")
        yield bucket
    finally:
        # Asked politely it takes half a minute to say goodbye to itself.
        process.kill()
        process.wait()
        for port in (*ports.values(), *inner.values()):
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _may(bucket: Bucket, where: str) -> dict[str, object]:
    actions = [f"{action}{where}" for action in ("Read", "Write", "List")]
    keys = {"accessKey": bucket.access_key, "secretKey": bucket.secret_key}
    return {"name": bucket.access_key, "credentials": [keys], "actions": actions if where else ["Admin", *actions]}


def _make_bucket(owner: Bucket, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the store answers. The first object of who may do everything makes its bucket."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            obstore.put(store_of(owner), "first", b"first")
            obstore.delete(store_of(owner), "first")
        except BaseError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the store did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


def _free_ports(count: int) -> list[int]:
    """Ports nobody listened on a moment ago, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
