"""The composition root: the only file that knows every service and every adapter."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path

from starlette.types import ASGIApp

from services.alerts.api.answering import bulletins
from services.alerts.api.answering import router as answer_pages
from services.alerts.api.reaching import OPERATIONS
from services.alerts.api.routes import router as alerts_router
from services.alerts.channels.desk import Desk, launch
from services.alerts.channels.mail import MailServer
from services.alerts.channels.outbox import Outbox
from services.alerts.channels.queue import Queue
from services.alerts.observations.monitor import Monitor, StationWatch
from services.alerts.observations.store import ObservationStore
from services.alerts.service import ALERTS
from services.pages.routes import router as pages
from services.registry.api.routes import router as registry_router
from services.registry.deciders.divisions import UNITS, LoadDivisions
from services.registry.directory import Directory
from services.registry.provinces import Province, province
from services.registry.service import REGISTRY
from shared.handling.declare import Service
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Signature, derived_id
from shared.rules.loading import PERMISSIONS, load_packs
from shared.runtime.app import build
from shared.runtime.clock import RealClock, StoryClock
from shared.runtime.embedded import Embedded
from shared.web.permissions import Permissions
from shared.web.session import Links

HERE = Path(__file__).parent
SERVICES: tuple[Service, ...] = (REGISTRY, ALERTS)
QUERIES = ("GetNode", "ListParked", "ReplayParked", "ListAttempts")
IMPORT_BYTES = 8 * 1024 * 1024
STORY_BEGINS = datetime(1970, 1, 1, tzinfo=UTC)
VERSION = installed("ortoo")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node is started with; the environment gives the defaults."""

    folder: Path
    province: str
    host: str = "127.0.0.1"
    port: int = 8000
    story_clock: bool = False
    smtp: Mapping[str, str] = field(default_factory=dict, repr=False)  # the ORTOO_SMTP_ variables; one may be a password
    public_url: str | None = None  # where recipients reach this node; links in mails begin with it

    @classmethod
    def from_environment(cls, story_clock: bool = False) -> Settings:
        get = os.environ.get
        return cls(
            folder=Path(get("ORTOO_DATA", "./data")),
            province=get("ORTOO_PROVINCE", "150000"),
            host=get("ORTOO_HOST", "127.0.0.1"),
            port=_port(get("ORTOO_PORT", "8000")),
            story_clock=story_clock,
            smtp={name: value for name, value in os.environ.items() if name.startswith("ORTOO_SMTP_")},
            public_url=get("ORTOO_PUBLIC_URL") or None,
        )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        raise ValueError(f"ORTOO_PORT is {text[:40]!r}; a port is a number up to 65535, 0 for any free one")
    return int(text)


@dataclass(slots=True)
class Node:
    """An opened node: the host, its directory and its stores."""

    host: Embedded
    directory: Directory
    observations: ObservationStore
    desk: Desk
    province: Province

    def app(self, links: Links) -> ASGIApp:
        """The node as one ASGI app; starting it starts the host's threads."""
        routers = {
            "registry": registry_router(self.host, self.directory),
            "alerts": alerts_router(self.host, self.directory, self.observations, self.desk),
        }
        limits = {"/api/alerts/imports": IMPORT_BYTES}
        front = pages(self.host, VERSION)
        front.include_router(answer_pages(self.host, self.desk))
        return build(self.host, routers, front, links, VERSION, limits)


def rule_folders(own: Province) -> tuple[Path, ...]:
    """The services' packs, and what the province sets otherwise."""
    folders = tuple(HERE / service.name / "rules" for service in SERVICES)
    return (*folders, own.rules) if own.rules else folders


def permissions() -> Permissions:
    """The matrix of all services. ValueError when a command has no row."""
    matrix = Permissions.load([HERE / service.name / "rules" / PERMISSIONS for service in SERVICES])
    matrix.check_complete([command for service in SERVICES for command in service.commands])
    matrix.check_complete((*QUERIES, *OPERATIONS))
    return matrix


def open_node(settings: Settings) -> Node:
    """Open the data folder; on the first start load the province's divisions and nothing else."""
    own, mail = province(settings.province), MailServer.from_environment(settings.smtp)
    clock = StoryClock(STORY_BEGINS.astimezone(own.zone)) if settings.story_clock else RealClock(own.zone)
    directory = Directory(own.root, load_packs(*rule_folders(own)), permissions(), lambda: clock.now().date())
    _same_province(settings.folder, own.root)
    host = Embedded(settings.folder, own.root, SERVICES, directory, clock)
    _resume(clock, host)
    if own.root not in directory.divisions:
        _load(host, own)
    observations = ObservationStore(settings.folder / "observations.db")
    alerts = host.running["alerts"]
    alerts.extra += [StationWatch(observations, alerts.log), Monitor(observations, directory.rules_for, alerts.writer.submit, clock.now)]
    wall = RealClock(own.zone).now
    desk = Desk.open(settings.folder, own.zone, mail, settings.public_url, wall, sends=not settings.story_clock)
    alerts.extra.append(_outbox(settings.folder, host, desk, wall))
    return Node(host, directory, observations, desk, own)


def _outbox(folder: Path, host: Embedded, desk: Desk, wall: Callable[[], datetime]) -> Outbox:
    alerts = host.running["alerts"]
    return Outbox(
        Queue(folder / "outbox.db"),
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
    others = {path.stem.partition(".")[0] for path in (folder / "logs").glob("*.db")} - {root}
    if others:
        raise ValueError(f"{folder} holds the logs of {', '.join(sorted(others))}, not of {root}: set ORTOO_PROVINCE or ORTOO_DATA")


def _resume(clock: RealClock | StoryClock, host: Embedded) -> None:
    if isinstance(clock, StoryClock):
        times = [running.log.head().time for running in host.running.values()]
        clock.move(max((time for time in times if time is not None), default=STORY_BEGINS))


def _load(host: Embedded, own: Province) -> None:
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
