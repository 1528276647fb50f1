"""Where a case stands, in one sentence that a person understands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from schemas.faults import Language

from .counting import moment_of
from .deadlines import Duty, standing, state

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "last": "{day} {event}。",
        "nothing": "尚未报送任何步骤。",
        "ended": "{day} {event}。没有未办事项。",
        "todo": "待办：",
        "due": "{who}{what}，至迟 {due}",
        "overdue": "{who}{what}，至迟 {due}，已逾期",
        "no-number": "{who}{what}，规定未定天数",
        "paused": "{who}{what}，期限中止",
        "nobody": "有关单位",
        "comma": "；",
        "stop": "。",
    },
    "en": {
        "last": "{day}: {event}. ",
        "nothing": "No step has been reported yet. ",
        "ended": "{day}: {event}. Nothing is left to be done.",
        "todo": "To be done: ",
        "due": "{what} by {who}, not later than {due}",
        "overdue": "{what} by {who}, not later than {due}, which has passed",
        "no-number": "{what} by {who}, for which the law has no number of days",
        "paused": "{what} by {who}, whose clock stands still",
        "nobody": "the organ in charge",
        "comma": "; ",
        "stop": ".",
    },
}


def sentence(
    last: tuple[str, Mapping[str, str]] | None,
    duties: Sequence[Duty],
    names: Mapping[str, str],
    now: datetime,
    language: Language,
) -> str:
    """Where a record stands: what happened last (its day and what people call it), and who owes what until when.

    `names`: what the organisations are called. Gates and rights are nobody's debt and are left out.
    """
    words = _WORDS[language]
    owed = [duty for duty in duties if not duty.advisory and standing(duty) in ("open", "paused")]
    if last is None:
        told = words["nothing"]
    else:
        told = words["last" if owed else "ended"].format(day=last[0], event=last[1][language])
    if not owed:
        return told.strip()
    debts = (_debt(duty, names, now, language) for duty in _soonest_first(owed))
    return told + words["todo"] + words["comma"].join(debts) + words["stop"]


def _debt(duty: Duty, names: Mapping[str, str], now: datetime, language: Language) -> str:
    words = _WORDS[language]
    who = names.get(duty.responsible or "", words["nobody"])
    if duty.due_at is None:
        return words["paused" if standing(duty) == "paused" else "no-number"].format(who=who, what=duty.title[language])
    due = moment_of(duty.due_at)
    # A period in days ends with its day; one in hours at its minute.
    day = due.date().isoformat() if due.second else due.strftime("%Y-%m-%d %H:%M")
    kind = "overdue" if state(duty, now) == "overdue" else "due"
    return words[kind].format(who=who, what=duty.title[language], due=day)


def _soonest_first(duties: Iterable[Duty]) -> list[Duty]:
    return sorted(duties, key=lambda duty: (duty.due_at is None, duty.due_at and moment_of(duty.due_at)))
