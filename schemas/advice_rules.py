"""What must hold between the fields of an advice: one function a rule, with its source and what it reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from .faults import Fault, pointer
from .record import Rule
from .rules import OF_EVERY_RECORD, Events, in_order, is_a_document_no, never_twice, not_in_the_future, rule

if TYPE_CHECKING:
    from .advice import Advice

_ADVICE_2019 = "人民检察院检察建议工作规定(2019)"
_LITIGATION_2021 = "人民检察院公益诉讼办案规则(2021)"
_QUALITY = "数据质量"
_JUDICIAL_2020 = (
    "最高人民法院、最高人民检察院关于检察公益诉讼案件适用法律若干问题的解释(法释〔2018〕6号,2020修正) 第二十一条"
)

# --- what an advice says ----------------------------------------------------------------------------

_OF_AN_ADVICE = ("addressee", "document_no", "case_source", "case_facts", "failings", "legal_basis", "proposals")
_READ = tuple(f"/{name}" for name in ("kind", "decided_on", "served_on", *_OF_AN_ADVICE))


def _is_in_the_public_interest(advice: Advice) -> bool:
    return advice.kind == "public_interest"


def _is_decided(advice: Advice, events: Events) -> bool:
    told = any(event.event in ("decided", "served") for event in events)
    return told or advice.decided_on is not None or advice.served_on is not None


def _lacks(advice: Advice) -> Iterable[Fault]:
    return (Fault(f"/{name}", "required-from-advice") for name in _OF_AN_ADVICE if getattr(advice, name) is None)


@rule(
    reads=_READ,
    codes=("required-from-advice",),
    basis=f"{_ADVICE_2019} 第七条、第十六条",
)
def whole_once_it_is_decided(advice: Advice, events: Events, today: date) -> Iterable[Fault]:
    """Once decided, an advice says to whom, under what number, where it comes from, what was found and is asked for.

    The seven members of art. 16, but for the last days of the objection and the reply, which a letter may name by
    their length and nobody knows before it was served.
    """
    if not _is_in_the_public_interest(advice) and _is_decided(advice, events):
        yield from _lacks(advice)


@rule(
    reads=_READ,
    codes=("required-from-advice",),
    basis=f"{_LITIGATION_2021} 第七十五条",
)
def whole_once_it_is_decided_in_the_public_interest(advice: Advice, events: Events, today: date) -> Iterable[Fault]:
    """Once decided, advice in the public interest says to which agency, what was harmed, left undone and is asked for.

    The eight members of art. 75, but for the last day for putting it right, likewise.
    """
    if _is_in_the_public_interest(advice) and _is_decided(advice, events):
        yield from _lacks(advice)


@rule(
    reads=("/kind", "/urgent", "/rectify_by"),
    codes=("public-interest-only",),
    basis=f"{_JUDICIAL_2020};{_LITIGATION_2021} 第七十五条;{_ADVICE_2019} 第十九条",
)
def urgent_in_the_public_interest_alone(advice: Advice, events: Events, today: date) -> Iterable[Fault]:
    """Only advice in the public interest is urgent by law and names a day for putting things right.

    Other advice that cannot wait names the day for the reply.
    """
    if not _is_in_the_public_interest(advice):
        names = (name for name in ("urgent", "rectify_by") if getattr(advice, name) is not None)
        yield from (Fault(f"/{name}", "public-interest-only") for name in names)


@rule(reads=("/kind", "/reply_by"), codes=("term-by-law",), basis=_JUDICIAL_2020)
def reply_in_the_public_interest_is_due_by_law(advice: Advice, events: Events, today: date) -> Iterable[Fault]:
    """Until when advice in the public interest is answered is law, and no advice says otherwise."""
    if _is_in_the_public_interest(advice) and advice.reply_by is not None:
        yield Fault("/reply_by", "term-by-law")


# --- who acts -------------------------------------------------------------------------------------


@rule(
    reads=("/organisation", "/addressee", "/copied_to"),
    codes=("same-organ",),
    basis=f"{_ADVICE_2019} 第三条、第二十条",
)
def several_organs_are_named(advice: Advice, events: Events, today: date) -> Iterable[Fault]:
    """Whose advice it is, whom it is for and who has a copy are different organs."""
    seen = {advice.organisation}
    copies = ((pointer("copied_to", place), organ) for place, organ in enumerate(advice.copied_to or ()))
    for at, organ in (("/addressee", advice.addressee), *copies):
        if organ is not None and organ.credit_code in seen:
            yield Fault(f"{at}/credit_code", "same-organ")
        seen |= set() if organ is None else {organ.credit_code}


document_no_is_one = is_a_document_no("/document_no", "The number of the advice can be read as one.")
no_paper_twice: Rule[Any] = never_twice("/papers", of=lambda paper: paper.digest)

# --- the order of days ------------------------------------------------------------------------------

_HAPPENED = ("investigation_on", "decided_on", "served_on")
_TERMS = (
    ("objection_by", f"{_ADVICE_2019} 第十六条、第二十三条"),
    ("reply_by", f"{_ADVICE_2019} 第十九条"),
    ("rectify_by", f"{_LITIGATION_2021} 第七十五条"),
)
_IN_ORDER = (
    in_order("/investigation_on", "/decided_on", "检察长决定调查核实日期", f"{_ADVICE_2019} 第十三条、第十五条"),
    in_order("/decided_on", "/served_on", "决定提出检察建议日期", f"{_LITIGATION_2021} 第七十六条"),
    *(in_order("/decided_on", f"/{name}", "决定提出检察建议日期", basis) for name, basis in _TERMS),
    *(in_order("/served_on", f"/{name}", "送达检察建议日期", basis) for name, basis in _TERMS),
)


@rule(
    reads=("/kind", "/served_on", "/objection_by"),
    codes=("term-missing",),
    basis=f"{_ADVICE_2019} 第十六条",
)
def objection_has_a_last_day(advice: Advice, events: Events, today: date) -> Iterable[Fault]:
    """An advice says until when one may object to it, for no law does; in the public interest it need not."""
    told = advice.served_on is not None or any(event.event == "served" for event in events)
    if told and not _is_in_the_public_interest(advice) and advice.objection_by is None:
        yield Fault("/objection_by", "term-missing")


RULES = (
    whole_once_it_is_decided,
    whole_once_it_is_decided_in_the_public_interest,
    urgent_in_the_public_interest_alone,
    reply_in_the_public_interest_is_due_by_law,
    several_organs_are_named,
    document_no_is_one,
    no_paper_twice,
    *(not_in_the_future(f"/{name}") for name in _HAPPENED),
    *_IN_ORDER,
    *OF_EVERY_RECORD,
    # From here on: what makes one look twice.
    objection_has_a_last_day,
)
"""Every rule of an advice, errors before warnings."""
