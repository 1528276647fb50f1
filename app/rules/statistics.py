"""The statistics of duties there are: of each number what it means, and which duties it is of. Data, and pure."""

from __future__ import annotations

from collections.abc import Mapping

from .figures import Figure, Median, Rate, Statistic, Words

_ORGANS = {"role": "agency,police,procuratorate"}
"""Whose duties count: what the party or a court leaves undone is no organ's delay."""


def _words(zh: str, en: str) -> Words:
    return {"zh": zh, "en": en}


_MET = {"state": "done,done_late"}
_UNMET = {"state": "open,due_soon,overdue,paused"}

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
    shown=(
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
        Rate(
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
        Median(
            name="median_days",
            title=_words("完成天数中位数", "median days"),
            definition=_words(
                "已完成的节点（含逾期完成）从起算日至完成日的日历天数的中位数，含中止期间，当日完成为零；"
                "个数为偶数的取中间两个中较小的；由某日倒计期限的节点（如听证通知）在起算日之前完成，天数为负；没有已完成的为空。",
                "Of the duties met, late ones included, the median of the calendar days from the opening to the day on "
                "which it was met, times that do not count included; 0 on the same day; of two in the middle the "
                "lesser; below 0 where the period is counted back from a day, as for the notice of a hearing; null of "
                "nothing.",
            ),
            rows=_MET,
        ),
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
    shown=(
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
    shown=(
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
    shown=(
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
        Rate(
            name="rate_in_time",
            title=_words("按期录入率", "rate entered in time"),
            definition=_words(
                "按期录入 ÷（按期录入 + 逾期录入 + 逾期未录入）；逾期无结果的单独列出，不计入；分母为零时为空。",
                "Entered in time ÷ (entered in time + late + not entered and overdue); what has no outcome stands "
                "apart; null when there is nothing to divide by.",
            ),
            part="timely",
            of=("timely", "late", "open_overdue"),
            rows={"node": "penalty_entered", "state": "done,done_late,overdue"},
        ),
    ),
    by=("organisation", "region", "field", "month"),
    usual_by="organisation",
    asked=("organisation", "region", "field"),
)

_OWED = {"state": f"{_UNMET['state']},{_MET['state']}"}
"""Met or not: all but what is no longer to be done."""


def _overdue_of(role: str, zh: str, en: str) -> Figure:
    return Figure(
        name=f"overdue_{role}",
        title=_words(f"{zh}逾期", f"overdue by the {en}"),
        definition=_words(
            f"由{zh}办理、统计时尚未完成且已过到期时间的节点；按节点计，一件移送可有多个。",
            f"Duties of the {en} that are not met and past the due moment now; duties, of which one transfer may "
            "have several.",
        ),
        rows={"role": role, "state": "overdue"},
    )


TRANSFERS = Statistic(
    name="transfers",
    title=_words("移送办理情况", "transfers"),
    definition=_words(
        "涉嫌犯罪案件从移送、接受到立案或者不予立案的办理情况，应移送未移送的检察意见，以及三方逾期情况。"
        "除逾期各项按节点计外，每件移送在每项中至多计一次；转送的，只按最后一次转送计。"
        "因退回、转送、撤回或者免除而不再需要办理的，既不计入分子也不计入分母；整件撤回的，撤回前已完成的仍计入。"
        "月份为各项起算日所在月份（北京时间）：移送和接受为移送或者转送之日，决定为接受或者最后一次补正之日，"
        "复议、通知立案、检察意见为提请、通知、收到之日，因此同一月份各项未必是同一批案件。"
        "单位为报送记录的单位，由检察院以检察意见提出的移送计在该检察院名下。不含只作提示的节点。",
        "How suspected crimes fare from the sending through the receipt to the decision of the police, the opinions "
        "that a case should be transferred, and what is overdue on each side. A transfer counts once at most in each "
        "figure, but for what is overdue, which is counted in duties; one that was rerouted counts by the last "
        "rerouting alone. What is no longer to be done, because the case was returned or is being rerouted, because "
        "something was taken back or waived, counts on neither side of a rate; of a record taken back as a whole what "
        "was met before still counts. The month is that in which the figure's own time began, in China: the day of "
        "sending or rerouting for sending and receipt, that of the receipt or of the last missing material for the "
        "decision, that of the request, the order or the arrival for reviews, orders and opinions; the figures of one "
        "month need not be of the same cases. The organisation is the one that reported the record, of what the "
        "procuratorate opened by its opinion the procuratorate. Gates are left out.",
    ),
    of={"record_type": "transfer", "advisory": "false"},
    shown=(
        Figure(
            name="sent",
            title=_words("移送", "sent"),
            definition=_words(
                "已移送公安机关的案件，含尚未接受的；转送的，按最后一个公安机关计一次。",
                "Sent to the police, received or not; of what was rerouted once, at the last police organ.",
            ),
            rows={"node": "police_receipt", **_OWED},
        ),
        Figure(
            name="received",
            title=_words("接受", "received"),
            definition=_words(
                "其中公安机关（转送的，最后一个公安机关）已接受的。",
                "Of these received by the police, of what was rerouted by the last police organ.",
            ),
            rows={"node": "police_receipt", **_MET},
        ),
        Rate(
            name="rate_received",
            title=_words("接受率", "rate received"),
            definition=_words("接受 ÷ 移送；分母为零时为空。", "Received ÷ sent; null when nothing was sent."),
            part="received",
            of=("sent",),
            rows={"node": "police_receipt", **_OWED},
        ),
        Median(
            name="median_days_to_receipt",
            title=_words("移送至接受天数中位数", "median days to the receipt"),
            definition=_words(
                "已接受的案件，从移送（转送的，从最后一次转送）之日至接受之日的日历天数的中位数，当日接受为零；"
                "个数为偶数的取中间两个中较小的；没有的为空。",
                "Of what was received, the median of the calendar days from the day of sending, or of the last "
                "rerouting, to that of the receipt; 0 on the same day; of two in the middle the lesser; null of "
                "nothing.",
            ),
            rows={"node": "police_receipt", **_MET},
        ),
        Figure(
            name="returned",
            title=_words("退回", "returned"),
            definition=_words(
                "公安机关接受后认为不属于其职责而退回移送机关的，不计入应决定。",
                "Received by the police and returned to the agency as not theirs; not among what is to be decided.",
            ),
            rows={"node": "police_returned", **_MET},
        ),
        Figure(
            name="to_decide",
            title=_words("应决定", "to be decided"),
            definition=_words(
                "公安机关已接受、应当决定立案或者不予立案的案件，含已决定的；退回的、转送后尚未被接受的除外。",
                "Received and for the police to decide whether to file it, decided or not; without what was returned, "
                "or rerouted and not received since.",
            ),
            rows={"node": "police_decided", **_OWED},
        ),
        Figure(
            name="decided",
            title=_words("已决定", "decided"),
            definition=_words(
                "其中公安机关已决定的，等于立案与不予立案之和（完成事件未能查明的除外）。",
                "Of these decided by the police: filed and not filed, and what was decided before it was kept by which "
                "event.",
            ),
            rows={"node": "police_decided", **_MET},
        ),
        Rate(
            name="rate_decided",
            title=_words("决定率", "rate decided"),
            definition=_words(
                "已决定 ÷ 应决定；分母为零时为空。", "Decided ÷ to be decided; null when there is nothing to decide."
            ),
            part="decided",
            of=("to_decide",),
            rows={"node": "police_decided", **_OWED},
        ),
        Median(
            name="median_days_to_decision",
            title=_words("接受至决定天数中位数", "median days to the decision"),
            definition=_words(
                "已决定的案件，从公安机关接受之日（补正过材料的，从最后一次补正之日）至第一次决定之日的日历天数的中位数，"
                "当日决定为零；个数为偶数的取中间两个中较小的；没有的为空。",
                "Of what was decided, the median of the calendar days from the day of the receipt, or of the last "
                "missing material where that was asked for, to that of the first decision; 0 on the same day; of two "
                "in the middle the lesser; null of nothing.",
            ),
            rows={"node": "police_decided", **_MET},
        ),
        Figure(
            name="filed",
            title=_words("立案", "filed"),
            definition=_words(
                "公安机关第一次决定即立案的，含逾期未决、经通知后立案的。",
                "Filed by the first decision of the police, also where they were late and ordered to file.",
            ),
            rows={"node": "police_decided", "done_by": "filed", **_MET},
        ),
        Figure(
            name="not_filed",
            title=_words("不予立案", "not filed"),
            definition=_words(
                "公安机关第一次决定不予立案的，此后经复议或者监督立案的也在其中。",
                "Not filed by the first decision of the police, also where it was filed later, on review or order.",
            ),
            rows={"node": "police_decided", "done_by": "not_filed", **_MET},
        ),
        Rate(
            name="rate_filed",
            title=_words("立案率", "rate filed"),
            definition=_words(
                "立案 ÷ 已决定；此后经复议、监督立案的不计入分子；分母为零时为空。",
                "Filed ÷ decided; what was filed later, on review or supervision, is not among the filed; null when "
                "nothing was decided.",
            ),
            part="filed",
            of=("decided",),
            rows={"node": "police_decided", **_MET},
        ),
        Figure(
            name="filed_on_review",
            title=_words("复议后立案", "filed on review"),
            definition=_words(
                "移送机关提请复议后，公安机关决定立案的。", "Filed by the police after the agency requested a review."
            ),
            rows={"node": "police_recon_decided", "done_by": "review_filed", **_MET},
        ),
        Figure(
            name="filed_on_order",
            title=_words("通知立案后立案", "filed on order"),
            definition=_words(
                "检察院通知立案后，公安机关立案的，含逾期未决而被通知、同时计入立案的；在通知之前自行立案的不在其中。",
                "Filed by the police after the procuratorate ordered it, also where they had not decided before, which "
                "counts as filed, too; without what they filed of their own accord before an order.",
            ),
            rows={"node": "procuratorate_order_file", "done_by": "filed", **_MET},
        ),
        Figure(
            name="opinions",
            title=_words("应移送未移送检察意见", "opinions to transfer"),
            definition=_words(
                "行政机关收到的、检察院认为应当移送而未移送的检察意见，等于后面三项之和（完成事件未能查明的除外）。",
                "Opinions of the procuratorate that a case should be transferred and was not, received by the agency: "
                "the sum of the next three, and what was answered before it was kept by which event.",
            ),
            rows={"node": "procuratorate_opinion_transfer", **_OWED},
        ),
        Figure(
            name="opinions_followed",
            title=_words("按检察意见移送", "opinions followed"),
            definition=_words(
                "行政机关收到检察意见后已移送公安机关的。", "The agency sent the case to the police upon the opinion."
            ),
            rows={"node": "procuratorate_opinion_transfer", "done_by": "sent", **_MET},
        ),
        Figure(
            name="opinions_explained",
            title=_words("说明不移送理由", "opinions explained"),
            definition=_words(
                "行政机关收到检察意见后说明不移送理由的。", "The agency explained why it does not transfer the case."
            ),
            rows={"node": "procuratorate_opinion_transfer", "done_by": "opinion_explained", **_MET},
        ),
        Figure(
            name="opinions_open",
            title=_words("检察意见未答复", "opinions open"),
            definition=_words(
                "行政机关收到检察意见后，既未移送也未说明理由的。",
                "The agency has neither sent the case nor explained.",
            ),
            rows={"node": "procuratorate_opinion_transfer", **_UNMET},
        ),
        _overdue_of("agency", "行政机关", "agency"),
        _overdue_of("police", "公安机关", "police"),
        _overdue_of("procuratorate", "检察院", "procuratorate"),
    ),
    by=("organisation", "region", "field", "month"),
    usual_by="organisation",
    asked=("organisation", "region", "field"),
)

STATISTICS: Mapping[str, Statistic] = {one.name: one for one in (TIMELINESS, FLOW, BACKLOG, ENTRY, TRANSFERS)}
