"""Who may do what: the contract's table "Who calls"."""

from __future__ import annotations

from datetime import date

import pytest

from app.callers import Caller, Districts, Role, Scope
from app.refusals import NotYourRecord, NotYourStep, Refusal, RoleMayNot
from app.rules.access import (
    jurisdiction_of,
    may_list_nodes,
    may_push,
    may_push_at_all,
    may_report,
    party_in,
    scope_of,
    statistics_scope_of,
)
from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.judging import judge
from schemas.lifecycle import Party
from schemas.penalty import Penalty
from schemas.record import Event, Record
from tests import corpus
from tests.tips import ALL_CLASSES, SECRET_CLASSES, Tip

REGIONS = codelist("regions")
BUREAU = corpus.ORGANISATION
OTHER = corpus.credit_code(corpus.random("another organisation"), "11")
READERS = (Role.JUSTICE, Role.AUDITOR, Role.OFFICE)
SENDERS = (Role.AGENCY, Role.POLICE)


def caller(role: Role, organisation: str = BUREAU, region: str = "420106") -> Caller:
    return Caller("client", organisation, "样例机关", role, region)


def happened(event: str) -> Event:
    return Event.model_validate({"event": event, "occurred_at": "2026-09-30"})


def penalty(organisation: str = BUREAU) -> Record:
    record = judge("penalty", corpus.penalty(1, organisation=organisation), date(2026, 11, 22)).record
    assert record is not None
    return record


# --- pushing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", SENDERS)
def test_an_agency_and_the_police_push_the_penalties_they_impose(role: Role) -> None:
    may_push_at_all(caller(role))
    may_push(caller(role), penalty())


@pytest.mark.parametrize("role", SENDERS)
def test_nobody_pushes_a_record_of_another_organisation(role: Role) -> None:
    with pytest.raises(NotYourRecord):
        may_push(caller(role, OTHER), penalty())


@pytest.mark.parametrize("role", READERS)
def test_supervisors_who_read_and_the_office_push_no_penalty_not_even_in_their_own_name(role: Role) -> None:
    with pytest.raises(RoleMayNot):
        may_push_at_all(caller(role), Penalty)
    with pytest.raises(RoleMayNot):
        may_push(caller(role), penalty())


def test_the_procuratorate_pushes_its_own_records_but_imposes_no_penalty() -> None:
    may_push_at_all(caller(Role.PROCURATORATE))
    with pytest.raises(RoleMayNot):
        may_push(caller(Role.PROCURATORATE), penalty())


def test_an_organ_may_report_for_a_region_and_field_that_are_not_its_own() -> None:
    may_push(Caller("client", BUREAU, "样例机关", Role.AGENCY, "420100", "ecology"), penalty())


# --- reporting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", SENDERS)
@pytest.mark.parametrize("event", list(Penalty.events))
def test_every_event_of_a_penalty_is_reported_by_the_organ_that_imposed_it(role: Role, event: str) -> None:
    assert may_report(caller(role), penalty(), happened(event)) == Party.AGENCY


@pytest.mark.parametrize("role", SENDERS)
def test_an_organ_reports_nothing_on_another_organs_penalty(role: Role) -> None:
    assert party_in(caller(role, OTHER), penalty()) is None
    with pytest.raises(NotYourStep) as refused:
        may_report(caller(role, OTHER), penalty(), happened("served"))
    assert refused.value.facts == {"reported_by": ["agency"]}


def test_the_procuratorate_may_not_report_the_agencys_service() -> None:
    with pytest.raises(NotYourStep):
        may_report(caller(Role.PROCURATORATE, OTHER), penalty(), happened("served"))


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("organisation", [BUREAU, OTHER])
def test_readers_report_nothing(role: Role, organisation: str) -> None:
    with pytest.raises(RoleMayNot):
        may_report(caller(role, organisation), penalty(), happened("served"))


def test_readers_are_no_party() -> None:
    assert [party_in(caller(role, OTHER), penalty()) for role in READERS] == [None, None, None]


def test_a_refusal_says_who_would_report_it_and_names_nobody() -> None:
    for role in (Role.POLICE, Role.JUSTICE, Role.PROCURATORATE):
        with pytest.raises(Refusal) as refused:
            may_report(caller(role, OTHER), penalty(), happened("served"))
        assert BUREAU not in str(refused.value.facts)


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "jurisdiction", "withheld"),
    [
        (Role.AGENCY, None, SECRET_CLASSES),
        (Role.POLICE, None, SECRET_CLASSES),
        (Role.PROCURATORATE, "4201", frozenset()),
        (Role.JUSTICE, "4201", ALL_CLASSES),
        (Role.AUDITOR, "4201", ALL_CLASSES),
        (Role.OFFICE, None, ALL_CLASSES),
    ],
)
def test_what_each_role_of_the_city_reads(role: Role, jurisdiction: str | None, withheld: frozenset[str]) -> None:
    assert scope_of(caller(role, region="420100")) == Scope(BUREAU, jurisdiction, withheld)


@pytest.mark.parametrize("role", Role)
def test_nothing_is_withheld_from_anybody_in_its_own_records(role: Role) -> None:
    assert all(not scope_of(caller(role)).withheld_in(name, BUREAU) for name in RECORD_TYPES)


def test_of_the_records_of_others_what_their_type_may_hold_is_withheld() -> None:
    withheld = {role: scope_of(caller(role)).withheld_in("penalty", OTHER) for role in Role}

    assert withheld == {
        **dict.fromkeys((Role.AGENCY, Role.POLICE, Role.PROCURATORATE), frozenset()),
        **dict.fromkeys((Role.JUSTICE, Role.AUDITOR, Role.OFFICE), frozenset({"personal"})),
    }


def test_nothing_is_looked_up_for_an_agency_in_types_that_hold_no_more_than_who_persons_are() -> None:
    assert not {"penalty", "transfer", "reverse_transfer"} & set(scope_of(caller(Role.AGENCY)).masked_types)
    assert {"penalty", "transfer", "reverse_transfer"} <= set(scope_of(caller(Role.AUDITOR)).masked_types)


@pytest.mark.usefixtures("tips")
def test_what_a_type_may_hold_is_told_by_the_marks_of_its_fields() -> None:
    withheld = {role: scope_of(caller(role)).withheld_in("tip", OTHER) for role in Role}

    assert Tip.classes() == ALL_CLASSES
    assert withheld[Role.AGENCY] == withheld[Role.POLICE] == SECRET_CLASSES
    assert withheld[Role.PROCURATORATE] == frozenset()
    assert withheld[Role.JUSTICE] == withheld[Role.AUDITOR] == withheld[Role.OFFICE] == ALL_CLASSES


@pytest.mark.parametrize("role", SENDERS)
def test_a_superior_bureau_sees_the_duties_of_its_districts_and_field_of_the_types_that_allow_it(role: Role) -> None:
    superior = Caller("client", BUREAU, "样例机关", role, "420100", "market")
    of_all = frozenset(name for name, model in RECORD_TYPES.items() if model.superiors_see_nodes)

    assert scope_of(superior).nodes_of == Districts("market", "4201", of_all)
    assert {"penalty", "transfer", "reverse_transfer"} <= of_all


@pytest.mark.usefixtures("tips")
def test_a_superior_bureau_does_not_see_the_duties_of_a_type_that_does_not_allow_it() -> None:
    districts = scope_of(Caller("client", BUREAU, "样例机关", Role.AGENCY, "420100", "market")).nodes_of

    assert districts is not None
    assert "tip" not in districts.types


def test_every_role_has_a_scope_and_only_supervisors_see_more_than_their_own() -> None:
    wide = {role for role in Role if scope_of(caller(role)).jurisdiction is not None}

    assert wide == {Role.PROCURATORATE, Role.JUSTICE, Role.AUDITOR}
    assert {role.value for role in Role} == set(codelist("roles").codes)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OFFICE])
def test_who_sees_duties_has_lists_and_figures_of_the_same(role: Role) -> None:
    may_list_nodes(caller(role, region="420100"))
    assert statistics_scope_of(caller(role, region="420100")) == scope_of(caller(role, region="420100"))


def test_the_office_has_figures_of_its_jurisdiction_and_no_lists() -> None:
    assert statistics_scope_of(caller(Role.OFFICE, region="420100")) == Scope(BUREAU, "4201", ALL_CLASSES)
    assert statistics_scope_of(caller(Role.OFFICE, region="420106")) == Scope(BUREAU, "420106", ALL_CLASSES)
    with pytest.raises(RoleMayNot):
        may_list_nodes(caller(Role.OFFICE))


# --- jurisdiction ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "jurisdiction"),
    [
        ("420000", "42"),
        ("420100", "4201"),
        ("420106", "420106"),
        ("420110", "420110"),  # ends in one nought only
        ("420100-ELHT", "420100-ELHT"),
        ("420112-AEDZ", "420112-AEDZ"),
    ],
)
def test_a_province_and_a_city_see_their_parts_a_district_and_a_zone_themselves(region: str, jurisdiction: str) -> None:
    assert jurisdiction_of(region) == jurisdiction


@pytest.mark.parametrize("supervisor", REGIONS.codes)
def test_a_body_sees_exactly_what_lies_within_its_region(supervisor: str) -> None:
    jurisdiction = jurisdiction_of(supervisor)

    seen = [code for code in REGIONS.codes if code.startswith(jurisdiction)]

    assert seen == [code for code in REGIONS.codes if REGIONS.within(code, supervisor)]


def test_the_whole_country_is_nobodys_jurisdiction() -> None:
    assert all(len(jurisdiction_of(code)) >= 2 for code in REGIONS.codes)
