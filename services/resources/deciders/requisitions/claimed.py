"""Which claims for compensation a requisition has, and which of them are still to be decided, as `compensation` tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.resources.deciders.requisitions.state import NEW, Requisition, also
from services.resources.deciders.streams import claim_stream, requisition_stream
from services.resources.events.requisition import CompensationNoted, RequisitionClaimed
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRequisitionClaim(Command):
    """A claim for a requisition is to be decided, or was decided, settled or given up. Only policies send it."""

    claim: PublicId
    requisition: PublicId | None = None
    claimant: PublicId | None = None
    instead_of: PublicId | None = None  # the claim that its return named
    decided: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """`requisition` None: it is for something else."""

    requisition: str | None = None
    division: str | None = None


def decide(command: NoteRequisitionClaim, states: Mapping[str, Any], rules: Rules) -> Sequence[tuple[str, Any]]:
    """Nothing, unless it is the owner's, for a requisition that is known, and says something new."""
    own = claim_stream(command.claim)
    claimed: Claimed = states[own]
    requisition = claimed.requisition or command.requisition
    state = states.get(requisition_stream(requisition)) if requisition else None
    if requisition is None or not isinstance(state, Requisition) or state.status == NEW:
        return []
    if claimed.requisition is None and (state.wanted is None or command.claimant != state.wanted.subject):
        return []
    facts: list[tuple[str, Any]] = []
    if claimed.requisition is None:
        facts.append((own, RequisitionClaimed(command.claim, requisition, state.division, command.now)))
    undecided = tuple(one for one in state.undecided if one not in (command.instead_of, command.claim if command.decided else None))
    undecided = undecided if command.decided else also(undecided, command.claim)
    if facts or undecided != state.undecided or (command.withdrawn and command.claim not in state.gone):
        said = requisition, state.incident, command.claim, command.decided, command.now, command.withdrawn
        facts.append((requisition_stream(requisition), CompensationNoted(*said, undecided)))
    return facts


def evolve(claimed: Claimed, event: RequisitionClaimed) -> Claimed:
    """The claim after the event."""
    return Claimed(event.requisition, event.division)


def _claimed(command: NoteRequisitionClaim, states: Mapping[str, Any]) -> tuple[str, ...]:
    requisition = states[claim_stream(command.claim)].requisition or command.requisition
    return (requisition_stream(requisition),) if requisition else ()


CLAIMED = Decider(
    category="claim",
    initial=Claimed(),
    decide=decide,
    evolve=evolve,
    about=lambda claimed: About(claimed.division, "restricted"),
    handles={NoteRequisitionClaim: Handles(lambda c: (claim_stream(c.claim),), creates=True, further=_claimed)},
    joint=frozenset((NoteRequisitionClaim,)),
)
