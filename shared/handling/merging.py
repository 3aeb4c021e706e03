"""What was found to be one: an incident that was merged into another, as lists of every service follow it.

Nothing is moved: what lies under an incident is asked for as it is read, by its name and by those of the ones merged into it. The names
are looked up first: given the question itself as a condition, a database reads every row there is. Of a restricted incident what was
done for it stays under its own name; `alerts`, which knows who may see it, follows those too. `privacy` lists by the very incident that
a purpose was named with.
"""

from __future__ import annotations

from typing import Any

from shared.handling.declare import Rows, Table
from shared.handling.matters import NARROW
from shared.kernel.envelope import Envelope
from shared.kernel.events import family_of
from shared.sql.many import marks
from shared.sql.ports import Connection

MERGED = Table(
    "merged_incident",
    key=("incident",),
    columns={"incident": "TEXT NOT NULL", "merged_into": "TEXT NOT NULL"},
    indexes=(("merged_into",),),
)


class Mergers:
    """Builds the list of what was merged into what, from a neighbour's fact that says `incident` and `into`."""

    tables: tuple[Table, ...] = (MERGED,)

    def __init__(self, merged: type) -> None:
        self.listens: tuple[str, ...] = (family_of(merged),)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if at.visibility in NARROW:  # here nobody asks who reads, and that such an incident is another is not for all who see that one
            return
        rows.put(MERGED, incident=event.incident, merged_into=event.into)


def of_incident(db: Connection, incident: str | None, table: str = MERGED.name) -> tuple[str, tuple[str, ...]]:
    """The further condition for rows of an incident, and of those that were merged into it; none without one."""
    if incident is None:
        return "", ()
    absorbed = db.execute(f"SELECT incident FROM {table} WHERE merged_into = ? ORDER BY incident", (incident,))
    names = (incident, *(row["incident"] for row in absorbed))
    return f" AND incident IN ({marks(names)})", names


def paged(db: Connection, before: int | None, *, incident: str | None = None, **named: str | int | None) -> tuple[str, tuple[object, ...]]:
    """The condition of a page, the last changed first: older than `before`, under the incident, and columns as they are named."""
    given = {name: value for name, value in named.items() if value is not None}
    under, names = of_incident(db, incident)
    where = " AND ".join(("position < ?", *(f"{name} = ?" for name in given)))
    return where + under, (before if before is not None else 2**62, *given.values(), *names)
