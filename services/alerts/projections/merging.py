"""What lies under an incident, for everything that is listed by one: also what lay under those that were merged into it (domain 3.2).

Nothing is moved when two prove to be the same: it is asked as it is read, and here alone. The names are looked up first: given the
question itself as a condition, a database reads every row there is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shared.sql.ports import Connection


def absorbed(db: Connection, incidents: Sequence[str], seen: Callable[[dict[str, Any]], bool] | None = None) -> dict[str, str]:
    """What was merged into any of these incidents, with the one it was merged into; only what a reader may see, if one is given."""
    if not incidents:
        return {}
    asked = f"SELECT incident, merged_into, division, visibility FROM incident WHERE merged_into IN ({marks(incidents)}) ORDER BY incident"
    rows = map(dict, db.execute(asked, tuple(incidents)))
    return {row["incident"]: row["merged_into"] for row in rows if seen is None or seen(row)}


def of_incident(db: Connection, incident: str | None) -> tuple[str, tuple[str, ...]]:
    """The further condition for rows of an incident, and of those that were merged into it; none without one."""
    if incident is None:
        return "", ()
    names = (incident, *absorbed(db, (incident,)))
    return f" AND incident IN ({marks(names)})", names


def marks(names: Sequence[str]) -> str:
    """As many placeholders."""
    return ", ".join("?" * len(names))
