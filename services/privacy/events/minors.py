"""What is owed while data of minors are held (PIPL art. 31; MNP art. 37)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("privacy.minors.held.v1")
@dataclass(frozen=True, slots=True)
class MinorsHeld:
    """A register holds data of a minor: from now on it is audited every year (K-53)."""

    register: str
    division: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("privacy.minors.audited.v1")
@dataclass(frozen=True, slots=True)
class MinorsAudited:
    """How data of minors are processed was audited and reported; the next year runs, unless none are left."""

    register: str
    findings: str
    report: str  # where it is written
    reported_to: str
    keep_until: datetime
    by: str
    at: datetime
    late: bool = False
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()
    none_left: bool = False  # no data of a minor are held any more: no year runs until there are again


MinorsEvent = MinorsHeld | MinorsAudited
