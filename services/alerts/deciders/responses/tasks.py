"""How the tasks that follow from a response are named: a repeated policy finds the same one, a level taken up again makes a new one."""

from __future__ import annotations

from datetime import UTC, datetime

from services.alerts.deciders.derived import derived


def decide_task(activation: str, before: int = 0) -> str:
    """Decide on a proposal, the first or one made after so many others."""
    return derived("decide", activation, n=before)


def report_task(activation: str) -> str:
    """Report the activation to the level above."""
    return derived("report", activation)


def measure_task(activation: str, measure: str, change: int = 0) -> str:
    """Carry out a measure, begun by the activation or by the n-th change of level."""
    return derived("measure", activation, measure, n=change)


def order_task(activation: str, order: str, change: int = 0) -> str:
    """Issue a standing order of the plan."""
    return derived("order", activation, order, n=change)


def level_task(activation: str, change: int) -> str:
    """Bring everything to a higher level."""
    return derived("level", activation, n=change)


def review_task(activation: str, expected_end: datetime) -> str:
    """Look at a response whose expected end has passed."""
    return derived("review", f"{activation}.{expected_end.astimezone(UTC):%Y%m%d%H%M%S}")
