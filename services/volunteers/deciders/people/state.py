"""What is known of a volunteer, folded from the facts (domain 3.17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.volunteers.events.validity import Cover, Span, Valid
from shared.blocks.clocks import STILL, Clocks
from shared.kernel.decider import About

NEW, WALK_IN, REGISTERED, VERIFIED, APPROVED = "new", "walk-in", "registered", "verified", "approved"
REJECTED, PAUSED, WITHDRAWN, ERASED, MERGED = "rejected", "paused", "withdrawn", "erased", "merged"
GONE = frozenset({WITHDRAWN, ERASED, MERGED})


@dataclass(frozen=True, slots=True)
class Check:
    """What somebody else found of somebody's fitness: the result alone."""

    fit: bool
    excluded: tuple[str, ...]
    at: datetime

    def loosened(self, fit: bool, excluded: tuple[str, ...]) -> bool:
        """Whether this says more than was found."""
        return fit and not (self.fit and set(self.excluded) <= set(excluded))


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A volunteer. Whether somebody is engaged is kept by the stream of engagements."""

    volunteer: str = ""
    status: str = NEW
    division: str | None = None
    township: str | None = None
    person: str | None = None
    adult: bool | None = None  # None: not checked
    fit: bool | None = None  # None: not said
    guardian: bool = False
    check: Check | None = None  # the last one by somebody else; what they say themselves does not loosen it
    excluded: tuple[str, ...] = ()  # hazards; by fitness, the result only (GFR-31, FFR-35)
    too_old: tuple[str, ...] = ()  # hazards excluded by age alone (GFR-31)
    trainings: tuple[Valid, ...] = ()
    skills: tuple[Valid, ...] = ()
    covers: tuple[Cover, ...] = ()
    languages: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()  # skills as they say; `skills` are certified
    weekly: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    spans: tuple[Span, ...] = ()
    risk_text: int = 0
    entered_by: str = ""
    checked_by: str = ""
    into: str | None = None  # of a merged one: the registration that is kept
    taken: frozenset[str] = frozenset()  # duplicates that were merged into this one
    forces: frozenset[str] = frozenset()  # to which they said themselves to belong
    incident: str | None = None  # of a walk-in
    clocks: Clocks = STILL

    @property
    def callable(self) -> bool:
        """Whether somebody may be asked at all: approved, and not paused or gone."""
        return self.status == APPROVED

    def excluded_from(self, hazard: str) -> bool:
        """Whether the law keeps somebody out of this hazard's danger zone (GFR-31, FFR-35)."""
        return hazard in self.excluded or hazard in self.too_old

    def trained(self, since: datetime, until: datetime, codes: tuple[str, ...] = ()) -> bool:
        """Whether a training holds over the period: one of the codes, any when none is named (PSER-11)."""
        return any(one.over(since, until) for one in self.trainings if not codes or one.code in codes)


def about(volunteer: Volunteer) -> About:
    """The organs of the own chain; a roster is never published (VSR art. 20, 21)."""
    return About(volunteer.division)
