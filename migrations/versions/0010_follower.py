"""How far the feed was gone over for ties of records that were pushed in the same instant.

It begins at the beginning: what was missed before is found.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table with its only row."""
    op.execute(
        "CREATE TABLE follower ("
        "one boolean DEFAULT true CONSTRAINT follower_pkey PRIMARY KEY CONSTRAINT follower_one_check CHECK (one), "
        "position bigint NOT NULL)"
    )
    op.execute("INSERT INTO follower (position) VALUES (0)")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE follower")
