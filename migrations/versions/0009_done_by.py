"""By which event a duty was met, for the list of duties and for what is counted by it.

Of the duties that are held it is told where only one event meets them, or where just one of those that do is said to
have happened on the day on which they were met; of the others nothing is told until their record changes. Their
computations say it too, as they would be written down now.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Left out are those that are met by what follows from other facts: paid in full, notified of which decision.
MET_BY = {
    "penalty_limit_check": "filed",
    "penalty_reporter_told": "reporter_told",
    "penalty_evidence_preserved": "evidence_handled",
    "penalty_notice": "notified",
    "penalty_hearing_invite": "hearing_invited",
    "penalty_legal_review": "legal_reviewed",
    "penalty_collective": "collectively_discussed",
    "penalty_crime_screen": "crime_screened",
    "penalty_simple_filed": "simple_filed",
    "penalty_served": "served",
    "penalty_published": "published",
    "penalty_published_amr": "published_amr",
    "penalty_entered": "entered",
    "penalty_copied": "copied_to_police_and_procuratorate",
    "penalty_cash_deposited": "cash_deposited",
    "penalty_court_enforce": "court_applied",
    "penalty_court_accept": "court_accepted",
    "penalty_court_ruled": "court_ruled",
    "penalty_publicity_withdrawn": "publicity_withdrawn",
    "penalty_closed": "closed",
    "transfer_team": "team_named",
    "transfer_report": "reported",
    "transfer_items_list": "materials_listed",
    "transfer_sent": "sent",
    "transfer_copied": "copied",
    "police_receipt": "received",
    "police_material_notice": "material_requested",
    "transfer_material_fixed": "material_supplied",
    "police_rerouted": "rerouted",
    "police_returned": "returned",
    "transfer_items_handover": "items_handed_over",
    "procuratorate_require_reason": "reason_given",
    "procuratorate_tell_agency": "answered",
    "procuratorate_order_file": "filed",
    "procuratorate_filing_reason": "reason_given",
    "procuratorate_order_withdraw": "withdrawn",
    "police_withdrawn": "withdrawal_notified",
    "transfer_admin_after": "handled",
    "penalty_clue_registered": "registered filed",
    "penalty_filed": "filed not_filed referred_out",
    "penalty_statement_window": "decided not_punished case_withdrawn",
    "penalty_hearing_request": "hearing_requested hearing_held decided not_punished case_withdrawn",
    "penalty_decided": "decided not_punished case_withdrawn referred_out",
    "penalty_published_gen": "published published_amr",
    "penalty_cash_handover": "cash_handed_over cash_deposited",
    "procuratorate_opinion_transfer": "sent opinion_explained",
    "transfer_approved": "approved disapproved",
    "police_decided": "filed not_filed",
    "transfer_recon_req": "review_requested supervision_requested handled",
    "police_recon_decided": "review_filed review_upheld",
    "transfer_supervise_req": "supervision_requested handled",
    "procuratorate_accept": "supervision_accepted reason_required",
    "procuratorate_overdue_reason": "reason_given filed not_filed",
    "procuratorate_correct": "filed not_filed reason_given",
    "procuratorate_urge": "urged prosecuted not_prosecuted withdrawn",
    "procuratorate_order_review": "order_upheld order_revoked",
    "police_review_req": "order_recheck_requested withdrawn",
}

# Where a record states a date itself, that says what no event does.
STATED = {
    "decided": "decided_on",
    "filed": "filed_on",
    "hearing_held": "hearing_on",
    "cash_handed_over": "cash_collected,handed_over_on",
    "cash_deposited": "cash_collected,deposited_on",
    "approved": "approved_at",
    "sent": "sent_at",
}

# A moment is told with its offset, a day without; both count by the day in Shanghai.
DAY = """
CREATE FUNCTION pg_temp.day(said text) RETURNS date LANGUAGE sql AS
$$ SELECT CASE WHEN said LIKE '%T%' THEN (said::timestamptz AT TIME ZONE 'Asia/Shanghai')::date ELSE said::date END $$
"""


def _values(pairs: dict[str, str]) -> str:
    return ", ".join(f"('{one}', '{other}')" for one, other in pairs.items())


TELL = f"""
WITH meets AS (
    SELECT node, string_to_array(events, ' ') AS events FROM (VALUES {_values(MET_BY)}) AS listed (node, events)
), met AS (
    SELECT node.record_id, node.node, node.done_on, meets.events
    FROM node JOIN meets USING (node)
    WHERE node.done_on IS NOT NULL
), said AS (
    SELECT met.record_id, met.node, event.event
    FROM met JOIN event ON event.record_id = met.record_id AND event.event = ANY (met.events)
    WHERE cardinality(met.events) > 1
        AND pg_temp.day(event.payload::json ->> 'occurred_at') = met.done_on
        AND NOT EXISTS (SELECT FROM withdrawal WHERE withdrawal.event_id = event.id)
    UNION
    SELECT met.record_id, met.node, stated.event
    FROM met
    JOIN (VALUES {_values(STATED)}) AS stated (event, path) ON stated.event = ANY (met.events)
    JOIN record ON record.id = met.record_id
    JOIN version ON version.record_id = record.id AND version.version = record.version
    WHERE cardinality(met.events) > 1
        AND pg_temp.day(version.payload::json #>> string_to_array(stated.path, ',')) = met.done_on
    UNION
    SELECT record_id, node, events[1] FROM met WHERE cardinality(events) = 1
), told AS (
    SELECT record_id, node, min(event) AS event FROM said GROUP BY record_id, node HAVING count(*) = 1
)
UPDATE node SET
    done_by = told.event,
    duty = regexp_replace(
        duty, '("done_at":"[^"]*")(,"done_by"\\:(null|"[^"]*"))?', '\\1,"done_by":"' || told.event || '"'
    )
FROM told
WHERE told.record_id = node.record_id AND told.node = node.node
"""  # noqa: S608 – words of our own

_LISTED = "standing, advisory, (COALESCE(due_at, 'infinity'::timestamp with time zone)), record_id, node"
_BESIDE = "field, record_type, role, is_numbered, opened_on, done_on, due_at, warn_at"


NO_INDEXES = "DROP INDEX node_organisation_list_idx, node_region_list_idx, node_responsible_list_idx"


def _indexes(beside: str) -> tuple[str, ...]:
    """The indexes of the lists, with what is asked beside."""
    return (
        f"CREATE INDEX node_organisation_list_idx ON node (organisation, {_LISTED}) INCLUDE (region, {beside})",
        f"CREATE INDEX node_region_list_idx ON node (region, {_LISTED}) INCLUDE (organisation, {beside})",
        (
            f"CREATE INDEX node_responsible_list_idx ON node (responsible, {_LISTED}) "
            f"INCLUDE (organisation, region, {beside}) WHERE responsible <> organisation"
        ),
    )


def upgrade() -> None:
    """Add the column, fill it as far as it can be told, and index it."""
    op.execute(NO_INDEXES)
    op.execute("ALTER TABLE node ADD COLUMN done_by text")
    for statement in (DAY, TELL, "DROP FUNCTION pg_temp.day", *_indexes(f"{_BESIDE}, done_by")):
        op.execute(statement)


def downgrade() -> None:
    """Forget it; what computations say of it does not matter to an older release."""
    for statement in (NO_INDEXES, "ALTER TABLE node DROP COLUMN done_by", *_indexes(_BESIDE)):
        op.execute(statement)
