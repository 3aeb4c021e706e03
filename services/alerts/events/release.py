"""What is told to the public: drafted from reports, reviewed, approved, published, updated, withdrawn (ERL art. 7; domain 3.23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.alerts.events.scales import EventGrade
from shared.kernel.events import event


class ReleaseKind(StrEnum):
    """What a release is about; with the hazard it says who may stand behind it (domain 2.16)."""

    SITUATION = "situation"  # what happened and what is done
    LOSSES = "losses"  # verified figures of a natural disaster (NDR-17)
    MEASURE = "measure"  # a decision, an order or a measure (ERL art. 7)
    CLARIFICATION = "clarification"  # false or incomplete information is put right (ERL art. 7)
    INVESTIGATION = "investigation"  # facts of an accident's investigation (PSIR-28, 34)


@dataclass(frozen=True, slots=True)
class ReleaseFigure:
    """A number as the named report version states it."""

    metric: str
    value: Decimal
    unit: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReleaseContent:
    """What a release says. Every number in `figures` is the report's; `text` is Chinese, `mongolian` optional."""

    kind: ReleaseKind = ReleaseKind.SITUATION
    hazard: str = ""  # the type of the incident
    grade: EventGrade | None = None
    from_report: str | None = None
    figures: tuple[ReleaseFigure, ...] = ()
    headline: str = ""
    text: str = ""
    mongolian: str = ""
    order: str | None = None


@event("alerts.release.drafted.v1")
@dataclass(frozen=True, slots=True)
class ReleaseDrafted:
    """Proposed, or proposed anew before it was approved."""

    release: str
    content: ReleaseContent
    by: str
    division: str | None
    at: datetime
    incident: str | None = None
    visibility: str = "internal"


@event("alerts.release.update_drafted.v1")
@dataclass(frozen=True, slots=True)
class ReleaseUpdateDrafted:
    """The next version is proposed; `refers_to` is the one that is public until this one is."""

    release: str
    content: ReleaseContent
    version: int
    refers_to: int
    reason: str
    by: str
    at: datetime
    incident: str | None = None
    visibility: str = "internal"


@event("alerts.release.reviewed.v1")
@dataclass(frozen=True, slots=True)
class ReleaseReviewed:
    """Looked at for secrets, personal privacy and facts (GIR art. 14, 15). `none` is nothing found, None not looked at."""

    release: str
    secret: str | None
    privacy: str | None
    facts: str | None  # the report whose figures were compared
    passed: bool  # of what was looked at; what did not pass goes back to its author
    by: str
    at: datetime
    incident: str | None = None
    words: str = ""  # why its words are right, where they count people otherwise than the report
    answered: tuple[str, ...] = ()  # the doubts this answers


@event("alerts.release.approved.v1")
@dataclass(frozen=True, slots=True)
class ReleaseApproved:
    """The organ that may stand behind it does (domain 2.16)."""

    release: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.release.published.v1")
@dataclass(frozen=True, slots=True)
class ReleasePublished:
    """Public from now on, in place of the version it refers to. A drill's carries its mark."""

    release: str
    incident: str | None
    version: int
    content: ReleaseContent
    approved_by: str
    by: str
    division: str | None
    at: datetime
    refers_to: int | None = None
    exercise: bool = False
    mark: str = ""


@event("alerts.release.withdrawn.v1")
@dataclass(frozen=True, slots=True)
class ReleaseWithdrawn:
    """Taken back, and why. Everybody reads that it was; what it said is no longer public."""

    release: str
    reason: str
    by: str
    at: datetime
    was_public: bool = False
    incident: str | None = None


@event("alerts.release.briefing_held.v1")
@dataclass(frozen=True, slots=True)
class PressBriefingHeld:
    """Questions were answered on what was published (GO61, GO80; K-30)."""

    release: str
    incident: str | None
    place: str
    by: str
    at: datetime


ReleaseEvent = (
    ReleaseDrafted | ReleaseUpdateDrafted | ReleaseReviewed | ReleaseApproved | ReleasePublished | ReleaseWithdrawn | PressBriefingHeld
)
