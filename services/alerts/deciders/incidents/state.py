"""What is known of an incident, folded from its events."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.events.clock import ClockMissed
from services.alerts.events.incident import (
    IncidentAfterCareStarted,
    IncidentClassified,
    IncidentClockMet,
    IncidentClosed,
    IncidentControlled,
    IncidentDismissed,
    IncidentNoteRegistered,
    IncidentRegistered,
    IncidentRegraded,
    IncidentReopened,
    IncidentReportedAgain,
    IncidentResponding,
    IncidentType,
    IncidentVerified,
    IncidentWindowOver,
    Lead,
    LifeEvent,
    UnitReportAwaited,
)
from services.alerts.events.leading import (
    CommandEvent,
    IncidentAbsorbed,
    IncidentEvent,
    IncidentExtended,
    IncidentMerged,
    LeadDesignated,
    LeadTaken,
    LeadTransferred,
    MadeSecondary,
    SecondaryIncidentLinked,
    SiteCommandTransferred,
    SiteHQDissolved,
    SiteHQEstablished,
)
from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import STILL, Clocks, Due
from shared.kernel.decider import About

NEW, SUSPECTED, VERIFIED, RESPONDING = "new", "Suspected", "Verified", "Responding"
CONTROLLED, AFTER_CARE, CLOSED, DISMISSED, MERGED = "Controlled", "AfterCare", "Closed", "Dismissed", "Merged"
OPEN = (SUSPECTED, VERIFIED, RESPONDING, CONTROLLED, AFTER_CARE)

# Deadlines of an incident by what they ask for; their rules depend on the type.
RESPOND, REPORT, RELEASE, PRESS, CASUALTIES = "respond", "report", "release", "press", "casualties"
OF_UNIT = ("K-10", "K-14")  # of the unit where it happened: its accident, its class A disease
LEAD = "lead"  # when a transfer of the lead comes into effect: nobody's duty
BROUGHT_BY = "~"  # `report~INC-2` runs on the main incident for what INC-2 brought


class Site(msgspec.Struct, frozen=True):
    """Who commands on the spot, and which level put them there."""

    commander: str
    division: str | None
    level: int | None


class Incident(msgspec.Struct, frozen=True):
    """An incident. `division` is where the stream belongs: its own, or the superior of all it touches."""

    incident: str | None = None
    status: str = NEW
    type: IncidentType = IncidentType.SOCIAL
    division: str | None = None
    divisions: tuple[str, ...] = ()
    leads: tuple[Lead, ...] = ()
    coming: tuple[Lead, ...] = ()  # who leads when the clock of a transfer has run out
    visibility: str = "internal"
    size: str = ""
    level: int | None = None  # whose report is awaited
    known_at: datetime | None = None
    occurred_at: datetime | None = None
    grade: EventGrade | None = None
    verified: bool = False
    classified: bool = False
    site: Site | None = None
    main: str | None = None
    secondaries: tuple[str, ...] = ()
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()  # those that were merged into it
    reopened: datetime | None = None
    clocks: Clocks = STILL
    met: frozenset[str] = frozenset()  # what was asked for by a deadline and is done

    @property
    def leaders(self) -> tuple[str, ...]:
        """The divisions whose governments lead."""
        return tuple(lead.division for lead in self.leads)

    def running(self, *keys: str) -> tuple[str, ...]:
        """The deadlines under these keys that run, those that secondary incidents brought among them; all without a key."""
        return tuple(due.key for due in self.clocks.open() if not keys or due.key in keys or due.key.partition(BROUGHT_BY)[0] in keys)

    @property
    def unmet(self) -> tuple[Due, ...]:
        """What it owed itself and never did, whether the deadline runs or was stopped; its main incident answers for a secondary."""
        if self.main is not None:
            return ()
        return tuple(due for key in (REPORT, RELEASE) if key not in self.met and (due := self.clocks.get(key)) is not None)

    @property
    def began(self) -> datetime | None:
        """When it occurred; while nobody knows, when it became known."""
        return self.occurred_at or self.known_at


def about(incident: Incident) -> About:
    """Where it belongs, who may see it; its own correlation."""
    return About(incident.division, incident.visibility, incident.incident)


def evolve(incident: Incident, event: IncidentEvent | ClockMissed) -> Incident:
    """The incident after the event."""
    if isinstance(event, ClockMissed):
        return replace(incident, clocks=incident.clocks.miss(event.key))
    met = getattr(event, "met", ())
    clocks = incident.clocks.end(event.at, *met, *getattr(event, "stopped", ())).start(*getattr(event, "clocks", ()))
    if met or clocks is not incident.clocks:
        incident = replace(incident, clocks=clocks, met=incident.met.union(met))
    return _joined(incident, event) if isinstance(event, CommandEvent) else _lived(incident, event)


def _lived(incident: Incident, event: LifeEvent) -> Incident:
    match event:
        case IncidentRegistered():
            return Incident(
                incident=event.incident,
                status=SUSPECTED,
                type=event.type,
                division=event.division,
                divisions=event.divisions,
                leads=event.leads,
                visibility=event.visibility,
                size=event.size,
                level=event.level,
                known_at=event.at if event.doubts else event.known_at,
                occurred_at=None if event.doubts else event.occurred_at,
                clocks=incident.clocks,
            )
        case IncidentClassified():
            return replace(incident, type=event.type, grade=event.grade, classified=True, visibility=event.visibility)
        case IncidentRegraded():
            return replace(incident, grade=event.grade)
        case IncidentVerified():
            return replace(incident, status=VERIFIED if incident.status == SUSPECTED else incident.status, verified=True)
        case IncidentDismissed():
            return replace(incident, status=DISMISSED)
        case IncidentResponding(into=into):
            return replace(incident, status=incident.status if into else RESPONDING)
        case IncidentControlled():
            return replace(incident, status=CONTROLLED)
        case IncidentAfterCareStarted():
            return replace(incident, status=AFTER_CARE)
        case IncidentClosed():
            return replace(incident, status=CLOSED, site=None)
        case IncidentReopened():
            false = incident.status == DISMISSED
            known = incident.verified and not false
            return replace(incident, status=SUSPECTED if false else RESPONDING, reopened=event.at, verified=known)
        case IncidentReportedAgain() | IncidentNoteRegistered() | IncidentClockMet() | IncidentWindowOver() | UnitReportAwaited():
            return incident
        case _:
            assert_never(event)


def _joined(incident: Incident, event: CommandEvent) -> Incident:
    match event:
        case IncidentExtended():
            return replace(incident, divisions=event.divisions, division=event.division, leads=event.leads)
        case LeadTransferred(clocks=clocks) if clocks:
            return replace(incident, coming=event.leads)
        case LeadTransferred(to=to):
            return replace(incident, leads=event.leads or (Lead(to),))
        case IncidentAbsorbed():
            known = {"grade": event.grade or incident.grade, "status": event.status or incident.status}
            where = {"divisions": event.divisions, "division": event.division, "leads": event.leads}
            return replace(incident, **known, **where, absorbed=(*incident.absorbed, event.absorbed))
        case LeadDesignated() | LeadTaken():
            return replace(incident, leads=event.leads)
        case SiteHQEstablished() | SiteCommandTransferred():
            return replace(incident, site=Site(event.commander, event.division, event.level))
        case SiteHQDissolved():
            return replace(incident, site=None)
        case SecondaryIncidentLinked(secondary=secondary):
            return replace(incident, secondaries=tuple(dict.fromkeys((*incident.secondaries, secondary))))
        case MadeSecondary(main=main):
            return replace(incident, main=main)
        case IncidentMerged(into=into):
            return replace(incident, status=MERGED, merged_into=into, site=None)
        case _:
            assert_never(event)
