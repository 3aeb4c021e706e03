"""Random bytes for keys and nonces. The system is asked for many at once: each time gives the interpreter's lock away."""

from __future__ import annotations

import os
from io import BytesIO
from secrets import token_bytes
from threading import Lock

AT_ONCE = 4096
_lock, _drawn = Lock(), BytesIO()


def chance(size: int) -> bytes:
    """So many bytes that nobody else draws."""
    global _drawn
    with _lock:
        found = _drawn.read(size)
        if len(found) < size:
            _drawn = BytesIO(token_bytes(AT_ONCE + size))
            found = _drawn.read(size)
        return found


def _forked() -> None:
    """A copy of this process must not draw the same."""
    global _lock, _drawn
    _lock, _drawn = Lock(), BytesIO()


os.register_at_fork(after_in_child=_forked)
