"""The hub by itself: heartbeats, and what a full socket does not take."""

from __future__ import annotations

import asyncio

from starlette.types import Message

from shared.web import stream
from shared.web.filters import Filter
from tests.waiting import PATIENCE_S


class Heard:
    """A client's side of the ASGI answer: what it was sent, once its socket has room."""

    def __init__(self) -> None:
        self.chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self.room = asyncio.Event()
        self.room.set()

    async def send(self, message: Message) -> None:
        await self.room.wait()
        self.chunks.put_nowait(message["body"])


def test_a_quiet_stream_still_beats(monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)

    async def beats() -> bytes | None:
        hub = stream.Hub({}, dict, lambda division, above: True)
        client = Heard()
        hub.join(Filter(), lambda division, visibility: True, client.send)
        running = asyncio.ensure_future(hub.run())
        try:
            return await asyncio.wait_for(client.chunks.get(), PATIENCE_S)
        finally:
            running.cancel()

    assert asyncio.run(beats()) == b": alive\n\n"


def test_a_stream_that_only_hears_of_others_events_still_beats(monkeypatch):
    """Commits that a client's filter leaves out must not put its heartbeat off, however many there are."""
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.3)
    monkeypatch.setattr(stream, "GATHER_S", 0.001)

    async def first_beat() -> bytes:
        hub = stream.Hub({}, dict, lambda division, above: True)
        client = Heard()
        hub.join(Filter(), lambda division, visibility: True, client.send)
        running, knocking = asyncio.ensure_future(hub.run()), asyncio.ensure_future(knock(hub))
        try:
            return await asyncio.wait_for(client.chunks.get(), PATIENCE_S)
        finally:
            running.cancel()
            knocking.cancel()

    async def knock(hub: stream.Hub) -> None:
        while True:
            hub.wake()
            await asyncio.sleep(0.01)

    assert asyncio.run(first_beat()) == b": alive\n\n"


def test_what_a_full_socket_does_not_take_waits_in_order_and_bounded():
    async def told() -> tuple[list[bytes], list[bool], bool]:
        heard = Heard()
        client = stream.Client(Filter(), heard.send)
        client.write(chunk(0))
        at_once = heard.chunks.qsize()
        heard.room.clear()
        kept = [client.write(chunk(n)) for n in range(1, stream.CHUNKS + 3)]
        heard.room.set()
        for _ in range(stream.CHUNKS + 3):
            await asyncio.sleep(0)
        assert at_once == 1
        return [heard.chunks.get_nowait() for _ in range(heard.chunks.qsize())], kept, client.ended.done()

    chunks, kept, ended = asyncio.run(told())
    assert chunks == [b"%d" % n for n in range(stream.CHUNKS + 3)] and not ended
    assert kept == [True] * (stream.CHUNKS + 1) + [False]


def test_a_stream_that_ends_while_its_socket_is_full_sends_nothing_more():
    async def told() -> int:
        heard = Heard()
        client = stream.Client(Filter(), heard.send)
        heard.room.clear()
        client.write(chunk(0))
        client.write(chunk(1))
        client.end()
        heard.room.set()
        await asyncio.wait_for(client.ended, PATIENCE_S)
        await asyncio.sleep(0.01)
        return heard.chunks.qsize()

    assert asyncio.run(told()) == 0


def chunk(n: int) -> Message:
    return {"type": "http.response.body", "body": b"%d" % n, "more_body": True}
