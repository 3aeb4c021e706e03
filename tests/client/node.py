"""A node that answers what a test tells it to: a real HTTP server, so that the client is tested over the wire."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

RAW: dict[str, Any] = {"requestBody": {"content": {"application/cap+xml": {}, "application/atom+xml": {}, "application/json": {}}}}
BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
COMMANDS = {
    "DraftAlert": ("/api/alerts/alerts", BODY),
    "ApproveAlert": ("/api/alerts/alerts/{alert}/approval", {}),
    "AcknowledgeAlert": ("/api/alerts/alerts/{alert}/acknowledgements", {}),
    "ImportAlert": ("/api/alerts/imports", RAW),
    "AnswerCallUp": ("/api/volunteers/answers", BODY),
    "LoadDivisions": ("/api/registry/divisions/{root}", BODY),
    "SetRecipients": ("/api/alerts/recipients/{list}", BODY),
}


@dataclass(frozen=True)
class Call:
    """A command as it arrived."""

    name: str
    keys: dict[str, str]
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass
class Node:
    """Its feed, what it was asked, and what it answers: `answers[name](call) -> (status, body)`."""

    answers: dict[str, Callable[[Call], tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)  # read model (and key) -> what it shows
    types: list[str] = field(default_factory=list)  # of /asyncapi.json
    feed: list[dict[str, Any]] = field(default_factory=list)
    timers: list[tuple[str, str]] = field(default_factory=list)  # (at, event type)
    calls: list[Call] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)  # headers of reads
    busy: int = 0  # so many commands are answered 503 first
    cut_after: int = 2  # events per connection of the stream
    url: str = ""

    def append(self, *types: str, cause: str = "x", actor: str = "SYS.POLICY") -> None:
        for one in types:
            n = len(self.feed) + 1
            event = {"id": f"150000.alerts:{n}", "type": one, "log": "150000.alerts", "position": n, "causationid": cause, "actor": actor}
            self.feed.append(event | {"streamid": "alert-AL-1", "division": "150722", "time": "2021-07-18T02:20:00+08:00"})

    def named(self, name: str) -> list[Call]:
        return [call for call in self.calls if call.name == name]

    def advance(self, at: str | None) -> None:
        due = [t for t in self.timers if at and datetime.fromisoformat(t[0]) <= datetime.fromisoformat(at)]
        self.timers = [t for t in self.timers if t not in due]
        self.append(*(name for _, name in due))


def accepts(node: Node, *types: str, then: tuple[str, ...] = (), **more: Any) -> Callable[[Call], tuple[int, dict[str, Any]]]:
    """An answer that appends these types for the caller, and `then` for a policy."""

    def answer(call: Call) -> tuple[int, dict[str, Any]]:
        command = f"c-{len(node.calls)}"
        node.append(*types, cause=command, actor=call.token)
        node.append(*then)
        return 201, {"outcome": "accepted", "command": command, "events": list(types), "flags": [], "position": len(node.feed)} | more

    return answer


def refuses(status: int, rule: str, cure: str = "cure it", code: str = "rule_broken") -> Callable[[Call], tuple[int, dict[str, Any]]]:
    return lambda call: (status, {"code": code, "rule": rule, "cure": cure, "failures": []})


def mint(actor, role, division, realm="real"):
    """A token that says what it stands for."""
    return f"{actor}/{role}/{division}/{realm}"


def app_of(node: Node) -> FastAPI:
    app = FastAPI()
    for name, (path, extra) in COMMANDS.items():
        app.post(path, operation_id=name, openapi_extra=with_keys(path, extra))(_command(node, name))

    @app.get("/api/events", operation_id="ReadEvents")
    async def read_events(request: Request, after: str | None = None, limit: int = 100) -> JSONResponse:
        node.asked.append(dict(request.headers))
        node.advance(request.headers.get("ortoo-at"))
        start = int((after or "a0")[1:])
        items = node.feed[start : start + limit]
        return JSONResponse(items, headers={"Ortoo-Vector": f"a{start + len(items)}"}, media_type="application/cloudevents-batch+json")

    @app.get("/api/alerts/board", operation_id="GetBoard")
    async def board() -> JSONResponse:
        return JSONResponse(node.shown.get("board", {}))

    @app.get("/api/node", operation_id="GetNode")
    async def itself() -> JSONResponse:
        return JSONResponse(node.shown.get("node", {"logs": [{"time": "2021-07-17T08:00:00+08:00"}]}))

    @app.get("/api/alerts/alerts/{alert}/acks", operation_id="GetAlertAcks")
    async def acks(alert: str) -> JSONResponse:
        return JSONResponse(node.shown.get(alert, {}))

    @app.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi() -> JSONResponse:
        return JSONResponse({"channels": {"alerts": {"messages": {name: {"name": name} for name in node.types}}}})

    @app.get("/api/events/stream", operation_id="StreamEvents")
    async def stream(request: Request, division: str | None = None, type: str | None = None) -> StreamingResponse:
        node.asked.append(dict(request.headers) | {"division": division or ""})
        start = int(request.headers.get("last-event-id", "a0")[1:])
        return StreamingResponse(_sse(node, start), media_type="text/event-stream")

    return app


def with_keys(path: str, extra: dict[str, Any]) -> dict[str, Any]:
    keys = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return extra | {"parameters": [{"name": key, "in": "path", "required": True, "schema": {"type": "string"}} for key in keys]}


def _command(node: Node, name: str) -> Callable[..., Any]:
    async def handle(request: Request) -> JSONResponse:
        call = Call(name, dict(request.path_params), await request.body(), dict(request.headers))
        if node.busy:
            node.busy -= 1
            return JSONResponse({"code": "busy"}, 503, headers={"Retry-After": "0"})
        node.calls.append(call)
        status, body = node.answers.get(name, accepts(node))(call)
        return JSONResponse(body, status, headers={"Ortoo-Position": f"150000.alerts:{len(node.feed)}"})

    return handle


async def _sse(node: Node, start: int) -> Any:
    yield f"retry: 1000\nid: a{start}\n: stream open\n\n"
    for event in node.feed[start : start + node.cut_after]:
        yield f"id: a{event['position']}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n"


@contextmanager
def running(node: Node) -> Iterator[Node]:
    """The node behind a real socket on a free port."""
    server = uvicorn.Server(uvicorn.Config(app_of(node), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        node.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield node
    finally:
        server.should_exit = True
        thread.join()
