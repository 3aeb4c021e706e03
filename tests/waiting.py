"""Waiting for what comes to pass by itself. How long is said here alone: enough for a slow machine that does much else meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE_S = 60.0
AGAIN_S = 0.02


def until(true: Callable[[], Found | None], said: Callable[[], object] | str = "", within_s: float = PATIENCE_S) -> Found:
    """The first true answer, asked for again and again. AssertionError with what is said when there is none in time."""
    end = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < end, f"it did not come to pass in {within_s:.0f} s: {said() if callable(said) else said}"
        time.sleep(AGAIN_S)
    return found
