"""The suite of EventStore. An adapter's test file is a fixture; a store that honours nothing must fail every test here."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from threading import Barrier, Event
from typing import Protocol
from uuid import UUID

import pytest

from shared.eventlog.chain import Cursor
from shared.eventlog.ports import Handled
from shared.eventlog.verify import verify
from shared.kernel.envelope import genesis
from shared.testing.facts import AT, all_of, new, put, run_of, said
from shared.testing.writers import Open, attempt, is_one_order, write_batches, write_elsewhere, write_until_killed

RACES = 20  # a race is only caught by running it often
KILLED_AFTER = 30  # commits


class Vandal(Protocol):
    """Reaches behind the store, as somebody with access to its files would."""

    def change(self, position: int) -> None:
        """Change one byte of a stored record."""
        ...

    def cut(self, position: int) -> None:
        """Take away everything after a position."""
        ...

    def update(self) -> None:
        """Change an event the ordinary way. Must be refused by the store."""
        ...

    def delete(self) -> None:
        """Delete an event the ordinary way. Must be refused by the store."""
        ...


class StoreConformance:
    """EventStore: append under the pen. `open_log` opens one log again and again, as separate processes would (it is pickled)."""

    @pytest.fixture
    def open_log(self) -> Open:
        raise NotImplementedError("opens the same empty log again and again")

    @pytest.fixture
    def vandal(self, open_log: Open) -> Vandal:
        raise NotImplementedError("reaches behind the log that open_log opens")

    def test_what_was_appended_is_read_back(self, open_log: Open) -> None:
        log = open_log()
        sealed = put(log, new(log.name, "a-1", 1, "one"), new(log.name, "b-1", 1, "two"))
        found = all_of(open_log())
        assert [(r.position, r.stream, r.version, said(r)) for r in found] == [(1, "a-1", 1, "one"), (2, "b-1", 1, "two")]
        assert [r.cloud_event() for r in found] == [r.cloud_event() for r in sealed]

    def test_streams_are_read_by_version(self, open_log: Open) -> None:
        log = open_log()
        put(log, new(log.name, "a-1", 1), new(log.name, "b-1", 1), new(log.name, "a-1", 2), new(log.name, "a-1", 3))
        assert [r.version for r in log.stream("a-1", after=1)] == [2, 3]
        assert [(r.stream, r.version) for r in log.streams(["b-1", "a-1", "none"])] == [("a-1", 1), ("a-1", 2), ("a-1", 3), ("b-1", 1)]

    def test_the_head_is_known_after_opening_again(self, open_log: Open) -> None:
        log = open_log()
        sealed = put(log, *run_of(log.name, "a-1", 1, 3))
        head = open_log().head()
        assert (head.position, head.chain, head.time) == (3, sealed[-1].chain, AT)

    def test_the_chain_of_any_stored_position_can_be_asked_for(self, open_log: Open) -> None:
        log = open_log()
        sealed = put(log, *run_of(log.name, "a-1", 1, 3))
        asked = [open_log().chain_at(position) for position in range(5)]
        assert asked == [None, *(r.chain for r in sealed), None]

    @pytest.mark.parametrize("race", range(RACES))
    def test_two_writers_leave_one_order_without_gaps(self, open_log: Open, race: int) -> None:
        start = Barrier(2, timeout=20)

        def write(name: str) -> None:
            log = open_log()
            start.wait()
            write_batches(log, name, batches=10, size=3)
            log.close()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(write, "ab"))
        is_one_order(open_log(), events=60, size=3)

    def test_two_processes_leave_one_order_and_their_batches_never_interleave(self, open_log: Open) -> None:
        spawn = get_context("spawn")
        writers = [spawn.Process(target=write_elsewhere, args=(open_log, name)) for name in "ab"]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(60)
        assert [writer.exitcode for writer in writers] == [0, 0]
        is_one_order(open_log(), events=2 * 40 * 7, size=7)

    def test_who_reads_on_while_others_write_never_sees_a_gap(self, open_log: Open) -> None:
        def write(name: str) -> None:
            log = open_log()
            write_batches(log, name, batches=20, size=2)
            log.close()

        reader, found = open_log(), 0
        with ThreadPoolExecutor(2) as pool:
            cursor, writing = Cursor(0, genesis(reader.name)), [pool.submit(write, name) for name in "ab"]
            while not all(each.done() for each in writing) or cursor.position < reader.head().position:
                found += len(cursor.follow(reader.read(cursor.position, 7)))
            assert [each.exception() for each in writing] == [None, None]
        assert found == 2 * 20 * 2

    def test_who_waits_for_the_pen_sees_what_was_written_before(self, open_log: Open) -> None:
        held = Event()

        def second() -> int:
            held.wait(10)
            with open_log().pen() as pen:
                return pen.head.position

        log = open_log()
        with ThreadPoolExecutor(1) as pool:
            with log.pen() as pen:
                waiting = pool.submit(second)
                held.set()
                pen.append(run_of(log.name, "a-1", 1, 4), time=AT)
            assert waiting.result(20) == 4

    def test_nothing_is_seen_before_it_is_committed(self, open_log: Open) -> None:
        log, other = open_log(), open_log()
        with ThreadPoolExecutor(1) as elsewhere, log.pen() as pen:
            pen.append(run_of(log.name, "a-1", 1, 2), time=AT)
            assert pen.head.position == 2
            assert elsewhere.submit(lambda: (other.read(0), other.head().position)).result() == ([], 0)
        assert len(all_of(other)) == 2

    def test_several_streams_are_appended_all_or_nothing(self, open_log: Open) -> None:
        log = open_log()
        put(log, new(log.name, "c-1", 1, "first"))
        with pytest.raises(Exception):  # noqa: B017 - which one is the adapter's affair
            put(log, new(log.name, "a-1", 1), new(log.name, "b-1", 1), new(log.name, "c-1", 1, "taken"))
        assert [said(r) for r in all_of(open_log())] == ["first"]
        assert open_log().head().position == 1

    def test_a_taken_version_is_refused(self, open_log: Open) -> None:
        log = open_log()
        put(log, *run_of(log.name, "a-1", 1, 2))
        with pytest.raises(Exception):  # noqa: B017
            put(log, new(log.name, "a-1", 2))
        put(log, new(log.name, "a-1", 3))
        assert [r.version for r in log.stream("a-1")] == [1, 2, 3]

    def test_an_exception_under_the_pen_leaves_nothing_behind(self, open_log: Open) -> None:
        log, id = open_log(), UUID(int=1)
        put(log, new(log.name, "a-1", 1))
        with pytest.raises(ZeroDivisionError), log.pen() as pen:
            pen.append([new(log.name, "a-1", 2)], [Handled(id, b"f", "accepted", 2, b"{}")], [attempt("X")], AT)
            raise ZeroDivisionError
        assert len(all_of(open_log())) == open_log().head().position == 1
        assert open_log().attempts() == []
        with log.pen() as pen:
            assert pen.handled([id]) == {}

    def test_a_failed_append_cannot_be_committed_by_who_swallows_the_error(self, open_log: Open) -> None:
        log = open_log()
        put(log, new(log.name, "a-1", 1, "kept"))
        with suppress(Exception), log.pen() as pen:
            with suppress(Exception):
                pen.append([new(log.name, "b-1", 1, "half"), new(log.name, "a-1", 1, "taken")], time=AT)
            pen.append([], attempts=[attempt("X")], time=AT)
        assert [said(r) for r in all_of(open_log())] == ["kept"]
        assert verify(open_log()).fault is None

    def test_ten_thousand_events_go_in_one_commit(self, open_log: Open) -> None:
        log = open_log()
        put(log, *(new(log.name, f"s-{n % 100}", n // 100 + 1) for n in range(10_000)))
        assert verify(open_log()).position == 10_000
        assert [r.version for r in log.stream("s-7")] == list(range(1, 101))

    def test_what_was_committed_is_there_after_a_kill(self, open_log: Open) -> None:
        spawn = get_context("spawn")
        ours, theirs = spawn.Pipe()
        writer = spawn.Process(target=write_until_killed, args=(open_log, theirs))
        writer.start()
        theirs.close()
        committed = [ours.recv() for _ in range(KILLED_AFTER)]
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join(20)
        with suppress(EOFError):
            while True:
                committed.append(ours.recv())
        log = open_log()
        assert committed[-1] >= KILLED_AFTER * 2
        assert log.head().position >= committed[-1]
        assert verify(log).fault is None
        put(log, new(log.name, "after-1", 1))
        assert verify(open_log()).fault is None

    def test_a_changed_byte_breaks_the_chain_at_its_position(self, open_log: Open, vandal: Vandal) -> None:
        log = open_log()
        put(log, *run_of(log.name, "a-1", 1, 9))
        log.close()
        vandal.change(4)
        verdict = verify(open_log())
        assert verdict.position == 3
        assert verdict.fault is not None and verdict.fault.startswith("position 4")

    def test_a_cut_tail_is_noticed(self, open_log: Open, vandal: Vandal) -> None:
        log = open_log()
        put(log, *run_of(log.name, "a-1", 1, 9))
        log.close()
        vandal.cut(6)
        verdict = verify(open_log())
        assert verdict.position == 6
        assert verdict.fault is not None and verdict.fault.startswith("position 7")

    def test_a_stored_event_can_be_neither_changed_nor_deleted(self, open_log: Open, vandal: Vandal) -> None:
        log = open_log()
        put(log, *run_of(log.name, "a-1", 1, 3))
        log.close()
        for change in (vandal.update, vandal.delete):
            with pytest.raises(Exception, match="append-only"):
                change()
        assert verify(open_log()).position == 3

    def test_a_handled_command_is_found_again(self, open_log: Open) -> None:
        log = open_log()
        told = Handled(UUID(int=7), b"fingerprint", "accepted", 1, b'{"a":1}')
        with log.pen() as pen:
            pen.append([new(log.name, "a-1", 1)], [told], time=AT)
        with open_log().pen() as pen:
            assert pen.handled([UUID(int=7), UUID(int=8)]) == {told.id: told}

    def test_a_command_id_is_taken_once(self, open_log: Open) -> None:
        log = open_log()
        told = Handled(UUID(int=7), b"f", "accepted", 1, b"{}")
        for stream in ("a-1", "b-1"):
            with suppress(Exception), log.pen() as pen:
                pen.append([new(log.name, stream, 1)], [told], time=AT)
        assert [r.stream for r in all_of(open_log())] == ["a-1"]

    def test_a_thousand_command_ids_are_asked_for_at_once(self, open_log: Open) -> None:
        log = open_log()
        told = [Handled(UUID(int=n), b"f", "refused", 0, b"{}") for n in range(1_200)]
        with log.pen() as pen:
            pen.append([], told)
        with open_log().pen() as pen:
            assert pen.handled([each.id for each in told]) == {each.id: each for each in told}

    def test_refused_attempts_are_kept_newest_first(self, open_log: Open) -> None:
        log = open_log()
        with log.pen() as pen:
            pen.append([], attempts=[attempt("First"), attempt("Second")])
        assert open_log().attempts() == [attempt("Second"), attempt("First")]

    def test_a_cursor_is_kept_by_reader_and_log(self, open_log: Open) -> None:
        log = open_log()
        assert log.cursor("policies", "x") is None
        log.save_cursor("policies", "x", 3, b"c3")
        log.save_cursor("policies", "y", 9, b"c9")
        log.save_cursor("policies", "x", 4, b"c4")
        again = open_log()
        assert (again.cursor("policies", "x"), again.cursor("policies", "y"), again.cursor("other", "x")) == ((4, b"c4"), (9, b"c9"), None)

    def test_a_parked_stream_waits_in_order_until_it_is_released(self, open_log: Open) -> None:
        log = open_log()
        first, second = put(log, *run_of(log.name, "a-1", 1, 2))
        parking = log.parking()
        parking.park("policy", log.name, first, "no")
        parking.park("policy", log.name, second, "follows a parked event")
        again = open_log().parking()
        assert again.holds("policy", log.name, "a-1")
        assert [r.cloud_event() for r in again.waiting("policy", log.name, "a-1")] == [first.cloud_event(), second.cloud_event()]
        again.release("policy", log.name, "a-1")
        assert open_log().parking().listed() == []
