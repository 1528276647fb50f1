"""行政处罚: an administrative penalty, from filing to closing.

Items and codes are those of the 双公示 credit-publicity standard under readable names, and what supervision
needs beyond them. A penalty may be sent from filing on; from the decision on it must say what was decided.
What must hold between the fields stands in `penalty_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from . import identifiers
from .fields import PERSONAL, CreditCode, Day, Name, OrganisationCode, Yuan, choice, code_of, text
from .lifecycle import Node, Party, Step
from .penalty_rules import RULES
from .record import CLOCK_EVENTS, Event, EventKind, Part, Record, Sought

IdType = Annotated[str, code_of("id_types")]
IdNo = Annotated[str, text(64), PERSONAL]
PenaltyKinds = Annotated[list[Annotated[str, code_of("penalty_kinds")]], Field(min_length=1, max_length=14)]
_DECIMAL = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"


class LegalRepresentative(Part):
    """法定代表人."""

    name: Annotated[str, text(50), PERSONAL] | None = None
    id_type: IdType | None = None
    id_no: IdNo | None = None


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


class Organ(Part):
    """A state organ by its name and credit code."""

    name: Name
    credit_code: CreditCode


class LegalReview(Part):
    """法制审核 (行政处罚法 art. 58). `passed`: whether the decision in view stood it."""

    required: StrictBool
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


class Amount(Part):
    """涉案金额 of one kind; each kind once, as the total of the case."""

    kind: Annotated[str, code_of("amount_kinds")]
    yuan: Yuan


class Quantity(Part):
    """涉案物品: how much of what.

    `item` says it in words. `kind` says it so that it can be held against a threshold; left out, it is shown and not
    compared. `state`: goods that were sold and goods that were not have thresholds of their own.
    """

    item: Annotated[str, text(200)]
    amount: Annotated[str, Field(pattern=_DECIMAL)]
    unit: Annotated[str, code_of("units")]
    kind: Annotated[str, code_of("quantity_kinds")] | None = None
    state: Annotated[str, choice("sold", "unsold")] | None = None


class Exceedance(Part):
    """超标倍数 of one substance as the report states it: measured 4.2 times the limit and told as 3.2 times above."""

    substance: Annotated[str, code_of("substances")]
    times: Annotated[str, Field(pattern=_DECIMAL)]
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


class Served(Event):
    """送达."""

    method: Annotated[str, choice("direct", "left", "entrusted", "mail", "transferred", "announced", "electronic")] | (
        None
    ) = None


class Paid(Event):
    """缴纳罚款, whole or in part."""

    amount_yuan: Yuan | None = None


class Reasoned(Event):
    """An outcome that owes a reason."""

    reason: Annotated[str, text(2000)]


def _names(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


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
_AGENCY = (Party.AGENCY,)


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
    filed_on: Day | None = None
    clue_source: Annotated[str, code_of("clue_sources")] | None = None
    violation_ended_on: Day | None = None
    """违法行为终了之日, from which the limitation of art. 36 counts."""
    violation_continues: StrictBool | None = None
    """连续或者继续状态: whether it still went on when the case was filed."""
    violation_endangers: Annotated[str, choice("life_or_health", "financial_safety")] | None = None
    """涉及公民生命健康安全、金融安全且有危害后果, for which the limitation is longer."""
    notified_on: Day | None = None
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

    title: ClassVar = _names("行政处罚", "penalty")

    events: ClassVar = {
        "registered": EventKind(Event, _names("登记案源", "registered")),
        "filed": EventKind(Event, _names("立案", "filed")),
        "not_filed": EventKind(Reasoned, _names("不予立案", "not filed")),
        "referred_out": EventKind(Event, _names("移送有管辖权的机关", "referred out")),
        "notified": EventKind(Event, _names("事先告知", "notified")),
        "hearing_requested": EventKind(Event, _names("申请听证", "hearing requested")),
        "hearing_held": EventKind(Event, _names("举行听证", "hearing held")),
        "crime_screened": EventKind(Event, _names("作涉嫌犯罪研判", "screened for crime")),
        "decided": EventKind(Event, _names("作出决定", "decided")),
        "not_punished": EventKind(Reasoned, _names("决定不予处罚", "not punished")),
        "case_withdrawn": EventKind(Reasoned, _names("撤销案件", "case withdrawn")),
        "served": EventKind(Served, _names("送达", "served")),
        "published": EventKind(Event, _names("信用公示", "published")),
        "published_amr": EventKind(Event, _names("企业信用信息公示系统公示", "published by market regulation")),
        "entered": EventKind(Event, _names("录入平台", "entered")),
        "paid": EventKind(Paid, _names("缴纳罚款", "paid")),
        "payment_deferred": EventKind(Event, _names("批准暂缓或分期缴纳", "payment deferred")),
        "demanded": EventKind(Event, _names("催告", "demanded")),
        "court_applied": EventKind(Event, _names("申请法院强制执行", "court enforcement applied for")),
        "executed": EventKind(Event, _names("执行完毕", "executed")),
        "revoked": EventKind(Reasoned, _names("决定被变更或撤销", "revoked")),
        "publicity_withdrawn": EventKind(Event, _names("撤回公示", "publicity withdrawn")),
        "closed": EventKind(Event, _names("结案", "closed")),
        "extended": EventKind(CLOCK_EVENTS["extended"], _names("延长期限", "extended")),
        "suspended": EventKind(CLOCK_EVENTS["suspended"], _names("中止计算期限", "suspended")),
        "resumed": EventKind(CLOCK_EVENTS["resumed"], _names("恢复计算期限", "resumed")),
        "waived": EventKind(CLOCK_EVENTS["waived"], _names("免除", "waived")),
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
        Step("crime_screened", after=_PENDING, to=None, by=_AGENCY),
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
        Step("payment_deferred", after=("served", "demanded"), to=None, by=_AGENCY),
        Step("demanded", after=("served", "paid"), to="demanded", by=_AGENCY),
        Step("court_applied", after=("served", "paid", "demanded"), to="court_applied", by=_AGENCY),
        Step("executed", after=("served", "paid", "demanded", "court_applied"), to="executed", by=_AGENCY),
        Step("revoked", after=(*_DECIDED, "closed"), to="revoked", by=_AGENCY),
        Step("publicity_withdrawn", after=(*_DECIDED, "revoked", "closed"), to=None, by=_AGENCY),
        Step(
            "closed",
            after=("served", "paid", "executed", "revoked", "not_punished", "case_withdrawn"),
            to="closed",
            by=_AGENCY,
        ),
        *(Step(event, after=_ALL, to=None, by=_AGENCY) for event in CLOCK_EVENTS),
    )

    nodes: ClassVar = (
        Node("penalty_served", _names("送达", "service"), Party.AGENCY, closes=("served",)),
        Node("penalty_published", _names("信用公示", "publicity"), Party.AGENCY, closes=("published",)),
        Node("penalty_entered", _names("录入平台", "entry"), Party.AGENCY, closes=("entered",)),
        Node(
            "penalty_paid",
            _names("缴纳罚款", "payment"),
            Party.AGENCY,
            closes=("paid", "executed"),
            concerns=lambda penalty: "03" in (penalty.penalty_kinds or ()),
        ),
    )

    dates: ClassVar = {
        "filed_on": "filed",
        "notified_on": "notified",
        "hearing_on": "hearing_held",
        "decided_on": "decided",
    }

    # The police impose penalties too (治安管理处罚法); the procuratorate does not.
    pushed_by: ClassVar = (Party.AGENCY, Party.POLICE)

    # 录入: whoever tells us of the decision has thereby entered it (plan 一.4).
    receipt_meets: ClassVar = {"decided": "entered"}

    def document_number(self) -> str | None:
        """The decision number, normalised: `decision_no` itself stays as it was sent."""
        return None if self.decision_no is None else identifiers.normalise_document_no(self.decision_no)

    def sought(self) -> Sought:
        """By the party's credit code, or the id number of a person, by its name, and by the day of the decision."""
        code = self.party.credit_code or self.party.id_no
        return Sought(
            party_code=None if code is None else code.upper(),
            party_name=self.party.name,
            party_is_person=self.party.kind == "natural_person",
            decided_on=self.decided_on,
        )

    def personal(self) -> Iterator[str]:
        """Ids of natural persons, the representative's name, and the party's name when it is a person.

        A person's tax number is mostly made of the resident id, a sole trader's too.
        """
        if self.party.kind == "natural_person":
            yield from ("/party/name", "/party/registration_no")
        if self.party.kind != "legal_person":
            yield "/party/tax_no"
        yield from ("/party/id_no", "/party/legal_representative/name", "/party/legal_representative/id_no")

    rules: ClassVar = RULES
