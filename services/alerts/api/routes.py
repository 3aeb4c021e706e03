"""Every operation of the alerts service, commands as one table."""

from __future__ import annotations

from fastapi import APIRouter

from services.alerts.api import (
    board,
    clocks,
    decisions,
    documents,
    drills,
    evacuations,
    flights,
    imports,
    incidents,
    intake,
    observations,
    orders,
    plans,
    queries,
    reaching,
    releases,
    reports,
    responses,
)
from services.alerts.channels.desk import Desk
from services.alerts.deciders.monitoring.registers import RegisterHazardSource, RegisterStation, SetRecipients
from services.alerts.deciders.warnings import commands as alert
from services.alerts.deciders.warnings.checklist import CompleteChecklistItem
from services.alerts.deciders.warnings.quarantine import ResolveQuarantine
from services.alerts.observations.store import ObservationStore
from shared.kernel.commands import Command
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/alerts", alert.DraftAlert),
    ("/alerts/{alert}/revision", alert.ReviseDraft),
    ("/alerts/{alert}/consultation", alert.RecordConsultation),
    ("/alerts/{alert}/approval", alert.ApproveAlert),
    ("/alerts/{alert}/rejection", alert.RejectAlert),
    ("/alerts/{alert}/publication", alert.PublishAlert),
    ("/alerts/{alert}/notices", alert.ConfirmNotice),
    ("/alerts/{alert}/dissemination", alert.RecordDissemination),
    ("/alerts/{alert}/recipients/{recipient}/delivery", alert.ConfirmDelivery),
    ("/alerts/{alert}/acknowledgement", alert.AcknowledgeAlert),
    ("/alerts/{alert}/warning-period", alert.DeclareWarningPeriod),
    ("/alerts/{alert}/measures", alert.StartMeasure),
    ("/alerts/{alert}/measures/{measure}/end", alert.LiftMeasure),
    ("/alerts/{alert}/level", alert.AdjustAlertLevel),
    ("/alerts/{alert}/correction", alert.CorrectAlert),
    ("/alerts/{alert}/cancellation", alert.CancelAlert),
    ("/alerts/{alert}/ratification", alert.RatifyAlert),
    ("/alerts/{alert}/checklists/{checklist}/{item}", CompleteChecklistItem),
    ("/dam-alarms", alert.RaiseDamAlarm),
    ("/quarantine/{quarantine}/resolution", ResolveQuarantine),
    ("/recipients/{list}", SetRecipients),
    ("/hazard-sources/{hazard_source}", RegisterHazardSource),
    ("/stations/{station}", RegisterStation),
)

PARTS = (incidents, plans, drills, reports, responses, orders, flights, evacuations, releases)


def router(host: Host, directory: Directory, readings: ObservationStore, desk: Desk) -> APIRouter:
    """All operations, to be mounted under `/api/alerts`."""
    made = APIRouter(tags=["alerts"])
    log = host.log("alerts")
    routes = CommandRoutes(made, "alerts", log)
    for part in (COMMANDS, *(module.COMMANDS for module in PARTS)):
        for path, command in part:
            routes.post(path, command)
    imports.add(made, host, directory, log)
    observations.add(made, host, readings, log)
    board.add(made, host, readings)
    reaching.add(made, host, desk, log)
    documents.add(made, host)
    incidents.add(made, host, routes)
    clocks.add(made, host)
    decisions.add(made, host)
    plans.add(made, host, routes)
    drills.add(made, host)
    responses.add(made, host)
    intake.add(made, host, log)
    reports.add(made, host, log)
    orders.add(made, host, routes)
    flights.add(made, host, routes)
    evacuations.add(made, host, routes)
    releases.add(made, host, routes)
    queries.add(made, host)
    return made
