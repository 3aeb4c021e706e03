"""The PostgreSQL log under several processes: frozen, killed and cut off while they hold the pen, and a server that goes away."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from threading import Event, Thread
from uuid import UUID

import pytest

from shared.eventlog.chain import Cursor
from shared.eventlog.ports import Handled
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.verify import verify
from shared.kernel.envelope import genesis
from shared.sql.ports import LogBusy, StorageFailed
from shared.sql.sessions import Limits
from shared.testing.facts import AT, all_of, new, put, run_of, said
from tests.waiting import PATIENCE_S, until

NAME = "150000.alerts"
LIMITS = Limits(wait_ms=20_000, silent_ms=1_000)
SIZE = 3  # events to a batch
spawn = get_context("spawn")


@pytest.fixture
def open_log(pg):
    return partial(PostgresLog, pg, NAME, limits=LIMITS)


class Writer:
    """A process that writes batches, or holds the pen, as it is told."""

    def __init__(self, open_log, name) -> None:
        self.ours, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_write, args=(open_log, name, theirs), daemon=True)
        self.process.start()
        theirs.close()
        assert self.hear() == "writes"

    def tell(self, word):
        self.ours.send(word)

    def hear(self):
        assert self.ours.poll(PATIENCE_S), "it says nothing"
        return self.ours.recv()

    def send(self, sign):
        os.kill(self.process.pid, sign)

    def end(self):
        """What it was told was stored."""
        self.tell("end")
        while isinstance(answer := self.hear(), str):
            pass
        self.process.join(PATIENCE_S)
        return answer


def _write(open_log, name, told):
    """Writes batch after batch; its pipe says "hold" (take the pen, append, and wait under it) and "end"."""
    log, stored = open_log(), []
    told.send("writes")
    for n in range(1_000_000):
        word = told.recv() if told.poll() else ""
        if word == "end":
            return told.send(stored)
        batch = run_of(log.name, f"s-{name}", len(stored) * SIZE + 1, SIZE, f"{name}{n}")
        try:
            with log.pen() as pen:
                pen.append(batch, time=AT)
                if word == "hold":
                    told.send("holds")
                    told.recv()
        except (LogBusy, StorageFailed) as error:
            told.send(type(error).__name__)
        else:
            stored.append(f"{name}{n}")


@contextmanager
def writers(open_log, *names) -> Iterator[list[Writer]]:
    made = [Writer(open_log, name) for name in names]
    try:
        yield made
    finally:
        for writer in made:
            writer.process.kill()
            writer.process.join(PATIENCE_S)


@contextmanager
def polling(log):
    """A reader that counts the log all the while; what it read, once the block is left."""
    cursor, found, stop, faults = Cursor(0, genesis(NAME)), [], Event(), []

    def poll():
        try:
            while not stop.is_set():
                found.extend(cursor.follow(log.read(cursor.position, 100)))
        except Exception as fault:
            faults.append(fault)

    reader = Thread(target=poll)
    reader.start()
    try:
        yield found
    finally:
        stop.set()
        reader.join(PATIENCE_S)
    assert not faults, faults


def moved_on(log, by=30):
    """Wait until others have written so many events more."""
    goal = log.head().position + by
    until(lambda: log.head().position >= goal, lambda: f"the log stands at {log.head().position}")


def whole_batches(log):
    return [name for name, batch in groupby(all_of(log), key=said) if len(list(batch)) == SIZE]


def test_four_write_at_once_and_neither_who_is_frozen_nor_who_is_killed_with_the_pen_stops_the_others(open_log):
    log = open_log()
    with writers(open_log, "a", "b", "frozen", "killed") as (a, b, frozen, killed), polling(log) as read:
        moved_on(log)
        for writer, sign in ((frozen, signal.SIGSTOP), (killed, signal.SIGKILL)):
            writer.tell("hold")
            assert writer.hear() == "holds"
            writer.send(sign)
            moved_on(log)
        frozen.send(signal.SIGCONT)
        frozen.tell("go on")
        assert frozen.hear() == "StorageFailed", "it lost the pen, and is told so"
        moved_on(log)
        stored = [batch for writer in (a, b, frozen) for batch in writer.end()]
    batches = whole_batches(log)
    assert verify(log).fault is None
    assert len(batches) * SIZE == log.head().position, "no batch is half, and none has another's event in it"
    assert sorted(batch for batch in batches if not batch.startswith("killed")) == sorted(stored), "stored is what was answered"
    assert [r.position for r in read] == list(range(1, len(read) + 1)) and len(read) > 4 * 30


def test_who_is_frozen_while_it_is_answered_loses_the_pen_too(open_log):
    log, other = open_log(), open_log()
    with suppress(StorageFailed), log.pen() as pen:
        pen.append([new(NAME, "a-1", 1, "frozen")], time=AT)
        pen._db.pgconn.send_query(b"SELECT repeat('x', 1000) FROM generate_series(1, 100000)")  # and never reads the answer
        put(other, new(NAME, "a-1", 1, "other"))
    assert [said(r) for r in all_of(other)] == ["other"]


def test_who_thinks_too_long_under_the_pen_loses_it(open_log):
    log, other = open_log(), open_log()
    with pytest.raises(StorageFailed, match="held too long"), log.pen() as pen:
        put(other, new(NAME, "a-1", 1, "other"))
        pen.append([new(NAME, "b-1", 1, "late")], time=AT)
    put(log, new(NAME, "a-1", 2, "again"))
    assert [said(r) for r in all_of(other)] == ["other", "again"]


def _deliver(open_log, first, told):
    """Commands one after the other, each repeated under its id until it is known to be stored; as the writer does it."""
    log = open_log()
    for n in range(first, 1_000_000):
        told.send(n)
        while not _handled(log, UUID(int=n + 1)):
            time.sleep(0.05)


def _handled(log, id):
    with suppress(LogBusy, StorageFailed), log.pen() as pen:
        if id not in pen.handled([id]):
            told = [Handled(id, b"f", "accepted", pen.head.position + 1, b"{}")]
            pen.append([new(NAME, f"c-{id.int}", 1)], told, time=AT)
        return True
    return False


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_goes_away_and_comes_back_loses_nothing_and_doubles_nothing(own_postgres, how):
    dsn = own_postgres.fresh_database()
    open_log = partial(PostgresLog, dsn, NAME)
    open_log().close()
    pipes = [spawn.Pipe() for _ in range(2)]
    deliverers = [spawn.Process(target=_deliver, args=(open_log, n * 100_000, pipes[n][1]), daemon=True) for n in range(2)]
    for deliverer in deliverers:
        deliverer.start()
    for _ in range(3):
        for ours, _ in pipes:
            _hear_more(ours)
        getattr(own_postgres, how)()
        own_postgres.start()
        answered = [_hear_more(ours) for ours, _ in pipes]
    for deliverer in deliverers:
        deliverer.kill()
        deliverer.join(PATIENCE_S)
    log = open_log()
    streams = {r.stream for r in all_of(log)}
    asked = [n for last, first in zip(answered, (0, 100_000), strict=True) for n in range(first, last)]
    assert verify(log).fault is None
    assert len(streams) == log.head().position, "a command had two effects"
    assert {f"c-{n + 1}" for n in asked} <= streams, "an answered command is gone"


def _hear_more(pipe, more=20):
    """The last of so many commands begun from now on; those before it were answered."""
    last = 0
    while pipe.poll():
        pipe.recv()
    for _ in range(more):
        assert pipe.poll(PATIENCE_S), "nobody writes"
        last = pipe.recv()
    return last
