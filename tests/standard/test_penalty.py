"""A penalty is judged by what the contract's table says of it: every fault at once, each at its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.codelists import codelist
from schemas.faults import Fault, pointer, wordings
from schemas.judging import MAX_EVENTS, Judgement, facts_of, judge, judge_event, recall_event
from schemas.lifecycle import SHANGHAI, Fact
from schemas.reading import read_json
from tests import corpus
from tests.corpus import PartyKind

TODAY = date(2026, 11, 22)
KINDS = codelist("penalty_kinds").codes
ABSENT = object()
Json = dict[str, Any]


def changed(payload: Json, at: str, value: object) -> Json:
    """A copy of the payload with another value at a pointer; ABSENT takes the member out."""
    copied = copy.deepcopy(payload)
    *way, last = at.split("/")[1:]
    place: Any = copied
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if isinstance(place, list):
        place[int(last)] = value
    elif value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return copied


def decided(party_kind: PartyKind | None = None, kinds: list[str] | None = None, **changes: Any) -> Json:  # noqa: ANN401
    """A penalty that was decided, with a warning and a fine unless said otherwise; the police detain, and people."""
    detained = "13" in (kinds or ())
    who: PartyKind = party_kind or ("natural_person" if detained else "legal_person")
    by_police = {"field": "public_security", "decision_no": corpus.document_no(1, word="武公行罚决字")}
    whole = corpus.penalty(1, party_kind=who, kinds=kinds or ["01", "03"])
    whole |= (by_police if detained else {}) | changes
    return {name: value for name, value in whole.items() if value is not None}


def filed(**changes: object) -> Json:
    """A penalty that is only filed so far."""
    whole = decided(filed_on="2026-10-12")
    kept = ("record_type", "source_id", "organisation", "region", "field", "party", "organ", "filed_on")
    return {name: whole[name] for name in kept} | changes


def found(payload: object) -> list[tuple[str, str]]:
    """What judging says of a payload, as (pointer, code) in its order."""
    return [(fault.pointer, fault.code) for fault in judged(payload).faults]


def judged(payload: object) -> Judgement:
    return judge("penalty", payload, TODAY)


def found_in_text(payload: object) -> list[tuple[str, str]]:
    """The same for a payload that went through a JSON text."""
    reading = read_json(json.dumps(payload).encode())
    return [(fault.pointer, fault.code) for fault in judge("penalty", reading.value, TODAY, reading.faults).faults]


# --- required -------------------------------------------------------------------------------------


@pytest.mark.parametrize("party_kind", ["legal_person", "natural_person", "sole_trader"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_penalty_of_any_kind_for_any_party_is_taken_as_the_corpus_makes_it(kind: str, party_kind: PartyKind) -> None:
    judgement = judged(decided(party_kind, [kind]))

    detained = kind == "13" and party_kind == "legal_person"
    assert [fault.code for fault in judgement.faults] == ["detention-of-organisation"] * detained
    assert judgement.record is not None


def test_a_penalty_may_be_sent_from_filing_on() -> None:
    assert found(filed()) == []


@pytest.mark.parametrize("payload", [decided(), filed()], ids=["decided", "filed"])
@pytest.mark.parametrize(
    "at",
    [
        "/record_type",
        "/source_id",
        "/organisation",
        "/region",
        "/field",
        "/party",
        "/party/name",
        "/party/kind",
        "/organ",
        "/organ/name",
        "/organ/credit_code",
    ],
)
def test_what_is_always_required_is_missed(payload: Json, at: str) -> None:
    assert found(changed(payload, at, ABSENT)) == [(at, "required")]
    assert found(changed(payload, at, None)) == [(at, "required")]


def test_one_of_filing_and_decision_is_dated() -> None:
    assert found(changed(filed(), "/filed_on", ABSENT)) == [("/decided_on", "filed-or-decided")]
    assert found(decided(filed_on="2026-01-05")) == []


FROM_DECISION = ["decision_no", "violation_type", "violation_facts", "legal_basis", "penalty_kinds", "penalty_content"]
FROM_DECISION += ["decided_on", "data_source"]


@pytest.mark.parametrize("name", FROM_DECISION)
def test_what_is_required_from_the_decision_on_is_missed_then_and_not_before(name: str) -> None:
    whole = decided(kinds=["01"], filed_on="2026-01-05")

    assert found(changed(whole, f"/{name}", ABSENT)) == [(f"/{name}", "required-from-decision")]
    assert found(changed(whole, f"/{name}", None)) == [(f"/{name}", "required-from-decision")]
    assert name not in filed()


@pytest.mark.parametrize("name", ["name", "credit_code"])
def test_a_data_source_is_named_with_its_code(name: str) -> None:
    assert found(changed(decided(), f"/data_source/{name}", ABSENT)) == [(f"/data_source/{name}", "required")]


@pytest.mark.parametrize("event", ["decided", "served", "published", "paid", "executed"])
def test_telling_an_event_of_the_decision_or_after_owes_what_was_decided(event: str) -> None:
    owed = [at for at, _ in found(filed(events=[{"event": event, "occurred_at": "2026-10-20"}]))]

    assert set(owed) >= {f"/{name}" for name in FROM_DECISION}


def test_before_the_decision_what_is_known_already_may_be_sent() -> None:
    assert found(filed(violation_facts="尚在调查", case_no="武市监立〔2026〕401号", clue_source="complaint")) == []


# --- who was penalised ----------------------------------------------------------------------------


@pytest.mark.parametrize("party_kind", ["legal_person", "sole_trader"])
def test_an_organisation_or_sole_trader_has_a_credit_code(party_kind: PartyKind) -> None:
    assert found(changed(decided(party_kind), "/party/credit_code", ABSENT)) == [
        ("/party/credit_code", "required-for-organisation")
    ]


def test_a_person_needs_no_credit_code_but_may_have_one() -> None:
    code = decided("sole_trader")["party"]["credit_code"]

    assert found(decided("natural_person")) == []
    assert found(changed(decided("natural_person"), "/party/credit_code", code)) == []


def test_a_person_is_told_by_type_and_number_of_an_id() -> None:
    whole = decided("natural_person")

    assert found(changed(whole, "/party/id_no", ABSENT)) == [("/party/id_no", "required-for-person")]
    assert found(changed(whole, "/party/id_type", ABSENT)) == [("/party/id_type", "required-for-person")]
    neither = changed(changed(whole, "/party/id_no", ABSENT), "/party/id_type", ABSENT)
    assert found(neither) == [("/party/id_type", "required-for-person"), ("/party/id_no", "required-for-person")]


@pytest.mark.parametrize("party_kind", ["legal_person", "sole_trader"])
@pytest.mark.parametrize(("given", "missing"), [("id_type", "id_no"), ("id_no", "id_type")])
def test_an_id_is_given_with_its_type_whoever_has_it(party_kind: PartyKind, given: str, missing: str) -> None:
    value = {"id_type": "passport", "id_no": "E00000000"}[given]

    assert found(changed(decided(party_kind), f"/party/{given}", value)) == [(f"/party/{missing}", "id-together")]


def test_a_legal_person_has_a_representative_with_a_name() -> None:
    whole = decided()
    at = "/party/legal_representative"

    assert found(changed(whole, at, ABSENT)) == [(at, "required-for-legal-person")]
    assert found(changed(whole, at, {})) == [(at + "/name", "required-for-legal-person")]
    assert found(changed(whole, at, {"name": "样例代表"})) == []
    assert found(decided("sole_trader")) == []


@pytest.mark.parametrize(("given", "missing"), [("id_type", "id_no"), ("id_no", "id_type")])
def test_the_representatives_id_is_given_with_its_type(given: str, missing: str) -> None:
    whole = changed(decided(), f"/party/legal_representative/{missing}", ABSENT)

    assert found(whole) == [(f"/party/legal_representative/{missing}", "id-together")]


@pytest.mark.parametrize(
    ("id_type", "id_no", "code"),
    [
        ("resident_id", "420106190001010010", "id-check-digit"),
        ("resident_id", "42010619000101001", "id-length"),
        ("resident_id", "4201061900O1010013", "id-format"),
        ("hk_macao_permit", "A12345678", "id-format"),
        ("passport", "1", "id-format"),
    ],
)
@pytest.mark.parametrize("at", ["/party", "/party/legal_representative"])
def test_the_number_of_an_id_fits_its_type(at: str, id_type: str, id_no: str, code: str) -> None:
    whole = decided("natural_person" if at == "/party" else "legal_person")
    payload = changed(changed(whole, f"{at}/id_type", id_type), f"{at}/id_no", id_no)

    assert found(payload) == [(f"{at}/id_no", code)]


def test_an_odd_region_in_an_id_is_a_warning_and_the_record_is_taken() -> None:
    number = corpus.resident_id(corpus.random("odd"), region="999999")
    judgement = judged(changed(decided("natural_person"), "/party/id_no", number))

    assert [(fault.pointer, fault.code) for fault in judgement.warnings] == [("/party/id_no", "region-unknown")]
    assert judgement.errors == ()
    assert judgement.record is not None


def test_an_id_number_of_another_sort_is_words_up_to_64_characters() -> None:
    person = changed(decided("natural_person"), "/party/id_type", "other")

    assert found(changed(person, "/party/id_no", "军" * 64)) == []
    assert found(changed(person, "/party/id_no", "军" * 65)) == [("/party/id_no", "text")]


@pytest.mark.parametrize(
    "at", ["/organisation", "/party/credit_code", "/organ/credit_code", "/data_source/credit_code"]
)
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1142010000999999X1", "check-digit"),
        ("1142010000999999X", "credit-code-length"),
        ("", "credit-code-length"),
        ("1142010000999999x0", "credit-code-format"),
        ("00000000000000000X", "placeholder-code"),
        (1142010000999999, "wrong-type"),
        (["1142010000999999X0"], "wrong-type"),
    ],
)
def test_a_credit_code_is_whole_and_right(at: str, value: object, code: str) -> None:
    assert found(changed(decided(), at, value)) == [(at, code)]


def test_an_organisation_code_is_taken_with_its_hyphen_and_checked() -> None:
    code = corpus.organisation_code(corpus.random("code"))
    wrong = code[:8] + ("1" if code[8] == "0" else "0")

    assert found(changed(decided(), "/party/organisation_code", f"{code[:8]}-{code[8]}")) == []
    assert found(changed(decided(), "/party/organisation_code", wrong)) == [
        ("/party/organisation_code", "organisation-code-check-digit")
    ]


# --- what was decided -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "kinds"), [("fine_yuan", {"03"}), ("confiscated_yuan", {"04", "05"})])
def test_an_amount_is_given_exactly_when_its_kind_is(name: str, kinds: set[str], kind: str) -> None:
    whole = decided(kinds=[kind])

    if kind in kinds:
        assert found(changed(whole, f"/{name}", ABSENT)) == [(f"/{name}", "required-for-kind")]
    else:
        assert found(whole | {name: "1.00"}) == [(f"/{name}", "not-for-kinds")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_licence_is_named_when_it_is_suspended_or_revoked_and_may_be_otherwise(kind: str) -> None:
    whole = decided(kinds=[kind], licence="样例许可证 XK000001")

    assert found(whole) == []
    without = [("/licence", "required-for-kind")] if kind in ("06", "08") else []
    assert found(changed(whole, "/licence", ABSENT)) == without


def test_kinds_are_known_named_once_and_at_least_one() -> None:
    assert found(decided(kinds=["01", "02", "01"])) == [("/penalty_kinds/2", "repeated")]
    assert found(decided() | {"penalty_kinds": []}) == [("/penalty_kinds", "too-few")]
    assert found(decided() | {"penalty_kinds": ["03", "14"]}) == [("/penalty_kinds/1", "unknown-code")]
    assert found(decided() | {"penalty_kinds": ["03", 1]}) == [("/penalty_kinds/1", "wrong-type")]
    assert found(decided() | {"penalty_kinds": ["03", None]}) == [("/penalty_kinds/1", "wrong-type")]
    assert found(decided() | {"penalty_kinds": "03"}) == [("/penalty_kinds", "wrong-type")]
    assert found(decided() | {"penalty_kinds": ["03"] * 15}) == [("/penalty_kinds", "too-many")]


@pytest.mark.parametrize("amount", ["0.00", "0.01", "12000.00", "9999999999999999.99"])
def test_money_is_yuan_with_two_places(amount: str) -> None:
    assert judged(decided(fine_yuan=amount)).errors == ()


@pytest.mark.parametrize(
    "amount",
    [
        "12000",
        "12000.0",
        "12000.000",
        "12,000.00",
        "-1.00",
        "+1.00",
        "012.00",
        ".50",
        "1e3",
        "1.00 ",
        " 1.00",
        "1.00\n",
        "",
        "￥1.00",
        "NaN",
        "12345678901234567.00",
    ],
)
def test_other_writings_of_money_are_refused(amount: str) -> None:
    assert found(decided(fine_yuan=amount)) == [("/fine_yuan", "money")]


@pytest.mark.parametrize("amount", ["１２.00", "1２.00", "1.٠٠"])
def test_money_is_written_with_the_digits_of_ascii(amount: str) -> None:
    assert found(decided(fine_yuan=amount, remarks="全角")) == [("/fine_yuan", "money")]
    assert found(decided(fine_yuan="1２.00")) == [("/fine_yuan", "money")]


def test_a_quantity_is_written_with_the_digits_of_ascii() -> None:
    assert found(decided(quantities=[{"item": "样例", "amount": "1２", "unit": "piece"}])) == [
        ("/quantities/0/amount", "decimal")
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("武市监处罚〔2026〕12号", []),
        ("武公（江）行罚决字〔2026〕105号", []),
        ("武市监处罚[2026]第012号", ["document-no-form"]),
        ("武市监处罚", ["document-no"]),
        ("12", ["document-no"]),
    ],
)
def test_the_decisions_number_is_one_and_loosely_written_is_a_warning(number: str, expected: list[str]) -> None:
    judgement = judged(decided(decision_no=number, field="public_security" if "公" in number else "market"))

    assert [(fault.pointer, fault.code) for fault in judgement.faults] == [("/decision_no", code) for code in expected]
    assert (judgement.record is None) == ("document-no" in expected)
    assert judgement.content["decision_no"] == number


def test_an_organ_that_differs_from_the_reporter_is_a_warning() -> None:
    other = corpus.credit_code(corpus.random("organ"), "11")
    judgement = judged(changed(decided(), "/organ/credit_code", other))

    assert [(fault.pointer, fault.code) for fault in judgement.warnings] == [("/organ/credit_code", "organ-differs")]
    assert judgement.record is not None


# --- days -----------------------------------------------------------------------------------------

DAYS = {"filed_on": "2026-01-05", "notified_on": "2026-02-02", "hearing_on": "2026-02-20", "decided_on": "2026-03-02"}
DAYS |= {"valid_until": "2027-03-02", "publicity_until": "2029-03-02"}


@pytest.mark.parametrize("name", DAYS)
@pytest.mark.parametrize(
    "day",
    [
        "2026-02-30",
        "2026-13-01",
        "2026-1-5",
        "20260105",
        "2026/01/05",
        "2026-01-05T00:00:00",
        "2026-01-05T00:00:00+08:00",
        "1899-12-31",
        "2100-01-01",
        "0000-00-00",
        "",
        "２０２６-01-05",
        "2026-01-05 ",
        "今天",
    ],
)
def test_a_day_exists_and_is_written_as_the_contract_says(name: str, day: str) -> None:
    faults = found(decided() | DAYS | {name: day})

    assert (f"/{name}", "date") in faults
    assert [at for at, _ in faults].count(f"/{name}") == 1


@pytest.mark.parametrize("day", [20260105, 1767542400, True, ["2026-01-05"], {}])
def test_a_day_is_a_string(day: object) -> None:
    assert ("/filed_on", "wrong-type") in found(decided() | DAYS | {"filed_on": day})


def test_the_days_of_a_case_may_all_be_one_day() -> None:
    assert found(decided() | dict.fromkeys(DAYS, "2026-03-02")) == []


def test_long_validity_is_written_as_the_last_day_of_2099() -> None:
    assert found(decided() | DAYS | {"valid_until": "2099-12-31"}) == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("filed_on", "notified_on"),
        ("filed_on", "decided_on"),
        ("notified_on", "hearing_on"),
        ("notified_on", "decided_on"),
        ("hearing_on", "decided_on"),
        ("decided_on", "valid_until"),
        ("decided_on", "publicity_until"),
    ],
)
def test_what_comes_later_is_not_dated_earlier(earlier: str, later: str) -> None:
    same = decided() | {"decided_on": "2026-06-01"} | {earlier: "2026-05-05", later: "2026-05-05"}

    (fault,) = judged(same | {later: "2026-05-04"}).errors

    assert (fault.pointer, fault.code) == (f"/{later}", "date-order")
    assert earlier in fault.message("en")
    assert judged(same).errors == ()


@pytest.mark.parametrize("name", ["filed_on", "notified_on", "decided_on"])
def test_what_has_happened_is_not_dated_in_the_future(name: str) -> None:
    faults = found(decided(valid_until=None, publicity_until=None) | {name: "2026-11-23"})

    assert (f"/{name}", "future-date") in faults


def test_today_is_not_in_the_future_and_validity_may_be() -> None:
    assert found(decided(decided_on="2026-11-22", valid_until="2027-11-22", publicity_until="2029-11-22")) == []


def test_a_hearing_that_was_held_is_not_dated_in_the_future() -> None:
    assert found(filed(filed_on="2026-10-12", notified_on="2026-11-01", hearing_on="2027-01-05")) == [
        ("/hearing_on", "future-date")
    ]


# --- shapes ---------------------------------------------------------------------------------------

LENGTHS = {
    "/source_id": 128,
    "/violation_type": 2000,
    "/violation_facts": 5000,
    "/legal_basis": 2048,
    "/penalty_content": 4000,
    "/licence": 200,
    "/remarks": 512,
    "/party/name": 200,
    "/party/registration_no": 50,
    "/party/tax_no": 32,
    "/party/institution_no": 120,
    "/party/association_no": 50,
    "/party/legal_representative/name": 50,
    "/organ/name": 200,
    "/data_source/name": 200,
}


@pytest.mark.parametrize(("at", "length"), LENGTHS.items())
def test_words_have_at_most_their_length_in_characters_and_are_not_blank(at: str, length: int) -> None:
    assert found(changed(decided(), at, "𠀀" * length)) == []
    for value in ("字" * (length + 1), "", " ", "\t\n", "\u3000", "\u00a0"):
        assert found(changed(decided(), at, value)) == [(at, "text")]
    for other in (1, True, ["字"], {"字": "字"}):
        assert found(changed(decided(), at, other)) == [(at, "wrong-type")]


@pytest.mark.parametrize(
    ("at", "name"),
    [("/region", "regions"), ("/field", "fields"), ("/party/kind", "party_kinds"), ("/party/id_type", "id_types")],
)
def test_codes_come_from_the_codelists(at: str, name: str) -> None:
    whole = decided("natural_person")

    for code in ("", "nonsense", codelist(name).codes[0] + " ", codelist(name).zh(codelist(name).codes[0])):
        assert (at, "unknown-code") in found(changed(whole, at, code))
    assert (at, "wrong-type") in found(changed(whole, at, 1))
    if name in ("regions", "fields"):
        assert all(judged(changed(whole, at, code)).errors == () for code in codelist(name).codes)


@pytest.mark.parametrize(
    "at",
    [
        "",
        "/party",
        "/party/legal_representative",
        "/organ",
        "/data_source",
        "/discretion",
        "/amounts/0",
        "/quantities/0",
        "/exceedances/0",
        "/appraisals/0",
        "/prior_penalties/0",
        "/refs/0",
        "/events/0",
    ],
)
def test_a_field_the_standard_does_not_have_is_refused_wherever_it_stands(at: str) -> None:
    payload = changed(supervised(), at + "/colour", "红")

    assert found(payload) == [(at + "/colour", "unknown-field")]


@pytest.mark.parametrize("at", ["/colour", "/party/colour"])
def test_a_field_the_standard_does_not_have_is_refused_though_it_is_null(at: str) -> None:
    assert found(changed(decided(), at, None)) == [(at, "unknown-field")]


@pytest.mark.parametrize("payload", [None, [], "penalty", 1, True, [decided()]])
def test_what_is_no_object_is_no_record(payload: object) -> None:
    assert found(payload) == [("", "wrong-type")]


def test_an_empty_object_is_told_everything_it_lacks() -> None:
    missing = ["record_type", "source_id", "organisation", "region", "field", "party", "organ"]

    assert found({}) == [*((f"/{name}", "required") for name in missing), ("/decided_on", "filed-or-decided")]


@pytest.mark.parametrize(
    "at", ["/party", "/organ", "/data_source", "/party/legal_representative", "/legal_review", "/discretion"]
)
@pytest.mark.parametrize("value", [[], "样例", 1, True])
def test_an_object_is_an_object(at: str, value: object) -> None:
    assert found(changed(decided(), at, value)) == [(at, "wrong-type")]


@pytest.mark.parametrize(
    "name", ["amounts", "quantities", "exceedances", "appraisals", "conduct", "prior_penalties", "refs"]
)
@pytest.mark.parametrize("value", [{}, "样例", 1])
def test_a_list_is_a_list(name: str, value: object) -> None:
    assert found(decided() | {name: value}) == [(f"/{name}", "wrong-type")]


def test_another_record_type_is_told_so() -> None:
    assert found(decided() | {"record_type": "transfer"}) == [("/record_type", "other-record-type")]
    assert found(decided() | {"record_type": 1}) == [("/record_type", "wrong-type")]


def test_null_says_the_same_as_leaving_out() -> None:
    optional = dict.fromkeys(
        ["valid_until", "remarks", "case_no", "refs", "legal_review", "licence", "events", "conduct"]
    )
    payload = changed(decided(), "/party/tax_no", None) | optional

    assert found(payload) == []
    assert judged(payload).content == judged(decided()).content


def supervised() -> Json:
    """A penalty with everything supervision asks for."""
    return decided(
        case_no="武市监立〔2026〕401号",
        filed_on="2025-12-01",
        clue_source="complaint",
        notified_on="2025-12-15",
        hearing_on="2025-12-30",
        legal_review={"required": True, "reviewed_on": "2026-01-04", "opinion": "同意"},
        collective_discussion={"required": False},
        crime_screening={"conclusion": "not_suspected", "screened_on": "2026-01-04", "reason": "未达立案追诉标准"},
        amounts=[{"kind": "sales", "yuan": "3000.00"}],
        procedure="ordinary",
        violation_ended_on="2025-11-20",
        violation_continues=False,
        violation_endangers="life_or_health",
        quantities=[{"item": "样例商品", "amount": "12.5", "unit": "kg", "state": "unsold"}],
        exceedances=[{"substance": "pesticide_residue", "times": "1.5", "standard": "GB 2763"}],
        appraisals=[
            {"kind": "testing", "body": "武汉样例检测院", "concluded_on": "2025-12-09", "conclusion": "不合格"}
        ],
        conduct=["substandard_goods"],
        prior_penalties=[{"decision_no": "武市监处罚〔2025〕9号", "decided_on": "2025-03-03", "penalty_kinds": ["03"]}],
        discretion={"tier": "ordinary", "serious": False, "below_minimum": False},
        refs=[{"rel": "transfer", "record_type": "transfer", "organisation": corpus.ORGANISATION, "source_id": "1"}],
        events=[{"event": "served", "occurred_at": "2026-01-07", "method": "direct"}],
    )


def test_what_supervision_needs_is_taken_whole() -> None:
    assert found(supervised()) == []


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        ("/legal_review/required", "yes", "wrong-type"),
        ("/legal_review/required", 1, "wrong-type"),
        ("/legal_review/required", None, "required"),
        ("/legal_review/reviewed_on", "2026-02-30", "date"),
        ("/crime_screening/conclusion", "perhaps", "unknown-code"),
        ("/amounts/0/kind", "tips", "unknown-code"),
        ("/amounts/0/yuan", "3000", "money"),
        ("/amounts/0/yuan", None, "required"),
        ("/quantities/0/amount", "-1", "decimal"),
        ("/quantities/0/amount", "1.2345678", "decimal"),
        ("/quantities/0/amount", 12, "wrong-type"),
        ("/quantities/0/unit", "千克", "unknown-code"),
        ("/quantities/0/kind", "things", "unknown-code"),
        ("/quantities/0/state", "lost", "unknown-code"),
        ("/exceedances/0/substance", "铅", "unknown-code"),
        ("/exceedances/0/times", "1.5倍", "decimal"),
        ("/appraisals/0/kind", "guess", "unknown-code"),
        ("/appraisals/0/body", " ", "text"),
        ("/procedure", "一般程序", "unknown-code"),
        ("/violation_continues", "no", "wrong-type"),
        ("/violation_endangers", "yes", "unknown-code"),
        ("/conduct/0", "", "unknown-code"),
        ("/conduct/0", "销售", "unknown-code"),
        ("/conduct/0", 1, "wrong-type"),
        ("/prior_penalties/0/decided_on", "2025", "date"),
        ("/prior_penalties/0/penalty_kinds", [], "too-few"),
        ("/discretion/tier", "light", "unknown-code"),
        ("/discretion/serious", "yes", "wrong-type"),
        ("/refs/0/organisation", "1142010000999999X1", "check-digit"),
        ("/refs/0/source_id", None, "required"),
    ],
)
def test_what_supervision_needs_is_judged_too(at: str, value: object, code: str) -> None:
    assert found(changed(supervised(), at, value)) == [(at, code)]


MANY: dict[str, list[Any]] = {
    "amounts": [{"kind": kind, "yuan": "1.00"} for kind in codelist("amount_kinds").codes],
    "quantities": [{"item": "样例商品", "amount": "1", "unit": "piece"}] * 201,
    "exceedances": [{"substance": "other", "times": "1"}] * 51,
    "appraisals": [{"kind": "testing", "body": "武汉样例检测院"}] * 51,
    "conduct": list(codelist("conduct").codes),
    "prior_penalties": [
        {"decision_no": corpus.document_no(n, 2025), "decided_on": "2025-03-03"} for n in range(1, 102)
    ],
    "refs": [
        {"rel": "transfer", "record_type": "transfer", "organisation": corpus.ORGANISATION, "source_id": str(n)}
        for n in range(51)
    ],
}


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("amounts", 20),
        ("quantities", 200),
        ("exceedances", 50),
        ("appraisals", 50),
        ("conduct", 50),
        ("prior_penalties", 100),
        ("refs", 50),
    ],
)
def test_lists_have_their_limits(name: str, limit: int) -> None:
    many = MANY[name]

    assert found(supervised() | {name: many[:limit]}) == []
    judgement = judged(supervised() | {name: many[: limit + 1]})
    assert [(fault.pointer, fault.code, fault.details["limit"]) for fault in judgement.faults] == [
        (f"/{name}", "too-many", limit)
    ]


# --- all at once ----------------------------------------------------------------------------------


def test_all_faults_are_told_at_once_in_the_order_of_the_document() -> None:
    payload = {
        "colour": "红",
        "fine_yuan": "12",
        "party": {"credit_code": "1", "kind": "legal_person", "name": ""},
        "events": [{"event": "served", "occurred_at": "2026-02-30"}, {"event": "boiled"}],
        "region": "1",
        "penalty_kinds": ["01", "01", "04"],
        "decision_no": "12",
        "decided_on": "2026-12-01",
        "record_type": "penalty",
        "source_id": "1",
        "organisation": corpus.ORGANISATION,
    }

    assert found(payload) == [
        ("/colour", "unknown-field"),
        ("/fine_yuan", "money"),
        ("/party/credit_code", "credit-code-length"),
        ("/party/name", "text"),
        ("/party/legal_representative", "required-for-legal-person"),
        ("/events/0/occurred_at", "moment"),
        ("/events/1/event", "unknown-event"),
        ("/region", "unknown-code"),
        ("/penalty_kinds/1", "repeated"),
        ("/decision_no", "document-no"),
        ("/decided_on", "future-date"),
        ("/field", "required"),
        ("/organ", "required"),
        ("/violation_type", "required-from-decision"),
        ("/violation_facts", "required-from-decision"),
        ("/legal_basis", "required-from-decision"),
        ("/penalty_content", "required-from-decision"),
        ("/data_source", "required-from-decision"),
        ("/confiscated_yuan", "required-for-kind"),
    ]


def test_a_rule_across_fields_speaks_though_others_are_at_fault() -> None:
    payload = changed(changed(decided(kinds=["04"]), "/confiscated_yuan", ABSENT), "/region", "1")

    assert found(payload) == [("/region", "unknown-code"), ("/confiscated_yuan", "required-for-kind")]


def test_a_rule_across_fields_is_silent_where_what_it_reads_is_at_fault() -> None:
    assert found(decided(fine_yuan="12", filed_on="2026-02-30")) == [("/fine_yuan", "money"), ("/filed_on", "date")]


def test_rules_across_fields_speak_though_the_only_kind_is_unknown() -> None:
    assert found(decided() | {"penalty_kinds": ["15"], "decision_no": "12"}) == [
        ("/decision_no", "document-no"),
        ("/penalty_kinds/0", "unknown-code"),
    ]


def test_the_rules_on_the_party_speak_though_its_name_is_at_fault() -> None:
    person = changed(changed(decided("natural_person"), "/party/name", " "), "/party/id_no", ABSENT)

    assert set(found(person)) == {("/party/name", "text"), ("/party/id_no", "required-for-person")}


def test_a_day_in_the_future_is_told_though_another_day_is_at_fault() -> None:
    assert found(decided(filed_on="2026-02-30", decided_on="2026-11-23")) == [
        ("/decided_on", "future-date"),
        ("/filed_on", "date"),
    ]


def test_what_reading_found_is_told_first_and_nothing_else_at_its_place() -> None:
    text = json.dumps(decided()).replace('"fine_yuan": "', '"fine_yuan": 1.5, "fine_yuan": "')
    reading = read_json(text.replace('"source_id": "', '"remarks": 1e3, "source_id": "\\u0007').encode())

    faults = judge("penalty", reading.value, TODAY, reading.faults).faults

    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("/remarks", "fraction"),
        ("/source_id", "control-character"),
        ("/fine_yuan", "duplicate-name"),
    ]


def test_the_same_place_is_told_once_though_two_rules_miss_it() -> None:
    assert [at for at, _ in found(changed(decided(), "/decided_on", ABSENT))] == ["/decided_on"]


# --- events ---------------------------------------------------------------------------------------


def with_events(*events: object) -> Json:
    return decided(decided_on="2026-03-02", events=list(events))


def event(name: str, when: object, **more: object) -> Json:
    return {"event": name, "occurred_at": when, **more}


def _extended(**said: object) -> Json:
    """An extension of the period for the decision by the head; None leaves a member out."""
    usual: Json = {"node": "penalty_decided", "level": "head"}
    return event("extended", "2026-03-03", **{name: one for name, one in (usual | said).items() if one is not None})


@pytest.mark.parametrize(
    ("one", "at", "code"),
    [
        (event("boiled", "2026-03-03"), "/event", "unknown-event"),
        (event("filed_", "2026-03-03"), "/event", "unknown-event"),
        ({"event": 1, "occurred_at": "2026-03-03"}, "/event", "wrong-type"),
        ({"occurred_at": "2026-03-03"}, "/event", "required"),
        ({"event": "served"}, "/occurred_at", "required"),
        (event("served", "2026-02-30"), "/occurred_at", "moment"),
        (event("served", "2026-03-03T10:00:00"), "/occurred_at", "moment"),
        (event("served", "2026-03-03 10:00:00+08:00"), "/occurred_at", "moment"),
        (event("served", 1772503200), "/occurred_at", "wrong-type"),
        (event("served", "2026-11-23"), "/occurred_at", "future-date"),
        (event("served", "2026-11-22T23:00:00-05:00"), "/occurred_at", "future-date"),
        (event("served", "2026-03-03", method="pigeon"), "/method", "unknown-code"),
        (event("served", "2026-03-03", amount_yuan="1.00"), "/amount_yuan", "unknown-field"),
        (event("served", "2026-03-03", document_no=""), "/document_no", "text"),
        (event("revoked", "2026-03-03"), "/reason", "required"),
        (event("not_punished", "2026-03-03", reason=" "), "/reason", "text"),
        (event("paid", "2026-03-03", amount_yuan="1"), "/amount_yuan", "money"),
        (
            _extended(amount=0, unit="month"),
            "/amount",
            "out-of-range",
        ),
        (
            _extended(amount="3", unit="month"),
            "/amount",
            "wrong-type",
        ),
        (
            _extended(amount=True, unit="month"),
            "/amount",
            "wrong-type",
        ),
        (_extended(amount=3, unit="natural_day", node="penalty_severed"), "/node", "unknown-node"),
        (_extended(amount=3, unit="natural_day", node="penalty_served"), "/node", "not-extendable"),
        (_extended(amount=3, unit="natural_day", level=None), "/level", "required"),
        (_extended(amount=3, unit="natural_day", level="mayor"), "/level", "unknown-code"),
        (
            _extended(amount=3, unit="working_day", node="penalty_filed", level="superior"),
            "/level",
            "level-cannot-extend",
        ),
        (_extended(amount=31, unit="natural_day"), "/amount", "longer-than-level"),
        (_extended(), "/amount", "amount-or-until"),
        (_extended(amount=3, unit="natural_day", until="2026-06-01"), "/amount", "amount-or-until"),
        (_extended(amount=3), "/unit", "required"),
        (event("payment_deferred", "2026-03-03"), "/until", "required"),
        (event("payment_deferred", "2026-03-03", until="2026-03-02"), "/until", "date-order"),
        (event("suspended", "2026-03-03", reason="样例", ground="holiday"), "/ground", "unknown-code"),
        (event("waived", "2026-03-03", node="penalty_paid"), "/reason", "required"),
        ("served", "", "wrong-type"),
        (None, "", "wrong-type"),
        ([], "", "wrong-type"),
    ],
)
def test_an_event_is_judged_by_itself_with_its_place_in_what_was_sent(one: object, at: str, code: str) -> None:
    alone = judge_event("penalty", one, TODAY)

    assert [(fault.pointer, fault.code) for fault in alone.faults] == [(at, code)]
    assert alone.told is None
    assert found(with_events(event("entered", "2026-03-03"), one)) == [("/events/1" + at, code)]
    there = judge_event("penalty", one, TODAY, "/lines/3")
    assert [fault.pointer for fault in there.faults] == ["/lines/3" + at]


@pytest.mark.parametrize(
    "when",
    [
        "2026-03-03",
        "2026-03-03T10:20:00+08:00",
        "2026-03-03T02:20:00Z",
        "2026-03-03T10:20:00.123456-05:00",
        "2026-11-22",
    ],
)
def test_an_event_happens_on_a_day_or_at_a_moment_with_its_offset(when: str) -> None:
    judgement = judged(with_events(event("served", when)))

    assert judgement.faults == ()
    assert judgement.events[0].content["occurred_at"] == when


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59-08:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_at_the_edge_of_time_is_refused(when: str) -> None:
    assert [at for at, _ in found(with_events(event("served", when)))] == ["/events/0/occurred_at"]


@pytest.mark.parametrize("when", ["1000-01-01T00:00:00Z", "1899-12-31T00:00:00+08:00"])
def test_a_moment_before_1900_is_refused_as_a_day_is(when: str) -> None:
    assert judge_event("penalty", event("served", when), TODAY).told is None
    assert judge_event("penalty", event("served", when[:10]), TODAY).told is None


def test_an_event_after_the_end_of_today_in_shanghai_lies_in_the_future() -> None:
    assert found(with_events(event("served", "2026-11-22T23:59:59+08:00"))) == []
    assert found(with_events(event("served", "2026-11-22T16:00:00Z"))) == [("/events/0/occurred_at", "future-date")]


def test_events_are_a_list_of_limited_length() -> None:
    many = [event("paid", "2026-03-09", source_id=str(n)) for n in range(MAX_EVENTS)]

    assert found(with_events(event("served", "2026-03-03"), *many[1:])) == []
    assert found(with_events(*many, *many)) == [("/events", "too-many")]
    assert found(decided() | {"events": {}}) == [("/events", "wrong-type")]


def test_an_event_whose_predecessor_is_missing_is_a_warning() -> None:
    judgement = judged(with_events(event("paid", "2026-03-09")))

    assert [(fault.pointer, fault.code) for fault in judgement.warnings] == [("/events/0/event", "predecessor-missing")]
    assert judgement.errors == ()
    assert len(judgement.events) == 1


def test_an_event_that_contradicts_the_record_is_an_error_that_names_what() -> None:
    judgement = judged(with_events(event("served", "2026-03-05"), event("not_punished", "2026-03-06", reason="样例")))

    (fault,) = judgement.faults
    assert (fault.pointer, fault.code) == ("/events/1/event", "contradiction")
    assert fault.details["day"] == "2026-03-05"
    assert "送达" in fault.message("zh")


def test_the_contradicted_event_is_named_in_the_readers_language() -> None:
    (fault,) = judged(
        with_events(event("served", "2026-03-05"), event("not_punished", "2026-03-06", reason="样例"))
    ).faults

    assert "served" in fault.message("en")
    assert "送达" not in fault.message("en")


def test_an_event_on_the_day_the_record_states_says_no_more_than_the_record() -> None:
    assert found(with_events(event("decided", "2026-03-02"), event("decided", "2026-03-02T15:00:00+08:00"))) == []
    assert found(with_events(event("decided", "2026-03-03"))) == [("/events/0/event", "contradiction")]


def test_two_events_with_one_identity_and_other_content_are_told() -> None:
    first = event("paid", "2026-03-09", source_id="1", amount_yuan="1.00")

    assert found(with_events(event("served", "2026-03-03"), first, first | {"amount_yuan": "2.00"})) == [
        ("/events/2", "repeated")
    ]


def test_the_same_event_twice_over_is_no_fault() -> None:
    served = event("served", "2026-03-03", method="direct")

    assert found(with_events(served, served)) == []


def test_the_same_moment_in_another_offset_is_the_same_event() -> None:
    one = event("paid", "2026-03-09T10:00:00+08:00", amount_yuan="1.00")

    assert found(with_events(event("served", "2026-03-03"), one, one | {"occurred_at": "2026-03-09T02:00:00Z"})) == []


@pytest.mark.parametrize(
    ("one", "at"),
    [
        ({"event": None, "occurred_at": "2026-03-03"}, "/event"),
        (event("revoked", "2026-03-03", reason=None), "/reason"),
    ],
)
def test_null_says_the_same_as_leaving_out_in_events_too(one: Json, at: str) -> None:
    assert found(with_events(one)) == [("/events/0" + at, "required")]


# --- whatever is sent -----------------------------------------------------------------------------

WORDS = st.text(st.characters(), max_size=8)  # with control characters and half surrogates
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=10,
)
NEAR: st.SearchStrategy[Any] = st.sampled_from(
    [
        "",
        " ",
        "03",
        "99",
        "2026-03-02",
        "2026-02-30",
        "2027-01-01",
        "2026-03-02T10:00:00+08:00",
        "12000.00",
        "natural_person",
        "served",
        "decided",
        "closed",
        "penalty",
        "420106",
        corpus.ORGANISATION,
        "resident_id",
        0,
        True,
        None,
        [],
        {},
    ]
)
BASES = [supervised(), filed(), decided("natural_person"), decided("sole_trader", ["04", "08"])]


def places(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every member and item of a JSON value."""
    if isinstance(value, Mapping):
        steps: list[str | int] = list(value)
    else:
        steps = list(range(len(value))) if isinstance(value, list) else []
    for step in steps:
        yield (*at, step)
        yield from places(value[step], (*at, step))  # type: ignore[index]


@st.composite
def mutated(draw: st.DrawFn) -> Json:
    """A penalty with one to four members taken out, replaced, added or doubled."""
    payload = copy.deepcopy(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(1, 4))):
        here = list(places(payload))
        if here:
            *way, last = draw(st.sampled_from(here))
            place: Any = payload
            for step in way:
                place = place[step]
            spoil(draw, place, last)
    return payload


def spoil(draw: st.DrawFn, place: Any, last: Any) -> None:  # noqa: ANN401 – any JSON
    """Change an object or a list at one of its members."""
    match draw(st.sampled_from(["out", "any", "near", "near", "more"])):
        case "out":
            place.pop(last)
        case "any":
            place[last] = draw(ANY)
        case "near":
            place[last] = draw(NEAR)
        case _ if isinstance(place, dict):
            place[draw(WORDS)] = draw(ANY)
        case _:
            place.append(copy.deepcopy(place[last]))


def resolves(document: object, steps: list[str]) -> bool:
    for step in steps:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isascii() and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return False
    return True


def steps_of(at: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in at.split("/")[1:]]


def place_of(document: object, at: str) -> list[int]:
    """Where a pointer leads, as a sequence of places; a missing member comes after its siblings."""
    found: list[int] = []
    for step in steps_of(at):
        members = list(document) if isinstance(document, dict) else [str(n) for n in range(len(document))]  # type: ignore[arg-type]
        found.append(members.index(step) if step in members else 10**6)
        if step not in members:
            break
        document = document[step] if isinstance(document, dict) else document[int(step)]  # type: ignore[index]
    return found


def promised(payload: object, judgement: Judgement) -> None:
    """What holds of every judgement."""
    for fault in judgement.faults:
        steps = steps_of(fault.pointer)
        assert resolves(payload, steps[:-1]), fault
        assert fault.code in wordings()
        for language in ("zh", "en"):
            assert fault.message(language)
            fault.fix(language)
    assert len({(fault.pointer, fault.code) for fault in judgement.faults}) == len(judgement.faults)
    order = [place_of(payload, fault.pointer) for fault in judgement.faults]
    assert order == sorted(order)
    assert (judgement.record is None) == bool(judgement.errors)


@settings(max_examples=500, deadline=None)
@given(mutated())
@example({"party": {"name": 1}, "events": [None, {"event": "served"}]})
@example({"a/b": {}, "~": [], "": None})
def test_whatever_is_changed_in_a_penalty_judging_keeps_its_promises(payload: Json) -> None:
    text = json.dumps(payload)
    reading = read_json(text.encode())
    assert reading.unreadable is None

    judgement = judge("penalty", reading.value, TODAY, reading.faults)

    assert json.dumps(payload) == text
    promised(reading.value, judgement)
    assert judge("penalty", reading.value, TODAY, reading.faults).faults == judgement.faults
    if judgement.record is not None:
        assert judge("penalty", judgement.content, TODAY).content == judgement.content


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_whatever_json_is_sent_judging_does_not_raise(payload: object) -> None:
    reading = read_json(json.dumps(payload).encode())
    assert reading.unreadable is None

    promised(reading.value, judge("penalty", reading.value, TODAY, reading.faults))


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["event", "occurred_at", "reason", "node", "amount", "unit", "method"]), NEAR | ANY)
)
def test_whatever_event_is_sent_judging_does_not_raise(payload: Json) -> None:
    judgement = judge_event("penalty", payload, TODAY, "/events/0")

    assert all(fault.pointer.startswith("/events/0") and fault.message("en") for fault in judgement.faults)
    assert (judgement.told is None) == bool(judgement.errors)


SECRET = "泄露样例4201"


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([at for base in BASES for at in (pointer(*steps) for steps in places(base))]),
    st.sampled_from(BASES),
)
def test_no_value_is_echoed_in_a_message(at: str, base: Json) -> None:
    if not resolves(base, steps_of(at)):
        return
    for fault in judged(changed(base, at, SECRET)).faults:
        assert SECRET not in fault.pointer + "".join(fault.message(of) + fault.fix(of) for of in ("zh", "en"))


@pytest.mark.parametrize("name", ["a\\u0007", "\\ud800", "\\u001b[2J"])
def test_a_name_with_an_unwanted_character_is_told_at_its_object_alone(name: str) -> None:
    reading = read_json(f'{{"{name}": 1, "party": {{"{name}": 1}}}}'.encode())
    faults: tuple[Fault, ...] = judge("penalty", reading.value, TODAY, reading.faults).faults

    assert {"", "/party"} <= {
        fault.pointer for fault in faults if fault.code in ("control-character", "lone-surrogate")
    }
    assert all(fault.pointer.isprintable() and fault.pointer.isascii() for fault in faults)
    assert ("/record_type", "required") in [(fault.pointer, fault.code) for fault in faults]


def test_a_payload_is_judged_the_same_read_from_text_as_built_in_memory() -> None:
    for base in BASES:
        assert found_in_text(base) == found(base) == []


def test_a_clerk_reads_types_and_dates_by_their_chinese_names() -> None:
    faults = judged(decided(fine_yuan=12000, filed_on="2026-10-30")).errors

    assert {fault.code: fault.message() for fault in faults} == {
        "wrong-type": "类型不正确，应为字符串",
        "date-order": "不得早于立案日期",
    }


def test_an_event_that_an_older_standard_took_is_still_read() -> None:
    kept: Json = {
        "event": "extended",
        "occurred_at": "2026-03-03",
        "node": "penalty_served",
        "amount": 3,
        "unit": "month",
    }

    for level in ({}, {"level": "局长"}):
        read = recall_event("penalty", kept | level)

        assert (read.event, read.details()["amount"], read.details().get("level")) == ("extended", 3, None)


def test_what_the_record_says_of_a_screening_stands_beside_an_event_that_only_tells_its_hour() -> None:
    screening = {"conclusion": "suspected", "screened_on": "2026-03-02", "reason": "样例"}
    record = judge("penalty", corpus.penalty(1, decided_on="2026-03-02", crime_screening=screening), TODAY).record
    assert record is not None
    hour = Fact("crime_screened", datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI), stated_by="event:1")

    facts = facts_of(record, [hour])

    screened = next(one for one in facts if one.event == "crime_screened")
    assert (screened.occurred_at, screened.stated_by) == (hour.occurred_at, "/crime_screening/screened_on")
    assert "crime_suspected" in {one.event for one in record.implied(facts)}
