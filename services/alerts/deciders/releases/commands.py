"""What can be asked of a release, and of a rumour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.alerts.events.incident import IncidentType
from services.alerts.events.release import ReleaseKind
from services.alerts.events.rumour import ReferredTo, RumourFinding
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRelease(Command):
    """Propose what is told to the public; again, until it is approved. Figures come from the report version named."""

    release: PublicId
    kind: ReleaseKind = ReleaseKind.SITUATION
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    from_report: PublicId | None = None
    headline: str | None = None
    text: str | None = None
    mongolian: str | None = None
    order: PublicId | None = None
    incident: PublicId | None = None
    hazard: IncidentType | None = None  # where neither an incident nor a report says it


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRelease(Command):
    """Propose the next version of what is public; it goes the same way."""

    release: PublicId
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    from_report: PublicId | None = None
    headline: str | None = None
    text: str | None = None
    mongolian: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRelease(Command):
    """Look for secrets, for personal privacy, and compare the facts with the report named. `none` is nothing found. `words` says why
    a text is right that counts people otherwise than the report."""

    release: PublicId
    secret: str | None = None
    privacy: str | None = None
    facts: PublicId | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRelease(Command):
    """Stand behind it, as the organ that may (domain 2.16). The report and the incident are those it was drafted with."""

    release: PublicId
    from_report: PublicId | None = None
    incident: PublicId | None = None
    leave: str | None = None  # of the head of the investigation, for its facts (PSIR-28, 34)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRelease(Command):
    """Make what was approved public, while the report it says it from still says it."""

    release: PublicId
    from_report: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRelease(Command):
    """Take it back, and why."""

    release: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldBriefing(Command):
    """Note that the press was briefed on what is public."""

    release: PublicId
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRumourCase(Command):
    """Something is said that may be false. Say what, never who."""

    rumour: PublicId
    text: str | None = None
    evidence: tuple[str, ...] = ()
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRumour(Command):
    """Say whether it is false, and how that is known."""

    rumour: PublicId
    finding: RumourFinding | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarify(Command):
    """Put it right in public, by a release."""

    rumour: PublicId
    release: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferRumour(Command):
    """Hand it with its evidence to the police or the cyberspace office."""

    rumour: PublicId
    to: ReferredTo | None = None
    evidence: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRumourClock(EscalateClock):
    """Nobody answered the rumour in time."""

    rumour: PublicId
