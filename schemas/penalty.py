"""行政处罚: an administrative penalty, from filing to closing.

Items and codes are those of the 双公示 credit-publicity standard under readable names, and what supervision
needs beyond them. A penalty may be sent from filing on; from the decision on it must say what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from . import identifiers
from .faults import Fault
from .fields import PERSONAL, CreditCode, Day, Name, OrganisationCode, Yuan, choice, code_of, text
from .lifecycle import Node, Party, Step
from .record import CLOCK_EVENTS, Event, EventKind, Part, Record, Rule

IdType = Annotated[str, code_of("id_types")]
IdNo = Annotated[str, text(64), PERSONAL]


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
    """法制审核 (行政处罚法 art. 58)."""

    required: StrictBool
    reviewed_on: Day | None = None
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
    """涉案金额 of one kind."""

    kind: Annotated[str, choice("sales", "goods_value", "illegal_gains", "loss", "evaded_tax")]
    yuan: Yuan


class Quantity(Part):
    """涉案物品: how much of what."""

    item: Annotated[str, text(200)]
    amount: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$")]
    unit: Annotated[str, text(20)]


class PriorPenalty(Part):
    """An earlier penalty of the same party, by its decision."""

    decision_no: Annotated[str, text(128)]
    decided_on: Day


class Discretion(Part):
    """裁量."""

    tier: Annotated[str, choice("exempted", "mitigated", "lighter", "ordinary", "heavier")]
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

_FROM_DECISION = (
    "decision_no",
    "violation_type",
    "violation_facts",
    "legal_basis",
    "penalty_kinds",
    "penalty_content",
    "decided_on",
    "data_source",
)


class Penalty(Record):
    """行政处罚."""

    record_type: Literal["penalty"]
    party: PenalisedParty
    organ: Organ
    decision_no: Annotated[str, text(128)] | None = None
    violation_type: Annotated[str, text(2000)] | None = None
    violation_facts: Annotated[str, text(5000)] | None = None
    legal_basis: Annotated[str, text(2048)] | None = None
    penalty_kinds: Annotated[list[Annotated[str, code_of("penalty_kinds")]], Field(min_length=1, max_length=14)] | (
        None
    ) = None
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
    filed_on: Day | None = None
    clue_source: Annotated[str, code_of("clue_sources")] | None = None
    notified_on: Day | None = None
    hearing_on: Day | None = None
    legal_review: LegalReview | None = None
    collective_discussion: CollectiveDiscussion | None = None
    crime_screening: CrimeScreening | None = None
    amounts: Annotated[list[Amount], Field(max_length=20)] | None = None
    quantities: Annotated[list[Quantity], Field(max_length=200)] | None = None
    conduct: Annotated[list[Annotated[str, text(60)]], Field(max_length=50)] | None = None
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

    def personal(self) -> Iterator[str]:
        """Ids of natural persons, the representative's name, and the party's name when it is a person.

        A person's tax number is mostly made of the resident id, a sole trader's too.
        """
        if self.party.kind == "natural_person":
            yield from ("/party/name", "/party/registration_no")
        if self.party.kind != "legal_person":
            yield "/party/tax_no"
        yield from ("/party/id_no", "/party/legal_representative/name", "/party/legal_representative/id_no")

    rules: ClassVar[tuple[Rule[Penalty], ...]] = ()


_Events = Sequence[Event]
_TELL_OF_A_DECISION = frozenset((*_DECIDED, "published", "published_amr", "entered", "revoked"))


def _a_filing_or_a_decision(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    if record.filed_on is None and record.decided_on is None:
        yield Fault("/decided_on", "filed-or-decided")


def _complete_from_the_decision_on(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    told = any(event.event in _TELL_OF_A_DECISION for event in events)
    if record.decided_on is None and record.decision_no is None and not told:
        return
    for name in _FROM_DECISION:
        if getattr(record, name) is None:
            yield Fault(f"/{name}", "required-from-decision")


def _party_codes(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    party = record.party
    if party.kind == "natural_person":
        for name in ("id_type", "id_no"):
            if getattr(party, name) is None:
                yield Fault(f"/party/{name}", "required-for-person")
        return
    if party.credit_code is None:
        yield Fault("/party/credit_code", "required-for-organisation")
    representative = party.legal_representative
    if party.kind == "legal_person" and (representative is None or representative.name is None):
        at = "/party/legal_representative"
        yield Fault(at if representative is None else at + "/name", "required-for-legal-person")


def _party_id(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    if record.party.kind != "natural_person" and (record.party.id_type is None) != (record.party.id_no is None):
        missing = "id_no" if record.party.id_no is None else "id_type"
        yield Fault(f"/party/{missing}", "id-together")
    yield from _id_faults("/party", record.party.id_type, record.party.id_no, today)


def _representative_id(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    representative = record.party.legal_representative
    if representative is None:
        return
    if (representative.id_type is None) != (representative.id_no is None):
        missing = "id_no" if representative.id_no is None else "id_type"
        yield Fault(f"/party/legal_representative/{missing}", "id-together")
    yield from _id_faults("/party/legal_representative", representative.id_type, representative.id_no, today)


def _id_faults(at: str, id_type: str | None, id_no: str | None, today: date) -> Iterable[Fault]:
    if id_type is not None and id_no is not None:
        code = identifiers.id_fault(id_type, id_no, today)
        if code is not None:
            yield Fault(f"{at}/id_no", code)


def _exactly_when(name: str, kinds: frozenset[str], because: str, *, only: bool = True) -> Rule[Penalty]:
    """`name` is given when, and if `only` then only when, one of `kinds` is among the penalty kinds."""

    def check(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
        given = getattr(record, name) is not None
        called_for = record.penalty_kinds is not None and not kinds.isdisjoint(record.penalty_kinds)
        if called_for and not given:
            yield Fault(f"/{name}", "required-for-kind", {"kinds": because})
        elif given and not called_for and only and record.penalty_kinds is not None:
            yield Fault(f"/{name}", "not-for-kinds", {"kinds": because})

    return Rule((f"/{name}", "/penalty_kinds"), check)


def _no_kind_twice(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    kinds = record.penalty_kinds or []
    for place, kind in enumerate(kinds):
        if kind in kinds[:place]:
            yield Fault(f"/penalty_kinds/{place}", "repeated")


def _reported_by_another(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    if record.organ.credit_code != record.organisation:
        yield Fault("/organ/credit_code", "organ-differs")


def _decision_no(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    if record.decision_no is not None:
        code = identifiers.document_no_fault(record.decision_no)
        if code is not None:
            yield Fault("/decision_no", code)


def _not_in_the_future(name: str) -> Rule[Penalty]:
    """The date `name` says what has happened."""

    def check(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
        day = getattr(record, name)
        if day is not None and day > today:
            yield Fault(f"/{name}", "future-date")

    return Rule((f"/{name}",), check)


def _what_was_done_is_past(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
    review, discussion, screening = record.legal_review, record.collective_discussion, record.crime_screening
    done = {
        "/legal_review/reviewed_on": review.reviewed_on if review else None,
        "/collective_discussion/held_on": discussion.held_on if discussion else None,
        "/crime_screening/screened_on": screening.screened_on if screening else None,
    }
    for place, prior in enumerate(record.prior_penalties or ()):
        done[f"/prior_penalties/{place}/decided_on"] = prior.decided_on
    for at, day in done.items():
        if day is not None and day > today:
            yield Fault(at, "future-date")


_DATES_ZH = {
    "filed_on": "立案日期",
    "notified_on": "告知日期",
    "hearing_on": "听证日期",
    "decided_on": "处罚决定日期",
}


def _in_order(earlier: str, later: str) -> Rule[Penalty]:
    """The date `later` does not lie before the date `earlier`."""

    def check(record: Penalty, events: _Events, today: date) -> Iterable[Fault]:
        first, second = getattr(record, earlier), getattr(record, later)
        if first is not None and second is not None and second < first:
            yield Fault(f"/{later}", "date-order", {"earlier_zh": _DATES_ZH[earlier], "earlier_en": earlier})

    return Rule((f"/{earlier}", f"/{later}"), check)


Penalty.rules = (
    Rule(("/filed_on", "/decided_on"), _a_filing_or_a_decision),
    Rule(("/decided_on", "/decision_no"), _complete_from_the_decision_on),
    Rule(("/party/kind",), _party_codes),
    Rule(("/party/kind", "/party/id_type", "/party/id_no"), _party_id),
    Rule(("/party/legal_representative",), _representative_id),
    _exactly_when("fine_yuan", frozenset({"03"}), "03"),
    _exactly_when("confiscated_yuan", frozenset({"04", "05"}), "04、05"),
    _exactly_when("licence", frozenset({"06", "08"}), "06、08", only=False),
    Rule(("/penalty_kinds",), _no_kind_twice),
    Rule(("/organ/credit_code", "/organisation"), _reported_by_another),
    Rule(("/decision_no",), _decision_no),
    *(_not_in_the_future(name) for name in Penalty.dates),
    Rule(("/legal_review", "/collective_discussion", "/crime_screening", "/prior_penalties"), _what_was_done_is_past),
    _in_order("filed_on", "notified_on"),
    _in_order("filed_on", "decided_on"),
    _in_order("notified_on", "hearing_on"),
    _in_order("notified_on", "decided_on"),
    _in_order("hearing_on", "decided_on"),
    _in_order("decided_on", "valid_until"),
    _in_order("decided_on", "publicity_until"),
)
