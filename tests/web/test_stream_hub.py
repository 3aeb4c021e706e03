"""The hub by itself: heartbeats, and what a full socket does not take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest
from starlette.types import Message

from shared.handling.matters import AS_WRITTEN, Learned, Sees, Streams
from shared.kernel.envelope import Recorded
from shared.runtime.process import Process
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


class One:
    """A log of one event, and what is known of it: to some the question itself fails."""

    name = "a"

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        said = SimpleNamespace(position=1, type="x", envelope=SimpleNamespace(correlationid=None), cloud_event=lambda: b"{}")
        return [cast(Recorded, said)] if after < 1 else []

    def learn(self, log: str, batch: Sequence[Recorded]) -> Learned:
        return self

    def shown(self, recorded: Recorded, sees: Sees) -> bool:
        return sees(None, "")

    def unknown(self, recorded: Recorded) -> bool:
        return False

    def under(self, incident: str) -> str:
        return incident


def test_a_choice_that_fails_hands_the_batch_to_nobody_so_that_nobody_gets_it_twice():
    """It is delivered once the question can be answered."""
    fails = iter([True, False])

    def unsure(division: str | None, visibility: str) -> bool:
        if next(fails):
            raise ValueError
        return True

    async def told() -> tuple[bytes, ...]:
        heads = {"a": 0}
        log = One()
        hub = stream.Hub({"a": log}, lambda: heads, lambda division, above: True, log)
        first, second = Heard(), Heard()
        hub.join(Filter(circle=("first", ())), lambda division, visibility: True, first.send)
        hub.join(Filter(circle=("second", ())), unsure, second.send)
        with pytest.raises(ValueError):
            await hub._deliver()
        assert first.chunks.empty()
        await hub._deliver()
        await hub._deliver()
        return tuple(heard.chunks.get_nowait() for heard in (first, second) if heard.chunks.qsize() == 1)

    assert asyncio.run(told()) == (b"id: a1\nevent: x\ndata: {}\n\n",) * 2


def test_a_node_on_which_two_services_say_whose_matter_events_are_does_not_start():
    said = SimpleNamespace(letter="a", matters=lambda log: AS_WRITTEN)
    node = cast(Process, SimpleNamespace(services={"a": said, "b": said}, directory=SimpleNamespace(within=lambda division, above: True)))
    with pytest.raises(ValueError, match="one service of a node"):
        Process._shows(node, {"a": cast(Streams, One())}, dict)
