"""The law as data: what is shipped, what is refused, and which row goes first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped]  # it ships no types
import holidays
import pytest

from schemas import RECORD_TYPES
from schemas.codelists import codelist
from schemas.law import Known, LawError, Limit, Span, calendar, law_of, limits
from schemas.shipped import known, law

YEARS = range(2021, 2027)

NATIONAL = """
[[limit]]
id = "penalty_served"
opens_on = ["decided"]
amount = 7
unit = "working_day"
basis = "行政处罚法(2021) 第六十一条、第八十五条"
effective_from = 2021-07-15
level = "national"
status = "verified"
"""

LOCAL = """
[[limit]]
id = "penalty_served"
opens_on = ["decided"]
amount = 5
unit = "working_day"
basis = "本市规定"
effective_from = 2025-01-01
level = "city"
region = "420100"
status = "to_confirm"
"""

YEAR = """
[[year]]
year = 2026
title = "国务院办公厅关于2026年部分节假日安排的通知"
status = "verified"
holidays = [{ name = "元旦", first = 2026-01-01, last = 2026-01-03 }]
workdays = [2026-01-04]
"""


def days(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=step) for step in range((date(year + 1, 1, 1) - first).days))


def faults_of(text: str) -> str:
    with pytest.raises(LawError) as caught:
        limits(text)
    return str(caught.value)


def faults_of_calendar(text: str) -> str:
    with pytest.raises(LawError) as caught:
        calendar(text)
    return str(caught.value)


# What is shipped


@pytest.mark.parametrize("year", YEARS)
def test_the_calendar_agrees_with_chinesecalendar(year: int) -> None:
    shipped = law().calendar

    ours = {day for day in days(year) if day in shipped.make_up_days or _is_plain_weekday(day)}

    assert ours == {day for day in days(year) if chinese_calendar.is_workday(day)}


@pytest.mark.parametrize("year", YEARS)
def test_the_calendar_agrees_with_holidays(year: int) -> None:
    theirs = holidays.country_holidays("CN", years=year)

    ours = {day for day in days(year) if day in law().calendar.make_up_days or _is_plain_weekday(day)}

    assert ours == {day for day in days(year) if theirs.is_working_day(day)}


def _is_plain_weekday(day: date) -> bool:
    return day.weekday() < 5 and day not in law().calendar.days_off


def test_the_calendar_cites_the_notice_of_each_year() -> None:
    notices = law().calendar.notices

    assert [notice.year for notice in notices] == list(YEARS)
    assert all(notice.number and notice.issued_on for notice in notices if notice.status == "verified")
    assert all(str(notice.year) in notice.title for notice in notices)


def test_2026_has_all_six_make_up_days() -> None:
    made_up = sorted(day for day in law().calendar.make_up_days if day.year == 2026)

    assert [f"{day:%m-%d}" for day in made_up] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def test_every_row_belongs_to_a_node_and_opens_on_events_of_its_type() -> None:
    events_of_node = {
        node.id: {name for step in record_type.steps for name in (step.event, *step.brings)}
        for record_type in RECORD_TYPES.values()
        for node in record_type.nodes
    }

    strangers = [row.rule for row in law().limits if not set(row.opens_on) <= events_of_node.get(row.id, set())]

    assert strangers == []


def test_every_node_has_a_rule() -> None:
    nodes = {node.id for record_type in RECORD_TYPES.values() for node in record_type.nodes}

    assert nodes == {row.id for row in law().limits}


def test_fields_and_regions_of_rows_are_in_the_codelists() -> None:
    fields = {row.field for row in law().limits} - {None}
    regions = {row.region for row in law().limits} - {None}

    assert fields <= set(codelist("fields").codes)
    assert regions <= set(codelist("regions").codes)


def test_a_number_of_our_own_is_not_called_national_law() -> None:
    assert [row.rule for row in law().limits if row.status == "local_default" and row.level == "national"] == []


def test_the_days_for_entry_outside_ecology_are_our_own_default() -> None:
    city, ecology = sorted((row for row in law().limits if row.id == "penalty_entered"), key=lambda row: row.status)

    assert (city.span, city.status, city.region) == (Span(7, "natural_day"), "local_default", "420100")
    assert (ecology.span, ecology.status, ecology.field) == (Span(7, "natural_day"), "verified", "ecology")


# Versions


def test_the_version_changes_with_a_number_and_not_with_a_comment() -> None:
    before = law_of(NATIONAL, YEAR).version

    assert law_of("# 注\n" + NATIONAL, YEAR).version == before
    assert law_of(NATIONAL.replace("amount = 7", "amount = 6"), YEAR).version != before
    assert law_of(NATIONAL, YEAR.replace("2026-01-04", "2026-01-10")).version != before


def test_a_rule_is_named_by_its_node_and_the_day_it_came_into_force() -> None:
    (plain,) = limits(NATIONAL)
    (named,) = limits(NATIONAL + 'suffix = "market"\n')

    assert plain.rule == "penalty_served@2021-07-15"
    assert named.rule == "penalty_served@2021-07-15.market"


# What is refused


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ('"working_day"', '"workday"', "unit"),
        ('"verified"', '"certain"', "status"),
        ('"national"', '"county"', "level"),
        ("amount = 7", "amount = 0", "amount"),
        ("amount = 7", 'amount = "7"', "amount"),
        ("amount = 7", "", "amount without a unit or a unit without an amount"),
        ('["decided"]', "[]", "opens_on"),
        ("2021-07-15", '"2021-02-30"', "effective_from"),
        ("2021-07-15", "2021-07-15\neffective_to = 2021-07-14", "before it begins"),
        ("2021-07-15", '2021-07-15\nregion = "420100"', "is national and yet of region 420100"),
        ("2021-07-15", '2021-07-15\nwarn = { amount = 1, unit = "month" }', "warns months ahead"),
        ("2021-07-15", "2021-07-15\nlimit_days = 7", "limit_days"),
    ],
)
def test_a_bad_row_is_refused_and_named_by_its_line(said: str, instead: str, complaint: str) -> None:
    fault = faults_of(NATIONAL.replace(said, instead))

    assert fault.startswith("limits.toml line 2: ")
    assert complaint in fault


def test_a_day_that_does_not_exist_is_refused_with_its_line() -> None:
    fault = faults_of(NATIONAL.replace("2021-07-15", "2021-02-30"))

    assert fault.startswith("limits.toml: ")
    assert "line 8" in fault


def test_all_bad_rows_are_named_at_once() -> None:
    fault = faults_of(NATIONAL.replace("verified", "sure") + LOCAL.replace("to_confirm", "sure"))

    assert [line.split(": ")[0] for line in fault.splitlines()] == ["limits.toml line 2", "limits.toml line 12"]


def test_a_file_with_anything_but_rows_is_refused() -> None:
    for text in ('version = "3"\n' + NATIONAL, "[limit]\n", NATIONAL + "[[rule]]\n"):
        assert "holds [[limit]], [[yielding]] tables only" in faults_of(text)
    assert "stands at the start of its line" in faults_of("[[ limit ]]\n")


KNOWN = Known(
    facts={"penalty_served": {"decided", "served"}, "penalty_published": {"decided"}},
    conditions={"penalty_served": {"endangers"}, "penalty_published": set()},
)


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ('"penalty_served"', '"penalty_severed"', "no record type has a node penalty_severed"),
        ('["decided"]', '["desided"]', "no event or stated date is called desided"),
        ("2021-07-15", '2021-07-15\ndeferred_by = ["put_off"]', "no event or stated date is called put_off"),
        ("2021-07-15", '2021-07-15\nexcludes_between = [["oh", "served"]]', "no event or stated date is called oh"),
        ("2021-07-15", '2021-07-15\ncondition = "at_sea"', "no condition is called at_sea"),
    ],
)
def test_a_row_that_names_what_no_record_type_has_is_refused_by_its_line(
    said: str, instead: str, complaint: str
) -> None:
    with pytest.raises(LawError) as refused:
        law_of(NATIONAL.replace(said, instead), YEAR, KNOWN)

    assert str(refused.value) == f"limits.toml line 2: {_rule_in(NATIONAL.replace(said, instead))}: {complaint}"


def _rule_in(text: str) -> str:
    return limits(text)[0].rule


def test_a_duty_may_make_way_only_for_one_there_is() -> None:
    choice = (
        '[[yielding]]\nid = "penalty_served"\nto = "penalty_severed"\nfield = "market"\nholds = true\n'
        'status = "to_confirm"\nbasis = "某规"\n'
    )

    with pytest.raises(LawError) as refused:
        law_of(NATIONAL + choice, YEAR, KNOWN)

    line = NATIONAL.count("\n") + 1
    assert str(refused.value) == f"limits.toml line {line}: no record type has a node penalty_severed"


def test_the_shipped_law_is_held_against_the_record_types() -> None:
    assert {"decided", "clue_found"} <= set(known().facts["penalty_served"])
    assert {"notified", "refusal_notified"} <= set(known().facts["police_notified"])
    assert set(known().conditions["penalty_limit_check"]) == {"endangers"}


HEAD = 'extensions = [{ level = "head", amount = 3, unit = "working_day" }]'


@pytest.mark.parametrize(
    ("added", "complaint"),
    [
        ('extensions = [{ level = "mayor" }]', "extensions.0.level"),
        ('extensions = [{ level = "head", amount = 3 }]', "the extension of level head has half an amount"),
        ('extensions = [{ level = "head", amount = 3, unit = "month" }]', "is not in working_days"),
        (HEAD.replace("}]", '}, { level = "head" }]'), "names the level head twice"),
        ('extensions = [{ level = "collective", follows = "head" }]', "no extension of level head to follow"),
        ('excludes = ["holiday"]', "excludes.0"),
        ('extensions = [{ level = "head", total = 30 }]', "the extension of level head has half an amount"),
        ('extensions = [{ level = "head", unit = "working_day" }]', "the extension of level head has half an amount"),
        ('extensions = [{ level = "head", total = 30, unit = "month" }]', "is not in working_days"),
        ('extensions = [{ level = "head", total = 7, unit = "working_day" }]', "to 7 makes nothing longer"),
        ('extensions = [{ level = "head", total = 30, unit = "working_day", status = "sure" }]', "extensions.0.status"),
        ('restarts = true\ncounts_from = "until"', "begins anew with each opening event"),
        ("restarts = true\nbackwards = true", "begins anew with each opening event"),
        ("backwards = true\n" + HEAD, "counts back"),
        ('backwards = true\nafter = { amount = 1, unit = "month" }', "counts back"),
        ('restarts = true\nnamed_in = "reply_by"', "begins anew with each opening event"),
        ('backwards = true\nnamed_in = "reply_by"', "counts back"),
        ('named_in = ""', "named_in"),
    ],
)
def test_a_row_that_prolongs_or_counts_strangely_is_refused(added: str, complaint: str) -> None:
    fault = faults_of(NATIONAL + added + "\n")

    assert fault.startswith("limits.toml line 2: ")
    assert complaint in fault


@pytest.mark.parametrize(
    "added",
    [
        HEAD,
        'after = { amount = 1, unit = "month" }',
        'deferred_by = ["decided"]',
        "backwards = true",
    ],
)
def test_a_duty_without_a_number_has_nothing_to_prolong(added: str) -> None:
    bare = NATIONAL.replace("amount = 7\n", "").replace('unit = "working_day"\n', "")

    assert "has no amount to count, prolong or put off" in faults_of(bare + added + "\n")


def test_a_duty_without_a_number_may_have_a_last_day_that_a_document_names() -> None:
    bare = NATIONAL.replace("amount = 7\n", "").replace('unit = "working_day"\n', "")

    (found,) = limits(bare + 'named_in = "reply_by"\n')

    assert (found.span, found.named_in) == (None, "reply_by")


def test_hours_are_counted_from_the_event_itself() -> None:
    hours = NATIONAL.replace('"working_day"', '"hour"')

    assert "counts hours" in faults_of(hours + 'after = { amount = 1, unit = "month" }\n')
    assert "counts hours" in faults_of(hours + 'named_in = "reply_by"\n')


def test_a_row_may_leave_the_last_day_to_the_opening_event() -> None:
    (named,) = limits(NATIONAL + 'named_in = "reply_by"\n')

    assert (named.named_in, named.span) == ("reply_by", Span(7, "working_day"))


def test_days_that_rows_take_from_their_opening_events_or_the_record_are_fields_of_those() -> None:
    type_of = {node.id: record_type for record_type in RECORD_TYPES.values() for node in record_type.nodes}

    def fields_of(row: Limit, event: str) -> set[str]:
        own = type_of[row.id]
        # What a step brings about says what the step says.
        causes = {step.event for step in own.steps if event in step.brings} or {event}
        return set.intersection(*(set(own.events[cause].model.model_fields) for cause in causes))

    started = [(row, event) for row in law().limits for event in row.opens_on if row.counts_from is not None]
    named = [(row, event) for row in law().limits for event in row.opens_on if row.named_in is not None]

    assert [row.rule for row, event in started if row.counts_from not in fields_of(row, event)] == []
    either = {row.rule: fields_of(row, event) | set(type_of[row.id].model_fields) for row, event in named}
    assert [row.rule for row, _ in named if row.named_in not in either[row.rule]] == []
    assert {row.counts_from for row, _ in started} == {"until", "rectify_by", "received_on"}
    assert {row.named_in for row, _ in named} == {"reply_by", "rectify_by", "objection_by"}


def test_rows_of_one_node_know_one_condition() -> None:
    first = NATIONAL + 'condition = "endangers"\nsuffix = "a"\n'
    second = NATIONAL + 'condition = "at_sea"\nsuffix = "b"\n'

    assert "one condition a node" in faults_of(first + second)
    assert len(limits(NATIONAL + first)) == 2


@pytest.mark.parametrize("region", ["", 'region = "420000"\n', 'region = "420106"\n', 'region = "420100-ELHT"\n'])
def test_a_city_row_needs_a_city_code(region: str) -> None:
    fault = faults_of(LOCAL.replace('region = "420100"\n', region))

    assert "needs the region code of its city" in fault


def test_two_equal_rows_are_refused() -> None:
    again = NATIONAL.replace("amount = 7", 'suffix = "again"\namount = 6')

    fault = faults_of(NATIONAL + again)

    assert fault.startswith("limits.toml line 12: penalty_served@2021-07-15.again says the same as")
    assert "limits.toml line 2" in fault


def test_two_rules_may_not_share_a_name() -> None:
    fault = faults_of(NATIONAL + NATIONAL.replace("amount = 7", 'field = "market"\namount = 6'))

    assert "the name penalty_served@2021-07-15 is taken" in fault


@pytest.mark.parametrize(
    ("amount", "unit"), [(8, "working_day"), (3, "month"), (2, "working_day"), (8, "natural_day"), (168, "hour")]
)
def test_a_local_row_may_not_lengthen_a_national_one(amount: int, unit: str) -> None:
    national = NATIONAL if unit in ("working_day", "month") and amount != 2 else NATIONAL.replace("working", "natural")
    local = LOCAL.replace("amount = 5", f"amount = {amount}").replace("working_day", unit)

    fault = faults_of(national + local)

    assert "penalty_served@2025-01-01 may give more time than the national penalty_served@2021-07-15" in fault


@pytest.mark.parametrize(("amount", "unit"), [(7, "working_day"), (5, "working_day"), (7, "natural_day"), (24, "hour")])
def test_a_local_row_may_be_as_strict_or_stricter(amount: int, unit: str) -> None:
    local = LOCAL.replace("amount = 5", f"amount = {amount}").replace("working_day", unit)

    assert len(limits(NATIONAL + local)) == 2


def test_a_local_row_may_not_take_the_number_away() -> None:
    local = LOCAL.replace("amount = 5\n", "").replace('unit = "working_day"\n', "")

    assert "may give more time" in faults_of(NATIONAL + local)
    assert len(limits(NATIONAL.replace("amount = 7\n", "").replace('unit = "working_day"\n', "") + LOCAL)) == 2


def test_a_local_row_is_held_against_the_national_row_of_its_own_field_and_time() -> None:
    market = NATIONAL.replace("amount = 7", 'suffix = "market"\nfield = "market"\namount = 20')
    local = LOCAL.replace("amount = 5", 'field = "market"\namount = 15')
    expired = NATIONAL.replace("2021-07-15", "2010-01-01\neffective_to = 2021-07-14").replace("= 7", "= 3")

    assert len(limits(expired + NATIONAL + market + local)) == 4
    assert "may give more time" in faults_of(NATIONAL + local)


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ("last = 2026-01-03", "last = 2025-12-30", "before it begins"),
        ("[2026-01-04]", "[2026-01-03]", "named twice"),
        ("[2026-01-04]", "[2026-01-05]", "is a weekday"),
        ("[2026-01-04]", "[2027-01-09]", "is not a day of 2026"),
        ("year = 2026", 'year = "soon"', "year"),
        ('"verified"', '"certain"', "status"),
        ('name = "元旦", ', "", "name"),
    ],
)
def test_a_bad_year_is_refused_and_named_by_its_line(said: str, instead: str, complaint: str) -> None:
    fault = faults_of_calendar(YEAR.replace(said, instead))

    assert fault.startswith("calendar.toml line 2: ")
    assert complaint in fault


def test_a_year_left_out_or_said_twice_is_refused() -> None:
    later = YEAR.replace("2026", "2028").replace("[2028-01-04]", "[2028-01-08]")

    assert "not one after another: 2026, 2028" in faults_of_calendar(YEAR + later)
    assert "not one after another: 2026, 2026" in faults_of_calendar(YEAR + YEAR)


def test_the_new_years_holiday_may_begin_in_december() -> None:
    assert date(2022, 12, 31) in law().calendar.days_off


# Which row goes first


def row(
    level: str = "national", since: str = "2021-07-15", field: str = "", offence: str = "", region: str = ""
) -> Limit:
    text = NATIONAL.replace('"national"', f'"{level}"').replace("2021-07-15", since)
    for name, value in {"field": field, "offence": offence, "region": region}.items():
        text += f'{name} = "{value}"\n' if value else ""
    return limits(text)[0]


def test_offence_goes_before_field_before_district_city_province_nation_and_the_later_before_the_earlier() -> None:
    in_order = [
        row(offence="illegal_mining"),
        row(field="market", level="district", region="420106"),
        row(field="market"),
        row(level="district", region="420106"),
        row(level="city", region="420100"),
        row(level="province", region="420000"),
        row(since="2024-01-01"),
        row(since="2021-07-15"),
    ]

    shuffled = [in_order[place] for place in (3, 0, 7, 5, 1, 6, 2, 4)]

    assert sorted(shuffled, key=lambda row: row.precedence, reverse=True) == in_order


@pytest.mark.parametrize(
    ("level", "own", "region", "covered"),
    [
        ("province", "420000", "420106", True),
        ("province", "420000", "430100", False),
        ("city", "420100", "420106", True),
        ("city", "420100", "420100", True),
        ("city", "420100", "420200", False),
        ("city", "420100", "420100-ELHT", True),
        ("district", "420106", "420106", True),
        ("district", "420106", "420107", False),
        ("district", "420106", "420100", False),
        ("district", "420112", "420112-AEDZ", True),
        ("district", "420100-ELHT", "420100-ELHT", True),
        ("district", "420100-ELHT", "420100-YRNA", False),
    ],
)
def test_a_row_covers_the_regions_within_its_own(level: str, own: str, region: str, covered: bool) -> None:
    assert row(level=level, region=own).covers(region) is covered


def test_a_row_is_law_from_its_first_to_its_last_day() -> None:
    (limit,) = limits(NATIONAL + "effective_to = 2025-12-31\n")

    in_force = [
        limit.in_force(date.fromisoformat(day)) for day in ("2021-07-14", "2021-07-15", "2025-12-31", "2026-01-01")
    ]

    assert in_force == [False, True, True, False]
