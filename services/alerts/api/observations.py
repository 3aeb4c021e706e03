"""`IngestObservation`: readings go to the observation store, not to the log; what crosses a threshold becomes a fact."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.alerts.events.registers import StationRegistered
from services.alerts.observations.readings import Reading, check
from services.alerts.observations.store import ObservationStore
from shared.handling.pending import Answer
from shared.kernel.errors import Failure, RuleBroken, refuse_all
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted, Moment
from shared.web.host import Host
from shared.web.problems import RESPONSES

BATCH = 5_000


class Observation(BaseModel):
    """One reading: a value over the hours before `at` (0: of an instant). Units by property, see docs/glossary.md."""

    model_config = ConfigDict(extra="forbid")

    station: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
    property: Annotated[str, Field(max_length=40)]
    hours: Annotated[Decimal, Field(max_digits=9)] = Decimal(0)
    value: Annotated[Decimal | None, Field(max_digits=12)] = None
    mm: Annotated[Decimal | None, Field(max_digits=12, description="`value` of rain or snow")] = None
    at: Annotated[Moment | None, Field(description="when the span ended; now if left out")] = None
    observation: Annotated[str, Field(max_length=64)] = ""


class Observations(BaseModel):
    """Many readings at once: all are kept or none."""

    model_config = ConfigDict(extra="forbid")

    readings: Annotated[list[Observation], Field(min_length=1, max_length=BATCH)]


def add(router: APIRouter, host: Host, readings: ObservationStore, log: str) -> None:
    """`IngestObservation` and, for a whole feed, `IngestObservations`."""

    async def ingest(caller: Call, sent: list[Observation]) -> Response:
        caller.require("IngestObservation")  # before anything is looked up
        places = await run_in_threadpool(_places, host, readings, {one.station for one in sent})
        areas = tuple({area for place in places.values() if (area := place or caller.by.division)})
        caller.allowed(lambda: host.directory.may("IngestObservation", caller.by, areas))
        made = [_reading(caller, one, places[one.station]) for one in sent]
        refuse_all(RuleBroken, [*_unmeasured(sent), *check(made, caller.now)])
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


def _reading(caller: Call, sent: Observation, place: str | None) -> Reading:
    value = sent.value if sent.value is not None else sent.mm
    return Reading(
        sent.station,
        sent.property,
        sent.at or caller.now,
        sent.hours,
        value if value is not None else Decimal(0),
        sent.observation,
        place or caller.by.division,
    )


def _unmeasured(sent: list[Observation]) -> list[Failure]:
    return [
        Failure("observation.value", "give `value`, or `mm` for rain and snow, and not both", f"readings[{n}].value")
        for n, one in enumerate(sent)
        if (one.value is None) == (one.mm is None) or (one.mm is not None and one.property not in ("rain", "snow"))
    ]
