"""What must hold between the fields of a request for assistance: one function a rule, its source and what it reads.

An error is for what cannot be. That one of the procuratorate's staff came alone has happened all the same: a warning.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from .faults import Fault, pointer
from .lifecycle import day_of
from .record import Rule
from .rules import (
    OF_EVERY_RECORD,
    Events,
    ids_fit_their_types,
    is_a_document_no,
    never_twice,
    not_in_the_future,
    rule,
)

if TYPE_CHECKING:
    from .assist_request import AssistRequest

_RULES_2021 = "人民检察院公益诉讼办案规则(2021)"
_ADVICE_2019 = "人民检察院检察建议工作规定(2019)"
_PLAN = "武政〔2024〕21号 一(七)"
_QUALITY = "数据质量"

# --- who asks whom --------------------------------------------------------------------------------


@rule(
    reads=("/opened_by", "/measures"),
    codes=("only-consultation",),
    basis=f"{_RULES_2021} 第三十五条;{_ADVICE_2019} 第十四条",
)
def an_agency_asks_for_an_opinion_alone(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """An agency asks the procuratorate for its opinion and for nothing else: it has no power to investigate there."""
    if record.opened_by == "agency":
        others = (place for place, measure in enumerate(record.measures) if measure != "consult")
        yield from (Fault(pointer("measures", place), "only-consultation") for place in others)


_OF_A_REQUEST = ("sent_at", "reply_by", "urgent")


@rule(
    reads=("/opened_by", *(f"/{name}" for name in _OF_A_REQUEST)),
    codes=("not-of-a-consultation",),
    basis=f"{_QUALITY}:咨询的答复期限由规定确定",
)
def an_agency_names_no_term(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """A question of an agency names no day for the answer, which is not for the agency to say."""
    if record.opened_by == "agency":
        told = (name for name in _OF_A_REQUEST if getattr(record, name) is not None)
        yield from (Fault(f"/{name}", "not-of-a-consultation") for name in told)


@rule(reads=("/opened_by", "/asked_on"), codes=("not-the-openers",), basis=f"{_QUALITY}:各方报送自己的行为")
def procuratorate_tells_no_question_of_an_agency(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """A request of the procuratorate tells of no question to it."""
    if record.opened_by != "agency" and record.asked_on is not None:
        yield Fault("/asked_on", "not-the-openers")


@rule(reads=("/organisation", "/addressee"), codes=("same-organ",), basis=f"{_QUALITY}:请求单位与被请求单位不同")
def another_organ_is_asked(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """Who asks and who is asked are different organs."""
    if record.addressee.credit_code == record.organisation:
        yield Fault("/addressee/credit_code", "same-organ")


# --- whole, once it is sent -----------------------------------------------------------------------


def _is_told(event: str, stated: object, events: Events) -> bool:
    return stated is not None or any(one.event == event for one in events)


def _lacks(record: AssistRequest, names: Iterable[str]) -> Iterable[Fault]:
    return (Fault(f"/{name}", "required-from-request") for name in names if getattr(record, name) is None)


@rule(
    reads=("/opened_by", "/sent_at", "/legal_basis", "/purpose"),
    codes=("required-from-request",),
    basis=f"{_PLAN};{_RULES_2021} 第三十五条",
)
def whole_once_it_is_sent(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """A request that was sent says what is to be found out, and by which law."""
    if record.opened_by != "agency" and _is_told("sent", record.sent_at, events):
        yield from _lacks(record, ("legal_basis", "purpose"))


@rule(
    reads=("/opened_by", "/asked_on", "/purpose"),
    codes=("required-from-request",),
    basis=f"{_QUALITY}:咨询应当写明事项",
)
def whole_once_it_is_asked(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """A question that was asked says what it is about."""
    if record.opened_by == "agency" and _is_told("asked", record.asked_on, events):
        yield from _lacks(record, ("purpose",))


_LISTED = frozenset({"obtain", "copy"})


@rule(
    reads=("/measures", "/sent_at", "/items"),
    codes=("required-to-obtain",),
    basis=f"{_RULES_2021} 第三十八条",
)
def lists_what_is_to_be_handed_over(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """A request to obtain or copy says what, once it is sent: its notice has a list."""
    if not _LISTED.isdisjoint(record.measures) and record.items is None and _is_told("sent", record.sent_at, events):
        yield Fault("/items", "required-to-obtain")


_IN_PERSON = frozenset({"consult_files", "obtain", "copy", "inquire", "collect", "inspect"})
"""What the procuratorate's staff come for; an opinion or an appraisal is asked for by letter."""
_STAFF = 2


@rule(
    reads=("/measures", "/sent_at", "/handlers"),
    codes=("handlers-too-few",),
    basis=f"{_RULES_2021} 第三十六条",
)
def two_of_the_procuratorate_come(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """Two of the procuratorate's staff at least investigate and collect evidence."""
    is_too_few = not _IN_PERSON.isdisjoint(record.measures) and len(record.handlers or ()) < _STAFF
    if is_too_few and _is_told("sent", record.sent_at, events):
        yield Fault("/handlers", "handlers-too-few")


# --- days -----------------------------------------------------------------------------------------


@rule(
    reads=("/sent_at", "/reply_by"),
    codes=("not-after-sending",),
    basis=f"{_PLAN};{_QUALITY}:期限自发出之日起算,当日不计",
)
def due_after_it_was_sent(record: AssistRequest, events: Events, today: date) -> Iterable[Fault]:
    """The last day for help lies after the day of the request, which is not counted."""
    told = [record.sent_at] if record.sent_at is not None else []
    told += [event.occurred_at for event in events if event.event == "sent"]
    if record.reply_by is not None and any(record.reply_by <= day_of(when) for when in told):
        yield Fault("/reply_by", "not-after-sending")


# --- whom it is about, and the papers -------------------------------------------------------------

no_measure_twice: Rule[Any] = never_twice("/measures", of=lambda measure: measure)
no_item_twice: Rule[Any] = never_twice("/items", of=lambda item: (item.name, item.amount, item.note))
no_handler_twice: Rule[Any] = never_twice("/handlers", of=lambda handler: handler.name, last="/name")
no_paper_twice: Rule[Any] = never_twice("/papers", of=lambda paper: paper.digest)
subjects_ids_fit_their_types = ids_fit_their_types(
    "/subjects", "A subject's id has type and number, and the number is one of that type."
)
no_subject_twice: Rule[Any] = never_twice(
    "/subjects", of=lambda subject: (subject.name, subject.credit_code, subject.id_no)
)
document_no_is_one = is_a_document_no("/document_no", "The number of the notice or the letter can be read as one.")

RULES = (
    an_agency_asks_for_an_opinion_alone,
    an_agency_names_no_term,
    procuratorate_tells_no_question_of_an_agency,
    another_organ_is_asked,
    whole_once_it_is_sent,
    whole_once_it_is_asked,
    lists_what_is_to_be_handed_over,
    document_no_is_one,
    subjects_ids_fit_their_types,
    no_subject_twice,
    no_measure_twice,
    no_item_twice,
    no_handler_twice,
    no_paper_twice,
    due_after_it_was_sent,
    not_in_the_future("/sent_at"),
    not_in_the_future("/asked_on"),
    *OF_EVERY_RECORD,
    # From here on: what makes one look twice.
    two_of_the_procuratorate_come,
)
"""Every rule of a request for assistance, errors before warnings."""
