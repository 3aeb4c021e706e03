"""The composition root of a node on one machine, and the parts that processes of a cluster are composed of too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path

from fastapi import APIRouter
from starlette.types import ASGIApp

from services.alerts.api.answering import bulletins
from services.alerts.api.answering import router as answer_pages
from services.alerts.api.reaching import OPERATIONS
from services.alerts.api.routes import router as alerts_router
from services.alerts.channels.contacts import Contacts
from services.alerts.channels.desk import Desk, launch
from services.alerts.channels.keys import ChannelKeys
from services.alerts.channels.mail import MailServer
from services.alerts.channels.outbox import Outbox
from services.alerts.channels.queue import Queue
from services.alerts.observations.monitor import Monitor, StationWatch
from services.alerts.observations.store import ObservationStore
from services.alerts.service import ALERTS
from services.pages.routes import router as pages
from services.realms import Drill, drill_of, logs_of
from services.registry.api.routes import router as registry_router
from services.registry.deciders.divisions import UNITS, LoadDivisions
from services.registry.directory import Directory
from services.registry.provinces import Province, province
from services.registry.service import REGISTRY
from services.settings import Settings
from shared.handling.declare import Service
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Signature, derived_id
from shared.kernel.realm import REAL
from shared.rules.loading import PERMISSIONS, load_packs
from shared.runtime import node_api
from shared.runtime.app import build
from shared.runtime.clock import Clock, RealClock, ResumedClock, StoryClock
from shared.runtime.embedded import Embedded
from shared.runtime.process import Process
from shared.sql.ports import Database, Databases
from shared.sql.sqlite import Files
from shared.web import events, session
from shared.web.host import Host
from shared.web.permissions import Permissions
from shared.web.session import Links

HERE = Path(__file__).parent
SERVICES: tuple[Service, ...] = (REGISTRY, ALERTS)
QUERIES = ("GetNode", "ListParked", "ReplayParked", "ListAttempts")
LIMITS = {"/api/alerts/imports": 8 * 1024 * 1024}  # bytes of a body, where more than usual is taken
STORY_BEGINS = datetime(1970, 1, 1, tzinfo=UTC)
VERSION = installed("ortoo")


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the alerts service has beside its log."""

    observations: ObservationStore
    desk: Desk


@dataclass(frozen=True, slots=True)
class Node:
    """An opened node: the host, its directory and its stores."""

    host: Embedded
    directory: Directory
    alerts: Alerts
    province: Province

    def app(self, links: Links) -> ASGIApp:
        """The node as one ASGI app; starting it starts the host's threads."""
        host = self.host
        about = (node_api.node(host, VERSION), node_api.engines(host), node_api.health(host))
        shown = (events.routes(), session.routes(links, host.principals.realm), pages(host, VERSION), answer_pages(host, self.alerts.desk))
        return build(host, VERSION, here=lambda at: routers(at, self.directory, self.alerts), beside=(*about, *shown), limits=LIMITS)


def routers(host: Host, directory: Directory, alerts: Alerts) -> dict[str, APIRouter]:
    """Every service's operations."""
    return {
        "registry": registry_router(host, directory),
        "alerts": alerts_router(host, directory, alerts.observations, alerts.desk),
    }


def rule_folders(own: Province) -> tuple[Path, ...]:
    """The services' packs, and what the province sets otherwise."""
    folders = tuple(HERE / service.name / "rules" for service in SERVICES)
    return (*folders, own.rules) if own.rules else folders


def permissions() -> Permissions:
    """The matrix of all services. ValueError when a command has no row."""
    matrix = Permissions.load(file for service in SERVICES for file in sorted((HERE / service.name / "rules" / PERMISSIONS).glob("*.toml")))
    matrix.check_complete([command for service in SERVICES for command in service.commands])
    matrix.check_complete((*QUERIES, *OPERATIONS))
    return matrix


def directory_of(own: Province, clock: Clock) -> Directory:
    """Divisions, rules and permissions, as they will be followed from the registry's log."""
    return Directory(own.root, load_packs(*rule_folders(own)), permissions(), lambda: clock.now().date())


def open_node(settings: Settings) -> Node:
    """Open the data folder; on the first start load the province's divisions and nothing else. A drill's folder is a drill's node."""
    own, drill = province(settings.province), drill_of(settings.folder)
    clock = clock_of(settings, own, drill)
    directory = directory_of(own, clock)
    _same_province(settings.folder, own.root)
    host = Embedded(settings.folder, own.root, SERVICES, directory, clock, drill.drill if drill else REAL)
    _resume(clock, host)
    load_divisions(host, own)
    return Node(host, directory, furnish(host, Files(settings.folder), own, settings), own)


def clock_of(settings: Settings, own: Province, drill: Drill | None) -> RealClock | StoryClock | ResumedClock:
    """The machine's time; a story's; or that of a drill which goes on from a past moment."""
    if settings.story_clock:
        return StoryClock(STORY_BEGINS.astimezone(own.zone))
    return ResumedClock(drill.begins.astimezone(own.zone)) if drill and drill.begins else RealClock(own.zone)


def furnish(host: Process, stores: Databases, own: Province, settings: Settings) -> Alerts:
    """The stores and channels of the alerts service, and the engines over them. A drill has no mail server, no address and no carrier."""
    alerts, wall = host.running["alerts"], RealClock(own.zone).now
    observations = ObservationStore(stores.at("observations"))
    exercise = host.principals.realm != REAL
    mail = None if exercise else MailServer.from_environment(settings.smtp)
    url = None if exercise else settings.public_url
    contacts, keys = Contacts(stores.at("contacts")), ChannelKeys(settings.folder / "keys")
    desk = Desk.open(contacts, keys, own.zone, mail, url, wall, sends=not settings.story_clock, exercise=exercise)
    alerts.add(lambda: StationWatch(observations, alerts.log, expects=not exercise))
    alerts.add(lambda: Monitor(observations, host.directory.rules_for, alerts.writer.submit, host.now))
    alerts.add(lambda: _outbox(host, stores.at("outbox"), desk, wall))
    return Alerts(observations, desk)


def _outbox(host: Process, store: Database, desk: Desk, wall: Callable[[], datetime]) -> Outbox:
    alerts = host.running["alerts"]
    return Outbox(
        Queue(store),
        alerts.log,
        desk.carriers,
        bulletins(host, desk),
        rules_for=host.directory.rules_for,
        submit=alerts.writer.submit,
        clock=host.now,
        wall=wall,
        launch=launch,
        wake=lambda: host.nudge("alerts"),
    )


def _same_province(folder: Path, root: str) -> None:
    logs = logs_of(folder, root)
    others = {path.stem.rpartition(".")[0] for path in (folder / "logs").glob("*.db")} - {logs}
    if others:
        raise ValueError(f"{folder} holds the logs of {', '.join(sorted(others))}, not of {logs}: set ORTOO_PROVINCE or ORTOO_DATA")


def _resume(clock: Clock, host: Embedded) -> None:
    if isinstance(clock, StoryClock | ResumedClock):
        times = [running.log.head().time for running in host.running.values()]
        clock.move(max((time for time in times if time is not None), default=STORY_BEGINS))


def load_divisions(host: Process, own: Province) -> None:
    """The province's divisions into a registry that never had any; who does so at the same time changes nothing by it."""
    if own.root in host.directory.divisions:
        return
    by = Signature("SYS.SETUP", ("SYS", "ADMIN"), own.root, 1)
    writer = host.running["registry"].writer
    failed: list[BaseException] = []
    for start in range(0, len(own.units), UNITS):
        command = LoadDivisions(by=by, now=host.now(), root=own.root, units=own.units[start : start + UNITS], source="province")
        writer.submit(
            Pending(
                id=derived_id("province", own.root, start),
                command=command,
                fingerprint=fingerprint("LoadDivisions", b""),
                done=lambda result: failed.append(result) if isinstance(result, BaseException) else None,
            )
        )
    while writer.step():
        pass
    if failed:
        raise failed[0]
    host.guarded_directory()


def commands_of(service: str) -> Mapping[str, type]:
    """Command classes of a service by name, for tests and tools."""
    declared = next(s for s in SERVICES if s.name == service)
    return {name: declared.handler(name)[0] for name in declared.commands}
