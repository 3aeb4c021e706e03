"""How the interpreter of a node is set; measured by `python -m bench commands`."""

from __future__ import annotations

import gc
import sys

SWITCH_S = 0.001  # a busy writer thread gives way to the event loop after a millisecond, not after five
YOUNG = 50_000  # new objects between two collections; the states of streams stay, and looking through them at every 700 costs a quarter


def tune() -> None:
    """Set thread switching and garbage collection of this process for many small, long-lived values."""
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(YOUNG, 20, 20)
