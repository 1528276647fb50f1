"""Everything that is held of some records, read and written in a constant number of statements.

One record or four thousand: the statements are the same, with arrays for parameters. Nothing here asks once per
record, so that a batch costs the database little more per record than the rows themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import tables
from app.store.feed import Entry
from app.store.nodes import HistoryRow, NodeRow
from app.store.records import EventRow, RecordRow, VersionRow, WithdrawalRow
from app.store.search import WordingRow
from app.store.trail import TrailRow

Row = TypeVar("Row")
Identity = tuple[str, str, str]
"""record_type, organisation, source_id."""


class LostRace(Exception):
    """What was held when the change was decided has moved since: decide again."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """All that is held of one record; `version` is the one that holds now, `position` its place in the feed.

    `unseen`: the words that a masked reader sees nowhere, by class, as a JSON object. `involved`: who acts in it beside
    its reporter.
    """

    head: RecordRow
    version: VersionRow
    position: int | None
    events: tuple[EventRow, ...]
    withdrawals: tuple[WithdrawalRow, ...]
    nodes: tuple[NodeRow, ...]
    unseen: str
    involved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class InvolvedRow:
    """An organisation that acts in a record which another reported, and may therefore read it."""

    organisation: str
    record_type: str
    record_id: UUID


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A tie of a record to another one, which need not be held yet."""

    record_id: UUID
    place: int
    rel: str
    record_type: str
    organisation: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """The rows that one record gained, each table's in the order of their coming about. `id`: the record's.

    `head`: the head as it is to be, None if it stays as it is. `revision`: what the head's counter was when the
    change was decided, 0 for a record that was not held. `no_longer_involved`: who loses sight of it. `links`:
    all that the record refers to from now on, None if that stays as it is.
    """

    id: UUID
    revision: int
    head: RecordRow | None = None
    versions: tuple[VersionRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    withdrawals: tuple[WithdrawalRow, ...] = ()
    nodes: tuple[NodeRow, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    entries: tuple[Entry, ...] = ()
    wording: WordingRow | None = None
    trail: tuple[TrailRow, ...] = ()
    involved: tuple[InvolvedRow, ...] = ()
    no_longer_involved: tuple[InvolvedRow, ...] = ()
    links: tuple[LinkRow, ...] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records a change is about: by identity, by id, or some of each."""

    identities: Sequence[Identity] = ()
    ids: Sequence[UUID] = field(default=())


# Reading --------------------------------------------------------------------------------------------------------------

_HEADS = """
SELECT {} FROM record
WHERE id IN (
    SELECT record.id FROM unnest(CAST(:types AS text[]), CAST(:organisations AS text[]), CAST(:sources AS text[]))
        AS wanted (record_type, organisation, source_id)
    JOIN record USING (record_type, organisation, source_id)
    UNION
    SELECT unnest(CAST(:ids AS uuid[]))
)
ORDER BY id
""".format(", ".join(f"record.{one.name}" for one in fields(RecordRow)))  # noqa: S608 – columns of our own
_VERSIONS = """
SELECT version.*, (
    SELECT feed.position FROM entry JOIN feed ON feed.entry_id = entry.id
    WHERE entry.record_id = version.record_id AND entry.version = version.version
        AND entry.kind IN ('record', 'correction')
) AS position, wording.unseen, ARRAY(
    SELECT involved.organisation FROM involved WHERE involved.record_id = version.record_id
) AS involved
FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS int[])) AS wanted (record_id, version)
JOIN version USING (record_id, version)
JOIN wording USING (record_id)
"""
_EVENTS = "SELECT * FROM event WHERE record_id = ANY (CAST(:ids AS uuid[])) ORDER BY id"
_WITHDRAWALS = "SELECT * FROM withdrawal WHERE record_id = ANY (CAST(:ids AS uuid[])) ORDER BY id"
_NODES = "SELECT {} FROM node WHERE record_id = ANY (CAST(:ids AS uuid[])) ORDER BY node".format(  # noqa: S608
    ", ".join(one.name for one in fields(NodeRow))
)


async def load(conn: AsyncConnection, wanted: Wanted, *, lock: bool) -> list[HeldRow]:
    """What is held of the wanted records, in the order of their ids; with `lock`, nobody else changes it meanwhile.

    Locks are taken in the order of the ids, so that two batches about the same records wait and do not deadlock.
    """
    # The heads alone first: a row that had to be waited for is read as its last writer left it, and what belongs
    # to it is read afterwards, by a snapshot that sees what that writer did.
    statement = text(_HEADS + (" FOR UPDATE OF record" if lock else ""))
    types, organisations, sources = zip(*wanted.identities, strict=True) if wanted.identities else ((), (), ())
    found = await conn.execute(
        statement,
        {
            "types": list(types),
            "organisations": list(organisations),
            "sources": list(sources),
            "ids": list(wanted.ids),
        },
    )
    heads = [RecordRow(**row._mapping) for row in found]
    if not heads:
        return []
    ids = [head.id for head in heads]
    versions = await conn.execute(text(_VERSIONS), {"ids": ids, "numbers": [head.version for head in heads]})
    current = {row.record_id: dict(row._mapping) for row in versions}
    events = _by_record(await _rows(conn, _EVENTS, EventRow, ids))
    withdrawals = _by_record(await _rows(conn, _WITHDRAWALS, WithdrawalRow, ids))
    nodes = _by_record(await _rows(conn, _NODES, NodeRow, ids))
    held = []
    for head in heads:
        beside = {name: current[head.id].pop(name) for name in ("position", "unseen", "involved")}
        of = head.id
        held.append(
            HeldRow(
                head=head,
                version=VersionRow(**current[of]),
                position=beside["position"],
                events=tuple(events[of]),
                withdrawals=tuple(withdrawals[of]),
                nodes=tuple(nodes[of]),
                unseen=beside["unseen"],
                involved=frozenset(beside["involved"]),
            )
        )
    return held


async def _rows(conn: AsyncConnection, query: str, row: type[Row], ids: Sequence[UUID]) -> list[Row]:
    return [row(**one._mapping) for one in await conn.execute(text(query), {"ids": list(ids)})]


def _by_record(rows: Iterable[Any]) -> defaultdict[UUID, list[Any]]:
    by: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        by[row.record_id].append(row)
    return by


# Writing --------------------------------------------------------------------------------------------------------------


async def insist_on_revisions(conn: AsyncConnection, fresh: Sequence[Fresh]) -> None:
    """Lock what the changes are about, and raise LostRace if any of it has moved since they were decided.

    Also what nothing is added to: a repeat was one of what was held then.
    """
    expected = {one.id: one.revision for one in fresh if one.revision}
    query = "SELECT id, revision FROM record WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE"
    found = {row.id: row.revision for row in await conn.execute(text(query), {"ids": list(expected)})}
    if found != expected:
        raise LostRace


async def write(conn: AsyncConnection, fresh: Sequence[Fresh]) -> None:
    """Write down what records gained. Raises LostRace if the identity of a new one was taken meanwhile."""
    new = sorted((one.head for one in fresh if one.head and not one.revision), key=_identity)
    changed = [one.head for one in fresh if one.head and one.revision]
    # Sorted, so that two batches with the same new identities wait for each other in one direction only.
    if new and (await conn.execute(text(_INSERT_HEADS), _arrays("r", RecordRow, new))).rowcount < len(new):
        raise LostRace
    if changed:
        await conn.execute(text(_UPDATE_HEADS), _arrays("r", RecordRow, changed))
    rows: dict[str, Sequence[Any]] = {
        "version": [row for one in fresh for row in one.versions],
        "event": [row for one in fresh for row in one.events],
        "withdrawal": [row for one in fresh for row in one.withdrawals],
        "node": [row for one in fresh for row in one.nodes],
        "node_history": [row for one in fresh for row in one.history],
        "entry": [row for one in fresh for row in one.entries],
        "wording": [one.wording for one in fresh if one.wording],
        "trail": [row for one in fresh for row in one.trail],
        "involved": [row for one in fresh for row in one.involved],
        "link": [row for one in fresh for row in one.links or ()],
    }
    if relinked := [one.id for one in fresh if one.links is not None and one.revision]:
        await conn.execute(text("DELETE FROM link WHERE record_id = ANY (CAST(:ids AS uuid[]))"), {"ids": relinked})
    arrays: dict[str, object] = {}
    for name, row in _APPENDED.items():
        arrays |= _arrays(name, row, rows[name])
    await conn.execute(text(_APPEND), arrays)
    if gone := [row for one in fresh for row in one.no_longer_involved]:
        await conn.execute(text(_FORGET_INVOLVED), _arrays("g", InvolvedRow, gone))


def _identity(head: RecordRow) -> Identity:
    return head.record_type, head.organisation, head.source_id


_APPENDED: Mapping[str, type[Any]] = {
    "version": VersionRow,
    "event": EventRow,
    "withdrawal": WithdrawalRow,
    "node": NodeRow,
    "node_history": HistoryRow,
    "entry": Entry,
    "wording": WordingRow,
    "trail": TrailRow,
    "involved": InvolvedRow,
    "link": LinkRow,
}
_REWRITTEN = {"node": ("record_id", "node"), "wording": ("record_id",)}
# A row that is rewritten for another reason must not lose an alarm that has not been raised yet, nor raise one again.
_KEPT = {"alarm_at": "CASE WHEN node.duty = excluded.duty THEN node.alarm_at ELSE excluded.alarm_at END"}
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def _names(row: type[Any]) -> list[str]:
    return [one.name for one in fields(row)]


def _arrays(prefix: str, row: type[Any], rows: Sequence[Any]) -> dict[str, object]:
    return {f"{prefix}_{name}": [getattr(one, name) for one in rows] for name in _names(row)}


def _unnested(prefix: str, table: Table, row: type[Any]) -> str:
    """The rows of one table as a set, out of one array a column."""
    columns = [table.c[name] for name in _names(row)]
    arrays = ", ".join(f"CAST(:{prefix}_{one.name} AS {one.type.compile(_POSTGRESQL)}[])" for one in columns)
    return f"unnest({arrays}) AS given ({', '.join(one.name for one in columns)})"


def _insertion(prefix: str, table: Table, row: type[Any]) -> str:
    names = _names(row)
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM {_unnested(prefix, table, row)}"  # noqa: S608
    keys = _REWRITTEN.get(table.name)
    if keys is None:
        return statement
    rewritten = ", ".join(f"{name} = {_KEPT.get(name, f'excluded.{name}')}" for name in names if name not in keys)
    return f"{statement} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {rewritten}"


_INSERT_HEADS = _insertion("r", tables.record, RecordRow) + (
    " ON CONFLICT (record_type, organisation, source_id) DO NOTHING"
)
_UPDATE_HEADS = "UPDATE record SET {} FROM {} WHERE record.id = given.id".format(  # noqa: S608
    ", ".join(f"{name} = given.{name}" for name in _names(RecordRow) if name != "id"),
    _unnested("r", tables.record, RecordRow),
)
_FORGET_INVOLVED = "DELETE FROM involved USING {} WHERE {}".format(  # noqa: S608 – columns of our own
    _unnested("g", tables.involved, InvolvedRow),
    " AND ".join(f"involved.{name} = given.{name}" for name in _names(InvolvedRow)),
)
# One statement, one round trip: foreign keys among its tables are checked when it has ended.
_APPEND = "WITH {} SELECT".format(
    ", ".join(
        f"into_{name} AS ({_insertion(name, tables.metadata.tables[name], row)})" for name, row in _APPENDED.items()
    )
)
