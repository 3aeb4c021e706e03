"""A backup taken from a running node is a node again; healed, it is the node that was lost."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from services.wiring import SERVICES
from shared.runtime.backup import BackupFailed, restore
from tests.support import AUTHOR, DUTY, SECOND, Node, cap, commanded, draft, started
from tests.waiting import until

KEPT = tuple(f"150000.{service.name}" for service in SERVICES)


class Load:
    """Clients that draft while something else happens; every answer with the key it was asked under."""

    def __init__(self, node: Node) -> None:
        self.answers: dict[str, dict] = {}
        self.bodies: dict[str, dict] = {}
        self._node, self._stop = node, threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(3)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, n: int) -> None:
        i = 0
        while not self._stop.is_set():
            i += 1
            key, body = f"load-{n}-{i}", draft()
            answer = self._node.draft(headers={"Idempotency-Key": key}, **body)
            assert answer.status_code == 201, answer.text
            self.bodies[key], self.answers[key] = body, answer.json()


class Lost(NamedTuple):
    """What is left of a node, and what its clients remember."""

    folder: Path
    backup: Path
    before: dict[str, dict]  # answers, by key
    after: dict[str, dict]
    bodies: dict[str, dict]
    imported: dict
    everything: list[str]  # its log in the end
    carried: Path  # the same as a file


def command(folder: Path, *arguments: str, code: int = 0, **settings: str) -> str:
    done = commanded(folder, *arguments, **settings)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def exported(folder: Path, log: str = "alerts") -> list[str]:
    done = commanded(folder, "log", "export", log)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def lost(tmp_path_factory):
    """A node that was backed up under load, went on, and was lost."""
    base = tmp_path_factory.mktemp("backup")
    folder, backup = base / "node", base / "backup"
    with started(folder) as node:
        node.published()
        node.take(cap("EX-1"))
        with Load(node) as load:
            until(lambda: len(load.answers) >= 20)
            before = dict(load.answers)
            command(folder, "backup", str(backup))
        after = {key: answer for key, answer in load.answers.items() if key not in before}
        last_alert = node.published()
        imported = node.take(cap("EX-2"), Idempotency_Key="import-2").json()
        assert node.post(f"/api/alerts/alerts/{last_alert}/cancellation", SECOND, {"reason": "over"}).status_code == 201
    assert after
    everything = exported(folder)
    assert sum('"commandid"' in line for line in everything) >= 4, "policies acted after the backup"
    carried = base / "carried.jsonl"
    carried.write_text("\n".join(everything) + "\n")
    return Lost(folder, backup, before, after, load.bodies, imported, everything, carried)


@pytest.fixture
def restored(lost, tmp_path):
    folder = tmp_path / "restored"
    shutil.copytree(lost.folder / "keys", folder / "keys")
    restore(lost.backup, folder, lambda _: None)
    return folder


def test_what_was_answered_before_the_backup_is_in_it(lost, restored):
    before = lost.before
    manifest = json.loads((lost.backup / "manifest.json").read_text())
    ends = {log: end["position"] for log, end in manifest["logs"].items()}
    assert set(ends) == set(KEPT)
    assert ends["150000.alerts"] >= max(answer["position"] for answer in before.values())
    assert command(restored, "doctor", "--deep").endswith("nothing is wrong\n")
    with started(restored) as node:
        assert node.http.get("/health/ready").status_code == 200
        for answer in before.values():
            assert node.settle(f"150000.alerts:{answer['position']}", f"/api/alerts/alerts/{answer['stream'][6:]}", DUTY).status_code == 200


def test_every_store_of_a_node_is_in_the_backup(lost):
    folder, backup = lost.folder, lost.backup
    stores = {str(path.relative_to(folder)) for path in folder.rglob("*.db")} - {str(p.relative_to(folder)) for p in folder.glob("read/*")}
    copied = {str(path.relative_to(backup)) for path in backup.rglob("*.db")}
    assert copied == stores and {"blobs.db", "contacts.db", "outbox.db", "observations.db"} < stores
    assert not list(backup.rglob("*.pem")), "keys only when asked for"


def test_healed_from_what_was_carried_it_is_the_node_that_was_lost(lost, restored):
    said = command(restored, "log", "heal", "alerts", "--from", str(lost.carried))
    assert said.count("names the content") == 1, "a message's bytes are not on the log"
    assert "content.lost" in command(restored, "doctor", "--deep", code=1)
    assert exported(restored) == lost.everything
    with started(restored) as node:
        for key, answer in lost.after.items():
            again = node.draft(headers={"Idempotency-Key": key}, **lost.bodies[key])
            assert again.status_code == 200, again.text
            assert {**again.json(), "outcome": "accepted"} == answer
        message = node.take(cap("EX-2"), Idempotency_Key="import-2")
        assert (message.status_code, message.json()["stream"]) == (200, lost.imported["stream"])
        assert message.json()["faults"] == [] and message.json()["outcome"] == "repeated"
        assert node.http.get("/health/ready").status_code == 200
    assert command(restored, "doctor", "--deep").endswith("nothing is wrong\n"), "the message brought its content back"
    assert exported(restored) == lost.everything, "neither a client's, nor a policy's, nor a timer's command acted twice"


def test_a_restored_node_that_was_written_to_cannot_be_healed_and_is_told_where_they_part(lost, restored):
    end = len(exported(restored))
    with started(restored) as node:
        node.draft()
    said = command(restored, "log", "heal", "alerts", "--from", str(lost.carried), code=1)
    first, *_ = written = exported(restored)[end:]  # what the backup had not reacted to yet may come before the draft
    assert f"part at position {end + 1}: here {json.loads(first)['type']}" in said
    assert "alerts.alert.drafted.v1" in {json.loads(one)["type"] for one in written}


def test_a_node_that_runs_is_neither_healed_nor_restored_over(lost, restored):
    with started(restored):
        assert "a node runs on" in command(restored, "log", "heal", "alerts", "--from", str(lost.carried), code=1)
        assert "a node runs on" in command(restored, "restore", str(lost.backup), code=1)
    assert "is not empty" in command(restored, "restore", str(lost.backup), code=1)


@pytest.mark.parametrize("moves", [0, 1, 3])
def test_a_restore_that_is_killed_hides_no_keys_and_leaves_nothing_that_starts(lost, tmp_path, monkeypatch, moves):
    folder, left = tmp_path / "node", iter(range(moves))
    shutil.copytree(lost.folder / "keys", folder / "keys")
    rename = Path.rename

    def killed(self, target):
        if self.parent.name == ".restoring" and next(left, None) is None:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        restore(lost.backup, folder, lambda _: None)
    monkeypatch.undo()
    assert (folder / "keys" / "node.pem").exists() and not (folder / "logs").exists()
    for again in (("serve",), ("restore", str(lost.backup))):
        assert "remove everything in it but keys/" in command(folder, *again, code=1)
    for path in [path for path in folder.iterdir() if path.name != "keys"]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    command(folder, "restore", str(lost.backup))


def test_a_folder_that_is_a_disk_of_its_own_is_restored_to(lost, tmp_path):
    (tmp_path / "disk" / "lost+found").mkdir(parents=True)
    place = (tmp_path / "disk").stat().st_ino
    restore(lost.backup, tmp_path / "disk", lambda _: None)
    assert (tmp_path / "disk").stat().st_ino == place and (tmp_path / "disk" / "logs").is_dir()


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda b: flipped(b / "logs" / "150000.alerts.db"), "150000.alerts.db is missing or is not what was backed up"),
        (lambda b: (b / "blobs.db").unlink(), "blobs.db is missing"),
        (lambda b: (b / "manifest.json").unlink(), "it is no backup, or one that was broken off"),
        (lambda b: (b / "manifest.json").write_text("{}"), "cannot be read"),
        (lambda b: edit(b, format=9), "has format 9"),
        (lambda b: edit(b, files={"../backup": {"size": 1, "sha256": ""}}), "which is not in the backup"),
        (lambda b: edit(b, kind="cluster"), "is the backup of a cluster"),
        (lambda b: forge_log(b), "is broken at position"),
        (lambda b: edit(b, logs={"150000.alerts": {"position": 1, "chain": "00", "time": None}}), "the manifest says 1"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_left(lost, tmp_path, damage, words):
    backup = tmp_path / "damaged"
    shutil.copytree(lost.backup, backup)
    damage(backup)
    with pytest.raises(BackupFailed, match=re.escape(words)):
        restore(backup, tmp_path / "to", lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["damaged"]


def edit(backup: Path, **changes) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    (backup / "manifest.json").write_text(json.dumps(manifest | changes))


def forge_log(backup: Path) -> None:
    """Somebody with the backup at hand changes an event and mends the digest of its file."""
    path = backup / "logs" / "150000.alerts.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DROP TRIGGER event_no_update")
    db.execute("UPDATE event SET record = CAST(replace(CAST(record AS TEXT), 'heavy rain', 'heavy wind') AS BLOB) WHERE position = 1")
    db.close()
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["files"]["logs/150000.alerts.db"] = {
        "size": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    (backup / "manifest.json").write_text(json.dumps(manifest))


def test_a_backup_goes_into_a_new_folder_with_the_keys_only_when_asked(lost, tmp_path):
    folder = lost.folder
    assert "apart from it" in command(folder, "backup", str(tmp_path / "one"))
    assert "is not empty" in command(folder, "backup", str(tmp_path / "one"), code=1)
    assert "can sign as anybody" in command(folder, "backup", "--keys", str(tmp_path / "two"))
    assert (tmp_path / "two" / "keys" / "node.pem").stat().st_mode & 0o077 == 0
    command(tmp_path / "again", "restore", str(tmp_path / "two"))
    with started(tmp_path / "again") as node:
        token = Node.token(node, AUTHOR)
        assert node.principals.verify(token).actor == AUTHOR.actor


def test_a_folder_without_a_node_has_nothing_to_back_up(tmp_path):
    assert "holds no log" in command(tmp_path / "none", "backup", str(tmp_path / "b"), code=1)
