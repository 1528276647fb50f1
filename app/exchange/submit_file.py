"""Taking a file over: it is here whole and safe, and will be taken in beside the requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.callers import Caller
from app.exchange.shelf import Shelf
from app.refusals import BadParameter, TooManyRequests
from app.rules import access
from app.store import files, jobs, trail
from app.store.files import FileRow, OnChange
from app.store.ids import new_id
from app.store.trail import row_of
from schemas.codelists import codelist
from schemas.faults import Fault, pointer
from schemas.judging import judge_reason
from schemas.reading import is_clean
from schemas.receipt import canonical

MOST_NAME = 255
MOST_WAITING = 50
"""Files of one organisation: otherwise one could fill the disk and keep the others waiting."""
_NO_NAME = "未命名"
_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the sender says beside the file. `region` and `field`: of its records, the organisation's by default.

    `on_change`: a row that says something else than what is held under its identity is rejected, or corrects it for
    the `reason` given.
    """

    region: str | None = None
    field: str | None = None
    on_change: OnChange = "reject"
    reason: str | None = None


def wishes(caller: Caller, given: Sequence[tuple[str, str]]) -> Wishes:
    """Read what the sender says, name and text of each field. Raises BadParameter, with every fault."""
    said = dict(given)
    unknown = (name for name in said if name not in _NAMES)
    faults = [Fault(pointer(name) if is_clean(name) else "", "unknown-parameter") for name in unknown]
    faults += [Fault(f"/{name}", "unknown-parameter") for name in _NAMES if [one for one, _ in given].count(name) > 1]
    for name, known in (("region", "regions"), ("field", "fields")):
        if name in said and said[name] not in codelist(known):
            faults.append(Fault(f"/{name}", "unknown-code"))
    if "field" not in said and caller.field is None:
        faults.append(Fault("/field", "required"))
    if said.get("on_change", "reject") not in ("reject", "correct"):
        faults.append(Fault("/on_change", "unknown-code"))
    reason = None
    if said.get("on_change") == "correct":
        payload = {name: said[f"reason_{name}"] for name in ("code", "text") if f"reason_{name}" in said}
        read, found = judge_reason(payload)
        faults += [Fault("/reason_" + fault.pointer.removeprefix("/"), fault.code, fault.details) for fault in found]
        reason = None if read is None else canonical(payload).decode()
    if faults:
        raise BadParameter(faults)
    return Wishes(said.get("region"), said.get("field"), "correct" if reason is not None else "reject", reason)


_NAMES = ("region", "field", "on_change", "reason_code", "reason_text")


@dataclass(frozen=True, slots=True)
class Arrived:
    """An upload that is here whole since `now`. `digest`: SHA-256, in hexadecimal."""

    name: str
    content: IO[bytes]
    digest: str
    bytes: int
    now: datetime


async def submit_file(
    conn: AsyncConnection, shelf: Shelf, caller: Caller, arrived: Arrived, wished: Wishes, *, queued: bool = True
) -> FileRow:
    """Keep the upload and queue it, all in this transaction; without `queued` the caller takes it in itself.

    Raises RoleMayNot, TooManyRequests (too many files of the organisation are waiting).
    """
    access.may_push_at_all(caller)
    if await files.waiting(conn, caller.organisation) >= MOST_WAITING:
        raise TooManyRequests(retry_after=60)
    row = FileRow(
        id=new_id(arrived.now),
        organisation=caller.organisation,
        client_id=caller.client_id,
        shelf=shelf.id,
        name=shown_name(arrived.name),
        digest=f"sha-256:{arrived.digest}",
        bytes=arrived.bytes,
        region=wished.region,
        field=wished.field,
        on_change=wished.on_change,
        reason=wished.reason,
        received_at=arrived.now,
    )
    # The bytes first: bytes without a row are swept away some day, a row without bytes could never be taken in.
    shelf.put(arrived.content, row.id)
    await files.add(conn, row)
    if queued:
        await queue(conn, shelf, row.id)
    await trail.append(conn, row_of(caller, "file", arrived.now, detail=f"{row.id} bytes={row.bytes}"))
    return row


async def queue(conn: AsyncConnection, shelf: Shelf, file_id: UUID) -> None:
    """Have a file taken in by who has its bytes, from this transaction's commit on."""
    await jobs.enqueue(conn, jobs.importing(shelf.id), str(file_id))


def shown_name(name: str) -> str:
    """A file's name without folders and without characters that are not seen."""
    plain = _NOT_SHOWN.sub("", name.replace("\\", "/").rpartition("/")[2]).strip()
    return plain[:MOST_NAME] or _NO_NAME
