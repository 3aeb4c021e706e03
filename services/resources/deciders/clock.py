"""What is said when a deadline of resources passes."""

from __future__ import annotations

from collections.abc import Sequence

from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import Clocks
from shared.blocks.deadlines import EscalateClock


def escalate(command: EscalateClock, clocks: Clocks) -> Sequence[ClockMissed]:
    """Once, and only while the deadline runs."""
    due = clocks.passed(command.key, command.now)
    return [ClockMissed(due.key, due.rule, due.since, due.due_at, command.now)] if due else []
