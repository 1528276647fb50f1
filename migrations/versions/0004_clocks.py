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
    alarm_at = CASE WHEN node.standing = 'open' AND NOT (computed.duty ->> 'advisory')::boolean
        THEN coalesce(node.warn_at, node.due_at) END
FROM (SELECT record_id, node, duty::json AS duty FROM node) AS computed
WHERE computed.record_id = node.record_id AND computed.node = node.node
"""

# Two nodes may be extended or waived on one day; the identity of such an event says which it is about.
IDENTITIES = """
UPDATE event SET identity = identity || ':' || (payload::json ->> 'node')
WHERE event IN ('extended', 'suspended', 'resumed', 'waived')
    AND payload::json ->> 'node' IS NOT NULL AND NOT starts_with(identity, 'source_id:')
"""

NO_DEFAULTS = """
ALTER TABLE node
    ALTER COLUMN role DROP DEFAULT,
    ALTER COLUMN advisory DROP DEFAULT,
    ALTER COLUMN is_numbered DROP DEFAULT,
    ALTER COLUMN opened_on DROP DEFAULT,
    ALTER COLUMN law DROP DEFAULT
"""

_LISTED = "standing, advisory, (COALESCE(due_at, 'infinity'::timestamp with time zone)), record_id, node"
_BESIDE = "field, record_type, role, is_numbered, opened_on, done_on, due_at, warn_at"

INDEXES = (
    # Lists have indexes of their own now.
    "DROP INDEX node_open_idx",
    "CREATE INDEX node_alarm_idx ON node (alarm_at, record_id) WHERE alarm_at IS NOT NULL",
    f"CREATE INDEX node_organisation_list_idx ON node (organisation, {_LISTED}) INCLUDE (region, {_BESIDE})",
    f"CREATE INDEX node_region_list_idx ON node (region, {_LISTED}) INCLUDE (organisation, {_BESIDE})",
    (
        f"CREATE INDEX node_responsible_list_idx ON node (responsible, {_LISTED}) "
        f"INCLUDE (organisation, region, {_BESIDE}) WHERE responsible <> organisation"
    ),
)


def upgrade() -> None:
    """Add the columns, fill them from the computations, and index them."""
    identities = (
        "ALTER TABLE event DISABLE TRIGGER append_only",
        IDENTITIES,
        "ALTER TABLE event ENABLE TRIGGER append_only",
    )
    for statement in (COLUMNS, DAY, VALUES, "DROP FUNCTION pg_temp.day", NO_DEFAULTS, *INDEXES, *identities):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: what was taken in is never deleted."""
    raise RuntimeError("there is no way down: nothing that was taken in is ever deleted")
