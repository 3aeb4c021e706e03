"""Whatever breaks off a backup, a restore or a healing of a cluster, no log is opened that lacks what was carried of it."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest

from services.registry.provinces import province
from services.start.cluster import database_of, own_log
from shared.handling.healing import lacks_healing
from shared.runtime import backup_cluster
from shared.runtime.backup import BackupFailed
from shared.testing.facts import all_of
from tests.hosts.depot import CLERK, Move
from tests.kafka.topics import put
from tests.operate.site import LOG, NEIGHBOUR, found, found_after, restored

pytestmark = pytest.mark.cluster


def put_back(site, tmp_path, *names):
    return backup_cluster.restore(tmp_path / "backup", {name: site.dsn(name) for name in names}, lambda _: None, names)


def begins(site):
    """What every process of the alerts does first."""
    return own_log(database_of(site.settings, "alerts", province("150000")), LOG).close()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_restore_that_is_killed_leaves_a_database_that_no_process_starts_on(site, lost, tmp_path, monkeypatch, moment):
    run = backup_cluster._run

    def killed(*arguments):
        if moment == "after":
            run(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(backup_cluster, "_run", killed)
    with suppress(KeyboardInterrupt):
        put_back(site, tmp_path, "alerts")
    with pytest.raises(ValueError, match=r"is being restored; if that was broken off: make the database anew"):
        begins(site)
    monkeypatch.undo()
    if moment == "after":
        with pytest.raises(BackupFailed, match="is not empty"):
            put_back(site, tmp_path, "alerts")
        site.make("alerts")
    put_back(site, tmp_path, "alerts")
    with pytest.raises(ValueError, match="was restored from a backup"):
        begins(site)


def test_what_was_put_back_before_the_next_one_fails_is_closed(site, lost, tmp_path, monkeypatch):
    site.make("registry")
    run = backup_cluster._run

    def fails(tool, dsn, *arguments):
        if dsn == site.dsn("registry"):
            raise BackupFailed("the disk is full")
        run(tool, dsn, *arguments)

    monkeypatch.setattr(backup_cluster, "_run", fails)
    with pytest.raises(BackupFailed, match="the disk is full"):
        put_back(site, tmp_path, "alerts", "registry")
    assert lacks_healing(site.log())
    monkeypatch.undo()
    put_back(site, tmp_path, "registry")
    assert lacks_healing(site.log(NEIGHBOUR))


def test_nothing_is_restored_beside_processes_that_run(site, lost, tmp_path):
    site.log(NEIGHBOUR)
    said = site.ortoo("restore", str(tmp_path / "backup"), "--service", "alerts", code=1)
    assert "sessions of ortoo use the database of registry: stop every process of the cluster first" in said


def test_a_backup_names_the_databases_it_would_leave_out(site, tmp_path):
    with site.closed("front"), site.closed("alerts"):
        said = site.ortoo("backup", str(tmp_path / "backup"), code=1)
    assert "the database of front cannot be reached" in said and "the database of alerts cannot be reached" in said
    assert not (tmp_path / "backup" / "manifest.json").exists()


def test_a_topic_that_ends_inside_a_command_does_not_keep_the_log_closed(site, tmp_path):
    desk = site.desk()
    desk.receive(5)
    site.relay(desk.log)
    site.close()
    site.ortoo("backup", str(tmp_path / "backup"))
    desk = site.desk()
    desk.do(Move(by=CLERK, now=desk.now, item="tent", to="water", quantity=2), id=UUID(int=50))
    put(site.bootstrap, LOG, all_of(desk.log)[1].cloud_event())
    site.close()
    site.make("alerts")
    restored(site, tmp_path)
    said = site.ortoo("log", "heal", "alerts")
    assert "1 events taken back" in said and "only 1 of its 2 events came back" in said and "finish by hand" in said
    assert not lacks_healing(site.log())
    assert "log.cut" in found(site)


def test_without_a_broker_a_restored_log_is_opened_by_a_persons_word_only(site, lost, tmp_path):
    restored(site, tmp_path)
    bootstrap, site.bootstrap = site.bootstrap, "127.0.0.1:1"
    said = site.ortoo("log", "heal", "alerts", code=1)
    assert "nobody listens at" in said and "the inbox of front: 6 events of 6 commands taken back" in said and "--as-it-is" in said
    assert lacks_healing(site.log())
    site.close()
    assert "name one log" in site.ortoo("log", "heal", "--as-it-is", code=1)
    assert "0 events taken back" in site.ortoo("log", "heal", "alerts", "--as-it-is")
    assert not lacks_healing(site.log())
    site.bootstrap = bootstrap
    assert "relay.fork" not in found_after(site)
