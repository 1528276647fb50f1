"""The vault in a bucket of any store that speaks S3."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from app.exchange.vault import PIECE_BYTES, key_of
from app.refusals import Unavailable

if TYPE_CHECKING:
    # The library has the type for checkers alone.
    from obstore.store import S3Credential

_PART_BYTES = 8 * 1024 * 1024
_PARTS_AT_ONCE = 2
_PUTS_AT_ONCE = 4
"""A put holds its parts in memory: 64 MiB for all of them."""
_PROBE = "liandong-start"

_log = structlog.get_logger(__name__)


class BucketUnusable(Exception):
    """The bucket is not there, or not ours to write."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket and who may use it. The region is whatever the store signs with."""

    endpoint: str
    name: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    @property
    def host(self) -> str:
        """The host of the endpoint."""
        return urlsplit(self.endpoint).hostname or ""


@dataclass(frozen=True, slots=True)
class BucketVault:
    """Contents as objects `<ab>/<rest>` of the hexadecimal digest. An object is there whole or not at all."""

    scratch: Path
    store: S3Store
    turns: asyncio.Semaphore

    @classmethod
    def opened(cls, bucket: Bucket, scratch: Path) -> BucketVault:
        """A vault in this bucket; nothing is asked of it yet. `scratch`: a folder for what is arriving."""
        return cls(scratch, store_of(bucket), asyncio.Semaphore(_PUTS_AT_ONCE))

    async def put(self, digest: str, arrived: Path) -> None:
        """Send a file. Raises Unavailable."""
        async with self.turns:
            with _understood():
                await obstore.put_async(
                    self.store,
                    "/".join(key_of(digest)),
                    arrived,
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )

    async def read(self, digest: str) -> AsyncGenerator[bytes, None]:
        """The bytes of an object. Raises FileNotFoundError, Unavailable."""
        with _understood():
            found = await obstore.get_async(self.store, "/".join(key_of(digest)))
            async for piece in found.stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    async def probe(self) -> None:
        """Write a few bytes, to learn at the start what the first sender would be told.

        Raises BucketUnusable if that is refused. A store that does not answer may do so later: it is logged.
        """
        try:
            await obstore.put_async(self.store, _PROBE, b"liandong")
        except (FileNotFoundError, PermissionDeniedError, UnauthenticatedError) as refused:
            raise BucketUnusable(
                "LIANDONG_S3_BUCKET: the store refuses to write into the bucket; look at its name and the keys\n"
                "对象存储拒绝写入，请检查存储桶名称和密钥（LIANDONG_S3_BUCKET、LIANDONG_S3_ACCESS_KEY、"
                "LIANDONG_S3_SECRET_KEY）"
            ) from refused
        except BaseError as error:
            _log.warning("bucket.silent", error=type(error).__name__)


def store_of(bucket: Bucket) -> S3Store:
    """The bucket as the library takes it."""

    def keys() -> S3Credential:
        return {
            "access_key_id": bucket.access_key,
            "secret_access_key": bucket.secret_key,
            "token": None,
            "expires_at": None,
        }

    return S3Store(
        bucket.name,
        endpoint=bucket.endpoint,
        region=bucket.region,
        # Some stores know buckets only by a host of their own; then the endpoint has it.
        virtual_hosted_style_request=bucket.host.startswith(f"{bucket.name}."),
        # Not as settings of the store: those it shows when it is printed, and takes from AWS_… of the environment.
        credential_provider=keys,
        skip_signature=False,
        client_options={
            "allow_http": bucket.endpoint.startswith("http://"),
            # No proxy from the environment; that there is none can only be said by naming one and excepting the host.
            "proxy_url": "http://127.0.0.1:9",
            "proxy_excludes": bucket.host,
            "connect_timeout": "5s",
            # Of each read; a reader on a thin line may take long for the whole.
            "read_timeout": "30s",
            "timeout": "6h",
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
    )


@contextmanager
def _understood() -> Iterator[None]:
    """Let failures of the store leave as Unavailable: its own words hold addresses and what it was asked."""
    try:
        yield
    except BaseError as error:
        _log.error("bucket.failed", error=type(error).__name__)
        raise Unavailable(retry_after=5) from error
