"""The exchange standard: what may be said, and what follows from it. The list of types is the table of contents."""

from __future__ import annotations

from collections.abc import Mapping

from .advice import Advice
from .assist_request import AssistRequest
from .clue import Clue
from .penalty import Penalty
from .record import Record
from .reverse_transfer import ReverseTransfer
from .transfer import Transfer

RECORD_TYPES: Mapping[str, type[Record]] = {
    "penalty": Penalty,
    "transfer": Transfer,
    "reverse_transfer": ReverseTransfer,
    "clue": Clue,
    "advice": Advice,
    "assist_request": AssistRequest,
}
"""All record types by name. Adding a type is adding a name here, and its file."""
