"""行政处罚: an administrative penalty, from filing to closing.

Items and codes are those of the 双公示 credit-publicity standard under readable names, and what supervision
needs beyond them. A penalty may be sent from filing on; from the decision on it must say what was decided.
What must hold between the fields stands in `penalty_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from . import identifiers
from .fields import PERSONAL, CreditCode, Day, Name, OrganisationCode, Yuan, choice, code_of, text, written_as
from .lifecycle import Effect, Fact, Node, Party, Step
from .parts import (
    DECIMAL,
    NO_PERSONS,
    Amount,
    IdNo,
    IdType,
    LegalRepresentative,
    Organ,
    PenaltyKinds,
    Quantity,
    Reasoned,
    names,
)
from .penalty_rules import RULES
from .record import CLOCK_EVENTS, CLOCK_KINDS, Event, EventKind, Part, Record, Sought


class PenalisedParty(Part):
    """行政相对人: who was penalised."""

    name: Name
    kind: Annotated[str, code_of("party_kinds")]
    credit_code: CreditCode | None = None
    registration_no: Annotated[str, text(50)] | None = None
    organisation_code: OrganisationCode | None = None
    tax_no: Annotated[str, text(32)] | None = None
    institution_no: Annotated[str, text(120)] | None = None
    association_no: Annotated[str, text(50)] | None = None
    id_type: IdType | None = None
    id_no: IdNo | None = None
    legal_representative: LegalRepresentative | None = None


class LegalReview(Part):
    """法制审核 (行政处罚法 art. 58). `passed`: whether the decision in view stood it."""

    required: StrictBool
    received_on: Day | None = None
    """The day on which the reviewers had the file."""
    reviewed_on: Day | None = None
    passed: StrictBool | None = None
    opinion: Annotated[str, text(500)] | None = None


class CollectiveDiscussion(Part):
    """集体讨论 (行政处罚法 art. 57)."""

    required: StrictBool
    held_on: Day | None = None
    minutes_no: Annotated[str, text(128)] | None = None


class CrimeScreening(Part):
    """涉嫌犯罪研判 (行政处罚法 arts. 8, 27; 310号令 arts. 3, 11)."""

    conclusion: Annotated[str, choice("suspected", "not_suspected")]
    screened_on: Day | None = None
    reason: Annotated[str, text(2000)] | None = None
    copied_on: Day | None = None
    """抄送公安机关和检察院 of a decision that was made although the case should have been transferred."""


class Exceedance(Part):
    """超标倍数 of one substance as the report states it: measured 4.2 times the limit and told as 3.2 times above."""

    substance: Annotated[str, code_of("substances")]
    times: Annotated[str, written_as(DECIMAL, "decimal")]
    standard: Annotated[str, text(200)] | None = None


class Appraisal(Part):
    """检测、检验、检疫、鉴定、价格认定或者损失评估: by whom, and what was found."""

    kind: Annotated[str, choice("testing", "inspection", "quarantine", "appraisal", "valuation")]
    body: Name
    report_no: Annotated[str, text(128)] | None = None
    concluded_on: Day | None = None
    conclusion: Annotated[str, text(2000)] | None = None


class PriorPenalty(Part):
    """An earlier penalty of the same party, by its decision.

    Rules on repeated violations count from the day it took effect, and ask whether it was for the same kind of act.
    """

    decision_no: Annotated[str, text(128)]
    decided_on: Day
    effective_on: Day | None = None
    organ: Organ | None = None
    violation_type: Annotated[str, text(2000)] | None = None
    penalty_kinds: PenaltyKinds | None = None


class Discretion(Part):
    """裁量. `serious`: 情节严重 was found; `below_minimum`: the fine lies below the lawful minimum."""

    tier: Annotated[str, code_of("discretion_tiers")]
    serious: StrictBool | None = None
    below_minimum: StrictBool | None = None
    reason: Annotated[str, text(1000)] | None = None


class EvidencePreservation(Part):
    """先行登记保存 (行政处罚法 art. 56): what was preserved is dealt with within a few days."""

    preserved_on: Day
    handled_on: Day | None = None


class CashCollected(Part):
    """当场收缴 (行政处罚法 arts. 68–71): from the officer to the organ to the bank."""

    collected_on: Day
    handed_over_on: Day | None = None
    deposited_on: Day | None = None


class CourtEnforcement(Part):
    """法院强制执行: what the court did with the application (行政强制法 arts. 56, 57)."""

    accepted_on: Day | None = None
    ruled_on: Day | None = None


class Informant(Part):
    """举报人, who stays unnamed here: whether they gave their name to the agency, and when they were told."""

    named: StrictBool
    told_on: Day | None = None


class Screened(Event):
    """作涉嫌犯罪研判, and what it concluded."""

    conclusion: Annotated[str, choice("suspected", "not_suspected")] | None = None


class PaymentDeferred(Event):
    """批准暂缓或者分期缴纳 (行政处罚法 art. 66): the last day on which the fine may be paid."""

    until: Day


class Served(Event):
    """送达."""

    method: Annotated[str, choice("direct", "left", "entrusted", "mail", "transferred", "announced", "electronic")] | (
        None
    ) = None


class Paid(Event):
    """缴纳罚款, whole or in part."""

    amount_yuan: Yuan | None = None


def _is_required(step: LegalReview | CollectiveDiscussion | None) -> bool:
    return step is not None and step.required


def _is_fined(penalty: Penalty) -> bool:
    return "03" in (penalty.penalty_kinds or ())


def _is_transferred(penalty: Penalty) -> bool:
    return any(ref.record_type == "transfer" for ref in penalty.refs or ())


def _is_ordinary(penalty: Penalty) -> bool:
    return penalty.procedure != "simple"


def _paid_in_full(penalty: Penalty, facts: Iterable[Fact]) -> Fact | None:
    """The payment by which the fine is paid: instalments add up, and one without an amount is taken for the whole."""
    paid = Decimal(0)
    for fact in sorted((fact for fact in facts if fact.event == "paid"), key=lambda fact: fact.day):
        amount = fact.details.get("amount_yuan")
        paid += Decimal(str(amount)) if amount is not None else penalty.fine_yuan or 0
        if paid >= (penalty.fine_yuan or 0):
            return replace(fact, event="paid_in_full", details={})
    return None


_PENDING = (
    "received",
    "registered",
    "filed",
    "notified",
    "hearing_requested",
    "hearing_held",
)
_DECIDED = ("decided", "served", "paid", "demanded", "court_applied", "executed")
_ALL = (*_PENDING, *_DECIDED, "revoked", "not_filed", "referred_out", "not_punished", "case_withdrawn", "closed")
_PAID = ("paid", "demanded", "court_applied", "executed", "revoked", "closed")
_AGENCY = (Party.AGENCY,)
_OUTCOMES = ("decided", "not_punished", "case_withdrawn")
_SETTLED = ("paid_in_full", "executed", "revoked")
_DROPPED = ("not_filed", "referred_out", "not_punished", "case_withdrawn")
_FACTS = {
    "clue_found": names("发现线索或收到材料", "clue found or material received"),
    "violation_ended": names("违法行为终了", "violation ended"),
    "evidence_preserved": names("先行登记保存证据", "evidence preserved"),
    "evidence_handled": names("处理保存的证据", "preserved evidence dealt with"),
    "hearing_invited": names("通知听证", "hearing announced to the party"),
    "legal_review_received": names("收到送审材料", "file received for legal review"),
    "legal_reviewed": names("法制审核", "legal review"),
    "collectively_discussed": names("集体讨论", "collective discussion"),
    "crime_suspected": names("研判为涉嫌犯罪", "crime suspected"),
    "simple_filed": names("当场处罚备案", "on-the-spot penalty put on file"),
    "cash_collected": names("当场收缴罚款", "fine collected in cash"),
    "cash_handed_over": names("收缴的罚款交至机关", "cash handed over to the organ"),
    "cash_deposited": names("罚款缴付银行", "cash deposited at the bank"),
    "paid_in_full": names("缴清罚款", "paid in full"),
    "court_accepted": names("法院受理申请", "application accepted by the court"),
    "court_ruled": names("法院作出裁定", "court ruled"),
    "copied_to_police_and_procuratorate": names("抄送公安机关和检察院", "copied to police and procuratorate"),
    "reporter_told": names("告知举报人", "informant told"),
}


class Penalty(Record):
    """行政处罚."""

    record_type: Literal["penalty"]
    party: PenalisedParty
    organ: Organ
    decision_no: Annotated[str, text(128)] | None = None
    violation_type: Annotated[str, text(2000)] | None = None
    violation_facts: Annotated[str, text(5000)] | None = None
    legal_basis: Annotated[str, text(2048)] | None = None
    penalty_kinds: PenaltyKinds | None = None
    penalty_content: Annotated[str, text(4000)] | None = None
    fine_yuan: Yuan | None = None
    confiscated_yuan: Yuan | None = None
    licence: Annotated[str, text(200)] | None = None
    decided_on: Day | None = None
    valid_until: Day | None = None
    publicity_until: Day | None = None
    data_source: Organ | None = None
    remarks: Annotated[str, text(512)] | None = None

    case_no: Annotated[str, text(128)] | None = None
    procedure: Annotated[str, code_of("procedures")] | None = None
    clue_found_on: Day | None = None
    """发现线索或者收到材料之日, from which the period for filing may count."""
    informant: Informant | None = None
    filed_on: Day | None = None
    clue_source: Annotated[str, code_of("clue_sources")] | None = None
    violation_ended_on: Day | None = None
    """违法行为终了之日, from which the limitation of art. 36 counts."""
    violation_continues: StrictBool | None = None
    """连续或者继续状态: whether it still went on when the case was filed."""
    violation_endangers: Annotated[str, choice("life_or_health", "financial_safety")] | None = None
    """涉及公民生命健康安全、金融安全且有危害后果, for which the limitation is longer."""
    evidence_preservation: EvidencePreservation | None = None
    notified_on: Day | None = None
    hearing_notified_on: Day | None = None
    """听证通知送达之日."""
    hearing_on: Day | None = None
    legal_review: LegalReview | None = None
    collective_discussion: CollectiveDiscussion | None = None
    crime_screening: CrimeScreening | None = None
    amounts: Annotated[list[Amount], Field(max_length=20)] | None = None
    quantities: Annotated[list[Quantity], Field(max_length=200)] | None = None
    exceedances: Annotated[list[Exceedance], Field(max_length=50)] | None = None
    appraisals: Annotated[list[Appraisal], Field(max_length=50)] | None = None
    conduct: Annotated[list[Annotated[str, code_of("conduct")]], Field(max_length=50)] | None = None
    prior_penalties: Annotated[list[PriorPenalty], Field(max_length=100)] | None = None
    discretion: Discretion | None = None
    simple_filed_on: Day | None = None
    """当场处罚报所属机关备案之日."""
    cash_collected: CashCollected | None = None
    court_enforcement: CourtEnforcement | None = None

    title: ClassVar = names("行政处罚", "penalty")

    events: ClassVar = {
        "registered": EventKind(Event, names("登记案源", "registered")),
        "filed": EventKind(Event, names("立案", "filed")),
        "not_filed": EventKind(Reasoned, names("不予立案", "not filed")),
        "referred_out": EventKind(Event, names("移送有管辖权的机关", "referred out")),
        "notified": EventKind(Event, names("事先告知", "notified")),
        "hearing_requested": EventKind(Event, names("申请听证", "hearing requested")),
        "hearing_held": EventKind(Event, names("举行听证", "hearing held")),
        "crime_screened": EventKind(Screened, names("作涉嫌犯罪研判", "screened for crime")),
        "decided": EventKind(Event, names("作出决定", "decided")),
        "not_punished": EventKind(Reasoned, names("决定不予处罚", "not punished")),
        "case_withdrawn": EventKind(Reasoned, names("撤销案件", "case withdrawn")),
        "served": EventKind(Served, names("送达", "served")),
        "published": EventKind(Event, names("信用公示", "published")),
        "published_amr": EventKind(Event, names("企业信用信息公示系统公示", "published by market regulation")),
        "entered": EventKind(Event, names("录入平台", "entered")),
        "paid": EventKind(Paid, names("缴纳罚款", "paid")),
        "payment_deferred": EventKind(PaymentDeferred, names("批准暂缓或分期缴纳", "payment deferred")),
        "demanded": EventKind(Event, names("催告", "demanded")),
        "court_applied": EventKind(Event, names("申请法院强制执行", "court enforcement applied for")),
        "executed": EventKind(Event, names("执行完毕", "executed")),
        "revoked": EventKind(Reasoned, names("决定被变更或撤销", "revoked")),
        "publicity_withdrawn": EventKind(Event, names("撤回公示", "publicity withdrawn")),
        "closed": EventKind(Event, names("结案", "closed")),
        **CLOCK_KINDS,
    }

    steps: ClassVar = (
        Step("registered", after=("received",), to="registered", by=_AGENCY),
        Step("filed", after=("received", "registered"), to="filed", by=_AGENCY),
        Step("not_filed", after=("received", "registered"), to="not_filed", by=_AGENCY),
        Step("referred_out", after=_PENDING, to="referred_out", by=_AGENCY),
        # A new notice may follow a hearing (处罚法 art. 62: nothing is decided on grounds the party was not told).
        Step("notified", after=_PENDING, to="notified", by=_AGENCY),
        Step("hearing_requested", after=("notified",), to="hearing_requested", by=_AGENCY),
        Step("hearing_held", after=("notified", "hearing_requested"), to="hearing_held", by=_AGENCY),
        # Also of a decision that was made long ago.
        Step("crime_screened", after=(*_PENDING, *_DECIDED, "revoked", "closed"), to=None, by=_AGENCY),
        Step("decided", after=_PENDING, to="decided", by=_AGENCY),
        Step("not_punished", after=_PENDING, to="not_punished", by=_AGENCY),
        Step("case_withdrawn", after=_PENDING, to="case_withdrawn", by=_AGENCY),
        Step("served", after=("decided",), to="served", by=_AGENCY),
        # A case may be closed before its decision is published, reviewed or revoked.
        Step("published", after=(*_DECIDED, "closed"), to=None, by=_AGENCY),
        Step("published_amr", after=(*_DECIDED, "closed"), to=None, by=_AGENCY),
        Step("entered", after=(*_DECIDED, "revoked", "closed"), to=None, by=_AGENCY),
        # Instalments: a further payment finds the penalty paid already (处罚法 art. 66).
        Step("paid", after=("served", "paid", "demanded", "court_applied"), to="paid", by=_AGENCY),
        Step("payment_deferred", after=("served", "paid", "demanded"), to=None, by=_AGENCY),
        Step("demanded", after=("served", "paid"), to="demanded", by=_AGENCY),
        Step("court_applied", after=("served", "paid", "demanded"), to="court_applied", by=_AGENCY),
        Step("executed", after=("served", "paid", "demanded", "court_applied"), to="executed", by=_AGENCY),
        Step("revoked", after=(*_DECIDED, "closed"), to="revoked", by=_AGENCY),
        Step("publicity_withdrawn", after=(*_DECIDED, "revoked", "closed"), to=None, by=_AGENCY),
        Step(
            "closed",
            after=("served", "paid", "executed", "revoked", "not_punished", "case_withdrawn", "referred_out"),
            to="closed",
            by=_AGENCY,
        ),
        *(Step(event, after=_ALL, to=None, by=_AGENCY) for event in CLOCK_EVENTS),
        *(Step(fact, after=_ALL, to=None, by=()) for fact in _FACTS if fact != "paid_in_full"),
        Step("paid_in_full", after=_PAID, to=None, by=()),
    )

    # In the order in which they come up. Gates and windows are told from deadlines by the law's rows, not here.
    nodes: ClassVar = (
        Node(
            "penalty_clue_registered",
            names("案源登记", "registration"),
            Party.AGENCY,
            closes=("registered", "filed"),
            lapses=_DROPPED,
        ),
        Node(
            "penalty_filed",
            names("立案", "filing"),
            Party.AGENCY,
            closes=("filed", "not_filed", "referred_out"),
            lapses=_OUTCOMES,
        ),
        Node("penalty_limit_check", names("追责时效", "limitation"), Party.AGENCY, closes=("filed",), lapses=_DROPPED),
        Node(
            "penalty_reporter_told",
            names("告知实名举报人", "informant told"),
            Party.AGENCY,
            closes=("reporter_told",),
            concerns=lambda penalty: penalty.informant is not None and penalty.informant.named,
        ),
        Node(
            "penalty_evidence_preserved",
            names("处理先行登记保存的证据", "preserved evidence"),
            Party.AGENCY,
            closes=("evidence_handled",),
        ),
        Node(
            "penalty_notice",
            names("事先告知", "notice"),
            Party.AGENCY,
            closes=("notified",),
            before=("decided",),
            lapses=_DROPPED,
            concerns=_is_ordinary,
        ),
        Node(
            "penalty_statement_window",
            names("陈述申辩期", "time to state one's case"),
            Party.CONCERNED,
            closes=_OUTCOMES,
            lapses=("referred_out",),
        ),
        Node(
            "penalty_hearing_request",
            names("申请听证期", "time to ask for a hearing"),
            Party.CONCERNED,
            closes=("hearing_requested", "hearing_held", *_OUTCOMES),
            lapses=("referred_out",),
        ),
        Node(
            "penalty_hearing_invite",
            names("听证通知", "hearing notice"),
            Party.AGENCY,
            closes=("hearing_invited",),
            lapses=_DROPPED,
        ),
        Node(
            "penalty_legal_review",
            names("法制审核", "legal review"),
            Party.AGENCY,
            closes=("legal_reviewed",),
            before=("decided",),
            lapses=_DROPPED,
            concerns=lambda penalty: _is_required(penalty.legal_review),
        ),
        Node(
            "penalty_collective",
            names("集体讨论", "collective discussion"),
            Party.AGENCY,
            closes=("collectively_discussed",),
            before=("decided",),
            lapses=_DROPPED,
            concerns=lambda penalty: _is_required(penalty.collective_discussion),
        ),
        Node(
            "penalty_crime_screen",
            names("涉嫌犯罪研判", "screening for crime"),
            Party.AGENCY,
            closes=("crime_screened",),
            before=("decided",),
            lapses=_DROPPED,
            concerns=_is_ordinary,
        ),
        Node("penalty_decided", names("处罚决定", "decision"), Party.AGENCY, closes=(*_OUTCOMES, "referred_out")),
        Node(
            "penalty_simple_filed",
            names("当场处罚备案", "filing of an on-the-spot penalty"),
            Party.AGENCY,
            closes=("simple_filed",),
            concerns=lambda penalty: penalty.procedure == "simple",
        ),
        Node("penalty_served", names("送达", "service"), Party.AGENCY, closes=("served",), lapses=("revoked",)),
        Node(
            "penalty_published",
            names("信用公示", "publicity"),
            Party.AGENCY,
            closes=("published",),
            lapses=("revoked",),
        ),
        Node(
            "penalty_published_amr",
            names("企业信用信息公示系统公示", "publicity by market regulation"),
            Party.AGENCY,
            closes=("published_amr",),
            lapses=("revoked",),
            # 仅受到警告行政处罚的不予公示.
            concerns=lambda penalty: set(penalty.penalty_kinds or ()) != {"01"},
        ),
        Node(
            "penalty_published_gen",
            names("主动公开", "disclosure of government information"),
            Party.AGENCY,
            closes=("published", "published_amr"),
            lapses=("revoked",),
        ),
        Node("penalty_entered", names("录入平台", "entry"), Party.AGENCY, closes=("entered",)),
        Node(
            "penalty_copied",
            names("补抄送公安机关和检察院", "copy to police and procuratorate"),
            Party.AGENCY,
            # What was transferred was copied with it.
            concerns=lambda penalty: not _is_transferred(penalty),
            closes=("copied_to_police_and_procuratorate",),
            requires=("crime_suspected",),
        ),
        Node(
            "penalty_cash_handover",
            names("当场收缴罚款上交", "cash handed over"),
            Party.AGENCY,
            closes=("cash_handed_over", "cash_deposited"),
        ),
        Node(
            "penalty_cash_deposited",
            names("当场收缴罚款缴付银行", "cash deposited"),
            Party.AGENCY,
            closes=("cash_deposited",),
        ),
        Node(
            "penalty_paid",
            names("缴纳罚款", "payment"),
            Party.CONCERNED,
            closes=("paid_in_full", "executed"),
            lapses=("revoked",),
            concerns=_is_fined,
        ),
        Node(
            "penalty_surcharge",
            names("加处罚款", "surcharge"),
            Party.AGENCY,
            closes=("paid_in_full", "executed"),
            lapses=("revoked",),
            concerns=_is_fined,
        ),
        Node(
            "penalty_demand",
            names("催告后等待", "waiting after the demand"),
            Party.CONCERNED,
            closes=("paid_in_full", "executed", "court_applied"),
            lapses=("revoked",),
        ),
        Node(
            "penalty_court_enforce",
            names("申请法院强制执行", "application to the court"),
            Party.AGENCY,
            closes=("court_applied",),
            lapses=_SETTLED,
            concerns=_is_fined,
        ),
        Node(
            "penalty_court_accept",
            names("法院受理", "acceptance by the court"),
            Party.COURT,
            closes=("court_accepted",),
            lapses=_SETTLED,
        ),
        Node(
            "penalty_court_ruled",
            names("法院裁定", "ruling of the court"),
            Party.COURT,
            closes=("court_ruled",),
            lapses=_SETTLED,
        ),
        Node(
            "penalty_publicity_withdrawn",
            names("撤回公示", "withdrawal of publicity"),
            Party.AGENCY,
            closes=("publicity_withdrawn",),
            requires=("published", "published_amr"),
        ),
        Node("penalty_closed", names("结案", "closing"), Party.AGENCY, closes=("closed",)),
    )

    dates: ClassVar = {
        "clue_found_on": "clue_found",
        "filed_on": "filed",
        "violation_ended_on": "violation_ended",
        "evidence_preservation.preserved_on": "evidence_preserved",
        "evidence_preservation.handled_on": "evidence_handled",
        "notified_on": "notified",
        "hearing_notified_on": "hearing_invited",
        "hearing_on": "hearing_held",
        "legal_review.received_on": "legal_review_received",
        "legal_review.reviewed_on": "legal_reviewed",
        "collective_discussion.held_on": "collectively_discussed",
        "crime_screening.screened_on": "crime_screened",
        "crime_screening.copied_on": "copied_to_police_and_procuratorate",
        "decided_on": "decided",
        "simple_filed_on": "simple_filed",
        "cash_collected.collected_on": "cash_collected",
        "cash_collected.handed_over_on": "cash_handed_over",
        "cash_collected.deposited_on": "cash_deposited",
        "court_enforcement.accepted_on": "court_accepted",
        "court_enforcement.ruled_on": "court_ruled",
        "informant.told_on": "reporter_told",
    }

    facts: ClassVar = _FACTS

    # 行政处罚法 art. 36: five years instead of two.
    conditions: ClassVar = {"endangers": lambda penalty: penalty.violation_endangers is not None}

    # The police impose penalties too (治安管理处罚法); the procuratorate does not.
    pushed_by: ClassVar = (Party.AGENCY, Party.POLICE)

    # 不刑 → 行政处罚: what becomes of the case answers the opinion it came from, so that nobody enters it twice.
    effects: ClassVar = (
        Effect(on=("filed",), to="reverse_transfer", event="penalty_filed", rule="penalty_answers_opinion"),
        Effect(
            on=("decided", "not_punished"),
            to="reverse_transfer",
            event="penalty_decided",
            rule="penalty_answers_opinion",
        ),
    )

    # 录入: whoever tells us of the decision has thereby entered it (plan 一.4).
    receipt_meets: ClassVar = {"decided": "entered"}

    def implied(self, facts: Sequence[Fact]) -> Iterator[Fact]:
        """Full payment; a suspected crime, found by the record or an event; if undated, on the day of the decision."""
        if (paid := _paid_in_full(self, facts)) is not None:
            yield paid
        own = self.crime_screening
        for fact in facts:
            by_record = fact.stated_by.startswith("/") and own is not None
            said = own.conclusion if by_record and own else fact.details.get("conclusion")
            undated = own is not None and own.screened_on is None and fact.event == "decided"
            if fact.event == "crime_screened" and said == "suspected":
                yield replace(fact, event="crime_suspected")
            elif undated and own is not None and own.conclusion == "suspected":
                yield replace(fact, event="crime_suspected", stated_by="/crime_screening")

    def owners(self, _facts: Sequence[Fact] = ()) -> frozenset[str]:
        """The organ that imposes it, and who reports for it."""
        return frozenset({self.organisation, self.organ.credit_code})

    def document_number(self) -> str | None:
        """The decision number, normalised: `decision_no` itself stays as it was sent."""
        return None if self.decision_no is None else identifiers.normalise_document_no(self.decision_no)

    def sought(self) -> Sought:
        """By the party's credit code, or the id number of a person, by its name, and by the day of the decision."""
        code = self.party.credit_code or self.party.id_no
        return Sought(
            party_code=None if code is None else code.upper(),
            party_name=self.party.name,
            party_is_person=self._may_be_a_person(),
            decided_on=self.decided_on,
        )

    def classified(self) -> Iterator[tuple[str, str]]:
        """Ids of natural persons, the representative's name, and the party's name when it is a person.

        A person's tax number is mostly made of the resident id, a sole trader's too.
        """
        yield from ((pointer, PERSONAL.kind) for pointer in self._who_it_is())

    def _who_it_is(self) -> Iterator[str]:
        if self._may_be_a_person():
            yield from ("/party/name", "/party/registration_no")
        if self.party.kind != "legal_person":
            yield "/party/tax_no"
        yield from ("/party/id_no", "/party/legal_representative/name", "/party/legal_representative/id_no")

    def _may_be_a_person(self) -> bool:
        """A party is taken for a person unless it is known to be something else: older layouts leave the kind out."""
        return self.party.kind not in NO_PERSONS

    rules: ClassVar = RULES
