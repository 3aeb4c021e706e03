"""Which deadlines an event starts and stops. The due times are in the events; timers send the command when one passes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.alerts.deciders import DECIDERS
from services.alerts.events.alert import (
    AlertCancelled,
    AlertCorrected,
    AlertExpired,
    AlertPublished,
    AlertRatified,
    LevelAdjusted,
    RatificationDue,
    RatificationOverdue,
)
from services.alerts.events.measures import WarningPeriodEnded, WarningPeriodEntered
from services.alerts.events.reach import AcknowledgementOverdue, AlertAcknowledged, AlertDisseminated
from shared.handling.clocked import CarriedClocks, clock_families
from shared.handling.declare import Start, Stop
from shared.kernel.envelope import Envelope
from shared.kernel.events import family

_CARRIED = CarriedClocks(DECIDERS)
_OF_WARNINGS = tuple(
    family(name)
    for name in (
        "alerts.alert.published.v1",
        "alerts.alert.level_adjusted.v1",
        "alerts.alert.corrected.v1",
        "alerts.alert.cancelled.v1",
        "alerts.alert.expired.v1",
        "alerts.alert.disseminated.v1",
        "alerts.alert.acknowledged.v1",
        "alerts.alert.acknowledgement_overdue.v1",
        "alerts.alert.ratification_due.v1",
        "alerts.alert.ratified.v1",
        "alerts.alert.ratification_overdue.v1",
        "alerts.warning_period.entered.v1",
        "alerts.warning_period.ended.v1",
    )
)
DUE_FAMILIES: tuple[str, ...] = (*_OF_WARNINGS, *clock_families("alerts"))


def due(event: Any, at: Envelope) -> Iterable[Start | Stop]:
    """The deadlines that a fact ends, and those it starts."""
    yield from _CARRIED.due(event, at)
    yield from _of_warnings(event)


def _of_warnings(event: Any) -> Iterable[Start | Stop]:
    """Acknowledgement by recipient, expiry of the warning, ratification of a dam alarm, end of the warning period."""
    match event:
        case AlertPublished() | LevelAdjusted() | AlertCorrected():
            if event.content.valid_to is not None:
                yield Start("expire", event.content.valid_to, "ExpireAlert", {"alert": event.alert})
        case AlertDisseminated(ack_due=ack_due) if ack_due is not None:
            args = {"alert": event.alert, "recipient": event.recipient}
            yield Start(f"ack.{event.recipient}", ack_due, "EscalateSilence", args)
        case AlertAcknowledged() | AcknowledgementOverdue():
            yield Stop(f"ack.{event.recipient}")
        case RatificationDue():
            yield Start("ratify", event.due_at, "EscalateRatification", {"alert": event.alert})
        case AlertRatified():
            yield Stop("ratify")
            if event.valid_to is not None:  # unratified it would not expire: what passed meanwhile passes now
                yield Start("expire", max(event.valid_to, event.at), "ExpireAlert", {"alert": event.alert})
        case RatificationOverdue():
            yield Stop("ratify")
        case WarningPeriodEntered():
            yield Start("period", event.until, "EndWarningPeriod", {"alert": event.alert})
        case WarningPeriodEnded():
            yield Stop("period")
        case AlertCancelled() | AlertExpired():
            yield Stop("*")
