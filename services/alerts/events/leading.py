"""Who leads an incident, who commands on the spot, and how incidents belong together (ERL art. 17, 18, 72; PSER art. 20, 21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.incident import Lead, LifeEvent
from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("alerts.incident.extended.v1")
@dataclass(frozen=True, slots=True)
class IncidentExtended:
    """It touches further divisions. The superior of all of them, who says so, leads unless it names others (ERL art. 18)."""

    incident: str
    divisions: tuple[str, ...]  # all from now on
    division: str  # the superior of all, where the incident now belongs
    leads: tuple[Lead, ...]
    by: str
    at: datetime
    reason: str = ""
    stopped: tuple[str, ...] = ()  # a transfer that had not come into effect


@event("alerts.incident.lead_designated.v1")
@dataclass(frozen=True, slots=True)
class LeadDesignated:
    """A superior government names who leads, alone or together (ERL art. 18)."""

    incident: str
    was: tuple[Lead, ...]
    leads: tuple[Lead, ...]
    by: str
    at: datetime
    reason: str = ""
    stopped: tuple[str, ...] = ()


@event("alerts.incident.lead_transferred.v1")
@dataclass(frozen=True, slots=True)
class LeadTransferred:
    """Unified command goes over at `effective_at`; who led before leads until then (ERL art. 17, PSER art. 18)."""

    incident: str
    was: tuple[Lead, ...]
    to: str
    by: str
    at: datetime
    effective_at: datetime
    reason: str = ""
    leads: tuple[Lead, ...] = ()  # from then on; (): `to` alone
    clocks: tuple[Due, ...] = ()  # runs until then; (): it went over at once
    stopped: tuple[str, ...] = ()


@event("alerts.incident.lead_taken.v1")
@dataclass(frozen=True, slots=True)
class LeadTaken:
    """The moment of a transfer came: these lead (ERL art. 17, PSER art. 18)."""

    incident: str
    leads: tuple[Lead, ...]
    at: datetime
    stopped: tuple[str, ...] = ()


@event("alerts.incident.site_hq_established.v1")
@dataclass(frozen=True, slots=True)
class SiteHQEstablished:
    """A headquarters on the spot with one commander, whom all who enter obey (ERL art. 72, PSER art. 20)."""

    incident: str
    commander: str  # the handle of a post
    division: str | None
    level: int | None
    by: str
    at: datetime
    area: str = ""


@event("alerts.incident.site_command_transferred.v1")
@dataclass(frozen=True, slots=True)
class SiteCommandTransferred:
    """Another commands on the spot from now on: relieved by the same level, or taken over by a higher one. Never two at once."""

    incident: str
    was: str
    commander: str
    division: str | None
    level: int | None
    by: str
    at: datetime
    reason: str = ""


@event("alerts.incident.site_hq_dissolved.v1")
@dataclass(frozen=True, slots=True)
class SiteHQDissolved:
    """Nobody commands on the spot any more."""

    incident: str
    was: str
    by: str
    at: datetime
    reason: str = ""


@event("alerts.incident.secondary_linked.v1")
@dataclass(frozen=True, slots=True)
class SecondaryIncidentLinked:
    """Another incident followed from this one. `grade` is what it alone would be; deadlines of it that run go on here, and those of one
    that was merged into it go on as its own."""

    incident: str
    secondary: str
    by: str
    at: datetime
    grade: EventGrade | None = None
    basis: str = ""
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("alerts.incident.made_secondary.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class MadeSecondary:
    """It is a consequence of another incident, which answers for its deadlines from now on."""

    incident: str
    main: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("alerts.incident.merged.v1")
@dataclass(frozen=True, slots=True)
class IncidentMerged:
    """It is the same as another; it stays readable and points there. What is open for it goes on there."""

    incident: str
    into: str
    reason: str
    by: str
    at: datetime
    main: str | None = None
    open_items: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    absorbed: tuple[str, ...] = ()  # those merged into it before, which go there with it


@event("alerts.incident.absorbed.v1")
@dataclass(frozen=True, slots=True)
class IncidentAbsorbed:
    """Another incident proved to be this one; its history stays where it is. What was found and done for it holds here."""

    incident: str
    absorbed: str
    divisions: tuple[str, ...]  # all from now on
    division: str
    leads: tuple[Lead, ...]
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    grade: EventGrade | None = None  # from now on, and so the state; None: as it was
    status: str | None = None
    met: tuple[str, ...] = ()  # what was asked for by a deadline and is done
    main: str | None = None
    stopped: tuple[str, ...] = ()


CommandEvent = (
    IncidentExtended
    | LeadDesignated
    | LeadTransferred
    | LeadTaken
    | SiteHQEstablished
    | SiteCommandTransferred
    | SiteHQDissolved
    | SecondaryIncidentLinked
    | MadeSecondary
    | IncidentMerged
    | IncidentAbsorbed
)
IncidentEvent = LifeEvent | CommandEvent
