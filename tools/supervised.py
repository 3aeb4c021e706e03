"""A process of a local cluster: what docker-compose.yml's restart policies and health checks do with a container."""

from __future__ import annotations

import threading
import time

from tools.components import Component

BACKOFF_S, LONGEST_BACKOFF_S, STEADY_S = 0.1, 2.0, 10.0


class ClusterFailed(RuntimeError):
    """The cluster did not come up; says which process and what it wrote last."""


class Process:
    """A service of the cluster: started again when it ends, as docker-compose.yml says, until it is stopped."""

    def __init__(self, name: str, component: Component, *, once: bool = False) -> None:
        self.name, self.component, self._once = name, component, once
        self.starts = self._quick = 0
        self._wanted = False
        self._began = self._next = 0.0
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """Of the process that runs now; another after a restart."""
        process = self.component.process
        assert process is not None, f"{self.name} was never started"
        return process.pid

    @property
    def url(self) -> str:
        """Where it serves HTTP."""
        return f"http://127.0.0.1:{self.component.port}"

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self.component.log.read_text(encoding="utf-8", errors="replace")

    def said(self) -> str:
        """What it says of itself, and what it wrote last."""
        return f"{self.component.trouble()} It wrote last:\n{self.log[-3000:]}"

    @property
    def healthy(self) -> bool:
        """Whether its health check passes; of what does one thing and ends: whether it has."""
        if self._once:
            return self.component.done
        return self.component.runs and self.component.answers()

    def start(self) -> None:
        """Start it; it is started again whenever it ends."""
        with self._lock:
            self._wanted = True
            self._launch()

    def stop(self) -> None:
        """End it in order; it stays down until `start`."""
        with self._lock:
            self._wanted = False
            if self.component.runs:
                self.component.stop()

    def kill(self) -> None:
        """kill -9; it is started again at once."""
        self.component.kill()

    def pause(self) -> None:
        """Freeze it."""
        self.component.pause()

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self.component.resume()

    def wait_healthy(self, within_s: float = 60.0) -> None:
        """Return when its health check passes. ClusterFailed when it does not in time."""
        end = time.monotonic() + within_s
        while not self.healthy:
            if time.monotonic() > end:
                raise ClusterFailed(f"{self.name} is not healthy after {within_s:.0f} s. {self.said()}")
            time.sleep(0.1)

    def revive(self) -> None:
        """Start it again if it ended and should not have; later and later when it keeps ending."""
        with self._lock:
            if not self._wanted or self.component.runs or (self._once and self.component.done):
                return
            now = time.monotonic()
            if not self._next:
                self._quick = 0 if now - self._began > STEADY_S else self._quick + 1
                self._next = now + min(BACKOFF_S * 2**self._quick, LONGEST_BACKOFF_S)
            if now >= self._next:
                self._launch()

    def _launch(self) -> None:
        self._began, self._next = time.monotonic(), 0.0
        self.starts += 1
        self.component.launch()
