"""The life of a transferred case: who may report what in which state, where it leads, and nothing else.

The table was written by hand from the texts, without looking at the steps of the type; how to read it stands in
tests/machines.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from schemas.lifecycle import Fact, History, Party, fold, lawful_events
from schemas.record import CLOCK_EVENTS
from schemas.transfer import Transfer
from tests.machines import Line, assert_as_written, lines_of, ways_of
from tests.transfers import opinion

# What differs from the plain course "reported, approved, sent, received, decided":
# - An opinion of the procuratorate may come before any report of the agency, during it, and after its head refused; the
#   agency may send at once or let its head approve first.
# - What is lawful because something is late is so from the states in which it is late: there is no state "overdue".
# - A refusal is reviewed by the police that refused, and supervised by the procuratorate with or without a request. A
#   delay and a filing have branches of their own, for what follows from them differs.
# - Whoever was asked for the reason may do what was wanted instead: file, or withdraw.
TABLE = """
reported | agency | received -> reported
approved | agency | reported, opinion_issued -> approved
disapproved | agency | reported -> disapproved
opinion_issued | procuratorate | received, reported, disapproved -> opinion_issued
opinion_explained | agency | opinion_issued -> opinion_explained
sent | agency | approved, opinion_issued -> sent

received | police | sent, rerouted -> accepted
material_requested | police | accepted -> awaiting_material
material_supplied | agency | awaiting_material -> accepted
rerouted | police | accepted, awaiting_material -> rerouted
returned | police | accepted, awaiting_material -> returned
filed | police | accepted, awaiting_material -> filed
not_filed | police | accepted, awaiting_material -> not_filed
items_handed_over | agency, police | filed, investigating -> investigating
withdrawn | police | filed, investigating -> case_withdrawn

notified | police | filed, investigating -> = | brings filing_notified
notified | police | not_filed, review, review_upheld -> = | brings refusal_notified
notified | police | supervision, reason_pending, reason_review -> = | brings refusal_notified
notified | police | case_withdrawn -> = | brings withdrawal_notified

review_requested | agency | not_filed, case_withdrawn -> review
review_filed | police | review -> filed
review_upheld | police | review -> review_upheld

supervision_requested | agency | not_filed, review_upheld, case_withdrawn -> supervision
supervision_accepted | procuratorate | supervision, delay_supervision -> =
reason_required | procuratorate | not_filed, review_upheld, case_withdrawn, supervision -> reason_pending \
 | brings refusal_reason_required
reason_given | police | reason_pending -> reason_review
reason_accepted | procuratorate | reason_review -> supervision_closed | brings refusal_reason_accepted
answered | procuratorate | supervision_closed, closed -> =
filing_ordered | procuratorate | reason_review, delay_reason_review -> order_pending
filed | police | supervision, reason_pending, reason_review, order_pending, correction_issued -> filed
correction_issued | procuratorate | reason_pending -> = | late procuratorate_require_reason
correction_issued | procuratorate | order_pending -> correction_issued | late procuratorate_order_file

supervision_requested | agency | accepted, awaiting_material -> delay_supervision | late police_decided
reason_required | procuratorate | accepted, awaiting_material -> delay_reason_pending \
 | late police_decided, brings delay_reason_required
reason_required | procuratorate | delay_supervision -> delay_reason_pending | brings delay_reason_required
reason_given | police | delay_reason_pending -> delay_reason_review
reason_accepted | procuratorate | delay_reason_review -> accepted
correction_issued | procuratorate | delay_reason_pending -> = | late procuratorate_overdue_reason
filed | police | delay_supervision, delay_reason_pending, delay_reason_review -> filed
not_filed | police | delay_supervision, delay_reason_pending, delay_reason_review -> not_filed

reason_required | procuratorate | filed, investigating -> filing_reason_pending | brings filing_reason_required
reason_given | police | filing_reason_pending -> filing_reason_review
reason_accepted | procuratorate | filing_reason_review -> filed
withdrawn | police | filing_reason_pending, filing_reason_review -> case_withdrawn
withdrawal_ordered | procuratorate | filing_reason_review -> withdrawal_ordered
withdrawn | police | withdrawal_ordered, order_reviewed, order_upheld, order_rechecked, order_final -> case_withdrawn
order_review_requested | police | withdrawal_ordered -> order_reviewed
order_upheld | procuratorate | order_reviewed -> order_upheld | brings order_review_upheld
order_recheck_requested | police | order_upheld -> order_rechecked
order_upheld | procuratorate | order_rechecked -> order_final | brings order_recheck_upheld
order_revoked | procuratorate | order_reviewed, order_rechecked -> filed

urged | procuratorate | filed, investigating -> = | late procuratorate_urge
prosecuted | procuratorate | filed, investigating -> prosecuted
not_prosecuted | procuratorate | filed, investigating -> not_prosecuted
judged | procuratorate | prosecuted -> judged
handled | agency | not_filed, review_upheld, returned, case_withdrawn, supervision_closed -> closed
handled | agency | not_prosecuted, judged -> closed
"""

BEFORE_SENDING = ("received", "reported", "disapproved", "opinion_issued", "opinion_explained")
STATED = ("crime_suspected", "team_named", "materials_listed", "punishment_spared")
"""What nobody reports: dates of the record and what follows from its facts."""


WRITTEN = lines_of(TABLE)
WAYS = ways_of(WRITTEN)

# A copy goes with the transfer, from its approval on; one made late is told late.
COPIED = frozenset(WRITTEN) - frozenset(BEFORE_SENDING)


def expected(state: str, event: str) -> Line | None:
    """What the table says of an event in a state, None if it is refused."""
    if event in CLOCK_EVENTS:
        return Line(event, frozenset({"agency", "police", "procuratorate"}), None)
    if event in STATED:
        return Line(event, frozenset(), None)
    if event == "copied" and state in COPIED:
        return Line(event, frozenset({"agency"}), None)
    return WRITTEN[state].get(event)


FIRST = date(2026, 3, 2)


def run(*events: str, is_late: Callable[[str, str], bool] = lambda _node, _event: True) -> History:
    """What the events amount to, one a day; `is_late` tells of a node and an event whether it comes late."""
    facts = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(events)]
    return fold(Transfer.steps, facts, lambda node, fact, _before: is_late(node, fact.event))


def test_the_table_knows_every_state_and_event() -> None:
    states = {state for step in Transfer.steps for state in (*step.after, *([step.to] if step.to else []))}
    events = {line.event for lines in WRITTEN.values() for line in lines.values()}

    assert set(WAYS) == set(WRITTEN) == states
    assert events | {"copied", *CLOCK_EVENTS} == set(Transfer.events)
    assert set(STATED) == {step.event for step in Transfer.steps if not step.by}


@pytest.mark.parametrize("state", sorted(WRITTEN))
def test_in_each_state_every_event_moves_as_written_or_is_refused(state: str) -> None:
    assert run(*WAYS[state]).state == state
    for event in (*Transfer.events, *STATED):
        assert_as_written(run(*WAYS[state], event), state, expected(state, event), event)


@pytest.mark.parametrize("state", sorted(WRITTEN))
@pytest.mark.parametrize("party", Party)
def test_in_each_state_every_party_may_report_its_own_events_and_no_others(state: str, party: Party) -> None:
    lines = [expected(state, event) for event in Transfer.events]

    own = {line.event for line in lines if line is not None and party in line.by}

    assert set(lawful_events(Transfer.steps, state, party)) == own


@pytest.mark.parametrize(
    ("state", "line"), [(state, line) for state, lines in WRITTEN.items() for line in lines.values() if line.late]
)
def test_what_only_a_delay_makes_lawful_waits_until_that_duty_is_late(state: str, line: Line) -> None:
    way = (*WAYS[state], line.event)

    # What comes before it may need delays, too.
    refused = run(*way, is_late=lambda node, event: event != line.event or node != line.late)
    allowed = run(*way, is_late=lambda node, event: event != line.event or node == line.late)

    assert (refused.state, [one.event for one in refused.waiting]) == (state, [line.event])
    assert refused.contradictions == ()
    assert (allowed.state, allowed.waiting) == (line.to or state, ())


def test_no_other_step_asks_for_a_delay_and_each_names_a_duty() -> None:
    written = {
        (state, line.event, line.late) for state, lines in WRITTEN.items() for line in lines.values() if line.late
    }

    assert {(state, step.event, step.late) for step in Transfer.steps if step.late for state in step.after} == written
    assert {late for _, _, late in written} <= {node.id for node in Transfer.nodes}


# What happens on one day, told by bare dates


def on_one_day(*events: str, before: tuple[str, ...]) -> History:
    early = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(before)]
    return fold(Transfer.steps, [*early, *(Fact(event, date(2026, 3, 20)) for event in events)])


@pytest.mark.parametrize(
    ("events", "before", "brings"),
    [
        (("notified", "filed"), WAYS["accepted"], "filing_notified"),
        (("notified", "not_filed"), WAYS["accepted"], "refusal_notified"),
        (("notified", "review_filed"), WAYS["review"], "filing_notified"),
        (("notified", "review_upheld"), WAYS["review"], "refusal_notified"),
        (("notified", "withdrawn"), WAYS["investigating"], "withdrawal_notified"),
    ],
)
def test_of_one_day_the_decision_comes_first_and_then_its_notice(
    events: tuple[str, ...], before: tuple[str, ...], brings: str
) -> None:
    assert on_one_day(*events, before=before).applied[-1].event == brings


def test_of_one_day_the_items_come_after_the_notice_of_the_filing() -> None:
    found = on_one_day("items_handed_over", "notified", "filed", before=WAYS["accepted"])

    assert [one.event for one in found.applied[-4:]] == ["filed", "notified", "filing_notified", "items_handed_over"]


def test_police_that_receive_and_reroute_on_one_day_leave_the_case_with_others() -> None:
    found = on_one_day("received", "rerouted", before=WAYS["sent"])

    assert (found.state, found.waiting) == ("rerouted", ())


# What follows from the facts by themselves


@pytest.mark.parametrize(
    ("outcome", "follows"), [("guilty", []), ("exempt_from_punishment", [True]), ("not_guilty", [True]), (None, [])]
)
def test_a_judgment_leaves_the_case_to_the_agency_where_it_spares_punishment(
    outcome: str | None, follows: list[bool]
) -> None:
    judged = Fact("judged", FIRST, details={} if outcome is None else {"outcome": outcome})

    found = Transfer.model_validate(opinion()).implied([judged])

    assert [one.event == "punishment_spared" and one.day == FIRST for one in found] == follows
