"""Who writes in the suite of EventStore: here, in other processes, and until killed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby, pairwise
from multiprocessing.connection import Connection

from shared.eventlog.ports import Attempt, EventStore
from shared.eventlog.verify import verify
from shared.testing.facts import AT, all_of, run_of, said

Open = Callable[[], EventStore]
"""Opens one log again and again, as separate processes would."""


def attempt(command: str) -> Attempt:
    return Attempt(AT, command, "EMD-1", "150722", "not_allowed", "matrix.3.27", None)


def write_batches(log: EventStore, name: str, batches: int, size: int) -> None:
    for n in range(batches):
        with log.pen() as pen:
            pen.append(run_of(log.name, f"s-{name}", n * size + 1, size, f"{name}{n}"), time=AT)


def write_elsewhere(open_log: Open, name: str) -> None:
    write_batches(open_log(), name, batches=40, size=7)


def write_until_killed(open_log: Open, told: Connection) -> None:
    """Tells the position after each commit."""
    log, n = open_log(), 0
    while True:
        with log.pen() as pen:
            pen.append(run_of(log.name, "a-1", n + 1, 2), time=AT)
            n = pen.head.position
        told.send(n)


def is_one_order(log: EventStore, events: int, size: int) -> None:
    """What the writers `a` and `b` left: no gap, whole batches, each in its own order."""
    found = all_of(log)
    assert [r.position for r in found] == list(range(1, events + 1))
    assert verify(log).fault is None
    assert all(len(list(batch)) == size for _, batch in groupby(found, key=said))
    for name in "ab":
        assert all(b.version == a.version + 1 for a, b in pairwise(r for r in found if r.stream == f"s-{name}"))
