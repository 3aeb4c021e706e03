"""What somebody is owed for, and which claims cover it; and who speaks for a force (RQ-05, SV-02; domain 3.18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.compensation.events.figures import ClaimKind, Day, Period
from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("compensation.entitlement.recorded.v1")
@dataclass(frozen=True, slots=True)
class EntitlementRecorded:
    """What a call-up came to for one volunteer or force, by person and day. A later revision replaces the earlier. `waiting` are the
    claims that came before it."""

    claimant: str
    incident: str | None
    call_up: str
    force: bool
    days: tuple[Day, ...]
    payer: str | None
    revision: int
    division: str | None
    at: datetime
    waiting: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()
    doubted: tuple[str, ...] = ()  # claims that cover a day of which less was done than an earlier revision said


@event("compensation.entitlement.claimed.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class PeriodClaimed:
    """A claim covers these days, and no other claim of that kind and item does. Said again, its days are others."""

    claimant: str
    incident: str | None
    claim: str
    kind: ClaimKind
    item: str | None
    covers: tuple[Period, ...]
    entitled: bool
    division: str | None
    at: datetime
    met: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()  # whose days of work it has


@event("compensation.entitlement.freed.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class PeriodFreed:
    """The claim was withdrawn: its days may be claimed again."""

    claimant: str
    claim: str
    at: datetime


@event("compensation.entitlement.unclaimed.v1")
@dataclass(frozen=True, slots=True)
class EntitlementUnclaimed:
    """Nobody claimed it in time (K-26): what is owed is not forgotten because somebody did not know."""

    claimant: str
    incident: str | None
    at: datetime


@event("compensation.force.leader_noted.v1")
@dataclass(frozen=True, slots=True)
class ForceLeaderNoted:
    """Who speaks for a force, by the handle of their post; for nothing as long as it is not on file."""

    force: str
    leader: str
    division: str | None
    at: datetime
    filed: bool = True


@event("compensation.claimant.merged.v1")
@dataclass(frozen=True, slots=True)
class ClaimantMerged:
    """This registration was the second of one person: the one that is kept speaks for what was claimed under it."""

    claimant: str
    into: str
    division: str | None
    at: datetime


@event("compensation.incident.placed.v1")
@dataclass(frozen=True, slots=True)
class IncidentPlaced:
    """Where an incident is, and so whose government pays for what was done for it."""

    incident: str
    division: str
    at: datetime
    restricted: bool = False  # as the incident


EntitlementEvent = EntitlementRecorded | PeriodClaimed | PeriodFreed | EntitlementUnclaimed
