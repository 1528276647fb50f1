"""Where this service keeps its files, by its settings."""

from __future__ import annotations

from app.exchange.bucket import Bucket, BucketVault
from app.exchange.shelf import Shelf
from app.exchange.vault import DiskVault, Vault
from app.secret_files import kept_key
from app.settings import Settings

_DIGITS = 16


def shelf_of(settings: Settings) -> Shelf:
    """The shelf in the data folder; its id was drawn when it was first asked for. Raises SecretDamaged."""
    return Shelf(settings.files, kept_key(settings.data / "keys" / "shelf.key").hex()[:_DIGITS])


def vault_of(settings: Settings) -> Vault:
    """Where attachments are kept: the bucket the settings name, else a folder in the data folder."""
    bucket = bucket_of(settings)
    return DiskVault(settings.data / "attachments") if bucket is None else bucket


def bucket_of(settings: Settings) -> BucketVault | None:
    """The bucket the settings name, if they name one."""
    s3 = settings.s3
    if s3 is None:
        return None
    bucket = Bucket(s3.endpoint, s3.bucket, s3.region, s3.access_key, s3.secret_key)
    return BucketVault.opened(bucket, settings.data / "spool")
