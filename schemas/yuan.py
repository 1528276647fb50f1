"""How much money a Chinese text names: 罚款人民币1.2万元, 处伍仟元罚款.

For warnings, so silence is better than a mistake: what can be read two ways is not read at all.
"""

from __future__ import annotations

import functools
import re
from decimal import Decimal

_FIGURES = ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {digit: value for value, digits in enumerate(_FIGURES) for digit in digits}
_TENS = {unit: value for units, value in (("十拾", 10), ("百佰", 100), ("千仟", 1000)) for unit in units}
_MYRIADS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}

_WORDS = "".join((*_DIGITS, *_TENS, *_MYRIADS))
_ARABIC = r"[0-9]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]{1,6})?|[0-9]+(?:\.[0-9]{1,6})?"
# Not after another figure, not before an end of a range, a rate, or 角 and 分.
_ALONE = rf"(?!以[上下内]|以?至|[到/每~～－—-]|[{_WORDS}])"
_AMOUNT = rf"(?<![0-9.,，{_WORDS}])(?:(?:{_ARABIC})\s*[万萬亿億]?|[{_WORDS}]+)\s*元{_ALONE}"
_BETWEEN = r"(?:的?金额|的?数额)?(?:为|计|是)?\s*[:：]?\s*(?:人民币)?\s*[:：]?\s*[￥¥]?\s*"


@functools.cache
def _around(word: str, *, before: bool) -> re.Pattern[str]:
    after = rf"(?<!加处)(?<!不予)(?<!免予)(?<!不再)(?:{word}){_BETWEEN}(?P<after>{_AMOUNT})"
    return re.compile(after + (rf"|(?P<before>{_AMOUNT})(?:整|正)?(?:人民币)?的?(?:{word})" if before else ""))


# 每日按罚款数额的百分之三加处罚款 stands in most decisions and multiplies nothing.
_OF_SEVERAL = re.compile("每(?!日按|日加)|各|分别|减半|余元|多元")


def amount_named(word: str, text: str, *, before: bool = False) -> Decimal | None:
    """The one amount in yuan that `text` names right after `word` (a pattern), or right before it if `before`.

    None if it names none, several, or one that is to be multiplied or shared.
    """
    found = list(_around(word, before=before).finditer(text))
    if not found or _OF_SEVERAL.search(text):
        return None
    amounts = {_value(next(group for group in match.groups() if group)) for match in found}
    return amounts.pop() if len(amounts) == 1 else None


def _value(written: str) -> Decimal | None:
    """The value of what `_AMOUNT` matched; None if it is no whole number as people write it."""
    figure = re.sub(r"[\s,，元]", "", written)
    if figure[0].isascii():
        times = _MYRIADS.get(figure[-1])
        return Decimal(figure) if times is None else Decimal(figure[:-1]) * times
    return _in_words(figure)


def _in_words(words: str) -> Decimal | None:
    """The value of a number in Chinese characters; colloquial 三千五 and plain rows of digits are not read."""
    if _UNREAD.search(words):
        return None
    total = section = digit = 0
    for character in words:
        if character in _DIGITS:
            digit = _DIGITS[character]
            continue
        if character in _TENS:
            section += (digit or 1) * _TENS[character]
        elif character in "万萬":
            total, section = total + (section + digit) * 10_000, 0
        else:
            total, section = (total + section + digit) * 100_000_000, 0
        digit = 0
    return Decimal(total + section + digit)


_COUNTING = "".join(digit for digit, value in _DIGITS.items() if value)
_UNREAD = re.compile(rf"[{_COUNTING}]{{2}}|[百佰千仟万萬亿億][{_COUNTING}](?=[万萬亿億]|$)|^[零〇百佰千仟万萬亿億]")
