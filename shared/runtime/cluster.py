"""The cluster host: one service in a process, over PostgreSQL, beside any number of others like it. `ortoo cluster serve`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from shared.blobs.store import Blobs
from shared.eventlog.parking import Parked
from shared.eventlog.postgres import PostgresLog
from shared.handling.declare import Service
from shared.handling.guard import Knows
from shared.handling.policies import runners
from shared.handling.relay import Relay
from shared.handling.snapshots import snapshots_of
from shared.handling.timers import Timers
from shared.kafka.ports import Topic, TopicFault
from shared.runtime.clock import RealClock
from shared.runtime.generations import Generations
from shared.runtime.late_vault import LateVault
from shared.runtime.member import Member
from shared.runtime.process import REACTOR, READER
from shared.runtime.running import Engine, Followed, Reactor, Running
from shared.runtime.story import StoryBoard
from shared.runtime.threads import Pace
from shared.runtime.turns import InTurn
from shared.sql.ports import Connection, LogBusy
from shared.sql.postgres import Schema, Schemas, Turn
from shared.vault.vault import Vault
from shared.web.directory import Directory
from shared.web.principals import Principals

RELAY = Pace(0.25, 0.01)
VAULT = Pace(1.0)
OpenTopic = Callable[[str], Topic]
"""The topic of this name."""
Check = Callable[[Sequence[str]], Sequence[str]]
"""Names what is not as declared with topics. BrokerAway."""


class Shared(Running):
    """A service that other processes run too: each of them decides; one at a time reads, one reacts, one relays."""

    def __init__(self, service: Service, dsn: str, log: PostgresLog, topic: OpenTopic, check: Check, **parts: Any) -> None:
        super().__init__(service, log, **parts)
        self.models = Generations(Schemas(dsn, "read."), service, log, self.others)
        self.reacting = InTurn(Turn(dsn, f"{log.name} reactor"), self._make_reactor, Reactor.close)
        self.relaying = relaying(dsn, log, topic, check)
        self._beside: list[Callable[[], Engine]] = []
        self._parking = log.parking()
        self._applied: Mapping[str, int] = {}

    @property
    def reactor(self) -> Reactor | None:
        return self.reacting.engine

    def add(self, make: Callable[[], Engine]) -> None:
        self._beside.append(make)

    def read(self) -> Connection:
        return self.models.look()

    def look(self) -> bool:
        """How far the read models are, whoever reads. False: it is soon enough to look again."""
        self._applied = self.models.positions()
        return False

    def positions(self) -> Mapping[str, int]:
        return self._applied

    def level(self, ends: Mapping[str, int]) -> bool:
        return self.models.level(ends)

    def stopped(self) -> Sequence[tuple[str, str, int, str]]:
        return self.models.stopped()

    def parked(self) -> Sequence[Parked]:
        return (*self._parking.listed(), *self.models.parked())

    def replay(self, reader: str, log: str, stream: str) -> int:
        if reader not in {policy.name for policy in self.service.policies}:
            return self.models.replay(reader, log, stream)
        if (reactor := self.reactor) is None:
            raise LogBusy("another process of this service reacts; ask again until that one answers")
        return reactor.replay(reader, log, stream)

    def close(self) -> None:
        self.reacting.close()
        self.relaying.close()
        self.models.close()
        self.writer.close()
        self.log.close()

    def _make_reactor(self) -> Reactor:
        policies = runners(self.service, self.log, self.others, self.writer.submit)
        timers = Timers(self.service, self.models.look, self.writer.submit, self.now)
        return Reactor(policies, timers, self, [make() for make in self._beside])


class Serving(Member):
    """One service of a cluster."""

    def __init__(
        self,
        service: Service,
        services: Sequence[Service],
        dsn: str,
        province: str,
        directory: Directory,
        clock: RealClock | StoryBoard,
        principals: Principals,
        log: PostgresLog,
        inboxes: Sequence[Followed],
        topic: OpenTopic,
        check: Check,
        vault: Vault | LateVault | None = None,
    ) -> None:
        super().__init__(service.name, province, services, directory, clock, principals, (log, *inboxes), dsn)
        self._late, self.blobs = (vault if isinstance(vault, LateVault) else None), Blobs(Schema(dsn, "blobs"))
        if isinstance(vault, LateVault):
            self.own.guarded("vault", partial(self._reach, vault))
        else:
            self.vault = vault
        self.service = Shared(
            service,
            dsn,
            log,
            topic,
            check,
            rules_for=directory.rules_for,
            may=directory.may,
            now=clock.now,
            blobs=self.blobs,
            deliver=lambda results: self._deliver(service.name, results),
            others=[self.feeds[self.log(name)] for name in service.listens_to],
            knows=self.knows,
            snapshots=snapshots_of(service, Schema(dsn, "snapshots"), log),
        )
        self.running = {service.name: self.service}

    @property
    def knows(self) -> Knows:
        return super().knows if self._late is None else self._late.known

    def start(self) -> None:
        super().start()
        running = self.service
        if self._late is not None:
            self._late.wake = self.threads.start("vault", self.own, partial(self._reach, self._late), VAULT)
        self._write(running)
        self.threads.start("reader", running, running.models.step, self._pace(READER))
        running.wake_reactor = self.threads.start("reactor", running, running.reacting.step, self._pace(REACTOR))
        self.threads.start("relay", running, running.relaying.step, RELAY)

    def _reach(self, late: LateVault) -> bool:
        moved = late.step()
        self.vault = late.vault
        return moved

    def look(self) -> bool:
        if self.running:
            self.service.look()
        return super().look()

    def logs(self) -> list[dict[str, Any]]:
        return [self.service.state()]

    def unsent(self) -> Mapping[str, int]:
        return unsent(self.service.log.name, self.service.relaying.engine)

    def done(self, ends: Mapping[str, int]) -> bool:
        return self.service.reactor is not None and not self.service.faults and self.service.dry(ends)

    def close(self) -> None:
        self.service.close()
        super().close()


def relaying(dsn: str, log: PostgresLog, topic: OpenTopic, check: Check) -> InTurn[Relay]:
    """Relays a log in turn, to a topic that is as declared; who cannot reach it holds up no other process that can."""

    def able() -> None:
        if wrong := check([log.name]):
            raise TopicFault("; ".join(wrong))

    def make() -> Relay:
        able()
        return Relay(log, topic(log.name))

    return InTurn(Turn(dsn, f"{log.name} relay"), make, Relay.close, able)


def unsent(log: str, relay: Relay | None) -> Mapping[str, int]:
    """What a relay has still to send; empty while another process has the turn, or before the topic was asked."""
    lag = relay.lag if relay else None
    return {} if lag is None else {log: lag}
