"""The words by which a record is found, apart from what tells who a person is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.rules.disclosure import masked, personal_words
from app.rules.wording import wording
from schemas.judging import recall
from tests import corpus
from tests.corpus import PartyKind

Json = dict[str, Any]
KINDS: tuple[PartyKind, ...] = ("legal_person", "sole_trader", "natural_person")


def words_of(content: Json) -> tuple[list[str], list[str]]:
    """The lines of the words, and of the personal words."""
    record = recall("penalty", content)
    personal = [pointer for pointer, _ in record.classified()]
    words, personal_lines = wording(content, personal, personal_words(content, personal), record.sought())
    return words.split("\n"), personal_lines.split("\n")


def test_running_text_and_numbers_are_words_and_codes_are_not() -> None:
    said = corpus.penalty(
        1, party_kind="legal_person", kinds=["03"], region="420106", case_no="XK-0001", remarks="IBM 100%"
    )

    words, _ = words_of(said)

    assert {said["source_id"], said["decision_no"], "XK-0001", "IBM 100%", said["legal_basis"]} <= set(words)
    assert not {"penalty", "420106", "market", "03", said["decided_on"], said["fine_yuan"]} & set(words)


def test_each_leaf_is_one_line_and_the_same_line_stands_there_once() -> None:
    said = corpus.penalty(1, party_kind="legal_person", remarks="第一行\n第二行")

    words, _ = words_of(said)

    assert "第一行 第二行" in words
    assert len(words) == len(set(words))


def test_the_first_line_is_the_name_as_a_masked_reader_sees_it() -> None:
    firm = corpus.penalty(1, party_kind="legal_person")
    person = corpus.penalty(2, party_kind="natural_person")
    trader = corpus.penalty(3, party_kind="sole_trader")
    trader["party"] |= {"name": "王样例便利店", "legal_representative": {"name": "王样例"}}

    assert words_of(firm)[0][0] == firm["party"]["name"]
    assert words_of(person)[0][0] == ""
    assert words_of(trader)[0][0] == "***便利店"
    assert words_of(trader)[1] == ["王样例便利店", "王样例"]


def test_a_line_with_a_persons_name_stands_whole_among_the_personal_words() -> None:
    said = corpus.penalty(2, party_kind="natural_person")
    said["violation_facts"] = f"经查,{said['party']['name']}出售活禽。"

    words, personal = words_of(said)

    assert "经查,***出售活禽。" in words
    assert {said["party"]["name"], said["party"]["id_no"], said["violation_facts"]} <= set(personal)


def test_a_name_of_one_character_is_a_personal_word_and_no_other() -> None:
    said = corpus.penalty(2, party_kind="natural_person")
    said["party"]["name"] = "样"

    words, personal = words_of(said)

    assert "样" in personal
    assert "样" not in words


@given(st.integers(1, 500), st.sampled_from(KINDS), st.data())
def test_the_words_tell_no_more_than_a_masked_reader_reads(n: int, kind: PartyKind, data: st.DataObject) -> None:
    said = corpus.penalty(n, party_kind=kind)
    name = said["party"].get("legal_representative", said["party"])["name"]
    for member in ("source_id", "decision_no", "violation_facts", "remarks", "case_no"):
        said[member] = data.draw(st.sampled_from(["甲{}乙", "{}", "{}-1", "没有"])).format(name)

    words, personal = words_of(said)

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


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inside for text in _texts(one)]
