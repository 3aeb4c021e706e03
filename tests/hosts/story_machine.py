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
from services.privacy.custodian import Custodian
from services.privacy.searching.searcher import Searcher
from services.registry.provinces import province
from services.start.alerts import Beside
from services.start.registry import load_divisions
from services.volunteers.reception.codes import Codes
from services.volunteers.reception.desk import Desk as Reception
from services.volunteers.reception.forms import Forms
from services.volunteers.reception.intake import Intake
from services.volunteers.reception.sealing import Sealer
from services.wiring import LIMITS, SERVICES, STORY_BEGINS, VERSION, directory_of, routers
from shared.handling.pending import Answer, Pending, Result
from shared.kernel.errors import DomainError
from shared.runtime.app import build
from shared.runtime.clock import StoryClock
from shared.runtime.process import Process
from shared.runtime.simulated import POINTS, Crash, CrashPoints
from shared.sql.ports import Connection
from shared.sql.sqlite import File, Files
from shared.testing.invariants import Ask, Broken, check, everything, received, remembered
from shared.vault.vault import Vault
from shared.web import events
from shared.web.principals import Principals
from shared.web.stream import Hub
from tests.hosts.story_service import Log, Readings, Stood
from tests.hosts.story_vault import check_vault, clear, current, open_mortal

ROUNDS = 2_000  # of all engines, until nothing moves
OPENING = 80  # commits of a start, about
PATIENCE = 12  # requests before a point that was not reached is given up for another
REST = 9  # requests at most after a death, before the next is prepared
HANGS_UP = 0.02  # how often a client goes away before a step
VAULTED = tuple(
    (engine, f"{side} {what}")
    for engine, what in (("edge", "keep"), ("custodian", "vault"), ("custodian", "submit"))
    for side in ("before", "after")
)
EVERYWHERE = (*POINTS, *VAULTED)
ONCE = (("writer", "before append"),)  # where a request may die that is answered once: a repeat of a reading is no reading
NOWHERE: tuple[tuple[str, str], ...] = ()


class HungUp(Exception):
    """The client does not wait for the answer; it asks again."""


class Machine(Process):
    """What the edge asks. `asked` answers one request, however often the process dies on the way."""

    def __init__(self, seed: int, folder: Path) -> None:
        own = province("150000")
        self.random, self.folder = Random(seed), folder
        self._seen = self._tries = self._until = self._changes = 0
        self.patient, self._settled = False, -1  # how much had changed when the engines last ran dry
        self.story_clock = clock = StoryClock(STORY_BEGINS.astimezone(own.zone))
        directory = directory_of(own, clock)
        super().__init__(own.root, SERVICES, directory, clock, Principals(folder / "keys" / "node.pem", level_of=directory.level))
        self.points, self.hung_up = CrashPoints(), 0
        self.readings = Readings(File(folder / "observations.db"))
        self.readings.points = self.points
        self.stood = {service.name: Stood(self, service, self.points) for service in SERVICES}
        self.running: Mapping[str, Any] = self.stood  # what is asked of it here are its log and its writer
        self.asks: dict[str, dict[UUID, Ask]] = {name: {} for name in self.stood}
        self.vault: Vault = self._open_vault()
        for stood in self.stood.values():
            stood.open()
        self.blobs = self.stood["alerts"].blobs
        directory.bind(Log(self, "registry"))
        self._first_start(own)
        desk = Desk.open(Contacts(Files(folder).at("contacts")), ChannelKeys(folder / "keys"), own.zone, None, None, self.now, sends=False)
        parts = {"alerts": Beside(self.readings, desk), "volunteers": self._reception(), "privacy": self._searcher()}
        self.app = build(self, VERSION, here=lambda host: routers(host, directory, parts), beside=(events.routes(),), limits=LIMITS)

    def _first_start(self, own: Any) -> None:
        load_divisions(self, own)  # before it answers anybody: nobody asked for it
        for id, answer in remembered(File(self.stood["registry"].log.path)).items():
            assert answer is not None
            self.asks["registry"][UUID(id)] = Ask(UUID(id), 0, None, 0, answers=[answer], answered_at=0, accepted_at=0)

    def _open_vault(self) -> Vault:
        self.points.engine = "start"
        return open_mortal(self.folder / "vault", self.points)

    def _reception(self) -> Reception:
        """Its codes live on, as in a database server."""
        forms = Forms(self.folder / "keys" / "forms.key")
        codes = Codes(Files(self.folder / "codes").at("codes"), forms)
        vault = current(self)
        return Reception(vault, codes, forms, Sealer(self.folder / "keys" / "certificates.pem"), Intake(vault, codes))

    def _searcher(self) -> Searcher:
        return Searcher(self.running, current(self), None, None, False, current(self, "blobs"))

    def beside(self, stood: Stood) -> dict[str, Callable[[], bool]]:
        """The engines of a service that are no part of every service."""
        if stood.service.name == "privacy":
            return {"custodian": Custodian(stood.log, self.vault, self.vault.database, self._of_custodian, self.now).step}
        if stood.service.name != "alerts":
            return {}
        rules_for = self.directory.rules_for
        monitor = Monitor(self.readings, rules_for, self._of_monitor, self.now)
        return {"monitor": monitor.step, "watch": StationWatch(self.readings, stood.log).step}

    def _of_monitor(self, pending: Pending) -> None:
        with self.points.around("submit"):
            self._submit("alerts", pending, client=1)

    def _of_custodian(self, pending: Pending) -> None:
        with self.points.around("submit"):
            self._submit("privacy", pending, client=2)

    def submit(self, service: str, pending: Pending) -> None:
        self._submit(service, pending, client=0)

    def _submit(self, service: str, pending: Pending, client: int) -> None:
        self._seen += 1
        self.changed()
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

    def heads(self) -> Mapping[str, int]:
        return {stood.log_name: stood.log.head().position for stood in self.stood.values()}

    def attach(self, loop: asyncio.AbstractEventLoop) -> Hub:
        heads = {stood.service.letter: stood for stood in self.stood.values()}
        feeds = {letter: Log(self, stood.service.name) for letter, stood in heads.items()}
        return self._shows(feeds, lambda: {letter: stood.log.head().position for letter, stood in heads.items()})

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
        if at == self.now() and self._changes == self._settled:
            return
        self.story_clock.move(at)
        for stood in self.stood.values():
            stood.now = self.now()
        self.mortal(self._settle)

    def changed(self) -> None:
        """The engines may have something to do again."""
        self._changes += 1

    def drain(self) -> None:
        """Every deadline passes, also those after the story."""
        self.until(self.now())
        while (due := self._last_deadline()) is not None and due >= self.now():
            self.until(due + timedelta(seconds=1))

    def check(self) -> None:
        """What holds after every history. Raises Broken."""
        self.points.disarm()
        check_vault(self.vault, self.folder / "vault", [one.event for one in everything(self.stood["privacy"].log)])
        clear(self.folder)
        for name, stood in self.stood.items():
            told = check(stood.log, stood.service, [*self.asks[name].values()], stood.read, File(stood.folder / "fresh.db"), stood.others)
            received(stood.inbox, told)
            for recorded in told:
                digest = getattr(recorded.event, "digest", "") or getattr(getattr(recorded.event, "message", None), "digest", "")
                if recorded.type.split(".")[0] == "alerts" and digest and stood.blobs.get(digest) is None:
                    raise Broken(f"{recorded.id} is stored, its blob is not")

    def close(self) -> None:
        for stood in self.stood.values():
            stood.close()
        self.vault.close()

    @property
    def busy(self) -> bool:
        return any(stood.writer.waiting for stood in self.stood.values())

    def step(self) -> None:
        """One step of any engine. May die; and the client may have gone away."""
        if self.random.random() < HANGS_UP and not self.patient:
            raise HungUp
        stood = self.random.choice([*self.stood.values()])
        stood.step(self.random.choice(stood.engines))

    def mortal(self, act: Callable[[], Any], among: Sequence[tuple[str, str]] = EVERYWHERE) -> Any:
        """Do it until it is done: who gets no answer asks again, of what is left of a machine that died."""
        while True:
            self.patient = among in (ONCE, NOWHERE)
            try:
                self._tries += 1
                if among and (among is not EVERYWHERE or self._tries > self._until):
                    self._arm(among)
                return act()
            except HungUp:
                self.hung_up += 1
            except Crash:
                among = NOWHERE if self.patient else EVERYWHERE
                self._until = self._tries + self.random.randrange(REST)
                while self._dies(self._restart):
                    pass

    def _arm(self, among: Sequence[tuple[str, str]]) -> None:
        point = self.random.choice(among)
        self.points.arm(point, self.random.randrange(OPENING if point[0] == "start" else 3 if among is EVERYWHERE else 1))
        self._until = self._tries + PATIENCE
        if point[0] == "start":  # only a start passes these
            raise Crash("between two steps")

    def _restart(self) -> None:
        self.points.dead = False
        self.changed()
        self.vault.close()
        self.vault = self._open_vault()
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
        """Who had nothing to do is asked again once something moved in what it hears."""
        every = [(stood, engine) for stood in self.stood.values() for engine in stood.engines]
        moves, idle = dict.fromkeys(self.stood, 0), dict[tuple[str, str], int]()
        for _ in range(ROUNDS):
            self.random.shuffle(every)
            moved = False
            for stood, engine in every:
                own, heard = stood.service.name, (stood.service.name, *stood.service.listens_to)
                before = self._changes + sum([moves[one] for one in heard])
                if idle.get((own, engine)) == before:
                    continue
                if stood.step(engine):
                    moves[own], moved = moves[own] + 1, True
                else:
                    idle[own, engine] = before
            if not moved:
                if all(stood.quiet() for stood in self.stood.values()):
                    self._settled = self._changes
                    return
                idle.clear()  # a topic shows its end late, a policy gives way
        raise Broken("the engines did not run dry")

    def _last_deadline(self) -> datetime | None:
        last = [stood.models.look().execute("SELECT max(due_at) FROM due").fetchone()[0] for stood in self.stood.values()]
        return max((datetime.fromisoformat(due) for due in last if due is not None), default=None)
