"""What holds for a time: a training or certificate, a grade, an insurance cover. Parts of facts; no fact of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Valid:
    """A training, skill or grade by its code; `until` is None when it does not expire."""

    code: str
    since: datetime
    until: datetime | None = None

    def at(self, moment: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.since <= moment and (self.until is None or moment < self.until)

    def over(self, since: datetime, until: datetime) -> bool:
        """Whether it holds over a whole period."""
        return self.since <= since and (self.until is None or until <= self.until)


@dataclass(frozen=True, slots=True)
class Cover:
    """An insurance cover of a person or force (ERL art. 40 para. 1): when, in which division and all below it, for which risk class."""

    policy: str
    since: datetime
    until: datetime
    territory: str
    risk: str


@dataclass(frozen=True, slots=True)
class Span:
    """A period in which a person said to be available, or not to be."""

    since: datetime
    until: datetime
    available: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a rescue force. Only results of checks: adult (ERL art. 39 para. 2), trained (PSER art. 11)."""

    member: str
    person: str | None = None
    adult: bool | None = None
    trained: bool | None = None
    trained_until: datetime | None = None
    fit: bool | None = None  # as their force says (PSER art. 11); None: it did not say
