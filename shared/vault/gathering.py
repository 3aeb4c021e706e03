"""Commits shared by threads that want something stored at the same moment."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from shared.sql.ports import StorageFailed

BATCH = 200  # to one commit
T = TypeVar("T")


class _Waiting(Generic[T]):
    __slots__ = ("done", "failed", "item")

    def __init__(self, item: T) -> None:
        self.item, self.done = item, False
        self.failed: Exception | None = None


class Gathering(Generic[T]):
    """`store` gets what several threads handed in together; each returns when its own is stored, or is told why not."""

    def __init__(self, store: Callable[[Sequence[T]], None]) -> None:
        self._store = store
        self._queue: deque[_Waiting[T]] = deque()
        self._turn = threading.Lock()

    def put(self, item: T) -> None:
        """Returns when it is stored. A failure of another's item is not ours."""
        waiting = _Waiting(item)
        self._queue.append(waiting)
        while not waiting.done:
            with self._turn:
                if not waiting.done:  # nobody took it along
                    self._together([self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))])
        if waiting.failed is not None:
            raise waiting.failed

    def _together(self, batch: Sequence[_Waiting[T]]) -> None:
        try:
            self._store([waiting.item for waiting in batch])
        except Exception as error:  # told to whoever put it in
            if len(batch) > 1:  # each alone, so that one fails nobody else's
                for waiting in batch:
                    self._together([waiting])
                return
            batch[0].failed = error
        except BaseException:  # the process ends: nobody is told that it is stored
            for waiting in batch:
                waiting.failed, waiting.done = StorageFailed("the process ended before it was stored"), True
            raise
        for waiting in batch:
            waiting.done = True
