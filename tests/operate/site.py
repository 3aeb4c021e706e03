"""A cluster as its operator's commands see it, and what is looked at before and after them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import psycopg

from services.start.settings import ClusterSettings
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.eventlog.verify import verify
from shared.handling.importer import Importer
from shared.handling.relay import Relay
from shared.kafka.client import missing
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.testing.facts import all_of
from tests.handling.desk import Desk, dry
from tests.handling.test_policies import SIMPLE
from tests.kafka import topics
from tests.support import commanded
from tests.waiting import until

LOG, NEIGHBOUR = "150000.alerts", "150000.registry"
DATABASES = ("registry", "alerts", "front", "filter")


class Site:
    """The databases and topics of a cluster, and the alerts service as one process would run it."""

    def __init__(self, server: str, bootstrap: str, folder: Path) -> None:
        self.server, self.bootstrap, self.folder = server, bootstrap, folder
        self.prefix = f"op{os.getpid()}_{os.urandom(4).hex()}"
        self.topics = Topics(bootstrap)
        self.opened: list[PostgresLog | PostgresInbox] = []

    def dsn(self, name: str) -> str:
        return f"{self.server}/{self.prefix}_{name}"

    def make(self, *names: str) -> None:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as db:
            for name in names:
                db.execute(f"DROP DATABASE IF EXISTS {self.prefix}_{name} WITH (FORCE)".encode())
                db.execute(f"CREATE DATABASE {self.prefix}_{name} TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'".encode())

    def drop(self) -> None:
        self.close()
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as db:
            for name in DATABASES:
                db.execute(f"DROP DATABASE IF EXISTS {self.prefix}_{name} WITH (FORCE)".encode())

    def ortoo(self, *arguments: str, code: int = 0) -> str:
        done = commanded(self.folder, *arguments, ORTOO_POSTGRES=self.server, ORTOO_DATABASE=self.prefix, ORTOO_KAFKA=self.bootstrap)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def settings(self) -> ClusterSettings:
        return ClusterSettings(self.folder, "150000", postgres=self.server, database=self.prefix, kafka=self.bootstrap)

    def log(self, name: str = LOG) -> PostgresLog:
        self.opened.append(log := PostgresLog(self.dsn(name.rpartition(".")[2]), name))
        return log

    def desk(self) -> Desk:
        """A writer over the alerts log."""
        return Desk(self.folder / "desk", SIMPLE, log=self.log())

    def relay(self, log: PostgresLog) -> None:
        with closing(Relay(log, KafkaTopic(self.bootstrap, log.name))) as relay:
            dry(relay.step)

    def received(self) -> None:
        """The front's importer reads the topic to its end."""
        with closing(Importer(KafkaTopic(self.bootstrap, LOG), PostgresInbox(self.dsn("front"), LOG))) as importer:
            dry(importer.step)

    def empty_topic(self, name: str = LOG, *, again: bool) -> None:
        topics.delete(self.bootstrap, name)
        until(lambda: self.topics.check([name]) == [str(missing(name))])
        if again:
            self.topics.make([name])

    @contextmanager
    def closed(self, name: str) -> Iterator[None]:
        """A database that is there and lets nobody in."""
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as db:
            db.execute(f"ALTER DATABASE {self.prefix}_{name} ALLOW_CONNECTIONS false".encode())
            try:
                yield
            finally:
                db.execute(f"ALTER DATABASE {self.prefix}_{name} ALLOW_CONNECTIONS true".encode())

    def close(self) -> None:
        for one in self.opened:
            one.close()
        self.opened.clear()


def restored(site: Site, tmp_path: Path) -> None:
    assert "next: ortoo log heal" in site.ortoo("restore", str(tmp_path / "backup"), "--service", "alerts")


def found(site: Site) -> set[str]:
    said = site.ortoo("doctor", code=1)
    assert "Traceback" not in said, said
    return {line.split()[0] for line in said.splitlines() if not line.startswith(" ")} - {"the"}


def is_as_it_was(site: Site, events, answers) -> None:
    """Every event is there, every answer is given again, and no policy acts twice."""
    desk = site.desk()
    for id, answer in answers.items():
        again = desk.receive(1, id=UUID(int=id))
        assert (again.repeated, again.position, again.events) == (True, answer.position, answer.events)
    dry(desk.runner().step, desk.writer.step)
    assert [r.cloud_event() for r in all_of(desk.log)] == [r.cloud_event() for r in events]
    assert verify(desk.log).fault is None and desk.log.unguarded() == []
    desk.receive(1, id=UUID(int=900))
    site.relay(desk.log)


def found_after(site: Site) -> set[str]:
    done = commanded(site.folder, "doctor", ORTOO_POSTGRES=site.server, ORTOO_DATABASE=site.prefix, ORTOO_KAFKA=site.bootstrap)
    return {line.split()[0] for line in done.stdout.splitlines() if not line.startswith(" ")}
