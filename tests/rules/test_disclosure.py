"""What a reader sees from whom some classes are withheld: everything but what is of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.disclosure import MASK, cleared, masked, unseen_of, words_at, words_of
from schemas.judging import judge, recall
from schemas.receipt import canonical, digest
from tests import corpus
from tests.corpus import PartyKind
from tests.tips import CHILD, INFORMANT, PERSON, SECRET, SECRET_CLASSES, Tip, tip

Json = dict[str, Any]
PERSONAL = ["/party/name", "/party/id_no", "/party/legal_representative/name", "/party/legal_representative/id_no"]


def penalty(kind: PartyKind, **changes: object) -> Json:
    return {**corpus.penalty(1, party_kind=kind), **changes}


def personal(content: Json) -> list[str]:
    """The pointers the record itself calls personal."""
    return [pointer for pointer, _ in recall("penalty", content).classified()]


def seen(content: Json) -> tuple[Json, list[str]]:
    return masked(content, personal(content))


def strings(value: object) -> Iterator[str]:
    """Every string in a JSON value, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from strings(member)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def at(content: Json, pointer: str) -> Any:  # noqa: ANN401 – any JSON
    value: Any = content
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


# --- what is personal -----------------------------------------------------------------------------


def test_of_a_person_name_and_number_are_masked_and_nothing_else() -> None:
    content = penalty("natural_person")

    copied, pointers = seen(content)

    assert pointers == ["/party/id_no", "/party/name"]
    assert copied["party"] == {"name": MASK, "kind": "natural_person", "id_type": "resident_id", "id_no": MASK}
    assert {name: copied[name] for name in copied if name != "party"} == {
        name: content[name] for name in content if name != "party"
    }


def test_of_a_company_its_representative_is_masked_and_its_name_is_not() -> None:
    content = penalty("legal_person")

    copied, pointers = seen(content)

    assert pointers == ["/party/legal_representative/id_no", "/party/legal_representative/name"]
    assert copied["party"]["name"] == content["party"]["name"]
    assert copied["party"]["credit_code"] == content["party"]["credit_code"]
    assert copied["party"]["legal_representative"] == {"name": MASK, "id_type": "resident_id", "id_no": MASK}


def test_of_a_sole_trader_the_persons_id_is_masked_and_the_shop_is_not() -> None:
    content = penalty("sole_trader")
    content["party"] |= {"id_type": "passport", "id_no": "E00000000", "legal_representative": {"name": "样例代表"}}

    copied, pointers = seen(content)

    assert pointers == ["/party/id_no", "/party/legal_representative/name"]
    assert copied["party"]["name"] == content["party"]["name"]


def test_organs_are_no_persons() -> None:
    copied, _ = seen(penalty("natural_person"))

    assert copied["organ"]["name"] == corpus.ORGAN_NAME
    assert copied["data_source"]["name"] == corpus.ORGAN_NAME


# --- running text ---------------------------------------------------------------------------------


def test_a_name_that_running_text_repeats_is_masked_there_and_told_so() -> None:
    content = penalty(
        "natural_person",
        violation_facts="样例当事人1于3月2日无证经营，样例当事人1承认。",
        remarks="样例当事人",
        appraisals=[{"kind": "testing", "body": name, "conclusion": name} for name in ("样例院", "样例当事人1销售")],
        quantities=[{"item": "样例当事人1的样例商品", "amount": "1", "unit": "piece"}],
    )

    copied, pointers = seen(content)

    assert copied["violation_facts"] == f"{MASK}于3月2日无证经营，{MASK}承认。"
    assert [one["conclusion"] for one in copied["appraisals"]] == ["样例院", f"{MASK}销售"]
    assert copied["quantities"][0]["item"] == f"{MASK}的样例商品"
    assert copied["remarks"] == "样例当事人"
    assert pointers == [
        "/appraisals/1/body",
        "/appraisals/1/conclusion",
        "/party/id_no",
        "/party/name",
        "/quantities/0/item",
        "/violation_facts",
    ]


def test_a_number_in_running_text_is_masked_too() -> None:
    content = penalty("natural_person")
    content["violation_facts"] = f"身份证号{content['party']['id_no']}的当事人"

    assert seen(content)[0]["violation_facts"] == f"身份证号{MASK}的当事人"


def test_a_number_with_a_final_x_is_masked_however_the_text_writes_it() -> None:
    number = next(n for n in (corpus.resident_id(corpus.random(seed)) for seed in range(100)) if n.endswith("X"))
    content = penalty("natural_person")
    content["party"]["id_no"] = number
    content["violation_facts"] = f"身份证号{number.lower()}的当事人"

    assert number[:17] not in seen(content)[0]["violation_facts"]


def test_of_two_names_one_within_the_other_the_longer_is_masked_whole() -> None:
    content = penalty("natural_person", violation_facts="欧阳样例与欧阳样例和")
    content["party"] |= {"name": "欧阳样例", "legal_representative": {"name": "欧阳样例和"}}

    assert seen(content)[0]["violation_facts"] == f"{MASK}与{MASK}"


def test_a_name_of_one_character_is_masked_at_its_place_and_not_looked_for_in_text() -> None:
    content = penalty("natural_person", violation_facts="样品一样")
    content["party"]["name"] = "样"

    copied, pointers = seen(content)

    assert copied["party"]["name"] == MASK
    assert "/party/name" in pointers
    assert copied["violation_facts"] == "样品一样"


def test_a_pointer_with_nothing_at_it_masks_nothing() -> None:
    content: Json = {"party": {"name": "样例公司", "id_no": None}, "list": [1, None, True]}

    copied, pointers = masked(content, [*PERSONAL, "/nowhere/at/all"])

    assert copied == {"party": {"name": MASK, "id_no": None}, "list": [1, None, True]}
    assert pointers == ["/party/name"]


def test_a_record_of_a_case_only_filed_is_masked_too() -> None:
    content = {name: penalty("natural_person")[name] for name in ("source_id", "party", "organ")}

    assert seen(content)[1] == ["/party/id_no", "/party/name"]


def test_events_are_cleared_of_the_records_words() -> None:
    content = penalty("natural_person")
    words = words_at(content, personal(content))
    event = {
        "event": "served",
        "occurred_at": "2026-03-02",
        "note": "样例当事人1签收",
        "details": [{"by": "样例当事人1"}],
    }

    copied, pointers = cleared(event, words)

    assert copied == event | {"note": f"{MASK}签收", "details": [{"by": MASK}]}
    assert pointers == ["/note", "/details/0/by"]


def test_without_words_nothing_is_touched() -> None:
    value = {"a": ["b", 1, None, True, {"c": "d"}]}

    assert cleared(value, []) == (value, [])


# --- by class -------------------------------------------------------------------------------------


def seen_of(content: Json, withheld: frozenset[str]) -> tuple[Json, list[str]]:
    """A tip as somebody sees it from whom these classes are withheld."""
    classified = tuple(Tip.model_validate(content).classified())
    unseen = unseen_of(content, classified, {})
    return masked(content, [at for at, kind in classified if kind in withheld], words_of(unseen, withheld))


def test_what_is_of_a_class_that_is_withheld_is_masked_and_of_another_class_shown() -> None:
    content = tip()

    copied, pointers = seen_of(content, SECRET_CLASSES)

    assert copied["informant"] == {"name": MASK, "phone": MASK}
    assert copied["people"] == content["people"]
    assert copied["told"] == f"{MASK}说,{PERSON}用{MASK}做的样例点心卖给{MASK},电话{MASK}。"
    assert "/people/0/name" not in pointers


@pytest.mark.parametrize(("kind", "word"), [("reporter", INFORMANT), ("minor", CHILD), ("trade_secret", SECRET)])
def test_each_class_is_withheld_by_itself(kind: str, word: str) -> None:
    copied, _ = seen_of(tip(), frozenset({kind}))

    shown = json.dumps(copied, ensure_ascii=False)
    assert word not in shown
    assert all((other in shown) == (other != word) for other in (INFORMANT, CHILD, SECRET, PERSON))


def test_a_party_that_is_the_informant_is_not_shown_to_whom_the_informant_is_withheld_from() -> None:
    content = tip(people=[{"name": INFORMANT, "kind": "natural_person"}])

    copied, pointers = seen_of(content, SECRET_CLASSES)

    assert copied["people"][0]["name"] == MASK
    assert "/people/0/name" in pointers


def test_words_are_kept_by_class_with_those_of_the_versions_before() -> None:
    before = {"personal": ["样例当事人八"], "reporter": ["举错乙"]}
    content = tip(children=None, recipe=None)

    unseen = unseen_of(content, tuple(Tip.model_validate(content).classified()), before)

    assert unseen == {
        "personal": ["样例当事人九", "样例当事人八"],
        "reporter": ["13900000000", "举某甲", "举错乙"],
    }
    assert words_of(unseen, {"reporter", "minor"}) == {"13900000000", "举某甲", "举错乙"}
    assert words_of(unseen) == {"样例当事人九", "样例当事人八", "13900000000", "举某甲", "举错乙"}


def test_words_that_overlap_are_masked_as_one_and_leave_no_piece_of_either() -> None:
    assert cleared("张三丰与丰收", ["张三", "三丰", "丰收"])[0] == f"{MASK}与{MASK}"
    assert cleared("张三张三", ["张三"])[0] == MASK * 2


# --- for every record -----------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(30))
def test_the_digest_is_that_of_the_full_record_and_masking_changes_nothing_it_was_given(n: int) -> None:
    content = judge("penalty", corpus.penalty(n), date(2026, 11, 22)).content
    before, kept = digest(canonical(content)), copy.deepcopy(content)

    copied, pointers = masked(content, personal(dict(content)))

    assert content == kept
    assert digest(canonical(content)) == before
    assert (digest(canonical(copied)) == before) == (pointers == [])
    assert pointers == sorted(set(pointers))
    assert all(MASK in at(copied, pointer) for pointer in pointers)


# Few characters, so that names overlap with each other and with the text. None of them is of the mask or of the
# standard's own words.
LETTERS = "张李三丰"
NAMES = st.text(LETTERS, min_size=1, max_size=4)
TEXTS = st.text(LETTERS + "与。", max_size=24)
RECORDS = st.fixed_dictionaries(
    {
        "party": st.fixed_dictionaries(
            {"name": NAMES},
            optional={
                "id_no": NAMES,
                "tax_no": TEXTS,
                "legal_representative": st.fixed_dictionaries({}, optional={"name": NAMES, "id_no": NAMES}),
            },
        ),
        "violation_facts": TEXTS,
    },
    optional={
        "conduct": st.lists(TEXTS, max_size=3),
        "amounts": st.lists(st.dictionaries(st.sampled_from(["kind", "note"]), TEXTS), max_size=3),
        "n": st.none() | st.integers() | st.booleans(),
    },
)


@settings(max_examples=400, deadline=None)
@given(RECORDS)
def test_no_masked_value_remains_anywhere(content: Json) -> None:
    before = json.dumps(content)
    values = {text for pointer in PERSONAL if isinstance(text := _found(content, pointer), str)}

    copied, pointers = masked(content, PERSONAL)

    assert json.dumps(content) == before
    left = list(strings(copied))
    assert [value for value in values if len(value) >= 2 and any(value in text for text in left)] == []
    assert {pointer for pointer in PERSONAL if isinstance(_found(content, pointer), str)} <= set(pointers)
    assert [_found(copied, pointer) for pointer in PERSONAL if _found(content, pointer) is not None] == [
        MASK for pointer in PERSONAL if _found(content, pointer) is not None
    ]


@settings(max_examples=200, deadline=None)
@given(RECORDS)
def test_what_is_not_named_as_masked_is_as_it_was(content: Json) -> None:
    copied, pointers = masked(content, PERSONAL)

    for pointer in pointers:
        assert at(copied, pointer) != at(content, pointer)
        parent, _, last = pointer.rpartition("/")
        place = at(copied, parent)
        place[int(last) if isinstance(place, list) else last] = at(content, pointer)
    assert copied == content


@settings(max_examples=100, deadline=None)
@given(RECORDS)
def test_masking_again_masks_no_more(content: Json) -> None:
    copied, _ = masked(content, PERSONAL)

    assert masked(copied, PERSONAL)[0] == copied


WORDS = st.lists(st.text(LETTERS, min_size=2, max_size=4), max_size=4)


@settings(max_examples=400, deadline=None)
@given(TEXTS, WORDS, WORDS)
def test_whom_more_is_withheld_from_sees_a_part_of_what_the_others_see(
    text: str, some: list[str], more: list[str]
) -> None:
    shown = cleared(text, some)[0].split(MASK)
    left = cleared(text, [*some, *more])[0].split(MASK)

    assert [piece for piece in left if not any(piece in whole for whole in shown)] == []


def _found(content: Json, pointer: str) -> object:
    value: object = content
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value
