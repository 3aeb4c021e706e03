"""One simulated history: three clients, a clock, the engines in any order, and a process that keeps dying. All from one seed."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Protocol
from uuid import UUID

from shared.handling.declare import Service
from shared.handling.pending import Answer, Pending, Result, fingerprint
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Rules
from shared.kernel.envelope import Recorded
from shared.kernel.errors import DomainError
from shared.runtime.simulated import POINTS, Crash, Simulated
from shared.sql.ports import Database
from shared.sql.sqlite import File
from shared.testing.invariants import Ask, Broken, check, received, remembered

COMMANDS, CRASHES, CLIENTS = 40, 5, 3  # a history has at least so many
ENGINES = ("writer", "reader", "policies", "timers", "relay", "importer")
ACTIONS = {"ask": 6, "again": 2, "writer": 4, "reader": 3, "policies": 4, "timers": 2, "relay": 2, "importer": 2, "clock": 1}
AT_ONCE = 3  # unanswered commands of one client
OPENING = 40  # commits of a start, about
PATIENCE = 30  # actions before a point that was not reached is given up for another
START = datetime(2026, 3, 1, tzinfo=UTC)
SHM = Path("/dev/shm")


class Workload(Protocol):
    """A service, what its clients ask, and what must be true of it in the end."""

    service: Service
    log_name: str

    def rules_for(self, division: str | None, at: datetime, pack: str | None, /) -> Rules: ...
    def may(self, command: str, by: Signature, areas: tuple[str, ...] | None, /) -> None: ...
    def command(self, random: Random, now: datetime) -> tuple[Command, Mapping[str, bytes]]:
        """The next command of some client, with its blobs."""
        ...

    def check(self, events: Sequence[Recorded], read: Database, asks: Sequence[Ask]) -> None:
        """The service's own invariants. Raises Broken."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a history came to."""

    commands: int
    events: int
    died: Counter[tuple[str, str]]


def run(seed: int, workload: Workload, host: type[Simulated] = Simulated, trace: Callable[[str], None] | None = None) -> Outcome:
    """Play the history of a seed and check it. Raises Broken, or whatever an engine raised. `trace` is told every action."""
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None, prefix="ortoo-") as folder:
        history = History(seed, workload, host, Path(folder), trace or (lambda _: None))
        try:
            return history.play()
        finally:
            history.host.close()


class History:
    """Chooses what happens next, by the seed alone."""

    def __init__(self, seed: int, workload: Workload, host: type[Simulated], folder: Path, trace: Callable[[str], None]) -> None:
        self.random = Random(seed)
        self.workload, self._trace = workload, trace
        rules_for, may = workload.rules_for, workload.may
        self.host = host(workload.service, folder, workload.log_name, rules_for=rules_for, may=may, start=START, chance=self.random)
        self.asks: list[Ask] = []
        self._actions = 0
        self._until = 0  # the armed point is given up then

    def play(self) -> Outcome:
        self.host.points.arm(self.random.choice(POINTS), self.random.randrange(OPENING))  # half-way through the very first start, perhaps
        self._mortal(self.host.open)
        while len(self.asks) < COMMANDS or self.host.points.died.total() < CRASHES:
            self._arm()
            self._mortal(self._act)
        self.host.points.disarm()
        self._drain()
        host = self.host
        events = check(host.log, host.service, self.asks, host.read, File(host.folder / "fresh.db"))
        received(host.inbox, events)
        self._blobs_came_first()
        self.workload.check(events, host.read, self.asks)
        return Outcome(len(self.asks), len(events), host.points.died)

    def _arm(self) -> None:
        points = self.host.points
        if points.armed and self._actions < self._until:
            return
        point = self.random.choice(POINTS)
        passes = self.random.randrange(OPENING if point[0] == "start" else 3)
        points.arm(point, passes)
        self._until = self._actions + PATIENCE
        if point[0] == "start":  # only a start passes these: end the process between two steps
            self._mortal(self._die)

    def _die(self) -> None:
        raise Crash("between two steps")

    def _mortal(self, act: Callable[[], object]) -> None:
        """Do something that may end the process; if so, start it again, however often that takes, and let the clients ask again."""
        died = self._dies(act)
        if not died:
            return
        while died:
            self.host.now += timedelta(milliseconds=self.random.randrange(-500, 2_000))  # a machine's clock may be set back
            died = self._dies(self.host.restart)
        self._blobs_came_first()
        for ask in self.asks:
            if ask.tries or ask.answered_at is None:
                ask.tries = 0
                self._send(ask)

    def _dies(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except Crash as crash:
            self._trace(f"died: {crash}")
            return True
        return False

    def _blobs_came_first(self) -> None:
        stored = remembered(File(self.host.log.path))
        for ask in self.asks:
            if ask.blobs and stored.get(str(ask.id)) and any(self.host.blobs.get(digest) is None for digest in ask.blobs):
                raise Broken(f"{ask.id} is stored, its blob is not")

    def _act(self) -> None:
        self._actions += 1
        (action,) = self.random.choices(tuple(ACTIONS), tuple(ACTIONS.values()))
        self._trace(f"{self._actions} {self.host.now:%H:%M:%S.%f} {action}")
        if action == "ask":
            self._ask()
        elif action == "again" and self.asks:
            self._send(self.random.choice(self.asks[-10:]))
        elif action == "clock":
            self.host.now += timedelta(seconds=self.random.randrange(1, 600))
        elif action in ENGINES:
            self.host.step(action)

    def _ask(self) -> None:
        client = self.random.randrange(CLIENTS)
        if sum(ask.answered_at is None for ask in self.asks if ask.client == client) >= AT_ONCE:
            return
        command, blobs = self.workload.command(self.random, self.host.now)
        ask = Ask(UUID(int=self.random.getrandbits(128)), client, command, self._actions, blobs)
        self.asks.append(ask)
        self._send(ask)

    def _send(self, ask: Ask) -> None:
        self._trace(f"    {ask.id} client {ask.client}: {ask.command}")

        def answered(result: Result) -> None:
            ask.tries -= 1
            if isinstance(result, Answer):
                ask.answers.append(result)
                ask.accepted_at = ask.accepted_at or self._actions
            elif isinstance(result, DomainError):
                ask.refusals.append(result)
            else:
                raise Broken(f"{ask.command}: {result!r}") from result
            if ask.answered_at is None:
                ask.answered_at = self._actions

        said = fingerprint(type(ask.command).__name__, repr(ask.command).encode())
        ask.tries += self.host.submit(Pending(ask.id, ask.command, said, answered, blobs=ask.blobs))

    def _drain(self) -> None:
        """No more crashes: retry, run dry, and let every deadline pass."""
        for _ in range(2_000):
            for ask in self.asks:
                if ask.answered_at is None:
                    self._send(ask)
            moved = [self.host.step(engine) for engine in ENGINES]
            if any(moved) or not self.host.quiet():
                continue
            due = self._last_deadline()
            if due is None or due < self.host.now:
                return
            self.host.now = due + timedelta(seconds=1)
        raise Broken("the engines did not run dry")

    def _last_deadline(self) -> datetime | None:
        if self.host.service.due is None:
            return None
        last = self.host.models.look().execute("SELECT max(due_at) FROM due").fetchone()[0]
        return None if last is None else datetime.fromisoformat(last)
