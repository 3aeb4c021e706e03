"""One service running in a process: its log, its writer, its read models, its policies and timers. Hosts add who steps what, and where."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from shared.eventlog.parking import Parked
from shared.eventlog.ports import EventFeed, EventStore, Head
from shared.handling.deciding import May, RulesFor
from shared.handling.declare import Service
from shared.handling.guard import Knows, nobody
from shared.handling.pending import Pending, Result
from shared.handling.policies import PolicyRunner
from shared.handling.snapshots import Snapshots
from shared.handling.timers import Timers
from shared.handling.writer import Blobs, Writer
from shared.runtime.guarded import Guarded
from shared.runtime.kinds import Kind
from shared.sql.ports import Connection, StorageFailed


class Followed(EventFeed, Protocol):
    """A log, or what was received of one."""

    def head(self) -> Head: ...
    def close(self) -> None: ...


class Engine(Protocol):
    """A step function beside the usual ones, such as the monitor of observations."""

    def step(self) -> bool: ...
    def close(self) -> None:
        """Give back what it opened itself."""
        ...


class Reactor:
    """Everything that turns facts, deadlines or readings into commands; one round at a time, each part guarded by itself."""

    def __init__(self, policies: Sequence[PolicyRunner], timers: Timers, of: Guarded, extra: Sequence[Engine] = ()) -> None:
        self.policies, self.timers, self.extra = policies, timers, list(extra)
        self._of = of
        self._round = threading.Lock()

    def step(self) -> bool:
        """One round. False when there was nothing to do."""
        with self._round:
            return any([self._of.guarded(name, step) for name, step in self._parts()])

    def replay(self, policy: str, log: str, stream: str) -> int:
        with self._round:
            return next(runner for runner in self.policies if runner.follows == log).replay(policy, stream)

    def level(self, ends: Mapping[str, int]) -> bool:
        """Every event up to these ends was reacted to, and every command that followed was decided."""
        return all(runner.level(ends[runner.follows]) for runner in self.policies)

    def stuck(self) -> str | None:
        """Deadlines whose command hits a bug."""
        stuck = self.timers.stuck
        return f"{Kind.STUCK}: {len(stuck)} deadlines: {', '.join(sorted(set(stuck.values())))}" if stuck else None

    def close(self) -> None:
        """Another process reacts from now on: what troubled the parts here is no more, and what they hold is given back."""
        with self._round:
            for name, _ in self._parts():
                self._of.faults.pop(name, None)
            for runner in self.policies:
                runner.close()
            for engine in self.extra:
                engine.close()

    def _parts(self) -> list[tuple[str, Callable[[], bool]]]:
        own, *others = self.policies
        heard = [(f"{runner.follows.rpartition('.')[2]}-policies", runner.step) for runner in others]
        extra = [(type(engine).__name__, engine.step) for engine in self.extra]
        return [("policies", own.step), *heard, ("timers", self.timers.step), *extra]


class Running(Guarded, ABC):
    """One service in this process. Its writer is always here; who reads and who reacts is the host's matter."""

    def __init__(
        self,
        service: Service,
        log: EventStore,
        *,
        rules_for: RulesFor,
        may: May,
        now: Callable[[], datetime],
        blobs: Blobs,
        deliver: Callable[[list[tuple[Pending, Result]]], None],
        others: Sequence[Followed] = (),
        exercise: bool = False,
        knows: Knows = nobody,
        snapshots: Snapshots | None = None,
    ) -> None:
        super().__init__(service.name)
        self.service, self.log, self.now = service, log, now
        self.others = others  # the logs of the services it listens to
        told: dict[str, Any] = {"blobs": blobs, "deliver": deliver, "exercise": exercise, "knows": knows, "snapshots": snapshots}
        self.writer = Writer(log, service, rules_for=rules_for, may=may, clock=now, **told)
        self.wake_reactor: Callable[[], None] = lambda: None  # something beside the log may have become due

    @property
    @abstractmethod
    def reactor(self) -> Reactor | None:
        """None while another process of this service reacts; between two questions it may have become so."""

    @abstractmethod
    def add(self, make: Callable[[], Engine]) -> None:
        """One more engine of the reactor."""

    @abstractmethod
    def read(self) -> Connection:
        """This thread's read-only connection to the read models in use."""

    @abstractmethod
    def positions(self) -> Mapping[str, int]:
        """How far what answers queries has applied each log."""

    @abstractmethod
    def level(self, ends: Mapping[str, int]) -> bool:
        """The read models have applied every log up to these ends."""

    @abstractmethod
    def stopped(self) -> Sequence[tuple[str, str, int, str]]:
        """Projections that stand still: (projection, log, position, reason)."""

    @abstractmethod
    def parked(self) -> Sequence[Parked]:
        """Events that a policy or a projection could not take."""

    @abstractmethod
    def replay(self, reader: str, log: str, stream: str) -> int:
        """Try a parked stream again. Raises, and keeps it parked, when its cause is not cured."""

    @abstractmethod
    def close(self) -> None: ...

    def ends(self) -> Mapping[str, int]:
        """The last position of each log it reads."""
        return {feed.name: feed.head().position for feed in (self.log, *self.others)}

    def quiet(self, ends: Mapping[str, int] | None = None) -> bool:
        """Nothing waits, and readers and policies of this process stand at the end of every log, or at those ends."""
        reactor, idle = self.reactor, self.writer.idle
        at = self.ends() if ends is None else ends
        return idle and (reactor is None or reactor.level(at)) and self.level(at)

    def dry(self, ends: Mapping[str, int] | None = None) -> bool:
        """Quiet, and one more round changes nothing: everything due by now was done."""
        reactor = self.reactor
        return self.quiet(ends) and not (reactor is not None and reactor.step()) and self.quiet(ends)

    def troubles(self) -> dict[str, str]:
        """What is wrong now, by engine."""
        found, reactor = dict(self.faults), self.reactor
        if reactor is not None and (stuck := reactor.stuck()):
            found["deadlines"] = stuck
        try:
            for projection, log, position, reason in self.stopped():
                found[projection] = f"stopped at {log}:{position}: {reason}"
        except StorageFailed as error:
            found["models"] = type(error).__name__
        return found

    def state(self) -> dict[str, Any]:
        """The log as data, for GetNode and the first page."""
        head = self.log.head()
        return {
            "name": self.log.name,
            "service": self.service.name,
            "letter": self.service.letter,
            "position": head.position,
            "chain": head.chain.hex(),
            "time": head.time.isoformat() if head.time else None,
            "read": self.positions().get(self.log.name, 0),
        }
