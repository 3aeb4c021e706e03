"""Two processes that both want to count build the same rows once, whatever becomes of the one whose turn it is."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from shared.handling.reader import positions
from shared.sql.ports import NotReadable
from shared.sql.postgres import Schema
from shared.testing.invariants import tables
from tests.architecture.house import ROOT
from tests.handling.counting import FROZEN
from tests.handling.desk import NAME, NOW, dry
from tests.hosts.depot import CLERK, DEPOT, Receive
from tests.waiting import until


class Counting:
    """A process that wants to count."""

    def __init__(self, folder, *how) -> None:
        self._said = folder / f"said-{time.monotonic_ns()}"
        with self._said.open("w") as out:
            command = [sys.executable, "-m", "tests.handling.counting", *map(str, how)]
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=out)

    @property
    def said(self) -> list[str]:
        return self._said.read_text().splitlines()

    def signal(self, which) -> None:
        self.process.send_signal(which)

    def stopped(self) -> bool:
        with open(f"/proc/{self.process.pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "T"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def comes(true, *processes) -> None:
    """Wait for what must come, as long as everybody lives."""
    until(lambda: true() or any(one.process.poll() is not None for one in processes), lambda: [one.said for one in processes])
    assert all(one.process.poll() is None for one in processes), [one.said for one in processes]


@pytest.fixture
def start(desk, pg):
    begun = []

    def start(*how):
        begun.append(Counting(desk.folder, desk.folder / "log.db", pg, "read", *how))
        return begun[-1]

    yield start
    for one in begun:
        one.end()


@pytest.fixture
def models(pg):
    return Schema(pg, "read")


@pytest.fixture
def counted(desk, models):
    """Wait until all is counted, and check that the rows are what the log says."""

    def at() -> int:
        with suppress(NotReadable):
            return positions(models.look()).get(NAME, 0)
        return 0

    def counted(*processes):
        comes(lambda: at() == desk.log.head().position, *processes)
        fresh = desk.reader(name=f"fresh-{at()}")
        dry(fresh.step)
        assert tables(models, DEPOT) == tables(fresh.database, DEPOT)

    return counted


def receive(desk, number, item="tent"):
    for n in range(number):
        desk.send(Receive(by=CLERK, now=NOW, item=item if item == FROZEN else f"{item}-{n % 7}", quantity=n + 1))
    dry(desk.writer.step)


def test_when_the_one_that_counts_is_killed_another_goes_on(desk, start, counted):
    receive(desk, 300)
    first = start()
    comes(lambda: first.said == ["counts"], first)
    second = start()
    comes(lambda: second.said == ["waits"], second)
    receive(desk, 50)
    counted(first, second)
    assert (first.said, second.said) == (["counts"], ["waits"])
    first.end()
    receive(desk, 50)
    counted(second)
    assert second.said == ["waits", "counts"]


def test_who_was_frozen_between_two_chunks_finds_that_another_counts_and_may_go_on_later(desk, start, counted):
    receive(desk, 300)
    first = start()
    comes(lambda: first.said == ["counts"], first)
    counted(first)
    second = start()
    comes(lambda: second.said == ["waits"], second)
    first.signal(signal.SIGSTOP)
    receive(desk, 50)
    counted(first, second)
    receive(desk, 50)
    first.signal(signal.SIGCONT)
    comes(lambda: first.said[-1] == "waits", first, second)
    counted(first, second)
    assert second.said == ["waits", "counts"]
    second.end()
    receive(desk, 50)
    counted(first)
    assert first.said[-1] == "counts"


def test_who_was_frozen_in_the_middle_of_a_chunk_writes_nothing_of_it(desk, start, counted):
    first = start("freezing")
    comes(lambda: first.said == ["counts"], first)
    second = start()
    comes(lambda: second.said == ["waits"], second)
    receive(desk, 1, FROZEN)
    comes(first.stopped, first, second)
    receive(desk, 50)
    counted(first, second)
    first.signal(signal.SIGCONT)
    comes(lambda: first.said[-1] == "waits", first, second)
    assert first.said[1].startswith("held up")
    receive(desk, 50)
    counted(first, second)
    assert second.said == ["waits", "counts"]
