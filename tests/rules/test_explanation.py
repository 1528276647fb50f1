"""What a clerk reads beside a due date, and can check with a wall calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from app.rules.deadlines import Duty, duties
from app.rules.explanation import explanation
from app.rules.openings import Context
from schemas.law import Law, calendar, limits
from schemas.lifecycle import SHANGHAI, Fact, Node, Party
from schemas.shipped import law

TITLES = {"decided": {"zh": "作出决定", "en": "decided"}, "served": {"zh": "送达", "en": "served"}}
CONTEXT = Context("420106", "market", event_titles=TITLES)
SERVED = Node("penalty_served", {"zh": "送达", "en": "service"}, Party.AGENCY, closes=("served",))
ENTERED = Node("penalty_entered", {"zh": "录入平台", "en": "entry"}, Party.AGENCY, closes=("entered",))
PAID = Node("penalty_paid", {"zh": "缴纳罚款", "en": "payment"}, Party.AGENCY, closes=("paid",))

SHORT = """
[[limit]]
id = "penalty_served"
opens_on = ["decided"]
amount = 24
unit = "hour"
basis = "某法"
effective_from = 2021-07-15
level = "national"
status = "verified"
"""


SEVEN = SHORT.replace("24", "7").replace('"hour"', '"working_day"') + (
    'extensions = [{ level = "head", amount = 3, unit = "working_day" }, { level = "collective" }]\n'
)
THREE_MORE = {"node": "penalty_served", "amount": 3, "unit": "working_day", "level": "head"}


def duty(node: Node, *facts: Fact, under: Law | None = None) -> Duty:
    (found,) = duties([node], facts, CONTEXT, under or law())
    return found


def under(text: str) -> Law:
    return Law(limits(text), calendar(), "test")


def decided(when: str) -> Fact:
    moment = datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)
    return Fact("decided", moment if "T" in when else moment.date())


def test_the_example_of_the_wire_contract_is_said_as_promised() -> None:
    found = duty(SERVED, decided("2026-09-29"))

    assert explanation(found) == (
        "2026-09-29 作出决定,当日不计;7 个工作日,其间 10-01 至 10-07 放假,10-10(周六)上班;至 2026-10-14。"
    )
    assert explanation(found, "en") == (
        "2026-09-29 decided, that day not counted; 7 working days, 10-01 to 10-07 off, 10-10 (Sat) worked; "
        "until 2026-10-14."
    )


def test_plain_weeks_are_said_plainly() -> None:
    found = duty(SERVED, decided("2026-11-02"))

    assert explanation(found) == "2026-11-02 作出决定,当日不计;7 个工作日;至 2026-11-11。"


def test_a_last_day_off_is_said_to_give_way() -> None:
    found = duty(PAID, Fact("served", date(2026, 6, 5)))

    assert explanation(found) == "2026-06-05 送达,当日不计;15 日;末日 06-20(周六)休息,顺延;至 2026-06-22。"
    assert explanation(found, "en") == (
        "2026-06-05 served, that day not counted; 15 days; the last day 06-20 (Sat) is off and gives way; "
        "until 2026-06-22."
    )


def test_pause_and_extension_are_said() -> None:
    facts = [
        Fact("suspended", date(2026, 10, 9)),
        Fact("resumed", date(2026, 10, 13)),
        Fact("suspended", date(2026, 10, 14)),
        Fact("resumed", date(2026, 10, 15)),
        Fact("extended", date(2026, 10, 15), details=THREE_MORE),
    ]

    found = duty(SERVED, decided("2026-09-29"), *facts, under=under(SEVEN))

    # 09-30, 10-08, 13, 15, 16, 19, 20, 21, 22, 23; the make-up Saturday fell into the pause
    assert explanation(found) == (
        "2026-09-29 作出决定,当日不计;7 个工作日,延长 3 个工作日,共 10 个工作日,其间 10-01 至 10-07 放假;"
        "10-09 至 10-12 中止不计;10-14 中止不计;至 2026-10-23。"
    )
    assert explanation(found, "en") == (
        "2026-09-29 decided, that day not counted; 7 working days, extended by 3 working days to 10 working days, "
        "10-01 to 10-07 off; 10-09 to 10-12 suspended and not counted; 10-14 suspended and not counted; "
        "until 2026-10-23."
    )


def test_a_standing_clock_is_said_with_what_is_left() -> None:
    found = duty(SERVED, decided("2026-11-02"), Fact("suspended", date(2026, 11, 5)))

    assert explanation(found) == "2026-11-02 作出决定,当日不计;7 个工作日;2026-11-05 起中止,剩余 5 个工作日。"
    assert explanation(found, "en").endswith("; suspended since 2026-11-05, 5 working days left.")


def test_what_is_provisional_is_said_to_be() -> None:
    found = duty(SERVED, decided("2026-12-24"))

    assert explanation(found) == (
        "2026-12-24 作出决定,当日不计;7 个工作日;2027 年放假安排未收入,暂按周末推算;至 2027-01-04。"
    )


def test_a_day_of_another_year_is_said_in_full() -> None:
    found = duty(SERVED, decided("2025-12-30"))

    assert explanation(found) == (
        "2025-12-30 作出决定,当日不计;7 个工作日,其间 2026-01-01 至 2026-01-03 放假,2026-01-04(周日)上班;"
        "至 2026-01-09。"
    )


def test_hours_are_said_with_the_hour_they_are_counted_from() -> None:
    found = duty(SERVED, decided("2026-11-03T10:20"), under=under(SHORT))

    assert explanation(found) == "2026-11-03 10:20 作出决定,自 2026-11-03 11:00 起算;24 小时;至 2026-11-04 11:00:00。"
    assert explanation(found, "en") == (
        "2026-11-03 10:20 decided, counted from 2026-11-03 11:00; 24 hours; until 2026-11-04 11:00:00."
    )


def test_an_unknown_hour_is_said() -> None:
    found = duty(SERVED, decided("2026-11-03"), under=under(SHORT))

    assert explanation(found) == "2026-11-03 作出决定,未报时刻,自当日终了起算;24 小时;至 2026-11-05 00:00:00。"


def test_a_pause_in_hours_is_said_to_the_minute() -> None:
    pause = [
        Fact("suspended", datetime(2026, 11, 3, 15, tzinfo=SHANGHAI)),
        Fact("resumed", datetime(2026, 11, 3, 17, 30, tzinfo=SHANGHAI)),
    ]

    found = duty(SERVED, decided("2026-11-03T10:20"), *pause, under=under(SHORT))

    assert explanation(found).endswith(";2026-11-03 15:00 至 2026-11-03 17:30 中止不计;至 2026-11-04 13:30:00。")


def test_one_is_not_many() -> None:
    one_day = SHORT.replace("24", "1").replace("hour", "natural_day")

    assert "; 1 day; " in explanation(duty(SERVED, decided("2026-11-03"), under=under(one_day)), "en")


def test_a_month_is_said_as_a_month() -> None:
    two_months = SHORT.replace("24", "2").replace("hour", "month")

    found = duty(SERVED, decided("2026-06-30"), under=under(two_months))

    assert explanation(found) == "2026-06-30 作出决定,当日不计;2 个月;末日 08-30(周日)休息,顺延;至 2026-08-31。"


def test_what_ended_a_duty_unmet_is_said() -> None:
    titles = {**TITLES, "revoked": {"zh": "决定被变更或撤销", "en": "revoked"}}
    node = Node("penalty_served", SERVED.title, Party.AGENCY, closes=("served",), lapses=("revoked",))
    context = Context("420106", "market", event_titles=titles)

    (found,) = duties([node], [decided("2026-11-02"), Fact("revoked", date(2026, 11, 4))], context, law())

    assert explanation(found).endswith(";至 2026-11-11;2026-11-04 决定被变更或撤销,不再计算。")
    assert explanation(found, "en").endswith("; until 2026-11-11; 2026-11-04 revoked, no longer counted.")


def test_a_waiver_is_said() -> None:
    waived = Fact("waived", date(2026, 11, 4), details={"node": "penalty_served", "reason": "当事人张三死亡"})

    found = duty(SERVED, decided("2026-11-02"), waived)

    assert explanation(found).endswith(";至 2026-11-11;2026-11-04 起不再计算。")
    assert "张三" not in explanation(found)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "2021-07-14 作出决定;当日适用的期限规定未查明。"),
        ("en", "2021-07-14 decided; no rule known for that day."),
    ],
)
def test_a_day_without_a_known_rule_is_said(language: str, said: str) -> None:
    found = duty(SERVED, decided("2021-07-14"))

    assert explanation(found, "en" if language == "en" else "zh") == said


def test_a_rule_without_a_number_is_said() -> None:
    unnumbered = SHORT.replace("amount = 24\n", "").replace('unit = "hour"\n', "")

    assert (
        explanation(duty(SERVED, decided("2026-11-03"), under=under(unnumbered)))
        == "2026-11-03 作出决定;规定未定天数。"
    )


def test_an_event_nobody_named_is_told_by_its_code() -> None:
    (found,) = duties([SERVED], [decided("2026-11-02")], Context("420106", "market"), law())

    assert explanation(found).startswith("2026-11-02 decided,当日不计")


def row(**said: str) -> Law:
    """A law of one row: that of the hours with other values, as they are written in TOML."""
    rest = {"amount": "24", "unit": '"hour"'} | said
    kept = "\n".join(line for line in SHORT.splitlines() if line.partition(" =")[0] not in rest)
    return under(kept + "\n" + "\n".join(f"{name} = {value}" for name, value in rest.items()) + "\n")


def test_a_day_to_which_it_was_extended_is_said() -> None:
    details = {"node": "penalty_served", "level": "collective", "until": date(2026, 12, 1)}

    found = duty(
        SERVED, decided("2026-11-02"), Fact("extended", date(2026, 11, 9), details=details), under=under(SEVEN)
    )

    assert explanation(found) == "2026-11-02 作出决定,当日不计;7 个工作日,经批准延至 12-01;至 2026-12-01。"
    assert explanation(found, "en") == (
        "2026-11-02 decided, that day not counted; 7 working days, extended by decision until 12-01; until 2026-12-01."
    )


def test_a_period_that_has_to_run_out_first_is_said() -> None:
    law_ = row(amount="3", unit='"month"', after='{ amount = 6, unit = "month" }')

    found = duty(SERVED, decided("2026-01-15"), under=law_)

    assert explanation(found) == "2026-01-15 作出决定,先经 6 个月,至 07-15;3 个月;至 2026-10-15。"
    assert explanation(found, "en") == ("2026-01-15 decided, first 6 months, until 07-15; 3 months; until 2026-10-15.")


def test_a_named_day_that_is_counted_from_is_said() -> None:
    law_ = row(amount="3", unit='"month"', counts_from='"until"')

    found = duty(SERVED, Fact("decided", date(2026, 2, 2), details={"until": date(2026, 5, 28)}), under=law_)

    assert explanation(found) == "2026-02-02 作出决定,自 05-28 起算;3 个月;至 2026-08-28。"


@pytest.mark.parametrize("when", ["2026-09-22", "2026-09-22T16:40"])
def test_a_last_day_that_the_document_names_is_said(when: str) -> None:
    law_ = row(amount="2", unit='"month"', named_in='"reply_by"')
    by = replace(decided(when), details={"reply_by": date(2026, 10, 17)})

    found = duty(SERVED, by, under=law_)

    assert explanation(found) == "2026-09-22 作出决定;文书载明至 10-17;末日 10-17(周六)休息,顺延;至 2026-10-19。"
    assert explanation(found, "en") == (
        "2026-09-22 decided; by 10-17, as the document names it; the last day 10-17 (Sat) is off and gives way; "
        "until 2026-10-19."
    )


def test_a_last_day_of_another_year_is_said_in_full() -> None:
    law_ = row(amount="2", unit='"month"', named_in='"reply_by"')
    by = replace(decided("2026-12-08"), details={"reply_by": date(2027, 1, 8)})

    assert explanation(duty(SERVED, by, under=law_)) == (
        "2026-12-08 作出决定;文书载明至 2027-01-08;2027 年放假安排未收入,暂按周末推算;至 2027-01-08。"
    )


def test_a_period_counted_back_is_said_to_be() -> None:
    found = duty(SERVED, decided("2026-10-15"), under=row(amount="7", unit='"working_day"', backwards="true"))

    # Back from 10-15: 14, 13, 12, make-up Saturday 10, 09, 08, 09-30
    assert explanation(found) == (
        "2026-10-15 作出决定,当日不计,倒数 7 个工作日;其间 10-01 至 10-07 放假,10-10(周六)上班;至迟 2026-09-30。"
    )
    assert explanation(found, "en") == (
        "2026-10-15 decided, that day not counted, 7 working days back; 10-01 to 10-07 off, 10-10 (Sat) worked; "
        "2026-09-30 at the latest."
    )


def test_a_gate_and_a_window_are_said_to_be_no_deadlines() -> None:
    gate = SHORT.replace('amount = 24\nunit = "hour"\n', "advisory = true\n")

    assert explanation(duty(SERVED, decided("2026-11-02"), under=under(gate))) == (
        "2026-11-02 作出决定;规定未定天数;仅作提示,不是期限,不计逾期。"
    )
    window = row(amount="5", unit='"working_day"', advisory="true")
    assert explanation(duty(SERVED, decided("2026-11-02"), under=window), "en").endswith(
        "until 2026-11-09; shown only, not a deadline: nobody is late with it."
    )
