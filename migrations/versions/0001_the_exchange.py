"""The exchange: organisations, records with their versions and events, nodes, the feed, the trail."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE organisation (
    code text CONSTRAINT organisation_pkey PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    region text NOT NULL,
    field text,
    created_at timestamptz NOT NULL
);

CREATE TABLE client (
    id text CONSTRAINT client_pkey PRIMARY KEY,
    organisation text NOT NULL CONSTRAINT client_organisation_fkey REFERENCES organisation (code),
    secret_digest text NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);

CREATE TABLE record (
    id uuid CONSTRAINT record_pkey PRIMARY KEY,
    record_type text NOT NULL,
    organisation text NOT NULL,
    source_id text NOT NULL,
    region text NOT NULL,
    field text NOT NULL,
    document_no text,
    version integer NOT NULL,
    state text NOT NULL,
    digest text NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT record_record_type_organisation_source_id_key UNIQUE (record_type, organisation, source_id)
);

CREATE TABLE version (
    record_id uuid NOT NULL CONSTRAINT version_record_id_fkey REFERENCES record (id),
    version integer NOT NULL,
    payload text NOT NULL,
    digest text NOT NULL,
    warnings text NOT NULL,
    client_id text NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT version_pkey PRIMARY KEY (record_id, version)
);

CREATE TABLE event (
    id uuid CONSTRAINT event_pkey PRIMARY KEY,
    record_id uuid NOT NULL CONSTRAINT event_record_id_fkey REFERENCES record (id),
    event text NOT NULL,
    identity text NOT NULL,
    payload text NOT NULL,
    party text NOT NULL,
    client_id text NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT event_record_id_identity_key UNIQUE (record_id, identity)
);

CREATE TABLE node (
    record_id uuid NOT NULL CONSTRAINT node_record_id_fkey REFERENCES record (id),
    node text NOT NULL,
    record_type text NOT NULL,
    organisation text NOT NULL,
    region text NOT NULL,
    field text NOT NULL,
    responsible text NOT NULL,
    due_at timestamptz,
    warn_at timestamptz,
    is_done boolean NOT NULL,
    duty text NOT NULL,
    CONSTRAINT node_pkey PRIMARY KEY (record_id, node)
);
CREATE INDEX node_open_idx ON node (due_at, record_id) WHERE NOT is_done;

CREATE TABLE node_history (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT node_history_pkey PRIMARY KEY,
    record_id uuid NOT NULL,
    node text NOT NULL,
    computed_at timestamptz NOT NULL,
    law text NOT NULL,
    cause text NOT NULL,
    duty text NOT NULL,
    CONSTRAINT node_history_record_id_fkey FOREIGN KEY (record_id, node) REFERENCES node (record_id, node)
);
CREATE INDEX node_history_record_id_node_idx ON node_history (record_id, node);

CREATE TABLE entry (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT entry_pkey PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    kind text NOT NULL CONSTRAINT entry_kind_check CHECK (kind IN ('record', 'event', 'node')),
    record_id uuid NOT NULL CONSTRAINT entry_record_id_fkey REFERENCES record (id),
    version integer NOT NULL,
    digest text NOT NULL,
    event_id uuid CONSTRAINT entry_event_id_fkey REFERENCES event (id),
    node text,
    at timestamptz NOT NULL
);
CREATE INDEX entry_xid_id_idx ON entry (xid, id);
CREATE INDEX entry_record_id_version_idx ON entry (record_id, version);

CREATE TABLE feed (
    position bigint CONSTRAINT feed_pkey PRIMARY KEY,
    entry_id bigint NOT NULL CONSTRAINT feed_entry_id_fkey REFERENCES entry (id),
    CONSTRAINT feed_entry_id_key UNIQUE (entry_id)
);

CREATE TABLE sequencer (
    one boolean DEFAULT true CONSTRAINT sequencer_pkey PRIMARY KEY CONSTRAINT sequencer_one_check CHECK (one),
    epoch uuid NOT NULL,
    system_identifier bigint NOT NULL,
    watermark xid8 NOT NULL,
    head bigint NOT NULL
);

CREATE TABLE trail (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT trail_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    client_id text,
    organisation text,
    role text,
    action text NOT NULL,
    outcome text NOT NULL,
    record_type text,
    record_id uuid,
    version integer,
    detail text
);
"""

# Who may write is a matter of roles; that nobody may rewrite is a matter of the tables themselves.
APPEND_ONLY = ("version", "event", "entry", "feed", "node_history", "trail")

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: nothing in it is changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""

# The only change an entry may see: a new transaction id after a restore, where another cluster counts anew.
RESTAMP_ONLY = """
CREATE FUNCTION refuse_change_but_restamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'xid' = to_jsonb(OLD) - 'xid' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: nothing in it is changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""

FIRST_EPOCH = """
INSERT INTO sequencer (epoch, system_identifier, watermark, head)
SELECT gen_random_uuid(), system_identifier, '0', 0 FROM pg_control_system();
"""


def upgrade() -> None:
    """Make the tables, their guards, and the first epoch of the log."""
    # One by one: the driver prepares what it is given, and only one statement can be prepared at a time.
    for statement in (*TABLES.strip().split(";\n"), REFUSE_CHANGE, RESTAMP_ONLY):
        op.execute(statement)
    for table in APPEND_ONLY:
        function = "refuse_change_but_restamp" if table == "entry" else "refuse_change"
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
        op.execute(f"CREATE TRIGGER never_truncated BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
    op.execute(FIRST_EPOCH)


def downgrade() -> None:
    """Refuse: what was taken in is never deleted."""
    raise RuntimeError("there is no way down: nothing that was taken in is ever deleted")
