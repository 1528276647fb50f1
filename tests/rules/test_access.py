"""Who may do what: the contract's table "Who calls"."""

from __future__ import annotations

from datetime import date

import pytest

from app.callers import Caller, Role, Scope
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
from schemas.codelists import codelist
from schemas.judging import judge
from schemas.lifecycle import Party
from schemas.penalty import Penalty
from schemas.record import Event, Record
from tests import corpus

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
    ("role", "jurisdiction", "masked"),
    [
        (Role.AGENCY, None, False),
        (Role.POLICE, None, False),
        (Role.PROCURATORATE, "4201", False),
        (Role.JUSTICE, "4201", True),
        (Role.AUDITOR, "4201", True),
        (Role.OFFICE, None, False),
    ],
)
def test_what_each_role_of_the_city_reads(role: Role, jurisdiction: str | None, masked: bool) -> None:
    assert scope_of(caller(role, region="420100")) == Scope(BUREAU, jurisdiction, masked=masked)


def test_every_role_has_a_scope_and_only_supervisors_see_more_than_their_own() -> None:
    wide = {role for role in Role if scope_of(caller(role)).jurisdiction is not None}

    assert wide == {Role.PROCURATORATE, Role.JUSTICE, Role.AUDITOR}
    assert {role.value for role in Role} == set(codelist("roles").codes)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OFFICE])
def test_who_sees_duties_has_lists_and_figures_of_the_same(role: Role) -> None:
    may_list_nodes(caller(role, region="420100"))
    assert statistics_scope_of(caller(role, region="420100")) == scope_of(caller(role, region="420100"))


def test_the_office_has_figures_of_its_jurisdiction_and_no_lists() -> None:
    assert statistics_scope_of(caller(Role.OFFICE, region="420100")) == Scope(BUREAU, "4201", masked=True)
    assert statistics_scope_of(caller(Role.OFFICE, region="420106")) == Scope(BUREAU, "420106", masked=True)
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
