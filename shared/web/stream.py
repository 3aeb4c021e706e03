"""Live streams (SSE): gathered for 50 ms, encoded once per filter group, bounded per client, resumable by position vector."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple, cast

from starlette.types import Message, Receive, Scope, Send

from shared.eventlog.ports import EventFeed
from shared.handling.matters import AS_WRITTEN, Learned, Matters, Sees
from shared.kernel.envelope import Recorded
from shared.sql.ports import LogBusy, StorageFailed
from shared.web.eager import begin
from shared.web.filters import Filter
from shared.web.logging import log_bug
from shared.web.vector import write

GATHER_S = 0.05
HEARTBEAT_S = 15.0
LIFE_S = 3600.0  # then the stream ends and the client resumes, so that a lapsed token does not see on
CHUNKS = 64  # waiting per client; a client that falls further behind is closed and resumes by Last-Event-ID
CATCH_UP = 500  # events to one chunk while a client catches up
Within = Callable[[str | None, str], bool]


class Client:
    """One open stream. What its socket takes is written at once, without waking a task; the rest waits, in order and bounded."""

    __slots__ = ("_rest", "_send", "_waiting", "ended", "filter")

    def __init__(self, filter: Filter, send: Send) -> None:
        self.filter, self._send = filter, send
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting: deque[Message] = deque()
        self._rest: asyncio.Task[None] | None = None  # a write that waits for a full socket

    def write(self, chunk: Message) -> bool:
        """Send a chunk now, or once there is room. False when too many wait."""
        if self._rest is not None:
            self._waiting.append(chunk)
            return len(self._waiting) <= CHUNKS
        try:
            self._rest = begin(cast(Coroutine[Any, Any, None], self._send(chunk)))
        except Exception as trouble:  # this stream's own: the others go on
            log_bug(trouble)
            self.end()
        if self._rest is not None:
            self._rest.add_done_callback(self._written)
        return True

    def end(self) -> None:
        """Close the stream; what waits is not sent."""
        self._waiting.clear()
        if self._rest is not None:
            self._rest.cancel()
        if not self.ended.done():
            self.ended.set_result(None)

    def _written(self, rest: asyncio.Task[None]) -> None:
        self._rest = None
        if rest.cancelled() or rest.exception() is not None:
            self.end()
        while self._waiting and self._rest is None:
            self.write(self._waiting.popleft())


class Group:
    """Clients with one filter: their events are chosen and encoded once."""

    __slots__ = ("clients", "sees")

    def __init__(self, sees: Sees) -> None:
        self.clients: set[Client] = set()
        self.sees = sees


class Batch(NamedTuple):
    """What was read of a log at once, with all that is needed to say who may see it."""

    events: Sequence[Recorded]
    learned: Learned


class Hub:
    """Reads every log once and hands the same bytes to all clients of a group. Lives on the event loop."""

    def __init__(
        self, feeds: Mapping[str, EventFeed], heads: Callable[[], Mapping[str, int]], within: Within, matters: Matters = AS_WRITTEN
    ) -> None:
        self._feeds, self._heads, self.within, self._matters = feeds, heads, within, matters
        self._groups: dict[Filter, Group] = {}
        self._positions = dict(heads())
        self._new = asyncio.Event()
        self.dropped = 0

    @property
    def clients(self) -> int:
        return sum(len(group.clients) for group in self._groups.values())

    @property
    def letters(self) -> frozenset[str]:
        return frozenset(self._feeds)

    def heads(self) -> Mapping[str, int]:
        return self._heads()

    def wake(self) -> None:
        """Something was committed (call from the loop)."""
        self._new.set()

    async def run(self) -> None:
        """Deliver for ever; cancelled when the node stops."""
        beat = time.monotonic()
        while True:
            try:
                await asyncio.wait_for(self._new.wait(), max(beat + HEARTBEAT_S - time.monotonic(), 0))
                await asyncio.sleep(GATHER_S)
                self._new.clear()
                await self._deliver()
            except TimeoutError:
                pass
            except Exception as trouble:  # a log that cannot be read now is read again; the streams stay open
                if not isinstance(trouble, StorageFailed | LogBusy):  # those are told where the log is kept
                    log_bug(trouble)
                await asyncio.sleep(1)
                self._new.set()
            if time.monotonic() - beat >= HEARTBEAT_S:
                beat = time.monotonic()
                self._send_all(b": alive\n\n")

    def join(self, filter: Filter, sees: Sees, send: Send) -> Client:
        """Add a client that `missed` says is level."""
        client = Client(filter, send)
        self._groups.setdefault(filter, Group(sees)).clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        group = self._groups.get(client.filter)
        if group is not None:
            group.clients.discard(client)
            if not group.clients:
                del self._groups[client.filter]

    def chosen(self, filter: Filter, sees: Sees, batch: Batch, positions: dict[str, int], letter: str) -> list[bytes]:
        """The encoded events of a batch that a filter takes, with their ids."""
        chunks = []
        for event in batch.events:
            positions[letter] = event.position
            if filter.takes(event, sees, self.within, batch.learned):
                chunks.append(f"id: {write(positions)}\nevent: {event.type}\ndata: ".encode() + event.cloud_event() + b"\n\n")
        return chunks

    async def missed(self, filter: Filter, sees: Sees, positions: dict[str, int], letter: str) -> bytes:
        """One chunk of what lies between `positions` (moved on) and live delivery, in the log of this letter."""
        until = self._positions[letter]
        read, learned = await self._read(letter, positions[letter])
        events = [event for event in read if event.position <= until]
        if not events:
            positions[letter] = until
        return b"".join(self.chosen(filter, sees, Batch(events, learned), positions, letter))

    @property
    def level(self) -> Mapping[str, int]:
        """Where live delivery stands."""
        return self._positions

    async def _deliver(self) -> None:
        if not self._groups:
            self._positions = dict(self._heads())
            return
        for letter in sorted(self._feeds):
            while (batch := await self._read(letter, self._positions[letter])).events:
                # from here to the end without a wait: who joins gets all of it, or none; and nobody any of it, should one choice fail
                bodies = [
                    (group, b"".join(self.chosen(filter, group.sees, batch, dict(self._positions), letter)))
                    for filter, group in self._groups.items()
                ]
                self._positions[letter] = batch.events[-1].position
                for group, body in bodies:
                    if body:
                        self._hand(group, body)

    def read(self, letter: str, after: int) -> Batch:
        """What comes next in the log of this letter. Looks things up: in a thread."""
        feed = self._feeds[letter]
        events = feed.read(after, CATCH_UP)
        return Batch(events, self._matters.learn(feed.name, events))

    async def _read(self, letter: str, after: int) -> Batch:
        """In a thread: a database that does not answer keeps nobody else waiting."""
        return await asyncio.to_thread(self.read, letter, after)

    def _hand(self, group: Group, body: bytes) -> None:
        chunk = _chunk(body)
        for client in tuple(group.clients):
            if not client.write(chunk):  # too slow: the stream ends, and the client resumes from its last id. Never drops in silence
                self.dropped += 1
                group.clients.discard(client)
                client.end()

    def _send_all(self, body: bytes) -> None:
        for group in self._groups.values():
            self._hand(group, body)


class EventStream:
    """The ASGI answer of one SSE client: catches up from its vector, then lives on the hub's chunks."""

    def __init__(self, hub: Hub, filter: Filter, sees: Sees, positions: dict[str, int]) -> None:
        self._hub, self._filter, self._sees, self._positions = hub, filter, sees, positions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        opening = f"retry: 1000\nid: {write(self._positions)}\n: stream open\n\n"
        await send(_chunk(opening.encode()))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            client = await self._catch_up(send, gone)
            if client is not None:
                await self._live(client, gone)
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _catch_up(self, send: Send, gone: asyncio.Future[None]) -> Client | None:
        hub, positions = self._hub, self._positions
        while not gone.done():
            behind = next((letter for letter, at in sorted(hub.level.items()) if positions[letter] < at), None)
            if behind is not None:
                body = await hub.missed(self._filter, self._sees, positions, behind)
                if body:
                    await send(_chunk(body))
            elif any(positions[letter] > at for letter, at in hub.level.items()):
                await asyncio.sleep(GATHER_S)  # its vector is of heads that live delivery has not reached: it would get the rest twice
            else:
                return hub.join(self._filter, self._sees, send)  # no await since it was found level: nothing can slip in between
        return None

    async def _live(self, client: Client, gone: asyncio.Future[None]) -> None:
        gone.add_done_callback(lambda _: client.end())
        life = asyncio.get_running_loop().call_later(LIFE_S, client.end)
        try:
            await client.ended
        finally:
            life.cancel()
            self._hub.leave(client)
            client.end()


def _chunk(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
