"""How a due date came about, in words that can be checked with a wall calendar, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from schemas.faults import Language
from schemas.law import Span, Unit
from schemas.lifecycle import day_of

from .counting import Reckoning, When, first_counted_moment, moment_of
from .deadlines import Duty
from .workdays import ONE_DAY

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "comma": ",",
        "semicolon": ";",
        "stop": "。",
        "opened": "{when} {event}",
        "day-not-counted": "当日不计",
        "from-hour": "自 {moment} 起算",
        "hour-unknown": "未报时刻,自当日终了起算",
        "lead": "先经 {after},至 {day}",
        "named-day": "自 {day} 起算",
        "named-end": "文书载明至 {day}",
        "backwards": "当日不计,倒数 {span}",
        "extended": "延长 {added},共 {total}",
        "until": "经批准延至 {day}",
        "advisory": "仅作提示,不是期限,不计逾期",
        "during": "其间 {days}",
        "off": "{days} 放假",
        "worked": "{day}({weekday})上班",
        "stretch": "{first} 至 {last}",
        "paused": "{stretch} 中止不计",
        "rolled": "末日 {day}({weekday})休息,顺延",
        "provisional": "{years} 年放假安排未收入,暂按周末推算",
        "due": "至 {due}",
        "latest": "至迟 {due}",
        "standing": "{since} 起中止,剩余 {left}",
        "waived": "{day} 起不再计算",
        "lapsed": "{day} {event},不再计算",
        "no-number": "规定未定天数",
        "no-rule-known": "当日适用的期限规定未查明",
    },
    "en": {
        "comma": ", ",
        "semicolon": "; ",
        "stop": ".",
        "opened": "{when} {event}",
        "day-not-counted": "that day not counted",
        "from-hour": "counted from {moment}",
        "hour-unknown": "hour not reported, counted from the end of that day",
        "lead": "first {after}, until {day}",
        "named-day": "counted from {day}",
        "named-end": "by {day}, as the document names it",
        "backwards": "that day not counted, {span} back",
        "extended": "extended by {added} to {total}",
        "until": "extended by decision until {day}",
        "advisory": "shown only, not a deadline: nobody is late with it",
        "during": "{days}",
        "off": "{days} off",
        "worked": "{day} ({weekday}) worked",
        "stretch": "{first} to {last}",
        "paused": "{stretch} suspended and not counted",
        "rolled": "the last day {day} ({weekday}) is off and gives way",
        "provisional": "holidays of {years} not in the calendar, reckoned by weekends for now",
        "due": "until {due}",
        "latest": "{due} at the latest",
        "standing": "suspended since {since}, {left} left",
        "waived": "no longer counted since {day}",
        "lapsed": "{day} {event}, no longer counted",
        "no-number": "the rule names no number of days",
        "no-rule-known": "no rule known for that day",
    },
}

_UNITS: Mapping[Language, Mapping[Unit, str]] = {
    "zh": {"working_day": "个工作日", "natural_day": "日", "month": "个月", "hour": "小时"},
    "en": {"working_day": "working day", "natural_day": "day", "month": "month", "hour": "hour"},
}

_WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}

_DAY = "%Y-%m-%d"
_MINUTE = "%Y-%m-%d %H:%M"
_SECOND = "%Y-%m-%d %H:%M:%S"


def explanation(duty: Duty, language: Language = "zh") -> str:
    """One sentence that says what opened the duty, what was counted, what was not, and until when."""
    speech = _Speech(duty, language)
    return speech.word("semicolon").join(speech.clauses()) + speech.word("stop")


class _Speech:
    """One duty being told in one language."""

    def __init__(self, duty: Duty, language: Language) -> None:
        self._duty = duty
        self._language = language
        self._year = day_of(duty.opened_at).year

    def clauses(self) -> Iterator[str]:
        duty = self._duty
        if duty.limit is None or duty.reckoning is None:
            yield self._opened()
            yield self.word("no-rule-known" if duty.status == "no-rule-known" else "no-number")
        else:
            yield self._listed(self._opened(), *self._from_where(duty.limit, duty.reckoning))
            if counted := self._listed(*self._amount(duty.limit), *self._along_the_way(duty.reckoning)):
                yield counted
            yield from self._pauses(duty.limit, duty.reckoning)
            yield from self._end(duty.limit, duty.reckoning)
        if duty.advisory:
            yield self.word("advisory")
        if duty.waived_at is not None:
            by = duty.waived_by.get(self._language)
            yield self.word("lapsed" if by else "waived", day=day_of(duty.waived_at), event=by)

    def word(self, key: str, **gaps: object) -> str:
        return _WORDS[self._language][key].format(**gaps)

    def _listed(self, *parts: str) -> str:
        return self.word("comma").join(parts)

    def _opened(self) -> str:
        duty = self._duty
        event = duty.opened_title.get(self._language, duty.opened_by)
        return self.word("opened", when=self._when(duty.opened_at, duty.limit), event=event)

    def _from_where(self, limit: Span, reckoning: Reckoning) -> Iterator[str]:
        duty = self._duty
        if duty.backwards:
            yield self.word("backwards", span=self._span(limit))
        elif limit.unit == "hour":
            yield self._from_the_hour()
        elif duty.after is not None and reckoning.counted_from is not None:
            yield self.word("lead", after=self._span(duty.after), day=self._day(day_of(reckoning.counted_from)))
        elif reckoning.counted_from is not None and duty.extended_until is None:
            yield self.word("named-day", day=self._day(day_of(reckoning.counted_from)))
        elif duty.named_day is None:
            yield self.word("day-not-counted")

    def _from_the_hour(self) -> str:
        opened_at = self._duty.opened_at
        if not isinstance(opened_at, datetime):
            return self.word("hour-unknown")
        return self.word("from-hour", moment=f"{first_counted_moment(opened_at):%Y-%m-%d %H:%M}")

    def _amount(self, limit: Span) -> Iterator[str]:
        duty = self._duty
        if duty.named_day is not None:
            yield self.word("named-end", day=self._day(duty.named_day))
        elif not duty.backwards:
            yield self._span(limit)
        if duty.extended_by:
            added, total = Span(duty.extended_by, limit.unit), Span(limit.amount + duty.extended_by, limit.unit)
            yield self.word("extended", added=self._span(added), total=self._span(total))
        if duty.extended_until is not None:
            yield self.word("until", day=self._day(duty.extended_until))

    def _along_the_way(self, reckoning: Reckoning) -> Iterator[str]:
        off = (self._word_off(first, last) for first, last in reckoning.holidays)
        worked = (self.word("worked", day=self._day(day), weekday=self._weekday(day)) for day in reckoning.make_up_days)
        if days := self._listed(*off, *worked):
            yield self.word("during", days=days)

    def _word_off(self, first: date, last: date) -> str:
        return self.word("off", days=self._stretch(first, last))

    def _pauses(self, limit: Span, reckoning: Reckoning) -> Iterator[str]:
        for pause in reckoning.pauses:
            if pause.end is not None and (stretch := self._stood(limit, reckoning, pause.start, pause.end)):
                yield self.word("paused", stretch=stretch)

    def _stood(self, limit: Span, reckoning: Reckoning, start: When, end: When) -> str:
        """When the clock stood still, as far as it would have run; empty if it would not."""
        if limit.unit == "hour":
            begin = max(moment_of(start), first_counted_moment(self._duty.opened_at))
            stop = min(moment_of(end), reckoning.due_at)
            return self.word("stretch", first=f"{begin:{_MINUTE}}", last=f"{stop:{_MINUTE}}") if begin < stop else ""
        first = max(day_of(start), day_of(self._duty.opened_at) + ONE_DAY)
        last = min(day_of(end) - ONE_DAY, reckoning.last_day)
        return self._stretch(first, last) if first <= last else ""

    def _end(self, limit: Span, reckoning: Reckoning) -> Iterator[str]:
        duty = self._duty
        if duty.remaining is not None and duty.paused_at is not None:
            yield self.word("standing", since=self._when(duty.paused_at, limit), left=self._span(duty.remaining))
            return
        last = reckoning.last_day
        if last != reckoning.due_at.date():
            yield self.word("rolled", day=self._day(last), weekday=self._weekday(last))
        if reckoning.unknown_years:
            yield self.word("provisional", years=self._listed(*map(str, reckoning.unknown_years)))
        due = f"{reckoning.due_at:{_SECOND if limit.unit == 'hour' else _DAY}}"
        yield self.word("latest" if duty.backwards else "due", due=due)

    def _span(self, span: Span) -> str:
        unit = _UNITS[self._language][span.unit]
        plural = "s" if self._language == "en" and span.amount != 1 else ""
        return f"{span.amount} {unit}{plural}"

    def _when(self, when: When, limit: Span | None) -> str:
        """The day, with the time of day only where hours are counted."""
        hours = limit is not None and limit.unit == "hour" and isinstance(when, datetime)
        return f"{moment_of(when):{_MINUTE if hours else _DAY}}"

    def _stretch(self, first: date, last: date) -> str:
        if first == last:
            return self._day(first)
        return self.word("stretch", first=self._day(first), last=self._day(last))

    def _day(self, day: date) -> str:
        """Month and day; the year too where it is not the one the clock began in."""
        return f"{day:%m-%d}" if day.year == self._year else f"{day:{_DAY}}"

    def _weekday(self, day: date) -> str:
        return _WEEKDAYS[self._language][day.weekday()]
