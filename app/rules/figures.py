"""What the statistics count, in words and as the very filters of the list of duties that shows what was counted.

Pure. A figure without a definition, or one whose rows cannot be looked at, cannot be written down here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from schemas.faults import Language

Words = Mapping[Language, str]
Filters = Mapping[str, str]
Grouping = Literal["organisation", "region", "field", "node", "month"]

_ORGANS = {"role": "agency,police,procuratorate"}
"""Whose duties count: what the party or a court leaves undone is no organ's delay."""

_FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number. `rows`: the filters that list what it counts, beside those of its statistic.

    `day`: whether its month is that of the opening or that in which the duty was met. `overdue_days`: how many days
    past the due day, from and to; None leaves that end open.
    """

    name: str
    title: Words
    definition: Words
    rows: Filters = field(default_factory=dict)
    day: Literal["opened", "done"] = "opened"
    overdue_days: tuple[int | None, int | None] = (None, None)

    def filters(self, today: date) -> dict[str, str]:
        """Its filters on that day."""
        least, most = self.overdue_days
        filters = dict(self.rows)
        if most is not None:
            filters["due_from"] = (today - timedelta(days=most)).isoformat()
        if least is not None:
            filters["due_before"] = (today - timedelta(days=least - 1)).isoformat()
        return filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share: the figure `part` of the sum of the figures `of`. `rows`: the filters that list all of these."""

    name: str
    title: Words
    definition: Words
    part: str
    of: tuple[str, ...]
    rows: Filters

    def value(self, counts: Mapping[str, int]) -> str | None:
        """The share with four places; None of nothing."""
        whole = sum(counts[name] for name in self.of)
        if not whole:
            return None
        return str((Decimal(counts[self.part]) / whole).quantize(_FOUR_PLACES, ROUND_HALF_UP))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """Some figures of one population. `of`: the filters that all of them share. `by`: what it may be grouped by."""

    name: str
    title: Words
    definition: Words
    of: Filters
    figures: tuple[Figure, ...]
    rate: Rate | None = None
    by: tuple[Grouping, ...] = ("organisation", "region", "field", "node", "month")
    usual_by: Grouping = "node"
    asked: tuple[str, ...] = ("record_type", "node", "organisation", "region", "field", "role")
    """The filters a caller may add."""


def _words(zh: str, en: str) -> Words:
    return {"zh": zh, "en": en}


_DONE = _words("按期完成", "done in time")
_DONE_LATE = _words("逾期完成", "done late")
_OVERDUE = _words("逾期未完成", "overdue")
_RATE = _words("按期率", "rate in time")

TIMELINESS = Statistic(
    name="timeliness",
    title=_words("期限遵守情况", "timeliness"),
    definition=_words(
        "统计有法定或规定期限的关键节点，不含只作提示、不计逾期的节点；未指定责任方的，只统计行政机关、公安机关和检察院的节点；月份为起算日所在月份（北京时间）。"
        "尚未完成的节点单独列出，不并入已完成的节点。",
        "Duties for which the law gives a number, gates left out; unless a role is asked for, those of agencies, "
        "police and procuratorates, and not those of the party or the court; the month is that of the day on which "
        "the duty was opened, in China. What is still open stands apart from what was met.",
    ),
    of={"advisory": "false", "is_numbered": "true", **_ORGANS},
    figures=(
        Figure(
            name="opened",
            title=_words("起算总数", "opened"),
            definition=_words(
                "起算的节点总数，等于后面六项（按期完成至免除）之和。",
                "All duties opened: the sum of the six figures that follow.",
            ),
        ),
        Figure(
            name="done",
            title=_DONE,
            definition=_words("在到期时间或之前完成的节点。", "Met at or before the due moment."),
            rows={"state": "done"},
        ),
        Figure(
            name="done_late",
            title=_DONE_LATE,
            definition=_words("已完成，但完成时已过到期时间的节点。", "Met, but after the due moment."),
            rows={"state": "done_late"},
        ),
        Figure(
            name="overdue",
            title=_OVERDUE,
            definition=_words("统计时尚未完成且已过到期时间的节点。", "Not met, and past the due moment now."),
            rows={"state": "overdue"},
        ),
        Figure(
            name="running",
            title=_words("期限内办理中", "running"),
            definition=_words(
                "统计时尚未完成、未到期的节点，含临期。", "Not met and not yet due now; due soon included."
            ),
            rows={"state": "open,due_soon"},
        ),
        Figure(
            name="paused",
            title=_words("中止", "paused"),
            definition=_words("统计时期限中止计算的节点。", "The clock stands still now."),
            rows={"state": "paused"},
        ),
        Figure(
            name="waived",
            title=_words("免除", "waived"),
            definition=_words(
                "已免除的节点，以及因案件进展（如罚款已缴清、决定被撤销）或者撤回而不再需要办理的节点。",
                "Waived, or no longer owed: by the course of the case (paid in full, revoked), or because the record "
                "or what opened the duty was taken back.",
            ),
            rows={"state": "waived"},
        ),
    ),
    rate=Rate(
        name="rate_in_time",
        title=_RATE,
        definition=_words(
            "按期完成 ÷（按期完成 + 逾期完成 + 逾期未完成）；期限内办理中、中止、免除的不计入；分母为零时为空。",
            "Done in time ÷ (done in time + done late + overdue); what runs, is paused or waived does not count; "
            "null when there is nothing to divide by.",
        ),
        part="done",
        of=("done", "done_late", "overdue"),
        rows={"state": "done,done_late,overdue"},
    ),
)

FLOW = Statistic(
    name="flow",
    title=_words("起算与完成情况", "flow"),
    definition=_words(
        "每月起算与完成的关键节点，不含只作提示的节点，含未定天数的节点。起算按起算日、完成按完成日归月，"
        "因此同一月份完成的节点可能是以前起算的。免除的节点只计入起算。未指定责任方的，只统计行政机关、公安机关和检察院的节点。",
        "Duties opened and met in each month, gates left out, those without a number included. What was opened counts "
        "in the month of its opening and what was met in the month of being met, so that both need not be the same "
        "duties. What was waived counts as opened alone. Unless a role is asked for, duties of agencies, police and "
        "procuratorates.",
    ),
    of={"advisory": "false", **_ORGANS},
    figures=(
        Figure(
            name="opened",
            title=_words("起算", "opened"),
            definition=_words("起算日在该月的节点。", "Opened on a day of the month."),
        ),
        Figure(
            name="done",
            title=_DONE,
            definition=_words(
                "完成日在该月、按期完成或未定天数的节点。", "Met in the month, in time or without a number."
            ),
            rows={"state": "done"},
            day="done",
        ),
        Figure(
            name="done_late",
            title=_DONE_LATE,
            definition=_words("完成日在该月、逾期完成的节点。", "Met in the month, after the due moment."),
            rows={"state": "done_late"},
            day="done",
        ),
    ),
    usual_by="month",
)

_UNMET = {"state": "open,due_soon,overdue,paused"}

BACKLOG = Statistic(
    name="backlog",
    title=_words("未完成情况", "backlog"),
    definition=_words(
        "统计时尚未完成、未免除的关键节点，不含只作提示的节点；未指定责任方的，只统计行政机关、公安机关和检察院的节点。逾期天数按到期日至统计当日的日历天数计（北京时间）；"
        "给出月份的，为起算日所在月份。",
        "Duties that are neither met nor waived now, gates left out; unless a role is asked for, those of agencies, "
        "police and procuratorates. Days overdue are calendar days from the due day to today, in China; a month is "
        "that of the opening.",
    ),
    of={"advisory": "false", **_ORGANS},
    figures=(
        Figure(
            name="open",
            title=_words("未完成", "open"),
            definition=_words(
                "尚未完成、未免除的节点总数，含临期、逾期和中止。",
                "All that is not met: due soon, overdue and paused included.",
            ),
            rows=_UNMET,
        ),
        Figure(
            name="due_soon",
            title=_words("临期", "due soon"),
            definition=_words("尚未到期、已进入提醒期的节点。", "Not yet due, and within the time of warning."),
            rows={"state": "due_soon"},
        ),
        Figure(
            name="overdue",
            title=_words("逾期", "overdue"),
            definition=_words(
                "已过到期时间的节点，等于后面三项之和。", "Past the due moment: the sum of the next three."
            ),
            rows={"state": "overdue"},
        ),
        Figure(
            name="overdue_to_7_days",
            title=_words("逾期 7 日以内", "overdue by at most 7 days"),
            definition=_words(
                "已过到期时间、到期日距今不超过 7 日的节点。", "Past the due moment, its day at most 7 days ago."
            ),
            rows={"state": "overdue"},
            overdue_days=(None, 7),
        ),
        Figure(
            name="overdue_8_to_30_days",
            title=_words("逾期 8 至 30 日", "overdue by 8 to 30 days"),
            definition=_words("到期日距今 8 至 30 日的节点。", "The due day was 8 to 30 days ago."),
            rows={"state": "overdue"},
            overdue_days=(8, 30),
        ),
        Figure(
            name="overdue_over_30_days",
            title=_words("逾期 30 日以上", "overdue by more than 30 days"),
            definition=_words("到期日距今 31 日以上的节点。", "The due day was more than 30 days ago."),
            rows={"state": "overdue"},
            overdue_days=(31, None),
        ),
        Figure(
            name="paused",
            title=_words("中止", "paused"),
            definition=_words("期限中止计算的节点。", "The clock stands still."),
            rows={"state": "paused"},
        ),
        Figure(
            name="without_number",
            title=_words("未定天数", "without a number"),
            definition=_words(
                "未完成、规定未定天数或适用规定未查明的节点，不会逾期。",
                "Not met, and no number of days is set or no rule is known; never late.",
            ),
            rows={**_UNMET, "is_numbered": "false"},
        ),
    ),
)

ENTRY = Statistic(
    name="entry",
    title=_words("录入情况", "entry"),
    definition=_words(
        "行政处罚决定录入平台的情况。只能统计已报送到本平台的案件：从未报送的案件不在其中，须与其他来源（双公示、"
        "行政执法统计年报等）比对才能发现。",
        "How penalties are entered on this platform. It sees only cases we were told of: a penalty nobody ever told us "
        "of is not among them, and is found only by comparison with other sources.",
    ),
    of={"record_type": "penalty", "advisory": "false"},
    figures=(
        Figure(
            name="timely",
            title=_words("按期录入", "entered in time"),
            definition=_words("决定已在录入期限内报送的。", "Told of within the time for entry."),
            rows={"node": "penalty_entered", "state": "done"},
        ),
        Figure(
            name="late",
            title=_words("逾期录入", "entered late"),
            definition=_words("决定已报送，但超过录入期限的。", "Told of after the time for entry."),
            rows={"node": "penalty_entered", "state": "done_late"},
        ),
        Figure(
            name="open_overdue",
            title=_words("逾期未录入", "not entered, overdue"),
            definition=_words("录入期限已过、尚未录入的。", "Not entered, and the time for it has passed."),
            rows={"node": "penalty_entered", "state": "overdue"},
        ),
        Figure(
            name="missing",
            title=_words("逾期无结果", "no outcome, overdue"),
            definition=_words(
                "已立案、作出决定的期限已过，仍未报送任何结果的：可能逾期未决，也可能已决未录。",
                "Filed, the time for a decision has passed, and no outcome was entered: decided late, or not entered.",
            ),
            rows={"node": "penalty_decided", "state": "overdue"},
        ),
    ),
    rate=Rate(
        name="rate_in_time",
        title=_words("按期录入率", "rate entered in time"),
        definition=_words(
            "按期录入 ÷（按期录入 + 逾期录入 + 逾期未录入）；逾期无结果的单独列出，不计入；分母为零时为空。",
            "Entered in time ÷ (entered in time + late + not entered and overdue); what has no outcome stands apart; "
            "null when there is nothing to divide by.",
        ),
        part="timely",
        of=("timely", "late", "open_overdue"),
        rows={"node": "penalty_entered", "state": "done,done_late,overdue"},
    ),
    by=("organisation", "region", "field", "month"),
    usual_by="organisation",
    asked=("organisation", "region", "field"),
)

STATISTICS: Mapping[str, Statistic] = {one.name: one for one in (TIMELINESS, FLOW, BACKLOG, ENTRY)}
