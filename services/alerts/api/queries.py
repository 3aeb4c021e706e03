"""What can be asked of the alerts service. Blocking reads, so these routes run in threads."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query

from services.alerts.api.finding import AlertId, found, inner, reached, shown, visible
from services.alerts.projections import board, quarantine, reach, series
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES


def add(router: APIRouter, host: Host) -> None:
    @router.get("/alerts", operation_id="ListAlerts", responses=RESPONSES)
    def list_alerts(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: Literal["drafted", "approved", "rejected", "published", "cancelled", "expired", "active"] | None = None,
        own: bool | None = None,
        division: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Row:
        """Warnings, the last changed first: our own and those received. Without a token only what is public."""
        sees, directory = host.sees(caller.by), host.directory
        items, more = page(
            lambda at: series.listed(host.read("alerts"), before=at, limit=limit, state=state, own=own),
            lambda row: (division is None or directory.within(row["division"], division)) and reached(sees, row),
            limit,
            before,
        )
        return {"items": [shown(row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/quarantine", operation_id="ListQuarantine", responses=RESPONSES)
    def list_quarantine(caller: Caller, limit: Limit = 100, before: Before = None, waiting: bool | None = None) -> Row:
        """What came in and could not be read, newest first, with what a person decided."""
        caller.require("ListQuarantine")
        sees = host.sees(caller.by)
        items, more = page(
            lambda at: quarantine.listed(host.read("alerts"), before=at, limit=limit, waiting=waiting),
            lambda row: sees(row["division"], "internal"),
            limit,
            before,
        )
        return {"items": items, "next": more, "positions": host.positions()}

    @router.get("/alerts/{alert:path}/acks", operation_id="GetAlertAcks", responses=RESPONSES)
    def get_alert_acks(alert: AlertId, caller: Caller) -> Row:
        """Of one of our own warnings: who was asked, who acknowledged, who is silent."""
        caller.require("GetAlertAcks")
        row = inner(host, caller, alert)
        return reach.acks(host.read("alerts"), row["id"]) | {"positions": host.positions()}

    @router.get("/alerts/{alert:path}", operation_id="GetAlert", responses=RESPONSES)
    def get_alert(alert: AlertId, caller: Caller) -> Row:
        """One warning with its messages; for those who may see its inner life, also its timeline, duties and measures."""
        row = found(host, caller, alert)
        db = host.read("alerts")
        answer = shown(row) | {"messages": [_message(m) for m in visible(host, caller, row)], "positions": host.positions()}
        if row["own"] and host.sees(caller.by)(row["division"], "internal"):
            answer["timeline"] = _timeline(host, row["id"])
            answer["checklists"] = board.checklist(db, row["id"])
            answer["acks"] = reach.acks(db, row["id"])
        return answer


def _message(message: Row) -> Row:
    shown = {name: value for name, value in message.items() if name not in ("fact", "own", "conflicting", "named")}
    fact = msgspec.json.decode(message["fact"])
    return shown | {
        "own": bool(message["own"]),
        "conflicting": bool(message["conflicting"]),
        "faults": fact.get("faults", []),
        "infos": fact.get("infos", []),
    }


def _timeline(host: Host, alert: str) -> list[Row]:
    return [
        {
            "position": recorded.position,
            "type": recorded.type,
            "time": recorded.envelope.time,
            "actor": recorded.envelope.actor,
            "role": recorded.envelope.role,
            "cosigner": recorded.envelope.cosigner,
            "basis": recorded.envelope.basis,
            "rulepack": recorded.envelope.rulepack,
        }
        for recorded in host.history("alerts", f"alert-{alert}")
    ]
