"""涉嫌犯罪案件移送: a suspected crime that an agency hands over to the police, from the report to what became of it.

Three bodies act, each for itself: the agency transfers (310号令 arts. 3–6), the police decide (arts. 7–9; 公安机关办理
刑事案件程序规定 arts. 175–182), the procuratorate supervises both (人民检察院刑事诉讼规则 arts. 557–564; 刑事立案监督
规定). What must hold between the fields stands in `transfer_rules.py`, what must accompany it in `law/materials.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt

from . import identifiers
from .fields import Day, When, choice, code_of, text
from .lifecycle import Effect, Fact, Node, Party, Step
from .parts import (
    Amount,
    InvolvedItem,
    ItemsHandedOver,
    NotProsecuted,
    Offence,
    Organ,
    Quantity,
    Reasoned,
    Somebody,
    addressed_to,
    names,
    sought_by,
    who_they_are,
)
from .record import CLOCK_EVENTS, CLOCK_KINDS, Addressed, Attachment, Event, EventKind, Part, Record, Sought
from .transfer_rules import RULES, missing_materials


class Suspect(Somebody):
    """涉嫌犯罪的人 or unit. `special_status`: 人大代表 and others whose prosecution needs more than a decision."""

    special_status: Annotated[str, choice("deputy", "political_adviser", "other")] | None = None


class Material(Part):
    """One of the papers that accompany a transfer (310号令 art. 6)."""

    kind: Annotated[str, code_of("material_kinds")]
    name: Annotated[str, text(200)]
    document_no: Annotated[str, text(128)] | None = None
    copies: Annotated[StrictInt, Field(ge=1, le=1000)] | None = None
    attachment: Attachment | None = None


class Sent(Event):
    """移送. `to`: the police organ it was sent to, where the record does not name it."""

    to: Organ | None = None

    def addressed(self) -> Iterator[Addressed]:
        """The police it was sent to."""
        yield from addressed_to(self.to, "/to", Party.POLICE)


class Received(Event):
    """接受案件: the police signed for it (310号令 art. 7)."""

    receipt_no: Annotated[str, text(128)] | None = None


MaterialKinds = Annotated[list[Annotated[str, code_of("material_kinds")]], Field(min_length=1, max_length=20)]


class MaterialRequested(Event):
    """一次性告知补正: what is missing, told at once and in writing."""

    missing: MaterialKinds | None = None
    reason: Annotated[str, text(2000)]


class MaterialSupplied(Event):
    """补正, or the explanation why it cannot be (`unavailable`)."""

    unavailable: Annotated[str, text(2000)] | None = None


class Rerouted(Event):
    """转送有管辖权的公安机关: from now on `to` has the duty to decide."""

    to: Organ

    def addressed(self) -> Iterator[Addressed]:
        """The police that have it now."""
        yield from addressed_to(self.to, "/to", Party.POLICE)


class Filed(Event):
    """立案. `document_no` is that of the decision to file."""

    case_no: Annotated[str, text(128)] | None = None


class Judged(Event):
    """法院判决. `outcome`: what was found."""

    outcome: Annotated[str, choice("guilty", "exempt_from_punishment", "not_guilty")] | None = None


class Handled(Event):
    """不追究刑事责任之后的行政处理: how it was dealt with."""

    outcome: Annotated[str, choice("penalised", "not_punished", "resumed", "none_needed")]
    reason: Annotated[str, text(2000)] | None = None


_AG, _PS, _PP = (Party.AGENCY,), (Party.POLICE,), (Party.PROCURATORATE,)
_ALL_PARTIES = (Party.AGENCY, Party.POLICE, Party.PROCURATORATE)

_EXAMINED = ("accepted", "awaiting_material")
"""The police have the case and have not decided."""
_REFUSED = ("not_filed", "review_upheld")
_UNDER_INVESTIGATION = ("filed", "investigating")
_SUPERVISED = ("supervision", "reason_pending", "reason_review")
_DELAY_SUPERVISED = ("delay_supervision", "delay_reason_pending", "delay_reason_review")
_FILING_SUPERVISED = ("filing_reason_pending", "filing_reason_review")
_WITHDRAWAL_ORDERED = ("withdrawal_ordered", "order_reviewed", "order_upheld", "order_rechecked", "order_final")
_WITH_POLICE = (
    "sent",
    "accepted",
    "awaiting_material",
    "rerouted",
    "returned",
    "filed",
    "investigating",
    "case_withdrawn",
    "not_filed",
    "review",
    "review_upheld",
    *_SUPERVISED,
    *_DELAY_SUPERVISED,
    "supervision_closed",
    "order_pending",
    "correction_issued",
    *_FILING_SUPERVISED,
    *_WITHDRAWAL_ORDERED,
)
_ENDS = ("prosecuted", "not_prosecuted", "judged", "closed")
_STATES = (
    "received",
    "reported",
    "approved",
    "disapproved",
    "opinion_issued",
    "opinion_explained",
    *_WITH_POLICE,
    *_ENDS,
)
_FACTS = {
    "crime_suspected": names("认为涉嫌犯罪", "crime suspected"),
    "team_named": names("组成专案组", "team named"),
    "materials_listed": names("移送材料齐备", "materials complete"),
    "punishment_spared": names("判决无罪或者免予刑事处罚", "acquitted or exempt from punishment"),
}
_BROUGHT = {
    "refusal_notified": names("收到不予立案通知", "notice of the refusal received"),
    "filing_notified": names("收到立案通知", "notice of the filing received"),
    "withdrawal_notified": names("收到撤案通知", "notice of the withdrawn case received"),
    "refusal_reason_required": names("要求说明不立案理由", "reason for not filing required"),
    "refusal_reason_accepted": names("认为不立案理由成立", "reason for not filing accepted"),
    "delay_reason_required": names("要求说明逾期未决理由", "reason for the delay required"),
    "filing_reason_required": names("要求说明立案理由", "reason for filing required"),
    "order_review_upheld": names("复议维持撤案通知", "order to withdraw upheld on review"),
    "order_recheck_upheld": names("复核维持撤案通知", "order to withdraw upheld on recheck"),
}
_TELLS_THE_REFUSAL = (*_REFUSED, "review", *_SUPERVISED)
_INVESTIGATION_ENDS = ("prosecuted", "not_prosecuted", "withdrawn")


class Transfer(Record):
    """涉嫌犯罪案件移送."""

    record_type: Literal["transfer"]
    opened_by: Annotated[str, choice("agency", "procuratorate")] | None = None
    """Who began it; left out, the agency. The procuratorate does by its opinion that a case should be transferred."""
    organ: Organ
    """移送机关; of an opinion, the agency it is addressed to."""
    addressee: Organ | None = None
    """受移送的公安机关, of the same level as the agency."""
    copied_to: Organ | None = None
    """抄送的检察院, which supervises."""
    document_no: Annotated[str, text(128)] | None = None
    """移送书文号; of an opinion, its own."""
    case_no: Annotated[str, text(128)] | None = None
    case_name: Annotated[str, text(500)]
    """案由."""
    offences: Annotated[list[Offence], Field(min_length=1, max_length=20)]
    economic_crime: StrictBool | None = None
    """Whether it is one of the economic crimes, for which the police have periods of their own."""
    suspects: Annotated[list[Suspect], Field(max_length=200)] | None = None
    suspected_facts: Annotated[str, text(10000)] | None = None
    legal_basis: Annotated[str, text(2048)] | None = None
    amounts: Annotated[list[Amount], Field(max_length=20)] | None = None
    quantities: Annotated[list[Quantity], Field(max_length=200)] | None = None
    suspected_on: Day | None = None
    """认为应当移送之日."""
    team_named_on: Day | None = None
    team: Annotated[list[Annotated[str, text(50)]], Field(max_length=20)] | None = None
    """专案组成员, two at least (310号令 art. 5)."""
    reported_on: Day | None = None
    approved_at: When | None = None
    """When the head approved: the hour counts, for 24 hours begin with it."""
    sent_at: When | None = None
    copied_at: When | None = None
    materials: Annotated[list[Material], Field(max_length=200)] | None = None
    items: Annotated[list[InvolvedItem], Field(max_length=500)] | None = None
    punished: StrictBool | None = None
    """Whether a penalty was decided before; its decision then accompanies the transfer."""
    remarks: Annotated[str, text(512)] | None = None

    title: ClassVar = names("涉嫌犯罪案件移送", "transfer")

    events: ClassVar = {
        "reported": EventKind(Event, names("提出移送报告", "transfer reported")),
        "approved": EventKind(Event, names("批准移送", "transfer approved")),
        "disapproved": EventKind(Reasoned, names("不批准移送", "transfer not approved")),
        "opinion_issued": EventKind(Reasoned, names("收到应移送的检察意见", "opinion to transfer received")),
        "opinion_explained": EventKind(Reasoned, names("说明不移送理由", "explained why not transferred")),
        "sent": EventKind(Sent, names("移送公安机关", "sent to the police")),
        "copied": EventKind(Event, names("抄送检察院", "copied to the procuratorate")),
        "received": EventKind(Received, names("公安机关接受案件", "received by the police")),
        "material_requested": EventKind(MaterialRequested, names("告知补正", "material requested")),
        "material_supplied": EventKind(MaterialSupplied, names("补正", "material supplied")),
        "rerouted": EventKind(Rerouted, names("转送有管辖权的公安机关", "rerouted to other police")),
        "returned": EventKind(Reasoned, names("退回移送机关", "returned to the agency")),
        "filed": EventKind(Filed, names("公安机关立案", "filed by the police")),
        "not_filed": EventKind(Reasoned, names("公安机关不予立案", "not filed by the police")),
        "notified": EventKind(Event, names("书面通知移送机关", "agency notified")),
        "items_handed_over": EventKind(ItemsHandedOver, names("移交涉案物品和材料", "items handed over")),
        "withdrawn": EventKind(Reasoned, names("公安机关撤销案件", "case withdrawn by the police")),
        "review_requested": EventKind(Event, names("提请复议", "review requested")),
        "review_filed": EventKind(Filed, names("复议后立案", "filed on review")),
        "review_upheld": EventKind(Reasoned, names("复议维持不予立案", "refusal upheld on review")),
        "supervision_requested": EventKind(Event, names("建议立案监督", "supervision requested")),
        "supervision_accepted": EventKind(Event, names("检察院受理", "supervision accepted")),
        "reason_required": EventKind(Event, names("要求说明理由", "reason required")),
        "reason_given": EventKind(Reasoned, names("说明理由", "reason given")),
        "reason_accepted": EventKind(Event, names("认为理由成立", "reason accepted")),
        "answered": EventKind(Event, names("答复建议机关", "agency answered")),
        "filing_ordered": EventKind(Event, names("通知立案", "filing ordered")),
        "correction_issued": EventKind(Event, names("提出纠正违法意见", "correction issued")),
        "withdrawal_ordered": EventKind(Event, names("通知撤销案件", "withdrawal of the case ordered")),
        "order_review_requested": EventKind(Reasoned, names("要求复议撤案通知", "review of the order requested")),
        "order_recheck_requested": EventKind(Reasoned, names("提请复核撤案通知", "recheck of the order requested")),
        "order_upheld": EventKind(Event, names("维持撤案通知", "order upheld")),
        "order_revoked": EventKind(Event, names("撤销撤案通知", "order revoked")),
        "urged": EventKind(Event, names("催办", "urged")),
        "prosecuted": EventKind(Event, names("提起公诉", "prosecuted")),
        "not_prosecuted": EventKind(NotProsecuted, names("不起诉", "not prosecuted")),
        "judged": EventKind(Judged, names("法院判决", "judged")),
        "handled": EventKind(Handled, names("行政处理", "handled by the agency")),
        **CLOCK_KINDS,
    }

    steps: ClassVar = (
        # The agency.
        Step("reported", after=("received",), to="reported", by=_AG),
        Step("approved", after=("reported", "opinion_issued"), to="approved", by=_AG),
        Step("disapproved", after=("reported",), to="disapproved", by=_AG),
        # 应移送未移送: of a case that was never reported to us, and of one whose head did not approve.
        Step("opinion_issued", after=("received", "reported", "disapproved"), to="opinion_issued", by=_PP),
        Step("opinion_explained", after=("opinion_issued",), to="opinion_explained", by=_AG),
        Step("sent", after=("approved", "opinion_issued"), to="sent", by=_AG),
        Step("copied", after=("approved", *_WITH_POLICE, *_ENDS), to=None, by=_AG),
        # The police.
        Step("received", after=("sent", "rerouted"), to="accepted", by=_PS),
        Step("material_requested", after=("accepted",), to="awaiting_material", by=_PS),
        Step("material_supplied", after=("awaiting_material",), to="accepted", by=_AG),
        Step("rerouted", after=_EXAMINED, to="rerouted", by=_PS),
        Step("returned", after=_EXAMINED, to="returned", by=_PS),
        # Material that is missing does not keep the police from deciding (310号令 art. 7). Asked for their reason they
        # may still file of their own accord (刑事立案监督规定 art. 7).
        Step(
            "filed",
            after=(*_EXAMINED, *_SUPERVISED, *_DELAY_SUPERVISED, "order_pending", "correction_issued"),
            to="filed",
            by=_PS,
        ),
        Step("not_filed", after=(*_EXAMINED, *_DELAY_SUPERVISED), to="not_filed", by=_PS),
        Step(
            "withdrawn",
            after=(*_UNDER_INVESTIGATION, *_FILING_SUPERVISED, *_WITHDRAWAL_ORDERED),
            to="case_withdrawn",
            by=_PS,
        ),
        # 复议, by the police that refused.
        Step("review_requested", after=("not_filed", "case_withdrawn"), to="review", by=_AG),
        Step("review_filed", after=("review",), to="filed", by=_PS),
        Step("review_upheld", after=("review",), to="review_upheld", by=_PS),
        # After every decision it may tell: of one day the decision comes first, then its notice, then the items.
        Step("notified", after=_UNDER_INVESTIGATION, to=None, by=_PS, brings=("filing_notified",)),
        Step("notified", after=_TELLS_THE_REFUSAL, to=None, by=_PS, brings=("refusal_notified",)),
        Step("notified", after=("case_withdrawn",), to=None, by=_PS, brings=("withdrawal_notified",)),
        Step("items_handed_over", after=_UNDER_INVESTIGATION, to="investigating", by=(*_AG, *_PS)),
        # 立案监督 of a refusal, of a delay, and of a case that should not have been filed. The procuratorate also
        # begins it without being asked (人民检察院刑事诉讼规则 art. 557).
        Step("supervision_requested", after=(*_REFUSED, "case_withdrawn"), to="supervision", by=_AG),
        Step("supervision_requested", after=_EXAMINED, to="delay_supervision", by=_AG, late="police_decided"),
        Step("supervision_accepted", after=("supervision", "delay_supervision"), to=None, by=_PP),
        Step(
            "reason_required",
            after=(*_REFUSED, "case_withdrawn", "supervision"),
            to="reason_pending",
            by=_PP,
            brings=("refusal_reason_required",),
        ),
        Step(
            "reason_required",
            after=_EXAMINED,
            to="delay_reason_pending",
            by=_PP,
            late="police_decided",
            brings=("delay_reason_required",),
        ),
        Step(
            "reason_required",
            after=("delay_supervision",),
            to="delay_reason_pending",
            by=_PP,
            brings=("delay_reason_required",),
        ),
        Step(
            "reason_required",
            after=_UNDER_INVESTIGATION,
            to="filing_reason_pending",
            by=_PP,
            brings=("filing_reason_required",),
        ),
        Step("reason_given", after=("reason_pending",), to="reason_review", by=_PS),
        Step("reason_given", after=("delay_reason_pending",), to="delay_reason_review", by=_PS),
        Step("reason_given", after=("filing_reason_pending",), to="filing_reason_review", by=_PS),
        Step(
            "reason_accepted",
            after=("reason_review",),
            to="supervision_closed",
            by=_PP,
            brings=("refusal_reason_accepted",),
        ),
        # A delay that has its reason leaves the decision to be made, a filing that has one leaves it standing.
        Step("reason_accepted", after=("delay_reason_review",), to="accepted", by=_PP),
        Step("reason_accepted", after=("filing_reason_review",), to="filed", by=_PP),
        Step("answered", after=("supervision_closed", "closed"), to=None, by=_PP),
        Step("filing_ordered", after=("reason_review", "delay_reason_review"), to="order_pending", by=_PP),
        Step(
            "correction_issued",
            after=("order_pending",),
            to="correction_issued",
            by=_PP,
            late="procuratorate_order_file",
        ),
        Step(
            "correction_issued",
            after=("reason_pending",),
            to=None,
            by=_PP,
            late="procuratorate_require_reason",
        ),
        Step(
            "correction_issued",
            after=("delay_reason_pending",),
            to=None,
            by=_PP,
            late="procuratorate_overdue_reason",
        ),
        # 通知撤销案件, and what the police may do about it (刑事立案监督规定 arts. 9–10).
        Step("withdrawal_ordered", after=("filing_reason_review",), to="withdrawal_ordered", by=_PP),
        Step("order_review_requested", after=("withdrawal_ordered",), to="order_reviewed", by=_PS),
        Step("order_upheld", after=("order_reviewed",), to="order_upheld", by=_PP, brings=("order_review_upheld",)),
        Step("order_recheck_requested", after=("order_upheld",), to="order_rechecked", by=_PS),
        Step("order_upheld", after=("order_rechecked",), to="order_final", by=_PP, brings=("order_recheck_upheld",)),
        Step("order_revoked", after=("order_reviewed", "order_rechecked"), to="filed", by=_PP),
        # What became of it.
        Step("urged", after=_UNDER_INVESTIGATION, to=None, by=_PP, late="procuratorate_urge"),
        Step("prosecuted", after=_UNDER_INVESTIGATION, to="prosecuted", by=_PP),
        Step("not_prosecuted", after=_UNDER_INVESTIGATION, to="not_prosecuted", by=_PP),
        Step("judged", after=("prosecuted",), to="judged", by=_PP),
        Step(
            "handled",
            after=(*_REFUSED, "returned", "case_withdrawn", "supervision_closed", "not_prosecuted", "judged"),
            to="closed",
            by=_AG,
        ),
        *(Step(event, after=_STATES, to=None, by=_ALL_PARTIES) for event in CLOCK_EVENTS),
        *(Step(fact, after=_STATES, to=None, by=()) for fact in _FACTS),
    )

    nodes: ClassVar = (
        Node(
            "procuratorate_opinion_transfer",
            names("按检察意见移送", "transfer upon the opinion"),
            Party.AGENCY,
            closes=("sent", "opinion_explained"),
        ),
        Node("transfer_team", names("组成专案组", "team"), Party.AGENCY, closes=("team_named",)),
        Node("transfer_report", names("移送书面报告", "report"), Party.AGENCY, closes=("reported",)),
        Node("transfer_approved", names("批准移送", "approval"), Party.AGENCY, closes=("approved", "disapproved")),
        Node(
            "transfer_items_list",
            names("附件齐备", "materials complete"),
            Party.AGENCY,
            closes=("materials_listed",),
            before=("sent",),
            # What the procuratorate opened does not list what the agency sends.
            concerns=lambda transfer: transfer.opened_by != "procuratorate",
        ),
        Node("transfer_sent", names("移送公安", "sending"), Party.AGENCY, closes=("sent",)),
        Node("transfer_copied", names("抄送检察院", "copy to the procuratorate"), Party.AGENCY, closes=("copied",)),
        Node("police_receipt", names("接受案件", "receipt"), Party.POLICE, closes=("received",)),
        Node(
            "police_material_notice",
            names("一次性补正告知", "notice of missing material"),
            Party.POLICE,
            closes=("material_requested",),
            requires=("material_requested",),
        ),
        Node(
            "transfer_material_fixed",
            names("补正", "missing material"),
            Party.AGENCY,
            closes=("material_supplied",),
            lapses=("filed", "not_filed", "rerouted", "returned"),
        ),
        Node(
            "police_rerouted",
            names("管辖转送", "rerouting"),
            Party.POLICE,
            closes=("rerouted",),
            requires=("rerouted",),
        ),
        Node(
            "police_returned",
            names("非公安职责退回", "return"),
            Party.POLICE,
            closes=("returned",),
            requires=("returned",),
        ),
        Node(
            "police_decided",
            names("立案或不予立案", "decision on filing"),
            Party.POLICE,
            closes=("filed", "not_filed"),
            lapses=("rerouted", "returned"),
        ),
        Node(
            "police_notified",
            names("通知移送机关", "notice to the agency"),
            Party.POLICE,
            closes=("filing_notified", "refusal_notified"),
        ),
        Node(
            "transfer_items_handover",
            names("涉案物品、材料移交", "handover of items"),
            Party.AGENCY,
            closes=("items_handed_over",),
            lapses=("withdrawn",),
        ),
        Node(
            "transfer_recon_req",
            names("提请复议期", "time to request a review"),
            Party.AGENCY,
            closes=("review_requested", "supervision_requested", "handled"),
            lapses=("filed",),
        ),
        Node(
            "police_recon_decided",
            names("复议决定", "decision on review"),
            Party.POLICE,
            closes=("review_filed", "review_upheld"),
        ),
        Node(
            "transfer_supervise_req",
            names("建议立案监督期", "time to request supervision"),
            Party.AGENCY,
            closes=("supervision_requested", "handled"),
            # Asked for a review instead, the agency may request supervision once that is decided.
            lapses=("filed", "review_requested"),
        ),
        Node(
            "procuratorate_accept",
            names("受理审查", "acceptance of the request"),
            Party.PROCURATORATE,
            closes=("supervision_accepted", "reason_required"),
            lapses=("filed", "not_filed"),
        ),
        Node(
            "procuratorate_require_reason",
            names("说明不立案理由", "reason for not filing"),
            Party.POLICE,
            closes=("reason_given",),
            lapses=("filed",),
        ),
        Node(
            "procuratorate_overdue_reason",
            names("逾期未决说明", "reason for the delay"),
            Party.POLICE,
            closes=("reason_given", "filed", "not_filed"),
        ),
        Node(
            "procuratorate_tell_agency",
            names("理由成立告知", "answer to the agency"),
            Party.PROCURATORATE,
            closes=("answered",),
            requires=("supervision_requested",),
        ),
        Node("procuratorate_order_file", names("通知立案", "ordered filing"), Party.POLICE, closes=("filed",)),
        Node(
            "procuratorate_correct",
            names("纠正违法", "correction"),
            Party.POLICE,
            closes=("filed", "not_filed", "reason_given"),
        ),
        Node(
            "procuratorate_urge",
            names("催办", "urging"),
            Party.PROCURATORATE,
            closes=("urged", *_INVESTIGATION_ENDS),
        ),
        Node(
            "procuratorate_filing_reason",
            names("说明立案理由", "reason for filing"),
            Party.POLICE,
            closes=("reason_given",),
            lapses=("withdrawn",),
        ),
        Node(
            "procuratorate_order_withdraw",
            names("通知撤销案件", "ordered withdrawal"),
            Party.POLICE,
            closes=("withdrawn",),
            lapses=("order_revoked",),
        ),
        Node(
            "procuratorate_order_review",
            names("复议撤案通知", "review of the order"),
            Party.PROCURATORATE,
            closes=("order_upheld", "order_revoked"),
            lapses=("withdrawn",),
        ),
        Node(
            "police_review_req",
            names("提请复核期", "time to request a recheck"),
            Party.POLICE,
            closes=("order_recheck_requested", "withdrawn"),
        ),
        Node(
            "procuratorate_review_decided",
            names("复核决定", "decision on the recheck"),
            Party.PROCURATORATE,
            closes=("order_recheck_upheld", "order_revoked"),
            lapses=("withdrawn",),
        ),
        Node(
            "police_withdrawn",
            names("撤案通知", "notice of the withdrawn case"),
            Party.POLICE,
            closes=("withdrawal_notified",),
        ),
        Node(
            "transfer_admin_after",
            names("不追究刑事责任后的行政处理", "handling by the agency"),
            Party.AGENCY,
            closes=("handled",),
            lapses=("filed", "review_filed", "reason_required", "review_requested", "supervision_requested"),
        ),
    )

    dates: ClassVar = {
        "suspected_on": "crime_suspected",
        "team_named_on": "team_named",
        "reported_on": "reported",
        "approved_at": "approved",
        "sent_at": "sent",
        "copied_at": "copied",
    }

    facts: ClassVar = {**_FACTS, **_BROUGHT}

    pushed_by: ClassVar = (Party.AGENCY, Party.PROCURATORATE)

    is_handed_on: ClassVar = True

    # 移送期间不计入: from sending until the police refuse or drop the case, or the procuratorate does not prosecute. A
    # refusal that is overcome stops the clock again.
    effects: ClassVar = (
        Effect(
            on=("sent", "filed", "review_filed"),
            to="penalty",
            event="suspended",
            rule="transfer_suspends_penalty",
            details={
                "node": "penalty_decided",
                "ground": "transfer",
                "reason": "涉嫌犯罪，移送公安机关期间不计入办案期限",
            },
        ),
        Effect(
            on=("returned", "not_filed", "withdrawn", "not_prosecuted"),
            to="penalty",
            event="resumed",
            rule="transfer_suspends_penalty",
            details={"node": "penalty_decided"},
        ),
    )

    conditions: ClassVar = {"economic_crime": lambda transfer: transfer.economic_crime is True}

    def implied(self, facts: Sequence[Fact]) -> Iterator[Fact]:
        """That the materials were complete when it was sent, if all that had to accompany it that day are listed; and
        that a judgment leaves the case to the agency.

        An opinion lists no materials, so nothing follows from its silence.
        """
        for fact in facts:
            if fact.event == "judged" and fact.details.get("outcome") in ("exempt_from_punishment", "not_guilty"):
                yield replace(fact, event="punishment_spared")
        if self.opener() == Party.AGENCY:
            for fact in facts:
                if fact.event == "sent" and not missing_materials(self, fact.day):
                    yield Fact("materials_listed", fact.day, fact.received_at, "/materials")

    def opener(self) -> Party:
        """Who began it, and reports the record."""
        return Party.PROCURATORATE if self.opened_by == "procuratorate" else Party.AGENCY

    def pushers(self) -> tuple[Party, ...]:
        """The party that began it."""
        return (self.opener(),)

    def owners(self, _facts: Sequence[Fact] = ()) -> frozenset[str]:
        """The organ that transfers, and who reports for it; of an opinion, the organ that should."""
        own = self.organ.credit_code
        return frozenset({own, self.organisation} if self.opener() == Party.AGENCY else {own})

    def parties(self, facts: Sequence[Fact] = ()) -> Mapping[Party, str]:
        """The agency, the police organ that has the case after `facts`, and the procuratorate that supervises."""
        is_opinion = self.opener() == Party.PROCURATORATE
        procuratorate = self.copied_to.credit_code if self.copied_to else None
        acting = {
            Party.AGENCY: self.organ.credit_code if is_opinion else self.organisation,
            Party.POLICE: next(reversed([*self._police(facts)]), None),
            Party.PROCURATORATE: self.organisation if is_opinion else procuratorate,
        }
        return {party: organisation for party, organisation in acting.items() if organisation is not None}

    def involved(self, facts: Sequence[Fact], waiting: Sequence[Fact] = ()) -> Iterator[str]:
        """The three bodies, and every police organ that has had the case: it still answers for what it did."""
        yield from self.parties().values()
        yield from self._police([*facts, *waiting])

    def _police(self, facts: Iterable[Fact]) -> Iterator[str]:
        """The police organs to which it was sent and rerouted, in their order."""
        if self.addressee is not None:
            yield self.addressee.credit_code
        for fact in facts:
            to = fact.details.get("to") if fact.event in ("sent", "rerouted") else None
            if isinstance(to, Mapping):
                yield str(to["credit_code"])

    def addressed(self) -> Iterator[Addressed]:
        """The police, the procuratorate, and of an opinion the agency that should transfer."""
        yield from addressed_to(self.addressee, "/addressee", Party.POLICE)
        yield from addressed_to(self.copied_to, "/copied_to", Party.PROCURATORATE)
        if self.opener() == Party.PROCURATORATE:
            yield from addressed_to(self.organ, "/organ", Party.AGENCY, Party.POLICE)

    def document_number(self) -> str | None:
        """The number of the transfer or opinion, normalised."""
        return None if self.document_no is None else identifiers.normalise_document_no(self.document_no)

    def sought(self) -> Sought:
        """By the first suspect."""
        return sought_by(self.suspects)

    def classified(self) -> Iterator[tuple[str, str]]:
        """Who the suspects are, unless they are known to be organisations."""
        yield from who_they_are(self.suspects, "/suspects")

    def attachments(self) -> Iterator[Attachment]:
        """The files of the papers that accompany it."""
        yield from (one.attachment for one in self.materials or () if one.attachment is not None)

    rules: ClassVar = RULES
