"""The decision log: who decided what, under which power, on which legal basis, with which deadlines. For life."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from services.alerts.events import FAMILIES
from services.alerts.events.order import OrderContent
from services.alerts.projections.merging import of_incident
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

DECIDE_NOTHING = ("SYS", "PUBLIC", "LINK")  # policies, timers and connectors carry out what was decided; anybody may tell something
DECISION = Table(
    "decision",
    key=("position",),
    columns={
        "position": "INTEGER NOT NULL",
        "at": "TEXT NOT NULL",
        "type": "TEXT NOT NULL",
        "stream": "TEXT NOT NULL",
        "version": "INTEGER NOT NULL",
        "incident": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "actor": "TEXT NOT NULL",
        "role": "TEXT NOT NULL",
        "organ": "TEXT",
        "cosigner": "TEXT",
        "basis": "TEXT",
        "rulepack": "TEXT",
        "deadlines": "TEXT NOT NULL",
        "what": "TEXT NOT NULL",
        "exercise": "INTEGER NOT NULL",
    },
    indexes=(("incident", "position"), ("actor", "position")),
)

SAID = ("level", "grade", "colour", "hazard", "measure_type", "plan", "finding", "outcome", "to")
WORDS = 80  # of an order's text


class Decisions:
    """Builds the decision log from every fact that a person signed."""

    tables: tuple[Table, ...] = (DECISION,)
    listens: tuple[str, ...] = FAMILIES

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if at.actor is None or at.role is None or at.role.partition(".")[0] in DECIDE_NOTHING:
            return
        deadlines = [{"rule": due.rule, "due_at": due.due_at} for due in getattr(event, "clocks", ())]
        rows.put(
            DECISION,
            position=at.position,
            at=utc(at.time),
            type=at.type,
            stream=at.streamid,
            version=at.streamversion,
            incident=at.correlationid,
            division=at.division,
            visibility=at.visibility,
            actor=at.actor,
            role=at.role,
            organ=at.organ,
            cosigner=at.cosigner,
            basis=at.basis,
            rulepack=at.rulepack,
            deadlines=msgspec.json.encode(deadlines).decode(),
            what=msgspec.json.encode(_what(event)).decode(),
            exercise=int(at.exercise),
        )


def _what(event: Any) -> dict[str, Any]:
    """In a few words what was decided, as far as the fact says it itself: its level or grade, an order's measure and first words."""
    content = getattr(event, "content", None)
    said = {name: getattr(event, name, None) or getattr(content, name, None) for name in SAID}
    found = {name: value for name, value in said.items() if isinstance(value, str | int | Enum)}
    text = getattr(content, "text", None) if isinstance(content, OrderContent) else None
    return found | ({"text": text[:WORDS]} if text else {})


def taken(db: Connection, *, before: int | None, limit: int, incident: str | None, actor: str | None) -> list[dict[str, Any]]:
    """The newest first; of one incident or one post if named."""
    where, values = of_incident(db, incident)
    if actor is not None:
        where, values = f"{where} AND actor = ?", (*values, actor)
    sql = f"SELECT * FROM decision WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [_told(dict(row)) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit)).fetchall()]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    lists = {name: msgspec.json.decode(row[name]) for name in ("deadlines", "what")}
    return row | lists | {"exercise": bool(row["exercise"])}
