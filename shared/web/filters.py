"""What a reader of events asks for, and what they may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.handling.matters import Learned, Sees
from shared.kernel.envelope import Recorded


@dataclass(frozen=True, slots=True)
class Filter:
    """By division subtree, type family (a prefix at a dot) and incident. Equal filters share one encoding."""

    division: str | None = None
    type: str | None = None
    incident: str | None = None
    circle: tuple[str | None, tuple[str, ...]] = (None, ())  # who sees: division and roles, all that visibility is judged by

    def takes(self, recorded: Recorded, sees: Sees, within: Callable[[str | None, str], bool], learned: Learned) -> bool:
        """True when the event is asked for and may be seen, by what was learned of its batch."""
        if self.type is not None and not (recorded.type == self.type or recorded.type.startswith(self.type + ".")):
            return False
        envelope = recorded.envelope
        of = envelope.correlationid
        if self.incident is not None and of != self.incident and (of is None or learned.under(of) != self.incident):
            return False
        if self.division is not None and not within(envelope.division, self.division):
            return False
        return learned.shown(recorded, sees)
