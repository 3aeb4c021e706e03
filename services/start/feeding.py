"""The composition root of the filter: audiences from their file, inboxes, feed logs and topics."""

from __future__ import annotations

import os
from pathlib import Path

from services.registry.directory import ORGANS
from services.registry.provinces import province
from services.start.cluster import ALL, IMPORTS, Opened, clock_of, database_of, own_log
from services.start.settings import ClusterSettings
from services.wiring import LIMITS, SERVICES, VERSION, directory_of
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.handling.audiences import Audience, load_audiences
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.kernel.commands import Signature
from shared.kernel.events import family, registered
from shared.runtime import node_api
from shared.runtime.app import build
from shared.runtime.filtering import NAME, Filtering
from shared.runtime.front import NAME as FRONT
from shared.web.principals import Principals

AUDIENCES = "infra/audiences.toml"


def audiences(file: Path | None = None) -> tuple[Audience, ...]:
    """The audiences of the configuration; ORTOO_AUDIENCES names the file. ValueError names every fault."""
    families = {service.name: sorted({family(name) for name, _ in registered(service.name)}) for service in SERVICES}
    return load_audiences(file or Path(os.environ.get("ORTOO_AUDIENCES", AUDIENCES)), families, _is_organ)


def feed_logs(province: str) -> tuple[str, ...]:
    """The names of all feed logs and of their topics."""
    return tuple(audience.log(province) for audience in audiences())


def topic_names(settings: ClusterSettings) -> tuple[str, ...]:
    """Every topic of the cluster: of its logs, of what stations report, of what audiences are given."""
    root = province(settings.province).root
    return (*(f"{root}.{service.name}" for service in SERVICES), f"{root}.observations", *feed_logs(root))


def process_names() -> tuple[str, ...]:
    """The processes of a whole cluster, as `ortoo cluster status` lists them: of each name at least one has to run."""
    unused = () if audiences() else (NAME,)
    return tuple(name for name in (*ALL, FRONT, NAME, *(f"import {name}" for name in IMPORTS if name not in unused)) if name not in unused)


def open_filter(settings: ClusterSettings) -> Opened:
    """The process that writes and relays the feed log of every audience; beside any number of others like it."""
    given, own = audiences(), province(settings.province)
    clock = clock_of(settings, own)
    directory, dsn = directory_of(own, clock), database_of(settings, NAME, own)
    host = Filtering(
        SERVICES,
        own.root,
        directory,
        clock,
        Principals(None),  # it is asked how it is, and nothing else
        {name: PostgresInbox(dsn, f"{own.root}.{name}") for name in IMPORTS[NAME]},
        dsn,
        given,
        lambda name: own_log(dsn, name),
        lambda topic: KafkaTopic(settings.kafka, topic),
        Topics(settings.kafka, settings.replicas).check,
    )
    return Opened(host, build(host, VERSION, here=lambda _: {}, beside=[node_api.health(host)], limits=LIMITS))


def _is_organ(role: str) -> bool:
    return Signature("", (role,)).has(*ORGANS)
