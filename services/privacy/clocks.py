"""Which deadlines an event starts and stops: all of them are carried by the facts, but one of older ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.privacy.deciders import DECIDERS
from services.privacy.deciders.duties.rights import EscalateRightsClock
from services.privacy.deciders.duties.words import KEPT
from services.privacy.events.duties import RightsRequestDecided
from shared.handling.clocked import CarriedClocks, clock_families
from shared.handling.declare import Start, Stop
from shared.kernel.envelope import Envelope

DUE_FAMILIES: tuple[str, ...] = clock_families("privacy")
_carried = CarriedClocks(DECIDERS)


def due(event: Any, at: Envelope) -> Iterable[Start | Stop]:
    """Also a first look at the words of what was decided before facts said how long they are kept: they would stay for ever (PIPL art.
    19), and none go by surprise, since their time begins with that look."""
    yield from _carried.due(event, at)
    if isinstance(event, RightsRequestDecided) and event.words is None:
        yield Start(KEPT, event.at, EscalateRightsClock.__name__, {"request": event.request, "key": KEPT})
