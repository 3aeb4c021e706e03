"""Which responses run, at which level, and what became of each of their measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.alerts.events.plan_content import PlanMeasure
from services.alerts.events.response import (
    ActivationDeclined,
    ActivationProposed,
    CommandTransferred,
    ExternalActivationEnded,
    ExternalActivationRecorded,
    MeasureSettled,
    MeasureTakenOver,
    ResponseActivated,
    ResponseExtended,
    ResponseLevelLowered,
    ResponseLevelRaised,
    ResponseTerminated,
)
from services.alerts.projections.merging import of_incident
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
RESPONSE = Table(
    "response",
    key=("activation",),
    columns={
        "activation": "TEXT NOT NULL",
        "incident": "TEXT",
        "plan": "TEXT NOT NULL",
        "authority": "TEXT NOT NULL",
        "commander": "TEXT",
        "outside": "INTEGER NOT NULL",
        "level": "INTEGER NOT NULL",
        "state": "TEXT NOT NULL",
        "matter": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "expected_end": "TEXT",
        "ended": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("incident", "position")),
)
MEASURE = Table(
    "response_measure",
    key=("activation", "measure"),
    columns={
        "activation": "TEXT NOT NULL",
        "measure": "TEXT NOT NULL",
        "incident": "TEXT",
        "plan": "TEXT NOT NULL",
        "text": "TEXT NOT NULL",
        "roles": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "how": "TEXT",
        "reason": "TEXT",
        "settled": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
    },
    indexes=(("how",),),
)


class Responses:
    """Builds the table of responses and the one of their measures."""

    tables: tuple[Table, ...] = (RESPONSE, MEASURE)
    listens: tuple[str, ...] = (
        *(f"alerts.response.{name}" for name in ("proposed", "declined", "activated", "level_raised", "level_lowered", "extended")),
        *(f"alerts.response.{name}" for name in ("command_transferred", "terminated", "external_recorded", "external_ended")),
        *(f"alerts.measure.{name}" for name in ("settled", "taken_over")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case ActivationProposed() | ResponseActivated() | ExternalActivationRecorded():
                _begun(rows, event, at)
            case ResponseLevelRaised() | ResponseLevelLowered():
                _change(rows, event.activation, at, level=event.level.value)
                plan = (rows.get(RESPONSE, event.activation) or {"plan": ""})["plan"]
                for one in event.measures:
                    rows.put(MEASURE, **_measure(event.activation, plan, one, at))
                for name in event.withdrawn if isinstance(event, ResponseLevelLowered) else ():
                    rows.change(MEASURE, event.activation, name, how="withdrawn", reason=event.reason, settled=utc(event.at))
            case ResponseExtended():
                _change(rows, event.activation, at, expected_end=utc(event.expected_end))
            case CommandTransferred(to=to):
                _change(rows, event.activation, at, commander=to)
            case ActivationDeclined():
                _change(rows, event.activation, at, state="declined", ended=utc(event.at))
            case ResponseTerminated() | ExternalActivationEnded():
                _change(rows, event.activation, at, state="ended", ended=utc(event.at))
            case MeasureTakenOver():
                plan = (rows.get(RESPONSE, event.activation) or {"plan": ""})["plan"]
                rows.put(MEASURE, **_measure(event.activation, plan, PlanMeasure(event.measure, event.text, event.roles), at))
            case MeasureSettled(how=how):
                rows.change(MEASURE, event.activation, event.measure, how=how.value, reason=event.reason, settled=utc(event.at))


def _begun(rows: Rows, event: ActivationProposed | ResponseActivated | ExternalActivationRecorded, at: Envelope) -> None:
    proposed, outside = isinstance(event, ActivationProposed), isinstance(event, ExternalActivationRecorded)
    before = rows.get(RESPONSE, event.activation)
    rows.put(
        RESPONSE,
        activation=event.activation,
        incident=event.incident,
        plan=event.plan,
        authority=event.authority.division if isinstance(event, ActivationProposed) else event.authority,
        commander=None,
        outside=int(outside),
        level=event.level.value,
        state="proposed" if proposed else "open",
        matter=event.reason if isinstance(event, ActivationProposed) else event.matter,
        since=before["since"] if before and before["state"] == "open" else utc(event.at),
        expected_end=None if isinstance(event, ActivationProposed) or event.expected_end is None else utc(event.expected_end),
        ended=None,
        division=at.division,
        visibility=at.visibility,
        position=at.position,
    )
    for one in event.measures if isinstance(event, ResponseActivated) else ():
        rows.put(MEASURE, **_measure(event.activation, event.plan, one, at))


def _measure(activation: str, plan: str, measure: PlanMeasure, at: Envelope) -> Row:
    return {
        "activation": activation,
        "measure": measure.measure,
        "incident": at.correlationid,
        "plan": plan,
        "text": measure.text,
        "roles": ", ".join(measure.roles),
        "since": utc(at.time),
        "how": None,
        "reason": None,
        "settled": None,
        "division": at.division,
        "visibility": at.visibility,
    }


def _change(rows: Rows, activation: str, at: Envelope, **columns: Any) -> None:
    rows.change(RESPONSE, activation, position=at.position, **columns)


def listed(db: Connection, *, before: int | None, limit: int, incident: str | None = None, state: str | None = None) -> list[Row]:
    """Responses, the last changed first; of one incident, or in one state, if named."""
    where, values = of_incident(db, incident)
    if state:
        where, values = f"{where} AND state = ?", (*values, state)
    sql = f"SELECT * FROM response WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def under(db: Connection, plan: str) -> tuple[str, ...]:
    """The responses that run under a plan, the oldest first; as many as are told of at most."""
    sql = "SELECT activation FROM response WHERE plan = ? AND state = 'open' ORDER BY since, activation LIMIT 200"
    return tuple(row["activation"] for row in db.execute(sql, (plan,)))


def one(db: Connection, activation: str) -> Row | None:
    """One response."""
    row = db.execute("SELECT * FROM response WHERE activation = ?", (activation,)).fetchone()
    return dict(row) if row else None


def measures(db: Connection, activation: str) -> list[Row]:
    """The measures of one response, in the order they began."""
    sql = "SELECT * FROM response_measure WHERE activation = ? ORDER BY since, measure"
    return [dict(row) for row in db.execute(sql, (activation,))]


def for_board(db: Connection, seen: Callable[[Row], bool], incident: str | None = None) -> dict[str, dict[str, Any]]:
    """What the command centre sees, of one incident if named: the level of each open response, and the measures nobody has ended. A
    measure's id stands alone while no other has it."""
    where, values = of_incident(db, incident)
    begun = f"SELECT * FROM response WHERE state = 'open'{where} ORDER BY since, activation"
    running = f"SELECT * FROM response_measure WHERE (how IS NULL OR how = 'kept'){where} ORDER BY since, activation, measure"
    kept = [row for row in map(dict, db.execute(running, values)) if seen(row)]
    names = [row["measure"] for row in kept]
    return {
        "activations": {row["activation"]: row["level"] for row in map(dict, db.execute(begun, values)) if seen(row)},
        "open_measures": {
            row["measure"] if names.count(row["measure"]) == 1 else f"{row['activation']}.{row['measure']}": _how_open(row) for row in kept
        },
    }


def _how_open(row: Row) -> str:
    return f"kept under {row['plan']}, reason given" if row["how"] == "kept" else f"open under {row['plan']}"
