"""The states of a warning (domain 3.1): which command fits which, and what follows."""

from __future__ import annotations

from services.alerts.deciders.warnings.commands import (
    AdjustAlertLevel,
    ApproveAlert,
    CancelAlert,
    CorrectAlert,
    DeclareWarningPeriod,
    DraftAlert,
    ExpireAlert,
    LiftMeasure,
    PublishAlert,
    RaiseDamAlarm,
    RatifyAlert,
    RecordConsultation,
    RejectAlert,
    ReviseDraft,
    StartMeasure,
)
from services.alerts.deciders.warnings.state import APPROVED, CANCELLED, CONSULTED, DRAFTED, EXPIRED, IN_FORCE, NEW, REJECTED
from shared.blocks.flow import Flow

ALERT_FLOW = Flow(
    "alert.life",
    {
        (NEW, DraftAlert): DRAFTED,
        (NEW, RaiseDamAlarm): IN_FORCE,
        (DRAFTED, ReviseDraft): DRAFTED,
        (CONSULTED, ReviseDraft): DRAFTED,
        (APPROVED, ReviseDraft): DRAFTED,
        (DRAFTED, RecordConsultation): CONSULTED,
        (CONSULTED, RecordConsultation): CONSULTED,
        (DRAFTED, ApproveAlert): APPROVED,
        (CONSULTED, ApproveAlert): APPROVED,
        (DRAFTED, RejectAlert): REJECTED,
        (CONSULTED, RejectAlert): REJECTED,
        (APPROVED, RejectAlert): REJECTED,
        (APPROVED, PublishAlert): IN_FORCE,
        (IN_FORCE, AdjustAlertLevel): IN_FORCE,
        (IN_FORCE, CorrectAlert): IN_FORCE,
        (IN_FORCE, DeclareWarningPeriod): IN_FORCE,
        (IN_FORCE, StartMeasure): IN_FORCE,
        (IN_FORCE, LiftMeasure): IN_FORCE,
        (IN_FORCE, RatifyAlert): IN_FORCE,
        (IN_FORCE, CancelAlert): CANCELLED,
        (IN_FORCE, ExpireAlert): EXPIRED,
    },
)
