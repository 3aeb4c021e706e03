"""Deadlines from rule data, and what is said when one passes (domain 2.17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from shared.blocks.clocks import Clocks, Due
from shared.kernel.commands import Command
from shared.kernel.decider import Rules

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateClock(Command):
    """A deadline passed. Each aggregate has its own, whose first field names the stream; only the timer sends it."""

    key: str


def deadline(rules: Rules, rule: str, since: datetime, key: str = "") -> Due:
    """The deadline of a rule whose value is a duration, counted from `since`; its key is the rule's unless named."""
    return Due(key or rule, rule, since, since + rules.value(rule))


def missed(command: EscalateClock, clocks: Clocks, fact: Callable[[str, str, datetime, datetime, datetime], T]) -> list[T]:
    """The service's own fact that a deadline passed: once, and only while it runs."""
    due = clocks.passed(command.key, command.now)
    return [fact(due.key, due.rule, due.since, due.due_at, command.now)] if due else []
