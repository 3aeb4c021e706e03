"""A read model that keeps each stream of an aggregate as its decider folds it, with columns by which it is looked up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from shared.blocks.clocks import Clocks
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.handling.timers import utc
from shared.kernel.decider import Decider
from shared.kernel.decoding import decoder
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered
from shared.sql.ports import Connection

Row = dict[str, Any]
MISSED = "resources.clock.missed"
NEVER = "9"  # after every time


class Folded:
    """One row for each stream. `columns` says what of a state is looked for; `kinds` are the aggregates whose facts lie on the streams.

    Each is a class of its own: a reader knows projections by their class.
    """

    def __init__(
        self,
        name: str,
        decider: Decider[Any],
        kinds: Collection[str],
        columns: Callable[[Any], Mapping[str, str | None]],
        silent: Collection[str] = (),
    ) -> None:
        """`silent`: deadlines that are nobody's duty, and so never overdue."""
        self._decider, self._columns, self._silent = decider, columns, frozenset(silent)
        self._states = decoder(type(decider.initial))
        named = tuple(columns(decider.initial))
        self._table = Table(
            name,
            key=("id",),
            columns={
                "id": "TEXT NOT NULL",
                **dict.fromkeys(named, "TEXT"),
                "due": "TEXT NOT NULL",  # the earliest deadline that runs
                "body": "TEXT NOT NULL",
                "division": "TEXT",
                "visibility": "TEXT NOT NULL",
                "position": "INTEGER NOT NULL",
            },
            indexes=(("position",), *((column, "position") for column in named)),
        )
        self.tables: tuple[Table, ...] = (self._table,)
        found = [family(fact) for fact, _ in registered("resources") if fact.split(".")[1] in kinds]
        self.listens: tuple[str, ...] = (*dict.fromkeys(found), MISSED)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        kind, _, name = at.streamid.partition("-")
        if kind != self._decider.category:
            return
        before = rows.get(self._table, name)
        state = self._decider.evolve(self._states.decode(before["body"]) if before else self._decider.initial, event)
        rows.put(
            self._table,
            id=name,
            **self._columns(state),
            due=self._due(getattr(state, "clocks", None)),
            body=msgspec.json.encode(state).decode(),
            division=at.division,
            visibility=at.visibility,
            position=at.position,
        )

    def _due(self, clocks: Clocks | None) -> str:
        dues = [due.due_at for due in clocks.open() if due.key not in self._silent] if clocks else []
        return utc(min(dues)) if dues else NEVER

    def find(self, db: Connection, name: str) -> Row | None:
        """One row by its id."""
        row = db.execute(f"SELECT * FROM {self._table.name} WHERE id = ?", (name,)).fetchone()
        return dict(row) if row is not None else None

    def listed(self, db: Connection, *, before: int | None, limit: int, **named: str | None) -> list[Row]:
        """Rows, the last changed first; `named` are columns and what they must hold."""
        where, values = paged(db, before, **named)
        found = db.execute(f"SELECT * FROM {self._table.name} WHERE {where} ORDER BY position DESC LIMIT ?", (*values, limit))
        return [dict(row) for row in found]

    def state(self, row: Row) -> Any:
        """What a row holds."""
        return self._states.decode(row["body"])
