"""The filter of a cluster: it writes a feed log for each audience and relays it to its topic. `ortoo cluster filter`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.eventlog.inbox import StoredInbox
from shared.eventlog.ports import Head
from shared.eventlog.postgres import PostgresLog
from shared.handling.audiences import Audience
from shared.handling.declare import Service, matters_of
from shared.handling.feeding import Filter
from shared.handling.relay import Relay
from shared.runtime.clock import RealClock
from shared.runtime.cluster import RELAY, Check, OpenTopic, relaying, unsent
from shared.runtime.kinds import Kind
from shared.runtime.member import Member
from shared.runtime.story import StoryBoard
from shared.runtime.threads import Pace
from shared.runtime.turns import InTurn
from shared.sql.postgres import Turn
from shared.web.directory import Directory
from shared.web.principals import Principals

NAME = "filter"
FILTER = Pace(0.25, 0.01)


@dataclass(frozen=True, slots=True)
class _Served:
    """An audience whose feed log could be opened: the two engines that serve it, each in one process at a time."""

    log: PostgresLog
    filtering: InTurn[Filter]
    relaying: InTurn[Relay]

    def close(self) -> None:
        self.filtering.close()
        self.relaying.close()
        self.log.close()


class Fed:
    """One audience. Its feed log is opened when it is first stepped: one that cannot be opened holds up no other audience."""

    def __init__(self, audience: Audience, name: str, serve: Callable[[], _Served]) -> None:
        self.audience, self.name, self._serve = audience, name, serve
        self._served: _Served | None = None
        self._why: str | None = None
        self._opening = threading.Lock()

    def give(self) -> bool:
        """Copy into the feed log what the audience lacks."""
        served = self._opened()
        return served is not None and served.filtering.step()

    def relay(self) -> bool:
        """Send to the topic what it lacks."""
        served = self._opened()
        return served is not None and served.relaying.step()

    @property
    def lacks(self) -> str | None:
        """Why nothing can be given."""
        engine = self._engine
        if self._why is not None:
            return f"{Kind.CLOSED}: {self._why}"
        lacks = engine.lacks if engine else None
        return f"{Kind.DIVISION}: {lacks}" if lacks else None

    def head(self) -> Head | None:
        """Of the feed log; None while it cannot be opened."""
        return self._served.log.head() if self._served else None

    def read(self) -> Mapping[str, int]:
        """How far each source was read; empty while another process does."""
        engine = self._engine
        return engine.positions() if engine else {}

    def unsent(self) -> Mapping[str, int]:
        """How many events wait for the topic; empty while another process relays."""
        return unsent(self.name, self._served.relaying.engine) if self._served else {}

    def close(self) -> None:
        if self._served:
            self._served.close()

    @property
    def _engine(self) -> Filter | None:
        return self._served.filtering.engine if self._served else None

    def _opened(self) -> _Served | None:
        with self._opening:
            if self._served is None:
                try:
                    self._served, self._why = self._serve(), None
                except ValueError as why:  # a person has to cure it, and is told how
                    self._why = str(why)
            return self._served


class Filtering(Member):
    """Reads inboxes of all logs; each audience is served by itself, so that one that is held up holds up no other."""

    def __init__(
        self,
        services: Sequence[Service],
        province: str,
        directory: Directory,
        clock: RealClock | StoryBoard,
        principals: Principals,
        inboxes: Mapping[str, StoredInbox],
        dsn: str,
        audiences: Sequence[Audience],
        open_log: Callable[[str], PostgresLog],
        topic: OpenTopic,
        check: Check,
    ) -> None:
        self.fed: list[Fed] = []
        super().__init__(NAME, province, services, directory, clock, principals, tuple(inboxes.values()), dsn)

        matters = matters_of(services, lambda service: inboxes[service.name])

        def serve(audience: Audience) -> _Served:
            log = open_log(audience.log(province))
            sources = [inboxes[name] for name in audience.logs]
            turn = Turn(dsn, f"{log.name} filter")
            filtering = InTurn(turn, lambda: Filter(audience, sources, log, lambda: directory.divisions, matters))
            return _Served(log, filtering, relaying(dsn, log, topic, check))

        self.fed = [Fed(audience, audience.log(province), partial(serve, audience)) for audience in audiences]

    def start(self) -> None:
        super().start()
        for fed in self.fed:
            self.threads.start(f"{fed.audience.id}-filter", self.own, self._giving(fed), FILTER)
            self.threads.start(f"{fed.audience.id}-relay", self.own, fed.relay, RELAY)

    def logs(self) -> list[dict[str, Any]]:
        heads = [(fed, fed.head()) for fed in self.fed]
        return [
            {"name": fed.name, "audience": fed.audience.id, "position": head.position, "chain": head.chain.hex()}
            for fed, head in heads
            if head is not None
        ]

    def faults(self) -> dict[str, str]:
        return super().faults() | {f"{NAME}.{fed.audience.id}-filter": lacks for fed in self.fed if (lacks := fed.lacks)}

    def unsent(self) -> Mapping[str, int]:
        return {log: lag for fed in self.fed for log, lag in fed.unsent().items()}

    def unfiltered(self) -> Mapping[tuple[str, str], int]:
        heads = self.heads()
        return {(fed.name, source): max(0, heads.get(source, 0) - position) for fed in self.fed for source, position in fed.read().items()}

    def done(self, ends: Mapping[str, int]) -> bool:
        return False  # a story does not wait for those outside

    def close(self) -> None:
        for fed in self.fed:
            fed.close()
        super().close()

    def _giving(self, fed: Fed) -> Callable[[], bool]:
        def step() -> bool:
            moved = fed.give()
            if moved:
                self.threads.wake(f"{NAME}-{fed.audience.id}-relay")
            return moved

        return step

    def _committed(self, service: str) -> None:
        super()._committed(service)
        self.threads.wake(*(f"{NAME}-{fed.audience.id}-filter" for fed in self.fed))
