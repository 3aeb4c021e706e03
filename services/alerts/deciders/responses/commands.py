"""What can be asked of a response. What the law says it must state is optional here: the decider names the article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.response import KeptOrder
from services.alerts.events.scales import ResponseLevel
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeActivation(Command):
    """Ask the authority of a plan to activate it. Nothing holds until it does."""

    activation: PublicId
    plan: PublicId
    level: ResponseLevel
    reason: str
    incident: PublicId | None = None
    alert: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineActivation(Command):
    """The authority does not follow a proposal, and says why."""

    activation: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateResponse(Command):
    """Respond under a plan: the matter, level, expected end and measures are stated (ERL art. 72). A measure is its id and what is done:
    `M-1 move people`. Before any damage is done it may be activated for a suspected incident."""

    activation: PublicId
    plan: PublicId | None = None
    incident: PublicId | None = None
    matter: str | None = None
    level: ResponseLevel | None = None
    expected_end: datetime | None = None
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLevel(Command):
    """Raise or lower a response; what the plan asks for at the new level begins, what only the former asked for is withdrawn."""

    activation: PublicId
    level: ResponseLevel
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendResponse(Command):
    """It will last longer than expected."""

    activation: PublicId
    expected_end: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverCommand(Command):
    """A superior takes command of the response (ERL art. 17), or gives it back to whom the plan names."""

    activation: PublicId
    to: Code | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverMeasure(Command):
    """Answer from now on for a measure that another response of the incident started, also for one it kept at its end."""

    activation: PublicId
    source: PublicId
    measure: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMeasure(Command):
    """One measure is over while the response goes on; or one that was kept after its end."""

    activation: PublicId
    measure: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A measure that goes on after its response, and why."""

    measure: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndResponse(Command):
    """The danger is under control: announce the end, and say of every measure that it ended or why it is kept (ERL art. 86).
    The same of every order given under it; orders of its commander for the incident may end with it."""

    activation: PublicId
    ended: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    orders_ended: tuple[PublicId, ...] = ()
    orders_kept: tuple[KeptOrder, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExternalActivation(Command):
    """An authority outside told us that it responds under a plan of its own; once more when it changes its level."""

    activation: PublicId
    plan: PublicId
    level: ResponseLevel
    incident: PublicId | None = None
    matter: str = ""
    expected_end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExternalEnd(Command):
    """An authority outside told us that its response is over."""

    activation: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateResponseClock(EscalateClock):
    """The expected end passed: somebody looks at it. It never ends by itself. Only the timer sends it."""

    activation: PublicId
