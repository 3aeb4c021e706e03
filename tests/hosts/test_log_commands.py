"""`ortoo log`: looked at beside a running node; what somebody changed by hand is found and named."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest

from services.wiring import SERVICES
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from tests.support import AUTHOR, DUTY, commanded, draft, fresh, started


def test_the_logs_are_looked_at_beside_a_running_node(node):
    made = [node.draft(alert=fresh("LOG")).json() for _ in range(3)]
    last = made[-1]
    verified = commanded(node.folder, "log", "verify")
    assert verified.returncode == 0 and verified.stdout.count(": whole") == len(SERVICES), verified.stdout + verified.stderr
    shown = commanded(node.folder, "log", "show", "alerts", "--after", str(last["position"] - 1), "--limit", "1").stdout
    assert shown.startswith(f"150000.alerts:{last['position']} ") and f"{last['stream']}@1" in shown and "B.MET1" in shown
    out = commanded(node.folder, "log", "export", "150000.alerts").stdout.splitlines()
    exported = [json.loads(line) for line in out]
    assert [event["position"] for event in exported] == list(range(1, len(exported) + 1))
    read = node.get("/api/events", DUTY, after=f"a{last['position'] - 1}", limit=1).json()
    assert [exported[last["position"] - 1]] == read
    assert node.draft().status_code == 201


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A folder with ten drafts on its log."""
    folder = tmp_path_factory.mktemp("stopped") / "data"
    with started(folder) as node:
        for _ in range(10):
            assert node.post("/api/alerts/alerts", AUTHOR, draft()).status_code == 201
    return folder


def tampered(folder, copy, *statements):
    """A copy of a folder whose log somebody changed by hand."""
    (copy / "logs").mkdir(parents=True)
    for name in ("150000.alerts.db", "150000.registry.db"):
        shutil.copy(folder / "logs" / name, copy / "logs" / name)
    db = sqlite3.connect(copy / "logs" / "150000.alerts.db")
    for trigger in ("event_no_update", "event_no_delete", "head_no_return"):
        db.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        assert db.execute(statement).rowcount == 1
    db.commit()
    db.close()
    return copy


CHANGED = "UPDATE event SET record = CAST(replace(CAST(record AS TEXT), 'heavy rain', 'heavy wind') AS BLOB) WHERE position = 4"
CUT = "DELETE FROM event WHERE position = 10"


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        ((), None),
        ((CHANGED,), "position 4"),
        (("UPDATE event SET stream = 'alert-X' WHERE position = 7",), "position 7"),
        (("UPDATE event SET type = 'alerts.alert.revised.v1' WHERE position = 7",), "position 7"),
        (("DELETE FROM event WHERE position = 5",), "position 5"),
        ((CUT,), "position 10: cut off"),
        ((CUT, "UPDATE head SET position = 9"), "position 10"),
    ],
)
def test_what_somebody_changed_by_hand_is_found_where_it_is(stopped, tmp_path, statements, fault):
    log = SqliteLog(tampered(stopped, tmp_path / "copy", *statements) / "logs" / "150000.alerts.db", "150000.alerts")
    verdict = verify(log)
    log.close()
    assert verdict.fault is None if fault is None else fault in (verdict.fault or ""), verdict


def test_a_changed_byte_and_a_cut_tail_fail_the_command_and_are_named(stopped, tmp_path):
    for n, (statement, fault) in enumerate(((CHANGED, "BROKEN at position 4"), (CUT, "BROKEN at position 10: cut off"))):
        done = commanded(tampered(stopped, tmp_path / str(n), statement), "log", "verify")
        assert done.returncode == 1
        assert fault in next(line for line in done.stdout.splitlines() if line.startswith("150000.alerts"))
        assert "150000.registry: 1 events" in done.stdout, "the other log is still looked at"
