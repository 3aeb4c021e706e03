"""What lies under an incident, for everything that is listed by one: also what lay under those that were merged into it (domain 3.2).

Nothing is moved when two prove to be the same: it is asked as it is read, here and, by other services, in `shared/handling/merging.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shared.handling import merging
from shared.sql.many import marks, parts
from shared.sql.ports import Connection

_MERGED = "SELECT incident, merged_into, division, visibility FROM incident WHERE merged_into"


def absorbed(db: Connection, seen: Callable[[dict[str, Any]], bool], incidents: Sequence[str]) -> dict[str, str]:
    """What was merged into any of these incidents, with the one it was merged into; only what a reader may see."""
    if not incidents:
        return {}
    asked = f"{_MERGED} IN ({marks(incidents)}) ORDER BY incident"
    return {row["incident"]: row["merged_into"] for row in map(dict, db.execute(asked, tuple(incidents))) if seen(row)}


def merged(db: Connection, seen: Callable[[dict[str, Any]], bool], incidents: Sequence[str]) -> dict[str, str]:
    """Of these incidents those that were merged into another, with that one; only what a reader may see."""
    found: dict[str, str] = {}
    for some in parts(incidents):
        asked = f"{_MERGED} IS NOT NULL AND incident IN ({marks(some)})"
        found |= {row["incident"]: row["merged_into"] for row in map(dict, db.execute(asked, tuple(some))) if seen(row)}
    return found


def of_incident(db: Connection, incident: str | None) -> tuple[str, tuple[str, ...]]:
    """The further condition for rows of an incident, and of those that were merged into it; none without one."""
    return merging.of_incident(db, incident, "incident")
