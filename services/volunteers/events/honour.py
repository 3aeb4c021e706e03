"""Honours for what people did, and what is owed to the hurt and their families (ERL art. 15, 76, 91; VSR art. 32; WII art. 15, 17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class HonourKind(StrEnum):
    """Domain 3.20."""

    COMMENDATION = "commendation"
    SUBSIDY = "subsidy"
    HIRING_PREFERENCE = "hiring_preference"
    SERVICE_STAR = "service_star"
    MARTYR = "martyr"


class Harm(StrEnum):
    """What happened to a person: the result only, never a diagnosis."""

    INJURED = "injured"
    ILL = "ill"
    DEAD = "dead"
    UNKNOWN = "unknown"


class Filer(StrEnum):
    """Who files a work injury: the employer within 30 days, the person or family within a year (WII art. 17)."""

    EMPLOYER = "employer"
    PERSON = "person"


@event("volunteers.honour.nominated.v1")
@dataclass(frozen=True, slots=True)
class HonourNominated:
    """Somebody is proposed, on what the ledger holds of them."""

    honour: str
    kind: HonourKind
    volunteer: str | None
    force: str | None
    reason: str
    minutes: int
    division: str | None
    by: str
    at: datetime
    incident: str | None = None


@event("volunteers.honour.reviewed.v1")
@dataclass(frozen=True, slots=True)
class HonourReviewed:
    """Another than who proposed looked at it."""

    honour: str
    passed: bool
    reason: str
    by: str
    at: datetime


@event("volunteers.honour.consented.v1")
@dataclass(frozen=True, slots=True)
class HonourConsented:
    """Whether the name may be published, as the honoured say themselves (PIPL art. 25)."""

    honour: str
    consent: bool
    by: str
    at: datetime


@event("volunteers.honour.notice_posted.v1")
@dataclass(frozen=True, slots=True)
class HonourNoticePosted:
    """Told to the public before it is granted; `named`: with the name."""

    honour: str
    named: bool
    by: str
    at: datetime


@event("volunteers.honour.granted.v1")
@dataclass(frozen=True, slots=True)
class HonourGranted:
    """Granted by a government or department."""

    honour: str
    kind: HonourKind
    volunteer: str | None
    force: str | None
    document: str
    by: str
    division: str | None
    at: datetime
    incident: str | None = None


@event("volunteers.honour.refused.v1")
@dataclass(frozen=True, slots=True)
class HonourRefused:
    """Not granted, and why: a review or, of a martyr case, the region said no."""

    honour: str
    reason: str
    by: str
    at: datetime


@event("volunteers.honour.revoked.v1")
@dataclass(frozen=True, slots=True)
class HonourRevoked:
    """Taken back, and why."""

    honour: str
    reason: str
    by: str
    at: datetime


@event("volunteers.nominee.proposed.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class NomineeProposed:
    """The volunteer or force stands proposed for this kind: no second time until that honour is decided."""

    holder: str
    kind: HonourKind
    honour: str
    division: str | None
    at: datetime
    incident: str | None = None


@event("volunteers.injury.reported.v1")
@dataclass(frozen=True, slots=True)
class InjuryReported:
    """A person came to harm in service. Never dropped: what is missing is asked for."""

    injury: str
    person: str
    harm: Harm
    call_up: str | None
    incident: str | None
    happened: datetime | None
    missing: tuple[str, ...]
    division: str | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("volunteers.injury.filed.v1")
@dataclass(frozen=True, slots=True)
class InjuryFiled:
    """Filed for recognition as a work injury (WII art. 17, K-39)."""

    injury: str
    filer: Filer
    receipt: str
    late: bool
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("volunteers.injury.recognised.v1")
@dataclass(frozen=True, slots=True)
class InjuryRecognised:
    """How the case was decided: recognised as a work injury, or which other way pays (ERL art. 91)."""

    injury: str
    recognised: bool
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


HonourEvent = HonourNominated | HonourReviewed | HonourConsented | HonourNoticePosted | HonourGranted | HonourRefused | HonourRevoked
InjuryEvent = InjuryReported | InjuryFiled | InjuryRecognised
