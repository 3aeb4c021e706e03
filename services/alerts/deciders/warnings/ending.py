"""What is in force because of a warning, and that none of it outlives the warning (ERL art. 64, 66, 67, 70)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.alerts.deciders.warnings.authority import require_lifter
from services.alerts.deciders.warnings.commands import (
    CancelAlert,
    DeclareWarningPeriod,
    EndWarningPeriod,
    ExpireAlert,
    LiftMeasure,
    StartMeasure,
)
from services.alerts.deciders.warnings.content import naive, next_identifier
from services.alerts.deciders.warnings.flow import ALERT_FLOW
from services.alerts.deciders.warnings.state import IN_FORCE, Alert
from services.alerts.events.alert import AlertCancelled, AlertExpired
from services.alerts.events.measures import MeasureEvent, MeasureLifted, MeasureStarted, WarningPeriodEnded, WarningPeriodEntered
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all


def declare_period(command: DeclareWarningPeriod, alert: Alert) -> Sequence[WarningPeriodEntered]:
    """The government's act, not the weather office's signal; a further one moves the end."""
    ALERT_FLOW.require(alert.status, command)
    until = command.until
    if until is None:
        raise RuleBroken(Failure("ERL-64.1", "until is empty", "until"))
    refuse_all(RuleBroken, naive(until=until))
    if until <= command.now:
        raise RuleBroken(Failure("ERL-64.1", "until has passed", "until"))
    return [] if until == alert.period_until else [WarningPeriodEntered(command.alert, until, command.by.actor, command.now)]


def end_period(command: EndWarningPeriod, alert: Alert) -> Sequence[WarningPeriodEnded]:
    """By itself, at its declared end, unless it was moved or the warning took it along."""
    until = alert.period_until
    return [] if until is None or command.now < until else [WarningPeriodEnded(command.alert, command.now)]


def start_measure(command: StartMeasure, alert: Alert) -> Sequence[MeasureStarted]:
    """Every measure names its basis; those of ERL art. 67 need a warning of level 1 or 2."""
    ALERT_FLOW.require(alert.status, command)
    known = alert.measures.get(command.measure)
    if known is not None:
        if known.ended is None and (known.kind, known.basis) == (command.kind, command.basis):
            return []
        raise WrongState(Failure("ERL-67", f"measure {command.measure} exists; choose another id"))
    kind, basis = command.kind or "", command.basis or ""
    failures = [Failure("ERL-67", f"{name} is empty", name) for name, value in (("kind", kind), ("basis", basis)) if not value.strip()]
    if basis.startswith("ERL-67") and (alert.content.number or 4) > 2:
        failures.append(Failure("ERL-67", "measures of art. 67 need a level 1 or 2 warning", "basis"))
    refuse_all(RuleBroken, failures)
    return [MeasureStarted(command.alert, command.measure, kind, basis, command.by.actor, command.now, command.by.division)]


def lift_measure(command: LiftMeasure, alert: Alert) -> Sequence[MeasureLifted]:
    """One measure ends; lifting it twice changes nothing."""
    ALERT_FLOW.require(alert.status, command)
    if alert.measures.get(command.measure) is None:
        raise NotFound(Failure("ERL-70", f"measure {command.measure} is not one of this warning"))
    if not alert.measures.is_open(command.measure):
        return []
    return [MeasureLifted(command.alert, command.measure, command.reason or "lifted", command.now)]


def cancel(command: CancelAlert, alert: Alert, rules: Rules) -> Sequence[AlertCancelled | MeasureEvent]:
    """Ends the warning and everything that rests on it, in one act. A dam alarm nobody ratified needs a reason."""
    require_lifter(command.by, alert.content, rules)
    ALERT_FLOW.require(alert.status, command)
    if alert.unratified and not command.reason:
        raise RuleBroken(Failure("DAM-25", "reason is empty: the alarm was not ratified", "reason"))
    assert alert.first is not None  # in force
    cancelled = AlertCancelled(
        command.alert,
        next_identifier(alert.division, command.alert, alert.identifiers, command.now),
        alert.first.sender,
        (alert.first,),
        alert.content,
        alert.lists,
        command.by.actor,
        command.now,
        command.reason or "",
    )
    return [cancelled, *_lifted(command.alert, alert, "the warning was cancelled", command.now)]


def expire(command: ExpireAlert, alert: Alert) -> Sequence[AlertExpired | MeasureEvent]:
    """By itself, when the stated validity has passed and nobody moved it meanwhile. A dam alarm waits for its ratification."""
    valid_to = alert.content.valid_to
    if alert.status != IN_FORCE or alert.unratified or valid_to is None or command.now < valid_to:
        return []
    return [AlertExpired(command.alert, valid_to, command.now), *_lifted(command.alert, alert, "the warning expired", command.now)]


def _lifted(name: str, alert: Alert, reason: str, now: datetime) -> list[MeasureEvent]:
    ended: list[MeasureEvent] = [WarningPeriodEnded(name, now)] if alert.period_until else []
    return ended + [MeasureLifted(name, measure, reason, now) for measure in alert.measures.unsettled()]
