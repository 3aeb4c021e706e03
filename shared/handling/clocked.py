"""Deadlines that facts carry, as the timers follow them.

Any fact starts deadlines by a field `clocks: tuple[Due, ...]` and ends them by `met` or `stopped: tuple[str, ...]`, which hold their keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from shared.blocks.deadlines import EscalateClock
from shared.handling.declare import Start, Stop
from shared.kernel.decider import Decider, category
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered

CARRYING = {"clocks", "met", "stopped"}
MISSED = "clock.missed"  # each service has its own: it is told once, so that somebody is


def clock_families(service: str) -> tuple[str, ...]:
    """The families of the service's facts that start or end deadlines."""
    carrying = [family(name) for name, cls in registered(service) if CARRYING & {one.name for one in fields(cls)}]
    return (*dict.fromkeys(carrying), f"{service}.{MISSED}")


class CarriedClocks:
    """What a fact's deadlines start and stop: when one passes, the timer sends the `EscalateClock` of the stream's aggregate."""

    def __init__(self, deciders: Iterable[Decider[Any]]) -> None:
        self._missed = {cls for name, cls in registered() if family(name).endswith(f".{MISSED}")}
        self._escalations: Mapping[str, tuple[str, str]] = {
            decider.category: (command.__name__, next(iter(command.__annotations__)))
            for decider in deciders
            for command in decider.handles
            if issubclass(command, EscalateClock)
        }

    def due(self, event: Any, at: Envelope) -> Iterable[Start | Stop]:
        """The deadlines that a fact ends, and those it starts. Of one that passed the timer is done, though it is still owed."""
        if type(event) in self._missed:
            yield Stop(event.key)
        for key in (*getattr(event, "met", ()), *getattr(event, "stopped", ())):
            yield Stop(key)
        for one in getattr(event, "clocks", ()):
            kind = category(at.streamid)
            command, names = self._escalations[kind]
            yield Start(one.key, one.due_at, command, {names: at.streamid.removeprefix(f"{kind}-"), "key": one.key})
