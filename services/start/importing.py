"""The composition root of the importers: which logs a service receives, and what stations report."""

from __future__ import annotations

from functools import partial

from starlette.types import ASGIApp

from services.alerts.observations.stations import Stations
from services.alerts.observations.store import ObservationStore
from services.alerts.service import ALERTS
from services.registry.provinces import province
from services.start.cluster import IMPORTS, clock_of, database_of
from services.start.settings import ClusterSettings
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.kafka.topic import KafkaTopic, partitions
from shared.kafka.topics import Topics
from shared.runtime.import_health import application
from shared.runtime.importing import Importing
from shared.runtime.sources import Neighbour, Source
from shared.runtime.story import StoryBoard
from shared.sql.postgres import Schema


def open_importer(settings: ClusterSettings, name: str) -> ASGIApp:
    """What takes the topics of a service, of the front or of the filter. ValueError when it has none to take."""
    if name not in IMPORTS:
        raise ValueError(f"{name} receives nothing: one of {', '.join(IMPORTS)}")
    own = province(settings.province)
    dsn = database_of(settings, name, own)
    logs = [f"{own.root}.{other}" for other in IMPORTS[name]]
    sources: list[Source] = [Neighbour(PostgresInbox(dsn, log), KafkaTopic(settings.kafka, log)) for log in logs]
    if name == ALERTS.name:
        topic, clock = f"{own.root}.observations", clock_of(settings, own)
        now = clock.looked if isinstance(clock, StoryBoard) else clock.now
        observations = ObservationStore(Schema(dsn, "observations"))
        sources.append(Stations(observations, topic, partial(partitions, settings.kafka, topic), own.root, now))
    return application(Importing(name, settings.kafka, sources, Topics(settings.kafka, settings.replicas).check))
