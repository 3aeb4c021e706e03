"""Read models of past moments: how far they reach, how many are kept, and what is said while they are built or cannot be."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from services.alerts.projections.series import Series
from services.start.settings import Settings
from services.wiring import open_node
from shared.handling.pending import Pending, fingerprint
from shared.handling.reader import Reader
from shared.kernel.commands import new_id
from shared.kernel.errors import Behind
from shared.runtime import past
from shared.runtime.past import KEPT, Past, Until, position_at
from shared.sql.ports import StorageFailed
from shared.web.problems import Malformed
from tests.hosts.alert_work import draft_of
from tests.waiting import PATIENCE_S

DRAFTS = 9


@pytest.fixture
def host(tmp_path):
    """A node in whose log a warning was drafted every few milliseconds."""
    node = open_node(Settings(tmp_path / "data", "150000"))
    writer = node.host.running["alerts"].writer
    for n in range(DRAFTS):
        made = draft_of(node.host.now(), f"AL-{n}", node.host.now() + timedelta(hours=6))
        writer.submit(Pending(id=new_id(), command=made, fingerprint=fingerprint("DraftAlert", b""), done=lambda _: None, fresh=True))
        writer.step()
    yield node.host
    node.host.stop()


@pytest.fixture
def shown(host):
    made = Past(host)
    yield made
    made.close()


def times(host):
    return [recorded.envelope.time for recorded in host.running["alerts"].log.read(0)]


def drafted(shown, at):
    past._asked.set(shown.moment(at.isoformat()))
    return [row["id"] for row in shown.read("alerts").execute("SELECT id FROM series ORDER BY position")]


def test_a_moment_reaches_to_the_last_event_recorded_then(host):
    log, at = host.running["alerts"].log, times(host)
    assert [position_at(log, time) for time in at] == [at.index(time) + at.count(time) for time in at]
    assert position_at(log, at[0] - timedelta(seconds=1)) == 0
    assert position_at(log, at[-1] + timedelta(days=1)) == DRAFTS == log.head().position


def test_a_log_until_a_position_ends_there(host):
    until = Until("150000.alerts", 5, host.running["alerts"].log)
    assert [recorded.position for recorded in until.read(0)] == [1, 2, 3, 4, 5]
    assert [recorded.position for recorded in until.read(3, 1)] == [4]
    assert until.read(5) == until.read(8) == []


def test_read_models_of_a_moment_hold_what_was_known_and_the_last_few_are_kept(host, shown):
    at = times(host)
    for round_ in range(2):
        for n in (0, 2, 4, 6, 8, 1, 3):
            assert drafted(shown, at[n]) == [f"AL-{i}" for i in range(at.index(at[n]) + at.count(at[n]))], round_
    assert len(shown._kept) == KEPT
    assert len({path.name.partition(".")[0] for path in (shown.folder).iterdir()}) == KEPT


def test_who_asks_while_it_is_built_is_told_how_far_it_is(host, shown, monkeypatch):
    go, step = threading.Event(), Reader.step
    monkeypatch.setattr(Reader, "step", lambda reader: go.wait(PATIENCE_S) and step(reader))
    monkeypatch.setattr(past, "WAIT_S", 0.1)
    at = times(host)
    with pytest.raises(Behind, match="0%"):
        drafted(shown, at[-1])
    first = past._asked.get()
    with pytest.raises(Behind, match="another moment is read first"):
        drafted(shown, at[0])
    go.set()
    first.built("alerts").done.wait(PATIENCE_S)
    assert len(drafted(shown, at[-1])) == DRAFTS


def test_what_cannot_be_built_is_told_and_tried_again(host, shown, monkeypatch):
    at, well = times(host), Series.apply

    def ill(self, rows, event, at):
        raise KeyError("a bug")

    monkeypatch.setattr(Series, "apply", ill)
    with pytest.raises(StorageFailed, match=r"Series stops at 150000\.alerts:1"):
        drafted(shown, at[-1])
    monkeypatch.setattr(Series, "apply", well)
    assert len(drafted(shown, at[-1])) == DRAFTS


def test_only_what_is_past_can_be_asked_for(host, shown):
    for wrong in ("", "soon", "2021-13-01", (host.now() + timedelta(minutes=1)).isoformat()):
        with pytest.raises(Malformed):
            shown.moment(wrong)
