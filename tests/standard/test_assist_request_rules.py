"""Where the rules across the fields of a request for assistance begin to speak, and where they keep silent.

That each of them speaks at all is shown by the worked examples; here are their edges.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.assist_request import AssistRequest
from schemas.codelists import codelist
from schemas.judging import judge
from schemas.lifecycle import Fact, Party
from tests.assist_requests import assist_request, consultation, draft
from tests.examples import TODAY
from tests.transfers import MARKET, POLICE, PROCURATORATE, organ

Json = dict[str, Any]


def found(payload: Json, today: date = TODAY) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in judge("assist_request", payload, today).faults]


def record(payload: Json) -> AssistRequest:
    judged = judge("assist_request", payload, TODAY).record
    assert isinstance(judged, AssistRequest)
    return judged


def told(event: str, on: str, **more: object) -> Json:
    return {"event": event, "occurred_at": on, **more}


@pytest.mark.parametrize("make", [assist_request, draft, consultation])
def test_what_the_tests_are_made_of_is_valid_as_it_stands(make: Any) -> None:  # noqa: ANN401 – a maker
    assert found(make()) == []
    assert found(make(7)) == []
    assert make(7)["source_id"] != make(8)["source_id"]


# --- what may be asked for ------------------------------------------------------------------------


def test_nothing_that_restricts_liberty_or_seizes_property_can_be_asked_for() -> None:
    assert codelist("assist_measures").codes == (
        *("consult_files", "obtain", "copy", "inquire", "collect", "consult", "commission", "inspect"),
    )


@pytest.mark.parametrize("measure", codelist("assist_measures").codes)
def test_an_agency_asks_for_an_opinion_and_the_procuratorate_for_anything(measure: str) -> None:
    asked = [] if measure == "consult" else [("/measures/0", "only-consultation")]

    assert found(consultation(measures=[measure])) == asked
    assert found(assist_request(measures=[measure])) == []


def test_left_out_who_asks_is_the_procuratorate() -> None:
    assert found(assist_request(opened_by="procuratorate")) == []
    assert record(assist_request()).pushers() == (Party.PROCURATORATE,)
    assert record(consultation()).pushers() == (Party.AGENCY, Party.POLICE)


def test_whoever_asks_the_two_act_as_what_they_are() -> None:
    both = {Party.PROCURATORATE: PROCURATORATE, Party.AGENCY: MARKET}

    assert record(assist_request()).parties() == both
    assert record(consultation()).parties() == both


def test_the_police_are_asked_as_an_agency_and_ask_as_one() -> None:
    assert record(assist_request(addressee=organ(POLICE))).parties()[Party.AGENCY] == POLICE
    assert record(consultation(organisation=POLICE)).parties()[Party.AGENCY] == POLICE


# --- whole, once it is sent -----------------------------------------------------------------------


def test_nothing_is_asked_of_a_draft() -> None:
    bare: Json = dict.fromkeys(("legal_basis", "purpose", "items", "handlers", "subjects", "document_no"))

    assert found(draft(**bare)) == []


def test_everything_a_request_lacks_is_told_at_once() -> None:
    bare: Json = dict.fromkeys(("legal_basis", "purpose", "items", "handlers"))
    lacking = {
        ("/legal_basis", "required-from-request"),
        ("/purpose", "required-from-request"),
        ("/items", "required-to-obtain"),
        ("/handlers", "handlers-too-few"),
    }

    assert set(found(assist_request(**bare))) == lacking
    assert set(found(draft(**bare) | {"events": [told("sent", "2026-09-22")]})) == lacking


def test_a_question_needs_no_legal_basis_and_a_purpose_once_it_is_asked() -> None:
    assert found(consultation(purpose=None)) == [("/purpose", "required-from-request")]
    assert found(consultation(purpose=None, asked_on=None)) == []


@pytest.mark.parametrize(
    ("measures", "needed"),
    [
        (["obtain"], True),
        (["copy"], True),
        (["inquire", "copy"], True),
        (["consult_files", "inquire", "inspect", "collect"], False),
    ],
)
def test_what_is_to_be_obtained_or_copied_is_listed(measures: list[str], *, needed: bool) -> None:
    assert found(assist_request(measures=measures, items=None)) == [("/items", "required-to-obtain")] * needed


@pytest.mark.parametrize(
    ("measures", "staff", "is_warned"),
    [
        (["inquire"], 2, False),
        (["inquire"], 1, True),
        (["obtain"], 0, True),
        (["consult_files"], 1, True),
        (["inspect"], 1, True),
        (["consult", "commission"], 0, False),
        (["consult", "inquire"], 1, True),
    ],
)
def test_two_of_the_staff_come_unless_it_is_done_by_letter(measures: list[str], staff: int, *, is_warned: bool) -> None:
    who = [{"name": f"样例检察官{n}"} for n in range(staff)] or None

    assert found(assist_request(measures=measures, handlers=who)) == [("/handlers", "handlers-too-few")] * is_warned


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply_by", "is_late_enough"), [("2026-09-21", False), ("2026-09-22", False), ("2026-09-23", True)]
)
@pytest.mark.parametrize("sent_at", ["2026-09-22", "2026-09-22T00:10:00+08:00", "2026-09-21T16:30:00Z"])
def test_help_is_due_after_the_day_of_sending_in_shanghai(sent_at: str, reply_by: str, *, is_late_enough: bool) -> None:
    expected = [] if is_late_enough else [("/reply_by", "not-after-sending")]

    assert found(assist_request(sent_at=sent_at, reply_by=reply_by)) == expected
    by_event = draft(reply_by=reply_by, events=[told("sent", sent_at)])
    assert found(by_event) == expected


def test_a_draft_may_name_any_day() -> None:
    assert found(draft(reply_by="2026-09-01")) == []


@pytest.mark.parametrize(("name", "make"), [("sent_at", assist_request), ("asked_on", consultation)])
def test_what_has_happened_lies_not_after_today(name: str, make: Any) -> None:  # noqa: ANN401 – a maker
    assert found(make(**{name: "2026-10-09"})) == []
    assert found(make(**{name: "2026-10-10"})) == [(f"/{name}", "future-date")]


# --- who sees it, who is meant ----------------------------------------------------------------------


@pytest.mark.parametrize(("make", "begins"), [(draft, "sent"), (lambda: consultation(asked_on=None), "asked")])
def test_who_is_asked_is_involved_once_it_was_sent(make: Any, begins: str) -> None:  # noqa: ANN401 – a maker
    its = record(make())
    waived, begun = Fact("waived", date(2026, 9, 21)), Fact(begins, date(2026, 9, 22))

    assert [*its.involved([])] == [*its.involved([waived])] == [its.organisation]
    assert [*its.involved([waived, begun])] == [its.organisation, its.addressee.credit_code]


def test_what_is_tied_to_it_acts_on_it_if_it_is_of_who_asks() -> None:
    assert record(assist_request()).owners() == {PROCURATORATE}
    assert record(consultation()).owners() == {MARKET}


def test_a_request_is_sought_by_its_first_subject_and_known_by_its_number() -> None:
    payload = assist_request(document_no="武昌检调证[2026]003号")
    company, person = payload["subjects"]

    assert record(payload).sought().party_code == company["credit_code"]
    assert record(payload | {"subjects": [person]}).sought().party_is_person
    assert record(draft(subjects=None)).sought().party_name is None
    assert record(payload).document_number() == "武昌检调证〔2026〕3号"
    assert record(draft(document_no=None)).document_number() is None


def test_who_is_questioned_and_who_comes_is_personal() -> None:
    hidden = dict(record(assist_request()).classified())

    assert set(hidden) >= {"/subjects/1/name", "/subjects/1/id_no", "/handlers/0/name", "/handlers/0/phone"}
    assert "/subjects/0/name" not in hidden
    assert set(hidden.values()) == {"personal"}


def test_its_papers_are_its_attachments() -> None:
    paper = {"name": "通知书.pdf", "digest": "sha-256:" + "0" * 64, "bytes": 1, "media_type": "application/pdf"}

    assert [one.name for one in record(assist_request(papers=[paper])).attachments()] == ["通知书.pdf"]
    assert [*record(assist_request()).attachments()] == []
