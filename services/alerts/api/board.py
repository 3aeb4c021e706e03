"""`GetBoard`: the open work of a duty room."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from services.alerts.api.finding import shown
from services.alerts.api.seeing import seeing
from services.alerts.events.scales import WarningColour
from services.alerts.observations.store import Alarm, ObservationStore
from services.alerts.projections import board, evacuations, incidents, orders, responses, supplies
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

RAIN_HOURS = 72  # how far back the board adds up [D]


def add(router: APIRouter, host: Host, readings: ObservationStore) -> None:
    directory = host.directory

    @router.get("/board", operation_id="GetBoard", responses=RESPONSES)
    def get_board(
        caller: Caller,
        division: Annotated[str | None, Query(max_length=40)] = None,
        incident: Annotated[str | None, Query(max_length=200, description="the one looked at; else the gravest")] = None,
    ) -> Row:
        """The duty room's open work: incidents with their deadlines, warnings in force, crossings, tasks, measures, readings."""
        caller.require("GetBoard")
        sees, shown_to = host.sees(caller.by), seeing(host, caller.by)

        def lies_there(row: Row) -> bool:
            return division is None or directory.within(row["division"], division)

        def seen_row(row: Row) -> bool:
            return shown_to(row) and lies_there(row)

        seen = {
            name: [row for row in rows if name == "tasks" or (sees(row["division"], "internal") and lies_there(row))]
            for name, rows in board.open_work(host.read("alerts"), seen_row, incident).items()
        }
        published = seen["published"]
        crossing = seen["crossings"][0] if seen["crossings"] else None
        rain = {
            station: float(total)
            for (station, place), total in readings.totals("rain", host.now() - timedelta(hours=RAIN_HOURS)).items()
            if sees(place, "internal") and (division is None or directory.within(place, division))
        }
        colours = [shade for shade in WarningColour if any(row["colour"] == shade for row in published)]
        return {
            "alerts_published": len(published),
            "colour": colours[0].value if colours else None,
            "response_level": None,  # another scale: warnings never set it
            "awaiting_ratification": [row["alert"] for row in seen["ratifications"]],
            "threshold": {"hazard": crossing["hazard"], "colour": crossing["colour"], "station": crossing["station"]} if crossing else None,
            "rain_total_mm": max(rain.values(), default=None),
            "rain_mm_by_station": rain,
            "rain_hours": RAIN_HOURS,
            "alarms": [_alarm(alarm) for alarm in readings.alarms(20) if alarm.crossing in {row["crossing"] for row in seen["crossings"]}],
            "conflicting_readings": [
                asdict(reading)
                for reading in readings.conflicts()
                if sees(reading.division, "internal") and (division is None or directory.within(reading.division, division))
            ],
            "refused_records": [
                {"place": record.place, "reason": record.reason, "received": record.received}
                for record in readings.refused()
                if sees(home := record.place.partition(".")[0], "internal") and (division is None or directory.within(home, division))
            ],
            **seen,
            **incidents.for_board(host.read("alerts"), seen_row, host.now(), incident),
            **responses.for_board(host.read("alerts"), seen_row, incident),
            **orders.for_board(host.read("alerts"), seen_row, host.now(), incident),
            **evacuations.for_board(host.read("alerts"), seen_row, host.now(), incident),
            **supplies.for_board(host.read("alerts"), seen_row, incident),
            "published": [shown(row) for row in published],
            "positions": host.positions(),
        }


def _alarm(alarm: Alarm) -> Row:
    return {
        "crossing": alarm.crossing,
        "station": alarm.station,
        "hazard": alarm.hazard,
        "colour": alarm.colour,
        "at": alarm.at,
        "repeats": alarm.repeats,
    }
