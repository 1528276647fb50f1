"""The words that a masked reader sees nowhere, by class: until now all of them told who a person is.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A row that is written anew enters every index again, and this one cuts the whole text into pairs of characters: it is
# made in one go instead.
NO_INDEX = "DROP INDEX wording_grams_idx"
INDEX = "CREATE INDEX wording_grams_idx ON wording USING gin (grams(words, personal_words))"

BY_CLASS = """
UPDATE wording SET unseen = CASE unseen WHEN '[]' THEN '{}' ELSE '{"personal": ' || unseen || '}' END
"""

# An older release masks all of them for everybody from whom anything is withheld.
IN_ONE = """
UPDATE wording SET unseen = (
    SELECT coalesce(json_agg(word ORDER BY length(word) DESC, word COLLATE "C"), '[]')::text
    FROM (
        SELECT DISTINCT word
        FROM json_each(unseen::json) AS class (kind, words), json_array_elements_text(class.words) AS listed (word)
    ) AS each
)
"""


def upgrade() -> None:
    """Say of the words that are kept that they are personal."""
    for statement in (NO_INDEX, BY_CLASS, INDEX):
        op.execute(statement)


def downgrade() -> None:
    """Forget what they tell."""
    for statement in (NO_INDEX, IN_ONE, INDEX):
        op.execute(statement)
