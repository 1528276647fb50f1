"""Where the rules across the fields of an advice begin to speak, and where they keep silent.

That each of them speaks at all is shown by the worked examples; here are their edges.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.advice import Advice
from schemas.codelists import codelist
from schemas.judging import judge
from schemas.lifecycle import Fact, Party
from tests import corpus
from tests.advices import CITY_PROCURATORATE, SAID, advice, draft, in_the_public_interest
from tests.examples import TODAY
from tests.reverse_transfers import CITY_JUSTICE
from tests.transfers import CITY_MARKET, MARKET, POLICE, PROCURATORATE, organ

Json = dict[str, Any]


def found(payload: Json, today: date = TODAY) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in judge("advice", payload, today).faults]


def record(payload: Json) -> Advice:
    judged = judge("advice", payload, TODAY).record
    assert isinstance(judged, Advice)
    return judged


def told(event: str, on: str, **more: object) -> Json:
    return {"event": event, "occurred_at": on, **more}


@pytest.mark.parametrize("make", [advice, draft, in_the_public_interest])
def test_what_the_tests_are_made_of_is_valid_as_it_stands(make: Any) -> None:  # noqa: ANN401 – a maker
    assert found(make()) == []
    assert found(make(7)) == []
    assert make(7)["source_id"] != make(8)["source_id"]


def test_the_kinds_are_the_five_of_the_provisions() -> None:
    assert {entry.code: entry.zh for entry in codelist("advice_kinds")} == {
        "retrial": "再审检察建议",
        "rectification": "纠正违法检察建议",
        "public_interest": "公益诉讼检察建议",
        "social_governance": "社会治理检察建议",
        "other": "其他检察建议",
    }


# --- whole, once it is decided --------------------------------------------------------------------


@pytest.mark.parametrize("kind", codelist("advice_kinds").codes)
def test_nothing_is_asked_of_a_draft(kind: str) -> None:
    assert found(draft(kind=kind, addressee=None)) == []


@pytest.mark.parametrize("kind", codelist("advice_kinds").codes)
@pytest.mark.parametrize(
    "day",
    [
        {"decided_on": "2026-09-16"},
        {"events": [told("decided", "2026-09-16")]},
        {"decided_on": "2026-09-16", "events": [told("served", "2026-09-18")], "objection_by": "2026-10-08"},
    ],
)
def test_everything_that_a_decided_advice_lacks_is_told_at_once(kind: str, day: Json) -> None:
    assert set(found(draft(kind=kind, addressee=None, **day))) == {
        (f"/{name}", "required-from-advice") for name in SAID
    }


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("make", [advice, in_the_public_interest])
def test_an_advice_lacks_nothing_that_it_has_to_say(name: str, make: Any) -> None:  # noqa: ANN401 – a maker
    assert found(make(**{name: None})) == [(f"/{name}", "required-from-advice")]


# --- its terms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "is_warned"),
    [
        (advice(objection_by=None), True),
        (advice(objection_by=None, served_on=None), False),
        (advice(objection_by=None, served_on=None, events=[told("served", "2026-09-18")]), True),
        (advice(kind="social_governance", objection_by=None), True),
        (in_the_public_interest(), False),
    ],
)
def test_once_served_an_advice_names_the_last_day_for_objections(payload: Json, is_warned: bool) -> None:
    assert found(payload) == ([("/objection_by", "term-missing")] if is_warned else [])


@pytest.mark.parametrize("kind", [one for one in codelist("advice_kinds").codes if one != "public_interest"])
def test_other_advice_is_not_urgent_by_law_and_names_the_day_for_the_reply(kind: str) -> None:
    assert found(advice(kind=kind, reply_by="2026-10-09")) == []
    assert found(advice(kind=kind, urgent=False)) == [("/urgent", "public-interest-only")]
    assert found(advice(kind=kind, urgent=True, rectify_by="2026-12-18")) == [
        ("/urgent", "public-interest-only"),
        ("/rectify_by", "public-interest-only"),
    ]


@pytest.mark.parametrize("urgent", [None, False, True])
def test_advice_in_the_public_interest_names_no_day_for_the_reply(urgent: bool | None) -> None:
    assert found(in_the_public_interest(urgent=urgent)) == []
    assert found(in_the_public_interest(urgent=urgent, reply_by="2026-10-09")) == [("/reply_by", "term-by-law")]


# --- the order of days ------------------------------------------------------------------------------

PAIRS = [
    ("investigation_on", "decided_on", advice),
    ("decided_on", "served_on", advice),
    *((earlier, name, advice) for earlier in ("decided_on", "served_on") for name in ("objection_by", "reply_by")),
    *((earlier, "rectify_by", in_the_public_interest) for earlier in ("decided_on", "served_on")),
]


@pytest.mark.parametrize(("earlier", "later", "make"), PAIRS)
def test_one_day_may_be_another_and_not_before_it(earlier: str, later: str, make: Any) -> None:  # noqa: ANN401
    days = ("investigation_on", "decided_on", "served_on", "objection_by", "reply_by", "rectify_by")
    payload = make()
    bare = {name: value for name, value in payload.items() if name not in days} | {earlier: payload[earlier]}
    term = {"objection_by": "2026-12-31"} if "served_on" in (earlier, later) and make is advice else {}
    beside = {"decided_on": payload["decided_on"]} if earlier == "served_on" else {}
    day = date.fromisoformat(payload[earlier])

    assert found(bare | term | {later: day.isoformat()} | beside) == []
    assert (f"/{later}", "date-order") in found(bare | term | {later: (day - timedelta(days=1)).isoformat()} | beside)


@pytest.mark.parametrize("name", ["investigation_on", "decided_on", "served_on"])
def test_what_has_happened_lies_not_after_today(name: str) -> None:
    days = ("investigation_on", "decided_on", "served_on")
    earlier: Json = {one: advice()[one] if one in days[: days.index(name)] else None for one in days}

    assert found(advice(**{**earlier, name: "2026-10-09", "objection_by": "2026-10-20"})) == []
    assert found(advice(**{**earlier, name: "2026-10-10", "objection_by": "2026-10-20"})) == [
        (f"/{name}", "future-date")
    ]


def test_what_was_served_and_not_decided_waits() -> None:
    assert found(advice(decided_on=None)) == [("/served_on", "predecessor-missing")]


# --- who acts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"addressee": organ(PROCURATORATE)}, ["/addressee/credit_code"]),
        ({"copied_to": [organ(PROCURATORATE)]}, ["/copied_to/0/credit_code"]),
        ({"copied_to": [organ(CITY_JUSTICE), organ(MARKET)]}, ["/copied_to/1/credit_code"]),
        ({"copied_to": [organ(CITY_JUSTICE), organ(CITY_JUSTICE)]}, ["/copied_to/1/credit_code"]),
        ({"copied_to": [organ(CITY_MARKET), organ(CITY_PROCURATORATE)]}, []),
    ],
)
def test_whose_it_is_whom_it_is_for_and_who_has_a_copy_are_different_organs(changes: Json, at: list[str]) -> None:
    assert found(advice(**changes)) == [(one, "same-organ") for one in at]


def test_a_copy_named_in_a_draft_without_addressee_may_go_to_anybody() -> None:
    assert found(draft(addressee=None, copied_to=[organ(MARKET)])) == []


def test_the_procuratorate_and_whom_it_is_for_act_and_nobody_else() -> None:
    one = record(advice(copied_to=[organ(CITY_MARKET)]))

    assert one.parties() == {Party.PROCURATORATE: PROCURATORATE, Party.AGENCY: MARKET}
    assert one.owners() == {PROCURATORATE}
    assert one.pushers() == (Party.PROCURATORATE,)
    assert record(draft(addressee=None)).parties() == {Party.PROCURATORATE: PROCURATORATE}


def test_an_advice_may_be_for_the_police_who_act_as_whom_it_is_for() -> None:
    one = record(advice(addressee=organ(POLICE), field="public_security"))

    assert one.parties()[Party.AGENCY] == POLICE
    assert [(to.pointer, to.parties) for to in one.addressed()] == [
        ("/addressee/credit_code", (Party.AGENCY, Party.POLICE))
    ]
    assert list(record(draft(addressee=None)).addressed()) == []


@pytest.mark.parametrize(
    ("happened", "seen_by"),
    [
        ((), {PROCURATORATE}),
        (("decided",), {PROCURATORATE}),
        (("decided", "served"), {PROCURATORATE, MARKET}),
        (("decided", "served", "copied"), {PROCURATORATE, MARKET, CITY_MARKET, CITY_JUSTICE}),
        (("decided", "served", "copied", "revoked"), {PROCURATORATE, MARKET, CITY_MARKET, CITY_JUSTICE}),
    ],
)
def test_a_draft_is_the_procuratorates_own_and_a_copy_is_read_once_it_was_sent(
    happened: tuple[str, ...], seen_by: set[str]
) -> None:
    one = record(advice(copied_to=[organ(CITY_MARKET), organ(CITY_JUSTICE)]))

    assert set(one.involved([Fact(event, date(2026, 9, 18)) for event in happened])) == seen_by


def test_a_copy_sent_to_nobody_and_a_service_on_nobody_show_it_to_nobody() -> None:
    facts = [Fact(event, date(2026, 9, 18)) for event in ("decided", "served", "copied")]

    assert list(record(draft(addressee=None)).involved(facts)) == [PROCURATORATE]


# --- what it is found by ----------------------------------------------------------------------------


def test_an_advice_is_sought_by_whom_it_is_for() -> None:
    sought = record(advice()).sought()

    assert (sought.party_code, sought.party_name, sought.party_is_person) == (MARKET, organ(MARKET)["name"], False)
    assert sought.decided_on == date(2026, 9, 16)
    assert record(draft(addressee=None)).sought().party_name is None


def test_an_advice_is_known_by_its_number_as_the_standard_writes_it() -> None:
    assert record(advice(document_no="武昌检建[2026]003号")).document_number() == "武昌检建〔2026〕3号"
    assert record(draft()).document_number() is None


def test_the_files_of_an_advice_are_its_papers() -> None:
    digest = "sha-256:" + f"{corpus.random('paper').getrandbits(256):064x}"
    paper = {"name": "检察建议书.pdf", "digest": digest, "bytes": 1024, "media_type": "application/pdf"}

    assert [one.name for one in record(advice(papers=[paper])).attachments()] == ["检察建议书.pdf"]
    assert list(record(advice()).attachments()) == []
    assert found(advice(papers=[paper, paper | {"name": "副本.pdf"}])) == [("/papers/1", "repeated")]
