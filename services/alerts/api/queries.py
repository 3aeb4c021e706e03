"""What can be asked of the alerts service. Blocking reads, so these routes run in threads."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from services.alerts.api.issuing import cap_of
from services.alerts.events.message import MessageIssued
from services.alerts.formats.feeds import atom, geojson
from services.alerts.formats.model import CapAlert, Message
from services.alerts.formats.read import read_messages
from services.alerts.formats.write import CannotWrite, write
from services.alerts.observations.store import Alarm, ObservationStore
from services.alerts.projections import board, quarantine, reach, series
from shared.kernel.errors import Failure, NotFound, RuleBroken
from shared.runtime.embedded import Embedded
from shared.web.call import Call, call
from shared.web.directory import Directory
from shared.web.problems import RESPONSES

RAIN_HOURS = 72  # how far back the board adds up [D]
FEED = 200  # our own messages in the Atom feed and on the map
Caller = Annotated[Call, Depends(call)]
AlertId = Annotated[str, Path(max_length=1000)]
Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[int | None, Query(ge=0, le=2**53, description="`next` of the page before")]
Row = dict[str, Any]


def add(router: APIRouter, host: Embedded, readings: ObservationStore) -> None:
    directory = host.directory
    _lists(router, host)
    _documents(router, host, directory)
    _board(router, host, directory, readings)


def _lists(router: APIRouter, host: Embedded) -> None:
    @router.get("/alerts", operation_id="ListAlerts", responses=RESPONSES)
    def list_alerts(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: Annotated[str | None, Query(max_length=20)] = None,
        own: bool | None = None,
        division: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Row:
        """Warnings, the last changed first: our own and those received. Without a token only what is public."""
        sees, directory = host.sees(caller.by), host.directory
        shown: list[Row] = []
        last = before
        while len(shown) < limit:  # a page is full, however many rows its reader may not see
            rows = series.listed(host.read("alerts"), before=last, limit=limit, state=state, own=own)
            for row in rows:
                last = row["position"]
                wanted = division is None or directory.within(row["division"], division)
                if wanted and sees(row["division"], "public" if row["public"] else "internal") and len(shown) < limit:
                    shown.append(_row(row))
                    if len(shown) == limit:
                        break
            if len(rows) < limit:
                last = None if len(shown) < limit or not rows or last == rows[-1]["position"] else last
                break
        return {"items": shown, "next": last, "positions": host.positions()}

    @router.get("/quarantine", operation_id="ListQuarantine", responses=RESPONSES)
    def list_quarantine(caller: Caller, limit: Limit = 100, before: Before = None, waiting: bool | None = None) -> Row:
        """What came in and could not be read, newest first, with what a person decided."""
        caller.require("ListQuarantine")
        rows = quarantine.listed(host.read("alerts"), before=before, limit=limit, waiting=waiting)
        return {"items": rows, "next": rows[-1]["position"] if len(rows) == limit else None, "positions": host.positions()}

    @router.get("/quarantine/{quarantine_id}/raw", operation_id="GetQuarantineRaw", response_class=Response, responses=RESPONSES)
    def get_quarantine_raw(quarantine_id: Annotated[str, Path(max_length=64)], caller: Caller) -> Response:
        """The bytes as they came in."""
        caller.require("ListQuarantine")
        row = quarantine.find(host.read("alerts"), quarantine_id)
        return _raw(host, row["digest"] if row else None, quarantine_id)

    @router.get("/alerts/{alert:path}/acks", operation_id="GetAlertAcks", responses=RESPONSES)
    def get_alert_acks(alert: AlertId, caller: Caller) -> Row:
        """Who was asked, who acknowledged, who is silent."""
        caller.require("GetAlertAcks")
        row = _found(host, caller, alert)
        return reach.acks(host.read("alerts"), row["id"])


def _documents(router: APIRouter, host: Embedded, directory: Directory) -> None:
    @router.get(
        "/alerts/{alert:path}/cap",
        operation_id="GetAlertCap",
        response_class=Response,
        responses={200: {"content": {"application/cap+xml": {}}}, **RESPONSES},
    )
    def get_alert_cap(alert: AlertId, caller: Caller, message: Annotated[str | None, Query(max_length=1000)] = None) -> Response:
        """The newest message of a warning (or the one named) as strict CAP 1.2, written anew from what is known."""
        row = _found(host, caller, alert)
        kept = [m for m in series.messages(host.read("alerts"), row["id"]) if message is None or m["identifier"] == message]
        if not kept:
            raise NotFound(Failure("reference", "the warning has no such message; a draft has none before it is published", "message"))
        try:
            body = write(_cap(host, directory, kept[-1]))
        except CannotWrite as error:
            raise RuleBroken(*[Failure("CAP-1.2", f"{f.path}: {f.message}") for f in error.faults], code="cannot_write") from error
        return Response(body, media_type="application/cap+xml")

    @router.get("/alerts/{alert:path}/raw", operation_id="GetAlertRaw", response_class=Response, responses=RESPONSES)
    def get_alert_raw(alert: AlertId, caller: Caller, message: Annotated[str | None, Query(max_length=1000)] = None) -> Response:
        """The newest received message of a warning (or the one named), byte for byte as it came in."""
        row = _found(host, caller, alert)
        kept = [m for m in series.messages(host.read("alerts"), row["id"]) if m["digest"] and message in (None, m["identifier"])]
        return _raw(host, kept[-1]["digest"] if kept else None, alert)

    @router.get(
        "/feed.atom", operation_id="GetAlertFeed", response_class=Response, responses={200: {"content": {"application/atom+xml": {}}}}
    )
    def get_alert_feed(caller: Caller) -> Response:
        """Our own warnings as an Atom feed holding CAP."""
        base = str(caller.request.base_url).rstrip("/")
        own = [_own(host, directory, row) for row in series.issued(host.read("alerts"), FEED)]
        root = directory.divisions.units.get(host.province)
        body = atom(
            own,
            f"{base}/feed.atom",
            title=f"{root.zh if root else host.province} 预警 / warnings",
            author=host.province,
            link=lambda cap: f"{base}/alerts/{cap.identifier}/cap?message={cap.identifier}",
        )
        return Response(body, media_type="application/atom+xml")

    @router.get(
        "/alerts.geojson",
        operation_id="GetAlertGeoJson",
        response_class=Response,
        responses={200: {"content": {"application/geo+json": {}}}},
    )
    def get_alert_geojson(caller: Caller) -> Response:
        """Our own warnings as GeoJSON."""
        own = [_own(host, directory, row) for row in series.issued(host.read("alerts"), FEED)]
        return Response(geojson(own), media_type="application/geo+json")

    @router.get("/alerts/{alert:path}", operation_id="GetAlert", responses=RESPONSES)
    def get_alert(alert: AlertId, caller: Caller) -> Row:
        """One warning with its messages; for those who may see its inner life, also its timeline, duties and measures."""
        row = _found(host, caller, alert)
        db = host.read("alerts")
        answer = _row(row) | {"messages": [_shown(m) for m in series.messages(db, row["id"])], "positions": host.positions()}
        if row["own"] and host.sees(caller.by)(row["division"], "internal"):
            answer["timeline"] = _timeline(host, row["id"])
            answer["checklists"] = board.checklist(db, row["id"])
            answer["acks"] = reach.acks(db, row["id"])
        return answer


def _board(router: APIRouter, host: Embedded, directory: Directory, readings: ObservationStore) -> None:
    @router.get("/board", operation_id="GetBoard", responses=RESPONSES)
    def get_board(caller: Caller, division: Annotated[str | None, Query(max_length=40)] = None) -> Row:
        """The duty room's open work: warnings in force, crossings, tasks, measures, warning periods, readings."""
        caller.require("GetBoard")
        sees = host.sees(caller.by)
        seen = {
            name: [
                row
                for row in rows
                if sees(row["division"], "internal") and (division is None or directory.within(row["division"], division))
            ]
            for name, rows in board.open_work(host.read("alerts")).items()
        }
        published = seen["published"]
        crossing = seen["crossings"][0] if seen["crossings"] else None
        rain = {
            station: float(total)
            for (station, place), total in readings.totals("rain", host.now() - timedelta(hours=RAIN_HOURS)).items()
            if sees(place, "internal") and (division is None or directory.within(place, division))
        }
        gravest: list[Literal["red", "orange", "yellow", "blue"]] = ["red", "orange", "yellow", "blue"]
        colours = [shade for shade in gravest if any(row["colour"] == shade for row in published)]
        return {
            "alerts_published": len(published),
            "colour": colours[0] if colours else None,
            "response_level": None,  # another scale: warnings never set it
            "awaiting_ratification": [row["alert"] for row in seen["ratifications"]],
            "threshold": {"hazard": crossing["hazard"], "colour": crossing["colour"], "station": crossing["station"]} if crossing else None,
            "rain_total_mm": max(rain.values(), default=None),
            "rain_mm_by_station": rain,
            "rain_hours": RAIN_HOURS,
            "alarms": [_alarm(alarm) for alarm in readings.alarms(20) if alarm.crossing in {row["crossing"] for row in seen["crossings"]}],
            **seen,
            "positions": host.positions(),
        }


def _found(host: Embedded, caller: Call, alert: str) -> Row:
    row = series.find(host.read("alerts"), alert)
    if row is None or not host.sees(caller.by)(row["division"], "public" if row["public"] else "internal"):
        raise NotFound(Failure("reference", f"no warning {alert[:100]} that you may see", "alert"))
    return row


def _row(row: Row) -> Row:
    shown = {name: value for name, value in row.items() if name not in ("members", "own", "public")}
    return shown | {"areas": msgspec.json.decode(row["areas"]), "own": bool(row["own"]), "public": bool(row["public"])}


def _shown(message: Row) -> Row:
    shown = {name: value for name, value in message.items() if name not in ("fact", "own", "conflicting")}
    fact = msgspec.json.decode(message["fact"])
    return shown | {
        "own": bool(message["own"]),
        "conflicting": bool(message["conflicting"]),
        "faults": fact.get("faults", []),
        "infos": fact.get("infos", []),
    }


def _raw(host: Embedded, digest: str | None, what: str) -> Response:
    body = host.blobs.get(digest) if digest else None
    if body is None:
        raise NotFound(Failure("reference", f"no received bytes are kept for {what[:100]}"))
    return Response(body, media_type="application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{digest}.txt"'})


def _cap(host: Embedded, directory: Directory, message: Row) -> CapAlert:
    if message["own"]:
        return _own(host, directory, message)
    body = host.blobs.get(message["digest"])
    items = read_messages(body, None, whole=True).items if body is not None else ()
    found = next((item for item in items if isinstance(item, Message)), None)
    if found is None:
        raise NotFound(Failure("reference", "the message's bytes are not here"))
    return found.alert


def _own(host: Embedded, directory: Directory, message: Row) -> CapAlert:
    return cap_of(msgspec.json.decode(message["fact"], type=MessageIssued), directory.divisions)


def _timeline(host: Embedded, alert: str) -> list[Row]:
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
        for recorded in host.running["alerts"].log.stream(f"alert-{alert}")
    ]


def _alarm(alarm: Alarm) -> Row:
    return {
        "crossing": alarm.crossing,
        "station": alarm.station,
        "hazard": alarm.hazard,
        "colour": alarm.colour,
        "at": alarm.at,
        "repeats": alarm.repeats,
    }
