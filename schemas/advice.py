"""检察建议: the procuratorate asks an organ or an organisation to act, which answers what became of it.

Of five kinds (人民检察院检察建议工作规定, 2019, art. 5); before a public-interest suit it follows the rules of such
cases and the other rules only beside them (art. 30; 人民检察院公益诉讼办案规则, 2021, arts. 75, 76; 法释〔2018〕6号
art. 21). A punishment of somebody not prosecuted is asked for by an opinion, which is a reverse transfer. A draft is
the procuratorate's own: whom it is for reads it once it was served. What must hold between the fields stands in
`advice_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from . import identifiers
from .advice_rules import RULES
from .fields import Day, choice, code_of, text
from .lifecycle import Effect, Fact, Node, Party, Step
from .parts import Organ, Reasoned, addressed_to, names
from .record import CLOCK_EVENTS, CLOCK_KINDS, Addressed, Attachment, Event, EventKind, Record, Sought

_TOLD = ("superior_organ", "competent_department", "industry_association")
_NEXT = ("party_committee", "peoples_congress", "government", "supervisory_commission")


class AdviceServed(Event):
    """送达: in writing, announced (宣告送达) or left at their place (留置送达).

    `consented`: that whom it is for agreed to the announcement (规定 art. 18); before a public-interest suit nobody
    need agree (规则 art. 76).
    """

    way: Annotated[str, choice("written", "announced", "left")] | None = None
    consented: StrictBool | None = None


class Copied(Event):
    """抄送. `to`: what kind of body got a copy."""

    to: Annotated[str, choice(*_NEXT, *_TOLD)]
    reason: Annotated[str, text(2000)] | None = None


class Amended(Event):
    """修改检察建议. `what`: what it says otherwise now; the record is corrected to say it, too."""

    what: Annotated[str, text(2000)]
    reason: Annotated[str, text(2000)] | None = None


class AdviceReplied(Event):
    """书面回复. `outcome`: what whom it is for did about it."""

    outcome: Annotated[str, choice("rectified", "rectifying", "partly_accepted", "not_accepted")]
    reason: Annotated[str, text(2000)] | None = None


class AdviceEscalated(Event):
    """报告、通报. `to`: who was told that nothing, or too little, was put right."""

    to: Annotated[str, choice("superior_procuratorate", *_TOLD, *_NEXT)]


_AG, _PP = (Party.AGENCY,), (Party.PROCURATORATE,)

_DRAFT = ("received", "investigated")
_UNANSWERED = ("served", "acknowledged", "kept")
"""The other side has it, and the time for the reply runs."""
_ANSWERED = ("replied", "follow_up", "escalated")
_OUT = (*_UNANSWERED, "objected", "amended", *_ANSWERED)
_ENDED = ("closed", "revoked")
_STATES = (*_DRAFT, "dropped", "decided", *_OUT, *_ENDED)
_FACTS = {"investigation_ordered": names("检察长决定调查核实", "investigation ordered")}


def _is_in_the_public_interest(advice: Advice) -> bool:
    return advice.kind == "public_interest"


def _moves_clue(on: str, event: str, **due: str) -> Effect:
    """That a step of advice in the public interest is told in the case that it belongs to."""
    rule = "advice_moves_clue"
    return Effect((on,), "clue", event, rule, due=due, concerns=_is_in_the_public_interest)


class Advice(Record):
    """检察建议."""

    record_type: Literal["advice"]
    kind: Annotated[str, code_of("advice_kinds")]
    addressee: Organ | None = None
    """被建议单位."""
    copied_to: Annotated[list[Organ], Field(min_length=1, max_length=20)] | None = None
    """抄送单位: they read it once it is copied to them."""
    document_no: Annotated[str, text(128)] | None = None
    """检察建议书文号, by which the procuratorate numbers all of its advice."""
    case_no: Annotated[str, text(128)] | None = None
    case_name: Annotated[str, text(500)]
    case_source: Annotated[str, text(500)] | None = None
    """案件或者问题的来源."""
    case_facts: Annotated[str, text(10000)] | None = None
    """依法认定的案件事实及其证据; in the public interest, how that was harmed."""
    failings: Annotated[str, text(10000)] | None = None
    """违法情形或者隐患; in the public interest, what the agency did not do and why it had to."""
    legal_basis: Annotated[str, text(2048)] | None = None
    proposals: Annotated[str, text(10000)] | None = None
    """建议的具体内容."""
    urgent: StrictBool | None = None
    """损害继续扩大等紧急情形, in the public interest."""
    objection_by: Day | None = None
    """提出异议的期限: its last day."""
    reply_by: Day | None = None
    """书面回复的期限: its last day, where the advice names one; in the public interest the law alone does."""
    rectify_by: Day | None = None
    """整改期限: its last day, where advice in the public interest names one."""
    investigation_on: Day | None = None
    """检察长决定调查核实之日."""
    decided_on: Day | None = None
    """检察长或者检察委员会决定提出之日."""
    served_on: Day | None = None
    remarks: Annotated[str, text(512)] | None = None
    papers: Annotated[list[Attachment], Field(max_length=50)] | None = None
    """检察建议书 and what goes with it."""

    title: ClassVar = names("检察建议", "advice")

    events: ClassVar = {
        "investigated": EventKind(Event, names("调查核实完毕", "investigated")),
        "policy_reviewed": EventKind(Event, names("法律政策研究部门审核", "reviewed by the policy department")),
        "dropped": EventKind(Reasoned, names("决定不提出检察建议", "decided to give no advice")),
        "decided": EventKind(Event, names("决定提出检察建议", "advice decided")),
        "served": EventKind(AdviceServed, names("送达检察建议", "advice served")),
        "filed_upward": EventKind(Event, names("报上一级检察院备案", "filed with the superior procuratorate")),
        "copied": EventKind(Copied, names("抄送", "copied")),
        "acknowledged": EventKind(Event, names("签收", "acknowledged")),
        "objected": EventKind(Reasoned, names("提出异议", "objected to")),
        "kept": EventKind(Reasoned, names("异议不成立并说明理由", "kept, with reasons")),
        "amended": EventKind(Amended, names("修改检察建议", "advice amended")),
        "revoked": EventKind(Reasoned, names("撤回检察建议", "advice revoked")),
        "replied": EventKind(AdviceReplied, names("书面回复", "replied")),
        "urged": EventKind(Event, names("督促落实", "urged")),
        "verified": EventKind(Event, names("核实整改到位", "verified")),
        "escalated": EventKind(AdviceEscalated, names("报告、通报", "escalated")),
        **CLOCK_KINDS,
    }

    steps: ClassVar = (
        # The procuratorate finds out, and decides whether to say anything.
        Step("investigated", after=("received",), to="investigated", by=_PP),
        Step("policy_reviewed", after=(*_DRAFT, "decided"), to=None, by=_PP),
        Step("dropped", after=_DRAFT, to="dropped", by=_PP),
        Step("decided", after=_DRAFT, to="decided", by=_PP),
        # What was amended is served anew.
        Step("served", after=("decided", "amended"), to="served", by=_PP),
        Step("filed_upward", after=(*_OUT, *_ENDED), to=None, by=_PP),
        Step("copied", after=(*_OUT, *_ENDED), to=None, by=_PP),
        # Whom it is for, which need not acknowledge before it acts, and may add to its reply.
        Step("acknowledged", after=("served",), to="acknowledged", by=_AG),
        Step("acknowledged", after=("objected", "kept", "amended", *_ANSWERED), to=None, by=_AG),
        Step("objected", after=_UNANSWERED, to="objected", by=_AG),
        Step("objected", after=("objected",), to=None, by=_AG),
        Step("replied", after=(*_UNANSWERED, "objected", "follow_up", "escalated"), to="replied", by=_AG),
        # A reply may cross the amendment; what is served anew is to be answered anew.
        Step("replied", after=("replied", "amended"), to=None, by=_AG),
        # The procuratorate looks at the objection, and may think better of its advice at any time.
        Step("kept", after=("objected",), to="kept", by=_PP),
        Step("kept", after=_ANSWERED, to=None, by=_PP),
        Step("amended", after=tuple(one for one in _OUT if one != "amended"), to="amended", by=_PP),
        Step("amended", after=("amended",), to=None, by=_PP),
        Step("revoked", after=("decided", *_OUT), to="revoked", by=_PP),
        # What it thinks of the reply, and of there being none.
        Step("urged", after=("replied",), to="follow_up", by=_PP),
        Step("urged", after=(*_UNANSWERED, "follow_up", "escalated"), to=None, by=_PP),
        Step("escalated", after=_UNANSWERED, to="escalated", by=_PP, late="advice_replied"),
        Step("escalated", after=("follow_up",), to="escalated", by=_PP),
        Step("escalated", after=("escalated",), to=None, by=_PP),
        Step("verified", after=_ANSWERED, to="closed", by=_PP),
        *(Step(event, after=_STATES, to=None, by=(*_AG, *_PP)) for event in CLOCK_EVENTS),
        *(Step(fact, after=_STATES, to=None, by=()) for fact in _FACTS),
    )

    nodes: ClassVar = (
        Node(
            "advice_investigated",
            names("调查核实", "investigation"),
            Party.PROCURATORATE,
            closes=("investigated", "dropped", "decided"),
            # Before a public-interest suit the case is investigated, and not the advice.
            concerns=lambda advice: not _is_in_the_public_interest(advice),
        ),
        Node(
            "advice_policy_review",
            names("法律政策研究部门审核", "review by the policy department"),
            Party.PROCURATORATE,
            closes=("policy_reviewed",),
            before=("decided",),
            lapses=("dropped", "revoked"),
            concerns=lambda advice: advice.kind == "social_governance",
        ),
        Node(
            "advice_served",
            names("检察建议送达", "service of the advice"),
            Party.PROCURATORATE,
            closes=("served",),
            lapses=("revoked",),
        ),
        Node(
            "advice_served_anew",
            names("修改后重新送达", "service of the amended advice"),
            Party.PROCURATORATE,
            closes=("served",),
            lapses=("revoked",),
        ),
        Node(
            "advice_filed_up",
            names("报上一级备案", "filing with the superior procuratorate"),
            Party.PROCURATORATE,
            closes=("filed_upward",),
            lapses=("revoked",),
        ),
        Node(
            "advice_copied",
            names("抄送", "copy"),
            Party.PROCURATORATE,
            closes=("copied",),
            lapses=("revoked",),
            concerns=lambda advice: advice.copied_to is not None,
        ),
        Node(
            "advice_objection",
            names("提出异议", "objection"),
            Party.AGENCY,
            closes=("objected",),
            lapses=("replied", "amended", "revoked"),
        ),
        Node(
            "advice_objection_reviewed",
            names("异议复核", "review of the objection"),
            Party.PROCURATORATE,
            closes=("kept", "amended", "revoked"),
        ),
        Node(
            "advice_replied",
            names("书面回复", "reply"),
            Party.AGENCY,
            closes=("replied",),
            lapses=("amended", "revoked"),
        ),
        Node(
            "advice_rectified",
            names("整改", "putting it right"),
            Party.AGENCY,
            closes=("verified",),
            lapses=("amended", "revoked"),
            concerns=_is_in_the_public_interest,
        ),
        Node(
            "advice_verified",
            names("核实整改", "verification"),
            Party.PROCURATORATE,
            closes=("verified", "urged"),
            lapses=("amended", "revoked"),
        ),
        Node(
            "advice_escalated",
            names("经督促不整改的报告、通报", "escalation"),
            Party.PROCURATORATE,
            closes=("escalated",),
            lapses=("replied", "verified", "amended", "revoked"),
        ),
    )

    dates: ClassVar = {
        "investigation_on": "investigation_ordered",
        "decided_on": "decided",
        "served_on": "served",
    }

    facts: ClassVar = _FACTS

    conditions: ClassVar = {
        "public_interest": _is_in_the_public_interest,
        "urgent": lambda advice: _is_in_the_public_interest(advice) and advice.urgent is True,
    }

    pushed_by: ClassVar = (Party.PROCURATORATE,)

    is_supervised: ClassVar = False

    superiors_see_nodes: ClassVar = False

    # 诉前: what becomes of the advice becomes of the clue it was given on, so that nobody enters it twice. Other advice
    # may follow when help with an investigation was refused (武政〔2024〕21号 part 1(7)).
    effects: ClassVar = (
        _moves_clue("decided", "advice_decided"),
        _moves_clue("served", "advice_served", reply_by="advice_replied", rectify_by="advice_rectified"),
        _moves_clue("replied", "advice_replied"),
        _moves_clue("revoked", "advice_revoked"),
        Effect(
            ("served",),
            "assist_request",
            "advice_served",
            "advice_answers_refusal",
            due={"reply_by": "advice_replied"},
            concerns=lambda advice: not _is_in_the_public_interest(advice),
        ),
    )

    def parties(self, facts: Sequence[Fact] = ()) -> Mapping[Party, str]:
        """The procuratorate whose advice it is, and whom it is for."""
        acting = {Party.PROCURATORATE: self.organisation}
        if self.addressee is not None:
            acting[Party.AGENCY] = self.addressee.credit_code
        return acting

    def involved(self, facts: Sequence[Fact], _waiting: Sequence[Fact] = ()) -> Iterator[str]:
        """The procuratorate; whom it is for, once it was served; and who has a copy, once it was copied."""
        happened = {fact.event for fact in facts}
        yield self.organisation
        if "served" in happened and self.addressee is not None:
            yield self.addressee.credit_code
        if "copied" in happened:
            yield from (organ.credit_code for organ in self.copied_to or ())

    def addressed(self) -> Iterator[Addressed]:
        """Whom it is for; it may be the police."""
        yield from addressed_to(self.addressee, "/addressee", Party.AGENCY, Party.POLICE)

    def document_number(self) -> str | None:
        """The number of the advice, normalised."""
        return None if self.document_no is None else identifiers.normalise_document_no(self.document_no)

    def sought(self) -> Sought:
        """By whom it is for, and the day of the decision."""
        if self.addressee is None:
            return Sought(decided_on=self.decided_on)
        return Sought(self.addressee.credit_code, self.addressee.name, decided_on=self.decided_on)

    def attachments(self) -> Iterator[Attachment]:
        """The advice as it was signed, and what goes with it."""
        yield from self.papers or ()

    rules: ClassVar = RULES
