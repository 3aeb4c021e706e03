"""The words of a rights request: who read them, and what keeps them (PIPL art. 19, 47, 51)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("privacy.rights.words_read.v1")
@dataclass(frozen=True, slots=True)
class RightsWordsRead:
    """Whoever answers a request read what it says, as the vault keeps it (PIPL art. 51)."""

    request: str
    role: str
    by: str
    at: datetime


@event("privacy.rights.words_kept.v1")
@dataclass(frozen=True, slots=True)
class RightsWordsKept:
    """The words of what was decided before facts said how long they are kept: so long from now on (PIPL art. 19)."""

    request: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("privacy.personal_data.words_held.v1")
@dataclass(frozen=True, slots=True)
class RightsWordsHeld:
    """The words of this request are due and stay, for as long as anything of the subject, or of the request itself, is locked."""

    subject: str
    request: str
    at: datetime
