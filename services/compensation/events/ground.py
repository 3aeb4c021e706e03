"""What a decided claim rests on was taken back: it is doubted until two persons looked at it. Nothing is paid or asked back by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.compensation.events.decision import Manner
from services.compensation.events.figures import ClaimKind, Evidence, Figures, Period, Said
from shared.blocks.clocks import Due
from shared.kernel.events import event


class Ground(StrEnum):
    """How a claim lost what it rests on."""

    HOURS = "hours"  # less was done than it was counted from
    ANOTHERS = "anothers"  # the thing is another's claim by now
    NOT_BACK = "not_back"  # what was said to be back, or lost, is out again
    FIGURES = "figures"  # it came back after it was decided, and maybe otherwise


class Outcome(StrEnum):
    """What becomes of a decision that was doubted."""

    STANDS = "stands"
    SET_BACK = "set_back"


@event("compensation.claim.doubted.v1")
@dataclass(frozen=True, slots=True)
class ClaimDoubted:
    """What it rests on was taken back. Nothing of it is paid until two persons looked at it, within `clocks`."""

    claim: str
    claimant: str
    incident: str | None
    ground: Ground
    source: str  # the event that says so
    at: datetime
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("compensation.claim.restated.v1")
@dataclass(frozen=True, slots=True)
class ClaimRestated:
    """What it is for is back, or lost: from which figures it is counted now, and for which days; `otherwise`, where a fact and who claims
    differ, what the other of them said, of which nothing is counted unless it is assessed so."""

    claim: str
    figures: Figures
    covers: tuple[Period, ...]
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    at: datetime
    clocks: tuple[Due, ...] = ()
    kind: ClaimKind | None = None
    claimant: str = ""
    item: str | None = None
    instead_of: str | None = None  # the claim that the fact asked for: this one has it
    otherwise: Said | None = None
    tariff: str | None = None  # the fact's, where it is counted by that from now on
    payer: str | None = None  # who took it, where another was to pay before
    late: bool = False  # it had heard of a newer fact before: this one is only shown
    stopped: tuple[str, ...] = ()


@event("compensation.claim.reconsidered.v1")
@dataclass(frozen=True, slots=True)
class ClaimReconsidered:
    """Two persons looked at a decision that was doubted: it stands, or is set back to assessment. Who claims is told why: in the app
    with this fact, or on paper with the proof. What was paid stays paid until a new decision says what is too much."""

    claim: str
    claimant: str
    incident: str | None
    outcome: Outcome
    ground: Ground
    reason: str
    manner: Manner
    proof: str
    by: str
    second: str
    at: datetime
    revisions: tuple[tuple[str, int], ...] = ()  # of the call-ups that were looked at
    stopped: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()
    over: bool = False  # nothing is owed nor under review after it


Grounds = ClaimDoubted | ClaimRestated | ClaimReconsidered
