"""Where the rules across the fields of a transfer begin to speak, and where they keep silent.

That each of them speaks at all is shown by the worked examples; here are their edges.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from schemas.judging import judge
from schemas.law import LawError
from schemas.law.materials import of, required, required_materials
from schemas.lifecycle import SHANGHAI, Fact, Party
from schemas.transfer import Transfer
from schemas.transfer_rules import missing_materials
from tests import corpus
from tests.examples import TODAY, examples

Json = dict[str, Any]
EXAMPLES = {one.file.removesuffix(".json"): one for one in examples("transfer")}


def valid(name: str, **changes: object) -> Json:
    """A valid example with other members; None takes one out."""
    payload = EXAMPLES[f"valid-{name}"].payload() | changes
    return {name: value for name, value in payload.items() if value is not None}


def found(payload: Json, today: date = TODAY) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in judge("transfer", payload, today).faults]


def codes(payload: Json) -> set[str]:
    return {code for _, code in found(payload)}


def record(payload: Json) -> Transfer:
    judged = judge("transfer", payload, TODAY).record
    assert isinstance(judged, Transfer)
    return judged


def papers(*kinds: str) -> list[Json]:
    """One paper of each kind."""
    return [{"kind": kind, "name": "样例材料"} for kind in kinds]


FULL = valid("market-harmful-food", events=None)
LIQUOR = valid("market-counterfeit-liquor")
EARLY = valid("agriculture-reported-only")
OPINION = valid("land-on-opinion", events=None)
BASIC = ("transfer_letter", "investigation_report")


# --- who acts -------------------------------------------------------------------------------------


def test_nothing_is_asked_of_the_letter_before_the_case_is_sent() -> None:
    assert found(EARLY) == []
    assert found(EARLY | {"approved_at": "2026-10-09T10:00:00+08:00"}) == []


@pytest.mark.parametrize("name", ["addressee", "copied_to", "document_no", "suspected_facts", "approved_at"])
def test_everything_is_told_at_once_when_a_case_was_sent(name: str) -> None:
    bare = {member: value for member, value in EARLY.items() if member != "suspected_facts"}

    told = found(bare | {"sent_at": "2026-10-09", "materials": papers(*BASIC)})

    assert (f"/{name}", "required-from-sending") in told
    assert len(told) == 5


def test_the_approval_may_be_told_by_an_event() -> None:
    payload = valid(
        "market-counterfeit-liquor",
        approved_at=None,
        events=[{"event": "approved", "occurred_at": "2026-09-15T10:00:00+08:00"}],
    )

    assert found(payload) == []


def test_an_opinion_is_whole_without_a_letter_and_its_agency_sends_by_event() -> None:
    sent = {
        "event": "sent",
        "occurred_at": "2026-07-08",
        "to": {"name": "样例", "credit_code": LIQUOR["addressee"]["credit_code"]},
    }
    issued = {"event": "opinion_issued", "occurred_at": "2026-07-06", "reason": "应当移送"}
    opinion = OPINION | {"events": [issued, sent]}

    assert found(opinion) == []
    assert record(opinion).pushers() == (Party.PROCURATORATE,)
    assert record(opinion).parties()[Party.PROCURATORATE] == OPINION["organisation"]
    assert record(opinion).parties()[Party.AGENCY] == OPINION["organ"]["credit_code"]


@pytest.mark.parametrize(
    "name", ["suspected_on", "team_named_on", "reported_on", "approved_at", "sent_at", "copied_at"]
)
def test_an_opinion_tells_none_of_the_agencys_days(name: str) -> None:
    assert found(OPINION | {name: "2026-07-01"}) == [(f"/{name}", "not-the-openers")]
    assert found(valid("market-harmful-food", events=None, opened_by=None)) == []


def test_a_procuratorate_may_name_itself_as_the_one_that_has_a_copy() -> None:
    itself = {"name": "样例人民检察院", "credit_code": OPINION["organisation"]}

    assert found(OPINION | {"copied_to": itself}) == []
    assert found(OPINION | {"addressee": itself}) == [("/addressee/credit_code", "same-organ")]
    assert found(OPINION | {"organ": itself}) == [("/organ/credit_code", "same-organ")]


def test_who_reports_for_another_agency_is_warned_and_a_procuratorate_is_not() -> None:
    other = {"name": "样例", "credit_code": corpus.credit_code(corpus.random("another agency"), "11", "420100")}

    assert codes(EARLY | {"organ": other}) == {"organ-differs"}
    assert codes(OPINION | {"organ": other}) == set()


@pytest.mark.parametrize(
    ("team", "expected"),
    [(["甲", "乙"], set()), (["甲"], {"team-too-small"}), (["甲", "甲"], {"team-too-small"}), ([], {"team-too-small"})],
)
def test_a_team_is_of_two_different_officers(team: list[str], expected: set[str]) -> None:
    assert codes(EARLY | {"team": team}) == expected


# --- the order of days and hours --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approved", "sent", "is_ordered"),
    [
        ("2026-09-15T09:40:00+08:00", "2026-09-15T09:40:00+08:00", True),
        ("2026-09-15T09:40:00+08:00", "2026-09-15T01:40:00Z", True),
        ("2026-09-15T09:40:00+08:00", "2026-09-15T01:39:59Z", False),
        ("2026-09-15T01:40:00Z", "2026-09-15T09:39:00+08:00", False),
        ("2026-09-15T09:40:00+08:00", "2026-09-15T08:00:00+05:30", True),
        # The 15th in London is the 16th in Shanghai.
        ("2026-09-16T00:30:00+08:00", "2026-09-15T16:30:00Z", True),
        ("2026-09-16", "2026-09-15T16:30:00Z", True),
        ("2026-09-16", "2026-09-15T15:59:59Z", False),
        ("2026-09-15T16:30:00Z", "2026-09-15", False),
        # A bare day may be any moment of it.
        ("2026-09-15T23:59:59+08:00", "2026-09-15", True),
        ("2026-09-15", "2026-09-15T00:00:00+08:00", True),
    ],
)
def test_a_case_is_not_sent_before_it_is_approved_by_whatever_clock(approved: str, sent: str, is_ordered: bool) -> None:
    payload = LIQUOR | {"approved_at": approved, "sent_at": sent}

    assert found(payload) == ([] if is_ordered else [("/sent_at", "date-order")])


def test_a_moment_lies_in_the_future_by_the_day_in_shanghai() -> None:
    assert found(EARLY | {"approved_at": "2026-10-09T15:59:59Z"}) == []
    assert found(EARLY | {"approved_at": "2026-10-09T16:00:00Z"}) == [("/approved_at", "future-date")]


def test_the_report_comes_no_later_than_the_day_of_approval_in_shanghai() -> None:
    assert found(EARLY | {"approved_at": "2026-10-08T16:00:00Z"}) == []
    assert found(EARLY | {"approved_at": "2026-10-08T15:59:00Z"}) == [("/approved_at", "date-order")]


# --- the papers -------------------------------------------------------------------------------------


def test_what_must_accompany_a_transfer_is_told_by_name() -> None:
    (fault,) = judge("transfer", LIQUOR | {"materials": papers("items_list")}, TODAY).faults

    assert fault.message("zh") == "移送材料缺少：涉嫌犯罪案件移送书、涉嫌犯罪案件情况的调查报告"
    assert fault.message("en") == "missing from the materials: Transfer letter, Investigation report"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"items": None, "quantities": None}, []),
        ({"items": [], "quantities": []}, []),
        ({"items": None}, ["items_list"]),
        ({"quantities": None}, ["items_list"]),
        ({"items": None, "quantities": [{"item": "白酒", "amount": "81", "unit": "bottle", "state": "sold"}]}, []),
        ({"items": None, "quantities": [{"item": "劳动者", "amount": "14", "unit": "person"}]}, []),
    ],
)
def test_a_list_of_items_is_asked_for_where_there_are_goods(changes: Json, missing: list[str]) -> None:
    payload = valid("market-counterfeit-liquor", materials=papers(*BASIC), **changes)

    assert [row.kind for row in missing_materials(record(payload), date(2026, 9, 16))] == missing


@pytest.mark.parametrize(("punished", "missing"), [(None, []), (False, []), (True, ["penalty_decision"])])
def test_whoever_punished_before_sends_the_decision_along(punished: bool | None, missing: list[str]) -> None:
    payload = valid("agriculture-reported-only", punished=punished, materials=papers(*BASIC))

    assert [row.kind for row in missing_materials(record(payload), date(2026, 10, 9))] == missing


@pytest.mark.parametrize(
    ("field", "day", "basis"),
    [
        ("market", date(2016, 6, 15), None),
        ("market", date(2016, 6, 16), "公通字〔2016〕16号"),
        ("ecology", date(2017, 1, 24), "公通字〔2016〕16号"),
        ("ecology", date(2017, 1, 25), "环环监〔2017〕17号"),
        ("market", date(2026, 10, 9), "公通字〔2016〕16号"),
    ],
)
def test_the_decision_is_asked_for_by_the_law_of_the_field_and_day(field: str, day: date, basis: str | None) -> None:
    asked = [row.basis for row in required(day, field, {"punished"}) if row.kind == "penalty_decision"]

    assert len(asked) == (basis is not None)
    assert basis is None or basis in asked[0]


def test_nothing_is_asked_for_before_the_law() -> None:
    assert required(date(2001, 7, 8), "market", {"items", "punished"}) == ()
    assert [row.kind for row in required(date(2001, 7, 9), "market", ())] == list(BASIC)


def test_each_paper_is_asked_for_once_and_in_one_order() -> None:
    kinds = [row.kind for row in required(date(2026, 10, 9), "ecology", {"items", "punished"})]

    assert kinds == [*BASIC, "items_list", "penalty_decision"]


@pytest.mark.parametrize("row", required_materials(), ids=lambda row: f"{row.kind} {row.field}")
def test_a_paper_is_asked_for_by_a_text_that_is_named_in_two_languages(row: Any) -> None:  # noqa: ANN401 – a row
    assert row.basis
    assert row.basis_en


ROW = """
[[material]]
kind = "transfer_letter"
when = "always"
basis = "样例"
effective_from = 2026-01-01
status = "verified"
"""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ROW + ROW, "transfer_letter is asked for twice from 2026-01-01"),
        (ROW + "effective_to = 2025-12-31\n", "transfer_letter ends before it begins"),
        (ROW + 'field = "forestery"\n', "unknown-code"),
        (ROW.replace("transfer_letter", "love_letter"), "unknown-code"),
        (ROW + "[[paper]]\n", "unknown table paper"),
        ("[[material", "materials.toml"),
    ],
)
def test_a_list_of_papers_that_can_be_read_two_ways_is_refused(text: str, fault: str) -> None:
    with pytest.raises(LawError, match=fault):
        of(text)


def test_the_papers_are_those_of_the_day_of_sending_told_by_date_or_by_event() -> None:
    sent = {"event": "sent", "occurred_at": "2026-09-16T09:00:00+08:00"}
    by_event = valid("market-counterfeit-liquor", sent_at=None, copied_at=None, events=[sent])

    assert found(by_event) == []
    assert found(by_event | {"materials": papers(*BASIC)}) == [("/materials", "material-missing")]


def test_an_opinion_lists_no_papers_of_the_agency() -> None:
    assert found(valid("land-on-opinion")) == []


# --- what follows -----------------------------------------------------------------------------------

SENT = Fact("sent", datetime(2026, 9, 16, 9, tzinfo=SHANGHAI), stated_by="event:1")


def implied(payload: Json, *facts: Fact) -> list[tuple[str, date | datetime]]:
    return [(fact.event, fact.occurred_at) for fact in record(payload).implied(facts)]


def test_a_case_sent_with_all_its_papers_had_them_that_day() -> None:
    assert implied(LIQUOR, SENT) == [("materials_listed", date(2026, 9, 16))]
    assert implied(valid("market-counterfeit-liquor", sent_at=None), SENT) == [("materials_listed", date(2026, 9, 16))]


def test_a_case_of_which_no_papers_are_told_had_none() -> None:
    untold = valid("market-counterfeit-liquor", sent_at=None, materials=None)

    assert implied(untold, SENT) == []
    assert implied(LIQUOR | {"materials": papers("transfer_letter")}, SENT) == []


def test_nothing_follows_before_a_case_is_sent_nor_from_an_opinion() -> None:
    approved = Fact("approved", date(2026, 9, 15))

    assert implied(LIQUOR, approved) == []
    assert implied(OPINION, SENT) == []


# --- who is meant -----------------------------------------------------------------------------------


def test_a_transfer_is_sought_by_its_first_suspect() -> None:
    sought, unknown = record(LIQUOR).sought(), record(valid("agriculture-reported-only", suspects=None)).sought()

    assert (sought.party_code, sought.party_name) == (LIQUOR["suspects"][0]["credit_code"], "江汉区样例第二烟酒店")
    assert not sought.party_is_person
    assert record(EARLY).sought().party_is_person
    assert (unknown.party_code, unknown.party_name) == (None, None)


def test_who_the_suspects_are_is_personal_but_for_the_names_of_businesses() -> None:
    hidden = {pointer for pointer, _ in record(FULL).classified()}

    assert {"/suspects/1/name", "/suspects/1/id_no", "/suspects/2/name"} <= hidden
    assert "/suspects/0/name" not in hidden


def test_the_files_of_a_transfer_are_those_of_its_papers() -> None:
    assert [file.name for file in record(FULL).attachments()] == ["移送书.pdf"]
    assert list(record(EARLY).attachments()) == []


def test_the_police_are_those_to_whom_the_case_went_last() -> None:
    rerouted = valid("forestry-rerouted")
    other = rerouted["events"][1]["to"]["credit_code"]
    fact = Fact("rerouted", date(2026, 3, 10), details={"to": {"name": "样例", "credit_code": other}})

    assert record(rerouted).parties()[Party.POLICE] == rerouted["addressee"]["credit_code"]
    assert record(rerouted).parties((fact,))[Party.POLICE] == other


def test_a_letter_is_known_by_its_number_as_the_standard_writes_it() -> None:
    loosely = record(LIQUOR | {"document_no": "武市监案移[2026]011号"})

    assert loosely.document_number() == "武市监案移〔2026〕11号"
    assert record(EARLY).document_number() is None
