"""`IngestObservation`: readings go to the observation store, not to the log; what crosses a threshold becomes a fact."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.alerts.events.registers import StationRegistered
from services.alerts.observations.incoming import Observation, Observations, faulty
from services.alerts.observations.store import ObservationStore
from shared.handling.pending import Answer
from shared.kernel.errors import RuleBroken, refuse_all
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted
from shared.web.host import Host
from shared.web.problems import RESPONSES


def add(router: APIRouter, host: Host, readings: ObservationStore, log: str) -> None:
    """`IngestObservation` and, for a whole feed, `IngestObservations`."""

    async def ingest(caller: Call, sent: list[Observation]) -> Response:
        caller.require("IngestObservation")  # before anything is looked up
        places = await run_in_threadpool(_places, host, readings, {one.station for one in sent})
        areas = tuple({area for place in places.values() if (area := place or caller.by.division)})
        caller.allowed(lambda: host.directory.may("IngestObservation", caller.by, areas))
        made = [one.reading(places[one.station] or caller.by.division, caller.now) for one in sent]
        refuse_all(RuleBroken, faulty(sent, made, caller.now))
        kept = await run_in_threadpool(readings.add, made, caller.now)
        host.nudge("alerts")
        return answered(
            log,
            Answer(
                command="",
                position=host.heads()[log],
                flags=("Q-TRIAGE",) if kept.conflicting else (),
                extra={
                    "outcome": "accepted" if kept.added or kept.conflicting else "repeated",
                    "added": kept.added,
                    "repeated": kept.repeated,
                },
            ),
        )

    @router.post(
        "/observations",
        operation_id="IngestObservation",
        status_code=201,
        response_model=None,
        responses={201: {"model": Accepted}, 200: {"model": Accepted}, **RESPONSES},
    )
    async def ingest_observation(body: Observation, caller: Annotated[Call, Depends(call)]) -> Response:
        """A station's reading. The same station, property, time and span again adds nothing; another value for it is kept aside."""
        return await ingest(caller, [body])

    @router.post(
        "/observations/batch",
        operation_id="IngestObservations",
        status_code=201,
        response_model=None,
        responses={201: {"model": Accepted}, 200: {"model": Accepted}, **RESPONSES},
    )
    async def ingest_observations(body: Observations, caller: Annotated[Call, Depends(call)]) -> Response:
        """Many readings in one commit."""
        return await ingest(caller, body.readings)


def _places(host: Host, readings: ObservationStore, stations: set[str]) -> dict[str, str | None]:
    """Where each station is: as registered, else of the first who reported it; None when nobody has yet."""
    return {station: _registered(host, readings, station) or readings.division(station) for station in stations}


def _registered(host: Host, readings: ObservationStore, station: str) -> str | None:
    if readings.registered(station):
        return readings.division(station)
    history = host.history("alerts", f"station-{station}")  # the store follows the log a moment later
    entries = [recorded.event.entry for recorded in history if isinstance(recorded.event, StationRegistered)]
    return entries[-1].division if entries else None
