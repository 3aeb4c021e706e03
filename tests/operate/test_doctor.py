"""`ortoo doctor` names each thing that is wrong, with its cure, and touches nothing."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.alerts.service import ALERTS
from services.operate.doctor import examine
from services.operate.findings import CURES, Finding
from services.operate.places import Folder, Running, runs
from services.start.settings import Settings
from services.volunteers.service import VOLUNTEERS
from shared.runtime.embedded import take_folder
from shared.runtime.generations import in_use
from shared.sql.sqlite import Files
from shared.vault.root import RootFile
from tests.architecture.house import ROOT
from tests.support import commanded, started

PROVINCE = "150000"


def found(folder: Path, *, deep: bool = False, at: datetime | None = None) -> list[Finding]:
    settings = Settings(folder, PROVINCE)
    return list(examine(Folder(folder, PROVINCE), settings, at or datetime.now(UTC), deep=deep))


def changed(path: Path, *statements: str) -> None:
    """What somebody does who opens the file by hand and takes its guards away first."""
    db = sqlite3.connect(path, isolation_level=None)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        sql = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
        db.execute(f"DROP TRIGGER {name}")
        statements = (*statements, sql)
    for statement in statements:
        db.execute(statement)
    db.close()


def log(folder: Path) -> Path:
    return folder / "logs" / "150000.alerts.db"


def models(folder: Path, service) -> Path:
    databases = Files(folder / "read")
    return databases.at(in_use(databases, service)).path


def test_a_healthy_node_has_nothing_wrong_and_is_left_as_it_is(node):
    before = {path: path.read_bytes() for path in node.rglob("*") if path.is_file() and not path.name.endswith("-shm")}
    assert found(node, deep=True) == []
    assert {path: path.read_bytes() for path in before} == before


def test_a_running_node_has_nothing_wrong_either_and_its_doctor_exits_0(tmp_path):
    with started(tmp_path / "node") as running:
        port = running.url.rpartition(":")[2]
        running.published()
        done = commanded(running.folder, "doctor", "--deep", ORTOO_PORT=port)
        assert (done.returncode, done.stdout.splitlines()[-1].rpartition(": ")[2]) == (0, "nothing is wrong"), done.stdout
        silent = commanded(running.folder, "doctor", ORTOO_PORT="1")
        assert silent.returncode == 1 and "node.silent" in silent.stdout


def behind(folder: Path) -> None:
    changed(log(folder), "DELETE FROM event WHERE position = (SELECT max(position) FROM event)")


def projection_stopped(folder: Path) -> None:
    changed(models(folder, ALERTS), "INSERT INTO stopped VALUES ('Board', '150000.alerts', 3, 'alerts.alert.drafted.v1: KeyError')")


def parked(folder: Path) -> None:
    row = "('when_x_then_y', '150000.alerts', 1, 'alert-1', 1, 'alerts.alert.drafted.v1', x'00', x'00', 'KeyError: y')"
    changed(log(folder), f"INSERT INTO parked VALUES {row}")


def unfinished(folder: Path) -> None:
    """As it is when only a part of its last command came back."""
    path = log(folder)
    last = "(SELECT max(position) FROM event)"
    more = """replace(CAST(record AS TEXT), '"data":', '"commandevents":9,"data":')"""
    changed(path, f"UPDATE event SET record = CAST({more} AS BLOB) WHERE position = {last}")


def root(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.root.key")


def keyless(folder: Path) -> None:
    """Keys, and no root to open them."""
    changed(folder / "keyring.db", "INSERT INTO data_key VALUES ('k', 'V-A', 'register', 'register', 'r', x'00', 0)")
    root(folder).unlink(missing_ok=True)


def readable_root(folder):
    """A root key that others may read."""
    RootFile(root(folder)).make("here")
    root(folder).chmod(0o640)


FAULTS = {
    "folder.missing": lambda folder: shutil.rmtree(folder / "logs"),
    "keys.missing": lambda folder: (folder / "keys" / "node.pem").unlink(),
    "keys.open": lambda folder: (folder / "keys" / "node.pem").chmod(0o644),
    "root.missing": keyless,
    "root.refused": readable_root,
    "log.missing": lambda folder: log(folder).unlink(),
    "log.unreadable": lambda folder: log(folder).write_bytes(b"no database" * 1000),
    "log.end": behind,
    "log.unguarded": lambda folder: sqlite3.connect(log(folder)).execute("DROP TRIGGER event_no_update"),
    "log.cut": unfinished,
    "log.restored": lambda folder: changed(log(folder), "INSERT INTO cursor VALUES ('restored', '150000.alerts', 3, x'01')"),
    "models.stopped": projection_stopped,
    "parked.waiting": parked,
}


@pytest.mark.parametrize("code", FAULTS)
def test_what_is_wrong_is_named_with_its_cure(node, code):
    FAULTS[code](node)
    codes = [finding.code for finding in found(node)]
    assert codes == [code], codes


def test_of_a_folder_that_is_not_there_only_that_is_said(tmp_path):
    assert [finding.code for finding in found(tmp_path / "nowhere")] == ["folder.missing"]
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("place", ["keys/root.key", "../kept/backup-1/root.key"])
def test_a_root_key_where_backups_take_it_or_lie_is_named(node, place):
    inside = node / place
    inside.parent.mkdir(parents=True, exist_ok=True)
    RootFile(inside).make("here")
    settings = Settings(node, PROVINCE, root_key=inside, backups=node.parent / "kept")
    assert [finding.code for finding in examine(Folder(node, PROVINCE), settings, datetime.now(UTC))] == ["root.inside"]


def test_what_only_the_whole_chain_shows_is_found_by_looking_deep(node):
    changed(log(node), "UPDATE event SET record = CAST(replace(CAST(record AS TEXT), 'heavy', 'light') AS BLOB) WHERE position = 1")
    assert found(node) == []
    assert [(finding.code, "position 1" in finding.words) for finding in found(node, deep=True)] == [("log.broken", True)]


def test_a_clock_that_was_set_back_is_noticed_by_the_log(node):
    assert {finding.code for finding in found(node, at=datetime.now(UTC) - timedelta(hours=3))} == {"log.clock"}


def test_a_disk_that_is_nearly_full_is_noticed(node, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100 << 30, 99 << 30, 200 << 20))
    (low,) = found(node)
    assert (low.code, low.words) == ("disk.low", "200 MB are free of 102,400 MB")


def test_the_command_prints_code_cure_and_section_and_exits_1(node):
    FAULTS["keys.open"](node)
    done = commanded(node, "doctor")
    assert done.returncode == 1
    code, cure, see, last = done.stdout.splitlines()
    assert code.startswith("keys.open  ") and cure.startswith("  cure: chmod 700") and see == "  see docs/operate.md#keysopen"
    assert last == f"the folder {node}: 1 found"


def test_every_finding_has_a_section_in_the_guide():
    sections = {line.removeprefix("### ") for line in (ROOT / "docs/operate.md").read_text(encoding="utf-8").splitlines()}
    assert set(CURES) <= sections, sorted(set(CURES) - sections)


def test_what_stands_while_its_node_runs_is_named(node):
    """A frozen node still holds its folder."""
    place, read = Folder(node, PROVINCE), models(node, ALERTS)
    due = "'2026-01-01T00:00:00.000000+00:00'"
    changed(read, "UPDATE reader_cursor SET position = 2", f"UPDATE due SET due_at = {due} WHERE due_at = (SELECT min(due_at) FROM due)")
    changed(models(node, VOLUNTEERS), "UPDATE reader_cursor SET position = 0 WHERE log = '150000.alerts'")  # nor is a neighbour's an inbox
    assert not runs(place) and found(node) == [], "a node that is stopped has nothing to catch up with"
    with take_folder(node):
        assert runs(place)
        with pytest.raises(Running, match="a node runs on"), place.stopped():
            pass
        codes = {finding.code for finding in found(node, at=datetime.now(UTC) + timedelta(minutes=10))}
    assert codes == {"node.silent", "models.behind", "deadlines.stuck"}


def test_what_the_engines_of_a_running_node_say_is_told(node):
    projection_stopped(node)
    with started(node) as running:
        done = commanded(node, "doctor", ORTOO_PORT=running.url.rpartition(":")[2])
    assert done.returncode == 1 and {"models.stopped", "node.engine"} == {line.split()[0] for line in done.stdout.splitlines()[:-1:3]}
