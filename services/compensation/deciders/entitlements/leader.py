"""Who speaks for a force, as its filing and roster say; and for a registration that was merged into another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from services.compensation.deciders.streams import leader_stream
from services.compensation.events.entitlement import ClaimantMerged, ForceLeaderNoted
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteForceLeader(Command):
    """The force names this leader, or was put on file. Only policies send it."""

    force: PublicId
    leader: str | None = None  # as before
    filed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteClaimantMerged(Command):
    """A registration was the second of one person, and another is kept. Only policies send it."""

    claimant: PublicId
    into: PublicId


@dataclass(frozen=True, slots=True)
class Leader:
    """Who a force names, and whether it is on file: before that anybody could have filed anything. `into`: the kept registration."""

    named: str | None = None
    filed: bool = False
    division: str | None = None
    into: str | None = None

    @property
    def leader(self) -> str | None:
        """Who speaks for it; nobody for what is no force on file."""
        return self.named if self.filed else None


def decide(command: NoteForceLeader | NoteClaimantMerged, leader: Leader, rules: Rules) -> Sequence[ForceLeaderNoted | ClaimantMerged]:
    """The same again changes nothing."""
    if isinstance(command, NoteClaimantMerged):
        merged = ClaimantMerged(command.claimant, command.into, command.by.division, command.now)
        return [] if leader.into == command.into else [merged]
    named, filed = command.leader or leader.named, leader.filed or command.filed
    if named is None or (named, filed) == (leader.named, leader.filed):
        return []
    return [ForceLeaderNoted(command.force, named, command.by.division, command.now, filed)]


def evolve(leader: Leader, event: ForceLeaderNoted | ClaimantMerged) -> Leader:
    """The leader after the event."""
    match event:
        case ForceLeaderNoted():
            return replace(leader, named=event.leader, filed=event.filed, division=event.division)
        case ClaimantMerged():
            return replace(leader, into=event.into, division=leader.division or event.division)
        case _:
            assert_never(event)


LEADER = Decider(
    category="leader",
    initial=Leader(),
    decide=decide,
    evolve=evolve,
    about=lambda leader: About(leader.division, "restricted"),
    handles={
        NoteForceLeader: Handles(lambda c: (leader_stream(c.force),), creates=True),
        NoteClaimantMerged: Handles(lambda c: (leader_stream(c.claimant),), creates=True),
    },
)
