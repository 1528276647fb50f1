"""The life of a public-interest clue: who may report what in which state, where it leads, and nothing else.

The table was written by hand from the texts, without looking at the steps of the type; how to read it stands in
tests/machines.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.clue import Clue
from schemas.lifecycle import CAUSED_BY, SHANGHAI, Fact, History, Party, fold, lawful_events
from schemas.record import CLOCK_EVENTS
from tests.clues import CITY_PROCURATORATE, ECOLOGY, OTHER_PROCURATORATE, clue, found_in_its_work
from tests.machines import Line, Run, assert_as_written, assert_folds_to, lines_of, retold, runs, ways_of
from tests.transfers import MARKET, PROCURATORATE, organ

# What differs from the plain course "sent, registered, evaluated, filed, consulted, advised, followed up, sued":
# - What a procuratorate finds in its own work nobody sends. A clue is never returned to who gave it: what is missing is
#   asked for, and may be supplied whatever became of the clue.
# - A preliminary investigation is part of the evaluation: either may stand for both, and come in any order.
# - Whoever has a clue by rerouting (taken over) may not send it on, before or after its evaluation (art. 26), so that
#   both have states of their own; the superior may designate another in each. Filed, it is a case, which is handed on
#   and stays what it is (arts. 16 to 18, 79, 94); where it is reviewed whether to sue, the review begins anew.
# - A superior may set aside a decision not to file (art. 10). Apart from that what has ended stays so: 另行立案, and a
#   case of the other kind from the same clue, are records of their own.
# - There is no state "reply overdue" and none "suspended". The follow-up comes after the advice (art. 77) and need not
#   wait for the reply; a suit waits for the end of the time for putting things right (arts. 47, 81).
# - An agency may put things right at any time, and the case ends (arts. 74, 80): without consultation, and unadvised.
# - There may be several advices. Only with the last of them the case falls back to where there was none, so that one
#   that is revoked takes nothing from another.
# - Relatives who do not answer may be reached by a notice (art. 92). A notice runs out before a suit, whoever answers.
# - The government's claim is that of another plaintiff (arts. 90, 100); who gave the clue and the organ may tell of it.
# - Who appeals after another did changes nothing, nor does a second judgment of a case that was sent back. A judgment
#   by which nothing is to be enforced ends the case by 终结.
TABLE = """
sent | giver | received -> sent
registered | procuratorate | received, sent -> registered
rerouted | procuratorate | received, sent, registered, evaluated, preliminarily_investigated -> rerouted
registered | procuratorate | rerouted -> taken_over
designated | procuratorate | received, sent, registered, rerouted, taken_over -> rerouted
designated | procuratorate | evaluated, preliminarily_investigated, reevaluated -> rerouted

evaluated | procuratorate | registered -> evaluated
evaluated | procuratorate | taken_over -> reevaluated
evaluated | procuratorate | evaluated, preliminarily_investigated, reevaluated -> =
preliminarily_investigated | procuratorate | registered, evaluated -> preliminarily_investigated
preliminarily_investigated | procuratorate | taken_over -> reevaluated
preliminarily_investigated | procuratorate | preliminarily_investigated, reevaluated -> =

not_filed | procuratorate | evaluated, preliminarily_investigated, reevaluated -> not_filed
administrative_filed | procuratorate | evaluated, preliminarily_investigated, reevaluated -> administrative_filed
administrative_filed | procuratorate | not_filed -> administrative_filed
civil_filed | procuratorate | evaluated, preliminarily_investigated, reevaluated, not_filed -> civil_filed

consulted | procuratorate | administrative_filed -> consulting
consulted | procuratorate | consulting -> consulting
consulted | procuratorate | advice_decided, advice_served, replied, following_up -> =
rectified | procuratorate | administrative_filed, consulting -> rectified
rectified | procuratorate | advice_decided, advice_served, replied, following_up -> rectified
advice_decided | nobody | administrative_filed, consulting -> advice_decided
advice_served | nobody | administrative_filed, consulting, advice_decided -> advice_served
advice_replied | nobody | administrative_filed, consulting, advice_decided, advice_served -> replied
no_advice_left | nobody | advice_decided, advice_served, replied, following_up -> administrative_filed
followed_up | procuratorate | advice_served, replied -> following_up
followed_up | procuratorate | following_up -> =
sued | procuratorate | following_up -> sued | late clue_rectified

announced | procuratorate | civil_filed, relatives_asked, relatives_answered -> announced
relatives_asked | procuratorate | civil_filed -> relatives_asked
relatives_asked | procuratorate | relatives_asked, announced -> =
relatives_answered | procuratorate | relatives_asked -> relatives_answered | brings asked_relatives_answered
relatives_answered | procuratorate | relatives_answered, announced -> =
other_plaintiff_sued | procuratorate | civil_filed, announced, relatives_asked, relatives_answered -> other_plaintiff
other_plaintiff_sued | procuratorate | other_plaintiff, supported -> =
compensation_sued | agency, giver, procuratorate | civil_filed, announced -> other_plaintiff
compensation_sued | agency, giver, procuratorate | relatives_asked, relatives_answered -> other_plaintiff
supported | procuratorate | other_plaintiff -> supported
sued | procuratorate | announced -> sued | late clue_notice_civ
sued | procuratorate | relatives_answered -> sued

handed_on | procuratorate | following_up -> = | brings handed_on_to_sue
handed_on | procuratorate | announced, relatives_answered -> = | brings handed_on_to_sue_civil
handed_on | procuratorate | administrative_filed, consulting, advice_decided, advice_served, replied -> =
handed_on | procuratorate | civil_filed, relatives_asked, other_plaintiff, supported -> =

terminated | procuratorate | administrative_filed, consulting -> terminated
terminated | procuratorate | advice_decided, advice_served, replied, following_up -> terminated
terminated | procuratorate | civil_filed, announced, relatives_asked, relatives_answered -> terminated
terminated | procuratorate | other_plaintiff, supported -> terminated

judged | procuratorate | sued -> judged | brings first_judged
judged | procuratorate | appealed -> judged
judged | procuratorate | judged -> =
appealed | procuratorate | judged -> appealed
appealed | procuratorate | appealed -> =
suit_withdrawn | procuratorate | sued, appealed -> closed
enforced | procuratorate | judged -> closed
terminated | procuratorate | judged -> closed
"""

WRITTEN = lines_of(TABLE)
WAYS = ways_of(WRITTEN)

TOLD_BY_ADVICE = ("advice_decided", "advice_served", "advice_replied", "advice_revoked")
TOLD_BY_REQUESTS = ("assistance_requested", "assistance_given", "assistance_refused")
NOBODYS = (*TOLD_BY_ADVICE, *TOLD_BY_REQUESTS, "assessed", "no_advice_left")
"""What other records bring about here, what the record dates, and what follows from its facts."""
BROUGHT = ("asked_relatives_answered", "handed_on_to_sue", "handed_on_to_sue_civil", "first_judged")
"""What comes about with a step alone."""

PARTIES = frozenset({"procuratorate", "giver", "delegate"})
PROCURATORATES = frozenset({"procuratorate"})
CLAIMING = frozenset({"procuratorate", "giver", "agency"})

EVERY = frozenset(WRITTEN)
BEFORE_FILING = frozenset(
    {
        *("received", "sent", "registered", "rerouted", "taken_over"),
        *("evaluated", "preliminarily_investigated", "reevaluated"),
    }
)
ADVISED = frozenset({"advice_decided", "advice_served", "replied", "following_up"})
ADMINISTRATIVE = frozenset({"administrative_filed", "consulting"}) | ADVISED
CIVIL = frozenset({"civil_filed", "announced", "relatives_asked", "relatives_answered", "other_plaintiff", "supported"})
IN_COURT = frozenset({"sued", "judged", "appealed"})
ENDED = frozenset({"not_filed", "rectified", "terminated", "closed"})
DECIDED = ADMINISTRATIVE | CIVIL | IN_COURT | ENDED

NOTED = {
    "material_requested": (PROCURATORATES, BEFORE_FILING),
    "material_supplied": (frozenset({"giver"}), EVERY),
    "jurisdiction_reported": (PROCURATORATES, BEFORE_FILING),
    # Whoever has it may have others investigate, as soon as it was registered and while there is something to find out.
    "delegated": (
        PROCURATORATES,
        (BEFORE_FILING | ADMINISTRATIVE | CIVIL | IN_COURT) - {"received", "sent", "rerouted"},
    ),
    "delegation_answered": (frozenset({"delegate"}), EVERY - {"received", "sent"}),
    # Nothing says when the giver is told, so it may be told that others have the clue, too.
    "fed_back": (PROCURATORATES, EVERY - {"received", "sent", "registered"}),
    # No article of the civil chapter has the decision served.
    "served": (PROCURATORATES, ADMINISTRATIVE | {"rectified", "terminated"}),
    "concluded": (PROCURATORATES, ADMINISTRATIVE | CIVIL),
    "rectification_reported": (frozenset({"agency"}), ADMINISTRATIVE | IN_COURT | ENDED - {"not_filed"}),
    "suit_reported": (PROCURATORATES, IN_COURT | {"closed"}),
    "judgment_reported": (PROCURATORATES, frozenset({"judged", "appealed", "closed"})),
    "compensation_agreed": (CLAIMING, EVERY),
    "advice_revoked": (frozenset[str](), EVERY),
    "assessed": (frozenset[str](), EVERY),
    **{event: (frozenset[str](), EVERY) for event in TOLD_BY_REQUESTS},
    # What the organ owes for an advice is owed, and stopped, in the record of the advice.
    **dict.fromkeys(CLOCK_EVENTS, (PARTIES, EVERY)),
}
"""What moves nothing: by whom, in which states."""

ELSEWHERE = {
    **{event: frozenset[str]() for event in (*TOLD_BY_ADVICE, "no_advice_left")},
    "compensation_sued": CLAIMING,
}
"""What moves nothing where the table has no line for it."""

ALL = (*Clue.events, "assessed", "no_advice_left")


def expected(state: str, event: str) -> Line | None:
    """What the table says of an event in a state, None if it is refused."""
    if event in NOTED:
        by, states = NOTED[event]
        return Line(event, by, None) if state in states else None
    line = WRITTEN[state].get(event)
    if line is None and event in ELSEWHERE:
        return Line(event, ELSEWHERE[event], None)
    return line


FIRST = date(2026, 3, 2)


def run(*events: str, is_late: Callable[[str, str], bool] = lambda _node, _event: True) -> History:
    """What the events amount to, one a day; `is_late` tells of a node and an event whether it comes late."""
    facts = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(events)]
    return fold(Clue.steps, facts, lambda node, fact, _before: is_late(node, fact.event))


def test_the_table_knows_every_state_and_event() -> None:
    steps = Clue.steps
    states = {state for step in steps for state in (*step.after, *([step.to] if step.to else []))}
    events = {line.event for lines in WRITTEN.values() for line in lines.values()} | set(NOTED)

    assert set(WAYS) == set(WRITTEN) == states
    assert events == set(ALL)
    assert set(NOBODYS) == {step.event for step in steps if not step.by}
    assert set(BROUGHT) == {fact for step in steps for fact in step.brings} == set(Clue.facts) - set(NOBODYS)


@pytest.mark.parametrize("state", sorted(WRITTEN))
def test_in_each_state_every_event_moves_as_written_or_is_refused(state: str) -> None:
    assert run(*WAYS[state]).state == state
    for event in ALL:
        assert_as_written(run(*WAYS[state], event), state, expected(state, event), event)


@pytest.mark.parametrize("state", sorted(WRITTEN))
@pytest.mark.parametrize("party", Party)
def test_in_each_state_every_party_may_report_its_own_events_and_no_others(state: str, party: Party) -> None:
    lines = [expected(state, event) for event in ALL]

    own = {line.event for line in lines if line is not None and party in line.by}

    assert set(lawful_events(Clue.steps, state, party)) == own


@pytest.mark.parametrize(("state", "node"), [("following_up", "clue_rectified"), ("announced", "clue_notice_civ")])
def test_nobody_is_sued_before_there_was_time_for_others_to_act(state: str, node: str) -> None:
    way = (*WAYS[state], "sued")

    refused = run(*way, is_late=lambda of, event: event != "sued" or of != node)
    allowed = run(*way, is_late=lambda of, event: event != "sued" or of == node)

    assert (refused.state, [one.event for one in refused.waiting]) == (state, ["sued"])
    assert refused.contradictions == ()
    assert (allowed.state, allowed.waiting) == ("sued", ())


def test_no_other_step_asks_for_a_delay() -> None:
    late = {(state, step.event, step.late) for step in Clue.steps if step.late for state in step.after}

    assert late == {("following_up", "sued", "clue_rectified"), ("announced", "sued", "clue_notice_civ")}
    assert {"clue_rectified", "clue_notice_civ"} <= {node.id for node in Clue.nodes}


# What is refused, and what only waits


@pytest.mark.parametrize(
    ("way", "event"),
    [
        # It may not be sent on by whom it was sent to, whether it looked into it or not.
        (("sent", "rerouted", "registered"), "rerouted"),
        (("sent", "rerouted", "registered", "evaluated"), "rerouted"),
        (("sent", "rerouted", "registered", "preliminarily_investigated"), "rerouted"),
        # What is a case is handed on, and no clue any more.
        (("registered", "evaluated", "administrative_filed"), "rerouted"),
        (("registered", "evaluated", "administrative_filed"), "designated"),
        (("registered", "evaluated", "administrative_filed"), "not_filed"),
        (("registered", "evaluated", "administrative_filed"), "civil_filed"),
        (("registered", "evaluated", "civil_filed"), "consulted"),
        (("registered", "evaluated", "not_filed"), "evaluated"),
        (("registered", "evaluated", "civil_filed", "announced"), "sent"),
    ],
)
def test_what_can_never_follow_is_a_contradiction(way: tuple[str, ...], event: str) -> None:
    found = run(*way, event)

    assert [one.fact.event for one in found.contradictions] == [event]


@pytest.mark.parametrize(
    ("way", "event"),
    [
        # An evaluation before the registration, a decision before the evaluation.
        (("sent",), "evaluated"),
        (("sent", "registered"), "administrative_filed"),
        (("sent", "rerouted"), "evaluated"),
        # A suit without advice, without a notice; a judgment without a suit.
        (("registered", "evaluated", "administrative_filed"), "sued"),
        (("registered", "evaluated", "administrative_filed", "advice_served"), "sued"),
        (("registered", "evaluated", "civil_filed"), "sued"),
        (("registered", "evaluated", "civil_filed", "relatives_asked"), "sued"),
        (("registered", "evaluated", "civil_filed", "announced"), "judged"),
        (("registered", "evaluated", "administrative_filed", "advice_served", "followed_up"), "judged"),
        # A follow-up without advice.
        (("registered", "evaluated", "administrative_filed"), "followed_up"),
        (("registered", "evaluated", "civil_filed"), "supported"),
        (("registered", "evaluated", "civil_filed"), "served"),
    ],
)
def test_what_lacks_its_predecessor_is_kept_and_moves_nothing(way: tuple[str, ...], event: str) -> None:
    found = run(*way, event)

    assert ([one.event for one in found.waiting], found.contradictions) == ([event], ())
    assert found.state == run(*way).state


ENDS = frozenset({"not_filed", "rectified", "terminated", "closed"})


@pytest.mark.parametrize("state", sorted(EVERY - ENDS))
def test_from_every_state_the_procuratorate_can_bring_it_to_an_end_by_itself(state: str) -> None:
    seen, edge = {state}, [state]
    while edge:
        at = edge.pop()
        onward = {step.to for step in Clue.steps if at in step.after and "procuratorate" in step.by and step.to}
        edge += sorted(onward - seen)
        seen |= onward

    assert seen & ENDS != set()


# What happens on one day, told by bare dates


def on_one_day(*events: str, before: tuple[str, ...]) -> History:
    early = [Fact(event, FIRST + timedelta(days=place)) for place, event in enumerate(before)]
    return fold(Clue.steps, [*early, *(Fact(event, date(2026, 3, 20)) for event in events)])


@pytest.mark.parametrize(
    ("events", "before", "state"),
    [
        (("registered", "sent"), "received", "registered"),
        (("administrative_filed", "evaluated", "registered"), "sent", "administrative_filed"),
        (("not_filed", "evaluated", "preliminarily_investigated"), "registered", "not_filed"),
        (("rerouted", "evaluated"), "registered", "rerouted"),
        (("designated", "jurisdiction_reported"), "taken_over", "rerouted"),
        (("rectified", "concluded", "rectification_reported", "consulted"), "administrative_filed", "rectified"),
        (("terminated", "concluded", "delegation_answered"), "civil_filed", "terminated"),
        (("terminated", "delegated"), "civil_filed", "terminated"),
        (("advice_served", "advice_decided", "concluded"), "consulting", "advice_served"),
        (("followed_up", "advice_replied"), "advice_served", "following_up"),
        (("no_advice_left", "advice_revoked", "advice_served"), "advice_decided", "administrative_filed"),
        (("announced", "concluded", "civil_filed"), "evaluated", "announced"),
        (("terminated", "compensation_agreed"), "announced", "terminated"),
        (("supported", "compensation_sued"), "announced", "supported"),
        (("suit_reported", "sued", "followed_up"), "replied", "sued"),
        (("judgment_reported", "judged"), "sued", "judged"),
    ],
)
def test_of_one_day_the_cause_comes_first(events: tuple[str, ...], before: str, state: str) -> None:
    found = on_one_day(*events, before=WAYS[before])

    assert (found.state, found.waiting, found.contradictions) == (state, (), ())


# However it was told, and whatever an advice tells

FILED = ("sent", "registered", "evaluated", "administrative_filed")
CIVILLY = ("registered", "evaluated", "civil_filed")
BEGINNINGS = (
    (),
    ("sent", "rerouted", "registered"),
    FILED,
    (*FILED, "advice_decided", "advice_served"),
    (*FILED, "consulted", "advice_served", "advice_replied", "followed_up"),
    (*FILED, "advice_served", "followed_up", "sued"),
    CIVILLY,
    (*CIVILLY, "announced"),
    (*CIVILLY, "relatives_asked", "relatives_answered"),
    (*CIVILLY, "announced", "sued", "judged"),
)
SELDOM = ("terminated", "rectified", "closed", "not_filed")
OWN, ANOTHER = "an advice", "another advice"


def _fact(event: str, when: date | datetime, place: int) -> Fact:
    details = {CAUSED_BY: OWN} if event in TOLD_BY_ADVICE else {}
    return Fact(event, when, stated_by=f"event:{place:02}", details=details)


RUNS = runs(Clue.steps, _fact, BEGINNINGS, SELDOM, brought=(*TOLD_BY_ADVICE, "no_advice_left"))
KEEPING_ITS_ADVICE = runs(Clue.steps, _fact, BEGINNINGS, SELDOM, brought=TOLD_BY_ADVICE[:3])
RECORD = Clue.model_validate(clue())


def amounts_to(told: Sequence[Fact]) -> History:
    """What the facts and what follows from them amount to."""
    return fold(Clue.steps, [*told, *RECORD.implied(told)])


@settings(max_examples=300, deadline=None)
@given(retold(RUNS))
def test_a_lawful_run_folds_to_the_same_however_often_and_in_whatever_order_it_is_told(
    course: tuple[Run, list[Fact]],
) -> None:
    run, heard = course

    found = fold(Clue.steps, heard)

    assert_folds_to(run, found)


@settings(max_examples=100, deadline=None)
@given(RUNS)
def test_a_run_that_was_told_in_part_never_contradicts_itself(run: Run) -> None:
    for told in (run.told[::2], run.told[1::2], run.told[-3:]):
        assert fold(Clue.steps, told).contradictions == ()


@st.composite
def told_by_advice(draw: st.DrawFn, run: Run, advice: str) -> Fact:
    """What an advice tells of itself, on a day of the run or on any other, by the day or the moment."""
    own = [fact.occurred_at for fact in run.told]
    days = st.dates(date(2025, 12, 1), date(2027, 12, 1))
    moments = days.map(lambda day: datetime(day.year, day.month, day.day, 15, 20, tzinfo=SHANGHAI))
    when = draw(st.one_of(st.sampled_from(own), days, moments) if own else st.one_of(days, moments))
    event = draw(st.sampled_from((*TOLD_BY_ADVICE, *TOLD_BY_REQUESTS)))
    return Fact(event, when, stated_by=f"event:{draw(st.uuids())}", details={CAUSED_BY: advice})


@settings(max_examples=300, deadline=None)
@given(
    KEEPING_ITS_ADVICE.flatmap(lambda run: st.tuples(st.just(run), st.lists(told_by_advice(run, ANOTHER), max_size=6)))
)
def test_what_another_advice_tells_contradicts_nothing_that_happened_and_holds_nothing_up(
    course: tuple[Run, list[Fact]],
) -> None:
    run, brought = course

    found = amounts_to([*run.told, *brought])

    assert (found.contradictions, found.waiting) == ((), ())
    assert {one.stated_by for one in found.applied} == {one.stated_by for one in [*run.told, *brought]}


@settings(max_examples=200, deadline=None)
@given(
    RUNS.flatmap(lambda run: st.tuples(st.just(run), st.lists(told_by_advice(run, OWN), max_size=4))),
    st.randoms(use_true_random=False),
)
def test_what_its_own_advice_tells_in_whatever_order_amounts_to_the_same_and_contradicts_nothing(
    course: tuple[Run, list[Fact]], random: object
) -> None:
    run, brought = course
    told = [*run.told, *brought]
    shuffled = sorted(told, key=lambda _: random.random())  # type: ignore[attr-defined]  # a random.Random

    found = amounts_to(told)

    assert found.contradictions == ()
    assert amounts_to(shuffled) == found
    for part in (told[::2], told[1::2], told[-3:]):
        assert amounts_to(part).contradictions == ()


# What follows from the facts by themselves


def of(advice: str, *events: str, first: date = FIRST) -> list[Fact]:
    """What an advice told, one a day."""
    return [
        Fact(event, first + timedelta(days=place), stated_by=f"event:{advice}:{event}", details={CAUSED_BY: advice})
        for place, event in enumerate(events)
    ]


CASE = [Fact(event, FIRST - timedelta(days=9 - place)) for place, event in enumerate(FILED)]


def test_once_its_only_advice_is_revoked_the_case_is_where_it_was() -> None:
    found = amounts_to([*CASE, *of(OWN, "advice_decided", "advice_served", "advice_revoked")])

    assert (found.state, found.waiting) == ("administrative_filed", ())
    assert found.applied[-1].event == "no_advice_left"


@pytest.mark.parametrize("begun", [-3, -1, 0, 1, 5])
def test_an_advice_that_is_revoked_takes_nothing_from_another(begun: int) -> None:
    revoked = of(OWN, "advice_decided", "advice_served", "advice_revoked")
    kept = of(ANOTHER, "advice_decided", "advice_served", first=FIRST + timedelta(days=begun))

    found = amounts_to([*CASE, *revoked, *kept])

    assert (found.state, found.waiting) == ("advice_served", ())


def test_the_case_falls_back_with_the_last_advice_however_many_there_were() -> None:
    one = of(OWN, "advice_decided", "advice_served", "advice_revoked")
    two = of(ANOTHER, "advice_decided", "advice_served", "advice_replied", "advice_revoked")

    told = [*CASE, *two, *one]

    assert [fact.stated_by for fact in RECORD.implied(told)] == ["event:another advice:advice_revoked"]
    assert amounts_to(told).state == "administrative_filed"
    assert amounts_to([*told, *of("a third", "advice_served", first=date(2026, 4, 1))]).state == "advice_served"


def test_nothing_follows_from_revoking_what_nobody_knows_of() -> None:
    assert [*RECORD.implied([*CASE, *of(OWN, "advice_revoked")])] == []


# Who acts, and who sees it


def to(event: str, code: str, day: int) -> Fact:
    """That this names another procuratorate."""
    return Fact(event, FIRST + timedelta(days=day), details={"to": organ(code)})


REROUTED = to("rerouted", OTHER_PROCURATORATE, 1)
DESIGNATED = to("designated", CITY_PROCURATORATE, 2)
DELEGATED = to("delegated", CITY_PROCURATORATE, 3)
HANDED_ON = to("handed_on", OTHER_PROCURATORATE, 4)


def test_a_clue_is_handled_by_its_addressee_and_given_by_whoever_reports_it() -> None:
    assert RECORD.parties() == {
        Party.PROCURATORATE: PROCURATORATE,
        Party.GIVER: ECOLOGY,
        Party.AGENCY: MARKET,
    }
    assert RECORD.owners() == {PROCURATORATE}


def test_what_a_procuratorate_finds_in_its_own_work_nobody_gave() -> None:
    own = Clue.model_validate(found_in_its_work(supervised_organ=None))

    assert own.parties() == {Party.PROCURATORATE: PROCURATORATE}
    assert set(own.involved(())) == {PROCURATORATE}


@pytest.mark.parametrize(
    ("facts", "handles"),
    [
        ([REROUTED], OTHER_PROCURATORATE),
        ([REROUTED, DESIGNATED], CITY_PROCURATORATE),
        ([REROUTED, DESIGNATED, DELEGATED], CITY_PROCURATORATE),
        ([HANDED_ON], OTHER_PROCURATORATE),
        ([DESIGNATED, HANDED_ON], OTHER_PROCURATORATE),
    ],
    ids=lambda one: "+".join(fact.event for fact in one) if isinstance(one, list) else "",
)
def test_it_is_handled_by_whom_it_was_given_to_last(facts: list[Fact], handles: str) -> None:
    assert RECORD.parties(facts)[Party.PROCURATORATE] == handles
    assert RECORD.party_of(handles, facts) == Party.PROCURATORATE
    assert RECORD.party_of(PROCURATORATE, facts) is None


def test_advice_of_whoever_handed_the_case_on_stands_and_that_of_who_only_had_the_clue_does_nothing() -> None:
    assert RECORD.owners([REROUTED]) == {OTHER_PROCURATORATE}
    assert RECORD.owners([REROUTED, DESIGNATED]) == {CITY_PROCURATORATE}
    assert RECORD.owners([HANDED_ON]) == {PROCURATORATE, OTHER_PROCURATORATE}
    assert RECORD.owners([DESIGNATED, HANDED_ON]) == {CITY_PROCURATORATE, OTHER_PROCURATORATE}
    assert RECORD.owners([DELEGATED]) == {PROCURATORATE}


@pytest.mark.parametrize(
    ("facts", "sees"),
    [
        ([], {PROCURATORATE}),
        ([Fact("administrative_filed", FIRST)], {PROCURATORATE}),
        ([Fact("advice_decided", FIRST)], {PROCURATORATE}),
        ([Fact("served", FIRST)], {PROCURATORATE, MARKET}),
        ([Fact("consulted", FIRST)], {PROCURATORATE, MARKET}),
        ([Fact("advice_served", FIRST)], {PROCURATORATE, MARKET}),
        ([REROUTED], {PROCURATORATE, OTHER_PROCURATORATE}),
        ([DESIGNATED], {PROCURATORATE, CITY_PROCURATORATE}),
        ([DELEGATED], {PROCURATORATE, CITY_PROCURATORATE}),
        ([HANDED_ON], {PROCURATORATE, OTHER_PROCURATORATE}),
    ],
    ids=lambda one: "+".join(fact.event for fact in one) if isinstance(one, list) else "",
)
def test_beside_the_giver_those_see_it_who_had_it_and_the_organ_once_it_was_told(
    facts: list[Fact], sees: set[str]
) -> None:
    assert set(RECORD.involved(facts)) == sees


def test_while_nobody_knows_which_organ_it_is_about_none_sees_it() -> None:
    unknown = Clue.model_validate(clue(supervised_organ=None))

    assert set(unknown.involved([Fact("served", FIRST)])) == {PROCURATORATE}
    assert Party.AGENCY not in unknown.parties()


def test_each_of_several_delegates_answers_for_itself() -> None:
    facts = [to("delegated", OTHER_PROCURATORATE, 1), to("delegated", CITY_PROCURATORATE, 2)]

    assert RECORD.parties(facts)[Party.DELEGATE] == CITY_PROCURATORATE
    assert RECORD.party_of(OTHER_PROCURATORATE, facts) == Party.DELEGATE
    assert RECORD.party_of(OTHER_PROCURATORATE, facts[1:]) is None
    # Who handles the case acts as that.
    assert RECORD.party_of(OTHER_PROCURATORATE, [*facts, HANDED_ON]) == Party.PROCURATORATE
