"""Who was written to about which call-up, and what became of it, as privacy says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.privacy.events.told import CalledPersonTold
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

LETTER = Table(
    "callup_letter",
    key=("call_up", "holder"),
    columns={
        "call_up": "TEXT NOT NULL",
        "holder": "TEXT NOT NULL",
        "channel": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "detail": "TEXT",
        "position": "INTEGER NOT NULL",
    },
)


class Letters:
    """The last of each person: whoever is asked once more is written to once more."""

    tables: tuple[Table, ...] = (LETTER,)
    listens: tuple[str, ...] = ("privacy.personal_data.told",)

    def apply(self, rows: Rows, event: CalledPersonTold, at: Envelope) -> None:
        rows.put(
            LETTER,
            call_up=event.call_up,
            holder=event.subject,
            channel=event.channel,
            state=event.state.value,
            detail=event.detail,
            position=at.position,
        )


def told(db: Connection, call_up: str) -> Mapping[str, Mapping[str, Any]]:
    """By person: over which channel, and whether it went out."""
    rows = db.execute("SELECT holder, channel, state, detail FROM callup_letter WHERE call_up = ?", (call_up,))
    return {row["holder"]: {name: row[name] for name in ("channel", "state", "detail")} for row in rows}
