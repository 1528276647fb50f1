"""What a step of one record does to another: each effect does what there is to do, by a row of the law, and no more."""

from __future__ import annotations

from datetime import date

import pytest

from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.law.effects import holds, rows
from schemas.lifecycle import Effect

EFFECTS = [(acting, effect) for acting, record_type in RECORD_TYPES.items() for effect in record_type.effects]


def _id(value: object) -> str:
    return f"{'+'.join(value.on)} {value.event} {value.to}" if isinstance(value, Effect) else str(value)


@pytest.mark.parametrize(("acting", "effect"), EFFECTS, ids=_id)
def test_an_effect_has_a_cause_a_target_an_event_and_a_rule(acting: str, effect: Effect) -> None:
    target = RECORD_TYPES[effect.to]

    assert effect.on
    assert set(effect.on) <= set(RECORD_TYPES[acting].events)
    assert effect.event in target.events
    assert effect.rule in {row.id for row in rows()}
    assert effect.details.get("node") in {None, *(node.id for node in target.nodes)}
    assert effect.details.get("ground") in {None, *codelist("suspension_grounds").codes}


@pytest.mark.parametrize(("acting", "effect"), EFFECTS, ids=_id)
def test_what_an_effect_brings_about_brings_nothing_about_itself(acting: str, effect: Effect) -> None:
    onward = [one for one in RECORD_TYPES[effect.to].effects if effect.event in one.on]

    assert onward == []


@pytest.mark.parametrize(("acting", "effect"), EFFECTS, ids=_id)
def test_what_an_effect_brings_about_is_lawful_whatever_became_of_the_other_record(acting: str, effect: Effect) -> None:
    steps = RECORD_TYPES[effect.to].steps
    states = {state for step in steps for state in (*step.after, *([step.to] if step.to else []))}

    assert {state for step in steps if step.event == effect.event for state in step.after} == states


def test_every_rule_of_effects_is_that_of_one() -> None:
    assert {row.id for row in rows()} == {effect.rule for _, effect in EFFECTS}


@pytest.mark.parametrize(("day", "expected"), [(date(2021, 7, 14), False), (date(2021, 7, 15), True)])
def test_a_penalty_answers_an_opinion_since_its_law_is_in_force(day: date, expected: bool) -> None:
    assert holds("penalty_answers_opinion", day, "market") is expected


def test_what_we_read_into_the_texts_is_to_be_confirmed() -> None:
    assert {row.id for row in rows() if row.field is None and row.status == "to_confirm"} == {
        "transfer_suspends_penalty",
        "penalty_answers_opinion",
        "assistance_tells_clue",
    }
