"""What must hold between the fields of a transfer: one function a rule, with the law it comes from and what it reads.

As for penalties an error is for what cannot be. That a paper is missing, or that one officer did the work of two, has
happened all the same: it is a warning, and no ground to keep the case from the police.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from .amount_rules import no_amount_twice, no_part_is_above_its_whole, quantities_are_in_units_of_their_kind
from .codelists import codelist
from .faults import Fault
from .law.materials import RequiredMaterial, required
from .lifecycle import day_of
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
    from .transfer import Transfer

_ORDER_310 = "行政执法机关移送涉嫌犯罪案件的规定(国务院令第310号)"
_QUALITY = "数据质量"

# --- who acts -------------------------------------------------------------------------------------

_OF_THE_AGENCY = ("suspected_on", "team_named_on", "reported_on", "approved_at", "sent_at", "copied_at")


@rule(
    reads=("/opened_by", *(f"/{name}" for name in _OF_THE_AGENCY)),
    codes=("not-the-openers",),
    basis=f"{_QUALITY}:各方报送自己的行为",
)
def an_opinion_tells_no_step_of_the_agency(record: Transfer, events: Events, today: date) -> Iterable[Fault]:
    """What the procuratorate opened tells nothing of the agency's own steps: the agency reports them as events."""
    if record.opened_by != "procuratorate":
        return
    for name in _OF_THE_AGENCY:
        if getattr(record, name) is not None:
            yield Fault(f"/{name}", "not-the-openers")


@rule(
    reads=(
        "/sent_at",
        "/reported_on",
        "/approved_at",
        "/addressee",
        "/copied_to",
        "/document_no",
        "/suspected_facts",
        "/opened_by",
    ),
    codes=("required-from-sending",),
    basis=f"{_ORDER_310} 第五条、第六条;高检会〔2006〕2号 第一条",
)
def whole_once_it_is_sent(record: Transfer, events: Events, today: date) -> Iterable[Fault]:
    """Once it is sent it says when that was reported and approved, to whom it went, and what the letter says."""
    if _sent_on(record, events) is None or record.opened_by == "procuratorate":
        return
    for event_name, name in (("reported", "reported_on"), ("approved", "approved_at")):
        if getattr(record, name) is None and all(event.event != event_name for event in events):
            yield Fault(f"/{name}", "required-from-sending")
    for name in ("addressee", "copied_to", "document_no", "suspected_facts"):
        if getattr(record, name) is None:
            yield Fault(f"/{name}", "required-from-sending")


@rule(
    reads=("/organ/credit_code", "/organisation", "/opened_by"),
    codes=("organ-differs",),
    basis="行政处罚法(2021) 第二十条至第二十四条:委托或者代报",
)
def organ_reports_itself(record: Transfer, events: Events, today: date) -> Iterable[Fault]:
    """The organ that transfers reports it itself, unless reporting is delegated; an opinion is addressed to another."""
    if record.opened_by != "procuratorate" and record.organ.credit_code != record.organisation:
        yield Fault("/organ/credit_code", "organ-differs")


@rule(
    reads=("/organ/credit_code", "/addressee", "/copied_to", "/organisation", "/opened_by"),
    codes=("same-organ",),
    basis=f"{_ORDER_310} 第五条、第十四条",
)
def three_bodies_act(record: Transfer, events: Events, today: date) -> Iterable[Fault]:
    """The agency, the police and the procuratorate are three organs."""
    seen = {"/organisation": record.organisation} if record.opened_by == "procuratorate" else {}
    for name in ("organ", "addressee", "copied_to"):
        organ = getattr(record, name)
        # A procuratorate that names itself twice is one all the same.
        if organ is None or (name == "copied_to" and organ.credit_code == seen.get("/organisation")):
            continue
        if organ.credit_code in seen.values():
            yield Fault(f"/{name}/credit_code", "same-organ")
        seen[f"/{name}"] = organ.credit_code


@rule(reads=("/team",), codes=("team-too-small",), basis=f"{_ORDER_310} 第五条:二名或者二名以上行政执法人员")
def two_officers_at_least(record: Transfer, events: Events, today: date) -> Iterable[Fault]:
    """The team that checks the case has two officers at least."""
    if record.team is not None and len(set(record.team)) < 2:
        yield Fault("/team", "team-too-small")


# --- who is suspected -----------------------------------------------------------------------------


suspects_ids_fit_their_types = ids_fit_their_types(
    "/suspects", "A suspect's id has type and number, and the number is one of that type."
)
no_suspect_twice: Rule[Any] = never_twice(
    "/suspects", of=lambda suspect: (suspect.name, suspect.credit_code, suspect.id_no)
)
no_offence_twice: Rule[Any] = never_twice("/offences", of=lambda offence: offence.name)

# --- the papers -----------------------------------------------------------------------------------

document_no_is_one = is_a_document_no("/document_no", "The number of the letter can be read as one.")


def missing_materials(record: Transfer, sent_on: date) -> tuple[RequiredMaterial, ...]:
    """What must accompany the transfer and is not listed, by the law of the day on which it was sent."""
    listed = {material.kind for material in record.materials or ()}
    asked = required(sent_on, record.field, set(_holding(record)))
    return tuple(row for row in asked if row.kind not in listed)


def _holding(record: Transfer) -> Iterator[str]:
    # People, months and loans are quantities too, and no goods; what is not sold yet surely is there.
    if record.items or any(quantity.state == "unsold" for quantity in record.quantities or ()):
        yield "items"
    if record.punished:
        yield "punished"


@rule(
    reads=("/materials", "/sent_at", "/items", "/quantities", "/punished", "/field", "/opened_by"),
    codes=("material-missing",),
    basis=f"{_ORDER_310} 第六条;材料见 law/materials.toml",
)
def the_materials_accompany_it(record: Transfer, events: Events, today: date) -> Iterable[Fault]:
    """Everything that must accompany a transfer is listed; what is missing the police may ask for."""
    sent_on = _sent_on(record, events)
    # What accompanied it is the agency's to list, and an opinion is not the agency's.
    if sent_on is None or record.opened_by == "procuratorate":
        return
    missing = missing_materials(record, sent_on)
    if missing:
        kinds = [codelist("material_kinds")[row.kind] for row in missing]
        told = {"kinds_zh": "、".join(kind.zh for kind in kinds), "kinds_en": ", ".join(kind.en for kind in kinds)}
        yield Fault("/materials", "material-missing", told)


def _sent_on(record: Transfer, events: Events) -> date | None:
    told = (event.occurred_at for event in events if event.event == "sent")
    sent_at = record.sent_at or next(told, None)
    return None if sent_at is None else day_of(sent_at)


no_material_twice: Rule[Any] = never_twice(
    "/materials", of=lambda material: (material.kind, material.name, material.document_no)
)

# --- the order of days ------------------------------------------------------------------------------

_IN_ORDER = (
    in_order("/suspected_on", "/team_named_on", "认为应当移送之日", f"{_ORDER_310} 第五条"),
    in_order("/team_named_on", "/reported_on", "组成专案组之日", f"{_ORDER_310} 第五条"),
    in_order("/reported_on", "/approved_at", "提出报告之日", f"{_ORDER_310} 第五条"),
    in_order("/approved_at", "/sent_at", "批准移送的时间", f"{_ORDER_310} 第五条"),
    in_order("/approved_at", "/copied_at", "批准移送的时间", "高检会〔2006〕2号 第一条"),
)

RULES = (
    whole_once_it_is_sent,
    an_opinion_tells_no_step_of_the_agency,
    three_bodies_act,
    document_no_is_one,
    suspects_ids_fit_their_types,
    no_suspect_twice,
    no_offence_twice,
    no_material_twice,
    no_amount_twice,
    no_part_is_above_its_whole,
    quantities_are_in_units_of_their_kind,
    *(not_in_the_future(f"/{name}") for name in _OF_THE_AGENCY),
    *_IN_ORDER,
    *OF_EVERY_RECORD,
    # From here on: what makes one look twice.
    organ_reports_itself,
    two_officers_at_least,
    the_materials_accompany_it,
)
"""Every rule of a transfer, errors before warnings."""
