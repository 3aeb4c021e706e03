"""What follows when goods of a store moved: thresholds are looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.resources.deciders.masters.notice import WatchStock
from services.resources.deciders.stock.families import MOVES
from shared.handling.declare import Policy
from shared.handling.sentence import system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_goods_move_then_thresholds_are_looked_at(event: Any, at: Envelope) -> Iterable[Command]:
    """It looks at how the stock stands: of a file of many lines the last movement of each store and item is enough."""
    yield WatchStock(by=system(at), now=at.time, store=event.store, item=event.item)


_SAID = when_goods_move_then_thresholds_are_looked_at
NOTICES: tuple[Policy, ...] = (Policy(_SAID.__name__, MOVES, _SAID, newest=True),)
