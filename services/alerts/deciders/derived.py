"""How ids are made of other ids. People refer to them, so they are as short as the ids people choose."""

from __future__ import annotations

import re
from hashlib import sha256

LONGEST = 64  # of an id (shared/handling/guard.py)
_NUMBERED = re.compile(r"(?:.*\.)?\d+")


def derived(kind: str, *names: str, n: int | None = None) -> str:
    """The id of what follows from those named, the `n`-th time (0: the first, which has no number). Where that would be too long, or
    would be read as made of other names, it ends with a digest of them: no two things have one id."""
    plain = (f"{kind}-" if kind else "") + ".".join(names) + (f".{n}" if n else "")
    doubtful = any("." in name for name in names[:-1]) or (n == 0 and _NUMBERED.fullmatch(names[-1]) is not None)
    if len(plain) <= LONGEST and not doubtful:
        return plain
    tail = sha256("\0".join((kind, *names, str(n or 0))).encode()).hexdigest()[:16]
    return f"{plain[: LONGEST - len(tail) - 1]}.{tail}"
