"""Attachments: each content that is kept, and the records it was sent for.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE attachment (
        digest text CONSTRAINT attachment_pkey PRIMARY KEY,
        bytes bigint NOT NULL,
        media_type text NOT NULL,
        stored_at timestamptz NOT NULL,
        client_id text NOT NULL
    )
    """,
    """
    CREATE TABLE attachment_of (
        record_id uuid CONSTRAINT attachment_of_record_id_fkey REFERENCES record (id),
        digest text CONSTRAINT attachment_of_digest_fkey REFERENCES attachment (digest),
        media_type text NOT NULL,
        received_at timestamptz NOT NULL,
        client_id text NOT NULL,
        CONSTRAINT attachment_of_pkey PRIMARY KEY (record_id, digest)
    )
    """,
)

APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER never_truncated BEFORE TRUNCATE ON {} EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    """Add the tables, append-only."""
    for table in TABLES:
        op.execute(table)
    for name in ("attachment", "attachment_of"):
        for trigger in APPEND_ONLY:
            op.execute(trigger.format(name))


def downgrade() -> None:
    """Refuse: what was taken in is never deleted."""
    raise RuntimeError("there is no way down: nothing that was taken in is ever deleted")
