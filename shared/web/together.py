"""Blocking work of requests that wait at the same moment, done by one thread in one go: one commit, one hop, one wake-up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

BATCH = 200  # to one go
T = TypeVar("T")
R = TypeVar("R")


class _Waiting(Generic[T, R]):
    __slots__ = ("future", "item", "loop")

    def __init__(self, item: T, loop: asyncio.AbstractEventLoop) -> None:
        self.item, self.loop = item, loop
        self.future: asyncio.Future[R] = loop.create_future()


class Together(Generic[T, R]):
    """`do` gets what several requests handed in and answers each in order; while it works, the next gather."""

    def __init__(self, do: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self._do = do
        self._queue: deque[_Waiting[T, R]] = deque()
        self._lock = Lock()
        self._working = False

    async def __call__(self, item: T) -> R:
        """What `do` answers for this item; a failure is that of the item alone."""
        loop = asyncio.get_running_loop()
        waiting: _Waiting[T, R] = _Waiting(item, loop)
        with self._lock:
            self._queue.append(waiting)
            begin, self._working = not self._working, True
        if begin:
            loop.run_in_executor(None, self._work)
        return await waiting.future

    def _work(self) -> None:
        while batch := self._taken():
            self._answer(batch)

    def _taken(self) -> list[_Waiting[T, R]]:
        with self._lock:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            self._working = bool(batch)
            return batch

    def _answer(self, batch: Sequence[_Waiting[T, R]]) -> None:
        try:
            results: Sequence[R | BaseException] = self._do([waiting.item for waiting in batch])
        except BaseException as error:  # told to whoever asked; a thread that dies silently would let them wait
            if len(batch) > 1 and isinstance(error, Exception):  # each alone, so that one fails nobody else's
                for waiting in batch:
                    self._answer([waiting])
                return
            results = [error] * len(batch)
        for loop in {waiting.loop for waiting in batch}:
            told = [(waiting.future, result) for waiting, result in zip(batch, results, strict=True) if waiting.loop is loop]
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, told)


def _settle(told: Sequence[tuple[asyncio.Future[R], R | BaseException]]) -> None:
    for future, result in told:
        if future.done():  # the caller may have hung up
            continue
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
