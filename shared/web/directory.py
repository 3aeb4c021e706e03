"""What the edge and its host ask about divisions, rules and permissions; the registry answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from shared.eventlog.ports import EventFeed
from shared.geo.divisions import Divisions
from shared.handling.matters import Sees as Sees
from shared.kernel.commands import Signature
from shared.kernel.decider import Rules


class Directory(Protocol):
    """Who lies under whom, what holds where, who may do what; kept in memory, followed from the registry's log."""

    def bind(self, registry: EventFeed) -> None: ...
    def step(self) -> bool:
        """Take what is new; True when divisions or rules changed."""
        ...

    @property
    def position(self) -> int:
        """How far the registry's log was followed."""
        ...

    @property
    def divisions(self) -> Divisions:
        """The tree as it stands today."""
        ...

    def faults(self) -> dict[str, str]:
        """What is not as it was decided, and stops nothing."""
        ...

    def organ(self, division: str | None, function: str) -> Mapping[str, str] | None:
        """The names, by language, of the organ that holds a function there or nearest above."""
        ...

    def level(self, division: str | None) -> int | None: ...
    def within(self, division: str | None, above: str) -> bool: ...
    def sees(self, by: Signature) -> Sees: ...
    def may(self, command: str, by: Signature, areas: tuple[str, ...] | None) -> str:
        """The rule that gives the power. NotAllowed."""
        ...

    def require(self, query: str, by: Signature) -> None: ...
    def rules_for(self, division: str | None, at: datetime, pack: str | None) -> Rules: ...
