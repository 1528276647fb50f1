"""The law in force: holiday notices that a site adds, which law duties follow, and how to find those that do not yet.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE holiday_notice (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT holiday_notice_pkey PRIMARY KEY,
        year integer NOT NULL,
        notice text NOT NULL,
        version text NOT NULL,
        added_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE adopted_law (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT adopted_law_pkey PRIMARY KEY,
        release text NOT NULL,
        version text NOT NULL,
        adopted_at timestamptz NOT NULL
    )
    """,
)

APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER never_truncated BEFORE TRUNCATE ON {} EXECUTE FUNCTION refuse_change()",
)

INDEX = "CREATE INDEX node_law_idx ON node (law, record_id) WHERE standing NOT IN ('done', 'done_late')"


def upgrade() -> None:
    """Add the tables, append-only, and the index."""
    for table in TABLES:
        op.execute(table)
    for table in ("holiday_notice", "adopted_law"):
        for trigger in APPEND_ONLY:
            op.execute(trigger.format(table))
    op.execute(INDEX)


def downgrade() -> None:
    """Refuse: what was taken in is never deleted."""
    raise RuntimeError("there is no way down: nothing that was taken in is ever deleted")
