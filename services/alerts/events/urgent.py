"""Urgent flood and drought periods: powers that hold only while one is open (FCL art. 41, 45; DRT art. 45 to 47)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class FloodGround(StrEnum):
    """Why an urgent flood period may be declared (FCL art. 41)."""

    GUARANTEE_LEVEL = "guarantee_level"  # the river nears its guarantee level or safe flow
    DESIGN_LEVEL = "design_level"  # a reservoir nears its design flood level
    GRAVE_DANGER = "grave_danger"  # flood works are in grave danger


@event("alerts.flood_period.declared.v1")
@dataclass(frozen=True, slots=True)
class FloodPeriodDeclared:
    """The flood headquarters declares an urgent flood period; `powers` are the articles it opens until then."""

    period: str
    river: str
    until: datetime
    powers: tuple[str, ...]
    by: str
    division: str | None
    at: datetime
    ground: FloodGround | None = None
    level: str = ""  # the water level it rests on, as measured
    clocks: tuple[Due, ...] = ()


@event("alerts.flood_period.ended.v1")
@dataclass(frozen=True, slots=True)
class FloodPeriodEnded:
    """The urgent flood period is over, and with it what it opened."""

    period: str
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("alerts.drought_period.declared.v1")
@dataclass(frozen=True, slots=True)
class DroughtPeriodDeclared:
    """The region's drought headquarters declares an urgent drought period with its government's approval."""

    period: str
    area: str
    until: datetime
    powers: tuple[str, ...]
    by: str
    approved_by: str
    division: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("alerts.drought_period.ended.v1")
@dataclass(frozen=True, slots=True)
class DroughtPeriodEnded:
    """The urgent drought period is over, and with it what it opened."""

    period: str
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


UrgentEvent = FloodPeriodDeclared | FloodPeriodEnded | DroughtPeriodDeclared | DroughtPeriodEnded
