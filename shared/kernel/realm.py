"""Realms: the real one, and one for each drill, with its own logs, keys and stores. Here they are only names."""

from __future__ import annotations

import re

REAL = "real"
_DRILL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")  # a part of the names of logs, topics, cookies and folders


def drill_name(text: str) -> str:
    """The text, when a drill may be called so. ValueError."""
    if _DRILL.fullmatch(text) is None or text.lower() == REAL:
        raise ValueError(f"{text[:60]!r} is no name of a drill: 1 to 40 letters, digits, - and _, such as DR-1; never {REAL}")
    return text


def log_prefix(realm: str, province: str) -> str:
    """How the names of a node's logs begin: `150000`, of a drill `DR-1.150000`. So no event of a drill has the id of a real one."""
    return province if realm == REAL else f"{realm}.{province}"
