"""Numbers of people in a text, beside a word for what became of them; what is read here is shown to a person and decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

DIGITS = {sign: n for n, signs in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九")) for sign in signs}
PLACES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_SIGNS = "".join((*DIGITS, *PLACES))
# Thousands apart by commas or not at all: `1,5` and `12.5` are no numbers of people; nor are `数十` and `第三`.
_WESTERN = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?!\d|[.,]\d)(?:[百千万]|(?![百千万]))"
_CHINESE = f"[{_SIGNS}]+(?![{_SIGNS}])"
_BEFORE = rf"(?:(?<![A-Za-z\d.,-]){_WESTERN}|(?<![\d数几第{_SIGNS}]){_CHINESE})"
_AFTER = rf"(?:{_WESTERN}|{_CHINESE})"
_PEOPLE = (
    r"\s*(?:余|多)?(?:名|个|位)?(?:人|群众|村民|居民|people|persons?)?\s*(?:were|are|was|is|have|为|已)?\s*(?:still|now|already|仍|均)?\s*"
)
_IS = r"\s*(?:人数|人员|toll)?\s*(?:为|达|共|[:：=]|is|are)?\s*"


def counted(text: str, words: Mapping[str, Sequence[str]], animals: Sequence[str]) -> Iterator[tuple[str, Decimal]]:
    """Each number of people with the metric its word belongs to; what comes first takes the number, and what counts animals is left out."""
    metric_of = {word: metric for metric, of in words.items() for word in of}
    word, beasts = _any(metric_of), rf"(?!\s*(?:余|多)?\s*(?:{_any(animals)}))"
    pattern = rf"({_BEFORE}){_PEOPLE}({word})|({word}){_IS}({_AFTER}){beasts}"
    for found in re.finditer(pattern, text, re.IGNORECASE):
        said, before, after, later = found.groups()
        yield metric_of[(before or after).lower()], number(said or later)


def number(said: str) -> Decimal:
    """`1,562`, `３`, `3万`, `三十二`, `一五六二` as a number."""
    plain = said.replace(",", "")
    western = plain.rstrip("百千万")
    if western.isdecimal():
        return Decimal(western) * PLACES.get(plain[len(western) :], 1)
    if not any(sign in PLACES for sign in plain):
        return Decimal("".join(str(DIGITS[sign]) for sign in plain))
    total = part = digit = 0
    for sign in plain:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign == "万":
            total, part, digit = (total + part + digit) * PLACES[sign], 0, 0
        else:
            part, digit = part + (digit or 1) * PLACES[sign], 0
    return Decimal(total + part + digit)


def _any(words: Sequence[str] | Mapping[str, str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
