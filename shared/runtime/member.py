"""A process of a cluster, whatever it serves: it looks often what others wrote, and says what it waits for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.eventlog.postgres_heads import PostgresHeads
from shared.handling.declare import Service
from shared.kernel.errors import Failure
from shared.runtime.clock import RealClock
from shared.runtime.guarded import Guarded
from shared.runtime.kinds import Kind
from shared.runtime.process import Process
from shared.runtime.running import Followed
from shared.runtime.story import StoryBoard
from shared.runtime.threads import Pace
from shared.web.directory import Directory
from shared.web.principals import Principals
from shared.web.problems import problem_response

LOOK = Pace(0.02)
TELL = Pace(0.01)  # in stories only: each step waits for it


class Member(Process):
    """What the processes of a cluster have in common. `feeds` are the logs known here, all in one database: the own one, and inboxes."""

    def __init__(
        self,
        name: str,
        province: str,
        services: Sequence[Service],
        directory: Directory,
        clock: RealClock | StoryBoard,
        principals: Principals,
        feeds: Sequence[Followed],
        dsn: str,
    ) -> None:
        super().__init__(province, services, directory, clock, principals)
        self.name, self.feeds = name, {feed.name: feed for feed in feeds}
        self.own = Guarded(name)
        self.ends = PostgresHeads(dsn, tuple(self.feeds))
        self._heads: dict[str, int] = {}
        self._answered: tuple[int, Mapping[str, int]] | None = None  # the last question, and the ends it was answered with
        directory.bind(self.feeds[self.log("registry")])
        self.own.guarded("look", self.look)

    @property
    def lacks(self) -> str | None:
        """What must arrive before anything can be judged here."""
        return None if self.province in self.directory.divisions else Kind.WAITING

    def heads(self) -> Mapping[str, int]:
        return dict(self._heads)

    def positions(self) -> Mapping[str, int]:
        return {**self._heads, self.log("registry"): self.directory.position, **super().positions()}

    def faults(self) -> dict[str, str]:
        found = {f"{self.name}.{engine}": fault for engine, fault in self.own.faults.items()}
        for name, running in self.running.items():
            found |= {f"{name}.{engine}": fault for engine, fault in running.troubles().items()}
        return found | ({f"{self.name}.directory": self.lacks} if self.lacks else {})

    def start(self) -> None:
        self.threads.start("look", self.own, self.look, LOOK)
        if isinstance(self.clock, StoryBoard):
            self.threads.start("story", self.own, self._tell, TELL)

    def stop(self) -> None:
        if self.threads.stop():
            self.close()

    def close(self) -> None:
        """Give everything back."""
        self.ends.close()
        for feed in self.feeds.values():
            feed.close()

    async def move_clock(self, to: datetime) -> None:
        assert isinstance(self.clock, StoryBoard)
        await run_in_threadpool(self.clock.move, to)
        await run_in_threadpool(self.look)  # what all have, this process has too

    def look(self) -> bool:
        """What other processes wrote sets the same going as what this one wrote. False: it is soon enough to look again."""
        for name, head in self.ends.read().items():
            if head != self._heads.get(name):
                self._heads[name] = head
                self._committed(name.rpartition(".")[2])
        if self.directory.position < self._heads[self.log("registry")]:  # it could not be read when it moved
            self.guarded_directory()
        return False

    @abstractmethod
    def done(self, ends: Mapping[str, int]) -> bool:
        """Story clock: all was done that follows from the logs up to these ends. False: not yet, or another process knows."""

    def _tell(self) -> bool:
        assert isinstance(self.clock, StoryBoard)
        asked, ends = self.clock.look(), self.ends.read() if self.clock.waits else {}
        if not ends or (asked, ends) == self._answered:
            return False
        if self.directory.position < ends[self.log("registry")]:
            self.guarded_directory()
        if self.directory.position >= ends[self.log("registry")] and self.done(ends) and self.ends.read() == ends:
            self.clock.tell(self.name, asked, ends)
            self._answered = asked, ends
        return False


class Awaiting:
    """Answers 503 for what cannot be judged before the divisions are there."""

    def __init__(self, app: ASGIApp, member: Member) -> None:
        self._app, self._member = app, member

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lacks = self._member.lacks if scope["type"] == "http" and scope["path"].startswith("/api/") else None
        if lacks is None:
            await self._app(scope, receive, send)
        else:
            failure = Failure("registry", f"{lacks}: the divisions of the province have not arrived yet; ask again")
            await problem_response(503, "not_ready", [failure])(scope, receive, send)
