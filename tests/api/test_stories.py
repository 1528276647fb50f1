"""Lives of penalties, told through the API and held against dates that were worked by hand.

Beside each date stands its count, as a clerk would make it on the wall calendar: the opening day is not counted; of
working days those that count are listed, "off" is passed over, "make-up" is a Saturday or Sunday that is worked; a
period in natural days or months whose last day is off ends on the next day that is worked.

Every story is told in three ways, and what it amounts to is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import httpx
import pytest

from app import demo
from schemas.lifecycle import SHANGHAI
from tests import corpus
from tests.api.held import WENT_ON
from tests.api.promises import PUSH, Json
from tests.conftest import NOW, Service

pytestmark = pytest.mark.any_server

POLICE = demo.code_of("420106", 5)
ECOLOGY = demo.code_of("420100", 3)

Nodes = dict[str, Json]

in_three_ways = pytest.mark.parametrize(
    "way", ["all at once", pytest.param("one by one", marks=pytest.mark.slow), "in reverse"]
)
"""With the record in one body; as they happened; the last one first."""


class Seen(NamedTuple):
    """What a story says of a node. `due`: the day, or the moment where hours count; `rule`: without the node's name."""

    opened_by: str
    opened_at: str
    due: str | None
    state: str
    rule: str | None


# --- telling ----------------------------------------------------------------------------------------

_OF_THE_DECISION = (
    *("decision_no", "violation_type", "violation_facts", "legal_basis", "penalty_kinds", "penalty_content"),
    *("fine_yuan", "confiscated_yuan", "decided_on", "data_source"),
)


def penalty(field: str, **said: object) -> Json:
    """A penalty of ten thousand yuan upon a firm, unless `said` otherwise; without `decided_on` it is only filed."""
    year = int(str(said.get("decided_on", "2026"))[:4])
    usual = {
        "party_kind": "legal_person",
        "kinds": ["03"],
        "decision_no": corpus.document_no(77, year, word="武样罚"),
        "publicity_until": None,
    }
    made = corpus.penalty(77, field=field, region="420106", **usual | said)  # type: ignore[arg-type]
    if "decided_on" not in said:
        return {name: value for name, value in made.items() if name not in _OF_THE_DECISION}
    return made | ({"fine_yuan": said.get("fine_yuan", "10000.00")} if "fine_yuan" in made else {})


def on(day: str, event: str, **said: object) -> Json:
    """What happened on a day."""
    return {"event": event, "occurred_at": day, **said}


def extended(day: str, node: str, level: str, **said: object) -> Json:
    """An extension granted on a day."""
    return on(day, "extended", node=node, level=level, **said)


def screened(day: str, conclusion: str = "not_suspected") -> Json:
    """What a screening for crime concluded."""
    return on(day, "crime_screened", conclusion=conclusion)


@dataclass(frozen=True)
class Story:
    """A penalty that was told, and the client of its agency, which is kept: tokens cost time."""

    agency: httpx.AsyncClient
    address: str

    async def read(self, part: str = "") -> Json:
        """One view of it."""
        answer = await self.agency.get(self.address + part)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def tell(self, event: Json) -> None:
        """Report one event."""
        answer = await self.agency.post(f"{self.address}/events", json=event)
        assert answer.status_code == 201, answer.text

    async def nodes(self) -> Nodes:
        """The nodes by their names, all events having taken effect."""
        events = (await self.read("/events"))["items"]
        assert [event["event"] for event in events if not event["applied"]] == []
        return {node["node"]: node for node in (await self.read("/nodes"))["items"]}


async def heard(service: Service, way: str, record: Json, *events: Json, by: str = "market-city") -> Story:
    """The penalty with all its events, told to the service in this `way`; they are given in the order of their days.

    Told in another way than in one body, it has the state and the nodes of its twin that was.
    """
    agency = await service.client(by)
    if way == "all at once":
        return await _pushed(agency, record | {"events": list(events)})
    story = await _pushed(agency, record)
    for event in events if way == "one by one" else events[::-1]:
        service.now += timedelta(minutes=1)
        await story.tell(event)

    twin = await _pushed(agency, record | {"source_id": f"{record['source_id']}-孪生", "events": list(events)})
    assert _but_for_our_receipt(await story.nodes()) == _but_for_our_receipt(await twin.nodes())
    assert (await story.read())["state"] == (await twin.read())["state"]
    return story


async def _pushed(agency: httpx.AsyncClient, record: Json) -> Story:
    answer = await agency.post(PUSH, json=record)
    assert answer.status_code == 201, answer.text
    assert "predecessor-missing" not in {warning["code"] for warning in answer.json()["warnings"]}
    return Story(agency, f"{PUSH}/{answer.json()['id']}")


def _but_for_our_receipt(nodes: Nodes) -> Nodes:
    """The nodes without what depends on when we were told: telling us of the decision is entering it."""
    ours = {name: value for name, value in nodes.get("penalty_entered", {}).items() if name not in ("done_at", "state")}
    return nodes | ({"penalty_entered": ours} if ours else {})


def seen(nodes: Nodes) -> dict[str, Seen]:
    """What a story says of each node."""
    return {name: _seen(node) for name, node in nodes.items()}


def _seen(node: Json) -> Seen:
    due, rule = node["due_at"], node["rule"]
    if rule is not None:
        name, _, rule = rule.partition("@")
        assert name == node["node"]
    return Seen(
        node["opened_by"],
        node["opened_at"],
        None if due is None else due.removesuffix("T23:59:59+08:00"),
        node["state"],
        rule,
    )


def told_with(nodes: Nodes, member: str) -> dict[str, Json]:
    """One member of each node."""
    return {name: node[member] for name, node in nodes.items()}


# --- the ordinary course ------------------------------------------------------------------------------


@in_three_ways
async def test_an_ordinary_penalty_of_urban_management_runs_its_whole_course(service: Service, way: str) -> None:
    """城管: filed in March, decided in April, served on the last day, published a day too late, paid, closed."""
    record = penalty(
        "urban_management",
        clue_found_on="2026-02-26",
        violation_ended_on="2024-04-05",
        filed_on="2026-03-04",
        decided_on="2026-04-24",
    )

    story = await heard(
        service,
        way,
        record,
        on("2026-03-02", "registered"),
        screened("2026-04-02"),
        on("2026-04-08", "notified"),
        on("2026-04-28", "entered"),
        on("2026-05-08", "served"),
        on("2026-05-09", "published"),
        on("2026-05-25", "paid", amount_yuan="10000.00"),
        on("2026-05-29", "closed"),
    )

    nodes = await story.nodes()
    assert (await story.read())["state"] == "closed"
    assert seen(nodes) == {
        # In good time: the law has no number of days for registering and filing.
        "penalty_clue_registered": ("clue_found", "2026-02-26", None, "done", "2021-07-15"),
        "penalty_filed": ("registered", "2026-03-02", None, "done", "2021-07-15"),
        # Two years: 2026-04-05, in Qingming, off 04 to 06; Tuesday 07. Found before, on the day of filing.
        "penalty_limit_check": ("violation_ended", "2024-04-05", "2026-04-07", "done", "2021-07-15"),
        "penalty_notice": ("filed", "2026-03-04", None, "done", "2021-07-15"),
        # 5 working days after Wednesday 8 April: 09, 10, 13, 14, 15.
        "penalty_hearing_request": ("notified", "2026-04-08", "2026-04-15", "done", "2021-07-15"),
        "penalty_crime_screen": ("filed", "2026-03-04", None, "done", "2021-07-15"),
        # 90 days: 27 in March, 57 with April, 88 with May, so 2 June, a Tuesday.
        "penalty_decided": ("filed", "2026-03-04", "2026-06-02", "done", "2021-07-15"),
        # 7 working days after Friday 24 April: 27, 28, 29, 30; 05-01 to 05 off; 06, 07, 08.
        "penalty_served": ("decided", "2026-04-24", "2026-05-08", "done", "2021-07-15"),
        # The same seven; published on make-up Saturday 9 May.
        "penalty_published": ("decided", "2026-04-24", "2026-05-08", "done_late", "2018-07-25"),
        # 20 working days: seven until 05-08, make-up 09 (8), 11 to 15 (13), 18 to 22 (18), 25, 26.
        "penalty_published_gen": ("decided", "2026-04-24", "2026-05-26", "done", "2019-05-15"),
        # 7 days: 1 May, off 01 to 05; the 6th. The agency says that it entered it at once; our receipt is of October.
        "penalty_entered": ("decided", "2026-04-24", "2026-05-06", "done_late", "2024-12-27.wuhan"),
        # 15 days after 8 May: the 23rd, a Saturday; Monday the 25th.
        "penalty_paid": ("served", "2026-05-08", "2026-05-25", "done", "2021-07-15"),
        # Six months: 8 November, a Sunday, so the 9th; three more: Tuesday 2027-02-09.
        "penalty_court_enforce": ("served", "2026-05-08", "2027-02-09", "waived", "2015-05-01"),
        # Closing opens when the fine is paid; outside market regulation there is no number.
        "penalty_closed": ("paid_in_full", "2026-05-25", None, "done", "2021-07-15"),
    }
    assert nodes["penalty_entered"]["done_at"].startswith("2026-10-09")
    assert {name for name, node in nodes.items() if node["advisory"]} == {
        *("penalty_limit_check", "penalty_notice", "penalty_hearing_request", "penalty_crime_screen"),
        "penalty_published_gen",
    }
    assert {name for name, node in nodes.items() if node["provisional"]} == {"penalty_court_enforce"}
    words = told_with(nodes, "explanation")
    assert words["penalty_served"] == (
        "2026-04-24 作出决定,当日不计;7 个工作日,其间 05-01 至 05-05 放假;至 2026-05-08。"
    )
    assert words["penalty_paid"] == "2026-05-08 送达,当日不计;15 日;末日 05-23(周六)休息,顺延;至 2026-05-25。"
    assert words["penalty_filed"] == "2026-03-02 登记案源;规定未定天数。"


@in_three_ways
async def test_market_supervision_files_and_decides_within_every_extension_it_may_have(
    service: Service, way: str
) -> None:
    """市场监管: 15 + 15 working days to file; 90 + 30 days to decide, then a day fixed by collective discussion."""
    record = penalty(
        "market",
        clue_found_on="2026-02-10",
        informant={"named": True, "told_on": "2026-04-03"},
        filed_on="2026-03-27",
        legal_review={"required": True, "received_on": "2026-09-02", "reviewed_on": "2026-09-14", "passed": True},
        notified_on="2026-09-04",
        collective_discussion={"required": True, "held_on": "2026-09-17", "minutes_no": "武市监议〔2026〕9号"},
        decided_on="2026-09-18",
    )

    story = await heard(
        service,
        way,
        record,
        on("2026-02-11", "registered"),
        extended("2026-03-06", "penalty_filed", "head", amount=15, unit="working_day"),
        extended("2026-06-24", "penalty_decided", "head", amount=30, unit="natural_day"),
        extended("2026-07-27", "penalty_decided", "collective", until="2026-09-18", document_no="武市监议〔2026〕7号"),
        screened("2026-08-28"),
        on("2026-09-29", "served"),
        on("2026-09-29", "published"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        "penalty_clue_registered": ("clue_found", "2026-02-10", None, "done", "2021-07-15"),
        # 15 working days after Tuesday 10 February: 11, 12, 13, make-up 14; 15 to 23 off; 24 to 27 (8), make-up 28 (9),
        # 03-02 to 06 (14), 09. Fifteen more: 10 to 13 (19), 16 to 20 (24), 23 to 27 (29), 30.
        "penalty_filed": ("clue_found", "2026-02-10", "2026-03-30", "done", "2022-11-01.market"),
        # 5 working days after Friday 27 March: 30, 31, 04-01, 02, 03, under the rule of before 15 April.
        "penalty_reporter_told": ("filed", "2026-03-27", "2026-04-03", "done", "2022-05-01.market"),
        "penalty_notice": ("filed", "2026-03-27", None, "done", "2021-07-15"),
        # 5 working days after Friday 4 September: 07 to 11.
        "penalty_statement_window": ("notified", "2026-09-04", "2026-09-11", "done", "2022-11-01.market"),
        "penalty_hearing_request": ("notified", "2026-09-04", "2026-09-11", "done", "2021-07-15"),
        # 10 working days after Wednesday 2 September: 03, 04, 07 to 11 (7), 14, 15, 16.
        "penalty_legal_review": ("legal_review_received", "2026-09-02", "2026-09-16", "done", "2022-11-01.market"),
        "penalty_collective": ("filed", "2026-03-27", None, "done", "2021-07-15"),
        "penalty_crime_screen": ("filed", "2026-03-27", None, "done", "2021-07-15"),
        # 90 days: 4 in March, 34 with April, 65 with May, 25 June. 30 more: 95 with June, 25 July, a Saturday, so the
        # 27th, on which they still discussed it in time and named 18 September.
        "penalty_decided": ("filed", "2026-03-27", "2026-09-18", "done", "2022-11-01.market"),
        # 7 working days after Friday 18 September: make-up 20, 21, 22, 23, 24; 25 to 27 off; 28, 29.
        "penalty_served": ("decided", "2026-09-18", "2026-09-29", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-09-18", "2026-09-29", "done", "2018-07-25"),
        # 20 working days: the seven, 30 (8); 10-01 to 07 off; 08, 09, make-up 10 (11), 12 to 16 (16), 19 to 22.
        "penalty_published_amr": ("decided", "2026-09-18", "2026-10-22", "open", "2021-09-01.market"),
        "penalty_published_gen": ("decided", "2026-09-18", "2026-10-22", "done", "2019-05-15"),
        # 7 days: 25 September, off 25 to 27; Monday 28. Told on 9 October.
        "penalty_entered": ("decided", "2026-09-18", "2026-09-28", "done_late", "2024-12-27.wuhan"),
        # 15 days after 29 September: 14 October. Seven days before, on the 7th, it became due soon.
        "penalty_paid": ("served", "2026-09-29", "2026-10-14", "due_soon", "2021-07-15"),
        # Six months: Monday 2027-03-29; three more: Tuesday 2027-06-29.
        "penalty_court_enforce": ("served", "2026-09-29", "2027-06-29", "open", "2015-05-01"),
    }
    assert [name for name, node in nodes.items() if "warnings" in node] == []
    words = told_with(nodes, "explanation")
    assert words["penalty_filed"] == (
        "2026-02-10 发现线索或收到材料,当日不计;15 个工作日,延长 15 个工作日,共 30 个工作日,"
        "其间 02-15 至 02-23 放假,02-14(周六)上班,02-28(周六)上班;至 2026-03-30。"
    )
    assert words["penalty_decided"] == (
        "2026-03-27 立案,当日不计;90 日,延长 30 日,共 120 日,经批准延至 09-18;至 2026-09-18。"
    )


@in_three_ways
async def test_market_supervision_does_not_punish_and_closes_the_case_too_late(service: Service, way: str) -> None:
    """不予处罚: nothing is served, published or paid; fifteen working days to close, and a day more was taken."""
    record = penalty("market", filed_on="2026-06-01")

    story = await heard(
        service,
        way,
        record,
        screened("2026-08-20"),
        on("2026-08-27", "not_punished", reason="违法行为轻微并及时改正,没有造成危害后果"),
        on("2026-09-18", "closed"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        # Whoever is not punished need not be told of a penalty.
        "penalty_notice": ("filed", "2026-06-01", None, "waived", "2021-07-15"),
        "penalty_crime_screen": ("filed", "2026-06-01", None, "done", "2021-07-15"),
        # 90 days: 29 in June, 60 with July, 30 August, a Sunday; Monday 31.
        "penalty_decided": ("filed", "2026-06-01", "2026-08-31", "done", "2022-11-01.market"),
        # 15 working days after Thursday 27 August: 28, 31 to 09-04 (6), 07 to 11 (11), 14, 15, 16, 17.
        "penalty_closed": ("not_punished", "2026-08-27", "2026-09-17", "done_late", "2022-11-01.market"),
    }
    assert nodes["penalty_closed"]["explanation"] == ("2026-08-27 决定不予处罚,当日不计;15 个工作日;至 2026-09-17。")


# --- hearings and other times that do not count -------------------------------------------------------


@in_three_ways
async def test_the_clock_of_the_decision_stands_still_from_the_request_to_the_hearing(
    service: Service, way: str
) -> None:
    """听证: asked for on 16 March, held on 8 April; the notice of it had to be there seven working days before."""
    record = penalty(
        "market",
        filed_on="2026-01-12",
        notified_on="2026-03-10",
        hearing_notified_on="2026-03-27",
        hearing_on="2026-04-08",
        legal_review={"required": True, "received_on": "2026-04-20", "reviewed_on": "2026-04-24", "passed": True},
        decided_on="2026-05-06",
    )

    story = await heard(
        service,
        way,
        record,
        on("2026-03-16", "hearing_requested"),
        screened("2026-04-21"),
        on("2026-05-15", "served"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        "penalty_notice": ("filed", "2026-01-12", None, "done", "2021-07-15"),
        # 5 working days after Tuesday 10 March: 11, 12, 13, 16, 17; asked for on the fourth.
        "penalty_statement_window": ("notified", "2026-03-10", "2026-03-17", "done", "2022-11-01.market"),
        "penalty_hearing_request": ("notified", "2026-03-10", "2026-03-17", "done", "2021-07-15"),
        # Seven working days back from Wednesday 8 April: 07; 06 to 04 off; 03, 02, 01, 03-31, 30, 27.
        "penalty_hearing_invite": ("hearing_held", "2026-04-08", "2026-03-27", "done", "2021-07-15"),
        # 10 working days after Monday 20 April: 21 to 24 (4), 27 to 30 (8); 05-01 to 05 off; 06, 07.
        "penalty_legal_review": ("legal_review_received", "2026-04-20", "2026-05-07", "done", "2022-11-01.market"),
        "penalty_crime_screen": ("filed", "2026-01-12", None, "done", "2021-07-15"),
        # 90 days: 19 in January, 47 with February, 78 with March, 12 April. 03-16 to 04-07 are 16 and 7 days, 23 that
        # do not count: 5 May, off 01 to 05; Wednesday 6.
        "penalty_decided": ("filed", "2026-01-12", "2026-05-06", "done", "2022-11-01.market"),
        # 7 working days after Wednesday 6 May: 07, 08, make-up 09, 11, 12, 13, 14.
        "penalty_served": ("decided", "2026-05-06", "2026-05-14", "done_late", "2021-07-15"),
        "penalty_published": ("decided", "2026-05-06", "2026-05-14", "overdue", "2018-07-25"),
        # 20 working days: three until make-up 09, 11 to 15 (8), 18 to 22 (13), 25 to 29 (18), 06-01, 02.
        "penalty_published_amr": ("decided", "2026-05-06", "2026-06-02", "overdue", "2021-09-01.market"),
        # Nobody is late with what is only shown.
        "penalty_published_gen": ("decided", "2026-05-06", "2026-06-02", "open", "2019-05-15"),
        "penalty_entered": ("decided", "2026-05-06", "2026-05-13", "done_late", "2024-12-27.wuhan"),
        # 15 days after 15 May: the 30th, a Saturday; Monday 1 June.
        "penalty_paid": ("served", "2026-05-15", "2026-06-01", "overdue", "2021-07-15"),
        # Six months: 15 November, a Sunday, so the 16th; three more: Tuesday 2027-02-16.
        "penalty_court_enforce": ("served", "2026-05-15", "2027-02-16", "open", "2015-05-01"),
    }
    words = told_with(nodes, "explanation")
    assert words["penalty_decided"] == (
        "2026-01-12 立案,当日不计;90 日;03-16 至 04-07 中止不计;末日 05-05(周二)休息,顺延;至 2026-05-06。"
    )
    assert words["penalty_hearing_invite"] == (
        "2026-04-08 举行听证,当日不计,倒数 7 个工作日;其间 04-04 至 04-06 放假;至迟 2026-03-27;"
        "仅作提示,不是期限,不计逾期。"
    )


@in_three_ways
async def test_a_hearing_that_was_asked_for_and_not_yet_held_leaves_no_due_date(service: Service, way: str) -> None:
    """听证: the same case as long as the hearing is awaited."""
    record = penalty("market", filed_on="2026-01-12", notified_on="2026-03-10")

    story = await heard(service, way, record, on("2026-03-16", "hearing_requested"))

    nodes = await story.nodes()
    assert seen(nodes) == {
        "penalty_notice": ("filed", "2026-01-12", None, "done", "2021-07-15"),
        # Of the statement nobody said that it was made, and the case is not decided.
        "penalty_statement_window": ("notified", "2026-03-10", "2026-03-17", "open", "2022-11-01.market"),
        "penalty_hearing_request": ("notified", "2026-03-10", "2026-03-17", "done", "2021-07-15"),
        "penalty_crime_screen": ("filed", "2026-01-12", None, "open", "2021-07-15"),
        "penalty_decided": ("filed", "2026-01-12", None, "paused", "2022-11-01.market"),
    }
    # The ninety days would end on 12 April: 16 days are left in March, 12 in April.
    assert nodes["penalty_decided"]["remaining"] == {"amount": 28, "unit": "natural_day"}
    assert nodes["penalty_decided"]["explanation"] == ("2026-01-12 立案,当日不计;90 日;2026-03-16 起中止,剩余 28 日。")


@in_three_ways
async def test_of_two_pauses_that_overlap_each_day_is_left_out_once(service: Service, way: str) -> None:
    """检测、鉴定: a test and an appraisal at the same time; another pause has a ground that the rule does not name."""
    record = penalty("market", filed_on="2026-03-02")

    story = await heard(
        service,
        way,
        record,
        on("2026-04-01", "suspended", node="penalty_decided", ground="testing", reason="样品送检"),
        on("2026-04-08", "suspended", node="penalty_decided", ground="appraisal", reason="委托鉴定"),
        on("2026-04-13", "resumed", node="penalty_decided"),
        on("2026-04-20", "resumed", node="penalty_decided"),
        on("2026-05-06", "suspended", node="penalty_decided", ground="other", reason="承办人出差"),
        on("2026-05-13", "resumed", node="penalty_decided"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        "penalty_notice": ("filed", "2026-03-02", None, "open", "2021-07-15"),
        "penalty_crime_screen": ("filed", "2026-03-02", None, "open", "2021-07-15"),
        # 90 days: 29 in March, 59 with April, 31 May. 04-01 to 19 are 19 days that do not count, the seven of May
        # do: 19 June, off 19 to 21; Monday 22.
        "penalty_decided": ("filed", "2026-03-02", "2026-06-22", "overdue", "2022-11-01.market"),
    }
    assert nodes["penalty_decided"]["warnings"] == ["suspension-not-counted"]
    assert nodes["penalty_decided"]["explanation"] == (
        "2026-03-02 立案,当日不计;90 日;04-01 至 04-19 中止不计;末日 06-19(周五)休息,顺延;至 2026-06-22。"
    )


# --- on the spot --------------------------------------------------------------------------------------


@in_three_ways
async def test_a_market_fine_on_the_spot_is_put_on_file_within_seven_working_days(service: Service, way: str) -> None:
    """简易程序: decided, served and collected in cash on the day before Mid-Autumn, put on file in October."""
    service.now = datetime(2026, 10, 20, 9, tzinfo=SHANGHAI)
    record = penalty(
        "market",
        procedure="simple",
        party_kind="natural_person",
        fine_yuan="100.00",
        decided_on="2026-09-24",
        simple_filed_on="2026-10-12",
        cash_collected={"collected_on": "2026-09-24", "handed_over_on": "2026-09-28", "deposited_on": "2026-09-30"},
    )

    story = await heard(
        service,
        way,
        record,
        on("2026-09-24", "served"),
        on("2026-09-24", "paid", amount_yuan="100.00"),
        on("2026-10-12", "closed"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        # 7 working days after Thursday 24 September: 25 to 27 off; 28, 29, 30; 10-01 to 07 off; 08, 09, make-up 10, 12.
        "penalty_simple_filed": ("decided", "2026-09-24", "2026-10-12", "done", "2022-11-01.market"),
        "penalty_served": ("decided", "2026-09-24", "2026-10-12", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-09-24", "2026-10-12", "overdue", "2018-07-25"),
        # 20 working days: the seven, 13 to 16 (11), 19 to 23 (16), 26 to 29.
        "penalty_published_amr": ("decided", "2026-09-24", "2026-10-29", "open", "2021-09-01.market"),
        "penalty_published_gen": ("decided", "2026-09-24", "2026-10-29", "open", "2019-05-15"),
        # 7 days: 1 October, off 01 to 07; Thursday 8.
        "penalty_entered": ("decided", "2026-09-24", "2026-10-08", "done_late", "2024-12-27.wuhan"),
        # From the officer to the organ, 2 working days: 25 to 27 off; 28, 29.
        "penalty_cash_handover": ("cash_collected", "2026-09-24", "2026-09-29", "done", "2021-07-15"),
        # From the organ to the bank, 2 working days after the 28th: 29, 30.
        "penalty_cash_deposited": ("cash_handed_over", "2026-09-28", "2026-09-30", "done", "2021-07-15"),
        # 15 days: 6 in September, Friday 9 October.
        "penalty_paid": ("served", "2026-09-24", "2026-10-09", "done", "2021-07-15"),
        # Six months: Wednesday 2027-03-24; three more: Thursday 2027-06-24.
        "penalty_court_enforce": ("served", "2026-09-24", "2027-06-24", "waived", "2015-05-01"),
        # 15 working days: the seven until 10-12, 13 to 16 (11), 19 to 22.
        "penalty_closed": ("paid_in_full", "2026-09-24", "2026-10-22", "done", "2022-11-01.market"),
    }
    assert nodes["penalty_simple_filed"]["explanation"] == (
        "2026-09-24 作出决定,当日不计;7 个工作日,其间 09-25 至 09-27 放假,10-01 至 10-07 放假,10-10(周六)上班;"
        "至 2026-10-12。"
    )


@in_three_ways
async def test_the_police_fine_on_the_spot_and_have_hours_to_put_it_on_file(service: Service, way: str) -> None:
    """治安当场处罚: 24 hours for the file; two days, not working days, for the money and the money again."""
    record = penalty(
        "public_security",
        organisation=POLICE,
        procedure="simple",
        party_kind="natural_person",
        fine_yuan="200.00",
        decided_on="2026-01-15",
        simple_filed_on="2026-01-16",
        cash_collected={"collected_on": "2026-01-15", "handed_over_on": "2026-01-19", "deposited_on": "2026-01-20"},
    )

    story = await heard(service, way, record, on("2026-01-15", "served"), on("2026-01-15", "paid"), by="police-wuchang")

    nodes = await story.nodes()
    assert seen(nodes) == {
        # The hour is not told: 24 hours from the end of Thursday 15 January.
        "penalty_simple_filed": (
            *("decided", "2026-01-15", "2026-01-17T00:00:00+08:00", "done", "2026-01-01.public_security"),
        ),
        # 2 days: 17 January, a Saturday; Monday 19.
        "penalty_served": ("decided", "2026-01-15", "2026-01-19", "done", "2026-01-01.public_security"),
        "penalty_entered": ("decided", "2026-01-15", "2026-01-22", "done_late", "2024-12-27.wuhan"),
        "penalty_cash_handover": ("cash_collected", "2026-01-15", "2026-01-19", "done", "2026-01-01.public_security"),
        # 2 days after Monday 19: the 21st.
        "penalty_cash_deposited": (
            "cash_handed_over",
            "2026-01-19",
            "2026-01-21",
            "done",
            "2026-01-01.public_security",
        ),
        # 15 days: Friday 30 January. A payment without an amount is the whole fine.
        "penalty_paid": ("served", "2026-01-15", "2026-01-30", "done", "2021-07-15"),
        # Six months: Wednesday 15 July; three more: Thursday 15 October.
        "penalty_court_enforce": ("served", "2026-01-15", "2026-10-15", "waived", "2015-05-01"),
        "penalty_closed": ("paid_in_full", "2026-01-15", None, "open", "2021-07-15"),
    }
    assert nodes["penalty_simple_filed"]["warnings"] == ["hour-unknown"]
    assert nodes["penalty_simple_filed"]["explanation"] == (
        "2026-01-15 作出决定,未报时刻,自当日终了起算;24 小时;至 2026-01-17 00:00:00。"
    )


# --- the police, before and after 2026 ----------------------------------------------------------------


@in_three_ways
async def test_a_police_case_of_2025_may_be_prolonged_once_by_the_police_above(service: Service, way: str) -> None:
    """治安管理处罚法(2012): 30 + 30 days from the acceptance; a second prolonging counts for nothing."""
    record = penalty(
        "public_security",
        organisation=POLICE,
        party_kind="natural_person",
        fine_yuan="500.00",
        filed_on="2025-10-10",
        notified_on="2025-12-01",
        decided_on="2025-12-10",
    )

    story = await heard(
        service,
        way,
        record,
        on("2025-10-09", "registered"),
        extended("2025-11-10", "penalty_decided", "superior", amount=30, unit="natural_day"),
        screened("2025-12-01"),
        extended("2025-12-05", "penalty_decided", "superior", amount=30, unit="natural_day"),
        on("2025-12-12", "served"),
        on("2025-12-18", "published"),
        on("2025-12-29", "paid", amount_yuan="500.00"),
        by="police-wuchang",
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        "penalty_filed": ("registered", "2025-10-09", None, "done", "2021-07-15"),
        "penalty_notice": ("filed", "2025-10-10", None, "done", "2021-07-15"),
        # 5 working days after Monday 1 December: 02, 03, 04, 05, 08.
        "penalty_hearing_request": ("notified", "2025-12-01", "2025-12-08", "done", "2021-07-15.public_security"),
        "penalty_crime_screen": ("filed", "2025-10-10", None, "done", "2021-07-15"),
        # 30 days: 22 in October, 8 November, a Saturday, so Monday 10, on which it was still prolonged. Of 60, 52 are
        # over with November: Monday 8 December.
        "penalty_decided": ("registered", "2025-10-09", "2025-12-08", "done_late", "2013-01-01.public_security"),
        # 2 days: Friday 12 December.
        "penalty_served": ("decided", "2025-12-10", "2025-12-12", "done", "2013-01-01.public_security"),
        # 7 working days after Wednesday 10 December: 11, 12, 15 to 19. Records are not sealed yet.
        "penalty_published": ("decided", "2025-12-10", "2025-12-19", "done", "2018-07-25"),
        # 20 working days: the seven, 22 to 26 (12), 29, 30, 31 (15); 01-01 to 03 off; make-up 04 (16), 05 to 08.
        "penalty_published_gen": ("decided", "2025-12-10", "2026-01-08", "done", "2019-05-15"),
        "penalty_entered": ("decided", "2025-12-10", "2025-12-17", "done_late", "2024-12-27.wuhan"),
        # 15 days after 12 December: the 27th, a Saturday; Monday 29.
        "penalty_paid": ("served", "2025-12-12", "2025-12-29", "done", "2021-07-15"),
        # Six months: Friday 2026-06-12; three more: 12 September, a Saturday; Monday 14.
        "penalty_court_enforce": ("served", "2025-12-12", "2026-09-14", "waived", "2015-05-01"),
        "penalty_closed": ("paid_in_full", "2025-12-29", None, "open", "2021-07-15"),
    }
    assert nodes["penalty_decided"]["warnings"] == ["extension-again"]
    assert nodes["penalty_decided"]["explanation"] == (
        "2025-10-09 登记案源,当日不计;30 日,延长 30 日,共 60 日;至 2025-12-08。"
    )


@in_three_ways
async def test_a_police_case_filed_in_2026_counts_from_the_filing_and_is_not_published(
    service: Service, way: str
) -> None:
    """治安管理处罚法(2025): accepted in the old year, filed in the new one; 30 + 30 + 30 days; the record is sealed."""
    record = penalty(
        "public_security",
        organisation=POLICE,
        party_kind="natural_person",
        fine_yuan="1000.00",
        filed_on="2026-01-05",
        notified_on="2026-03-23",
        decided_on="2026-04-07",
    )

    story = await heard(
        service,
        way,
        record,
        on("2025-12-30", "registered"),
        extended("2026-02-03", "penalty_decided", "superior", amount=30, unit="natural_day"),
        extended("2026-03-06", "penalty_decided", "superior", amount=30, unit="natural_day"),
        screened("2026-03-20"),
        on("2026-04-10", "served"),
        on("2026-04-27", "paid", amount_yuan="1000.00"),
        by="police-wuchang",
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        # Accepted before 2026: the law of that day.
        "penalty_filed": ("registered", "2025-12-30", None, "done", "2021-07-15"),
        "penalty_notice": ("filed", "2026-01-05", None, "done", "2021-07-15"),
        # 5 working days after Monday 23 March: 24 to 27 (4), 30.
        "penalty_hearing_request": ("notified", "2026-03-23", "2026-03-30", "done", "2021-07-15.public_security"),
        "penalty_crime_screen": ("filed", "2026-01-05", None, "done", "2021-07-15"),
        # 30 days: 26 in January, 4 February; 60: 54 with February, 6 March, on which it was prolonged again; 90: 85
        # with March, 5 April, in Qingming, off 04 to 06; Tuesday 7.
        "penalty_decided": ("filed", "2026-01-05", "2026-04-07", "done", "2026-01-01.public_security"),
        # 2 days after Tuesday 7: Thursday 9.
        "penalty_served": ("decided", "2026-04-07", "2026-04-09", "done_late", "2026-01-01.public_security"),
        "penalty_entered": ("decided", "2026-04-07", "2026-04-14", "done_late", "2024-12-27.wuhan"),
        # 15 days after 10 April: the 25th, a Saturday; Monday 27.
        "penalty_paid": ("served", "2026-04-10", "2026-04-27", "done", "2021-07-15"),
        # Six months: 10 October, a make-up Saturday, stays; three more: 2027-01-10, a Sunday; Monday 11.
        "penalty_court_enforce": ("served", "2026-04-10", "2027-01-11", "waived", "2015-05-01"),
        "penalty_closed": ("paid_in_full", "2026-04-27", None, "open", "2021-07-15"),
    }
    assert [name for name, node in nodes.items() if "warnings" in node] == []
    assert nodes["penalty_decided"]["explanation"] == (
        "2026-01-05 立案,当日不计;30 日,延长 60 日,共 90 日;末日 04-05(周日)休息,顺延;至 2026-04-07。"
    )


# --- paying and not paying ----------------------------------------------------------------------------


@in_three_ways
async def test_a_fine_paid_in_instalments_is_met_by_the_last_one(service: Service, way: str) -> None:
    """分期缴纳: put off until the end of June; the first instalment is not enough, the last one meets the duty."""
    record = penalty("urban_management", decided_on="2026-03-16")

    story = await heard(
        service,
        way,
        record,
        on("2026-03-18", "served"),
        on("2026-03-20", "published"),
        on("2026-04-01", "payment_deferred", until="2026-06-30"),
        on("2026-04-30", "paid", amount_yuan="4000.00"),
    )
    before = await story.nodes()
    await story.tell(on("2026-06-30", "paid", amount_yuan="6000.00"))

    nodes = await story.nodes()
    whole = {
        # 7 working days after Monday 16 March: 17 to 20 (4), 23, 24, 25.
        "penalty_served": ("decided", "2026-03-16", "2026-03-25", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-03-16", "2026-03-25", "done", "2018-07-25"),
        # 20 working days: the seven, 26, 27 (9), 30 to 04-03 (14); 04 to 06 off; 07 to 10 (18), 13, 14.
        "penalty_published_gen": ("decided", "2026-03-16", "2026-04-14", "done", "2019-05-15"),
        "penalty_entered": ("decided", "2026-03-16", "2026-03-23", "done_late", "2024-12-27.wuhan"),
        # 15 days: 2 April; put off the day before until Tuesday 30 June.
        "penalty_paid": ("served", "2026-03-18", "2026-06-30", "done", "2021-07-15"),
        # Three months from the end of the deferral: Wednesday 30 September.
        "penalty_court_enforce": ("payment_deferred", "2026-04-01", "2026-09-30", "waived", "2021-07-15.deferred"),
    }
    late = {name: (*whole[name][:3], "overdue", whole[name][4]) for name in ("penalty_paid", "penalty_court_enforce")}
    assert seen(before) == whole | late
    assert seen(nodes) == whole | {"penalty_closed": ("paid_in_full", "2026-06-30", None, "open", "2021-07-15")}
    words = told_with(nodes, "explanation")
    assert words["penalty_paid"] == "2026-03-18 送达,当日不计;15 日,经批准延至 06-30;至 2026-06-30。"
    assert words["penalty_court_enforce"] == (
        "2026-04-01 批准暂缓或分期缴纳,自 06-30 起算;3 个月;至 2026-09-30;2026-06-30 缴清罚款,不再计算。"
    )


@in_three_ways
async def test_a_fine_that_is_not_paid_is_demanded_and_goes_to_the_court(service: Service, way: str) -> None:
    """申请法院强制执行: six months for suing, a demand, ten working days of waiting; the court rules a day late."""
    record = penalty(
        "market",
        decided_on="2025-12-01",
        court_enforcement={"accepted_on": "2026-07-01", "ruled_on": "2026-07-13"},
    )

    story = await heard(
        service,
        way,
        record,
        on("2025-12-05", "served"),
        on("2025-12-10", "published"),
        on("2025-12-29", "published_amr"),
        on("2026-06-08", "demanded"),
        on("2026-06-24", "court_applied"),
        on("2026-08-20", "executed"),
        on("2026-09-10", "closed"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        # 7 working days after Monday 1 December: 02 to 05 (4), 08, 09, 10.
        "penalty_served": ("decided", "2025-12-01", "2025-12-10", "done", "2021-07-15"),
        "penalty_published": ("decided", "2025-12-01", "2025-12-10", "done", "2018-07-25"),
        # 20 working days: the seven, 11, 12 (9), 15 to 19 (14), 22 to 26 (19), 29.
        "penalty_published_amr": ("decided", "2025-12-01", "2025-12-29", "done", "2021-09-01.market"),
        "penalty_published_gen": ("decided", "2025-12-01", "2025-12-29", "done", "2019-05-15"),
        "penalty_entered": ("decided", "2025-12-01", "2025-12-08", "done_late", "2024-12-27.wuhan"),
        # 15 days: 20 December, a Saturday; Monday 22. Met by the enforcement in August.
        "penalty_paid": ("served", "2025-12-05", "2025-12-22", "done_late", "2021-07-15"),
        "penalty_surcharge": ("demanded", "2026-06-08", None, "done", "2021-07-15"),
        # 10 working days after Monday 8 June: 09 to 12 (4), 15 to 18 (8); 19 to 21 off; 22, 23.
        "penalty_demand": ("demanded", "2026-06-08", "2026-06-23", "done", "2012-01-01"),
        # Six months: Friday 2026-06-05; three more: 5 September, a Saturday; Monday 7.
        "penalty_court_enforce": ("served", "2025-12-05", "2026-09-07", "done", "2015-05-01"),
        # 5 working days after Wednesday 24 June: 25, 26, 29, 30, 07-01.
        "penalty_court_accept": ("court_applied", "2026-06-24", "2026-07-01", "done", "2012-01-01"),
        # 7 working days after Wednesday 1 July: 02, 03, 06 to 10. Ruled on Monday 13.
        "penalty_court_ruled": ("court_accepted", "2026-07-01", "2026-07-10", "done_late", "2012-01-01"),
        # 15 working days after Thursday 20 August: 21, 24 to 28 (6), 31 to 09-04 (11), 07 to 10.
        "penalty_closed": ("executed", "2026-08-20", "2026-09-10", "done", "2022-11-01.market"),
    }
    assert [nodes[name]["responsible_role"] for name in ("penalty_court_accept", "penalty_court_ruled")] == [
        "court",
        "court",
    ]
    words = told_with(nodes, "explanation")
    assert words["penalty_demand"] == (
        "2026-06-08 催告,当日不计;10 个工作日,其间 06-19 至 06-21 放假;至 2026-06-23;仅作提示,不是期限,不计逾期。"
    )
    assert words["penalty_court_enforce"] == (
        "2025-12-05 送达,先经 6 个月,至 2026-06-05;3 个月;末日 2026-09-05(周六)休息,顺延;至 2026-09-07。"
    )


# --- publicity ----------------------------------------------------------------------------------------


@in_three_ways
async def test_market_supervision_publishes_on_two_systems(service: Service, way: str) -> None:
    """市场监管公示: seven working days for credit publicity, twenty for its own system."""
    record = penalty("market", decided_on="2026-08-31")

    story = await heard(
        service,
        way,
        record,
        on("2026-09-01", "served"),
        on("2026-09-10", "published"),
        on("2026-09-16", "paid", amount_yuan="10000.00"),
        on("2026-09-28", "published_amr"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        # 7 working days after Monday 31 August: 09-01 to 04 (4), 07, 08, 09.
        "penalty_served": ("decided", "2026-08-31", "2026-09-09", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-08-31", "2026-09-09", "done_late", "2018-07-25"),
        # 20 working days: the seven, 10, 11 (9), 14 to 18 (14), make-up 20 (15), 21 to 24 (19); 25 to 27 off; 28.
        "penalty_published_amr": ("decided", "2026-08-31", "2026-09-28", "done", "2021-09-01.market"),
        "penalty_published_gen": ("decided", "2026-08-31", "2026-09-28", "done", "2019-05-15"),
        "penalty_entered": ("decided", "2026-08-31", "2026-09-07", "done_late", "2024-12-27.wuhan"),
        # 15 days after 1 September: Wednesday 16.
        "penalty_paid": ("served", "2026-09-01", "2026-09-16", "done", "2021-07-15"),
        # Six months: Monday 2027-03-01; three more: Tuesday 2027-06-01.
        "penalty_court_enforce": ("served", "2026-09-01", "2027-06-01", "waived", "2015-05-01"),
        # 15 working days after Wednesday 16 September: 17, 18, make-up 20 (3), 21 to 24 (7); 25 to 27 off; 28, 29, 30
        # (10); 10-01 to 07 off; 08, 09, make-up 10 (13), 12, 13. Seven days before, on the 6th, it became due soon.
        "penalty_closed": ("paid_in_full", "2026-09-16", "2026-10-13", "due_soon", "2022-11-01.market"),
    }
    assert nodes["penalty_published_amr"]["explanation"] == (
        "2026-08-31 作出决定,当日不计;20 个工作日,其间 09-25 至 09-27 放假,09-20(周日)上班;至 2026-09-28。"
    )


@in_three_ways
async def test_a_warning_alone_is_not_published_by_market_regulation(service: Service, way: str) -> None:
    """仅受警告: the system of market regulation does not show it; nothing is to be paid."""
    record = penalty("market", kinds=["01"], decided_on="2026-08-31")

    story = await heard(service, way, record, on("2026-09-01", "served"), on("2026-09-10", "published"))

    # As for the fine above, on the same days.
    assert seen(await story.nodes()) == {
        "penalty_served": ("decided", "2026-08-31", "2026-09-09", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-08-31", "2026-09-09", "done_late", "2018-07-25"),
        "penalty_published_gen": ("decided", "2026-08-31", "2026-09-28", "done", "2019-05-15"),
        "penalty_entered": ("decided", "2026-08-31", "2026-09-07", "done_late", "2024-12-27.wuhan"),
    }


@in_three_ways
async def test_what_was_published_and_then_revoked_is_taken_down_within_three_working_days(
    service: Service, way: str
) -> None:
    """撤回公示: revoked before it was paid and before it was on the second system; neither is owed any longer."""
    record = penalty("market", decided_on="2026-09-03")

    story = await heard(
        service,
        way,
        record,
        on("2026-09-10", "served"),
        on("2026-09-14", "published"),
        on("2026-09-23", "revoked", reason="行政复议决定撤销"),
        on("2026-09-29", "publicity_withdrawn"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        # 7 working days after Thursday 3 September: 04, 07 to 11 (6), 14.
        "penalty_served": ("decided", "2026-09-03", "2026-09-14", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-09-03", "2026-09-14", "done", "2018-07-25"),
        # 20 working days: the seven, 15 to 18 (11), make-up 20 (12), 21 to 24 (16); 25 to 27 off; 28, 29, 30 (19);
        # 10-01 to 07 off; 08.
        "penalty_published_amr": ("decided", "2026-09-03", "2026-10-08", "waived", "2021-09-01.market"),
        "penalty_published_gen": ("decided", "2026-09-03", "2026-10-08", "done", "2019-05-15"),
        "penalty_entered": ("decided", "2026-09-03", "2026-09-10", "done_late", "2024-12-27.wuhan"),
        # 15 days: 25 September, off 25 to 27; Monday 28.
        "penalty_paid": ("served", "2026-09-10", "2026-09-28", "waived", "2021-07-15"),
        # Six months: Wednesday 2027-03-10; three more: Thursday 2027-06-10.
        "penalty_court_enforce": ("served", "2026-09-10", "2027-06-10", "waived", "2015-05-01"),
        # 3 working days after Wednesday 23 September: 24; 25 to 27 off; 28, 29.
        "penalty_publicity_withdrawn": ("revoked", "2026-09-23", "2026-09-29", "done", "2021-09-01.market"),
    }
    words = told_with(nodes, "explanation")
    assert words["penalty_publicity_withdrawn"] == (
        "2026-09-23 决定被变更或撤销,当日不计;3 个工作日,其间 09-25 至 09-27 放假;至 2026-09-29。"
    )
    assert words["penalty_paid"] == (
        "2026-09-10 送达,当日不计;15 日;末日 09-25(周五)休息,顺延;至 2026-09-28;2026-09-23 决定被变更或撤销,不再计算。"
    )


# --- what comes out later -----------------------------------------------------------------------------


@in_three_ways
async def test_a_crime_suspected_only_after_the_decision_is_copied_to_police_and_procuratorate(
    service: Service, way: str
) -> None:
    """补抄送: ten days from the decision, whenever the suspicion came; then the agency tells of the copy."""
    record = penalty(
        "urban_management", kinds=["05"], filed_on="2026-07-06", notified_on="2026-08-20", decided_on="2026-09-15"
    )

    story = await heard(
        service,
        way,
        record,
        on("2026-09-16", "served"),
        on("2026-09-23", "published"),
        screened("2026-09-24", "suspected"),
    )
    before = await story.nodes()
    screening = {"conclusion": "suspected", "screened_on": "2026-09-24", "copied_on": "2026-09-28"}
    answer = await story.agency.put(
        story.address,
        json={"reason": WENT_ON, "record": record | {"crime_screening": screening}},
        headers={"If-Match": '"1"'},
    )

    after = seen(await story.nodes())
    whole = {
        "penalty_notice": ("filed", "2026-07-06", None, "done", "2021-07-15"),
        # 5 working days after Thursday 20 August: 21, 24 to 27.
        "penalty_hearing_request": ("notified", "2026-08-20", "2026-08-27", "done", "2021-07-15"),
        # A gate before the decision: what was screened after it does not pass.
        "penalty_crime_screen": ("filed", "2026-07-06", None, "open", "2021-07-15"),
        # 90 days: 25 in July, 56 with August, 86 with September, 4 October, off 01 to 07; Thursday 8.
        "penalty_decided": ("filed", "2026-07-06", "2026-10-08", "done", "2021-07-15"),
        # 7 working days after Tuesday 15 September: 16, 17, 18, make-up 20, 21, 22, 23.
        "penalty_served": ("decided", "2026-09-15", "2026-09-23", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-09-15", "2026-09-23", "done", "2018-07-25"),
        # 20 working days: the seven, 24 (8); 25 to 27 off; 28, 29, 30 (11); 10-01 to 07 off; 08, 09, make-up 10 (14),
        # 12 to 16 (19), 19.
        "penalty_published_gen": ("decided", "2026-09-15", "2026-10-19", "done", "2019-05-15"),
        "penalty_entered": ("decided", "2026-09-15", "2026-09-22", "done_late", "2024-12-27.wuhan"),
        # 10 days: 25 September, off 25 to 27; Monday 28.
        "penalty_copied": ("decided", "2026-09-15", "2026-09-28", "overdue", "2006-01-26"),
    }
    assert answer.status_code == 201, answer.text
    assert seen(before) == whole
    assert before["penalty_copied"]["explanation"] == (
        "2026-09-15 作出决定,当日不计;10 日;末日 09-25(周五)休息,顺延;至 2026-09-28。"
    )
    assert after == whole | {"penalty_copied": ("decided", "2026-09-15", "2026-09-28", "done", "2006-01-26")}


@in_three_ways
async def test_a_decision_that_is_told_late_was_entered_late_and_what_was_waived_says_why(
    service: Service, way: str
) -> None:
    """录入、免除: told of the decision a month later; publicity was waived for a reason; what was done stays done."""
    record = penalty("urban_management", kinds=["01"], decided_on="2026-09-10")

    story = await heard(
        service,
        way,
        record,
        on("2026-09-14", "served"),
        on("2026-09-15", "waived", node="penalty_published", reason="涉及未成年人,不予公示"),
        on("2026-09-21", "waived", node="penalty_served", reason="误报"),
    )

    nodes = await story.nodes()
    assert seen(nodes) == {
        # 7 working days after Thursday 10 September: 11, 14 to 18 (6), make-up Sunday 20.
        "penalty_served": ("decided", "2026-09-10", "2026-09-20", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-09-10", "2026-09-20", "waived", "2018-07-25"),
        # 20 working days: the seven, 21 to 24 (11); 25 to 27 off; 28, 29, 30 (14); 10-01 to 07 off; 08, 09, make-up 10
        # (17), 12, 13, 14.
        "penalty_published_gen": ("decided", "2026-09-10", "2026-10-14", "open", "2019-05-15"),
        # 7 days: Thursday 17 September.
        "penalty_entered": ("decided", "2026-09-10", "2026-09-17", "done_late", "2024-12-27.wuhan"),
    }
    entered = nodes["penalty_entered"]
    assert (entered["done_at"], entered["status"]) == (NOW.isoformat(timespec="milliseconds"), "local_default")
    assert entered["explanation"] == "2026-09-10 作出决定,当日不计;7 日;至 2026-09-17。"
    assert nodes["penalty_published"]["explanation"] == (
        "2026-09-10 作出决定,当日不计;7 个工作日,其间 09-20(周日)上班;至 2026-09-20;2026-09-15 免除,不再计算。"
    )
    told = [item["event"] for item in (await story.read("/events"))["items"]]
    assert [event["reason"] for event in told if event.get("node") == "penalty_published"] == ["涉及未成年人,不予公示"]


# --- at the edges of what is known --------------------------------------------------------------------


@in_three_ways
async def test_what_falls_due_after_the_last_published_calendar_is_provisional_and_says_so(
    service: Service, way: str
) -> None:
    """2026-12-24: the holidays of 2027 are not published; weekends are assumed, and the explanation says so."""
    service.now = datetime(2026, 12, 28, 9, tzinfo=SHANGHAI)
    record = penalty("urban_management", decided_on="2026-12-24")

    story = await heard(service, way, record, on("2026-12-28", "served"))
    nodes = await story.nodes()
    service.now = datetime(2027, 1, 5, 9, tzinfo=SHANGHAI)
    new_year = Story(await service.client("market-city"), story.address)  # the token ended long ago
    later = told_with(await new_year.nodes(), "state")

    assert seen(nodes) == {
        # 7 working days after Thursday 24 December: 25, 28 to 31 (5), then by weekdays alone: 2027-01-01, 04.
        "penalty_served": ("decided", "2026-12-24", "2027-01-04", "done", "2021-07-15"),
        "penalty_published": ("decided", "2026-12-24", "2027-01-04", "open", "2018-07-25"),
        # 20 working days: five in 2026, 01-01 (6), 04 to 08 (11), 11 to 15 (16), 18 to 21.
        "penalty_published_gen": ("decided", "2026-12-24", "2027-01-21", "open", "2019-05-15"),
        # 7 days: Thursday 31 December, within the calendar; told on the 28th.
        "penalty_entered": ("decided", "2026-12-24", "2026-12-31", "done", "2024-12-27.wuhan"),
        # 15 days after 28 December: three in 2026, Tuesday 12 January.
        "penalty_paid": ("served", "2026-12-28", "2027-01-12", "open", "2021-07-15"),
        # Six months: Monday 2027-06-28; three more: Tuesday 2027-09-28.
        "penalty_court_enforce": ("served", "2026-12-28", "2027-09-28", "open", "2015-05-01"),
    }
    assert {name for name, is_provisional in told_with(nodes, "provisional").items() if not is_provisional} == {
        "penalty_entered"
    }
    words = told_with(nodes, "explanation")
    assert words["penalty_published"] == (
        "2026-12-24 作出决定,当日不计;7 个工作日;2027 年放假安排未收入,暂按周末推算;至 2027-01-04。"
    )
    assert words["penalty_paid"] == (
        "2026-12-28 送达,当日不计;15 日;2027 年放假安排未收入,暂按周末推算;至 2027-01-12。"
    )
    assert words["penalty_entered"] == "2026-12-24 作出决定,当日不计;7 日;至 2026-12-31。"
    assert (later["penalty_published"], later["penalty_paid"]) == ("overdue", "open")


@in_three_ways
async def test_in_ecology_each_duty_runs_by_the_law_of_the_day_on_which_it_opened(service: Service, way: str) -> None:
    """生态环境: one case before 2023-07-01, one across it, one after it; what was read only second-hand is marked."""
    of = {"organisation": ECOLOGY, "kinds": ["01"]}
    old = penalty("ecology", filed_on="2023-06-21", notified_on="2023-08-30", decided_on="2023-09-22", **of)
    across = penalty("ecology", filed_on="2023-07-05", source_id="2023-环-2", **of)
    new = penalty("ecology", filed_on="2023-07-18", source_id="2023-环-3", **of)

    first = await heard(
        service,
        way,
        old,
        on("2023-06-15", "registered"),
        screened("2023-08-28"),
        extended("2023-09-20", "penalty_decided", "head", amount=30, unit="natural_day"),
        on("2023-10-09", "served"),
        on("2023-10-09", "published"),
        by="ecology-city",
    )
    second = await heard(service, way, across, on("2023-06-29", "registered"), by="ecology-city")
    third = await heard(service, way, new, on("2023-07-03", "registered"), by="ecology-city")

    nodes = await first.nodes()
    assert seen(nodes) == {
        # 7 working days after Thursday 15 June: 16, 19, 20, 21; 22 to 24 off; make-up Sunday 25, 26, 27.
        "penalty_filed": ("registered", "2023-06-15", "2023-06-27", "done", "2010-03-01.ecology"),
        "penalty_notice": ("filed", "2023-06-21", None, "done", "2021-07-15"),
        # 5 working days after Wednesday 30 August: 31, 09-01, 04, 05, 06.
        "penalty_hearing_request": ("notified", "2023-08-30", "2023-09-06", "done", "2021-07-15"),
        "penalty_crime_screen": ("filed", "2023-06-21", None, "done", "2021-07-15"),
        # Three months: Thursday 21 September. The old rule knows no prolonging.
        "penalty_decided": ("filed", "2023-06-21", "2023-09-21", "done_late", "2010-03-01.ecology"),
        # 7 working days after Friday 22 September: 25 to 28 (4); 09-29 to 10-06 off; make-up 07, 08, then Monday 9.
        "penalty_served": ("decided", "2023-09-22", "2023-10-09", "done", "2021-07-15"),
        "penalty_published": ("decided", "2023-09-22", "2023-10-09", "done", "2018-07-25"),
        # 20 working days: the seven, 10 to 13 (11), 16 to 20 (16), 23 to 26.
        "penalty_published_gen": ("decided", "2023-09-22", "2023-10-26", "done", "2019-05-15"),
        # 7 days: 29 September, off until 10-06; make-up Saturday 7 October is worked.
        "penalty_entered": ("decided", "2023-09-22", "2023-10-07", "done_late", "2017-01-25.ecology"),
    }
    assert nodes["penalty_decided"]["warnings"] == ["extension-not-provided"]
    assert set(told_with(nodes, "status").values()) == {"verified"}

    nodes = await second.nodes()
    assert seen(nodes) == {
        # 7 working days after Thursday 29 June: 30, 07-03 to 07 (6), 10.
        "penalty_filed": ("registered", "2023-06-29", "2023-07-10", "done", "2010-03-01.ecology"),
        "penalty_notice": ("filed", "2023-07-05", None, "open", "2021-07-15"),
        "penalty_crime_screen": ("filed", "2023-07-05", None, "open", "2021-07-15"),
        # 90 days: 26 in July, 57 with August, 87 with September, 3 October, off until 06; make-up Saturday 7 is worked.
        "penalty_decided": ("filed", "2023-07-05", "2023-10-07", "overdue", "2023-07-01.ecology"),
    }
    assert {name for name, mark in told_with(nodes, "status").items() if mark == "to_confirm"} == {"penalty_decided"}
    assert nodes["penalty_decided"]["explanation"] == (
        "2023-07-05 立案,当日不计;90 日;末日 10-03(周二)休息,顺延;至 2023-10-07。"
    )

    nodes = await third.nodes()
    assert seen(nodes) == {
        # 15 days after 3 July: Tuesday 18.
        "penalty_filed": ("registered", "2023-07-03", "2023-07-18", "done", "2023-07-01.ecology"),
        "penalty_notice": ("filed", "2023-07-18", None, "open", "2021-07-15"),
        "penalty_crime_screen": ("filed", "2023-07-18", None, "open", "2021-07-15"),
        # 90 days: 13 in July, 44 with August, 74 with September, Monday 16 October.
        "penalty_decided": ("filed", "2023-07-18", "2023-10-16", "overdue", "2023-07-01.ecology"),
    }
    assert {name for name, mark in told_with(nodes, "status").items() if mark == "to_confirm"} == {
        "penalty_filed",
        "penalty_decided",
    }


@in_three_ways
async def test_before_the_first_law_that_is_known_a_duty_has_no_due_date_and_says_so(
    service: Service, way: str
) -> None:
    """2021-06: before 行政处罚法(2021) came into force; only what other texts say can be counted."""
    record = penalty("urban_management", filed_on="2021-05-10", notified_on="2021-06-07", decided_on="2021-06-28")

    story = await heard(
        service,
        way,
        record,
        on("2021-07-01", "served"),
        on("2021-07-07", "published"),
        on("2021-07-16", "paid", amount_yuan="10000.00"),
        on("2021-07-20", "closed"),
    )

    nodes = await story.nodes()
    unknown = {
        "penalty_notice": ("filed", "2021-05-10", None, "done", None),
        "penalty_hearing_request": ("notified", "2021-06-07", None, "done", None),
        "penalty_crime_screen": ("filed", "2021-05-10", None, "open", None),
        "penalty_decided": ("filed", "2021-05-10", None, "done", None),
        "penalty_served": ("decided", "2021-06-28", None, "done", None),
        # The city's plan is of December 2024.
        "penalty_entered": ("decided", "2021-06-28", None, "done", None),
        "penalty_paid": ("served", "2021-07-01", None, "done", None),
    }
    assert seen(nodes) == unknown | {
        # 7 working days after Monday 28 June: 29, 30, 07-01, 02, 05, 06, 07.
        "penalty_published": ("decided", "2021-06-28", "2021-07-07", "done", "2018-07-25"),
        # 20 working days: the seven, 08, 09 (9), 12 to 16 (14), 19 to 23 (19), 26.
        "penalty_published_gen": ("decided", "2021-06-28", "2021-07-26", "done", "2019-05-15"),
        # Six months: 2022-01-01, off 01 to 03, so the 4th; three more: 4 April, in Qingming, off 03 to 05; Wednesday 6.
        "penalty_court_enforce": ("served", "2021-07-01", "2022-04-06", "waived", "2015-05-01"),
        # Paid on the second day of the new law.
        "penalty_closed": ("paid_in_full", "2021-07-16", None, "done", "2021-07-15"),
    }
    assert {name for name, status in told_with(nodes, "status").items() if status == "no-rule-known"} == set(unknown)
    assert nodes["penalty_served"]["limit"] is None
    assert nodes["penalty_served"]["explanation"] == "2021-06-28 作出决定;当日适用的期限规定未查明。"
