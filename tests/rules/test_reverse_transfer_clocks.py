"""The clocks of a case handed to an agency: each period worked by hand by the wall calendar of 2026, then whole cases.

2026: 01-01 to 03 off, 01-04 worked; 02-15 to 23 off, 02-14 and 28 worked; 04-04 to 06; 05-01 to 05 off, 05-09 worked;
06-19 to 21; 09-25 to 27 off, 09-20 worked; 10-01 to 07 off, 10-10 worked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from app.rules.deadlines import Duty, duties, is_late, state
from app.rules.explanation import explanation
from app.rules.openings import Context
from schemas.lifecycle import Fact, fold
from schemas.reverse_transfer import ReverseTransfer
from schemas.shipped import law
from tests.clocks import Story, Told, Worked, at, end, facts, history, of_record, telling
from tests.machines import Run, assert_folds_to, retold, runs
from tests.transfers import MARKET, POLICE, PROCURATORATE, organ

Json = dict[str, Any]


def not_prosecuted(**changes: object) -> Json:
    """A case that Wuchang's procuratorate did not prosecute, for its market supervision; nothing is dated yet."""
    said: Json = {
        "record_type": "reverse_transfer",
        "source_id": "2026-反-000001",
        "organisation": PROCURATORATE,
        "region": "420106",
        "field": "market",
        "addressee": organ(MARKET),
        "case_name": "武汉样例第1商贸有限公司销售假冒注册商标的商品案",
    }
    return said | changes


def served(**changes: object) -> Json:
    """The same, examined in time and served on 2026-09-22, as the record dates it."""
    days = {
        "not_prosecuted_on": "2026-09-07",
        "referred_on": "2026-09-09",
        "registered_on": "2026-09-09",
        "opinion_on": "2026-09-21",
        "served_on": "2026-09-22",
    }
    return not_prosecuted(**days) | changes


def handed_over(**changes: object) -> Json:
    """A case in which Wuchang's police found no crime and a violation, handed to its market supervision."""
    own = {"opened_by": "police", "organisation": POLICE, "copied_to": organ(PROCURATORATE)}
    return not_prosecuted(**own) | {"violation_found_on": "2026-09-17", "handed_over_on": "2026-09-22"} | changes


# One period after another ---------------------------------------------------------------------------------------------

ECOLOGY, POLICE_OWN, CITY = "ecology", "public_security", "urban_management"


def longer(when: str, node: str, level: str, amount: int, unit: str = "working_day") -> Told:
    return ("extended", when, {"node": node, "level": level, "amount": amount, "unit": unit})


def still(when: str, until: str, ground: str, node: str) -> tuple[Told, Told]:
    return ("suspended", when, {"node": node, "ground": ground}), ("resumed", until, {"node": node})


ASKED_ELSEWHERE = still("2026-09-28", "2026-10-09", "consultation", "reverse_reviewed")
BY_THE_CHIEF = longer("2026-10-12", "reverse_reviewed", "chief_procurator", 5)

NUMBERED = (
    Worked(
        "reverse_agency_told", (("not_prosecuted", "2026-09-22"),), "2026-09-28", "23, 24, 25: off to 27; 28", ECOLOGY
    ),
    Worked("reverse_internal", (("not_prosecuted", "2026-09-17"),), "2026-09-21", "18, make-up Sunday 20, 21"),
    Worked("reverse_internal", (("not_prosecuted", "2026-09-30"),), "2026-10-10", "10-08, 09, make-up Saturday 10"),
    Worked(
        "reverse_reviewed",
        (("registered", "2026-09-21"),),
        "2026-10-12",
        "22, 23, 24; 28, 29, 30; 10-08, 09, make-up Saturday 10, 12",
    ),
    Worked(
        "reverse_reviewed",
        (("registered", "2026-09-21"), *ASKED_ELSEWHERE),
        "2026-10-16",
        "22, 23, 24; 10-09, make-up Saturday 10, 12, 13, 14, 15, 16",
    ),
    Worked(
        "reverse_reviewed",
        (("registered", "2026-09-21"), *ASKED_ELSEWHERE, BY_THE_CHIEF),
        "2026-10-23",
        "five more from Friday 16: 19 to 23",
    ),
    Worked("reverse_opinion_sent", (("opinion_issued", "2026-09-29"),), "2026-10-08", "30, 10-01, 02: off to 07; 08"),
    Worked("reverse_opinion_sent_2021", (("not_prosecuted", "2026-09-17"),), "2026-09-20", "18, 19, make-up Sunday 20"),
    Worked(
        "reverse_agency_filed",
        (("served", "2026-09-22"),),
        "2026-10-20",
        "23, 24; 28, 29, 30; 10-08, 09, make-up Saturday 10; 12 to 16, 19, 20",
    ),
    Worked(
        "reverse_agency_filed",
        (("served", "2026-09-22"), longer("2026-10-19", "reverse_agency_filed", "head", 15)),
        "2026-11-10",
        "15 more: 10-21, 22, 23; 26 to 30; 11-02 to 06; 09, 10",
    ),
    Worked(
        "reverse_agency_filed",
        (("served", "2026-09-22"), *still("2026-09-28", "2026-10-08", "testing", "reverse_agency_filed")),
        "2026-10-23",
        "28, 29, 30 lost: three more from Tuesday 20",
    ),
    Worked(
        "reverse_agency_filed",
        (("handed_over", "2026-04-30"),),
        "2026-05-25",
        "05-06, 07, 08, make-up Saturday 09; 11 to 15; 18 to 22; 25",
    ),
    Worked("reverse_agency_filed", (("served", "2026-09-22"),), "2026-10-08", "10-07: off; 08", ECOLOGY),
    Worked(
        "reverse_agency_filed",
        (("served", "2026-09-22"), longer("2026-10-08", "reverse_agency_filed", "head", 15, "natural_day")),
        "2026-10-22",
        "thirty days in all: eight in September, 22",
        ECOLOGY,
    ),
    Worked("reverse_agency_filed", (("handed_over", "2026-06-05"),), "2026-06-22", "20: off to 21; 22", ECOLOGY),
    Worked("reverse_replied", (("served", "2026-08-25"),), "2026-10-26", "10-25: a Sunday"),
    Worked("reverse_replied", (("served", "2026-07-31"),), "2026-09-30", "no 09-31"),
    Worked("reverse_replied", (("served", "2025-12-31"),), "2026-02-28", "no 02-31: 28, a make-up Saturday"),
    Worked("reverse_replied", (("served", "2026-08-01T16:40"),), "2026-10-08", "10-01: off to 07"),
    Worked(
        "reverse_replied",
        (("served", "2026-09-22", {"reply_by": date(2026, 10, 9)}),),
        "2026-10-09",
        "as the opinion says, a Friday",
    ),
    Worked(
        "reverse_replied",
        (("served", "2026-09-22", {"reply_by": date(2026, 10, 3)}),),
        "2026-10-08",
        "as the opinion says: off to 07; 08",
    ),
    Worked(
        "reverse_replied",
        (("served", "2026-09-14", {"reply_by": date(2026, 9, 20)}),),
        "2026-09-20",
        "as the opinion says, a make-up Sunday",
    ),
    Worked("reverse_escalated", (("served", "2026-08-01"),), "2026-10-08", "10-01: off to 07"),
    Worked(
        "reverse_escalated",
        (("served", "2026-09-22", {"reply_by": date(2026, 10, 3)}),),
        "2026-10-08",
        "as the opinion says: off to 07; 08",
    ),
    Worked("reverse_consult", (("procuratorate_consulted", "2026-09-25"),), "2026-10-08", "10-02: off to 07"),
    Worked(
        "reverse_consult",
        (("procuratorate_consulted", "2026-09-25"), ("procuratorate_consulted", "2026-10-12")),
        "2026-10-19",
        "the second time from 12: 13 to Monday 19",
    ),
    Worked("reverse_consult", (("procuratorate_consulted", "2026-03-30"),), "2026-04-07", "04-06: off; 07", ECOLOGY),
    Worked("reverse_consult_agency", (("agency_consulted", "2026-06-12"),), "2026-06-22", "19: off to 21; 22"),
    Worked("reverse_consult_agency", (("agency_consulted", "2026-09-14"),), "2026-09-21", "15 to Monday 21", ECOLOGY),
)

UNNUMBERED = (
    Worked("reverse_nonpros", (("not_prosecuted", "2026-09-22"),), None, "作出之日"),
    Worked("reverse_confiscate", (("not_prosecuted", "2026-09-22"),), None, "随案移送"),
    Worked("reverse_ps_transfer", (("violation_found", "2026-09-22"),), None, "及时"),
    Worked("reverse_ps_transfer", (("violation_found", "2026-09-22"),), None, "及时", ECOLOGY),
    Worked("reverse_agency_filed", (("served", "2026-09-22"),), None, "及时", CITY),
    Worked("reverse_agency_filed", (("handed_over", "2026-09-22"),), None, "及时", CITY),
    Worked("reverse_agency_filed", (("served", "2026-09-22"),), None, "立即", POLICE_OWN),
)


def duty(node: str, *told: Told, of: str = "market") -> Duty:
    (own,) = (one for one in ReverseTransfer.nodes if one.id == node)
    (found,) = duties([own], facts(*told), Context("420106", of, event_titles=ReverseTransfer.titles()), law())
    return found


@pytest.mark.parametrize("worked", [*NUMBERED, *UNNUMBERED], ids=str)
def test_a_period_ends_as_counted_on_the_wall_calendar(worked: Worked) -> None:
    found = duty(worked.node, *worked.told, of=worked.of)

    assert found.due_at == end(worked.due)
    assert found.warnings == ()


def test_every_row_for_reverse_transfers_was_worked_by_hand() -> None:
    worked = {duty(one.node, *one.told, of=one.of).rule for one in (*NUMBERED, *UNNUMBERED)}

    assert worked == {row.rule for row in OF_REVERSE_TRANSFERS}


# What the rows say beside their numbers -------------------------------------------------------------------------------

OF_REVERSE_TRANSFERS = tuple(row for row in law().limits if row.id in {node.id for node in ReverseTransfer.nodes})


def test_what_is_only_shown_is_the_older_count_and_when_others_may_be_told() -> None:
    shown = {row.id for row in OF_REVERSE_TRANSFERS if row.advisory}

    assert shown == {"reverse_opinion_sent_2021", "reverse_escalated"}


def test_what_was_recalled_or_is_read_into_a_text_is_to_be_confirmed() -> None:
    assert {row.rule for row in OF_REVERSE_TRANSFERS if row.status != "verified"} == {
        "reverse_opinion_sent@2021-10-11",
        "reverse_opinion_sent_2021@2021-10-11",
        "reverse_agency_filed@2022-11-01.market",
        "reverse_agency_filed@2023-07-01.ecology",
        "reverse_agency_filed@2026-01-01.public_security",
        "reverse_replied@2021-10-11",
        "reverse_escalated@2021-10-11",
        "reverse_consult@2021-10-11",
        "reverse_consult_agency@2021-10-11",
    }
    assert {row.status for row in OF_REVERSE_TRANSFERS} == {"verified", "to_confirm"}


def test_nothing_of_the_rules_of_2021_that_were_only_recalled_is_called_verified() -> None:
    of_2021 = [row for row in OF_REVERSE_TRANSFERS if "高检发释字" in row.basis]

    assert len(of_2021) == 6
    assert [row.rule for row in of_2021 if row.status == "verified" or "据忆" not in row.note] == []


def test_every_row_says_in_both_languages_where_it_comes_from() -> None:
    assert [row.rule for row in OF_REVERSE_TRANSFERS if not (row.basis and row.basis_en)] == []


def test_a_day_of_force_that_was_not_read_is_said_to_be_recalled() -> None:
    read = {
        date(2017, 1, 25),  # 环环监〔2017〕17号
        date(2021, 7, 15),  # 行政处罚法
        date(2023, 7, 1),  # 生态环境部令第30号
        date(2024, 11, 26),  # 工作指引
        date(2026, 1, 1),  # 治安管理处罚法
    }

    silent = [row.rule for row in OF_REVERSE_TRANSFERS if row.effective_from not in read and "据忆" not in row.note]

    assert silent == []


def test_fields_with_rows_of_their_own_are_these() -> None:
    assert {row.field for row in OF_REVERSE_TRANSFERS} == {None, "market", ECOLOGY, POLICE_OWN}


def test_outside_ecology_nobody_need_be_told_by_a_rule_we_know() -> None:
    (told,) = (node for node in ReverseTransfer.nodes if node.id == "reverse_agency_told")

    assert duties([told], facts(("not_prosecuted", "2026-09-22")), Context("420106", "market"), law()) == ()


@pytest.mark.parametrize("ground", ["consultation", "police_objection", "appeal", "private_prosecution"])
def test_the_examination_stands_still_on_the_grounds_of_the_guidelines(ground: str) -> None:
    paused = still("2026-09-28", "2026-10-09", ground, "reverse_reviewed")

    assert duty("reverse_reviewed", ("registered", "2026-09-21"), *paused).due_at == end("2026-10-16")
    standing = duty("reverse_reviewed", ("registered", "2026-09-21"), paused[0])
    assert (standing.due_at, standing.paused_at) == (None, date(2026, 9, 28))


@pytest.mark.parametrize("ground", ["other", "appraisal"])
def test_on_no_other_ground_does_the_examination_stand_still(ground: str) -> None:
    paused = still("2026-09-28", "2026-10-09", ground, "reverse_reviewed")

    found = duty("reverse_reviewed", ("registered", "2026-09-21"), *paused)

    assert (found.due_at, found.warnings) == (end("2026-10-12"), ("suspension-not-counted",))


@pytest.mark.parametrize(
    ("node", "opened", "granted", "due", "caution"),
    [
        (
            "reverse_reviewed",
            ("registered", "2026-09-21"),
            longer("2026-10-12", "reverse_reviewed", "head", 5),
            "2026-10-12",
            "extension-beyond-level",
        ),
        (
            "reverse_reviewed",
            ("registered", "2026-09-21"),
            longer("2026-10-13", "reverse_reviewed", "chief_procurator", 5),
            "2026-10-12",
            "extension-after-due",
        ),
        (
            "reverse_agency_filed",
            ("served", "2026-09-22"),
            longer("2026-10-19", "reverse_agency_filed", "head", 16),
            "2026-10-20",
            "extension-beyond-level",
        ),
        (
            "reverse_replied",
            ("served", "2026-09-22"),
            longer("2026-10-19", "reverse_replied", "head", 1, "month"),
            "2026-11-23",
            "extension-not-provided",
        ),
    ],
)
def test_what_nobody_may_grant_is_kept_and_does_not_count(
    node: str, opened: Told, granted: Told, due: str, caution: str
) -> None:
    found = duty(node, opened, granted)

    assert (found.due_at, found.warnings) == (end(due), (caution,))


def test_the_chief_procurator_may_name_the_day_up_to_which_the_examination_lasts() -> None:
    until = (
        "extended",
        "2026-10-12",
        {"node": "reverse_reviewed", "level": "chief_procurator", "until": date(2026, 11, 6)},
    )

    assert duty("reverse_reviewed", ("registered", "2026-09-21"), until).due_at == end("2026-11-06")


# How it is told -------------------------------------------------------------------------------------------------------


def test_an_examination_that_stood_still_and_was_prolonged_is_told_in_both_languages() -> None:
    found = duty("reverse_reviewed", ("registered", "2026-09-21"), *ASKED_ELSEWHERE, BY_THE_CHIEF)

    assert explanation(found) == (
        "2026-09-21 登记受理,当日不计;10 个工作日,延长 5 个工作日,共 15 个工作日,其间 09-25 至 09-27 放假,"
        "10-01 至 10-07 放假,10-10(周六)上班;09-28 至 10-08 中止不计;至 2026-10-23。"
    )
    assert explanation(found, "en") == (
        "2026-09-21 registered, that day not counted; 10 working days, extended by 5 working days to 15 working days, "
        "09-25 to 09-27 off, 10-01 to 10-07 off, 10-10 (Sat) worked; 09-28 to 10-08 suspended and not counted; "
        "until 2026-10-23."
    )


@pytest.mark.parametrize("when", ["2026-09-22", "2026-09-22T16:40"])
def test_a_day_for_the_reply_that_the_opinion_names_is_told_in_both_languages(when: str) -> None:
    found = duty("reverse_replied", ("served", when, {"reply_by": date(2026, 10, 3)}))

    assert explanation(found) == "2026-09-22 送达检察意见;文书载明至 10-03;末日 10-03(周六)休息,顺延;至 2026-10-08。"
    assert explanation(found, "en") == (
        "2026-09-22 opinion served; by 10-03, as the document names it; the last day 10-03 (Sat) is off and gives way; "
        "until 2026-10-08."
    )


# Whole cases ----------------------------------------------------------------------------------------------------------

# Not prosecuted on Monday 09-07: 8, 9, 10. Registered on 09-09: 10, 11; 14 to 18; make-up Sunday 20; 21, 22. The
# opinion of 09-21: 24. Served on 09-22.
EXAMINED = {
    "reverse_nonpros": ("done", None),
    "reverse_internal": ("done", "2026-09-10"),
    "reverse_reviewed": ("done", "2026-09-22"),
    "reverse_opinion_sent": ("done", "2026-09-24"),
    "reverse_opinion_sent_2021": ("done", "2026-09-10"),
}

STORIES = (
    Story(
        "examined with a pause and longer, then filed, answered and accepted",
        not_prosecuted(),
        (
            ("not_prosecuted", "2026-09-11", {"ground": "discretionary"}),
            ("referred", "2026-09-15"),
            ("registered", "2026-09-16"),
            *still("2026-09-21", "2026-09-28", "consultation", "reverse_reviewed"),
            longer("2026-10-09", "reverse_reviewed", "chief_procurator", 5),
            ("opinion_issued", "2026-10-16"),
            ("served", "2026-10-19"),
            ("copied", "2026-10-19"),
            ("acknowledged", "2026-10-20"),
            ("filed", "2026-10-30"),
            ("replied", "2026-12-15", {"outcome": "penalised"}),
            ("reply_accepted", "2026-12-18"),
        ),
        "2026-12-22T09:00",
        "closed",
        {
            "reverse_nonpros": ("done", None),
            "reverse_internal": ("done", "2026-09-16"),  # 14, 15, 16
            # 17, 18, 20; 28, 29, 30; 10-08, 09, 10, 12; and 13 to 16, 19
            "reverse_reviewed": ("done", "2026-10-19"),
            "reverse_opinion_sent": ("done", "2026-10-19"),
            "reverse_opinion_sent_2021": ("done", "2026-09-14"),  # long past, and nobody is late with it
            "reverse_agency_filed": ("done", "2026-11-09"),  # 20 to 23; 26 to 30; 11-02 to 06; 09
            "reverse_replied": ("done", "2026-12-21"),  # Saturday 19
            "reverse_escalated": ("waived", "2026-12-21"),
        },
        {
            "reverse_internal": PROCURATORATE,
            "reverse_opinion_sent": PROCURATORATE,
            "reverse_agency_filed": MARKET,
            "reverse_replied": MARKET,
            "reverse_escalated": PROCURATORATE,
        },
    ),
    Story(
        "no answer by the day that the opinion named, and others told",
        served(reply_by="2026-10-17"),
        (("acknowledged", "2026-09-23"), ("filed", "2026-10-16"), ("escalated", "2026-10-20", {"to": "justice"})),
        "2026-11-22T09:00",
        "escalated",
        {
            **EXAMINED,
            "reverse_agency_filed": ("done", "2026-10-20"),
            "reverse_replied": ("overdue", "2026-10-19"),  # Saturday 17
            "reverse_escalated": ("done", "2026-10-19"),
        },
        {"reverse_replied": MARKET, "reverse_escalated": PROCURATORATE},
    ),
    Story(
        "answered once others were told",
        served(),
        (
            ("escalated", "2026-11-24", {"to": "justice"}),
            ("filed", "2026-11-25"),
            ("replied", "2026-12-01", {"outcome": "not_punished", "reason": "已过追责时效"}),
        ),
        "2026-12-22T09:00",
        "replied",
        {
            **EXAMINED,
            "reverse_agency_filed": ("done_late", "2026-10-20"),
            "reverse_replied": ("done_late", "2026-11-23"),  # Sunday 22
            "reverse_escalated": ("done", "2026-11-23"),
        },
    ),
    Story(
        "nobody is to be punished",
        not_prosecuted(confiscation=True),
        (
            ("not_prosecuted", "2026-09-11", {"ground": "statutory"}),
            ("referred", "2026-09-14"),
            ("registered", "2026-09-15"),
            ("terminated", "2026-09-24", {"reason": "没有行政违法事实"}),
        ),
        "2026-11-22T09:00",
        "terminated",
        {
            "reverse_nonpros": ("done", None),
            "reverse_internal": ("done", "2026-09-16"),
            "reverse_reviewed": ("done", "2026-09-29"),  # 16, 17, 18; 20; 21 to 24; 28, 29
            "reverse_opinion_sent_2021": ("waived", "2026-09-14"),
            "reverse_confiscate": ("waived", None),
        },
    ),
    Story(
        "of ecology: the agency told, both consulted, and a refusal that is followed up",
        not_prosecuted(field="ecology"),
        (
            ("not_prosecuted", "2026-09-22", {"ground": "insufficient_evidence"}),
            ("referred", "2026-09-24"),
            ("registered", "2026-09-24"),
            ("notified", "2026-09-28"),
            ("agency_consulted", "2026-09-29"),
            ("agency_answered", "2026-10-09"),
            ("opinion_issued", "2026-10-15"),
            ("served", "2026-10-16"),
            ("procuratorate_consulted", "2026-10-20"),
            ("procuratorate_answered", "2026-10-27"),
            ("refused", "2026-11-02", {"reason": "不属于本机关管辖"}),
            ("followed_up", "2026-11-10", {"reason": "属于其管辖"}),
        ),
        "2026-11-22T09:00",
        "follow_up",
        {
            "reverse_nonpros": ("done", None),
            "reverse_agency_told": ("done", "2026-09-28"),  # 25: off to 27
            "reverse_internal": ("done", "2026-09-28"),  # 23, 24, 28
            "reverse_reviewed": ("done", "2026-10-15"),  # 28, 29, 30; 10-08, 09, 10; 12 to 15
            "reverse_opinion_sent": ("done", "2026-10-19"),  # Sunday 18
            "reverse_opinion_sent_2021": ("done", "2026-09-28"),
            "reverse_agency_filed": ("done", "2026-11-02"),  # Saturday 10-31
            "reverse_replied": ("done", "2026-12-16"),
            "reverse_escalated": ("waived", "2026-12-16"),
            "reverse_consult": ("done", "2026-10-27"),
            "reverse_consult_agency": ("done_late", "2026-10-08"),  # 10-06: off to 07
        },
        {"reverse_agency_told": PROCURATORATE, "reverse_consult": PROCURATORATE, "reverse_consult_agency": MARKET},
    ),
    Story(
        "filed late although there was more time, with what is to be confiscated",
        served(confiscation=True),
        (
            ("items_handed_over", "2026-09-22"),
            longer("2026-10-19", "reverse_agency_filed", "head", 15),
            ("filed", "2026-11-11"),
        ),
        "2026-11-22T09:00",
        "filed",
        {
            **EXAMINED,
            "reverse_confiscate": ("done", None),
            "reverse_agency_filed": ("done_late", "2026-11-10"),
            "reverse_replied": ("due_soon", "2026-11-23"),
            "reverse_escalated": ("open", "2026-11-23"),
        },
        {"reverse_confiscate": PROCURATORATE},
    ),
    Story(
        "handed over by the police",
        handed_over(),
        (
            ("copied", "2026-09-22"),
            ("acknowledged", "2026-09-23"),
            ("items_handed_over", "2026-09-24"),
            ("filed", "2026-10-21"),
            ("replied", "2026-12-21", {"outcome": "penalised"}),
            ("reply_accepted", "2026-12-22"),
        ),
        "2026-12-23T09:00",
        "closed",
        {
            "reverse_ps_transfer": ("done", None),
            "reverse_agency_filed": (
                "done_late",
                "2026-10-20",
            ),  # counted from the handing over, not the acknowledgement
        },
        {"reverse_ps_transfer": POLICE, "reverse_agency_filed": MARKET},
    ),
    Story(
        "a violation found by the police, and not handed over yet",
        {name: said for name, said in handed_over().items() if name != "handed_over_on"},
        (),
        "2026-11-22T09:00",
        "received",
        {"reverse_ps_transfer": ("open", None)},
    ),
    Story(
        "punished in a case that was on file before the opinion",
        served(),
        (("penalty_filed", "2026-09-10"), ("penalty_decided", "2026-10-30")),
        "2026-11-22T09:00",
        "replied",
        {
            **EXAMINED,
            "reverse_agency_filed": ("done", "2026-10-20"),
            "reverse_replied": ("done", "2026-11-23"),
            "reverse_escalated": ("waived", "2026-11-23"),
        },
    ),
    Story(
        "punished before the opinion came: nothing to file, and still an answer owed",
        served(),
        (("penalty_decided", "2026-09-15"),),
        "2026-11-24T09:00",
        "served",
        {
            **EXAMINED,
            "reverse_agency_filed": ("done", "2026-10-20"),
            "reverse_replied": ("overdue", "2026-11-23"),
            "reverse_escalated": ("open", "2026-11-23"),
        },
    ),
    Story(
        "filed and decided in a penalty, late, and told by the agency too",
        served(),
        (
            ("penalty_filed", "2026-10-12"),
            ("acknowledged", "2026-10-13"),
            ("filed", "2026-10-13"),
            ("penalty_decided", "2026-12-01"),
            ("replied", "2026-12-02", {"outcome": "penalised"}),
        ),
        "2026-12-22T09:00",
        "replied",
        {
            **EXAMINED,
            "reverse_agency_filed": ("done", "2026-10-20"),
            "reverse_replied": ("done_late", "2026-11-23"),
            "reverse_escalated": ("waived", "2026-11-23"),
        },
    ),
    Story(
        "handed over by the police to an agency that has the case already",
        handed_over(),
        (("penalty_filed", "2026-09-22T09:10"), ("penalty_decided", "2026-11-02")),
        "2026-11-22T09:00",
        "replied",
        {"reverse_ps_transfer": ("done", None), "reverse_agency_filed": ("done", "2026-10-20")},
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_case_amounts_to_what_was_worked_out_by_hand(story: Story) -> None:
    _, found = story.happened()

    owed = story.owed()
    now = at(story.now)
    assert isinstance(now, datetime)
    assert (found.state, found.waiting, found.contradictions) == (story.state, (), ())
    assert {node: (state(one, now), one.due_at) for node, one in owed.items()} == {
        node: (stands, end(due)) for node, (stands, due) in story.nodes.items()
    }
    assert {node: owed[node].responsible for node in story.responsible} == story.responsible


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_every_duty_of_a_case_can_be_told_in_both_languages(story: Story) -> None:
    for one in story.owed().values():
        assert explanation(one).endswith("。")
        assert explanation(one, "en").endswith(".")
        assert one.opened_title


# Late or not ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [(), (("acknowledged", "2026-09-23"),), (("filed", "2026-09-23"),), (("penalty_filed", "2026-09-10"),)],
    ids=lambda told: told[0][0] if told else "nothing",
)
@pytest.mark.parametrize(
    ("reply_by", "when", "waits"),
    [
        (None, "2026-11-23", True),  # Sunday 22
        (None, "2026-11-24", False),
        ("2026-10-17", "2026-10-19", True),
        ("2026-10-17", "2026-10-20", False),
    ],
)
def test_others_are_told_only_once_there_is_no_reply_in_time(
    told: tuple[Told, ...], reply_by: str | None, when: str, waits: bool
) -> None:
    record = ReverseTransfer.model_validate(served(reply_by=reply_by))

    found = history(record, facts(*told, ("escalated", when, {"to": "justice"})), law())

    assert [one.event for one in found.waiting] == ["escalated"] * waits
    assert (found.state == "escalated") is not waits
    assert found.contradictions == ()


def test_of_an_agency_to_which_the_police_handed_over_nobody_is_told_before_it_refuses() -> None:
    record = ReverseTransfer.model_validate(handed_over())
    escalated = ("escalated", "2027-06-01", {"to": "justice"})

    silent = history(record, facts(("acknowledged", "2026-09-23"), escalated), law())
    refused = history(record, facts(("refused", "2026-09-28", {"reason": "不属于本机关管辖"}), escalated), law())

    assert [one.event for one in silent.waiting] == ["escalated"]
    assert (refused.state, refused.waiting) == ("escalated", ())


@pytest.mark.parametrize(
    ("of_the_event", "due"), [({}, "2026-10-19"), ({"reply_by": date(2026, 10, 30)}, "2026-10-30")]
)
def test_the_day_that_the_record_names_counts_unless_the_service_names_another(of_the_event: Json, due: str) -> None:
    said = {name: day for name, day in served(reply_by="2026-10-17").items() if name != "served_on"}
    record = ReverseTransfer.model_validate(said)
    happened = history(record, facts(("served", "2026-09-22T15:00", of_the_event)), law())

    owed = {one.node: one for one in duties(record.nodes, happened.applied, of_record(record), law())}

    assert (owed["reverse_replied"].due_at, owed["reverse_escalated"].due_at) == (end(due), end(due))


# However it was told --------------------------------------------------------------------------------------------------

RECORD = ReverseTransfer.model_validate(not_prosecuted())
IS_LATE = is_late(RECORD.nodes, of_record(RECORD), law())
EXAMINING = ("not_prosecuted", "referred", "registered")
BEGINNINGS = (
    (),
    EXAMINING,
    (*EXAMINING, "opinion_issued", "served"),
    (*EXAMINING, "opinion_issued", "served", "refused", "followed_up"),
    ("handed_over", "filed"),
)


TELL = telling("reverse_reviewed", level="chief_procurator", amount=5, unit="working_day")
RUNS = runs(RECORD.steps, TELL, BEGINNINGS, ("terminated", "closed"), IS_LATE)


@settings(max_examples=200, deadline=None)
@given(retold(RUNS))
def test_a_lawful_run_owes_the_same_however_often_and_in_whatever_order_it_is_told(
    course: tuple[Run, list[Fact]],
) -> None:
    run, heard = course

    found = fold(RECORD.steps, heard, IS_LATE)

    assert_folds_to(run, found)
    expected = duties(RECORD.nodes, run.applied, of_record(RECORD), law())
    assert duties(RECORD.nodes, found.applied, of_record(RECORD), law()) == expected
