"""Call-ups (VSR art. 12, 25; PSER art. 19; domain 3.18): none says why somebody declined or withdrew, and none knows a penalty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.volunteers.events.gate import Checked
from services.volunteers.events.placing import CallUpRotated, ZoneAssigned
from shared.blocks.clocks import Due
from shared.kernel.events import event


class Answer(StrEnum):
    """What somebody says to an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"


class AnswerVia(StrEnum):
    """How an answer came. Whatever the channel, each person answers once."""

    TASK = "task"  # by themself, signed in
    LINK = "link"
    PHONE = "phone"  # told to somebody who notes it
    PAPER = "paper"


@event("volunteers.callup.offered.v1")
@dataclass(frozen=True, slots=True)
class CallUpOffered:
    """A volunteer or social force is asked, and may decline without any consequence (VSR art. 25, CHL art. 120)."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    wave: int
    quota: int | None
    from_: datetime
    to: datetime
    task: str
    risk_text: int | None
    place: str | None
    line: tuple[str, ...]
    host_needed: bool  # from another area than who calls: who commands there must take them (ERL art. 39, VSR art. 24)
    by: str
    division: str | None
    at: datetime
    skills: tuple[str, ...] = ()
    hazard: str = ""
    home: str | None = None
    clocks: tuple[Due, ...] = ()


@event("volunteers.callup.ordered.v1")
@dataclass(frozen=True, slots=True)
class CallUpOrdered:
    """An official, professional or contracted force goes at once (PSER art. 19)."""

    call_up: str
    incident: str | None
    force: str
    from_: datetime
    to: datetime
    task: str
    risk_text: int | None
    place: str | None
    line: tuple[str, ...]
    host_needed: bool
    by: str
    division: str | None
    at: datetime
    skills: tuple[str, ...] = ()
    hazard: str = ""
    home: str | None = None
    clocks: tuple[Due, ...] = ()


@event("volunteers.callup.accepted.v1")
@dataclass(frozen=True, slots=True)
class CallUpAccepted:
    """They come: a place is taken at once. `members` are those of a force as they then are."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    members: tuple[str, ...]
    risk_text: int | None  # the version they accepted
    eta: datetime | None
    channel: AnswerVia
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("volunteers.callup.declined.v1")
@dataclass(frozen=True, slots=True)
class CallUpDeclined:
    """They do not come. Nobody asks why, and nothing follows from it."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    channel: AnswerVia
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    out: bool | None = None  # as of who withdraws: they had accepted before, and were asked again; an older fact does not say


@event("volunteers.callup.silent.v1")
@dataclass(frozen=True, slots=True)
class CallUpSilent:
    """No answer in time; somebody should ring them. The offer stands."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    at: datetime


@event("volunteers.callup.reserved.v1")
@dataclass(frozen=True, slots=True)
class CallUpReserved:
    """Every place is taken; they stay on the reserve list."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    out: bool | None = None  # as of who declines, where they say so themselves


@event("volunteers.callup.withdrawn.v1")
@dataclass(frozen=True, slots=True)
class CallUpWithdrawn:
    """They cannot come any more and said so in time (VSR art. 22). Nothing follows from it. `held` says that a place became free."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    held: bool
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    members: tuple[str, ...] = ()  # of a force, as they then were
    out: bool = False  # they had set out, or had accepted and may have: they are not home yet


@event("volunteers.callup.member_left.v1")
@dataclass(frozen=True, slots=True)
class CallUpMemberLeft:
    """A member of a force that comes does not come, or go on, with it (VSR art. 22, 25). What they worked stays theirs."""

    call_up: str
    incident: str | None
    volunteer: str | None  # None: it is a fact of the force
    force: str
    member: str
    by: str
    at: datetime
    out: bool = False  # as of who withdraws


@event("volunteers.callup.departed.v1")
@dataclass(frozen=True, slots=True)
class CallUpDeparted:
    """They set out, with nothing standing against it."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    by: str
    at: datetime
    eta: datetime | None = None


@event("volunteers.callup.host_checked_in.v1")
@dataclass(frozen=True, slots=True)
class HostCheckedIn:
    """They arrived and reported to who commands there."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    people: int
    by: str
    at: datetime


@event("volunteers.callup.stood_down.v1")
@dataclass(frozen=True, slots=True)
class CallUpStoodDown:
    """The work is over for all of them."""

    call_up: str
    incident: str | None
    by: str
    at: datetime
    reason: str = ""
    stopped: tuple[str, ...] = ()
    released: tuple[str, ...] = ()  # people who were asked and do not come: of the others it is said when they leave
    released_of: tuple[str, ...] = ()  # through whom each of them was called: themself or their force
    released_out: tuple[str, ...] = ()  # those of them who may be out there all the same: they had accepted and may have set out


@event("volunteers.callup.cancelled.v1")
@dataclass(frozen=True, slots=True)
class CallUpCancelled:
    """Nobody is needed any more, before anybody is known to have set out."""

    call_up: str
    incident: str | None
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    released: tuple[str, ...] = ()  # people it no longer concerns
    released_of: tuple[str, ...] = ()
    released_out: tuple[str, ...] = ()  # as of who is stood down


@event("volunteers.callup.checked_out.v1")
@dataclass(frozen=True, slots=True)
class CallUpCheckedOut:
    """They left the place of work and are free again."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    at: datetime
    members: tuple[str, ...] = ()  # of a force, as they then were


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """Minutes of one person on one day, from check-ins alone."""

    person: str
    day: date
    minutes: int


@event("volunteers.callup.settled.v1")
@dataclass(frozen=True, slots=True)
class CallUpSettled:
    """What they did, by person and day: compensation, letters and certificates rest on it. A later `revision` replaces earlier ones."""

    call_up: str
    incident: str | None
    holder: str
    volunteer: str | None
    force: str | None
    days: tuple[ServiceDay, ...]
    minutes: int
    division: str | None
    revision: int
    at: datetime
    payer: str | None = None  # the division that called them


Asked = CallUpOffered | CallUpOrdered
Later = CallUpDeparted | HostCheckedIn | ZoneAssigned | CallUpRotated | CallUpStoodDown | CallUpCancelled | CallUpCheckedOut | CallUpSettled
CallUpEvent = Asked | Checked | Later | CallUpAccepted | CallUpDeclined | CallUpSilent | CallUpReserved | CallUpWithdrawn | CallUpMemberLeft
