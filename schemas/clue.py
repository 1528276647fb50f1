"""公益诉讼线索: a clue that the public interest is harmed, and the case that grows from it.

Whoever comes upon it hands it to a procuratorate, which registers, evaluates, and files or does not. An administrative
case goes by consultation and advice to the organ that should act, a civil one by a public notice; either may end in a
suit (人民检察院公益诉讼办案规则, 2021; 法释〔2018〕6号, 2020 revision). The advice is a record of its own and moves
this one. Who gave the clue is told what became of it. What must hold between the fields stands in `clue_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from . import identifiers
from .clue_rules import RULES
from .fields import MINOR, PERSONAL, REPORTER, TRADE_SECRET, Day, Name, Region, Yuan, choice, code_of, text, written_as
from .lifecycle import CAUSED_BY, Fact, Node, Party, Step
from .parts import (
    DECIMAL,
    Degrees,
    IdType,
    Organ,
    Reasoned,
    Somebody,
    addressed_to,
    names,
    sought_by,
    who_they_are,
)
from .record import CLOCK_EVENTS, CLOCK_KINDS, Addressed, Attachment, Event, EventKind, Part, Record, Sought


class Contact(Part):
    """联系人 of the organisation that hands over."""

    name: Annotated[str, text(50), PERSONAL]
    phone: Annotated[str, text(50), PERSONAL] | None = None


class Informant(Part):
    """举报人、提供线索人: who told the authorities. Kept from all but the giver and the procuratorate."""

    name: Annotated[str, text(50), REPORTER]
    phone: Annotated[str, text(50), REPORTER] | None = None
    id_type: IdType | None = None
    id_no: Annotated[str, text(64), REPORTER] | None = None
    address: Annotated[str, text(200), REPORTER] | None = None


class MinorConcerned(Part):
    """A minor whom the clue is about: nothing by which others could tell who it is is shown to them."""

    name: Annotated[str, text(50), MINOR]
    id_type: IdType | None = None
    id_no: Annotated[str, text(64), MINOR] | None = None
    school: Annotated[str, text(200), MINOR] | None = None
    address: Annotated[str, text(200), MINOR] | None = None
    guardian: Annotated[str, text(50), MINOR] | None = None


class Place(Part):
    """发生地. `longitude` and `latitude` in degrees, east and north positive; `datum`: of which coordinate system."""

    region: Region | None = None
    address: Annotated[str, text(300)] | None = None
    longitude: Degrees | None = None
    latitude: Degrees | None = None
    datum: Annotated[str, choice("cgcs2000", "wgs84", "gcj02", "bd09")] | None = None


class Damage(Part):
    """公益损害: how much of what."""

    kind: Annotated[str, code_of("damage_kinds")]
    amount: Annotated[str, written_as(DECIMAL, "decimal")]
    unit: Annotated[str, code_of("units")]
    note: Annotated[str, text(200)] | None = None


class ActionTaken(Part):
    """已采取的行政措施."""

    kind: Annotated[str, choice("penalty", "order", "substitute_performance", "emergency_disposal", "other")]
    taken_on: Day | None = None
    document_no: Annotated[str, text(128)] | None = None
    note: Annotated[str, text(500)] | None = None


class Evidence(Part):
    """证据清单, one line of it."""

    name: Annotated[str, text(200)]
    kept_at: Annotated[str, text(200)] | None = None
    attachment: Attachment | None = None


class Rerouted(Event):
    """移送管辖: another procuratorate has jurisdiction, or is told to have it (规则 arts. 17, 26)."""

    to: Organ

    def addressed(self) -> Iterator[Addressed]:
        """The procuratorate that has it now."""
        yield from addressed_to(self.to, "/to", Party.PROCURATORATE)


class HandedOn(Rerouted):
    """移送其他人民检察院 of a case (规则 arts. 16 to 18, 79, 94). `received_on`: when the other received it."""

    received_on: Day | None = None


class Evaluated(Event):
    """评估: whether it is true, can be looked into, and is serious (规则 art. 27)."""

    conclusion: Annotated[str, text(2000)] | None = None


class Filed(Event):
    """立案. `document_no` is that of the decision."""

    reason: Annotated[str, text(2000)] | None = None


class FedBack(Event):
    """反馈: the giver is told what became of the clue."""

    outcome: Annotated[str, choice("filed", "not_filed", "rerouted", "concluded", "other")]
    reason: Annotated[str, text(2000)] | None = None


class Consulted(Event):
    """诉前磋商 (规则 art. 70), with its record. `rectify_by`: until when the organ will have put things right."""

    form: Annotated[str, choice("meeting", "written_confirmation", "other")]
    plan: Annotated[str, text(5000)] | None = None
    rectify_by: Day | None = None


class Told(Event):
    """What there is to say about it."""

    reason: Annotated[str, text(2000)] | None = None


class Announced(Event):
    """公告. `medium`: where it was published, for all the country to see."""

    medium: Annotated[str, text(200)]


class RelativesAnswered(Event):
    """近亲属答复: whether the relatives of a hero or martyr will sue themselves."""

    will_sue: StrictBool


class Delegated(Event):
    """委托调查 (规则 art. 43). `received_on`: when the other procuratorate received it."""

    to: Organ
    subject: Annotated[str, text(500)] | None = None
    received_on: Day | None = None

    def addressed(self) -> Iterator[Addressed]:
        """The procuratorate that investigates for the one that handles the case."""
        yield from addressed_to(self.to, "/to", Party.PROCURATORATE)


class AdviceServed(Event):
    """检察建议送达, told by the advice, and the last days that its own clocks leave for the reply and for acting."""

    reply_by: Day | None = None
    rectify_by: Day | None = None


class Sued(Event):
    """提起诉讼. `document_no` is that of the indictment."""

    court: Name | None = None


class Judged(Event):
    """裁判. `received_on`: when the procuratorate received it, if on another day."""

    outcome: Annotated[str, choice("granted", "partly_granted", "dismissed", "settled", "other")] | None = None
    court: Name | None = None
    received_on: Day | None = None


class Compensation(Event):
    """生态环境损害赔偿: an agreement, or a suit of the government's own. `yuan`: what was agreed or is asked for."""

    yuan: Yuan | None = None
    case_no: Annotated[str, text(128)] | None = None


_PP, _GIVER, _AG, _DELEGATE = (Party.PROCURATORATE,), (Party.GIVER,), (Party.AGENCY,), (Party.DELEGATE,)
_CLAIMING = (*_PP, *_GIVER, *_AG)
"""Who may tell what the government claims."""

_REGISTERED = ("registered", "taken_over")
_BEFORE_EVALUATION = ("received", "sent", "rerouted", *_REGISTERED)
_OWN_EVALUATION = ("evaluated", "preliminarily_investigated")
_EVALUATED = (*_OWN_EVALUATION, "reevaluated")
"""`reevaluated`: by whom it was taken over, which may not send it on."""
_UNADVISED = ("administrative_filed", "consulting")
_ADVISED = ("advice_decided", "advice_served", "replied", "following_up")
_ADMINISTRATIVE = (*_UNADVISED, *_ADVISED)
_UNSUED = ("civil_filed", "announced", "relatives_asked", "relatives_answered")
_CIVIL = (*_UNSUED, "other_plaintiff", "supported")
_IN_COURT = ("sued", "judged", "appealed")
_ENDED = ("not_filed", "rectified", "terminated", "closed")
_OPEN = (*_ADMINISTRATIVE, *_CIVIL)
_STATES = (*_BEFORE_EVALUATION, *_EVALUATED, *_OPEN, *_IN_COURT, *_ENDED)
_DECIDED = (*_OPEN, *_IN_COURT, *_ENDED)
_TO_SUE = {
    "following_up": "handed_on_to_sue",
    "announced": "handed_on_to_sue_civil",
    "relatives_answered": "handed_on_to_sue_civil",
}
"""Where it is reviewed whether to sue, and what handing it on means there."""
_FACTS = {
    "assessed": names("评估认为属于检察机关管辖", "found to be for the procuratorate"),
    "no_advice_left": names("检察建议均已撤回", "all advice revoked"),
    "asked_relatives_answered": names("直接征询的近亲属答复", "relatives answered when asked directly"),
    "handed_on_to_sue": names("移送其他检察院起诉(行政)", "handed on to be sued, administrative"),
    "handed_on_to_sue_civil": names("移送其他检察院起诉(民事)", "handed on to be sued, civil"),
    "first_judged": names("第一审裁判", "judged at first instance"),
}


def _elsewhere(event: str, *but: str) -> Step:
    """That what another record tells is noted, and moves nothing, in every state but these."""
    return Step(event, after=tuple(state for state in _STATES if state not in but), to=None, by=())


class Clue(Record):
    """公益诉讼线索."""

    record_type: Literal["clue"]
    addressee: Organ
    """受理检察院: the procuratorate that it is handed to."""
    supervised_organ: Organ | None = None
    """负有监管职责的行政机关, when known."""
    case_name: Annotated[str, text(500)]
    """线索名称, without names of persons."""
    document_no: Annotated[str, text(128)] | None = None
    """线索移送函文号."""
    source: Annotated[str, code_of("public_interest_sources")]
    channel: Annotated[str, code_of("referral_channels")] | None = None
    """Who referred it, where the source is a referral."""
    referral_no: Annotated[str, text(128), REPORTER] | None = None
    """建议、提案或者工单编号: whoever works on the ticket or the motion knows by it who told."""
    domain: Annotated[str, code_of("public_interest_domains")]
    path: Annotated[str, choice("administrative", "civil", "incidental_civil", "undetermined")]
    """Which kind of case the giver expects; what it becomes the procuratorate decides."""
    contact: Contact | None = None
    reporter: Informant | None = None
    minors: Annotated[list[MinorConcerned], Field(max_length=100)] | None = None
    trade_secrets: Annotated[str, text(5000), TRADE_SECRET] | None = None
    """What of it is somebody's trade secret, kept out of the other fields."""
    place: Place | None = None
    began_on: Day | None = None
    ended_on: Day | None = None
    """The last day of what harmed; left out while it lasts."""
    harm: Annotated[str, text(10000)]
    """公益受到侵害的事实."""
    damages: Annotated[list[Damage], Field(max_length=50)] | None = None
    loss_yuan: Yuan | None = None
    wrongdoers: Annotated[list[Somebody], Field(max_length=200)] | None = None
    actions_taken: Annotated[list[ActionTaken], Field(max_length=50)] | None = None
    urgent: StrictBool | None = None
    """Whether the damage is spreading."""
    crime_suspected: StrictBool | None = None
    crime_transferred: StrictBool | None = None
    compensation_begun: StrictBool | None = None
    """生态环境损害赔偿: whether the government has begun to claim it."""
    state_secret: StrictBool | None = None
    evidence: Annotated[list[Evidence], Field(max_length=200)] | None = None
    assessed_on: Day | None = None
    """评估认为属于检察机关管辖之日."""
    sent_on: Day | None = None
    remarks: Annotated[str, text(512)] | None = None

    title: ClassVar = names("公益诉讼线索", "public-interest clue")

    events: ClassVar = {
        "sent": EventKind(Event, names("移送线索", "clue sent")),
        "material_requested": EventKind(Reasoned, names("要求补充材料", "material requested")),
        "material_supplied": EventKind(Told, names("补充材料", "material supplied")),
        "registered": EventKind(Event, names("登记", "registered")),
        "rerouted": EventKind(Rerouted, names("移送有管辖权的检察院", "rerouted")),
        "jurisdiction_reported": EventKind(Told, names("管辖问题报请上级检察院", "question of jurisdiction reported")),
        "designated": EventKind(Rerouted, names("上级检察院指定管辖", "jurisdiction designated")),
        "evaluated": EventKind(Evaluated, names("评估", "evaluated")),
        "preliminarily_investigated": EventKind(Evaluated, names("初步调查", "preliminarily investigated")),
        "administrative_filed": EventKind(Filed, names("行政公益诉讼立案", "filed as an administrative case")),
        "civil_filed": EventKind(Filed, names("民事公益诉讼立案", "filed as a civil case")),
        "not_filed": EventKind(Reasoned, names("不立案", "not filed")),
        "served": EventKind(Event, names("送达立案决定书", "decision to file served")),
        "handed_on": EventKind(HandedOn, names("移送其他检察院办理", "handed on to another procuratorate")),
        "fed_back": EventKind(FedBack, names("反馈线索提供单位", "giver told the outcome")),
        "consulted": EventKind(Consulted, names("诉前磋商", "consulted")),
        "rectification_reported": EventKind(Told, names("报告整改情况", "rectification reported")),
        "rectified": EventKind(Told, names("整改到位", "rectified")),
        "concluded": EventKind(Told, names("调查终结", "investigation concluded")),
        "delegated": EventKind(Delegated, names("委托调查", "investigation delegated")),
        "delegation_answered": EventKind(Told, names("受托检察院回复", "delegated procuratorate answered")),
        "advice_decided": EventKind(Event, names("决定提出检察建议", "advice decided")),
        "advice_served": EventKind(AdviceServed, names("检察建议送达", "advice served")),
        "advice_replied": EventKind(Event, names("检察建议回复", "advice replied to")),
        "advice_revoked": EventKind(Event, names("检察建议撤回", "advice revoked")),
        "followed_up": EventKind(Told, names("跟进调查", "followed up")),
        "announced": EventKind(Announced, names("诉前公告", "notice published")),
        "relatives_asked": EventKind(Event, names("征询英雄烈士等的近亲属意见", "relatives asked")),
        "relatives_answered": EventKind(RelativesAnswered, names("近亲属答复", "relatives answered")),
        "other_plaintiff_sued": EventKind(Told, names("其他适格主体起诉", "another plaintiff sued")),
        "supported": EventKind(Event, names("支持起诉", "suit supported")),
        "compensation_agreed": EventKind(Compensation, names("达成生态环境损害赔偿协议", "compensation agreed")),
        "compensation_sued": EventKind(Compensation, names("提起生态环境损害赔偿诉讼", "compensation sued for")),
        "sued": EventKind(Sued, names("提起公益诉讼", "sued")),
        "suit_reported": EventKind(Event, names("起诉书报上一级备案", "suit reported upward")),
        "suit_withdrawn": EventKind(Reasoned, names("撤回起诉", "suit withdrawn")),
        "judged": EventKind(Judged, names("裁判", "judged")),
        "judgment_reported": EventKind(Event, names("裁判报上一级", "judgment reported upward")),
        "appealed": EventKind(Event, names("上诉或者提出抗诉", "appealed")),
        "enforced": EventKind(Told, names("执行完毕", "judgment enforced")),
        "terminated": EventKind(Reasoned, names("终结案件", "case terminated")),
        "assistance_requested": EventKind(Event, names("请求调查核实协作", "assistance requested")),
        "assistance_given": EventKind(Event, names("协作完成", "assistance given")),
        "assistance_refused": EventKind(Event, names("拒绝协作", "assistance refused")),
        **CLOCK_KINDS,
    }

    steps: ClassVar = (
        Step("sent", after=("received",), to="sent", by=_GIVER),
        Step("registered", after=("received", "sent"), to="registered", by=_PP),
        Step("registered", after=("rerouted",), to="taken_over", by=_PP),
        Step("material_requested", after=(*_BEFORE_EVALUATION, *_EVALUATED), to=None, by=_PP),
        Step("material_supplied", after=_STATES, to=None, by=_GIVER),
        Step("evaluated", after=("registered",), to="evaluated", by=_PP),
        Step("evaluated", after=("taken_over",), to="reevaluated", by=_PP),
        # A preliminary investigation is part of the evaluation, which may end with it and need not be told apart.
        Step("evaluated", after=_EVALUATED, to=None, by=_PP),
        Step("preliminarily_investigated", after=("registered", "evaluated"), to="preliminarily_investigated", by=_PP),
        Step("preliminarily_investigated", after=("taken_over",), to="reevaluated", by=_PP),
        Step("preliminarily_investigated", after=("preliminarily_investigated", "reevaluated"), to=None, by=_PP),
        Step("delegated", after=(*_REGISTERED, *_EVALUATED, *_OPEN, *_IN_COURT), to=None, by=_PP),
        Step("delegation_answered", after=("rerouted", *_REGISTERED, *_EVALUATED, *_DECIDED), to=None, by=_DELEGATE),
        Step("jurisdiction_reported", after=(*_BEFORE_EVALUATION, *_EVALUATED), to=None, by=_PP),
        # 受移送的人民检察院应当受理,不得自行退回或者移送: whoever was given it may only ask the one above.
        Step("rerouted", after=("received", "sent", "registered", *_OWN_EVALUATION), to="rerouted", by=_PP),
        Step("designated", after=(*_BEFORE_EVALUATION, *_EVALUATED), to="rerouted", by=_PP),
        Step("not_filed", after=_EVALUATED, to="not_filed", by=_PP),
        # 上级人民检察院有权撤销或者变更下级的决定: what was not filed may have to be.
        Step("administrative_filed", after=(*_EVALUATED, "not_filed"), to="administrative_filed", by=_PP),
        Step("civil_filed", after=(*_EVALUATED, "not_filed"), to="civil_filed", by=_PP),
        Step("fed_back", after=("rerouted", "taken_over", *_EVALUATED, *_DECIDED), to=None, by=_PP),
        # The administrative case. An advice tells of itself, whenever that was; so what is reported here too is lawful
        # before and after.
        Step("served", after=(*_ADMINISTRATIVE, "rectified", "terminated"), to=None, by=_PP),
        Step("consulted", after=_UNADVISED, to="consulting", by=_PP),
        Step("consulted", after=_ADVISED, to=None, by=_PP),
        Step("concluded", after=_OPEN, to=None, by=_PP),
        Step(
            "rectification_reported",
            after=(*_ADMINISTRATIVE, *_IN_COURT, "rectified", "terminated", "closed"),
            to=None,
            by=_AG,
        ),
        # The advice is a record of its own, and there may be several of them.
        Step("advice_decided", after=_UNADVISED, to="advice_decided", by=()),
        _elsewhere("advice_decided", *_UNADVISED),
        Step("advice_served", after=(*_UNADVISED, "advice_decided"), to="advice_served", by=()),
        _elsewhere("advice_served", *_UNADVISED, "advice_decided"),
        Step("advice_replied", after=(*_UNADVISED, "advice_decided", "advice_served"), to="replied", by=()),
        _elsewhere("advice_replied", *_UNADVISED, "advice_decided", "advice_served"),
        _elsewhere("advice_revoked"),
        # 提出检察建议后应当跟进调查: nobody waits for the reply with that, but with a suit for the end of 整改期限.
        Step("followed_up", after=("advice_served", "replied"), to="following_up", by=_PP),
        Step("followed_up", after=("following_up",), to=None, by=_PP),
        Step("no_advice_left", after=_ADVISED, to="administrative_filed", by=()),
        _elsewhere("no_advice_left", *_ADVISED),
        Step("rectified", after=_ADMINISTRATIVE, to="rectified", by=_PP),
        # The civil case.
        Step("announced", after=("civil_filed", "relatives_asked", "relatives_answered"), to="announced", by=_PP),
        Step("relatives_asked", after=("civil_filed",), to="relatives_asked", by=_PP),
        Step("relatives_asked", after=("announced", "relatives_asked"), to=None, by=_PP),
        Step(
            "relatives_answered",
            after=("relatives_asked",),
            to="relatives_answered",
            by=_PP,
            brings=("asked_relatives_answered",),
        ),
        Step("relatives_answered", after=("announced", "relatives_answered"), to=None, by=_PP),
        Step("other_plaintiff_sued", after=_UNSUED, to="other_plaintiff", by=_PP),
        Step("other_plaintiff_sued", after=("other_plaintiff", "supported"), to=None, by=_PP),
        # What the government claims it claims in its own time; it may be the giver or the organ itself that does.
        Step("compensation_agreed", after=_STATES, to=None, by=_CLAIMING),
        Step("compensation_sued", after=_UNSUED, to="other_plaintiff", by=_CLAIMING),
        Step(
            "compensation_sued",
            after=tuple(state for state in _STATES if state not in _UNSUED),
            to=None,
            by=_CLAIMING,
        ),
        Step("supported", after=("other_plaintiff",), to="supported", by=_PP),
        # 移送、指定其他人民检察院办理, once it is a case. With what is to be sued the time for the review goes along.
        *(Step("handed_on", after=(state,), to=None, by=_PP, brings=(fact,)) for state, fact in _TO_SUE.items()),
        Step("handed_on", after=tuple(state for state in _OPEN if state not in _TO_SUE), to=None, by=_PP),
        # The court.
        Step("sued", after=("following_up",), to="sued", by=_PP, late="clue_rectified"),
        Step("sued", after=("announced",), to="sued", by=_PP, late="clue_notice_civ"),
        Step("sued", after=("relatives_answered",), to="sued", by=_PP),
        Step("suit_reported", after=(*_IN_COURT, "closed"), to=None, by=_PP),
        Step("suit_withdrawn", after=("sued", "appealed"), to="closed", by=_PP),
        Step("judged", after=("sued",), to="judged", by=_PP, brings=("first_judged",)),
        Step("judged", after=("appealed",), to="judged", by=_PP),
        Step("judged", after=("judged",), to=None, by=_PP),
        Step("judgment_reported", after=("judged", "appealed", "closed"), to=None, by=_PP),
        Step("appealed", after=("judged",), to="appealed", by=_PP),
        Step("appealed", after=("appealed",), to=None, by=_PP),
        Step("enforced", after=("judged",), to="closed", by=_PP),
        Step("terminated", after=_OPEN, to="terminated", by=_PP),
        # A judgment by which nothing is to be enforced.
        Step("terminated", after=("judged",), to="closed", by=_PP),
        _elsewhere("assistance_requested"),
        _elsewhere("assistance_given"),
        _elsewhere("assistance_refused"),
        *(Step(event, after=_STATES, to=None, by=(*_PP, *_GIVER, *_DELEGATE)) for event in CLOCK_EVENTS),
        Step("assessed", after=_STATES, to=None, by=()),
    )

    nodes: ClassVar = (
        Node("clue_sent", names("线索移送", "handover of the clue"), Party.GIVER, closes=("sent",)),
        Node(
            "clue_registered",
            names("统一登记备案", "registration"),
            Party.PROCURATORATE,
            closes=("registered",),
        ),
        Node(
            "clue_rerouted",
            names("线索移送管辖", "rerouting"),
            Party.PROCURATORATE,
            closes=("rerouted",),
            requires=("rerouted",),
        ),
        Node(
            "clue_evaluated",
            names("评估、初步调查", "evaluation"),
            Party.PROCURATORATE,
            closes=("evaluated", "preliminarily_investigated"),
            lapses=("rerouted", "designated"),
        ),
        Node(
            "clue_decided",
            names("立案或者不立案", "decision whether to file"),
            Party.PROCURATORATE,
            closes=("administrative_filed", "civil_filed", "not_filed"),
        ),
        Node(
            "clue_filed_served",
            names("立案决定书送达", "service of the decision to file"),
            Party.PROCURATORATE,
            closes=("served",),
            # 以事立案: filed before anybody knows which organ it is about.
            concerns=lambda record: record.supervised_organ is not None,
        ),
        Node(
            "clue_feedback",
            names("向提供线索单位反馈", "feedback to the giver"),
            Party.PROCURATORATE,
            closes=("fed_back",),
            concerns=lambda record: record.is_given,
        ),
        Node(
            "clue_consult",
            names("诉前磋商", "consultation"),
            Party.PROCURATORATE,
            closes=("consulted",),
            lapses=("advice_decided", "advice_served", "rectified", "terminated"),
        ),
        Node(
            "clue_delegated",
            names("委托异地调查", "delegated investigation"),
            Party.DELEGATE,
            closes=("delegation_answered",),
            lapses=("not_filed", "rectified", "terminated"),
        ),
        Node(
            "clue_concluded",
            names("调查终结", "conclusion of the investigation"),
            Party.PROCURATORATE,
            closes=(
                "concluded",
                "advice_decided",
                "advice_served",
                "announced",
                "relatives_asked",
                "rectified",
                "terminated",
            ),
        ),
        Node(
            "clue_advice_served",
            names("检察建议送达", "service of the advice"),
            Party.PROCURATORATE,
            closes=("advice_served",),
            lapses=("no_advice_left",),
        ),
        Node(
            "clue_advice_replied",
            names("依法履职并书面回复", "reply to the advice"),
            Party.AGENCY,
            closes=("advice_replied",),
            lapses=("no_advice_left",),
        ),
        Node(
            "clue_rectified",
            names("整改期限", "putting it right"),
            Party.AGENCY,
            closes=("rectified", "terminated"),
            lapses=("no_advice_left",),
        ),
        Node(
            "clue_followup",
            names("跟进调查", "follow-up"),
            Party.PROCURATORATE,
            closes=("followed_up", "rectified", "terminated"),
            lapses=("no_advice_left",),
        ),
        Node(
            "clue_prosecute_adm",
            names("审查起诉(行政)", "review whether to sue, administrative"),
            Party.PROCURATORATE,
            closes=("sued", "terminated", "rectified"),
            lapses=("no_advice_left", "handed_on_to_sue"),
        ),
        Node(
            "clue_prosecute_adm_handed_on",
            names("受移送后审查起诉(行政)", "review whether to sue what was handed on, administrative"),
            Party.PROCURATORATE,
            closes=("sued", "terminated", "rectified"),
            lapses=("no_advice_left",),
        ),
        Node(
            "clue_notice_civ",
            names("民事诉前公告", "public notice before a civil suit"),
            Party.PROCURATORATE,
            closes=("other_plaintiff_sued", "compensation_sued"),
            lapses=("terminated",),
        ),
        Node(
            "clue_prosecute_civ",
            names("审查起诉(民事)", "review whether to sue, civil"),
            Party.PROCURATORATE,
            closes=("sued", "terminated"),
            lapses=("other_plaintiff_sued", "compensation_sued", "handed_on_to_sue_civil"),
        ),
        Node(
            "clue_prosecute_civ_handed_on",
            names("受移送后审查起诉(民事)", "review whether to sue what was handed on, civil"),
            Party.PROCURATORATE,
            closes=("sued", "terminated"),
            lapses=("other_plaintiff_sued", "compensation_sued"),
        ),
        Node(
            "clue_filed_report",
            names("起诉书备案", "report of the suit upward"),
            Party.PROCURATORATE,
            closes=("suit_reported",),
        ),
        Node(
            "clue_judgment_report",
            names("判决报备", "report of the judgment upward"),
            Party.PROCURATORATE,
            closes=("judgment_reported",),
        ),
        Node(
            "clue_eco_link",
            names("与生态环境损害赔偿衔接", "link to compensation for ecological damage"),
            Party.PROCURATORATE,
            closes=("not_filed", "rectified", "terminated", "supported", "sued"),
        ),
    )

    dates: ClassVar = {"assessed_on": "assessed", "sent_on": "sent"}

    facts: ClassVar = _FACTS

    conditions: ClassVar = {"heroes": lambda record: record.domain == "heroes"}

    pushed_by: ClassVar = (Party.AGENCY, Party.POLICE, Party.PROCURATORATE, Party.OFFICE)

    is_supervised: ClassVar = False

    superiors_see_nodes: ClassVar = False

    is_handed_on: ClassVar = True

    @property
    def is_given(self) -> bool:
        """Whether somebody handed it over; what the procuratorate found in its own work nobody did."""
        return self.organisation != self.addressee.credit_code

    def parties(self, facts: Sequence[Fact] = ()) -> Mapping[Party, str]:
        """The procuratorate that handles it, who gave it, the organ supervised and who investigates by delegation."""
        acting = {Party.PROCURATORATE: _last(self._handling(facts))}
        if self.is_given:
            acting[Party.GIVER] = self.organisation
        if self.supervised_organ is not None:
            acting[Party.AGENCY] = self.supervised_organ.credit_code
        for delegate in _to(facts, "delegated"):
            acting[Party.DELEGATE] = delegate
        return acting

    def party_of(self, organisation: str, facts: Sequence[Fact] = ()) -> Party | None:
        """As which party it acts; of several procuratorates that investigate by delegation each answers for itself."""
        acting = super().party_of(organisation, facts)
        return Party.DELEGATE if acting is None and organisation in _to(facts, "delegated") else acting

    def owners(self, facts: Sequence[Fact] = ()) -> frozenset[str]:
        """The procuratorates that handle the case or handed it on: what they advise and ask for acts on it.

        Who only had the clue does not: what it passed on was no case yet.
        """
        return frozenset({_last(self._given(facts)), *_to(facts, "handed_on")})

    def implied(self, facts: Sequence[Fact]) -> Iterator[Fact]:
        """That no advice is left, once the last that there was is revoked."""
        left: set[object] = set()
        told = [fact for fact in facts if fact.event in _OF_ADVICE]
        for fact in sorted(told, key=_in_the_order_of_advice):
            advice = fact.details.get(CAUSED_BY)
            if fact.event != "advice_revoked":
                left.add(advice)
            elif advice in left:
                left.remove(advice)
                if not left:
                    yield replace(fact, event="no_advice_left")

    def involved(self, facts: Sequence[Fact], waiting: Sequence[Fact] = ()) -> Iterator[str]:
        """The procuratorates that had it, who investigates for one, and the supervised organ once it was told."""
        yield from self._handling([*facts, *waiting])
        yield from _to(facts, "delegated")
        if self.supervised_organ is not None and any(fact.event in _TELLS_THE_ORGAN for fact in facts):
            yield self.supervised_organ.credit_code

    def _given(self, facts: Sequence[Fact]) -> Iterator[str]:
        """The procuratorates that the clue was given to, in their order."""
        yield self.addressee.credit_code
        yield from _to(facts, "rerouted", "designated")

    def _handling(self, facts: Sequence[Fact]) -> Iterator[str]:
        """The procuratorates that had the clue or the case, in their order."""
        yield from self._given(facts)
        yield from _to(facts, "handed_on")

    def addressed(self) -> Iterator[Addressed]:
        """The procuratorate, and the organ that should have acted."""
        yield from addressed_to(self.addressee, "/addressee", Party.PROCURATORATE)
        yield from addressed_to(self.supervised_organ, "/supervised_organ", Party.AGENCY, Party.POLICE)

    def document_number(self) -> str | None:
        """The number of the letter by which it was handed over, normalised."""
        return None if self.document_no is None else identifiers.normalise_document_no(self.document_no)

    def sought(self) -> Sought:
        """By the first wrongdoer."""
        return sought_by(self.wrongdoers)

    def classified(self) -> Iterator[tuple[str, str]]:
        """Who told, which minors it is about, what is a trade secret, and who the wrongdoers and the contact are."""
        yield from (("/contact/name", PERSONAL.kind), ("/contact/phone", PERSONAL.kind))
        yield "/referral_no", REPORTER.kind
        yield from ((f"/reporter/{name}", REPORTER.kind) for name in ("name", "phone", "id_no", "address"))
        for place in range(len(self.minors or ())):
            yield from ((f"/minors/{place}/{name}", MINOR.kind) for name in _OF_A_MINOR)
        yield "/trade_secrets", TRADE_SECRET.kind
        yield from who_they_are(self.wrongdoers, "/wrongdoers")

    def attachments(self) -> Iterator[Attachment]:
        """The files of the evidence."""
        yield from (one.attachment for one in self.evidence or () if one.attachment is not None)

    rules: ClassVar = RULES


_TELLS_THE_ORGAN = ("served", "consulted", "advice_served")
"""By these the supervised organ learns of the case."""
_OF_ADVICE = ("advice_decided", "advice_served", "advice_replied", "advice_revoked")
"""What advice tells of itself, in its order."""
_OF_A_MINOR = ("name", "id_no", "school", "address", "guardian")


def _to(facts: Sequence[Fact], *events: str) -> Iterator[str]:
    """The organs that these events name, in their order."""
    for fact in facts:
        to = fact.details.get("to") if fact.event in events else None
        if isinstance(to, Mapping):
            yield str(to["credit_code"])


def _in_the_order_of_advice(fact: Fact) -> tuple[date, int, str, str]:
    """By the day; of a day as an advice goes, whatever was told first."""
    return (fact.day, _OF_ADVICE.index(fact.event), fact.occurred_at.isoformat(), fact.stated_by)


def _last(codes: Iterator[str]) -> str:
    *_, last = codes
    return last
