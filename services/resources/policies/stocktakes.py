"""What a stocktake found beyond tolerance is somebody's work (domain 3.8, SU-07)."""

from __future__ import annotations

from collections.abc import Iterable

from services.resources.deciders.task import AssignSupplyTask
from services.resources.events.stocktake import StocktakePosted
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Code, Command
from shared.kernel.envelope import Envelope

ROLES = ("EMD.officer", "EMD.approver", "RSV", "AUD")
SAID = 20  # lots named in the task


def when_stocktake_differs_beyond_tolerance_then_somebody_inquires(event: StocktakePosted, at: Envelope) -> Iterable[Command]:
    if event.above:
        text = ", ".join(event.above[:SAID])
        yield AssignSupplyTask(
            by=system(at),
            now=at.time,
            task=f"inquiry-{event.stocktake}",
            kind="stocktake_inquiry",
            roles=ROLES,
            subject=at.streamid,
            division=Code(at.division) if at.division else None,
            text=text,
        )


STOCKTAKES: tuple[Policy, ...] = (policy("resources.stocktake.posted.v1", when_stocktake_differs_beyond_tolerance_then_somebody_inquires),)
