"""Every query of a service as it would have been answered at a past moment: `GET /api/<service>/at/<moment>/...`.

The read models are built once more, from the beginning of the log up to the moment, in a folder of their own; the last few are kept.
Who may see what is judged by today's divisions and permissions.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.eventlog.ports import EventFeed
from shared.handling.declare import Service
from shared.handling.pending import Pending
from shared.handling.reader import Reader, stopped
from shared.kernel.envelope import Recorded
from shared.kernel.errors import Behind, Failure, WrongState
from shared.runtime.process import Process
from shared.runtime.running import Followed
from shared.sql.ports import Connection, StorageFailed
from shared.sql.sqlite import Files
from shared.web.call import WAIT_S, signature_of
from shared.web.principals import ANYBODY
from shared.web.problems import Malformed, Unauthenticated, problem, problem_response

KEPT = 4  # moments of a service whose read models are kept
AGAIN_S = 0.02


@dataclass(slots=True)
class Until:
    """A log up to a position, as a feed."""

    name: str
    position: int
    feed: EventFeed

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self.feed.read(after, min(limit, self.position - after)) if after < self.position else []


def position_at(log: Followed, at: datetime) -> int:
    """The last position recorded at or before a moment; recorded time never runs backwards in a log."""
    low, high = 0, log.head().position
    while low < high:
        middle = (low + high + 1) // 2
        if log.read(middle - 1, 1)[0].envelope.time <= at:
            low = middle
        else:
            high = middle - 1
    return low


class Built:
    """The read models of one service up to a position, and how far they are while they are being built."""

    def __init__(self, service: Service, until: Until, others: Sequence[Until], folder: Path) -> None:
        self._service, self._until, self._others, self._local = service, until, others, threading.local()
        self._databases, self._name = Files(folder), "-".join([service.name, *(str(log.position) for log in (until, *others))])
        self._database = self._databases.at(self._name)
        self.done, self.at, self.failed = threading.Event(), 0, ""
        threading.Thread(target=self._build, name=f"past-{service.name}-{until.position}", daemon=True).start()

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.at / self._until.position if self._until.position else 1.0

    def look(self) -> Connection:
        """This thread's connection to them, once they are built. StorageFailed when they could not be."""
        if self.failed:
            raise StorageFailed(self.failed)
        held: Connection | None = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = self._database.look()
        return held

    def drop(self) -> None:
        """Its files go; who looks at them now may finish."""
        self._databases.drop(self._name)

    def _build(self) -> None:
        try:
            reader = Reader(self._service, self._until, self._others, self._database)
            try:
                while reader.step():
                    self.at = reader.positions()[self._until.name]
                stands = stopped(self._database.look())
                self.failed = f"{stands[0][0]} stops at {stands[0][1]}:{stands[0][2]}: {stands[0][3]}" if stands else ""
            finally:
                reader.close()
        except Exception as error:  # told to whoever asks
            self.failed = f"{type(error).__name__}: {error}"
        finally:
            self.done.set()


class Moment:
    """One past moment of a process's services."""

    def __init__(self, at: datetime, positions: Mapping[str, int], built: Callable[[str], Built]) -> None:
        self.at, self.positions, self.built = at, positions, built


_asked: ContextVar[Moment] = ContextVar("moment")


class Past:
    """A host whose queries are answered as of the moment that was asked for. Nothing is decided in it."""

    story = False

    def __init__(self, host: Process) -> None:
        self._host, self._lock = host, threading.Lock()
        self._made: TemporaryDirectory[str] | None = None  # when somebody asks the first time: most processes are never asked
        self._kept: OrderedDict[tuple[str | int, ...], Built] = OrderedDict()
        self.principals, self.directory, self.services = host.principals, host.directory, host.services
        self.province = host.province
        if host.running:  # else nothing is answered here, now or of any moment
            self.blobs = host.blobs
        self.log, self.require, self.sees = host.log, host.require, host.sees
        self.vault, self.knows = None, host.knows  # what a person was is not asked of the past

    def moment(self, text: str) -> Moment:
        """The moment of an ISO 8601 text; without an offset it is in the node's own time. Malformed."""
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise Malformed(Failure("schema", "a moment such as 2021-07-18T20:00+08:00", "at")) from None
        now = self._host.now()
        at = at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
        if at > now:
            raise Malformed(Failure("past", f"{at.isoformat()} is not past yet", "at"))
        logs: dict[str, Followed] = {log.name: log for running in self._host.running.values() for log in (running.log, *running.others)}
        until = {name: Until(name, position_at(log, at), log) for name, log in logs.items()}
        return Moment(at, {name: log.position for name, log in until.items()}, lambda service: self._built(service, until))

    def now(self) -> datetime:
        return _asked.get().at

    def read(self, service: str) -> Connection:
        """Waits as long as a read waits for its position; then Behind says how far the building is."""
        built, end = _asked.get().built(service), time.monotonic() + WAIT_S
        while not built.done.wait(AGAIN_S):
            if time.monotonic() > end:
                raise Behind(Failure("past.building", f"{built.share:.0%} of what was known then is read; ask again"))
        return built.look()

    def positions(self) -> Mapping[str, int]:
        return _asked.get().positions

    heads = positions

    def history(self, service: str, stream: str) -> Sequence[Recorded]:
        until = _asked.get().positions[self.log(service)]
        return [recorded for recorded in self._host.history(service, stream) if recorded.position <= until]

    def submit(self, service: str, pending: Pending) -> None:
        raise WrongState(Failure("past", "nothing is decided in the past; send it to the node as it is now"))

    def nudge(self, service: str) -> None:
        """Nothing becomes due in the past."""

    async def move_clock(self, to: datetime) -> None:
        """The past stands still."""

    def close(self) -> None:
        """Everything that was built goes."""
        if self._made is not None:
            self._made.cleanup()

    @property
    def folder(self) -> Path:
        """Where it is built."""
        if self._made is None:
            self._made = TemporaryDirectory(prefix="ortoo-past-", ignore_cleanup_errors=True)
        return Path(self._made.name)

    def _built(self, service: str, logs: Mapping[str, Until]) -> Built:
        declared = self._host.services[service]
        own, *others = (logs[self.log(name)] for name in (service, *declared.listens_to))
        with self._lock:
            key: tuple[str | int, ...] = (service, *(log.position for log in (own, *others)))
            built = self._kept.get(key)
            if built is not None and built.failed:
                built.drop()
            if built is None or built.failed:
                self._one_at_a_time()
                built = self._kept[key] = Built(declared, own, others, self.folder)
            self._kept.move_to_end(key)
            for old in [one for one in self._kept if one[0] == service][:-KEPT]:
                if self._kept[old].done.is_set():
                    self._kept.pop(old).drop()
            return built

    def _one_at_a_time(self) -> None:
        """Whoever asks for many moments waits for each; the node's own work goes on meanwhile."""
        for other in self._kept.values():
            if not other.done.is_set():
                raise Behind(Failure("past.building", f"another moment is read first, {other.share:.0%} of it; ask again"))


class AtMoment:
    """`/<moment>/...` before the queries of one service."""

    def __init__(self, past: Past, queries: Callable[[], ASGIApp]) -> None:
        self._past, self._queries = past, cache(queries)  # made when somebody asks the first time

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] not in ("GET", "HEAD"):
            refused = Failure("past", "nothing is decided in the past; send it to the node as it is now")
            await problem_response(405, "method_not_allowed", [refused], {"Allow": "GET, HEAD"})(scope, receive, send)
            return
        root = scope.get("root_path", "")
        text, _, rest = scope["path"].removeprefix(root).removeprefix("/").partition("/")
        try:
            request = Request(scope)
            if signature_of(request, request.headers.get("authorization"), self._past) is ANYBODY:
                raise Unauthenticated(Failure("token", "the past is for who is signed in; send a token"))
            _asked.set(await asyncio.to_thread(self._past.moment, text))
        except Exception as error:  # answered as a problem, as any route's error is
            await problem(error)(scope, receive, send)
            return
        await self._queries()({**scope, "root_path": f"{root}/{text}", "path": f"{root}/{text}/{rest}"}, receive, send)
