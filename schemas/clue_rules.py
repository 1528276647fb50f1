"""What must hold between the fields of a clue: one function a rule, with its source and what it reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .amount_rules import units_measure
from .codelists import codelist
from .faults import Fault, pointer
from .record import Rule
from .rules import (
    OF_EVERY_RECORD,
    OF_ID,
    Events,
    id_faults,
    id_halves,
    ids_fit_their_types,
    in_order,
    is_a_document_no,
    never_twice,
    not_in_the_future,
    rule,
)

if TYPE_CHECKING:
    from .clue import Clue

_RULES = "人民检察院公益诉讼办案规则(2021)"
_QUALITY = "数据质量"

# --- who acts, and where it comes from --------------------------------------------------------------


@rule(reads=("/addressee", "/supervised_organ"), codes=("same-organ",), basis=f"{_RULES} 第六十七条")
def several_organs_act(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """The procuratorate that receives it is not the organ it is about."""
    organ = record.supervised_organ
    if organ is not None and organ.credit_code == record.addressee.credit_code:
        yield Fault("/supervised_organ/credit_code", "same-organ")


@rule(reads=("/source", "/channel", "/referral_no"), codes=("not-referred",), basis=f"{_RULES} 第二十四条")
def only_a_referral_has_a_channel(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """By what channel and under what number it was referred is said of what was referred alone."""
    if record.source != "referred":
        names = ("channel", "referral_no")
        yield from (Fault(f"/{name}", "not-referred") for name in names if getattr(record, name) is not None)


@rule(reads=("/source", "/channel"), codes=("required-for-referral",), basis=f"{_RULES} 第二十四条")
def a_referral_names_its_channel(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """What was referred says by whom: a state organ, a deputy, the hotline."""
    if record.source == "referred" and record.channel is None:
        yield Fault("/channel", "required-for-referral")


@rule(reads=("/state_secret",), codes=("state-secret",), basis="保守国家秘密法;方案 二.1")
def no_state_secret(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """What touches state secrets goes by another way than this one."""
    if record.state_secret:
        yield Fault("/state_secret", "state-secret")


@rule(
    reads=("/crime_suspected", "/crime_transferred"),
    codes=("crime-transferred-unsuspected",),
    basis=f"{_RULES} 第三十一条",
)
def what_was_transferred_is_suspected(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """What was transferred to the police as a crime is suspected to be one."""
    if record.crime_transferred and record.crime_suspected is False:
        yield Fault("/crime_suspected", "crime-transferred-unsuspected")


# --- whom it is about, and the papers ---------------------------------------------------------------

wrongdoers_ids_fit_their_types = ids_fit_their_types(
    "/wrongdoers", "A wrongdoer's id has type and number, and the number is one of that type."
)
minors_ids_fit_their_types = ids_fit_their_types(
    "/minors", "A minor's id has type and number, and the number is one of that type."
)


@rule(reads=("/reporter",), codes=OF_ID, basis="GB 11643")
def reporters_id_fits_its_type(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """The reporter's id has type and number, and the number is one of that type."""
    if (who := record.reporter) is not None:
        yield from id_halves("/reporter", who.id_type, who.id_no)
        yield from id_faults("/reporter", who.id_type, who.id_no, today)


no_wrongdoer_twice: Rule[Any] = never_twice("/wrongdoers", of=lambda one: (one.name, one.credit_code, one.id_no))
no_damage_twice: Rule[Any] = never_twice("/damages", of=lambda one: (one.kind, one.unit, one.note))
no_evidence_twice: Rule[Any] = never_twice("/evidence", of=lambda one: (one.name, one.attachment))
document_no_is_one = is_a_document_no("/document_no", "The number of the letter can be read as one.")
damages_are_in_units_of_their_kind = units_measure("/damages", "damage_kinds")

# --- where ------------------------------------------------------------------------------------------

_MOST = {"longitude": Decimal(180), "latitude": Decimal(90)}
"""Degrees east or west, north or south."""

_HUBEI = {
    "longitude": (Decimal("108.35"), Decimal("116.14")),
    "latitude": (Decimal("29.03"), Decimal("33.28")),
}
"""湖北省 lies between these degrees as its government says, recalled and rounded outwards: it only warns."""


@rule(reads=("/place",), codes=("coordinates-together",), basis=f"{_QUALITY}:经度、纬度成对")
def longitude_and_latitude_go_together(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """Both coordinates are there or neither."""
    place = record.place
    if place is not None and (place.longitude is None) != (place.latitude is None):
        yield Fault(f"/place/{'longitude' if place.longitude is None else 'latitude'}", "coordinates-together")


@rule(reads=("/place",), codes=("off-the-earth",), basis="ISO 6709")
def it_lies_on_the_earth(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """A longitude is at most 180 degrees and a latitude at most 90, either way."""
    for name, said in _coordinates(record).items():
        if abs(said) > _MOST[name]:
            yield Fault(f"/place/{name}", "off-the-earth")


@rule(reads=("/place",), codes=("outside-hubei",), basis=f"{_QUALITY}:湖北省的经纬度范围(待确认)")
def it_lies_in_hubei(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """What is handed over here mostly happened in the province; two numbers in the wrong order never do."""
    said = _coordinates(record)
    if any(abs(one) > _MOST[name] for name, one in said.items()):
        return
    for name, one in said.items():
        least, most = _HUBEI[name]
        if not least <= one <= most:
            yield Fault(f"/place/{name}", "outside-hubei")


def _coordinates(record: Clue) -> dict[str, Decimal]:
    said = {name: getattr(record.place, name, None) for name in _MOST}
    return {name: Decimal(one) for name, one in said.items() if one is not None}


# --- the domain -------------------------------------------------------------------------------------

_DOMAINS = codelist("public_interest_domains")


def _day_of(record: Clue, today: date) -> date:
    """The day of the clue: when it was sent, or else assessed; of a draft today."""
    return record.sent_on or record.assessed_on or today


@rule(
    reads=("/domain", "/sent_on", "/assessed_on"),
    codes=("domain-not-open",),
    basis=f"{_RULES} 第一百一十条;代码表 public_interest_domains",
)
def the_domain_was_open(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """A statute had opened the domain to public-interest litigation on the day of the clue."""
    if not _DOMAINS.valid_on(record.domain, _day_of(record, today)):
        entry = _DOMAINS[record.domain]
        since = {"since": entry.since.isoformat()} if entry.since else {}
        yield Fault("/domain", "domain-not-open", {**since, "statute": entry.more["statute"]})


@rule(
    reads=("/domain", "/path"),
    codes=("path-not-open",),
    basis=f"{_RULES} 第六十七条、第八十五条;代码表 public_interest_domains",
)
def the_path_is_open(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """The statute of the domain knows the kind of case that is expected."""
    column = {"administrative": "administrative", "civil": "civil", "incidental_civil": "civil"}.get(record.path)
    if column is not None and _DOMAINS[record.domain].more[column] == "no":
        yield Fault("/path", "path-not-open", {"statute": _DOMAINS[record.domain].more["statute"]})


# --- the order of days ------------------------------------------------------------------------------

_IN_ORDER = (
    in_order("/began_on", "/ended_on", "开始日期", _QUALITY),
    in_order("/assessed_on", "/sent_on", "评估认为属于检察机关管辖日期", "武政〔2024〕21号 一.5"),
)


@rule(reads=("/actions_taken",), codes=("future-date",), basis=f"{_QUALITY}:已经发生的事项,日期不在将来")
def actions_taken_have_been(record: Clue, events: Events, today: date) -> Iterable[Fault]:
    """An action that was taken was taken on a day that has come."""
    for place, one in enumerate(record.actions_taken or ()):
        if one.taken_on is not None and one.taken_on > today:
            yield Fault(f"{pointer('actions_taken', place)}/taken_on", "future-date")


RULES = (
    no_state_secret,
    several_organs_act,
    only_a_referral_has_a_channel,
    a_referral_names_its_channel,
    what_was_transferred_is_suspected,
    document_no_is_one,
    wrongdoers_ids_fit_their_types,
    minors_ids_fit_their_types,
    reporters_id_fits_its_type,
    no_wrongdoer_twice,
    no_damage_twice,
    no_evidence_twice,
    damages_are_in_units_of_their_kind,
    longitude_and_latitude_go_together,
    it_lies_on_the_earth,
    actions_taken_have_been,
    *(not_in_the_future(f"/{name}") for name in ("began_on", "ended_on", "assessed_on", "sent_on")),
    *_IN_ORDER,
    *OF_EVERY_RECORD,
    # From here on: what makes one look twice.
    the_domain_was_open,
    the_path_is_open,
    it_lies_in_hubei,
)
"""Every rule of a clue, errors before warnings."""
