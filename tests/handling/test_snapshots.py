"""States of long streams beside the log: opened at once, never trusted beyond what the log says."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from shared.eventlog.sqlite import SqliteLog
from shared.handling.snapshots import Snapshots
from shared.sql.sqlite import File
from tests.handling.desk import NAME, Desk
from tests.hosts.depot import DEPOT, Item

KEEPING = replace(DEPOT, deciders=tuple(replace(one, snapshot=Item) if one.category == "item" else one for one in DEPOT.deciders))
DECIDER = KEEPING.decider_of("item-tent")


class Counted(SqliteLog):
    """Says how many events were read of streams."""

    read_of_streams = 0

    def stream(self, stream, after=0):
        found = super().stream(stream, after)
        self.read_of_streams += len(found)
        return found

    def streams(self, streams):
        found = super().streams(streams)
        self.read_of_streams += len(found)
        return found


def opened(folder, every=10) -> Desk:
    folder.mkdir(exist_ok=True)
    log = Counted(folder / "log.db", NAME)
    return Desk(folder, KEEPING, log=log, snapshots=Snapshots(File(folder / "snapshots.db"), log, every))


def on_hand(desk: Desk, more: int) -> int:
    """What is there after so many more came."""
    told: int = desk.receive(more, id=uuid4()).extra["on_hand"]
    return told


def test_a_long_stream_opens_from_its_snapshot_and_what_came_since(tmp_path):
    first = opened(tmp_path)
    for _ in range(25):
        on_hand(first, 2)
    again = opened(tmp_path)
    assert on_hand(again, 1) == 51
    assert again.log.read_of_streams <= 12  # the event it was taken at, and at most ten since


def test_what_is_lost_or_damaged_is_folded_again(tmp_path):
    for _ in range(25):
        on_hand(opened(tmp_path), 2)
    (tmp_path / "snapshots.db").unlink()
    assert on_hand(opened(tmp_path), 1) == 51
    with Snapshots(File(tmp_path / "snapshots.db"), SqliteLog(tmp_path / "log.db", NAME))._pool.transaction() as db:
        db.execute("UPDATE snapshot SET state = ?", (b"no state",))
    assert on_hand(opened(tmp_path), 1) == 52


def test_a_snapshot_of_another_history_is_not_believed(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    one, other = opened(here), opened(there)
    for _ in range(25):
        on_hand(one, 2)
        on_hand(other, 3)
    (there / "snapshots.db").replace(here / "snapshots.db")
    assert on_hand(opened(here), 1) == 51


def test_a_log_that_was_put_back_to_before_it_is_folded_again(tmp_path):
    desk = opened(tmp_path / "whole")
    for _ in range(25):
        on_hand(desk, 2)
    short = opened(tmp_path / "short")
    for _ in range(5):
        on_hand(short, 2)
    (tmp_path / "whole" / "snapshots.db").replace(tmp_path / "short" / "snapshots.db")
    assert on_hand(opened(tmp_path / "short"), 1) == 11


def test_other_code_folds_again(tmp_path, monkeypatch):
    desk = opened(tmp_path)
    for _ in range(25):
        on_hand(desk, 2)
    monkeypatch.setattr(Snapshots, "_form", lambda self, decider: "another")
    log = SqliteLog(tmp_path / "log.db", NAME)
    assert Snapshots(File(tmp_path / "snapshots.db"), log).find("item-tent", DECIDER) is None


@pytest.mark.parametrize(("events", "kept"), [(9, None), (10, 10), (25, 20)])
def test_one_is_taken_every_so_many_events(tmp_path, events, kept):
    desk = opened(tmp_path)
    for _ in range(events):
        on_hand(desk, 1)
    found = Snapshots(File(tmp_path / "snapshots.db"), desk.log, 10).find("item-tent", DECIDER)
    assert (found and found[0]) == kept


class Died(BaseException):
    """The process ends here."""


def test_who_dies_between_the_commit_and_the_snapshot_has_both_the_events_and_the_state(tmp_path, monkeypatch):
    desk = opened(tmp_path)
    for _ in range(19):
        on_hand(desk, 2)
    with monkeypatch.context() as dying:
        dying.setattr(Snapshots, "note", lambda *told: (_ for _ in ()).throw(Died))
        with pytest.raises(Died):
            on_hand(desk, 2)
    again = opened(tmp_path)
    assert len(again.events) == 20
    assert on_hand(again, 1) == 41
    assert on_hand(opened(tmp_path), 1) == 42


def test_a_snapshot_that_was_half_written_counts_for_nothing(tmp_path):
    for _ in range(25):
        on_hand(opened(tmp_path), 2)
    with Snapshots(File(tmp_path / "snapshots.db"), SqliteLog(tmp_path / "log.db", NAME))._pool.transaction() as db:
        db.execute("UPDATE snapshot SET state = substr(state, 1, length(state) / 2)")
    assert on_hand(opened(tmp_path), 1) == 51


def test_a_file_of_snapshots_that_is_none_any_more_stands_in_nobodys_way(tmp_path):
    for _ in range(25):
        on_hand(opened(tmp_path), 2)
    (tmp_path / "snapshots.db").write_bytes(b"no database" * 1_000)
    assert on_hand(opened(tmp_path), 1) == 51
    assert on_hand(opened(tmp_path), 1) == 52
