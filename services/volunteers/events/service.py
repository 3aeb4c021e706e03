"""Hours of service: only from checking in and out, or a correction of two (VSR art. 19; domain 3.17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class DayMinutes:
    """Minutes on one day, as the calendar of the place has it."""

    day: date
    minutes: int


class OverlapOutcome(StrEnum):
    """What became of a check-in that overlapped another."""

    DISCARDED = "discarded"
    COUNTED = "counted"  # as a shift with the times given


@event("volunteers.service.started.v1")
@dataclass(frozen=True, slots=True)
class ServiceStarted:
    """A person began to work. `at` is when that was; `late` that it was written down afterwards."""

    person: str
    shift: int
    call_up: str | None  # None of somebody who arrived uncalled
    incident: str | None
    task: str
    division: str | None
    at: datetime
    by: str
    late: bool = False
    card: bool = False  # by the code of their card
    second: str | None = None  # of what was written down long afterwards
    clocks: tuple[Due, ...] = ()


@event("volunteers.service.ended.v1")
@dataclass(frozen=True, slots=True)
class ServiceEnded:
    """They stopped; so many minutes are in the ledger."""

    person: str
    shift: int
    call_up: str | None
    incident: str | None
    started: datetime
    at: datetime
    minutes: int
    days: tuple[DayMinutes, ...]
    by: str
    late: bool = False
    card: bool = False
    second: str | None = None
    met: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """From and to; `until` is None while it runs."""

    since: datetime
    until: datetime | None


@event("volunteers.service.overlap_quarantined.v1")
@dataclass(frozen=True, slots=True)
class OverlapQuarantined:
    """A second check-in while the first shift runs, or the shift of a duplicate that was merged: kept, not counted, until two decide."""

    person: str
    overlap: int
    shift: int  # the one that runs
    call_up: str | None
    incident: str | None
    task: str
    division: str | None
    at: datetime
    by: str
    of: int | None = None  # the own shift that was counted until now
    ended: datetime | None = None  # when it had ended
    whose: str | None = None  # the registration that is kept, whose shift was worked at the same time
    against: tuple[Period, ...] = ()  # what is counted of it
    certificates: tuple[str, ...] = ()  # that count it


@event("volunteers.service.overlap_resolved.v1")
@dataclass(frozen=True, slots=True)
class OverlapResolved:
    """Two persons looked at a check-in that overlapped another. When it counts, the next fact has its hours."""

    person: str
    overlap: int
    outcome: OverlapOutcome
    reason: str
    incident: str | None
    by: str
    second: str
    at: datetime


@event("volunteers.service.hours_corrected.v1")
@dataclass(frozen=True, slots=True)
class HoursCorrected:
    """Two persons put a shift right, and why; what it said before is in the facts before."""

    person: str
    shift: int
    call_up: str | None
    incident: str | None
    started: datetime
    ended: datetime
    minutes: int
    days: tuple[DayMinutes, ...]
    before: int  # minutes that were counted before
    reason: str
    by: str
    second: str
    at: datetime
    met: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()  # that say what it said before


@event("volunteers.service.check_out_overdue.v1")
@dataclass(frozen=True, slots=True)
class CheckOutOverdue:
    """Nobody checked them out after the longest shift: are they safe, and were they forgotten?"""

    person: str
    shift: int
    call_up: str | None
    incident: str | None
    started: datetime
    division: str | None
    at: datetime


@event("volunteers.service.certificate_requested.v1")
@dataclass(frozen=True, slots=True)
class CertificateRequested:
    """Somebody wants their hours certified, free of charge (VSR art. 19, K-38)."""

    person: str
    incident: str | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("volunteers.service.certificate_noted.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class CertificateNoted:
    """The hours were certified, of one incident or all."""

    person: str
    certificate: str
    minutes: int
    at: datetime
    met: tuple[str, ...] = ()
    incident: str | None = None


@event("volunteers.certificate.issued.v1")
@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """What the ledger holds of a person, certified (VSR art. 19). Whoever has number and check code may see that it is true."""

    certificate: str
    check: str
    person: str
    minutes: int
    incident: str | None  # None: of all service
    first: date | None
    last: date | None
    division: str | None
    by: str
    at: datetime


@event("volunteers.certificate.revoked.v1")
@dataclass(frozen=True, slots=True)
class CertificateRevoked:
    """The certificate holds no longer, and why; another may be issued."""

    certificate: str
    person: str
    reason: str
    by: str
    at: datetime


@event("volunteers.certificate.superseded.v1")
@dataclass(frozen=True, slots=True)
class CertificateSuperseded:
    """Hours it certifies were put right since, or stand on another now: it holds no longer (VSR art. 19)."""

    certificate: str
    person: str
    at: datetime
    by: str | None = None  # the certificate that takes its place


Shifts = ServiceStarted | ServiceEnded | OverlapQuarantined | OverlapResolved | HoursCorrected | CheckOutOverdue
ServiceEvent = Shifts | CertificateRequested | CertificateNoted
CertificateEvent = CertificateIssued | CertificateRevoked | CertificateSuperseded
