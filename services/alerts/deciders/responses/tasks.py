"""How the tasks that follow from a response are named: a repeated policy finds the same one, a level taken up again makes a new one."""

from __future__ import annotations

from datetime import UTC, datetime


def decide_task(activation: str) -> str:
    """Decide on a proposal."""
    return f"decide-{activation}"


def report_task(activation: str) -> str:
    """Report the activation to the level above."""
    return f"report-{activation}"


def measure_task(activation: str, measure: str, change: int = 0) -> str:
    """Carry out a measure, begun by the activation or by the n-th change of level."""
    return _changed(f"measure-{activation}.{measure}", change)


def order_task(activation: str, order: str, change: int = 0) -> str:
    """Issue a standing order of the plan."""
    return _changed(f"order-{activation}.{order}", change)


def level_task(activation: str, change: int) -> str:
    """Bring everything to a higher level."""
    return f"level-{activation}.{change}"


def review_task(activation: str, expected_end: datetime) -> str:
    """Look at a response whose expected end has passed."""
    return f"review-{activation}.{expected_end.astimezone(UTC):%Y%m%d%H%M%S}"


def _changed(name: str, change: int) -> str:
    return f"{name}.{change}" if change else name
