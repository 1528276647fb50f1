"""The committed copy of the contract: made from the application, compared with it in `./test`."""

from __future__ import annotations

import json
from pathlib import Path

from app.main import create_app
from app.settings import CHECKOUT, Settings

PATH = CHECKOUT / "openapi" / "openapi.json"


def current() -> str:
    """The document as the application would publish it now."""
    app = create_app(Settings.from_environment({}))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def is_current(path: Path = PATH) -> bool:
    """Whether the committed copy is what the application publishes."""
    return path.is_file() and path.read_text(encoding="utf-8") == current()


def write(path: Path = PATH) -> None:
    """Bring the committed copy up to date."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(current(), encoding="utf-8")
