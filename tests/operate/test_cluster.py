"""The operator's commands on a cluster: a real PostgreSQL, a real broker, and the log that is lost between them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from services.cluster_wiring import open_service
from services.settings import ClusterSettings
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.eventlog.verify import verify
from shared.handling.healing import lacks_healing
from shared.handling.importer import Importer
from shared.handling.relay import Relay
from shared.kafka.client import missing
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.kernel.errors import LogFork
from shared.runtime.backup import BackupFailed, restore
from shared.testing.facts import all_of, put, run_of
from tests.components import running
from tests.handling.desk import Desk, dry
from tests.handling.test_policies import SIMPLE
from tests.hosts.clustered import until
from tests.kafka import topics
from tests.support import ortoo
from tools.components import KafkaBroker

pytestmark = pytest.mark.cluster

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
        done = ortoo(
            self.folder, *arguments, ORTOO_POSTGRES=self.server, ORTOO_DATABASE=self.prefix, ORTOO_KAFKA=self.bootstrap, timeout=120
        )
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

    def empty_topic(self, *, again: bool) -> None:
        topics.delete(self.bootstrap, LOG)
        until(lambda: self.topics.check([LOG]) == [str(missing(LOG))])
        if again:
            self.topics.make([LOG])

    def close(self) -> None:
        for one in self.opened:
            one.close()
        self.opened.clear()


@pytest.fixture(scope="module")
def kafka() -> Iterator[str]:
    """A broker of this file alone: the topics have the names of real logs."""
    with running(KafkaBroker(Path(tempfile.mkdtemp(prefix="ortoo-operate-")), owner=os.getpid())) as server:
        server.start()
        yield server.bootstrap


@pytest.fixture
def site(postgres_server: str, kafka: str, tmp_path) -> Iterator[Site]:
    made = Site(postgres_server, kafka, tmp_path / "data")
    made.folder.mkdir()
    made.topics.make([LOG, NEIGHBOUR])
    made.make(*DATABASES)
    made.log(NEIGHBOUR)
    yield made
    made.drop()
    made.bootstrap = kafka
    made.topics.make([LOG])
    made.empty_topic(again=False)


@pytest.fixture
def lost(site: Site, tmp_path):
    """Backed up, gone on, relayed, received by the front, and lost: (events, answers by id). The alerts database is new and empty."""
    desk = site.desk()
    runner = desk.runner()
    desk.receive(5)
    dry(runner.step, desk.writer.step)
    site.relay(desk.log)
    site.received()
    assert f"alerts/{LOG}: 2 events" in site.ortoo("backup", str(tmp_path / "backup"))
    desk.ids = 100
    answers = {}
    for n in range(3):
        desk.receive(n + 1)
        answers[desk.ids] = desk.results[UUID(int=desk.ids)][-1]
    dry(runner.step, desk.writer.step)
    site.relay(desk.log)
    site.received()
    events = all_of(desk.log)
    site.close()
    site.make("alerts")
    return events, answers


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


def test_healed_from_its_topic(site, lost, tmp_path):
    restored(site, tmp_path)
    assert {"log.restored", "relay.fork"} <= found(site)
    with pytest.raises(ValueError, match=r"was restored from a backup: run `ortoo log heal 150000\.alerts`"):
        open_service(site.settings, "alerts")
    said = site.ortoo("log", "heal", "alerts")
    assert "the topic 150000.alerts: 6 events of 6 commands taken back" in said and "the inbox of front: nothing beyond 8" in said
    assert not {"log.restored", "relay.fork"} & found_after(site)
    is_as_it_was(site, *lost)


def found_after(site: Site) -> set[str]:
    done = ortoo(site.folder, "doctor", ORTOO_POSTGRES=site.server, ORTOO_DATABASE=site.prefix, ORTOO_KAFKA=site.bootstrap)
    return {line.split()[0] for line in done.stdout.splitlines() if not line.startswith(" ")}


@pytest.mark.parametrize("again", [False, True], ids=["absent", "emptied"])
def test_healed_from_a_neighbours_inbox_when_the_topic_is_gone(site, lost, tmp_path, again):
    site.empty_topic(again=again)
    restored(site, tmp_path)
    said = site.ortoo("log", "heal", "alerts")
    assert "the inbox of front: 6 events of 6 commands taken back" in said
    assert ("nothing to take from there" in said) is not again
    site.topics.make([LOG])
    is_as_it_was(site, *lost)
    site.received()  # what it has is skipped, what came since is stored
    with closing(PostgresInbox(site.dsn("front"), LOG)) as inbox:
        assert inbox.head() == site.log().head()


def test_a_log_that_nothing_was_carried_of_is_what_the_backup_says_and_neighbours_notice(site, lost, tmp_path):
    site.empty_topic(again=True)
    restored(site, tmp_path)
    with psycopg.connect(f"{site.server}/postgres", autocommit=True) as db:  # the front cannot be asked
        db.execute(f"ALTER DATABASE {site.prefix}_front RENAME TO {site.prefix}_away".encode())
    try:
        assert "0 events taken back" in site.ortoo("log", "heal", "alerts")
        desk = site.desk()
        desk.receive(7, id=UUID(int=900))
        site.relay(desk.log)
    finally:
        site.close()
        with psycopg.connect(f"{site.server}/postgres", autocommit=True) as db:
            db.execute(f"ALTER DATABASE {site.prefix}_away RENAME TO {site.prefix}_front".encode())
    with pytest.raises(LogFork, match="position 3 is another event here"):
        site.received()
    assert {"inbox.fault", "log.older"} <= found(site)


def test_a_restored_log_that_was_written_to_is_another_history_and_is_told_so(site, lost, tmp_path):
    restored(site, tmp_path)
    site.desk().receive(9, id=UUID(int=900))
    site.close()
    said = site.ortoo("log", "heal", "alerts", code=1)
    assert said.count("part at position 3: here depot.item.received.v1") == 2, "by its topic and by the inbox"
    assert "log.restored" in found(site), "it stays closed"


def test_a_database_that_holds_something_is_not_restored_over_and_a_folder_takes_no_cluster(site, lost, tmp_path):
    assert "the database of front is not empty, it holds 150000.alerts" in site.ortoo("restore", str(tmp_path / "backup"), code=1)
    assert "is not in" in site.ortoo("restore", str(tmp_path / "backup"), "--service", "other", code=1)
    with pytest.raises(BackupFailed, match="is the backup of a cluster"):
        restore(tmp_path / "backup", tmp_path / "folder", lambda _: None)
    dump = tmp_path / "backup" / "alerts.dump"
    dump.write_bytes(dump.read_bytes()[:-1])
    assert "is missing or is not what was backed up" in site.ortoo("restore", str(tmp_path / "backup"), "--service", "alerts", code=1)


def test_lag_names_every_reader_and_who_is_away(site, lost, tmp_path):
    restored(site, tmp_path)
    lines = [line.split() for line in site.ortoo("lag").splitlines() if line.startswith(LOG)]
    assert [line[1] for line in lines] == ["head", "read", "policies", "relay", "the"]
    assert "another history" in " ".join(lines[3]) and "further than the log" in " ".join(lines[4])
    site.bootstrap = "127.0.0.1:1"
    assert "ORTOO_KAFKA names it" in site.ortoo("lag")
    assert "relay.away" in found(site)


def test_the_databases_themselves_are_looked_at(site, lost):
    site.log()
    with psycopg.connect(site.dsn("alerts"), autocommit=True) as db:
        db.execute(f'ALTER TABLE "{LOG}".event DISABLE TRIGGER event_no_change'.encode())
    with psycopg.connect(f"{site.server}/postgres", autocommit=True) as db:
        db.execute(f"DROP DATABASE {site.prefix}_filter WITH (FORCE)".encode())
    assert {"log.unguarded", "postgres.refused"} <= found(site)


def test_a_feed_log_is_healed_like_any_other(site, tmp_path):
    feed = f"150000.to.{os.urandom(4).hex()}"
    site.topics.make([feed])

    def opened() -> PostgresLog:
        site.opened.append(log := PostgresLog(site.dsn("filter"), feed))
        return log

    put(opened(), *run_of(feed, "a-1", 1, 3))
    site.close()
    site.ortoo("backup", str(tmp_path / "backup"))
    put(log := opened(), *run_of(feed, "a-1", 4, 2))
    site.relay(log)
    site.close()
    site.make("filter")
    site.ortoo("restore", str(tmp_path / "backup"), "--service", "filter")
    assert lacks_healing(opened())
    site.close()
    assert f"{feed}: 2 events taken back" in site.ortoo("log", "heal", feed)
    assert not lacks_healing(opened()) and opened().head().position == 5
