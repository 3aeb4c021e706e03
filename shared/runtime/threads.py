"""The threads of a host: each steps one engine, sleeps when there is nothing to do, and can be woken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from shared.runtime.guarded import Guarded

BACK_OFF_S = 0.5  # after a fault, unless something wakes the engine sooner
STOP_S = 2.0  # for all threads together, so that SIGTERM ends the process within five seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a thread sleeps when nothing happens, and how far apart two steps begin however much happens."""

    idle_s: float
    apart_s: float = 0.0


class Threads:
    """Named threads that step engines until all are stopped."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._wakes: dict[str, threading.Event] = {}

    def start(self, engine: str, of: Guarded, step: Callable[[], bool], pace: Pace) -> Callable[[], None]:
        """Step an engine from now on; what comes back wakes it."""
        name = f"{of.name}-{engine}"
        wake = self._wakes[name] = threading.Event()

        def run() -> None:
            while not self._stop.is_set():
                began = time.monotonic()
                moved = of.guarded(engine, step)
                if not moved:
                    wake.wait(BACK_OFF_S if engine in of.faults else pace.idle_s)
                    wake.clear()
                if (early := began + pace.apart_s - time.monotonic()) > 0:
                    self._stop.wait(early)

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return wake.set

    def wake(self, *names: str) -> None:
        """Something happened for these; a name nobody has is nobody's."""
        for name in names:
            wake = self._wakes.get(name)
            if wake is not None and not wake.is_set():
                wake.set()

    def wake_all(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    def stop(self) -> bool:
        """Let every engine finish its step. False when one did not in time; the process ends with it."""
        self._stop.set()
        self.wake_all()
        deadline = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)
