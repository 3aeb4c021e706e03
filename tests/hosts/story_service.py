"""One service of the simulated machine, and what it reads of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from services.alerts.observations.store import ObservationStore
from shared.eventlog.ports import Head
from shared.handling.declare import Service
from shared.handling.pending import Pending, Result
from shared.kernel.envelope import Recorded
from shared.runtime.simulated import CrashPoints, Simulated
from shared.runtime.simulated_topic import SimulatedTopic

if TYPE_CHECKING:
    from tests.hosts.story_machine import Machine


class Log:
    """The log of a service, whichever process has it open."""

    def __init__(self, machine: Machine, service: str) -> None:
        self._machine, self._service, self.name = machine, service, machine.log(service)

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self._machine.stood[self._service].log.read(after, limit)

    def head(self) -> Head:
        return self._machine.stood[self._service].log.head()

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        return self._machine.stood[self._service].log.stream(stream, after)

    def close(self) -> None:
        """Whoever made it closes it."""


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
            others=[Log(machine, name) for name in service.listens_to],
        )
        self.machine, self.points = machine, points
        self.topic = SimulatedTopic(self.log_name, points.around, machine.random)

    def open(self) -> None:
        super().open()
        self._steps |= self.machine.beside(self)

    @property
    def engines(self) -> Sequence[str]:
        return tuple(self._steps)

    def positions(self) -> Mapping[str, int]:
        return self.models.positions()

    def writer_parts(self) -> dict[str, Any]:
        return {**super().writer_parts(), "knows": self.machine.knows}

    def step(self, engine: str) -> bool:
        self.points.engine = engine
        try:
            return self._steps[engine]()
        finally:
            self.points.engine = "edge"

    def _deliver(self, results: list[tuple[Pending, Result]]) -> None:
        self.machine.guarded_directory()  # divisions and rules are known before a change of them is answered
        super()._deliver(results)
