"""People moved out of danger: counts only, never who (ERL art. 11, 67, 73, 76; domain 3.26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.alerts.events.order import Finding
from shared.blocks.clocks import Due
from shared.kernel.events import event


class Group(StrEnum):
    """Whom the law protects first and especially (ERL art. 11, 76). A person may count in several."""

    MINORS = "minors"
    ELDERLY = "elderly"
    DISABLED = "disabled"
    PREGNANT_NURSING = "pregnant_nursing"
    SICK = "sick"  # who need care
    UNATTENDED = "unattended"  # whom nobody looks after


@event("alerts.evacuation.issued.v1")
@dataclass(frozen=True, slots=True)
class EvacuationIssued:
    """The people below these hazard sources, or in these areas, are to leave. What is not known yet is named in `missing`."""

    evacuation: str
    below: tuple[str, ...]
    areas: tuple[str, ...]
    shelter: str | None
    route: str
    headcount: int | None
    by: str
    division: str | None
    at: datetime
    households: int | None = None
    groups: Mapping[Group, int] = field(default_factory=dict)
    due: datetime | None = None
    missing: tuple[str, ...] = ()
    incident: str | None = None
    visibility: str = "internal"
    clocks: tuple[Due, ...] = ()
    over: int = 0  # people for whom the shelter named has no place


@event("alerts.evacuation.amended.v1")
@dataclass(frozen=True, slots=True)
class EvacuationAmended:
    """What became known since, or another shelter or route; the whole of it."""

    evacuation: str
    areas: tuple[str, ...]
    shelter: str | None
    route: str
    headcount: int | None
    households: int | None
    groups: Mapping[Group, int]
    due: datetime | None
    missing: tuple[str, ...]
    by: str
    at: datetime
    incident: str | None = None
    round: int = 1
    reopened: bool = False  # it was cleared, and these areas are not
    clocks: tuple[Due, ...] = ()  # whom it binds, or by when, is another thing than was filed: it is filed anew
    over: int = 0  # people for whom the shelter named has no place


@event("alerts.evacuation.households_cleared.v1")
@dataclass(frozen=True, slots=True)
class HouseholdsCleared:
    """An area reports who left and who would not. `whole` when nobody remains: every area says so, or the headcount is reached."""

    evacuation: str
    area: str | None
    people: int | None
    refused: int | None
    by: str
    at: datetime
    households: int | None = None
    remaining: int | None = None
    groups: Mapping[Group, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    whole: bool = False
    note: str = ""
    incident: str | None = None
    round: int = 1  # each time people turn out to be left after it was cleared, the next
    above: tuple[str, ...] = ()  # the divisions over the area
    doubts: tuple[str, ...] = ()  # why it is kept and not counted before somebody looked: `stranger`, `falling`, `more`
    doubted: int = 0  # how many numbers of this evacuation were in doubt so far


@event("alerts.evacuation.returned.v1")
@dataclass(frozen=True, slots=True)
class EvacueesReturned:
    """The danger is past: they may go home."""

    evacuation: str
    people: int | None
    reason: str
    by: str
    at: datetime
    incident: str | None = None
    round: int = 1
    stopped: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()  # `more`: than are known to have left
    doubted: int = 0


@event("alerts.evacuation.reviewed.v1")
@dataclass(frozen=True, slots=True)
class EvacuationReviewed:
    """Looked at again while people are away: kept, adjusted or ended (ERL art. 10; K-19)."""

    evacuation: str
    finding: Finding
    note: str
    late: bool
    by: str
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("alerts.evacuation.filed.v1")
@dataclass(frozen=True, slots=True)
class EvacuationFiled:
    """It is on record with the congress desk of its level (ERL art. 25; K-21)."""

    evacuation: str
    desk: str
    receipt: str
    late: bool
    by: str
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()


EvacuationEvent = EvacuationIssued | EvacuationAmended | HouseholdsCleared | EvacueesReturned | EvacuationReviewed | EvacuationFiled
