"""Corrections and withdrawals, what lists are made by, and answers kept for those who ask with a key."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

CHANGES = (
    """
    ALTER TABLE record
        ADD COLUMN revision integer NOT NULL DEFAULT 1,
        ADD COLUMN party_code text,
        ADD COLUMN decided_on date
    """,
    "ALTER TABLE version ADD COLUMN reason text, ADD COLUMN stated_since text",
    """
    CREATE TABLE withdrawal (
        id uuid CONSTRAINT withdrawal_pkey PRIMARY KEY,
        record_id uuid NOT NULL CONSTRAINT withdrawal_record_id_fkey REFERENCES record (id),
        event_id uuid CONSTRAINT withdrawal_event_id_fkey REFERENCES event (id),
        reason text NOT NULL,
        client_id text NOT NULL,
        received_at timestamptz NOT NULL,
        CONSTRAINT withdrawal_record_id_event_id_key UNIQUE NULLS NOT DISTINCT (record_id, event_id)
    )
    """,
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER never_truncated BEFORE TRUNCATE ON withdrawal EXECUTE FUNCTION refuse_change()",
    "ALTER TABLE node ADD COLUMN standing text",
    # What was kept says it: a duty met on a later day than it was due was met late (limits in hours: a later moment).
    # The zone is an interval because PostgreSQL reads the text '+08' as eight hours west of Greenwich.
    """
    UPDATE node SET standing = CASE
        WHEN duty::jsonb ->> 'waived_at' IS NOT NULL THEN 'waived'
        WHEN duty::jsonb ->> 'done_at' IS NULL
            THEN CASE WHEN duty::jsonb ->> 'remaining' IS NULL THEN 'open' ELSE 'paused' END
        WHEN duty::jsonb ->> 'due_at' IS NULL THEN 'done'
        WHEN duty::jsonb -> 'limit' ->> 'unit' = 'hour' AND length(duty::jsonb ->> 'done_at') > 10
            THEN CASE WHEN (duty::jsonb ->> 'done_at')::timestamptz > (duty::jsonb ->> 'due_at')::timestamptz
                THEN 'done_late' ELSE 'done' END
        WHEN (CASE WHEN length(duty::jsonb ->> 'done_at') > 10
                THEN ((duty::jsonb ->> 'done_at')::timestamptz AT TIME ZONE INTERVAL '8 hours')::date
                ELSE (duty::jsonb ->> 'done_at')::date END)
            > ((duty::jsonb ->> 'due_at')::timestamptz AT TIME ZONE INTERVAL '8 hours')::date THEN 'done_late'
        ELSE 'done'
    END
    """,
    "ALTER TABLE node ALTER COLUMN standing SET NOT NULL",
    "ALTER TABLE entry DROP CONSTRAINT entry_kind_check",
    """
    ALTER TABLE entry ADD CONSTRAINT entry_kind_check CHECK (
        kind IN ('record', 'correction', 'withdrawal', 'event', 'event_withdrawal', 'node', 'disclosure')
    )
    """,
    "CREATE INDEX entry_event_id_idx ON entry (event_id) WHERE event_id IS NOT NULL",
    """
    CREATE TABLE kept_answer (
        client_id text NOT NULL,
        key_digest text NOT NULL,
        fingerprint text NOT NULL,
        begun_at timestamptz NOT NULL,
        status integer,
        CONSTRAINT kept_answer_pkey PRIMARY KEY (client_id, key_digest)
    )
    """,
    "CREATE INDEX kept_answer_begun_at_idx ON kept_answer (begun_at)",
    """
    CREATE TABLE kept_answer_part (
        client_id text NOT NULL,
        key_digest text NOT NULL,
        part integer NOT NULL,
        body bytea NOT NULL,
        CONSTRAINT kept_answer_part_pkey PRIMARY KEY (client_id, key_digest, part),
        CONSTRAINT kept_answer_part_client_id_fkey FOREIGN KEY (client_id, key_digest)
            REFERENCES kept_answer (client_id, key_digest) ON DELETE CASCADE
    )
    """,
)


def upgrade() -> None:
    """Widen what is there; no row that was taken in is changed but by what can be told from it."""
    for statement in CHANGES:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: what was taken in is never deleted."""
    raise RuntimeError("there is no way down: nothing that was taken in is ever deleted")
