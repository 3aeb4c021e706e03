"""What can be asked of a drill, at the real node. What is played in it is asked of the drill's own node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.drill import DrillUnit
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDrill(Command):
    """Say that a drill will be held: of which plan, with whom, to see what. `previous` is the drill that called for it."""

    drill: PublicId
    division: Code
    title: str
    starts_at: datetime
    plan: PublicId | None = None
    unit: DrillUnit = DrillUnit.PUBLIC
    participants: tuple[str, ...] = ()
    scenario: str = ""
    objectives: tuple[str, ...] = ()
    previous: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDrill(Command):
    """It begins. `exercise` is said, since nobody may take it for the real thing; a drill nobody scheduled may start too."""

    drill: PublicId
    division: Code
    exercise: bool | None = None
    plan: PublicId | None = None
    unit: DrillUnit | None = None
    previous: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inject(Command):
    """Tell players of a turn of events; `played_at` is the time it is taken to happen at, now unless said."""

    drill: PublicId
    inject: PublicId
    text: str | None = None
    to: tuple[str, ...] = ()
    played_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDrill(Command):
    """It is over."""

    drill: PublicId
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDrill(Command):
    """It is not held, and why."""

    drill: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFinding(Command):
    """Something to be mended: by whom, and by when."""

    drill: PublicId
    finding: PublicId
    text: str
    aspect: str = ""
    owner: str | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleFinding(Command):
    """It was mended, and how."""

    drill: PublicId
    finding: PublicId
    how: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateDrill(Command):
    """What it showed, aspect by aspect; where the law asks for it, to whom the result was reported."""

    drill: PublicId
    assessment: Mapping[str, str] | None = None
    reported_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPlanRevision(Command):
    """A version of the plan answers these findings; all that are open when none is named."""

    drill: PublicId
    plan: PublicId
    version: int
    findings: tuple[PublicId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDrill(Command):
    """The next drill was evaluated; only a policy says so."""

    drill: PublicId
    next: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateDrillClock(EscalateClock):
    """The next drill, or what was to be mended, is overdue; only the timer says so."""

    drill: PublicId
