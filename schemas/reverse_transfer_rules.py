"""What must hold between the fields of a reverse transfer: one function a rule, with its source and what it reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from .faults import Fault
from .record import Rule
from .rules import (
    OF_EVERY_RECORD,
    Events,
    ids_fit_their_types,
    in_order,
    is_a_document_no,
    never_twice,
    not_in_the_future,
    rule,
)

if TYPE_CHECKING:
    from .reverse_transfer import ReverseTransfer

_RULES_2021 = "高检发释字〔2021〕4号"
_GUIDE_2024 = "人民检察院行刑反向衔接工作指引(2024)"
_QUALITY = "数据质量"

# --- who acts -------------------------------------------------------------------------------------

_OF_THE_PROCURATORATE = ("not_prosecuted_on", "referred_on", "registered_on", "opinion_on", "served_on")
_OF_THE_POLICE = ("violation_found_on", "handed_over_on")


def _told_by_another(record: ReverseTransfer, names: Iterable[str]) -> Iterable[Fault]:
    return (Fault(f"/{name}", "not-the-openers") for name in names if getattr(record, name) is not None)


@rule(
    reads=("/opened_by", *(f"/{name}" for name in _OF_THE_PROCURATORATE)),
    codes=("not-the-openers",),
    basis=f"{_QUALITY}:各方报送自己的行为",
)
def police_tell_no_step_of_the_procuratorate(record: ReverseTransfer, events: Events, today: date) -> Iterable[Fault]:
    """What the police opened tells by its dates nothing of the procuratorate's steps."""
    return _told_by_another(record, _OF_THE_PROCURATORATE) if record.opened_by == "police" else ()


@rule(
    reads=("/opened_by", *(f"/{name}" for name in _OF_THE_POLICE)),
    codes=("not-the-openers",),
    basis=f"{_QUALITY}:各方报送自己的行为",
)
def procuratorate_tells_no_step_of_the_police(record: ReverseTransfer, events: Events, today: date) -> Iterable[Fault]:
    """What the procuratorate opened tells by its dates nothing of the steps of the police."""
    return _told_by_another(record, _OF_THE_POLICE) if record.opened_by != "police" else ()


_FOR_THE_AGENCY = ("addressee", "document_no", "violation_facts")
_OF_AN_OPINION = ("decision_no", "ground", "opinion")


def _lacks(record: ReverseTransfer, code: str, names: Iterable[str]) -> Iterable[Fault]:
    return (Fault(f"/{name}", code) for name in names if getattr(record, name) is None)


@rule(
    reads=("/opened_by", "/opinion_on", "/served_on", *(f"/{name}" for name in (*_FOR_THE_AGENCY, *_OF_AN_OPINION))),
    codes=("required-from-handover", "required-from-opinion"),
    basis=f"人民检察院刑事诉讼规则(2019) 第三百七十三条;{_RULES_2021} 第八条",
)
def whole_once_the_opinion_is_issued(record: ReverseTransfer, events: Events, today: date) -> Iterable[Fault]:
    """An opinion says to which agency it goes, under what number, what was done and decided, and what is asked for."""
    told = record.opinion_on is not None or record.served_on is not None
    told = told or any(event.event in ("opinion_issued", "served") for event in events)
    if told and record.opened_by != "police":
        yield from _lacks(record, "required-from-handover", _FOR_THE_AGENCY)
        yield from _lacks(record, "required-from-opinion", _OF_AN_OPINION)


@rule(
    reads=("/opened_by", "/handed_over_on", *(f"/{name}" for name in _FOR_THE_AGENCY)),
    codes=("required-from-handover",),
    basis="国务院令第310号 第十三条",
)
def whole_once_the_police_hand_it_over(record: ReverseTransfer, events: Events, today: date) -> Iterable[Fault]:
    """What the police hand over says to which agency it goes, under what number, and what was done."""
    told = record.handed_over_on is not None or any(event.event == "handed_over" for event in events)
    if told and record.opened_by == "police":
        yield from _lacks(record, "required-from-handover", _FOR_THE_AGENCY)


@rule(
    reads=("/organisation", "/addressee", "/copied_to"),
    codes=("same-organ",),
    basis=f"人民检察院刑事诉讼规则(2019) 第三百七十三条;{_RULES_2021} 第八条",
)
def several_organs_act(record: ReverseTransfer, events: Events, today: date) -> Iterable[Fault]:
    """Who hands over, who receives it and who gets a copy are different organs."""
    seen = {record.organisation}
    for name in ("addressee", "copied_to"):
        organ = getattr(record, name)
        if organ is None:
            continue
        if organ.credit_code in seen:
            yield Fault(f"/{name}/credit_code", "same-organ")
        seen.add(organ.credit_code)


# --- whom it is about, and the papers ---------------------------------------------------------------

subjects_ids_fit_their_types = ids_fit_their_types(
    "/subjects", "A subject's id has type and number, and the number is one of that type."
)
no_subject_twice: Rule[Any] = never_twice(
    "/subjects", of=lambda subject: (subject.name, subject.credit_code, subject.id_no)
)
no_offence_twice: Rule[Any] = never_twice("/offences", of=lambda offence: offence.name)
no_kind_twice: Rule[Any] = never_twice("/penalty_kinds", of=lambda kind: kind)
document_no_is_one = is_a_document_no("/document_no", "The number of the opinion or the letter can be read as one.")
decision_no_is_one = is_a_document_no("/decision_no", "The number of the decision not to prosecute can be read as one.")

_CONFISCATION = "04"
"""没收违法所得, a code of the list `penalty_kinds`."""


@rule(
    reads=("/opened_by", "/penalty_kinds", "/confiscation"),
    codes=("confiscation-unsaid",),
    basis="人民检察院刑事诉讼规则(2019) 第二百四十八条、第三百七十五条",
)
def gains_to_be_confiscated_go_along(record: ReverseTransfer, events: Events, today: date) -> Iterable[Fault]:
    """An opinion that names the confiscation of illegal gains has what was seized go with the case."""
    if record.opened_by != "police" and _CONFISCATION in (record.penalty_kinds or ()) and not record.confiscation:
        yield Fault("/confiscation", "confiscation-unsaid")


# --- the order of days ------------------------------------------------------------------------------

_IN_ORDER = (
    in_order("/not_prosecuted_on", "/referred_on", "不起诉决定日期", _GUIDE_2024),
    in_order("/referred_on", "/registered_on", "移送行政检察部门日期", _GUIDE_2024),
    in_order("/registered_on", "/opinion_on", "登记受理日期", f"{_GUIDE_2024} 第十二条至第十五条"),
    in_order("/opinion_on", "/served_on", "提出检察意见日期", f"{_RULES_2021} 第八条"),
    in_order("/served_on", "/reply_by", "送达检察意见日期", f"{_RULES_2021} 第九条"),
    in_order("/violation_found_on", "/handed_over_on", "认为应当给予行政处罚之日", "国务院令第310号 第十三条"),
)

RULES = (
    whole_once_the_opinion_is_issued,
    whole_once_the_police_hand_it_over,
    police_tell_no_step_of_the_procuratorate,
    procuratorate_tells_no_step_of_the_police,
    several_organs_act,
    document_no_is_one,
    decision_no_is_one,
    subjects_ids_fit_their_types,
    no_subject_twice,
    no_offence_twice,
    no_kind_twice,
    *(not_in_the_future(f"/{name}") for name in (*_OF_THE_POLICE, *_OF_THE_PROCURATORATE)),
    *_IN_ORDER,
    *OF_EVERY_RECORD,
    # From here on: what makes one look twice.
    gains_to_be_confiscated_go_along,
)
"""Every rule of a reverse transfer, errors before warnings."""
