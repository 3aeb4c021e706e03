"""What the alerts service has beside its log: readings of stations, the desk that reaches recipients, and the engines over both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from fastapi import APIRouter

from services.alerts.api.answering import bulletins
from services.alerts.api.answering import router as answering
from services.alerts.api.reaching import OPERATIONS
from services.alerts.api.routes import router
from services.alerts.channels.contacts import Contacts
from services.alerts.channels.desk import Desk
from services.alerts.channels.keys import ChannelKeys
from services.alerts.channels.letters import Warnings
from services.alerts.observations.monitor import Monitor, StationWatch
from services.alerts.observations.store import ObservationStore
from services.alerts.service import ALERTS
from services.registry.directory import Directory
from services.registry.provinces import Province
from services.start.part import Part
from services.start.settings import Settings
from shared.blobs.store import Blobs
from shared.kernel.realm import REAL
from shared.reach.mail import MailServer
from shared.reach.outbox import Outbox, launch
from shared.reach.queue import Queue
from shared.runtime.clock import RealClock
from shared.runtime.process import Process
from shared.sql.ports import Database, Databases
from shared.web.host import Host


@dataclass(frozen=True, slots=True)
class Beside:
    """Its stores and channels."""

    observations: ObservationStore
    desk: Desk


DESCRIBED = Beside(cast(Any, None), cast(Any, None))  # who only describes the operations never asks them


def furnish(host: Process, stores: Databases, own: Province, settings: Settings) -> Beside:
    """Open the stores and channels, and add the engines. A drill has no mail server, no address and no carrier."""
    alerts, wall = host.running[ALERTS.name], RealClock(own.zone).now
    observations = ObservationStore(stores.at("observations"))
    exercise = host.principals.realm != REAL
    mail = None if exercise else MailServer.from_environment(settings.smtp)
    url = None if exercise else settings.public_url
    contacts, keys = Contacts(stores.at("contacts")), ChannelKeys(settings.folder / "keys")
    desk = Desk.open(contacts, keys, own.zone, mail, url, wall, sends=not settings.story_clock, exercise=exercise)
    alerts.add(lambda: StationWatch(observations, alerts.log, expects=not exercise))
    alerts.add(lambda: Monitor(observations, host.directory.rules_for, alerts.writer.submit, host.now))
    alerts.add(lambda: _outbox(host, stores.at("outbox"), desk, wall))
    return Beside(observations, desk)


def routes(host: Host, directory: Directory, beside: Beside | None) -> APIRouter:
    made = beside or DESCRIBED
    return router(host, directory, made.observations, made.desk)


def pages(host: Host, beside: Beside) -> Sequence[APIRouter]:
    """Where a recipient of a warning answers."""
    return (answering(host, beside.desk),)


def _outbox(host: Process, store: Database, desk: Desk, wall: Callable[[], datetime]) -> Outbox:
    alerts = host.running[ALERTS.name]
    return Outbox(
        Queue(store),
        alerts.log,
        Warnings(desk.carriers, bulletins(host, desk)),
        rules_for=host.directory.rules_for,
        submit=alerts.writer.submit,
        clock=host.now,
        wall=wall,
        launch=launch,
        wake=lambda: host.nudge(ALERTS.name),
    )


PART = Part(
    ALERTS,
    routes,
    furnish,
    pages,
    asked=OPERATIONS,
    limits={"/api/alerts/imports": 8 * 1024 * 1024},
    stores={"blobs": Blobs, "observations": ObservationStore, "contacts": Contacts, "outbox": Queue},
    vault=True,
    late_vault=True,  # only a report of the public needs it: no warning waits for it
    master=("station-", "hazard-", "recipients-", "plan-", "guard-plan.", "triggers-all"),
)
