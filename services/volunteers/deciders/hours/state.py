"""The ledger of one person: shifts, what waits to be decided, certificates; folded from the facts (domain 3.17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import assert_never

from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.service import (
    CertificateNoted,
    CertificateRequested,
    CheckOutOverdue,
    DayMinutes,
    HoursCorrected,
    OverlapQuarantined,
    OverlapResolved,
    ServiceEnded,
    ServiceEvent,
    ServiceStarted,
)
from shared.blocks.clocks import STILL, Clocks
from shared.kernel.decider import About

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """From checking in to checking out; `ended` is None while it runs."""

    shift: int
    call_up: str | None
    incident: str | None
    started: datetime
    ended: datetime | None = None
    days: tuple[DayMinutes, ...] = ()
    aside: bool = False  # not counted until two persons decide: an overlap with the registration it was merged into

    @property
    def minutes(self) -> int:
        return sum(day.minutes for day in self.days)

    def overlaps(self, since: datetime, until: datetime | None) -> bool:
        """Whether another shift from and to then would be at the same time; one that runs has no end yet."""
        return (until is None or self.started < until) and (self.ended is None or since < self.ended)


@dataclass(frozen=True, slots=True)
class Service:
    """The hours of a person; `disputed` are check-ins that overlapped another and nobody decided about yet."""

    division: str | None = None
    shifts: Mapping[int, Shift] = field(default_factory=dict)
    overlaps: int = 0
    disputed: Mapping[int, OverlapQuarantined] = field(default_factory=dict)
    certificates: tuple[tuple[str, str | None], ...] = ()  # number and incident
    clocks: Clocks = STILL

    @property
    def running(self) -> Shift | None:
        """The shift that is not checked out."""
        return next((shift for shift in self.shifts.values() if shift.ended is None), None)

    @property
    def next_shift(self) -> int:
        return max(self.shifts, default=0) + 1

    def counted(self, incident: str | None = None) -> tuple[Shift, ...]:
        """Shifts in the ledger, of one incident or all."""
        return tuple(one for one in self.shifts.values() if one.ended and not one.aside and (incident is None or one.incident == incident))

    def minutes(self, incident: str | None = None) -> int:
        return sum(shift.minutes for shift in self.counted(incident))

    def of(self, call_up: str) -> tuple[Shift, ...]:
        """Shifts of one call-up, also the one that runs."""
        return tuple(one for one in self.shifts.values() if one.call_up == call_up)

    def certified(self, incident: str | None) -> tuple[str, ...]:
        """Certificates that count a shift of this incident."""
        return tuple(number for number, of in self.certificates if of in (None, incident))

    def by_day(self, call_up: str) -> Mapping[date, int]:
        """Minutes of one call-up on each day."""
        total: Counter[date] = Counter()
        for shift in self.counted():
            if shift.call_up == call_up:
                for each in shift.days:
                    total[each.day] += each.minutes
        return total

    def last_before(self, moment: datetime) -> Shift | None:
        """The shift that ended last before a moment."""
        ended = [shift for shift in self.shifts.values() if shift.ended is not None and shift.ended <= moment]
        return max(ended, key=lambda shift: shift.ended or moment, default=None)


def shift_key(shift: int) -> str:
    """The deadline by which somebody is checked out."""
    return f"shift.{shift}"


def split(started: datetime, ended: datetime) -> tuple[DayMinutes, ...]:
    """Whole minutes on each day that was worked on, as the calendar at the start's offset has it; they add up to the whole."""
    days: list[DayMinutes] = []
    told = 0
    ended = ended.astimezone(started.tzinfo)
    day = started.date()
    while day <= ended.date():
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), started.tzinfo)
        until = (min(midnight, ended) - started) // MINUTE
        if until > told:
            days.append(DayMinutes(day, until - told))
        told, day = until, day + timedelta(days=1)
    return tuple(days)


def hours(minutes: int) -> Decimal:
    """Minutes as hours with two places: 1170 is 19.50."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def spoken(minutes: int) -> str:
    """Hours as people write them: 19.5, 22, 5.25."""
    said = hours(minutes)
    return str(said.quantize(Decimal(1)) if said == said.to_integral() else said.normalize())


def evolve(service: Service, event: ServiceEvent | ClockMissed) -> Service:
    """The ledger after the event."""
    match event:
        case ServiceStarted():
            shift = Shift(event.shift, event.call_up, event.incident, event.at)
            division = event.division or service.division
            return replace(service, division=division, shifts=_with(service, shift), clocks=service.clocks.start(*event.clocks))
        case ServiceEnded():
            shift = Shift(event.shift, event.call_up, event.incident, event.started, event.at, event.days)
            return replace(service, shifts=_with(service, shift), clocks=service.clocks.end(event.at, *event.met))
        case HoursCorrected():
            shift = Shift(event.shift, event.call_up, event.incident, event.started, event.ended, event.days)
            return replace(service, shifts=_with(service, shift), clocks=service.clocks.end(event.at, *event.met))
        case OverlapQuarantined():
            disputed = {**service.disputed, event.overlap: event}
            aside = service.shifts.get(event.of) if event.of is not None else None
            shifts = _with(service, replace(aside, days=(), aside=True)) if aside else service.shifts
            division = service.division or event.division
            return replace(service, shifts=shifts, overlaps=event.overlap, disputed=disputed, division=division)
        case OverlapResolved():
            return replace(service, disputed={n: one for n, one in service.disputed.items() if n != event.overlap})
        case CertificateRequested():
            return replace(service, clocks=service.clocks.start(*event.clocks))
        case CertificateNoted():
            return replace(
                service,
                certificates=tuple(dict.fromkeys((*service.certificates, (event.certificate, event.incident)))),
                clocks=service.clocks.end(event.at, *event.met),
            )
        case ClockMissed():
            return replace(service, clocks=service.clocks.miss(event.key))
        case CheckOutOverdue():
            return service
        case _:
            assert_never(event)


def _with(service: Service, shift: Shift) -> Mapping[int, Shift]:
    return {**service.shifts, shift.shift: shift}


def about(service: Service) -> About:
    """Internal to the organs of where they worked last; hours are never published with a person (VSR art. 20, 21)."""
    return About(service.division)
