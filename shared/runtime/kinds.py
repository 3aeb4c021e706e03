"""Of which kind a fault is: what comes before the colon of its words, and the only part that is a label. docs/runbook.md explains each."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Beside these a kind may be the name of an error, with `bug` before it when nobody foresaw it."""

    FORK = "fork"
    GAP = "gap"
    UNREADABLE = "unreadable"
    AWAY = "broker away"
    TOPIC = "topic"
    BEHIND = "behind"
    STUCK = "stuck"
    CLOSED = "closed"
    DIVISION = "division"
    WAITING = "waiting for registry"
    UNREAD = "not yet read"
    NEWER = "too new"
    LOADING = "loading"
    UNASSIGNED = "not assigned"
