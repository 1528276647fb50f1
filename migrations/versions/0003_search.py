"""What records are found by: their words apart from who persons are, and an index for every filter."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

WORDING = """
CREATE TABLE wording (
    record_id uuid CONSTRAINT wording_pkey PRIMARY KEY
        CONSTRAINT wording_record_id_fkey REFERENCES record (id),
    party_name text,
    party_is_person boolean NOT NULL,
    words text NOT NULL,
    personal_words text NOT NULL,
    unseen text NOT NULL
)
"""

# Chinese has no blanks to part words by, so every two characters that stand together are one term, and a single
# character is the beginning of terms. Both halves of the pairs – from the first character on, from the second on –
# are cut by one regular expression each: to pair characters row by row takes twice the time. The separator stands
# in no text, for control characters are refused. A tsvector holds 2**20 bytes, which the longest text could exceed.
GRAMS = r"""
CREATE FUNCTION grams(words text, personal_words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
SELECT array_to_tsvector(array_remove(string_to_array(
    regexp_replace(small, '(..)', E'\\1\x01', 'g') || E'\x01' ||
    regexp_replace(substr(small, 2), '(..)', E'\\1\x01', 'g'), E'\x01'), ''))
FROM (
    SELECT left(lower((words || E'\n' || personal_words) COLLATE "C"), 130000) AS small OFFSET 0
) AS cut
$$
"""

# What came in before is told from what was sent: all of it penalties. As in app/rules/wording.py.
HEADS = """
UPDATE record SET
    party_code = upper(coalesce(payload::jsonb #>> '{party,credit_code}', payload::jsonb #>> '{party,id_no}')),
    decided_on = (payload::jsonb ->> 'decided_on')::date
FROM version WHERE version.record_id = record.id AND version.version = record.version
"""

CLEARED = """
CREATE FUNCTION pg_temp.cleared(line text, personal text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    word text;
BEGIN
    FOREACH word IN ARRAY personal LOOP
        line := replace(line, word, '***');
    END LOOP;
    RETURN line;
END
$$
"""

WORDS = r"""
INSERT INTO wording (record_id, party_name, party_is_person, words, personal_words, unseen)
WITH RECURSIVE content AS (
    SELECT id, payload::jsonb AS said, payload::jsonb #>> '{party,kind}' AS kind
    FROM record JOIN version ON version.record_id = record.id AND version.version = record.version
), inside (id, pointer, name, value) AS (
    SELECT id, '', '', said FROM content
    UNION ALL
    SELECT id, pointer || '/' || member.name, member.name, member.value
    FROM inside, LATERAL (
        SELECT key, value FROM jsonb_each(CASE jsonb_typeof(inside.value) WHEN 'object' THEN inside.value ELSE '{}' END)
        UNION ALL
        SELECT (place - 1)::text, value FROM jsonb_array_elements(
            CASE jsonb_typeof(inside.value) WHEN 'array' THEN inside.value ELSE '[]' END
        ) WITH ORDINALITY AS item (value, place)
    ) AS member (name, value)
), leaf AS (
    SELECT id, pointer, name, value #>> '{}' AS text, pointer = ANY (
        CASE kind WHEN 'natural_person' THEN '{/party/name,/party/registration_no}'::text[] ELSE '{}' END
        || CASE kind WHEN 'legal_person' THEN '{}'::text[] ELSE '{/party/tax_no}' END
        || '{/party/id_no,/party/legal_representative/name,/party/legal_representative/id_no}'::text[]
    ) AS is_personal
    FROM inside JOIN content USING (id) WHERE jsonb_typeof(value) = 'string'
), personal AS (
    SELECT id, array_agg(word ORDER BY length(word) DESC, word COLLATE "C") AS words
    FROM (
        SELECT DISTINCT id, word
        FROM leaf, unnest(ARRAY[text, upper(text), lower(text)]) AS word
        WHERE is_personal AND length(text) > 1
    ) AS writing
    GROUP BY id
), line AS (
    SELECT id, pointer, is_personal, replace(text, E'\n', ' ') AS whole,
        replace(pg_temp.cleared(text, coalesce(personal.words, '{}')), E'\n', ' ') AS seen
    FROM leaf LEFT JOIN personal USING (id)
    WHERE is_personal OR text !~ '^[A-Za-z0-9_.:+-]*$' OR name ~ '^(source_id|name|.*_no)$'
), titled AS (
    SELECT id, said #>> '{party,name}' AS name, kind = 'natural_person' AS is_person,
        CASE kind WHEN 'natural_person' THEN '' ELSE
            replace(pg_temp.cleared(said #>> '{party,name}', coalesce(personal.words, '{}')), E'\n', ' ')
        END AS first_line
    FROM content LEFT JOIN personal USING (id)
)
SELECT id, name, is_person,
    concat_ws(E'\n', first_line, (
        SELECT string_agg(seen, E'\n') FROM (
            SELECT seen FROM line WHERE line.id = titled.id AND NOT is_personal AND seen <> first_line
            GROUP BY seen ORDER BY min(pointer)
        ) AS open_line
    )),
    coalesce((
        SELECT string_agg(whole, E'\n') FROM (
            SELECT whole FROM line WHERE line.id = titled.id AND (is_personal OR seen <> whole)
            GROUP BY whole ORDER BY min(pointer)
        ) AS personal_line
    ), ''),
    coalesce((SELECT array_to_json(personal.words)::text FROM personal WHERE personal.id = titled.id), '[]')
FROM titled
"""

HEAD_INDEXES = (
    "record_type, organisation, id",
    "record_type, organisation, decided_on, id",
    "record_type, region, id",
    "record_type, region, decided_on, id",
    "record_type, state, region, id",
    "record_type, field, region, id",
    "party_code, id",
    "document_no, id",
)
NODE_INDEX = (
    "CREATE INDEX node_record_type_standing_record_id_idx"
    " ON node (record_type, standing, record_id) INCLUDE (due_at, warn_at)"
)
GRAMS_INDEX = "CREATE INDEX wording_grams_idx ON wording USING gin (grams(words, personal_words))"

# The identity in another order, so that its index also serves who knows nothing but the sender's number.
IDENTITY = """
ALTER TABLE record
    ADD CONSTRAINT record_record_type_source_id_organisation_key UNIQUE (record_type, source_id, organisation),
    DROP CONSTRAINT record_record_type_organisation_source_id_key
"""


def upgrade() -> None:
    """Make what is searched, and fill it from what was taken in."""
    for statement in (WORDING, GRAMS, HEADS, CLEARED, WORDS, "DROP FUNCTION pg_temp.cleared", IDENTITY):
        op.execute(statement)
    for columns in HEAD_INDEXES:
        op.execute(f"CREATE INDEX record_{columns.replace(', ', '_')}_idx ON record ({columns})")
    op.execute(NODE_INDEX)
    op.execute(GRAMS_INDEX)


def downgrade() -> None:
    """Refuse: what was taken in is never deleted."""
    raise RuntimeError("there is no way down: nothing that was taken in is ever deleted")
