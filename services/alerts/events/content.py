"""What a warning says, and how a message names an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from services.alerts.events.scales import WarningColour


@dataclass(frozen=True, slots=True)
class AlertContent:
    """What a warning says. Seven of the eight legal fields (ERL art. 64 para. 2) and more; the eighth is the time of issue."""

    hazard: str = ""
    colour: WarningColour | None = None
    number: int | None = None
    areas: tuple[str, ...] = ()
    starts: datetime | None = None
    valid_to: datetime | None = None
    cautions: str = ""
    measures: str = ""
    issuer: str = ""
    headline: str = ""
    language: str = "zh-CN"


class MessageReference(msgspec.Struct, frozen=True, gc=False):
    """The triple by which CAP names an earlier message; `sent` may be missing or wrong in what others send."""

    sender: str
    identifier: str
    sent: datetime | None = None
