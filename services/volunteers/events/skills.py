"""What somebody says they can do; what is certified is another fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("volunteers.volunteer.skills_set.v1")
@dataclass(frozen=True, slots=True)
class SkillsSet:
    """Skills somebody says they have, in place of those they said before."""

    volunteer: str
    skills: tuple[str, ...]
    by: str
    at: datetime
    was: tuple[str, ...] = ()
