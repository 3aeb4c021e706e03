"""Incidents in another order than that of their last change: what presses comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from services.alerts.projections.clocks import RUNS
from services.alerts.projections.merging import merged
from shared.sql.ports import Connection

Row = dict[str, Any]
GRAVITY = "gravity"


def ordered(db: Connection, rows: Iterable[Row], by: str, seen: Callable[[Row], bool]) -> list[Row]:
    """The gravest first, or those whose next deadline passes first, or passed, as far as their reader sees it; of equal ones the other."""
    due = _first_of_each(db, seen)

    def place(row: Row) -> tuple[Any, ...]:
        urgent = (row["incident"] not in due, due.get(row["incident"], ""))
        return (*((row["weight"], *urgent) if by == GRAVITY else (*urgent, row["weight"])), row["since"], row["incident"])

    return sorted(rows, key=place)


def _first_of_each(db: Connection, seen: Callable[[Row], bool]) -> dict[str, str]:
    """By when something is due next, of each incident under which anything is, what was merged into it among it."""
    found: dict[str, str] = {}
    alike = "incident, stream, division, visibility"  # what it depends on who may see a deadline
    sql = f"SELECT {alike}, MIN(due_at) AS first FROM clock WHERE incident IS NOT NULL AND {RUNS} GROUP BY {alike} ORDER BY first"
    rows = [dict(row) for row in db.execute(sql)]
    gone = merged(db, seen, [*dict.fromkeys(row["incident"] for row in rows)])
    for row in rows:
        own: str = row["incident"]
        under = [name for name in (own, gone.get(own, own)) if name not in found]
        if under and seen(row):
            found.update((name, row["first"]) for name in under)
    return found
