"""The clock board: every deadline of every stream, whatever it belongs to. Amber and red are computed when it is asked."""

from __future__ import annotations

from typing import Any

from services.alerts.events.clock import ClockMissed, carry_clocks
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope

CLOCK = Table(
    "clock",
    key=("stream", "key"),
    columns={
        "stream": "TEXT NOT NULL",
        "key": "TEXT NOT NULL",
        "rule": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "due_at": "TEXT NOT NULL",
        "amber_at": "TEXT",
        "ended": "TEXT",
        "how": "TEXT",  # met or stopped
        "told": "TEXT",  # when it was escalated
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "incident": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("ended", "due_at"), ("incident", "due_at")),
)


class ClockBoard:
    """Builds the clock board from whatever facts carry deadlines."""

    tables: tuple[Table, ...] = (CLOCK,)
    listens: tuple[str, ...] = (*carry_clocks(), "alerts.clock.missed")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        for how in ("met", "stopped"):
            for key in getattr(event, how, ()):
                row = rows.get(CLOCK, at.streamid, key)
                if row is not None and row["ended"] is None:
                    rows.change(CLOCK, at.streamid, key, ended=utc(at.time), how=how)
        for due in getattr(event, "clocks", ()):
            rows.put(
                CLOCK,
                stream=at.streamid,
                key=due.key,
                rule=due.rule,
                since=utc(due.since),
                due_at=utc(due.due_at),
                amber_at=utc(due.amber_at) if due.amber_at else None,
                ended=None,
                how=None,
                told=None,
                division=at.division,
                visibility=at.visibility,
                incident=at.correlationid,
                position=at.position,
            )
        if isinstance(event, ClockMissed):
            rows.change(CLOCK, at.streamid, event.key, told=utc(event.at))
