"""What must hold between the fields of a penalty: one function a rule, with the law it comes from and what it reads.

Faults of kind error are for what cannot be. An unlawful act is not an impossible one: a decision without the legal
review it needed is a warning, because refusing it would only teach senders to hide it. Where one place has several
faults only the first is told, so errors stand before warnings in `RULES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import identifiers
from .amount_rules import no_amount_twice, no_part_is_above_its_whole, quantities_are_in_units_of_their_kind
from .codelists import codelist
from .faults import Fault, pointer
from .law.bounds import bound
from .lifecycle import Fact
from .record import Rule
from .rules import (
    OF_EVERY_RECORD,
    OF_ID,
    Events,
    id_faults,
    id_halves,
    in_order,
    is_a_document_no,
    never_twice,
    not_in_the_future,
    reader,
    rule,
)
from .yuan import amount_named

if TYPE_CHECKING:
    from .penalty import Penalty

_LAW = "行政处罚法(2021)"
_CREDIT = "双公示(2018) 行政处罚数据项"
_QUALITY = "数据质量"

# --- when it must be said -------------------------------------------------------------------------

_TELL_OF_A_DECISION = frozenset(
    {
        *("decided", "served", "paid", "demanded", "court_applied", "executed"),
        *("published", "published_amr", "entered", "revoked"),
    }
)
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


@rule(reads=("/filed_on", "/decided_on"), codes=("filed-or-decided",), basis=f"{_LAW} 第五十四条、第五十七条")
def filed_or_decided(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A penalty is sent from filing on, so one of filing and decision is dated."""
    if record.filed_on is None and record.decided_on is None:
        yield Fault("/decided_on", "filed-or-decided")


@rule(reads=("/decided_on", "/decision_no"), codes=("required-from-decision",), basis=f"{_LAW} 第五十九条;{_CREDIT}")
def whole_from_the_decision_on(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Once a decision is told of, everything that a decision says is given."""
    if record.decided_on is None and record.decision_no is None:
        told = any(event.event in _TELL_OF_A_DECISION for event in events)
        if not told:
            return
    for name in _FROM_DECISION:
        if getattr(record, name) is None:
            yield Fault(f"/{name}", "required-from-decision")


# --- who was penalised, and by whom ---------------------------------------------------------------

_OF_PARTY = ("required-for-person", "required-for-organisation", "required-for-legal-person")


@rule(reads=("/party/kind",), codes=_OF_PARTY, basis=_CREDIT)
def party_told_by_its_numbers(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A person is told by an id, all others by their credit code, a legal person by its representative too."""
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


@rule(reads=("/party/kind", "/party/id_type", "/party/id_no"), codes=OF_ID, basis=f"GB 11643;{_CREDIT}")
def party_id_fits_its_type(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """The party's id has type and number, and the number is one of that type."""
    if record.party.kind != "natural_person":
        yield from id_halves("/party", record.party.id_type, record.party.id_no)
    yield from id_faults("/party", record.party.id_type, record.party.id_no, today)


@rule(reads=("/party/legal_representative",), codes=OF_ID, basis=f"GB 11643;{_CREDIT}")
def representative_id_fits_its_type(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """The representative's id has type and number, and the number is one of that type."""
    representative = record.party.legal_representative
    if representative is None:
        return
    yield from id_halves("/party/legal_representative", representative.id_type, representative.id_no)
    yield from id_faults("/party/legal_representative", representative.id_type, representative.id_no, today)


@rule(
    reads=("/party/kind", "/party/legal_representative"),
    codes=("representative-of-person",),
    basis="民法典 第六十一条:法定代表人是代表法人的负责人",
)
def a_person_has_no_representative(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A natural person has no legal representative."""
    if record.party.kind == "natural_person" and record.party.legal_representative is not None:
        yield Fault("/party/legal_representative", "representative-of-person")


@rule(
    reads=("/party/kind", "/party/credit_code"),
    codes=("code-not-of-kind",),
    basis="GB 32100-2015:登记管理部门和机构类别代码,92 为个体工商户",
)
def credit_code_fits_the_party(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A credit code that begins with 92 is a sole trader's, and no other is."""
    code = record.party.credit_code
    if code is not None and code.startswith("92") != (record.party.kind != "legal_person"):
        yield Fault("/party/credit_code", "code-not-of-kind")


@rule(
    reads=("/organ/credit_code", "/organisation"),
    codes=("organ-differs",),
    basis=f"{_LAW} 第二十条至第二十四条:委托或者代报",
)
def organ_reports_itself(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """The organ that penalises reports its penalties itself, unless reporting is delegated."""
    if record.organ.credit_code != record.organisation:
        yield Fault("/organ/credit_code", "organ-differs")


@rule(
    reads=("/organ/credit_code",),
    codes=("organ-code",),
    basis=f"{_LAW} 第十七条、第十九条;GB 32100-2015:机构编制部门登记的以 1 开头",
)
def organ_is_an_organ_of_state(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Penalties are imposed by organs of state and empowered institutions, whose credit codes begin with 1."""
    if not record.organ.credit_code.startswith("1"):
        yield Fault("/organ/credit_code", "organ-code")


# --- the decision and its number --------------------------------------------------------------------


decision_no_is_one = is_a_document_no("/decision_no", "The decision's number can be read as one.")

_YEAR = re.compile(r"[〔\[【(（]((?:19|20)[0-9]{2})[〕\]】)）]")
_TURN_OF_THE_YEAR = timedelta(days=31)


@rule(reads=("/decision_no", "/decided_on"), codes=("decision-no-year",), basis=f"{_QUALITY}:文号中的年份是发文年份")
def decision_no_is_of_the_year(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """The year in the decision's number is that of the decision, but for numbers taken at the turn of the year."""
    if record.decision_no is None or record.decided_on is None:
        return
    day = record.decided_on
    if f"〔{day.year}〕" in record.decision_no:
        return
    # The rightmost brackets hold the year; a sub-unit may stand in others before them.
    years = _YEAR.findall(record.decision_no)
    if years and int(years[-1]) not in ((day - _TURN_OF_THE_YEAR).year, day.year, (day + _TURN_OF_THE_YEAR).year):
        yield Fault("/decision_no", "decision-no-year")


_WORDS = {entry.code: tuple(filter(None, entry.more["agency_words"].split("|"))) for entry in codelist("fields")}
_ANY_WORD = re.compile("|".join(sorted({re.escape(word) for words in _WORDS.values() for word in words})))
_OF_ANY_FIELD = re.compile("综执|综合|综罚|街|镇|乡|管委")


@rule(
    reads=("/decision_no", "/field"),
    codes=("decision-no-field",),
    basis=f"{_QUALITY}:机关代字与执法领域相符;代字见代码表 fields 的 agency_words",
)
def decision_no_is_of_the_field(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """The agency word of the decision's number is not that of another enforcement field alone."""
    number, own = record.decision_no, _WORDS[record.field]
    if number is None or not own or any(word in number for word in own):
        return
    if _ANY_WORD.search(number) and not _OF_ANY_FIELD.search(number):
        yield Fault("/decision_no", "decision-no-field")


# --- kinds of penalty, amounts and words ------------------------------------------------------------


def _exactly_when(name: str, kinds: frozenset[str], because: str, basis: str, *, only: bool = True) -> Rule[Penalty]:
    """`name` is given when, and if `only` then only when, one of `kinds` is among the penalty kinds."""

    def check(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
        given = getattr(record, name) is not None
        called_for = record.penalty_kinds is not None and not kinds.isdisjoint(record.penalty_kinds)
        if called_for and not given:
            return (Fault(f"/{name}", "required-for-kind", {"kinds": because}),)
        if given and not called_for and only and record.penalty_kinds is not None:
            return (Fault(f"/{name}", "not-for-kinds", {"kinds": because}),)
        return ()

    check.__name__ = f"{name}_by_the_kinds"
    check.__doc__ = f"/{name} is given when{' and only when' if only else ''} the kinds hold {because}."
    codes = ("required-for-kind", "not-for-kinds") if only else ("required-for-kind",)
    return Rule((f"/{name}", "/penalty_kinds"), check, codes, basis)


fine_by_the_kinds = _exactly_when("fine_yuan", frozenset({"03"}), "03", f"{_LAW} 第九条;{_CREDIT} CF_NR_FK")
confiscated_by_the_kinds = _exactly_when(
    "confiscated_yuan", frozenset({"04", "05"}), "04、05", f"{_LAW} 第九条;{_CREDIT} CF_NR_WFFF"
)
licence_by_the_kinds = _exactly_when(
    "licence", frozenset({"06", "08"}), "06、08", f"{_LAW} 第九条;{_CREDIT} CF_NR_ZKDX", only=False
)

no_kind_twice = never_twice("/penalty_kinds", of=lambda kind: kind, basis=f"{_LAW} 第九条")

_SINCE = {entry.code: entry.since for entry in codelist("penalty_kinds") if entry.since is not None}
_LAST_KIND_SINCE = max(_SINCE.values())


@rule(reads=("/penalty_kinds", "/decided_on"), codes=("kind-not-in-force",), basis=f"{_LAW} 第九条、第八十六条")
def kinds_exist_on_the_day(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A kind of penalty that came with the law of 2021 is not imposed before its first day."""
    if record.decided_on is None or record.decided_on >= _LAST_KIND_SINCE:
        return
    for place, kind in enumerate(record.penalty_kinds or ()):
        if record.decided_on < _SINCE.get(kind, date.min):
            yield Fault(pointer("penalty_kinds", place), "kind-not-in-force")


@rule(
    reads=("/penalty_kinds", "/field"),
    codes=("detention-not-by-police",),
    basis=f"{_LAW} 第十八条:限制人身自由的行政处罚权只能由公安机关和法律规定的其他机关行使",
)
def detention_is_for_the_police(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Administrative detention is imposed by the police alone, and by those whom a law names."""
    kinds = record.penalty_kinds
    if kinds is not None and "13" in kinds and record.field != "public_security":
        yield Fault(pointer("penalty_kinds", kinds.index("13")), "detention-not-by-police")


@rule(reads=("/penalty_kinds", "/party/kind"), codes=("detention-of-organisation",), basis=f"{_LAW} 第九条(五)")
def detention_is_for_people(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Only people can be detained."""
    if record.penalty_kinds is not None and "13" in record.penalty_kinds and record.party.kind == "legal_person":
        yield Fault("/party/kind", "detention-of-organisation")


@rule(reads=("/fine_yuan",), codes=("fine-of-nothing",), basis=f"{_LAW} 第九条(二)")
def a_fine_is_of_something(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A fine is more than nothing."""
    if record.fine_yuan is not None and record.fine_yuan == 0:
        yield Fault("/fine_yuan", "fine-of-nothing")


@rule(reads=("/fine_yuan",), codes=("paid-above-fine",), basis=f"{_LAW} 第七十二条:加处罚款的数额不得超出罚款的数额")
def no_more_is_paid_than_can_be_owed(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """What was paid is at most the fine and a surcharge of the same amount."""
    if record.fine_yuan is None or not events:
        return
    paid = {event.identity(): getattr(event, "amount_yuan", None) or Decimal(0) for event in events}
    if sum(paid.values()) > 2 * record.fine_yuan:
        yield Fault("/fine_yuan", "paid-above-fine")


# 不予、免予、未、拟 before a word take it back.
_NOT = "(?<!不予)(?<!免予)(?<!不再)(?<!未)(?<!拟)(?<!可)"
_A_LICENCE = "(?:其|当事人)?[^，。；、]{0,10}(?:证|照)"
_NAMED_KINDS = tuple(
    (kind, word, re.compile(_NOT + imposed))
    for kind, word, imposed in (
        ("01", "警告", "(?:给予|予以|处以?)警告"),
        ("02", "通报批评", "(?:给予|予以)通报批评"),
        ("04", "没收", "没收(?:其|当事人)?违法所得"),
        ("06", "暂扣", "暂扣" + _A_LICENCE),
        ("08", "吊销", "吊销" + _A_LICENCE),
        ("10", "停产停业", "责令(?:其|当事人)?停产停业"),
        ("13", "行政拘留", "行政拘留[0-9一二三四五六七八九十]+(?:日|天)"),
    )
)


@rule(
    reads=("/penalty_content", "/penalty_kinds"),
    codes=("content-kind",),
    basis=f"{_LAW} 第五十九条:决定书载明处罚的种类",
)
def content_names_no_other_kind(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Every kind of penalty that the content plainly imposes is among the kinds."""
    kinds = record.penalty_kinds
    # 99 was written for all that the older layouts had no code for.
    if record.penalty_content is None or kinds is None or "99" in kinds:
        return
    content = record.penalty_content
    named = [kind for kind, word, imposed in _NAMED_KINDS if word in content and imposed.search(content)]
    if "03" not in kinds and _fine_named(content) is not None:
        named.append("03")
    for kind in sorted(set(named).difference(kinds)):
        names = codelist("penalty_kinds")[kind]
        yield Fault("/penalty_kinds", "content-kind", {"kind_zh": names.zh, "kind_en": names.en, "code": kind})


def _fine_named(content: str) -> Decimal | None:
    return amount_named("罚款", content, before=True) if "元" in content and "罚款" in content else None


@rule(
    reads=("/penalty_content", "/fine_yuan", "/penalty_kinds"),
    codes=("content-amount",),
    basis=f"{_LAW} 第五十九条;{_CREDIT} CF_NR、CF_NR_FK(万元换算)",
)
def content_names_the_fine(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """The one fine that the content names is the fine of the record."""
    if record.penalty_content is None or record.fine_yuan is None:
        return
    named = _fine_named(record.penalty_content)
    if named is not None and named != record.fine_yuan:
        yield Fault("/fine_yuan", "content-amount")


@rule(
    reads=("/penalty_content", "/confiscated_yuan", "/penalty_kinds"),
    codes=("content-amount",),
    basis=f"{_LAW} 第五十九条;{_CREDIT} CF_NR、CF_NR_WFFF(万元换算)",
)
def content_names_the_gains_confiscated(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """The one amount of gains that the content confiscates is what was confiscated, unless goods were taken too."""
    if record.penalty_content is None or record.confiscated_yuan is None or "05" in (record.penalty_kinds or ()):
        return
    content = record.penalty_content
    named = amount_named("没收(?:其|当事人)?违法所得", content) if "元" in content else None
    if named is not None and named != record.confiscated_yuan:
        yield Fault("/confiscated_yuan", "content-amount")


# --- the order of days --------------------------------------------------------------------------------

_HAPPENED = (
    "/clue_found_on",
    "/informant/told_on",
    "/filed_on",
    "/violation_ended_on",
    "/evidence_preservation/preserved_on",
    "/evidence_preservation/handled_on",
    "/notified_on",
    "/hearing_notified_on",
    "/hearing_on",
    "/legal_review/received_on",
    "/legal_review/reviewed_on",
    "/collective_discussion/held_on",
    "/crime_screening/screened_on",
    "/crime_screening/copied_on",
    "/decided_on",
    "/simple_filed_on",
    "/cash_collected/collected_on",
    "/cash_collected/handed_over_on",
    "/cash_collected/deposited_on",
    "/court_enforcement/accepted_on",
    "/court_enforcement/ruled_on",
)


@rule(
    reads=("/prior_penalties", "/appraisals"),
    codes=("future-date",),
    basis="数据质量:已经发生的事项,日期不在将来",
)
def earlier_papers_have_come(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Earlier penalties and appraisals are not dated in the future."""
    for place, prior in enumerate(record.prior_penalties or ()):
        if prior.decided_on > today:
            yield Fault(pointer("prior_penalties", place, "decided_on"), "future-date")
    for place, appraisal in enumerate(record.appraisals or ()):
        if appraisal.concluded_on is not None and appraisal.concluded_on > today:
            yield Fault(pointer("appraisals", place, "concluded_on"), "future-date")


_IN_ORDER = (
    in_order("/clue_found_on", "/filed_on", "发现线索日期", f"{_LAW} 第五十四条"),
    in_order(
        "/evidence_preservation/preserved_on", "/evidence_preservation/handled_on", "保存日期", f"{_LAW} 第五十六条"
    ),
    in_order("/hearing_notified_on", "/hearing_on", "听证通知日期", f"{_LAW} 第六十四条(二)"),
    in_order("/legal_review/received_on", "/legal_review/reviewed_on", "送审日期", f"{_LAW} 第五十八条"),
    in_order("/decided_on", "/crime_screening/copied_on", "处罚决定日期", "高检会〔2006〕2号"),
    in_order("/cash_collected/collected_on", "/cash_collected/handed_over_on", "收缴日期", f"{_LAW} 第七十一条"),
    in_order("/cash_collected/handed_over_on", "/cash_collected/deposited_on", "上交日期", f"{_LAW} 第七十一条"),
    in_order("/court_enforcement/accepted_on", "/court_enforcement/ruled_on", "受理日期", "行政强制法 第五十七条"),
    in_order("/filed_on", "/notified_on", "立案日期", f"{_LAW} 第五十四条、第四十四条"),
    in_order("/filed_on", "/decided_on", "立案日期", f"{_LAW} 第五十四条、第六十条"),
    in_order("/notified_on", "/hearing_on", "告知日期", f"{_LAW} 第六十三条、第六十四条(一)"),
    in_order("/notified_on", "/decided_on", "告知日期", f"{_LAW} 第四十四条、第六十二条"),
    in_order("/hearing_on", "/decided_on", "听证日期", f"{_LAW} 第六十五条"),
    in_order("/filed_on", "/legal_review/reviewed_on", "立案日期", f"{_LAW} 第五十八条"),
    in_order("/filed_on", "/collective_discussion/held_on", "立案日期", f"{_LAW} 第五十七条"),
    in_order("/decided_on", "/valid_until", "处罚决定日期", f"{_CREDIT} CF_YXQ"),
    in_order("/decided_on", "/simple_filed_on", "处罚决定日期", f"{_LAW} 第五十二条"),
    in_order("/decided_on", "/publicity_until", "处罚决定日期", f"{_CREDIT} CF_GSJZQ"),
)


def _before_the_decision(at: str, what: str, basis: str) -> Rule[Penalty]:
    """What is dated at this pointer goes before the decision; later is unlawful, and has been seen."""
    read = reader(at)

    def check(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
        day = read(record)
        if day is not None and record.decided_on is not None and day > record.decided_on:
            return (Fault(at, "after-decision"),)
        return ()

    check.__name__, check.__doc__ = f"{what}_before_the_decision", f"{at} is not later than the decision."
    return Rule((at, "/decided_on"), check, ("after-decision",), basis)


legal_review_before_the_decision = _before_the_decision(
    "/legal_review/reviewed_on", "legal_review", f"{_LAW} 第五十八条:未经法制审核的,不得作出决定"
)
discussion_before_the_decision = _before_the_decision(
    "/collective_discussion/held_on", "discussion", f"{_LAW} 第五十七条:由行政机关负责人集体讨论决定"
)
screening_before_the_decision = _before_the_decision(
    "/crime_screening/screened_on", "screening", f"{_LAW} 第二十七条、第五十七条(四);国务院令第310号 第三条、第十一条"
)


@rule(
    reads=("/violation_continues", "/violation_ended_on", "/filed_on"),
    codes=("ended-and-continues",),
    basis=f"{_LAW} 第三十六条:有连续或者继续状态的,从行为终了之日起计算",
)
def what_continues_has_not_ended(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A violation that continued at filing did not end before it."""
    ended, filed = record.violation_ended_on, record.filed_on
    if record.violation_continues and ended is not None and filed is not None and ended < filed:
        yield Fault("/violation_continues", "ended-and-continues")


@rule(
    reads=("/violation_ended_on", "/violation_continues", "/violation_endangers", "/filed_on", "/field"),
    codes=("limitation-passed",),
    basis=f"{_LAW} 第三十六条;期限见 law/bounds.toml limitation",
)
def found_within_the_limitation(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """The violation was found within the limitation; the day it was registered or filed stands for that."""
    ended = record.violation_ended_on
    if ended is None or record.violation_continues or record.filed_on is None:
        return
    registered = (Fact(event.event, event.occurred_at).day for event in events if event.event == "registered")
    found = min((record.filed_on, *registered))
    limit = bound("limitation", found, record.violation_endangers, record.field)
    if limit is not None and found > limit.after(ended):
        yield Fault("/violation_ended_on", "limitation-passed", {"years": limit.amount})


_PUBLICITY_BEGINS_WITHIN = timedelta(days=62)
"""Publicity runs from the day of publishing, which may come weeks after the decision."""


@rule(
    reads=("/publicity_until", "/decided_on", "/penalty_kinds"),
    codes=("publicity-too-long",),
    basis="信用信息修复管理办法;期限见 law/bounds.toml publicity",
)
def publicity_ends_in_time(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A penalty is shown to the public no longer than the rules on publicity allow."""
    until, decided = record.publicity_until, record.decided_on
    # A restriction with a term of its own is shown until it ends.
    if until is None or decided is None or not _RESTRICTIONS.isdisjoint(record.penalty_kinds or ()):
        return
    limit = bound("publicity", decided, None, record.field)
    if limit is not None and until > limit.after(decided) + _PUBLICITY_BEGINS_WITHIN:
        yield Fault("/publicity_until", "publicity-too-long", {"years": limit.amount})


_RESTRICTIONS = frozenset({"09", "12"})

# --- the procedure ------------------------------------------------------------------------------------


@rule(
    reads=("/procedure", "/fine_yuan", "/party/kind", "/decided_on", "/field"),
    codes=("simple-fine",),
    basis=f"{_LAW} 第五十一条;限额见 law/bounds.toml simple_fine",
)
def a_simple_fine_is_small(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A fine by the simple procedure stays within the ceiling for people or for organisations."""
    if record.procedure != "simple" or record.fine_yuan is None or record.decided_on is None:
        return
    limit = bound("simple_fine", record.decided_on, record.party.kind, record.field)
    if limit is not None and record.fine_yuan > limit.amount:
        yield Fault("/fine_yuan", "simple-fine", {"limit": limit.amount})


_SIMPLE_KINDS = frozenset({"01", "03"})


@rule(
    reads=("/procedure", "/penalty_kinds"),
    codes=("simple-kinds",),
    basis=f"{_LAW} 第五十一条:当场处罚限于罚款和警告",
)
def the_simple_procedure_fines_or_warns(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """By the simple procedure there are fines and warnings, and no other penalty."""
    if record.procedure != "simple":
        return
    for place, kind in enumerate(record.penalty_kinds or ()):
        if kind not in _SIMPLE_KINDS:
            yield Fault(pointer("penalty_kinds", place), "simple-kinds")


@rule(
    reads=("/procedure", "/hearing_on"),
    codes=("simple-hearing",),
    basis=f"{_LAW} 第五十一条、第六十三条:听证属普通程序",
)
def the_simple_procedure_has_no_hearing(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A case that was heard was not dealt with on the spot."""
    if record.procedure == "simple" and record.hearing_on is not None:
        yield Fault("/hearing_on", "simple-hearing")


_SEVERE = frozenset(entry.code for entry in codelist("penalty_kinds") if entry.more["severe"] == "yes")


@rule(
    reads=("/penalty_kinds", "/notified_on", "/decided_on", "/filed_on"),
    codes=("notice-missing",),
    basis=f"{_LAW} 第四十四条、第六十二条、第六十三条",
)
def severe_penalties_are_announced(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Before a severe penalty the party is told of it and of its right to a hearing.

    Silent on records without a day of filing: the credit-publicity layout carries none of this.
    """
    if record.notified_on is not None or record.decided_on is None or record.filed_on is None:
        return
    if not _SEVERE.isdisjoint(record.penalty_kinds or ()) and not _tells(events, "notified"):
        yield Fault("/notified_on", "notice-missing")


@rule(
    reads=("/hearing_on", "/legal_review"),
    codes=("review-required",),
    basis=f"{_LAW} 第五十八条(二):经过听证程序的,应当进行法制审核",
)
def what_was_heard_is_reviewed(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A case that went through a hearing needs a legal review."""
    if record.hearing_on is not None and record.legal_review is not None and not record.legal_review.required:
        yield Fault("/legal_review/required", "review-required")


@rule(
    reads=("/legal_review", "/decided_on"),
    codes=("review-missing", "review-not-passed"),
    basis=f"{_LAW} 第五十八条:未经法制审核或者审核未通过的,不得作出决定",
)
def decided_after_the_review_it_needed(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A decision that needs a legal review is made after one, and one that was passed."""
    review = record.legal_review
    if review is None or record.decided_on is None:
        return
    if review.required and review.reviewed_on is None:
        yield Fault("/legal_review/reviewed_on", "review-missing")
    if review.passed is False:
        yield Fault("/legal_review/passed", "review-not-passed")


@rule(
    reads=("/collective_discussion", "/decided_on"),
    codes=("discussion-missing",),
    basis=f"{_LAW} 第五十七条:情节复杂或者重大违法行为,由负责人集体讨论决定",
)
def decided_after_the_discussion_it_needed(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A decision that the heads of the organ have to discuss is made after they did."""
    discussion = record.collective_discussion
    if discussion is not None and record.decided_on is not None and discussion.required and discussion.held_on is None:
        yield Fault("/collective_discussion/held_on", "discussion-missing")


def _tells(events: Events, name: str) -> bool:
    return any(event.event == name for event in events)


# --- what supervision looks at --------------------------------------------------------------------------


@rule(
    reads=("/crime_screening", "/refs"),
    codes=("transfer-missing",),
    basis=f"{_LAW} 第二十七条;国务院令第310号 第三条、第五条、第十一条:不得以行政处罚代替移送",
)
def a_suspected_crime_is_transferred(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A case that was found to be a suspected crime refers to its transfer."""
    screening = record.crime_screening
    if screening is None or screening.conclusion != "suspected":
        return
    if not any(ref.record_type == "transfer" for ref in record.refs or ()):
        yield Fault("/refs", "transfer-missing")


@rule(
    reads=("/crime_screening",),
    codes=("screening-unreasoned",),
    basis="国务院令第310号 第五条:不批准移送的,应当将理由记录在案",
)
def no_suspicion_has_its_reason(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Whoever finds no suspected crime says why."""
    screening = record.crime_screening
    if screening is not None and screening.conclusion == "not_suspected" and screening.reason is None:
        yield Fault("/crime_screening/reason", "screening-unreasoned")


_REFERRING = frozenset(entry.code for entry in codelist("clue_sources") if entry.more["refers"])


@rule(
    reads=("/clue_source", "/refs"),
    codes=("source-without-ref",),
    basis=f"{_LAW} 第二十七条、第八十二条;国务院令第310号 第十三条:衔接案件两端可查",
)
def a_case_handed_over_names_where_from(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A case that came from another organ refers to the record by which it came."""
    if record.clue_source in _REFERRING and not record.refs:
        yield Fault("/clue_source", "source-without-ref")


no_conduct_twice = never_twice("/conduct", of=lambda code: code)


@rule(
    reads=("/prior_penalties", "/decided_on", "/decision_no"),
    codes=("prior-not-earlier", "prior-is-this", "repeated", "date-order"),
    basis="法释〔2023〕7号 第十九条:二年内,以第一次受到行政处罚的生效之日与又实施相应行为之日计算",
)
def prior_penalties_came_before(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """An earlier penalty is another one, not later than this one, not effective before it was decided, named once."""
    if not record.prior_penalties:
        return
    own = None if record.decision_no is None else identifiers.document_no_key(record.decision_no)
    keys = [identifiers.document_no_key(prior.decision_no) for prior in record.prior_penalties]
    for place, prior in enumerate(record.prior_penalties):
        if keys[place] == own:
            yield Fault(pointer("prior_penalties", place, "decision_no"), "prior-is-this")
        elif keys[place] in keys[:place]:
            yield Fault(pointer("prior_penalties", place, "decision_no"), "repeated")
        if record.decided_on is not None and prior.decided_on > record.decided_on:
            yield Fault(pointer("prior_penalties", place, "decided_on"), "prior-not-earlier")
        if prior.effective_on is not None and prior.effective_on < prior.decided_on:
            earlier = {"earlier_zh": "处罚决定日期", "earlier_en": "decided_on"}
            yield Fault(pointer("prior_penalties", place, "effective_on"), "date-order", earlier)


@rule(
    reads=("/discretion", "/penalty_kinds"),
    codes=("exempted-and-punished",),
    basis=f"{_LAW} 第三十三条:不予行政处罚即无处罚种类",
)
def whoever_is_exempted_is_not_punished(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A case that is exempted from punishment imposes no kind of penalty."""
    if record.discretion is not None and record.discretion.tier == "exempted" and record.penalty_kinds:
        yield Fault("/discretion/tier", "exempted-and-punished")


@rule(
    reads=("/discretion",),
    codes=("below-minimum",),
    basis=f"{_LAW} 第三十二条:低于法定下限的是减轻处罚",
)
def below_the_minimum_is_mitigated(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """A fine below the lawful minimum rests on a ground for mitigation."""
    discretion = record.discretion
    if discretion is not None and discretion.below_minimum and discretion.tier != "mitigated":
        yield Fault("/discretion/below_minimum", "below-minimum")


_OWES_A_REASON = frozenset({"exempted", "mitigated"})


@rule(
    reads=("/discretion",),
    codes=("discretion-unreasoned",),
    basis=f"{_LAW} 第三十二条至第三十四条:裁量说明理由",
)
def leniency_has_its_reason(record: Penalty, events: Events, today: date) -> Iterable[Fault]:
    """Whoever exempts or mitigates says why."""
    discretion = record.discretion
    if discretion is not None and discretion.tier in _OWES_A_REASON and discretion.reason is None:
        yield Fault("/discretion/reason", "discretion-unreasoned")


RULES: tuple[Rule[Any], ...] = (
    filed_or_decided,
    whole_from_the_decision_on,
    party_told_by_its_numbers,
    party_id_fits_its_type,
    representative_id_fits_its_type,
    fine_by_the_kinds,
    confiscated_by_the_kinds,
    licence_by_the_kinds,
    no_kind_twice,
    decision_no_is_one,
    *map(not_in_the_future, _HAPPENED),
    earlier_papers_have_come,
    *_IN_ORDER,
    what_continues_has_not_ended,
    no_amount_twice,
    no_part_is_above_its_whole,
    quantities_are_in_units_of_their_kind,
    no_conduct_twice,
    prior_penalties_came_before,
    whoever_is_exempted_is_not_punished,
    *OF_EVERY_RECORD,
    # From here on: what makes one look twice.
    organ_reports_itself,
    organ_is_an_organ_of_state,
    a_person_has_no_representative,
    credit_code_fits_the_party,
    decision_no_is_of_the_year,
    decision_no_is_of_the_field,
    kinds_exist_on_the_day,
    detention_is_for_the_police,
    detention_is_for_people,
    a_fine_is_of_something,
    no_more_is_paid_than_can_be_owed,
    content_names_no_other_kind,
    content_names_the_fine,
    content_names_the_gains_confiscated,
    legal_review_before_the_decision,
    discussion_before_the_decision,
    screening_before_the_decision,
    found_within_the_limitation,
    publicity_ends_in_time,
    a_simple_fine_is_small,
    the_simple_procedure_fines_or_warns,
    the_simple_procedure_has_no_hearing,
    severe_penalties_are_announced,
    what_was_heard_is_reviewed,
    decided_after_the_review_it_needed,
    decided_after_the_discussion_it_needed,
    a_suspected_crime_is_transferred,
    no_suspicion_has_its_reason,
    a_case_handed_over_names_where_from,
    below_the_minimum_is_mitigated,
    leniency_has_its_reason,
)
"""Every rule of a penalty, errors before warnings."""
