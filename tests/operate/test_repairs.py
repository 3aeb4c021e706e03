"""`ortoo parked`, `ortoo rebuild` and `ortoo lag` beside a node, running and stopped."""

from __future__ import annotations

import sqlite3

import pytest

from shared.eventlog.sqlite import SqliteLog
from tests.support import DUTY, commanded, started
from tests.waiting import until

LOG = "150000.alerts"
POLICY = "when_alert_published_then_open_checklist"


def park(folder) -> str:
    """As if a policy had failed at the publication; its stream."""
    path = folder / "logs" / f"{LOG}.db"
    log = SqliteLog(path, LOG)
    event = next(r for r in log.read(0) if r.type == "alerts.alert.published.v1")
    log.close()
    row = (POLICY, LOG, event.position, event.stream, event.version, event.type, event.record, event.chain, "KeyError: 'cured since'")
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO parked VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return event.stream


def events(folder) -> list[str]:
    return commanded(folder, "log", "show", "alerts", "--limit", "1000").stdout.splitlines()


@pytest.mark.parametrize("running", [False, True])
def test_a_parked_stream_is_listed_and_tried_again_with_no_second_effect(node, running):
    stream, before = park(node), events(node)
    listed = commanded(node, "parked")
    assert listed.returncode == 0 and f"{POLICY}  {stream}  alerts.alert.published.v1  KeyError" in listed.stdout
    again = ("parked", "--replay", POLICY, LOG, stream)
    if running:
        with started(node) as process:
            done = commanded(node, *again, "--url", process.url)
    else:
        done = commanded(node, *again)
    assert (done.returncode, done.stdout) == (0, f"1 events of {stream} replayed\n"), done.stderr
    assert commanded(node, "parked").stdout == "" and events(node) == before
    unknown = commanded(node, *again)
    assert unknown.returncode == 1 and "ortoo parked lists what is" in unknown.stderr


def test_a_parked_stream_whose_node_runs_elsewhere_is_said_so(node):
    stream = park(node)
    with started(node):
        done = commanded(node, "parked", "--replay", POLICY, LOG, stream, "--url", "http://127.0.0.1:1")
    assert done.returncode == 1 and "http://127.0.0.1:1 does not answer (ConnectError): --url names the node" in done.stderr


def test_what_is_rebuilt_is_taken_by_a_running_node(node):
    with started(node) as process:
        first = sorted(path.name for path in (node / "read").glob("alerts.*.db"))
        done = commanded(node, "rebuild", "alerts")
        assert done.returncode == 0 and "-2 is level, and takes the place of what is in use" in done.stdout, done.stderr
        alert = process.published()
        position = process.draft().headers["Ortoo-Position"]
        assert process.settle(position, f"/api/alerts/alerts/{alert}", DUTY).status_code == 200
        assert process.stop() == 0

    def left() -> list[str]:
        return sorted(path.name for path in (node / "read").glob("alerts.*.db"))

    with started(node):
        until(lambda: left() == [name.replace(".db", "-2.db") for name in first], lambda: str(left()))
    assert "no service depot: one of registry, alerts" in commanded(node, "rebuild", "depot").stderr


def test_lag_says_how_far_each_reader_is_and_how_long_the_oldest_event_waits(node):
    lines = commanded(node, "lag").stdout.splitlines()
    alerts = [line.split() for line in lines if line.startswith(LOG)]
    end = alerts[0][2]
    assert [(line[1], line[-2 if line[1] == "read" else 3]) for line in alerts[1:2]] == [("read", "level")]
    assert end == alerts[1][3]
    (path,) = (node / "read").glob("alerts.*.db")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE reader_cursor SET position = position - 2")
    behind = next(line for line in commanded(node, "lag").stdout.splitlines() if line.startswith(LOG) and "read models" in line)
    assert " 2 events, " in behind and " s " in behind
