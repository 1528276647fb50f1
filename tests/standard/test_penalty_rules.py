"""Where the rules across the fields of a penalty begin to speak, and where they keep silent.

That each of them speaks at all is shown by the worked examples; here are their edges.
"""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from schemas.judging import judge
from schemas.penalty import Penalty
from tests import corpus
from tests.examples import TODAY, examples

Json = dict[str, Any]
EXAMPLES = {one.file.removesuffix(".json"): one for one in examples("penalty")}


def valid(name: str, **changes: object) -> Json:
    """A valid example with other members; None takes one out."""
    payload = EXAMPLES[f"valid-{name}"].payload() | changes
    return {name: value for name, value in payload.items() if value is not None}


def found(payload: Json, today: date = TODAY) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in judge("penalty", payload, today).faults]


def codes(payload: Json) -> set[str]:
    return {code for _, code in found(payload)}


PLAIN = valid("credit-publicity-only")
FOOD = valid("market-food-company")
SIMPLE = valid("simple-sole-trader")


# --- what a rule is -------------------------------------------------------------------------------


def test_a_rule_is_silent_where_what_it_reads_is_at_fault() -> None:
    spot = FOOD | {"procedure": "simple", "fine_yuan": "1"}

    assert found(spot) == [
        ("/hearing_on", "simple-hearing"),
        ("/penalty_kinds/1", "simple-kinds"),
        ("/fine_yuan", "money"),
    ]
    assert "simple-fine" in codes(spot | {"fine_yuan": "50000.00"})


def test_a_rule_speaks_for_itself() -> None:
    (rule,) = (rule for rule in Penalty.rules if rule.name == "filed_on_not_after_decided_on")

    assert rule.says == "/decided_on is not earlier than /filed_on."
    assert rule.reads == ("/filed_on", "/decided_on")
    assert "第六十条" in rule.basis


# --- who --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["91", "12", "51", "93", "11"])
def test_a_legal_person_may_have_any_credit_code_but_a_sole_traders(code: str) -> None:
    party = PLAIN["party"] | {"credit_code": corpus.credit_code(corpus.random(code), code)}

    assert found(PLAIN | {"party": party}) == []


def test_a_person_may_have_the_code_of_a_business_of_theirs_and_no_companys() -> None:
    filed = valid("market-filed-only")
    trader, company = (corpus.credit_code(corpus.random("code"), kind) for kind in ("92", "91"))

    assert found(filed | {"party": filed["party"] | {"credit_code": trader}}) == []
    assert codes(filed | {"party": filed["party"] | {"credit_code": company}}) == {"code-not-of-kind"}


@pytest.mark.parametrize(("kind", "expected"), [("11", set()), ("12", set()), ("13", set()), ("91", {"organ-code"})])
def test_organs_of_state_and_public_institutions_may_penalise(kind: str, expected: set[str]) -> None:
    code = corpus.credit_code(corpus.random("organ"), kind)

    assert codes(PLAIN | {"organisation": code, "organ": {"name": "样例", "credit_code": code}}) == expected


# --- the number of the decision -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "day", "expected"),
    [
        ("武市监处罚〔2025〕22号", "2026-01-31", set()),
        ("武市监处罚〔2025〕22号", "2026-02-01", {"decision-no-year"}),
        ("武市监处罚〔2026〕22号", "2025-12-01", set()),
        ("武市监处罚〔2026〕22号", "2025-11-30", {"decision-no-year"}),
        ("武市监处罚〔2024〕22号", "2026-01-05", {"decision-no-year"}),
        ("武市监处罚[2026]22号", "2026-06-01", {"document-no-form"}),
    ],
)
def test_a_number_may_be_taken_at_the_turn_of_the_year(number: str, day: str, expected: set[str]) -> None:
    assert codes(PLAIN | {"decision_no": number, "decided_on": day, "publicity_until": None}) == expected


@pytest.mark.parametrize(
    ("field", "number", "doubtful"),
    [
        ("market", "武市监处罚〔2026〕1号", False),
        ("market", "武环罚〔2026〕1号", True),
        ("drug", "武市监处罚〔2026〕1号", False),
        ("market", "武处罚〔2026〕1号", False),
        ("market", "武综执环罚〔2026〕1号", False),
        ("ecology", "武城管环罚〔2026〕1号", False),
        ("ecology", "武市监处罚〔2026〕1号", True),
        ("street", "武城管罚〔2026〕1号", False),
        ("education", "武市监处罚〔2026〕1号", False),
        ("public_security", "武公（江）行罚决字〔2026〕1号", False),
        ("market", "武公（江）行罚决字〔2026〕1号", True),
    ],
)
def test_a_number_is_doubted_only_if_it_speaks_for_another_field_alone(field: str, number: str, doubtful: bool) -> None:
    assert ("decision-no-field" in codes(PLAIN | {"field": field, "decision_no": number})) == doubtful


# --- what was decided ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kinds", "expected"),
    [
        ("给予警告。", ["01"], set()),
        ("给予警告,罚款500元。", ["01"], {"content-kind"}),
        ("给予警告,罚款500元。", ["99"], set()),
        ("给予警告,不予罚款。", ["01"], set()),
        ("给予警告;逾期不改正的,处5000元以上罚款。", ["01"], set()),
        ("给予警告,逾期缴纳的加处罚款。", ["01"], set()),
        ("给予警告,免予吊销许可证。", ["01"], set()),
        ("给予警告并责令停产停业。", ["01"], {"content-kind"}),
        ("给予警告,未没收违法所得。", ["01"], set()),
        ("给予警告,行政拘留制度另行说明。", ["01"], set()),
    ],
)
def test_the_content_is_read_for_what_it_plainly_imposes(content: str, kinds: list[str], expected: set[str]) -> None:
    assert codes(PLAIN | {"penalty_content": content, "penalty_kinds": kinds}) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("处1000元罚款,给予警告。", set()),
        ("处壹仟元罚款,给予警告。", set()),
        ("处0.1万元罚款,给予警告。", set()),
        ("罚款10000元,给予警告。", {"content-amount"}),
        ("对甲罚款400元,对乙罚款600元,给予警告。", set()),
        ("罚款,给予警告。", set()),
    ],
)
def test_the_fine_is_held_against_the_content_where_it_names_one(content: str, expected: set[str]) -> None:
    assert codes(SIMPLE | {"penalty_content": content}) == expected


def test_goods_taken_beside_the_gains_are_part_of_what_was_confiscated() -> None:
    books = valid("culture-pirated-copies")

    assert "05" in books["penalty_kinds"]
    assert found(books | {"confiscated_yuan": "2060.01"}) == []


def test_circulated_criticism_of_the_first_day_of_the_law_is_one() -> None:
    old = valid("fire-before-2021", penalty_kinds=["02"], fine_yuan=None, penalty_content="通报批评。", events=None) | {
        "decision_no": "武消行罚决字〔2021〕21号"
    }

    assert found(old | {"decided_on": "2021-07-15"}) == []
    assert found(old | {"decided_on": "2021-07-14"}) == [("/penalty_kinds/0", "kind-not-in-force")]


def test_a_payment_told_twice_is_counted_once_and_a_surcharge_may_double_the_fine() -> None:
    tax = valid("tax-five-years")
    paid = tax["events"][1]

    assert found(tax | {"events": [tax["events"][0], paid, paid, paid]}) == []
    assert found(tax | {"events": [tax["events"][0], paid | {"amount_yuan": "64000.00"}]}) == []
    assert codes(tax | {"events": [tax["events"][0], paid | {"amount_yuan": "64000.01"}]}) == {"paid-above-fine"}


# --- when ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "changes", "expected"),
    [
        ("2024-01-09", {}, set()),
        ("2024-01-08", {}, {"limitation-passed"}),
        ("2024-01-08", {"violation_continues": True}, {"ended-and-continues"}),
        ("2024-01-08", {"violation_endangers": "life_or_health"}, set()),
        ("2021-01-08", {"violation_endangers": "life_or_health"}, {"limitation-passed"}),
        ("2024-01-08", {"filed_on": None}, set()),
        ("2024-01-08", {"events": [{"event": "registered", "occurred_at": "2026-01-08"}]}, set()),
        (
            "2024-01-08",
            {"events": [{"event": "registered", "occurred_at": "2026-01-08T23:00:00Z"}]},
            {"limitation-passed"},
        ),
    ],
)
def test_two_years_run_from_the_end_of_the_violation_to_the_day_it_was_found(
    ended: str, changes: Json, expected: set[str]
) -> None:
    assert codes(valid("forestry-timber", violation_ended_on=ended, **changes)) == expected


def test_the_years_of_the_limitation_are_told() -> None:
    (fault,) = judge("penalty", valid("forestry-timber", violation_ended_on="2020-01-01"), TODAY).warnings

    assert "2 年" in fault.message("zh")
    assert "2 years" in fault.message("en")


def test_a_violation_that_went_on_may_end_after_filing() -> None:
    land = valid("land-occupied")

    assert land["violation_continues"] is True
    assert found(land | {"violation_ended_on": land["filed_on"]}) == []
    assert found(land | {"violation_ended_on": "2026-05-01"}) == []


def test_publicity_may_begin_some_weeks_after_the_decision_and_outlast_a_restriction() -> None:
    assert found(PLAIN | {"publicity_until": "2029-11-30"}) == []
    assert codes(PLAIN | {"publicity_until": "2029-12-01"}) == {"publicity-too-long"}
    restricted = {"penalty_kinds": ["12"], "penalty_content": "限制从业五年。"}
    assert found(PLAIN | restricted | {"publicity_until": "2031-09-29"}) == []


def test_a_decision_before_the_rules_on_publicity_is_not_held_against_them() -> None:
    assert found(valid("fire-before-2021", publicity_until="2025-06-10")) == []


# --- how ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("yuan", "expected"), [("3000.00", set()), ("3000.01", {"simple-fine"}), ("1000.00", set())])
def test_an_organisation_is_fined_up_to_3000_yuan_on_the_spot(yuan: str, expected: set[str]) -> None:
    assert codes(SIMPLE | {"fine_yuan": yuan, "penalty_content": "给予警告,并处罚款。"}) == expected


@pytest.mark.parametrize(
    ("day", "yuan", "expected"),
    [
        ("2026-08-30", "500.00", set()),
        ("2026-08-30", "500.01", {"simple-fine"}),
        ("2025-08-30", "200.01", {"simple-fine"}),
        ("2025-08-30", "200.00", set()),
    ],
)
def test_the_police_fine_people_on_the_spot_by_a_law_of_their_own(day: str, yuan: str, expected: set[str]) -> None:
    number = f"武公交决字〔{day[:4]}〕2020号"
    traffic = valid("traffic-simple", decided_on=day, fine_yuan=yuan, decision_no=number, penalty_content="罚款。")

    assert codes({name: value for name, value in traffic.items() if name != "events"}) == expected


def test_the_ordinary_procedure_has_no_ceiling() -> None:
    assert found(SIMPLE | {"procedure": "ordinary", "fine_yuan": "30000.00", "penalty_content": "罚款,警告。"}) == []


def test_a_severe_penalty_from_the_credit_layout_is_not_doubted_for_what_that_layout_cannot_say() -> None:
    closed = {"penalty_kinds": ["11"], "penalty_content": "责令关闭。"}

    assert found(PLAIN | closed) == []
    assert codes(PLAIN | closed | {"filed_on": "2026-08-01"}) == {"notice-missing"}
    told = [{"event": "notified", "occurred_at": "2026-09-01"}]
    assert found(PLAIN | closed | {"filed_on": "2026-08-01", "events": told}) == []


def test_before_the_decision_neither_review_nor_discussion_nor_notice_is_missed() -> None:
    filed = valid("market-filed-only")
    owed = {"legal_review": {"required": True}, "collective_discussion": {"required": True}}

    assert found(filed | owed) == []
    assert codes(FOOD | owed) == {"review-missing", "discussion-missing"}


# --- what supervision looks at ------------------------------------------------------------------------


def test_a_suspected_crime_refers_to_a_transfer_and_to_nothing_else() -> None:
    eco = valid("ecology-suspected-and-transferred")
    (ref,) = eco["refs"]

    assert codes(eco | {"refs": [ref | {"record_type": "clue"}]}) == {"transfer-missing"}
    assert codes(eco | {"refs": []}) == {"transfer-missing"}


@pytest.mark.parametrize("source", ["transfer", "police_transfer", "opinion", "advice"])
def test_what_came_from_another_organ_says_from_where(source: str) -> None:
    assert codes(PLAIN | {"clue_source": source}) == {"source-without-ref"}


@pytest.mark.parametrize("source", ["inspection", "complaint", "report", "hotline", "media", "assigned", "other"])
def test_what_came_otherwise_need_not(source: str) -> None:
    assert found(PLAIN | {"clue_source": source}) == []


@pytest.mark.parametrize(
    ("unit", "kind", "fits"),
    [
        ("t", "hazardous_waste", True),
        ("jin", "hazardous_waste", True),
        ("m3", "hazardous_waste", False),
        ("mu", "basic_farmland", True),
        ("m2", "basic_farmland", True),
        ("plant", "timber", True),
        ("m3", "timber", True),
        ("kg", "timber", False),
        ("carton", "cigarettes", True),
        ("box", "cigarettes", False),
        ("month", "unpaid_months", True),
        ("day", "unpaid_months", False),
        ("other", "catch", False),
    ],
)
def test_a_unit_measures_its_kind(unit: str, kind: str, fits: bool) -> None:
    quantity = {"item": "样例", "amount": "1", "unit": unit, "kind": kind}

    expected = [] if fits else [("/quantities/0/unit", "unit-not-of-kind")]
    assert found(PLAIN | {"quantities": [quantity]}) == expected
    assert found(PLAIN | {"quantities": [{name: quantity[name] for name in ("item", "amount", "unit")}]}) == []


def test_equal_amounts_of_part_and_whole_are_no_contradiction() -> None:
    assert found(PLAIN | {"amounts": [{"kind": kind, "yuan": "5.00"} for kind in ("evaded_tax", "tax_payable")]}) == []


def test_an_earlier_penalty_of_the_same_day_is_one() -> None:
    prior = {"decision_no": "武新市监处罚〔2026〕21号", "decided_on": PLAIN["decided_on"]}

    assert found(PLAIN | {"prior_penalties": [prior]}) == []


def test_what_is_earlier_than_a_case_that_is_only_filed_is_not_known() -> None:
    prior = {"decision_no": "武市监处罚〔2026〕21号", "decided_on": "2026-10-01"}

    assert found(valid("market-filed-only", prior_penalties=[prior])) == []


def test_records_are_referred_to_once_for_each_tie() -> None:
    water = copy.deepcopy(valid("water-from-the-police"))
    (ref,) = water["refs"]

    assert found(water | {"refs": [ref, ref | {"rel": "same_facts"}]}) == []
