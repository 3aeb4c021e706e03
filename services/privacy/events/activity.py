"""Which responses run for an incident: while one does, its data are in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("privacy.activity.response_began.v1")
@dataclass(frozen=True, slots=True)
class ResponseBegan:
    """This response runs for the incident."""

    incident: str
    activation: str
    division: str | None
    at: datetime
    restricted: bool = False  # as the response


@event("privacy.activity.response_ended.v1")
@dataclass(frozen=True, slots=True)
class ResponseEnded:
    """This response is over; with the last one so is the purpose of what was collected (ERL art. 85)."""

    incident: str
    activation: str
    last: bool
    at: datetime


ActivityEvent = ResponseBegan | ResponseEnded
