"""What can be asked of a call-up. What the law wants is optional here: the decider names the rule that misses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.volunteers.deciders.people.commands import Hazard
from services.volunteers.events.callup import Answer, AnswerVia
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, PublicId

Lines = tuple[tuple[str, ...], ...]
"""Divisions with all above them, the own first. The edge knows the tree and writes them in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCallUp(Command):
    """Ask volunteers or a social force. A further wave says only what is different; a quota closes the offer when it is full."""

    call_up: PublicId
    incident: PublicId | None = None
    volunteers: tuple[PublicId, ...] = ()
    force: PublicId | None = None
    wave: int | None = None
    quota: int | None = None
    task: str | None = None
    from_: datetime | None = None
    to: datetime | None = None
    place: Code | None = None  # the division where the work is; the caller's own unless named
    risk_text: int | None = None
    skills: tuple[str, ...] = ()
    hazard: Hazard | None = None  # needs no saying where the incident is such a fire
    lines: Lines = ()
    type: str = ""  # of the incident, as the edge knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCallUp(Command):
    """Order an official, professional or contracted force to go (PSER art. 19)."""

    call_up: PublicId
    incident: PublicId | None = None
    force: PublicId | None = None
    volunteer: PublicId | None = None  # refused: they get an offer (VSR art. 25)
    task: str | None = None
    from_: datetime | None = None
    to: datetime | None = None
    place: Code | None = None
    risk_text: int | None = None
    skills: tuple[str, ...] = ()
    hazard: Hazard | None = None  # needs no saying where the incident is such a fire
    lines: Lines = ()
    type: str = ""  # of the incident, as the edge knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCallUp(Command):
    """Accept or decline, once, whatever the channel: a volunteer for themself, a leader for the own force. A post that was told on the
    phone or on paper says so in `channel`."""

    call_up: PublicId
    volunteer: PublicId | None = None
    force: PublicId | None = None
    answer: Answer | None = None
    risk_text: int | None = None
    eta: datetime | None = None
    channel: AnswerVia = AnswerVia.TASK


@dataclass(frozen=True, slots=True, kw_only=True)
class StayOnReserve(Command):
    """Every place was taken: be asked again when one becomes free."""

    call_up: PublicId
    volunteer: PublicId | None = None
    force: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawFromCallUp(Command):
    """They cannot come, or not go on. No consequence follows. `reason` is for whoever takes the call; it is not kept."""

    call_up: PublicId
    volunteer: PublicId | None = None
    force: PublicId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptHostCommand(Command):
    """Who commands where the work is takes those who come from elsewhere under command (ERL art. 39, VSR art. 24)."""

    call_up: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartForHost(Command):
    """Set out: refused with everything that stands against it at once."""

    call_up: PublicId
    volunteer: PublicId | None = None
    force: PublicId | None = None
    eta: datetime | None = None
    type: str = ""  # of the incident, as the edge knows it now


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInAtHost(Command):
    """They arrived: they work in this zone. Without `people`, all of them."""

    call_up: PublicId
    volunteer: PublicId | None = None
    force: PublicId | None = None
    zone: PublicId | None = None
    people: int | None = None
    type: str = ""  # of the incident, as the edge knows it now


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotate(Command):
    """They go on in another zone."""

    call_up: PublicId
    volunteer: PublicId | None = None
    force: PublicId | None = None
    zone: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandDown(Command):
    """The work is over: everybody is free again and their hours are settled."""

    call_up: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCallUp(Command):
    """Nobody is needed, before anybody set out, and why."""

    call_up: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEligibility(Command):
    """Look at the gate again for whatever a holder is promised to. Only policies send it."""

    holder: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOffers(Command):
    """Close what is still unanswered once every place is taken by somebody who may go. Only policies send it."""

    call_up: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReserve(Command):
    """A place became free: ask who is on the reserve list. Only policies send it."""

    call_up: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutOfCallUp(Command):
    """After standing down everybody leaves and is free again. Only policies send it."""

    call_up: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCallUp(Command):
    """Write down the hours by person and day, once nobody's shift is open; again when they were corrected. Only policies send it."""

    call_up: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateCallUpClock(EscalateClock):
    """Somebody did not answer in time."""

    call_up: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterZone(Command):
    """A zone of work takes so many people (VSR art. 24). Named again, the number is another."""

    zone: PublicId
    cap: int
    incident: PublicId | None = None
    division: Code | None = None
    name: str = ""


Asking = OfferCallUp | OrderCallUp
OfOne = AnswerCallUp | StayOnReserve | WithdrawFromCallUp | DepartForHost | CheckInAtHost | Rotate
OfAll = AcceptHostCommand | CloseOffers | AskReserve | CheckOutOfCallUp | SettleCallUp | StandDown | CancelCallUp | EscalateCallUpClock
