"""Who speaks for a force, as its filing and roster say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.compensation.deciders.streams import leader_stream
from services.compensation.events.entitlement import ForceLeaderNoted
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteForceLeader(Command):
    """The force names this leader, or was put on file. Only policies send it."""

    force: PublicId
    leader: str | None = None  # as before
    filed: bool = False


@dataclass(frozen=True, slots=True)
class Leader:
    """Who a force names, and whether it is on file: before that anybody could have filed anything."""

    named: str | None = None
    filed: bool = False
    division: str | None = None

    @property
    def leader(self) -> str | None:
        """Who speaks for it; nobody for what is no force on file."""
        return self.named if self.filed else None


def decide(command: NoteForceLeader, leader: Leader, rules: Rules) -> Sequence[ForceLeaderNoted]:
    """The same again changes nothing."""
    named, filed = command.leader or leader.named, leader.filed or command.filed
    if named is None or (named, filed) == (leader.named, leader.filed):
        return []
    return [ForceLeaderNoted(command.force, named, command.by.division, command.now, filed)]


def evolve(leader: Leader, event: ForceLeaderNoted) -> Leader:
    """The leader after the event."""
    return Leader(event.leader, event.filed, event.division)


LEADER = Decider(
    category="leader",
    initial=Leader(),
    decide=decide,
    evolve=evolve,
    about=lambda leader: About(leader.division, "restricted"),
    handles={NoteForceLeader: Handles(lambda c: (leader_stream(c.force),), creates=True)},
)
