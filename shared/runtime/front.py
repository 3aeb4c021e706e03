"""The front of a cluster: it shows every log as received, and decides nothing. `ortoo cluster front`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from shared.eventlog.inbox import StoredInbox
from shared.handling.declare import Service
from shared.kafka.ports import Topic
from shared.runtime.clock import RealClock
from shared.runtime.kinds import Kind
from shared.runtime.member import Member
from shared.runtime.story import StoryBoard
from shared.runtime.threads import Pace
from shared.web.directory import Directory
from shared.web.principals import Principals
from shared.web.stream import Hub

NAME = "front"
ASK = Pace(2.0)  # how far the topics are, and what stopped an inbox


class Front(Member):
    """Reads inboxes of all logs, and tells what stops or delays them."""

    def __init__(
        self,
        services: Sequence[Service],
        province: str,
        directory: Directory,
        clock: RealClock | StoryBoard,
        principals: Principals,
        inboxes: Mapping[str, StoredInbox],
        topics: Mapping[str, Topic],
        dsn: str,
    ) -> None:
        self.inboxes, self.topics = inboxes, topics
        super().__init__(NAME, province, services, directory, clock, principals, tuple(inboxes.values()), dsn)
        self._sent: dict[str, int] = {}  # the last position of each topic, when it was last asked
        self._stopped: dict[str, str] = {}

    def attach(self, loop: asyncio.AbstractEventLoop) -> Hub:
        super().attach(loop)
        feeds = {service.letter: self.inboxes[name] for name, service in self.services.items()}
        return self._shows(feeds, lambda: {letter: self._heads.get(feed.name, 0) for letter, feed in feeds.items()})

    def start(self) -> None:
        super().start()
        self.threads.start("inboxes", self.own, self._ask_inboxes, ASK)
        self.threads.start("topics", self.own, self._ask_topics, ASK)

    def logs(self) -> list[dict[str, Any]]:
        found = []
        for name, service in self.services.items():
            head = self.inboxes[name].head()
            sent = self._sent.get(name)
            told = {"name": self.log(name), "service": name, "letter": service.letter, "position": head.position, "chain": head.chain.hex()}
            time = head.time.isoformat() if head.time else None
            lag = None if sent is None else max(0, sent - head.position)
            found.append({**told, "time": time, "read": head.position, "lag": lag})
        return found

    def faults(self) -> dict[str, str]:
        return super().faults() | self._stopped

    def done(self, ends: Mapping[str, int]) -> bool:
        return True

    def close(self) -> None:
        for topic in self.topics.values():
            topic.close()
        super().close()

    def _ask_inboxes(self) -> bool:
        """What stopped one, by the word of its importer."""
        self._stopped = {
            f"{name}.inbox": f"{fault.kind}: {fault.words}; {fault.cure}"
            for name, inbox in self.inboxes.items()
            for fault in inbox.faults()
            if fault.ended is None
        }
        return False

    def _ask_topics(self) -> bool:
        """How far they are. What was there the last time should have been received since; else the importer does not run."""
        for name, topic in self.topics.items():
            self.own.guarded(f"{name}-topic", partial(self._ask_topic, name, topic))
        return False

    def _ask_topic(self, name: str, topic: Topic) -> bool:
        late = self._sent.get(name, 0) - self.inboxes[name].head().position
        last = topic.last()
        self._sent[name] = last[0] if last is not None else 0
        if late > 0:
            self.own.faults[f"{name}-importer"] = f"{Kind.BEHIND}: {late} events"
        else:
            self.own.faults.pop(f"{name}-importer", None)
        return False

    def _committed(self, service: str) -> None:
        super()._committed(service)
        hub, loop = self.hub, self._loop
        if hub is not None and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(hub.wake)
