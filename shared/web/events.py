"""`ReadEvents` and `StreamEvents`: every log of the node as one stream of CloudEvents, filtered and by visibility."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from shared.web.call import Call, call
from shared.web.filters import Filter, Sees
from shared.web.problems import RESPONSES
from shared.web.stream import EventStream, Hub
from shared.web.vector import parse, write

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
        """Events of all logs after a position vector, in log order; `after=now` gives the head."""
        hub: Hub = request.app.state.hub
        filter, sees = asked(caller, division, type, incident)
        if after == "now":
            return Response(b"[]", media_type=BATCH, headers={"Ortoo-Vector": write(hub.heads())})
        positions = parse(after or "", hub.letters)
        found: list[bytes] = []
        for letter in sorted(hub.feeds):
            while len(found) < limit:
                batch = hub.feeds[letter].read(positions[letter], 500)
                if not batch:
                    break
                for event in batch:
                    positions[letter] = event.position
                    if filter.takes(event, sees, hub.within):
                        found.append(event.cloud_event())
                        if len(found) == limit:
                            break
        body = b"[" + b",".join(found) + b"]"
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
        positions = dict(hub.level) if begin in (None, "now") else parse(begin or "", hub.letters)
        return Streaming(EventStream(hub, filter, sees, positions))

    return router


def asked(caller: Call, division: str | None, type: str | None, incident: str | None) -> tuple[Filter, Sees]:
    """The filter of a request and what its caller may see; callers who see the same share a filter group."""
    return Filter(division, type, incident, (caller.by.division, caller.by.roles)), caller.host.sees(caller.by)
