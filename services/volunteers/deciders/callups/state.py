"""What is known of a call-up and of everybody in it, folded from its facts (domain 3.18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.volunteers.events.callup import (
    Asked,
    CallUpAccepted,
    CallUpCancelled,
    CallUpCheckedOut,
    CallUpDeclined,
    CallUpDeparted,
    CallUpEvent,
    CallUpMemberLeft,
    CallUpOffered,
    CallUpOrdered,
    CallUpReserved,
    CallUpSettled,
    CallUpSilent,
    CallUpStoodDown,
    CallUpWithdrawn,
    HostCheckedIn,
    ServiceDay,
)
from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.gate import EligibilityFailed, EligibilityPassed, HostAccepted, OfferClosed, QuotaFilled
from services.volunteers.events.placing import CallUpRotated, ZoneAssigned
from shared.blocks.clocks import STILL, Clocks
from shared.kernel.decider import About, Rules

NEW, OPEN, STOOD_DOWN, CANCELLED = "new", "open", "stood down", "cancelled"
ASKED, ACCEPTED, DECLINED, RESERVE, CLOSED = "asked", "accepted", "declined", "on reserve", "closed"
DEPARTED, ARRIVED, WITHDRAWN, CHECKED_OUT = "departed", "arrived", "withdrawn", "checked out"
COMING = frozenset({ACCEPTED, DEPARTED, ARRIVED})
TRAVEL, HOME = "callup.travel", "privacy.after_task"


@dataclass(frozen=True, slots=True)
class Party:
    """A volunteer or a force that was called."""

    holder: str
    force: bool
    ordered: bool
    status: str = ASKED
    home: str | None = None
    host_needed: bool = False
    members: tuple[str, ...] = ()
    left: tuple[str, ...] = ()  # members who left the party: their hours are settled all the same
    risk_text: int | None = None  # the version they accepted
    place: bool = False  # one of the places is theirs
    fit: bool | None = None  # None: the gate was not decided yet
    failures: tuple[str, ...] = ()
    silent: bool = False
    again: bool = False  # asked once more, since a place became free
    zone: str | None = None
    people: int = 0
    came: bool = False  # accepted at some time, so there may be hours
    expected: bool = False  # accepted, and said nothing else since: they may set out, whether or not a place is still theirs
    days: tuple[ServiceDay, ...] = ()
    revision: int = 0  # how often their hours were settled

    @property
    def people_of(self) -> tuple[str, ...]:
        """Whose hours count: the members of a force, or the volunteer."""
        return (*self.members, *self.left) if self.force else (self.holder,)

    @property
    def called(self) -> tuple[str, ...]:
        """The people it concerns now."""
        return self.members if self.force else (self.holder,)

    @property
    def promised(self) -> tuple[str, ...]:
        """Whose engagements it takes."""
        return (self.holder, *self.members)

    @property
    def named(self) -> dict[str, str | None]:
        """As the facts name it."""
        return {"volunteer": None if self.force else self.holder, "force": self.holder if self.force else None}


@dataclass(frozen=True, slots=True)
class CallUp:
    """A call-up with its parties in the order they were called."""

    call_up: str = ""
    status: str = NEW
    incident: str | None = None
    division: str | None = None
    caller: str | None = None  # the division that called: it pays
    callers: frozenset[str] = frozenset()  # who called, by post
    task: str = ""
    since: datetime | None = None
    until: datetime | None = None
    line: tuple[str, ...] = ()
    place: str | None = None
    risk_text: int | None = None
    skills: tuple[str, ...] = ()
    hazard: str = ""
    quota: int | None = None
    wave: int = 0
    filled: bool = False
    crowded: bool = False  # every place was taken at some time: people were turned away
    host_accepted: bool = False
    parties: Mapping[str, Party] = field(default_factory=dict)
    clocks: Clocks = STILL

    @property
    def taken(self) -> int:
        """Places taken."""
        return sum(party.place for party in self.parties.values())

    @property
    def full(self) -> bool:
        return self.quota is not None and self.taken >= self.quota

    def out(self, party: Party, now: datetime, rules: Rules) -> bool:
        """They set out, or may have: they were to come, and it was time to travel. Whom it then concerns no more is not home yet."""
        if party.status in (DEPARTED, ARRIVED):
            return True
        return self.expects(party, now, rules.value(TRAVEL)) and (self.until is None or now <= self.until + rules.value(HOME))

    def expects(self, party: Party, now: datetime, travel: timedelta = timedelta()) -> bool:
        """They were to come, and so long before the work begins is past."""
        return party.expected and self.since is not None and self.since - travel <= now

    def in_status(self, *statuses: str) -> Iterator[Party]:
        return (party for party in self.parties.values() if party.status in statuses)

    def with_party(self, holder: str, **changed: Any) -> CallUp:
        return replace(self, parties={**self.parties, holder: replace(self.parties[holder], **changed)})


def answer_key(holder: str) -> str:
    """The deadline by which a holder answers."""
    return f"answer.{holder}"


def evolve(callup: CallUp, event: CallUpEvent | ClockMissed) -> CallUp:
    """The call-up after the event."""
    clocks = callup.clocks.start(*getattr(event, "clocks", ()))
    if not isinstance(event, ClockMissed):
        clocks = clocks.end(event.at, *getattr(event, "met", ()), *getattr(event, "stopped", ()))
    match event:
        case CallUpOffered() | CallUpOrdered():
            return replace(_asked(callup, event), clocks=clocks)
        case ClockMissed():
            return replace(callup, clocks=callup.clocks.miss(event.key))
        case QuotaFilled():
            return replace(callup, filled=True)
        case HostAccepted():
            return replace(callup, host_accepted=True)
        case CallUpStoodDown():
            return replace(callup, status=STOOD_DOWN, clocks=clocks)
        case CallUpCancelled():
            kept = {holder: replace(party, place=False) for holder, party in callup.parties.items()}
            return replace(callup, status=CANCELLED, clocks=clocks, parties=kept)
        case CallUpWithdrawn():
            filled = callup.filled and not event.held
            return replace(_party(callup, event), clocks=clocks, filled=filled)
        case _:
            return replace(_party(callup, event), clocks=clocks)


def _asked(callup: CallUp, event: Asked) -> CallUp:
    """The first fact says what it is for; a further wave may carry another risk text or more places."""
    holder, forced = event.force or "", True
    if isinstance(event, CallUpOffered) and event.volunteer is not None:
        holder, forced = event.volunteer, False
    party = Party(holder, forced, isinstance(event, CallUpOrdered), home=event.home, host_needed=event.host_needed)
    before = callup.parties.get(holder)
    if before is not None:  # asked again: what they did before stays theirs
        party = replace(party, came=before.came, expected=before.expected, members=before.members, left=before.left)
        party = replace(party, days=before.days, revision=before.revision, again=True)
    offered = isinstance(event, CallUpOffered)
    return replace(
        callup,
        call_up=event.call_up,
        status=OPEN,
        incident=event.incident,
        division=callup.division or event.place or event.division,
        caller=callup.caller or event.division,
        callers=callup.callers | {event.by},
        task=event.task,
        since=event.from_,
        until=event.to,
        line=event.line,
        place=event.place,
        risk_text=event.risk_text,
        skills=event.skills,
        hazard=event.hazard,
        quota=event.quota if isinstance(event, CallUpOffered) else callup.quota,
        wave=max(callup.wave, event.wave) if isinstance(event, CallUpOffered) else callup.wave,
        filled=False if offered else callup.filled,
        parties={**callup.parties, holder: party},
    )


def _party(callup: CallUp, event: Any) -> CallUp:
    holder = getattr(event, "volunteer", None) or event.force
    party = callup.parties[holder]
    after = callup.with_party(holder, **_changed(event, party), **_said(callup, party, event))
    return after if after.crowded or not after.full else replace(after, crowded=True)


def _changed(event: Any, party: Party) -> dict[str, Any]:
    match event:
        case CallUpAccepted():
            return {"status": ACCEPTED, "place": True, "came": True, "expected": True, "fit": None} | {
                "members": event.members,
                "left": tuple(one for one in (*party.left, *party.members) if one not in event.members),
                "risk_text": event.risk_text,
            }
        case CallUpMemberLeft():
            return {"members": tuple(one for one in party.members if one != event.member), "left": (*party.left, event.member)}
        case CallUpDeclined():
            return {"status": DECLINED, "place": False}
        case CallUpSilent():
            return {"silent": True}
        case CallUpReserved():
            return {"status": RESERVE, "place": False}
        case EligibilityPassed():
            return {"fit": True, "place": True, "failures": ()}
        case EligibilityFailed():
            return {"fit": False, "place": False, "failures": event.failures}
        case OfferClosed():
            return {"status": CLOSED, "expected": party.force and party.expected}
        case CallUpWithdrawn():
            return {"status": WITHDRAWN, "place": False, "expected": False, "zone": None, "people": 0}
        case CallUpDeparted():
            return {"status": DEPARTED, "fit": True}
        case HostCheckedIn():
            return {"status": ARRIVED, "people": event.people, "fit": True}
        case ZoneAssigned():
            return {"zone": event.zone, "people": event.people}
        case CallUpRotated():
            return {"zone": None}
        case CallUpCheckedOut():
            return {"status": CHECKED_OUT, "place": False, "zone": None, "people": 0}
        case CallUpSettled():
            return {"days": event.days, "revision": event.revision}
        case _:
            raise AssertionError(f"{type(event).__name__} is no fact of a call-up")


def _said(callup: CallUp, party: Party, event: Any) -> dict[str, Any]:
    """Who says no, or stays on reserve, before it was time to set out did not; an older fact is compared with when the work begins. Who
    may be out there then is expected until the call-up ends, but for who declined for themself: their fact says it."""
    if not isinstance(event, CallUpDeclined) and not (isinstance(event, CallUpReserved) and party.status not in COMING):
        return {}
    out = callup.expects(party, event.at) if event.out is None else event.out
    return {"expected": out and (party.force or isinstance(event, CallUpReserved))}


def about(callup: CallUp) -> About:
    """Internal to the organs of the place where the work is: ids of people only, never published (VSR art. 20, 21)."""
    return About(callup.division, "internal", callup.incident)
