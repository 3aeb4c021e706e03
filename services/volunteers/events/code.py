"""What becomes of the code that opens somebody's own page; the code itself is in no fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("volunteers.volunteer.code_reissued.v1")
@dataclass(frozen=True, slots=True)
class CodeReissued:
    """Somebody lost the code of their own page and showed who they are; they got another, and the old one opens nothing."""

    volunteer: str
    method: str
    by: str
    at: datetime
