"""Where the rules across the fields of a reverse transfer begin to speak, and where they keep silent.

That each of them speaks at all is shown by the worked examples; here are their edges.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from schemas.judging import judge
from schemas.lifecycle import Fact, Party
from schemas.reverse_transfer import ReverseTransfer
from tests.examples import TODAY, examples
from tests.reverse_transfers import CITY_JUSTICE, handed_over, not_issued, reverse_transfer
from tests.transfers import MARKET, POLICE, PROCURATORATE, organ

Json = dict[str, Any]
EXAMPLES = {one.file.removesuffix(".json"): one for one in examples("reverse_transfer")}
OPINION = ("addressee", "document_no", "violation_facts", "decision_no", "ground", "opinion")
HANDOVER = ("addressee", "document_no", "violation_facts")
DAYS_OF_THE_PROCURATORATE = ("not_prosecuted_on", "referred_on", "registered_on", "opinion_on", "served_on")
DAYS_OF_THE_POLICE = ("violation_found_on", "handed_over_on")


def found(payload: Json, today: date = TODAY) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in judge("reverse_transfer", payload, today).faults]


def codes(payload: Json) -> set[str]:
    return {code for _, code in found(payload)}


def record(payload: Json) -> ReverseTransfer:
    judged = judge("reverse_transfer", payload, TODAY).record
    assert isinstance(judged, ReverseTransfer)
    return judged


def without(*names: str) -> Json:
    """These members, to be taken out by a maker."""
    return dict.fromkeys(names)


def told(event: str, on: str, **more: object) -> Json:
    return {"event": event, "occurred_at": on, **more}


# --- what a rule is -------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [reverse_transfer, not_issued, handed_over])
def test_what_the_tests_are_made_of_is_valid_as_it_stands(make: Any) -> None:  # noqa: ANN401 – a maker
    assert found(make()) == []
    assert found(make(7)) == []
    assert make(7)["source_id"] != make(8)["source_id"]


# --- whole, once it goes to the agency ------------------------------------------------------------


def test_nothing_is_asked_of_the_opinion_before_there_is_one() -> None:
    bare = not_issued(decision_no=None, ground=None)

    assert found(bare) == []
    assert found(bare | {"referred_on": "2026-09-03", "registered_on": "2026-09-04"}) == []


@pytest.mark.parametrize("day", [{"opinion_on": "2026-09-17"}, {"opinion_on": "2026-09-17", "served_on": "2026-09-18"}])
def test_everything_an_opinion_lacks_is_told_at_once(day: Json) -> None:
    begun = not_issued(decision_no=None, ground=None, referred_on="2026-09-03", registered_on="2026-09-04")

    assert set(found(begun | day)) == {
        *((f"/{name}", "required-from-handover") for name in HANDOVER),
        *((f"/{name}", "required-from-opinion") for name in OPINION if name not in HANDOVER),
    }


@pytest.mark.parametrize(
    ("event", "untold"), [("opinion_issued", ("opinion_on", "served_on")), ("served", ("served_on",))]
)
def test_an_opinion_may_be_told_by_an_event_and_is_whole_all_the_same(event: str, untold: tuple[str, ...]) -> None:
    by_event = reverse_transfer(**without(*untold), events=[told(event, "2026-09-18")])

    assert found(by_event) == []
    assert found(by_event | {"opinion": None}) == [("/opinion", "required-from-opinion")]


def test_the_police_are_asked_for_nothing_that_only_an_opinion_has() -> None:
    bare = handed_over(**without(*HANDOVER))

    assert set(found(bare)) == {(f"/{name}", "required-from-handover") for name in HANDOVER}


def test_the_police_may_tell_of_the_handover_by_an_event() -> None:
    begun = handed_over(handed_over_on=None, **without(*HANDOVER))

    assert found(begun) == []
    assert codes(begun | {"events": [told("handed_over", "2026-09-16")]}) == {"required-from-handover"}


# --- who acts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DAYS_OF_THE_PROCURATORATE)
def test_the_police_tell_none_of_the_procuratorates_days(name: str) -> None:
    assert found(handed_over() | {name: "2026-09-16"}) == [(f"/{name}", "not-the-openers")]


@pytest.mark.parametrize("name", DAYS_OF_THE_POLICE)
@pytest.mark.parametrize("opened_by", [None, "procuratorate"])
def test_the_procuratorate_tells_none_of_the_days_of_the_police(name: str, opened_by: str | None) -> None:
    assert found(reverse_transfer(opened_by=opened_by) | {name: "2026-09-16"}) == [(f"/{name}", "not-the-openers")]


def test_left_out_the_opener_is_the_procuratorate() -> None:
    assert found(reverse_transfer(opened_by="procuratorate")) == []
    assert record(reverse_transfer()).pushers() == (Party.PROCURATORATE,)
    assert record(handed_over()).pushers() == (Party.POLICE,)


def test_a_copy_goes_to_the_department_of_justice_or_to_the_procuratorate_that_acts_then() -> None:
    opinion, handover = record(reverse_transfer()), record(handed_over())

    assert opinion.parties() == {Party.PROCURATORATE: PROCURATORATE, Party.AGENCY: MARKET}
    assert handover.parties() == {Party.POLICE: POLICE, Party.AGENCY: MARKET, Party.PROCURATORATE: PROCURATORATE}


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"addressee": organ(PROCURATORATE)}, ["/addressee/credit_code"]),
        ({"copied_to": organ(PROCURATORATE)}, ["/copied_to/credit_code"]),
        ({"copied_to": organ(MARKET)}, ["/copied_to/credit_code"]),
        (
            {"addressee": organ(PROCURATORATE), "copied_to": organ(PROCURATORATE)},
            ["/addressee/credit_code", "/copied_to/credit_code"],
        ),
        ({"copied_to": None}, []),
        ({"copied_to": organ(CITY_JUSTICE)}, []),
    ],
)
def test_who_hands_over_who_receives_it_and_who_has_a_copy_are_different_organs(changes: Json, at: list[str]) -> None:
    assert found(reverse_transfer(**changes)) == [(one, "same-organ") for one in at]


def test_the_police_may_be_the_agency_of_what_they_investigated_and_the_procuratorate_may_have_investigated() -> None:
    assert found(reverse_transfer(addressee=organ(POLICE), field="public_security")) == []
    assert found(reverse_transfer(investigated_by=organ(PROCURATORATE))) == []


# --- the order of days ------------------------------------------------------------------------------

PAIRS = [
    *pairwise(DAYS_OF_THE_PROCURATORATE),
    ("served_on", "reply_by"),
    DAYS_OF_THE_POLICE,
]


@pytest.mark.parametrize(("earlier", "later"), PAIRS)
def test_one_step_may_follow_another_on_the_same_day_and_not_before_it(earlier: str, later: str) -> None:
    payload = handed_over() if earlier == "violation_found_on" else reverse_transfer(reply_by="2026-09-30")
    days = (*DAYS_OF_THE_PROCURATORATE, *DAYS_OF_THE_POLICE, "reply_by")
    until = {name: value for name, value in payload.items() if name not in days or value <= payload[earlier]}
    day = date.fromisoformat(payload[earlier])

    assert found(until | {later: day.isoformat()}) == []
    assert found(until | {later: (day - timedelta(days=1)).isoformat()}) == [(f"/{later}", "date-order")]


def test_the_day_by_which_to_reply_lies_ahead() -> None:
    assert found(reverse_transfer(reply_by="2026-11-30")) == []
    assert found(reverse_transfer(reply_by="2026-09-17")) == [("/reply_by", "date-order")]


@pytest.mark.parametrize(
    ("reply_by", "expected"),
    [("2026-09-18", []), ("2026-12-18", []), ("2026-09-17", [("/events/0/reply_by", "date-order")])],
)
def test_an_event_names_no_day_for_the_reply_before_its_own_in_shanghai(
    reply_by: str, expected: list[tuple[str, str]]
) -> None:
    served = told("served", "2026-09-17T16:30:00Z", reply_by=reply_by)

    assert found(reverse_transfer(served_on=None, events=[served])) == expected


@pytest.mark.parametrize(
    ("name", "make"),
    [
        *((name, not_issued) for name in ("not_prosecuted_on", "referred_on")),
        ("served_on", reverse_transfer),
        ("handed_over_on", handed_over),
    ],
)
def test_what_has_happened_lies_not_after_today(name: str, make: Any) -> None:  # noqa: ANN401 – a maker
    assert found(make(**{name: "2026-10-09"})) == []
    assert found(make(**{name: "2026-10-10"})) == [(f"/{name}", "future-date")]


def test_a_step_without_the_one_before_it_is_taken_and_waits() -> None:
    assert found(reverse_transfer(not_prosecuted_on=None)) == [
        (f"/{name}", "predecessor-missing") for name in DAYS_OF_THE_PROCURATORATE[1:]
    ]


# --- what is confiscated ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "confiscation", "is_warned"),
    [
        (["03", "04"], None, True),
        (["04"], False, True),
        (["03", "04"], True, False),
        (["03", "05"], None, False),
        (["05"], False, False),
        (None, None, False),
        (None, True, False),
    ],
)
def test_an_opinion_that_names_the_gains_says_that_what_was_seized_goes_along(
    kinds: list[str] | None, confiscation: bool | None, is_warned: bool
) -> None:
    payload = reverse_transfer(penalty_kinds=kinds, confiscation=confiscation)

    assert found(payload) == ([("/confiscation", "confiscation-unsaid")] if is_warned else [])


def test_of_the_police_nobody_asks_whether_gains_are_to_be_confiscated() -> None:
    assert found(handed_over(penalty_kinds=["04"])) == []


# --- what follows -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filed", "implied"), [("2026-09-17", ["case_on_file"]), ("2026-09-18", ["case_on_file"]), ("2026-09-19", [])]
)
def test_an_agency_that_had_filed_before_it_heard_has_the_case_on_file(filed: str, implied: list[str]) -> None:
    facts = [Fact("penalty_filed", date.fromisoformat(filed)), Fact("served", date(2026, 9, 18))]

    assert [fact.event for fact in record(reverse_transfer()).implied(facts)] == implied


def test_what_was_on_file_is_told_by_the_first_service_whichever_was_told_first() -> None:
    filed = Fact("penalty_filed", date(2026, 9, 19))
    served = [Fact("served", date(2026, 9, 18)), Fact("served", date(2026, 9, 21))]

    for told in (served, served[::-1]):
        assert list(record(reverse_transfer()).implied([filed, *told])) == []


def test_nothing_is_on_file_for_an_opinion_that_was_not_served() -> None:
    assert list(record(not_issued()).implied([Fact("penalty_filed", date(2026, 9, 1))])) == []


# --- who is meant -----------------------------------------------------------------------------------


def test_a_reverse_transfer_is_sought_by_its_first_subject() -> None:
    payload = reverse_transfer()
    company, person = payload["subjects"]
    by_company, by_person = record(payload).sought(), record(payload | {"subjects": [person]}).sought()

    assert (by_company.party_code, by_company.party_name) == (company["credit_code"], company["name"])
    assert (by_person.party_code, by_person.party_is_person) == (person["id_no"], True)
    assert not by_company.party_is_person
    assert record(reverse_transfer(subjects=None)).sought().party_name is None


def test_who_it_is_about_is_personal_but_for_the_names_of_businesses() -> None:
    hidden = {pointer for pointer, _ in record(reverse_transfer()).classified()}

    assert {"/subjects/1/name", "/subjects/1/id_no"} <= hidden
    assert "/subjects/0/name" not in hidden


def test_an_opinion_is_known_by_its_number_as_the_standard_writes_it() -> None:
    assert record(reverse_transfer(document_no="武昌检行意[2026]003号")).document_number() == "武昌检行意〔2026〕3号"
    assert record(not_issued()).document_number() is None
