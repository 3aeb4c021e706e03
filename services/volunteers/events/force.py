"""Facts of rescue forces (domain 3.16): filing, assessment, roster, readiness, stand-by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.volunteers.events.validity import Cover, Member, Valid
from shared.blocks.clocks import Due
from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class Gear:
    """What a force has, by kind."""

    code: str
    quantity: int
    unit: str = "piece"


@event("volunteers.force.filing_applied.v1")
@dataclass(frozen=True, slots=True)
class ForceFilingApplied:
    """A force asks to be filed. `contract_with` is the division whose organ may order it (PSER art. 19)."""

    force: str
    name: str
    kind: str
    disciplines: tuple[str, ...]
    home: str
    contract: bool
    contract_with: str | None
    leader: str
    members: tuple[Member, ...]
    registration: str | None  # of the legal form or host unit, with civil affairs
    host_unit: str | None
    self_sufficiency_days: int | None
    contact_24h: bool
    by: str
    at: datetime


@event("volunteers.force.filed.v1")
@dataclass(frozen=True, slots=True)
class ForceFiled:
    """The emergency department filed the force, with proof of its registration."""

    force: str
    number: str
    proof: str
    by: str
    at: datetime


@event("volunteers.force.filing_returned.v1")
@dataclass(frozen=True, slots=True)
class FilingReturned:
    """The emergency department gave the filing back, and why."""

    force: str
    reason: str
    by: str
    at: datetime


@event("volunteers.force.assessed.v1")
@dataclass(frozen=True, slots=True)
class ForceAssessed:
    """Capability in one discipline was assessed (YJ/T 1.1 to 1.6-2022)."""

    force: str
    discipline: str
    grade: str
    valid: Valid
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("volunteers.force.roster_updated.v1")
@dataclass(frozen=True, slots=True)
class RosterUpdated:
    """The members as they are from now on."""

    force: str
    members: tuple[Member, ...]
    leader: str
    by: str
    at: datetime


@event("volunteers.force.gear_updated.v1")
@dataclass(frozen=True, slots=True)
class GearUpdated:
    """The gear as it is from now on."""

    force: str
    gear: tuple[Gear, ...]
    by: str
    at: datetime


@event("volunteers.force.readiness_reported.v1")
@dataclass(frozen=True, slots=True)
class ReadinessReported:
    """How many could go, and after how long."""

    force: str
    ready: bool
    people: int
    within_minutes: int
    missing: tuple[str, ...]  # rules that stand against being ready
    by: str
    at: datetime


@event("volunteers.force.stood_by.v1")
@dataclass(frozen=True, slots=True)
class ForceStoodBy:
    """The force holds itself ready (ERL art. 67)."""

    force: str
    alert: str | None
    measure: str | None
    until: datetime | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("volunteers.force.stand_by_ended.v1")
@dataclass(frozen=True, slots=True)
class ForceStandByEnded:
    """The force need hold itself ready no longer."""

    force: str
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("volunteers.force.cover_noted.v1")
@dataclass(frozen=True, slots=True)
class ForceCoverNoted:
    """An insurance policy covers the force, or does so for longer."""

    force: str
    cover: Cover
    at: datetime
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("volunteers.force.cover_ended.v1")
@dataclass(frozen=True, slots=True)
class ForceCoverEnded:
    """An insurance policy covers the force no longer."""

    force: str
    policy: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("volunteers.force.lapsed.v1")
@dataclass(frozen=True, slots=True)
class ForceLapsed:
    """A grade or an insurance cover of the force expired."""

    force: str
    kind: str  # grade | cover
    code: str
    until: datetime
    ready: bool  # whether it is still ready without
    at: datetime
    stopped: tuple[str, ...] = ()


@event("volunteers.force.suspended.v1")
@dataclass(frozen=True, slots=True)
class ForceSuspended:
    """The force is not called for the time being, and why."""

    force: str
    reason: str
    by: str
    at: datetime


@event("volunteers.force.restored.v1")
@dataclass(frozen=True, slots=True)
class ForceRestored:
    """The force may be called again."""

    force: str
    reason: str
    by: str
    at: datetime


@event("volunteers.force.deregistered.v1")
@dataclass(frozen=True, slots=True)
class ForceDeregistered:
    """The force is no longer on file."""

    force: str
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("volunteers.force.stand_by_requested.v1")
@dataclass(frozen=True, slots=True)
class StandByRequested:
    """A warning's measure asks the forces of a division to hold themselves ready (ERL art. 67)."""

    alert: str
    measure: str
    division: str | None
    basis: str
    at: datetime


@event("volunteers.force.stand_by_joined.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class StandByJoined:
    """A force stands by for this measure."""

    alert: str
    measure: str
    force: str
    at: datetime


@event("volunteers.force.stand_by_request_ended.v1")
@dataclass(frozen=True, slots=True)
class StandByRequestEnded:
    """The measure was lifted, or its warning is over (ERL art. 70): those who stood by for it need not any longer."""

    alert: str
    measure: str
    forces: tuple[str, ...]
    reason: str
    at: datetime


ForceEvent = (
    ForceFilingApplied
    | ForceFiled
    | FilingReturned
    | ForceAssessed
    | RosterUpdated
    | GearUpdated
    | ReadinessReported
    | ForceStoodBy
    | ForceStandByEnded
    | ForceCoverNoted
    | ForceCoverEnded
    | ForceLapsed
    | ForceSuspended
    | ForceRestored
    | ForceDeregistered
)
StandByEvent = StandByRequested | StandByJoined | StandByRequestEnded
