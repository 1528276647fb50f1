"""What lists, figures and alarms of duties are made by.

Of the duties that are held, the day they were opened and met is read out of their computations. They bear no version of
the law, so that the service computes them anew when it starts.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE node
    ADD COLUMN role text NOT NULL DEFAULT '',
    ADD COLUMN advisory boolean NOT NULL DEFAULT false,
    ADD COLUMN is_numbered boolean NOT NULL DEFAULT false,
    ADD COLUMN opened_on date NOT NULL DEFAULT '-infinity',
    ADD COLUMN done_on date,
    ADD COLUMN alarm_at timestamptz,
    ADD COLUMN law text NOT NULL DEFAULT ''
"""

# A moment is told with its offset, a day without; both count by the day in Shanghai.
DAY = """
CREATE FUNCTION pg_temp.day(said text) RETURNS date LANGUAGE sql AS
$$ SELECT CASE WHEN said LIKE '%T%' THEN (said::timestamptz AT TIME ZONE 'Asia/Shanghai')::date ELSE said::date END $$
"""

VALUES = """
UPDATE node SET
    role = computed.duty ->> 'responsible_role',
    advisory = (computed.duty ->> 'advisory')::boolean,
    is_numbered = computed.duty -> 'limit' ->> 'amount' IS NOT NULL,
    opened_on = pg_temp.day(computed.duty ->> 'opened_at'),
    done_on = pg_temp.day(computed.duty ->> 'done_at'),
    alarm_at = CASE WHEN node.standing = 'open' THEN coalesce(node.warn_at, node.due_at) END
FROM (SELECT record_id, node, duty::json AS duty FROM node) AS computed
WHERE computed.record_id = node.record_id AND computed.node = node.node
"""

NO_DEFAULTS = """
ALTER TABLE node
    ALTER COLUMN role DROP DEFAULT,
    ALTER COLUMN advisory DROP DEFAULT,
    ALTER COLUMN is_numbered DROP DEFAULT,
    ALTER COLUMN opened_on DROP DEFAULT,
    ALTER COLUMN law DROP DEFAULT
"""

INDEXES = ("CREATE INDEX node_alarm_idx ON node (alarm_at, record_id) WHERE alarm_at IS NOT NULL",)


def upgrade() -> None:
    """Add the columns, fill them from the computations, and index them."""
    for statement in (COLUMNS, DAY, VALUES, "DROP FUNCTION pg_temp.day", NO_DEFAULTS, *INDEXES):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: what was taken in is never deleted."""
    raise RuntimeError("there is no way down: nothing that was taken in is ever deleted")
