"""Records in which several organisations act, and that act on each other.

Who beside its reporter may read a record; who reported an event, or which record brought it about; to which other
records one is tied, whether they have arrived or not.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INVOLVED = (
    """
    CREATE TABLE involved (
        organisation text NOT NULL,
        record_type text NOT NULL,
        record_id uuid NOT NULL CONSTRAINT involved_record_id_fkey REFERENCES record (id),
        CONSTRAINT involved_pkey PRIMARY KEY (organisation, record_type, record_id)
    )
    """,
    "CREATE INDEX involved_record_id_idx ON involved (record_id)",
)

LINKS = (
    """
    CREATE TABLE link (
        record_id uuid NOT NULL CONSTRAINT link_record_id_fkey REFERENCES record (id),
        place integer NOT NULL,
        rel text NOT NULL,
        record_type text NOT NULL,
        organisation text NOT NULL,
        source_id text NOT NULL,
        CONSTRAINT link_pkey PRIMARY KEY (record_id, place)
    )
    """,
    "CREATE INDEX link_record_type_source_id_organisation_idx ON link (record_type, source_id, organisation)",
    """
    INSERT INTO link (record_id, place, rel, record_type, organisation, source_id)
    SELECT record.id, ref.place - 1, ref.said ->> 'rel', ref.said ->> 'record_type', ref.said ->> 'organisation',
        ref.said ->> 'source_id'
    FROM record
    JOIN version ON version.record_id = record.id AND version.version = record.version
    CROSS JOIN LATERAL json_array_elements(version.payload::json -> 'refs') WITH ORDINALITY AS ref (said, place)
    """,
)

# Until now every event was reported by the organisation of its client, and a client keeps its organisation.
REPORTERS = (
    "ALTER TABLE event ADD COLUMN organisation text NOT NULL DEFAULT ''",
    "ALTER TABLE event DISABLE TRIGGER append_only",
    "UPDATE event SET organisation = client.organisation FROM client WHERE client.id = event.client_id",
    "ALTER TABLE event ENABLE TRIGGER append_only",
    "ALTER TABLE event ALTER COLUMN organisation DROP DEFAULT",
    "ALTER TABLE event ADD COLUMN caused_by uuid CONSTRAINT event_caused_by_fkey REFERENCES record (id)",
    "CREATE INDEX event_caused_by_idx ON event (caused_by) WHERE caused_by IS NOT NULL",
)


def upgrade() -> None:
    """Tell who acts in a record and who reported what."""
    for statement in (*INVOLVED, *LINKS, *REPORTERS):
        op.execute(statement)


def downgrade() -> None:
    """Forget it."""
    op.execute("ALTER TABLE event DROP COLUMN caused_by, DROP COLUMN organisation")
    op.execute("DROP TABLE link")
    op.execute("DROP TABLE involved")
