"""A topic for the simulated host: it outlives the process, shows its end late, and at times a relay that was frozen writes to it too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from random import Random

from shared.kernel.envelope import Recorded

FROZEN = 0.1  # how often a relay that another took over from sends once more what it had in hand


class SimulatedTopic:
    """What `shared.kafka.ports.Topic` says, in memory."""

    def __init__(self, name: str, around: Callable[[str], AbstractContextManager[None]], chance: Random) -> None:
        self.name = name
        self._around, self._chance = around, chance
        self._records: list[Recorded] = []
        self._end: int | None = None  # where the relay left it
        self._shown = 0  # what readers see by now

    def forget(self) -> None:
        """The relay's process died: the next one has to ask."""
        self._end = None

    def last(self) -> tuple[int, bytes] | None:
        self._end = len(self._records)
        return (self._records[-1].position, self._records[-1].chain) if self._records else None

    def send(self, records: Sequence[Recorded]) -> bool:
        if self._records and self._chance.random() < FROZEN:
            since = self._chance.randrange(len(self._records))
            self._records += self._records[since : since + self._chance.randrange(1, 5)]
        if self._end != len(self._records):
            return False
        half = self._chance.randrange(len(records) + 1)
        for batch in (records[:half], records[half:]):
            if batch:
                with self._around("send"):
                    self._records += batch
        self._end = len(self._records)
        return True

    def bounds(self) -> tuple[int, int]:
        return 0, len(self._records)

    def read(self, offset: int, limit: int) -> list[tuple[int, bytes]]:
        self._shown = self._chance.randint(self._shown, len(self._records))
        until = min(offset + limit, self._shown)
        return [(at, self._records[at].cloud_event()) for at in range(offset, until)]

    def close(self) -> None:
        """Nothing is held."""
