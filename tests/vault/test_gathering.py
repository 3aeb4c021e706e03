"""Commits shared by threads: everybody is told of the own item, and only of that."""

from __future__ import annotations

import threading

import pytest

from shared.sql.ports import StorageFailed
from shared.vault.gathering import Gathering, _Waiting


def test_what_waits_is_stored_together():
    batches, gate = [], threading.Event()

    def store(items):
        batches.append(list(items))
        gate.wait(10)

    gathering = Gathering(store)
    first = threading.Thread(target=gathering.put, args=(0,))
    first.start()
    while not batches:
        pass
    others = [threading.Thread(target=gathering.put, args=(n,)) for n in range(1, 6)]
    for thread in others:
        thread.start()
    while len(gathering._queue) < 5:
        pass
    gate.set()
    for thread in (first, *others):
        thread.join()
    assert batches[0] == [0] and len(batches) == 2 and sorted(batches[1]) == [1, 2, 3, 4, 5]


def test_one_that_fails_fails_nobody_elses():
    stored = []

    def store(items):
        if 3 in items:
            raise ValueError("three")
        stored.extend(items)

    gathering = Gathering(store)
    for n in range(5):
        gathering._queue.append(_Waiting(n))
    with pytest.raises(ValueError, match="three"):
        gathering.put(3)
    assert stored == [0, 1, 2, 4]


def test_when_the_process_ends_nobody_is_told_that_it_is_stored():
    def store(items):
        raise KeyboardInterrupt

    gathering = Gathering(store)
    waiting = _Waiting(1)
    gathering._queue.append(waiting)
    with pytest.raises(KeyboardInterrupt):
        gathering.put(2)
    assert waiting.done and isinstance(waiting.failed, StorageFailed)
