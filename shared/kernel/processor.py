"""The threads of a process on one processor: the interpreter runs one of them at a time, and handing its lock from one processor to
another at every wait of a few microseconds costs more than the second processor gives (ADR 30)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

EVERY_S = 1.0
MUCH = 0.25  # of a processor: so much more must others take of ours than of another before we move
TASKS, USED = Path("/proc/self/task"), Path("/proc/stat")
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100

_allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
_apart = set[int]()  # threads that stay free
_together = threading.Event()


def together() -> None:
    """From now on all threads of this process share a processor, but those apart; they move together when others need it. Does nothing
    where there is one processor, or where the system cannot say."""
    if len(_allowed) > 1 and TASKS.exists() and _busy().keys() >= _allowed:  # a container may be shown others' numbers
        _together.set()
        threading.Thread(target=_watch, name="processor", daemon=True).start()


@contextmanager
def apart() -> Iterator[None]:
    """Around work outside the interpreter, or a program that is started: this thread, and that program, may run anywhere."""
    me = threading.get_native_id()
    already = me in _apart
    _apart.add(me)
    try:
        _free()
        yield
    finally:
        if not already:
            _apart.discard(me)  # the next look takes it back


def stay_apart() -> None:
    """The same for a thread of a pool, for good."""
    _apart.add(threading.get_native_id())
    _free()


def _free() -> None:
    if _together.is_set():
        with suppress(OSError):  # its group of processors was changed from outside: it stays where it is
            os.sched_setaffinity(0, _allowed)


def choose(mine: int, others: Mapping[int, float]) -> int:
    """The processor to run on, given which part of each is taken by others."""
    best = min(others, key=lambda cpu: (others[cpu], cpu != mine))
    return best if others[mine] - others[best] > MUCH else mine


def _watch() -> None:
    chance = Random()
    mine = chance.choice(sorted(_allowed))
    before, own, at = _busy(), time.process_time(), time.monotonic()
    while True:
        _gather(mine)
        time.sleep(EVERY_S)
        now, used, when = _busy(), time.process_time(), time.monotonic()
        taken = {cpu: (now[cpu] - before[cpu]) / (when - at) for cpu in _allowed & now.keys() & before.keys()}
        taken[mine] = max(0.0, taken.get(mine, 0.0) - (used - own) / (when - at))
        if chance.random() < 0.5:  # two processes on one processor do not both leave it
            mine = choose(mine, taken)
        before, own, at = now, used, when


def _gather(cpu: int) -> None:
    for task in TASKS.iterdir():
        thread = int(task.name)
        with suppress(OSError):  # it ended meanwhile, or its group of processors was changed from outside
            if thread not in _apart:
                os.sched_setaffinity(thread, {cpu})
            if thread in _apart:  # since this moment
                os.sched_setaffinity(thread, _allowed)


def _busy() -> dict[int, float]:
    """Seconds each processor was used, by whomever, a host's other guests among them."""
    found = {}
    for line in USED.read_text().splitlines():
        name, *figures = line.split()
        if name.startswith("cpu") and name != "cpu":
            user, nice, system, _idle, _waiting, *rest = map(int, figures)
            found[int(name[3:])] = (user + nice + system + sum(rest[:3])) / TICKS
    return found
