"""How streams of the alerts service are named."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256


def alert_stream(alert: str) -> str:
    """One of our own warnings."""
    return f"alert-{alert}"


@lru_cache(10_000)  # asked several times for each message, and again for each that refers to it
def cap_stream(identifier: str) -> str:
    """Every message under one CAP identifier; hashed, since an identifier may hold any character."""
    return f"cap-{sha256(identifier.encode()).hexdigest()[:32]}"


def checklist_stream(alert: str, checklist: str) -> str:
    """The duties of one article for one warning."""
    return f"checklist-{alert}.{checklist}"


def recipients_stream(name: str) -> str:
    """Who acknowledges, for an area or a hazard source."""
    return f"recipients-{name}"


def hazard_stream(hazard_source: str) -> str:
    """A hazard source."""
    return f"hazard-{hazard_source}"
