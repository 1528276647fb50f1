"""Where the rules across the fields of a clue begin to speak, and where they keep silent.

That each of them speaks at all is shown by the worked examples; here are their edges.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.clue import Clue
from schemas.codelists import codelist
from schemas.judging import judge
from schemas.lifecycle import Fact, Party
from schemas.publishing import record_schema
from tests.clues import ECOLOGY, OFFICE, by_the_office, clue, found_in_its_work
from tests.examples import TODAY, examples
from tests.transfers import MARKET, PROCURATORATE, organ

Json = dict[str, Any]
EXAMPLES = {one.file.removesuffix(".json"): one for one in examples("clue")}
FILED = [
    {"event": "registered", "occurred_at": "2026-09-02"},
    {"event": "evaluated", "occurred_at": "2026-09-03"},
    {"event": "administrative_filed", "occurred_at": "2026-09-04"},
]


def found(payload: Json, today: date = TODAY) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in judge("clue", payload, today).faults]


def record(payload: Json) -> Clue:
    judged = judge("clue", payload, TODAY).record
    assert isinstance(judged, Clue)
    return judged


def at(longitude: str | None, latitude: str | None) -> Json:
    """A clue of something that happened there."""
    said = {"longitude": longitude, "latitude": latitude}
    return clue(place={name: one for name, one in said.items() if one is not None})


def told(event: str, on: str, **more: object) -> Json:
    return {"event": event, "occurred_at": on, **more}


@pytest.mark.parametrize("make", [clue, by_the_office, found_in_its_work])
def test_what_the_tests_are_made_of_is_valid_as_it_stands(make: Any) -> None:  # noqa: ANN401 – a maker
    assert found(make()) == []
    assert found(make(7)) == []
    assert make(7)["source_id"] != make(8)["source_id"]


# --- where it comes from ----------------------------------------------------------------------------

SOURCES = ("complaint", "case_handling", "shared_platform", "media", "other")
CHANNELS = ("state_organ", "social_organisation", "deputy", "political_adviser", "hotline", "other")


def test_the_sources_and_channels_of_these_tests_are_all_there_are() -> None:
    assert {*SOURCES, "referred"} == set(codelist("public_interest_sources").codes)
    assert set(CHANNELS) == set(codelist("referral_channels").codes)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("make", [by_the_office, clue])
def test_a_referral_comes_by_any_channel_whoever_hands_it_over_and_a_number_is_not_asked_for(
    make: Any,  # noqa: ANN401 – a maker
    channel: str,
) -> None:
    referral = make(source="referred", channel=channel, referral_no=None)

    assert found(referral) == []
    assert found(referral | {"referral_no": "第7号建议"}) == []


def test_a_referral_without_its_channel_lacks_it_whether_it_has_a_number_or_not() -> None:
    assert found(by_the_office(channel=None)) == [("/channel", "required-for-referral")]
    assert found(by_the_office(channel=None, referral_no=None)) == [("/channel", "required-for-referral")]


@pytest.mark.parametrize("source", SOURCES)
def test_what_was_not_referred_has_neither_channel_nor_number(source: str) -> None:
    by_itself = by_the_office(source=source, channel=None, referral_no=None)

    assert found(by_itself) == []
    assert found(by_itself | {"channel": "hotline", "referral_no": "12345"}) == [
        *(("/channel", "not-referred"), ("/referral_no", "not-referred")),
    ]


def test_of_a_source_that_is_not_known_nothing_is_said_of_its_channel() -> None:
    assert found(by_the_office(source="dream")) == [("/source", "unknown-code")]


# --- who acts ---------------------------------------------------------------------------------------


def test_the_office_and_any_agency_hand_over_and_the_procuratorate_that_found_it_gives_it_to_nobody() -> None:
    assert record(by_the_office()).parties()[Party.GIVER] == OFFICE
    assert record(clue()).parties()[Party.GIVER] == ECOLOGY
    assert Party.GIVER not in record(found_in_its_work()).parties()
    assert set(Clue.pushed_by) == {Party.AGENCY, Party.POLICE, Party.PROCURATORATE, Party.OFFICE}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"supervised_organ": organ(PROCURATORATE)}, [("/supervised_organ/credit_code", "same-organ")]),
        ({"supervised_organ": None}, []),
        (
            {"supervised_organ": organ(ECOLOGY)},
            [],
        ),  # who hands over what it should have acted on itself
        ({"supervised_organ": organ(MARKET)}, []),
    ],
)
def test_the_procuratorate_is_not_the_organ_it_is_about(changes: Json, expected: list[tuple[str, str]]) -> None:
    assert found(clue(**changes)) == expected


# --- what is said of it -----------------------------------------------------------------------------


@pytest.mark.parametrize("said", [None, False])
def test_what_is_no_state_secret_may_say_so_or_not(said: bool | None) -> None:
    assert found(clue(state_secret=said)) == []


@pytest.mark.parametrize(
    ("suspected", "transferred", "is_at_odds"),
    [
        *((None, None, False), (None, False, False), (None, True, False)),
        *((True, None, False), (True, False, False), (True, True, False)),
        *((False, None, False), (False, False, False), (False, True, True)),
    ],
)
def test_what_was_transferred_to_the_police_is_not_said_to_be_no_crime(
    suspected: bool | None, transferred: bool | None, is_at_odds: bool
) -> None:
    payload = clue(crime_suspected=suspected, crime_transferred=transferred)

    assert found(payload) == ([("/crime_suspected", "crime-transferred-unsuspected")] if is_at_odds else [])


def test_one_damage_is_said_once_in_a_unit_and_in_several_or_with_notes_more_often() -> None:
    tonnes = {"kind": "waste", "amount": "120.5", "unit": "t"}

    assert found(clue(damages=[tonnes, tonnes | {"amount": "90", "unit": "m3"}])) == []
    assert found(clue(damages=[tonnes, tonnes | {"note": "二次堆放"}])) == []
    assert found(clue(damages=[tonnes, tonnes | {"amount": "1"}])) == [("/damages/1", "repeated")]


def test_two_pieces_of_evidence_of_one_name_are_two_if_their_files_differ() -> None:
    file = {"name": "a.pdf", "digest": "sha-256:" + "a" * 64, "bytes": 10, "media_type": "application/pdf"}
    photo, other = {"name": "照片", "attachment": file}, {"name": "照片", "attachment": file | {"name": "b.pdf"}}

    assert found(clue(evidence=[photo, other])) == []
    assert found(clue(evidence=[photo, photo | {"kept_at": "档案室"}])) == [("/evidence/1", "repeated")]


# --- where it happened ------------------------------------------------------------------------------

WUHAN = ("114.3055", "30.5928")


@pytest.mark.parametrize("place", [("180", "90"), ("-180", "-90"), ("180.00000000", "0"), ("-0", "-0.00000000")])
def test_a_place_may_lie_at_the_ends_of_the_earth(place: tuple[str, str]) -> None:
    assert {code for _, code in found(at(*place))} == {"outside-hubei"}


@pytest.mark.parametrize(
    ("place", "off"),
    [
        (("180.00000001", "30.5928"), ["longitude"]),
        (("-180.00000001", "30.5928"), ["longitude"]),
        (("114.3055", "90.00000001"), ["latitude"]),
        (("114.3055", "-90.00000001"), ["latitude"]),
        (("9999.99999999", "-9999.99999999"), ["longitude", "latitude"]),
        (("30.5928", "114.3055"), ["latitude"]),  # in the wrong order
        (("1143.055", "30.5928"), ["longitude"]),
        (("114.3055", "305.928"), ["latitude"]),
    ],
)
def test_a_place_beyond_the_earth_is_told_once_and_not_as_one_outside_hubei(
    place: tuple[str, str], off: list[str]
) -> None:
    assert found(at(*place)) == [(f"/place/{name}", "off-the-earth") for name in off]


@pytest.mark.parametrize("longitude", ["108.35", "116.14", "108.35000000", "112"])
@pytest.mark.parametrize("latitude", ["29.03", "33.28", "31.00000001"])
def test_a_place_on_the_edge_of_hubei_lies_in_it(longitude: str, latitude: str) -> None:
    assert found(at(longitude, latitude)) == []


@pytest.mark.parametrize(
    ("place", "outside"),
    [
        (("108.34999999", "30.5928"), ["longitude"]),
        (("116.14000001", "30.5928"), ["longitude"]),
        (("114.3055", "29.02999999"), ["latitude"]),
        (("114.3055", "33.28000001"), ["latitude"]),
        (("-114.3055", "30.5928"), ["longitude"]),
        (("114.3055", "-30.5928"), ["latitude"]),
        (("0", "0"), ["longitude", "latitude"]),
    ],
)
def test_a_place_past_the_edge_of_hubei_is_warned_of(place: tuple[str, str], outside: list[str]) -> None:
    judged = judge("clue", at(*place), TODAY)

    assert [(fault.pointer, fault.code) for fault in judged.faults] == [
        (f"/place/{name}", "outside-hubei") for name in outside
    ]
    assert judged.record is not None


def test_two_numbers_of_hubei_in_the_wrong_order_are_told_for_every_place_in_it() -> None:
    for longitude, latitude in (("108.35", "29.03"), ("116.14", "33.28"), WUHAN):
        assert found(at(latitude, longitude)) == [("/place/latitude", "off-the-earth")]


@pytest.mark.parametrize(("place", "missing"), [((WUHAN[0], None), "latitude"), ((None, WUHAN[1]), "longitude")])
def test_one_coordinate_alone_asks_for_the_other(place: tuple[str | None, str | None], missing: str) -> None:
    assert found(at(*place)) == [(f"/place/{missing}", "coordinates-together")]


@pytest.mark.parametrize("place", [None, {"region": "420106"}, {"address": "武昌区样例河段"}, {"datum": "wgs84"}])
def test_a_place_needs_no_coordinates(place: Json | None) -> None:
    assert found(clue(place=place)) == []


@pytest.mark.parametrize("longitude", ["114", "114.3", "114.30550000", "114.30551234"])
def test_a_coordinate_has_up_to_eight_decimals(longitude: str) -> None:
    assert found(at(longitude, "30.5928")) == []


@pytest.mark.parametrize(
    "longitude",
    [
        *("114.305512345", "114.", ".5", "+114.3", "0114.3", "114,3055", "1.143055e2", "11430.55", " 114.3", "114.3 "),
        *("114°18′20″", "E114.3", "114.3°", "１１４.３", "−114.3", "", "--1", "114.3\n"),
    ],
)
def test_what_is_no_number_of_degrees_is_told_at_its_place_and_nothing_else(longitude: str) -> None:
    assert found(at(longitude, "30.5928")) == [("/place/longitude", "degrees")]


@pytest.mark.parametrize("longitude", [114, True, ["114.3"], {}])
def test_a_coordinate_is_a_string(longitude: object) -> None:
    payload = clue(place={"longitude": longitude, "latitude": "30.5928"})

    assert found(payload) == [("/place/longitude", "wrong-type")]


# --- the domain -------------------------------------------------------------------------------------

# The statutes and their days: 行政诉讼法 25 and 民事诉讼法 58 (2017 amendment), 英雄烈士保护法 25, 未成年人保护法 106,
# 军人地位和权益保障法 62, 安全生产法 74, 个人信息保护法 70, 反垄断法 60, 反电信网络诈骗法 47, 农产品质量安全法 79,
# 妇女权益保障法 77, 无障碍环境建设法 63, 文物保护法 99, 农村集体经济组织法 56, 民族团结进步促进法 54.
OPENED = {
    "ecology": "2017-07-01",
    "food_drug": "2017-07-01",
    "state_assets": "2017-07-01",
    "land_grant": "2017-07-01",
    "heroes": "2018-05-01",
    "minors": "2021-06-01",
    "military": "2021-08-01",
    "work_safety": "2021-09-01",
    "personal_information": "2021-11-01",
    "antitrust": "2022-08-01",
    "telecom_fraud": "2022-12-01",
    "farm_produce": "2023-01-01",
    "women": "2023-01-01",
    "accessibility": "2023-09-01",
    "heritage": "2025-03-01",
    "rural_collective": "2025-05-01",
    "ethnic_unity": "2026-07-01",
}


def of_domain(domain: str, **changes: object) -> Json:
    """A clue of this domain of which no day is told but those given."""
    days = ("began_on", "actions_taken", "assessed_on", "sent_on")
    return clue(**{"domain": domain, "path": "undetermined", **dict.fromkeys(days), **changes})


def test_the_domains_of_these_tests_are_all_there_are() -> None:
    assert {*OPENED, "other"} == set(codelist("public_interest_domains").codes)


@pytest.mark.parametrize("day", ["sent_on", "assessed_on"])
@pytest.mark.parametrize("domain", OPENED)
def test_a_domain_is_open_from_the_day_on_which_its_statute_came_into_force(domain: str, day: str) -> None:
    opened = date.fromisoformat(OPENED[domain])
    eve = opened - timedelta(days=1)

    assert found(of_domain(domain, **{day: opened.isoformat()})) == []
    assert found(of_domain(domain, **{day: eve.isoformat()})) == [("/domain", "domain-not-open")]


def test_of_several_days_that_of_the_sending_counts_and_of_a_draft_today() -> None:
    assessed, sent = {"assessed_on": "2026-06-30"}, {"sent_on": "2026-07-01"}

    assert found(of_domain("ethnic_unity", **assessed)) == [("/domain", "domain-not-open")]
    assert found(of_domain("ethnic_unity", **assessed, **sent)) == []
    assert found(of_domain("ethnic_unity"), date(2026, 7, 1)) == []
    assert found(of_domain("ethnic_unity"), date(2026, 6, 30)) == [("/domain", "domain-not-open")]


def test_what_began_before_the_domain_was_opened_may_be_handed_over_once_it_is() -> None:
    assert found(of_domain("heritage", began_on="2024-01-01", sent_on="2025-03-01")) == []


def test_a_domain_of_the_province_has_no_day_on_which_it_was_opened() -> None:
    assert found(of_domain("other", sent_on="1999-01-04")) == []


def test_who_is_warned_of_the_domain_is_told_the_statute_and_its_day() -> None:
    [fault] = judge("clue", of_domain("heritage", sent_on="2025-02-28"), TODAY).faults

    assert fault.message("zh") == "该领域自 2025-03-01 起才纳入公益诉讼（文物保护法(2024修订) 第九十九条）"
    assert "2025-03-01" in fault.message("en")


NOT_OPEN = {
    ("state_assets", "civil"),  # 行政诉讼法 25: administrative alone
    ("state_assets", "incidental_civil"),
    ("land_grant", "civil"),
    ("land_grant", "incidental_civil"),
    ("antitrust", "administrative"),  # 反垄断法 60: 民事公益诉讼
}
"""Which kinds of cases the statutes do not know; where they leave it open nobody is warned."""


@pytest.mark.parametrize("path", ["administrative", "civil", "incidental_civil", "undetermined"])
@pytest.mark.parametrize("domain", [*OPENED, "other"])
def test_a_domain_has_the_kinds_of_cases_that_its_statute_knows(domain: str, path: str) -> None:
    judged = judge("clue", of_domain(domain, path=path), TODAY)

    is_warned = (domain, path) in NOT_OPEN
    assert [(fault.pointer, fault.code) for fault in judged.faults] == (
        [("/path", "path-not-open")] if is_warned else []
    )
    assert judged.record is not None


# --- units ------------------------------------------------------------------------------------------

AREA, LENGTH = {"m2", "mu", "ha"}, {"m", "km"}
MASS, VOLUME = {"t", "kg", "jin", "g"}, {"m3", "l", "ml"}
COUNT = {
    *("piece", "item", "copy", "entry", "times", "household", "head", "set", "machine", "vehicle", "vessel", "place"),
}
PACKS, PERSONS, PLANTS = {"box", "bottle", "bag", "crate"}, {"person"}, {"plant"}
MEASURED_IN = {
    "land": AREA,
    "farmland": AREA,
    "woodland": AREA,
    "water_body": AREA | LENGTH,
    "trees": PLANTS | VOLUME,
    "wildlife": COUNT | PLANTS | MASS,
    "fish": MASS | COUNT,
    "waste": MASS | VOLUME,
    "waste_water": VOLUME | MASS,
    "minerals": MASS | VOLUME,
    "products": COUNT | PACKS | MASS | VOLUME,
    "people": PERSONS | COUNT,
    "information": COUNT,
    "facilities": COUNT | AREA | LENGTH,
    "relics": COUNT | AREA,
    "other": MASS | VOLUME | AREA | LENGTH | {"hour", "day", "month"} | PLANTS | COUNT | PERSONS | PACKS,
}
"""The units by which each damage can be counted; none is counted in levels or in cigarettes."""


def test_the_damages_of_these_tests_are_all_there_are() -> None:
    assert set(MEASURED_IN) == set(codelist("damage_kinds").codes)


@pytest.mark.parametrize("kind", MEASURED_IN)
def test_a_damage_is_counted_in_units_that_can_measure_it(kind: str) -> None:
    taken = {
        unit
        for unit in codelist("units").codes
        if found(clue(damages=[{"kind": kind, "amount": "2", "unit": unit}])) == []
    }
    refused = {"level", "stick", "carton", "cigarette_case", "other"}

    assert taken == MEASURED_IN[kind]
    assert not taken & refused
    assert found(clue(damages=[{"kind": kind, "amount": "2", "unit": "level"}])) == [
        ("/damages/0/unit", "unit-not-of-kind")
    ]


@pytest.mark.parametrize("amount", ["0", "0.000001", "999999999999.999999"])
def test_an_amount_has_up_to_twelve_digits_and_six_decimals(amount: str) -> None:
    assert found(clue(damages=[{"kind": "waste", "amount": amount, "unit": "t"}])) == []


@pytest.mark.parametrize("amount", ["0.0000001", "1000000000000", "-1", "1,200", "120.5吨", "约100", "1e3", ""])
def test_what_is_no_amount_is_told_as_that(amount: str) -> None:
    payload = clue(damages=[{"kind": "waste", "amount": amount, "unit": "t"}])

    assert found(payload) == [("/damages/0/amount", "decimal")]


# --- the order of days ------------------------------------------------------------------------------


@pytest.mark.parametrize(("earlier", "later"), [("began_on", "ended_on"), ("assessed_on", "sent_on")])
def test_one_day_may_be_another_and_not_before_it(earlier: str, later: str) -> None:
    day = date(2026, 8, 3)
    days = {earlier: day.isoformat()}

    assert found(clue(**days, **{later: day.isoformat()})) == []
    assert found(clue(**days, **{later: (day - timedelta(days=1)).isoformat()})) == [(f"/{later}", "date-order")]


@pytest.mark.parametrize(
    "changes",
    [
        {"assessed_on": None},
        {"sent_on": None},
        {"began_on": None, "ended_on": "2020-01-01"},
        {"began_on": "2026-09-20"},
        {"actions_taken": [{"kind": "order"}]},
    ],
)
def test_days_that_are_not_told_or_not_tied_to_each_other_are_not_compared(changes: Json) -> None:
    assert found(clue(**changes)) == []


@pytest.mark.parametrize("name", ["began_on", "ended_on", "assessed_on", "sent_on"])
def test_what_is_told_as_happened_has_come(name: str) -> None:
    tomorrow = TODAY + timedelta(days=1)
    bare = clue(**dict.fromkeys(("began_on", "ended_on", "assessed_on", "sent_on")))

    assert found(bare | {name: TODAY.isoformat()}) == []
    assert found(bare | {name: tomorrow.isoformat()}) == [(f"/{name}", "future-date")]


def test_a_measure_that_was_taken_was_taken_by_today() -> None:
    days = [TODAY, TODAY + timedelta(days=1)]
    taken = [{"kind": "order", "taken_on": day.isoformat()} for day in days]

    assert found(clue(actions_taken=taken[:1])) == []
    assert found(clue(actions_taken=taken)) == [("/actions_taken/1/taken_on", "future-date")]


# --- days that events name --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rectify_by", "expected"),
    [("2026-09-08", []), ("2026-12-31", []), ("2026-09-07", [("/events/3/rectify_by", "date-order")])],
)
def test_what_was_promised_in_consultation_lies_not_before_it_in_shanghai(
    rectify_by: str, expected: list[tuple[str, str]]
) -> None:
    consulted = told("consulted", "2026-09-07T16:30:00Z", form="meeting", rectify_by=rectify_by)

    assert found(clue(events=[*FILED, consulted])) == expected


@pytest.mark.parametrize(
    ("received_on", "expected"),
    [
        ("2026-10-08", []),
        ("2026-10-09", []),
        ("2026-10-07", [("/events/3/received_on", "date-order")]),
        ("2026-10-10", [("/events/3/received_on", "future-date")]),
    ],
)
def test_a_delegation_was_received_between_the_day_it_was_given_and_today(
    received_on: str, expected: list[tuple[str, str]]
) -> None:
    delegated = told("delegated", "2026-10-08", to=organ(PROCURATORATE), received_on=received_on)

    assert found(clue(events=[*FILED, delegated])) == expected


def test_which_day_an_event_may_not_precede_is_said_in_words() -> None:
    consulted = told("consulted", "2026-09-07", form="meeting", rectify_by="2026-09-01")
    [fault] = judge("clue", clue(events=[*FILED, consulted]), TODAY).faults

    assert fault.message("zh") == "不得早于事件发生的日期"


# --- what others do not see -------------------------------------------------------------------------

OF_SOMEBODY = {
    ("/referral_no", "reporter"),
    ("/contact/name", "personal"),
    ("/contact/phone", "personal"),
    ("/reporter/name", "reporter"),
    ("/reporter/phone", "reporter"),
    ("/reporter/id_no", "reporter"),
    ("/reporter/address", "reporter"),
    ("/trade_secrets", "trade_secret"),
}


def test_who_told_and_which_minors_it_is_about_and_trade_secrets_are_of_a_class_of_their_own() -> None:
    hidden = set(record(clue()).classified())

    minors = {(f"/minors/0/{name}", "minor") for name in ("name", "id_no", "school", "address", "guardian")}
    # Of the company its number alone, which it has none of; the other wrongdoer is a person.
    wrongdoers = {("/wrongdoers/0/id_no", "personal"), ("/wrongdoers/1/name", "personal")}
    assert hidden == OF_SOMEBODY | minors | wrongdoers | {("/wrongdoers/1/id_no", "personal")}


def test_every_minor_is_of_the_class() -> None:
    minors = [{"name": "样例甲"}, {"name": "样例乙", "guardian": "样例丙"}]

    hidden = set(record(clue(minors=minors)).classified())

    assert {("/minors/0/name", "minor"), ("/minors/1/name", "minor"), ("/minors/1/guardian", "minor")} <= hidden


def test_what_is_not_said_hides_no_list() -> None:
    bare = clue(**dict.fromkeys(("contact", "reporter", "minors", "trade_secrets", "wrongdoers")))

    assert {pointer for pointer, _ in record(bare).classified()} == {pointer for pointer, _ in OF_SOMEBODY}


def test_a_class_is_told_of_everything_that_the_published_schema_marks() -> None:
    definitions = record_schema("clue")["$defs"]
    marked = {
        (part, name): kind
        for part, definition in definitions.items()
        for name, member in definition.get("properties", {}).items()
        for kind in {one["x-disclosure"] for one in (member, *member.get("anyOf", ())) if "x-disclosure" in one}
    }

    hidden = dict(record(clue()).classified())
    places = {"Contact": "/contact", "Informant": "/reporter", "MinorConcerned": "/minors/0"}
    for (part, name), kind in marked.items():
        if part in places:
            assert hidden.pop(f"{places[part]}/{name}") == kind
    assert {pointer for pointer in hidden if "/wrongdoers/" not in pointer} == {"/trade_secrets", "/referral_no"}


# --- who is meant -----------------------------------------------------------------------------------


def test_a_clue_is_sought_by_its_first_wrongdoer() -> None:
    company, person = clue()["wrongdoers"]
    by_company, by_person = record(clue()).sought(), record(clue(wrongdoers=[person])).sought()

    assert (by_company.party_code, by_company.party_name) == (company["credit_code"], company["name"])
    assert (by_person.party_code, by_person.party_is_person) == (person["id_no"], True)
    assert not by_company.party_is_person
    assert record(clue(wrongdoers=None)).sought().party_name is None


def test_a_clue_is_known_by_the_number_of_its_letter_as_the_standard_writes_it() -> None:
    assert record(clue(document_no="武环函[2026]018号")).document_number() == "武环函〔2026〕18号"
    assert record(found_in_its_work()).document_number() is None


def test_the_files_of_a_clue_are_those_of_its_evidence() -> None:
    file = {"name": "a.pdf", "digest": "sha-256:" + "a" * 64, "bytes": 10, "media_type": "application/pdf"}
    payload = clue(evidence=[{"name": "清单"}, {"name": "照片", "attachment": file}])

    assert [one.name for one in record(payload).attachments()] == ["a.pdf"]


@pytest.mark.parametrize("events", [(), ("registered",), ("registered", "evaluated", "administrative_filed")])
def test_the_supervised_organ_is_not_let_in_before_it_was_told(events: tuple[str, ...]) -> None:
    facts = [Fact(event, date(2026, 9, 2)) for event in events]

    assert MARKET not in set(record(clue()).involved(facts))


@pytest.mark.parametrize("event", ["served", "consulted", "advice_served"])
def test_what_is_served_on_it_or_said_to_it_lets_the_supervised_organ_in(event: str) -> None:
    assert MARKET in set(record(clue()).involved([Fact(event, date(2026, 9, 8))]))
