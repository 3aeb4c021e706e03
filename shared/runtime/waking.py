"""Waking a thread once for everything one turn of the event loop asks of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable


class Gathered:
    """Called on the loop's own thread it wakes at the end of the turn: all commands of a turn share one commit. Elsewhere at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        """Made on the thread that runs the loop."""
        self._loop, self._wake, self._thread = loop, wake, threading.get_ident()
        self._asked = False

    def __call__(self) -> None:
        if threading.get_ident() != self._thread:
            self._wake()
        elif not self._asked:
            self._asked = True
            self._loop.call_soon(self._turned)

    def _turned(self) -> None:
        self._asked = False
        self._wake()
