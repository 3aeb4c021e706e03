"""The process under test: an importer of one topic into a SQLite file. `python -m tests.kafka.importer BOOTSTRAP TOPIC FILE PORT`."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from services.alerts.observations.stations import Stations
from services.alerts.observations.store import ObservationStore
from services.start.serving import serve, start_logging
from shared.eventlog.inbox import SqliteInbox
from shared.kafka.topic import KafkaTopic, partitions
from shared.kafka.topics import Topics, kind
from shared.runtime import importing
from shared.runtime.import_health import application
from shared.runtime.importing import Importing
from shared.runtime.sources import Neighbour, Source
from shared.sql.sqlite import File


def source(bootstrap: str, topic: str, path: Path) -> Source:
    if kind(topic) == "log":
        return Neighbour(SqliteInbox(path, topic), KafkaTopic(bootstrap, topic))
    store = ObservationStore(File(path))
    return Stations(store, topic, partial(partitions, bootstrap, topic), "150000", lambda: datetime.now(UTC))


def main(bootstrap: str, topic: str, path: str, port: str) -> None:
    start_logging()
    importing.SHOWN_S = 1.0  # a test does not wait for a person
    listening = socket.create_server(("127.0.0.1", int(port)))
    host = Importing(f"test-{topic}", bootstrap, [source(bootstrap, topic, Path(path))], Topics(bootstrap).check)
    serve(application(host), listening, "ready")


if __name__ == "__main__":
    main(*sys.argv[1:])
