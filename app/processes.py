"""What every process of the service does at its start."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys

import structlog


def end_with_parent(parent: int, by: signal.Signals = signal.SIGTERM) -> None:
    """End this process when the thread that made it ends, and at once if the process `parent` is gone already."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, by)
    if os.getppid() != parent:
        sys.exit(0)


def log_to_stderr() -> None:
    """Log lines as JSON to standard error, errors of libraries among them; no bodies, no query strings."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
