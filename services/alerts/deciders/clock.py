"""Deadlines from rule data, and what is said when one passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.clock import ClockMissed
from shared.blocks.clocks import Clocks, Due
from shared.kernel.commands import Command
from shared.kernel.decider import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateClock(Command):
    """A deadline passed. Each aggregate has its own, naming the stream; only the timer sends it."""

    key: str


def deadline(rules: Rules, rule: str, since: datetime, key: str = "") -> Due:
    """The deadline of a rule whose value is a duration, counted from `since`; its key is the rule's unless named."""
    return Due(key or rule, rule, since, since + rules.value(rule))


def escalate(command: EscalateClock, clocks: Clocks) -> Sequence[ClockMissed]:
    """Once, and only while the deadline runs."""
    due = clocks.passed(command.key, command.now)
    return [ClockMissed(due.key, due.rule, due.since, due.due_at, command.now)] if due else []
