"""The life of an incident (ERL art. 16-20, 60-61, 72, 86-87; domain 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import Due
from shared.kernel.events import event


class IncidentType(StrEnum):
    """What happened, by the four classes of ERL art. 2: natural disaster, accident, public health, social security."""

    FLOOD = "NAT.FLOOD"
    DAM = "NAT.DAM"
    DROUGHT = "NAT.DROUGHT"
    SNOW = "NAT.SNOW"
    COLD = "NAT.COLD"
    GALE = "NAT.GALE"
    SAND = "NAT.SAND"
    HAIL = "NAT.HAIL"
    QUAKE = "NAT.QUAKE"
    GEO = "NAT.GEO"
    FOREST_FIRE = "NAT.FOREST_FIRE"
    GRASS_FIRE = "NAT.GRASS_FIRE"
    PEST = "NAT.PEST"
    MINE = "ACC.MINE"
    HAZCHEM = "ACC.HAZCHEM"
    TRAFFIC = "ACC.TRAFFIC"
    FIRE = "ACC.FIRE"
    UTILITY = "ACC.UTILITY"
    ENVIRONMENT = "ACC.ENV"
    CYBER = "ACC.CYBER"
    EPIDEMIC = "PH.EPIDEMIC"
    UNEXPLAINED = "PH.UNEXPLAINED"
    POISON = "PH.POISON"
    FOOD = "PH.FOOD"
    ANIMAL = "PH.ANIMAL"
    SOCIAL = "SS.OTHER"


@dataclass(frozen=True, slots=True)
class Lead:
    """A government that leads; of co-leads each names the divisions it stands for (ERL art. 18)."""

    division: str
    over: tuple[str, ...] = ()


@event("alerts.incident.registered.v1")
@dataclass(frozen=True, slots=True)
class IncidentRegistered:
    """Something may have happened. From the moment of knowledge on the duties run (ERL art. 17, 60, 61)."""

    incident: str
    type: IncidentType
    division: str
    divisions: tuple[str, ...]  # all it touches, its own among them
    leads: tuple[Lead, ...]
    by: str
    at: datetime
    known_at: datetime
    occurred_at: datetime | None = None
    at_place: str | None = None  # a hazard source, or a place in words
    size: str = ""  # of the hazard source, as the register had it
    text: str = ""
    report: str | None = None
    alert: str | None = None
    visibility: str = "internal"
    casualties_until: datetime | None = None  # until then a change of casualties is reported (PSIR art. 13)
    clocks: tuple[Due, ...] = ()
    level: int | None = None  # whose report is awaited
    doubts: tuple[str, ...] = ()  # the times that lie so far back that a person looks at them


@event("alerts.incident.reported_again.v1")
@dataclass(frozen=True, slots=True)
class IncidentReportedAgain:
    """The same fact came in once more, under another id; it is linked and makes no second incident."""

    incident: str
    named: str  # the id it came under
    by: str
    at: datetime
    known_at: datetime
    occurred_at: datetime | None = None
    text: str = ""
    report: str | None = None
    alert: str | None = None


@event("alerts.incident.verified.v1")
@dataclass(frozen=True, slots=True)
class IncidentVerified:
    """Somebody competent found that it is true."""

    incident: str
    by: str
    at: datetime
    evidence: str = ""


@event("alerts.incident.dismissed.v1")
@dataclass(frozen=True, slots=True)
class IncidentDismissed:
    """It proved false, and why. What ran for it stops."""

    incident: str
    reason: str
    by: str
    at: datetime
    main: str | None = None
    stopped: tuple[str, ...] = ()


@event("alerts.incident.classified.v1")
@dataclass(frozen=True, slots=True)
class IncidentClassified:
    """Type and grade as an officer found them; `computed` is what the tables of grades give for what is known."""

    incident: str
    type: IncidentType
    grade: EventGrade
    basis: str
    by: str
    at: datetime
    computed: EventGrade | None = None
    report: str | None = None
    visibility: str = "internal"
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()
    main: str | None = None


@event("alerts.incident.regraded.v1")
@dataclass(frozen=True, slots=True)
class IncidentRegraded:
    """Another grade: upward by rule or officer, downward only on a signed report (ERL art. 61)."""

    incident: str
    was: EventGrade | None
    grade: EventGrade
    basis: str
    by: str
    at: datetime
    report: str | None = None
    secondary: str | None = None
    figures: dict[str, Decimal] | None = None
    reason: str = ""
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()
    main: str | None = None


@event("alerts.incident.note_registered.v1")
@dataclass(frozen=True, slots=True)
class IncidentNoteRegistered:
    """An important matter, recorded as it came (PSER art. 24)."""

    incident: str
    text: str
    by: str
    at: datetime


@event("alerts.incident.responding.v1")
@dataclass(frozen=True, slots=True)
class IncidentResponding:
    """A response runs for it."""

    incident: str
    activation: str
    at: datetime
    met: tuple[str, ...] = ()
    main: str | None = None
    into: str | None = None  # it was merged there: that is responded to


@event("alerts.incident.clock_met.v1")
@dataclass(frozen=True, slots=True)
class IncidentClockMet:
    """What a deadline asked for was done; `evidence` is the stream that shows it."""

    incident: str
    met: tuple[str, ...]
    evidence: str
    at: datetime
    main: str | None = None  # which answers for the same deadline
    into: str | None = None  # it was merged there, where this counts


@event("alerts.incident.window_over.v1")
@dataclass(frozen=True, slots=True)
class IncidentWindowOver:
    """A window ended in which changes had to be reported: nobody missed anything."""

    incident: str
    stopped: tuple[str, ...]
    at: datetime


@event("alerts.incident.controlled.v1")
@dataclass(frozen=True, slots=True)
class IncidentControlled:
    """The danger is under control (ERL art. 86)."""

    incident: str
    by: str
    at: datetime
    basis: str = ""


@event("alerts.incident.after_care_started.v1")
@dataclass(frozen=True, slots=True)
class IncidentAfterCareStarted:
    """Recovery and after-care begin (ERL art. 87)."""

    incident: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("alerts.incident.closed.v1")
@dataclass(frozen=True, slots=True)
class IncidentClosed:
    """Every item is settled. `carried` names what goes on in other hands and did not stand in the way."""

    incident: str
    by: str
    at: datetime
    carried: tuple[str, ...] = ()
    note: str = ""
    main: str | None = None
    stopped: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()  # go on too, and so does what waits for a person
    triages: tuple[str, ...] = ()
    commander: str | None = None  # of the site, who commands it no longer


@event("alerts.incident.reopened.v1")
@dataclass(frozen=True, slots=True)
class IncidentReopened:
    """It goes on, and why: somebody found so, or something was opened for it after it was closed."""

    incident: str
    reason: str
    by: str
    at: datetime
    main: str | None = None
    clocks: tuple[Due, ...] = ()


@event("alerts.incident.unit_report_awaited.v1")
@dataclass(frozen=True, slots=True)
class UnitReportAwaited:
    """The unit where it happened owes its own report from then on (PSIR art. 9; class A disease: IR-10)."""

    incident: str
    at: datetime
    clocks: tuple[Due, ...] = ()


LifeEvent = (
    IncidentRegistered
    | IncidentReportedAgain
    | IncidentVerified
    | IncidentDismissed
    | IncidentClassified
    | IncidentRegraded
    | IncidentNoteRegistered
    | IncidentResponding
    | IncidentClockMet
    | IncidentWindowOver
    | IncidentControlled
    | IncidentAfterCareStarted
    | IncidentClosed
    | IncidentReopened
    | UnitReportAwaited
)
