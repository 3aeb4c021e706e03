"""Whose matter an event is, where its envelope alone does not say so: asked of every event before it is streamed to anybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.eventlog.ports import EventFeed
from shared.kernel.envelope import Recorded

NARROW = ("restricted", "confidential")
"""Classes that are for those concerned, not for all staff of a place."""
Sees = Callable[[str | None, str], bool]
"""What somebody sees: (division, visibility) -> bool."""


class Streams(EventFeed, Protocol):
    """A log whose streams can be asked for: a service's own, or an inbox."""

    def stream(self, stream: str, after: int = 0) -> Sequence[Recorded]: ...


class Learned(Protocol):
    """What was found out about a batch. It does not change and is never looked up again, so that the event loop may ask it."""

    def shown(self, recorded: Recorded, sees: Sees) -> bool:
        """Whether who sees so may see it."""
        ...

    def unknown(self, recorded: Recorded) -> bool:
        """Whether whose matter it is cannot be read by this release: it is shown to nobody, and may be somebody's all the same."""
        ...

    def under(self, incident: str) -> str:
        """What lies under this incident is found under that one: the same, or the one it was merged into."""
        ...


class Matters(Protocol):
    """What a service knows of its events beside their envelopes."""

    def learn(self, log: str, batch: Sequence[Recorded]) -> Learned:
        """These are to be shown: look up what is needed for that, as it stands now. In a thread, several at once."""
        ...


class AsWritten:
    """As the envelope says, and nothing more."""

    def learn(self, log: str, batch: Sequence[Recorded]) -> Learned:
        return self

    def shown(self, recorded: Recorded, sees: Sees) -> bool:
        return sees(recorded.envelope.division, recorded.envelope.visibility)

    def unknown(self, recorded: Recorded) -> bool:
        return False

    def under(self, incident: str) -> str:
        return incident


AS_WRITTEN = AsWritten()
