"""Which take-overs are awaited until when; the timer says when one was missed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.registry.events.rosters import HandOverAcknowledged, HandOverMissed, RosterPublished
from shared.handling.declare import Start, Stop
from shared.kernel.envelope import Envelope

DUE_FAMILIES = ("registry.roster.published", "registry.handover.acknowledged", "registry.handover.missed")


def due(event: Any, at: Envelope) -> Iterable[Start | Stop]:
    """A shift that fell out of the roster keeps its deadline, which then decides nothing."""
    match event:
        case RosterPublished(roster=roster, shifts=shifts):
            for shift in shifts:
                if shift.due_at is not None:
                    yield Start(shift.shift, shift.due_at, "EscalateHandOver", {"roster": roster, "shift": shift.shift})
        case HandOverAcknowledged(shift=shift) | HandOverMissed(shift=shift):
            yield Stop(shift)
