"""How a force's facts fold, and which command fits which status (domain 3.16)."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from services.volunteers.deciders.forces import commands as ask
from services.volunteers.deciders.forces.state import (
    APPLIED,
    DEREGISTERED,
    FILED,
    NEW,
    READY,
    RETURNED,
    STANDING_BY,
    SUSPENDED,
    Force,
)
from services.volunteers.events import force as said

ON_FILE = (FILED, READY, STANDING_BY)
TABLE: dict[tuple[str, type], str] = {
    **{(status, ask.ApplyFiling): APPLIED for status in (NEW, RETURNED)},
    (APPLIED, ask.AcceptFiling): FILED,
    (APPLIED, ask.ReturnFiling): RETURNED,
    **{(status, ask.AssessForce): status for status in (*ON_FILE, SUSPENDED)},
    **{(status, kind): status for status in (APPLIED, RETURNED, *ON_FILE, SUSPENDED) for kind in (ask.UpdateRoster, ask.UpdateGear)},
    **{(status, ask.ReportReadiness): READY for status in ON_FILE},
    (READY, ask.SetStandBy): STANDING_BY,
    (STANDING_BY, ask.EndStandBy): READY,
    **{(status, ask.SuspendForce): SUSPENDED for status in ON_FILE},
    (SUSPENDED, ask.RestoreForce): FILED,
    **{(status, ask.DeregisterForce): DEREGISTERED for status in (APPLIED, RETURNED, *ON_FILE, SUSPENDED)},
}


def evolve(force: Force, event: said.ForceEvent) -> Force:
    """The force after the event."""
    force = replace(force, clocks=force.clocks.end(event.at, *getattr(event, "stopped", ())).start(*getattr(event, "clocks", ())))
    match event:
        case said.ForceFilingApplied():
            return _applied(force, event)
        case said.ForceFiled() | said.ForceRestored():
            return replace(force, status=FILED)
        case said.FilingReturned():
            return replace(force, status=RETURNED)
        case said.ForceAssessed(discipline=discipline, grade=grade, valid=valid):
            others = tuple(one for one in force.grades if one[0] != discipline)
            disciplines = tuple(dict.fromkeys((*force.disciplines, discipline)))
            return replace(force, grades=(*others, (discipline, grade, valid)), disciplines=disciplines)
        case said.RosterUpdated():
            return replace(force, members=event.members, leader=event.leader)
        case said.GearUpdated():
            return replace(force, gear=event.gear)
        case said.ReadinessReported():
            status = force.status if force.status == STANDING_BY and event.ready else READY if event.ready else FILED
            return replace(force, status=status, stand_by=force.stand_by if status == STANDING_BY else (None, None))
        case said.ForceStoodBy():
            return replace(force, status=STANDING_BY, stand_by=(event.alert, event.measure))
        case said.ForceStandByEnded():
            return replace(force, status=READY, stand_by=(None, None))
        case said.ForceCoverNoted(cover=cover):
            return replace(force, covers=(*(one for one in force.covers if one.policy != cover.policy), cover))
        case said.ForceCoverEnded(policy=policy):
            return replace(force, covers=tuple(one for one in force.covers if one.policy != policy))
        case said.ForceLapsed():
            held = force.status in (READY, STANDING_BY)
            return replace(force, status=FILED, stand_by=(None, None)) if held and not event.ready else force
        case said.ForceSuspended():
            return replace(force, status=SUSPENDED, stand_by=(None, None))
        case said.ForceDeregistered():
            return replace(force, status=DEREGISTERED, stand_by=(None, None))
        case _:
            assert_never(event)


def _applied(force: Force, event: said.ForceFilingApplied) -> Force:
    return replace(
        force,
        force=event.force,
        status=APPLIED,
        kind=event.kind,
        disciplines=event.disciplines,
        home=event.home,
        contract=event.contract,
        contract_with=event.contract_with,
        leader=event.leader,
        members=event.members,
        registration=event.registration,
        host_unit=event.host_unit,
        applied_by=event.by,
    )
