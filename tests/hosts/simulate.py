"""Simulated histories for so many seconds: `python -m tests.hosts.simulate --seconds 60`, one again: `--seed N --service depot`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from shared.runtime.simulated import POINTS
from shared.testing.history import Workload, run
from tests.hosts.alert_work import AlertsWork
from tests.hosts.depot_work import DepotWork
from tests.hosts.incident_work import IncidentsWork
from tests.hosts.resources_work import ResourcesWork

WORK: dict[str, Callable[[], Workload]] = {"alerts": AlertsWork, "incidents": IncidentsWork, "depot": DepotWork, "resources": ResourcesWork}


@dataclass(slots=True)
class Tally:
    """What a run of histories came to."""

    seconds: float = 0.0
    histories: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    events: int = 0
    died: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.histories += other.histories
        self.commands += other.commands
        self.events += other.events
        self.died += other.died
        self.failures += other.failures

    def __str__(self) -> str:
        total = self.histories.total()
        each = ", ".join(f"{n} of {name}" for name, n in sorted(self.histories.items()))
        lines = [
            f"{total} histories ({each}) in {self.seconds:.0f} s: {total / self.seconds * 60:.0f} a minute",
            f"{self.commands} commands, {self.events} events, {self.died.total()} crashes by engine and point:",
            *(f"  {engine:<9} {what:<14} {self.died[engine, what]:>7}" for engine, what in POINTS),
            *self.failures,
        ]
        return "\n".join(lines)


def simulate(seconds: float, jobs: int, services: tuple[str, ...], first: int, least: int = 0) -> Tally:
    """Run as many histories as fit, and at least so many; a failure ends its worker and names its seed."""
    whole, start = Tally(), time.monotonic()
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for part in [pool.submit(_worker, first + job, jobs, seconds, services, least / jobs) for job in range(jobs)]:
            whole.add(part.result())
    whole.seconds = time.monotonic() - start
    return whole


def _worker(first: int, stride: int, seconds: float, services: tuple[str, ...], least: float) -> Tally:
    tally, seed, ends = Tally(), first, time.monotonic() + seconds
    while time.monotonic() < ends or tally.histories.total() < least:
        service = services[seed // stride % len(services)]
        try:
            outcome = run(seed, WORK[service]())
        except Exception:  # told with its seed; the worker ends
            tally.failures.append(f"FAILED: python -m tests.hosts.simulate --service {service} --seed {seed}\n{traceback.format_exc()}")
            break
        tally.histories[service] += 1
        tally.commands += outcome.commands
        tally.events += outcome.events
        tally.died += outcome.died
        seed += stride
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--service", choices=sorted(WORK), action="append")
    parser.add_argument("--seed", type=int, help="play this one history, telling every action")
    given = parser.parse_args()
    services = tuple(given.service or sorted(WORK))
    if given.seed is not None:
        print(run(given.seed, WORK[services[0]](), trace=print))
        return 0
    tally = simulate(given.seconds, given.jobs, services, secrets.randbits(40))
    print(tally)
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
