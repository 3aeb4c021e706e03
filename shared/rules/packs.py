"""A rule pack: values with their source and validity, and what they come to for one place and day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any

DIGEST_LETTERS = 12  # of the pack's digest, as decisions record it


@dataclass(frozen=True, slots=True)
class Rule:
    """One value: what it is called, who says so, how sure that is, where and from when it holds."""

    id: str
    zh: str
    en: str
    source: str
    confidence: str  # H read in the statute, M secondary, L uncertain, D our own default
    value: Any
    division: str | None = None  # None: wherever the pack holds
    valid_from: date | None = None  # None: from the first day of the pack
    valid_to: date | None = None  # the first day on which it no longer holds

    def holds(self, day: date) -> bool:
        """Valid on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


class UnknownRule(LookupError):
    """No pack in force gives this rule: a fault of the data or of the code, never of the caller."""


class Resolved:
    """The rules as they hold for one division at one time; what a decider is given."""

    __slots__ = ("_rules", "pack")

    def __init__(self, pack: str, rules: Mapping[str, Rule]) -> None:
        self.pack = pack  # id@digest, on the envelope of every event
        self._rules = rules

    def rule(self, rule: str) -> Rule:
        """The rule with its source and confidence."""
        found = self._rules.get(rule)
        if found is None:
            raise UnknownRule(f"{self.pack} has no rule {rule}")
        return found

    def value(self, rule: str) -> Any:
        """The value of a rule."""
        return self.rule(rule).value

    def items(self, prefix: str = "") -> Iterator[Rule]:
        """The rules whose id begins so, in order of their ids."""
        return (self._rules[id] for id in sorted(self._rules) if id.startswith(prefix))


@dataclass(frozen=True)
class RulePack:
    """All the rules of one edition of the law. Before its first day it is judged as if that day had come."""

    id: str
    zh: str
    en: str
    source: str
    valid_from: date
    utc_offset: timedelta  # of the days in it
    rules: tuple[Rule, ...]
    _by_id: Mapping[str, Sequence[Rule]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id: dict[str, list[Rule]] = {}
        for rule in self.rules:
            by_id.setdefault(rule.id, []).append(rule)
        object.__setattr__(self, "_by_id", by_id)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the content; the order of files and rules does not matter."""
        header = [self.id, self.zh, self.en, self.source, self.valid_from.isoformat(), str(self.utc_offset)]
        return sha256(json.dumps([header, sorted(map(_canonical, self.rules))], ensure_ascii=False).encode()).hexdigest()

    @property
    def name(self) -> str:
        """`id@digest`, as decisions record it."""
        return f"{self.id}@{self.digest[:DIGEST_LETTERS]}"

    @cached_property
    def places(self) -> frozenset[str]:
        """The divisions that have values of their own."""
        return frozenset(rule.division for rule in self.rules if rule.division is not None)

    def starts(self, day: date) -> datetime:
        """The moment a day of this pack begins."""
        return datetime(day.year, day.month, day.day, tzinfo=timezone(self.utc_offset))

    def changes(self) -> Iterable[datetime]:
        """The moments from which other values may hold."""
        days = {day for rule in self.rules for day in (rule.valid_from, rule.valid_to) if day is not None}
        return sorted(self.starts(day) for day in days | {self.valid_from})

    def resolve(self, chain: Sequence[str], at: datetime) -> Resolved:
        """The values for a division, given with everything above it, nearest first: the nearest own value wins."""
        day = max(at.astimezone(timezone(self.utc_offset)).date(), self.valid_from)
        near = {code: distance for distance, code in enumerate(chain)}
        found: dict[str, Rule] = {}
        for id, rules in self._by_id.items():
            held = [rule for rule in rules if rule.holds(day) and (rule.division is None or rule.division in near)]
            if held:
                found[id] = min(held, key=lambda rule: near.get(rule.division or "", len(chain)))
        return Resolved(self.name, MappingProxyType(found))


def _canonical(rule: Rule) -> str:
    fields = [rule.id, rule.zh, rule.en, rule.source, rule.confidence, rule.division, rule.valid_from, rule.valid_to, rule.value]
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)  # days, durations, decimals
