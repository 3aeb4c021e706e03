"""Operations on flights of drones: their commands as a table, and the list."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from services.alerts.api.incidents import with_incident
from services.alerts.api.seeing import seeing
from services.alerts.deciders.orders import flight
from services.alerts.projections import flights
from shared.kernel.commands import Command
from shared.web.commands import CommandRoutes
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/flights/{flight}/answer", flight.RecordFlightAnswer),
    ("/flights/{flight}/withdrawal", flight.WithdrawFlight),
)
State = Literal["requested", "permitted", "refused", "withdrawn"]


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    routes.post("/flights", flight.RequestFlight, fill=with_incident(host))

    @router.get("/flights", operation_id="ListFlights", responses=RESPONSES)
    def list_flights(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: State | None = None,
        incident: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Row:
        """Flights of drones, the last changed first, with what the air traffic authority answered and by when it should."""
        caller.require("ListFlights")
        items, more = page(
            lambda at: flights.listed(host.read("alerts"), before=at, limit=limit, state=state, incident=incident),
            seeing(host, caller.by),
            limit,
            before,
        )
        return {"items": items, "next": more, "positions": host.positions()}
