"""`ReadEvents` and `StreamEvents`: every log of the node as one stream of CloudEvents, filtered and by visibility."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from shared.handling.matters import Sees
from shared.kernel.errors import Failure, WrongState
from shared.web.call import Call, call
from shared.web.filters import Filter
from shared.web.problems import RESPONSES
from shared.web.stream import EventStream, Hub
from shared.web.vector import parse, write

LOOKED = 5_000  # events looked at for one answer
ENOUGH = 8 * 1024 * 1024  # bytes of one answer
BATCH = "application/cloudevents-batch+json"
Text = Annotated[str | None, Query(max_length=200)]


class Streaming(Response):
    """Hands an ASGI app to Starlette as the answer of a route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.background = None
        self.status_code = 200

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await self.app(scope, receive, send)


def routes() -> APIRouter:
    router = APIRouter(prefix="/api", tags=["events"])

    @router.get(
        "/events",
        operation_id="ReadEvents",
        response_class=Response,
        responses={200: {"description": "A CloudEvents batch; Ortoo-Vector says where it ends", "content": {BATCH: {}}}, **RESPONSES},
    )
    def read_events(
        request: Request,
        caller: Annotated[Call, Depends(call)],
        after: Text = None,
        limit: Annotated[int, Query(ge=1, le=2000)] = 500,
        division: Text = None,
        type: Text = None,
        incident: Text = None,
    ) -> Response:
        """Events of all logs after a position vector, in log order; `after=now` gives the head.

        One call looks at a bounded number of events and says in Ortoo-Vector how far it came; at the end the vector stays as it was."""
        hub: Hub = request.app.state.hub
        filter, sees = asked(caller, division, type, incident)
        if after == "now":
            return Response(b"[]", media_type=BATCH, headers={"Ortoo-Vector": write(hub.heads())})
        positions = _known(parse(after or "", hub.letters), hub)
        body = b"[" + b",".join(_batch(hub, filter, sees, positions, limit)) + b"]"
        return Response(body, media_type=BATCH, headers={"Ortoo-Vector": write(positions)})

    @router.get(
        "/events/stream",
        operation_id="StreamEvents",
        response_class=Response,
        responses={200: {"description": "Server-sent events", "content": {"text/event-stream": {}}}, **RESPONSES},
    )
    async def stream_events(
        request: Request,
        caller: Annotated[Call, Depends(call)],
        after: Text = None,
        division: Text = None,
        type: Text = None,
        incident: Text = None,
        last_event_id: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Response:
        """Live events as SSE; `Last-Event-ID` (or `after`) resumes, without it the stream begins now."""
        hub: Hub = request.app.state.hub
        filter, sees = asked(caller, division, type, incident)
        begin = last_event_id or after
        positions = dict(hub.level) if begin in (None, "now") else _known(parse(begin or "", hub.letters), hub)
        return Streaming(EventStream(hub, filter, sees, positions))

    return router


def _batch(hub: Hub, filter: Filter, sees: Sees, positions: dict[str, int], limit: int) -> list[bytes]:
    """What a filter takes after `positions` (moved on), until there is enough of it or enough was looked at."""
    found: list[bytes] = []
    looked = size = 0
    for letter in sorted(hub.letters):
        while (batch := hub.read(letter, positions[letter])).events:
            for event in batch.events:
                positions[letter] = event.position
                looked += 1
                if filter.takes(event, sees, hub.within, batch.learned):
                    found.append(event.cloud_event())
                    size += len(event.record)
                if len(found) == limit or looked == LOOKED or size >= ENOUGH:
                    return found
    return found


def _known(positions: dict[str, int], hub: Hub) -> dict[str, int]:
    """A vector of this node's past. One beyond its end was given by another node, or before a backup was put back."""
    heads = hub.heads()
    beyond = [letter for letter in positions if positions[letter] > heads[letter]]
    if beyond:
        raise WrongState(Failure("vector", f"the logs end at {write(heads)}: this vector is another node's, or a backup was put back"))
    return positions


def asked(caller: Call, division: str | None, type: str | None, incident: str | None) -> tuple[Filter, Sees]:
    """The filter of a request and what its caller may see; callers who see the same share a filter group."""
    return Filter(division, type, incident, (caller.by.division, caller.by.roles)), caller.host.sees(caller.by)
