"""The filter of a cluster: it writes a feed log for each audience and relays it to its topic. `ortoo cluster filter`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.eventlog.inbox import StoredInbox
from shared.eventlog.postgres import PostgresLog
from shared.handling.audiences import Audience
from shared.handling.declare import Service
from shared.handling.feeding import Filter
from shared.handling.relay import Relay
from shared.kafka.ports import Topic
from shared.runtime.clock import RealClock
from shared.runtime.cluster import RELAY, unsent
from shared.runtime.member import Member
from shared.runtime.story import StoryBoard
from shared.runtime.threads import Pace
from shared.runtime.turns import InTurn
from shared.sql.postgres import Turn
from shared.web.directory import Directory
from shared.web.principals import Principals

NAME = "filter"
FILTER = Pace(0.25, 0.01)


class Fed:
    """One audience: its feed log and the two engines that serve it, each in one process at a time."""

    def __init__(
        self, audience: Audience, dsn: str, log: PostgresLog, inboxes: Mapping[str, StoredInbox], directory: Directory, topic: Topic
    ) -> None:
        sources = [inboxes[name] for name in audience.logs]
        self.audience, self.log = audience, log
        self.filtering = InTurn(Turn(dsn, f"{log.name} filter"), lambda: Filter(audience, sources, log, lambda: directory.divisions))
        self.relaying = InTurn(Turn(dsn, f"{log.name} relay"), lambda: Relay(log, topic))

    @property
    def lacks(self) -> str | None:
        """Why nothing can be given."""
        return self.filtering.engine.lacks if self.filtering.engine else None

    def close(self) -> None:
        self.filtering.close()
        self.relaying.close()
        self.log.close()


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
        topic: Callable[[str], Topic],
    ) -> None:
        self.fed: list[Fed] = []
        super().__init__(NAME, province, services, directory, clock, principals, tuple(inboxes.values()))
        for audience in audiences:
            log = open_log(audience.log(province))
            self.fed.append(Fed(audience, dsn, log, inboxes, directory, topic(log.name)))

    def start(self) -> None:
        super().start()
        for fed in self.fed:
            self.threads.start(f"{fed.audience.id}-filter", self.own, self._giving(fed), FILTER)
            self.threads.start(f"{fed.audience.id}-relay", self.own, fed.relaying.step, RELAY)

    def logs(self) -> list[dict[str, Any]]:
        found = []
        for fed in self.fed:
            head = fed.log.head()
            found.append({"name": fed.log.name, "audience": fed.audience.id, "position": head.position, "chain": head.chain.hex()})
        return found

    def faults(self) -> dict[str, str]:
        return super().faults() | {f"{NAME}.{fed.audience.id}-filter": fed.lacks for fed in self.fed if fed.lacks}

    def unsent(self) -> Mapping[str, int]:
        return {log: lag for fed in self.fed for log, lag in unsent(fed.log.name, fed.relaying.engine).items()}

    def done(self) -> Mapping[str, int] | None:
        return None  # a story does not wait for those outside

    def close(self) -> None:
        for fed in self.fed:
            fed.close()
        super().close()

    def _giving(self, fed: Fed) -> Callable[[], bool]:
        def step() -> bool:
            moved = fed.filtering.step()
            if moved:
                self.threads.wake(f"{NAME}-{fed.audience.id}-relay")
            return moved

        return step

    def _committed(self, service: str) -> None:
        super()._committed(service)
        self.threads.wake(*(f"{NAME}-{fed.audience.id}-filter" for fed in self.fed))
