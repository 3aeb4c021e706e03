"""The reader: rows and cursor move together; what cannot be applied stops or parks, and is never half there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from shared.eventlog.ports import New
from shared.eventlog.sqlite import SqliteLog
from shared.handling.declare import Table
from shared.handling.reader import CHUNK, stopped
from shared.kernel.errors import LogFork, LogGap
from shared.kernel.events import event
from shared.sql.ports import LogBusy, StorageFailed
from shared.testing.facts import new, put
from shared.testing.invariants import tables
from tests.handling.desk import NAME, NOW, Desk, dry
from tests.hosts.depot import CLERK, DEPOT, Issue, Receive, Stock

NEIGHBOUR = "150000.neighbour"
SEEN = Table("seen", ("stream",), {"stream": "TEXT NOT NULL", "count": "INTEGER NOT NULL", "said": "TEXT"})


@event("testing.thing.happened.v1")
@dataclass(frozen=True, slots=True)
class Happened:
    """What `shared.testing.facts` appends."""

    said: str


class Seen:
    """Counts the neighbour's facts by stream; half-way through it raises at `bad` ones until it is cured."""

    tables = (SEEN,)
    listens = ("testing.thing.happened", "depot.item.received")
    cured = False

    def apply(self, rows, fact, at):
        row = rows.get(SEEN, at.streamid) or {"count": 0, "said": ""}
        word = getattr(fact, "said", None) or fact.item
        rows.put(SEEN, stream=at.streamid, count=row["count"] + 1, said=row["said"] + word)
        if word == "bad" and not self.cured:
            raise ValueError("half-way")


def rows(reader, table="seen"):
    return {row[0]: (*row,)[1:] for row in reader.database.look().execute(f"SELECT * FROM {table}").fetchall()}


@pytest.fixture
def desk(tmp_path, databases):
    return Desk(tmp_path, databases=databases)


@pytest.fixture
def neighbour(tmp_path):
    return SqliteLog(tmp_path / "neighbour.db", NEIGHBOUR)


def say(log, stream, word):
    put(log, new(log.name, stream, len(log.stream(stream)) + 1, word))


def test_rows_and_cursor_are_there_together_after_any_start(desk):
    reader = desk.reader()
    desk.receive(5)
    reader.step()
    desk.receive(2)
    reader.close()
    again = desk.reader()
    assert again.positions() == {NAME: 1}
    dry(again.step)
    assert rows(again, "stock") == {"tent": (7, 0)}


def test_what_was_read_twice_is_counted_once(desk):
    desk.receive(5)
    first, second = desk.reader(), desk.reader()
    dry(first.step)
    assert rows(second, "stock") == {"tent": (5, 0)}
    assert not first.step()


def test_more_than_a_chunk_is_read_in_one_go_after_another(desk):
    for n in range(CHUNK + 200):
        desk.send(Receive(by=CLERK, now=NOW, item=f"i{n % 7}", quantity=1))
    dry(desk.writer.step)
    reader = desk.reader()
    assert [reader.step(), reader.step(), reader.step()] == [True, True, False]
    assert sum(row[0] for row in rows(reader, "stock").values()) == CHUNK + 200


def test_a_gap_and_a_fork_are_noticed_and_change_nothing(desk):
    reader = desk.reader()
    for _ in range(3):
        desk.receive(1)
    events = desk.events
    for broken, error in (([events[0], events[2]], LogGap), ([events[1]], LogGap), ([events[0], forged(events[1])], LogFork)):
        reader._feeds[NAME] = Fixed(broken)
        with pytest.raises(error):
            reader.step()
        assert reader.positions() == {NAME: 0}
        assert rows(reader, "stock") == {}


def test_a_restored_log_is_a_fork_for_who_has_read_further(desk, tmp_path):
    reader = desk.reader()
    for _ in range(3):
        desk.receive(1)
    dry(reader.step)
    restored = Desk(tmp_path / "restored")
    for quantity in (1, 1, 2, 2):
        restored.receive(quantity)
    reader._feeds[NAME] = restored.log
    with pytest.raises(LogFork):
        reader.step()


class Fixed:
    def __init__(self, events) -> None:
        self._events = events

    def read(self, after, limit=1000):
        return self._events


def forged(recorded):
    record = recorded.record.replace(b'"quantity":1', b'"quantity":9')
    copy = type(recorded)(recorded.position, recorded.stream, recorded.version, recorded.type, record, recorded.chain)
    assert copy.record != recorded.record
    return copy


def test_of_its_own_log_a_projection_stops_before_the_event_and_the_others_go_on(tmp_path, databases):
    desk = Desk(tmp_path, replace(DEPOT, projections=(Stock(), Seen())), databases=databases)
    reader = desk.reader()
    for item in ("good", "bad", "good"):
        desk.receive(1, item=item)
    dry(reader.step)
    assert rows(reader) == {"item-good": (1, "good")}
    assert rows(reader, "stock") == {"good": (2, 0), "bad": (1, 0)}
    ((projection, log, position, reason),) = stopped(reader.database.look())
    assert (projection, log, position) == ("Seen", NAME, 2) and "half-way" in reason
    assert reader.positions() == {NAME: 3}


def test_a_stopped_projection_is_still_stopped_after_a_start(tmp_path, databases):
    desk = Desk(tmp_path, replace(DEPOT, projections=(Seen(),)), databases=databases)
    desk.receive(1, item="bad")
    reader = desk.reader()
    dry(reader.step)
    reader.close()
    again = desk.reader()
    desk.receive(1, item="good")
    dry(again.step)
    assert rows(again) == {}
    assert len(stopped(again.database.look())) == 1


def test_an_event_too_new_stops_its_projection_and_is_never_skipped(desk):
    reader = desk.reader(replace(DEPOT, projections=(Seen(),)))
    later = new(NAME, "s-1", 1, "x")
    put(desk.log, New(later.stream, later.version, "testing.thing.happened.v2", later.seal))
    dry(reader.step)
    assert "TooNew" in stopped(reader.database.look())[0][3]


def test_of_a_neighbours_log_the_stream_is_parked_whole_and_other_streams_go_on(tmp_path, databases, neighbour):
    reader = Desk(tmp_path, replace(DEPOT, projections=(Seen(),)), databases=databases).reader(others=(neighbour,))
    for stream, word in (("a-1", "one"), ("a-1", "bad"), ("b-1", "one"), ("a-1", "two")):
        say(neighbour, stream, word)
    dry(reader.step)
    assert rows(reader) == {"a-1": (1, "one"), "b-1": (1, "one")}, "the half-applied event must not be there"
    assert [(p.position, p.stream) for p in reader.parking.listed()] == [(2, "a-1"), (4, "a-1")]
    assert reader.positions()[NEIGHBOUR] == 4
    assert stopped(reader.database.look()) == []


def test_several_bad_events_in_one_chunk_are_each_parked_with_their_reason(tmp_path, databases, neighbour):
    reader = Desk(tmp_path, replace(DEPOT, projections=(Seen(),)), databases=databases).reader(others=(neighbour,))
    for stream, word in (("a-1", "bad"), ("b-1", "one"), ("c-1", "bad"), ("b-1", "two")):
        say(neighbour, stream, word)
    dry(reader.step)
    assert rows(reader) == {"b-1": (2, "onetwo")}
    assert {p.stream: "half-way" in p.reason for p in reader.parking.listed()} == {"a-1": True, "c-1": True}


def test_a_parked_stream_is_replayed_in_order_and_then_lives_on(tmp_path, databases, neighbour):
    seen = Seen()
    reader = Desk(tmp_path, replace(DEPOT, projections=(seen,)), databases=databases).reader(others=(neighbour,))
    for word in ("one", "bad", "two"):
        say(neighbour, "a-1", word)
    dry(reader.step)
    seen.cured = True
    assert reader.replay("Seen", NEIGHBOUR, "a-1") == 2
    say(neighbour, "a-1", "three")
    dry(reader.step)
    assert rows(reader) == {"a-1": (4, "onebadtwothree")}
    assert reader.parking.listed() == []


def test_a_replay_that_fails_leaves_everything_parked_in_order(tmp_path, databases, neighbour):
    seen = Seen()
    reader = Desk(tmp_path, replace(DEPOT, projections=(seen,)), databases=databases).reader(others=(neighbour,))
    for word in ("bad", "two"):
        say(neighbour, "a-1", word)
    dry(reader.step)
    with pytest.raises(ValueError, match="half-way"):
        reader.replay("Seen", NEIGHBOUR, "a-1")
    say(neighbour, "a-1", "three")
    dry(reader.step)
    assert rows(reader) == {}
    assert [p.position for p in reader.parking.listed()] == [1, 2, 3]


def test_a_chunk_that_cannot_be_committed_leaves_neither_rows_nor_parked_events(tmp_path, databases, neighbour, monkeypatch):
    reader = Desk(tmp_path, replace(DEPOT, projections=(Seen(),)), databases=databases).reader(others=(neighbour,))
    for word in ("one", "bad"):
        say(neighbour, "a-1", word)
    with monkeypatch.context() as broken:
        broken.setattr(reader._rows, "flush", lambda: (_ for _ in ()).throw(StorageFailed("disk full")))
        with pytest.raises(StorageFailed):
            reader.step()
    assert (rows(reader), reader.parking.listed(), reader.positions()[NEIGHBOUR]) == ({}, [], 0)
    dry(reader.step)
    assert rows(reader) == {"a-1": (1, "one")}
    assert len(reader.parking.listed()) == 1


def test_a_fresh_read_model_is_the_same_however_the_log_was_cut_into_chunks(desk, monkeypatch):
    slow = desk.reader()
    for n in range(20):
        desk.receive(n + 1, item=f"i{n % 3}")
        slow.step()
    desk.do(Issue(by=CLERK, now=NOW, item="i1", quantity=2))
    dry(slow.step)
    fresh = desk.reader(name="fresh")
    dry(fresh.step)
    assert tables(slow.database, DEPOT) == tables(fresh.database, DEPOT)


def test_of_two_that_both_believe_it_is_their_turn_one_finds_that_the_other_was_there(desk, monkeypatch):
    first, second = desk.reader(), desk.reader()
    monkeypatch.setattr(type(first._turn), "held", lambda turn: True)
    dry(second.step)
    for reader, other in ((first, second), (second, first)):
        desk.receive(5)
        dry(reader.step)
        with pytest.raises(LogBusy):
            other.step()
        assert not other.step()
        assert other.positions() == reader.positions()
    assert rows(first, "stock") == {"tent": (10, 0)}


def test_a_parked_stream_may_be_replayed_by_a_process_that_does_not_count(tmp_path, databases, neighbour):
    seen = Seen()
    desk = Desk(tmp_path, replace(DEPOT, projections=(seen,)), databases=databases)
    counting, other = desk.reader(others=(neighbour,)), desk.reader(others=(neighbour,))
    for word in ("one", "bad"):
        say(neighbour, "a-1", word)
    dry(counting.step)
    seen.cured = True
    assert other.replay("Seen", NEIGHBOUR, "a-1") == 1
    say(neighbour, "a-1", "two")
    with pytest.raises(LogBusy):  # what it remembers is not what the database says any more
        counting.step()
    dry(counting.step)
    assert rows(counting) == {"a-1": (3, "onebadtwo")}


def test_a_database_that_fails_under_a_projection_is_not_the_events_fault(desk, monkeypatch):
    reader = desk.reader()
    desk.receive(5)

    def gone(*_):
        raise StorageFailed("the connection was lost")

    with monkeypatch.context() as broken:
        broken.setattr(reader._rows, "get", gone)
        with pytest.raises(StorageFailed):
            reader.step()
    dry(reader.step)
    assert (rows(reader, "stock"), stopped(reader.database.look())) == ({"tent": (5, 0)}, [])
