"""The tables. `migrations/` makes them; `alembic check` proves that this is what it makes.

Append-only: version, event, withdrawal, entry, feed, node_history, trail, holiday_notice, adopted_law, file_row,
attachment, attachment_of: a trigger refuses to change or delete there. Rewritten in place: record (a thin head),
wording (what it is found by), involved (who acts in it), link (what it refers to), node (what holds now), sequencer
(how far positions are given), follower (how far ties were looked at), file (how far it was taken in). Forgotten after
a time: kept_answer, kept_answer_part.
The schema `jobs` is pgqueuer's own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType


class Xid8(UserDefinedType[int]):
    """PostgreSQL's xid8: a transaction id that does not wrap around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:  # noqa: ANN401 – the framework's signature
        return "XID8"


ischema_names["xid8"] = Xid8

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def _moment(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _words(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable)


organisation = Table(
    "organisation",
    metadata,
    Column("code", Text, primary_key=True),
    _words("name"),
    _words("role"),
    _words("region"),
    _words("field", nullable=True),
    _moment("created_at"),
)

client = Table(
    "client",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organisation", Text, ForeignKey("organisation.code"), nullable=False),
    # The secret is 256 random bits, so a plain digest cannot be searched back; people's passwords are another matter.
    _words("secret_digest"),
    _moment("created_at"),
    _moment("disabled_at", nullable=True),
)

record = Table(
    "record",
    metadata,
    Column("id", Uuid, primary_key=True),
    _words("record_type"),
    _words("organisation"),
    _words("source_id"),
    _words("region"),
    _words("field"),
    _words("document_no", nullable=True),
    Column("version", Integer, nullable=False),
    _words("state"),
    _words("digest"),
    _moment("received_at"),
    # Counts every change to what is held of the record: who prepared a change can tell whether another came first.
    Column("revision", Integer, nullable=False, server_default=text("1")),
    _words("party_code", nullable=True),
    Column("decided_on", Date, nullable=True),
    # In this order the index also serves who knows nothing but the sender's number.
    UniqueConstraint("record_type", "source_id", "organisation"),
    # Lists are in the order of receipt, which is that of the ids, or of the decisions; see store/search.py.
    Index(None, "record_type", "organisation", "id"),
    Index(None, "record_type", "organisation", "decided_on", "id"),
    Index(None, "record_type", "region", "id"),
    Index(None, "record_type", "region", "decided_on", "id"),
    Index(None, "record_type", "state", "region", "id"),
    Index(None, "record_type", "field", "region", "id"),
    Index(None, "party_code", "id"),
    Index(None, "document_no", "id"),
)

version = Table(
    "version",
    metadata,
    Column("record_id", Uuid, ForeignKey("record.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    _words("payload"),
    _words("digest"),
    _words("warnings"),
    _words("client_id"),
    _moment("received_at"),
    # Why it replaced the version before it; null for the first.
    _words("reason", nullable=True),
    # Since when we have been told of the dates it states, where that is not since this version; null for the first.
    _words("stated_since", nullable=True),
)

event = Table(
    "event",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("record_id", Uuid, ForeignKey("record.id"), nullable=False),
    _words("event"),
    _words("identity"),
    _words("payload"),
    _words("party"),
    _words("client_id"),
    _moment("received_at"),
    # Nobody's where another record brought it about, which `caused_by` then names.
    _words("organisation"),
    Column("caused_by", Uuid, ForeignKey("record.id"), nullable=True),
    UniqueConstraint("record_id", "identity"),
    Index(None, "caused_by", postgresql_where=text("caused_by IS NOT NULL")),
)

# Who acts in a record beside the organisation that reported it, and may therefore read it.
involved = Table(
    "involved",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("record_type", Text, primary_key=True),
    Column("record_id", Uuid, ForeignKey("record.id"), primary_key=True),
    Index(None, "record_id"),
)

# What the version that holds refers to, held already or not.
link = Table(
    "link",
    metadata,
    Column("record_id", Uuid, ForeignKey("record.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    _words("rel"),
    _words("record_type"),
    _words("organisation"),
    _words("source_id"),
    Index(None, "record_type", "source_id", "organisation"),
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("record_id", Uuid, ForeignKey("record.id"), nullable=False),
    # Null: the record itself was withdrawn.
    Column("event_id", Uuid, ForeignKey("event.id"), nullable=True),
    _words("reason"),
    _words("client_id"),
    _moment("received_at"),
    UniqueConstraint("record_id", "event_id", postgresql_nulls_not_distinct=True),
)

wording = Table(
    "wording",
    metadata,
    Column("record_id", Uuid, ForeignKey("record.id"), primary_key=True),
    _words("party_name", nullable=True),
    Column("party_is_person", Boolean, nullable=False),
    # What everybody may search, and what only those who are shown who persons are; of the version that holds now.
    _words("words"),
    _words("personal_words"),
    # What a masked reader sees nowhere: the words of all versions by class, as a JSON object of arrays.
    _words("unseen"),
    Index("wording_grams_idx", text("grams(words, personal_words)"), postgresql_using="gin"),
)

node = Table(
    "node",
    metadata,
    Column("record_id", Uuid, ForeignKey("record.id"), primary_key=True),
    Column("node", Text, primary_key=True),
    _words("record_type"),
    _words("organisation"),
    _words("region"),
    _words("field"),
    _words("responsible"),
    _moment("due_at", nullable=True),
    _moment("warn_at", nullable=True),
    Column("is_done", Boolean, nullable=False),
    # open, done, done_late, paused or waived: the part of its state that does not depend on the moment.
    _words("standing"),
    _words("duty"),
    # Who acts (agency, police, procuratorate, party, court), and whether it is a gate and no deadline.
    _words("role"),
    Column("advisory", Boolean, nullable=False),
    # Whether the law gives it a number; what has none is never late.
    Column("is_numbered", Boolean, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("done_on", Date, nullable=True),
    # When it next becomes due soon or overdue and that is to be written into the feed; null when there is nothing more.
    _moment("alarm_at", nullable=True),
    # The version of the law that it was computed by, or found to be the same by.
    _words("law"),
    # The event that met it; null too where it was met before this was kept and cannot be told.
    _words("done_by", nullable=True),
    Index(None, "record_type", "standing", "record_id", postgresql_include=["due_at", "warn_at"]),
    # Lists and figures (store/node_lists.py): by who reported it, by where and, of what others reported, by who owes
    # it. What is included is asked beside, so that rows are fetched for nothing but the page itself.
    *(
        Index(
            f"node_{column}_list_idx",
            column,
            "standing",
            "advisory",
            text("COALESCE(due_at, 'infinity'::timestamp with time zone)"),
            "record_id",
            "node",
            postgresql_where=text("responsible <> organisation") if column == "responsible" else None,
            postgresql_include=[
                *(name for name in ("organisation", "region") if name != column),
                "field",
                "record_type",
                "role",
                "is_numbered",
                "opened_on",
                "done_on",
                "due_at",
                "warn_at",
                "done_by",
            ],
        )
        for column in ("organisation", "region", "responsible")
    ),
    Index("node_alarm_idx", "alarm_at", "record_id", postgresql_where=text("alarm_at IS NOT NULL")),
    # What does not follow the law that holds is before or behind it.
    Index("node_law_idx", "law", "record_id", postgresql_where=text("standing NOT IN ('done', 'done_late')")),
)

node_history = Table(
    "node_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("record_id", Uuid, nullable=False),
    _words("node"),
    _moment("computed_at"),
    _words("law"),
    _words("cause"),
    _words("duty"),
    ForeignKeyConstraint(["record_id", "node"], ["node.record_id", "node.node"]),
    Index(None, "record_id", "node"),
)

holiday_notice = Table(
    "holiday_notice",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("year", Integer, nullable=False),
    # As it was given, in the words of calendar.toml; of two of one year the later counts.
    _words("notice"),
    _words("version"),
    _moment("added_at"),
)

adopted_law = Table(
    "adopted_law",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # The law that the release which adopted it was shipped with, and that law with the notices of this database.
    _words("release"),
    _words("version"),
    _moment("adopted_at"),
)

entry = Table(
    "entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    _words("kind"),
    Column("record_id", Uuid, ForeignKey("record.id"), nullable=False),
    Column("version", Integer, nullable=False),
    _words("digest"),
    Column("event_id", Uuid, ForeignKey("event.id"), nullable=True),
    _words("node", nullable=True),
    _moment("at"),
    CheckConstraint(
        "kind IN ('record', 'correction', 'withdrawal', 'event', 'event_withdrawal', 'node', 'disclosure')",
        name="kind",
    ),
    Index(None, "xid", "id"),
    Index(None, "record_id", "version"),
    Index(None, "event_id", postgresql_where=text("event_id IS NOT NULL")),
)

feed = Table(
    "feed",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, ForeignKey("entry.id"), nullable=False, unique=True),
)

sequencer = Table(
    "sequencer",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("epoch", Uuid, nullable=False),
    # Of the cluster in which the transaction ids were given; another one after a restore from a dump.
    Column("system_identifier", BigInteger, nullable=False),
    Column("watermark", Xid8, nullable=False),
    Column("head", BigInteger, nullable=False),
    CheckConstraint("one", name="one"),
)

follower = Table(
    "follower",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    # Of the feed: what stands before it needs no second look at the ties of its record.
    Column("position", BigInteger, nullable=False),
    CheckConstraint("one", name="one"),
)

kept_answer = Table(
    "kept_answer",
    metadata,
    Column("client_id", Text, primary_key=True),
    # Of the key and not the key itself: senders have put names into what should have been random.
    Column("key_digest", Text, primary_key=True),
    _words("fingerprint"),
    _moment("begun_at"),
    # Null as long as the request that came with the key has not been answered.
    Column("status", Integer, nullable=True),
    Index(None, "begun_at"),
)

kept_answer_part = Table(
    "kept_answer_part",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("key_digest", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["client_id", "key_digest"], ["kept_answer.client_id", "kept_answer.key_digest"], ondelete="CASCADE"
    ),
)

file = Table(
    "file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation", Text, ForeignKey("organisation.code"), nullable=False),
    _words("client_id"),
    # Whose folder has its bytes: services that share a database need not share a disk.
    _words("shelf"),
    _words("name"),
    _words("digest"),
    Column("bytes", BigInteger, nullable=False),
    _words("region", nullable=True),
    _words("field", nullable=True),
    _words("on_change"),
    _words("reason", nullable=True),
    _moment("received_at"),
    _words("state"),
    _words("record_type", nullable=True),
    _words("layout", nullable=True),
    _words("told"),
    Column("rows", Integer, nullable=True),
    Column("accepted", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    _words("warned"),
    # Begun since it last got on: a file that ends every process that takes it up is given up some day.
    Column("attempts", Integer, nullable=False),
    _moment("started_at", nullable=True),
    _moment("finished_at", nullable=True),
    _moment("cancelled_at", nullable=True),
    _words("cancelled_by", nullable=True),
    CheckConstraint("on_change IN ('reject', 'correct')", name="on_change"),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
    Index("file_organisation_idx", "organisation", "received_at", "id"),
    Index("file_state_idx", "shelf", "received_at", postgresql_where=text("state IN ('queued', 'running')")),
)

file_row = Table(
    "file_row",
    metadata,
    Column("file_id", Uuid, ForeignKey("file.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sheet", Integer, nullable=False),
    _words("sheet_name"),
    Column("line", Integer, nullable=False),
    _words("outcome"),
    Column("record_id", Uuid, nullable=True),
    Column("version", Integer, nullable=True),
    _words("faults", nullable=True),
    CheckConstraint("outcome IN ('accepted', 'repeated', 'rejected')", name="outcome"),
    Index("file_row_rejected_idx", "file_id", "number", postgresql_where=text("outcome = 'rejected'")),
    Index("file_row_record_id_idx", "record_id", postgresql_where=text("record_id IS NOT NULL")),
)

attachment = Table(
    "attachment",
    metadata,
    # Of its content, under which the content lies in the vault: once, whatever names it.
    Column("digest", Text, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    _words("media_type"),
    _moment("stored_at"),
    _words("client_id"),
)

# For which records the whole content was sent: who merely knows a digest is not given what others sent under it.
attachment_of = Table(
    "attachment_of",
    metadata,
    Column("record_id", Uuid, ForeignKey("record.id"), primary_key=True),
    Column("digest", Text, ForeignKey("attachment.digest"), primary_key=True),
    _words("media_type"),
    _moment("received_at"),
    _words("client_id"),
)

trail = Table(
    "trail",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _moment("at"),
    _words("client_id", nullable=True),
    _words("organisation", nullable=True),
    _words("role", nullable=True),
    _words("action"),
    _words("outcome"),
    _words("record_type", nullable=True),
    Column("record_id", Uuid, nullable=True),
    Column("version", Integer, nullable=True),
    _words("detail", nullable=True),
)
