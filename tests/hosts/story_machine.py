"""A node on the simulated host behind its own edge: engines of one thread that die while they answer and start again from their files.

Left out: the outbox. It carries letters by mail and webhook, and the story's recipients are asked in the app.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from services.alerts.channels.contacts import Contacts
from services.alerts.channels.desk import Desk
from services.alerts.channels.keys import ChannelKeys
from services.alerts.observations.monitor import Monitor, StationWatch
from services.alerts.observations.store import ObservationStore
from services.registry.provinces import province
from services.wiring import LIMITS, SERVICES, STORY_BEGINS, VERSION, Alerts, directory_of, load_divisions, routers
from shared.handling.declare import Service
from shared.handling.pending import Answer, Pending, Result
from shared.kernel.envelope import Recorded
from shared.kernel.errors import DomainError
from shared.runtime.app import build
from shared.runtime.clock import StoryClock
from shared.runtime.process import Process
from shared.runtime.simulated import POINTS, Crash, CrashPoints, Simulated
from shared.runtime.simulated_topic import SimulatedTopic
from shared.sql.ports import Connection
from shared.sql.sqlite import File, Files
from shared.testing.invariants import Ask, Broken, check, received, remembered
from shared.web import events
from shared.web.principals import Principals
from shared.web.stream import Hub

ROUNDS = 2_000  # of all engines, until nothing moves
OPENING = 80  # commits of a start, about
PATIENCE = 12  # requests before a point that was not reached is given up for another
HANGS_UP = 0.02  # how often a client goes away before a step


class HungUp(Exception):
    """The client does not wait for the answer; it asks again."""


class Log:
    """The log of a service, whichever process has it open."""

    def __init__(self, stood: Stood) -> None:
        self._stood, self.name = stood, stood.log_name

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self._stood.log.read(after, limit)


class Readings(ObservationStore):
    """The process can die before and after what is kept of readings. The database lives on, as a database server would."""

    points: CrashPoints

    def add(self, *told: Any) -> Any:
        with self.points.around("readings"):
            return super().add(*told)

    def save_cursor(self, *told: Any) -> None:
        with self.points.around("cursor"):
            super().save_cursor(*told)


class Stood(Simulated):
    """One service of the machine. It dies with the others, its clock is the story's, and more engines may be beside."""

    def __init__(self, machine: Machine, service: Service, points: CrashPoints) -> None:
        rules_for, may = machine.directory.rules_for, machine.directory.may
        super().__init__(
            service,
            machine.folder / service.name,
            machine.log(service.name),
            rules_for=rules_for,
            may=may,
            start=machine.now(),
            chance=machine.random,
        )
        self.machine, self.points = machine, points
        self.topic = SimulatedTopic(self.log_name, points.around, machine.random)

    def open(self) -> None:
        super().open()
        self._steps |= self.machine.beside(self)

    @property
    def engines(self) -> Sequence[str]:
        return tuple(self._steps)

    def step(self, engine: str) -> bool:
        self.points.engine = engine
        try:
            return self._steps[engine]()
        finally:
            self.points.engine = "edge"

    def _deliver(self, results: list[tuple[Pending, Result]]) -> None:
        self.machine.guarded_directory()  # divisions and rules are known before a change of them is answered
        super()._deliver(results)


class Machine(Process):
    """What the edge asks. `asked` answers one request, however often the process dies on the way."""

    def __init__(self, seed: int, folder: Path) -> None:
        own = province("150000")
        self.random, self.folder = Random(seed), folder
        self._seen = self._tries = self._until = 0
        self.story_clock = clock = StoryClock(STORY_BEGINS.astimezone(own.zone))
        directory = directory_of(own, clock)
        super().__init__(own.root, SERVICES, directory, clock, Principals(folder / "keys" / "node.pem", level_of=directory.level))
        self.points, self.hung_up = CrashPoints(), 0
        self.readings = Readings(File(folder / "observations.db"))
        self.readings.points = self.points
        self.stood = {service.name: Stood(self, service, self.points) for service in SERVICES}
        self.running: Mapping[str, Any] = self.stood  # what is asked of it here are its log and its writer
        self.asks: dict[str, dict[UUID, Ask]] = {name: {} for name in self.stood}
        for stood in self.stood.values():
            stood.open()
        self.blobs = self.stood["alerts"].blobs
        directory.bind(Log(self.stood["registry"]))
        self._first_start(own)
        desk = Desk.open(Contacts(Files(folder).at("contacts")), ChannelKeys(folder / "keys"), own.zone, None, None, self.now, sends=False)
        parts = Alerts(self.readings, desk)
        self.app = build(self, VERSION, here=lambda host: routers(host, directory, parts), beside=(events.routes(),), limits=LIMITS)

    def _first_start(self, own: Any) -> None:
        load_divisions(self, own)  # before it answers anybody: nobody asked for it
        for id, answer in remembered(File(self.stood["registry"].log.path)).items():
            assert answer is not None
            self.asks["registry"][UUID(id)] = Ask(UUID(id), 0, None, 0, answers=[answer], answered_at=0, accepted_at=0)

    def beside(self, stood: Stood) -> dict[str, Callable[[], bool]]:
        """The engines of a service that are no part of every service."""
        if stood.service.name != "alerts":
            return {}
        rules_for = self.directory.rules_for
        monitor = Monitor(self.readings, rules_for, self._of_monitor, self.now)
        return {"monitor": monitor.step, "watch": StationWatch(self.readings, stood.log).step}

    def _of_monitor(self, pending: Pending) -> None:
        with self.points.around("submit"):
            self._submit("alerts", pending, client=1)

    def submit(self, service: str, pending: Pending) -> None:
        self._submit(service, pending, client=0)

    def _submit(self, service: str, pending: Pending, client: int) -> None:
        self._seen += 1
        ask = self.asks[service].setdefault(pending.id, Ask(pending.id, client, pending.command, self._seen))
        tell = pending.done

        def answered(result: Result) -> None:
            self._seen += 1
            if isinstance(result, Answer):
                ask.answers.append(result)
                ask.accepted_at = ask.accepted_at or self._seen
            elif isinstance(result, DomainError):
                ask.refusals.append(result)
            else:
                raise Broken(f"{ask.command}: {result!r}") from result
            ask.answered_at = ask.answered_at or self._seen
            tell(result)

        pending.done = answered
        self.stood[service].writer.submit(pending)

    def read(self, service: str) -> Connection:
        return self.stood[service].models.look()

    def positions(self) -> Mapping[str, int]:
        return {log: at for stood in self.stood.values() for log, at in stood.models.positions().items()}

    def heads(self) -> Mapping[str, int]:
        return {stood.log_name: stood.log.head().position for stood in self.stood.values()}

    def attach(self, loop: asyncio.AbstractEventLoop) -> Hub:
        heads = {stood.service.letter: stood for stood in self.stood.values()}
        feeds = {letter: Log(stood) for letter, stood in heads.items()}
        self.hub = Hub(feeds, lambda: {letter: stood.log.head().position for letter, stood in heads.items()}, self.directory.within)
        return self.hub

    async def move_clock(self, to: datetime) -> None:
        assert to == self.now(), "the clock was moved before the request went in"

    def nudge(self, service: str) -> None:
        """Every engine is asked in every round."""

    def start(self) -> None:
        """No threads."""

    stop = start

    def faults(self) -> dict[str, str]:
        return {}

    def logs(self) -> list[dict[str, Any]]:
        return []

    def until(self, at: datetime) -> None:
        """The clock stands at this time, and everything due by then was done."""
        self.story_clock.move(at)
        for stood in self.stood.values():
            stood.now = self.now()
        self.mortal(self._settle)

    def drain(self) -> None:
        """Every deadline passes, also those after the story."""
        self.until(self.now())
        while (due := self._last_deadline()) is not None and due >= self.now():
            self.until(due + timedelta(seconds=1))

    def check(self) -> None:
        """What holds after every history. Raises Broken."""
        self.points.disarm()
        for name, stood in self.stood.items():
            told = check(stood.log, stood.service, [*self.asks[name].values()], stood.read, File(stood.folder / "fresh.db"))
            received(stood.inbox, told)
            for recorded in told:
                digest = getattr(recorded.event, "digest", "") or getattr(getattr(recorded.event, "message", None), "digest", "")
                if recorded.type.split(".")[0] == "alerts" and digest and stood.blobs.get(digest) is None:
                    raise Broken(f"{recorded.id} is stored, its blob is not")

    def close(self) -> None:
        for stood in self.stood.values():
            stood.close()

    @property
    def busy(self) -> bool:
        return any(stood.writer.waiting for stood in self.stood.values())

    def step(self) -> None:
        """One step of any engine. May die; and the client may have gone away."""
        if self.random.random() < HANGS_UP:
            raise HungUp
        stood = self.random.choice([*self.stood.values()])
        stood.step(self.random.choice(stood.engines))

    def mortal(self, act: Callable[[], Any], among: Sequence[tuple[str, str]] = POINTS) -> Any:
        """Do it until it is done: who gets no answer asks again, of what is left of a machine that died."""
        while True:
            try:
                self._tries += 1
                if not self.points.armed or self._tries > self._until or among is not POINTS:
                    self._arm(among)
                return act()
            except HungUp:
                self.hung_up += 1
            except Crash:
                among = POINTS
                while self._dies(self._restart):
                    pass

    def _arm(self, among: Sequence[tuple[str, str]]) -> None:
        point = self.random.choice(among)
        self.points.arm(point, self.random.randrange(OPENING if point[0] == "start" else 3 if among is POINTS else 1))
        self._until = self._tries + PATIENCE
        if point[0] == "start":  # only a start passes these
            raise Crash("between two steps")

    def _restart(self) -> None:
        for stood in self.stood.values():
            stood.restart()
        self.blobs = self.stood["alerts"].blobs
        while any([stood.step("reader") for stood in self.stood.values()]):
            pass  # a read waits until it is shown what was decided before: nobody else runs meanwhile
        self.points.engine = "edge"

    def _dies(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except Crash:
            return True
        return False

    def _settle(self) -> None:
        every = [(stood, engine) for stood in self.stood.values() for engine in stood.engines]
        for _ in range(ROUNDS):
            self.random.shuffle(every)
            if not any([stood.step(engine) for stood, engine in every]) and all(stood.quiet() for stood in self.stood.values()):
                return
        raise Broken("the engines did not run dry")

    def _last_deadline(self) -> datetime | None:
        last = [stood.models.look().execute("SELECT max(due_at) FROM due").fetchone()[0] for stood in self.stood.values()]
        return max((datetime.fromisoformat(due) for due in last if due is not None), default=None)
