"""The composition root of a node on one machine, and the parts that processes of a cluster are composed of too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.types import ASGIApp

from services.pages.routes import router as pages
from services.registry.directory import Directory
from services.registry.provinces import Province, province
from services.start import alerts, compensation, privacy, registry, resources, volunteers
from services.start.part import Part
from services.start.realms import Drill, drill_of, logs_of
from services.start.settings import Settings
from shared.handling.declare import Service
from shared.kernel.realm import REAL
from shared.rules.loading import PERMISSIONS, load_packs
from shared.runtime import node_api
from shared.runtime.app import build
from shared.runtime.clock import Clock, RealClock, ResumedClock, StoryClock
from shared.runtime.embedded import Embedded
from shared.sql.sqlite import Files
from shared.vault.vault import Vault, open_vault
from shared.web import events, session
from shared.web.host import Host
from shared.web.permissions import Permissions
from shared.web.session import Links

PARTS: tuple[Part, ...] = (registry.PART, alerts.PART, resources.PART, volunteers.PART, compensation.PART, privacy.PART)
"""Every service. One more is one more entry: `Part(SERVICE, routes)`, in a module of its own once it has something beside its log."""

HERE = Path(__file__).parent
SERVICES: tuple[Service, ...] = tuple(part.service for part in PARTS)
QUERIES = ("GetNode", "ListParked", "ReplayParked", "ListAttempts")
LIMITS = {path: most for part in PARTS for path, most in part.limits.items()}
STORY_BEGINS = datetime(1970, 1, 1, tzinfo=UTC)
VERSION = installed("ortoo")
Beside = Mapping[str, Any]
"""What `furnish` gave, by service."""


@dataclass(frozen=True, slots=True)
class Node:
    """An opened node: the host, its directory and what is beside its logs."""

    host: Embedded
    directory: Directory
    beside: Beside
    province: Province

    def app(self, links: Links) -> ASGIApp:
        """The node as one ASGI app; starting it starts the host's threads."""
        host = self.host
        about = (node_api.node(host, VERSION), node_api.engines(host), node_api.health(host))
        shown = (events.routes(), session.routes(links, host.principals.realm), pages(host, VERSION))
        own = (page for part in PARTS for page in part.pages(host, self.beside[part.service.name]))
        here = (*about, *shown, *own)
        return build(host, VERSION, here=lambda at: routers(at, self.directory, self.beside), beside=here, limits=LIMITS)


def routers(host: Host, directory: Directory, beside: Beside) -> dict[str, APIRouter]:
    """Every service's operations."""
    return {part.service.name: part.routes(host, directory, beside.get(part.service.name)) for part in PARTS}


def rule_folders(own: Province) -> tuple[Path, ...]:
    """The services' packs, and what the province sets otherwise."""
    folders = tuple(HERE / service.name / "rules" for service in SERVICES)
    return (*folders, own.rules) if own.rules else folders


def permissions() -> Permissions:
    """The matrix of all services. ValueError when a command has no row."""
    matrix = Permissions.load(file for service in SERVICES for file in sorted((HERE / service.name / "rules" / PERMISSIONS).glob("*.toml")))
    matrix.check_complete([command for service in SERVICES for command in service.commands])
    matrix.check_complete((*QUERIES, *(operation for part in PARTS for operation in part.asked)))
    return matrix


def directory_of(own: Province, clock: Clock) -> Directory:
    """Divisions, rules and permissions, as they will be followed from the registry's log."""
    return Directory(own.root, load_packs(*rule_folders(own)), permissions(), lambda: clock.now().date())


def open_node(settings: Settings) -> Node:
    """Open the data folder; on the first start it gets the province's divisions and nothing else. A drill's folder is a drill's node."""
    own, drill = province(settings.province), drill_of(settings.folder)
    clock = clock_of(settings, own, drill)
    directory = directory_of(own, clock)
    _same_province(settings.folder, own.root)
    realm = drill.drill if drill else REAL
    host = Embedded(settings.folder, own.root, SERVICES, directory, clock, realm, lambda: vault_of(settings, realm))
    _resume(clock, host)
    beside = {part.service.name: part.furnish(host, Files(settings.folder), own, settings) for part in PARTS}
    return Node(host, directory, beside, own)


def vault_of(settings: Settings, realm: str) -> Vault:
    """The node's vault."""
    folder = settings.folder.resolve()
    return open_vault(Files(folder), root_key(folder, settings, realm), folder=folder)


def root_key(folder: Path, settings: Settings, realm: str) -> Path:
    """Where the root key of a node lies: beside the data folder, or where ORTOO_ROOT_KEY says; a drill's never where the real one's is."""
    own = folder.resolve()
    return (settings.root_key if realm == REAL else None) or own.with_name(f"{own.name}.root.key")


def clock_of(settings: Settings, own: Province, drill: Drill | None) -> RealClock | StoryClock | ResumedClock:
    """The machine's time; a story's; or that of a drill which goes on from a past moment."""
    if settings.story_clock:
        return StoryClock(STORY_BEGINS.astimezone(own.zone))
    return ResumedClock(drill.begins.astimezone(own.zone)) if drill and drill.begins else RealClock(own.zone)


def _same_province(folder: Path, root: str) -> None:
    logs = logs_of(folder, root)
    others = {path.stem.rpartition(".")[0] for path in (folder / "logs").glob("*.db")} - {logs}
    if others:
        raise ValueError(f"{folder} holds the logs of {', '.join(sorted(others))}, not of {logs}: set ORTOO_PROVINCE or ORTOO_DATA")


def _resume(clock: Clock, host: Embedded) -> None:
    if isinstance(clock, StoryClock | ResumedClock):
        times = [running.log.head().time for running in host.running.values()]
        clock.move(max((time for time in times if time is not None), default=STORY_BEGINS))
