"""The operator's commands on a cluster: a real PostgreSQL, a real broker, and the log that is lost between them."""

from __future__ import annotations

import os
import re
from contextlib import closing
from uuid import UUID

import psycopg
import pytest

from services.start.cluster import open_service
from shared.eventlog.chain import seal_all
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.handling.healing import lacks_healing
from shared.handling.importer import Importer
from shared.kafka.topic import KafkaTopic
from shared.kernel.errors import LogFork
from shared.runtime.backup import BackupFailed, restore
from shared.sql.postgres import Schema, Schemas
from shared.testing.facts import put, run_of
from tests.handling.desk import dry
from tests.kafka.topics import put as put_on_topic
from tests.operate.site import LOG, NEIGHBOUR, found, found_after, is_as_it_was, restored

pytestmark = pytest.mark.cluster


def test_healed_from_its_topic(site, lost, tmp_path):
    restored(site, tmp_path)
    assert {"log.restored", "relay.fork"} <= found(site)
    with pytest.raises(ValueError, match=r"was restored from a backup: run `ortoo log heal 150000\.alerts`"):
        open_service(site.settings, "alerts")
    said = site.ortoo("log", "heal", "alerts")
    assert "the topic 150000.alerts: 6 events of 6 commands taken back" in said and "the inbox of front: nothing beyond 8" in said
    assert not {"log.restored", "relay.fork"} & found_after(site)
    is_as_it_was(site, *lost)


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
    with site.closed("front"):
        said = site.ortoo("log", "heal", "alerts", code=1)
        assert "the inbox of front could not be looked at" in said and "`ortoo log heal 150000.alerts --as-it-is`" in said
        assert lacks_healing(site.log())
        site.close()
        assert "0 events taken back" in site.ortoo("log", "heal", "alerts", "--as-it-is")
        desk = site.desk()
        desk.receive(7, id=UUID(int=900))
        site.relay(desk.log)
        site.close()
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


def test_what_cannot_be_read_hides_nothing_else(site, lost):
    site.log()
    site.close()
    with psycopg.connect(site.dsn("alerts"), autocommit=True) as db:
        db.execute(f'ALTER TABLE "{LOG}".head RENAME TO gone'.encode())
        db.execute(f'ALTER TABLE "{LOG}".event DISABLE TRIGGER event_no_change'.encode())
    with psycopg.connect(site.dsn("registry"), autocommit=True) as db:
        db.execute(f'ALTER TABLE "{NEIGHBOUR}".event DISABLE TRIGGER event_no_change'.encode())
    with site.closed("filter"):
        assert {"log.unreadable", "log.unguarded", "postgres.refused", "topic.settings"} <= found(site)
    lines = [line.split()[0] for line in site.ortoo("lag").splitlines()]
    assert lines.index(LOG) < len(lines) and NEIGHBOUR in lines


def test_a_forged_record_is_told_from_a_restored_log(site, lost):
    desk = site.desk()
    for _ in range(2):
        desk.receive(1)
    site.empty_topic(again=True)
    site.relay(desk.log)
    put_on_topic(site.bootstrap, LOG, desk.log.read(1, 1)[0].cloud_event()[:-66] + b"0" * 64 + b'"}')
    said = site.ortoo("doctor", code=1)
    words = rf"offset 2 of the topic {LOG} is a record that follows from none of this log, position 2, \S+, \S+: it was forged"
    assert re.search(rf"relay\.fork  {LOG}: {words}", said)


def test_a_forged_record_that_is_chained_and_was_received_is_found_however_far_the_log_goes(site):
    desk = site.desk()
    desk.receive(5)
    site.relay(desk.log)
    at = desk.log.head().position + 1
    put_on_topic(site.bootstrap, LOG, follows(desk.log).cloud_event())
    site.received()
    said = site.ortoo("doctor", code=1)
    assert (
        "restored from an older copy, or what follows was forged" in said
        and f"The first such record: offset {at - 1}, position {at}, " in said
    )
    assert f"log.older  {LOG}: the inbox of front goes to {at}, further than the log or otherwise from position {at}, " in said
    desk.receive(1)
    said = site.ortoo("doctor", code=1)
    assert "two copies of this log were written to, or a record was forged" in said
    assert f"log.older  {LOG}: the inbox of front goes to {at}" in said


def test_an_inbox_that_took_in_a_forged_record_is_emptied_and_read_again(site):
    registry, alerts = site.log(NEIGHBOUR), site.log()
    put(registry, *run_of(NEIGHBOUR, "a-1", 1, 3))
    site.relay(registry)
    put_on_topic(site.bootstrap, NEIGHBOUR, follows(registry).cloud_event())

    def received():
        with closing(Importer(KafkaTopic(site.bootstrap, NEIGHBOUR), PostgresInbox(site.dsn("alerts"), NEIGHBOUR))) as importer:
            dry(importer.step)
            return importer.inbox.head()

    head = received()
    assert head.position == 4
    for reader in ("policies", "begun after it came"):
        alerts.save_cursor(reader, NEIGHBOUR, 4, head.chain)
    [true] = registry.read(2)
    with closing(Schema(site.dsn("alerts"), "read.alerts.0-1").connect()) as db:
        db.executescript("CREATE TABLE IF NOT EXISTS x (n INTEGER)")
    drop = ("inbox", "drop", "alerts", NEIGHBOUR)
    assert "stop every process of the service and its importer first" in site.ortoo(*drop, "--yes", code=1)
    site.close()
    assert "it would only be received again" in site.ortoo(*drop, "--yes", code=1)
    put_on_topic(site.bootstrap, NEIGHBOUR, true.cloud_event())  # whoever hides the forgery behind a copy of ours
    assert "holds it still" in site.ortoo(*drop, "--yes", code=1)
    site.empty_topic(NEIGHBOUR, again=True)
    assert "holds 1 events from position 4, testing." in site.ortoo(*drop, code=1)
    assert "is empty" in site.ortoo(*drop, "--yes")
    assert "has no inbox of" in site.ortoo(*drop, "--yes", code=1)
    registry, alerts = site.log(NEIGHBOUR), site.log()
    put(registry, *run_of(NEIGHBOUR, "a-1", 4, 2))
    site.relay(registry)
    assert received() == registry.head()
    assert {alerts.cursor(one, NEIGHBOUR) for one in ("policies", "begun after it came")} == {(3, registry.chain_at(3))}
    assert "alerts.0-1" not in Schemas(site.dsn("alerts"), "read.").names()
    site.close()
    assert "there is nothing to drop" in site.ortoo(*drop, "--yes", code=1)


def follows(log):
    """A record of somebody else's that follows on the end of a log."""
    head, (new,) = log.head(), run_of(log.name, "item-forged", 1, 1)
    return seal_all(head, [new])[0]


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


def test_the_topics_of_feeds_and_of_stations_are_looked_at_too(site):
    feed = f"150000.to.{os.urandom(4).hex()}"
    site.opened.append(PostgresLog(site.dsn("filter"), feed))
    said = site.ortoo("doctor", code=1)
    for topic in (feed, "150000.observations"):
        assert f"there is no topic {topic}" in said
