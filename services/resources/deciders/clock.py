"""What is said when a deadline of resources passes."""

from __future__ import annotations

from collections.abc import Sequence

from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import Clocks
from shared.blocks.deadlines import EscalateClock, missed


def escalate(command: EscalateClock, clocks: Clocks) -> Sequence[ClockMissed]:
    """Once, and only while the deadline runs."""
    return missed(command, clocks, ClockMissed)
