"""反向移送: what is no crime, or not prosecuted, and is still to be dealt with by an agency.

The procuratorate that does not prosecute hands the case to its own administrative department, which examines it and
issues an opinion to the agency where somebody is to be punished (刑事诉讼法 art. 177; 人民检察院刑事诉讼规则 arts. 248,
373, 375; 高检发释字〔2021〕4号; 人民检察院行刑反向衔接工作指引, 2024). The police hand over what they found to be no
crime (310号令 art. 13). Either way the agency files or refuses, and replies. What must hold between the fields stands
in `reverse_transfer_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from . import identifiers
from .fields import Day, choice, text
from .lifecycle import Fact, Node, Party, Step
from .parts import (
    InvolvedItem,
    ItemsHandedOver,
    NonProsecution,
    NotProsecuted,
    Offence,
    Organ,
    PenaltyKinds,
    Reasoned,
    Somebody,
    addressed_to,
    names,
    sought_by,
    who_they_are,
)
from .record import CLOCK_EVENTS, CLOCK_KINDS, Addressed, Event, EventKind, Record, Sought
from .reverse_transfer_rules import RULES


class OpinionServed(Event):
    """送达检察意见. `reply_by`: the last day for the reply, where the opinion names one because it is urgent."""

    reply_by: Day | None = None


class Replied(Event):
    """书面回复. `outcome`: how it was dealt with."""

    outcome: Annotated[str, choice("penalised", "not_punished", "other")]
    reason: Annotated[str, text(2000)] | None = None


class Escalated(Event):
    """通报. `to`: who was told that the agency does not act or does not reply."""

    to: Annotated[str, choice("justice", "superior_procuratorate", "party_committee", "peoples_congress")]


_AG, _PS, _PP = (Party.AGENCY,), (Party.POLICE,), (Party.PROCURATORATE,)
_HANDING_OVER = (Party.POLICE, Party.PROCURATORATE)

_EXAMINED = ("not_prosecuted", "referred", "under_review")
"""The procuratorate has not decided whether to issue an opinion."""
_WITH_AGENCY = ("served", "handed_over", "acknowledged", "filed", "refused", "replied", "follow_up", "escalated")
_STATES = ("received", *_EXAMINED, "terminated", "opinion_issued", *_WITH_AGENCY, "closed")
_UNFILED = ("served", "handed_over", "acknowledged", "escalated")
_UNANSWERED = (*_UNFILED, "follow_up")
_FACTS = {
    "violation_found": names("认为应当给予行政处罚", "administrative violation found"),
    "case_on_file": names("已有处罚案件", "penalty case on file already"),
}
_ANSWERS = ("replied", "refused", "penalty_decided")


class ReverseTransfer(Record):
    """反向移送."""

    record_type: Literal["reverse_transfer"]
    opened_by: Annotated[str, choice("procuratorate", "police")] | None = None
    """Who hands over; left out, the procuratorate."""
    addressee: Organ | None = None
    """有关主管机关: the agency that the opinion is issued to, or that the case is handed to."""
    copied_to: Organ | None = None
    """抄送机关: of an opinion the department of justice of its level, of what police hand over the procuratorate."""
    document_no: Annotated[str, text(128)] | None = None
    """检察意见书文号; of what the police hand over, that of their letter."""
    case_no: Annotated[str, text(128)] | None = None
    case_name: Annotated[str, text(500)]
    """案由."""
    subjects: Annotated[list[Somebody], Field(max_length=200)] | None = None
    """被不起诉人, or who committed the violation."""
    offences: Annotated[list[Offence], Field(min_length=1, max_length=20)] | None = None
    """The crimes that were suspected."""
    decision_no: Annotated[str, text(128)] | None = None
    """不起诉决定书文号."""
    ground: NonProsecution | None = None
    investigated_by: Organ | None = None
    """侦查机关."""
    violation_facts: Annotated[str, text(10000)] | None = None
    legal_basis: Annotated[str, text(2048)] | None = None
    opinion: Annotated[str, text(5000)] | None = None
    """检察意见: what the agency is asked to do."""
    penalty_kinds: PenaltyKinds | None = None
    """处罚种类 that the opinion names."""
    confiscation: StrictBool | None = None
    """Whether illegal gains are to be confiscated, so that what was seized goes with the case."""
    items: Annotated[list[InvolvedItem], Field(max_length=500)] | None = None
    not_prosecuted_on: Day | None = None
    referred_on: Day | None = None
    """移送行政检察部门之日."""
    registered_on: Day | None = None
    """登记受理之日: the examination is counted from it."""
    opinion_on: Day | None = None
    served_on: Day | None = None
    reply_by: Day | None = None
    """回复期限, where the opinion names one."""
    violation_found_on: Day | None = None
    """Of what the police hand over: the day on which they found no crime and a violation."""
    handed_over_on: Day | None = None
    remarks: Annotated[str, text(512)] | None = None

    title: ClassVar = names("反向移送", "reverse transfer")

    events: ClassVar = {
        "not_prosecuted": EventKind(NotProsecuted, names("不起诉", "not prosecuted")),
        "notified": EventKind(Event, names("书面通知移送机关", "agency notified")),
        "referred": EventKind(Event, names("移送行政检察部门", "referred to the administrative department")),
        "registered": EventKind(Event, names("登记受理", "registered")),
        "terminated": EventKind(Reasoned, names("终结审查", "examination terminated")),
        "opinion_issued": EventKind(Event, names("提出检察意见", "opinion issued")),
        "served": EventKind(OpinionServed, names("送达检察意见", "opinion served")),
        "handed_over": EventKind(Event, names("公安机关移送行政违法案件", "handed over by the police")),
        "copied": EventKind(Event, names("抄送", "copied")),
        "acknowledged": EventKind(Event, names("签收", "acknowledged")),
        "items_handed_over": EventKind(ItemsHandedOver, names("移交涉案物品和材料", "items handed over")),
        "filed": EventKind(Event, names("主管机关立案", "filed by the agency")),
        "refused": EventKind(Reasoned, names("不予立案或者不采纳", "refused by the agency")),
        "replied": EventKind(Replied, names("书面回复", "replied")),
        "reply_accepted": EventKind(Event, names("认可处理结果", "reply accepted")),
        "followed_up": EventKind(Reasoned, names("跟进监督", "followed up")),
        "escalated": EventKind(Escalated, names("通报", "escalated")),
        "agency_consulted": EventKind(Event, names("书面咨询行政机关", "agency consulted")),
        "agency_answered": EventKind(Event, names("行政机关书面答复", "agency answered")),
        "procuratorate_consulted": EventKind(Event, names("书面咨询检察院", "procuratorate consulted")),
        "procuratorate_answered": EventKind(Event, names("检察院书面答复", "procuratorate answered")),
        "penalty_filed": EventKind(Event, names("处罚案件立案", "penalty case filed")),
        "penalty_decided": EventKind(Event, names("处罚案件作出决定", "penalty case decided")),
        **CLOCK_KINDS,
    }

    steps: ClassVar = (
        # The procuratorate that does not prosecute, and examines whether somebody else should punish.
        Step("not_prosecuted", after=("received",), to="not_prosecuted", by=_PP),
        Step(
            "notified",
            after=(*_EXAMINED, "terminated", "opinion_issued", *_WITH_AGENCY, "closed"),
            to=None,
            by=_PP,
        ),
        Step("referred", after=("not_prosecuted",), to="referred", by=_PP),
        Step("registered", after=("referred",), to="under_review", by=_PP),
        Step("terminated", after=("under_review",), to="terminated", by=_PP),
        Step("opinion_issued", after=("under_review",), to="opinion_issued", by=_PP),
        Step("served", after=("opinion_issued",), to="served", by=_PP),
        # The police that found no crime, or too slight a one.
        Step("handed_over", after=("received",), to="handed_over", by=_PS),
        Step("copied", after=("opinion_issued", *_WITH_AGENCY, "closed"), to=None, by=_HANDING_OVER),
        Step("acknowledged", after=("served", "handed_over"), to="acknowledged", by=_AG),
        Step("acknowledged", after=("filed", "refused", "replied", "follow_up", "escalated"), to=None, by=_AG),
        Step(
            "items_handed_over",
            after=(*_EXAMINED, "opinion_issued", *_WITH_AGENCY, "closed"),
            to=None,
            by=(*_AG, *_HANDING_OVER),
        ),
        # The agency. What it does in a penalty that is tied to this arrives by itself, whenever that was; so all it
        # reports here too is lawful before and after.
        Step("penalty_filed", after=_UNFILED, to="filed", by=()),
        Step("penalty_filed", after=tuple(one for one in _STATES if one not in _UNFILED), to=None, by=()),
        Step("filed", after=(*_UNFILED, "refused"), to="filed", by=_AG),
        # What is followed up stays so until there is a reply: with it others may be told without more ado.
        Step("filed", after=("filed", "replied", "follow_up"), to=None, by=_AG),
        Step("refused", after=(*_UNANSWERED, "filed", "replied"), to="refused", by=_AG),
        Step("penalty_decided", after=(*_UNANSWERED, "filed", "refused"), to="replied", by=()),
        Step(
            "penalty_decided",
            after=tuple(one for one in _STATES if one not in (*_UNANSWERED, "filed", "refused")),
            to=None,
            by=(),
        ),
        Step("replied", after=(*_UNANSWERED, "filed", "refused"), to="replied", by=_AG),
        Step("replied", after=("replied",), to=None, by=_AG),
        # What whoever handed it over thinks of the reply, and of there being none.
        Step("reply_accepted", after=("replied", "refused"), to="closed", by=_HANDING_OVER),
        Step("followed_up", after=("replied", "refused"), to="follow_up", by=_PP),
        Step("escalated", after=("served", "acknowledged", "filed"), to="escalated", by=_PP, late="reverse_replied"),
        Step("escalated", after=("refused", "follow_up"), to="escalated", by=_PP),
        Step("escalated", after=("replied", "escalated"), to=None, by=_PP),
        # 双向咨询.
        Step("agency_consulted", after=_STATES, to=None, by=_HANDING_OVER),
        Step("agency_answered", after=_STATES, to=None, by=_AG),
        Step("procuratorate_consulted", after=_STATES, to=None, by=(*_AG, *_PS)),
        Step("procuratorate_answered", after=_STATES, to=None, by=_PP),
        *(Step(event, after=_STATES, to=None, by=(*_AG, *_HANDING_OVER)) for event in CLOCK_EVENTS),
        *(Step(fact, after=_STATES, to=None, by=()) for fact in _FACTS),
    )

    nodes: ClassVar = (
        Node(
            "reverse_nonpros",
            names("不起诉决定", "decision not to prosecute"),
            Party.PROCURATORATE,
            closes=("not_prosecuted",),
        ),
        Node(
            "reverse_agency_told",
            names("告知移送机关", "notice to the agency that transferred"),
            Party.PROCURATORATE,
            closes=("notified",),
        ),
        Node(
            "reverse_internal",
            names("移送行政检察部门", "referral to the administrative department"),
            Party.PROCURATORATE,
            closes=("referred",),
        ),
        Node(
            "reverse_reviewed",
            names("审查", "examination"),
            Party.PROCURATORATE,
            closes=("terminated", "opinion_issued"),
        ),
        Node(
            "reverse_opinion_sent",
            names("检察意见送达", "service of the opinion"),
            Party.PROCURATORATE,
            closes=("served",),
        ),
        Node(
            "reverse_opinion_sent_2021",
            names("检察意见送达(自不起诉起)", "service of the opinion, from the decision not to prosecute"),
            Party.PROCURATORATE,
            closes=("served",),
            lapses=("terminated",),
        ),
        Node(
            "reverse_confiscate",
            names("涉案财物随案移送", "handover of what is to be confiscated"),
            Party.PROCURATORATE,
            closes=("items_handed_over",),
            lapses=("terminated",),
            concerns=lambda record: record.confiscation is True,
        ),
        Node(
            "reverse_ps_transfer",
            names("公安移送行政违法", "handover by the police"),
            Party.POLICE,
            closes=("handed_over",),
        ),
        Node(
            "reverse_agency_filed",
            names("主管机关立案", "filing by the agency"),
            Party.AGENCY,
            closes=("filed", "refused", "case_on_file", "penalty_filed", "penalty_decided"),
            lapses=("replied",),
        ),
        Node("reverse_replied", names("书面回复处理结果", "reply"), Party.AGENCY, closes=_ANSWERS),
        Node(
            "reverse_escalated",
            names("不回复、不处理的通报", "escalation"),
            Party.PROCURATORATE,
            closes=("escalated",),
            lapses=_ANSWERS,
        ),
        Node(
            "reverse_consult",
            names("检察院答复咨询", "answer of the procuratorate"),
            Party.PROCURATORATE,
            closes=("procuratorate_answered",),
        ),
        Node(
            "reverse_consult_agency",
            names("行政机关答复咨询", "answer of the agency"),
            Party.AGENCY,
            closes=("agency_answered",),
        ),
    )

    dates: ClassVar = {
        "violation_found_on": "violation_found",
        "handed_over_on": "handed_over",
        "not_prosecuted_on": "not_prosecuted",
        "referred_on": "referred",
        "registered_on": "registered",
        "opinion_on": "opinion_issued",
        "served_on": "served",
    }

    facts: ClassVar = _FACTS

    pushed_by: ClassVar = (Party.PROCURATORATE, Party.POLICE)

    def implied(self, facts: Sequence[Fact]) -> Iterator[Fact]:
        """That the agency need not file again what it filed, or decided, before it heard of this: the case goes on."""
        filed = [fact.day for fact in facts if fact.event in ("penalty_filed", "penalty_decided")]
        told = (fact for fact in facts if fact.event in ("served", "handed_over"))
        heard = min(told, key=lambda fact: fact.day, default=None)
        if heard is not None and any(day <= heard.day for day in filed):
            yield Fact("case_on_file", heard.day, heard.received_at, heard.stated_by)

    def opener(self) -> Party:
        """Who handed over, and reports the record."""
        return Party.POLICE if self.opened_by == "police" else Party.PROCURATORATE

    def pushers(self) -> tuple[Party, ...]:
        """The party that handed over."""
        return (self.opener(),)

    def owners(self, _facts: Sequence[Fact] = ()) -> frozenset[str]:
        """The agency it is for."""
        return frozenset({self.addressee.credit_code} if self.addressee is not None else ())

    def parties(self, facts: Sequence[Fact] = ()) -> Mapping[Party, str]:
        """Who handed over, the agency it is for, and of what the police hand over the procuratorate."""
        acting = {self.opener(): self.organisation}
        if self.addressee is not None:
            acting[Party.AGENCY] = self.addressee.credit_code
        if self.copied_to is not None and self.opener() == Party.POLICE:
            acting[Party.PROCURATORATE] = self.copied_to.credit_code
        return acting

    def addressed(self) -> Iterator[Addressed]:
        """The agency, which may be the police, and of what police hand over the procuratorate."""
        yield from addressed_to(self.addressee, "/addressee", Party.AGENCY, Party.POLICE)
        if self.opener() == Party.POLICE:
            yield from addressed_to(self.copied_to, "/copied_to", Party.PROCURATORATE)

    def document_number(self) -> str | None:
        """The number of the opinion or the letter, normalised."""
        return None if self.document_no is None else identifiers.normalise_document_no(self.document_no)

    def sought(self) -> Sought:
        """By the first of whom it is about."""
        return sought_by(self.subjects)

    def classified(self) -> Iterator[tuple[str, str]]:
        """Who it is about, unless that is known to be an organisation."""
        yield from who_they_are(self.subjects, "/subjects")

    rules: ClassVar = RULES
