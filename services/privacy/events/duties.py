"""Duties beside the records: rights requests, breaches, processors, impact assessments (PIPL art. 21, 44-50, 55-57; domain 3.26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.privacy.events.words import RightsWordsKept, RightsWordsRead
from shared.blocks.clocks import Due
from shared.kernel.envelope import Envelope
from shared.kernel.events import event

OURS = ".privacy"  # how the log ends in which consent is taken back, also a drill's


class Right(StrEnum):
    """What the law lets a person ask for (PIPL art. 44-50)."""

    ACCESS = "access"
    COPY = "copy"
    TRANSFER = "transfer"
    CORRECTION = "correction"
    DELETION = "deletion"
    RESTRICTION = "restriction"
    EXPLANATION = "explanation"


class RightsOutcome(StrEnum):
    """How a request was decided."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


def deletion_asked(subject: str, at: Envelope) -> str:
    """The number of the request to delete that lies in a consent taken back or a registration given up: one where both follow."""
    back = (at.origin or at.id) if at.log.endswith(OURS) else at.causationid or ""
    log, _, position = back.rpartition(":")
    return f"RC-{subject}-{position}" if log.endswith(OURS) else f"RR-{subject}-{at.position}"


@event("privacy.rights.received.v1")
@dataclass(frozen=True, slots=True)
class RightsRequestReceived:
    """Somebody asks; never refused on receipt (PIPL art. 50)."""

    request: str
    subject: str | None  # None: who it is about is in the words
    right: Right | None
    digest: str  # where the words lie in the vault, under the request; empty: none
    relative: bool  # asks for a dead relative (PIPL art. 49)
    incomplete: tuple[str, ...]  # what is still to be shown or said
    division: str | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("privacy.rights.identity_checked.v1")
@dataclass(frozen=True, slots=True)
class RightsIdentityChecked:
    """Who asks is who may ask, or is not; only the result."""

    request: str
    confirmed: bool
    how: str
    by: str
    at: datetime
    subject: str | None = None  # whom it is about, as whoever checked found it


@event("privacy.rights.decided.v1")
@dataclass(frozen=True, slots=True)
class RightsRequestDecided:
    """Granted, or refused with reasons and the way to a court (PIPL art. 50)."""

    request: str
    outcome: RightsOutcome
    reasons: str
    remedy: str
    by: str
    at: datetime
    late: bool = False
    subject: str | None = None
    right: Right | None = None
    words: bool | None = None  # whether it has any; an older fact does not say, nor `clocks`
    clocks: tuple[Due, ...] = ()  # by when it is carried out, so that its words can go; refused: how long they are kept


@event("privacy.rights.done.v1")
@dataclass(frozen=True, slots=True)
class RightsRequestDone:
    """What was decided was carried out and told."""

    request: str
    note: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()  # how long its words are kept from now on


@event("privacy.rights.words_destroyed.v1")
@dataclass(frozen=True, slots=True)
class RightsWordsDestroyed:
    """Nobody reads name, contact and words of a decided request any more, and the vault destroys them: what was asked, decided and
    when stays (PIPL art. 19, 47)."""

    request: str
    ref: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    run: datetime | None = None  # by when the vault destroys them, with all that wait until then; an older fact: at once


class BreachGrade(StrEnum):
    """Of cybersecurity incidents (CSIR)."""

    GENERAL = "general"
    LARGER = "larger"
    MAJOR = "major"
    SPECIAL_MAJOR = "special_major"


@event("privacy.breach.detected.v1")
@dataclass(frozen=True, slots=True)
class BreachDetected:
    """Personal data were or may have been leaked, changed or lost (PIPL art. 57). Clocks run from the moment of knowledge (K-40)."""

    breach: str
    kinds: tuple[str, ...]
    cause: str
    harm: str
    known_at: datetime
    subjects: int | None
    critical: bool  # critical infrastructure: one hour (CSIR art. 4)
    incident: str | None
    division: str | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("privacy.breach.contained.v1")
@dataclass(frozen=True, slots=True)
class BreachContained:
    """What was done at once."""

    breach: str
    measures: str
    by: str
    at: datetime


@event("privacy.breach.graded.v1")
@dataclass(frozen=True, slots=True)
class BreachGraded:
    """How grave it is."""

    breach: str
    grade: BreachGrade
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("privacy.breach.reported.v1")
@dataclass(frozen=True, slots=True)
class BreachReported:
    """The authority was told kinds, cause, harm, measures and whom to ask."""

    breach: str
    to: str
    contact: str
    by: str
    at: datetime
    late: bool = False
    met: tuple[str, ...] = ()


@event("privacy.breach.subjects_notified.v1")
@dataclass(frozen=True, slots=True)
class BreachSubjectsNotified:
    """Those concerned were told; or need not be, since the harm was averted, for the reason given."""

    breach: str
    needed: bool
    how: str
    reason: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("privacy.breach.closed.v1")
@dataclass(frozen=True, slots=True)
class BreachClosed:
    """Nothing is open."""

    breach: str
    lessons: str
    by: str
    at: datetime


@event("privacy.processor.registered.v1")
@dataclass(frozen=True, slots=True)
class ProcessorRegistered:
    """Somebody processes data for us, or with us, under an agreement (PIPL art. 20, 21)."""

    processor: str
    name: str
    joint: bool
    purposes: tuple[str, ...]
    agreement: str
    measures: str
    until: date
    subprocessing: bool  # only with our consent
    division: str | None
    keep_until: datetime
    by: str
    at: datetime


@event("privacy.processor.supervised.v1")
@dataclass(frozen=True, slots=True)
class ProcessorSupervised:
    """We looked at how it processes."""

    processor: str
    finding: str
    by: str
    at: datetime


@event("privacy.processor.ended.v1")
@dataclass(frozen=True, slots=True)
class ProcessorEnded:
    """The agreement ended: data returned or deleted, as proven (PIPL art. 21)."""

    processor: str
    proof: str
    by: str
    at: datetime


@event("privacy.assessment.drafted.v1")
@dataclass(frozen=True, slots=True)
class ImpactAssessmentDrafted:
    """The three parts the law asks for (PIPL art. 56): lawful, proper and needed; effect and risk; fitting protection."""

    module: str
    assessment: str
    purposes: tuple[str, ...]
    lawfulness: str
    risks: str
    protection: str
    division: str | None
    by: str
    at: datetime


@event("privacy.assessment.approved.v1")
@dataclass(frozen=True, slots=True)
class ImpactAssessmentApproved:
    """Another person stands behind it: the module may collect until `until`. Kept until `keep_until` (K-52)."""

    module: str
    assessment: str
    until: datetime
    keep_until: datetime
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


RightsEvent = (
    RightsRequestReceived
    | RightsIdentityChecked
    | RightsRequestDecided
    | RightsRequestDone
    | RightsWordsRead
    | RightsWordsKept
    | RightsWordsDestroyed
)
BreachEvent = BreachDetected | BreachContained | BreachGraded | BreachReported | BreachSubjectsNotified | BreachClosed
ProcessorEvent = ProcessorRegistered | ProcessorSupervised | ProcessorEnded
AssessmentEvent = ImpactAssessmentDrafted | ImpactAssessmentApproved
