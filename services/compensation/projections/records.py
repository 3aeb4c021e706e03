"""What each volunteer or force is owed for by settled call-ups, and the tariffs that were set."""

from __future__ import annotations

from typing import Any

import msgspec

from services.compensation.deciders.streams import NO_INCIDENT
from services.compensation.events.entitlement import EntitlementRecorded
from services.compensation.events.tariff import TariffSet
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
SETTLED = Table(
    "settled_call_up",
    key=("claimant", "incident", "call_up"),
    columns={
        "claimant": "TEXT NOT NULL",
        "incident": "TEXT NOT NULL",
        "call_up": "TEXT NOT NULL",
        "revision": "INTEGER NOT NULL",
        "days": "TEXT NOT NULL",
        "minutes": "INTEGER NOT NULL",
        "division": "TEXT",
    },
)
TARIFF = Table(
    "tariff",
    key=("division", "tariff", "since"),
    columns={
        "division": "TEXT NOT NULL",
        "tariff": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "rates": "TEXT NOT NULL",
        "source": "TEXT NOT NULL",
    },
)


class Records:
    """Builds the compensation record beside the claims, and the list of tariffs."""

    tables: tuple[Table, ...] = (SETTLED, TARIFF)
    listens: tuple[str, ...] = ("compensation.entitlement.recorded", "compensation.tariff.set")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case EntitlementRecorded():
                rows.put(
                    SETTLED,
                    claimant=event.claimant,
                    incident=event.incident or NO_INCIDENT,
                    call_up=event.call_up,
                    revision=event.revision,
                    days=msgspec.json.encode(event.days).decode(),
                    minutes=sum(day.minutes for day in event.days),
                    division=at.division,
                )
            case TariffSet():
                rates = {rate.name: str(rate.value) for rate in event.rates}
                rows.put(
                    TARIFF,
                    division=event.division,
                    tariff=event.tariff,
                    since=event.since.isoformat(),
                    rates=msgspec.json.encode(rates).decode(),
                    source=event.source,
                )


def settled(db: Connection, claimant: str) -> list[Row]:
    """What somebody's call-ups came to."""
    rows = map(dict, db.execute("SELECT * FROM settled_call_up WHERE claimant = ? ORDER BY incident, call_up", (claimant,)))
    return [row | {"days": msgspec.json.decode(row["days"]), "incident": _incident(row)} for row in rows]


def tariffs(db: Connection) -> list[Row]:
    """Every tariff that was set, by division and day."""
    rows = map(dict, db.execute("SELECT * FROM tariff ORDER BY division, tariff, since"))
    return [row | {"rates": msgspec.json.decode(row["rates"])} for row in rows]


def _incident(row: Row) -> str | None:
    return None if row["incident"] == NO_INCIDENT else str(row["incident"])
