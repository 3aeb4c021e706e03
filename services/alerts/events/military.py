"""Military help for rescue and relief: asked for, never ordered (MIL art. 4, 5, 7; domain RA-19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.events import event


class MilitaryBody(StrEnum):
    """Whom a government asks (MIL art. 4)."""

    SAME_LEVEL = "same_level_organ"  # the military organ of its own level
    GARRISON = "garrison"  # the troops on the spot, in urgency


@event("alerts.military.requested.v1")
@dataclass(frozen=True, slots=True)
class MilitaryHelpRequested:
    """A government asks for help and says the six things of MIL art. 5."""

    request: str
    to: MilitaryBody
    kind: str
    time: datetime
    area: str
    degree: str
    measures: str
    forces: str
    by: str
    division: str | None
    at: datetime
    incident: str | None = None
    visibility: str = "internal"


@event("alerts.military.answered.v1")
@dataclass(frozen=True, slots=True)
class MilitaryHelpAnswered:
    """Agreed or declined, as it was told to us."""

    request: str
    agreed: bool
    note: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.military.supporting.v1")
@dataclass(frozen=True, slots=True)
class MilitarySupportStarted:
    """Troops help, under their own command (MIL art. 7)."""

    request: str
    note: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.military.ended.v1")
@dataclass(frozen=True, slots=True)
class MilitarySupportEnded:
    """The troops are done, or were never needed."""

    request: str
    note: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.military.cost_reported.v1")
@dataclass(frozen=True, slots=True)
class MilitaryCostReported:
    """What the help cost, and the document that says so."""

    request: str
    document: str
    by: str
    at: datetime
    incident: str | None = None


MilitaryEvent = MilitaryHelpRequested | MilitaryHelpAnswered | MilitarySupportStarted | MilitarySupportEnded | MilitaryCostReported
