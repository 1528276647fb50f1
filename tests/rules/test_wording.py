"""The words by which a record is found: who persons are apart, and without what is searched by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.disclosure import Unseen, masked, unseen_of, words_at, words_of
from app.rules.wording import searchable, wording
from schemas.judging import recall
from schemas.law.disclosure import withheld_from
from schemas.record import Sought
from tests import corpus
from tests.corpus import PartyKind
from tests.tips import CHILD, HIDDEN, INFORMANT, PERSON, Tip, tip

Json = dict[str, Any]
WRONG = "举错乙"
KINDS: tuple[PartyKind, ...] = ("legal_person", "sole_trader", "natural_person")


def lines_of(content: Json) -> tuple[list[str], list[str]]:
    """The lines of the words, and of the personal words."""
    record = recall("penalty", content)
    classified = tuple(record.classified())
    words, personal_lines = wording(content, classified, unseen_of(content, classified, {}), record.sought())
    return words.split("\n"), personal_lines.split("\n")


def test_running_text_and_numbers_are_words_and_codes_are_not() -> None:
    said = corpus.penalty(
        1, party_kind="legal_person", kinds=["03"], region="420106", case_no="XK-0001", remarks="IBM 100%"
    )

    words, _ = lines_of(said)

    assert {said["source_id"], said["decision_no"], "XK-0001", "IBM 100%", said["legal_basis"]} <= set(words)
    assert not {"penalty", "420106", "market", "03", said["decided_on"], said["fine_yuan"]} & set(words)


def test_each_leaf_is_one_line_and_the_same_line_stands_there_once() -> None:
    said = corpus.penalty(1, party_kind="legal_person", remarks="第一行\n第二行")

    words, _ = lines_of(said)

    assert "第一行 第二行" in words
    assert len(words) == len(set(words))


def test_the_first_line_is_the_name_as_a_masked_reader_sees_it() -> None:
    firm = corpus.penalty(1, party_kind="legal_person")
    person = corpus.penalty(2, party_kind="natural_person")
    trader = corpus.penalty(3, party_kind="sole_trader")
    trader["party"] |= {"name": "王样例便利店", "legal_representative": {"name": "王样例"}}

    assert lines_of(firm)[0][0] == firm["party"]["name"]
    assert lines_of(person)[0][0] == ""
    assert lines_of(trader)[0][0] == "***便利店"
    assert lines_of(trader)[1] == ["王样例便利店", "王样例"]


def test_a_line_with_a_persons_name_stands_whole_among_the_personal_words() -> None:
    said = corpus.penalty(2, party_kind="natural_person")
    said["violation_facts"] = f"经查,{said['party']['name']}出售活禽。"

    words, personal = lines_of(said)

    assert "经查,***出售活禽。" in words
    assert {said["party"]["name"], said["party"]["id_no"], said["violation_facts"]} <= set(personal)


def test_a_name_of_one_character_is_a_personal_word_and_no_other() -> None:
    said = corpus.penalty(2, party_kind="natural_person")
    said["party"]["name"] = "样"

    words, personal = lines_of(said)

    assert "样" in personal
    assert "样" not in words


@given(st.integers(1, 500), st.sampled_from(KINDS), st.data())
def test_the_words_tell_no_more_than_a_masked_reader_reads(n: int, kind: PartyKind, data: st.DataObject) -> None:
    said = corpus.penalty(n, party_kind=kind)
    name = said["party"].get("legal_representative", said["party"])["name"]
    for member in ("source_id", "decision_no", "violation_facts", "remarks", "case_no"):
        said[member] = data.draw(st.sampled_from(["甲{}乙", "{}", "{}-1", "没有"])).format(name)

    words, personal = lines_of(said)

    record = recall("penalty", said)
    pointers = [pointer for pointer, _ in record.classified()]
    shown = {text.replace("\n", " ") for text in _texts(masked(said, pointers)[0])}
    assert set(words) <= shown | {""}
    if kind != "sole_trader":
        assert not [line for line in words if name in line]
    everything = {text.replace("\n", " ") for text in _texts(said)}
    assert set(personal) <= everything | {""}
    # Nothing that is looked for gets lost between the two.
    looked_for = {said[member] for member in ("source_id", "decision_no", "violation_facts", "remarks", "case_no")}
    assert {text.replace("\n", " ") for text in looked_for} <= {*words, *personal}


# --- what is searched by nobody -------------------------------------------------------------------


def of_tip(content: Json, before: Unseen | None = None) -> tuple[str, str, Sought, Unseen]:
    """`words` and `personal_words` of a tip, by what it is sought, and its words by class."""
    record = Tip.model_validate(content)
    classified = tuple(record.classified())
    unseen = unseen_of(content, classified, before or {})
    words = wording(content, classified, unseen, record.sought())
    return *words, searchable(record.sought(), content, classified, unseen), unseen


def test_informants_minors_and_secrets_are_words_of_nobody_and_persons_of_some() -> None:
    words, personal, sought, _ = of_tip(tip())

    assert not [word for word in HIDDEN if word in words + personal]
    assert f"***说,{PERSON}用***做的样例点心卖给***,电话***。" in personal.split("\n")
    assert "***说,***用***做的样例点心卖给***,电话***。" in words.split("\n")
    assert sought.party_name == PERSON


def test_an_informant_of_an_earlier_version_is_searched_by_nobody_either() -> None:
    words, personal, _, _ = of_tip(tip(told=f"{WRONG}没有说"), before={"reporter": [WRONG]})

    assert WRONG not in words + personal


@pytest.mark.parametrize("name", [CHILD, "童", INFORMANT])
def test_a_party_that_is_a_minor_or_the_informant_is_no_filter(name: str) -> None:
    people = [{"name": name, "kind": "legal_person", "credit_code": corpus.credit_code(corpus.random(1))}]
    said = tip(people=people, children=[{"name": "童"}, {"name": CHILD}], told="某事")

    words, personal, sought, _ = of_tip(said)

    assert sought.party_name in (None, "***")
    assert words.split("\n")[0] in ("", "***")
    assert name not in personal


def test_a_number_that_is_a_minors_is_no_filter() -> None:
    number = "42010620100101123x"
    people = [{"name": PERSON, "kind": "natural_person", "id_type": "resident_id", "id_no": number}]

    _, _, sought, _ = of_tip(tip(people=people, children=[{"name": number.upper()}]))

    assert sought.party_code is None


NAMES = st.text("张李三丰Xx", min_size=1, max_size=3)
LINES = st.text("张李三丰Xx与。", min_size=1, max_size=16).filter(lambda line: line.strip() != "")
TIPS = st.fixed_dictionaries(
    {
        "told": LINES,
        "source_id": LINES,
        "informant": st.fixed_dictionaries({"name": NAMES}, optional={"phone": NAMES}),
        "people": st.lists(
            st.fixed_dictionaries(
                {"name": NAMES, "kind": st.sampled_from(["natural_person", "legal_person"])}, optional={"id_no": NAMES}
            ),
            max_size=2,
        ),
        "children": st.lists(st.fixed_dictionaries({"name": NAMES}), max_size=2),
        "recipe": NAMES,
        "place_name": LINES,
    }
)
WITHHELD = [withheld_from(role) for role in ("agency", "procuratorate", "auditor")]


@settings(max_examples=300, deadline=None)
@given(TIPS, st.sampled_from(WITHHELD), NAMES, NAMES)
def test_no_reader_finds_by_searching_what_it_does_not_read(
    changes: Json, withheld: frozenset[str], wrong_informant: str, wrong_person: str
) -> None:
    content = tip(**changes)
    classified = tuple(Tip.model_validate(content).classified())
    wrong = {"name": wrong_informant, "person": wrong_person}
    before = {"reporter": words_at(wrong, ["/name"]), "personal": words_at(wrong, ["/person"])}
    words, personal, sought, unseen = of_tip(content, before)
    at = [pointer for pointer, kind in classified if kind in withheld]
    read = [text.replace("\n", " ") for text in _texts(masked(content, at, words_of(unseen, withheld))[0])]

    searched = words.split("\n") if "personal" in withheld else [*words.split("\n"), *personal.split("\n")]
    names = [words.split("\n")[0] if "personal" in withheld else sought.party_name or ""]

    pieces = {piece for line in (*searched, *names) for piece in line.split("***")}
    assert [piece for piece in pieces if not any(piece in text for text in read)] == []
    codes = [sought.party_code] if sought.party_code and "personal" not in withheld else []
    assert [code for code in codes if not any(code in text.upper() for text in read)] == []


@settings(max_examples=200, deadline=None)
@given(TIPS)
def test_no_word_of_a_class_that_nobody_searches_stands_in_what_is_searched(changes: Json) -> None:
    words, personal, sought, unseen = of_tip(tip(**changes))

    secret = words_of(unseen, unseen.keys() - {"personal"})
    everything = "\n".join([words, personal, sought.party_name or "", sought.party_code or ""])
    assert [word for word in secret if word in everything] == []


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inside for text in _texts(one)]
