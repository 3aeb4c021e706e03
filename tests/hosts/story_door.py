"""Requests into a machine that dies while it answers them; whoever gets no answer asks again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx

from tests.hosts.story_machine import EVERYWHERE, ONCE, Machine

BLOBS = (("writer", "before blobs"), ("writer", "after blobs"))
READINGS = tuple(
    (engine, f"{side} {what}")
    for engine, what in (("edge", "readings"), ("monitor", "submit"), ("monitor", "cursor"))
    for side in ("before", "after")
)
FEW = {"observations": READINGS, "imports": BLOBS, "reports": BLOBS, "readings": ONCE}
"""Where the machine dies of what few requests bring, by the last word of their path."""


class OneThread(ThreadPoolExecutor):
    """Hands no work to other threads: who dies does so in the one there is."""

    def submit(self, fn, /, *args, **kwargs):
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class Door(httpx.BaseTransport):
    """Requests into a machine, on an event loop that waits for nothing but its engines."""

    def __init__(self, machine: Machine) -> None:
        self._machine, self._loop = machine, asyncio.new_event_loop()
        self._loop.set_default_executor(OneThread())
        self._inner = httpx.ASGITransport(machine.app)
        self._told: asyncio.Queue[Any] = asyncio.Queue()
        started: asyncio.Queue[Any] = asyncio.Queue()
        self._living = self._loop.create_task(machine.app({"type": "lifespan", "state": {}}, self._told.get, started.put))
        self._told.put_nowait({"type": "lifespan.startup"})
        assert self._loop.run_until_complete(started.get()) == {"type": "lifespan.startup.complete"}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        at = request.headers.get("ortoo-at")
        if at is not None:
            self._machine.until(datetime.fromisoformat(at))
        if request.method != "GET":
            self._machine.changed()
        among = FEW.get(request.url.path.rpartition("/")[2], EVERYWHERE)
        return self._machine.mortal(lambda: self._loop.run_until_complete(self._answered(request)), among)

    def close(self) -> None:
        self._told.put_nowait({"type": "lifespan.shutdown"})
        self._loop.run_until_complete(self._living)
        self._loop.close()

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        answering = asyncio.ensure_future(self._inner.handle_async_request(request))
        try:
            while not answering.done():
                await asyncio.sleep(0)
                if self._machine.busy:
                    self._machine.step()
        finally:
            answering.cancel()
            await asyncio.wait([answering])
        answer = answering.result()
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


async def at_once(work: Callable[..., Any], *told: Any, **_: Any) -> Any:
    """In the place of `anyio.to_thread.run_sync`: there is one thread."""
    return work(*told)
