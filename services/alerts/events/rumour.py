"""Rumours: what is said, whether it is false, how it was answered (ERL art. 7, 97; domain 2.12). Who said it is never in a fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class RumourFinding(StrEnum):
    """What a check found."""

    FALSE = "false"
    NOT_FALSE = "not_false"


class ReferredTo(StrEnum):
    """Who acts against fabricating or knowingly spreading false information (ERL art. 97)."""

    POLICE = "POL"
    CYBERSPACE = "CAC"


@event("alerts.rumour.opened.v1")
@dataclass(frozen=True, slots=True)
class RumourOpened:
    """Something is said that may be false."""

    rumour: str
    text: str
    evidence: tuple[str, ...]
    by: str
    division: str | None
    at: datetime
    incident: str | None = None
    clocks: tuple[Due, ...] = ()


@event("alerts.rumour.checked.v1")
@dataclass(frozen=True, slots=True)
class RumourChecked:
    """Found false, or not."""

    rumour: str
    finding: RumourFinding
    note: str
    by: str
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.rumour.clarified.v1")
@dataclass(frozen=True, slots=True)
class RumourClarified:
    """Put right in public by a release (ERL art. 7)."""

    rumour: str
    release: str
    late: bool
    by: str
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.rumour.referred.v1")
@dataclass(frozen=True, slots=True)
class RumourReferred:
    """Handed with its evidence to who may act against it."""

    rumour: str
    to: ReferredTo
    evidence: tuple[str, ...]
    reason: str
    by: str
    at: datetime
    incident: str | None = None


RumourEvent = RumourOpened | RumourChecked | RumourClarified | RumourReferred
