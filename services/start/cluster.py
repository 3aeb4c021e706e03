"""The composition root of a cluster: one service, or the front, over PostgreSQL and Kafka."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp

from services.pages.routes import router as pages
from services.registry.provinces import Province, province
from services.registry.service import REGISTRY
from services.start.part import Part
from services.start.settings import ClusterSettings
from services.wiring import LIMITS, PARTS, SERVICES, STORY_BEGINS, VERSION, directory_of, routers
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.handling.declare import Service
from shared.handling.healing import lacks_healing
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.runtime import node_api
from shared.runtime.app import build
from shared.runtime.backup_cluster import unfinished
from shared.runtime.clock import RealClock
from shared.runtime.cluster import Serving
from shared.runtime.filtering import NAME as FILTER
from shared.runtime.filtering import Filtering
from shared.runtime.front import NAME as FRONT
from shared.runtime.front import Front
from shared.runtime.late_vault import LateVault
from shared.runtime.member import Awaiting
from shared.runtime.story import StoryBoard
from shared.sql.postgres import Schema, Schemas
from shared.vault.vault import Vault, open_vault
from shared.web import events, session
from shared.web.principals import Principals
from shared.web.session import Links

ALL = tuple(service.name for service in SERVICES)


def neighbours(service: Service) -> tuple[str, ...]:
    """Whose logs it receives: the registry's, by whose divisions everybody judges, and those it listens to."""
    return tuple(name for name in ALL if name != service.name and (name == REGISTRY.name or name in service.listens_to))


IMPORTS = {service.name: names for service in SERVICES if (names := neighbours(service))} | {FRONT: ALL, FILTER: ALL}
"""Whose logs are received in the database of a service, of the front, or of the filter."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A process ready to be served."""

    host: Serving | Front | Filtering
    app: ASGIApp


def part_of(name: str) -> Part:
    """A service by its name. ValueError names those there are."""
    for part in PARTS:
        if part.service.name == name:
            return part
    raise ValueError(f"no service {name}: one of {', '.join(ALL)}")


def open_service(settings: ClusterSettings, name: str) -> Opened:
    """One service beside any number of others like it; the first registry loads the province's divisions."""
    part, own = part_of(name), province(settings.province)
    clock = clock_of(settings, own)
    directory, dsn = directory_of(own, clock), database_of(settings, name, own)
    log = own_log(dsn, f"{own.root}.{name}")
    host = Serving(
        part.service,
        SERVICES,
        dsn,
        own.root,
        directory,
        clock,
        Principals(settings.folder / "keys" / "node.pem", level_of=directory.level),
        log,
        [PostgresInbox(dsn, f"{own.root}.{neighbour}") for neighbour in IMPORTS.get(name, ())],
        lambda topic: KafkaTopic(settings.kafka, topic),
        Topics(settings.kafka, settings.replicas).check,
        vault_for(part, settings),
    )
    made = part.furnish(host, Schemas(dsn), own, settings)
    beside = [node_api.health(host), node_api.engines(host, f"/api/{name}/node"), *part.pages(host, made)]
    app = build(host, VERSION, here=lambda at: {name: part.routes(at, directory, made)}, beside=beside, limits=LIMITS)
    return Opened(host, Awaiting(app, host))


def open_front(settings: ClusterSettings, links: Links) -> Opened:
    """The pages, every log's events, and the documents of the whole origin."""
    own = province(settings.province)
    clock = clock_of(settings, own)
    directory, dsn = directory_of(own, clock), database_of(settings, FRONT, own)
    principals = Principals(settings.folder / "keys" / "node.pem", level_of=directory.level)
    inboxes = {name: PostgresInbox(dsn, f"{own.root}.{name}") for name in IMPORTS[FRONT]}
    topics = {name: KafkaTopic(settings.kafka, inbox.name) for name, inbox in inboxes.items()}
    host = Front(SERVICES, own.root, directory, clock, principals, inboxes, topics, dsn)
    beside = [node_api.node(host, VERSION), node_api.health(host), events.routes(), session.routes(links), pages(host, VERSION)]
    described = routers(host, directory, {})
    return Opened(host, build(host, VERSION, here=lambda _: {}, elsewhere=described, beside=beside, limits=LIMITS))


def own_log(dsn: str, name: str) -> PostgresLog:
    """A log to write to. ValueError while it lacks what was carried of it."""
    log = PostgresLog(dsn, name)
    if lacks_healing(log):
        raise ValueError(f"{log.name} was restored from a backup: run `ortoo log heal {log.name}`, which takes back what its topic holds")
    return log


def vault_for(part: Part, settings: ClusterSettings) -> Vault | LateVault | None:
    """What a part has of the vault: nothing, the vault, or whatever can be reached of it. ValueError when nobody said where it is."""
    if not part.vault:
        return None
    settings.vault_address()
    return LateVault(lambda: vault_of(settings)) if part.late_vault else vault_of(settings)


def vault_of(settings: ClusterSettings) -> Vault:
    """The cluster's vault, whose root key lies where ORTOO_ROOT_KEY says. ValueError."""
    dsn, root = settings.vault_address()
    return open_vault(Schemas(dsn), root)


def database_of(settings: ClusterSettings, name: str, own: Province) -> str:
    """The address of a database. ValueError when it holds the logs of another province, or half a backup."""
    dsn = settings.dsn(name)
    if unfinished(dsn):
        raise ValueError(
            f"{settings.database}_{name} is being restored; if that was broken off: make the database anew, then `ortoo restore`"
        )
    logs = [schema.partition(".") for schema in Schemas(dsn).names()]
    others = {root for root, _, service in logs if service in ALL} - {own.root}
    if others:
        held = ", ".join(sorted(others))
        raise ValueError(f"{settings.database}_{name} holds logs of {held}, not of {own.root}: set ORTOO_PROVINCE or ORTOO_DATABASE")
    return dsn


def clock_of(settings: ClusterSettings, own: Province) -> RealClock | StoryBoard:
    """The machine's clock, or that of a story, which all processes share."""
    if not settings.story_clock:
        return RealClock(own.zone)
    names = [*(service.name for service in SERVICES), FRONT]
    return StoryBoard(Schema(settings.dsn("story"), "clock"), names, STORY_BEGINS, own.zone)
