"""Divisions as they are listed: every period of every unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.registry.events.divisions import Change, DivisionChanged, DivisionsLoaded
from shared.geo.units import Unit
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

UNITS = Table(
    "division",
    key=("code", "period"),
    columns={
        "code": "TEXT NOT NULL",
        "period": "INTEGER NOT NULL",  # 1, 2, 3 of this code
        "root": "TEXT NOT NULL",
        "zh": "TEXT NOT NULL",
        "en": "TEXT NOT NULL",
        "level": "INTEGER NOT NULL",
        "kind": "TEXT NOT NULL",
        "parent": "TEXT",
        "valid_from": "TEXT",
        "valid_to": "TEXT",
        "successor": "TEXT",
        "lon": "TEXT",
        "lat": "TEXT",
        "neighbours": "TEXT NOT NULL",
    },
    indexes=(("parent",),),
)
PERIODS = Table("division_periods", key=("code",), columns={"code": "TEXT NOT NULL", "periods": "INTEGER NOT NULL"})


class DivisionList:
    """Every unit with its periods, for lists and maps. Who may what is asked of the tree in memory, not here."""

    tables: tuple[Table, ...] = (UNITS, PERIODS)
    listens: tuple[str, ...] = ("registry.divisions.loaded", "registry.division.changed")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case DivisionsLoaded(root=root, units=units):
                for unit in units:
                    _put(rows, root, unit, 1)
            case DivisionChanged():
                self._change(rows, event)

    def _change(self, rows: Rows, event: DivisionChanged) -> None:
        periods = rows.get(PERIODS, event.division)
        period = periods["periods"] if periods else 1
        last = rows.get(UNITS, event.division, period)
        rows.change(UNITS, event.division, period, valid_to=event.starts.isoformat(), successor=event.into)
        if event.change is Change.RENAME and last is not None:
            named = {"zh": event.zh or last["zh"], "en": event.en or last["en"]}
            rows.put(UNITS, **{**last, **named, "period": period + 1, "valid_from": event.starts.isoformat()})
            rows.put(PERIODS, code=event.division, periods=period + 1)


def _put(rows: Rows, root: str, unit: Unit, period: int) -> None:
    rows.put(
        UNITS,
        code=unit.code,
        period=period,
        root=root,
        zh=unit.zh,
        en=unit.en,
        level=unit.level,
        kind=unit.kind,
        parent=unit.parent,
        valid_from=_text(unit.valid_from),
        valid_to=_text(unit.valid_to),
        successor=unit.successor,
        lon=_text(unit.lon),
        lat=_text(unit.lat),
        neighbours=" ".join(unit.neighbours),
    )
    rows.put(PERIODS, code=unit.code, periods=period)


def _text(value: date | Decimal | None) -> str | None:
    return None if value is None else str(value)


def get_division(db: Connection, code: str, day: date) -> dict[str, Any] | None:
    """The unit as it is on a day; None when it is unknown or not there then."""
    found = db.execute(f"SELECT * FROM division WHERE code = :code AND {_IN_FORCE}", {"code": code, "day": day.isoformat()}).fetchone()
    return _shown(found) if found else None


def list_divisions(db: Connection, *, day: date, after: str | None, limit: int, parent: str | None = None) -> Sequence[dict[str, Any]]:
    """The units in force on a day in the order of their codes, after one of them; of one parent if named."""
    of = "" if parent is None else "AND parent = :parent"
    found = db.execute(
        f"SELECT * FROM division WHERE code > :after {of} AND {_IN_FORCE} ORDER BY code LIMIT :limit",
        {"after": after or "", "parent": parent, "day": day.isoformat(), "limit": limit},
    )
    return [_shown(row) for row in found]


_IN_FORCE = "coalesce(valid_from, '') <= :day AND coalesce(valid_to, '9999') > :day"  # ISO days sort as they follow each other


def _shown(row: Any) -> dict[str, Any]:
    shown = {name: row[name] for name in row.keys() if name != "period"}  # noqa: SIM118 - a Row iterates over its values
    return shown | {"neighbours": row["neighbours"].split()}
