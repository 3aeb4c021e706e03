"""What opens and settles an item that closing an incident waits for."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.deciders.incidents.commands import OpenClosureItem, SettleClosureItem
from shared.handling.sentence import system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def opened(at: Envelope, incident: str | None, kind: str, item: str) -> Iterable[Command]:
    """Closing waits for it; what belongs to no incident keeps none open."""
    if incident is not None:
        yield OpenClosureItem(by=system(at), now=at.time, incident=incident, item=item, kind=kind)


def settled(at: Envelope, incident: str | None, kind: str, item: str, how: str) -> Iterable[Command]:
    """Closing waits for it no longer."""
    if incident is not None:
        yield SettleClosureItem(by=system(at), now=at.time, incident=incident, item=item, kind=kind, how=how)
