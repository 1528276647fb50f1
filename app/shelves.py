"""Where this service keeps its files, by its settings."""

from __future__ import annotations

from app.exchange.shelf import Shelf
from app.secret_files import kept_key
from app.settings import Settings

_DIGITS = 16


def shelf_of(settings: Settings) -> Shelf:
    """The shelf in the data folder; its id was drawn when it was first asked for. Raises SecretDamaged."""
    return Shelf(settings.files, kept_key(settings.data / "keys" / "shelf.key").hex()[:_DIGITS])
