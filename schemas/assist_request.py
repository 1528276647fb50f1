"""调查核实协作请求: what the procuratorate asks an agency for when it investigates, and what came of it.

The procuratorate may look into files, obtain and copy evidence, question people, ask for opinions, commission
appraisals and inspect (人民检察院公益诉讼办案规则 arts. 35, 36, 38; 人民检察院检察建议工作规定 art. 14); who is asked
has to help (人民检察院组织法 art. 21; 武政〔2024〕21号 part 1(7)). Nothing here restricts liberty or seizes property:
there is no code for it. An agency may ask the procuratorate in turn, for an opinion alone. What must hold between the
fields stands in `assist_request_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from . import identifiers
from .assist_request_rules import RULES
from .fields import PERSONAL, Day, When, choice, code_of, text
from .lifecycle import Effect, Fact, Node, Party, Step
from .parts import Organ, Reasoned, Somebody, addressed_to, names, sought_by, who_they_are
from .record import CLOCK_EVENTS, CLOCK_KINDS, Addressed, Attachment, Event, EventKind, Part, Record, Sought


class RequestedItem(Part):
    """One line of the 调取证据清单 (规则 art. 38)."""

    name: Annotated[str, text(200)]
    amount: Annotated[str, text(50)] | None = None
    note: Annotated[str, text(500)] | None = None


class Handler(Part):
    """承办人员 of who asks: who comes, and how to reach them (规则 art. 36: two of the procuratorate at least)."""

    name: Annotated[str, text(50), PERSONAL]
    phone: Annotated[str, text(50), PERSONAL] | None = None


class PartiallyFulfilled(Event):
    """部分提供. `list_no`: that of the list both sides sign; `missing`: what is still to come, or is not to be had."""

    list_no: Annotated[str, text(128)] | None = None
    missing: Annotated[str, text(2000)]


class Fulfilled(Event):
    """已协助. `list_no`: that of the list both sides sign; `answer`: what was found or is thought."""

    list_no: Annotated[str, text(128)] | None = None
    answer: Annotated[str, text(5000)] | None = None


class Refused(Reasoned):
    """拒绝协助. `signed_by`: the head of the organ, who signs for it."""

    signed_by: Annotated[str, text(100)]


class Escalated(Event):
    """通报、报告. `to`: who was told that help was refused or hindered (规则 art. 45; 武政〔2024〕21号 part 1(7))."""

    to: Annotated[
        str,
        choice(
            *("superior_organ", "government", "peoples_congress", "supervisory_commission", "superior_procuratorate")
        ),
    ]
    reason: Annotated[str, text(2000)] | None = None


class AdviceServed(Event):
    """送达检察建议. `reply_by`: the last day for the reply to the advice."""

    reply_by: Day | None = None


class Answered(Event):
    """书面答复咨询. `answer`: what the procuratorate thinks, where it is not in the letter alone."""

    answer: Annotated[str, text(5000)] | None = None


_AG, _PP = (Party.AGENCY,), (Party.PROCURATORATE,)

_UNANSWERED = ("sent", "acknowledged")
_WITHHELD = ("partially_fulfilled", "refused")
"""It was not given, or not all of it: others may be told, and an advice that is served tells somebody."""
_ENDED = ("cancelled", "closed")
_STATES = ("received", *_UNANSWERED, *_WITHHELD, "fulfilled", "escalated", *_ENDED, "asked", "answered")


class AssistRequest(Record):
    """调查核实协作请求."""

    record_type: Literal["assist_request"]
    opened_by: Annotated[str, choice("procuratorate", "agency")] | None = None
    """Who asks; left out, the procuratorate."""
    addressee: Organ
    """被请求单位: the agency or the police; of an agency's question the procuratorate."""
    measures: Annotated[list[Annotated[str, code_of("assist_measures")]], Field(min_length=1, max_length=8)]
    document_no: Annotated[str, text(128)] | None = None
    """调取证据通知书文号, or that of the letter."""
    case_no: Annotated[str, text(128)] | None = None
    case_name: Annotated[str, text(500)]
    """案由."""
    legal_basis: Annotated[str, text(2048)] | None = None
    purpose: Annotated[str, text(5000)] | None = None
    """调查核实事项: what is to be found out; of an agency what it asks."""
    items: Annotated[list[RequestedItem], Field(min_length=1, max_length=500)] | None = None
    """调取证据清单."""
    subjects: Annotated[list[Somebody], Field(max_length=200)] | None = None
    """Who is to be questioned, or whose file it is."""
    handlers: Annotated[list[Handler], Field(min_length=1, max_length=20)] | None = None
    reply_by: Day | None = None
    """协助期限 as the request names it; no law gives a number."""
    urgent: StrictBool | None = None
    sent_at: When | None = None
    asked_on: Day | None = None
    """咨询日期, of an agency's question."""
    papers: Annotated[list[Attachment], Field(max_length=50)] | None = None
    """随附文书, such as the 调取证据通知书."""
    remarks: Annotated[str, text(512)] | None = None

    title: ClassVar = names("调查核实协作请求", "assistance request")

    events: ClassVar = {
        "sent": EventKind(Event, names("发出协作请求", "request sent")),
        "acknowledged": EventKind(Event, names("签收", "acknowledged")),
        "partially_fulfilled": EventKind(PartiallyFulfilled, names("部分协助", "partially fulfilled")),
        "fulfilled": EventKind(Fulfilled, names("已协助", "fulfilled")),
        "refused": EventKind(Refused, names("拒绝协助", "refused")),
        "escalated": EventKind(Escalated, names("通报、报告", "escalated")),
        "advice_served": EventKind(AdviceServed, names("送达检察建议", "advice served")),
        "cancelled": EventKind(Reasoned, names("撤回请求", "cancelled")),
        "closed": EventKind(Event, names("办结", "closed")),
        "asked": EventKind(Event, names("书面咨询检察院", "procuratorate asked")),
        "answered": EventKind(Answered, names("检察院书面答复", "procuratorate answered")),
        "question_withdrawn": EventKind(Reasoned, names("撤回咨询", "question withdrawn")),
        **CLOCK_KINDS,
    }

    # Each event has one reporter: who may report it is asked of the event and not of the state.
    steps: ClassVar = (
        Step("sent", after=("received",), to="sent", by=_PP),
        # The agency that is asked. It may think better of a refusal as long as the procuratorate has not ended it.
        Step("acknowledged", after=("sent",), to="acknowledged", by=_AG),
        Step("acknowledged", after=(*_WITHHELD, "fulfilled", "escalated"), to=None, by=_AG),
        Step("partially_fulfilled", after=(*_UNANSWERED, "refused", "escalated"), to="partially_fulfilled", by=_AG),
        Step("partially_fulfilled", after=("partially_fulfilled",), to=None, by=_AG),
        Step("fulfilled", after=(*_UNANSWERED, *_WITHHELD, "escalated"), to="fulfilled", by=_AG),
        Step("refused", after=(*_UNANSWERED, "partially_fulfilled", "escalated"), to="refused", by=_AG),
        # The procuratorate that asked, and what its advice brings about.
        Step("escalated", after=_WITHHELD, to="escalated", by=_PP),
        Step("escalated", after=_UNANSWERED, to="escalated", by=_PP, late="assist_answered"),
        Step("escalated", after=("escalated",), to=None, by=_PP),
        Step("advice_served", after=_WITHHELD, to="escalated", by=()),
        Step("advice_served", after=tuple(one for one in _STATES if one not in _WITHHELD), to=None, by=()),
        Step("cancelled", after=(*_UNANSWERED, *_WITHHELD, "escalated"), to="cancelled", by=_PP),
        Step("closed", after=(*_WITHHELD, "fulfilled", "escalated"), to="closed", by=_PP),
        # An agency that asks the procuratorate.
        Step("asked", after=("received", "answered"), to="asked", by=_AG),
        Step("answered", after=("asked",), to="answered", by=_PP),
        Step("question_withdrawn", after=("asked",), to="cancelled", by=_AG),
        *(Step(event, after=_STATES, to=None, by=(*_AG, *_PP)) for event in CLOCK_EVENTS),
    )

    nodes: ClassVar = (
        Node(
            "assist_acknowledged",
            names("签收协作请求", "acknowledgement of the request"),
            Party.AGENCY,
            closes=("acknowledged", "partially_fulfilled", "fulfilled", "refused"),
            lapses=_ENDED,
        ),
        Node(
            "assist_answered",
            names("协助并反馈", "help, and an answer"),
            Party.AGENCY,
            closes=("fulfilled", "refused"),
            lapses=_ENDED,
        ),
        Node(
            "assist_escalated",
            names("对拒绝、妨碍协助的处理", "what follows a refusal"),
            Party.PROCURATORATE,
            closes=("escalated", "advice_served"),
            lapses=("fulfilled", *_ENDED),
        ),
        Node(
            "assist_consulted",
            names("检察院答复咨询", "answer of the procuratorate"),
            Party.PROCURATORATE,
            closes=("answered",),
            lapses=("question_withdrawn",),
        ),
    )

    dates: ClassVar = {"sent_at": "sent", "asked_on": "asked"}

    conditions: ClassVar = {"urgent_without_day": lambda request: request.urgent is True and request.reply_by is None}

    pushed_by: ClassVar = (Party.PROCURATORATE, Party.AGENCY, Party.POLICE)

    is_supervised: ClassVar = False

    superiors_see_nodes: ClassVar = False

    effects: ClassVar = (
        Effect(on=("sent",), to="clue", event="assistance_requested", rule="assistance_tells_clue"),
        Effect(on=("fulfilled",), to="clue", event="assistance_given", rule="assistance_tells_clue"),
        Effect(on=("refused",), to="clue", event="assistance_refused", rule="assistance_tells_clue"),
    )

    def opener(self) -> Party:
        """Who asks, and reports the record."""
        return Party.AGENCY if self.opened_by == "agency" else Party.PROCURATORATE

    def pushers(self) -> tuple[Party, ...]:
        """The procuratorate; of a question any agency, the police among them."""
        return (Party.AGENCY, Party.POLICE) if self.opener() == Party.AGENCY else (Party.PROCURATORATE,)

    def parties(self, facts: Sequence[Fact] = ()) -> Mapping[Party, str]:
        """The procuratorate and the agency, whichever asks."""
        asks, is_asked = self.organisation, self.addressee.credit_code
        if self.opener() == Party.AGENCY:
            return {Party.AGENCY: asks, Party.PROCURATORATE: is_asked}
        return {Party.PROCURATORATE: asks, Party.AGENCY: is_asked}

    def involved(self, facts: Sequence[Fact], _waiting: Sequence[Fact] = ()) -> Iterator[str]:
        """Who asks, and who is asked once it was sent: a draft is nobody else's business."""
        yield self.organisation
        if any(fact.event in ("sent", "asked") for fact in facts):
            yield self.addressee.credit_code

    def addressed(self) -> Iterator[Addressed]:
        """The agency, which may be the police, or the procuratorate."""
        asked = (Party.PROCURATORATE,) if self.opener() == Party.AGENCY else (Party.AGENCY, Party.POLICE)
        yield from addressed_to(self.addressee, "/addressee", *asked)

    def document_number(self) -> str | None:
        """The number of the notice or the letter, normalised."""
        return None if self.document_no is None else identifiers.normalise_document_no(self.document_no)

    def sought(self) -> Sought:
        """By the first of whom it is about."""
        return sought_by(self.subjects)

    def classified(self) -> Iterator[tuple[str, str]]:
        """Who it is about, unless that is known to be an organisation, and who comes."""
        yield from who_they_are(self.subjects, "/subjects")
        for place in range(len(self.handlers or ())):
            yield f"/handlers/{place}/name", PERSONAL.kind
            yield f"/handlers/{place}/phone", PERSONAL.kind

    def attachments(self) -> Iterator[Attachment]:
        """The papers that go along."""
        yield from self.papers or ()

    rules: ClassVar = RULES
