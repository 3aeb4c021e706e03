"""Whether people still have to be away from home: asked again and again while they are (ERL art. 10; K-19)."""

from __future__ import annotations

from services.alerts.deciders.evacuations.commands import ReviewEvacuation
from services.alerts.events.evacuation import EvacuationReviewed
from shared.blocks.clocks import Clocks
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

REVIEW = "K-19"  # the key of its clock


def reviewed(command: ReviewEvacuation, clocks: Clocks, incident: str | None, rules: Rules) -> Decided:
    """What was found, and until when it is looked at again; late is kept and marked."""
    faults = [] if command.finding else [Failure("ERL-10", "say what was found: keep, adjust or end", "finding")]
    faults += [] if command.note else [Failure("ERL-10", "say why: the danger that lasts, and milder means", "note")]
    refuse_all(RuleBroken, faults)
    assert command.finding is not None and command.note
    late = clocks.late(REVIEW, command.now) is not None
    said = (command.evacuation, command.finding, command.note, late, command.by.actor, command.now, incident)
    again = (deadline(rules, REVIEW, command.now),)
    return Decided([EvacuationReviewed(*said, (REVIEW,), again)], basis="ERL-10", flags=("A-LATE",) if late else ())
